//! Gathers a bundle from a store: what was chosen, whole; of the rest, what is needed to show that it is all.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::broken;
use crate::digest::{Frontier, Hash, JsonLimits, canonical, leaf_hash, node_hash, parse_strict};
use crate::evidence::bundle::{BUNDLE_VERSION, Head, Line, OFFICE_KINDS, Parts, epoch};
use crate::evidence::{Checkpoint, Note};
use crate::journal::codec::KEY_NOTE_KINDS;
use crate::journal::event::LogSigned;
use crate::journal::{Event, Sealed, codec};
use crate::model::bundle::Chosen;
use crate::model::document::DocumentKind;
use crate::model::limits::{BUNDLE_BYTES_MAX, DEFINITION_BYTES_MAX};
use crate::model::{CommandId, PersonId, UnitId};
use crate::projection::row::DefinitionRow;
use crate::store::{Store, StoreError};

/// Entries read at a time.
const PAGE: u32 = 1_000;
/// Why a person's name is not in a bundle.
const NOT_NAMED: &str = "not named in what was chosen";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is chosen.
    pub chosen: Chosen,
    /// The ground on which personal values are withheld; none: they are disclosed.
    pub withheld: Option<String>,
    /// Whether every leaf is shown from the first chosen entry on, so that nothing of a chosen case can have been left out.
    pub leaves: bool,
    /// Sizes at which the tree of the unit's log can be held against checkpoints from elsewhere.
    pub at: BTreeSet<u64>,
}

