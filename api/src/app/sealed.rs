//! Whether an entry is covered by a signed checkpoint yet, and waiting for that: after the commit, within a bound, holding nothing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::evidence::Note;
use engine::journal::{Entry, Event};
use engine::model::UnitId;
use engine::runtime::Accepted;
use tokio::sync::{Notify, Semaphore, watch};

use super::Engine;
use super::evidence::{Evidence, LogName, NoEvidence};

/// How long a lodging and a closure wait for their signature, where nobody asked otherwise: a signer that is there signs each second.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest that may be asked for.
pub const PATIENCE_MAX: Duration = Duration::from_secs(10);
/// How many requests may wait at once: the others are answered at once, so that there is always room for them.
const WAITING_MAX: usize = 256;
/// How often it is looked what another process has signed, as long as somebody waits for it.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How often it is looked whether something has waited too long; and how often, once that is so.
const GUARD: Duration = Duration::from_mins(1);
const GUARD_HELD: Duration = Duration::from_secs(5);

/// What is signed of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signed {
    /// The epoch under whose name it is signed.
    pub epoch: u64,
    /// How many entries.
    pub size: u64,
}

impl Signed {
    /// Where the proof of an entry is found.
    pub fn proof(self, unit: &UnitId, index: u64) -> String {
        format!("/log/{}/proof/{index}", LogName { unit: unit.clone(), epoch: self.epoch }.path())
    }
}

/// What is known to be signed, and who waits for more.
#[derive(Debug)]
pub(super) struct Seals {
    logs: Mutex<HashMap<UnitId, watch::Sender<Signed>>>,
    /// Whether anybody tells what is signed: else nobody waits for it.
    hears: watch::Sender<bool>,
    /// Whether the signer is in this process and tells each signature itself.
    told: AtomicBool,
    /// Whether the last who waited did so in vain, and nothing was signed since: the signer is away, and nobody waits unless they ask to.
    away: AtomicBool,
    wanted: Notify,
    places: Semaphore,
}

impl Default for Seals {
    fn default() -> Self {
        Self {
            logs: Mutex::default(),
            hears: watch::Sender::new(false),
            told: AtomicBool::new(false),
            away: AtomicBool::new(false),
            wanted: Notify::new(),
            places: Semaphore::new(WAITING_MAX),
        }
    }
}

impl Seals {
    fn follow(&self, unit: &UnitId) -> watch::Receiver<Signed> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.entry(unit.clone()).or_default().subscribe()
    }

    /// Notes what is signed of a log now: after a declared restore that may be less.
    fn tell(&self, unit: &UnitId, signed: Signed) {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = logs.entry(unit.clone()).or_default().send_if_modified(|known| std::mem::replace(known, signed) != signed);
        if is_new {
            self.away.store(false, Ordering::Relaxed);
        }
    }

    /// Logs that somebody waits for.
    fn wanted(&self) -> Vec<UnitId> {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter().filter(|(_, known)| known.receiver_count() > 0).map(|(unit, _)| unit.clone()).collect()
    }
}

impl Evidence {
    /// The signed checkpoint that covers what was just accepted, if there is one. A lodging and a closure wait for it, and whoever says for how
    /// long; everything else is told what is known. The command is durable before: whoever hangs up cancels nothing.
    pub async fn seal(&self, unit: &UnitId, accepted: &Accepted, asked: Option<Duration>) -> Option<Signed> {
        if !self.is_shown() {
            return None;
        }
        let index = accepted.entry.index;
        let patience = asked.map_or_else(
            || if is_waited_for(&accepted.entry) { PATIENCE } else { Duration::ZERO },
            |asked| asked.min(PATIENCE_MAX),
        );
        if patience.is_zero() && !accepted.repeated {
            return covers(*self.seals.follow(unit).borrow(), index);
        }
        let is_away = asked.is_none() && self.seals.away.load(Ordering::Relaxed);
        let place = if patience.is_zero() || is_away || !*self.seals.hears.borrow() {
            None
        } else {
            self.seals.places.try_acquire().ok()
        };
        match place {
            Some(_place) => self.wait(unit, index, patience).await,
            None => self.covered(unit, index).await,
        }
    }

