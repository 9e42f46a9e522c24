//! Shared conformance vectors (conformance README §7): jBPM's business calendar, hours and days from an instant.
//!
//! Where time runs out at the close of a day, jBPM's tests say the next opening; here the close is due, and `opening` of it is
//! theirs.

use jiff::{SignedDuration, civil};
use serde_json::{Value, json};

use super::{calendar, plain, vectors};
use crate::calendar::Calendar;
use crate::model::Time;

/// A number in the configuration, or jBPM's default.
fn number(case: &Value, name: &str, default: i64) -> i64 {
    case["config"][name].as_str().map_or(default, |text| text.parse().unwrap())
}

/// An instant written as local time, with or without clock, seconds and fraction.
fn instant(text: &str) -> Time {
    let whole = match text.len() {
        10 => format!("{text}T00:00"),
        _ => text.replace(' ', "T"),
    };
    let local: civil::DateTime = whole.parse().unwrap();
    Time::parse(&format!("{local}Z")).unwrap()
}

/// The calendar of a case.
fn office(case: &Value) -> Calendar {
    let hour = |hour: i64| format!("{hour:02}:00");
    let shift = json!([{ "from": hour(number(case, "START_HOUR", 9)), "to": hour(number(case, "END_HOUR", 17)) }]);
    let free: Vec<&str> = case["config"]["WEEKEND_DAYS"]
        .as_array()
        .map_or(vec!["SATURDAY", "SUNDAY"], |days| days.iter().map(|day| day.as_str().unwrap()).collect());
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let working = names.iter().filter(|name| !free.contains(&name.to_uppercase().as_str()));
    let week: serde_json::Map<String, Value> = working.map(|name| ((*name).to_owned(), shift.clone())).collect();

    let mut holidays = Vec::new();
    for span in case["config"]["HOLIDAYS"].as_str().into_iter().flat_map(|list| list.split(',')) {
        let (first, last) = span.split_once(':').unwrap_or((span, span));
        let (first, last): (civil::Date, civil::Date) = (first.parse().unwrap(), last.parse().unwrap());
        let days = first.series(jiff::ToSpan::days(1)).take_while(|day| *day <= last);
        holidays.extend(days.map(|day| json!({ "date": day.to_string(), "title": { "en": "Holiday" } })));
    }
    calendar(&[plain(&json!({ "week": week, "holidays": holidays }))])
}

/// Minutes of office time in `6d4h80m` or `PT3H`; a day is the office's hours of a day.
fn amount(case: &Value) -> SignedDuration {
    let text = case["duration"].as_str().unwrap();
    if text.starts_with('P') {
        return text.parse().unwrap();
    }
    let (mut minutes, mut digits) = (0, String::new());
    for sign in text.chars() {
        let per = match sign {
            'd' => number(case, "HOURS_PER_DAY", 8) * 60,
            'h' => 60,
            'm' => 1,
            digit => {
                digits.push(digit);
                continue;
            }
        };
        minutes += per * std::mem::take(&mut digits).parse::<i64>().unwrap();
    }
    SignedDuration::from_mins(minutes)
}

#[test]
fn jbpm_agrees() {
    let Some(file) = vectors("jbpm_business_hours.json") else { return };
    let cases = file.as_array().unwrap();
    let mut at_the_close = 0;
    for case in cases {
        let (id, office, start) = (&case["id"], office(case), instant(case["now"].as_str().unwrap()));
        let due = office.add_office_time(start, amount(case)).unwrap().value;
        // Some of jBPM's expectations are cut to the minute.
        let text = case["expect"].as_str().unwrap();
        let cut = |time: Time| if text.len() > 16 { time.0 / 1_000_000 } else { time.0 / 60_000_000 };
        let expected = instant(text);
        if case["agrees_with_businesstimedelta"].as_bool().unwrap() {
            assert_eq!(cut(due), cut(expected), "{id}: {due}, not {expected}");
        } else {
            at_the_close += 1;
            assert_eq!(due, instant(case["plain_business_time"].as_str().unwrap()), "{id}");
            assert_eq!(office.opening(due).unwrap().value, expected, "{id}");
        }
        assert_eq!(office.office_time_between(start, due).unwrap().value, amount(case), "{id}");
    }
    println!("{} vectors of jBPM, {at_the_close} of them at the close", cases.len());
    assert_eq!((cases.len(), at_the_close), (14, 1));
}
