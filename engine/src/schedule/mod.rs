//! Schedules: when the next audit, review or sweep falls. No clock: whoever asks says from when on.
//!
//! A document ([`crate::model::schedule::Schedule`]) is compiled into a [`Schedule`], or every problem of it is found. Where calendars
//! and clocks leave a choice, these hold:
//!
//! - **Dates first, then times.** A schedule is a set of dates and a set of times of day; rolling moves dates. Dates that roll onto the
//!   same day fall together and fire once. `from` and `to` bound the dates before rolling.
//! - **Gap.** What falls where clocks go forward fires at the first instant after, once for all of it, and not at all if something falls
//!   at that instant by itself. An expression that falls in every hour misses none, so nothing is shifted. A whole date that a zone
//!   leaves out takes its occurrences with it. `skip`: nothing is shifted.
//! - **Overlap.** Where clocks go back, a named time fires the first time; a rhythm (`*` or a step in the hours, minutes or seconds of a
//!   cron expression) runs on through both. `both`: all do.
//! - **Elapsed time.** `every` in hours, minutes or seconds counts what a stopwatch would (PT24H is not P1D) and knows no gap, overlap or
//!   roll.
//! - **Counting** is from the anchor, never from the occurrence before: the 31st plus one month is the 30th, plus two the 31st.
//! - **Day of month and day of week** in a cron expression: either, when both are restricted; `+` before the day of week asks for both.
//! - **Missed** occurrences: the newest one, or each up to a bound (the newest), or none; the rest is counted exactly.
//!
//! Every search ends: with the year 2100 at the latest.

mod compile;
mod cron;
mod dates;
mod elapsed;
mod field;
mod interval;
mod missed;
mod timeline;
mod times;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

pub use compile::compile;
pub use interval::{Interval, Start};
pub use missed::Missed;

use crate::model::limits::PREVIEW_MAX;
use crate::model::schedule::Missed as MissedPolicy;
use dates::{Dates, Day};
use elapsed::Elapsed;
use timeline::Timeline;

/// Whether a date is a working day, as the office's calendar has it.
pub type IsWorking<'a> = &'a dyn Fn(Date) -> bool;

/// Dates that a schedule may be counted from or fall on.
pub const DATES: RangeInclusive<Date> = dates::FIRST..=dates::LAST;

/// A schedule that can be asked.
#[derive(Debug, Clone)]
pub struct Schedule {
    plan: Plan,
    /// The event whose date is awaited.
    awaits: Option<String>,
    missed: MissedPolicy,
    at_most: u32,
}

#[derive(Debug, Clone)]
enum Plan {
    Local(Timeline),
    Elapsed(Elapsed),
}

/// One occurrence of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The local date and time as the schedule has it, before rolling and shifting.
    pub nominal: DateTime,
    /// The instant when it falls.
    pub instant: Timestamp,
    /// Whether its date moved to a working day.
    pub rolled: bool,
    /// Whether its local time does not exist, and it falls at the end of the gap.
    pub shifted: bool,
    /// Its number from 1, where occurrences are counted from an anchor.
    pub number: Option<u64>,
}

impl Occurrence {
    fn new(day: Day, local: DateTime, instant: Timestamp, shifted: bool) -> Self {
        let nominal = day.nominal.to_datetime(local.time());
        Self { nominal, instant, rolled: day.date != day.nominal, shifted, number: day.number }
    }
}

impl Schedule {
    /// The event whose date it waits for, such as `charter-issued`; until [`Self::anchored`] it has no occurrences.
    pub fn awaits(&self) -> Option<&str> {
        self.awaits.as_deref()
    }

    /// The schedule counted from `date`, the date of the event that it [awaits](Self::awaits); unchanged if it awaits none.
    #[must_use]
    pub fn anchored(mut self, date: Date) -> Self {
        if self.awaits.take().is_some() {
            match &mut self.plan {
                Plan::Local(Timeline { dates: Dates { anchor, .. }, .. }) | Plan::Elapsed(Elapsed { anchor, .. }) => {
                    *anchor = Some(date);
                }
            }
        }
        self
    }

    /// The first occurrence after an instant; none when there is no more.
    pub fn next_after(&self, after: Timestamp, is_working: IsWorking<'_>) -> Option<Occurrence> {
        match &self.plan {
            Plan::Local(timeline) => timeline.next_after(after, is_working),
            Plan::Elapsed(elapsed) => elapsed.next_after(after),
        }
    }

    /// The next occurrences after an instant, at most `count` and never more than a preview may show.
    pub fn preview(&self, after: Timestamp, count: usize, is_working: IsWorking<'_>) -> Vec<Occurrence> {
        let first = self.next_after(after, is_working);
        std::iter::successors(first, |last| self.next_after(last.instant, is_working)).take(count.min(PREVIEW_MAX)).collect()
    }

    /// How many occurrences there are after `after`, up to and with `until`. They are not listed, so a century of minutes is no matter.
    pub fn count(&self, after: Timestamp, until: Timestamp, is_working: IsWorking<'_>) -> u64 {
        match &self.plan {
            Plan::Local(timeline) => timeline.count(after, until, is_working),
            Plan::Elapsed(elapsed) => elapsed.count(after, until),
        }
    }
}
