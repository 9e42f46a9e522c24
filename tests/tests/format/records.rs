//! The log of a case whose records were held, released and erased.

use std::collections::BTreeSet;
use std::process::Command as Process;

use engine::digest::Hash;
use engine::journal::codec::erased;
use engine::journal::event::Event;
use engine::journal::{Actor, Command};
use engine::model::Values;
use serde_json::json;

use super::log::{Case, Log, Told, person, post, text, values};

/// A case that ends as it begins, and what was said of its records afterwards.
pub(super) fn records() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let (owner, officer, via) = (&Actor::Person(person(2)), &Actor::Person(person(3)), &post());
    let definition = Hash::of(b"svc.refund");
    let command = Command::StartInstance { process: text("svc.refund"), definition: None, number: None, data: Values::new() };
    let started = Event::InstanceStarted {
        definition,
        process: text("svc.refund"),
        number: None,
        caller: None,
        calls: [].into(),
        norms: [].into(),
        data: values([("applicant", json!("Asha"))]),
    };
    let told = Told { actor: owner, via: Some(via), command, case: Some(Case::New) };
    let instance = log.tell(told, Some(definition), &[started, Event::InstanceCompleted]);
    let mut tell = |actor: &Actor, command: Command, event: Event| {
        log.tell(Told { actor, via: Some(via), command, case: Some(Case::Old(instance)) }, Some(definition), &[event])
    };
    let reason = || text("The appeal was dismissed");
    let (names, ground, authority) = (vec![text("applicant")], text("Retention ended"), text("Order 7/2037"));
    let held = text("Appeal 44/2027");
    tell(owner, Command::HoldRecords { instance, ground: held.clone() }, Event::RecordsHeld { ground: held });
    tell(officer, Command::ReleaseRecords { instance, reason: reason() }, Event::RecordsReleased { reason: reason() });
    let propose =
        || Command::ProposeErasure { instance, names: names.clone(), ground: ground.clone(), authority: authority.clone() };
    let proposed = || Event::ErasureProposed { names: names.clone(), ground: ground.clone(), authority: authority.clone() };
    let proposal = tell(owner, propose(), proposed());
    tell(
        officer,
        Command::RejectErasure { instance, proposal, reason: reason() },
        Event::ErasureRejected { proposal, reason: reason() },
    );
    let proposal = tell(owner, propose(), proposed());
    tell(
        officer,
        Command::ApproveErasure { instance, proposal },
        Event::ValuesErased { proposal, names: names.clone(), ground: ground.clone(), authority: authority.clone() },
    );
    log
}

#[test]
fn a_stranger_reads_what_was_erased_from_the_same_lists() {
    let lists: [(&str, &[&str]); 11] = [
        (r#"{"events":[{"event":"values.erased","names":["a","b"]},{"event":"values.erased","names":["c"]}]}"#, &["a", "b", "c"]),
        (r#"{"events":[{"event":"values.erased","names":"ab"},{"event":"values.erased","names":["c"]}]}"#, &["c"]),
        (r#"{"events":[{"event":"values.erased","names":["a",1]},7,{"event":"values.erased","names":["c"]}]}"#, &["c"]),
        (r#"{"events":[{"event":"values.erased"},{"event":"values.erased","names":null}]}"#, &[]),
        (r#"{"events":[{"event":"erasure.proposed","names":["a"]},{"names":["b"]}]}"#, &[]),
        (r#"{"events":{"event":"values.erased","names":["a"]}}"#, &[]),
        (r#"{"events":[]}"#, &[]),
        ("{}", &[]),
        ("[]", &[]),
        ("7", &[]),
        ("no JSON", &[]),
    ];
    let golden = tests::top().join("tests/golden");
    for (list, expected) in lists {
        let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(erased(list), expected, "{list}");
        let script = "import json, sys, check_bundle; print(json.dumps(sorted(check_bundle.erased(sys.argv[1]))))";
        let Ok(output) = Process::new("python3").args(["-c", script, list]).env("PYTHONPATH", &golden).output() else {
            return tests::skip("the independent verifier of bundles needs python3");
        };
        let said: BTreeSet<String> = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{list}: {}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(said, expected, "{list}");
    }
}
