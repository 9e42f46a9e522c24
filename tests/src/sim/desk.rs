//! Clients of the simulator: each works what it finds, writes down what it was told, and asks again for as long as it does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::digest::{Hash, canonical};
use engine::journal::{Actor, Command, Envelope};
use engine::model::document::DocumentKind;
use engine::model::moving::{Authority, Mapping};
use engine::model::{CommandId, InstanceStatus, UnitId, Values};
use engine::projection::row::InstanceRow;
use engine::runtime::{Accepted, Engine, Refusal};
use engine::store::{InstanceQuery, Store, TaskQuery};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::check::Promise;
use super::office::{PEOPLE, UNIT, calendar, schedule, work};
use super::store::{Health, Life, SimStore};
use crate::world::Random;

/// So often a command is sent before it is a fault that no answer is definite.
const ATTEMPTS: usize = 400;

/// A node that serves.
#[derive(Clone)]
pub struct Node {
    /// Its engine.
    pub engine: Engine<SimStore>,
    /// Its life.
    pub life: Arc<Life>,
}

/// What clients were told.
#[derive(Default)]
pub struct Ledger {
    /// Acknowledged since the checker last looked.
    pub fresh: Vec<Promise>,
    /// By command: where it stands.
    pub told: BTreeMap<(UnitId, CommandId), (u64, Hash)>,
    /// Refused, and sent but once: certainly not there.
    pub refused: BTreeSet<(UnitId, CommandId)>,
    /// Refusals in all, by code.
    pub codes: BTreeMap<&'static str, u64>,
    /// How often no answer came, or none that was definite.
    pub unknown: u64,
    /// How often something was sent again that had been acknowledged.
    pub again: u64,
    /// What must not be.
    pub violations: Vec<String>,
}

impl Ledger {
    fn accepted(&mut self, unit: &UnitId, accepted: &Accepted) {
        let entry = &accepted.entry;
        let (command, place) = (entry.origin.command, (entry.index, entry.leaf_hash));
        match self.told.insert((unit.clone(), command), place) {
            Some(before) if before != place => {
                self.violations.push(format!("command {command} was said to stand at {before:?} and at {place:?}"));
            }
            Some(_) => self.again += 1,
            None => self.fresh.push(Promise { unit: unit.clone(), command, index: place.0, leaf: place.1 }),
        }
    }

    /// Writes down what came back: whether it was accepted, if that is known now. `was_told`: it had been acknowledged before it was sent.
    /// Something refused is certainly not there where it was sent but `once`: else another attempt, decided later, may still be accepted.
    fn note(&mut self, ask: &Ask, answers: Vec<Answer>, (was_told, once): (bool, bool)) -> Option<bool> {
        let place = (ask.unit.clone(), ask.envelope().id);
        let mut definite = None;
        for answer in answers {
            match answer {
                Answer::Yes(accepted) => {
                    if accepted.entry.origin.command != place.1 {
                        self.violations.push(format!("{} was answered for another command", ask.key));
                    }
                    self.accepted(&ask.unit, &accepted);
                    definite = Some(true);
                }
                Answer::No(code) => {
                    *self.codes.entry(code).or_default() += 1;
                    if was_told {
                        self.violations.push(format!("{} was acknowledged, and then refused as {code}", ask.key));
                    }
                    if once {
                        self.refused.insert(place.clone());
                    }
                    definite = definite.or(Some(false));
                }
                Answer::Unknown => self.unknown += 1,
            }
        }
        definite
    }
}

/// Where clients come to.
pub struct Hall {
    /// Nodes that were started; those that are gone stay in their places until they are started again.
    pub nodes: Mutex<Vec<Node>>,
    /// What everyone was told.
    pub ledger: Mutex<Ledger>,
    /// An engine for reading, on a store that is always there.
    pub observer: Engine<SimStore>,
    /// Whether clients go home.
    pub closes: AtomicBool,
    /// Numbers what is deployed, so that each is another document.
    issues: AtomicU64,
}

/// A lock whose holder panicked is a panic already.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hall {
    /// With nobody in it yet.
    pub fn new(observer: Engine<SimStore>) -> Self {
        let (nodes, ledger) = (Mutex::default(), Mutex::default());
        Self { nodes, ledger, observer, closes: AtomicBool::new(false), issues: AtomicU64::new(1) }
    }

    /// Whatever else was found.
    pub fn violated(&self, what: String) {
        lock(&self.ledger).violations.push(what);
    }
}

/// A command under its key.
#[derive(Clone)]
struct Ask {
    unit: UnitId,
    actor: Actor,
    key: String,
    command: Command,
}

impl Ask {
    fn envelope(&self) -> Envelope {
        Envelope::new(self.actor.clone(), &self.key, self.command.clone())
    }
}

/// A client.
pub struct Desk {
    hall: Arc<Hall>,
    random: Random,
    name: String,
    sent: u64,
    /// Acknowledged, some of it sent again later.
    old: Vec<Ask>,
}

