//! Built-ins that work on dates, times and durations, and the components these have.

use std::ops::Bound;

use jiff::civil::{self, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ZonedDateTime};

use super::super::temporal;
use super::super::value::{DateTime, Time};
use super::{Call, EvaluateError, Outcome, Value};

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A component of a date, time, duration or range, or of null; `None` if there is no such one.
pub(in super::super) fn component(value: &Value, name: &str) -> Option<Value> {
    let whole = |number: i64| Some(Value::from(number));
    match value {
        Value::Null => Some(Value::Null),
        Value::Date(date) => date_component(*date, name),
        Value::Time(time) => clock_component(time.clock, time.offset, name),
        Value::DateTime(DateTime::Local(local)) => {
            date_component(local.date(), name).or_else(|| clock_component(local.time(), None, name))
        }
        Value::DateTime(DateTime::Zoned(zoned)) => match name {
            "timezone" => Some(zoned.time_zone().iana_name().map_or(Value::Null, Value::from)),
            _ => date_component(zoned.date(), name).or_else(|| clock_component(zoned.time(), Some(zoned.offset()), name)),
        },
        Value::Duration(duration) => match name {
            "days" => whole(duration.as_secs() / 86_400),
            "hours" => whole(duration.as_secs() / 3_600 % 24),
            "minutes" => whole(duration.as_secs() / 60 % 60),
            "seconds" => whole(duration.as_secs() % 60),
            _ => None,
        },
        Value::YearsMonths(months) => match name {
            "years" => whole(months / 12),
            "months" => whole(months % 12),
            _ => None,
        },
        Value::Range(range) => {
            let end = |bound: &Bound<Value>| match bound {
                Bound::Included(value) | Bound::Excluded(value) => value.clone(),
                Bound::Unbounded => Value::Null,
            };
            match name {
                "start" => Some(end(&range.start)),
                "end" => Some(end(&range.end)),
                "start included" => Some(Value::Boolean(matches!(range.start, Bound::Included(_)))),
                "end included" => Some(Value::Boolean(matches!(range.end, Bound::Included(_)))),
                _ => None,
            }
        }
        _ => None,
    }
}

fn date_component(date: civil::Date, name: &str) -> Option<Value> {
    Some(Value::from(match name {
        "year" => i64::from(date.year()),
        "month" => i64::from(date.month()),
        "day" => i64::from(date.day()),
        "weekday" => i64::from(date.weekday().to_monday_one_offset()),
        _ => return None,
    }))
}

fn clock_component(clock: civil::Time, offset: Option<Offset>, name: &str) -> Option<Value> {
    Some(match name {
        "hour" => Value::from(i64::from(clock.hour())),
        "minute" => Value::from(i64::from(clock.minute())),
        "second" => Value::from(i64::from(clock.second())),
        "time offset" => {
            offset.map_or(Value::Null, |offset| Value::Duration(SignedDuration::from_secs(i64::from(offset.seconds()))))
        }
        "timezone" => Value::Null,
        _ => return None,
    })
}

fn zoned_now(call: &Call) -> ZonedDateTime {
    call.budget.clock.now.to_zoned_datetime(call.budget.clock.zone.clone())
}

pub(super) fn now(call: &mut Call) -> Outcome {
    Ok(Value::DateTime(DateTime::Zoned(zoned_now(call))))
}

pub(super) fn today(call: &mut Call) -> Outcome {
    Ok(Value::Date(zoned_now(call).date()))
}

/// The calendar date of an argument that has one.
fn date_at(call: &Call, index: usize) -> Result<civil::Date, EvaluateError> {
    match call.get(index) {
        Value::Date(date) => Ok(*date),
        Value::DateTime(DateTime::Local(local)) => Ok(local.date()),
        Value::DateTime(DateTime::Zoned(zoned)) => Ok(zoned.date()),
        _ => Err(call.wrong(index, "a date")),
    }
}

pub(super) fn date(call: &mut Call) -> Outcome {
    let date = match call.get(0) {
        Value::String(text) => temporal::parse_date(text).ok_or_else(|| unreadable(call, text, "date"))?,
        _ => date_at(call, 0)?,
    };
    Ok(Value::Date(date))
}

fn unreadable(call: &Call, text: &str, kind: &str) -> EvaluateError {
    // Not the text itself: it may be personal, and what is said here is kept.
    call.fail(&format!("cannot read a text of {} characters as a {kind}", text.chars().count()))
}

/// A whole number that must fit the small type of a calendar field.
fn field<T: TryFrom<i64>>(call: &Call, index: usize) -> Result<T, EvaluateError> {
    T::try_from(call.integer(index)?).map_err(|_| call.wrong(index, "a smaller number"))
}

