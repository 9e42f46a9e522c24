//! A unit's journal read from its first entry, a page at a time, and checked on the way.

use std::collections::{BTreeMap, HashMap};

use super::{broken, origin};
use crate::digest::{Frontier, Hash, leaf_hash};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::codec::variable_of;
use crate::journal::{Entry, Event, Sealed, codec};
use crate::model::{CommandId, Time, UnitId};
use crate::projection::{RowChange, changes};
use crate::store::{Head, Mark, Store, StoreError};

/// Entries read at a time.
const PAGE: u32 = 1_000;

/// What is left of a salt and of the hash of a command's content that are erased.
const NOTHING: [u8; 32] = [0; 32];

/// A unit's journal on the way from its first entry to its last.
pub(super) struct Walk<'a, S> {
    store: &'a S,
    unit: &'a UnitId,
    pub(super) head: Head,
    library: &'a mut Library,
    pub(super) frontier: Frontier,
    order: Order,
}

/// Some of its entries, and the rows that follow from them.
pub(super) struct Page {
    pub(super) entries: Vec<Sealed>,
    /// For each, the index of the entry that began its case.
    began: Vec<Option<u64>>,
    pub(super) changes: Vec<RowChange>,
}

impl<'a, S: Store> Walk<'a, S> {
    pub(super) async fn begin(store: &'a S, unit: &'a UnitId, library: &'a mut Library) -> Result<Self, StoreError> {
        let head = store.head(unit).await?.ok_or_else(|| broken(format!("unit {unit} has no log")))?;
        let host = head.origin.split('/').next().unwrap_or_default();
        if head.origin != origin(host, unit) {
            return Err(broken(format!(
                "unit {unit}: table unit_log, column origin: {:?} is not the name of its log",
                head.origin
            )));
        }
        Ok(Self { store, unit, head, library, frontier: Frontier::new(), order: Order::default() })
    }

    /// Entries read so far.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The next entries; none after the last, which must be the one that the head says.
    pub(super) async fn page(&mut self) -> Result<Option<Page>, StoreError> {
        let unit = self.unit;
        let entries = self.store.entries(unit, self.frontier.size(), PAGE).await?;
        if entries.is_empty() {
            return self.end().map(|()| None).map_err(|what| broken(format!("unit {unit}: {what}")));
        }
        let (mut rows, mut began) = (Vec::new(), Vec::with_capacity(entries.len()));
        for sealed in &entries {
            if sealed.index != self.frontier.size() {
                return Err(broken(format!("unit {unit}: entry {} is missing", self.frontier.size())));
            }
            let wrong = |what: String| broken(format!("unit {unit}: entry {} {what}", sealed.index));
            let place = codec::read_leaf(sealed.index, &sealed.leaf).map_err(|error| broken(format!("unit {unit}: {error}")))?;
            if place.log != self.head.origin {
                return Err(wrong(format!("is of the log {}, and the head names {}", place.log, self.head.origin)));
            }
            codec::check_commitments(sealed).map_err(|error| broken(format!("unit {unit}: {error}")))?;
            let entry = codec::open(sealed).map_err(|error| broken(format!("unit {unit}: {error}")))?;
            began.push(self.order.follows(&entry).map_err(|what| wrong(what.to_owned()))?);
            self.order.erased(&entry, sealed).map_err(wrong)?;
            self.frontier.push(leaf_hash(sealed.leaf.as_bytes()));
            let process =
                entry.definition.and_then(|hash| self.library.get(&hash)).map(|deployed| deployed.graph.process.id.clone());
            for event in &entry.events {
                learn(self.library, event);
                changes(&entry, event, process.as_deref().unwrap_or_default(), &mut rows);
            }
        }
        Ok(Some(Page { entries, began, changes: rows }))
    }

    /// Whether the entries of a page are found by what they are looked up by: the command, and the place in their case. For this the store keeps
    /// columns and tables beside the leaf, of which nothing else in a walk takes notice.
    pub(super) async fn found(&self, page: &Page) -> Result<(), StoreError> {
        let Some(first) = page.entries.first() else { return Ok(()) };
        let marks = self.store.marks(self.unit, first.index, u32::try_from(page.entries.len()).unwrap_or(u32::MAX)).await?;
        let mut marks = marks.iter();
        for (sealed, began) in page.entries.iter().zip(&page.began) {
            let wrong = match marks.next() {
                Some(mark) => misleads(mark, sealed, *began),
                None => Some("it is not there to be looked up".to_owned()),
            };
            if let Some(wrong) = wrong {
                return Err(broken(format!("unit {}: entry {}: {wrong}", self.unit, sealed.index)));
            }
        }
        Ok(())
    }

