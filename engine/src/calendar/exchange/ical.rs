//! Holidays as iCalendar (RFC 5545): all-day events with a date and a summary.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{List, bounded, holidays, kind_of, word_of};
use crate::calendar::{Calendar, days};
use crate::model::calendar::{Holiday, HolidayKind};
use crate::model::limits::HOLIDAY_DAYS_MAX;
use crate::model::{Language, Problem, Time};

/// Octets of a line, its end not counted (RFC 5545 section 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// Reads the events of an iCalendar text as holidays; one of several days is as many holidays. The summary becomes the English
/// title. An event is provisional when it is tentative; `CATEGORIES` may name one of our kinds. What repeats by a rule is refused.
pub fn from_ical(text: &str) -> Result<Vec<Holiday>, Vec<Problem>> {
    bounded(text)?;
    let mut list = List::default();
    // Names of the components that are open, and the event among them.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut event = Event::default();
    let mut is_calendar = false;
    for (line, content) in unfolded(text) {
        let Some(property) = Property::of(&content) else {
            list.report(line, "import.line", "This is no line of iCalendar, NAME:value. Correct or remove it.");
            continue;
        };
        let component = property.value.trim().to_ascii_uppercase();
        match property.name.as_str() {
            "BEGIN" => {
                is_calendar |= open.is_empty() && component == "VCALENDAR";
                if component == "VEVENT" {
                    event = Event::default();
                }
                open.push((line, component));
            }
            "END" if open.last().is_some_and(|(_, name)| *name == component) => {
                let begin = open.pop().map_or(line, |(begin, _)| begin);
                if component == "VEVENT" {
                    std::mem::take(&mut event).close(begin, &mut list);
                }
            }
            "END" => {
                let message = format!("END:{component} closes nothing that is open. Correct the order.");
                list.report(line, "import.nesting", &message);
            }
            _ if open.last().is_some_and(|(_, name)| name == "VEVENT") => event.take(line, &property, &mut list),
            // Time zones, alarms and the calendar's own properties hold no holidays.
            _ => {}
        }
    }
    if !is_calendar {
        list.report(1, "import.no-calendar", "There is no BEGIN:VCALENDAR. Is this an iCalendar file?");
    }
    for (line, name) in open {
        list.report(line, "import.nesting", &format!("BEGIN:{name} is not closed. Add END:{name}."));
    }
    list.done()
}

/// Writes the holidays that hold as all-day events; `stamp` is when they were written. Provisional ones are tentative, restricted
/// ones leave the day free. Single days with other hours are not holidays, and left out.
pub fn to_ical(calendar: &Calendar, language: Language, stamp: Time) -> String {
    let stamp = TimeZone::UTC.to_datetime(stamp.timestamp()).strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut text = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sevottam//Calendar//EN", "CALSCALE:GREGORIAN"] {
        fold(&mut text, line);
    }
    let (mut before, mut ordinal) = (None, 1);
    for (date, title, kind) in holidays(calendar, language) {
        ordinal = if before == Some(date) { ordinal + 1 } else { 1 };
        before = Some(date);
        fold(&mut text, "BEGIN:VEVENT");
        fold(&mut text, &format!("UID:{date}-{ordinal}@{}", calendar.id()));
        fold(&mut text, &format!("DTSTAMP:{stamp}"));
        fold(&mut text, &format!("DTSTART;VALUE=DATE:{}", date.strftime("%Y%m%d")));
        fold(&mut text, &format!("SUMMARY;LANGUAGE={}:{}", language.tag(), escaped(title)));
        fold(&mut text, &format!("CATEGORIES:{}", word_of(kind)));
        fold(&mut text, if kind == HolidayKind::Provisional { "STATUS:TENTATIVE" } else { "STATUS:CONFIRMED" });
        fold(&mut text, "TRANSP:TRANSPARENT");
        fold(&mut text, "END:VEVENT");
    }
    fold(&mut text, "END:VCALENDAR");
    text
}

/// What an event has said so far.
#[derive(Default)]
struct Event {
    start: Option<Date>,
    /// The day after its last.
    end: Option<Date>,
    /// Its length in days, where it says that instead.
    days: Option<i64>,
    title: Option<String>,
    kind: HolidayKind,
    is_refused: bool,
}

