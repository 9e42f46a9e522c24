//! What documents mean, one line each: when they fall, and what is wrong with them.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date};
use serde_json::{Value, json};

use super::super::compile;
use super::{ANY_DAY, document};

/// Monday to Friday, but for Diwali week of 2026 and Republic Day of 2027.
fn is_working(day: Date) -> bool {
    let holidays = [date(2026, 11, 9), date(2026, 11, 10), date(2027, 1, 26)];
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&day)
}

/// The next occurrences after `after`, a line each: local date and time, `<` and the nominal one where they differ, `#` and its number.
/// They must be counted as they fall.
fn falls(members: &Value, after: &str, count: usize) -> Vec<String> {
    let document = document(members.clone());
    let schedule = compile(&document).unwrap_or_else(|problems| panic!("{members}: {problems:?}"));
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(&document.zone).unwrap();
    let after = zone.to_timestamp(after.parse().unwrap()).unwrap();
    let line = |occurrence: super::super::Occurrence| {
        let local = zone.to_datetime(occurrence.instant);
        let text = local.strftime("%Y-%m-%d %H:%M").to_string();
        let nominal = occurrence.nominal.strftime("<%Y-%m-%d %H:%M").to_string();
        let number = occurrence.number.map_or(String::new(), |number| format!("#{number}"));
        assert_eq!(occurrence.nominal != local, occurrence.rolled || occurrence.shifted, "{occurrence:?}");
        format!("{text}{}{number}", if occurrence.nominal == local { "" } else { &nominal })
    };
    let found = schedule.preview(after, count, &is_working);
    let last = found.last().map_or(after, |last| last.instant);
    assert_eq!(schedule.count(after, last, &is_working), found.len() as u64, "{members} counts otherwise than it falls");
    found.into_iter().map(line).collect()
}

fn check(members: &Value, after: &str, expected: &[&str]) {
    assert_eq!(falls(members, after, expected.len()), expected, "{members}");
}

#[test]
fn working_days_of_a_month() {
    let first = json!({ "when": { "workingDay": 1 }, "time": "10:00" });
    check(&first, "2026-10-15", &["2026-11-02 10:00", "2026-12-01 10:00", "2027-01-01 10:00", "2027-02-01 10:00"]);
    let last = json!({ "when": { "workingDay": -1, "months": [3, 6, 9, 12] }, "time": "10:00" });
    check(&last, "2026-01-15", &["2026-03-31 10:00", "2026-06-30 10:00", "2026-09-30 10:00", "2026-12-31 10:00"]);
    // The seventh of November 2026 without Diwali would be the 10th.
    check(&json!({ "when": { "workingDay": 7, "months": [11] } }), "2026-01-15", &["2026-11-12 00:00", "2027-11-09 00:00"]);
    // Only some months have 23.
    check(&json!({ "when": { "workingDay": 23 } }), "2026-01-01", &["2026-07-31 00:00", "2026-12-31 00:00"]);
}

#[test]
fn intervals_from_an_anchor() {
    let quarterly = json!({ "when": { "every": "P3M", "anchor": "2026-01-31" }, "time": "09:30" });
    check(&quarterly, "2026-01-01", &["2026-01-31 09:30#1", "2026-04-30 09:30#2", "2026-07-31 09:30#3", "2026-10-31 09:30#4"]);
    let fortnight = json!({ "when": { "every": "P2W", "anchor": "2026-01-05", "times": 2 } });
    check(&fortnight, "2026-01-01", &["2026-01-05 00:00#1", "2026-01-19 00:00#2"]);
    assert_eq!(falls(&fortnight, "2026-01-01", 9).len(), 2);
    let thrice = json!({ "when": { "every": "PT8H", "anchor": "2026-01-05", "times": 3 } });
    assert_eq!(falls(&thrice, "2026-01-01", 9), ["2026-01-05 00:00#1", "2026-01-05 08:00#2", "2026-01-05 16:00#3"]);
    let berlin =
        |every: &str| json!({ "when": { "every": every, "anchor": "2026-03-28" }, "time": "12:00", "zone": "Europe/Berlin" });
    check(&berlin("P1D"), "2026-03-28T00:00", &["2026-03-28 12:00#1", "2026-03-29 12:00#2"]);
    check(&berlin("PT24H"), "2026-03-28T00:00", &["2026-03-28 12:00#1", "2026-03-29 13:00#2"]);
    let bounded = json!({ "when": { "every": "PT6H", "anchor": "2026-01-01" }, "from": "2026-01-03", "to": "2026-01-03" });
    check(&bounded, "2026-01-01", &["2026-01-03 00:00#9", "2026-01-03 06:00#10", "2026-01-03 12:00#11", "2026-01-03 18:00#12"]);
    assert_eq!(falls(&bounded, "2026-01-01", 9).len(), 4);
}

