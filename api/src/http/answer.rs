//! What commands answer: the receipt, the key, whether it was done before; and pages of lists.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::journal::{Command, Entry, Envelope, Event};
use engine::model::id::{Located, Made};
use engine::model::limits::PAGE_ROWS_MAX;
use engine::model::{InstanceId, InstanceStatus, Text, Time, UnitId};
use engine::runtime::Accepted;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{KEY_HEADER, Key};
use super::problem::Problem;
use crate::app::sealed::Signed;
use crate::app::spans::within;
use crate::app::{App, Identity};

/// An accepted command, and where its proof is found once it is covered by a signed checkpoint.
pub(super) struct Answered {
    accepted: Accepted,
    sealed: Option<Covered>,
}

/// What covers an entry.
struct Covered {
    size: u64,
    proof: String,
}

impl Covered {
    fn new(unit: &UnitId, index: u64, signed: Signed) -> Self {
        Self { size: signed.size, proof: signed.proof(unit, index) }
    }
}

impl Answered {
    /// After a command was accepted: it waits for the signature where that is asked for, or usual.
    pub(super) async fn new(app: &App, unit: &UnitId, accepted: Accepted, asked: Option<Duration>) -> Self {
        let signed = app.evidence.seal(unit, &accepted, asked).await;
        let sealed = signed.map(|signed| Covered::new(unit, accepted.entry.index, signed));
        Self { accepted, sealed }
    }
}

impl std::ops::Deref for Answered {
    type Target = Accepted;

    fn deref(&self) -> &Accepted {
        &self.accepted
    }
}

/// Submits a command for whoever asks.
pub(super) async fn submit(app: &App, who: &Identity, key: &Key, unit: &UnitId, command: Command) -> Result<Answered, Problem> {
    let envelope = Envelope::new(who.actor(), &key.text, command);
    let engine = &app.engine;
    let accepted = within("command", async {
        if key.minted { engine.submit_fresh(unit, envelope).await } else { engine.submit(unit, envelope).await }
    });
    let refused = |refusal| Problem::from(refusal).header(HeaderName::from_static(KEY_HEADER), &key.text);
    let accepted = accepted.await.map_err(refused)?;
    Ok(Answered::new(app, unit, accepted, key.patience).await)
}

/// The answer to a command.
pub(super) struct Done<T> {
    status: StatusCode,
    body: T,
    key: String,
    repeated: bool,
    location: Option<String>,
}

impl<T: Serialize> Done<T> {
    /// Done: 200.
    pub(super) fn new(body: T, key: Key, repeated: bool) -> Self {
        Self { status: StatusCode::OK, body, key: key.text, repeated, location: None }
    }

    /// Something new that lies at `location`: 201.
    pub(super) fn created(body: T, key: Key, repeated: bool, location: String) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..Self::new(body, key, repeated) }
    }
}

impl<T: Serialize> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.extend(HeaderValue::from_str(&self.key).ok().map(|key| (HeaderName::from_static(KEY_HEADER), key)));
        if self.repeated {
            headers.insert("idempotent-replay", HeaderValue::from_static("true"));
        }
        let location = self.location.and_then(|location| HeaderValue::from_str(&location).ok());
        headers.extend(location.map(|location| (header::LOCATION, location)));
        response
    }
}

/// Where a command stands in the log: it is durable, and this can be proved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Receipt {
    /// Origin of the log.
    #[schema(example = "office.example/unit/mumbai-3/1")]
    log: String,
    /// Index of the entry.
    #[schema(example = 41)]
    index: u64,
    /// RFC 6962 hash of the entry's leaf, hexadecimal.
    leaf: String,
    /// When it was recorded.
    #[schema(format = DateTime)]
    time: String,
    /// Whether a signed checkpoint covers it. The signer comes within a second or so after the answer to most commands; where a case begins or
    /// ends the answer waits for it, two seconds at most, or as long as `Prefer: wait` says.
    sealed: bool,
    /// How many entries that checkpoint covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 42)]
    size: Option<u64>,
    /// Where the proof is found, to be kept: a C2SP tlog-proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/log/unit/mumbai-3/1/proof/41")]
    proof: Option<String>,
}

impl From<&Answered> for Receipt {
    fn from(answered: &Answered) -> Self {
        Self::new(answered.accepted.receipt(), answered.sealed.as_ref())
    }
}

impl Receipt {
    fn new(receipt: engine::journal::Receipt, covered: Option<&Covered>) -> Self {
        let engine::journal::Receipt { log, index, leaf, time } = receipt;
        let (size, proof) = (covered.map(|covered| covered.size), covered.map(|covered| covered.proof.clone()));
        Self { log, index, leaf: leaf.to_string(), time, sealed: covered.is_some(), size, proof }
    }

    /// The receipt of an entry of a unit's log.
    pub(super) async fn of(app: &App, unit: &UnitId, log: String, entry: &Entry) -> Self {
        let signed = app.evidence.covered(unit, entry.index).await;
        let covered = signed.map(|signed| Covered::new(unit, entry.index, signed));
        let time = entry.origin.time.to_string();
        let receipt = engine::journal::Receipt { log, index: entry.index, leaf: entry.leaf_hash, time };
        Self::new(receipt, covered.as_ref())
    }
}

/// The header that names the entry by which the journal knows of a file that is handed out.
pub(super) fn receipt_header(accepted: &Accepted) -> (HeaderName, String) {
    let receipt = accepted.receipt();
    (HeaderName::from_static("sevottam-receipt"), format!("{} {} {}", receipt.log, receipt.index, receipt.leaf))
}

