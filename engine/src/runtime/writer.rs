//! The writer of one unit: takes whatever waits in its mailbox, decides each command on the state that the ones before it left, and
//! writes all of it in one transaction. Only then is anyone answered.
//!
//! While one batch is on its way to the disk the next is decided. What it is decided on is not durable yet, so if the write fails, the
//! writer is dropped with everything it holds, and everyone in both batches is told.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError};

use lru::LruCache;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::cases::{advance, load};
use super::{Accepted, Ask, Refusal, Shared, broken, read};
use crate::digest::{Frontier, leaf_hash};
use crate::expression;
use crate::graph::{self, Graph, Library};
use crate::journal::codec::{self, Draft};
use crate::journal::{Command, Entry, Envelope, Event, Origin, entry::Link};
use crate::machine::office::{self, Office};
use crate::machine::{self, Context, Decision, EarlyMessage, Instance, Rejection};
use crate::model::id::Made;
use crate::model::limits::{BATCH_COMMANDS_MAX, CACHED_INSTANCES_MAX, SNAPSHOT_EVERY};
use crate::model::{CommandId, Time, UnitId};
use crate::projection::{RowChange, changes};
use crate::store::{Batch, Head, Store, StoreError};

type Answer = oneshot::Sender<Result<Accepted, Refusal>>;

/// Runs until the mailbox is closed and empty, and everything in it is written.
pub(super) async fn run<S: Store>(shared: Arc<Shared<S>>, unit: UnitId, mut mailbox: mpsc::Receiver<Ask>) {
    let mut asks = Vec::with_capacity(BATCH_COMMANDS_MAX);
    let mut writer: Option<Writer<S>> = None;
    let mut closed = false;
    loop {
        let flying = writer.as_ref().is_some_and(|writer| writer.flight.is_some());
        if closed && !flying {
            return;
        }
        let takes = !closed && writer.as_ref().is_none_or(Writer::takes);
        tokio::select! {
            biased;
            landed = land(&mut writer), if flying => {
                if let Some(mut ready) = writer.take() {
                    // A failed write leaves no writer: the next one starts from what the store has.
                    match landed {
                        Ok(()) => writer = Some(ready),
                        Err(error) => ready.fail(&error),
                    }
                }
            }
            count = mailbox.recv_many(&mut asks, BATCH_COMMANDS_MAX), if takes => {
                closed = count == 0;
                let ready = match writer.take() {
                    Some(ready) => Ok(ready),
                    None => Writer::open(Arc::clone(&shared), unit.clone()).await,
                };
                match ready {
                    Ok(ready) => writer = ready.decide_all(&mut asks).await,
                    Err(error) => refuse_all(&mut asks, &Arc::new(error)),
                }
            }
        }
        if let Some(ready) = &mut writer {
            ready.take_off();
        }
    }
}

/// Waits until the batch on its way has landed.
async fn land<S: Store>(writer: &mut Option<Writer<S>>) -> Result<(), Arc<StoreError>> {
    match writer {
        Some(writer) => writer.land().await,
        None => Ok(()),
    }
}

fn refuse_all(asks: &mut Vec<Ask>, error: &Arc<StoreError>) {
    for ask in asks.drain(..) {
        let _ = ask.answer.send(Err(Refusal::Store(Arc::clone(error))));
    }
}

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
    cases: LruCache<CommandId, Instance>,
    /// The case of a command's entry: never changes once it is there.
    case_of: LruCache<CommandId, CommandId>,
    /// Early messages that were received lately.
    received: LruCache<Made, ()>,
    /// What is decided and not yet on its way.
    batch: Open,
    /// What is on its way to the disk.
    flight: Option<Flight>,
}

/// A batch on its way to the disk.
struct Flight {
    written: JoinHandle<Result<(), StoreError>>,
    /// What becomes true when it is written; its entries and rows have gone to the store.
    batch: Open,
    time: Time,
}

/// What one transaction writes.
#[derive(Default)]
struct Open {
    from: u64,
    entries: Vec<crate::journal::Sealed>,
    changes: Vec<RowChange>,
    accepted: HashMap<CommandId, (crate::digest::Hash, Accepted)>,
    answers: Vec<(Answer, Accepted)>,
    office: Option<Office>,
    library: Option<Library>,
    deployed: Vec<(Arc<Graph>, u32)>,
    /// Whether subscriptions or early messages changed, so that the store must take the batch before it is asked about them.
    mail_changed: bool,
    due_changed: bool,
}

