//! Starting a case: the processes that one may start, the form of each, and the case that comes of it.

use axum::Form as Body;
use axum::extract::Path;
use axum::response::Response;
use engine::graph::form::Form;
use engine::graph::{Deployed, Graph, StepKind};
use engine::journal::Command;
use engine::machine::Rejection;
use engine::model::definition::APPLICANT;
use engine::model::{InstanceId, UnitId};
use maud::{Markup, html};

use super::form::{Control, FormView};
use super::frame::Frame;
use super::parts::{self, Tone};
use super::posted::{Posted, text};
use super::refused::{Refused, refusal, status_of};
use super::task::titles;
use super::visit::{Visit, go, page, page_as};

/// The units in which the visitor may start a process: the owner's and those below it, where they play the starter's role.
fn places(visit: &Visit, graph: &Graph) -> Vec<UnitId> {
    let Some(step) = graph.scopes[0].start else { return Vec::new() };
    let StepKind::Start { performer, .. } = &graph.steps[step].kind else { return Vec::new() };
    let role = performer.as_ref().map(|performer| performer.role.as_str()).filter(|role| *role != APPLICANT);
    let owner = visit.office.posts.get(&graph.process.owner.post).map(|post| &post.unit);
    let below = |unit: &&UnitId| owner.is_none_or(|owner| visit.is_below(unit, owner));
    let may = |unit: &&UnitId| role.is_none_or(|role| visit.plays(role, unit));
    let mut units: Vec<UnitId> = visit.office.units.keys().filter(below).filter(may).cloned().collect();
    // The owner's unit first.
    units.sort_by_key(|unit| Some(unit) != owner);
    units
}

/// The processes that the visitor may start.
pub(super) async fn list(visit: Visit) -> Response {
    let answer = async {
        visit.identity()?;
        let w = &visit.w;
        let processes: Vec<&Deployed> =
            visit.library.all_newest().filter(|deployed| !places(&visit, &deployed.graph).is_empty()).collect();
        let body = html! {
            @if processes.is_empty() { p class="none" { (w.say("start-none")) } }
            ul class="tiles" {
                @for deployed in &processes {
                    @let process = &deployed.graph.process;
                    li {
                        h2 { a href={ "/start/" (process.id) } { (w.text(&process.title)) } }
                        @if let Some(help) = &process.help { p class="clamp" { (w.text(help)) } }
                        p class="soft" { (w.say("owner")) ": " (visit.post_title(&process.owner.post)) }
                        @if !process.verified { p { (parts::tag(Tone::Warning, &w.say("not-verified"))) } }
                    }
                }
            }
        };
        page(Frame::new(&visit, &w.say("start")).show(&body))
    };
    visit.answer(answer.await)
}

fn find<'a>(visit: &'a Visit, process: &str) -> Result<(&'a Deployed, Vec<UnitId>), Refused> {
    visit.identity()?;
    let deployed = visit.library.newest(process).ok_or(Refused::NotFound)?;
    let places = places(visit, &deployed.graph);
    if places.is_empty() { Err(Refused::Forbidden) } else { Ok((deployed, places)) }
}

fn form_of(graph: &Graph) -> Option<&Form> {
    let step = graph.scopes[0].start?;
    match &graph.steps[step].kind {
        StepKind::Start { form: Some(form), .. } => graph.forms.get(form),
        _ => None,
    }
}

/// The start form.
pub(super) async fn show(visit: Visit, Path(process): Path<String>) -> Response {
    let answer = async {
        let (deployed, places) = find(&visit, &process)?;
        page(view(&visit, deployed, &places, &Posted::new(), None))
    };
    visit.answer(answer.await)
}

/// Starts the case.
pub(super) async fn post(visit: Visit, Path(process): Path<String>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        let (deployed, places) = find(&visit, &process)?;
        let named = text(&posted, "unit");
        let unit =
            places.iter().find(|unit| unit.as_str() == named).or_else(|| places.first()).cloned().ok_or(Refused::Forbidden)?;
        let lookup = |name: &str| titles(&deployed.graph, name);
        let data = form_of(&deployed.graph).map(|form| FormView::new(form, &lookup, posted.clone()).data()).unwrap_or_default();
        let number = Some(text(&posted, "number").trim().to_owned()).filter(|number| !number.is_empty());
        let command = Command::StartInstance { process, definition: Some(deployed.graph.hash), number, data };
        match visit.submit(&unit, text(&posted, "key"), command).await {
            Ok(accepted) => {
                let command = accepted.instance().ok_or(Refused::NotFound)?;
                go(&format!("/cases/{}/receipt", InstanceId { unit, command }))
            }
            Err(refused) => {
                let Some(rejection) = refused.rejection().cloned() else { return Err(refused) };
                page_as(status_of(&rejection), view(&visit, deployed, &places, &posted, Some(&rejection)))
            }
        }
    };
    visit.answer(answer.await)
}

fn view(visit: &Visit, deployed: &Deployed, places: &[UnitId], posted: &Posted, rejection: Option<&Rejection>) -> Markup {
    let w = &visit.w;
    let process = &deployed.graph.process;
    let lookup = |name: &str| titles(&deployed.graph, name);
    let problems = rejection.map(|rejection| rejection.problems.clone()).unwrap_or_default();
    let form = form_of(&deployed.graph).map(|form| FormView::new(form, &lookup, posted.clone()).wrong(problems));
    let units: Vec<(String, String)> = places.iter().map(|unit| (unit.to_string(), visit.unit_title(unit))).collect();
    let is_public = visit.units().iter().all(|unit| visit.roles(unit).is_empty());
    let control = |name: &str, label: String, hint: Option<String>, required| Control {
        name: name.to_owned(),
        label,
        hint,
        required,
        value: text(posted, name).to_owned(),
        wrong: Vec::new(),
    };
    let body = html! {
        @if let Some(rejection) = rejection {
            @match &form {
                Some(form) if !rejection.problems.is_empty() => (form.summary(w)),
                _ => (refusal(w, rejection)),
            }
        }
        @if let Some(help) = &process.help {
            details { summary { (w.say("about-process")) } p { (w.text(help)) } }
        }
        form method="post" action={ "/start/" (process.id) } novalidate data-guard {
            @match rejection { Some(_) => (parts::same_key_field(text(posted, "key"))), None => (parts::key_field(visit)) }
            @if units.len() > 1 { (control("unit", w.say("start-unit"), None, true).list(&units, None)) }
            @if !is_public { (control("number", w.say("number"), Some(w.say("number-hint")), false).input(w, "text", None, None)) }
            @match &form { Some(form) => (form.fields(w)), None => p { (w.say("no-form")) } }
            div class="actions" { button class="main" { (w.say("start-button")) } }
        }
    };
    Frame::new(visit, w.text(&process.title))
        .failed(rejection.is_some())
        .under(w.say("start"), "/start")
        .over(w.say("start-over"))
        .show(&body)
}
