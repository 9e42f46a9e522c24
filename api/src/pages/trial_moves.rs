//! The moves of a trial besides people's tasks, each with a tag of its own in the names of its fields: time passes, messages come, workers do
//! jobs, what stopped goes on.

use engine::graph::{Graph, StepKind, Trigger, Write};
use engine::model::Time;
use engine::projection::row::{DueKind, DueRow};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::form::Control;
use super::parts;
use super::tried::{ROWS_MAX, Shown, more};
use crate::app::trial::Tried;

impl Shown<'_> {
    /// What else can happen: time passes, messages come, workers do jobs, what stopped is tried again, the case is cancelled.
    pub(super) fn moves(&self, tried: &Tried) -> Markup {
        let w = &self.visit.w;
        let next = self.played.due.first();
        let sub =
            |name: &str, label: String| Control { name: name.to_owned(), label, required: true, ..Control::default() }.line(name);
        let commanders = self.commanders();
        let cases = &self.played.cases;
        let waited: Vec<_> =
            cases.iter().flat_map(|tried| tried.case.subscriptions.values().map(move |one| (tried, one))).collect();
        let jobs = cases.iter().flat_map(|tried| tried.case.jobs.values().map(move |one| (tried, one)));
        let jobs: Vec<_> = jobs.filter(|(_, job)| job.retries > 0).collect();
        let incidents: Vec<_> = cases.iter().flat_map(|tried| tried.case.incidents.values()).collect();
        html! {
            section aria-labelledby="moves" {
                h2 id="moves" { (w.say("trial-else")) }
                details open[self.played.tasks().is_empty()] {
                    summary { (w.say("trial-time-passes")) }
                    @if let Some((_, row)) = next {
                        p { (w.with("trial-next", &[("time", &w.time(row.at)), ("what", &self.due(row))])) }
                        button class="main" name="do" value="next" { (w.say("trial-next-button")) }
                    } @else { p class="none" { (w.say("trial-next-none")) } }
                    (self.instant("to", self.played.now))
                    button name="do" value="advance.to" { (w.say("trial-advance")) }
                }
                @for (number, (case, waited)) in waited.iter().take(ROWS_MAX).enumerate() {
                    (self.message(&format!("message-{number}"), &waited.name, &waited.key, outputs(self.graph_of(case), &waited.step), &html! {}))
                }
                (more(w, waited.len()))
                @for (number, (case, job)) in jobs.iter().take(ROWS_MAX).enumerate() {
                    @let tag = format!("job-{number}");
                    details {
                        summary { (w.with("trial-job", &[("topic", &job.topic)])) ": " (w.step(self.graph_of(case), &job.step)) }
                        input type="hidden" name={ "topic." (tag) } value=(job.topic);
                        (area(&w.say("trial-data"), &tag, outputs(self.graph_of(case), &job.step)))
                        button class="main" name="do" value={ "job." (tag) } { (w.say("trial-job-done")) }
                        (sub(&format!("message.{tag}"), w.say("trial-fail-message")))
                        button name="do" value={ "fail." (tag) } { (w.say("trial-fail")) }
                    }
                }
                (more(w, jobs.len()))
                @if !tried.case.is_over() {
                    details {
                        summary { (w.say("cancel")) }
                        (self.act_as("cancel", &commanders, "", false))
                        (sub("reason.cancel", w.say("reason")))
                        button name="do" value="cancel.cancel" { (w.say("cancel")) }
                    }
                }
            }
            @if !incidents.is_empty() {
                section aria-labelledby="incidents" {
                    h2 id="incidents" { (w.say("incidents")) }
                    @for incident in incidents.iter().take(ROWS_MAX) {
                        div class="notice problem" {
                            p lang="en" { (incident.message) }
                            p class="code" { code { (incident.code) } " · " (parts::time(w, incident.raised)) }
                        }
                    }
                    (more(w, incidents.len()))
                    (self.act_as("retry", &commanders, "", false))
                    button name="do" value="retry.retry" { (w.say("retry")) }
                }
            }
        }
    }

    /// A message that may come.
    pub(super) fn message(&self, tag: &str, name: &str, key: &str, outputs: &[Write], first: &Markup) -> Markup {
        let w = &self.visit.w;
        html! {
            details {
                summary { (w.with("trial-message", &[("name", name)])) }
                (first)
                input type="hidden" name={ "name." (tag) } value=(name);
                input type="hidden" name={ "correlation." (tag) } value=(key);
                @if !key.is_empty() { p class="soft" { (w.say("trial-key")) ": " code { (key) } } }
                (area(&w.say("trial-data"), tag, outputs))
                button class="main" name="do" value={ "message." (tag) } { (w.say("trial-message-send")) }
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
    pub(super) fn instant(&self, tag: &str, at: Time) -> Markup {
        let w = &self.visit.w;
        let zoned = at.timestamp().to_zoned_datetime(w.zone.clone());
        let (day, hour) = (zoned.date().to_string(), zoned.strftime("%H:%M").to_string());
        html! {
            div class="filters" {
                div class="field" {
                    label for={ "day." (tag) } { (w.say("trial-day")) }
                    input id={ "day." (tag) } name={ "day." (tag) } type="date" value=(day);
                }
                div class="field" {
                    label for={ "time." (tag) } { (w.say("trial-hour")) }
                    input id={ "time." (tag) } name={ "time." (tag) } type="time" value=(hour);
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
fn area(label: &str, tag: &str, outputs: &[Write]) -> Markup {
    let id = format!("data.{tag}");
    let names = outputs.iter().filter(|write| write.value.is_none());
    let outline: Map<String, Value> = names.map(|write| (write.variable.clone(), Value::Null)).collect();
    let outline = serde_json::to_string_pretty(&outline).unwrap_or_default();
    html! {
        div class="field" {
            label for=(id) { (label) }
            textarea id=(id) name=(id) rows="4" { "\n" (outline) }
        }
    }
}
