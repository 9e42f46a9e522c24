//! Clients: each does one case after another, a command at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::journal::{Actor, Command, Envelope};
use engine::model::{TaskId, UnitId, Values};
use engine::runtime::{Accepted, Engine};
use engine::store::Store;
use serde_json::json;
use tokio::task::JoinSet;

use super::office::{PROCESS, handle, unit};
use crate::app::actor::find;
use crate::cli::demo::created;
use crate::cli::output::Failure;

/// Where a client's commands go.
pub(super) trait Desk: Send + 'static {
    /// How it names a task.
    type Task: Send;
    /// Starts a case; the tasks that it opens.
    fn start(&mut self, data: &Values) -> impl Future<Output = Result<Vec<Self::Task>, Failure>> + Send;
    /// Claims a task.
    fn claim(&mut self, task: &Self::Task) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Completes a task; the tasks that it opens.
    fn complete(&mut self, task: Self::Task, data: &Values) -> impl Future<Output = Result<Vec<Self::Task>, Failure>> + Send;
}

/// Numbers the desks of this process, so that none uses another's keys: a key that was used gets the answer that it got.
static DESKS: AtomicU64 = AtomicU64::new(0);

/// A number that no other desk has.
pub(super) fn number() -> u64 {
    DESKS.fetch_add(1, Ordering::Relaxed)
}

/// About 200 bytes of form data.
pub(super) fn form() -> Values {
    let note = "The application was compared with the register and the documents that came with it; nothing is missing, and the \
                amount is what the register says.";
    let form = [("note", json!(note)), ("amount", json!("12345.00")), ("approved", json!(true))];
    form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Runs so many clients for so long: commands done, the time, and the microseconds of each.
pub(super) async fn drive<D: Desk, F>(
    clients: u16,
    time: Duration,
    desk: impl Fn(u16) -> F,
) -> Result<(u64, Duration, Vec<u32>), Failure>
where
    F: Future<Output = Result<D, Failure>>,
{
    let mut desks = Vec::with_capacity(usize::from(clients));
    for client in 0..clients {
        desks.push(desk(client).await?);
    }
    let began = Instant::now();
    let until = began + time;
    let mut running = JoinSet::new();
    for desk in desks {
        running.spawn(work(desk, until));
    }
    let mut latencies = Vec::new();
    while let Some(done) = running.join_next().await {
        latencies.extend(done.map_err(|error| Failure::Refused(format!("A client failed: {error}.")))??);
    }
    Ok((latencies.len() as u64, began.elapsed(), latencies))
}

async fn work<D: Desk>(mut desk: D, until: Instant) -> Result<Vec<u32>, Failure> {
    let data = form();
    let mut latencies = Vec::new();
    let mut open = VecDeque::new();
    let mut last = Instant::now();
    let mut note = || {
        let now = Instant::now();
        latencies.push(u32::try_from((now - last).as_micros()).unwrap_or(u32::MAX));
        last = now;
        now < until
    };
    loop {
        let Some(task) = open.pop_front() else {
            open.extend(desk.start(&data).await?);
            if open.is_empty() {
                return Err(Failure::Refused("A case was started that has no task.".to_owned()));
            }
            if note() {
                continue;
            }
            break;
        };
        desk.claim(&task).await?;
        if !note() {
            break;
        }
        open.extend(desk.complete(task, &data).await?);
        if !note() {
            break;
        }
    }
    Ok(latencies)
}

/// Works at a pace, a command every so often from `first` on, until `until` turns true: the microseconds from when each was meant to be sent.
pub(super) async fn paced<D: Desk>(
    mut desk: D,
    first: Instant,
    every: Duration,
    until: Arc<AtomicBool>,
) -> Result<Vec<u32>, Failure> {
    let (data, mut latencies, mut open, mut claimed) = (form(), Vec::new(), VecDeque::new(), None);
    let mut next = first;
    while !until.load(Ordering::Relaxed) {
        tokio::time::sleep_until(next.into()).await;
        match (claimed.take(), open.pop_front()) {
            (Some(task), rest) => {
                open.extend(rest);
                open.extend(desk.complete(task, &data).await?);
            }
            (None, Some(task)) => {
                desk.claim(&task).await?;
                claimed = Some(task);
            }
            (None, None) => open.extend(desk.start(&data).await?),
        }
        latencies.push(u32::try_from(next.elapsed().as_micros()).unwrap_or(u32::MAX));
        next += every;
    }
    Ok(latencies)
}

/// The engine itself.
pub(super) struct EngineDesk<S: Store> {
    engine: Engine<S>,
    unit: UnitId,
    actor: Actor,
    number: u64,
    sent: u64,
}

impl<S: Store> EngineDesk<S> {
    pub(super) fn new(engine: Engine<S>, client: u16) -> Result<Self, Failure> {
        let person = find(&engine.office(), &handle(client)).map(|person| person.id.clone());
        let person = person.ok_or_else(|| Failure::Refused("The benchmark's office has too few people.".to_owned()))?;
        Ok(Self { engine, unit: unit()?, actor: Actor::Person(person), number: number(), sent: 0 })
    }

    /// The same in another unit.
    pub(super) fn of(self, unit: UnitId) -> Self {
        Self { unit, ..self }
    }

    async fn submit(&mut self, command: Command) -> Result<Accepted, Failure> {
        self.sent += 1;
        let envelope = Envelope::new(self.actor.clone(), &format!("{}:{}", self.number, self.sent), command);
        self.engine
            .submit(&self.unit, envelope)
            .await
            .map_err(|refusal| Failure::Refused(format!("A command was refused: {refusal}.")))
    }
}

impl<S: Store> Desk for EngineDesk<S> {
    type Task = TaskId;

    async fn start(&mut self, data: &Values) -> Result<Vec<TaskId>, Failure> {
        let command = Command::StartInstance { process: PROCESS.to_owned(), definition: None, number: None, data: data.clone() };
        Ok(created(&self.submit(command).await?).into_iter().map(|(_, task)| task).collect())
    }

    async fn claim(&mut self, task: &TaskId) -> Result<(), Failure> {
        self.submit(Command::ClaimTask { task: *task }).await.map(drop)
    }

    async fn complete(&mut self, task: TaskId, data: &Values) -> Result<Vec<TaskId>, Failure> {
        let command = Command::CompleteTask { task, data: data.clone() };
        Ok(created(&self.submit(command).await?).into_iter().map(|(_, task)| task).collect())
    }
}
