//! The writer of one unit: takes what waits in its mailbox, decides each command on the state that the ones before it left, and
//! writes all of it in one transaction. Only then is anyone answered.
//!
//! While one batch is on its way to the disk the next is decided. What it is decided on is not durable yet, so if the write fails, the
//! writer is dropped with everything it holds, and everyone in both batches is told.
//!
//! Repeats of late commands are known here. One of something older is as a rule refused, since what it was about is gone, and looked for
//! in the store then. Where it passes for something new, such as a case started once more, the store refuses it with everything that came
//! with it: then all of it is decided again, what was refused too, and for a while each command is looked for before it is decided. So a
//! refusal is told like an acceptance, when the batch in which it was decided has landed.

mod decide;

use std::collections::HashMap;
use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::Poll;

use lru::LruCache;

use super::cases::load;
use super::mailbox::{Ask, Inbox};
use super::{Accepted, Refusal, Shared, broken, measure};
use crate::digest::{Frontier, Hash};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::{Command, Entry, Event, codec};
use crate::machine::office::Office;
use crate::machine::{Instance, Rejection};
use crate::model::id::Made;
use crate::model::limits::{BATCH_COMMANDS_MAX, CACHED_INSTANCES_MAX};
use crate::model::{CommandId, Time, UnitId};
use crate::projection::RowChange;
use crate::store::planted::{self, Bug};
use crate::store::{Batch, Head, Store, StoreError};

