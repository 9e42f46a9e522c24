//! What is there after a restart, and after a crash: the engine on SQLite, opened again.

use std::path::Path;

use engine::journal::{Actor, Command, Envelope};
use engine::runtime::rebuild::rebuild;
use engine::store::Store;
use engine::store::sqlite::{Options, SqliteStore};
use serde_json::json;
use tests::world::{World, small_office};

use super::{end, forget, process, refused, started, user_task, values};

async fn opened(path: &Path) -> World<SqliteStore> {
    let store = SqliteStore::open(path, Options::default()).await.expect("the store opens");
    World::new(store, &small_office(), "office").await
}

fn start(n: i64) -> Command {
    Command::StartInstance { process: "p".into(), definition: None, number: None, data: values(json!({ "n": n })) }
}

async fn closed(world: World<SqliteStore>) {
    world.engine.stop().await;
    world.engine.store().close().await.expect("it closes");
}

/// The files as they lie on the disk after the last answer, rows and index still unwritten: everything is there once they are opened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crash_rows_and_commands_are_made_from_the_journal() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = opened(&dir.path().join("db")).await;
    let steps = json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()]);
    world.deploy(&process("p", steps)).await.expect("it is deployed");
    // Written and read, and then more that is only written.
    for n in 0..20 {
        world.submit("asha", start(n)).await.expect("accepted");
    }
    for (n, task) in world.open_tasks().await.into_iter().enumerate() {
        world.submit("asha", Command::ClaimTask { task: task.id }).await.expect("accepted");
        if n % 2 == 0 {
            world.submit("asha", Command::CompleteTask { task: task.id, data: values(json!({})) }).await.expect("accepted");
        }
    }
    let actor = Actor::Person(world.person("asha"));
    let last = world.engine.submit(&world.unit, Envelope::new(actor.clone(), "the last", start(99))).await.expect("accepted");
    for name in ["db", "db-wal"] {
        std::fs::copy(dir.path().join(name), dir.path().join(name.replace("db", "copy"))).expect("a copy");
    }
    let rows = world.engine.store().dump_rows(&world.unit).await.expect("it answers");
    let copy = opened(&dir.path().join("copy")).await;
    assert_eq!(copy.engine.store().dump_rows(&copy.unit).await.expect("it answers"), rows);
    let counts = rows.iter().filter(|row| row.starts_with("task_count ")).count();
    assert!(counts > 0, "{rows:?}");
    assert_eq!(rows.len() - counts, 21 * 2 + 1, "a row for each case and each open task, and one for the definition");
    assert!(rebuild(copy.engine.store(), &copy.unit, true).await.expect("the journal is whole").same());
    let again = copy.engine.submit(&copy.unit, Envelope::new(actor, "the last", start(99))).await.expect("accepted before");
    assert!(again.repeated);
    assert_eq!(again.receipt(), last.receipt());
    for row in copy
        .engine
        .store()
        .instances(&copy.unit, &engine::store::InstanceQuery { limit: 99, ..Default::default() })
        .await
        .expect("it answers")
    {
        copy.case(row.id).await;
    }
    copy.engine.store().integrity().await.expect("tables and indexes fit");
    closed(copy).await;
    closed(world).await;
}

/// Old commands that would pass for new ones are known all the same, and nobody else in their batch is told anything but the truth.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_from_before_a_restart_are_repeats() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("db");
    let world = opened(&path).await;
    world.deploy(&process("p", json!([started("a"), user_task("a", "end"), end()]))).await.expect("it is deployed");
    let actor = Actor::Person(world.person("asha"));
    let envelope = |key: &str, command: Command| Envelope::new(actor.clone(), key, command);
    let began = world.engine.submit(&world.unit, envelope("start", start(1))).await.expect("accepted");
    let task = world.open_tasks().await[0].id;
    let claimed = world.engine.submit(&world.unit, envelope("claim", Command::ClaimTask { task })).await.expect("accepted");
    world.engine.submit(&world.unit, envelope("release", Command::ReleaseTask { task })).await.expect("accepted");
    closed(world).await;

    let mut world = opened(&path).await;
    world.keys = "after";
    let (engine, unit) = (&world.engine, &world.unit);
    let size = engine.store().head(unit).await.expect("it answers").expect("a log").size;
    // The task is free, so that the old claim could be a new one; and a case can always be started once more.
    let (claim, once_more, new, conflict) = tokio::join!(
        engine.submit(unit, envelope("claim", Command::ClaimTask { task })),
        engine.submit(unit, envelope("start", start(1))),
        engine.submit(unit, envelope("new", start(2))),
        engine.submit(unit, envelope("start", start(3))),
    );
    let (claim, once_more, new) = (claim.expect("before"), once_more.expect("before"), new.expect("accepted"));
    assert!(claim.repeated && once_more.repeated && !new.repeated);
    assert_eq!((claim.receipt(), once_more.receipt()), (claimed.receipt(), began.receipt()));
    refused(conflict, "idempotency.conflict");
    assert_eq!(engine.store().head(unit).await.expect("it answers").expect("a log").size, size + 1);
    assert_eq!(world.open_tasks().await.iter().filter(|task| task.assignee.is_some()).count(), 0, "nothing was claimed");
    // One that is refused because what it was about is gone.
    world.submit("asha", Command::ClaimTask { task }).await.expect("it is free");
    let claim = world.engine.submit(&world.unit, envelope("claim", Command::ClaimTask { task })).await.expect("before");
    assert_eq!(claim.receipt(), claimed.receipt());
    closed(world).await;
}

/// A start sent again long after it was accepted is refused by the file itself. Nothing that was thought of it meanwhile may stay: the case
/// goes on where it stood.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_goes_on_after_its_start_was_repeated() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("db");
    let world = opened(&path).await;
    world.deploy(&process("p", json!([started("a"), user_task("a", "end"), end()]))).await.expect("it is deployed");
    let actor = Actor::Person(world.person("asha"));
    let first = Envelope::new(actor.clone(), "start", start(1));
    let began = world.engine.submit(&world.unit, first.clone()).await.expect("accepted");
    let (case, task) = (began.instance().expect("a case"), world.open_tasks().await[0].id);
    // So many that the writer has forgotten it and is no longer wary, and in so many transactions that the table has its command.
    forget(&world).await;
    for n in 0..520 {
        world.submit("system", start(n)).await.expect("accepted");
    }
    let again = world.engine.submit(&world.unit, first).await.expect("accepted before");
    assert!(again.repeated);
    world.submit("asha", Command::ClaimTask { task }).await.expect("it is free");
    world.submit("asha", Command::CompleteTask { task, data: values(json!({})) }).await.expect("it is hers");
    closed(world).await;
    let world = opened(&path).await;
    assert!(world.case(case).await.is_over());
    assert!(rebuild(world.engine.store(), &world.unit, true).await.expect("the journal is whole").same());
    closed(world).await;
}
