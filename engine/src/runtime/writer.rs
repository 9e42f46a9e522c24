//! The writer of one unit: takes what waits in its mailbox, decides each command on the state that the ones before it left, and
//! writes all of it in one transaction. Only then is anyone answered.
//!
//! While batches are on their way to the disk the next is decided. What it is decided on is not durable yet, so if a write fails, the
//! writer is dropped with everything it holds, and everyone in that batch and those after it is told.
//!
//! Repeats of late commands are known here. One of something older is as a rule refused, since what it was about is gone, and looked for
//! in the store then. Where it passes for something new, such as a case started once more, the store refuses it with everything that came
//! with it: then all of it is decided again, what was refused too, and for a while each command is looked for before it is decided. So a
//! refusal is told like an acceptance, when the batch in which it was decided has landed.

mod decide;
mod flight;

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};

use lru::LruCache;

use self::flight::Flight;
use super::cases::load;
use super::mailbox::{Ask, Inbox};
use super::{Accepted, Refusal, Shared, broken, measure, origin};
use crate::digest::{Frontier, Hash};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::{Command, Entry, codec};
use crate::machine::office::Office;
use crate::machine::{Instance, Rejection};
use crate::model::id::Made;
use crate::model::limits::{BATCH_COMMANDS_MAX, CACHED_INSTANCES_MAX};
use crate::model::{CommandId, Time, UnitId};
use crate::projection::RowChange;
use crate::store::planted::{self, Bug};
use crate::store::{Head, Store, StoreError};

/// Commands that are looked for before they are decided, after a start and after one was in the store already: where one is sent again, more
/// will be.
const WARY_COMMANDS: usize = 4_096;
/// Accepted commands whose repeats are known here: more than the batches on their way, the open one and a mailbox full.
const RECENT_COMMANDS: NonZeroUsize = NonZeroUsize::new(8_192).unwrap();
/// Cases that are read side by side.
const READ_AT_A_TIME: usize = 16;
/// Received early messages that are known here: more than are on their way to expire at any time.
const RECEIVED_MESSAGES: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();

/// Runs until the mailbox is closed and empty, and everything in it is written.
pub(super) async fn run<S: Store>(shared: Arc<Shared<S>>, unit: UnitId, mut inbox: Inbox) {
    let mut asks = Vec::with_capacity(BATCH_COMMANDS_MAX);
    let mut writer: Option<Writer<S>> = None;
    let mut closed = false;
    // Commands that are still to be looked for before they are decided.
    let mut wary = WARY_COMMANDS;
    let mut received = Received::new(RECEIVED_MESSAGES);
    loop {
        let flying = writer.as_ref().is_some_and(|writer| !writer.flights.is_empty());
        if closed && !flying {
            return;
        }
        let takes = !closed && writer.as_ref().is_none_or(Writer::takes);
        if flying {
            // There is time: whoever was just answered shall ask again first, so that their commands are taken together.
            tokio::task::yield_now().await;
        }
        tokio::select! {
            biased;
            landed = land(&mut writer), if flying => {
                if let Some(mut ready) = writer.take() {
                    // A failed write leaves no writer: the next one starts from what the store has.
                    match landed {
                        Ok(landed) => {
                            // The store has its next batch before anyone is told of this one: it shall not wait.
                            ready.take_off().await;
                            tokio::task::yield_now().await;
                            answer(landed);
                            writer = Some(ready);
                        }
                        Err(error) => (asks, received) = ready.fail(&error, Vec::new()).await,
                    }
                }
            }
            () = inbox.take(&mut asks), if takes => {
                closed = asks.is_empty();
                let repeats = if wary == 0 { Repeats::IfRefused } else { Repeats::First };
                wary = wary.saturating_sub(asks.len());
                writer = decide(&shared, &unit, writer.take(), &mut asks, repeats, &mut received).await;
            }
        }
        // Only what must be decided again is left. Nobody comes before it then: else who decides slowly would be overtaken for ever.
        let is_again = !asks.is_empty();
        while !asks.is_empty() {
            wary = WARY_COMMANDS;
            if let Err(error) = shared.store.hold(&unit).await {
                tracing::info!(%unit, %error, "a batch is decided again without holding its log");
            }
            writer = decide(&shared, &unit, None, &mut asks, Repeats::First, &mut received).await;
        }
        if let Some(ready) = &mut writer {
            ready.take_off().await;
        }
        if is_again && writer.as_ref().is_none_or(|writer| writer.flights.is_empty()) {
            let _ = shared.store.let_go(&unit).await;
        }
    }
}

