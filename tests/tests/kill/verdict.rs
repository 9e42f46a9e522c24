//! The ledgers against the journal.

use std::collections::{BTreeMap, BTreeSet};

use engine::journal::{Actor, Command, Entry, Envelope, Event, codec};
use engine::model::id::Made;
use engine::model::{CommandId, UnitId};
use engine::runtime::rebuild::rebuild;
use engine::runtime::{Engine, Options};
use engine::store::postgres::Options as PostgresOptions;
use engine::store::{AnyStore, Store as _};

use super::UNIT;
use tests::nemesis::Clerk;

/// The id of a command by its actor and key.
fn command_id(actor: &Actor, key: &str) -> CommandId {
    let any = Command::ExpireMessage { message: Made { command: CommandId([0; 16]), ordinal: 0 } };
    Envelope::new(actor.clone(), key, any).id
}

pub(super) async fn check(database: &str, clerks: &[Clerk], suffered: &str) {
    let unit: UnitId = UNIT.parse().expect("a unit");
    let store = AnyStore::open(database, engine::store::sqlite::Options::default(), PostgresOptions::new("verdict"))
        .await
        .expect("the database opens");
    store.attend().await.expect("the store answers");
    store.integrity().await.expect("the database is whole");
    for of in store.units().await.expect("units") {
        let rebuilt = rebuild(&store, &of, true).await.expect("the journal is whole");
        assert!(rebuilt.same(), "the rows of {of} are not what its journal says");
    }
    let head = store.head(&unit).await.expect("a head").expect("a log");
    let engine = Engine::open(store, Options::default()).await.expect("the engine opens");
    let store = engine.store();
    let entries: Vec<Entry> = {
        let sealed = store.entries(&unit, 0, u32::MAX).await.expect("entries");
        sealed.iter().map(|sealed| codec::open(sealed).expect("an entry")).collect()
    };
    assert_eq!(entries.len() as u64, head.size);

    assert!(entries.is_sorted_by(|a, b| a.origin.time < b.origin.time), "recorded time does not always go on");
    let mut by_command: BTreeMap<CommandId, u64> = BTreeMap::new();
    for entry in &entries {
        assert!(by_command.insert(entry.origin.command, entry.index).is_none(), "command {} twice", entry.origin.command);
    }
    let office = engine.office();
    let mut promised = BTreeSet::new();
    let (mut refused, mut unknown) = (0, 0);
    for clerk in clerks {
        let person = office.by_handle(&clerk.handle).expect("a clerk");
        let actor = Actor::Person(person.id.clone());
        for promise in &clerk.promises {
            let entry = usize::try_from(promise.index).ok().and_then(|index| entries.get(index));
            let entry =
                entry.unwrap_or_else(|| panic!("LOST: {promise:?} of {}, the log has {} entries", clerk.handle, head.size));
            assert_eq!(promise.log, head.origin);
            assert_eq!(entry.origin.command, command_id(&actor, &promise.key), "another command at {promise:?}");
            assert_eq!(entry.leaf_hash.to_string(), promise.leaf, "another leaf at {promise:?}");
            assert!(promised.insert(entry.origin.command), "two acknowledgements of {promise:?}");
        }
        for key in &clerk.refusals {
            assert!(!by_command.contains_key(&command_id(&actor, key)), "refused, and yet there: {key}");
        }
        refused += clerk.refusals.len();
        unknown += clerk.unknown;
    }
    // In the end every answer was definite: nothing is there that nobody was told of, but the deployment and the timers.
    let people = entries.iter().filter(|entry| entry.origin.actor != Actor::System && entry.kind != "definition.deployed");
    for entry in people {
        assert!(promised.contains(&entry.origin.command), "entry {} was never acknowledged", entry.index);
    }

    let (armed, fired) = check_timers(&entries);
    assert_eq!(store.next_due().await.expect("due rows"), None, "something is still due");
    println!(
        "{suffered}: {} entries, {} acknowledged, {refused} refused, {unknown} without an answer at first, {armed} timers set, {fired} fired",
        entries.len(),
        promised.len(),
    );
    assert!(promised.len() > 50 && refused > 0 && fired > 0, "the test did too little to prove anything");
    engine.stop().await;
    store.close().await.expect("the database closes");
}

/// Every timer that was set fired once and not before it was due, or was disarmed once, and never both: how many were set, how many fired.
fn check_timers(entries: &[Entry]) -> (usize, usize) {
    let mut ends: BTreeMap<Made, usize> = BTreeMap::new();
    let (mut dues, mut fired) = (BTreeMap::new(), 0);
    for entry in entries {
        for event in &entry.events {
            match event {
                Event::TimerArmed { ordinal, due, .. } => {
                    let timer = Made { command: entry.origin.command, ordinal: *ordinal };
                    ends.insert(timer, 0);
                    dues.insert(timer, *due);
                }
                Event::TimerFired { timer } => {
                    fired += 1;
                    assert!(dues.get(timer).is_some_and(|due| *due <= entry.origin.time), "timer {timer} fired early");
                    *ends.entry(*timer).or_default() += 1;
                }
                Event::TimerDisarmed { timer } => *ends.entry(*timer).or_default() += 1,
                _ => {}
            }
        }
    }
    for (timer, times) in &ends {
        assert_eq!(*times, 1, "timer {timer} ended {times} times");
    }
    (ends.len(), fired)
}
