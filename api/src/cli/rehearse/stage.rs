//! The stage of a rehearsal: an engine in memory, a clock that is moved from one thing that happens to the next, and the hands that work
//! the tasks as the plan says.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

use engine::journal::{Actor, Command, Entry, Envelope, Event, codec};
use engine::model::definition::APPLICANT;
use engine::model::id::Made;
use engine::model::{CommandId, PersonId, TaskId, Time, UnitId};
use engine::runtime::clock::ManualClock;
use engine::runtime::{Engine, Options, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use jiff::civil::Date;

use super::super::documents::{Documents, refused};
use super::super::output::Failure;
use super::arrivals::{Arrival, CASES_MAX, Coming, Stretch, problems, span};
use super::report::Report;
use crate::app::actor::find;

/// Entries read at a time.
const PAGE: u32 = 1_000;

/// Something that the plan does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// Lodges a case.
    Lodge(Case),
    /// Works a task of a case.
    Work { case: Case, unit: UnitId, task: TaskId, step: String },
}

/// Which arrival a case belongs to, and of which kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    arrival: usize,
    kind: usize,
}

/// The stage.
pub(super) struct Stage {
    engine: Engine<MemoryStore>,
    clock: Arc<ManualClock>,
    stretch: Stretch,
    to: Time,
    seed: u64,
    /// What the plan does next, the earliest first; the number keeps the order of what is at one instant.
    acts: BinaryHeap<Reverse<(Time, u64, Act)>>,
    numbered: u64,
    cases: HashMap<CommandId, Case>,
    /// How far each log was read.
    read: BTreeMap<UnitId, u64>,
    report: Report,
}

impl Stage {
    /// Sets up an office at the first instant of a day.
    pub(super) async fn set(documents: &Documents, from: Date, to: Date, seed: u64) -> Result<Self, Failure> {
        let options = Options::default();
        let start = |date: Date| {
            let zoned = date.to_zoned_datetime(options.zone.clone());
            zoned.map(|zoned| Time::from_timestamp(zoned.timestamp())).map_err(|error| Failure::Usage(error.to_string()))
        };
        let stretch = Stretch { from, to, zone: options.zone.clone() };
        let (from, to) = (start(from)?, start(to)?);
        let clock = Arc::new(ManualClock::new(from));
        let options = Options { clock: Arc::clone(&clock) as Arc<_>, ..options };
        let engine = Engine::open(MemoryStore::default(), options).await.map_err(Failure::store)?;
        documents.set_up(&engine).await?;
        let report = Report::new(engine.options().zone.clone(), seed);
        let (acts, cases, read) = (BinaryHeap::new(), HashMap::new(), BTreeMap::new());
        Ok(Self { engine, clock, stretch, to, seed, acts, numbered: 0, cases, read, report })
    }

