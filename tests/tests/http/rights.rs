//! Who may read what: officials the cases of the units that they serve, others the cases they started; to anyone else it is as if there
//! were none. And whose word on the actor is taken.

use hyper::Method;
use hyper::body::Bytes;
use serde_json::json;

use super::at_work;

#[tokio::test]
async fn a_case_is_read_by_those_who_serve_its_unit_and_by_whoever_started_it() {
    let served = at_work().await;
    let (asha, bimal, dev) = (served.client("asha"), served.client("bimal"), served.client("dev"));
    let start = json!({ "unit": "office", "process": "leave", "data": { "days": 3 } });
    let hers = asha.post("/api/v1/instances", &start).await.ok(201);
    let his = dev.post("/api/v1/instances", &start).await.ok(201);
    let address = |case: &serde_json::Value| format!("/api/v1/instances/{}", case["id"].as_str().unwrap());
    let task = |case: &serde_json::Value| format!("/api/v1/tasks/{}", case["tasks"][0].as_str().unwrap());

    bimal.get(&address(&hers)).await.ok(200);
    bimal.get(&address(&his)).await.ok(200);
    dev.get(&address(&his)).await.ok(200);
    for part in ["", "/history", "/diagram.svg"] {
        assert_eq!(dev.get(&format!("{}{part}", address(&hers))).await.problem(), "instance.unknown");
    }
    assert_eq!(dev.get(&task(&hers)).await.problem(), "task.unknown");
    let listed = dev.get("/api/v1/instances?unit=office").await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["id"], his["id"]);
    for closed in [
        "/api/v1/tasks?unit=office&for=all",
        "/api/v1/tasks/counts?unit=office",
        "/api/v1/incidents?unit=office",
        "/api/v1/logs/office/entries",
    ] {
        assert_eq!(dev.get(closed).await.problem(), "actor.not-allowed", "{closed}");
    }
    assert_eq!(dev.get("/api/v1/logs/site/entries").await.problem(), "actor.not-allowed");
    let message = json!({ "unit": "office", "name": "m" });
    assert_eq!(dev.post("/api/v1/messages", &message).await.problem(), "actor.not-allowed");
    served.stop().await;
}

#[tokio::test]
async fn a_cookie_names_nobody_and_two_headers_name_nobody() {
    let served = at_work().await;
    let asha = served.client("asha");
    let anonymous = hyper::http::Request::builder().method(Method::GET).uri("/api/v1/me");
    let cookie = asha.send(anonymous.header("host", "localhost").header("cookie", "actor=asha"), Bytes::new()).await;
    assert_eq!(cookie.problem(), "actor.missing");
    let twice = asha.request(Method::GET, "/api/v1/me").header("sevottam-actor", "bimal");
    assert_eq!(asha.send(twice, Bytes::new()).await.problem(), "actor.untrusted");
    served.stop().await;
}
