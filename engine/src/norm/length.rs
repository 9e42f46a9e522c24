//! Lengths of time as they are reckoned: by which of three measures a unit goes, and which of two lengths is the longer for certain.

use jiff::SignedDuration;

use crate::model::norm::Within;

/// A length of time by its measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Measure<'a> {
    /// No time at all.
    AtOnce,
    /// What a stopwatch would show, day and night.
    Elapsed(SignedDuration),
    /// Time during which the office is open.
    Office(SignedDuration),
    /// Dates of the office's zone.
    Dates(Dates),
    /// The one that ends first.
    Earliest(&'a [Within]),
    /// The one that ends last.
    Latest(&'a [Within]),
}

/// A number of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) unit: DateUnit,
    pub(super) count: i64,
}

/// A unit of dates. Weeks are days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateUnit {
    Day,
    WorkingDay,
    Month,
}

/// What kind of time a unit is of. Lengths of one kind can be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Elapsed,
    Office,
    Dates,
}

/// A plain unit: its kind, its name, and the number of it.
fn plain(within: &Within) -> Option<(Kind, &'static str, u32)> {
    Some(match within {
        Within::Minutes(count) => (Kind::Elapsed, "minutes", *count),
        Within::Hours(count) => (Kind::Elapsed, "hours", *count),
        Within::OfficeMinutes(count) => (Kind::Office, "officeMinutes", *count),
        Within::OfficeHours(count) => (Kind::Office, "officeHours", *count),
        Within::Days(count) => (Kind::Dates, "days", *count),
        Within::WorkingDays(count) => (Kind::Dates, "workingDays", *count),
        Within::Weeks(count) => (Kind::Dates, "weeks", *count),
        Within::Months(count) => (Kind::Dates, "months", *count),
        Within::Immediately(_) | Within::EarliestOf(_) | Within::LatestOf(_) => return None,
    })
}

/// The kind of a plain unit; none for what is at once or one of several.
pub(super) fn kind(within: &Within) -> Option<Kind> {
    plain(within).map(|(kind, ..)| kind)
}

/// A length by its measure.
pub(super) fn measure(within: &Within) -> Measure<'_> {
    let minutes = |count: u32, each: i64| SignedDuration::from_mins(i64::from(count) * each);
    let dates = |unit, count: u32, each: i64| Measure::Dates(Dates { unit, count: i64::from(count) * each });
    match within {
        Within::Immediately(_) => Measure::AtOnce,
        Within::Minutes(count) => Measure::Elapsed(minutes(*count, 1)),
        Within::Hours(count) => Measure::Elapsed(minutes(*count, 60)),
        Within::OfficeMinutes(count) => Measure::Office(minutes(*count, 1)),
        Within::OfficeHours(count) => Measure::Office(minutes(*count, 60)),
        Within::Days(count) => dates(DateUnit::Day, *count, 1),
        Within::WorkingDays(count) => dates(DateUnit::WorkingDay, *count, 1),
        Within::Weeks(count) => dates(DateUnit::Day, *count, 7),
        Within::Months(count) => dates(DateUnit::Month, *count, 1),
        Within::EarliestOf(all) => Measure::Earliest(all),
        Within::LatestOf(all) => Measure::Latest(all),
    }
}

/// The sum of two lengths of one unit, in it.
pub(super) fn sum(one: &Within, other: &Within) -> Option<Within> {
    let ((_, unit, count), (_, same, more)) = (plain(one)?, plain(other)?);
    (unit == same).then(|| with_count(one, count.saturating_add(more)))
}

/// A plain length so many times.
pub(super) fn times(within: &Within, times: u32) -> Within {
    plain(within).map_or_else(|| within.clone(), |(.., count)| with_count(within, count.saturating_mul(times)))
}

/// So many per cent of a plain length, in its own unit; a part of a unit is a whole one.
pub(super) fn part(within: &Within, percent: u8) -> Within {
    let Some((.., count)) = plain(within) else { return within.clone() };
    let part = (u64::from(count) * u64::from(percent)).div_ceil(100);
    with_count(within, u32::try_from(part).unwrap_or(count))
}

fn with_count(within: &Within, count: u32) -> Within {
    match within {
        Within::Minutes(_) => Within::Minutes(count),
        Within::Hours(_) => Within::Hours(count),
        Within::OfficeMinutes(_) => Within::OfficeMinutes(count),
        Within::OfficeHours(_) => Within::OfficeHours(count),
        Within::Days(_) => Within::Days(count),
        Within::WorkingDays(_) => Within::WorkingDays(count),
        Within::Weeks(_) => Within::Weeks(count),
        Within::Months(_) => Within::Months(count),
        Within::Immediately(_) | Within::EarliestOf(_) | Within::LatestOf(_) => within.clone(),
    }
}

/// Whether `one` is longer than `other`, whatever the start and the calendar; for lengths of one unit, by their numbers.
pub(super) fn surely_longer(one: &Within, other: &Within) -> bool {
    match (plain(one), plain(other)) {
        (Some((_, unit, one)), Some((_, same, other))) if unit == same => one > other,
        _ => bounds(other).1.is_some_and(|most| bounds(one).0 > most),
    }
}

/// Whether `one` is as long as `other` or longer, for certain.
pub(super) fn surely_as_long(one: &Within, other: &Within) -> bool {
    one == other || surely_longer(one, other)
}

/// The least and the most minutes that a length may take. How long an office stays closed is not known, so time of its own has no most.
fn bounds(within: &Within) -> (u64, Option<u64>) {
    const DAY: u64 = 24 * 60;
    // A change of the clock takes or gives some hours; the first day and the last are parts of a day; a roll may go either way.
    let least = |days: u64| (days * DAY).saturating_sub(2 * DAY);
    let most = |days: u64| Some((days + 10) * DAY);
    let all = |all: &[Within]| -> Vec<(u64, Option<u64>)> { all.iter().map(bounds).collect() };
    match within {
        Within::Immediately(_) => (0, Some(0)),
        Within::Minutes(count) => (u64::from(*count), Some(u64::from(*count))),
        Within::Hours(count) => (u64::from(*count) * 60, Some(u64::from(*count) * 60)),
        Within::OfficeMinutes(count) => (u64::from(*count), None),
        Within::OfficeHours(count) => (u64::from(*count) * 60, None),
        Within::WorkingDays(count) => (least(u64::from(*count)), None),
        Within::Days(count) => (least(u64::from(*count)), most(u64::from(*count))),
        Within::Weeks(count) => (least(u64::from(*count) * 7), most(u64::from(*count) * 7)),
        Within::Months(count) => (least(u64::from(*count) * 28), most(u64::from(*count) * 31)),
        Within::EarliestOf(members) => {
            let bounds = all(members);
            let least = bounds.iter().map(|(least, _)| *least).min();
            (least.unwrap_or(0), bounds.iter().filter_map(|(_, most)| *most).min())
        }
        Within::LatestOf(members) => {
            let bounds = all(members);
            let least = bounds.iter().map(|(least, _)| *least).max();
            let most: Option<Vec<u64>> = bounds.iter().map(|(_, most)| *most).collect();
            (least.unwrap_or(0), most.and_then(|most| most.into_iter().max()))
        }
    }
}