/// Decides a mailbox full, by a new writer where there is none. `asks` is left with what must be decided again.
async fn decide<S: Store>(
    shared: &Arc<Shared<S>>,
    unit: &UnitId,
    writer: Option<Writer<S>>,
    asks: &mut Vec<Ask>,
    repeats: Repeats,
    received: &mut Received,
) -> Option<Writer<S>> {
    let ready = match writer {
        Some(ready) => ready,
        None => match Writer::open(Arc::clone(shared), unit.clone(), received).await {
            Ok(ready) => ready,
            Err(error) => {
                refuse_all(asks, &Arc::new(error));
                return None;
            }
        },
    };
    ready.decide_all(asks, repeats, received).await
}

/// When a repeat of something older is looked for in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeats {
    /// Once it is refused.
    IfRefused,
    /// Before it is decided.
    First,
}

/// Waits until the batch on its way has landed.
async fn land<S: Store>(writer: &mut Option<Writer<S>>) -> Result<Landed, Arc<StoreError>> {
    match writer {
        Some(writer) => writer.land().await,
        None => Ok(Landed::default()),
    }
}

/// Tells those who wait for it.
fn answer(landed: Landed) {
    for (ask, outcome) in landed {
        measure::answered(&outcome);
        let _ = ask.answer.send(outcome);
    }
}

fn refuse_all(asks: &mut Vec<Ask>, error: &Arc<StoreError>) {
    for ask in asks.drain(..) {
        let outcome = Err(Refusal::Store(Arc::clone(error)));
        measure::answered(&outcome);
        let _ = ask.answer.send(outcome);
    }
}

/// Accepted commands, with the hash of their content.
type Known = HashMap<CommandId, (Hash, Accepted)>;

struct Writer<S: Store> {
    shared: Arc<Shared<S>>,
    unit: UnitId,
    log: Arc<str>,
    size: u64,
    time: Time,
    frontier: Frontier,
    /// Early messages that the unit keeps.
    mail_count: u64,
    /// States of cases, as the last decision left them. Far more of them fit in than the batches on their way can hold, so none is lost
    /// before it is written.
    cases: LruCache<CommandId, Arc<Instance>>,
    /// The case of a command's entry: never changes once it is there.
    case_of: LruCache<CommandId, CommandId>,
    /// What was accepted lately, with the hash of its content. The entry is there as long as it is not durable; then the store has it.
    recent: LruCache<CommandId, (Hash, Weak<Entry>)>,
    /// Early messages that were received lately.
    received: Received,
    /// Drawn and not used yet.
    salts: Vec<[u8; 32]>,
    /// What is decided and not yet on its way.
    batch: Open,
    /// What is on its way to the disk, the first to land first.
    flights: VecDeque<Flight>,
    /// What was on its way when its write failed.
    failed: Option<Open>,
}

/// Those who wait for a batch, and what was decided.
type Landed = Vec<(Ask, Result<Accepted, Refusal>)>;

/// Early messages that were received lately: they cannot expire any more.
type Received = LruCache<Made, ()>;

/// What one transaction writes.
#[derive(Default)]
struct Open {
    from: u64,
    entries: Vec<crate::journal::Sealed>,
    changes: Vec<RowChange>,
    answers: Landed,
    office: Option<Office>,
    library: Option<Library>,
    /// Documents, with their versions.
    taken_in: Vec<(Checked, u32)>,
    /// Whether subscriptions or early messages changed, so that the store must take the batch before it is asked about them.
    mail_changed: bool,
    /// When the first thing falls due that it makes due, or frees.
    first_due: Option<Time>,
    /// How many of the answers are final: what was refused among them was looked for in the store.
    looked: usize,
    /// Whether it has a command that may have been accepted before: it was not looked for in the store.
    unsure: bool,
}

