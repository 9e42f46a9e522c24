//! Call activities: a case within a case, pinned to the version that was newest when the caller began.

use engine::journal::Command;
use engine::model::InstanceStatus;
use engine::store::{InstanceQuery, Store};
use serde_json::json;
use tests::world::World;

use super::{deploy, end, open, process, start, started, user_task, variable, work};
use engine::store::memory::MemoryStore;

async fn calling() -> World<MemoryStore> {
    let world = World::new(MemoryStore::default(), &tests::world::small_office(), "office").await;
    deploy(&world, "called", json!([started("c"), user_task("c", "end"), end()])).await;
    let steps = json!([
        started("call"),
        { "id": "call", "type": "callActivity", "process": "called", "inputs": { "n": "n + 1" }, "outputs": { "n": "result.n" }, "next": "a" },
        { "id": "stop", "type": "boundaryEvent", "attachedTo": "call", "message": { "name": "stop" }, "next": "a" },
        user_task("a", "end"),
        end()
    ]);
    deploy(&world, "p", steps).await;
    world
}

#[tokio::test]
async fn values_go_in_and_come_back() {
    let world = calling().await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    assert_eq!(open(&world).await, ["c"]);
    work(&world, "c", "asha", json!({ "n": 7 })).await;
    assert_eq!(open(&world).await, ["a"]);
    assert_eq!(variable(&world.case(id).await, "n"), json!(7));
}

#[tokio::test]
async fn a_call_no_longer_waited_for_is_cancelled() {
    let world = calling().await;
    start(&world, "p", json!({ "n": 1 })).await;
    let command =
        Command::PublishMessage { name: "stop".into(), key: String::new(), ttl_seconds: 1, data: super::values(json!({})) };
    world.submit("system", command).await.expect("it is waited for");
    world.advance(0).await;
    assert_eq!(open(&world).await, ["a"]);
    let query = InstanceQuery { process: Some("called".into()), limit: 10, ..InstanceQuery::default() };
    let called = world.engine.store().instances(&world.unit, &query).await.expect("it answers");
    assert_eq!(called[0].status, InstanceStatus::Cancelled);
}

#[tokio::test]
async fn a_suspended_caller_is_told_once_it_is_resumed() {
    let world = calling().await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    world.submit("asha", Command::SuspendInstance { instance: id, reason: "stay".into() }).await.expect("it goes on");
    work(&world, "c", "asha", json!({ "n": 7 })).await;
    assert_eq!(open(&world).await, Vec::<String>::new(), "the caller rests");
    world.submit("asha", Command::ResumeInstance { instance: id }).await.expect("it was halted");
    world.advance(0).await;
    assert_eq!(open(&world).await, ["a"]);
    assert_eq!(variable(&world.case(id).await, "n"), json!(7));
}

#[tokio::test]
async fn a_cancelled_call_is_an_incident_that_calls_anew() {
    let world = calling().await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    let query = InstanceQuery { process: Some("called".into()), limit: 10, ..InstanceQuery::default() };
    let called = world.engine.store().instances(&world.unit, &query).await.expect("it answers");
    let cancel = Command::CancelInstance { instance: called[0].id, reason: "by mistake".into() };
    world.submit("asha", cancel).await.expect("it goes on");
    world.advance(0).await;
    let incidents = world.case(id).await.incidents;
    let (incident, raised) = incidents.iter().next().expect("the caller is held");
    assert_eq!(raised.code, "call.not-completed");
    world.submit("asha", Command::RetryIncident { instance: id, incident: *incident }).await.expect("she may");
    world.advance(0).await;
    assert_eq!(open(&world).await, ["c"]);
}

#[tokio::test]
async fn a_running_case_is_pinned_to_what_it_began_with() {
    let world = calling().await;
    let first = start(&world, "p", json!({ "n": 1 })).await;
    let two_tasks = json!([started("c"), user_task("c", "d"), user_task("d", "end"), end()]);
    deploy(&world, "called", two_tasks).await;
    work(&world, "c", "asha", json!({})).await;
    assert_eq!(open(&world).await, ["a"], "the first case called the first version");
    work(&world, "a", "asha", json!({})).await;
    start(&world, "p", json!({ "n": 1 })).await;
    work(&world, "c", "asha", json!({})).await;
    assert_eq!(open(&world).await, ["d"], "the second called the second");
    assert_eq!(world.case(first).await.status, InstanceStatus::Completed);
    assert_eq!(world.engine.library().versions("called").len(), 2);
    assert!(world.deploy(&process("called", json!([started("c"), user_task("c", "end"), end()]))).await.is_err());
}

#[tokio::test]
async fn a_call_that_cannot_start_is_an_incident_and_others_go_on() {
    let world = World::new(MemoryStore::default(), &tests::world::small_office(), "office").await;
    let by_message = json!([{ "id": "start", "type": "startEvent", "message": { "name": "begin" }, "next": "end" }, end()]);
    deploy(&world, "called", by_message).await;
    let steps = json!([started("call"), { "id": "call", "type": "callActivity", "process": "called", "next": "end" }, end()]);
    deploy(&world, "p", steps).await;
    let id = start(&world, "p", json!({})).await;
    assert_eq!(world.case(id).await.incidents.values().next().expect("it is held").code, "call.not-completed");
    assert_eq!(world.engine.store().next_due().await.expect("it answers"), None, "nothing is tried for ever");
}

#[tokio::test]
async fn returns_to_suspended_callers_hold_up_nobody_else() {
    let world = calling().await;
    let mut callers = Vec::new();
    for _ in 0..120 {
        callers.push(start(&world, "p", json!({ "n": 1 })).await);
    }
    for id in &callers[..119] {
        world.submit("asha", Command::SuspendInstance { instance: *id, reason: "stay".into() }).await.expect("it goes on");
    }
    for _ in 0..120 {
        super::claim(&world, "c", "asha").await.expect("it is free");
        let task = super::task(&world, "c").await;
        let complete = Command::CompleteTask { task, data: super::values(json!({})) };
        world.submit("asha", complete).await.expect("it is hers");
    }
    for _ in 0..3 {
        world.engine.run_due().await.expect("the store answers");
    }
    assert_eq!(open(&world).await, ["a"], "the one that is not suspended was told");
}

#[tokio::test]
async fn nobody_holds_a_case_that_has_ended_whatever_comes_for_it() {
    let world = calling().await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    world.advance(60).await;
    let cancel = Command::CancelInstance { instance: id, reason: "Lodged twice.".into() };
    world.submit("asha", cancel).await.expect("cancelled");
    let ended = world.engine.now();
    world.advance(3_600).await;
    let history = world.engine.history(&world.unit, id).await.expect("the store answers");
    assert!(history.last().is_some_and(|entry| entry.origin.time > ended), "the answer of the called case came");
    let held = engine::projection::custody::custody(&history, world.engine.now());
    assert!(held.iter().all(|held| held.to <= ended), "{held:#?}");
}
