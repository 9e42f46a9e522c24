//! Reports: what cases, as they stood at an instant, add up to. Purely: the runtime reads the cases and hands the report over.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clock::Clock;
use super::records::{erasable, last_day};
use super::state::Task;
use super::{Decision, Instance};
use crate::digest::Hash;
use crate::graph::{Graph, Library};
use crate::journal::Event;
use crate::model::limits::DIGEST_DAYS;
use crate::model::report::{
    Content, Cut, Digest, DueTask, Load, NormKept, Performance, Report, ReportKind, WarnedClock, Weedable, Weeding,
};
use crate::model::{InstanceStatus, PersonId, PostId, Time};

/// A report that was computed is kept.
pub(super) fn made(schedule: &str, document: Hash, report: &Report) -> Decision {
    let made = Event::ReportMade { ordinal: 0, schedule: schedule.to_owned(), document, report: report.clone() };
    Decision { events: vec![made], instance: None, via: None, opened: Vec::new() }
}

/// Adds up cases.
#[derive(Debug)]
pub struct Tally<'a> {
    library: &'a Library,
    at: Time,
    sums: Sums,
}

#[derive(Debug)]
enum Sums {
    Work(Work),
    Norms(Norms),
    Records(Records),
}

/// Cases whose retention period was over by this day.
#[derive(Debug)]
struct Records {
    zone: TimeZone,
    today: Date,
    cases: Vec<Weedable>,
}

impl<'a> Tally<'a> {
    /// A report of a kind as of `at`, on what happened after `from`; days are days in `zone`.
    pub fn new(library: &'a Library, zone: &TimeZone, kind: ReportKind, from: Option<Time>, at: Time) -> Self {
        let sums = match kind {
            ReportKind::Digest => Sums::Work(Work::new(zone, at)),
            ReportKind::Performance => Sums::Norms(Norms { from, lines: BTreeMap::new() }),
            ReportKind::Weeding => {
                let today = zone.to_datetime(at.timestamp()).date();
                Sums::Records(Records { zone: zone.clone(), today, cases: Vec::new() })
            }
        };
        Self { library, at, sums }
    }

    /// Takes in a case as it stood then. `ended`: when it came to its end, if it has by now.
    pub fn add(&mut self, case: &Instance, ended: Option<Time>) {
        let norm_of = |clock: &Clock| self.library.norm_of(&clock.norm).map(|issue| issue.document.id().to_owned());
        match &mut self.sums {
            Sums::Work(work) => {
                // What rests with a halted case is nobody's work.
                if case.status == InstanceStatus::Active {
                    case.tasks.iter().for_each(|(id, task)| work.task(self.at, case, *id, task));
                }
                for (id, clock) in &case.clocks {
                    let warned = !clock.warned.is_empty() || clock.is_late(self.at);
                    if let Some(norm) = norm_of(clock).filter(|_| warned && clock.stopped.is_none()) {
                        let (instance, process, due) = (case.id, case.process.clone(), clock.reckoning.due);
                        work.clocks.push(WarnedClock { clock: *id, instance, process, norm, due });
                    }
                }
            }
            Sums::Norms(norms) => {
                let cancelled = ended.filter(|_| case.status == InstanceStatus::Cancelled);
                // Where no limit holds there is nothing to keep.
                for clock in case.clocks.values().filter(|clock| clock.terms.is_some()) {
                    if let Some(norm) = norm_of(clock) {
                        norms.clock(self.at, norm, clock, cancelled);
                    }
                }
            }
            Sums::Records(records) => {
                let graph = self.library.get(&case.definition).map(|deployed| &deployed.graph);
                records.cases.extend(graph.and_then(|graph| records.weedable(graph, case, ended)));
            }
        }
    }

    /// What they add up to.
    pub fn content(self) -> Content {
        match self.sums {
            Sums::Work(work) => Content::Digest(work.digest()),
            Sums::Norms(norms) => Content::Performance(norms.performance()),
            Sums::Records(Records { mut cases, .. }) => {
                // What waits for a decision comes first: the rest may stand there for years.
                cases.sort_by_key(|case| (case.held, case.proposed, case.until, case.ended, case.instance));
                Content::Weeding(Weeding { cases: Cut::new(cases) })
            }
        }
    }
}

impl Records {
    /// A case, if its period is over and personal values of it are still kept.
    fn weedable(&self, graph: &Graph, case: &Instance, ended: Option<Time>) -> Option<Weedable> {
        let ended = case.records.ended.or(ended).filter(|_| case.is_over())?;
        let until = last_day(graph, ended, &self.zone).filter(|until| *until < self.today)?;
        (!erasable(graph, case).is_empty()).then(|| Weedable {
            instance: case.id,
            process: case.process.clone(),
            ended,
            until,
            held: case.records.held.is_some(),
            proposed: case.records.proposal.is_some(),
        })
    }
}

