//! A case: where it stands, who has what, its data, what stopped it, its history; and the slip of its receipt.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Form as Body;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use engine::graph::{Graph, StepKind};
use engine::journal::{Command, Entry};
use engine::machine::Instance;
use engine::machine::definition::QUALITY_COORDINATOR;
use engine::model::id::{Located, Made};
use engine::model::reading::Through;
use engine::model::{CommandId, InstanceId, InstanceStatus, Time};
use maud::{Markup, html};

use super::file_proof::{Sealed, seal};
use super::form::Control;
use super::frame::Frame;
use super::parts::{self, Tone};
use super::past::{self, AsOf};
use super::posted::{Posted, text};
use super::qr::{self, qr};
use super::refused::{Refused, refusal, status_of};
use super::say::log_of;
use super::visit::{Answer, Visit, case_name, go, page, page_as};
use super::{clocks, custody, history, reads, records, words};
use crate::app::App;
use crate::app::drawing::{Stand, drawing};
use crate::app::readers::{self, Readings};
use crate::app::reading::{Closed, Opened, Place};

/// A case with what is told about it.
pub(super) struct Found {
    /// Its id.
    pub(super) id: InstanceId,
    /// How it stands.
    pub(super) case: Instance,
    /// Its definition.
    pub(super) graph: Arc<Graph>,
    /// The version of that.
    pub(super) version: u32,
    /// Its entries, oldest first.
    pub(super) history: Vec<Entry>,
    /// The origin of its log.
    pub(super) log: String,
    /// The instant of the past as of which it is told.
    pub(super) past: Option<Time>,
    /// Personal variables of which values are kept back.
    pub(super) hidden: BTreeSet<String>,
    /// Whether they are since it cannot be recorded that they are read.
    pub(super) unrecorded: bool,
    /// Who has read some, on the page of a case, for those who look after that.
    pub(super) readings: Option<Readings>,
}

/// A case that the visitor may read, as it stands or stood; with its personal values where they are shown through something, once that is on record.
pub(super) async fn find(visit: &Visit, id: &str, past: Option<Time>, through: Option<Through>) -> Result<Found, Refused> {
    let who = visit.identity()?;
    let id: InstanceId = id.parse().map_err(|_| Refused::NotFound)?;
    let mut closed = Closed::load(visit.engine(), &id, past).await?.ok_or(Refused::NotFound)?;
    if !visit.reads(&id.unit, closed.case().started_by.as_ref()) {
        return Err(Refused::Forbidden);
    }
    // It may have been moved since: then it is told by the version that it had.
    let deployed = visit.library.get(&closed.case().definition).ok_or(Refused::NotFound)?;
    let (graph, version) = (Arc::clone(&deployed.graph), deployed.version);
    closed.read_history(visit.engine(), 1, usize::MAX).await?;
    let log = log_of(visit, &id.unit).await?;
    let Opened { case, history, hidden, unrecorded } = match through {
        // The slip shows what was lodged, and no more.
        Some(Through::Slip) => closed.open(&visit.app, who, Through::Slip, |place, _| place == Place::Entry(0, 0)).await,
        Some(through) => closed.open(&visit.app, who, through, |_, _| true).await,
        None => closed.unopened(),
    };
    let is_told = through == Some(Through::CasePage) && past.is_none() && reads::may_look(visit, &id.unit);
    let readings = if is_told { Some(readers::of_case(&visit.app, &id, None, reads::SHOWN).await?) } else { None };
    Ok(Found { id, case, graph, version, history, log, past, hidden, unrecorded: unrecorded.is_some(), readings })
}

/// The page of a case, as it stands or as it stood.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(as_of): Query<AsOf>) -> Response {
    let answer = async {
        let found = find(&visit, &id, as_of.instant(&visit), Some(Through::CasePage)).await?;
        page(view(&visit, &found, &html! {}))
    };
    visit.answer(answer.await)
}

