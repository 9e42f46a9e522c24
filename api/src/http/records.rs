//! The records of a case: holding them for an appeal, an audit or a court; and the erasure of personal values, proposed by one and approved
//! by another.

use axum::extract::State;
use engine::journal::Command;
use engine::machine::Instance;
use engine::model::{CommandId, InstanceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Created, Done, Receipt, Receipted, receipted, submit};
use super::extract::{At, Key, Nothing, Sent, Who};
use super::instances::Reason;
use super::problem::Problem;
use crate::app::App;

/// What was said of the records of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Records {
    /// What needs them, as long as they are held.
    held: Option<String>,
    /// The erasure that waits to be approved or rejected.
    proposal: Option<ErasureItem>,
    /// Variables whose values are gone.
    erased: Vec<String>,
}

/// A proposed erasure.
#[derive(Serialize, ToSchema)]
pub(super) struct ErasureItem {
    /// Its id.
    id: String,
    /// Pseudonym of the person who proposed it, or `system`.
    by: String,
    /// When.
    #[schema(format = DateTime)]
    time: String,
    /// The variables whose values would go.
    names: Vec<String>,
    /// Why they may go.
    ground: String,
    /// Whose order or request it is.
    authority: String,
}

impl Records {
    pub(super) fn of(case: &Instance) -> Self {
        let records = &case.records;
        let proposal = records.proposal.as_ref().map(|proposal| ErasureItem {
            id: proposal.id.to_string(),
            by: proposal.by.as_ref().map_or_else(|| "system".to_owned(), ToString::to_string),
            time: proposal.time.to_string(),
            names: proposal.names.clone(),
            ground: proposal.ground.clone(),
            authority: proposal.authority.clone(),
        });
        Self { held: records.held.clone(), proposal, erased: records.erased.iter().cloned().collect() }
    }
}

/// Which values are to be erased, and why they may.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ground": "Retention ended; schedule item 14", "authority": "Order 12/2036 of the Commissioner" }))]
pub(super) struct Erasure {
    /// Personal variables, and `handed_over` for what workers, messages and other cases were given or gave under other names: copies stay where only
    /// variables are named. Left out: all of it.
    #[serde(default)]
    names: Vec<String>,
    /// Why they may go, 1 to 2,000 characters.
    ground: String,
    /// Whose order or request it is, with its number, 1 to 2,000 characters.
    authority: String,
}

/// What records are held for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ground": "Appeal 44/2027 before the Tribunal" }))]
pub(super) struct Hold {
    /// What needs them, 1 to 2,000 characters.
    ground: String,
}

/// Proposes to erase personal values.
///
/// The case must have ended, its retention period too, and its records must not be held. It needs the post of the process owner, or the role
/// `quality-coordinator`; nobody proposes or approves it who started the case or worked on it.
#[utoipa::path(post, path = "/api/v1/instances/{id}/erasures", tag = "records", operation_id = "proposeErasure", request_body = Erasure,
    params(("id" = String, Path, description = "Case")), responses((status = 201, description = "Proposed", body = Created)))]
pub(super) async fn propose(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<InstanceId>,
    Sent(Erasure { names, ground, authority }): Sent<Erasure>,
) -> Result<Done<Created>, Problem> {
    let command = Command::ProposeErasure { instance: id.command, names, ground, authority };
    let accepted = submit(&app, &who, &key, &id.unit, command).await?;
    let proposal = accepted.entry.origin.command.to_string();
    let location = format!("/api/v1/instances/{id}");
    Ok(Done::created(Created { id: proposal, receipt: Receipt::from(&accepted) }, key, accepted.repeated, location))
}

/// Approves a proposed erasure.
///
/// The values are gone at once, and cannot be brought back; every proof still holds. It needs the role `records-officer`, and a person other
/// than the one who proposed it.
#[utoipa::path(post, path = "/api/v1/instances/{id}/erasures/{erasure}/approve", tag = "records", operation_id = "approveErasure",
    params(("id" = String, Path, description = "Case"), ("erasure" = String, Path, description = "Erasure, as it was proposed")),
    responses((status = 200, description = "Erased", body = Receipted)))]
pub(super) async fn approve(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((id, proposal)): At<(InstanceId, CommandId)>,
    _: Nothing,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &id.unit, Command::ApproveErasure { instance: id.command, proposal }).await
}

/// Rejects a proposed erasure, or takes it back.
///
/// It needs the role `records-officer` or `quality-coordinator`, or the post of the process owner.
#[utoipa::path(post, path = "/api/v1/instances/{id}/erasures/{erasure}/reject", tag = "records", operation_id = "rejectErasure",
    request_body = Reason,
    params(("id" = String, Path, description = "Case"), ("erasure" = String, Path, description = "Erasure, as it was proposed")),
    responses((status = 200, description = "Rejected", body = Receipted)))]
pub(super) async fn reject(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((id, proposal)): At<(InstanceId, CommandId)>,
    Sent(Reason { reason }): Sent<Reason>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &id.unit, Command::RejectErasure { instance: id.command, proposal, reason }).await
}

/// Holds the records of a case.
///
/// Nothing of them is erased until they are released. It needs the role `records-officer` or `quality-coordinator`, or the post of the process
/// owner.
#[utoipa::path(post, path = "/api/v1/instances/{id}/hold", tag = "records", operation_id = "holdRecords", request_body = Hold,
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "Held", body = Receipted)))]
pub(super) async fn hold(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<InstanceId>,
    Sent(Hold { ground }): Sent<Hold>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &id.unit, Command::HoldRecords { instance: id.command, ground }).await
}

/// Releases records that are held.
///
/// It needs the role `records-officer`.
#[utoipa::path(post, path = "/api/v1/instances/{id}/release", tag = "records", operation_id = "releaseRecords", request_body = Reason,
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "Released", body = Receipted)))]
pub(super) async fn release(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<InstanceId>,
    Sent(Reason { reason }): Sent<Reason>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &id.unit, Command::ReleaseRecords { instance: id.command, reason }).await
}
