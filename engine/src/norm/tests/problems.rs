//! Every problem of a document: its code and its place. Hostile documents among them.

use serde_json::{Value, json};

use super::document;
use crate::model::limits::{NORM_LIMITS_MAX, NORM_PROBLEMS_MAX};
use crate::model::norm::Document;
use crate::norm::compile;

/// The problems of a document, as "code pointer"; warnings in brackets.
fn problems(value: &Value) -> Vec<String> {
    let document: Document = serde_json::from_value(value.clone()).unwrap();
    let problems = match compile(document) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    for problem in &problems {
        assert!(problem.message.ends_with('.') && problem.message.contains(". "), "{problem:?}");
        assert!(problem.message.len() < 400, "{problem:?}");
    }
    let told = |problem: &crate::model::Problem| {
        let line = format!("{} {}", problem.code, problem.pointer);
        if problem.is_error() { line } else { format!("({line})") }
    };
    problems.iter().map(told).collect()
}

#[track_caller]
fn check(changes: &Value, expected: &[&str]) {
    let days = if changes["hours"].is_null() { json!({ "days": 30 }) } else { json!({ "hours": 48 }) };
    let mut changes = changes.clone();
    changes.as_object_mut().unwrap().remove("hours");
    assert_eq!(problems(&document(&days, &changes)), expected, "{changes}");
}

#[track_caller]
fn check_within(within: &Value, expected: &[&str]) {
    assert_eq!(problems(&document(within, &json!({}))), expected, "{within}");
}

#[test]
fn lengths() {
    check_within(&json!({ "days": 1 }), &[]);
    check_within(&json!({ "days": 0 }), &["norm.length /editions/0/limits/0/within/days"]);
    check_within(&json!({ "months": 121 }), &["norm.length /editions/0/limits/0/within/months"]);
    check_within(&json!({ "immediately": false }), &["norm.immediately-false /editions/0/limits/0/within/immediately"]);
    check_within(&json!({ "earliestOf": [{ "days": 1 }] }), &["norm.members /editions/0/limits/0/within/earliestOf"]);
    let deep = |depth: usize| {
        (0..depth).fold(json!({ "days": 1 }), |within, level| {
            let name = if level % 2 == 0 { "earliestOf" } else { "latestOf" };
            json!({ name: [within, { "days": 2 }] })
        })
    };
    check_within(&deep(3), &[]);
    assert_eq!(problems(&document(&deep(4), &json!({}))).len(), 1);
    assert!(problems(&document(&deep(30), &json!({})))[0].starts_with("norm.nesting "));
}

fn edition(from: Option<&str>, to: Option<&str>) -> Value {
    let limit = json!({ "within": { "days": 30 } });
    json!({ "title": { "en": "Charter" }, "from": from, "to": to, "source": ["Charter"], "limits": [limit] })
}

#[test]
fn editions() {
    let check = |editions: &[(Option<&str>, Option<&str>)], expected: &[&str]| {
        let editions: Vec<Value> = editions.iter().map(|(from, to)| edition(*from, *to)).collect();
        check(&json!({ "editions": editions }), expected);
    };
    check(&[], &["norm.editions-missing /editions"]);
    check(&[(None, Some("2019-12-31")), (Some("2020-01-01"), None)], &[]);
    check(&[(Some("2020-01-01"), None), (None, Some("2019-12-31"))], &[]);
    check(&[(None, Some("2019-12-31")), (Some("2019-12-31"), None)], &["norm.edition-overlap /editions/1/from"]);
    check(&[(None, None), (Some("2020-01-01"), None)], &["norm.edition-overlap /editions/1/from"]);
    check(&[(None, None), (None, None)], &["norm.edition-overlap /editions/1/from"]);
    check(&[(None, Some("2019-12-30")), (Some("2020-01-01"), None)], &["(norm.edition-gap /editions/1/from)"]);
    check(&[(None, Some("2019-02-29"))], &["norm.date-impossible /editions/0/to"]);
    check(&[(Some("2019-13-01"), None), (None, None)], &["norm.date-impossible /editions/0/from"]);
    check(&[(Some("2020-01-01"), Some("2019-12-31"))], &["norm.edition-reversed /editions/0/to"]);
    let years =
        [("2015", "2025"), ("2016", "2017"), ("2018", "2018")].map(|(from, to)| (format!("{from}-01-01"), format!("{to}-12-31")));
    let years: Vec<_> = years.iter().map(|(from, to)| (Some(from.as_str()), Some(to.as_str()))).collect();
    check(&years, &["norm.edition-overlap /editions/1/from", "norm.edition-overlap /editions/2/from"]);
}

