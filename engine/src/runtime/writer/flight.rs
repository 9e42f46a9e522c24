//! Batches on their way to the disk. As many at a time as the store takes in order, so that it never waits for the next; they land in the
//! order in which they took off. Each was decided on what those before it leave, so where one fails the later ones fail with it.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use super::{Failure, Landed, Open, Received, Writer, answer, refuse_all};
use crate::journal::Event;
use crate::model::{Time, UnitId};
use crate::runtime::mailbox::Ask;
use crate::runtime::measure;
use crate::store::planted::{self, Bug};
use crate::store::{Batch, Head, Store, StoreError};

/// A batch on its way to the disk.
pub(super) struct Flight {
    written: Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>,
    /// What becomes true when it is written; its entries and rows have gone to the store.
    pub(super) batch: Open,
    /// Time and size of the log once it has landed.
    time: Time,
    size: u64,
}

impl<S: Store> Writer<S> {
    /// Sends the open batch on its way, if there is room for it: one transaction, or a part of one.
    pub(super) async fn take_off(&mut self) {
        if self.batch.answers.is_empty() && self.batch.entries.is_empty() {
            return;
        }
        // What writes nothing, and only tells what holds if those before it are written, waits for them.
        let room = if self.batch.entries.is_empty() { 1 } else { self.shared.store.flights() };
        if self.flights.len() >= room {
            return;
        }
        let next = Open { from: self.size, ..Open::default() };
        let mut batch = std::mem::replace(&mut self.batch, next);
        let (shared, unit, size) = (Arc::clone(&self.shared), self.unit.clone(), self.size);
        let mut written: Pin<Box<dyn Future<Output = _> + Send>> = if !batch.entries.is_empty() {
            let head = Head { origin: self.log.to_string(), size, frontier: self.frontier.to_bytes(), time: self.time };
            let (mut entries, mut changes) = (std::mem::take(&mut batch.entries), std::mem::take(&mut batch.changes));
            if planted::is(Bug::SwapEntries) && entries.len() > 1 {
                entries.swap(0, 1);
            }
            if planted::is(Bug::LoseRow) && size % 16 == 0 {
                changes.pop();
            }
            let write = Batch { unit, from: batch.from, head, entries, changes };
            let count = write.entries.len();
            if planted::is(Bug::KeepAll) {
                std::mem::forget(vec![1_u8; count << 20]);
            }
            Box::pin(async move {
                if planted::is(Bug::SignEarly) {
                    planted::sign_early(&write).await;
                }
                measure::batch(count, shared.store.append(write)).await
            })
        } else if shared.has_others && !planted::is(Bug::StayBehind) {
            // Nothing but refusals, which no write tells whether they still hold: another node may have written meanwhile.
            Box::pin(async move {
                let is_so = still(&shared.store, unit.clone(), size).await;
                shared.store.let_go(&unit).await?;
                is_so
            })
        } else {
            // Nothing but refusals, and repeats of what is durable.
            answer(batch.answers);
            return;
        };
        if planted::is(Bug::AnswerEarly) {
            tokio::spawn(written);
            written = Box::pin(std::future::ready(Ok(())));
        }
        // Begun at once, and not only when it is waited for.
        let begun = poll_fn(|context| Poll::Ready(written.as_mut().poll(context))).await;
        if let Poll::Ready(done) = begun {
            written = Box::pin(std::future::ready(done));
        }
        self.flights.push_back(Flight { written, batch, time: self.time, size });
    }

    /// Waits until the first batch on its way is durable; returns those who wait for it. Dropped, it can be called again. After a failure
    /// the writer must be ended by `fail`.
    pub(super) async fn land(&mut self) -> Result<Landed, Arc<StoreError>> {
        let Some(flight) = self.flights.front_mut() else { return Ok(Landed::default()) };
        let written = flight.written.as_mut().await;
        let Some(Flight { batch, time, size, .. }) = self.flights.pop_front() else { return Ok(Landed::default()) };
        if let Err(error) = written {
            self.failed = Some(batch);
            return Err(Arc::new(error));
        }
        self.shared.time.recorded(time);
        self.forget_ended(&batch);
        self.shared.followers.tell(&self.unit, size);
        if self.unit.as_str() == UnitId::SITE {
            self.shared.office_is(batch.office, size);
        }
        self.shared.add_documents(&batch.taken_in);
        // Also what is due already: the clock may have jumped while the dispatcher sleeps.
        let now = self.shared.time.now();
        if !planted::is(Bug::LoseWakeUp)
            && batch.first_due.is_some_and(|due| due <= now || due.0 < self.shared.looks.load(Ordering::Acquire))
        {
            self.shared.due.notify_one();
        }
        Ok(batch.answers)
    }

