//! The laws. Each is given an empty store.

mod counts;
mod due;
mod flights;
mod marks;
mod named;
mod readings;

use engine::digest::Hash;
use engine::journal::codec::open;
use engine::model::Time;
use engine::projection::RowChange;
use engine::projection::RowChange::*;
use engine::projection::row::{DefinitionRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, ReportKind, ReportRow, TaskRow};
use engine::store::{InstanceQuery, NO_DUE, Offered, ReportQuery, Store, StoreError, TaskQuery};

pub(super) use counts::counts_are_those_of_the_lists;
pub(super) use due::{clocks_go_first_and_take_along_their_case, due_rows_come_in_order_across_units};
pub(super) use flights::{
    batches_on_their_way_are_written_in_order, units_are_written_in_parallel, what_follows_a_refused_batch_is_refused,
};
pub(super) use marks::{
    a_dump_has_every_row, a_snapshot_is_replaced, entries_have_their_marks, kept_states_come_one_after_another,
};
pub(super) use named::instances_are_found_by_name;
pub(super) use readings::readings_are_paged;

use super::make::*;

/// The whole of a store as this test's unit sees it.
async fn picture(store: &impl Store, log: &Log) -> String {
    let entries = store.entries(&log.unit, 0, u32::MAX).await.unwrap();
    format!("{:?} {entries:?} {:?}", store.head(&log.unit).await.unwrap(), store.dump_rows(&log.unit).await.unwrap())
}

fn held(store: &str) -> usize {
    store.matches("held 1").count()
}

pub(super) async fn nothing_is_there_at_first(store: &impl Store) {
    let unit = unit("mumbai-3");
    assert!(store.units().await.unwrap().is_empty());
    assert!(store.head(&unit).await.unwrap().is_none());
    assert!(store.entries(&unit, 0, 10).await.unwrap().is_empty());
    assert!(store.entries(&unit, u64::MAX, 10).await.unwrap().is_empty());
    assert!(store.case_entries(&unit, command(1), 0).await.unwrap().is_empty());
    assert!(store.commands(&unit, &[command(1)]).await.unwrap().is_empty());
    assert!(store.snapshot(&unit, command(1)).await.unwrap().is_none());
    assert!(store.dump_rows(&unit).await.unwrap().is_empty());
    assert!(store.due(Time(i64::MAX), 10).await.unwrap().is_empty());
    assert!(store.next_due().await.unwrap().is_none());
    assert_eq!(store.message_count(&unit).await.unwrap(), 0);
    assert!(store.tasks(&unit, &TaskQuery { limit: 9, ..TaskQuery::default() }).await.unwrap().is_empty());
    assert!(store.replace_rows(&unit, Vec::new()).await.is_err());
}

pub(super) async fn append_is_read_back(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let mut all = Vec::new();
    for round in 0..5 {
        let entries: Vec<_> = (0..7).map(|n| log.entry(command(round * 10 + n), (n % 3 != 0).then(|| command(n % 3)))).collect();
        all.extend(entries.clone());
        let batch = log.batch(entries, Vec::new());
        let head = batch.head.clone();
        store.append(batch).await.unwrap();
        assert_eq!(store.head(&log.unit).await.unwrap(), Some(head));
    }
    let back = store.entries(&log.unit, 0, 1000).await.unwrap();
    assert_eq!(back, all);
    assert_eq!(store.entries(&log.unit, 3, 4).await.unwrap(), all[3..7]);
    assert_eq!(store.entries(&log.unit, 34, 4).await.unwrap(), all[34..]);
    assert!(store.entries(&log.unit, 35, 4).await.unwrap().is_empty());
    let leaves: Vec<String> = all.iter().map(|entry| entry.leaf.clone()).collect();
    for (from, limit, wanted) in [(0, 1000, 0..35), (3, 4, 3..7), (34, 4, 34..35), (35, 4, 0..0), (u64::MAX, 4, 0..0)] {
        assert_eq!(store.leaves(&log.unit, from, limit).await.unwrap(), leaves[wanted], "{from} {limit}");
    }
    assert!(store.leaves(&"mumbai-4".parse().unwrap(), 0, 4).await.unwrap().is_empty());
    assert!(back.iter().all(|entry| open(entry).is_ok()));
    assert!(back.iter().any(|entry| entry.payloads.len() > 2), "some entry has several payloads");
    assert_eq!(store.units().await.unwrap(), [log.unit]);
}

