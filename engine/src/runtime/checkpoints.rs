//! What the signer shows of the units' logs, taken into the site log: whatever holds the site's log outside then holds every unit's. And what it
//! says of its own absences, and of its key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use super::signer::{self, SignerError};
use super::{Accepted, Engine, Refusal};
use crate::digest::{Frontier, Hash, leaf_hash};
use crate::evidence::Checkpoint;
use crate::evidence::change::text;
use crate::journal::event::{Gap, KeyChange, LogSigned};
use crate::journal::{Actor, Command, Envelope};
use crate::machine::Rejection;
use crate::machine::office::Taken;
use crate::model::limits::CHECKPOINTS_TAKEN_MAX;
use crate::model::{Time, UnitId};
use crate::store::{Store, StoreError};

/// Seconds from one entry to the next at least. Where nothing was signed meanwhile there is none.
const EVERY_SECONDS: i64 = 3_600;
/// It is looked whether one is due so soon after the start, and then after so long: reading what is shown costs little.
const FIRST_LOOK: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// Entries read at a time.
const PAGE: u32 = 1_000;

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// What the signer shows cannot be read, or is not of this installation.
    #[error(transparent)]
    Shown(#[from] SignerError),
    /// What is shown of a log is not what was taken in of it before, or not what the database has.
    #[error(
        "{log}: what is shown of {size} entries does not go on from what the site log has taken in, or is not what the database has. One of them \
         is forged, or was put back from a copy: see FORMAT.md of evidence, section 3"
    )]
    Differs {
        /// The log, by its signed name.
        log: String,
        /// The size that is shown.
        size: u64,
    },
    /// Less is shown of a log than was taken in of it.
    #[error(
        "{log}: {size} entries are shown as signed, and the site log has taken in {taken}. The signer's folder may be an old copy"
    )]
    Behind {
        /// The log, by its signed name.
        log: String,
        /// The size that is shown.
        size: u64,
        /// The size that was taken in.
        taken: u64,
    },
    /// The site log did not take it in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a node keeps from one look to the next.
#[derive(Debug, Default)]
pub struct Looks {
    /// Each log's tree at the size at which it was found to be what is shown: only what came later is read again.
    trees: BTreeMap<String, Frontier>,
    /// What was not taken in of each log, and has been said: once for each checkpoint.
    said: BTreeMap<String, (u64, Hash)>,
    /// Gaps in signing that are in the site log, by the names under which they are shown.
    gaps: BTreeSet<String>,
    /// What was said of the key and is in the site log, by the hashes of the files in which it is shown.
    changes: BTreeSet<Hash>,
    /// What is shown among them and is not the signer's, and has been said: the key may have been changed a moment ago.
    strange: BTreeSet<String>,
}

