//! Amendments between offices: made and taken in, what was received and is acknowledged, and the offices that are recognised.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use engine::digest::Hash;
use engine::evidence::extract::Sent as Content;
use engine::evidence::{EvidenceError, Key as Vkey};
use engine::journal::Command;
use engine::journal::amendment::{Adopted, Exchange, Relation};
use engine::machine::control::Received;
use engine::model::document::DocumentKind;
use engine::model::limits::AMENDMENT_EDITIONS_MAX;
use engine::model::{Text, UnitId};
use engine::runtime::Refusal;
use engine::runtime::bundle::NoBundle;
use engine::runtime::extract::Wanted;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Answered, Done, Page, Receipt, Receipted, after, limit, receipted, submit, words};
use super::extract::{Archive, Asked, At, Key, Sent, Who};
use super::issues::ThisIssue;
use super::place::{heavy_failed, require_coordinator, require_service};
use super::problem::Problem;
use crate::app::bundle::NotMade;
use crate::app::extract::{NotTaken, Taken, acknowledged, amendment, take_in, withdrawn};
use crate::app::{App, Identity};

/// What an amendment shall hold.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Chosen {
    /// Documents as `kind/id`, with commas between them: the newest issue of each; with `@` and its hash, that issue.
    #[param(example = "process/svc.refund,norm/cbic.refund")]
    documents: String,
}

/// Makes an amendment.
///
/// A ZIP file with issues of documents for other offices, as far as they are signed. It proves that this office issued them, when, and as which
/// entry of its log. What was not issued is not sent. For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/amendments", tag = "amendments", operation_id = "makeAmendment", params(Chosen),
    responses((status = 200, description = "The amendment", content_type = "application/zip")))]
pub(super) async fn make(State(app): State<App>, Who(who): Who, Asked(chosen): Asked<Chosen>) -> Result<Response, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let wanted = wanted(&app, &chosen.documents)?;
    let made = tokio::spawn(async move { amendment(&app, &wanted).await }).await.map_err(|_| heavy_failed())?;
    Ok(archive("amendment.zip", made.map_err(not_made)?))
}

fn wanted(app: &App, documents: &str) -> Result<Vec<Wanted>, Problem> {
    let wrong = |detail: String| Problem::new("amendment.choice", detail);
    let office = app.engine.office();
    let mut wanted: BTreeMap<(DocumentKind, String), Wanted> = BTreeMap::new();
    for (place, text) in documents.split(',').enumerate() {
        let shown: String = text.chars().filter(|c| !c.is_control()).take(120).collect();
        if place >= AMENDMENT_EDITIONS_MAX {
            return Err(wrong(format!("Name at most {AMENDMENT_EDITIONS_MAX} documents.")));
        }
        let (name, hash) = match text.split_once('@') {
            None => (text, None),
            Some((name, hash)) => {
                let hash = hash.parse::<Hash>().map_err(|_| wrong(format!("{shown:?} has no hash after the `@`.")))?;
                (name, Some(hash))
            }
        };
        let (kind, id) = name.split_once('/').unwrap_or_default();
        let kind = DocumentKind::ALL.into_iter().find(|known| known.name() == kind);
        let kind = kind.ok_or_else(|| wrong(format!("{shown:?} is no document such as process/svc.refund.")))?;
        let issues = office.controls.get(kind, id).map_or(&[][..], |controlled| &controlled.issues);
        let one = Wanted::of(kind, id, issues, hash).ok_or_else(|| {
            let detail =
                format!("{shown} was not issued. A draft, or what was only deployed, is not sent: approve and issue it first.");
            Problem::new("amendment.not-issued", detail)
        })?;
        if wanted.insert((kind, id.to_owned()), one).is_some() {
            return Err(wrong(format!("{shown} is named twice.")));
        }
    }
    Ok(wanted.into_values().collect())
}