pub(super) async fn append_is_all_or_nothing(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    store.append(log.commands(0..3, vec![TaskPut(task(1, 0))])).await.unwrap();
    let before = picture(store, &log).await;
    // The last entry has a command that is there already: neither its fellows nor the rows may stay.
    let batch = log.commands([10, 11, 2], vec![TaskPut(task(2, 0)), TaskDelete(made(1)), DuePut(due(3, None, 4))]);
    assert!(matches!(store.append(batch).await, Err(StoreError::Twice(_))));
    assert_eq!(picture(store, &log).await, before);
}

pub(super) async fn append_is_fenced(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    store.append(log.commands(0..3, Vec::new())).await.unwrap();
    let late = log.commands(3..5, vec![TaskPut(task(9, 0))]);
    let before = picture(store, &log).await;
    // One that began at the beginning, as if the log were new; and one that is ahead of the log.
    let mut other = Log::new("mumbai-3");
    let fenced = store.append(other.commands(20..22, vec![TaskPut(task(8, 0))])).await;
    assert!(matches!(fenced, Err(StoreError::Fenced { expected: 0, found: 3, .. })), "{fenced:?}");
    let ahead = log.commands(5..6, Vec::new());
    let fenced = store.append(ahead).await;
    assert!(matches!(fenced, Err(StoreError::Fenced { expected: 5, found: 3, .. })), "{fenced:?}");
    assert_eq!(picture(store, &log).await, before);
    // A batch for a log that is not there begins at 0.
    let mut new = Log::new("pune-1");
    new.commands(0..1, Vec::new());
    let fenced = store.append(new.commands(1..2, Vec::new())).await;
    assert!(matches!(fenced, Err(StoreError::Fenced { expected: 1, found: 0, .. })), "{fenced:?}");
    assert!(store.head(&new.unit).await.unwrap().is_none());
    store.append(late).await.unwrap();
}

pub(super) async fn append_is_gapless(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let good = log.commands(0..3, vec![TaskPut(task(1, 0))]);
    let mut hole = good.clone();
    hole.entries.remove(1);
    let mut size = good.clone();
    size.head.size = 4;
    let mut order = good.clone();
    order.entries.swap(0, 1);
    let mut bare = good.clone();
    bare.entries[0].payloads.clear();
    let mut lie = good.clone();
    lie.entries[2].command = command(77);
    for bad in [hole, size, order, bare, lie] {
        assert!(matches!(store.append(bad).await, Err(StoreError::Broken(_))));
        assert!(store.head(&log.unit).await.unwrap().is_none());
    }
    store.append(good).await.unwrap();
}

pub(super) async fn a_command_occurs_once(store: &impl Store) {
    let (mut log, mut other) = (Log::new("mumbai-3"), Log::new("pune-1"));
    let twice = log.commands([1, 1], Vec::new());
    assert!(matches!(store.append(twice).await, Err(StoreError::Twice(_))));
    assert!(store.head(&log.unit).await.unwrap().is_none(), "a refused beginning begins no log");
    log = Log::new("mumbai-3");
    store.append(log.commands([1], Vec::new())).await.unwrap();
    store.append(other.commands([1], Vec::new())).await.expect("another unit may have the same");
    // Sent together with good ones of other units, only the bad one is refused.
    let bad = log.commands([1], Vec::new());
    let good = other.commands([2], Vec::new());
    let mut third = Log::new("thane-2");
    let (bad, good, new) = tokio::join!(store.append(bad), store.append(good), store.append(third.commands([1], Vec::new())));
    assert!(matches!(bad, Err(StoreError::Twice(_))), "{bad:?}");
    good.unwrap();
    new.unwrap();
    // However many came in between.
    for n in 100..1_200 {
        store.append(other.commands([n], Vec::new())).await.unwrap();
    }
    for n in [1, 2, 100, 700, 1_199] {
        let again = other.commands([n], Vec::new());
        assert!(matches!(store.append(again).await, Err(StoreError::Twice(_))), "{n}");
        other.size -= 1;
        assert_eq!(store.commands(&other.unit, &[command(n)]).await.unwrap().len(), 1, "{n}");
    }
}

