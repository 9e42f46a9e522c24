//! The signer: one per installation, the only holder of the key. It signs checkpoints of what is committed, and remembers beside the database
//! what it has signed.
//!
//! Invariants: what is signed was read from the store, so it is committed; nothing is shown before it is remembered on the disk; the log of a
//! name never gets shorter, and a size of it never gets a second root.

mod changes;
mod files;
mod gap;
mod keys;
mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest::{Frontier, Hash, leaf_hash};
use crate::evidence::{Checkpoint, Cosignature, EvidenceError, Key, Note, PrivateKey, WitnessKey};
use crate::journal::codec::read_leaf;
use crate::journal::event::{EpochReason, Gap, LogWaited};
use crate::model::limits::RECOVERY_KEYS_MAX;
use crate::model::{Time, UnitId};
use crate::runtime::clock::Clock;
use crate::runtime::folder::FolderError;
use crate::store::planted::{self, Bug};
use crate::store::{Head, Store, StoreError};
use files::Files;

pub use changes::{Said, changes};
pub use files::{CHANGES, CHECKPOINT, GAPS, POLICY, PUBLISHED, RESTORE, ROTATION, VKEY, WITNESSES};
pub use gap::{PATIENCE_SECONDS, gaps, shown_gap};
pub use keys::begin_elsewhere;
pub use shown::{keys, shown};

/// Entries read at a time.
const PAGE: u32 = 1_000;
/// Version of the state; 1 until a key was changed, a restore declared, a gap recorded or recovery keys declared.
const VERSION: u32 = 2;

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The database has less than was signed.
    #[error(
        "ROLLBACK DETECTED: {size} entries of {origin} were signed, and the database has {found}. Entries that were acknowledged are lost. \
         Put the database right; if it was restored on purpose, declare it: sevottam sign --declare-restore"
    )]
    RolledBack {
        /// The log.
        origin: String,
        /// Entries that were signed.
        size: u64,
        /// Entries that are there.
        found: u64,
    },
    /// The database has other entries than were signed, or its head does not follow from them.
    #[error(
        "FORK DETECTED: {origin} has other entries, at or before index {size}, than were signed or than its head says. Nothing is signed"
    )]
    Forked {
        /// The log.
        origin: String,
        /// The size at which the two differ.
        size: u64,
    },
    /// An entry is not what an entry must be.
    #[error("an entry of {origin} cannot be signed: {what}")]
    Entry {
        /// The log.
        origin: String,
        /// Which, and what is wrong.
        what: String,
    },
    /// The key's or the state's file is not as it must be, or cannot be read or written.
    #[error("{0}")]
    Files(String),
    /// Another signer has the folder.
    #[error("another signer is at work in {0}; an installation has one")]
    Busy(String),
    /// A restore was declared, and nothing is missing.
    #[error("nothing is missing in the database: there is no restore to declare")]
    NothingMissing,
    /// Recovery keys are declared once.
    #[error("this installation has its recovery keys; they are declared once, and stand in its policy")]
    RecoveryKnown,
    /// There are too many of them.
    #[error("there are more than {RECOVERY_KEYS_MAX} recovery keys; three are usual, of which two are to sign")]
    RecoveryMany,
    /// What officers are said to have signed does not count.
    #[error("the statement is not taken: {0}")]
    NoStatement(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A text cannot be signed.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

impl From<FolderError> for SignerError {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Files(what) => Self::Files(what),
            FolderError::Busy(folder) => Self::Busy(folder),
        }
    }
}

impl SignerError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RolledBack { .. } => "signer.rolled-back",
            Self::Forked { .. } => "signer.forked",
            Self::Entry { .. } => "signer.entry",
            Self::Files(_) => "signer.files",
            Self::Busy(_) => "signer.busy",
            Self::NothingMissing => "signer.nothing-missing",
            Self::RecoveryKnown => "signer.recovery-known",
            Self::RecoveryMany => "signer.recovery-many",
            Self::NoStatement(_) => "signer.no-statement",
            Self::Store(_) => "signer.store",
            Self::Evidence(error) => error.code,
        }
    }
}

/// What the signer remembers of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    /// The name under which it is signed: the log's origin, with the number of its restores and one as the epoch.
    origin: String,
    size: u64,
    /// The frontier, hexadecimal.
    frontier: String,
    /// Time of the last entry.
    time: Time,
    /// The last checkpoint.
    note: String,
    /// What was declared when this epoch began.
    #[serde(skip_serializing_if = "Option::is_none")]
    restore: Option<String>,
    /// The last checkpoint that two keys have signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<String>,
}

