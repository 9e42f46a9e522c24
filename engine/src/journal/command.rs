//! Commands: what someone asks for, in the imperative. Accepted, each becomes one entry; refused, it leaves no trace.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::amendment::Exchange;
use super::event::{CallOutcome, Exported, Gap, KeyChange, LogSigned, Started};
use crate::digest::Hash;
use crate::model::bundle::Chosen;
use crate::model::document::DocumentKind;
use crate::model::id::Made;
use crate::model::moving::{Authority, Mapping};
use crate::model::office::{Post, Unit};
use crate::model::report::Report;
use crate::model::{CommandId, JobId, PersonId, PostId, TaskId, Time, Values, reading::Reading};

/// A command with who asks for it and under which id.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// First 16 bytes of SHA-256(actor ‖ key).
    pub id: CommandId,
    /// Who asks.
    pub actor: Actor,
    /// SHA-256 of the command's canonical JSON: the same key with another content is a conflict.
    pub content: Hash,
    /// What is asked.
    pub command: Command,
}

impl Envelope {
    /// Puts a command under its actor's key.
    pub fn new(actor: Actor, key: &str, command: Command) -> Self {
        let id = Self::id_of(&actor, key);
        let content = Hash::of(&serde_json::to_vec(&command).unwrap_or_default());
        Self { id, actor, content, command }
    }

    /// The id of whatever an actor asks for under a key.
    pub fn id_of(actor: &Actor, key: &str) -> CommandId {
        let mut text = actor.to_string();
        text.push('\n');
        text.push_str(key);
        let mut id = [0u8; 16];
        id.copy_from_slice(&Hash::of(text.as_bytes()).as_bytes()[..16]);
        CommandId(id)
    }
}

