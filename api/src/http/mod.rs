//! REST under /api/v1, its description, and what all refusals look like. All routes of the API are on this page.

mod amendments;
mod answer;
mod bundles;
mod calendars;
mod case;
mod clocks;
pub mod codes;
mod custody;
mod definitions;
mod differences;
mod documents;
mod drafts;
mod events;
mod exports;
mod extract;
mod health;
pub mod help;
mod incidents;
mod instances;
mod issues;
mod jobs;
mod logs;
mod messages;
mod moving;
mod office;
mod openapi;
mod pages;
mod people;
mod place;
pub mod problem;
mod reads;
mod records;
mod reports;
mod schedules;
mod tasks;
mod tlog;
mod trials;

use std::sync::OnceLock;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// All operations.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(definitions::list, definitions::deploy))
        .routes(routes!(definitions::check))
        .routes(routes!(definitions::versions))
        .routes(routes!(definitions::get))
        .routes(routes!(definitions::document))
        .routes(routes!(definitions::diagram))
        .routes(routes!(documents::list, documents::deploy))
        .routes(routes!(documents::check))
        .routes(routes!(documents::get))
        .routes(routes!(pages::read))
        .routes(routes!(issues::is_controlled, issues::control))
        .routes(routes!(issues::master_list))
        .routes(routes!(issues::sheet))
        .routes(routes!(differences::compare))
        .routes(routes!(differences::who))
        .routes(routes!(trials::play))
        .routes(routes!(issues::withdraw))
        .routes(routes!(issues::review))
        .routes(routes!(issues::acknowledge))
        .routes(routes!(amendments::make, amendments::take))
        .routes(routes!(amendments::received))
        .routes(routes!(amendments::edition))
        .routes(routes!(amendments::acknowledge))
        .routes(routes!(amendments::acknowledgement))
        .routes(routes!(amendments::withdrawal))
        .routes(routes!(amendments::offices, amendments::recognise))
        .routes(routes!(amendments::disown))
        .routes(routes!(drafts::list))
        .routes(routes!(drafts::save))
        .routes(routes!(drafts::get))
        .routes(routes!(drafts::send))
        .routes(routes!(drafts::give_back))
        .routes(routes!(drafts::approve))
        .routes(routes!(drafts::discard))
        .routes(routes!(drafts::issue))
        .routes(routes!(schedules::list))
        .routes(routes!(schedules::preview))
        .routes(routes!(schedules::give))
        .routes(routes!(reports::list))
        .routes(routes!(reports::now))
        .routes(routes!(reports::get))
        .routes(routes!(calendars::days))
        .routes(routes!(calendars::feed))
        .routes(routes!(instances::list, instances::start))
        .routes(routes!(case::get))
        .routes(routes!(case::history))
        .routes(routes!(case::diagram))
        .routes(routes!(clocks::list))
        .routes(routes!(clocks::explain))
        .routes(routes!(custody::get))
        .routes(routes!(reads::of_case))
        .routes(routes!(reads::by_person))
        .routes(routes!(instances::cancel))
        .routes(routes!(instances::suspend))
        .routes(routes!(instances::resume))
        .routes(routes!(instances::retry))
        .routes(routes!(moving::forecast))
        .routes(routes!(moving::one))
        .routes(routes!(moving::forecasts))
        .routes(routes!(moving::many))
        .routes(routes!(records::propose))
        .routes(routes!(records::approve))
        .routes(routes!(records::reject))
        .routes(routes!(records::hold))
        .routes(routes!(records::release))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::counts))
        .routes(routes!(tasks::get))
        .routes(routes!(tasks::claim))
        .routes(routes!(tasks::release))
        .routes(routes!(tasks::complete))
        .routes(routes!(jobs::lock))
        .routes(routes!(jobs::complete))
        .routes(routes!(jobs::fail))
        .routes(routes!(messages::publish))
        .routes(routes!(incidents::list))
        .routes(routes!(office::units, office::put_unit))
        .routes(routes!(office::posts, office::put_post))
        .routes(routes!(office::holders))
        .routes(routes!(office::me))
        .routes(routes!(people::list, people::register))
        .routes(routes!(people::appointments, people::appoint))
        .routes(routes!(people::end))
        .routes(routes!(logs::list))
        .routes(routes!(logs::head))
        .routes(routes!(logs::entries))
        .routes(routes!(bundles::make_bundle))
        .routes(routes!(events::follow))
        .routes(routes!(exports::get))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// All routes of this room: the operations, and pages that describe them.
pub fn router() -> Router<App> {
    Router::from(operations())
        .route("/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], document()) }))
        .route("/api", get(help::reference))
        .route("/log/{*path}", get(tlog::get))
        .route("/problems", get(help::problems))
        .route("/problems/{code}", get(help::problem))
}

/// The `OpenAPI` 3.1 document.
pub fn openapi() -> serde_json::Value {
    openapi::complete(operations().get_openapi())
}

/// The same as text.
fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| openapi().to_string())
}
