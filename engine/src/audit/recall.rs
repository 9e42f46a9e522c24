//! From an entry back to the command that it came from. The journal keeps what came of a command, which tells what was asked: seldom more than
//! one command could have been it, and then any of them that is decided so explains the entry.

use crate::digest::Hash;
use crate::graph::{Graph, Library, StepKind};
use crate::journal::event::CallOutcome;
use crate::journal::{Command, Entry, Event};
use crate::machine::Instance;
use crate::model::Time;
use crate::model::document::DocumentKind;
use crate::model::id::Made;

/// The due row that an entry carried out, where it says so.
pub(super) fn cause(entry: &Entry) -> Option<Made> {
    match entry.events.first() {
        Some(Event::DeliveryMade { due }) => Some(*due),
        _ => None,
    }
}

/// The commands that may have led to an entry of a case. `case` is the case before it, `graph` the definition that it went by.
pub(super) fn commands(entry: &Entry, case: &Instance, graph: &Graph, library: &Library) -> Vec<Command> {
    let now = entry.origin.time;
    let caused = cause(entry).is_some();
    match entry.kind.as_str() {
        "instance.started" => started(entry),
        "message.published" => found(entry, |event| message(event, case, graph)),
        "instance.cancelled" if caused => vec![Command::CancelCalled { called: case.id }],
        "instance.cancelled" => found(entry, |event| match event {
            Event::InstanceCancelled { reason } => Some(Command::CancelInstance { instance: case.id, reason: reason.clone() }),
            _ => None,
        }),
        "instance.suspended" => found(entry, |event| match event {
            Event::InstanceSuspended { reason } => Some(Command::SuspendInstance { instance: case.id, reason: reason.clone() }),
            _ => None,
        }),
        "instance.moved" => found(entry, |event| match event {
            Event::InstanceMoved { from, definition, mapping, authority, .. } => {
                let (from, definition, mapping, authority) = (*from, *definition, mapping.clone(), authority.clone());
                Some(Command::MoveInstance { instance: case.id, from, definition, mapping, authority })
            }
            _ => None,
        }),
        "instance.resumed" => vec![Command::ResumeInstance { instance: case.id }],
        "task.claimed" | "task.released" | "task.completed" => found(entry, task),
        "job.locked" | "job.completed" | "job.failed" => found(entry, |event| job(event, case, now)),
        "timer.fired" => {
            let fired = found(entry, |event| match event {
                Event::TimerFired { timer } => Some(Command::FireTimer { instance: case.id, timer: *timer }),
                _ => None,
            });
            // One that a changed calendar moved did not fire.
            let any = || case.timers.keys().map(|timer| Command::FireTimer { instance: case.id, timer: *timer }).collect();
            if fired.is_empty() { any() } else { fired }
        }
        "clock.advanced" => case.clocks.keys().map(|clock| Command::AdvanceClock { instance: case.id, clock: *clock }).collect(),
        "clock.reviewed" => {
            reviewed(entry, library).into_iter().map(|because| Command::ReviewClocks { instance: case.id, because }).collect()
        }
        "call.returned" => {
            let returned = found(entry, |event| match event {
                Event::CallReturned { token, called, outcome, data } => {
                    let (token, called, outcome, data) = (*token, *called, *outcome, data.clone());
                    Some(Command::ReturnCall { parent: case.id, token, called, outcome, data })
                }
                _ => None,
            });
            // Nobody waited any longer: of no token, only the delivery is noted.
            let nobody = || {
                let (token, outcome, data) = (u32::MAX, CallOutcome::Completed, crate::model::Values::new());
                vec![Command::ReturnCall { parent: case.id, token, called: case.id, outcome, data }]
            };
            if returned.is_empty() { nobody() } else { returned }
        }
        "incident.retried" => found(entry, |event| match event {
            Event::IncidentResolved { incident } => Some(Command::RetryIncident { instance: case.id, incident: *incident }),
            _ => None,
        }),
        "erasure.proposed" | "values.erased" | "erasure.rejected" | "records.held" | "records.released" => {
            found(entry, |event| records(event, case))
        }
        _ => Vec::new(),
    }
}

