//! Decide and apply, purely: one file per subject, each holding its decide arms and its apply arms side by side.
//!
//! Invariants: `apply` cannot fail, reads no clock and no graph; what it needs stands in the event. `decide` changes nothing but a
//! working copy of the case, so a refusal leaves no trace.

mod bundle;
pub mod call;
mod checkpoint;
pub mod clock;
pub mod control;
pub mod definition;
pub(crate) mod document;
mod gateway;
mod incident;
mod instance;
mod job;
mod message;
pub mod moving;
pub mod office;
pub mod reading;
pub mod records;
pub mod rejection;
pub mod report;
mod run;
pub mod schedule;
mod scope;
pub mod state;
mod step;
pub mod task;
mod timer;
mod variables;

use std::sync::Arc;

use crate::digest::Hash;
use crate::expression;
use crate::graph::{Graph, Library};
use crate::journal::{Actor, Command, Event, Origin};
use crate::model::id::Made;
use crate::model::{CommandId, PostId, UnitId, Values};
use office::Office;
pub use rejection::{Rejection, Status};
use run::Run;
pub use state::Instance;

/// What a decision may look at besides the case.
#[derive(Debug)]
pub struct Context<'a> {
    /// The unit whose log takes the entry.
    pub unit: &'a UnitId,
    /// Command, actor and the instant of the batch.
    pub origin: Origin,
    /// The due row that this command carries out, if it does.
    pub cause: Option<Made>,
    /// The office at this instant.
    pub office: &'a Office,
    /// Deployed definitions.
    pub library: &'a Library,
    /// The same instant for expressions, with the office's zone.
    pub clock: expression::Clock,
    /// Early messages that the unit keeps for the names and keys that the case opens; see `Decision::opened`.
    pub mail: &'a [EarlyMessage],
    /// How many early messages the unit keeps.
    pub mail_count: u64,
}

/// An early message.
#[derive(Debug, Clone)]
pub struct EarlyMessage {
    /// Id.
    pub id: Made,
    /// Name.
    pub name: String,
    /// Correlation key.
    pub key: String,
    /// Values.
    pub data: Values,
}

/// What was decided.
#[derive(Debug)]
pub struct Decision {
    /// What happens, in order.
    pub events: Vec<Event>,
    /// The case afterwards, with its id; none for commands that touch no case.
    pub instance: Option<Instance>,
    /// The post by which the actor acts.
    pub via: Option<PostId>,
    /// Names and keys that the case now waits for. If the unit keeps early messages for them that were not in `Context::mail`, the
    /// command is to be decided again with them.
    pub opened: Vec<(String, String)>,
}

/// Decides a command. `instance` is the case that the command is about, where there is one already.
///
/// # Errors
/// A rejection with a stable code; nothing has changed.
pub fn decide(context: &Context<'_>, instance: Option<&Instance>, command: &Command) -> Result<Decision, Rejection> {
    variables::check_size(command)?;
    match command {
        Command::DeployDefinition { document } => definition::deploy(context, document),
        Command::DeployDocument { kind, document } => document::deploy(context, *kind, document),
        Command::ControlDocuments { .. }
        | Command::SaveDraft { .. }
        | Command::SendDraft { .. }
        | Command::ReturnDraft { .. }
        | Command::ApproveDraft { .. }
        | Command::DiscardDraft { .. }
        | Command::IssueDocument { .. }
        | Command::WithdrawDocument { .. }
        | Command::ReviewDocument { .. }
        | Command::AcknowledgeCopy { .. } => control::decide(context, command),
        Command::Exchange(exchange) => control::exchange(context, exchange),
        Command::TakeEffect { kind, id, hash } => control::take_effect(context, *kind, id, hash),
        Command::GiveAnchor { anchor, date } => schedule::give_anchor(context, anchor, *date),
        Command::FireSchedule { schedule, document, at } => schedule::fire(context, schedule, document, *at),
        Command::NoteStep { before, after, at_start } => step::note(context, *before, *after, *at_start),
        Command::TakeCheckpoints { checkpoints } => checkpoint::take(context, checkpoints),
        Command::NoteGap(gap) => checkpoint::note_gap(context, gap),
        Command::NoteKeyChange(change) => checkpoint::note_key_change(context, change),
        Command::NoteStart(started) => step::note_start(context, started),
        Command::NoteRead(read) => reading::note(context, read),
        Command::NoteBundle { bundle, chosen, withheld, purpose } => {
            bundle::note(context, *bundle, chosen, withheld.as_deref(), purpose)
        }
        Command::NoteExport(exported) => bundle::note_export(context, exported),
        Command::MakeReport { schedule, document, report } => Ok(report::made(schedule, *document, report)),
        Command::NoteDelivery {} => Ok(delivered(context)),
        Command::StartFollowing { process, data } => instance::start_following(context, process, data),
        Command::PutUnit { .. }
        | Command::PutPost { .. }
        | Command::RegisterPerson { .. }
        | Command::Appoint { .. }
        | Command::EndAppointment { .. } => office::decide(context, command),
        Command::StartInstance { process, definition, number, data } => {
            instance::start(context, process, definition.as_ref(), number.as_deref(), data)
        }
        Command::StartCalled { parent, token, definition, depth, data } => {
            call::start(context, *parent, *token, definition, *depth, data)
        }
        Command::PublishMessage { name, key, ttl_seconds, data } => {
            message::publish(context, instance, name, key, *ttl_seconds, data)
        }
        Command::ExpireMessage { message } => {
            let events = vec![Event::MessageExpired { message: *message }];
            Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
        }
        // A follow-up whose case is gone is still done.
        Command::ReturnCall { .. } | Command::CancelCalled { .. } if instance.is_none() => Ok(delivered(context)),
        Command::MoveInstance { from, definition, mapping, authority, .. } => {
            let instance = instance.ok_or_else(unknown)?;
            moving::decide(context, instance, (from, definition), mapping, authority)
        }
        _ => {
            let instance = instance.ok_or_else(unknown)?;
            let graph = context.graph(&instance.definition)?;
            let mut run = Run::new(context, &graph, instance.clone());
            match command {
                Command::ClaimTask { task } => task::claim(&mut run, *task)?,
                Command::ReleaseTask { task } => task::release(&mut run, *task)?,
                Command::CompleteTask { task, data } => task::complete(&mut run, *task, data)?,
                Command::LockJob { job, worker, seconds } => job::lock(&mut run, *job, worker, *seconds)?,
                Command::CompleteJob { job, worker, data } => job::complete(&mut run, *job, worker, data)?,
                Command::FailJob { job, worker, message, retries, backoff_seconds } => {
                    job::fail(&mut run, *job, worker, message, *retries, *backoff_seconds)?;
                }
                Command::FireTimer { timer, .. } => timer::fire(&mut run, *timer)?,
                Command::AdvanceClock { clock, .. } => clock::advance(&mut run, *clock)?,
                Command::ReviewClocks { because, .. } => clock::review(&mut run, *because)?,
                Command::ReturnCall { token, called, outcome, data, .. } => {
                    call::returned(&mut run, *token, *called, *outcome, data)?;
                }
                Command::CancelCalled { .. } => instance::cancel_called(&mut run),
                Command::CancelInstance { reason, .. } => instance::cancel(&mut run, reason)?,
                Command::SuspendInstance { reason, .. } => instance::suspend(&mut run, reason)?,
                Command::ResumeInstance { .. } => instance::resume(&mut run)?,
                Command::RetryIncident { incident, .. } => incident::retry(&mut run, *incident)?,
                Command::ProposeErasure { names, ground, authority, .. } => {
                    records::propose(&mut run, names, ground, authority)?;
                }
                Command::ApproveErasure { proposal, .. } => records::approve(&mut run, *proposal)?,
                Command::RejectErasure { proposal, reason, .. } => records::reject(&mut run, *proposal, reason)?,
                Command::HoldRecords { ground, .. } => records::hold(&mut run, ground)?,
                Command::ReleaseRecords { reason, .. } => records::release(&mut run, reason)?,
                // Invariant: every other command is matched above.
                _ => return Err(Rejection::invalid("command.unknown", "This command is not about a case.")),
            }
            run.go();
            Ok(run.decision())
        }
    }
}

