//! Jobs of external workers: fetched and locked, completed, failed with retries, and taken over when a lock ends.

use engine::journal::{Actor, Command};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::json;
use tests::world::World;

use super::{end, office, open, refused, start, started, user_task, values, variable};

async fn job_office() -> World<MemoryStore> {
    let job = json!({
        "id": "j", "type": "serviceTask", "topic": "t", "retries": 2, "inputs": { "asked": "n + 1" }, "outputs": { "n": "result.found * 2" },
        "next": "a"
    });
    office(json!([started("j"), job, user_task("a", "end"), end()])).await
}

async fn lock(world: &World<MemoryStore>, worker: &str) -> Vec<engine::runtime::LockedJob> {
    let topics = ["t".to_owned()];
    world.engine.lock_jobs(&world.unit, &Actor::System, &world.key(), worker, &topics, 60, 10).await.expect("it answers")
}

#[tokio::test]
async fn a_job_goes_to_one_worker_and_back_when_its_lock_ends() {
    let world = job_office().await;
    let id = start(&world, "p", json!({ "n": 4 })).await;
    let locked = lock(&world, "one").await;
    assert_eq!(locked.len(), 1);
    assert_eq!(locked[0].data, values(json!({ "asked": 5 })));
    assert!(lock(&world, "two").await.is_empty(), "it is locked");
    world.advance(61).await;
    assert_eq!(lock(&world, "two").await.len(), 1, "the lock has ended");
    let job = locked[0].id;
    let done = |worker: &str, found: serde_json::Value| Command::CompleteJob {
        job,
        worker: worker.into(),
        data: values(json!({ "found": found })),
    };
    refused(world.submit("system", done("one", json!(1))).await, "job.not-locked");
    refused(world.submit("system", done("two", json!("many"))).await, "expression.type");
    world.submit("system", done("two", json!(21))).await.expect("it is locked by two");
    let case = world.case(id).await;
    assert_eq!(variable(&case, "n"), json!(42));
    assert_eq!(open(&world).await, ["a"]);
    refused(world.submit("system", done("two", json!(21))).await, "job.not-open");
}

#[tokio::test]
async fn a_job_out_of_attempts_is_an_incident_that_can_be_retried() {
    let world = job_office().await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    for attempt in 0..2 {
        let locked = lock(&world, "one").await;
        assert_eq!(locked.len(), 1, "attempt {attempt}");
        let failed = Command::FailJob {
            job: locked[0].id,
            worker: "one".into(),
            message: "no answer".into(),
            retries: None,
            backoff_seconds: 30,
        };
        world.submit("system", failed).await.expect("it is locked");
        assert!(lock(&world, "one").await.is_empty(), "it backs off");
        world.advance(31).await;
    }
    assert!(lock(&world, "one").await.is_empty(), "no attempts are left");
    let incidents = world.engine.store().incidents(&world.unit, Some(id), 10).await.expect("it answers");
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].code, "job.failed");
    world.submit("asha", Command::RetryIncident { instance: id, incident: incidents[0].id }).await.expect("she may");
    assert_eq!(lock(&world, "one").await.len(), 1, "one more attempt");
    world.case(id).await;
}

#[tokio::test]
async fn an_old_key_hands_out_no_lock_that_has_ended() {
    let world = job_office().await;
    start(&world, "p", json!({ "n": 1 })).await;
    let topics = ["t".to_owned()];
    let again = async || world.engine.lock_jobs(&world.unit, &Actor::System, "one-key", "one", &topics, 60, 10).await;
    assert_eq!(again().await.expect("it answers").len(), 1);
    world.advance(61).await;
    assert!(again().await.expect("it answers").is_empty(), "the lock under that key has ended");
    assert_eq!(lock(&world, "two").await.len(), 1);
}

#[tokio::test]
async fn retrying_another_incident_leaves_a_workers_job_alone() {
    let steps = json!([
        started("j"),
        { "id": "j", "type": "serviceTask", "topic": "t", "outputs": ["n"], "next": "end" },
        { "id": "note", "type": "boundaryEvent", "attachedTo": "j", "interrupting": false, "message": { "name": "note" },
          "outputs": ["n"], "next": "noted" },
        { "id": "noted", "type": "endEvent" },
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    let job = lock(&world, "one").await[0].id;
    let data = values(json!({ "n": "no number" }));
    let note = Command::PublishMessage { name: "note".into(), key: String::new(), ttl_seconds: 1, data };
    world.submit("system", note).await.expect("it is awaited");
    let incident = *world.case(id).await.incidents.keys().next().expect("it is held");
    world.submit("asha", Command::RetryIncident { instance: id, incident }).await.expect("she may");
    let done = Command::CompleteJob { job, worker: "one".into(), data: values(json!({ "n": 1 })) };
    world.submit("system", done).await.expect("it is still the worker's");
    assert!(world.case(id).await.is_over());
}
