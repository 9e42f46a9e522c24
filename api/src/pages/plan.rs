//! The plan: what schedules start or make in the coming year, month by month; and the dates that some of them still wait for.

use axum::Form as Body;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine::graph::library::{Issue, Planned};
use engine::journal::Command;
use engine::machine::Rejection;
use engine::machine::definition::QUALITY_COORDINATOR;
use engine::machine::schedule::unit_of;
use engine::model::schedule::Schedule;
use engine::model::{Time, UnitId};
use engine::schedule::Occurrence;
use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{Control, summary};
use super::frame::Frame;
use super::parts::{self, Tone, encode};
use super::posted::{Posted, day, text};
use super::refused::{Refused, refusal, status_of};
use super::visit::{Visit, go, page, page_as};
use crate::app::plan::{Plan, Within};

/// Months that are shown.
const MONTHS: usize = 12;
/// Occurrences of a schedule in a month that are shown one by one.
const FEW: usize = 5;

/// Which part of the plan is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    unit: String,
}

/// A date that was sent and not taken.
struct Wrong<'a> {
    anchor: &'a str,
    date: &'a str,
    why: Option<&'a Rejection>,
}

/// The page.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let answer = async {
        visit.identity()?;
        page(view(&visit, &asked, None))
    };
    visit.answer(answer.await)
}

/// Whoever reloads what came of sending a date.
pub(super) async fn back() -> Response {
    Redirect::to("/plan").into_response()
}

/// Gives the date of an event.
pub(super) async fn give(visit: Visit, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        visit.identity()?;
        let anchor = text(&posted, "anchor");
        let sent = text(&posted, &format!("date-{anchor}"));
        let wrong = |why| Wrong { anchor, date: sent, why };
        let Ok(date) = day(sent.trim()).parse::<Date>() else {
            return page_as(StatusCode::UNPROCESSABLE_ENTITY, view(&visit, &Asked::default(), Some(&wrong(None))));
        };
        let command = Command::GiveAnchor { anchor: anchor.to_owned(), date };
        match visit.submit(&UnitId::site(), text(&posted, "key"), command).await {
            Ok(_) => go(&format!("/plan#anchor-{}", encode(anchor))),
            Err(refused) => {
                let Some(rejection) = refused.rejection().cloned() else { return Err(refused) };
                if status_of(&rejection) == StatusCode::FORBIDDEN {
                    return Err(Refused::Forbidden);
                }
                page_as(status_of(&rejection), view(&visit, &Asked::default(), Some(&wrong(Some(&rejection)))))
            }
        }
    };
    visit.answer(answer.await)
}

/// The first instants of this month and those after it, in the office's zone.
fn months(visit: &Visit) -> Vec<(Date, Time)> {
    let first = visit.w.day(visit.now).first_of_month();
    let instant = |date: Date| {
        let midnight = visit.w.zone.to_timestamp(date.at(0, 0, 0, 0));
        midnight.map_or(visit.now, Time::from_timestamp)
    };
    first.series(1.month()).take(MONTHS + 1).map(|date| (date, instant(date))).collect()
}

/// Whether the visitor may give dates.
fn coordinates(visit: &Visit) -> bool {
    let coordinates = |role: &String| role == QUALITY_COORDINATOR;
    visit.person().is_some_and(|person| {
        let mut posts = visit.office.current_of(&person.id, visit.now);
        posts.any(|holder| holder.post.roles.iter().any(coordinates))
    })
}

