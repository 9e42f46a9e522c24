//! What the signer shows of the units' logs, taken into the site log: whatever holds the site's log outside then holds every unit's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use super::signer::{self, SignerError};
use super::{Accepted, Engine, Refusal};
use crate::digest::Hash;
use crate::journal::event::LogSigned;
use crate::journal::{Actor, Command, Envelope};
use crate::model::UnitId;
use crate::model::limits::CHECKPOINTS_TAKEN_MAX;
use crate::store::{Store, StoreError};

/// Seconds from one entry to the next at least. Where nothing was signed meanwhile there is none.
const EVERY_SECONDS: i64 = 3_600;
/// It is looked whether one is due so soon after the start, and then after so long: reading what is shown costs little.
const FIRST_LOOK: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// What the signer shows cannot be read, or is not of this installation.
    #[error(transparent)]
    Shown(#[from] SignerError),
    /// What is shown of a log is not what was taken in of it before: the signer's key has signed two histories.
    #[error(
        "{log}: another root is shown of {size} entries than the site log has taken in. One of the two is forged: see FORMAT.md of evidence, section 3"
    )]
    Differs {
        /// The log, by its signed name.
        log: String,
        /// The size.
        size: u64,
    },
    /// The site log did not take it in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> Engine<S> {
    /// Takes in what the signer shows in this folder, each hour in which anything was signed, until `stop` turns true.
    pub async fn take_in(self, shown: PathBuf, mut stop: watch::Receiver<bool>) {
        let mut wait = FIRST_LOOK;
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = LOOK_AGAIN;
            match self.take_checkpoints(&shown).await {
                Ok(_) | Err(NotTaken::Refused(Refusal::Stopping)) => {}
                Err(error @ NotTaken::Differs { .. }) => tracing::error!(%error, "the units' checkpoints are not taken in"),
                Err(error) => tracing::warn!(%error, "the units' checkpoints are not taken in yet; it will be tried again"),
            }
        }
    }

    /// Takes in what the signer shows, where an hour has gone since the last time and anything was signed: the entry, if there is one.
    ///
    /// # Errors
    /// When what is shown cannot be relied on, or the site log does not take it in.
    pub async fn take_checkpoints(&self, shown: &Path) -> Result<Option<Accepted>, NotTaken> {
        self.catch_up().await?;
        let office = self.office();
        let last = office.taken.values().map(|taken| taken.time).max();
        // Before anything is signed there is no folder.
        if last.is_some_and(|last| self.now() < last.plus_seconds(EVERY_SECONDS)) || !shown.join(UnitId::SITE).is_dir() {
            return Ok(None);
        }
        let (anchor, _) = signer::shown(shown)?;
        let units = format!("{}/unit/", self.options().host);
        let mut checkpoints = Vec::new();
        for one in anchor.checkpoints().filter(|one| one.origin.starts_with(&units)) {
            match office.taken.get(&one.origin) {
                Some(taken) if taken.size == one.size && taken.root != one.root => {
                    return Err(NotTaken::Differs { log: one.origin.clone(), size: one.size });
                }
                Some(taken) if taken.size >= one.size => {}
                _ if one.size == 0 => {}
                _ => checkpoints.push(LogSigned { log: one.origin.clone(), size: one.size, root: one.root }),
            }
        }
        checkpoints.truncate(CHECKPOINTS_TAKEN_MAX);
        if checkpoints.is_empty() {
            return Ok(None);
        }
        // The same key for the same checkpoints: nodes that look at the same time write one entry.
        let lines: Vec<String> = checkpoints.iter().map(|one| format!("{} {} {}\n", one.log, one.size, one.root)).collect();
        let key = format!("checkpoints:{}", Hash::of(lines.concat().as_bytes()));
        let envelope = Envelope::new(Actor::System, &key, Command::TakeCheckpoints { checkpoints });
        match self.submit(&UnitId::site(), envelope).await {
            Ok(accepted) => Ok(Some(accepted)),
            // Another node was before; what is newer is taken in the next time.
            Err(Refusal::Rejected(rejection)) if rejection.code == "checkpoints.known" => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }
}
