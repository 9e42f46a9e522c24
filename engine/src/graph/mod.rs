//! Definition → checked, indexed, executable graph; or every problem found, each with a code, a JSON pointer and a sentence of help.
//!
//! The machine never sees the authored form. `check` and `compile` are the only ways in.

pub mod bounds;
mod clock;
pub mod difference;
mod document;
mod draft;
mod event;
mod files;
pub mod fit;
mod flow;
pub mod form;
mod game;
pub mod library;
mod page;
mod paths;
mod plain;
mod reach;
mod read;
mod schema;
mod shape;
mod sound;
mod step;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Span;

use crate::digest::Hash;
use crate::expression::Expression;
use crate::model::Time;
use crate::model::definition::{Performer, Process};
use crate::norm::Count;
use form::{Form, Variable};

pub use clock::{BoundClock, Place, Side, deemed};
pub(crate) use document::content;
pub use files::{Files, check_files, kind_of};
pub use library::{Deployed, Known, Library, Reference, Trusted};
pub(crate) use read::check_clocks;
pub use read::{check, compile};

/// Position of a step in `Graph::steps`: document order, nested steps after their sub-process.
pub type StepIndex = usize;
/// Position of a flow in `Graph::flows`.
pub type FlowIndex = usize;
/// Position of a scope in `Graph::scopes`; 0 is the process.
pub type ScopeIndex = usize;

/// An executable definition.
#[derive(Debug)]
pub struct Graph {
    /// SHA-256 of the document's RFC 8785 bytes: its identity.
    pub hash: Hash,
    /// The document, for titles, help and references.
    pub process: Process,
    /// All steps.
    pub steps: Vec<Step>,
    /// All flows.
    pub flows: Vec<Flow>,
    /// The process and its sub-processes.
    pub scopes: Vec<Scope>,
    /// Forms by name.
    pub forms: BTreeMap<String, Form>,
    /// Names of variables (of any scope) whose values are personal.
    pub personal: BTreeSet<String>,
    /// Names, other than those, under which steps hand out what is made of a personal value.
    pub copied: BTreeSet<String>,
    /// Ids of the processes that it may call.
    pub calls: BTreeSet<String>,
    /// Its clocks.
    pub clocks: Vec<BoundClock>,
    pub(crate) by_id: HashMap<String, StepIndex>,
}

/// The process or a sub-process.
#[derive(Debug)]
pub struct Scope {
    /// The sub-process step; none for the process.
    pub step: Option<StepIndex>,
    /// The scope around it; none for the process.
    pub parent: Option<ScopeIndex>,
    /// Its start event without a trigger; a process may also, or only, have starts by message.
    pub start: Option<StepIndex>,
    /// Start events by message (process only).
    pub message_starts: Vec<StepIndex>,
    /// Its variables.
    pub variables: BTreeMap<String, Variable>,
}

/// A step, checked.
#[derive(Debug)]
pub struct Step {
    /// Id.
    pub id: String,
    /// JSON pointer of the step in the document.
    pub pointer: String,
    /// The scope that it lies in.
    pub scope: ScopeIndex,
    /// What it does.
    pub kind: StepKind,
    /// Flows out, in the order in which their conditions are tried.
    pub outgoing: Vec<FlowIndex>,
    /// Flows in.
    pub incoming: Vec<FlowIndex>,
    /// Boundary events attached to it.
    pub boundary: Vec<StepIndex>,
}

/// A flow.
#[derive(Debug)]
pub struct Flow {
    /// Id; unique: `from>to` where the author gave none.
    pub id: String,
    /// Source.
    pub from: StepIndex,
    /// Target.
    pub to: StepIndex,
    /// Condition; on an exclusive gateway the flow without one, beside others with one, is the default.
    pub when: Option<Expression>,
}

