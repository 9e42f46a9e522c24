//! Whether a date works, and why: the line of which calendar says so.

use jiff::civil::Date;

use super::layer::{Line, effective};
use super::{Calendar, Reckoned, Shift, days};
use crate::model::Text;

/// Places of the weekdays in a document, Monday first.
pub(super) const WEEKDAYS: [&str; 7] =
    ["/week/monday", "/week/tuesday", "/week/wednesday", "/week/thursday", "/week/friday", "/week/saturday", "/week/sunday"];

/// The answer about one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingDay<'a> {
    /// The date.
    pub date: Date,
    /// Whether it is a working day; marked where only a provisional holiday closes it.
    pub works: Reckoned<bool>,
    /// The line that says so.
    pub reason: DayReason<'a>,
}

/// A line of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayReason<'a> {
    /// Id of the calendar.
    pub calendar: &'a str,
    /// Place of the line in its document, an RFC 6901 JSON pointer such as `/holidays/3`, `/week/sunday` or `/amendments/0/add/1`.
    pub pointer: &'a str,
    /// What the line does.
    pub effect: Effect,
    /// Its title; none for a weekday, which has its name in every language.
    pub title: Option<&'a Text>,
    /// Number of the amending order, where one put the line there.
    pub amendment: Option<&'a str>,
    /// Where the line comes from.
    pub source: &'a [String],
    /// Whether it was compared with the original of its source.
    pub verified: bool,
}

/// What a line does to its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The week alone: as every such weekday.
    Week,
    /// Closed.
    Closed,
    /// Closed as far as is known.
    Provisional,
    /// Personal leave; changes nothing.
    Restricted,
    /// Hours of its own.
    Hours,
    /// A holiday was taken away; the date is as its weekday again.
    Cancelled,
}

impl Calendar {
    /// Whether `date` is a working day, and why.
    pub fn day(&self, date: Date) -> WorkingDay<'_> {
        let day = days::number(date);
        let works = self.reckoned(self.days.works(day), day, day);
        let reason = self.decisive(day).map_or_else(|| self.weekday_reason(day), |line| self.line_reason(line));
        WorkingDay { date, works, reason }
    }

    /// Every dated line that holds, in order: holidays of all kinds, single days, and what was cancelled.
    pub fn lines(&self) -> impl Iterator<Item = (Date, DayReason<'_>)> {
        self.lines.iter().map(|line| (line.date, self.line_reason(line)))
    }

    /// The dated line that decides about a day; none where the week does. A weekday that is closed anyway needs no holiday.
    fn decisive(&self, day: i64) -> Option<&Line> {
        let is_free = self.week[days::weekday(day)].is_empty();
        effective(self.lines_of(day)).filter(|line| !is_free || line.effect == Effect::Hours)
    }

    pub(super) fn shifts_of(&self, day: i64) -> &[Shift] {
        if !self.days.works(day) {
            return &[];
        }
        let own = effective(self.lines_of(day)).filter(|line| line.effect == Effect::Hours);
        own.map_or(&self.week[days::weekday(day)], |line| &line.shifts)
    }

    fn lines_of(&self, day: i64) -> &[Line] {
        let first = self.lines.partition_point(|line| line.day < day);
        let count = self.lines[first..].partition_point(|line| line.day == day);
        &self.lines[first..first + count]
    }

    fn line_reason<'a>(&'a self, line: &'a Line) -> DayReason<'a> {
        DayReason {
            calendar: &self.layers[line.layer].id,
            pointer: &line.pointer,
            effect: line.effect,
            title: Some(&line.title),
            amendment: line.amendment.as_deref(),
            source: &line.source,
            verified: line.verified,
        }
    }

    fn weekday_reason(&self, day: i64) -> DayReason<'_> {
        let layer = &self.layers[self.week_layer];
        DayReason {
            calendar: &layer.id,
            pointer: WEEKDAYS[days::weekday(day)],
            effect: Effect::Week,
            title: None,
            amendment: None,
            source: &layer.source,
            verified: layer.verified,
        }
    }
}
