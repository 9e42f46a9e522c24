//! Whether the program lives, and whether it can work.

use axum::extract::State;
use engine::store::Store;

use super::problem::Problem;
use crate::app::App;

/// Whether the program lives.
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "alive",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain")))]
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// Whether the store answers.
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "ready",
    responses((status = 200, description = "It can work", body = String, content_type = "text/plain")))]
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.engine.store().units().await?;
    Ok("ready\n")
}
