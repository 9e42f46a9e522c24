//! Issued documents: the master list, the amendment sheet of each with its distribution list, and what is said of them afterwards.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::digest::Hash;
use engine::graph::Library;
use engine::journal::amendment::Told;
use engine::journal::{Actor, Command};
use engine::machine::control::{Amendment, Controls};
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amendments::AdoptedItem;
use super::answer::{Done, Receipted, receipted, words};
use super::extract::{At, Key, Sent, Who};
use super::instances::Reason;
use super::problem::Problem;
use crate::app::App;

/// Whether documents are controlled.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    /// Whether nothing is deployed but what was issued.
    controlled: bool,
}

/// Whether documents are controlled.
#[utoipa::path(get, path = "/api/v1/control", tag = "documents", operation_id = "getControl",
    responses((status = 200, description = "Whether they are", body = Control)))]
pub(super) async fn is_controlled(State(app): State<App>, _: Who) -> Json<Control> {
    Json(Control { controlled: app.engine.office().controls.controlled })
}

/// Says whether documents are controlled.
///
/// Where they are, nothing runs that was not drafted, reviewed, approved by somebody else and issued. It needs the role `office-administrator`.
#[utoipa::path(post, path = "/api/v1/control", tag = "documents", operation_id = "setControl", request_body = Control,
    responses((status = 200, description = "Done", body = Receipted)))]
pub(super) async fn control(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(Control { controlled }): Sent<Control>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::ControlDocuments { controlled }).await
}

/// A document of the master list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MasterItem {
    /// `process`, `norm`, `calendar`, `schedule` or `page`.
    kind: &'static str,
    /// Id.
    id: String,
    /// Title by language.
    title: BTreeMap<String, String>,
    /// The post that answers for it.
    owner: Option<String>,
    /// Issue number of what is in force.
    issue: Option<u32>,
    /// Revision number within it.
    revision: Option<u32>,
    /// From when it is in force.
    #[schema(format = DateTime)]
    effective: Option<String>,
    /// From when the next issue is in force, if one waits for its day.
    #[schema(format = DateTime)]
    next: Option<String>,
    /// When it is to be reviewed.
    #[schema(value_type = Option<String>, format = Date)]
    review: Option<Date>,
    /// Whether that day is past.
    review_overdue: bool,
    /// Whether it was withdrawn.
    withdrawn: bool,
    /// Whether there is a draft of it.
    draft: bool,
}

/// The master list.
#[derive(Serialize, ToSchema)]
pub(super) struct MasterList {
    /// Documents, by kind and id.
    items: Vec<MasterItem>,
}

/// The master list of documents.
///
/// Every document of the office, deployed directly or issued, with what is in force of it.
#[utoipa::path(get, path = "/api/v1/master-list", tag = "documents", operation_id = "getMasterList",
    responses((status = 200, description = "The list", body = MasterList)))]
pub(super) async fn master_list(State(app): State<App>, _: Who) -> Json<MasterList> {
    let (office, library) = (app.engine.office(), app.engine.library());
    let ids = office.controls.master_list(&library);
    let today = app.engine.options().zone.to_datetime(app.engine.now().timestamp()).date();
    let items = ids.iter().map(|(kind, id)| master_item(&office.controls, &library, *kind, id, today));
    Json(MasterList { items: items.collect() })
}

fn master_item(controls: &Controls, library: &Library, kind: DocumentKind, id: &str, today: Date) -> MasterItem {
    let controlled = controls.get(kind, id);
    let sheet = controls.amendments(library, kind, id);
    let in_force = sheet.iter().find(|amendment| amendment.in_force);
    let listed = library.document(kind, id);
    let waiting = controlled.and_then(|controlled| controlled.waiting(library, kind));
    MasterItem {
        kind: kind.name(),
        id: id.to_owned(),
        title: listed.as_ref().map(|listed| words(&listed.heading.title)).unwrap_or_default(),
        owner: listed.as_ref().map(|listed| listed.heading.owner.to_string()),
        issue: in_force.map(|amendment| amendment.issue),
        revision: in_force.map(|amendment| amendment.revision),
        effective: in_force.and_then(|amendment| controls.effective(kind, id, amendment)).map(|time| time.to_string()),
        next: waiting.map(|issued| issued.effective.to_string()),
        review: controlled.and_then(|controlled| controlled.review),
        review_overdue: controls.is_review_overdue(library, kind, id, today),
        withdrawn: listed.is_some_and(|listed| controls.is_withdrawn(kind, id, &listed.hash)),
        draft: controlled.is_some_and(|controlled| controlled.draft.is_some()),
    }
}

