//! Every list can be followed to its end: each item once, whatever the size of the pages.

use serde_json::{Value, json};
use tests::client::Client;

use super::at_work;

async fn all(client: &Client, path: &str, limit: u32, name: &str) -> Vec<String> {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{mark}limit={limit}{next}")).await.ok(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit as usize);
        found.extend(items.iter().map(|item| item[name].to_string()));
        match page.get("next").and_then(Value::as_str) {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn lists_are_followed_to_their_end() {
    let served = at_work().await;
    let asha = served.client("asha");
    let mut case = String::new();
    for days in 0..23 {
        let body = json!({ "unit": "office", "process": "leave", "data": { "days": days } });
        let started = asha.post("/api/v1/instances", &body).await.ok(201);
        let task = started["tasks"][0].as_str().unwrap();
        case = started["id"].as_str().unwrap().to_owned();
        if days % 2 == 0 {
            asha.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
        }
    }
    for _ in 0..3 {
        asha.post(&format!("/api/v1/instances/{case}/suspend"), &json!({ "reason": "r" })).await.ok(200);
        asha.post(&format!("/api/v1/instances/{case}/resume"), &json!({})).await.ok(200);
    }
    let history = format!("/api/v1/instances/{case}/history");
    for (path, name, count) in [
        ("/api/v1/instances?unit=office", "id", 23),
        ("/api/v1/instances?unit=office&status=suspended", "id", 0),
        ("/api/v1/tasks?unit=office", "id", 23),
        ("/api/v1/tasks?for=mine", "id", 12),
        ("/api/v1/tasks?for=offered", "id", 11),
        (history.as_str(), "index", 8),
        ("/api/v1/definitions", "process", 1),
        ("/api/v1/office/units", "id", 2),
        ("/api/v1/office/posts", "id", 3),
        ("/api/v1/office/people", "id", 4),
        ("/api/v1/office/appointments", "id", 3),
        ("/api/v1/incidents?unit=office", "id", 0),
    ] {
        let whole = all(&asha, path, 200, name).await;
        assert_eq!(whole.len(), count, "{path}");
        for limit in [1, 2, 5, 23] {
            assert_eq!(all(&asha, path, limit, name).await, whole, "{path} by {limit}");
        }
    }
    served.stop().await;
}
