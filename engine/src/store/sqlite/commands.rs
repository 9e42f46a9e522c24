//! Where the entries of late commands lie. The ids of commands are as good as random, so that each one written to a table by itself changes
//! a page of its own, however large the table. They are kept here instead, and written a slice of all possible ids at a time: those of a
//! slice lie side by side. After a crash they are read from the journal.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::broken;
use crate::model::{CommandId, UnitId};
use crate::store::StoreError;

/// Slices of all ids, by their first bits. A transaction writes one, so that a round takes as many transactions. The more there are, the fewer
/// pages of a large table a slice lies on, and the more commands are late.
pub(super) const SLICES: usize = 4_096;

/// A slice: the entry by the unit's number and the command.
type Slice = BTreeMap<(i64, CommandId), i64>;

/// The late commands, and the numbers of all logs.
#[derive(Debug)]
pub(super) struct Commands(RwLock<Late>);

#[derive(Debug)]
struct Late {
    slices: Vec<Slice>,
    numbers: HashMap<UnitId, i64>,
}

fn slice_of(id: CommandId) -> usize {
    let [high, low, ..] = id.0;
    usize::from(u16::from_be_bytes([high, low])) * SLICES / (1 << 16)
}

impl Commands {
    /// Reads what the table does not have yet.
    pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mut late = Late { slices: vec![Slice::new(); SLICES], numbers: HashMap::new() };
        let logs = sqlx::query("SELECT unit, number FROM unit_log").fetch_all(&mut *connection).await.map_err(broken)?;
        for log in logs {
            let unit: String = log.try_get(0).map_err(broken)?;
            let unit =
                unit.parse().map_err(|error| StoreError::Broken(format!("table unit_log, column unit, row {unit}: {error}")))?;
            let number = log.try_get(1).map_err(broken)?;
            late.numbers.insert(unit, number);
            let sql = "SELECT command, id FROM entry \
                WHERE id >= (SELECT (number << 40) + indexed FROM unit_log WHERE number = ?1) AND id < (?1 + 1) << 40";
            let entries = sqlx::query(sql).bind(number).fetch_all(&mut *connection).await.map_err(broken)?;
            for entry in entries {
                let (id, place): (&[u8], i64) = (entry.try_get(0).map_err(broken)?, entry.try_get(1).map_err(broken)?);
                let id = id.try_into().map(CommandId);
                let id = id.map_err(|_| StoreError::Broken(format!("table entry, column command, row {place}: not 16 bytes")))?;
                late.slices[slice_of(id)].insert((number, id), place);
            }
        }
        Ok(Self(RwLock::new(late)))
    }

    fn read(&self) -> RwLockReadGuard<'_, Late> {
        // Nothing below panics while it holds the lock half-way.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Late> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a unit's log, if it has one.
    pub(super) fn number(&self, unit: &UnitId) -> Option<i64> {
        self.read().numbers.get(unit).copied()
    }

    /// Entries of these commands that the table may not have yet. Asked before the table is, nothing is missed.
    pub(super) fn places(&self, number: i64, ids: &[CommandId]) -> Vec<i64> {
        let late = self.read();
        ids.iter().filter_map(|id| late.slices[slice_of(*id)].get(&(number, *id)).copied()).collect()
    }

    /// How many are here.
    pub(super) fn len(&self) -> usize {
        self.read().slices.iter().map(Slice::len).sum()
    }

    /// Whether a command is here.
    pub(super) fn has(&self, number: i64, id: CommandId) -> bool {
        self.read().slices[slice_of(id)].contains_key(&(number, id))
    }

    /// Takes in the commands of entries that are durable.
    pub(super) fn add(&self, unit: &UnitId, number: i64, entries: impl Iterator<Item = (CommandId, i64)>) {
        let mut late = self.write();
        if !late.numbers.contains_key(unit) {
            late.numbers.insert(unit.clone(), number);
        }
        for (id, place) in entries {
            late.slices[slice_of(id)].insert((number, id), place);
        }
    }

    /// The commands of a slice with their entries, in the order of the table.
    pub(super) fn slice(&self, slice: usize) -> Vec<(CommandId, i64)> {
        self.read().slices[slice].iter().map(|((_, id), place)| (*id, *place)).collect()
    }

    /// Lets a slice go that the table has now.
    pub(super) fn written(&self, slice: usize) {
        self.write().slices[slice].clear();
    }
}
