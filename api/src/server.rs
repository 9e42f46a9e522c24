//! The server: all routes, limits, accept loop, orderly stop.

mod accept;
mod frame;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use engine::model::limits::BODY_BYTES_MAX;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::csrf::{CsrfLayer, ProtectionError};

pub use accept::Limits;

use crate::app::App;
use crate::http::problem::Problem;

/// Requests that are worked on at the same time; one more is refused as busy.
const REQUESTS_MAX: usize = 512;
/// Smaller answers are not compressed.
const COMPRESSED_BYTES_MIN: u64 = 1024;

/// All routes, with their limits.
pub fn router(app: App) -> Router {
    // An event is sent when it happens, and not when enough have come to be compressed.
    let compressed = SizeAbove::new(COMPRESSED_BYTES_MIN).and(NotForContentType::SSE);
    crate::http::router()
        .merge(crate::pages::router())
        .fallback(unknown)
        .method_not_allowed_fallback(async || {
            Problem::new("request.method", "The address does not know this method; the header Allow names those it knows.")
        })
        .layer(
            // One layer for all of them: each layer of a router costs every request a box or two. The first is the outermost.
            ServiceBuilder::new()
                .layer(CompressionLayer::new().gzip(true).compress_when(compressed))
                .layer(from_fn_with_state((app.clone(), Arc::new(Semaphore::new(REQUESTS_MAX))), frame::frame))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
                .layer(CsrfLayer::new().with_rejection_response(cross_site)),
        )
        .with_state(app)
}

/// Nothing is at this address.
async fn unknown(State(app): State<App>, request: Request) -> Response {
    if frame::wants_page(&request) {
        return crate::pages::not_found.call(request, app).await;
    }
    Problem::new("request.no-route", "There is nothing at this address. See /api for all addresses.").into_response()
}

/// A panic ends its request, not the program.
#[expect(clippy::needless_pass_by_value, reason = "as the layer hands it over")]
fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = said.unwrap_or("unknown"), "a request panicked");
    Problem::new("server.panic", "The program failed at this request. Report it with the request's id.").into_response()
}

fn cross_site(_: ProtectionError) -> Response {
    Problem::new("request.cross-site", "A page of another site sent this. Changes are sent from this office's own pages.")
        .into_response()
}

/// Serves until `stop` turns true; then takes no new requests, lets those under way be answered, and returns.
///
/// # Errors
/// When the listener fails.
pub async fn serve(app: App, listener: TcpListener, stop: watch::Receiver<bool>) -> std::io::Result<()> {
    serve_within(app, listener, stop, Limits::default()).await
}

/// The same, within other limits.
///
/// # Errors
/// When the listener fails.
pub async fn serve_within(app: App, listener: TcpListener, stop: watch::Receiver<bool>, limits: Limits) -> std::io::Result<()> {
    accept::run(router(app), listener, stop, limits).await
}

/// Serves other routes than the office's, to connections within the same limits.
///
/// # Errors
/// When the listener fails.
pub async fn serve_routes(routes: Router, listener: TcpListener, stop: watch::Receiver<bool>) -> std::io::Result<()> {
    accept::run(routes, listener, stop, Limits::default()).await
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::{CatchPanicLayer, Problem, Router, panicked};

    #[tokio::test]
    async fn a_panic_is_a_problem() {
        let broken = async || -> String { panic!("of no use to anyone") };
        let router: Router = Router::new().route("/", get(broken)).layer(CatchPanicLayer::custom(panicked));
        let answer = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.extensions().get::<Problem>().map(|problem| problem.code), Some("server.panic"));
        assert_eq!(answer.status(), 500);
    }
}
