//! Bundles of evidence, for auditors and courts.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use engine::evidence::bundle::is_ground;
use engine::model::bundle::{Chosen, Instant};
use engine::model::limits::BUNDLE_CHOSEN_MAX;
use engine::model::{CommandId, InstanceId, Time, UnitId};
use engine::runtime::bundle::{NoBundle, Wish};
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{KEY_HEADER, Key, Sent, Who};
use super::place::{heavy_failed, known, require_service};
use super::problem::Problem;
use crate::app::App;
use crate::app::bundle::{NotMade, make};

/// The header that names the entry by which the journal knows of the bundle.
const RECEIPT_HEADER: HeaderName = HeaderName::from_static("sevottam-receipt");

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
    /// Cases of the processes that carry out this clause or a part of it, such as `SQM 3.2.1`: they, their steps or their norms name it.
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
    let purpose = match &wanted.clause {
        Some(clause) => format!("{} ({clause})", wanted.purpose),
        None => wanted.purpose.clone(),
    };
    let (wish, key_text) = (wish(&app, wanted)?, key.text.clone());
    // Whoever hangs up leaves no half of it: what is made is noted.
    let made = tokio::spawn(async move { make(&app, &who, &key_text, &wish, &purpose).await }).await;
    let made = made.map_err(|_| heavy_failed())??;
    let receipt = made.accepted.receipt();
    let name = format!("attachment; filename=\"bundle-{unit}-{}.zip\"", receipt.index);
    let receipt = format!("{} {} {}", receipt.log, receipt.index, receipt.leaf);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (HeaderName::from_static(KEY_HEADER), key.text),
        (RECEIPT_HEADER, receipt),
    ];
    Ok((headers, made.bytes).into_response())
}

fn wish(app: &App, wanted: Wanted) -> Result<Wish, Problem> {
    let Wanted { unit, cases, mut processes, clause, from, to, withhold, leaves, at, .. } = wanted;
    let wrong = |detail: String| Problem::new("bundle.choice", detail);
    if [cases.len(), processes.len(), at.len()].into_iter().any(|count| count > BUNDLE_CHOSEN_MAX) {
        return Err(wrong(format!("Name at most {BUNDLE_CHOSEN_MAX} cases, processes and sizes.")));
    }
    if let Some(other) = cases.iter().find(|case| case.unit != unit) {
        return Err(wrong(format!("The case {other} is not of the unit {unit}: a bundle is of one unit.")));
    }
    if !withhold.as_deref().is_none_or(is_ground) {
        return Err(wrong("Name the ground on which personal values are withheld, in 1 to 2,000 characters.".to_owned()));
    }
    if let Some(clause) = clause.as_deref().map(str::trim) {
        let library = app.engine.library();
        let carrying = if clause.is_empty() { BTreeSet::new() } else { library.carrying_out(clause) };
        // All that is said must be true: where processes are named too, those of them.
        let all = |named: &String| carrying.contains(named.as_str());
        processes = if processes.is_empty() {
            carrying.iter().map(ToString::to_string).collect()
        } else {
            processes.into_iter().filter(all).collect()
        };
        if processes.is_empty() {
            return Err(wrong(format!("No process that was chosen carries out {clause:?}: no reference names it.")));
        }
        if processes.len() > BUNDLE_CHOSEN_MAX {
            return Err(wrong(format!("More than {BUNDLE_CHOSEN_MAX} processes carry out {clause:?}: name a part of it.")));
        }
    }
    let instant = |text: Option<String>| match text {
        None => Ok(None),
        Some(text) => match Time::parse(&text).filter(|time| time.0 >= 0) {
            Some(time) => Ok(Some(Instant(time))),
            None => Err(wrong(format!("{text:?} is no instant such as 2026-04-01T00:00:00Z."))),
        },
    };
    let (from, to) = (instant(from)?, instant(to)?);
    let mut cases: Vec<CommandId> = cases.into_iter().map(|case| case.command).collect();
    cases.sort_unstable();
    cases.dedup();
    Ok(Wish { chosen: Chosen { unit, cases, processes, from, to }, withheld: withhold, leaves, at })
}

impl From<NotMade> for Problem {
    fn from(not: NotMade) -> Self {
        match not {
            NotMade::Nothing(NoBundle::Unsigned(unit)) => {
                Self::new("log.unsigned", format!("Nothing is signed of the log of {unit}: a bundle would prove nothing."))
            }
            NotMade::Nothing(NoBundle::NoCase(case)) => {
                Self::new("instance.unknown", format!("There is no case {case} in the period, or nothing of it is signed yet."))
            }
            NotMade::Nothing(NoBundle::NoProcess(process)) => {
                Self::new("definition.unknown", format!("No definition of the process {process} is deployed."))
            }
            NotMade::Nothing(NoBundle::Nothing) => Self::new("bundle.empty", "Nothing that is signed was chosen."),
            NotMade::Nothing(NoBundle::TooLarge) | NotMade::Packed(_) => {
                Self::new("bundle.too-large", "The bundle would be too large. Choose less: a shorter period, or fewer cases.")
            }
            NotMade::Nothing(NoBundle::Differs(unit)) => {
                tracing::error!(%unit, "the log in the database is not what was signed");
                Self::new("log.differs", "The log in the database is not what was signed. Tell the operators.")
            }
            NotMade::Nothing(NoBundle::Store(error)) => error.into(),
            NotMade::Evidence(none) => none.into(),
            NotMade::Refused(refusal) => refusal.into(),
        }
    }
}
