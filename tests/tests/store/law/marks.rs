//! What entries are found by, as a check reads it; and kept states, one after another.

use engine::projection::RowChange::{SnapshotPut, TaskPut};
use engine::store::{Mark, Store};

use super::super::make::*;

pub(crate) async fn entries_have_their_marks(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let mut due = Vec::new();
    for n in 0..30_u64 {
        // Every third entry is of no case; the others are of two, begun by commands 1 and 2.
        let case = (n % 3 != 0).then_some(n % 3);
        let entry = log.entry(command(n), case.map(command));
        due.push(Mark {
            index: n,
            command: command(n),
            leads: Some(n),
            began: case,
            sequence: case.map(|_| n / 3 + 1),
            numbered: true,
        });
        store.append(log.batch(vec![entry], Vec::new())).await.unwrap();
    }
    // Beside it, a log of the same commands.
    let mut other = Log::new("pune-1");
    store.append(other.commands(0..5, Vec::new())).await.unwrap();

    assert_eq!(store.marks(&log.unit, 0, 100).await.unwrap(), due);
    assert_eq!(store.marks(&log.unit, 7, 4).await.unwrap(), due[7..11]);
    assert!(store.marks(&log.unit, 30, 4).await.unwrap().is_empty());
    assert_eq!(store.marks(&other.unit, 0, 100).await.unwrap().len(), 5);
    assert!(store.marks(&unit("thane-2"), 0, 4).await.unwrap().is_empty());
    for unit in [&log.unit, &other.unit, &unit("thane-2")] {
        assert_eq!(store.stray(unit).await.unwrap(), None);
    }
}

pub(crate) async fn kept_states_come_one_after_another(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let put = |n: u64| SnapshotPut { instance: command(n), sequence: 64 + n, state: vec![1, 2, 3] };
    store.append(log.commands(0..1, (0..9).map(put).collect())).await.unwrap();
    let mut due: Vec<_> = (0..9).map(|n| (command(n), 64 + n, vec![1, 2, 3])).collect();
    due.sort();
    assert_eq!(store.snapshots(&log.unit, None, 100).await.unwrap(), due);
    assert_eq!(store.snapshots(&log.unit, None, 4).await.unwrap(), due[..4]);
    assert_eq!(store.snapshots(&log.unit, Some(due[3].0), 4).await.unwrap(), due[4..8]);
    assert!(store.snapshots(&log.unit, Some(due[8].0), 4).await.unwrap().is_empty());
    assert!(store.snapshots(&unit("thane-2"), None, 4).await.unwrap().is_empty());
}

pub(crate) async fn a_snapshot_is_replaced(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let put = |sequence, byte, len| SnapshotPut { instance: command(1), sequence, state: vec![byte; len] };
    store.append(log.commands([1], vec![put(64, 1, 100_000)])).await.unwrap();
    assert_eq!(store.snapshot(&log.unit, command(1)).await.unwrap(), Some((64, vec![1; 100_000])));
    store.append(log.commands([2], vec![put(128, 2, 0), put(192, 3, 4)])).await.unwrap();
    assert_eq!(store.snapshot(&log.unit, command(1)).await.unwrap(), Some((192, vec![3; 4])));
    assert!(store.snapshot(&log.unit, command(2)).await.unwrap().is_none());
    assert!(store.dump_rows(&log.unit).await.unwrap().is_empty(), "snapshots are no rows to reproduce");
}

/// More rows than are read at a time.
pub(crate) async fn a_dump_has_every_row(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    store.append(log.commands(0..1, (0..2_500).map(|n| TaskPut(task(n, 1))).collect())).await.unwrap();
    assert_eq!(tasks_of(store, &log.unit).await, 2_500);
}
