//! The life of the key: handed over to another by plan, or given up because it was lost or may be in other hands; and what whoever relies on it
//! needs to know of that, as lines of a policy.
//!
//! A new key lies on the disk before the state names it, the state before anything is shown that the new key has signed, and only then the old
//! key is destroyed: whenever the signer ends in between, the state tells which key is in force.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::changes::{self, Recovery};
use super::files::{Files, POLICY};
use super::{Grown, Signed, Signer, SignerError, State, VERSION, after, before, first, grow, read_frontier, sign};
use crate::digest::{Frontier, Hash, empty_root};
use crate::evidence::bundle::Policy;
use crate::evidence::change::title;
use crate::evidence::{Anchor, Checkpoint, EvidenceError, Key, Note, PrivateKey};
use crate::journal::event::{EpochReason, LogSigned};
use crate::model::{Time, UnitId};
use crate::runtime::Chance;
use crate::store::{Head, Store};

/// A key that signs no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retired {
    /// The public key, under the host's name.
    key: String,
    /// What it has signed last of each log that no key before it has signed last.
    last: Vec<Last>,
}

/// The last checkpoint of a log by one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last {
    checkpoint: LogSigned,
    /// Whether the next key has signed it too, and the log goes on with that under the same name.
    goes_on: bool,
}

/// A name under which nothing is signed any more, since the log goes on under a new epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    /// What was signed last under it.
    pub(super) last: LogSigned,
    /// So many entries of these are there still. Where others are in their place nobody knows here from which on.
    kept: Option<u64>,
}

/// Why a log begins a new epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Why<'a> {
    pub(super) what: EpochReason,
    pub(super) reason: &'a str,
    pub(super) now: Time,
}

/// What is known of a log that is to begin a new epoch.
pub(super) struct Known {
    /// What was signed last of it.
    pub(super) last: LogSigned,
    /// Its tree then, and the time of its last entry; an anchor does not tell.
    pub(super) tree: Option<(Frontier, Time)>,
}

impl Known {
    pub(super) fn of(signed: &Signed) -> Result<Self, SignerError> {
        Ok(Self { last: last(signed)?, tree: Some((read_frontier(signed)?, signed.time)) })
    }
}

/// The greatest beginning of a tree that has no more than so many leaves and is made of its peaks.
fn beginning(tree: &Frontier, most: u64) -> Frontier {
    let (mut size, mut peaks) = (0, 0);
    for bit in (0..u64::BITS).rev().map(|bit| tree.size() & (1 << bit)).filter(|bit| *bit > 0) {
        if size + bit > most {
            break;
        }
        (size, peaks) = (size + bit, peaks + 1);
    }
    // Each peak has 32 bytes.
    Frontier::from_bytes(size, &tree.to_bytes()[..peaks * 32]).unwrap_or_default()
}

/// A log under a new epoch.
pub(super) struct Begun {
    pub(super) signed: Signed,
    pub(super) ended: Ended,
    /// The declaration.
    pub(super) note: Note,
}

/// Begins a new epoch of a log with what the database has.
pub(super) async fn begin<S: Store>(
    key: &PrivateKey,
    store: &S,
    unit: &UnitId,
    head: &Head,
    known: Known,
    why: Why<'_>,
) -> Result<Begun, SignerError> {
    let Known { last, tree } = known;
    // Where fewer are there, what is there is held against the part of the signed tree that is sure to be whole in it.
    let part = tree.as_ref().filter(|_| head.size < last.size).map(|(tree, _)| beginning(tree, head.size));
    let at = part.as_ref().map_or(last.size, Frontier::size);
    let Grown { frontier, time, root, .. } = grow(store, unit, before(key, None, head)?, head, Some(at)).await?;
    let origin = after(&last.log);
    let reason = changes::one_line(why.reason);
    let text = format!(
        "{origin}\n{} of {}\nsigned {} {}\nkept {} {}\n{}\n{reason}\n",
        title(why.what),
        last.log,
        last.size,
        last.root,
        frontier.size(),
        frontier.root(),
        why.now,
    );
    let note = key.sign(&origin, &text)?;
    let mut signed = sign(key, &origin, &frontier, time)?;
    signed.restore = Some(note.to_string());
    let kept = match root {
        _ if head.size >= last.size => root.filter(|root| *root == last.root).map(|_| last.size),
        // Work went on after the copy: what was signed and is there still is earlier than the last that was signed.
        _ if tree.as_ref().is_some_and(|(_, signed)| time >= *signed) => None,
        Some(root) if part.as_ref().is_some_and(|part| part.root() != root) => None,
        _ => Some(frontier.size()),
    };
    Ok(Begun { signed, ended: Ended { last, kept }, note })
}

