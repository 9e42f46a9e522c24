//! The cases of a unit: newest first, by process, status or number.

use axum::extract::Query;
use axum::response::Response;
use engine::model::{CommandId, InstanceId, InstanceStatus, Time, UnitId};
use engine::runtime::past::Register;
use engine::store::{InstanceQuery, Store};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Control;
use super::frame::Frame;
use super::parts::{self, encode};
use super::past::{self, AsOf};
use super::refused::Refused;
use super::visit::{Answer, Visit, case_name, page};
use crate::app::exports::Format;

const ROWS: u32 = 25;

/// Which cases.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    unit: Option<String>,
    #[serde(default)]
    process: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    number: String,
    after: Option<String>,
    #[serde(flatten)]
    as_of: AsOf,
}

/// The page.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let answer = view(&visit, &asked).await;
    visit.answer(answer)
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

async fn view(visit: &Visit, asked: &Asked) -> Answer {
    let w = &visit.w;
    let person = visit.identity()?.0.clone();
    let unit = visit.unit(asked.unit.as_deref()).ok_or(Refused::NotFound)?;
    // A member of the public sees their own cases.
    let is_public = visit.roles(&unit).is_empty();
    let query = InstanceQuery {
        process: some(&asked.process),
        status: InstanceStatus::ALL.into_iter().find(|status| status.word() == asked.status),
        number: some(&asked.number),
        started_by: is_public.then(|| person.id.to_string()),
        after: asked.after.as_deref().and_then(cursor),
        limit: ROWS + 1,
    };
    let past = asked.as_of.instant(visit);
    let (rows, next) = if let Some(at) = past {
        let Register { rows, next } = visit.engine().instances_at(&unit, &InstanceQuery { limit: ROWS, ..query }, at).await?;
        (rows, next)
    } else {
        let mut rows = visit.store().instances(&unit, &query).await?;
        let is_more = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        let next = rows.last().filter(|_| is_more).map(|row| (row.started, row.id));
        (rows, next)
    };
    let on = past::query(visit, past);
    let on_and = |sign: char| on.as_ref().map(|on| format!("{sign}{on}")).unwrap_or_default();
    let (here, then) = (on_and('?'), on_and('&'));
    let more = next.map(|(started, id)| {
        let (process, status, number) = (encode(&asked.process), encode(&asked.status), encode(&asked.number));
        format!("/cases?unit={unit}&process={process}&status={status}&number={number}{then}&after={}~{id}", started.0)
    });
    let processes: Vec<(String, String)> = visit
        .library
        .all_newest()
        .map(|deployed| (deployed.graph.process.id.clone(), w.text(&deployed.graph.process.title).to_owned()))
        .collect();
    let statuses: Vec<(String, String)> =
        InstanceStatus::ALL.into_iter().map(|status| (status.word().to_owned(), w.status(status))).collect();
    let units: Vec<(String, String)> = visit.units().iter().map(|unit| (unit.to_string(), visit.unit_title(unit))).collect();
    let filter = |name: &str, label: String, value: &str| Control {
        name: name.to_owned(),
        label,
        value: value.to_owned(),
        required: true,
        ..Control::default()
    };
    let body = html! {
        form class="filters" method="get" action="/cases" role="search" novalidate {
            @if units.len() > 1 { (filter("unit", w.say("unit"), unit.as_str()).list(&units, None)) }
            (filter("process", w.say("process"), &asked.process).list(&processes, Some(&w.say("all"))))
            (filter("status", w.say("status"), &asked.status).list(&statuses, Some(&w.say("all"))))
            (filter("number", w.say("number"), &asked.number).input(w, "search", None, None))
            (past::field(visit, past))
            div class="field" { button { (w.say("show")) } }
        }
        (past::note(visit, &format!("/cases?unit={unit}"), past))
        @if is_public { p class="soft" { (w.say("cases-own")) } }
        @if rows.is_empty() {
            p class="none" { (w.say("cases-none")) }
        } @else {
            table class="cards" {
                caption { (parts::counted(w, rows.len())) }
                thead {
                    tr {
                        th scope="col" { (w.say("case")) }
                        th scope="col" { (w.say("process")) }
                        th scope="col" { (w.say("status")) }
                        th scope="col" { (w.say("started")) }
                        th scope="col" { (w.say("ended")) }
                    }
                }
                tbody {
                    @for row in &rows {
                        tr {
                            th scope="row" {
                                a href={ "/cases/" (InstanceId { unit: unit.clone(), command: row.id }) (here) } {
                                    (case_name(row.number.as_deref(), row.id))
                                }
                            }
                            td data-label=(w.say("process")) { (visit.process_title(&row.process)) }
                            td data-label=(w.say("status")) { (parts::status_tag(w, row.status)) }
                            td data-label=(w.say("started")) { (parts::time(w, row.started)) }
                            td data-label=(w.say("ended")) {
                                @if let Some(ended) = row.ended { (parts::time(w, ended)) } @else { "–" }
                            }
                        }
                    }
                }
            }
            (parts::more(w, more.as_deref()))
            @if !is_public && past.is_none() { (exports(visit, &unit, &asked.process)) }
        }
    };
    page(Frame::new(visit, &w.say("cases")).wide().over(visit.unit_title(&unit)).show(&body))
}

/// Files of all cases, for those who serve the unit.
fn exports(visit: &Visit, unit: &UnitId, process: &str) -> Markup {
    let w = &visit.w;
    let process = some(process).map(|process| format!("&process={}", encode(&process))).unwrap_or_default();
    let said = |format: Format| match format {
        Format::Csv => w.say("export-csv"),
        Format::Xlsx => w.say("export-xlsx"),
        Format::Xes => w.say("export-xes"),
        Format::Ocel => w.say("export-ocel"),
    };
    html! {
        details class="screen-only" {
            summary { (w.say("exports")) }
            p { (w.say("exports-help")) }
            ul {
                @for format in [Format::Csv, Format::Xlsx, Format::Xes, Format::Ocel] {
                    li { a href={ "/api/v1/exports/" (format.file()) "?unit=" (unit) (process) } download { (said(format)) } }
                }
            }
            p { a href={ "/bundles?unit=" (unit) (process) } { (w.say("bundle")) } ": " (w.say("bundle-what")) }
        }
    }
}

fn cursor(text: &str) -> Option<(Time, CommandId)> {
    let (started, id) = text.split_once('~')?;
    Some((Time(started.parse().ok()?), id.parse().ok()?))
}
