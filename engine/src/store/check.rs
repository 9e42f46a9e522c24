//! What both stores hold a batch to before they write it, and what they read from a leaf.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Batch, StoreError};
use crate::digest::Hash;
use crate::journal::Sealed;
use crate::journal::codec::EVENTS;
use crate::journal::entry::Link;
use crate::model::{CommandId, Time};
use crate::projection::RowChange;

/// Largest index of a log: with the unit's number before it, a place fits into 63 bits.
pub(super) const INDEX_MAX: u64 = (1 << 40) - 1;

/// What a leaf says about the place of its entry. It is stored there and nowhere else, so nothing can disagree with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) index: u64,
    pub(super) time: Time,
    pub(super) command: CommandId,
    pub(super) link: Option<Link>,
    /// How many payloads it commits.
    pub(super) payloads: usize,
}

#[derive(Deserialize)]
struct Leaf<'a> {
    i: u64,
    #[serde(borrow)]
    t: Cow<'a, str>,
    cmd: CommandId,
    case: Option<CommandId>,
    os: Option<u64>,
    op: Option<Hash>,
    pl: Vec<IgnoredAny>,
}

impl Stamp {
    /// Reads it from the bytes of a leaf.
    pub(super) fn read(leaf: &str) -> Result<Self, String> {
        let leaf: Leaf<'_> = serde_json::from_str(leaf).map_err(|error| format!("leaf: {error}"))?;
        let time = Time::parse(&leaf.t).ok_or_else(|| format!("leaf: time {:?}", leaf.t))?;
        let link = match (leaf.case, leaf.os) {
            (Some(instance), Some(sequence)) => Some(Link { instance, sequence, previous: leaf.op }),
            (None, None) => None,
            _ => return Err("leaf: it names a case without a place in it".to_owned()),
        };
        Ok(Self { index: leaf.i, time, command: leaf.cmd, link, payloads: leaf.pl.len() })
    }

    fn of(sealed: &Sealed) -> Self {
        let Sealed { index, time, command, link, payloads, .. } = sealed;
        Self { index: *index, time: *time, command: *command, link: *link, payloads: payloads.len() }
    }
}

/// Whether a batch is what it must be: gapless from `from` to the new size, and each entry what its leaf says. Else its maker is broken.
pub(super) fn check(batch: &Batch) -> Result<(), StoreError> {
    let broken = |what: String| Err(StoreError::Broken(format!("batch of unit {} from {}: {what}", batch.unit, batch.from)));
    if batch.from.checked_add(batch.entries.len() as u64) != Some(batch.head.size) || batch.head.size > INDEX_MAX {
        return broken(format!("{} entries do not lead to size {}", batch.entries.len(), batch.head.size));
    }
    for (index, entry) in (batch.from..).zip(&batch.entries) {
        match Stamp::read(&entry.leaf) {
            Ok(stamp) if stamp == Stamp::of(entry) => {}
            Ok(_) => return broken(format!("entry {index}: its leaf and its row differ")),
            Err(what) => return broken(format!("entry {index}: {what}")),
        }
        if entry.index != index || entry.payloads.first().is_none_or(|payload| payload.name != EVENTS) {
            return broken(format!("entry {index}: it has index {} or no event list", entry.index));
        }
        if entry.link.is_some_and(|link| (link.sequence == 1) != (link.instance == entry.command)) {
            return broken(format!("entry {index}: a case is begun by the command of its name, and by no other"));
        }
    }
    let state = |change: &RowChange| matches!(change, RowChange::SnapshotPut { .. });
    if batch.entries.is_empty() && !batch.changes.iter().all(state) {
        return broken("it changes rows without an entry from which that follows".to_owned());
    }
    let fits = |change: &RowChange| !matches!(change, RowChange::SnapshotPut { sequence, .. } if *sequence > INDEX_MAX);
    if !batch.changes.iter().all(fits) {
        return broken("a kept state has a sequence that no case reaches".to_owned());
    }
    Ok(())
}

/// The refusal of an entry whose case was not begun.
pub(super) fn not_begun(entry: &Sealed) -> StoreError {
    StoreError::Broken(format!("entry {}: its case was not begun", entry.index))
}

/// The refusal of a rebuild where there is nothing to rebuild from.
pub(super) fn no_log(unit: &impl std::fmt::Display) -> StoreError {
    StoreError::Broken(format!("unit {unit} has no log"))
}
