//! Cases: start, cancel with a reason, suspend, resume.

use std::collections::BTreeMap;

use super::definition::QUALITY_COORDINATOR;
use super::rejection::Rejection;
use super::run::Run;
use super::state::Instance;
use super::task::check_form;
use super::{Context, Decision, control, delivered};
use crate::digest::Hash;
use crate::graph::{BoundClock, Deployed, Graph, StepIndex, StepKind};
use crate::journal::event::CallOutcome;
use crate::journal::event::Caller;
use crate::journal::{Event, Origin};
use crate::model::definition::APPLICANT;
use crate::model::id::Made;
use crate::model::limits::TEXT_CHARS_MAX;
use crate::model::{InstanceStatus, Values};

/// Longest number that an office gives a case, in characters.
const NUMBER_CHARS_MAX: usize = 64;

/// Starts a case by hand.
pub(super) fn start(
    context: &Context<'_>,
    process: &str,
    definition: Option<&Hash>,
    number: Option<&str>,
    data: &Values,
) -> Result<Decision, Rejection> {
    let deployed = match definition {
        Some(hash) => context.library.get(hash).filter(|deployed| deployed.graph.process.id == process),
        None => context.library.newest(process),
    };
    let deployed = deployed.ok_or_else(|| {
        Rejection::not_found("definition.unknown", format!("No such definition of the process {process} is deployed."))
    })?;
    if number.is_some_and(|number| number.is_empty() || number.chars().count() > NUMBER_CHARS_MAX) {
        let message = format!("A number has 1 to {NUMBER_CHARS_MAX} characters.");
        return Err(Rejection::invalid("instance.number", message));
    }
    let graph = &deployed.graph;
    let Some(step) = graph.scopes[0].start else {
        return Err(Rejection::conflict("instance.starts-by-message", "This process starts when a message comes, not by hand."));
    };
    let StepKind::Start { form, performer, .. } = &graph.steps[step].kind else {
        // Invariant: `Scope::start` is a start event.
        return Err(Rejection::conflict("definition.malformed", "The process has no start event."));
    };
    let mut via = None;
    if let Some(performer) = performer
        && performer.role != APPLICANT
    {
        via = context.require_role(&[performer.role.as_str()])?;
    }
    check_form(context.office, graph, form.as_deref(), data)?;
    begin(context, deployed, step, number, None, data.clone(), None, via)
}

/// Starts a case because a message came.
pub(super) fn start_by_message(
    context: &Context<'_>,
    deployed: &Deployed,
    step: StepIndex,
    message: Made,
    data: &Values,
) -> Result<Decision, Rejection> {
    begin(context, deployed, step, None, None, Values::new(), Some((message, data)), None)
}

/// Starts a case that a schedule or a breach asks for. Nobody could mend a refusal here: it is recorded, and the asking is done.
pub(super) fn start_following(context: &Context<'_>, process: &str, data: &Values) -> Result<Decision, Rejection> {
    let deployed = context
        .library
        .newest(process)
        .ok_or_else(|| Rejection::not_found("definition.unknown", format!("The process {process} is not deployed.")));
    let started = deployed.and_then(|deployed| {
        let step = deployed.graph.scopes[0].start.ok_or_else(|| {
            Rejection::conflict("instance.starts-by-message", "This process starts when a message comes, not by hand.")
        })?;
        begin(context, deployed, step, None, None, fitting(deployed, data), None, None)
    });
    started.or_else(|rejection| {
        let mut decision = delivered(context);
        let (process, code) = (process.to_owned(), rejection.code.to_owned());
        decision.events.push(Event::CaseRefused { process, code });
        Ok(decision)
    })
}

