//! Norms, calendars, schedules and pages: list, deploy, read.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::graph::library::Listed;
use engine::journal::{Command, Event};
use engine::model::document::DocumentKind;
use engine::model::limits::PAGE_ROWS_MAX;
use engine::model::{InstanceId, Time, UnitId};
use engine::runtime::{Foreseen, Move, Moved};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Done, Page, Receipt, after, limit, submit, words};
use super::extract::{Asked, At, Document, Key, Who};
use super::place::heavy;
use super::problem::{Place, Problem};
use crate::app::editions::fitting;
use crate::app::{App, rights};

/// Which part of the list is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The newest version of a norm, calendar, schedule or page.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentItem {
    /// `process`, `norm`, `calendar`, `schedule` or `page`.
    kind: &'static str,
    /// Id.
    #[schema(example = "in.central.delhi")]
    id: String,
    /// 1, 2, 3 … within kind and id.
    version: u32,
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// Title by language.
    title: BTreeMap<String, String>,
    /// Rules that it carries out.
    reference: Vec<String>,
    /// Where its content comes from.
    source: Vec<String>,
    /// Whether it was compared with its source.
    verified: bool,
    /// The post that answers for it.
    owner: String,
}

impl DocumentItem {
    fn new(kind: DocumentKind, listed: Listed<'_>) -> Self {
        let Listed { hash, version, heading } = listed;
        Self {
            kind: kind.name(),
            id: heading.id.clone(),
            version,
            hash: hash.to_string(),
            title: words(&heading.title),
            reference: heading.reference.clone(),
            source: heading.source.clone(),
            verified: heading.verified,
            owner: heading.owner.to_string(),
        }
    }
}

/// Deployed processes, norms, calendars, schedules or pages.
///
/// The newest version of each, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/documents/{kind}", tag = "documents", operation_id = "listDocuments",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), ListQuery),
    responses((status = 200, description = "Documents", body = Page<DocumentItem>)))]
pub(super) async fn list(
    State(app): State<App>,
    _: Who,
    At(kind): At<DocumentKind>,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<DocumentItem>>, Problem> {
    let (limit, from) = (limit(query.limit)?, after(query.cursor.as_deref(), |place| Some(place.to_owned()))?);
    let library = app.engine.library();
    let all = library.documents(kind).into_iter().filter(|listed| from.as_ref().is_none_or(|from| listed.heading.id > *from));
    let rows = all.take(limit as usize + 1).collect();
    Ok(Json(Page::new(rows, limit, |listed: &Listed<'_>| listed.heading.id.clone(), |listed| DocumentItem::new(kind, listed))))
}

/// A deployed version.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentAnswer {
    /// `norm`, `calendar`, `schedule` or `page`.
    kind: &'static str,
    /// Id.
    id: String,
    /// 1, 2, 3 … within kind and id.
    version: u32,
    /// Content hash.
    hash: String,
    /// What someone should look at.
    #[schema(value_type = Vec<Place>)]
    warnings: Vec<engine::model::Problem>,
    /// The receipt; none where this content was deployed already.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

/// Deploys a norm, calendar, schedule or page.
///
/// A process is deployed at `/api/v1/definitions`; an office whose documents are controlled deploys what was issued only.
/// The body is the document itself, at most 2 MiB. Identical content is the same version: 200 with the version that is there. It needs the
/// post that answers for it, or the role `quality-coordinator` for that post's unit.
#[utoipa::path(post, path = "/api/v1/documents/{kind}", tag = "documents", operation_id = "deployDocument",
    params(("kind" = String, Path, description = "`norm`, `calendar`, `schedule` or `page`")),
    request_body(content = Object, description = "The document", content_type = "application/json"),
    responses((status = 201, description = "Deployed", body = DocumentAnswer),
        (status = 200, description = "This content was deployed already", body = DocumentAnswer)))]
pub(super) async fn deploy(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(kind): At<DocumentKind>,
    Document(document): Document,
) -> Result<Done<DocumentAnswer>, Problem> {
    let (library, text) = (app.engine.library(), document.clone());
    let checked = heavy(move || library.check(kind, &text)).await?.map_err(|problems| {
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        Problem::new("document.invalid", format!("The {} has {errors} errors.", kind.name())).with(problems)
    })?;
    let (id, hash, warnings) = (checked.id, checked.hash, checked.warnings);
    let answer = |version: u32, receipt: Option<Receipt>| DocumentAnswer {
        kind: kind.name(),
        id: id.clone(),
        version,
        hash: hash.to_string(),
        warnings,
        receipt,
    };
    let accepted = match submit(&app, &who, &key, &UnitId::site(), Command::DeployDocument { kind, document }).await {
        Ok(accepted) => accepted,
        Err(problem) if problem.code == "document.already-deployed" => {
            let version = app.engine.library().version_of(kind, &hash).unwrap_or(1);
            return Ok(Done::new(answer(version, None), key, false));
        }
        Err(problem) => return Err(problem),
    };
    let version = accepted.entry.events.iter().find_map(|event| match event {
        Event::DocumentDeployed { version, .. } => Some(*version),
        _ => None,
    });
    let location = format!("/api/v1/documents/{}/{id}", kind.name());
    Ok(Done::created(answer(version.unwrap_or(1), Some(Receipt::from(&accepted))), key, accepted.repeated, location))
}

/// What is wrong with a document, and what would follow from it.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckAnswer {
    /// Every problem, warnings included; no error among them: it can be deployed.
    #[schema(value_type = Vec<Place>)]
    problems: Vec<engine::model::Problem>,
    /// Running cases that were looked at; none where the document cannot be deployed, or moves nothing.
    cases: u64,
    /// How many clocks, timers and tasks would be due at another time.
    moved: u64,
    /// Those of your units among the first 200.
    moves: Vec<MoveItem>,
}

/// A clock, timer or task that would be due at another time.
#[derive(Serialize, ToSchema)]
struct MoveItem {
    /// The case.
    instance: String,
    /// `clock`, `timer` or `task`.
    kind: &'static str,
    /// Its id.
    id: String,
    /// The clock's name in the process, or the step of the timer or task.
    name: String,
    /// When it is due until now.
    #[schema(format = DateTime)]
    before: Option<String>,
    /// When it is due from then on.
    #[schema(format = DateTime)]
    after: Option<String>,
}

impl From<Move> for MoveItem {
    fn from(Move { unit, instance, what, before, after }: Move) -> Self {
        let text = |time: Option<Time>| time.map(|time| time.to_string());
        let instance = InstanceId { unit, command: instance }.to_string();
        let (kind, id, name) = match what {
            Moved::Clock(id, name) => ("clock", id, name),
            Moved::Timer(id, step) => ("timer", id, step),
            Moved::Task(id, step) => ("task", id, step),
        };
        Self { instance, kind, id: id.to_string(), name, before: text(before), after: text(after) }
    }
}

/// Checks a document without deploying it.
///
/// Every problem is listed; and, of a norm or calendar that could be deployed, every running clock, timer and task that would be due at another
/// time, from when to when.
/// Nothing is written.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/check", tag = "documents", operation_id = "checkDocument",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`")),
    request_body(content = Object, description = "The document", content_type = "application/json"),
    responses((status = 200, description = "What was found, and what would follow", body = CheckAnswer)))]
