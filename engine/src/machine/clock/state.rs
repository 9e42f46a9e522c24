//! One clock: its state, the points that lie before it, and what events make of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Hash;
use crate::graph::Library;
use crate::journal::event::Reckoning;
use crate::journal::{Event, Origin};
use crate::machine::state::{Instance, Task};
use crate::model::Time;
use crate::model::id::Made;
use crate::norm::{self, Deadline, Explanation, Ledger, Rest, Terms};

/// A clock of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Id within the process.
    pub id: String,
    /// The norm by which it counts.
    pub norm: Hash,
    /// The edition and limit; none where none holds.
    pub terms: Option<Terms>,
    /// Attributes of the case, by which the limit was chosen.
    pub attributes: BTreeMap<String, String>,
    /// What happened to it.
    pub ledger: Ledger,
    /// The deadline as it was reckoned last.
    pub reckoning: Reckoning,
    /// Points at which it has warned.
    pub warned: BTreeSet<u16>,
    /// Since when its time is over, once that was noted. Whether it is over is asked of `due`, whenever it is asked.
    pub breached: Option<Time>,
    /// Rungs of the ladder that were reached.
    pub rungs: u16,
    /// Interim replies.
    pub replied: Vec<Time>,
    /// When it stopped for good.
    pub stopped: Option<Time>,
    /// Whether it was ended by an order, and what it times is not done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// How often it started anew after a rest, by the ground's position in the norm's document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub restarts: BTreeMap<u16, u32>,
}

impl Clock {
    /// Whether it rests now.
    pub fn rests(&self) -> bool {
        self.stopped.is_none() && self.ledger.rests.iter().any(|rest| rest.to.is_none())
    }

    /// Whether its time is over: at an instant, or when it stopped.
    pub fn is_late(&self, now: Time) -> bool {
        let at = self.stopped.unwrap_or(now);
        self.reckoning.due.is_some_and(|due| at >= due)
    }

    /// Whether a point at which its norm warns is past, and its end is not: of the deadline as it stands now.
    pub fn is_near(&self, library: &Library, now: Time) -> bool {
        let deadline = || {
            let norm = &library.norm_of(&self.norm)?.document;
            let working = library.calendar_of(&self.reckoning.calendar)?;
            norm::reckon(norm, self.terms?, &self.ledger, &working.calendar).ok()
        };
        let is_running = self.stopped.is_none() && !self.is_late(now);
        is_running && deadline().is_some_and(|deadline| deadline.warnings.iter().any(|at| *at <= now))
    }

    /// Why its deadline is what it is, by the norm and the calendar by which it was written down; none where no limit holds.
    pub fn explained(&self, library: &Library) -> Option<Explanation> {
        let norm = &library.norm_of(&self.norm)?.document;
        let working = library.calendar_of(&self.reckoning.calendar)?;
        norm::explain(norm, self.terms?, &self.ledger, &working.calendar).ok()
    }

    /// The points that lie before it, the earliest.
    pub(super) fn next(&self, deadline: &Deadline) -> Option<Time> {
        self.points(deadline).into_iter().map(|(at, _)| at).min()
    }

    /// Points not reached yet.
    pub(super) fn points(&self, deadline: &Deadline) -> Vec<(Time, Point)> {
        let mut points = Vec::new();
        for (position, at) in (0u16..).zip(&deadline.warnings) {
            if !self.warned.contains(&position) && self.breached.is_none() {
                points.push((*at, Point::Warning(position)));
            }
        }
        if let Some(due) = deadline.due.filter(|_| self.breached.is_none()) {
            points.push((due, Point::End));
        }
        for (position, at) in (0u16..).zip(&deadline.rungs).skip(usize::from(self.rungs)) {
            points.push((*at, Point::Rung(position)));
        }
        points
    }
}

/// A point of a clock, in the order in which points of one instant are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    Warning(u16),
    End,
    Rung(u16),
}

