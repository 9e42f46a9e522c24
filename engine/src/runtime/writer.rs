//! The writer of one unit: takes whatever waits in its mailbox, decides each command on the state that the ones before it left, and
//! writes all of it in one transaction. Only then is anyone answered.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError};

use lru::LruCache;
use tokio::sync::{mpsc, oneshot};

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

/// Runs until the mailbox is closed and empty.
pub(super) async fn run<S: Store>(shared: Arc<Shared<S>>, unit: UnitId, mut mailbox: mpsc::Receiver<Ask>) {
    let mut asks = Vec::with_capacity(BATCH_COMMANDS_MAX);
    let mut writer = None;
    while mailbox.recv_many(&mut asks, BATCH_COMMANDS_MAX).await > 0 {
        let ready = match writer.take() {
            Some(ready) => Ok(ready),
            None => Writer::open(Arc::clone(&shared), unit.clone()).await,
        };
        match ready {
            // A failed write leaves no writer: the next one starts from what the store has.
            Ok(ready) => writer = ready.write(&mut asks).await,
            Err(error) => {
                let error = Arc::new(error);
                for ask in asks.drain(..) {
                    let _ = ask.answer.send(Err(Refusal::Store(Arc::clone(&error))));
                }
            }
        }
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
    /// States of cases, as committed.
    cases: LruCache<CommandId, Instance>,
    /// The case of a command's entry: never changes once it is there.
    case_of: LruCache<CommandId, CommandId>,
    /// Early messages that were received lately.
    received: LruCache<Made, ()>,
    batch: Open,
}

/// What the current transaction will write.
#[derive(Default)]
struct Open {
    from: u64,
    entries: Vec<crate::journal::Sealed>,
    changes: Vec<RowChange>,
    states: HashMap<CommandId, Instance>,
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
        })
    }

    /// Decides and writes a mailbox full. None after a failed write.
    async fn write(mut self, asks: &mut Vec<Ask>) -> Option<Self> {
        let mut known = match self.known(asks).await {
            Ok(known) => known,
            Err(error) => {
                let error = Arc::new(error);
                for ask in asks.drain(..) {
                    let _ = ask.answer.send(Err(Refusal::Store(Arc::clone(&error))));
                }
                return Some(self);
            }
        };
        let mut asks = asks.drain(..);
        while let Some(ask) = asks.next() {
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
                // Also a repeat of something in this very batch must wait until it is durable.
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
                    for ask in asks {
                        let _ = ask.answer.send(Err(Refusal::Store(Arc::clone(&error))));
                    }
                    return None;
                }
            }
        }
        drop(asks);
        match self.commit().await {
            Ok(()) => Some(self),
            Err(error) => {
                self.fail(&error);
                None
            }
        }
    }

    /// Tells everyone in the open batch that nothing of it was written.
    fn fail(&mut self, error: &Arc<StoreError>) {
        tracing::warn!(unit = %self.unit, %error, "a batch was not written");
        for (answer, _) in self.batch.answers.drain(..) {
            let _ = answer.send(Err(Refusal::Store(Arc::clone(error))));
        }
    }

    /// Commands among these that were accepted before.
    async fn known(&self, asks: &[Ask]) -> Result<HashMap<CommandId, (crate::digest::Hash, Accepted)>, StoreError> {
        let ids: Vec<CommandId> = asks.iter().filter(|ask| !ask.fresh).map(|ask| ask.envelope.id).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.shared.store.commands(&self.unit, &ids).await?;
        let answers = found.iter().map(|sealed| {
            let entry = Arc::new(codec::open(sealed).map_err(broken)?);
            Ok((sealed.command, (sealed.content, Accepted { entry, log: Arc::clone(&self.log), repeated: true })))
        });
        answers.collect()
    }

    async fn decide(&mut self, envelope: &Envelope, cause: Option<Made>) -> Result<Accepted, Failure> {
        let instance = self.instance_for(envelope).await?;
        let time = self.shared.now().max(Time(self.time.0 + 1));
        let origin = Origin { command: envelope.id, actor: envelope.actor.clone(), time };
        let office = read(&self.shared.office);
        let library = read(&self.shared.library);
        let mut mail: Vec<EarlyMessage> = Vec::new();
        let decision = loop {
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
        if self.batch.mail_changed {
            self.commit().await.map_err(Failure::Store)?;
        }
        let mut found: Vec<EarlyMessage> = Vec::new();
        for (name, key) in opened {
            if have.iter().chain(&found).any(|message| message.name == *name && message.key == *key) {
                continue;
            }
            let now = self.shared.now();
            let Some(row) = self.shared.store.message(&self.unit, name, key, now).await? else { continue };
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
                if self.batch.mail_changed {
                    self.commit().await.map_err(Failure::Store)?;
                }
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
        if let Some(state) = self.batch.states.get(&id) {
            return Ok(Some(state.clone()));
        }
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
            self.batch.states.insert(instance.id, instance);
        }
        self.batch.entries.push(sealed);
        Ok(Accepted { entry: Arc::new(entry), log: Arc::clone(&self.log), repeated: false })
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

    /// Writes the open batch in one transaction and answers those who wait for it.
    async fn commit(&mut self) -> Result<(), Arc<StoreError>> {
        let next = Open { from: self.size, ..Open::default() };
        let batch = std::mem::replace(&mut self.batch, next);
        if !batch.entries.is_empty() {
            let head =
                Head { origin: self.log.to_string(), size: self.size, frontier: self.frontier.to_bytes(), time: self.time };
            let write = Batch { unit: self.unit.clone(), from: batch.from, head, entries: batch.entries, changes: batch.changes };
            if let Err(error) = self.shared.store.append(write).await {
                let error = Arc::new(error);
                for (answer, _) in batch.answers {
                    let _ = answer.send(Err(Refusal::Store(Arc::clone(&error))));
                }
                return Err(error);
            }
        }
        self.shared.recorded.fetch_max(self.time.0, std::sync::atomic::Ordering::AcqRel);
        for (id, state) in batch.states {
            self.cases.put(id, state);
        }
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
