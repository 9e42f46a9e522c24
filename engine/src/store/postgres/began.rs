//! Which entry began a case. It never changes once it is there, so what was asked of the database or written to it is remembered.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::journal::Sealed;
use crate::model::{CommandId, UnitId};

/// Cases that are remembered: more than are worked on at the same time, as a rule.
const CASES: NonZeroUsize = NonZeroUsize::new(1 << 16).unwrap();

/// The indexes of the entries that began the cases written to lately.
#[derive(Debug)]
pub(super) struct Began(Mutex<LruCache<(UnitId, CommandId), u64>>);

impl Default for Began {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(CASES)))
    }
}

impl Began {
    fn all(&self) -> MutexGuard<'_, LruCache<(UnitId, CommandId), u64>> {
        // Each change of the map is one call.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a case began, if it is remembered.
    pub(super) fn get(&self, unit: &UnitId, case: CommandId) -> Option<u64> {
        self.all().get(&(unit.clone(), case)).copied()
    }

    /// Remembers where a case began. The database has it.
    pub(super) fn put(&self, unit: &UnitId, case: CommandId, index: u64) {
        self.all().put((unit.clone(), case), index);
    }

    /// Remembers the cases that durable entries began.
    pub(super) fn written(&self, unit: &UnitId, entries: &[Sealed]) {
        for entry in entries {
            if let Some(link) = entry.link.filter(|link| link.sequence == 1) {
                self.put(unit, link.instance, entry.index);
            }
        }
    }
}
