//! What must hold after every step of the simulator: read from the journal alone, entry by entry, and held against all that is kept beside it.

use std::collections::{BTreeMap, BTreeSet};

use engine::digest::{Frontier, Hash, leaf_hash};
use engine::graph::Library;
use engine::graph::library::Checked;
use engine::journal::{Actor, Entry, Event, Sealed, codec};
use engine::machine::state::Wait;
use engine::machine::{self, Instance};
use engine::model::id::Made;
use engine::model::{CommandId, InstanceStatus, PersonId, Time, UnitId};
use engine::projection::changes;
use engine::runtime::Engine;
use engine::store::memory::MemoryStore;
use engine::store::{Batch, Store};

use super::store::SimStore;

/// An acknowledgement, as a client was given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The log.
    pub unit: UnitId,
    /// The command.
    pub command: CommandId,
    /// Where it stands.
    pub index: u64,
    /// Its leaf.
    pub leaf: Hash,
}

/// A log as far as it was read.
#[derive(Default)]
struct Log {
    leaves: Vec<(CommandId, Hash)>,
    frontier: Frontier,
    commands: BTreeSet<CommandId>,
    time: Option<Time>,
}

/// A timer: when it is due, and how often it ended.
struct Timer {
    due: Time,
    ended: bool,
}

/// The checker.
#[derive(Default)]
pub struct Check {
    logs: BTreeMap<UnitId, Log>,
    cases: BTreeMap<CommandId, Instance>,
    /// The rows that follow from the journal.
    replica: MemoryStore,
    library: Library,
    timers: BTreeMap<Made, Timer>,
    claimed: BTreeMap<Made, PersonId>,
    /// Step of each open task.
    tasks: BTreeMap<Made, String>,
    /// Tasks that were completed.
    completed: BTreeSet<Made>,
    /// Who completed the step that bars them from another, by case.
    barred: BTreeMap<CommandId, BTreeSet<PersonId>>,
    /// How often each kind of entry was seen.
    pub kinds: BTreeMap<String, u64>,
    /// Timers that fired.
    pub fired: u64,
    /// Messages that reached a case.
    pub received: u64,
}

/// The step whose performers must be others than those of `FIRST`.
pub const SECOND: &str = "b";
/// The step before it.
pub const FIRST: &str = "a";

impl Check {
    /// Reads what was written since the last time.
    ///
    /// # Errors
    /// What does not hold.
    pub async fn step(&mut self, observer: &Engine<SimStore>, promises: &[Promise]) -> Result<(), String> {
        let kept = &observer.store().disk.kept;
        for unit in kept.units().await.map_err(text)? {
            let from = self.logs.entry(unit.clone()).or_default().leaves.len() as u64;
            let page = kept.entries(&unit, from, u32::MAX).await.map_err(text)?;
            let head = kept.head(&unit).await.map_err(text)?.ok_or("a log without a head")?;
            let (mut rows, mut touched) = (Vec::new(), BTreeSet::new());
            for sealed in &page {
                let entry = self.entry(&unit, sealed).map_err(|what| format!("{unit} entry {}: {what}", sealed.index))?;
                let process = entry.definition.and_then(|hash| self.library.get(&hash)).map(|it| it.graph.process.id.clone());
                for event in &entry.events {
                    changes(&entry, event, process.as_deref().unwrap_or_default(), &mut rows);
                }
                touched.extend(entry.link.map(|link| link.instance));
            }
            let log = &self.logs[&unit];
            if log.frontier.size() != head.size || log.frontier.to_bytes() != head.frontier {
                return Err(format!("{unit}: the head says {} entries, or another root than the journal", head.size));
            }
            if page.is_empty() {
                continue;
            }
            self.replica.append(Batch { unit: unit.clone(), from, head, entries: page, changes: rows }).await.map_err(text)?;
            if self.replica.dump_rows(&unit).await.map_err(text)? != kept.dump_rows(&unit).await.map_err(text)? {
                return Err(format!("{unit}: the rows are not what the journal says"));
            }
            for id in touched {
                let case = observer.instance(&unit, id).await.map_err(text)?;
                if case.as_ref() != self.cases.get(&id) {
                    return Err(format!("{unit}: case {id} as it is kept is not what its entries make"));
                }
                case.map_or(Ok(()), |case| self.standing(&case))?;
            }
        }
        self.kept(promises)
    }

    /// Every acknowledged command is in the log, where its client was told.
    ///
    /// # Errors
    /// One that is not.
    pub fn kept(&self, promises: &[Promise]) -> Result<(), String> {
        for promise in promises {
            let log = self.logs.get(&promise.unit);
            let found = usize::try_from(promise.index).ok().and_then(|index| log?.leaves.get(index));
            if found != Some(&(promise.command, promise.leaf)) {
                return Err(format!("acknowledged and lost: {promise:?}; there is {found:?}"));
            }
        }
        Ok(())
    }

    /// Whether a command is in a log.
    pub fn has(&self, unit: &UnitId, command: CommandId) -> bool {
        self.logs.get(unit).is_some_and(|log| log.commands.contains(&command))
    }

    /// Whether a case rests.
    pub fn is_suspended(&self, case: CommandId) -> bool {
        self.cases.get(&case).is_some_and(|case| case.status == InstanceStatus::Suspended)
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.logs.values().map(|log| log.leaves.len() as u64).sum()
    }

