//! The clocks of a case: what the norms that hold for it count, and what a breach does. A clock's ledger is kept; its deadline is reckoned
//! whenever the ledger changes, and written down with the calendar it was reckoned by.

mod state;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::json;

use super::rejection::Rejection;
use super::run::Run;
use super::state::Task;
use crate::digest::Hash;
use crate::expression::{DateTime, Value};
use crate::graph::library::WorkingCalendar;
use crate::graph::{BoundClock, Side, StepIndex, deemed};
use crate::journal::Event;
use crate::journal::event::Reckoning;
use crate::model::id::Made;
use crate::model::limits::{CLOCKS_MAX, RESTS_MAX};
use crate::model::norm::{Reopened, Running};
use crate::model::{InstanceStatus, Time, Values};
use crate::norm::{self, Ledger, Norm, Rest, Terms};

pub use state::Clock;
use state::Point;
pub(super) use state::apply;

/// Why a clock has no deadline, or a timer cannot be set: its calendar is not deployed.
pub(super) const NO_CALENDAR: &str = "clock.no-calendar";

/// Begins the step id of the tasks that a ladder gives; no step of a definition can be called so.
pub const ESCALATION: &str = "escalation:";

/// What a case says of what a clock's limit is chosen by.
struct Said {
    attributes: BTreeMap<String, String>,
    planned: Option<Date>,
    trouble: Option<&'static str>,
}

