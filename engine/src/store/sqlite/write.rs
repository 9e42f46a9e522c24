//! The writer: one task that owns the one connection that writes. It takes all waiting batches into one transaction, so that many
//! callers share one fsync; nobody's hang-up can cancel it, since callers only wait for its answer. While a transaction is on its way the next
//! is planned (`plan`); unless there is something else to do, it is on its way before anyone hears of the one before.
//!
//! That transaction appends to the journal and moves the heads. The rows follow from the entries, so they are folded and written many
//! commands at a time: when somebody is about to read them, when enough have gathered, and at the end. After a crash the entries whose
//! rows were not written are projected again (`recover`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::sync::mpsc;

use super::append::entry_id;
use super::cells::Json;
use super::commands::{Commands, SLICES};
use super::copy::Copier;
use super::desk::{Answer, BATCHES_MAX, Desk, Planned, Unplanned, Work, erases};
use super::failure::{Failure, failure};
use super::plan::{Known, Plan};
use super::reserve::Reserve;
use super::script::Script;
use super::{Lag, rows};
use crate::journal::Sealed;
use crate::model::{CommandId, UnitId};
use crate::projection::RowChange;
use crate::store::fold::Fold;
use crate::store::lock::Lock;
use crate::store::table::{ROW_TABLES, WriteCells as _};
use crate::store::{Batch, StoreError, check};

/// Bytes of the pages that a transaction changes besides what it adds: heads, indexes, a slice of commands.
const TRANSACTION_BYTES: usize = 6 * 4_096;
/// Late commands above which they are written at the start, all at once: a file that is never closed in order would gather ever more.
const LATE_MAX: usize = 300_000;

/// Rows from which on they are written: whoever reads next waits for them.
const ROWS_MAX: usize = 4_096;
/// Changes from which on, of however few rows: after a crash they are made again.
const CHANGES_MAX: usize = 16_384;

/// The writer's task: ends at `Work::Close`, or when the store is dropped. `lock` keeps other processes out for as long.
pub(super) async fn run(
    mut connection: SqliteConnection,
    (copier, reserve): (Copier, Reserve),
    inbox: mpsc::UnboundedReceiver<Work>,
    (gathered, lag, commands): (Fold, Arc<Lag>, Arc<Commands>),
    lock: Lock,
) {
    let mut writer =
        Writer { connection: &mut connection, copier, reserve, known: Known::new(commands), rows: Rows { gathered, lag } };
    if writer.known.commands.len() > LATE_MAX {
        writer.index_all().await;
    }
    let mut desk = Desk::new(inbox);
    writer.write_all(&mut desk).await;
    let file = writer.finish().await;
    let closed = match sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await {
        Ok(_) => connection.close().await.map_err(super::broken),
        Err(error) => Err(super::broken(error)),
    };
    drop((file, lock));
    if let Some(answer) = desk.closing {
        let _ = answer.send(closed);
    }
}

/// Changes of rows whose entries are written, and they are not.
struct Rows {
    gathered: Fold,
    /// Tells readers whether there are any.
    lag: Arc<Lag>,
}

impl Rows {
    /// Keeps the changes of a batch that is written, until they are.
    fn gather(&mut self, number: i64, batch: Batch) {
        if batch.changes.is_empty() {
            // That there is nothing to project is to be remembered, too, before it has become much.
            self.gathered.weight += batch.entries.len();
        }
        let made: HashSet<CommandId> = batch.entries.iter().map(|entry| entry.command).collect();
        for change in batch.changes.into_iter().filter(|change| !change.is_at_once()) {
            self.gathered.add(number, change, |command| made.contains(command));
        }
    }

    /// Tells everyone whose batch is written, and keeps what it changes.
    fn tell(&mut self, landed: Vec<Planned>) {
        let mut written = Vec::with_capacity(landed.len());
        for Planned { batch, answer, number } in landed {
            // A caller that has gone does not wait for the answer.
            let _ = answer.send(Ok(()));
            written.push((number, batch));
        }
        for (number, batch) in written {
            self.gather(number, batch);
        }
    }

    /// Whether so many have gathered that they are to be written.
    fn are_many(&self) -> bool {
        self.gathered.weight >= CHANGES_MAX || self.gathered.weight >= ROWS_MAX && self.gathered.rows() >= ROWS_MAX
    }
}

struct Writer<'c> {
    connection: &'c mut SqliteConnection,
    copier: Copier,
    reserve: Reserve,
    known: Known,
    rows: Rows,
}

