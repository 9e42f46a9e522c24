//! Words that stand for what nobody may read in a leaf: they are planted in every field that a person fills in, and looked for in all leaves and tiles; and,
//! once they are erased, in the whole of a database.

use api::server::Limits;
use engine::digest::hex;
use engine::evidence::{Tile, TileKind};
use engine::journal::Command;
use engine::model::{CommandId, UnitId, Values};
use engine::store::Store;
use engine::store::postgres::{Options, PostgresStore};
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tests::client::Served;
use tests::world::{World, small_office};

/// Begins each of them.
const PLANTED: &str = "canary";
const CASES: usize = 20;

fn values(data: &Value) -> Values {
    data.as_object().expect("an object").clone().into_iter().collect()
}

fn process() -> String {
    json!({
        "id": "planted", "title": { "en": "canary-title" }, "owner": { "post": "post-a" },
        "retention": { "years": 1, "source": ["The office's own schedule, item 1"] },
        "data": { "name": { "type": "string", "personal": true }, "phone": { "type": "string", "personal": true }, "note": { "type": "string" } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "name": {}, "phone": {}, "note": {} } } } },
        "steps": [
            { "id": "start", "type": "startEvent", "form": "f", "next": "look" },
            { "id": "look", "type": "userTask", "title": { "en": "canary-step" }, "performer": { "role": "officer" }, "form": "f",
                "outputs": ["name", "phone", "note"], "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

/// Plants them: values of forms, personal and not, names of people, reasons, grounds, numbers.
async fn plant<S: Store>(world: &World<S>) -> Vec<CommandId> {
    world.hire("dinesh", &["records-officer"]).await;
    let register = Command::RegisterPerson { handle: "esha".into(), name: "canary-person".into() };
    world.submit_site("system", register).await.expect("they are registered");
    world.deploy(&process()).await.expect("it is sound");
    let filled = |n: usize, when: &str| {
        values(
            &json!({ "name": format!("canary-name-{n}-{when}"), "phone": format!("canary-phone-{n}-{when}"), "note": format!("canary-note-{n}") }),
        )
    };
    let mut cases = Vec::new();
    for n in 0..CASES {
        let number = Some(format!("canary-number-{n}"));
        let start = Command::StartInstance { process: "planted".into(), definition: None, number, data: filled(n, "first") };
        let instance = world.submit("asha", start).await.expect("it starts").instance().expect("a case");
        cases.push(instance);
        let task = world.open_tasks().await.first().expect("a task").id;
        world.submit("bimal", Command::ClaimTask { task }).await.expect("it is free");
        if n == 0 {
            let halt = Command::SuspendInstance { instance, reason: "canary-reason".into() };
            world.submit("asha", halt).await.expect("it runs");
            world.submit("asha", Command::ResumeInstance { instance }).await.expect("it rests");
        }
        world.submit("bimal", Command::CompleteTask { task, data: filled(n, "later") }).await.expect("it is his");
    }
    cases
}

/// In every log no leaf has one of them, nor a handle, though the values beside the leaves have them all.
async fn look<S: Store>(world: &World<S>) {
    let mut beside = String::new();
    for unit in [UnitId::site(), world.unit.clone()] {
        for entry in world.engine.store().entries(&unit, 0, 10_000).await.expect("it answers") {
            for word in [PLANTED, "asha", "bimal", "esha"] {
                assert!(!entry.leaf.contains(word), "{unit} entry {}: {}", entry.index, entry.leaf);
            }
            beside.extend(entry.payloads.into_iter().filter_map(|payload| payload.body));
        }
    }
    for planted in ["name-3-first", "phone-7-later", "note-19", "number-5", "reason", "title", "step", "person"] {
        assert!(beside.contains(&format!("{PLANTED}-{planted}")), "{planted} was not planted");
    }
}

#[tokio::test]
async fn no_leaf_and_no_tile_tells_what_was_filled_in() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    plant(&served.world).await;
    look(&served.world).await;
    served.sign().await;
    let stranger = served.client("");
    for (log, unit) in [("site/1", UnitId::site()), ("unit/office/1", served.world.unit.clone())] {
        let size = served.world.engine.store().head(&unit).await.expect("it answers").expect("a head").size;
        let width = u16::try_from(size).expect("less than a tile");
        assert!(width < 256, "the log fits one tile");
        let mut shown = stranger.get(&format!("/log/{log}/checkpoint")).await.body.to_vec();
        for kind in [TileKind::Entries, TileKind::Hashes(0)] {
            let reply = stranger.get(&format!("/log/{log}/tile/{}", Tile { kind, index: 0, width }.path())).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            shown.extend_from_slice(&reply.body);
        }
        for index in 0..size {
            shown.extend_from_slice(&stranger.get(&format!("/log/{log}/proof/{index}")).await.body);
        }
        let text = String::from_utf8_lossy(&shown);
        assert!(text.contains("\"kind\":"), "the leaves are there");
        assert!([PLANTED, "asha", "bimal", "esha"].iter().all(|word| !text.contains(word)), "{log}");
    }
    served.stop().await;
}

/// All rows of all tables, as text. Bytes are there in hexadecimal.
async fn dump(url: &str) -> String {
    let mut connection = PgConnection::connect(url).await.expect("it opens");
    let sql = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("it answers");
    assert!(tables.len() > 14, "{tables:?}");
    let mut rows = Vec::new();
    for table in tables {
        let sql = format!("SELECT r::text FROM {table} AS r");
        rows.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("it answers"));
    }
    connection.close().await.expect("it closes");
    rows.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_is_in_no_row_of_a_postgresql_database() {
    let Some(url) = tests::postgres::database() else { return };
    let store = PostgresStore::open(&url, Options::new("a")).await.expect("it opens");
    let world = World::new(store, &small_office(), "office").await;
    let cases = plant(&world).await;
    look(&world).await;
    world.advance(400 * 86_400).await;
    let words = |n: usize| {
        let each = move |what: &str| ["first", "later"].map(|when| format!("{PLANTED}-{what}-{n}-{when}"));
        ["name", "phone"].into_iter().flat_map(each)
    };
    let is_in = |rows: &str, word: &str| rows.contains(word) || rows.contains(&hex(word.as_bytes()));
    let before = dump(&url).await;
    for word in (0..CASES).flat_map(words) {
        assert!(is_in(&before, &word), "{word} was not planted");
    }
    // All but the last.
    for &instance in &cases[..CASES - 1] {
        let (ground, authority) = ("Time".to_owned(), "Order 7".to_owned());
        let propose = Command::ProposeErasure { instance, names: vec![], ground, authority };
        let proposal = world.submit("chitra", propose).await.expect("it is proposed").entry.origin.command;
        world.submit("dinesh", Command::ApproveErasure { instance, proposal }).await.expect("it is approved");
    }
    let after = dump(&url).await;
    for word in (0..CASES - 1).flat_map(words) {
        assert!(!is_in(&after, &word), "{word} is still there");
    }
    for word in words(CASES - 1) {
        assert!(is_in(&after, &word), "{word} was not erased");
    }
    look_again(&world).await;
    world.engine.stop().await;
    world.engine.store().close().await;
}

/// What says that they were erased tells nothing of them either.
async fn look_again<S: Store>(world: &World<S>) {
    for entry in world.engine.store().entries(&world.unit, 0, 10_000).await.expect("it answers") {
        assert!(!entry.leaf.contains(PLANTED), "entry {}: {}", entry.index, entry.leaf);
    }
}
