//! Rests and extensions by hand: counted in the norm's own unit, overlapping ones once, and nothing once the time is over.

use serde_json::{Value, json};

use super::{TERMS, at, date, ends, norm, shipped, started};
use crate::norm::{Ledger, NormError, Rest, reckon};

/// Clock events with two grounds, one of them bounded, and an extension.
pub(super) fn clock() -> Value {
    json!({
        "start": "application-complete", "stop": ["order-issued"],
        "suspend": [
            { "from": "applicant-asked", "until": "applicant-answered", "for": "applicant", "title": { "en": "Documents awaited" } },
            { "from": "stay-ordered", "until": "stay-lifted", "for": "court", "title": { "en": "Stayed" },
              "atMost": { "days": 10 }, "times": 2 },
        ],
    })
}

/// A ledger from "ground from to" lines; a line of one word and an instant is an extension.
pub(super) fn ledger(start: &str, lines: &[&str]) -> Ledger {
    let mut ledger = started(at(start));
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["extended", when] => ledger.extensions.push(at(when)),
            [ground, from, to] => {
                let to = (to != "open").then(|| at(to));
                ledger.rests.push(Rest { ground: ground.parse().ok(), from: at(from), to });
            }
            _ => panic!("{line}"),
        }
    }
    ledger
}

/// The last day in Delhi, of a norm that ends with the day; none while it rests.
#[track_caller]
fn check(within: &Value, changes: &Value, lines: &[&str], last: Option<&str>) {
    let delhi = shipped("in.central.delhi");
    let mut all = json!({ "clock": clock(), "counting": { "ends": "day", "lastDay": "none" } });
    for (name, member) in changes.as_object().unwrap() {
        all[name] = member.clone();
    }
    let due = ends(&norm(within, &all), &ledger("2026-03-02T11:00:00+05:30", lines), &delhi).due;
    let expected = last.map(|last| delhi.start_of(date(last).tomorrow().unwrap()).unwrap());
    assert_eq!(due.map(|due| due.to_string()), expected.map(|due| due.to_string()), "{within} {lines:?}");
}

#[test]
fn days() {
    let check = |lines: &[&str], last: Option<&str>| check(&json!({ "days": 15 }), &json!({}), lines, last);
    check(&[], Some("2026-03-17"));
    check(&["0 2026-03-05T10:00:00+05:30 2026-03-09T10:00:00+05:30"], Some("2026-03-21"));
    // Within one date nothing changes; over midnight it is one day.
    check(&["0 2026-03-05T00:00:00+05:30 2026-03-05T23:59:00+05:30"], Some("2026-03-17"));
    check(&["0 2026-03-05T23:59:00+05:30 2026-03-06T00:01:00+05:30"], Some("2026-03-18"));
    // Overlapping, and one inside another: the 6th to the 12th.
    check(
        &[
            "0 2026-03-05T10:00:00+05:30 2026-03-09T10:00:00+05:30",
            "1 2026-03-06T10:00:00+05:30 2026-03-12T10:00:00+05:30",
            "0 2026-03-07T10:00:00+05:30 2026-03-08T10:00:00+05:30",
        ],
        Some("2026-03-24"),
    );
    // One day apart, and not in order.
    check(
        &["0 2026-03-10T10:00:00+05:30 2026-03-12T10:00:00+05:30", "0 2026-03-05T10:00:00+05:30 2026-03-09T10:00:00+05:30"],
        Some("2026-03-23"),
    );
    check(&["0 2026-03-05T10:00:00+05:30 open"], None);
    // A rest without a ground: between a stop and being taken up again.
    check(&["- 2026-03-05T10:00:00+05:30 2026-03-09T10:00:00+05:30"], Some("2026-03-21"));
    // Ended before it began, or before the start.
    check(&["0 2026-03-09T10:00:00+05:30 2026-03-05T10:00:00+05:30"], Some("2026-03-17"));
    check(&["0 2026-02-09T10:00:00+05:30 2026-03-01T10:00:00+05:30"], Some("2026-03-17"));
    check(&["0 2026-02-09T10:00:00+05:30 2026-03-04T10:00:00+05:30"], Some("2026-03-19"));
}

