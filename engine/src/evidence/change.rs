//! What a signer says of the life of its key, as texts of signed notes: a key changed by plan, new epochs, the recovery keys. Recovery officers sign the
//! text of a new epoch too.

use super::bundle::Policy;
use super::{EvidenceError, Key, Note};
use crate::journal::change::{RECOVERY, ROTATED};
pub use crate::journal::change::{text, title};
use crate::journal::event::{
    EpochDeclared, EpochReason, KeyChange, KeyRotated, LogEnded, LogSigned, RecoveryDeclared, RecoveryStated,
};
use crate::model::Time;

/// Reads what [`text`] writes, and nothing else.
///
/// # Errors
/// `change.malformed`.
pub fn read(text: &str) -> Result<KeyChange, EvidenceError> {
    let host = text.lines().next().unwrap_or_default();
    let change = parts(text).filter(|change| self::text(change, host).as_deref() == Some(text));
    change.ok_or_else(|| malformed("its text is none of a change of a key, of new epochs, or of recovery keys"))
}

fn malformed(what: &str) -> EvidenceError {
    EvidenceError::new("change.malformed", format!("The note on a key is not well-formed: {what}."))
}

fn parts(text: &str) -> Option<KeyChange> {
    let mut lines = text.strip_suffix('\n')?.split('\n').skip(1);
    let (title, time, fourth) = (lines.next()?, Time::parse(lines.next()?)?, lines.next()?.to_owned());
    if title == RECOVERY {
        let (quorum, keys) = (fourth.parse().ok()?, lines.map(str::to_owned).collect());
        return Some(KeyChange::Recovery(RecoveryDeclared { time, quorum, keys }));
    }
    let key = lines.next()?.to_owned();
    let logs = lines.map(|line| {
        let mut words = line.split(' ');
        Some(LogSigned { log: words.next()?.to_owned(), size: words.next()?.parse().ok()?, root: words.next()?.parse().ok()? })
    });
    let logs: Vec<LogSigned> = logs.collect::<Option<_>>()?;
    if title == ROTATED {
        return Some(KeyChange::Rotated(KeyRotated { time, old: fourth, new: key, logs, note: String::new() }));
    }
    let why = [EpochReason::NewKey, EpochReason::Restore].into_iter().find(|why| self::title(*why) == title)?;
    let logs = logs.into_iter().map(|LogSigned { log, size, root }| {
        let (base, epoch) = super::bundle::epoch(&log)?;
        Some(LogEnded { next: format!("{base}/{}", epoch + 1), log, size, root })
    });
    Some(KeyChange::Declared(EpochDeclared { time, why, reason: fourth, key, logs: logs.collect::<Option<_>>()? }))
}

/// What a note says that a signer shows: of a key changed by plan, if both keys have signed it; of all else, if the key of which it tells has, or, of
/// recovery keys, any of those given. And what recovery officers of the policy state with it, where enough of them have signed.
///
/// # Errors
/// `change.malformed`, `note.no-key` or `note.signature`.
pub fn open(note: &Note, keys: &[Key], policy: &Policy) -> Result<Vec<KeyChange>, EvidenceError> {
    let mut change = read(&note.text)?;
    let host = note.text.lines().next().unwrap_or_default();
    let known = |text: &str| {
        let key = keys.iter().find(|key| key.name() == host && key.to_string() == text);
        key.cloned().ok_or_else(|| malformed("it names a key that is not this signer's"))
    };
    let by = |keys: &[Key]| -> Result<Note, EvidenceError> {
        for key in keys {
            note.verify(std::slice::from_ref(key))?;
        }
        // One line of each, so that whoever reads it takes in the same.
        let line = |key: &Key| note.signatures.iter().find(|line| key.is_of(line)).cloned();
        Ok(Note { text: note.text.clone(), signatures: keys.iter().filter_map(line).collect() })
    };
    let mut found = Vec::new();
    match &mut change {
        KeyChange::Rotated(rotated) => rotated.note = by(&[known(&rotated.old)?, known(&rotated.new)?])?.to_string(),
        KeyChange::Declared(declared) => {
            by(&[known(&declared.key)?])?;
            let officers = policy.recovery.iter().filter(|key| note.verify(std::slice::from_ref(key)).is_ok());
            let officers: Vec<Key> = officers.cloned().collect();
            if policy.recovery_quorum > 0 && officers.len() >= policy.recovery_quorum {
                found.push(KeyChange::Stated(RecoveryStated { note: by(&officers)?.to_string() }));
            }
        }
        _ => drop(note.verify(keys)?),
    }
    found.insert(0, change);
    Ok(found)
}