fn records(event: &Event, case: &Instance) -> Option<Command> {
    let instance = case.id;
    match event {
        Event::ErasureProposed { names, ground, authority } => {
            let (names, ground, authority) = (names.clone(), ground.clone(), authority.clone());
            Some(Command::ProposeErasure { instance, names, ground, authority })
        }
        Event::ValuesErased { proposal, .. } => Some(Command::ApproveErasure { instance, proposal: *proposal }),
        Event::ErasureRejected { proposal, reason } => {
            Some(Command::RejectErasure { instance, proposal: *proposal, reason: reason.clone() })
        }
        Event::RecordsHeld { ground } => Some(Command::HoldRecords { instance, ground: ground.clone() }),
        Event::RecordsReleased { reason } => Some(Command::ReleaseRecords { instance, reason: reason.clone() }),
        _ => None,
    }
}

/// What the first event says that says anything.
fn found(entry: &Entry, command: impl Fn(&Event) -> Option<Command>) -> Vec<Command> {
    entry.events.iter().find_map(command).into_iter().collect()
}

fn started(entry: &Entry) -> Vec<Command> {
    let start = entry.events.iter().find_map(|event| match event {
        Event::InstanceStarted { definition, process, number, caller, data, .. } => {
            Some((*definition, process, number, caller, data))
        }
        _ => None,
    });
    let Some((definition, process, number, caller, data)) = start else { return Vec::new() };
    let data = data.clone();
    if let Some(caller) = caller {
        return vec![Command::StartCalled {
            parent: caller.instance,
            token: caller.token,
            definition,
            depth: caller.depth,
            data,
        }];
    }
    let process = process.clone();
    let asked = Command::StartInstance {
        process: process.clone(),
        definition: Some(definition),
        number: number.clone(),
        data: data.clone(),
    };
    // By a schedule or a breach, or by the program on somebody's behalf.
    if entry.origin.actor.person().is_none() { vec![asked, Command::StartFollowing { process, data }] } else { vec![asked] }
}

fn message(event: &Event, case: &Instance, graph: &Graph) -> Option<Command> {
    let Event::MessageReceived { subscription, data, .. } = event else { return None };
    let (name, key) = if let Some(subscription) = subscription {
        let awaited = case.subscriptions.get(subscription)?;
        (awaited.name.clone(), awaited.key.clone())
    } else {
        let starts = graph.steps.iter().find_map(|step| match &step.kind {
            StepKind::Start { message, .. } => message.as_ref(),
            _ => None,
        });
        (starts?.name.clone(), String::new())
    };
    // How long it would have lived did not matter: it was received.
    Some(Command::PublishMessage { name, key, ttl_seconds: 0, data: data.clone() })
}

fn task(event: &Event) -> Option<Command> {
    match event {
        Event::TaskClaimed { task, .. } => Some(Command::ClaimTask { task: *task }),
        Event::TaskReleased { task } => Some(Command::ReleaseTask { task: *task }),
        Event::TaskCompleted { task, data, .. } => Some(Command::CompleteTask { task: *task, data: data.clone() }),
        _ => None,
    }
}

fn job(event: &Event, case: &Instance, now: Time) -> Option<Command> {
    let seconds = |until: &Time| until.0.saturating_sub(now.0) / 1_000_000;
    let worker = |job: &Made| case.jobs.get(job).and_then(|job| job.worker.clone());
    match event {
        Event::JobLocked { job, worker, until } => {
            Some(Command::LockJob { job: *job, worker: worker.clone(), seconds: seconds(until) })
        }
        Event::JobCompleted { job, data } => Some(Command::CompleteJob { job: *job, worker: worker(job)?, data: data.clone() }),
        Event::JobFailed { job, message, retries, available } => {
            let (message, retries, backoff_seconds) = (message.clone(), Some(*retries), seconds(available));
            Some(Command::FailJob { job: *job, worker: worker(job)?, message, retries, backoff_seconds })
        }
        _ => None,
    }
}

/// The documents whose change may have led to a review: the one that is named, or any that is in force where none is.
fn reviewed(entry: &Entry, library: &Library) -> Vec<Hash> {
    let named = entry.events.iter().find_map(|event| match event {
        Event::ClockMoved { because, .. } | Event::TimerMoved { because, .. } => Some(*because),
        Event::TaskMoved { because, .. } => *because,
        _ => None,
    });
    if let Some(named) = named {
        return vec![named];
    }
    let kinds = [DocumentKind::Calendar, DocumentKind::Norm];
    kinds.into_iter().flat_map(|kind| library.documents(kind)).map(|listed| listed.hash).collect()
}
