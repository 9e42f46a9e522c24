//! What changes under a clock that runs: warnings that lie ahead again, and a limit that is known later.

use std::collections::BTreeMap;

use engine::journal::Event;
use engine::model::document::DocumentKind;
use engine::model::{CommandId, Time};
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{DAY, at, calendar, clock, clocks, events, norm, office, process, put, start, steps, work};

/// When it warned, by the positions of the warnings.
async fn warnings(world: &World<MemoryStore>, case: CommandId) -> Vec<(u16, Time)> {
    let history = world.engine.history(&world.unit, case).await.expect("the store answers");
    let warned = |entry: &engine::journal::Entry| {
        let points = entry.events.iter().filter_map(|event| match event {
            Event::ClockWarned { point, .. } => Some(*point),
            _ => None,
        });
        points.map(|point| (point, Time(entry.origin.time.0 / 1_000_000 * 1_000_000))).collect::<Vec<_>>()
    };
    history.iter().flat_map(warned).collect()
}

fn closed(date: &str) -> Value {
    let mut amended = calendar();
    amended["amendments"] = json!([{
        "number": "12/2026", "date": "2026-04-01", "source": ["a test"], "add": [{ "date": date, "title": { "en": "By order" } }]
    }]);
    amended
}

#[tokio::test]
async fn a_warning_that_lies_ahead_again_is_given_again_once() {
    let world = office(json!({})).await;
    let mut twice = norm(&json!({}));
    twice["warnings"] = json!([{ "percent": 10 }, { "before": { "workingDays": 1 } }]);
    put(&world, DocumentKind::Norm, &twice).await.expect("a norm that warns twice");
    let id = start(&world, "timed", json!({})).await;
    // Due on Tuesday, the 7th, at 18:00: it warns on Thursday, and on Monday as the office opens.
    world.advance(5 * DAY).await;
    let (first, second) =
        ((0, at("2026-04-02T04:00:00Z").expect("an instant")), (1, at("2026-04-06T04:00:00Z").expect("an instant")));
    assert_eq!(warnings(&world, id).await, [first, second]);
    // Tuesday is closed: due on Wednesday, so that the second warning lies on Tuesday's place, ahead. The first stays where it was.
    put(&world, DocumentKind::Calendar, &closed("2026-04-07")).await.expect("an amendment");
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-08T12:30:00Z"));
    assert_eq!(clock(&world, id).await.warned.len(), 2, "the working day before is Monday, which is today");
    put(&world, DocumentKind::Calendar, &two_closed()).await.expect("another amendment");
    let moved = clock(&world, id).await;
    assert_eq!((moved.reckoning.due, moved.reckoning.next), (at("2026-04-09T12:30:00Z"), at("2026-04-08T04:00:00Z")));
    assert_eq!(moved.warned.into_iter().collect::<Vec<_>>(), [0], "the first lies behind, and is not given again");
    world.advance(2 * DAY).await;
    assert_eq!(warnings(&world, id).await, [first, second, (1, at("2026-04-08T04:00:00Z").expect("an instant"))]);
    world.advance(DAY / 2).await;
    assert_eq!(warnings(&world, id).await.len(), 3, "once for each deadline");
}

/// Monday and Tuesday closed: from Thursday, day one, to Wednesday and Thursday.
fn two_closed() -> Value {
    let mut amended = closed("2026-04-07");
    let line = json!({ "date": "2026-04-06", "title": { "en": "By order" } });
    amended["amendments"][0]["add"].as_array_mut().expect("a list").push(line);
    amended
}

/// The norm with one limit for paper and another for what comes on line.
fn picky() -> Value {
    let mut picky = norm(&json!({}));
    picky["id"] = json!("picky");
    picky["attributes"] =
        json!({ "mode": { "title": { "en": "Mode" }, "values": { "paper": { "en": "Paper" }, "line": { "en": "On line" } } } });
    picky["editions"][0]["limits"] = json!([{ "when": { "mode": "paper" }, "within": { "workingDays": 3 } }, { "when": { "mode": "line" }, "within": { "workingDays": 1 } }]);
    picky["warnings"] = json!([]);
    picky
}

async fn picky_office() -> World<MemoryStore> {
    let world = office(json!({})).await;
    put(&world, DocumentKind::Norm, &picky()).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let mut clocks = clocks();
    clocks[0]["norm"] = json!("picky");
    clocks[0]["attributes"] = json!({ "mode": "text" });
    world.deploy(&process("picky", &steps(), &clocks)).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world
}

/// Whenever the case says by what its limit is chosen, the deadline is that of one that said so at once.
#[tokio::test]
async fn a_limit_that_is_known_later_holds_from_the_start() {
    for (mode, due) in [("paper", "2026-04-07T12:30:00Z"), ("line", "2026-04-02T12:30:00Z")] {
        for days in [0, 1, 2, 6, 9] {
            let world = picky_office().await;
            let (late, known) = (start(&world, "picky", json!({})).await, start(&world, "picky", json!({ "text": mode })).await);
            assert_eq!(clock(&world, late).await.reckoning.trouble.as_deref(), Some("clock.no-limit"));
            let before = events(&world, late).await.len();
            world.advance(days * DAY).await;
            let now = world.engine.now();
            let tasks = world.open_tasks().await;
            let task = tasks.iter().find(|task| task.instance == late && task.step == "a").expect("it waits").id;
            world.submit("asha", engine::journal::Command::ClaimTask { task }).await.expect("an officer may");
            let data = crate::engine::values(json!({ "text": mode }));
            world.submit("asha", engine::journal::Command::CompleteTask { task, data }).await.expect("it is complete");
            world.advance(0).await;
            let (limited, known) = (clock(&world, late).await, clock(&world, known).await);
            assert_eq!(limited.reckoning.due, at(due), "{mode} after {days} days");
            assert_eq!(
                (limited.reckoning.due, limited.terms, limited.is_late(now)),
                (known.reckoning.due, known.terms, known.is_late(now))
            );
            assert_eq!(limited.breached.is_some(), known.is_late(world.engine.now()), "and a breach is on record at once");
            let told = events(&world, late).await.split_off(before);
            let reasons = told.iter().filter_map(|event| match event {
                Event::ClockLimited { attributes, .. } => Some(attributes.clone()),
                _ => None,
            });
            let reason = BTreeMap::from([("mode".to_owned(), mode.to_owned())]);
            assert_eq!(reasons.collect::<Vec<_>>(), [reason], "once, with its reason");
        }
    }
}

#[tokio::test]
async fn what_the_last_act_says_counts_for_a_limit_too() {
    let world = picky_office().await;
    let id = start(&world, "picky", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    world.advance(3 * DAY).await;
    assert_eq!(clock(&world, id).await.terms, None, "nothing was said yet");
    work(&world, "b", "bimal", json!({ "text": "line" })).await;
    let stopped = clock(&world, id).await;
    assert!(stopped.stopped.is_some() && stopped.is_late(world.engine.now()));
    assert_eq!((stopped.reckoning.due, stopped.breached), (at("2026-04-02T12:30:00Z"), at("2026-04-02T12:30:00Z")));
}

#[tokio::test]
async fn what_was_known_at_the_start_stays_as_it_was() {
    let world = picky_office().await;
    let id = start(&world, "picky", json!({ "text": "paper" })).await;
    work(&world, "a", "asha", json!({ "text": "line" })).await;
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-07T12:30:00Z"));
}
