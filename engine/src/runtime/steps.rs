//! Steps of the wall clock: looked for every second, and journalled in the site log.

use std::time::Duration;

use tokio::sync::watch;

use super::clock::Step;
use super::{Engine, Refusal};
use crate::journal::{Actor, Command, Envelope};
use crate::model::UnitId;
use crate::store::Store;

/// The wall clock is looked at again after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl<S: Store> Engine<S> {
    /// Looks at the wall clock until `stop` turns true, and once more then.
    pub(super) async fn watch_clock(&self, mut stop: watch::Receiver<bool>) {
        loop {
            match self.journal_steps().await {
                Ok(()) | Err(Refusal::Stopping) => {}
                Err(refusal) => {
                    tracing::warn!(%refusal, "a step of the wall clock is not journalled yet and will be tried again");
                }
            }
            if *stop.borrow() {
                return;
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Journals the steps of the wall clock that were found since the last time.
    ///
    /// # Errors
    /// When the site log refuses one; it is journalled the next time.
    pub async fn journal_steps(&self) -> Result<(), Refusal> {
        self.now();
        while let Some(step) = self.shared.time.step() {
            // More may be due by now than the dispatcher sleeps for.
            self.shared.due.notify_one();
            // The same key each time that it is tried: it is journalled once.
            let Step { before, after, at_start } = step;
            let key = format!("step:{}:{}", before.0, after.0);
            let command = Command::NoteStep { before, after, at_start };
            self.submit(&UnitId::site(), Envelope::new(Actor::System, &key, command)).await?;
            self.shared.time.journalled(step);
        }
        Ok(())
    }
}
