//! From the office's clock to instants and back: the policy on gaps and repeated hours, once.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::{Calendar, CalendarError, days};
use crate::model::Time;

/// The first instant at which a clock in `zone` has reached `local`: the jump itself for a time in a gap, the first pass for a time
/// that comes twice.
pub(super) fn first_instant(zone: &TimeZone, local: DateTime) -> Result<Timestamp, CalendarError> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let AmbiguousOffset::Gap { before, after } = ambiguous.offset() else {
        return ambiguous.earlier().map_err(|_| CalendarError::OutOfRange);
    };
    // The offset of after the jump gives an instant before it, and the other way round; so the jump lies between.
    let early = after.to_timestamp(local).map_err(|_| CalendarError::OutOfRange)?;
    let late = before.to_timestamp(local).map_err(|_| CalendarError::OutOfRange)?;
    let mut changes = zone.following(early).map(|change| change.timestamp()).take_while(|at| *at <= late);
    Ok(changes.find(|at| zone.to_offset(*at) == after).unwrap_or(late))
}

impl Calendar {
    /// The date on the office's clock.
    pub fn date_of(&self, time: Time) -> Date {
        self.zone.to_datetime(time.timestamp()).date()
    }

    /// The first instant at which the office's clock has reached `local`.
    pub fn instant(&self, local: DateTime) -> Result<Time, CalendarError> {
        first_instant(&self.zone, local).map(Time::from_timestamp)
    }

    /// The beginning of a date. What is due on a date is in time until `start_of` the next one, and late from then on.
    pub fn start_of(&self, date: Date) -> Result<Time, CalendarError> {
        self.instant(date.to_datetime(Clock::midnight()))
    }

    /// An instant of the day with this number, in microseconds.
    pub(super) fn micros(&self, day: i64, minutes: u16) -> Result<i64, CalendarError> {
        // Invariant: shifts end with the day, which is the next one's midnight.
        let clock = i8::try_from(minutes / 60).ok().zip(i8::try_from(minutes % 60).ok());
        let local = match clock.and_then(|(hour, minute)| Clock::new(hour, minute, 0, 0).ok()) {
            Some(clock) => days::date(day)?.to_datetime(clock),
            None => days::date(day + 1)?.to_datetime(Clock::midnight()),
        };
        self.instant(local).map(|time| time.0)
    }
}
