//! A tiny HTTP client on one kept connection, and a server in the same process for it to talk to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use api::app::App;
use api::app::evidence::Evidence;
use api::server::{Limits, serve_within};
use engine::runtime::signer::{PUBLISHED, Signer};
use engine::store::AnyStore;
use engine::store::sqlite::{Options, SqliteStore};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{self, HeaderMap};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use crate::world::{World, chance};
use api::app::directory::Directory;

/// The program at work on a random loopback port, its store in a directory that goes with it.
pub struct Served {
    /// The office behind it.
    pub world: World<AnyStore>,
    /// Where it listens.
    pub address: SocketAddr,
    /// The signer's folder; it is not there before something is signed.
    pub signer: PathBuf,
    /// What the signer has shown, as the program sees it.
    pub evidence: Arc<Evidence>,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
    _directory: tempfile::TempDir,
}

impl Served {
    /// Serves an office.
    ///
    /// # Panics
    /// When anything of it fails.
    pub async fn new(directory: &Directory, unit: &str, limits: Limits) -> Self {
        Self::at(directory, unit, limits, "office.example").await
    }

    /// The same under another host's name.
    ///
    /// # Panics
    /// When anything of it fails.
    pub async fn at(directory: &Directory, unit: &str, limits: Limits, host: &str) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(&place.path().join("store.db"), Options::default()).await.expect("a store");
        let world = World::at(AnyStore::Sqlite(store), directory, unit, host).await;
        let signer = place.path().join("signer");
        let evidence = Arc::new(Evidence::new(signer.join(PUBLISHED)));
        let app = App { evidence: Arc::clone(&evidence), ..App::new(world.engine.clone()) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve_within(app, listener, stopped, limits));
        Self { world, address, signer, evidence, stop, task, _directory: place }
    }

    /// A client that names this actor; `""` names none.
    pub fn client(&self, actor: &str) -> Client {
        Client::new(self.address, actor)
    }

    /// Signs what is there now.
    ///
    /// # Panics
    /// When the signer refuses.
    pub async fn sign(&self) -> Signer {
        if !self.signer.exists() {
            // Another host, another key.
            let host = &self.world.engine.options().host;
            Signer::init(&self.signer, host, &chance(host.len() as u64)).expect("a new key");
        }
        let mut signer = Signer::open(&self.signer).expect("the signer's folder");
        signer.round(self.world.engine.store()).await.expect("what is committed is signed");
        signer
    }

    /// Stops it, and returns once everything under way is answered.
    ///
    /// # Panics
    /// When serving failed.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.expect("the server's task").expect("serving");
        self.world.engine.stop().await;
    }
}

/// A client.
pub struct Client {
    address: SocketAddr,
    actor: String,
    connection: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Client {
    /// A client of a server that names this actor; `""` names none.
    pub fn new(address: SocketAddr, actor: &str) -> Self {
        Self { address, actor: actor.to_owned(), connection: Mutex::default() }
    }

    /// Asks for an address.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path), Bytes::new()).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_text(path, &body.to_string(), None).await
    }

    /// Posts a text as JSON, under a key.
    pub async fn post_text(&self, path: &str, body: &str, key: Option<&str>) -> Reply {
        let mut request = self.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.send(request, Bytes::from(body.to_owned())).await
    }

    /// A request with the headers that every request has.
    pub fn request(&self, method: Method, path: &str) -> hyper::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "office.test");
        if self.actor.is_empty() { request } else { request.header("Sevottam-Actor", &self.actor) }
    }

    /// Sends a request on the kept connection, or a new one where that is gone.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn send(&self, request: hyper::http::request::Builder, body: Bytes) -> Reply {
        let request = request.body(Full::new(body)).expect("a request");
        let mut kept = self.connection.lock().await;
        let mut sender = match kept.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.connect().await,
        };
        if sender.ready().await.is_err() {
            sender = self.connect().await;
        }
        let answer = sender.send_request(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.expect("a whole answer").to_bytes();
        *kept = Some(sender);
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn connect(&self) -> SendRequest<Full<Bytes>> {
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        sender
    }
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body of a success with this status.
    ///
    /// # Panics
    /// When the status is another.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The code of a problem, which must be whole.
    ///
    /// # Panics
    /// When it is not a problem as it should be.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{} {}", self.status, self.text());
        let body = self.json();
        let code = body["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!(body["status"], self.status, "{body}");
        assert_eq!(body["type"], format!("/problems/{code}"), "{body}");
        assert!(body["title"].as_str().is_some_and(|title| title != "Refused"), "{code} is not in the table: {body}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
        assert_eq!(body["instance"], self.header("x-request-id"), "{body}");
        code
    }
}
