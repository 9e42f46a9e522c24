//! The inbox: what the visitor has claimed, and what is offered to their roles, by due date; of all processes or of one. And how much there is of
//! each process.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::response::Response;
use engine::model::id::Located;
use engine::model::{InstanceId, PersonId, Time, UnitId};
use engine::projection::row::TaskRow;
use engine::store::{NO_DUE, Store, TaskCount, TaskQuery, Whose};
use maud::{Markup, html};
use serde::Deserialize;

use super::clocks::{Pressing, pressing, pressing_tag};
use super::frame::Frame;
use super::parts::{self, Tone, encode};
use super::refused::Refused;
use super::visit::{Answer, Visit, page};
use crate::app::offered::{self, Offers, offered};
use crate::app::reading;

/// Rows of one list.
const ROWS: u32 = 25;

/// Which unit, of which process, and from where on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    unit: Option<String>,
    process: Option<String>,
    mine: Option<String>,
    offered: Option<String>,
}

/// The page.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let answer = view(&visit, &asked).await;
    visit.answer(answer)
}

async fn view(visit: &Visit, asked: &Asked) -> Answer {
    let w = &visit.w;
    let person = visit.identity()?.0.clone();
    let unit = visit.unit(asked.unit.as_deref()).ok_or(Refused::NotFound)?;
    let process = asked.process.clone().filter(|process| !process.is_empty());
    let mine = TaskQuery {
        assignee: Some(person.id.clone()),
        process: process.clone(),
        after: asked.mine.as_deref().and_then(cursor),
        limit: ROWS + 1,
        ..TaskQuery::default()
    };
    let mut rows = visit.store().tasks(&unit, &mine).await?;
    let is_more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let next = rows.last().filter(|_| is_more).map(|row| (row.due.unwrap_or(NO_DUE), row.id));
    let mine = list(visit, &unit, process.as_deref(), Offers { rows, next }, "mine").await?;
    let after = asked.offered.as_deref().and_then(cursor);
    let query = TaskQuery { process: process.clone(), after, limit: ROWS, ..TaskQuery::default() };
    let offers = offered(&visit.app, &unit, &person.id, query).await?;
    let offered = list(visit, &unit, process.as_deref(), offers, "offered").await?;
    let counts = counts(visit, &unit, &person.id).await?;
    let body = html! {
        (parts::unit_switch(visit, &unit, "/"))
        (by_process(visit, &unit, &counts, process.as_deref()))
        @if visit.reads(&unit, None) { p { a href={ "/tasks?unit=" (unit) } { (w.say("work-link")) } } }
        section aria-labelledby="mine" {
            h2 id="mine" { (w.say("inbox-mine")) " " span class="count" { (parts::counted(w, mine.rows.len())) } }
            (table(visit, &unit, &mine, false, &w.say("inbox-mine-none")))
        }
        section aria-labelledby="offered" {
            h2 id="offered" { (w.say("inbox-offered")) " " span class="count" { (parts::counted(w, offered.rows.len())) } }
            @let roles: Vec<String> = visit.roles(&unit).iter().map(|role| w.role(role)).collect();
            @if !roles.is_empty() { p class="soft" { (w.say("your-roles")) ": " (roles.join(" · ")) } }
            (table(visit, &unit, &offered, true, &w.say("inbox-offered-none")))
        }
    };
    page(Frame::new(visit, &w.say("inbox")).wide().over(visit.unit_title(&unit)).show(&body))
}

/// Of each process, how many tasks the visitor has claimed, and how many are offered to them.
async fn counts(visit: &Visit, unit: &UnitId, person: &PersonId) -> Result<BTreeMap<String, [u64; 2]>, Refused> {
    let mut counts: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let whose = [Whose::Claimed(person.clone()), Whose::Offered(offered::to(&visit.app, unit, person))];
    for (at, whose) in whose.iter().enumerate() {
        for TaskCount { process, open, .. } in visit.store().task_counts(unit, whose, visit.now).await? {
            counts.entry(process).or_default()[at] = open;
        }
    }
    Ok(counts)
}

