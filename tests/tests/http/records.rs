//! Records over HTTP: held, proposed to go, rejected, erased; and what is refused.

use serde_json::{Value, json};
use tests::client::Served;
use tests::world::small_office;

use api::server::Limits;

const LEAVE: &str = r#"{
    "id": "leave", "title": { "en": "Leave" }, "owner": { "post": "post-a" },
    "data": { "name": { "type": "string", "personal": true }, "days": { "type": "integer" } },
    "forms": { "f": { "schema": { "type": "object", "properties": { "name": {}, "days": {} } } } },
    "steps": [{ "id": "asked", "type": "startEvent", "form": "f", "next": "end" }, { "id": "end", "type": "endEvent" }]
}"#;

#[tokio::test]
async fn records_are_held_and_erased() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(LEAVE).await.unwrap();
    served.world.hire("dinesh", &["records-officer"]).await;
    let (asha, bimal, dinesh) = (served.client("asha"), served.client("bimal"), served.client("dinesh"));
    let start = json!({ "unit": "office", "process": "leave", "data": { "name": "Ravi Kumar", "days": 3 } });
    let case = asha.post("/api/v1/instances", &start).await.ok(201)["id"].as_str().unwrap().to_owned();
    let at = |rest: &str| format!("/api/v1/instances/{case}{rest}");
    let records = async || bimal.get(&at("")).await.ok(200)["records"].clone();
    assert_eq!(records().await, json!({ "held": null, "proposal": null, "erased": [] }));

    let ground = json!({ "ground": "Appeal 44/2027" });
    assert_eq!(asha.post(&at("/hold"), &ground).await.ok(200)["receipt"]["log"], "office.example/unit/office/1");
    assert_eq!(bimal.post(&at("/hold"), &ground).await.problem(), "records.held");
    assert_eq!(records().await["held"], "Appeal 44/2027");
    let wanted = json!({ "ground": "Asked for by the applicant", "authority": "Request 9/2026" });
    assert_eq!(bimal.post(&at("/erasures"), &wanted).await.problem(), "erasure.held");
    let reason = json!({ "reason": "The appeal was dismissed" });
    assert_eq!(bimal.post(&at("/release"), &reason).await.problem(), "actor.not-allowed");
    dinesh.post(&at("/release"), &reason).await.ok(200);

    let erasure = bimal.post(&at("/erasures"), &wanted).await.ok(201)["id"].as_str().unwrap().to_owned();
    let proposal = records().await["proposal"].clone();
    assert_eq!((&proposal["id"], &proposal["names"]), (&json!(erasure), &json!(["name"])));
    assert_eq!((&proposal["ground"], &proposal["authority"]), (&wanted["ground"], &wanted["authority"]));
    dinesh.post(&at(&format!("/erasures/{erasure}/reject")), &reason).await.ok(200);
    assert_eq!(dinesh.post(&at(&format!("/erasures/{erasure}/approve")), &json!({})).await.problem(), "erasure.not-proposed");
    let erasure = bimal.post(&at("/erasures"), &wanted).await.ok(201)["id"].as_str().unwrap().to_owned();
    dinesh.post(&at(&format!("/erasures/{erasure}/approve")), &json!({})).await.ok(200);
    assert_eq!(records().await, json!({ "held": null, "proposal": null, "erased": ["name"] }));

    // Wherever the value was read before.
    let (shown, history) = (bimal.get(&at("")).await, bimal.get(&at("/history")).await);
    let entries = bimal.get("/api/v1/logs/office/entries?limit=200").await;
    for reply in [&shown, &history, &entries] {
        assert_eq!((reply.status, reply.text().contains("Ravi")), (200, false), "{}", reply.text());
    }
    assert_eq!(shown.ok(200)["variables"], json!({ "days": 3 }));
    assert_eq!(history.ok(200)["items"][0]["events"][0]["data"]["name"], Value::Null);

    for (path, body, status, code) in [
        ("/erasures", json!({ "ground": "x", "authority": "y", "names": ["days"] }), 422, "erasure.names"),
        ("/erasures", json!({ "ground": " ", "authority": "y" }), 422, "text.invalid"),
        ("/erasures", json!({ "ground": "x" }), 422, "body.unfit"),
        ("/erasures", wanted.clone(), 409, "erasure.nothing"),
        ("/erasures/0/approve", json!({}), 400, "path.malformed"),
    ] {
        let reply = bimal.post(&at(path), &body).await;
        assert_eq!((reply.problem().as_str(), reply.status), (code, status), "{path} {body}");
    }
    assert_eq!(
        asha.post("/api/v1/instances/office.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b/hold", &ground).await.problem(),
        "instance.unknown"
    );
    served.stop().await;
}