/// The page again, where only its answer was asked for: by a change of language after a refusal.
pub(super) async fn back(Path((id, _)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/cases/{}", parts::encode(&id)))
}

/// Ends, halts or resumes a case, tries an incident again, or decides about its records.
pub(super) async fn act(visit: Visit, Path((id, what)): Path<(String, String)>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        let found = find(&visit, &id, None, None).await?;
        let instance = found.id.command;
        let reason = text(&posted, "reason").trim().to_owned();
        let command = match what.as_str() {
            "cancel" => Command::CancelInstance { instance, reason },
            "suspend" => Command::SuspendInstance { instance, reason },
            "resume" => Command::ResumeInstance { instance },
            "erase" => {
                let (ground, authority) =
                    (text(&posted, "ground").trim().to_owned(), text(&posted, "authority").trim().to_owned());
                Command::ProposeErasure { instance, names: Vec::new(), ground, authority }
            }
            "approve-erasure" => Command::ApproveErasure { instance, proposal: proposal(&posted)? },
            "reject-erasure" => Command::RejectErasure { instance, proposal: proposal(&posted)?, reason },
            "hold" => Command::HoldRecords { instance, ground: text(&posted, "ground").trim().to_owned() },
            "release-records" => Command::ReleaseRecords { instance, reason },
            "retry" => {
                let incident: Made = text(&posted, "incident").parse().map_err(|_| Refused::NotFound)?;
                Command::RetryIncident { instance, incident }
            }
            _ => return Err(Refused::NotFound),
        };
        match visit.submit(&found.id.unit, text(&posted, "key"), command).await {
            Ok(_) => go(&format!("/cases/{}", found.id)),
            Err(refused) => {
                let Some(rejection) = refused.rejection().cloned() else { return Err(refused) };
                let found = find(&visit, &id, None, Some(Through::CasePage)).await?;
                page_as(status_of(&rejection), view(&visit, &found, &refusal(&visit.w, &rejection)))
            }
        }
    };
    visit.answer(answer.await)
}

/// The erasure that a form is about.
fn proposal(posted: &Posted) -> Result<CommandId, Refused> {
    text(posted, "proposal").parse().map_err(|_| Refused::NotFound)
}

fn view(visit: &Visit, found: &Found, message: &Markup) -> Markup {
    // What is late, and who holds a post, is told as of then, too; the page itself is of now.
    let (now, then) = (visit, found.past.map(|at| visit.as_of(at)));
    let visit = then.as_ref().unwrap_or(visit);
    let w = &visit.w;
    let process = w.text(&found.graph.process.title);
    let title = case_name(found.case.number.as_deref(), found.case.id);
    let held = custody::held(visit, &found.history);
    let path = format!("/cases/{}", found.id);
    let body = html! {
        (message)
        @if found.unrecorded { (reads::unrecorded(w)) }
        (past::note(visit, &path, found.past))
        (facts(visit, found))
        (clocks::section(visit, Some(&found.id), &found.case, &held))
        section aria-labelledby="stand" {
            h2 id="stand" { (w.say("where-it-stands")) }
            (legend(w))
            (parts::diagram(w, &picture(visit, found)))
        }
        (incidents(visit, found))
        (tasks(visit, found))
        (waits(visit, found))
        section aria-labelledby="data" {
            h2 id="data" { (w.say("data")) }
            @for (number, scope) in found.case.scopes.iter().filter(|(number, scope)| **number == 0 || !scope.variables.is_empty()) {
                @if let Some(step) = &scope.step {
                    h3 { (w.step(&found.graph, step)) @if found.case.scopes.len() > 2 { " (" (number) ")" } }
                }
                @if scope.variables.is_empty() {
                    p class="none" { (w.say("data-none")) }
                } @else {
                    (history::facts(visit, &found.graph, &scope.variables))
                }
            }
        }
        (records::section(visit, &found.id, &found.case, &found.graph, found.past))
        (custody::section(visit, &found.id.unit, &held))
        (reads::section(visit, found))
        section aria-labelledby="history" {
            h2 id="history" { (w.say("history")) }
            (history::timeline(visit, &found.graph, Some(&found.log), &history::tell(visit, &found.graph, &found.history)))
            (past::form(visit, &path, found.past))
        }
        (actions(visit, found))
    };
    Frame::new(now, &title)
        .wide()
        .under(w.say("cases"), format!("/cases?unit={}", found.id.unit))
        .over(process)
        .beside(parts::status_tag(w, found.case.status))
        .show(&body)
}

fn facts(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    let process = &found.graph.process;
    html! {
        dl class="facts across" {
            div { dt { (w.say("unit")) } dd { (visit.unit_title(&found.id.unit)) } }
            div {
                dt { (w.say("process")) }
                dd {
                    a href={ "/definitions/" (process.id) "/" (found.version) } {
                        (w.text(&process.title)) " (" (w.with("version", &[("n", &found.version.to_string())])) ")"
                    }
                }
            }
            div { dt { (w.say("owner")) } dd { (visit.post_title(&process.owner.post)) } }
            @if let Some(first) = found.history.first() {
                div {
                    dt { (w.say("started")) }
                    dd { (parts::time(w, first.origin.time)) br; (history::actor(visit, first)) }
                }
            }
            // A state that an older program kept does not tell it.
            @let last = found.history.last().filter(|_| found.case.is_over()).map(|last| last.origin.time);
            @if let Some(ended) = found.case.records.ended.or(last) {
                div { dt { (w.say("ended")) } dd { (parts::time(w, ended)) } }
            }
            div { dt { (w.say("receipt")) } dd { a href={ "/cases/" (found.id) "/receipt" } { (w.say("receipt-slip")) } } }
            div {
                dt { (w.say("file-title")) }
                dd {
                    @let on = past::query(visit, found.past).map(|query| format!("?{query}")).unwrap_or_default();
                    a href={ "/cases/" (found.id) "/file.pdf" (on) } type="application/pdf" { (w.say("file-print")) }
                }
            }
        }
        @if !process.verified { p { (parts::tag(Tone::Warning, &w.say("not-verified"))) } }
    }
}

