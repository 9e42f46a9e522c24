//! The log of a site that says how the signer's key was changed, that logs were begun anew, and what recovery officers have signed.

use engine::digest::Hash;
use engine::journal::event::{
    EpochDeclared, EpochReason, Event, KeyChange, KeyRotated, LogEnded, LogSigned, RecoveryDeclared, RecoveryStated,
};
use engine::journal::{Actor, Command};
use engine::model::Time;

use super::log::{Log, Told};

/// Recovery keys are declared, the key is changed by plan, it is stolen, officers sign that, and the database is put back.
pub(super) fn keys() -> Log {
    let mut log = Log::new("office.example/site/1");
    let mut tell = |change: KeyChange| {
        let event = match change.clone() {
            KeyChange::Rotated(change) => Event::KeyRotated(change),
            KeyChange::Declared(change) => Event::EpochDeclared(change),
            KeyChange::Recovery(change) => Event::RecoveryDeclared(change),
            KeyChange::Stated(change) => Event::RecoveryStated(change),
        };
        let command = Command::NoteKeyChange(change);
        log.tell(Told { actor: &Actor::System, via: None, command, case: None }, None, &[event]);
    };
    let time = Time::parse("2026-11-22T05:00:00.25Z").expect("an instant");
    let of = |log: &str, size| LogSigned { log: format!("office.example/{log}"), size, root: Hash::of(log.as_bytes()) };
    let ended = |name: &str, size, next: &str| {
        let LogSigned { log, size, root } = of(name, size);
        LogEnded { log, size, root, next: format!("office.example/{next}") }
    };
    let keys = (1..4).map(|number| format!("recovery-{number}.example+0{number}a2c3d4+AQ==")).collect();
    tell(KeyChange::Recovery(RecoveryDeclared { time, quorum: 2, keys }));
    let (old, new) = ("office.example+01020304+AQ==".to_owned(), "office.example+05060708+AQ==".to_owned());
    let logs = vec![of("site/1", 3), of("unit/mumbai-3/1", 7)];
    let note = "a note\n\n\u{2014} office.example AAAA\n".to_owned();
    tell(KeyChange::Rotated(KeyRotated { time, old, new: new.clone(), logs, note: note.clone() }));
    let logs = vec![ended("site/1", 4, "site/2"), ended("unit/mumbai-3/1", 9, "unit/mumbai-3/2")];
    let reason = "the machine of the signer was broken into, order 9/2027".to_owned();
    tell(KeyChange::Declared(EpochDeclared { time, why: EpochReason::NewKey, reason, key: new.clone(), logs }));
    tell(KeyChange::Stated(RecoveryStated { note }));
    let (why, logs) = (EpochReason::Restore, vec![ended("unit/mumbai-3/2", 12, "unit/mumbai-3/3")]);
    tell(KeyChange::Declared(EpochDeclared { time, why, reason: "the disk failed".to_owned(), key: new, logs }));
    log
}
