//! `bench`: a short run on each store gives figures that can be true, and leaves nothing behind.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::program::{json as answer_of, run};

/// One is measured at a time: what another has made on the server is not left behind, and none has the other's load.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn measured(arguments: &[&str]) -> Value {
    let dir = tempfile::tempdir().expect("a directory");
    let place = dir.path().to_str().expect("UTF-8");
    let output = run(&[&["bench", "--clients", "2", "--seconds", "1", "--json", "--dir", place], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0, "what it made is gone");
    answer_of(&output)
}

fn check(answer: &Value, store: &str) {
    let runs: Vec<&Value> = answer["runs"].as_array().expect("runs").iter().filter(|run| run["store"] == store).collect();
    let modes: Vec<&Value> = runs.iter().map(|run| &run["mode"]).collect();
    let limit = json!("limit");
    assert_eq!(modes, [&limit, &limit, &limit, &limit, &limit, &limit, &json!("engine"), &json!("http")], "{answer:#}");
    for run in &runs {
        assert!(run["commands"].as_u64() > Some(0) && run["p99_us"].as_u64() >= run["p50_us"].as_u64(), "{run:#}");
        // What is stored of a case is at least what its commands append.
        assert!(run["bytes_per_case"].as_f64() > Some(6_600.0), "{run:#}");
    }
    let rate = |run: &Value| run["commands_per_s"].as_f64().expect("a number");
    let limit = runs[..6].iter().map(|run| rate(run)).fold(0.0, f64::max);
    let ratios: Vec<&Value> =
        answer["ratios"].as_array().expect("ratios").iter().filter(|ratio| ratio["store"] == store).collect();
    assert_eq!(ratios.len(), 2, "{answer:#}");
    for (run, ratio) in runs[6..].iter().zip(ratios) {
        assert_eq!(ratio["mode"], run["mode"]);
        let of_limit = ratio["of_limit"].as_f64().expect("a number");
        assert!((of_limit - rate(run) / limit).abs() < 1e-9, "{ratio}: of the limit of its own store");
    }
}

