//! A database of each layout of the tables, kept as a file: every later version must open it and go on. None is ever written again; a new
//! layout adds a file. `UPDATE=1` writes the newest if it is missing.

mod bundle;

use std::path::PathBuf;

use engine::journal::Command;
use engine::model::{InstanceStatus, UnitId, Values};
use engine::runtime::rebuild::rebuild;
use engine::store::sqlite::{Options, SqliteStore};
use engine::store::{InstanceQuery, Store};
use serde_json::{Value, json};
use tests::world::{World, small_office};

/// Layouts of the tables, the newest last.
const LAYOUTS: [u32; 4] = [1, 2, 3, 4];

fn file(layout: u32) -> PathBuf {
    tests::top().join(format!("tests/golden/office-v{layout}.db"))
}

fn values(data: Value) -> Values {
    data.as_object().expect("an object").clone().into_iter().collect()
}

async fn world(path: &std::path::Path) -> World<SqliteStore> {
    let store = SqliteStore::open(path, Options::default()).await.expect("the database opens");
    World::new(store, &small_office(), "office").await
}

/// One case at each kind of rest: a claimed task under a timer, a job, a message awaited; one halted, one finished; an early message.
async fn write(path: &std::path::Path) {
    let world = world(path).await;
    let process = json!({
        "id": "golden", "title": { "en": "Golden" }, "owner": { "post": "post-a" },
        "data": { "n": { "type": "integer" }, "name": { "type": "string", "personal": true } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "n": {}, "name": {} } } } },
        "steps": [
            { "id": "start", "type": "startEvent", "form": "f", "next": "way" },
            { "id": "way", "type": "exclusiveGateway", "next": [
                { "to": "work", "when": "n = 1" }, { "to": "job", "when": "n = 2" }, { "to": "wait", "when": "n = 3" }, { "to": "end" } ] },
            { "id": "work", "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["n", "name"], "next": "end" },
            { "id": "remind", "type": "boundaryEvent", "attachedTo": "work", "interrupting": false, "timer": { "after": "P1D" }, "next": "note" },
            { "id": "note", "type": "userTask", "performer": { "role": "officer" }, "next": "noted" },
            { "id": "noted", "type": "endEvent" },
            { "id": "job", "type": "serviceTask", "topic": "t", "outputs": ["n"], "next": "end" },
            { "id": "wait", "type": "intermediateCatchEvent", "message": { "name": "m" }, "outputs": ["n"], "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    });
    world.deploy(&process.to_string()).await.expect("it is sound");
    for n in 0..5 {
        let data = values(json!({ "n": n.min(3), "name": format!("Person {n}") }));
        let command = Command::StartInstance { process: "golden".into(), definition: None, number: Some(format!("{n}")), data };
        let started = world.submit("asha", command).await.expect("it starts");
        if n == 4 {
            let instance = started.instance().expect("a case");
            world.submit("asha", Command::SuspendInstance { instance, reason: "stay".into() }).await.expect("it goes on");
        }
    }
    let task = world.open_tasks().await.first().expect("a task").id;
    world.submit("bimal", Command::ClaimTask { task }).await.expect("it is free");
    let early =
        Command::PublishMessage { name: "other".into(), key: "k".into(), ttl_seconds: 86_400, data: values(json!({ "n": 9 })) };
    world.submit("system", early).await.expect("it is kept");
    world.engine.stop().await;
    world.engine.store().close().await.expect("it closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_all_layouts_open_and_go_on() {
    if let [.., newest] = LAYOUTS
        && !file(newest).exists()
        && std::env::var_os("UPDATE").is_some()
    {
        write(&file(newest)).await;
    }
    for layout in LAYOUTS {
        opens_and_goes_on(&file(layout)).await;
    }
}

async fn opens_and_goes_on(file: &std::path::Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.db");
    std::fs::copy(file, &copy).expect("the golden database is there");
    let mut world = world(&copy).await;
    world.keys = "later";
    world.engine.store().integrity().await.expect("its tables are those of a new file");
    for unit in [UnitId::site(), world.unit.clone()] {
        let rebuilt = rebuild(world.engine.store(), &unit, true).await.expect("the journal is whole");
        assert!(rebuilt.same(), "the rows of {unit} no longer follow from its journal");
    }
    let query = InstanceQuery { limit: 10, ..InstanceQuery::default() };
    let cases = world.engine.store().instances(&world.unit, &query).await.expect("it answers");
    let count = |status| cases.iter().filter(|case| case.status == status).count();
    assert_eq!((count(InstanceStatus::Active), count(InstanceStatus::Suspended), count(InstanceStatus::Completed)), (3, 1, 1));
    for case in &cases {
        let case = world.case(case.id).await;
        assert!(case.variable(0, "name").is_some_and(Value::is_string), "personal values are read back");
    }

    // The claimed task under its timer.
    world.advance(2 * 86_400).await;
    let mut open: Vec<String> = world.open_tasks().await.into_iter().map(|task| task.step).collect();
    open.sort();
    assert_eq!(open, ["note", "work"]);
    for task in world.open_tasks().await {
        if task.assignee.is_none() {
            world.submit("bimal", Command::ClaimTask { task: task.id }).await.expect("it is free");
        }
        world.submit("bimal", Command::CompleteTask { task: task.id, data: Values::new() }).await.expect("it is his");
    }
    // The job, the message, and the halted case.
    let actor = engine::journal::Actor::System;
    let jobs = world.engine.lock_jobs(&world.unit, &actor, "k", "w", &["t".to_owned()], 60, 5).await.expect("it answers");
    let done = Command::CompleteJob { job: jobs.first().expect("a job").id, worker: "w".into(), data: values(json!({ "n": 8 })) };
    world.submit("system", done).await.expect("it is locked");
    let halted = cases.iter().find(|case| case.status == InstanceStatus::Suspended).expect("one is");
    world.submit("asha", Command::ResumeInstance { instance: halted.id }).await.expect("it was halted");
    for _ in 0..2 {
        let message =
            Command::PublishMessage { name: "m".into(), key: String::new(), ttl_seconds: 1, data: values(json!({ "n": 7 })) };
        world.submit("system", message).await.expect("it is awaited");
    }
    for case in &cases {
        assert_eq!(world.case(case.id).await.status, InstanceStatus::Completed);
    }
}
