//! What a signer shows of all its logs, read by others: without its lock, its key or its state.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::SignerError;
use super::files::{CHECKPOINT, POLICY, VKEY};
use crate::evidence::bundle::{Policy, Ranged};
use crate::evidence::{Anchor, Key, Note};
use crate::model::UnitId;
use crate::runtime::folder::failed;

/// The anchor of the checkpoints below a folder of [`super::PUBLISHED`], and the newest key of the site's log under the host's name: keys are
/// those that are shown beside the logs, so that whoever relies on them holds them against the paper.
///
/// # Errors
/// When nothing is shown, or something that cannot be read or is not signed by one of these keys.
pub fn shown(folder: &Path) -> Result<(Anchor, Key), SignerError> {
    let (logs, mut keys) = beside(folder)?;
    let notes = logs.iter().map(|log| Ok(Note::read(text(&log.join(CHECKPOINT))?.as_bytes())?));
    let notes: Vec<Note> = notes.collect::<Result<_, SignerError>>()?;
    let anchor = Anchor::new(notes, &keys)?;
    Ok((anchor, keys.swap_remove(0)))
}

/// The keys that are shown, each under the host's name: those beside the logs, and those before them of which the policy tells.
///
/// # Errors
/// When nothing is shown, or something that cannot be read.
pub fn keys(folder: &Path) -> Result<Vec<Key>, SignerError> {
    let (_, mut keys) = beside(folder)?;
    let host = keys[0].name().to_owned();
    // Before a key was changed there is none.
    let policy = folder.join(POLICY);
    let ranged = if policy.is_file() { Policy::read(&text(&policy)?)?.ranged } else { Vec::new() };
    for Ranged { key, .. } in ranged {
        let is_of_host = key.name().strip_prefix(&host).is_some_and(|rest| rest.starts_with('/'));
        let key = key.named(&host);
        if is_of_host && !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// The folders of the logs, and the keys beside them: that of the site's newest epoch is the first, and there is one.
fn beside(folder: &Path) -> Result<(Vec<PathBuf>, Vec<Key>), SignerError> {
    let mut logs = epochs(&folder.join(UnitId::SITE))?;
    // The site's log is signed first of all, whichever its newest epoch is.
    let number = |log: &Path| log.file_name().and_then(|name| name.to_str()?.parse::<u64>().ok());
    let Some(site) = logs.iter().max_by_key(|log| number(log)).cloned() else {
        return Err(SignerError::Files(format!("{}: nothing that is signed is shown here", folder.display())));
    };
    for unit in folders(&folder.join("unit"))? {
        logs.extend(epochs(&unit)?);
    }
    let host = |log: &Path| -> Result<Key, SignerError> {
        let (file, path) = (log.join(VKEY), log.strip_prefix(folder).unwrap_or(log));
        let key = Key::read(text(&file)?.trim_end())?;
        let host = key.name().strip_suffix(&format!("/{}", path.display())).map(|host| key.named(host));
        host.ok_or_else(|| SignerError::Files(format!("{}: this is the key of {}, not of this log", file.display(), key.name())))
    };
    let mut keys = vec![host(&site)?];
    for log in &logs {
        let key = host(log)?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok((logs, keys))
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
