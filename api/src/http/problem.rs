//! Problems (RFC 9457): everything that is refused answers with one, whoever refuses it.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::machine::{Rejection, Status};
use engine::model::problem::Severity;
use engine::runtime::Refusal;
use engine::runtime::past::NoPast;
use engine::store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::codes;
use crate::app::reading::NotRead;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The id of a request: in the problem, in the header `X-Request-Id`, in the program's own log.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code.
    pub code: &'static str,
    /// What was wrong and what to do.
    pub detail: String,
    /// Places in what was sent.
    pub problems: Vec<engine::model::Problem>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(title = "Problem")]
pub struct ProblemBody<'a> {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "/problems/task.separation")]
    kind: Cow<'a, str>,
    /// What the code means, in a few words.
    #[schema(example = "Separation of duties")]
    title: &'a str,
    /// HTTP status.
    #[schema(example = 403)]
    status: u16,
    /// What was wrong this time, and what to do.
    detail: &'a str,
    /// Stable code: what a program decides by.
    #[schema(example = "task.separation")]
    code: &'a str,
    /// Id of the request; quote it when you ask the office's operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    /// The places in what was sent, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Place<'a>>,
}

/// A place in what was sent, and what is wrong there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place<'a> {
    /// Stable code.
    #[schema(example = "form.type")]
    code: &'a str,
    /// JSON pointer (RFC 6901).
    #[schema(example = "/amount")]
    pointer: &'a str,
    /// What is wrong and what to do.
    message: &'a str,
    /// Whether it is the cause of the refusal, or only a warning.
    #[schema(value_type = String, example = "error")]
    severity: Severity,
}

impl<'a> From<&'a engine::model::Problem> for Place<'a> {
    fn from(problem: &'a engine::model::Problem) -> Self {
        let engine::model::Problem { pointer, code, message, severity } = problem;
        Self { code, pointer, message, severity: *severity }
    }
}

impl Problem {
    /// A problem of this room; the status stands in the table of codes.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let status = codes::find(code).map_or(StatusCode::INTERNAL_SERVER_ERROR, codes::Code::status);
        Self { status, code, detail: detail.into(), problems: Vec::new(), headers: Vec::new() }
    }

    /// With the places in what was sent.
    #[must_use]
    pub fn with(mut self, problems: Vec<engine::model::Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// With a header; a value that no header can hold is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// What the code means, in a few words.
    pub fn title(&self) -> &'static str {
        codes::find(self.code).map_or("Refused", |code| code.title)
    }

    /// As it is sent, for the request of this id.
    pub fn body(&self, instance: Option<&str>) -> Body {
        let body = ProblemBody {
            kind: format!("/problems/{}", self.code).into(),
            title: self.title(),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            instance,
            problems: self.problems.iter().map(Place::from).collect(),
        };
        // Writing plain data as JSON cannot fail.
        Body::from(serde_json::to_vec(&body).unwrap_or_default())
    }
}

/// The problem travels along as an extension, so that the frame around all requests can put the request's id in.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body(None));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let Rejection { status, code, message, problems } = rejection;
        let status = match status {
            Status::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Status::Forbidden => StatusCode::FORBIDDEN,
            Status::NotFound => StatusCode::NOT_FOUND,
            Status::Conflict => StatusCode::CONFLICT,
            Status::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        };
        Self { status, code, detail: message, problems, headers: Vec::new() }
    }
}

impl From<&StoreError> for Problem {
    fn from(error: &StoreError) -> Self {
        // Of a full disk the store itself tells, once: the program's log may lie on the same disk.
        if !matches!(error, StoreError::Full) {
            tracing::error!(%error, "the store failed");
        }
        match error {
            StoreError::Full => Self::new("store.full", "The disk is full. Nothing was written; the operators must make room."),
            _ => Self::new(
                "store.unavailable",
                "The store cannot be reached now. Nothing was written; try again with the same key.",
            )
            .header(header::RETRY_AFTER, "5"),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<NoPast> for Problem {
    fn from(none: NoPast) -> Self {
        match none {
            NoPast::TooMany => Self::new("past.too-many", format!("{none}: name a process.")),
            NoPast::Store(error) => error.into(),
        }
    }
}

impl From<NotRead> for Problem {
    fn from(not: NotRead) -> Self {
        match not {
            NotRead::Unrecorded(refusal) => unrecorded(&refusal),
            NotRead::Store(error) => error.into(),
            NotRead::Refused(refusal) => refusal.into(),
        }
    }
}

/// Why personal values are not handed out.
pub(super) fn unrecorded(refusal: &Refusal) -> Problem {
    let message =
        format!("Personal values are shown only once it is on record who reads them, and it cannot be recorded: {refusal}.");
    Problem::new("read.unrecorded", message).header(header::RETRY_AFTER, "5")
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => rejection.into(),
            Refusal::Busy => Self::new("server.busy", "Too many commands are waiting. Try again in a moment with the same key.")
                .header(header::RETRY_AFTER, "1"),
            Refusal::Store(error) => Self::from(&*error),
            Refusal::Unsigned => Self::new(
                "seal.overdue",
                "The office's signer is away, and what was written before has waited too long for its signature. Nothing was written; \
                 cases can still be lodged. Try again with the same key once the signer is back.",
            )
            .header(header::RETRY_AFTER, "60"),
            Refusal::Stopping => Self::new("server.stopping", "The program is stopping. Try again shortly with the same key.")
                .header(header::RETRY_AFTER, "5"),
        }
    }
}
