//! Event logs for process mining, read off the entries of cases: what happened, when, by whom, to which task. People are told by their
//! pseudonyms, and no value of a case is told at all.

mod ocel;
mod xes;

use std::collections::BTreeMap;

pub use ocel::Ocel;
pub use xes::{xes_begin, xes_case, xes_end};

use crate::digest::Hash;
use crate::graph::Graph;
use crate::journal::event::Caller;
use crate::journal::{Entry, Event};
use crate::model::id::{Located, Made};
use crate::model::{CommandId, InstanceId, PostId, Time, UnitId};

/// How far an activity came: the transactional life cycle of XES (IEEE 1849, lifecycle extension).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// It may be taken up.
    Schedule,
    /// Somebody took it.
    Assign,
    /// Somebody gave it back, or it was passed on.
    Reassign,
    /// A system works on it.
    Start,
    /// It rests.
    Suspend,
    /// It goes on.
    Resume,
    /// It is done.
    Complete,
    /// It fell away.
    Withdraw,
    /// It failed, or was broken off.
    Abort,
}

impl Transition {
    /// As XES spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Assign => "assign",
            Self::Reassign => "reassign",
            Self::Start => "start",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::Withdraw => "withdraw",
            Self::Abort => "ate_abort",
        }
    }
}

/// Something that happened in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// What it is called: the step's title, or a few words.
    pub activity: String,
    /// How far it came.
    pub transition: Transition,
    /// When.
    pub time: Time,
    /// Who: a pseudonym, or `system`.
    pub resource: String,
    /// The post by which they acted.
    pub post: Option<PostId>,
    /// The role that it is for.
    pub role: Option<String>,
    /// Id of the step.
    pub step: Option<String>,
    /// The task or job.
    pub task: Option<String>,
    /// Index of the entry in the unit's log, by which it can be proved.
    pub index: u64,
}

/// A case as an event log tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The case, with its unit.
    pub case: InstanceId,
    /// The office's own number.
    pub number: Option<String>,
    /// Process id.
    pub process: String,
    /// The definition that it is pinned to.
    pub definition: Hash,
    /// Its version.
    pub version: Option<u32>,
    /// The case that called it.
    pub caller: Option<InstanceId>,
    /// What happened, in order.
    pub happenings: Vec<Happening>,
}

/// A task or job that is known by its id.
#[derive(Clone)]
struct Thing {
    step: String,
    role: Option<String>,
}

/// Tells a case. `graph` is its definition, where it is known, and `version` the version of that; none where the entries do not begin a case.
pub fn trace(unit: &UnitId, history: &[Entry], graph: Option<&Graph>, version: Option<u32>) -> Option<Trace> {
    let first = history.first()?;
    let (definition, process, number, caller) = first.events.iter().find_map(|event| match event {
        Event::InstanceStarted { definition, process, number, caller, .. } => {
            Some((*definition, process.clone(), number.clone(), caller.as_ref()))
        }
        _ => None,
    })?;
    let named = |command: CommandId| InstanceId { unit: unit.clone(), command };
    // A case that was moved is told under the version that it has come to.
    let moved = history.iter().rev().flat_map(|entry| entry.events.iter().rev()).find_map(|event| match event {
        Event::InstanceMoved { definition, .. } => Some(*definition),
        _ => None,
    });
    let definition = moved.unwrap_or(definition);
    let caller = caller.map(|Caller { instance, .. }| named(*instance));
    let mut telling = Telling { unit, graph, things: BTreeMap::new(), happenings: Vec::new() };
    for entry in history {
        telling.entry(entry);
    }
    let (case, happenings) = (named(first.link?.instance), telling.happenings);
    Some(Trace { case, number, process, definition, version, caller, happenings })
}

struct Telling<'a> {
    unit: &'a UnitId,
    graph: Option<&'a Graph>,
    things: BTreeMap<Made, Thing>,
    happenings: Vec<Happening>,
}

