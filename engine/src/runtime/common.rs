//! What every process holds in memory: the office, folded from the site log, and the documents that were deployed. Where other nodes write to
//! the same store, it is brought up to date from what they wrote.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLockReadGuard};

use tokio::time::Instant;

use super::{Engine, Shared, broken, read};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::{Event, codec};
use crate::machine::office::Office;
use crate::model::UnitId;
use crate::store::planted::{self, Bug};
use crate::store::{Store, StoreError};

/// Entries of the site log that are read at a time.
const PAGE: u32 = 1_000;

/// The office, as so many entries of the site log made it.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) office: Arc<Office>,
    pub(super) size: u64,
}

/// How far this process has caught up with the others.
#[derive(Debug, Default)]
pub(super) struct Caught {
    /// When the last look began, and why it failed: whoever asked before that need not look again.
    looked: Option<(Instant, Result<(), String>)>,
    /// Definitions that the store had then.
    definitions: u64,
}

impl<S: Store> Engine<S> {
    /// Returns once this process knows of the office and its documents whatever any node had acknowledged before the call. Where the store is
    /// this process's alone, that is at once.
    ///
    /// # Errors
    /// When the store cannot be read, or holds what this program does not understand.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        self.shared.catch_up().await
    }
}

impl<S: Store> Shared<S> {
    pub(super) fn site(&self) -> RwLockReadGuard<'_, Site> {
        // Whole values are replaced, never changed in place.
        self.site.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn office(&self) -> Arc<Office> {
        Arc::clone(&self.site().office)
    }

    /// Takes in everything, at the start.
    pub(super) async fn take_in_all(&self) -> Result<(), StoreError> {
        self.take_in_definitions().await?;
        self.take_in_site().await
    }

    /// Returns once what the store has is known here, also what this process wrote itself though the answer was an error.
    pub(super) async fn catch_up_or_all(&self) -> Result<(), StoreError> {
        if !self.doubt.swap(false, Ordering::Relaxed) || planted::is(Bug::StayBehind) {
            return self.catch_up().await;
        }
        let taken = self.take_in_all().await;
        if taken.is_err() {
            self.doubt.store(true, Ordering::Relaxed);
        }
        taken
    }

    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        if !self.has_others {
            return Ok(());
        }
        let asked = Instant::now();
        let mut caught = self.caught.lock().await;
        // Those who wait here at the same time need one look between them, also where it fails: with the database out of reach each look
        // takes seconds, and in a row they would take minutes.
        if let Some((began, outcome)) = &caught.looked
            && *began > asked
        {
            return outcome.clone().map_err(StoreError::Broken);
        }
        let began = Instant::now();
        let outcome = self.look(&mut caught.definitions).await;
        caught.looked = Some((began, outcome.as_ref().copied().map_err(ToString::to_string)));
        outcome
    }

    /// Takes in what others wrote since the last look.
    async fn look(&self, definitions: &mut u64) -> Result<(), StoreError> {
        let Some(common) = self.store.common().await? else { return Ok(()) };
        if common.definitions != *definitions {
            self.take_in_definitions().await?;
        }
        if common.site > self.site().size && !planted::is(Bug::StayBehind) {
            self.take_in_site().await?;
        }
        *definitions = common.definitions;
        Ok(())
    }

    /// Takes in the entries of the site log that are not taken in yet.
    async fn take_in_site(&self) -> Result<(), StoreError> {
        let (mut office, mut size) = {
            let site = self.site();
            (Office::clone(&site.office), site.size)
        };
        let mut library = Library::clone(&read(&self.library));
        let mut documents = Vec::new();
        loop {
            let page = self.store.entries(&UnitId::site(), size, PAGE).await?;
            let Some(last) = page.last() else { break };
            size = last.index + 1;
            self.time.recorded(last.time);
            for sealed in &page {
                let entry = codec::open(sealed).map_err(broken)?;
                for event in &entry.events {
                    office.apply(&entry.origin, event);
                    if let Event::DocumentDeployed { kind, id, version, document, .. } = event {
                        // By those before it: a calendar extends another.
                        let checked = library.check(*kind, document).map_err(|problems| {
                            let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                            broken(format!("the {} {id} version {version} can no longer be read: {first}", kind.name()))
                        })?;
                        library.take_in(&checked, *version);
                        documents.push((checked, *version));
                    }
                }
            }
        }
        self.add_documents(&documents);
        self.office_is(Some(office), size);
        Ok(())
    }

    /// Takes in the definitions that are not known yet.
    async fn take_in_definitions(&self) -> Result<(), StoreError> {
        let definitions = unknown_definitions(&self.store, &read(&self.library)).await?;
        self.add_documents(&definitions);
        Ok(())
    }

    /// The office, as it is after so many entries of the site log; none where those after the last changed nothing of it.
    pub(super) fn office_is(&self, office: Option<Office>, size: u64) {
        let mut site = self.site.write().unwrap_or_else(PoisonError::into_inner);
        // The other way here may have been faster: a batch that lands, and a look at what others wrote.
        if size > site.size {
            site.size = size;
            if let Some(office) = office {
                site.office = Arc::new(office);
            }
        }
    }

    /// Adds documents, with their versions.
    pub(super) fn add_documents(&self, documents: &[(Checked, u32)]) {
        if !documents.is_empty() {
            self.change_library(|library| documents.iter().for_each(|(checked, version)| library.take_in(checked, *version)));
        }
    }

    /// Changes what is there now, and not what somebody read before: several deploy at the same time.
    fn change_library(&self, change: impl FnOnce(&mut Library)) {
        let mut library = self.library.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Library::clone(&library);
        change(&mut next);
        *library = Arc::new(next);
    }
}

/// All definitions of a store.
pub(super) async fn load_library<S: Store>(store: &S) -> Result<Library, StoreError> {
    let mut library = Library::default();
    for (checked, version) in unknown_definitions(store, &library).await? {
        library.take_in(&checked, version);
    }
    Ok(library)
}

/// The definitions of a store that are not known yet, with their versions, the oldest first.
async fn unknown_definitions<S: Store>(store: &S, known: &Library) -> Result<Vec<(Checked, u32)>, StoreError> {
    let mut rows = Vec::new();
    for unit in store.units().await? {
        rows.extend(store.definitions(&unit).await?.into_iter().filter(|row| known.get(&row.hash).is_none()));
    }
    rows.sort_by_key(|row| (row.deployed, row.version));
    let compiled = rows.iter().map(|row| {
        // What was deployed stays deployed: processes that it calls were known then.
        let checked = Checked::deployed(&row.document).map_err(|problems| {
            let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            broken(format!("definition {} of {} no longer compiles: {first}", row.hash, row.process))
        })?;
        Ok((checked, row.version))
    });
    compiled.collect()
}
