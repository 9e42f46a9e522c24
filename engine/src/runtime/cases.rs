//! Cases from the store: the last snapshot, and the entries since.

use crate::journal::{Entry, Sealed, codec};
use crate::machine::{self, Instance};
use crate::model::{CommandId, UnitId};
use crate::store::{Store, StoreError};

use super::broken;

/// A case's state as the journal has it; none where there is no such case.
pub(super) async fn load<S: Store>(store: &S, unit: &UnitId, id: CommandId) -> Result<Option<Instance>, StoreError> {
    let kept = store.snapshot(unit, id).await?;
    // One of another version of this program is no loss: the journal has everything.
    let kept = kept.and_then(|(sequence, state)| Some((serde_json::from_slice(&state).ok()?, sequence + 1)));
    let (mut instance, from): (Instance, u64) = kept.unwrap_or_else(|| (Instance::new(id), 1));
    for sealed in store.case_entries(unit, id, from).await? {
        replay(&mut instance, &sealed)?;
    }
    Ok((instance.sequence > 0).then_some(instance))
}

/// Applies a stored entry to the case that it belongs to.
fn replay(instance: &mut Instance, sealed: &Sealed) -> Result<(), StoreError> {
    let entry = codec::open(sealed).map_err(broken)?;
    let Some(link) = entry.link else { return Err(broken(format!("entry {} belongs to no case", entry.index))) };
    if link.sequence != instance.sequence + 1 || link.previous != instance.last {
        return Err(broken(format!("entry {} does not follow the one before it of its case", entry.index)));
    }
    follow(instance, &entry);
    Ok(())
}

/// Applies an entry's events, and remembers it as the last of the case.
pub(super) fn follow(instance: &mut Instance, entry: &Entry) {
    for event in &entry.events {
        machine::apply(instance, &entry.origin, event);
    }
    advance(instance, entry);
}

/// Remembers an entry as the last of the case, its events being applied already.
pub(super) fn advance(instance: &mut Instance, entry: &Entry) {
    instance.sequence += 1;
    instance.last = Some(entry.leaf_hash);
}
