//! SQLite store: one file, one process, one connection that writes and a few that read.

mod append;
pub mod backup;
mod cells;
mod commands;
mod copy;
mod desk;
mod failure;
pub mod limit;
mod plan;
mod read;
mod recover;
mod reserve;
mod rows;
mod schema;
mod script;
mod write;

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot};

use self::commands::Commands;
use self::copy::Copier;
use self::desk::{Answer, Work};
use self::reserve::Reserve;
use crate::store::StoreError;
use crate::store::fold::Fold;
use crate::store::lock::Lock;
use crate::store::planted::{self, Bug};

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections that read.
    pub readers: u32,
    /// Bytes kept back on the disk, so that everything acknowledged can still be read when it is full; 0 for who serves nobody.
    pub reserve: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, reserve: 0 }
    }
}

/// Logs and rows in an SQLite file. The file must lie on a local disk.
#[derive(Debug)]
pub struct SqliteStore {
    readers: SqlitePool,
    writer: mpsc::UnboundedSender<Work>,
    lag: Arc<Lag>,
    commands: Arc<Commands>,
}

/// Whether rows wait to be written whose entries are: who reads rows has them written first.
#[derive(Debug, Default)]
struct Lag(AtomicBool);

impl Lag {
    fn set(&self, behind: bool) {
        self.0.store(behind, Ordering::Release);
    }