pub(super) async fn a_batch_without_entries_keeps_states(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    store.append(log.commands(0..2, Vec::new())).await.unwrap();
    let state = SnapshotPut { instance: command(1), sequence: 1, state: vec![1] };
    store.append(log.batch(Vec::new(), vec![state])).await.unwrap();
    assert_eq!(store.snapshot(&log.unit, command(1)).await.unwrap(), Some((1, vec![1])));
    let rows = store.append(log.batch(Vec::new(), vec![TaskPut(task(1, 1))])).await;
    assert!(matches!(rows, Err(StoreError::Broken(_))), "rows follow from entries");
    assert_eq!(store.head(&log.unit).await.unwrap().unwrap().size, 2);
}

pub(super) async fn commands_are_found(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let batch = log.commands(0..20, Vec::new());
    let entries = batch.entries.clone();
    store.append(batch).await.unwrap();
    store.append(Log::new("pune-1").commands([3, 40], Vec::new())).await.unwrap();
    let found = store.commands(&log.unit, &[command(7), command(99), command(3), command(40), command(7)]).await.unwrap();
    assert_eq!(found, [entries[3].clone(), entries[7].clone()]);
    assert!(store.commands(&log.unit, &[]).await.unwrap().is_empty());
}

pub(super) async fn case_entries_are_found(store: &impl Store) {
    let (mut log, mut other) = (Log::new("mumbai-3"), Log::new("pune-1"));
    let entries: Vec<_> = (0..30).map(|n| log.entry(command(n), (n % 5 != 0).then(|| command(n % 5)))).collect();
    store.append(log.batch(entries.clone(), Vec::new())).await.unwrap();
    let foreign = vec![other.entry(command(2), Some(command(2)))];
    store.append(other.batch(foreign, Vec::new())).await.unwrap();
    let case: Vec<_> =
        entries.iter().filter(|entry| entry.link.is_some_and(|link| link.instance == command(2))).cloned().collect();
    assert_eq!(case.len(), 6);
    for from in 0..8 {
        let back = store.case_entries(&log.unit, command(2), from).await.unwrap();
        assert_eq!(back, case[(from.saturating_sub(1) as usize).min(6)..], "from {from}");
    }
    // A place in a case is taken once.
    let mut log = Log::new("mumbai-3");
    for n in 0..30 {
        log.entry(command(n), (n == 2).then(|| command(2)));
    }
    let again = vec![log.entry(command(50), Some(command(2)))];
    assert!(matches!(store.append(log.batch(again, Vec::new())).await, Err(StoreError::Twice(_))));
    // A case is begun by the command of its name, and before it is gone on with.
    let mut log = Log::new("thane-2");
    let other = vec![log.entry(command(50), Some(command(2)))];
    assert!(matches!(store.append(log.batch(other, Vec::new())).await, Err(StoreError::Broken(_))));
    log = Log::new("thane-2");
    log.entry(command(2), Some(command(2)));
    log.size = 0;
    let later = vec![log.entry(command(51), Some(command(2)))];
    assert!(matches!(store.append(log.batch(later, Vec::new())).await, Err(StoreError::Broken(_))));
}