#[test]
fn rounds_after_an_anchor() {
    let surveillance = json!({ "when": { "after": ["P12M", "P24M", "P36M"], "anchor": "2024-02-29", "repeats": true } });
    let expected = ["2025-02-28 00:00#1", "2026-02-28 00:00#2", "2027-02-28 00:00#3", "2028-02-29 00:00#4"];
    check(&surveillance, "2024-03-01", &expected);
    let monthly = json!({ "when": { "after": ["P1M"], "anchor": "2026-01-31", "repeats": true } });
    check(&monthly, "2026-01-31", &["2026-02-28 00:00#1", "2026-03-31 00:00#2", "2026-04-30 00:00#3"]);
    let once = json!({ "when": { "after": ["P22M"], "anchor": "2026-01-15" } });
    check(&once, "2026-01-15", &["2027-11-15 00:00#1"]);
    assert!(falls(&once, "2027-11-15", 3).is_empty());
}

#[test]
fn a_named_anchor_is_awaited() {
    let schedule = compile(&document(json!({ "when": { "after": ["P22M"], "anchor": "charter-issued" } }))).unwrap();
    assert_eq!(schedule.awaits(), Some("charter-issued"));
    assert_eq!(schedule.next_after(Timestamp::UNIX_EPOCH, ANY_DAY), None);
    let schedule = schedule.anchored(date(2026, 1, 15));
    assert_eq!(schedule.awaits(), None);
    let next = schedule.next_after(Timestamp::UNIX_EPOCH, ANY_DAY).unwrap();
    assert_eq!(next.nominal, date(2027, 11, 15).at(0, 0, 0, 0));
    // A date once given stays.
    assert_eq!(schedule.anchored(date(2030, 1, 1)).next_after(Timestamp::UNIX_EPOCH, ANY_DAY).unwrap(), next);
}

#[test]
fn holidays() {
    let ninth = |roll: &str| json!({ "when": { "cron": "0 10 9 11 *" }, "roll": roll });
    check(&ninth("none"), "2026-01-01", &["2026-11-09 10:00", "2027-11-09 10:00"]);
    check(&ninth("forward"), "2026-01-01", &["2026-11-11 10:00<2026-11-09 10:00", "2027-11-09 10:00"]);
    check(&ninth("backward"), "2026-01-01", &["2026-11-06 10:00<2026-11-09 10:00", "2027-11-09 10:00"]);
    check(&ninth("skip"), "2026-01-01", &["2027-11-09 10:00"]);
    // Asked between the holiday and the day it rolls to.
    check(&ninth("forward"), "2026-11-10T12:00", &["2026-11-11 10:00<2026-11-09 10:00"]);
    check(&ninth("backward"), "2026-11-06T10:00", &["2027-11-09 10:00"]);
    // What falls together fires once.
    let daily = |roll: &str| json!({ "when": { "cron": "0 10 * * *" }, "roll": roll });
    check(&daily("forward"), "2026-11-06T12:00", &["2026-11-11 10:00<2026-11-07 10:00", "2026-11-12 10:00"]);
    check(&daily("backward"), "2026-11-05T12:00", &["2026-11-06 10:00", "2026-11-11 10:00"]);
    // The dates before rolling are what `to` bounds.
    let bounded = json!({ "when": { "cron": "0 10 9 11 *" }, "roll": "forward", "to": "2026-11-09" });
    assert_eq!(falls(&bounded, "2026-01-01", 9), ["2026-11-11 10:00<2026-11-09 10:00"]);
}

