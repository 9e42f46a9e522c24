//! The laws of due work: its order, and what holds it.

use engine::model::Time;
use engine::projection::RowChange::{self, DueDelete, DuePut};
use engine::projection::row::{DueKind, DueRow, InstanceStatus};
use engine::store::Store;

use super::super::make::*;

pub(in crate::store) async fn due_rows_come_in_order_across_units(store: &impl Store) {
    let mut wanted = Vec::new();
    for (name, base) in [("mumbai-3", 0), ("pune-1", 100), ("apex", 0)] {
        let mut log = Log::new(name);
        let rows: Vec<_> = (base..base + 20).map(|n| due(n, (n % 2 == 0).then_some(n % 4), (n % 5).cast_signed())).collect();
        let mut changes: Vec<_> = rows.iter().cloned().map(DuePut).collect();
        changes.push(DueDelete(made(base + 5)));
        store.append(log.commands([1], changes)).await.unwrap();
        let hold = RowChange::InstanceStatus { instance: command(2), status: InstanceStatus::Suspended, ended: None };
        store.append(log.commands([2], vec![hold])).await.unwrap();
        let open = rows.into_iter().filter(|row| row.id != made(base + 5) && row.instance != Some(command(2)));
        wanted.extend(open.map(|row| (log.unit.clone(), row)));
    }
    // Those of one kind in one unit: held ones too, in the order of their ids.
    let mut held = Vec::new();
    let (unit, mut after) = (unit("mumbai-3"), None);
    loop {
        let page = store.due_of(&unit, DueKind::Timer, after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        held.extend(page);
    }
    let all = store.due_of(&unit, DueKind::Timer, None, 1000).await.unwrap();
    assert!(!all.is_empty() && all.iter().any(|row| row.held) && all.is_sorted_by_key(|row| row.id), "{all:?}");
    assert!(all.iter().all(|row| row.kind == DueKind::Timer) && held == all);
    assert!(store.due_of(&unit, DueKind::Review, None, 1000).await.unwrap().is_empty());
    wanted.sort_by_key(|(unit, row)| (row.at, row.id, unit.clone()));
    store.attend().await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(Time(0)));
    assert_eq!(store.due(Time(9), 1000).await.unwrap(), wanted);
    assert_eq!(store.due(Time(9), 7).await.unwrap(), wanted[..7]);
    let until: Vec<_> = wanted.iter().filter(|(_, row)| row.at <= Time(2)).cloned().collect();
    assert_eq!(store.due(Time(2), 1000).await.unwrap(), until);
    assert!(store.due(Time(-1), 1000).await.unwrap().is_empty());
}

/// A clock goes before timers however long those are due, and takes along what its own case has due before it.
pub(in crate::store) async fn clocks_go_first_and_take_along_their_case(store: &impl Store) {
    let clock = |n, case, at| DueRow { kind: DueKind::Clock, ..due(n, Some(case), at) };
    let rows = [
        // Case 1: a timer before its clock, another after it. Case 2: two clocks, a timer before, between and after them.
        (6, due(1, Some(1), 10)),
        (7, clock(2, 1, 50)),
        (11, due(3, Some(1), 60)),
        (1, due(4, Some(2), 20)),
        (2, clock(5, 2, 30)),
        (4, due(6, Some(2), 31)),
        (5, clock(7, 2, 40)),
        (10, due(8, Some(2), 41)),
        // The clock of case 3 is not due, that of case 4 rests with it; the last belongs to no case.
        (8, due(9, Some(3), 1)),
        (99, clock(10, 3, 101)),
        (99, clock(11, 4, 2)),
        (9, due(12, None, 5)),
    ];
    // Another unit has a case of the same name: it is another case.
    let others = [(0, clock(20, 5, 29)), (12, due(21, Some(1), 70)), (3, clock(22, 6, 31))];
    let mut wanted = Vec::new();
    for (name, rows) in [("mumbai-3", &rows[..]), ("apex", &others[..])] {
        let mut log = Log::new(name);
        let mut changes: Vec<_> = rows.iter().map(|(_, row)| DuePut(row.clone())).collect();
        changes.push(RowChange::InstanceStatus { instance: command(4), status: InstanceStatus::Suspended, ended: None });
        store.append(log.commands([1], changes)).await.unwrap();
        wanted.extend(rows.iter().filter(|(place, _)| *place < 99).map(|(place, row)| (*place, log.unit.clone(), row.clone())));
    }
    wanted.sort_by_key(|(place, ..)| *place);
    store.attend().await.unwrap();
    let places = async |limit| {
        let rows = store.due(Time(100), limit).await.unwrap();
        let place = |(unit, row): &(_, _)| wanted.iter().find(|(_, of, other)| (of, other) == (unit, row)).unwrap().0;
        rows.iter().map(place).collect::<Vec<i32>>()
    };
    for limit in 0..14 {
        assert_eq!(
            places(limit).await,
            (0..13).take(limit as usize).collect::<Vec<_>>(),
            "a short look is the beginning of a long one"
        );
    }
    assert_eq!(store.next_due().await.unwrap(), Some(Time(1)));
}
