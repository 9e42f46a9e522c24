//! Office time on instants: added, subtracted, measured; openings and closings.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::{Calendar, CalendarError, Reckoned, Shift, days};
use crate::model::Time;
use crate::model::limits::{CALENDAR_SHIFTS_MAX, OFFICE_DAYS_MAX};

/// Office time as instants in microseconds: the opening, and the closing, which is not part of it.
type Stretch = (i64, i64);

impl Calendar {
    /// The first instant at which `amount` of office time has passed since `start`; for a negative amount the last from which it
    /// passes until `start`; for none `start` itself. Parts below a microsecond are cut off.
    pub fn add_office_time(&self, start: Time, amount: SignedDuration) -> Result<Reckoned<Time>, CalendarError> {
        let amount = amount.as_micros();
        let mut left = i64::try_from(amount.abs()).map_err(|_| CalendarError::TooFar)?;
        let mut due = (amount == 0).then_some(start.0);
        if amount > 0 {
            self.forward(start, |(open, close)| {
                let open = open.max(start.0);
                let room = close - open;
                due = (left <= room).then_some(open + left);
                left -= room;
                due.is_some()
            })?;
        } else if amount < 0 {
            self.backward(start, |(open, close)| {
                let close = close.min(start.0);
                let room = close - open;
                due = (left <= room).then_some(close - left);
                left -= room;
                due.is_some()
            })?;
        }
        self.marked(due, start)
    }

    /// Office time from `from` to `to`; negative when `to` is earlier.
    pub fn office_time_between(&self, from: Time, to: Time) -> Result<Reckoned<SignedDuration>, CalendarError> {
        let (low, high) = (from.min(to), from.max(to));
        let (first, last) = (self.day_of(low), self.day_of(high));
        if last - first > OFFICE_DAYS_MAX {
            return Err(CalendarError::TooFar);
        }
        let mut sum = 0;
        // The day after has begun already where a clock was set back over midnight.
        for day in self.working_days(first).take_while(|day| *day <= last + 1) {
            for (open, close) in self.stretches(day)? {
                sum += close.min(high.0).saturating_sub(open.max(low.0)).max(0);
            }
        }
        let sum = SignedDuration::from_micros(if from <= to { sum } else { -sum });
        Ok(self.reckoned(sum, first, last))
    }

    /// Whether the office is open.
    pub fn is_open(&self, time: Time) -> Result<Reckoned<bool>, CalendarError> {
        let opening = self.opening(time)?;
        let day = self.day_of(time);
        Ok(self.reckoned(opening.value == time, day, day))
    }

    /// The first instant from `time` on at which the office is open: `time` itself where it is.
    pub fn opening(&self, time: Time) -> Result<Reckoned<Time>, CalendarError> {
        let mut found = None;
        self.forward(time, |(open, _)| {
            found = Some(open.max(time.0));
            true
        })?;
        self.marked(found, time)
    }

    /// The first closing after `time` of a day's last shift: the end of the office day that runs or comes next.
    pub fn end_of_office_day(&self, time: Time) -> Result<Reckoned<Time>, CalendarError> {
        let opening = self.opening(time)?.value;
        let day = self.day_of(opening);
        // A stretch that is open now may belong to the day after, where a clock was set back over midnight.
        for day in [day, day + 1] {
            let close = self.closing_of(day)?.filter(|close| *close > opening.0);
            if close.is_some() {
                return self.marked(close, time);
            }
        }
        Err(CalendarError::TooFar)
    }

    /// Opening and closing of the office on a date; none where it is closed.
    pub fn office_day(&self, date: Date) -> Result<Option<(Time, Time)>, CalendarError> {
        let day = days::number(date);
        let first = self.stretches(day)?.next();
        let last = self.closing_of(day)?;
        Ok(first.zip(last).map(|((open, _), close)| (Time(open), Time(close))))
    }

    /// Closing of the office on a date; none where it is closed.
    pub fn closing(&self, date: Date) -> Result<Option<Time>, CalendarError> {
        Ok(self.closing_of(days::number(date))?.map(Time))
    }

    /// The shifts of a date; none where the office is closed.
    pub fn shifts(&self, date: Date) -> &[Shift] {
        self.shifts_of(days::number(date))
    }

    /// From the last shift back: one inside a gap of the clock is empty.
    fn closing_of(&self, day: i64) -> Result<Option<i64>, CalendarError> {
        for shift in self.shifts_of(day).iter().rev() {
            let (open, close) = (self.micros(day, shift.from_minutes)?, self.micros(day, shift.to_minutes)?);
            if open < close {
                return Ok(Some(close));
            }
        }
        Ok(None)
    }

    fn day_of(&self, time: Time) -> i64 {
        days::number(self.date_of(time))
    }

    /// The stretches of a day that are not empty.
    fn stretches(&self, day: i64) -> Result<impl DoubleEndedIterator<Item = Stretch>, CalendarError> {
        let mut stretches = [(0, 0); CALENDAR_SHIFTS_MAX];
        let shifts = self.shifts_of(day);
        for (stretch, shift) in stretches.iter_mut().zip(shifts) {
            *stretch = (self.micros(day, shift.from_minutes)?, self.micros(day, shift.to_minutes)?);
        }
        Ok(stretches.into_iter().filter(|(open, close)| open < close))
    }

    /// Working days from `day` on.
    fn working_days(&self, day: i64) -> impl Iterator<Item = i64> {
        (self.days.rank(day)..).map(|rank| self.days.of_rank(rank))
    }

    /// Stretches that end after `time`, in order, until `is_last` says so.
    fn forward(&self, time: Time, mut is_last: impl FnMut(Stretch) -> bool) -> Result<(), CalendarError> {
        let first = self.day_of(time);
        for day in self.working_days(first).take_while(|day| *day - first <= OFFICE_DAYS_MAX) {
            for stretch in self.stretches(day)?.filter(|(_, close)| *close > time.0) {
                if is_last(stretch) {
                    return Ok(());
                }
            }
        }
        Err(CalendarError::TooFar)
    }

    /// Stretches that begin before `time`, the latest first, until `is_last` says so.
    fn backward(&self, time: Time, mut is_last: impl FnMut(Stretch) -> bool) -> Result<(), CalendarError> {
        // The day after has begun already where a clock was set back over midnight.
        let first = self.day_of(time) + 1;
        let ranks = (0..).map(|back| self.days.rank(first + 1) - 1 - back);
        for day in ranks.map(|rank| self.days.of_rank(rank)).take_while(|day| first - *day <= OFFICE_DAYS_MAX) {
            for stretch in self.stretches(day)?.rev().filter(|(open, _)| *open < time.0) {
                if is_last(stretch) {
                    return Ok(());
                }
            }
        }
        Err(CalendarError::TooFar)
    }

    /// A result that rests on the days between it and `start`.
    fn marked(&self, result: Option<i64>, start: Time) -> Result<Reckoned<Time>, CalendarError> {
        let time = Time(result.ok_or(CalendarError::TooFar)?);
        let (one, other) = (self.day_of(start), self.day_of(time));
        Ok(self.reckoned(time, one.min(other), one.max(other)))
    }
}
