//! One case: as it stands, its history, its picture.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use engine::journal::Entry;
use engine::machine::Instance;
use engine::machine::state::Wait;
use engine::model::reading::Through;
use engine::model::{CommandId, InstanceId, Values};
use engine::store::Store;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Moment, Page, after, limit, located, words};
use super::definitions::{DiagramQuery, svg};
use super::extract::{Asked, At, Who};
use super::instances::CaseItem;
use super::place::{heavy, past};
use super::problem::{Problem, unrecorded};
use super::records::Records;
use crate::app::drawing::{Stand, drawing};
use crate::app::reading::{self, Closed, Opened, Place};
use crate::app::{App, Identity, rights};
use crate::diagram::standalone_svg;

/// A case as it stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Case {
    /// Id.
    id: String,
    /// The case as lists show it.
    summary: CaseItem,
    /// How it stands.
    status: &'static str,
    /// Version of the definition it is pinned to.
    version: Option<u32>,
    /// Title of the process by language.
    title: BTreeMap<String, String>,
    /// Variables of the process.
    #[schema(value_type = Object)]
    variables: Values,
    /// Where it stands.
    tokens: Vec<TokenItem>,
    /// Open tasks.
    tasks: Vec<OpenTask>,
    /// What stopped tokens.
    incidents: Vec<OpenIncident>,
    /// What was said of its records.
    records: Records,
    /// Entries so far.
    entries: u64,
    /// Leaf hash of the last of them.
    last: Option<String>,
}

/// Where a path of the case stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenItem {
    /// Number within the case.
    token: u32,
    /// Step id.
    step: String,
    /// What it waits for: `task`, `job`, `timer`, `message`, `scope`, `call` or `nothing`.
    waits_for: &'static str,
    /// When the timer fires, if it waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    due: Option<String>,
}

/// An open task of the case.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenTask {
    /// Id.
    id: String,
    /// Step id.
    step: String,
    /// Role.
    role: String,
    /// Who has it.
    assignee: Option<String>,
    /// The post by which they may.
    post: Option<String>,
    /// When it was created.
    #[schema(format = DateTime)]
    created: String,
    /// When it should be done.
    #[schema(format = DateTime)]
    due: Option<String>,
}

/// What stopped a token.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenIncident {
    /// Id, for retrying.
    id: String,
    /// Step id.
    step: Option<String>,
    /// Stable code.
    code: String,
    /// What is wrong and what to do.
    message: String,
    /// When it was raised.
    #[schema(format = DateTime)]
    raised: String,
}

/// As of when a case is told.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AsOf {
    /// As of this instant of the past, RFC 3339; left out: as of now.
    #[serde(rename = "asOf")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
}

/// A case as it stands, or as it stood.
///
/// Status, variables, where its tokens stand, open tasks and incidents. What was erased since is not told of the past either.
#[utoipa::path(get, path = "/api/v1/instances/{id}", tag = "instances", operation_id = "getInstance",
    params(("id" = String, Path, description = "Case"), AsOf), responses((status = 200, description = "The case", body = Case)))]
pub(super) async fn get(
    State(app): State<App>,
    Who(who): Who,
    At(id): At<InstanceId>,
    Asked(AsOf { as_of }): Asked<AsOf>,
) -> Result<Json<Case>, Problem> {
    let mut closed = find(&app, &who, &id).await?;
    let mut row = app.engine.store().instance(&id.unit, id.command).await?.ok_or_else(unknown)?;
    if let Some(at) = past(&app, as_of)? {
        row = app.engine.row_at(&id.unit, row, at).await?.ok_or_else(unknown)?;
        closed = Closed::load(&app.engine, &id, Some(at)).await?.ok_or_else(unknown)?;
    }
    let case = shown(closed.open(&app, &who, Through::Case, |place, _| place == Place::Scope(0)).await)?.case;
    let library = app.engine.library();
    let deployed = library.get(&case.definition);
    Ok(Json(Case {
        id: id.to_string(),
        summary: CaseItem::new(&id.unit, row),
        status: case.status.word(),
        version: deployed.map(|deployed| deployed.version),
        title: deployed.map(|deployed| words(&deployed.graph.process.title)).unwrap_or_default(),
        variables: case.scopes.get(&0).map(|scope| scope.variables.clone()).unwrap_or_default(),
        tokens: tokens(&case),
        tasks: tasks(&id, &case),
        incidents: incidents(&case),
        records: Records::of(&case),
        entries: case.sequence,
        last: case.last.map(|last| last.to_string()),
    }))
}

pub(super) fn tokens(case: &Instance) -> Vec<TokenItem> {
    let items = case.tokens.iter().map(|(number, token)| {
        let (waits_for, due) = match &token.wait {
            Wait::Nothing => ("nothing", None),
            Wait::Task(_) => ("task", None),
            Wait::Job(_) => ("job", None),
            Wait::Timer(timer) => ("timer", case.timers.get(timer).map(|timer| timer.due.to_string())),
            Wait::Message(_) => ("message", None),
            Wait::Scope(_) => ("scope", None),
            Wait::Call(_) => ("call", None),
        };
        TokenItem { token: *number, step: token.step.clone(), waits_for, due }
    });
    items.collect()
}

fn tasks(id: &InstanceId, case: &Instance) -> Vec<OpenTask> {
    let items = case.tasks.iter().map(|(made, task)| OpenTask {
        id: located(&id.unit, *made),
        step: task.step.clone(),
        role: task.role.clone(),
        assignee: task.claim.as_ref().map(|claim| claim.person.to_string()),
        post: task.claim.as_ref().and_then(|claim| claim.post.as_ref()).map(ToString::to_string),
        created: task.created.to_string(),
        due: task.due.map(|due| due.to_string()),
    });
    items.collect()
}

