//! ISO 8601 repeating intervals, such as `R5/2026-04-01T09:00:00/P3M`: how BPMN writes a cycle.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Unit};

use crate::model::limits::INTERVAL_BYTES_MAX;
use crate::model::time;

/// A repeating interval.
#[derive(Debug, Clone)]
pub struct Interval {
    /// How often it repeats; none: without end.
    pub times: Option<u32>,
    /// Where it starts; none: where it is first asked for.
    pub start: Option<Start>,
    /// What lies between. `P1D` is a calendar day, `PT24H` is not.
    pub span: Span,
}

/// Where an interval starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A local date and time, in the zone of whoever asks.
    Local(DateTime),
    /// An instant.
    Instant(Timestamp),
}

/// More repetitions than lie between any two instants that are asked for in earnest.
const INDEX_MAX: i64 = 1 << 40;

impl Interval {
    /// Reads `R/PT10S`, `R5/start/PT1H` or `R5/start/end`; none if it is anything else, or no time lies between.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > INTERVAL_BYTES_MAX {
            return None;
        }
        let (count, rest) = text.strip_prefix('R')?.split_once('/')?;
        let times = match count {
            "" => None,
            digits => Some(digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?),
        };
        let (start, length) = match rest.rsplit_once('/') {
            None | Some(("", _)) => (None, rest.trim_start_matches('/')),
            Some((start, length)) => (Some(Start::parse(start)?), length),
        };
        let span = match time::duration(length) {
            Some(span) => span,
            None => start?.until(Start::parse(length)?)?,
        };
        span.is_positive().then_some(Self { times, start, span })
    }

    /// The first repetition after `after`, in `zone`. One without a start begins at `base`, which itself is none of its repetitions.
    pub fn next_after(&self, after: Timestamp, base: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let (start, first) = match self.start {
            None => (base, 1),
            Some(Start::Local(local)) => (zone.to_timestamp(local).ok()?, 0),
            Some(Start::Instant(instant)) => (instant, 0),
        };
        let start = start.to_zoned_datetime(zone.clone());
        let nth = |index: i64| start.checked_add(self.span.checked_mul(index).ok()?).ok().map(|zoned| zoned.timestamp());
        let (mut low, mut high) = (first, self.times.map_or(INDEX_MAX, i64::from) + 1);
        let end = high;
        while low < high {
            let middle = low + (high - low) / 2;
            if nth(middle).is_some_and(|instant| instant <= after) { low = middle + 1 } else { high = middle }
        }
        if low < end { nth(low) } else { None }
    }
}

impl Start {
    fn parse(text: &str) -> Option<Self> {
        if let Some((instant, zone)) = text.split_once('[') {
            // The offset decides; the zone after it must be one, and is not needed.
            time::zone(zone.strip_suffix(']')?)?;
            return instant.parse().ok().map(Self::Instant);
        }
        text.parse::<Timestamp>().map(Self::Instant).or_else(|_| text.parse().map(Self::Local)).ok()
    }

    /// The time between two starts of the same kind.
    fn until(self, end: Self) -> Option<Span> {
        match (self, end) {
            (Self::Local(start), Self::Local(end)) => start.until((Unit::Hour, end)).ok(),
            (Self::Instant(start), Self::Instant(end)) => start.until((Unit::Hour, end)).ok(),
            _ => None,
        }
    }
}
