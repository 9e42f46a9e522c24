//! Every column of every table of a file.

use std::path::{Path, PathBuf};

use engine::store::sqlite::{Options, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tempfile::TempDir;

use super::office::{Cases, fill};
use super::{Change, Column, Kind, UNANSWERED, Verdicts, check};

/// A file with an office in it, and copies of it to change.
pub(super) struct Files {
    folder: TempDir,
    pub(super) cases: Cases,
}

impl Files {
    pub(super) async fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("office.db"), Options::default()).await.expect("it opens");
        let (world, cases) = fill(store).await;
        world.engine.stop().await;
        world.engine.store().close().await.expect("it closes");
        Self { folder, cases }
    }

    fn whole(&self) -> PathBuf {
        self.folder.path().join("office.db")
    }

    /// A fresh copy.
    pub(super) fn copy(&self) -> PathBuf {
        let copy = self.folder.path().join("copy.db");
        for ending in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.folder.path().join(format!("copy.db{ending}")));
        }
        std::fs::copy(self.whole(), &copy).expect("it is copied");
        copy
    }

    /// What the check says of a copy that was changed so; none where the change is not possible or changes nothing.
    pub(super) async fn changed(&self, sql: &str) -> Option<(bool, String)> {
        let copy = self.copy();
        let mut connection = open(&copy).await;
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
        connection.close().await.expect("it closes");
        (done.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected() > 0)
            .then(|| check(copy.to_str().expect("a plain path")))
    }
}

pub(super) async fn open(file: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(file).connect().await.expect("it opens")
}

/// Every column that holds something of its own; the others are made from these whenever they are read.
async fn columns(connection: &mut SqliteConnection) -> Vec<(Column, bool)> {
    let sql = "SELECT m.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
        WHERE m.type = 'table' ORDER BY m.name, c.cid";
    let rows = sqlx::query(sql).fetch_all(connection).await.expect("it answers");
    let read = |row: &sqlx::sqlite::SqliteRow| {
        let kind = match row.get::<&str, _>(2) {
            "INTEGER" => Kind::Whole,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Bytes,
            other => panic!("a column of type {other}"),
        };
        let key = row.get::<i64, _>(4) > 0;
        let nullable = row.get::<i64, _>(3) == 0 && !key;
        (Column { table: row.get(0), name: row.get(1), kind, nullable }, key)
    };
    rows.iter().map(read).collect()
}

/// The change in SQL: of the last row that it can be made to.
fn sql(column: &Column, keys: &str, change: Change) -> String {
    let Column { table, name, .. } = column;
    let value = match (change, column.kind) {
        (Change::Gone, _) => "NULL".to_owned(),
        // What is plausible: what another row has.
        (Change::Given, _) => format!("(SELECT {name} FROM {table} WHERE {name} IS NOT NULL LIMIT 1)"),
        (Change::Other, Kind::Whole) => format!("{name} + 1"),
        (Change::Other, Kind::Text) => {
            format!("substr({name}, 1, length({name}) - 1) || CASE substr({name}, -1) WHEN 'x' THEN 'y' ELSE 'x' END")
        }
        (Change::Other, Kind::Bytes) => {
            let hex = format!("hex({name})");
            format!("unhex(substr({hex}, 1, length({hex}) - 1) || CASE substr({hex}, -1) WHEN '0' THEN '1' ELSE '0' END)")
        }
        (Change::Other, Kind::Instant) => unreachable!("SQLite has none"),
    };
    let is = if change == Change::Given { "IS NULL" } else { "IS NOT NULL" };
    let order = keys.split(", ").map(|key| format!("{key} DESC")).collect::<Vec<_>>().join(", ");
    format!(
        "UPDATE {table} SET {name} = {value} WHERE ({keys}) = (SELECT {keys} FROM {table} WHERE {name} {is} ORDER BY {order} LIMIT 1)"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_of_a_file_is_answered_for() {
    let files = Files::make().await;
    let (clean, told) = check(files.copy().to_str().expect("a plain path"));
    assert!(clean, "{told}");
    let mut connection = open(&files.copy()).await;
    let columns = columns(&mut connection).await;
    connection.close().await.expect("it closes");
    assert!(columns.len() > 80, "{}", columns.len());

    let mut verdicts = Verdicts::default();
    for (column, _) in &columns {
        let keys = columns.iter().filter(|(other, key)| *key && other.table == column.table);
        let keys = keys.map(|(key, _)| &*key.name).collect::<Vec<_>>().join(", ");
        let unanswered = UNANSWERED.iter().any(|(table, name, _)| *table == column.table && *name == column.name);
        let mut changes = vec![Change::Other];
        if column.nullable {
            changes.extend([Change::Gone, Change::Given]);
        }
        for change in changes {
            if let Some(said) = files.changed(&sql(column, &keys, change)).await {
                verdicts.take(column, change, unanswered, said);
            }
        }
    }
    verdicts.end(&columns.into_iter().map(|(column, _)| column).collect::<Vec<_>>());
}

/// Notes of how far rows and commands are written: with a lower one what is there is written once more, and no harm is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_that_lags_is_brought_up_again() {
    let files = Files::make().await;
    for note in ["projected", "indexed", "indexing"] {
        let (clean, told) = files.changed(&format!("UPDATE unit_log SET {note} = {note} / 2")).await.expect("it is changed");
        assert!(clean, "{note}: {told}");
        let mut connection = open(&files.folder.path().join("copy.db")).await;
        let sql = format!("SELECT count(*) FROM unit_log WHERE {note} <> size");
        let lagging: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect("it answers");
        assert_eq!(lagging, 0, "{note}");
        connection.close().await.expect("it closes");
    }
}
