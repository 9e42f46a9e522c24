//! Runtime: submit, group commit, caches, due work, orderly stop. The only room that knows the time and draws lots.
//!
//! Invariants: nothing is answered before it is durable; caches hold only what is committed; the store is the only coordinator.

mod aside;
pub mod bundle;
mod cases;
pub mod checkpoints;
pub mod clock;
mod common;
mod due;
pub mod extract;
pub mod folder;
mod follow;
mod forecast;
mod mailbox;
pub mod measure;
pub mod past;
mod read;
pub mod rebuild;
mod report;
mod review;
pub mod signer;
mod starts;
mod steps;
mod trial;
mod walk;
pub mod witness;
mod writer;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::tz::TimeZone;
use tokio::sync::{Notify, oneshot};

use crate::graph::Library;
use crate::journal::{Command, Entry, Envelope, Receipt};
use crate::machine::Rejection;
use crate::machine::office::Office;
use crate::model::id::Made;
use crate::model::{CommandId, Time, UnitId};
use crate::store::{Store, StoreError};
use clock::{Clock, SystemClock, Timekeeper, system_chance};
use common::{Caught, Site};
use follow::Followers;
use mailbox::{Answered, Ask, Lane, Mailbox};

pub use read::LockedJob;
pub use report::KeptReport;
pub use review::{Foreseen, Move, Moved};
pub use trial::TRIAL_HOST;

/// Fills bytes at random.
pub type Chance = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What an engine is set up with.
#[derive(Clone)]
pub struct Options {
    /// First part of every log's origin: the installation's host name, in lower-case letters, digits, dots and hyphens.
    pub host: String,
    /// The office's zone: days are days there.
    pub zone: TimeZone,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Fills bytes at random: salts and minted keys.
    pub chance: Chance,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("host", &self.host).field("zone", &self.zone).finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: "office.example".to_owned(),
            zone: TimeZone::get("Asia/Kolkata").unwrap_or(TimeZone::UTC),
            clock: Arc::new(SystemClock),
            chance: Arc::new(system_chance),
        }
    }
}

/// Why a command was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It may not be done, with a stable code.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Too much is waiting; try again with the same key.
    #[error("too many commands are waiting")]
    Busy,
    /// The store cannot take it now. Nothing was written; try again with the same key.
    #[error("the store cannot take the command")]
    Store(#[source] Arc<StoreError>),
    /// What was written before has waited too long for its signature. A case may be lodged all the same.
    #[error("what was written before has waited too long for its signature")]
    Unsigned,
    /// The program is stopping.
    #[error("the program is stopping")]
    Stopping,
}

/// An accepted command: it is durable.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The entry.
    pub entry: Arc<Entry>,
    /// Origin of its log.
    pub log: Arc<str>,
    /// Whether it had been accepted before: the same answer again.
    pub repeated: bool,
}

impl Accepted {
    /// What the caller holds in hand.
    pub fn receipt(&self) -> Receipt {
        Receipt {
            log: self.log.to_string(),
            index: self.entry.index,
            leaf: self.entry.leaf_hash,
            time: self.entry.origin.time.to_string(),
        }
    }

    /// The case that the command was about.
    pub fn instance(&self) -> Option<CommandId> {
        self.entry.link.map(|link| link.instance)
    }
}

/// The running engine. Clones share everything.
pub struct Engine<S: Store> {
    shared: Arc<Shared<S>>,
}

impl<S: Store> Clone for Engine<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

struct Shared<S: Store> {
    store: S,
    options: Options,
    time: Timekeeper,
    /// Whether other processes write to the store too.
    has_others: bool,
    site: RwLock<Site>,
    library: RwLock<Arc<Library>>,
    caught: tokio::sync::Mutex<Caught>,
    writers: Mutex<Writers>,
    /// Woken when something falls due before the dispatcher looks again.
    due: Notify,
    /// When it looks again; the end of time while it is looking, or before it began.
    looks: AtomicI64,
    /// How many commands somebody asked for so far: as long as that grows, due work gives way.
    asked: AtomicU64,
    /// Due rows that the last round could not carry out.
    stuck: AtomicUsize,
    /// Whether a write failed and perhaps was made all the same: what is held in memory may be behind.
    doubt: AtomicBool,
    /// Whether people's commands are refused until there is a signature again.
    held: AtomicBool,
    /// Who follows which log.
    followers: Followers,
}

impl<S: Store> Shared<S> {
    /// Before anything is taken in from the store.
    fn new(store: S, options: Options, recorded: Time, has_others: bool) -> Self {
        Self {
            store,
            time: Timekeeper::new(Arc::clone(&options.clock), recorded),
            options,
            has_others,
            site: RwLock::default(),
            library: RwLock::default(),
            caught: tokio::sync::Mutex::default(),
            writers: Mutex::default(),
            due: Notify::new(),
            looks: AtomicI64::new(i64::MAX),
            asked: AtomicU64::new(0),
            stuck: AtomicUsize::new(0),
            doubt: AtomicBool::new(false),
            held: AtomicBool::new(false),
            followers: Followers::default(),
        }
    }
}

/// One mailbox and one task per unit that has been written to; none any more once the engine stops.
#[derive(Default)]
struct Writers {
    mailboxes: HashMap<UnitId, Mailbox>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    stopping: bool,
}

/// A lock whose holder panicked still guards whole values here: they are replaced, never changed in place.
fn read<T>(lock: &RwLock<Arc<T>>) -> Arc<T> {
    Arc::clone(&lock.read().unwrap_or_else(PoisonError::into_inner))
}

