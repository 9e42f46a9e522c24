//! The store of the simulator: the reference store, behind a node that may stall or die at any call, and a line that loses answers.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::digest::Hash;
use engine::journal::Sealed;
use engine::model::id::Made;
use engine::model::{CommandId, TaskId, Time, UnitId};
use engine::projection::RowChange;
use engine::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, JobRow, MessageRow, ReadingRow, ReportRow, SubscriptionRow, TaskRow,
};
use engine::store::memory::MemoryStore;
use engine::store::{
    Batch, Common, Head, InstanceQuery, Mark, ReadingQuery, ReportQuery, Store, StoreError, TaskCount, TaskQuery, Whose,
};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::world::Random;

/// How a node fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Runs,
    /// It stands still, and knows nothing of it: what it asked of the store waits with it.
    Stalls,
    /// It is gone.
    Dead,
}

/// A node's life, from its start to its end. Whoever waits is woken in the order of waiting, which a `watch` leaves to chance.
pub struct Life {
    health: Mutex<Health>,
    changed: Notify,
}

impl Default for Life {
    fn default() -> Self {
        Self { health: Mutex::new(Health::Runs), changed: Notify::new() }
    }
}

impl Life {
    fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it fares.
    pub fn health(&self) -> Health {
        *self.lock()
    }

    /// What happens to it. The dead stay dead.
    pub fn fares(&self, health: Health) {
        let mut now = self.lock();
        if *now != Health::Dead {
            *now = health;
            self.changed.notify_waiters();
        }
    }

    /// Returns once it is as wanted.
    async fn until(&self, wanted: impl Fn(Health) -> bool) {
        loop {
            let changed = self.changed.notified();
            if wanted(self.health()) {
                return;
            }
            changed.await;
        }
    }

    /// Returns once it is gone.
    pub async fn died(&self) {
        self.until(|health| health == Health::Dead).await;
    }

    /// Returns while it works: nothing that the dead asked for is ever answered.
    async fn gate(&self) {
        self.until(|health| health == Health::Runs).await;
    }
}

/// What went wrong so far.
#[derive(Debug, Default)]
pub struct Counts {
    /// Commits that were refused: nothing was written.
    pub refused: AtomicU64,
    /// Commits that were made and whose answer was an error.
    pub lost: AtomicU64,
    /// Nodes that died between the decision and the commit.
    pub died_before: AtomicU64,
    /// Nodes that died between the commit and the answer.
    pub died_after: AtomicU64,
    /// Commits of a node that did not know what another had written.
    pub fenced: AtomicU64,
    /// Commits of something that had been accepted before.
    pub twice: AtomicU64,
    /// Reads that failed.
    pub unread: AtomicU64,
}

/// What all nodes share.
pub struct Disk {
    /// What is written.
    pub kept: MemoryStore,
    /// Draws what goes wrong.
    random: Mutex<Random>,
    /// Whether anything goes wrong at all.
    pub troubled: AtomicBool,
    /// Whether several nodes write to it.
    pub shared: bool,
    /// What went wrong.
    pub counts: Counts,
}

impl Disk {
    /// An empty one on which nothing goes wrong yet.
    pub fn new(seed: u64, shared: bool) -> Self {
        let (random, troubled) = (Mutex::new(Random(seed)), AtomicBool::new(false));
        Self { kept: MemoryStore::default(), random, troubled, shared, counts: Counts::default() }
    }

    fn below(&self, n: usize) -> usize {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).below(n)
    }

    /// True once in `n` times, where anything goes wrong at all.
    fn once_in(&self, n: usize) -> bool {
        self.troubled.load(Ordering::Relaxed) && self.below(n) == 0
    }

    async fn hesitate(&self) {
        if self.once_in(4) {
            let longest = if self.once_in(20) { 2_000 } else { 20 };
            sleep(Duration::from_millis(self.below(longest) as u64)).await;
        }
    }
}

/// The store as one node sees it.
#[derive(Clone)]
pub struct SimStore {
    /// What all see.
    pub disk: Arc<Disk>,
    /// Whose eyes these are; none: nothing stands between them and what is written.
    pub life: Option<Arc<Life>>,
    /// Whose batch is on its way.
    pub turn: Arc<tokio::sync::Mutex<()>>,
}

fn fault() -> StoreError {
    StoreError::Broken("the connection was lost".to_owned())
}

impl SimStore {
    /// On the way there and back a node may hesitate, stall or die.
    async fn way(&self) {
        let Some(life) = &self.life else { return };
        life.gate().await;
        self.disk.hesitate().await;
        life.gate().await;
    }

    /// Whether something goes wrong that goes wrong once in `n` times; counted then.
    fn suffers(&self, n: usize, count: &AtomicU64) -> bool {
        let suffers = self.life.is_some() && self.disk.once_in(n);
        count.fetch_add(u64::from(suffers), Ordering::Relaxed);
        suffers
    }

    /// The way to read something, on which the line may break.
    async fn pass(&self) -> Result<(), StoreError> {
        self.way().await;
        if self.suffers(400, &self.disk.counts.unread) { Err(fault()) } else { Ok(()) }
    }

