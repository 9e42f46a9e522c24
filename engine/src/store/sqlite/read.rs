//! The reads, on their own connections. Each is one statement, so each sees one state of the database.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite};

use super::append::entry_id;
use super::cells::Cells;
use super::desk::Work;
use super::{SqliteStore, broken};
use crate::digest::{Hash, unhex};
use crate::journal::codec::EVENTS;
use crate::journal::{Payload, Sealed};
use crate::model::id::Made;
use crate::model::{CommandId, TaskId, Time, UnitId};
use crate::projection::RowChange;
use crate::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, JobRow, MessageRow, ReadingRow, ReportRow, SubscriptionRow, TaskRow,
};
use crate::store::check::{INDEX_MAX, Stamp, check};
use crate::store::count::{self, Tally, together};
use crate::store::table::{NUMBERED, ROW_TABLES, ReadCells, Snapshot, Table, line, made_bytes};
use crate::store::{
    Batch, Head, InstanceQuery, Mark, ReadingQuery, ReportQuery, Store, StoreError, TaskCount, TaskQuery, Whose, due,
};

/// Rows that a dump reads at a time.
const LINES: u32 = 1_000;

type Sql = QueryBuilder<Sqlite>;

/// Batches of a log that may be on their way: while one transaction is, all that come are planned into the next.
const FLIGHTS: usize = 8;

/// `SELECT … FROM table WHERE unit = …`, to be continued with ` AND …`.
fn select(sql: &mut Sql, table: &str, columns: &str, unit: &UnitId) {
    sql.push(format_args!("SELECT {columns} FROM {table} WHERE unit = (SELECT number FROM unit_log WHERE unit = "));
    sql.push_bind(unit.as_str().to_owned()).push(")");
}

fn of<R: Table>(unit: &UnitId) -> Sql {
    let mut sql = Sql::new("");
    select(&mut sql, R::NAME, &R::columns(), unit);
    sql
}

/// Everything that an entry is made of; the personal payloads as one JSON text.
pub(super) const ENTRIES: &str = "SELECT id, content, salt, leaf, events, (SELECT json_group_array(json_array(name, hex(salt), body) ORDER BY position) \
    FROM payload WHERE entry = entry.id) AS payloads FROM entry WHERE ";

/// Of a log: notes of how far its rows and commands are written which pass its end or are below nothing; payloads without an entry; and commands that
/// no entry has. These are looked for only where there are more than the entries of which they are written: it takes a look at each of them.
const STRAY: &str = "SELECT 'table unit_log, row ' || unit || ', column ' || name || ': ' || value || ' is more than the log has' FROM (\
        SELECT unit, size, 'projected' AS name, projected AS value FROM unit_log WHERE number = ?1 \
        UNION ALL SELECT unit, size, 'indexed', indexed FROM unit_log WHERE number = ?1 \
        UNION ALL SELECT unit, size, 'indexing', indexing FROM unit_log WHERE number = ?1) WHERE value NOT BETWEEN 0 AND size \
    UNION ALL SELECT 'table payload, row ' || (entry & ((1 << 40) - 1)) || ' ' || position || ': there is no such entry' FROM payload \
        WHERE entry >= ?1 << 40 AND entry < (?1 + 1) << 40 AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = payload.entry) \
    UNION ALL SELECT 'table command, row ' || lower(hex(id)) || ': no entry has this command' FROM command WHERE unit = ?1 \
        AND (SELECT count(*) FROM command WHERE unit = ?1) > (SELECT indexed FROM unit_log WHERE number = ?1) \
        AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = command.entry AND entry.command = command.id) \
    LIMIT 1";

impl SqliteStore {
    /// A row of a unit that has no log: which.
    pub(super) async fn homeless(&self) -> Result<Option<String>, StoreError> {
        let sql = |(table, key, unit): (&str, &str, &str)| {
            format!(
                "SELECT 'table {table}, row ' || iif(typeof({key}) = 'blob', lower(hex({key})), {key}) || ': it is of unit number ' || ({unit}) || \
                 ', which has no log' FROM {table} WHERE ({unit}) NOT IN (SELECT number FROM unit_log)"
            )
        };
        let tables = ROW_TABLES.into_iter().chain([("command", "id")]).map(|(table, key)| (table, key, "unit"));
        let all: Vec<String> =
            tables.chain([("entry", "id", "id >> 40"), ("payload", "entry", "entry >> 40")]).map(sql).collect();
        let sql = AssertSqlSafe(all.join(" UNION ALL ") + " LIMIT 1");
        sqlx::query_scalar(sql).fetch_optional(&self.readers).await.map_err(broken)
    }

