//! Whoever did a step is kept from what they were kept from, whatever a move says, and by however many versions.

use engine::digest::Hash;
use engine::model::moving::Mapping;
use engine::store::InstanceQuery;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{authority, codes, mapping, moved, rejection, steps};
use crate::engine::{claim, end, office, refused, start, started, user_task, work};

/// The last task, kept from whoever did one of these.
fn apart(from: &[&str]) -> Value {
    let mut task = user_task("b", "end");
    task["performer"]["notWhoDid"] = json!(from);
    task
}

/// Tasks one after another, and the last.
async fn version(world: &World<MemoryStore>, tasks: &[&str], last: Value) -> Hash {
    let mut all = vec![started(tasks.first().unwrap_or(&"b"))];
    let next = tasks.iter().skip(1).chain(&["b"]);
    all.extend(tasks.iter().zip(next).map(|(task, next)| user_task(task, next)));
    all.extend([last, end()]);
    steps(world, Value::Array(all)).await
}

#[tokio::test]
async fn no_mapping_washes_them_off() {
    let world = office(json!([started("a"), user_task("a", "b"), apart(&["a"]), end()])).await;
    let id = start(&world, "p", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    let first = world.case(id).await.definition;
    let to = version(&world, &["a", "x"], apart(&["a"])).await;
    moved(&world, id, to, mapping(&[("a", "x")]), authority()).await.expect("it is said");
    refused(claim(&world, "b", "asha").await, "task.separation");
    let last = version(&world, &["a", "x"], apart(&["x"])).await;
    moved(&world, id, last, Mapping::default(), authority()).await.expect("both are known");
    refused(claim(&world, "b", "asha").await, "task.separation");
    moved(&world, id, first, Mapping::default(), authority()).await.expect("and back");
    refused(claim(&world, "b", "asha").await, "task.separation");
    claim(&world, "b", "bimal").await.expect("he did nothing");
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn no_version_between_washes_them_off() {
    let begun = async || {
        let world = office(json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()])).await;
        let id = start(&world, "p", json!({})).await;
        work(&world, "a", "asha", json!({})).await;
        (world, id)
    };
    let (world, id) = begun().await;
    let between = version(&world, &[], user_task("b", "end")).await;
    let to = version(&world, &["c"], apart(&["c"])).await;
    let refusal = async |mapping: Mapping| {
        let rejection = rejection(moved(&world, id, to, mapping, authority()).await);
        codes(&rejection).into_iter().map(|(code, at)| format!("{code} {at}")).collect::<Vec<_>>()
    };
    assert_eq!(refusal(Mapping::default()).await, ["move.separation /steps/a"]);
    moved(&world, id, between, Mapping::default(), authority()).await.expect("nothing is kept apart there");
    assert_eq!(refusal(Mapping::default()).await, ["move.separation /steps/a"]);
    // It can still be said, of what was done and to a task only.
    assert_eq!(refusal(mapping(&[("a", "end")])).await, ["move.separation /steps/a", "move.unknown-step /steps/a"]);
    assert_eq!(refusal(mapping(&[("a", "c"), ("z", "c")])).await, ["move.unknown-step /steps/z"]);
    moved(&world, id, to, mapping(&[("a", "c")]), authority()).await.expect("it is said");
    refused(claim(&world, "b", "asha").await, "task.separation");
    tests::bundle::audit(&world).await;

    // What was said once is not asked again: a step that only the last version has was done by nobody.
    let (world, id) = begun().await;
    let between = version(&world, &["c"], apart(&["c"])).await;
    moved(&world, id, between, mapping(&[("a", "c")]), authority()).await.expect("it is said");
    let to = version(&world, &["c", "d"], apart(&["c", "d"])).await;
    moved(&world, id, to, Mapping::default(), authority()).await.expect("it is known");
    refused(claim(&world, "b", "asha").await, "task.separation");
    // But it is where what was said leads nowhere.
    let other = version(&world, &["e"], apart(&["e"])).await;
    let rejection = rejection(moved(&world, id, other, Mapping::default(), authority()).await);
    assert_eq!(codes(&rejection), [("move.separation", "/steps/a"), ("move.separation", "/steps/c")]);
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn the_past_is_told_by_the_version_of_the_past() {
    let world = office(json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()])).await;
    let id = start(&world, "p", json!({})).await;
    let first = world.case(id).await.definition;
    world.advance(60).await;
    let then = world.engine.now();
    world.advance(60).await;
    let to = version(&world, &["a", "c"], user_task("b", "end")).await;
    moved(&world, id, to, Mapping::default(), authority()).await.expect("it is moved");
    for (at, expected) in [(then, first), (world.engine.now(), to)] {
        let query = InstanceQuery { limit: 10, ..InstanceQuery::default() };
        let register = world.engine.instances_at(&world.unit, &query, at).await.expect("the store answers");
        let told: Vec<Hash> = register.rows.iter().map(|row| row.definition).collect();
        assert_eq!(told, [expected]);
    }
}
