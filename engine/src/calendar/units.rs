//! Calendar units and elapsed time, which no holiday changes: a month is a month, an hour is an hour.

use jiff::civil::Date;
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

use super::CalendarError;
use crate::model::Time;

/// A unit of the calendar on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A date on; on a day of 23 or 25 hours too.
    Day,
    /// Seven dates on.
    Week,
    /// The same day of the next month, or its last where it has none: 31 January and a month is 28 or 29 February.
    Month,
    /// Twelve months.
    Year,
}

/// `count` units after `date` (before when negative). Always from the same base: two months from 31 December are 28 February, one
/// month and one more are 28 March, so add them at once.
pub fn add_units(date: Date, count: i64, unit: Unit) -> Result<Date, CalendarError> {
    let span = Span::new();
    let span = match unit {
        Unit::Day => span.try_days(count),
        Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::Year => span.try_years(count),
    };
    span.and_then(|span| date.checked_add(span)).map_err(|_| CalendarError::OutOfRange)
}

/// `amount` after `time`, counted day and night. Parts below a microsecond are cut off.
pub fn add_elapsed(time: Time, amount: SignedDuration) -> Result<Time, CalendarError> {
    time.timestamp().checked_add(amount).map(Time::from_timestamp).map_err(|_| CalendarError::OutOfRange)
}
