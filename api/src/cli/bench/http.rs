//! The server as its clients see it: real sockets on loopback, connections kept open.

use axum::http::{HeaderName, Method};
use engine::model::Values;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::desk::Desk;
use super::office::{PROCESS, handle};
use crate::app::actor::ACTOR_HEADER;
use crate::app::{App, Engine, Trust};
use crate::cli::client::Client;
use crate::cli::output::Failure;
use crate::server;

/// A server under load.
pub(super) struct Served {
    address: String,
    stop: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
    dispatcher: JoinHandle<()>,
}

impl Served {
    pub(super) async fn begin(engine: Engine) -> Result<Self, Failure> {
        let unreachable = |error: std::io::Error| Failure::Unreachable(format!("The server cannot listen: {error}."));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(unreachable)?;
        let address = format!("http://{}", listener.local_addr().map_err(unreachable)?);
        let (stop, stopped) = watch::channel(false);
        let app = App { engine: engine.clone(), trust: Arc::new(Trust::default()), demo: false };
        let server = tokio::spawn(server::serve(app, listener, stopped.clone()));
        let dispatcher = tokio::spawn(engine.dispatch(stopped));
        Ok(Self { address, stop, server, dispatcher })
    }

    pub(super) fn address(&self) -> String {
        self.address.clone()
    }

    /// Stops it; the engine still runs.
    pub(super) async fn end(self) -> Result<JoinHandle<()>, Failure> {
        let _ = self.stop.send(true);
        match self.server.await {
            Ok(Ok(())) => Ok(self.dispatcher),
            Ok(Err(error)) => Err(Failure::Unreachable(format!("The server failed: {error}."))),
            Err(error) => Err(Failure::Unreachable(format!("The server ended badly: {error}."))),
        }
    }
}

/// A connection of one client.
pub(super) struct HttpDesk {
    client: Client,
    number: u16,
    sent: u64,
}

impl HttpDesk {
    pub(super) async fn new(address: String, number: u16) -> Result<Self, Failure> {
        let failed = |error| Failure::Unreachable(format!("{error}."));
        let mut client = Client::connect(&address).await.map_err(failed)?;
        client.always(HeaderName::from_static(ACTOR_HEADER), &handle(number)).map_err(failed)?;
        Ok(Self { client, number, sent: 0 })
    }

    async fn post(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.sent += 1;
        let key = format!("{}:{}", self.number, self.sent);
        let reply = self.client.send(Method::POST, path, Some(&key), Some(body.to_string().into_bytes())).await;
        let reply = reply.map_err(|error| Failure::Unreachable(format!("{error}.")))?;
        if reply.status.is_success() {
            Ok(reply.body)
        } else {
            Err(Failure::Refused(format!("{path} was answered {} {}", reply.status, reply.body)))
        }
    }
}

/// The tasks that a command opened, as the answer tells.
fn opened(answer: &Value) -> Vec<String> {
    let tasks = answer.get("tasks").and_then(Value::as_array);
    let id = |task: &Value| task.as_str().or_else(|| task.get("id")?.as_str()).map(ToOwned::to_owned);
    tasks.into_iter().flatten().filter_map(id).collect()
}

impl Desk for HttpDesk {
    type Task = String;

    async fn start(&mut self, data: &Values) -> Result<Vec<String>, Failure> {
        let body = json!({ "unit": "bench", "process": PROCESS, "data": data });
        Ok(opened(&self.post("/api/v1/instances", &body).await?))
    }

    async fn claim(&mut self, task: &String) -> Result<(), Failure> {
        self.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.map(drop)
    }

    async fn complete(&mut self, task: String, data: &Values) -> Result<Vec<String>, Failure> {
        let body = json!({ "data": data });
        Ok(opened(&self.post(&format!("/api/v1/tasks/{task}/complete"), &body).await?))
    }
}
