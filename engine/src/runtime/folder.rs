//! A folder with a key in it: locked by the one process that uses it, its secrets for nobody else, whatever is put there whole and on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::model::limits::NOTE_BYTES_MAX;
use crate::store::lock::Lock;

const LOCK: &str = "lock";
const KEY: &str = "key";
/// The key that is about to take the place of the other.
const NEXT: &str = "key.next";

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file is not as it must be, or cannot be read or written.
    #[error("{0}")]
    Files(String),
    /// Another process has the folder.
    #[error("another process is at work in {0}")]
    Busy(String),
}

/// The folder, locked.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: Lock,
}

pub(super) fn failed(path: &Path) -> impl Fn(std::io::Error) -> FolderError + '_ {
    move |error| FolderError::Files(format!("{}: {error}", path.display()))
}

impl Folder {
    /// Makes the folder, which must have no key yet, nor what else lies beside a key. `begin` writes what a key needs; the key comes last, so that
    /// there is none without it.
    pub(super) fn init(
        path: &Path,
        beside: &str,
        secret: &str,
        begin: impl FnOnce(&Self) -> Result<(), FolderError>,
    ) -> Result<(), FolderError> {
        fs::create_dir_all(path).map_err(failed(path))?;
        let folder = Self::lock(path)?;
        if path.join(KEY).exists() || path.join(beside).exists() {
            return Err(FolderError::Files(format!("{}: there is a key or a state already", path.display())));
        }
        begin(&folder)?;
        write_new(&path.join(KEY), 0o600, format!("{secret}\n").as_bytes())?;
        sync(path)
    }

    /// Takes the folder and reads its key. `made_by` is the command that makes one.
    pub(super) fn open(path: &Path, made_by: &str) -> Result<(Self, String), FolderError> {
        if !path.join(KEY).exists() {
            return Err(FolderError::Files(format!("{}: there is no key here; make one with {made_by}", path.display())));
        }
        let folder = Self::lock(path)?;
        let key = String::from_utf8(folder.secret(KEY)?).map_err(|_| FolderError::Files("the key is not text".to_owned()))?;
        Ok((folder, key.trim_end().to_owned()))
    }

    fn lock(folder: &Path) -> Result<Self, FolderError> {
        let path = folder.join(LOCK);
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed(&path))?;
        let lock = Lock::take(file).map_err(failed(&path))?;
        let lock = lock.ok_or_else(|| FolderError::Busy(folder.display().to_string()))?;
        Ok(Self { path: folder.to_owned(), _lock: lock })
    }

    /// Has another key on the disk, beside the one in force.
    pub(super) fn prepare(&self, secret: &str) -> Result<(), FolderError> {
        replace(&self.path.join(NEXT), 0o600, format!("{secret}\n").as_bytes())
    }

    /// The key that was prepared, if any was.
    pub(super) fn prepared(&self) -> Result<Option<String>, FolderError> {
        if !self.path.join(NEXT).exists() {
            return Ok(None);
        }
        let text = String::from_utf8(self.secret(NEXT)?);
        Ok(Some(text.map_err(|_| FolderError::Files("the next key is not text".to_owned()))?.trim_end().to_owned()))
    }

    /// The key that was prepared takes the place of the other, which is written over first.
    pub(super) fn change(&self) -> Result<(), FolderError> {
        let (key, next) = (self.path.join(KEY), self.path.join(NEXT));
        write_over(&key)?;
        fs::rename(&next, &key).map_err(failed(&key))?;
        sync(&self.path)
    }

    /// The key that was prepared is given up: nothing was signed with it that anybody has seen.
    pub(super) fn give_up(&self) -> Result<(), FolderError> {
        let next = self.path.join(NEXT);
        write_over(&next)?;
        fs::remove_file(&next).map_err(failed(&next))?;
        sync(&self.path)
    }

    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// A file that nobody else may read or write.
    pub(super) fn secret(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        let path = self.path.join(name);
        let mut file = File::open(&path).map_err(failed(&path))?;
        let mode = file.metadata().map_err(failed(&path))?.permissions().mode();
        if mode & 0o077 != 0 {
            let mode = mode & 0o777;
            return Err(FolderError::Files(format!("{}: its rights are {mode:o}, and must be 600: chmod 600", path.display())));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed(&path))?;
        Ok(bytes)
    }
}

/// A note, if there is one; of a longer file, so much that it is none.
pub(super) fn note(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    bounded(path, NOTE_BYTES_MAX)
}

/// A file, if there is one; of a longer one, a byte more than is wanted.
pub(super) fn bounded(path: &Path, most: usize) -> Result<Option<Vec<u8>>, FolderError> {
    match File::open(path) {
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed(path))?;
            Ok(Some(bytes))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path)(error)),
    }
}

/// Writes a file beside, has it on the disk, and puts it in the place of another: whole, and on the disk when this returns.
pub(super) fn replace(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), FolderError> {
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

/// Puts zeros in the place of what is in a file. What a disk or a file system keeps of it elsewhere is not in our hands.
fn write_over(path: &Path) -> Result<(), FolderError> {
    let length = fs::metadata(path).map_err(failed(path))?.len();
    let zeros = vec![0; usize::try_from(length).unwrap_or(0)];
    let mut file = OpenOptions::new().write(true).open(path).map_err(failed(path))?;
    file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(failed(path))
}

fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), FolderError> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(mode).open(path).map_err(failed(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(path))
}

/// Has a folder's names on the disk.
fn sync(folder: &Path) -> Result<(), FolderError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}
