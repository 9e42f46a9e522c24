//! Scenarios acted out again by the program: those that ship come to their end, and what differs is told with its place.

use serde_json::{Value, json};

use crate::program::run;

#[test]
fn scenarios_are_played_again() {
    let folder = tests::top().join("tests/scenarios");
    let file = |name: &str| folder.join(name).to_str().expect("a path").to_owned();
    let (refund, nc) = (file("svc.refund.no-answer.json"), file("sqm.nc.closed.json"));
    let moved = file("sqm.missed-run.moved.json");
    let definitions = tests::top().join("definitions");
    for from in [&[][..], &["--definitions", definitions.to_str().expect("a path")]] {
        let mut words = vec!["replay", &refund, &nc, &moved];
        words.extend(from);
        let output = run(&words);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!((output.status.code(), said.matches(": as it was\n").count()), (Some(0), 3), "{output:?}");
    }
    // Another end, another step, another office.
    let dir = tempfile::tempdir().expect("a directory");
    let good: Value = serde_json::from_str(&std::fs::read_to_string(&refund).expect("the file")).expect("JSON");
    let changed = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).expect(pointer) = value;
        changed
    };
    for (scenario, told) in [
        (changed("/end", json!("cancelled")), "/end: the case is completed"),
        (changed("/steps/0/expect/open/0", json!("pay")), "/steps/0: open is [\"receive\"], not [\"pay\"]"),
        (changed("/steps/1/actor", json!("f-khan")), "/steps/1: it is refused: task.not-allowed"),
        (changed("/start/data", json!({})), "the start is refused: form.invalid"),
        (changed("/start/actor", json!("nobody")), "the start is refused: person.unknown"),
    ] {
        let path = dir.path().join("changed.json");
        std::fs::write(&path, scenario.to_string()).expect("the file");
        let output = run(&["replay", path.to_str().expect("a path")]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(told), "{told}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("1 of 1 differ"), "{output:?}");
    }
    // The version to which a case is moved lies beside the scenario.
    let path = dir.path().join("alone.json");
    std::fs::copy(&moved, &path).expect("the file");
    let output = run(&["replay", path.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("amended/sqm.missed-run.json cannot be read"), "{output:?}");
    let output = run(&["replay", &file("README.md")]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}
