//! Who held a case, and how long: minutes of office time, the applicant's and transit time apart.

use axum::Json;
use axum::extract::State;
use engine::model::InstanceId;
use engine::norm::{Custodian, Held};
use engine::projection::custody::custody as held;
use serde::Serialize;
use utoipa::ToSchema;

use super::case::load;
use super::extract::{At, Who};
use super::problem::Problem;
use crate::app::custody::{Total, totals};
use crate::app::{App, reading};

/// The custody ledger of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct Ledger {
    /// Who held it from when to when, in the order in which each began. Tasks side by side are held side by side.
    held: Vec<HeldItem>,
    /// How long each held it in all.
    totals: Vec<TotalItem>,
}

/// A stretch of time.
#[derive(Serialize, ToSchema)]
struct HeldItem {
    /// A post, `role:` and a role for which a task waited, `applicant`, or `nobody`.
    holder: String,
    /// On whose side: `office`, `applicant`, `authority`, `court` or `transit`.
    #[schema(value_type = String)]
    party: Custodian,
    /// From when.
    #[schema(format = DateTime)]
    from: String,
    /// Until when; while it lasts, until now.
    #[schema(format = DateTime)]
    to: String,
}

/// How long one held the case.
#[derive(Serialize, ToSchema)]
struct TotalItem {
    /// A post, `role:` and a role, `applicant`, or `nobody`.
    holder: String,
    /// On whose side.
    #[schema(value_type = String)]
    party: Custodian,
    /// Minutes during which the office was open; none where the unit has no calendar.
    minutes: Option<i64>,
}

/// Who held a case, and how long.
///
/// Office time by the calendar of the unit as it stands now. Tasks that a norm's ladder gave are not counted: who has one sees to the
/// case, and does not hold it.
#[utoipa::path(get, path = "/api/v1/instances/{id}/custody", tag = "instances", operation_id = "getCustody",
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "The ledger", body = Ledger)))]
pub(super) async fn get(State(app): State<App>, Who(who): Who, At(id): At<InstanceId>) -> Result<Json<Ledger>, Problem> {
    load(&app, &who, &id).await?;
    let history = reading::history(&app.engine, &id).await?;
    let held = held(&history, app.engine.now());
    let totals = totals(&app.engine.office(), &app.engine.library(), &id.unit, &held);
    let totals = totals.into_iter().map(TotalItem::from).collect();
    let held = held.into_iter().map(|Held { holder, from, to, party }| HeldItem {
        holder,
        party,
        from: from.to_string(),
        to: to.to_string(),
    });
    Ok(Json(Ledger { held: held.collect(), totals }))
}

impl From<Total> for TotalItem {
    fn from(Total { holder, party, minutes }: Total) -> Self {
        Self { holder, party, minutes }
    }
}
