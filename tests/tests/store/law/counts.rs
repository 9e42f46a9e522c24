//! The law of counts: they say what the lists show, whatever happens to the tasks.

use std::collections::BTreeMap;

use engine::model::Time;
use engine::projection::RowChange::{self, TaskPut};
use engine::projection::row::TaskRow;
use engine::store::{Offered, Store, TaskCount, TaskQuery, Whose};

use super::super::make::*;

pub(in crate::store) async fn counts_are_those_of_the_lists(store: &impl Store) {
    let mut random = Random(0xc0_17e5);
    let mut logs = [Log::new("mumbai-3"), Log::new("pune-1")];
    let mut counted = 0;
    for round in 0..200 {
        let log = &mut logs[random.below(2) as usize];
        let changes: Vec<_> = (0..random.below(16)).map(|_| afar(change(&mut random))).collect();
        store.append(log.commands([round], changes)).await.unwrap();
        // An instant among the due times, and some of them exactly at one.
        let now = Time(((random.below(50).cast_signed() - 5) << SHIFT) + random.below(3).cast_signed() - 1);
        let roles: Vec<String> = (0..random.below(3)).map(|_| (*random.pick(&TEXTS)).to_owned()).collect();
        let offered = Offered { roles, person: random.one_in(2).then(|| person(random.0 % 3)) };
        let claimer = person(random.below(3));
        for (whose, query) in [
            (Whose::All, TaskQuery::default()),
            (Whose::Claimed(claimer.clone()), TaskQuery { assignee: Some(claimer), ..TaskQuery::default() }),
            (Whose::Offered(offered.clone()), TaskQuery { offered: Some(offered), ..TaskQuery::default() }),
        ] {
            let listed = store.tasks(&log.unit, &TaskQuery { limit: 999, ..query.clone() }).await.unwrap();
            let counts = store.task_counts(&log.unit, &whose, now).await.unwrap();
            assert_eq!(counts, by_process(&listed, now), "round {round}: {whose:?} at {now:?}");
            for count in counts {
                let query = TaskQuery { process: Some(count.process), limit: 999, ..query.clone() };
                assert_eq!(store.tasks(&log.unit, &query).await.unwrap().len() as u64, count.open);
                counted += count.open;
            }
        }
        if round % 50 == 49 {
            // A rebuild, too.
            let rows = (0..40).map(|_| afar(change(&mut random))).collect();
            store.replace_rows(&log.unit, rows).await.unwrap();
        }
    }
    assert!(counted > 1_000, "{counted}");
}

/// Tasks fall due so far apart that some lie in one span of the counts, and some in others.
const SHIFT: u32 = 31;

fn afar(change: RowChange) -> RowChange {
    match change {
        TaskPut(row) => TaskPut(TaskRow { due: row.due.map(|due| Time(due.0 << SHIFT)), ..row }),
        other => other,
    }
}

fn by_process(listed: &[TaskRow], now: Time) -> Vec<TaskCount> {
    let mut counts = BTreeMap::new();
    for row in listed {
        let new = TaskCount { process: row.process.clone(), open: 0, overdue: 0, first: None };
        let count = counts.entry(row.process.clone()).or_insert(new);
        count.open += 1;
        count.overdue += u64::from(row.due.is_some_and(|due| due < now));
        // Lists begin with what is due first.
        count.first = count.first.or(row.due);
    }
    counts.into_values().collect()
}
