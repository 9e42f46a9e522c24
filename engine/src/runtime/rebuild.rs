//! The journal read from its first entry and checked on the way: to make the rows anew, to carry an office over to another store, or to see
//! that a copy is whole.

use std::collections::HashMap;

use super::broken;
use super::common::load_library;
use crate::digest::{Frontier, Hash, is_strict_ascii, leaf_hash};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::{Entry, Event, Sealed, codec};
use crate::model::{CommandId, Time, UnitId};
use crate::projection::{RowChange, changes};
use crate::store::memory::MemoryStore;
use crate::store::{Batch, Head, Store, StoreError};

/// Entries read at a time.
const PAGE: u32 = 1_000;

/// What a rebuild found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Entries read.
    pub entries: u64,
    /// Row changes made from them.
    pub changes: usize,
    /// Whether the rows were the same as before.
    pub same: bool,
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

/// Reads a unit's journal from its first entry, checks form, commitments, order and Merkle frontier, and replaces the unit's rows by those that follow
/// from it. With `dry`, the rows are compared and left as they are.
///
/// # Errors
/// When the journal is not whole: which entry, and what is wrong. The rows are then left as they are.
pub async fn rebuild<S: Store>(store: &S, unit: &UnitId, dry: bool) -> Result<Rebuilt, StoreError> {
    let mut library = load_library(store).await?;
    let mut walk = Walk::begin(store, unit, &mut library).await?;
    let mut rows = Vec::new();
    while let Some(page) = walk.page().await? {
        rows.extend(page.changes);
    }
    let (head, entries) = (walk.head, walk.frontier.size());
    let before = store.dump_rows(unit).await?;
    let count = rows.len();
    // What the rows should be, in a store of their own: a log without entries, and the rows.
    let replica = MemoryStore::default();
    let nothing = Head { size: 0, frontier: Vec::new(), ..head };
    replica.append(Batch { unit: unit.clone(), from: 0, head: nothing, entries: Vec::new(), changes: Vec::new() }).await?;
    replica.replace_rows(unit, rows.clone()).await?;
    let same = replica.dump_rows(unit).await? == before;
    if !dry {
        store.replace_rows(unit, rows).await?;
    }
    Ok(Rebuilt { entries, changes: count, same })
}

/// Reads all journals from their first entries, and checks form, commitments, order and Merkle frontiers; of the entries a page at a time is held.
///
/// # Errors
/// When a journal is not whole: which entry, and what is wrong.
pub async fn read_through(store: &impl Store) -> Result<Vec<Whole>, StoreError> {
    let mut library = load_library(store).await?;
    let mut logs = Vec::new();
    for unit in store.units().await? {
        let mut walk = Walk::begin(store, &unit, &mut library).await?;
        while walk.page().await?.is_some() {}
        let (entries, root) = (walk.head.size, walk.frontier.root());
        logs.push(Whole { unit, entries, root });
    }
    Ok(logs)
}

/// Carries all logs over to a store that has none: the same bytes, and the rows that follow from them. What was written is read again and
/// compared. States kept beside the journal stay behind, as does everything that is of a process and not of the office.
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
        while let Some(Page { entries, changes }) = walk.page().await? {
            let (size, time) = (walk.frontier.size(), entries.last().map_or(Time(0), |last| last.time));
            let head = Head { origin: walk.head.origin.clone(), size, frontier: walk.frontier.to_bytes(), time };
            let from = size - entries.len() as u64;
            to.append(Batch { unit: unit.clone(), from, head, entries, changes }).await?;
        }
        let (head, root) = (walk.head, walk.frontier.root());
        let again = rebuild(to, &unit, true).await?;
        if to.head(&unit).await?.as_ref() != Some(&head)
            || !again.same
            || to.dump_rows(&unit).await? != from.dump_rows(&unit).await?
        {
            return Err(broken(format!("unit {unit}: what was written is not what was read")));
        }
        carried.push(Whole { unit, entries: head.size, root });
    }
    Ok(carried)
}

/// A unit's journal read from its first entry, and checked on the way.
struct Walk<'a, S> {
    store: &'a S,
    unit: &'a UnitId,
    head: Head,
    library: &'a mut Library,
    frontier: Frontier,
    order: Order,
}

/// Some of its entries, and the rows that follow from them.
struct Page {
    entries: Vec<Sealed>,
    changes: Vec<RowChange>,
}

impl<'a, S: Store> Walk<'a, S> {
    async fn begin(store: &'a S, unit: &'a UnitId, library: &'a mut Library) -> Result<Self, StoreError> {
        let head = store.head(unit).await?.ok_or_else(|| broken(format!("unit {unit} has no log")))?;
        Ok(Self { store, unit, head, library, frontier: Frontier::new(), order: Order::default() })
    }

    /// The next entries; none after the last, which must be the one that the head says.
    async fn page(&mut self) -> Result<Option<Page>, StoreError> {
        let (unit, head) = (self.unit, &self.head);
        let entries = self.store.entries(unit, self.frontier.size(), PAGE).await?;
        if entries.is_empty() {
            if self.frontier.size() != head.size || self.frontier.to_bytes() != head.frontier {
                return Err(broken(format!(
                    "unit {unit}: the journal has {} entries and another root than its head, which says {}",
                    self.frontier.size(),
                    head.size
                )));
            }
            return Ok(None);
        }
        let mut rows = Vec::new();
        for sealed in &entries {
            if sealed.index != self.frontier.size() {
                return Err(broken(format!("unit {unit}: entry {} is missing", self.frontier.size())));
            }
            if !is_strict_ascii(sealed.leaf.as_bytes()) {
                return Err(broken(format!("unit {unit}: the leaf of entry {} is not in strict form", sealed.index)));
            }
            codec::check_commitments(sealed).map_err(broken)?;
            let entry = codec::open(sealed).map_err(broken)?;
            self.order.follows(&entry).map_err(|what| broken(format!("unit {unit}: entry {} {what}", entry.index)))?;
            self.frontier.push(leaf_hash(sealed.leaf.as_bytes()));
            let process =
                entry.definition.and_then(|hash| self.library.get(&hash)).map(|deployed| deployed.graph.process.id.clone());
            for event in &entry.events {
                learn(self.library, event);
                changes(&entry, event, process.as_deref().unwrap_or_default(), &mut rows);
            }
        }
        Ok(Some(Page { entries, changes: rows }))
    }
}

/// The order that entries keep: time rises, and each names the entry before it of its case.
#[derive(Default)]
struct Order {
    time: Option<Time>,
    cases: HashMap<CommandId, (u64, Hash)>,
}

impl Order {
    fn follows(&mut self, entry: &Entry) -> Result<(), &'static str> {
        if self.time.replace(entry.origin.time).is_some_and(|before| before >= entry.origin.time) {
            return Err("is not later than the one before it");
        }
        let Some(link) = entry.link else { return Ok(()) };
        let before = self.cases.insert(link.instance, (link.sequence, entry.leaf_hash));
        let (sequence, previous) = before.map_or((0, None), |(sequence, hash)| (sequence, Some(hash)));
        if link.sequence == sequence + 1 && link.previous == previous { Ok(()) } else { Err("does not follow its case's last") }
    }
}

fn learn(library: &mut Library, event: &Event) {
    if let Event::DefinitionDeployed { version, document, .. } = event
        && let Ok(checked) = Checked::deployed(document)
    {
        library.take_in(&checked, *version);
    }
}
