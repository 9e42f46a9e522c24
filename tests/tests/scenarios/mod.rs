//! Every scenario file, on the reference store and on SQLite.

use engine::store::memory::MemoryStore;
use engine::store::sqlite::{Options, SqliteStore};
use tests::scenario::{Scenario, act};
use tests::world::text;

fn all() -> Vec<Scenario> {
    let folder = tests::top().join("tests/scenarios");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() >= 6, "two scenarios for each of the three shipped processes");
    let read = |file: &std::path::PathBuf| {
        serde_json::from_str(&text(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    files.iter().map(read).collect()
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
