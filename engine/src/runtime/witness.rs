//! The witness: of each log of others it remembers the longest tree that it has seen, and cosigns what follows from that, and nothing else
//! (C2SP tlog-witness).
//!
//! Invariants: nothing is cosigned before it is remembered on the disk; of one log there is one request at a time; the log of a name never
//! gets shorter, and no size of it ever gets a second root.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::clock::Clock;
use super::folder::{Folder, FolderError, failed, note, replace};
use crate::digest::{Hash, empty_root, verify_consistency};
use crate::evidence::{Checkpoint, EvidenceError, Key, Note, PrivateWitnessKey, Submission, WitnessKey};
use crate::model::limits::{ORIGIN_BYTES_MAX, WITNESSED_LOGS_MAX};

/// The folder of the checkpoints that are remembered, each in a file by the SHA-256 of its log's name.
const LOGS: &str = "logs";
/// What a file is called besides, that holds the proof of a fork: a checkpoint of the same size with another root.
const FORK: &str = "fork";

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum Uncosigned {
    /// The request cannot be read.
    #[error(transparent)]
    Malformed(EvidenceError),
    /// The log is of no office that is known here.
    #[error("the log is of no office that this witness knows")]
    Unknown,
    /// The checkpoint is not signed by the office's key.
    #[error(transparent)]
    Untrusted(EvidenceError),
    /// The tree that is known would be larger than the checkpoint.
    #[error("the old size is above that of the checkpoint")]
    Backwards,
    /// The witness knows the log at another size.
    #[error("the checkpoint cosigned last has the size {0}")]
    Size(u64),
    /// The witness knows another root for this size: it holds two checkpoints that contradict each other.
    #[error("another root was cosigned for this size: the log has two histories")]
    Forked,
    /// The proof does not lead from what is known to the checkpoint.
    #[error("the proof does not lead from the checkpoint cosigned last to this one")]
    Inconsistent,
    /// There is no room for another log.
    #[error("this witness remembers {WITNESSED_LOGS_MAX} logs of this office, and takes no more")]
    Full,
    /// It cannot be remembered.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl Uncosigned {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(error) | Self::Untrusted(error) => error.code,
            Self::Unknown => "witness.unknown-log",
            Self::Backwards => "witness.backwards",
            Self::Size(_) => "witness.size",
            Self::Forked => "witness.forked",
            Self::Inconsistent => "witness.inconsistent",
            Self::Full => "witness.full",
            Self::Folder(FolderError::Files(_)) => "witness.files",
            Self::Folder(FolderError::Busy(_)) => "witness.busy",
        }
    }
}

/// What is remembered of a log.
#[derive(Debug, Clone, Copy)]
struct Seen {
    size: u64,
    root: Hash,
}

/// A log that nothing is remembered of is as the empty tree, which every tree begins with.
impl Default for Seen {
    fn default() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

/// The witness, with its folder locked.
pub struct Witness {
    folder: Folder,
    key: PrivateWitnessKey,
    offices: Vec<Key>,
    clock: Arc<dyn Clock>,
    logs: Mutex<HashMap<String, Arc<Mutex<Seen>>>>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("folder", &self.folder).field("offices", &self.offices).finish_non_exhaustive()
    }
}

impl Witness {
    /// Makes the folder with a new key.
    ///
    /// # Errors
    /// When there is a key already, the name cannot be a key's, or the folder cannot be written.
    pub fn init(folder: &Path, name: &str, chance: &super::Chance) -> Result<WitnessKey, Uncosigned> {
        let mut seed = [0; 32];
        chance(&mut seed);
        let key = PrivateWitnessKey::new(name, &seed).map_err(Uncosigned::Malformed)?;
        Folder::init(folder, LOGS, &key.secret(), |folder| {
            let logs = folder.join(LOGS);
            fs::create_dir(&logs).map_err(failed(&logs))
        })?;
        Ok(key.key())
    }

    /// Takes the folder, to witness the logs of these offices: each key is under its host's name, and every log below that is the office's.
    ///
    /// # Errors
    /// When another process has it, or the key or something that is remembered is not as it must be.
    pub fn open(folder: &Path, offices: Vec<Key>, clock: Arc<dyn Clock>) -> Result<Self, Uncosigned> {
        let (folder, key) = Folder::open(folder, "sevottam witness --init")?;
        let key = PrivateWitnessKey::read(&key).map_err(Uncosigned::Malformed)?;
        let logs = remembered(&folder.join(LOGS))?;
        Ok(Self { folder, key, offices, clock, logs: Mutex::new(logs) })
    }

    /// The witness's public key.
    pub fn key(&self) -> WitnessKey {
        self.key.key()
    }