/// The counts, each the way to the lists of its process.
fn by_process(visit: &Visit, unit: &UnitId, counts: &BTreeMap<String, [u64; 2]>, chosen: Option<&str>) -> Markup {
    let w = &visit.w;
    html! {
        @if !counts.is_empty() || chosen.is_some() {
            section aria-labelledby="waiting" {
                h2 id="waiting" { (w.say("waiting")) }
                table class="cards" {
                    thead {
                        tr {
                            th scope="col" { (w.say("process")) }
                            th scope="col" { (w.say("inbox-mine")) }
                            th scope="col" { (w.say("inbox-offered")) }
                        }
                    }
                    tbody {
                        @for (process, [mine, offered]) in counts {
                            tr {
                                th scope="row" {
                                    a href={ "/?unit=" (unit) "&process=" (encode(process)) } aria-current=[(chosen == Some(process)).then_some("true")] {
                                        (visit.process_title(process))
                                    }
                                }
                                td data-label=(w.say("inbox-mine")) { (mine) }
                                td data-label=(w.say("inbox-offered")) { (offered) }
                            }
                        }
                    }
                }
                p class="soft" { (w.say("waiting-kept-from")) }
                @if let Some(process) = chosen {
                    p {
                        (w.with("waiting-only", &[("process", &visit.process_title(process))])) " "
                        a href={ "/?unit=" (unit) } { (w.say("waiting-all")) }
                    }
                }
            }
        }
    }
}

/// Rows, and the way to the next.
struct List {
    rows: Vec<Row>,
    more: Option<String>,
}

/// A task with the name of its case, and what presses there.
struct Row {
    task: TaskRow,
    case: String,
    pressing: Option<Pressing>,
}

async fn list(visit: &Visit, unit: &UnitId, process: Option<&str>, tasks: Offers, name: &str) -> Result<List, Refused> {
    let of = process.map(|process| format!("&process={}", encode(process))).unwrap_or_default();
    let more = tasks.next.map(|(due, id)| format!("/?unit={unit}{of}&{name}={}~{id}#{name}", due.0));
    let names = visit.case_names(unit, tasks.rows.iter().map(|task| task.instance)).await?;
    let mut rows = Vec::with_capacity(tasks.rows.len());
    for task in tasks.rows {
        let case = names.get(&task.instance).cloned().unwrap_or_default();
        // Only a case under norms is read whole.
        let is_timed = visit.library.get(&task.definition).is_some_and(|deployed| !deployed.graph.clocks.is_empty());
        let id = InstanceId { unit: unit.clone(), command: task.instance };
        let timed = if is_timed { reading::instance(visit.engine(), &id).await? } else { None };
        let pressing = timed.and_then(|case| pressing(visit, &case));
        rows.push(Row { task, case, pressing });
    }
    Ok(List { rows, more })
}

pub(super) fn cursor(text: &str) -> Option<(Time, engine::model::TaskId)> {
    let (due, id) = text.split_once('~')?;
    Some((Time(due.parse().ok()?), id.parse().ok()?))
}

fn table(visit: &Visit, unit: &UnitId, list: &List, claims: bool, none: &str) -> Markup {
    let w = &visit.w;
    if list.rows.is_empty() {
        return html! { p class="none" { (none) } };
    }
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("task")) }
                    th scope="col" { (w.say("process")) }
                    th scope="col" { (w.say("case")) }
                    th scope="col" { (w.say("since")) }
                    th scope="col" { (w.say("due")) }
                    @if claims { th scope="col" { span class="hidden" { (w.say("action")) } } }
                }
            }
            tbody {
                @for Row { task: row, case, pressing } in &list.rows {
                    @let id = Located { unit: unit.clone(), made: row.id };
                    @let graph = visit.library.get(&row.definition).map(|deployed| &deployed.graph);
                    @let title = graph.map_or_else(|| row.step.clone(), |graph| w.step(graph, &row.step));
                    tr {
                        th scope="row" {
                            a href={ "/tasks/" (id) } { (title) }
                            @if row.only.is_some() { " " (parts::tag(Tone::Quiet, &w.say("for-you-alone"))) }
                        }
                        td data-label=(w.say("process")) { (visit.process_title(&row.process)) }
                        td data-label=(w.say("case")) {
                            a href={ "/cases/" (InstanceId { unit: unit.clone(), command: row.instance }) } {
                                (case)
                            }
                        }
                        td data-label=(w.say("since")) { (parts::time(w, row.created)) }
                        td data-label=(w.say("due")) {
                            (parts::due(w, row.due, visit.now))
                            @if let Some(pressing) = pressing { " " (pressing_tag(w, pressing)) }
                        }
                        @if claims {
                            td class="do" {
                                form method="post" action={ "/tasks/" (id) "/claim" } {
                                    (parts::key_field(visit))
                                    button { (w.say("claim")) span class="hidden" { ": " (title) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        (parts::more(w, list.more.as_deref()))
    }
}