/// A file to be kept.
fn archive(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

fn not_made(not: NotMade) -> Problem {
    match not {
        NotMade::Nothing(NoBundle::Nothing) => {
            Problem::new("log.not-yet-signed", "It is not signed yet; try again in some seconds.")
                .header(header::RETRY_AFTER, "2")
        }
        NotMade::Refused(Refusal::Busy) => {
            Problem::new("server.busy", "Another file for other offices is being made. Try again in a moment.")
                .header(header::RETRY_AFTER, "2")
        }
        NotMade::Packed(EvidenceError { message, .. }) => Problem::new("amendment.too-large", message),
        other => other.into(),
    }
}

/// An edition that is sent.
#[derive(Serialize, ToSchema)]
struct SentItem {
    /// `process`, `norm`, `calendar`, `schedule` or `page`.
    kind: &'static str,
    /// Id of the document.
    id: String,
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// Issue number there.
    issue: u32,
    /// Revision number within it.
    revision: u32,
}

/// What was taken in.
#[derive(Serialize, ToSchema)]
pub(super) struct TakenBody {
    /// `amendment`, `withdrawal` or `acknowledgement`.
    kind: &'static str,
    /// The office from which it comes, by the host's name of its key.
    from: String,
    /// The editions that it has, withdraws or acknowledges.
    items: Vec<SentItem>,
    /// The receipt; none where all of it was there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

/// Takes in an amendment, a withdrawal or an acknowledgement.
///
/// The body is the file, at most 16 MiB. Its proof is checked under the key by which the office that sent it is recognised. What an amendment has is
/// kept as received; where nothing stands against it, it becomes a draft, to be approved by somebody else. A withdrawal is noted with
/// the edition that was received, an acknowledgement with the issue that it is about. The same file again is taken in once. It needs the role `quality-coordinator`.
#[utoipa::path(post, path = "/api/v1/amendments", tag = "amendments", operation_id = "takeInAmendment",
    request_body(content = Vec<u8>, description = "The file", content_type = "application/zip"),
    responses((status = 200, description = "Taken in", body = TakenBody)))]
pub(super) async fn take(
    State(app): State<App>,
    Coordinator(who): Coordinator,
    key: Key,
    Archive(archive): Archive,
) -> Result<Done<TakenBody>, Problem> {
    let (text, office) = (key.text.clone(), app.clone());
    let taken = tokio::spawn(async move { take_in(&office, &who, &text, archive).await }).await.map_err(|_| heavy_failed())?;
    let Taken { extract, accepted } =
        taken.map_err(|not| Problem::from(not).header(HeaderName::from_static(super::extract::KEY_HEADER), &key.text))?;
    let (kind, items) = match &extract.sent {
        Content::Amendment(issues) => {
            let items = issues.iter().map(|issue| &issue.edition);
            ("amendment", items.map(|one| item(one.kind, &one.id, one.hash, (one.issue, one.revision))).collect())
        }
        Content::Withdrawal(one) => ("withdrawal", vec![item(one.kind, &one.id, one.hash, (one.issue, one.revision))]),
        Content::Acknowledgement(told) => {
            let one = &told.acknowledgement;
            ("acknowledgement", vec![item(one.kind, &one.id, one.hash, (one.issue, one.revision))])
        }
    };
    let repeated = accepted.as_ref().is_none_or(|accepted| accepted.repeated);
    let receipt = match accepted {
        Some(accepted) => Some(Receipt::from(&Answered::new(&app, &UnitId::site(), accepted, key.patience).await)),
        None => None,
    };
    Ok(Done::new(TakenBody { kind, from: extract.source.host, items, receipt }, key, repeated))
}

/// A quality coordinator, who may have a file checked: known before the file is read.
pub(super) struct Coordinator(Identity);

impl FromRequestParts<App> for Coordinator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Who(who) = Who::from_request_parts(parts, app).await?;
        require_coordinator(app, &who).map(|()| Self(who))
    }
}

fn item(kind: DocumentKind, id: &str, hash: Hash, (issue, revision): (u32, u32)) -> SentItem {
    SentItem { kind: kind.name(), id: id.to_owned(), hash: hash.to_string(), issue, revision }
}

impl From<NotTaken> for Problem {
    fn from(not: NotTaken) -> Self {
        not.refusal().map_or_else(heavy_failed, Self::from)
    }
}

