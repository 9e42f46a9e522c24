//! Office time on instants: by hand, at the edges of a shift, and on days of 23 and 25 hours.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{calendar, date, plain, shipped, week};
use crate::calendar::{Calendar, CalendarError, Unit, add_elapsed, add_units};
use crate::model::Time;

/// An instant from RFC 3339.
fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn amount(text: &str) -> SignedDuration {
    text.parse().unwrap()
}

/// `start` and `length` of office time are `due`, and `length` lies between them.
#[track_caller]
fn check(calendar: &Calendar, start: &str, length: &str, due: &str) {
    let (start, length, due) = (at(start), amount(length), at(due));
    assert_eq!(calendar.add_office_time(start, length).unwrap().value.to_string(), due.to_string());
    assert_eq!(calendar.office_time_between(start, due).unwrap().value, length);
    assert_eq!(calendar.office_time_between(due, start).unwrap().value, -length);
}

#[test]
fn in_delhi() {
    let delhi = shipped("in.central.delhi");
    // Hours: 9 to 13, and 13:30 to 17.
    check(&delhi, "2026-01-23T16:00:00+05:30", "PT30M", "2026-01-23T16:30:00+05:30");
    check(&delhi, "2026-01-23T12:30:00+05:30", "PT1H", "2026-01-23T14:00:00+05:30");
    check(&delhi, "2026-01-23T13:10:00+05:30", "PT1H", "2026-01-23T14:30:00+05:30");
    // Over the weekend and Republic Day.
    check(&delhi, "2026-01-23T16:00:00+05:30", "PT2H", "2026-01-27T10:00:00+05:30");
    check(&delhi, "2026-01-24T03:00:00+05:30", "PT7H30M", "2026-01-27T17:00:00+05:30");
    check(&delhi, "2026-01-27T10:00:00+05:30", "-PT2H", "2026-01-23T16:00:00+05:30");
    check(&delhi, "2026-01-26T10:00:00+05:30", "-PT7H30M", "2026-01-23T09:00:00+05:30");
    check(&delhi, "2026-01-26T10:00:00+05:30", "PT0S", "2026-01-26T10:00:00+05:30");
    check(&delhi, "2026-01-23T16:59:59.999999+05:30", "PT0.000002S", "2026-01-27T09:00:00.000001+05:30");
}

/// What runs out at the close is due at the close; the other reading is one question further.
#[test]
fn the_close_is_due() {
    let office = calendar(&[plain(&json!({}))]);
    check(&office, "2026-03-02T09:00:00Z", "PT8H", "2026-03-02T17:00:00Z");
    check(&office, "2026-03-03T17:00:00Z", "-PT8H", "2026-03-03T09:00:00Z");
    assert_eq!(office.opening(at("2026-03-02T17:00:00Z")).unwrap().value, at("2026-03-03T09:00:00Z"));
    check(&office, "2026-03-02T17:00:00Z", "PT1M", "2026-03-03T09:01:00Z");
    check(&office, "2026-03-06T09:00:00Z", "PT8H0.000001S", "2026-03-09T09:00:00.000001Z");
}

#[test]
fn openings_and_closings() {
    let delhi = shipped("in.central.delhi");
    let check = |time: &str, is_open: bool, opening: &str, close: &str| {
        let time = at(time);
        assert_eq!(delhi.is_open(time).unwrap().value, is_open, "{time}");
        assert_eq!(delhi.opening(time).unwrap().value, at(opening), "{time}");
        assert_eq!(delhi.end_of_office_day(time).unwrap().value, at(close), "{time}");
    };
    check("2026-01-23T08:59:59+05:30", false, "2026-01-23T09:00:00+05:30", "2026-01-23T17:00:00+05:30");
    check("2026-01-23T09:00:00+05:30", true, "2026-01-23T09:00:00+05:30", "2026-01-23T17:00:00+05:30");
    check("2026-01-23T13:15:00+05:30", false, "2026-01-23T13:30:00+05:30", "2026-01-23T17:00:00+05:30");
    check("2026-01-23T16:59:59+05:30", true, "2026-01-23T16:59:59+05:30", "2026-01-23T17:00:00+05:30");
    check("2026-01-23T17:00:00+05:30", false, "2026-01-27T09:00:00+05:30", "2026-01-27T17:00:00+05:30");
    let hours = delhi.office_day(date("2026-01-23")).unwrap();
    assert_eq!(hours, Some((at("2026-01-23T09:00:00+05:30"), at("2026-01-23T17:00:00+05:30"))));
    assert_eq!(delhi.office_day(date("2026-01-26")).unwrap(), None);
}

