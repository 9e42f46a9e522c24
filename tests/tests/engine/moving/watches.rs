//! Timers and messages through a move: what has the same rule stays, what has another is set anew, what is new is set, what went is not.

use engine::model::Time;
use engine::model::moving::Mapping;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{authority, codes, mapping, moved, rejection, steps};
use crate::engine::{end, office, open, start, started, user_task, values, work};

/// An hour in seconds.
const HOUR: i64 = 3_600;

/// The timers of the only case, by step, with their instants after now in seconds.
async fn timers(world: &World<MemoryStore>, id: engine::model::CommandId) -> Vec<(String, i64)> {
    let now: Time = world.engine.now();
    let case = world.case(id).await;
    let mut timers: Vec<(String, i64)> =
        case.timers.values().map(|timer| (timer.step.clone(), (timer.due.0 - now.0 + 500_000).div_euclid(1_000_000))).collect();
    timers.sort();
    timers
}

fn watch(id: &str, interrupting: bool, timer: Value) -> Value {
    json!({ "id": id, "type": "boundaryEvent", "attachedTo": "a", "interrupting": interrupting, "timer": timer, "next": format!("{id}-end") })
}

fn ends(id: &str) -> Value {
    json!({ "id": format!("{id}-end"), "type": "endEvent" })
}

#[tokio::test]
async fn timers_that_watch_an_activity() {
    let old = json!([
        started("a"),
        user_task("a", "end"),
        end(),
        watch("same", true, json!({ "after": "PT10H" })),
        ends("same"),
        watch("other", true, json!({ "after": "PT20H" })),
        ends("other"),
        watch("gone", true, json!({ "after": "PT30H" })),
        ends("gone"),
        watch("fired", false, json!({ "after": "PT1H" })),
        ends("fired"),
        watch("often", false, json!({ "every": "PT1H", "times": 9 })),
        ends("often")
    ]);
    let new = json!([
        started("a"),
        user_task("a", "end"),
        end(),
        watch("kept", true, json!({ "after": "PT10H" })),
        ends("kept"),
        watch("other", true, json!({ "after": "PT5H" })),
        ends("other"),
        watch("more", true, json!({ "after": "PT40H" })),
        ends("more"),
        watch("fired", false, json!({ "after": "PT7H" })),
        ends("fired"),
        watch("often", false, json!({ "every": "PT1H", "times": 9 })),
        ends("often")
    ]);
    let world = office(old).await;
    let id = start(&world, "p", json!({})).await;
    world.advance(2 * HOUR).await;
    let often = world.case(id).await.timers.values().find(|timer| timer.step == "often").map(|timer| (timer.due, timer.repeats));
    let to = steps(&world, new).await;
    moved(&world, id, to, mapping(&[("same", "kept")]), authority()).await.expect("it is moved");
    let is = timers(&world, id).await;
    let by = |step: &str| is.iter().find(|(other, _)| other == step).map(|(_, seconds)| *seconds);
    // A second more than two hours have passed: time goes on a second beyond what is asked.
    assert_eq!(by("kept"), Some(8 * HOUR - 1), "{is:?}");
    assert_eq!((by("other"), by("more"), by("gone"), by("fired")), (Some(5 * HOUR), Some(40 * HOUR), None, None), "{is:?}");
    let after = world.case(id).await.timers.values().find(|timer| timer.step == "often").map(|timer| (timer.due, timer.repeats));
    assert_eq!(after, often);
    world.advance(5 * HOUR).await;
    assert!(world.case(id).await.is_over(), "the timer of the new version fired: {:#?}", timers(&world, id).await);
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn a_timer_that_a_path_waits_for() {
    let at =
        |id: &str, after: &str| json!({ "id": id, "type": "intermediateCatchEvent", "timer": { "after": after }, "next": "b" });
    for (after, left) in [("PT10H", 8 * HOUR - 1), ("PT6H", 6 * HOUR)] {
        let world = office(json!([started("t"), at("t", "PT10H"), user_task("b", "end"), end()])).await;
        let id = start(&world, "p", json!({})).await;
        world.advance(2 * HOUR).await;
        let to = steps(&world, json!([started("u"), at("u", after), user_task("b", "end"), end()])).await;
        moved(&world, id, to, mapping(&[("t", "u")]), authority()).await.expect("it is moved");
        assert_eq!(timers(&world, id).await, [("u".to_owned(), left)]);
        world.advance(left).await;
        assert_eq!(open(&world).await, ["b"]);
        tests::bundle::audit(&world).await;
    }
}

#[tokio::test]
async fn a_timer_that_cannot_be_set_keeps_the_case() {
    let at = |rule: &str| json!({ "id": "t", "type": "intermediateCatchEvent", "timer": { "after": rule }, "next": "end" });
    let world = office(json!([started("t"), at("PT10H"), end()])).await;
    let id = start(&world, "p", json!({})).await;
    let to = steps(&world, json!([started("t"), at("= text"), end()])).await;
    let rejection = rejection(moved(&world, id, to, Mapping::default(), authority()).await);
    assert_eq!(codes(&rejection), [("timer.not-a-duration", "/steps/t")]);
}

#[tokio::test]
async fn what_stays_or_has_happened_is_not_computed_anew() {
    // The text can be read when the task begins, and not any more when the case is moved.
    let document = |after: &str| {
        let mut fired = watch("fired", false, json!({ "after": after }));
        fired["next"] = json!("c");
        let stays = watch("stays", true, json!({ "after": "= text" }));
        json!([
            started("a"),
            user_task("a", "end"),
            end(),
            fired,
            user_task("c", "fired-end"),
            ends("fired"),
            stays,
            ends("stays")
        ])
    };
    let world = office(document("PT1H")).await;
    let id = start(&world, "p", json!({ "text": "PT9H" })).await;
    world.advance(2 * HOUR).await;
    work(&world, "c", "asha", json!({ "text": "no time" })).await;
    let before = timers(&world, id).await;
    assert_eq!(before.len(), 1);
    let to = steps(&world, document("= text")).await;
    moved(&world, id, to, Mapping::default(), authority()).await.expect("nothing is set anew");
    assert_eq!(timers(&world, id).await, before);
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn a_message_that_is_called_otherwise_is_waited_for_anew() {
    let at = |name: &str, next: &str| json!({ "id": "m", "type": "intermediateCatchEvent", "message": { "name": name }, "outputs": ["n"], "next": next });
    let publish = async |world: &World<MemoryStore>, name: &str| {
        let data = values(json!({ "n": 4 }));
        let command = engine::journal::Command::PublishMessage { name: name.into(), key: String::new(), ttl_seconds: 600, data };
        world.submit("system", command).await.expect("it is taken");
        world.advance(0).await;
    };
    for (name, early) in [("one", false), ("two", false), ("two", true)] {
        let world = office(json!([started("m"), at("one", "b"), user_task("b", "end"), end()])).await;
        let id = start(&world, "p", json!({})).await;
        if early {
            publish(&world, "two").await;
        }
        let before = world.case(id).await.subscriptions;
        let to = steps(&world, json!([started("m"), at(name, "b"), user_task("b", "c"), user_task("c", "end"), end()])).await;
        moved(&world, id, to, Mapping::default(), authority()).await.expect("it is moved");
        let case = world.case(id).await;
        assert_eq!(before == case.subscriptions, name == "one");
        if !early {
            publish(&world, name).await;
        }
        assert_eq!(open(&world).await, ["b"], "{name}, early: {early}");
        work(&world, "b", "asha", json!({})).await;
        assert_eq!(open(&world).await, ["c"]);
        tests::bundle::audit(&world).await;
    }
}
