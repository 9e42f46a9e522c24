//! How many tasks are open, by process: what the counts say is what the lists show.

use api::server::Limits;
use serde_json::{Value, json};
use tests::client::{Client, Served};
use tests::world::small_office;

const DAY: i64 = 86_400;

/// One task, due after two days or without a date.
fn process(id: &str, due: bool) -> String {
    let mut look = json!({ "id": "look", "type": "userTask", "performer": { "role": "officer" }, "next": "end" });
    if due {
        look["due"] = json!({ "after": "P2D" });
    }
    let steps = json!([{ "id": "asked", "type": "startEvent", "next": "look" }, look, { "id": "end", "type": "endEvent" }]);
    json!({ "id": id, "title": { "en": id, "hi": "अवकाश" }, "owner": { "post": "post-a" }, "steps": steps }).to_string()
}

/// Process, open, overdue of each item, and whether something is due.
async fn counts(client: &Client, whose: &str) -> Vec<(String, u64, u64, bool)> {
    let found = client.get(&format!("/api/v1/tasks/counts?for={whose}")).await.ok(200);
    let mut all = Vec::new();
    for item in found["items"].as_array().unwrap() {
        let (process, open) = (item["process"].as_str().unwrap(), item["open"].as_u64().unwrap());
        let list = client.get(&format!("/api/v1/tasks?for={whose}&process={process}")).await.ok(200);
        let rows = list["items"].as_array().unwrap();
        assert_eq!(rows.len() as u64, open, "{whose} {process}");
        assert!(rows.iter().all(|row| row["process"] == process));
        assert_eq!(item["firstDue"], rows[0]["due"], "{whose} {process}");
        assert_eq!(item["title"]["hi"], "अवकाश");
        all.push((process.to_owned(), open, item["overdue"].as_u64().unwrap(), item["firstDue"] != Value::Null));
    }
    all
}

#[tokio::test]
async fn counts_are_those_of_the_lists() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(&process("leave", true)).await.unwrap();
    served.world.deploy(&process("visit", false)).await.unwrap();
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let start = async |process: &str| {
        let body = json!({ "unit": "office", "process": process, "data": {} });
        asha.post("/api/v1/instances", &body).await.ok(201)
    };
    let mut cases = Vec::new();
    for _ in 0..3 {
        cases.push(start("leave").await);
    }
    served.world.advance(3 * DAY).await;
    for process in ["leave", "leave", "visit", "visit"] {
        cases.push(start(process).await);
    }
    for case in [&cases[0], &cases[3], &cases[5]] {
        let task = case["tasks"][0].as_str().unwrap();
        bimal.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    }
    let of = |process: &str, open, overdue| (process.to_owned(), open, overdue, process == "leave");
    assert_eq!(counts(&asha, "all").await, [of("leave", 5, 3), of("visit", 2, 0)]);
    assert_eq!(counts(&bimal, "mine").await, [of("leave", 2, 1), of("visit", 1, 0)]);
    assert_eq!(counts(&bimal, "offered").await, [of("leave", 3, 2), of("visit", 1, 0)]);
    assert_eq!(counts(&asha, "mine").await, []);
    // A halted case's task is neither listed nor counted, and a finished one is none.
    let halted = cases[1]["id"].as_str().unwrap();
    asha.post(&format!("/api/v1/instances/{halted}/suspend"), &json!({ "reason": "x" })).await.ok(200);
    let task = cases[0]["tasks"][0].as_str().unwrap();
    bimal.post(&format!("/api/v1/tasks/{task}/complete"), &json!({})).await.ok(200);
    assert_eq!(counts(&asha, "all").await, [of("leave", 3, 1), of("visit", 2, 0)]);
    assert_eq!(asha.get("/api/v1/tasks/counts?for=none").await.problem(), "query.malformed");
    served.stop().await;
}
