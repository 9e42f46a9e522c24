//! Moving a running case to another version of its process: what corresponds to what, what changes with it, and what of that is to the
//! applicant's disadvantage. A case that could not go on by the new version is not moved.
//!
//! What waits goes on waiting: a task, a job, a timer, a message, a call keep their ids. A timer or a term whose rule is the same keeps
//! its instant; one whose rule is another counts by the new rule, a timer from now, a task's term from the task's creation. What only the
//! new version has is set from now; what it no longer has falls away. A clock that runs keeps its norm, its edition and its past.

mod carry;
mod fit;
mod questions;
mod rights;

use std::collections::BTreeMap;

use super::office::check_text;
use super::rejection::Rejection;
use super::run::Run;
use super::state::Instance;
use super::{Context, Decision, control, instance};
use crate::digest::Hash;
use crate::graph::Graph;
use crate::journal::Event;
use crate::model::limits::TEXT_CHARS_MAX;
use crate::model::moving::{Authority, Consent, Mapping, Taken};
use crate::model::{PostId, Problem, Time};
use fit::Plan;
pub use questions::{Questions, StepAsked, questions};
pub use rights::{Loss, Right};

/// Why a case cannot be moved as it was asked.
pub const IMPOSSIBLE: &str = "move.impossible";
/// It needs the applicant's consent.
pub const CONSENT: &str = "move.consent";

/// What a move would change, before anybody decides on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Where the case stands, and where it would.
    pub places: Vec<Place>,
    /// Its deadlines.
    pub deadlines: Vec<Deadline>,
    /// What would change to the applicant's disadvantage: it needs their consent.
    pub losses: Vec<Loss>,
    /// Why it cannot be moved, whoever agrees.
    pub refusal: Option<Rejection>,
}

/// Where a path of the case stands, and where it would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub token: u32,
    /// Step id.
    pub from: String,
    /// Step id in the new version; none: nothing corresponds.
    pub to: Option<String>,
}

/// A deadline before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Whose.
    pub of: DeadlineOf,
    /// Step id of a task or timer, id of a clock; as the new version names it, where it has it.
    pub name: String,
    /// Until now.
    pub before: Option<Time>,
    /// From then on.
    pub after: Option<Time>,
    /// Whether it would be over by the move.
    pub overdue: bool,
}

/// What has a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeadlineOf {
    /// A clock of a norm.
    Clock,
    /// A task.
    Task,
    /// A timer.
    Timer,
}

/// Moves a case.
pub(super) fn decide(
    context: &Context<'_>,
    case: &Instance,
    (from, definition): (&Hash, &Hash),
    mapping: &Mapping,
    authority: &Authority,
) -> Result<Decision, Rejection> {
    check_text("order", &authority.order, TEXT_CHARS_MAX)?;
    check_text("reason", &authority.reason, TEXT_CHARS_MAX)?;
    let (old, new) = versions(context, case, definition)?;
    if *from != case.definition {
        let message = "The case has another version than the one from which it was to be moved. Look at it again.";
        return Err(Rejection::conflict("move.moved-meanwhile", message));
    }
    let Moved { mut run, awaited, losses } = attempt(context, case, (&old, &new), mapping, authority)?;
    match &authority.consent {
        Some(consent) => check_consent(context, consent)?,
        None if losses.is_empty() => {}
        None => {
            let problems = losses.iter().map(|loss| Problem::error(loss.right.code(), loss.pointer(), loss.message()));
            let message = "This changes something to the applicant's disadvantage. Name their consent: who gave it, on which day, and the \
                           record in which it is.";
            return Err(Rejection::conflict(CONSENT, message).with(problems.collect()));
        }
    }
    run.go_on(awaited);
    run.go();
    Ok(run.decision())
}

