//! Subcommands that need no server.

use serde_json::Value;

use crate::program::{Program, json, run};

const SUBCOMMANDS: [&[&str]; 22] = [
    &["serve"],
    &["check"],
    &["deploy"],
    &["schedule"],
    &["schedule", "preview"],
    &["calendar"],
    &["calendar", "import"],
    &["calendar", "export"],
    &["start"],
    &["tasks"],
    &["complete"],
    &["export"],
    &["rebuild"],
    &["backup"],
    &["sign"],
    &["witness"],
    &["migrate"],
    &["move"],
    &["rehearse"],
    &["schema"],
    &["openapi"],
    &["bench"],
];
const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/processes/svc.refund.json");

#[test]
fn every_subcommand_has_help_with_its_exit_codes() {
    for subcommand in SUBCOMMANDS {
        let output = run(&[subcommand, &["--help"][..]].concat());
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{subcommand:?}: {output:?}");
        assert!(text.contains("Usage:") && text.contains("Exit codes:"), "{subcommand:?}: {text}");
    }
    assert_eq!(run(&["no-such-thing"]).status.code(), Some(2));
    assert_eq!(run(&["start"]).status.code(), Some(2));
}

#[test]
fn a_good_definition_passes() {
    let output = run(&["check", GOOD, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(json(&output)["errors"], 0);
}

#[test]
fn a_bad_definition_fails_with_every_problem_and_its_place() {
    let dir = tempfile::tempdir().expect("a directory");
    let bad = dir.path().join("bad.json");
    let good = std::fs::read_to_string(GOOD).expect("the definition");
    let mut document: Value = serde_json::from_str(&good).expect("JSON");
    document["steps"][0]["next"] = "nowhere".into();
    std::fs::write(&bad, document.to_string()).expect("the file");
    let bad = bad.to_str().expect("a path");

    let output = run(&["check", GOOD, bad, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let told = json(&output);
    let problem = &told["files"][1]["problems"][0];
    assert_eq!(told["files"][0]["problems"], serde_json::json!([]));
    assert_eq!(problem["severity"], "error");
    assert!(problem["pointer"].as_str().is_some_and(|pointer| pointer.starts_with("/steps/0")), "{told}");
    assert!(problem["code"].is_string() && problem["message"].is_string());

    let output = run(&["check", bad]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("bad.json:/steps/0"), "{text}");
    assert_eq!(run(&["check", "/no/such/file.json"]).status.code(), Some(3));
}

#[test]
fn the_schema_is_a_schema() {
    for kind in ["process", "norm", "calendar", "schedule", "page"] {
        let output = run(&["schema", kind]);
        assert!(output.status.success());
        assert_eq!(json(&output)["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(json(&output)["title"].as_str().is_some_and(|title| title.contains(kind)), "{kind}");
    }
    assert_eq!(run(&["schema"]).stdout, run(&["schema", "process"]).stdout);
    assert_eq!(run(&["schema", "letter"]).status.code(), Some(2));
}

#[test]
fn other_people_are_not_served_unless_someone_signs_them_in() {
    for arguments in [
        vec!["serve", "--listen", "0.0.0.0:0"],
        vec!["serve", "--listen", "0.0.0.0:0", "--demo"],
        vec!["serve", "--listen", "[::]:0", "--demo", "--trust-actor-header-from", "10.0.0.0/8"],
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        let database = dir.path().join("none.db");
        let output = run(&[&arguments[..], &["--database", database.to_str().expect("a path")]].concat());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text.starts_with("Refusing to listen on"), "{text}");
        assert!(!database.exists());
    }
}

#[test]
fn a_database_is_exported_and_rebuilt() {
    let dir = tempfile::tempdir().expect("a directory");
    let database = dir.path().join("office.db");
    let program = Program::serve(&database, &["--demo"]);
    program.terminate().expect("it stops");
    let database = database.to_str().expect("a path");

    let output = run(&["rebuild", "--database", database, "--check", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told = json(&output);
    assert_eq!(told["same"], true);
    let units: Vec<_> = told["units"].as_array().expect("units").iter().map(|unit| unit["unit"].clone()).collect();
    assert_eq!(units, ["demo-commissionerate", "demo-tehsil", "site"]);
    assert!(run(&["rebuild", "--database", database]).status.success());

    let output = run(&["export", "--database", database, "--unit", "demo-commissionerate"]);
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let (head, entries) = lines.split_last().expect("lines");
    assert_eq!(head["head"]["size"], entries.len());
    let leaves = entries.iter().map(|entry| engine::digest::leaf_hash(entry["leaf"].as_str().expect("a leaf").as_bytes()));
    let leaves: Vec<engine::digest::Hash> = leaves.collect();
    assert_eq!(head["head"]["root"], engine::digest::root_of(&leaves).to_string());
    assert!(entries.iter().zip(0..).all(|(entry, index)| entry["index"] == index && entry["payloads"][0]["name"] == "events"));

    assert_eq!(run(&["export", "--database", database, "--unit", "no-such-unit"]).status.code(), Some(1));
    assert_eq!(run(&["rebuild", "--database", "/no/such.db", "--check"]).status.code(), Some(3));
}
