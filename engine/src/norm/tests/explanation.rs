//! Explanations read by hand: what is said of each day, in both languages, and that it stays within bounds.

use serde_json::{Value, json};

use super::rests::{clock, ledger};
use super::{TERMS, at, date, norm, shipped, started};
use crate::model::Language;
use crate::model::limits::EXPLANATION_LINES_MAX;
use crate::norm::{Explanation, Ledger, Line, LineKind, Rest, explain, reckon};

/// One line in short: date, kind, number, text.
fn told(line: &Line) -> String {
    let number = line.number.map(|number| format!(" {number}")).unwrap_or_default();
    format!("{} {:?}{number}: {}", line.date, line.kind, line.text.en)
}

#[track_caller]
fn explained(within: &Value, changes: &Value, ledger: &Ledger) -> Explanation {
    let (norm, delhi) = (norm(within, changes), shipped("in.central.delhi"));
    let explanation = explain(&norm, TERMS, ledger, &delhi).unwrap();
    let deadline = reckon(&norm, TERMS, ledger, &delhi).unwrap();
    assert_eq!(explanation.due, deadline.due);
    assert_eq!(explanation.lines.last().unwrap().due, deadline.due);
    assert!(explanation.lines.len() <= EXPLANATION_LINES_MAX);
    let text = serde_json::to_string(&explanation).unwrap();
    assert_eq!(serde_json::from_str::<Explanation>(&text).unwrap(), explanation);
    for line in &explanation.lines {
        assert_ne!(line.text.get(Language::Hindi), line.text.en, "{line:?}");
    }
    explanation
}

#[track_caller]
fn check(explanation: &Explanation, expected: &[&str]) {
    assert_eq!(explanation.lines.iter().map(told).collect::<Vec<_>>(), expected);
}

#[test]
fn working_days_over_republic_day() {
    let explanation = explained(&json!({ "workingDays": 3 }), &json!({}), &started(at("2026-01-23T11:05:00+05:30")));
    check(
        &explanation,
        &[
            "2026-01-23 Start: Started on Friday, 23 January 2026 at 11:05. That day is not counted. Allowed: 3 working days.",
            "2026-01-24 Closed 0: The office is closed (no office day of the week). Not counted.",
            "2026-01-25 Closed 0: The office is closed (no office day of the week). Not counted.",
            "2026-01-26 Closed 0: The office is closed (Republic Day). Not counted.",
            "2026-01-27 Counted 1: Day 1 of 3.",
            "2026-01-28 Counted 2: Day 2 of 3.",
            "2026-01-29 Counted 3: Day 3 of 3.",
            "2026-01-29 End: The time is over on Thursday, 29 January 2026 at 17:00, the close of the office. What is done then or later is late.",
        ],
    );
    assert_eq!(explanation.lines[0].source, ["General Clauses Act, 1897, section 9"]);
    let republic_day = explanation.lines[3].day.as_ref().unwrap();
    assert_eq!((republic_day.works, republic_day.calendar.as_str()), (false, "in.central.delhi"));
    assert!(republic_day.pointer.starts_with("/holidays/") && !republic_day.source.is_empty());
    assert_eq!(explanation.lines[3].text.get(Language::Hindi), "कार्यालय बंद (गणतंत्र दिवस)। नहीं गिना गया।");
    assert_eq!(
        explanation.summary.en,
        "3 working days from Friday, 23 January 2026 at 11:05: over on Thursday, 29 January 2026 at 17:00, the close of the office."
    );
    assert_eq!(
        explanation.summary.get(Language::Hindi),
        "शुक्रवार, 23 जनवरी 2026 को 11:05 बजे से 3 कार्य दिवस: गुरुवार, 29 जनवरी 2026 को 17:00 बजे, कार्यालय बंद होने पर समाप्त।"
    );
}

#[test]
fn days_with_a_rest_an_extension_and_a_roll() {
    let mut clock = clock();
    clock["extend"] = json!({ "on": "extended", "by": { "days": 2 } });
    let lines = [
        "0 2026-03-03T10:00:00+05:30 2026-03-04T10:00:00+05:30",
        "extended 2026-03-05T10:00:00+05:30",
        "extended 2026-03-06T10:00:00+05:30",
        "0 2026-03-20T10:00:00+05:30 open",
    ];
    let explanation = explained(&json!({ "days": 3 }), &json!({ "clock": clock }), &ledger("2026-03-02T11:00:00+05:30", &lines));
    check(
        &explanation,
        &[
            "2026-03-02 Start: Started on Monday, 2 March 2026 at 11:00. That day is not counted. Allowed: 3 days.",
            "2026-03-03 Counted 1: Day 1 of 5.",
            "2026-03-04 Rest 1: At rest: Documents awaited. Not counted.",
            "2026-03-05 Counted 2: Day 2 of 5.",
            "2026-03-05 Extension: Extended by 2 days, counted from the last day before it gives way to an office day.",
            "2026-03-06 Counted 3: Day 3 of 5.",
            "2026-03-06 Ignored: A rest or an extension, more often than the norm allows. It changes nothing.",
            "2026-03-07 Counted 4: Day 4 of 5. The office is closed (no office day of the week); the day counts all the same.",
            "2026-03-08 Counted 5: Day 5 of 5. The office is closed (no office day of the week); the day counts all the same.",
            "2026-03-20 Ignored: A rest or an extension began when the time was over already. It changes nothing.",
            "2026-03-09 Roll: The last day, Sunday, 8 March 2026, is closed (no office day of the week). Monday, 9 March 2026 takes its place.",
            "2026-03-09 End: The time is over on Monday, 9 March 2026 at 17:00, the close of the office. What is done then or later is late.",
        ],
    );
    let roll = &explanation.lines[10];
    assert_eq!((roll.kind, &*roll.source[0]), (LineKind::Roll, "General Clauses Act, 1897, section 10"));
}

