//! The office: appointments by office order from–to, and the role resolved at the instant.

use engine::journal::{Actor, Command, Envelope};
use engine::model::{Time, UnitId};
use engine::runtime::Refusal;
use serde_json::json;
use tests::world::World;

use super::{claim, end, office, refused, start, started, user_task};
use engine::store::memory::MemoryStore;

async fn site(world: &World<MemoryStore>, actor: &str, command: Command) -> Result<engine::runtime::Accepted, Refusal> {
    let actor = if actor == "system" { Actor::System } else { Actor::Person(world.person(actor)) };
    world.engine.submit(&UnitId::site(), Envelope::new(actor, &world.key(), command)).await
}

#[tokio::test]
async fn a_transfer_changes_who_may_and_no_definition() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    start(&world, "p", json!({})).await;
    site(&world, "system", Command::RegisterPerson { handle: "dev".into(), name: "Dev".into() }).await.expect("new");
    refused(claim(&world, "a", "dev").await, "task.not-allowed");
    let from = Time::parse("2026-04-10T00:00:00Z");
    let to = Time::parse("2026-04-20T00:00:00Z");
    let appoint = Command::Appoint {
        person: world.person("dev"),
        post: "post-a".parse().expect("a post"),
        order: "12/2026".into(),
        from,
        to,
    };
    site(&world, "system", appoint).await.expect("it is in order");
    refused(claim(&world, "a", "dev").await, "task.not-allowed");
    world.advance(10 * 86_400).await;
    let accepted = claim(&world, "a", "dev").await.expect("now he holds the post");
    assert_eq!(accepted.entry.via, Some("post-a".parse().expect("a post")));
    world.advance(10 * 86_400).await;
    let task = super::task(&world, "a").await;
    let late = world.submit("dev", Command::CompleteTask { task, data: engine::model::Values::new() }).await;
    refused(late, "task.not-allowed");
}

#[tokio::test]
async fn orders_end_appointments_and_only_administrators_write() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    start(&world, "p", json!({})).await;
    let appointment = world.engine.office().appointments.values().find(|a| a.person == world.person("asha")).expect("hers").id;
    let ending = || Command::EndAppointment { appointment, order: "13/2026".into(), at: None };
    refused(site(&world, "asha", ending()).await, "actor.not-allowed");
    site(&world, "system", ending()).await.expect("the program may");
    refused(site(&world, "system", ending()).await, "appointment.ended");
    refused(claim(&world, "a", "asha").await, "task.not-allowed");
    // What is looked up by the person is what a look through all appointments finds, then and now.
    let office = world.engine.office();
    for at in [world.engine.now().plus_seconds(-1), world.engine.now()] {
        for person in office.people.keys() {
            let found: Vec<_> = office.current_of(person, at).map(|holder| holder.appointment.id).collect();
            let all = office.current(at).filter(|holder| holder.person.id == *person);
            assert_eq!(found, all.map(|holder| holder.appointment.id).collect::<Vec<_>>(), "{person} at {at}");
        }
    }
    let unit =
        serde_json::from_value(json!({ "id": "office", "title": { "en": "Office" }, "parent": "office" })).expect("a unit");
    refused(site(&world, "system", Command::PutUnit { unit }).await, "unit.circle");
    let unit = json!({ "id": "office", "title": { "en": "Office" }, "parent": null, "calendar": "No such id ".repeat(9_999) });
    let unit = serde_json::from_value(unit).expect("a unit");
    refused(site(&world, "system", Command::PutUnit { unit }).await, "unit.calendar");
    refused(
        site(&world, "system", Command::RegisterPerson { handle: "asha".into(), name: "Another".into() }).await,
        "person.handle-taken",
    );
}

#[tokio::test]
async fn a_post_above_serves_the_units_below() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    let unit = serde_json::from_value(json!({ "id": "range", "title": { "en": "Range" }, "parent": "office" })).expect("a unit");
    site(&world, "system", Command::PutUnit { unit }).await.expect("it is in order");
    let range: UnitId = "range".parse().expect("a unit");
    let office = world.engine.office();
    let now = world.engine.now();
    assert_eq!(office.holders("officer", &range, now).len(), 3);
    let command =
        Command::StartInstance { process: "p".into(), definition: None, number: None, data: engine::model::Values::new() };
    let actor = Actor::Person(world.person("asha"));
    let started = world.engine.submit(&range, Envelope::new(actor, "k", command)).await.expect("she serves there too");
    assert_eq!(started.log.as_ref(), "office.example/unit/range/1");
    let nowhere: UnitId = "nowhere".parse().expect("a unit");
    let command = Command::ResumeInstance { instance: started.instance().expect("a case") };
    refused(world.engine.submit(&nowhere, Envelope::new(Actor::System, "k", command)).await, "unit.unknown");
}

#[tokio::test]
async fn a_task_of_someone_transferred_can_be_taken_over() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    start(&world, "p", json!({})).await;
    claim(&world, "a", "asha").await.expect("it is free");
    refused(claim(&world, "a", "bimal").await, "task.claimed");
    let appointment = world.engine.office().appointments.values().find(|a| a.person == world.person("asha")).expect("hers").id;
    site(&world, "system", Command::EndAppointment { appointment, order: "14/2026".into(), at: None }).await.expect("in order");
    claim(&world, "a", "bimal").await.expect("she no longer holds a post with the role");
}

#[tokio::test]
async fn an_office_that_is_set_up_again_gains_what_is_new_and_keeps_the_rest() {
    let world = office(json!([started("end"), end()])).await;
    let mut directory = tests::world::small_office();
    directory.units[0].title = engine::model::Text::english("Another title");
    directory.people.push(api::app::directory::NewPerson { handle: "dev".into(), name: "Dev".into() });
    api::app::directory::set_up(&world.engine, &directory).await.expect("it is in order");
    let office = world.engine.office();
    assert_eq!(office.units.values().next().expect("a unit").title.en, "Office");
    assert!(office.by_handle("dev").is_some());
    assert_eq!(office.appointments.len(), 3);
}
