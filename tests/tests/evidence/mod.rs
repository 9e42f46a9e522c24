//! Evidence from outside: what the signer signs and refuses, and what strangers can check of it.

mod anchored;
mod both;
mod bundle;
mod carried;
mod certified;
mod changes;
mod decided;
mod desk;
mod drill;
mod forks;
mod gap;
mod handed;
mod harm;
mod lists;
mod program;
mod recovered;
mod rotated;
mod runbook;
mod sealed;
mod served;
mod signer;
mod stamped;
mod state;
mod stranger;
mod taken;
mod times;
mod truncated;
mod watcher;
mod witness;
mod witnessed;

use std::path::Path;

use engine::digest::{Frontier, leaf_hash};
use engine::evidence::{Checkpoint, Key, Note};
use engine::journal::{Command, Sealed};
use engine::model::UnitId;
use engine::runtime::signer::Signer;
use engine::store::memory::MemoryStore;
use engine::store::{Batch, Head, Store};
use tests::balky::{Balky, Told};
use tests::bundle::office;
use tests::world::{World, chance, small_office};

/// A process that ends as soon as it has begun: one entry a case.
const SHORT: &str = r#"{
    "id": "short", "title": { "en": "Short" }, "owner": { "post": "post-a" },
    "steps": [{ "id": "begin", "type": "startEvent", "next": "end" }, { "id": "end", "type": "endEvent" }]
}"#;

async fn world<S: Store>(store: S) -> World<S> {
    let world = World::new(store, &small_office(), "office").await;
    world.deploy(SHORT).await.expect("it is deployed");
    world
}

/// What starts a case.
fn start() -> Command {
    Command::StartInstance { process: "short".to_owned(), definition: None, number: None, data: engine::model::Values::default() }
}

/// Starts cases.
async fn cases<S: Store>(world: &World<S>, count: usize) {
    for _ in 0..count {
        world.submit("asha", start()).await.expect("a case is started");
    }
}

fn new_signer(folder: &Path) -> Signer {
    Signer::init(folder, "office.example", &chance(11)).expect("a new key");
    Signer::open(folder).expect("the folder")
}

/// A checkpoint as the signer shows it, checked with the key that it has for this name.
fn shown(folder: &Path, signer: &Signer, origin: &str) -> Option<Checkpoint> {
    let place = folder.join("log").join(origin.strip_prefix("office.example/")?);
    let note = std::fs::read(place.join("checkpoint")).ok()?;
    let key = signer.key().named(origin);
    let told = std::fs::read_to_string(place.join("vkey")).expect("the key beside it");
    assert_eq!(Key::read(&told).expect("a key"), key);
    Some(Checkpoint::open(&Note::read(&note).expect("a note"), &key).expect("the log's checkpoint"))
}

async fn entries(store: &impl Store, unit: &UnitId) -> Vec<Sealed> {
    store.entries(unit, 0, 10_000).await.expect("the store answers")
}

/// A store with these entries of one unit, which no store would have taken, under a head that follows from them.
fn store_of(unit: &UnitId, head: &Head, entries: Vec<Sealed>) -> Balky {
    let mut frontier = Frontier::new();
    for entry in &entries {
        frontier.push(leaf_hash(entry.leaf.as_bytes()));
    }
    let head = Head { size: frontier.size(), frontier: frontier.to_bytes(), ..head.clone() };
    let mut store = Balky::default();
    store.told = Some(Told { unit: unit.clone(), head, entries });
    store
}

/// A store with the first entries of every log.
async fn cut(store: &impl Store, keep: impl Fn(&UnitId, u64) -> u64) -> MemoryStore {
    let copy = MemoryStore::default();
    for unit in store.units().await.expect("the store answers") {
        let head = store.head(&unit).await.expect("the store answers").expect("a head");
        let mut kept = entries(store, &unit).await;
        kept.truncate(usize::try_from(keep(&unit, head.size)).expect("a size"));
        let mut frontier = Frontier::new();
        for entry in &kept {
            frontier.push(leaf_hash(entry.leaf.as_bytes()));
        }
        let time = kept.last().map_or(head.time, |entry| entry.time);
        let head = Head { size: frontier.size(), frontier: frontier.to_bytes(), time, ..head };
        copy.append(Batch { unit, from: 0, head, entries: kept, changes: Vec::new() }).await.expect("they are taken");
    }
    copy
}
