//! Bounds: what may be adapted in a document that was received, and what is told of everything beyond.

use serde_json::{Value, json};

use super::{check_value, put, remove};
use crate::graph::bounds::beyond;

/// A process of which the steps between scrutiny and decision may be adapted.
fn received() -> Value {
    let user =
        |id: &str, role: &str, next: &str| json!({ "id": id, "type": "userTask", "performer": { "role": role }, "next": next });
    let mut decide = user("decide", "officer", "done");
    decide["performer"]["notWhoDid"] = json!(["weigh"]);
    let mut weigh = user("weigh", "inspector", "register");
    weigh["performer"]["notWhoDid"] = json!(["look"]);
    (weigh["form"], weigh["outputs"]) = (json!("f"), json!(["ok"]));
    let mut register = user("register", "clerk", "over");
    register["record"] = json!("register");
    json!({
        "id": "t", "title": { "en": "T" }, "owner": { "post": "p" },
        "data": { "n": { "type": "integer" }, "ok": { "type": "boolean" } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "ok": {} } } } },
        "steps": [
            { "id": "begin", "type": "startEvent", "next": "examine" },
            { "id": "examine", "type": "subProcess", "next": "decide",
              "adaptable": { "reason": { "en": "Offices differ in size" }, "keep": ["look"] },
              "data": { "note": { "type": "string", "personal": true } },
              "steps": [
                { "id": "in", "type": "startEvent", "next": "look" }, user("look", "clerk", "copy"), user("copy", "clerk", "weigh"), weigh, register,
                { "id": "over", "type": "endEvent" }
              ] },
            decide,
            { "id": "done", "type": "endEvent" }
        ]
    })
}

/// A change, and what is told of it: code and pointer.
#[track_caller]
fn check(change: impl Fn(&mut Value), expected: &[&str]) {
    let mut adapted = received();
    change(&mut adapted);
    let problems = beyond(&received(), &adapted);
    let told: Vec<String> = problems.iter().map(|problem| format!("{} {}", problem.code, problem.pointer)).collect();
    assert_eq!(told, expected, "{problems:#?}");
}

fn added(id: &str, next: &str) -> Value {
    json!({ "id": id, "type": "userTask", "performer": { "role": "clerk" }, "next": next })
}

#[test]
fn the_document_is_sound() {
    assert_eq!(check_value(&received()), []);
    for (pointer, value, code) in [
        ("/steps/1/adaptable/keep", json!(["nowhere"]), "adaptable.unknown-step"),
        ("/steps/1/adaptable/roles", json!(["A clerk"]), "step.bad-code"),
        ("/steps/2/adaptable", json!({ "reason": { "en": "x" } }), "step.property-not-here"),
        ("/steps/1/adaptable", json!({}), "schema.required"),
    ] {
        let mut document = received();
        put(&mut document, pointer, value);
        let codes: Vec<String> = check_value(&document).into_iter().map(|problem| problem.code).collect();
        assert!(
            codes.iter().any(|found| found == code || code == "schema.required" && found.starts_with("schema")),
            "{pointer}: {codes:?}"
        );
    }
}

#[test]
fn inside_it_may_differ() {
    check(|_| {}, &[]);
    check(|d| put(d, "/owner/post", json!("local-owner")), &[]);
    check(|d| put(d, "/x-place", json!("Pune")), &[]);
    check(|d| put(d, "/forms/local", json!({ "schema": { "type": "object" } })), &[]);
    // A step more, before one that stays and after it; one fewer that nothing depends on.
    check(
        |d| {
            put(d, "/steps/1/steps/0/next", json!("sort"));
            put(d, "/steps/1/steps/1/next", json!("weigh"));
            put(d, "/steps/1/steps/2", added("sort", "look"));
        },
        &[],
    );
    check(|d| put(d, "/steps/1/steps/1/help", json!({ "en": "In room 7" })), &[]);
    check(|d| put(d, "/steps/1/steps/2/performer/role", json!("inspector")), &[]);
    check(|d| put(d, "/steps/1/steps/3/performer/notWhoDid", json!(["look", "copy"])), &["adaptation.kept /steps/1/steps/3"]);
    check(|d| put(d, "/steps/1/steps/2/outputs", json!(["note"])), &[]);
    check(
        |d| {
            put(d, "/steps/1/data/room", json!({ "type": "string" }));
            put(d, "/steps/1/steps/2/outputs", json!(["room", "ok"]));
        },
        &[],
    );
    let side = json!({ "id": "side", "type": "boundaryEvent", "attachedTo": "look", "interrupting": false, "timer": { "after": "P1D" }, "next": "over" });
    check(|d| put(d, "/steps/1/steps/-", side.clone()), &[]);
}