#[test]
fn marks() {
    let delhi = shipped("in.central.delhi");
    let check = |start: &str, length: &str, provisional: bool, covered: bool| {
        let due = delhi.add_office_time(at(start), amount(length)).unwrap();
        assert_eq!((due.provisional, due.covered), (provisional, covered), "{start} {length} {}", due.value);
    };
    check("2026-12-30T16:00:00+05:30", "PT2H", false, true);
    check("2026-12-31T16:00:00+05:30", "PT2H", false, false);
    check("2027-01-25T16:00:00+05:30", "PT30M", false, false);
    check("2027-01-25T16:00:00+05:30", "PT2H", true, false);
    check("2027-01-27T10:00:00+05:30", "-PT2H", true, false);
}

/// A round-the-clock office in a zone.
fn always(zone: &str) -> Calendar {
    calendar(&[plain(&json!({ "zone": zone, "week": week("1111111", "00:00", "24:00") }))])
}

/// Hours of office time on a date.
#[track_caller]
fn check_day(calendar: &Calendar, day: &str, length: &str) {
    let day = date(day);
    let (from, to) = (calendar.start_of(day).unwrap(), calendar.start_of(day.tomorrow().unwrap()).unwrap());
    assert_eq!(calendar.office_time_between(from, to).unwrap().value, amount(length), "{day}");
}

#[test]
fn days_of_23_and_25_hours() {
    let berlin = always("Europe/Berlin");
    check_day(&berlin, "2026-03-28", "PT24H");
    check_day(&berlin, "2026-03-29", "PT23H");
    check_day(&berlin, "2026-10-25", "PT25H");
    check_day(&always("Australia/Lord_Howe"), "2026-10-04", "PT23H30M");
    check_day(&always("Australia/Lord_Howe"), "2026-04-05", "PT24H30M");
    // Midnight comes twice, and is a gap.
    check_day(&always("America/Havana"), "2024-11-03", "PT25H");
    check_day(&always("America/Havana"), "2024-03-10", "PT23H");
    // 30 December 2011 did not happen in Samoa.
    check_day(&always("Pacific/Apia"), "2011-12-29", "PT24H");
    check_day(&always("Pacific/Apia"), "2011-12-30", "PT0S");
    // At 00:01 the clock went back to 23:01 of the day before.
    check_day(&always("America/St_Johns"), "2005-10-29", "PT24H");
    check_day(&always("America/St_Johns"), "2005-10-30", "PT25H");
}

#[test]
fn shifts_in_gaps_and_repeated_hours() {
    let night = |from: &str, to: &str| calendar(&[plain(&json!({ "zone": "Europe/Berlin", "week": week("1111111", from, to) }))]);
    // 29 March 2026: from 2 to 3 there is no time.
    check_day(&night("02:00", "03:00"), "2026-03-29", "PT0S");
    check_day(&night("02:15", "02:45"), "2026-03-29", "PT0S");
    check_day(&night("01:30", "02:30"), "2026-03-29", "PT30M");
    check_day(&night("02:30", "03:30"), "2026-03-29", "PT30M");
    check_day(&night("01:00", "04:00"), "2026-03-29", "PT2H");
    // 25 October 2026: from 2 to 3 comes twice; opened and closed at the first.
    check_day(&night("02:00", "03:00"), "2026-10-25", "PT2H");
    check_day(&night("02:15", "02:45"), "2026-10-25", "PT30M");
    check_day(&night("01:30", "02:30"), "2026-10-25", "PT1H");
    check_day(&night("02:30", "03:30"), "2026-10-25", "PT2H");
    check_day(&night("01:00", "04:00"), "2026-10-25", "PT4H");

    let gap = night("02:30", "04:00");
    assert_eq!(gap.opening(at("2026-03-29T00:00:00Z")).unwrap().value, at("2026-03-29T01:00:00Z"));
    let twice = night("02:30", "04:00");
    assert_eq!(twice.opening(at("2026-10-25T00:00:00Z")).unwrap().value, at("2026-10-25T00:30:00Z"));
    let hours = twice.office_day(date("2026-10-25")).unwrap();
    assert_eq!(hours, Some((at("2026-10-25T00:30:00Z"), at("2026-10-25T03:00:00Z"))));
}

