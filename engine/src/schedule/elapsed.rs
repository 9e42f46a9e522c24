//! A schedule in elapsed time: every so many seconds from an anchor, whatever clocks and calendars do.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Occurrence;

/// A schedule in elapsed time.
#[derive(Debug, Clone)]
pub(super) struct Elapsed {
    pub zone: TimeZone,
    pub seconds: i64,
    pub times: Option<u32>,
    /// The date of the first occurrence; none while it is awaited.
    pub anchor: Option<Date>,
    /// The time of day of the first occurrence.
    pub time: Time,
    /// First date on which it may fall.
    pub from: Date,
    /// Last date on which it may fall.
    pub to: Date,
}

const NANOSECONDS: i128 = 1_000_000_000;

impl Elapsed {
    /// The first occurrence after an instant.
    pub(super) fn next_after(&self, after: Timestamp) -> Option<Occurrence> {
        let (start, least, end) = self.range()?;
        let index = self.index_after(start, after).max(least);
        if index >= end {
            return None;
        }
        let instant = start.checked_add(index.checked_mul(self.seconds)?.seconds()).ok()?;
        let nominal = self.zone.to_datetime(instant);
        let number = u64::try_from(index).ok()?.checked_add(1);
        Some(Occurrence { nominal, instant, rolled: false, shifted: false, number })
    }

    /// How many occurrences there are after `after`, up to and with `until`.
    pub(super) fn count(&self, after: Timestamp, until: Timestamp) -> u64 {
        let Some((start, least, end)) = self.range() else { return 0 };
        let index = |instant| self.index_after(start, instant).clamp(least, end.max(least));
        u64::try_from(index(until) - index(after)).unwrap_or(0)
    }

    /// The instant of the first occurrence; the indexes of the first within the dates, and of the one after the last.
    fn range(&self) -> Option<(Timestamp, i64, i64)> {
        let start = self.zone.to_timestamp(self.anchor?.to_datetime(self.time)).ok()?;
        let midnight = |date: Date| self.zone.to_timestamp(date.to_datetime(Time::midnight())).ok();
        let before = |date: Date| midnight(date).and_then(|midnight| midnight.checked_sub(1.nanosecond()).ok());
        let least = self.index_after(start, before(self.from)?).max(0);
        let within = self.index_after(start, before(self.to.tomorrow().ok()?)?);
        Some((start, least, self.times.map_or(within, |times| within.min(i64::from(times)))))
    }

    /// The index of the first multiple of the interval after an instant.
    fn index_after(&self, start: Timestamp, after: Timestamp) -> i64 {
        let passed = after.as_nanosecond() - start.as_nanosecond();
        let index = passed.div_euclid(i128::from(self.seconds) * NANOSECONDS) + 1;
        // All of jiff's time has fewer than 2⁶³ seconds.
        i64::try_from(index).unwrap_or(i64::MAX)
    }
}
