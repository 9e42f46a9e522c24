//! The log of a site that takes in what was signed of its units.

use engine::digest::Hash;
use engine::journal::codec::taken;
use engine::journal::event::{Event, LogSigned};
use engine::journal::{Actor, Command};

use super::log::{Log, Told};

/// One unit at first, then two, of which one was restored meanwhile.
pub(super) fn checkpoints() -> Log {
    let mut log = Log::new("office.example/site/1");
    let signed = |path: &str, size: u64| LogSigned {
        log: format!("office.example/unit/{path}"),
        size,
        root: Hash::of(format!("{path} {size}").as_bytes()),
    };
    for checkpoints in [vec![signed("mumbai-3/1", 7)], vec![signed("mumbai-3/2", 6), signed("pune/1", 120)]] {
        let command = Command::TakeCheckpoints { checkpoints: checkpoints.clone() };
        let told = Told { actor: &Actor::System, via: None, command, case: None };
        log.tell(told, None, &[Event::CheckpointsTaken { checkpoints }]);
    }
    log
}

#[test]
fn a_stranger_reads_what_was_taken_in_from_the_same_lists() {
    let root = "0".repeat(64);
    let one = format!(r#"{{"log":"a","size":7,"root":"{root}"}}"#);
    let of = |checkpoints: &str| format!(r#"{{"events":[{{"event":"checkpoints.taken","checkpoints":{checkpoints}}}]}}"#);
    let check = |list: &str, expected: usize| assert_eq!(taken(list).len(), expected, "{list}");
    check(&of(&format!("[{one}]")), 1);
    check(&of(&format!("[{one},{one}]")), 2);
    // What is not written so says nothing, and nothing beside it does.
    for wrong in ["{}", "7", r#"{"log":"a","size":7}"#, r#"{"log":"a","root":"0","size":7}"#] {
        check(&of(&format!("[{one},{wrong}]")), 0);
    }
    for (from, to) in [("7", "-1"), ("7", "7.0"), ("7", "true"), ("7", "\"7\""), ("\"a\"", "null"), ("}", ",\"more\":1}")] {
        check(&of(&format!("[{}]", one.replace(from, to))), 0);
    }
    check(&of("[]"), 0);
    check(&of("{}"), 0);
    check(&of(&format!("[{one}]")).replace("checkpoints.taken", "checkpoints.given"), 0);
    check("", 0);
    check("[]", 0);
    check("{}", 0);
}
