//! What a dry run of moves tells of each case, and what became of each: where it stands and would stand, its deadlines, what keeps it.

use engine::graph::Graph;
use engine::machine::Rejection;
use engine::machine::moving::{CONSENT, Deadline, DeadlineOf, Forecast, Loss, Right};
use engine::model::document::DocumentKind;
use engine::model::{CommandId, InstanceId, Language};
use maud::{Markup, html};

use super::moving::Plan;
use super::parts::{self, Tone};
use super::refused::translated;
use super::say::key;
use super::visit::Visit;

/// Things told that keep one case.
const PROBLEMS_MAX: usize = 20;

fn case_link(plan: &Plan, id: CommandId, name: &str) -> Markup {
    html! { a href={ "/cases/" (InstanceId { unit: plan.unit.clone(), command: id }) } { (name) } }
}

/// What a dry run tells of each case.
pub(super) fn forecast_table(visit: &Visit, plan: &Plan, told: &[(CommandId, String, Forecast)]) -> Markup {
    let w = &visit.w;
    html! {
        section aria-labelledby="forecast" {
            h2 id="forecast" { (w.say("move-forecast")) " " span class="count" { (parts::counted(w, told.len())) } }
            p class="soft" { (w.say("move-nothing-written")) }
            @if told.is_empty() { p class="none" { (w.say("move-no-cases")) } } @else {
                table class="cards" {
                    thead { tr {
                        th scope="col" { (w.say("case")) }
                        th scope="col" { (w.say("move-places")) }
                        th scope="col" { (w.say("move-deadlines")) }
                        th scope="col" { (w.say("move-outcome")) }
                    } }
                    tbody {
                        @for (id, name, told) in told {
                            tr {
                                th scope="row" { (case_link(plan, *id, name)) }
                                td data-label=(w.say("move-places")) { (places(visit, plan, told)) }
                                td data-label=(w.say("move-deadlines")) { (deadlines(visit, plan, &told.deadlines)) }
                                td data-label=(w.say("move-outcome")) { (verdict(visit, plan, *id, told)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn places(visit: &Visit, plan: &Plan, told: &Forecast) -> Markup {
    let w = &visit.w;
    html! {
        @for (at, place) in told.places.iter().enumerate() {
            @if at > 0 { br; }
            (w.step(&plan.from.graph, &place.from)) " → "
            @match &place.to {
                Some(to) => (w.step(&plan.to.graph, to)),
                None => (parts::tag(Tone::Problem, &w.say("move-nothing"))),
            }
        }
    }
}

/// What a clock is called: by its norm, with its id where the norm has several; by its id where no version of the process has it.
pub(super) fn clock_title(visit: &Visit, graph: &Graph, id: &str) -> String {
    let of = |graph: &Graph| {
        let norm = graph.clocks.iter().find(|bound| bound.id == id)?.norm.clone();
        let several = graph.clocks.iter().filter(|bound| bound.norm == norm).count() > 1;
        let title = visit.w.text(&visit.library.document(DocumentKind::Norm, &norm)?.heading.title).to_owned();
        Some(if several { format!("{title} ({id})") } else { title })
    };
    // One that a version before left running is bound by neither of the two.
    let versions = visit.library.versions(&graph.process.id);
    of(graph).or_else(|| versions.iter().rev().find_map(|deployed| of(&deployed.graph))).unwrap_or_else(|| id.to_owned())
}

/// What a deadline is of, as the new version calls it.
fn called(visit: &Visit, graph: &Graph, deadline: &Deadline) -> String {
    match deadline.of {
        DeadlineOf::Clock => clock_title(visit, graph, &deadline.name),
        DeadlineOf::Task | DeadlineOf::Timer => visit.w.step(graph, &deadline.name),
    }
}

fn deadlines(visit: &Visit, plan: &Plan, deadlines: &[Deadline]) -> Markup {
    let w = &visit.w;
    let at = |time: Option<engine::model::Time>| time.map_or_else(|| html! { (w.say("due-none")) }, |time| parts::time(w, time));
    let (changed, same): (Vec<&Deadline>, Vec<&Deadline>) = deadlines.iter().partition(|one| one.before != one.after);
    html! {
        @for (place, one) in changed.iter().enumerate() {
            @if place > 0 { br; }
            (called(visit, &plan.to.graph, one)) ": " (at(one.before)) " → " (at(one.after))
            @if one.overdue { " " (parts::tag(Tone::Problem, &w.say("overdue"))) }
        }
        @if !same.is_empty() {
            @if !changed.is_empty() { br; }
            span class="soft" { (w.count("move-same", same.len())) }
        }
    }
}

fn verdict(visit: &Visit, plan: &Plan, id: CommandId, told: &Forecast) -> Markup {
    let w = &visit.w;
    if let Some(rejection) = &told.refusal {
        return why(visit, plan, rejection);
    }
    html! {
        @if told.losses.is_empty() { (parts::tag(Tone::Done, &w.say("move-can"))) } @else {
            (parts::tag(Tone::Warning, &w.say("move-needs-consent")))
            ul { @for loss in &told.losses { li { (lost(visit, plan, loss)) } } }
            @if plan.case.is_none() { (by_itself(visit, plan, id)) }
        }
    }
}

/// A change to the applicant's disadvantage, in the visitor's language.
fn lost(visit: &Visit, plan: &Plan, loss: &Loss) -> String {
    let w = &visit.w;
    let name = match loss.right {
        Right::LessTime | Right::StepAdded => w.step(&plan.to.graph, &loss.name),
        Right::StepGoes => w.step(&plan.from.graph, &loss.name),
        _ => clock_title(visit, &plan.to.graph, &loss.name),
    };
    let at = |time: Option<engine::model::Time>| time.map_or_else(|| w.say("due-none"), |time| w.time(time));
    let told = match loss.right {
        Right::DeadlineLater => key("lost-deadline-later"),
        Right::ClockEnds => key("lost-clock-ends"),
        Right::ClockRests => key("lost-clock-rests"),
        Right::NormGoes => key("lost-norm-goes"),
        Right::CompensationGoes => key("lost-compensation"),
        Right::EscalationGoes => key("lost-escalation"),
        Right::DeemingGoes => key("lost-deeming"),
        Right::LessTime => key("lost-less-time"),
        Right::StepAdded => key("lost-step-added"),
        Right::StepGoes => key("lost-step-goes"),
    };
    w.with(told, &[("name", &name), ("before", &at(loss.before)), ("after", &at(loss.after))])
}

/// To the page of one case, with what was filled in.
fn by_itself(visit: &Visit, plan: &Plan, id: CommandId) -> Markup {
    let path = format!("/cases/{}/move", InstanceId { unit: plan.unit.clone(), command: id });
    html! { button class="plain" formaction=(path) formnovalidate name="do" value="show" { (visit.w.say("move-by-itself")) } }
}

/// Why a case stays: the sentence of the code and the name of the place, where the visitor's language is not the engine's.
fn why(visit: &Visit, plan: &Plan, rejection: &Rejection) -> Markup {
    let w = &visit.w;
    let tone = if rejection.code == CONSENT { Tone::Warning } else { Tone::Problem };
    let sentence = |code: &str, message: &str| {
        let said = translated(w, code);
        html! { @if let Some(said) = &said { (said) } @else { span lang="en" { (message) } } }
    };
    let is_english = w.language == Language::English;
    // The engine names steps by their ids as the page does beside their titles, and clocks by ids that are told nowhere else.
    let place = |pointer: &str| {
        let is_told = !is_english || pointer.starts_with("/clocks/");
        is_told.then(|| place_of(visit, plan, pointer) + ": ")
    };
    let only = rejection.problems.first().filter(|_| is_english && rejection.problems.len() == 1);
    html! {
        (parts::tag(tone, &w.say("move-stays"))) " "
        @if let Some(problem) = only { (place(&problem.pointer).unwrap_or_default()) }
        (sentence(rejection.code, &rejection.message))
        @if rejection.problems.len() > usize::from(is_english) {
            ul {
                @for problem in rejection.problems.iter().take(PROBLEMS_MAX) {
                    li {
                        (place(&problem.pointer).unwrap_or_default())
                        (sentence(&problem.code, &problem.message))
                    }
                }
                @if rejection.problems.len() > PROBLEMS_MAX { li { (w.count("and-more", rejection.problems.len() - PROBLEMS_MAX)) } }
            }
        }
    }
}

/// What the place of a problem is called: a step, a value, a time limit.
fn place_of(visit: &Visit, plan: &Plan, pointer: &str) -> String {
    let (w, graph) = (&visit.w, &plan.from.graph);
    let mut parts = pointer.split('/').skip(1);
    let (what, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let name = name.replace("~1", "/").replace("~0", "~");
    match what {
        "steps" => w.step(graph, &name),
        "variables" => w.variable(graph, &name),
        "clocks" => clock_title(visit, graph, &name),
        _ => name,
    }
}

/// What became of each case.
pub(super) fn outcome_table(visit: &Visit, plan: &Plan, done: &[(CommandId, String, Option<Rejection>)]) -> Markup {
    let w = &visit.w;
    let moved = done.iter().filter(|(.., outcome)| outcome.is_none()).count();
    html! {
        section aria-labelledby="done" {
            h2 id="done" { (w.count("move-done", moved)) }
            table class="cards" {
                thead { tr { th scope="col" { (w.say("case")) } th scope="col" { (w.say("move-outcome")) } } }
                tbody {
                    @for (id, name, outcome) in done {
                        tr {
                            th scope="row" { (case_link(plan, *id, name)) }
                            td data-label=(w.say("move-outcome")) {
                                @match outcome {
                                    None => (parts::tag(Tone::Done, &w.say("move-moved"))),
                                    Some(rejection) => {
                                        (why(visit, plan, rejection))
                                        @if rejection.code == CONSENT { br; (by_itself(visit, plan, *id)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
