//! Rivals: clerks who are after the same few tasks at any node that answers, and write down what they were told of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::clerk::{Clerk, Connection, connect, look, send};
use super::faults::Ground;
use super::office::{CLERKS, Lots, UNIT};
use super::register::{Stands, Step, Told, explain};
use crate::program::Program;

/// Tasks that are fought over at a time.
const TASKS: usize = 6;
/// They have met once so many tasks were fought over, and one of them in so many steps; for that there is so much time after the last fault.
const MET_TASKS: usize = 10;
const MET_STEPS: usize = 50;
const MEETING_SECONDS: u32 = 60;

/// They fight, while one node after the other is killed or stalls; what they were told of each task must have an order.
pub(super) async fn fight(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let count = if ground.server.is_some() { 3 } else { 1 };
    let mut nodes: Vec<Program> = (0..count).map(|_| ground.node()).collect();
    let arena = Arc::new(Arena::new(nodes.iter().map(|node| node.address.clone()).collect()));
    let rivals = (0..CLERKS).map(|number| Rival::new(number, ground.lots.0));
    let working: Vec<_> = rivals.map(|rival| tokio::spawn(rival.work(Arc::clone(&arena)))).collect();
    for _ in 0..ground.n {
        ground.pause(500, 1_000).await;
        let suffers = usize::try_from(ground.lots.draw(count)).expect("it is small");
        if ground.lots.draw(2) == 0 {
            nodes.remove(suffers).kill();
            nodes.insert(suffers, ground.node());
            arena.is_now_at(suffers, &nodes[suffers].address);
        } else {
            nodes[suffers].signal("-STOP");
            ground.pause(500, 1_500).await;
            nodes[suffers].signal("-CONT");
        }
    }
    ground.pause(500, 500).await;
    // On a slow machine it takes longer until they have met.
    for _ in 0..MEETING_SECONDS {
        if arena.have_met() {
            break;
        }
        ground.pause(1_000, 1).await;
    }
    let has_met = arena.have_met();
    arena.end();
    let mut histories: BTreeMap<String, Vec<Step>> = BTreeMap::new();
    clerks.clear();
    for rival in working {
        let rival = rival.await.expect("a rival does not fail");
        for (task, step) in rival.history {
            histories.entry(task).or_default().push(step);
        }
        clerks.push(rival.clerk);
    }
    for node in nodes {
        node.kill();
    }
    for (task, history) in &histories {
        if let Err(step) = explain(history) {
            panic!("no order explains {step:?} of task {task}: {:?}", around(history, &step));
        }
    }
    let steps: usize = histories.values().map(Vec::len).sum();
    let most = histories.values().map(Vec::len).max().unwrap_or_default();
    let (done, unknown) = (histories.len(), clerks.iter().map(|clerk| clerk.unknown).sum::<usize>());
    assert!(has_met, "they hardly met: {done} tasks, {most} steps at most");
    format!(
        "; {steps} steps on {done} tasks at {count} nodes have an order, up to {most} on a task, {unknown} unanswered at first"
    )
}

/// What was on its way at the same time as a step, or told not long before.
fn around(history: &[Step], step: &Step) -> Vec<Step> {
    let mut near: Vec<Step> =
        history.iter().filter(|other| other.asked <= step.told && other.told >= step.asked).copied().collect();
    let mut before: Vec<Step> = history.iter().filter(|other| other.told < step.asked).copied().collect();
    before.sort_by_key(|other| other.told);
    near.extend(before.into_iter().rev().take(4));
    near.sort_by_key(|other| other.told);
    near
}

/// What the rivals share.
#[derive(Debug)]
struct Arena {
    began: Instant,
    /// Where the nodes are; a restarted one is elsewhere.
    nodes: Mutex<Vec<String>>,
    tasks: Mutex<Vec<String>>,
    /// Their pseudonyms, by number.
    people: Mutex<BTreeMap<String, usize>>,
    /// How many steps were taken at each task.
    steps: Mutex<BTreeMap<String, usize>>,
    over: AtomicBool,
}

