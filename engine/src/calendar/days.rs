//! Working days by rank: how many lie before a day, and which one has a given number. No loop over days, and nothing is allocated.
//!
//! A week without exceptions is arithmetic. Each exception (a holiday on a weekday, a working Saturday) knows the rank of its day,
//! so both questions are one binary search among the exceptions and one division.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::{Calendar, CalendarError, Reckoned};
use crate::model::calendar::Roll;
use crate::model::limits::WORKING_DAYS_MAX;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// The day's number: days since 1970-01-01.
pub(super) fn number(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

/// The date of a day's number.
pub(super) fn date(day: i64) -> Result<Date, CalendarError> {
    let hours = day.checked_mul(24).ok_or(CalendarError::OutOfRange)?;
    let since = SignedDuration::try_from_hours(hours).ok_or(CalendarError::OutOfRange)?;
    EPOCH.checked_add(since).map_err(|_| CalendarError::OutOfRange)
}

/// Weekday of a day's number, Monday 0; 1970-01-01 was a Thursday.
pub(super) fn weekday(day: i64) -> usize {
    // Invariant: 0 to 6.
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default()
}

/// The working days of all time.
#[derive(Debug, Clone)]
pub(super) struct Days {
    /// Working weekdays, of seven.
    per_week: i64,
    /// Whether a weekday works, Monday first.
    works: [bool; 7],
    /// Working weekdays before each.
    before: [i64; 7],
    /// The working weekdays, in order.
    nth: [i64; 7],
    exceptions: Vec<Exception>,
}

/// A day that is not as its weekday says.
#[derive(Debug, Clone)]
struct Exception {
    day: i64,
    /// Working days before it.
    rank: i64,
    /// Exceptions up to and with this one: those that work less those that do not.
    surplus: i64,
}

impl Days {
    /// A week, Monday first, and the days that are not as it says, in order. None for a week without a working day.
    pub(super) fn new(works: [bool; 7], exceptions: impl IntoIterator<Item = i64>) -> Option<Self> {
        let (mut before, mut nth, mut per_week) = ([0; 7], [0; 7], 0);
        for (weekday, (works, number)) in works.iter().zip(0..).enumerate() {
            before[weekday] = per_week;
            if *works {
                nth[usize::try_from(per_week).ok()?] = number;
                per_week += 1;
            }
        }
        let mut days = Self { per_week, works, before, nth, exceptions: Vec::new() };
        for day in exceptions {
            let rank = days.rank(day);
            let change = if works[weekday(day)] { -1 } else { 1 };
            days.exceptions.push(Exception { day, rank, surplus: days.surplus() + change });
        }
        (per_week > 0).then_some(days)
    }

    fn surplus(&self) -> i64 {
        self.exceptions.last().map_or(0, |last| last.surplus)
    }

    /// Days that are not as their weekday says, in order.
    pub(super) fn exceptions(&self) -> impl Iterator<Item = i64> {
        self.exceptions.iter().map(|exception| exception.day)
    }

    /// Whether a day works.
    pub(super) fn works(&self, day: i64) -> bool {
        self.works[weekday(day)] != self.exceptions.binary_search_by_key(&day, |exception| exception.day).is_ok()
    }

    /// Working days before `day`, from a fixed beginning.
    pub(super) fn rank(&self, day: i64) -> i64 {
        let passed = self.exceptions.partition_point(|exception| exception.day < day);
        let surplus = passed.checked_sub(1).map_or(0, |last| self.exceptions[last].surplus);
        (day + 3).div_euclid(7) * self.per_week + self.before[weekday(day)] + surplus
    }

    /// The working day before which `rank` working days lie.
    pub(super) fn of_rank(&self, rank: i64) -> i64 {
        // The day lies at or after every exception that has no higher rank, and before every other.
        let passed = self.exceptions.partition_point(|exception| exception.rank <= rank);
        let surplus = match passed.checked_sub(1).map(|last| &self.exceptions[last]) {
            Some(last) if last.rank == rank && !self.works[weekday(last.day)] => return last.day,
            Some(last) => last.surplus,
            None => 0,
        };
        let rank = rank - surplus;
        // Invariant: 0 to `per_week` less one.
        let within = usize::try_from(rank.rem_euclid(self.per_week)).unwrap_or_default();
        rank.div_euclid(self.per_week) * 7 + self.nth[within] - 3
    }

    /// The first working day from `day` on.
    pub(super) fn from(&self, day: i64) -> i64 {
        self.of_rank(self.rank(day))
    }

    /// The last working day up to `day`.
    pub(super) fn up_to(&self, day: i64) -> i64 {
        self.of_rank(self.rank(day + 1) - 1)
    }
}

impl Calendar {
    /// The first working day after `date`.
    pub fn next_working_day(&self, date: Date) -> Result<Reckoned<Date>, CalendarError> {
        self.add_working_days(date, 1, Roll::None)
    }

    /// The last working day before `date`.
    pub fn previous_working_day(&self, date: Date) -> Result<Reckoned<Date>, CalendarError> {
        self.add_working_days(date, -1, Roll::None)
    }

    /// `date` if it works, else what `roll` makes of it.
    pub fn roll(&self, date: Date, roll: Roll) -> Result<Reckoned<Date>, CalendarError> {
        self.add_working_days(date, 0, roll)
    }

    /// `start` rolled to a working day, and `count` working days on (back when negative). The day it starts from is not counted, as
    /// in section 9 of the General Clauses Act: one working day from a Friday is the Monday.
    ///
    /// With `Roll::None` it starts where it stands: one working day from a Sunday is the Monday, none the Sunday itself. With a
    /// roll this is `numpy.busday_offset`: one working day from a Sunday rolled forward is the Tuesday.
    pub fn add_working_days(&self, start: Date, count: i64, roll: Roll) -> Result<Reckoned<Date>, CalendarError> {
        if !(-WORKING_DAYS_MAX..=WORKING_DAYS_MAX).contains(&count) {
            return Err(CalendarError::TooFar);
        }
        let day = number(start);
        let (low, rolled, high) = self.rolled(day, start, roll)?;
        let due = match (self.days.works(rolled), count) {
            (false, 0) => rolled,
            // Not rolled: the first working day after it is already one.
            (false, 1..) => self.days.of_rank(self.days.rank(rolled) + count - 1),
            (_, _) => self.days.of_rank(self.days.rank(rolled) + count),
        };
        Ok(self.reckoned(date(due)?, low.min(due), high.max(due)))
    }

    /// Working days from `from` on and before `to`; negative when `to` is earlier, and then those from `to` on and before `from`.
    pub fn working_days_between(&self, from: Date, to: Date) -> Reckoned<i64> {
        let (from, to) = (number(from), number(to));
        let (low, high) = (from.min(to), from.max(to));
        self.reckoned(self.days.rank(to) - self.days.rank(from), low, (high - 1).max(low))
    }

    /// The rolled day, between the first and the last day that had to be looked at; without a roll none had to.
    fn rolled(&self, day: i64, start: Date, roll: Roll) -> Result<(i64, i64, i64), CalendarError> {
        let forward = || self.days.from(day);
        let backward = || self.days.up_to(day);
        Ok(match roll {
            Roll::None => (day + 1, day, day - 1),
            Roll::Forward => (day, forward(), forward()),
            Roll::Backward => (backward(), backward(), day),
            Roll::ModifiedForward => {
                let next = forward();
                let there = date(next)?;
                if (there.year(), there.month()) == (start.year(), start.month()) {
                    (day, next, next)
                } else {
                    (backward(), backward(), next)
                }
            }
        })
    }
}