pub(super) async fn check(
    State(app): State<App>,
    Who(who): Who,
    At(kind): At<DocumentKind>,
    Document(document): Document,
) -> Result<Json<CheckAnswer>, Problem> {
    let (library, office) = (app.engine.library(), app.engine.office());
    let check = move || library.check(kind, &document).map(|checked| (fitting(&library, &office.controls, &checked), checked));
    let (problems, checked) = match heavy(check).await? {
        Ok(found) => found,
        Err(problems) => return Ok(Json(CheckAnswer { problems, cases: 0, moved: 0, moves: Vec::new() })),
    };
    if matches!(kind, DocumentKind::Process | DocumentKind::Schedule | DocumentKind::Page) {
        return Ok(Json(CheckAnswer { problems, cases: 0, moved: 0, moves: Vec::new() }));
    }
    let Foreseen { mut moves, cases, moved } = app.engine.foresee(&checked, PAGE_ROWS_MAX as usize).await?;
    let (office, now) = (app.engine.office(), app.engine.now());
    moves.retain(|found| rights::serves(&office, &who.0.id, &found.unit, now));
    let moves = moves.into_iter().map(MoveItem::from).collect();
    Ok(Json(CheckAnswer { problems, cases, moved, moves }))
}

/// The newest version of a document, and its text.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentBody {
    /// The document as lists show it.
    #[serde(flatten)]
    item: DocumentItem,
    /// Its text, byte for byte as its author wrote it.
    text: String,
}

/// One document.
///
/// The newest version, with its text.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}", tag = "documents", operation_id = "getControlledDocument",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "The document", body = DocumentBody)))]
pub(super) async fn get(
    State(app): State<App>,
    _: Who,
    At((kind, id)): At<(DocumentKind, String)>,
) -> Result<Json<DocumentBody>, Problem> {
    let library = app.engine.library();
    let listed = library.document(kind, &id).ok_or_else(|| unknown(kind, &id))?;
    Ok(Json(DocumentBody { item: DocumentItem::new(kind, listed), text: listed.heading.text.clone() }))
}

pub(super) fn unknown(kind: DocumentKind, id: &str) -> Problem {
    let id: String = id.chars().filter(|c| !c.is_control()).take(80).collect();
    Problem::new("document.unknown", format!("No {} with the id {id} is deployed.", kind.name()))
}