    /// The signed checkpoint that covers an entry, if there is one now.
    pub async fn covered(&self, unit: &UnitId, index: u64) -> Option<Signed> {
        if !self.is_shown() {
            return None;
        }
        if !self.seals.told.load(Ordering::Relaxed) {
            self.look(unit).await;
        }
        covers(*self.seals.follow(unit).borrow(), index)
    }

    async fn wait(&self, unit: &UnitId, index: u64, patience: Duration) -> Option<Signed> {
        let mut signed = self.seals.follow(unit);
        self.seals.wanted.notify_one();
        let mut hears = self.seals.hears.subscribe();
        let found = tokio::select! {
            biased;
            found = tokio::time::timeout(patience, signed.wait_for(|signed| covers(*signed, index).is_some())) => found,
            // Nobody will tell any more.
            _ = hears.wait_for(|hears| !hears) => return None,
        };
        if let Ok(Ok(signed)) = found {
            return Some(*signed);
        }
        // Who asked for less than is usual learns nothing about the signer.
        if patience >= PATIENCE {
            self.seals.away.store(true, Ordering::Relaxed);
        }
        None
    }

    async fn look(&self, unit: &UnitId) {
        let log = self.latest(LogName { unit: unit.clone(), epoch: 1 }).await;
        let size = self.newest(&log).await.map_or(0, |newest| newest.checkpoint.size);
        self.seals.tell(unit, Signed { epoch: log.epoch, size });
    }

    /// The signer in this process tells what it has signed.
    pub fn told(&self, checkpoints: &[Note]) {
        self.seals.told.store(true, Ordering::Relaxed);
        self.seals.hears.send_replace(true);
        for note in checkpoints {
            let mut lines = note.text.lines();
            let log = lines.next().and_then(|origin| origin.split_once('/')).and_then(|(_, path)| LogName::read(path));
            let size = lines.next().and_then(|size| size.parse().ok());
            if let (Some((log, _)), Some(size)) = (log, size) {
                self.seals.tell(&log.unit, Signed { epoch: log.epoch, size });
            }
        }
    }

    /// The signer in this process has ended: nobody waits for it any more, and who does goes on at once.
    pub fn ended(&self) {
        self.seals.hears.send_replace(false);
    }

    /// Looks what another process has signed, as long as somebody waits for it, until `stop` turns true.
    pub async fn watch(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        self.seals.hears.send_replace(true);
        let looking = async {
            loop {
                self.seals.wanted.notified().await;
                loop {
                    let wanted = self.seals.wanted();
                    if wanted.is_empty() {
                        break;
                    }
                    for unit in wanted {
                        self.look(&unit).await;
                    }
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        };
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => {}
            () = looking => {}
        }
        self.ended();
    }

    /// Holds people's commands while something has waited longer than so many seconds for its signature, until `stop` turns true.
    pub async fn guard(self: Arc<Self>, engine: Engine, seconds: i64, mut stop: watch::Receiver<bool>) {
        loop {
            let held = match self.hold(&engine, seconds).await {
                Ok(held) => held,
                // What was known stays: a store that does not answer takes no commands anyway, and what is shown may be just being written.
                Err(error) => {
                    tracing::warn!(%error, "it cannot be told what waits for its signature");
                    true
                }
            };
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(if held { GUARD_HELD } else { GUARD }) => {}
            }
        }
    }

    /// Looks once whether commands are to be held, and does so.
    ///
    /// # Errors
    /// When the store fails, or what is shown cannot be read; nothing is changed then.
    pub async fn hold(&self, engine: &Engine, seconds: i64) -> Result<bool, NoEvidence> {
        let since = self.unsigned(engine.store()).await?.and_then(|unsigned| unsigned.since);
        let held = since.is_some_and(|since| since.plus_seconds(seconds) < engine.now());
        engine.hold(held);
        Ok(held)
    }
}

fn covers(signed: Signed, index: u64) -> Option<Signed> {
    (signed.size > index).then_some(signed)
}

/// Whether an entry is one of those that people carry home: a case was lodged, or came to its end.
fn is_waited_for(entry: &Entry) -> bool {
    let counts = |event: &Event| {
        matches!(event, Event::InstanceStarted { .. } | Event::InstanceCompleted | Event::InstanceCancelled { .. })
    };
    entry.events.iter().any(counts)
}
