//! What is made of a personal value and handed out under another name, and what comes back as it came: apart from the event list, withheld where
//! personal values are, and erased with them.

use std::collections::BTreeSet;

use engine::evidence::bundle::Verdict;
use engine::journal::{Actor, Command, Sealed, codec};
use engine::model::CommandId;
use engine::runtime::bundle::Wish;
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::bundle::{bundle, everything, found, policy};
use tests::world::{World, small_office};

use super::both::theirs;
use super::bundle::of_cases;

const NAME: &str = "Ravi Kumar";

/// A letter is printed by a worker, a message tells of it, an answer comes, and another case is called, all under names that are no variables' here.
fn letter() -> String {
    json!({
        "id": "letter", "title": { "en": "Letter" }, "owner": { "post": "post-a" },
        "data": { "name": { "type": "string", "personal": true }, "note": { "type": "string" } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "name": {} } } } },
        "steps": [
            { "id": "start", "type": "startEvent", "form": "f", "next": "tell" },
            { "id": "tell", "type": "intermediateThrowEvent", "message": { "name": "told", "data": { "whom": "name", "when": "\"now\"" } }, "next": "print" },
            { "id": "print", "type": "serviceTask", "topic": "print", "inputs": { "greeting": "\"Dear \" + name", "copies": "2" },
              "outputs": { "note": "result.place" }, "next": "wait" },
            { "id": "wait", "type": "intermediateCatchEvent", "message": { "name": "answer" }, "outputs": { "note": "result.said" }, "next": "call" },
            { "id": "call", "type": "callActivity", "process": "visit", "inputs": { "who": "name" }, "outputs": { "note": "result.seen" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

fn visit() -> String {
    json!({
        "id": "visit", "title": { "en": "Visit" }, "owner": { "post": "post-a" },
        "data": { "who": { "type": "string", "personal": true }, "seen": { "type": "string" } },
        "steps": [
            { "id": "start", "type": "startEvent", "next": "see" },
            { "id": "see", "type": "expressionTask", "set": { "seen": "\"at home\"" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

/// A case of it, at its end.
async fn ended(world: &World<MemoryStore>) -> CommandId {
    let values = |data: Value| data.as_object().expect("an object").clone().into_iter().collect();
    // It comes before anybody waits for it.
    let data = values(json!({ "said": "gladly", "from": NAME }));
    let early = Command::PublishMessage { name: "answer".into(), key: String::new(), ttl_seconds: 600, data };
    world.submit("system", early).await.expect("it is kept");
    let data = values(json!({ "name": NAME }));
    let start = Command::StartInstance { process: "letter".into(), definition: None, number: None, data };
    let case = world.submit("asha", start).await.expect("started").instance().expect("a case");
    world.advance(1).await;
    let topics = ["print".to_owned()];
    let jobs = world.engine.lock_jobs(&world.unit, &Actor::System, &world.key(), "w", &topics, 60, 10).await.expect("it answers");
    assert_eq!(jobs[0].data, values(json!({ "greeting": format!("Dear {NAME}"), "copies": 2 })), "the worker has all of it");
    let data = values(json!({ "place": "tray 4", "printed": format!("Dear {NAME}") }));
    world.submit("system", Command::CompleteJob { job: jobs[0].id, worker: "w".into(), data }).await.expect("it is locked");
    for _ in 0..4 {
        world.advance(1).await;
    }
    let state = world.case(case).await;
    assert!(state.is_over(), "{state:?}");
    assert_eq!(state.scopes[&0].variables["note"], json!("at home"));
    case
}

async fn office() -> World<MemoryStore> {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    world.hire("dinesh", &["records-officer"]).await;
    for document in [visit(), letter()] {
        world.deploy(&document).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    }
    world
}

fn list(sealed: &Sealed) -> &str {
    sealed.payloads[0].body.as_deref().expect("events are never erased")
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_lie_apart_and_go_with_what_they_were_made_of() {
    let world = office().await;
    let case = ended(&world).await;
    let store = world.engine.store();
    let all = store.entries(&world.unit, 0, 1_000).await.expect("it answers");
    assert!(all.iter().all(|sealed| !list(sealed).contains(NAME)), "{all:#?}");
    let payloads = all.iter().flat_map(|sealed| &sealed.payloads);
    let apart: Vec<&str> =
        payloads.filter(|one| one.body.as_ref().is_some_and(|body| body.contains(NAME))).map(|one| one.name.as_str()).collect();
    let by = |name: &str| apart.iter().filter(|payload| codec::variable_of(payload) == name).count();
    // What was told (and was kept, since nobody waited), the greeting, what was printed, the answer as it was kept and as it was received, the call
    // and its answer.
    assert_eq!((by("name"), by(codec::HANDED_OVER), by("who")), (1, 8, 2), "{apart:?}");
    let plain: String = all.iter().map(list).collect();
    assert!(
        plain.contains(r#""copies":2"#) && plain.contains(r#""when":"now""#) && plain.contains("at home"),
        "what is not personal stays"
    );

    world.advance(1).await;
    let (ground, authority) = ("Retention ended".to_owned(), "Order 7/2027".to_owned());
    let propose = Command::ProposeErasure { instance: case, names: vec![], ground, authority };
    let proposal = world.submit("chitra", propose).await.expect("it is proposed").entry.origin.command;
    let before = bundle(&world, &of_cases(&[case])).await;
    world.submit("dinesh", Command::ApproveErasure { instance: case, proposal }).await.expect("it is approved");
    let entries = store.case_entries(&world.unit, case, 1).await.expect("entries");
    assert!(!format!("{entries:?}").contains(NAME), "{entries:#?}");
    // What lies in no entry of the case stays: the answer as it was kept, what it told others, and the case that it called.
    let all = store.entries(&world.unit, 0, 1_000).await.expect("it answers");
    let holds = |sealed: &&Sealed| sealed.payloads.iter().any(|one| one.body.as_ref().is_some_and(|body| body.contains(NAME)));
    let kinds: Vec<_> = all.iter().filter(holds).map(|sealed| codec::open(sealed).expect("an entry").kind).collect();
    assert_eq!(kinds, ["message.published", "message.published", "instance.started"], "{all:#?}");
    assert_eq!(world.case(case).await.records.erased, BTreeSet::from(["name", codec::HANDED_OVER].map(str::to_owned)));

    // Whole, withheld, and erased: verified by everybody, and lived through again as far as that can be told.
    let withheld = |wish: Wish| Wish { withheld: Some("RTI Act s. 8(1)(j)".into()), ..wish };
    let mut archives = vec![before];
    for wish in [of_cases(&[case]), withheld(of_cases(&[case])), everything(&world.unit), withheld(everything(&world.unit))] {
        archives.push(bundle(&world, &wish).await);
    }
    for (number, archive) in archives.iter().enumerate() {
        let (report, replayed) = found(archive, &policy());
        assert_eq!((report.verdict(), &report.findings), (Verdict::Verified, &vec![]), "{number}");
        assert_eq!(replayed.untold > 0, number > 0, "{number}: {replayed:?}");
    }
    for (who, told) in theirs(&policy(), &archives) {
        assert!(told.iter().all(|told| told.starts_with("VERIFIED")), "{who}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withheld_of_an_early_message_says_nothing_against_its_case() {
    let world = office().await;
    ended(&world).await;
    let wish = Wish { withheld: Some("RTI Act s. 8(1)(j)".into()), ..everything(&world.unit) };
    let archive = bundle(&world, &wish).await;
    let files = engine::evidence::bundle::unseal(&archive).expect("a bundle");
    assert!(files.iter().all(|(_, content)| !String::from_utf8_lossy(content).contains(NAME)), "it is withheld");
    let (report, replayed) = found(&archive, &policy());
    assert_eq!(report.findings, [], "{replayed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_refused_for_how_much_is_handed_over() {
    let world = office().await;
    let values = |data: Value| data.as_object().expect("an object").clone().into_iter().collect();
    let start = Command::StartInstance {
        process: "letter".into(),
        definition: None,
        number: None,
        data: values(json!({ "name": NAME })),
    };
    let case = world.submit("asha", start).await.expect("started").instance().expect("a case");
    world.advance(1).await;
    let topics = ["print".to_owned()];
    let jobs = world.engine.lock_jobs(&world.unit, &Actor::System, &world.key(), "w", &topics, 60, 10).await.expect("it answers");
    let many: Value = (0..1_000).map(|n| (format!("page_{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    let done = |data: &Value| Command::CompleteJob { job: jobs[0].id, worker: "w".into(), data: values(data.clone()) };
    world.submit("system", done(&many)).await.expect("it is taken in");
    // Early and late messages are as large.
    let publish =
        Command::PublishMessage { name: "answer".into(), key: String::new(), ttl_seconds: 600, data: values(many.clone()) };
    world.submit("system", publish.clone()).await.expect("it is received");
    world.submit("system", publish).await.expect("it is kept");
    let entries = world.engine.store().case_entries(&world.unit, case, 1).await.expect("entries");
    let most = entries.iter().map(|sealed| sealed.payloads.len()).max();
    assert_eq!(most, Some(1 + engine::model::limits::HANDED_OVER_MAX));
    let entry = entries.iter().map(|sealed| codec::open(sealed).expect("an entry")).find(|entry| entry.kind == "job.completed");
    let told = entry.and_then(|entry| entry.events.iter().find_map(engine::journal::Event::values).cloned());
    assert_eq!(told, Some(values(many)), "whole, wherever it lies");
}
