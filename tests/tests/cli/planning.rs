//! Schedules looked at and holidays exchanged without a server; documents of every kind deployed to one.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::program::{Program, json as told, run};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("the file");
    path.to_str().expect("a path").to_owned()
}

fn calendar(id: &str, extends: Option<&str>, holidays: &Value) -> Value {
    let mut calendar = json!({
        "id": id, "title": { "en": id }, "owner": { "post": "sqm-nodal-officer" }, "verified": true, "source": ["Here"],
        "covers": { "from": "2026-01-01", "to": "2026-12-31" }, "holidays": holidays
    });
    match extends {
        Some(below) => calendar["extends"] = json!(below),
        None => {
            let day = json!([{ "from": "09:30", "to": "18:00" }]);
            calendar["zone"] = json!("Asia/Kolkata");
            calendar["week"] = json!({ "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day });
        }
    }
    calendar
}

#[test]
fn a_schedule_is_previewed() {
    let dir = tempfile::tempdir().expect("a directory");
    let shipped =
        run(&["schedule", "preview", "sqm.audit", "--anchor", "2026-01-02", "--from", "2026-01-01", "--count", "3", "--json"]);
    assert_eq!(shipped.status.code(), Some(0), "{shipped:?}");
    let told_of = told(&shipped);
    assert_eq!((&told_of["schedule"], &told_of["calendar"]), (&json!("sqm.audit"), &json!("in.central.delhi")));
    let at: Vec<_> = told_of["occurrences"].as_array().expect("a list").iter().map(|one| &one["local"]).collect();
    assert_eq!(at, [&json!("2026-07-02T10:00:00"), &json!("2027-01-04T10:00:00"), &json!("2027-07-02T10:00:00")]);
    assert_eq!(told_of["occurrences"][1]["rolled"], true, "the second of January 2027 is a Saturday");

    let file = json!({
        "id": "mine", "title": { "en": "Mine" }, "owner": { "post": "anyone" }, "zone": "Asia/Kolkata", "starts": { "process": "p" },
        "when": { "cron": "0 12 3 * *" }, "roll": "forward"
    });
    let file = write(dir.path(), "mine.json", &file.to_string());
    let plain = run(&["schedule", "preview", &file, "--from", "2026-04-03", "--count", "2"]);
    assert_eq!(
        said(&plain),
        "mine (Asia/Kolkata), every day is a working day:\nFri 2026-04-03 12:00:00 +05:30\nSun 2026-05-03 12:00:00 +05:30\n"
    );
    let below = write(dir.path(), "below.json", &calendar("below", None, &json!([])).to_string());
    let above = json!([{ "date": "2026-04-03", "title": { "en": "Good Friday" } }]);
    let above = write(dir.path(), "above.json", &calendar("above", Some("below"), &above).to_string());
    let rolled = run(&["schedule", "preview", &file, "--from", "2026-04-03", "--count", "1", "--calendar", &below, &above]);
    assert_eq!(
        said(&rolled),
        "mine (Asia/Kolkata), by the calendar above:\nMon 2026-04-06 12:00:00 +05:30, moved from Fri 2026-04-03\n"
    );

    for (arguments, code, why) in [
        (vec!["schedule", "preview", "sqm.audit"], 2, "--anchor"),
        (vec!["schedule", "preview", &file, "--anchor", "2026-01-01"], 2, "waits for no event"),
        (vec!["schedule", "preview", &file, "--count", "401"], 2, "1 to 400"),
        (vec!["schedule", "preview", &file, "--from", "soon"], 2, "--from"),
        (vec!["schedule", "preview", "no.such"], 3, "sqm.audit"),
        (vec!["schedule", "preview", &below], 1, "needs \"when\""),
        (vec!["schedule", "preview", &file, "--calendar", &above], 1, "calendar.extends-unknown"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(complained(&output).contains(why), "{arguments:?}: {}", complained(&output));
    }
}

#[test]
fn holidays_go_in_and_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let list = write(dir.path(), "list.csv", "date,title,kind\n2026-01-26,Republic Day\n2026-03-04,Holi,restricted\n");
    let printed = run(&["calendar", "import", &list]);
    assert_eq!(
        told(&printed),
        json!({ "holidays": [
            { "date": "2026-01-26", "title": { "en": "Republic Day" } },
            { "date": "2026-03-04", "title": { "en": "Holi" }, "kind": "restricted" }
        ] })
    );
    let document = calendar("mine", None, &json!([{ "date": "2026-03-04", "title": { "en": "Holi", "hi": "होली" } }]));
    let file = write(dir.path(), "mine.json", &document.to_string());
    let into = run(&["calendar", "import", &list, "--into", &file]);
    assert!(said(&into).ends_with("1 of 2 holidays are new.\n"), "{into:?}");
    let after: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("the file")).expect("JSON");
    assert_eq!(
        after["holidays"],
        json!([
            { "date": "2026-01-26", "title": { "en": "Republic Day" }, "verified": false },
            { "date": "2026-03-04", "title": { "en": "Holi", "hi": "होली" } }
        ])
    );
    assert!(said(&run(&["calendar", "import", &list, "--into", &file])).ends_with("0 of 2 holidays are new.\n"));

    assert_eq!(
        said(&run(&["calendar", "export", &file, "--csv", "--language", "hi"])),
        "date,title,kind\r\n2026-01-26,\"Republic Day\",closed\r\n2026-03-04,\"होली\",closed\r\n"
    );
    let ical = run(&["calendar", "export", "in.central.delhi", "--language", "hi"]);
    assert!(said(&ical).starts_with("BEGIN:VCALENDAR\r\n") && said(&ical).contains("गणतंत्र दिवस"), "{ical:?}");
    let out = dir.path().join("out.ics");
    assert!(run(&["calendar", "export", "in.central.delhi", "--out", out.to_str().expect("a path")]).status.success());
    let read = run(&["calendar", "import", out.to_str().expect("a path")]);
    assert_eq!(told(&read)["holidays"].as_array().map(Vec::len), Some(65), "what goes out comes in again");

    let own = write(dir.path(), "own.json", &{
        let mut own = calendar("own", None, &json!([]));
        own["x-note"] = json!("mine");
        own.to_string()
    });
    let bad = write(dir.path(), "bad.csv", "26/01/2026,Republic Day\n");
    for (arguments, code, why) in [
        (vec!["calendar", "import", &bad], 1, "Line 1"),
        (vec!["calendar", "import", &list, "--into", &own], 1, "x-note"),
        (vec!["calendar", "import", &list, "--into", &list], 1, "json."),
        (vec!["calendar", "import", "/no/such.csv"], 3, "cannot be read"),
        (vec!["calendar", "export", "no.such"], 3, "in.central"),
        (vec!["calendar", "export", &list], 1, "json."),
        (vec!["calendar", "export", &file, "--csv", "--ical"], 2, "--csv"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(complained(&output).contains(why), "{arguments:?}: {}", complained(&output));
    }
}

#[test]
fn every_kind_of_document_is_deployed() {
    let dir = tempfile::tempdir().expect("a directory");
    let program = Program::serve(dir.path().join("office.db"), &["--demo"]);
    let ask = |arguments: &[&str]| run(&[arguments, &["--server", &program.address, "--actor", "m-desai"]].concat());
    let local = write(dir.path(), "local.json", &calendar("local", Some("in.central.delhi"), &json!([])).to_string());
    let weekly = json!({
        "id": "weekly", "title": { "en": "Weekly" }, "owner": { "post": "sqm-nodal-officer" }, "zone": "Asia/Kolkata",
        "starts": { "process": "once" }, "when": { "cron": "0 10 * * MON" }
    });
    let weekly = write(dir.path(), "weekly.json", &weekly.to_string());
    let once = json!({
        "id": "once", "title": { "en": "Once" }, "owner": { "post": "sqm-nodal-officer" },
        "steps": [{ "id": "start", "type": "startEvent", "next": "end" }, { "id": "end", "type": "endEvent" }]
    });
    let once = write(dir.path(), "once.json", &once.to_string());
    let deployed = ask(&["deploy", &local, &weekly, &once]);
    assert_eq!(deployed.status.code(), Some(0), "{deployed:?}");
    for what in [": calendar local version 1 ", ": schedule weekly version 1 ", ": process once version 1 "] {
        assert!(said(&deployed).contains(what), "{what}: {}", said(&deployed));
    }
    assert!(said(&ask(&["deploy", &weekly])).contains(": schedule weekly version 1 "), "the same content is the same version");
    let bad = write(dir.path(), "bad.json", &json!({ "id": "bad", "starts": { "process": "p" } }).to_string());
    let refused = ask(&["deploy", &bad]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(complained(&refused).contains("(document.invalid)"), "{refused:?}");
}

/// A quarter of the example office: its plan falls, its cases are worked, and the clocks run.
#[test]
fn a_stretch_of_an_office_is_rehearsed() {
    let output = run(&["rehearse", "--from", "2026-01-01", "--to", "2026-02-15", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    let report = told(&output);
    let list = |name: &str| report[name].as_array().unwrap_or_else(|| panic!("{name} in {report}")).clone();
    let fallen = |schedule: &str| list("plan").iter().filter(|fired| fired["schedule"] == schedule).count();
    // 21 working days of January, 10 of the first half of February.
    assert_eq!((fallen("cpgrams.morning"), fallen("sqm.review-at-first")), (31, 1));
    assert_eq!((fallen("sqm.digest"), fallen("sqm.performance")), (31, 2));
    assert_eq!(list("refused"), Vec::<Value>::new(), "what schedules start is shipped");
    let refund = list("norms").into_iter().find(|norm| norm["norm"] == "cbic.refund").expect("its clocks ran");
    assert!(refund["started"].as_u64() > Some(10) && refund["kept"].as_u64() > Some(0), "{refund}");
    assert!(list("load").iter().any(|load| load["post"] == "payments-officer" && load["completed"].as_u64() > Some(0)));
    let text = said(&run(&["rehearse", "--from", "2026-01-01", "--to", "2026-01-05"]));
    assert!(text.contains("The plan: what the schedules asked for") && text.contains("Left open"), "{text}");
    assert_eq!(list("arrived").iter().map(|one| &one["process"]).collect::<Vec<_>>(), ["grv.complaint", "svc.refund"]);
    assert_eq!(run(&["rehearse", "--from", "2026-02-01", "--to", "2026-01-01"]).status.code(), Some(2));
    assert_eq!(run(&["rehearse", "--from", "2026-02-30", "--to", "2026-03-01"]).status.code(), Some(2));
}

/// A small office of one process, with arrivals of its own.
fn small_office(dir: &Path) {
    let office = json!({
        "units": [{ "id": "office", "title": { "en": "Office" }, "parent": null, "calendar": "mine" }],
        "posts": [{ "id": "sqm-nodal-officer", "unit": "office", "title": { "en": "Desk" }, "roles": ["clerk"] }],
        "people": [{ "handle": "asha", "name": "Asha" }],
        "appointments": [{ "handle": "asha", "post": "sqm-nodal-officer", "order": "1/2026", "from": "2025-01-01" }]
    });
    let process = json!({
        "id": "once", "title": { "en": "Once" }, "owner": { "post": "sqm-nodal-officer" },
        "data": { "days": { "type": "integer" } },
        "forms": { "ask": { "schema": { "properties": { "days": {} }, "required": ["days"] } } },
        "steps": [
            { "id": "start", "type": "startEvent", "form": "ask", "next": "work" },
            { "id": "work", "type": "userTask", "performer": { "role": "clerk" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    });
    for folder in ["calendars", "processes"] {
        std::fs::create_dir(dir.join(folder)).expect("a folder");
    }
    write(dir, "office.json", &office.to_string());
    write(dir, "calendars/mine.json", &calendar("mine", None, &json!([])).to_string());
    write(dir, "processes/once.json", &process.to_string());
}

#[test]
fn cases_arrive_as_they_are_given() {
    let dir = tempfile::tempdir().expect("a directory");
    small_office(dir.path());
    let folder = dir.path().to_str().expect("a path");
    let rehearse = |arrivals: &Value, seed: &str| {
        let file = write(dir.path(), "arrivals.json", &arrivals.to_string());
        let stretch = ["--from", "2026-01-01", "--to", "2026-03-01", "--definitions", folder];
        run(&[&["rehearse", "--json", "--arrivals", &file, "--seed", seed], stretch.as_slice()].concat())
    };
    let lodged = json!({ "unit": "office", "process": "once", "actor": "asha", "data": { "days": 3 } });
    let with = |changes: Value| {
        let mut one = lodged.clone();
        one.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        one
    };
    let mixed = json!([
        with(json!({ "rate": { "count": 2.5, "per": "workingDay" }, "kinds": [
            { "weight": 3, "work": { "work": { "after": "P1D" } } }, { "weight": 1, "data": { "days": 30 } }
        ] })),
        with(json!({ "dates": ["2026-01-05", "2026-02-02"], "work": { "work": { "after": "PT1H" } } })),
        with(json!({ "every": "P7D", "times": 3 }))
    ]);
    let (one, again, other) = (rehearse(&mixed, "1"), rehearse(&mixed, "1"), rehearse(&mixed, "2"));
    assert_eq!(one.status.code(), Some(0), "{}", complained(&one));
    assert_eq!(said(&one), said(&again), "the same seed, the same report");
    let cases = |output: &Output| told(output)["load"].clone();
    assert_ne!(cases(&one), cases(&other), "another seed, other cases");
    let report = told(&one);
    assert_eq!((&report["seed"], report["arrived"].as_array().map(Vec::len)), (&json!(1), Some(1)), "a process has one line");
    // 42 working days; a quarter of what comes by chance, and what comes weekly, stays open.
    let (cases, open) = (report["arrived"][0]["cases"].as_u64().expect("a count"), &report["open"][0]["open"]);
    assert!((75..=145).contains(&cases), "{report}");
    assert!(open.as_u64().is_some_and(|open| (13..=45).contains(&open)), "{report}");

    for (arrivals, places) in [
        (json!({}), vec!["expected a sequence"]),
        (json!([with(json!({ "evry": "P1D" }))]), vec!["unknown field `evry`"]),
        (json!([with(json!({ "rate": { "count": 1, "per": "month" } }))]), vec!["unknown variant `month`"]),
        (json!([with(json!({ "dates": ["2026-02-30"] }))]), vec!["parsed date is not valid"]),
        (json!([lodged]), vec!["/0: Cases arrive by exactly one of"]),
        (json!([with(json!({ "every": "P1D", "dates": [] }))]), vec!["/0: Cases arrive by exactly one of"]),
        (json!([with(json!({ "every": "-P1D" })), with(json!({ "every": "soon" }))]), vec!["/0/every: ", "/1/every: \"soon\""]),
        (json!([with(json!({ "rate": { "count": 0, "per": "week" } }))]), vec!["/0/rate/count: "]),
        (json!([with(json!({ "every": "P1D", "unit": "ofice" }))]), vec!["/0/unit: The office has no unit ofice."]),
        (json!([with(json!({ "every": "P1D", "actor": "nobody" }))]), vec!["/0/actor: "]),
        (json!([with(json!({ "every": "P1D", "process": "twice" }))]), vec!["/0/process: There is no process twice."]),
        (json!([with(json!({ "every": "P1D", "kinds": [{ "weight": 0 }] }))]), vec!["/0/kinds: "]),
        (
            json!([with(json!({ "every": "P1D", "work": { "wrok": { "after": "P1D" }, "work": { "after": "one day" } } }))]),
            vec!["/wrok: once has no user task wrok.", "work/after: \"one day\" is no duration"],
        ),
        (json!([with(json!({ "every": "P1D", "data": { "days": "three" } }))]), vec!["A case of once was refused"]),
    ] {
        let output = rehearse(&arrivals, "1");
        assert_eq!(output.status.code(), Some(1), "{arguments}: {output:?}", arguments = arrivals);
        for place in places {
            assert!(complained(&output).contains(place), "{place}: {}", complained(&output));
        }
    }
    let output = rehearse(&json!([with(json!({ "every": "PT10S" }))]), "1");
    assert!(output.status.code() == Some(2) && complained(&output).contains("More than 100000 cases"), "{output:?}");
    assert_eq!(rehearse(&mixed, "first").status.code(), Some(2));
}