#[test]
fn minutes_of_each_day() {
    let rests = ["0 2026-01-23T16:30:00+05:30 2026-01-24T10:00:00+05:30"];
    let ledger = ledger("2026-01-23T16:00:00+05:30", &rests);
    let minutes = |within: &Value| {
        let explanation = explained(within, &json!({ "clock": clock() }), &ledger);
        let lines =
            explanation.lines.iter().filter_map(|line| line.minutes.map(|minutes| (line.date.to_string(), line.kind, minutes)));
        lines.collect::<Vec<_>>()
    };
    let day = |day: u8, kind: LineKind, minutes: i64| (format!("2026-01-{day}"), kind, minutes);
    let expected = [
        (23, LineKind::Counted, 30),
        (24, LineKind::Closed, 0),
        (25, LineKind::Closed, 0),
        (26, LineKind::Closed, 0),
        (27, LineKind::Counted, 90),
    ];
    assert_eq!(minutes(&json!({ "officeHours": 2 })), expected.map(|(date, kind, count)| day(date, kind, count)));
    let expected = [(23, LineKind::Counted, 30), (24, LineKind::Counted, 840), (25, LineKind::Counted, 570)];
    assert_eq!(minutes(&json!({ "hours": 24 })), expected.map(|(date, kind, count)| day(date, kind, count)));
}

#[test]
fn open_backward_and_several() {
    let open = ledger("2026-03-02T11:00:00+05:30", &["0 2026-03-04T10:00:00+05:30 open"]);
    let explanation = explained(&json!({ "workingDays": 5 }), &json!({ "clock": clock() }), &open);
    assert_eq!(explanation.lines.last().unwrap().kind, LineKind::Open);
    assert_eq!(explanation.lines.len(), 4);

    let planned = Ledger { planned: Some(date("2026-04-06")), ..started(at("2026-03-02T11:00:00+05:30")) };
    let explanation = explained(&json!({ "days": 3 }), &json!({ "direction": "backward" }), &planned);
    check(
        &explanation,
        &[
            "2026-04-06 Start: Planned for Monday, 6 April 2026. 3 days are counted back from it. That day is not counted.",
            "2026-04-05 Counted 1: Day 1 of 3. The office is closed (no office day of the week); the day counts all the same.",
            "2026-04-04 Counted 2: Day 2 of 3. The office is closed (no office day of the week); the day counts all the same.",
            "2026-04-03 Counted 3: Day 3 of 3. The office is closed (Good Friday); the day counts all the same.",
            "2026-04-02 Roll: The last day, Friday, 3 April 2026, is closed (Good Friday). Thursday, 2 April 2026 takes its place.",
            "2026-04-02 End: The time is over on Thursday, 2 April 2026 at 17:00, the close of the office. What is done then or later is late.",
        ],
    );

    let both = json!({ "earliestOf": [{ "workingDays": 20 }, { "days": 30 }] });
    let explanation = explained(&both, &json!({}), &started(at("2026-03-02T11:00:00+05:30")));
    let choices = explanation.lines.iter().filter(|line| line.kind == LineKind::Choice);
    let dues: Vec<_> = choices.map(|line| line.due.unwrap()).collect();
    assert_eq!(dues, [at("2026-04-02T17:00:00+05:30"), at("2026-04-01T17:00:00+05:30")]);
    assert_eq!(explanation.due, Some(dues[1]));
    let at_once = explained(&json!({ "immediately": true }), &json!({}), &started(at("2026-03-02T11:00:00+05:30")));
    assert_eq!(at_once.lines.len(), 2);
}

#[test]
fn bounded() {
    let start = started(at("2026-03-02T11:00:00+05:30"));
    let plain = json!({ "counting": { "lastDay": "none" } });
    let day = explained(&json!({ "days": 398 }), &plain, &start);
    assert_eq!((day.lines.len(), day.condensed), (400, false));
    let month = explained(&json!({ "days": 399 }), &plain, &start);
    assert!(month.condensed && month.lines.len() < 20);
    assert_eq!(month.lines[1].text.en, "Tuesday, 3 March 2026 to Tuesday, 31 March 2026: 29 days counted.");
    assert_eq!((month.lines[1].number, month.lines[1].of), (Some(29), Some(399)));
    let hours = explained(&json!({ "hours": 87_600 }), &json!({}), &start);
    assert_eq!(hours.lines.iter().filter_map(|line| line.minutes).sum::<i64>(), 87_600 * 60);
    // The longest that can be written, and more things happening than lines are allowed.
    let mut clock = clock();
    clock["extend"] = json!({ "on": "extended", "by": { "months": 120 }, "times": 100 });
    let mut many = start.clone();
    many.extensions = vec![start.start; 200];
    many.rests = (0..2_000)
        .map(|day| Rest {
            ground: Some(0),
            from: start.start.plus_seconds(day * 86_400),
            to: Some(start.start.plus_seconds(day * 86_400 + 3_600)),
        })
        .collect();
    let long = explained(&json!({ "months": 120 }), &json!({ "clock": clock }), &many);
    assert!(long.condensed && long.lines.len() > 100);
}
