//! A process is tried: the moves so far are acted out from the beginning, on an engine in memory and a clock that stands still between
//! them. Nothing is kept: no log is written, and whoever goes away leaves nothing behind.

pub mod moves;
pub mod scenario;
pub mod stage;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use engine::expression::Clock;
use engine::graph::Library;
use engine::graph::library::Checked;
use engine::journal::Entry;
use engine::machine::office::Office;
use engine::machine::state::Task;
use engine::machine::task::barred;
use engine::machine::{Instance, Rejection};
use engine::model::limits::{TIMER_YEARS_MAX, TRIAL_BYTES_MAX, TRIAL_DUE_MAX, TRIAL_MOVES_MAX};
use engine::model::office::Person;
use engine::model::{CommandId, InstanceStatus, Time, UnitId};
use engine::projection::row::{DueKind, DueRow};
use engine::runtime::clock::{Clock as _, ManualClock};
use engine::runtime::{Engine as Runtime, Refusal};
use engine::store::memory::MemoryStore;
use engine::store::{InstanceQuery, Store};
use jiff::tz::TimeZone;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::heavy::heavy;
use super::{App, Engine};
use moves::Script;
use stage::{Stage, instant, too_much, unreadable};

/// A trial may take the machine for seconds, so there is one at a time.
#[derive(Clone)]
pub struct Turn(Arc<Semaphore>);

impl Default for Turn {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Turn {
    /// The turn, until what is handed out is dropped.
    ///
    /// # Errors
    /// When others are tried for longer than one waits.
    pub async fn take(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let taken = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.0).acquire_owned()).await;
        taken.ok().and_then(Result::ok).ok_or(Refusal::Busy)
    }
}

/// How long one more waits for its turn: nobody's trials hold up everybody else's.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How long it may take: most take milliseconds.
const TIME_MAX: Duration = Duration::from_secs(5);
/// Cases of a trial that are told.
const CASES_MAX: usize = 100;
/// Rows that are read of each kind: no trial has more, for each comes of a move or of something that was due.
const ROWS: u32 = 3_000;

/// Where a trial stands.
pub struct Played {
    /// When it began.
    pub begun: Time,
    /// What time it is there.
    pub now: Time,
    /// The zone of its days.
    pub zone: TimeZone,
    /// The unit that keeps the case.
    pub unit: UnitId,
    /// The office in it.
    pub office: Arc<Office>,
    /// Its documents: those in force, and the edition that is tried.
    pub library: Arc<Library>,
    /// The case, if it has begun; then those that came of it.
    pub cases: Vec<Tried>,
    /// How many more came of it than are told.
    pub more: usize,
    /// What is due next, the earliest first.
    pub due: Vec<(UnitId, DueRow)>,
    /// The move that was refused, and why. What is told is how things stood before it.
    pub refused: Option<(Place, Refusal)>,
}

/// A case of a trial.
pub struct Tried {
    /// The unit that keeps it.
    pub unit: UnitId,
    /// The case.
    pub case: Instance,
    /// Its entries, oldest first.
    pub history: Vec<Entry>,
}

/// An open task of a trial.
pub struct Open<'a> {
    /// The case that it belongs to.
    pub tried: &'a Tried,
    /// The task.
    pub task: &'a Task,
    /// Which of the open tasks of its step it is, the oldest being 0.
    pub nth: usize,
    /// Who may work it, as things stand.
    pub people: Vec<&'a Person>,
}

