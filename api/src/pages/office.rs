//! The office on a day: its units, posts and who holds them by which order, its people, and who plays a role.

use axum::extract::Query;
use axum::response::Response;
use engine::model::office::{Appointment, Post, Unit};
use engine::model::{Time, UnitId};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Control;
use super::frame::Frame;
use super::parts::{self, Tone};
use super::visit::{Visit, page};

/// The day, and the role that is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    on: String,
    #[serde(default)]
    role: String,
}

/// The page.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let answer = async {
        visit.identity()?;
        page(view(&visit, &asked))
    };
    visit.answer(answer.await)
}

/// Noon of a day in the office's zone; the instant itself for today.
fn instant(visit: &Visit, date: Date) -> Time {
    if date == visit.w.day(visit.now) {
        return visit.now;
    }
    let noon = date.at(12, 0, 0, 0).to_zoned_datetime(visit.w.zone.clone());
    noon.map_or(visit.now, |noon| Time::from_timestamp(noon.timestamp()))
}

fn view(visit: &Visit, asked: &Asked) -> Markup {
    let w = &visit.w;
    let date: Date = asked.on.parse().unwrap_or_else(|_| w.day(visit.now));
    let at = instant(visit, date);
    let mut roles: Vec<&String> = visit.office.posts.values().flat_map(|post| &post.roles).collect();
    roles.sort();
    roles.dedup();
    let options: Vec<(String, String)> = roles.iter().map(|role| ((*role).clone(), w.role(role))).collect();
    let control = |name: &str, label: String, value: String| Control {
        name: name.to_owned(),
        label,
        value,
        required: true,
        ..Control::default()
    };
    let tops: Vec<&Unit> = visit
        .office
        .units
        .values()
        .filter(|unit| unit.parent.as_ref().is_none_or(|parent| !visit.office.units.contains_key(parent)))
        .collect();
    let body = html! {
        form class="filters" method="get" action="/office" novalidate {
            (control("on", w.say("on-day"), date.to_string()).input(w, "date", None, None))
            (control("role", w.say("role"), asked.role.clone()).list(&options, Some(&w.say("all"))))
            div class="field" { button { (w.say("show")) } }
        }
        @if roles.iter().any(|role| **role == asked.role) {
            section aria-labelledby="holders" {
                h2 id="holders" { (w.with("who-plays", &[("role", &w.role(&asked.role))])) }
                (holders(visit, &asked.role, at))
            }
        }
        section aria-labelledby="units" {
            h2 id="units" { (w.say("units")) }
            @for unit in tops { (tree(visit, unit, at, 0)) }
        }
        section aria-labelledby="people" {
            h2 id="people" { (w.say("people")) }
            (people(visit, at))
        }
    };
    Frame::new(visit, &w.say("office")).wide().over(w.with("office-on", &[("date", &w.date(date))])).show(&body)
}

/// Until when an appointment holds.
fn span(visit: &Visit, appointment: &Appointment) -> String {
    let w = &visit.w;
    let from = w.date(w.day(appointment.from));
    match appointment.to {
        // The last day is the one before.
        Some(to) => w.with("from-to", &[("from", &from), ("to", &w.date(w.day(to.plus_seconds(-1))))]),
        None => w.with("from-on", &[("from", &from)]),
    }
}

fn tree(visit: &Visit, unit: &Unit, at: Time, depth: usize) -> Markup {
    let w = &visit.w;
    let posts: Vec<&Post> = visit.office.posts.values().filter(|post| post.unit == unit.id).collect();
    let below: Vec<&Unit> = visit.office.units.values().filter(|one| one.parent.as_ref() == Some(&unit.id)).collect();
    let own: bool = visit
        .person()
        .is_some_and(|person| visit.office.current_of(&person.id, at).any(|holder| visit.is_below(&holder.post.unit, &unit.id)));
    html! {
        details class="unit" open[own || depth == 0] {
            summary { strong { (w.text(&unit.title)) } " " span class="count" { (w.count("posts-count", posts.len())) } }
            @if !posts.is_empty() {
                table class="cards" {
                    thead {
                        tr {
                            th scope="col" { (w.say("post")) }
                            th scope="col" { (w.say("roles")) }
                            th scope="col" { (w.say("holder")) }
                            th scope="col" { (w.say("order")) }
                        }
                    }
                    tbody { @for post in &posts { (post_row(visit, post, at)) } }
                }
            }
            // Units form a tree; the depth is a seat belt.
            @if depth < 32 { @for unit in below { (tree(visit, unit, at, depth + 1)) } }
        }
    }
}

fn post_row(visit: &Visit, post: &Post, at: Time) -> Markup {
    let w = &visit.w;
    let held: Vec<_> = visit.office.current(at).filter(|holder| holder.post.id == post.id).collect();
    html! {
        tr {
            th scope="row" { (w.text(&post.title)) }
            td data-label=(w.say("roles")) {
                @for (place, role) in post.roles.iter().enumerate() { @if place > 0 { ", " } (w.role(role)) }
            }
            td data-label=(w.say("holder")) {
                @if held.is_empty() { (parts::tag(Tone::Warning, &w.say("vacant"))) }
                @for holder in &held { div { (holder.person.name) } }
            }
            td data-label=(w.say("order")) {
                @if held.is_empty() { "–" }
                @for holder in &held { div { (holder.appointment.order) br; span class="soft" { (span(visit, holder.appointment)) } } }
            }
        }
    }
}

fn holders(visit: &Visit, role: &str, at: Time) -> Markup {
    let w = &visit.w;
    let found: Vec<_> = visit.office.current(at).filter(|holder| holder.post.roles.iter().any(|one| one == role)).collect();
    html! {
        @if found.is_empty() { p class="none" { (w.say("nobody")) } }
        ul {
            @for holder in &found {
                li {
                    strong { (holder.person.name) } ", " (w.text(&holder.post.title)) ", " (visit.unit_title(&holder.post.unit))
                    " – " (holder.appointment.order)
                }
            }
        }
    }
}

fn people(visit: &Visit, at: Time) -> Markup {
    let w = &visit.w;
    let mut people: Vec<_> = visit.office.people.values().collect();
    people.sort_by(|a, b| a.name.cmp(&b.name));
    let posts = |id: &engine::model::PersonId| -> Vec<(String, UnitId)> {
        let held = visit.office.current_of(id, at);
        held.map(|holder| (w.text(&holder.post.title).to_owned(), holder.post.unit.clone())).collect()
    };
    // Members of the public are not listed: whoever holds a post answers for it by name, whoever comes with a claim does not.
    html! {
        ul class="people" {
            @for person in people {
                @let held = posts(&person.id);
                @if !held.is_empty() {
                    li {
                        strong { (person.name) }
                        @for (post, unit) in &held { br; span class="soft" { (post) ", " (visit.unit_title(unit)) } }
                    }
                }
            }
        }
    }
}