    /// Waits until everything on its way is durable, and tells those who wait for it.
    pub(super) async fn land_all(&mut self) -> Result<(), Arc<StoreError>> {
        while !self.flights.is_empty() {
            answer(self.land().await?);
        }
        Ok(())
    }

    /// Has the store take what changes subscriptions or early messages, before it is asked about them.
    pub(super) async fn settle_mail(&mut self) -> Result<(), Failure> {
        if self.batch.mail_changed || self.flights.iter().any(|flight| flight.batch.mail_changed) {
            self.land_all().await.map_err(Failure::Store)?;
            self.find_refused().await;
            self.take_off().await;
            self.land_all().await.map_err(Failure::Store)?;
        }
        Ok(())
    }

    /// Ends after a failed write, of which nothing was written. What must be decided again is returned, in its order: everything, if the
    /// store has one of the commands already that was not looked for, or if another node wrote meanwhile. Else everyone is told.
    pub(super) async fn fail(mut self, error: &Arc<StoreError>, rest: Vec<Ask>) -> (Vec<Ask>, Received) {
        let mut failed: Vec<Open> = self.failed.take().into_iter().collect();
        // The store refuses those that follow, unless what failed was written after all, and only the answer was lost.
        while !self.flights.is_empty() {
            match self.land().await {
                Ok(landed) => answer(landed),
                Err(_) => failed.extend(self.failed.take()),
            }
        }
        failed.push(self.batch);
        let unsure = failed.iter().any(|batch| batch.unsure);
        let mut asks = Vec::new();
        for (ask, outcome) in failed.into_iter().flat_map(|batch| batch.answers) {
            // What it received is still there.
            for event in outcome.iter().filter(|accepted| !accepted.repeated).flat_map(|accepted| &accepted.entry.events) {
                if let Event::MessageReceived { message, .. } = event {
                    self.received.pop(message);
                }
            }
            asks.push(ask);
        }
        asks.extend(rest);
        let again = match **error {
            StoreError::Twice(_) => unsure,
            // Another node wrote meanwhile.
            StoreError::Fenced { .. } => self.shared.has_others,
            _ => false,
        };
        if again {
            tracing::debug!(unit = %self.unit, %error, "a batch is decided again");
        } else {
            // As far as anyone knows: where the answer was lost, it may have been.
            self.shared.doubt.store(true, Ordering::Relaxed);
            // Of a full disk the store itself tells, once.
            if !matches!(**error, StoreError::Full) {
                tracing::warn!(unit = %self.unit, %error, "a batch was not written");
            }
            refuse_all(&mut asks, error);
        }
        (asks, self.received)
    }

    /// Lets go of the cases that a batch ended, now that the store has it: hardly anything comes for them any more.
    fn forget_ended(&mut self, landed: &Open) {
        for (_, outcome) in &landed.answers {
            let Some(entry) = outcome.as_ref().ok().filter(|accepted| !accepted.repeated).map(|accepted| &accepted.entry) else {
                continue;
            };
            let Some(id) = entry.link.map(|link| link.instance) else { continue };
            if self.cases.peek(&id).is_some_and(|case| case.is_over() && case.last == Some(entry.leaf_hash)) {
                self.cases.pop(&id);
            }
        }
    }
}

/// Whether a log still has the size that something was decided on.
async fn still<S: Store>(store: &S, unit: UnitId, expected: u64) -> Result<(), StoreError> {
    let found = store.head(&unit).await?.map_or(0, |head| head.size);
    if found == expected { Ok(()) } else { Err(StoreError::Fenced { unit, expected, found }) }
}
