//! The lock of a unit's head row, kept from before a batch is decided until it is written: for a process whose batches others overtook.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::Postgres;
use sqlx::postgres::PgPool;

use super::append::size;
use super::failure::{Failure, broken};
use crate::model::UnitId;
use crate::store::StoreError;

/// A transaction that has locked a head and done nothing yet.
type Lock = sqlx::Transaction<'static, Postgres>;

/// What this process holds, by unit.
#[derive(Debug, Default)]
pub(super) struct Held(Mutex<HashMap<UnitId, Lock>>);

impl Held {
    fn all(&self) -> MutexGuard<'_, HashMap<UnitId, Lock>> {
        // Each change of the map is one call.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the lock of a unit, behind whoever waits already. At most so many are held, so that connections are left for reading.
    pub(super) async fn hold(&self, pool: &PgPool, unit: &UnitId, most: usize) -> Result<(), StoreError> {
        if self.all().len() >= most {
            return Ok(());
        }
        let mut lock = pool.begin().await.map_err(broken)?;
        match size(&mut lock, unit).await {
            Ok(_) => {
                self.all().insert(unit.clone(), lock);
                Ok(())
            }
            Err(Failure::Told(error)) => Err(error),
            Err(Failure::Again(what)) => Err(StoreError::Broken(what)),
        }
    }

    pub(super) fn take(&self, unit: &UnitId) -> Option<Lock> {
        self.all().remove(unit)
    }

    pub(super) async fn let_go(&self, unit: &UnitId) {
        let lock = self.take(unit);
        if let Some(lock) = lock {
            // If this fails, so has the connection, and the server lets go by itself.
            let _ = lock.rollback().await;
        }
    }

    /// Lets go of everything.
    pub(super) fn clear(&self) {
        self.all().clear();
    }
}
