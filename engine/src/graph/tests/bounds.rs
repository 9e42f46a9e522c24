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
    let mut copy = user("copy", "clerk", "weigh");
    copy["outputs"] = json!({ "said": "1" });
    json!({
        "id": "t", "title": { "en": "T" }, "owner": { "post": "p" },
        "data": { "n": { "type": "integer" }, "said": { "type": "integer" }, "ok": { "type": "boolean" } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "ok": {} } } } },
        "steps": [
            { "id": "begin", "type": "startEvent", "next": "examine" },
            { "id": "examine", "type": "subProcess", "next": "decide",
              "adaptable": { "reason": { "en": "Offices differ in size" }, "keep": ["look"] },
              "data": { "note": { "type": "string", "personal": true } },
              "steps": [
                { "id": "in", "type": "startEvent", "next": "look" }, user("look", "clerk", "copy"), copy, weigh, register,
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
            put(d, "/steps/1/steps/2/outputs", json!(["room", "said"]));
            put(d, "/steps/1/steps/2/next", json!("tell"));
            put(
                d,
                "/steps/1/steps/-",
                json!({ "id": "tell", "type": "expressionTask", "set": { "said": "2" }, "next": "weigh" }),
            );
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
    check(|d| remove(d, "/steps/1/steps/3/performer/notWhoDid"), &["adaptation.kept /steps/1/steps/3"]);
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

/// A change to the document and to an adapted one alike, then one to the adapted one, and what is told of it.
#[track_caller]
fn check_with(both: impl Fn(&mut Value), change: impl Fn(&mut Value), expected: &[&str]) {
    let mut before = received();
    both(&mut before);
    // Which processes are deployed is another matter.
    let unsound = check_value(&before).into_iter().filter(|problem| problem.code != "call.unknown-process");
    assert_eq!(unsound.collect::<Vec<_>>(), [], "the document is sound");
    let mut after = before.clone();
    change(&mut after);
    let problems = beyond(&before, &after);
    let told: Vec<String> = problems.iter().map(|problem| format!("{} {}", problem.code, problem.pointer)).collect();
    assert_eq!(told, expected, "{problems:#?}");
    assert!(problems.iter().all(|problem| problem.message.len() > 40), "{problems:#?}");
}

const STEPS: &str = "/steps/1/steps";

/// Puts `look` into a sub-process of its own.
fn nested(d: &mut Value) {
    let mut look = d["steps"][1]["steps"][1].clone();
    look["next"] = json!("s-out");
    put(d, "/steps/1/steps/0/next", json!("s"));
    put(
        d,
        "/steps/1/steps/1",
        json!({ "id": "s", "type": "subProcess", "next": "copy",
            "steps": [{ "id": "s-in", "type": "startEvent", "next": "look" }, look, { "id": "s-out", "type": "endEvent" }] }),
    );
}

fn late(host: &str, interrupting: bool, next: &str) -> Value {
    json!({ "id": "late", "type": "boundaryEvent", "attachedTo": host, "interrupting": interrupting, "timer": { "after": "PT1S" }, "next": next })
}

#[test]
fn nothing_interrupts_what_stays_from_around_it() {
    let at_last = format!("{STEPS}/-");
    check_with(nested, |d| put(d, &at_last, late("s", true, "copy")), &["adaptation.bypassed /steps/1/steps/6"]);
    let ways = [6, 4, 3].map(|step| format!("adaptation.bypassed /steps/1/steps/{step}"));
    check_with(nested, |d| put(d, &at_last, late("s", true, "over")), &ways.each_ref().map(String::as_str));
    check_with(nested, |d| put(d, &at_last, late("s", false, "over")), &[]);
    // One that was on another step is not moved to it, and what was there already is not made sooner.
    let on_copy = |d: &mut Value| (nested(d), put(d, &at_last, late("copy", true, "weigh"))).1;
    check_with(on_copy, |d| put(d, "/steps/1/steps/6/attachedTo", json!("s")), &["adaptation.bypassed /steps/1/steps/6"]);
    let on_s = |d: &mut Value| (nested(d), put(d, &at_last, late("s", true, "copy"))).1;
    check_with(on_s, |d| put(d, "/steps/1/steps/6/timer/after", json!("PT2S")), &["adaptation.kept /steps/1/steps/6"]);
    // Nor is the whole ended from beside it, before it is done.
    let end = json!({ "id": "all-over", "type": "endEvent", "terminate": true });
    check_with(
        nested,
        |d| {
            put(d, &at_last, late("s", false, "all-over"));
            put(d, &at_last, end.clone());
        },
        &["adaptation.bypassed /steps/1/steps/4", "adaptation.bypassed /steps/1/steps/1", "adaptation.bypassed /steps/1/steps/3"],
    );
}

#[test]
fn variables_are_those_that_a_step_sees() {
    let beside = |d: &mut Value, scope_data: Value| {
        put(d, "/steps/1/steps/0/next", json!("s2"));
        put(
            d,
            "/steps/1/steps/-",
            json!({ "id": "s2", "type": "subProcess", "next": "tell", "data": scope_data,
                "steps": [{ "id": "s2-in", "type": "startEvent", "next": "s2-out" }, { "id": "s2-out", "type": "endEvent" }] }),
        );
    };
    let tell = |name: &str| json!({ "id": "tell", "type": "expressionTask", "set": { name: "1" }, "next": "look" });
    // A variable of a sub-process beside the step is not the one that it writes; nor does its name hide that of the process.
    check(
        |d| {
            beside(d, json!({ "n": { "type": "integer" } }));
            put(d, "/steps/1/steps/-", tell("n"));
        },
        &["adaptation.variable /steps/1/steps/7", "adaptation.variable /steps/1/steps/6/data/n"],
    );
    check(
        |d| {
            beside(d, json!({ "m": { "type": "integer" } }));
            put(d, "/steps/1/steps/-", tell("m"));
        },
        &["adaptation.variable /steps/1/steps/7"],
    );
    check(
        |d| {
            put(d, "/steps/1/data/m", json!({ "type": "integer" }));
            beside(d, json!({ "other": { "type": "integer" } }));
            put(d, "/steps/1/steps/-", tell("m"));
        },
        &[],
    );
    // What a step that stays writes, no other writes, whether it is new or was there.
    check(
        |d| {
            beside(d, json!({}));
            put(d, "/steps/1/steps/-", tell("ok"));
        },
        &["adaptation.variable /steps/1/steps/7"],
    );
    check(|d| put(d, "/steps/1/steps/2/outputs", json!({ "ok": "true" })), &["adaptation.variable /steps/1/steps/2"]);
    // One that wrote it as received stays as it was.
    check_with(
        |d| put(d, "/steps/1/steps/2/outputs", json!({ "ok": "false" })),
        |d| put(d, "/steps/1/steps/2/outputs", json!({ "ok": "true" })),
        &["adaptation.kept /steps/1/steps/2"],
    );
    // A variable of the sub-process, written by a step that stays, is not taken away.
    check_with(
        |d| {
            put(d, "/steps/1/data/seen", json!({ "type": "integer" }));
            put(d, "/steps/1/steps/1/outputs", json!({ "seen": "1" }));
        },
        |d| remove(d, "/steps/1/data/seen"),
        &["adaptation.variable /steps/1/steps/1", "adaptation.variable /steps/1"],
    );
}

#[test]
fn duties_do_not_go_away_with_a_name() {
    let second = |performer: Value| {
        move |d: &mut Value| {
            put(d, "/data/posts", json!({ "type": "array", "items": { "type": "string", "format": "post" } }));
            put(d, "/steps/1/steps/4/next", json!("first"));
            put(d, "/steps/1/steps/-", added("first", "second"));
            put(
                d,
                "/steps/1/steps/-",
                json!({ "id": "second", "type": "userTask", "performer": performer.clone(), "next": "over" }),
            );
        }
    };
    let did = second(json!({ "role": "clerk", "notWhoDid": ["first"] }));
    let holds = second(json!({ "role": "clerk", "notWhoHolds": { "data": ["posts"] } }));
    let renamed = |d: &mut Value| {
        put(d, "/steps/1/steps/6/next", json!("second2"));
        put(d, "/steps/1/steps/7", added("second2", "over"));
    };
    check_with(&did, renamed, &["adaptation.kept /steps/1"]);
    check_with(&holds, renamed, &["adaptation.kept /steps/1"]);
    check_with(&did, |d| remove(d, "/steps/1/steps/7/performer/notWhoDid"), &["adaptation.kept /steps/1/steps/7"]);
    // The step that the other refers to.
    check_with(
        &did,
        |d| {
            put(d, "/steps/1/steps/4/next", json!("first2"));
            put(d, "/steps/1/steps/6", added("first2", "second"));
        },
        &["adaptation.kept /steps/1"],
    );
    // Which posts are kept from it, nobody writes who did not.
    check_with(
        &holds,
        |d| put(d, "/steps/1/steps/2/outputs", json!({ "posts": "[]" })),
        &["adaptation.variable /steps/1/steps/2"],
    );
}

/// Scrutiny with a question to the applicant while the clock stands: `scrutinise`, then `complete?` leads to `ask` and back, or on to `look`.
fn asking(d: &mut Value) {
    put(d, "/steps/1/steps/0/next", json!("scrutinise"));
    let mut scrutinise = added("scrutinise", "complete?");
    scrutinise["outputs"] = json!({ "said": "2" });
    put(d, "/steps/1/steps/-", scrutinise);
    let ways = json!([{ "to": "ask", "when": "said > 1" }, { "to": "look" }]);
    put(d, "/steps/1/steps/-", json!({ "id": "complete?", "type": "exclusiveGateway", "next": ways }));
    put(d, "/steps/1/steps/-", added("ask", "ready"));
    put(d, "/steps/1/steps/-", added("ready", "look"));
}

/// The places to which its clock is bound; the norm is no part of what is compared.
fn clocked(d: &mut Value) {
    put(
        d,
        "/clocks",
        json!([{ "norm": "n", "bind": { "start": { "entering": "look" }, "asked": [{ "entering": "ask" }], "answered": { "leaving": "ready" } } }]),
    );
}

#[track_caller]
fn check_clocked(change: impl Fn(&mut Value), expected: &[&str]) {
    let mut before = received();
    asking(&mut before);
    assert_eq!(check_value(&before), [], "the document is sound");
    clocked(&mut before);
    let mut after = before.clone();
    change(&mut after);
    let problems = beyond(&before, &after);
    let told: Vec<String> = problems.iter().map(|problem| format!("{} {}", problem.code, problem.pointer)).collect();
    assert_eq!(told, expected, "{problems:#?}");
}

#[test]
fn the_order_of_what_stays_stays() {
    // Registered before it was weighed.
    check(
        |d| {
            put(d, "/steps/1/steps/2/next", json!("register"));
            put(d, "/steps/1/steps/4/next", json!("weigh"));
            put(d, "/steps/1/steps/3/next", json!("over"));
        },
        &["adaptation.order /steps/1/steps/4"],
    );
    // Beside one another, where it was one after the other.
    check(
        |d| {
            put(d, "/steps/1/steps/2/next", json!("fork"));
            put(d, "/steps/1/steps/-", json!({ "id": "fork", "type": "parallelGateway", "next": ["weigh", "register"] }));
            put(d, "/steps/1/steps/3/next", json!("over"));
        },
        &["adaptation.order /steps/1/steps/4"],
    );
    // By an event on the step, before it is done.
    check(
        |d| put(d, "/steps/1/steps/-", late("look", false, "weigh")),
        &["adaptation.order /steps/1/steps/4", "adaptation.order /steps/1/steps/3"],
    );
    // What was forked and joined before a step is still before it.
    let forked = |d: &mut Value| {
        put(d, "/steps/1/steps/1/next", json!("fork"));
        put(d, "/steps/1/steps/-", json!({ "id": "fork", "type": "parallelGateway", "next": ["copy", "weigh"] }));
        put(d, "/steps/1/steps/2/next", json!("join"));
        put(d, "/steps/1/steps/3/next", json!("join"));
        put(d, "/steps/1/steps/-", json!({ "id": "join", "type": "parallelGateway", "next": "register" }));
    };
    check_with(forked, |d| put(d, "/steps/1/steps/2/next", json!("register")), &["adaptation.order /steps/1/steps/4"]);
    check_with(
        forked,
        |d| {
            put(d, "/steps/1/steps/2/next", json!("more"));
            put(d, "/steps/1/steps/-", added("more", "join"));
        },
        &[],
    );
}

#[test]
fn a_clock_is_not_bent() {
    check_clocked(|_| {}, &[]);
    // A step more, before the gateway, on the way to it and behind.
    check_clocked(
        |d| {
            put(d, "/steps/1/steps/6/next", json!("sort"));
            put(d, "/steps/1/steps/-", added("sort", "complete?"));
        },
        &[],
    );
    check_clocked(
        |d| {
            put(d, "/steps/1/steps/8/next", json!("sort"));
            put(d, "/steps/1/steps/-", added("sort", "ready"));
        },
        &[],
    );
    // The gateway that decides whether the clock is suspended, and by what it decides.
    check_clocked(|d| put(d, "/steps/1/steps/7/next/0/when", json!("said > 0")), &["adaptation.kept /steps/1/steps/7"]);
    check_clocked(|d| put(d, "/steps/1/steps/6/outputs/said", json!("3")), &["adaptation.kept /steps/1/steps/6"]);
    // A way around it, to what suspends the clock.
    check_clocked(|d| put(d, "/steps/1/steps/6/next", json!("ask")), &["adaptation.bypassed /steps/1/steps/7"]);
    // Once more, by a way back and by a path beside the other.
    check_clocked(
        |d| {
            put(d, "/steps/1/steps/9/next", json!("again?"));
            let ways = json!([{ "to": "ask", "when": "n > 1" }, { "to": "look" }]);
            put(d, "/steps/1/steps/-", json!({ "id": "again?", "type": "exclusiveGateway", "next": ways }));
        },
        &["adaptation.repeated /steps/1/steps/8", "adaptation.repeated /steps/1/steps/9"],
    );
    check_clocked(
        |d| {
            put(d, "/steps/1/steps/8/next", json!("fork"));
            put(d, "/steps/1/steps/-", json!({ "id": "fork", "type": "parallelGateway", "next": ["ready", "other"] }));
            put(d, "/steps/1/steps/-", added("other", "ready"));
        },
        &["adaptation.repeated /steps/1/steps/1", "adaptation.repeated /steps/1/steps/9"],
    );
    check_clocked(
        |d| {
            put(d, "/steps/1/steps/6/next", json!("sort"));
            put(d, "/steps/1/steps/-", added("sort", "complete?"));
            let every = json!({ "after": "PT1S", "every": "PT1S" });
            put(
                d,
                "/steps/1/steps/-",
                json!({ "id": "late", "type": "boundaryEvent", "attachedTo": "sort", "interrupting": false, "timer": every, "next": "told" }),
            );
            put(d, "/steps/1/steps/-", added("told", "over"));
        },
        &[],
    );
    // The way from the gateway to it.
    check_clocked(|d| put(d, "/steps/1/steps/8/next", json!("look")), &["adaptation.bypassed /steps/1/steps/9"]);
}

#[test]
fn no_other_process_is_called() {
    let call = |process: &str| json!({ "id": "call", "type": "callActivity", "process": process, "next": "look" });
    let calling = |d: &mut Value| {
        put(d, "/steps/1/steps/0/next", json!("call"));
        put(d, "/steps/1/steps/-", call("known"));
    };
    check(calling, &["adaptation.call /steps/1/steps/6/process"]);
    check_with(calling, |d| put(d, "/steps/1/steps/6/process", json!("other")), &["adaptation.call /steps/1/steps/6/process"]);
    check_with(calling, |d| put(d, "/steps/1/steps/6/inputs", json!({ "n": "n" })), &[]);
    check_with(
        calling,
        |d| {
            put(d, "/steps/1/steps/0/next", json!("look"));
            remove(d, "/steps/1/steps/6");
        },
        &[],
    );
}

#[test]
fn what_is_personal_stays_so_by_its_name() {
    let inner = |data: Value| {
        json!({ "id": "s2", "type": "subProcess", "next": "look", "data": data,
            "steps": [{ "id": "s2-in", "type": "startEvent", "next": "s2-out" }, { "id": "s2-out", "type": "endEvent" }] })
    };
    let moved = |declared: Value| {
        move |d: &mut Value| {
            remove(d, "/steps/1/data/note");
            put(d, "/steps/1/steps/0/next", json!("s2"));
            put(d, "/steps/1/steps/-", inner(json!({ "note": declared.clone() })));
        }
    };
    check(moved(json!({ "type": "string" })), &["adaptation.personal /steps/1/steps/6/data/note"]);
    check(moved(json!({ "type": "string", "personal": true })), &[]);
    // It is not dropped while a form still asks for it.
    let asks = |d: &mut Value| {
        put(d, "/forms/g", json!({ "schema": { "type": "object", "properties": { "note": { "type": "string" } } } }));
        put(d, "/steps/1/steps/1/form", json!("g"));
    };
    check_with(asks, |d| remove(d, "/steps/1/data/note"), &["adaptation.personal /steps/1/steps/1"]);
    check(|d| remove(d, "/steps/1/data/note"), &[]);
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
