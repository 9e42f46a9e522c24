//! Stores: one small trait, one contract suite. Memory is the reference, SQLite the embedded one, PostgreSQL the one that many processes
//! share. The only SQL of the program is here.

mod any;
mod check;
mod count;
mod due;
mod fold;
pub mod limit;
pub(crate) mod lock;
pub mod memory;
pub mod planted;
pub mod postgres;
pub mod sqlite;
mod table;

pub use any::AnyStore;
pub use count::TaskCount;

use crate::digest::Hash;
use crate::journal::Sealed;
use crate::model::id::Made;
use crate::model::report::ReportKind;
use crate::model::{CommandId, InstanceId, PersonId, TaskId, Time, UnitId};
use crate::projection::RowChange;
use crate::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, MessageRow, ReadingRow, ReportRow,
    SubscriptionRow, TaskRow,
};

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer moved the head: the batch was decided on an old state. Nothing was written.
    #[error("the log of unit {unit} stands at {found}, not at {expected}: another process writes to this database")]
    Fenced {
        /// Unit.
        unit: UnitId,
        /// The size the batch started from.
        expected: u64,
        /// The size found.
        found: u64,
    },
    /// The log already has a command of the batch, or an entry at a place in its case. Nothing was written.
    #[error("the log of unit {0} already has this command, or this place in the case")]
    Twice(UnitId),
    /// No space is left. Nothing was written; it may be tried again later.
    #[error("the disk is full")]
    Full,
    /// The database cannot be opened or asked, or a row is not what it must be: which, and where.
    #[error("{0}")]
    Broken(String),
}

/// The head of a unit's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Origin, such as `office.example/unit/mumbai-3/1`; the first line of its checkpoints.
    pub origin: String,
    /// Entries so far.
    pub size: u64,
    /// Hashes of the perfect subtrees, left to right (`digest::Frontier::to_bytes`).
    pub frontier: Vec<u8>,
    /// Time of the last entry.
    pub time: Time,
}

/// What one transaction writes to one unit's log: entries, row changes and the new head, together or not at all.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Unit.
    pub unit: UnitId,
    /// The size that the head must still have.
    pub from: u64,
    /// The head afterwards.
    pub head: Head,
    /// Entries with indexes `from..head.size`.
    pub entries: Vec<Sealed>,
    /// Row changes, in order.
    pub changes: Vec<RowChange>,
}

/// What an entry is found by, as it is stored. All of it is in the leaf too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its index.
    pub index: u64,
    /// The command.
    pub command: CommandId,
    /// The index of the entry to which the look-up of that command leads.
    pub leads: Option<u64>,
    /// The index of the entry that began its case.
    pub began: Option<u64>,
    /// Its place in the case.
    pub sequence: Option<u64>,
    /// Whether its payloads after the first are numbered 1, 2, 3 …
    pub numbered: bool,
}

/// Which tasks a list shows.
#[derive(Debug, Clone, Default)]
pub struct TaskQuery {
    /// Claimed by this person.
    pub assignee: Option<PersonId>,
    /// Not claimed, and offered to one of these roles or to `person` alone.
    pub offered: Option<Offered>,
    /// Of this case.
    pub instance: Option<CommandId>,
    /// Of this process.
    pub process: Option<String>,
    /// After this one in the order (due date, none last; then id).
    pub after: Option<(Time, TaskId)>,
    /// At most so many.
    pub limit: u32,
}

/// Unclaimed tasks that a person may claim.
#[derive(Debug, Clone, Default)]
pub struct Offered {
    /// Roles that the person plays for the unit.
    pub roles: Vec<String>,
    /// Tasks for this person alone.
    pub person: Option<PersonId>,
}

/// Which tasks are counted.
#[derive(Debug, Clone)]
pub enum Whose {
    /// All of the unit.
    All,
    /// Those that this person has claimed.
    Claimed(PersonId),
    /// Unclaimed ones that may be claimed.
    Offered(Offered),
}

/// The due time by which a task without one is sorted: last.
pub const NO_DUE: Time = Time(i64::MAX);

/// Which cases a list shows.
#[derive(Debug, Clone, Default)]
pub struct InstanceQuery {
    /// Of this process.
    pub process: Option<String>,
    /// So standing.
    pub status: Option<InstanceStatus>,
    /// With this number.
    pub number: Option<String>,
    /// Started by this actor (as in the leaf).
    pub started_by: Option<String>,
    /// After this one in the order (newest first, then id).
    pub after: Option<(Time, CommandId)>,
    /// At most so many.
    pub limit: u32,
}

/// Which reports a list shows.
#[derive(Debug, Clone, Default)]
pub struct ReportQuery {
    /// Of this kind.
    pub kind: Option<ReportKind>,
    /// After this one in the order (latest first, by the instant that they tell of; then id).
    pub after: Option<(Time, Made)>,
    /// At most so many.
    pub limit: u32,
}

