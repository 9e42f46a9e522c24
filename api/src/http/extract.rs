//! What handlers take from a request, each refusing with a problem: place, query, body, actor, key.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use engine::digest::{JsonError, JsonLimits, parse_strict};
use engine::model::limits::{AMENDMENT_BYTES_MAX, BODY_BYTES_MAX, DEFINITION_BYTES_MAX, JSON_DEPTH_MAX, KEY_BYTES_MAX};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use crate::app::actor::{NoIdentity, Peer, identify};
use crate::app::{App, Identity};

/// The header by which a client says how long it would wait.
const PREFER_HEADER: &str = "prefer";
/// The header by which a command is made idempotent.
pub(super) const KEY_HEADER: &str = "idempotency-key";
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Ids in the path.
pub(super) struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = <Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        path.map(|Path(at)| Self(at)).map_err(|rejection| Problem::new("path.malformed", plain(&rejection.body_text())))
    }
}

/// The query.
pub(super) struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|rejection| Problem::new("query.malformed", plain(&rejection.body_text())))
    }
}

/// Who asks.
pub(super) struct Who(pub Identity);

impl FromRequestParts<App> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Ok(Peer(peer)) = Peer::from_request_parts(parts, app).await;
        identify(app, peer, &parts.headers).map(Self).map_err(|none| match none {
            NoIdentity::Missing => {
                Problem::new("actor.missing", "Name who asks in the header `Sevottam-Actor`: a handle or a pseudonym.")
                    .header(header::WWW_AUTHENTICATE, "Sevottam-Actor")
            }
            NoIdentity::Unknown => Problem::new("actor.unknown", "The office knows no person of this handle or pseudonym.")
                .header(header::WWW_AUTHENTICATE, "Sevottam-Actor"),
            NoIdentity::Untrusted => {
                Problem::new("actor.untrusted", "An actor named from this address is not believed: it is not a trusted network.")
            }
        })
    }
}

/// The key of a command: as sent, or minted.
pub(super) struct Key {
    /// The key.
    pub text: String,
    /// Whether it was minted just now.
    pub minted: bool,
    /// How long the answer may wait for the signature, where `Prefer` says so.
    pub patience: Option<Duration>,
}

/// `wait` of the header `Prefer` (RFC 7240), in seconds. A preference that is not understood is none.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    let all = headers.get_all(PREFER_HEADER).iter().filter_map(|value| value.to_str().ok());
    let waits = all.flat_map(|value| value.split(',')).filter_map(|one| {
        let (name, value) = one.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().parse().ok())?
    });
    // The first one counts, where there are several.
    waits.map(Duration::from_secs).next()
}

impl FromRequestParts<App> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let mut sent = parts.headers.get_all(KEY_HEADER).iter();
        let patience = patience(&parts.headers);
        let Some(key) = sent.next() else { return Ok(Self { text: app.engine.mint_key(), minted: true, patience }) };
        // Inner blanks are part of a key; those around it cannot be told from the header's own.
        let well_formed = (1..=KEY_BYTES_MAX).contains(&key.len()) && key.as_bytes().iter().all(|b| (b' '..=b'~').contains(b));
        match key.to_str() {
            Ok(text) if well_formed && sent.next().is_none() => Ok(Self { text: text.to_owned(), minted: false, patience }),
            _ => Err(Problem::new(
                "idempotency.malformed",
                format!("Send one Idempotency-Key of 1 to {KEY_BYTES_MAX} printable ASCII characters, or none."),
            )),
        }
    }
}

/// A JSON body.
pub(super) struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let bytes = read(request.into_body(), BODY_BYTES_MAX).await?;
        from_json(&bytes).map(Self)
    }
}

/// No body, or an empty object.
pub(super) struct Nothing;

/// An empty object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

impl<S: Send + Sync> FromRequest<S> for Nothing {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = read(request.into_body(), BODY_BYTES_MAX).await?;
        if bytes.is_empty() {
            return Ok(Self);
        }
        require_json(&headers)?;
        from_json::<Empty>(&bytes).map(|_| Self)
    }
}

/// A definition document, as its author wrote it.
pub(super) struct Document(pub String);

impl<S: Send + Sync> FromRequest<S> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let bytes = read(request.into_body(), DEFINITION_BYTES_MAX).await?;
        let text = String::from_utf8(bytes.into());
        text.map(Self).map_err(|_| Problem::new("json.encoding", "The document is not UTF-8; save it with the encoding UTF-8."))
    }
}

/// A file of an amendment or acknowledgement.
pub(super) struct Archive(pub Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for Archive {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_type(request.headers(), "application/zip")?;
        read(request.into_body(), AMENDMENT_BYTES_MAX).await.map(|bytes| Self(bytes.into()))
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    require_type(headers, "application/json")
}

fn require_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = named.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::new("body.type", format!("Send the body as `Content-Type: {wanted}`.")))
}

/// A whole body within a limit of bytes and of time.
async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let collected = tokio::time::timeout(BODY_TIME, Limited::new(body, limit).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Problem::new("body.too-large", format!("The body has more than {limit} bytes.")))
        }
        Ok(Err(_)) => Err(Problem::new("body.broken", "The body broke off before its end.")),
        Err(_) => Err(Problem::new("body.timeout", "The body took more than ten seconds to arrive.")),
    }
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let limits = JsonLimits { max_bytes: BODY_BYTES_MAX, max_depth: JSON_DEPTH_MAX, fractions: false };
    let value = parse_strict(bytes, &limits).map_err(strict)?;
    if has_nul(&value) {
        return Err(Problem::new("json.nul", "A text holds the character U+0000, which no store can keep. Leave it out."));
    }
    serde_json::from_value(value).map_err(|error| Problem::new("body.unfit", plain(&format!("The body does not fit: {error}."))))
}

fn strict(error: JsonError) -> Problem {
    let JsonError { code, message, pointer, line, column, .. } = error;
    let place = match (line, column) {
        (Some(line), Some(column)) => format!(" At line {line}, column {column}."),
        _ => String::new(),
    };
    let problem = engine::model::Problem::error(code, pointer, message.clone());
    Problem::new(code, plain(&format!("{message}{place}"))).with(vec![problem])
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// What a library says, cut to a length that repeats no one's whole input.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(400).collect()
}