/// What the signer remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    v: u32,
    /// Each time it is written one more.
    turn: u64,
    logs: BTreeMap<String, Signed>,
    /// The key in force, once one was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The keys before it, the first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retired: Vec<keys::Retired>,
    /// Names under which nothing is signed any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ended: Vec<keys::Ended>,
    /// What it says of its last absence, signed: it may have ended between remembering and showing it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<String>,
    /// What it said last of its key, signed: as with gaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<String>,
    /// The recovery keys, once they were declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<changes::Recovery>,
}

/// A log that has grown, before its signature is remembered.
struct Grown {
    frontier: Frontier,
    time: Time,
    /// Its root at the size that was asked about, where it has so many entries.
    root: Option<Hash>,
    /// Time of the first entry that it has grown by.
    first: Option<Time>,
}

/// The signer, with its folder locked.
pub struct Signer {
    files: Files,
    key: PrivateKey,
    state: State,
    /// By which it tells that it was away; without one it does not look.
    clock: Option<Arc<dyn Clock>>,
    /// When it looked last, in time that has passed; not at all since it was started.
    looked: Option<Duration>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("files", &self.files).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Signer {
    /// Makes the folder with a new key. `host` is the installation's, the first part of its logs' origins.
    ///
    /// # Errors
    /// When there is a key already, or the folder cannot be written.
    pub fn init(folder: &Path, host: &str, chance: &super::Chance) -> Result<Key, SignerError> {
        let mut seed = [0; 32];
        chance(&mut seed);
        let key = PrivateKey::new(host, &seed)?;
        Files::init(folder, &key, &State { v: 1, ..State::default() })?;
        Ok(key.key())
    }

    /// Takes the folder, and shows again what was signed last: the signer may have ended between remembering and showing.
    ///
    /// # Errors
    /// When another signer has it, key or state are missing or open to others, or the state is older than what was shown.
    pub fn open(folder: &Path) -> Result<Self, SignerError> {
        let (files, key, state) = Files::open(folder)?;
        let signer = Self { files, key, state, clock: None, looked: None };
        for signed in signer.state.logs.values() {
            signer.check_shown(signed)?;
        }
        signer.show_gaps()?;
        signer.show(signer.state.logs.keys())?;
        signer.show_policy()?;
        signer.show_changes()?;
        Ok(signer)
    }

    /// By this clock it tells when entries had to wait for it, and says so in what it shows.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// The key, under the host's name.
    pub fn key(&self) -> Key {
        self.key.key()
    }

    /// Size and root that are remembered of a unit's log.
    pub fn signed(&self, unit: &UnitId) -> Option<(u64, Hash)> {
        let signed = self.state.logs.get(unit.as_str())?;
        read_frontier(signed).ok().map(|frontier| (frontier.size(), frontier.root()))
    }

    /// Checkpoints of all logs as they were signed last.
    pub fn checkpoints(&self) -> Vec<Note> {
        self.state.logs.values().filter_map(|signed| Note::read(signed.note.as_bytes()).ok()).collect()
    }

    /// Shows which witnesses are asked from now on.
    ///
    /// # Errors
    /// When that cannot be read or written.
    pub fn asks<'w>(&self, witnesses: impl IntoIterator<Item = &'w WitnessKey>) -> Result<(), SignerError> {
        // One that is reached at two addresses is one.
        let lines: BTreeSet<String> = witnesses.into_iter().map(|key| format!("witness {key}\n")).collect();
        let lines = lines.into_iter().collect::<String>();
        let shown = self.files.published("", WITNESSES)?.unwrap_or_default();
        if shown == lines.as_bytes() { Ok(()) } else { self.files.publish("", WITNESSES, &lines) }
    }

    /// Shows a witness's line with the checkpoint that it belongs to, and says whether that is still the newest of its log: else nothing is
    /// shown anew, and never a smaller size.
    ///
    /// # Errors
    /// When what is shown cannot be read or written.
    pub fn cosigned(&self, cosignature: &Cosignature) -> Result<bool, SignerError> {
        let is_of = |signed: &&Signed| signed.note.strip_prefix(cosignature.text()).is_some_and(|rest| rest.starts_with('\n'));
        let Some(signed) = self.state.logs.values().find(is_of) else { return Ok(false) };
        let mut note = match self.shown_note(signed)? {
            Some(shown) => shown,
            None => Note::read(signed.note.as_bytes())?,
        };
        cosignature.join(&mut note);
        self.files.publish(&self.folder(signed), CHECKPOINT, &note.to_string())?;
        Ok(true)
    }

