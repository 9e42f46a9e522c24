//! The history of a case in words: who did what, when, by which post, and the receipt of each entry.

use std::collections::HashMap;
use std::sync::Arc;

use engine::graph::{Graph, StepKind};
use engine::journal::{Actor, Entry, Event};
use engine::model::id::Made;
use engine::model::{Time, Values};
use maud::{Markup, html};

use super::parts;
use super::say::key;
use super::visit::Visit;
use super::words::Words;

/// One entry in words.
pub(super) struct Told<'a> {
    /// The entry.
    pub(super) entry: &'a Entry,
    /// What happened.
    pub(super) what: String,
    /// What followed from it.
    pub(super) then: Vec<String>,
    /// Values that were given.
    pub(super) data: Option<&'a Values>,
}

/// The entries of a case in words, oldest first.
pub(super) fn tell<'a>(visit: &Visit, graph: &Graph, history: &'a [Entry]) -> Vec<Told<'a>> {
    let mut steps = HashMap::new();
    // What came before a move is told under the version of then.
    let of =
        |entry: &Entry| entry.definition.and_then(|hash| visit.library.get(&hash)).map(|deployed| Arc::clone(&deployed.graph));
    let mut told = Vec::new();
    for entry in history {
        note_steps(&mut steps, entry);
        told.push(tell_one(visit, of(entry).as_deref().unwrap_or(graph), &steps, entry));
    }
    told
}

/// Takes in the steps of the things that a command made: tasks, jobs, timers, messages waited for. A move names them anew.
fn note_steps(steps: &mut HashMap<Made, String>, entry: &Entry) {
    for event in &entry.events {
        match event {
            Event::TaskCreated { ordinal, step, .. }
            | Event::JobCreated { ordinal, step, .. }
            | Event::TimerArmed { ordinal, step, .. }
            | Event::ClockEscalated { ordinal, step, .. }
            | Event::SubscriptionOpened { ordinal, step, .. } => {
                steps.insert(Made { command: entry.origin.command, ordinal: *ordinal }, step.clone());
            }
            Event::InstanceMoved { mapping, .. } => {
                for step in steps.values_mut() {
                    if let Some(to) = mapping.steps.get(step) {
                        step.clone_from(to);
                    }
                }
            }
            _ => {}
        }
    }
}