pub(super) fn date_of(call: &mut Call) -> Outcome {
    let date = civil::Date::new(field(call, 0)?, field(call, 1)?, field(call, 2)?);
    date.map(Value::Date).map_err(|_| call.fail("was given a day that does not exist"))
}

pub(super) fn time(call: &mut Call) -> Outcome {
    let time = match call.get(0) {
        Value::String(text) => temporal::parse_time(text).ok_or_else(|| unreadable(call, text, "time"))?,
        Value::Time(time) => *time,
        Value::DateTime(DateTime::Local(local)) => Time { clock: local.time(), offset: None },
        Value::DateTime(DateTime::Zoned(zoned)) => Time { clock: zoned.time(), offset: Some(zoned.offset()) },
        Value::Date(_) => Time { clock: civil::Time::midnight(), offset: Some(Offset::UTC) },
        _ => return Err(call.wrong(0, "a time")),
    };
    Ok(Value::Time(time))
}

/// `time(10, 30, 0, duration("PT5H30M"))`
pub(super) fn time_of(call: &mut Call) -> Outcome {
    let second = call.number(2)?;
    let nanos = (second.fract() * rust_decimal::Decimal::from(1_000_000_000)).trunc();
    let whole = i64::try_from(second.trunc()).ok().and_then(|whole| i8::try_from(whole).ok());
    let (Some(whole), Ok(nanos)) = (whole, i32::try_from(nanos)) else { return Err(call.wrong(2, "a second")) };
    let clock = civil::Time::new(field(call, 0)?, field(call, 1)?, whole, nanos);
    let clock = clock.map_err(|_| call.fail("was given a time that does not exist"))?;
    let offset = match call.get(3) {
        Value::Null => None,
        Value::Duration(offset) => {
            let seconds = i32::try_from(offset.as_secs()).ok().filter(|seconds| seconds.unsigned_abs() <= 18 * 3_600);
            let offset = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok());
            Some(offset.ok_or_else(|| call.wrong(3, "an offset of at most 18 hours"))?)
        }
        _ => return Err(call.wrong(3, "a days and time duration")),
    };
    Ok(Value::Time(Time { clock, offset }))
}

pub(super) fn date_and_time(call: &mut Call) -> Outcome {
    let value = match call.get(0) {
        Value::String(text) => temporal::parse_date_time(text).ok_or_else(|| unreadable(call, text, "date and time"))?,
        Value::Date(date) => DateTime::Local(date.at(0, 0, 0, 0)),
        Value::DateTime(value) => value.clone(),
        _ => return Err(call.wrong(0, "a date and time")),
    };
    Ok(Value::DateTime(value))
}

pub(super) fn date_and_time_of(call: &mut Call) -> Outcome {
    let date = date_at(call, 0)?;
    let Value::Time(time) = call.get(1) else { return Err(call.wrong(1, "a time")) };
    let local = date.to_datetime(time.clock);
    Ok(Value::DateTime(match time.offset {
        None => DateTime::Local(local),
        Some(offset) => DateTime::Zoned(TimeZone::fixed(offset).to_zoned_datetime(local).map_err(|_| call.overflow())?),
    }))
}

pub(super) fn duration(call: &mut Call) -> Outcome {
    match call.get(0) {
        Value::String(text) => temporal::parse_duration(text).ok_or_else(|| unreadable(call, text, "duration")),
        Value::Duration(_) | Value::YearsMonths(_) => Ok(call.take(0)),
        _ => Err(call.wrong(0, "a duration")),
    }
}

/// The whole months from one date to another.
pub(super) fn years_and_months_duration(call: &mut Call) -> Outcome {
    let (from, to) = (date_at(call, 0)?, date_at(call, 1)?);
    let index = |date: civil::Date| i64::from(date.year()) * 12 + i64::from(date.month());
    let months = index(to) - index(from);
    let unfinished = match months.signum() {
        1 if to.day() < from.day() => 1,
        -1 if to.day() > from.day() => -1,
        _ => 0,
    };
    Ok(Value::YearsMonths(months - unfinished))
}

pub(super) fn day_of_week(call: &mut Call) -> Outcome {
    Ok(Value::from(match date_at(call, 0)?.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }))
}

pub(super) fn day_of_year(call: &mut Call) -> Outcome {
    Ok(Value::from(i64::from(date_at(call, 0)?.day_of_year())))
}

/// The week of the year by ISO 8601.
pub(super) fn week_of_year(call: &mut Call) -> Outcome {
    Ok(Value::from(i64::from(date_at(call, 0)?.iso_week_date().week())))
}

pub(super) fn month_of_year(call: &mut Call) -> Outcome {
    let month = usize::try_from(date_at(call, 0)?.month()).unwrap_or(0);
    Ok(MONTHS.get(month.wrapping_sub(1)).map_or(Value::Null, |name| Value::from(*name)))
}
