//! The event logs of the example office are read by pm4py, as by people who mine processes: every case, event and object, each of its type.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tests::client::Client;

use crate::program::{Program, json as answer_of};

/// Whether this machine's Python has it. CI does not install it: with what it needs it is half a gigabyte of packages (and AGPL, so it is no part
/// of ours). So this is passed over aloud where it is missing, even where nothing else may be.
fn has_pm4py() -> bool {
    let found = Command::new("python3").args(["-c", "import pm4py"]).output();
    found.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn pm4py_reads_what_is_exported() {
    if !has_pm4py() {
        tests::say("event logs read by pm4py: pip install pm4py");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path().join("office.db"), &["--demo"]);
    let client = Client::new(program.address.trim_start_matches("http://").parse().unwrap(), "m-desai");
    let files = ["cases.xes", "cases.jsonocel"].map(|name| folder.path().join(name));
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let reply = client.get(&format!("/api/v1/exports/{name}?unit=demo-commissionerate")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        std::fs::write(file, &reply.body).unwrap();
    }
    let output = Command::new("python3").arg(tests::top().join("tests/golden/mine.py")).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mined = answer_of(&output);
    assert_eq!(mined["xes"], xes(&files[0]));
    assert_eq!(mined["ocel"], ocel(&files[1]));
}

fn count(words: impl IntoIterator<Item = String>) -> Value {
    let mut counts = BTreeMap::<String, u64>::new();
    words.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
    json!(counts)
}

/// What is in a file in XES, told without pm4py.
fn xes(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    let log = roxmltree::Document::parse(&text).unwrap();
    let all =
        |name: &'static str| log.descendants().filter(move |node| node.has_tag_name(("http://www.xes-standard.org/", name)));
    let value = |node: roxmltree::Node<'_, '_>, key: &str| {
        let attribute = node.children().find(|child| child.attribute("key") == Some(key));
        attribute.and_then(|child| child.attribute("value")).unwrap_or_default().to_owned()
    };
    let told = |key: &str| all("event").map(|event| value(event, key)).collect::<Vec<_>>();
    let of_process = |event: &roxmltree::Node<'_, '_>| value(event.parent().unwrap(), "process") == "svc.refund";
    let done = all("event").filter(of_process).filter(|event| value(*event, "lifecycle:transition") == "complete");
    let instant = |text: &String| engine::model::Time::parse(text).expect("an instant").0;
    let set = |words: Vec<String>| words.into_iter().collect::<BTreeSet<_>>();
    let mut instants: Vec<i64> = told("time:timestamp").iter().map(instant).collect();
    instants.sort_unstable();
    assert!(all("trace").count() > 5, "the example office has cases");
    json!({
        "cases": set(all("trace").map(|trace| value(trace, "concept:name")).collect()).len(),
        "events": count(told("lifecycle:transition")),
        "activities": set(told("concept:name")),
        "resources": set(told("org:resource")).len(),
        "instants": instants,
        "steps": set(done.map(|event| value(event, "concept:name")).collect()),
        "fits": 1.0,
    })
}

/// What is in a file in OCEL 2.0, told without pm4py.
fn ocel(path: &Path) -> Value {
    let log: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let list = |name: &str| log[name].as_array().expect("a list").clone();
    let types = |name: &str| count(list(name).iter().map(|one| one["type"].as_str().unwrap().to_owned()));
    let qualifiers = |name: &str| {
        let all = list(name).into_iter().flat_map(|one| one["relationships"].as_array().expect("a list").clone());
        count(all.map(|related| related["qualifier"].as_str().unwrap().to_owned()))
    };
    let activities: BTreeSet<String> = list("events").iter().map(|one| one["type"].as_str().unwrap().to_owned()).collect();
    json!({
        "objects": types("objects"),
        "events": types("events"),
        "relations": qualifiers("events"),
        "between": qualifiers("objects"),
        "activities": activities,
    })
}