impl Arena {
    /// Nothing has happened yet.
    fn new(nodes: Vec<String>) -> Self {
        Self {
            began: Instant::now(),
            nodes: Mutex::new(nodes),
            tasks: Mutex::default(),
            people: Mutex::default(),
            steps: Mutex::default(),
            over: AtomicBool::new(false),
        }
    }

    /// A node was started anew.
    fn is_now_at(&self, node: usize, address: &str) {
        lock(&self.nodes)[node] = address.to_owned();
    }

    /// Whether they were after the same often enough for its order to mean something.
    fn have_met(&self) -> bool {
        let steps = lock(&self.steps);
        steps.len() > MET_TASKS && steps.values().any(|steps| *steps >= MET_STEPS)
    }

    /// Everyone finishes what is on its way, and goes home.
    fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Nobody panics with the lock held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of them.
#[derive(Debug)]
struct Rival {
    /// Its ledger, as the checker of the journal takes it.
    clerk: Clerk,
    /// What it was told, by task.
    history: Vec<(String, Step)>,
    number: usize,
    lots: Lots,
    /// Tasks that it believes to hold.
    mine: BTreeSet<String>,
    connections: BTreeMap<String, Connection>,
}

/// A definite answer: when it was asked for, with what status, and what it says.
type Answer = (Instant, u16, Value);

impl Rival {
    /// One of the office's clerks.
    fn new(number: usize, seed: u64) -> Self {
        Self {
            clerk: Clerk::new(number),
            history: Vec::new(),
            number,
            lots: Lots(seed.wrapping_mul(64).wrapping_add(number as u64)),
            mine: BTreeSet::new(),
            connections: BTreeMap::new(),
        }
    }

    /// Works until it is over.
    async fn work(mut self, arena: Arc<Arena>) -> Self {
        let (_, _, me) = self.read(&arena, "/api/v1/me").await;
        lock(&arena.people).insert(me["person"].as_str().expect("a person").to_owned(), self.number);
        while !arena.over.load(Ordering::Relaxed) {
            let task = {
                let tasks = lock(&arena.tasks);
                let drawn = self.lots.draw(tasks.len().max(1) as u64);
                usize::try_from(drawn).ok().and_then(|at| tasks.get(at).cloned()).filter(|_| tasks.len() >= TASKS)
            };
            match task {
                Some(task) => self.act(&arena, task).await,
                None => self.begin(&arena).await,
            }
        }
        self
    }

    /// Begins a case, whose task is fought over.
    async fn begin(&mut self, arena: &Arena) {
        let body = json!({ "unit": UNIT, "process": "kill.two", "data": {} });
        let (_, status, answer) = self.command(arena, "/api/v1/instances", body).await;
        assert!(status == 201, "{status} {answer}");
        add_tasks(arena, &answer);
    }

