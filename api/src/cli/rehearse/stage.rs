//! The stage of a rehearsal: an engine in memory, a clock that is moved from one thing that happens to the next, and the hands that work
//! the tasks as the plan says.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

use engine::journal::{Actor, Command, Entry, Envelope, Event, codec};
use engine::model::definition::APPLICANT;
use engine::model::id::Made;
use engine::model::{CommandId, PersonId, TaskId, Time, UnitId, Values};
use engine::runtime::clock::ManualClock;
use engine::runtime::{Engine, Options, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::documents::{Documents, refused};
use super::super::output::Failure;
use super::report::Report;
use crate::app::actor::find;

/// Cases that one rehearsal may start.
const CASES_MAX: usize = 100_000;
/// Entries read at a time.
const PAGE: u32 = 1_000;

/// Cases that arrive, and how their tasks are worked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arrival {
    /// The unit in which they are lodged.
    unit: UnitId,
    /// Process id.
    process: String,
    /// Who lodges them, by handle.
    actor: String,
    /// How often: an ISO 8601 duration, counted from the first day.
    every: String,
    /// At most so many.
    #[serde(default)]
    times: Option<usize>,
    /// What they are lodged with.
    #[serde(default)]
    data: Values,
    /// How the tasks of a step are worked, by step id. Others stay open.
    work: BTreeMap<String, Handling>,
}

/// How a task is worked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Handling {
    /// How long after its creation it is completed: an ISO 8601 duration.
    after: String,
    /// What it is completed with.
    #[serde(default)]
    data: Values,
}

/// Something that the plan does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// Lodges the next case of an arrival.
    Lodge(usize),
    /// Works a task.
    Work { arrival: usize, unit: UnitId, task: TaskId, step: String },
}

/// The stage.
pub(super) struct Stage {
    engine: Engine<MemoryStore>,
    clock: Arc<ManualClock>,
    from: Time,
    to: Time,
    /// What the plan does next, the earliest first; the number keeps the order of what is at one instant.
    acts: BinaryHeap<Reverse<(Time, u64, Act)>>,
    numbered: u64,
    /// Which arrival a case belongs to.
    arrival_of: HashMap<CommandId, usize>,
    /// How far each log was read.
    read: BTreeMap<UnitId, u64>,
    report: Report,
}

impl Stage {
    /// Sets up an office at the first instant of a day.
    pub(super) async fn set(documents: &Documents, from: Date, to: Date) -> Result<Self, Failure> {
        let options = Options::default();
        let start = |date: Date| {
            let zoned = date.to_zoned_datetime(options.zone.clone());
            zoned.map(|zoned| Time::from_timestamp(zoned.timestamp())).map_err(|error| Failure::Usage(error.to_string()))
        };
        let (from, to) = (start(from)?, start(to)?);
        let clock = Arc::new(ManualClock::new(from));
        let options = Options { clock: Arc::clone(&clock) as Arc<_>, ..options };
        let engine = Engine::open(MemoryStore::default(), options).await.map_err(Failure::store)?;
        documents.set_up(&engine).await?;
        let report = Report::new(engine.options().zone.clone());
        let (acts, arrival_of, read) = (BinaryHeap::new(), HashMap::new(), BTreeMap::new());
        Ok(Self { engine, clock, from, to, acts, numbered: 0, arrival_of, read, report })
    }

    /// Plays until the last day is over.
    pub(super) async fn play(mut self, arrivals: &[Arrival]) -> Result<Report, Failure> {
        let mut lodged = 0;
        for (number, arrival) in arrivals.iter().enumerate() {
            self.plan(self.after(self.from, &arrival.every)?, Act::Lodge(number));
        }
        loop {
            self.engine.settle().await.map_err(Failure::store)?;
            self.look(arrivals).await?;
            let act = self.acts.peek().map(|Reverse((at, ..))| *at);
            let due = self.engine.store().next_due().await.map_err(Failure::store)?;
            let Some(next) = act.into_iter().chain(due).min().filter(|next| *next < self.to) else { break };
            self.clock.move_to(next);
            while let Some(Reverse((at, _, act))) = self.acts.peek().cloned().filter(|Reverse((at, ..))| *at <= next) {
                self.acts.pop();
                match act {
                    Act::Lodge(number) => {
                        let arrival = &arrivals[number];
                        lodged += 1;
                        if lodged > CASES_MAX {
                            let message = format!("More than {CASES_MAX} cases would arrive. Let them arrive less often.");
                            return Err(Failure::Usage(message));
                        }
                        self.lodge(number, arrival).await?;
                        let count = self.report.arrived(number);
                        if arrival.times.is_none_or(|times| count < times) {
                            self.plan(self.after(at, &arrival.every)?, Act::Lodge(number));
                        }
                    }
                    Act::Work { arrival, unit, task, step } => self.work(&arrivals[arrival], &unit, task, &step).await?,
                }
            }
        }
        self.clock.move_to(self.to);
        self.look(arrivals).await?;
        self.close().await?;
        Ok(self.report)
    }

    fn plan(&mut self, at: Time, act: Act) {
        self.numbered += 1;
        self.acts.push(Reverse((at, self.numbered, act)));
    }

