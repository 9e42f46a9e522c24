//! That a node began to serve: noted in the site log, so that it can be told what ran when.

use std::time::Duration;

use tokio::sync::watch;

use super::{Engine, Refusal};
use crate::journal::event::Started;
use crate::journal::{Actor, Command, Envelope};
use crate::model::UnitId;
use crate::store::Store;

/// It is tried again after so long.
const TRY_AGAIN: Duration = Duration::from_secs(1);

impl<S: Store> Engine<S> {
    /// Notes that this process serves, once, however often it has to be tried, unless `stop` turns true before.
    pub async fn note_start(self, started: Started, mut stop: watch::Receiver<bool>) {
        // Each start is one of its own; under the same key each time that it is tried.
        let key = format!("start:{}", self.mint_key());
        loop {
            let envelope = Envelope::new(Actor::System, &key, Command::NoteStart(started.clone()));
            match self.submit(&UnitId::site(), envelope).await {
                Ok(_) | Err(Refusal::Stopping) => return,
                Err(refusal @ Refusal::Rejected(_)) => {
                    tracing::error!(%refusal, "the start of the program is not recorded");
                    return;
                }
                Err(refusal) => tracing::warn!(%refusal, "the start of the program is not recorded yet and will be tried again"),
            }
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(TRY_AGAIN) => {}
            }
        }
    }
}