pub(super) async fn erased_values_are_gone(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    // Every entry but the first of four has personal values; odd ones are of another case.
    let entries: Vec<_> = (0..40).map(|n| log.entry(command(n), Some(command(n % 2)))).collect();
    let kept = [0, 1].map(|case| SnapshotPut { instance: command(case), sequence: 1, state: vec![1] });
    store.append(log.batch(entries.clone(), kept.into())).await.unwrap();
    let says = log.entry(command(40), Some(command(0)));
    let erase = ValuesErase { index: says.index, instance: command(0), names: vec!["phone".to_owned(), "none".to_owned()] };
    let other = log.entry(command(41), Some(command(1)));
    let later = log.entry(command(42), Some(command(0)));
    let batch = log.batch(vec![says.clone(), other.clone(), later.clone()], vec![erase.clone()]);
    store.append(batch).await.unwrap();
    let mut expected = entries;
    for entry in expected.iter_mut().step_by(2) {
        for payload in entry.payloads.iter_mut().filter(|payload| payload.name.starts_with("phone.")) {
            (payload.body, payload.salt, entry.content) = (None, [0; 32], Hash::from_bytes([0; 32]));
        }
    }
    let gone = expected.iter().flat_map(|entry| &entry.payloads).filter(|payload| payload.body.is_none()).count();
    assert_eq!(gone, 10);
    assert!(later.payloads.iter().any(|payload| payload.name.starts_with("phone.")), "what comes later stays");
    expected.extend([says, other, later]);
    assert_eq!(store.entries(&log.unit, 0, 100).await.unwrap(), expected);
    assert!(store.snapshot(&log.unit, command(0)).await.unwrap().is_none());
    assert!(store.snapshot(&log.unit, command(1)).await.unwrap().is_some());
    // A rebuild comes to the same.
    store.replace_rows(&log.unit, vec![erase]).await.unwrap();
    assert_eq!(store.entries(&log.unit, 0, 100).await.unwrap(), expected);
}

/// All pages of a list, each of `limit` rows at most.
async fn pages(store: &impl Store, log: &Log, query: &TaskQuery, limit: u32) -> Vec<TaskRow> {
    let (mut all, mut query) = (Vec::new(), TaskQuery { limit, ..query.clone() });
    loop {
        let page = store.tasks(&log.unit, &query).await.unwrap();
        assert!(page.len() <= limit as usize);
        let Some(last) = page.last() else { return all };
        query.after = Some((last.due.unwrap_or(NO_DUE), last.id));
        all.extend(page);
    }
}

pub(super) async fn tasks_are_paged(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let roles = ["inspector", "superintendent", "clerk"];
    let rows: Vec<TaskRow> = (0..60)
        .map(|n| TaskRow {
            role: roles[(n % 3) as usize].to_owned(),
            only: (n % 7 == 0).then(|| person(n % 2)),
            assignee: (n % 4 == 0).then(|| person(n % 5)),
            process: if n % 2 == 0 { "a" } else { "b" }.to_owned(),
            due: (n % 6 != 0).then(|| Time((n % 5).cast_signed())),
            held: n % 11 == 10,
            ..task(n, n % 4)
        })
        .collect();
    store.append(log.commands([1], rows.iter().cloned().map(TaskPut).collect())).await.unwrap();
    store.append(Log::new("pune-1").commands([1], vec![TaskPut(task(1, 1))])).await.unwrap();
    let offered = |roles: &[&str], person| Some(Offered { roles: roles.iter().map(|role| (*role).to_owned()).collect(), person });
    let queries = [
        TaskQuery::default(),
        TaskQuery { assignee: Some(person(0)), ..TaskQuery::default() },
        TaskQuery { offered: offered(&["inspector"], None), ..TaskQuery::default() },
        TaskQuery { offered: offered(&["inspector", "clerk", "inspector", "nobody"], Some(person(1))), ..TaskQuery::default() },
        TaskQuery { offered: offered(&[], Some(person(1))), ..TaskQuery::default() },
        TaskQuery { offered: offered(&[], None), ..TaskQuery::default() },
        TaskQuery { instance: Some(command(2)), ..TaskQuery::default() },
        TaskQuery { process: Some("a".to_owned()), ..TaskQuery::default() },
        TaskQuery {
            process: Some("b".to_owned()),
            instance: Some(command(1)),
            assignee: Some(person(3)),
            ..TaskQuery::default()
        },
        TaskQuery { offered: offered(&["clerk"], None), process: Some("a".to_owned()), ..TaskQuery::default() },
        TaskQuery { offered: offered(&["clerk"], None), assignee: Some(person(0)), ..TaskQuery::default() },
    ];
    let mut found = 0;
    for query in &queries {
        let mut wanted: Vec<TaskRow> = rows
            .iter()
            .filter(|row| {
                !row.held
                    && query.assignee.as_ref().is_none_or(|who| row.assignee.as_ref() == Some(who))
                    && query.instance.is_none_or(|case| row.instance == case)
                    && query.process.as_ref().is_none_or(|process| row.process == *process)
                    && query.offered.as_ref().is_none_or(|offered| {
                        row.assignee.is_none()
                            && (row.only.is_none() && offered.roles.contains(&row.role)
                                || row.only.is_some() && row.only == offered.person)
                    })
            })
            .cloned()
            .collect();
        wanted.sort_by_key(|row| (row.due.unwrap_or(NO_DUE), row.id));
        found += wanted.len();
        for limit in [1, 2, 7, 1000] {
            assert_eq!(pages(store, &log, query, limit).await, wanted, "{query:?}");
        }
    }
    assert!(found > 100, "the queries find something: {found}");
    // Claimed, released, done.
    let claim = |assignee| TaskAssign { task: made(1), assignee };
    store.append(log.commands([2], vec![claim(Some(person(9)))])).await.unwrap();
    let mine = TaskQuery { assignee: Some(person(9)), limit: 9, ..TaskQuery::default() };
    assert_eq!(store.tasks(&log.unit, &mine).await.unwrap().len(), 1);
    store.append(log.commands([3], vec![claim(None)])).await.unwrap();
    assert!(store.tasks(&log.unit, &mine).await.unwrap().is_empty());
    store.append(log.commands([4], vec![TaskDelete(made(1)), claim(Some(person(9)))])).await.unwrap();
    assert!(store.task(&log.unit, made(1)).await.unwrap().is_none(), "a change of a row that is not there does nothing");
    assert_eq!(store.task(&unit("pune-1"), made(1)).await.unwrap(), Some(task(1, 1)), "another unit's row is its own");
}

