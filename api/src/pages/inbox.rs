//! The inbox: what the visitor has claimed, and what is offered to their roles, by due date.

use axum::extract::Query;
use axum::response::Response;
use engine::model::id::Located;
use engine::model::{InstanceId, Time, UnitId};
use engine::projection::row::TaskRow;
use engine::store::{NO_DUE, Store, TaskQuery};
use maud::{Markup, html};
use serde::Deserialize;

use super::clocks::{Pressing, pressing, pressing_tag};
use super::frame::Frame;
use super::parts::{self, Tone};
use super::refused::Refused;
use super::visit::{Answer, Visit, page};
use crate::app::offered::{Offers, offered};

/// Rows of one list.
const ROWS: u32 = 25;

/// Which unit, and from where on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    unit: Option<String>,
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
    let mine = TaskQuery {
        assignee: Some(person.id.clone()),
        after: asked.mine.as_deref().and_then(cursor),
        limit: ROWS + 1,
        ..TaskQuery::default()
    };
    let mut rows = visit.store().tasks(&unit, &mine).await?;
    let is_more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let next = rows.last().filter(|_| is_more).map(|row| (row.due.unwrap_or(NO_DUE), row.id));
    let mine = list(visit, &unit, Offers { rows, next }, "mine").await?;
    let query = TaskQuery { after: asked.offered.as_deref().and_then(cursor), limit: ROWS, ..TaskQuery::default() };
    let offered = list(visit, &unit, offered(&visit.app, &unit, &person.id, query).await?, "offered").await?;
    let body = html! {
        (parts::unit_switch(visit, &unit, "/"))
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

async fn list(visit: &Visit, unit: &UnitId, tasks: Offers, name: &str) -> Result<List, Refused> {
    let more = tasks.next.map(|(due, id)| format!("/?unit={unit}&{name}={}~{id}#{name}", due.0));
    let names = visit.case_names(unit, tasks.rows.iter().map(|task| task.instance)).await?;
    let mut rows = Vec::with_capacity(tasks.rows.len());
    for task in tasks.rows {
        let case = names.get(&task.instance).cloned().unwrap_or_default();
        // Only a case under norms is read whole.
        let is_timed = visit.library.get(&task.definition).is_some_and(|deployed| !deployed.graph.clocks.is_empty());
        let timed = if is_timed { visit.engine().instance(unit, task.instance).await? } else { None };
        let pressing = timed.and_then(|case| pressing(visit, &case));
        rows.push(Row { task, case, pressing });
    }
    Ok(List { rows, more })
}

fn cursor(text: &str) -> Option<(Time, engine::model::TaskId)> {
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
