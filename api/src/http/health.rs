//! Whether the program lives, whether it can work, and how it does.

use axum::extract::State;
use axum::http::{HeaderName, header};
use engine::store::Store;

use super::problem::Problem;
use crate::app::actor::Peer;
use crate::app::{App, metrics};

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

/// Figures for whoever watches the program, in the text format of Prometheus.
///
/// Counts and times, and nothing of any person or case. For loopback and trusted networks.
#[utoipa::path(get, path = "/metrics", tag = "health", operation_id = "metrics",
    responses((status = 200, description = "The figures", body = String, content_type = "text/plain")))]
pub(super) async fn metrics(
    State(app): State<App>,
    Peer(peer): Peer,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    if !app.trust.believes(peer) {
        return Err(Problem::new("actor.untrusted", "Figures are not for this address: it is not a trusted network."));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::text(&app).await?))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use axum::http::Request;
    use engine::runtime::{Engine, Options};
    use engine::store::AnyStore;
    use engine::store::sqlite::{self, SqliteStore};
    use tower::ServiceExt as _;

    use crate::app::{App, Trust};

    #[tokio::test]
    async fn figures_are_not_for_strangers() {
        let keep = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&keep.path().join("office.db"), sqlite::Options::default()).await.unwrap();
        let engine = Engine::open(AnyStore::Sqlite(store), Options::default()).await.unwrap();
        let trust = Trust { networks: vec!["192.0.2.0/24".parse().unwrap()] };
        let router = crate::http::router().with_state(App { trust: Arc::new(trust), ..App::new(engine) });
        for (peer, status) in [("127.0.0.1", 200), ("192.0.2.7", 200), ("198.51.100.7", 403)] {
            let mut request = Request::get("/metrics").body(Body::empty()).unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 9)));
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), status, "{peer}");
        }
    }
}