/// Commands that are looked for before they are decided, after a start and after one was in the store already: where one is sent again, more
/// will be.
const WARY_COMMANDS: usize = 4_096;
/// Accepted commands whose repeats are known here: more than two batches and a mailbox full.
const RECENT_COMMANDS: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();
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
        let flying = writer.as_ref().is_some_and(|writer| writer.flight.is_some());
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
                        Err(error) => (asks, received) = ready.fail(&error, Vec::new()),
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
        if is_again && writer.as_ref().is_none_or(|writer| writer.flight.is_none()) {
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

/// Whether a log still has the size that something was decided on.
async fn still<S: Store>(store: &S, unit: UnitId, expected: u64) -> Result<(), StoreError> {
    let found = store.head(&unit).await?.map_or(0, |head| head.size);
    if found == expected { Ok(()) } else { Err(StoreError::Fenced { unit, expected, found }) }
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
    /// States of cases, as the last decision left them. Far more of them fit in than two batches can hold, so none is lost before it is
    /// written.
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
    /// What is on its way to the disk.
    flight: Option<Flight>,
    /// What was on its way when its write failed.
    failed: Option<Open>,
}

/// Those who wait for a batch, and what was decided.
type Landed = Vec<(Ask, Result<Accepted, Refusal>)>;

/// Early messages that were received lately: they cannot expire any more.
type Received = LruCache<Made, ()>;

/// A batch on its way to the disk.
struct Flight {
    written: Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>,
    /// What becomes true when it is written; its entries and rows have gone to the store.
    batch: Open,
    /// Time and size of the log once it has landed.
    time: Time,
    size: u64,
}

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
            let host = &shared.options.host;
            let origin = if unit.as_str() == UnitId::SITE { format!("{host}/site/1") } else { format!("{host}/unit/{unit}/1") };
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
            flight: None,
            failed: None,
        })
    }

    /// Whether more can be decided now: not while the office or the definitions change, which the next decision reads as committed.
    fn takes(&self) -> bool {
        let settled = |batch: &Open| batch.office.is_none() && batch.library.is_none();
        self.batch.answers.len() < BATCH_COMMANDS_MAX && self.flight.as_ref().is_none_or(|flight| settled(&flight.batch))
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
                None => self.decide(&ask.envelope, ask.cause).await,
            };
            let outcome = match outcome {
                // Also a repeat of something that is on its way must wait until it is durable.
                Ok(accepted) => {
                    self.batch.unsure |= repeats == Repeats::IfRefused && !ask.fresh && !accepted.repeated;
                    Ok(accepted)
                }
                Err(Failure::Rejected(rejection)) => Err(rejection.into()),
                // Its case cannot be read, and nothing of the batch has changed by it.
                Err(Failure::Unreadable(error)) => Err(Refusal::Store(Arc::new(error))),
                Err(Failure::Store(error)) => {
                    // What is still on its way has nothing to do with it.
                    match self.land().await {
                        Ok(landed) => answer(landed),
                        Err(error) => tracing::warn!(unit = %self.unit, %error, "a second batch was not written"),
                    }
                    let rest = std::iter::once(ask).chain(rest).collect();
                    (*asks, *received) = self.fail(&error, rest);
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
            (!ask.fresh && matches!(outcome, Err(Refusal::Rejected(_)))).then_some(ask.envelope.id)
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

    /// Ends after a failed write, of which nothing was written. What must be decided again is returned, in its order: everything, if the
    /// store has one of the commands already that was not looked for, or if another node wrote meanwhile. Else everyone is told.
    fn fail(mut self, error: &Arc<StoreError>, rest: Vec<Ask>) -> (Vec<Ask>, Received) {
        let unsure = self.batch.unsure || self.failed.as_ref().is_some_and(|batch| batch.unsure);
        let mut asks = Vec::new();
        for (ask, outcome) in self.failed.into_iter().chain([self.batch]).flat_map(|batch| batch.answers) {
            // What it received is still there.
            for event in outcome.iter().filter(|accepted| !accepted.repeated).flat_map(|accepted| &accepted.entry.events) {
                if let Event::MessageReceived { message, .. } = event {
                    self.received.pop(message);
                }
            }
            asks.push(ask);
        }
        asks.extend(rest);
        let again = match **error {
            StoreError::Twice(_) => unsure,
            // Another node wrote meanwhile.
            StoreError::Fenced { .. } => self.shared.has_others,
            _ => false,
        };
        if again {
            tracing::debug!(unit = %self.unit, %error, "a batch is decided again");
        } else {
            // As far as anyone knows: where the answer was lost, it may have been.
            self.shared.doubt.store(true, Ordering::Relaxed);
            // Of a full disk the store itself tells, once.
            if !matches!(**error, StoreError::Full) {
                tracing::warn!(unit = %self.unit, %error, "a batch was not written");
            }
            refuse_all(&mut asks, error);
        }
        (asks, self.received)
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

    /// Has the store take what changes subscriptions or early messages, before it is asked about them.
    async fn settle_mail(&mut self) -> Result<(), Failure> {
        let flying = self.flight.as_ref().is_some_and(|flight| flight.batch.mail_changed);
        if self.batch.mail_changed || flying {
            answer(self.land().await.map_err(Failure::Store)?);
            self.find_refused().await;
            self.take_off().await;
            answer(self.land().await.map_err(Failure::Store)?);
        }
        Ok(())
    }

    /// Sends the open batch on its way, if none is: one transaction.
    async fn take_off(&mut self) {
        if self.flight.is_some() || self.batch.answers.is_empty() && self.batch.entries.is_empty() {
            return;
        }
        let next = Open { from: self.size, ..Open::default() };
        let mut batch = std::mem::replace(&mut self.batch, next);
        let (shared, unit, size) = (Arc::clone(&self.shared), self.unit.clone(), self.size);
        let mut written: Pin<Box<dyn Future<Output = _> + Send>> = if !batch.entries.is_empty() {
            let head = Head { origin: self.log.to_string(), size, frontier: self.frontier.to_bytes(), time: self.time };
            let (mut entries, mut changes) = (std::mem::take(&mut batch.entries), std::mem::take(&mut batch.changes));
            if planted::is(Bug::SwapEntries) && entries.len() > 1 {
                entries.swap(0, 1);
            }
            if planted::is(Bug::LoseRow) && size % 16 == 0 {
                changes.pop();
            }
            let write = Batch { unit, from: batch.from, head, entries, changes };
            let count = write.entries.len();
            Box::pin(async move { measure::batch(count, shared.store.append(write)).await })
        } else if shared.has_others && !planted::is(Bug::StayBehind) {
            // Nothing but refusals, which no write tells whether they still hold: another node may have written meanwhile.
            Box::pin(async move {
                let is_so = still(&shared.store, unit.clone(), size).await;
                shared.store.let_go(&unit).await?;
                is_so
            })
        } else {
            // Nothing but refusals, and repeats of what is durable.
            answer(batch.answers);
            return;
        };
        if planted::is(Bug::AnswerEarly) {
            tokio::spawn(written);
            written = Box::pin(std::future::ready(Ok(())));
        }
        // Begun at once, and not only when it is waited for.
        let begun = poll_fn(|context| Poll::Ready(written.as_mut().poll(context))).await;
        if let Poll::Ready(done) = begun {
            written = Box::pin(std::future::ready(done));
        }
        self.flight = Some(Flight { written, batch, time: self.time, size });
    }

    /// Waits until the batch on its way is durable; returns those who wait for it. Dropped, it can be called again. After a failure the
    /// writer must be ended by `fail`.
    async fn land(&mut self) -> Result<Landed, Arc<StoreError>> {
        let Some(flight) = &mut self.flight else { return Ok(Landed::default()) };
        let written = flight.written.as_mut().await;
        let Some(Flight { batch, time, size, .. }) = self.flight.take() else { return Ok(Landed::default()) };
        if let Err(error) = written {
            self.failed = Some(batch);
            return Err(Arc::new(error));
        }
        self.shared.time.recorded(time);
        self.forget_ended(&batch);
        self.shared.followers.tell(&self.unit, size);
        if self.unit.as_str() == UnitId::SITE {
            self.shared.office_is(batch.office, size);
        }
        self.shared.add_documents(&batch.taken_in);
        // Also what is due already: the clock may have jumped while the dispatcher sleeps.
        let now = self.shared.time.now();
        if !planted::is(Bug::LoseWakeUp)
            && batch.first_due.is_some_and(|due| due <= now || due.0 < self.shared.looks.load(Ordering::Acquire))
        {
            self.shared.due.notify_one();
        }
        Ok(batch.answers)
    }

    /// Lets go of the cases that a batch ended, now that the store has it: hardly anything comes for them any more.
    fn forget_ended(&mut self, landed: &Open) {
        for (_, outcome) in &landed.answers {
            let Some(entry) = outcome.as_ref().ok().filter(|accepted| !accepted.repeated).map(|accepted| &accepted.entry) else {
                continue;
            };
            let Some(id) = entry.link.map(|link| link.instance) else { continue };
            if self.cases.peek(&id).is_some_and(|case| case.is_over() && case.last == Some(entry.leaf_hash)) {
                self.cases.pop(&id);
            }
        }
    }
}

/// Why a command did not enter the batch.
enum Failure {
    Rejected(Rejection),
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
