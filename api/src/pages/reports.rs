//! Reports: how the work of a unit stands, and how its norms were kept. Those that schedules made, one of them, and the same as of now.

use axum::extract::{Path, Query};
use axum::response::Response;
use engine::model::id::{Located, Made};
use engine::model::report::{
    Content, Cut, Digest, DueTask, Load, NormKept, Performance, Report, ReportKind, WarnedClock, Weeding,
};
use engine::model::{CommandId, InstanceId, PersonId, Time, UnitId};
use engine::store::{ReportQuery, Store, StoreError};
use maud::{Markup, html};
use serde::Deserialize;

use super::frame::Frame;
use super::parts::{self, Tone};
use super::refused::Refused;
use super::say::{key, log_of};
use super::visit::{Answer, Visit, page};
use super::words::Words;
use crate::app::reports;

const ROWS: u32 = 25;

/// Which reports.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    unit: Option<String>,
    after: Option<String>,
}

impl Words {
    /// What a report is about.
    pub(super) fn report(&self, kind: ReportKind) -> String {
        self.say(match kind {
            ReportKind::Digest => key("report-digest"),
            ReportKind::Performance => key("report-performance"),
            ReportKind::Weeding => key("report-weeding"),
        })
    }

    /// A length of time, rounded up: `12 days`.
    fn took(&self, seconds: u64) -> String {
        let (key, unit) = match seconds {
            0..7_200 => (key("duration-minutes"), 60),
            7_200..172_800 => (key("duration-hours"), 3_600),
            _ => (key("duration-days"), 86_400),
        };
        self.count(key, usize::try_from(seconds.div_ceil(unit)).unwrap_or(usize::MAX))
    }
}

/// The list.
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let answer = all(&visit, &asked).await;
    visit.answer(answer)
}

/// One report.
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = kept(&visit, &id).await;
    visit.answer(answer)
}

/// A report as of now.
pub(super) async fn now(visit: Visit, Path(kind): Path<String>, Query(asked): Query<Asked>) -> Response {
    let answer = fresh(&visit, &kind, &asked).await;
    visit.answer(answer)
}

/// The unit that is asked for, if the visitor serves it.
fn served(visit: &Visit, asked: &Asked) -> Result<UnitId, Refused> {
    visit.identity()?;
    let unit = visit.unit(asked.unit.as_deref()).ok_or(Refused::NotFound)?;
    if visit.reads(&unit, None) { Ok(unit) } else { Err(Refused::Forbidden) }
}

async fn all(visit: &Visit, asked: &Asked) -> Answer {
    let w = &visit.w;
    let unit = served(visit, asked)?;
    let after = asked.after.as_deref().and_then(cursor);
    let mut rows = visit.store().reports(&unit, &ReportQuery { kind: None, after, limit: ROWS + 1 }).await?;
    let is_more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let more = rows.last().filter(|_| is_more).map(|row| format!("/reports?unit={unit}&after={}~{}", row.at.0, row.id));
    let body = html! {
        p class="lead" { (w.say("reports-lead")) }
        (parts::unit_switch(visit, &unit, "/reports"))
        ul class="links" {
            @for kind in ReportKind::ALL {
                li { a href={ "/reports/now/" (kind.word()) "?unit=" (unit) } { (w.report(kind)) ", " (w.say("reports-now")) } }
            }
        }
        @if rows.is_empty() {
            p class="none" { (w.say("reports-none")) }
        } @else {
            table class="cards" {
                caption { (parts::counted(w, rows.len())) }
                thead {
                    tr {
                        th scope="col" { (w.say("report")) }
                        th scope="col" { (w.say("report-at")) }
                        th scope="col" { (w.say("report-schedule")) }
                    }
                }
                tbody {
                    @for row in &rows {
                        tr {
                            th scope="row" {
                                a href={ "/reports/" (Located { unit: unit.clone(), made: row.id }) } { (w.report(row.kind)) }
                            }
                            td data-label=(w.say("report-at")) { (parts::time(w, row.at)) }
                            td data-label=(w.say("report-schedule")) { (schedule(visit, &row.schedule)) }
                        }
                    }
                }
            }
            (parts::more(w, more.as_deref()))
        }
    };
    page(Frame::new(visit, &w.say("reports")).wide().over(visit.unit_title(&unit)).show(&body))
}

