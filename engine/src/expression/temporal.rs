//! Dates, times and durations as ISO 8601 text, both ways.

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ZonedDateTime};

use super::value::{DateTime, Time, Value};
use crate::model::time;

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const SECONDS_PER_DAY: i128 = 86_400;

/// The value an `@"…"` literal stands for.
pub(super) fn parse(text: &str) -> Option<Value> {
    if text.starts_with('P') || text.starts_with("-P") {
        return parse_duration(text);
    }
    parse_date(text)
        .map(Value::Date)
        .or_else(|| parse_date_time(text).map(Value::DateTime))
        .or_else(|| parse_time(text).map(Value::Time))
}

/// `2026-01-31`
pub(super) fn parse_date(text: &str) -> Option<civil::Date> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut parts = digits.split('-');
    let year = digits_of(parts.next()?, 4)?;
    let month = digits_of(parts.next()?, 2)?;
    let day = digits_of(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    let year = i16::try_from(if negative { -year } else { year }).ok()?;
    civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `10:30:00`, `10:30:00.5Z` or `10:30:00+05:30`
pub(super) fn parse_time(text: &str) -> Option<Time> {
    let (clock, zone) = split_zone(text);
    let offset = match zone {
        "" => None,
        _ => Some(parse_offset(zone)?),
    };
    Some(Time { clock: parse_clock(clock)?, offset })
}

/// `2026-01-31T10:30:00`, with an offset, or with a zone as in `…@Asia/Kolkata`. A date alone
/// is its midnight.
pub(super) fn parse_date_time(text: &str) -> Option<DateTime> {
    let Some((date, time)) = text.split_once('T') else {
        return parse_date(text).map(|date| DateTime::Local(date.at(0, 0, 0, 0)));
    };
    let (clock, zone) = split_zone(time);
    let local = parse_date(date)?.to_datetime(parse_clock(clock)?);
    let zone = match zone.strip_prefix('@') {
        _ if zone.is_empty() => return Some(DateTime::Local(local)),
        Some(name) => time::zone(name)?,
        None => TimeZone::fixed(parse_offset(zone)?),
    };
    zone.to_zoned_datetime(local).ok().map(DateTime::Zoned)
}

/// `P1Y2M` or `P1DT2H3M4.5S`
pub(super) fn parse_duration(text: &str) -> Option<Value> {
    let (sign, body) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let body = body.strip_prefix('P')?;
    let (date, time) = match body.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (body, ""),
    };
    if body.is_empty() {
        return None;
    }
    if time.is_empty() && date.ends_with(['Y', 'M']) {
        let [years, months] = quantities(date, ['Y', 'M'])?;
        let months = years.checked_mul(12)?.checked_add(months)?.checked_div(NANOS_PER_SECOND)?;
        return Some(Value::YearsMonths(i64::try_from(sign * months).ok()?));
    }
    let [days] = quantities(date, ['D'])?;
    let [hours, minutes, seconds] = quantities(time, ['H', 'M', 'S'])?;
    let nanos = days
        .checked_mul(SECONDS_PER_DAY)?
        .checked_add(hours.checked_mul(3_600)?)?
        .checked_add(minutes.checked_mul(60)?)?
        .checked_add(seconds)?;
    SignedDuration::try_from_nanos_i128(sign * nanos).map(Value::Duration)
}

/// The ISO text of a date, time or duration; `None` for any other value.
pub(super) fn iso(value: &Value) -> Option<String> {
    Some(match value {
        Value::Date(date) => date.to_string(),
        Value::Time(time) => format!("{}{}", time.clock, time.offset.map_or(String::new(), offset_text)),
        Value::DateTime(DateTime::Local(local)) => local.to_string(),
        Value::DateTime(DateTime::Zoned(zoned)) => match zoned.time_zone().iana_name() {
            Some(name) if zoned.time_zone().to_fixed_offset().is_err() => format!("{}@{name}", zoned.datetime()),
            _ => rfc3339(zoned),
        },
        Value::Duration(duration) => duration_text(*duration),
        Value::YearsMonths(months) => months_text(*months),
        _ => return None,
    })
}

/// An instant as date, time and offset, without the name of its zone.
pub(super) fn rfc3339(zoned: &ZonedDateTime) -> String {
    format!("{}{}", zoned.datetime(), offset_text(zoned.offset()))
}