    fn behind(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl SqliteStore {
    /// Opens the database, makes it if it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// When another process has it open, when it was written by a newer program, or when this SQLite, or what it says of its settings, is
    /// not safe.
    pub async fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        let (base, write) = settings(path);
        // What is moved or deleted leaves nothing of itself on its page.
        let write = write.pragma("secure_delete", "FAST");
        let (connection, gathered, commands) = match begin(path, &write).await {
            // It may be for want of space: then what was acknowledged can be read at least.
            Err(_) if options.reserve > 0 && reserve::give_away(path) => begin(path, &write).await?,
            begun => begun?,
        };
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .connect_with(base.read_only(true))
            .await
            .map_err(broken)?;
        let file = File::open(path).map_err(|error| StoreError::Broken(format!("{}: {error}", path.display())))?;
        let copier = Copier::new(SqliteConnection::connect_with(&write).await.map_err(broken)?, file);
        // Whoever sends waits for the answer, so there is never more in it than there are callers; and batches are written in the order in which
        // they were handed over, which a bounded one does not promise.
        let (writer, inbox) = mpsc::unbounded_channel();
        let lag = Arc::new(Lag::default());
        lag.set(gathered.weight > 0);
        let reserve = Reserve::new(path, options.reserve);
        let shared = (gathered, Arc::clone(&lag), Arc::clone(&commands));
        tokio::spawn(write::run(connection, (copier, reserve), inbox, shared, lock));
        Ok(Self { readers, writer, lag, commands })
    }

    /// Reads the whole file and compares tables, indexes and pages with one another, and what makes them with what this program makes; and looks for rows
    /// of units that have no log.
    ///
    /// # Errors
    /// When something does not fit: the first complaints, a line each.
    pub async fn integrity(&self) -> Result<(), StoreError> {
        let said: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check(10)").fetch_all(&self.readers).await.map_err(broken)?;
        if said != ["ok"] {
            return Err(StoreError::Broken(format!("the database is damaged: {}", said.join("; "))));
        }
        schema::compare(&mut *self.readers.acquire().await.map_err(broken)?).await?;
        self.homeless().await?.map_or(Ok(()), |row| Err(StoreError::Broken(row)))
    }

    /// Ends in order: reads and writes that were asked for before are done, the write-ahead log is copied into the database, and the
    /// file is free. What is asked for afterwards is refused.
    ///
    /// # Errors
    /// When the last copy fails; the file is whole all the same.
    pub async fn close(&self) -> Result<(), StoreError> {
        // Readers that wait for rows need both.
        let _ = self.caught_up().await;
        self.readers.close().await;
        self.ask(Work::Close).await
    }

    /// Has the rows written that have gathered, so that a read sees every append that returned before it.
    async fn caught_up(&self) -> Result<(), StoreError> {
        if self.lag.behind() { self.ask(Work::Fold).await } else { Ok(()) }
    }

    /// Hands work to the writer and waits for its answer. Dropping the wait does not stop the work.
    async fn ask(&self, work: impl FnOnce(Answer) -> Work) -> Result<(), StoreError> {
        let closed = || StoreError::Broken("the store is closed".to_owned());
        let (answer, answered) = oneshot::channel();
        self.writer.send(work(answer)).map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

/// Opens the file, makes it if it is missing, and brings its tables up to date: the connection that writes, the rows that are not written
/// yet, and the late commands.
async fn begin(path: &Path, write: &SqliteConnectOptions) -> Result<(SqliteConnection, Fold, Arc<Commands>), StoreError> {
    // What it holds is nobody's but its owner's; SQLite gives what lies beside it the same mode.
    let made = File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
    made.map_err(|error| StoreError::Broken(format!("{}: {error}", path.display())))?;
    let mut connection = SqliteConnection::connect_with(write).await.map_err(broken)?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await.map_err(broken)?;
    check_version(&version)?;
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.map_err(broken)?;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut connection).await.map_err(broken)?;
    if journal != "wal" || synchronous != 2 && !planted::is(Bug::SkipSync) {
        return Err(StoreError::Broken(format!(
            "{}: journal_mode is {journal} and synchronous is {synchronous}, they must be wal and 2: does the file lie on a local disk?",
            path.display()
        )));
    }
    schema::migrate(&mut connection).await?;
    let gathered = recover::recover(&mut connection).await?;
    sqlx::raw_sql(AssertSqlSafe(append::setup())).execute(&mut connection).await.map_err(broken)?;
    let commands = Arc::new(Commands::load(&mut connection).await?);
    Ok((connection, gathered, commands))
}

/// How long a connection waits for the lock of another.
const BUSY: Duration = Duration::from_secs(5);

/// How connections are opened: those that read, and the one that writes.
fn settings(path: &Path) -> (SqliteConnectOptions, SqliteConnectOptions) {
    let base = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "OFF")
        .pragma("mmap_size", "0")
        // What a statement keeps in case it must be undone alone would else be written to a file. Nothing of it outlives a transaction.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    let write = base
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(if planted::is(Bug::SkipSync) { SqliteSynchronous::Normal } else { SqliteSynchronous::Full })
        .pragma("wal_autocheckpoint", "0")
        // The row that another replaces is counted as gone.
        .pragma("recursive_triggers", "ON")
        // The pages that are written again and again must stay: with SQLite's own 2 MB they are read again and spilt before the commit.
        // No more than that: SQLite walks through all of them at the end of many a transaction.
        .pragma("cache_size", "-8192");
    (base, write)
}

/// Whether this version of SQLite can be trusted with a write-ahead log: before 3.51.3 it can corrupt it, and 3.52.0 was withdrawn.
///
/// # Errors
/// When it cannot.
pub fn check_version(version: &str) -> Result<(), StoreError> {
    let parts: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    if parts.len() >= 3 && parts[..] >= [3, 51, 3][..] && parts[..3] != [3, 52, 0][..] {
        return Ok(());
    }
    Err(StoreError::Broken(format!("SQLite {version} can corrupt the database: 3.51.3 or newer is needed, and not 3.52.0")))
}

/// The file beside a database whose name goes on so.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Takes the lock beside the database, `<file>.lock`.
fn lock(path: &Path) -> Result<Lock, StoreError> {
    let name = beside(path, ".lock");
    let failed = |error: std::io::Error| StoreError::Broken(format!("{}: {error}", name.display()));
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(failed)?;
    Lock::take(file).map_err(failed)?.ok_or_else(|| {
        StoreError::Broken(format!("{}: another process has this database open; one at a time may", path.display()))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn broken(error: sqlx::Error) -> StoreError {
    StoreError::Broken(format!("database: {error}"))
}
