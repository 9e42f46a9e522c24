//! Timers: fire once, when due, and fall away with what they watch.

use engine::store::Store;
use serde_json::json;

use super::{end, office, open, refused, start, started, user_task, work};
use engine::journal::Command;

#[tokio::test]
async fn a_boundary_timer_reminds_and_another_ends_the_task() {
    let steps = json!([
        started("a"),
        user_task("a", "end"),
        { "id": "remind", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "timer": { "every": "P1D", "times": 2 }, "next": "r" },
        user_task("r", "r-end"),
        { "id": "r-end", "type": "endEvent" },
        { "id": "lapse", "type": "boundaryEvent", "attachedTo": "a", "timer": { "after": "P10D" }, "next": "l" },
        user_task("l", "end"),
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    world.advance(86_000).await;
    assert_eq!(open(&world).await, ["a"]);
    world.advance(86_400).await;
    assert_eq!(open(&world).await, ["a", "r"]);
    world.advance(5 * 86_400).await;
    assert_eq!(open(&world).await, ["a", "r", "r"], "twice, not more");
    world.advance(5 * 86_400).await;
    assert_eq!(open(&world).await, ["l", "r", "r"]);
    assert!(world.case(id).await.timers.is_empty());
    assert_eq!(world.engine.store().next_due().await.expect("it answers"), None);
}

#[tokio::test]
async fn a_timer_falls_away_with_its_task() {
    let steps = json!([
        started("a"),
        user_task("a", "b"),
        { "id": "lapse", "type": "boundaryEvent", "attachedTo": "a", "timer": { "after": "PT1H" }, "next": "end" },
        user_task("b", "end"),
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    let timer = *world.case(id).await.timers.keys().next().expect("it is set");
    refused(world.submit("system", Command::FireTimer { instance: id, timer }).await, "timer.early");
    work(&world, "a", "asha", json!({})).await;
    refused(world.submit("system", Command::FireTimer { instance: id, timer }).await, "timer.not-armed");
    world.advance(7_200).await;
    assert_eq!(open(&world).await, ["b"]);
}

#[tokio::test]
async fn timers_are_computed_and_rest_while_the_case_is_halted() {
    let steps = json!([
        started("w"),
        { "id": "w", "type": "intermediateCatchEvent", "timer": { "after": "= duration(\"PT1H\") * n" }, "next": "a" },
        user_task("a", "end"),
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({ "n": 3 })).await;
    world.submit("asha", Command::SuspendInstance { instance: id, reason: "stay".into() }).await.expect("it goes on");
    world.advance(4 * 3_600).await;
    assert_eq!(open(&world).await, Vec::<String>::new());
    world.submit("asha", Command::ResumeInstance { instance: id }).await.expect("it was halted");
    world.advance(0).await;
    assert_eq!(open(&world).await, ["a"], "it was due meanwhile, and fires at once");
}

/// Several threads: the order must not depend on which of them is faster.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_fell_due_while_the_program_was_down_happens_in_order() {
    for _ in 0..20 {
        let steps = json!([
            started("a"),
            user_task("a", "end"),
            { "id": "remind", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "timer": { "after": "P1D" }, "next": "r" },
            user_task("r", "r-end"),
            { "id": "r-end", "type": "endEvent" },
            { "id": "lapse", "type": "boundaryEvent", "attachedTo": "a", "timer": { "after": "P2D" }, "next": "l" },
            user_task("l", "end"),
            end()
        ]);
        let world = office(steps).await;
        start(&world, "p", json!({})).await;
        world.clock.move_to(world.engine.now().plus_seconds(5 * 86_400));
        world.engine.settle().await.expect("due work is carried out");
        assert_eq!(open(&world).await, ["l", "r"], "the reminder came before the lapse");
    }
}
