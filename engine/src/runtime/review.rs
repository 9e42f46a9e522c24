//! A calendar or a norm was changed: clocks that run, timers and due times are reckoned anew, case by case, each as a command of its own.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::due::answered;
use super::mailbox::Answered;
use super::{Accepted, Engine, Refusal};
use crate::digest::Hash;
use crate::expression;
use crate::graph::library::Checked;
use crate::graph::{Due, Duration, Library, StepKind};
use crate::journal::{Actor, Command, Envelope, Event, Origin};
use crate::machine::{self, Context, Instance};
use crate::model::id::Made;
use crate::model::{CommandId, TaskId, Time, UnitId};
use crate::projection::row::{DueKind, TaskRow};
use crate::store::{NO_DUE, Store, StoreError, TaskQuery};

/// Rows that are read at a time.
const ROWS: u32 = 1_000;
/// Cases whose commands are on their way at a time: few, since other due work waits behind them.
const AT_A_TIME: usize = 100;

/// What moves: its id, and the clock's name or the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// A clock of a norm.
    Clock(Made, String),
    /// A timer.
    Timer(Made, String),
    /// A task that is due.
    Task(TaskId, String),
}

/// An instant that would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The unit of the case.
    pub unit: UnitId,
    /// The case.
    pub instance: CommandId,
    /// What is due then.
    pub what: Moved,
    /// When it is due until now.
    pub before: Option<Time>,
    /// When it is due from then on.
    pub after: Option<Time>,
}

/// What would follow if a norm or calendar were deployed now.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// What would move, at most as much as was asked for.
    pub moves: Vec<Move>,
    /// Cases that were looked at.
    pub cases: u64,
    /// How much would move in all.
    pub moved: u64,
}

/// Finds the cases of a unit in which anything is due that a changed document may move: page after page, first those with running clocks,
/// then those with timers, then those with open tasks whose own time is working time. A case may come more than once.
struct Pages<'a, S> {
    store: &'a S,
    unit: &'a UnitId,
    library: Arc<Library>,
    next: Next,
}

/// What is read next, and after which row.
enum Next {
    Clocks(Option<Made>),
    Timers(Option<Made>),
    Tasks(Option<(Time, TaskId)>),
    Nothing,
}

impl<'a, S: Store> Pages<'a, S> {
    fn new(store: &'a S, unit: &'a UnitId, library: Arc<Library>) -> Self {
        Self { store, unit, library, next: Next::Clocks(None) }
    }

    /// The cases of the next page; none after the last.
    async fn next(&mut self) -> Result<Option<BTreeSet<CommandId>>, StoreError> {
        loop {
            match self.next {
                Next::Clocks(after) => {
                    let (cases, last) = self.due(DueKind::Clock, after).await?;
                    self.next = if last.is_some() { Next::Clocks(last) } else { Next::Timers(None) };
                    if last.is_some() {
                        return Ok(Some(cases));
                    }
                }
                Next::Timers(after) => {
                    let (cases, last) = self.due(DueKind::Timer, after).await?;
                    self.next = if last.is_some() { Next::Timers(last) } else { Next::Tasks(None) };
                    if last.is_some() {
                        return Ok(Some(cases));
                    }
                }
                Next::Tasks(after) => {
                    let query = TaskQuery { after, limit: ROWS, ..TaskQuery::default() };
                    let rows = self.store.tasks(self.unit, &query).await?;
                    let last = rows.last().map(|row| (row.due.unwrap_or(NO_DUE), row.id));
                    self.next = if last.is_some() { Next::Tasks(last) } else { Next::Nothing };
                    if last.is_some() {
                        return Ok(Some(rows.iter().filter(|row| self.counts(row)).map(|row| row.instance).collect()));
                    }
                }
                Next::Nothing => return Ok(None),
            }
        }
    }

    async fn due(&self, kind: DueKind, after: Option<Made>) -> Result<(BTreeSet<CommandId>, Option<Made>), StoreError> {
        let rows = self.store.due_of(self.unit, kind, after, ROWS).await?;
        Ok((rows.iter().filter_map(|row| row.instance).collect(), rows.last().map(|row| row.id)))
    }

    /// Whether a task's own time is working time.
    fn counts(&self, row: &TaskRow) -> bool {
        let graph = self.library.get(&row.definition).map(|deployed| &deployed.graph);
        let kind = graph.and_then(|graph| Some(&graph.steps[graph.step(&row.step)?].kind));
        matches!(kind, Some(StepKind::UserTask { due: Some(Due::After(Duration::Counted(_))), .. }))
    }
}

