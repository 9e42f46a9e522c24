//! Deciding one command for the writer: the case it is about, the decision, the entry that seals it, and what changes with it.

use std::sync::Arc;

use super::super::cases::{advance, load};
use super::super::{Accepted, broken, read};
use super::{Failure, Writer};
use crate::digest::leaf_hash;
use crate::expression;
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::codec::{self, Draft};
use crate::journal::{Command, Entry, Envelope, Event, Origin, entry::Link};
use crate::machine::office::{self, Office};
use crate::machine::{self, Context, Decision, EarlyMessage, Instance, Rejection, records};
use crate::model::id::Made;
use crate::model::limits::SNAPSHOT_EVERY;
use crate::model::{CommandId, Time, UnitId};
use crate::projection::{RowChange, changes};
use crate::store::planted::{self, Bug};
use crate::store::{Store, StoreError};

/// Salts that are drawn together: each time is a call to the operating system.
const SALTS_DRAWN: usize = 128;

impl<S: Store> Writer<S> {
    /// Decides a command on the state that the ones before it left.
    pub(super) async fn decide(&mut self, envelope: &Envelope, cause: Option<Made>) -> Result<Accepted, Failure> {
        let instance = self.instance_for(envelope).await?;
        let time = self.shared.time.now().max(Time(self.time.0 + 1));
        let origin = Origin { command: envelope.id, actor: envelope.actor.clone(), time };
        let mut mail: Vec<EarlyMessage> = Vec::new();
        let decision = loop {
            let office = self.shared.office();
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
            let decision = machine::decide(&context, instance.as_deref(), &envelope.command)?;
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
        if planted::is(Bug::HoldUp) && decision.events.iter().any(|event| matches!(event, Event::IncidentRaised { .. })) {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
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
            let rows = self.shared.store.messages(&self.unit, name, key, self.shared.time.now(), limit).await;
            let rows = rows.map_err(Failure::Unreadable)?;
            for row in rows.into_iter().skip(had) {
                let made = self.shared.store.commands(&self.unit, &[row.id.command]).await.map_err(Failure::Unreadable)?;
                for sealed in made {
                    let entry = codec::open(&sealed).map_err(|error| Failure::Unreadable(broken(error)))?;
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
    async fn instance_for(&mut self, envelope: &Envelope) -> Result<Option<Arc<Instance>>, Failure> {
        let id = match &envelope.command {
            Command::ClaimTask { task } | Command::ReleaseTask { task } | Command::CompleteTask { task, .. } => {
                self.case_of(task.command, || Rejection::not_found("task.unknown", "There is no such task.")).await?
            }
            Command::LockJob { job, .. } | Command::CompleteJob { job, .. } | Command::FailJob { job, .. } => {
                self.case_of(job.command, || Rejection::not_found("job.unknown", "There is no such job.")).await?
            }
            Command::PublishMessage { name, key, .. } => {
                self.settle_mail().await?;
                match self.shared.store.subscriber(&self.unit, name, key).await.map_err(Failure::Unreadable)? {
                    Some(subscription) => subscription.instance,
                    None => return Ok(None),
                }
            }
            Command::StartInstance { .. } | Command::StartCalled { .. } | Command::StartFollowing { .. } => return Ok(None),
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
            return Ok(Some(Arc::clone(state)));
        }
        let loaded = load(&self.shared.store, &self.unit, id).await.map_err(Failure::Unreadable)?.map(Arc::new);
        if let Some(state) = &loaded {
            self.cases.put(id, Arc::clone(state));
        }
        Ok(loaded)
    }

    async fn case_of(&mut self, maker: CommandId, unknown: impl Fn() -> Rejection) -> Result<CommandId, Failure> {
        if let Some(case) = self.case_of.get(&maker) {
            return Ok(*case);
        }
        let found = self.shared.store.commands(&self.unit, &[maker]).await.map_err(Failure::Unreadable)?;
        let case = found.first().and_then(|sealed| sealed.link).map(|link| link.instance);
        let case = case.ok_or_else(unknown)?;
        self.case_of.put(maker, case);
        Ok(case)
    }

    /// Seals what was decided and adds it to the open batch.
    fn accept(&mut self, envelope: &Envelope, origin: Origin, decision: Decision) -> Result<Accepted, Failure> {
        let Decision { mut events, instance, via, .. } = decision;
        if planted::is(Bug::FireTwice)
            && let Some(fired) = events.iter().find(|event| matches!(event, Event::TimerFired { .. })).cloned()
        {
            events.push(fired);
        }
        let link = instance.as_ref().map(|instance| Link {
            instance: instance.id,
            sequence: instance.sequence + 1,
            previous: instance.last,
        });
        let definition = instance.as_ref().map(|instance| instance.definition);
        let library = self.batch.library.clone().map_or_else(|| read(&self.shared.library), Arc::new);
        let graph = definition.and_then(|hash| library.get(&hash)).map(|deployed| Arc::clone(&deployed.graph));
        let on_site = self.unit.as_str() == UnitId::SITE;
        let of_case = records::sealed_apart(graph.as_deref());
        let apart: &codec::Apart<'_> = if on_site && graph.is_none() { &office::sealed_apart } else { &of_case };
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
        let (chance, salts) = (&self.shared.options.chance, &mut self.salts);
        let mut salt = || loop {
            if let Some(salt) = salts.pop() {
                break salt;
            }
            salts.resize(SALTS_DRAWN, [0; 32]);
            chance(salts.as_flattened_mut());
        };
        // Nothing of the batch has changed yet: an entry that cannot be sealed is a refusal.
        let sealed = codec::seal(&draft, apart, &mut salt).map_err(|error| {
            Rejection::too_large("entry.too-large", format!("The command does not fit into one entry: {error}."))
        })?;
        let (leaf_hash, handed_over) = (leaf_hash(sealed.leaf.as_bytes()), sealed.is_handed_over());
        let kind = envelope.command.kind().to_owned();
        let time = origin.time;
        let entry = Entry { index: self.size, kind, origin, via, link, definition, leaf_hash, events, handed_over };
        if !planted::is(Bug::DropLeaf) || self.size % 32 != 31 {
            self.frontier.push(leaf_hash);
        }
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
            self.cases.put(instance.id, Arc::new(instance));
        }
        self.batch.entries.push(sealed);
        let accepted = Accepted { entry: Arc::new(entry), log: Arc::clone(&self.log), repeated: false };
        self.recent.put(envelope.id, (envelope.content, Arc::downgrade(&accepted.entry)));
        Ok(accepted)
    }

    fn office_applies(&mut self, entry: &Entry, event: &Event) {
        let office = self.batch.office.get_or_insert_with(|| Office::clone(&self.shared.office()));
        office.apply(&entry.origin, event);
    }

    /// Keeps what lies outside cases in step with an event: the office, the definitions, the count of early messages.
    fn note(&mut self, entry: &Entry, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::DefinitionDeployed { version, document, .. } => {
                let checked =
                    Checked::deployed(document).map_err(|_| broken("a definition was deployed that does not compile"))?;
                let library = self.batch.library.get_or_insert_with(|| Library::clone(&read(&self.shared.library)));
                library.take_in(&checked, *version);
                self.batch.taken_in.push((checked, *version));
            }
            Event::DocumentDeployed { kind, version, document, .. } => {
                let library = self.batch.library.get_or_insert_with(|| Library::clone(&read(&self.shared.library)));
                let checked =
                    library.check(*kind, document).map_err(|_| broken("a document was deployed that cannot be read"))?;
                library.take_in(&checked, *version);
                self.batch.taken_in.push((checked, *version));
                self.office_applies(entry, event);
            }
            Event::DocumentsControlled { .. }
            | Event::DraftSaved { .. }
            | Event::DraftSent { .. }
            | Event::DraftReturned { .. }
            | Event::DraftApproved { .. }
            | Event::DraftDiscarded { .. }
            | Event::DocumentIssued { .. }
            | Event::DocumentWithdrawn { .. }
            | Event::DocumentReviewed { .. }
            | Event::CopyAcknowledged { .. }
            | Event::OfficeRecognised { .. }
            | Event::OfficeDisowned { .. }
            | Event::EditionReceived { .. }
            | Event::EditionAcknowledged { .. }
            | Event::AcknowledgementReceived { .. }
            | Event::WithdrawalReceived { .. }
            | Event::AnchorGiven { .. }
            | Event::CheckpointsTaken { .. }
            | Event::ScheduleArmed { .. }
            | Event::ScheduleEnded { .. }
            | Event::ReportRequested { .. }
            | Event::UnitPut { .. }
            | Event::PostPut { .. }
            | Event::PersonRegistered { .. }
            | Event::AppointmentMade { .. }
            | Event::AppointmentEnded { .. } => {
                self.office_applies(entry, event);
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
        let due = match event {
            Event::TimerArmed { due, .. } | Event::TimerMoved { due, .. } => Some(*due),
            Event::MessageBuffered { expires, .. } => Some(*expires),
            Event::ScheduleArmed { at, .. } | Event::ReviewArmed { at, .. } | Event::DocumentIssued { effective: at, .. } => {
                Some(*at)
            }
            Event::ClockStarted { reckoning, .. }
            | Event::ClockRested { reckoning, .. }
            | Event::ClockResumed { reckoning, .. }
            | Event::ClockExtended { reckoning, .. }
            | Event::ClockMoved { reckoning, .. }
            | Event::ClockLimited { reckoning, .. } => reckoning.next,
            Event::ClockWarned { next, .. } | Event::ClockBreached { next, .. } | Event::ClockEscalated { next, .. } => *next,
            Event::DocumentDeployed { ordinal: Some(_), .. }
            | Event::CaseRequested { .. }
            | Event::ReportRequested { .. }
            | Event::MessageThrown { .. }
            | Event::CallRequested { .. }
            | Event::CallAnswered { .. }
            | Event::CallAbandoned { .. }
            | Event::InstanceResumed => Some(entry.origin.time),
            _ => None,
        };
        self.batch.first_due = self.batch.first_due.into_iter().chain(due).min();
        Ok(())
    }
}