    /// Signs every log that has grown, and says how many. All of them are signed or none.
    ///
    /// # Errors
    /// When a log is not what was signed before, or not in order; nothing is signed then.
    pub async fn round<S: Store>(&mut self, store: &S) -> Result<usize, SignerError> {
        let units = store.units().await?;
        for (unit, signed) in &self.state.logs {
            if signed.size > 0 && !units.iter().any(|known| known.as_str() == unit) {
                return Err(SignerError::RolledBack { origin: signed.origin.clone(), size: signed.size, found: 0 });
            }
        }
        let mut next = self.state.clone();
        let (mut grown, mut waited, mut first_new) = (Vec::new(), Vec::new(), None);
        for unit in units {
            let Some(head) = store.head(&unit).await? else { continue };
            let head = planted::early(&unit, head.size).map_or(head, |(early, _)| early);
            let signed = self.state.logs.get(unit.as_str());
            let before = before(&self.key, signed, &head)?;
            let Grown { frontier, time, first, .. } = grow(store, &unit, before, &head, None).await?;
            if signed.is_some_and(|signed| signed.size == frontier.size()) {
                continue;
            }
            let origin = signed.map_or(&head.origin, |signed| &signed.origin);
            let mut grew = sign(&self.key, origin, &frontier, time)?;
            if let Some(Signed { restore, rotation, .. }) = signed {
                (grew.restore, grew.rotation) = (restore.clone(), rotation.clone());
            }
            next.logs.insert(unit.to_string(), grew);
            grown.push(unit.to_string());
            let (before, after) = (signed.map_or(0, |signed| signed.size), frontier.size());
            waited.push(LogWaited { log: origin.clone(), before, after });
            first_new = first_new.into_iter().chain(first).min();
        }
        let gaps = first_new.map_or_else(Vec::new, |first| self.gaps(first, waited));
        let was_away = !gaps.is_empty();
        if was_away {
            let host = self.key.key().name().to_owned();
            let notes = gaps.iter().map(|gap| Ok(self.key.sign(&host, &gap::text(gap, &host))?.to_string()));
            (next.v, next.gaps) = (VERSION, notes.collect::<Result<_, SignerError>>()?);
        }
        if !grown.is_empty() {
            self.remember(next)?;
            if was_away {
                self.show_gaps()?;
            }
            self.show(grown.iter())?;
        }
        self.looked = self.clock.as_ref().map(|clock| clock.elapsed());
        Ok(grown.len())
    }

    /// What had to wait, if it had to wait too long because this signer did not look. A signer that looks all the time and goes by another
    /// clock than the entries was not away; and what lay there before anything was signed at all has not waited for it.
    fn gaps(&self, first: Time, waited: Vec<LogWaited>) -> Vec<Gap> {
        let Some(clock) = &self.clock else { return Vec::new() };
        let (now, patience) = (clock.now(), Duration::from_secs(PATIENCE_SECONDS.unsigned_abs()));
        let has_looked = self.looked.is_some_and(|looked| clock.elapsed().saturating_sub(looked) <= patience);
        if has_looked || self.state.logs.is_empty() || now <= first.plus_seconds(PATIENCE_SECONDS) {
            return Vec::new();
        }
        tracing::warn!(from = %first, to = %now, "entries had to wait for their signature; this is recorded");
        gap::split(first, now, waited)
    }

    /// Declares that the database was restored: every log that has less than was signed, or other entries, goes on under a new epoch, from
    /// what is there now. Gives the declarations, signed.
    ///
    /// # Errors
    /// When nothing is missing, or what is there is not in order by itself.
    pub async fn declare_restore<S: Store>(&mut self, store: &S, reason: &str, now: Time) -> Result<Vec<Note>, SignerError> {
        let mut next = self.state.clone();
        let (mut lost, why) = (Vec::new(), keys::Why { what: EpochReason::Restore, reason, now });
        for (unit, signed) in &self.state.logs {
            let id: UnitId = unit.parse().map_err(|error| SignerError::Files(format!("the state: {error}")))?;
            let head = store.head(&id).await?;
            let head = head.unwrap_or_else(|| keys::nothing(&signed.origin));
            let still = match before(&self.key, Some(signed), &head) {
                Ok(before) => grow(store, &id, before, &head, None).await.map(drop),
                Err(error) => Err(error),
            };
            match still {
                Ok(()) => continue,
                Err(SignerError::RolledBack { .. } | SignerError::Forked { .. }) => {}
                Err(other) => return Err(other),
            }
            let known = keys::Known::of(signed)?;
            lost.push((unit.clone(), keys::begin(&self.key, store, &id, &head, known, why).await?));
        }
        if lost.is_empty() {
            return Err(SignerError::NothingMissing);
        }
        self.show_changes()?;
        (next.v, next.changes) = (VERSION, changes::declared(&self.key, lost.iter().map(|(_, begun)| begun), &why)?);
        let mut notes = Vec::new();
        for (unit, begun) in lost {
            next.ended.push(begun.ended);
            next.logs.insert(unit.clone(), begun.signed);
            notes.push((unit, begun.note));
        }
        self.remember(next)?;
        self.show(notes.iter().map(|(unit, _)| unit))?;
        self.show_policy()?;
        self.show_changes()?;
        Ok(notes.into_iter().map(|(_, note)| note).collect())
    }

