//! The printed file of a case: who may have it, what stands in it, and its proof.

use api::server::Limits;
use serde_json::json;
use tests::client::Served;

use super::{directory, leave};
use crate::paper::{fonts, text};

#[tokio::test]
async fn the_file_of_a_case_is_printed_for_whoever_may_read_it() {
    if fonts().is_none() {
        return;
    }
    let served = Served::new(&directory(), "office", Limits::default()).await;
    let (asha, bimal, dev) = (served.client("asha"), served.client("bimal"), served.client("dev"));
    asha.post("/api/v1/definitions", &leave()).await.ok(201);
    let start = json!({ "unit": "office", "process": "leave", "number": "L/2026/7", "data": { "days": 3 } });
    let case = asha.post("/api/v1/instances", &start).await.ok(201);
    let id = case["id"].as_str().unwrap();
    let task = case["tasks"][0].as_str().unwrap();
    bimal.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    let done = bimal.post(&format!("/api/v1/tasks/{task}/complete"), &json!({ "data": { "granted": true } })).await.ok(200);
    let path = |query: &str| format!("/cases/{id}/file.pdf?{query}");

    // Nothing is signed yet.
    let unsigned = asha.get(&path("language=en")).await;
    assert_eq!((unsigned.status, unsigned.header("content-type")), (200, "application/pdf"), "{}", unsigned.text());
    assert_eq!(unsigned.header("cache-control"), "no-store");
    let Some(unsigned) = text(&unsigned.body) else { return };
    assert!(unsigned.contains("does not sign its logs"), "{unsigned}");

    served.sign().await;
    let english = asha.get(&path("language=en")).await;
    assert!(english.body == asha.get(&path("language=en")).await.body, "the clock stands still, so that nothing is another");
    let english = text(&english.body).unwrap();
    let leaf = done["receipt"]["leaf"].as_str().unwrap();
    for said in [
        "Case file L/2026/7",
        "asha of the office",
        "bimal of the office, desk (office order 1/2026)",
        "Days",
        "Granted",
        "Decide",
        "office.example/unit/office/1",
        leaf,
        "sevottam verify",
        "Sheet 1 of",
    ] {
        // Wherever a line ends.
        let said: Vec<&str> = said.split(' ').collect();
        let words: Vec<&str> = english.split_whitespace().collect();
        let is_there = words.windows(said.len()).any(|some| some.concat().contains(&said.concat()));
        assert!(is_there, "{said:?} is not in:\n{english}");
    }
    let last = english.trim_end_matches('\u{c}').rsplit('\u{c}').next().unwrap();
    assert!(
        last.contains("Proof") && last.contains(leaf) && last.contains("— office.example/unit/office/1"),
        "the proof is last: {last}"
    );

    let hindi = text(&asha.get(&path("language=hi")).await.body).unwrap();
    for said in ["प्रकरण पत्रावली L/2026/7", "कार्यालय", "अवकाश", "निर्णय", "प्रमाण", "हाँ"]
    {
        assert!(hindi.contains(said), "{said} is not in:\n{hindi}");
    }

    // To whoever may not read the case there is none.
    for (client, query, status) in [(&dev, "", 403), (&asha, "language=xx", 404)] {
        assert_eq!(client.get(&path(query)).await.status, status, "{query}");
    }
    assert_eq!(served.client("").get(&path("")).await.status, 401);
    assert_eq!(asha.get("/cases/office.00000000000000000000000000000000/file.pdf").await.status, 404);
    served.stop().await;
}