/// A command's receipt alone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Receipted {
    /// The receipt.
    pub receipt: Receipt,
}

/// Submits a command of which nothing but the receipt is answered.
pub(super) async fn receipted(
    app: &App,
    who: &Identity,
    key: Key,
    unit: &UnitId,
    command: Command,
) -> Result<Done<Receipted>, Problem> {
    let accepted = submit(app, who, &key, unit, command).await?;
    Ok(Done::new(Receipted { receipt: Receipt::from(&accepted) }, key, accepted.repeated))
}

/// The id of something new, and the receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Created {
    /// Its id.
    pub id: String,
    /// The receipt.
    pub receipt: Receipt,
}

/// What a command did to a case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseAnswer {
    /// The case.
    #[schema(example = "mumbai-3.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b")]
    pub id: String,
    /// How it stood afterwards: `active`, `suspended`, `completed`, `cancelled`.
    pub status: &'static str,
    /// Tasks that were opened.
    pub tasks: Vec<String>,
    /// The receipt.
    pub receipt: Receipt,
}

impl CaseAnswer {
    /// From the entry that the command made; the same for every repeat.
    pub(super) fn new(unit: &UnitId, accepted: &Answered) -> Self {
        let command = accepted.entry.origin.command;
        let mut status = InstanceStatus::Active;
        let mut tasks = Vec::new();
        for event in &accepted.entry.events {
            match event {
                Event::InstanceCompleted => status = InstanceStatus::Completed,
                Event::InstanceCancelled { .. } => status = InstanceStatus::Cancelled,
                Event::InstanceSuspended { .. } => status = InstanceStatus::Suspended,
                Event::TaskCreated { ordinal, .. } => tasks.push(located(unit, Made { command, ordinal: *ordinal })),
                _ => {}
            }
        }
        let instance = accepted.instance().unwrap_or(command);
        let id = InstanceId { unit: unit.clone(), command: instance }.to_string();
        Self { id, status: status.word(), tasks, receipt: accepted.into() }
    }
}

/// Something that a command made, as it is named outside its log.
pub(super) fn located(unit: &UnitId, made: Made) -> String {
    Located { unit: unit.clone(), made }.to_string()
}

/// A text in several languages by their tags, as it is sent.
pub(super) fn words(text: &Text) -> BTreeMap<String, String> {
    let mut all = text.others.clone();
    all.insert("en".to_owned(), text.en.clone());
    all
}

/// A text in several languages, as it was sent: `en` is required.
pub(super) fn text(mut words: BTreeMap<String, String>) -> Result<Text, Problem> {
    let tag = |tag: &String| {
        tag.len() <= 35 && tag.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let en = words.remove("en").ok_or_else(|| Problem::new("text.invalid", "A title has English at least, under `en`."))?;
    if !words.keys().all(tag) {
        return Err(Problem::new("text.invalid", "A title's languages are BCP 47 tags, such as `hi`."));
    }
    Ok(Text { en, others: words })
}

/// An instant as it is sent, RFC 3339.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub Time);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = Time::parse(&text).map(Self);
        time.ok_or_else(|| serde::de::Error::custom("an instant is written as 2026-11-22T04:00:00Z or with an offset"))
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the page after this one; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of rows read with one more than the limit, so that the last page is known.
    pub(super) fn new<R>(mut rows: Vec<R>, limit: u32, place: impl Fn(&R) -> String, item: impl FnMut(R) -> T) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|row| encode(&place(row))) } else { None };
        Self { items: rows.into_iter().map(item).collect(), next }
    }
}

impl<T> Page<T> {
    /// A page of items, and the place after which the next begins.
    pub(super) fn of(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next: next.map(|place| encode(&place)) }
    }
}

/// The limit of a page: 50 unless another is asked for.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked.unwrap_or(50) {
        limit @ 1..=PAGE_ROWS_MAX => Ok(limit),
        _ => Err(Problem::new("query.limit", format!("Ask for 1 to {PAGE_ROWS_MAX} items."))),
    }
}

/// Reads a cursor with `parse`.
pub(super) fn after<P>(cursor: Option<&str>, parse: impl Fn(&str) -> Option<P>) -> Result<Option<P>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    match decode(cursor).as_deref().and_then(parse) {
        Some(place) => Ok(Some(place)),
        None => Err(Problem::new("query.cursor", "The cursor is not one of this list. Send `next` as it was given.")),
    }
}

/// A cursor's place of an instant and an id: `<microseconds> <id>`.
pub(super) fn time_and<I: std::str::FromStr>(place: &str) -> Option<(Time, I)> {
    let (time, id) = place.split_once(' ')?;
    Some((Time(time.parse().ok()?), id.parse().ok()?))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// base64url without padding (RFC 4648 section 5).
fn encode(place: &str) -> String {
    let mut out = String::with_capacity(place.len().div_ceil(3) * 4);
    for chunk in place.as_bytes().chunks(3) {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..=chunk.len() {
            out.push(char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]));
        }
    }
    out
}

fn decode(cursor: &str) -> Option<String> {
    let mut out = Vec::with_capacity(cursor.len() / 4 * 3 + 3);
    if cursor.len() > 400 {
        return None;
    }
    for chunk in cursor.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for (at, byte) in chunk.iter().enumerate() {
            let digit = ALPHABET.iter().position(|known| known == byte)?;
            bits |= u32::try_from(digit).ok()? << (18 - 6 * at);
        }
        out.extend_from_slice(bits.to_be_bytes().get(1..chunk.len())?);
    }
    String::from_utf8(out).ok()
}
