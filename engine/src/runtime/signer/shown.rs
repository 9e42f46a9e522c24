//! What a signer shows of all its logs, read by others: without its lock, its key or its state.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::SignerError;
use super::files::{CHECKPOINT, VKEY};
use crate::evidence::{Anchor, Key, Note};
use crate::model::UnitId;
use crate::runtime::folder::failed;

/// The anchor of the checkpoints below a folder of [`super::PUBLISHED`], and the key under the host's name that has signed them: the one that
/// is shown beside them, so that whoever relies on it holds it against the paper.
///
/// # Errors
/// When nothing is shown, or something that cannot be read or is not signed by this key.
pub fn shown(folder: &Path) -> Result<(Anchor, Key), SignerError> {
    let mut logs = epochs(&folder.join(UnitId::SITE))?;
    // The site's log is signed first of all, and keeps its first name's folder whatever is restored.
    let Some(site) = logs.first().filter(|log| log.ends_with("1")) else {
        return Err(SignerError::Files(format!("{}: nothing that is signed is shown here", folder.display())));
    };
    let key = Key::read(text(&site.join(VKEY))?.trim_end())?;
    let host = key.name().strip_suffix(&format!("/{}/1", UnitId::SITE));
    let key = host.map(|host| key.named(host)).ok_or_else(|| {
        SignerError::Files(format!("{}: this is the key of {}, not of the site's log", site.join(VKEY).display(), key.name()))
    })?;
    for unit in folders(&folder.join("unit"))? {
        logs.extend(epochs(&unit)?);
    }
    let notes = logs.iter().map(|log| Ok(Note::read(text(&log.join(CHECKPOINT))?.as_bytes())?));
    let notes: Vec<Note> = notes.collect::<Result<_, SignerError>>()?;
    Ok((Anchor::new(notes, &key)?, key))
}

/// The folders of a log's epochs of which a checkpoint is shown: a new one has its key a moment before.
fn epochs(log: &Path) -> Result<Vec<PathBuf>, SignerError> {
    Ok(folders(log)?.into_iter().filter(|epoch| epoch.join(CHECKPOINT).is_file()).collect())
}

/// The folders in a folder, in the order of their names.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, SignerError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed(folder))?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths: Vec<PathBuf> = paths.map_err(failed(folder))?.into_iter().filter(|path| path.is_dir()).collect();
    paths.sort();
    Ok(paths)
}

fn text(path: &Path) -> Result<String, SignerError> {
    Ok(fs::read_to_string(path).map_err(failed(path))?)
}