/// What a move would change. Nothing is decided, and what is missing of order, reason and consent is not asked for.
///
/// # Errors
/// Where there is no such version, or the actor may not move the case.
pub fn forecast(context: &Context<'_>, case: &Instance, definition: &Hash, mapping: &Mapping) -> Result<Forecast, Rejection> {
    let (old, new) = versions(context, case, definition)?;
    let plan = Plan::new(&old, &new, mapping);
    let places = case.tokens.iter().map(|(number, token)| {
        let to = plan.to(&token.step).map(|step| new.steps[step].id.clone());
        Place { token: *number, from: token.step.clone(), to }
    });
    let mut forecast = Forecast { places: places.collect(), deadlines: Vec::new(), losses: Vec::new(), refusal: None };
    match attempt(context, case, (&old, &new), mapping, &Authority::default()) {
        Ok(moved) => {
            forecast.deadlines = deadlines(&plan, case, &moved.run.state, context.origin.time);
            forecast.losses = moved.losses;
        }
        Err(rejection) if rejection.status == super::Status::Forbidden => return Err(rejection),
        Err(rejection) => forecast.refusal = Some(rejection),
    }
    Ok(forecast)
}

/// The version that a case has, and the one that it is to have.
fn versions(
    context: &Context<'_>,
    case: &Instance,
    definition: &Hash,
) -> Result<(std::sync::Arc<Graph>, std::sync::Arc<Graph>), Rejection> {
    let old = context.graph(&case.definition)?;
    let deployed = context.library.get(definition).filter(|deployed| deployed.graph.process.id == case.process);
    let deployed = deployed.ok_or_else(|| {
        let message = format!("No such version of the process {} is deployed.", case.process);
        Rejection::not_found("definition.unknown", message)
    })?;
    Ok((old, std::sync::Arc::clone(&deployed.graph)))
}

/// A move that is possible, and not yet gone on from.
struct Moved<'a> {
    run: Run<'a>,
    /// Messages that it waits for anew.
    awaited: carry::Awaited,
    losses: Vec<Loss>,
}

fn attempt<'a>(
    context: &'a Context<'a>,
    case: &Instance,
    (old, new): (&'a Graph, &'a Graph),
    mapping: &Mapping,
    authority: &Authority,
) -> Result<Moved<'a>, Rejection> {
    // Who may is said by the version that the case has: a new one gives nobody a right over cases that are not its own.
    let via = may(context, old, case)?;
    if old.hash == new.hash {
        return Err(Rejection::conflict("move.same-version", "The case has this version already."));
    }
    if let Some(deployed) = context.library.get(&new.hash) {
        control::require_in_force(context, deployed)?;
    }
    let plan = Plan::new(old, new, mapping);
    let (flows, clocks) = plan.check(context, case)?;
    let (calls, norms) = instance::pins(context, new);
    let keep = |kept: &BTreeMap<String, Hash>, (id, newest): (String, Hash)| {
        let hash = kept.get(&id).copied().filter(|_| id != new.process.id).unwrap_or(newest);
        (id, hash)
    };
    let calls = calls.into_iter().map(|pin| keep(&case.calls, pin)).collect();
    let norms = norms.into_iter().map(|pin| keep(&case.norms, pin)).collect();
    let mut run = Run::new(context, new, case.clone());
    run.via = via;
    for (scope, values) in plan.left_behind(case) {
        run.emit(Event::VariablesSet { scope, values });
    }
    run.emit(Event::InstanceMoved {
        from: old.hash,
        definition: new.hash,
        mapping: Mapping { steps: plan.renamed().clone(), ..mapping.clone() },
        authority: authority.clone(),
        flows,
        clocks,
        calls,
        norms,
        losses: Vec::new(),
    });
    let awaited = run.carry(&plan, case)?;
    let heard: Vec<&str> = awaited.iter().map(|(_, subscribe)| subscribe.name()).collect();
    let losses = rights::losses(&plan, context.library, case, &run.state, &heard);
    // What the consent is for is known only now: nothing of the case follows from it.
    if let Some(Event::InstanceMoved { losses: taken, .. }) =
        run.events.iter_mut().find(|event| matches!(event, Event::InstanceMoved { .. }))
    {
        taken.extend(losses.iter().map(|loss| Taken { right: loss.right.code().to_owned(), name: loss.name.clone() }));
    }
    Ok(Moved { run, awaited, losses })
}