impl Telling<'_> {
    fn title(&self, step: &str) -> String {
        let graph = self.graph.and_then(|graph| graph.authored(graph.step(step)?));
        graph.and_then(|step| step.title.as_ref()).map_or_else(|| step.to_owned(), |title| title.en.clone())
    }

    fn entry(&mut self, entry: &Entry) {
        use Transition::{Abort, Assign, Complete, Reassign, Resume, Start, Suspend, Withdraw};
        let command = entry.origin.command;
        for event in &entry.events {
            match event {
                Event::InstanceStarted { .. } => self.of_case(entry, "Case", Start),
                Event::InstanceCompleted => self.of_case(entry, "Case", Complete),
                Event::InstanceCancelled { .. } => self.of_case(entry, "Case", Abort),
                Event::InstanceSuspended { .. } => self.of_case(entry, "Case", Suspend),
                Event::InstanceResumed => self.of_case(entry, "Case", Resume),
                Event::TaskCreated { ordinal, step, role, .. } | Event::ClockEscalated { ordinal, step, role, .. } => {
                    self.thing(entry, Made { command, ordinal: *ordinal }, step, Some(role));
                }
                Event::JobCreated { ordinal, step, .. } => self.thing(entry, Made { command, ordinal: *ordinal }, step, None),
                Event::TaskReassigned { task, role, step, .. } => {
                    self.things.insert(*task, Thing { step: step.clone(), role: Some(role.clone()) });
                    self.about(entry, task, Reassign);
                }
                Event::InstanceMoved { mapping, .. } => {
                    for thing in self.things.values_mut() {
                        if let Some(step) = mapping.steps.get(&thing.step) {
                            thing.step.clone_from(step);
                        }
                    }
                }
                Event::TaskMapped { task, step, role, .. } => {
                    self.things.insert(*task, Thing { step: step.clone(), role: Some(role.clone()) });
                }
                Event::TaskClaimed { task, .. } => self.about(entry, task, Assign),
                Event::TaskReleased { task } => self.about(entry, task, Reassign),
                Event::TaskCompleted { task, .. } => self.about(entry, task, Complete),
                Event::TaskCancelled { task } => self.about(entry, task, Withdraw),
                Event::JobLocked { job, .. } => self.about(entry, job, Start),
                Event::JobCompleted { job, .. } => self.about(entry, job, Complete),
                Event::JobFailed { job, .. } => self.about(entry, job, Abort),
                Event::JobCancelled { job } => self.about(entry, job, Withdraw),
                Event::TimerArmed { ordinal, step, .. } | Event::SubscriptionOpened { ordinal, step, .. } => {
                    let thing = Thing { step: step.clone(), role: None };
                    self.things.insert(Made { command, ordinal: *ordinal }, thing);
                }
                Event::TimerFired { timer } => self.about(entry, timer, Complete),
                Event::MessageReceived { subscription: Some(subscription), .. } => self.about(entry, subscription, Complete),
                Event::ClockBreached { .. } => self.of_case(entry, "Time limit", Abort),
                Event::IncidentRaised { .. } => self.of_case(entry, "Incident", Start),
                Event::IncidentResolved { .. } => self.of_case(entry, "Incident", Complete),
                _ => {}
            }
        }
    }

    fn thing(&mut self, entry: &Entry, id: Made, step: &str, role: Option<&String>) {
        self.things.insert(id, Thing { step: step.to_owned(), role: role.cloned() });
        self.about(entry, &id, Transition::Schedule);
    }

    /// Something happened to a task, a job, a timer or a message that was waited for.
    fn about(&mut self, entry: &Entry, id: &Made, transition: Transition) {
        let Some(Thing { step, role }) = self.things.get(id).cloned() else { return };
        let task = Located { unit: self.unit.clone(), made: *id }.to_string();
        let happening = happening(entry, self.title(&step), transition);
        self.happenings.push(Happening { role, step: Some(step), task: Some(task), ..happening });
    }

    fn of_case(&mut self, entry: &Entry, activity: &str, transition: Transition) {
        let happening = happening(entry, activity.to_owned(), transition);
        self.happenings.push(happening);
    }
}

fn happening(entry: &Entry, activity: String, transition: Transition) -> Happening {
    Happening {
        activity,
        transition,
        time: entry.origin.time,
        resource: entry.origin.actor.to_string(),
        post: entry.via.clone(),
        role: None,
        step: None,
        task: None,
        index: entry.index,
    }
}
