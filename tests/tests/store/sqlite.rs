//! What only the SQLite store can promise: a file that is there again, gates at its opening, bad rows named.

use std::path::Path;

use engine::model::Time;
use engine::projection::RowChange::{SnapshotPut, TaskAssign, TaskDelete, TaskPut, ValuesErase};
use engine::store::sqlite::{Options, SqliteStore, check_version};
use engine::store::{Store, StoreError, TaskQuery, Whose};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Row};

use super::make::*;

async fn store(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, Options::default()).await
}

async fn tamper(path: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_there_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let mut log = Log::new("mumbai-3");
    let mut before = None;
    for round in 0..4 {
        let open = store(&path).await.unwrap();
        if let Some((entries, rows)) = before.take() {
            assert_eq!(open.entries(&log.unit, 0, 99).await.unwrap(), entries);
            assert_eq!(open.dump_rows(&log.unit).await.unwrap(), rows);
        }
        open.append(log.commands([round], vec![TaskPut(task(round, 1))])).await.unwrap();
        before = Some((open.entries(&log.unit, 0, 99).await.unwrap(), open.dump_rows(&log.unit).await.unwrap()));
        open.close().await.unwrap();
        assert!(open.append(log.commands([99], Vec::new())).await.is_err(), "a closed store refuses");
        log = Log::new("mumbai-3");
        for n in 0..=round {
            log.entry(command(n), None);
        }
    }
    assert_eq!(before.unwrap().0.len(), 4);
}

/// What was answered lies in the files at once, without an orderly end: a copy taken while the store is open has it. (Its rows follow from
/// it: `engine::restart`.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_in_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let open = store(&dir.path().join("db")).await.unwrap();
    let mut log = Log::new("mumbai-3");
    open.append(log.commands(0..9, Vec::new())).await.unwrap();
    for name in ["db", "db-wal"] {
        std::fs::copy(dir.path().join(name), dir.path().join(name.replace("db", "copy"))).unwrap();
    }
    let copy = store(&dir.path().join("copy")).await.unwrap();
    assert_eq!(copy.entries(&log.unit, 0, 99).await.unwrap().len(), 9);
    assert_eq!(copy.commands(&log.unit, &[command(3)]).await.unwrap().len(), 1);
    open.close().await.unwrap();
    copy.close().await.unwrap();
}

/// A change that fails after the entries were written takes them with it, and no other batch of the transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_does_not_fit_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let open = store(&dir.path().join("db")).await.unwrap();
    let (mut log, mut other) = (Log::new("mumbai-3"), Log::new("pune-1"));
    let unfit = SnapshotPut { instance: command(1), sequence: u64::MAX, state: Vec::new() };
    let (refused, fine) = tokio::join!(
        open.append(log.commands([1, 2], vec![TaskPut(task(1, 1)), unfit])),
        open.append(other.commands([1], vec![TaskPut(task(1, 1))]))
    );
    assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    fine.unwrap();
    assert!(open.head(&log.unit).await.unwrap().is_none());
    assert!(open.entries(&log.unit, 0, 9).await.unwrap().is_empty());
    assert!(open.dump_rows(&log.unit).await.unwrap().is_empty());
    open.close().await.unwrap();
}

/// The write-ahead log is copied into the database while more is written, and begins anew: it does not grow with what was ever written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_write_ahead_log_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let open = store(&dir.path().join("db")).await.unwrap();
    let mut log = Log::new("mumbai-3");
    for n in 0..600 {
        let state = SnapshotPut { instance: command(1), sequence: n, state: vec![7; 100_000] };
        open.append(log.commands([n], vec![state])).await.unwrap();
    }
    let bytes = std::fs::metadata(dir.path().join("db-wal")).unwrap().len();
    assert!(bytes < 30_000_000, "{bytes} bytes of the 60 million written are in the write-ahead log");
    open.close().await.unwrap();
}