/// The clock of St John's went back over midnight: the Sunday had begun when it was Saturday once more.
#[test]
fn a_clock_set_back_over_midnight() {
    let sundays = json!({ "zone": "America/St_Johns", "week": week("0000001", "00:00", "24:00") });
    let office = calendar(&[plain(&sundays)]);
    let again_saturday = at("2005-10-29T23:30:00-03:30");
    assert_eq!(office.date_of(again_saturday), date("2005-10-29"));
    assert!(office.is_open(again_saturday).unwrap().value);
    assert_eq!(office.end_of_office_day(again_saturday).unwrap().value, at("2005-10-31T00:00:00-03:30"));
    check(&office, "2005-10-29T23:30:00-03:30", "PT1H", "2005-10-30T00:30:00-03:30");
    check(&office, "2005-10-29T23:30:00-03:30", "-PT30M", "2005-10-29T23:00:00-03:30");
}

#[test]
fn calendar_units_and_elapsed_time() {
    let check = |day: &str, count: i64, unit: Unit, expected: &str| {
        assert_eq!(add_units(date(day), count, unit).unwrap(), date(expected), "{day} {count} {unit:?}");
    };
    check("2026-01-31", 1, Unit::Month, "2026-02-28");
    check("2028-01-31", 1, Unit::Month, "2028-02-29");
    check("2026-01-31", 2, Unit::Month, "2026-03-31");
    check("2026-03-31", -1, Unit::Month, "2026-02-28");
    check("2028-02-29", 1, Unit::Year, "2029-02-28");
    check("2026-12-31", 1, Unit::Day, "2027-01-01");
    check("2026-03-01", -1, Unit::Day, "2026-02-28");
    check("2026-12-25", 2, Unit::Week, "2027-01-08");
    // A calendar day is not 24 hours where the clock moves.
    let berlin = always("Europe/Berlin");
    let noon = at("2026-03-28T12:00:00+01:00");
    assert_eq!(add_elapsed(noon, amount("PT24H")).unwrap(), at("2026-03-29T13:00:00+02:00"));
    let next = add_units(berlin.date_of(noon), 1, Unit::Day).unwrap();
    assert_eq!(berlin.instant(next.at(12, 0, 0, 0)).unwrap(), at("2026-03-29T12:00:00+02:00"));
    assert_eq!(add_units(date("9999-12-31"), 1, Unit::Day), Err(CalendarError::OutOfRange));
    assert_eq!(add_units(date("2026-01-01"), i64::MAX, Unit::Month), Err(CalendarError::OutOfRange));
    assert_eq!(add_elapsed(noon, SignedDuration::MAX), Err(CalendarError::OutOfRange));
}

#[test]
fn every_search_ends() {
    use crate::model::calendar::Roll;
    let office = calendar(&[plain(&json!({}))]);
    let too_far = Err(CalendarError::TooFar);
    assert_eq!(office.add_working_days(date("2026-01-01"), 100_001, Roll::None).map(drop), too_far);
    assert_eq!(office.add_working_days(date("2026-01-01"), i64::MIN, Roll::None).map(drop), too_far);
    assert_eq!(office.add_working_days(date("9999-12-31"), 1, Roll::None).map(drop), Err(CalendarError::OutOfRange));
    assert_eq!(office.add_working_days(jiff::civil::Date::MIN, -1, Roll::None).map(drop), Err(CalendarError::OutOfRange));
    assert_eq!(office.add_office_time(at("2026-01-01T00:00:00Z"), amount("PT300000H")).map(drop), too_far);
    assert_eq!(office.add_office_time(at("2026-01-01T00:00:00Z"), amount("-PT300000H")).map(drop), too_far);
    assert_eq!(office.add_office_time(at("2026-01-01T00:00:00Z"), SignedDuration::MAX).map(drop), too_far);
    assert_eq!(office.office_time_between(at("1900-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z")).map(drop), too_far);
    // Open only within the hour that a gap swallows, and then never.
    let value: Value = json!({ "zone": "Europe/Berlin", "week": week("0000001", "02:15", "02:45") });
    let seldom = calendar(&[plain(&value)]);
    assert_eq!(seldom.opening(at("2026-03-29T00:00:00Z")).unwrap().value, at("2026-04-05T00:15:00Z"));
    assert!(office.opening(Time(i64::MAX)).is_err());
    assert!(office.add_office_time(Time(i64::MIN), amount("-PT1H")).is_err());
}
