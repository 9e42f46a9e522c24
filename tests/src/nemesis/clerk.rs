//! A clerk: works cases over HTTP and writes down what it was told.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::office::UNIT;

/// A command on its way.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) key: String,
    pub(super) path: String,
    pub(super) body: Value,
    /// The task that it is about, and whether it completes it.
    pub(super) about: Option<(String, bool)>,
    /// When it was sent first.
    pub(super) begun: Instant,
}

/// An acknowledgement.
#[derive(Debug)]
pub struct Promise {
    /// Its key.
    pub key: String,
    /// Its log.
    pub log: String,
    /// Where it stands.
    pub index: u64,
    /// Its leaf.
    pub leaf: String,
    /// When it was sent first, and when it was acknowledged.
    pub during: (Instant, Instant),
}

/// A clerk and its ledger.
#[derive(Debug)]
pub struct Clerk {
    /// Who it is.
    pub handle: String,
    /// OK: acknowledged.
    pub promises: Vec<Promise>,
    /// NO: refused.
    pub refusals: Vec<String>,
    /// How often the answer never came.
    pub unknown: usize,
    /// INVOKE without an answer: sent again with the same key.
    pending: Option<Ask>,
    /// Tasks to be done, and whether they are claimed.
    open: Vec<(String, bool)>,
    sent: usize,
    /// Whether it hangs up in the middle of requests, and sends them several times over.
    rude: bool,
    /// How long it rests after a command.
    pub(super) pace: Duration,
    address: String,
    /// How often it hung up, and how often it sent the same again.
    pub hung_up: u64,
    /// The same answer came so often once more.
    pub again: u64,
    /// What it was told, whatever that was, after more than a second: when it asked, and how long it waited.
    pub(super) waits: Vec<(Instant, Duration)>,
}

pub(super) type Connection = SendRequest<Full<Bytes>>;

impl Clerk {
    /// One of the office's clerks.
    pub fn new(number: usize) -> Self {
        let handle = format!("clerk-{number}");
        Self {
            handle,
            promises: Vec::new(),
            refusals: Vec::new(),
            unknown: 0,
            pending: None,
            open: Vec::new(),
            sent: 0,
            rude: false,
            pace: Duration::ZERO,
            address: String::new(),
            hung_up: 0,
            again: 0,
            waits: Vec::new(),
        }
    }

    /// One that has no manners.
    pub fn rude(number: usize) -> Self {
        Self { rude: true, ..Self::new(number) }
    }

    /// One whose keys no other has used.
    pub(super) fn with_new_keys(number: usize) -> Self {
        Self { sent: 1_000_000, ..Self::new(number) }
    }

    /// Works until the server is gone.
    pub async fn work(mut self, address: String) -> Self {
        self.address.clone_from(&address);
        let Some(mut connection) = connect(&address).await else { return self };
        while self.step(&mut connection).await.is_some() {
            if self.pace > Duration::ZERO {
                tokio::time::sleep(self.pace).await;
            }
        }
        self
    }

    /// Starts so many cases that wait for an instant.
    ///
    /// # Panics
    /// When one is refused.
    pub async fn set_timers(mut self, address: String, count: u64, at: String) -> Self {
        let mut connection = connect(&address).await.expect("the server answers");
        for _ in 0..count {
            let body = json!({ "unit": UNIT, "process": "kill.flood", "data": { "word": at } });
            let (status, answer) = self.tell(&mut connection, "/api/v1/instances", body).await.expect("an answer");
            assert!((200..300).contains(&status), "{status} {answer}");
        }
        self
    }

    /// One command, which goes into the ledger; none when no answer came.
    pub(super) async fn tell(&mut self, connection: &mut Connection, path: &str, body: Value) -> Option<(u16, Value)> {
        let ask = self.new_ask(path, body);
        let (status, answer) = send(connection, &self.handle, &ask).await?;
        match status {
            200..=299 => self.promised(&ask, &answer),
            400..=499 if status != 429 => self.refusals.push(ask.key),
            _ => {}
        }
        Some((status, answer))
    }

    /// Asks for what has no receipt; none when no answer came.
    pub(super) async fn ask(&mut self, connection: &mut Connection, path: &str, body: Value) -> Option<(u16, Value)> {
        let ask = self.new_ask(path, body);
        send(connection, &self.handle, &ask).await
    }

    pub(super) fn new_ask(&mut self, path: &str, body: Value) -> Ask {
        self.sent += 1;
        let key = format!("{}-{}", self.handle, self.sent);
        Ask { key, path: path.to_owned(), body, about: None, begun: Instant::now() }
    }