#[test]
fn outside_it_stays_as_it_was() {
    check(|d| put(d, "/title/en", json!("Another")), &["adaptation.outside /title/en"]);
    check(|d| put(d, "/id", json!("u")), &["adaptation.outside /id"]);
    check(|d| put(d, "/data/m", json!({ "type": "integer" })), &["adaptation.outside /data/m"]);
    check(|d| put(d, "/forms/f/schema/required", json!(["ok"])), &["adaptation.outside /forms/f/schema/required"]);
    check(|d| remove(d, "/forms/f"), &["adaptation.outside /forms/f"]);
    check(|d| remove(d, "/forms"), &["adaptation.outside /forms"]);
    check(|d| put(d, "/clocks", json!([{ "norm": "n", "bind": {} }])), &["adaptation.outside /clocks"]);
    check(|d| put(d, "/steps/2/performer/role", json!("clerk")), &["adaptation.outside /steps/2/performer/role"]);
    check(|d| put(d, "/steps/1/title", json!({ "en": "x" })), &["adaptation.outside /steps/1/title"]);
    check(|d| put(d, "/steps/1/adaptable/keep", json!([])), &["adaptation.outside /steps/1/adaptable/keep/0"]);
    // All of it is told at once.
    check(
        |d| {
            put(d, "/title/en", json!("Another"));
            put(d, "/steps/2/next", json!("extra"));
            put(d, "/steps/-", added("extra", "done"));
            put(d, "/steps/1/steps/2/performer/role", json!("sweeper"));
        },
        &[
            "adaptation.outside /steps/2/next",
            "adaptation.outside /steps/4",
            "adaptation.outside /title/en",
            "adaptation.role /steps/1/steps/2/performer/role",
        ],
    );
    // What was removed stands in the edition that was received alone.
    check(|d| remove(d, "/steps/2/performer/notWhoDid"), &["adaptation.outside /steps/2/performer/notWhoDid"]);
    check(
        |d| d["steps"] = json!([]),
        &[
            "adaptation.outside /steps/0",
            "adaptation.outside /steps/1",
            "adaptation.outside /steps/2",
            "adaptation.outside /steps/3",
        ],
    );
}

