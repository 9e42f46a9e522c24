//! Bundles of evidence, for auditors and courts.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use engine::model::{InstanceId, UnitId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::receipt_header;
use super::extract::{KEY_HEADER, Key, Sent, Who};
use super::place::{heavy_failed, known, require_service};
use super::problem::{Problem, unrecorded};
use crate::app::App;
use crate::app::bundle::{Asked, NotMade, make};

/// What a bundle shall hold. All that is said must be true of a case: of these cases, of these processes, something happening in the period.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "unit": "mumbai-3", "processes": ["svc.refund"], "from": "2026-04-01T00:00:00Z", "purpose": "Surveillance audit" }))]
pub(super) struct Wanted {
    /// The unit.
    #[schema(value_type = String)]
    unit: UnitId,
    /// Cases, up to 1,000.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    cases: Vec<InstanceId>,
    /// Processes, up to 1,000.
    #[serde(default)]
    processes: Vec<String>,
    /// Cases of the processes that carry out this clause or a part of it, such as `SQM 3.2.1`: they, their steps or their norms name it, or a page
    /// such as the charter that shows these norms.
    clause: Option<String>,
    /// Beginning of the period.
    #[schema(format = DateTime)]
    from: Option<String>,
    /// End of the period, not in it.
    #[schema(format = DateTime)]
    to: Option<String>,
    /// The ground on which personal values are withheld; left out: they are disclosed.
    withhold: Option<String>,
    /// What it is for.
    purpose: String,
    /// Whether every leaf is shown from the first chosen entry on, so that nothing of a chosen case can have been left out.
    #[serde(default)]
    leaves: bool,
    /// Sizes of checkpoints from elsewhere against which the log is to be held, up to 1,000.
    #[serde(default)]
    at: BTreeSet<u64>,
}

/// Makes a bundle.
///
/// A ZIP file with what was chosen, as far as it is signed. That it was handed out, to whom and what for, is an entry of its own: the header
/// `Sevottam-Receipt` names its log, index and leaf.
#[utoipa::path(post, path = "/api/v1/bundles", tag = "logs", operation_id = "makeBundle", request_body = Wanted,
    responses((status = 200, description = "The bundle", content_type = "application/zip")))]
pub(super) async fn make_bundle(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(wanted): Sent<Wanted>,
) -> Result<Response, Problem> {
    let unit = known(&app, wanted.unit.clone())?;
    require_service(&app, &who, &unit)?;
    let Wanted { unit: _, cases, processes, clause, from, to, withhold, purpose, leaves, at } = wanted;
    let asked = Asked { unit: unit.clone(), cases, processes, clause, from, to, withhold, leaves, at, purpose };
    let (wish, purpose) = asked.wish(&app.engine.library())?;
    let key_text = key.text.clone();
    // Whoever hangs up leaves no half of it: what is made is noted.
    let made = tokio::spawn(async move { make(&app, &who, &key_text, &wish, &purpose).await }).await;
    let made = made.map_err(|_| heavy_failed())??;
    let name = format!("attachment; filename=\"bundle-{unit}-{}.zip\"", made.accepted.receipt().index);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (HeaderName::from_static(KEY_HEADER), key.text),
        receipt_header(&made.accepted),
    ];
    Ok((headers, made.bytes).into_response())
}

impl From<NotMade> for Problem {
    fn from(not: NotMade) -> Self {
        if let NotMade::Unrecorded(refusal) = not {
            return unrecorded(&refusal);
        }
        let differs = || Self::new("log.differs", "The log in the database is not what was signed. Tell the operators.");
        not.refusal().map_or_else(differs, Self::from)
    }
}
