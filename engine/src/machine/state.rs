//! The state of a case: a pure fold of its events, kept as a snapshot now and then.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::clock::Clock;
use crate::digest::Hash;
use crate::journal::event::{Caller, Counted};
use crate::model::id::Made;
use crate::model::{CommandId, InstanceStatus, JobId, PersonId, PostId, TaskId, Time, Values};

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// The case: the command that started it.
    pub id: CommandId,
    /// The definition that it is pinned to.
    pub definition: Hash,
    /// Process id.
    pub process: String,
    /// The office's own number.
    pub number: Option<String>,
    /// How it stands.
    pub status: InstanceStatus,
    /// The person who started it; none where a message, a call or the program did.
    pub started_by: Option<PersonId>,
    /// The token that called it.
    pub caller: Option<Caller>,
    /// Definitions of the processes that it may call.
    pub calls: BTreeMap<String, Hash>,
    /// Norms that hold for it, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub norms: BTreeMap<String, Hash>,
    /// Its clocks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<Made, Clock>,
    /// Where it stands.
    pub tokens: BTreeMap<u32, Token>,
    /// The process (0) and its open sub-processes.
    pub scopes: BTreeMap<u32, Scope>,
    /// Open tasks.
    pub tasks: BTreeMap<TaskId, Task>,
    /// Open jobs.
    pub jobs: BTreeMap<JobId, Job>,
    /// Timers that are set.
    pub timers: BTreeMap<Made, Timer>,
    /// Messages waited for.
    pub subscriptions: BTreeMap<Made, Subscription>,
    /// What stopped tokens.
    pub incidents: BTreeMap<Made, Incident>,
    /// Who completed which step, for the separation of duties.
    pub did: BTreeMap<String, Vec<PersonId>>,
    /// What corresponds, in the version that the case has, to steps that were done by an id of a version before. It has no default: a state
    /// that a program kept which does not know it is left aside, and the case read from its journal.
    pub renamed: BTreeMap<String, String>,
    /// The number of the next token.
    pub next_token: u32,
    /// The number of the next scope.
    pub next_scope: u32,
    /// Bytes of all variables, roughly: the limit is on this.
    pub bytes: usize,
    /// What was said of its records: whether they are held, and what of them was erased.
    #[serde(default, skip_serializing_if = "Records::is_plain")]
    pub records: Records,
    /// Whether an entry has values that were handed over, apart from its event list. It has no default either.
    pub handed_over: bool,
    /// Entries of the case so far.
    pub sequence: u64,
    /// Leaf hash of the last of them.
    pub last: Option<Hash>,
}

/// What was said of the records of a case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Records {
    /// When the case came to its end.
    pub ended: Option<Time>,
    /// What needs them, as long as they are held.
    pub held: Option<String>,
    /// What is to be erased, as long as nobody has decided on it.
    pub proposal: Option<Proposal>,
    /// The variables whose values are gone.
    pub erased: BTreeSet<String>,
}

impl Records {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// What somebody asked to be erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The command.
    pub id: CommandId,
    /// Who asked.
    pub by: Option<PersonId>,
    /// When.
    pub time: Time,
    /// The variables.
    pub names: Vec<String>,
    /// Why they may go.
    pub ground: String,
    /// Whose order or request it is.
    pub authority: String,
}

/// Where a path of the case stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// Step id.
    pub step: String,
    /// Scope.
    pub scope: u32,
    /// The flow by which it came, where that matters.
    pub flow: Option<String>,
    /// What it waits for.
    pub wait: Wait,
}

/// What a token waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Wait {
    /// For nothing: it moves on, or waits in a join, or an incident holds it.
    Nothing,
    /// A task.
    Task(TaskId),
    /// A job.
    Job(JobId),
    /// A timer.
    Timer(Made),
    /// A message.
    Message(Made),
    /// A sub-process.
    Scope(u32),
    /// A called case.
    Call(CommandId),
}

/// The process or an open sub-process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// The token that waits for it; none for the process.
    pub token: Option<u32>,
    /// The sub-process step; none for the process.
    pub step: Option<String>,
    /// The scope around it.
    pub parent: Option<u32>,
    /// Its variables.
    pub variables: Values,
}

