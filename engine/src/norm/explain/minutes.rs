//! Clocks that count minutes: how many on each day.

use jiff::SignedDuration;

use super::Teller;
use super::walk::{Fact, Kind};
use crate::model::Time;
use crate::norm::NormError;
use crate::norm::clock::days_after;
use crate::norm::course::Outcome;

const MINUTE: i64 = 60_000_000;

impl<'a> Teller<'a> {
    /// The minutes of each day from the start to the end, day and night or while the office is open.
    pub(super) fn minutes(&mut self, outcome: &Outcome<'a>, is_office: bool) -> Result<Vec<Fact<'a>>, NormError> {
        let calendar = self.clock.calendar;
        let (from, to) = match (outcome.due, self.clock.planned.filter(|_| self.clock.is_backward())) {
            (Some(due), Some(planned)) => (due, calendar.start_of(planned)?),
            (Some(due), None) => (self.clock.start, due),
            (None, _) => match self.rests_since(outcome) {
                Some((since, _)) => (self.clock.start, since),
                None => return Ok(Vec::new()),
            },
        };
        // What is not rest; rests come in the order of their beginning.
        let rests = self.rests(outcome);
        let (mut runs, mut at) = (Vec::new(), from);
        for rest in &rests {
            if at < rest.from {
                runs.push((at, rest.from));
            }
            at = at.max(rest.to);
        }
        if at < to {
            runs.push((at, to));
        }
        let mut facts = Vec::new();
        let (mut passed, mut number) = (0, 0);
        let last = calendar.date_of(Time(to.0.saturating_sub(1)));
        let mut date = calendar.date_of(from);
        while date <= last {
            let (opens, closes) = (calendar.start_of(date)?, calendar.start_of(days_after(date, 1)?)?);
            let before = passed;
            let first = runs.partition_point(|(_, to)| *to <= opens);
            for (from, to) in runs[first..].iter().take_while(|(from, _)| *from < closes) {
                let (from, to) = ((*from).max(opens), (*to).min(closes));
                passed += if is_office {
                    let between: SignedDuration = calendar.office_time_between(from, to)?.value;
                    i64::try_from(between.as_micros()).unwrap_or(i64::MAX)
                } else {
                    to.0 - from.0
                };
            }
            let day = calendar.day(date);
            let rest = rests.iter().find(|rest| rest.from < closes && opens < rest.to);
            let is_idle = passed == before;
            let kind = match rest {
                _ if is_idle && is_office && !day.works.value => Kind::Closed,
                Some(_) if is_idle => Kind::Rest,
                // Without minutes: an evening after the close, or a part of a day before the opening.
                _ => Kind::Counted,
            };
            let ground = rest.filter(|_| kind == Kind::Rest).and_then(|rest| rest.ground);
            let is_cut = rest.is_some_and(|rest| rest.is_cut && opens < rest.to && rest.to <= closes);
            let minutes = passed / MINUTE - number;
            number += minutes;
            facts.push(Fact { date, kind, number, minutes, ground, is_cut, day: Some(day) });
            date = days_after(date, 1)?;
        }
        Ok(facts)
    }
}
