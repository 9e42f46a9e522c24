//! The choice of the language, kept in a cookie; back to where one was.

use axum::extract::{Path, Query};
use axum::response::Response;
use engine::model::Language;
use serde::Deserialize;

use super::refused::Refused;
use super::sign_in::with_cookie;
use super::visit::Visit;
use super::words::LANGUAGE_COOKIE;

/// Where one was.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    to: String,
}

/// Takes the choice.
pub(super) async fn choose(visit: Visit, Path(tag): Path<String>, Query(asked): Query<Asked>) -> Response {
    let answer = Language::from_tag(&tag).ok_or(Refused::NotFound).map(|language| {
        let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000", language.tag());
        with_cookie(&cookie, back(&asked.to))
    });
    visit.answer(answer)
}

/// A path of this program, and nothing that leads away from it. Pages that only answer a posted form lead home.
fn back(to: &str) -> &str {
    let is_local =
        to.starts_with('/') && !to[1..].starts_with(['/', '\\']) && !to.chars().any(|c| c.is_control() || !c.is_ascii());
    if is_local { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn the_way_back_stays_here() {
        for good in ["/", "/tasks/a.b-0", "/cases?unit=x&number=%20"] {
            assert_eq!(back(good), good);
        }
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/a\r\nSet-Cookie: x=y"] {
            assert_eq!(back(bad), "/", "{bad:?}");
        }
    }
}