pub(super) async fn instances_are_paged(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let rows: Vec<InstanceRow> = (0..40)
        .map(|n| InstanceRow {
            process: if n % 3 == 0 { "a" } else { "b" }.to_owned(),
            number: (n % 4 == 0).then(|| format!("R/{}", n % 8)),
            parent: (n % 5 == 0).then(|| command(n + 1)),
            started_by: person(n % 2).to_string(),
            started: Time((n % 6).cast_signed()),
            ..instance(n)
        })
        .collect();
    let mut changes: Vec<_> = rows.iter().cloned().map(InstancePut).collect();
    changes.push(RowChange::InstanceStatus { instance: command(4), status: InstanceStatus::Completed, ended: Some(Time(99)) });
    store.append(log.commands([1], changes)).await.unwrap();
    let end = RowChange::InstanceStatus { instance: command(8), status: InstanceStatus::Completed, ended: Some(Time(98)) };
    store.append(log.commands([2], vec![end])).await.unwrap();
    let ended = store.instance(&log.unit, command(8)).await.unwrap().unwrap();
    assert_eq!((ended.status, ended.ended), (InstanceStatus::Completed, Some(Time(98))));

    let queries = [
        (InstanceQuery::default(), 40),
        (InstanceQuery { process: Some("a".to_owned()), ..InstanceQuery::default() }, 14),
        (InstanceQuery { status: Some(InstanceStatus::Completed), ..InstanceQuery::default() }, 2),
        (InstanceQuery { number: Some("R/4".to_owned()), ..InstanceQuery::default() }, 5),
        (InstanceQuery { started_by: Some(person(1).to_string()), ..InstanceQuery::default() }, 20),
        (
            InstanceQuery { started_by: Some(person(1).to_string()), number: Some("R/4".to_owned()), ..InstanceQuery::default() },
            0,
        ),
    ];
    for (query, count) in queries {
        for limit in [1, 3, 1000] {
            let (mut all, mut query) = (Vec::new(), InstanceQuery { limit, ..query.clone() });
            loop {
                let page = store.instances(&log.unit, &query).await.unwrap();
                assert!(page.len() <= limit as usize);
                let Some(last) = page.last() else { break };
                query.after = Some((last.started, last.id));
                all.extend(page);
            }
            assert_eq!(all.len(), count, "{query:?}");
            assert!(all.is_sorted_by_key(|row| (std::cmp::Reverse(row.started), row.id)));
        }
    }
    assert_eq!(store.instance(&log.unit, command(5)).await.unwrap().as_ref(), rows.get(5));
}

