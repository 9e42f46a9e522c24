//! Cases: list, start, cancel, suspend, resume, retry. What one case looks like is in `case`.

use axum::Json;
use axum::extract::State;
use engine::journal::Command;
use engine::model::id::Made;
use engine::model::{CommandId, InstanceId, InstanceStatus, Time, UnitId, Values};
use engine::projection::row::InstanceRow;
use engine::runtime::past::Register;
use engine::store::{InstanceQuery, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{CaseAnswer, Done, Moment, Page, after, limit, submit, time_and};
use super::definitions;
use super::extract::{Asked, At, Key, Nothing, Sent, Who};
use super::place::{asked_or_own, known, past};
use super::problem::Problem;
use crate::app::{App, Identity, rights};

/// Which cases a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// The unit that keeps them; may be left out by someone who holds posts in one unit only.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// Of this process.
    process: Option<String>,
    /// `active`, `suspended`, `completed` or `cancelled`.
    #[param(value_type = Option<String>)]
    status: Option<InstanceStatus>,
    /// With this number of the office's own.
    number: Option<String>,
    /// As of this instant of the past, RFC 3339; left out: as of now.
    #[serde(rename = "asOf")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseItem {
    /// Id.
    #[schema(example = "mumbai-3.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b")]
    id: String,
    /// Process id.
    process: String,
    /// Content hash of the definition it is pinned to.
    definition: String,
    /// The office's own number.
    number: Option<String>,
    /// `active`, `suspended`, `completed` or `cancelled`.
    status: &'static str,
    /// Pseudonym of the person who started it, or `system`.
    started_by: String,
    /// When it was started.
    #[schema(format = DateTime)]
    started: String,
    /// When it ended.
    #[schema(format = DateTime)]
    ended: Option<String>,
    /// The case that called it.
    parent: Option<String>,
}

impl CaseItem {
    pub(super) fn new(unit: &UnitId, row: InstanceRow) -> Self {
        let named = |command: CommandId| InstanceId { unit: unit.clone(), command }.to_string();
        Self {
            id: named(row.id),
            process: row.process,
            definition: row.definition.to_string(),
            number: row.number,
            status: row.status.word(),
            started_by: row.started_by,
            started: row.started.to_string(),
            ended: row.ended.map(|ended| ended.to_string()),
            parent: row.parent.map(named),
        }
    }
}

/// Cases of a unit, newest first.
///
/// Whoever does not serve the unit is shown the cases they started. As of an instant of the past they stand as they stood then; a page may be
/// short, and `next` says where to go on.
#[utoipa::path(get, path = "/api/v1/instances", tag = "instances", operation_id = "listInstances", params(ListQuery),
    responses((status = 200, description = "Cases", body = Page<CaseItem>)))]
pub(super) async fn list(
    State(app): State<App>,
    Who(who): Who,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<CaseItem>>, Problem> {
    let (limit, after) = (limit(query.limit)?, after(query.cursor.as_deref(), time_and::<CommandId>)?);
    let unit = asked_or_own(&app, query.unit, &who)?;
    let ListQuery { process, status, number, as_of, .. } = query;
    let serves = rights::serves(&app.engine.office(), &who.0.id, &unit, app.engine.now());
    let started_by = (!serves).then(|| who.0.id.to_string());
    let query = InstanceQuery { process, status, number, started_by, after, limit: limit + 1 };
    let place = |started: Time, id: CommandId| format!("{} {id}", started.0);
    let item = |row| CaseItem::new(&unit, row);
    if let Some(at) = past(&app, as_of)? {
        let Register { rows, next } = app.engine.instances_at(&unit, &InstanceQuery { limit, ..query }, at).await?;
        return Ok(Json(Page::of(rows.into_iter().map(item).collect(), next.map(|(started, id)| place(started, id)))));
    }
    let rows = app.engine.store().instances(&unit, &query).await?;
    Ok(Json(Page::new(rows, limit, |row: &InstanceRow| place(row.started, row.id), item)))
}

/// A case to be started.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "unit": "mumbai-3", "process": "svc.refund", "number": "R/2026/17", "data": { "amount": "1200.00" } }))]
pub(super) struct Start {
    /// The unit that is to keep it.
    #[schema(value_type = String)]
    unit: UnitId,
    /// Process id.
    process: String,
    /// A certain version; left out: the newest.
    #[serde(default)]
    version: Option<u32>,
    /// The office's own number for the case.
    #[serde(default)]
    number: Option<String>,
    /// Data of the start form. Amounts are decimal strings.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Values,
}

/// Starts a case.
#[utoipa::path(post, path = "/api/v1/instances", tag = "instances", operation_id = "startInstance", request_body = Start,
    responses((status = 201, description = "Started", body = CaseAnswer)))]
