//! A small HTTP/1.1 client: one connection that is kept open, with TLS for `https`; JSON both ways, or bytes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    /// The address of the server is not one.
    #[error("{0:?} is no address of a server, such as http://127.0.0.1:8080")]
    Address(String),
    /// What was to be sent is no header.
    #[error("{0:?} cannot be sent as a header")]
    Header(String),
    /// The answer is longer than any may be.
    #[error("its answer has more than {0} bytes")]
    TooLarge(usize),
    /// Nobody answered.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    /// Status.
    pub(super) status: StatusCode,
    /// The body; null where it is no JSON.
    pub(super) body: Value,
    /// The body as it came.
    pub(super) bytes: Bytes,
    /// Headers.
    pub(super) headers: HeaderMap,
}

/// A connection to a server.
pub(super) struct Client {
    sender: SendRequest<Full<Bytes>>,
    headers: HeaderMap,
}

impl Client {
    /// Connects to a server such as `http://127.0.0.1:8080`, or `https://office.example`.
    pub(super) async fn connect(server: &str) -> Result<Self, ClientError> {
        let bad = || ClientError::Address(server.to_owned());
        let uri: Uri = server.parse().map_err(|_| bad())?;
        let (authority, with_tls) = match (uri.authority(), uri.scheme_str()) {
            (Some(authority), Some("http")) => (authority, false),
            (Some(authority), Some("https")) => (authority, true),
            _ => return Err(bad()),
        };
        let host = authority.host().trim_matches(['[', ']']);
        let no_answer = |error: &dyn std::fmt::Display| ClientError::NoAnswer(format!("{server}: {error}"));
        let port = authority.port_u16().unwrap_or(if with_tls { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await.map_err(|error| no_answer(&error))?;
        stream.set_nodelay(true).map_err(|error| no_answer(&error))?;
        let sender = if with_tls {
            let name = ServerName::try_from(host.to_owned()).map_err(|_| bad())?;
            let stream = trusting().map_err(|error| no_answer(&error))?.connect(name, stream).await;
            let stream = stream.map_err(|error| no_answer(&error))?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| no_answer(&error))?;
            tokio::spawn(connection);
            sender
        } else {
            let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| no_answer(&error))?;
            tokio::spawn(connection);
            sender
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(authority.as_str()).map_err(|_| bad())?);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Ok(Self { sender, headers })
    }

    /// Sends this header with every request.
    pub(super) fn always(&mut self, name: HeaderName, value: &str) -> Result<(), ClientError> {
        self.headers.insert(name, HeaderValue::from_str(value).map_err(|_| ClientError::Header(value.to_owned()))?);
        Ok(())
    }

    /// Sends a request and waits for the whole answer. `key` makes it idempotent.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, ClientError> {
        let no_answer = |error: &dyn std::fmt::Display| ClientError::NoAnswer(error.to_string());
        let mut request = Request::new(Full::new(Bytes::from(body.unwrap_or_default())));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(|_| ClientError::Address(path.to_owned()))?;
        *request.headers_mut() = self.headers.clone();
        if request.method() == Method::POST && !self.headers.contains_key(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(key) = key {
            let value = HeaderValue::from_str(key).map_err(|_| ClientError::Header(key.to_owned()))?;
            request.headers_mut().insert(HeaderName::from_static("idempotency-key"), value);
        }
        let (status, headers, body) = self.exchange(request).await?;
        let body = body.collect().await.map_err(|error| no_answer(&error))?.to_bytes();
        Ok(Reply { status, body: serde_json::from_slice(&body).unwrap_or(Value::Null), bytes: body, headers })
    }

    /// Posts bytes of a kind, and takes at most so many of the answer. Whoever calls bounds the time.
    pub(super) async fn post(
        &mut self,
        path: &str,
        kind: &'static str,
        body: Vec<u8>,
        most: usize,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.parse().map_err(|_| ClientError::Address(path.to_owned()))?;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let (status, headers, body) = self.exchange(request).await?;
        match Limited::new(body, most).collect().await {
            Ok(body) => Ok((status, headers, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(ClientError::TooLarge(most)),
            Err(error) => Err(ClientError::NoAnswer(error.to_string())),
        }
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<(StatusCode, HeaderMap, Incoming), ClientError> {
        let no_answer = |error: hyper::Error| ClientError::NoAnswer(error.to_string());
        self.sender.ready().await.map_err(no_answer)?;
        let (parts, body) = self.sender.send_request(request).await.map_err(no_answer)?.into_parts();
        Ok((parts.status, parts.headers, body))
    }
}

/// TLS that relies on the authorities on which the machine relies.
fn trusting() -> Result<TlsConnector, tokio_rustls::rustls::Error> {
    let mut roots = RootCertStore::empty();
    // One that cannot be read is one fewer to rely on.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A text as part of a query: whatever is not plain is escaped.
pub(super) fn escaped(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