#[test]
fn each_store_is_measured_by_its_own_limit() {
    let _alone = alone();
    for (arguments, told) in [
        (&["--store", "postgres"][..], "--server"),
        (&["timers", "--store", "memory"], "leave --store out"),
        (&["inbox", "--store", "memory"], "on a disk"),
        (&["--nodes", "1,2"], "--store postgres"),
    ] {
        let output = run(&[&["bench"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(told), "{output:?}");
    }
    let Some(server) = tests::postgres::database() else {
        check(&measured(&[]), "sqlite");
        return;
    };
    let answer = measured(&["--store", "sqlite,postgres", "--server", &server]);
    check(&answer, "sqlite");
    check(&answer, "postgres");
    assert_eq!(tests::postgres::databases("sevottam-bench"), 0, "what it made is gone");
}

#[test]
fn units_and_nodes_are_measured_by_one_another() {
    let _alone = alone();
    let Some(server) = tests::postgres::database() else { return };
    let spread = ["--modes", "engine,http", "--units", "1,2", "--nodes", "1,2"];
    let answer = measured(&[&["--store", "postgres", "--server", &server][..], &spread].concat());
    assert_eq!(tests::postgres::databases("sevottam-bench"), 0, "what it made is gone");
    for mode in ["engine", "http"] {
        let runs: Vec<&Value> = answer["runs"].as_array().expect("runs").iter().filter(|run| run["mode"] == mode).collect();
        let of = |units: u64, nodes: u64| {
            let run = runs.iter().find(|run| run["units"] == units && run["nodes"] == nodes).expect("a run");
            run["commands_per_s"].as_f64().expect("a number")
        };
        let told = |units: u64, nodes: u64, name: &str| {
            let mut ratios = answer["ratios"].as_array().expect("ratios").iter();
            let ratio = ratios.find(|one| one["mode"] == mode && one["units"] == units && one["nodes"] == nodes);
            ratio.and_then(|ratio| ratio[name].as_f64())
        };
        let cases = [
            (1, 1, Some(of(1, 1) / of(2, 1)), None),
            (1, 2, Some(of(1, 2) / of(2, 2)), Some(of(1, 2) / of(1, 1))),
            (2, 1, None, None),
            (2, 2, None, Some(of(2, 2) / of(2, 1))),
        ];
        for (units, nodes, of_spread, of_one_node) in cases {
            for (name, expected) in [("of_spread", of_spread), ("of_one_node", of_one_node)] {
                let told = told(units, nodes, name);
                let is_it = told.zip(expected).map_or(told == expected, |(told, expected)| (told - expected).abs() < 1e-9);
                assert!(is_it, "{mode}, {units} units, {nodes} nodes, {name}: {expected:?} {answer:#}");
            }
        }
    }
}

#[test]
fn a_bundle_is_measured() {
    let dir = tempfile::tempdir().expect("a directory");
    let place = dir.path().to_str().expect("UTF-8");
    let output = run(&["bench", "evidence", "--cases", "20", "--seconds", "1", "--json", "--dir", place]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0, "what it made is gone");
    let answer = answer_of(&output);
    // Eleven entries a case, but for those under way.
    let (cases, entries) = (answer["bundle"]["cases"].as_u64().expect("a count"), answer["bundle"]["entries"].as_u64());
    assert!(
        cases >= 20 && entries >= Some(cases * 2) && answer["bundle"]["bytes"].as_u64() > entries.map(|n| n * 600),
        "{answer:#}"
    );
    assert!(answer["machine"]["loadAverageAfter"].is_array(), "{answer:#}");
    let cost = |name: &str| answer["cost"][name].as_f64().expect("a figure");
    let (plain, signed) = (cost("unsignedPerSecond"), cost("signedPerSecond"));
    assert!(plain > 0.0 && signed > 0.0 && (cost("signedByUnsigned") - signed / plain).abs() < 1e-9, "{answer:#}");
    // Hashing is there, and is neither nothing nor all.
    assert!(cost("hashing") > 0.0 && cost("hashing") < 1.0, "{answer:#}");
    assert!((cost("whole") - (1.0 - signed / plain * (1.0 - cost("hashing")))).abs() < 1e-9, "{answer:#}");
    for figure in ["/verify/entriesPerSecond", "/replay/entriesPerSecond", "/proof/microseconds"] {
        assert!(answer.pointer(figure).and_then(Value::as_f64) > Some(0.0), "{figure}: {answer:#}");
    }
}

/// A short run of a workload, which leaves nothing behind.
fn short(workload: &str, store: &[&str]) -> Value {
    let dir = tempfile::tempdir().expect("a directory");
    let place = dir.path().to_str().expect("UTF-8");
    let output = run(&[&["bench", workload, "--cases", "300", "--seconds", "1", "--json", "--dir", place], store].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0, "what it made is gone");
    answer_of(&output)
}

/// The stores there are, as arguments.
fn stores() -> Vec<Vec<String>> {
    let mut stores = vec![Vec::new()];
    stores.extend(
        tests::postgres::database().map(|server| ["--store", "postgres", "--server", &server].map(str::to_owned).to_vec()),
    );
    stores
}

#[test]
fn an_inbox_is_measured() {
    let _alone = alone();
    for store in stores() {
        let told = short("inbox", &store.iter().map(String::as_str).collect::<Vec<_>>());
        let standings = told["standings"].as_array().expect("standings");
        let tasks: Vec<_> = standings.iter().map(|standing| standing["tasks"].as_u64().expect("a count")).collect();
        assert_eq!(tasks, [0, 300, 300], "{told:#}");
        for standing in standings {
            assert!(
                standing["readyS"].as_f64() > Some(0.0) && standing["memoryBytes"].as_u64() > Some(1_000_000),
                "{standing:#}"
            );
            assert!(standing["commandsPerS"].as_f64() > Some(0.0), "{standing:#}");
        }
        let lists = standings[2]["lists"].as_array().expect("lists");
        assert_eq!(lists.len(), 6, "{told:#}");
        assert!(
            lists.iter().all(|list| list["count"].as_u64() > Some(0) && list["p99Us"].as_u64() >= list["p50Us"].as_u64()),
            "{lists:#?}"
        );
    }
}

#[test]
fn a_lifecycle_is_measured() {
    let _alone = alone();
    for store in stores() {
        let told = short("lifecycle", &store.iter().map(String::as_str).collect::<Vec<_>>());
        let standings = told["standings"].as_array().expect("standings");
        assert_eq!([&standings[0]["open"], &standings[1]["open"]], [&json!(0), &json!(300)], "{told:#}");
        for standing in standings {
            let count = standing["lifecycles"].as_u64().expect("a count");
            assert!(count > 0 && standing["steps"].as_array().is_some_and(|steps| steps.len() == 4), "{standing:#}");
            assert_eq!(standing["whole"]["count"], count, "{standing:#}");
        }
    }
}
