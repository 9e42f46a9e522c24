//! Shared conformance vectors (conformance README §7): numpy's working days, over the holidays of India and several States.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{calendar, date, plain, vectors, week};
use crate::calendar::Calendar;
use crate::model::calendar::Roll;

fn roll(case: &Value) -> Roll {
    serde_json::from_value(case["roll"].clone()).unwrap()
}

/// A calendar of this week and these holidays.
fn of(mask: &str, dates: &[String]) -> Calendar {
    let holiday = |date: &String| json!({ "date": date, "title": { "en": "Holiday" } });
    let holidays: Vec<Value> = dates.iter().map(holiday).collect();
    calendar(&[plain(&json!({ "week": week(mask, "09:00", "17:00"), "holidays": holidays }))])
}

/// Holds the calendar to what numpy found, there and back.
fn check(case: &Value, calendar: &Calendar) {
    let day = |name: &str| date(case[name].as_str().unwrap());
    let id = case["id"].as_str().unwrap();
    match case["kind"].as_str().unwrap() {
        "offset" => {
            let count = case["n"].as_i64().unwrap();
            let (start, rolled, due) = (day("start"), day("rolled_start"), day("due"));
            assert_eq!(calendar.roll(start, roll(case)).unwrap().value, rolled, "{id}");
            assert_eq!(calendar.add_working_days(start, count, roll(case)).unwrap().value, due, "{id}");
            // And back.
            assert_eq!(calendar.add_working_days(due, -count, Roll::None).unwrap().value, rolled, "{id}");
            assert_eq!(calendar.working_days_between(rolled, due).value, count, "{id}");
            assert_eq!(calendar.working_days_between(due, rolled).value, -count, "{id}");
        }
        "count" => {
            let (from, to) = (day("a"), day("b"));
            let expected = case["working_days_in_a_to_b_exclusive"].as_i64().unwrap();
            // Backwards numpy counts from the day after `to` up to `from`; we count from `to` and before `from`, so that back is
            // minus there.
            let (from, to) = if to < from { (from.tomorrow().unwrap(), to.tomorrow().unwrap()) } else { (from, to) };
            assert_eq!(calendar.working_days_between(from, to).value, expected, "{id}");
            assert_eq!(calendar.working_days_between(to, from).value, -expected, "{id}");
        }
        "is" => assert_eq!(calendar.day(day("date")).works.value, case["is_working_day"].as_bool().unwrap(), "{id}"),
        other => panic!("unknown kind {other}"),
    }
}

#[test]
fn numpy_agrees() {
    let (Some(file), Some(sets)) = (vectors("busday.json"), vectors("holidays_IN.json")) else { return };
    let mut calendars: BTreeMap<String, Calendar> = BTreeMap::new();
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        let (mask, set) = (case["weekmask"].as_str().unwrap(), case["holiday_set"].as_str().unwrap());
        let dates: Vec<String> = match (set, case["holidays"].as_array()) {
            (_, Some(dates)) => dates.iter().map(|date| date.as_str().unwrap().to_owned()).collect(),
            ("none", None) => Vec::new(),
            (set, None) => sets["sets"][set].as_object().unwrap().keys().cloned().collect(),
        };
        let key = format!("{mask} {}", dates.join(" "));
        check(case, calendars.entry(key).or_insert_with(|| of(mask, &dates)));
    }
    println!("{} vectors of numpy", cases.len());
    assert_eq!(cases.len(), 2_000);
}