/// What came back.
enum Answer {
    Yes(Accepted),
    No(&'static str),
    Unknown,
}

impl Desk {
    /// A client with lots of its own.
    pub fn new(hall: Arc<Hall>, name: String, seed: u64) -> Self {
        Self { hall, random: Random(seed), name, sent: 0, old: Vec::new() }
    }

    /// Works until the hall closes and everything that it sent is answered.
    pub async fn work(mut self) {
        while !self.hall.closes.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(self.random.below(60) as u64)).await;
            match self.random.below(12) {
                0 => self.send_again().await,
                1 => self.work_jobs().await,
                _ => {
                    if let Some(ask) = self.next().await {
                        self.settle(ask).await;
                    }
                }
            }
        }
    }

    fn key(&mut self) -> String {
        self.sent += 1;
        format!("{}-{}", self.name, self.sent)
    }

    fn node(&mut self) -> Option<Node> {
        let nodes = lock(&self.hall.nodes);
        let alive: Vec<&Node> = nodes.iter().filter(|node| node.life.health() != Health::Dead).collect();
        self.random.pick(&alive).map(|node| Node::clone(node))
    }

    /// Sends it to a node, and waits no longer than it has patience.
    async fn send(&mut self, ask: &Ask) -> Answer {
        let Some(node) = self.node() else {
            sleep(Duration::from_millis(50)).await;
            return Answer::Unknown;
        };
        // Some hang up at once: that cancels nothing.
        let patience = if self.random.once_in(12) { self.random.below(8) } else { 5_000 };
        let patience = Duration::from_millis(patience as u64);
        let asked = async {
            tokio::select! {
                biased;
                () = node.life.died() => None,
                answer = timeout(patience, node.engine.submit(&ask.unit, ask.envelope())) => answer.ok(),
            }
        };
        match asked.await {
            Some(Ok(accepted)) => Answer::Yes(accepted),
            Some(Err(Refusal::Rejected(rejection))) => Answer::No(rejection.code),
            _ => Answer::Unknown,
        }
    }

    /// Sends it until the answer is definite: whether it was accepted.
    async fn settle(&mut self, ask: Ask) -> bool {
        let place = (ask.unit.clone(), ask.envelope().id);
        let mut sent = 0;
        for _ in 0..ATTEMPTS {
            sent += 1;
            let was_told = lock(&self.hall.ledger).told.contains_key(&place);
            let twice = self.random.once_in(8);
            let mut answers = Vec::new();
            if twice {
                // At two nodes at the same time, or twice at the same.
                sent += 1;
                let mut other = Self::new(Arc::clone(&self.hall), String::new(), self.random.next());
                let (one, two) = tokio::join!(self.send(&ask), other.send(&ask));
                answers.extend([one, two]);
            } else {
                answers.push(self.send(&ask).await);
            }
            let definite = lock(&self.hall.ledger).note(&ask, answers, (was_told, sent == 1));
            if let Some(accepted) = definite {
                if accepted {
                    self.old.push(ask);
                }
                return accepted;
            }
            sleep(Duration::from_millis(self.random.below(100) as u64)).await;
        }
        self.hall.violated(format!("{} was sent {ATTEMPTS} times and never had a definite answer", ask.key));
        false
    }

    /// Sends something again that was acknowledged long ago, or something else under its key.
    async fn send_again(&mut self) {
        let Some(mut ask) = self.random.pick(&self.old).cloned() else { return };
        if self.random.once_in(3) {
            ask.command = Command::SuspendInstance { instance: CommandId([9; 16]), reason: "another content".to_owned() };
            match self.send(&ask).await {
                Answer::No("idempotency.conflict") | Answer::Unknown => {}
                Answer::No(code) => self.hall.violated(format!("another content under {} was refused as {code}", ask.key)),
                Answer::Yes(_) => self.hall.violated(format!("another content under {} was accepted", ask.key)),
            }
            return;
        }
        self.settle(ask).await;
    }

    fn person(&mut self) -> Actor {
        let handle = PEOPLE[self.random.below(PEOPLE.len())];
        Actor::Person(self.hall.observer.office().by_handle(handle).expect("it was registered").id.clone())
    }

    fn data(&mut self) -> Values {
        let (n, key) = (self.random.below(1_000), format!("k{}", self.random.below(6)));
        Values::from_iter([("n".to_owned(), json!(n)), ("key".to_owned(), json!(key))])
    }

    async fn case(&mut self, status: InstanceStatus) -> Option<InstanceRow> {
        let query = InstanceQuery { limit: 40, status: Some(status), ..InstanceQuery::default() };
        let kept = &self.hall.observer.store().disk.kept;
        let rows = kept.instances(&UNIT.parse().ok()?, &query).await.ok()?;
        self.random.pick(&rows).cloned()
    }

    /// What is done next; none where there is nothing of the kind.
    async fn next(&mut self) -> Option<Ask> {
        let unit: UnitId = UNIT.parse().ok()?;
        let key = self.key();
        let (mut at, mut actor) = (unit.clone(), self.person());
        let command = match self.random.below(40) {
            0..6 => Command::StartInstance {
                process: ["work", "work", "work", "called"][self.random.below(4)].to_owned(),
                definition: None,
                number: None,
                data: self.data(),
            },
            6..27 => {
                let disk = Arc::clone(&self.hall.observer.store().disk);
                let rows = disk.kept.tasks(&unit, &TaskQuery { limit: 60, ..TaskQuery::default() }).await.ok()?;
                let row = self.random.pick(&rows)?.clone();
                match row.assignee {
                    None => Command::ClaimTask { task: row.id },
                    Some(person) => {
                        // Now and then another than the one who has it.
                        if !self.random.once_in(8) {
                            actor = Actor::Person(person);
                        }
                        match self.random.below(6) {
                            0 => Command::ReleaseTask { task: row.id },
                            1 => Command::ClaimTask { task: row.id },
                            _ => Command::CompleteTask { task: row.id, data: Values::from_iter([("n".to_owned(), json!(1))]) },
                        }
                    }
                }
            }
            27..33 => {
                let name = ["papers", "papers", "papers", "stop", "begin", "letters"][self.random.below(6)].to_owned();
                let key = if name == "begin" { String::new() } else { format!("k{}", self.random.below(6)) };
                let ttl_seconds = [1, 30, 600][self.random.below(3)];
                actor = Actor::System;
                Command::PublishMessage { name, key, ttl_seconds, data: Values::from_iter([("n".to_owned(), json!(7))]) }
            }
            33 => {
                Command::SuspendInstance { instance: self.case(InstanceStatus::Active).await?.id, reason: "to wait".to_owned() }
            }
            34..36 => Command::ResumeInstance { instance: self.case(InstanceStatus::Suspended).await?.id },
            36 if self.random.once_in(3) => {
                Command::CancelInstance { instance: self.case(InstanceStatus::Active).await?.id, reason: "withdrawn".to_owned() }
            }
            36..38 => {
                let disk = Arc::clone(&self.hall.observer.store().disk);
                let rows = disk.kept.incidents(&unit, None, 20).await.ok()?;
                let row = self.random.pick(&rows)?.clone();
                Command::RetryIncident { instance: row.instance, incident: row.id }
            }
            38 if self.random.once_in(2) => {
                // To another issue, newer or older, if it was deployed.
                let row = self.case(InstanceStatus::Active).await?;
                let issues = usize::try_from(self.hall.issues.load(Ordering::Relaxed)).unwrap_or(0);
                let document: Value = serde_json::from_str(&work(self.random.below(issues + 1) as u64)).ok()?;
                let (instance, from, definition) = (row.id, row.definition, Hash::of(canonical(&document).as_bytes()));
                let authority = Authority { order: "2/2026".to_owned(), reason: "an issue".to_owned(), consent: None };
                Command::MoveInstance { instance, from, definition, mapping: Mapping::default(), authority }
            }
            _ if self.random.once_in(3) => {
                let issue = self.hall.issues.fetch_add(1, Ordering::Relaxed) + 1;
                match self.random.below(3) {
                    0 => Command::DeployDefinition { document: work(issue) },
                    1 => {
                        at = UnitId::site();
                        Command::DeployDocument { kind: DocumentKind::Calendar, document: calendar(issue) }
                    }
                    _ => {
                        at = UnitId::site();
                        Command::DeployDocument { kind: DocumentKind::Schedule, document: schedule(5 + issue % 50) }
                    }
                }
            }
            _ => return None,
        };
        Some(Ask { unit: at, actor, key, command })
    }

    /// Takes jobs, and completes them or fails at them.
    async fn work_jobs(&mut self) {
        let Some(node) = self.node() else { return };
        let (key, worker) = (self.key(), self.name.clone());
        let unit: UnitId = UNIT.parse().expect("a unit");
        let topics = ["t".to_owned()];
        let locked = tokio::select! {
            biased;
            () = node.life.died() => return,
            locked = timeout(Duration::from_secs(5), node.engine.lock_jobs(&unit, &Actor::System, &key, &worker, &topics, 60, 3)) => locked,
        };
        let Ok(Ok(locked)) = locked else { return };
        for job in locked {
            let worker = worker.clone();
            let command = match self.random.below(4) {
                0 => Command::FailJob { job: job.id, worker, message: "no answer".to_owned(), retries: None, backoff_seconds: 2 },
                1 => continue,
                _ => Command::CompleteJob { job: job.id, worker, data: Values::from_iter([("n".to_owned(), json!(3))]) },
            };
            let (key, unit) = (self.key(), unit.clone());
            self.settle(Ask { unit, actor: Actor::System, key, command }).await;
        }
    }
}