    async fn fetch(&self, mut sql: Sql) -> Result<Vec<SqliteRow>, StoreError> {
        sql.build().fetch_all(&self.readers).await.map_err(broken)
    }

    async fn rows<R: Table>(&self, sql: Sql) -> Result<Vec<R>, StoreError> {
        self.caught_up().await?;
        self.fetch(sql).await?.iter().map(|row| R::read(&mut Cells::new(R::NAME, row))).collect()
    }

    async fn row<R: Table>(&self, sql: Sql) -> Result<Option<R>, StoreError> {
        Ok(self.rows(sql).await?.pop())
    }

    async fn by_key<R: Table>(&self, unit: &UnitId, key: Vec<u8>) -> Result<Option<R>, StoreError> {
        let mut sql = of::<R>(unit);
        sql.push(format_args!(" AND {} = ", R::COLUMNS[0].name)).push_bind(key);
        self.row(sql).await
    }

    /// A page of rows at a time: they take more room than their lines.
    async fn lines<R: Table>(&self, unit: &UnitId, lines: &mut Vec<String>) -> Result<(), StoreError> {
        self.caught_up().await?;
        let (key, mut after) = (R::COLUMNS[0].name, None::<Vec<u8>>);
        loop {
            let mut sql = of::<R>(unit);
            if let Some(after) = &after {
                sql.push(format_args!(" AND {key} > ")).push_bind(after.clone());
            }
            sql.push(format_args!(" ORDER BY {key} LIMIT {LINES}"));
            let rows = self.fetch(sql).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(Cells::new(R::NAME, last).blob()?);
            for row in &rows {
                lines.push(line(&R::read(&mut Cells::new(R::NAME, row))?));
            }
        }
    }

    async fn tallies(&self, unit: &UnitId, lines: &mut Vec<String>) -> Result<(), StoreError> {
        let mut sql = Sql::new("");
        select(&mut sql, Tally::TABLE, Tally::COLUMNS, unit);
        self.caught_up().await?;
        for row in &self.fetch(sql).await? {
            lines.push(Tally::read(&mut Cells::new(Tally::TABLE, row))?.line());
        }
        Ok(())
    }

    async fn sealed(&self, sql: Sql) -> Result<Vec<Sealed>, StoreError> {
        self.fetch(sql).await?.iter().map(sealed).collect()
    }
}

/// The entry of a row of [`ENTRIES`].
pub(super) fn sealed(row: &SqliteRow) -> Result<Sealed, StoreError> {
    let mut cells = Cells::new("entry", row);
    let index = cells.int()?.cast_unsigned() & INDEX_MAX;
    let content = cells.hash()?;
    let salt = cells.bytes()?;
    let leaf = cells.text()?;
    let stamp = Stamp::read(&leaf).map_err(|what| cells.broken(what))?;
    let mut payloads = vec![Payload { name: EVENTS.to_owned(), salt, body: cells.optional_text()? }];
    let rest = cells.text()?;
    let rest: Vec<(String, String, Option<String>)> = serde_json::from_str(&rest).map_err(|error| cells.broken(error))?;
    for (name, salt, body) in rest {
        let salt = unhex(&salt.to_ascii_lowercase()).and_then(|salt| salt.try_into().ok());
        let salt = salt.ok_or_else(|| cells.broken(format_args!("the salt of payload {name} has not 32 bytes")))?;
        payloads.push(Payload { name, salt, body });
    }
    if stamp.index != index || stamp.payloads != payloads.len() {
        return Err(cells.broken("its leaf and its row differ"));
    }
    let Stamp { time, command, link, .. } = stamp;
    Ok(Sealed { index, time, command, content, link, leaf, payloads })
}

/// Rows of a log's entries from an index on, in its order, at most so many; none beyond the last index that can be.
fn log_from(select: &str, unit: &UnitId, from: u64, limit: u32) -> Option<Sql> {
    let from = i64::try_from(from).ok().filter(|from| from.cast_unsigned() <= INDEX_MAX)?;
    let number = "(SELECT number FROM unit_log WHERE unit = ";
    let mut sql = Sql::new(select);
    sql.push("id >= (").push(number).push_bind(unit.as_str().to_owned()).push(") << 40) + ").push_bind(from);
    sql.push(" AND id < (").push(number).push_bind(unit.as_str().to_owned()).push(") + 1 << 40)");
    sql.push(" ORDER BY id LIMIT ").push_bind(limit);
    Some(sql)
}

