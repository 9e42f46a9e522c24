//! The frame around every request: its id, its trace, its line in the program's own log, headers that keep browsers careful, limits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::model::limits::{AMENDMENT_BYTES_MAX, BODY_BYTES_MAX, DEFINITION_BYTES_MAX};
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use crate::app::App;
use crate::app::metrics::{REQUEST_SECONDS, REQUESTS};
use crate::app::spans::{Answered, within};
use crate::app::trace::{TRACERESPONSE, Trace};
use crate::http::help;
use crate::http::problem::{Problem, RequestId};

/// How long an answer may take; and how long a file that holds many cases, which is made whole before it is handed out, one at a time.
const ANSWER_TIME: Duration = Duration::from_secs(30);
const FILE_TIME: Duration = Duration::from_mins(10);

/// What browsers are told, where a handler says nothing else.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Gives the request its id, and the answer what every answer has.
pub(super) async fn frame(State((app, places)): State<(App, Arc<Semaphore>)>, mut request: Request, next: Next) -> Response {
    let id = app.engine.mint_key();
    let trace = Trace::of(request.headers(), || app.engine.mint_key(), app.spans.are_sent());
    // Whatever is said while the request is worked on is said within it.
    let span = tracing::info_span!("request", trace_id = trace.id, span_id = trace.span);
    let method = request.method().clone();
    let wants_page = wants_page(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let began = Instant::now();
    let begun = app.spans.begin(&trace, || app.engine.now());
    let answer = async {
        match within("catch up", caught_up(&app, request.uri().path())).await {
            Ok(()) => within_limits(&places, request, next).await,
            Err(problem) => problem.into_response(),
        }
    };
    let mut response = begun.around(answer.instrument(span.clone())).await;
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        response = name(problem, response, &id, wants_page, &method);
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    for (name, value) in [("x-request-id", &id), (TRACERESPONSE, &trace.response())] {
        headers.extend(HeaderValue::from_str(value).ok().map(|value| (HeaderName::from_static(name), value)));
    }
    let (status, micros) = (response.status().as_u16(), began.elapsed().as_micros());
    let (named, problem) = (route.as_deref().unwrap_or("none"), problem.map(|problem| problem.code));
    app.spans.end(begun, &trace, &Answered { method: &method, route: named, status, problem, request: &id });
    // The route, never the address: that may hold personal data.
    let label = route.clone().unwrap_or_else(|| "none".to_owned());
    metrics::histogram!(REQUEST_SECONDS, "route" => label.clone()).record(began.elapsed());
    metrics::counter!(REQUESTS, "method" => known(&method), "route" => label, "status" => status.to_string()).increment(1);
    let _within = span.entered();
    tracing::info!(request = id, %method, route = route.as_deref().unwrap_or("none"), status, micros, "request");
    response
}

/// A method as a label: whoever invents others makes no new ones.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Brings what this process holds in memory up to what any node acknowledged before the request came. Whether the program lives, and what
/// lies in it, has nothing to do with that.
async fn caught_up(app: &App, path: &str) -> Result<(), Problem> {
    if path == "/healthz" || path.starts_with("/assets/") {
        return Ok(());
    }
    Ok(app.engine.catch_up().await?)
}

/// A browser that asked for a page; programs say otherwise, or nothing.
pub(super) fn wants_page(request: &Request) -> bool {
    let accepts = |headers: &HeaderMap| {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        accept.contains("text/html")
    };
    !request.uri().path().starts_with("/api/") && accepts(request.headers())
}

/// Writes the request's id into a problem.
fn name(problem: &Problem, response: Response, id: &str, wants_page: bool, method: &Method) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    if wants_page {
        let page = help::refused(problem, id).into_response();
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        return Response::from_parts(parts, page.into_body());
    }
    let body = if *method == Method::HEAD { Body::empty() } else { problem.body(Some(id)) };
    Response::from_parts(parts, body)
}

fn is_plain(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/plain"))
}

/// Answers, unless the house is full, the body announces too much, or the answer takes too long.
async fn within_limits(places: &Semaphore, request: Request, next: Next) -> Response {
    let Ok(_place) = places.try_acquire() else {
        return Problem::new("server.busy", "Too many requests are being worked on. Try again in a moment.")
            .header(header::RETRY_AFTER, "1")
            .into_response();
    };
    let path = request.uri().path();
    let time = if path.starts_with("/api/v1/exports/") || ["/api/v1/bundles", "/bundles"].contains(&path) {
        FILE_TIME
    } else {
        ANSWER_TIME
    };
    let limit = match path {
        // A form writes most characters of JSON as three.
        "/api/v1/amendments" => AMENDMENT_BYTES_MAX,
        // The page says it, in the visitor's language, by the limit of its route.
        "/documents/import" => usize::MAX,
        path if path == "/definitions/check" || path.starts_with("/documents/") => 3 * DEFINITION_BYTES_MAX,
        path if path.starts_with("/api/v1/definitions") || path.starts_with("/api/v1/documents/") => DEFINITION_BYTES_MAX,
        _ => BODY_BYTES_MAX,
    };
    let too_large = || Problem::new("body.too-large", format!("The body has more than {limit} bytes.")).into_response();
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|announced| announced > limit as u64) {
        return too_large();
    }
    // A command that was submitted goes on: its key tells what became of it.
    match tokio::time::timeout(time, next.run(request)).await {
        // What axum's own extractors say is plain text. A page that says what was too large stays.
        Ok(response) if response.status() == StatusCode::PAYLOAD_TOO_LARGE && is_plain(&response) => too_large(),
        Ok(response) => response,
        Err(_) => {
            let message = format!("The answer took more than {} seconds. The command may still be carried out.", time.as_secs());
            Problem::new("request.timeout", message).into_response()
        }
    }
}
