//! Reports: what a schedule may make. How work stands at an instant, or how norms were kept in a stretch of time, in counts and ids.
//!
//! No name, no amount and no text lies in a report, so nothing of it need ever be erased. Every list has a limit and tells what it leaves
//! out.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id::Made;
use super::limits::REPORT_ROWS_MAX;
use super::{CommandId, PersonId, PostId, TaskId, Time};

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportKind {
    /// The open work of a unit: who has how much of it, what is due today and in the days to come, what is overdue, and whose time runs out.
    Digest,
    /// How the time norms were kept since the report before.
    Performance,
    /// Cases whose retention period is over, and of which personal values are still kept.
    Weeding,
}

impl ReportKind {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Digest, Self::Performance, Self::Weeding];

    /// The number it has in a store.
    pub fn code(self) -> i64 {
        match self {
            Self::Digest => 0,
            Self::Performance => 1,
            Self::Weeding => 2,
        }
    }

    /// From the number in a store.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Performance => "performance",
            Self::Weeding => "weeding",
        }
    }
}

/// A report on a unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The instant as of which things are told, whenever it was made.
    pub at: Time,
    /// Whether there was more to read than a report reads: then its counts are too low.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// What it says.
    pub content: Content,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// The open work.
    Digest(Digest),
    /// How norms were kept.
    Performance(Performance),
    /// What may be weeded out.
    Weeding(Weeding),
}

impl Content {
    /// Of which kind it is.
    pub fn kind(&self) -> ReportKind {
        match self {
            Self::Digest(_) => ReportKind::Digest,
            Self::Performance(_) => ReportKind::Performance,
            Self::Weeding(_) => ReportKind::Weeding,
        }
    }
}

/// A list that is cut short where it would be too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut<T> {
    /// The first of them.
    pub items: Vec<T>,
    /// How many more there are.
    pub omitted: u64,
}

impl<T> Cut<T> {
    /// As many as a report lists.
    pub fn new(mut items: Vec<T>) -> Self {
        let omitted = items.len().saturating_sub(REPORT_ROWS_MAX) as u64;
        items.truncate(REPORT_ROWS_MAX);
        Self { items, omitted }
    }
}

/// The open work of a unit. Cases that are halted have none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// The end of the day: what is due before it, and not overdue, is due today.
    pub today: Time,
    /// The end of the days to come that are looked at.
    pub soon: Time,
    /// Who has how much work.
    pub load: Cut<Load>,
    /// Tasks that are overdue or due by then, the earliest first.
    pub tasks: Cut<DueTask>,
    /// Clocks that are past a warning point or over, the earliest end first.
    pub clocks: Cut<WarnedClock>,
}

/// The open tasks of one role: those of one person, or those that nobody has claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Role.
    pub role: String,
    /// The post by which the person acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    /// Who claimed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Open tasks.
    pub open: u64,
    /// Of them overdue.
    pub overdue: u64,
    /// Of them due today.
    pub today: u64,
    /// Of them due in the days to come.
    pub soon: u64,
}

/// An open task that is overdue, or due soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueTask {
    /// Task.
    pub task: TaskId,
    /// Case.
    pub instance: CommandId,
    /// Process id.
    pub process: String,
    /// Step id.
    pub step: String,
    /// Role.
    pub role: String,
    /// Who claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// When it should be done.
    pub due: Time,
}

/// A running clock that is past a warning point, or over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarnedClock {
    /// Clock.
    pub clock: Made,
    /// Case.
    pub instance: CommandId,
    /// Process id.
    pub process: String,
    /// Id of the norm.
    pub norm: String,
    /// When its time is over; none while it rests without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
}

/// How norms were kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Performance {
    /// What happened after this instant is counted; left out: whatever happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Norm by norm, in the order of their ids.
    pub norms: Cut<NormKept>,
}

/// How one norm was kept: its clocks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NormKept {
    /// Id of the norm.
    pub norm: String,
    /// Started, or started anew after a rest.
    pub started: u64,
    /// Stopped in time.
    pub kept: u64,
    /// Stopped late.
    pub missed: u64,
    /// Stopped because the case was cancelled: neither.
    pub cancelled: u64,
    /// Running or resting at the end.
    pub running: u64,
    /// Of these over time.
    pub overdue: u64,
    /// Seconds from start to stop of those kept and missed, rests taken away, nights and holidays not: half of them took no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<u64>,
    /// Nine in ten of them took no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ninetieth_seconds: Option<u64>,
}

/// Cases that are over, whose retention period has ended, and of which personal values are still kept. Cases of processes that say nothing of
/// a period are not among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weeding {
    /// The cases: those of which nothing is decided first, and of them those whose period ended first.
    pub cases: Cut<Weedable>,
}

/// A case whose retention period is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weedable {
    /// Case.
    pub instance: CommandId,
    /// Process id.
    pub process: String,
    /// When the case ended.
    pub ended: Time,
    /// The last day on which its records had to be kept.
    pub until: Date,
    /// Whether they are held: for an appeal, an audit, an inquiry or a court case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// Whether their erasure is proposed already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proposed: bool,
}
