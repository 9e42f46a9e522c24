//! Rebuild: the rows of a unit made anew from its journal, the journal being checked on the way.

use std::collections::HashMap;

use super::broken;
use super::common::load_library;
use crate::digest::{Frontier, Hash, is_strict_ascii, leaf_hash};
use crate::graph::{self, Library};
use crate::journal::{Entry, Event, codec};
use crate::model::{CommandId, Time, UnitId};
use crate::projection::changes;
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

/// Reads a unit's journal from its first entry, checks form, commitments, order and Merkle frontier, and replaces the unit's rows by those that follow
/// from it. With `dry`, the rows are compared and left as they are.
///
/// # Errors
/// When the journal is not whole: which entry, and what is wrong. The rows are then left as they are.
pub async fn rebuild<S: Store>(store: &S, unit: &UnitId, dry: bool) -> Result<Rebuilt, StoreError> {
    let head = store.head(unit).await?.ok_or_else(|| broken(format!("unit {unit} has no log")))?;
    let mut library = load_library(store).await?;
    let mut frontier = Frontier::new();
    let mut rows = Vec::new();
    let mut order = Order::default();
    loop {
        let page = store.entries(unit, frontier.size(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        for sealed in &page {
            if sealed.index != frontier.size() {
                return Err(broken(format!("unit {unit}: entry {} is missing", frontier.size())));
            }
            if !is_strict_ascii(sealed.leaf.as_bytes()) {
                return Err(broken(format!("unit {unit}: the leaf of entry {} is not in strict form", sealed.index)));
            }
            codec::check_commitments(sealed).map_err(broken)?;
            let entry = codec::open(sealed).map_err(broken)?;
            order.follows(&entry).map_err(|what| broken(format!("unit {unit}: entry {} {what}", entry.index)))?;
            frontier.push(leaf_hash(sealed.leaf.as_bytes()));
            let process = entry.definition.and_then(|hash| library.get(&hash)).map(|deployed| deployed.graph.process.id.clone());
            for event in &entry.events {
                learn(&mut library, event);
                changes(&entry, event, process.as_deref().unwrap_or_default(), &mut rows);
            }
        }
    }
    if frontier.size() != head.size || frontier.to_bytes() != head.frontier {
        return Err(broken(format!(
            "unit {unit}: the journal has {} entries and another root than its head, which says {}",
            frontier.size(),
            head.size
        )));
    }
    let before = store.dump_rows(unit).await?;
    let entries = frontier.size();
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
        && let Ok((graph, _)) = graph::compile(document.as_bytes(), &graph::Trusted)
    {
        library.add(std::sync::Arc::new(graph), *version);
    }
}
