//! Controlled documents: draft, review, approval by somebody else, issue, copies, withdrawal; and what is refused on the way.

use engine::digest::Hash;
use engine::journal::{Command, codec};
use engine::machine::control::{Controlled, Stage};
use engine::machine::office::Office;
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use engine::model::limits::DEFINITION_BYTES_MAX;
use engine::runtime::{Accepted, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use jiff::civil::date;
use serde_json::{Value, json};
use tests::world::World;

use super::{end, office, process, refused, started, user_task, values};

const KIND: DocumentKind = DocumentKind::Process;

/// A process `p` with a step of this id, performed by officers.
fn with_step(step: &str) -> String {
    process("p", json!([started(step), user_task(step, "end"), end()]))
}

fn hash_of(document: &str) -> Hash {
    let value: Value = serde_json::from_str(document).expect("JSON");
    Hash::of(engine::digest::canonical(&value).as_bytes())
}

fn save(document: &str, over: Option<Hash>) -> Command {
    Command::SaveDraft { kind: KIND, document: document.into(), over }
}

fn send(hash: Hash) -> Command {
    Command::SendDraft { kind: KIND, id: "p".into(), hash }
}

fn approve(hash: Hash) -> Command {
    Command::ApproveDraft { kind: KIND, id: "p".into(), hash }
}

/// Issued at once, as the next issue, to whom the document names.
fn issue(hash: Hash) -> Command {
    Command::IssueDocument {
        kind: KIND,
        id: "p".into(),
        hash,
        revision: false,
        effective: None,
        reason: "A new law".into(),
        roles: Vec::new(),
        review: None,
    }
}

fn changed(command: Command, change: impl FnOnce(&mut Value)) -> Command {
    let mut value = serde_json::to_value(command).expect("a command");
    change(&mut value);
    serde_json::from_value(value).expect("a command")
}

fn withdraw() -> Command {
    Command::WithdrawDocument { kind: KIND, id: "p".into(), reason: "No longer needed".into() }
}

fn start() -> Command {
    Command::StartInstance { process: "p".into(), definition: None, number: None, data: values(json!({})) }
}

/// An office in which `p` is deployed.
async fn begun() -> World<MemoryStore> {
    office(json!([started("a"), user_task("a", "end"), end()])).await
}

async fn accepted(world: &World<MemoryStore>, actor: &str, command: Command) -> Accepted {
    let told = format!("{command:?}");
    world.submit_site(actor, command).await.unwrap_or_else(|refusal| panic!("{told}: {refusal:#?}"))
}

/// A draft of Asha's that Bimal approved.
async fn approved(world: &World<MemoryStore>, document: &str) -> Hash {
    let hash = hash_of(document);
    accepted(world, "asha", save(document, None)).await;
    accepted(world, "asha", send(hash)).await;
    accepted(world, "bimal", approve(hash)).await;
    hash
}

fn controlled(world: &World<MemoryStore>) -> Controlled {
    world.engine.office().controls.get(KIND, "p").expect("it has a life").clone()
}

/// Issue, revision and whether it is in force, of every line of the amendment sheet.
fn sheet(world: &World<MemoryStore>) -> Vec<(u32, u32, bool)> {
    let (office, library) = (world.engine.office(), world.engine.library());
    let sheet = office.controls.amendments(&library, KIND, "p");
    sheet.iter().map(|line| (line.issue, line.revision, line.in_force)).collect()
}

/// The journal of the site, read again from its beginning, says the same of the office.
async fn replayed(world: &World<MemoryStore>) {
    let sealed = world.engine.store().entries(&UnitId::site(), 0, 1_000).await.expect("the store answers");
    let mut office = Office::default();
    for entry in sealed.iter().map(|sealed| codec::open(sealed).expect("it can be read")) {
        entry.events.iter().for_each(|event| office.apply(&entry.origin, event));
    }
    assert_eq!(office, *world.engine.office());
}

#[tokio::test]
async fn a_document_lives_from_draft_to_issue_and_what_was_deployed_is_an_issue_too() {
    let world = begun().await;
    assert_eq!(sheet(&world), [(1, 0, true)]);
    let second = with_step("b");
    let hash = approved(&world, &second).await;
    assert!(matches!(controlled(&world).draft.expect("it waits").stage, Stage::Approved { .. }));
    assert_eq!(world.engine.library().newest("p").expect("it runs").version, 1, "nothing runs that was not issued");
    accepted(&world, "asha", issue(hash)).await;
    world.advance(0).await;
    assert_eq!(world.engine.library().newest("p").expect("it runs").graph.hash, hash);
    assert_eq!(sheet(&world), [(1, 0, false), (2, 0, true)]);
    let third = approved(&world, &with_step("c")).await;
    accepted(&world, "asha", changed(issue(third), |command| command["revision"] = true.into())).await;
    world.advance(0).await;
    world.deploy(&with_step("d")).await.expect("documents are not controlled");
    assert_eq!(sheet(&world), [(1, 0, false), (2, 0, false), (2, 1, false), (3, 0, true)]);
    let now = controlled(&world);
    assert_eq!(now.issues[0].authors, [world.person("asha")].into());
    assert_eq!(now.issues[0].approved.0.person(), Some(&world.person("bimal")));
    assert_eq!((now.draft, now.review), (None, Some(date(2027, 4, 1))));
    replayed(&world).await;
}

#[tokio::test]
async fn an_issue_takes_effect_on_its_day_or_not_at_all_where_it_is_withdrawn_before() {
    let world = begun().await;
    let later = |hash| changed(issue(hash), |command| command["effective"] = "2026-04-10".into());
    let hash = approved(&world, &with_step("b")).await;
    accepted(&world, "asha", later(hash)).await;
    world.advance(86_400).await;
    assert_eq!(sheet(&world), [(1, 0, true), (2, 0, false)]);
    refused(world.deploy(&with_step("x")).await, "document.issue-waits");
    accepted(&world, "bimal", withdraw()).await;
    assert_eq!(world.engine.store().next_due().await.expect("the store answers"), None, "nothing waits for the day any more");
    world.advance(20 * 86_400).await;
    assert_eq!(sheet(&world), [(1, 0, true)]);
    let again = approved(&world, &with_step("c")).await;
    accepted(&world, "asha", changed(issue(again), |command| command["effective"] = "2026-05-01".into())).await;
    // The 1st of May begins in India at half past six in the evening before.
    world.clock.move_to(engine::model::Time::parse("2026-04-30T18:29:59Z").expect("an instant"));
    world.advance(0).await;
    // The number of what was withdrawn is not given again: other offices may have it.
    assert_eq!(sheet(&world), [(1, 0, true), (3, 0, false)]);
    world.advance(1).await;
    assert_eq!(sheet(&world), [(1, 0, false), (3, 0, true)]);
    replayed(&world).await;
}

#[tokio::test]
async fn where_documents_are_controlled_nothing_is_deployed_that_was_not_issued() {
    let world = begun().await;
    refused(world.submit_site("asha", Command::ControlDocuments { controlled: true }).await, "actor.not-allowed");
    accepted(&world, "system", Command::ControlDocuments { controlled: true }).await;
    refused(world.deploy(&with_step("b")).await, "document.controlled");
    let calendar = json!({ "id": "c", "title": { "en": "C" }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata",
        "week": { "monday": [{ "from": "10:00", "to": "18:00" }] } });
    refused(world.deploy_document("asha", DocumentKind::Calendar, &calendar.to_string()).await, "document.controlled");
    let hash = approved(&world, &with_step("b")).await;
    refused(world.deploy(&with_step("b")).await, "document.controlled");
    accepted(&world, "bimal", issue(hash)).await;
    world.advance(0).await;
    assert_eq!(sheet(&world), [(1, 0, false), (2, 0, true)]);
    accepted(&world, "system", Command::ControlDocuments { controlled: false }).await;
    world.deploy(&with_step("c")).await.expect("no longer");
}

#[tokio::test]
async fn a_calendar_is_issued_as_a_process_is() {
    let world = begun().await;
    let kind = DocumentKind::Calendar;
    let document = json!({ "id": "c", "title": { "en": "C" }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata",
        "week": { "monday": [{ "from": "10:00", "to": "18:00" }] } })
    .to_string();
    let (hash, id) = (hash_of(&document), || "c".to_owned());
    accepted(&world, "asha", Command::SaveDraft { kind, document, over: None }).await;
    accepted(&world, "asha", Command::SendDraft { kind, id: id(), hash }).await;
    accepted(&world, "bimal", Command::ApproveDraft { kind, id: id(), hash }).await;
    accepted(
        &world,
        "bimal",
        changed(issue(hash), |command| {
            command["kind"] = "calendar".into();
            command["id"] = "c".into();
        }),
    )
    .await;
    world.advance(0).await;
    assert_eq!(world.engine.library().version_of(kind, &hash), Some(1));
    let office = world.engine.office();
    let life = office.controls.get(kind, "c").expect("it has a life");
    assert_eq!(life.issues[0].copies.len(), 1, "its owner has the only copy");
    replayed(&world).await;
}

#[tokio::test]
async fn those_who_have_copies_acknowledge_them() {
    let world = begun().await;
    let hash = approved(&world, &with_step("b")).await;
    let unheard = changed(issue(hash), |command| command["roles"] = json!(["astrologer"]));
    refused(world.submit_site("asha", unheard).await, "document.distribution");
    accepted(&world, "asha", issue(hash)).await;
    world.advance(0).await;
    let copies: Vec<String> = controlled(&world).issues[0].copies.iter().map(ToString::to_string).collect();
    assert_eq!(copies, ["post-a", "post-b", "post-c"]);
    let read = || Command::AcknowledgeCopy { kind: KIND, id: "p".into(), hash };
    accepted(&world, "chitra", read()).await;
    refused(world.submit_site("chitra", read()).await, "copy.acknowledged");
    refused(world.submit_site("system", read()).await, "actor.not-a-person");
    let who: Vec<_> = controlled(&world).issues[0].acknowledged.keys().map(|(post, _)| post.to_string()).collect();
    assert_eq!(who, ["post-c"]);
    let reviewed = |day: &str| Command::ReviewDocument {
        kind: KIND,
        id: "p".into(),
        review: day.parse().expect("a date"),
        reason: "Still fit".into(),
    };
    refused(world.submit_site("asha", reviewed("2026-04-01")).await, "document.review");
    accepted(&world, "asha", reviewed("2028-01-01")).await;
    assert_eq!(controlled(&world).review, Some(date(2028, 1, 1)));
    replayed(&world).await;
}

#[tokio::test]
async fn what_was_withdrawn_is_kept_and_starts_no_case() {
    let world = begun().await;
    let running = world.submit("asha", start()).await.expect("it runs").instance().expect("a case");
    let caller = json!([started("call"), { "id": "call", "type": "callActivity", "process": "p", "next": "end" }, end()]);
    world.deploy(&process("q", caller)).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    refused(world.submit_site("asha", withdraw()).await, "document.in-use");
    world.deploy(&process("q", json!([started("end"), end()]))).await.expect("it calls no more");
    accepted(&world, "asha", withdraw()).await;
    refused(world.submit_site("asha", withdraw()).await, "document.withdrawn");
    refused(world.submit("asha", start()).await, "document.withdrawn");
    assert_eq!(sheet(&world), [(1, 0, false)]);
    assert!(!world.case(running).await.is_over(), "what runs goes on");
    let hash = approved(&world, &with_step("b")).await;
    accepted(&world, "asha", issue(hash)).await;
    world.advance(0).await;
    world.submit("asha", start()).await.expect("it is in force again");
    replayed(&world).await;
}

#[tokio::test]
async fn what_is_out_of_order_is_refused() {
    let world = begun().await;
    let (draft, other) = (with_step("b"), with_step("c"));
    let (hash, wrong) = (hash_of(&draft), hash_of(&other));
    let long = format!("{{\"id\":\"p\",\"x\":\"{}\"}}", "x".repeat(DEFINITION_BYTES_MAX));
    let unfinished = json!({ "id": "p", "owner": { "post": "post-a" } }).to_string();
    let returned = |hash| Command::ReturnDraft { kind: KIND, id: "p".into(), hash, reason: "Not yet".into() };
    let past = changed(issue(hash), |command| command["effective"] = "2026-03-31".into());
    let soon = changed(issue(hash), |command| command["review"] = "2026-04-01".into());
    let unnamed = changed(issue(hash), |command| command["reason"] = " ".into());
    for (actor, command, code) in [
        ("asha", send(hash), "draft.unknown"),
        ("asha", withdraw_of("nothing"), "document.unknown"),
        ("asha", save("{", None), "draft.malformed"),
        ("asha", save("[]", None), "draft.malformed"),
        ("asha", save(&long, None), "draft.malformed"),
        ("asha", save(&draft.replace("post-a", "post-z"), None), "document.owner"),
        ("asha", save(&draft, Some(hash)), "draft.stale"),
        ("system", save(&draft, None), "actor.not-a-person"),
        ("asha", save(&unfinished, None), ""),
        ("asha", send(hash_of(&unfinished)), "definition.invalid"),
        ("bimal", save(&draft, None), "draft.exists"),
        ("bimal", save(&draft, Some(wrong)), "draft.stale"),
        ("bimal", save(&draft, Some(hash_of(&unfinished))), ""),
        ("asha", approve(hash), "draft.stage"),
        ("asha", send(wrong), "draft.stale"),
        ("asha", send(hash), ""),
        ("asha", send(hash), "draft.stage"),
        ("asha", issue(hash), "draft.stage"),
        ("asha", approve(hash), "draft.own-approval"),
        ("bimal", approve(hash), "draft.own-approval"),
        ("chitra", returned(hash), ""),
        ("chitra", approve(hash), "draft.stage"),
        ("asha", send(hash), ""),
        ("chitra", approve(hash), ""),
        ("asha", past, "document.effective"),
        ("asha", soon, "document.review"),
        ("asha", unnamed, "text.invalid"),
    ] {
        let told = format!("{command:?}").chars().take(200).collect::<String>();
        match world.submit_site(actor, command).await {
            Ok(_) => assert_eq!(code, "", "{actor}: {told} was accepted"),
            Err(Refusal::Rejected(rejection)) => assert_eq!(rejection.code, code, "{actor}: {told}"),
            Err(refusal) => panic!("{actor}: {told}: {refusal:?}"),
        }
    }
    // Something else comes into force meanwhile.
    world.deploy(&other).await.expect("documents are not controlled");
    refused(world.submit_site("asha", issue(hash)).await, "draft.outdated");
    accepted(&world, "asha", save(&draft, Some(hash))).await;
    refused(world.submit_site("asha", issue(hash)).await, "draft.stage");
    accepted(&world, "asha", Command::DiscardDraft { kind: KIND, id: "p".into(), hash }).await;
    assert_eq!(controlled(&world).draft, None);
}

fn withdraw_of(id: &str) -> Command {
    Command::WithdrawDocument { kind: KIND, id: id.into(), reason: "No longer needed".into() }
}
