//! The days between start and end, one by one: what each was. Facts only; words come later.

use jiff::civil::Date;

use super::Teller;
use crate::calendar::WorkingDay;
use crate::model::Time;
use crate::norm::NormError;
use crate::norm::clock::days_after;
use crate::norm::course::{Counted, Outcome};
use crate::norm::happen::What;
use crate::norm::length::{DateUnit, Dates, Measure, measure};

/// What a day was, or what happened on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fact<'a> {
    pub(super) date: Date,
    pub(super) kind: Kind,
    /// Days or minutes counted so far.
    pub(super) number: i64,
    /// Minutes counted on it.
    pub(super) minutes: i64,
    /// The ground of a rest.
    pub(super) ground: Option<u16>,
    /// Whether the rest ends here because the norm allows no more.
    pub(super) is_cut: bool,
    pub(super) day: Option<WorkingDay<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counted,
    Closed,
    Rest,
    Extension,
    /// Came after the time was over.
    Late,
    /// Came more often than the norm allows.
    Surplus,
}

/// A rest that counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rested {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) ground: Option<u16>,
    pub(super) is_cut: bool,
}

impl<'a> Teller<'a> {
    /// What lies between start and end, in order.
    pub(super) fn facts(&mut self, outcome: &Outcome<'a>) -> Result<Vec<Fact<'a>>, NormError> {
        let mut days = match measure(self.within) {
            Measure::Dates(Dates { unit, .. }) if self.clock.is_backward() => self.back(unit, outcome.dates)?,
            Measure::Dates(Dates { unit, .. }) => self.dates(unit, outcome)?,
            Measure::Elapsed(_) => self.minutes(outcome, false)?,
            Measure::Office(_) => self.minutes(outcome, true)?,
            Measure::AtOnce | Measure::Earliest(_) | Measure::Latest(_) => Vec::new(),
        };
        // Only clocks that count forward have events, so the days are in order.
        let number = |days: &[Fact<'a>], date: Date| {
            let passed = days.partition_point(|fact| fact.date <= date);
            passed.checked_sub(1).map_or(0, |last| days[last].number)
        };
        let mut events = Vec::new();
        for (position, happening) in self.clock.happenings.iter().enumerate() {
            let kind = match happening.what {
                What::Surplus => Kind::Surplus,
                _ if position >= outcome.happened => Kind::Late,
                What::Extension => Kind::Extension,
                What::Rest { .. } => continue,
            };
            let date = self.clock.calendar.date_of(happening.at);
            let number = number(&days, date);
            events.push(Fact { date, kind, number, minutes: 0, ground: None, is_cut: false, day: None });
        }
        if !events.is_empty() {
            days.extend(events);
            // Stable: an event comes after its day.
            days.sort_by_key(|fact| fact.date);
        }
        Ok(days)
    }

    /// Rests that counted and are over.
    pub(super) fn rests(&self, outcome: &Outcome<'_>) -> Vec<Rested> {
        let counted = self.clock.happenings[..outcome.happened].iter();
        counted
            .filter_map(|happening| match happening.what {
                What::Rest { ground, to: Some(to), is_cut } => Some(Rested { from: happening.at, to, ground, is_cut }),
                _ => None,
            })
            .collect()
    }

    /// The instant since when it rests without limit.
    pub(super) fn rests_since(&self, outcome: &Outcome<'_>) -> Option<(Time, Option<u16>)> {
        let last = outcome.happened.checked_sub(1).map(|last| self.clock.happenings[last])?;
        match last.what {
            What::Rest { to: None, ground, .. } => Some((last.at, ground)),
            _ => None,
        }
    }

    fn dates(&mut self, unit: DateUnit, outcome: &Outcome<'a>) -> Result<Vec<Fact<'a>>, NormError> {
        let calendar = self.clock.calendar;
        let first = self.clock.first_date()?;
        let zero = if self.clock.is_first_included() { days_after(first, -1)? } else { first };
        let (raw, last) = match (outcome.dates, self.rests_since(outcome)) {
            (Some(dates), _) => (dates.raw, dates.last),
            (None, Some((since, _))) => (calendar.date_of(since), calendar.date_of(since)),
            (None, None) => return Ok(Vec::new()),
        };
        let rests = self.rests(outcome);
        let spans: Vec<(Date, Date, &Rested)> =
            rests.iter().map(|rest| (calendar.date_of(rest.from), calendar.date_of(rest.to), rest)).collect();
        let mut facts = Vec::new();
        // Rests come in the order of their beginning; those that are over are left behind.
        let mut open = 0;
        let (mut date, mut number) = (zero, 0);
        while date < raw {
            date = days_after(date, 1)?;
            let day = calendar.day(date);
            open += spans[open..].iter().take_while(|(_, to, _)| *to < date).count();
            let rest = spans[open..].iter().take_while(|(from, ..)| *from < date).find(|(_, to, _)| date <= *to);
            let kind = match rest {
                _ if unit == DateUnit::WorkingDay && !day.works.value => Kind::Closed,
                Some(_) => Kind::Rest,
                None => Kind::Counted,
            };
            number += i64::from(kind == Kind::Counted);
            let rest = rest.filter(|_| kind == Kind::Rest).map(|(_, to, rest)| (rest.ground, rest.is_cut && date == *to));
            let (ground, is_cut) = rest.unwrap_or_default();
            facts.push(Fact { date, kind, number, minutes: 0, ground, is_cut, day: Some(day) });
        }
        // Between the day that counted last and the one that takes its place.
        let mut date = days_after(raw, 1)?;
        while date < last {
            let rest = spans.iter().find(|(from, to, _)| *from <= date && date <= *to);
            let (kind, ground) = rest.map_or((Kind::Closed, None), |(_, _, rest)| (Kind::Rest, rest.ground));
            facts.push(Fact { date, kind, number, minutes: 0, ground, is_cut: false, day: Some(calendar.day(date)) });
            date = days_after(date, 1)?;
        }
        Ok(facts)
    }

    /// From the planned date back.
    fn back(&mut self, unit: DateUnit, dates: Option<Counted>) -> Result<Vec<Fact<'a>>, NormError> {
        let Some(Counted { zero, raw, .. }) = dates else { return Ok(Vec::new()) };
        let mut facts = Vec::new();
        let (mut date, mut number) = (zero, 0);
        while date > raw {
            date = days_after(date, -1)?;
            let day = self.clock.calendar.day(date);
            let is_counted = unit != DateUnit::WorkingDay || day.works.value;
            number += i64::from(is_counted);
            let kind = if is_counted { Kind::Counted } else { Kind::Closed };
            facts.push(Fact { date, kind, number, minutes: 0, ground: None, is_cut: false, day: Some(day) });
        }
        Ok(facts)
    }
}
