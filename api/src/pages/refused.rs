//! Why there is no page, told in the frame of a page: what was wrong, the stable code, and what to do.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use engine::machine::{Rejection, Status};
use engine::model::Language;
use engine::runtime::Refusal;
use engine::store::StoreError;
use maud::{Markup, html};

use super::frame::Frame;
use super::say::key;
use super::visit::Visit;
use super::words::Words;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Refused {
    /// Nobody is named.
    SignIn,
    /// There is no such thing.
    NotFound,
    /// The visitor may not see it.
    Forbidden,
    /// The engine refused.
    Engine(Refusal),
    /// The store cannot be read.
    Store(StoreError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Engine(refusal)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Refused {
    /// The rejection, if it is one.
    pub(super) fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Engine(Refusal::Rejected(rejection)) => Some(rejection),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Engine(Refusal::Rejected(rejection)) => status_of(rejection),
            Self::Engine(Refusal::Busy | Refusal::Stopping | Refusal::Unsigned | Refusal::Store(_)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page that tells it.
    pub(super) fn page(&self, visit: &Visit) -> Response {
        let w = &visit.w;
        let status = self.status();
        match self {
            Self::SignIn if visit.app.demo => return Redirect::to("/actor").into_response(),
            Self::Store(error) => tracing::error!(%error, path = visit.path.split('?').next(), "a page could not be read"),
            Self::Engine(Refusal::Store(error)) => {
                tracing::error!(%error, path = visit.path.split('?').next(), "a command could not be stored");
            }
            _ => {}
        }
        let (title, todo) = match status {
            StatusCode::UNAUTHORIZED => (w.say("error-401"), w.say("error-401-todo")),
            StatusCode::NOT_FOUND => (w.say("error-404"), w.say("error-404-todo")),
            StatusCode::FORBIDDEN => (w.say("error-403"), w.say("error-403-todo")),
            StatusCode::CONFLICT => (w.say("error-409"), w.say("error-409-todo")),
            StatusCode::SERVICE_UNAVAILABLE => (w.say("error-503"), w.say("error-503-todo")),
            StatusCode::INTERNAL_SERVER_ERROR => (w.say("error-500"), w.say("error-500-todo")),
            _ => (w.say("error-400"), w.say("error-400-todo")),
        };
        let body = html! {
            @if let Some(rejection) = self.rejection() {
                (refusal(w, rejection))
            }
            @if matches!(self, Self::Engine(Refusal::Unsigned)) { p { (w.say("refused-unsigned")) } }
            p { (todo) }
            p { a class="button plain" href="/" { (w.say("to-inbox")) } }
        };
        let mut response = (status, Frame::new(visit, &title).show(&body)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("2"));
        }
        response
    }
}

/// The status of a rejection.
pub(super) fn status_of(rejection: &Rejection) -> StatusCode {
    match rejection.status {
        Status::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Status::Forbidden => StatusCode::FORBIDDEN,
        Status::NotFound => StatusCode::NOT_FOUND,
        Status::Conflict => StatusCode::CONFLICT,
        Status::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

/// A rejection as a message: in the visitor's language where it has words for the code, and the engine's own sentence.
pub(super) fn refusal(w: &Words, rejection: &Rejection) -> Markup {
    let said = translated(w, rejection.code);
    html! {
        div class="notice problem" role="alert" {
            p class="notice-title" { (w.say(kind(rejection.status))) }
            @if let Some(said) = &said { p { (said) } }
            @if said.is_none() || w.language == Language::English {
                p lang="en" { (rejection.message) }
            }
            p class="code" { (w.say("refusal-code")) " " code { (rejection.code) } }
        }
    }
}

fn kind(status: Status) -> &'static str {
    match status {
        Status::Invalid => key("refused-invalid"),
        Status::Forbidden => key("refused-forbidden"),
        Status::NotFound => key("refused-not-found"),
        Status::Conflict => key("refused-conflict"),
        Status::TooLarge => key("refused-too-large"),
    }
}

/// The sentence for a code in a language other than English, in which the engine itself speaks.
pub(super) fn translated(w: &Words, code: &str) -> Option<String> {
    if w.language == Language::English {
        return None;
    }
    w.try_say(&format!("refusal-{}", code.replace('.', "-")))
}

/// The sentence of a problem of a form.
pub(super) fn problem(w: &Words, code: &str, message: &str) -> String {
    translated(w, code).unwrap_or_else(|| message.to_owned())
}

/// There is no such page.
pub async fn not_found(visit: Visit) -> Response {
    Refused::NotFound.page(&visit)
}