impl Store for SqliteStore {
    async fn units(&self) -> Result<Vec<UnitId>, StoreError> {
        let rows = self.fetch(Sql::new("SELECT unit FROM unit_log ORDER BY unit")).await?;
        rows.iter().map(|row| unit(&mut Cells::new("unit_log", row))).collect()
    }

    async fn head(&self, unit: &UnitId) -> Result<Option<Head>, StoreError> {
        let mut sql = Sql::new("SELECT origin, size, frontier, time FROM unit_log WHERE unit = ");
        sql.push_bind(unit.as_str().to_owned());
        let rows = self.fetch(sql).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut cells = Cells::new("unit_log", row);
        Ok(Some(Head { origin: cells.text()?, size: cells.number()?, frontier: cells.blob()?, time: cells.time()? }))
    }

    fn flights(&self) -> usize {
        FLIGHTS
    }

    async fn append(&self, batch: Batch) -> Result<(), StoreError> {
        check(&batch)?;
        self.ask(|answer| Work::Append(batch, answer)).await
    }

    async fn entries(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        match log_from(ENTRIES, unit, from, limit) {
            Some(sql) => self.sealed(sql).await,
            None => Ok(Vec::new()),
        }
    }

    async fn leaves(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<String>, StoreError> {
        let Some(sql) = log_from("SELECT id, leaf FROM entry WHERE ", unit, from, limit) else { return Ok(Vec::new()) };
        let leaf = |row: &SqliteRow| {
            let mut cells = Cells::new("entry", row);
            cells.int().and_then(|_| cells.text())
        };
        self.fetch(sql).await?.iter().map(leaf).collect()
    }

    async fn case_entries(&self, unit: &UnitId, instance: CommandId, from: u64) -> Result<Vec<Sealed>, StoreError> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let Some(number) = self.commands.number(unit) else { return Ok(Vec::new()) };
        let mut sql = Sql::new(ENTRIES);
        sql.push("began = ");
        if let Some(began) = self.commands.places(number, &[instance]).pop() {
            sql.push_bind(began);
        } else {
            sql.push("(SELECT entry FROM command WHERE unit = ").push_bind(number);
            sql.push(" AND id = ").push_bind(instance.0.to_vec()).push(")");
        }
        sql.push(" AND sequence >= ").push_bind(from).push(" ORDER BY sequence");
        self.sealed(sql).await
    }

    async fn commands(&self, unit: &UnitId, ids: &[CommandId]) -> Result<Vec<Sealed>, StoreError> {
        let Some(number) = self.commands.number(unit) else { return Ok(Vec::new()) };
        let late = serde_json::to_string(&self.commands.places(number, ids)).unwrap_or_default();
        let ids = serde_json::to_string(ids).unwrap_or_default();
        let mut sql = Sql::new(ENTRIES);
        sql.push("id IN (SELECT value FROM json_each(").push_bind(late);
        sql.push(") UNION SELECT command.entry FROM command WHERE command.unit = ").push_bind(number);
        sql.push(" AND command.id IN (SELECT unhex(value) FROM json_each(").push_bind(ids).push("))) ORDER BY id");
        self.sealed(sql).await
    }