#[test]
fn over_is_over() {
    let check = |lines: &[&str], last: Option<&str>| check(&json!({ "days": 15 }), &json!({}), lines, last);
    check(&["0 2026-03-17T23:59:59+05:30 2026-03-20T10:00:00+05:30"], Some("2026-03-20"));
    check(&["0 2026-03-18T00:00:00+05:30 2026-03-20T10:00:00+05:30"], Some("2026-03-17"));
    check(&["0 2026-03-18T00:00:00+05:30 open"], Some("2026-03-17"));
    // In time only because it rested before.
    check(
        &["0 2026-03-05T10:00:00+05:30 2026-03-09T10:00:00+05:30", "0 2026-03-20T10:00:00+05:30 2026-03-22T10:00:00+05:30"],
        Some("2026-03-23"),
    );
}

#[test]
fn bounds() {
    let check = |lines: &[&str], last: Option<&str>| check(&json!({ "days": 15 }), &json!({}), lines, last);
    check(&["1 2026-03-05T10:00:00+05:30 2026-03-15T10:00:00+05:30"], Some("2026-03-27"));
    check(&["1 2026-03-05T10:00:00+05:30 2026-03-25T10:00:00+05:30"], Some("2026-03-27"));
    check(&["1 2026-03-05T10:00:00+05:30 open"], Some("2026-03-27"));
    // The third time on the ground does not count.
    let day = |day: u8| format!("1 2026-03-{day:02}T10:00:00+05:30 2026-03-{:02}T10:00:00+05:30", day + 1);
    let lines = [day(4), day(6), day(8)];
    check(&lines.each_ref().map(String::as_str), Some("2026-03-19"));
}

#[test]
fn working_days_and_months() {
    let rest = ["0 2026-03-25T10:00:00+05:30 2026-03-31T10:00:00+05:30"];
    // 26 and 31 March are closed, 28 and 29 a weekend: the 27th and the 30th rest.
    check(&json!({ "workingDays": 20 }), &json!({}), &[], Some("2026-04-02"));
    check(
        &json!({ "workingDays": 20 }),
        &json!({}),
        &["0 2026-03-25T10:00:00+05:30 2026-03-30T10:00:00+05:30"],
        Some("2026-04-07"),
    );
    check(&json!({ "workingDays": 20 }), &json!({}), &rest, Some("2026-04-07"));
    check(&json!({ "months": 1 }), &json!({}), &rest, Some("2026-04-08"));
    check(&json!({ "weeks": 4 }), &json!({}), &rest, Some("2026-04-05"));
    // Over a weekend no working day rests.
    check(
        &json!({ "workingDays": 20 }),
        &json!({}),
        &["0 2026-03-20T18:00:00+05:30 2026-03-22T18:00:00+05:30"],
        Some("2026-04-02"),
    );
}

#[test]
fn hours() {
    let delhi = shipped("in.central.delhi");
    let check = |within: Value, lines: &[&str], due: &str| {
        let norm = norm(&within, &json!({ "clock": clock() }));
        let due_is = ends(&norm, &ledger("2026-01-23T16:00:00+05:30", lines), &delhi).due;
        assert_eq!(due_is.unwrap().to_string(), at(due).to_string(), "{within} {lines:?}");
    };
    let rests =
        ["0 2026-01-23T16:30:00+05:30 2026-01-23T17:30:00+05:30", "1 2026-01-23T17:00:00+05:30 2026-01-24T10:30:00+05:30"];
    check(json!({ "hours": 2 }), &rests[..1], "2026-01-23T19:00:00+05:30");
    check(json!({ "hours": 2 }), &rests, "2026-01-24T12:00:00+05:30");
    check(json!({ "officeHours": 2 }), &rests, "2026-01-27T10:30:00+05:30");
    check(json!({ "hours": 2 }), &["0 2026-01-23T18:00:00+05:30 open"], "2026-01-23T18:00:00+05:30");
    check(
        json!({ "earliestOf": [{ "hours": 2 }, { "days": 1 }] }),
        &["0 2026-01-23T18:00:00+05:30 open"],
        "2026-01-23T18:00:00+05:30",
    );
}

