//! What the engine promises, one subject a file, on the reference store; and on SQLite what is there after a restart.

mod calls;
mod clocks;
mod control;
mod deploying;
mod exchange;
mod idempotency;
mod incidents;
mod jobs;
mod joins;
mod limits;
mod messages;
mod moving;
mod nodes;
mod office;
mod reads;
mod records;
mod restart;
mod schedules;
mod steps;
mod tasks;
mod timers;

use engine::journal::{Actor, Command, Envelope};
use engine::machine::Instance;
use engine::model::{CommandId, Values};
use engine::runtime::{Accepted, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::{World, small_office};

/// A small office with a process of these steps; the variables `n` (a whole number), `amount` (a decimal) and `text`.
async fn office(steps: Value) -> World<MemoryStore> {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    deploy(&world, "p", steps).await;
    world
}

fn process(id: &str, steps: Value) -> String {
    json!({
        "id": id, "title": { "en": id }, "owner": { "post": "post-a" },
        "data": {
            "n": { "type": "integer" },
            "amount": { "type": "string", "format": "decimal" },
            "text": { "type": "string", "maxLength": 2000 }
        },
        "forms": {
            "f": { "schema": { "type": "object", "properties": { "n": {}, "amount": {}, "text": {} } } },
            "strict": { "schema": { "type": "object", "properties": { "n": { "minimum": 1 } }, "required": ["n"] } }
        },
        "steps": steps
    })
    .to_string()
}

async fn deploy(world: &World<MemoryStore>, id: &str, steps: Value) {
    let deployed = world.deploy(&process(id, steps)).await;
    deployed.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
}

async fn start(world: &World<MemoryStore>, process: &str, data: Value) -> CommandId {
    let command = Command::StartInstance { process: process.into(), definition: None, number: None, data: values(data) };
    let started = world.submit("asha", command).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world.advance(0).await;
    started.instance().expect("a start has a case")
}

/// So many commands that the writer neither remembers those before nor is wary any more.
async fn forget<S: Store>(world: &World<S>) {
    for _ in 0..9 {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..1_000 {
            let command = Command::StartInstance { process: "p".into(), definition: None, number: None, data: values(json!({})) };
            let envelope = Envelope::new(Actor::System, &world.key(), command);
            let (engine, unit) = (world.engine.clone(), world.unit.clone());
            calls.spawn(async move { engine.submit(&unit, envelope).await });
        }
        while let Some(answer) = calls.join_next().await {
            answer.expect("no panic").expect("accepted");
        }
    }
}

fn values(data: Value) -> Values {
    match data {
        Value::Object(members) => members.into_iter().collect(),
        _ => Values::new(),
    }
}

/// Steps of the open tasks, sorted.
async fn open(world: &World<MemoryStore>) -> Vec<String> {
    let mut open: Vec<String> = world.open_tasks().await.into_iter().map(|task| task.step).collect();
    open.sort();
    open
}

async fn claim(world: &World<MemoryStore>, step: &str, actor: &str) -> Result<Accepted, Refusal> {
    let task = task(world, step).await;
    world.submit(actor, Command::ClaimTask { task }).await
}

async fn complete(world: &World<MemoryStore>, step: &str, actor: &str, data: Value) -> Result<Accepted, Refusal> {
    let task = task(world, step).await;
    let accepted = world.submit(actor, Command::CompleteTask { task, data: values(data) }).await;
    world.advance(0).await;
    accepted
}

/// Claims and completes.
async fn work(world: &World<MemoryStore>, step: &str, actor: &str, data: Value) {
    claim(world, step, actor).await.unwrap_or_else(|refusal| panic!("{step}: {refusal:#?}"));
    complete(world, step, actor, data).await.unwrap_or_else(|refusal| panic!("{step}: {refusal:#?}"));
}

async fn task(world: &World<MemoryStore>, step: &str) -> engine::model::TaskId {
    let tasks = world.open_tasks().await;
    tasks.iter().find(|task| task.step == step).unwrap_or_else(|| panic!("no open task {step} among {tasks:#?}")).id
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Refusal>, code: &str) {
    match answer {
        Err(Refusal::Rejected(rejection)) => assert_eq!(rejection.code, code, "{rejection:#?}"),
        other => panic!("not refused as {code}: {other:?}"),
    }
}

fn variable(case: &Instance, name: &str) -> Value {
    case.variable(0, name).cloned().unwrap_or(Value::Null)
}

/// A user task for officers with the form `f`, all of it written to variables.
fn user_task(id: &str, next: &str) -> Value {
    json!({
        "id": id, "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["n", "amount", "text"], "next": next
    })
}

fn started(next: &str) -> Value {
    json!({ "id": "start", "type": "startEvent", "form": "f", "next": next })
}

fn end() -> Value {
    json!({ "id": "end", "type": "endEvent" })
}
