//! The store that the program serves: whichever an address names.

use std::path::Path;

use super::postgres::{self, PostgresStore};
use super::sqlite::{self, SqliteStore};
use super::{
    Batch, Common, Head, InstanceQuery, Mark, ReadingQuery, ReportQuery, Store, StoreError, TaskCount, TaskQuery, Whose,
};
use crate::digest::Hash;
use crate::journal::Sealed;
use crate::model::id::Made;
use crate::model::{CommandId, TaskId, Time, UnitId};
use crate::projection::RowChange;
use crate::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, JobRow, MessageRow, ReadingRow, ReportRow, SubscriptionRow, TaskRow,
};

/// An SQLite file or a PostgreSQL database.
#[derive(Debug)]
pub enum AnyStore {
    /// A file.
    Sqlite(SqliteStore),
    /// A database that many nodes share.
    Postgres(Box<PostgresStore>),
}

impl AnyStore {
    /// Opens what an address names: `postgres://user@host/database`, or a file, as `sqlite://path` or a bare path.
    ///
    /// # Errors
    /// As the stores have them.
    pub async fn open(address: &str, file: sqlite::Options, options: postgres::Options) -> Result<Self, StoreError> {
        match Self::file(address) {
            Some(path) => Ok(Self::Sqlite(SqliteStore::open(path, file).await?)),
            None => Ok(Self::Postgres(Box::new(PostgresStore::open(address, options).await?))),
        }
    }

    /// The file that an address names, if it names one.
    pub fn file(address: &str) -> Option<&Path> {
        let postgres = ["postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme));
        (!postgres).then(|| Path::new(address.strip_prefix("sqlite://").unwrap_or(address)))
    }

    /// Looks for damage in the file, and for rows of units that have no log. For damage a PostgreSQL server has tools of its own, such as `amcheck`.
    ///
    /// # Errors
    /// When the file is damaged or cannot be read.
    pub async fn integrity(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.integrity().await,
            Self::Postgres(store) => store.integrity().await,
        }
    }

    /// Ends in order.
    ///
    /// # Errors
    /// When the file cannot be tidied up; whatever was acknowledged is durable.
    pub async fn close(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => {
                store.close().await;
                Ok(())
            }
        }
    }
}

/// Hands every call on.
macro_rules! hand_on {
    ($(fn $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)*) => {
        impl Store for AnyStore {
            fn flights(&self) -> usize {
                match self {
                    Self::Sqlite(store) => store.flights(),
                    Self::Postgres(store) => store.flights(),
                }
            }

            $(async fn $name(&self, $($arg: $of),*) -> Result<$answer, StoreError> {
                match self {
                    Self::Sqlite(store) => store.$name($($arg),*).await,
                    Self::Postgres(store) => store.$name($($arg),*).await,
                }
            })*
        }
    };
}

hand_on! {
    fn common() -> Option<Common>;
    fn attend() -> ();
    fn heard() -> ();
    fn units() -> Vec<UnitId>;
    fn head(unit: &UnitId) -> Option<Head>;
    fn hold(unit: &UnitId) -> ();
    fn let_go(unit: &UnitId) -> ();
    fn append(batch: Batch) -> ();
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