    fn after(&self, from: Time, duration: &str) -> Result<Time, Failure> {
        let bad = || Failure::Refused(format!("\"{duration}\" is no duration that leads on. Write P1D or PT4H."));
        let span = engine::model::time::duration(duration).filter(jiff::Span::is_positive).ok_or_else(bad)?;
        let zoned =
            from.timestamp().to_zoned_datetime(self.engine.options().zone.clone()).checked_add(span).map_err(|_| bad())?;
        Ok(Time::from_timestamp(zoned.timestamp()))
    }

    async fn lodge(&mut self, number: usize, arrival: &Arrival) -> Result<(), Failure> {
        let office = self.engine.office();
        let person = find(&office, &arrival.actor).map(|person| person.id.clone());
        let person = person.ok_or_else(|| Failure::Refused(format!("The office has no {}.", arrival.actor)))?;
        let command = Command::StartInstance {
            process: arrival.process.clone(),
            definition: None,
            number: None,
            data: arrival.data.clone(),
        };
        let envelope = Envelope::new(Actor::Person(person), &self.engine.mint_key(), command);
        let started = self.engine.submit(&arrival.unit, envelope).await;
        let started = started.map_err(|refusal| refused(&format!("A case of {}", arrival.process), &refusal))?;
        if let Some(case) = started.instance() {
            self.arrival_of.insert(case, number);
        }
        self.report.lodged(number, &arrival.process);
        Ok(())
    }

    /// Claims and completes a task, by the first person who may.
    async fn work(&mut self, arrival: &Arrival, unit: &UnitId, task: TaskId, step: &str) -> Result<(), Failure> {
        let row = self.engine.store().task(unit, task).await.map_err(Failure::store)?;
        // It fell away meanwhile.
        let Some(row) = row else { return Ok(()) };
        let Some(handling) = arrival.work.get(step) else { return Ok(()) };
        let (office, now) = (self.engine.office(), self.engine.now());
        let people: Vec<PersonId> = match &row.only {
            Some(only) => vec![only.clone()],
            None => office.holders(&row.role, unit, now).iter().map(|holder| holder.person.id.clone()).collect(),
        };
        let mut last = None;
        for person in people {
            let submit = async |command: Command| {
                let envelope = Envelope::new(Actor::Person(person.clone()), &self.engine.mint_key(), command);
                self.engine.submit(unit, envelope).await
            };
            match submit(Command::ClaimTask { task }).await {
                Ok(_) => {}
                Err(Refusal::Rejected(rejection)) if rejection.code == "task.separation" => continue,
                Err(refusal) => {
                    last = Some(refusal);
                    continue;
                }
            }
            let completed = submit(Command::CompleteTask { task, data: handling.data.clone() }).await;
            return completed.map(drop).map_err(|refusal| refused(&format!("{} of {}", step, arrival.process), &refusal));
        }
        match last {
            Some(refusal) => Err(refused(&format!("{} of {}", step, arrival.process), &refusal)),
            // Nobody holds a post with the role now: it stays open, and the report shows it.
            None => Ok(()),
        }
    }

    /// Reads what the logs have gained.
    async fn look(&mut self, arrivals: &[Arrival]) -> Result<(), Failure> {
        for unit in self.engine.store().units().await.map_err(Failure::store)? {
            loop {
                let from = self.read.get(&unit).copied().unwrap_or(0);
                let page = self.engine.store().entries(&unit, from, PAGE).await.map_err(Failure::store)?;
                let Some(last) = page.last() else { break };
                self.read.insert(unit.clone(), last.index + 1);
                for sealed in &page {
                    let entry = codec::open(sealed).map_err(Failure::store)?;
                    self.take(&unit, &entry, arrivals)?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, unit: &UnitId, entry: &Entry, arrivals: &[Arrival]) -> Result<(), Failure> {
        let library = self.engine.library();
        let process = entry.definition.and_then(|hash| library.get(&hash)).map(|deployed| deployed.graph.process.id.clone());
        self.report.take(&library, unit, process.as_deref().unwrap_or_default(), entry);
        let Some(case) = entry.link.map(|link| link.instance) else { return Ok(()) };
        let Some(&number) = self.arrival_of.get(&case) else { return Ok(()) };
        for event in &entry.events {
            let Event::TaskCreated { ordinal, step, .. } = event else { continue };
            let Some(handling) = arrivals[number].work.get(step) else { continue };
            let task = Made { command: entry.origin.command, ordinal: *ordinal };
            let at = self.after(entry.origin.time, &handling.after)?;
            self.plan(at, Act::Work { arrival: number, unit: unit.clone(), task, step: step.clone() });
        }
        Ok(())
    }

    /// What is left at the end.
    async fn close(&mut self) -> Result<(), Failure> {
        let now = self.engine.now();
        for unit in self.engine.office().units.keys() {
            let mut query = engine::store::TaskQuery { limit: PAGE, ..engine::store::TaskQuery::default() };
            loop {
                let rows = self.engine.store().tasks(unit, &query).await.map_err(Failure::store)?;
                let Some(last) = rows.last() else { break };
                query.after = Some((last.due.unwrap_or(engine::store::NO_DUE), last.id));
                for row in &rows {
                    let role = if row.only.is_some() { APPLICANT } else { &row.role };
                    self.report.open(unit, role, row.due.is_some_and(|due| due <= now));
                }
            }
        }
        Ok(())
    }
}
