//! Facts to lines: the first, those between, and the last.

use jiff::civil::Date;

use super::walk::{Fact, Kind};
use super::{DayTold, Line, LineKind, Teller, words};
use crate::calendar::{Effect, WorkingDay};
use crate::model::calendar::Roll;
use crate::model::norm::{Ends, FirstDay, Received, Within};
use crate::model::{Text, Time};
use crate::norm::NormError;
use crate::norm::course::Outcome;
use crate::norm::length::{DateUnit, Dates, Kind as Measured, Measure, kind, measure, times};

/// The day of the start is left out.
const SECTION_9: &str = "General Clauses Act, 1897, section 9";
/// A last day on which the office is closed gives way to the next on which it is open.
const SECTION_10: &str = "General Clauses Act, 1897, section 10";

impl<'a> Teller<'a> {
    pub(super) fn start(&mut self) -> Result<Line, NormError> {
        let calendar = self.clock.calendar;
        let is_included = self.clock.counting().first_day == FirstDay::Included;
        if let Some(planned) = self.clock.planned.filter(|_| self.clock.is_backward()) {
            let text = words::planned(planned, self.within, is_included);
            return Ok(Line { source: self.source.to_vec(), ..Line::of(planned, LineKind::Start, text) });
        }
        let date = calendar.date_of(self.clock.start);
        let started = self.moment(self.clock.start);
        if kind(self.within) != Some(Measured::Dates) {
            let text = words::started(&started, self.within);
            return Ok(Line { source: self.source.to_vec(), ..Line::of(date, LineKind::Start, text) });
        }
        let first = self.clock.first_date()?;
        let moved = (self.clock.counting().received == Received::NextOfficeDay && first != date).then_some(first);
        let text = words::received(&started, moved, self.within, is_included);
        let source = if is_included { self.source.to_vec() } else { vec![SECTION_9.to_owned()] };
        Ok(Line { day: Some(told(&calendar.day(date))), source, ..Line::of(date, LineKind::Start, text) })
    }

    pub(super) fn line(&self, fact: &Fact<'a>) -> Line {
        let closed = fact.day.filter(|day| !day.works.value).map(|day| words::closing(&day));
        let (kind, text) = match fact.kind {
            Kind::Counted if self.counts_minutes() => (LineKind::Counted, words::minutes(fact.minutes, fact.number, self.of())),
            Kind::Counted => (LineKind::Counted, words::counted(fact.number, self.of(), closed.as_ref())),
            Kind::Closed => (LineKind::Closed, words::closed(closed.as_ref())),
            Kind::Rest => (LineKind::Rest, words::rest(self.ground(fact.ground).as_ref(), fact.is_cut)),
            Kind::Extension => (LineKind::Extension, words::extended(self.clock.norm.document.clock.extend.as_ref())),
            Kind::Late => (LineKind::Ignored, words::late()),
            Kind::Surplus => (LineKind::Ignored, words::surplus()),
        };
        let counts = matches!(fact.kind, Kind::Counted | Kind::Closed | Kind::Rest);
        Line {
            number: counts.then_some(fact.number),
            of: self.of().filter(|_| counts),
            minutes: (counts && self.counts_minutes()).then_some(fact.minutes),
            day: fact.day.as_ref().map(told),
            ground: fact.ground,
            ..Line::of(fact.date, kind, text)
        }
    }

    /// The last day gives way, and the end; or that there is none.
    pub(super) fn tail(&self, outcome: &Outcome<'a>) -> Vec<Line> {
        let Some(due) = outcome.due else {
            let since = self.rests_since(outcome);
            let (since, ground) = since.map_or((self.clock.start, None), |(since, ground)| (since, ground));
            let text = words::open(&self.moment(since), self.ground(ground).as_ref());
            let date = self.clock.calendar.date_of(since);
            return vec![Line { ground, source: self.source.to_vec(), ..Line::of(date, LineKind::Open, text) }];
        };
        let mut lines = Vec::new();
        if let Some(dates) = outcome.dates.filter(|dates| dates.raw != dates.last) {
            let closing = words::closing(&self.clock.calendar.day(dates.raw));
            let is_section_10 = !self.clock.is_backward() && !dates.is_kept && self.clock.counting().last_day.0 == Roll::Forward;
            let source = if is_section_10 { vec![SECTION_10.to_owned()] } else { self.source.to_vec() };
            let text =
                if dates.is_kept { words::kept(dates.raw, dates.last) } else { words::rolled(dates.raw, dates.last, &closing) };
            let day = Some(told(&self.clock.calendar.day(dates.last)));
            lines.push(Line { day, source, ..Line::of(dates.last, LineKind::Roll, text) });
        }
        let date = outcome.dates.map_or_else(|| self.clock.last_date(due), |dates| dates.last);
        let text = words::end(&self.ending(outcome, date, due));
        lines.push(Line { due: Some(due), source: self.source.to_vec(), ..Line::of(date, LineKind::End, text) });
        lines
    }