/// The newest checkpoint of a log.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Path of its name, without the host.
    pub path: String,
    /// As it was signed.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Sizes at which its tree can be held against checkpoints whatever is chosen: those at which its key was changed, under any of its names.
    pub held: BTreeSet<u64>,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum NoBundle {
    /// Nothing is signed of a log that is needed.
    #[error("nothing is signed of the log of {0}")]
    Unsigned(UnitId),
    /// A chosen case is not there, or not signed yet.
    #[error("there is no case {0} in what is signed")]
    NoCase(CommandId),
    /// A chosen process is not there.
    #[error("no definition of the process {0} is deployed")]
    NoProcess(String),
    /// Nothing was chosen.
    #[error("nothing that is signed was chosen")]
    Nothing,
    /// It would be larger than a bundle may be.
    #[error("the bundle would have more than {BUNDLE_BYTES_MAX} bytes")]
    TooLarge,
    /// The database is not what was signed.
    #[error("the log of {0} differs from what was signed")]
    Differs(UnitId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gathers what was asked for.
///
/// # Errors
/// When something is not there, not signed, or not what was signed.
pub async fn gather<S: Store>(
    store: &S,
    host: &str,
    zone: &str,
    wish: &Wish,
    signed: &BTreeMap<UnitId, Signed>,
) -> Result<Parts, NoBundle> {
    let of = |signed: &Signed| {
        let (log, number) = epoch(&signed.checkpoint.origin)?;
        Some((log.to_owned(), Taken { epoch: number, size: signed.checkpoint.size, sizes: BTreeMap::new() }))
    };
    let (definitions, taken) = (HashMap::new(), signed.values().filter_map(of).collect());
    let mut gathering = Gathering { store, wish, signed, needed: Needed::default(), definitions, taken, bytes: 0 };
    for unit in store.units().await? {
        for row in store.definitions(&unit).await? {
            gathering.definitions.insert(row.hash, (unit.clone(), row));
        }
    }
    let cases = gathering.choose().await?;
    gathering.follow(&cases).await?;
    gathering.parts(host, zone, &cases).await
}

struct Gathering<'a, S> {
    store: &'a S,
    wish: &'a Wish,
    signed: &'a BTreeMap<UnitId, Signed>,
    needed: Needed,
    definitions: HashMap<Hash, (UnitId, DefinitionRow)>,
    /// What the site log took in of each log, by its signed name without the epoch.
    taken: HashMap<String, Taken>,
    bytes: usize,
}

/// What the site log took in of a log that is signed.
struct Taken {
    /// The epoch under which it is signed.
    epoch: u64,
    /// The size that is signed.
    size: u64,
    /// Sizes up to that one, by epochs up to that one.
    sizes: BTreeMap<u64, BTreeSet<u64>>,
}

/// Where the tree can be held against what was taken in under one epoch: at the newest size, and at the first above each entry that is shown.
struct Splits {
    sizes: BTreeSet<u64>,
    /// Whether an entry is shown since the size before.
    shown: bool,
}

impl Splits {
    fn is_at(&mut self, size: u64) -> bool {
        self.sizes.contains(&size) && (std::mem::take(&mut self.shown) || self.sizes.last() == Some(&size))
    }
}

/// What the chosen entries lead to.
#[derive(Default)]
struct Needed {
    /// Whatever is written like a hash: those of documents among them.
    hashes: BTreeSet<Hash>,
    /// Entries that made early messages.
    messages: HashSet<CommandId>,
    /// Who acted.
    people: HashSet<PersonId>,
    /// The last entry before the period, and the first after it.
    edges: HashSet<u64>,
}

/// How an entry is shown.
enum Show<'w> {
    Whole(Option<&'w str>),
    Leaf,
    Not,
}

impl<S: Store> Gathering<'_, S> {
    fn signed(&self, unit: &UnitId) -> Result<&Signed, NoBundle> {
        self.signed.get(unit).ok_or_else(|| NoBundle::Unsigned(unit.clone()))
    }

    /// The cases that are chosen; and where the period lies.
    async fn choose(&mut self) -> Result<HashSet<CommandId>, NoBundle> {
        let chosen = &self.wish.chosen;
        let size = self.signed(&chosen.unit)?.checkpoint.size;
        for process in &chosen.processes {
            if !self.definitions.values().any(|(_, row)| row.process == *process) {
                return Err(NoBundle::NoProcess(process.clone()));
            }
        }
        let is_named = |case: &CommandId| chosen.cases.is_empty() || chosen.cases.contains(case);
        let is_of = |hash: Option<Hash>| {
            let process = hash.and_then(|hash| self.definitions.get(&hash)).map(|(_, row)| &row.process);
            chosen.processes.is_empty() || process.is_some_and(|process| chosen.processes.contains(process))
        };
        let mut cases = HashSet::new();
        let (mut next, mut last) = (0, None);
        while next < size {
            for sealed in page(self.store, &chosen.unit, next, size).await? {
                next = sealed.index + 1;
                let inside = chosen.is_in_period(sealed.time);
                if last.is_some_and(|last| last != inside) {
                    self.needed.edges.insert(if inside { sealed.index - 1 } else { sealed.index });
                }
                last = Some(inside);
                let Some(link) = sealed.link.filter(|link| inside && is_named(&link.instance)) else { continue };
                if chosen.processes.is_empty() || is_of(codec::read_leaf(sealed.index, &sealed.leaf).map_err(broken)?.definition)
                {
                    cases.insert(link.instance);
                }
            }
        }
        match chosen.cases.iter().find(|case| !cases.contains(case)) {
            Some(missing) => Err(NoBundle::NoCase(*missing)),
            None if cases.is_empty() && chosen.is_of_cases() => Err(NoBundle::Nothing),
            None => Ok(cases),
        }
    }

    /// What the entries of the cases lead to.
    async fn follow(&mut self, cases: &HashSet<CommandId>) -> Result<(), NoBundle> {
        let unit = &self.wish.chosen.unit;
        let size = self.signed(unit)?.checkpoint.size;
        for case in cases {
            for sealed in self.store.case_entries(unit, *case, 1).await?.iter().filter(|sealed| sealed.index < size) {
                let entry = codec::open(sealed).map_err(broken)?;
                self.needed.people.extend(entry.origin.actor.person().cloned());
                self.needed.hashes.extend(entry.definition);
                for event in &entry.events {
                    if let Event::MessageReceived { message, .. } = event
                        && message.command != entry.origin.command
                    {
                        self.needed.messages.insert(message.command);
                    }
                    hashes(&serde_json::to_value(event).map_err(broken)?, &mut self.needed.hashes);
                }
            }
        }
        Ok(())
    }

    async fn parts(mut self, host: &str, zone: &str, cases: &HashSet<CommandId>) -> Result<Parts, NoBundle> {
        let site = UnitId::site();
        let mut units = BTreeSet::from([self.wish.chosen.unit.clone()]);
        units.extend(self.needed.hashes.iter().filter_map(|hash| self.definitions.get(hash)).map(|(unit, _)| unit.clone()));
        let mut documents = BTreeMap::new();
        for hash in &self.needed.hashes {
            if let Some((_, row)) = self.definitions.get(hash) {
                documents.insert(*hash, row.document.clone());
            }
        }
        let mut logs = vec![self.log(&site, cases, &mut documents).await?];
        for unit in units.iter().filter(|unit| **unit != site) {
            logs.push(self.log(unit, cases, &mut documents).await?);
        }
        let limits = JsonLimits { max_bytes: DEFINITION_BYTES_MAX, fractions: true, ..JsonLimits::default() };
        let documents = documents.into_iter().map(|(hash, text)| {
            let text = parse_strict(text.as_bytes(), &limits).map(|value| canonical(&value)).unwrap_or_default();
            if Hash::of(text.as_bytes()) == hash {
                Ok(text)
            } else {
                Err(broken(format!("the document {hash} has another hash")))
            }
        });
        let documents = documents.collect::<Result<Vec<_>, _>>()?;
        let head = Head {
            chosen: self.wish.chosen.clone(),
            host: host.to_owned(),
            v: BUNDLE_VERSION,
            withheld: self.wish.withheld.clone(),
            zone: zone.to_owned(),
        };
        let report = self.report(host, &logs, documents.len(), cases.len());
        let logs = logs.into_iter().map(|Written { signed, lines, .. }| (signed.path, signed.note, lines)).collect();
        Ok(Parts { head, documents, logs, about: ABOUT.to_owned(), report })
    }

    /// The lines of a log. Those of the site bring the documents that are needed.
    async fn log(
        &mut self,
        unit: &UnitId,
        cases: &HashSet<CommandId>,
        documents: &mut BTreeMap<Hash, String>,
    ) -> Result<Written, NoBundle> {
        let signed = self.signed(unit)?.clone();
        let size = signed.checkpoint.size;
        let mut written = Written { signed, lines: String::new(), whole: 0, leaves: 0 };
        let (mut hidden, mut tree) = (Hidden::default(), Frontier::new());
        let taken = epoch(&written.signed.checkpoint.origin).and_then(|(log, _)| self.taken.remove(log));
        let taken = taken.into_iter().flat_map(|taken| taken.sizes.into_values());
        let mut splits: Vec<Splits> = taken.map(|sizes| Splits { sizes, shown: false }).collect();
        let chosen = &self.wish.chosen;
        while tree.size() < size {
            for sealed in page(self.store, unit, tree.size(), size).await? {
                if sealed.index != tree.size() {
                    return Err(NoBundle::Differs(unit.clone()));
                }
                let leaf = leaf_hash(sealed.leaf.as_bytes());
                tree.push(leaf);
                let is_asked =
                    written.signed.held.contains(&sealed.index) || *unit == chosen.unit && self.wish.at.contains(&sealed.index);
                // Each is asked: it remembers what is shown.
                let mut is_split = is_asked;
                for one in &mut splits {
                    is_split |= one.is_at(sealed.index);
                }
                if is_split {
                    hidden.write(&mut written.lines);
                }
                if unit.as_str() == UnitId::SITE {
                    self.note_taken(&sealed);
                }
                let show = match unit.as_str() {
                    UnitId::SITE => self.show_of_site(&sealed, documents)?,
                    _ => self.show(unit, &sealed, cases, written.whole > 0)?,
                };
                let line = match show {
                    Show::Not => {
                        hidden.push(sealed.index, leaf);
                        continue;
                    }
                    Show::Leaf => {
                        written.leaves += 1;
                        Line::Entry { index: sealed.index, leaf: (&sealed.leaf).into(), payloads: None }
                    }
                    Show::Whole(withheld) => {
                        written.whole += 1;
                        Line::entry(&sealed, withheld)
                    }
                };
                for one in &mut splits {
                    one.shown = true;
                }
                hidden.write(&mut written.lines);
                let before = written.lines.len();
                written.lines.push_str(&line.to_string());
                written.lines.push('\n');
                self.bytes += written.lines.len() - before;
                if self.bytes > BUNDLE_BYTES_MAX {
                    return Err(NoBundle::TooLarge);
                }
            }
        }
        hidden.write(&mut written.lines);
        if tree.root() == written.signed.checkpoint.root { Ok(written) } else { Err(NoBundle::Differs(unit.clone())) }
    }

    /// Of what the site log took in, what the other logs can be held against.
    fn note_taken(&mut self, sealed: &Sealed) {
        let list = sealed.payloads.first().and_then(|events| events.body.as_deref()).unwrap_or_default();
        for LogSigned { log, size, .. } in codec::taken(list) {
            // A bundle's own checkpoint may be older than the last.
            if let Some((log, number)) = epoch(&log)
                && let Some(taken) = self.taken.get_mut(log).filter(|taken| number <= taken.epoch && size <= taken.size)
            {
                taken.sizes.entry(number).or_default().insert(size);
            }
        }
    }

    /// Of the site log every leaf is shown; whatever says who may do what, and by which documents; and when the machine did not work.
    fn show_of_site(&self, sealed: &Sealed, documents: &mut BTreeMap<Hash, String>) -> Result<Show<'_>, NoBundle> {
        let kind = codec::read_leaf(sealed.index, &sealed.leaf).map_err(broken)?.kind;
        let withheld = self.wish.withheld.as_deref();
        if !OFFICE_KINDS.contains(&kind.as_str()) {
            return Ok(if tells_of_machine(&kind, sealed)? { Show::Whole(withheld.or(Some(NOT_NAMED))) } else { Show::Leaf });
        }
        if kind == "document.deployed" {
            for event in codec::open(sealed).map_err(broken)?.events {
                if let Event::DocumentDeployed { kind, hash, document, .. } = event
                    && (kind == DocumentKind::Calendar || kind == DocumentKind::Norm)
                    && self.needed.hashes.contains(&hash)
                {
                    documents.insert(hash, document);
                }
            }
        }
        let is_named = self.needed.people.contains(&PersonId::of(sealed.command));
        Ok(Show::Whole(withheld.or((!is_named).then_some(NOT_NAMED))))
    }

    fn show(&self, unit: &UnitId, sealed: &Sealed, cases: &HashSet<CommandId>, begun: bool) -> Result<Show<'_>, NoBundle> {
        let (chosen, withheld) = (&self.wish.chosen, self.wish.withheld.as_deref());
        let whole = Ok(Show::Whole(withheld));
        if sealed.link.is_none() {
            let kind = codec::read_leaf(sealed.index, &sealed.leaf).map_err(broken)?.kind;
            if kind == "definition.deployed" {
                let deployed = codec::open(sealed).map_err(broken)?.events.into_iter().find_map(|event| match event {
                    Event::DefinitionDeployed { definition, .. } => Some(definition),
                    _ => None,
                });
                if deployed.is_some_and(|hash| self.needed.hashes.contains(&hash)) {
                    return whole;
                }
            }
        }
        if *unit != chosen.unit {
            return Ok(Show::Not);
        }
        let is_of_case = sealed.link.is_some_and(|link| cases.contains(&link.instance));
        let is_in_period = !chosen.is_of_cases() && chosen.is_in_period(sealed.time);
        if is_of_case || is_in_period || self.needed.messages.contains(&sealed.command) {
            return whole;
        }
        let is_edge = !chosen.is_of_cases() && self.needed.edges.contains(&sealed.index);
        Ok(if is_edge || self.wish.leaves && begun { Show::Leaf } else { Show::Not })
    }

    /// What is in it, for people.
    fn report(&self, host: &str, logs: &[Written], documents: usize, cases: usize) -> String {
        use std::fmt::Write;
        let chosen = &self.wish.chosen;
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "Bundle of evidence from {host}, unit {}", chosen.unit);
        for case in &chosen.cases {
            let _ = writeln!(text, "chosen case {case}");
        }
        for process in &chosen.processes {
            let _ = writeln!(text, "chosen process {process}");
        }
        for (word, instant) in [("from", chosen.from), ("before", chosen.to)] {
            if let Some(instant) = instant {
                let _ = writeln!(text, "{word} {}", instant.0);
            }
        }
        let _ = writeln!(text, "{cases} cases, {documents} definitions, norms and calendars");
        match &self.wish.withheld {
            Some(ground) => _ = writeln!(text, "personal values are withheld: {ground}"),
            None => _ = writeln!(text, "personal values are disclosed; names of people who did not act in it are withheld"),
        }
        for Written { signed, whole, leaves, .. } in logs {
            let Checkpoint { origin, size, root, .. } = &signed.checkpoint;
            let hidden = size.saturating_sub(whole + leaves);
            let _ = writeln!(text, "\n{origin}\n  {size} entries signed, root {root}");
            let _ = writeln!(text, "  {whole} shown, {leaves} by their leaf alone, {hidden} by their place in the tree");
        }
        text
    }
}

