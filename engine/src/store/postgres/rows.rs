//! Writes folded row changes: a statement for each table and kind of change, however many rows.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::cells::Arrays;
use crate::model::{InstanceStatus, PersonId};
use crate::store::fold::{Changes, Erasure, Fold, Left};
use crate::store::table::{Key, Table, WriteCells};

/// The number under which a fold knows the unit: each is of one unit, whose name goes into every statement.
pub(super) const UNIT: i64 = 0;

/// Rows that one statement writes at most: a rebuild has many.
const ROWS_MAX: usize = 10_000;

/// Writes what is left of the row changes of a unit.
pub(super) async fn write(connection: &mut PgConnection, unit: &str, fold: &Fold) -> sqlx::Result<()> {
    let mut writer = Writer { connection, unit };
    let mut holds = Arrays::default();
    for ((_, instance), held) in &fold.holds {
        holds.row();
        holds.blob(&instance.0[..]);
        holds.int(i64::from(*held));
    }
    if !holds.is_empty() {
        for table in ["task", "job", "due", "subscription"] {
            writer.run(&hold_sql(table, &holds), holds.clone()).await?;
        }
    }

    let mut updates = Arrays::default();
    for_updates(&fold.instances, |id, update| {
        updates.row();
        updates.blob(&id.0[..]);
        updates.int(update.status.map(InstanceStatus::code));
        updates.int(update.ended.map(|ended| ended.0));
        updates.blob(update.definition.as_ref().map(|definition| &definition.as_bytes()[..]));
    });
    let set = "status = coalesce(new.status, instance.status), \
        ended = CASE WHEN new.status IS NULL THEN instance.ended ELSE new.ended END, \
        definition = coalesce(new.definition, instance.definition)";
    writer.update("instance", set, "id, status, ended, definition", updates).await?;
    let mut updates = Arrays::default();
    for_updates(&fold.tasks, |id, assignee| {
        updates.row();
        updates.made(*id);
        updates.text(assignee.as_ref().map(PersonId::as_str));
    });
    writer.update("task", "assignee = new.assignee", "id, assignee", updates).await?;
    let mut updates = Arrays::default();
    for_updates(&fold.jobs, |id, update| {
        updates.row();
        updates.made(*id);
        updates.int(update.retries.map(i64::from));
        updates.int(update.available.0);
        updates.text(update.worker.as_deref());
    });
    let set = "retries = coalesce(new.retries, job.retries), available = new.available, worker = new.worker";
    writer.update("job", set, "id, retries, available, worker", updates).await?;

    writer.table(&fold.instances).await?;
    writer.table(&fold.tasks).await?;
    writer.table(&fold.jobs).await?;
    writer.table(&fold.dues).await?;
    writer.table(&fold.subscriptions).await?;
    writer.table(&fold.messages).await?;
    writer.table(&fold.incidents).await?;
    writer.table(&fold.reports).await?;
    writer.table(&fold.readings).await?;
    writer.table(&fold.definitions).await?;
    writer.table(&fold.snapshots).await?;
    for erasure in &fold.erasures {
        writer.erase(erasure).await?;
    }
    Ok(())
}

struct Writer<'c> {
    connection: &'c mut PgConnection,
    unit: &'c str,
}

impl Writer<'_> {
    /// Runs a statement over rows, if there are any. Its first parameter is the unit.
    async fn run(&mut self, sql: &str, rows: Arrays) -> sqlx::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        rows.bind(sqlx::query(AssertSqlSafe(sql)).bind(self.unit)).execute(&mut *self.connection).await.map(drop)
    }

    /// Updates rows that may be there by their id.
    async fn update(&mut self, table: &str, set: &str, columns: &str, rows: Arrays) -> sqlx::Result<()> {
        let from = rows.unnest();
        let sql =
            format!("UPDATE {table} SET {set} FROM {from} AS new ({columns}) WHERE {table}.unit = $1 AND {table}.id = new.id");
        self.run(&sql, rows).await
    }

    /// Empties what the entries of a case hold of some variables. A payload is named by its variable and a number.
    async fn erase(&mut self, erasure: &Erasure) -> sqlx::Result<()> {
        let Erasure { index, instance, names, .. } = erasure;
        let index = i64::try_from(*index).unwrap_or(i64::MAX);
        let named = "regexp_replace(name, '[.][0-9]+$', '') = ANY($3)";
        let held = format!(
            "SELECT payload.entry FROM entry JOIN payload ON payload.unit = entry.unit AND payload.entry = entry.index \
             WHERE entry.unit = $1 AND began = (SELECT began FROM entry WHERE unit = $1 AND index = $2) AND index < $2 AND {named}"
        );
        for sql in [
            format!("UPDATE entry SET content = decode(repeat('00', 32), 'hex') WHERE unit = $1 AND index IN ({held})"),
            format!(
                "UPDATE payload SET body = NULL, salt = decode(repeat('00', 32), 'hex') \
                 WHERE unit = $1 AND {named} AND entry IN ({held})"
            ),
        ] {
            let query = sqlx::query(AssertSqlSafe(sql)).bind(self.unit).bind(index).bind(names);
            query.execute(&mut *self.connection).await?;
        }
        let sql = "DELETE FROM snapshot WHERE unit = $1 AND instance = $2";
        sqlx::query(sql).bind(self.unit).bind(&instance.0[..]).execute(&mut *self.connection).await.map(drop)
    }

    /// Writes a table's puts and deletes.
    async fn table<K: Key, R: Table, U>(&mut self, changes: &Changes<K, R, U>) -> sqlx::Result<()> {
        let (mut puts, mut deletes) = (Arrays::default(), Arrays::default());
        for ((_, key), left) in changes {
            match left {
                Left::Put(row) | Left::New(row) => {
                    puts.row();
                    row.write(&mut puts);
                }
                Left::Delete => {
                    deletes.row();
                    deletes.blob(&key.bytes()[..]);
                }
                Left::Update(_) => {}
            }
            if puts.len() >= ROWS_MAX {
                let puts = std::mem::take(&mut puts);
                self.run(&put_sql::<R>(&puts), puts).await?;
            }
        }
        self.run(&put_sql::<R>(&puts), puts).await?;
        let (table, key) = (R::NAME, R::COLUMNS[0].name);
        self.run(&format!("DELETE FROM {table} WHERE unit = $1 AND {key} = ANY($2)"), deletes).await
    }
}

fn for_updates<K, R, U>(changes: &Changes<K, R, U>, mut write: impl FnMut(&K, &U)) {
    for ((_, key), left) in changes {
        if let Left::Update(update) = left {
            write(key, update);
        }
    }
}

fn hold_sql(table: &str, holds: &Arrays) -> String {
    format!(
        "UPDATE {table} SET held = new.held FROM {} AS new (instance, held) \
         WHERE {table}.unit = $1 AND {table}.instance = new.instance",
        holds.unnest()
    )
}

fn put_sql<R: Table>(rows: &Arrays) -> String {
    let (table, columns, from, key) = (R::NAME, R::columns(), rows.unnest(), R::COLUMNS[0].name);
    let mut sql =
        format!("INSERT INTO {table} (unit, {columns}) SELECT $1, * FROM {from} ON CONFLICT (unit, {key}) DO UPDATE SET ");
    for (at, column) in R::COLUMNS.iter().skip(1).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(sql, "{comma}{0} = excluded.{0}", column.name);
    }
    sql
}
