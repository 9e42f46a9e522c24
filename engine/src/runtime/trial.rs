//! An engine in which a process is tried: the office and its documents as they are, and empty logs in memory, which go with it.

use std::sync::{Arc, RwLock};

use super::clock::Clock;
use super::common::Site;
use super::{Engine, Options, Shared};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::model::Time;
use crate::model::document::DocumentKind;
use crate::store::Store;
use crate::store::memory::MemoryStore;

/// The host of the logs of trials: a name that no installation can have (RFC 6761), so that an entry of one is never taken for a real one.
pub const TRIAL_HOST: &str = "trial.invalid";

impl<S: Store> Engine<S> {
    /// An engine for trying a process. The people, the appointments and all other documents are those of this office now; the process is
    /// in force there. It shares nothing with this engine that could be written.
    pub fn for_trial(&self, process: &Checked, clock: Arc<dyn Clock>) -> Engine<MemoryStore> {
        let mut library = Library::clone(&self.library());
        // It is the newest of its id, whatever became of those before it.
        library.take_in(process, library.newest_version(DocumentKind::Process, &process.id).saturating_add(1));
        let options = Options { host: TRIAL_HOST.to_owned(), clock, ..self.options().clone() };
        let shared = Shared {
            site: RwLock::new(Site { office: self.office(), size: 0 }),
            library: RwLock::new(Arc::new(library)),
            ..Shared::new(MemoryStore::default(), options, Time(0), false)
        };
        Engine { shared: Arc::new(shared) }
    }
}
