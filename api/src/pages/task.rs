//! A task: its instruction and references, its form, who has it, and the case beside it.

use std::sync::Arc;

use axum::Form as Body;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::graph::form::Form;
use engine::graph::{Graph, StepKind};
use engine::journal::{Command, Entry, Event};
use engine::machine::Instance;
use engine::machine::state::Task;
use engine::machine::task::NOTE;
use engine::model::id::Located;
use engine::model::reading::Through;
use engine::model::{InstanceId, Text, Values};
use maud::{Markup, html};

use super::form::{Control, FormView};
use super::frame::Frame;
use super::parts::{self, Tone};
use super::posted::{Posted, Shape, choices, property, shape, text};
use super::refused::{Refused, refusal, status_of};
use super::say::log_of;
use super::visit::{Visit, case_name, go, page, page_as};
use super::words::Words;
use super::{history, reads};
use crate::app::reading::{self, Closed, Opened, Place};
use crate::app::{App, ladder};

/// A task, found by the entry that made it, so that it is found after it was done too.
pub(super) struct Found {
    id: Located,
    case: Instance,
    graph: Arc<Graph>,
    step: String,
    open: Option<Task>,
    history: Vec<Entry>,
    log: String,
    /// Whether personal values are kept back, since it cannot be recorded that they are read.
    unrecorded: bool,
}

/// The task, with the personal values that its page shows where `shown`.
async fn find(visit: &Visit, id: &str, shown: bool) -> Result<Found, Refused> {
    let who = visit.identity()?;
    let id: Located = id.parse().map_err(|_| Refused::NotFound)?;
    let entry = reading::entry(visit.engine(), &id.unit, id.made.command).await?.ok_or(Refused::NotFound)?;
    let step = entry.events.iter().find_map(|event| match event {
        Event::TaskCreated { ordinal, step, .. } | Event::ClockEscalated { ordinal, step, .. } if *ordinal == id.made.ordinal => {
            Some(step.clone())
        }
        _ => None,
    });
    let (Some(step), Some(link)) = (step, entry.link) else { return Err(Refused::NotFound) };
    let case = InstanceId { unit: id.unit.clone(), command: link.instance };
    let mut closed = Closed::load(visit.engine(), &case, None).await?.ok_or(Refused::NotFound)?;
    let open = closed.case().tasks.get(&id.made).cloned();
    let is_only = open.as_ref().is_some_and(|task| task.only.as_ref() == Some(&who.0.id));
    if !is_only && !visit.reads(&id.unit, closed.case().started_by.as_ref()) {
        return Err(Refused::Forbidden);
    }
    let graph = Arc::clone(&visit.library.get(&closed.case().definition).ok_or(Refused::NotFound)?.graph);
    closed.read_history(visit.engine(), 1, usize::MAX).await?;
    let log = log_of(visit, &id.unit).await?;
    // The data of the case; with them those that the open task's form begins with, or those that were entered when it was done.
    let closing = closed.history().iter().position(|entry| closes(entry, &id));
    let is_open = open.is_some();
    let is_shown = |place: Place, _: &str| match place {
        Place::Scope(number) => number == 0 || is_open,
        Place::Entry(at, _) => !is_open && closing == Some(at),
    };
    let opened = if shown { closed.open(&visit.app, who, Through::TaskPage, is_shown).await } else { closed.unopened() };
    let Opened { case, history, unrecorded, .. } = opened;
    Ok(Found { id, case, graph, step, open, history, log, unrecorded: unrecorded.is_some() })
}

/// Whether an entry ended a task.
fn closes(entry: &Entry, id: &Located) -> bool {
    entry.events.iter().any(|event| match event {
        Event::TaskCompleted { task, .. } | Event::TaskCancelled { task } => *task == id.made,
        _ => false,
    })
}

impl Found {
    fn form(&self) -> Option<&Form> {
        let step = self.graph.step(&self.step)?;
        match &self.graph.steps[step].kind {
            StepKind::UserTask { form: Some(form), .. } => self.graph.forms.get(form),
            _ => None,
        }
    }

