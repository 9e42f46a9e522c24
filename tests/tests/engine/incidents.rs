//! Incidents: committed, shown, and tried again when mended.

use engine::journal::Command;
use serde_json::json;

use super::{end, office, open, refused, start, started, user_task, work};

#[tokio::test]
async fn a_gateway_without_a_way_out_holds_the_case() {
    let gateway = json!({ "id": "g", "type": "exclusiveGateway", "next": [{ "to": "a", "when": "n > 5" }, { "to": "b", "when": "n > 7" }] });
    let world = office(json!([started("g"), gateway, user_task("a", "end"), user_task("b", "end"), end()])).await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    let case = world.case(id).await;
    let (incident, raised) = case.incidents.iter().next().expect("it is held");
    assert_eq!(raised.code, "gateway.no-flow");
    assert_eq!(open(&world).await, Vec::<String>::new());
    world.submit("asha", Command::RetryIncident { instance: id, incident: *incident }).await.expect("she may");
    let case = world.case(id).await;
    assert_eq!(case.incidents.len(), 1, "nothing has changed, so it is held again");
    assert!(!case.incidents.contains_key(incident));
    refused(world.submit("asha", Command::RetryIncident { instance: id, incident: *incident }).await, "incident.not-open");
}

#[tokio::test]
async fn a_failing_expression_is_an_incident_not_a_refusal() {
    let set = json!({ "id": "x", "type": "expressionTask", "set": { "n": "n / 0" }, "next": "end" });
    let world = office(json!([started("a"), user_task("a", "x"), set, end()])).await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    work(&world, "a", "asha", json!({})).await;
    let case = world.case(id).await;
    assert_eq!(case.incidents.values().next().expect("it is held").code, "expression.division-by-zero");
}
