//! Whether a key that has signed counts, where a policy names recovery keys: it was there from the beginning, or recovery officers have stated it
//! with the new epoch, or one that counts has handed over to it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Log;
use super::check::Report;
use super::policy::{Policy, Ranged};
use super::taken::epoch;
use crate::evidence::{Key, Note};
use crate::model::limits::KEY_NOTES_MAX;

/// Asks of each log, with the size that was checked, whether the key of its checkpoint counts, by the notes that the site's log holds. What is found
/// stands in the report.
pub(super) fn check(policy: &Policy, host: &str, logs: &[(&Log<'_>, u64)], notes: &[String], report: &mut Report) {
    if policy.recovery_quorum == 0 {
        return;
    }
    if notes.len() > KEY_NOTES_MAX {
        let message = format!(
            "the site log has {} notes on keys, and no more than {KEY_NOTES_MAX} are looked at: what the others hand over to does not count.",
            notes.len()
        );
        report.incomplete("recovery.many", message);
    }
    let notes: Vec<Note> = notes.iter().take(KEY_NOTES_MAX).filter_map(|note| Note::read(note.as_bytes()).ok()).collect();
    let mut said = AllSaid::default();
    for note in &notes {
        said.add(host, note);
    }
    for (log, size) in logs {
        said.ask(policy, host, log, *size, report);
    }
}

/// A note of the site's log: what the lines of its text say, of which nothing else is looked at, so that all verifiers see the same in it. Who has signed
/// it is asked once, however many logs it tells of, and only where the lines are of one that is asked about.
struct Said<'a> {
    note: &'a Note,
    new: &'a str,
    /// The logs of which it tells.
    logs: BTreeSet<&'a str>,
    /// The same without their epochs.
    bases: BTreeSet<&'a str>,
    officers: OnceCell<usize>,
    is_by_both: OnceCell<bool>,
}

impl Said<'_> {
    fn is_signed(&self, key: &Key) -> bool {
        self.note.verify(std::slice::from_ref(key)).is_ok()
    }

    /// How many recovery officers have signed it.
    fn officers(&self, policy: &Policy) -> usize {
        *self.officers.get_or_init(|| policy.recovery.iter().filter(|key| self.is_signed(key)).count())
    }

    /// Whether the two keys that it names have signed it.
    fn is_by_both(&self, host: &str, old: &Key, new: &Key) -> bool {
        *self.is_by_both.get_or_init(|| [old, new].iter().all(|key| self.is_signed(&key.named(host))))
    }
}

/// What the notes of the site's log say.
#[derive(Default)]
struct AllSaid<'a> {
    /// Declarations of new epochs.
    epochs: Vec<Said<'a>>,
    /// Changes of keys, by the old one.
    changes: BTreeMap<&'a str, Vec<Said<'a>>>,
}

impl<'a> AllSaid<'a> {
    /// Takes in a note, if it is of this host: its lines are host, title, time, reason or the old key, new key, and what was signed last of each log.
    fn add(&mut self, host: &str, note: &'a Note) {
        let mut lines = note.text.split('\n');
        let is_of_host = lines.next() == Some(host);
        let (Some(title), Some(_), Some(old), Some(new)) = (lines.next(), lines.next(), lines.next(), lines.next()) else {
            return;
        };
        if !is_of_host {
            return;
        }
        let logs: BTreeSet<&str> = lines.filter_map(|line| Some(line.split_once(' ')?.0)).collect();
        let bases = logs.iter().filter_map(|log| Some(epoch(log)?.0)).collect();
        let said = Said { note, new, logs, bases, officers: OnceCell::new(), is_by_both: OnceCell::new() };
        match title {
            "new key" | "restore" => self.epochs.push(said),
            "change of key" => self.changes.entry(old).or_default().push(said),
            _ => {}
        }
    }

    fn ask(&self, policy: &Policy, host: &str, log: &Log<'_>, size: u64, report: &mut Report) {
        let name = log.name.as_str();
        let Some((base, number)) = epoch(name) else { return };
        // Notes name keys under the host's name.
        let of_log: Vec<(String, Ranged)> =
            policy.of_log(host, name).into_iter().map(|one| (one.key.named(host).to_string(), one)).collect();
        let own: BTreeMap<&str, &Key> = of_log.iter().map(|(text, one)| (text.as_str(), &one.key)).collect();
        let mut counts: BTreeSet<&str> = BTreeSet::new();
        let before = format!("{base}/{}", number - 1);
        let (mut few, mut is_stated, mut other_epoch) = (None, false, false);
        if number == 1 {
            counts.extend(of_log.iter().filter(|(_, one)| one.from == 0).map(|(text, _)| text.as_str()));
        } else {
            for stated in &self.epochs {
                if !stated.logs.contains(before.as_str()) {
                    other_epoch = other_epoch || stated.bases.contains(base) && stated.officers(policy) >= policy.recovery_quorum;
                } else if stated.officers(policy) < policy.recovery_quorum {
                    few = few.max(Some(stated.officers(policy)));
                } else {
                    is_stated = true;
                    counts.extend(own.get_key_value(stated.new).map(|(text, _)| *text));
                }
            }
        }
        // A key that was handed over to hands over in its turn, in whatever order the site's log has taken that in.
        let mut left: Vec<&str> = counts.iter().copied().collect();
        while let Some(old) = left.pop() {
            for change in self.changes.get(old).into_iter().flatten().filter(|change| change.logs.contains(name)) {
                if let Some((new, key)) = own.get_key_value(change.new)
                    && !counts.contains(new)
                    && change.is_by_both(host, own[old], key)
                {
                    counts.insert(new);
                    left.push(new);
                }
            }
        }
        let mut in_force =
            of_log.iter().filter(|(text, one)| one.from <= size && size <= one.to && counts.contains(text.as_str()));
        if in_force.any(|(_, one)| log.checkpoint.verify(std::slice::from_ref(&one.key)).is_ok()) {
            return;
        }
        let wanted = policy.recovery_quorum;
        let (code, what) = match few {
            _ if is_stated => ("recovery.other-key", "its officers have stated another key with this epoch".to_owned()),
            Some(officers) => {
                ("recovery.too-few", format!("{officers} of {wanted} of its officers have signed the declaration of this epoch"))
            }
            None if other_epoch => {
                ("recovery.other-epoch", "its officers have stated another epoch of this log, and not this one".to_owned())
            }
            None => ("recovery.missing", "nobody has stated this epoch, or handed over to this key".to_owned()),
        };
        report.incomplete(
            code,
            format!(
                "{name}: the policy names recovery keys, and {what}. Do not rely on the key that has signed this log, and ask for a bundle that holds the statement \
                 of {wanted} recovery officers, or the note of the change."
            ),
        );
    }
}
