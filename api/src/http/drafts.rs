//! Drafts of controlled documents: saved, sent for review, approved by somebody else, issued. All of it lies in the site log.

use axum::Json;
use axum::extract::State;
use engine::digest::Hash;
use engine::journal::{Command, Event};
use engine::machine::control::{Draft, Stage};
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Done, Receipt, Receipted, receipted, submit};
use super::extract::{Asked, At, Document, Key, Sent, Who};
use super::place::{heavy, require_service};
use super::problem::{Place, Problem};
use crate::app::App;
use crate::app::editions::problems_of;

/// A draft in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct DraftItem {
    /// `process`, `norm`, `calendar`, `schedule` or `page`.
    kind: &'static str,
    /// Id of the document.
    id: String,
    /// SHA-256 of its RFC 8785 bytes: every decision names the draft that it is about.
    hash: String,
    /// `draft`, `review` or `approved`.
    stage: &'static str,
    /// Pseudonyms of everyone who wrote it: none of them approves it.
    authors: Vec<String>,
    /// The newest version in force when it was saved; 0: none.
    base: u32,
    /// When it was saved last.
    #[schema(format = DateTime)]
    saved: String,
    /// Why it was returned last.
    returned: Option<String>,
}

impl DraftItem {
    fn new(kind: DocumentKind, id: &str, draft: &Draft) -> Self {
        let stage = match draft.stage {
            Stage::Draft => "draft",
            Stage::Review => "review",
            Stage::Approved { .. } => "approved",
        };
        Self {
            kind: kind.name(),
            id: id.to_owned(),
            hash: draft.hash.to_string(),
            stage,
            authors: draft.authors.iter().map(ToString::to_string).collect(),
            base: draft.base,
            saved: draft.saved.to_string(),
            returned: draft.returned.clone(),
        }
    }
}

/// All drafts of the office.
#[derive(Serialize, ToSchema)]
pub(super) struct Drafts {
    /// The drafts, by kind and id.
    items: Vec<DraftItem>,
}

/// Drafts of documents.
///
/// For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/drafts", tag = "documents", operation_id = "listDrafts",
    responses((status = 200, description = "Drafts", body = Drafts)))]
pub(super) async fn list(State(app): State<App>, Who(who): Who) -> Result<Json<Drafts>, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let office = app.engine.office();
    let drafts = office.controls.all().filter_map(|(kind, id, controlled)| Some((kind, id, controlled.draft.as_ref()?)));
    Ok(Json(Drafts { items: drafts.map(|(kind, id, draft)| DraftItem::new(kind, id, draft)).collect() }))
}

/// A draft with its text, and what is wrong with it.
#[derive(Serialize, ToSchema)]
pub(super) struct DraftBody {
    /// The draft as lists show it.
    #[serde(flatten)]
    item: DraftItem,
    /// Its text, byte for byte as its author wrote it.
    text: String,
    /// Every problem, warnings included; with an error among them it cannot be sent for review.
    #[schema(value_type = Vec<Place>)]
    problems: Vec<engine::model::Problem>,
}

/// The draft of a document.
///
/// With its text, and every problem that it has. For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/draft", tag = "documents", operation_id = "getDraft",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "The draft", body = DraftBody)))]
pub(super) async fn get(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id)): At<(DocumentKind, String)>,
) -> Result<Json<DraftBody>, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let office = app.engine.office();
    let draft = office.controls.get(kind, &id).and_then(|controlled| controlled.draft.as_ref());
    let draft = draft.ok_or_else(|| Problem::new("draft.unknown", format!("There is no draft of the {} {id}.", kind.name())))?;
    let text = draft.text.to_string();
    let problems = problems(&app, kind, text.clone()).await?;
    Ok(Json(DraftBody { item: DraftItem::new(kind, &id, draft), text, problems }))
}

/// Every problem of a document.
async fn problems(app: &App, kind: DocumentKind, text: String) -> Result<Vec<engine::model::Problem>, Problem> {
    let (library, office) = (app.engine.library(), app.engine.office());
    heavy(move || problems_of(&library, &office.controls, kind, &text)).await
}

/// Which draft is replaced.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Over {
    /// Hash of the draft that this one takes the place of; left out: there is none yet.
    #[param(value_type = Option<String>)]
    over: Option<Hash>,
}

/// A draft that was saved.
#[derive(Serialize, ToSchema)]
pub(super) struct Saved {
    /// Id of the document.
    id: String,
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// Every problem, warnings included. It is saved all the same.
    #[schema(value_type = Vec<Place>)]
    problems: Vec<engine::model::Problem>,
    /// The receipt.
    receipt: Receipt,
}

