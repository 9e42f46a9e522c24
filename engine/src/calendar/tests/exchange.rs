//! Lists of holidays in and out: iCalendar and CSV, good ones and bad ones.

use serde_json::json;

use super::{calendar, plain, shipped};
use crate::calendar::exchange::{Feed, FeedEvent, from_csv, from_ical, to_csv, to_ical};
use crate::model::calendar::{Holiday, HolidayKind};
use crate::model::{Language, Problem, Time};

/// What was read, as "date title kind", or the problems as "code line".
fn told(result: &Result<Vec<Holiday>, Vec<Problem>>) -> Vec<String> {
    let line = |problem: &Problem| problem.message.split([' ', ':']).nth(1).unwrap().to_owned();
    match result {
        Ok(holidays) => {
            holidays.iter().map(|holiday| format!("{} {} {:?}", holiday.date, holiday.title.en, holiday.kind)).collect()
        }
        Err(problems) => problems.iter().map(|problem| format!("{} {}", problem.code, line(problem))).collect(),
    }
}

#[track_caller]
fn check_csv(text: &str, expected: &[&str]) {
    assert_eq!(told(&from_csv(text)), expected);
}

/// An event with these lines, in a calendar; the first of them is line 3.
#[track_caller]
fn check_event(lines: &str, expected: &[&str]) {
    check_ical(&format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"), expected);
}

#[track_caller]
fn check_ical(text: &str, expected: &[&str]) {
    assert_eq!(told(&from_ical(text)), expected);
}

#[test]
fn csv() {
    check_csv("2026-01-26,Republic Day\n", &["2026-01-26 Republic Day Closed"]);
    check_csv("date,title\r\n2026-01-26,Republic Day\r\n", &["2026-01-26 Republic Day Closed"]);
    check_csv(
        "\u{feff}date,title,kind\n2026-01-01, New Year ,restricted\n\n2027-03-10,Id-ul-Fitr,provisional",
        &["2026-01-01 New Year Restricted", "2027-03-10 Id-ul-Fitr Provisional"],
    );
    check_csv("2026-03-19,\"Ugadi, \"\"Gudi Padava\"\"\",", &["2026-03-19 Ugadi, \"Gudi Padava\" Closed"]);
    check_csv("", &[]);
    check_csv("26/01/2026,Republic Day\n2026-02-30,Holi\n2026-03-04,Holi", &["import.date 1", "import.date 2"]);
    check_csv("2026-01-26\n2026-01-27,a,closed,d", &["import.fields 1", "import.fields 2"]);
    check_csv("2026-01-26,Republic Day,holiday", &["import.kind 1"]);
    check_csv("2026-01-26,\n2026-01-27,\"two\nlines\"\n2026-01-28,", &["import.title 1", "import.title 2", "import.title 4"]);
    check_csv("2026-01-26,Republic Day\n2026-01-26,Republic Day,restricted", &["import.twice 2"]);
    check_csv("2026-01-26,\"Republic Day", &["import.quote 1"]);
    // Headings only at the head.
    check_csv("2026-01-26,Republic Day\ndate,title", &["import.date 2"]);
}

#[test]
fn ical() {
    check_event("DTSTART;VALUE=DATE:20260126\r\nSUMMARY:Republic Day", &["2026-01-26 Republic Day Closed"]);
    check_event(
        "dtstart;value=date:20260126\nsummary;LANGUAGE=\"en:x\":Ugadi\\, Gudi\n  Padava\\; A\\\\B",
        &["2026-01-26 Ugadi, Gudi Padava; A\\B Closed"],
    );
    check_event(
        "DTSTART:20260126\r\nDTEND:20260128\r\nSUMMARY:Two\r\nCATEGORIES:Religious,Restricted",
        &["2026-01-26 Two Restricted", "2026-01-27 Two Restricted"],
    );
    check_event(
        "DTSTART:20260131\r\nDURATION:P2D\r\nSUMMARY:Two\r\nSTATUS:TENTATIVE",
        &["2026-01-31 Two Provisional", "2026-02-01 Two Provisional"],
    );
    // Alarms and time zones are passed over.
    check_event("DTSTART:20260126\r\nSUMMARY:A\r\nBEGIN:VALARM\r\nSUMMARY:B\r\nEND:VALARM", &["2026-01-26 A Closed"]);
    check_ical("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nDTSTART:19700101T000000\nEND:VTIMEZONE\nEND:VCALENDAR", &[]);
}

#[test]
fn ical_that_is_refused() {
    check_event("DTSTART:20260126T090000Z\r\nSUMMARY:Meeting", &["import.date 3"]);
    check_event("DTSTART:20260230\r\nSUMMARY:No such day", &["import.date 3"]);
    check_event("DTSTART:20260126\r\nSUMMARY:Weekly\r\nRRULE:FREQ=WEEKLY", &["import.repeats 5"]);
    check_event("DTSTART:20260126\r\nSUMMARY:Off\r\nSTATUS:CANCELLED", &["import.cancelled 5"]);
    check_event("DTSTART:20260126", &["import.event 2"]);
    check_event("SUMMARY:When", &["import.event 2"]);
    check_event("DTSTART:20260126\r\nDTEND:20260126\r\nSUMMARY:Nothing", &["import.length 2"]);
    check_event("DTSTART:20260126\r\nDTEND:20260301\r\nSUMMARY:Endless", &["import.length 2"]);
    check_event("DTSTART:20260126\r\nDURATION:PT8H\r\nSUMMARY:Hours", &["import.date 4"]);
    check_event("DTSTART:20260126\r\nSUMMARY:", &["import.title 2"]);
    check_event("DTSTART:20260126\r\nnothing\r\nSUMMARY:A", &["import.line 4"]);
    check_ical("", &["import.no-calendar 1"]);
    check_ical("date,title\n", &["import.line 1", "import.no-calendar 1"]);
    check_ical("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", &["import.nesting 3", "import.nesting 1", "import.nesting 2"]);
}

#[test]
fn what_is_written_can_be_read() {
    let delhi = shipped("in.central.delhi");
    let stamp = Time::parse("2026-01-01T00:00:00Z").unwrap();
    let listed: Vec<String> = super::shipped_documents()
        .iter()
        .find(|document| document.id == "in.central.delhi")
        .map(|document| document.holidays.iter().map(|line| format!("{} {} {:?}", line.date, line.title.en, line.kind)).collect())
        .unwrap();
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let ical = to_ical(&delhi, Language::English, stamp);
    assert_eq!(sorted(told(&from_ical(&ical))), sorted(listed.clone()));
    assert_eq!(sorted(told(&from_csv(&to_csv(&delhi, Language::English)))), sorted(listed));
    // The same text each time, lines folded between characters.
    let hindi = to_ical(&delhi, Language::Hindi, stamp);
    assert_eq!(hindi, to_ical(&delhi, Language::Hindi, stamp));
    assert!(hindi.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
    assert_eq!(from_ical(&hindi).unwrap().len(), 65);
    assert!(hindi.contains("SUMMARY;LANGUAGE=hi:गणतंत्र दिवस"));
}

#[test]
fn titles_with_every_sign_survive() {
    let title = "A; b, c \\n \"d\" : é ".repeat(20);
    let office = calendar(&[plain(&json!({
        "holidays": [{ "date": "2026-03-02", "title": { "en": title }, "kind": "provisional" }],
        "days": [{ "date": "2026-03-07", "title": { "en": "Works" }, "shifts": [{ "from": "09:00", "to": "10:00" }] }],
    }))]);
    assert!(to_ical(&office, Language::English, Time(0)).contains("SUMMARY;LANGUAGE=en:A\\; b\\, c \\\\n"));
    let read = [
        from_ical(&to_ical(&office, Language::English, Time(0))).unwrap(),
        from_csv(&to_csv(&office, Language::English)).unwrap(),
    ];
    for holidays in read {
        assert_eq!(holidays.len(), 1);
        assert_eq!((holidays[0].title.en.as_str(), holidays[0].kind), (title.trim(), HolidayKind::Provisional));
    }
}

#[test]
fn a_feed_has_one_event_for_each_thing() {
    let event = |uid: &str, summary: &str, description: &str| FeedEvent {
        uid: uid.to_owned(),
        at: Time::parse("2026-11-22T04:30:00Z").unwrap(),
        summary: summary.to_owned(),
        description: description.to_owned(),
        category: "SCHEDULE",
        tentative: true,
    };
    let feed = Feed { name: "A, b; c".to_owned(), language: Language::English, stamp: Time(0) };
    let events = [event("a@b", "one\u{7}\r\ntwo\\", ""), event("a@b", "three", &"long, ".repeat(30)), event("a@b", "four", "x")];
    let text = feed.write(&events);
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(char::is_control)), "{text}");
    let lines: Vec<String> = text.replace("\r\n ", "").split("\r\n").map(ToOwned::to_owned).collect();
    assert_eq!(lines[4..6], ["NAME;LANGUAGE=en:A\\, b\\; c", "X-WR-CALNAME:A\\, b\\; c"]);
    let uids: Vec<&String> = lines.iter().filter(|line| line.starts_with("UID:")).collect();
    assert_eq!(uids, ["UID:a@b", "UID:2-a@b", "UID:3-a@b"]);
    let at = lines.iter().position(|line| line == "UID:a@b").unwrap();
    let expected = [
        "DTSTAMP:19700101T000000Z",
        "DTSTART:20261122T043000Z",
        "SUMMARY;LANGUAGE=en:one\\ntwo\\\\",
        "CATEGORIES:SCHEDULE",
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ];
    assert_eq!(lines[at + 1..at + 8], expected);
    assert_eq!(text, feed.write(&events));
}

#[test]
fn lists_are_bounded() {
    let many = (0..3_601).fold(String::new(), |text, n| text + &format!("2026-03-04,Holiday {n}\n"));
    assert_eq!(from_csv(&many).unwrap_err()[0].code, "limit.calendar-lines");
    assert_eq!(from_csv(&",\n".repeat(1_000)).unwrap_err().len(), 100);
    assert_eq!(from_csv(&" ".repeat(1_048_577)).unwrap_err()[0].code, "limit.holiday-list");
    assert_eq!(from_ical(&" ".repeat(1_048_577)).unwrap_err()[0].code, "limit.holiday-list");
    assert!(from_ical(&"BEGIN:VEVENT\n".repeat(80_000)).is_err());
}