#[test]
fn limits() {
    let titles = json!({ "sea": { "en": "Sea" }, "air": { "en": "Air" } });
    let attributes = json!({ "mode": { "title": { "en": "Mode" }, "values": titles } });
    let check = |limits: Value, expected: &[&str]| {
        let mut one = edition(None, None);
        one["limits"] = limits;
        check(&json!({ "attributes": attributes, "editions": [one] }), expected);
    };
    let limit = |when: Value| json!({ "when": when, "within": { "days": 1 } });
    check(json!([limit(json!({ "mode": "air" })), limit(json!({}))]), &[]);
    check(json!([limit(json!({ "mode": "air" })), limit(json!({ "mode": "sea" }))]), &[]);
    check(json!([limit(json!({ "mode": "air" }))]), &["(norm.limit-missing /editions/0/limits)"]);
    check(json!([limit(json!({})), limit(json!({ "mode": "air" }))]), &["norm.limit-unreachable /editions/0/limits/1"]);
    check(json!([]), &["(norm.attribute-unused /attributes/mode)", "norm.limits-missing /editions/0/limits"]);
    check(json!([limit(json!({ "mode": "rail" }))]), &["norm.value-unknown /editions/0/limits/0/when/mode"]);
    check(
        json!([limit(json!({ "mode": "air", "a/b": "1" })), limit(json!({}))]),
        &["norm.attribute-unknown /editions/0/limits/0/when/a~1b"],
    );
    let many: Vec<Value> = (0..=NORM_LIMITS_MAX).map(|_| limit(json!({}))).collect();
    check(Value::Array(many), &["(norm.attribute-unused /attributes/mode)", "limit.norm /editions/0/limits"]);
}

#[test]
fn warnings() {
    let check = |warning: Value, expected: &[&str]| check(&json!({ "warnings": [warning] }), expected);
    check(json!({ "before": { "days": 3 } }), &[]);
    check(json!({ "percent": 80 }), &[]);
    check(json!({}), &["norm.warning /warnings/0"]);
    check(json!({ "percent": 80, "before": { "days": 3 } }), &["norm.warning /warnings/0"]);
    check(json!({ "percent": 0 }), &["norm.warning-percent /warnings/0/percent"]);
    check(json!({ "percent": 100 }), &["norm.warning-percent /warnings/0/percent"]);
    check(json!({ "before": { "days": 30 } }), &["norm.warning-late /warnings/0"]);
    check(json!({ "before": { "months": 3 } }), &["norm.warning-late /warnings/0"]);
    check(json!({ "before": { "immediately": true } }), &["norm.warning-late /warnings/0/before"]);
    let hour = json!({ "warnings": [{ "percent": 75 }] });
    assert_eq!(problems(&document(&json!({ "hours": 1 }), &hour)), ["norm.warning-late /warnings/0"]);
    assert_eq!(problems(&document(&json!({ "minutes": 60 }), &hour)), [""; 0]);
}

