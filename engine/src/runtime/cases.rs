//! Cases from the store: the last snapshot, and the entries since.

use crate::journal::{Entry, Sealed, codec};
use crate::machine::{self, Instance};
use crate::model::{CommandId, UnitId};
use crate::store::{Store, StoreError};

use super::broken;

/// Kept states read at a time.
const KEPT_PAGE: u32 = 16;

/// A case's state as the journal has it; none where there is no such case.
pub(super) async fn load<S: Store>(store: &S, unit: &UnitId, id: CommandId) -> Result<Option<Instance>, StoreError> {
    let kept = store.snapshot(unit, id).await?;
    // One of another version of this program is no loss: the journal has everything. One of another case is none of this.
    let kept = kept.and_then(|(sequence, state)| Some((sequence, serde_json::from_slice(&state).ok()?)));
    let kept = kept.filter(|(sequence, instance): &(u64, Instance)| instance.id == id && instance.sequence == *sequence);
    let (mut instance, from) = kept.map_or_else(|| (Instance::new(id), 1), |(sequence, instance)| (instance, sequence + 1));
    for sealed in store.case_entries(unit, id, from).await? {
        replay(&mut instance, &sealed)?;
    }
    Ok((instance.sequence > 0).then_some(instance))
}

/// The first kept state of a unit that is not what the entries of its case make. One that cannot be read differs too: another version of the program
/// kept it, or somebody changed it, and which of the two nobody can tell.
pub(super) async fn kept_differs<S: Store>(store: &S, unit: &UnitId) -> Result<Option<String>, StoreError> {
    let mut after = None;
    loop {
        let page = store.snapshots(unit, after, KEPT_PAGE).await?;
        let Some((last, ..)) = page.last() else { return Ok(None) };
        after = Some(*last);
        for (id, sequence, state) in &page {
            let mut instance = Instance::new(*id);
            for sealed in store.case_entries(unit, *id, 1).await? {
                if instance.sequence < *sequence {
                    replay(&mut instance, &sealed)?;
                }
            }
            let made = serde_json::to_vec(&instance).map_err(broken)?;
            let wrong = match instance.sequence {
                0 => "there is no such case",
                reached if reached != *sequence => "column sequence: the case has fewer entries",
                _ if made != *state => "column state: it is not what the entries of the case make up to this sequence",
                _ => continue,
            };
            return Ok(Some(format!("table snapshot, row {id}: {wrong}")));
        }
    }
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
    instance.handed_over |= entry.handed_over;
}