    /// Values of the case to begin with.
    fn begin(&self, w: &Words) -> Posted {
        let Some(form) = self.form() else { return Posted::new() };
        let scope = self.open.as_ref().and_then(|task| self.case.tokens.get(&task.token?)).map_or(0, |token| token.scope);
        begin(w, &self.graph, form, &self.case, scope)
    }
}

/// Values of a case to begin a form with, as a scope sees them. Decisions are left open: they are to be made anew.
pub(super) fn begin(w: &Words, graph: &Graph, form: &Form, case: &Instance, scope: u32) -> Posted {
    let names = form.properties().filter_map(|name| {
        let schema = property(&form.schema, name)?;
        if choices(schema).is_some() || shape(schema) == Shape::Boolean {
            return None;
        }
        let value = match case.variable(scope, name)? {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::Array(_) => w.value(graph, name, case.variable(scope, name)?),
            _ => return None,
        };
        Some((format!("f-{name}"), value))
    });
    names.collect()
}

/// A variable's title and help.
pub(super) fn titles<'a>(graph: &'a Graph, name: &str) -> (Option<&'a Text>, Option<&'a Text>) {
    let declared = graph.scopes.iter().find_map(|scope| scope.variables.get(name)).map(|variable| &variable.declared);
    declared.map_or((None, None), |declared| (declared.title.as_ref(), declared.help.as_ref()))
}

/// The page of a task.
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = async {
        let found = find(&visit, &id, true).await?;
        let posted = found.begin(&visit.w);
        page(view(&visit, &found, &posted, &Failed::default()))
    };
    visit.answer(answer.await)
}

/// Takes the task.
pub(super) async fn claim(visit: Visit, Path(id): Path<String>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        let id: Located = id.parse().map_err(|_| Refused::NotFound)?;
        match visit.submit(&id.unit, text(&posted, "key"), Command::ClaimTask { task: id.made }).await {
            Ok(_) => go(&format!("/tasks/{id}")),
            // Whoever has it already is where they wanted to be.
            Err(refused) if refused.rejection().is_some_and(|rejection| rejection.code == "task.already-yours") => {
                go(&format!("/tasks/{id}"))
            }
            Err(refused) => Err(refused),
        }
    };
    visit.answer(answer.await)
}

/// Gives the task back.
pub(super) async fn release(visit: Visit, Path(id): Path<String>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        let id: Located = id.parse().map_err(|_| Refused::NotFound)?;
        visit.submit(&id.unit, text(&posted, "key"), Command::ReleaseTask { task: id.made }).await?;
        go(&format!("/tasks/{id}"))
    };
    visit.answer(answer.await)
}

/// Completes the task with its form; a refusal shows the form again with what was wrong.
pub(super) async fn complete(State(_): State<App>, visit: Visit, Path(id): Path<String>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        let found = find(&visit, &id, false).await?;
        let key = text(&posted, "key").to_owned();
        let lookup = |name: &str| titles(&found.graph, name);
        let data = match found.form() {
            Some(form) => FormView::new(form, &lookup, posted.clone()).data(),
            None => note(&found, &posted),
        };
        let command = Command::CompleteTask { task: found.id.made, data };
        match visit.submit(&found.id.unit, &key, command).await {
            Ok(_) => go(&format!("/tasks/{}", found.id)),
            Err(refused) => {
                let Some(rejection) = refused.rejection().filter(|_| found.open.is_some()).cloned() else { return Err(refused) };
                let status = status_of(&rejection);
                let found = find(&visit, &id, true).await?;
                let failed = Failed { rejection: Some(rejection), key: Some(key) };
                page_as(status, view(&visit, &found, &posted, &failed))
            }
        }
    };
    visit.answer(answer.await)
}

/// The note of a task that a clock's ladder gave.
fn note(found: &Found, posted: &Posted) -> Values {
    let text = text(posted, NOTE).trim();
    let has_note = ladder::gave(&found.step) && !text.is_empty();
    has_note.then(|| (NOTE.to_owned(), text.into())).into_iter().collect()
}

/// What went wrong, and the key to be sent again.
#[derive(Default)]
struct Failed {
    rejection: Option<engine::machine::Rejection>,
    key: Option<String>,
}