/// An open task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The token that waits for it; none for one that a clock's ladder gave.
    pub token: Option<u32>,
    /// The clock whose ladder gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Made>,
    /// Step id.
    pub step: String,
    /// Role.
    pub role: String,
    /// The one person to whom it is offered.
    pub only: Option<PersonId>,
    /// Who has it.
    pub claim: Option<Claim>,
    /// When it should be done.
    pub due: Option<Time>,
    /// When its step said that it should be done, where it names a day or an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Time>,
    /// When it was created.
    pub created: Time,
}

/// Who has a task, and by what right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Who.
    pub person: PersonId,
    /// The post.
    pub post: Option<PostId>,
    /// The appointment.
    pub appointment: Option<Made>,
    /// Since when.
    pub since: Time,
}

/// An open job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The token that waits for it.
    pub token: u32,
    /// Step id.
    pub step: String,
    /// Topic.
    pub topic: String,
    /// Attempts that remain.
    pub retries: u32,
    /// When it may be fetched.
    pub available: Time,
    /// Who locked it.
    pub worker: Option<String>,
    /// Values handed over.
    pub data: Values,
}

/// A timer that is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// The token that waits for it, or whose activity it watches.
    pub token: u32,
    /// The event's step id.
    pub step: String,
    /// When it fires.
    pub due: Time,
    /// Firings that remain after this one.
    pub repeats: u32,
    /// How its instant was counted, where it is working time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
}

/// A message waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The token that waits, or whose activity it watches.
    pub token: u32,
    /// The event's step id.
    pub step: String,
    /// Name.
    pub name: String,
    /// Correlation key.
    pub key: String,
}

/// What stopped a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// The token.
    pub token: u32,
    /// Stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
    /// When it was raised.
    pub raised: Time,
}

impl Instance {
    /// A case before its first event.
    pub fn new(id: CommandId) -> Self {
        Self {
            id,
            definition: Hash::from_bytes([0; 32]),
            process: String::new(),
            number: None,
            status: InstanceStatus::Active,
            started_by: None,
            caller: None,
            calls: BTreeMap::new(),
            norms: BTreeMap::new(),
            clocks: BTreeMap::new(),
            tokens: BTreeMap::new(),
            scopes: BTreeMap::from([(0, Scope { token: None, step: None, parent: None, variables: Values::new() })]),
            tasks: BTreeMap::new(),
            jobs: BTreeMap::new(),
            timers: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            incidents: BTreeMap::new(),
            did: BTreeMap::new(),
            renamed: BTreeMap::new(),
            handed_over: false,
            next_token: 0,
            next_scope: 1,
            bytes: 0,
            records: Records::default(),
            sequence: 0,
            last: None,
        }
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        matches!(self.status, InstanceStatus::Completed | InstanceStatus::Cancelled)
    }

    /// The value of a variable as `scope` sees it.
    pub fn variable(&self, scope: u32, name: &str) -> Option<&serde_json::Value> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|number| self.scopes.get(&number)) {
            if let Some(value) = scope.variables.get(name) {
                return Some(value);
            }
            at = scope.parent;
        }
        None
    }

    /// A clock by its id; or by its id within the process, the one that started last.
    pub fn clock(&self, name: &str) -> Option<&Clock> {
        let named = self.clocks.iter().filter(|(made, clock)| clock.id == name || made.to_string() == name);
        named.max_by_key(|(_, clock)| clock.ledger.start).map(|(_, clock)| clock)
    }

    /// Tokens that wait for something that can still happen, by their own kind of wait: the law "no token is stranded" in one place.
    /// A token that waits for nothing must stand in a join or be held by an incident.
    pub fn stranded(&self) -> Vec<u32> {
        let held = |token: u32| self.incidents.values().any(|incident| incident.token == token);
        let stranded = self.tokens.iter().filter(|(number, token)| match &token.wait {
            Wait::Nothing => token.flow.is_none() && !held(**number),
            Wait::Task(task) => !self.tasks.contains_key(task),
            Wait::Job(job) => !self.jobs.contains_key(job),
            Wait::Timer(timer) => !self.timers.contains_key(timer),
            Wait::Message(subscription) => !self.subscriptions.contains_key(subscription),
            Wait::Scope(scope) => !self.scopes.contains_key(scope),
            Wait::Call(_) => false,
        });
        stranded.map(|(number, _)| *number).collect()
    }
}