/// What is asked. Members are values checked for form; whether it may be done is decided by `machine`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Deploys a definition document, given by its bytes.
    DeployDefinition {
        /// The document as its author wrote it.
        document: String,
    },
    /// Deploys a norm, calendar, schedule or page, given by its bytes; in the site log.
    DeployDocument {
        /// What it is.
        kind: DocumentKind,
        /// The document as its author wrote it.
        document: String,
    },
    /// Says whether nothing may be deployed but what was issued; in the site log, as the commands about drafts and issues are.
    ControlDocuments {
        /// Whether it is so.
        controlled: bool,
    },
    /// Saves a draft of a document.
    SaveDraft {
        /// What it is.
        kind: DocumentKind,
        /// The document as its author wrote it; it names its id and its owner, and may else be unfinished.
        document: String,
        /// The draft that it takes the place of; none: there is no draft yet.
        over: Option<Hash>,
    },
    /// Sends a draft for review.
    SendDraft {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
    },
    /// Returns a draft to its authors.
    ReturnDraft {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
        /// Why.
        reason: String,
    },
    /// Approves a draft.
    ApproveDraft {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
    },
    /// Gives a draft up.
    DiscardDraft {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
    },
    /// Issues an approved draft.
    IssueDocument {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
        /// Whether it is a revision of the last issue; else it is the next issue.
        revision: bool,
        /// The day from which it is in force; left out: at once.
        effective: Option<Date>,
        /// Why it was amended.
        reason: String,
        /// The distribution list: roles whose posts have a copy; empty: those that the document names.
        roles: Vec<String>,
        /// When it is to be reviewed; left out: a year after it takes effect.
        review: Option<Date>,
    },
    /// Withdraws a document, or its issue that has not yet taken effect.
    WithdrawDocument {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// Why.
        reason: String,
    },
    /// Notes that a document was reviewed, and stays as it is.
    ReviewDocument {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// When it is to be reviewed next.
        review: Date,
        /// What was found.
        reason: String,
    },
    /// Acknowledges a copy: read and understood.
    AcknowledgeCopy {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The issue.
        hash: Hash,
    },
    /// About other offices: their keys, the amendments that they send, and what they acknowledge.
    Exchange(Exchange),
    /// Brings an issue into force, whose day has come: a process in its owner's unit, any other document in the site log.
    TakeEffect {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The issue.
        hash: Hash,
    },
    /// Gives the date of an event that schedules wait for; in the site log.
    GiveAnchor {
        /// Name of the event.
        anchor: String,
        /// Its date.
        date: Date,
    },
    /// An occurrence of a schedule has come; in the site log.
    FireSchedule {
        /// Id of the schedule.
        schedule: String,
        /// The version that waited for it.
        document: Hash,
        /// When it falls.
        at: Time,
    },
    /// Starts a case that a schedule or a breach asks for.
    StartFollowing {
        /// Process id.
        process: String,
        /// Values handed over.
        data: Values,
    },
    /// Keeps a report that a schedule asks for, computed by the runtime.
    MakeReport {
        /// Id of the schedule.
        schedule: String,
        /// Its version.
        document: Hash,
        /// The report.
        report: Report,
    },
    /// Looks at a clock: a point has been reached.
    AdvanceClock {
        /// The case.
        instance: CommandId,
        /// The clock.
        clock: Made,
    },
    /// Reckons the clocks of a case anew, since a calendar or norm was changed.
    ReviewClocks {
        /// The case.
        instance: CommandId,
        /// The document that was changed.
        because: Hash,
    },
    /// Notes that a bundle of evidence is handed out.
    NoteBundle {
        /// SHA-256 of its bytes.
        bundle: Hash,
        /// What was chosen.
        chosen: Chosen,
        /// The ground on which personal values are withheld.
        withheld: Option<String>,
        /// What it is for.
        purpose: String,
    },
    /// Notes that cases are handed out in bulk for other tools.
    NoteExport(Exported),
    /// Notes that the wall clock was stepped; in the site log.
    NoteStep {
        /// What it would have shown; found at the start, what was recorded last.
        before: Time,
        /// What it showed.
        after: Time,
        /// Whether it was found when the program started.
        at_start: bool,
    },
    /// Takes in what was signed of the units' logs; in the site log.
    TakeCheckpoints {
        /// Of each log at most one, in the order of their names.
        checkpoints: Vec<LogSigned>,
    },
    /// Notes that entries had to wait for their signature; in the site log.
    NoteGap(Gap),
    /// Notes what the signer says of its key, or recovery officers of that; in the site log.
    NoteKeyChange(KeyChange),
    /// Notes that a node has begun to serve; in the site log.
    NoteStart(Started),
    /// Notes that personal values are about to be shown; in the access log.
    NoteRead(Reading),
    /// Notes in the log of the sender that something was delivered to another log.
    NoteDelivery {},
    /// Starts a case.
    StartInstance {
        /// Process id.
        process: String,
        /// A certain version; left out: the newest.
        definition: Option<Hash>,
        /// The office's own number for the case.
        number: Option<String>,
        /// Data of the start form.
        data: Values,
    },
    /// Starts the case that a call activity asks for.
    StartCalled {
        /// The calling case.
        parent: CommandId,
        /// The calling token.
        token: u32,
        /// The version to start.
        definition: Hash,
        /// How deep calls are nested.
        depth: u32,
        /// Values handed over.
        data: Values,
    },
    /// Returns from a called case.
    ReturnCall {
        /// The calling case.
        parent: CommandId,
        /// The calling token.
        token: u32,
        /// The called case.
        called: CommandId,
        /// How it ended.
        outcome: CallOutcome,
        /// Its variables.
        data: Values,
    },
    /// Cancels a case that its caller no longer waits for.
    CancelCalled {
        /// The called case.
        called: CommandId,
    },
    /// Claims a task offered to a role.
    ClaimTask {
        /// The task.
        task: TaskId,
    },
    /// Gives a claimed task back to its role.
    ReleaseTask {
        /// The task.
        task: TaskId,
    },
    /// Completes a claimed task.
    CompleteTask {
        /// The task.
        task: TaskId,
        /// The form's data.
        data: Values,
    },
    /// Locks a job for an external worker.
    LockJob {
        /// The job.
        job: JobId,
        /// The worker's name for itself.
        worker: String,
        /// Until when, at the latest, no other worker gets it.
        seconds: i64,
    },
    /// Completes a locked job.
    CompleteJob {
        /// The job.
        job: JobId,
        /// The worker that locked it.
        worker: String,
        /// What came out.
        data: Values,
    },
    /// Reports that a locked job failed.
    FailJob {
        /// The job.
        job: JobId,
        /// The worker that locked it.
        worker: String,
        /// What went wrong.
        message: String,
        /// Attempts that remain; left out: one fewer than before. At zero it is an incident.
        retries: Option<u32>,
        /// Seconds until the next attempt.
        backoff_seconds: i64,
    },
    /// Publishes a message: to the case that waits for it, to a process that starts with it, or kept until its time to live ends.
    PublishMessage {
        /// Name.
        name: String,
        /// Correlation key.
        key: String,
        /// Time to live in seconds.
        ttl_seconds: i64,
        /// Values.
        data: Values,
    },
    /// Lets an early message go whose time to live has ended.
    ExpireMessage {
        /// The message.
        message: Made,
    },
    /// Fires a timer.
    FireTimer {
        /// The case.
        instance: CommandId,
        /// The timer.
        timer: Made,
    },
    /// Ends a case before its time.
    CancelInstance {
        /// The case.
        instance: CommandId,
        /// Why.
        reason: String,
    },
    /// Halts a case: its tasks, jobs and timers rest.
    SuspendInstance {
        /// The case.
        instance: CommandId,
        /// Why.
        reason: String,
    },
    /// Lets a halted case go on.
    ResumeInstance {
        /// The case.
        instance: CommandId,
    },
    /// Moves a running case to another version of its process.
    MoveInstance {
        /// The case.
        instance: CommandId,
        /// The version that it has: what corresponds to what is said of that.
        from: Hash,
        /// The version that it is to have.
        definition: Hash,
        /// What corresponds to what.
        mapping: Mapping,
        /// By whose order, why, with whose consent.
        authority: Authority,
    },
    /// Tries again what an incident stopped.
    RetryIncident {
        /// The case.
        instance: CommandId,
        /// The incident.
        incident: Made,
    },
    /// Asks that personal values of a case that is over be erased.
    ProposeErasure {
        /// The case.
        instance: CommandId,
        /// The variables whose values go, all of them personal; empty: every personal one.
        names: Vec<String>,
        /// Why they may go.
        ground: String,
        /// Whose order or request it is, and its number.
        authority: String,
    },
    /// Erases what was proposed: whoever approves it is somebody else.
    ApproveErasure {
        /// The case.
        instance: CommandId,
        /// The command that proposed it.
        proposal: CommandId,
    },
    /// Declines what was proposed, or takes it back.
    RejectErasure {
        /// The case.
        instance: CommandId,
        /// The command that proposed it.
        proposal: CommandId,
        /// Why.
        reason: String,
    },
    /// Holds the records of a case: nothing of them is erased until they are released.
    HoldRecords {
        /// The case.
        instance: CommandId,
        /// Which appeal, audit, inquiry or court case needs them.
        ground: String,
    },
    /// Releases records that are held.
    ReleaseRecords {
        /// The case.
        instance: CommandId,
        /// Why nothing needs them any more.
        reason: String,
    },
    /// Adds or changes a unit of the office.
    PutUnit {
        /// The unit.
        unit: Unit,
    },
    /// Adds or changes a post.
    PutPost {
        /// The post.
        post: Post,
    },
    /// Registers a person.
    RegisterPerson {
        /// Short name, unique.
        handle: String,
        /// Full name.
        name: String,
    },
    /// Appoints a person to a post by office order.
    Appoint {
        /// The person.
        person: PersonId,
        /// The post.
        post: PostId,
        /// Number of the office order.
        order: String,
        /// From when; left out: from now.
        from: Option<Time>,
        /// Until when (not included).
        to: Option<Time>,
    },
    /// Ends an appointment by office order.
    EndAppointment {
        /// The appointment.
        appointment: Made,
        /// Number of the office order.
        order: String,
        /// When; left out: now.
        at: Option<Time>,
    },
}