#[test]
fn breach() {
    let check = |breach: Value, expected: &[&str]| check(&json!({ "breach": breach }), expected);
    let rung = |role: &str, after: Value| {
        if after.is_null() { json!({ "role": role }) } else { json!({ "role": role, "after": after }) }
    };
    let ladder = |rungs: &[Value]| json!({ "escalate": rungs });
    check(ladder(&[rung("a", Value::Null), rung("b", json!({ "hours": 1 })), rung("c", json!({ "workingDays": 30 }))]), &[]);
    check(
        ladder(&[rung("a", json!({ "days": 3 })), rung("a", json!({ "days": 5 }))]),
        &["norm.ladder-twice /breach/escalate/1/role"],
    );
    check(ladder(&[rung("a", json!({ "days": 3 })), rung("b", json!({ "days": 3 }))]), &["norm.ladder-order /breach/escalate/1"]);
    check(
        ladder(&[rung("a", json!({ "days": 30 })), rung("b", json!({ "hours": 3 }))]),
        &["norm.ladder-order /breach/escalate/1"],
    );
    check(ladder(&[rung("a", Value::Null), rung("b", Value::Null)]), &["norm.ladder-order /breach/escalate/1"]);
    check(json!({ "start": ["a.b", "a.b"] }), &["norm.start-twice /breach/start/1"]);
    let penalty = |amounts: Value, expected: &[&str]| {
        let mut penalty = json!({ "title": { "en": "P" }, "payee": "state", "source": ["Rule 8"] });
        for (name, amount) in amounts.as_object().unwrap() {
            penalty[name] = amount.clone();
        }
        check(json!({ "penalties": [penalty] }), expected);
    };
    penalty(json!({ "perDay": "250", "cap": "5000" }), &[]);
    penalty(json!({ "perDay": "250", "cap": "5000", "lumpFrom": "500", "lumpTo": "5000" }), &[]);
    penalty(json!({ "lumpTo": "50000" }), &[]);
    penalty(json!({}), &["norm.penalty-amount /breach/penalties/0"]);
    penalty(json!({ "lumpFrom": "600", "lumpTo": "500" }), &["norm.penalty-lump /breach/penalties/0/lumpFrom"]);
    penalty(json!({ "lumpFrom": "600" }), &["norm.penalty-lump /breach/penalties/0/lumpFrom"]);
    penalty(json!({ "lumpTo": "600", "cap": "700" }), &["norm.penalty-cap /breach/penalties/0/cap"]);
    for wrong in ["", "-1", "1e3", "01", "1.", "1.234", ".5", "1,000", "1234567890123", "१"] {
        penalty(json!({ "perDay": wrong }), &["norm.amount /breach/penalties/0/perDay"]);
    }
    penalty(json!({ "perDay": "1", "source": [" "] }), &["norm.source-missing /breach/penalties/0/source"]);
}

#[test]
fn events() {
    let check = |changes: Value, expected: &[&str]| {
        let mut clock = json!({ "start": "a", "stop": ["b"] });
        for (name, member) in changes.as_object().unwrap() {
            clock[name] = member.clone();
        }
        check(&json!({ "clock": clock }), expected);
    };
    let rest = |from: &str, until: &str, more: Value| {
        let mut rest = json!({ "from": from, "until": until, "for": "applicant", "title": { "en": "Awaited" } });
        for (name, member) in more.as_object().unwrap() {
            rest[name] = member.clone();
        }
        rest
    };
    let none = || json!({});
    check(
        json!({ "suspend": [rest("c", "d", none()), rest("d", "b", none())], "interim": "e", "reopen": { "on": "f", "clock": "resumes" } }),
        &[],
    );
    check(json!({ "stop": [] }), &["norm.stop-missing /clock/stop"]);
    check(json!({ "stop": ["a"] }), &["norm.event-contradiction /clock/stop/0"]);
    check(json!({ "stop": ["b", "b"] }), &["norm.event-twice /clock/stop/1"]);
    check(json!({ "suspend": [rest("c", "c", none())] }), &["norm.event-contradiction /clock/suspend/0/until"]);
    check(json!({ "suspend": [rest("b", "c", none())] }), &["norm.event-contradiction /clock/suspend/0/from"]);
    check(json!({ "suspend": [rest("c", "a", none())] }), &["norm.event-contradiction /clock/suspend/0/until"]);
    check(json!({ "suspend": [rest("c", "a", json!({ "restarts": true }))] }), &[]);
    check(json!({ "suspend": [rest("c", "d", none()), rest("c", "d", none())] }), &["norm.event-twice /clock/suspend/1"]);
    check(json!({ "suspend": [rest("c", "d", json!({ "times": 0 }))] }), &["norm.times /clock/suspend/0/times"]);
    check(
        json!({ "suspend": [rest("c", "d", json!({ "atMost": { "immediately": true } }))] }),
        &["norm.rest-none /clock/suspend/0/atMost"],
    );
    check(json!({ "suspend": [rest("c", "d", none())], "interim": "c" }), &["norm.event-contradiction /clock/interim"]);
    check(json!({ "interim": "b" }), &["norm.event-contradiction /clock/interim"]);
    check(json!({ "extend": { "on": "c", "by": { "days": 15 } } }), &[]);
    check(json!({ "extend": { "on": "b", "by": { "months": 1 } } }), &["norm.event-contradiction /clock/extend/on"]);
    check(json!({ "extend": { "on": "c", "by": { "hours": 15 } } }), &["norm.extension-unit /clock/extend/by"]);
    check(json!({ "extend": { "on": "c", "by": { "immediately": true } } }), &["norm.extension-unit /clock/extend/by"]);
    check(json!({ "start": "Not a name" }), &["norm.name /clock/start"]);
}