impl<S: Store> Engine<S> {
    /// Opens an engine on a store: the office is folded from the site log, the definitions are compiled.
    ///
    /// # Errors
    /// When the store cannot be read, or holds what this program does not understand.
    pub async fn open(store: S, options: Options) -> Result<Self, StoreError> {
        // It goes into every leaf, which is plain ASCII without anything to escape.
        let host = &options.host;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
        if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
            return Err(broken(format!(
                "the host name {host:?} must have 1 to 253 lower-case letters, digits, dots and hyphens"
            )));
        }
        let has_others = store.common().await?.is_some();
        let mut recorded = Time(0);
        for unit in store.units().await? {
            recorded = recorded.max(store.head(&unit).await?.map_or(Time(0), |head| head.time));
        }
        let shared = Shared::new(store, options, recorded, has_others);
        shared.take_in_all().await?;
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The store, for reading.
    pub fn store(&self) -> &S {
        &self.shared.store
    }

    /// What it was set up with.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// The office now.
    pub fn office(&self) -> Arc<Office> {
        self.shared.office()
    }

    /// Deployed definitions now.
    pub fn library(&self) -> Arc<Library> {
        read(&self.shared.library)
    }

    /// The time now: never before what was recorded in any log.
    pub fn now(&self) -> Time {
        self.shared.time.now()
    }

    /// A key for a command that came without one: 32 random hexadecimal digits.
    pub fn mint_key(&self) -> String {
        let mut bytes = [0u8; 16];
        (self.shared.options.chance)(&mut bytes);
        CommandId(bytes).to_string()
    }

    /// Submits a command to a unit's log (`UnitId::site()` for the office) and waits until it is durable or refused. Dropping the
    /// future does not cancel the command: send it again with the same key to learn what became of it.
    ///
    /// # Errors
    /// A refusal; nothing was written by it.
    pub async fn submit(&self, unit: &UnitId, envelope: Envelope) -> Result<Accepted, Refusal> {
        self.ask(unit, envelope, false).await
    }

    /// Like `submit`, for a key that was minted just now.
    ///
    /// # Errors
    /// A refusal; nothing was written by it.
    pub async fn submit_fresh(&self, unit: &UnitId, envelope: Envelope) -> Result<Accepted, Refusal> {
        self.ask(unit, envelope, true).await
    }

    /// Refuses what people ask for, but that a case be started, until it is called with `false`. What is due goes on: time does not wait.
    pub fn hold(&self, held: bool) {
        if self.shared.held.swap(held, Ordering::Relaxed) != held {
            if held {
                tracing::error!("commands are refused until there is a signature again");
            } else {
                tracing::info!("commands are taken again");
            }
        }
    }

    async fn ask(&self, unit: &UnitId, envelope: Envelope, fresh: bool) -> Result<Accepted, Refusal> {
        let by_person = envelope.actor.person().is_some();
        // Nothing is decided by reading, nor by carrying copies out: an office whose signer is away still sees its cases and its journal.
        let goes_on = matches!(envelope.command, Command::StartInstance { .. } | Command::NoteRead(_) | Command::NoteExport(_));
        let held = by_person && self.shared.held.load(Ordering::Relaxed) && !goes_on;
        self.shared.asked.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.mailbox(unit)?.put(Lane::Asked, Ask { envelope, cause: None, fresh, held, answer })?;
        answered.await.unwrap_or(Err(Refusal::Stopping))
    }

    /// Puts due work into its unit's mailbox at once; the answer comes later. `fresh`: nobody else sends it, and it was not sent before.
    fn send(&self, unit: &UnitId, envelope: Envelope, cause: Option<Made>, fresh: bool) -> Result<Answered, Refusal> {
        let (answer, answered) = oneshot::channel();
        // Another node may be at the same row.
        let fresh = fresh && !self.shared.has_others;
        self.mailbox(unit)?.put(Lane::Due, Ask { envelope, cause, fresh, held: false, answer })?;
        Ok(answered)
    }

    /// The mailbox of a unit's writer, which is started on first use.
    fn mailbox(&self, unit: &UnitId) -> Result<Mailbox, Refusal> {
        let mut writers = self.shared.writers.lock().unwrap_or_else(PoisonError::into_inner);
        if writers.stopping {
            return Err(Refusal::Stopping);
        }
        // A writer that panicked has closed its mailbox: another one starts from what the store has.
        if let Some(mailbox) = writers.mailboxes.get(unit).filter(|mailbox| !mailbox.is_closed()) {
            return Ok(mailbox.clone());
        }
        let is_of_all = matches!(unit.as_str(), UnitId::SITE | UnitId::ACCESS);
        if !is_of_all && !self.office().units.contains_key(unit) {
            return Err(Rejection::not_found("unit.unknown", format!("There is no unit {unit}.")).into());
        }
        let (mailbox, inbox) = mailbox::mailbox();
        let task = tokio::spawn(writer::run(Arc::clone(&self.shared), unit.clone(), inbox));
        writers.tasks.push(task);
        writers.mailboxes.insert(unit.clone(), mailbox.clone());
        Ok(mailbox)
    }

    /// Takes no more commands, lets those in the mailboxes be answered, and returns when the last is.
    pub async fn stop(&self) {
        let tasks = {
            let mut writers = self.shared.writers.lock().unwrap_or_else(PoisonError::into_inner);
            writers.stopping = true;
            writers.mailboxes.clear();
            std::mem::take(&mut writers.tasks)
        };
        self.shared.due.notify_waiters();
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a unit's writer ended badly");
            }
        }
    }
}

/// The name of a unit's log in an installation. It stays the same whatever befalls the log: a declared restore changes the name under which
/// it is signed, and no entry of it.
fn origin(host: &str, unit: &UnitId) -> String {
    if unit.as_str() == UnitId::SITE { format!("{host}/site/1") } else { format!("{host}/unit/{unit}/1") }
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(error.to_string())
}
