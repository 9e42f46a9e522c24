//! Checking a definition before it is deployed: every problem with its place, or the diagram and the way to deploy it.

use axum::Form as Body;
use axum::http::StatusCode;
use axum::response::Response;
use engine::graph::{Graph, compile};
use engine::journal::Command;
use engine::machine::Rejection;
use engine::machine::definition::QUALITY_COORDINATOR;
use engine::model::Problem;
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use maud::{Markup, html};

use super::definition::picture;
use super::form::Control;
use super::frame::Frame;
use super::live;
use super::parts::{self, Tone};
use super::posted::{Posted, text};
use super::refused::{Refused, refusal, status_of, translated};
use super::visit::{Visit, go, page, page_as};
use crate::app::heavy::heavy;

/// What came of a check.
enum Checked {
    Nothing,
    Compiled(Box<Graph>, Vec<Problem>),
    Refused(Vec<Problem>),
}

async fn check(visit: &Visit, document: &str) -> Checked {
    let (library, text) = (visit.library.clone(), document.to_owned());
    let compiled = heavy(move || compile(text.as_bytes(), &*library)).await;
    match compiled {
        Some(Ok((graph, warnings))) => Checked::Compiled(Box::new(graph), warnings),
        Some(Err(problems)) => Checked::Refused(problems),
        None => Checked::Refused(vec![Problem::error("server.panic", "", "The program failed at this document.")]),
    }
}

/// The empty page.
pub(super) async fn show(visit: Visit) -> Response {
    let answer = async {
        visit.identity()?;
        page(view(&visit, "", &Checked::Nothing, None))
    };
    visit.answer(answer.await)
}

/// Checks a document; deploys it too if that button was pressed.
pub(super) async fn post(visit: Visit, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        visit.identity()?;
        let document = text(&posted, "document");
        let checked = check(&visit, document).await;
        let deploys = text(&posted, "do") == "deploy";
        let Checked::Compiled(graph, _) = &checked else {
            return page_as(StatusCode::UNPROCESSABLE_ENTITY, view(&visit, document, &checked, None));
        };
        if !deploys {
            return page(view(&visit, document, &checked, None));
        }
        let unit = place(&visit, graph).ok_or(Refused::Forbidden)?;
        let command = Command::DeployDefinition { document: document.to_owned() };
        match visit.submit(&unit, text(&posted, "key"), command).await {
            Ok(_) => {
                let library = visit.engine().library();
                let version = library.get(&graph.hash).map_or(1, |deployed| deployed.version);
                go(&format!("/definitions/{}/{version}", graph.process.id))
            }
            Err(refused) => {
                let Some(rejection) = refused.rejection().cloned() else { return Err(refused) };
                page_as(status_of(&rejection), view(&visit, document, &checked, Some(&rejection)))
            }
        }
    };
    visit.answer(answer.await)
}

/// The unit in which a definition is deployed: its owner's, if the visitor may deploy there.
fn place(visit: &Visit, graph: &Graph) -> Option<UnitId> {
    let owner = visit.office.posts.get(&graph.process.owner.post).map(|post| post.unit.clone());
    owner
        .or_else(|| visit.units().into_iter().find(|unit| visit.plays(QUALITY_COORDINATOR, unit)))
        .filter(|unit| visit.plays(QUALITY_COORDINATOR, unit))
}

fn view(visit: &Visit, document: &str, checked: &Checked, rejection: Option<&Rejection>) -> Markup {
    let w = &visit.w;
    let area = Control {
        name: "document".to_owned(),
        label: w.say("document-json"),
        hint: Some(w.say("check-hint")),
        required: true,
        value: document.to_owned(),
        wrong: Vec::new(),
    };
    let may = matches!(checked, Checked::Compiled(graph, _) if place(visit, graph).is_some());
    let body = html! {
        @if let Some(rejection) = rejection { (refusal(w, rejection)) (problems(visit, &rejection.problems)) }
        @match checked {
            Checked::Nothing => p class="lead" { (w.say("check-lead")) },
            Checked::Refused(found) => {
                (parts::notice(Tone::Problem, &w.count("check-problems", found.iter().filter(|one| one.is_error()).count()), &w.say("check-problems-todo")))
                (problems(visit, found))
            }
            Checked::Compiled(graph, warnings) => {
                (parts::notice(Tone::Done, &w.say("check-good"), w.text(&graph.process.title)))
                (problems(visit, warnings))
                (picture(visit, graph))
            }
        }
        form method="post" action="/definitions/check" class="code-form" novalidate data-guard {
            (parts::key_field(visit))
            (area.textarea(w, 18))
            div class="actions" {
                button class="main" name="do" value="check" { (w.say("check-button")) }
                @if may { button name="do" value="deploy" { (w.say("deploy")) } }
            }
            @if !may && matches!(checked, Checked::Compiled(..)) { p class="soft" { (w.say("deploy-who")) } }
            (live::place(visit, Some(DocumentKind::Process)))
        }
    };
    Frame::new(visit, &w.say("check")).wide().under(w.say("definitions"), "/definitions").show(&body)
}

pub(super) fn problems(visit: &Visit, found: &[Problem]) -> Markup {
    let w = &visit.w;
    html! {
        @if !found.is_empty() {
            table class="cards problems" {
                thead {
                    tr {
                        th scope="col" { (w.say("problem-what")) }
                        th scope="col" { (w.say("problem-where")) }
                        th scope="col" { (w.say("problem-code")) }
                    }
                }
                tbody {
                    @for one in found {
                        tr {
                            th scope="row" {
                                @if one.is_error() { (parts::tag(Tone::Problem, &w.say("error"))) } @else { (parts::tag(Tone::Warning, &w.say("warning"))) }
                                // What is named in it, the sentence for the code does not have.
                                " " @match translated(w, &one.code) {
                                    Some(said) => { (said) " " span lang="en" class="soft" { (one.message) } }
                                    None => span lang="en" { (one.message) },
                                }
                            }
                            td data-label=(w.say("problem-where")) { code data-pointer=(one.pointer) { @if one.pointer.is_empty() { "/" } @else { (one.pointer) } } }
                            td data-label=(w.say("problem-code")) { code { (one.code) } }
                        }
                    }
                }
            }
        }
    }
}
