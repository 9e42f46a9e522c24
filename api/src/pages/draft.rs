//! A new document is begun: its kind, its text, and what is wrong with it until it is a draft.

use axum::Form as Body;
use axum::response::Response;
use engine::journal::Command;
use engine::machine::Rejection;
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::check::problems;
use super::documents::{kind_word, path};
use super::form::Control;
use super::frame::Frame;
use super::live;
use super::parts;
use super::posted::{Posted, text};
use super::refused::{Refused, refusal, status_of};
use super::visit::{Visit, go, page, page_as};

/// The empty page, with the outline of a process to begin from.
pub(super) async fn show(visit: Visit) -> Response {
    let answer = async {
        visit.identity()?;
        if !visit.serves() {
            return Err(Refused::Forbidden);
        }
        page(view(&visit, DocumentKind::Process.name(), &outline(&visit), None))
    };
    visit.answer(answer.await)
}

/// Saves the draft.
pub(super) async fn save(visit: Visit, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        visit.identity()?;
        let (kind, document) = (text(&posted, "kind"), text(&posted, "document"));
        let known = DocumentKind::ALL.into_iter().find(|known| known.name() == kind).ok_or(Refused::NotFound)?;
        let command = Command::SaveDraft { kind: known, document: document.to_owned(), over: None };
        match visit.submit(&UnitId::site(), text(&posted, "key"), command).await {
            Ok(_) => {
                // Invariant: a draft without an id is not saved.
                let id =
                    serde_json::from_str::<Value>(document).ok().and_then(|document| Some(document["id"].as_str()?.to_owned()));
                go(&id.map_or_else(|| "/documents".to_owned(), |id| path(known, &id)))
            }
            Err(refused) => {
                let Some(rejection) = refused.rejection().cloned() else { return Err(refused) };
                page_as(status_of(&rejection), view(&visit, kind, document, Some(&rejection)))
            }
        }
    };
    visit.answer(answer.await)
}

fn view(visit: &Visit, kind: &str, document: &str, rejection: Option<&Rejection>) -> Markup {
    let w = &visit.w;
    let control = |name: &str, label: String, value: &str| Control {
        name: name.to_owned(),
        label,
        required: true,
        value: value.to_owned(),
        ..Control::default()
    };
    let kinds: Vec<(String, String)> =
        DocumentKind::ALL.into_iter().map(|kind| (kind.name().to_owned(), kind_word(w, kind))).collect();
    let body = html! {
        @if let Some(rejection) = rejection { (refusal(w, rejection)) (problems(visit, &rejection.problems)) }
        p class="lead" { (w.say("draft-new-lead")) }
        form method="post" action="/documents/new" class="code-form" novalidate data-guard {
            (parts::key_field(visit))
            (control("kind", w.say("document-kind"), kind).select(w, &kinds))
            (control("document", w.say("document-json"), document).textarea(w, 18))
            div class="actions" { button class="main" { (w.say("draft-save")) } }
            (live::place(visit, None))
        }
    };
    let title = w.say("draft-new");
    Frame::new(visit, &title).wide().under(w.say("documents"), "/documents").failed(rejection.is_some()).show(&body)
}

/// A process of one step, owned by a post that the visitor holds.
fn outline(visit: &Visit) -> String {
    let held = visit.person().and_then(|person| visit.office.current_of(&person.id, visit.now).next());
    let post = held.map(|holder| holder.post.id.to_string()).unwrap_or_default();
    let role = held.and_then(|holder| holder.post.roles.first().cloned()).unwrap_or_default();
    let outline = json!({
        "id": "", "title": { "en": "", "hi": "" }, "owner": { "post": post },
        "steps": [
            { "id": "begin", "type": "startEvent", "next": "work" },
            { "id": "work", "type": "userTask", "title": { "en": "", "hi": "" }, "performer": { "role": role }, "next": "done" },
            { "id": "done", "type": "endEvent" }
        ]
    });
    serde_json::to_string_pretty(&outline).unwrap_or_default()
}
