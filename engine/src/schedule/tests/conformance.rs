//! Shared conformance vectors (conformance README §5): cron across changes of clocks, the open cron specification, and ISO 8601.

use std::fs;
use std::path::PathBuf;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use super::super::{Interval, Plan, Start, compile};
use super::{ANY_DAY, cron_in, next_local};
use crate::model::schedule::{Gap, Policies};
use crate::model::time::duration;

/// A file of vectors, or `None` (with a note) where it is not present.
fn vectors(name: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/cron").join(name);
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not present", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

fn instant(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap();
    // `2014-03-09T05:00Z` has no seconds.
    text.parse().unwrap_or_else(|_| zone("UTC").to_timestamp(text.trim_end_matches('Z').parse().unwrap()).unwrap())
}

/// `+05:30`
fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
}

/// Where three engines agree, we do; where two of three do, our policy is the same; where none do, ours stands and is not scored.
#[test]
fn cron_across_changes_of_clocks() {
    let Some(cases) = vectors("cron_dst.json") else { return };
    let (mut hard, mut policy, mut unscored, mut older) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for case in list(&cases) {
        match case["agreement"].as_u64().unwrap() {
            3 => hard += 1,
            2 => policy += 1,
            _ => {
                unscored += 1;
                continue;
            }
        }
        let name = case["tz"].as_str().unwrap();
        let mut schedule = compile(&cron_in(case["expr"].as_str().unwrap(), name)).unwrap();
        let expected: Vec<Timestamp> = list(&case["expected"]).iter().map(instant).collect();
        let locals: Vec<&str> = list(&case["expected_local"]).iter().map(|local| local.as_str().unwrap()).collect();
        let law = zone(name);
        let changed = expected.iter().zip(&locals).any(|(at, local)| !local.ends_with(&offset_text(law.to_offset(*at))));
        // Where the law of a zone changed after the vectors were made, the law that they were made under is put in its place.
        if changed && name == "America/Havana" {
            let Plan::Local(timeline) = &mut schedule.plan else { panic!("{case}") };
            timeline.zone = TimeZone::posix("CST5CDT,M3.2.0/0,M11.1.0/1").unwrap();
        }
        older += usize::from(changed);
        let found = schedule.preview(instant(&case["after"]), 5, ANY_DAY);
        let right = if changed && name == "Africa/Casablanca" {
            // Its clocks follow the moon, which no rule says: the local times must be right.
            let civil = |local: &&str| local[..19].parse::<DateTime>().unwrap();
            found.iter().map(|occurrence| occurrence.nominal).eq(locals.iter().map(civil))
        } else {
            found.iter().map(|occurrence| occurrence.instant).eq(expected)
        };
        if !right {
            wrong.push(format!("{} {} {name}: {found:?}", case["id"], case["expr"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    eprintln!(
        "cron_dst: {hard} unanimous and {policy} of two of three as expected, {older} of them under the law of their day; \
         {unscored} without a majority not scored"
    );
}

#[test]
fn open_cron_pattern_specification() {
    let Some(cases) = vectors("ocps.json") else { return };
    for case in list(&cases) {
        let pattern = case["pattern"].as_str().unwrap();
        let compiled = compile(&cron_in(pattern, "UTC"));
        if case["parse"] == "reject" {
            assert!(compiled.is_err(), "{pattern} is not refused");
            continue;
        }
        let schedule = compiled.unwrap_or_else(|problems| panic!("{pattern}: {problems:?}"));
        let falls = |at: &Value| {
            let local: DateTime = at.as_str().unwrap().parse().unwrap();
            let instant = zone("UTC").to_timestamp(local).unwrap();
            let before = instant.checked_sub(1.second()).unwrap();
            schedule.next_after(before, ANY_DAY).is_some_and(|occurrence| occurrence.instant == instant)
        };
        for at in list(&case["mustMatch"]) {
            assert!(falls(at), "{pattern} does not fall on {at}");
        }
        for at in list(&case["mustNotMatch"]) {
            assert!(!falls(at), "{pattern} falls on {at}");
        }
    }
    eprintln!("ocps: {} patterns", list(&cases).len());
}

/// What Quartz, Camunda, Flowable and a court's timers fire on. Days of the week are numbered as in standard cron.
#[test]
fn next_fires_of_other_engines() {
    for name in ["quartz.json", "hmcts.json"] {
        let Some(cases) = vectors(name) else { return };
        for case in list(&cases) {
            let expression = case["expr"].as_str().unwrap();
            if case["tz"].is_string() {
                let schedule = compile(&cron_in(expression, case["tz"].as_str().unwrap())).unwrap();
                let found = schedule.next_after(instant(&case["after"]), ANY_DAY).unwrap();
                assert_eq!(found.instant, instant(&case["next"]), "{expression}");
                continue;
            }
            let found = next_local(expression, case["after_local"].as_str().unwrap());
            let expected: DateTime = case["next_local"].as_str().unwrap().parse().unwrap();
            assert_eq!(found, Some(expected), "{expression} after {}", case["after_local"]);
        }
        eprintln!("{name}: {} expressions", list(&cases).len());
    }
}

/// Calendar events of systemd, said in cron: theirs skip a local time that does not exist.
#[test]
fn calendar_events_of_systemd() {
    let Some(cases) = vectors("systemd.json") else { return };
    let said = |spec: &str| match spec {
        "2016-03-27 03:17:00" => Some("0 17 3 27 3 * 2016"),
        "*-04-31" => Some("0 0 31 4 *"),
        // The last seven days of May 2017 that are a Monday.
        "Mon 2017-05~01..07" => Some("0 0 0 * 5 1L 2017"),
        _ => None,
    };
    let mut unsaid = 0;
    for case in list(&cases) {
        let (spec, tz) = (case["spec"].as_str().unwrap(), case["tz"].as_str().unwrap());
        let Some(expression) = said(spec) else {
            unsaid += 1;
            continue;
        };
        let mut document = cron_in(expression, tz);
        document.policies = Policies { gap: Gap::Skip, ..Policies::default() };
        let after = Timestamp::from_microsecond(case["after_usec"].as_i64().unwrap()).unwrap();
        // What can never fall is refused.
        let found = compile(&document).ok().and_then(|schedule| schedule.next_after(after, ANY_DAY));
        assert_eq!(found.map(|occurrence| occurrence.instant.as_microsecond()), case["next_usec"].as_i64(), "{spec} in {tz}");
    }
    eprintln!("systemd: {} specifications, {unsaid} of them cannot be said in cron", list(&cases).len());
}

#[test]
fn iso_8601_durations() {
    let Some(cases) = vectors("iso8601.json") else { return };
    for case in list(&cases["add"]) {
        let start: DateTime = case["start"].as_str().unwrap().parse().unwrap();
        let span = duration(case["dur"].as_str().unwrap()).unwrap();
        let expected: DateTime = case["expect"].as_str().unwrap().parse().unwrap();
        assert_eq!(start.checked_add(span).unwrap(), expected, "{case}");
    }
    for case in list(&cases["parse"]) {
        let span = duration(case["text"].as_str().unwrap()).unwrap();
        let days = span.get_weeks() * 7 + span.get_days();
        let period = [i64::from(span.get_years()), span.get_months().into(), days.into()];
        assert_eq!(Value::from(period.to_vec()), case["period"], "{case}");
        let time = span.years(0).months(0).weeks(0).days(0);
        assert_eq!(SignedDuration::try_from(time).unwrap().as_secs(), case["seconds"].as_i64().unwrap(), "{case}");
    }
    for text in list(&cases["reject"]) {
        let text = text.as_str().unwrap();
        assert!(duration(text).is_none() && Interval::parse(text).is_none(), "{text:?} is taken");
    }
}

#[test]
fn iso_8601_repeating_intervals() {
    let Some(cases) = vectors("iso8601.json") else { return };
    for case in list(&cases["repeat"]) {
        let interval = Interval::parse(case["text"].as_str().unwrap()).unwrap_or_else(|| panic!("{case}"));
        assert_eq!(interval.times.map_or(-1, i64::from), case["count"].as_i64().unwrap(), "{case}");
        let start = case["start"].as_str().map(|_| Start::Instant(instant(&case["start"])));
        assert_eq!(interval.start, start, "{case}");
        assert_eq!(interval.span.fieldwise(), duration(case["dur"].as_str().unwrap()).unwrap().fieldwise(), "{case}");
    }
    for case in list(&cases["repeat_next"]) {
        let zone = zone(case["tz"].as_str().unwrap_or("UTC"));
        let base = if case["base"].is_string() { instant(&case["base"]) } else { Timestamp::UNIX_EPOCH };
        let interval = Interval::parse(case["spec"].as_str().unwrap()).unwrap_or_else(|| panic!("{case}"));
        let found = interval.next_after(instant(&case["now"]), base, &zone);
        assert_eq!(found, Some(instant(&case["next"])), "{case}");
    }
    eprintln!("iso8601: {} repeating intervals", list(&cases["repeat"]).len() + list(&cases["repeat_next"]).len());
}
