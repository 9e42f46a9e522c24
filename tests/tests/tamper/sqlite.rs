//! Every column of every table of a file.

use std::path::{Path, PathBuf};

use engine::store::sqlite::{Options, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tempfile::TempDir;
use tests::world::Random;

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
        let done = done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        (done.rows_affected() > 0 || sql.starts_with("DROP")).then(|| check(copy.to_str().expect("a plain path")))
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

/// All that the tables hold, but for what the check does not answer for, and for notes that may lag; none where it cannot be read.
async fn dump(file: &Path) -> Option<Vec<String>> {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.ok()?;
    let tables = "SELECT m.name, group_concat('quote(\"' || c.name || '\")', ' || '','' || ') FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
        WHERE m.type = 'table' AND m.name || '.' || c.name <> 'entry.content' AND c.name NOT IN ('projected', 'indexed', 'indexing') \
        GROUP BY 1 ORDER BY 1";
    assert_eq!(UNANSWERED.map(|(table, column, _)| (table, column)), [("entry", "content")]);
    let tables = sqlx::query(tables).fetch_all(&mut connection).await.ok()?;
    let mut rows = Vec::new();
    for table in &tables {
        let (table, columns): (String, String) = (table.try_get(0).ok()?, table.try_get(1).ok()?);
        let sql = format!("SELECT '{table} ' || {columns} FROM \"{table}\" ORDER BY 1");
        rows.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(&mut connection).await.ok()?);
    }
    let made = "SELECT type || name || coalesce(sql, '') FROM sqlite_master ORDER BY 1";
    rows.extend(sqlx::query_scalar::<_, String>(made).fetch_all(&mut connection).await.ok()?);
    connection.close().await.ok()?;
    Some(rows)
}

/// A bit of the file itself: either it is found, or it lies where nothing of the office is, and every row reads as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_bit_of_a_file_is_found_or_means_nothing() {
    let files = Files::make().await;
    let whole = dump(&files.copy()).await.expect("it is read");
    let flips = std::env::var("SEVOTTAM_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    let (mut random, mut found) = (Random(2026), 0);
    for _ in 0..flips {
        let copy = files.copy();
        let mut bytes = std::fs::read(&copy).expect("it is read");
        let (at, bit) = (random.below(bytes.len()), random.below(8));
        bytes[at] ^= 1 << bit;
        std::fs::write(&copy, bytes).expect("it is written");
        let after = dump(&copy).await;
        let (clean, told) = check(copy.to_str().expect("a plain path"));
        assert!(!clean || after.as_ref() == Some(&whole), "bit {bit} of byte {at} is another, and nothing is found: {told}");
        found += usize::from(!clean);
    }
    // Most of a small file is empty space.
    assert!(found * 5 > flips, "{found} of {flips}");
    println!("{found} of {flips} found");
}