    /// Does something to a task, or looks at it.
    async fn act(&mut self, arena: &Arena, task: String) {
        // Who holds it gives it back or completes it, who does not claims it; and now and then the other way round.
        let chance = self.lots.draw(100);
        let what = match (self.mine.contains(&task), chance) {
            (_, 0..30) => None,
            (true, 30..65) | (false, 30..35) => Some(("release", json!({}), Told::Released)),
            (true, 65..90) | (false, 35..40) => Some(("complete", json!({ "data": { "word": "yes" } }), Told::Completed)),
            _ => Some(("claim", json!({}), Told::Claimed)),
        };
        let ((asked, status, answer), done) = match what {
            None => (self.read(arena, &format!("/api/v1/tasks/{task}")).await, None),
            Some((verb, body, done)) => (self.command(arena, &format!("/api/v1/tasks/{task}/{verb}"), body).await, Some(done)),
        };
        let told = match (status, done, answer["code"].as_str()) {
            (200, Some(done), _) => done,
            (200, None, _) => match answer["task"]["assignee"].as_str() {
                None => Told::Stands(Stands::Free),
                Some(person) => Told::Stands(Stands::Held(lock(&arena.people)[person])),
            },
            (_, _, Some("task.claimed")) => Told::Anothers,
            (_, _, Some("task.already-yours")) => Told::Stands(Stands::Held(self.number)),
            (_, _, Some("task.not-claimed")) => Told::Stands(Stands::Free),
            (404, None, Some("task.unknown")) | (_, Some(_), Some("task.not-open" | "instance.over")) => {
                Told::Stands(Stands::Over)
            }
            _ => panic!("{done:?} of {task}: {status} {answer}"),
        };
        let since = |instant: Instant| instant.duration_since(arena.began).as_nanos();
        let step = Step { who: self.number, asked: since(asked), told: since(Instant::now()), what: told };
        match told {
            Told::Claimed => _ = self.mine.insert(task.clone()),
            Told::Released => _ = self.mine.remove(&task),
            Told::Completed | Told::Stands(Stands::Over) => {
                lock(&arena.tasks).retain(|open| *open != task);
                if told == Told::Completed {
                    add_tasks(arena, &answer);
                }
            }
            _ => {}
        }
        *lock(&arena.steps).entry(task.clone()).or_default() += 1;
        self.history.push((task, step));
    }

    /// Sends a command to one node after the other until it is answered for certain.
    async fn command(&mut self, arena: &Arena, path: &str, body: Value) -> Answer {
        let ask = self.clerk.new_ask(path, body);
        let first = ask.begun;
        let mut is_unsure = false;
        loop {
            let asked = Instant::now();
            let (at, connection) = self.connection(arena).await;
            let answer = match connection {
                Some(mut connection) => {
                    let answer = send(&mut connection, &self.clerk.handle, &ask).await;
                    answer.inspect(|_| _ = self.connections.insert(at, connection))
                }
                None => None,
            };
            match answer {
                Some((status @ 200..=299, answer)) => {
                    self.clerk.promised(&ask, &answer);
                    return (first, status, answer);
                }
                // What went before it unanswered may have been on its way to the disk, and this one refused just before it arrived.
                Some((status @ 400..=499, _)) if status != 429 && is_unsure => {
                    is_unsure = false;
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                Some((status @ 400..=499, answer)) if status != 429 => {
                    self.clerk.refusals.push(ask.key);
                    return (asked, status, answer);
                }
                _ => {
                    is_unsure = true;
                    self.unknown().await;
                }
            }
        }
    }

    /// Reads at one node after the other until it is answered.
    async fn read(&mut self, arena: &Arena, path: &str) -> Answer {
        loop {
            let asked = Instant::now();
            if let (at, Some(mut connection)) = self.connection(arena).await
                && let Some((status, answer)) = look(&mut connection, &self.clerk.handle, path).await
            {
                self.connections.insert(at, connection);
                if status < 500 && status != 429 {
                    return (asked, status, answer);
                }
            }
            self.unknown().await;
        }
    }

    async fn unknown(&mut self) {
        self.clerk.unknown += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    /// A connection to some node, where there is one.
    async fn connection(&mut self, arena: &Arena) -> (String, Option<Connection>) {
        let at = {
            let nodes = lock(&arena.nodes);
            let drawn = usize::try_from(self.lots.draw(nodes.len() as u64)).unwrap_or(0);
            nodes[drawn].clone()
        };
        match self.connections.remove(&at) {
            Some(connection) if !connection.is_closed() => (at, Some(connection)),
            _ => (at.clone(), connect(&at).await),
        }
    }
}

fn add_tasks(arena: &Arena, answer: &Value) {
    let opened = answer["tasks"].as_array().into_iter().flatten().filter_map(Value::as_str);
    lock(&arena.tasks).extend(opened.map(str::to_owned));
}
