//! The writer: one task that owns the one connection that writes. It takes all waiting batches into one transaction, so that many
//! callers share one fsync; nobody's hang-up can cancel it, since callers only wait for its answer.

use std::collections::BTreeMap;
use std::fs::File;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::sync::{mpsc, oneshot};

use super::fold::{Changes, Fold, Left};
use super::table::{Json, Table, made_bytes};
use crate::digest::Hash;
use crate::model::id::Made;
use crate::model::{CommandId, PersonId, UnitId};
use crate::projection::RowChange;
use crate::store::{Batch, Head, StoreError, check};

/// Batches that one transaction takes. Each has at most `BATCH_COMMANDS_MAX` commands; the bound keeps the JSON of a statement small.
const BATCHES_MAX: usize = 256;
/// Bytes written, as JSON, after which the write-ahead log is copied into the database.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;

/// Where the answer goes.
pub(super) type Answer = oneshot::Sender<Result<(), StoreError>>;

/// What the writer is asked to do.
pub(super) enum Work {
    /// Appends a batch that was checked.
    Append(Batch, Answer),
    /// Replaces the rows of a unit.
    Replace(UnitId, Vec<RowChange>, Answer),
    /// Copies the write-ahead log into the database and ends.
    Close(Answer),
}

/// Why a transaction was rolled back.
#[derive(Debug)]
enum Failure {
    Full,
    /// A row that must be unique is there already.
    Twice,
    /// A row does not fit its table.
    Refused(String),
    /// The head of a log does not stand where it was thought to stand.
    Moved,
    Other(String),
}

impl Failure {
    fn answer(&self, unit: &UnitId) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::Twice => check::twice(unit),
            Self::Moved => StoreError::Broken("the head of a log moved inside a transaction".to_owned()),
            Self::Refused(what) | Self::Other(what) => StoreError::Broken(what.clone()),
        }
    }
}

/// Tells apart the errors after which the database is as it was from those after which nobody knows.
///
/// A full disk, a lock or a refused row is rolled back and answered. After a failed read, write or fsync the kernel may have dropped the
/// pages and report success the next time, so what this process believes about the file can be wrong: the only safe way on is to start
/// again from what the disk really holds. Therefore the process ends here; callers that were not answered ask again with the same key.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn failure(error: sqlx::Error) -> Failure {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const IO: i32 = 10;
    const FULL: i32 = 13;
    const CONSTRAINT: i32 = 19;
    match &error {
        sqlx::Error::Database(database) => {
            match database.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff) {
                Some(FULL) => Failure::Full,
                Some(CONSTRAINT) if database.is_unique_violation() => Failure::Twice,
                Some(CONSTRAINT) => Failure::Refused(format!("a row does not fit its table: {error}")),
                Some(BUSY | LOCKED) => Failure::Other("another process holds the database".to_owned()),
                Some(IO) | None => abort(&error),
                Some(_) => Failure::Other(format!("the database refused a transaction: {error}")),
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => abort(&error),
        _ => Failure::Other(error.to_string()),
    }
}

fn abort(error: &sqlx::Error) -> ! {
    tracing::error!(%error, "reading or writing the database failed; the process ends, so that it starts again from what the disk holds");
    std::process::abort()
}

/// The writer's task: ends at `Work::Close`, or when the store is dropped. `lock` keeps other processes out for as long.
pub(super) async fn run(mut connection: SqliteConnection, mut inbox: mpsc::Receiver<Work>, lock: File) {
    let mut writer = Writer { connection: &mut connection, unsaved: 0, heads: BTreeMap::new() };
    let (mut waiting, mut appends, mut closing) = (Vec::new(), Vec::new(), None);
    while closing.is_none() && inbox.recv_many(&mut waiting, BATCHES_MAX).await > 0 {
        for work in waiting.drain(..) {
            match work {
                Work::Append(batch, answer) => appends.push((batch, answer)),
                Work::Replace(unit, changes, answer) => {
                    writer.append_all(&mut appends).await;
                    // A caller that has gone does not wait for the answer.
                    let _ = answer.send(writer.replace(&unit, &changes).await);
                }
                Work::Close(answer) => closing = Some(answer),
            }
        }
        writer.append_all(&mut appends).await;
    }
    let closed = match sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await {
        Ok(_) => connection.close().await.map_err(super::broken),
        Err(error) => Err(super::broken(error)),
    };
    drop(lock);
    if let Some(answer) = closing {
        let _ = answer.send(closed);
    }
}

