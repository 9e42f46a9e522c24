//! What the next transaction writes: it is gathered batch by batch while the one before it is on its way to the disk, so that the disk
//! never waits for it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;

use super::append::{Lines, entry_id};
use super::commands::{Commands, SLICES};
use super::failure::Failure;
use super::rows;
use super::script::Script;
use crate::journal::Sealed;
use crate::model::{CommandId, UnitId};
use crate::store::fold::Fold;
use crate::store::{Batch, Head, check};

/// Beginnings of cases that are remembered. Beside more live cases than that a batch may have to be asked for (`write`), and nothing is planned
/// meanwhile.
const BEGAN_KEPT: NonZeroUsize = NonZeroUsize::new(1 << 16).unwrap();

/// What is known of the logs without asking the database.
pub(super) struct Known {
    /// Number and size of the logs written before, as everything planned leaves them. The fence holds all the same: a head is moved only
    /// from the size that is told here.
    pub(super) heads: BTreeMap<UnitId, (i64, u64)>,
    /// The entries that began the cases written to lately, by the unit's number and the case.
    pub(super) began: LruCache<(i64, CommandId), i64>,
    /// Commands that the table of commands does not have yet, and which slice of them is next.
    pub(super) commands: Arc<Commands>,
    slice: usize,
}

/// What a transaction writes.
#[derive(Default)]
pub(super) struct Plan {
    lines: Lines,
    at_once: Fold,
    fresh: HashSet<(i64, CommandId)>,
    logs: BTreeMap<UnitId, Move>,
}

/// The move of a log's head.
struct Move {
    number: i64,
    before: u64,
    head: Head,
}

impl Known {
    pub(super) fn new(commands: Arc<Commands>) -> Self {
        Self { heads: BTreeMap::new(), began: LruCache::new(BEGAN_KEPT), commands, slice: 0 }
    }

    /// Whatever was thought to be written is not there.
    pub(super) fn forget(&mut self) {
        self.heads.clear();
        self.began.clear();
    }

    /// The entry that began the case of an entry which does not.
    fn began(&mut self, number: i64, case: CommandId, entry: &Sealed) -> Result<i64, Failure> {
        let key = (number, case);
        if let Some(began) = self.began.get(&key) {
            return Ok(*began);
        }
        let place = self.commands.places(number, &[case]).pop();
        let place = place.ok_or_else(|| Failure::Refused(check::not_begun(entry).to_string()))?;
        self.began.put(key, place);
        Ok(place)
    }

    /// Whether it is known which entry began a case.
    pub(super) fn has_begun(&mut self, number: i64, case: CommandId) -> bool {
        // Looked at, it stays: what is learnt now must not push it out.
        self.began.get(&(number, case)).is_some() || self.commands.has(number, case)
    }

    /// The transaction is durable that wrote the slice.
    pub(super) fn written(&mut self) {
        self.commands.written(self.slice);
        self.slice = (self.slice + 1) % SLICES;
    }
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        self.logs.is_empty()
    }

    /// Adds a batch; the number of its log then. `flying` are the commands of the transaction on its way.
    ///
    /// # Errors
    /// When its log or a case of it is not known, or it does not follow what is known. Nothing has changed then.
    pub(super) fn add(&mut self, known: &mut Known, flying: &HashSet<(i64, CommandId)>, batch: &Batch) -> Result<i64, Failure> {
        let (number, size) = known.heads.get(&batch.unit).copied().ok_or(Failure::Moved)?;
        if size != batch.from {
            return Err(Failure::Moved);
        }
        let (mut began, mut begins) = (Vec::with_capacity(batch.entries.len()), HashMap::new());
        let mut fresh = HashSet::with_capacity(batch.entries.len());
        for entry in &batch.entries {
            let command = (number, entry.command);
            let is_there =
                self.fresh.contains(&command) || flying.contains(&command) || known.commands.has(number, entry.command);
            if is_there || !fresh.insert(command) {
                return Err(Failure::Twice);
            }
            let case = entry.link.map(|link| link.instance);
            if entry.link.is_some_and(|link| link.sequence == 1) {
                begins.extend(case.map(|case| (case, entry_id(number, entry.index))));
            }
            began.push(match case {
                Some(case) => Some(begins.get(&case).map_or_else(|| known.began(number, case, entry), |id| Ok(*id))?),
                None => None,
            });
        }
        for (case, id) in begins {
            known.began.put((number, case), id);
        }
        for (entry, began) in batch.entries.iter().zip(began) {
            self.lines.entry(entry_id(number, entry.index), began, entry);
        }
        for change in batch.changes.iter().filter(|change| change.is_at_once()) {
            self.at_once.add(number, change.clone(), |_| false);
        }
        self.fresh.extend(fresh);
        known.heads.insert(batch.unit.clone(), (number, batch.head.size));
        let moves = self.logs.entry(batch.unit.clone());
        moves.or_insert_with(|| Move { number, before: size, head: batch.head.clone() }).head = batch.head.clone();
        Ok(number)
    }

    /// The statements that write it, with a slice of late commands; and its commands, by the number of their log. `begun`: inside a
    /// transaction that was begun for it.
    pub(super) fn script(self, known: &Known, begun: bool) -> Result<(Script, HashSet<(i64, CommandId)>), Failure> {
        let Self { mut lines, at_once, fresh, logs } = self;
        for Move { number, before, head } in logs.values() {
            lines.head(*number, *before, head);
        }
        let mut script = lines.script(known.slice, &known.commands.slice(known.slice))?;
        rows::write(&mut script, &at_once)?;
        // One statement is a transaction by itself.
        if begun {
            script.sql.push_str("COMMIT");
        } else if at_once.weight > 0 {
            script.sql = format!("BEGIN IMMEDIATE;{}COMMIT", script.sql);
        }
        Ok((script, fresh))
    }
}
