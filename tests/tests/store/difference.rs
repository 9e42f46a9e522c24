//! Memory beside each other store: the same random batches, the same answers.

use engine::model::Time;
use engine::projection::row::{InstanceStatus, ReportKind};
use engine::store::memory::MemoryStore;
use engine::store::postgres::{self, PostgresStore};
use engine::store::sqlite::{self, SqliteStore};
use engine::store::{InstanceQuery, Offered, ReportQuery, Store, TaskQuery};

use super::make::*;

/// Asks both stores the same and holds the answers against each other.
macro_rules! same {
    ($a:expr, $b:expr, $($call:tt)*) => {
        assert_eq!($a.$($call)*.await.unwrap(), $b.$($call)*.await.unwrap(), "{}", stringify!($($call)*))
    };
}

async fn compare(a: &MemoryStore, b: &impl Store, log: &Log, random: &mut Random) {
    let unit = &log.unit;
    same!(a, b, dump_rows(unit));
    same!(a, b, head(unit));
    let text = (*random.pick(&TEXTS)).to_owned();
    let now = Time(random.below(50).cast_signed() - 5);
    let case = if random.one_in(2) { log.some_case(random, command(1)) } else { command(random.below(5)) };
    same!(a, b, snapshot(unit, case));
    same!(a, b, case_entries(unit, case, 2));
    same!(a, b, jobs(unit, &[text.clone(), String::new()], now, 5));
    b.attend().await.unwrap();
    same!(a, b, due(now, 4));
    same!(a, b, next_due());
    same!(a, b, subscriber(unit, &text, ""));
    same!(a, b, messages(unit, &text, "12", now, 2));
    same!(a, b, message_count(unit));
    let one_case = random.one_in(2).then_some(case);
    same!(a, b, incidents(unit, one_case, 3));
    same!(a, b, definitions(unit));
    let kind = random.one_in(2).then(|| *random.pick(&ReportKind::ALL));
    let query = ReportQuery { kind, after: random.one_in(3).then(|| (now, made(3))), limit: 4 };
    same!(a, b, reports(unit, &query));
    let offered = Offered { roles: vec![text.clone(), "12".to_owned()], person: random.one_in(2).then(|| person(1)) };
    let query = TaskQuery {
        assignee: random.one_in(4).then(|| person(random.0 % 3)),
        offered: random.one_in(2).then_some(offered),
        instance: random.one_in(4).then_some(case),
        process: random.one_in(4).then(|| text.clone()),
        after: random.one_in(3).then(|| (now, made(3))),
        limit: 4,
    };
    same!(a, b, tasks(unit, &query));
    let query = InstanceQuery {
        process: random.one_in(4).then(|| text.clone()),
        status: random.one_in(3).then_some(InstanceStatus::Suspended),
        number: random.one_in(4).then(|| text.clone()),
        started_by: random.one_in(4).then(|| text.clone()),
        after: random.one_in(3).then_some((now, case)),
        limit: 4,
    };
    same!(a, b, instances(unit, &query));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_and_sqlite_agree() {
    let dir = tempfile::tempdir().unwrap();
    let sqlite = SqliteStore::open(&dir.path().join("db"), sqlite::Options::default()).await.unwrap();
    agree_with_memory(&sqlite, true).await;
    sqlite.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_and_postgres_agree() {
    let Some(url) = tests::postgres::database() else { return };
    let postgres = PostgresStore::open(&url, postgres::Options::new("a")).await.unwrap();
    agree_with_memory(&postgres, false).await;
    postgres.close().await;
}

/// `in_order`: whether batches that are handed over together are written in that order, so that one unit may have several of them.
async fn agree_with_memory(store: &impl Store, in_order: bool) {
    const ROUNDS: u64 = 300;
    let memory = MemoryStore::default();
    let mut random = Random(0x5e07_7a11);
    let mut logs = [Log::new("mumbai-3"), Log::new("apex"), Log::new("pune-1")];
    let mut serial = 0;
    for _ in 0..ROUNDS {
        // One to three batches, of several units and of one unit in a row, so that some share a transaction.
        let mut batches = Vec::new();
        for _ in 0..=random.below(3) {
            let log = &mut logs[random.below(3) as usize];
            let entries = (0..=random.below(3)).map(|_| {
                serial += 1;
                let id = command(serial);
                let case = (!random.one_in(3)).then(|| log.some_case(&mut random, id));
                log.entry(id, case)
            });
            let entries = entries.collect();
            let changes = (0..random.below(12)).map(|_| change(&mut random)).collect();
            batches.push(log.batch(entries, changes));
        }
        for batch in &batches {
            memory.append(batch.clone()).await.unwrap();
        }
        if !in_order {
            for batch in batches {
                store.append(batch).await.unwrap();
            }
            compare(&memory, store, &logs[random.below(3) as usize], &mut random).await;
            continue;
        }
        let mut batches = batches.into_iter().map(|batch| store.append(batch));
        match (batches.next(), batches.next(), batches.next()) {
            (Some(a), Some(b), Some(c)) => tokio::try_join!(a, b, c).map(drop).unwrap(),
            (Some(a), Some(b), None) => tokio::try_join!(a, b).map(drop).unwrap(),
            (a, _, _) => a.unwrap().await.unwrap(),
        }
        compare(&memory, store, &logs[random.below(3) as usize], &mut random).await;
    }
    for log in &logs {
        same!(memory, store, entries(&log.unit, 0, u32::MAX));
        same!(memory, store, dump_rows(&log.unit));
        same!(memory, store, marks(&log.unit, 0, u32::MAX));
        same!(memory, store, snapshots(&log.unit, None, u32::MAX));
        // A rebuild, too.
        let changes: Vec<_> = (0..100).map(|_| change(&mut random)).collect();
        memory.replace_rows(&log.unit, changes.clone()).await.unwrap();
        store.replace_rows(&log.unit, changes).await.unwrap();
        same!(memory, store, dump_rows(&log.unit));
    }
    same!(memory, store, units());
}
