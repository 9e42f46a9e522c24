//! Open incidents of a unit: what stopped cases, so that a person must look.

use axum::Json;
use axum::extract::State;
use engine::model::UnitId;
use engine::model::id::Made;
use engine::projection::row::IncidentRow;
use engine::store::Store;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Page, after, limit, time_and};
use super::case;
use super::extract::{Asked, Who};
use super::place::{asked_or_own, require_service};
use super::problem::Problem;
use crate::app::App;

/// Most incidents that a list goes through.
const INCIDENTS_MAX: u32 = 10_000;

/// Which incidents a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// The unit; may be left out by someone who holds posts in one unit only.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An open incident.
#[derive(Serialize, ToSchema)]
pub(super) struct IncidentItem {
    /// Id within the case, for retrying.
    id: String,
    /// Case.
    instance: String,
    /// Stable code; see /problems.
    code: String,
    /// What is wrong and what to do.
    message: String,
    /// When it was raised.
    #[schema(format = DateTime)]
    raised: String,
}

/// Open incidents of a unit, oldest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", operation_id = "listIncidents", params(ListQuery),
    responses((status = 200, description = "Incidents", body = Page<IncidentItem>)))]
pub(super) async fn list(
    State(app): State<App>,
    Who(who): Who,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<IncidentItem>>, Problem> {
    let (limit, after) = (limit(query.limit)?, after(query.cursor.as_deref(), time_and::<Made>)?);
    let unit = asked_or_own(&app, query.unit, &who)?;
    require_service(&app, &who, &unit)?;
    let mut rows = app.engine.store().incidents(&unit, None, INCIDENTS_MAX).await?;
    rows.retain(|row| after.is_none_or(|after| (row.raised, row.id) > after));
    let place = |row: &IncidentRow| format!("{} {}", row.raised.0, row.id);
    let item = |row: IncidentRow| IncidentItem {
        id: row.id.to_string(),
        instance: case::of(&unit, row.instance).to_string(),
        code: row.code,
        message: row.message,
        raised: row.raised.to_string(),
    };
    Ok(Json(Page::new(rows, limit, place, item)))
}