impl<S: Store> Writer<S> {
    async fn open(shared: Arc<Shared<S>>, unit: UnitId) -> Result<Self, StoreError> {
        let head = shared.store.head(&unit).await?;
        let head = head.unwrap_or_else(|| {
            let host = &shared.options.host;
            let origin = if unit.as_str() == UnitId::SITE { format!("{host}/site/1") } else { format!("{host}/unit/{unit}/1") };
            Head { origin, size: 0, frontier: Vec::new(), time: Time(0) }
        });
        let frontier = Frontier::from_bytes(head.size, &head.frontier);
        let frontier =
            frontier.ok_or_else(|| broken(format!("the frontier of unit {unit} does not fit its size {}", head.size)))?;
        let mail_count = shared.store.message_count(&unit).await?;
        // Invariant: the limit is not zero.
        let capacity = NonZeroUsize::new(CACHED_INSTANCES_MAX).unwrap_or(NonZeroUsize::MIN);
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
            received: LruCache::new(capacity),
            batch: Open { from: head.size, ..Open::default() },
            flight: None,
        })
    }

    /// Whether more can be decided now: not while the office or the definitions change, which the next decision reads as committed.
    fn takes(&self) -> bool {
        let settled = |batch: &Open| batch.office.is_none() && batch.deployed.is_empty();
        self.batch.answers.len() < BATCH_COMMANDS_MAX && self.flight.as_ref().is_none_or(|flight| settled(&flight.batch))
    }

    /// Decides a mailbox full. None after a failed write.
    async fn decide_all(mut self, asks: &mut Vec<Ask>) -> Option<Self> {
        let mut known = match self.known(asks).await {
            Ok(known) => known,
            Err(error) => {
                refuse_all(asks, &Arc::new(error));
                return Some(self);
            }
        };
        let mut rest = asks.drain(..);
        while let Some(ask) = rest.next() {
            let outcome = match known.get(&ask.envelope.id) {
                Some((content, accepted)) if *content == ask.envelope.content => {
                    Ok(Accepted { repeated: true, ..accepted.clone() })
                }
                Some(_) => Err(Failure::Rejected(key_conflict())),
                None => self.decide(&ask.envelope, ask.cause).await,
            };
            if let Ok(accepted) = &outcome {
                known.entry(ask.envelope.id).or_insert_with(|| (ask.envelope.content, accepted.clone()));
            }
            match outcome {
                // Also a repeat of something that is on its way must wait until it is durable.
                Ok(accepted) => self.batch.answers.push((ask.answer, accepted)),
                Err(Failure::Rejected(rejection)) => {
                    let _ = ask.answer.send(Err(rejection.into()));
                }
                // Its case cannot be read, and nothing of the batch has changed by it.
                Err(Failure::Unreadable(error)) => {
                    let _ = ask.answer.send(Err(Refusal::Store(Arc::new(error))));
                }
                Err(Failure::Store(error)) => {
                    let _ = ask.answer.send(Err(Refusal::Store(Arc::clone(&error))));
                    self.fail(&error);
                    drop(rest.map(|ask| ask.answer.send(Err(Refusal::Store(Arc::clone(&error))))).collect::<Vec<_>>());
                    return None;
                }
            }
        }
        drop(rest);
        Some(self)
    }

    /// Tells everyone in the open batch that nothing of it was written.
    fn fail(&mut self, error: &Arc<StoreError>) {
        tracing::warn!(unit = %self.unit, %error, "a batch was not written");
        for (answer, _) in self.batch.answers.drain(..) {
            let _ = answer.send(Err(Refusal::Store(Arc::clone(error))));
        }
    }

    /// Commands among these that were accepted before: in the store, on their way to it, or in the open batch.
    async fn known(&self, asks: &[Ask]) -> Result<HashMap<CommandId, (crate::digest::Hash, Accepted)>, StoreError> {
        let batches = || std::iter::once(&self.batch).chain(self.flight.as_ref().map(|flight| &flight.batch));
        let undurable = asks.iter().filter_map(|ask| {
            let id = ask.envelope.id;
            batches().find_map(|batch| batch.accepted.get(&id)).map(|accepted| (id, accepted.clone()))
        });
        let mut known: HashMap<_, _> = undurable.collect();
        let ids: Vec<CommandId> =
            asks.iter().filter(|ask| !ask.fresh).map(|ask| ask.envelope.id).filter(|id| !known.contains_key(id)).collect();
        if ids.is_empty() {
            return Ok(known);
        }
        let found = self.shared.store.commands(&self.unit, &ids).await?;
        for sealed in &found {
            let entry = Arc::new(codec::open(sealed).map_err(broken)?);
            let accepted = Accepted { entry, log: Arc::clone(&self.log), repeated: true };
            known.insert(sealed.command, (sealed.content, accepted));
        }
        Ok(known)
    }

    async fn decide(&mut self, envelope: &Envelope, cause: Option<Made>) -> Result<Accepted, Failure> {
        let instance = self.instance_for(envelope).await?;
        let time = self.shared.now().max(Time(self.time.0 + 1));
        let origin = Origin { command: envelope.id, actor: envelope.actor.clone(), time };
        let mut mail: Vec<EarlyMessage> = Vec::new();
        let decision = loop {
            let office = read(&self.shared.office);
            let library = read(&self.shared.library);
            let context = Context {
                unit: &self.unit,
                origin: origin.clone(),
                cause,
                office: self.batch.office.as_ref().unwrap_or(&office),
                library: self.batch.library.as_ref().unwrap_or(&library),
                clock: expression::Clock { now: time.timestamp(), zone: self.shared.options.zone.clone() },
                mail: &mail,
                mail_count: self.mail_count,
            };
            let decision = machine::decide(&context, instance.as_ref(), &envelope.command)?;
            if self.mail_count == 0 || decision.opened.is_empty() {
                break decision;
            }
            // The case waits for messages, and the unit keeps some: perhaps one of them came early.
            let found = self.early_messages(&decision.opened, &mail).await?;
            if found.is_empty() {
                break decision;
            }
            mail.extend(found);
        };
        self.accept(envelope, origin, decision)
    }

    async fn early_messages(&mut self, opened: &[(String, String)], have: &[EarlyMessage]) -> Result<Vec<EarlyMessage>, Failure> {
        self.settle_mail().await?;
        let mut found: Vec<EarlyMessage> = Vec::new();
        for (name, key) in opened {
            let same = |message: &&EarlyMessage| message.name == *name && message.key == *key;
            if found.iter().any(|message| same(&message)) {
                continue;
            }
            // One for each time that the case waited for them.
            let had = have.iter().filter(same).count();
            let wanted = opened.iter().filter(|other| other.0 == *name && other.1 == *key).count();
            if wanted <= had {
                continue;
            }
            let limit = u32::try_from(wanted).unwrap_or(u32::MAX);
            let rows = self.shared.store.messages(&self.unit, name, key, self.shared.now(), limit).await?;
            for row in rows.into_iter().skip(had) {
                for sealed in self.shared.store.commands(&self.unit, &[row.id.command]).await? {
                    let entry = codec::open(&sealed).map_err(broken)?;
                    let data = entry.events.into_iter().find_map(|event| match event {
                        Event::MessageBuffered { data, .. } => Some(data),
                        _ => None,
                    });
                    let data = data.unwrap_or_default();
                    found.push(EarlyMessage { id: row.id, name: name.clone(), key: key.clone(), data });
                }
            }
        }
        Ok(found)
    }

    /// The case that a command is about, as the commands before it leave it.
    async fn instance_for(&mut self, envelope: &Envelope) -> Result<Option<Instance>, Failure> {
        let id = match &envelope.command {
            Command::ClaimTask { task } | Command::ReleaseTask { task } | Command::CompleteTask { task, .. } => {
                self.case_of(task.command, || Rejection::not_found("task.unknown", "There is no such task.")).await?
            }
            Command::LockJob { job, .. } | Command::CompleteJob { job, .. } | Command::FailJob { job, .. } => {
                self.case_of(job.command, || Rejection::not_found("job.unknown", "There is no such job.")).await?
            }
            Command::PublishMessage { name, key, .. } => {
                self.settle_mail().await?;
                match self.shared.store.subscriber(&self.unit, name, key).await? {
                    Some(subscription) => subscription.instance,
                    None => return Ok(None),
                }
            }
            Command::StartInstance { .. } | Command::StartCalled { .. } => return Ok(None),
            // Received between the dispatcher's look and this command.
            Command::ExpireMessage { message } if self.received.contains(message) => {
                return Err(Rejection::conflict("message.gone", "The message was received meanwhile.").into());
            }
            command => match command.instance(envelope.id) {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        if let Some(state) = self.cases.get(&id) {
            return Ok(Some(state.clone()));
        }
        let loaded = load(&self.shared.store, &self.unit, id).await.map_err(Failure::Unreadable)?;
        if let Some(state) = &loaded {
            self.cases.put(id, state.clone());
        }
        Ok(loaded)
    }

    async fn case_of(&mut self, maker: CommandId, unknown: impl Fn() -> Rejection) -> Result<CommandId, Failure> {
        if let Some(case) = self.case_of.get(&maker) {
            return Ok(*case);
        }
        let found = self.shared.store.commands(&self.unit, &[maker]).await?;
        let case = found.first().and_then(|sealed| sealed.link).map(|link| link.instance);
        let case = case.ok_or_else(unknown)?;
        self.case_of.put(maker, case);
        Ok(case)
    }

    /// Seals what was decided and adds it to the open batch.
    fn accept(&mut self, envelope: &Envelope, origin: Origin, decision: Decision) -> Result<Accepted, Failure> {
        let Decision { events, instance, via, .. } = decision;
        let link = instance.as_ref().map(|instance| Link {
            instance: instance.id,
            sequence: instance.sequence + 1,
            previous: instance.last,
        });
        let definition = instance.as_ref().map(|instance| instance.definition);
        let library = self.batch.library.clone().map_or_else(|| read(&self.shared.library), Arc::new);
        let graph = definition.and_then(|hash| library.get(&hash)).map(|deployed| Arc::clone(&deployed.graph));
        let on_site = self.unit.as_str() == UnitId::SITE;
        let is_personal = |name: &str| match &graph {
            Some(graph) => graph.personal.contains(name),
            None => on_site && office::is_personal(name),
        };
        let draft = Draft {
            log: &self.log,
            index: self.size,
            kind: envelope.command.kind(),
            origin: &origin,
            via: via.as_ref(),
            content: envelope.content,
            link,
            definition,
            events: &events,
        };
        let chance = &self.shared.options.chance;
        let mut salt = || {
            let mut salt = [0u8; 32];
            chance(&mut salt);
            salt
        };
        // Nothing of the batch has changed yet: an entry that cannot be sealed is a refusal.
        let sealed = codec::seal(&draft, &is_personal, &mut salt).map_err(|error| {
            Rejection::too_large("entry.too-large", format!("The command does not fit into one entry: {error}."))
        })?;
        let leaf_hash = leaf_hash(sealed.leaf.as_bytes());
        let kind = envelope.command.kind().to_owned();
        let time = origin.time;
        let entry = Entry { index: self.size, kind, origin, via, link, definition, leaf_hash, events };
        self.frontier.push(leaf_hash);
        self.size += 1;
        self.time = time;

        let process = graph.as_ref().map_or("", |graph| graph.process.id.as_str());
        for event in &entry.events {
            changes(&entry, event, process, &mut self.batch.changes);
            self.note(&entry, event)?;
        }
        if let Some(mut instance) = instance {
            advance(&mut instance, &entry);
            self.case_of.put(envelope.id, instance.id);
            if instance.sequence.is_multiple_of(SNAPSHOT_EVERY) {
                let state = serde_json::to_vec(&instance).map_err(broken)?;
                let (instance, sequence) = (instance.id, instance.sequence);
                self.batch.changes.push(RowChange::SnapshotPut { instance, sequence, state });
            }
            self.cases.put(instance.id, instance);
        }
        self.batch.entries.push(sealed);
        let accepted = Accepted { entry: Arc::new(entry), log: Arc::clone(&self.log), repeated: false };
        self.batch.accepted.insert(envelope.id, (envelope.content, accepted.clone()));
        Ok(accepted)
    }

    /// Keeps what lies outside cases in step with an event: the office, the definitions, the count of early messages.
    fn note(&mut self, entry: &Entry, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::DefinitionDeployed { version, document, .. } => {
                let (graph, _) = graph::compile(document.as_bytes(), &|_| true)
                    .map_err(|_| broken("a definition was deployed that does not compile"))?;
                let graph = Arc::new(graph);
                let library = self.batch.library.get_or_insert_with(|| Library::clone(&read(&self.shared.library)));
                library.add(Arc::clone(&graph), *version);
                self.batch.deployed.push((graph, *version));
            }
            Event::UnitPut { .. }
            | Event::PostPut { .. }
            | Event::PersonRegistered { .. }
            | Event::AppointmentMade { .. }
            | Event::AppointmentEnded { .. } => {
                let office = self.batch.office.get_or_insert_with(|| Office::clone(&read(&self.shared.office)));
                office.apply(&entry.origin, event);
            }
            Event::MessageBuffered { .. } => {
                self.mail_count += 1;
                self.batch.mail_changed = true;
            }
            Event::MessageExpired { .. } => {
                self.mail_count = self.mail_count.saturating_sub(1);
                self.batch.mail_changed = true;
            }
            // A message of another command came early and is used up now.
            Event::MessageReceived { message, .. } if message.command != entry.origin.command => {
                self.received.put(*message, ());
                self.mail_count = self.mail_count.saturating_sub(1);
                self.batch.mail_changed = true;
            }
            Event::SubscriptionOpened { .. }
            | Event::SubscriptionClosed { .. }
            | Event::InstanceSuspended { .. }
            | Event::InstanceResumed => self.batch.mail_changed = true,
            _ => {}
        }
        let makes_due = matches!(
            event,
            Event::TimerArmed { .. }
                | Event::MessageThrown { .. }
                | Event::MessageBuffered { .. }
                | Event::CallRequested { .. }
                | Event::CallAnswered { .. }
                | Event::CallAbandoned { .. }
                | Event::InstanceResumed
        );
        self.batch.due_changed |= makes_due;
        Ok(())
    }

    /// Has the store take what changes subscriptions or early messages, before it is asked about them.
    async fn settle_mail(&mut self) -> Result<(), Failure> {
        let flying = self.flight.as_ref().is_some_and(|flight| flight.batch.mail_changed);
        if self.batch.mail_changed || flying {
            self.land().await.map_err(Failure::Store)?;
            self.take_off();
            self.land().await.map_err(Failure::Store)?;
        }
        Ok(())
    }

    /// Sends the open batch on its way, if none is: one transaction.
    fn take_off(&mut self) {
        if self.flight.is_some() || self.batch.answers.is_empty() && self.batch.entries.is_empty() {
            return;
        }
        let next = Open { from: self.size, ..Open::default() };
        let mut batch = std::mem::replace(&mut self.batch, next);
        if batch.entries.is_empty() {
            // Nothing but repeats of what is durable.
            for (answer, accepted) in batch.answers {
                let _ = answer.send(Ok(accepted));
            }
            return;
        }
        let head = Head { origin: self.log.to_string(), size: self.size, frontier: self.frontier.to_bytes(), time: self.time };
        let (entries, changes) = (std::mem::take(&mut batch.entries), std::mem::take(&mut batch.changes));
        let write = Batch { unit: self.unit.clone(), from: batch.from, head, entries, changes };
        let shared = Arc::clone(&self.shared);
        let written = tokio::spawn(async move { shared.store.append(write).await });
        self.flight = Some(Flight { written, batch, time: self.time });
    }

    /// Waits until the batch on its way is durable, and answers those who wait for it. Dropped, it can be called again.
    async fn land(&mut self) -> Result<(), Arc<StoreError>> {
        let Some(flight) = &mut self.flight else { return Ok(()) };
        let written = (&mut flight.written).await.unwrap_or_else(|error| Err(broken(error)));
        let Some(Flight { batch, time, .. }) = self.flight.take() else { return Ok(()) };
        if let Err(error) = written {
            let error = Arc::new(error);
            for (answer, _) in batch.answers {
                let _ = answer.send(Err(Refusal::Store(Arc::clone(&error))));
            }
            return Err(error);
        }
        self.shared.recorded.fetch_max(time.0, std::sync::atomic::Ordering::AcqRel);
        if let Some(office) = batch.office {
            *self.shared.office.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(office);
        }
        if !batch.deployed.is_empty() {
            // Other units deploy too: add to what is there now, not to what this batch began with.
            let mut library = self.shared.library.write().unwrap_or_else(PoisonError::into_inner);
            let mut next = Library::clone(&library);
            for (graph, version) in batch.deployed {
                next.add(graph, version);
            }
            *library = Arc::new(next);
        }
        for (answer, accepted) in batch.answers {
            let _ = answer.send(Ok(accepted));
        }
        if batch.due_changed {
            self.shared.due.notify_one();
        }
        Ok(())
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

fn key_conflict() -> Rejection {
    Rejection::conflict(
        "idempotency.conflict",
        "This idempotency key was used for a command with another content. Use a new key for a new command.",
    )
}
