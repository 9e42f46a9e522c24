//! The texts under which a signer says what becomes of its key: those of the events, so that a note and the event beside it can be held against each other.

use super::event::{EpochDeclared, EpochReason, KeyChange, KeyRotated, LogEnded, LogSigned, RecoveryDeclared};
use crate::digest::Hash;

/// Second line of the text of a key that was changed by plan.
pub(crate) const ROTATED: &str = "change of key";
/// Of recovery keys.
pub(crate) const RECOVERY: &str = "recovery keys";

/// Second line of the text of new epochs, and of the declaration of each.
pub fn title(why: EpochReason) -> &'static str {
    match why {
        EpochReason::NewKey => "new key",
        EpochReason::Restore => "restore",
    }
}

/// The text that is signed under a host's name: host, title, time, reason or old key, new key, and a line for each log; of recovery keys host, title,
/// time, quorum, and a line for each key. What officers state is a note of its own, and has none.
pub fn text(change: &KeyChange, host: &str) -> Option<String> {
    let line = |log: &str, size: &u64, root: &Hash| format!("{log} {size} {root}\n");
    Some(match change {
        KeyChange::Rotated(KeyRotated { time, old, new, logs, .. }) => {
            let logs: String = logs.iter().map(|LogSigned { log, size, root }| line(log, size, root)).collect();
            format!("{host}\n{ROTATED}\n{time}\n{old}\n{new}\n{logs}")
        }
        KeyChange::Declared(EpochDeclared { time, why, reason, key, logs }) => {
            let logs: String = logs.iter().map(|LogEnded { log, size, root, .. }| line(log, size, root)).collect();
            format!("{host}\n{}\n{time}\n{reason}\n{key}\n{logs}", title(*why))
        }
        KeyChange::Recovery(RecoveryDeclared { time, quorum, keys }) => {
            let keys: Vec<&str> = keys.iter().flat_map(|key| [key.as_str(), "\n"]).collect();
            let keys = keys.concat();
            format!("{host}\n{RECOVERY}\n{time}\n{quorum}\n{keys}")
        }
        KeyChange::Stated(_) => return None,
    })
}

/// Whether the note of a key that was changed says what the event says beside it: a certificate tells of the one, verifiers rely on the other. Who has
/// signed it is not asked.
pub fn is_noted(change: &KeyRotated) -> bool {
    let host = change.note.lines().next().unwrap_or_default();
    let text = text(&KeyChange::Rotated(change.clone()), host).unwrap_or_default();
    let lines = change.note.strip_prefix(&text).and_then(|rest| rest.strip_prefix('\n'));
    // The text of a note ends with its last blank line.
    lines.is_some_and(|lines| lines.starts_with('\u{2014}') && !lines.contains("\n\n"))
}
