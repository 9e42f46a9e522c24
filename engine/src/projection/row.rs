//! The rows that are read: whole numbers, text and bytes only. Every row lies in a unit; the unit is the first part of every key.

use crate::digest::Hash;
pub use crate::model::InstanceStatus;
use crate::model::id::Made;
use crate::model::reading::Through;
pub use crate::model::report::ReportKind;
use crate::model::{CommandId, InstanceId, JobId, PersonId, PostId, TaskId, Time};

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRow {
    /// The case.
    pub id: CommandId,
    /// Definition.
    pub definition: Hash,
    /// Process id.
    pub process: String,
    /// The office's own number.
    pub number: Option<String>,
    /// The case that called it.
    pub parent: Option<CommandId>,
    /// How it stands.
    pub status: InstanceStatus,
    /// Who started it, as in the leaf.
    pub started_by: String,
    /// When.
    pub started: Time,
    /// When it ended.
    pub ended: Option<Time>,
}

/// An open task. Finished tasks are read from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Task.
    pub id: TaskId,
    /// Case.
    pub instance: CommandId,
    /// Definition, for titles and form.
    pub definition: Hash,
    /// Process id.
    pub process: String,
    /// Step id.
    pub step: String,
    /// Role to which it is offered.
    pub role: String,
    /// The one person to whom it is offered.
    pub only: Option<PersonId>,
    /// Who claimed it.
    pub assignee: Option<PersonId>,
    /// Whether its case is suspended.
    pub held: bool,
    /// When it was created.
    pub created: Time,
    /// When it should be done.
    pub due: Option<Time>,
}

/// A job that waits for an external worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Job.
    pub id: JobId,
    /// Case.
    pub instance: CommandId,
    /// Step id.
    pub step: String,
    /// Topic.
    pub topic: String,
    /// Attempts that remain.
    pub retries: u32,
    /// When it may be fetched: the end of a back-off, or of a lock.
    pub available: Time,
    /// Who locked it last.
    pub worker: Option<String>,
    /// Whether its case is suspended.
    pub held: bool,
}

/// What a due row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueKind {
    /// Fires a timer.
    Timer,
    /// Publishes a thrown message.
    Publish,
    /// Starts a called case.
    Call,
    /// Tells the caller that a called case ended.
    Return,
    /// Cancels a called case that is no longer waited for.
    Abandon,
    /// Lets an early message go.
    Expire,
    /// Takes a clock to its next point.
    Clock,
    /// Starts a case that a schedule or a breach asks for.
    Start,
    /// Fires a schedule.
    Schedule,
    /// Takes a changed calendar or norm to the running clocks.
    Review,
    /// Makes a report that a schedule asks for.
    Report,
    /// Brings an issue into force.
    Effect,
}

impl DueKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 12] = [
        Self::Timer,
        Self::Publish,
        Self::Call,
        Self::Return,
        Self::Abandon,
        Self::Expire,
        Self::Clock,
        Self::Start,
        Self::Schedule,
        Self::Review,
        Self::Report,
        Self::Effect,
    ];

    /// The number it has in a store.
    pub fn code(self) -> i64 {
        match self {
            Self::Timer => 0,
            Self::Publish => 1,
            Self::Call => 2,
            Self::Return => 3,
            Self::Abandon => 4,
            Self::Expire => 5,
            Self::Clock => 6,
            Self::Start => 7,
            Self::Schedule => 8,
            Self::Review => 9,
            Self::Report => 10,
            Self::Effect => 11,
        }
    }

    /// From the number in a store.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Something that must happen later, or at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// Made by this command; what exactly is to be done is read from that entry.
    pub id: Made,
    /// What it does.
    pub kind: DueKind,
    /// When.
    pub at: Time,
    /// Case, if it belongs to one.
    pub instance: Option<CommandId>,
    /// Whether it rests, because its case is suspended.
    pub held: bool,
}

/// A case that waits for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// Subscription.
    pub id: Made,
    /// Case.
    pub instance: CommandId,
    /// Message name.
    pub name: String,
    /// Correlation key.
    pub key: String,
    /// When it was opened: the oldest gets the message.
    pub opened: Time,
    /// Whether it rests, because its case is suspended.
    pub held: bool,
}

/// An early message. Its values are read from its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Message.
    pub id: Made,
    /// Message name.
    pub name: String,
    /// Correlation key.
    pub key: String,
    /// When it was published: the oldest goes first.
    pub published: Time,
    /// When it expires.
    pub expires: Time,
}

/// Something that stopped a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// Incident.
    pub id: Made,
    /// Case.
    pub instance: CommandId,
    /// Stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
    /// When it was raised.
    pub raised: Time,
}

/// A report that was made. What it says is read from its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// Report.
    pub id: Made,
    /// What it is about.
    pub kind: ReportKind,
    /// Id of the schedule that asked for it.
    pub schedule: String,
    /// As of when.
    pub at: Time,
    /// When it was made.
    pub made: Time,
}

/// That personal values of a case were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingRow {
    /// The command that noted it, and the place of the case in it.
    pub id: Made,
    /// Index of the entry.
    pub entry: u64,
    /// When.
    pub at: Time,
    /// Who read.
    pub person: PersonId,
    /// The post by which they may; none for an applicant.
    pub via: Option<PostId>,
    /// The case.
    pub case: InstanceId,
    /// The variables, divided by spaces: no name has one.
    pub names: String,
    /// Through what.
    pub through: Through,
}

/// A deployed definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionRow {
    /// SHA-256 of its RFC 8785 bytes.
    pub hash: Hash,
    /// Process id.
    pub process: String,
    /// 1, 2, 3 …
    pub version: u32,
    /// The author's bytes.
    pub document: String,
    /// When it was deployed.
    pub deployed: Time,
}
