//! Clocks that take a turn: taken up again, started anew, moved, late before anybody looked; and whose documents move them.

use engine::journal::{Command, Event};
use engine::model::CommandId;
use engine::model::document::DocumentKind;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{DAY, at, calendar, clock, clocks, events, norm, office, process, put, steps, unbound_office};
use crate::engine::{end, open, refused, start, started, user_task, work};

/// The norm, whose stopped clock an appeal takes up again where it stood.
fn reopened() -> Value {
    let mut norm = norm(&json!({}));
    norm["clock"]["reopen"] = json!({ "on": "appealed", "clock": "resumes" });
    norm
}

/// A process under that norm: the clock stops while it rests, and goes on after the appeal.
async fn appealed(world: &World<MemoryStore>) {
    put(world, DocumentKind::Norm, &reopened()).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let steps = json!([started("ask"), user_task("ask", "appeal"), user_task("appeal", "b"), user_task("b", "end"), end()]);
    let clocks = json!([{
        "norm": "n",
        "bind": {
            "lodged": { "leaving": "start" }, "asked": { "entering": "ask" }, "answered": { "entering": "end" },
            "decided": [{ "leaving": "ask" }, { "leaving": "b" }], "appealed": { "leaving": "appeal" }
        }
    }]);
    world.deploy(&process("again", &steps, &clocks)).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
}

#[tokio::test]
async fn a_clock_taken_up_again_no_longer_rests() {
    let world = unbound_office().await;
    appealed(&world).await;
    let id = start(&world, "again", json!({})).await;
    assert!(clock(&world, id).await.rests());
    work(&world, "ask", "asha", json!({})).await;
    world.advance(DAY).await;
    work(&world, "appeal", "asha", json!({})).await;
    let again = clock(&world, id).await;
    assert_eq!((again.rests(), again.reckoning.due), (false, at("2026-04-08T12:30:00Z")), "{again:#?}");
}

#[tokio::test]
async fn a_clock_taken_up_again_goes_by_the_norm_to_which_it_was_moved() {
    let world = unbound_office().await;
    appealed(&world).await;
    let id = start(&world, "again", json!({})).await;
    let mut moved = reopened();
    let mut edition = moved["editions"][0].clone();
    moved["editions"][0]["to"] = json!("2026-03-31");
    edition["from"] = json!("2026-04-01");
    edition["running"] = json!("moved");
    moved["editions"].as_array_mut().expect("a list").push(edition);
    put(&world, DocumentKind::Norm, &moved).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    assert_eq!(clock(&world, id).await.terms.map(|terms| terms.edition), Some(1));
    work(&world, "ask", "asha", json!({})).await;
    work(&world, "appeal", "asha", json!({})).await;
    let again = clock(&world, id).await;
    assert_eq!((&again.reckoning.trouble, again.reckoning.due), (&None, at("2026-04-07T12:30:00Z")));
}

