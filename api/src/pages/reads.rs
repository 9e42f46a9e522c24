//! Who has read personal values: on the page of a case, of a case in full, and by a person. For those who look after it.

use axum::extract::{Path, Query};
use axum::response::Response;
use engine::graph::Graph;
use engine::model::id::Made;
use engine::model::reading::Through;
use engine::model::{InstanceId, Time, UnitId};
use engine::projection::row::ReadingRow;
use engine::store::Store as _;
use maud::{Markup, html};
use serde::Deserialize;

use super::case::Found;
use super::frame::Frame;
use super::parts::{self, Tone};
use super::refused::Refused;
use super::say::key;
use super::visit::{Answer, Visit, case_name, page};
use super::words::Words;
use crate::app::actor::find;
use crate::app::readers::{self, Readings};

/// Readings on the page of a case.
pub(super) const SHOWN: u32 = 5;
/// Readings on a page of their own.
const ROWS: u32 = 50;

/// Whose readings, and where the page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    person: String,
    after: Option<String>,
}

impl Asked {
    fn after(&self) -> Option<(Time, Made)> {
        let (at, id) = self.after.as_deref()?.split_once('~')?;
        Some((Time(at.parse().ok()?), id.parse().ok()?))
    }
}

impl Words {
    /// Through what something was read.
    fn through(&self, through: Through) -> String {
        self.say(match through {
            Through::CasePage => key("through-case-page"),
            Through::TaskPage => key("through-task-page"),
            Through::Slip => key("through-slip"),
            Through::File => key("through-file"),
            Through::Case => key("through-case"),
            Through::History => key("through-history"),
            Through::Task => key("through-task"),
            Through::Entries => key("through-entries"),
            Through::Jobs => key("through-jobs"),
            Through::Bundle => key("through-bundle"),
        })
    }
}

/// Whether the visitor looks after what is read of a unit's cases.
pub(super) fn may_look(visit: &Visit, unit: &UnitId) -> bool {
    visit.person().is_some_and(|person| readers::may_look(&visit.office, &person.id, unit, visit.now))
}

/// That personal values are not shown, since it cannot be recorded.
pub(super) fn unrecorded(w: &Words) -> Markup {
    html! {
        (parts::notice(Tone::Problem, &w.say("read-unrecorded"), &w.say("read-unrecorded-what")))
        p class="code" { (w.say("refusal-code")) " " code { "read.unrecorded" } }
    }
}

/// The latest readings of a case, on its page; nothing for others.
pub(super) fn section(visit: &Visit, found: &Found) -> Markup {
    let w = &visit.w;
    let Some(Readings { rows, next }) = &found.readings else { return html! {} };
    html! {
        section aria-labelledby="reads" {
            h2 id="reads" { (w.say("reads")) }
            @if rows.is_empty() { p class="none" { (w.say("reads-none")) } } @else { (table(visit, rows, Some(&found.graph))) }
            @if next.is_some() { p { a href={ "/cases/" (found.id) "/reads" } { (w.say("reads-all")) } } }
        }
    }
}

/// All readings of a case.
pub(super) async fn of_case(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Response {
    let answer: Answer = async {
        visit.identity()?;
        let id: InstanceId = id.parse().map_err(|_| Refused::NotFound)?;
        if !may_look(&visit, &id.unit) {
            return Err(Refused::Forbidden);
        }
        let row = visit.store().instance(&id.unit, id.command).await?.ok_or(Refused::NotFound)?;
        let Readings { rows, next } = readers::of_case(&visit.app, &id, asked.after(), ROWS).await?;
        let graph = visit.library.get(&row.definition).map(|deployed| &*deployed.graph);
        let more = next.map(|(at, made)| format!("/cases/{id}/reads?after={}~{made}", at.0));
        let case = case_name(row.number.as_deref(), row.id);
        page(list(&visit, &rows, graph, more.as_deref(), (case, format!("/cases/{id}"))))
    }
    .await;
    visit.answer(answer)
}

/// All that a person has read, as far as the visitor looks after it.
pub(super) async fn by_person(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let answer: Answer = async {
        let asker = &visit.identity()?.0.id;
        if !readers::may_look_somewhere(&visit.office, asker, visit.now) {
            return Err(Refused::Forbidden);
        }
        let person = find(&visit.office, &asked.person).ok_or(Refused::NotFound)?;
        let Readings { rows, next } = readers::of_person(&visit.app, asker, &person.id, asked.after(), ROWS).await?;
        let more = next.map(|(at, made)| format!("/reads?person={}&after={}~{made}", person.id, at.0));
        page(list(&visit, &rows, None, more.as_deref(), (person.name.clone(), "/office".to_owned())))
    }
    .await;
    visit.answer(answer)
}

fn list(visit: &Visit, rows: &[ReadingRow], graph: Option<&Graph>, more: Option<&str>, (of, back): (String, String)) -> Markup {
    let w = &visit.w;
    let body = html! {
        p class="lead" { (w.say("reads-lead")) }
        @if rows.is_empty() { p class="none" { (w.say("reads-none")) } } @else { (table(visit, rows, graph)) }
        (parts::more(w, more))
    };
    Frame::new(visit, &w.say("reads")).wide().under(of, back).show(&body)
}

fn table(visit: &Visit, rows: &[ReadingRow], graph: Option<&Graph>) -> Markup {
    let w = &visit.w;
    // Names of variables are told by the definition that the case has; of many cases by their codes.
    let names = |row: &ReadingRow| {
        let names = row.names.split(' ').map(|name| graph.map_or_else(|| name.to_owned(), |graph| w.variable(graph, name)));
        names.collect::<Vec<_>>().join(", ")
    };
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("reads-when")) }
                    th scope="col" { (w.say("reads-who")) }
                    @if graph.is_none() { th scope="col" { (w.say("case")) } }
                    th scope="col" { (w.say("reads-what")) }
                    th scope="col" { (w.say("reads-through")) }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (parts::time(w, row.at)) }
                        td data-label=(w.say("reads-who")) {
                            a href={ "/reads?person=" (row.person) } { (visit.name(&row.person)) }
                            @if let Some(post) = &row.via { ", " (visit.post_title(post)) }
                        }
                        @if graph.is_none() {
                            td data-label=(w.say("case")) { a href={ "/cases/" (row.case) } { (case_name(None, row.case.command)) } }
                        }
                        td data-label=(w.say("reads-what")) { (names(row)) }
                        td data-label=(w.say("reads-through")) { (w.through(row.through)) }
                    }
                }
            }
        }
    }
}
