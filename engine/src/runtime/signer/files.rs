//! The signer's folder: the key and the state, for its own eyes; and what it shows.

use std::fs;
use std::path::Path;

use super::{SignerError, State, VERSION};
use crate::evidence::PrivateKey;
use crate::runtime::folder::{Folder, failed, note, replace};

const STATE: &str = "state.json";
/// The folder of what is shown, with a folder for each log and epoch, such as `log/unit/mumbai-3/1`.
pub const PUBLISHED: &str = "log";
/// The newest checkpoint of a log.
pub const CHECKPOINT: &str = "checkpoint";
/// The declaration with which an epoch began.
pub const RESTORE: &str = "restore";
/// The newest checkpoint of a log that two keys have signed: with it the one handed over to the other.
pub const ROTATION: &str = "rotation";
/// Which key is in force for which sizes, and what was lost, as lines of a policy; it lies beside the folders of the logs. Whoever relies on it
/// holds it against the paper.
pub const POLICY: &str = "policy";
/// The witnesses that are asked, as lines of a policy; it lies beside the folders of the logs.
pub const WITNESSES: &str = "witnesses";
/// The folder of what the signer says of its own absences; it lies beside the folders of the logs.
pub const GAPS: &str = "gaps";
/// The folder of what the signer says of the life of its key, and recovery officers beside it; it lies beside the folders of the logs.
pub const CHANGES: &str = "keys";
/// The log's public key. Whoever relies on it has it from somewhere else too.
pub const VKEY: &str = "vkey";

/// The folder, locked.
#[derive(Debug)]
pub(super) struct Files(Folder);

impl Files {
    /// Writes a new key and an empty state. A key that is there is never written over.
    pub(super) fn init(folder: &Path, key: &PrivateKey, state: &State) -> Result<(), SignerError> {
        let bytes = written(state)?;
        // The state first: a key without a state is refused, a state without a key is no danger.
        Ok(Folder::init(folder, STATE, &key.secret(), |folder| replace(&folder.join(STATE), 0o600, &bytes))?)
    }

    /// Takes the folder and reads key and state.
    pub(super) fn open(folder: &Path) -> Result<(Self, PrivateKey, State), SignerError> {
        let (folder, mut key) = Folder::open(folder, "sevottam sign --init")?;
        let state: State = serde_json::from_slice(&folder.secret(STATE)?)
            .map_err(|error| SignerError::Files(format!("{}: {error}", folder.join(STATE).display())))?;
        if !(1..=VERSION).contains(&state.v) {
            return Err(SignerError::Files(format!("{}: written by a newer program", folder.join(STATE).display())));
        }
        // The state decides which key is in force: it was on the disk before anything was shown that the new one had signed.
        if let Some(next) = folder.prepared()? {
            if PrivateKey::read(&next).is_ok_and(|next| state.key == Some(next.key().to_string())) {
                folder.change()?;
                key = next;
            } else {
                folder.give_up()?;
            }
        }
        let key = PrivateKey::read(&key)?;
        if state.key.as_ref().is_some_and(|in_force| *in_force != key.key().to_string()) {
            return Err(SignerError::Files(format!(
                "{}: this is not the key that the state says is in force. One of the two was put back from a copy",
                folder.join("key").display()
            )));
        }
        Ok((Self(folder), key, state))
    }

    /// Puts a new state in the place of the old one: whole, and on the disk when this returns.
    pub(super) fn remember(&self, state: &State) -> Result<(), SignerError> {
        Ok(replace(&self.0.join(STATE), 0o600, &written(state)?)?)
    }

    /// Has another key on the disk. Until [`Files::change`] it is not in force, but for a state that names it.
    pub(super) fn prepare(&self, key: &PrivateKey) -> Result<(), SignerError> {
        Ok(self.0.prepare(&key.secret())?)
    }

    /// The key that was prepared takes the place of the other, which is destroyed.
    pub(super) fn change(&self) -> Result<(), SignerError> {
        Ok(self.0.change()?)
    }

    /// Shows a note.
    pub(super) fn publish(&self, log: &str, name: &str, text: &str) -> Result<(), SignerError> {
        let folder = self.0.join(PUBLISHED).join(log);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        Ok(replace(&folder.join(name), 0o644, text.as_bytes())?)
    }

    /// What is shown, if anything is.
    pub(super) fn published(&self, log: &str, name: &str) -> Result<Option<Vec<u8>>, SignerError> {
        Ok(note(&self.0.join(PUBLISHED).join(log).join(name))?)
    }
}

fn written(state: &State) -> Result<Vec<u8>, SignerError> {
    serde_json::to_vec(state).map_err(|error| SignerError::Files(error.to_string()))
}
