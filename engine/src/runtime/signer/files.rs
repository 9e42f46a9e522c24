//! The signer's folder: the key and the state, for its own eyes; and what it shows.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::{SignerError, State};
use crate::evidence::PrivateKey;
use crate::model::limits::NOTE_BYTES_MAX;
use crate::store::lock::Lock;

const KEY: &str = "key";
const STATE: &str = "state.json";
const LOCK: &str = "lock";
/// The folder of what is shown, with a folder for each log and epoch, such as `log/unit/mumbai-3/1`.
pub const PUBLISHED: &str = "log";
/// The newest checkpoint of a log.
pub const CHECKPOINT: &str = "checkpoint";
/// The declaration with which an epoch began.
pub const RESTORE: &str = "restore";
/// The log's public key. Whoever relies on it has it from somewhere else too.
pub const VKEY: &str = "vkey";

/// The folder, locked.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    _lock: Lock,
}

pub(super) fn failed(path: &Path) -> impl Fn(std::io::Error) -> SignerError + '_ {
    move |error| SignerError::Files(format!("{}: {error}", path.display()))
}

impl Files {
    /// Writes a new key and an empty state. A key that is there is never written over.
    pub(super) fn init(folder: &Path, key: &PrivateKey, state: &State) -> Result<(), SignerError> {
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let files = Self::lock(folder)?;
        let path = folder.join(KEY);
        if path.exists() || folder.join(STATE).exists() {
            return Err(SignerError::Files(format!("{}: there is a key or a state already", folder.display())));
        }
        // The state first: a key without a state is refused, a state without a key is no danger.
        files.remember(state)?;
        write_new(&path, 0o600, format!("{}\n", key.secret()).as_bytes())?;
        sync(folder)
    }

    /// Takes the folder and reads key and state.
    pub(super) fn open(folder: &Path) -> Result<(Self, PrivateKey, State), SignerError> {
        if !folder.join(KEY).exists() {
            return Err(SignerError::Files(format!(
                "{}: there is no key here; make one with sevottam sign --init",
                folder.display()
            )));
        }
        let files = Self::lock(folder)?;
        let key = String::from_utf8(files.secret(KEY)?).map_err(|_| SignerError::Files("the key is not text".to_owned()))?;
        let key = PrivateKey::read(key.trim_end())?;
        let state = files.secret(STATE)?;
        let state: State = serde_json::from_slice(&state)
            .map_err(|error| SignerError::Files(format!("{}: {error}", folder.join(STATE).display())))?;
        if state.v != 1 {
            return Err(SignerError::Files(format!("{}: written by a newer program", folder.join(STATE).display())));
        }
        Ok((files, key, state))
    }

    fn lock(folder: &Path) -> Result<Self, SignerError> {
        let path = folder.join(LOCK);
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed(&path))?;
        let lock = Lock::take(file).map_err(failed(&path))?;
        let lock = lock.ok_or_else(|| SignerError::Busy(folder.display().to_string()))?;
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    /// A file that nobody else may read or write.
    fn secret(&self, name: &str) -> Result<Vec<u8>, SignerError> {
        let path = self.folder.join(name);
        let mut file = File::open(&path).map_err(failed(&path))?;
        let mode = file.metadata().map_err(failed(&path))?.permissions().mode();
        if mode & 0o077 != 0 {
            let mode = mode & 0o777;
            return Err(SignerError::Files(format!("{}: its rights are {mode:o}, and must be 600: chmod 600", path.display())));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed(&path))?;
        Ok(bytes)
    }

    /// Puts a new state in the place of the old one: whole, and on the disk when this returns.
    pub(super) fn remember(&self, state: &State) -> Result<(), SignerError> {
        let bytes = serde_json::to_vec(state).map_err(|error| SignerError::Files(error.to_string()))?;
        replace(&self.folder.join(STATE), 0o600, &bytes)
    }

    /// Shows a note.
    pub(super) fn publish(&self, log: &str, name: &str, text: &str) -> Result<(), SignerError> {
        let folder = self.folder.join(PUBLISHED).join(log);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        replace(&folder.join(name), 0o644, text.as_bytes())
    }

    /// What is shown, if anything is.
    pub(super) fn published(&self, log: &str, name: &str) -> Result<Option<Vec<u8>>, SignerError> {
        let path = self.folder.join(PUBLISHED).join(log).join(name);
        match File::open(&path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(NOTE_BYTES_MAX as u64).read_to_end(&mut bytes).map_err(failed(&path))?;
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path)(error)),
        }
    }
}

/// Writes a file beside, has it on the disk, and puts it in the place of another.
fn replace(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), SignerError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(&beside)(error)),
        _ => {}
    }
    write_new(&beside, mode, bytes)?;
    fs::rename(&beside, path).map_err(failed(path))?;
    sync(path.parent().unwrap_or(Path::new(".")))
}

fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), SignerError> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(mode).open(path).map_err(failed(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(path))
}

/// Has a folder's names on the disk.
fn sync(folder: &Path) -> Result<(), SignerError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}