/// Saves a draft.
///
/// The body is the document itself, at most 2 MiB; it names its id and its owner, and may else be unfinished. It needs the post that answers for it,
/// or the role `quality-coordinator` for that post's unit. A document has one draft at a time.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/drafts", tag = "documents", operation_id = "saveDraft",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), Over),
    request_body(content = Object, description = "The document", content_type = "application/json"),
    responses((status = 201, description = "Saved", body = Saved)))]
pub(super) async fn save(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(kind): At<DocumentKind>,
    Asked(Over { over }): Asked<Over>,
    Document(document): Document,
) -> Result<Done<Saved>, Problem> {
    let problems = problems(&app, kind, document.clone()).await?;
    let accepted = submit(&app, &who, &key, &UnitId::site(), Command::SaveDraft { kind, document, over }).await?;
    let (id, hash) = accepted
        .entry
        .events
        .iter()
        .find_map(|event| match event {
            Event::DraftSaved { id, hash, .. } => Some((id.clone(), *hash)),
            _ => None,
        })
        // Invariant: a draft that is saved is told of by its event.
        .unwrap_or_else(|| (String::new(), Hash::from_bytes([0; 32])));
    let location = format!("/api/v1/documents/{}/{id}/draft", kind.name());
    let answer = Saved { id, hash: hash.to_string(), problems, receipt: Receipt::from(&accepted) };
    Ok(Done::created(answer, key, accepted.repeated, location))
}

/// The draft that is meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThisDraft {
    /// Its hash.
    #[schema(value_type = String)]
    hash: Hash,
}

/// The draft that is meant, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Returned {
    /// Its hash.
    #[schema(value_type = String)]
    hash: Hash,
    /// Why, 1 to 2,000 characters.
    reason: String,
}

/// How an approved draft is issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "hash": "3f…", "reason": "Notification 12/2027", "effective": "2027-04-01", "roles": ["inspector"] }))]
pub(super) struct Issue {
    /// Its hash.
    #[schema(value_type = String)]
    hash: Hash,
    /// Whether it is a revision of the last issue; else it is the next issue.
    #[serde(default)]
    revision: bool,
    /// The day from which it is in force; left out: at once.
    #[schema(value_type = Option<String>, format = Date)]
    effective: Option<Date>,
    /// Why it was amended, 1 to 2,000 characters.
    reason: String,
    /// Roles whose posts get a copy; left out: those that the document names.
    #[serde(default)]
    roles: Vec<String>,
    /// When it is to be reviewed; left out: a year after it takes effect.
    #[schema(value_type = Option<String>, format = Date)]
    review: Option<Date>,
}

/// Sends a draft for review.
///
/// It must be without errors.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/draft/send", tag = "documents", operation_id = "sendDraft", request_body = ThisDraft,
    params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Sent", body = Receipted)))]
pub(super) async fn send(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(ThisDraft { hash }): Sent<ThisDraft>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::SendDraft { kind, id, hash }).await
}

/// Returns a draft to its authors.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/draft/return", tag = "documents", operation_id = "returnDraft",
    request_body = Returned, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Returned", body = Receipted)))]
pub(super) async fn give_back(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(Returned { hash, reason }): Sent<Returned>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::ReturnDraft { kind, id, hash, reason }).await
}

/// Approves a draft.
///
/// None of its authors does.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/draft/approve", tag = "documents", operation_id = "approveDraft",
    request_body = ThisDraft, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Approved", body = Receipted)))]
pub(super) async fn approve(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(ThisDraft { hash }): Sent<ThisDraft>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::ApproveDraft { kind, id, hash }).await
}

/// Gives a draft up.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/draft/discard", tag = "documents", operation_id = "discardDraft",
    request_body = ThisDraft, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Discarded", body = Receipted)))]
pub(super) async fn discard(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(ThisDraft { hash }): Sent<ThisDraft>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::DiscardDraft { kind, id, hash }).await
}

/// Issues an approved draft.
///
/// With issue and revision number, the day from which it is in force, and numbered copies for the posts of the distribution list. On its day it is
/// deployed by itself.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/draft/issue", tag = "documents", operation_id = "issueDocument",
    request_body = Issue, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Issued", body = Receipted)))]
pub(super) async fn issue(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(issue): Sent<Issue>,
) -> Result<Done<Receipted>, Problem> {
    let Issue { hash, revision, effective, reason, roles, review } = issue;
    receipted(
        &app,
        &who,
        key,
        &UnitId::site(),
        Command::IssueDocument { kind, id, hash, revision, effective, reason, roles, review },
    )
    .await
}
