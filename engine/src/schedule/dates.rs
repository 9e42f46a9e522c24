//! The dates of a schedule: by cron, at intervals, after an anchor, by working days of a month; and where they fall when that is a holiday.

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

use super::IsWorking;
use super::cron::Cron;
use crate::model::limits::{ROLL_DAYS_MAX, SCHEDULE_YEAR_MAX};
use crate::model::schedule::Roll;

/// How the dates are found.
#[derive(Debug, Clone)]
pub(super) enum Rule {
    /// By the days of a cron expression.
    Cron(Cron),
    /// Every so often from the anchor, which is the first.
    Every { span: Span, times: Option<u32> },
    /// After these durations from the anchor; if it repeats, the last is the next anchor.
    After { spans: Vec<Span>, repeats: bool },
    /// The n-th working day of these months, from the end where negative.
    WorkingDay { nth: i8, months: Vec<i8> },
}

/// The dates of a schedule.
#[derive(Debug, Clone)]
pub(super) struct Dates {
    pub rule: Rule,
    /// The date that is counted from; none while it is awaited, and where nothing is counted.
    pub anchor: Option<Date>,
    /// First date before rolling.
    pub from: Date,
    /// Last date before rolling.
    pub to: Date,
    pub roll: Roll,
}

/// A date on which the schedule falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub date: Date,
    /// The date before rolling; the earliest, where several fall together.
    pub nominal: Date,
    /// Its number from 1, where occurrences are counted.
    pub number: Option<u64>,
}

/// Earliest date of any schedule: what the `cron` crate knows of.
pub(super) const FIRST: Date = date(1970, 1, 1);
/// Last date of any schedule.
pub(super) const LAST: Date = date(SCHEDULE_YEAR_MAX, 12, 31);

/// More dates than lie between any anchor and the last date.
const INDEX_MAX: u64 = 1 << 20;

impl Dates {
    /// The first after `after`.
    pub(super) fn next(&self, after: Date, is_working: IsWorking<'_>) -> Option<Day> {
        let rolled = |nominal: Day| {
            let date = match self.roll {
                Roll::None => Some(nominal.date),
                Roll::Skip => is_working(nominal.date).then_some(nominal.date),
                Roll::Forward => working_day(nominal.date, 1, is_working),
                Roll::Backward => working_day(nominal.date, -1, is_working),
            };
            date.map(|date| Day { date, ..nominal })
        };
        // A holiday before `after` may roll beyond it: look from the last working day on, whose own roll ends there.
        let start = match self.roll {
            Roll::Forward => working_day(after, -1, is_working).unwrap_or_else(|| after.saturating_sub(ROLL_DAYS_MAX.days())),
            _ => after,
        };
        let mut nominal = self.next_nominal(start, is_working)?;
        loop {
            match rolled(nominal) {
                Some(day) if day.date > after => return Some(day),
                _ => nominal = self.next_nominal(nominal.date, is_working)?,
            }
        }
    }

    /// The first after `after` before rolling.
    pub(super) fn next_nominal(&self, after: Date, is_working: IsWorking<'_>) -> Option<Day> {
        let after = after.max(self.from.yesterday().ok()?);
        let (date, number) = match &self.rule {
            Rule::Cron(cron) => (cron.next_date(after)?, None),
            Rule::WorkingDay { nth, months } => (next_working_day(*nth, months, after, is_working)?, None),
            Rule::Every { span, times } => {
                let anchor = self.anchor?;
                self.next_counted(after, times.map_or(INDEX_MAX, u64::from), |index| plus(anchor, *span, index, Span::new()))?
            }
            Rule::After { spans, repeats } => {
                let (anchor, round) = (self.anchor?, spans.len() as u64);
                self.next_counted(after, if *repeats { INDEX_MAX } else { round }, |index| {
                    plus(anchor, *spans.last()?, index / round, *spans.get(usize::try_from(index % round).ok()?)?)
                })?
            }
        };
        (date <= self.to).then_some(Day { date, nominal: date, number })
    }

    /// The first of counted dates after `after`, with its number. They never go back, so halving finds it.
    fn next_counted(&self, after: Date, count: u64, nth: impl Fn(u64) -> Option<Date>) -> Option<(Date, Option<u64>)> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if nth(middle).is_some_and(|date| date <= after) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let date = (low < count).then(|| nth(low)).flatten()?;
        (date <= self.to).then_some((date, Some(low + 1)))
    }
}

/// `start` and `count` times `span` and `more`, all at once: the 31st plus two months is the 31st, whatever lies between.
fn plus(start: Date, span: Span, count: u64, more: Span) -> Option<Date> {
    let count = i64::try_from(count).ok()?;
    let sum = |once: i64, more: i64| once.checked_mul(count)?.checked_add(more);
    let months = |span: Span| i64::from(span.get_years()) * 12 + i64::from(span.get_months());
    let days = |span: Span| i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let total = Span::new().try_months(sum(months(span), months(more))?).ok()?.try_days(sum(days(span), days(more))?).ok()?;
    start.checked_add(total).ok()
}

/// `date`, or the nearest working day after it (before it: -1), as far as an occurrence may move.
fn working_day(date: Date, direction: i32, is_working: IsWorking<'_>) -> Option<Date> {
    let mut days = (0..=ROLL_DAYS_MAX).filter_map(|days| date.checked_add((direction * days).days()).ok());
    days.find(|date| is_working(*date))
}

/// The first `nth` working day of a month after `after`. A month with fewer has none.
fn next_working_day(nth: i8, months: &[i8], after: Date, is_working: IsWorking<'_>) -> Option<Date> {
    let wanted = usize::from(nth.unsigned_abs()).checked_sub(1)?;
    let mut first = after.first_of_month();
    while first <= LAST {
        if months.contains(&first.month()) {
            let mut days =
                (1..=first.days_in_month()).filter_map(|day| first.with().day(day).build().ok()).filter(|d| is_working(*d));
            let found = if nth > 0 { days.nth(wanted) } else { days.rev().nth(wanted) };
            if let Some(date) = found.filter(|date| *date > after) {
                return Some(date);
            }
        }
        first = first.checked_add(1.month()).ok()?;
    }
    None
}
