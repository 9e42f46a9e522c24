//! Server-rendered pages.

/// All pages.
pub fn router() -> axum::Router<crate::app::App> {
    axum::Router::new()
}
