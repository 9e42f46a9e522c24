//! Connections: an orderly stop, and clients that do not speak HTTP.

use std::time::Duration;

use api::server::Limits;
use serde_json::json;
use tests::client::Served;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{at_work, directory};

/// Whoever is being answered when the program stops is answered; whoever comes later is not.
#[tokio::test]
async fn requests_under_way_are_answered() {
    let served = at_work().await;
    let mut asks = tokio::task::JoinSet::new();
    for days in 0..20 {
        let client = served.client("asha");
        let body = json!({ "unit": "office", "process": "leave", "data": { "days": days } });
        asks.spawn(async move { client.post("/api/v1/instances", &body).await.status });
    }
    // A request whose body is still on its way.
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    let head = "POST /api/v1/definitions/check HTTP/1.1\r\nHost: x\r\nSevottam-Actor: asha\r\n\
                Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    let address = served.address;
    while let Some(status) = asks.join_next().await {
        assert_eq!(status.unwrap(), 201);
    }
    let stopping = tokio::spawn(served.stop());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    slow.write_all(b"}").await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let limits = Limits { head_time: Duration::from_secs(1), ..Limits::default() };
    let served = Served::new(&directory(), "office", limits).await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost").await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), idle.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open");
    assert_eq!(served.client("").get("/healthz").await.status, 200);
    served.stop().await;
}

/// What is no HTTP is refused by closing, with a bare 4xx at most.
#[tokio::test]
async fn garbage_on_the_socket() {
    let served = at_work().await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(40_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(300));
    let garbage: [&[u8]; 9] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n",
        b"POST /api/v1/instances HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
        b"POST /api/v1/instances HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nhello",
        long.as_bytes(),
        many.as_bytes(),
    ];
    for bytes in garbage {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{}: {answer}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(served.client("").get("/healthz").await.status, 200);
    served.stop().await;
}
