//! Messages: to the case that waits, by name and key; early ones kept until their time to live ends; starting a process; thrown.

use engine::journal::Command;
use engine::store::memory::MemoryStore;
use engine::store::{InstanceQuery, Store};
use serde_json::{Value, json};
use tests::world::World;

use super::{deploy, end, office, open, refused, start, started, user_task, values, variable, work};

async fn publish(world: &World<MemoryStore>, name: &str, key: &str, ttl_seconds: i64, data: Value) {
    let command = Command::PublishMessage { name: name.into(), key: key.into(), ttl_seconds, data: values(data) };
    world.submit("system", command).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world.advance(0).await;
}

async fn waiting() -> World<MemoryStore> {
    let wait = json!({
        "id": "w", "type": "intermediateCatchEvent", "message": { "name": "m", "key": "text" }, "outputs": ["n"], "next": "b"
    });
    office(json!([started("a"), user_task("a", "w"), wait, user_task("b", "end"), end()])).await
}

#[tokio::test]
async fn a_message_reaches_the_case_with_its_key_and_only_once() {
    let world = waiting().await;
    let one = start(&world, "p", json!({ "text": "one" })).await;
    let two = start(&world, "p", json!({ "text": "two" })).await;
    work(&world, "a", "asha", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    publish(&world, "m", "two", 60, json!({ "n": 2 })).await;
    assert_eq!(variable(&world.case(two).await, "n"), json!(2));
    assert_eq!(variable(&world.case(one).await, "n"), Value::Null);
    publish(&world, "m", "two", 60, json!({ "n": 3 })).await;
    assert_eq!(variable(&world.case(two).await, "n"), json!(2), "the second is kept, for no one");
    assert_eq!(world.engine.store().message_count(&world.unit).await.expect("it answers"), 1);
}

#[tokio::test]
async fn an_early_message_waits_for_its_case_until_it_expires() {
    let world = waiting().await;
    let id = start(&world, "p", json!({ "text": "k" })).await;
    publish(&world, "m", "k", 60, json!({ "n": 1 })).await;
    world.advance(120).await;
    assert_eq!(world.engine.store().message_count(&world.unit).await.expect("it answers"), 0, "it expired");
    publish(&world, "m", "k", 60, json!({ "n": 2 })).await;
    publish(&world, "m", "other", 60, json!({ "n": 3 })).await;
    work(&world, "a", "asha", json!({})).await;
    assert_eq!(open(&world).await, ["b"], "it had come already");
    assert_eq!(variable(&world.case(id).await, "n"), json!(2));
    assert_eq!(world.engine.store().message_count(&world.unit).await.expect("it answers"), 1);
}

#[tokio::test]
async fn a_message_starts_a_process_and_a_thrown_one_is_delivered() {
    let by_message = json!([
        { "id": "start", "type": "startEvent", "message": { "name": "begin" }, "outputs": ["n"], "next": "a" },
        user_task("a", "end"),
        end()
    ]);
    let world = office(by_message).await;
    let throws = json!([
        started("t"),
        { "id": "t", "type": "intermediateThrowEvent", "message": { "name": "begin", "data": { "n": "n * 2" } }, "next": "end" },
        end()
    ]);
    deploy(&world, "thrower", throws).await;
    start(&world, "thrower", json!({ "n": 21 })).await;
    let query = InstanceQuery { process: Some("p".into()), limit: 10, ..InstanceQuery::default() };
    let begun = world.engine.store().instances(&world.unit, &query).await.expect("it answers");
    assert_eq!(begun.len(), 1);
    assert_eq!(variable(&world.case(begun[0].id).await, "n"), json!(42));
    assert_eq!(open(&world).await, ["a"]);
}

#[tokio::test]
async fn a_boundary_message_interrupts_or_not() {
    let steps = json!([
        started("a"),
        user_task("a", "end"),
        { "id": "note", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "message": { "name": "note" }, "next": "n1" },
        user_task("n1", "n-end"),
        { "id": "n-end", "type": "endEvent" },
        { "id": "stop", "type": "boundaryEvent", "attachedTo": "a", "message": { "name": "stop" }, "next": "s1" },
        user_task("s1", "s-end"),
        { "id": "s-end", "type": "endEvent" },
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    publish(&world, "note", "", 60, json!({})).await;
    publish(&world, "note", "", 60, json!({})).await;
    assert_eq!(open(&world).await, ["a", "n1", "n1"]);
    publish(&world, "stop", "", 60, json!({})).await;
    assert_eq!(open(&world).await, ["n1", "n1", "s1"]);
    let case = world.case(id).await;
    assert!(case.subscriptions.is_empty(), "what watched the task fell away with it");
}

#[tokio::test]
async fn a_malformed_message_is_refused() {
    let world = waiting().await;
    let publish = |name: &str, ttl_seconds| Command::PublishMessage {
        name: name.into(),
        key: String::new(),
        ttl_seconds,
        data: values(json!({})),
    };
    refused(world.submit("system", publish("", 1)).await, "message.name");
    refused(world.submit("system", publish("m", -1)).await, "message.ttl");
    refused(world.submit("system", publish("m", i64::MAX)).await, "message.ttl");
}

#[tokio::test]
async fn an_early_message_that_ends_a_task_leaves_nothing_that_watches_it() {
    let steps = json!([
        started("first"),
        user_task("first", "a"),
        user_task("a", "end"),
        { "id": "b1", "type": "boundaryEvent", "attachedTo": "a", "message": { "name": "one" }, "next": "next" },
        { "id": "b2", "type": "boundaryEvent", "attachedTo": "a", "message": { "name": "two" }, "next": "other" },
        user_task("next", "end"),
        user_task("other", "end"),
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    publish(&world, "one", "", 600, json!({})).await;
    work(&world, "first", "asha", json!({})).await;
    assert_eq!(open(&world).await, ["next"]);
    assert!(world.case(id).await.subscriptions.is_empty());
    publish(&world, "two", "", 600, json!({})).await;
    assert_eq!(open(&world).await, ["next"]);
}

#[tokio::test]
async fn a_message_that_came_while_the_case_was_suspended_is_received() {
    let world = waiting().await;
    let id = start(&world, "p", json!({ "text": "k" })).await;
    work(&world, "a", "asha", json!({})).await;
    world.submit("asha", Command::SuspendInstance { instance: id, reason: "stay".into() }).await.expect("it goes on");
    publish(&world, "m", "k", 600, json!({ "n": 5 })).await;
    world.submit("asha", Command::ResumeInstance { instance: id }).await.expect("it was halted");
    assert_eq!(open(&world).await, ["b"]);
    assert_eq!(variable(&world.case(id).await, "n"), json!(5));
}

#[tokio::test]
async fn a_message_that_does_not_fit_is_an_incident_and_the_case_waits_on() {
    let world = waiting().await;
    let id = start(&world, "p", json!({ "text": "k" })).await;
    work(&world, "a", "asha", json!({})).await;
    publish(&world, "m", "k", 600, json!({ "n": "many" })).await;
    assert_eq!(world.case(id).await.incidents.values().next().expect("it is held").code, "variable.invalid");
    publish(&world, "m", "k", 600, json!({ "n": 5 })).await;
    assert_eq!(open(&world).await, ["b"]);
    assert!(world.case(id).await.incidents.is_empty(), "it went on");
}

#[tokio::test]
async fn several_early_messages_are_received_in_their_order() {
    let wait =
        json!({ "id": "w", "type": "intermediateCatchEvent", "message": { "name": "m" }, "outputs": ["n"], "next": "add" });
    let steps = json!([
        started("a"),
        user_task("a", "w"),
        wait,
        { "id": "add", "type": "expressionTask", "set": { "text": "(if text = null then \"\" else text) + string(n)" }, "next": "more?" },
        { "id": "more?", "type": "exclusiveGateway", "next": [{ "to": "w", "when": "n < 3" }, { "to": "b" }] },
        user_task("b", "end"),
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    for n in 1..=4 {
        publish(&world, "m", "", 600, json!({ "n": n })).await;
    }
    work(&world, "a", "asha", json!({})).await;
    assert_eq!(open(&world).await, ["b"]);
    assert_eq!(variable(&world.case(id).await, "text"), json!("123"));
    assert_eq!(world.engine.store().message_count(&world.unit).await.expect("it answers"), 1, "the fourth is kept");
}