fn view(visit: &Visit, asked: &Asked, wrong: Option<&Wrong<'_>>) -> Markup {
    let w = &visit.w;
    let plan = Plan { office: visit.office.clone(), library: visit.library.clone() };
    let unit = visit.units().into_iter().find(|unit| unit.as_str() == asked.unit);
    let of = unit.as_ref();
    let months = months(visit);
    let schedules: Vec<_> = plan.schedules(of).collect();
    let is_awaited = |anchor: &str| !visit.office.anchors.contains_key(anchor);
    let mut anchors: Vec<&str> = schedules.iter().filter_map(|issue| issue.document.schedule.awaits()).collect();
    anchors.sort_unstable();
    anchors.dedup();
    let (awaited, given): (Vec<&str>, Vec<&str>) = anchors.into_iter().partition(|anchor| is_awaited(anchor));
    let feed =
        format!("/calendar.ics?language={}{}", w.language.tag(), of.map(|unit| format!("&unit={unit}")).unwrap_or_default());
    let body = html! {
        @if let Some(wrong) = wrong {
            @match wrong.why {
                Some(rejection) => (refusal(w, rejection)),
                None => (summary(w, std::iter::once((Some(format!("date-{}", wrong.anchor)), w.say("anchor-no-date"))))),
            }
        }
        p class="lead" { (w.say("plan-lead")) }
        (unit_choice(visit, of))
        @if !awaited.is_empty() {
            section aria-labelledby="awaited" {
                h2 id="awaited" { (w.say("anchors-awaited")) }
                p { (w.say("anchors-lead")) }
                ul class="tiles" { @for anchor in &awaited { (anchor_tile(visit, &schedules, anchor, wrong)) } }
            }
        }
        section aria-labelledby="year" {
            h2 id="year" { (w.say("plan-year")) }
            p { a href=(feed) { (w.say("plan-feed")) } " " span class="soft" { (w.say("plan-feed-hint")) } }
            @for pair in months.windows(2) {
                @let (from, to) = (pair[0].1.max(visit.now), pair[1].1);
                @let found = plan.within(of, Time(from.0 - 1), Time(to.0 - 1), FEW);
                @if !found.is_empty() { (month(visit, pair[0].0, &found)) }
            }
            @if schedules.is_empty() { p class="none" { (w.say("plan-none")) } }
        }
        @if !given.is_empty() {
            section aria-labelledby="anchors" {
                h2 id="anchors" { (w.say("anchors")) }
                ul class="tiles" { @for anchor in &given { (anchor_tile(visit, &schedules, anchor, wrong)) } }
            }
        }
        section aria-labelledby="schedules" {
            h2 id="schedules" { (w.say("schedules")) }
            @for issue in &schedules { (schedule(visit, issue)) }
        }
        (calendars(visit))
    };
    Frame::new(visit, &w.say("plan")).wide().failed(wrong.is_some()).show(&body)
}

/// A choice of the unit, or all of them.
fn unit_choice(visit: &Visit, chosen: Option<&UnitId>) -> Markup {
    let w = &visit.w;
    let units: Vec<(String, String)> = visit.units().iter().map(|unit| (unit.to_string(), visit.unit_title(unit))).collect();
    let control = Control {
        name: "unit".to_owned(),
        label: w.say("unit"),
        value: chosen.map(ToString::to_string).unwrap_or_default(),
        required: true,
        ..Control::default()
    };
    html! {
        @if units.len() > 1 {
            form class="filters" method="get" action="/plan" {
                (control.list(&units, Some(&w.say("all"))))
                div class="field" { button { (w.say("show")) } }
            }
        }
    }
}

/// An event that schedules count from: its date, or that it is awaited; and the form to give it.
fn anchor_tile(visit: &Visit, schedules: &[&Issue<Planned>], anchor: &str, wrong: Option<&Wrong<'_>>) -> Markup {
    let w = &visit.w;
    let given = visit.office.anchors.get(anchor);
    let wrong = wrong.filter(|wrong| wrong.anchor == anchor);
    let counting = schedules.iter().filter(|issue| issue.document.schedule.awaits() == Some(anchor));
    let control = Control {
        name: format!("date-{anchor}"),
        label: w.say("anchor-date"),
        value: wrong.map(|wrong| wrong.date.to_owned()).or_else(|| given.map(ToString::to_string)).unwrap_or_default(),
        required: true,
        wrong: wrong.filter(|wrong| wrong.why.is_none()).map(|_| w.say("anchor-no-date")).into_iter().collect(),
        ..Control::default()
    };
    let form = html! {
        form method="post" action="/plan/anchors" novalidate {
            (parts::key_field(visit))
            input type="hidden" name="anchor" value=(anchor);
            (control.input(w, "date", None, None))
            button class=[given.is_some().then_some("plain")] { (w.say("anchor-give")) }
        }
    };
    html! {
        li id={ "anchor-" (anchor) } {
            h3 { (w.anchor(anchor)) }
            p {
                @match given {
                    Some(date) => (w.date(*date)),
                    None => (parts::tag(Tone::Warning, &w.say("anchor-awaited"))),
                }
            }
            p class="soft" {
                (w.say("anchor-counts")) " "
                @for (place, issue) in counting.enumerate() { @if place > 0 { ", " } (w.text(&issue.heading.title)) }
            }
            @if coordinates(visit) {
                @if given.is_some() && wrong.is_none() { details { summary { (w.say("anchor-again")) } (form) } } @else { (form) }
            }
        }
    }
}