/// As what a received edition was issued here.
#[derive(Serialize, ToSchema)]
pub(super) struct AdoptedItem {
    /// SHA-256 of its RFC 8785 bytes: another than was received where it was adapted.
    hash: String,
    /// Issue number.
    issue: u32,
    /// Revision number within it.
    revision: u32,
    /// From when it is in force.
    #[schema(format = DateTime)]
    effective: String,
}

impl From<&Adopted> for AdoptedItem {
    fn from(adopted: &Adopted) -> Self {
        let Adopted { hash, issue, revision, effective } = adopted;
        Self { hash: hash.to_string(), issue: *issue, revision: *revision, effective: effective.to_string() }
    }
}

/// That an edition was withdrawn by the office that issued it.
#[derive(Serialize, ToSchema)]
pub(super) struct WithdrawalItem {
    /// The entry of its log that says so.
    index: u64,
    /// When that was recorded.
    #[schema(format = DateTime)]
    time: String,
    /// Whether that was before its day, so that it was never in force.
    early: bool,
    /// Why.
    reason: String,
    /// When this office learnt of it.
    #[schema(format = DateTime)]
    received: String,
}

/// An edition that another office issued.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceivedItem {
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// The office from which it comes, by the host's name of its key.
    from: String,
    /// The signed name of its log.
    log: String,
    /// The entry by which it was issued there.
    index: u64,
    /// The size of the checkpoint under which that was proved.
    size: u64,
    /// Its root, hexadecimal.
    root: String,
    /// SHA-256 of the file.
    package: String,
    /// Issue number there.
    issue: u32,
    /// Revision number within it.
    revision: u32,
    /// When it was issued there.
    #[schema(format = DateTime)]
    issued: String,
    /// From when it is in force there.
    #[schema(format = DateTime)]
    effective: String,
    /// Why it was amended.
    reason: String,
    /// When it was received.
    #[schema(format = DateTime)]
    received: String,
    /// As what it was issued here.
    adopted: Option<AdoptedItem>,
    /// Whether it was acknowledged just so.
    acknowledged: bool,
    /// That it was withdrawn there, if it was.
    withdrawn: Option<WithdrawalItem>,
}

impl ReceivedItem {
    fn new(app: &App, one: &Received) -> Self {
        let (source, edition) = (&one.source, &one.edition);
        let said = app.engine.office().controls.acknowledgement(&app.engine.library(), one);
        Self {
            hash: edition.hash.to_string(),
            from: source.host.clone(),
            log: source.log.clone(),
            index: edition.index,
            size: source.size,
            root: source.root.to_string(),
            package: source.package.to_string(),
            issue: edition.issue,
            revision: edition.revision,
            issued: edition.issued.to_string(),
            effective: edition.effective.to_string(),
            reason: edition.reason.clone(),
            received: one.time.to_string(),
            acknowledged: one.acknowledged.as_ref() == Some(&said),
            adopted: said.adopted.as_ref().map(AdoptedItem::from),
            withdrawn: one.withdrawn.as_ref().map(|(told, time)| WithdrawalItem {
                index: told.index,
                time: told.time.to_string(),
                early: told.early,
                reason: told.reason.clone(),
                received: time.to_string(),
            }),
        }
    }
}

/// Which editions a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Editions that were received, the newest first.
///
/// Of a document that another office issues; with where each comes from, and as what it was adopted here. For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/received", tag = "amendments", operation_id = "listReceived",
    params(("kind" = String, Path, description = "`process`, `norm`, `calendar`, `schedule` or `page`"), ("id" = String, Path, description = "Id"), ListQuery),
    responses((status = 200, description = "Editions", body = Page<ReceivedItem>)))]
pub(super) async fn received(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id)): At<(DocumentKind, String)>,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<ReceivedItem>>, Problem> {
    let (limit, before) = (limit(query.limit)?, after(query.cursor.as_deref(), |place| place.parse::<usize>().ok())?);
    require_service(&app, &who, &UnitId::site())?;
    let office = app.engine.office();
    let received = office.controls.get(kind, &id).map_or(&[][..], |controlled| &controlled.received);
    // One more than the limit tells whether there is a next page.
    let rows = received.iter().enumerate().rev().filter(|(at, _)| before.is_none_or(|before| *at < before));
    let rows = rows.take(limit.saturating_add(1) as usize).collect();
    Ok(Json(Page::new(rows, limit, |(at, _)| at.to_string(), |(_, one)| ReceivedItem::new(&app, one))))
}