fn cursor(text: &str) -> Option<(Time, Made)> {
    let (at, id) = text.split_once('~')?;
    Some((Time(at.parse().ok()?), id.parse().ok()?))
}

fn schedule(visit: &Visit, id: &str) -> Markup {
    let title = visit.library.newest_schedule(id).map_or(id, |issue| visit.w.text(&issue.heading.title));
    html! { a href={ "/plan#schedule-" (id) } { (title) } }
}

async fn kept(visit: &Visit, id: &str) -> Answer {
    let w = &visit.w;
    visit.identity()?;
    let Located { unit, made } = id.parse().map_err(|_| Refused::NotFound)?;
    if !visit.reads(&unit, None) {
        return Err(Refused::Forbidden);
    }
    let kept = visit.engine().kept_report(&unit, made).await?.ok_or(Refused::NotFound)?;
    let log = log_of(visit, &unit).await?;
    let foot = html! {
        section aria-labelledby="receipt" {
            h2 id="receipt" { (w.say("report-kept")) }
            p class="soft" { (w.say("report-kept-what")) " " (schedule(visit, &kept.schedule)) }
            (parts::receipt(w, &log, &kept.entry))
        }
    };
    view(visit, &unit, &kept.report, &foot).await
}

async fn fresh(visit: &Visit, kind: &str, asked: &Asked) -> Answer {
    let unit = served(visit, asked)?;
    let kind = ReportKind::ALL.into_iter().find(|known| known.word() == kind).ok_or(Refused::NotFound)?;
    let report = reports::now(visit.engine(), &unit, kind, None).await?;
    let foot = html! { p class="soft" { (visit.w.say("report-not-kept")) } };
    view(visit, &unit, &report, &foot).await
}

async fn view(visit: &Visit, unit: &UnitId, report: &Report, foot: &Markup) -> Answer {
    let w = &visit.w;
    let told = match &report.content {
        Content::Digest(content) => digest(visit, unit, report.at, content).await?,
        Content::Performance(content) => performance(visit, report.at, content),
        Content::Weeding(content) => weeding(visit, unit, content).await?,
    };
    let body = html! {
        p class="lead" { (w.say("report-at")) " " (parts::time(w, report.at)) }
        @if report.partial { (parts::notice(Tone::Warning, &w.say("report-partial"), &w.say("report-partial-what"))) }
        (told)
        (foot)
    };
    let title = w.report(report.content.kind());
    let frame = Frame::new(visit, &title).under(w.say("reports"), format!("/reports?unit={unit}"));
    page(frame.over(visit.unit_title(unit)).wide().show(&body))
}

/// That a list goes on.
fn omitted<T>(w: &Words, cut: &Cut<T>) -> Markup {
    html! { @if cut.omitted > 0 { p class="soft" { (w.with("report-omitted", &[("n", &cut.omitted.to_string())])) } } }
}

async fn digest(visit: &Visit, unit: &UnitId, at: Time, digest: &Digest) -> Result<Markup, StoreError> {
    let w = &visit.w;
    let cases = digest.tasks.items.iter().map(|task| task.instance);
    let names = visit.case_names(unit, cases.chain(digest.clocks.items.iter().map(|clock| clock.instance))).await?;
    let case = |command: CommandId| {
        let id = InstanceId { unit: unit.clone(), command };
        html! { a href={ "/cases/" (id) } { (names.get(&command).map_or("", String::as_str)) } }
    };
    // The last of the days that are looked at ends at that midnight.
    let until = w.date(w.day(Time(digest.soon.0 - 1)));
    let soon = w.with("digest-soon", &[("date", &until)]);
    Ok(html! {
        section aria-labelledby="load" {
            h2 id="load" { (w.say("digest-load")) }
            @if digest.load.items.is_empty() { p class="none" { (w.say("digest-load-none")) } } @else { (load(visit, &digest.load.items, &soon)) }
            (omitted(w, &digest.load))
        }
        section aria-labelledby="due" {
            h2 id="due" { (w.with("digest-due", &[("date", &until)])) }
            @if digest.tasks.items.is_empty() { p class="none" { (w.say("digest-due-none")) } } @else {
                (tasks(visit, unit, at, &digest.tasks.items, &case))
            }
            (omitted(w, &digest.tasks))
        }
        section aria-labelledby="clocks" {
            h2 id="clocks" { (w.say("digest-clocks")) }
            @if digest.clocks.items.is_empty() { p class="none" { (w.say("digest-clocks-none")) } } @else {
                (clocks(visit, unit, at, &digest.clocks.items, &case))
            }
            (omitted(w, &digest.clocks))
        }
    })
}

