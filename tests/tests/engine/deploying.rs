//! Deploying: every problem at once, identical content the same version, in the unit of the owner's post.

use engine::journal::Command;
use engine::runtime::Refusal;
use serde_json::json;

use super::{end, office, process, refused, started, user_task};

#[tokio::test]
async fn every_problem_is_reported_at_once() {
    let world = office(json!([started("end"), end()])).await;
    let wrong = process(
        "wrong",
        json!([
            started("a"),
            { "id": "a", "type": "userTask", "form": "missing", "next": "nowhere" },
            { "id": "g", "type": "exclusiveGateway", "next": [{ "to": "end", "when": "unknown_name > 1" }, { "to": "end", "when": "1 +" }] },
            end()
        ]),
    );
    let Err(Refusal::Rejected(rejection)) = world.deploy(&wrong).await else { panic!("it was deployed") };
    assert_eq!(rejection.code, "definition.invalid");
    let pointers: Vec<&str> = rejection.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    for place in ["/steps/1", "/steps/2/next/0/when", "/steps/2/next/1/when"] {
        assert!(pointers.iter().any(|pointer| pointer.starts_with(place)), "{place} is not among {pointers:?}");
    }
    assert!(rejection.problems.iter().all(|problem| !problem.message.is_empty() && problem.code.contains('.')));
}

#[tokio::test]
async fn identical_content_is_the_same_version() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    let same = process("p", json!([started("a"), user_task("a", "end"), end()]));
    refused(world.deploy(&same).await, "definition.already-deployed");
    refused(world.deploy(&same.replace(',', " ,\n ")).await, "definition.already-deployed");
    world.deploy(&process("p", json!([started("b"), user_task("b", "end"), end()]))).await.expect("another content");
    assert_eq!(world.engine.library().newest("p").expect("it is there").version, 2);
}

#[tokio::test]
async fn only_a_quality_coordinator_deploys_and_in_the_owners_unit() {
    let world = office(json!([started("end"), end()])).await;
    let other = process("q", json!([started("end"), end()])).replace("post-a", "no-such-post");
    refused(world.submit("asha", Command::DeployDefinition { document: other.clone() }).await, "definition.owner");
    let stranger = Command::RegisterPerson { handle: "stranger".into(), name: "Stranger".into() };
    let site = engine::model::UnitId::site();
    let envelope = engine::journal::Envelope::new(engine::journal::Actor::System, &world.key(), stranger);
    world.engine.submit(&site, envelope).await.expect("the program may");
    refused(world.submit("stranger", Command::DeployDefinition { document: other }).await, "actor.not-allowed");
}

#[tokio::test]
async fn a_process_stays_in_the_unit_of_its_owner() {
    let world = office(json!([started("end"), end()])).await;
    let site = engine::model::UnitId::site();
    let submit = async |command| {
        let envelope = engine::journal::Envelope::new(engine::journal::Actor::System, &world.key(), command);
        world.engine.submit(&site, envelope).await.expect("the program may")
    };
    let unit = serde_json::from_value(json!({ "id": "range", "title": { "en": "Range" }, "parent": "office" })).expect("a unit");
    submit(Command::PutUnit { unit }).await;
    let post = json!({ "id": "post-r", "unit": "range", "title": { "en": "R" }, "roles": ["officer"] });
    submit(Command::PutPost { post: serde_json::from_value(post).expect("a post") }).await;
    let taken = process("p", json!([started("a"), user_task("a", "end"), end()])).replace("post-a", "post-r");
    refused(world.deploy(&taken).await, "definition.other-unit");
}
