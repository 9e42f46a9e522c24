//! One version of a definition: for the reader who wants to know what is done, by whom, in what time, and on whose word.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::graph::{Deployed, Graph};
use engine::model::definition::{Adaptable, Step, StepType};
use engine::store::Store;
use maud::{Markup, html};

use super::case::name_roles;
use super::frame::Frame;
use super::moving;
use super::parts::{self, Tone};
use super::records::retention;
use super::refused::Refused;
use super::say::key;
use super::visit::{Visit, page};
use super::words::Words;
use crate::app::drawing::drawing;
use crate::diagram::Diagram;

fn find<'a>(visit: &'a Visit, process: &str, version: &str) -> Result<&'a Deployed, Refused> {
    visit.identity()?;
    let version: u32 = version.parse().map_err(|_| Refused::NotFound)?;
    visit.library.versions(process).into_iter().find(|deployed| deployed.version == version).ok_or(Refused::NotFound)
}

/// The page of a version.
pub(super) async fn show(visit: Visit, Path((process, version)): Path<(String, String)>) -> Response {
    let answer = async { page(view(&visit, find(&visit, &process, &version)?)) };
    visit.answer(answer.await)
}

/// The document as its author wrote it.
pub(super) async fn document(visit: Visit, Path((process, version)): Path<(String, String)>) -> Response {
    let answer = async {
        let hash = find(&visit, &process, &version)?.graph.hash;
        for unit in visit.store().units().await? {
            if let Some(row) = visit.store().definition(&unit, &hash).await? {
                let head =
                    [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
                return Ok((head, row.document).into_response());
            }
        }
        Err(Refused::NotFound)
    };
    visit.answer(answer.await)
}

fn view(visit: &Visit, deployed: &Deployed) -> Markup {
    let w = &visit.w;
    let graph = &deployed.graph;
    let process = &graph.process;
    let newest = visit.library.newest(&process.id).map_or(0, |newest| newest.version);
    let version = w.with("version", &[("n", &deployed.version.to_string())]);
    let body = html! {
        @if !process.verified {
            (parts::notice(Tone::Warning, &w.say("not-verified"), &w.say("not-verified-what")))
        }
        @if newest > deployed.version {
            div class="notice" {
                p { (w.say("version-old")) " "
                    a href={ "/definitions/" (process.id) "/" (newest) } { (w.with("version", &[("n", &newest.to_string())])) } }
            }
        }
        (moving::way(visit, deployed))
        dl class="facts across" {
            div { dt { (w.say("owner")) } dd { (visit.post_title(&process.owner.post)) } }
            div { dt { (w.say("references")) } dd { (process.reference.join(" · ")) } }
            div { dt { (w.say("process-id")) } dd { code { (process.id) } } }
            div { dt { (w.say("hash")) } dd { code { (graph.hash) } } }
            div { dt { (w.say("document")) } dd {
                a href={ "/definitions/" (process.id) "/" (deployed.version) "/document" } { (w.say("document-json")) }
                @if visit.serves() { " · " a href={ "/documents/process/" (process.id) "/trial?edition=" (graph.hash) } { (w.say("try-it")) } }
            } }
        }
        @if let Some(kept) = &process.retention { (retention(w, kept)) }
        @if let Some(help) = &process.help { details { summary { (w.say("about-process")) } p { (w.text(help)) } } }
        @if !process.source.is_empty() {
            details { summary { (w.say("sources")) } ul lang="en" { @for source in &process.source { li { (source) } } } }
        }
        section aria-labelledby="diagram" {
            h2 id="diagram" { (w.say("diagram")) }
            (picture(visit, graph))
        }
        section aria-labelledby="steps" {
            h2 id="steps" { (w.say("steps")) }
            (steps(w, graph, &process.steps))
        }
    };
    Frame::new(visit, w.text(&process.title)).wide().under(w.say("definitions"), "/definitions").over(version).show(&body)
}

/// The diagram of a definition; a click on a step leads to it in the list.
pub(super) fn picture(visit: &Visit, graph: &Graph) -> Markup {
    let mut diagram = drawn(visit, graph);
    for (index, node) in diagram.nodes.iter_mut().enumerate() {
        node.href = Some(format!("#at-{index}"));
    }
    parts::diagram(&visit.w, &diagram)
}

/// A definition as a diagram with the roles' names.
pub(super) fn drawn(visit: &Visit, graph: &Graph) -> Diagram {
    let mut diagram = drawing(graph, visit.w.language, None);
    name_roles(visit, graph, &mut diagram);
    diagram
}

fn steps(w: &Words, graph: &Graph, all: &[Step]) -> Markup {
    html! {
        ol class="steps" {
            @for step in all {
                li id=[graph.step(&step.id).map(|index| format!("at-{index}"))] {
                    p class="step-title" {
                        strong { (w.step_title(step)) } " "
                        span class="kind" { (w.say(kind(step.kind))) }
                    }
                    @if let Some(help) = &step.help { p { (w.text(help)) } }
                    (details(w, graph, step))
                    @if !step.steps.is_empty() { (steps(w, graph, &step.steps)) }
                }
            }
        }
    }
}

fn details(w: &Words, graph: &Graph, step: &Step) -> Markup {
    let next = graph.step(&step.id).map(|index| graph.steps[index].outgoing.as_slice()).unwrap_or_default();
    html! {
        dl class="facts small" {
            @if let Some(performer) = &step.performer {
                div { dt { (w.say("role")) } dd { (w.role(&performer.role)) } }
                @if !performer.not_who_did.is_empty() {
                    div { dt { (w.say("not-who-did")) } dd {
                        @for (place, id) in performer.not_who_did.iter().enumerate() {
                            @if place > 0 { " · " } (w.step(graph, id))
                        }
                    } }
                }
            }
            @if let Some(holds) = step.performer.as_ref().and_then(|performer| performer.not_who_holds.as_ref()) {
                div { dt { (w.say("not-who-holds")) } dd {
                    @for (place, name) in holds.data.iter().enumerate() {
                        @if place > 0 { " · " } (w.variable(graph, name))
                    }
                    @if let Some(since) = &holds.since { ", " (w.say("not-who-holds-since")) ": " (w.variable(graph, since)) }
                } }
            }
            @if let Some(due) = &step.due {
                div {
                    dt { (w.say("time")) }
                    dd {
                        (w.due(graph, due)) " "
                        @if due.verified { (parts::tag(Tone::Done, &w.say("verified"))) } @else { (parts::tag(Tone::Warning, &w.say("unverified"))) }
                        @if let Some(source) = &due.source { br; span class="soft" lang="en" { (source) } }
                    }
                }
            }
            @if let Some(timer) = &step.timer {
                @let length = timer.after.as_ref().or(timer.every.as_ref()).map(|length| w.length(length));
                @if let Some(written) = length.or_else(|| timer.at.clone()) { div { dt { (w.say("timer")) } dd { (written) } } }
            }
            @if let Some(host) = &step.attached_to {
                div { dt { (w.say("attached-to")) } dd { (w.step(graph, host)) } }
            }
            @if let Some(Adaptable { reason, keep, roles }) = &step.adaptable {
                div { dt { (w.say("adaptable")) } dd { (w.text(reason)) } }
                @if !keep.is_empty() {
                    @let kept: Vec<String> = keep.iter().map(|id| w.step(graph, id)).collect();
                    div { dt { (w.say("adaptable-keep")) } dd { (kept.join(" · ")) } }
                }
                @if !roles.is_empty() {
                    @let roles: Vec<String> = roles.iter().map(|role| w.role(role)).collect();
                    div { dt { (w.say("adaptable-roles")) } dd { (roles.join(" · ")) } }
                }
            }
            @if let Some(record) = &step.record { div { dt { (w.say("record")) } dd { (w.record(record)) } } }
            @if !step.reference.is_empty() { div { dt { (w.say("references")) } dd { (step.reference.join(" · ")) } } }
            @if !next.is_empty() {
                div { dt { (w.say("next")) } dd {
                    @for (place, flow) in next.iter().enumerate() {
                        @let to = graph.flows[*flow].to;
                        @if place > 0 { " · " }
                        a href={ "#at-" (to) } { (w.step(graph, &graph.steps[to].id)) }
                    }
                } }
            }
        }
    }
}

fn kind(kind: StepType) -> &'static str {
    match kind {
        StepType::StartEvent => key("kind-start"),
        StepType::EndEvent => key("kind-end"),
        StepType::IntermediateCatchEvent => key("kind-catch"),
        StepType::IntermediateThrowEvent => key("kind-throw"),
        StepType::BoundaryEvent => key("kind-boundary"),
        StepType::UserTask => key("kind-user"),
        StepType::ServiceTask => key("kind-service"),
        StepType::ExpressionTask => key("kind-expression"),
        StepType::ExclusiveGateway => key("kind-exclusive"),
        StepType::ParallelGateway => key("kind-parallel"),
        StepType::SubProcess => key("kind-sub-process"),
        StepType::CallActivity => key("kind-call"),
    }
}
