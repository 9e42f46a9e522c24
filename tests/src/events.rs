//! A client that follows what happens: server-sent events, read one after the other.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// A stream.
pub struct Events {
    body: Incoming,
    read: String,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its name.
    pub event: String,
    /// Its id.
    pub id: Option<u64>,
    /// Its data.
    pub data: String,
}

impl Told {
    /// Its data as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {}", self.data))
    }
}

impl Events {
    /// Follows a log as this actor; `last` is the `Last-Event-ID`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn follow(address: SocketAddr, actor: &str, path: &str, last: Option<u64>) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        let mut request = hyper::Request::get(path).header("host", "office.test").header("Sevottam-Actor", actor);
        // As browsers do, which take what is compressed.
        request = request.header("accept-encoding", "gzip").header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let answer = sender.send_request(request.body(Empty::<Bytes>::new()).expect("a request")).await.expect("an answer");
        assert_eq!((answer.status().as_u16(), answer.headers().get("content-encoding")), (200, None));
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { body: answer.into_body(), read: String::new() }
    }

    /// The next event; none once the stream has ended.
    ///
    /// # Panics
    /// When nothing comes for twenty seconds, or what comes is no event.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let lines: Vec<(String, String)> =
                    event.lines().filter_map(|line| line.split_once(": ")).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
                self.read = rest.to_owned();
                let field = |name: &str| lines.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
                // Without a name it is a sign of life.
                let Some(event) = field("event") else { continue };
                let id = field("id").map(|id| id.parse().expect("an index"));
                return Some(Told { event, id, data: field("data").unwrap_or_default() });
            }
            let frame = tokio::time::timeout(Duration::from_secs(20), self.body.frame()).await.expect("something comes");
            let frame = frame?.ok()?;
            self.read.push_str(std::str::from_utf8(frame.data_ref().expect("data")).expect("text"));
        }
    }

    /// The indexes of so many entries.
    ///
    /// # Panics
    /// When something else comes.
    pub async fn indexes(&mut self, count: usize) -> Vec<u64> {
        let mut indexes = Vec::new();
        while indexes.len() < count {
            let told = self.next().await.expect("the stream goes on");
            assert_eq!(told.event, "entry", "{told:?}");
            assert_eq!(told.json()["index"].as_u64(), told.id, "{told:?}");
            indexes.extend(told.id);
        }
        indexes
    }
}