/// MoJ#2726 in other words: an extension is counted from the date before any roll, whatever rested meanwhile.
#[test]
fn extensions() {
    let mut clock = clock();
    clock["extend"] = json!({ "on": "extended", "by": { "days": 15 }, "times": 2 });
    let changes = json!({ "clock": clock, "counting": { "ends": "day" } });
    let days = |lines: &[&str], last: &str| check(&json!({ "days": 20 }), &changes, lines, Some(last));
    // Raw 22 March, a Sunday; with 15 days raw 6 April, not 7 April.
    days(&[], "2026-03-23");
    days(&["extended 2026-03-10T10:00:00+05:30"], "2026-04-06");
    days(&["extended 2026-03-23T23:00:00+05:30"], "2026-04-06");
    days(&["extended 2026-03-24T00:00:00+05:30"], "2026-03-23");
    days(&["extended 2026-03-10T10:00:00+05:30"; 3], "2026-04-21");
    days(&["extended 2026-03-10T10:00:00+05:30", "0 2026-03-11T10:00:00+05:30 2026-03-12T10:00:00+05:30"], "2026-04-07");

    // A rest that began on the last day, and then an extension: its days are none of those that are added.
    days(&["0 2026-03-23T10:00:00+05:30 2026-03-26T10:00:00+05:30"], "2026-03-27");
    days(&["0 2026-03-20T10:00:00+05:30 2026-03-30T10:00:00+05:30", "extended 2026-03-30T11:00:00+05:30"], "2026-04-16");
    days(&["0 2026-03-23T10:00:00+05:30 2026-03-25T10:00:00+05:30", "extended 2026-03-25T11:00:00+05:30"], "2026-04-08");

    clock["extend"]["by"] = json!({ "months": 1 });
    let changes = json!({ "clock": clock, "counting": { "ends": "day", "lastDay": "none" } });
    let delhi = shipped("in.central.delhi");
    let norm = norm(&json!({ "months": 1 }), &changes);
    let ledger = ledger("2026-01-31T10:00:00+05:30", &["extended 2026-02-10T10:00:00+05:30"]);
    // Two months at once from the 31st.
    assert_eq!(ends(&norm, &ledger, &delhi).due, Some(at("2026-04-01T00:00:00+05:30")));
}

#[test]
fn a_ledger_of_another_norm() {
    let delhi = shipped("in.central.delhi");
    let norm = norm(&json!({ "days": 15 }), &json!({ "clock": clock() }));
    let start = "2026-01-31T10:00:00+05:30";
    let strange = ledger(start, &["9 2026-02-10T10:00:00+05:30 open"]);
    assert_eq!(reckon(&norm, TERMS, &strange, &delhi), Err(NormError::Ground));
    let mut terms = TERMS;
    terms.limit = 7;
    assert_eq!(reckon(&norm, terms, &ledger(start, &[]), &delhi), Err(NormError::Terms));
}

/// The clock was at rest when the office closed: the applicant's answer does not come too late for the office to act on it.
#[test]
fn no_time_runs_out_at_rest() {
    let delhi = shipped("in.central.delhi");
    let check = |within: Value, counting: Value, rest: &str, due: &str| {
        let norm = norm(&within, &json!({ "clock": clock(), "counting": counting }));
        let found = ends(&norm, &ledger("2026-03-16T11:00:00+05:30", &[rest]), &delhi).due.unwrap();
        assert_eq!(found.to_string(), at(due).to_string(), "{within} {rest}");
    };
    let days = || json!({ "workingDays": 4 });
    check(days(), json!({}), "0 2026-03-20T10:00:00+05:30 2026-03-20T16:59:00+05:30", "2026-03-20T17:00:00+05:30");
    check(days(), json!({}), "0 2026-03-20T10:00:00+05:30 2026-03-20T17:00:00+05:30", "2026-03-23T17:00:00+05:30");
    check(days(), json!({}), "0 2026-03-20T10:00:00+05:30 2026-03-22T12:00:00+05:30", "2026-03-23T17:00:00+05:30");
    check(days(), json!({}), "0 2026-03-20T10:00:00+05:30 2026-03-23T18:00:00+05:30", "2026-03-24T17:00:00+05:30");
    // The 21st is a Saturday: in time on Monday the 23rd, and at rest then.
    check(json!({ "days": 5 }), json!({}), "0 2026-03-23T10:00:00+05:30 2026-03-24T10:00:00+05:30", "2026-03-24T17:00:00+05:30");
    let backward = || json!({ "lastDay": "backward" });
    check(json!({ "days": 5 }), backward(), "0 2026-03-20T10:00:00+05:30 2026-03-21T10:00:00+05:30", "2026-03-23T17:00:00+05:30");
    // Nor before it began.
    let evening = ledger("2026-03-16T18:00:00+05:30", &[]);
    let one = norm(&json!({ "days": 1 }), &json!({ "counting": { "firstDay": "included" } }));
    assert_eq!(ends(&one, &evening, &delhi).due, Some(at("2026-03-17T17:00:00+05:30")));
}
