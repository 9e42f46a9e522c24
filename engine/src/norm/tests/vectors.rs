//! The vectors of the domain reference, section 8.3, computed by hand from the Delhi list of 2026.

use jiff::civil;
use serde_json::{Value, json};

use super::{at, date, ends, norm, shipped, started};

#[test]
fn in_delhi() {
    let delhi = shipped("in.central.delhi");
    let check = |start: &str, within: Value, due: &str| {
        for hour in [0, 11, 23] {
            let start = delhi.instant(date(start).at(hour, 5, 0, 0)).unwrap();
            let deadline = ends(&norm(&within, &json!({})), &started(start), &delhi);
            let close = delhi.instant(date(due).at(17, 0, 0, 0)).unwrap();
            assert_eq!(deadline.due, Some(close), "{start} {within}");
            assert!(!deadline.provisional && deadline.covered, "{start} {within}");
            let day = ends(&norm(&within, &json!({ "counting": { "ends": "day" } })), &started(start), &delhi);
            assert_eq!(day.due, Some(delhi.start_of(date(due).tomorrow().unwrap()).unwrap()), "{start} {within}");
        }
    };
    check("2026-01-23", json!({ "workingDays": 3 }), "2026-01-29");
    check("2026-01-23", json!({ "workingDays": 7 }), "2026-02-04");
    check("2026-03-02", json!({ "workingDays": 15 }), "2026-03-24");
    check("2026-03-25", json!({ "workingDays": 3 }), "2026-04-01");
    check("2026-04-02", json!({ "workingDays": 1 }), "2026-04-06");
    check("2026-09-03", json!({ "workingDays": 30 }), "2026-10-19");
    check("2026-01-10", json!({ "days": 15 }), "2026-01-27");
    check("2026-02-01", json!({ "days": 60 }), "2026-04-02");
    check("2026-07-16", json!({ "days": 30 }), "2026-08-17");
    check("2026-10-09", json!({ "days": 30 }), "2026-11-09");
}

/// Section 9 alone, without a roll.
#[test]
fn from_leaves_the_first_day_out() {
    let delhi = shipped("in.central.delhi");
    let check = |start: civil::Date, within: Value, last: civil::Date| {
        let norm = norm(&within, &json!({ "counting": { "lastDay": "none", "ends": "day" } }));
        let due = ends(&norm, &started(delhi.start_of(start).unwrap()), &delhi).due;
        assert_eq!(due, Some(delhi.start_of(last.tomorrow().unwrap()).unwrap()), "{start} {within}");
    };
    check(civil::date(2026, 6, 1), json!({ "days": 10 }), civil::date(2026, 6, 11));
    check(civil::date(2019, 8, 31), json!({ "days": 30 }), civil::date(2019, 9, 30));
    check(civil::date(2026, 1, 31), json!({ "months": 1 }), civil::date(2026, 2, 28));
    check(civil::date(2026, 1, 31), json!({ "months": 2 }), civil::date(2026, 3, 31));
    check(civil::date(2026, 1, 31), json!({ "weeks": 2 }), civil::date(2026, 2, 14));
}

#[test]
fn hours_and_at_once() {
    let delhi = shipped("in.central.delhi");
    let check = |start: &str, within: Value, due: &str| {
        let deadline = ends(&norm(&within, &json!({})), &started(at(start)), &delhi);
        assert_eq!(deadline.due.unwrap().to_string(), at(due).to_string(), "{start} {within}");
        assert!(deadline.is_late(at(due)) && !deadline.is_late(at(start)));
    };
    check("2026-01-23T16:00:00+05:30", json!({ "hours": 48 }), "2026-01-25T16:00:00+05:30");
    check("2026-01-23T16:00:00+05:30", json!({ "minutes": 90 }), "2026-01-23T17:30:00+05:30");
    check("2026-01-23T16:00:00+05:30", json!({ "officeHours": 2 }), "2026-01-27T10:00:00+05:30");
    check("2026-01-23T16:00:00+05:30", json!({ "officeMinutes": 60 }), "2026-01-23T17:00:00+05:30");
    check("2026-01-23T16:00:00+05:30", json!({ "immediately": true }), "2026-01-23T16:00:00.000001+05:30");
}