    /// Sends again what is unknown until it is known.
    ///
    /// # Panics
    /// When it never is.
    pub async fn settle(&mut self, address: &str) {
        address.clone_into(&mut self.address);
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
        if self.rude && self.sent.is_multiple_of(2) {
            self.hang_up(&ask).await;
        }
        let asked = Instant::now();
        let answer = send(connection, &self.handle, &ask).await;
        if asked.elapsed() > Duration::from_secs(1) {
            self.waits.push((asked, asked.elapsed()));
        }
        if self.rude
            && self.sent.is_multiple_of(3)
            && let Some((status @ 200..=299, body)) = &answer
        {
            // The same twice more, at the same time.
            let mut other = connect(&self.address).await?;
            let (one, two) = tokio::join!(send(connection, &self.handle, &ask), send(&mut other, &self.handle, &ask));
            for (again, told) in [one, two].into_iter().flatten() {
                // Busy or stopping is no answer; whatever else there is must be the same.
                if again < 500 && again != 429 {
                    assert!(
                        again / 100 == status / 100 && told["receipt"] == body["receipt"],
                        "{ask:?}: {again} {told} and {body}"
                    );
                    self.again += 1;
                }
            }
        }
        let Some((status, body)) = answer else {
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

    /// Sends the whole request, or half of it, and goes away.
    async fn hang_up(&mut self, ask: &Ask) {
        let Ok(mut stream) = tokio::net::TcpStream::connect(self.address.trim_start_matches("http://")).await else { return };
        let body = ask.body.to_string();
        let request = format!(
            "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nsevottam-actor: {}\r\nidempotency-key: {}\r\n\
             content-length: {}\r\n\r\n{body}",
            ask.path,
            self.handle,
            ask.key,
            body.len()
        );
        let whole = if self.sent.is_multiple_of(4) { request.len() } else { request.len() - 1 };
        let _ = stream.write_all(&request.as_bytes()[..whole]).await;
        self.hung_up += 1;
    }

    pub(super) fn promised(&mut self, ask: &Ask, body: &Value) {
        let receipt = &body["receipt"];
        self.promises.push(Promise {
            key: ask.key.clone(),
            log: receipt["log"].as_str().expect("a log").to_owned(),
            index: receipt["index"].as_u64().expect("an index"),
            leaf: receipt["leaf"].as_str().expect("a leaf").to_owned(),
            during: (ask.begun, Instant::now()),
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
        let begun = Instant::now();
        let key = format!("{}-{}", self.handle, self.sent);
        let task = |task: &str, what: &str| format!("/api/v1/tasks/{task}/{what}");
        let data = json!({ "data": { "word": "yes" } });
        match self.open.last() {
            Some((open, false)) if self.sent.is_multiple_of(17) => {
                // Not claimed yet: refused, and the task is claimed the next time.
                Ask { key, path: task(open, "complete"), body: data, about: None, begun }
            }
            Some((open, false)) if !self.sent.is_multiple_of(3) => {
                Ask { key, path: task(open, "claim"), body: json!({}), about: Some((open.clone(), false)), begun }
            }
            Some((open, true)) => Ask { key, path: task(open, "complete"), body: data, about: Some((open.clone(), true)), begun },
            _ => Ask {
                key,
                path: "/api/v1/instances".to_owned(),
                body: json!({ "unit": UNIT, "process": "kill.two", "data": {} }),
                about: None,
                begun,
            },
        }
    }
}

/// How long all but one in a hundred of their acknowledgements took that were asked for in this time, as clerks who wait for them see it.
///
/// # Panics
/// When there were hardly any.
pub(super) fn p99(clerks: &[Clerk], from: Instant, to: Instant) -> Duration {
    let promises = clerks.iter().flat_map(|clerk| &clerk.promises).map(|promise| promise.during);
    let mut took: Vec<Duration> =
        promises.filter(|(sent, _)| (from..to).contains(sent)).map(|(sent, told)| told - sent).collect();
    assert!(took.len() > 50, "hardly anyone worked: {} acknowledgements", took.len());
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

pub(super) async fn connect(address: &str) -> Option<Connection> {
    let stream = tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.ok()?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}

pub(super) async fn send(connection: &mut Connection, actor: &str, ask: &Ask) -> Option<(u16, Value)> {
    let request = Request::builder().method(Method::POST).uri(&ask.path).header("idempotency-key", &ask.key);
    let request = request.header("content-type", "application/json").header("sevottam-actor", actor);
    answer(connection, request, ask.body.to_string()).await
}

pub(super) async fn look(connection: &mut Connection, actor: &str, path: &str) -> Option<(u16, Value)> {
    answer(connection, Request::builder().uri(path).header("sevottam-actor", actor), String::new()).await
}

async fn answer(connection: &mut Connection, request: hyper::http::request::Builder, body: String) -> Option<(u16, Value)> {
    let request = request.header("host", "localhost").body(Full::new(Bytes::from(body))).expect("a request");
    connection.ready().await.ok()?;
    let answer = connection.send_request(request).await.ok()?;
    let status = answer.status().as_u16();
    // An acknowledgement counts once it is whole.
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&body).ok()?))
}
