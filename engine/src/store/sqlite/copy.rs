//! Copies the write-ahead log into the database. Most of it is copied by a connection of its own, while the writer goes on writing; then
//! the writer copies what came meanwhile. Only when nothing is left does the log begin anew, so one round ends before the next begins.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::task::JoinHandle;

use super::BUSY;
use super::failure::{abort, failure};

/// Bytes of the write-ahead log, roughly, after which it is copied into the database.
const CHECKPOINT_BYTES: usize = 6 * 1024 * 1024;
/// Pages of a write-ahead log that has begun anew in time.
const LOG_PAGES: i64 = 8_192;

/// The copying of one database.
pub(super) struct Copier {
    at: At,
    /// The database, for its fsync alone. Closing it would free the locks that SQLite has on the same file: it stays open for as long as
    /// they are needed.
    file: Arc<File>,
    /// Bytes of the write-ahead log, roughly, that are not in the database.
    unsaved: usize,
    /// Whether the write-ahead log holds what was erased.
    wipes: bool,
}

enum At {
    Idle(SqliteConnection),
    Copying(JoinHandle<SqliteConnection>),
    /// The connection is lost; the writer copies alone.
    Gone,
}

impl Copier {
    pub(super) fn new(connection: SqliteConnection, file: File) -> Self {
        Self { at: At::Idle(connection), file: Arc::new(file), unsaved: 0, wipes: false }
    }

    /// So many bytes, roughly, go into the write-ahead log.
    pub(super) fn writes(&mut self, bytes: usize) {
        self.unsaved += bytes;
    }

    /// What was erased still stands in the write-ahead log: it is copied soon, and emptied.
    pub(super) fn wipe(&mut self) {
        self.unsaved = self.unsaved.max(CHECKPOINT_BYTES + 1);
        self.wipes = true;
    }

    /// Whether there is anything to go on with.
    pub(super) fn is_due(&self) -> bool {
        match &self.at {
            At::Copying(copying) => copying.is_finished(),
            At::Idle(_) | At::Gone => self.unsaved > CHECKPOINT_BYTES,
        }
    }

    /// Goes on with the copying; `writer` is the connection that writes.
    pub(super) async fn go_on(&mut self, writer: &mut SqliteConnection) {
        match std::mem::replace(&mut self.at, At::Gone) {
            At::Idle(mut connection) if self.unsaved > CHECKPOINT_BYTES => {
                let file = Arc::clone(&self.file);
                self.at = At::Copying(tokio::spawn(async move {
                    copy(&mut connection).await;
                    // SQLite leaves it to the one who copies the last page, and that is the writer: it shall find nothing to wait for.
                    let synced = tokio::task::spawn_blocking(move || file.sync_data()).await;
                    if let Ok(Err(error)) = synced {
                        abort(&error);
                    }
                    connection
                }));
            }
            At::Copying(copying) if copying.is_finished() => {
                self.at = copying.await.map_or(At::Gone, At::Idle);
                self.copy_rest(writer).await;
            }
            At::Gone if self.unsaved > CHECKPOINT_BYTES => self.copy_rest(writer).await,
            other => self.at = other,
        }
    }

    async fn copy_rest(&mut self, writer: &mut SqliteConnection) {
        // A reader may still need old pages, or have needed them when the log could have begun anew: then it is tried again sooner.
        let copied = copy(writer).await;
        self.unsaved = if copied.is_some_and(|pages| pages <= LOG_PAGES) { 0 } else { CHECKPOINT_BYTES / 2 };
        if self.wipes && copied.is_some() {
            self.wipes = !empty(writer).await;
        }
        if self.wipes {
            self.unsaved = CHECKPOINT_BYTES + 1;
        }
    }

    /// Closes its connection. The file is handed back: it must outlive the writer's connection.
    pub(super) async fn close(self) -> Arc<File> {
        let connection = match self.at {
            At::Idle(connection) => Some(connection),
            At::Copying(copying) => copying.await.ok(),
            At::Gone => None,
        };
        if let Some(connection) = connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the copier's connection could not be closed");
        }
        self.file
    }
}

/// Empties the write-ahead log, all of it being copied; answers whether it did. Where a reader still needs it, nobody waits: it is tried again.
async fn empty(writer: &mut SqliteConnection) -> bool {
    let waits = async |writer: &mut SqliteConnection, time: Duration| {
        let sql = AssertSqlSafe(format!("PRAGMA busy_timeout = {}", time.as_millis()));
        if let Err(error) = sqlx::query(sql).execute(writer).await {
            tracing::warn!(%error, "how long the writer waits for others could not be set");
        }
    };
    waits(writer, Duration::ZERO).await;
    let emptied = sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await;
    waits(writer, BUSY).await;
    matches!(emptied, Ok(0))
}

/// Copies the write-ahead log into the database; answers how many pages it has if all of them are there now. Here and not by SQLite's own
/// checkpoint, which keeps a failed fsync to itself.
async fn copy(connection: &mut SqliteConnection) -> Option<i64> {
    match sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(connection).await.map_err(failure) {
        Ok(row) => {
            let (busy, log, copied): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
            (busy == 0 && log == copied).then_some(log)
        }
        Err(failure) => {
            tracing::warn!(?failure, "the write-ahead log could not be copied into the database; it grows until it can");
            None
        }
    }
}
