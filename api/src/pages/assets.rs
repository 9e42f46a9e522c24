//! Files beside the pages, built into the program: the stylesheet with the diagram's rules, small scripts, the icon.

use std::sync::LazyLock;

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::digest::Hash;
use rust_embed::RustEmbed;

use crate::diagram;

#[derive(RustEmbed)]
#[folder = "src/pages/assets/"]
struct Files;

/// A file with its media type and the hash of its bytes.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: Vec<u8>,
    tag: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let kinds = [
        ("style.css", "text/css; charset=utf-8"),
        ("enhance.js", "text/javascript; charset=utf-8"),
        ("live.js", "text/javascript; charset=utf-8"),
        ("receipt.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ];
    let asset = |(name, kind): (&'static str, &'static str)| {
        let mut bytes = Files::get(name)?.data.into_owned();
        if name == "style.css" {
            bytes.extend_from_slice(diagram::CSS.as_bytes());
        }
        let tag = Hash::of(&bytes).to_string().chars().take(16).collect();
        Some(Asset { name, kind, bytes, tag })
    };
    kinds.into_iter().filter_map(asset).collect()
});

/// The address of a file, with its hash, so that it may be kept for ever.
pub(super) fn href(name: &str) -> String {
    let tag = ASSETS.iter().find(|asset| asset.name == name).map(|asset| asset.tag.as_str()).unwrap_or_default();
    format!("/assets/{name}?v={tag}")
}

#[derive(serde::Deserialize)]
pub(super) struct Version {
    v: Option<String>,
}

/// A file.
pub(super) async fn file(Path(name): Path<String>, Query(version): Query<Version>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{}\"", asset.tag);
    let current = version.v.as_deref() == Some(asset.tag.as_str());
    let keep = if current { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let head = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, keep.to_owned())];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)) {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, asset.kind)], asset.bytes.clone()).into_response()
}