fn view(visit: &Visit, found: &Found, posted: &Posted, failed: &Failed) -> Markup {
    let w = &visit.w;
    let authored = found.graph.step(&found.step).and_then(|step| found.graph.authored(step));
    let title = w.step(&found.graph, &found.step);
    let case = case_name(found.case.number.as_deref(), found.case.id);
    let case_href = format!("/cases/{}", InstanceId { unit: found.id.unit.clone(), command: found.case.id });
    let process = w.text(&found.graph.process.title);
    let body = html! {
        @if found.unrecorded { (reads::unrecorded(w)) }
        div class="columns" {
            div {
                (failure(visit, found, posted, failed))
                @if let Some(help) = authored.and_then(|step| step.help.as_ref()) {
                    section class="instruction" aria-labelledby="instruction" {
                        h2 id="instruction" { (w.say("instruction")) }
                        p { (w.text(help)) }
                        @if let Some(step) = authored.filter(|step| !step.reference.is_empty()) {
                            p class="soft" { (w.say("references")) ": " (step.reference.join(" · ")) }
                        }
                    }
                }
                (work(visit, found, posted, failed))
            }
            aside aria-labelledby="beside" {
                h2 id="beside" { (w.say("about-case")) }
                dl class="facts" {
                    div { dt { (w.say("process")) } dd { (process) } }
                    div { dt { (w.say("case")) } dd { a href=(case_href) { (case) } } }
                    @if let Some(task) = &found.open {
                        div { dt { (w.say("offered-to")) } dd { (w.role(&task.role)) } }
                        div { dt { (w.say("since")) } dd { (parts::time(w, task.created)) } }
                        div { dt { (w.say("due")) } dd { (parts::due(w, task.due, visit.now)) } }
                    }
                    @if let Some(due) = authored.and_then(|step| step.due.as_ref()) {
                        div {
                            dt { (w.say("time-source")) }
                            dd {
                                (w.due(&found.graph, due))
                                @if let Some(source) = &due.source { ": " span lang="en" { (source) } }
                                @if !due.verified { " " (parts::tag(Tone::Warning, &w.say("unverified"))) }
                            }
                        }
                    }
                    @if let Some(record) = authored.and_then(|step| step.record.as_ref()) {
                        div { dt { (w.say("record")) } dd { (w.record(record)) } }
                    }
                }
                (data_so_far(visit, found))
                (short_history(visit, found, &case_href))
            }
        }
    };
    Frame::new(visit, &title)
        .wide()
        .failed(failed.rejection.is_some())
        .under(w.say("nav-inbox"), "/")
        .over(format!("{process} · {case}"))
        .show(&body)
}

fn failure(visit: &Visit, found: &Found, posted: &Posted, failed: &Failed) -> Markup {
    let Some(rejection) = &failed.rejection else { return html! {} };
    let lookup = |name: &str| titles(&found.graph, name);
    match found.form() {
        Some(form) if !rejection.problems.is_empty() => {
            FormView::new(form, &lookup, posted.clone()).wrong(rejection.problems.clone()).summary(&visit.w)
        }
        _ => refusal(&visit.w, rejection),
    }
}