/// Begins every log of a database anew with a new key.
async fn begin_all<S: Store>(
    key: &PrivateKey,
    store: &S,
    mut known: BTreeMap<String, Known>,
    why: Why<'_>,
) -> Result<BTreeMap<String, Begun>, SignerError> {
    let mut units: BTreeSet<String> = known.keys().cloned().collect();
    units.extend(store.units().await?.iter().map(UnitId::to_string));
    let mut begun = BTreeMap::new();
    for unit in units {
        let id: UnitId = unit.parse().map_err(|error| SignerError::Files(format!("the state: {error}")))?;
        let known = known.remove(&unit);
        let Some(head) = store.head(&id).await?.or_else(|| Some(nothing(&known.as_ref()?.last.log))) else { continue };
        // Whoever had the old key may have signed it under its first name, though it is not known here.
        let unknown = || LogSigned { log: head.origin.clone(), size: 0, root: empty_root() };
        let known = known.unwrap_or_else(|| Known { last: unknown(), tree: None });
        begun.insert(unit, begin(key, store, &id, &head, known, why).await?);
    }
    Ok(begun)
}

/// The head of a log that the database does not have.
pub(super) fn nothing(origin: &str) -> Head {
    Head { origin: first(origin), size: 0, frontier: Frontier::new().to_bytes(), time: Time(0) }
}

fn made(host: &str, chance: &Chance) -> Result<PrivateKey, SignerError> {
    let mut seed = [0; 32];
    chance(&mut seed);
    Ok(PrivateKey::new(host, &seed)?)
}

fn last(signed: &Signed) -> Result<LogSigned, SignerError> {
    let root = read_frontier(signed)?.root();
    Ok(LogSigned { log: signed.origin.clone(), size: signed.size, root })
}

impl Signer {
    /// Hands over to a new key: signs what is committed, signs it with the new key too, and destroys the old one. From the next size on the new
    /// key signs alone.
    ///
    /// # Errors
    /// As [`Signer::round`], when the folder cannot be written, and when the policy would be too long for whoever is to read it.
    pub async fn rotate<S: Store>(&mut self, store: &S, now: Time, chance: &Chance) -> Result<(), SignerError> {
        self.round(store).await?;
        self.show_gaps()?;
        self.show_changes()?;
        let new = made(self.key.key().name(), chance)?;
        let mut next = self.state.clone();
        let mut retired = self.retire();
        let mut lines = Vec::new();
        for signed in next.logs.values_mut() {
            let checkpoint = last(signed)?;
            let text = Checkpoint::new(&checkpoint.log, checkpoint.size, checkpoint.root);
            let mut both = text.sign(&self.key)?;
            both.signatures.extend(text.sign(&new)?.signatures);
            // Lines of witnesses hold what was signed, whoever has signed it.
            let cosigned = self.shown_note(signed)?.map_or_else(Vec::new, |shown| shown.signatures);
            lines.push((self.folder(signed), cosigned));
            signed.note = both.to_string();
            signed.rotation = Some(signed.note.clone());
            retired.last.push(Last { checkpoint, goes_on: true });
        }
        let logs = retired.last.iter().filter(|last| last.goes_on).map(|last| last.checkpoint.clone()).collect();
        next.changes = changes::rotated(&self.key, &new, logs, now)?;
        next.retired.push(retired);
        // Nothing is changed yet, and it need not be now: a key that may be in other hands is given up whatever comes of this.
        Policy::read(&policy(&new.key(), &next)?)?;
        self.change(new, next)?;
        for (signed, (folder, cosigned)) in self.state.logs.values().zip(lines) {
            let mut note = Note::read(signed.note.as_bytes())?;
            let more = cosigned.into_iter().filter(|line| !note.signatures.contains(line)).collect::<Vec<_>>();
            note.signatures.extend(more);
            self.files.publish(&folder, super::CHECKPOINT, &note.to_string())?;
        }
        self.show(self.state.logs.keys())?;
        self.show_policy()?;
        self.show_changes()
    }

