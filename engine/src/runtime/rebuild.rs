//! The journal read from its first entry and checked on the way: to make the rows anew, to carry an office over to another store, or to see
//! that a copy is whole.

use super::broken;
use super::cases::kept_differs;
use super::common::load_library;
use super::walk::{Page, Walk};
use crate::digest::Hash;
use crate::model::{Time, UnitId};
use crate::projection::RowChange;
use crate::store::memory::MemoryStore;
use crate::store::{Batch, Head, Store, StoreError};

/// What a rebuild found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Entries read.
    pub entries: u64,
    /// Row changes made from them.
    pub changes: usize,
    /// The first row, or kept state of a case, that was not what the journal says: table, row, and what of it; none where all were.
    pub differs: Option<String>,
}

impl Rebuilt {
    /// Whether the rows were the same as before.
    pub fn same(&self) -> bool {
        self.differs.is_none()
    }
}

/// A log that was read from its first entry to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The unit.
    pub unit: UnitId,
    /// Its entries.
    pub entries: u64,
    /// The root of its tree.
    pub root: Hash,
}

/// Reads a unit's journal from its first entry, checks form, commitments, order and Merkle frontier, and what entries are found by, and replaces the
/// unit's rows by those that follow from it. With `dry`, the rows and the kept states of cases are compared and left as they are.
///
/// Of the entries a page at a time is held; of the cases a few dozen bytes each, and their rows.
///
/// # Errors
/// When the journal is not whole: which entry, and what is wrong. The rows are then left as they are.
pub async fn rebuild<S: Store>(store: &S, unit: &UnitId, dry: bool) -> Result<Rebuilt, StoreError> {
    let mut library = load_library(store).await?;
    let mut walk = Walk::begin(store, unit, &mut library).await?;
    // What the rows should be, in a store of their own.
    let replica = MemoryStore::default();
    let (mut count, mut erasures) = (0, Vec::new());
    while let Some(page) = walk.page().await? {
        walk.found(&page).await?;
        count += page.changes.len();
        let erases = |change: &&RowChange| matches!(change, RowChange::ValuesErase { .. });
        erasures.extend(page.changes.iter().filter(erases).cloned());
        replica.change_rows(unit, page.changes);
    }
    if let Some(stray) = store.stray(unit).await? {
        return Err(broken(format!("unit {unit}: {stray}")));
    }
    let entries = walk.size();
    let differs = match difference(&store.dump_rows(unit).await?, &replica.dump_rows(unit).await?) {
        None => kept_differs(store, unit).await?,
        differs => differs,
    };
    if !dry {
        let mut rows = replica.row_puts(unit);
        rows.extend(erasures);
        store.replace_rows(unit, rows).await?;
    }
    Ok(Rebuilt { entries, changes: count, differs })
}

/// The first row in which two dumps differ, by table, key and column.
fn difference(found: &[String], due: &[String]) -> Option<String> {
    let name = |row: &str| row.split('\n').next().unwrap_or_default().replacen(' ', ", row ", 1);
    let at = (0..found.len().max(due.len())).find(|&at| found.get(at) != due.get(at))?;
    match (found.get(at), due.get(at)) {
        (Some(found), Some(due)) if name(found) == name(due) => {
            let column = found.split('\n').zip(due.split('\n')).find(|(found, due)| found != due);
            let column = column.and_then(|(found, _)| found.split(' ').next()).unwrap_or_default();
            Some(format!("table {}, column {column}: it is not what the journal says", name(found)))
        }
        (Some(found), due) if due.is_none_or(|due| found < due) => {
            Some(format!("table {}: the journal has no such row", name(found)))
        }
        (_, due) => Some(format!("table {}: it is missing", name(due?))),
    }
}

/// Reads all journals from their first entries, and checks form, commitments, order and Merkle frontiers, and that each entry is found by what it
/// is looked up by; of the entries a page at a time is held.
///
/// # Errors
/// When a journal is not whole: which entry, and what is wrong.
pub async fn read_through(store: &impl Store) -> Result<Vec<Whole>, StoreError> {
    let mut library = load_library(store).await?;
    let mut logs = Vec::new();
    for unit in store.units().await? {
        let mut walk = Walk::begin(store, &unit, &mut library).await?;
        while let Some(page) = walk.page().await? {
            walk.found(&page).await?;
        }
        let (entries, root) = (walk.head.size, walk.frontier.root());
        logs.push(Whole { unit, entries, root });
    }
    Ok(logs)
}

/// Carries all logs over to a store that has none: the same bytes, and the rows that follow from them. What was written is read again and
/// compared. States kept beside the journal stay behind, as does everything that is of a process and not of the office. What entries are found
/// by is not looked at, since it is made anew: so this is the way out where it is damaged.
///
/// # Errors
/// When the other store has a log, when a journal is not whole, or when what was written is not what was read.
pub async fn carry_over(from: &impl Store, to: &impl Store) -> Result<Vec<Whole>, StoreError> {
    if let Some(unit) = to.units().await?.first() {
        return Err(broken(format!("the database to move to has a log of {unit} already: it must be empty")));
    }
    let mut carried = Vec::new();
    // Learns on the way; a definition is of use in the logs of other units.
    let mut library = load_library(from).await?;
    for unit in from.units().await? {
        let mut walk = Walk::begin(from, &unit, &mut library).await?;
        while let Some(Page { entries, changes, .. }) = walk.page().await? {
            let (size, time) = (walk.frontier.size(), entries.last().map_or(Time(0), |last| last.time));
            let head = Head { origin: walk.head.origin.clone(), size, frontier: walk.frontier.to_bytes(), time };
            let from = size - entries.len() as u64;
            to.append(Batch { unit: unit.clone(), from, head, entries, changes }).await?;
        }
        let (head, root) = (walk.head, walk.frontier.root());
        let again = rebuild(to, &unit, true).await?;
        if to.head(&unit).await?.as_ref() != Some(&head)
            || !again.same()
            || to.dump_rows(&unit).await? != from.dump_rows(&unit).await?
        {
            return Err(broken(format!("unit {unit}: what was written is not what was read")));
        }
        carried.push(Whole { unit, entries: head.size, root });
    }
    Ok(carried)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn the_first_difference_is_named() {
        let check = |found: &[&str], due: &[&str], expected: Option<&str>| {
            let owned = |rows: &[&str]| rows.iter().map(|&row| row.to_owned()).collect::<Vec<_>>();
            assert_eq!(difference(&owned(found), &owned(due)).as_deref(), expected);
        };
        check(&[], &[], None);
        check(&["task 01\nheld 0"], &["task 01\nheld 0"], None);
        check(
            &["task 01\nheld 0\ndue 7"],
            &["task 01\nheld 0\ndue -"],
            Some("table task, row 01, column due: it is not what the journal says"),
        );
        check(&["job 02\nx 1", "task 01\nheld 0"], &["task 01\nheld 0"], Some("table job, row 02: the journal has no such row"));
        check(&["job 02\nx 1"], &["job 02\nx 1", "task 01\nheld 0"], Some("table task, row 01: it is missing"));
        check(&["task 02\nheld 0"], &["task 01\nheld 0", "task 02\nheld 0"], Some("table task, row 01: it is missing"));
    }
}