/// What the marks of the diagram mean, in words and shapes.
pub(super) fn legend(w: &words::Words) -> Markup {
    html! {
        p class="legend" {
            (parts::tag(Tone::Done, &w.say("mark-done"))) " "
            (parts::tag(Tone::Active, &w.say("mark-active"))) " "
            (parts::tag(Tone::Problem, &w.say("mark-problem")))
        }
    }
}

fn picture(visit: &Visit, found: &Found) -> crate::diagram::Diagram {
    let stand = Stand::of(&found.graph, &found.case, &found.history);
    let mut diagram = drawing(&found.graph, visit.w.language, Some(&stand));
    name_roles(visit, &found.graph, &mut diagram);
    for (id, task) in &found.case.tasks {
        if let Some(node) = found.graph.step(&task.step).and_then(|step| diagram.nodes.get_mut(step)) {
            node.href = Some(format!("/tasks/{}", Located { unit: found.id.unit.clone(), made: *id }));
        }
    }
    diagram
}

/// Puts the roles of user tasks into the visitor's language; nodes stand in the order of the steps.
pub(super) fn name_roles(visit: &Visit, graph: &Graph, diagram: &mut crate::diagram::Diagram) {
    for (node, step) in diagram.nodes.iter_mut().zip(&graph.steps) {
        if let StepKind::UserTask { performer, .. } = &step.kind {
            node.note = Some(visit.w.role(&performer.role));
        }
    }
}