fn tell_one<'a>(visit: &Visit, graph: &Graph, steps: &HashMap<Made, String>, entry: &'a Entry) -> Told<'a> {
    let w = &visit.w;
    let title = |made: &Made| steps.get(made).map_or_else(String::new, |step| w.step(graph, step));
    let about = |name: &'static str, made: &Made| w.with(name, &[("step", &title(made))]);
    let mut what = None;
    let mut then = Vec::new();
    let mut data = None;
    for event in &entry.events {
        match event {
            Event::InstanceStarted { data: given, .. } => {
                what = Some(w.say("told-started"));
                data = Some(given);
            }
            Event::TaskClaimed { task, .. } => what = Some(about(key("told-claimed"), task)),
            Event::TaskReleased { task } => what = Some(about(key("told-released"), task)),
            Event::TaskCompleted { task, data: given, .. } => {
                what = Some(about(key("told-completed"), task));
                data = Some(given);
            }
            Event::JobLocked { job, worker, .. } => {
                what = Some(w.with("told-job-locked", &[("step", &title(job)), ("worker", worker)]));
            }
            Event::JobCompleted { job, data: given } => {
                what = Some(about(key("told-job-completed"), job));
                data = Some(given);
            }
            Event::JobFailed { job, message, .. } => {
                what = Some(w.with("told-job-failed", &[("step", &title(job)), ("message", message)]));
            }
            Event::TimerFired { timer } => what = Some(about(key("told-timer-fired"), timer)),
            Event::MessageReceived { data: given, .. } => {
                what = what.or_else(|| Some(w.say("told-message")));
                data = Some(given);
            }
            Event::CallReturned { data: given, .. } => {
                what = Some(w.say("told-call-returned"));
                data = Some(given);
            }
            Event::InstanceSuspended { reason } => what = Some(w.with("told-suspended", &[("reason", reason)])),
            Event::InstanceMoved { definition, authority, .. } => {
                let version = visit.library.get(definition).map_or_else(String::new, |deployed| deployed.version.to_string());
                let told = [("version", version.as_str()), ("order", &authority.order), ("reason", &authority.reason)];
                what = Some(w.with("told-moved", &told));
                if let Some(consent) = &authority.consent {
                    let told = [("by", consent.by.as_str()), ("date", &w.date(consent.date)), ("record", &consent.record)];
                    then.push(w.with("told-consent", &told));
                }
            }
            Event::TaskMapped { step, .. } | Event::JobMapped { step, .. } => {
                then.push(w.with("told-mapped", &[("step", &w.step(graph, step))]));
            }
            Event::ClockEnded { .. } => then.push(w.say("told-clock-ended")),
            Event::InstanceResumed => what = Some(w.say("told-resumed")),
            Event::InstanceCancelled { reason } => what = Some(w.with("told-cancelled", &[("reason", reason)])),
            Event::ErasureProposed { ground, .. } => what = Some(w.with("told-erasure-proposed", &[("reason", ground)])),
            Event::ErasureRejected { reason, .. } => what = Some(w.with("told-erasure-rejected", &[("reason", reason)])),
            Event::ValuesErased { names, authority, .. } => {
                let names: Vec<String> = names.iter().map(|name| w.variable(graph, name)).collect();
                what = Some(w.with("told-erased", &[("names", &names.join(", ")), ("authority", authority)]));
            }
            Event::RecordsHeld { ground } => what = Some(w.with("told-held", &[("reason", ground)])),
            Event::RecordsReleased { reason } => what = Some(w.with("told-released-records", &[("reason", reason)])),
            Event::IncidentResolved { .. } => what = Some(w.say("told-retried")),
            Event::InstanceCompleted => then.push(w.say("told-ended")),
            Event::TaskCreated { step, role, due, .. } => {
                then.push(offered(visit, &w.step(graph, step), role, *due));
            }
            Event::TaskCancelled { task } => then.push(about(key("told-withdrawn"), task)),
            Event::JobCreated { step, .. } => then.push(w.with("told-job-created", &[("step", &w.step(graph, step))])),
            Event::TimerArmed { step, due, .. } => {
                then.push(w.with("told-timer-armed", &[("step", &w.step(graph, step)), ("time", &w.time(*due))]));
            }
            Event::TaskMoved { step, due, .. } => {
                let due = due.map_or_else(|| w.say("due-none"), |due| w.time(due));
                then.push(w.with("told-task-moved", &[("step", &w.step(graph, step)), ("due", &due)]));
            }
            Event::TimerMoved { timer, before, due, .. } => {
                what = Some(w.say("told-clock-moved"));
                let told = [("step", title(timer)), ("before", w.time(*before)), ("after", w.time(*due))];
                then.push(w.with("told-timer-moved", &told.each_ref().map(|(name, value)| (*name, value.as_str()))));
            }
            Event::SubscriptionOpened { step, .. } => then.push(w.with("told-waits", &[("step", &w.step(graph, step))])),
            Event::MessageThrown { name, .. } => then.push(w.with("told-thrown", &[("name", name)])),
            Event::CallRequested { .. } => then.push(w.say("told-call")),
            Event::TaskReassigned { task, role, .. } => {
                then.push(w.with("told-reassigned", &[("step", &title(task)), ("role", &w.role(role))]));
            }
            Event::ClockStarted { reckoning, .. } => then.push(until(w, key("told-clock-started"), reckoning.due)),
            Event::ClockRested { reckoning, .. } => then.push(until(w, key("told-clock-rested"), reckoning.due)),
            Event::ClockResumed { reckoning, .. } => then.push(until(w, key("told-clock-resumed"), reckoning.due)),
            Event::ClockExtended { reckoning, .. } => then.push(until(w, key("told-clock-extended"), reckoning.due)),
            Event::ClockLimited { reckoning, .. } => then.push(until(w, key("told-clock-limited"), reckoning.due)),
            Event::ClockReplied { .. } => then.push(w.say("told-clock-replied")),
            Event::ClockStopped { .. } => then.push(w.say("told-clock-stopped")),
            Event::ClockMoved { before, reckoning, .. } => {
                what = Some(w.say("told-clock-moved"));
                if *before == reckoning.due {
                    then.push(w.say("told-clock-same"));
                    continue;
                }
                let day = |at: &Option<Time>| at.map_or_else(|| w.say("due-none"), |at| w.time(at));
                then.push(w.with("told-clock-moved-from", &[("before", &day(before)), ("after", &day(&reckoning.due))]));
            }
            Event::ClockWarned { .. } => what = what.or_else(|| Some(w.say("told-clock-warned"))),
            Event::ClockBreached { .. } => what = Some(w.say("told-clock-breached")),
            Event::ClockEscalated { step, role, .. } => {
                what = what.or_else(|| Some(w.say("told-clock-escalated")));
                then.push(offered(visit, &w.step(graph, step), role, None));
            }
            Event::CaseRequested { process, .. } => {
                then.push(w.with("told-case-requested", &[("process", &visit.process_title(process))]));
            }
            Event::IncidentRaised { message, .. } => then.push(w.with("told-incident", &[("message", message)])),
            _ => {}
        }
    }
    Told { entry, what: what.unwrap_or_else(|| entry.kind.clone()), then, data: data.filter(|data| !data.is_empty()) }
}