fn who(visit: &Visit, person: Option<&PersonId>) -> String {
    person.map_or_else(|| visit.w.say("digest-unclaimed"), |person| visit.name(person))
}

fn load(visit: &Visit, lines: &[Load], soon: &str) -> Markup {
    let w = &visit.w;
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("digest-who")) }
                    th scope="col" { (w.say("digest-post")) }
                    th scope="col" { (w.say("digest-open")) }
                    th scope="col" { (w.say("digest-overdue")) }
                    th scope="col" { (w.say("due-today")) }
                    th scope="col" { (soon) }
                }
            }
            tbody {
                @for line in lines {
                    tr {
                        th scope="row" { (who(visit, line.person.as_ref())) }
                        td data-label=(w.say("digest-post")) {
                            @match &line.post { Some(post) => (visit.post_title(post)), None => (w.role(&line.role)) }
                        }
                        td data-label=(w.say("digest-open")) { (line.open) }
                        td data-label=(w.say("digest-overdue")) { (line.overdue) }
                        td data-label=(w.say("due-today")) { (line.today) }
                        td data-label=(soon) { (line.soon) }
                    }
                }
            }
        }
    }
}

fn tasks(visit: &Visit, unit: &UnitId, at: Time, tasks: &[DueTask], case: &dyn Fn(CommandId) -> Markup) -> Markup {
    let w = &visit.w;
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("task")) }
                    th scope="col" { (w.say("process")) }
                    th scope="col" { (w.say("case")) }
                    th scope="col" { (w.say("digest-who")) }
                    th scope="col" { (w.say("due")) }
                }
            }
            tbody {
                @for task in tasks {
                    @let graph = visit.library.newest(&task.process).map(|deployed| &*deployed.graph);
                    tr {
                        th scope="row" { (parts::task_link(w, &Located { unit: unit.clone(), made: task.task }, graph, &task.step)) }
                        td data-label=(w.say("process")) { (visit.process_title(&task.process)) }
                        td data-label=(w.say("case")) { (case(task.instance)) }
                        td data-label=(w.say("digest-who")) {
                            @match &task.person { Some(person) => (visit.name(person)), None => (w.role(&task.role)) }
                        }
                        td data-label=(w.say("due")) { (parts::due(w, Some(task.due), at)) }
                    }
                }
            }
        }
    }
}

fn clocks(visit: &Visit, unit: &UnitId, at: Time, clocks: &[WarnedClock], case: &dyn Fn(CommandId) -> Markup) -> Markup {
    let w = &visit.w;
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("digest-norm")) }
                    th scope="col" { (w.say("process")) }
                    th scope="col" { (w.say("case")) }
                    th scope="col" { (w.say("clock-due")) }
                }
            }
            tbody {
                @for clock in clocks {
                    @let id = InstanceId { unit: unit.clone(), command: clock.instance };
                    tr {
                        th scope="row" { a href={ "/cases/" (id) "/clocks/" (clock.clock) } { (norm(visit, &clock.norm)) } }
                        td data-label=(w.say("process")) { (visit.process_title(&clock.process)) }
                        td data-label=(w.say("case")) { (case(clock.instance)) }
                        td data-label=(w.say("clock-due")) {
                            @match clock.due { Some(due) => (parts::due(w, Some(due), at)), None => (w.say("clock-due-rests")) }
                        }
                    }
                }
            }
        }
    }
}

