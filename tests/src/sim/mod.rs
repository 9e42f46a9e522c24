//! The simulator: the engine, several nodes of it, on a store that crashes and hesitates, under random work; and what must hold checked
//! after every step. A seed is a world: the same seed, the same journal.
//!
//! What runs is the engine as it is served, its writers, group commit and dispatchers included, and not the pure core alone: what goes wrong
//! between nodes goes wrong there. It is deterministic all the same. Everything runs on one thread, tokio's time stands still until nobody
//! has anything to do and then jumps to whatever is waited for next, the engine's clock follows it, and every lot is drawn from the seed.
//! Nothing in the engine may therefore look at a real clock, or leave to chance which branch of a `select!` goes first.

mod check;
mod desk;
mod office;
mod store;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use engine::digest::Hash;
use engine::journal::{Actor, Command, Envelope};
use engine::model::{CommandId, Time, UnitId, Values};
use engine::projection::row::DueRow;
use engine::runtime::clock::Clock;
use engine::runtime::rebuild::rebuild;
use engine::runtime::{Engine, Options};
use engine::store::Store;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::world::{Random, START, chance};
use check::{Check, Promise};
use desk::{Desk, Hall, Node, lock};
use store::{Disk, Health, Life, SimStore};

/// Steps of a run, each of some milliseconds to seconds.
const STEPS: usize = 120;
/// Clients.
const DESKS: u64 = 5;
/// Within so long everything that is due is carried out, once nothing goes wrong any more.
const CALM: Duration = Duration::from_mins(3);
/// So soon due work is begun by a dispatcher that sleeps, where nothing goes wrong; one that knows of a row that rests looks every second.
const WOKEN: Duration = Duration::from_millis(1_100);

/// A law that was broken.
#[derive(Debug)]
pub struct Violation {
    /// The seed that shows it.
    pub seed: u64,
    /// After which step.
    pub step: usize,
    /// Which.
    pub what: String,
}

/// What a run was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Stands for all bytes of all logs.
    pub journal: String,
    /// Counted things, by name.
    pub counts: std::collections::BTreeMap<String, u64>,
}

/// The time of the world: tokio's, and what the machines slept, and by how much the wall clocks were set.
struct Skies {
    began: Instant,
    slept: AtomicI64,
    set: AtomicI64,
}

/// A node's clock.
struct SimClock {
    skies: Arc<Skies>,
    /// By how much it is off.
    skew: i64,
}

impl Clock for SimClock {
    fn now(&self) -> Time {
        let start = Time::parse(START).expect("a fixed instant");
        let elapsed = i64::try_from(self.elapsed().as_micros()).unwrap_or(i64::MAX);
        Time(start.0 + elapsed + self.skies.set.load(Ordering::Relaxed) + self.skew)
    }

    fn elapsed(&self) -> Duration {
        let slept = u64::try_from(self.skies.slept.load(Ordering::Relaxed)).unwrap_or(0);
        self.skies.began.elapsed() + Duration::from_micros(slept)
    }
}

/// A place where a node runs.
struct Place {
    skew: i64,
    dispatch: Option<(watch::Sender<bool>, JoinHandle<()>)>,
    /// When it is to go on again, or to be started again.
    back: Option<Instant>,
}

struct World {
    disk: Arc<Disk>,
    skies: Arc<Skies>,
    hall: Arc<Hall>,
    places: Vec<Place>,
    random: Random,
    check: Check,
    report: Report,
    started: u64,
}

/// Runs a seed.
///
/// # Errors
/// The first law that was found broken.
///
/// # Panics
/// When the engine does.
pub fn run(seed: u64) -> Result<Report, Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let mut step = 0;
        let ran = go(seed, &mut step).await;
        ran.map_err(|what| Violation { seed, step, what })
    })
}

async fn go(seed: u64, step: &mut usize) -> Result<Report, String> {
    let mut world = World::new(seed).await?;
    world.disk.troubled.store(true, Ordering::Relaxed);
    let mut desks = JoinSet::new();
    for n in 0..DESKS {
        let desk = Desk::new(Arc::clone(&world.hall), format!("desk-{n}"), world.random.next());
        desks.spawn(desk.work());
    }
    for n in 0..STEPS {
        *step = n;
        let long = if world.random.once_in(10) { 3_000 } else { 120 };
        sleep(Duration::from_millis(world.random.below(long) as u64)).await;
        world.trouble().await;
        world.hold().await?;
    }
    *step = STEPS;
    world.calm().await;
    world.hall.closes.store(true, Ordering::Relaxed);
    while let Some(done) = desks.join_next().await {
        done.map_err(|error| format!("a client ended badly: {error}"))?;
        world.hold().await?;
    }
    world.end().await?;
    Ok(world.report)
}

