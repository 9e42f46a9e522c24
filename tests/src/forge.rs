//! Logs written otherwise than they were decided, by somebody who has the database and the signer's key: every hash fits again.

use std::collections::HashMap;

use engine::digest::{Frontier, Hash, leaf_hash};
use engine::journal::codec::{self, Draft};
use engine::journal::entry::Link;
use engine::journal::{Entry, Sealed};
use engine::model::{CommandId, UnitId};
use engine::projection::changes;
use engine::store::memory::MemoryStore;
use engine::store::{Batch, Head, Store};

use crate::bundle::office;

/// Entries that are read at a time.
const PAGE: u32 = 10_000;

/// The same office, but for what was changed in entries of its unit.
///
/// # Panics
/// When what is told cannot be sealed.
pub async fn forged(store: &MemoryStore, change: impl Fn(&mut Entry)) -> MemoryStore {
    rewritten(store, |entries| entries.iter_mut().for_each(&change)).await
}

/// The same; entries may be taken out, too, or put elsewhere.
///
/// # Panics
/// When what is told cannot be sealed.
pub async fn rewritten(store: &MemoryStore, change: impl Fn(&mut Vec<Entry>)) -> MemoryStore {
    let copy = MemoryStore::default();
    for unit in store.units().await.expect("it answers") {
        let head = store.head(&unit).await.expect("it answers").expect("a head");
        let old = all(store, &unit).await;
        let mut entries: Vec<Entry> = old.iter().map(|old| codec::open(old).expect("it can be read")).collect();
        if unit == office() {
            change(&mut entries);
        }
        let old: HashMap<CommandId, Sealed> = old.into_iter().map(|old| (old.command, old)).collect();
        let mut last: HashMap<CommandId, (u64, Hash)> = HashMap::new();
        let (mut tree, mut rows, mut sealed) = (Frontier::new(), Vec::new(), Vec::new());
        for (index, mut entry) in (0..).zip(entries) {
            let old = &old[&entry.origin.command];
            let link = entry.link.map(|Link { instance, .. }| {
                let (before, previous) = last.get(&instance).map_or((0, None), |(sequence, leaf)| (*sequence, Some(*leaf)));
                Link { instance, sequence: before + 1, previous }
            });
            (entry.index, entry.link) = (index, link);
            let kind = Box::leak(entry.kind.clone().into_boxed_str());
            let Entry { origin, via, definition, events, .. } = &entry;
            let draft = Draft {
                log: &head.origin,
                index,
                kind,
                origin,
                via: via.as_ref(),
                content: old.content,
                link,
                definition: *definition,
                events,
            };
            let mut salts = old.payloads.iter().map(|payload| payload.salt);
            let new = codec::seal(
                &draft,
                &|_, name| {
                    let on_site = unit.as_str() == UnitId::SITE && ["name", "handle"].contains(&name);
                    (name == "applicant" || on_site).then_some(name)
                },
                &mut || salts.next().unwrap_or([3; 32]),
            );
            let new = new.expect("it is sealed");
            entry.leaf_hash = leaf_hash(new.leaf.as_bytes());
            tree.push(entry.leaf_hash);
            link.map(|link| last.insert(link.instance, (link.sequence, entry.leaf_hash)));
            entry.events.iter().for_each(|event| changes(&entry, event, "checked", &mut rows));
            sealed.push(new);
        }
        let head = Head { size: tree.size(), frontier: tree.to_bytes(), ..head };
        copy.append(Batch { unit, from: 0, head, entries: sealed, changes: rows }).await.expect("it answers");
    }
    copy
}

/// All entries of a log.
async fn all(store: &MemoryStore, unit: &UnitId) -> Vec<Sealed> {
    let mut entries = Vec::new();
    loop {
        let page = store.entries(unit, entries.len() as u64, PAGE).await.expect("it answers");
        if page.is_empty() {
            return entries;
        }
        entries.extend(page);
    }
}
