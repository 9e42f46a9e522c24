//! Limits: more than they allow is an incident that is committed, or a refusal that leaves nothing.

use engine::journal::Command;
use engine::model::limits::{TOKENS_MAX, VALUES_BYTES_MAX};
use serde_json::json;

use super::{end, office, refused, start, started, user_task, values, work};

#[tokio::test]
async fn a_loop_that_never_rests_is_an_incident() {
    let steps = json!([
        started("x"),
        { "id": "x", "type": "expressionTask", "set": { "n": "1" }, "next": "g" },
        { "id": "g", "type": "exclusiveGateway", "next": [{ "to": "x", "when": "n = 1" }, { "to": "end" }] },
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    assert_eq!(world.case(id).await.incidents.values().next().expect("it is held").code, "loop.too-many-moves");
}

#[tokio::test]
async fn too_many_values_are_refused() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    start(&world, "p", json!({})).await;
    let data = values(json!({ "text": "x".repeat(VALUES_BYTES_MAX + 1) }));
    let command = Command::StartInstance { process: "p".into(), definition: None, number: None, data };
    refused(world.submit("asha", command).await, "values.too-large");
}

#[tokio::test]
async fn tokens_are_bounded() {
    // Every message makes a token more, and none of them ends.
    let steps = json!([
        started("a"),
        user_task("a", "end"),
        { "id": "note", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "message": { "name": "note" }, "next": "b" },
        user_task("b", "b-end"),
        { "id": "b-end", "type": "endEvent" },
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    for _ in 0..=TOKENS_MAX {
        let command =
            Command::PublishMessage { name: "note".into(), key: String::new(), ttl_seconds: 0, data: values(json!({})) };
        world.submit("system", command).await.expect("it is waited for");
    }
    let case = world.case(id).await;
    assert!(case.incidents.values().any(|incident| incident.code == "token.too-many"), "{:?}", case.incidents);
    work(&world, "b", "asha", json!({})).await;
}

#[tokio::test]
async fn personal_variables_are_few_enough_to_be_sealed_one_by_one() {
    use engine::model::limits::PERSONAL_MAX;
    let world = office(json!([started("end"), end()])).await;
    let with = |count: usize| {
        let data: serde_json::Map<_, _> =
            (0..count).map(|n| (format!("v{n}"), json!({ "type": "string", "personal": true }))).collect();
        let properties: serde_json::Map<_, _> = data.keys().map(|name| (name.clone(), json!({}))).collect();
        json!({
            "id": "personal", "title": { "en": "Personal" }, "owner": { "post": "post-a" }, "data": data,
            "forms": { "f": { "schema": { "type": "object", "properties": properties } } },
            "steps": [started("end"), end()]
        })
        .to_string()
    };
    refused(world.deploy(&with(PERSONAL_MAX + 1)).await, "definition.invalid");
    world.deploy(&with(PERSONAL_MAX)).await.expect("as many as are allowed");
    let data: serde_json::Map<_, _> = (0..PERSONAL_MAX).map(|n| (format!("v{n}"), json!("x".repeat(200)))).collect();
    let id = start(&world, "personal", serde_json::Value::Object(data)).await;
    world.case(id).await;
}

#[tokio::test]
async fn a_case_with_too_many_tokens_can_still_come_to_its_end() {
    let steps = json!([
        started("a"),
        user_task("a", "end"),
        { "id": "note", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "message": { "name": "note" }, "next": "b" },
        user_task("b", "b-end"),
        { "id": "b-end", "type": "endEvent" },
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    for _ in 0..=TOKENS_MAX {
        let command =
            Command::PublishMessage { name: "note".into(), key: String::new(), ttl_seconds: 0, data: values(json!({})) };
        world.submit("system", command).await.expect("it is waited for");
    }
    let before = world.case(id).await.tokens.len();
    work(&world, "b", "asha", json!({})).await;
    work(&world, "b", "asha", json!({})).await;
    assert_eq!(world.case(id).await.tokens.len(), before - 2);
}

#[tokio::test]
async fn values_that_nest_too_deep_never_reach_the_journal() {
    let deep = format!("{}text{}", "[".repeat(40), "]".repeat(40));
    let process = json!({
        "id": "deep", "title": { "en": "Deep" }, "owner": { "post": "post-a" },
        "data": { "text": {} }, "steps": [
            { "id": "start", "type": "startEvent", "next": "x" },
            { "id": "x", "type": "expressionTask", "set": { "text": deep }, "next": "end" },
            end()
        ]
    });
    let world = office(json!([started("end"), end()])).await;
    world.deploy(&process.to_string()).await.expect("it is sound");
    let id = start(&world, "deep", json!({})).await;
    assert_eq!(world.case(id).await.incidents.values().next().expect("it is held").code, "values.too-deep");
}

#[tokio::test]
async fn the_size_of_a_case_is_limited_on_every_path() {
    use engine::model::limits::CASE_BYTES_MAX;
    let data: serde_json::Map<_, _> =
        (0..20).map(|n| (format!("v{n}"), json!({ "type": "string", "maxLength": 200_000 }))).collect();
    let properties: serde_json::Map<_, _> = data.keys().map(|name| (name.clone(), json!({}))).collect();
    let names: Vec<_> = data.keys().cloned().collect();
    let process = json!({
        "id": "big", "title": { "en": "Big" }, "owner": { "post": "post-a" }, "data": data,
        "forms": { "f": { "schema": { "type": "object", "properties": properties } } },
        "steps": [
            { "id": "start", "type": "startEvent", "next": "a" },
            { "id": "a", "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": names, "next": "a?" },
            { "id": "a?", "type": "exclusiveGateway", "next": [{ "to": "end", "when": "v0 = \"end\"" }, { "to": "a" }] },
            end()
        ]
    });
    let world = office(json!([started("end"), end()])).await;
    world.deploy(&process.to_string()).await.expect("it is sound");
    let id = start(&world, "big", json!({})).await;
    let mut refusals = 0;
    for n in 0..20 {
        super::claim(&world, "a", "asha").await.ok();
        let answer = super::complete(&world, "a", "asha", json!({ format!("v{n}"): "x".repeat(120_000) })).await;
        refusals += usize::from(answer.is_err());
    }
    assert!(refusals > 5, "the case grew to {} bytes", world.case(id).await.bytes);
    assert!(world.case(id).await.bytes <= CASE_BYTES_MAX);
    // Replacing is no growth.
    super::claim(&world, "a", "asha").await.ok();
    super::complete(&world, "a", "asha", json!({ "v1": "y".repeat(120_000) })).await.expect("it is as much as before");
}