/// An office closed for five weeks: what rolls out of them is found from within, and not looked for further than it may roll.
#[test]
fn long_closures() {
    let open = |day: Date| !(date(2026, 1, 1)..=date(2026, 2, 5)).contains(&day);
    let next = |cron: &str, after: Date| {
        let schedule = compile(&document(json!({ "when": { "cron": cron }, "roll": "forward", "zone": "UTC" }))).unwrap();
        let after = jiff::tz::TimeZone::UTC.to_timestamp(after.at(0, 0, 0, 0)).unwrap();
        schedule.next_after(after, &open).unwrap().nominal.date()
    };
    assert_eq!(next("0 0 10 1 *", date(2026, 2, 4)), date(2026, 1, 10));
    // The second of January is more days from the sixth of February than an occurrence may move.
    assert_eq!(next("0 0 2 1 *", date(2026, 1, 1)), date(2027, 1, 2));
}

#[test]
fn clocks_that_change() {
    let new_york =
        |cron: &str, policies: &Value| json!({ "when": { "cron": cron }, "zone": "America/New_York", "policies": policies });
    let fall = "2026-10-31T12:00";
    check(&new_york("30 1 * * *", &json!({})), fall, &["2026-11-01 01:30", "2026-11-02 01:30"]);
    check(
        &new_york("30 1 * * *", &json!({ "overlap": "both" })),
        fall,
        &["2026-11-01 01:30", "2026-11-01 01:30", "2026-11-02 01:30"],
    );
    check(&new_york("*/30 1 * * *", &json!({})), fall, &["2026-11-01 01:00", "2026-11-01 01:30", "2026-11-01 01:00"]);
    let spring = "2026-03-07T12:00";
    check(&new_york("30 2 * * *", &json!({})), spring, &["2026-03-08 03:00<2026-03-08 02:30", "2026-03-09 02:30"]);
    check(&new_york("30 2 * * *", &json!({ "gap": "skip" })), spring, &["2026-03-09 02:30"]);
    check(&new_york("10,50 2 * * *", &json!({})), spring, &["2026-03-08 03:00<2026-03-08 02:10", "2026-03-09 02:10"]);
    check(&new_york("0 2,3 * * *", &json!({})), spring, &["2026-03-08 03:00", "2026-03-09 02:00"]);
    check(&new_york("30 * * * *", &json!({})), "2026-03-08T01:00", &["2026-03-08 01:30", "2026-03-08 03:30"]);
    // A date that a zone left out.
    let apia = json!({ "when": { "cron": "15 1 * * *" }, "zone": "Pacific/Apia" });
    check(&apia, "2011-12-29T00:00", &["2011-12-29 01:15", "2011-12-31 01:15"]);
}

#[test]
fn every_problem_at_once() {
    let broken = document(json!({
        "when": { "cron": "61 * * 13 *", "times": 3, "months": [1] }, "zone": "Asia/Calcuta", "time": "9:30", "from": "2026-02-30",
        "policies": { "atMost": 5 },
    }));
    let problems = compile(&broken).unwrap_err();
    let found: Vec<String> = problems.iter().map(|problem| format!("{} {}", problem.code, problem.pointer)).collect();
    let expected = [
        "schedule.zone /zone",
        "schedule.time /time",
        "schedule.date /from",
        "schedule.property-not-here /policies/atMost",
        "schedule.cron-field /when/cron",
        "schedule.cron-field /when/cron",
        "schedule.property-not-here /time",
        "schedule.property-not-here /when/times",
        "schedule.property-not-here /when/months",
    ];
    assert_eq!(found, expected);
    assert_eq!(problems[4].message, "In the field \"minutes\": \"61\" is no value of it. Write a number from 0 to 59.");
}