/// A line of the amendment sheet.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AmendmentItem {
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// Issue number.
    issue: u32,
    /// Revision number within it.
    revision: u32,
    /// `in-force`, `waiting` (for its day), `obsolete` or `withdrawn`.
    state: &'static str,
    /// Its version; none before it is in force.
    version: Option<u32>,
    /// From when it is in force.
    #[schema(format = DateTime)]
    effective: Option<String>,
    /// Why it was amended.
    reason: Option<String>,
    /// Pseudonyms of those who wrote it.
    authors: Vec<String>,
    /// Who approved it.
    approved_by: Option<String>,
    /// Who issued it.
    issued_by: Option<String>,
    /// The distribution list.
    copies: Vec<CopyItem>,
    /// Other offices that have acknowledged it.
    offices: Vec<OfficeCopy>,
    /// Its text, byte for byte as its author wrote it.
    text: String,
}

/// A copy of an issue.
#[derive(Serialize, ToSchema)]
pub(super) struct CopyItem {
    /// Copy number, from 1.
    number: usize,
    /// The post that has it.
    post: String,
    /// Who has read and understood it for that post, and when.
    acknowledged: Vec<Acknowledged>,
}

/// Another office has acknowledged an issue.
#[derive(Serialize, ToSchema)]
pub(super) struct OfficeCopy {
    /// The host's name of its key.
    host: String,
    /// The entry of its log that says so.
    index: u64,
    /// When that was recorded.
    #[schema(format = DateTime)]
    time: String,
    /// When it had received the issue.
    #[schema(format = DateTime)]
    received: String,
    /// As what it was issued there.
    adopted: Option<AdoptedItem>,
    /// When it had received that the issue was withdrawn, if it was.
    #[schema(format = DateTime)]
    withdrawn: Option<String>,
}

/// Somebody has read and understood an issue.
#[derive(Serialize, ToSchema)]
pub(super) struct Acknowledged {
    /// Pseudonym.
    person: String,
    /// When.
    #[schema(format = DateTime)]
    time: String,
}

/// The amendment sheet of a document.
#[derive(Serialize, ToSchema)]
pub(super) struct Sheet {
    /// Every version and every issue on its way, oldest first.
    items: Vec<AmendmentItem>,
    /// Issues that were withdrawn, those before their day too, oldest first.
    recalls: Vec<RecallItem>,
}

/// An issue that was withdrawn.
#[derive(Serialize, ToSchema)]
pub(super) struct RecallItem {
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// Issue number.
    issue: u32,
    /// Revision number within it.
    revision: u32,
    /// When it was withdrawn.
    #[schema(format = DateTime)]
    time: String,
    /// Other offices that have acknowledged that.
    offices: Vec<OfficeCopy>,
}

/// The amendment sheet of a document.
///
/// Every version of it, what it was issued as, who has a copy and has read and understood it. What was deployed directly is an issue of its own.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/issues", tag = "documents", operation_id = "getAmendmentSheet",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "The sheet", body = Sheet)))]
pub(super) async fn sheet(
    State(app): State<App>,
    _: Who,
    At((kind, id)): At<(DocumentKind, String)>,
) -> Result<Json<Sheet>, Problem> {
    let (office, library) = (app.engine.office(), app.engine.library());
    let sheet = office.controls.amendments(&library, kind, &id);
    let recalls = office.controls.get(kind, &id).map_or(&[][..], |controlled| &controlled.recalls);
    if sheet.is_empty() && recalls.is_empty() {
        return Err(super::documents::unknown(kind, &id));
    }
    let recalls = recalls.iter();
    let recalls = recalls.map(|recall| RecallItem {
        hash: recall.hash.to_string(),
        issue: recall.issue,
        revision: recall.revision,
        time: recall.at.to_string(),
        offices: recall.offices.iter().map(office_copy).collect(),
    });
    let items = sheet.iter().map(|amendment| amendment_item(&office.controls, kind, &id, amendment));
    Ok(Json(Sheet { items: items.collect(), recalls: recalls.collect() }))
}