impl Event {
    fn take(&mut self, line: usize, property: &Property, list: &mut List) {
        let value = property.value.as_str();
        let before = list.problems.len();
        let date = |list: &mut List| {
            let date = basic_date(value);
            if date.is_none() {
                let message = format!("{value:?} is no date. A holiday lasts whole days: write DTSTART;VALUE=DATE:20260126.");
                list.report(line, "import.date", &message);
            }
            date
        };
        match property.name.as_str() {
            "DTSTART" => self.start = date(list),
            "DTEND" => self.end = date(list),
            "DURATION" => {
                self.days = value.strip_prefix('P').and_then(|rest| rest.strip_suffix('D')).and_then(|days| days.parse().ok());
                if self.days.is_none() {
                    list.report(line, "import.date", "A holiday lasts whole days. Write the duration as P1D, or leave it out.");
                }
            }
            "SUMMARY" => self.title = Some(unescaped(value)),
            "CATEGORIES" => self.kind = value.split(',').find_map(kind_of).unwrap_or(self.kind),
            "STATUS" if value.eq_ignore_ascii_case("TENTATIVE") => self.kind = HolidayKind::Provisional,
            "STATUS" if value.eq_ignore_ascii_case("CANCELLED") => {
                list.report(line, "import.cancelled", "This event is cancelled. Remove it from the list.");
            }
            "RRULE" | "RDATE" | "EXDATE" | "EXRULE" | "RECURRENCE-ID" => {
                let message = format!("{} repeats the event. Holidays are listed date by date; write each.", property.name);
                list.report(line, "import.repeats", &message);
            }
            _ => {}
        }
        self.is_refused |= list.problems.len() > before;
    }

    /// The event has ended: it becomes its days. `line`: where it began.
    fn close(self, line: usize, list: &mut List) {
        if self.is_refused {
            return;
        }
        let (Some(start), Some(title)) = (self.start, self.title) else {
            return list.report(line, "import.event", "This event needs DTSTART and SUMMARY. Add what is missing.");
        };
        let first = days::number(start);
        let count = self.end.map(|end| days::number(end) - first).or(self.days).unwrap_or(1);
        if !(1..=HOLIDAY_DAYS_MAX).contains(&count) {
            let message =
                format!("This event lasts {count} days. DTEND is the day after the last, at most {HOLIDAY_DAYS_MAX} days on.");
            return list.report(line, "import.length", &message);
        }
        for date in (first..first + count).filter_map(|day| days::date(day).ok()) {
            list.add(line, date, &title, self.kind);
        }
    }
}

/// A content line, its parameters left out: only all-day dates and plain text are understood, whatever they say.
struct Property {
    name: String,
    value: String,
}

impl Property {
    fn of(content: &str) -> Option<Self> {
        let mut is_quoted = false;
        let colon = content.find(|sign| {
            is_quoted ^= sign == '"';
            sign == ':' && !is_quoted
        })?;
        let name = content[..colon].split(';').next()?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then(|| Self { name: name.to_ascii_uppercase(), value: content[colon + 1..].to_owned() })
    }
}

/// Content lines, unfolded, each with the number of its first line. Empty lines are passed over.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines()) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ if line.is_empty() => {}
            _ => lines.push((number, line.to_owned())),
        }
    }
    lines
}

/// A date `YYYYMMDD`, and nothing else.
fn basic_date(text: &str) -> Option<Date> {
    let is_plain = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { Date::strptime("%Y%m%d", text).ok() } else { None }
}

/// Text as a value (RFC 5545 section 3.3.11). Control characters other than line breaks have no place in it.
pub(super) fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' | ';' | ',' => value.extend(['\\', sign]),
            '\n' => value.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => value.push(sign),
        }
    }
    value
}

/// A value as text. A line break becomes a space.
fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut signs = value.chars();
    while let Some(sign) = signs.next() {
        let sign = match sign {
            '\\' => match signs.next() {
                Some('n' | 'N') => ' ',
                Some(other) => other,
                None => break,
            },
            plain => plain,
        };
        text.push(sign);
    }
    text
}

/// Adds a line, folded between characters so that none is longer than the standard allows.
pub(super) fn fold(text: &mut String, line: &str) {
    let mut octets = 0;
    for sign in line.chars() {
        if octets + sign.len_utf8() > LINE_OCTETS_MAX {
            text.push_str("\r\n ");
            octets = 1;
        }
        octets += sign.len_utf8();
        text.push(sign);
    }
    text.push_str("\r\n");
}
