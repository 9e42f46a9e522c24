//! Long work: what falls due and takes its time goes in a task of its own, beside everything else that is due.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::due::answered;
use super::report::Wanted;
use super::{Engine, Refusal};
use crate::digest::Hash;
use crate::journal::{Actor, Command, Envelope};
use crate::machine::call::due_key;
use crate::model::UnitId;
use crate::model::id::Made;
use crate::store::Store;

/// Reports that are made at a time: each reads many cases. Reviews do not wait for them.
pub(super) const REPORTS_AT_A_TIME: usize = 2;
/// How long one that failed rests before it is tried again; each time twice as long.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// How long at most.
const PAUSE_MAX: Duration = Duration::from_mins(5);

/// Work of its own beside everything else that is due.
#[derive(Debug, Clone)]
pub(super) struct Aside {
    /// The log in which its row lies.
    pub(super) unit: UnitId,
    /// The row.
    pub(super) row: Made,
    /// What is to be done.
    pub(super) work: LongWork,
}

/// What takes its time.
#[derive(Debug, Clone)]
pub(super) enum LongWork {
    /// A changed document is taken to the running clocks: many commands.
    Review(Hash),
    /// A report is made, and kept in another log: many cases are read.
    Report(Wanted),
}

impl<S: Store> Engine<S> {
    /// Carries it out, and tries it again for as long as it fails, until `stop` turns true. What rests holds up no other.
    pub(super) async fn keep_at(self, aside: Aside, reports: Arc<Semaphore>, mut stop: watch::Receiver<bool>) {
        let attempt = async || {
            let _turn = match aside.work {
                LongWork::Report(_) => reports.acquire().await.ok(),
                LongWork::Review(_) => None,
            };
            self.carry(&aside).await
        };
        let done = async {
            let mut pause = PAUSE_MIN;
            while let Err(refusal) = attempt().await {
                // On the way out it is left for the next start.
                if !matches!(refusal, Refusal::Stopping) {
                    tracing::warn!(due = %aside.row, %refusal, "long work was not done and will be tried again");
                }
                tokio::time::sleep(pause).await;
                pause = PAUSE_MAX.min(pause * 2);
            }
        };
        // Left half-way, it is taken up again at the next start: its row is still there.
        tokio::select! {
            biased;
            () = done => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Carries it out once. Done again, it changes nothing that it has changed; its row goes when all of it is done.
    pub(super) async fn carry(&self, aside: &Aside) -> Result<(), Refusal> {
        match &aside.work {
            LongWork::Review(because) => self.review(aside.row, *because).await?,
            LongWork::Report(wanted) => self.make_report(aside.row, wanted).await?,
        }
        let envelope = Envelope::new(Actor::System, &due_key(aside.row), Command::NoteDelivery {});
        answered(self.send(&aside.unit, envelope, Some(aside.row), true)).await.map(drop)
    }
}