impl<S: Store> Engine<S> {
    /// Takes in what the signer shows in this folder, each hour in which anything was signed, until `stop` turns true.
    pub async fn take_in(self, shown: PathBuf, mut stop: watch::Receiver<bool>) {
        let (mut wait, mut looks) = (FIRST_LOOK, Looks::default());
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = LOOK_AGAIN;
            match self.note_gaps(&shown, &mut looks).await {
                Ok(_) | Err(NotTaken::Refused(Refusal::Stopping)) => {}
                Err(error) => tracing::warn!(%error, "a gap in signing is not recorded yet; it will be tried again"),
            }
            match self.note_key_changes(&shown, &mut looks).await {
                Ok(_) | Err(NotTaken::Refused(Refusal::Stopping)) => {}
                Err(error) => tracing::warn!(%error, "a change of the signer's key is not recorded yet; it will be tried again"),
            }
            match self.take_checkpoints(&shown, &mut looks).await {
                // What was left out is said already.
                Ok(_) | Err(NotTaken::Refused(Refusal::Stopping) | NotTaken::Differs { .. } | NotTaken::Behind { .. }) => {}
                Err(error) => tracing::warn!(%error, "the units' checkpoints are not taken in yet; it will be tried again"),
            }
        }
    }

    /// Takes in what the signer shows, where an hour has gone since the last time and anything was signed: the entry, if there is one. Only
    /// what this store has is taken in, and what goes on from what was taken in before. A log that is left out keeps no other from it; it is
    /// said aloud, and once given as the error.
    ///
    /// # Errors
    /// When what is shown cannot be relied on, or the site log does not take it in.
    pub async fn take_checkpoints(&self, shown: &Path, looks: &mut Looks) -> Result<Option<Accepted>, NotTaken> {
        self.catch_up().await?;
        let office = self.office();
        let last = office.taken.values().map(|taken| taken.time).max();
        // Recorded time is never before an entry: where a clock was ahead, it goes on from there. Before anything is signed there is no folder.
        if last.is_some_and(|last| self.now() < last.plus_seconds(EVERY_SECONDS)) || !shown.join(UnitId::SITE).is_dir() {
            return Ok(None);
        }
        let (anchor, _) = signer::shown(shown)?;
        let units = format!("{}/unit/", self.options().host);
        let newest = newest(anchor.checkpoints().filter(|one| one.size > 0), &units);
        let shown = newest.into_iter().map(|(unit, one)| (office.taken.get(&one.origin), (unit, one))).collect();
        let (mut checkpoints, mut left) = (Vec::new(), None);
        for (taken, (unit, one)) in in_turn(shown) {
            if checkpoints.len() == CHECKPOINTS_TAKEN_MAX {
                break;
            }
            let (log, size) = (one.origin.clone(), one.size);
            let is_said = looks.said.get(&log) == Some(&(size, one.root));
            let wrong = match taken {
                _ if is_said => continue,
                Some(taken) if taken.size == size && taken.root == one.root => continue,
                Some(taken) if taken.size > size => NotTaken::Behind { log, size, taken: taken.size },
                _ if self.goes_on(unit, taken, one, &mut looks.trees).await? => {
                    checkpoints.push(LogSigned { log, size, root: one.root });
                    continue;
                }
                _ => NotTaken::Differs { log, size },
            };
            tracing::error!(error = %wrong, "a unit's checkpoint is not taken in");
            looks.said.insert(one.origin.clone(), (size, one.root));
            left.get_or_insert(wrong);
        }
        checkpoints.sort_by(|one, other| one.log.cmp(&other.log));
        let accepted = if checkpoints.is_empty() { None } else { self.submit_taken(checkpoints).await? };
        left.map_or(Ok(accepted), Err)
    }

    /// Notes in the site log what the signer says of its absences, each once, whichever node is first: how many were new to this one.
    ///
    /// # Errors
    /// When what is shown cannot be read, or the site log does not take it in; it is noted the next time.
    pub async fn note_gaps(&self, shown: &Path, looks: &mut Looks) -> Result<usize, NotTaken> {
        let new: Vec<String> = signer::gaps(shown)?.into_iter().filter(|name| !looks.gaps.contains(name)).collect();
        if new.is_empty() {
            return Ok(0);
        }
        let keys = signer::keys(shown)?;
        let mut noted = 0;
        for name in new {
            match signer::shown_gap(shown, &name, &keys) {
                Ok(gap) => {
                    // The same key for the same gap: it is one entry, whoever writes it and however often.
                    let envelope = Envelope::new(Actor::System, &key_of(&gap), Command::NoteGap(gap));
                    noted += usize::from(!self.submit(&UnitId::site(), envelope).await?.repeated);
                    looks.gaps.insert(name);
                }
                // It may be put right; until then it is said once.
                Err(error) => {
                    if looks.strange.insert(name.clone()) {
                        tracing::error!(%error, name, "what is shown as a gap in signing is not the signer's");
                    }
                }
            }
        }
        Ok(noted)
    }

    /// Notes in the site log what the signer says of its key, and what recovery officers state of that, each once, whichever node is first: how
    /// many entries were new.
    ///
    /// # Errors
    /// When what is shown cannot be read, or the site log does not take it in; it is noted the next time.
    pub async fn note_key_changes(&self, shown: &Path, looks: &mut Looks) -> Result<usize, NotTaken> {
        let mut noted = 0;
        for (hash, said) in signer::changes(shown, &looks.changes)? {
            match said {
                Ok(changes) => {
                    let (new, rejection) = self.submit_changes(changes).await?;
                    noted += new;
                    // What one file says and the site log refuses keeps no other from being taken in; it is said once.
                    match rejection {
                        None => {
                            looks.changes.insert(hash);
                        }
                        Some(error) if looks.strange.insert(hash.to_string()) => {
                            tracing::warn!(%error, "what the signer says of its key is not taken into the site log");
                        }
                        Some(_) => {}
                    }
                }
                // It may be put right; until then it is said once.
                Err(error) => {
                    if looks.strange.insert(hash.to_string()) {
                        tracing::error!(%error, "what is shown as a change of the signer's key is not the signer's");
                    }
                }
            }
        }
        Ok(noted)
    }

    /// Notes what one file says of a key: how much of it was new, and why something of it was refused.
    async fn submit_changes(&self, changes: Vec<KeyChange>) -> Result<(usize, Option<Rejection>), NotTaken> {
        let (mut noted, mut refused) = (0, None);
        for change in changes {
            // The same key for the same text: it is one entry, whoever writes it and however often.
            let text = match (&change, text(&change, &self.options().host)) {
                (KeyChange::Stated(stated), _) => stated.note.clone(),
                (_, text) => text.unwrap_or_default(),
            };
            let key = format!("key:{}", Hash::of(text.as_bytes()));
            match self.submit(&UnitId::site(), Envelope::new(Actor::System, &key, Command::NoteKeyChange(change))).await {
                Ok(accepted) => noted += usize::from(!accepted.repeated),
                Err(Refusal::Rejected(rejection)) => refused = Some(rejection),
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Ok((noted, refused))
    }

    async fn submit_taken(&self, checkpoints: Vec<LogSigned>) -> Result<Option<Accepted>, NotTaken> {
        // The same key for the same checkpoints: nodes that look at the same time write one entry.
        let lines: Vec<String> = checkpoints.iter().map(|one| format!("{} {} {}\n", one.log, one.size, one.root)).collect();
        let key = format!("checkpoints:{}", Hash::of(lines.concat().as_bytes()));
        let envelope = Envelope::new(Actor::System, &key, Command::TakeCheckpoints { checkpoints });
        match self.submit(&UnitId::site(), envelope).await {
            Ok(accepted) => Ok(Some(accepted)),
            // Another node was before; what is newer is taken in the next time.
            Err(Refusal::Rejected(rejection)) if rejection.code == "checkpoints.known" => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Whether a checkpoint is of this store's own log, and that log still begins with what was taken in of it.
    async fn goes_on(
        &self,
        unit: &str,
        taken: Option<&Taken>,
        one: &Checkpoint,
        trees: &mut BTreeMap<String, Frontier>,
    ) -> Result<bool, NotTaken> {
        let Ok(unit) = unit.parse::<UnitId>() else { return Ok(false) };
        let store = self.store();
        if store.head(&unit).await?.is_none_or(|head| head.size < one.size) {
            return Ok(false);
        }
        let before = taken.map_or(0, |taken| taken.size);
        // What is kept was found good; where it is beyond what was taken in it is read again, so that both are held against the log.
        let mut tree = trees.remove(&one.origin).filter(|tree| tree.size() <= before).unwrap_or_default();
        loop {
            if taken.is_some_and(|taken| tree.size() == taken.size && tree.root() != taken.root) {
                return Ok(false);
            }
            if tree.size() == one.size {
                break;
            }
            // Up to what was taken in, and then up to what is shown.
            let until = if tree.size() < before { before.min(one.size) } else { one.size };
            let page = store.leaves(&unit, tree.size(), PAGE).await?;
            if page.is_empty() {
                return Ok(false);
            }
            let left = usize::try_from(until - tree.size()).unwrap_or(usize::MAX);
            for leaf in page.iter().take(left) {
                tree.push(leaf_hash(leaf.as_bytes()));
            }
        }
        let is_shown = tree.root() == one.root;
        if is_shown {
            trees.insert(one.origin.clone(), tree);
        }
        Ok(is_shown)
    }
}

/// The key of the command that notes a gap.
fn key_of(Gap { from, to, logs }: &Gap) -> String {
    let lines: Vec<String> = logs.iter().map(|one| format!("{} {} {}\n", one.log, one.before, one.after)).collect();
    format!("gap:{from}:{to}:{}", Hash::of(lines.concat().as_bytes()))
}

/// The units' logs, each under its newest name alone: what was signed before a declared restore is not what the database has.
fn newest<'c>(shown: impl Iterator<Item = &'c Checkpoint>, units: &str) -> BTreeMap<&'c str, &'c Checkpoint> {
    let mut newest: BTreeMap<&str, (u64, &Checkpoint)> = BTreeMap::new();
    for one in shown {
        let Some((unit, epoch)) = one.origin.strip_prefix(units).and_then(|path| path.rsplit_once('/')) else { continue };
        let epoch = epoch.parse().unwrap_or(0);
        if newest.get(unit).is_none_or(|(known, _)| *known < epoch) {
            newest.insert(unit, (epoch, one));
        }
    }
    newest.into_iter().map(|(unit, (_, one))| (unit, one)).collect()
}

/// First what was never taken in, then what was taken in longest ago; of one time in the order they came. So each has its turn, however many
/// there are.
fn in_turn<T>(mut shown: Vec<(Option<&Taken>, T)>) -> Vec<(Option<&Taken>, T)> {
    shown.sort_by_key(|(taken, _)| taken.map_or(Time(i64::MIN), |taken| taken.time));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waited_longest_is_first() {
        let taken = |seconds| Taken { size: 1, root: Hash::of(b""), time: Time(seconds) };
        let (early, late) = (taken(5), taken(9));
        let check = |shown: Vec<(Option<&Taken>, &str)>, expected: &[&str]| {
            let names: Vec<&str> = in_turn(shown).into_iter().map(|(_, name)| name).collect();
            assert_eq!(names, expected);
        };
        check(vec![(None, "a"), (None, "b")], &["a", "b"]);
        check(vec![(Some(&late), "a"), (Some(&early), "b"), (Some(&early), "c"), (None, "z")], &["z", "b", "c", "a"]);
    }

    #[test]
    fn a_log_has_its_newest_name() {
        let named = |origin: &str| Checkpoint::new(origin, 1, Hash::of(b""));
        let shown = ["h/site/1", "h/unit/a/1", "h/unit/a/10", "h/unit/a/9", "h/unit/b/1"].map(named);
        let found = newest(shown.iter(), "h/unit/");
        let found: Vec<(&str, &str)> = found.into_iter().map(|(unit, one)| (unit, one.origin.as_str())).collect();
        assert_eq!(found, [("a", "h/unit/a/10"), ("b", "h/unit/b/1")]);
    }
}
