//! Working time: which days an office works and why, working days and office time added and counted. The one place that thinks
//! about daylight saving time.
//!
//! A `Calendar` is compiled from layers of documents and never changes; a later order makes a new one. Nothing here reads a clock.
//!
//! **Days.** A working day is one with office hours. Days are reckoned as dates of the office's zone.
//!
//! **Clock.** An office opens, and closes, at the first instant at which its clock has reached the time written down. In a gap that
//! is the instant of the jump; of two passes through the same hour it is the first. So shifts that touch on paper touch in time, a
//! day of 23 or 25 hours has them all, and a shift inside a gap is empty. An office that works through the hour that comes twice
//! works longer.
//!
//! **Closing.** A shift has its opening and not its closing. Time that runs out at the close is due at that close, not at the next
//! opening: a result is the first instant at which so much office time has passed. Who wants the other reading asks for `opening`
//! of it.
//!
//! **Marks.** Every result says whether it rests on a provisional holiday, and whether the lists are said to be complete for all
//! its days.

mod compile;
mod days;
mod error;
pub mod exchange;
mod hours;
mod layer;
mod read;
mod reason;
mod units;
mod zone;

#[cfg(test)]
pub(crate) mod tests;

use jiff::tz::TimeZone;

pub use compile::{compile, layers};
pub use error::CalendarError;
pub use reason::{DayReason, Effect, WorkingDay};
pub use units::{Unit, add_elapsed, add_units};

/// A compiled calendar.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The layers, the lowest first. There is at least one.
    layers: Vec<Layer>,
    zone: TimeZone,
    /// Office hours, Monday first.
    week: [Vec<Shift>; 7],
    /// Position of the layer that gives the week.
    week_layer: usize,
    /// First and last day for which the lists are said to be complete.
    covers: Option<(i64, i64)>,
    days: days::Days,
    /// Dated lines that hold, by day.
    lines: Vec<layer::Line>,
    /// Days that only a provisional holiday closes, in order.
    provisional: Vec<i64>,
}

/// What a reason tells of its layer.
#[derive(Debug, Clone)]
struct Layer {
    id: String,
    source: Vec<String>,
    verified: bool,
}

/// A stretch of office time in minutes of the local day: from 0, up to 1,440. The closing is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// Opening.
    pub from_minutes: u16,
    /// Closing.
    pub to_minutes: u16,
}

/// A result, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reckoned<T> {
    /// The result.
    pub value: T,
    /// Whether a provisional holiday took part in it: an order may still change it.
    pub provisional: bool,
    /// Whether all its days lie where the lists of holidays are said to be complete.
    pub covered: bool,
}

impl Calendar {
    /// Id of the calendar.
    pub fn id(&self) -> &str {
        self.layers.last().map_or("", |layer| &layer.id)
    }

    /// Ids of its layers, the lowest first; the last is its own.
    pub fn layer_ids(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().map(|layer| layer.id.as_str())
    }

    /// The office's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A result that rests on the days `from` to `to`, both included.
    fn reckoned<T>(&self, value: T, from: i64, to: i64) -> Reckoned<T> {
        let first = self.provisional.partition_point(|day| *day < from);
        let provisional = self.provisional.get(first).is_some_and(|day| *day <= to);
        let covered = self.covers.is_some_and(|(first, last)| first <= from && to <= last);
        Reckoned { value, provisional, covered }
    }
}