struct Writer<'c> {
    connection: &'c mut SqliteConnection,
    /// Bytes written since the last checkpoint.
    unsaved: usize,
    /// Number and size of the logs written before, so that they need not be asked for. The fence holds all the same: a head is moved only
    /// from the size that is told here.
    heads: BTreeMap<UnitId, (i64, u64)>,
}

/// What is known of a log inside a transaction.
struct Known {
    number: i64,
    before: u64,
    size: u64,
}

/// Statements that are handed over at once, each with the rows it takes: every hand-over to the connection's thread costs.
#[derive(Default)]
struct Script {
    sql: String,
    rows: Vec<String>,
}

impl Script {
    /// Adds a statement over rows, if there are any.
    fn rows(&mut self, sql: &str, rows: Json) {
        if let Some(rows) = rows.finish() {
            self.run(sql, rows);
        }
    }

    /// Its one parameter must be a bare `?`: they are counted through all statements.
    fn run(&mut self, sql: &str, rows: String) {
        self.sql.push_str(sql);
        self.sql.push(';');
        self.rows.push(rows);
    }
}

impl Writer<'_> {
    /// Writes batches in one transaction and answers each.
    async fn append_all(&mut self, appends: &mut Vec<(Batch, Answer)>) {
        let mut groups = vec![std::mem::take(appends)];
        while let Some(group) = groups.pop() {
            if group.is_empty() {
                continue;
            }
            let batches: Vec<&Batch> = group.iter().map(|(batch, _)| batch).collect();
            match self.transaction(&batches).await {
                Ok(verdicts) => group.into_iter().zip(verdicts).for_each(|((_, answer), verdict)| drop(answer.send(verdict))),
                // One batch cannot be written: each gets a transaction of its own, in order, so that it alone is refused.
                Err(Failure::Twice | Failure::Refused(_)) if group.len() > 1 => {
                    groups.extend(group.into_iter().rev().map(|append| vec![append]));
                }
                Err(failure) => {
                    for (batch, answer) in group {
                        let _ = answer.send(Err(failure.answer(&batch.unit)));
                    }
                }
            }
        }
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
        let written = match self.write(batches).await {
            Ok(verdicts) => self.execute("COMMIT").await.map(|()| verdicts),
            Err(failure) => Err(failure),
        };
        self.end(written).await
    }

    /// After a failure rolls back; after a commit sees to the write-ahead log.
    async fn end<T>(&mut self, written: Result<T, Failure>) -> Result<T, Failure> {
        if written.is_err() {
            self.heads.clear();
            // SQLite may have rolled back by itself, and then says that there is no transaction.
            let _ = sqlx::query("ROLLBACK").execute(&mut *self.connection).await;
        } else if self.unsaved > CHECKPOINT_BYTES {
            // Here and not by SQLite's own checkpoint, which keeps a failed fsync to itself.
            self.unsaved = 0;
            if let Err(failure) = self.execute("PRAGMA wal_checkpoint(PASSIVE)").await {
                tracing::warn!(?failure, "the write-ahead log could not be copied into the database; it grows until it can");
            }
        }
        written
    }

    /// Runs a statement.
    async fn execute(&mut self, sql: &'static str) -> Result<(), Failure> {
        sqlx::query(sql).execute(&mut *self.connection).await.map(drop).map_err(failure)
    }

    /// Runs statements; answers how many rows they return.
    async fn run(&mut self, script: Script) -> Result<usize, Failure> {
        let mut query = sqlx::query(AssertSqlSafe(script.sql));
        for rows in script.rows {
            self.unsaved += rows.len();
            query = query.bind(rows);
        }
        Ok(query.fetch_all(&mut *self.connection).await.map_err(failure)?.len())
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
        let mut script = Script { sql: "BEGIN IMMEDIATE;".to_owned(), rows: Vec::new() };
        if logs.values().any(|log| log.number == 0) {
            self.execute("BEGIN IMMEDIATE").await?;
            script.sql.clear();
            self.begin_logs(&mut logs).await?;
        }
        let mut heads: BTreeMap<&UnitId, &Head> = BTreeMap::new();
        let mut fold = Fold::default();
        let (mut entries, mut payloads) = (Json::default(), Json::default());
        for batch in accepted {
            let Some(log) = logs.get(&batch.unit) else { continue };
            heads.insert(&batch.unit, &batch.head);
            for entry in &batch.entries {
                let id = entry_id(log.number, entry.index);
                for (position, payload) in (0..).zip(&entry.payloads) {
                    if position == 0 {
                        entries.row(id, |json| {
                            json.blob(&entry.command.0[..]);
                            json.blob(entry.link.as_ref().map(|link| &link.instance.0[..]));
                            json.int(entry.link.map(|link| to_i64(link.sequence)));
                            json.blob(&entry.content.as_bytes()[..]);
                            json.blob(&payload.salt[..]);
                            json.text(entry.leaf.as_str());
                            json.text(payload.body.as_deref());
                        });
                    } else {
                        payloads.row(id, |json| {
                            json.int(position);
                            json.text(payload.name.as_str());
                            json.blob(&payload.salt[..]);
                            json.text(payload.body.as_deref());
                        });
                    }
                }
            }
            for change in &batch.changes {
                fold.add(log.number, change);
            }
        }
        let mut moved = Json::default();
        for (unit, head) in &heads {
            let Some(log) = logs.get(unit) else { continue };
            moved.row(log.number, |json| {
                json.int(to_i64(log.before));
                json.text(head.origin.as_str());
                json.int(to_i64(head.size));
                json.blob(&head.frontier[..]);
                json.int(head.time.0);
            });
        }
        script.rows(MOVE_HEADS, moved);
        script.rows(INSERT_ENTRIES, entries);
        script.rows(INSERT_PAYLOADS, payloads);
        changes(&mut script, &fold);
        // The fence as an assertion: who wrote to the file before this transaction has moved a head.
        if self.run(script).await? != heads.len() {
            return Err(Failure::Moved);
        }
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

    /// Gives a number to each log that begins here.
    async fn begin_logs(&mut self, logs: &mut BTreeMap<&UnitId, Known>) -> Result<(), Failure> {
        for (unit, log) in logs.iter_mut().filter(|(_, log)| log.number == 0) {
            let sql = "INSERT INTO unit_log (unit, origin, size, frontier, time) VALUES (?1, '', 0, x'', 0) RETURNING number";
            log.number = sqlx::query_scalar(sql).bind(unit.as_str()).fetch_one(&mut *self.connection).await.map_err(failure)?;
        }
        Ok(())
    }

    /// Deletes the rows of a unit and puts those that the changes make.
    async fn replace(&mut self, unit: &UnitId, changes: &[RowChange]) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE").await.map_err(|failure| failure.answer(unit))?;
        let written = match self.rewrite(unit, changes).await {
            Ok(true) => self.execute("COMMIT").await,
            Ok(false) => Err(Failure::Other(check::no_log(unit).to_string())),
            Err(failure) => Err(failure),
        };
        self.end(written).await.map_err(|failure| failure.answer(unit))
    }

    async fn rewrite(&mut self, unit: &UnitId, changes: &[RowChange]) -> Result<bool, Failure> {
        let Some(number) = self.logs([unit].into_iter()).await?.get(unit).map(|log| log.number) else { return Ok(false) };
        for table in super::read::ROW_TABLES {
            let sql = AssertSqlSafe(format!("DELETE FROM {table} WHERE unit = ?1"));
            sqlx::query(sql).bind(number).execute(&mut *self.connection).await.map_err(failure)?;
        }
        let mut fold = Fold::default();
        for change in changes {
            fold.add(number, change);
        }
        let mut script = Script::default();
        self::changes(&mut script, &fold);
        if !script.rows.is_empty() {
            self.run(script).await?;
        }
        Ok(true)
    }
}

