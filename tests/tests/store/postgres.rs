//! What only the PostgreSQL store can promise: several nodes on one database, gates at its opening, connections that break, bad rows named.

use std::sync::atomic::{AtomicU32, Ordering};

use engine::model::Time;
use engine::projection::RowChange::{DuePut, SnapshotPut, TaskAssign, TaskDelete, TaskPut};
use engine::store::postgres::{Options, PostgresStore};
use engine::store::{Store, StoreError, TaskQuery, Whose};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Row};
use tests::postgres::database;

use super::make::*;

/// Each a node of its own.
async fn store(url: &str) -> Result<PostgresStore, StoreError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let node = format!("node-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    PostgresStore::open(url, Options::new(node)).await
}

async fn tamper(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The database of an address made by `database`.
fn name(url: &str) -> &str {
    url.trim_start_matches("postgres:///").split('?').next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_answered_every_node_reads() {
    let Some(url) = database() else { return };
    // Nodes that start together make the tables once.
    let (a, b, c) = tokio::join!(store(&url), store(&url), store(&url));
    let nodes = [a.unwrap(), b.unwrap(), c.unwrap()];
    let mut log = Log::new("mumbai-3");
    for round in 0..30 {
        let writer = &nodes[round as usize % 3];
        writer.append(log.commands([round], vec![TaskPut(task(round, 1))])).await.unwrap();
        for reader in &nodes {
            assert_eq!(reader.head(&log.unit).await.unwrap().unwrap().size, round + 1);
            assert_eq!(reader.entries(&log.unit, round, 9).await.unwrap().len(), 1);
            assert!(reader.task(&log.unit, made(round)).await.unwrap().is_some());
        }
    }
    // Three nodes that decided on the same state: one of them writes.
    for round in 30..60 {
        let batches = [0, 1, 2].map(|n| {
            let mut own = Log::new("mumbai-3");
            (0..round).for_each(|k| drop(own.entry(command(k), None)));
            own.commands([round + n * 1_000], vec![TaskPut(task(round + n * 1_000, 1))])
        });
        let [one, two, three] = batches;
        let answers = tokio::join!(nodes[0].append(one), nodes[1].append(two), nodes[2].append(three));
        let answers = [answers.0, answers.1, answers.2];
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        let fenced = |answer: &&Result<(), StoreError>| matches!(answer, Err(StoreError::Fenced { .. }));
        assert_eq!(answers.iter().filter(fenced).count(), 2, "{answers:?}");
    }
    assert_eq!(tasks_of(&nodes[0], &log.unit).await, 60);
    // It is there again.
    for node in nodes {
        node.close().await;
        assert!(node.append(Log::new("pune-1").commands([1], Vec::new())).await.is_err(), "a closed store refuses");
    }
    let again = store(&url).await.unwrap();
    assert_eq!(again.entries(&log.unit, 0, 99).await.unwrap().len(), 60);
    again.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_made_for_the_table_as_it_is() {
    const MANY: u64 = 4_000;
    let Some(url) = database() else { return };
    let store = store(&url).await.unwrap();
    // Nobody but the store looks at the tables.
    tamper(&url, "ALTER TABLE task SET (autovacuum_enabled = false)").await;
    let mut log = Log::new("mumbai-3");
    let claim = |n| TaskAssign { task: made(n), assignee: Some(person(1)) };
    // In a small table each statement runs so often that its plan may be kept.
    for n in 0..20 {
        store.append(log.commands([n], vec![TaskPut(task(n, 1)), claim(n)])).await.unwrap();
        store.append(log.commands([10_000 + n], vec![claim(n)])).await.unwrap();
    }
    // Then it grows.
    for begin in (100..MANY).step_by(500) {
        let puts = (begin..begin + 500).map(|n| TaskPut(task(n, 1))).collect();
        store.append(log.commands([begin], puts)).await.unwrap();
    }
    for n in 0..20 {
        store.append(log.commands([20_000 + n], vec![claim(100 + n)])).await.unwrap();
    }
    // What a connection has read is counted once it is closed.
    store.close().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let sql = "SELECT coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0) FROM pg_stat_user_tables WHERE relname = 'task'";
    let read: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    assert!(read < 2_000, "{read} rows were read to claim 60 tasks one by one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_is_gated() {
    let Some(url) = database() else { return };
    store(&url).await.unwrap().close().await;
    tamper(&url, "INSERT INTO schema_version (version) VALUES (99)").await;
    let newer = store(&url).await.unwrap_err().to_string();
    assert!(newer.contains("version 99") && newer.contains("newer"), "{newer}");
    tamper(&url, "DELETE FROM schema_version WHERE version = 99").await;
    tamper(&url, &format!("ALTER DATABASE {} SET synchronous_commit = off", name(&url))).await;
    let unsafe_ = store(&url).await.unwrap_err().to_string();
    assert!(unsafe_.contains("synchronous_commit off"), "{unsafe_}");
    let nobody = store("postgres:///x?host=/nowhere&user=postgres").await.unwrap_err().to_string();
    assert!(nobody.contains("see that PostgreSQL runs"), "{nobody}");
    let nonsense = store("mysql://x").await.unwrap_err().to_string();
    assert!(nonsense.contains("address"), "{nonsense}");
}

/// Tables of the release before get their counts, while a node of that release goes on writing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_tables_get_their_counts() {
    let Some(url) = database() else { return };
    let old = store(&url).await.unwrap();
    let mut log = Log::new("mumbai-3");
    tamper(
        &url,
        "DROP TRIGGER task_comes ON task; DROP TRIGGER task_goes ON task; DROP TRIGGER task_changes ON task; \
         DROP FUNCTION task_counted; DROP TABLE task_count; DROP INDEX task_process; DROP TABLE reading; \
         DELETE FROM schema_version WHERE version > 3",
    )
    .await;
    old.append(log.commands([1], (0..9).map(|n| TaskPut(task(n, 1))).collect())).await.unwrap();
    let refused = store(&url).await.unwrap_err().to_string();
    assert!(refused.contains("sevottam migrate"), "{refused}");
    let new = PostgresStore::open(&url, Options { migrate: true, ..Options::new("new") }).await.unwrap();
    let open = async || new.task_counts(&log.unit, &Whose::All, Time(1)).await.unwrap()[0].open;
    assert_eq!(open().await, 9);
    old.append(log.clone().commands([2], vec![TaskPut(task(20, 1)), TaskPut(task(21, 1)), TaskDelete(made(3))])).await.unwrap();
    assert_eq!(open().await, 10);
    old.close().await;
    new.close().await;
}

/// A change that fails after the entries were written takes them with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_does_not_fit_leaves_nothing() {
    let Some(url) = database() else { return };
    let open = store(&url).await.unwrap();
    let mut log = Log::new("mumbai-3");
    open.append(log.commands([1], Vec::new())).await.unwrap();
    tamper(&url, "ALTER TABLE snapshot ADD CHECK (sequence < 100)").await;
    let bad =
        log.commands([2], vec![TaskPut(task(1, 1)), SnapshotPut { instance: command(1), sequence: 100, state: Vec::new() }]);
    let refused = open.append(bad).await;
    assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    assert_eq!(open.head(&log.unit).await.unwrap().unwrap().size, 1);
    assert_eq!(open.entries(&log.unit, 0, 9).await.unwrap().len(), 1);
    assert!(open.dump_rows(&log.unit).await.unwrap().is_empty());
    open.close().await;
}

/// Connections are cut all the time. What was answered is there, what was refused is not, and the store goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_lose_nothing() {
    let Some(url) = database() else { return };
    let open = store(&url).await.unwrap();
    let cut = async {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        for _ in 0..60 {
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
    };
    let write = async {
        let (mut log, mut refused) = (Log::new("mumbai-3"), 0);
        for round in 0..200u64 {
            let batch = log.commands([round], vec![TaskPut(task(round, 1))]);
            // Asked again until it is there. Unknown and there already is `Fenced`, as a writer that opens anew would see.
            loop {
                match open.append(batch.clone()).await {
                    Ok(()) => break,
                    Err(StoreError::Fenced { found, .. }) if found == round + 1 => break,
                    Err(StoreError::Broken(what)) => {
                        assert!(what.starts_with("database: "), "{what}");
                        refused += 1;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
        (log, refused)
    };
    let ((), (log, refused)) = tokio::join!(cut, write);
    assert!(refused > 0, "no connection was cut in a transaction");
    let fresh = store(&url).await.unwrap();
    assert_eq!(fresh.entries(&log.unit, 0, 999).await.unwrap().len(), 200);
    assert_eq!(tasks_of(&fresh, &log.unit).await, 200);
    open.close().await;
    fresh.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_rows_are_named() {
    let Some(url) = database() else { return };
    let open = store(&url).await.unwrap();
    let mut log = Log::new("mumbai-3");
    open.append(log.commands([1], vec![TaskPut(task(1, 1))])).await.unwrap();
    let tasks = TaskQuery { limit: 9, ..TaskQuery::default() };
    assert_eq!(open.tasks(&log.unit, &tasks).await.unwrap().len(), 1);
    for (sql, column) in [
        (r"UPDATE task SET instance = '\x00'", "column instance"),
        (r"UPDATE task SET instance = '\x00112233445566778899aabbccddeeff', assignee = 'nobody'", "column assignee"),
        (r"UPDATE task SET assignee = NULL, process = E'a\x01b'", "column process"),
        (r"UPDATE task SET process = '', id = '\x0102'", "column id, row 0102"),
    ] {
        tamper(&url, sql).await;
        let error = open.tasks(&log.unit, &tasks).await.unwrap_err().to_string();
        assert!(error.starts_with("table task, ") && error.contains(column), "{error}");
    }
    tamper(&url, "UPDATE entry SET leaf = replace(leaf, '\"i\":0', '\"i\":7')").await;
    let error = open.entries(&log.unit, 0, 9).await.unwrap_err().to_string();
    assert!(error.contains("table entry, column") && error.contains("row 0") && error.contains("differ"), "{error}");
    tamper(&url, r"UPDATE entry SET salt = '\x00'").await;
    let error = open.entries(&log.unit, 0, 9).await.unwrap_err().to_string();
    assert!(error.contains("table entry, column salt, row 0"), "{error}");
    open.close().await;
}

/// The lists that matter walk an index, in order, without a sort.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_walk_an_index() {
    let Some(url) = database() else { return };
    store(&url).await.unwrap().close().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    // Where tables are empty any plan would do.
    let fill = r"INSERT INTO task (unit, id, instance, definition, process, step, role, only_for, assignee, held, created, due)
            SELECT 'u', decode(md5(n::text), 'hex'), '', '', 'q' || n % 50, 's', 'r' || n % 7, CASE WHEN n % 3 = 0 THEN 'p' || n % 50 END,
                CASE WHEN n % 5 = 0 THEN 'p' || n % 50 END, 0, n, n FROM generate_series(1, 5000) AS n;
        INSERT INTO job (unit, id, instance, step, topic, retries, available, held)
            SELECT 'u', decode(md5(n::text), 'hex'), '', 's', 't' || n % 50, 3, n, 0 FROM generate_series(1, 5000) AS n;
        INSERT INTO instance (unit, id, definition, process, status, started_by, started)
            SELECT 'u', decode(md5(n::text), 'hex'), '', 'p', 0, 'p' || n % 50, n FROM generate_series(1, 5000) AS n;
        INSERT INTO subscription (unit, id, instance, name, key, opened, held)
            SELECT 'u', decode(md5(n::text), 'hex'), '', 'n', 'k' || n % 500, n, 0 FROM generate_series(1, 5000) AS n;
        INSERT INTO due (unit, id, kind, at, instance, held)
            SELECT 'u', decode(md5(n::text), 'hex'), n % 2 * 6, n, decode(md5((n / 2)::text), 'hex'), 0 FROM generate_series(1, 5000) AS n;
        INSERT INTO entry (unit, index, command, began, sequence, content, salt, leaf)
            SELECT 'u', n, decode(md5(n::text), 'hex'), n / 20, n % 20, '', '', '' FROM generate_series(1, 5000) AS n;
        ANALYZE";
    sqlx::raw_sql(fill).execute(&mut connection).await.unwrap();
    for (sql, index) in [
        (
            "(SELECT id, sort FROM task WHERE unit = 'u' AND held = 0 AND assignee IS NULL AND only_for IS NULL AND role = 'r7' AND (sort, id) > (7, 'x') ORDER BY sort, id LIMIT 9) UNION ALL (SELECT id, sort FROM task WHERE unit = 'u' AND held = 0 AND assignee IS NULL AND only_for = 'p3' ORDER BY sort, id LIMIT 9) ORDER BY sort, id LIMIT 9",
            "task_role",
        ),
        (
            "SELECT * FROM task WHERE unit = 'u' AND held = 0 AND assignee = 'p5' AND (sort, id) > (7, 'x') ORDER BY sort, id LIMIT 9",
            "task_assignee",
        ),
        (
            "SELECT * FROM task WHERE unit = 'u' AND held = 0 AND process = 'q7' AND (sort, id) > (7, 'x') ORDER BY sort, id LIMIT 9",
            "task_process",
        ),
        (
            "SELECT (SELECT sort FROM task WHERE unit = 'u' AND held = 0 AND process = 'q7' ORDER BY sort, id LIMIT 1), (SELECT count(*) FROM task WHERE unit = 'u' AND held = 0 AND process = 'q7' AND sort >= 0 AND sort < 9)",
            "Index Only Scan using task_process",
        ),
        (
            "SELECT * FROM job WHERE unit = 'u' AND held = 0 AND retries > 0 AND topic = 't7' AND available <= 4000 ORDER BY available, id LIMIT 9",
            "job_topic",
        ),
        (
            "SELECT * FROM instance WHERE unit = 'u' AND started <= 4000 AND (started < 4000 OR id > 'x') ORDER BY started DESC, id LIMIT 9",
            "instance_started",
        ),
        (
            "SELECT * FROM subscription WHERE unit = 'u' AND held = 0 AND name = 'n' AND key = 'k7' ORDER BY opened, id LIMIT 1",
            "subscription_key",
        ),
        (
            "SELECT * FROM due WHERE held = 0 AND kind <> 6 AND at <= 4000 AND NOT EXISTS (SELECT 1 FROM due AS next WHERE next.unit = due.unit AND next.instance = due.instance AND next.held = 0 AND next.kind = 6 AND (next.at, next.id) >= (due.at, due.id) AND next.at <= 4000) ORDER BY at, id, unit LIMIT 9",
            "due_other",
        ),
        (
            "SELECT due.* FROM due AS clock JOIN due ON due.unit = clock.unit AND due.instance = clock.instance WHERE clock.held = 0 AND clock.kind = 6 AND clock.at <= 4000 AND due.held = 0 AND (due.at, due.id) <= (clock.at, clock.id) ORDER BY clock.at, clock.id, clock.unit LIMIT 9",
            "due_clock",
        ),
        ("SELECT min(at) FROM due WHERE held = 0 AND kind <> 6", "due_other"),
        ("SELECT * FROM entry WHERE unit = 'u' AND index >= 7 ORDER BY index LIMIT 9", "entry_pkey"),
        (
            "SELECT * FROM entry WHERE unit = 'u' AND began = (SELECT first.index FROM entry AS first WHERE first.unit = 'u' AND first.command = 'x') AND sequence >= 2 ORDER BY sequence",
            "entry_case",
        ),
    ] {
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN {sql}"))).fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("Sort  ") && !plan.contains("Seq Scan"), "{sql}\n{plan}");
    }
}

/// What the server refuses is told for what it is; what it undid for the sake of another transaction is tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_told_apart() {
    let Some(url) = database() else { return };
    let open = store(&url).await.unwrap();
    let mut log = Log::new("mumbai-3");
    open.append(log.commands([1], Vec::new())).await.unwrap();
    // Refuses so many heads, with this code. A sequence counts: it does not go back with the transaction.
    tamper(
        &url,
        "CREATE TABLE refusal (code text NOT NULL, times bigint NOT NULL); CREATE SEQUENCE refused;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE next refusal; BEGIN
            SELECT * INTO next FROM refusal;
            IF FOUND AND nextval('refused') <= next.times THEN RAISE EXCEPTION 'planted' USING ERRCODE = next.code; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON unit_log FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .await;
    let refuse = async |code: &str, times: u64| {
        let sql = format!("DELETE FROM refusal; ALTER SEQUENCE refused RESTART; INSERT INTO refusal VALUES ('{code}', {times})");
        tamper(&url, &sql).await;
    };
    let batch = log.commands([2], vec![TaskPut(task(1, 1))]);
    refuse("53100", 99).await;
    let full = open.append(batch.clone()).await;
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    for (code, advice) in [("55P03", "try again"), ("57014", "try again"), ("25006", "use the primary"), ("XX000", "planted")] {
        refuse(code, 99).await;
        let told = open.append(batch.clone()).await;
        assert!(matches!(&told, Err(StoreError::Broken(what)) if what.contains(advice)), "{told:?}");
    }
    for code in ["40001", "40P01"] {
        refuse(code, 99).await;
        let told = open.append(batch.clone()).await;
        assert!(matches!(&told, Err(StoreError::Broken(what)) if what.contains("try again")), "{told:?}");
        assert!(open.dump_rows(&log.unit).await.unwrap().is_empty());
    }
    refuse("40001", 3).await;
    open.append(batch).await.unwrap();
    assert_eq!(open.entries(&log.unit, 0, 9).await.unwrap().len(), 2);
    assert_eq!(tasks_of(&open, &log.unit).await, 1);
    open.close().await;
}

/// Who hangs up cancels nothing, and leaves no connection within a transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_up_cancels_nothing() {
    let Some(url) = database() else { return };
    let open = store(&url).await.unwrap();
    let mut log = Log::new("mumbai-3");
    for round in 0..40u64 {
        let append = open.append(log.commands([round], vec![TaskPut(task(round, 1))]));
        // Polled at least once, then dropped.
        let _ = tokio::time::timeout(std::time::Duration::from_micros(round * 50), append).await;
        let began = std::time::Instant::now();
        while open.head(&log.unit).await.unwrap().is_none_or(|head| head.size <= round) {
            assert!(began.elapsed().as_secs() < 20, "the batch of round {round} was not written");
        }
    }
    assert_eq!(tasks_of(&open, &log.unit).await, 40);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let left: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    assert_eq!(left, 0);
    open.close().await;
}

/// The units whose due work a node sees to.
async fn duty(node: &PostgresStore) -> Vec<String> {
    node.attend().await.unwrap();
    node.due(Time(i64::MAX), 1_000).await.unwrap().into_iter().map(|(unit, _)| unit.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn due_work_is_shared_out_among_the_nodes_that_live() {
    let Some(url) = database() else { return };
    let open = async |node| PostgresStore::open(&url, Options::new(node)).await.unwrap();
    let (a, b) = (open("a").await, open("b").await);
    for (n, unit) in (0..).zip(["apex", "mumbai-3", "nashik-1", "pune-1", "thane-2"]) {
        let mut log = Log::new(unit);
        a.append(log.commands([n], vec![DuePut(due(n, None, 1))])).await.unwrap();
    }
    assert_eq!(b.next_due().await.unwrap(), None, "nothing is a node's that did not say that it lives");
    assert_eq!(duty(&a).await.len(), 5, "one alone sees to all of it");
    assert_eq!(a.next_due().await.unwrap(), Some(Time(1)));
    // Another comes: the first gives back what is more than its share, and the other takes it.
    assert_eq!(duty(&b).await.len(), 0, "what is the other's is not taken");
    let (of_a, of_b) = (duty(&a).await, duty(&b).await);
    assert_eq!((of_a.len(), of_b.len()), (3, 2));
    assert!(of_a.iter().all(|unit| !of_b.contains(unit)), "{of_a:?} {of_b:?}");
    // The first says nothing any more: as if its seconds were over.
    tamper(
        &url,
        "UPDATE duty SET until = clock_timestamp() WHERE node = 'a'; UPDATE node SET until = clock_timestamp() WHERE id = 'a'",
    )
    .await;
    assert_eq!(duty(&b).await.len(), 5, "the one that is left takes over");
    assert_eq!(duty(&a).await.len(), 0, "one that comes back finds it taken");
    duty(&b).await;
    assert_eq!(duty(&a).await.len(), 2, "and gets its share when the other next says that it lives");
    // One that stops leaves at once.
    a.close().await;
    assert_eq!(duty(&b).await.len(), 5);
    b.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_take_duty_at_the_same_time_never_have_the_same() {
    let Some(url) = database() else { return };
    let nodes = tokio::join!(store(&url), store(&url), store(&url));
    let nodes = [nodes.0.unwrap(), nodes.1.unwrap(), nodes.2.unwrap()];
    for n in 0..20 {
        let mut log = Log::new(&format!("unit-{n}"));
        nodes[0].append(log.commands([n], vec![DuePut(due(n, None, 1))])).await.unwrap();
    }
    for _ in 0..20 {
        let [a, b, c] = [&nodes[0], &nodes[1], &nodes[2]];
        let (a, b, c) = tokio::join!(a.attend(), b.attend(), c.attend());
        a.and(b).and(c).unwrap();
        let mut all = Vec::new();
        for node in &nodes {
            all.extend(node.due(Time(9), 99).await.unwrap().into_iter().map(|(unit, _)| unit));
        }
        let seen = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), seen, "a unit has two");
    }
    for node in &nodes {
        let share = duty(node).await.len();
        assert!((6..=7).contains(&share), "{share}");
    }
}

/// Waits until so many sessions of this database are as the condition says.
async fn sessions(url: &str, condition: &str, count: i64) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {condition}");
    let began = std::time::Instant::now();
    while sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql.clone())).fetch_one(&mut connection).await.unwrap() != count {
        assert!(began.elapsed().as_secs() < 20, "there are not {count} sessions with {condition}");
        tokio::task::yield_now().await;
    }
}

/// Who was overtaken holds the log, and is written before whoever asks later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_holds_a_log_is_written_first() {
    let Some(url) = database() else { return };
    let open = async |node| PostgresStore::open(&url, Options::new(node)).await.unwrap();
    let (a, b) = (open("a").await, open("b").await);
    let mut log = Log::new("mumbai-3");
    a.append(log.commands([1], Vec::new())).await.unwrap();
    let unit = log.unit.clone();
    let mut other = log.clone();
    let (mine, theirs) = (log.commands([2], Vec::new()), other.commands([3], Vec::new()));

    a.hold(&unit).await.unwrap();
    let waits = tokio::spawn(async move { (b.append(theirs).await, b) });
    sessions(&url, "wait_event_type = 'Lock'", 1).await;
    a.append(mine).await.unwrap();
    let (fenced, b) = waits.await.unwrap();
    assert!(matches!(fenced, Err(StoreError::Fenced { .. })), "{fenced:?}");

    a.hold(&unit).await.unwrap();
    a.let_go(&unit).await.unwrap();
    b.append(log.commands([4], Vec::new())).await.unwrap();

    sessions(&url, "state LIKE 'idle in transaction%'", 0).await;
    a.close().await;
    b.close().await;
}

/// A node that stalls within a transaction is cut off before those who wait for its lock give up, and goes on when it wakes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stalls_holding_a_log_holds_up_nobody() {
    let Some(url) = database() else { return };
    let open = async |node| PostgresStore::open(&url, Options::new(node)).await.unwrap();
    let (a, b) = (open("a").await, open("b").await);
    let mut log = Log::new("mumbai-3");
    a.append(log.commands([1], Vec::new())).await.unwrap();
    a.hold(&log.unit).await.unwrap();
    b.append(log.commands([2], Vec::new())).await.unwrap();
    a.append(log.commands([3], Vec::new())).await.unwrap();
    a.close().await;
    b.close().await;
}