impl Played {
    /// The open tasks, the oldest first.
    pub fn tasks(&self) -> Vec<Open<'_>> {
        let clock = Clock { now: self.now.timestamp(), zone: self.zone.clone() };
        let active = self.cases.iter().filter(|tried| tried.case.status == InstanceStatus::Active);
        let mut all: Vec<_> = active.flat_map(|tried| tried.case.tasks.iter().map(move |(id, task)| (tried, id, task))).collect();
        all.sort_by_key(|(_, id, task)| (task.created, **id));
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let open = all.into_iter().map(|(tried, _, task)| {
            let next = seen.entry(&task.step).or_default();
            let nth = std::mem::replace(next, *next + 1);
            let mut people: Vec<&Person> = match &task.only {
                Some(only) => self.office.people.get(only).into_iter().collect(),
                None => self.office.holders(&task.role, &tried.unit, self.now).iter().map(|holder| holder.person).collect(),
            };
            let graph = self.library.get(&tried.case.definition).map(|deployed| &deployed.graph);
            let is_barred = |person: &Person| {
                graph.is_some_and(|graph| barred(graph, &self.office, &clock, &tried.case, task, &person.id).is_some())
            };
            people.retain(|person| !is_barred(person));
            people.sort_by_key(|person| &person.handle);
            people.dedup_by_key(|person| &person.id);
            Open { tried, task, nth, people }
        });
        open.collect()
    }
}

/// The process of the case that a due row belongs to; and the step of its timer, or the id of its clock.
pub fn due_of(played: &Played, row: &DueRow) -> Option<(String, Option<String>)> {
    let case = &played.cases.iter().find(|tried| Some(tried.case.id) == row.instance)?.case;
    let timer = case.timers.get(&row.id).map(|timer| timer.step.clone());
    Some((case.process.clone(), timer.or_else(|| case.clocks.get(&row.id).map(|clock| clock.id.clone()))))
}

/// A place in what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The start.
    Start,
    /// A move.
    Step(usize),
}

impl Place {
    /// As a JSON pointer.
    pub fn pointer(self) -> String {
        match self {
            Self::Start => "/start".to_owned(),
            Self::Step(step) => format!("/steps/{step}"),
        }
    }
}

/// Acts a trial of a process out, up to its end or to the first move that is refused.
///
/// # Errors
/// When nothing can be played: what is sent is no trial, it takes too long, or others are tried.
pub async fn play(app: &App, checked: Checked, script: Script) -> Result<Played, Refusal> {
    if script.steps.len() > TRIAL_MOVES_MAX {
        let message = format!("A trial has at most {TRIAL_MOVES_MAX} moves. Begin again.");
        return Err(Rejection::invalid("trial.moves", message).into());
    }
    let turn = app.trials.take().await?;
    let engine = app.engine.clone();
    let failed = || Rejection::conflict("trial.stuck", "The program failed at this trial. Nothing was changed.");
    let played = heavy(move || {
        // It goes with the work, so a hang-up does not let a second one in.
        let _turn = turn;
        // A runtime of its own: what the trial begins ends with it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|error| {
            tracing::error!(%error, "a trial cannot begin");
            failed()
        })?;
        let acted = async {
            let played = tokio::time::timeout(TIME_MAX, Box::pin(played(&engine, &checked, &script))).await;
            played.map_err(|_| Refusal::Rejected(too_much()))?
        };
        // What happens in a trial is not counted as what the program does.
        metrics::with_local_recorder(&metrics::NoopRecorder, || runtime.block_on(acted))
    });
    played.await.ok_or_else(failed)?
}