/// An edition that was received, with its text.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceivedBody {
    /// The edition as lists show it.
    #[serde(flatten)]
    item: ReceivedItem,
    /// Its text, byte for byte as its author wrote it.
    text: String,
}

/// An edition that was received.
///
/// With its text; of one content the last that came. For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/received/{hash}", tag = "amendments", operation_id = "getReceived",
    params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id"), ("hash" = String, Path, description = "The edition as it was received")),
    responses((status = 200, description = "The edition", body = ReceivedBody)))]
pub(super) async fn edition(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id, hash)): At<(DocumentKind, String, Hash)>,
) -> Result<Json<ReceivedBody>, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let office = app.engine.office();
    let controlled = office.controls.get(kind, &id);
    let one = controlled.and_then(|controlled| controlled.received.iter().rfind(|one| one.edition.hash == hash));
    let one = one.ok_or_else(|| Problem::new("edition.unknown", "No such edition was received."))?;
    Ok(Json(ReceivedBody { item: ReceivedItem::new(&app, one), text: one.edition.document.clone() }))
}

/// That an edition is acknowledged.
#[derive(Serialize, ToSchema)]
pub(super) struct AcknowledgedBody {
    /// The receipt; none where it was acknowledged just so already.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

/// Acknowledges a received edition.
///
/// To the office that issued it: that it was received, and as what it was issued here, if it was. It needs the role `quality-coordinator`.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/received/acknowledge", tag = "amendments", operation_id = "acknowledgeReceived",
    request_body = ThisIssue, params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id")),
    responses((status = 200, description = "Acknowledged", body = AcknowledgedBody)))]
pub(super) async fn acknowledge(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((kind, id)): At<(DocumentKind, String)>,
    Sent(ThisIssue { hash }): Sent<ThisIssue>,
) -> Result<Done<AcknowledgedBody>, Problem> {
    let command = Command::Exchange(Exchange::Acknowledge { kind, id, hash });
    match submit(&app, &who, &key, &UnitId::site(), command).await {
        Ok(accepted) => Ok(Done::new(AcknowledgedBody { receipt: Some(Receipt::from(&accepted)) }, key, accepted.repeated)),
        Err(problem) if problem.code == "amendment.acknowledged" => Ok(Done::new(AcknowledgedBody { receipt: None }, key, false)),
        Err(problem) => Err(problem),
    }
}

/// The acknowledgement of a received edition.
///
/// A ZIP file for the office that issued it: what was acknowledged last, as soon as it is signed. For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/received/{hash}/acknowledgement", tag = "amendments", operation_id = "getAcknowledgement",
    params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id"), ("hash" = String, Path, description = "The edition as it was received")),
    responses((status = 200, description = "The acknowledgement", content_type = "application/zip")))]
pub(super) async fn acknowledgement(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id, hash)): At<(DocumentKind, String, Hash)>,
) -> Result<Response, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let office = app.engine.office();
    let told = office.controls.get(kind, &id).and_then(|controlled| controlled.said(&hash)).cloned();
    let told = told.ok_or_else(|| Problem::new("edition.unknown", "No such edition was received and acknowledged."))?;
    let made = tokio::spawn(async move { acknowledged(&app, &told).await }).await.map_err(|_| heavy_failed())?;
    Ok(archive("acknowledgement.zip", made.map_err(not_made)?))
}

/// Which issue was withdrawn.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Edition {
    /// Hash of the issue; left out: what was withdrawn last.
    #[param(value_type = Option<String>)]
    edition: Option<Hash>,
}

/// Makes a withdrawal.
///
/// A ZIP file for offices that have the issue: it proves that this office withdrew it, when and as which entry of its log, as soon as that is signed.
/// For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/documents/{kind}/{id}/withdrawal", tag = "amendments", operation_id = "makeWithdrawal",
    params(("kind" = String, Path, description = "Kind"), ("id" = String, Path, description = "Id"), Edition),
    responses((status = 200, description = "The withdrawal", content_type = "application/zip")))]