    /// Plays until the last day is over.
    pub(super) async fn play(mut self, arrivals: &[Arrival]) -> Result<Report, Failure> {
        let (library, office) = (self.engine.library(), self.engine.office());
        let problems = problems(arrivals, &library, &office);
        if !problems.is_empty() {
            let lines: Vec<String> = problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect();
            return Err(Failure::Refused(format!("The arrivals have problems.\n{}", lines.join("\n"))));
        }
        for (number, arrival) in arrivals.iter().enumerate() {
            // Each arrival has a sequence of its own: one more of them changes none of the others.
            let coming = arrival.coming(&self.stretch, self.seed.wrapping_add(number as u64), &library, &office);
            let coming = coming.filter(|coming| self.acts.len() + coming.len() <= CASES_MAX).ok_or_else(|| {
                Failure::Usage(format!("More than {CASES_MAX} cases would arrive. Let them arrive less often."))
            })?;
            for Coming { at, kind } in coming {
                self.plan(at, Act::Lodge(Case { arrival: number, kind }));
            }
        }
        loop {
            self.engine.settle().await.map_err(Failure::store)?;
            self.look(arrivals).await?;
            let act = self.acts.peek().map(|Reverse((at, ..))| *at);
            let due = self.engine.store().next_due().await.map_err(Failure::store)?;
            let Some(next) = act.into_iter().chain(due).min().filter(|next| *next < self.to) else { break };
            self.clock.move_to(next);
            while let Some(Reverse((_, _, act))) = self.acts.peek().cloned().filter(|Reverse((at, ..))| *at <= next) {
                self.acts.pop();
                match act {
                    Act::Lodge(case) => self.lodge(&arrivals[case.arrival], case).await?,
                    Act::Work { case, unit, task, step } => self.work(&arrivals[case.arrival], case, &unit, task, &step).await?,
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
        let bad = || Failure::Refused(format!("\"{duration}\" leads beyond the end of time. Write a shorter duration."));
        let span = span(duration).ok_or_else(bad)?;
        let zoned =
            from.timestamp().to_zoned_datetime(self.engine.options().zone.clone()).checked_add(span).map_err(|_| bad())?;
        Ok(Time::from_timestamp(zoned.timestamp()))
    }

    /// A key of this rehearsal's own, so that the same seed gives the same cases, and the same report.
    fn key(&mut self) -> String {
        self.numbered += 1;
        format!("rehearsal:{}", self.numbered)
    }

    async fn lodge(&mut self, arrival: &Arrival, case: Case) -> Result<(), Failure> {
        let office = self.engine.office();
        let person = find(&office, &arrival.actor).map(|person| person.id.clone());
        let person = person.ok_or_else(|| Failure::Refused(format!("The office has no {}.", arrival.actor)))?;
        let command = Command::StartInstance {
            process: arrival.process.clone(),
            definition: None,
            number: None,
            data: arrival.data(case.kind),
        };
        let envelope = Envelope::new(Actor::Person(person), &self.key(), command);
        let started = self.engine.submit(&arrival.unit, envelope).await;
        let started = started.map_err(|refusal| refused(&format!("A case of {}", arrival.process), &refusal))?;
        if let Some(id) = started.instance() {
            self.cases.insert(id, case);
        }
        self.report.lodged(&arrival.process);
        Ok(())
    }

    /// Claims and completes a task, by the first person who may.
    async fn work(&mut self, arrival: &Arrival, case: Case, unit: &UnitId, task: TaskId, step: &str) -> Result<(), Failure> {
        let row = self.engine.store().task(unit, task).await.map_err(Failure::store)?;
        // It fell away meanwhile.
        let Some(row) = row else { return Ok(()) };
        let Some(handling) = arrival.handling(case.kind, step) else { return Ok(()) };
        let (office, now) = (self.engine.office(), self.engine.now());
        let people: Vec<PersonId> = match &row.only {
            Some(only) => vec![only.clone()],
            None => office.holders(&row.role, unit, now).iter().map(|holder| holder.person.id.clone()).collect(),
        };
        let mut last = None;
        for person in people {
            let actor = Actor::Person(person);
            let claim = Envelope::new(actor.clone(), &self.key(), Command::ClaimTask { task });
            match self.engine.submit(unit, claim).await {
                Ok(_) => {}
                Err(Refusal::Rejected(rejection)) if matches!(rejection.code, "task.separation" | "task.independence") => {
                    continue;
                }
                Err(refusal) => {
                    last = Some(refusal);
                    continue;
                }
            }
            let complete = Command::CompleteTask { task, data: handling.data.clone() };
            let complete = Envelope::new(actor, &self.key(), complete);
            let completed = self.engine.submit(unit, complete).await;
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
        let Some(&case) = entry.link.and_then(|link| self.cases.get(&link.instance)) else { return Ok(()) };
        for event in &entry.events {
            let Event::TaskCreated { ordinal, step, .. } = event else { continue };
            let Some(handling) = arrivals[case.arrival].handling(case.kind, step) else { continue };
            let task = Made { command: entry.origin.command, ordinal: *ordinal };
            let at = self.after(entry.origin.time, &handling.after)?;
            self.plan(at, Act::Work { case, unit: unit.clone(), task, step: step.clone() });
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
