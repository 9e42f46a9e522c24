//! The limit: what the same file with the same settings takes when nothing is decided, hashed or asked. One yardstick for the benchmark, so
//! that a figure can be read as a part of what the machine allows.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{broken, settings};
use crate::store::StoreError;

/// Bytes of what each command appends.
const ENTRY_BYTES: usize = 600;
/// Bytes of the row that each command writes.
const ROW_BYTES: usize = 200;
/// Bytes written, as JSON, after which the write-ahead log is copied into the database: as in the store.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;

/// What was measured.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Commands in one transaction.
    pub batch: usize,
    /// Commands written.
    pub commands: u64,
    /// In this time.
    pub elapsed: Duration,
    /// Microseconds of each transaction, in order of time.
    pub transactions: Vec<u32>,
}

/// Writes for so long to a new database: per command an append, a row that is written twice in its life, and the move of the head; `batch`
/// commands in each durable transaction.
///
/// # Errors
/// When the database cannot be written.
pub async fn measure(path: &Path, batch: usize, time: Duration) -> Result<Limit, StoreError> {
    let (_, write) = settings(path);
    let mut connection = SqliteConnection::connect_with(&write).await.map_err(broken)?;
    let tables = "CREATE TABLE head (number INTEGER PRIMARY KEY, size INTEGER NOT NULL) STRICT;
        CREATE TABLE entry (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
        CREATE TABLE line (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
        INSERT INTO head (number, size) VALUES (1, 0);";
    sqlx::raw_sql(tables).execute(&mut connection).await.map_err(broken)?;
    let (entry, row) = ("e".repeat(ENTRY_BYTES), "r".repeat(ROW_BYTES));
    let mut limit = Limit { batch, commands: 0, elapsed: Duration::ZERO, transactions: Vec::new() };
    let mut unsaved = 0;
    let began = Instant::now();
    while limit.elapsed < time {
        let started = Instant::now();
        let first = limit.commands;
        let next = first + batch as u64;
        let entries = rows((first..next).map(|id| (id, entry.as_str())));
        // As many rows as commands, half of them new and half those of the batch before: each is written twice in its life.
        let lines = rows((first / 2..first / 2 + batch as u64).map(|id| (id, row.as_str())));
        unsaved += entries.len() + lines.len();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.map_err(broken)?;
        let append = "INSERT INTO entry (id, body) SELECT value ->> 0, value ->> 1 FROM jsonb_each(?1)";
        sqlx::query(append).bind(entries).execute(&mut connection).await.map_err(broken)?;
        let upsert = "REPLACE INTO line (id, body) SELECT value ->> 0, value ->> 1 FROM jsonb_each(?1)";
        sqlx::query(upsert).bind(lines).execute(&mut connection).await.map_err(broken)?;
        let head = "UPDATE head SET size = ?1 WHERE number = 1";
        sqlx::query(head).bind(i64::try_from(next).unwrap_or(i64::MAX)).execute(&mut connection).await.map_err(broken)?;
        sqlx::query("COMMIT").execute(&mut connection).await.map_err(broken)?;
        if unsaved > CHECKPOINT_BYTES {
            unsaved = 0;
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut connection).await.map_err(broken)?;
        }
        limit.commands = next;
        limit.transactions.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
        limit.elapsed = began.elapsed();
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.map_err(broken)?;
    connection.close().await.map_err(broken)?;
    Ok(limit)
}

fn rows<'a>(rows: impl Iterator<Item = (u64, &'a str)>) -> String {
    let mut text = String::from("[");
    for (id, body) in rows {
        let comma = if text.len() == 1 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, r#"{comma}[{id},"{body}"]"#);
    }
    text.push(']');
    text
}
