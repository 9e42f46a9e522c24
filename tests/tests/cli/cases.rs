//! Running cases are moved by the command line: told first, named by a file, each once; with consent one at a time.

use serde_json::{Value, json};

use super::online::{UNIT, definition};
use crate::program::{Program, json as told, run};

/// The second version: the step is called otherwise, and has a term.
fn second() -> Value {
    let mut second = definition();
    second["steps"][0]["next"] = json!("reply");
    second["steps"][1]["id"] = json!("reply");
    second["steps"][1]["due"] = json!({ "after": "P2D" });
    second
}

/// The third: an applicant is asked something new.
fn third() -> Value {
    let mut third = second();
    third["steps"][1]["next"] = json!("ask");
    let ask = json!({ "id": "ask", "type": "userTask", "performer": { "role": "applicant" }, "form": "word", "next": "done" });
    third["steps"].as_array_mut().expect("steps").push(ask);
    third
}

#[test]
fn cases_are_moved_as_a_dry_run_named_them() {
    let dir = tempfile::tempdir().expect("a directory");
    let program = Program::serve(dir.path().join("office.db"), &["--demo"]);
    let path = |name: &str| dir.path().join(name).to_str().expect("a path").to_owned();
    let write = |name: &str, value: &Value| {
        std::fs::write(path(name), value.to_string()).expect("the file");
        path(name)
    };
    let by = |actor: &str, arguments: &[&str]| run(&[arguments, &["--server", &program.address, "--actor", actor]].concat());
    let ask = |arguments: &[&str]| by("m-desai", arguments);
    let deploy = |name: &str, value: &Value| {
        let done = ask(&["deploy", &write(name, value), "--unit", UNIT]);
        assert!(done.status.success(), "{done:?}");
    };
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();

    deploy("first.json", &definition());
    // More than one request may name.
    let cases: Vec<String> = (0..52)
        .map(|_| {
            let started = by("kavita-rao", &["start", "cli.trip", "--unit", UNIT, "--json"]);
            told(&started)["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    deploy("second.json", &second());

    let (mapping, out) = (write("mapping.json", &json!({ "steps": { "answer": "reply" } })), path("cases.txt"));
    let all = ["--process", "cli.trip", "--from", "1", "--to", "2"];
    let forecast = |more: &[&str]| ask(&[&["cases", "forecast", "--unit", UNIT], &all[..], more].concat());

    // Without what corresponds none can be moved; with it all can.
    let none = forecast(&["--out", &out]);
    assert_eq!((none.status.code(), std::fs::read_to_string(&out).expect("the file")), (Some(1), String::new()), "{none:?}");
    assert!(said(&none).contains("    /steps/answer: move."), "{none:?}");
    assert!(said(&none).ends_with("Nothing is moved. Of 52 cases 0 can be moved so, 0 need consent, 52 cannot.\n"), "{none:?}");
    let can = forecast(&["--mapping", &mapping, "--out", &out]);
    assert_eq!(can.status.code(), Some(0), "{can:?}");
    assert!(said(&can).contains("  stands at answer, would stand at reply\n  task reply due 2"), "{can:?}");
    let mut listed: Vec<String> = std::fs::read_to_string(&out).expect("the file").lines().map(str::to_owned).collect();
    let mut sorted = cases.clone();
    listed.sort();
    sorted.sort();
    assert_eq!(listed, sorted);
    let items = told(&forecast(&["--mapping", &mapping, "--json"]));
    assert_eq!(items["items"].as_array().map(Vec::len), Some(52));
    let one = ask(&["cases", "forecast", "--case", &cases[0], "--to", "2", "--mapping", &mapping, "--json"]);
    assert_eq!((one.status.code(), &told(&one)["items"][0]["instance"]), (Some(0), &json!(cases[0])), "{one:?}");

    // Refused, and wrong usage.
    let order = ["--mapping", &mapping, "--order", "OO 7/2027", "--reason", "Issue 2"];
    let moving = |who: &str, more: &[&str]| by(who, &[&["cases", "move"], &all[..], &order[..], more].concat());
    let refused = moving("u-yadav", &["--cases", &out]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("(actor.not-allowed)"), "{refused:?}");
    let refused = moving("u-yadav", &["--cases", &out, "--json"]);
    assert_eq!((refused.status.code(), told(&refused)["code"].as_str()), (Some(1), Some("actor.not-allowed")));
    let twice = moving("m-desai", &["--cases", &out, "--case", &cases[3]]);
    assert_eq!(twice.status.code(), Some(2), "{twice:?}");
    let list = write("list.json", &json!([]));
    for wrong in [
        &["cases", "move", "--from", "1", "--to", "2", "--case", &cases[0], "--order", "1", "--reason", "x"][..],
        &["cases", "forecast", "--to", "2"],
        &["cases", "forecast", "--to", "2", "--process", "cli.trip"],
        &["cases", "forecast", "--to", "2", "--case", &cases[0], "--from", "1"],
        &["cases", "forecast", "--to", "2", "--case", &cases[0], "--mapping", &list],
    ] {
        assert_eq!(ask(wrong).status.code(), Some(2), "{wrong:?}");
    }
    let nothing = ask(&["cases", "forecast", "--to", "2", "--case", &cases[0], "--mapping", &path("no.json")]);
    assert_eq!(nothing.status.code(), Some(3), "{nothing:?}");

    // One of them ends meanwhile, and stays; sent again, the same is told.
    let task = told(&ask(&["cases", "forecast", "--case", &cases[0], "--to", "2", "--json"]));
    assert_eq!(task["items"][0]["places"][0]["from"], "answer");
    let tasks = told(&by("u-yadav", &["tasks", "--for", "offered", "--unit", UNIT, "--json"]));
    let of = tasks["items"].as_array().expect("items").iter().find(|task| task["process"] == "cli.trip").expect("one");
    let (task, over) = (of["id"].as_str().expect("an id"), of["instance"].as_str().expect("a case"));
    assert!(by("u-yadav", &["complete", task, "--claim", "--data", r#"{"word":"yes"}"#]).status.success());
    let moved = moving("m-desai", &["--cases", &out, "--key", "m1"]);
    assert_eq!(moved.status.code(), Some(1), "{moved:?}");
    assert!(said(&moved).contains(&format!("{over}: stays\n  ")) && said(&moved).contains("(instance.over)"), "{moved:?}");
    assert!(said(&moved).ends_with("Of 52 cases 51 are moved.\n"), "{moved:?}");
    let again = moving("m-desai", &["--cases", &out, "--key", "m1"]);
    assert_eq!((again.status.code(), said(&again)), (Some(1), said(&moved)));
    let again = told(&moving("m-desai", &["--cases", &out, "--json"]));
    assert_eq!(again["items"][1]["refusal"]["code"], "move.moved-meanwhile");

    // What an applicant must agree to.
    deploy("third.json", &third());
    let running = cases.iter().find(|case| *case != over).expect("another");
    let asks = ask(&["cases", "forecast", "--case", running, "--to", "3", "--out", &out]);
    assert_eq!((asks.status.code(), std::fs::read_to_string(&out).expect("the file")), (Some(1), String::new()), "{asks:?}");
    assert!(said(&asks).contains("needs the applicant's consent\n") && said(&asks).contains("(right.step-added)"), "{asks:?}");
    let order = ["--from", "2", "--to", "3", "--case", running, "--order", "OO 8/2027", "--reason", "Issue 3"];
    let stays = ask(&[&["cases", "move", "--process", "cli.trip"], &order[..]].concat());
    assert_eq!(stays.status.code(), Some(1));
    assert!(said(&stays).contains("stays: it needs the applicant's consent\n"), "{stays:?}");
    let by = ["--consent-by", "the applicant", "--consent-date", "2026-01-05", "--consent-record", "Letter 4/2026"];
    let consented = |more: &[&str]| ask(&[&["cases", "move"], &order[..], &by[..], more].concat());
    assert_eq!(consented(&["--case", over]).status.code(), Some(2), "one at a time");
    assert_eq!(ask(&[&["cases", "move"], &order[..], &by[..2]].concat()).status.code(), Some(2), "a consent without a day");
    assert_eq!(consented(&["--process", "cli.trip"]).status.code(), Some(2));
    let moved = consented(&["--json"]);
    assert!(moved.status.success() && told(&moved)["receipt"]["index"].is_number(), "{moved:?}");
    assert_eq!(consented(&[]).status.code(), Some(1), "it has that version by now");
}