impl Command {
    /// The entry's kind, in the past tense; a closed list that is part of the format.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DeployDefinition { .. } => "definition.deployed",
            Self::DeployDocument { .. } => "document.deployed",
            Self::ControlDocuments { .. } => "documents.controlled",
            Self::SaveDraft { .. } => "draft.saved",
            Self::SendDraft { .. } => "draft.sent",
            Self::ReturnDraft { .. } => "draft.returned",
            Self::ApproveDraft { .. } => "draft.approved",
            Self::DiscardDraft { .. } => "draft.discarded",
            Self::IssueDocument { .. } => "document.issued",
            Self::WithdrawDocument { .. } => "document.withdrawn",
            Self::ReviewDocument { .. } => "document.reviewed",
            Self::AcknowledgeCopy { .. } => "copy.acknowledged",
            Self::Exchange(exchange) => exchange.kind(),
            Self::TakeEffect { .. } => "document.effected",
            Self::GiveAnchor { .. } => "anchor.given",
            Self::FireSchedule { .. } => "schedule.fired",
            Self::MakeReport { .. } => "report.made",
            Self::AdvanceClock { .. } => "clock.advanced",
            Self::ReviewClocks { .. } => "clock.reviewed",
            Self::NoteBundle { .. } => "bundle.made",
            Self::NoteExport(_) => "export.made",
            Self::NoteStep { .. } => "time.stepped",
            Self::TakeCheckpoints { .. } => "checkpoints.taken",
            Self::NoteGap(_) => "seal.gap",
            Self::NoteKeyChange(change) => change.kind(),
            Self::NoteStart(_) => "software.started",
            Self::NoteRead(_) => "values.read",
            Self::NoteDelivery {} => "delivery.made",
            Self::StartInstance { .. } | Self::StartCalled { .. } | Self::StartFollowing { .. } => "instance.started",
            Self::ReturnCall { .. } => "call.returned",
            Self::CancelCalled { .. } | Self::CancelInstance { .. } => "instance.cancelled",
            Self::ClaimTask { .. } => "task.claimed",
            Self::ReleaseTask { .. } => "task.released",
            Self::CompleteTask { .. } => "task.completed",
            Self::LockJob { .. } => "job.locked",
            Self::CompleteJob { .. } => "job.completed",
            Self::FailJob { .. } => "job.failed",
            Self::PublishMessage { .. } => "message.published",
            Self::ExpireMessage { .. } => "message.expired",
            Self::FireTimer { .. } => "timer.fired",
            Self::SuspendInstance { .. } => "instance.suspended",
            Self::ResumeInstance { .. } => "instance.resumed",
            Self::MoveInstance { .. } => "instance.moved",
            Self::RetryIncident { .. } => "incident.retried",
            Self::ProposeErasure { .. } => "erasure.proposed",
            Self::ApproveErasure { .. } => "values.erased",
            Self::RejectErasure { .. } => "erasure.rejected",
            Self::HoldRecords { .. } => "records.held",
            Self::ReleaseRecords { .. } => "records.released",
            Self::PutUnit { .. } => "unit.put",
            Self::PutPost { .. } => "post.put",
            Self::RegisterPerson { .. } => "person.registered",
            Self::Appoint { .. } => "appointment.made",
            Self::EndAppointment { .. } => "appointment.ended",
        }
    }

    /// The case whose state it needs, where the command itself tells. Those of tasks, jobs and messages are found by their rows.
    pub fn instance(&self, id: CommandId) -> Option<CommandId> {
        match self {
            Self::StartInstance { .. } | Self::StartCalled { .. } | Self::StartFollowing { .. } => Some(id),
            Self::ReturnCall { parent, .. } => Some(*parent),
            Self::CancelCalled { called } => Some(*called),
            Self::FireTimer { instance, .. }
            | Self::AdvanceClock { instance, .. }
            | Self::ReviewClocks { instance, .. }
            | Self::CancelInstance { instance, .. }
            | Self::SuspendInstance { instance, .. }
            | Self::ResumeInstance { instance }
            | Self::MoveInstance { instance, .. }
            | Self::ProposeErasure { instance, .. }
            | Self::ApproveErasure { instance, .. }
            | Self::RejectErasure { instance, .. }
            | Self::HoldRecords { instance, .. }
            | Self::ReleaseRecords { instance, .. }
            | Self::RetryIncident { instance, .. } => Some(*instance),
            _ => None,
        }
    }
}
