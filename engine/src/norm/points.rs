//! Points in time beside the end: where a clock warns before it, and where the rungs of the ladder are reached after it.

use jiff::civil::Date;

use super::NormError;
use super::clock::Clock;
use super::length::{DateUnit, Dates, Measure, measure};
use crate::calendar::add_elapsed;
use crate::model::Time;
use crate::model::calendar::Roll;
use crate::model::norm::{Warning, Within};

impl<'a> Clock<'a> {
    /// When a clock with this end warns: never before its start or after its end.
    pub(super) fn warning(&mut self, warning: &Warning, limit: &'a Within, due: Time) -> Result<Time, NormError> {
        let time = match (&warning.before, warning.percent) {
            (Some(before), _) => self.before(due, before)?,
            (None, Some(percent)) => self.end_of_part(limit, percent)?.unwrap_or(due),
            (None, None) => due,
        };
        Ok(time.max(self.start).min(due))
    }

    /// So long before the end. Dates are counted back from the last day, to the opening of the office; on a day on which it is closed
    /// nobody would see it, so it warns on the working day before.
    fn before(&mut self, due: Time, within: &Within) -> Result<Time, NormError> {
        match measure(within) {
            Measure::AtOnce => Ok(due),
            Measure::Elapsed(amount) => Ok(add_elapsed(due, -amount)?),
            Measure::Office(amount) => Ok(self.marks.take(self.calendar.add_office_time(due, -amount)?)),
            Measure::Dates(Dates { unit, count }) => {
                let last = self.last_date(due);
                let date = self.count(last, Dates { unit, count: -count }, false)?;
                Ok(self.opening_on(date)?.0)
            }
            Measure::Earliest(all) => {
                // The shorter length is the later point.
                let points: Result<Vec<Time>, NormError> = all.iter().map(|within| self.before(due, within)).collect();
                Ok(points?.into_iter().max().unwrap_or(due))
            }
            Measure::Latest(all) => {
                let points: Result<Vec<Time>, NormError> = all.iter().map(|within| self.before(due, within)).collect();
                Ok(points?.into_iter().min().unwrap_or(due))
            }
        }
    }

    /// So long after the end. Dates are counted after the last day, and end as those of the norm do.
    pub(super) fn after(&mut self, due: Time, within: &Within) -> Result<Time, NormError> {
        match measure(within) {
            Measure::AtOnce => Ok(due),
            Measure::Elapsed(amount) => Ok(add_elapsed(due, amount)?),
            Measure::Office(amount) => Ok(self.marks.take(self.calendar.add_office_time(due, amount)?)),
            Measure::Dates(dates) => {
                let last = self.last_date(due);
                let raw = self.count(last, dates, false)?;
                let roll = match self.counting().last_day.0 {
                    // What comes after the end of a norm that counts backward is counted forward.
                    Roll::Backward if self.is_backward() => Roll::Forward,
                    roll => roll,
                };
                let date = if dates.unit == DateUnit::WorkingDay { raw } else { self.roll(raw, roll)? };
                let wall = self.wall(due);
                self.end_of(date, false, || wall)
            }
            Measure::Earliest(all) => {
                let points: Result<Vec<Time>, NormError> = all.iter().map(|within| self.after(due, within)).collect();
                Ok(points?.into_iter().min().unwrap_or(due))
            }
            Measure::Latest(all) => {
                let points: Result<Vec<Time>, NormError> = all.iter().map(|within| self.after(due, within)).collect();
                Ok(points?.into_iter().max().unwrap_or(due))
            }
        }
    }

    /// The last date that is in time, at least in part.
    pub(super) fn last_date(&self, due: Time) -> Date {
        self.calendar.date_of(Time(due.0.saturating_sub(1)))
    }

    /// When the office opens on a date, or on the working day before one on which it is closed; and that date.
    pub(super) fn opening_on(&mut self, date: Date) -> Result<(Time, Date), NormError> {
        let date = self.roll(date, Roll::Backward)?;
        let opening = match self.calendar.office_day(date)? {
            Some((opening, _)) => opening,
            None => self.calendar.start_of(date)?,
        };
        Ok((opening, date))
    }
}