    /// What the head says of the whole, and what must have been explained by now.
    fn end(&self) -> Result<(), String> {
        let (head, size) = (&self.head, self.frontier.size());
        if size != head.size {
            return Err(format!("table unit_log, column size: the journal has {size} entries, and its head says {}", head.size));
        }
        if self.frontier.to_bytes() != head.frontier {
            return Err(format!("table unit_log, column frontier: the journal's {size} entries have another root than its head"));
        }
        let last = self.order.time.unwrap_or(Time(0));
        if head.time != last {
            return Err(format!("table unit_log, column time: it is {}, and the last entry was recorded at {last}", head.time));
        }
        let gone = self.order.gone.values().flatten().min_by_key(|(_, index)| **index);
        gone.map_or(Ok(()), |(name, index)| Err(format!("entry {index}: a value of {name} is gone, and no entry erased it")))
    }
}

/// What of a mark does not lead to the entry that it is of.
fn misleads(mark: &Mark, sealed: &Sealed, began: Option<u64>) -> Option<String> {
    let column = |name: &str| Some(format!("table entry, column {name}: it is not what the leaf says"));
    match mark {
        _ if mark.index != sealed.index => Some("another is in its place".to_owned()),
        _ if mark.command != sealed.command => column("command"),
        _ if mark.began != began => column("began"),
        _ if mark.sequence != sealed.link.map(|link| link.sequence) => column("sequence"),
        _ if !mark.numbered => Some("table payload, column position: its payloads are not numbered one after another".to_owned()),
        _ if mark.leads != Some(sealed.index) => {
            let to = mark.leads.map_or("nowhere".to_owned(), |to| format!("to entry {to}"));
            Some(format!("table command, row {}: the look-up of its command leads {to}", sealed.command))
        }
        _ => None,
    }
}

/// The order that entries keep: time rises, each names the entry before it of its case, and what is gone was erased.
#[derive(Default)]
struct Order {
    time: Option<Time>,
    cases: HashMap<CommandId, Last>,
    /// Values that are gone, by case and variable, and the first entry that had one, until an entry says that they were erased.
    gone: HashMap<CommandId, BTreeMap<String, u64>>,
}

/// The last entry of a case, and where the case began.
struct Last {
    sequence: u64,
    leaf: Hash,
    began: u64,
}

impl Order {
    /// Takes in an entry: the one that began its case.
    fn follows(&mut self, entry: &Entry) -> Result<Option<u64>, &'static str> {
        if self.time.replace(entry.origin.time).is_some_and(|before| before >= entry.origin.time) {
            return Err("is not later than the one before it");
        }
        let Some(link) = entry.link else { return Ok(None) };
        let before = self.cases.get(&link.instance);
        let began = before.map_or(entry.index, |last| last.began);
        let (sequence, previous) = before.map_or((0, None), |last| (last.sequence, Some(last.leaf)));
        if link.sequence != sequence + 1 || link.previous != previous {
            return Err("does not follow its case's last");
        }
        self.cases.insert(link.instance, Last { sequence: link.sequence, leaf: entry.leaf_hash, began });
        Ok(Some(began))
    }

    /// Takes in what is gone of an entry, and what it says was erased.
    fn erased(&mut self, entry: &Entry, sealed: &Sealed) -> Result<(), String> {
        let gone = || sealed.payloads.iter().filter(|payload| payload.body.is_none());
        if let Some(payload) = gone().find(|payload| payload.salt != NOTHING) {
            return Err(format!("has the salt of payload {}, whose value is gone", payload.name));
        }
        if (*sealed.content.as_bytes() == NOTHING) != gone().next().is_some() {
            return Err("has no hash of its command's content though no value is gone, or has one though one is".to_owned());
        }
        for payload in gone() {
            let Some(link) = entry.link else { return Err(format!("has lost its payload {}", payload.name)) };
            let variable = variable_of(&payload.name).to_owned();
            self.gone.entry(link.instance).or_default().entry(variable).or_insert(entry.index);
        }
        for event in &entry.events {
            if let (Event::ValuesErased { names, .. }, Some(link)) = (event, entry.link)
                && let Some(gone) = self.gone.get_mut(&link.instance)
            {
                gone.retain(|name, _| !names.contains(name));
            }
        }
        Ok(())
    }
}

fn learn(library: &mut Library, event: &Event) {
    if let Event::DefinitionDeployed { version, document, .. } = event
        && let Ok(checked) = Checked::deployed(document)
    {
        library.take_in(&checked, *version);
    }
}