/// What became of a clock, with its deadline where it has one.
fn until(w: &Words, told: &'static str, due: Option<Time>) -> String {
    let told = w.say(told);
    match due {
        Some(due) => format!("{told}: {}", w.time(due)),
        None => told,
    }
}

fn offered(visit: &Visit, step: &str, role: &str, due: Option<Time>) -> String {
    let w = &visit.w;
    let role = w.role(role);
    match due {
        Some(due) => w.with("told-offered-due", &[("step", step), ("role", &role), ("date", &w.date(w.day(due)))]),
        None => w.with("told-offered", &[("step", step), ("role", &role)]),
    }
}

/// Who acted, and by which post.
pub(super) fn actor(visit: &Visit, entry: &Entry) -> Markup {
    let w = &visit.w;
    html! {
        @match &entry.origin.actor {
            Actor::Person(person) => {
                strong { (visit.name(person)) }
                @if let Some(post) = &entry.via { ", " (visit.post_title(post)) }
            }
            Actor::System => strong { (w.say("actor-system")) }
        }
    }
}

/// The timeline, newest first. What has no log has no receipts.
pub(super) fn timeline(visit: &Visit, graph: &Graph, log: Option<&str>, told: &[Told<'_>]) -> Markup {
    let w = &visit.w;
    html! {
        ol class="timeline" reversed {
            @for one in told.iter().rev() {
                li {
                    p class="when" { (parts::time(w, one.entry.origin.time)) }
                    p class="what" { (one.what) }
                    p class="by" { (actor(visit, one.entry)) }
                    @if !one.then.is_empty() { ul class="then" { @for then in &one.then { li { (then) } } } }
                    @if let Some(data) = one.data {
                        details { summary { (w.say("told-data")) } (facts(visit, graph, data)) }
                    }
                    @if let Some(log) = log { details { summary { (w.say("receipt")) } (parts::receipt(w, log, one.entry)) } }
                }
            }
        }
    }
}

/// Values with their labels.
pub(super) fn facts(visit: &Visit, graph: &Graph, values: &Values) -> Markup {
    let w = &visit.w;
    let order = asked_in_order(graph);
    let mut known: Vec<_> = values.iter().filter(|(_, value)| !value.is_null()).collect();
    known.sort_by_key(|(name, _)| order.get(name.as_str()).copied().unwrap_or(usize::MAX));
    html! {
        dl class="facts" {
            @for (name, value) in known {
                div { dt { (w.variable(graph, name)) } dd class="lines" { (w.value(graph, name, value)) } }
            }
        }
    }
}

/// Variables in the order in which the forms of the steps ask for them.
pub(super) fn asked_in_order(graph: &Graph) -> HashMap<&str, usize> {
    let mut order = HashMap::new();
    for step in &graph.steps {
        let (StepKind::Start { form: Some(form), .. } | StepKind::UserTask { form: Some(form), .. }) = &step.kind else {
            continue;
        };
        let sections = graph.forms.get(form).into_iter().flat_map(|form| &form.authored.layout);
        for field in sections.flat_map(|section| &section.fields) {
            let next = order.len();
            order.entry(field.name.as_str()).or_insert(next);
        }
    }
    order
}
