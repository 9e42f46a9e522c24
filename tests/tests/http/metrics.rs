//! What an operator watches: requests, commands, batches and due work are counted, and nothing tells of a person or a case.

use std::collections::BTreeMap;

use engine::journal::Command;
use engine::store::Store as _;
use hyper::Method;
use hyper::header;
use serde_json::json;

use super::{leave, served};

/// The figures by name and labels.
async fn figures(client: &tests::client::Client) -> BTreeMap<String, f64> {
    let answer = client.get("/metrics").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    let text = answer.text();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let figures = lines.map(|line| {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line}")))
    });
    figures.collect()
}

#[tokio::test]
async fn requests_commands_batches_and_due_work_are_counted() {
    let served = served().await;
    let (asha, nobody) = (served.client("asha"), served.client(""));
    // One recorder for all tests of this process: what counts is by how much a figure grows, at least.
    let before = figures(&nobody).await;
    asha.post("/api/v1/definitions", &leave()).await.ok(201);
    let body = json!({ "unit": "office", "process": "leave", "data": { "days": 3 } });
    let case = asha.post("/api/v1/instances", &body).await.header("location").to_owned();
    asha.get(&case).await.ok(200);
    assert_eq!(asha.get(&format!("{case}?number=DL-0001")).await.problem(), "query.malformed");
    asha.post("/api/v1/instances", &json!({ "unit": "office", "process": "unknown" })).await.problem();
    let after = figures(&nobody).await;
    let grown = |name: &str| {
        let [before, after] = [&before, &after].map(|figures| figures.get(name).copied().unwrap_or_default());
        after - before
    };
    for name in [
        r#"sevottam_requests_total{method="POST",route="/api/v1/instances",status="201"}"#,
        r#"sevottam_requests_total{method="GET",route="/api/v1/instances/{id}",status="200"}"#,
        r#"sevottam_request_seconds_count{route="/api/v1/instances/{id}"}"#,
        r#"sevottam_commands_total{outcome="accepted"}"#,
        r#"sevottam_commands_total{outcome="rejected"}"#,
        "sevottam_batch_seconds_count",
        r#"sevottam_batch_entries_bucket{le="1"}"#,
    ] {
        assert!(grown(name) >= 1.0, "{name} did not grow: {after:#?}");
    }
    assert!(after.contains_key("sevottam_due_late_seconds"));
    let id = case.rsplit('/').next().expect("an id");
    let telling = |name: &&String| ["asha", "bimal", "DL-0001", "leave", id].iter().any(|word| name.contains(word));
    assert_eq!(after.keys().find(telling), None, "no figure tells of a person, a case or a process");
    served.stop().await;
}

#[tokio::test]
async fn a_signer_that_does_not_sign_is_seen() {
    let served = served().await;
    let (asha, nobody) = (served.client("asha"), served.client(""));
    let edgar = Command::RegisterPerson { handle: "edgar".into(), name: "Edgar".into() };
    served.world.submit_site("system", edgar).await.unwrap();
    let store = served.world.engine.store();
    let written = async || {
        let mut sum = 0;
        for unit in store.units().await.unwrap() {
            sum += store.head(&unit).await.unwrap().map_or(0, |head| head.size);
        }
        sum as f64
    };
    // One recorder for all tests of this process: another's figures may come between, but not always.
    let figures_are = async |entries: f64, age: f64| {
        let mut found = (0.0, 0.0);
        for _ in 0..50 {
            let figures = figures(&nobody).await;
            found = (figures["sevottam_unsigned_entries"], figures["sevottam_unsigned_seconds"]);
            if found.0 == entries && (found.1 - age).abs() < 5.0 {
                return;
            }
        }
        panic!("{found:?} instead of {:?}", (entries, age));
    };
    let told = async |who: &str, language: &str| {
        let client = served.client(who);
        let request = client.request(Method::GET, "/office").header(header::ACCEPT_LANGUAGE, language);
        let page = client.send(request, Vec::new().into()).await.text();
        page.contains("still waits for its signature") || page.contains("की एक प्रविष्टि पर अब तक हस्ताक्षर नहीं हुए हैं")
    };
    asha.post("/api/v1/definitions", &leave()).await.ok(201);
    let start = async || {
        let wanted = json!({ "unit": "office", "process": "leave", "data": { "days": 3 } });
        asha.post("/api/v1/instances", &wanted).await.ok(201);
    };
    // Never signed at all.
    figures_are(written().await, 0.0).await;
    served.sign().await;
    figures_are(0.0, 0.0).await;
    let signed = written().await;
    served.world.advance(3_600).await;
    assert!(!told("asha", "en").await, "nothing waits");
    start().await;
    served.world.advance(800).await;
    start().await;
    figures_are(written().await - signed, 800.0).await;
    assert!(!told("asha", "en").await, "not for long enough");
    served.world.advance(110).await;
    figures_are(written().await - signed, 910.0).await;
    assert!(told("asha", "en").await && told("asha", "hi").await, "the first has waited for a quarter of an hour");
    assert!(!told("edgar", "en").await && !told("", "en").await, "it is for whoever holds a post");
    served.sign().await;
    served.world.advance(61).await;
    assert!(!told("asha", "en").await);
    figures_are(0.0, 0.0).await;
    served.stop().await;
}