    pub(super) fn summary(&self, limit: &Within, outcome: &Outcome<'a>, facts: &[Fact<'a>]) -> Text {
        let rested = facts.iter().filter(|fact| fact.kind == Kind::Rest).count();
        let from = match self.clock.planned.filter(|_| self.clock.is_backward()) {
            Some(planned) => words::date(planned),
            None => self.moment(self.clock.start),
        };
        let end = outcome.due.map(|due| {
            let date = outcome.dates.map_or_else(|| self.clock.last_date(due), |dates| dates.last);
            self.ending(outcome, date, due)
        });
        let by = self.extension().filter(|_| self.extensions > 0);
        words::summary(&words::Whole { limit, from, is_backward: self.clock.is_backward(), rested, extended: by, end })
    }

    /// How many days or minutes are to be counted, where that is one number.
    pub(super) fn of(&self) -> Option<i64> {
        let own = |within: &Within| match measure(within) {
            Measure::Dates(Dates { unit, count }) if unit != DateUnit::Month => Some((Some(unit), count)),
            Measure::Elapsed(amount) | Measure::Office(amount) => Some((None, amount.as_mins())),
            _ => None,
        };
        let (unit, count) = own(self.within)?;
        match self.extension().filter(|_| self.extensions > 0) {
            None => Some(count),
            Some(by) => own(&by).filter(|(other, _)| *other == unit).map(|(_, more)| count + more),
        }
    }

    pub(super) fn counts_minutes(&self) -> bool {
        matches!(kind(self.within), Some(Measured::Elapsed | Measured::Office))
    }

    /// All extensions that counted, as one length; a single one where none did.
    fn extension(&self) -> Option<Within> {
        let extension = self.clock.norm.document.clock.extend.as_ref()?;
        Some(times(&extension.by, self.extensions.max(1)))
    }

    /// What one waited for.
    fn ground(&self, ground: Option<u16>) -> Option<Text> {
        let suspension = self.clock.norm.document.clock.suspend.get(usize::from(ground?))?;
        Some(suspension.title.clone())
    }

    /// An instant in words.
    pub(super) fn moment(&self, time: Time) -> words::Pair {
        words::moment(self.clock.calendar.zone().to_datetime(time.timestamp()))
    }

    /// The end in words: the date, and what ends it.
    fn ending(&self, outcome: &Outcome<'_>, date: Date, due: Time) -> words::Pair {
        let calendar = self.clock.calendar;
        let local = calendar.zone().to_datetime(due.timestamp());
        if outcome.dates.is_none() {
            return words::moment(local);
        }
        let is_office_day = calendar.closing(date).ok().flatten().is_some();
        match self.clock.counting().ends {
            Ends::OfficeDay if is_office_day => words::at_close(date, local.time()),
            Ends::SameTime => words::moment(local),
            Ends::OfficeDay | Ends::Day => words::at_midnight(date),
        }
    }
}

fn told(day: &WorkingDay<'_>) -> DayTold {
    let reason = day.reason;
    // Whoever asks for the week's source finds it in the calendar; it would be on most lines.
    let source = if reason.effect == Effect::Week { Vec::new() } else { reason.source.to_vec() };
    DayTold {
        works: day.works.value,
        provisional: day.works.provisional,
        calendar: reason.calendar.to_owned(),
        pointer: reason.pointer.to_owned(),
        title: reason.title.cloned(),
        source,
        verified: reason.verified,
    }
}
