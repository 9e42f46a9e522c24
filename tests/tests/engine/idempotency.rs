//! The same key and content: the same answer for ever. The same key, other content: a conflict. Only accepted commands are remembered.

use engine::journal::{Actor, Command, Envelope};
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use engine::runtime::Refusal;
use engine::store::Store;
use serde_json::json;
use tests::balky::Balky;
use tests::world::{World, small_office};

use super::{deploy, end, forget, office, process, refused, start, started, task, user_task, values};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_has_the_same_answer_and_no_second_effect() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    let command =
        |n: i64| Command::StartInstance { process: "p".into(), definition: None, number: None, data: values(json!({ "n": n })) };
    let actor = Actor::Person(world.person("asha"));
    let envelope = |n| Envelope::new(actor.clone(), "the-key", command(n));
    // At the same time, from many callers.
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (engine, unit, envelope) = (world.engine.clone(), world.unit.clone(), envelope(1));
        calls.spawn(async move { engine.submit(&unit, envelope).await });
    }
    let mut receipts = Vec::new();
    let mut firsts = 0;
    while let Some(answer) = calls.join_next().await {
        let accepted = answer.expect("no panic").expect("accepted");
        firsts += usize::from(!accepted.repeated);
        receipts.push(accepted.receipt());
    }
    receipts.dedup();
    assert_eq!((receipts.len(), firsts), (1, 1));
    let again = world.engine.submit(&world.unit, envelope(1)).await.expect("the same answer");
    assert!(again.repeated);
    assert_eq!(again.receipt(), receipts[0]);
    refused(world.engine.submit(&world.unit, envelope(2)).await, "idempotency.conflict");
    // Another actor's key is another key.
    let other = Envelope::new(Actor::Person(world.person("bimal")), "the-key", command(2));
    assert!(!world.engine.submit(&world.unit, other).await.expect("accepted").repeated);
}

/// An old claim would pass for a new one, were it not found in the store in the end. What was decided after it meanwhile, even refused because
/// of it, is decided again: nobody is told of what never happened.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_repeat_disturbs_nobody() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    start(&world, "p", json!({})).await;
    let task = task(&world, "a").await;
    let (asha, bimal) = (Actor::Person(world.person("asha")), Actor::Person(world.person("bimal")));
    let claim = |actor: &Actor, key: &str| Envelope::new(actor.clone(), key, Command::ClaimTask { task });
    let (engine, unit) = (&world.engine, &world.unit);
    let claimed = engine.submit(unit, claim(&asha, "claim")).await.expect("it is free");
    world.submit("asha", Command::ReleaseTask { task }).await.expect("it is hers");
    forget(&world).await;
    let (again, new) = tokio::join!(engine.submit(unit, claim(&asha, "claim")), engine.submit(unit, claim(&bimal, "mine")));
    let (again, new) = (again.expect("accepted before"), new.expect("the task is free"));
    assert!(again.repeated && !new.repeated);
    assert_eq!(again.receipt(), claimed.receipt());
    let open = world.engine.store().task(unit, task).await.expect("it answers").expect("it is open");
    assert_eq!(open.assignee, Some(world.person("bimal")));
}

/// An old completion is refused at first, since its task is gone, and found in the store before anybody is told: also where the batch is written
/// in the middle of a mailbox.
#[tokio::test]
async fn an_old_repeat_before_a_write_within_the_same_mailbox_is_a_repeat() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    let wait = json!({ "id": "w", "type": "intermediateCatchEvent", "message": { "name": "m" }, "next": "end" });
    deploy(&world, "q", json!([started("w"), wait, end()])).await;
    start(&world, "p", json!({})).await;
    let task = task(&world, "a").await;
    world.submit("asha", Command::ClaimTask { task }).await.expect("it is free");
    let actor = Actor::Person(world.person("asha"));
    let complete = Envelope::new(actor.clone(), "complete", Command::CompleteTask { task, data: values(json!({})) });
    let (engine, unit) = (&world.engine, &world.unit);
    let completed = engine.submit(unit, complete.clone()).await.expect("it is hers");
    forget(&world).await;
    let waits = Command::StartInstance { process: "q".into(), definition: None, number: None, data: values(json!({})) };
    let message = Command::PublishMessage { name: "other".into(), key: String::new(), ttl_seconds: 60, data: values(json!({})) };
    // On one thread all three lie in the mailbox before the writer wakes; the message makes it write in between.
    let (waiting, again, published) = tokio::join!(
        engine.submit(unit, Envelope::new(actor.clone(), "waits", waits)),
        engine.submit(unit, complete),
        engine.submit(unit, Envelope::new(actor.clone(), "message", message))
    );
    waiting.expect("accepted");
    published.expect("accepted");
    assert_eq!(again.expect("accepted before").receipt(), completed.receipt());
}