fn amendment_item(controls: &Controls, kind: DocumentKind, id: &str, amendment: &Amendment<'_>) -> AmendmentItem {
    let issued = amendment.issued;
    let copies = issued.into_iter().flat_map(|issued| (1..).zip(&issued.copies)).map(|(number, post)| {
        let of_post = issued.into_iter().flat_map(|issued| &issued.acknowledged).filter(|((of, _), _)| of == post);
        let acknowledged = of_post.map(|((_, person), time)| Acknowledged { person: person.to_string(), time: time.to_string() });
        CopyItem { number, post: post.to_string(), acknowledged: acknowledged.collect() }
    });
    let deployed = || controls.get(kind, id)?.deployed.get(&amendment.hash).map(|(actor, _)| actor.to_string());
    let version = amendment.version.as_ref();
    AmendmentItem {
        hash: amendment.hash.to_string(),
        issue: amendment.issue,
        revision: amendment.revision,
        state: controls.standing(kind, id, amendment).word(),
        version: version.map(|listed| listed.version),
        effective: controls.effective(kind, id, amendment).map(|time| time.to_string()),
        reason: issued.map(|issued| issued.reason.clone()),
        authors: issued.into_iter().flat_map(|issued| &issued.authors).map(ToString::to_string).collect(),
        approved_by: issued.map(|issued| Actor::to_string(&issued.approved.0)),
        issued_by: issued.map(|issued| issued.issued.0.to_string()).or_else(deployed),
        copies: copies.collect(),
        offices: issued.into_iter().flat_map(|issued| &issued.offices).map(office_copy).collect(),
        text: match (issued, version) {
            (Some(issued), _) => issued.text.to_string(),
            (None, Some(listed)) => listed.heading.text.clone(),
            (None, None) => String::new(),
        },
    }
}

fn office_copy((host, told): (&String, &Told)) -> OfficeCopy {
    let one = &told.acknowledgement;
    OfficeCopy {
        host: host.clone(),
        index: told.index,
        time: told.time.to_string(),
        received: one.received.to_string(),
        adopted: one.adopted.as_ref().map(AdoptedItem::from),
        withdrawn: one.withdrawn.map(|time| time.to_string()),
    }
}

/// When a document is to be reviewed next, and what was found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "review": "2028-04-01", "reason": "Nothing to change" }))]
pub(super) struct Reviewed {
    /// When it is to be reviewed next.
    #[schema(value_type = String, format = Date)]
    review: Date,
    /// What was found, 1 to 2,000 characters.
    reason: String,
}

/// The issue that is meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThisIssue {
    /// Its hash.
    #[schema(value_type = String)]
    pub hash: Hash,
}

/// Withdraws a document.
///
/// Or its issue that has not yet taken effect. It is kept, marked obsolete, and starts no case.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/withdraw", tag = "documents", operation_id = "withdrawDocument",
    request_body = Reason, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Withdrawn", body = Receipted)))]
pub(super) async fn withdraw(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(Reason { reason }): Sent<Reason>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::WithdrawDocument { kind, id, reason }).await
}

/// Notes that a document was reviewed.
///
/// And stays as it is.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/review", tag = "documents", operation_id = "reviewDocument",
    request_body = Reviewed, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Noted", body = Receipted)))]
pub(super) async fn review(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(Reviewed { review, reason }): Sent<Reviewed>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::ReviewDocument { kind, id, review, reason }).await
}

/// Acknowledges a copy: read and understood.
///
/// By whoever holds a post of the distribution list.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/acknowledge", tag = "documents", operation_id = "acknowledgeCopy",
    request_body = ThisIssue, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Acknowledged", body = Receipted)))]
pub(super) async fn acknowledge(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(ThisIssue { hash }): Sent<ThisIssue>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::AcknowledgeCopy { kind, id, hash }).await
}