#[test]
fn backward() {
    let check = |changes: Value, expected: &[&str]| {
        let mut changes = changes;
        changes["direction"] = json!("backward");
        check(&changes, expected);
    };
    check(json!({}), &[]);
    let rest = json!({ "from": "c", "until": "d", "for": "applicant", "title": { "en": "Awaited" } });
    let clock = json!({
        "start": "a", "stop": ["b"], "suspend": [rest], "extend": { "on": "e", "by": { "days": 1 } },
        "reopen": { "on": "f", "clock": "resumes" },
    });
    let expected = ["norm.backward /clock/suspend", "norm.backward /clock/extend", "norm.backward /clock/reopen"];
    check(json!({ "clock": clock }), &expected);
    check(json!({ "warnings": [{ "percent": 50 }] }), &["norm.backward /warnings/0/percent"]);
    let counting = json!({ "received": "nextOfficeDay", "ends": "sameTime", "lastDay": "modifiedForward" });
    let expected = ["norm.backward /counting/received", "norm.backward /counting/ends", "norm.backward /counting/lastDay"];
    check(json!({ "counting": counting }), &expected);
    let at_once = document(&json!({ "immediately": true }), &json!({ "direction": "backward" }));
    assert_eq!(problems(&at_once), ["norm.backward /editions/0/limits/0/within"]);
}

#[test]
fn hostile() {
    let long = "x".repeat(100_000);
    check(&json!({ "id": long }), &["norm.name /id"]);
    check(&json!({ "title": { "en": long } }), &["norm.title-length /title"]);
    let events: Vec<String> = (0..1_000).map(|number| format!("e{number}")).collect();
    check(&json!({ "clock": { "start": "a", "stop": events } }), &["limit.norm /clock/stop"]);
    let wrong: Vec<Value> = (0..100).map(|_| edition(Some(&long), Some("2026-02-30"))).collect();
    let found = problems(&document(&json!({ "days": 1 }), &json!({ "editions": wrong })));
    assert_eq!(found.len(), NORM_PROBLEMS_MAX);
    // Twenty attributes of twenty values have more combinations than anyone tries.
    let values: serde_json::Map<String, Value> = (0..20).map(|value| (format!("v{value}"), json!({ "en": "V" }))).collect();
    let attribute = json!({ "title": { "en": "A" }, "values": values });
    let attributes: serde_json::Map<String, Value> = (0..20).map(|name| (format!("a{name}"), attribute.clone())).collect();
    let limits: Vec<Value> =
        (0..20).map(|name| json!({ "when": { format!("a{name}"): "v0" }, "within": { "days": 1 } })).collect();
    let mut one = edition(None, None);
    one["limits"] = json!(limits);
    let found = problems(&document(&json!({}), &json!({ "attributes": attributes, "editions": [one] })));
    assert_eq!(found, [""; 0], "beyond what is tried, nothing is claimed");
}
