//! The writer: one task that owns the one connection that writes. It takes all waiting batches into one transaction, so that many
//! callers share one fsync; nobody's hang-up can cancel it, since callers only wait for its answer.
//!
//! That transaction appends to the journal and moves the heads. The rows follow from the entries, so they are folded and written many
//! commands at a time: when somebody is about to read them, when enough have gathered, and at the end. After a crash the entries whose
//! rows were not written are projected again (`recover`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::sync::{mpsc, oneshot};

use super::append::{Lines, entry_id};
use super::cells::Json;
use super::commands::{Commands, SLICES};
use super::copy::Copier;
use super::failure::{Failure, failure};
use super::reserve::Reserve;
use super::script::Script;
use super::{Lag, rows};
use crate::journal::Sealed;
use crate::model::{CommandId, UnitId};
use crate::projection::RowChange;
use crate::store::fold::Fold;
use crate::store::lock::Lock;
use crate::store::table::ROW_TABLES;
use crate::store::{Batch, Head, StoreError, check};

/// Batches that one transaction takes. Each has at most `BATCH_COMMANDS_MAX` commands; the bound keeps the JSON of a statement small.
const BATCHES_MAX: usize = 256;
/// Bytes of the pages that a transaction changes besides what it adds: heads, indexes, a slice of commands.
const TRANSACTION_BYTES: usize = 6 * 4_096;
/// Late commands above which they are written at the start, all at once: a file that is never closed in order would gather ever more.
const LATE_MAX: usize = 300_000;

/// Row changes that gather at most before they are written.
const CHANGES_MAX: usize = 4_096;

/// Beginnings of cases that are remembered: more than any two batches name.
const BEGAN_KEPT: NonZeroUsize = NonZeroUsize::new(1 << 16).unwrap();

/// Where the answer goes.
pub(super) type Answer = oneshot::Sender<Result<(), StoreError>>;

/// What the writer is asked to do.
pub(super) enum Work {
    /// Appends a batch that was checked.
    Append(Batch, Answer),
    /// Writes the rows that have gathered.
    Fold(Answer),
    /// Replaces the rows of a unit.
    Replace(UnitId, Vec<RowChange>, Answer),
    /// Copies the write-ahead log into the database and ends.
    Close(Answer),
}

/// The writer's task: ends at `Work::Close`, or when the store is dropped. `lock` keeps other processes out for as long.
pub(super) async fn run(
    mut connection: SqliteConnection,
    (copier, reserve): (Copier, Reserve),
    mut inbox: mpsc::Receiver<Work>,
    (gathered, lag, commands): (Fold, Arc<Lag>, Arc<Commands>),
    lock: Lock,
) {
    let mut writer = Writer {
        connection: &mut connection,
        copier,
        reserve,
        heads: BTreeMap::new(),
        began: LruCache::new(BEGAN_KEPT),
        gathered,
        lag,
        commands,
        slice: 0,
    };
    if writer.commands.len() > LATE_MAX {
        writer.index_all().await;
    }
    let (mut waiting, mut appends, mut readers, mut closing) = (Vec::new(), Vec::new(), Vec::new(), None);
    while closing.is_none() && inbox.recv_many(&mut waiting, BATCHES_MAX).await > 0 {
        for work in waiting.drain(..) {
            match work {
                Work::Append(batch, answer) => appends.push((batch, answer)),
                Work::Fold(answer) => readers.push(answer),
                Work::Replace(unit, changes, answer) => {
                    writer.append_all(&mut appends).await;
                    // A caller that has gone does not wait for the answer.
                    let _ = answer.send(writer.replace(&unit, changes).await);
                }
                Work::Close(answer) => closing = Some(answer),
            }
        }
        writer.append_all(&mut appends).await;
        if !readers.is_empty() || writer.gathered.weight >= CHANGES_MAX {
            let folded = writer.fold().await;
            if let Err(failure) = &folded
                && !matches!(failure, Failure::Full)
            {
                tracing::warn!(?failure, "rows could not be written; they are tried again before anybody reads them");
            }
            for answer in readers.drain(..) {
                let _ = answer.send(folded.as_ref().map(drop).map_err(Failure::told));
            }
        }
        writer.copier.go_on(writer.connection).await;
    }
    let file = writer.finish().await;
    let closed = match sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await {
        Ok(_) => connection.close().await.map_err(super::broken),
        Err(error) => Err(super::broken(error)),
    };
    drop((file, lock));
    if let Some(answer) = closing {
        let _ = answer.send(closed);
    }
}

