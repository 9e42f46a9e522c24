//! A clerk: works cases over HTTP and writes down what it was told.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use super::UNIT;

/// A command on its way.
#[derive(Debug, Clone)]
struct Ask {
    key: String,
    path: String,
    body: Value,
    /// The task that it is about, and whether it completes it.
    about: Option<(String, bool)>,
}

/// An acknowledgement.
#[derive(Debug)]
pub(super) struct Promise {
    pub(super) key: String,
    pub(super) log: String,
    pub(super) index: u64,
    pub(super) leaf: String,
}

/// A clerk and its ledger.
#[derive(Debug)]
pub(super) struct Clerk {
    pub(super) handle: String,
    /// OK: acknowledged.
    pub(super) promises: Vec<Promise>,
    /// NO: refused.
    pub(super) refusals: Vec<String>,
    /// How often the answer never came.
    pub(super) unknown: usize,
    /// INVOKE without an answer: sent again with the same key.
    pending: Option<Ask>,
    /// Tasks to be done, and whether they are claimed.
    open: Vec<(String, bool)>,
    sent: usize,
}

type Connection = SendRequest<Full<Bytes>>;

impl Clerk {
    pub(super) fn new(number: usize) -> Self {
        let handle = format!("clerk-{number}");
        Self { handle, promises: Vec::new(), refusals: Vec::new(), unknown: 0, pending: None, open: Vec::new(), sent: 0 }
    }

    /// Works until the server is gone.
    pub(super) async fn work(mut self, address: String) -> Self {
        let Some(mut connection) = connect(&address).await else { return self };
        while self.step(&mut connection).await.is_some() {}
        self
    }

    /// Sends again what is unknown until it is known.
    pub(super) async fn settle(&mut self, address: &str) {
        let mut connection = connect(address).await.expect("the last server answers");
        for _ in 0..100 {
            if self.pending.is_none() {
                return;
            }
            self.step(&mut connection).await.expect("the last server answers");
        }
        panic!("{} never got a definite answer to {:?}", self.handle, self.pending);
    }

    /// One command; none when no answer came.
    async fn step(&mut self, connection: &mut Connection) -> Option<()> {
        let ask = self.pending.take().unwrap_or_else(|| self.next());
        self.pending = Some(ask.clone());
        let Some((status, body)) = send(connection, &self.handle, &ask).await else {
            self.unknown += 1;
            return None;
        };
        match status {
            200..=299 => {
                self.pending = None;
                self.promised(&ask, &body);
            }
            400..=499 if status != 429 => {
                self.pending = None;
                self.refusals.push(ask.key);
            }
            // Busy or stopping: nothing definite.
            _ => self.unknown += 1,
        }
        Some(())
    }

    fn promised(&mut self, ask: &Ask, body: &Value) {
        let receipt = &body["receipt"];
        self.promises.push(Promise {
            key: ask.key.clone(),
            log: receipt["log"].as_str().expect("a log").to_owned(),
            index: receipt["index"].as_u64().expect("an index"),
            leaf: receipt["leaf"].as_str().expect("a leaf").to_owned(),
        });
        match &ask.about {
            None => {}
            Some((task, true)) => self.open.retain(|(open, _)| open != task),
            Some((task, false)) => self.open.iter_mut().filter(|(open, _)| open == task).for_each(|(_, claimed)| *claimed = true),
        }
        if ask.about.is_none() && self.promises.len().is_multiple_of(3) {
            // This case is left alone, so that its timer rings.
            return;
        }
        let opened = body["tasks"].as_array().map_or(&[] as &[Value], Vec::as_slice);
        self.open.extend(opened.iter().filter_map(Value::as_str).map(|task| (task.to_owned(), false)));
    }

    /// What is done next. Some commands are wrong on purpose.
    fn next(&mut self) -> Ask {
        self.sent += 1;
        let key = format!("{}-{}", self.handle, self.sent);
        let task = |task: &str, what: &str| format!("/api/v1/tasks/{task}/{what}");
        let data = json!({ "data": { "word": "yes" } });
        match self.open.last() {
            Some((open, false)) if self.sent.is_multiple_of(17) => {
                // Not claimed yet: refused, and the task is claimed the next time.
                Ask { key, path: task(open, "complete"), body: data, about: None }
            }
            Some((open, false)) if !self.sent.is_multiple_of(3) => {
                Ask { key, path: task(open, "claim"), body: json!({}), about: Some((open.clone(), false)) }
            }
            Some((open, true)) => Ask { key, path: task(open, "complete"), body: data, about: Some((open.clone(), true)) },
            _ => Ask {
                key,
                path: "/api/v1/instances".to_owned(),
                body: json!({ "unit": UNIT, "process": "kill.two", "data": {} }),
                about: None,
            },
        }
    }
}

async fn connect(address: &str) -> Option<Connection> {
    let stream = tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.ok()?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}

async fn send(connection: &mut Connection, actor: &str, ask: &Ask) -> Option<(u16, Value)> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(&ask.path)
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("sevottam-actor", actor)
        .header("idempotency-key", &ask.key)
        .body(Full::new(Bytes::from(ask.body.to_string())))
        .expect("a request");
    connection.ready().await.ok()?;
    let answer = connection.send_request(request).await.ok()?;
    let status = answer.status().as_u16();
    // An acknowledgement counts once it is whole.
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&body).ok()?))
}
