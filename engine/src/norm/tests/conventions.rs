//! Conventions of counting, norms that count backward, several lengths at once, warnings and the ladder: by hand, in Delhi.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{TERMS, at, date, document, ends, norm, shipped, started};
use crate::model::norm::Document;
use crate::norm::{Ledger, NormError, compile, reckon};

#[track_caller]
fn check(within: &Value, counting: &Value, start: &str, due: &str) {
    let norm = norm(within, &json!({ "counting": counting }));
    let found = ends(&norm, &started(at(start)), &shipped("in.central.delhi")).due.unwrap();
    assert_eq!(found.to_string(), at(due).to_string(), "{within} {counting} {start}");
}

#[test]
fn the_first_day() {
    let included = || json!({ "firstDay": "included", "ends": "day", "lastDay": "none" });
    check(&json!({ "days": 1 }), &included(), "2026-03-02T10:00:00+05:30", "2026-03-03T00:00:00+05:30");
    check(&json!({ "weeks": 1 }), &included(), "2026-03-02T10:00:00+05:30", "2026-03-09T00:00:00+05:30");
    check(&json!({ "workingDays": 2 }), &included(), "2026-03-02T10:00:00+05:30", "2026-03-04T00:00:00+05:30");
    check(&json!({ "workingDays": 2 }), &included(), "2026-03-07T10:00:00+05:30", "2026-03-11T00:00:00+05:30");
    check(&json!({ "months": 1 }), &included(), "2026-03-05T10:00:00+05:30", "2026-04-05T00:00:00+05:30");
    check(&json!({ "months": 1 }), &included(), "2026-01-28T10:00:00+05:30", "2026-02-28T00:00:00+05:30");
    check(&json!({ "months": 1 }), &included(), "2026-01-31T10:00:00+05:30", "2026-03-01T00:00:00+05:30");
}

#[test]
fn receipt() {
    let next = |day: &str, due: &str| {
        let start = format!("2026-01-{day}+05:30");
        check(
            &json!({ "workingDays": 1 }),
            &json!({ "received": "nextOfficeDay" }),
            &start,
            &format!("2026-01-{due}T17:00:00+05:30"),
        );
    };
    next("22T08:00:00", "23");
    next("22T16:59:59", "23");
    next("22T17:00:00", "27");
    next("23T17:00:00", "28");
    next("24T10:00:00", "28");
    next("26T10:00:00", "28");
    check(&json!({ "workingDays": 1 }), &json!({}), "2026-01-24T10:00:00+05:30", "2026-01-27T17:00:00+05:30");
}

#[test]
fn the_last_day() {
    let start = "2026-01-10T10:00:00+05:30";
    let days = |counting: Value, due: &str| check(&json!({ "days": 15 }), &counting, start, due);
    days(json!({}), "2026-01-27T17:00:00+05:30");
    days(json!({ "lastDay": "none" }), "2026-01-26T00:00:00+05:30");
    days(json!({ "lastDay": "backward" }), "2026-01-23T17:00:00+05:30");
    days(json!({ "lastDay": "modifiedForward" }), "2026-01-27T17:00:00+05:30");
    days(json!({ "ends": "sameTime" }), "2026-01-27T10:00:00+05:30");
    days(json!({ "ends": "day" }), "2026-01-28T00:00:00+05:30");
}

#[test]
fn shorter_and_longer() {
    // wdtk-theme#872: 20 working days or 30 days, whichever ends first.
    let both = |which: &str| json!({ which: [{ "workingDays": 20 }, { "days": 30 }] });
    check(&both("earliestOf"), &json!({}), "2026-03-02T10:00:00+05:30", "2026-04-01T17:00:00+05:30");
    check(&both("latestOf"), &json!({}), "2026-03-02T10:00:00+05:30", "2026-04-02T17:00:00+05:30");
}

#[test]
fn backward() {
    let delhi = shipped("in.central.delhi");
    let check = |within: Value, counting: Value, planned: &str, due: &str| {
        let norm = norm(&within, &json!({ "direction": "backward", "counting": counting }));
        let ledger = Ledger { planned: Some(date(planned)), ..started(at("2026-01-01T10:00:00+05:30")) };
        assert_eq!(ends(&norm, &ledger, &delhi).due.unwrap().to_string(), at(due).to_string(), "{within} {planned}");
        assert_eq!(reckon(&norm, TERMS, &started(ledger.start), &delhi), Err(NormError::Unplanned));
    };
    // The charter's 15 days before an audit.
    check(json!({ "days": 15 }), json!({}), "2026-04-17", "2026-04-02T17:00:00+05:30");
    check(json!({ "days": 15 }), json!({}), "2026-04-18", "2026-04-02T17:00:00+05:30");
    check(json!({ "days": 15 }), json!({ "lastDay": "none" }), "2026-04-18", "2026-04-04T00:00:00+05:30");
    check(json!({ "days": 15 }), json!({ "firstDay": "included" }), "2026-04-16", "2026-04-02T17:00:00+05:30");
    check(json!({ "workingDays": 3 }), json!({}), "2026-04-06", "2026-03-30T17:00:00+05:30");
    check(json!({ "workingDays": 3 }), json!({ "firstDay": "included" }), "2026-04-06", "2026-04-01T17:00:00+05:30");
    check(json!({ "months": 1 }), json!({ "ends": "day" }), "2026-03-31", "2026-02-28T00:00:00+05:30");
    check(json!({ "hours": 48 }), json!({}), "2026-04-06", "2026-04-04T00:00:00+05:30");
    check(json!({ "officeHours": 3 }), json!({}), "2026-04-06", "2026-04-02T14:00:00+05:30");
    check(json!({ "latestOf": [{ "days": 5 }, { "workingDays": 3 }] }), json!({}), "2026-04-06", "2026-04-01T17:00:00+05:30");
}