impl<S: Store> Writer<S> {
    async fn open(shared: Arc<Shared<S>>, unit: UnitId, received: &mut Received) -> Result<Self, StoreError> {
        // Before the head: it may wait for a write that moves the head.
        let mail_count = shared.store.message_count(&unit).await?;
        let head = shared.store.head(&unit).await?;
        // After the head: whatever the log has by now of the office and its documents is known here.
        shared.catch_up_or_all().await?;
        let head = head.unwrap_or_else(|| {
            let origin = origin(&shared.options.host, &unit);
            Head { origin, size: 0, frontier: Vec::new(), time: Time(0) }
        });
        let frontier = Frontier::from_bytes(head.size, &head.frontier);
        let frontier =
            frontier.ok_or_else(|| broken(format!("the frontier of unit {unit} does not fit its size {}", head.size)))?;
        // Invariant: the limit is not zero.
        let capacity = NonZeroUsize::new(CACHED_INSTANCES_MAX).unwrap_or(NonZeroUsize::MIN);
        shared.time.recorded(head.time);
        Ok(Self {
            shared,
            unit,
            log: head.origin.into(),
            size: head.size,
            time: head.time,
            frontier,
            mail_count,
            cases: LruCache::new(capacity),
            case_of: LruCache::new(capacity),
            recent: LruCache::new(RECENT_COMMANDS),
            received: std::mem::replace(received, Received::new(RECEIVED_MESSAGES)),
            salts: Vec::new(),
            batch: Open { from: head.size, ..Open::default() },
            flights: VecDeque::new(),
            failed: None,
        })
    }

    /// Whether more can be decided now: not while the office or the definitions change, which the next decision reads as committed.
    fn takes(&self) -> bool {
        let settled = |batch: &Open| batch.office.is_none() && batch.library.is_none();
        self.batch.answers.len() < BATCH_COMMANDS_MAX && self.flights.iter().all(|flight| settled(&flight.batch))
    }

    /// Decides a mailbox full. None after a failed write; what must then be decided again is left in `asks`.
    async fn decide_all(mut self, asks: &mut Vec<Ask>, repeats: Repeats, received: &mut Received) -> Option<Self> {
        let first = |ask: &&Ask| repeats == Repeats::First && !ask.fresh;
        let ids: Vec<CommandId> = asks.iter().filter(first).map(|ask| ask.envelope.id).collect();
        let known = match self.stored(&ids).await {
            Ok(known) => known,
            Err(error) => {
                refuse_all(asks, &Arc::new(error));
                return Some(self);
            }
        };
        self.fetch_cases(asks).await;
        let mut rest = std::mem::take(asks).into_iter();
        while let Some(ask) = rest.next() {
            let outcome = match self.before(&ask, &known).await {
                Some(outcome) => outcome,
                None if ask.held => Err(Failure::Held),
                None => self.decide(&ask.envelope, ask.cause).await,
            };
            let outcome = match outcome {
                // Also a repeat of something that is on its way must wait until it is durable.
                Ok(accepted) => {
                    self.batch.unsure |= repeats == Repeats::IfRefused && !ask.fresh && !accepted.repeated;
                    Ok(accepted)
                }
                Err(Failure::Rejected(rejection)) => Err(rejection.into()),
                Err(Failure::Held) => Err(Refusal::Unsigned),
                // Its case cannot be read, and nothing of the batch has changed by it.
                Err(Failure::Unreadable(error)) => Err(Refusal::Store(Arc::new(error))),
                Err(Failure::Store(error)) => {
                    let rest = std::iter::once(ask).chain(rest).collect();
                    (*asks, *received) = self.fail(&error, rest).await;
                    return None;
                }
            };
            self.batch.answers.push((ask, outcome));
        }
        // An empty list keeps its room for the next mailbox full.
        *asks = rest.collect();
        asks.reserve(BATCH_COMMANDS_MAX);
        self.find_refused().await;
        Some(self)
    }

