//! Every scenario file, on the reference store and on SQLite.

use engine::journal::Command;
use engine::model::schedule::{Schedule, Starts};
use engine::store::memory::MemoryStore;
use engine::store::sqlite::{Options, SqliteStore};
use tests::scenario::{act, all};
use tests::world::{World, text};

#[test]
fn there_are_scenarios() {
    assert!(all().len() >= 12, "two scenarios for each of the six shipped processes");
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_come_to_their_end_in_memory() {
    for scenario in all() {
        act(MemoryStore::default(), &scenario).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_come_to_their_end_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, scenario) in all().iter().enumerate() {
        let store = SqliteStore::open(&folder.path().join(format!("{number}.db")), Options::default()).await.expect("it opens");
        act(store, scenario).await;
    }
}

/// Whoever runs a schedule has nobody to fill in a form: what it hands over must be enough.
#[tokio::test]
async fn schedules_can_start_the_shipped_processes() {
    let folder = tests::top().join("definitions/schedules");
    let mut started = Vec::new();
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let schedule: Schedule = serde_json::from_str(&text(file.expect("a file").path())).expect("a schedule");
        // What makes a report starts nothing.
        let Some(Starts { process, data }) = schedule.starts else { continue };
        let directory = serde_json::from_str(&text("definitions/office.json")).expect("an office");
        let world = World::new(MemoryStore::default(), &directory, "demo-commissionerate").await;
        for name in ["sqm.nc", &process] {
            world.deploy(&text(format!("definitions/processes/{name}.json"))).await.expect("it can be deployed");
        }
        let start = Command::StartInstance { process, definition: None, number: None, data };
        world.submit("system", start).await.unwrap_or_else(|refusal| panic!("{}: {refusal:#?}", schedule.id));
        assert_eq!(world.open_tasks().await.len(), 1, "{}", schedule.id);
        started.push(schedule.id);
    }
    started.sort();
    assert_eq!(started.len(), 10, "{started:?}");
}