impl Run<'_> {
    /// A path comes to a step, or goes on from it: the clocks that are bound to it take note.
    pub(super) fn tell_clocks(&mut self, step: StepIndex, side: Side) {
        let graph = self.graph;
        for bound in &graph.clocks {
            let here = bound.places.iter().filter(|place| place.step == step && place.side == side);
            let mut events: Vec<&str> = here.map(|place| place.event.as_str()).collect();
            if events.len() > 1 {
                // What starts is first, so that it can rest at once; what stops is last, when what rested rests no longer.
                events.sort_by_key(|event| self.rank(bound, event));
            }
            for event in events {
                self.clock_event(bound, event, &graph.steps[step].id);
            }
        }
    }

    /// The place of an event among those of one step.
    fn rank(&self, bound: &BoundClock, event: &str) -> u8 {
        let norm = self.state.norms.get(&bound.norm).and_then(|hash| self.context.library.norm_of(hash));
        let Some(events) = norm.map(|issue| &issue.document.document.clock) else { return 0 };
        match () {
            () if events.start == event || events.reopen.as_ref().is_some_and(|reopen| reopen.on == event) => 0,
            () if events.stop.iter().any(|stop| stop == event) => 2,
            () => 1,
        }
    }

    /// An event of a clock happens. One that makes no sense now, such as a stop of what does not run, is passed over.
    fn clock_event(&mut self, bound: &BoundClock, event: &str, step: &str) {
        let latest =
            self.state.clocks.iter().filter(|(_, clock)| clock.id == bound.id).max_by_key(|(_, clock)| clock.ledger.start);
        let latest = latest.map(|(id, clock)| (*id, clock.clone()));
        let library = self.context.library;
        let norm_of = |hash: &Hash| library.norm_of(hash).map(|issue| &*issue.document);
        // What runs, or is taken up again, goes by the norm that it has; what starts, by the one that the case was given.
        let reopens = |norm: &Norm| norm.document.clock.reopen.as_ref().is_some_and(|reopen| reopen.on == event);
        let goes_on = |clock: &Clock| clock.stopped.is_none() || !clock.ended && norm_of(&clock.norm).is_some_and(reopens);
        let Some((id, mut clock)) = latest.filter(|(_, clock)| goes_on(clock)) else {
            // None where it was not deployed when the case began: nothing holds for it.
            let given = self.state.norms.get(&bound.norm).copied();
            let given = given.and_then(|hash| Some((hash, norm_of(&hash)?)));
            if let Some((hash, norm)) = given.filter(|(_, norm)| norm.document.clock.start == event) {
                self.start_clock(bound, hash, norm, step);
            }
            return;
        };
        let Some(norm) = norm_of(&clock.norm) else { return };
        let events = &norm.document.clock;
        let now = self.context.origin.time;
        let step = step.to_owned();
        if events.stop.iter().any(|stop| stop == event) && clock.stopped.is_none() {
            self.stop_clock(id, Some(step));
            return;
        }
        if clock.stopped.is_some() {
            let Some(reopen) = &events.reopen else { return };
            let restarts = reopen.clock == Reopened::Restarts;
            clock.take_up(None, restarts, now);
            clock.terms = if restarts { self.terms(norm, &clock.attributes, now) } else { clock.terms };
            let (terms, reckoning) = (clock.terms, self.reckoning(norm, &clock));
            self.emit(Event::ClockResumed { clock: id, ground: None, restarts, terms, step, reckoning });
            return;
        }
        for (ground, suspension) in (0u16..).zip(&events.suspend) {
            let open = clock.ledger.rests.iter().any(|rest| rest.ground == Some(ground) && rest.to.is_none());
            // A ledger that starts anew forgets the rests before; how often the norm allows them counts for the whole clock.
            let spent = clock.restarts.get(&ground).copied().unwrap_or(0);
            let exhausted = suspension.restarts && suspension.times.is_some_and(|times| spent >= times);
            // Over is over: a clock whose time has run out does not start anew by papers that are asked for afterwards.
            let exhausted = exhausted || suspension.restarts && clock.is_late(now) || clock.ledger.rests.len() >= RESTS_MAX;
            if suspension.from == event && !open && !exhausted {
                clock.ledger.rests.push(Rest { ground: Some(ground), from: now, to: None });
                let reckoning = self.reckoning(norm, &clock);
                self.emit(Event::ClockRested { clock: id, ground, step: step.clone(), reckoning });
            } else if suspension.until == event && open {
                if suspension.restarts {
                    self.note_breach(id);
                }
                clock.take_up(Some(ground), suspension.restarts, now);
                clock.terms = if suspension.restarts { self.terms(norm, &clock.attributes, now) } else { clock.terms };
                let (terms, reckoning) = (clock.terms, self.reckoning(norm, &clock));
                let (ground, restarts) = (Some(ground), suspension.restarts);
                self.emit(Event::ClockResumed { clock: id, ground, restarts, terms, step: step.clone(), reckoning });
                if restarts {
                    self.cancel_escalations(id);
                }
            }
        }
        let extends = events.extend.as_ref().filter(|extension| extension.on == event);
        if extends.is_some_and(|extension| clock.ledger.extensions.len() < extension.times.unwrap_or(1) as usize) {
            clock.ledger.extensions.push(now);
            let reckoning = self.reckoning(norm, &clock);
            self.emit(Event::ClockExtended { clock: id, step: step.clone(), reckoning });
        }
        if events.interim.as_deref() == Some(event) {
            self.emit(Event::ClockReplied { clock: id, step });
        }
    }

    pub(super) fn start_clock(&mut self, bound: &BoundClock, hash: Hash, norm: &Norm, step: &str) {
        if self.state.clocks.len() >= CLOCKS_MAX {
            return;
        }
        let now = self.context.origin.time;
        let Said { attributes, planned, trouble } = self.said(bound, norm);
        let terms = if trouble.is_none() { self.terms(norm, &attributes, now) } else { None };
        let ledger = Ledger { start: now, planned, rests: Vec::new(), extensions: Vec::new() };
        let ordinal = self.ordinal();
        let mut clock = Clock {
            id: bound.id.clone(),
            norm: hash,
            terms,
            attributes,
            ledger,
            reckoning: Reckoning::default(),
            warned: BTreeSet::new(),
            breached: None,
            rungs: 0,
            replied: Vec::new(),
            stopped: None,
            ended: false,
            restarts: BTreeMap::new(),
        };
        clock.reckoning = self.reckoning(norm, &clock);
        if let Some(trouble) = trouble {
            clock.reckoning.trouble = Some(trouble.to_owned());
        }
        let Clock { id, norm, terms, attributes, reckoning, .. } = clock;
        self.emit(Event::ClockStarted { ordinal, clock: id, norm, terms, attributes, planned, step: step.to_owned(), reckoning });
    }

    /// What the case says now of what a clock's limit is chosen by.
    fn said(&self, bound: &BoundClock, norm: &Norm) -> Said {
        let mut said = Said { attributes: BTreeMap::new(), planned: None, trouble: None };
        for (name, expression) in &bound.attributes {
            match self.evaluate(0, expression, None) {
                // What the norm does not know chooses no limit, and might be anything: a name, a whole text.
                Ok(value) => {
                    let known = norm.document.attributes.get(name).map(|attribute| &attribute.values);
                    let value = Some(word(&value)).filter(|value| known.is_some_and(|known| known.contains_key(value)));
                    said.attributes.extend(value.map(|value| (name.clone(), value)));
                }
                Err(error) => said.trouble = Some(error.code),
            }
        }
        if let Some(expression) = &bound.planned {
            match self.evaluate(0, expression, None) {
                Ok(value) => said.planned = date(&value),
                Err(error) => said.trouble = Some(error.code),
            }
            if said.planned.is_none() {
                said.trouble = said.trouble.or(Some("clock.no-planned-date"));
            }
        }
        said
    }

    /// A clock that no limit held for, because the case had not said by what one is chosen, takes it once the case says so. What was known
    /// when it started stays as it was. The limit is that of the day of the start, and counts from there.
    fn limit_clock(&mut self, id: Made) {
        let Some(clock) = self.state.clocks.get(&id).filter(|clock| clock.stopped.is_none() && clock.terms.is_none()) else {
            return;
        };
        let (library, graph) = (self.context.library, self.graph);
        let bound = graph.clocks.iter().find(|bound| bound.id == clock.id);
        let Some((bound, issue)) = bound.zip(library.norm_of(&clock.norm)) else { return };
        let norm = &*issue.document;
        let is_unsaid = |(name, _): &(String, _)| !clock.attributes.contains_key(name);
        let was_unsaid = bound.attributes.iter().any(is_unsaid) || bound.planned.is_some() && clock.ledger.planned.is_none();
        if !was_unsaid {
            return;
        }
        let mut clock = clock.clone();
        let mut said = self.said(bound, norm);
        said.attributes.append(&mut clock.attributes);
        let Some(terms) = self.terms(norm, &said.attributes, clock.ledger.start).filter(|_| said.trouble.is_none()) else {
            return;
        };
        (clock.terms, clock.ledger.planned) = (Some(terms), clock.ledger.planned.or(said.planned));
        let (attributes, planned, reckoning) = (said.attributes, clock.ledger.planned, self.reckoning(norm, &clock));
        self.emit(Event::ClockLimited { clock: id, terms, attributes, planned, reckoning });
    }

    /// Looks whether clocks without a limit have one by now.
    pub(super) fn limit_clocks(&mut self) {
        let unlimited = self.state.clocks.iter().filter(|(_, clock)| clock.stopped.is_none() && clock.terms.is_none());
        let unlimited: Vec<Made> = unlimited.map(|(id, _)| *id).collect();
        for id in unlimited {
            self.limit_clock(id);
        }
    }

    /// The calendar by which a norm counts in this unit.
    fn calendar_for(&self, norm: &Norm) -> Option<&WorkingCalendar> {
        self.calendar(norm.document.calendar.as_deref())
    }

    /// The calendar of this id, else that of the unit, as it stands now.
    pub(super) fn calendar(&self, id: Option<&str>) -> Option<&WorkingCalendar> {
        let id = id.or_else(|| self.context.office.calendar_of(self.context.unit))?;
        self.context.library.calendar(id).map(|calendar| &**calendar)
    }

    /// The edition and limit that hold for a case with these attributes at an instant.
    fn terms(&self, norm: &Norm, attributes: &BTreeMap<String, String>, at: Time) -> Option<Terms> {
        norm.terms(self.calendar_for(norm)?.calendar.date_of(at), attributes)
    }

    fn reckoning(&self, norm: &Norm, clock: &Clock) -> Reckoning {
        let trouble = |code: &str| Reckoning { trouble: Some(code.to_owned()), ..Reckoning::default() };
        let Some(working) = self.calendar_for(norm) else { return trouble(NO_CALENDAR) };
        let Some(terms) = clock.terms else { return trouble("clock.no-limit") };
        let now = self.context.origin.time;
        match norm::reckon(norm, terms, &clock.ledger, &working.calendar) {
            Ok(deadline) => {
                let warnings = (0u16..).zip(&deadline.warnings);
                let again = warnings.filter(|(point, at)| clock.warned.contains(point) && **at > now).map(|(point, _)| point);
                let mut reckoning = Reckoning {
                    calendar: working.layers.clone(),
                    due: deadline.due,
                    provisional: deadline.provisional,
                    trouble: None,
                    next: None,
                    again: again.collect(),
                };
                // What was reached and lies ahead again is reached again.
                let mut after = clock.clone();
                after.reckoned(&reckoning, now);
                reckoning.next = after.next(&deadline);
                reckoning
            }
            Err(error) => trouble(error.code()),
        }
    }

    /// Stops a clock for good. The tasks that its ladder gave fall away.
    fn stop_clock(&mut self, id: Made, step: Option<String>) {
        // What is said with the last act counts, too.
        self.limit_clock(id);
        self.note_breach(id);
        self.emit(Event::ClockStopped { clock: id, step });
        self.cancel_escalations(id);
    }

    /// A clock whose time is over, though nobody has looked since, does not stop or start anew as if it were not.
    fn note_breach(&mut self, id: Made) {
        let Some(clock) = self.state.clocks.get(&id).filter(|clock| clock.breached.is_none()) else { return };
        let Some(due) = clock.reckoning.due.filter(|due| *due <= self.context.origin.time) else { return };
        let Some(norm) = self.context.library.norm_of(&clock.norm).map(|issue| &*issue.document) else { return };
        self.emit(Event::ClockBreached { clock: id, due, next: None });
        self.start_for_breach(norm, due);
    }

    /// Ends a clock by order. The tasks that its ladder gave fall away.
    pub(super) fn end_clock(&mut self, id: Made) {
        self.note_breach(id);
        self.emit(Event::ClockEnded { clock: id });
        self.cancel_escalations(id);
    }

    /// The case ends: what still runs stops.
    pub(super) fn stop_clocks(&mut self) {
        let running: Vec<Made> =
            self.state.clocks.iter().filter(|(_, clock)| clock.stopped.is_none()).map(|(id, _)| *id).collect();
        for id in running {
            self.stop_clock(id, None);
        }
    }

    fn cancel_escalations(&mut self, clock: Made) {
        let tasks: Vec<Made> = self.state.tasks.iter().filter(|(_, task)| task.clock == Some(clock)).map(|(id, _)| *id).collect();
        for task in tasks {
            self.emit(Event::TaskCancelled { task });
        }
    }

    /// The earliest deadline of the case's clocks.
    pub(super) fn earliest_due(&self) -> Option<Time> {
        self.state.clocks.values().filter(|clock| clock.stopped.is_none()).filter_map(|clock| clock.reckoning.due).min()
    }

    /// Reckons what runs anew, by the calendars and norms as they stand now. `because` is the document that was changed.
    pub(super) fn review_clocks(&mut self, because: Hash) {
        let now = self.context.origin.time;
        let library = self.context.library;
        let changed = library.norm_of(&because).map(|issue| &*issue.document);
        // A version that came since is told of by itself: a review that was held up moves nothing back.
        if changed.is_some_and(|norm| library.newest_norm(norm.id()).is_some_and(|newest| newest.hash != because)) {
            return;
        }
        let running: Vec<(Made, Clock)> = self.state.clocks.iter().map(|(id, clock)| (*id, clock.clone())).collect();
        for (id, mut clock) in running.into_iter().filter(|(_, clock)| clock.stopped.is_none()) {
            let Some(mut norm) = library.norm_of(&clock.norm).map(|issue| &*issue.document) else { continue };
            let before = clock.reckoning.clone();
            let (mut moved_to, mut terms) = (None, None);
            if let Some(changed) = changed {
                let same = changed.id() == norm.id() && because != clock.norm;
                let new = if same { self.terms(changed, &clock.attributes, now) } else { None };
                // A running case stays on its norm unless a transitional clause says otherwise.
                let Some(new) = new.filter(|new| changed.edition(*new).is_some_and(|edition| edition.running == Running::Moved))
                else {
                    continue;
                };
                (clock.norm, clock.terms, norm) = (because, Some(new), changed);
                (moved_to, terms) = (Some(because), Some(new));
            }
            // It began before its calendar was there.
            if clock.terms.is_none() && clock.reckoning.trouble.as_deref() == Some(NO_CALENDAR) {
                clock.terms = self.terms(norm, &clock.attributes, clock.ledger.start);
                terms = clock.terms;
            }
            let reckoning = self.reckoning(norm, &clock);
            // Beside its end, a warning or a rung may lie on another day, and a holiday be certain that was not.
            let told = |reckoning: &Reckoning| (reckoning.due, reckoning.provisional, reckoning.next);
            if told(&reckoning) == told(&before) && moved_to.is_none() {
                continue;
            }
            let ahead = reckoning.due.is_none_or(|due| due > now);
            self.emit(Event::ClockMoved { clock: id, before: before.due, because, norm: moved_to, terms, reckoning });
            if ahead {
                self.cancel_escalations(id);
            }
        }
    }

    /// A case goes on, or one of its points has come: calendars and norms may have been changed meanwhile.
    pub(super) fn catch_up_clocks(&mut self) {
        for because in self.changed_documents() {
            self.review_clocks(because);
            self.review_timers(because);
        }
        self.move_tasks(None);
    }

    /// Calendars and norms by which what runs was not reckoned yet.
    pub(super) fn changed_documents(&self) -> Vec<Hash> {
        let library = self.context.library;
        let mut changed = Vec::new();
        for clock in self.state.clocks.values().filter(|clock| clock.stopped.is_none()) {
            let Some(norm) = library.norm_of(&clock.norm).map(|issue| &*issue.document) else { continue };
            let now = self.calendar_for(norm).map(|working| working.layers.as_slice()).unwrap_or_default();
            changed.extend(now.iter().filter(|layer| !clock.reckoning.calendar.contains(layer)).take(1));
            changed.extend(library.newest_norm(norm.id()).map(|issue| issue.hash).filter(|hash| *hash != clock.norm));
        }
        let now = self.calendar(None).map(|working| working.layers.as_slice()).unwrap_or_default();
        for counted in self.state.timers.values().filter_map(|timer| timer.counted.as_ref()) {
            changed.extend(now.iter().filter(|layer| !counted.calendar.contains(layer)).take(1));
        }
        changed.sort();
        changed.dedup();
        changed
    }

    /// What a breach does, besides being recorded.
    fn breach(&mut self, norm: &Norm, due: Time) {
        let Some(breach) = &norm.document.breach else { return };
        if let Some(role) = &breach.reassign {
            let open =
                self.state.tasks.iter().filter(|(_, task)| task.clock.is_none() && task.only.is_none() && task.role != *role);
            let open: Vec<(Made, Task)> = open.map(|(id, task)| (*id, task.clone())).collect();
            for (id, Task { step, created, due, .. }) in open {
                self.emit(Event::TaskReassigned { task: id, role: role.clone(), step, created, due });
            }
        }
        self.start_for_breach(norm, due);
        if let Some(deem) = breach.deem {
            let name = deemed(deem);
            let waiting = self.state.subscriptions.iter().find(|(_, subscription)| subscription.name == name);
            if let Some(subscription) = waiting.map(|(id, _)| *id) {
                let ordinal = self.ordinal();
                let message = self.made(ordinal);
                self.receive(message, subscription, &Values::new());
            }
        }
    }

    /// Asks for the cases that a breach starts.
    fn start_for_breach(&mut self, norm: &Norm, due: Time) {
        for process in norm.document.breach.iter().flat_map(|breach| &breach.start) {
            let mut data: Values = [("case", json!(self.state.id)), ("norm", json!(norm.id())), ("due", json!(due.to_string()))]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            if let Some(number) = &self.state.number {
                data.insert("number".to_owned(), json!(number));
            }
            let ordinal = self.ordinal();
            self.emit(Event::CaseRequested { ordinal, unit: self.context.unit.clone(), process: process.clone(), data });
        }
    }
}

