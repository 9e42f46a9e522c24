//! Reports over HTTP: those that a schedule made, one of them with its receipt, and the same as of now; for those who serve the unit.

use serde_json::{Value, json};

use super::clocks::timed;

fn schedule(kind: &str, cron: &str) -> Value {
    json!({
        "id": kind, "title": { "en": kind }, "owner": { "post": "owner" }, "zone": "Asia/Kolkata", "makes": { "report": kind },
        "when": { "cron": cron }
    })
}

#[tokio::test]
async fn reports_are_listed_and_read() {
    let (served, case) = timed().await;
    let (asha, bimal, dev) = (served.client("asha"), served.client("bimal"), served.client("dev"));
    asha.post("/api/v1/documents/schedule", &schedule("digest", "0 10 * * *")).await.ok(201);
    asha.post("/api/v1/documents/schedule", &schedule("performance", "0 9 * * MON")).await.ok(201);
    let listed = asha.get("/api/v1/schedules").await.ok(200);
    assert_eq!(
        (&listed["items"][0]["report"], &listed["items"][0]["process"], &listed["items"][0]["deployed"]),
        (&json!("digest"), &Value::Null, &json!(false))
    );
    assert_eq!(bimal.get("/api/v1/reports").await.ok(200)["items"], json!([]));
    served.world.advance(6 * 86_400).await;

    let first = bimal.get("/api/v1/reports?unit=office&limit=3").await.ok(200);
    let next = first["next"].as_str().expect("there are more");
    let rest = bimal.get(&format!("/api/v1/reports?unit=office&limit=9&cursor={next}")).await.ok(200);
    let all: Vec<&Value> = [&first, &rest].iter().flat_map(|page| page["items"].as_array().unwrap()).collect();
    let digests = all.iter().filter(|item| item["kind"] == "digest").count();
    assert_eq!((all.len(), digests), (7, 6), "{all:#?}");
    assert!(all.is_sorted_by(|a, b| a["at"].as_str() >= b["at"].as_str()), "the latest first: {all:#?}");

    // Tuesday, the 7th: the task was due on Monday at six, with the clock.
    let id = all[0]["id"].as_str().unwrap();
    let report = bimal.get(&format!("/api/v1/reports/{id}")).await.ok(200);
    assert_eq!(
        (&report["kind"], &report["at"], &report["schedule"], &report["partial"], &report["performance"]),
        (&json!("digest"), &json!("2026-04-07T04:30:00.000000Z"), &json!("digest"), &json!(false), &Value::Null)
    );
    assert_eq!(report["receipt"]["log"], "office.example/unit/office/1");
    let digest = &report["digest"];
    let load = json!({ "role": "officer", "post": null, "person": null, "open": 2, "overdue": 1, "today": 0, "soon": 0 });
    assert_eq!(digest["load"], json!({ "items": [load], "omitted": 0 }), "with the task that the ladder gave");
    let late = &digest["clocks"]["items"][0];
    assert_eq!((&late["norm"], &late["due"]), (&json!("leave.decided"), &json!("2026-04-06T12:30:00.000000Z")));
    assert!(case.ends_with(late["instance"].as_str().unwrap()), "{late}");
    let task = digest["tasks"]["items"][0]["task"].as_str().unwrap();
    bimal.get(&format!("/api/v1/tasks/{task}")).await.ok(200);

    let only = asha.get("/api/v1/reports?kind=performance").await.ok(200);
    let id = only["items"][0]["id"].as_str().unwrap();
    let norms = asha.get(&format!("/api/v1/reports/{id}")).await.ok(200)["performance"].clone();
    assert_eq!(norms["from"], "2026-03-30T03:30:00.000000Z");
    let line = &norms["norms"]["items"][0];
    assert_eq!((&line["norm"], &line["started"], &line["overdue"]), (&json!("leave.decided"), &json!(1), &json!(0)), "{line}");

    // As of now: since the last report, or since another instant.
    let now = asha.get("/api/v1/reports/now?kind=performance").await.ok(200);
    assert_eq!((&now["performance"]["from"], &now["receipt"]), (&only["items"][0]["at"], &Value::Null));
    let line = &now["performance"]["norms"]["items"][0];
    assert_eq!((&line["started"], &line["running"], &line["overdue"]), (&json!(0), &json!(1), &json!(1)), "{line}");
    let since = asha.get("/api/v1/reports/now?kind=performance&from=2026-04-01T00:00:00Z").await.ok(200);
    assert_eq!(since["performance"]["norms"]["items"][0]["started"], 1);
    assert_eq!(asha.get("/api/v1/reports/now?kind=digest&unit=office").await.ok(200)["digest"]["load"]["omitted"], 0);

    for (client, path, code) in [
        (&dev, "/api/v1/reports?unit=office".to_owned(), "actor.not-allowed"),
        (&dev, format!("/api/v1/reports/{id}"), "actor.not-allowed"),
        (&dev, "/api/v1/reports/now?unit=office&kind=digest".to_owned(), "actor.not-allowed"),
        (&asha, "/api/v1/reports?unit=nowhere".to_owned(), "unit.unknown"),
        (&asha, "/api/v1/reports?kind=horoscope".to_owned(), "query.malformed"),
        (&asha, "/api/v1/reports?cursor=x".to_owned(), "query.cursor"),
        (&asha, "/api/v1/reports/now".to_owned(), "query.malformed"),
        (&asha, "/api/v1/reports/now?kind=performance&from=soon".to_owned(), "query.malformed"),
        (&asha, "/api/v1/reports/office.00".to_owned(), "path.malformed"),
        (&asha, format!("/api/v1/reports/{task}"), "report.unknown"),
    ] {
        assert_eq!(client.get(&path).await.problem(), code, "{path}");
    }
    served.stop().await;
}