/// Which readings of personal values a list shows.
#[derive(Debug, Clone, Default)]
pub struct ReadingQuery {
    /// Of this case.
    pub case: Option<InstanceId>,
    /// By this person.
    pub person: Option<PersonId>,
    /// After this one in the order (latest first, then id).
    pub after: Option<(Time, Made)>,
    /// At most so many.
    pub limit: u32,
}

/// How far that has come which every process holds in memory: the office and what it has deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// Entries of the site log.
    pub site: u64,
    /// Definitions in the logs of all units.
    pub definitions: u64,
}

/// A store of logs and rows. Every method is about one unit, but for `units` and those about due work.
///
/// Laws, held by the contract suite: `append` is all or nothing and durable when it returns; it moves the head from `from` or fails as
/// `Fenced`; indexes are gapless; a command id occurs once in a log (`Twice`); a case is begun by the command of its name; reads see every
/// append that returned before. Row changes follow from the entries of their batch and those before, so that a store may write them later,
/// and make them again from the journal after a crash; kept states alone come as the runtime wishes.
pub trait Store: Send + Sync + 'static {
    /// How far other processes that write to it may have brought what every process holds in memory. None: it is this process's alone.
    fn common(&self) -> impl Future<Output = Result<Option<Common>, StoreError>> + Send {
        std::future::ready(Ok(None))
    }
    /// Says that this process lives, and takes its share of the units whose due work no other process sees to. What it has taken is its
    /// own for some seconds, so this is called every second; a process that is late does no harm, for what is due is done once anyhow.
    fn attend(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        std::future::ready(Ok(()))
    }
    /// Returns when other processes may have written meanwhile, after a second at the latest; never where there are none.
    fn heard(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        std::future::pending()
    }
    /// Units that have a log, in alphabetical order.
    fn units(&self) -> impl Future<Output = Result<Vec<UnitId>, StoreError>> + Send;
    /// The head of a unit's log; none where it has no log yet.
    fn head(&self, unit: &UnitId) -> impl Future<Output = Result<Option<Head>, StoreError>> + Send;
    /// Has the next append of this process to a unit's log come before those of other processes: for one that was overtaken while it decided.
    /// That append ends it, or `let_go`, or some seconds; it is a courtesy, and `append` may be fenced all the same.
    fn hold(&self, _unit: &UnitId) -> impl Future<Output = Result<(), StoreError>> + Send {
        std::future::ready(Ok(()))
    }
    /// Ends a `hold` that no append came of.
    fn let_go(&self, _unit: &UnitId) -> impl Future<Output = Result<(), StoreError>> + Send {
        std::future::ready(Ok(()))
    }
    /// How many batches of one log may be on their way at a time: so many it writes in the order in which the futures of `append` were first
    /// polled, and one that follows a batch which was not written is refused. More than one is for a store that is this process's alone.
    fn flights(&self) -> usize {
        1
    }
    /// Writes a batch in one durable transaction. A batch with `from` 0 begins the log.
    fn append(&self, batch: Batch) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Entries from an index on, at most `limit`.
    fn entries(&self, unit: &UnitId, from: u64, limit: u32) -> impl Future<Output = Result<Vec<Sealed>, StoreError>> + Send;
    /// The leaves of entries from an index on, at most `limit`, for who hashes them and needs nothing else. Nothing compares what a leaf says with
    /// where it lies.
    fn leaves(&self, unit: &UnitId, from: u64, limit: u32) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
    /// Entries of a case from a sequence on.
    fn case_entries(
        &self,
        unit: &UnitId,
        instance: CommandId,
        from: u64,
    ) -> impl Future<Output = Result<Vec<Sealed>, StoreError>> + Send;
    /// The entries of these commands, in log order, each once; those that are not there are left out.
    fn commands(&self, unit: &UnitId, ids: &[CommandId]) -> impl Future<Output = Result<Vec<Sealed>, StoreError>> + Send;
    /// The kept state of a case, with its sequence.
    fn snapshot(
        &self,
        unit: &UnitId,
        instance: CommandId,
    ) -> impl Future<Output = Result<Option<(u64, Vec<u8>)>, StoreError>> + Send;
    /// Kept states after that of this case, in the order of the cases, at most `limit`: case, sequence, state.
    fn snapshots(
        &self,
        unit: &UnitId,
        after: Option<CommandId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(CommandId, u64, Vec<u8>)>, StoreError>> + Send;
    /// What entries from an index on are found by, at most `limit`: read from where it lies and never from the leaf, so that a check can
    /// compare the two.
    fn marks(&self, unit: &UnitId, from: u64, limit: u32) -> impl Future<Output = Result<Vec<Mark>, StoreError>> + Send;
    /// The first row that belongs to no entry of the unit, or a note of the store's own that cannot be: which, and why.
    fn stray(&self, _unit: &UnitId) -> impl Future<Output = Result<Option<String>, StoreError>> + Send {
        std::future::ready(Ok(None))
    }
    /// Deletes the rows of a unit, snapshots too, and puts those that `changes` makes: a rebuild. The journal is untouched,
    /// but that what was erased is erased again.
    fn replace_rows(&self, unit: &UnitId, changes: Vec<RowChange>) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// All rows of a unit as text, sorted: what a rebuild must reproduce. Of each, the table and the key, and a line for each other column.
    /// Snapshots are left out.
    fn dump_rows(&self, unit: &UnitId) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// One case.
    fn instance(&self, unit: &UnitId, id: CommandId) -> impl Future<Output = Result<Option<InstanceRow>, StoreError>> + Send;
    /// Those of these cases that there are, in any order.
    fn instances_named(
        &self,
        unit: &UnitId,
        ids: &[CommandId],
    ) -> impl Future<Output = Result<Vec<InstanceRow>, StoreError>> + Send;
    /// Cases, newest first.
    fn instances(
        &self,
        unit: &UnitId,
        query: &InstanceQuery,
    ) -> impl Future<Output = Result<Vec<InstanceRow>, StoreError>> + Send;
    /// One open task.
    fn task(&self, unit: &UnitId, id: TaskId) -> impl Future<Output = Result<Option<TaskRow>, StoreError>> + Send;
    /// Open tasks that are not held, by due date.
    fn tasks(&self, unit: &UnitId, query: &TaskQuery) -> impl Future<Output = Result<Vec<TaskRow>, StoreError>> + Send;
    /// How many open tasks that are not held there are of each process, and how they stand at `now`; in the order of the processes.
    fn task_counts(
        &self,
        unit: &UnitId,
        whose: &Whose,
        now: Time,
    ) -> impl Future<Output = Result<Vec<TaskCount>, StoreError>> + Send;
    /// One open job.
    fn job(&self, unit: &UnitId, id: Made) -> impl Future<Output = Result<Option<JobRow>, StoreError>> + Send;
    /// Jobs of these topics that may be fetched now (not held, retries left, available), the longest available first, then by id.
    fn jobs(
        &self,
        unit: &UnitId,
        topics: &[String],
        now: Time,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<JobRow>, StoreError>> + Send;
    /// Due rows that are not held and due by `now`, of all units whose due work this process sees to. Clocks come first, by due time, then id, then unit; each with what is due
    /// before it of its own case, directly before. Then everything else, in the same order.
    fn due(&self, now: Time, limit: u32) -> impl Future<Output = Result<Vec<(UnitId, DueRow)>, StoreError>> + Send;
    /// Due rows of one kind, held ones too, after this one in the order of their ids, at most `limit`.
    fn due_of(
        &self,
        unit: &UnitId,
        kind: DueKind,
        after: Option<Made>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<DueRow>, StoreError>> + Send;
    /// When the next row that is not held falls due, of those units.
    fn next_due(&self) -> impl Future<Output = Result<Option<Time>, StoreError>> + Send;
    /// The oldest case that waits for a message and is not held.
    fn subscriber(
        &self,
        unit: &UnitId,
        name: &str,
        key: &str,
    ) -> impl Future<Output = Result<Option<SubscriptionRow>, StoreError>> + Send;
    /// Early messages of this name and key that have not expired, oldest first, at most `limit`.
    fn messages(
        &self,
        unit: &UnitId,
        name: &str,
        key: &str,
        now: Time,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<MessageRow>, StoreError>> + Send;
    /// How many early messages a unit keeps.
    fn message_count(&self, unit: &UnitId) -> impl Future<Output = Result<u64, StoreError>> + Send;
    /// Open incidents, of one case or of all, oldest first, at most `limit`.
    fn incidents(
        &self,
        unit: &UnitId,
        instance: Option<CommandId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<IncidentRow>, StoreError>> + Send;
    /// Reports that were made, latest first.
    fn reports(&self, unit: &UnitId, query: &ReportQuery) -> impl Future<Output = Result<Vec<ReportRow>, StoreError>> + Send;
    /// Readings of personal values, latest first.
    fn readings(&self, unit: &UnitId, query: &ReadingQuery) -> impl Future<Output = Result<Vec<ReadingRow>, StoreError>> + Send;
    /// All definitions of a unit, oldest first, then by process and version.
    fn definitions(&self, unit: &UnitId) -> impl Future<Output = Result<Vec<DefinitionRow>, StoreError>> + Send;
    /// One definition.
    fn definition(&self, unit: &UnitId, hash: &Hash) -> impl Future<Output = Result<Option<DefinitionRow>, StoreError>> + Send;
}
