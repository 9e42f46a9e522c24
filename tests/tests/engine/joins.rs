//! Joins: one token goes on, once, whatever order the branches come in.

use serde_json::json;

use super::{end, office, open, start, started, user_task, work};

#[tokio::test]
async fn the_step_behind_a_join_runs_once() {
    let set = |id: &str, next: &str| json!({ "id": id, "type": "expressionTask", "set": { "n": "1" }, "next": next });
    let steps = json!([
        started("split"),
        { "id": "split", "type": "parallelGateway", "next": ["e0", "e2"] },
        set("e0", "e1"),
        set("e1", "join"),
        set("e2", "join"),
        { "id": "join", "type": "parallelGateway", "next": "after" },
        user_task("after", "end"),
        end()
    ]);
    let world = office(steps).await;
    let id = start(&world, "p", json!({})).await;
    assert_eq!(open(&world).await, ["after"]);
    work(&world, "after", "asha", json!({})).await;
    assert!(world.case(id).await.is_over());
}
