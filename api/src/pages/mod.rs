//! Pages: server-rendered, usable without script, in English and Hindi. All routes of the pages stand here.

mod assets;
mod bundle;
mod calendar;
mod case;
mod cases;
mod certificate;
mod check;
mod clocks;
mod compare;
mod custody;
mod definition;
mod definitions;
mod documents;
mod draft;
mod file;
mod file_proof;
mod forecast;
mod form;
mod frame;
mod history;
mod import;
mod inbox;
mod language;
mod lines;
mod live;
mod moving;
mod norms;
mod office;
mod page;
mod parts;
mod past;
mod plan;
mod posted;
mod print;
mod qr;
mod reads;
mod receipt;
mod received;
mod records;
mod refused;
mod reports;
mod say;
mod sign_in;
mod start;
mod task;
#[cfg(test)]
mod tests;
mod trial;
mod trial_moves;
mod tried;
mod visit;
mod words;
mod work;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use engine::model::limits::{AMENDMENT_BYTES_MAX, BODY_BYTES_MAX, DEFINITION_BYTES_MAX, LIVE_BYTES_MAX};

use crate::app::App;

pub use certificate::{Certified, certificate};
pub use refused::not_found;

/// A document in a form is percent-encoded: quotes, braces and Hindi take three bytes for one.
const DOCUMENT_FORM_BYTES_MAX: usize = 3 * DEFINITION_BYTES_MAX;
/// So is what is checked as it is written.
const LIVE_FORM_BYTES_MAX: usize = 3 * LIVE_BYTES_MAX + 1_024;
/// So are the moves of a trial, which may be as long as a body of the API.
const TRIAL_FORM_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;
/// A file that is posted, and what stands around it.
const IMPORT_FORM_BYTES_MAX: usize = AMENDMENT_BYTES_MAX + 16 * 1_024;

/// The routes of the pages.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(inbox::show))
        .route("/tasks", get(work::show))
        .route("/tasks/{id}", get(task::show))
        .route("/tasks/{id}/claim", post(task::claim))
        .route("/tasks/{id}/release", post(task::release))
        .route("/tasks/{id}/complete", post(task::complete).get(task::show))
        .route("/cases", get(cases::show))
        .route("/cases/{id}", get(case::show))
        .route("/cases/{id}/receipt", get(case::slip))
        .route("/cases/{id}/reads", get(reads::of_case))
        .route("/reads", get(reads::by_person))
        .route("/cases/{id}/file.pdf", get(print::show))
        .route("/cases/{id}/clocks/{clock}", get(clocks::show))
        .route("/cases/{id}/move", get(moving::show_case).post(moving::act_case))
        .route("/cases/{id}/{what}", post(case::act).get(case::back))
        .route("/bundles", get(bundle::show).post(bundle::take))
        .route("/start", get(start::list))
        .route("/start/{process}", get(start::show).post(start::post))
        .route("/definitions", get(definitions::show))
        .route("/definitions/check", get(check::show).post(check::post).layer(DefaultBodyLimit::max(DOCUMENT_FORM_BYTES_MAX)))
        .route("/definitions/{process}/{version}", get(definition::show))
        .route("/definitions/{process}/{version}/document", get(definition::document))
        .route("/definitions/{process}/{version}/move", get(moving::show).post(moving::act))
        .route("/plan", get(plan::show))
        .route("/plan/anchors", post(plan::give).get(plan::back))
        .route("/calendars/{id}", get(calendar::show))
        .route("/receipt", get(receipt::show))
        .route("/charter", get(page::charter))
        .route("/pages", get(page::list))
        .route("/pages/{id}", get(page::show))
        .route("/pages/{id}/{version}", get(page::version))
        .route("/reports", get(reports::list))
        .route("/reports/now/{kind}", get(reports::now))
        .route("/reports/{id}", get(reports::show))
        .route("/documents", get(documents::list))
        .route("/documents/new", get(draft::show).post(draft::save).layer(DefaultBodyLimit::max(DOCUMENT_FORM_BYTES_MAX)))
        .route("/documents/check", post(live::check).layer(DefaultBodyLimit::max(LIVE_FORM_BYTES_MAX)))
        .route("/documents/import", get(import::show).post(import::take).layer(DefaultBodyLimit::max(IMPORT_FORM_BYTES_MAX)))
        .route("/documents/{kind}/{id}", get(documents::show))
        .route("/documents/{kind}/{id}/compare", get(compare::show))
        .route("/documents/{kind}/{id}/amendment", get(received::send))
        .route("/documents/{kind}/{id}/acknowledgement/{hash}", get(received::answer))
        .route("/documents/{kind}/{id}/withdrawal/{hash}", get(received::withdrawal))
        .route(
            "/documents/{kind}/{id}/trial",
            get(trial::show).post(trial::act).layer(DefaultBodyLimit::max(TRIAL_FORM_BYTES_MAX)),
        )
        .route(
            "/documents/{kind}/{id}/{what}",
            post(documents::act).get(documents::back).layer(DefaultBodyLimit::max(DOCUMENT_FORM_BYTES_MAX)),
        )
        .route("/norms", get(norms::list))
        .route("/norms/{id}", get(norms::show))
        .route("/office", get(office::show))
        .route("/actor", get(sign_in::show).post(sign_in::choose))
        .route("/actor/leave", post(sign_in::leave))
        .route("/language/{tag}", get(language::choose))
        .route("/assets/{name}", get(assets::file))
}