pub(super) fn incidents(case: &Instance) -> Vec<OpenIncident> {
    let items = case.incidents.iter().map(|(made, incident)| OpenIncident {
        id: made.to_string(),
        step: case.tokens.get(&incident.token).map(|token| token.step.clone()),
        code: incident.code.clone(),
        message: incident.message.clone(),
        raised: incident.raised.to_string(),
    });
    items.collect()
}

/// Which part of a history is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An entry of the journal about a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryItem {
    /// Index in the unit's log.
    index: u64,
    /// 1, 2, 3 … within the case.
    sequence: u64,
    /// What was done, such as `task.completed`.
    kind: String,
    /// Pseudonym of the person, or `system`.
    actor: String,
    /// The post by which they acted.
    via: Option<String>,
    /// When it was recorded.
    #[schema(format = DateTime)]
    time: String,
    /// RFC 6962 leaf hash.
    leaf: String,
    /// What happened, as sealed; instants in it are microseconds since 1970. An erased personal value is null.
    #[schema(value_type = Vec<Object>)]
    events: Vec<engine::journal::Event>,
}

impl From<Entry> for HistoryItem {
    fn from(entry: Entry) -> Self {
        Self {
            index: entry.index,
            sequence: entry.link.map_or(0, |link| link.sequence),
            kind: entry.kind,
            actor: entry.origin.actor.to_string(),
            via: entry.via.map(|via| via.to_string()),
            time: entry.origin.time.to_string(),
            leaf: entry.leaf_hash.to_string(),
            events: entry.events,
        }
    }
}

/// The history of a case.
///
/// Its journal entries, oldest first. Each leaf hash is the receipt that whoever acted was given.
#[utoipa::path(get, path = "/api/v1/instances/{id}/history", tag = "instances", operation_id = "getHistory",
    params(("id" = String, Path, description = "Case"), HistoryQuery),
    responses((status = 200, description = "Entries", body = Page<HistoryItem>)))]
pub(super) async fn history(
    State(app): State<App>,
    Who(who): Who,
    At(id): At<InstanceId>,
    Asked(query): Asked<HistoryQuery>,
) -> Result<Json<Page<HistoryItem>>, Problem> {
    let (limit, after) = (limit(query.limit)?, after(query.cursor.as_deref(), |place| place.parse::<u64>().ok())?);
    let mut closed = find(&app, &who, &id).await?;
    let from = after.map_or(1, |after| after.saturating_add(1).min(u64::from(u32::MAX)));
    closed.read_history(&app.engine, from, limit as usize + 1).await?;
    // The last is read only to know that there is one.
    let told = |place: Place, _: &str| matches!(place, Place::Entry(at, _) if at < limit as usize);
    let entries = shown(closed.open(&app, &who, Through::History, told).await)?.history;
    let place = |entry: &Entry| entry.link.map_or(0, |link| link.sequence).to_string();
    Ok(Json(Page::new(entries, limit, place, HistoryItem::from)))
}

/// The case in the picture of its process.
///
/// Steps done, steps where it stands, steps where it is stuck, and the ways it took.
#[utoipa::path(get, path = "/api/v1/instances/{id}/diagram.svg", tag = "instances", operation_id = "drawInstance",
    params(("id" = String, Path, description = "Case"), DiagramQuery),
    responses((status = 200, description = "The picture", body = String, content_type = "image/svg+xml")))]
pub(super) async fn diagram(
    State(app): State<App>,
    Who(who): Who,
    At(id): At<InstanceId>,
    Asked(query): Asked<DiagramQuery>,
) -> Result<Response, Problem> {
    let (case, language) = (load(&app, &who, &id).await?, query.language()?);
    let history = reading::history(&app.engine, &id).await?;
    let deployed = app.engine.library().get(&case.definition).cloned();
    let graph = deployed.ok_or_else(|| Problem::new("definition.unknown", "The case's definition is not deployed."))?.graph;
    let draw = move || standalone_svg(&drawing(&graph, language, Some(&Stand::of(&graph, &case, &history))));
    Ok(svg(heavy(draw).await?))
}

/// A case for whoever may read it; to others it is as if there were none.
pub(super) async fn find(app: &App, who: &Identity, id: &InstanceId) -> Result<Closed, Problem> {
    let closed = Closed::load(&app.engine, id, None).await?.ok_or_else(unknown)?;
    let (office, now) = (app.engine.office(), app.engine.now());
    let may = rights::reads(&office, &who.0.id, &id.unit, closed.case().started_by.as_ref(), now);
    if may { Ok(closed) } else { Err(unknown()) }
}

/// A case's state, without personal values, for whoever may read it.
pub(super) async fn load(app: &App, who: &Identity, id: &InstanceId) -> Result<Instance, Problem> {
    Ok(find(app, who, id).await?.unopened().case)
}

/// What is shown, or why it is not: a program takes no half of it.
pub(super) fn shown(opened: Opened) -> Result<Opened, Problem> {
    match &opened.unrecorded {
        Some(refusal) => Err(unrecorded(refusal)),
        None => Ok(opened),
    }
}

/// The case of a task or job in the same unit.
pub(super) fn of(unit: &engine::model::UnitId, command: CommandId) -> InstanceId {
    InstanceId { unit: unit.clone(), command }
}

fn unknown() -> Problem {
    Problem::new("instance.unknown", "There is no such case.")
}