    /// Takes the body of an `add-checkpoint`, and gives the line of the cosignature.
    ///
    /// # Errors
    /// When the checkpoint is not to be cosigned; what is remembered is as it was.
    pub fn add(&self, body: &[u8]) -> Result<String, Uncosigned> {
        let Submission { old, proof, checkpoint: note } = Submission::read(body).map_err(Uncosigned::Malformed)?;
        let checkpoint = Checkpoint::read(&note.text).map_err(Uncosigned::Malformed)?;
        let origin = &checkpoint.origin;
        // A witness to offices: what no log of theirs says of itself is not cosigned.
        if !checkpoint.extensions.is_empty() || origin.len() > ORIGIN_BYTES_MAX {
            let message = format!("A checkpoint has three lines here, the first of {ORIGIN_BYTES_MAX} bytes at most.");
            return Err(Uncosigned::Malformed(EvidenceError { code: "submission.malformed", message }));
        }
        let offices: Vec<&Key> = self.offices.iter().filter(|key| is_below(origin, key.name())).collect();
        if offices.is_empty() {
            return Err(Uncosigned::Unknown);
        }
        let keys: Vec<Key> = offices.iter().map(|key| key.named(origin)).collect();
        note.verify(&keys).map_err(Uncosigned::Untrusted)?;
        if old > checkpoint.size {
            return Err(Uncosigned::Backwards);
        }
        let log = self.log(origin, &offices)?;
        let mut seen = log.lock().unwrap_or_else(PoisonError::into_inner);
        if old != seen.size {
            return Err(Uncosigned::Size(seen.size));
        }
        if old == checkpoint.size && checkpoint.root != seen.root {
            self.keep_fork(&checkpoint, &note);
            return Err(Uncosigned::Forked);
        }
        let follows = if old == 0 {
            proof.is_empty()
        } else {
            verify_consistency(old, checkpoint.size, &proof, &seen.root, &checkpoint.root)
        };
        if !follows {
            return Err(Uncosigned::Inconsistent);
        }
        if checkpoint.size > seen.size {
            replace(&self.file(origin, ""), 0o600, note.to_string().as_bytes())?;
            *seen = Seen { size: checkpoint.size, root: checkpoint.root };
        }
        // While nobody else can have a longer one cosigned: at this time it is the longest.
        Ok(self.key.cosign(&note.text, self.clock.now()).to_string())
    }

    /// What is remembered of a log; what is new is so much as nothing.
    fn log(&self, origin: &str, offices: &[&Key]) -> Result<Arc<Mutex<Seen>>, Uncosigned> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = logs.get(origin) {
            return Ok(Arc::clone(log));
        }
        let is_full = |office: &&Key| logs.keys().filter(|other| is_below(other, office.name())).count() >= WITNESSED_LOGS_MAX;
        if offices.iter().any(is_full) {
            return Err(Uncosigned::Full);
        }
        Ok(Arc::clone(logs.entry(origin.to_owned()).or_default()))
    }

    /// Whoever holds both notes holds the proof that the office's signer was at fault: the first such is kept.
    fn keep_fork(&self, checkpoint: &Checkpoint, note: &Note) {
        let (path, known) = (self.file(&checkpoint.origin, FORK), self.file(&checkpoint.origin, ""));
        if path.exists() {
            return;
        }
        tracing::error!(
            origin = checkpoint.origin,
            size = checkpoint.size,
            one = %known.display(),
            other = %path.display(),
            "FORK: the log was signed with two roots for one size"
        );
        if let Err(error) = replace(&path, 0o600, note.to_string().as_bytes()) {
            tracing::error!(%error, %note, "the other checkpoint cannot be kept");
        }
    }

    fn file(&self, origin: &str, kind: &str) -> std::path::PathBuf {
        self.folder.join(LOGS).join(file_name(origin)).with_extension(kind)
    }
}

/// Whether a log is one of an office's.
fn is_below(origin: &str, host: &str) -> bool {
    origin.strip_prefix(host).is_some_and(|rest| rest.starts_with('/'))
}

fn file_name(origin: &str) -> String {
    Hash::of(origin.as_bytes()).to_string()
}

/// What lies in the folder of logs.
fn remembered(folder: &Path) -> Result<HashMap<String, Arc<Mutex<Seen>>>, FolderError> {
    let mut logs = HashMap::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        // One that was being written when the program ended was not cosigned.
        if path.extension().is_some() {
            continue;
        }
        let damaged = |what: &dyn std::fmt::Display| {
            FolderError::Files(format!(
                "{}: what was remembered is damaged ({what}). Without it this witness could contradict itself: begin anew with another key",
                path.display()
            ))
        };
        let bytes = note(&path)?.unwrap_or_default();
        let checkpoint = Note::read(&bytes).and_then(|note| Checkpoint::read(&note.text)).map_err(|error| damaged(&error))?;
        if path.file_name().and_then(|name| name.to_str()) != Some(&file_name(&checkpoint.origin)) {
            return Err(damaged(&"it is of another log"));
        }
        let seen = Seen { size: checkpoint.size, root: checkpoint.root };
        logs.insert(checkpoint.origin, Arc::new(Mutex::new(seen)));
    }
    Ok(logs)
}