    async fn dies(&self) {
        if let Some(life) = &self.life {
            life.fares(Health::Dead);
            life.gate().await;
        }
    }
}

/// What the store in memory answers.
macro_rules! kept {
    ($(fn $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($arg: $of),*) -> Result<$answer, StoreError> {
            self.pass().await?;
            let answer = self.disk.kept.$name($($arg),*).await;
            self.way().await;
            answer
        })*
    };
}

impl Store for SimStore {
    async fn common(&self) -> Result<Option<Common>, StoreError> {
        if !self.disk.shared {
            return Ok(None);
        }
        self.pass().await?;
        let mut definitions = 0;
        for unit in self.disk.kept.units().await? {
            definitions += self.disk.kept.definitions(&unit).await?.len() as u64;
        }
        let site = self.disk.kept.head(&UnitId::site()).await?.map_or(0, |head| head.size);
        self.way().await;
        Ok(Some(Common { site, definitions }))
    }

    /// Where there is one node, its batches are written in turn, as in one file.
    fn flights(&self) -> usize {
        if self.disk.shared { 1 } else { 3 }
    }

    async fn append(&self, batch: Batch) -> Result<(), StoreError> {
        let counts = &self.disk.counts;
        let _turn = if self.disk.shared { None } else { Some(self.turn.lock().await) };
        self.way().await;
        if self.suffers(60, &counts.refused) {
            return Err(if self.disk.once_in(2) { StoreError::Full } else { fault() });
        }
        if self.suffers(150, &counts.died_before) {
            self.dies().await;
        }
        let done = self.disk.kept.append(batch).await;
        match &done {
            Err(StoreError::Fenced { .. }) => drop(counts.fenced.fetch_add(1, Ordering::Relaxed)),
            Err(StoreError::Twice(_)) => drop(counts.twice.fetch_add(1, Ordering::Relaxed)),
            _ => {}
        }
        if self.suffers(150, &counts.died_after) {
            self.dies().await;
        }
        self.way().await;
        if done.is_ok() && self.suffers(60, &counts.lost) {
            return Err(fault());
        }
        done
    }

    kept! {
        fn units() -> Vec<UnitId>;
        fn head(unit: &UnitId) -> Option<Head>;
        fn entries(unit: &UnitId, from: u64, limit: u32) -> Vec<Sealed>;
        fn leaves(unit: &UnitId, from: u64, limit: u32) -> Vec<String>;
        fn case_entries(unit: &UnitId, instance: CommandId, from: u64) -> Vec<Sealed>;
        fn commands(unit: &UnitId, ids: &[CommandId]) -> Vec<Sealed>;
        fn snapshot(unit: &UnitId, instance: CommandId) -> Option<(u64, Vec<u8>)>;
        fn snapshots(unit: &UnitId, after: Option<CommandId>, limit: u32) -> Vec<(CommandId, u64, Vec<u8>)>;
        fn marks(unit: &UnitId, from: u64, limit: u32) -> Vec<Mark>;
        fn stray(unit: &UnitId) -> Option<String>;
        fn replace_rows(unit: &UnitId, changes: Vec<RowChange>) -> ();
        fn dump_rows(unit: &UnitId) -> Vec<String>;
        fn instance(unit: &UnitId, id: CommandId) -> Option<InstanceRow>;
        fn instances_named(unit: &UnitId, ids: &[CommandId]) -> Vec<InstanceRow>;
        fn instances(unit: &UnitId, query: &InstanceQuery) -> Vec<InstanceRow>;
        fn task(unit: &UnitId, id: TaskId) -> Option<TaskRow>;
        fn tasks(unit: &UnitId, query: &TaskQuery) -> Vec<TaskRow>;
        fn task_counts(unit: &UnitId, whose: &Whose, now: Time) -> Vec<TaskCount>;
        fn job(unit: &UnitId, id: Made) -> Option<JobRow>;
        fn jobs(unit: &UnitId, topics: &[String], now: Time, limit: u32) -> Vec<JobRow>;
        fn due(now: Time, limit: u32) -> Vec<(UnitId, DueRow)>;
        fn due_of(unit: &UnitId, kind: DueKind, after: Option<Made>, limit: u32) -> Vec<DueRow>;
        fn next_due() -> Option<Time>;
        fn subscriber(unit: &UnitId, name: &str, key: &str) -> Option<SubscriptionRow>;
        fn messages(unit: &UnitId, name: &str, key: &str, now: Time, limit: u32) -> Vec<MessageRow>;
        fn message_count(unit: &UnitId) -> u64;
        fn incidents(unit: &UnitId, instance: Option<CommandId>, limit: u32) -> Vec<IncidentRow>;
        fn reports(unit: &UnitId, query: &ReportQuery) -> Vec<ReportRow>;
        fn readings(unit: &UnitId, query: &ReadingQuery) -> Vec<ReadingRow>;
        fn definitions(unit: &UnitId) -> Vec<DefinitionRow>;
        fn definition(unit: &UnitId, hash: &Hash) -> Option<DefinitionRow>;
    }
}