/// Whether an entry of the site says what ran, or that the machine did not work as it should: a certificate has to name it.
fn tells_of_machine(kind: &str, sealed: &Sealed) -> Result<bool, NoBundle> {
    Ok(match kind {
        "time.stepped" | "seal.gap" | "software.started" | "epoch.declared" | "recovery.declared" => true,
        // Who relies on recovery keys needs these to know whether a key counts.
        kind if KEY_NOTE_KINDS.contains(&kind) => true,
        "schedule.fired" => {
            let events = codec::open(sealed).map_err(broken)?.events;
            events.iter().any(|event| matches!(event, Event::ScheduleMissed { .. }))
        }
        _ => false,
    })
}

/// A log's lines.
struct Written {
    signed: Signed,
    lines: String,
    whole: u64,
    leaves: u64,
}

/// Entries that are not shown, as the roots of the largest subtrees that they fill.
#[derive(Default)]
pub(super) struct Hidden(Vec<(u64, u64, Hash)>);

impl Hidden {
    pub(super) fn push(&mut self, index: u64, leaf: Hash) {
        let (mut index, mut size, mut node) = (index, 1, leaf);
        while let Some((left, same, root)) = self.0.last().copied()
            && same == size
            && left.is_multiple_of(2 * size)
        {
            self.0.pop();
            (index, size, node) = (left, 2 * size, node_hash(&root, &node));
        }
        self.0.push((index, size, node));
    }