/// What a process's variables declare, of the values that are handed over. The rest is left behind.
fn fitting(deployed: &Deployed, data: &Values) -> Values {
    let scope = &deployed.graph.scopes[0];
    let fits = |name: &String, value: &serde_json::Value| {
        scope.variables.get(name).is_some_and(|variable| value.is_null() || variable.validator.is_valid(value))
    };
    data.iter().filter(|(name, value)| fits(name, value)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Starts a case because another calls it. Values that its variables do not declare are left behind.
pub(super) fn start_called(
    context: &Context<'_>,
    deployed: &Deployed,
    caller: Caller,
    data: &Values,
) -> Result<Decision, Rejection> {
    let Some(step) = deployed.graph.scopes[0].start else {
        return Err(Rejection::conflict("instance.starts-by-message", "The called process starts by message only."));
    };
    begin(context, deployed, step, None, Some(caller), fitting(deployed, data), None, None)
}

#[expect(clippy::too_many_arguments, reason = "the one place where a case begins, whoever asks")]
fn begin(
    context: &Context<'_>,
    deployed: &Deployed,
    step: StepIndex,
    number: Option<&str>,
    caller: Option<Caller>,
    data: Values,
    message: Option<(Made, &Values)>,
    via: Option<crate::model::PostId>,
) -> Result<Decision, Rejection> {
    control::require_in_force(context, deployed)?;
    let graph = &deployed.graph;
    let (calls, norms) = pins(context, graph);
    let mut run = Run::new(context, graph, Instance::new(context.command()));
    run.via = via;
    run.emit(Event::InstanceStarted {
        definition: graph.hash,
        process: graph.process.id.clone(),
        number: number.map(ToOwned::to_owned),
        caller,
        calls,
        norms,
        data,
    });
    if let Some((message, data)) = message {
        // The message's own ordinal.
        let _ = run.ordinal();
        run.emit(Event::MessageReceived { message, subscription: None, data: data.clone() });
        if let StepKind::Start { message: Some(catch), .. } = &graph.steps[step].kind {
            let writes = run.outputs(0, &catch.outputs, data);
            let written = writes.and_then(|writes| run.write(writes));
            written.map_err(|trouble| Rejection::invalid(trouble.code, trouble.message))?;
        }
    }
    run.enter_new(step, 0, None);
    run.go();
    Ok(run.decision())
}

/// What a case of a definition is pinned to from now on: the definitions of the processes that it may call, and the norms that hold for it.
pub(super) fn pins(context: &Context<'_>, graph: &Graph) -> (BTreeMap<String, Hash>, BTreeMap<String, Hash>) {
    let newest = |process: &String| {
        // A process that calls itself calls the version that runs.
        let hash = if *process == graph.process.id { graph.hash } else { context.library.newest(process)?.graph.hash };
        Some((process.clone(), hash))
    };
    let norm = |clock: &BoundClock| Some((clock.norm.clone(), context.library.newest_norm(&clock.norm)?.hash));
    (graph.calls.iter().filter_map(newest).collect(), graph.clocks.iter().filter_map(norm).collect())
}

fn check_reason(reason: &str) -> Result<(), Rejection> {
    if reason.trim().is_empty() || reason.chars().count() > TEXT_CHARS_MAX {
        let message = format!("Give a reason of 1 to {TEXT_CHARS_MAX} characters.");
        return Err(Rejection::invalid("instance.reason", message));
    }
    Ok(())
}

/// Lets pass a quality coordinator of the unit, and whoever holds the post of the process owner.
pub(super) fn require_owner(run: &mut Run<'_>) -> Result<(), Rejection> {
    let owner = &run.graph.process.owner.post;
    let holds_owner_post = run
        .context
        .origin
        .actor
        .person()
        .is_some_and(|person| run.context.office.holds_post(person, owner, run.context.origin.time));
    run.via = if holds_owner_post { Some(owner.clone()) } else { run.context.require_role(&[QUALITY_COORDINATOR])? };
    Ok(())
}

/// Ends a case before its time.
pub(super) fn cancel(run: &mut Run<'_>, reason: &str) -> Result<(), Rejection> {
    check_reason(reason)?;
    require_owner(run)?;
    if run.state.is_over() {
        return Err(Rejection::conflict("instance.over", "The case has ended."));
    }
    end(run, reason);
    Ok(())
}

/// Ends a called case because its caller no longer waits. One that has ended already is left as it is.
pub(super) fn cancel_called(run: &mut Run<'_>) {
    if !run.state.is_over() {
        end(run, "The calling case no longer waits for it.");
    }
}

fn end(run: &mut Run<'_>, reason: &str) {
    run.clear_scope(0);
    run.stop_clocks();
    run.emit(Event::InstanceCancelled { reason: reason.to_owned() });
    run.answer_caller(CallOutcome::Cancelled);
}

/// Halts a case.
pub(super) fn suspend(run: &mut Run<'_>, reason: &str) -> Result<(), Rejection> {
    check_reason(reason)?;
    require_owner(run)?;
    run.require_active()?;
    run.emit(Event::InstanceSuspended { reason: reason.to_owned() });
    Ok(())
}

/// Lets a halted case go on.
pub(super) fn resume(run: &mut Run<'_>) -> Result<(), Rejection> {
    require_owner(run)?;
    if run.state.status != InstanceStatus::Suspended {
        return Err(Rejection::conflict("instance.not-suspended", "The case is not suspended."));
    }
    run.emit(Event::InstanceResumed);
    run.catch_up_clocks();
    run.look_for_all_mail();
    Ok(())
}

pub(super) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    match event {
        Event::InstanceStarted { definition, process, number, caller, calls, norms, data } => {
            state.definition = *definition;
            state.process.clone_from(process);
            state.number.clone_from(number);
            state.started_by = origin.actor.person().cloned();
            state.caller.clone_from(caller);
            state.calls.clone_from(calls);
            state.norms.clone_from(norms);
            super::variables::put(state, 0, data);
        }
        Event::InstanceCompleted => state.status = InstanceStatus::Completed,
        Event::InstanceCancelled { .. } => state.status = InstanceStatus::Cancelled,
        Event::InstanceSuspended { .. } => state.status = InstanceStatus::Suspended,
        Event::InstanceResumed => state.status = InstanceStatus::Active,
        _ => {}
    }
}
