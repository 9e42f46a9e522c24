//! The logs themselves: heads, and entries byte for byte, for whoever checks the evidence.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::digest::{Frontier, empty_root, hex, leaf_hash};
use engine::journal::Sealed;
use engine::model::UnitId;
use engine::store::{Head, Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{limit, receipt_header};
use super::extract::{Asked, At, Who};
use super::place::{log, require_service};
use super::problem::Problem;
use crate::app::exports::noted;
use crate::app::{App, reading};

/// A page of entries ends once it holds so many bytes.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The head of a log.
#[derive(Serialize, ToSchema)]
pub(super) struct HeadBody {
    /// The unit, or `site` for the log of the whole office.
    unit: String,
    /// Origin: the first line of its checkpoints.
    origin: String,
    /// Entries so far.
    size: u64,
    /// RFC 6962 root hash over them.
    root: String,
    /// Time of the last entry.
    #[schema(format = DateTime)]
    time: Option<String>,
}

impl HeadBody {
    fn new(unit: &UnitId, head: Head) -> Result<Self, Problem> {
        let frontier = Frontier::from_bytes(head.size, &head.frontier);
        let frontier =
            frontier.ok_or_else(|| StoreError::Broken(format!("the frontier of unit {unit} does not fit its size")))?;
        let (root, time) = (frontier.root().to_string(), Some(head.time.to_string()));
        Ok(Self { unit: unit.to_string(), origin: head.origin, size: head.size, root, time })
    }

    /// A log that nothing was written to yet.
    fn empty(app: &App, unit: &UnitId) -> Self {
        let origin = format!("{}/unit/{unit}/1", app.engine.options().host);
        Self { unit: unit.to_string(), origin, size: 0, root: empty_root().to_string(), time: None }
    }
}

/// Heads of all logs.
#[derive(Serialize, ToSchema)]
pub(super) struct Heads {
    /// In the order of their units.
    items: Vec<HeadBody>,
}

/// All logs with their heads.
#[utoipa::path(get, path = "/api/v1/logs", tag = "logs", operation_id = "listLogs",
    responses((status = 200, description = "Heads", body = Heads)))]
pub(super) async fn list(State(app): State<App>, _: Who) -> Result<Json<Heads>, Problem> {
    let mut items = Vec::new();
    for unit in app.engine.store().units().await? {
        if let Some(head) = app.engine.store().head(&unit).await? {
            items.push(HeadBody::new(&unit, head)?);
        }
    }
    Ok(Json(Heads { items }))
}

/// The head of one log.
#[utoipa::path(get, path = "/api/v1/logs/{unit}/head", tag = "logs", operation_id = "getHead",
    params(("unit" = String, Path, description = "Unit, or `site`")),
    responses((status = 200, description = "The head", body = HeadBody)))]
pub(super) async fn head(State(app): State<App>, _: Who, At(unit): At<UnitId>) -> Result<Json<HeadBody>, Problem> {
    let unit = log(&app, unit)?;
    match app.engine.store().head(&unit).await? {
        Some(head) => HeadBody::new(&unit, head).map(Json),
        None => Ok(Json(HeadBody::empty(&app, &unit))),
    }
}

/// Which entries are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EntriesQuery {
    /// Index of the first, from 0 (0).
    from: Option<u64>,
    /// At most so many, 1 to 200 (50); a page of big entries ends earlier.
    limit: Option<u32>,
}

/// Entries of a log.
#[derive(Serialize, ToSchema)]
pub(super) struct Entries {
    /// By index.
    items: Vec<EntryBody>,
    /// `from` of the next page; none at the end of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// An entry byte for byte.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryBody {
    /// Index in the log.
    index: u64,
    /// The bytes that are hashed, as text: ASCII JSON.
    leaf: String,
    /// RFC 6962 hash of the leaf.
    leaf_hash: String,
    /// Values beside the leaf, each committed by it.
    payloads: Vec<PayloadBody>,
}

/// A value beside a leaf.
#[derive(Serialize, ToSchema)]
pub(super) struct PayloadBody {
    /// Name within the entry.
    name: String,
    /// The salt of its commitment, hexadecimal.
    salt: String,
    /// Its bytes, as text; none once erased.
    body: Option<String>,
}

impl From<Sealed> for EntryBody {
    fn from(sealed: Sealed) -> Self {
        let payloads = sealed.payloads.into_iter().map(|payload| PayloadBody {
            name: payload.name,
            salt: hex(&payload.salt),
            body: payload.body,
        });
        let leaf_hash = leaf_hash(sealed.leaf.as_bytes()).to_string();
        Self { index: sealed.index, leaf_hash, leaf: sealed.leaf, payloads: payloads.collect() }
    }
}

/// Entries of a log, byte for byte.
///
/// Whoever has them can compute the root of the head. A page on which there are entries of cases is an export: that it was handed out is an entry of its
/// own, with the hash of the page, and the header `Sevottam-Receipt` names it. So the log has grown by a few entries once it was read to its end.
#[utoipa::path(get, path = "/api/v1/logs/{unit}/entries", tag = "logs", operation_id = "listEntries",
    params(("unit" = String, Path, description = "Unit, or `site`"), EntriesQuery),
    responses((status = 200, description = "Entries", body = Entries)))]
pub(super) async fn entries(
    State(app): State<App>,
    Who(who): Who,
    At(unit): At<UnitId>,
    Asked(query): Asked<EntriesQuery>,
) -> Result<Response, Problem> {
    let (unit, limit) = (log(&app, unit)?, limit(query.limit)? as usize);
    require_service(&app, &who, &unit)?;
    // Indexes of a store are signed.
    let from = query.from.unwrap_or(0).min(i64::MAX as u64 - 1);
    let (entries, next) = reading::entries(&app, &who, &unit, from, limit, PAGE_BYTES).await?;
    let run = entries.first().zip(entries.last()).map(|(first, last)| [first.index, last.index]);
    let has_cases = entries.iter().any(reading::is_of_cases);
    let page = Entries { items: entries.into_iter().map(EntryBody::from).collect(), next };
    // Writing plain data as JSON cannot fail.
    let bytes = serde_json::to_vec(&page).unwrap_or_default();
    let kind = (header::CONTENT_TYPE, "application/json".to_owned());
    match run.filter(|_| has_cases) {
        Some(run) => {
            let accepted = noted::entries(&app.engine, &who, &unit, run, &bytes).await?;
            Ok(([kind, receipt_header(&accepted)], bytes).into_response())
        }
        None => Ok(([kind], bytes).into_response()),
    }
}
