//! The same key and content give the same answer for ever; another content is refused; duplicates at the same time are one command.

use serde_json::json;

use super::at_work;

#[tokio::test]
async fn the_same_key_gives_the_same_answer() {
    let served = at_work().await;
    let asha = served.client("asha");
    let start = |days: u32| json!({ "unit": "office", "process": "leave", "data": { "days": days } }).to_string();
    let first = asha.post_text("/api/v1/instances", &start(3), Some("leave 17")).await;
    let again = asha.post_text("/api/v1/instances", &start(3), Some("leave 17")).await;
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert_eq!((first.header("idempotent-replay"), again.header("idempotent-replay")), ("", "true"));
    assert_eq!((first.header("idempotency-key"), first.header("location")), ("leave 17", again.header("location")));
    let other = asha.post_text("/api/v1/instances", &start(4), Some("leave 17")).await;
    assert_eq!((other.status, other.problem().as_str()), (409, "idempotency.conflict"));
    assert_eq!(other.header("idempotency-key"), "leave 17");
    // Keys are each actor's own.
    let bimal = served.client("bimal").post_text("/api/v1/instances", &start(4), Some("leave 17")).await;
    assert_eq!((bimal.status, bimal.header("idempotent-replay")), (201, ""));
    // A refusal is not remembered.
    let refused = asha.post_text("/api/v1/instances", r#"{"unit":"office","process":"leave"}"#, Some("k")).await;
    assert_eq!(refused.problem(), "form.invalid");
    asha.post_text("/api/v1/instances", &start(1), Some("k")).await.ok(201);
    // A minted key is told, and can be used again.
    let minted = asha.post_text("/api/v1/instances", &start(2), None).await;
    let again = asha.post_text("/api/v1/instances", &start(2), Some(minted.header("idempotency-key"))).await;
    assert_eq!((again.header("idempotent-replay"), &again.body), ("true", &minted.body));
    let document = super::leave().to_string().replace("Leave", "Leave of absence");
    let deployed = asha.post_text("/api/v1/definitions", &document, Some("d")).await;
    let again = asha.post_text("/api/v1/definitions", &document, Some("d")).await;
    assert_eq!((deployed.status, again.status, &deployed.body), (201, 201, &again.body));
    served.stop().await;
}

#[tokio::test]
async fn duplicates_at_the_same_time_are_one_command() {
    let served = at_work().await;
    let body = json!({ "unit": "office", "process": "leave", "data": { "days": 3 } }).to_string();
    let mut asks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (client, body) = (served.client("asha"), body.clone());
        asks.spawn(async move { client.post_text("/api/v1/instances", &body, Some("once")).await });
    }
    let answers = asks.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replay").is_empty()).count(), 1);
    let listed = served.client("asha").get("/api/v1/instances?unit=office").await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    served.stop().await;
}
