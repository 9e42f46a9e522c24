//! Other offices: what is taken in from whom, what is refused, and what follows for the documents. The proofs are checked before.

mod acknowledged;

use engine::digest::Hash;
use engine::graph::bounds::beyond;
use engine::journal::amendment::{Edition, Exchange, Relation, Source, Withdrawal};
use engine::journal::{Command, codec};
use engine::machine::control::Stage;
use engine::machine::office::Office;
use engine::model::document::DocumentKind;
use engine::model::{Text, Time, UnitId};
use engine::runtime::{Accepted, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::{World, deploy_shipped, small_office, text};

use super::refused;

const KIND: DocumentKind = DocumentKind::Process;
const KEY: &str = "hq.example+00000000+AA==";

fn leave(step: &str, owner: &str) -> Value {
    json!({
        "id": "leave", "title": { "en": "Leave" }, "owner": { "post": owner },
        "steps": [
            { "id": "asked", "type": "startEvent", "next": step },
            { "id": step, "type": "userTask", "performer": { "role": "officer" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
}

fn edition(document: &Value, number: (u32, u32)) -> Edition {
    Edition {
        kind: KIND,
        id: document["id"].as_str().unwrap_or_default().to_owned(),
        hash: Hash::of(engine::digest::canonical(document).as_bytes()),
        issue: number.0,
        revision: number.1,
        effective: Time::parse("2026-04-10T00:00:00Z").expect("a time"),
        reason: "Notification 12/2026".to_owned(),
        index: u64::from(number.0 * 100 + number.1),
        issued: Time(i64::from(number.0 * 100 + number.1)),
        document: document.to_string(),
    }
}

fn source(host: &str) -> Source {
    Source { host: host.to_owned(), log: format!("{host}/site/1"), size: 52, root: Hash::of(b"root"), package: Hash::of(b"file") }
}

fn receive(editions: &[Edition]) -> Exchange {
    Exchange::Receive { source: source("hq.example"), key: KEY.to_owned(), editions: editions.to_vec() }
}

async fn ask(world: &World<MemoryStore>, actor: &str, exchange: Exchange) -> Result<Accepted, Refusal> {
    world.submit_site(actor, Command::Exchange(exchange)).await
}

async fn recognise(world: &World<MemoryStore>, key: &str, relation: Relation) {
    let (title, order) = (Text::english("An office"), "7/2026".to_owned());
    ask(world, "system", Exchange::Recognise { key: key.to_owned(), title, relation, order }).await.expect("it is recognised");
}

async fn office() -> World<MemoryStore> {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    recognise(&world, KEY, Relation::Above).await;
    world
}

#[tokio::test]
async fn editions_are_taken_in_in_their_order_from_one_office() {
    let world = office().await;
    let (first, second) = (edition(&leave("look", "post-a"), (1, 0)), edition(&leave("see", "post-a"), (1, 1)));
    for (bad, code) in [
        (Edition { hash: Hash::of(b"x"), ..first.clone() }, "amendment.malformed"),
        (Edition { id: "other".to_owned(), ..first.clone() }, "amendment.malformed"),
        (Edition { document: "{".to_owned(), ..first.clone() }, "amendment.malformed"),
        (Edition { document: "x".repeat(4 * 1024 * 1024), ..first.clone() }, "amendment.too-large"),
    ] {
        refused(ask(&world, "asha", receive(&[bad])).await, code);
    }
    refused(ask(&world, "asha", receive(&vec![first.clone(); 51])).await, "amendment.too-large");
    refused(ask(&world, "asha", receive(&[first.clone(), first.clone()])).await, "amendment.malformed");
    refused(ask(&world, "system", receive(std::slice::from_ref(&first))).await, "actor.not-a-person");

    ask(&world, "asha", receive(std::slice::from_ref(&first))).await.expect("it is taken in");
    refused(ask(&world, "asha", receive(std::slice::from_ref(&first))).await, "amendment.known");
    let other = edition(&leave("other", "post-a"), (1, 0));
    refused(ask(&world, "asha", receive(&[other])).await, "amendment.other-content");
    // Beside what is there already, what is new is taken in.
    let norm = edition(&json!({ "id": "norm", "owner": { "post": "post-a" } }), (3, 0));
    let norm = Edition { kind: DocumentKind::Norm, ..norm };
    ask(&world, "asha", receive(&[first.clone(), norm])).await.expect("it is taken in");
    ask(&world, "asha", receive(std::slice::from_ref(&second))).await.expect("it is taken in");
    refused(ask(&world, "asha", receive(&[first])).await, "amendment.older");
    recognise(&world, "other.example+00000000+AA==", Relation::Above).await;
    let elsewhere = edition(&leave("see", "post-a"), (9, 0));
    let elsewhere = Exchange::Receive {
        source: source("other.example"),
        key: "other.example+00000000+AA==".to_owned(),
        editions: vec![elsewhere],
    };
    refused(ask(&world, "asha", elsewhere.clone()).await, "amendment.other-office");
    let office = world.engine.office();
    let controlled = office.controls.get(KIND, "leave").expect("it has a life");
    assert_eq!(controlled.received.iter().map(|one| one.edition.revision).collect::<Vec<_>>(), [0, 1]);
    // The draft of the first stays until somebody looks; it is no longer what may be issued.
    let draft = controlled.draft.as_ref().expect("a draft");
    assert_eq!((draft.stage.clone(), draft.authors.clone()), (Stage::Draft, [world.person("asha")].into()));
    let send = Command::SendDraft { kind: KIND, id: "leave".to_owned(), hash: draft.hash };
    refused(world.submit_site("bimal", send).await, "amendment.out-of-bounds");

    // The journal, read again from its beginning, says the same.
    let sealed = world.engine.store().entries(&UnitId::site(), 0, 1_000).await.expect("the store answers");
    let mut replayed = Office::default();
    for entry in sealed.iter().map(|sealed| codec::open(sealed).expect("it can be read")) {
        entry.events.iter().for_each(|event| replayed.apply(&entry.origin, event));
    }
    assert_eq!(replayed, *office);

    // Once its office is disowned, it may come from another, by whatever number.
    let disown = Exchange::Disown { host: "hq.example".to_owned(), order: "8/2026".to_owned() };
    ask(&world, "system", disown).await.expect("it is disowned");
    assert_ne!(office.controls.beyond(KIND, "leave", &leave("own", "post-a").to_string()), []);
    let beyond = world.engine.office().controls.beyond(KIND, "leave", &leave("own", "post-a").to_string());
    assert_eq!(beyond, [], "it is this office's own");
    ask(&world, "asha", elsewhere).await.expect("it is taken in");
    refused(world.deploy(&leave("own", "post-a").to_string()).await, "document.external");
}

#[tokio::test]
async fn what_was_withdrawn_there_is_replaced_also_under_its_number() {
    let world = office().await;
    let first = edition(&leave("look", "post-a"), (2, 0));
    let later = |document: &Value, index, day: &str| Edition {
        index,
        issued: Time(i64::try_from(index).expect("it is small")),
        effective: Time::parse(day).expect("a time"),
        ..edition(document, (2, 0))
    };
    let other = later(&leave("see", "post-a"), 210, "2026-04-10T00:00:00Z");
    let postponed = later(&leave("see", "post-a"), 220, "2026-05-10T00:00:00Z");
    for one in [&first, &other, &postponed] {
        ask(&world, "asha", receive(std::slice::from_ref(one))).await.expect("it is taken in");
        refused(ask(&world, "asha", receive(std::slice::from_ref(one))).await, "amendment.known");
    }
    refused(ask(&world, "asha", receive(&[other])).await, "amendment.older");
    let office = world.engine.office();
    let bound = office.controls.bound(KIND, "leave").expect("it comes from elsewhere");
    assert_eq!((bound.edition.index, bound.edition.effective), (220, postponed.effective));
    assert_eq!(office.controls.beyond(KIND, "leave", &leave("see", "post-a").to_string()), []);
}

#[tokio::test]
async fn what_is_in_force_already_is_adopted() {
    let world = office().await;
    world.deploy(&leave("look", "post-a").to_string()).await.expect("it is deployed");
    world.advance(60).await;
    let first = edition(&leave("look", "post-a"), (4, 2));
    ask(&world, "asha", receive(std::slice::from_ref(&first))).await.expect("it is taken in");
    let adopted = |at: usize| {
        let (office, library) = (world.engine.office(), world.engine.library());
        let received = &office.controls.get(KIND, "leave").expect("it has a life").received[at];
        office.controls.adopted(&library, KIND, received).map(|adopted| (adopted.hash, adopted.issue))
    };
    assert_eq!(adopted(0), Some((first.hash, 1)));
    ask(&world, "asha", Exchange::Acknowledge { kind: KIND, id: first.id, hash: first.hash }).await.expect("it is acknowledged");
    let told = world.engine.office().controls.get(KIND, "leave").expect("it has a life").received[0].acknowledged.clone();
    assert!(told.is_some_and(|told| told.adopted.is_some()));
    world.advance(60).await;
    ask(&world, "asha", receive(&[edition(&leave("see", "post-a"), (5, 0))])).await.expect("it is taken in");
    assert_eq!((adopted(0), adopted(1)), (Some((first.hash, 1)), None));
}

/// Drafts a document, has it approved by somebody else, and issues it.
async fn issue(world: &World<MemoryStore>, document: &Value, effective: Option<&str>) -> Result<Accepted, Refusal> {
    let (hash, id) = (edition(document, (1, 0)).hash, || "leave".to_owned());
    let there = world
        .engine
        .office()
        .controls
        .get(KIND, "leave")
        .and_then(|controlled| controlled.draft.as_ref())
        .map(|draft| draft.hash);
    if there != Some(hash) {
        let save = Command::SaveDraft { kind: KIND, document: document.to_string(), over: there };
        world.submit_site("asha", save).await.expect("it is saved");
    }
    world.submit_site("asha", Command::SendDraft { kind: KIND, id: id(), hash }).await.expect("it is sent");
    world.submit_site("bimal", Command::ApproveDraft { kind: KIND, id: id(), hash }).await.expect("it is approved");
    let effective = effective.map(|day| day.parse().expect("a date"));
    let (reason, roles) = ("Amended".to_owned(), Vec::new());
    let issue = Command::IssueDocument { kind: KIND, id: id(), hash, revision: false, effective, reason, roles, review: None };
    world.submit_site("asha", issue).await
}

#[tokio::test]
async fn an_issue_that_waited_keeps_within_what_came_meanwhile() {
    for (day, is_held) in [("2026-04-10T00:00:00Z", true), ("2026-04-20T00:00:00Z", false)] {
        let world = office().await;
        issue(&world, &leave("own", "post-a"), Some("2026-04-12")).await.expect("it is issued");
        world.advance(60).await;
        let there = Edition { effective: Time::parse(day).expect("a time"), ..edition(&leave("look", "post-a"), (1, 0)) };
        ask(&world, "asha", receive(&[there])).await.expect("it is taken in");
        let key = || world.key();
        assert_eq!(world.stage(&key).advance(13 * 86_400).await.is_err(), is_held, "it stays due until it is withdrawn");
        assert_eq!(world.engine.library().newest("leave").is_none(), is_held, "in force there from {day}");
        if is_held {
            let withdraw = Command::WithdrawDocument { kind: KIND, id: "leave".to_owned(), reason: "Overtaken".to_owned() };
            world.submit_site("asha", withdraw).await.expect("it is withdrawn");
            issue(&world, &leave("look", "post-a"), None).await.expect("what was received is adopted");
            world.advance(1).await;
            assert!(world.engine.library().newest("leave").is_some());
        }
    }
}

#[tokio::test]
async fn an_office_names_its_own_owner_and_follows_on_the_day() {
    let world = office().await;
    let foreign = edition(&leave("look", "owner-there"), (1, 0));
    ask(&world, "asha", receive(std::slice::from_ref(&foreign))).await.expect("it is taken in");
    let controlled = || world.engine.office().controls.get(KIND, "leave").expect("it has a life").clone();
    assert_eq!(controlled().draft, None, "nobody here answers for it");
    let own = leave("look", "post-b");
    let hash = edition(&own, (1, 0)).hash;
    let save = Command::SaveDraft { kind: KIND, document: own.to_string(), over: None };
    world.submit_site("asha", save).await.expect("it is saved");
    let id = || "leave".to_owned();
    world.submit_site("asha", Command::SendDraft { kind: KIND, id: id(), hash }).await.expect("it is sent");
    world.submit_site("bimal", Command::ApproveDraft { kind: KIND, id: id(), hash }).await.expect("it is approved");
    let issued = |effective: Option<&str>| Command::IssueDocument {
        kind: KIND,
        id: id(),
        hash,
        revision: false,
        effective: effective.map(|day| day.parse().expect("a date")),
        reason: "Adopted".to_owned(),
        roles: Vec::new(),
        review: None,
    };
    refused(world.submit_site("asha", issued(Some("2026-04-12"))).await, "amendment.late");
    world.submit_site("asha", issued(None)).await.expect("it is issued");
    assert_eq!(controlled().issues[0].effective, foreign.effective, "on the day from which it is in force there");
    let adopted = |at: usize| {
        let (controls, library) = (&world.engine.office().controls, world.engine.library());
        controls.adopted(&library, KIND, &controlled().received[at])
    };
    let first = adopted(0).expect("it is adopted");
    assert_eq!((first.hash, first.issue), (hash, 1));
    // What comes later was not adopted by that.
    world.advance(10 * 86_400).await;
    assert!(world.engine.library().newest("leave").is_some());
    // What the office amends within the bounds of what it has adopted, has a day of its own.
    let mut amended = own.clone();
    amended["x-note"] = json!("our own");
    issue(&world, &amended, Some("2026-06-01")).await.expect("it is issued");
    let withdraw = Command::WithdrawDocument { kind: KIND, id: id(), reason: "Not yet".to_owned() };
    world.submit_site("asha", withdraw).await.expect("it is withdrawn");
    let next = edition(&leave("see", "owner-there"), (2, 0));
    ask(&world, "asha", receive(&[next])).await.expect("it is taken in");
    assert_eq!(adopted(1), None);
    assert!(adopted(0).is_some());
    refused(world.deploy(&own.to_string()).await, "definition.already-deployed");
    refused(world.deploy(&leave("anything", "post-b").to_string()).await, "document.external");
}

fn withdrawal(of: &Edition, early: bool) -> Withdrawal {
    Withdrawal {
        kind: KIND,
        id: of.id.clone(),
        hash: of.hash,
        issue: of.issue,
        revision: of.revision,
        issued: of.index,
        early,
        reason: "The law has changed".to_owned(),
        index: of.index + 50,
        time: Time(of.issued.0 + 50),
    }
}

fn hear(withdrawal: Withdrawal) -> Exchange {
    Exchange::HearWithdrawal { source: source("hq.example"), key: KEY.to_owned(), withdrawal }
}

#[tokio::test]
async fn what_was_withdrawn_there_is_not_adopted_here() {
    let world = office().await;
    let first = edition(&leave("look", "post-a"), (1, 0));
    let told = withdrawal(&first, false);
    refused(ask(&world, "asha", hear(told.clone())).await, "withdrawal.unknown-edition");
    ask(&world, "asha", receive(std::slice::from_ref(&first))).await.expect("it is taken in");
    for other in [
        Withdrawal { hash: Hash::of(b"x"), ..told.clone() },
        Withdrawal { issued: told.issued + 1, ..told.clone() },
        Withdrawal { id: "other".to_owned(), ..told.clone() },
        Withdrawal { kind: DocumentKind::Norm, ..told.clone() },
    ] {
        refused(ask(&world, "asha", hear(other)).await, "withdrawal.unknown-edition");
    }
    let elsewhere =
        |host: &str, key: &str| Exchange::HearWithdrawal { source: source(host), key: key.to_owned(), withdrawal: told.clone() };
    refused(ask(&world, "asha", elsewhere("hq.example", "hq.example+11111111+AA==")).await, "amendment.unknown-office");
    recognise(&world, "third.example+00000000+AA==", Relation::Above).await;
    refused(ask(&world, "asha", elsewhere("third.example", "third.example+00000000+AA==")).await, "withdrawal.unknown-edition");
    refused(ask(&world, "system", hear(told.clone())).await, "actor.not-a-person");

    // It was to be adopted here: what waits does not take effect, and nothing more is made of it.
    issue(&world, &leave("look", "post-a"), None).await.expect("it is issued");
    world.advance(60).await;
    ask(&world, "asha", hear(told.clone())).await.expect("it is taken in");
    refused(ask(&world, "asha", hear(told.clone())).await, "withdrawal.known");
    let office = world.engine.office();
    let received = &office.controls.get(KIND, "leave").expect("it has a life").received[0];
    assert_eq!(received.withdrawn.as_ref().map(|(withdrawal, _)| withdrawal), Some(&told));
    // That it is known is acknowledged, once.
    let acknowledge = || Exchange::Acknowledge { kind: KIND, id: "leave".to_owned(), hash: first.hash };
    ask(&world, "asha", acknowledge()).await.expect("it is acknowledged");
    refused(ask(&world, "asha", acknowledge()).await, "amendment.acknowledged");
    let office = world.engine.office();
    let received = &office.controls.get(KIND, "leave").expect("it has a life").received[0];
    let said = received.acknowledged.as_ref().and_then(|said| said.withdrawn);
    assert!(said.is_some() && said == received.withdrawn.as_ref().map(|(_, time)| *time), "{said:?}");
    let sealed = world.engine.store().entries(&UnitId::site(), 0, 1_000).await.expect("the store answers");
    let mut replayed = Office::default();
    for entry in sealed.iter().map(|sealed| codec::open(sealed).expect("it can be read")) {
        entry.events.iter().for_each(|event| replayed.apply(&entry.origin, event));
    }
    assert_eq!(replayed, *office);
    let key = || world.key();
    assert!(world.stage(&key).advance(13 * 86_400).await.is_err(), "it stays due until it is withdrawn");
    assert!(world.engine.library().newest("leave").is_none());
    let withdraw = Command::WithdrawDocument { kind: KIND, id: "leave".to_owned(), reason: "As there".to_owned() };
    world.submit_site("asha", withdraw).await.expect("it is withdrawn");
    let save = Command::SaveDraft { kind: KIND, document: leave("look", "post-a").to_string(), over: None };
    world.submit_site("asha", save).await.expect("a draft may say anything");
    let send = Command::SendDraft { kind: KIND, id: "leave".to_owned(), hash: first.hash };
    refused(world.submit_site("asha", send).await, "amendment.withdrawn");

    // Its next edition is adopted as any.
    ask(&world, "asha", receive(&[edition(&leave("see", "post-a"), (2, 0))])).await.expect("it is taken in");
    issue(&world, &leave("see", "post-a"), None).await.expect("it is issued");
    world.advance(1).await;
    assert!(world.engine.library().newest("leave").is_some());
}

#[tokio::test]
async fn what_was_withdrawn_before_its_day_never_bound() {
    let world = office().await;
    let (look, see) = (leave("look", "post-a"), leave("see", "post-a"));
    let (first, second) = (edition(&look, (1, 0)), edition(&see, (2, 0)));
    ask(&world, "asha", receive(std::slice::from_ref(&first))).await.expect("it is taken in");
    issue(&world, &look, None).await.expect("it is issued");
    world.advance(10 * 86_400).await;
    ask(&world, "asha", receive(std::slice::from_ref(&second))).await.expect("it is taken in");
    let beyond = |document: &Value| world.engine.office().controls.beyond(KIND, "leave", &document.to_string());
    assert!(!beyond(&look).is_empty() && beyond(&see).is_empty(), "the last binds, also before its day");
    world.advance(60).await;
    ask(&world, "asha", hear(withdrawal(&second, true))).await.expect("it is taken in");
    assert!(beyond(&look).is_empty() && !beyond(&see).is_empty(), "the one before binds, and is in force there");

    // What is issued from now on adopts the one before.
    world.advance(60).await;
    let mut amended = look.clone();
    amended["x-note"] = json!("our own");
    let draft = world.engine.office().controls.get(KIND, "leave").and_then(|one| one.draft.clone()).expect("of the second");
    let discard = Command::DiscardDraft { kind: KIND, id: "leave".to_owned(), hash: draft.hash };
    world.submit_site("asha", discard).await.expect("it is given up");
    issue(&world, &amended, None).await.expect("it is issued");
    world.advance(60).await;
    let (office, library) = (world.engine.office(), world.engine.library());
    let received = &office.controls.get(KIND, "leave").expect("it has a life").received;
    let adopted = |at: usize| office.controls.adopted(&library, KIND, &received[at]).map(|adopted| adopted.hash);
    assert_eq!((adopted(0), adopted(1)), (Some(edition(&amended, (1, 0)).hash), None));

    // Where there is none before, it is not adopted as it came; what else the office writes is its own.
    let world = self::office().await;
    ask(&world, "asha", receive(std::slice::from_ref(&first))).await.expect("it is taken in");
    ask(&world, "asha", hear(withdrawal(&first, true))).await.expect("it is taken in");
    let send = Command::SendDraft { kind: KIND, id: "leave".to_owned(), hash: first.hash };
    refused(world.submit_site("asha", send.clone()).await, "amendment.withdrawn");
    issue(&world, &see, None).await.expect("it is issued");
    // Nor is it bound by an office that is recognised no longer.
    let disown = Exchange::Disown { host: "hq.example".to_owned(), order: "8/2026".to_owned() };
    ask(&world, "system", disown).await.expect("it is disowned");
    let save = Command::SaveDraft { kind: KIND, document: look.to_string(), over: None };
    world.submit_site("asha", save).await.expect("it is saved");
    world.submit_site("asha", send).await.expect("it is sent");
}

/// What ships as adaptable is of use to an office, and gives no control away.
#[tokio::test]
async fn the_enquiry_into_a_grievance_is_adapted() {
    let received: Value = serde_json::from_str(&text("definitions/processes/grv.complaint.json")).expect("a process");
    let adapted = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut document = received.clone();
        let mut at = &mut document;
        for id in ["redress", "enquiry"] {
            let steps = at["steps"].as_array_mut().expect("steps");
            at = steps.iter_mut().find(|step| step["id"] == id).expect("a sub-process");
        }
        change(at["steps"].as_array_mut().expect("steps"));
        document
    };
    let report = |role: &str| {
        json!({ "id": "call-for-report", "type": "userTask", "title": { "en": "Call for the division's report" },
            "performer": { "role": role }, "next": "investigate" })
    };
    let first = |steps: &mut Vec<Value>, step: Value| {
        steps[0]["next"] = step["id"].clone();
        steps.push(step);
    };
    let document = adapted(&|steps| first(steps, report("superintendent")));
    assert_eq!(beyond(&received, &document), []);
    let directory = serde_json::from_str(&text("definitions/office.json")).expect("an office");
    let world = World::new(MemoryStore::default(), &directory, "demo-commissionerate").await;
    deploy_shipped(&world.engine).await;
    world.deploy(&document.to_string()).await.expect("it can be deployed");

    for (change, code) in [
        (&(|steps: &mut Vec<Value>| first(steps, report("dak-clerk"))) as &dyn Fn(&mut Vec<Value>), "adaptation.role"),
        (&|steps| steps[1]["performer"]["role"] = json!("superintendent"), "adaptation.kept"),
        (&|steps| steps[0]["next"] = json!("enquiry-end"), "adaptation.bypassed"),
    ] {
        let found = beyond(&received, &adapted(change));
        assert!(found.iter().any(|problem| problem.code == code), "{code}: {found:?}");
    }
}

/// A page travels as any other document: nothing in it may be adapted but who answers for it.
#[tokio::test]
async fn a_page_of_another_office_is_adopted_as_it_came() {
    let world = office().await;
    let page = |told: &str, owner: &str| {
        let section = json!({ "id": "a", "title": { "en": "A" }, "content": [{ "paragraph": { "en": told } }] });
        json!({ "id": "manual", "title": { "en": "Manual" }, "kind": "manual", "owner": { "post": owner }, "sections": [section] })
    };
    let kind = DocumentKind::Page;
    let came = Edition { kind, ..edition(&page("One", "their-post"), (3, 1)) };
    ask(&world, "asha", receive(std::slice::from_ref(&came))).await.expect("it is taken in");
    let controls = world.engine.office().controls.clone();
    let beyond = |document: &Value| controls.beyond(kind, "manual", &document.to_string());
    assert_eq!(beyond(&page("One", "post-a")), []);
    assert_eq!(beyond(&page("Two", "post-a")).iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["adaptation.outside"]);
    refused(world.deploy_document("asha", kind, &page("One", "post-a").to_string()).await, "document.external");

    // No post here answers for it as it came, so it is no draft yet.
    let own = page("One", "post-a");
    let (over, hash, id) = (None, Hash::of(engine::digest::canonical(&own).as_bytes()), || "manual".to_owned());
    let issue = Command::IssueDocument {
        kind,
        id: id(),
        hash,
        revision: false,
        effective: None,
        reason: "As received".to_owned(),
        roles: Vec::new(),
        review: None,
    };
    for (actor, command) in [
        ("asha", Command::SaveDraft { kind, document: own.to_string(), over }),
        ("asha", Command::SendDraft { kind, id: id(), hash }),
        ("bimal", Command::ApproveDraft { kind, id: id(), hash }),
        ("asha", issue),
    ] {
        world.submit_site(actor, command).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    }
    world.advance(30 * 86_400).await;
    let library = world.engine.library();
    let office = world.engine.office();
    let controlled = office.controls.get(kind, "manual").expect("it has a life");
    let adopted = office.controls.adopted(&library, kind, &controlled.received[0]).expect("it is adopted");
    assert_eq!((adopted.hash, library.page_of(&hash).is_some()), (hash, true));
}