fn offset_text(offset: Offset) -> String {
    let seconds = offset.seconds();
    if seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    match rest {
        0 => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{rest:02}"),
    }
}

fn duration_text(duration: SignedDuration) -> String {
    let nanos = duration.as_nanos();
    let seconds = nanos.abs() / NANOS_PER_SECOND;
    let fraction = format!("{:09}", nanos.abs() % NANOS_PER_SECOND);
    let fraction = fraction.trim_end_matches('0');

    let sign = if nanos < 0 { "-" } else { "" };
    let part = |quantity: i128, unit: &str| match quantity {
        0 => String::new(),
        _ => format!("{quantity}{unit}"),
    };
    let days = part(seconds / SECONDS_PER_DAY, "D");
    let hours = part(seconds / 3_600 % 24, "H");
    let minutes = part(seconds / 60 % 60, "M");
    let seconds = match fraction {
        "" if nanos == 0 => "0S".to_owned(),
        "" => part(seconds % 60, "S"),
        _ => format!("{}.{fraction}S", seconds % 60),
    };
    let time = format!("{hours}{minutes}{seconds}");
    let separator = if time.is_empty() { "" } else { "T" };
    format!("{sign}P{days}{separator}{time}")
}

fn months_text(months: i64) -> String {
    let sign = if months < 0 { "-" } else { "" };
    match (months.unsigned_abs() / 12, months.unsigned_abs() % 12) {
        (0, months) => format!("{sign}P{months}M"),
        (years, 0) => format!("{sign}P{years}Y"),
        (years, months) => format!("{sign}P{years}Y{months}M"),
    }
}

/// Splits a time of day from the zone written after it.
fn split_zone(text: &str) -> (&str, &str) {
    text.split_at(text.find(['Z', '+', '-', '@']).unwrap_or(text.len()))
}

/// `Z` or `+05:30` or `-08:00:00`
pub(super) fn parse_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let mut parts = digits.split(':');
    let hours = digits_of(parts.next()?, 2)?;
    let minutes = digits_of(parts.next()?, 2)?;
    let seconds = parts.next().map_or(Some(0), |part| digits_of(part, 2))?;
    if hours > 18 || minutes > 59 || seconds > 59 || parts.next().is_some() {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60 + seconds)).ok()
}

/// `10:30:00.5`
fn parse_clock(text: &str) -> Option<civil::Time> {
    let mut parts = text.split(':');
    let hour = i8::try_from(digits_of(parts.next()?, 2)?).ok()?;
    let minute = i8::try_from(digits_of(parts.next()?, 2)?).ok()?;
    let (second, fraction) = parts.next().map(|part| part.split_once('.').unwrap_or((part, "0")))?;
    let second = i8::try_from(digits_of(second, 2)?).ok()?;
    if parts.next().is_some() {
        return None;
    }
    civil::Time::new(hour, minute, second, i32::try_from(fraction_nanos(fraction)?).ok()?).ok()
}

/// Exactly `width` digits as a number; four stands for "four or more".
fn digits_of(text: &str, width: usize) -> Option<i32> {
    let fits = text.len() == width || (width == 4 && text.len() > 4 && !text.starts_with('0'));
    (fits && all_digits(text)).then(|| text.parse().ok()).flatten()
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits after a decimal point, as nanoseconds.
fn fraction_nanos(digits: &str) -> Option<i128> {
    (all_digits(digits) && digits.len() <= 9).then(|| format!("{digits:0<9}").parse().ok()).flatten()
}

/// Reads `1H2M` style text: for each unit in order its quantity, in thousand-millionths. Only the
/// unit of seconds may have a fraction.
fn quantities<const N: usize>(mut text: &str, units: [char; N]) -> Option<[i128; N]> {
    let mut found = [0; N];
    for (unit, quantity) in units.into_iter().zip(&mut found) {
        let Some((digits, rest)) = text.split_once(unit) else { continue };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if unit == 'S' => (whole, fraction),
            _ => (digits, "0"),
        };
        if !all_digits(whole) || whole.len() > 18 {
            return None;
        }
        *quantity = whole.parse::<i128>().ok()?.checked_mul(NANOS_PER_SECOND)? + fraction_nanos(fraction)?;
        text = rest;
    }
    text.is_empty().then_some(found)
}
