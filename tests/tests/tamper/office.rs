//! An office with a row in every table, and with every column filled in some row.

use engine::journal::{Actor, Command, Envelope};
use engine::model::document::DocumentKind;
use engine::model::reading::{CaseRead, Reading, Through};
use engine::model::{CommandId, InstanceId, UnitId, Values};
use engine::runtime::Accepted;
use engine::store::Store;
use serde_json::{Value, json};
use tests::world::{World, small_office};

const DAY: i64 = 86_400;

fn values(data: &Value) -> Values {
    data.as_object().expect("an object").clone().into_iter().collect()
}

/// The process: `n` says where a case comes to rest.
fn process() -> String {
    json!({
        "id": "all", "title": { "en": "All" }, "owner": { "post": "post-a" },
        "retention": { "years": 1, "source": ["The office's own schedule, item 1"] },
        "data": { "n": { "type": "integer" }, "name": { "type": "string", "personal": true } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "n": {}, "name": {} } } } },
        "steps": [
            { "id": "start", "type": "startEvent", "form": "f", "next": "way" },
            { "id": "way", "type": "exclusiveGateway", "next": [
                { "to": "work", "when": "n = 1" }, { "to": "job", "when": "n = 2" }, { "to": "wait", "when": "n = 3" },
                { "to": "ask", "when": "n = 4" }, { "to": "call", "when": "n = 5" }, { "to": "end", "when": "n = 7" } ] },
            { "id": "work", "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["n", "name"],
                "due": { "after": "PT48H" }, "next": "end" },
            { "id": "remind", "type": "boundaryEvent", "attachedTo": "work", "interrupting": false, "timer": { "after": "P90D" }, "next": "noted" },
            { "id": "noted", "type": "endEvent" },
            { "id": "job", "type": "serviceTask", "topic": "t", "outputs": ["n"], "next": "end" },
            { "id": "wait", "type": "intermediateCatchEvent", "message": { "name": "m" }, "outputs": ["n"], "next": "end" },
            { "id": "ask", "type": "userTask", "performer": { "role": "applicant" }, "form": "f", "next": "end" },
            { "id": "call", "type": "callActivity", "process": "called", "inputs": { "n": "n" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

fn called() -> String {
    json!({
        "id": "called", "title": { "en": "Called" }, "owner": { "post": "post-a" }, "data": { "n": { "type": "integer" } },
        "steps": [
            { "id": "start", "type": "startEvent", "next": "look" },
            { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

/// What a test needs to know of it.
pub(crate) struct Cases {
    /// Its kept state is of its entry 64, and it goes on after that.
    pub(crate) long: CommandId,
    /// Another one, at rest.
    pub(crate) other: CommandId,
}

async fn start<S: Store>(world: &World<S>, n: u32, name: &str) -> Accepted {
    let data = values(&json!({ "n": n, "name": name }));
    let command = Command::StartInstance { process: "all".into(), definition: None, number: Some(format!("{n}/2026")), data };
    world.submit("asha", command).await.expect("it starts")
}

/// Fills a store.
pub(crate) async fn fill<S: Store>(store: S) -> (World<S>, Cases) {
    let world = World::new(store, &small_office(), "office").await;
    world.hire("dinesh", &["records-officer"]).await;
    world.deploy(&called()).await.expect("it is sound");
    world.deploy(&process()).await.expect("it is sound");

    // A case whose personal values were erased.
    let old = start(&world, 7, "Erased Person").await.instance().expect("a case");
    world.advance(400 * DAY).await;
    let propose = Command::ProposeErasure { instance: old, names: vec![], ground: "Time".into(), authority: "Order 7".into() };
    let proposal = world.submit("chitra", propose).await.expect("it is proposed").entry.origin.command;
    world.submit("dinesh", Command::ApproveErasure { instance: old, proposal }).await.expect("it is approved");

    // A report, and its schedule, which has a row that is of no case.
    let daily = json!({
        "id": "daily", "title": { "en": "Daily" }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata", "makes": { "report": "digest" },
        "when": { "cron": "0 10 * * *" }, "policies": { "missed": "none" }
    });
    world.deploy_document("asha", DocumentKind::Schedule, &daily.to_string()).await.expect("it is in order");
    world.advance(2 * DAY).await;

    let mut cases = Vec::new();
    for n in 1..7 {
        cases.push(start(&world, n, &format!("Person {n}")).await.instance().expect("a case"));
    }
    world.advance(0).await;
    let task = world.open_tasks().await.into_iter().find(|task| task.step == "work").expect("a task").id;
    for _ in 0..33 {
        world.submit("bimal", Command::ClaimTask { task }).await.expect("it is free");
        world.submit("bimal", Command::ReleaseTask { task }).await.expect("it is his");
    }
    world.submit("bimal", Command::ClaimTask { task }).await.expect("it is free");
    let locked = world.engine.lock_jobs(&world.unit, &Actor::System, "lock", "worker", &["t".to_owned()], 60, 5).await;
    assert_eq!(locked.expect("it answers").len(), 1);
    let data = values(&json!({ "n": 9 }));
    let early = Command::PublishMessage { name: "other".into(), key: "k".into(), ttl_seconds: 86_400, data };
    world.submit("system", early).await.expect("it is kept");
    // Read by an official, by their post, and by somebody who holds none.
    let register = Command::RegisterPerson { handle: "esha".into(), name: "Esha".into() };
    world.submit_site("system", register).await.expect("they are registered");
    let case =
        |n: usize| CaseRead { case: InstanceId { unit: world.unit.clone(), command: cases[n] }, names: vec!["name".into()] };
    for (handle, n, through) in [("bimal", 0, Through::CasePage), ("esha", 1, Through::Slip)] {
        let read = Reading { through, cases: vec![case(n)] };
        let actor = Actor::Person(world.person(handle));
        let noted = Envelope::new(actor, &world.key(), Command::NoteRead(read));
        world.engine.submit(&UnitId::access(), noted).await.expect("it is noted");
    }
    (world, Cases { long: cases[0], other: cases[2] })
}
