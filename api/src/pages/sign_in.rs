//! Who acts: for an office on show only, a choice among its people. Real sign-in comes at `app::actor`.

use axum::Form as Body;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use engine::model::PersonId;
use maud::html;

use super::frame::Frame;
use super::posted::{Posted, text};
use super::refused::Refused;
use super::visit::{Visit, page};
use crate::app::actor::{ACTOR_COOKIE, NoIdentity, find};

/// The choice.
pub(super) async fn show(visit: Visit) -> Response {
    let answer = async {
        if !visit.app.demo {
            return Err(Refused::NotFound);
        }
        let w = &visit.w;
        let mut people: Vec<_> = visit.office.people.values().collect();
        people.sort_by(|a, b| a.name.cmp(&b.name));
        let posts = |id: &PersonId| {
            let held = visit.office.current_of(id, visit.now);
            held.map(|holder| w.text(&holder.post.title).to_owned()).collect::<Vec<_>>()
        };
        let people: Vec<_> = people.into_iter().map(|person| (person, posts(&person.id))).collect();
        let (officials, public): (Vec<_>, Vec<_>) = people.into_iter().partition(|(_, posts)| !posts.is_empty());
        let body = html! {
            p class="lead" { (w.say("actor-lead")) }
            @if visit.nobody() == Some(NoIdentity::Untrusted) { p class="notice problem" { (w.say("actor-untrusted")) } }
            @if officials.is_empty() && public.is_empty() { p class="none" { (w.say("nobody")) } }
            @for (title, group) in [(w.say("officials"), &officials), (w.say("public"), &public)] {
                @if !group.is_empty() {
                    h2 { (title) }
                    form method="post" action="/actor" {
                        ul class="choices" {
                            @for (person, posts) in group {
                                li {
                                    button name="person" value=(person.handle) {
                                        strong { (person.name) }
                                        @if !posts.is_empty() { span { (posts.join(" · ")) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        };
        page(Frame::new(&visit, &w.say("actor-title")).wide().show(&body))
    };
    visit.answer(answer.await)
}

/// Takes the choice.
pub(super) async fn choose(visit: Visit, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        if !visit.app.demo {
            return Err(Refused::NotFound);
        }
        let handle = find(&visit.office, text(&posted, "person")).map(|person| person.handle.clone()).ok_or(Refused::NotFound)?;
        Ok(with_cookie(&format!("{ACTOR_COOKIE}={handle}; Path=/; HttpOnly; SameSite=Strict"), "/"))
    };
    visit.answer(answer.await)
}

/// Forgets it.
pub(super) async fn leave(visit: Visit) -> Response {
    let to = if visit.app.demo { "/actor" } else { "/" };
    with_cookie(&format!("{ACTOR_COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"), to)
}

/// Sets a cookie and goes on.
pub(super) fn with_cookie(cookie: &str, to: &str) -> Response {
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(to)).into_response()
}
