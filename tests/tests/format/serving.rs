//! The log of a site that says which program served, and when nothing was signed.

use engine::digest::Hash;
use engine::journal::event::{Event, Gap, LogWaited, Started};
use engine::journal::{Actor, Command};
use engine::model::Time;

use super::log::{Log, Told};

/// A program starts on two nodes; then the signer is away, while two logs grow of which one is new.
pub(super) fn serving() -> Log {
    let mut log = Log::new("office.example/site/1");
    let mut tell = |command: Command, event: Event| {
        log.tell(Told { actor: &Actor::System, via: None, command, case: None }, None, &[event]);
    };
    for node in ["desk-1 127.0.0.1:8080", "desk-2 10.0.0.2:8080"] {
        let started = Started { version: "1.2.3".to_owned(), program: Hash::of(b"the program"), node: node.to_owned() };
        tell(Command::NoteStart(started.clone()), Event::SoftwareStarted(started));
    }
    let at = |text: &str| Time::parse(text).expect("an instant");
    let waited = |log: &str, before, after| LogWaited { log: format!("office.example/{log}"), before, after };
    let logs = vec![waited("site/1", 2, 3), waited("unit/mumbai-3/2", 0, 7)];
    let gap = Gap { from: at("2026-11-22T04:00:01Z"), to: at("2026-11-22T05:00:00.25Z"), logs };
    tell(Command::NoteGap(gap.clone()), Event::SealGap(gap));
    log
}