impl World {
    async fn new(seed: u64) -> Result<Self, String> {
        let mut random = Random(seed);
        let nodes = 1 + random.below(4);
        let disk = Arc::new(Disk::new(random.next(), nodes > 1));
        let skies = Arc::new(Skies { began: Instant::now(), slept: AtomicI64::new(0), set: AtomicI64::new(0) });
        let store = SimStore { disk: Arc::clone(&disk), life: None, turn: Arc::default() };
        let observer = Engine::open(store, options(&skies, 0, random.next())).await.map_err(text)?;
        office::open(&observer).await;
        let places = (0..nodes).map(|n| Place {
            skew: if n == 0 { 0 } else { random.below(1_500_000) as i64 },
            dispatch: None,
            back: None,
        });
        let places = places.collect();
        let hall = Arc::new(Hall::new(observer));
        let mut world =
            Self { disk, skies, hall, places, random, check: Check::default(), report: Report::default(), started: 0 };
        for n in 0..nodes {
            world.start(n).await;
        }
        world.count("nodes", nodes as u64);
        Ok(world)
    }

    fn count(&mut self, what: &str, by: u64) {
        *self.report.counts.entry(what.to_owned()).or_default() += by;
    }

    /// Starts the node of a place, again and again until the store lets it.
    async fn start(&mut self, place: usize) {
        self.started += 1;
        let node = loop {
            let life = Arc::new(Life::default());
            let store = SimStore { disk: Arc::clone(&self.disk), life: Some(Arc::clone(&life)), turn: Arc::default() };
            let options = options(&self.skies, self.places[place].skew, self.random.next());
            if let Ok(engine) = Engine::open(store, options).await {
                break Node { engine, life };
            }
        };
        let (stop, stopped) = watch::channel(false);
        let dispatch = tokio::spawn(node.engine.clone().dispatch(stopped));
        let was = &mut self.places[place];
        if let Some((_, before)) = was.dispatch.replace((stop, dispatch)) {
            before.abort();
        }
        was.back = None;
        let mut nodes = lock(&self.hall.nodes);
        if place < nodes.len() {
            nodes[place] = node;
        } else {
            nodes.push(node);
        }
    }

    fn life(&self, place: usize) -> Arc<Life> {
        Arc::clone(&lock(&self.hall.nodes)[place].life)
    }

    /// What befalls the nodes and their clocks before a step ends.
    async fn trouble(&mut self) {
        for place in 0..self.places.len() {
            let (life, back) = (self.life(place), self.places[place].back);
            match (life.health(), back) {
                (Health::Runs, _) => {
                    if self.random.once_in(60) {
                        self.count("killed", 1);
                        life.fares(Health::Dead);
                    } else if self.random.once_in(40) {
                        self.count("stalled", 1);
                        life.fares(Health::Stalls);
                        self.places[place].back = Some(Instant::now() + Duration::from_millis(self.random.below(4_000) as u64));
                    }
                }
                (Health::Stalls, Some(back)) if back <= Instant::now() => {
                    life.fares(Health::Runs);
                    self.places[place].back = None;
                }
                (Health::Dead, Some(back)) if back <= Instant::now() => self.start(place).await,
                // It died at the store, perhaps while it stalled.
                (Health::Dead, None) => {
                    self.places[place].back = Some(Instant::now() + Duration::from_millis(self.random.below(2_000) as u64));
                }
                _ => {}
            }
        }
        if self.random.once_in(8) {
            let seconds = [20, 120, 900, 7_200, 40_000][self.random.below(5)];
            if self.random.once_in(3) {
                self.count("wall clocks set", 1);
                self.skies.set.fetch_add(seconds * 1_000_000 / 4, Ordering::Relaxed);
            } else {
                self.count("slept", 1);
                self.skies.slept.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
            }
        }
    }

    /// What must hold after every step.
    async fn hold(&mut self) -> Result<(), String> {
        let (fresh, violations) = {
            let mut ledger = lock(&self.hall.ledger);
            (std::mem::take(&mut ledger.fresh), std::mem::take(&mut ledger.violations))
        };
        if let Some(first) = violations.into_iter().next() {
            return Err(first);
        }
        self.check.step(&self.hall.observer, &fresh).await
    }

    /// From now on nothing goes wrong, and every node runs.
    async fn calm(&mut self) {
        self.disk.troubled.store(false, Ordering::Relaxed);
        for place in 0..self.places.len() {
            let life = self.life(place);
            life.fares(Health::Runs);
            if life.health() == Health::Dead {
                self.start(place).await;
            }
        }
    }

