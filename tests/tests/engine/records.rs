//! The records of a case: held, kept for as long as the definition says, and erased by two people who had nothing to do with it.

use engine::digest::Hash;
use engine::journal::{Command, codec};
use engine::model::report::{Content, ReportKind};
use engine::model::{CommandId, Time};
use engine::runtime::Refusal;
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::{World, small_office};

use super::{complete, refused, start, values, work};

/// Kept for a year after its end; the name is personal, the note is not.
fn document(id: &str) -> String {
    json!({
        "id": id, "title": { "en": id }, "owner": { "post": "post-a" },
        "retention": { "years": 1, "source": ["The office's own schedule, item 1"] },
        "data": {
            "name": { "type": "string", "personal": true }, "phone": { "type": "string", "personal": true }, "note": { "type": "string" }
        },
        "forms": { "f": { "schema": { "type": "object", "properties": { "name": {}, "phone": {}, "note": {} } } } },
        "steps": [
            { "id": "start", "type": "startEvent", "form": "f", "next": "look" },
            { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["name", "phone", "note"], "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

/// A small office with a records officer, Dinesh, and a coordinator beside the three, Esha.
async fn office() -> World<MemoryStore> {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    world.hire("dinesh", &["records-officer"]).await;
    world.hire("esha", &["quality-coordinator"]).await;
    world.deploy(&document("p")).await.expect("deployed");
    world
}

/// A case that Asha started and Bimal worked on, still open.
async fn begun(world: &World<MemoryStore>) -> CommandId {
    let case = start(world, "p", json!({ "name": "Ravi Kumar", "phone": "98200", "note": "urgent" })).await;
    super::claim(world, "look", "bimal").await.expect("claimed");
    case
}

async fn ended(world: &World<MemoryStore>) -> CommandId {
    let case = begun(world).await;
    complete(world, "look", "bimal", json!({ "name": "Ravi K.", "note": "seen" })).await.expect("completed");
    case
}

fn propose(instance: CommandId, names: &[&str]) -> Command {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Command::ProposeErasure { instance, names, ground: "Retention ended".into(), authority: "Order 7/2027".into() }
}

async fn proposed(world: &World<MemoryStore>, case: CommandId) -> CommandId {
    world.submit("chitra", propose(case, &[])).await.expect("proposed").entry.origin.command
}

const YEAR: i64 = 366 * 86_400;

#[tokio::test]
async fn two_people_erase_what_may_go() {
    let world = office().await;
    let case = ended(&world).await;
    world.advance(YEAR).await;
    let unit = &world.unit;
    let before = world.engine.store().case_entries(unit, case, 1).await.expect("entries");
    let proposal = proposed(&world, case).await;
    let instance = case;
    refused(world.submit("esha", propose(case, &[])).await, "erasure.proposed");
    refused(world.submit("chitra", Command::ApproveErasure { instance, proposal }).await, "actor.not-allowed");
    refused(world.submit("dinesh", Command::ApproveErasure { instance, proposal: case }).await, "erasure.not-proposed");
    world.submit("dinesh", Command::ApproveErasure { instance, proposal }).await.expect("approved");

    let entries = world.engine.store().case_entries(unit, case, 1).await.expect("entries");
    assert!(!format!("{entries:?}").contains("Ravi") && format!("{before:?}").contains("Ravi"));
    assert!(format!("{entries:?}").contains("urgent") && !format!("{entries:?}").contains("98200"), "what is not personal stays");
    let content = |sealed: &engine::journal::Sealed| sealed.content == Hash::from_bytes([0; 32]);
    assert_eq!(entries.iter().filter(|sealed| content(sealed)).count(), 2, "nor can a value be guessed from its command's hash");
    for (sealed, old) in entries.iter().zip(&before) {
        assert_eq!(sealed.leaf, old.leaf);
        codec::check_commitments(sealed).expect("what is left is what was committed");
        codec::open(sealed).expect("it is read");
    }
    let state = world.engine.instance(unit, case).await.expect("the store answers").expect("the case");
    assert_eq!(state.scopes[&0].variables, values(json!({ "note": "seen" })));
    assert_eq!(state.records.erased.iter().collect::<Vec<_>>(), ["name", "phone"]);
    refused(world.submit("chitra", propose(case, &[])).await, "erasure.nothing");
    refused(world.submit("dinesh", Command::ApproveErasure { instance, proposal }).await, "erasure.not-proposed");
    // Whoever sends the command again that had the value is told that it was another, and the case is not started twice.
    world.case(case).await;
}

#[tokio::test]
async fn some_go_and_the_rest_later() {
    let world = office().await;
    let case = ended(&world).await;
    world.advance(YEAR).await;
    for bad in [&["note"][..], &["name", "other"], &[""]] {
        refused(world.submit("chitra", propose(case, bad)).await, "erasure.names");
    }
    for name in ["phone", "name"] {
        let proposal = world.submit("chitra", propose(case, &[name, name])).await.expect("proposed").entry.origin.command;
        world.submit("dinesh", Command::ApproveErasure { instance: case, proposal }).await.expect("approved");
        let entries = world.engine.store().case_entries(&world.unit, case, 1).await.expect("entries");
        assert_eq!(format!("{entries:?}").contains("Ravi"), name == "phone");
    }
}

#[tokio::test]
async fn nothing_goes_before_its_time() {
    let world = office().await;
    let case = begun(&world).await;
    refused(world.submit("chitra", propose(case, &[])).await, "erasure.not-over");
    complete(&world, "look", "bimal", json!({})).await.expect("completed");
    refused(world.submit("chitra", propose(case, &[])).await, "erasure.retained");
    // To the end of the day a year later.
    world.advance(365 * 86_400).await;
    refused(world.submit("chitra", propose(case, &[])).await, "erasure.retained");
    world.advance(86_400).await;
    proposed(&world, case).await;
    // A definition that says nothing of it leaves it to those who decide.
    let mut document: Value = serde_json::from_str(&document("q")).expect("JSON");
    document.as_object_mut().expect("an object").remove("retention");
    world.deploy(&document.to_string()).await.expect("deployed");
    let case = start(&world, "q", json!({ "name": "Ravi" })).await;
    work(&world, "look", "bimal", json!({})).await;
    proposed(&world, case).await;
    for years in [0, 101] {
        document["retention"] = json!({ "years": years, "source": ["x"] });
        let refusal = world.deploy(&document.to_string()).await.expect_err("no such period");
        assert!(matches!(&refusal, Refusal::Rejected(rejection) if rejection.code == "definition.invalid"), "{refusal:?}");
    }
}

#[tokio::test]
async fn held_records_stay() {
    let world = office().await;
    let case = ended(&world).await;
    let instance = case;
    let hold = |ground: &str| Command::HoldRecords { instance, ground: ground.into() };
    let release = || Command::ReleaseRecords { instance, reason: "The appeal was dismissed".into() };
    refused(world.submit("dinesh", release()).await, "records.not-held");
    refused(world.submit("dinesh", hold(" ")).await, "text.invalid");
    world.advance(YEAR).await;
    let proposal = proposed(&world, case).await;
    // Held after it was proposed: what counts is when it would go.
    world.submit("dinesh", hold("Appeal 44/2027")).await.expect("held");
    refused(world.submit("esha", hold("Audit")).await, "records.held");
    refused(world.submit("dinesh", Command::ApproveErasure { instance, proposal }).await, "erasure.held");
    refused(world.submit("esha", release()).await, "actor.not-allowed");
    let reject = Command::RejectErasure { instance, proposal, reason: "An appeal is open".into() };
    world.submit("dinesh", reject.clone()).await.expect("rejected");
    refused(world.submit("dinesh", reject).await, "erasure.not-proposed");
    refused(world.submit("chitra", propose(case, &[])).await, "erasure.held");
    world.submit("dinesh", release()).await.expect("released");
    let proposal = proposed(&world, case).await;
    world.submit("dinesh", Command::ApproveErasure { instance, proposal }).await.expect("approved");
}

#[tokio::test]
async fn nobody_decides_who_had_to_do_with_it() {
    let world = office().await;
    let case = ended(&world).await;
    world.advance(YEAR).await;
    for (actor, code) in [("asha", "erasure.not-apart"), ("bimal", "erasure.not-apart"), ("dinesh", "actor.not-allowed")] {
        refused(world.submit(actor, propose(case, &[])).await, code);
    }
    // Nor with two hats on.
    world.appoint("chitra", &"post-of-dinesh".parse().expect("an id")).await;
    let proposal = proposed(&world, case).await;
    refused(world.submit("chitra", Command::ApproveErasure { instance: case, proposal }).await, "erasure.not-apart");
    let nowhere = CommandId([9; 16]);
    refused(world.submit("dinesh", Command::ApproveErasure { instance: nowhere, proposal }).await, "instance.unknown");
}

/// The weeding list as of an instant: case, last day, held, proposed.
async fn weeding(world: &World<MemoryStore>, at: Time) -> Vec<(CommandId, String, bool, bool)> {
    let report = world.engine.report(&world.unit, ReportKind::Weeding, None, at).await.expect("it is read");
    assert!(!report.partial);
    let Content::Weeding(list) = report.content else { panic!("no weeding list") };
    assert_eq!(list.cases.omitted, 0);
    list.cases.items.into_iter().map(|case| (case.instance, case.until.to_string(), case.held, case.proposed)).collect()
}

#[tokio::test]
async fn the_weeding_list_names_what_is_past_its_period() {
    let world = office().await;
    let mut unruled: Value = serde_json::from_str(&document("free")).unwrap();
    unruled.as_object_mut().unwrap().remove("retention");
    world.deploy(&unruled.to_string()).await.expect("deployed");
    let mut impersonal: Value = serde_json::from_str(&document("plain")).unwrap();
    for name in ["name", "phone"] {
        impersonal["data"][name].as_object_mut().unwrap().remove("personal");
    }
    world.deploy(&impersonal.to_string()).await.expect("deployed");
    for process in ["free", "plain"] {
        start(&world, process, json!({ "name": "Ravi" })).await;
        super::claim(&world, "look", "bimal").await.expect("claimed");
        complete(&world, "look", "bimal", json!({})).await.expect("completed");
    }
    let (first, cancelled) = (ended(&world).await, begun(&world).await);
    world.advance(86_400).await;
    world.submit("chitra", Command::CancelInstance { instance: cancelled, reason: "Withdrawn".into() }).await.expect("cancelled");
    begun(&world).await;
    let row = |case, until: &str, held, proposed| (case, until.to_owned(), held, proposed);
    let early = world.engine.now();
    assert_eq!(weeding(&world, early).await, []);

    world.advance(YEAR - 86_400).await;
    let one = world.engine.now();
    assert_eq!(weeding(&world, one).await, [row(first, "2027-04-01", false, false)]);
    world.advance(86_400).await;
    let both = world.engine.now();
    let list = [row(first, "2027-04-01", false, false), row(cancelled, "2027-04-02", false, false)];
    assert_eq!(weeding(&world, both).await, list, "and not the one that goes on");

    world.advance(60).await;
    // What waits for a decision comes first.
    let proposal = proposed(&world, cancelled).await;
    world.submit("dinesh", Command::HoldRecords { instance: first, ground: "Appeal 4/2027".into() }).await.expect("held");
    world.advance(60).await;
    let decided = world.engine.now();
    let later = [row(cancelled, "2027-04-02", false, true), row(first, "2027-04-01", true, false)];
    assert_eq!(weeding(&world, decided).await, later);
    world.advance(60).await;
    world.submit("dinesh", Command::ApproveErasure { instance: cancelled, proposal }).await.expect("approved");
    world.advance(60).await;
    assert_eq!(weeding(&world, world.engine.now()).await, later[1..]);
    // Asked later, each instant tells the same.
    assert_eq!(weeding(&world, decided).await, later);
    assert_eq!(weeding(&world, both).await, list);
    assert_eq!(weeding(&world, early).await, []);
}