/// Adds what row changes write.
fn changes(script: &mut Script, fold: &Fold) {
    if !fold.holds.is_empty() {
        let mut holds = Json::default();
        for ((unit, instance), held) in &fold.holds {
            holds.row(*unit, |json| {
                json.blob(&instance.0[..]);
                json.int(i64::from(*held));
            });
        }
        let holds = holds.finish().unwrap_or_default();
        for table in ["task", "job", "due", "subscription"] {
            script.run(&hold_sql(table), holds.clone());
        }
    }

    let mut updates = Json::default();
    for_updates(&fold.instances, |unit, id, (status, ended)| {
        updates.row(unit, |json| {
            json.blob(&id.0[..]);
            json.int(status.code());
            json.int(ended.map(|ended| ended.0));
        });
    });
    script.rows(UPDATE_INSTANCES, updates);
    let mut updates = Json::default();
    for_updates(&fold.tasks, |unit, id, assignee| {
        updates.row(unit, |json| {
            json.made(*id);
            json.text(assignee.as_ref().map(PersonId::as_str));
        });
    });
    script.rows(UPDATE_TASKS, updates);
    let mut updates = Json::default();
    for_updates(&fold.jobs, |unit, id, update| {
        updates.row(unit, |json| {
            json.made(*id);
            json.int(update.retries.map(i64::from));
            json.int(update.available.0);
            json.text(update.worker.as_deref());
        });
    });
    script.rows(UPDATE_JOBS, updates);

    table(script, &fold.instances);
    table(script, &fold.tasks);
    table(script, &fold.jobs);
    table(script, &fold.dues);
    table(script, &fold.subscriptions);
    table(script, &fold.messages);
    table(script, &fold.incidents);
    table(script, &fold.definitions);
    table(script, &fold.snapshots);
}

