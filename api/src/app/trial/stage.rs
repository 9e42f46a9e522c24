//! The stage on which moves are acted out: an engine whose clock stands still between them. Trials and the scenarios of the tests share it.

use std::sync::Arc;

use engine::journal::{Actor, Command, Envelope};
use engine::machine::Rejection;
use engine::model::limits::TIMER_YEARS_MAX;
use engine::model::{CommandId, PersonId, Time, UnitId};
use engine::projection::row::TaskRow;
use engine::runtime::clock::{Clock as _, ManualClock};
use engine::runtime::{Accepted, Engine, Refusal};
use engine::store::{Store, StoreError, TaskQuery};

use super::moves::{Move, Start};
use crate::app::actor::find;

/// Open tasks and incidents that are looked at in a unit.
pub(super) const ROWS: u32 = 1_000;
/// The worker who does jobs.
const WORKER: &str = "worker";

/// A stage.
pub struct Stage<'a, S: Store> {
    /// The engine.
    pub engine: &'a Engine<S>,
    /// Its clock.
    pub clock: &'a ManualClock,
    /// The unit in which things happen.
    pub unit: &'a UnitId,
    /// A key that no command had before.
    pub key: &'a (dyn Fn() -> String + Sync),
    /// Told how much due work was carried out, says whether more may be: whatever goes in a circle comes to an end.
    pub spend: &'a (dyn Fn(usize) -> bool + Sync),
}

/// A failure of the store as a refusal.
pub(super) fn unreadable(error: StoreError) -> Refusal {
    Refusal::Store(Arc::new(error))
}

/// A day as its first instant, or an instant, as they are written.
pub(super) fn instant<S: Store>(engine: &Engine<S>, text: &str) -> Option<Time> {
    match engine::model::time::date(text) {
        Some(date) => Some(Time::from_timestamp(date.to_zoned_datetime(engine.options().zone.clone()).ok()?.timestamp())),
        None => Time::parse(text),
    }
}