    /// Writes the state to the disk, which takes some milliseconds once a round. What is in memory follows only then.
    fn remember(&mut self, mut next: State) -> Result<(), SignerError> {
        next.turn = self.state.turn + 1;
        self.files.remember(&next)?;
        self.state = next;
        Ok(())
    }

    /// Lets others see what is remembered of these logs.
    fn show<'u>(&self, units: impl Iterator<Item = &'u String>) -> Result<(), SignerError> {
        for signed in units.filter_map(|unit| self.state.logs.get(unit)) {
            let folder = self.folder(signed);
            let vkey = format!("{}\n", self.key.key().named(&signed.origin));
            // A log has its key before its checkpoint; where the key was changed, a checkpoint that both have signed before the new one.
            let told = self.files.published(&folder, VKEY)?;
            if told.is_none() {
                self.files.publish(&folder, VKEY, &vkey)?;
            }
            for (name, text) in [(RESTORE, &signed.restore), (ROTATION, &signed.rotation)] {
                if let Some(text) = text {
                    self.files.publish(&folder, name, text)?;
                }
            }
            // What is shown already may have the lines of witnesses, which are not remembered.
            if self.shown_note(signed)?.is_none() {
                self.files.publish(&folder, CHECKPOINT, &signed.note)?;
            }
            if told.is_some_and(|told| told != vkey.as_bytes()) {
                self.files.publish(&folder, VKEY, &vkey)?;
            }
        }
        Ok(())
    }

    /// Lets others see what was said of the last absence.
    fn show_gaps(&self) -> Result<(), SignerError> {
        let key = self.key.key();
        for (number, text) in self.state.gaps.iter().enumerate() {
            // One that a key before this has signed was shown before the key was changed.
            let Ok(gap) = gap::open(&Note::read(text.as_bytes())?, std::slice::from_ref(&key)) else { continue };
            self.files.publish(GAPS, &format!("{}-{number:04}", gap.to.0), text)?;
        }
        Ok(())
    }

    /// The note that is shown of a log, if it is the one that was signed last, perhaps with more lines.
    fn shown_note(&self, signed: &Signed) -> Result<Option<Note>, SignerError> {
        let shown = self.files.published(&self.folder(signed), CHECKPOINT)?;
        let shown = shown.filter(|shown| shown.starts_with(signed.note.as_bytes()));
        Ok(shown.and_then(|shown| Note::read(&shown).ok()))
    }

    /// What was shown cannot be newer than what is remembered, unless an old state was put back.
    fn check_shown(&self, signed: &Signed) -> Result<(), SignerError> {
        let older = |what: String| {
            Err(SignerError::Files(format!(
                "the signer's state is older than what it has signed: {what}. Put the newest state back, or begin anew with another key"
            )))
        };
        let (folder, key) = (self.folder(signed), self.key.key().named(&signed.origin));
        // Another key has signed beside this one, or the log went on under another name, and the state knows nothing of it.
        if let Some(rotation) = self.files.published(&folder, ROTATION)?
            && Some(rotation.as_slice()) != signed.rotation.as_ref().map(String::as_bytes)
            && Note::read(&rotation).is_ok_and(|note| note.verify(std::slice::from_ref(&key)).is_ok())
        {
            return older(format!("{} was handed over to another key", signed.origin));
        }
        let next = Path::new(&folder).with_file_name((epoch(&signed.origin).1.saturating_add(1)).to_string());
        if self.files.published(&next.to_string_lossy(), RESTORE)?.is_some() {
            return older(format!("{} goes on as {}", signed.origin, after(&signed.origin)));
        }
        let Some(shown) = self.files.published(&folder, CHECKPOINT)? else { return Ok(()) };
        // What this key has not signed was not shown by this signer, and will be written over.
        let Ok(shown) = Note::read(&shown).and_then(|note| Checkpoint::open(&note, &key)) else { return Ok(()) };
        let root = read_frontier(signed)?.root();
        if shown.size > signed.size || (shown.size == signed.size && shown.root != root) {
            return older(format!("{} of {} entries", signed.size, shown.size));
        }
        Ok(())
    }

    /// Where a log is shown: its origin without the host.
    fn folder(&self, signed: &Signed) -> String {
        let name = signed.origin.strip_prefix(self.key.key().name()).unwrap_or(&signed.origin);
        name.trim_start_matches('/').to_owned()
    }
}