    /// Reads the cases that a mailbox full is about side by side, where there are several that are not in memory: due work comes for
    /// many old cases at once. One that cannot be read is read again when its command is decided, which then tells why.
    async fn fetch_cases(&mut self, asks: &[Ask]) {
        let about = asks.iter().filter_map(|ask| match &ask.envelope.command {
            Command::StartInstance { .. } | Command::StartCalled { .. } | Command::StartFollowing { .. } => None,
            command => command.instance(ask.envelope.id),
        });
        let mut missing: Vec<CommandId> = about.filter(|id| !self.cases.contains(id)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.len() < 2 {
            return;
        }
        let mut reads = tokio::task::JoinSet::new();
        let mut missing = missing.into_iter();
        loop {
            while reads.len() < READ_AT_A_TIME
                && let Some(id) = missing.next()
            {
                let (shared, unit) = (Arc::clone(&self.shared), self.unit.clone());
                reads.spawn(async move { (id, load(&shared.store, &unit, id).await) });
            }
            match reads.join_next().await {
                Some(Ok((id, Ok(Some(state))))) => drop(self.cases.put(id, Arc::new(state))),
                Some(_) => {}
                None => return,
            }
        }
    }

    /// What became of a command that is known to have been accepted before.
    async fn before(&mut self, ask: &Ask, known: &Known) -> Option<Result<Accepted, Failure>> {
        let id = ask.envelope.id;
        if let Some((content, entry)) = self.recent.get(&id).filter(|_| !planted::is(Bug::ForgetKey)) {
            let found = match entry.upgrade() {
                _ if *content != ask.envelope.content => return Some(Err(key_conflict().into())),
                Some(entry) => Ok(Accepted { entry, log: Arc::clone(&self.log), repeated: true }),
                // It is durable, and the store has it.
                None => match self.stored(&[id]).await {
                    Ok(found) => again(ask, found.get(&id)?),
                    Err(error) => Err(Failure::Unreadable(error)),
                },
            };
            return Some(found);
        }
        known.get(&id).map(|found| again(ask, found))
    }

    /// Looks in the store for what was refused: perhaps it was accepted before. Before anybody is told.
    async fn find_refused(&mut self) {
        let begin = std::mem::replace(&mut self.batch.looked, self.batch.answers.len());
        let refused = |(ask, outcome): &(Ask, Result<Accepted, Refusal>)| {
            (!ask.fresh && matches!(outcome, Err(Refusal::Rejected(_) | Refusal::Unsigned))).then_some(ask.envelope.id)
        };
        let ids: Vec<CommandId> = self.batch.answers.iter().skip(begin).filter_map(refused).collect();
        let found = self.stored(&ids).await.map_err(Arc::new);
        for (ask, outcome) in self.batch.answers.iter_mut().skip(begin) {
            if !ids.contains(&ask.envelope.id) {
                continue;
            }
            match &found {
                Ok(found) => {
                    if let Some(found) = found.get(&ask.envelope.id) {
                        *outcome = again(ask, found).map_err(|_| key_conflict().into());
                    }
                }
                Err(error) => *outcome = Err(Refusal::Store(Arc::clone(error))),
            }
        }
    }

    /// Commands among these that the store has.
    async fn stored(&mut self, ids: &[CommandId]) -> Result<Known, StoreError> {
        let mut known = Known::new();
        if ids.is_empty() || planted::is(Bug::ForgetKey) {
            return Ok(known);
        }
        for sealed in &self.shared.store.commands(&self.unit, ids).await? {
            let entry = Arc::new(codec::open(sealed).map_err(broken)?);
            let accepted = Accepted { entry, log: Arc::clone(&self.log), repeated: true };
            known.insert(sealed.command, (sealed.content, accepted));
        }
        Ok(known)
    }
}

/// Why a command did not enter the batch.
enum Failure {
    Rejected(Rejection),
    /// Commands are held, and it was not accepted before.
    Held,
    /// What it is about cannot be read.
    Unreadable(StoreError),
    /// The batch could not be written.
    Store(Arc<StoreError>),
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// What is answered to a command that was accepted before.
fn again(ask: &Ask, (content, accepted): &(Hash, Accepted)) -> Result<Accepted, Failure> {
    if *content == ask.envelope.content {
        Ok(Accepted { repeated: true, ..accepted.clone() })
    } else {
        Err(key_conflict().into())
    }
}

fn key_conflict() -> Rejection {
    Rejection::conflict(
        "idempotency.conflict",
        "This idempotency key was used for a command with another content. Use a new key for a new command.",
    )
}