    /// What is due by the clock that is behind the others, and does not rest with a case that does.
    async fn due(&self) -> Result<Vec<(UnitId, DueRow)>, String> {
        let now = lock(&self.hall.nodes).iter().map(|node| node.engine.now()).min().unwrap_or(Time(0));
        let mut due = self.disk.kept.due(now, 1_000).await.map_err(text)?;
        due.retain(|(_, row)| !row.instance.is_some_and(|case| self.check.is_suspended(case)));
        Ok(due)
    }

    /// The end: whatever is due is done, and everything is as the journal says.
    async fn end(&mut self) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let due = self.due().await?;
            if due.is_empty() {
                break;
            }
            if began.elapsed() > CALM {
                return Err(format!("still due {CALM:?} after all was calm again: {due:?}"));
            }
            sleep(Duration::from_secs(1)).await;
            self.hold().await?;
        }
        self.woken().await?;
        self.hold().await?;
        let told = self.ledger()?;
        for unit in self.disk.kept.units().await.map_err(text)? {
            if let Some(differs) = rebuild(&self.disk.kept, &unit, true).await.map_err(text)?.differs {
                return Err(format!("{unit}: a rebuild gives other rows: {differs}"));
            }
        }
        let nodes = lock(&self.hall.nodes).clone();
        self.hall.observer.catch_up().await.map_err(text)?;
        for node in &nodes {
            node.engine.catch_up().await.map_err(text)?;
            if self.disk.shared && node.engine.office() != self.hall.observer.office() {
                return Err("two nodes know another office each".to_owned());
            }
        }
        for (what, count) in told {
            self.count(what, count);
        }
        let counts = &self.disk.counts;
        let suffered = [
            ("commits refused", &counts.refused),
            ("answers lost", &counts.lost),
            ("died before a commit", &counts.died_before),
            ("died after a commit", &counts.died_after),
            ("commits fenced", &counts.fenced),
            ("commits twice", &counts.twice),
            ("reads failed", &counts.unread),
        ]
        .map(|(what, count)| (what, count.load(Ordering::Relaxed)));
        for (what, count) in suffered {
            self.count(what, count);
        }
        self.count("entries", self.check.entries());
        self.count("timers fired", self.check.fired);
        self.count("messages received", self.check.received);
        for (kind, count) in std::mem::take(&mut self.check.kinds) {
            self.count(&format!("entries {kind}"), count);
        }
        self.report.journal = self.check.hash().to_string();
        Ok(())
    }

    /// The ledgers against the journal; what they tell of, counted.
    fn ledger(&self) -> Result<[(&'static str, u64); 4], String> {
        let ledger = lock(&self.hall.ledger);
        let promise = |((unit, command), (index, leaf)): (&(UnitId, CommandId), &(u64, Hash))| Promise {
            unit: unit.clone(),
            command: *command,
            index: *index,
            leaf: *leaf,
        };
        let all: Vec<Promise> = ledger.told.iter().map(promise).collect();
        self.check.kept(&all)?;
        if let Some((unit, command)) = ledger.refused.iter().find(|(unit, command)| self.check.has(unit, *command)) {
            return Err(format!("refused, and yet in the log of {unit}: {command}"));
        }
        Ok([
            ("acknowledged", all.len() as u64),
            ("refused", ledger.codes.values().sum()),
            ("without an answer", ledger.unknown),
            ("acknowledged again", ledger.again),
        ])
    }

    /// A dispatcher that sleeps is woken by what falls due before it would look again.
    async fn woken(&mut self) -> Result<(), String> {
        if self.disk.shared {
            return Ok(());
        }
        sleep(Duration::from_secs(10)).await;
        let engine = lock(&self.hall.nodes)[0].engine.clone();
        let unit: UnitId = office::UNIT.parse().map_err(text)?;
        for n in 0..20 {
            // A message that has a second to live: its end is due then.
            let command =
                Command::PublishMessage { name: "nobody".to_owned(), key: "k".to_owned(), ttl_seconds: 1, data: Values::new() };
            let envelope = Envelope::new(Actor::System, &format!("wakes-{n}"), command);
            engine.submit(&unit, envelope).await.map_err(text)?;
            sleep(Duration::from_secs(2) + WOKEN).await;
            let late = Time(engine.now().0 - i64::try_from(WOKEN.as_micros()).unwrap_or(0));
            if self.due().await?.iter().any(|(_, row)| row.at < late) {
                return Err(format!("what fell due was not carried out within {WOKEN:?}"));
            }
        }
        Ok(())
    }
}

fn options(skies: &Arc<Skies>, skew: i64, seed: u64) -> Options {
    let clock = Arc::new(SimClock { skies: Arc::clone(skies), skew });
    Options { clock, chance: chance(seed), host: "office.example".into(), ..Options::default() }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