#[derive(Debug)]
struct Work {
    today: Time,
    soon: Time,
    load: BTreeMap<(String, Option<PostId>, Option<PersonId>), Load>,
    tasks: Vec<DueTask>,
    clocks: Vec<WarnedClock>,
}

impl Work {
    fn new(zone: &TimeZone, at: Time) -> Self {
        let day = at.timestamp().to_zoned_datetime(zone.clone()).date();
        // At the end of time there is no day after.
        let end = |days: i32| {
            let next = day.checked_add((1 + days).days()).ok();
            let midnight = next.and_then(|next| zone.to_timestamp(next.at(0, 0, 0, 0)).ok());
            midnight.map_or(at, Time::from_timestamp)
        };
        Self { today: end(0), soon: end(DIGEST_DAYS), load: BTreeMap::new(), tasks: Vec::new(), clocks: Vec::new() }
    }

    fn task(&mut self, at: Time, case: &Instance, id: crate::model::TaskId, task: &Task) {
        let claim = task.claim.as_ref();
        let (post, person) = (claim.and_then(|claim| claim.post.clone()), claim.map(|claim| claim.person.clone()));
        let load = self.load.entry((task.role.clone(), post.clone(), person.clone())).or_insert_with(|| Load {
            role: task.role.clone(),
            post,
            person: person.clone(),
            open: 0,
            overdue: 0,
            today: 0,
            soon: 0,
        });
        load.open += 1;
        let Some(due) = task.due.filter(|due| *due < self.soon) else { return };
        let within = match due {
            due if due <= at => &mut load.overdue,
            due if due < self.today => &mut load.today,
            _ => &mut load.soon,
        };
        *within += 1;
        let (instance, process, step, role) = (case.id, case.process.clone(), task.step.clone(), task.role.clone());
        self.tasks.push(DueTask { task: id, instance, process, step, role, person, due });
    }

    fn digest(mut self) -> Digest {
        self.tasks.sort_by_key(|task| (task.due, task.task));
        // What rests without limit comes last.
        self.clocks.sort_by_key(|clock| (clock.due.unwrap_or(Time(i64::MAX)), clock.clock));
        Digest {
            today: self.today,
            soon: self.soon,
            load: Cut::new(self.load.into_values().collect()),
            tasks: Cut::new(self.tasks),
            clocks: Cut::new(self.clocks),
        }
    }
}

#[derive(Debug)]
struct Norms {
    from: Option<Time>,
    /// By norm: its counts, and how long each clock ran that came to its end.
    lines: BTreeMap<String, (NormKept, Vec<u64>)>,
}

impl Norms {
    fn clock(&mut self, at: Time, norm: String, clock: &Clock, cancelled: Option<Time>) {
        let counts = |instant: Time| self.from.is_none_or(|from| instant > from);
        let (started, stopped) = (counts(clock.ledger.start), clock.stopped.is_some_and(counts));
        if !started && !stopped && clock.stopped.is_some() {
            return;
        }
        let (line, lengths) = self
            .lines
            .entry(norm)
            .or_insert_with_key(|norm| (NormKept { norm: norm.clone(), ..NormKept::default() }, Vec::new()));
        line.started += u64::from(started);
        let late = clock.is_late(at);
        match clock.stopped {
            None => {
                line.running += 1;
                line.overdue += u64::from(late);
            }
            Some(_) if !stopped => {}
            // One that was ended by order when its time was over already was missed; how long it would have run nobody knows.
            Some(_) if clock.ended && late => line.missed += 1,
            Some(end) if clock.ended || cancelled == Some(end) => line.cancelled += 1,
            Some(end) => {
                if late {
                    line.missed += 1;
                } else {
                    line.kept += 1;
                }
                lengths.push(ran(clock, end));
            }
        }
    }

    fn performance(self) -> Performance {
        let line = |(mut line, mut lengths): (NormKept, Vec<u64>)| {
            lengths.sort_unstable();
            line.median_seconds = nearest(&lengths, 50);
            line.ninetieth_seconds = nearest(&lengths, 90);
            line
        };
        Performance { from: self.from, norms: Cut::new(self.lines.into_values().map(line).collect()) }
    }
}

/// Seconds from the start of a clock to its end, less those in which it rested, on whatever ground.
fn ran(clock: &Clock, end: Time) -> u64 {
    let mut rests: Vec<(Time, Time)> = clock.ledger.rests.iter().map(|rest| (rest.from, rest.to.unwrap_or(end))).collect();
    rests.sort_unstable();
    let (mut micros, mut until) = (end.0 - clock.ledger.start.0, clock.ledger.start);
    for (from, to) in rests {
        micros -= (to.min(end).0 - from.max(until).0).max(0);
        until = until.max(to);
    }
    u64::try_from(micros / 1_000_000).unwrap_or_default()
}

/// The least of them that so many in a hundred do not pass: the nearest rank.
fn nearest(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}
