//! Subcommands that talk to a server, each a process of its own.

use std::time::Duration;

use serde_json::json;

use crate::program::{Program, json as told, run};

pub(super) const UNIT: &str = "demo-commissionerate";

/// A process of one task.
pub(super) fn definition() -> serde_json::Value {
    json!({
        "id": "cli.trip", "title": { "en": "Round trip" }, "owner": { "post": "refund-process-owner" },
        "data": { "word": { "type": "string" } },
        "forms": { "word": { "schema": { "type": "object", "properties": { "word": {} }, "required": ["word"] } } },
        "steps": [
            { "id": "asked", "type": "startEvent", "next": "answer" },
            { "id": "answer", "type": "userTask", "title": { "en": "Answer" }, "performer": { "role": "receipt-clerk" }, "form": "word",
              "outputs": ["word"], "next": "done" },
            { "id": "done", "type": "endEvent" }
        ]
    })
}

#[test]
fn a_case_from_definition_to_end() {
    let dir = tempfile::tempdir().expect("a directory");
    let program = Program::serve(dir.path().join("office.db"), &["--demo"]);
    let file = dir.path().join("trip.json");
    std::fs::write(&file, definition().to_string()).expect("the file");
    let file = file.to_str().expect("a path");
    let ask = |actor: &str, arguments: &[&str]| run(&[arguments, &["--server", &program.address, "--actor", actor]].concat());

    let refused = ask("u-yadav", &["deploy", file, "--unit", UNIT]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("(actor.not-allowed)"), "{refused:?}");
    let deployed = ask("m-desai", &["deploy", file, "--unit", UNIT]);
    assert!(deployed.status.success(), "{deployed:?}");

    let started = ask("kavita-rao", &["start", "cli.trip", "--unit", UNIT, "--key", "trip-1", "--json"]);
    assert!(started.status.success(), "{started:?}");
    let again = ask("kavita-rao", &["start", "cli.trip", "--unit", UNIT, "--key", "trip-1", "--json"]);
    assert_eq!(told(&started), told(&again));
    let task = told(&started)["tasks"][0].as_str().expect("a task").to_owned();

    let offered = ask("u-yadav", &["tasks", "--for", "offered", "--unit", UNIT]);
    assert!(String::from_utf8_lossy(&offered.stdout).contains(&task), "{offered:?}");
    let offered = ask("u-yadav", &["tasks", "--for", "mine", "--unit", UNIT, "--json"]);
    assert!(!offered.stdout.is_empty() && !String::from_utf8_lossy(&offered.stdout).contains(&task), "{offered:?}");

    let wrong = ask("u-yadav", &["complete", &task, "--claim", "--data", "{}"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("(form.invalid)"), "{wrong:?}");
    let wrong = ask("u-yadav", &["complete", &task, "--data", "{}", "--json"]);
    assert_eq!((wrong.status.code(), told(&wrong)["code"].as_str()), (Some(1), Some("form.invalid")));
    assert_eq!(ask("u-yadav", &["complete", &task, "--data", "no JSON"]).status.code(), Some(2));
    let done = ask("u-yadav", &["complete", &task, "--data", r#"{"word":"yes"}"#, "--json"]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(told(&done)["status"], "completed");

    let (status, took) = program.terminate().expect("it stops");
    assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
}

#[test]
fn nobody_answers() {
    let output = run(&["tasks", "--unit", UNIT, "--actor", "u-yadav", "--server", "http://127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let output = run(&["tasks", "--unit", UNIT, "--actor", "u-yadav", "--server", "not an address"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn an_idle_server_stops_at_once_and_its_database_is_free() {
    let dir = tempfile::tempdir().expect("a directory");
    let database = dir.path().join("office.db");
    for _ in 0..2 {
        let program = Program::serve(&database, &["--demo"]);
        // A connection that is kept open must not hold it up.
        let address = program.address.trim_start_matches("http://").to_owned();
        let idle = std::net::TcpStream::connect(address).expect("a connection");
        let (status, took) = program.terminate().expect("it stops");
        assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
        drop(idle);
    }
}