pub(super) async fn jobs_are_fetched_in_order(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let rows: Vec<JobRow> = (0..40u64)
        .map(|n| JobRow {
            topic: ["pay", "print", "mail"][(n % 3) as usize].to_owned(),
            available: Time((n % 7).cast_signed()),
            retries: (n % 4) as u32,
            ..job(n, n % 5)
        })
        .collect();
    let mut changes: Vec<_> = rows.iter().cloned().map(JobPut).collect();
    changes.push(RowChange::InstanceStatus { instance: command(3), status: InstanceStatus::Suspended, ended: None });
    store.append(log.commands([1], changes)).await.unwrap();
    let topics = ["pay".to_owned(), "mail".to_owned(), "pay".to_owned()];
    let mut wanted: Vec<_> = rows
        .iter()
        .filter(|row| row.topic != "print" && row.available <= Time(4) && row.retries > 0 && row.instance != command(3))
        .cloned()
        .collect();
    wanted.sort_by_key(|row| (row.available, row.id));
    assert_eq!(store.jobs(&log.unit, &topics, Time(4), 100).await.unwrap(), wanted);
    assert_eq!(store.jobs(&log.unit, &topics, Time(4), 3).await.unwrap(), wanted[..3]);
    assert!(store.jobs(&log.unit, &[], Time(4), 3).await.unwrap().is_empty());
    // Locked, then failed for good.
    let id = wanted[0].id;
    let lock = JobUpdate { job: id, retries: None, available: Time(50), worker: Some("w1".to_owned()) };
    store.append(log.commands([2], vec![lock.clone()])).await.unwrap();
    let locked = JobRow { available: Time(50), worker: Some("w1".to_owned()), ..wanted[0].clone() };
    assert_eq!(store.job(&log.unit, id).await.unwrap(), Some(locked));
    assert_eq!(store.jobs(&log.unit, &topics, Time(4), 100).await.unwrap(), wanted[1..]);
    let fail = JobUpdate { job: id, retries: Some(0), available: Time(1), worker: None };
    store.append(log.commands([3], vec![fail, lock])).await.unwrap();
    assert_eq!(store.job(&log.unit, id).await.unwrap().unwrap().retries, 0);
    assert_eq!(store.jobs(&log.unit, &topics, Time(100), 100).await.unwrap().iter().filter(|row| row.id == id).count(), 0);
    store.append(log.commands([4], vec![JobDelete(id)])).await.unwrap();
    assert!(store.job(&log.unit, id).await.unwrap().is_none());
}

pub(super) async fn messages_meet_their_subscribers(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let mut changes: Vec<_> = (1..5).map(|n| SubscriptionPut(subscription(n, n))).collect();
    changes.extend((1..5).map(|n| MessagePut(message(n, n.cast_signed() * 10))));
    store.append(log.commands([1], changes)).await.unwrap();
    let first = async |name, key| store.subscriber(&log.unit, name, key).await.unwrap();
    assert_eq!(first("paid", "k").await, Some(subscription(1, 1)));
    assert_eq!(first("paid", "K").await, None);
    assert_eq!(first("Paid", "k").await, None);
    assert_eq!(store.message_count(&log.unit).await.unwrap(), 4);
    let oldest = async |now| store.messages(&log.unit, "paid", "k", Time(now), 1).await.unwrap().pop();
    assert_eq!(oldest(0).await, Some(message(1, 10)));
    assert_eq!(oldest(10).await, Some(message(2, 20)), "what expires now has expired");
    assert_eq!(oldest(40).await, None);
    let hold = RowChange::InstanceStatus { instance: command(1), status: InstanceStatus::Suspended, ended: None };
    let mut writer = Log::new("mumbai-3");
    writer.entry(command(1), None);
    let batch = writer.commands([2], vec![hold, SubscriptionDelete(made(2)), MessageDelete(made(1))]);
    store.append(batch).await.unwrap();
    assert_eq!(first("paid", "k").await, Some(subscription(3, 3)), "a held case does not wait, nor one that stopped waiting");
    assert_eq!(oldest(0).await, Some(message(2, 20)));
    assert_eq!(store.message_count(&log.unit).await.unwrap(), 3);
}

