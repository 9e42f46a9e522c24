//! The open tasks of a unit, for those who serve it: how many of each process and how many overdue, in all their units; and the tasks of one unit
//! themselves, by due date, of all processes or of one.

use axum::extract::Query;
use axum::response::Response;
use engine::model::id::Located;
use engine::model::{InstanceId, UnitId};
use engine::projection::row::TaskRow;
use engine::store::{NO_DUE, Store, TaskCount, TaskQuery, Whose};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Control;
use super::frame::Frame;
use super::inbox::cursor;
use super::parts::{self, Tone, encode};
use super::refused::Refused;
use super::visit::{Answer, Visit, page};

/// Rows of the list.
const ROWS: u32 = 25;
/// Units that are counted on one page: those of the visitor's posts come first.
const UNITS_MAX: usize = 50;

/// Which tasks.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    unit: Option<String>,
    #[serde(default)]
    process: String,
    after: Option<String>,
}

/// The page.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let answer = view(&visit, &asked).await;
    visit.answer(answer)
}

async fn view(visit: &Visit, asked: &Asked) -> Answer {
    let w = &visit.w;
    visit.identity()?;
    let unit = visit.unit(asked.unit.as_deref()).ok_or(Refused::NotFound)?;
    if !visit.reads(&unit, None) {
        return Err(Refused::Forbidden);
    }
    let served: Vec<UnitId> = visit.units().into_iter().filter(|unit| visit.reads(unit, None)).collect();
    let mut counts = Vec::new();
    for unit in served.iter().take(UNITS_MAX) {
        let of = visit.store().task_counts(unit, &Whose::All, visit.now).await?;
        counts.extend(of.into_iter().map(|count| (unit, count)));
    }
    let process = Some(asked.process.trim()).filter(|process| !process.is_empty());
    let after = asked.after.as_deref().and_then(cursor);
    let query = TaskQuery { process: process.map(str::to_owned), after, limit: ROWS + 1, ..TaskQuery::default() };
    let mut rows = visit.store().tasks(&unit, &query).await?;
    let is_more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let more = rows.last().filter(|_| is_more).map(|row| {
        let (process, due) = (encode(process.unwrap_or_default()), row.due.unwrap_or(NO_DUE).0);
        format!("/tasks?unit={unit}&process={process}&after={due}~{}#list", row.id)
    });
    let body = html! {
        section aria-labelledby="waiting" {
            h2 id="waiting" { (w.say("waiting")) }
            (table(visit, &counts))
            @if served.len() > UNITS_MAX { p class="soft" { (w.count("work-units", UNITS_MAX)) } }
        }
        section aria-labelledby="list" {
            h2 id="list" { (visit.unit_title(&unit)) " " span class="count" { (parts::counted(w, rows.len())) } }
            (filters(visit, &served, &unit, &asked.process))
            (list(visit, &unit, &rows).await?)
            (parts::more(w, more.as_deref()))
        }
    };
    page(Frame::new(visit, &w.say("work")).under(w.say("inbox"), "/").wide().show(&body))
}

/// The counts, each the way to its list.
fn table(visit: &Visit, counts: &[(&UnitId, TaskCount)]) -> Markup {
    let w = &visit.w;
    if counts.is_empty() {
        return html! { p class="none" { (w.say("work-none")) } };
    }
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("unit")) }
                    th scope="col" { (w.say("process")) }
                    th scope="col" { (w.say("digest-open")) }
                    th scope="col" { (w.say("digest-overdue")) }
                    th scope="col" { (w.say("work-first")) }
                }
            }
            tbody {
                @for (unit, count) in counts {
                    tr {
                        td data-label=(w.say("unit")) { (visit.unit_title(unit)) }
                        th scope="row" {
                            a href={ "/tasks?unit=" (unit) "&process=" (encode(&count.process)) "#list" } {
                                (visit.process_title(&count.process))
                            }
                        }
                        td data-label=(w.say("digest-open")) { (count.open) }
                        td data-label=(w.say("digest-overdue")) {
                            @if count.overdue > 0 { (parts::tag(Tone::Problem, &count.overdue.to_string())) } @else { "0" }
                        }
                        td data-label=(w.say("work-first")) { (parts::due(w, count.first, visit.now)) }
                    }
                }
            }
        }
    }
}

fn filters(visit: &Visit, served: &[UnitId], unit: &UnitId, process: &str) -> Markup {
    let w = &visit.w;
    let units: Vec<(String, String)> = served.iter().map(|unit| (unit.to_string(), visit.unit_title(unit))).collect();
    let title = |id: &str| (id.to_owned(), visit.process_title(id));
    let processes: Vec<(String, String)> = visit.library.all_newest().map(|deployed| title(&deployed.graph.process.id)).collect();
    let filter = |name: &str, label: String, value: &str| Control {
        name: name.to_owned(),
        label,
        value: value.to_owned(),
        required: true,
        ..Control::default()
    };
    html! {
        form class="filters" method="get" action="/tasks" role="search" novalidate {
            @if units.len() > 1 { (filter("unit", w.say("unit"), unit.as_str()).list(&units, None)) }
            (filter("process", w.say("process"), process).list(&processes, Some(&w.say("all"))))
            div class="field" { button { (w.say("show")) } }
        }
    }
}

async fn list(visit: &Visit, unit: &UnitId, rows: &[TaskRow]) -> Result<Markup, Refused> {
    let w = &visit.w;
    if rows.is_empty() {
        return Ok(html! { p class="none" { (w.say("work-none")) } });
    }
    let names = visit.case_names(unit, rows.iter().map(|row| row.instance)).await?;
    Ok(html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("task")) }
                    th scope="col" { (w.say("process")) }
                    th scope="col" { (w.say("case")) }
                    th scope="col" { (w.say("digest-who")) }
                    th scope="col" { (w.say("since")) }
                    th scope="col" { (w.say("due")) }
                }
            }
            tbody {
                @for row in rows {
                    @let graph = visit.library.get(&row.definition).map(|deployed| &*deployed.graph);
                    @let case = InstanceId { unit: unit.clone(), command: row.instance };
                    tr {
                        th scope="row" { (parts::task_link(w, &Located { unit: unit.clone(), made: row.id }, graph, &row.step)) }
                        td data-label=(w.say("process")) { (visit.process_title(&row.process)) }
                        td data-label=(w.say("case")) { a href={ "/cases/" (case) } { (names.get(&row.instance).cloned().unwrap_or_default()) } }
                        td data-label=(w.say("digest-who")) {
                            @if let Some(person) = row.assignee.as_ref().or(row.only.as_ref()) { (visit.name(person)) }
                            @else { span class="soft" { (w.say("digest-unclaimed")) ": " (w.role(&row.role)) } }
                        }
                        td data-label=(w.say("since")) { (parts::time(w, row.created)) }
                        td data-label=(w.say("due")) { (parts::due(w, row.due, visit.now)) }
                    }
                }
            }
        }
    })
}