/// Lets pass whoever may move a case of this version, in a state in which it can be moved.
fn may(context: &Context<'_>, old: &Graph, case: &Instance) -> Result<Option<PostId>, Rejection> {
    let mut run = Run::new(context, old, case.clone());
    instance::require_owner(&mut run)?;
    run.require_active()?;
    Ok(run.via)
}

fn check_consent(context: &Context<'_>, consent: &Consent) -> Result<(), Rejection> {
    check_text("consent's giver", &consent.by, TEXT_CHARS_MAX)?;
    check_text("consent's record", &consent.record, TEXT_CHARS_MAX)?;
    let today = context.origin.time.timestamp().to_zoned_datetime(context.clock.zone.clone()).date();
    if consent.date > today {
        return Err(Rejection::invalid(
            "move.consent-date",
            "Consent is given before the case is moved: name a day that is not ahead.",
        ));
    }
    Ok(())
}

/// The deadlines of a case before and after, those that no move touches among them.
fn deadlines(plan: &Plan<'_>, before: &Instance, after: &Instance, now: Time) -> Vec<Deadline> {
    /// Of what, by which name, at which token.
    type Named = (DeadlineOf, String, u32);
    let mut found: BTreeMap<Named, (Option<Time>, Option<Time>)> = BTreeMap::new();
    for (case, is_after) in [(before, false), (after, true)] {
        let named = |step: &str| {
            let to = plan.to(step).filter(|_| !is_after).map(|to| plan.new.steps[to].id.clone());
            to.unwrap_or_else(|| step.to_owned())
        };
        let clocks = case.clocks.values().filter(|clock| clock.stopped.is_none());
        let clocks = clocks.map(|clock| ((DeadlineOf::Clock, plan.clock_name(&clock.id, is_after), 0), clock.reckoning.due));
        let tasks = case.tasks.values().map(|task| ((DeadlineOf::Task, named(&task.step), task.token.unwrap_or(0)), task.due));
        let timers = case.timers.values().map(|timer| ((DeadlineOf::Timer, named(&timer.step), timer.token), Some(timer.due)));
        for (key, due) in clocks.chain(tasks).chain(timers) {
            let pair = found.entry(key).or_default();
            if is_after { pair.1 = due } else { pair.0 = due }
        }
    }
    let over = |due: Option<Time>| due.is_some_and(|due| due <= now);
    let deadline = |((of, name, _), (before, after))| Deadline { of, name, before, after, overdue: over(after) && !over(before) };
    found.into_iter().map(deadline).filter(|deadline| deadline.before.is_some() || deadline.after.is_some()).collect()
}

pub(super) fn apply(state: &mut Instance, event: &Event) {
    let Event::InstanceMoved { definition, mapping, flows, calls, norms, .. } = event else { return };
    state.definition = *definition;
    state.calls.clone_from(calls);
    state.norms.clone_from(norms);
    let rename = |step: &mut String| {
        if let Some(to) = mapping.steps.get(step) {
            step.clone_from(to);
        }
    };
    for token in state.tokens.values_mut() {
        rename(&mut token.step);
        if let Some(flow) = &mut token.flow
            && let Some(to) = flows.get(flow)
        {
            flow.clone_from(to);
        }
    }
    state.scopes.values_mut().filter_map(|scope| scope.step.as_mut()).for_each(rename);
    state.timers.values_mut().for_each(|timer| rename(&mut timer.step));
    state.subscriptions.values_mut().for_each(|subscription| rename(&mut subscription.step));
    // Tasks and jobs say for themselves what they are from now on. Who did a step did what corresponds to it, too: a move adds bars, and
    // takes none away.
    state.renamed.values_mut().for_each(rename);
    let did = state.did.clone();
    for (from, to) in &mapping.steps {
        let Some(people) = did.get(from) else { continue };
        state.renamed.insert(from.clone(), to.clone());
        let known = state.did.entry(to.clone()).or_default();
        known.extend(people.iter().filter(|person| !known.contains(person)).cloned().collect::<Vec<_>>());
    }
}
