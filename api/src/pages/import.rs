//! Files that other offices send are taken in: an amendment, a withdrawal or an acknowledgement. And which offices are recognised.

use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{FromRequestParts, Multipart};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use engine::evidence::extract::Sent;
use engine::journal::amendment::Relation;
use engine::machine::Rejection;
use engine::model::document::DocumentKind;
use engine::model::limits::AMENDMENT_BYTES_MAX;
use engine::runtime::Refusal;
use maud::{Markup, html};

use super::check::problems;
use super::documents::{kind_word, path, title};
use super::form::Control;
use super::frame::Frame;
use super::parts::{self as shown, Tone};
use super::received::office_title;
use super::refused::{Refused, refusal, status_of};
use super::visit::{Visit, page, page_as};
use crate::app::App;
use crate::app::extract::{Taken, take_in};
use crate::app::rights;

/// The visit of a quality coordinator, who may have a file checked: known before the file is read.
pub(super) struct Coordinator(Visit);

impl FromRequestParts<App> for Coordinator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        // It cannot fail: a visit by nobody is a visit too.
        let Ok(visit) = Visit::from_request_parts(parts, app).await;
        let refused = match visit.identity() {
            Ok(who) if rights::coordinates(&visit.office, &who.0.id, visit.now) => None,
            Ok(_) => Some(Refused::Forbidden),
            Err(refused) => Some(refused),
        };
        match refused {
            Some(refused) => Err(refused.page(&visit)),
            None => Ok(Self(visit)),
        }
    }
}

/// What came of a file.
enum Came {
    Nothing,
    In(Box<Taken>),
    Refused(Rejection),
}

/// The form.
pub(super) async fn show(Coordinator(visit): Coordinator) -> Response {
    visit.answer(page(view(&visit, &Came::Nothing)))
}

/// Takes a file in.
pub(super) async fn take(Coordinator(visit): Coordinator, form: Result<Multipart, MultipartRejection>) -> Response {
    let answer = async {
        let came = match posted(form).await {
            Err(rejection) => Came::Refused(rejection),
            Ok((key, file)) => match take_in(&visit.app, visit.identity()?, &key, file).await {
                Ok(taken) => Came::In(Box::new(taken)),
                Err(not) => match not.refusal() {
                    Some(Refusal::Rejected(rejection)) => Came::Refused(rejection),
                    Some(refusal) => return Err(refusal.into()),
                    None => {
                        Came::Refused(Rejection::invalid("server.panic", "The program failed at this file. Nothing was changed."))
                    }
                },
            },
        };
        let status = if let Came::Refused(rejection) = &came { status_of(rejection) } else { StatusCode::OK };
        page_as(status, view(&visit, &came))
    };
    visit.answer(answer.await)
}

/// The key of the form and the file that was chosen.
async fn posted(form: Result<Multipart, MultipartRejection>) -> Result<(String, Vec<u8>), Rejection> {
    let mut form = form.map_err(|_| Rejection::invalid("body.unfit", "This is not what the form sends."))?;
    let (mut key, mut file) = (String::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let content = field.bytes().await.map_err(|error| broken(&error))?;
        match name.as_str() {
            "key" => key = String::from_utf8_lossy(&content).into_owned(),
            "file" => file = content.to_vec(),
            _ => {}
        }
    }
    if file.is_empty() {
        return Err(Rejection::invalid("amendment.no-file", "Choose the file that the other office sent."));
    }
    Ok((key, file))
}

/// Why a form could not be read to its end.
fn broken(error: &MultipartError) -> Rejection {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("The file has more than {} MiB. Have it sent in parts.", AMENDMENT_BYTES_MAX / (1_024 * 1_024));
        return Rejection::too_large("amendment.too-large", message);
    }
    Rejection::invalid("body.broken", "The file did not arrive whole. Send it again.")
}

fn view(visit: &Visit, came: &Came) -> Markup {
    let w = &visit.w;
    let file = Control {
        name: "file".to_owned(),
        label: w.say("import-file"),
        hint: Some(w.say("import-hint")),
        required: true,
        ..Control::default()
    };
    let body = html! {
        @match came {
            Came::Nothing => {}
            Came::In(taken) => (told(visit, taken)),
            Came::Refused(rejection) => { (refusal(w, rejection)) (problems(visit, &rejection.problems)) }
        }
        p class="lead" { (w.say("import-lead")) }
        form method="post" action="/documents/import" enctype="multipart/form-data" {
            (shown::key_field(visit))
            (file.input(w, "file", None, None))
            div class="actions" { button class="main" { (w.say("import-take")) } }
        }
        (offices(visit))
    };
    let title = w.say("import");
    let failed = matches!(came, Came::Refused(_));
    Frame::new(visit, &title).under(w.say("documents"), "/documents").failed(failed).show(&body)
}

/// What was taken in, with the way to each document.
fn told(visit: &Visit, taken: &Taken) -> Markup {
    let w = &visit.w;
    let issue = |kind: DocumentKind, id: &str, (issue, revision): (u32, u32)| {
        html! {
            li {
                a href=(path(kind, id)) { (title(visit, kind, id)) } " (" (kind_word(w, kind)) "), "
                (w.with("import-issue", &[("issue", &format!("{issue}.{revision}"))]))
            }
        }
    };
    let from = [("from", &*office_title(visit, &taken.extract.source.host))];
    let (what, items) = match &taken.extract.sent {
        Sent::Amendment(issues) => {
            let items = issues.iter().map(|one| &one.edition);
            (
                w.with("import-amendment", &from),
                html! { @for one in items { (issue(one.kind, &one.id, (one.issue, one.revision))) } },
            )
        }
        Sent::Withdrawal(one) => (w.with("import-withdrawal", &from), issue(one.kind, &one.id, (one.issue, one.revision))),
        Sent::Acknowledgement(one) => {
            let one = &one.acknowledgement;
            (w.with("import-acknowledgement", &from), issue(one.kind, &one.id, (one.issue, one.revision)))
        }
    };
    html! {
        div class="notice done" role="status" {
            p class="notice-title" { (what) }
            @if taken.accepted.as_ref().is_none_or(|accepted| accepted.repeated) { p { (w.say("import-known")) } }
            ul { (items) }
        }
    }
}

/// The offices from which files are taken in.
fn offices(visit: &Visit) -> Markup {
    let w = &visit.w;
    let offices = &visit.office.controls.offices;
    html! {
        section aria-labelledby="offices" {
            h2 id="offices" { (w.say("import-offices")) }
            @if offices.is_empty() { p class="none" { (w.say("import-nobody")) } } @else {
                table class="cards" {
                    thead { tr {
                        th scope="col" { (w.say("office-other")) }
                        th scope="col" { (w.say("import-sends")) }
                        th scope="col" { (w.say("order")) }
                        th scope="col" { (w.say("since")) }
                    } }
                    tbody {
                        @for (host, office) in offices {
                            tr {
                                th scope="row" { (office_title(visit, host)) }
                                td data-label=(w.say("import-sends")) {
                                    @match office.relation {
                                        Relation::Above => (shown::tag(Tone::Active, &w.say("import-above"))),
                                        Relation::Below => (shown::tag(Tone::Quiet, &w.say("import-below"))),
                                    }
                                }
                                td data-label=(w.say("order")) { (office.order) }
                                td data-label=(w.say("since")) { (shown::time(w, office.since)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