    /// Gives up the key, because it may be in other hands: every log begins a new epoch with a new key. Gives the declarations, signed by that.
    ///
    /// # Errors
    /// When the database is not in order by itself, or the folder cannot be written.
    pub async fn begin_anew<S: Store>(
        &mut self,
        store: &S,
        reason: &str,
        now: Time,
        chance: &Chance,
    ) -> Result<Vec<Note>, SignerError> {
        let new = made(self.key.key().name(), chance)?;
        let known = self.state.logs.iter().map(|(unit, signed)| Ok((unit.clone(), Known::of(signed)?)));
        let known = known.collect::<Result<_, SignerError>>()?;
        let why = Why { what: EpochReason::NewKey, reason, now };
        let begun = begin_all(&new, store, known, why).await?;
        self.show_gaps()?;
        self.show_changes()?;
        let mut next = self.state.clone();
        next.changes = changes::declared(&new, begun.values(), &why)?;
        let mut retired = self.retire();
        let mut notes = Vec::new();
        for (unit, Begun { signed, ended, note }) in begun {
            retired.last.push(Last { checkpoint: ended.last.clone(), goes_on: false });
            next.ended.push(ended);
            next.logs.insert(unit, signed);
            notes.push(note);
        }
        next.retired.push(retired);
        self.change(new, next)?;
        self.show(self.state.logs.keys())?;
        self.show_policy()?;
        self.show_changes()?;
        Ok(notes)
    }

    /// What is to be known of this key when it signs no more: what it has signed last under the names that were given up since it is in force.
    fn retire(&self) -> Retired {
        let is_retired = |log: &str| {
            self.state.retired.iter().flat_map(|retired| &retired.last).any(|last| !last.goes_on && last.checkpoint.log == log)
        };
        let ended = self.state.ended.iter().filter(|ended| !is_retired(&ended.last.log));
        let last = ended.map(|ended| Last { checkpoint: ended.last.clone(), goes_on: false }).collect();
        Retired { key: self.key.key().to_string(), last }
    }

    /// The new key is in force as soon as the state that names it is on the disk.
    fn change(&mut self, new: PrivateKey, mut next: State) -> Result<(), SignerError> {
        (next.v, next.key) = (VERSION, Some(new.key().to_string()));
        // They are shown, and the new key has not signed them.
        next.gaps.clear();
        self.files.prepare(&new)?;
        self.remember(next)?;
        self.key = new;
        self.files.change()
    }

    /// What whoever relies on this installation needs to know of its keys and its restores, as lines of a policy: for paper.
    ///
    /// # Errors
    /// When the state is damaged.
    pub fn policy(&self) -> Result<String, SignerError> {
        policy(&self.key.key(), &self.state)
    }

    /// Shows those lines, where they say more than the key alone.
    pub(super) fn show_policy(&self) -> Result<(), SignerError> {
        let State { retired, ended, recovery, .. } = &self.state;
        let is_all = retired.is_empty() && ended.is_empty() && recovery.is_none();
        if is_all { Ok(()) } else { self.files.publish("", POLICY, &self.policy()?) }
    }
}

/// Begins anew where the signer's folder is lost, in a new folder and with a new key, after the checkpoints of an anchor. The policy on paper has the
/// lost key, alone under the host's name, and the recovery keys. Gives the declarations, and the lines of the policy.
///
/// # Errors
/// `policy.no-key` when the policy has another number of such keys; when the database is not in order by itself, there is a key in the folder already, or it cannot be written.
pub async fn begin_elsewhere<S: Store>(
    folder: &Path,
    store: &S,
    anchor: &Anchor,
    paper: &Policy,
    (reason, now): (&str, Time),
    chance: &Chance,
) -> Result<(Signer, Vec<Note>), SignerError> {
    let [old] = &paper.keys[..] else {
        let message = "the policy is to have one line `key <vkey>` of the office itself: the lost key";
        return Err(EvidenceError { code: "policy.no-key", message: message.to_owned() }.into());
    };
    let new = made(old.name(), chance)?;
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut retired = Retired { key: old.to_string(), last: Vec::new() };
    for Checkpoint { origin, size, root, .. } in anchor.checkpoints() {
        let (log, number) = super::epoch(origin);
        // Invariant of anchors: what they hold are logs of this host.
        let path = log.strip_prefix(old.name()).unwrap_or(log).trim_start_matches('/');
        let unit = path.strip_prefix("unit/").unwrap_or(path).to_owned();
        let checkpoint = LogSigned { log: origin.clone(), size: *size, root: *root };
        // Of the names before its newest the declarations tell that were made then.
        if known.get(&unit).is_none_or(|other| super::epoch(&other.last.log).1 < number) {
            known.insert(unit, Known { last: checkpoint, tree: None });
        }
    }
    let why = Why { what: EpochReason::NewKey, reason, now };
    let begun = begin_all(&new, store, known, why).await?;
    let mut state = State { v: VERSION, key: Some(new.key().to_string()), recovery: Recovery::of(paper), ..State::default() };
    state.changes = changes::declared(&new, begun.values(), &why)?;
    let mut notes = Vec::new();
    for (unit, Begun { signed, ended, note }) in begun {
        retired.last.push(Last { checkpoint: ended.last.clone(), goes_on: false });
        state.ended.push(ended);
        state.logs.insert(unit, signed);
        notes.push(note);
    }
    state.retired.push(retired);
    Files::init(folder, &new, &state)?;
    Ok((Signer::open(folder)?, notes))
}

