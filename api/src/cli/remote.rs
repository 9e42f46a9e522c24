//! What the subcommands that talk to a server have in common: where it is, who asks, and how a refusal is told.

use axum::http::{HeaderName, Method, header};
use serde_json::Value;

use super::client::{Client, ClientError, Reply};
use super::output::{self, Failure};
use crate::app::actor::ACTOR_HEADER;
use crate::app::trace::{TRACEPARENT, parse};

/// The server, and who asks it.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Remote {
    /// Address of the server
    #[arg(long, env = "SEVOTTAM_SERVER", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    server: String,
    /// Who asks: handle or pseudonym of a person of the office
    #[arg(long, env = "SEVOTTAM_ACTOR", value_name = "HANDLE")]
    actor: Option<String>,
    /// Trace to which this belongs, as W3C Trace Context has it; what is none is not sent
    #[arg(long, env = "TRACEPARENT", value_name = "TRACEPARENT")]
    trace: Option<String>,
    /// Print the server's answer as JSON, a refusal too
    #[arg(long)]
    pub(super) json: bool,
}

/// The key of a command: sent again with the same key, it is done once.
#[derive(Debug, clap::Args)]
pub(super) struct Key {
    /// Idempotency key: the same command sent again with the same key is done once
    #[arg(long)]
    pub(super) key: Option<String>,
}

impl Remote {
    /// The same server, its answer not printed.
    pub(super) fn quiet(&self) -> Self {
        Self { json: false, ..self.clone() }
    }

    /// Asks the server. A refusal is printed where JSON is wanted, and told otherwise.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Vec<u8>>,
    ) -> Result<Value, Failure> {
        let reply = self.reply(method, path, key, body).await?;
        if self.json {
            output::json(&reply.body);
        }
        Ok(reply.body)
    }

    /// Asks the server for something that is no JSON.
    pub(super) async fn reply(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Failure> {
        self.answered(self.send(method, path, key, body, None).await)
    }

    /// Sends the server a file of this kind.
    pub(super) async fn send_file(&self, path: &str, key: Option<&str>, kind: &str, body: Vec<u8>) -> Result<Reply, Failure> {
        self.answered(self.send(Method::POST, path, key, Some(body), Some(kind)).await)
    }

    fn answered(&self, reply: Result<Reply, ClientError>) -> Result<Reply, Failure> {
        let reply = reply.map_err(|error| match error {
            ClientError::NoAnswer(what) => Failure::Unreachable(format!("The server does not answer: {what}. Is it running?")),
            wrong => Failure::Usage(format!("{wrong}.")),
        })?;
        if reply.status.is_success() {
            return Ok(reply);
        }
        if self.json {
            output::json(&reply.body);
            return Err(Failure::Refused(String::new()));
        }
        Err(Failure::Refused(refusal(reply.status.as_u16(), &reply.body)))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Vec<u8>>,
        kind: Option<&str>,
    ) -> Result<Reply, ClientError> {
        let mut client = Client::connect(&self.server).await?;
        if let Some(kind) = kind {
            client.always(header::CONTENT_TYPE, kind)?;
        }
        if let Some(actor) = &self.actor {
            client.always(HeaderName::from_static(ACTOR_HEADER), actor)?;
        }
        if let Some(trace) = self.trace.as_deref().filter(|trace| parse(trace).is_some()) {
            client.always(HeaderName::from_static(TRACEPARENT), trace)?;
        }
        client.send(method, path, key, body).await
    }
}

/// A refusal for people: detail and code, then each problem with its place.
fn refusal(status: u16, body: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = text(body, "code");
    let detail = Some(text(body, "detail")).filter(|detail| !detail.is_empty()).unwrap_or_else(|| text(body, "title"));
    let mut lines = vec![format!("{detail} ({})", if code.is_empty() { status.to_string() } else { code })];
    for problem in body.get("problems").and_then(Value::as_array).into_iter().flatten() {
        lines.push(format!("  {}: {}: {}", text(problem, "pointer"), text(problem, "code"), text(problem, "message")));
    }
    lines.join("\n")
}

/// Data given on the command line: JSON, or `@file` with it.
pub(super) fn data(text: &str) -> Result<Value, Failure> {
    let bytes = match text.strip_prefix('@') {
        Some(path) => output::read(std::path::Path::new(path))?,
        None => text.as_bytes().to_vec(),
    };
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| Failure::Usage(format!("--data is no JSON: {error}.")))?;
    if value.is_object() { Ok(value) } else { Err(Failure::Usage("--data must be a JSON object.".to_owned())) }
}

/// A text member of an answer.
pub(super) fn member<'a>(body: &'a Value, path: &str) -> &'a str {
    body.pointer(path).and_then(Value::as_str).unwrap_or_default()
}
