//! From local dates and times to instants: the zone's history piece by piece, with what happens where clocks change.
//!
//! Between two changes of its offset a zone is a plain shift, so instants and local times go forward together. A change forward leaves
//! out local times, a change back repeats some; the policies say what becomes of those.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::dates::{Dates, Day};
use super::times::Times;
use super::{IsWorking, Occurrence};

/// A schedule by dates and times of day, in a zone.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    pub zone: TimeZone,
    pub dates: Dates,
    pub times: Times,
    /// Whether a local time in a gap fires at the end of the gap.
    pub fills_gaps: bool,
    /// Whether a local time that comes twice fires twice.
    pub fires_twice: bool,
}

/// A stretch of time with one offset.
struct Piece {
    /// The first instant after it.
    end: Option<Timestamp>,
    offset: Offset,
    /// Local time up to which it repeats what the piece before it had.
    repeats_until: Option<DateTime>,
}

const SECONDS_PER_DAY: i32 = 86_400;

impl Piece {
    fn at(zone: &TimeZone, instant: Timestamp) -> Self {
        let offset = zone.to_offset(instant);
        let started = nanosecond_later(instant).and_then(|later| zone.preceding(later).next()).map(|change| change.timestamp());
        let repeats_until = started.and_then(|started| {
            let before = zone.to_offset(nanosecond_earlier(started)?);
            (before > offset).then(|| before.to_datetime(started))
        });
        Self { end: zone.following(instant).next().map(|change| change.timestamp()), offset, repeats_until }
    }
}

impl Timeline {
    /// The first occurrence after an instant.
    pub(super) fn next_after(&self, after: Timestamp, is_working: IsWorking<'_>) -> Option<Occurrence> {
        let mut from = nanosecond_later(after)?;
        loop {
            let piece = Piece::at(&self.zone, from);
            let (day, local) = self.local_from(self.start(&piece, from), is_working)?;
            let instant = piece.offset.to_timestamp(local).ok()?;
            let Some(end) = piece.end.filter(|end| instant >= *end) else {
                return Some(Occurrence::new(day, local, instant, false));
            };
            if let Some(occurrence) = self.in_gap(&piece, end, is_working) {
                return Some(occurrence);
            }
            from = end;
        }
    }

    /// How many occurrences there are after `after`, up to and with `until`.
    pub(super) fn count(&self, after: Timestamp, until: Timestamp, is_working: IsWorking<'_>) -> u64 {
        let Some(mut from) = nanosecond_later(after) else { return 0 };
        // The end of time itself is later than anything falls.
        let until = nanosecond_later(until).unwrap_or(until);
        let mut count = 0;
        while from < until {
            let piece = Piece::at(&self.zone, from);
            let to = piece.end.map_or(until, |end| end.min(until));
            count += self.count_local(self.start(&piece, from), piece.offset.to_datetime(to), is_working);
            let end = piece.end.filter(|end| *end < until);
            count += u64::from(end.and_then(|end| self.in_gap(&piece, end, is_working)).is_some());
            from = to;
        }
        count
    }

    /// The local time from which a piece counts: not what it only repeats.
    fn start(&self, piece: &Piece, from: Timestamp) -> DateTime {
        let local = piece.offset.to_datetime(from);
        piece.repeats_until.filter(|_| !self.fires_twice).map_or(local, |until| until.max(local))
    }

    /// What falls into the gap after `piece`, together, at its end; nothing if something falls there by itself.
    fn in_gap(&self, piece: &Piece, end: Timestamp, is_working: IsWorking<'_>) -> Option<Occurrence> {
        let offset = self.zone.to_offset(end);
        let length = offset.seconds() - piece.offset.seconds();
        // Where a whole date is left out (Apia had no 30 December 2011), its occurrences are left out with it.
        if !self.fills_gaps || length <= 0 || length >= SECONDS_PER_DAY {
            return None;
        }
        let resumes = offset.to_datetime(end);
        let (day, local) = self.local_from(piece.offset.to_datetime(end), is_working)?;
        let falls_there = || self.local_from(resumes, is_working).is_some_and(|(_, local)| local == resumes);
        (local < resumes && !falls_there()).then(|| Occurrence::new(day, local, end, true))
    }

    /// The first local date and time at or after `from`.
    fn local_from(&self, from: DateTime, is_working: IsWorking<'_>) -> Option<(Day, DateTime)> {
        let today = self.day_from(from.date(), is_working)?;
        if today.date == from.date()
            && let Some(time) = self.times.at_or_after(from.time())
        {
            return Some((today, today.date.to_datetime(time)));
        }
        let day = if today.date > from.date() { today } else { self.dates.next(today.date, is_working)? };
        Some((day, day.date.to_datetime(self.times.first()?)))
    }

    /// How many local dates and times there are from `from`, before `to`.
    fn count_local(&self, from: DateTime, to: DateTime, is_working: IsWorking<'_>) -> u64 {
        let mut count = 0;
        let mut next = if from < to { self.day_from(from.date(), is_working) } else { None };
        while let Some(day) = next.filter(|day| day.date <= to.date()) {
            let last = if day.date == to.date() { self.times.count_before(to.time()) } else { self.times.count() };
            let first = if day.date == from.date() { self.times.count_before(from.time()) } else { 0 };
            count += last - first;
            next = self.dates.next(day.date, is_working);
        }
        count
    }

    fn day_from(&self, date: Date, is_working: IsWorking<'_>) -> Option<Day> {
        self.dates.next(date.yesterday().ok()?, is_working)
    }
}

fn nanosecond_later(instant: Timestamp) -> Option<Timestamp> {
    instant.checked_add(1.nanosecond()).ok()
}

fn nanosecond_earlier(instant: Timestamp) -> Option<Timestamp> {
    instant.checked_sub(1.nanosecond()).ok()
}
