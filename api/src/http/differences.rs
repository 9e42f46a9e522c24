//! Two editions of a controlled document side by side: what changed, and whom it affects.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::digest::Hash;
use engine::graph::difference::{Change, Found, difference};
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::documents::unknown;
use super::extract::{Asked, At, Who};
use super::place::{heavy, require_service};
use super::problem::Problem;
use crate::app::affected::affected;
use crate::app::editions::{Edition, Pair, editions, pair};
use crate::app::{App, Identity};

/// Which two editions are compared.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Between {
    /// Hash of the first; left out: what is in force, or else the one before the second.
    #[param(value_type = Option<String>)]
    pub(super) from: Option<Hash>,
    /// Hash of the second; left out: the draft, or else the newest issue.
    #[param(value_type = Option<String>)]
    pub(super) to: Option<Hash>,
}

/// An edition of a document.
#[derive(Serialize, ToSchema)]
pub(super) struct EditionItem {
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// Issue number; none: it is the draft.
    issue: Option<u32>,
    /// Revision number within the issue.
    revision: Option<u32>,
}

impl From<&Edition<'_>> for EditionItem {
    fn from(edition: &Edition<'_>) -> Self {
        let (issue, revision) = edition.number.unzip();
        Self { hash: edition.hash.to_string(), issue, revision }
    }
}

/// What stands at a place of a document.
#[derive(Serialize, ToSchema)]
struct FoundItem {
    /// JSON pointer.
    pointer: String,
    /// The value; of what was reordered, the names in their order.
    value: Value,
}

impl From<Found> for FoundItem {
    fn from(Found { pointer, value }: Found) -> Self {
        Self { pointer, value }
    }
}

/// A place at which two editions differ.
#[derive(Serialize, ToSchema)]
struct ChangeItem {
    /// `added`, `removed`, `changed` or `reordered`.
    way: &'static str,
    /// The way there: properties, and things in lists by their names.
    #[schema(example = json!(["steps", "decide", "performer", "role"]))]
    path: Vec<String>,
    /// What stands there in the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<FoundItem>,
    /// What stands there in the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<FoundItem>,
}

impl From<Change> for ChangeItem {
    fn from(Change { path, way, before, after }: Change) -> Self {
        Self { way: way.name(), path, before: before.map(FoundItem::from), after: after.map(FoundItem::from) }
    }
}

/// What changed from one edition to another.
#[derive(Serialize, ToSchema)]
pub(super) struct Differences {
    /// The first; none where there is nothing before the second, which is then new as a whole.
    from: Option<EditionItem>,
    /// The second.
    to: EditionItem,
    /// Every place at which they differ; none: they have the same content.
    changes: Vec<ChangeItem>,
}

/// What changed from one edition of a document to another.
///
/// Place by place; things in a list are told apart by their names, so that a step put in between changes none of those behind it. Drafts are
/// for whoever holds a post.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/difference", tag = "documents", operation_id = "compareDocuments",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), ("id" = String, Path, description = "Id"), Between),
    responses((status = 200, description = "What changed", body = Differences)))]
pub(super) async fn compare(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id)): At<(DocumentKind, String)>,
    Asked(between): Asked<Between>,
) -> Result<Json<Differences>, Problem> {
    let pair = two(&app, &who, kind, &id, &between)?;
    let (from, to) = (pair.from.as_ref().map(EditionItem::from), EditionItem::from(&pair.to));
    let changes = heavy(move || {
        let (before, after) = pair.values();
        difference(&before, &after)
    })
    .await?;
    Ok(Json(Differences { from, to, changes: changes.into_iter().map(ChangeItem::from).collect() }))
}

/// Running cases that go on by a version.
#[derive(Serialize, ToSchema)]
struct RunningItem {
    /// The version by which they began.
    version: u32,
    /// How many.
    cases: u64,
}

/// Whom an edition affects.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AffectedAnswer {
    /// The edition.
    edition: EditionItem,
    /// The one beside which it is looked at, if there is one.
    beside: Option<EditionItem>,
    /// Of a process: running cases. They go on by the version by which they began.
    running: Vec<RunningItem>,
    /// Whether there are more of them than were counted.
    more: bool,
    /// Of a process: roles that perform a step which is new or was changed, each with the pseudonyms of those who play it now.
    performers: BTreeMap<String, Vec<String>>,
    /// Processes that call this one, or keep time by this norm.
    processes: Vec<String>,
    /// Schedules that start this process.
    schedules: Vec<String>,
    /// Pages in force that name this norm: they show its limits.
    pages: Vec<String>,
    /// Of a norm or calendar: running cases that were looked at.
    cases: u64,
    /// Of a norm or calendar: clocks, timers and tasks in them that would be due at another time. Which ones, the document's check tells.
    moved: u64,
}

/// Whom an edition of a document affects.
///
/// Of the draft, where nothing else is said, beside what is in force. For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/affected", tag = "documents", operation_id = "whoIsAffected",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), ("id" = String, Path, description = "Id"), Between),
    responses((status = 200, description = "Whom it affects", body = AffectedAnswer)))]
pub(super) async fn who(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id)): At<(DocumentKind, String)>,
    Asked(between): Asked<Between>,
) -> Result<Json<AffectedAnswer>, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let pair = two(&app, &who, kind, &id, &between)?;
    let found = affected(&app.engine, kind, &id, &pair).await?;
    let people = |people: Vec<engine::model::PersonId>| people.iter().map(ToString::to_string).collect();
    let foreseen = found.foreseen.unwrap_or_default();
    Ok(Json(AffectedAnswer {
        edition: EditionItem::from(&pair.to),
        beside: pair.from.as_ref().map(EditionItem::from),
        running: found.running.into_iter().map(|(version, cases)| RunningItem { version, cases }).collect(),
        more: found.more,
        performers: found.performers.into_iter().map(|(role, playing)| (role, people(playing))).collect(),
        processes: found.processes,
        schedules: found.schedules,
        pages: found.pages,
        cases: foreseen.cases,
        moved: foreseen.moved,
    }))
}

/// The two editions that are asked for.
pub(super) fn two(app: &App, who: &Identity, kind: DocumentKind, id: &str, between: &Between) -> Result<Pair, Problem> {
    let (office, library) = (app.engine.office(), app.engine.library());
    let mut all = editions(&office.controls, &library, kind, id);
    if require_service(app, who, &UnitId::site()).is_err() {
        all.retain(|edition| edition.number.is_some());
    }
    if all.is_empty() {
        return Err(unknown(kind, id));
    }
    pair(&all, between.from, between.to).ok_or_else(|| {
        Problem::new(
            "edition.unknown",
            "The document has no edition of this hash. Its amendment sheet and its draft name theirs.",
        )
    })
}