/// What was signed of a log, which the database must still have.
fn before(key: &PrivateKey, signed: Option<&Signed>, head: &Head) -> Result<Grown, SignerError> {
    let own = head.origin.strip_prefix(key.key().name()).is_some_and(|rest| rest.starts_with('/'));
    if !own {
        let what = format!("the key is for the logs of {}", key.key().name());
        return Err(SignerError::Entry { origin: head.origin.clone(), what });
    }
    let Some(signed) = signed.filter(|signed| head.size >= signed.size || !planted::is(Bug::MissNothing)) else {
        return Ok(Grown { frontier: Frontier::new(), time: Time(i64::MIN), root: None, first: None });
    };
    if head.size < signed.size {
        return Err(SignerError::RolledBack { origin: signed.origin.clone(), size: signed.size, found: head.size });
    }
    Ok(Grown { frontier: read_frontier(signed)?, time: signed.time, root: None, first: None })
}

/// Takes in the entries up to a head, each looked at; what comes of it must be the head's own frontier. With the root at a size on the way.
async fn grow<S: Store>(store: &S, unit: &UnitId, before: Grown, head: &Head, at: Option<u64>) -> Result<Grown, SignerError> {
    let Grown { mut frontier, mut time, mut first, .. } = before;
    let mut root = (at == Some(frontier.size())).then(|| frontier.root());
    let refuse = |what: String| SignerError::Entry { origin: head.origin.clone(), what };
    while frontier.size() < head.size {
        let mut page = store.leaves(unit, frontier.size(), PAGE).await?;
        let early = planted::early(unit, frontier.size() + page.len() as u64);
        page.extend(early.into_iter().flat_map(|(_, entries)| entries).map(|entry| entry.leaf));
        if page.is_empty() {
            return Err(refuse(format!("entry {} is missing", frontier.size())));
        }
        // The log may have grown since its head was read; what came later is for the next round.
        let left = usize::try_from(head.size - frontier.size()).unwrap_or(usize::MAX);
        for leaf in page.iter().take(left) {
            let index = frontier.size();
            let place = read_leaf(index, leaf).map_err(|error| refuse(error.to_string()))?;
            if place.index != index || place.log != head.origin {
                return Err(refuse(format!("entry {index} says that it is entry {} of {}", place.index, place.log)));
            }
            if place.time <= time {
                return Err(refuse(format!("entry {index} is not later than the entry before")));
            }
            time = place.time;
            first.get_or_insert(time);
            frontier.push(leaf_hash(leaf.as_bytes()));
            if at == Some(frontier.size()) {
                root = Some(frontier.root());
            }
        }
    }
    if frontier.to_bytes() != head.frontier {
        return Err(SignerError::Forked { origin: head.origin.clone(), size: head.size });
    }
    Ok(Grown { frontier, time, root, first })
}

fn sign(key: &PrivateKey, origin: &str, frontier: &Frontier, time: Time) -> Result<Signed, SignerError> {
    let note = Checkpoint::new(origin, frontier.size(), frontier.root()).sign(key)?.to_string();
    let (origin, frontier_text) = (origin.to_owned(), crate::digest::hex(&frontier.to_bytes()));
    Ok(Signed { origin, size: frontier.size(), frontier: frontier_text, time, note, restore: None, rotation: None })
}

fn read_frontier(signed: &Signed) -> Result<Frontier, SignerError> {
    let bytes = crate::digest::unhex(&signed.frontier);
    let frontier = bytes.and_then(|bytes| Frontier::from_bytes(signed.size, &bytes));
    frontier.ok_or_else(|| SignerError::Files(format!("the signer's state is damaged at {}", signed.origin)))
}

/// An origin's parts: all but the epoch, and the epoch.
fn epoch(origin: &str) -> (&str, u64) {
    let (name, epoch) = origin.rsplit_once('/').unwrap_or((origin, "1"));
    (name, epoch.parse().unwrap_or(1))
}

/// The origin in the first epoch, as the entries have it.
fn first(origin: &str) -> String {
    format!("{}/1", epoch(origin).0)
}

/// The origin in the epoch after this.
fn after(origin: &str) -> String {
    let (name, epoch) = epoch(origin);
    format!("{name}/{}", epoch.saturating_add(1))
}
