//! What the writer is asked to do, and what of it is not done yet.

use std::collections::HashSet;

use tokio::sync::{mpsc, oneshot};

use super::plan::{Known, Plan};
use crate::model::{CommandId, UnitId};
use crate::projection::RowChange;
use crate::store::{Batch, StoreError};

/// Batches that one transaction takes. Each has a few hundred commands at most; the bound keeps the JSON of a statement small.
pub(super) const BATCHES_MAX: usize = 256;
/// Where the answer goes.
pub(super) type Answer = oneshot::Sender<Result<(), StoreError>>;

/// What the writer is asked to do.
pub(super) enum Work {
    /// Appends a batch that was checked.
    Append(Batch, Answer),
    /// Writes the rows that have gathered.
    Fold(Answer),
    /// Replaces the rows of a unit.
    Replace(UnitId, Vec<RowChange>, Answer),
    /// Copies the write-ahead log into the database and ends.
    Close(Answer),
}

/// What was asked for and is not done.
pub(super) struct Desk {
    inbox: mpsc::UnboundedReceiver<Work>,
    /// Taken out of the inbox just now.
    waiting: Vec<Work>,
    pub(super) next: Next,
    pub(super) closing: Option<Answer>,
    pub(super) is_closed: bool,
}

/// What comes after the transaction on its way.
#[derive(Default)]
pub(super) struct Next {
    pub(super) plan: Plan,
    /// The batches of the plan.
    pub(super) planned: Vec<Planned>,
    /// What could not be planned, and everything after it.
    pub(super) unplanned: Vec<Unplanned>,
    pub(super) readers: Vec<Answer>,
}

/// What is done by itself, in its order, asking the database first.
pub(super) enum Unplanned {
    Append(Batch, Answer),
    Replace(UnitId, Vec<RowChange>, Answer),
}

/// A batch of a plan.
pub(super) struct Planned {
    pub(super) batch: Batch,
    pub(super) answer: Answer,
    /// The number of its log.
    pub(super) number: i64,
}

impl Desk {
    /// Nothing is asked for yet.
    pub(super) fn new(inbox: mpsc::UnboundedReceiver<Work>) -> Self {
        Self { inbox, waiting: Vec::new(), next: Next::default(), closing: None, is_closed: false }
    }

    /// How much more is taken in: a transaction, and what waits after it, is bounded.
    pub(super) fn room(&self) -> usize {
        if self.is_closed || self.closing.is_some() {
            return 0;
        }
        let Next { planned, unplanned, readers, .. } = &self.next;
        BATCHES_MAX.saturating_sub(planned.len().max(unplanned.len()).max(readers.len()))
    }

    /// Waits for work, for so much at most; dropped meanwhile, it has taken none.
    pub(super) async fn receive(&mut self, room: usize) {
        let count = self.inbox.recv_many(&mut self.waiting, room).await;
        self.is_closed = count == 0;
    }

    /// Plans what was received. `flying` are the commands of the transaction on its way.
    pub(super) fn sort(&mut self, known: &mut Known, flying: &HashSet<(i64, CommandId)>) {
        let Next { plan, planned, unplanned, readers } = &mut self.next;
        for work in self.waiting.drain(..) {
            match work {
                // Erasing is done with more care than a plan takes.
                Work::Append(batch, answer) if unplanned.is_empty() && !erases(&batch) => match plan.add(known, flying, &batch) {
                    Ok(number) => planned.push(Planned { batch, answer, number }),
                    Err(_) => unplanned.push(Unplanned::Append(batch, answer)),
                },
                Work::Append(batch, answer) => unplanned.push(Unplanned::Append(batch, answer)),
                Work::Replace(unit, changes, answer) => unplanned.push(Unplanned::Replace(unit, changes, answer)),
                Work::Fold(answer) => readers.push(answer),
                Work::Close(answer) => self.closing = Some(answer),
            }
        }
    }
}

impl Planned {
    /// As it was asked for.
    pub(super) fn unplanned(self) -> Unplanned {
        Unplanned::Append(self.batch, self.answer)
    }
}

/// Whether a batch takes values away.
pub(super) fn erases(batch: &Batch) -> bool {
    batch.changes.iter().any(|change| matches!(change, RowChange::ValuesErase { .. }))
}
