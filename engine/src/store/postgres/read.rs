//! The reads. Each is one statement, but for `dump_rows`, so each sees one state of the database, in which every append is that was answered before.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::QueryScalar;
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder};

use super::PostgresStore;
use super::append::{Work, write};
use super::cells::{Cells, stored};
use super::duty;
use super::failure::broken;
use crate::digest::Hash;
use crate::journal::codec::EVENTS;
use crate::journal::{Payload, Sealed};
use crate::model::id::Made;
use crate::model::{CommandId, TaskId, Time, UnitId};
use crate::projection::RowChange;
use crate::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, JobRow, MessageRow, ReadingRow, ReportRow, SubscriptionRow, TaskRow,
};
use crate::store::check::{Stamp, check};
use crate::store::count::{self, Tally, together};
use crate::store::table::{NUMBERED, ROW_TABLES, ReadCells, Snapshot, Table, line, made_bytes};
use crate::store::{
    Batch, Common, Head, InstanceQuery, Mark, ReadingQuery, ReportQuery, Store, StoreError, TaskCount, TaskQuery, Whose, due,
};

/// Rows that a dump reads at a time.
const LINES: u32 = 1_000;

type Sql = QueryBuilder<Postgres>;

/// `SELECT … FROM table WHERE unit = …`, to be continued with ` AND …`.
fn select(sql: &mut Sql, table: &str, columns: &str, unit: &UnitId) {
    sql.push(format_args!("SELECT {columns} FROM {table} WHERE unit = ")).push_bind(unit.as_str().to_owned());
}

fn of<R: Table>(unit: &UnitId) -> Sql {
    let mut sql = Sql::new("");
    select(&mut sql, R::NAME, &R::columns(), unit);
    sql
}

/// Adds ` AND column = text`.
fn equals(sql: &mut Sql, column: &str, text: &str) {
    sql.push(format_args!(" AND {column} = ")).push_bind(stored(text).into_owned());
}

/// Adds the end of a list.
fn limit(sql: &mut Sql, order: &str, limit: u32) {
    sql.push(format_args!(" ORDER BY {order} LIMIT ")).push_bind(i64::from(limit));
}

/// Joins the arms of a list. Each walks its own index in order and stops at the limit; the database merges them.
fn join(arms: usize, order: &str, most: u32, mut arm: impl FnMut(&mut Sql, usize)) -> Sql {
    let mut sql = Sql::new("");
    for at in 0..arms {
        sql.push(if at == 0 { "(" } else { " UNION ALL (" });
        arm(&mut sql, at);
        limit(&mut sql, order, most);
        sql.push(")");
    }
    if arms > 1 {
        limit(&mut sql, order, most);
    }
    sql
}

/// Everything that an entry is made of; its personal payloads as three arrays.
fn entries_of(unit: &UnitId) -> Sql {
    let mut sql = Sql::new(
        "SELECT entry.index, content, entry.salt, leaf, events, names, salts, bodies FROM entry LEFT JOIN LATERAL (\
         SELECT array_agg(name ORDER BY position) AS names, array_agg(salt ORDER BY position) AS salts, \
         array_agg(body ORDER BY position) AS bodies FROM payload \
         WHERE payload.unit = entry.unit AND payload.entry = entry.index) AS rest ON true WHERE entry.unit = ",
    );
    sql.push_bind(unit.as_str().to_owned());
    sql
}

impl PostgresStore {
    /// Looks for rows of units that have no log.
    ///
    /// # Errors
    /// When there is one: which.
    pub async fn integrity(&self) -> Result<(), StoreError> {
        let sql = |(table, key): (&str, &str)| {
            format!(
                "SELECT 'table {table}, row ' || replace({key}::text, '\\x', '') || ': it is of unit ' || unit || ', which has no log' \
                 FROM {table} WHERE unit NOT IN (SELECT unit FROM unit_log)"
            )
        };
        let all: Vec<String> = ROW_TABLES.into_iter().chain([("entry", "index"), ("payload", "entry")]).map(sql).collect();
        let sql = AssertSqlSafe(all.join(" UNION ALL ") + " LIMIT 1");
        let row = self.unhurried(sqlx::query_scalar(sql)).await?;
        row.map_or(Ok(()), |row| Err(StoreError::Broken(row)))
    }

