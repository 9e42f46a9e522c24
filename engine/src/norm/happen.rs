//! What happened to a clock, in order: its rests, each cut to what the norm allows, and its extensions.

use super::clock::Clock;
use super::length::{Dates, Measure, measure};
use super::{Ledger, NormError, Rest};
use crate::calendar::add_elapsed;
use crate::model::Time;
use crate::model::norm::Within;

/// Something that moves the end of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Happening {
    pub(super) at: Time,
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// It rested until then; none: it still does, without limit.
    Rest {
        ground: Option<u16>,
        to: Option<Time>,
        /// Whether it lasted longer, or lasts, and the norm does not allow more.
        is_cut: bool,
    },
    /// It was extended once.
    Extension,
    /// A rest or an extension more than the norm allows.
    Surplus,
}

/// What the ledger tells that counts, in order.
pub(super) fn happenings(clock: &mut Clock<'_>, ledger: &Ledger) -> Result<Vec<Happening>, NormError> {
    // The common case allocates nothing.
    if ledger.rests.is_empty() && ledger.extensions.is_empty() {
        return Ok(Vec::new());
    }
    let mut rests: Vec<&Rest> = ledger.rests.iter().collect();
    rests.sort_by_key(|rest| rest.from);
    let suspensions = &clock.norm.document.clock.suspend;
    let mut times = vec![0; suspensions.len()];
    let mut found = Vec::new();
    for rest in rests {
        let (mut to, mut is_cut) = (rest.to.map(|to| to.max(rest.from)), false);
        if let Some(ground) = rest.ground.map(usize::from) {
            let suspension = suspensions.get(ground).ok_or(NormError::Ground)?;
            times[ground] += 1;
            if suspension.times.is_some_and(|most| times[ground] > most) {
                found.push(Happening { at: rest.from, what: What::Surplus });
                continue;
            }
            if let Some(most) = &suspension.at_most {
                let cut = later(clock, rest.from, most)?;
                is_cut = to.is_none_or(|to| to > cut);
                to = Some(to.map_or(cut, |to| to.min(cut)));
            }
        }
        found.push(Happening { at: rest.from, what: What::Rest { ground: rest.ground, to, is_cut } });
    }
    if let Some(extension) = &clock.norm.document.clock.extend {
        let times = usize::try_from(extension.times.unwrap_or(1)).unwrap_or(usize::MAX);
        let mut extensions = ledger.extensions.clone();
        extensions.sort();
        let what = |number: usize| if number < times { What::Extension } else { What::Surplus };
        found.extend(extensions.into_iter().enumerate().map(|(number, at)| Happening { at, what: what(number) }));
    }
    found.sort_by_key(|happening| happening.at);
    Ok(found)
}

/// The instant by which a rest from `from` has lasted so long. Dates are counted to the same time of day, so that as many do not count.
fn later(clock: &mut Clock<'_>, from: Time, within: &Within) -> Result<Time, NormError> {
    let calendar = clock.calendar;
    match measure(within) {
        Measure::AtOnce => Ok(from),
        Measure::Elapsed(amount) => Ok(add_elapsed(from, amount)?),
        Measure::Office(amount) => Ok(clock.marks.take(calendar.add_office_time(from, amount)?)),
        Measure::Dates(Dates { unit, count }) => {
            let local = calendar.zone().to_datetime(from.timestamp());
            let date = clock.count(local.date(), Dates { unit, count }, false)?;
            Ok(calendar.instant(date.to_datetime(local.time()))?)
        }
        Measure::Earliest(all) => least(all.iter().map(|within| later(clock, from, within))),
        Measure::Latest(all) => {
            let times: Result<Vec<Time>, NormError> = all.iter().map(|within| later(clock, from, within)).collect();
            Ok(times?.into_iter().max().unwrap_or(from))
        }
    }
}

fn least(mut times: impl Iterator<Item = Result<Time, NormError>>) -> Result<Time, NormError> {
    let first = times.next().unwrap_or(Err(NormError::Terms))?;
    times.try_fold(first, |least, time| Ok(least.min(time?)))
}
