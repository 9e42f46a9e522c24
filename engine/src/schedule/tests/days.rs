//! The days of cron expressions, one line each, against a calendar on the wall; and repeating intervals.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::{Interval, compile};
use super::{ANY_DAY, cron_in};

/// The dates on which `fields` (day of month, month, day of week) falls from 2026 on.
fn check(fields: &str, expected: &[&str]) {
    let schedule = compile(&cron_in(&format!("0 0 {fields}"), "UTC")).unwrap_or_else(|problems| panic!("{fields}: {problems:?}"));
    let found = schedule.preview("2025-12-31T12:00:00Z".parse().unwrap(), expected.len(), ANY_DAY);
    let found: Vec<String> = found.iter().map(|occurrence| occurrence.nominal.date().to_string()).collect();
    assert_eq!(found, expected, "{fields}");
}

#[test]
fn days_by_rule() {
    check("L * *", &["2026-01-31", "2026-02-28", "2026-03-31"]);
    check("L-30 * *", &["2026-01-01", "2026-03-01", "2026-05-01"]);
    // The last Friday or another weekday: 31 May and 31 October 2026 are Sunday and Saturday, 28 February a Saturday.
    check("LW * *", &["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29", "2026-06-30"]);
    check("LW 10 *", &["2026-10-30", "2027-10-29"]);
    check("1W * *", &["2026-01-01", "2026-02-02", "2026-03-02", "2026-04-01", "2026-05-01", "2026-06-01"]);
    check("1W 8 *", &["2026-08-03", "2027-08-02"]);
    check("31W * *", &["2026-01-30", "2026-03-31", "2026-05-29", "2026-07-31"]);
    check("15W 2,3,8 *", &["2026-02-16", "2026-03-16", "2026-08-14"]);
    check("* * FRIL", &["2026-01-30", "2026-02-27", "2026-03-27", "2026-04-24"]);
    check("* * 6L", &["2026-01-31", "2026-02-28", "2026-03-28"]);
    check("* * SUN#L", &["2026-01-25", "2026-02-22", "2026-03-29"]);
    check("* * 7L", &["2026-01-25", "2026-02-22", "2026-03-29"]);
    check("* * 4#1", &["2026-01-01", "2026-02-05", "2026-03-05"]);
    check("* * WED#1", &["2026-01-07", "2026-02-04", "2026-03-04"]);
    check("* * SAT#5", &["2026-01-31", "2026-05-30", "2026-08-29"]);
    check("* 2 SAT#4", &["2026-02-28", "2027-02-27"]);
    check("1,L-1 * *", &["2026-01-01", "2026-01-30", "2026-02-01", "2026-02-27"]);
}

#[test]
fn days_of_month_and_of_week() {
    check("13 * FRI", &["2026-01-02", "2026-01-09", "2026-01-13", "2026-01-16"]);
    check("13 * +FRI", &["2026-02-13", "2026-03-13", "2026-11-13"]);
    check("L * +FRI", &["2026-07-31", "2027-04-30", "2027-12-31"]);
    check("L * FRI#1", &["2026-01-02", "2026-01-31", "2026-02-06", "2026-02-28"]);
    check("? * FRI", &["2026-01-02", "2026-01-09"]);
    check("13 * ?", &["2026-01-13", "2026-02-13"]);
    check("* * FRI-SUN", &["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-09"]);
    check("* * 5-7", &["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-09"]);
    check("* * 0,7", &["2026-01-04", "2026-01-11"]);
    check("29 FEB *", &["2028-02-29", "2032-02-29"]);
    check("1/10 jan *", &["2026-01-01", "2026-01-11", "2026-01-21", "2026-01-31", "2027-01-01"]);
}

#[test]
fn what_is_wrong_is_said_of_the_field() {
    let check = |expression: &str, expected: &str| {
        let problems = compile(&cron_in(expression, "UTC")).unwrap_err();
        assert_eq!(problems[0].message, expected);
    };
    check(
        "0 0 * * FRI-MON",
        "In the field \"day of week\": \"FRI-MON\" runs backwards. Write two ranges with a comma between them.",
    );
    check("0 22-6 * * *", "In the field \"hours\": \"22-6\" runs backwards. Write two ranges with a comma between them.");
    check("0 5-0 * * *", "In the field \"hours\": \"5-0\" runs backwards. Write two ranges with a comma between them.");
    check("*/0 * * * *", "In the field \"minutes\": \"0\" is no step. Write a number from 1 to 59 after the slash.");
    check("0 0 L-99 * *", "In the field \"day of month\": \"L-99\" is no day of a month. Write L, L-3, LW or 15W.");
    let message = "In the field \"month\": \"13\" is no value of it. Write a number from 1 to 12, or a name such as JAN.";
    check("0 0 * 13 *", message);
}

#[test]
fn repeating_intervals() {
    let next = |text: &str, after: &str| {
        let (after, base): (Timestamp, Timestamp) = (after.parse().unwrap(), "2026-01-01T00:00:00Z".parse().unwrap());
        Interval::parse(text).unwrap().next_after(after, base, &TimeZone::UTC).map(|instant| instant.to_string())
    };
    let check =
        |text: &str, after: &str, expected: Option<&str>| assert_eq!(next(text, after).as_deref(), expected, "{text} {after}");
    // Without a start it begins at the base, which is none of its repetitions; with one, the start is the first.
    check("R/PT10S", "2025-12-31T00:00:00Z", Some("2026-01-01T00:00:10Z"));
    check("R/2026-01-01T00:00:00Z/PT10S", "2025-12-31T00:00:00Z", Some("2026-01-01T00:00:00Z"));
    check("R2/PT10S", "2026-01-01T00:00:10Z", Some("2026-01-01T00:00:20Z"));
    check("R2/PT10S", "2026-01-01T00:00:20Z", None);
    check("R/2026-01-31T09:00:00/P1M", "2026-02-28T09:00:00Z", Some("2026-03-31T09:00:00Z"));
    for text in
        ["R/P0D", "R/PT0S", "R-1/P1D", "R+1/P1D", "R/P1D/P1D", "R/2026-01-02T00:00:00/2026-01-01T00:00:00", "P1D", "R1.5/P1D"]
    {
        assert!(Interval::parse(text).is_none(), "{text} is taken");
    }
    // Longer than any needs to be, if only by zeros.
    assert!(Interval::parse(&format!("R{}1/P1D", "0".repeat(300))).is_none());
}