/// What a step does.
#[derive(Debug)]
pub enum StepKind {
    /// Start event, by hand (`message` none) or by message.
    Start { form: Option<String>, performer: Option<Performer>, message: Option<Catch> },
    /// End event.
    End { terminate: bool, message: Option<Throw> },
    /// Intermediate catch event.
    Catch(Trigger),
    /// Intermediate throw event.
    Throw(Throw),
    /// Boundary event on `host`.
    Boundary { host: StepIndex, interrupting: bool, trigger: Trigger },
    /// User task.
    UserTask { performer: Performer, form: Option<String>, outputs: Vec<Write>, due: Option<Due> },
    /// Service task.
    ServiceTask { topic: String, retries: u32, inputs: Vec<(String, Expression)>, outputs: Vec<Write> },
    /// Expression task.
    ExpressionTask { set: Vec<(String, Expression)> },
    /// Exclusive gateway.
    ExclusiveGateway,
    /// Parallel gateway.
    ParallelGateway,
    /// Sub-process, with the scope inside it.
    SubProcess { inner: ScopeIndex },
    /// Call activity.
    CallActivity { process: String, inputs: Vec<(String, Expression)>, outputs: Vec<Write> },
}

/// When a task should be done.
#[derive(Debug)]
pub enum Due {
    /// So long after its creation.
    After(Duration),
    /// By the end of a day, or by an instant, computed from the case.
    By(Expression),
}

/// What a catching event waits for.
#[derive(Debug)]
pub enum Trigger {
    /// A timer.
    Timer(Timer),
    /// A message.
    Message(Catch),
}

/// When a timer fires.
#[derive(Debug)]
pub enum Timer {
    /// So long from now.
    After(Duration),
    /// At an instant.
    At(Instant),
    /// Every so often, so many times at most.
    Every(Duration, u32),
}

/// A duration: elapsed, with years, months, weeks and days of the office's zone; or counted on the calendar of the unit.
#[derive(Debug)]
pub enum Duration {
    /// Fixed.
    Fixed(Span),
    /// Computed when the timer is set.
    Computed(Expression),
    /// Working days, office hours: counted as norms count.
    Counted(Count),
}

/// An instant, fixed or computed.
#[derive(Debug)]
pub enum Instant {
    /// Fixed.
    Fixed(Time),
    /// Computed when the timer is set.
    Computed(Expression),
}

/// A message waited for.
#[derive(Debug)]
pub struct Catch {
    /// Name.
    pub name: String,
    /// Correlation key; none is the empty key.
    pub key: Option<Expression>,
    /// What is written from it.
    pub outputs: Vec<Write>,
}

/// A message thrown.
#[derive(Debug)]
pub struct Throw {
    /// Name.
    pub name: String,
    /// Correlation key; none is the empty key.
    pub key: Option<Expression>,
    /// Values sent.
    pub data: Vec<(String, Expression)>,
    /// Time to live in seconds.
    pub ttl_seconds: i64,
}

/// A variable written from what came back.
#[derive(Debug)]
pub struct Write {
    /// Variable.
    pub variable: String,
    /// Over the variables, and what came back as `result`; none: the member of the variable's name.
    pub value: Option<Expression>,
}

impl Graph {
    /// A step by id.
    pub fn step(&self, id: &str) -> Option<StepIndex> {
        self.by_id.get(id).copied()
    }

    /// Whether the process or a sub-process has a variable of this name.
    pub fn declares(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.variables.contains_key(name))
    }

    /// A step's authored form: title, help, references.
    pub fn authored(&self, step: StepIndex) -> Option<&crate::model::definition::Step> {
        fn find<'a>(steps: &'a [crate::model::definition::Step], id: &str) -> Option<&'a crate::model::definition::Step> {
            steps.iter().find_map(|step| if step.id == id { Some(step) } else { find(&step.steps, id) })
        }
        find(&self.process.steps, &self.steps[step].id)
    }

    /// The variable of this name that `scope` sees: its own, or the nearest around it. With the scope that declares it.
    pub fn variable(&self, scope: ScopeIndex, name: &str) -> Option<(ScopeIndex, &Variable)> {
        let mut at = Some(scope);
        while let Some(index) = at {
            if let Some(variable) = self.scopes[index].variables.get(name) {
                return Some((index, variable));
            }
            at = self.scopes[index].parent;
        }
        None
    }
}
