//! An office is carried over from one database to another, and served there.

use serde_json::Value;
use tests::postgres::database;

use super::online::{UNIT, definition};
use crate::program::{Program, json, run};

/// What `move` tells of the logs.
fn moved(from: &str, to: &str) -> Value {
    let output = run(&["move", "--from", from, "--to", to, "--json"]);
    assert!(output.status.success(), "{output:?}");
    json(&output)["units"].clone()
}

#[test]
fn an_office_moves_to_postgres_and_back() {
    let Some(postgres) = database() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let file = |name: &str| format!("sqlite://{}", dir.path().join(name).display());
    let (first, last) = (file("first.db"), file("last.db"));
    let program = Program::serve(&first, &["--demo"]);
    program.terminate().expect("it stops");

    let logs = moved(&first, &postgres);
    assert!(
        logs.as_array().is_some_and(|logs| logs.len() == 3 && logs.iter().all(|log| log["entries"].as_u64() > Some(0))),
        "{logs}"
    );
    let again = run(&["move", "--from", &first, "--to", &postgres]);
    assert_eq!(again.status.code(), Some(1), "what is there is not written over");
    assert!(String::from_utf8_lossy(&again.stderr).contains("must be empty"), "{again:?}");
    assert!(run(&["rebuild", "--database", &postgres, "--check"]).status.success());

    // It goes on there, on two nodes, each step at another.
    let (one, other) = (Program::serve(&postgres, &[]), Program::serve(&postgres, &[]));
    let file_of = dir.path().join("trip.json");
    std::fs::write(&file_of, definition().to_string()).expect("the file");
    let ask = |node: &Program, actor: &str, arguments: &[&str]| {
        let done = run(&[arguments, &["--server", &node.address, "--actor", actor, "--json"]].concat());
        assert!(done.status.success(), "{done:?}");
        json(&done)
    };
    ask(&one, "m-desai", &["deploy", file_of.to_str().expect("a path"), "--unit", UNIT]);
    let started = ask(&other, "kavita-rao", &["start", "cli.trip", "--unit", UNIT]);
    let task = started["tasks"][0].as_str().expect("a task");
    let done = ask(&one, "u-yadav", &["complete", task, "--claim", "--data", r#"{"word":"yes"}"#]);
    assert_eq!(done["status"], "completed");
    let inbox = |node| ask(node, "m-desai", &["tasks", "--unit", UNIT]);
    assert_eq!(inbox(&one), inbox(&other));
    for program in [one, other] {
        assert!(program.terminate().is_some_and(|(status, _)| status.success()));
    }

    let (logs, back) = (logs, moved(&postgres, &last));
    for (before, after) in logs.as_array().expect("logs").iter().zip(back.as_array().expect("logs")) {
        assert_eq!(before["unit"], after["unit"]);
        assert_eq!(before["root"] == after["root"], before["entries"] == after["entries"], "{before} {after}");
    }
    assert!(run(&["rebuild", "--database", &last, "--check"]).status.success());
}