impl<S: Store> Stage<'_, S> {
    /// Starts a case.
    ///
    /// # Errors
    /// As the engine refuses it.
    pub async fn start(&self, process: &str, start: &Start) -> Result<Accepted, Refusal> {
        let (process, data) = (process.to_owned(), start.data.clone());
        let command = Command::StartInstance { process, definition: None, number: None, data };
        let started = self.submit(self.unit, &start.actor, command).await?;
        self.pass(self.clock.now()).await?;
        Ok(started)
    }

    /// Makes a move, and carries out what is due then. `case`: the one that a trial is about, if it has begun.
    ///
    /// # Errors
    /// As the engine refuses it. What a move of two commands has done by then is done.
    pub async fn perform(&self, case: Option<CommandId>, what: &Move) -> Result<(), Refusal> {
        match what {
            Move::Claim { task, actor, nth } => {
                let (unit, row) = self.open_task(task, *nth).await?;
                self.submit(&unit, actor, Command::ClaimTask { task: row.id }).await?;
            }
            Move::Release { task, actor, nth } => {
                let (unit, row) = self.open_task(task, *nth).await?;
                self.submit(&unit, actor, Command::ReleaseTask { task: row.id }).await?;
            }
            Move::Complete { task, actor, nth, data } => {
                let (unit, row) = self.open_task(task, *nth).await?;
                if row.assignee != Some(self.person(actor)?) {
                    self.submit(&unit, actor, Command::ClaimTask { task: row.id }).await?;
                }
                self.submit(&unit, actor, Command::CompleteTask { task: row.id, data: data.clone() }).await?;
            }
            Move::Advance { by, to } => {
                let end = self.end(by.as_deref(), to.as_deref()).await?;
                self.pass(end).await?;
            }
            Move::Message { name, key, data } => {
                let (name, key, data) = (name.clone(), key.clone(), data.clone());
                self.submit_as(self.unit, Actor::System, Command::PublishMessage { name, key, ttl_seconds: 3_600, data }).await?;
            }
            Move::Job { topic, data } => {
                let job = self.lock(topic).await?;
                let command = Command::CompleteJob { job, worker: WORKER.to_owned(), data: data.clone() };
                self.submit_as(self.unit, Actor::System, command).await?;
            }
            Move::Fail { topic, message } => {
                let job = self.lock(topic).await?;
                let (worker, message) = (WORKER.to_owned(), message.clone());
                let command = Command::FailJob { job, worker, message, retries: None, backoff_seconds: 0 };
                self.submit_as(self.unit, Actor::System, command).await?;
            }
            Move::Retry { actor } => {
                let mut incidents = self.engine.store().incidents(self.unit, None, ROWS).await.map_err(unreadable)?;
                incidents.sort_by_key(|row| (Some(row.instance) != case, row.raised, row.id));
                let row = incidents.into_iter().next();
                let row =
                    row.ok_or_else(|| Rejection::conflict("incident.not-open", "Nothing has stopped: no incident is open."))?;
                self.submit(self.unit, actor, Command::RetryIncident { instance: row.instance, incident: row.id }).await?;
            }
            Move::Cancel { actor, reason } => {
                let instance = case.ok_or_else(not_begun)?;
                self.submit(self.unit, actor, Command::CancelInstance { instance, reason: reason.clone() }).await?;
            }
        }
        self.pass(self.clock.now()).await
    }

    fn person(&self, actor: &str) -> Result<PersonId, Rejection> {
        let office = self.engine.office();
        let person = find(&office, actor).map(|person| person.id.clone());
        person.ok_or_else(|| Rejection::not_found("person.unknown", "The office knows no person of this handle or pseudonym."))
    }

    pub(super) async fn submit(&self, unit: &UnitId, actor: &str, command: Command) -> Result<Accepted, Refusal> {
        self.submit_as(unit, Actor::Person(self.person(actor)?), command).await
    }

    pub(super) async fn submit_as(&self, unit: &UnitId, actor: Actor, command: Command) -> Result<Accepted, Refusal> {
        self.engine.submit(unit, Envelope::new(actor, &(self.key)(), command)).await
    }

    /// An open task of a step, the oldest being the first, and the unit that keeps it.
    async fn open_task(&self, step: &str, nth: usize) -> Result<(UnitId, TaskRow), Refusal> {
        let mut found = Vec::new();
        for unit in self.engine.store().units().await.map_err(unreadable)? {
            let query = TaskQuery { limit: ROWS, ..TaskQuery::default() };
            let rows = self.engine.store().tasks(&unit, &query).await.map_err(unreadable)?;
            found.extend(rows.into_iter().filter(|row| row.step == step).map(|row| (unit.clone(), row)));
        }
        found.sort_by_key(|(_, row)| (row.created, row.id));
        let none = || Rejection::not_found("task.unknown", format!("No task of the step \"{step}\" is open just now."));
        Ok(found.into_iter().nth(nth).ok_or_else(none)?)
    }

    async fn lock(&self, topic: &str) -> Result<engine::model::JobId, Refusal> {
        let topics = [topic.to_owned()];
        let locked = self.engine.lock_jobs(self.unit, &Actor::System, &(self.key)(), WORKER, &topics, 60, 1).await?;
        let none =
            || Rejection::conflict("job.not-available", format!("No job of the topic \"{topic}\" waits for a worker now."));
        Ok(locked.first().ok_or_else(none)?.id)
    }

    /// When time stands still again.
    async fn end(&self, by: Option<&str>, to: Option<&str>) -> Result<Time, Refusal> {
        let now = self.clock.now();
        let bad = |message: &str| Rejection::invalid("trial.time", message);
        let end = match (by, to) {
            (Some(_), Some(_)) => return Err(bad("Say by how much time passes, or to when, and not both.").into()),
            (Some(by), None) => {
                let seconds = engine::model::time::duration(by)
                    .and_then(|span| span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).ok())
                    .ok_or_else(|| bad("Time passes by a duration of weeks, days, hours, minutes and seconds, such as P3D."))?;
                #[expect(clippy::cast_possible_truncation, reason = "a span is far shorter than what an integer holds")]
                a_second_more(now, seconds as i64)
            }
            (None, Some(to)) => {
                let to =
                    instant(self.engine, to).ok_or_else(|| bad("Time passes to a date, or to an instant as in RFC 3339."))?;
                if to < now {
                    return Err(bad("That has passed already: time only goes on.").into());
                }
                to
            }
            (None, None) => {
                let next = self.engine.store().next_due().await.map_err(unreadable)?;
                let next =
                    next.ok_or_else(|| Rejection::conflict("trial.nothing-due", "Nothing is due: no time passes by itself."))?;
                // What fell due microseconds later, since its entry was recorded so much later, is meant too.
                Time(next.0.saturating_add(999_999).div_euclid(1_000_000).saturating_mul(1_000_000))
            }
        };
        let most = TIMER_YEARS_MAX * 366 * 86_400;
        if end > now.plus_seconds(most) {
            return Err(bad(&format!("No more than {TIMER_YEARS_MAX} years pass at once.")).into());
        }
        Ok(end)
    }

    /// Moves the clock by seconds and carries out what has fallen due, instant by instant.
    ///
    /// # Errors
    /// When due work is refused, or it is more than may be done.
    pub async fn advance(&self, seconds: i64) -> Result<(), Refusal> {
        self.pass(a_second_more(self.clock.now(), seconds)).await
    }

    pub(super) async fn pass(&self, end: Time) -> Result<(), Refusal> {
        loop {
            self.settle().await?;
            match self.engine.store().next_due().await.map_err(unreadable)? {
                Some(next) if next <= end && next > self.engine.now() => self.clock.move_to(next),
                _ => break,
            }
        }
        self.clock.move_to(end);
        self.settle().await?;
        // A move takes room, too, where nothing follows from it.
        if (self.spend)(0) { Ok(()) } else { Err(too_much().into()) }
    }

    async fn settle(&self) -> Result<(), Refusal> {
        loop {
            let ran = self.engine.run_due().await.map_err(unreadable)?;
            if ran.refused > 0 {
                let message = "Something that was due could not be done. The program's own log says what.";
                return Err(Rejection::conflict("trial.stuck", message).into());
            }
            if ran.done == 0 {
                return Ok(());
            }
            if !(self.spend)(ran.done) {
                return Err(too_much().into());
            }
        }
    }
}

/// Entries of one instant are recorded microseconds apart, and their timers with them: a second more lets all of them fall due.
fn a_second_more(now: Time, seconds: i64) -> Time {
    if seconds > 0 { now.plus_seconds(seconds.saturating_add(1)) } else { now }
}

/// It does not come to an end within what a trial may do.
pub(super) fn too_much() -> Rejection {
    let message = "More follows from this than a trial may do. Perhaps the process goes in a circle; else let less time pass.";
    Rejection::invalid("trial.too-much", message)
}

/// There is no case yet.
pub(super) fn not_begun() -> Rejection {
    Rejection::conflict("trial.not-begun", "No case has begun. Start one first.")
}