#[test]
fn warnings_and_rungs() {
    let delhi = shipped("in.central.delhi");
    let check = |within: Value, before: &[(Value, &str)], after: &[(Value, &str)], counting: &Value| {
        let rungs = after.iter().enumerate().map(|(at, (after, _))| {
            let role = format!("role-{at}");
            if after.is_null() { json!({ "role": role }) } else { json!({ "role": role, "after": after }) }
        });
        let changes = json!({
            "warnings": before.iter().map(|(warning, _)| warning.clone()).collect::<Vec<_>>(),
            "breach": { "escalate": rungs.collect::<Vec<_>>() }, "counting": counting,
        });
        let deadline = ends(&norm(&within, &changes), &started(at("2026-03-02T10:00:00+05:30")), &delhi);
        let told = |times: &[crate::model::Time]| times.iter().map(ToString::to_string).collect::<Vec<_>>();
        let expected = |points: &[(Value, &str)]| points.iter().map(|(_, point)| at(point).to_string()).collect::<Vec<_>>();
        assert_eq!(told(&deadline.warnings), expected(before), "{within}");
        assert_eq!(told(&deadline.rungs), expected(after), "{within}");
    };
    // Due on Tuesday 24 March at 17:00.
    let warnings = [
        (json!({ "before": { "workingDays": 2 } }), "2026-03-20T09:00:00+05:30"),
        (json!({ "before": { "days": 2 } }), "2026-03-20T09:00:00+05:30"),
        (json!({ "before": { "hours": 2 } }), "2026-03-24T15:00:00+05:30"),
        (json!({ "before": { "officeHours": 8 } }), "2026-03-23T16:30:00+05:30"),
        (json!({ "before": { "earliestOf": [{ "days": 2 }, { "hours": 2 }] } }), "2026-03-24T15:00:00+05:30"),
        // Longer than the time itself, under this calendar only.
        (json!({ "before": { "days": 22 } }), "2026-03-02T10:00:00+05:30"),
        // 12 of 15 working days.
        (json!({ "percent": 80 }), "2026-03-19T09:00:00+05:30"),
        (json!({ "percent": 74 }), "2026-03-19T09:00:00+05:30"),
        (json!({ "percent": 1 }), "2026-03-03T09:00:00+05:30"),
    ];
    let rungs = [
        (Value::Null, "2026-03-24T17:00:00+05:30"),
        (json!({ "hours": 1 }), "2026-03-24T18:00:00+05:30"),
        (json!({ "officeHours": 1 }), "2026-03-25T10:00:00+05:30"),
        (json!({ "workingDays": 2 }), "2026-03-27T17:00:00+05:30"),
        (json!({ "days": 4 }), "2026-03-30T17:00:00+05:30"),
    ];
    check(json!({ "workingDays": 15 }), &warnings[..8], &rungs, &json!({}));
    check(json!({ "workingDays": 15 }), &warnings[8..], &[], &json!({}));
    // The last day stays the 24th where it ends at midnight.
    check(
        json!({ "workingDays": 15 }),
        &[(json!({ "before": { "workingDays": 2 } }), "2026-03-20T09:00:00+05:30")],
        &[(json!({ "days": 1 }), "2026-03-26T00:00:00+05:30")],
        &json!({ "ends": "day" }),
    );
    check(json!({ "hours": 10 }), &[(json!({ "percent": 75 }), "2026-03-02T18:00:00+05:30")], &[], &json!({}));
}

#[test]
fn terms_by_day_and_attributes() {
    let mut value = document(&json!({ "days": 30 }), &json!({}));
    let titles = json!({ "sea": { "en": "Sea" }, "air": { "en": "Air" } });
    value["attributes"] = json!({ "mode": { "title": { "en": "Mode" }, "values": titles } });
    let edition = |from: Value, to: Value| {
        json!({ "title": { "en": "Charter" }, "source": ["C"], "from": from, "to": to,
                "limits": [{ "when": { "mode": "air" }, "within": { "hours": 12 } }, { "within": { "hours": 24 } }] })
    };
    value["editions"] = json!([edition(Value::Null, json!("2019-12-19")), edition(json!("2019-12-20"), json!("2026-03-31"))]);
    let (norm, warnings) = compile(serde_json::from_value::<Document>(value).unwrap()).unwrap();
    assert_eq!(warnings, []);
    let check = |day: &str, mode: Option<&str>, expected: Option<(u16, u16)>| {
        let attributes: BTreeMap<String, String> = mode.iter().map(|mode| ("mode".to_owned(), (*mode).to_owned())).collect();
        let terms = norm.terms(date(day), &attributes);
        assert_eq!(terms.map(|terms| (terms.edition, terms.limit)), expected, "{day} {mode:?}");
    };
    check("2019-12-19", Some("air"), Some((0, 0)));
    check("2019-12-20", Some("air"), Some((1, 0)));
    check("2026-03-31", Some("sea"), Some((1, 1)));
    check("2026-03-31", None, Some((1, 1)));
    check("2026-04-01", Some("sea"), None);
    assert_eq!(norm.events(), ["application-complete", "order-issued"]);
}