/// Takes a clock on: whatever it has reached happens, in order.
pub(super) fn advance(run: &mut Run<'_>, id: Made) -> Result<(), Rejection> {
    run.require_active()?;
    let early = || Rejection::conflict("clock.not-due", "The clock has reached no further point.");
    let now = run.context.origin.time;
    let before = run.count();
    // A changed calendar may still be on its way to this case: nothing is over by one that no longer holds.
    if !run.changed_documents().is_empty() {
        run.catch_up_clocks();
    }
    let mut moved = run.count() > before;
    loop {
        let clock = run.state.clocks.get(&id).filter(|clock| clock.stopped.is_none()).cloned();
        let Some(clock) = clock else { break };
        let library = run.context.library;
        let norm = library.norm_of(&clock.norm).map(|issue| &*issue.document);
        // By the calendar by which its deadline was written down: another moves it, and says so.
        let calendar = library.calendar_of(&clock.reckoning.calendar);
        let (Some(norm), Some(terms), Some(calendar)) = (norm, clock.terms, calendar) else { break };
        let Ok(deadline) = norm::reckon(norm, terms, &clock.ledger, &calendar.calendar) else { break };
        let Some((_, point)) = clock.points(&deadline).into_iter().filter(|(at, _)| *at <= now).min() else { break };
        moved = true;
        let after = |change: &dyn Fn(&mut Clock)| {
            let mut after = clock.clone();
            change(&mut after);
            after.next(&deadline)
        };
        match point {
            Point::Warning(point) => {
                let next = after(&|clock| _ = clock.warned.insert(point));
                run.emit(Event::ClockWarned { clock: id, point, next });
            }
            Point::End => {
                let due = deadline.due.unwrap_or(now);
                let next = after(&|clock| clock.breached = Some(due));
                run.emit(Event::ClockBreached { clock: id, due, next });
                run.breach(norm, due);
            }
            Point::Rung(rung) => {
                let next = after(&|clock| clock.rungs = rung + 1);
                let role = norm.document.breach.as_ref().and_then(|breach| breach.escalate.get(usize::from(rung)));
                let role = role.map(|rung| rung.role.clone()).unwrap_or_default();
                let ordinal = run.ordinal();
                let step = format!("{ESCALATION}{}", clock.id);
                run.emit(Event::ClockEscalated { clock: id, rung, ordinal, step, role, next });
            }
        }
    }
    if moved { Ok(()) } else { Err(early()) }
}

/// Reckons the clocks of a case anew.
pub(super) fn review(run: &mut Run<'_>, because: Hash) -> Result<(), Rejection> {
    let unmoved = || Rejection::conflict("clock.unmoved", "No deadline of this case moves.");
    // A suspended case catches up once it is resumed.
    if run.state.status != InstanceStatus::Active {
        return Err(unmoved());
    }
    let before = run.count();
    run.review_clocks(because);
    run.limit_clocks();
    run.review_timers(because);
    run.move_tasks(Some(because));
    if run.count() == before { Err(unmoved()) } else { Ok(()) }
}

/// An attribute as text.
fn word(value: &Value) -> String {
    match crate::expression::to_json(value) {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A planned date: a date, or the beginning of a date and time; text as dates are written.
fn date(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(DateTime::Zoned(zoned)) => Some(zoned.date()),
        Value::DateTime(DateTime::Local(local)) => Some(local.date()),
        Value::String(text) => crate::model::time::date(text),
        _ => None,
    }
}
