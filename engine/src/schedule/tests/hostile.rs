//! Bad input by the hundred: a clear problem each, no panic, and an end.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::super::{Interval, compile};
use super::{ANY_DAY, cron_in, document};
use crate::model::limits::PREVIEW_MAX;
use crate::model::random::Random;
use crate::model::time::duration;

/// Compiles it and asks it, whatever it is; a refusal must say what to do.
fn survives(expression: &str, zone: &str) {
    match compile(&cron_in(expression, zone)) {
        Ok(schedule) => _ = schedule.preview(Timestamp::UNIX_EPOCH, 2, ANY_DAY),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.code.starts_with("schedule.") && problem.is_error(), "{expression:?}: {problem:?}");
                assert!(problem.message.ends_with('.') && problem.message.chars().count() < 500, "{expression:?}: {problem:?}");
            }
        }
    }
}

#[test]
fn fields_that_are_refused() {
    let days = [
        "0",
        "32",
        "1-32",
        "31-1",
        "*/0",
        "*/99",
        "1/",
        "/2",
        "1//2",
        "1-2-3",
        "1,,2",
        ",",
        "L-",
        "L-31",
        "L-L",
        "0W",
        "32W",
        "W",
        "WL",
        "LWL",
        "L5",
        "1L",
        "1#1",
        "%",
        "१",
        "\u{0}",
        "+1",
        "-1",
        "1.5",
        "0x1",
        "999999999999999999999",
        "MON",
        "**",
        "*-5",
        "?/2x",
    ];
    let weeks = [
        "8", "MO", "MONDAY", "#", "1#", "#1", "1#0", "1#6", "1#1#1", "1-2#1", "L", "8L", "LL", "FRI-MON", "++1", "1+", "*L", "1W",
    ];
    let minutes = ["60", "?", "JAN", "L", "1W", "0#1", "-", "1-", "-1-2", "*/60", "5 5"];
    let whole =
        ["", " ", "@", "@reboot", "@daily @daily", "* * * * * * * *", "0 0 0 1 1 * 1969", "0 0 0 1 1 * 2101"].map(str::to_owned);
    let by_day = days.iter().map(|text| format!("0 0 {text} * *"));
    let by_week = weeks.iter().map(|text| format!("0 0 * * {text}"));
    let by_minute = minutes.iter().map(|text| format!("{text} 0 0 1 * *"));
    for expression in by_day.chain(by_week).chain(by_minute).chain(whole) {
        survives(&expression, "UTC");
        assert!(compile(&cron_in(&expression, "UTC")).is_err(), "{expression} is taken");
    }
}

#[test]
fn random_expressions_end() {
    let alphabet: Vec<char> = "0123456789*/-,?LW#+@ MONFRIJANé\t\u{0}".chars().collect();
    let mut random = Random(0x5eed);
    let start = std::time::Instant::now();
    for _ in 0..2_000 {
        let length = random.below(30);
        let text: String = (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect();
        survives(&text, "Europe/London");
        _ = Interval::parse(&format!("R{text}"));
        _ = duration(&format!("P{text}"));
    }
    for _ in 0..2_000 {
        let fields: Vec<String> = (0..5 + random.below(3))
            .map(|_| (0..=random.below(6)).map(|_| alphabet[random.below(20)]).collect::<String>())
            .collect();
        survives(&fields.join(" "), "Pacific/Apia");
    }
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

#[test]
fn oversized_documents_are_refused() {
    survives(&"*".repeat(1 << 20), "UTC");
    survives("0 0 1 1 *", &"A".repeat(1 << 20));
    let rules: Vec<String> = (0..31).map(|day| format!("L-{day}")).collect();
    let many = format!("0 0 {} * 1#1,2#2,3#3", rules.join(",").replace("L-0", "L"));
    survives(&many, "UTC");
    assert!(compile(&cron_in(&many, "UTC")).is_err());
    let minutes = compile(&cron_in("* * * * *", "UTC")).unwrap();
    assert_eq!(minutes.preview(Timestamp::UNIX_EPOCH, usize::MAX, ANY_DAY).len(), PREVIEW_MAX);
    let huge = "9".repeat(4_000);
    for text in
        [format!("P{huge}D"), format!("PT{huge}S"), "P9999Y".to_owned(), "P20000Y".to_owned(), format!("P1{}", "Y".repeat(90))]
    {
        let every = compile(&document(json!({ "when": { "every": text, "anchor": "2026-01-01" } })));
        let after = compile(&document(json!({ "when": { "after": [text], "anchor": "2026-01-01", "repeats": true } })));
        for schedule in [every, after].into_iter().flatten() {
            _ = schedule.preview(Timestamp::MIN, 3, ANY_DAY);
            _ = schedule.count(Timestamp::MIN, Timestamp::MAX, ANY_DAY);
        }
    }
    assert!(Interval::parse(&format!("R{huge}/PT1S")).is_none());
}

/// The ends of time, and calendars on which nobody ever works.
#[test]
fn searches_end() {
    let never: &dyn Fn(jiff::civil::Date) -> bool = &|_| false;
    let start = std::time::Instant::now();
    let documents = [
        json!({ "when": { "cron": "* * * * * *" }, "roll": "skip" }),
        json!({ "when": { "cron": "* * * * *" }, "roll": "forward" }),
        json!({ "when": { "cron": "0 0 29 2 1#5" }, "roll": "backward" }),
        json!({ "when": { "workingDay": 23 } }),
        json!({ "when": { "every": "P1D", "anchor": "1970-01-01" }, "roll": "forward" }),
        json!({ "when": { "every": "PT1S", "anchor": "1970-01-01" } }),
        json!({ "when": { "after": ["P1D"], "anchor": "1970-01-01", "repeats": true }, "roll": "skip" }),
    ];
    let zones = ["Asia/Kolkata", "Africa/Casablanca", "Pacific/Apia"];
    for (members, zone) in documents.into_iter().zip(zones.into_iter().cycle()) {
        let mut document = document(members);
        zone.clone_into(&mut document.zone);
        let schedule = compile(&document).unwrap();
        let elapsed = document.when.every.as_deref() == Some("PT1S");
        assert_eq!(schedule.next_after(Timestamp::UNIX_EPOCH, never).is_some(), elapsed);
        assert_eq!(schedule.next_after(Timestamp::MAX, ANY_DAY), None);
        assert!(schedule.next_after(Timestamp::MIN, ANY_DAY).is_some());
        assert!(schedule.count(Timestamp::MIN, Timestamp::MAX, ANY_DAY) > 0);
        assert_eq!(schedule.count(Timestamp::MAX, Timestamp::MIN, ANY_DAY), 0);
    }
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}
