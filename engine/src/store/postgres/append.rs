//! The writes: each one transaction, under the lock of the unit's head row, in a task of its own.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::postgres::{PgConnection, PgPool, PgRow};
use sqlx::{AssertSqlSafe, Postgres, Row as _, Transaction};

use super::began::Began;
use super::cells::Arrays;
use super::failure::{Failure, broken, failure};
use super::rows::{self, UNIT};
use crate::journal::Sealed;
use crate::model::{CommandId, UnitId};
use crate::projection::RowChange;
use crate::store::fold::Fold;
use crate::store::table::{ROW_TABLES, WriteCells as _};
use crate::store::{Batch, StoreError, check};

/// How often a transaction is tried that the server rolled back for the sake of another.
const ATTEMPTS: u32 = 5;

/// What is to be written.
pub(super) enum Work {
    /// Appends a batch that was checked.
    Append(Batch),
    /// Replaces the rows of a unit.
    Replace(UnitId, Vec<RowChange>),
}

impl Work {
    fn unit(&self) -> &UnitId {
        match self {
            Self::Append(batch) => &batch.unit,
            Self::Replace(unit, _) => unit,
        }
    }
}

/// Writes in a task of its own. A caller that hangs up drops only its wait: were the transaction dropped in mid-air, its connection would
/// go back to the pool within a transaction that nobody ends, and what the next caller writes would be lost with it.
pub(super) async fn write(
    pool: PgPool,
    began: Arc<Began>,
    work: Work,
    mut held: Option<Transaction<'static, Postgres>>,
) -> Result<(), StoreError> {
    let task = tokio::spawn(async move {
        let mut attempt = 1;
        loop {
            match transaction(&pool, &began, &work, held.take()).await {
                Ok(()) => return Ok(()),
                Err(Failure::Told(error)) => return Err(error),
                Err(Failure::Again(what)) if attempt == ATTEMPTS => {
                    return Err(StoreError::Broken(format!("database: {what}; try again")));
                }
                Err(Failure::Again(what)) => tracing::info!(what, unit = %work.unit(), "a transaction is tried again"),
            }
            attempt += 1;
        }
    });
    task.await.unwrap_or_else(|error| Err(StoreError::Broken(format!("a transaction ended half-way: {error}"))))
}

async fn transaction(
    pool: &PgPool,
    began: &Began,
    work: &Work,
    held: Option<Transaction<'static, Postgres>>,
) -> Result<(), Failure> {
    let was_held = held.is_some();
    let mut transaction = match held {
        Some(held) => held,
        None => pool.begin().await.map_err(|error| Failure::Told(broken(error)))?,
    };
    let written = match work {
        Work::Append(batch) => append(&mut transaction, began, batch).await,
        Work::Replace(unit, changes) => replace(&mut transaction, unit, changes).await,
    };
    match written {
        Ok(()) => {
            transaction.commit().await.map_err(|error| failure(work.unit(), error))?;
            if let Work::Append(batch) = work {
                began.written(&batch.unit, &batch.entries);
            }
            Ok(())
        }
        Err(failure) => {
            // If this fails, so has the connection, and the server rolls back by itself.
            let _ = transaction.rollback().await;
            match failure {
                // Whoever held for too long was disconnected: nothing was written, and it goes on as one that did not hold.
                Failure::Told(StoreError::Broken(what)) if was_held => Err(Failure::Again(what)),
                failure => Err(failure),
            }
        }
    }
}

async fn append(connection: &mut PgConnection, known: &Began, batch: &Batch) -> Result<(), Failure> {
    let unit = batch.unit.as_str();
    let failed = |error| failure(&batch.unit, error);
    let mut moved = move_head(connection, batch).await?;
    if !moved && batch.from == 0 {
        // Of two that begin the log at the same time, the second waits here and is fenced below.
        let begin = "INSERT INTO unit_log (unit, origin, size, frontier, time) VALUES ($1, '', 0, '', 0) ON CONFLICT DO NOTHING";
        sqlx::query(begin).bind(unit).execute(&mut *connection).await.map_err(failed)?;
        moved = move_head(connection, batch).await?;
    }
    if !moved {
        let found = size(connection, &batch.unit).await?.unwrap_or(0);
        return Err(Failure::Told(StoreError::Fenced { unit: batch.unit.clone(), expected: batch.from, found }));
    }
    let began = began(connection, known, batch).await?;

    let (mut entries, mut payloads) = (Arrays::default(), Arrays::default());
    for (entry, began) in batch.entries.iter().zip(began) {
        write_entry(entry, began, &mut entries, &mut payloads);
    }
    for (table, columns, rows) in [
        ("entry", "index, command, began, sequence, content, salt, leaf, events", entries),
        ("payload", "entry, position, name, salt, body", payloads),
    ] {
        if !rows.is_empty() {
            let sql = format!("INSERT INTO {table} (unit, {columns}) SELECT $1, * FROM {}", rows.unnest());
            rows.bind(sqlx::query(AssertSqlSafe(sql)).bind(unit)).execute(&mut *connection).await.map_err(failed)?;
        }
    }

    let mut fold = Fold::default();
    for change in &batch.changes {
        fold.add(UNIT, change.clone(), |_| false);
    }
    rows::write(connection, unit, &fold).await.map_err(failed)
}