    async fn snapshot(&self, unit: &UnitId, instance: CommandId) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let mut sql = of::<Snapshot>(unit);
        sql.push(" AND instance = ").push_bind(instance.0.to_vec());
        // Written with the entry that it follows: nothing to catch up with.
        let found = self.fetch(sql).await?.first().map(|row| Snapshot::read(&mut Cells::new(Snapshot::NAME, row))).transpose()?;
        Ok(found.map(|snapshot| (snapshot.sequence, snapshot.state)))
    }

    async fn snapshots(
        &self,
        unit: &UnitId,
        after: Option<CommandId>,
        limit: u32,
    ) -> Result<Vec<(CommandId, u64, Vec<u8>)>, StoreError> {
        let mut sql = of::<Snapshot>(unit);
        if let Some(after) = after {
            sql.push(" AND instance > ").push_bind(after.0.to_vec());
        }
        sql.push(" ORDER BY instance LIMIT ").push_bind(limit);
        self.fetch(sql)
            .await?
            .iter()
            .map(|row| Snapshot::read(&mut Cells::new(Snapshot::NAME, row)).map(Snapshot::told))
            .collect()
    }

    async fn marks(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<Mark>, StoreError> {
        let Some(number) = self.commands.number(unit) else { return Ok(Vec::new()) };
        let first = entry_id(number, 0);
        let mut sql = Sql::new("SELECT id, command, (SELECT entry FROM command WHERE unit = ");
        sql.push_bind(number).push(" AND command.id = entry.command), began, sequence, (SELECT ").push(NUMBERED);
        sql.push(" FROM payload WHERE payload.entry = entry.id) FROM entry WHERE id >= ").push_bind(entry_id(number, from));
        sql.push(" AND id < ").push_bind(entry_id(number.saturating_add(1), 0)).push(" ORDER BY id LIMIT ").push_bind(limit);
        let read = |row: &SqliteRow| {
            let mut cells = Cells::new("entry", row);
            // Of another log: past every index, so like nothing that a leaf says.
            let index = |cells: &mut Cells<'_>| {
                Ok::<_, StoreError>(cells.optional_int()?.map(|id| id.wrapping_sub(first).cast_unsigned()))
            };
            let (own, command) = (cells.int()?, cells.command()?);
            let leads = index(&mut cells)?;
            let leads =
                leads.or_else(|| self.commands.places(number, &[command]).pop().map(|id| id.wrapping_sub(first).cast_unsigned()));
            let began = index(&mut cells)?;
            let sequence = cells.optional_int()?.map(i64::cast_unsigned);
            Ok(Mark { index: own.wrapping_sub(first).cast_unsigned(), command, leads, began, sequence, numbered: cells.flag()? })
        };
        self.fetch(sql).await?.iter().map(read).collect()
    }

    async fn stray(&self, unit: &UnitId) -> Result<Option<String>, StoreError> {
        self.caught_up().await?;
        let Some(number) = self.commands.number(unit) else { return Ok(None) };
        let text = sqlx::query_scalar(STRAY).bind(number).fetch_optional(&self.readers).await.map_err(broken)?;
        Ok(text)
    }

    async fn replace_rows(&self, unit: &UnitId, changes: Vec<RowChange>) -> Result<(), StoreError> {
        self.ask(|answer| Work::Replace(unit.clone(), changes, answer)).await
    }

    async fn dump_rows(&self, unit: &UnitId) -> Result<Vec<String>, StoreError> {
        let mut lines = Vec::new();
        self.lines::<InstanceRow>(unit, &mut lines).await?;
        self.lines::<TaskRow>(unit, &mut lines).await?;
        self.tallies(unit, &mut lines).await?;
        self.lines::<JobRow>(unit, &mut lines).await?;
        self.lines::<DueRow>(unit, &mut lines).await?;
        self.lines::<SubscriptionRow>(unit, &mut lines).await?;
        self.lines::<MessageRow>(unit, &mut lines).await?;
        self.lines::<IncidentRow>(unit, &mut lines).await?;
        self.lines::<ReportRow>(unit, &mut lines).await?;
        self.lines::<ReadingRow>(unit, &mut lines).await?;
        self.lines::<DefinitionRow>(unit, &mut lines).await?;
        lines.sort();
        Ok(lines)
    }

    async fn instance(&self, unit: &UnitId, id: CommandId) -> Result<Option<InstanceRow>, StoreError> {
        self.by_key(unit, id.0.to_vec()).await
    }

    async fn instances_named(&self, unit: &UnitId, ids: &[CommandId]) -> Result<Vec<InstanceRow>, StoreError> {
        let mut sql = of::<InstanceRow>(unit);
        sql.push(" AND id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id.0.to_vec());
        }
        sql.push(")");
        self.rows(sql).await
    }

    async fn instances(&self, unit: &UnitId, query: &InstanceQuery) -> Result<Vec<InstanceRow>, StoreError> {
        let mut sql = of::<InstanceRow>(unit);
        if let Some(process) = &query.process {
            sql.push(" AND process = ").push_bind(process.clone());
        }
        if let Some(status) = query.status {
            sql.push(" AND status = ").push_bind(status.code());
        }
        if let Some(number) = &query.number {
            sql.push(" AND number = ").push_bind(number.clone());
        }
        if let Some(actor) = &query.started_by {
            sql.push(" AND started_by = ").push_bind(actor.clone());
        }
        if let Some((started, id)) = query.after {
            // The first term bounds the walk of the index, the second settles those of the same instant.
            sql.push(" AND started <= ").push_bind(started.0);
            sql.push(" AND (started < ").push_bind(started.0).push(" OR id > ").push_bind(id.0.to_vec()).push(")");
        }
        sql.push(" ORDER BY started DESC, id LIMIT ").push_bind(query.limit);
        self.rows(sql).await
    }

    async fn task(&self, unit: &UnitId, id: TaskId) -> Result<Option<TaskRow>, StoreError> {
        self.by_key(unit, made_bytes(id)).await
    }

    async fn tasks(&self, unit: &UnitId, query: &TaskQuery) -> Result<Vec<TaskRow>, StoreError> {
        let columns = format!("{}, sort", TaskRow::columns());
        // One arm for each role and for the person alone: each walks its own index in order, and SQLite merges them without a sort.
        let arms = match &query.offered {
            None => vec![("", None)],
            Some(offered) => {
                let roles: BTreeSet<&str> = offered.roles.iter().map(String::as_str).collect();
                let role = |role| (" AND assignee IS NULL AND only_for IS NULL AND role = ", Some(role));
                let person = offered.person.iter().map(|person| (" AND assignee IS NULL AND only_for = ", Some(person.as_str())));
                roles.into_iter().map(role).chain(person).collect()
            }
        };
        if arms.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("");
        for (at, (condition, value)) in arms.into_iter().enumerate() {
            sql.push(if at == 0 { "" } else { " UNION ALL " });
            select(&mut sql, TaskRow::NAME, &columns, unit);
            sql.push(" AND held = 0").push(condition);
            if let Some(value) = value {
                sql.push_bind(value.to_owned());
            }
            if let Some(person) = &query.assignee {
                sql.push(" AND assignee = ").push_bind(person.as_str().to_owned());
            }
            if let Some(instance) = query.instance {
                sql.push(" AND instance = ").push_bind(instance.0.to_vec());
            }
            if let Some(process) = &query.process {
                sql.push(" AND process = ").push_bind(process.clone());
            }
            if let Some((due, id)) = query.after {
                sql.push(" AND (sort, id) > (").push_bind(due.0).push(", ").push_bind(made_bytes(id)).push(")");
            }
        }
        sql.push(" ORDER BY sort, id LIMIT ").push_bind(query.limit);
        self.rows(sql).await
    }

    async fn task_counts(&self, unit: &UnitId, whose: &Whose, now: Time) -> Result<Vec<TaskCount>, StoreError> {
        let (sql, values) = count::sql("(SELECT number FROM unit_log WHERE unit = $1)", whose, now);
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        // The instant stands in it, so that it is never asked again.
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(unit.as_str());
        for value in values {
            query = query.bind(value);
        }
        self.caught_up().await?;
        let rows = query.fetch_all(&self.readers).await.map_err(broken)?;
        let counts = rows.iter().map(|row| count::read(&mut Cells::new(Tally::TABLE, row)));
        Ok(together(counts.collect::<Result<Vec<_>, _>>()?))
    }

    async fn job(&self, unit: &UnitId, id: Made) -> Result<Option<JobRow>, StoreError> {
        self.by_key(unit, made_bytes(id)).await
    }

    async fn jobs(&self, unit: &UnitId, topics: &[String], now: Time, limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let mut sql = Sql::new("");
        for (at, topic) in topics.iter().collect::<BTreeSet<_>>().into_iter().enumerate() {
            sql.push(if at == 0 { "" } else { " UNION ALL " });
            select(&mut sql, JobRow::NAME, &JobRow::columns(), unit);
            sql.push(" AND held = 0 AND retries > 0 AND topic = ").push_bind(topic.clone());
            sql.push(" AND available <= ").push_bind(now.0);
        }
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        sql.push(" ORDER BY available, id LIMIT ").push_bind(limit);
        self.rows(sql).await
    }

    async fn due(&self, now: Time, limit: u32) -> Result<Vec<(UnitId, DueRow)>, StoreError> {
        let sql = AssertSqlSafe(due::look("unit_log.unit", " JOIN unit_log ON unit_log.number = due.unit"));
        self.caught_up().await?;
        let rows = sqlx::query(sql).bind(now.0).bind(limit).fetch_all(&self.readers).await.map_err(broken)?;
        let read = |row: &SqliteRow| {
            let mut cells = Cells::new(DueRow::NAME, row);
            let due = DueRow::read(&mut cells)?;
            Ok((unit(&mut cells)?, due))
        };
        rows.iter().map(read).collect()
    }

    async fn due_of(&self, unit: &UnitId, kind: DueKind, after: Option<Made>, limit: u32) -> Result<Vec<DueRow>, StoreError> {
        let mut sql = of::<DueRow>(unit);
        sql.push(" AND kind = ").push_bind(kind.code());
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(made_bytes(after));
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        self.rows(sql).await
    }

    async fn next_due(&self) -> Result<Option<Time>, StoreError> {
        self.caught_up().await?;
        let sql = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(due::next("")));
        Ok(sql.fetch_one(&self.readers).await.map_err(broken)?.map(Time))
    }

    async fn subscriber(&self, unit: &UnitId, name: &str, key: &str) -> Result<Option<SubscriptionRow>, StoreError> {
        let mut sql = of::<SubscriptionRow>(unit);
        sql.push(" AND held = 0 AND name = ").push_bind(name.to_owned()).push(" AND key = ").push_bind(key.to_owned());
        sql.push(" ORDER BY opened, id LIMIT 1");
        self.row(sql).await
    }

    async fn messages(&self, unit: &UnitId, name: &str, key: &str, now: Time, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
        let mut sql = of::<MessageRow>(unit);
        sql.push(" AND name = ").push_bind(name.to_owned()).push(" AND key = ").push_bind(key.to_owned());
        sql.push(" AND expires > ").push_bind(now.0).push(" ORDER BY published, id LIMIT ").push_bind(limit);
        self.rows(sql).await
    }

    async fn message_count(&self, unit: &UnitId) -> Result<u64, StoreError> {
        let mut sql = Sql::new("");
        select(&mut sql, MessageRow::NAME, "count(*)", unit);
        self.caught_up().await?;
        let rows = self.fetch(sql).await?;
        rows.first().map_or(Ok(0), |row| Cells::new(MessageRow::NAME, row).number())
    }

    async fn incidents(&self, unit: &UnitId, instance: Option<CommandId>, limit: u32) -> Result<Vec<IncidentRow>, StoreError> {
        let mut sql = of::<IncidentRow>(unit);
        if let Some(instance) = instance {
            sql.push(" AND instance = ").push_bind(instance.0.to_vec());
        }
        sql.push(" ORDER BY raised, id LIMIT ").push_bind(limit);
        self.rows(sql).await
    }

    async fn reports(&self, unit: &UnitId, query: &ReportQuery) -> Result<Vec<ReportRow>, StoreError> {
        let mut sql = of::<ReportRow>(unit);
        if let Some(kind) = query.kind {
            sql.push(" AND kind = ").push_bind(kind.code());
        }
        if let Some((at, id)) = query.after {
            // The first term bounds the walk of the index, the second settles those of the same instant.
            sql.push(" AND at <= ").push_bind(at.0);
            sql.push(" AND (at < ").push_bind(at.0).push(" OR id > ").push_bind(made_bytes(id)).push(")");
        }
        sql.push(" ORDER BY at DESC, id LIMIT ").push_bind(query.limit);
        self.rows(sql).await
    }

    async fn readings(&self, unit: &UnitId, query: &ReadingQuery) -> Result<Vec<ReadingRow>, StoreError> {
        let mut sql = of::<ReadingRow>(unit);
        if let Some(case) = &query.case {
            sql.push(" AND case_unit = ").push_bind(case.unit.to_string());
            sql.push(" AND instance = ").push_bind(case.command.0.to_vec());
        }
        if let Some(person) = &query.person {
            sql.push(" AND person = ").push_bind(person.to_string());
        }
        if let Some((at, id)) = query.after {
            sql.push(" AND at <= ").push_bind(at.0);
            sql.push(" AND (at < ").push_bind(at.0).push(" OR id > ").push_bind(made_bytes(id)).push(")");
        }
        sql.push(" ORDER BY at DESC, id LIMIT ").push_bind(query.limit);
        self.rows(sql).await
    }

    async fn definitions(&self, unit: &UnitId) -> Result<Vec<DefinitionRow>, StoreError> {
        let mut sql = of::<DefinitionRow>(unit);
        sql.push(" ORDER BY deployed, process, version, hash");
        self.rows(sql).await
    }

    async fn definition(&self, unit: &UnitId, hash: &Hash) -> Result<Option<DefinitionRow>, StoreError> {
        self.by_key(unit, hash.as_bytes().to_vec()).await
    }
}

fn unit(cells: &mut Cells<'_>) -> Result<UnitId, StoreError> {
    cells.text()?.parse().map_err(|error| cells.broken(error))
}
