//! `documents`: a process from its draft to issue, acknowledgement and withdrawal, by nothing but the command line.

use std::process::Output;

use serde_json::{Value, json};

use super::online::definition;
use crate::program::{Program, json as told, run};

const NAMED: &str = "process/cli.trip";

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_document_lives_by_the_command_line() {
    let dir = tempfile::tempdir().expect("a directory");
    let program = Program::serve(dir.path().join("office.db"), &["--demo"]);
    let path = |name: &str| dir.path().join(name).to_str().expect("a path").to_owned();
    let write = |name: &str, value: &Value| {
        std::fs::write(path(name), value.to_string()).expect("the file");
        path(name)
    };
    let by = |actor: &str, arguments: &[&str]| {
        run(&[&["documents"], arguments, &["--server", &program.address, "--actor", actor]].concat())
    };
    let done = |actor: &str, arguments: &[&str]| {
        let output = by(actor, arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        said(&output)
    };
    let refused = |actor: &str, arguments: &[&str], code: &str| {
        let output = by(actor, arguments);
        assert!(output.status.code() == Some(1) && said(&output).contains(&format!("({code})")), "{arguments:?}: {output:?}");
    };
    // Two who may write, approve and issue.
    let (author, approver) = ("m-desai", "n-joseph");

    assert_eq!(done(author, &["control"]), "off\n");
    // Unfinished, it is saved all the same, and says what is wrong.
    let mut wrong = definition();
    wrong["steps"][1]["next"] = json!("nowhere");
    let told_wrong = done(author, &["draft", &write("wrong.json", &wrong)]);
    assert!(told_wrong.starts_with("process/cli.trip  draft  saved 20") && told_wrong.contains("error"), "{told_wrong}");
    refused(author, &["submit", NAMED], "definition.invalid");
    let file = write("trip.json", &definition());
    refused(author, &["draft", &file], "draft.exists");
    let over = told(&by(author, &["show", NAMED, "--json"]))["hash"].as_str().expect("a hash").to_owned();
    let saved = by(author, &["draft", &file, "--over", &over, "--key", "draft-1", "--json"]);
    let hash = told(&saved)["hash"].as_str().expect("a hash").to_owned();
    let again = by(author, &["draft", &file, "--over", &over, "--key", "draft-1", "--json"]);
    assert_eq!(told(&again), told(&saved), "it is done once");
    let this = format!("{NAMED}@{hash}");

    // Sent, returned, sent again, and approved by somebody else, who says what was read.
    assert!(done(author, &["submit", &this]).starts_with("sent: entry "));
    assert!(done(approver, &["return", NAMED, "--reason", "Name the form"]).starts_with("returned: entry "));
    let drafts = done(author, &["drafts"]);
    assert!(drafts.contains("process/cli.trip  draft") && drafts.contains("  returned: Name the form"), "{drafts}");
    done(author, &["submit", NAMED]);
    assert_eq!(by(approver, &["approve", NAMED]).status.code(), Some(2), "what was read is to be named");
    refused(approver, &["approve", &format!("{NAMED}@{over}")], "draft.stale");
    refused(author, &["approve", &this], "draft.own-approval");
    let shown = done(approver, &["show", NAMED, "--out", &path("read.json")]);
    assert!(shown.contains("  review  ") && shown.contains(&hash), "{shown}");
    assert_eq!(std::fs::read(path("read.json")).expect("it"), std::fs::read(&file).expect("it"), "byte for byte");
    done(approver, &["approve", &this]);

    // Issued with copies, acknowledged by those who have them.
    let issue = ["issue", NAMED, "--reason", "Notification 12/2026", "--role", "quality-coordinator", "--review", "2099-04-01"];
    assert!(done(author, &issue).starts_with("issued: entry "));
    let listed = || done(author, &["list", "--kind", "process"]);
    // It is in force by itself, a moment later.
    let begun = std::time::Instant::now();
    while !listed().contains("process/cli.trip  issue 1.0 from ") {
        assert!(begun.elapsed().as_secs() < 60, "{}", listed());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(listed().contains("review 2099-04-01") && !listed().contains("norm/"), "{}", listed());
    let sheet = done(author, &["issues", NAMED]);
    assert!(
        sheet.starts_with("issue 1.0 from 20") && sheet.contains("  in-force  ") && sheet.contains("  not acknowledged"),
        "{sheet}"
    );
    assert!(done(author, &["acknowledge", NAMED]).starts_with("acknowledged: entry "));
    let sheet = by(author, &["issues", NAMED, "--json"]);
    let copies = told(&sheet)["items"][0]["copies"].clone();
    let has_read = |copy: &Value| copy["acknowledged"].as_array().is_some_and(|all| !all.is_empty());
    assert!(copies.as_array().expect("copies").iter().any(has_read), "{copies}");
    refused("u-yadav", &["acknowledge", NAMED], "actor.not-allowed");

    // Reviewed, and withdrawn; another draft is given up.
    assert!(done(author, &["review", NAMED, "--next", "2098-04-01", "--reason", "Nothing to change"]).starts_with("reviewed: "));
    assert!(listed().contains("review 2098-04-01"), "{}", listed());
    // What is begun does not show of what kind it is.
    let norm = json!({ "id": "cli.norm", "title": { "en": "A norm" }, "owner": { "post": definition()["owner"]["post"] } });
    let begun = done(author, &["draft", &write("norm.json", &norm), "--kind", "norm"]);
    assert!(begun.starts_with("norm/cli.norm  draft  "), "{begun}");
    done(author, &["draft", &write("trip2.json", &wrong)]);
    assert!(listed().contains("a draft"), "{}", listed());
    assert!(done(author, &["discard", NAMED]).starts_with("discarded: entry "));
    assert!(done(author, &["withdraw", NAMED, "--reason", "No longer done"]).starts_with("withdrawn: entry "));
    assert!(listed().contains("process/cli.trip  withdrawn"), "{}", listed());

    for (wrong, code) in [
        (&["submit", "cli.trip"][..], 2),
        (&["issue", NAMED], 2),
        (&["review", NAMED, "--next", "soon", "--reason", "x"], 2),
        (&["control", "perhaps"], 2),
        (&["draft", "/none"], 3),
        (&["draft", &write("norm.json", &norm)], 2),
        (&["withdraw", &this, "--reason", "x"], 2),
        (&["discard", NAMED, "--key", "k"], 2),
        (&["acknowledge", NAMED, "--key", "k"], 2),
        (&["show", "process/none"], 1),
    ] {
        assert_eq!(by(author, wrong).status.code(), Some(code), "{wrong:?}");
    }
    let refused = by("u-yadav", &["withdraw", NAMED, "--reason", "x", "--json"]);
    assert_eq!((refused.status.code(), told(&refused)["code"].is_string()), (Some(1), true), "{refused:?}");
}