    /// Stands for all bytes of all logs.
    pub fn hash(&self) -> Hash {
        let roots = self.logs.iter().map(|(unit, log)| format!("{unit} {} {}\n", log.leaves.len(), log.frontier.root()));
        Hash::of(roots.collect::<String>().as_bytes())
    }

    fn entry(&mut self, unit: &UnitId, sealed: &Sealed) -> Result<Entry, String> {
        codec::check_commitments(sealed).map_err(text)?;
        let entry = codec::open(sealed).map_err(text)?;
        let log = self.logs.entry(unit.clone()).or_default();
        let leaf = leaf_hash(sealed.leaf.as_bytes());
        if sealed.index != log.frontier.size() || entry.index != sealed.index || entry.leaf_hash != leaf {
            return Err(format!("there should be entry {}", log.frontier.size()));
        }
        if log.time.replace(entry.origin.time).is_some_and(|before| before >= entry.origin.time) {
            return Err("it is not later than the one before it".to_owned());
        }
        if !log.commands.insert(entry.origin.command) {
            return Err(format!("command {} is there twice", entry.origin.command));
        }
        log.frontier.push(leaf);
        log.leaves.push((entry.origin.command, leaf));
        *self.kinds.entry(entry.kind.clone()).or_default() += 1;
        if let Some(link) = entry.link {
            let case = self.cases.entry(link.instance).or_insert_with(|| Instance::new(link.instance));
            if link.sequence != case.sequence + 1 || link.previous != case.last {
                return Err("it does not follow the one before it of its case".to_owned());
            }
            for event in &entry.events {
                machine::apply(case, &entry.origin, event);
            }
            case.sequence += 1;
            case.last = Some(entry.leaf_hash);
        }
        for event in &entry.events {
            self.event(&entry, event)?;
        }
        Ok(entry)
    }

    fn event(&mut self, entry: &Entry, event: &Event) -> Result<(), String> {
        let made = |ordinal: u16| Made { command: entry.origin.command, ordinal };
        let case = entry.link.map(|link| link.instance);
        match event {
            Event::TimerArmed { ordinal, due, .. } => {
                self.timers.insert(made(*ordinal), Timer { due: *due, ended: false });
            }
            Event::TimerMoved { timer, due, .. } => {
                self.timers.get_mut(timer).ok_or("a timer moved that was never set")?.due = *due;
            }
            Event::TimerFired { timer: id } | Event::TimerDisarmed { timer: id } => {
                let timer = self.timers.get_mut(id).ok_or("a timer ended that was never set")?;
                if std::mem::replace(&mut timer.ended, true) {
                    return Err(format!("timer {id} ended twice"));
                }
                if matches!(event, Event::TimerFired { .. }) {
                    self.fired += 1;
                    if timer.due > entry.origin.time {
                        return Err(format!("timer {id} fired early"));
                    }
                }
            }
            Event::TaskCreated { ordinal, step, .. } => drop(self.tasks.insert(made(*ordinal), step.clone())),
            Event::TaskClaimed { task, person, .. } => {
                if self.claimed.insert(*task, person.clone()).is_some() {
                    return Err(format!("task {task} was claimed while it was claimed"));
                }
                let step = self.tasks.get(task).map(String::as_str);
                let barred = case.and_then(|case| self.barred.get(&case)).is_some_and(|who| who.contains(person));
                if step == Some(SECOND) && barred {
                    return Err(format!("{person} did both steps that are to be separate"));
                }
            }
            Event::TaskReleased { task } | Event::TaskReassigned { task, .. } => drop(self.claimed.remove(task)),
            Event::TaskCompleted { task, .. } => {
                if !self.completed.insert(*task) {
                    return Err(format!("task {task} was completed twice"));
                }
                let Actor::Person(person) = &entry.origin.actor else { return Err("a task was completed by nobody".to_owned()) };
                if self.claimed.get(task) != Some(person) {
                    return Err(format!("task {task} was completed by {person}, who had not claimed it"));
                }
                if self.tasks.get(task).map(String::as_str) == Some(FIRST)
                    && let Some(case) = case
                {
                    self.barred.entry(case).or_default().insert(person.clone());
                }
            }
            Event::MessageReceived { .. } => self.received += 1,
            Event::DefinitionDeployed { version, document, .. } => {
                let checked = Checked::deployed(document).map_err(|problems| format!("{problems:?}"))?;
                self.library.take_in(&checked, *version);
            }
            _ => {}
        }
        Ok(())
    }

    /// No case that goes on is without a token, and every token waits for something that can still happen.
    fn standing(&self, case: &Instance) -> Result<(), String> {
        if case.is_over() {
            let empty = case.tokens.is_empty() && case.tasks.is_empty() && case.timers.is_empty() && case.jobs.is_empty();
            return if empty { Ok(()) } else { Err(format!("case {} is over and still has something to do", case.id)) };
        }
        if case.tokens.is_empty() || !case.stranded().is_empty() {
            return Err(format!("case {} goes on without a token, or one is stranded: {:?}", case.id, case.tokens));
        }
        let graph = &self.library.get(&case.definition).ok_or("a case without its definition")?.graph;
        for (number, token) in &case.tokens {
            let held = case.incidents.values().any(|incident| incident.token == *number);
            let step = graph.step(&token.step).ok_or("a token that stands nowhere")?;
            let joins = matches!(graph.steps[step].kind, engine::graph::StepKind::ParallelGateway);
            if token.wait == Wait::Nothing && !held && !joins {
                return Err(format!("case {}: token {number} waits for nothing on {}", case.id, token.step));
            }
        }
        Ok(())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
