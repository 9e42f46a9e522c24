//! Whoever follows a unit hears of every entry once, in order, whichever node wrote it; and nothing that is not theirs to hear.

use std::time::Duration;

use api::app::streams::STREAMS_MAX;
use api::server::Limits;
use serde_json::json;
use tests::client::{Client, Served};
use tests::events::{Events, Told};
use tests::program::Program;
use tokio::io::AsyncWriteExt as _;

use super::{at_work, directory};

const OFFICE: &str = "/api/v1/events?unit=office";

async fn start(client: &Client) -> String {
    let body = json!({ "unit": "office", "process": "leave", "data": { "days": 3 } });
    client.post("/api/v1/instances", &body).await.ok(201)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn entries_are_told_in_order_and_taken_up_again_without_gap_or_repeat() {
    let served = at_work().await;
    let asha = served.client("asha");
    let written = asha.get("/api/v1/logs/office/head").await.ok(200)["size"].as_u64().unwrap();
    let mut events = Events::follow(served.address, "bimal", OFFICE, None).await;
    let case = start(&asha).await;
    let told = events.next().await.unwrap();
    let said = told.json();
    assert_eq!((&said["kind"], &said["instance"], &said["unit"]), (&json!("instance.started"), &json!(case), &json!("office")));
    assert_eq!(said.as_object().unwrap().len(), 5, "nothing else is told: {said}");
    assert_eq!(told.id, Some(written));
    for _ in 0..40 {
        start(&asha).await;
    }
    assert_eq!(events.indexes(20).await, Vec::from_iter(written + 1..written + 21));
    // It goes and comes again, and much was written meanwhile.
    drop(events);
    for _ in 0..40 {
        start(&asha).await;
    }
    let mut again = Events::follow(served.address, "bimal", OFFICE, Some(written + 20)).await;
    assert_eq!(again.indexes(60).await, Vec::from_iter(written + 21..written + 81));
    let mut all = Events::follow(served.address, "bimal", &format!("{OFFICE}&from=0"), None).await;
    assert_eq!(all.indexes(20).await, Vec::from_iter(0..20));
    // Whoever is ahead of the log, as after a restore, hears what comes.
    let mut ahead = Events::follow(served.address, "bimal", OFFICE, Some(1_000_000)).await;
    start(&asha).await;
    assert_eq!(ahead.indexes(1).await, [written + 81]);
    served.stop().await;
}

#[tokio::test]
async fn who_may_not_read_the_log_may_not_follow_it() {
    let served = at_work().await;
    assert_eq!(served.client("").get(OFFICE).await.problem(), "actor.missing");
    assert_eq!(served.client("dev").get(OFFICE).await.problem(), "actor.not-allowed");
    assert_eq!(served.client("dev").get("/api/v1/events?unit=site").await.problem(), "actor.not-allowed");
    assert_eq!(served.client("dev").get("/api/v1/events").await.problem(), "unit.needed");
    assert_eq!(served.client("asha").get("/api/v1/events?unit=nowhere").await.problem(), "unit.unknown");
    let asha = served.client("asha");
    let bad = asha.request(hyper::Method::GET, OFFICE).header("Last-Event-ID", "x");
    assert_eq!(asha.send(bad, hyper::body::Bytes::new()).await.problem(), "query.malformed");
    served.stop().await;
}

/// F-25: streams do not hold up the stop, and say why they end.
#[tokio::test]
async fn a_stop_ends_streams_at_once() {
    let served = at_work().await;
    let mut events = Events::follow(served.address, "asha", OFFICE, None).await;
    let stopped = tokio::time::timeout(Duration::from_secs(3), served.stop());
    let (stopped, last) = tokio::join!(stopped, events.next());
    stopped.expect("it stops in time");
    assert_eq!(last, Some(Told { event: "end".into(), id: None, data: "stopping".into() }));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn clients_are_counted_and_not_too_many() {
    let served = at_work().await;
    let mut streams = Vec::new();
    for _ in 0..STREAMS_MAX {
        streams.push(Events::follow(served.address, "asha", OFFICE, None).await);
    }
    assert_eq!(served.client("asha").get(OFFICE).await.problem(), "server.busy");
    let figures = served.client("").get("/metrics").await.text();
    let open = figures.lines().find_map(|line| line.strip_prefix("sevottam_streams ")).expect("they are counted");
    assert_eq!(open.parse(), Ok(STREAMS_MAX));
    drop(streams);
    served.stop().await;
}

/// What is sent to a client that takes nothing does not lie about for ever.
#[tokio::test]
async fn a_client_that_takes_nothing_is_let_go() {
    let limits = Limits { take_time: Duration::from_secs(1), connections: 1, ..Limits::default() };
    let served = Served::new(&directory(), "office", limits).await;
    let mut idle = tokio::net::TcpStream::connect(served.address).await.unwrap();
    let asks = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
    idle.write_all(asks.as_bytes()).await.unwrap();
    // There is room for the next only when it is gone.
    let next = served.client("");
    let next = tokio::time::timeout(Duration::from_secs(20), next.get("/healthz")).await;
    assert_eq!(next.expect("the connection is gone").status, 200);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_one_node_hear_what_another_writes() {
    let Some(database) = tests::postgres::database() else { return };
    let nodes = [Program::serve(&database, &["--demo"]), Program::serve(&database, &["--demo"])];
    let [here, there] = [&nodes[0], &nodes[1]].map(|node| node.address.trim_start_matches("http://").parse().unwrap());
    let path = "/api/v1/events?unit=demo-commissionerate";
    let mut heard = [Events::follow(here, "u-yadav", path, None).await, Events::follow(there, "u-yadav", path, None).await];
    // What a node writes itself would tell it of the other's.
    let writer = Client::new(here, "kavita-rao");
    for _ in 0..20 {
        let claim = json!({ "unit": "demo-commissionerate", "process": "svc.refund", "data": {
            "claimant_name": "Kavita Rao", "claimant_phone": "+91 98000 00001", "claimant_address": "12 Example Road, Demo City",
            "kind": "customs", "amount": "120000.00", "period": "January 2026", "grounds": "Duty paid twice on one bill of entry.",
            "documents": "Bill of entry", "bank_account": "DEMO0000001 / 000111222333" } });
        writer.post("/api/v1/instances", &claim).await.ok(201);
    }
    let [a, b] = &mut heard;
    let (a, b) = (a.indexes(20).await, b.indexes(20).await);
    assert_eq!(a, b);
    assert_eq!(a, Vec::from_iter(a[0]..a[0] + 20));
    for node in nodes {
        let (status, took) = node.terminate().expect("it stops");
        assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
    }
}
