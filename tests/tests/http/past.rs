//! As of an instant of the past: a case, the register and the open tasks as they stood then.

use api::server::Limits;
use engine::model::Time;
use serde_json::{Value, json};
use tests::client::Served;
use tests::world::{START, small_office};

const LEAVE: &str = r#"{
    "id": "leave", "title": { "en": "Leave" }, "owner": { "post": "post-a" },
    "data": { "days": { "type": "integer" } },
    "forms": { "f": { "schema": { "type": "object", "properties": { "days": {} } } } },
    "steps": [
        { "id": "asked", "type": "startEvent", "form": "f", "next": "look" },
        { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["days"], "due": { "after": "P2D" }, "next": "sign" },
        { "id": "sign", "type": "userTask", "performer": { "role": "officer" }, "next": "end" },
        { "id": "end", "type": "endEvent" }
    ]
}"#;

/// The last second of a minute, counted from 1.
fn at(minutes: i64) -> String {
    Time::parse(START).expect("an instant").plus_seconds(60 * minutes - 1).to_string()
}

fn steps(tasks: &Value) -> Vec<String> {
    let steps = tasks["items"].as_array().expect("items").iter().map(|task| {
        format!("{} {}", task["step"].as_str().unwrap_or_default(), task["assignee"].as_str().map_or("–", |_| "claimed"))
    });
    steps.collect()
}

#[tokio::test]
async fn everything_is_told_as_it_stood() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(LEAVE).await.unwrap();
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let start = |days: i64| json!({ "unit": "office", "process": "leave", "data": { "days": days } });
    let minute = async || served.world.advance(59).await;
    // In the first minute it begins, in the second it is claimed, in the third done, in the fourth halted, in the fifth it goes on and ends;
    // another begins in the third and is cancelled in the sixth.
    let case = asha.post("/api/v1/instances", &start(3)).await.ok(201);
    minute().await;
    let task = case["tasks"][0].as_str().unwrap();
    bimal.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    minute().await;
    let done = bimal.post(&format!("/api/v1/tasks/{task}/complete"), &json!({ "data": { "days": 5 } })).await.ok(200);
    let other = bimal.post("/api/v1/instances", &start(1)).await.ok(201);
    minute().await;
    let id = case["id"].as_str().unwrap();
    asha.post(&format!("/api/v1/instances/{id}/suspend"), &json!({ "reason": "x" })).await.ok(200);
    minute().await;
    asha.post(&format!("/api/v1/instances/{id}/resume"), &json!({})).await.ok(200);
    let task = done["tasks"][0].as_str().unwrap();
    asha.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    asha.post(&format!("/api/v1/tasks/{task}/complete"), &json!({})).await.ok(200);
    minute().await;
    let other = other["id"].as_str().unwrap();
    asha.post(&format!("/api/v1/instances/{other}/cancel"), &json!({ "reason": "x" })).await.ok(200);
    minute().await;

    // Minute by minute: the tasks, the register, and the case with its days.
    let wanted: [(&[&str], &[&str], i64); 6] = [
        (&["look –"], &["active"], 3),
        (&["look claimed"], &["active"], 3),
        (&["look –", "sign –"], &["active", "active"], 5),
        (&["look –"], &["active", "suspended"], 5),
        (&["look –"], &["active", "completed"], 5),
        (&[], &["cancelled", "completed"], 5),
    ];
    for (minute, (tasks, register, days)) in (1..).zip(wanted) {
        let then = at(minute);
        let found = asha.get(&format!("/api/v1/tasks?unit=office&asOf={then}")).await.ok(200);
        assert_eq!(steps(&found), tasks, "minute {minute}");
        let found = asha.get(&format!("/api/v1/instances?unit=office&asOf={then}")).await.ok(200);
        let statuses: Vec<&str> = found["items"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, register, "minute {minute}");
        let found = asha.get(&format!("/api/v1/instances/{id}?asOf={then}")).await.ok(200);
        assert_eq!(
            (&found["variables"]["days"], &found["status"]),
            (&json!(days), &found["summary"]["status"]),
            "minute {minute}"
        );
        assert_eq!(&found["summary"]["status"], register.last().unwrap());
    }
    let mine = |minutes| format!("/api/v1/tasks?unit=office&for=mine&asOf={}", at(minutes));
    assert_eq!(steps(&bimal.get(&mine(2)).await.ok(200)), ["look claimed"]);
    assert!(steps(&asha.get(&mine(2)).await.ok(200)).is_empty() && steps(&bimal.get(&mine(3)).await.ok(200)).is_empty());

    // Pages, filters, and nobody sees more of the past than of today.
    let page = asha.get(&format!("/api/v1/instances?unit=office&limit=1&asOf={}", at(3))).await.ok(200);
    let next = page["next"].as_str().expect("there is more");
    let page = asha.get(&format!("/api/v1/instances?unit=office&limit=1&asOf={}&cursor={next}", at(3))).await.ok(200);
    assert_eq!(page["items"][0]["id"], id);
    let page = asha.get(&format!("/api/v1/tasks?unit=office&limit=1&asOf={}", at(3))).await.ok(200);
    let next = page["next"].as_str().expect("there is more");
    let rest = asha.get(&format!("/api/v1/tasks?unit=office&limit=1&asOf={}&cursor={next}", at(3))).await.ok(200);
    assert_eq!([steps(&page), steps(&rest)].concat(), ["look –", "sign –"]);
    for (query, count) in [("status=suspended", 1), ("status=completed", 0), ("process=leave", 2), ("process=other", 0)] {
        let page = asha.get(&format!("/api/v1/instances?unit=office&{query}&asOf={}", at(4))).await.ok(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(count), "{query}");
    }
    for (path, code) in [
        (format!("/api/v1/instances/{id}?asOf={}", at(-1)), "instance.unknown"),
        (format!("/api/v1/instances/{id}?asOf=2100-01-01T00:00:00Z"), "query.as-of"),
        (format!("/api/v1/instances/{id}?asOf=yesterday"), "query.malformed"),
        ("/api/v1/instances?unit=office&asOf=2100-01-01T00:00:00Z".to_owned(), "query.as-of"),
        (format!("/api/v1/tasks?unit=office&for=offered&asOf={}", at(1)), "query.as-of"),
    ] {
        assert_eq!(asha.get(&path).await.problem(), code, "{path}");
    }
    served.stop().await;
}
