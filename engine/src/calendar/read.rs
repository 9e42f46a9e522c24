//! Reads the parts of one document (dates, times, titles), and gathers what is wrong with them.

use jiff::civil::Date;

use super::{Shift, days};
use crate::model::calendar::{self, Document};
use crate::model::limits::{CALENDAR_PROBLEMS_MAX, CALENDAR_SHIFTS_MAX, CALENDAR_YEAR_MAX, CALENDAR_YEAR_MIN, TEXT_CHARS_MAX};
use crate::model::{Problem, Text, time};

/// A document that is being read.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    /// Position of its layer.
    pub(super) layer: usize,
    /// Whether it is the uppermost: the one that was asked for.
    pub(super) is_top: bool,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    /// Reports an error.
    pub(super) fn error(&mut self, code: &str, pointer: &str, message: &str) {
        self.report(Problem::error(code, pointer, message));
    }

    /// Reports a problem; one of a layer below says in which.
    pub(super) fn report(&mut self, mut problem: Problem) {
        if self.problems.len() >= CALENDAR_PROBLEMS_MAX {
            return;
        }
        if !self.is_top {
            problem.message = format!("In the calendar {:?} below: {}", self.document.id, problem.message);
        }
        self.problems.push(problem);
    }

    /// A date with its number.
    pub(super) fn date(&mut self, at: &str, text: &str) -> Option<(i64, Date)> {
        let Some(date) = time::date(text) else {
            let message = format!("{text:?} is no date of the calendar. Write it as YYYY-MM-DD.");
            self.error("calendar.date-impossible", at, &message);
            return None;
        };
        if !(CALENDAR_YEAR_MIN..=CALENDAR_YEAR_MAX).contains(&date.year()) {
            let message = format!("{text} is not between {CALENDAR_YEAR_MIN} and {CALENDAR_YEAR_MAX}. Correct the year.");
            self.error("calendar.date-far", at, &message);
            return None;
        }
        Some((days::number(date), date))
    }

    /// Looks at the length of a title.
    pub(super) fn title(&mut self, at: &str, title: &Text) {
        let texts = std::iter::once(&title.en).chain(title.others.values());
        if title.en.trim().is_empty() || texts.into_iter().any(|text| text.chars().count() > TEXT_CHARS_MAX) {
            let message = format!("A title needs 1 to {TEXT_CHARS_MAX} characters. Correct it.");
            self.error("calendar.title-length", at, &message);
        }
    }

    /// Shifts of a day, in order. Those that cannot be read are left out, and reported.
    pub(super) fn shifts(&mut self, at: &str, authored: &[calendar::Shift]) -> Vec<Shift> {
        if authored.len() > CALENDAR_SHIFTS_MAX {
            let message = format!("A day has at most {CALENDAR_SHIFTS_MAX} shifts. Join some of them.");
            self.error("limit.shifts", at, &message);
            return Vec::new();
        }
        let mut shifts: Vec<Shift> = Vec::new();
        for (position, shift) in authored.iter().enumerate() {
            let from = self.minutes(&format!("{at}/{position}/from"), &shift.from, 24 * 60 - 1);
            let to = self.minutes(&format!("{at}/{position}/to"), &shift.to, 24 * 60);
            let (Some(from_minutes), Some(to_minutes)) = (from, to) else { continue };
            if to_minutes <= from_minutes {
                let message = format!(
                    "The shift from {} to {} ends before it begins. A shift over midnight is two: until 24:00, and from 00:00.",
                    shift.from, shift.to
                );
                self.error("calendar.shift-reversed", &format!("{at}/{position}"), &message);
                continue;
            }
            if shifts.last().is_some_and(|last| from_minutes < last.to_minutes) {
                let message = format!(
                    "The shift from {} begins before the one above it ends. Put shifts in order, without overlap.",
                    shift.from
                );
                self.error("calendar.shift-overlap", &format!("{at}/{position}"), &message);
                continue;
            }
            shifts.push(Shift { from_minutes, to_minutes });
        }
        shifts
    }

    fn minutes(&mut self, at: &str, text: &str, last: u16) -> Option<u16> {
        let minutes = parse_minutes(text).filter(|minutes| *minutes <= last);
        if minutes.is_none() {
            let message = format!("{text:?} is no time of the day. Write it as HH:MM; the end of the day is 24:00.");
            self.error("calendar.shift-time", at, &message);
        }
        minutes
    }
}

/// A time `HH:MM` as minutes of the day.
fn parse_minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str| {
        let is_plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { part.parse::<u16>().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60).then_some(hours * 60 + minutes)
}
