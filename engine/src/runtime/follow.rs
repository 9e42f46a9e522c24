//! Following a log: who waits for it to grow is told, whichever node wrote.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::Engine;
use crate::model::UnitId;
use crate::store::{Store, StoreError};

/// How long it is before a store is listened to again that failed at it.
const DEAF: Duration = Duration::from_secs(1);

/// The sizes that followed logs are known to have.
#[derive(Debug, Default)]
pub(super) struct Followers(Mutex<HashMap<UnitId, watch::Sender<u64>>>);

impl Followers {
    /// Says that a log has at least so many entries.
    pub(super) fn tell(&self, unit: &UnitId, size: u64) {
        let logs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = logs.get(unit) {
            known.send_if_modified(|known| size > std::mem::replace(known, size.max(*known)));
        }
    }

    fn follow(&self, unit: &UnitId) -> watch::Receiver<u64> {
        let mut logs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logs.entry(unit.clone()).or_default().subscribe()
    }

    /// Logs that somebody follows; the others are forgotten.
    fn followed(&self) -> Vec<UnitId> {
        let mut logs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logs.retain(|_, known| known.receiver_count() > 0);
        logs.keys().cloned().collect()
    }
}

impl<S: Store> Engine<S> {
    /// How many entries a log has, now and as it grows. The value only says that it is worth reading: what is there is read from the store, by
    /// the index that the reader has come to, so that nothing is lost or told twice whatever became of a wake-up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn follow(&self, unit: &UnitId) -> Result<watch::Receiver<u64>, StoreError> {
        // First the place, then the look: what is written in between is told.
        let size = self.shared.followers.follow(unit);
        let head = self.shared.store.head(unit).await?;
        self.shared.followers.tell(unit, head.map_or(0, |head| head.size));
        Ok(size)
    }

    /// Tells followers of what other nodes write, until `stop` turns true.
    pub async fn listen(self, mut stop: watch::Receiver<bool>) {
        loop {
            let heard = async {
                if let Err(error) = self.shared.store.heard().await {
                    tracing::debug!(%error, "other nodes are not heard");
                    tokio::time::sleep(DEAF).await;
                }
            };
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                () = heard => {}
            }
            for unit in self.shared.followers.followed() {
                match self.shared.store.head(&unit).await {
                    Ok(head) => self.shared.followers.tell(&unit, head.map_or(0, |head| head.size)),
                    Err(error) => tracing::debug!(%unit, %error, "a followed log is looked at again later"),
                }
            }
        }
    }
}