    pub(super) fn write(&mut self, lines: &mut String) {
        for (index, size, node) in self.0.drain(..) {
            lines.push_str(&Line::Node { index, size, node }.to_string());
            lines.push('\n');
        }
    }
}

/// Entries that are signed, from an index on; at least one.
pub(super) async fn page<S: Store>(store: &S, unit: &UnitId, from: u64, size: u64) -> Result<Vec<Sealed>, NoBundle> {
    let most = u32::try_from(size - from).unwrap_or(PAGE).min(PAGE);
    let page = store.entries(unit, from, most).await?;
    if page.is_empty() { Err(NoBundle::Differs(unit.clone())) } else { Ok(page) }
}

/// Whatever is written like a hash.
fn hashes(value: &Value, found: &mut BTreeSet<Hash>) {
    match value {
        Value::String(text) => found.extend(text.parse::<Hash>()),
        Value::Array(items) => items.iter().for_each(|item| hashes(item, found)),
        Value::Object(members) => members.values().for_each(|member| hashes(member, found)),
        _ => {}
    }
}

/// What a person reads first.
const ABOUT: &str = "\
This is a bundle of evidence: a part of an office's signed journal, which anyone can check without the office.

  sevottam verify BUNDLE.zip --policy policy.txt

The policy names the office's public key, from paper or another source that you trust:

  key <name>+<digits>+<base64>
  seen <log> <size> <root in base64>      (a checkpoint that you hold; as many as you have)

What is in it: bundle.json says what was chosen; log/ has the signed checkpoints, and the entries one a line; document/ the definitions,
norms and calendars, each under its SHA-256; report.txt a summary. MANIFEST.sha256 is for `sha256sum -c`.
The formats are in engine/src/evidence/FORMAT.md of the program's source.

यह साक्ष्य का संग्रह है: कार्यालय की हस्ताक्षरित पंजी का एक भाग, जिसे कोई भी कार्यालय के बिना जाँच सकता है।
ऊपर की आज्ञा चलाएँ। policy.txt में कार्यालय की सार्वजनिक कुंजी लिखें, जो कागज़ से या किसी विश्वसनीय स्रोत से मिली हो।
";
