//! User tasks: claimed by one, released, completed with checked data, by people who may and are not kept apart.

use serde_json::json;

use super::{claim, complete, end, office, open, refused, start, started, task, user_task, variable, work};
use engine::journal::Command;

#[tokio::test]
async fn a_task_is_claimed_by_one_person_at_a_time() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    start(&world, "p", json!({})).await;
    refused(complete(&world, "a", "asha", json!({})).await, "task.not-claimed");
    claim(&world, "a", "asha").await.expect("it is free");
    refused(claim(&world, "a", "bimal").await, "task.claimed");
    refused(claim(&world, "a", "asha").await, "task.already-yours");
    refused(complete(&world, "a", "bimal", json!({})).await, "task.claimed");
    let id = task(&world, "a").await;
    refused(world.submit("bimal", Command::ReleaseTask { task: id }).await, "task.claimed");
    world.submit("asha", Command::ReleaseTask { task: id }).await.expect("it is hers");
    work(&world, "a", "bimal", json!({})).await;
    refused(world.submit("asha", Command::ClaimTask { task: id }).await, "instance.over");
}

#[tokio::test]
async fn data_is_checked_and_written_to_the_declared_variables() {
    let strict = json!({
        "id": "a", "type": "userTask", "performer": { "role": "officer" }, "form": "strict", "outputs": ["n"], "next": "b"
    });
    let world = office(json!([started("a"), strict, user_task("b", "end"), end()])).await;
    let id = start(&world, "p", json!({ "amount": "12.50" })).await;
    claim(&world, "a", "asha").await.expect("it is free");
    for (data, pointers) in [
        (json!({}), vec!["/n"]),
        (json!({ "n": 0 }), vec!["/n"]),
        (json!({ "n": "one" }), vec!["/n"]),
        (json!({ "n": 1, "other": 2 }), vec!["/other"]),
    ] {
        let answer = complete(&world, "a", "asha", data.clone()).await;
        let Err(engine::runtime::Refusal::Rejected(rejection)) = answer else { panic!("{data} was not refused") };
        assert_eq!(rejection.code, "form.invalid");
        let found: Vec<&str> = rejection.problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(found, pointers, "{data}: {rejection:#?}");
    }
    complete(&world, "a", "asha", json!({ "n": 3 })).await.expect("it is right");
    let case = world.case(id).await;
    assert_eq!(variable(&case, "n"), json!(3));
    assert_eq!(variable(&case, "amount"), json!("12.50"));
    assert_eq!(open(&world).await, ["b"]);
}

#[tokio::test]
async fn duties_are_kept_apart() {
    let mut second = user_task("b", "end");
    second["performer"] = json!({ "role": "officer", "notWhoDid": ["a"] });
    let world = office(json!([started("a"), user_task("a", "b"), second, end()])).await;
    start(&world, "p", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    refused(claim(&world, "b", "asha").await, "task.separation");
    work(&world, "b", "bimal", json!({})).await;
}

#[tokio::test]
async fn the_applicant_is_whoever_started_the_case() {
    let mut task = user_task("a", "end");
    task["performer"] = json!({ "role": "applicant" });
    let world = office(json!([started("a"), task, end()])).await;
    start(&world, "p", json!({})).await;
    refused(claim(&world, "a", "bimal").await, "task.not-allowed");
    work(&world, "a", "asha", json!({})).await;
}

#[tokio::test]
async fn a_halted_case_rests_and_a_cancelled_one_is_over() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    let id = start(&world, "p", json!({})).await;
    let task = task(&world, "a").await;
    refused(world.submit("asha", Command::SuspendInstance { instance: id, reason: " ".into() }).await, "instance.reason");
    world.submit("asha", Command::SuspendInstance { instance: id, reason: "stay".into() }).await.expect("it goes on");
    assert_eq!(open(&world).await, Vec::<String>::new(), "a halted case's tasks are in no inbox");
    refused(world.submit("asha", Command::ClaimTask { task }).await, "instance.suspended");
    world.submit("asha", Command::ResumeInstance { instance: id }).await.expect("it was halted");
    refused(world.submit("asha", Command::ResumeInstance { instance: id }).await, "instance.not-suspended");
    claim(&world, "a", "asha").await.expect("it goes on");
    world.submit("asha", Command::CancelInstance { instance: id, reason: "withdrawn".into() }).await.expect("it goes on");
    assert_eq!(open(&world).await, Vec::<String>::new());
    refused(world.submit("asha", Command::CancelInstance { instance: id, reason: "again".into() }).await, "instance.over");
    world.case(id).await;
}