pub(super) async fn start(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(start): Sent<Start>,
) -> Result<Done<CaseAnswer>, Problem> {
    let unit = known(&app, start.unit)?;
    let Start { process, version, number, data, .. } = start;
    let definition = version.map(|version| definitions::find(&app, &process, version)).transpose()?;
    let definition = definition.map(|deployed| deployed.graph.hash);
    let accepted = submit(&app, &who, &key, &unit, Command::StartInstance { process, definition, number, data }).await?;
    let answer = CaseAnswer::new(&unit, &accepted);
    let location = format!("/api/v1/instances/{}", answer.id);
    Ok(Done::created(answer, key, accepted.repeated, location))
}

/// Why something is done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Withdrawn by the applicant on 12 March." }))]
pub(super) struct Reason {
    /// The reason, 1 to 2,000 characters; it is kept in the journal.
    pub(super) reason: String,
}

/// Cancels a case.
///
/// It needs the post of the process owner, or the role `quality-coordinator`.
#[utoipa::path(post, path = "/api/v1/instances/{id}/cancel", tag = "instances", operation_id = "cancelInstance", request_body = Reason,
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "Cancelled", body = CaseAnswer)))]
pub(super) async fn cancel(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<InstanceId>,
    Sent(Reason { reason }): Sent<Reason>,
) -> Result<Done<CaseAnswer>, Problem> {
    about(&app, &who, key, &id.unit, Command::CancelInstance { instance: id.command, reason }).await
}

/// Suspends a case.
///
/// Its tasks, jobs and timers rest until it is resumed. It needs the post of the process owner, or the role `quality-coordinator`.
#[utoipa::path(post, path = "/api/v1/instances/{id}/suspend", tag = "instances", operation_id = "suspendInstance",
    request_body = Reason, params(("id" = String, Path, description = "Case")),
    responses((status = 200, description = "Suspended", body = CaseAnswer)))]
pub(super) async fn suspend(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<InstanceId>,
    Sent(Reason { reason }): Sent<Reason>,
) -> Result<Done<CaseAnswer>, Problem> {
    about(&app, &who, key, &id.unit, Command::SuspendInstance { instance: id.command, reason }).await
}

/// Resumes a suspended case.
#[utoipa::path(post, path = "/api/v1/instances/{id}/resume", tag = "instances", operation_id = "resumeInstance",
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "Resumed", body = CaseAnswer)))]
pub(super) async fn resume(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<InstanceId>,
    _: Nothing,
) -> Result<Done<CaseAnswer>, Problem> {
    about(&app, &who, key, &id.unit, Command::ResumeInstance { instance: id.command }).await
}

/// Tries again what an incident stopped.
#[utoipa::path(post, path = "/api/v1/instances/{id}/incidents/{incident}/retry", tag = "incidents", operation_id = "retryIncident",
    params(("id" = String, Path, description = "Case"), ("incident" = String, Path, description = "Incident, as in the case")),
    responses((status = 200, description = "Tried again; the status is of the case", body = CaseAnswer)))]
pub(super) async fn retry(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((id, incident)): At<(InstanceId, Made)>,
    _: Nothing,
) -> Result<Done<CaseAnswer>, Problem> {
    about(&app, &who, key, &id.unit, Command::RetryIncident { instance: id.command, incident }).await
}

/// Submits a command about a case that there is.
pub(super) async fn about(
    app: &App,
    who: &Identity,
    key: Key,
    unit: &UnitId,
    command: Command,
) -> Result<Done<CaseAnswer>, Problem> {
    let accepted = submit(app, who, &key, unit, command).await?;
    Ok(Done::new(CaseAnswer::new(unit, &accepted), key, accepted.repeated))
}