pub(super) async fn withdrawal(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id)): At<(DocumentKind, String)>,
    Asked(Edition { edition }): Asked<Edition>,
) -> Result<Response, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let office = app.engine.office();
    let recall = office.controls.get(kind, &id).and_then(|controlled| controlled.recalled(edition.as_ref())).cloned();
    let recall = recall.ok_or_else(|| Problem::new("amendment.not-withdrawn", "No such issue was withdrawn."))?;
    let made = tokio::spawn(async move { withdrawn(&app, &recall).await }).await.map_err(|_| heavy_failed())?;
    Ok(archive("withdrawal.zip", made.map_err(not_made)?))
}

/// Another office that is recognised.
#[derive(Serialize, ToSchema)]
struct OfficeItem {
    /// The host's name of its key.
    host: String,
    /// Its public key.
    key: String,
    /// What it is called, by language.
    title: BTreeMap<String, String>,
    /// `above`: it sends amendments to this one; `below`: it takes over those of this one.
    relation: &'static str,
    /// Office order.
    order: String,
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
}

/// Other offices.
#[derive(Serialize, ToSchema)]
pub(super) struct OfficeItems {
    /// By the host's names of their keys.
    items: Vec<OfficeItem>,
}

/// Other offices that are recognised.
///
/// For whoever holds a post.
#[utoipa::path(get, path = "/api/v1/offices", tag = "amendments", operation_id = "listOffices",
    responses((status = 200, description = "Offices", body = OfficeItems)))]
pub(super) async fn offices(State(app): State<App>, Who(who): Who) -> Result<Json<OfficeItems>, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    let office = app.engine.office();
    let items = office.controls.offices.iter().map(|(host, one)| OfficeItem {
        host: host.clone(),
        key: one.key.clone(),
        title: words(&one.title),
        relation: one.relation.name(),
        order: one.order.clone(),
        since: one.since.to_string(),
    });
    Ok(Json(OfficeItems { items: items.collect() }))
}

/// Another office, and the order by which it is recognised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "key": "hq.example+…", "title": { "en": "Head office" }, "relation": "above", "order": "7/2027" }))]
pub(super) struct Recognised {
    /// Its public key as its `sign --init` printed it, from paper.
    key: String,
    /// What it is called, by language.
    #[schema(value_type = BTreeMap<String, String>)]
    title: Text,
    /// `above`: it sends amendments to this one; `below`: it takes over those of this one.
    #[schema(value_type = String)]
    relation: Relation,
    /// Number of the office order.
    order: String,
}

/// Recognises another office.
///
/// By its public key and an office order: what it signs is taken in from then on. Under the same host's name, its key from now on. It needs the
/// role `office-administrator`.
#[utoipa::path(post, path = "/api/v1/offices", tag = "amendments", operation_id = "recogniseOffice", request_body = Recognised,
    responses((status = 200, description = "Recognised", body = Receipted)))]
pub(super) async fn recognise(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(Recognised { key: vkey, title, relation, order }): Sent<Recognised>,
) -> Result<Done<Receipted>, Problem> {
    let read = Vkey::read(&vkey).map_err(|error| Problem::new("office.key", error.message))?;
    if read.name() == app.engine.options().host {
        return Err(Problem::new("office.own", "This is the host's name of this office itself."));
    }
    let exchange = Exchange::Recognise { key: read.to_string(), title, relation, order };
    receipted(&app, &who, key, &UnitId::site(), Command::Exchange(exchange)).await
}

/// The order by which an office is recognised no longer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Disowned {
    /// Number of the office order.
    order: String,
}

/// Recognises an office no longer.
///
/// What was received from it stays. Its documents are this office's own from then on, and may come from another office. It needs the role `office-administrator`.
#[utoipa::path(post, path = "/api/v1/offices/{host}/disown", tag = "amendments", operation_id = "disownOffice", request_body = Disowned,
    params(("host" = String, Path, description = "The host's name of its key")),
    responses((status = 200, description = "Done", body = Receipted)))]
pub(super) async fn disown(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(host): At<String>,
    Sent(Disowned { order }): Sent<Disowned>,
) -> Result<Done<Receipted>, Problem> {
    receipted(&app, &who, key, &UnitId::site(), Command::Exchange(Exchange::Disown { host, order })).await
}
