//! Whether a key that has signed counts, where a policy names recovery keys: it was there from the beginning, or recovery officers have stated it
//! with the new epoch, or one that counts has handed over to it.

use super::check::Report;
use super::policy::{Policy, Ranged};
use super::taken::epoch;
use crate::evidence::{Key, Note};

/// A note of the site's log, as lines: host, title, time, reason or the old key, new key, and what was signed last of each log. Nothing else of it
/// is looked at, so that all verifiers see the same in it.
struct Said<'a> {
    note: &'a Note,
    lines: Vec<&'a str>,
}

impl<'a> Said<'a> {
    fn new(note: &'a Note) -> Self {
        Self { note, lines: note.text.split('\n').collect() }
    }

    /// The line of this number, from 0; without one, nothing.
    fn line(&self, number: usize) -> &'a str {
        self.lines.get(number).copied().unwrap_or_default()
    }

    /// The names of the logs of which it tells.
    fn logs(&self) -> impl Iterator<Item = &'a str> {
        self.lines.iter().skip(5).filter_map(|line| Some(line.split_once(' ')?.0))
    }

    fn is_of(&self, host: &str, titles: &[&str]) -> bool {
        self.line(0) == host && titles.contains(&self.line(1))
    }

    fn names(&self, line: usize, host: &str, key: &Key) -> bool {
        self.line(line) == key.named(host).to_string()
    }

    fn is_signed(&self, key: &Key) -> bool {
        self.note.verify(std::slice::from_ref(key)).is_ok()
    }
}

/// Asks of one log whether the key of its checkpoint counts, by the notes that the site's log holds, in its order. What is found stands in the
/// report.
pub(super) fn check(policy: &Policy, host: &str, log: (&str, &Note), size: u64, notes: &[String], report: &mut Report) {
    let (name, checkpoint) = log;
    let Some((base, number)) = epoch(name).filter(|_| policy.recovery_quorum > 0) else { return };
    let notes: Vec<Note> = notes.iter().filter_map(|note| Note::read(note.as_bytes()).ok()).collect();
    let said = || notes.iter().map(Said::new);
    let own = policy.of_log(host, name);
    let mut counts: Vec<&Key> = Vec::new();
    let before = format!("{base}/{}", number - 1);
    let (mut few, mut is_stated, mut other_epoch) = (None, false, false);
    if number == 1 {
        counts.extend(own.iter().filter(|one| one.from == 0).map(|one| &one.key));
    } else {
        for stated in said().filter(|said| said.is_of(host, &["new key", "restore"])) {
            let officers = policy.recovery.iter().filter(|key| stated.is_signed(key)).count();
            let is_enough = officers >= policy.recovery_quorum;
            let key = own.iter().find(|one| stated.names(4, host, &one.key));
            if !stated.logs().any(|log| log == before) {
                other_epoch |= is_enough && stated.logs().any(|log| epoch(log).is_some_and(|(of, _)| of == base));
            } else if !is_enough {
                few = few.max(Some(officers));
            } else {
                is_stated = true;
                counts.extend(key.map(|Ranged { key, .. }| key));
            }
        }
    }
    for change in said().filter(|said| said.is_of(host, &["change of key"]) && said.logs().any(|log| log == name)) {
        let old = counts.iter().any(|key| change.names(3, host, key) && change.is_signed(&key.named(host)));
        let new = own.iter().map(|one| &one.key).find(|key| change.names(4, host, key));
        counts.extend(new.filter(|key| old && change.is_signed(&key.named(host))));
    }
    let in_force = own.iter().filter(|one| one.from <= size && size <= one.to).map(|one| &one.key);
    let mut signed = in_force.filter(|key| checkpoint.verify(std::slice::from_ref(*key)).is_ok());
    if signed.any(|key| counts.contains(&key)) {
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