/// Writes a table's puts and deletes.
fn table<K: Key, R: Table, U>(script: &mut Script, changes: &Changes<K, R, U>) {
    let (mut puts, mut deletes) = (Json::default(), Json::default());
    for ((unit, key), left) in changes {
        match left {
            Left::Put(row) => puts.row(*unit, |json| row.write(json)),
            Left::Delete => deletes.row(*unit, |json| json.blob(&key.bytes()[..])),
            Left::Update(_) => {}
        }
    }
    script.rows(&put_sql::<R>(), puts);
    script.rows(&delete_sql::<R>(), deletes);
}

fn for_updates<K, R, U>(changes: &Changes<K, R, U>, mut write: impl FnMut(i64, &K, &U)) {
    for ((unit, key), left) in changes {
        if let Left::Update(update) = left {
            write(*unit, key, update);
        }
    }
}

/// The key of a row as stored.
trait Key {
    fn bytes(&self) -> Vec<u8>;
}

impl Key for CommandId {
    fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl Key for Made {
    fn bytes(&self) -> Vec<u8> {
        made_bytes(*self)
    }
}

impl Key for Hash {
    fn bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

/// The key of an entry. Both parts are checked: the unit's number is small, the index has 40 bits.
fn entry_id(number: i64, index: u64) -> i64 {
    (number << 40) | to_i64(index.min(check::INDEX_MAX))
}

/// A size or index, which `check` holds below 2^40.
fn to_i64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

// `jsonb_each`, not `json_each`: a row that is an array is handed on as it was parsed, not written as text and parsed again.
const INSERT_ENTRIES: &str = "INSERT INTO entry (id, command, instance, sequence, content, salt, leaf, events) \
    SELECT value ->> 0, unhex(value ->> 1), unhex(value ->> 2), value ->> 3, unhex(value ->> 4), unhex(value ->> 5), value ->> 6, \
    value ->> 7 FROM jsonb_each(?)";

const INSERT_PAYLOADS: &str = "INSERT INTO payload (entry, position, name, salt, body) \
    SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4 FROM jsonb_each(?)";

const MOVE_HEADS: &str = "UPDATE unit_log SET origin = new.value ->> 2, size = new.value ->> 3, frontier = unhex(new.value ->> 4), \
    time = new.value ->> 5 FROM jsonb_each(?) AS new WHERE number = new.value ->> 0 AND size = new.value ->> 1 RETURNING number";

const UPDATE_INSTANCES: &str = "UPDATE instance SET status = new.value ->> 2, ended = new.value ->> 3 \
    FROM jsonb_each(?) AS new WHERE unit = new.value ->> 0 AND instance.id = unhex(new.value ->> 1)";

const UPDATE_TASKS: &str = "UPDATE task SET assignee = new.value ->> 2 \
    FROM jsonb_each(?) AS new WHERE unit = new.value ->> 0 AND task.id = unhex(new.value ->> 1)";

const UPDATE_JOBS: &str = "UPDATE job SET retries = coalesce(new.value ->> 2, retries), available = new.value ->> 3, \
    worker = new.value ->> 4 FROM jsonb_each(?) AS new WHERE unit = new.value ->> 0 AND job.id = unhex(new.value ->> 1)";

fn hold_sql(table: &str) -> String {
    format!(
        "UPDATE {table} SET held = new.value ->> 2 FROM jsonb_each(?) AS new \
         WHERE unit = new.value ->> 0 AND instance = unhex(new.value ->> 1)"
    )
}

fn put_sql<R: Table>() -> String {
    let value = |(at, column): (usize, &super::table::Column)| {
        if column.blob { format!("unhex(value ->> {at})") } else { format!("value ->> {at}") }
    };
    let values: Vec<String> = (1..).zip(R::COLUMNS).map(value).collect();
    let (table, columns, values) = (R::NAME, R::columns(), values.join(", "));
    format!("REPLACE INTO {table} (unit, {columns}) SELECT value ->> 0, {values} FROM jsonb_each(?)")
}

fn delete_sql<R: Table>() -> String {
    let (table, key) = (R::NAME, R::COLUMNS[0].name);
    format!("DELETE FROM {table} WHERE (unit, {key}) IN (SELECT value ->> 0, unhex(value ->> 1) FROM jsonb_each(?))")
}