/// Locks the head of a log until the transaction ends, and moves it, if it stands where the batch begins.
async fn move_head(connection: &mut PgConnection, batch: &Batch) -> Result<bool, Failure> {
    let head = &batch.head;
    let moved = sqlx::query("UPDATE unit_log SET origin = $3, size = $4, frontier = $5, time = $6 WHERE unit = $1 AND size = $2")
        .bind(batch.unit.as_str())
        .bind(whole(batch.from))
        .bind(&head.origin)
        .bind(whole(head.size))
        .bind(&head.frontier)
        .bind(head.time.0)
        .execute(connection)
        .await
        .map_err(|error| failure(&batch.unit, error))?;
    Ok(moved.rows_affected() == 1)
}

/// The size of a unit's log; its row is locked until the transaction ends.
pub(super) async fn size(connection: &mut PgConnection, unit: &UnitId) -> Result<Option<u64>, Failure> {
    let size: Option<i64> = sqlx::query_scalar("SELECT size FROM unit_log WHERE unit = $1 FOR UPDATE")
        .bind(unit.as_str())
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(unit, error))?;
    let Some(size) = size else { return Ok(None) };
    u64::try_from(size).map(Some).map_err(|_| told(format_args!("table unit_log, column size, row {unit}: {size}")))
}

/// For each entry of a batch, the index of the entry that began its case, if it belongs to one.
async fn began(connection: &mut PgConnection, known: &Began, batch: &Batch) -> Result<Vec<Option<u64>>, Failure> {
    let continued = batch.entries.iter().filter_map(|entry| entry.link).filter(|link| link.sequence > 1);
    let mut cases: Vec<CommandId> = continued.map(|link| link.instance).collect();
    cases.sort_unstable();
    cases.dedup();
    let mut began: HashMap<CommandId, u64> = HashMap::new();
    cases.retain(|case| match known.get(&batch.unit, *case) {
        Some(index) => {
            began.insert(*case, index);
            false
        }
        None => true,
    });
    if !cases.is_empty() {
        let cases: Vec<&[u8]> = cases.iter().map(|case| &case.0[..]).collect();
        let sql = "SELECT command, index FROM entry WHERE unit = $1 AND command = ANY($2) AND began = index";
        let failed = |error| failure(&batch.unit, error);
        let found: Vec<PgRow> =
            sqlx::query(sql).bind(batch.unit.as_str()).bind(cases).fetch_all(connection).await.map_err(failed)?;
        for row in &found {
            let (case, index): (&[u8], i64) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
            if let (Ok(case), Ok(index)) = (case.try_into(), index.try_into()) {
                began.insert(CommandId(case), index);
                known.put(&batch.unit, CommandId(case), index);
            }
        }
    }
    let mut places = Vec::with_capacity(batch.entries.len());
    for entry in &batch.entries {
        let place = match entry.link {
            None => None,
            Some(link) if link.sequence == 1 => {
                began.insert(link.instance, entry.index);
                Some(entry.index)
            }
            Some(link) => Some(*began.get(&link.instance).ok_or_else(|| Failure::Told(check::not_begun(entry)))?),
        };
        places.push(place);
    }
    Ok(places)
}

fn write_entry(entry: &Sealed, began: Option<u64>, entries: &mut Arrays, payloads: &mut Arrays) {
    let mut rest = entry.payloads.iter();
    // `check` has seen that there is a first.
    let Some(first) = rest.next() else { return };
    entries.row();
    entries.int(whole(entry.index));
    entries.blob(&entry.command.0[..]);
    entries.int(began.map(whole));
    entries.int(entry.link.map(|link| whole(link.sequence)));
    entries.blob(&entry.content.as_bytes()[..]);
    entries.blob(&first.salt[..]);
    entries.text(entry.leaf.as_str());
    entries.text(first.body.as_deref());
    for (position, payload) in (1..).zip(rest) {
        payloads.row();
        payloads.int(whole(entry.index));
        payloads.int(position);
        payloads.text(payload.name.as_str());
        payloads.blob(&payload.salt[..]);
        payloads.text(payload.body.as_deref());
    }
}

/// Deletes the rows of a unit and puts those that the changes make.
async fn replace(connection: &mut PgConnection, unit: &UnitId, changes: &[RowChange]) -> Result<(), Failure> {
    let failed = |error| failure(unit, error);
    // A rebuild takes longer than a command may, between its statements too.
    for limit in ["statement_timeout", "idle_in_transaction_session_timeout"] {
        sqlx::query(AssertSqlSafe(format!("SET LOCAL {limit} = 0"))).execute(&mut *connection).await.map_err(failed)?;
    }
    if size(connection, unit).await?.is_none() {
        return Err(Failure::Told(check::no_log(unit)));
    }
    for (table, _) in ROW_TABLES {
        let sql = AssertSqlSafe(format!("DELETE FROM {table} WHERE unit = $1"));
        sqlx::query(sql).bind(unit.as_str()).execute(&mut *connection).await.map_err(failed)?;
    }
    let mut fold = Fold::default();
    for change in changes {
        fold.add(UNIT, change.clone(), |_| false);
    }
    rows::write(connection, unit.as_str(), &fold).await.map_err(failed)
}

fn told(what: impl std::fmt::Display) -> Failure {
    Failure::Told(StoreError::Broken(what.to_string()))
}

/// A size or index, which `check` holds below 2^40.
fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