    /// The answer to a question that may take longer than a command may.
    async fn unhurried(&self, query: QueryScalar<'_, Postgres, String, PgArguments>) -> Result<Option<String>, StoreError> {
        let mut transaction = self.pool.begin().await.map_err(broken)?;
        sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *transaction).await.map_err(broken)?;
        query.fetch_optional(&mut *transaction).await.map_err(broken)
    }

    async fn fetch(&self, mut sql: Sql) -> Result<Vec<PgRow>, StoreError> {
        sql.build().fetch_all(&self.pool).await.map_err(broken)
    }

    async fn rows<R: Table>(&self, sql: Sql) -> Result<Vec<R>, StoreError> {
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
        let (key, mut after) = (R::COLUMNS[0].name, None::<Vec<u8>>);
        loop {
            let mut sql = of::<R>(unit);
            if let Some(after) = &after {
                sql.push(format_args!(" AND {key} > ")).push_bind(after.clone());
            }
            limit(&mut sql, key, LINES);
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
        for row in &self.fetch(sql).await? {
            lines.push(Tally::read(&mut Cells::new(Tally::TABLE, row))?.line());
        }
        Ok(())
    }

    async fn sealed(&self, sql: Sql) -> Result<Vec<Sealed>, StoreError> {
        self.fetch(sql).await?.iter().map(sealed).collect()
    }
}

/// The entry of a row of [`entries_of`].
fn sealed(row: &PgRow) -> Result<Sealed, StoreError> {
    let mut cells = Cells::new("entry", row);
    let index: u64 = cells.number()?;
    let content = cells.hash()?;
    let salt = cells.bytes()?;
    let leaf = cells.text()?;
    let stamp = Stamp::read(&leaf).map_err(|what| cells.broken(what))?;
    let mut payloads = vec![Payload { name: EVENTS.to_owned(), salt, body: cells.optional_text()? }];
    let names: Vec<String> = cells.get::<Option<_>>()?.unwrap_or_default();
    let salts: Vec<Vec<u8>> = cells.get::<Option<_>>()?.unwrap_or_default();
    let bodies: Vec<Option<String>> = cells.get::<Option<_>>()?.unwrap_or_default();
    for ((name, salt), body) in names.into_iter().zip(salts).zip(bodies) {
        let name = cells.restored(&name)?;
        let salt = salt.try_into().map_err(|_| cells.broken(format_args!("the salt of payload {name} has not 32 bytes")))?;
        let body = body.map(|body| cells.restored(&body)).transpose()?;
        payloads.push(Payload { name, salt, body });
    }
    if stamp.index != index || stamp.payloads != payloads.len() {
        return Err(cells.broken("its leaf and its row differ"));
    }
    let Stamp { time, command, link, .. } = stamp;
    Ok(Sealed { index, time, command, content, link, leaf, payloads })
}

impl Store for PostgresStore {
    async fn common(&self) -> Result<Option<Common>, StoreError> {
        let sql = "SELECT coalesce((SELECT size FROM unit_log WHERE unit = $1), 0), (SELECT count(*) FROM definition)";
        let row = sqlx::query(sql).bind(UnitId::SITE).fetch_one(&self.pool).await.map_err(broken)?;
        let mut cells = Cells::new("unit_log", &row);
        Ok(Some(Common { site: cells.number()?, definitions: cells.number()? }))
    }

    async fn heard(&self) -> Result<(), StoreError> {
        self.ear.heard(&self.pool).await.map_err(broken)
    }

    async fn attend(&self) -> Result<(), StoreError> {
        duty::attend(&self.pool, &self.node).await
    }

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

