//! The limit of SQLite: the same file with the same settings.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::{broken, settings};
use crate::store::StoreError;
use crate::store::limit::{ENTRY_BYTES, Limit, ROW_BYTES};

/// Bytes written, as JSON, after which the write-ahead log is copied into the database: as in the store.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;

/// Writes for so long to a new database, `batch` commands in each durable transaction.
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
    let mut limit = Limit::new(batch);
    let mut unsaved = 0;
    let began = Instant::now();
    while limit.elapsed < time {
        let started = Instant::now();
        let (new, written) = limit.next();
        let size = new.end;
        let entries = rows(new.map(|id| (id, entry.as_str())));
        let lines = rows(written.map(|id| (id, row.as_str())));
        unsaved += entries.len() + lines.len();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.map_err(broken)?;
        let append = "INSERT INTO entry (id, body) SELECT value ->> 0, value ->> 1 FROM jsonb_each(?1)";
        sqlx::query(append).bind(entries).execute(&mut connection).await.map_err(broken)?;
        let upsert = "REPLACE INTO line (id, body) SELECT value ->> 0, value ->> 1 FROM jsonb_each(?1)";
        sqlx::query(upsert).bind(lines).execute(&mut connection).await.map_err(broken)?;
        let head = "UPDATE head SET size = ?1 WHERE number = 1";
        sqlx::query(head).bind(i64::try_from(size).unwrap_or(i64::MAX)).execute(&mut connection).await.map_err(broken)?;
        sqlx::query("COMMIT").execute(&mut connection).await.map_err(broken)?;
        if unsaved > CHECKPOINT_BYTES {
            unsaved = 0;
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut connection).await.map_err(broken)?;
        }
        limit.note(began, started);
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