fn tasks(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    if found.case.tasks.is_empty() {
        return html! {};
    }
    let pressing = clocks::pressing(visit, &found.case);
    html! {
        section aria-labelledby="tasks" {
            h2 id="tasks" { (w.say("open-tasks")) }
            table class="cards" {
                thead {
                    tr {
                        th scope="col" { (w.say("task")) }
                        th scope="col" { (w.say("role")) }
                        th scope="col" { (w.say("who-has-it")) }
                        th scope="col" { (w.say("due")) }
                    }
                }
                tbody {
                    @for (id, task) in &found.case.tasks {
                        tr {
                            th scope="row" {
                                a href={ "/tasks/" (Located { unit: found.id.unit.clone(), made: *id }) } { (w.step(&found.graph, &task.step)) }
                            }
                            td data-label=(w.say("role")) { (w.role(&task.role)) }
                            td data-label=(w.say("who-has-it")) {
                                @if let Some(claim) = &task.claim {
                                    strong { (visit.name(&claim.person)) }
                                    @if let Some(post) = &claim.post { ", " (visit.post_title(post)) }
                                    @if let Some(held) = claim.appointment.and_then(|made| visit.office.appointments.get(&made)) {
                                        br; span class="soft" { (held.order) }
                                    }
                                } @else { (w.say("unclaimed")) }
                            }
                            td data-label=(w.say("due")) {
                                (parts::due(w, task.due, visit.now))
                                @if let Some(pressing) = &pressing { " " (clocks::pressing_tag(w, pressing)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Timers that run and messages that are waited for.
fn waits(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    let case = &found.case;
    if case.timers.is_empty() && case.subscriptions.is_empty() && case.jobs.is_empty() {
        return html! {};
    }
    let step = |id: &str| w.step(&found.graph, id);
    html! {
        details {
            summary { (w.say("waits")) }
            ul {
                @for timer in case.timers.values() {
                    li { (w.with("told-timer-armed", &[("step", &step(&timer.step)), ("time", &w.time(timer.due))])) }
                }
                @for waited in case.subscriptions.values() { li { (w.with("told-waits", &[("step", &step(&waited.step))])) } }
                @for job in case.jobs.values() { li { (w.with("told-job-created", &[("step", &step(&job.step))])) } }
            }
        }
    }
}

fn incidents(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    let may = found.past.is_none() && visit.plays(QUALITY_COORDINATOR, &found.id.unit);
    html! {
        @if !found.case.incidents.is_empty() {
            section aria-labelledby="incidents" {
                h2 id="incidents" { (w.say("incidents")) }
                @for (id, incident) in &found.case.incidents {
                    div class="notice problem" {
                        p class="notice-title" {
                            @if let Some(token) = found.case.tokens.get(&incident.token) { (w.step(&found.graph, &token.step)) }
                        }
                        p lang="en" { (incident.message) }
                        p class="code" { code { (incident.code) } " · " (parts::time(w, incident.raised)) }
                        @if may {
                            form method="post" action={ "/cases/" (found.id) "/retry" } {
                                (parts::key_field(visit))
                                input type="hidden" name="incident" value=(id);
                                button { (w.say("retry")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn actions(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    if found.past.is_some() || found.case.is_over() || !visit.commands(&found.graph, &found.id.unit) {
        return html! {};
    }
    let reason =
        |id: &str| Control { name: "reason".to_owned(), label: w.say("reason"), required: true, ..Control::default() }.line(id);
    let form = |what: &str, asks: bool, label: String| {
        html! {
            form method="post" action={ "/cases/" (found.id) "/" (what) } {
                (parts::key_field(visit))
                @if asks { (reason(&format!("reason-{what}"))) }
                button class="plain" { (label) }
            }
        }
    };
    html! {
        section class="screen-only" aria-labelledby="actions" {
            h2 id="actions" { (w.say("actions")) }
            @if found.case.status == InstanceStatus::Suspended {
                (form("resume", false, w.say("resume")))
            } @else {
                details { summary { (w.say("suspend")) } p { (w.say("suspend-help")) } (form("suspend", true, w.say("suspend"))) }
            }
            @if visit.library.versions(&found.graph.process.id).len() > 1 {
                p { a class="button plain" href={ "/cases/" (found.id) "/move" } { (w.say("move-by-itself")) } }
            }
            details { summary { (w.say("cancel")) } p { (w.say("cancel-help")) } (form("cancel", true, w.say("cancel"))) }
        }
    }
}

/// The proof on a slip, as a code and to be kept, once the entry is signed.
fn proof(visit: &Visit, sealed: &Sealed) -> Markup {
    let w = &visit.w;
    match sealed {
        Sealed::Proved(proved) => {
            let (proof, newest) = &**proved;
            let code = qr::proof(&proof.to_string(), &w.say("slip-proof"));
            html! {
                @if code.0.is_empty() { p class="soft" { (w.say("file-proof-long")) } } @else { (code) }
                p class="soft" { (w.say("verify-key")) ": " code { (newest.key) } }
                @if let Some((_, path)) = newest.checkpoint.origin.split_once('/') {
                    p class="screen-only" { a href={ "/log/" (path) "/proof/" (proof.index) } download { (w.say("verify-proof")) } }
                }
            }
        }
        Sealed::Pending(_) => html! { p class="soft" { (w.say("slip-pending")) } },
        Sealed::Unsigned => html! {},
        Sealed::Broken => parts::notice(Tone::Problem, &w.say("verify-broken"), &w.say("verify-broken-what")),
    }
}

/// The slip of a case: what was lodged, and the receipt.
pub(super) async fn slip(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Response {
    let answer: Answer = async {
        let found = find(&visit, &id, None, Some(Through::Slip)).await?;
        let first = found.history.first().ok_or(Refused::NotFound)?;
        let w = &visit.w;
        let told = history::tell(&visit, &found.graph, &found.history[..1]);
        let sealed = seal(&app, &found.log, first).await;
        let number = case_name(found.case.number.as_deref(), found.case.id);
        let address = format!("https://{}{}", visit.engine().options().host, parts::receipt_path(&found.log, first));
        let body = html! {
            @if found.unrecorded { (reads::unrecorded(w)) }
            div class="slip" {
                p class="slip-case" { (w.say("case")) " " strong { (number) } }
                p { (w.say("slip-what")) }
                dl class="facts" {
                    div { dt { (w.say("process")) } dd { (w.text(&found.graph.process.title)) } }
                    div { dt { (w.say("unit")) } dd { (visit.unit_title(&found.id.unit)) } }
                    div { dt { (w.say("lodged-by")) } dd { (history::actor(&visit, first)) } }
                    div { dt { (w.say("case-id")) } dd { code { (found.id) } } }
                }
                (clocks::promised(&visit, &found.graph, &found.case))
                h2 { (w.say("receipt")) }
                (parts::receipt(w, &found.log, first))
                (qr(&address, &w.say("slip-qr")))
                (proof(&visit, &sealed))
                p class="soft" { (w.say("slip-keep")) }
                @if let Some(data) = told.first().and_then(|one| one.data) {
                    h2 { (w.say("slip-data")) }
                    (history::facts(&visit, &found.graph, data))
                }
            }
            div class="actions screen-only" {
                button type="button" data-print hidden { (w.say("print")) }
                a class="button plain" href={ "/cases/" (found.id) } { (w.say("to-case")) }
            }
        };
        let title = w.say("slip-title");
        page(Frame::new(&visit, &title).under(number.clone(), format!("/cases/{}", found.id)).show(&body))
    }
    .await;
    visit.answer(answer)
}
