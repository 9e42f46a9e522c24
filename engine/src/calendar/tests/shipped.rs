//! The shipped calendars: that they compile, have the form of their schema, and reckon as the vectors of the domain say.

use jiff::civil::Date;

use super::{date, shipped, shipped_values};
use crate::calendar::{Effect, Unit, add_units};
use crate::model::calendar::{Roll, calendar_schema};

#[test]
fn the_shipped_schema_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/schema/calendar.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&calendar_schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let shipped = std::fs::read_to_string(path).unwrap_or_default();
    assert!(shipped == generated, "{path} is not what the types generate; run this test with UPDATE=1 and commit what it wrote");
}

#[test]
fn shipped_calendars_compile_and_have_the_form_of_their_schema() {
    let validator = jsonschema::draft202012::options().build(&calendar_schema()).unwrap();
    let values = shipped_values();
    assert_eq!(values.len(), 4);
    for (name, value) in values {
        assert_eq!(value["id"], name.as_str(), "a calendar lies in the file of its name");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert_eq!(shipped(&name).id(), name);
    }
}

#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let validator = jsonschema::draft202012::options().build(&calendar_schema()).unwrap();
    let check = |change: fn(&mut serde_json::Value), is_valid: bool| {
        let mut value = super::plain(&serde_json::json!({}));
        change(&mut value);
        assert_eq!(validator.is_valid(&value), is_valid, "{value}");
    };
    check(|_| {}, true);
    check(|value| value["x-note"] = "anything".into(), true);
    check(|value| value["holiday"] = "a slip of the pen".into(), false);
    check(|value| value["week"]["Monday"] = serde_json::json!([]), false);
    check(|value| value["id"] = "Not an id".into(), false);
    check(|value| value["holidays"] = serde_json::json!([{ "date": "26 January", "title": { "en": "Republic Day" } }]), false);
    check(|value| value["week"]["monday"] = serde_json::json!([{ "from": "9:00", "to": "17:00" }]), false);
}

/// Working-day norms: domain facts §8.3, on the list of Delhi.
#[test]
fn working_day_norms() {
    let delhi = shipped("in.central.delhi");
    let check = |start: &str, days: i64, due: &str| {
        let result = delhi.add_working_days(date(start), days, Roll::None).unwrap();
        assert_eq!((result.value, result.provisional, result.covered), (date(due), false, true), "{start} and {days}");
    };
    check("2026-01-23", 3, "2026-01-29");
    check("2026-01-23", 7, "2026-02-04");
    check("2026-03-02", 15, "2026-03-24");
    check("2026-03-25", 3, "2026-04-01");
    check("2026-04-02", 1, "2026-04-06");
    check("2026-09-03", 30, "2026-10-19");
}

/// Calendar-day norms: day 0 is not counted (General Clauses Act, section 9), a closed last day rolls (section 10).
#[test]
fn calendar_day_norms() {
    let delhi = shipped("in.central.delhi");
    let check = |start: &str, days: i64, raw: &str, due: &str| {
        let last = add_units(date(start), days, Unit::Day).unwrap();
        assert_eq!(last, date(raw), "{start} and {days}");
        assert_eq!(delhi.roll(last, Roll::Forward).unwrap().value, date(due), "{start} and {days}");
    };
    check("2026-01-10", 15, "2026-01-25", "2026-01-27");
    check("2026-02-01", 60, "2026-04-02", "2026-04-02");
    check("2026-07-16", 30, "2026-08-15", "2026-08-17");
    check("2026-10-09", 30, "2026-11-08", "2026-11-09");
    check("2026-06-01", 10, "2026-06-11", "2026-06-11");
    check("2019-08-31", 30, "2019-09-30", "2019-09-30");
}

#[test]
fn working_days_of_2026() {
    let delhi = shipped("in.central.delhi");
    let months = [21, 20, 19, 21, 19, 21, 23, 20, 21, 20, 20, 22];
    for (month, expected) in (1..).zip(months) {
        let first = Date::new(2026, month, 1).unwrap();
        let next = add_units(first, 1, Unit::Month).unwrap();
        assert_eq!(delhi.working_days_between(first, next).value, expected, "month {month}");
    }
    let year = delhi.working_days_between(date("2026-01-01"), date("2027-01-01"));
    assert_eq!((year.value, year.provisional, year.covered), (247, false, true));
}

#[test]
fn holidays_of_delhi_by_kind() {
    let delhi = shipped("in.central.delhi");
    let count =
        |year: i16, effect: Effect| delhi.lines().filter(|(day, line)| day.year() == year && line.effect == effect).count();
    assert_eq!(count(2026, Effect::Closed), 17);
    assert_eq!(count(2026, Effect::Restricted), 31);
    assert_eq!(count(2026, Effect::Provisional), 0);
    assert_eq!(count(2027, Effect::Provisional), 17);
    assert_eq!(count(2027, Effect::Closed), 0, "no date of 2027 is official");
    // On a restricted holiday the office works.
    assert!(delhi.day(date("2026-01-14")).works.value);
}

#[test]
fn what_rests_on_2027_is_provisional() {
    let delhi = shipped("in.central.delhi");
    let due = delhi.add_working_days(date("2027-01-25"), 1, Roll::None).unwrap();
    assert_eq!((due.value, due.provisional, due.covered), (date("2027-01-27"), true, false));
    // No holiday in the way, but nobody said that the list is complete.
    let due = delhi.add_working_days(date("2027-02-01"), 1, Roll::None).unwrap();
    assert_eq!((due.value, due.provisional, due.covered), (date("2027-02-02"), false, false));
    // A Sunday is closed, whatever falls on it.
    let due = delhi.add_working_days(date("2027-08-13"), 1, Roll::None).unwrap();
    assert_eq!((due.value, due.provisional), (date("2027-08-16"), false));
}

/// The dates shipped for 2026 are those that the library `holidays` has too, but for what it has besides the gazette.
#[test]
fn delhi_agrees_with_the_library() {
    let Some(sets) = super::vectors("holidays_IN.json") else { return };
    let delhi = shipped("in.central.delhi");
    let closed: Vec<String> = delhi
        .lines()
        .filter(|(day, line)| day.year() == 2026 && line.effect == Effect::Closed)
        .map(|(day, _)| day.to_string())
        .collect();
    let library = sets["sets"]["DL"].as_object().unwrap().keys().filter(|day| day.starts_with("2026"));
    let library: Vec<String> = library.filter(|day| *day != "2026-04-14").cloned().collect();
    assert_eq!(closed, library);
}

#[test]
fn haryana_claims_nothing() {
    let haryana = shipped("in.haryana");
    for (day, line) in haryana.lines() {
        assert!(!line.verified, "{day}");
    }
    assert!(!haryana.day(date("2026-01-26")).works.covered);
    assert!(haryana.day(date("2026-03-04")).works.provisional);
}

#[test]
fn the_station_works_on_sundays() {
    let station = shipped("in.customs.station");
    assert!(station.day(date("2026-11-08")).works.value, "Diwali, a Sunday");
    assert!(!station.day(date("2026-08-15")).works.value);
    let year = station.working_days_between(date("2026-01-01"), date("2027-01-01"));
    assert_eq!((year.value, year.covered), (362, true));
}