/// What was erased is nowhere in the files, though it was copied to and fro and lies on pages of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_is_in_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let open = store(&dir.path().join("db")).await.unwrap();
    let mut log = Log::new("mumbai-3");
    let found = |name: &str| {
        let bytes = std::fs::read(dir.path().join(name)).unwrap_or_default();
        bytes.windows(CANARY.len()).filter(|window| *window == CANARY.as_bytes()).count()
    };
    let long = format!("{CANARY} {}", "x".repeat(9_000));
    for n in 0..400 {
        let mut entry = log.entry(command(n), Some(command(n % 4)));
        for payload in entry.payloads.iter_mut().skip(1).filter(|_| n % 4 == 2) {
            payload.body = Some(if n % 3 == 0 { long.clone() } else { CANARY.to_owned() });
        }
        open.append(log.batch(vec![entry], Vec::new())).await.unwrap();
    }
    assert!(found("db") + found("db-wal") > 50);
    let says = log.entry(command(1_000), Some(command(2)));
    let names = vec!["phone".to_owned(), "name".to_owned()];
    let erase = ValuesErase { index: says.index, instance: command(2), names };
    open.append(log.batch(vec![says], vec![erase])).await.unwrap();
    // The write-ahead log is emptied soon, and not only when the database is closed.
    for n in 2_000..2_400 {
        open.append(log.commands([n], Vec::new())).await.unwrap();
    }
    assert_eq!((found("db"), found("db-wal")), (0, 0));
    open.close().await.unwrap();
    assert_eq!(found("db"), 0);
}

/// No other text is like it.
const CANARY: &str = "canary-7f3a9c51";

#[tokio::test]
async fn one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let first = store(&path).await.unwrap();
    let second = store(&path).await.unwrap_err().to_string();
    assert!(second.contains("another process has this database open"), "{second}");
    first.close().await.unwrap();
    store(&path).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    store(&path).await.unwrap().close().await.unwrap();
    tamper(&path, "INSERT INTO schema_version (version) VALUES (999)").await;
    let error = store(&path).await.unwrap_err().to_string();
    assert!(error.contains("tables of version 999"), "{error}");
}

#[test]
fn versions_of_sqlite() {
    for good in ["3.51.3", "3.51.4", "3.52.1", "3.53.0", "4.0.0"] {
        check_version(good).unwrap();
    }
    for bad in ["3.40.1", "3.51.2", "3.52.0", "3.7.17", "2.9.9", "", "nonsense", "3.51"] {
        assert!(check_version(bad).is_err(), "{bad}");
    }
}

/// Another process that moved a head under the store's feet is noticed, for that unit alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_moved_by_another_is_a_fence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let open = store(&path).await.unwrap();
    let (mut log, mut other) = (Log::new("mumbai-3"), Log::new("pune-1"));
    open.append(log.commands([1], Vec::new())).await.unwrap();
    tamper(&path, "UPDATE unit_log SET size = 5").await;
    let (fenced, fine) = tokio::join!(
        open.append(log.commands([2], vec![TaskPut(task(1, 1))])),
        open.append(other.commands([1], vec![TaskPut(task(1, 1))]))
    );
    assert!(matches!(fenced, Err(StoreError::Fenced { expected: 1, found: 5, .. })), "{fenced:?}");
    fine.unwrap();
    assert!(open.dump_rows(&log.unit).await.unwrap().is_empty());
    open.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_rows_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let open = store(&path).await.unwrap();
    let mut log = Log::new("mumbai-3");
    open.append(log.commands([1], vec![TaskPut(task(1, 1))])).await.unwrap();
    let tasks = TaskQuery { limit: 9, ..TaskQuery::default() };
    assert_eq!(open.tasks(&log.unit, &tasks).await.unwrap().len(), 1);
    for (sql, column) in [
        ("UPDATE task SET instance = x'00'", "column instance"),
        ("UPDATE task SET instance = zeroblob(16), assignee = 'nobody'", "column assignee"),
        ("UPDATE task SET assignee = NULL, id = x'0102'", "column id, row 0102"),
    ] {
        tamper(&path, sql).await;
        let error = open.tasks(&log.unit, &tasks).await.unwrap_err().to_string();
        assert!(error.starts_with("table task, ") && error.contains(column), "{error}");
    }
    tamper(&path, "UPDATE entry SET leaf = replace(leaf, '\"i\":0', '\"i\":7')").await;
    let error = open.entries(&log.unit, 0, 9).await.unwrap_err().to_string();
    assert!(error.contains("table entry, column") && error.contains("differ"), "{error}");
    tamper(&path, "UPDATE entry SET salt = x'00'").await;
    let error = open.entries(&log.unit, 0, 9).await.unwrap_err().to_string();
    assert!(error.contains("table entry, column salt"), "{error}");
    open.close().await.unwrap();
}