impl<S: Store> Engine<S> {
    /// What would follow if a document were deployed now: everything that is due in a running case is reckoned by it, by the same decision that
    /// would be taken, and nothing is written. `limit` bounds the list, not the count.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn foresee(&self, checked: &Checked, limit: usize) -> Result<Foreseen, StoreError> {
        let mut library = Library::clone(&self.library());
        library.take_in(checked, u32::MAX);
        let library = Arc::new(library);
        let (office, mut foreseen) = (self.office(), Foreseen::default());
        for unit in self.shared.store.units().await?.iter().filter(|unit| unit.as_str() != UnitId::SITE) {
            let mut pages = Pages::new(&self.shared.store, unit, Arc::clone(&library));
            let mut seen = HashSet::new();
            while let Some(cases) = pages.next().await? {
                for instance in cases.into_iter().filter(|case| seen.insert(*case)) {
                    let Some(case) = self.instance(unit, instance).await? else { continue };
                    let command = Command::ReviewClocks { instance, because: checked.hash };
                    let envelope = Envelope::new(Actor::System, "foresee", command);
                    let now = self.now();
                    let context = Context {
                        unit,
                        origin: Origin { command: envelope.id, actor: Actor::System, time: now },
                        cause: None,
                        office: &office,
                        library: &library,
                        clock: expression::Clock { now: now.timestamp(), zone: self.options().zone.clone() },
                        mail: &[],
                        mail_count: 0,
                    };
                    foreseen.cases += 1;
                    // Refused: nothing of this case moves.
                    let Ok(decision) = machine::decide(&context, Some(&case), &envelope.command) else { continue };
                    for (what, before, after) in decision.events.into_iter().filter_map(|event| moved(&case, event)) {
                        foreseen.moved += 1;
                        if foreseen.moves.len() < limit {
                            foreseen.moves.push(Move { unit: unit.clone(), instance, what, before, after });
                        }
                    }
                }
            }
        }
        Ok(foreseen)
    }

    /// Reckons anew what is due in all running cases of the office. Done again, it changes nothing that it has changed: each case's command has an id
    /// that follows from the due row. What fails of one case holds up no other, and is told at the end. `because` is the changed document.
    pub(super) async fn review(&self, row: Made, because: Hash) -> Result<(), Refusal> {
        let store_error = |error| Refusal::Store(std::sync::Arc::new(error));
        // Whatever each writer decided by the documents and the office as they were is in the store once these are answered. That of the
        // site comes first: until it is done with the entry that made the row, the others decide by what was before.
        self.pass(&UnitId::site(), row, because).await?;
        let mut failed = None;
        let units = self.shared.store.units().await.map_err(store_error)?;
        for unit in units.iter().filter(|unit| unit.as_str() != UnitId::SITE) {
            self.pass(unit, row, because).await?;
            let mut pages = Pages::new(&self.shared.store, unit, self.library());
            while let Some(cases) = pages.next().await.map_err(store_error)? {
                let cases: Vec<_> = cases.into_iter().collect();
                for cases in cases.chunks(AT_A_TIME) {
                    let send = |instance| self.send_review(unit, row, because, instance);
                    let sent: Vec<_> = cases.iter().copied().map(send).collect();
                    let mut refused = 0;
                    for sent in sent {
                        // Most deadlines do not move, and of those nothing is written.
                        if let Err(refusal) = moved_or_not(answered(sent).await) {
                            refused += 1;
                            failed = Some(refusal);
                        }
                    }
                    // The store takes nothing at all.
                    if refused == cases.len()
                        && let Some(refusal) = failed
                    {
                        return Err(refusal);
                    }
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Waits until a unit's writer has written what it has decided: for the answer to a command about a case that is not there.
    pub(super) async fn pass(&self, unit: &UnitId, row: Made, because: Hash) -> Result<(), Refusal> {
        moved_or_not(answered(self.send_review(unit, row, because, CommandId([0; 16]))).await)
    }

    fn send_review(&self, unit: &UnitId, row: Made, because: Hash, instance: CommandId) -> Result<Answered, Refusal> {
        let command = Command::ReviewClocks { instance, because };
        let envelope = Envelope::new(Actor::System, &format!("review:{row}:{instance}"), command);
        self.send(unit, envelope, None, false)
    }
}

/// What an event moves, from when to when.
fn moved(case: &Instance, event: Event) -> Option<(Moved, Option<Time>, Option<Time>)> {
    let (what, before, after) = match event {
        Event::ClockMoved { clock, before, reckoning, .. } => {
            let name = case.clocks.get(&clock).map(|clock| clock.id.clone()).unwrap_or_default();
            (Moved::Clock(clock, name), before, reckoning.due)
        }
        Event::TimerMoved { timer, before, due, .. } => {
            let step = case.timers.get(&timer).map(|timer| timer.step.clone()).unwrap_or_default();
            (Moved::Timer(timer, step), Some(before), Some(due))
        }
        Event::TaskMoved { task, step, due, .. } => {
            (Moved::Task(task, step), case.tasks.get(&task).and_then(|task| task.due), due)
        }
        _ => return None,
    };
    (before != after).then_some((what, before, after))
}

/// Whether a command was decided, whatever came of it.
fn moved_or_not(answer: Result<Accepted, Refusal>) -> Result<(), Refusal> {
    match answer {
        Ok(_) | Err(Refusal::Rejected(_)) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}