#[tokio::test]
async fn a_refused_command_is_decided_afresh() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    start(&world, "p", json!({})).await;
    let task = task(&world, "a").await;
    let actor = Actor::Person(world.person("asha"));
    let complete = || Envelope::new(actor.clone(), "complete", Command::CompleteTask { task, data: values(json!({})) });
    let before = world.engine.store().head(&world.unit).await.expect("it answers");
    refused(world.engine.submit(&world.unit, complete()).await, "task.not-claimed");
    assert_eq!(world.engine.store().head(&world.unit).await.expect("it answers"), before);
    world.submit("asha", Command::ClaimTask { task }).await.expect("it is free");
    assert!(!world.engine.submit(&world.unit, complete()).await.expect("now it is accepted").repeated);
    assert!(world.engine.submit(&world.unit, complete()).await.expect("and stays so").repeated);
}

#[tokio::test]
async fn a_repeat_behind_a_write_within_the_same_batch_is_still_a_repeat() {
    let wait = json!({ "id": "w", "type": "intermediateCatchEvent", "message": { "name": "m" }, "next": "end" });
    let world = office(json!([started("w"), wait, end()])).await;
    let actor = Actor::Person(world.person("asha"));
    let start = || {
        let command = Command::StartInstance { process: "p".into(), definition: None, number: None, data: values(json!({})) };
        Envelope::new(actor.clone(), "k", command)
    };
    let message = Command::PublishMessage { name: "other".into(), key: String::new(), ttl_seconds: 60, data: values(json!({})) };
    let publish = Envelope::new(actor.clone(), "m", message);
    // On one thread all three lie in the mailbox before the writer wakes; the message makes it write in between.
    let (engine, unit) = (&world.engine, &world.unit);
    let (first, published, again) =
        tokio::join!(engine.submit(unit, start()), engine.submit(unit, publish), engine.submit(unit, start()));
    published.expect("accepted");
    let (first, again) = (first.expect("accepted"), again.expect("accepted"));
    assert_eq!(first.receipt(), again.receipt());
    assert!(again.repeated && !first.repeated);
}

#[tokio::test]
async fn what_was_written_though_an_error_was_told_is_known_all_the_same() {
    let store = Balky::default();
    let world = World::new(store.clone(), &small_office(), "office").await;
    let calendar = json!({
        "id": "c", "title": { "en": "c" }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata", "week": { "monday": [{ "from": "09:30", "to": "18:00" }] },
        "covers": { "from": "2026-01-01", "to": "2026-12-31" }, "holidays": []
    });
    let deploy = Command::DeployDocument { kind: DocumentKind::Calendar, document: calendar.to_string() };
    let document = process("p", json!([started("a"), user_task("a", "end"), end()]));
    let told = [(UnitId::site(), deploy), (world.unit.clone(), Command::DeployDefinition { document })];
    store.loses.store(true, std::sync::atomic::Ordering::Relaxed);
    for (unit, command) in &told {
        let lost = world.engine.submit(unit, Envelope::new(Actor::System, "k", command.clone())).await;
        assert!(matches!(lost, Err(Refusal::Store(_))), "{lost:?}");
    }
    store.loses.store(false, std::sync::atomic::Ordering::Relaxed);
    for (unit, command) in told {
        let again = world.engine.submit(&unit, Envelope::new(Actor::System, "k", command)).await.expect("it was written");
        assert!(again.repeated, "{again:?}");
    }
    assert!(world.engine.library().calendar("c").is_some() && world.engine.library().newest("p").is_some());
}
