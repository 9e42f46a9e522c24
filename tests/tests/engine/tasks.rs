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

/// A process whose second step is for nobody who holds, or held since a day, a post that the first step names.
fn independent() -> String {
    let post = json!({ "type": "string", "format": "post" });
    let open = json!({ "id": "review", "type": "userTask", "performer": {
        "role": "officer", "notWhoHolds": { "data": ["owner", "others"], "since": "since" }
    }, "next": "end" });
    let fields = json!({ "owner": {}, "others": {}, "since": {} });
    json!({
        "id": "q", "title": { "en": "q" }, "owner": { "post": "post-a" },
        "data": { "owner": post, "others": { "type": "array", "items": post }, "since": { "type": "string", "format": "date" } },
        "forms": { "named": { "schema": { "type": "object", "properties": fields, "required": ["owner"] } } },
        "steps": [
            { "id": "start", "type": "startEvent", "next": "name" },
            { "id": "name", "type": "userTask", "performer": { "role": "officer" }, "form": "named",
              "outputs": ["owner", "others", "since"], "next": "review" },
            open, end()
        ]
    })
    .to_string()
}

#[tokio::test]
async fn who_holds_a_post_that_the_case_names_is_kept_from_it() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    world.deploy(&independent()).await.expect("it is sound");
    // Bimal, who holds post-b, holds post-a as well for the first days of March; then chitra gets it from May on.
    let (office, site) = (world.engine.office(), |at: &str| engine::model::Time::parse(at));
    let appoint = |person: &str, from: &str, to: Option<&str>| Command::Appoint {
        person: office.by_handle(person).expect("a person").id.clone(),
        post: "post-a".parse().expect("a post"),
        order: "9/2026".into(),
        from: site(from),
        to: to.and_then(site),
    };
    let march = appoint("bimal", "2026-03-01T00:00:00Z", Some("2026-03-10T00:00:00Z"));
    world.submit_site("system", march).await.expect("it is made");
    world.submit_site("system", appoint("chitra", "2026-05-01T00:00:00Z", None)).await.expect("it is made");
    for (named, kept) in [
        (json!({ "owner": "post-b" }), vec!["bimal"]),
        (json!({ "owner": "post-c", "others": ["post-a", "post-b"] }), vec!["asha", "bimal", "chitra"]),
        (json!({ "owner": "post-a" }), vec!["asha"]),
        (json!({ "owner": "post-a", "since": "2026-03-09" }), vec!["asha", "bimal"]),
        // His charge ended at half past five in the morning of the tenth.
        (json!({ "owner": "post-a", "since": "2026-03-10" }), vec!["asha", "bimal"]),
        (json!({ "owner": "post-a", "since": "2026-03-11" }), vec!["asha"]),
        // A day to come bars nobody but who holds it now.
        (json!({ "owner": "post-a", "since": "2026-06-01" }), vec!["asha"]),
    ] {
        let id = start(&world, "q", json!({})).await;
        work(&world, "name", "chitra", named.clone()).await;
        let mut found = Vec::new();
        for person in ["asha", "bimal", "chitra"] {
            match claim(&world, "review", person).await {
                Ok(_) => {
                    let task = task(&world, "review").await;
                    world.submit(person, Command::ReleaseTask { task }).await.expect("it is theirs");
                }
                Err(engine::runtime::Refusal::Rejected(rejection)) => {
                    assert_eq!(rejection.code, "task.independence");
                    assert!(rejection.message.contains("the step review"), "{rejection}");
                    found.push(person);
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(found, kept, "{named}");
        world.submit("asha", Command::CancelInstance { instance: id, reason: "next".into() }).await.expect("it goes on");
    }
}

/// Whoever gets such a post while they have the task may not complete it; a post that is not there cannot be named.
#[tokio::test]
async fn independence_holds_to_the_end() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    world.deploy(&independent()).await.expect("it is sound");
    start(&world, "q", json!({})).await;
    claim(&world, "name", "asha").await.expect("it is free");
    for (data, pointers) in [
        (json!({ "owner": "post-x" }), vec!["/owner"]),
        (json!({ "owner": "post-b", "others": ["post-a", "post-y"] }), vec!["/others/1"]),
        (json!({ "owner": "Post B" }), vec!["/owner"]),
    ] {
        let answer = complete(&world, "name", "asha", data.clone()).await;
        let Err(engine::runtime::Refusal::Rejected(rejection)) = answer else { panic!("{data} was not refused") };
        let found: Vec<&str> = rejection.problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!((rejection.code, found), ("form.invalid", pointers), "{rejection:#?}");
    }
    complete(&world, "name", "asha", json!({ "owner": "post-b" })).await.expect("it is there");
    claim(&world, "review", "chitra").await.expect("she holds another post");
    let person = world.person("chitra");
    let command =
        Command::Appoint { person, post: "post-b".parse().expect("a post"), order: "9/2026".into(), from: None, to: None };
    world.submit_site("system", command).await.expect("it is made");
    refused(complete(&world, "review", "chitra", json!({})).await, "task.independence");
}

/// A task that is due by a day of its case is in time until that day is over in the office.
#[tokio::test]
async fn a_task_is_due_by_a_day_of_its_case() {
    let document = |by: &str| {
        json!({
            "id": "q", "title": { "en": "q" }, "owner": { "post": "post-a" },
            "data": { "day": { "type": "string", "format": "date" }, "at": { "type": "string", "format": "date-time" }, "n": { "type": "integer" } },
            "forms": { "f": { "schema": { "type": "object", "properties": { "day": {}, "at": {}, "n": {} } } } },
            "steps": [
                { "id": "start", "type": "startEvent", "form": "f", "next": "a" },
                { "id": "a", "type": "userTask", "performer": { "role": "officer" }, "due": { "by": by }, "next": "end" },
                end()
            ]
        })
        .to_string()
    };
    for (by, data, due) in [
        ("day", json!({ "day": "2026-05-31" }), Some("2026-05-31T18:30:00.000000Z")),
        ("day", json!({ "day": "2026-03-01" }), Some("2026-03-01T18:30:00.000000Z")),
        ("day + duration(\"P1D\")", json!({ "day": "2026-05-31" }), Some("2026-06-01T18:30:00.000000Z")),
        ("at", json!({ "at": "2026-05-31T12:00:00+05:30" }), Some("2026-05-31T06:30:00.000000Z")),
        ("day", json!({}), None),
    ] {
        let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
        world.deploy(&document(by)).await.expect("it is sound");
        start(&world, "q", data.clone()).await;
        let found = world.open_tasks().await[0].due.map(|due| due.to_string());
        assert_eq!(found.as_deref(), due, "{by} {data}");
    }
    for (by, data) in [("n", json!({ "n": 3 })), ("day", json!({ "day": "9999-12-31" }))] {
        let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
        world.deploy(&document(by)).await.expect("it is sound");
        let id = start(&world, "q", data).await;
        let case = world.case(id).await;
        assert_eq!(case.incidents.values().map(|incident| incident.code.as_str()).collect::<Vec<_>>(), ["task.due-not-a-date"]);
    }
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
