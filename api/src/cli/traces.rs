//! Spans are sent to a collector (OTLP over HTTP, in JSON), a batch every few seconds. A collector that is away is waited for by nobody: what
//! it does not take is dropped and counted.

use std::time::Duration;

use axum::http::{HeaderName, Uri};
use metrics::counter;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::client::{Client, ClientError};
use crate::app::spans::{SPANS_DROPPED, Span, request};

/// Spans of a batch at most.
const BATCH: usize = 512;
/// How long a span waits for others.
const GATHERED: Duration = Duration::from_secs(2);
/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is sent.
const JSON: &str = "application/json";
/// Bytes of its answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A collector.
#[derive(Debug, Clone)]
pub(super) struct Collector {
    address: String,
    path: String,
}

/// Reads its address, to which the protocol adds `/v1/traces`.
impl std::str::FromStr for Collector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|_| format!("{text:?} is no address"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.authority().is_none() || uri.query().is_some() {
            return Err(format!("{text:?} is no address of a collector, such as http://127.0.0.1:4318"));
        }
        Ok(Self { address: text.to_owned(), path: format!("{}/v1/traces", uri.path().trim_end_matches('/')) })
    }
}

/// A header that is sent along, such as a key: `name=value`.
#[derive(Debug, Clone)]
pub(super) struct Along(HeaderName, String);

impl std::str::FromStr for Along {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("a header is given as NAME=VALUE")?;
        let name = name.trim().parse().map_err(|_| format!("{name:?} is no name of a header"))?;
        Ok(Self(name, value.trim().to_owned()))
    }
}

impl Collector {
    /// Sends until there is nobody left who records.
    pub(super) async fn run(self, along: Vec<Along>, service: String, node: String, mut spans: mpsc::Receiver<Span>) {
        let mut client = None;
        let mut is_away = false;
        let mut batch = Vec::with_capacity(BATCH);
        while spans.recv_many(&mut batch, BATCH).await > 0 {
            let until = Instant::now() + GATHERED;
            loop {
                let room = BATCH - batch.len();
                let more = tokio::time::timeout_at(until, spans.recv_many(&mut batch, room));
                if room == 0 || !matches!(more.await, Ok(1..)) {
                    break;
                }
            }
            let body = request(&service, &node, &batch).to_string().into_bytes();
            let sent = match tokio::time::timeout(PATIENCE, self.send(&mut client, &along, body)).await {
                Ok(sent) => sent.map_err(|error| error.to_string()),
                Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
            };
            if let Err(why) = &sent {
                client = None;
                counter!(SPANS_DROPPED).increment(batch.len() as u64);
                // Said once, and not every few seconds.
                if !is_away {
                    tracing::warn!(why, collector = self.address, "traces are not taken, and dropped");
                }
            } else if is_away {
                tracing::info!(collector = self.address, "traces are taken again");
            }
            is_away = sent.is_err();
            batch.clear();
        }
    }

    async fn send(&self, client: &mut Option<Client>, along: &[Along], body: Vec<u8>) -> Result<(), ClientError> {
        let kept = if let Some(kept) = client.take() {
            kept
        } else {
            let mut made = Client::connect(&self.address).await?;
            for Along(name, value) in along {
                made.always(name.clone(), value)?;
            }
            made
        };
        let kept = client.insert(kept);
        let (status, _, _) = kept.post(&self.path, JSON, body, ANSWER_BYTES_MAX).await?;
        if status.is_success() { Ok(()) } else { Err(ClientError::NoAnswer(format!("it answers {status}"))) }
    }
}