/// A file of the release before gets its counts when it is opened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_file_gets_its_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let open = store(&path).await.unwrap();
    let mut log = Log::new("mumbai-3");
    let mut rows: Vec<_> = (0..9).map(|n| TaskPut(task(n, 1))).collect();
    rows.push(TaskAssign { task: made(4), assignee: Some(person(1)) });
    open.append(log.commands([1], rows)).await.unwrap();
    let before = open.dump_rows(&log.unit).await.unwrap();
    open.close().await.unwrap();
    tamper(
        &path,
        "DROP TRIGGER task_comes; DROP TRIGGER task_goes; DROP TRIGGER task_changes; DROP TABLE task_count; \
         DROP INDEX task_process; DROP TABLE reading; DELETE FROM schema_version WHERE version > 3",
    )
    .await;
    let open = store(&path).await.unwrap();
    assert_eq!(open.dump_rows(&log.unit).await.unwrap(), before);
    open.append(log.commands([2], vec![TaskPut(task(20, 1)), TaskDelete(made(3)), TaskPut(task(5, 1))])).await.unwrap();
    assert_eq!(open.task_counts(&log.unit, &Whose::All, Time(1)).await.unwrap()[0].open, 9);
    open.close().await.unwrap();
}

/// The statements that matter walk an index, in order, without a sort.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_walk_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    store(&path).await.unwrap().close().await.unwrap();
    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path)).await.unwrap();
    for (sql, index) in [
        (
            "SELECT id, sort FROM task WHERE unit = 1 AND held = 0 AND assignee IS NULL AND only_for IS NULL AND role = ?1 AND (sort, id) > (?2, ?3) UNION ALL SELECT id, sort FROM task WHERE unit = 1 AND held = 0 AND assignee IS NULL AND only_for = ?4 ORDER BY sort, id LIMIT 9",
            "task_role",
        ),
        (
            "SELECT * FROM task WHERE unit = 1 AND held = 0 AND assignee = ?1 AND (sort, id) > (?2, ?3) ORDER BY sort, id LIMIT 9",
            "task_assignee",
        ),
        (
            "SELECT * FROM task WHERE unit = 1 AND held = 0 AND process = ?1 AND (sort, id) > (?2, ?3) ORDER BY sort, id LIMIT 9",
            "task_process",
        ),
        (
            "SELECT process, (SELECT sort FROM task WHERE task.unit = 1 AND held = 0 AND task.process = counted.process AND sort >= lowest << 32 ORDER BY sort, id LIMIT 1) FROM (SELECT process, min(span) AS lowest FROM task_count WHERE unit = 1 GROUP BY process) AS counted",
            "SEARCH task USING INDEX task_process (unit=? AND process=? AND sort>?)",
        ),
        (
            "SELECT process, (SELECT count(*) FROM task WHERE task.unit = 1 AND held = 0 AND assignee IS NULL AND only_for IS NULL AND task.role = ?1 AND task.process = counted.process AND sort >= 1 AND sort < 2) FROM (SELECT process FROM task_count WHERE unit = 1 GROUP BY process) AS counted",
            "task_process (unit=? AND process=? AND sort>? AND sort<?)",
        ),
        (
            "SELECT process, CAST(1 AS bigint), CAST(CASE WHEN sort < 2 THEN 1 ELSE 0 END AS bigint), sort FROM task WHERE unit = (SELECT number FROM unit_log WHERE unit = ?1) AND held = 0 AND assignee = ?2 ORDER BY 4",
            "task_assignee",
        ),
        (
            "SELECT process, 1, 0, sort FROM task WHERE unit = (SELECT number FROM unit_log WHERE unit = ?1) AND held = 0 AND assignee IS NULL AND only_for = ?2 ORDER BY 4",
            "task_only",
        ),
        (
            "SELECT * FROM job WHERE unit = 1 AND held = 0 AND retries > 0 AND topic = ?1 AND available <= ?2 ORDER BY available, id LIMIT 9",
            "job_topic",
        ),
        (
            "SELECT * FROM instance WHERE unit = 1 AND started <= ?1 AND (started < ?1 OR id > ?2) ORDER BY started DESC, id LIMIT 9",
            "instance_started",
        ),
        (
            "SELECT * FROM subscription WHERE unit = 1 AND held = 0 AND name = ?1 AND key = ?2 ORDER BY opened, id LIMIT 1",
            "subscription_key",
        ),
        (
            "SELECT due.*, unit_log.unit FROM due JOIN unit_log ON unit_log.number = due.unit WHERE held = 0 AND kind <> 6 AND at <= ?1 AND NOT EXISTS (SELECT 1 FROM due AS next WHERE next.unit = due.unit AND next.instance = due.instance AND next.held = 0 AND next.kind = 6 AND (next.at, next.id) >= (due.at, due.id) AND next.at <= ?1) ORDER BY due.at, due.id LIMIT 9",
            "due_other (at<?)",
        ),
        (
            "SELECT 1 FROM due WHERE NOT EXISTS (SELECT 1 FROM due AS next WHERE next.unit = due.unit AND next.instance = due.instance AND next.held = 0 AND next.kind = 6 AND (next.at, next.id) >= (due.at, due.id) AND next.at <= ?1)",
            "SEARCH next USING COVERING INDEX due_instance (unit=? AND instance=? AND held=? AND ",
        ),
        (
            "SELECT due.* FROM due AS clock JOIN due ON due.unit = clock.unit AND due.instance = clock.instance WHERE clock.held = 0 AND clock.kind = 6 AND clock.at <= ?1 AND due.held = 0 AND (due.at, due.id) <= (clock.at, clock.id) ORDER BY clock.at, clock.id, clock.unit LIMIT 9",
            "SEARCH clock USING INDEX due_clock (at<?)\nSEARCH due USING COVERING INDEX due_instance (unit=? AND instance=? AND held=? AND ",
        ),
        (
            "SELECT id FROM entry WHERE id IN (SELECT value FROM json_each(?1) UNION SELECT command.entry FROM command WHERE command.unit = 1 AND command.id IN (SELECT unhex(value) FROM json_each(?2))) ORDER BY id",
            "SEARCH command USING PRIMARY KEY (unit=? AND id=?)",
        ),
        (
            "SELECT id FROM entry WHERE began = (SELECT entry FROM command WHERE unit = 1 AND id = ?1) AND sequence >= ?2 ORDER BY sequence",
            "entry_case (began=? AND sequence>?)",
        ),
        (
            "SELECT 1 FROM jsonb_each(?1) AS line CROSS JOIN command ON command.unit = (line.value ->> 0) >> 40 AND command.id = substr(?2, line.value ->> 1, 16)",
            "SEARCH command USING PRIMARY KEY (unit=? AND id=?)",
        ),
        (
            "DELETE FROM task WHERE (unit, id) IN (SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?1))",
            "PRIMARY KEY (unit=? AND id=?)",
        ),
        (
            "UPDATE task SET held = new.value ->> 2 FROM json_each(?1) AS new WHERE unit = new.value ->> 0 AND instance = unhex(new.value ->> 1)",
            "task_instance (unit=? AND instance=?)",
        ),
        (
            "UPDATE task SET assignee = new.value ->> 2 FROM json_each(?1) AS new WHERE unit = new.value ->> 0 AND task.id = unhex(new.value ->> 1)",
            "PRIMARY KEY (unit=? AND id=?)",
        ),
    ] {
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(3)).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE FOR ORDER") && !plan.contains("SCAN task"), "{sql}\n{plan}");
    }
}