impl Clock {
    /// It runs again, after a ground for rest has ended, or after a stop.
    pub(super) fn take_up(&mut self, ground: Option<u16>, restarts: bool, now: Time) {
        if let Some(stopped) = self.stopped.take() {
            // What it rested on ended with the stop.
            self.ledger.rests.iter_mut().filter(|rest| rest.to.is_none()).for_each(|rest| rest.to = Some(stopped));
            self.ledger.rests.push(Rest { ground: None, from: stopped, to: Some(now) });
        }
        for rest in self.ledger.rests.iter_mut().filter(|rest| rest.ground == ground && rest.to.is_none()) {
            rest.to = Some(now);
        }
        if restarts {
            // What rests on another ground goes on resting.
            let open = self.ledger.rests.iter().filter(|rest| rest.to.is_none());
            let rests = open.map(|rest| Rest { from: now, ..rest.clone() }).collect();
            self.ledger = Ledger { start: now, planned: self.ledger.planned, rests, extensions: Vec::new() };
            self.warned.clear();
        }
    }

    /// Takes a deadline that was reckoned anew. Where it lies ahead again, what was reached may be reached again; and so may each warning
    /// that lies ahead.
    pub(super) fn reckoned(&mut self, reckoning: &Reckoning, now: Time) {
        self.reckoning = reckoning.clone();
        self.warned.retain(|point| !reckoning.again.contains(point));
        if reckoning.due.is_none_or(|due| due > now) {
            self.breached = None;
            self.rungs = 0;
        }
    }
}

pub(in crate::machine) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    let now = origin.time;
    match event {
        Event::ClockStarted { ordinal, clock, norm, terms, attributes, planned, reckoning, .. } => {
            let clock = Clock {
                id: clock.clone(),
                norm: *norm,
                terms: *terms,
                attributes: attributes.clone(),
                ledger: Ledger { start: now, planned: *planned, rests: Vec::new(), extensions: Vec::new() },
                reckoning: reckoning.clone(),
                warned: BTreeSet::new(),
                breached: None,
                rungs: 0,
                replied: Vec::new(),
                stopped: None,
                ended: false,
                restarts: BTreeMap::new(),
            };
            state.clocks.insert(Made { command: origin.command, ordinal: *ordinal }, clock);
        }
        Event::ClockRested { clock, ground, reckoning, .. } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.ledger.rests.push(Rest { ground: Some(*ground), from: now, to: None });
                clock.reckoned(reckoning, now);
            }
        }
        Event::ClockResumed { clock, ground, restarts, terms, reckoning, .. } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                if let Some(ground) = ground.filter(|_| *restarts) {
                    *clock.restarts.entry(ground).or_default() += 1;
                }
                clock.take_up(*ground, *restarts, now);
                clock.terms = *terms;
                clock.reckoned(reckoning, now);
            }
        }
        Event::ClockExtended { clock, reckoning, .. } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.ledger.extensions.push(now);
                clock.reckoned(reckoning, now);
            }
        }
        Event::ClockMoved { clock, norm, terms, reckoning, .. } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.norm = norm.unwrap_or(clock.norm);
                clock.terms = terms.or(clock.terms);
                clock.reckoned(reckoning, now);
            }
        }
        Event::ClockLimited { clock, terms, attributes, planned, reckoning } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.terms = Some(*terms);
                clock.attributes.clone_from(attributes);
                clock.ledger.planned = *planned;
                clock.reckoned(reckoning, now);
            }
        }
        Event::ClockReplied { clock, .. } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.replied.push(now);
            }
        }
        Event::ClockStopped { clock, .. } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.stopped = Some(now);
                clock.reckoning.next = None;
            }
        }
        Event::ClockEnded { clock } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                (clock.stopped, clock.ended) = (Some(now), true);
                clock.reckoning.next = None;
            }
        }
        Event::InstanceMoved { clocks, .. } => {
            for clock in state.clocks.values_mut() {
                if let Some(id) = clocks.get(&clock.id) {
                    clock.id.clone_from(id);
                }
            }
        }
        Event::ClockWarned { clock, point, next } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.warned.insert(*point);
                clock.reckoning.next = *next;
            }
        }
        Event::ClockBreached { clock, due, next } => {
            if let Some(clock) = state.clocks.get_mut(clock) {
                clock.breached = Some(*due);
                clock.reckoning.next = *next;
            }
        }
        Event::ClockEscalated { clock: id, rung, ordinal, step, role, next } => {
            let Some(clock) = state.clocks.get_mut(id) else { return };
            clock.rungs = rung + 1;
            clock.reckoning.next = *next;
            let task = Task {
                token: None,
                clock: Some(*id),
                step: step.clone(),
                role: role.clone(),
                only: None,
                claim: None,
                due: None,
                by: None,
                created: now,
            };
            state.tasks.insert(Made { command: origin.command, ordinal: *ordinal }, task);
        }
        _ => {}
    }
}
