//! The moves of a trial besides people's tasks, one form each: time passes, messages come, workers do jobs, what stopped goes on.

use engine::graph::{Graph, StepKind, Trigger, Write};
use engine::model::Time;
use engine::projection::row::{DueKind, DueRow};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::form::Control;
use super::parts;
use super::tried::Shown;
use crate::app::trial::Tried;

impl Shown<'_> {
    /// What else can happen: time passes, messages come, workers do jobs, what stopped is tried again, the case is cancelled.
    pub(super) fn moves(&self, tried: &Tried) -> Markup {
        let w = &self.visit.w;
        let next = self.played.due.first();
        let sub = |id: &str, name: &str, label: String| {
            Control { name: name.to_owned(), label, required: true, ..Control::default() }.line(id)
        };
        let commanders = self.commanders();
        html! {
            section aria-labelledby="moves" {
                h2 id="moves" { (w.say("trial-else")) }
                details open[self.played.tasks().is_empty()] {
                    summary { (w.say("trial-time-passes")) }
                    @if let Some((_, row)) = next {
                        (self.form("next", &html! {
                            p { (w.with("trial-next", &[("time", &w.time(row.at)), ("what", &self.due(row))])) }
                            button class="main" { (w.say("trial-next-button")) }
                        }))
                    } @else { p class="none" { (w.say("trial-next-none")) } }
                    (self.form("advance", &html! {
                        (self.instant("trial-to", self.played.now))
                        button { (w.say("trial-advance")) }
                    }))
                }
                @for (number, (case, waited)) in self.played.cases.iter().flat_map(|tried| tried.case.subscriptions.values().map(move |one| (tried, one))).enumerate() {
                    (self.message(number, &waited.name, &waited.key, outputs(self.graph_of(case), &waited.step), &html! {}))
                }
                @for (number, (case, job)) in self.played.cases.iter().flat_map(|tried| tried.case.jobs.values().map(move |one| (tried, one))).filter(|(_, job)| job.retries > 0).enumerate() {
                    details {
                        summary { (w.with("trial-job", &[("topic", &job.topic)])) ": " (w.step(self.graph_of(case), &job.step)) }
                        (self.form("job", &html! {
                            input type="hidden" name="topic" value=(job.topic);
                            (area(&w.say("trial-data"), &format!("job-{number}"), outputs(self.graph_of(case), &job.step)))
                            button class="main" { (w.say("trial-job-done")) }
                        }))
                        (self.form("fail", &html! {
                            input type="hidden" name="topic" value=(job.topic);
                            (sub(&format!("fail-{number}"), "message", w.say("trial-fail-message")))
                            button { (w.say("trial-fail")) }
                        }))
                    }
                }
                @if !tried.case.is_over() {
                    details {
                        summary { (w.say("cancel")) }
                        (self.form("cancel", &html! {
                            (self.act_as("cancel-actor", &commanders, ""))
                            (sub("cancel-reason", "reason", w.say("reason")))
                            button { (w.say("cancel")) }
                        }))
                    }
                }
            }
            @if self.played.cases.iter().any(|tried| !tried.case.incidents.is_empty()) {
                section aria-labelledby="incidents" {
                    h2 id="incidents" { (w.say("incidents")) }
                    @for incident in self.played.cases.iter().flat_map(|tried| tried.case.incidents.values()) {
                        div class="notice problem" {
                            p lang="en" { (incident.message) }
                            p class="code" { code { (incident.code) } " · " (parts::time(w, incident.raised)) }
                        }
                    }
                    (self.form("retry", &html! { (self.act_as("retry-actor", &commanders, "")) button { (w.say("retry")) } }))
                }
            }
        }
    }

    /// A message that may come.
    pub(super) fn message(&self, number: usize, name: &str, key: &str, outputs: &[Write], first: &Markup) -> Markup {
        let w = &self.visit.w;
        html! {
            details {
                summary { (w.with("trial-message", &[("name", name)])) }
                (self.form("message", &html! {
                    (first)
                    input type="hidden" name="name" value=(name);
                    input type="hidden" name="correlation" value=(key);
                    @if !key.is_empty() { p class="soft" { (w.say("trial-key")) ": " code { (key) } } }
                    (area(&w.say("trial-data"), &format!("message-{number}"), outputs))
                    button class="main" { (w.say("trial-message-send")) }
                }))
            }
        }
    }

    /// What something that is due is, in words.
    fn due(&self, row: &DueRow) -> String {
        let w = &self.visit.w;
        let tried = self.played.cases.iter().find(|tried| Some(tried.case.id) == row.instance);
        let named = tried.and_then(|tried| match row.kind {
            DueKind::Timer => tried.case.timers.get(&row.id).map(|timer| w.step(self.graph_of(tried), &timer.step)),
            DueKind::Clock => {
                let norm = tried.case.clocks.get(&row.id).and_then(|clock| self.visit.library.norm_of(&clock.norm));
                norm.map(|norm| w.text(&norm.document.document.title).to_owned())
            }
            _ => None,
        });
        named.unwrap_or_else(|| w.say("trial-due-other"))
    }

    /// A day and an hour.
    pub(super) fn instant(&self, id: &str, at: Time) -> Markup {
        let w = &self.visit.w;
        let zoned = at.timestamp().to_zoned_datetime(w.zone.clone());
        let (day, hour) = (zoned.date().to_string(), zoned.strftime("%H:%M").to_string());
        html! {
            div class="filters" {
                div class="field" {
                    label for={ (id) "-day" } { (w.say("trial-day")) }
                    input id={ (id) "-day" } name="day" type="date" value=(day);
                }
                div class="field" {
                    label for={ (id) "-time" } { (w.say("trial-hour")) }
                    input id={ (id) "-time" } name="time" type="time" value=(hour);
                }
            }
        }
    }
}

/// What a step writes from what comes back.
fn outputs<'a>(graph: &'a Graph, step: &str) -> &'a [Write] {
    match graph.step(step).map(|step| &graph.steps[step].kind) {
        Some(StepKind::ServiceTask { outputs, .. }) => outputs,
        Some(StepKind::Catch(Trigger::Message(catch)) | StepKind::Boundary { trigger: Trigger::Message(catch), .. }) => {
            &catch.outputs
        }
        _ => &[],
    }
}

/// Room for data as JSON, with the names that are read from it.
fn area(label: &str, id: &str, outputs: &[Write]) -> Markup {
    let names = outputs.iter().filter(|write| write.value.is_none());
    let outline: Map<String, Value> = names.map(|write| (write.variable.clone(), Value::Null)).collect();
    let outline = serde_json::to_string_pretty(&outline).unwrap_or_default();
    html! {
        div class="field" {
            label for=(id) { (label) }
            textarea id=(id) name="data" rows="4" { "\n" (outline) }
        }
    }
}
