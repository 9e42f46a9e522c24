//! Lists of holidays from elsewhere, and ours for others: iCalendar (RFC 5545) and CSV (RFC 4180). Text in, holidays out, and back. And
//! feeds of instants, which calendar programs subscribe to.
//!
//! Only what a list of holidays needs is understood, and the rest is refused rather than guessed. A problem begins with its line.

mod csv;
mod feed;
mod ical;

pub use csv::{from_csv, to_csv};
pub use feed::{Feed, FeedEvent};
pub use ical::{from_ical, to_ical};

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Calendar, Effect};
use crate::model::calendar::{Holiday, HolidayKind};
use crate::model::limits::{CALENDAR_LINES_MAX, CALENDAR_PROBLEMS_MAX, HOLIDAY_LIST_BYTES_MAX, TEXT_CHARS_MAX};
use crate::model::{Language, Problem, Text};

/// A list that is being read.
#[derive(Default)]
struct List {
    holidays: Vec<Holiday>,
    seen: BTreeSet<(Date, String)>,
    problems: Vec<Problem>,
}

impl List {
    fn report(&mut self, line: usize, code: &str, message: &str) {
        if self.problems.len() < CALENDAR_PROBLEMS_MAX {
            self.problems.push(Problem::error(code, "", format!("Line {line}: {message}")));
        }
    }

    fn add(&mut self, line: usize, date: Date, title: &str, kind: HolidayKind) {
        let title = title.trim();
        if title.is_empty() || title.chars().count() > TEXT_CHARS_MAX || title.contains(char::is_control) {
            let message = format!("A holiday needs a title of 1 to {TEXT_CHARS_MAX} characters in one line. Correct it.");
            self.report(line, "import.title", &message);
        } else if !self.seen.insert((date, title.to_owned())) {
            self.report(line, "import.twice", &format!("{title:?} on {date} is there already. Remove one of the two."));
        } else if self.holidays.len() == CALENDAR_LINES_MAX {
            let message = format!("There are more than {CALENDAR_LINES_MAX} holidays. Leave out years that no case needs.");
            self.problems = vec![Problem::error("limit.calendar-lines", "", message)];
        } else {
            let title = Text::english(title);
            self.holidays.push(Holiday { date: date.to_string(), title, kind, source: Vec::new(), verified: None });
        }
    }

    fn done(self) -> Result<Vec<Holiday>, Vec<Problem>> {
        if self.problems.is_empty() { Ok(self.holidays) } else { Err(self.problems) }
    }
}

/// Refuses a text that is too long.
fn bounded(text: &str) -> Result<(), Vec<Problem>> {
    if text.len() > HOLIDAY_LIST_BYTES_MAX {
        let message = format!("The list has more than {HOLIDAY_LIST_BYTES_MAX} bytes. Leave out years that no case needs.");
        return Err(vec![Problem::error("limit.holiday-list", "", message)]);
    }
    Ok(())
}

/// A kind by its word in a document.
fn kind_of(word: &str) -> Option<HolidayKind> {
    match word.trim().to_ascii_lowercase().as_str() {
        "closed" => Some(HolidayKind::Closed),
        "restricted" => Some(HolidayKind::Restricted),
        "provisional" => Some(HolidayKind::Provisional),
        _ => None,
    }
}

/// The word of a kind in a document.
fn word_of(kind: HolidayKind) -> &'static str {
    match kind {
        HolidayKind::Closed => "closed",
        HolidayKind::Restricted => "restricted",
        HolidayKind::Provisional => "provisional",
    }
}

/// The holidays that hold, in order; single days with other hours are not among them.
fn holidays(calendar: &Calendar, language: Language) -> impl Iterator<Item = (Date, &str, HolidayKind)> {
    calendar.lines().filter_map(move |(date, line)| {
        let kind = match line.effect {
            Effect::Closed => HolidayKind::Closed,
            Effect::Restricted => HolidayKind::Restricted,
            Effect::Provisional => HolidayKind::Provisional,
            Effect::Week | Effect::Hours | Effect::Cancelled => return None,
        };
        Some((date, line.title?.get(language), kind))
    })
}