async fn played(engine: &Engine, checked: &Checked, script: &Script) -> Result<Played, Refusal> {
    let now = engine.now();
    let begun = script.at.as_deref().map_or(Some(now), |at| instant(engine, at));
    let years = TIMER_YEARS_MAX * 366 * 86_400;
    let begun = begun.filter(|begun| (now.plus_seconds(-years)..=now.plus_seconds(years)).contains(begun)).ok_or_else(|| {
        let message = format!("A trial begins at an instant, or on a date, {TIMER_YEARS_MAX} years from now at most.");
        Rejection::invalid("trial.time", message)
    })?;
    let office = engine.office();
    let unit = match &script.unit {
        Some(unit) => Some(unit.clone()).filter(|unit| office.units.contains_key(unit)),
        // Of a draft that names a post which is not there yet, any will do.
        None => office.posts.get(&checked.owner).map(|post| &post.unit).or(office.units.keys().next()).cloned(),
    };
    let unit = unit.ok_or_else(|| Rejection::not_found("unit.unknown", "The office has no such unit."))?;

    let mut steps = script.steps.len();
    let mut refused = None;
    let mut starts = script.start.is_some();
    loop {
        let clock = Arc::new(ManualClock::new(begun));
        let trial = engine.for_trial(checked, Arc::clone(&clock) as Arc<_>);
        let keys = AtomicU64::new(0);
        let key = || format!("trial:{}", keys.fetch_add(1, Ordering::Relaxed));
        let done = AtomicUsize::new(0);
        let spend = |more: usize| {
            let done = done.fetch_add(more, Ordering::Relaxed) + more;
            done <= TRIAL_DUE_MAX && trial.store().payload_bytes() <= TRIAL_BYTES_MAX
        };
        let stage = Stage { engine: &trial, clock: &clock, unit: &unit, key: &key, spend: &spend };
        let mut case = None;
        let mut stopped = None;
        if let Some(start) = script.start.as_ref().filter(|_| starts) {
            match stage.start(&checked.id, start).await {
                Ok(started) => case = started.instance(),
                Err(refusal) => stopped = Some((Place::Start, refusal)),
            }
        }
        for (number, step) in script.steps.iter().take(steps).enumerate() {
            if stopped.is_some() {
                break;
            }
            if let Err(refusal) = stage.perform(case, step).await {
                stopped = Some((Place::Step(number), refusal));
            }
            if case.is_none() {
                case = first(&trial, &unit, &checked.id).await?;
            }
        }
        if let Some((place, refusal)) = stopped {
            // A move of two commands may have done the first: it is told how things stood before it.
            match place {
                Place::Start => (starts, steps) = (false, 0),
                Place::Step(number) => steps = number,
            }
            refused = Some((place, refusal));
            continue;
        }
        let due = trial.store().due(Time(i64::MAX), ROWS).await.map_err(unreadable)?;
        let mut due: Vec<_> = due.into_iter().filter(|(_, row)| row.kind != DueKind::Expire).collect();
        due.sort_by_key(|(_, row)| (row.at, row.id));
        let (cases, more) = cases(&trial, case).await?;
        let (now, office, library) = (clock.now(), trial.office(), trial.library());
        let zone = engine.options().zone.clone();
        return Ok(Played { begun, now, zone, unit, office, library, cases, more, due, refused });
    }
}

/// The case that a message has begun.
async fn first(trial: &Runtime<MemoryStore>, unit: &UnitId, process: &str) -> Result<Option<CommandId>, Refusal> {
    let query = InstanceQuery { process: Some(process.to_owned()), limit: ROWS, ..InstanceQuery::default() };
    let rows = trial.store().instances(unit, &query).await.map_err(unreadable)?;
    Ok(rows.last().map(|row| row.id))
}

/// The cases of a trial, the one that it is about first, then in the order in which they began; and how many more there are.
async fn cases(trial: &Runtime<MemoryStore>, case: Option<CommandId>) -> Result<(Vec<Tried>, usize), Refusal> {
    let mut rows = Vec::new();
    for unit in trial.store().units().await.map_err(unreadable)? {
        let query = InstanceQuery { limit: ROWS, ..InstanceQuery::default() };
        let found = trial.store().instances(&unit, &query).await.map_err(unreadable)?;
        rows.extend(found.into_iter().map(|row| (Some(row.id) != case, row.started, row.id, unit.clone())));
    }
    rows.sort();
    let more = rows.len().saturating_sub(CASES_MAX);
    let mut cases = Vec::new();
    for (_, _, id, unit) in rows.into_iter().take(CASES_MAX) {
        let found = trial.instance(&unit, id).await.map_err(unreadable)?;
        let history = trial.history(&unit, id).await.map_err(unreadable)?;
        cases.extend(found.map(|case| Tried { unit, case, history }));
    }
    Ok((cases, more))
}