impl Writer<'_> {
    /// Does what it is asked to, until it is asked to end.
    async fn write_all(&mut self, desk: &mut Desk) {
        // What the last transaction wrote, and nobody was told yet.
        let mut landed = Vec::new();
        loop {
            let idle = desk.next.plan.is_empty() && desk.next.unplanned.is_empty();
            let folds = !desk.next.readers.is_empty() || self.rows.are_many();
            if idle || folds || self.copier.is_due() || !desk.next.unplanned.is_empty() {
                self.rows.tell(std::mem::take(&mut landed));
            }
            if folds {
                self.fold_for(&mut desk.next.readers).await;
            }
            self.copier.go_on(self.connection).await;
            if desk.next.plan.is_empty() && !desk.next.unplanned.is_empty() {
                self.write_unplanned(std::mem::take(&mut desk.next.unplanned)).await;
                continue;
            }
            if idle {
                if desk.closing.is_some() || desk.is_closed {
                    return;
                }
                desk.receive(desk.room()).await;
                desk.sort(&mut self.known, &HashSet::new());
                continue;
            }
            landed = self.fly(desk, landed).await;
        }
    }

    /// Writes what is planned, in one transaction, and plans the next meanwhile. Tells of the one before once this one is on its way; answers
    /// what is written, and nobody was told.
    async fn fly(&mut self, desk: &mut Desk, landed: Vec<Planned>) -> Vec<Planned> {
        let (plan, planned) = (std::mem::take(&mut desk.next.plan), std::mem::take(&mut desk.next.planned));
        let begun = if self.reserve.keeps().await { plan.script(&self.known, false) } else { Err(Failure::Full) };
        let written = match begun {
            Err(failure) => {
                self.rows.tell(landed);
                Err(failure)
            }
            Ok((script, flying)) => {
                self.copier.writes(script.bytes + TRANSACTION_BYTES);
                let mut running = pin!(execute(&mut *self.connection, script));
                let first = poll_fn(|context| Poll::Ready(running.as_mut().poll(context))).await;
                self.rows.tell(landed);
                match first {
                    Poll::Ready(done) => done,
                    Poll::Pending => loop {
                        let room = desk.room();
                        tokio::select! {
                            biased;
                            done = &mut running => break done,
                            () = desk.receive(room), if room > 0 => desk.sort(&mut self.known, &flying),
                        }
                    },
                }
            }
        };
        match self.end(written).await {
            Ok(()) => {
                self.landed(&planned);
                planned
            }
            Err(failure) => {
                // What was planned after it does not follow any more.
                let next = std::mem::take(&mut desk.next.planned);
                desk.next.plan = Plan::default();
                let mut again = Vec::new();
                match failure {
                    Failure::Twice | Failure::Refused(_) | Failure::Moved => {
                        again.extend(planned.into_iter().map(Planned::unplanned));
                    }
                    failure => self.refuse(planned.into_iter().map(|planned| (planned.batch, planned.answer)), &failure),
                }
                again.extend(next.into_iter().map(Planned::unplanned));
                again.append(&mut desk.next.unplanned);
                desk.next.unplanned = again;
                Vec::new()
            }
        }
    }

    /// What is to be known of batches before anybody learns that they are written, so that no reader misses what they change.
    fn landed(&mut self, planned: &[Planned]) {
        self.reserve.written();
        self.known.written();
        self.rows.lag.set(true);
        for Planned { batch, number, .. } in planned {
            let place = |entry: &Sealed| (entry.command, entry_id(*number, entry.index));
            self.known.commands.add(&batch.unit, *number, batch.entries.iter().map(place));
        }
    }

    fn refuse(&mut self, batches: impl IntoIterator<Item = (Batch, Answer)>, failure: &Failure) {
        if matches!(failure, Failure::Full) {
            self.reserve.full();
        }
        for (batch, answer) in batches {
            let _ = answer.send(Err(failure.answer(&batch.unit)));
        }
    }

    /// Does what could not be planned, in its order.
    async fn write_unplanned(&mut self, unplanned: Vec<Unplanned>) {
        let mut appends = Vec::new();
        for work in unplanned {
            match work {
                Unplanned::Append(batch, answer) => appends.push((batch, answer)),
                Unplanned::Replace(unit, changes, answer) => {
                    self.append_all(std::mem::take(&mut appends)).await;
                    let _ = answer.send(self.replace(&unit, changes).await);
                }
            }
        }
        self.append_all(appends).await;
    }

    /// Writes batches in one transaction, asking the database for what is not known of their logs, and answers each.
    async fn append_all(&mut self, appends: Vec<(Batch, Answer)>) {
        if !appends.is_empty() && !self.reserve.keeps().await {
            return self.refuse(appends, &Failure::Full);
        }
        let mut appends = appends.into_iter().peekable();
        let mut groups = Vec::new();
        while appends.peek().is_some() {
            groups.push(appends.by_ref().take(BATCHES_MAX).collect::<Vec<_>>());
        }
        groups.reverse();
        while let Some(group) = groups.pop() {
            if group.is_empty() {
                continue;
            }
            let batches: Vec<&Batch> = group.iter().map(|(batch, _)| batch).collect();
            match self.transaction(&batches).await {
                Ok(verdicts) => {
                    let mut landed = Vec::with_capacity(group.len());
                    for ((batch, answer), verdict) in group.into_iter().zip(verdicts) {
                        match verdict {
                            Ok(number) => landed.push(Planned { batch, answer, number }),
                            Err(error) => drop(answer.send(Err(error))),
                        }
                    }
                    // Where all were refused nothing was written.
                    if !landed.is_empty() {
                        self.landed(&landed);
                        self.rows.tell(landed);
                    }
                }
                // One batch cannot be written: each gets a transaction of its own, in order, so that it alone is refused.
                Err(Failure::Twice | Failure::Refused(_)) if group.len() > 1 => {
                    groups.extend(group.into_iter().rev().map(|append| vec![append]));
                }
                Err(failure) => self.refuse(group, &failure),
            }
        }
    }

    /// Writes all late commands: then nothing of them need be read from the journal when the file is opened.
    async fn index_all(&mut self) {
        let mut rows = Json::default();
        for (id, entry) in (0..SLICES).flat_map(|slice| self.known.commands.slice(slice)) {
            rows.row(entry, |json| json.blob(&id.0[..]));
        }
        let mut script = Script { sql: "BEGIN IMMEDIATE;".to_owned(), ..Script::default() };
        let added = script.rows(INSERT_COMMANDS, rows);
        script.sql.push_str("UPDATE unit_log SET indexed = size, indexing = size WHERE indexed < size OR indexing < size;COMMIT");
        let written = match added {
            Ok(()) => self.run(script).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = self.end(written).await {
            tracing::warn!(?failure, "the table of commands could not be written; they are read from the journal the next time");
        }
    }

    /// Writes the rows that have gathered, and tells those who are about to read them.
    async fn fold_for(&mut self, readers: &mut Vec<Answer>) {
        let folded = self.fold().await;
        if let Err(failure) = &folded
            && !matches!(failure, Failure::Full)
        {
            tracing::warn!(?failure, "rows could not be written; they are tried again before anybody reads them");
        }
        for answer in readers.drain(..) {
            let _ = answer.send(folded.as_ref().map(drop).map_err(Failure::told));
        }
    }

    /// Writes the rows that have gathered, if there are any.
    async fn fold(&mut self) -> Result<(), Failure> {
        if self.rows.gathered.weight > 0 {
            return self.write_rows().await;
        }
        self.rows.lag.set(false);
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
        rows::write(&mut script, &self.rows.gathered)?;
        script.sql.push_str(rows::PROJECTED);
        script.sql.push_str(";COMMIT");
        let written = self.run(script).await;
        self.end(written).await?;
        self.rows.gathered = Fold::default();
        self.rows.lag.set(false);
        Ok(())
    }

    /// One transaction; a fenced batch is answered so and leaves nothing, the others go on.
    async fn transaction(&mut self, batches: &[&Batch]) -> Result<Vec<Result<i64, StoreError>>, Failure> {
        let remembered = !self.known.heads.is_empty();
        match self.attempt(batches).await {
            // A head that was remembered may be at fault, if somebody else writes to this file: it is asked for.
            Err(Failure::Moved) if remembered => self.attempt(batches).await,
            other => other,
        }
    }

    async fn attempt(&mut self, batches: &[&Batch]) -> Result<Vec<Result<i64, StoreError>>, Failure> {
        let written = self.write(batches).await;
        self.end(written).await
    }

    /// After a failure rolls back.
    async fn end<T>(&mut self, written: Result<T, Failure>) -> Result<T, Failure> {
        if written.is_err() {
            // Whatever it was thought to have written is not there.
            self.known.forget();
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
        execute(&mut *self.connection, script).await
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

    /// Whether each batch is written, with the number of its log.
    async fn write(&mut self, batches: &[&Batch]) -> Result<Vec<Result<i64, StoreError>>, Failure> {
        let remembered = !self.known.heads.is_empty();
        self.find_logs(batches.iter().map(|batch| &batch.unit)).await?;
        let mut sizes: BTreeMap<&UnitId, u64> = BTreeMap::new();
        let mut verdicts = Vec::with_capacity(batches.len());
        let mut accepted = Vec::with_capacity(batches.len());
        for batch in batches {
            let found = self.known.heads.get(&batch.unit).map_or(0, |(_, size)| *size);
            let size = sizes.entry(&batch.unit).or_insert(found);
            if *size == batch.from {
                *size = batch.head.size;
                accepted.push(*batch);
                verdicts.push(Ok(0));
            } else if remembered {
                return Err(Failure::Moved);
            } else {
                verdicts.push(Err(StoreError::Fenced { unit: batch.unit.clone(), expected: batch.from, found: *size }));
            }
        }
        if accepted.is_empty() {
            return Ok(verdicts);
        }
        let new: BTreeSet<&UnitId> =
            accepted.iter().map(|batch| &batch.unit).filter(|unit| !self.known.heads.contains_key(*unit)).collect();
        if !new.is_empty() {
            self.execute("BEGIN IMMEDIATE").await?;
            self.begin_logs(&new).await?;
        }
        self.find_began(&accepted).await?;
        let takes_away = accepted.iter().any(|batch| erases(batch));
        let (mut plan, mut accepted) = (Plan::default(), accepted.into_iter());
        for verdict in &mut verdicts {
            if let Ok(number) = verdict
                && let Some(batch) = accepted.next()
            {
                *number = plan.add(&mut self.known, &HashSet::new(), batch)?;
            }
        }
        let (script, _) = plan.script(&self.known, !new.is_empty())?;
        if takes_away {
            self.wipe(script).await?;
        } else {
            self.run(script).await?;
        }
        Ok(verdicts)
    }

    /// Remembers where the logs of these units stand that are there.
    async fn find_logs(&mut self, units: impl Iterator<Item = &UnitId>) -> Result<(), Failure> {
        let unknown: BTreeMap<&str, &UnitId> =
            units.filter(|unit| !self.known.heads.contains_key(*unit)).map(|unit| (unit.as_str(), unit)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let names = serde_json::to_string(&unknown.keys().collect::<Vec<_>>()).unwrap_or_default();
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
            if let Some(unit) = unknown.get(name) {
                self.known.heads.insert((*unit).clone(), (row.try_get(1).map_err(failure)?, size));
            }
        }
        Ok(())
    }

    /// Remembers the entries that began the cases which these batches go on with.
    async fn find_began(&mut self, batches: &[&Batch]) -> Result<(), Failure> {
        for batch in batches {
            let Some((number, _)) = self.known.heads.get(&batch.unit).copied() else { continue };
            let links = batch.entries.iter().filter_map(|entry| entry.link).filter(|link| link.sequence > 1);
            let unknown: BTreeSet<CommandId> =
                links.map(|link| link.instance).filter(|case| !self.known.has_begun(number, *case)).collect();
            if unknown.is_empty() {
                continue;
            }
            let sql = "SELECT id, entry FROM command WHERE unit = ?1 AND id IN (SELECT unhex(value) FROM json_each(?2))";
            let cases = serde_json::to_string(&unknown).unwrap_or_default();
            let found = sqlx::query(sql).bind(number).bind(cases).fetch_all(&mut *self.connection).await.map_err(failure)?;
            for row in found {
                let case: &[u8] = row.try_get(0).map_err(failure)?;
                if let Ok(case) = case.try_into() {
                    self.known.began.put((number, CommandId(case)), row.try_get(1).map_err(failure)?);
                }
            }
        }
        Ok(())
    }

    /// Gives a number to each log that begins here.
    async fn begin_logs(&mut self, new: &BTreeSet<&UnitId>) -> Result<(), Failure> {
        for unit in new {
            let sql = "INSERT INTO unit_log (unit, origin, size, frontier, time) VALUES (?1, '', 0, x'', 0) RETURNING number";
            let number = sqlx::query_scalar(sql).bind(unit.as_str()).fetch_one(&mut *self.connection).await.map_err(failure)?;
            self.known.heads.insert((*unit).clone(), (number, 0));
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
        self.find_logs([unit].into_iter()).await?;
        let Some((number, _)) = self.known.heads.get(unit).copied() else { return Ok(false) };
        for (table, _) in ROW_TABLES {
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

/// Runs statements.
async fn execute(connection: &mut SqliteConnection, script: Script) -> Result<(), Failure> {
    sqlx::query_with(AssertSqlSafe(script.sql), script.parameters).execute(connection).await.map(drop).map_err(failure)
}

const INSERT_COMMANDS: &str = "INSERT OR IGNORE INTO command (unit, id, entry) \
    SELECT (value ->> '$[0]') >> 40, unhex(value ->> '$[1]'), value ->> '$[0]' FROM jsonb_each($$)";