pub(super) async fn incidents_and_definitions_are_listed(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let incidents: Vec<_> = (0..9)
        .map(|n| IncidentRow {
            id: made(n),
            instance: command(n % 2),
            code: "job.no-retries".to_owned(),
            message: "x".to_owned(),
            raised: Time((n % 4).cast_signed()),
        })
        .collect();
    let definitions: Vec<_> = (0..5u32)
        .map(|n| DefinitionRow {
            hash: Hash::of(&n.to_be_bytes()),
            process: "svc.refund".to_owned(),
            version: n + 1,
            document: "{ }".repeat(5000),
            deployed: Time(i64::from(n / 3)),
        })
        .collect();
    let mut changes: Vec<_> = incidents.iter().cloned().map(IncidentPut).collect();
    changes.extend(definitions.iter().rev().cloned().map(DefinitionPut));
    changes.push(IncidentDelete(made(3)));
    store.append(log.commands([1], changes)).await.unwrap();
    let mut wanted: Vec<_> = incidents.into_iter().filter(|row| row.id != made(3)).collect();
    wanted.sort_by_key(|row| (row.raised, row.id));
    assert_eq!(store.incidents(&log.unit, None, 100).await.unwrap(), wanted);
    assert_eq!(store.incidents(&log.unit, None, 2).await.unwrap(), wanted[..2]);
    wanted.retain(|row| row.instance == command(1));
    assert_eq!(store.incidents(&log.unit, Some(command(1)), 100).await.unwrap(), wanted);
    assert_eq!(store.definitions(&log.unit).await.unwrap(), definitions);
    assert_eq!(store.definition(&log.unit, &definitions[2].hash).await.unwrap().as_ref(), definitions.get(2));
    assert_eq!(store.definition(&unit("pune-1"), &definitions[2].hash).await.unwrap(), None);
}

pub(super) async fn reports_are_paged(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let mut rows: Vec<_> = (0..40).map(report).collect();
    store.append(log.commands([1], rows.iter().rev().cloned().map(ReportPut).collect())).await.unwrap();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.at), row.id));
    let found = async |kind, after, limit| store.reports(&log.unit, &ReportQuery { kind, after, limit }).await.unwrap();
    assert_eq!(found(None, None, 100).await, rows);
    let mut paged = Vec::new();
    loop {
        let page = found(None, paged.last().map(|row: &ReportRow| (row.at, row.id)), 7).await;
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, rows);
    rows.retain(|row| row.kind == ReportKind::Performance);
    assert_eq!(found(Some(ReportKind::Performance), None, 100).await, rows);
    assert!(store.reports(&unit("pune-1"), &ReportQuery { limit: 9, ..ReportQuery::default() }).await.unwrap().is_empty());
}