    async fn hold(&self, unit: &UnitId) -> Result<(), StoreError> {
        let most = self.pool.options().get_max_connections() / 4;
        self.held.hold(&self.pool, unit, most as usize).await
    }

    async fn let_go(&self, unit: &UnitId) -> Result<(), StoreError> {
        self.held.let_go(unit).await;
        Ok(())
    }

    async fn append(&self, batch: Batch) -> Result<(), StoreError> {
        check(&batch)?;
        let held = self.held.take(&batch.unit);
        write(self.pool.clone(), Arc::clone(&self.began), Work::Append(batch), held).await?;
        self.ear.wrote();
        Ok(())
    }

    async fn entries(&self, unit: &UnitId, from: u64, most: u32) -> Result<Vec<Sealed>, StoreError> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let mut sql = entries_of(unit);
        sql.push(" AND entry.index >= ").push_bind(from);
        limit(&mut sql, "entry.index", most);
        self.sealed(sql).await
    }

    async fn leaves(&self, unit: &UnitId, from: u64, most: u32) -> Result<Vec<String>, StoreError> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let mut sql = Sql::new("SELECT index, leaf FROM entry WHERE unit = ");
        sql.push_bind(unit.as_str().to_owned()).push(" AND index >= ").push_bind(from);
        limit(&mut sql, "index", most);
        let leaf = |row: &PgRow| {
            let mut cells = Cells::new("entry", row);
            cells.int().and_then(|_| cells.text())
        };
        self.fetch(sql).await?.iter().map(leaf).collect()
    }

    async fn case_entries(&self, unit: &UnitId, instance: CommandId, from: u64) -> Result<Vec<Sealed>, StoreError> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let mut sql = entries_of(unit);
        sql.push(" AND began = (SELECT first.index FROM entry AS first WHERE first.unit = ").push_bind(unit.as_str().to_owned());
        sql.push(" AND first.command = ").push_bind(instance.0.to_vec());
        sql.push(") AND sequence >= ").push_bind(from).push(" ORDER BY sequence");
        self.sealed(sql).await
    }

    async fn commands(&self, unit: &UnitId, ids: &[CommandId]) -> Result<Vec<Sealed>, StoreError> {
        let mut sql = entries_of(unit);
        let ids: Vec<Vec<u8>> = ids.iter().map(|id| id.0.to_vec()).collect();
        sql.push(" AND command = ANY(").push_bind(ids).push(") ORDER BY entry.index");
        self.sealed(sql).await
    }

    async fn snapshot(&self, unit: &UnitId, instance: CommandId) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let snapshot: Option<Snapshot> = self.by_key(unit, instance.0.to_vec()).await?;
        Ok(snapshot.map(|snapshot| (snapshot.sequence, snapshot.state)))
    }

    async fn snapshots(
        &self,
        unit: &UnitId,
        after: Option<CommandId>,
        most: u32,
    ) -> Result<Vec<(CommandId, u64, Vec<u8>)>, StoreError> {
        let mut sql = of::<Snapshot>(unit);
        if let Some(after) = after {
            sql.push(" AND instance > ").push_bind(after.0.to_vec());
        }
        limit(&mut sql, "instance", most);
        Ok(self.rows(sql).await?.into_iter().map(Snapshot::told).collect())
    }

    async fn marks(&self, unit: &UnitId, from: u64, most: u32) -> Result<Vec<Mark>, StoreError> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let mut sql = Sql::new("SELECT index, command, began, sequence, (SELECT CAST(");
        sql.push(NUMBERED).push(" AS bigint) FROM payload WHERE payload.unit = entry.unit AND payload.entry = entry.index)");
        sql.push(" FROM entry WHERE unit = ").push_bind(unit.as_str().to_owned()).push(" AND index >= ").push_bind(from);
        limit(&mut sql, "index", most);
        let read = |row: &PgRow| {
            let mut cells = Cells::new("entry", row);
            let (index, command) = (cells.number()?, cells.command()?);
            let place = |cells: &mut Cells<'_>| Ok::<_, StoreError>(cells.optional_int()?.map(i64::cast_unsigned));
            let (began, sequence) = (place(&mut cells)?, place(&mut cells)?);
            // It is looked up by the column itself, along a unique index.
            Ok(Mark { index, command, leads: Some(index), began, sequence, numbered: cells.flag()? })
        };
        self.fetch(sql).await?.iter().map(read).collect()
    }

    async fn stray(&self, unit: &UnitId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT 'table payload, row ' || entry || ' ' || position || ': there is no such entry' FROM payload WHERE unit = $1 \
            AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.unit = payload.unit AND entry.index = payload.entry) LIMIT 1";
        self.unhurried(sqlx::query_scalar(sql).bind(unit.as_str())).await
    }

    async fn replace_rows(&self, unit: &UnitId, changes: Vec<RowChange>) -> Result<(), StoreError> {
        write(self.pool.clone(), Arc::clone(&self.began), Work::Replace(unit.clone(), changes), None).await
    }

    async fn dump_rows(&self, unit: &UnitId) -> Result<Vec<String>, StoreError> {
        let mut lines = Vec::new();
        // A statement for each table: while others write, each is of its own moment.
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
        sql.push(" AND id = ANY(").push_bind(ids.iter().map(|id| id.0.to_vec()).collect::<Vec<_>>()).push(")");
        self.rows(sql).await
    }

    async fn instances(&self, unit: &UnitId, query: &InstanceQuery) -> Result<Vec<InstanceRow>, StoreError> {
        let mut sql = of::<InstanceRow>(unit);
        if let Some(process) = &query.process {
            equals(&mut sql, "process", process);
        }
        if let Some(status) = query.status {
            sql.push(" AND status = ").push_bind(status.code());
        }
        if let Some(number) = &query.number {
            equals(&mut sql, "number", number);
        }
        if let Some(actor) = &query.started_by {
            equals(&mut sql, "started_by", actor);
        }
        if let Some((started, id)) = query.after {
            // The first term bounds the walk of the index, the second settles those of the same instant.
            sql.push(" AND started <= ").push_bind(started.0);
            sql.push(" AND (started < ").push_bind(started.0).push(" OR id > ").push_bind(id.0.to_vec()).push(")");
        }
        limit(&mut sql, "started DESC, id", query.limit);
        self.rows(sql).await
    }

    async fn task(&self, unit: &UnitId, id: TaskId) -> Result<Option<TaskRow>, StoreError> {
        self.by_key(unit, made_bytes(id)).await
    }

    async fn tasks(&self, unit: &UnitId, query: &TaskQuery) -> Result<Vec<TaskRow>, StoreError> {
        let columns = format!("{}, sort", TaskRow::columns());
        // One arm for each role and for the person alone.
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
        let sql = join(arms.len(), "sort, id", query.limit, |sql, at| {
            let (condition, value) = arms[at];
            select(sql, TaskRow::NAME, &columns, unit);
            sql.push(" AND held = 0").push(condition);
            if let Some(value) = value {
                sql.push_bind(stored(value).into_owned());
            }
            if let Some(person) = &query.assignee {
                equals(sql, "assignee", person.as_str());
            }
            if let Some(instance) = query.instance {
                sql.push(" AND instance = ").push_bind(instance.0.to_vec());
            }
            if let Some(process) = &query.process {
                equals(sql, "process", process);
            }
            if let Some((due, id)) = query.after {
                sql.push(" AND (sort, id) > (").push_bind(due.0).push(", ").push_bind(made_bytes(id)).push(")");
            }
        });
        self.rows(sql).await
    }

    async fn task_counts(&self, unit: &UnitId, whose: &Whose, now: Time) -> Result<Vec<TaskCount>, StoreError> {
        let (sql, values) = count::sql("$1", whose, now);
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        // The instant stands in it, so that it is never asked again.
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(unit.as_str());
        for value in values {
            query = query.bind(stored(value));
        }
        let rows = query.fetch_all(&self.pool).await.map_err(broken)?;
        let counts = rows.iter().map(|row| count::read(&mut Cells::new(Tally::TABLE, row)));
        Ok(together(counts.collect::<Result<Vec<_>, _>>()?))
    }

    async fn job(&self, unit: &UnitId, id: Made) -> Result<Option<JobRow>, StoreError> {
        self.by_key(unit, made_bytes(id)).await
    }

    async fn jobs(&self, unit: &UnitId, topics: &[String], now: Time, most: u32) -> Result<Vec<JobRow>, StoreError> {
        let topics: Vec<&String> = topics.iter().collect::<BTreeSet<_>>().into_iter().collect();
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let columns = JobRow::columns();
        let sql = join(topics.len(), "available, id", most, |sql, at| {
            select(sql, JobRow::NAME, &columns, unit);
            sql.push(" AND held = 0 AND retries > 0 AND available <= ").push_bind(now.0);
            equals(sql, "topic", topics[at]);
        });
        self.rows(sql).await
    }

    async fn due(&self, now: Time, most: u32) -> Result<Vec<(UnitId, DueRow)>, StoreError> {
        let sql = sqlx::query(AssertSqlSafe(due::look("due.unit", &duty::join("$3"))));
        let rows = sql.bind(now.0).bind(i64::from(most)).bind(&self.node).fetch_all(&self.pool).await.map_err(broken)?;
        let read = |row: &PgRow| {
            let mut cells = Cells::new(DueRow::NAME, row);
            let due = DueRow::read(&mut cells)?;
            Ok((unit(&mut cells)?, due))
        };
        rows.iter().map(read).collect()
    }

    async fn due_of(&self, unit: &UnitId, kind: DueKind, after: Option<Made>, most: u32) -> Result<Vec<DueRow>, StoreError> {
        let mut sql = of::<DueRow>(unit);
        sql.push(" AND kind = ").push_bind(kind.code());
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(made_bytes(after));
        }
        limit(&mut sql, "id", most);
        self.rows(sql).await
    }

    async fn next_due(&self) -> Result<Option<Time>, StoreError> {
        let sql = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(due::next(&duty::join("$1"))));
        Ok(sql.bind(&self.node).fetch_one(&self.pool).await.map_err(broken)?.map(Time))
    }

    async fn subscriber(&self, unit: &UnitId, name: &str, key: &str) -> Result<Option<SubscriptionRow>, StoreError> {
        let mut sql = of::<SubscriptionRow>(unit);
        sql.push(" AND held = 0");
        equals(&mut sql, "name", name);
        equals(&mut sql, "key", key);
        limit(&mut sql, "opened, id", 1);
        self.row(sql).await
    }

    async fn messages(&self, unit: &UnitId, name: &str, key: &str, now: Time, most: u32) -> Result<Vec<MessageRow>, StoreError> {
        let mut sql = of::<MessageRow>(unit);
        equals(&mut sql, "name", name);
        equals(&mut sql, "key", key);
        sql.push(" AND expires > ").push_bind(now.0);
        limit(&mut sql, "published, id", most);
        self.rows(sql).await
    }

    async fn message_count(&self, unit: &UnitId) -> Result<u64, StoreError> {
        let mut sql = Sql::new("");
        select(&mut sql, MessageRow::NAME, "count(*)", unit);
        let rows = self.fetch(sql).await?;
        rows.first().map_or(Ok(0), |row| Cells::new(MessageRow::NAME, row).number())
    }

    async fn incidents(&self, unit: &UnitId, instance: Option<CommandId>, most: u32) -> Result<Vec<IncidentRow>, StoreError> {
        let mut sql = of::<IncidentRow>(unit);
        if let Some(instance) = instance {
            sql.push(" AND instance = ").push_bind(instance.0.to_vec());
        }
        limit(&mut sql, "raised, id", most);
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
        limit(&mut sql, "at DESC, id", query.limit);
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
        limit(&mut sql, "at DESC, id", query.limit);
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
