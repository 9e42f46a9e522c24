//! The laws of batches that are on their way at the same time: they are written in the order in which they were handed over, or not at all.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use engine::journal::Sealed;
use engine::projection::RowChange::{TaskDelete, TaskPut};
use engine::store::{Batch, Store, StoreError};

use super::super::make::*;
use super::tasks_of;

/// Hands all of them over before any is written, and waits.
async fn flown(store: &impl Store, batches: Vec<Batch>) -> Vec<Result<(), StoreError>> {
    let mut flights: Vec<Pin<Box<_>>> = batches.into_iter().map(|batch| Box::pin(store.append(batch))).collect();
    let mut done = Vec::new();
    for flight in &mut flights {
        done.push(match poll_fn(|context| Poll::Ready(flight.as_mut().poll(context))).await {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        });
    }
    let mut outcomes = Vec::new();
    for (flight, done) in flights.into_iter().zip(done) {
        outcomes.push(match done {
            Some(done) => done,
            None => flight.await,
        });
    }
    outcomes
}

pub(in crate::store) async fn batches_on_their_way_are_written_in_order(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let mut wanted: Vec<Sealed> = Vec::new();
    for round in 0..20 {
        let mut batches = Vec::new();
        for n in 0..store.flights() as u64 {
            // A case is begun in each and goes on in the one after it; a task is made in each and gone in the next.
            let (id, before) = (round * 100 + n * 10, round * 100 + n.saturating_sub(1) * 10);
            let entries = vec![log.entry(command(id), Some(command(id))), log.entry(command(id + 1), Some(command(before)))];
            wanted.extend(entries.iter().cloned());
            let mut changes = vec![TaskPut(task(id, 1))];
            changes.extend((n > 0).then_some(TaskDelete(made(before))));
            batches.push(log.batch(entries, changes));
        }
        for outcome in flown(store, batches).await {
            outcome.unwrap();
        }
    }
    assert_eq!(store.entries(&log.unit, 0, 9_999).await.unwrap(), wanted);
    assert_eq!(store.head(&log.unit).await.unwrap().map(|head| head.size), Some(log.size));
    for entry in &wanted {
        let Some(link) = entry.link else { continue };
        let of_case = store.case_entries(&log.unit, link.instance, link.sequence).await.unwrap();
        assert_eq!(of_case.first(), Some(entry));
    }
    let rows = store.dump_rows(&log.unit).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.starts_with("task ")).count(), 20, "one of each round");
}

pub(in crate::store) async fn what_follows_a_refused_batch_is_refused(store: &impl Store) {
    let (mut log, mut other) = (Log::new("mumbai-3"), Log::new("pune-1"));
    store.append(log.commands(0..3, Vec::new())).await.unwrap();
    let before = store.entries(&log.unit, 0, 99).await.unwrap();
    let mut refused = Log::new("mumbai-3");
    refused.commands(0..3, Vec::new());
    // The first has a command that is there already.
    let mut batches = vec![refused.commands([10, 1], vec![TaskPut(task(1, 1))])];
    for n in 1..store.flights() as u64 {
        batches.push(refused.commands([20 + n], vec![TaskPut(task(1 + n, 1))]));
    }
    batches.push(other.commands([1], vec![TaskPut(task(9, 1))]));
    let mut outcomes = flown(store, batches).await.into_iter();
    assert!(matches!(outcomes.next(), Some(Err(StoreError::Twice(_)))));
    assert!(matches!(outcomes.next_back(), Some(Ok(()))), "another log has nothing to do with it");
    for outcome in outcomes {
        assert!(matches!(outcome, Err(StoreError::Fenced { .. })), "{outcome:?}");
    }
    assert_eq!(store.entries(&log.unit, 0, 99).await.unwrap(), before);
    assert!(store.dump_rows(&log.unit).await.unwrap().is_empty());
    // Nothing of them is believed to be there.
    store.append(log.commands([10, 21], vec![TaskPut(task(1, 1))])).await.unwrap();
    assert_eq!(store.head(&log.unit).await.unwrap().map(|head| head.size), Some(5));
}

pub(in crate::store) async fn units_are_written_in_parallel(store: &impl Store) {
    let names: Vec<String> = (0..8).map(|n| format!("unit-{n}")).collect();
    let write = async |name: &str| {
        let mut log = Log::new(name);
        for n in 0..25 {
            store.append(log.commands([2 * n, 2 * n + 1], vec![TaskPut(task(n, n))])).await.unwrap();
            let back = store.entries(&log.unit, 2 * n, 9).await.unwrap();
            assert_eq!(back.len(), 2, "reads see what was answered");
        }
        log.size
    };
    let mut all = Vec::new();
    for name in &names {
        all.push(write(name));
    }
    let mut all = all.into_iter();
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|_| all.next().unwrap());
    tokio::join!(a, b, c, d, e, f, g, h);
    let units = store.units().await.unwrap();
    assert_eq!(units.iter().map(ToString::to_string).collect::<Vec<_>>(), names);
    for unit in units {
        let entries = store.entries(&unit, 0, 1000).await.unwrap();
        assert!(entries.len() == 50 && entries.iter().zip(0..).all(|(entry, index)| entry.index == index));
        assert_eq!(tasks_of(store, &unit).await, 25);
    }
}