#[test]
fn one_problem_each() {
    let cron = |text: &str| json!({ "when": { "cron": text } });
    let check = |members: Value, expected: &str| {
        let problems = compile(&document(members.clone())).map_or_else(|problems| problems, |_| Vec::new());
        let found: Vec<String> = problems.iter().map(|problem| format!("{} {}", problem.code, problem.pointer)).collect();
        assert_eq!(found, [expected], "{members}");
    };
    check(json!({ "when": {} }), "schedule.one-of /when");
    check(json!({ "when": { "cron": "@daily", "workingDay": 1 } }), "schedule.one-of /when");
    check(cron("* * * *"), "schedule.cron-fields /when/cron");
    check(cron("@fortnightly"), "schedule.cron-macro /when/cron");
    check(cron(&"0,".repeat(200)), "schedule.cron-too-long /when/cron");
    check(cron("0 0 30 2 *"), "schedule.never /when");
    check(cron("0 0 31W 2 *"), "schedule.never /when");
    check(cron("0 0 0 1 1 * 1970-2100/7 x"), "schedule.cron-fields /when/cron");
    check(json!({ "when": { "cron": "0 0 0 1 1 * 2020" }, "from": "2026-01-01" }), "schedule.never /when");
    check(json!({ "when": { "cron": "@daily" }, "time": "10:00" }), "schedule.property-not-here /time");
    check(json!({ "when": { "cron": "@daily" }, "from": "2026-02-01", "to": "2026-01-01" }), "schedule.validity /to");
    check(json!({ "when": { "cron": "@daily" }, "zone": "asia/kolkata" }), "schedule.zone /zone");
    check(
        json!({ "when": { "cron": "@daily" }, "policies": { "missed": "each", "atMost": 0 } }),
        "schedule.at-most /policies/atMost",
    );
    check(json!({ "when": { "cron": "@daily" }, "makes": { "report": "digest" } }), "schedule.one-of ");
    check(json!({ "when": { "cron": "@daily" }, "starts": null }), "schedule.one-of ");
    check(json!({ "when": { "every": "P1D" } }), "schedule.anchor /when");
    check(json!({ "when": { "every": "P1D", "anchor": "Charter" } }), "schedule.anchor /when/anchor");
    check(json!({ "when": { "every": "P1D", "anchor": "1969-12-31" } }), "schedule.date /when/anchor");
    check(json!({ "when": { "every": "P1DT1H", "anchor": "2026-01-01" } }), "schedule.duration /when/every");
    check(json!({ "when": { "every": "PT0.5S", "anchor": "2026-01-01" } }), "schedule.duration /when/every");
    check(json!({ "when": { "every": "p1d", "anchor": "2026-01-01" } }), "schedule.duration /when/every");
    check(json!({ "when": { "every": "P1d", "anchor": "2026-01-01" } }), "schedule.duration /when/every");
    check(json!({ "when": { "every": "-P1D", "anchor": "2026-01-01" } }), "schedule.duration /when/every");
    check(json!({ "when": { "every": "P0D", "anchor": "2026-01-01" } }), "schedule.duration /when/every");
    check(json!({ "when": { "every": "P1D", "times": 0, "anchor": "2026-01-01" } }), "schedule.times /when/times");
    check(json!({ "when": { "every": "PT1H", "anchor": "2026-01-01" }, "roll": "forward" }), "schedule.property-not-here /roll");
    check(json!({ "when": { "after": ["P2M", "P1M"], "anchor": "2026-01-01" } }), "schedule.after /when/after/1");
    check(json!({ "when": { "after": ["P30D", "P1M"], "anchor": "2026-01-01" } }), "schedule.after /when/after/1");
    check(json!({ "when": { "after": ["PT24H"], "anchor": "2026-01-01" } }), "schedule.duration /when/after/0");
    check(json!({ "when": { "after": vec!["P1D"; 25], "anchor": "2026-01-01" } }), "schedule.after /when/after");
    check(json!({ "when": { "workingDay": 0 } }), "schedule.working-day /when/workingDay");
    check(json!({ "when": { "workingDay": 1, "months": [1, 1] } }), "schedule.months /when/months");
    check(json!({ "when": { "workingDay": 1 }, "roll": "forward" }), "schedule.property-not-here /roll");
}