/// What can be done now: claim it, fill it in, or see that it is done.
fn work(visit: &Visit, found: &Found, posted: &Posted, failed: &Failed) -> Markup {
    let w = &visit.w;
    let Some(task) = &found.open else { return done(visit, found) };
    let me = visit.person().map(|person| &person.id);
    let mine = task.claim.as_ref().is_some_and(|claim| Some(&claim.person) == me);
    let lookup = |name: &str| titles(&found.graph, name);
    let view = |form| FormView::new(form, &lookup, posted.clone());
    let suspended = found.case.status == engine::model::InstanceStatus::Suspended;
    html! {
        @if suspended { (parts::notice(Tone::Warning, &w.say("case-suspended"), &w.say("case-suspended-todo"))) }
        @if let Some(claim) = &task.claim {
            @let post = claim.post.as_ref().map(|post| visit.post_title(post));
            p class="holder" {
                @if mine { (parts::tag(Tone::Active, &w.say("yours"))) } @else { (parts::tag(Tone::Quiet, &w.say("taken"))) }
                " " strong { (visit.name(&claim.person)) }
                @if let Some(post) = post { ", " (post) }
                @if let Some(order) = claim.appointment.and_then(|made| visit.office.appointments.get(&made)) {
                    " (" (order.order) ")"
                }
            }
        }
        @if mine {
            form id="work" method="post" action={ "/tasks/" (found.id) "/complete" } novalidate data-guard {
                @if let Some(key) = &failed.key { (parts::same_key_field(key)) } @else { (parts::key_field(visit)) }
                @if let Some(form) = found.form() {
                    h2 { (form.authored.title.as_ref().map_or_else(|| w.say("form"), |title| w.text(title).to_owned())) }
                    @let problems = failed.rejection.as_ref().map(|rejection| rejection.problems.clone()).unwrap_or_default();
                    (view(form).wrong(problems).fields(w))
                } @else if ladder::gave(&found.step) {
                    p { (w.say("escalation-help")) }
                    (Control { name: NOTE.to_owned(), label: w.say("escalation-note"), ..Control::default() }.textarea(w, 3))
                } @else {
                    p { (w.say("no-form")) }
                }
                div class="actions" { button class="main" { (w.say("complete")) } }
            }
            form method="post" action={ "/tasks/" (found.id) "/release" } {
                (parts::key_field(visit))
                button class="plain" { (w.say("release")) }
            }
        } @else if task.claim.is_none() {
            form class="claim" method="post" action={ "/tasks/" (found.id) "/claim" } {
                (parts::key_field(visit))
                p { (w.say("claim-first")) }
                button class="main" { (w.say("claim")) }
            }
            @if let Some(form) = found.form() {
                details {
                    summary { (w.say("form-preview")) }
                    ul { @for label in view(form).labels(w) { li { (label) } } }
                }
            }
        } @else {
            p { (w.say("taken-todo")) }
        }
    }
}

/// That the task is done, by whom, and what comes next.
fn done(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    let told = history::tell(visit, &found.graph, &found.history);
    let closing = told.iter().find(|one| closes(one.entry, &found.id));
    let unit = &found.id.unit;
    html! {
        @if let Some(one) = closing {
            div class="notice done" role="status" {
                p class="notice-title" { (one.what) }
                p { (history::actor(visit, one.entry)) " · " (parts::time(w, one.entry.origin.time)) }
                @if !one.then.is_empty() { ul { @for then in &one.then { li { (then) } } } }
            }
            details {
                summary { (w.say("receipt")) }
                (parts::receipt(w, &found.log, one.entry))
            }
            @if let Some(data) = one.data {
                details { summary { (w.say("told-data")) } (history::facts(visit, &found.graph, data)) }
            }
        }
        @if !found.case.tasks.is_empty() {
            h2 { (w.say("next-in-case")) }
            ul class="links" {
                @for (id, task) in &found.case.tasks {
                    li {
                        a href={ "/tasks/" (Located { unit: unit.clone(), made: *id }) } { (w.step(&found.graph, &task.step)) }
                        " – " (w.role(&task.role))
                    }
                }
            }
        }
        p { a class="button plain" href="/" { (w.say("to-inbox")) } }
    }
}

fn data_so_far(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    let values = found.case.scopes.get(&0).map(|scope| &scope.variables).filter(|values| !values.is_empty());
    html! {
        @if let Some(values) = values {
            details { summary { (w.say("data")) } (history::facts(visit, &found.graph, values)) }
        }
    }
}

fn short_history(visit: &Visit, found: &Found, case_href: &str) -> Markup {
    let w = &visit.w;
    let told = history::tell(visit, &found.graph, &found.history);
    html! {
        details {
            summary { (w.say("history")) }
            ol class="timeline" reversed {
                @for one in told.iter().rev().take(5) {
                    li {
                        p class="when" { (parts::time(w, one.entry.origin.time)) }
                        p class="what" { (one.what) }
                        p class="by" { (history::actor(visit, one.entry)) }
                    }
                }
            }
            p { a href={ (case_href) "#history" } { (w.say("history-all")) } }
        }
    }
}