pub(super) async fn halting_holds_and_going_on_frees(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let status = |status| RowChange::InstanceStatus { instance: command(1), status, ended: None };
    let rows = |n| vec![TaskPut(task(n, 1)), JobPut(job(n, 1)), DuePut(due(n, Some(1), 5)), SubscriptionPut(subscription(n, 1))];
    let mut changes = vec![InstancePut(instance(1)), TaskPut(task(50, 2)), DuePut(due(51, None, 5))];
    changes.extend(rows(10));
    store.append(log.commands([1], changes)).await.unwrap();
    assert_eq!(held(&picture(store, &log).await), 0);
    // Rows that lie there, rows put before in the same transaction, and not those put after.
    let changes = [rows(20), vec![status(InstanceStatus::Suspended)], rows(30)].concat();
    store.append(log.commands([2], changes)).await.unwrap();
    let dump = picture(store, &log).await;
    assert_eq!(held(&dump), 8, "{dump}");
    // A change of a held row leaves it held; an end leaves holds as they are.
    let changes = vec![TaskAssign { task: made(10), assignee: Some(person(1)) }, status(InstanceStatus::Cancelled)];
    store.append(log.commands([3], changes)).await.unwrap();
    assert_eq!(held(&picture(store, &log).await), 8);
    assert!(store.task(&log.unit, made(10)).await.unwrap().unwrap().held);
    let seen = store.tasks(&log.unit, &TaskQuery { limit: 99, ..TaskQuery::default() }).await.unwrap();
    assert_eq!(seen.len(), 2);
    store.append(log.commands([4], vec![status(InstanceStatus::Suspended), status(InstanceStatus::Active)])).await.unwrap();
    assert_eq!(held(&picture(store, &log).await), 0);
    assert_eq!(store.tasks(&log.unit, &TaskQuery { limit: 99, ..TaskQuery::default() }).await.unwrap().len(), 4);
}

pub(super) async fn rows_are_replaced(store: &impl Store) {
    let (mut log, mut other) = (Log::new("mumbai-3"), Log::new("pune-1"));
    let snapshot = SnapshotPut { instance: command(1), sequence: 1, state: vec![1] };
    store.append(log.commands([1, 2], vec![TaskPut(task(1, 1)), DuePut(due(2, None, 1)), snapshot])).await.unwrap();
    store.append(other.commands([1], vec![TaskPut(task(1, 1))])).await.unwrap();
    let entries = store.entries(&log.unit, 0, 9).await.unwrap();
    store.replace_rows(&log.unit, vec![TaskPut(task(3, 1)), TaskPut(task(4, 1)), TaskDelete(made(4))]).await.unwrap();
    assert_eq!(tasks_of(store, &log.unit).await, 1);
    assert_eq!(store.task(&log.unit, made(3)).await.unwrap(), Some(task(3, 1)));
    assert!(store.snapshot(&log.unit, command(1)).await.unwrap().is_none());
    assert_eq!(store.entries(&log.unit, 0, 9).await.unwrap(), entries);
    assert_eq!(tasks_of(store, &other.unit).await, 1);
}

pub(super) async fn writers_of_one_unit_are_fenced(store: &impl Store) {
    // Four writers decide on the same state, again and again: one wins each time.
    let mut log = Log::new("mumbai-3");
    for round in 0..20u64 {
        let mut batches = (0..4).map(|n| {
            let mut own = Log::new("mumbai-3");
            for k in 0..round {
                own.entry(command(k), None);
            }
            own.commands([1000 + round * 4 + n], vec![TaskPut(task(round * 4 + n, 1))])
        });
        let [a, b, c, d] = std::array::from_fn(|_| store.append(batches.next().unwrap()));
        let (a, b, c, d) = tokio::join!(a, b, c, d);
        let won = [&a, &b, &c, &d].into_iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(won, 1, "{a:?} {b:?} {c:?} {d:?}");
        log.entry(command(round), None);
    }
    assert_eq!(store.entries(&log.unit, 0, 1000).await.unwrap().len(), 20);
    assert_eq!(tasks_of(store, &log.unit).await, 20);
}

pub(super) async fn a_caller_that_leaves_leaves_no_half(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    for round in 0..60u64 {
        let before = log.size;
        let batch = log.commands([round * 2, round * 2 + 1], vec![TaskPut(task(round, 1)), DuePut(due(round, None, 1))]);
        {
            let append = store.append(batch.clone());
            // Polled a few times, then dropped.
            let _ = tokio::time::timeout(std::time::Duration::from_micros(round * 60), append).await;
        }
        // Now it is there or, if it never reached the store, is appended here; a batch that is there is refused.
        match store.append(batch).await {
            Ok(()) | Err(StoreError::Fenced { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        assert_eq!(store.entries(&log.unit, before, 9).await.unwrap().len(), 2);
        assert!(store.task(&log.unit, made(round)).await.unwrap().is_some());
    }
    store.attend().await.unwrap();
    assert_eq!(store.due(Time(1), 1000).await.unwrap().len(), 60);
}
