//! Reading: cases with their history, and jobs fetched by workers.

use super::cases::{follow, load};
use super::{Engine, Refusal, broken};
use crate::digest::Hash;
use crate::journal::{Actor, Command, Entry, Envelope, codec};
use crate::machine::Instance;
use crate::model::{CommandId, JobId, Time, UnitId, Values};
use crate::store::{Store, StoreError};

/// A job that a worker has locked.
#[derive(Debug, Clone)]
pub struct LockedJob {
    /// Job.
    pub id: JobId,
    /// Case.
    pub instance: CommandId,
    /// Its definition.
    pub definition: Hash,
    /// Step id.
    pub step: String,
    /// Topic.
    pub topic: String,
    /// Attempts that remain.
    pub retries: u32,
    /// Until when it is the worker's.
    pub until: Time,
    /// Values handed over.
    pub data: Values,
}

impl<S: Store> Engine<S> {
    /// A case as it stands.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn instance(&self, unit: &UnitId, id: CommandId) -> Result<Option<Instance>, StoreError> {
        load(&self.shared.store, unit, id).await
    }

    /// All entries of a case, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, unit: &UnitId, id: CommandId) -> Result<Vec<Entry>, StoreError> {
        let sealed = self.shared.store.case_entries(unit, id, 1).await?;
        sealed.iter().map(|sealed| codec::open(sealed).map_err(broken)).collect()
    }

    /// A case rebuilt from its first entry, snapshots left aside: what `instance` must equal.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn replayed(&self, unit: &UnitId, id: CommandId) -> Result<Option<Instance>, StoreError> {
        let mut instance = Instance::new(id);
        for entry in self.history(unit, id).await? {
            follow(&mut instance, &entry);
        }
        Ok((instance.sequence > 0).then_some(instance))
    }

    /// Locks up to `limit` jobs of these topics for a worker, oldest first. `key` makes the call idempotent job by job.
    ///
    /// # Errors
    /// A refusal that is not about one job alone.
    #[expect(clippy::too_many_arguments, reason = "one call with all that a worker says of itself; a struct would be used once")]
    pub async fn lock_jobs(
        &self,
        unit: &UnitId,
        actor: &Actor,
        key: &str,
        worker: &str,
        topics: &[String],
        seconds: i64,
        limit: u32,
    ) -> Result<Vec<LockedJob>, Refusal> {
        let store_error = |error| Refusal::Store(std::sync::Arc::new(error));
        let rows = self.shared.store.jobs(unit, topics, self.now(), limit).await.map_err(store_error)?;
        let mut locked = Vec::with_capacity(rows.len());
        for row in rows {
            let command = Command::LockJob { job: row.id, worker: worker.to_owned(), seconds };
            let envelope = Envelope::new(actor.clone(), &format!("{key}:{}", row.id), command);
            match self.submit(unit, envelope).await {
                Ok(_) => {}
                // Another worker was faster, or the case rests.
                Err(Refusal::Rejected(_)) => continue,
                Err(refusal) if locked.is_empty() => return Err(refusal),
                // What is locked already is handed out: the worker would not know of it otherwise.
                Err(_) => break,
            }
            let case = self.instance(unit, row.instance).await.map_err(store_error)?;
            // The same key again locks nothing anew: a lock that has ended is not handed out.
            let held = |job: &crate::machine::state::Job| job.worker.as_deref() == Some(worker) && job.available > self.now();
            let Some(case) = case else { continue };
            let Some(job) = case.jobs.get(&row.id).cloned().filter(held) else { continue };
            locked.push(LockedJob {
                id: row.id,
                instance: row.instance,
                definition: case.definition,
                step: job.step,
                topic: job.topic,
                retries: job.retries,
                until: job.available,
                data: job.data,
            });
        }
        Ok(locked)
    }
}