fn month(visit: &Visit, first: Date, found: &[Within<'_>]) -> Markup {
    let w = &visit.w;
    html! {
        h3 id={ "month-" (first.strftime("%Y-%m")) } { (w.month(first)) }
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("plan-what")) }
                    th scope="col" { (w.say("plan-when")) }
                    th scope="col" { (w.say("plan-starts")) }
                    th scope="col" { (w.say("plan-owner")) }
                }
            }
            tbody {
                @for within in found {
                    @let document = &within.of.document.document;
                    tr {
                        th scope="row" {
                            a href={ "#schedule-" (document.id) } { (w.text(&document.title)) }
                            @if !document.verified { " " (parts::tag(Tone::Warning, &w.say("unverified"))) }
                        }
                        td data-label=(w.say("plan-when")) {
                            @match &within.more {
                                None => @for occurrence in &within.listed { div { (falls(visit, occurrence)) } },
                                Some((count, last)) => {
                                    div { strong { (w.with("plan-times", &[("n", &count.to_string())])) } }
                                    @if let Some(first) = within.listed.first() {
                                        div class="soft" {
                                            (w.with("plan-from-to", &[("from", &w.time(at(first))), ("to", &w.time(at(last)))]))
                                        }
                                    }
                                }
                            }
                        }
                        td data-label=(w.say("plan-starts")) { (does(visit, document)) }
                        td data-label=(w.say("plan-owner")) { (visit.post_title(&document.owner.post)) }
                    }
                }
            }
        }
    }
}

fn at(occurrence: &Occurrence) -> Time {
    Time::from_timestamp(occurrence.instant)
}

fn falls(visit: &Visit, occurrence: &Occurrence) -> Markup {
    let w = &visit.w;
    html! {
        (parts::time(w, at(occurrence)))
        @if occurrence.rolled {
            " " span class="soft" { (w.with("plan-moved", &[("date", &w.date(occurrence.nominal.date()))])) }
        }
    }
}

/// What an occurrence does: the process that it starts, or the report that it makes.
fn does(visit: &Visit, document: &Schedule) -> Markup {
    let w = &visit.w;
    html! {
        @if let Some(started) = &document.starts { (starts(visit, &started.process)) }
        @if let Some(makes) = &document.makes { (w.say("report")) ": " a href="/reports" { (w.report(makes.report)) } }
    }
}

/// The process that is started, or that there is none.
fn starts(visit: &Visit, process: &str) -> Markup {
    let w = &visit.w;
    html! {
        @match visit.library.newest(process) {
            Some(deployed) => a href={ "/definitions/" (process) "/" (deployed.version) } { (w.text(&deployed.graph.process.title)) },
            None => { code { (process) } " " (parts::tag(Tone::Problem, &w.say("plan-not-deployed"))) }
        }
    }
}

fn schedule(visit: &Visit, issue: &Issue<Planned>) -> Markup {
    let w = &visit.w;
    let document = &issue.document.document;
    let anchor = issue.document.schedule.awaits();
    let unit = unit_of(&visit.office, &issue.document);
    html! {
        details id={ "schedule-" (document.id) } {
            summary {
                strong { (w.text(&document.title)) } " "
                @if let Some(armed) = visit.office.armed.get(&document.id) {
                    span class="soft" { (w.with("plan-next", &[("time", &w.time(armed.at))])) }
                } @else if anchor.is_some_and(|anchor| !visit.office.anchors.contains_key(anchor)) {
                    (parts::tag(Tone::Warning, &w.say("anchor-awaited")))
                } @else {
                    (parts::tag(Tone::Quiet, &w.say("plan-ended")))
                }
            }
            @if let Some(help) = &document.help { p { (w.text(help)) } }
            dl class="facts" {
                div { dt { (w.say("plan-starts")) } dd { (does(visit, document)) } }
                div { dt { (w.say("plan-owner")) } dd { (visit.post_title(&document.owner.post)) } }
                @if let Some(unit) = unit { div { dt { (w.say("unit")) } dd { (visit.unit_title(unit)) } } }
                @if let Some(anchor) = anchor { div { dt { (w.say("anchors")) } dd { a href={ "#anchor-" (anchor) } { (w.anchor(anchor)) } } } }
                @if !document.reference.is_empty() { div { dt { (w.say("references")) } dd { (document.reference.join(" · ")) } } }
                div { dt { (w.say("process-id")) } dd { code { (document.id) } " " (w.with("version", &[("n", &issue.version.to_string())])) } }
                div { dt { (w.say("sources")) } dd {
                    @if document.verified { (parts::tag(Tone::Done, &w.say("verified"))) } @else { (parts::tag(Tone::Warning, &w.say("not-verified"))) }
                    ul lang="en" { @for source in &document.source { li { (source) } } }
                } }
            }
        }
    }
}

/// The calendars by which dates move.
fn calendars(visit: &Visit) -> Markup {
    let w = &visit.w;
    html! {
        @if visit.library.calendars().next().is_some() {
            section aria-labelledby="calendars" {
                h2 id="calendars" { (w.say("calendars")) }
                ul class="links" {
                    @for issue in visit.library.calendars() {
                        li { a href={ "/calendars/" (issue.heading.id) } { (w.text(&issue.heading.title)) } " " code { (issue.heading.id) } }
                    }
                }
            }
        }
    }
}
