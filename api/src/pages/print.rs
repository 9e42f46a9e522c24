//! The printed file of a case: a PDF for whoever may read the case, in the language that they choose, as of now or of an instant.

use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::evidence::bundle::is_ground;
use engine::model::Language;
use engine::model::reading::Through;
use maud::html;
use serde::Deserialize;

use super::case::find;
use super::file::file;
use super::file_proof::seal;
use super::frame::Frame;
use super::parts::{self, Tone};
use super::past::AsOf;
use super::refused::Refused;
use super::say::key;
use super::visit::{Answer, Visit, page_as};
use super::words::Words;
use crate::app::heavy::heavy;
use crate::paper::{NoPaper, print};

/// Entries of one file: a longer case is for a bundle.
const ENTRIES_MAX: usize = 2_000;

/// How the file shall be.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    /// Its language; left out: that of the visitor.
    language: Option<String>,
    /// The ground on which personal values are withheld.
    withhold: Option<String>,
}

/// The PDF.
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    Query(as_of): Query<AsOf>,
) -> Response {
    let answer: Answer = async {
        let withhold = wanted.withhold.filter(|ground| !ground.trim().is_empty());
        let past = as_of.instant(&visit);
        // Where they are withheld nobody reads them.
        let through = withhold.is_none().then_some(Through::File);
        let found = find(&visit, &id, past, through).await?;
        let mut told = past.map_or_else(|| visit.clone(), |at| visit.as_of(at));
        if let Some(tag) = &wanted.language {
            let language = Language::from_tag(tag).ok_or(Refused::NotFound)?;
            told.w = Words::new(language, told.w.zone.clone());
        }
        if found.unrecorded {
            return refused(&visit, &id, StatusCode::SERVICE_UNAVAILABLE, key("read-unrecorded-what"), "read.unrecorded");
        }
        if is_too_much(found.history.len(), withhold.as_deref()) {
            return refused(&visit, &id, StatusCode::UNPROCESSABLE_ENTITY, key("file-too-long"), "file.too-long");
        }
        let Some(last) = found.history.last() else { return Err(Refused::NotFound) };
        let sealed = seal(&visit.app, &found.log, last).await;
        let name = format!("{}.pdf", found.id);
        let fonts = visit.app.fonts.clone();
        let printed = heavy(move || {
            let paper = file(&told, &found, &sealed, withhold.as_deref());
            print(&paper, &fonts, |number, count| {
                told.w.with("file-folio", &[("number", &number.to_string()), ("count", &count.to_string())])
            })
        });
        match printed.await {
            Some(Ok(bytes)) => {
                let headers = [
                    (header::CONTENT_TYPE, "application/pdf".to_owned()),
                    (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
                    (header::CACHE_CONTROL, "no-store".to_owned()),
                ];
                Ok((headers, bytes).into_response())
            }
            Some(Err(NoPaper::TooLong)) => {
                refused(&visit, &id, StatusCode::UNPROCESSABLE_ENTITY, key("file-too-long"), "file.too-long")
            }
            Some(Err(NoPaper::Fonts(error))) => {
                tracing::error!(%error, "a file cannot be printed");
                refused(&visit, &id, StatusCode::SERVICE_UNAVAILABLE, key("file-no-fonts"), "file.no-fonts")
            }
            Some(Err(error @ NoPaper::Failed(_))) => {
                tracing::error!(%error, "a file cannot be printed");
                refused(&visit, &id, StatusCode::INTERNAL_SERVER_ERROR, key("file-failed"), "server.panic")
            }
            None => refused(&visit, &id, StatusCode::INTERNAL_SERVER_ERROR, key("file-failed"), "server.panic"),
        }
    }
    .await;
    visit.answer(answer)
}

/// Whether so many entries are too many, or the ground is too long to be one.
pub(super) fn is_too_much(entries: usize, ground: Option<&str>) -> bool {
    entries > ENTRIES_MAX || ground.is_some_and(|ground| !is_ground(ground))
}

/// Why there is no file, with the way back.
fn refused(visit: &Visit, id: &str, status: StatusCode, what: &'static str, code: &str) -> Answer {
    let w = &visit.w;
    let body = html! {
        (parts::notice(Tone::Problem, &w.say("file-none"), &w.say(what)))
        p class="code" { (w.say("refusal-code")) " " code { (code) } }
        p { a class="button plain" href={ "/cases/" (parts::encode(id)) } { (w.say("to-case")) } }
    };
    page_as(status, Frame::new(visit, &w.say("file-none")).show(&body))
}
