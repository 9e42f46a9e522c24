//! One clock while it is reckoned: its norm, its calendar, its start, and what happened to it.

use jiff::SignedDuration;
use jiff::civil::{Date, Time as Wall};

use super::happen::{Happening, happenings};
use super::length::{DateUnit, Dates};
use super::{Ledger, Norm, NormError};
use crate::calendar::{Calendar, CalendarError, Reckoned, Unit, add_units};
use crate::model::Time;
use crate::model::calendar::Roll;
use crate::model::norm::{Counting, Direction, Ends, FirstDay, Received};

/// A clock that is being reckoned.
pub(super) struct Clock<'a> {
    pub(super) norm: &'a Norm,
    pub(super) calendar: &'a Calendar,
    pub(super) start: Time,
    pub(super) planned: Option<Date>,
    /// What happened to it, in order.
    pub(super) happenings: Vec<Happening>,
    pub(super) marks: Marks,
}

/// What the days that were looked at say of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) provisional: bool,
    pub(super) covered: bool,
}

impl Marks {
    /// Takes a result of the calendar, and its marks.
    pub(super) fn take<T>(&mut self, reckoned: Reckoned<T>) -> T {
        self.provisional |= reckoned.provisional;
        self.covered &= reckoned.covered;
        reckoned.value
    }
}

impl<'a> Clock<'a> {
    pub(super) fn new(norm: &'a Norm, ledger: &Ledger, calendar: &'a Calendar) -> Result<Self, NormError> {
        let marks = Marks { provisional: false, covered: true };
        let mut clock = Self { norm, calendar, start: ledger.start, planned: ledger.planned, happenings: Vec::new(), marks };
        if !clock.is_backward() {
            clock.happenings = happenings(&mut clock, ledger)?;
        }
        Ok(clock)
    }

    pub(super) fn counting(&self) -> &'a Counting {
        &self.norm.document.counting
    }

    pub(super) fn is_backward(&self) -> bool {
        self.norm.document.direction == Direction::Backward
    }

    /// The date that counts as that of the start.
    pub(super) fn first_date(&mut self) -> Result<Date, NormError> {
        let date = self.calendar.date_of(self.start);
        if self.counting().received == Received::SameDay {
            return Ok(date);
        }
        self.mark(date)?;
        // The close is no office time: who comes then, comes the next office day.
        let is_received = self.calendar.closing(date)?.is_some_and(|close| self.start < close);
        if is_received {
            return Ok(date);
        }
        Ok(self.marks.take(self.calendar.next_working_day(date)?))
    }

    pub(super) fn is_first_included(&self) -> bool {
        self.counting().first_day == FirstDay::Included
    }

    /// The date that is reached when so many have been counted after `from`, or from it on where it is included. No roll.
    pub(super) fn count(&mut self, from: Date, dates: Dates, is_included: bool) -> Result<Date, NormError> {
        let Dates { unit, count } = dates;
        let one = i64::from(is_included);
        Ok(match unit {
            DateUnit::Day => add_units(from, count - one, Unit::Day)?,
            DateUnit::WorkingDay if is_included => {
                self.marks.take(self.calendar.add_working_days(days_after(from, -1)?, count, Roll::None)?)
            }
            DateUnit::WorkingDay => self.marks.take(self.calendar.add_working_days(from, count, Roll::None)?),
            DateUnit::Month => {
                let date = add_units(from, count, Unit::Month)?;
                // With the first day counted, a month from the 5th ends with the 4th. From the 31st it ends with the last of a month
                // that has no 31st: no day is left to take away.
                if is_included && date.day() == from.day() { days_after(date, -1)? } else { date }
            }
        })
    }

    /// What becomes of a last day.
    pub(super) fn roll(&mut self, date: Date, roll: Roll) -> Result<Date, NormError> {
        match roll {
            // What the date is does not matter then, until someone asks for its hours.
            Roll::None => Ok(date),
            _ => Ok(self.marks.take(self.calendar.roll(date, roll)?)),
        }
    }

    /// The instant at which a date is over; `wall` is the time of day for norms that end at that of the start. What the date is need not
    /// be looked up again where it was reached by looking.
    pub(super) fn end_of(&mut self, date: Date, is_marked: bool, wall: impl FnOnce() -> Wall) -> Result<Time, NormError> {
        match self.counting().ends {
            Ends::OfficeDay => {
                if !is_marked {
                    self.mark(date)?;
                }
                if let Some(close) = self.calendar.closing(date)? {
                    return Ok(close);
                }
            }
            Ends::SameTime => return Ok(self.calendar.instant(date.to_datetime(wall()))?),
            Ends::Day => {}
        }
        Ok(self.calendar.start_of(days_after(date, 1)?)?)
    }

    /// The result rests on what this date is.
    fn mark(&mut self, date: Date) -> Result<(), NormError> {
        let works = self.calendar.working_days_between(date, days_after(date, 1)?);
        self.marks.take(works);
        Ok(())
    }

    /// The time of day on the office's clock.
    pub(super) fn wall(&self, time: Time) -> Wall {
        self.calendar.zone().to_datetime(time.timestamp()).time()
    }
}

/// `count` dates after `date`, before it when negative.
pub(super) fn days_after(date: Date, count: i64) -> Result<Date, CalendarError> {
    add_units(date, count, Unit::Day)
}

/// Dates from `from` to `to`, the first not counted.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// An amount from none, where a length went below it.
pub(super) fn at_least_none(amount: SignedDuration) -> SignedDuration {
    amount.max(SignedDuration::ZERO)
}
