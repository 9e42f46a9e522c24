//! The server as its clients see it: real sockets on loopback, connections kept open.

use std::net::SocketAddr;
use std::ops::Range;

use engine::model::{UnitId, Values};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::desk::{Desk, number};
use super::office::{PROCESS, handle, unit};
use crate::app::actor::ACTOR_HEADER;
use crate::app::{App, Engine};
use crate::cli::output::Failure;
use crate::server;

/// A server under load.
pub(super) struct Served {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
    dispatcher: JoinHandle<()>,
}

impl Served {
    pub(super) async fn begin(engine: Engine) -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| unreachable(&error))?;
        let address = listener.local_addr().map_err(|error| unreachable(&error))?;
        let (stop, stopped) = watch::channel(false);
        let app = App::new(engine.clone());
        let server = tokio::spawn(server::serve(app, listener, stopped.clone()));
        let dispatcher = tokio::spawn(engine.dispatch(stopped));
        Ok(Self { address, stop, server, dispatcher })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
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

/// A connection of one client: as little work as possible, since it shares the machine with what it measures.
pub(super) struct Client {
    stream: TcpStream,
    /// Head of every request, but for its first line, key and length.
    head: String,
    /// What was read of an answer.
    read: Vec<u8>,
    number: u64,
    sent: u64,
}

impl Client {
    /// A connection of one of the office's people.
    pub(super) async fn new(address: SocketAddr, person: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await.map_err(|error| unreachable(&error))?;
        stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
        let actor = handle(person);
        let head =
            format!("host: {address}\r\naccept: application/json\r\ncontent-type: application/json\r\n{ACTOR_HEADER}: {actor}");
        Ok(Self { stream, head, read: Vec::with_capacity(4096), number: number(), sent: 0 })
    }

    /// Sends a command; the body of the answer.
    pub(super) async fn post(&mut self, path: &str, body: &Value) -> Result<&[u8], Failure> {
        self.sent += 1;
        let (body, head, number, sent) = (body.to_string(), &self.head, self.number, self.sent);
        let request = format!(
            "POST {path} HTTP/1.1\r\n{head}\r\nidempotency-key: {number}:{sent}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.ask(path, &request).await
    }

    /// Reads something; the body of the answer.
    pub(super) async fn get(&mut self, path: &str) -> Result<&[u8], Failure> {
        let request = format!("GET {path} HTTP/1.1\r\n{}\r\n\r\n", self.head);
        self.ask(path, &request).await
    }

    async fn ask(&mut self, path: &str, request: &str) -> Result<&[u8], Failure> {
        self.stream.write_all(request.as_bytes()).await.map_err(|error| unreachable(&error))?;
        self.read.clear();
        loop {
            if let Some((status, body)) = whole(&self.read)? {
                let answer = self.read.get(body).unwrap_or_default();
                return match status {
                    200..300 => Ok(answer),
                    _ => Err(Failure::Refused(format!("{path} was answered {status} {}", String::from_utf8_lossy(answer)))),
                };
            }
            if self.stream.read_buf(&mut self.read).await.map_err(|error| unreachable(&error))? == 0 {
                return Err(Failure::Unreachable("The server closed the connection.".to_owned()));
            }
        }
    }
}

/// A desk at the other end of a connection.
pub(super) struct HttpDesk {
    client: Client,
    unit: UnitId,
}

/// The part of an answer that is used: the tasks that a command opened.
#[derive(Deserialize)]
struct Opened {
    tasks: Vec<String>,
}

impl HttpDesk {
    pub(super) async fn new(address: SocketAddr, person: u16) -> Result<Self, Failure> {
        Ok(Self { client: Client::new(address, person).await?, unit: unit()? })
    }

    /// The same in another unit.
    pub(super) fn of(self, unit: UnitId) -> Self {
        Self { unit, ..self }
    }

    /// Starts a case; the tasks that it opens.
    pub(super) async fn start_of(&mut self, process: &str, number: Option<&str>, data: &Values) -> Result<Vec<String>, Failure> {
        let body = json!({ "unit": self.unit, "process": process, "number": number, "data": data });
        opened(self.client.post("/api/v1/instances", &body).await?)
    }

    /// Reads something; the body of the answer.
    pub(super) async fn get(&mut self, path: &str) -> Result<&[u8], Failure> {
        self.client.get(path).await
    }
}

fn opened(answer: &[u8]) -> Result<Vec<String>, Failure> {
    let opened: Opened = serde_json::from_slice(answer).map_err(|error| unreachable(&error))?;
    Ok(opened.tasks)
}

fn unreachable(error: &dyn std::fmt::Display) -> Failure {
    Failure::Unreachable(format!("{error}."))
}

/// The status and the place of the body, once the answer is whole.
fn whole(read: &[u8]) -> Result<Option<(u16, Range<usize>)>, Failure> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = answer.parse(read).map_err(|error| unreachable(&error))? else { return Ok(None) };
    let status = answer.code.unwrap_or_default();
    let length = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok());
    let length = length.ok_or_else(|| Failure::Unreachable("An answer does not tell its length.".to_owned()))?;
    Ok((read.len() >= head + length).then_some((status, head..head + length)))
}

impl Desk for HttpDesk {
    type Task = String;

    async fn start(&mut self, data: &Values) -> Result<Vec<String>, Failure> {
        self.start_of(PROCESS, None, data).await
    }

    async fn claim(&mut self, task: &String) -> Result<(), Failure> {
        self.client.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.map(drop)
    }

    async fn complete(&mut self, task: String, data: &Values) -> Result<Vec<String>, Failure> {
        opened(self.client.post(&format!("/api/v1/tasks/{task}/complete"), &json!({ "data": data })).await?)
    }
}