#[test]
fn controls_stay() {
    // Named, on which a separation of duties depends, or which makes a record.
    for (step, name) in [(1, "look"), (3, "weigh"), (4, "register")] {
        let gone = format!("/steps/1/steps/{step}");
        check(|d| put(d, &gone, added("other", "over")), &["adaptation.kept /steps/1"]);
        check(|d| put(d, &format!("{gone}/title"), json!({ "en": name })), &[format!("adaptation.kept {gone}").as_str()]);
    }
    // A way around it.
    check(
        |d| {
            put(d, "/steps/1/steps/0/next", json!("choose"));
            put(
                d,
                "/steps/1/steps/-",
                json!({ "id": "choose", "type": "exclusiveGateway", "next": [{ "to": "copy", "when": "n > 1" }, { "to": "look" }] }),
            );
        },
        &["adaptation.bypassed /steps/1/steps/1"],
    );
    check(
        |d| {
            put(
                d,
                "/steps/1/steps/-",
                json!({ "id": "late", "type": "boundaryEvent", "attachedTo": "look", "timer": { "after": "P1D" }, "next": "copy" }),
            );
        },
        &["adaptation.bypassed /steps/1/steps/6"],
    );
    // Beside another path of a parallel gateway it is still on every one; where an end event ends everything at once, it is not.
    let forked = |end: Value| {
        move |d: &mut Value| {
            put(d, "/steps/1/steps/0/next", json!("fork"));
            put(d, "/steps/1/steps/-", json!({ "id": "fork", "type": "parallelGateway", "next": ["look", "tell"] }));
            put(d, "/steps/1/steps/-", added("tell", "told"));
            put(d, "/steps/1/steps/-", end.clone());
        }
    };
    check(forked(json!({ "id": "told", "type": "endEvent" })), &[]);
    let stays = ["/steps/1/steps/1", "/steps/1/steps/4", "/steps/1/steps/3"].map(|place| format!("adaptation.bypassed {place}"));
    check(forked(json!({ "id": "told", "type": "endEvent", "terminate": true })), &stays.each_ref().map(String::as_str));

    // A step to which a clock is bound.
    let (mut before, mut after) = (received(), received());
    for document in [&mut before, &mut after] {
        put(
            document,
            "/clocks",
            json!([{ "norm": "n", "bind": { "asked": { "leaving": "copy" }, "done": [{ "entering": "in" }] } }]),
        );
    }
    put(&mut after, "/steps/1/steps/2/performer/role", json!("inspector"));
    assert_eq!(beyond(&before, &after).iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["adaptation.kept"]);
}

#[test]
fn work_duties_and_values_stay_within() {
    check(|d| put(d, "/steps/1/steps/2/performer/role", json!("officer")), &["adaptation.role /steps/1/steps/2/performer/role"]);
    check(
        |d| remove(d, "/steps/1/steps/3/performer/notWhoDid"),
        &["adaptation.kept /steps/1/steps/3", "adaptation.duties /steps/1/steps/3/performer"],
    );
    check(|d| put(d, "/steps/1/steps/2/outputs", json!(["n"])), &["adaptation.variable /steps/1/steps/2"]);
    check(|d| put(d, "/steps/1/steps/2/outputs", json!({ "n": "1" })), &["adaptation.variable /steps/1/steps/2"]);
    check(|d| put(d, "/steps/1/data/ok", json!({ "type": "boolean" })), &["adaptation.variable /steps/1/data/ok"]);
    check(|d| remove(d, "/steps/1/data/note/personal"), &["adaptation.personal /steps/1/data/note"]);
    // With roles that are named, those and no others; what has a role keeps it.
    let (mut before, mut after) = (received(), received());
    for document in [&mut before, &mut after] {
        put(document, "/steps/1/adaptable/roles", json!(["officer"]));
    }
    put(&mut after, "/steps/1/steps/2/performer/role", json!("officer"));
    assert_eq!(beyond(&before, &after), []);
    put(&mut after, "/steps/1/steps/2/performer/role", json!("inspector"));
    assert_eq!(beyond(&before, &after).len(), 1);
}

#[test]
fn what_is_no_process_is_taken_over_as_it_is() {
    let norm = json!({ "id": "n", "owner": { "post": "p" }, "editions": [{ "limits": [] }] });
    let mut other = norm.clone();
    put(&mut other, "/owner/post", json!("q"));
    assert_eq!(beyond(&norm, &other), []);
    put(&mut other, "/editions/0/from", json!("2027-01-01"));
    assert_eq!(beyond(&norm, &other).len(), 1);
    for odd in
        [json!(null), json!([]), json!({ "steps": 7 }), json!({ "steps": [7, { "id": 7 }, { "id": "examine", "steps": "x" }] })]
    {
        assert!(!beyond(&received(), &odd).is_empty(), "{odd}");
        let _ = beyond(&odd, &received());
    }
}