struct Writer<'c> {
    connection: &'c mut SqliteConnection,
    copier: Copier,
    reserve: Reserve,
    /// Number and size of the logs written before, so that they need not be asked for. The fence holds all the same: a head is moved only
    /// from the size that is told here.
    heads: BTreeMap<UnitId, (i64, u64)>,
    /// The entries that began the cases written to lately, by the unit's number and the case.
    began: LruCache<(i64, CommandId), i64>,
    /// Changes of rows whose entries are written, and they are not.
    gathered: Fold,
    /// Tells readers whether there are any.
    lag: Arc<Lag>,
    /// Commands that the table of commands does not have yet, and which slice of them is next.
    commands: Arc<Commands>,
    slice: usize,
}

/// What is known of a log inside a transaction.
struct Known {
    number: i64,
    before: u64,
    size: u64,
}

impl Writer<'_> {
    /// Writes batches in one transaction and answers each.
    async fn append_all(&mut self, appends: &mut Vec<(Batch, Answer)>) {
        if !appends.is_empty() && !self.reserve.keeps().await {
            for (_, answer) in appends.drain(..) {
                let _ = answer.send(Err(StoreError::Full));
            }
            return;
        }
        let mut groups = vec![std::mem::take(appends)];
        while let Some(group) = groups.pop() {
            if group.is_empty() {
                continue;
            }
            let batches: Vec<&Batch> = group.iter().map(|(batch, _)| batch).collect();
            match self.transaction(&batches).await {
                Ok(verdicts) => {
                    self.reserve.written();
                    // Before anybody learns that it is written, so that no reader misses what it changes.
                    self.lag.set(true);
                    for ((batch, _), _) in group.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_ok()) {
                        if let Some((number, _)) = self.heads.get(&batch.unit) {
                            let place = |entry: &Sealed| (entry.command, entry_id(*number, entry.index));
                            self.commands.add(&batch.unit, *number, batch.entries.iter().map(place));
                        }
                    }
                    let mut written = Vec::with_capacity(group.len());
                    for ((batch, answer), verdict) in group.into_iter().zip(verdicts) {
                        if verdict.is_ok() {
                            written.push(batch);
                        }
                        let _ = answer.send(verdict);
                    }
                    for batch in written {
                        self.gather(batch);
                    }
                }
                // One batch cannot be written: each gets a transaction of its own, in order, so that it alone is refused.
                Err(Failure::Twice | Failure::Refused(_)) if group.len() > 1 => {
                    groups.extend(group.into_iter().rev().map(|append| vec![append]));
                }
                Err(failure) => {
                    if matches!(failure, Failure::Full) {
                        self.reserve.full();
                    }
                    for (batch, answer) in group {
                        let _ = answer.send(Err(failure.answer(&batch.unit)));
                    }
                }
            }
        }
    }

    /// Keeps the changes of a batch that is written, until they are.
    fn gather(&mut self, batch: Batch) {
        let Some((number, _)) = self.heads.get(&batch.unit) else { return };
        if batch.changes.is_empty() {
            // That there is nothing to project is to be remembered, too, before it has become much.
            self.gathered.weight += batch.entries.len();
        }
        let made: HashSet<CommandId> = batch.entries.iter().map(|entry| entry.command).collect();
        for change in batch.changes.into_iter().filter(|change| !change.is_at_once()) {
            self.gathered.add(*number, change, |command| made.contains(command));
        }
    }

    /// Writes all late commands: then nothing of them need be read from the journal when the file is opened.
    async fn index_all(&mut self) {
        let mut rows = Json::default();
        (0..SLICES).for_each(|slice| self.commands.slice(slice, &mut rows));
        let mut script = Script { sql: "BEGIN IMMEDIATE;".to_owned(), ..Script::default() };
        let added = script.rows(INSERT_COMMANDS, rows);
        script.sql.push_str("UPDATE unit_log SET indexed = size WHERE indexed < size;COMMIT");
        let written = match added {
            Ok(()) => self.run(script).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = self.end(written).await {
            tracing::warn!(?failure, "the table of commands could not be written; they are read from the journal the next time");
        }
    }

    /// Writes the rows that have gathered, if there are any.
    async fn fold(&mut self) -> Result<(), Failure> {
        if self.gathered.weight > 0 {
            return self.write_rows().await;
        }
        self.lag.set(false);
        Ok(())
    }

    /// On a full disk in the space that was kept back.
    async fn write_rows(&mut self) -> Result<(), Failure> {
        match self.write_gathered().await {
            Err(Failure::Full) if self.reserve.give().await => self.write_gathered().await,
            written => written,
        }
    }

    async fn write_gathered(&mut self) -> Result<(), Failure> {
        let mut script = Script { sql: "BEGIN IMMEDIATE;".to_owned(), ..Script::default() };
        rows::write(&mut script, &self.gathered)?;
        script.sql.push_str(rows::PROJECTED);
        script.sql.push_str(";COMMIT");
        let written = self.run(script).await;
        self.end(written).await?;
        self.gathered = Fold::default();
        self.lag.set(false);
        Ok(())
    }

    /// One transaction; a fenced batch is answered so and leaves nothing, the others go on.
    async fn transaction(&mut self, batches: &[&Batch]) -> Result<Vec<Result<(), StoreError>>, Failure> {
        let remembered = !self.heads.is_empty();
        match self.attempt(batches).await {
            // A head that was remembered may be at fault, if somebody else writes to this file: it is asked for.
            Err(Failure::Moved) if remembered => self.attempt(batches).await,
            other => other,
        }
    }

    async fn attempt(&mut self, batches: &[&Batch]) -> Result<Vec<Result<(), StoreError>>, Failure> {
        let written = self.write(batches).await;
        self.end(written).await
    }

    /// After a failure rolls back.
    async fn end<T>(&mut self, written: Result<T, Failure>) -> Result<T, Failure> {
        if written.is_err() {
            // Whatever it was thought to have written is not there.
            self.heads.clear();
            self.began.clear();
            // SQLite may have rolled back by itself, and then says that there is no transaction.
            let _ = sqlx::query("ROLLBACK").execute(&mut *self.connection).await;
        }
        written
    }

    /// Writes what has gathered, so that nothing need be made from the journal when the file is opened.
    async fn finish(mut self) -> Arc<File> {
        if let Err(failure) = self.write_rows().await {
            tracing::warn!(?failure, "rows could not be written; they are made from the journal the next time");
        }
        self.index_all().await;
        self.reserve.end().await;
        self.copier.close().await
    }

    /// Runs a statement.
    async fn execute(&mut self, sql: &'static str) -> Result<(), Failure> {
        sqlx::query(sql).execute(&mut *self.connection).await.map(drop).map_err(failure)
    }

    /// Runs statements.
    async fn run(&mut self, script: Script) -> Result<(), Failure> {
        self.copier.writes(script.bytes + TRANSACTION_BYTES);
        sqlx::query_with(AssertSqlSafe(script.sql), script.parameters)
            .execute(&mut *self.connection)
            .await
            .map(drop)
            .map_err(failure)
    }

    /// Runs statements that erase: what they take away is overwritten in the file, and the write-ahead log begins anew soon.
    async fn wipe(&mut self, script: Script) -> Result<(), Failure> {
        self.execute("PRAGMA secure_delete = ON").await?;
        let written = self.run(script).await;
        // What was written stays written, and to overwrite more than is needed does no harm.
        if let Err(failure) = self.execute("PRAGMA secure_delete = FAST").await {
            tracing::warn!(?failure, "whole pages are overwritten from now on, until the next start");
        }
        self.copier.wipe();
        written
    }

    async fn write(&mut self, batches: &[&Batch]) -> Result<Vec<Result<(), StoreError>>, Failure> {
        let remembered = !self.heads.is_empty();
        let mut logs = self.logs(batches.iter().map(|batch| &batch.unit)).await?;
        let mut verdicts = Vec::with_capacity(batches.len());
        let mut accepted = Vec::with_capacity(batches.len());
        for batch in batches {
            let found = logs.get(&batch.unit).map_or(0, |log| log.size);
            if found == batch.from {
                logs.entry(&batch.unit).or_insert(Known { number: 0, before: 0, size: 0 }).size = batch.head.size;
                accepted.push(*batch);
                verdicts.push(Ok(()));
            } else if remembered {
                return Err(Failure::Moved);
            } else {
                verdicts.push(Err(StoreError::Fenced { unit: batch.unit.clone(), expected: batch.from, found }));
            }
        }
        let begins = logs.values().any(|log| log.number == 0);
        if begins {
            self.execute("BEGIN IMMEDIATE").await?;
            self.begin_logs(&mut logs).await?;
        }
        self.find_began(&accepted, &logs).await?;
        let mut heads: BTreeMap<&UnitId, &Head> = BTreeMap::new();
        let room = accepted.iter().flat_map(|batch| &batch.entries).map(Lines::bytes_of).sum();
        let (mut lines, mut at_once, mut fresh) = (Lines::with_room(room), Fold::default(), HashSet::new());
        for batch in accepted {
            let Some(log) = logs.get(&batch.unit) else { continue };
            heads.insert(&batch.unit, &batch.head);
            for entry in &batch.entries {
                let id = entry_id(log.number, entry.index);
                if !fresh.insert((log.number, entry.command)) || self.commands.has(log.number, entry.command) {
                    return Err(Failure::Twice);
                }
                let began = self.began(log.number, id, entry)?;
                lines.entry(id, began, entry);
            }
            for change in batch.changes.iter().filter(|change| change.is_at_once()) {
                at_once.add(log.number, change.clone(), |_| false);
            }
        }
        for (unit, head) in &heads {
            let Some(log) = logs.get(unit) else { continue };
            lines.head(log.number, log.before, head);
        }
        let mut late = Json::default();
        self.commands.slice(self.slice, &mut late);
        let mut script = lines.script(self.slice, late)?;
        rows::write(&mut script, &at_once)?;
        // One statement is a transaction by itself.
        if begins {
            script.sql.push_str("COMMIT");
        } else if at_once.weight > 0 {
            script.sql = format!("BEGIN IMMEDIATE;{}COMMIT", script.sql);
        }
        if at_once.erasures.is_empty() {
            self.run(script).await?;
        } else {
            self.wipe(script).await?;
        }
        self.commands.written(self.slice);
        self.slice = (self.slice + 1) % SLICES;
        for (unit, head) in heads {
            if let Some(log) = logs.get(unit) {
                self.heads.insert(unit.clone(), (log.number, head.size));
            }
        }
        Ok(verdicts)
    }

    /// The logs of these units that are there.
    async fn logs<'u>(&mut self, units: impl Iterator<Item = &'u UnitId>) -> Result<BTreeMap<&'u UnitId, Known>, Failure> {
        let mut logs = BTreeMap::new();
        let mut by_name: BTreeMap<&str, &UnitId> = BTreeMap::new();
        for unit in units {
            match self.heads.get(unit) {
                Some((number, size)) => drop(logs.insert(unit, Known { number: *number, before: *size, size: *size })),
                None => drop(by_name.insert(unit.as_str(), unit)),
            }
        }
        if by_name.is_empty() {
            return Ok(logs);
        }
        let names = serde_json::to_string(&by_name.keys().collect::<Vec<_>>()).unwrap_or_default();
        let found = sqlx::query("SELECT unit, number, size FROM unit_log WHERE unit IN (SELECT value FROM json_each(?1))")
            .bind(names)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(failure)?;
        for row in found {
            let name: &str = row.try_get(0).map_err(failure)?;
            let size: i64 = row.try_get(2).map_err(failure)?;
            let size =
                u64::try_from(size).map_err(|_| Failure::Other(format!("table unit_log, column size, row {name}: {size}")))?;
            if let Some(unit) = by_name.get(name) {
                logs.insert(*unit, Known { number: row.try_get(1).map_err(failure)?, before: size, size });
            }
        }
        Ok(logs)
    }

    /// Remembers the entries that began the cases which these batches go on with.
    async fn find_began(&mut self, batches: &[&Batch], logs: &BTreeMap<&UnitId, Known>) -> Result<(), Failure> {
        for batch in batches {
            let Some(log) = logs.get(&batch.unit) else { continue };
            let cases =
                batch.entries.iter().filter_map(|entry| entry.link).filter(|link| link.sequence > 1).map(|link| link.instance);
            let unknown: BTreeSet<CommandId> = cases.filter(|case| self.began.get(&(log.number, *case)).is_none()).collect();
            if unknown.is_empty() {
                continue;
            }
            let mut later = BTreeSet::new();
            for case in unknown {
                match self.commands.places(log.number, &[case]).pop() {
                    Some(place) => drop(self.began.put((log.number, case), place)),
                    None => drop(later.insert(case)),
                }
            }
            let unknown = later;
            if unknown.is_empty() {
                continue;
            }
            let sql = "SELECT id, entry FROM command WHERE unit = ?1 AND id IN (SELECT unhex(value) FROM json_each(?2))";
            let cases = serde_json::to_string(&unknown).unwrap_or_default();
            let found = sqlx::query(sql).bind(log.number).bind(cases).fetch_all(&mut *self.connection).await.map_err(failure)?;
            for row in found {
                let case: &[u8] = row.try_get(0).map_err(failure)?;
                if let Ok(case) = case.try_into() {
                    self.began.put((log.number, CommandId(case)), row.try_get(1).map_err(failure)?);
                }
            }
        }
        Ok(())
    }

    /// The entry that began the case of this entry, if it belongs to one.
    fn began(&mut self, number: i64, id: i64, entry: &Sealed) -> Result<Option<i64>, Failure> {
        let Some(link) = entry.link else { return Ok(None) };
        let key = (number, link.instance);
        if link.sequence == 1 {
            self.began.put(key, id);
            return Ok(Some(id));
        }
        match self.began.get(&key) {
            Some(began) => Ok(Some(*began)),
            None => Err(Failure::Refused(check::not_begun(entry).to_string())),
        }
    }

    /// Gives a number to each log that begins here.
    async fn begin_logs(&mut self, logs: &mut BTreeMap<&UnitId, Known>) -> Result<(), Failure> {
        for (unit, log) in logs.iter_mut().filter(|(_, log)| log.number == 0) {
            let sql = "INSERT INTO unit_log (unit, origin, size, frontier, time) VALUES (?1, '', 0, x'', 0) RETURNING number";
            log.number = sqlx::query_scalar(sql).bind(unit.as_str()).fetch_one(&mut *self.connection).await.map_err(failure)?;
        }
        Ok(())
    }

    /// Deletes the rows of a unit and puts those that the changes make.
    async fn replace(&mut self, unit: &UnitId, changes: Vec<RowChange>) -> Result<(), StoreError> {
        self.fold().await.map_err(|failure| failure.answer(unit))?;
        self.execute("BEGIN IMMEDIATE").await.map_err(|failure| failure.answer(unit))?;
        let written = match self.rewrite(unit, changes).await {
            Ok(true) => self.execute("COMMIT").await,
            Ok(false) => Err(Failure::Other(check::no_log(unit).to_string())),
            Err(failure) => Err(failure),
        };
        self.end(written).await.map_err(|failure| failure.answer(unit))
    }

    async fn rewrite(&mut self, unit: &UnitId, changes: Vec<RowChange>) -> Result<bool, Failure> {
        let Some(number) = self.logs([unit].into_iter()).await?.get(unit).map(|log| log.number) else { return Ok(false) };
        for table in ROW_TABLES {
            let sql = AssertSqlSafe(format!("DELETE FROM {table} WHERE unit = ?1"));
            sqlx::query(sql).bind(number).execute(&mut *self.connection).await.map_err(failure)?;
        }
        let mut fold = Fold::default();
        for change in changes {
            fold.add(number, change, |_| false);
        }
        let mut script = Script::default();
        rows::write(&mut script, &fold)?;
        if !script.sql.is_empty() {
            self.run(script).await?;
        }
        Ok(true)
    }
}

const INSERT_COMMANDS: &str = "INSERT OR IGNORE INTO command (unit, id, entry) \
    SELECT value ->> 0, unhex(value ->> 1), value ->> 2 FROM jsonb_each($$)";