pub(super) fn policy(key: &Key, state: &State) -> Result<String, SignerError> {
    let mut keys = Vec::new();
    for retired in &state.retired {
        keys.push(Key::read(&retired.key)?);
    }
    keys.push(key.clone());
    // What each key was for of each log, and how far the log is with the key after it.
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut open: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for (number, retired) in state.retired.iter().enumerate() {
        for Last { checkpoint: LogSigned { log, size, root }, goes_on } in &retired.last {
            let from = open.remove(log.as_str()).map_or_else(String::new, |(_, from)| format!(" from {from}"));
            let of_log = lines.entry(log).or_default();
            of_log.push(format!("key {}{from} to {size}", keys[number].named(log)));
            of_log.push(seen(log, *size, *root));
            if *goes_on {
                open.insert(log, (number + 1, *size));
            }
        }
    }
    for (log, (number, from)) in open {
        lines.entry(log).or_default().push(format!("key {} from {from}", keys[number].named(log)));
    }
    let mut text = format!("key {key}\n");
    for line in lines.into_values().flatten() {
        let _ = writeln!(text, "{line}");
    }
    for Ended { last: LogSigned { log, size, .. }, kept } in &state.ended {
        let _ = match kept {
            Some(kept) => writeln!(text, "lost {log} {kept} {size}"),
            None => writeln!(text, "# {log}: other entries are there now. State from which on: lost {log} <from> {size}"),
        };
    }
    text.extend(state.recovery.iter().map(Recovery::lines));
    Ok(text)
}

fn seen(log: &str, size: u64, root: Hash) -> String {
    let checkpoint = Checkpoint::new(log, size, root).to_string();
    format!("seen {}", checkpoint.trim_end().replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::memory::MemoryStore;

    /// A key that has handed over so many logs.
    fn retired(seed: u8, logs: usize) -> Retired {
        let key = PrivateKey::new("office.example", &[seed; 32]).expect("a key").key().to_string();
        let last = (0..logs).map(|unit| Last {
            checkpoint: LogSigned {
                log: format!("office.example/unit/unit-{unit}/1"),
                size: u64::from(seed),
                root: Hash::of(b""),
            },
            goes_on: true,
        });
        Retired { key, last: last.collect() }
    }

    #[test]
    fn the_policy_of_an_office_with_hundreds_of_logs_reads_back() {
        let state = State { retired: (1..=5).map(|seed| retired(seed, 300)).collect(), ..State::default() };
        let key = PrivateKey::new("office.example", &[9; 32]).expect("a key").key();
        let text = policy(&key, &state).expect("a policy");
        assert!(text.len() > 64 * 1024);
        let read = Policy::read(&text).expect("it reads back");
        assert_eq!((read.ranged.len(), read.seen.len()), (6 * 300, 5 * 300));
    }

    #[test]
    fn a_tree_begins_with_its_peaks() {
        let tree = |size: u64| {
            let mut tree = Frontier::new();
            (0..size).for_each(|leaf| tree.push(Hash::of(&leaf.to_be_bytes())));
            tree
        };
        for (size, most, expected) in [(22, 21, 20), (22, 22, 22), (22, 19, 16), (22, 15, 0), (7, 5, 4), (0, 3, 0)] {
            assert_eq!(beginning(&tree(size), most), tree(expected), "{size} {most}");
        }
    }

    #[tokio::test]
    async fn a_policy_that_nobody_would_read_is_refused_before_the_key_is_changed() {
        let folder = std::env::temp_dir().join(format!("long-policy-{}", std::process::id()));
        let chance: Chance = Arc::new(|bytes: &mut [u8]| bytes.fill(7));
        let key = Signer::init(&folder, "office.example", &chance).expect("a new key");
        let mut signer = Signer::open(&folder).expect("the folder");
        signer.state.retired = (1..=100).map(|seed| retired(seed, 300)).collect();
        let other: Chance = Arc::new(|bytes: &mut [u8]| bytes.fill(8));
        let refused = signer.rotate(&MemoryStore::default(), Time(0), &other).await.expect_err("it is too long");
        assert_eq!((refused.code(), signer.key()), ("policy.malformed", key.clone()));
        drop(signer);
        assert_eq!(Signer::open(&folder).expect("the folder").key(), key);
        std::fs::remove_dir_all(&folder).expect("it is taken away");
    }
}