/// Cases whose retention period is over; where they are decided about, is their own pages.
async fn weeding(visit: &Visit, unit: &UnitId, weeding: &Weeding) -> Result<Markup, StoreError> {
    let w = &visit.w;
    let cases = &weeding.cases.items;
    let names = visit.case_names(unit, cases.iter().map(|case| case.instance)).await?;
    Ok(html! {
        p { (w.say("weeding-lead")) }
        @if cases.is_empty() { p class="none" { (w.say("weeding-none")) } } @else {
            table class="cards" {
                thead {
                    tr {
                        th scope="col" { (w.say("case")) }
                        th scope="col" { (w.say("process")) }
                        th scope="col" { (w.say("weeding-ended")) }
                        th scope="col" { (w.say("weeding-until")) }
                        th scope="col" { (w.say("status")) }
                    }
                }
                tbody {
                    @for case in cases {
                        @let id = InstanceId { unit: unit.clone(), command: case.instance };
                        tr {
                            th scope="row" { a href={ "/cases/" (id) } { (names.get(&case.instance).map_or("", String::as_str)) } }
                            td data-label=(w.say("process")) { (visit.process_title(&case.process)) }
                            td data-label=(w.say("weeding-ended")) { (w.date(w.day(case.ended))) }
                            td data-label=(w.say("weeding-until")) { (w.date(case.until)) }
                            td data-label=(w.say("status")) {
                                @if case.held { (parts::tag(Tone::Warning, &w.say("weeding-held"))) " " }
                                @if case.proposed { (parts::tag(Tone::Active, &w.say("weeding-proposed"))) }
                                @if !case.held && !case.proposed { span class="soft" { (w.say("weeding-open")) } }
                            }
                        }
                    }
                }
            }
        }
        (omitted(w, &weeding.cases))
    })
}

fn norm(visit: &Visit, id: &str) -> String {
    visit.library.newest_norm(id).map_or_else(|| id.to_owned(), |issue| visit.w.text(&issue.document.document.title).to_owned())
}

fn performance(visit: &Visit, at: Time, performance: &Performance) -> Markup {
    let w = &visit.w;
    let rate = |line: &NormKept| (line.kept * 100).checked_div(line.kept + line.missed).map(|rate| format!("{rate} %"));
    let took = |seconds: Option<u64>| seconds.map_or_else(|| "–".to_owned(), |seconds| w.took(seconds));
    html! {
        p {
            @match performance.from {
                Some(from) => (w.with("performance-from-to", &[("from", &w.time(from)), ("to", &w.time(at))])),
                None => (w.with("performance-to", &[("to", &w.time(at))])),
            }
        }
        @if performance.norms.items.is_empty() {
            p class="none" { (w.say("performance-none")) }
        } @else {
            table class="cards" {
                thead {
                    tr {
                        th scope="col" { (w.say("digest-norm")) }
                        th scope="col" { (w.say("performance-started")) }
                        th scope="col" { (w.say("clock-met")) }
                        th scope="col" { (w.say("clock-missed")) }
                        th scope="col" { (w.say("performance-rate")) }
                        th scope="col" { (w.say("performance-cancelled")) }
                        th scope="col" { (w.say("performance-running")) }
                        th scope="col" { (w.say("clock-late")) }
                        th scope="col" { (w.say("performance-median")) }
                        th scope="col" { (w.say("performance-ninetieth")) }
                    }
                }
                tbody {
                    @for line in &performance.norms.items {
                        tr {
                            th scope="row" { a href={ "/norms/" (line.norm) } { (norm(visit, &line.norm)) } }
                            td data-label=(w.say("performance-started")) { (line.started) }
                            td data-label=(w.say("clock-met")) { (line.kept) }
                            td data-label=(w.say("clock-missed")) { (line.missed) }
                            td data-label=(w.say("performance-rate")) { (rate(line).unwrap_or_else(|| "–".to_owned())) }
                            td data-label=(w.say("performance-cancelled")) { (line.cancelled) }
                            td data-label=(w.say("performance-running")) { (line.running) }
                            td data-label=(w.say("clock-late")) { (line.overdue) }
                            td data-label=(w.say("performance-median")) { (took(line.median_seconds)) }
                            td data-label=(w.say("performance-ninetieth")) { (took(line.ninetieth_seconds)) }
                        }
                    }
                }
            }
            (omitted(w, &performance.norms))
            p class="soft" { (w.say("performance-how")) }
        }
    }
}