fn unknown() -> Rejection {
    Rejection::not_found("instance.unknown", "There is no such case.")
}

/// Nothing but that a due row was carried out.
fn delivered(context: &Context<'_>) -> Decision {
    let events = context.cause.map(|due| Event::DeliveryMade { due }).into_iter().collect();
    Decision { events, instance: None, via: None, opened: Vec::new() }
}

/// Applies an event to a case. It cannot fail: what does not fit is an event of another subject, or one about something already gone.
pub fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    instance::apply(state, origin, event);
    moving::apply(state, event);
    scope::apply(state, event);
    task::apply(state, origin, event);
    job::apply(state, origin, event);
    timer::apply(state, origin, event);
    clock::apply(state, origin, event);
    message::apply(state, origin, event);
    call::apply(state, origin, event);
    incident::apply(state, origin, event);
    records::apply(state, origin, event);
    variables::apply(state, event);
}

impl Context<'_> {
    fn graph(&self, hash: &Hash) -> Result<Arc<Graph>, Rejection> {
        let deployed = self.library.get(hash);
        deployed
            .map(|deployed| Arc::clone(&deployed.graph))
            .ok_or_else(|| Rejection::not_found("definition.unknown", format!("No definition with the hash {hash} is deployed.")))
    }

    fn command(&self) -> CommandId {
        self.origin.command
    }

    /// The actor as a person; a rejection for the system, which works no tasks.
    fn person(&self) -> Result<&crate::model::PersonId, Rejection> {
        match &self.origin.actor {
            Actor::Person(person) => Ok(person),
            Actor::System => Err(Rejection::forbidden("actor.not-a-person", "Only a person can do this.")),
        }
    }

    /// Lets pass whoever holds a post for the unit now, and the program itself: for workers, and for senders of messages.
    fn require_member(&self) -> Result<(), Rejection> {
        let Actor::Person(person) = &self.origin.actor else { return Ok(()) };
        if self.office.roles(person, self.unit, self.origin.time).is_empty() {
            let message = "This needs an appointment to a post in this unit or one above it.";
            return Err(Rejection::forbidden("actor.not-allowed", message));
        }
        Ok(())
    }

    /// Lets pass whoever plays one of `roles` for the unit now, and the program itself.
    fn require_role(&self, roles: &[&str]) -> Result<Option<PostId>, Rejection> {
        let Actor::Person(person) = &self.origin.actor else { return Ok(None) };
        let held = roles.iter().find_map(|role| self.office.holding(person, role, self.unit, self.origin.time));
        match held {
            Some(appointment) => Ok(Some(appointment.post.clone())),
            None => Err(Rejection::forbidden(
                "actor.not-allowed",
                format!("This needs an appointment to a post with the role {} in this unit or one above it.", roles.join(" or ")),
            )),
        }
    }
}
