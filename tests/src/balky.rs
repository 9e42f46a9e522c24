//! A store in memory that a test can hold up, or have refuse what it does not want: the engine must be right whatever its store does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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
use tokio::sync::RwLock;

/// Whether a batch is refused.
type Refuses = Box<dyn FnMut(&Batch) -> bool + Send>;

/// The store. Clones share everything, so that a test keeps one in hand, and opens another engine on it.
#[derive(Clone, Default)]
pub struct Balky {
    kept: Arc<MemoryStore>,
    refuses: Arc<Mutex<Option<Refuses>>>,
    /// Whether the answers to batches are lost: they are written, and an error is told.
    pub loses: Arc<AtomicBool>,
    /// A case that cannot be read.
    pub unreadable: Arc<Mutex<Option<CommandId>>>,
    /// Who writes this lock holds up batches of units, before they are written.
    pub writes: Arc<RwLock<()>>,
    /// Who writes this lock holds up the answers to batches, which are written all the same.
    pub answers: Arc<RwLock<()>>,
    /// Whether engines on it are told that others write to it too.
    pub shared: bool,
    /// The only log that it tells of, whatever it keeps: as a database that somebody has changed.
    pub told: Option<Told>,
    /// Who writes this lock holds up reading due rows by their kind.
    pub pages: Arc<RwLock<()>>,
}

/// A log that is told of and was never kept.
#[derive(Clone)]
pub struct Told {
    /// Its unit.
    pub unit: UnitId,
    /// Its head.
    pub head: Head,
    /// What is told of its entries.
    pub entries: Vec<Sealed>,
}

impl Balky {
    /// From now on batches of which this is true are refused, as if the disk were full.
    pub fn refuse(&self, which: impl FnMut(&Batch) -> bool + Send + 'static) {
        *self.refuses.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(which));
    }

    /// From now on none is.
    pub fn relent(&self) {
        *self.refuses.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What the store in memory answers.
macro_rules! kept {
    ($(fn $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($arg: $of),*) -> Result<$answer, StoreError> {
            self.kept.$name($($arg),*).await
        })*
    };
}

impl Store for Balky {
    async fn common(&self) -> Result<Option<Common>, StoreError> {
        if !self.shared {
            return Ok(None);
        }
        let mut definitions = 0;
        for unit in self.kept.units().await? {
            definitions += self.kept.definitions(&unit).await?.len() as u64;
        }
        Ok(Some(Common { site: self.kept.head(&UnitId::site()).await?.map_or(0, |head| head.size), definitions }))
    }

    async fn append(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.unit.as_str() != UnitId::SITE {
            let _ = self.writes.read().await;
        }
        let refused = self.refuses.lock().unwrap_or_else(PoisonError::into_inner).as_mut().is_some_and(|refuses| refuses(&batch));
        if refused {
            return Err(StoreError::Full);
        }
        self.kept.append(batch).await?;
        let _ = self.answers.read().await;
        if self.loses.load(Ordering::Relaxed) { Err(StoreError::Broken("the answer was lost".to_owned())) } else { Ok(()) }
    }

    async fn due_of(&self, unit: &UnitId, kind: DueKind, after: Option<Made>, limit: u32) -> Result<Vec<DueRow>, StoreError> {
        let _ = self.pages.read().await;
        self.kept.due_of(unit, kind, after, limit).await
    }

    async fn case_entries(&self, unit: &UnitId, instance: CommandId, from: u64) -> Result<Vec<Sealed>, StoreError> {
        if *self.unreadable.lock().unwrap_or_else(PoisonError::into_inner) == Some(instance) {
            return Err(StoreError::Broken("a planted fault".to_owned()));
        }
        self.kept.case_entries(unit, instance, from).await
    }

    async fn units(&self) -> Result<Vec<UnitId>, StoreError> {
        match &self.told {
            Some(told) => Ok(vec![told.unit.clone()]),
            None => self.kept.units().await,
        }
    }

    async fn head(&self, unit: &UnitId) -> Result<Option<Head>, StoreError> {
        match &self.told {
            Some(told) => Ok((told.unit == *unit).then(|| told.head.clone())),
            None => self.kept.head(unit).await,
        }
    }

    async fn entries(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        match &self.told {
            Some(told) => Ok(told.entries.iter().skip(from as usize).take(limit as usize).cloned().collect()),
            None => self.kept.entries(unit, from, limit).await,
        }
    }

    async fn leaves(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<String>, StoreError> {
        Ok(self.entries(unit, from, limit).await?.into_iter().map(|entry| entry.leaf).collect())
    }

    kept! {
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