/// An office whose norm starts its clock anew once the applicant has answered.
async fn restarting(breach: Value) -> World<MemoryStore> {
    let world = unbound_office().await;
    let mut norm = norm(&breach);
    norm["clock"]["suspend"][0]["restarts"] = json!(true);
    put(&world, DocumentKind::Norm, &norm).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world.deploy(&process("timed", &steps(), &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world
}

#[tokio::test]
async fn a_clock_that_starts_anew_warns_anew() {
    let world = restarting(json!({})).await;
    let id = start(&world, "timed", json!({})).await;
    world.advance(5 * DAY).await;
    assert_eq!(clock(&world, id).await.warned.len(), 1);
    work(&world, "a", "asha", json!({ "n": 1 })).await;
    work(&world, "ask", "asha", json!({})).await;
    let anew = clock(&world, id).await;
    assert_eq!((anew.reckoning.due, anew.reckoning.next), (at("2026-04-09T12:30:00Z"), at("2026-04-08T04:00:00Z")));
}

/// Whoever asks for papers once the time is over gains none by it.
#[tokio::test]
async fn over_is_over_whatever_is_asked_for_afterwards() {
    let world = restarting(json!({ "escalate": [{ "role": "officer" }] })).await;
    let id = start(&world, "timed", json!({})).await;
    world.advance(6 * DAY + DAY / 2).await;
    assert_eq!(open(&world).await, ["a", "escalation:n"]);
    work(&world, "a", "asha", json!({ "n": 1 })).await;
    assert!(!clock(&world, id).await.rests());
    work(&world, "ask", "asha", json!({})).await;
    let late = clock(&world, id).await;
    assert_eq!((late.reckoning.due, late.breached), (at("2026-04-07T12:30:00Z"), at("2026-04-07T12:30:00Z")));
    world.advance(6 * DAY).await;
    assert_eq!(open(&world).await, ["b", "escalation:n"], "once");
}

#[tokio::test]
async fn a_breach_that_was_taken_back_can_come_again_at_the_same_instant() {
    let world = office(json!({ "escalate": [{ "role": "officer" }] })).await;
    let id = start(&world, "timed", json!({})).await;
    world.advance(6 * DAY + DAY / 2).await;
    let mut amended = calendar();
    amended["amendments"] = json!([{
        "number": "13/2026", "date": "2026-04-07", "source": ["a test"],
        "add": [{ "date": "2026-04-07", "title": { "en": "By order" } }]
    }]);
    put(&world, DocumentKind::Calendar, &amended).await.expect("an amendment");
    assert_eq!(clock(&world, id).await.breached, None);
    amended["amendments"][0]["number"] = json!("14/2026");
    amended["amendments"][0]["add"] = json!([]);
    amended["amendments"][0]["source"] = json!(["the order was withdrawn"]);
    let withdrawn = put(&world, DocumentKind::Calendar, &amended);
    let withdrawn = tokio::time::timeout(std::time::Duration::from_secs(20), withdrawn).await.expect("due work comes to an end");
    withdrawn.expect("another amendment");
    assert_eq!(clock(&world, id).await.breached, at("2026-04-07T12:30:00Z"));
    assert_eq!(open(&world).await, ["a", "escalation:n"]);
}

#[tokio::test]
async fn what_ends_late_before_anybody_looked_is_a_breach() {
    let world = office(json!({ "escalate": [{ "role": "officer" }], "start": ["p"] })).await;
    let breaches = async |case: CommandId| {
        let told = events(&world, case).await.into_iter();
        told.filter_map(|event| if let Event::ClockBreached { due, .. } = event { Some(due) } else { None }).collect::<Vec<_>>()
    };
    let done = start(&world, "timed", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    let halted = start(&world, "timed", json!({})).await;
    let suspend = Command::SuspendInstance { instance: halted, reason: "A file is missing.".into() };
    world.submit("asha", suspend).await.expect("suspended");
    let due = at("2026-04-07T12:30:00Z").expect("an instant");
    world.clock.move_to(due);
    work(&world, "b", "bimal", json!({})).await;
    assert_eq!(breaches(done).await, [due]);
    assert_eq!(open(&world).await, ["a"], "of the case that the breach started; of the ladder there is nothing left to see to");
    let cancel = Command::CancelInstance { instance: halted, reason: "Lodged twice.".into() };
    world.submit("asha", cancel).await.expect("cancelled");
    assert_eq!(breaches(halted).await, [due]);
}

#[tokio::test]
async fn nobody_takes_a_document_over_by_naming_a_post_of_their_own() {
    let world = office(json!({})).await;
    let post = json!({ "id": "desk", "unit": "office", "title": { "en": "Desk" }, "roles": ["clerk"] });
    let post = serde_json::from_value(post).expect("a post");
    world.submit_site("system", Command::PutPost { post }).await.expect("a post");
    let desk: engine::model::PostId = "desk".parse().expect("an id");
    let register = Command::RegisterPerson { handle: "devi".into(), name: "Devi".into() };
    world.submit_site("system", register).await.expect("registered");
    let appoint = Command::Appoint { person: world.person("devi"), post: desk, order: "2/2026".into(), from: None, to: None };
    world.submit_site("system", appoint).await.expect("appointed");
    let mut hers = calendar();
    hers["owner"]["post"] = json!("desk");
    refused(world.deploy_document("devi", DocumentKind::Calendar, &hers.to_string()).await, "actor.not-allowed");
    // A coordinator of both may hand it over.
    world.deploy_document("asha", DocumentKind::Calendar, &hers.to_string()).await.expect("handed over");
    hers["help"] = json!({ "en": "Hers now." });
    world.deploy_document("devi", DocumentKind::Calendar, &hers.to_string()).await.expect("she answers for it");
}

#[tokio::test]
async fn a_rung_leaves_a_day_that_becomes_a_holiday() {
    let world = office(json!({ "escalate": [{ "role": "officer", "after": { "workingDays": 1 } }] })).await;
    let id = start(&world, "timed", json!({})).await;
    world.advance(6 * DAY + DAY / 2).await;
    let late = clock(&world, id).await;
    assert_eq!((late.reckoning.due, late.reckoning.next), (at("2026-04-07T12:30:00Z"), at("2026-04-08T12:30:00Z")));
    let mut amended = calendar();
    amended["amendments"] = json!([{
        "number": "15/2026", "date": "2026-04-07", "source": ["a test"],
        "add": [{ "date": "2026-04-08", "title": { "en": "By order" } }]
    }]);
    put(&world, DocumentKind::Calendar, &amended).await.expect("an amendment");
    let late = clock(&world, id).await;
    assert_eq!((late.reckoning.due, late.reckoning.next), (at("2026-04-07T12:30:00Z"), at("2026-04-09T12:30:00Z")));
    assert!(late.breached.is_some(), "what is over is over");
}

#[tokio::test]
async fn a_holiday_that_becomes_certain_is_certain_for_running_clocks() {
    let world = unbound_office().await;
    let mut provisional = calendar();
    provisional["holidays"][0]["kind"] = json!("provisional");
    put(&world, DocumentKind::Calendar, &provisional).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    put(&world, DocumentKind::Norm, &norm(&json!({}))).await.expect("the norm");
    world.deploy(&process("timed", &steps(), &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let id = start(&world, "timed", json!({})).await;
    assert!(clock(&world, id).await.reckoning.provisional);
    provisional["holidays"][0]["kind"] = json!("closed");
    put(&world, DocumentKind::Calendar, &provisional).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let certain = clock(&world, id).await;
    assert_eq!((certain.reckoning.provisional, certain.reckoning.due), (false, at("2026-04-07T12:30:00Z")));
}

#[tokio::test]
async fn what_starts_a_clock_comes_before_what_lets_it_rest() {
    let world = office(json!({})).await;
    let steps = json!([started("ask"), user_task("ask", "b"), user_task("b", "end"), end()]);
    let mut clocks = clocks();
    clocks[0]["bind"]["lodged"] = json!({ "entering": "ask" });
    world.deploy(&process("asks", &steps, &clocks)).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let id = start(&world, "asks", json!({})).await;
    assert!(clock(&world, id).await.rests());
}
