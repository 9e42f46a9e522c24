//! The tables of the SQLite store, and the step from each version of them to the next.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row as _};

use super::broken;
use crate::store::StoreError;

/// Steps in order: the version reached, and the SQL that leads there from the one before. A step that was released is never edited.
const STEPS: &[(i64, &str)] = &[(1, VERSION_1), (2, VERSION_2), (3, VERSION_3), (4, VERSION_4), (5, VERSION_5)];

/// The version that this program reads and writes.
pub(super) const VERSION: i64 = STEPS[STEPS.len() - 1].0;

const VERSION_1: &str = "
-- One log per unit. Its number stands for the unit in every other key.
CREATE TABLE unit_log (
    number   INTEGER PRIMARY KEY,
    unit     TEXT    NOT NULL UNIQUE,
    origin   TEXT    NOT NULL,
    size     INTEGER NOT NULL,
    frontier BLOB    NOT NULL,
    time     INTEGER NOT NULL
) STRICT;

-- The journal. The key is the unit's number << 40 | the index, so entries lie in log order without a second index. Command, case and
-- sequence are what the leaf says, compared with it before they are written; the leaf alone is read. `salt` and `events` are the first
-- payload.
CREATE TABLE entry (
    id       INTEGER PRIMARY KEY,
    command  BLOB    NOT NULL,
    instance BLOB,
    sequence INTEGER,
    content  BLOB    NOT NULL,
    salt     BLOB    NOT NULL,
    leaf     TEXT    NOT NULL,
    events   TEXT,
    unit     INTEGER GENERATED ALWAYS AS (id >> 40) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX entry_command ON entry (unit, command);
CREATE UNIQUE INDEX entry_case ON entry (unit, instance, sequence) WHERE instance IS NOT NULL;

-- Payloads after the first: personal values. An erased one keeps its row, without body and with a zero salt.
CREATE TABLE payload (
    entry    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    salt     BLOB    NOT NULL,
    body     TEXT,
    PRIMARY KEY (entry, position)
) STRICT, WITHOUT ROWID;

-- Rows. The id of what a command made is its 16 bytes and the ordinal in two, big-endian: byte order is id order.
CREATE TABLE instance (
    unit       INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    definition BLOB    NOT NULL,
    process    TEXT    NOT NULL,
    number     TEXT,
    parent     BLOB,
    status     INTEGER NOT NULL,
    started_by TEXT    NOT NULL,
    started    INTEGER NOT NULL,
    ended      INTEGER,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
-- Cases stay for ever, so they have only these: the list itself, an applicant's own cases, and the look-up of a number. Lists by process
-- or status walk the first. The key (unit, id) is appended by SQLite.
CREATE INDEX instance_started ON instance (unit, started DESC, id);
CREATE INDEX instance_by ON instance (unit, started_by, started DESC, id);
CREATE INDEX instance_number ON instance (unit, number, started DESC, id) WHERE number IS NOT NULL;

-- From here to `incident`: only what is open, so indexes are cheap.
CREATE TABLE task (
    unit       INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    instance   BLOB    NOT NULL,
    definition BLOB    NOT NULL,
    process    TEXT    NOT NULL,
    step       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    only_for   TEXT,
    assignee   TEXT,
    held       INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    due        INTEGER,
    sort       INTEGER GENERATED ALWAYS AS (coalesce(due, 9223372036854775807)) VIRTUAL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_assignee ON task (unit, assignee, sort, id) WHERE held = 0 AND assignee IS NOT NULL;
CREATE INDEX task_role ON task (unit, role, sort, id) WHERE held = 0 AND assignee IS NULL AND only_for IS NULL;
CREATE INDEX task_only ON task (unit, only_for, sort, id) WHERE held = 0 AND assignee IS NULL AND only_for IS NOT NULL;
CREATE INDEX task_sort ON task (unit, sort, id) WHERE held = 0;
CREATE INDEX task_instance ON task (unit, instance);

CREATE TABLE job (
    unit      INTEGER NOT NULL,
    id        BLOB    NOT NULL,
    instance  BLOB    NOT NULL,
    step      TEXT    NOT NULL,
    topic     TEXT    NOT NULL,
    retries   INTEGER NOT NULL,
    available INTEGER NOT NULL,
    worker    TEXT,
    held      INTEGER NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_topic ON job (unit, topic, available, id) WHERE held = 0 AND retries > 0;
CREATE INDEX job_instance ON job (unit, instance);

CREATE TABLE due (
    unit     INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    kind     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    instance BLOB,
    held     INTEGER NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
-- The one index that does not begin with the unit: the dispatcher looks across all units for what falls due first.
CREATE INDEX due_at ON due (at, id, unit) WHERE held = 0;
CREATE INDEX due_instance ON due (unit, instance) WHERE instance IS NOT NULL;

CREATE TABLE subscription (
    unit     INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    instance BLOB    NOT NULL,
    name     TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    opened   INTEGER NOT NULL,
    held     INTEGER NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_key ON subscription (unit, name, key, opened, id) WHERE held = 0;
CREATE INDEX subscription_instance ON subscription (unit, instance);

CREATE TABLE message (
    unit      INTEGER NOT NULL,
    id        BLOB    NOT NULL,
    name      TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    published INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_key ON message (unit, name, key, published, id);

CREATE TABLE incident (
    unit     INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    instance BLOB    NOT NULL,
    code     TEXT    NOT NULL,
    message  TEXT    NOT NULL,
    raised   INTEGER NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_raised ON incident (unit, raised, id);
CREATE INDEX incident_instance ON incident (unit, instance, raised, id);

-- Large rows, so with rowid: SQLite wants rows without one to be small.
CREATE TABLE definition (
    unit     INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    process  TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    document TEXT    NOT NULL,
    deployed INTEGER NOT NULL,
    PRIMARY KEY (unit, hash)
) STRICT;
CREATE TABLE snapshot (
    unit     INTEGER NOT NULL,
    instance BLOB    NOT NULL,
    sequence INTEGER NOT NULL,
    state    BLOB    NOT NULL,
    PRIMARY KEY (unit, instance)
) STRICT;
";

/// The case of an entry is told by the entry that began it, a number that grows, and no longer by 16 bytes as good as random: what is written
/// at about the same time then lies together in the index, and a transaction changes a few of its pages instead of one for each entry.
const VERSION_2: &str = "
DROP INDEX entry_case;
ALTER TABLE entry ADD COLUMN began INTEGER;
UPDATE entry SET began = (SELECT first.id FROM entry AS first WHERE first.unit = entry.unit AND first.command = entry.instance)
    WHERE instance IS NOT NULL;
CREATE TABLE orphan (entries INTEGER CONSTRAINT every_case_was_begun_by_an_entry CHECK (entries = 0)) STRICT;
INSERT INTO orphan SELECT count(*) FROM entry WHERE instance IS NOT NULL AND began IS NULL;
DROP TABLE orphan;
ALTER TABLE entry DROP COLUMN instance;
CREATE UNIQUE INDEX entry_case ON entry (began, sequence) WHERE began IS NOT NULL;
-- The rows hold what the entries below this index changed.
ALTER TABLE unit_log ADD COLUMN projected INTEGER NOT NULL DEFAULT 0;
UPDATE unit_log SET projected = size;
-- Where a command's entry lies. The entries below `indexed` have their rows here; `indexing` is where the round under way will bring it.
CREATE TABLE command (
    unit  INTEGER NOT NULL,
    id    BLOB    NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
INSERT INTO command (unit, id, entry) SELECT unit, command, id FROM entry ORDER BY unit, command;
DROP INDEX entry_command;
ALTER TABLE unit_log ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE unit_log ADD COLUMN indexing INTEGER NOT NULL DEFAULT 0;
UPDATE unit_log SET indexed = size;
";

/// Due work is looked for in two halves: the clocks of norms, with what is due of their cases, and everything else. Those that begin with the
/// instant do not begin with the unit, for the dispatcher looks across all units. That of the cases has all columns: with
/// fewer, SQLite takes the key for as good, and reads the whole unit. And reports have rows, to be listed; none was made before.
const VERSION_3: &str = "
DROP INDEX due_at;
CREATE INDEX due_clock ON due (at, id, unit) WHERE held = 0 AND kind = 6;
CREATE INDEX due_other ON due (at, id, unit) WHERE held = 0 AND kind <> 6;
DROP INDEX due_instance;
CREATE INDEX due_instance ON due (unit, instance, held, at, id, kind);
CREATE TABLE report (
    unit     INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    kind     INTEGER NOT NULL,
    schedule TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    made     INTEGER NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_at ON report (unit, at DESC, id);
";

/// Open tasks are counted as they come and go: to count a million one by one takes too long (`count.rs`). Triggers do it, so that whatever
/// changes a task cannot leave it out; a row that is replaced is deleted first, and fires too (`recursive_triggers`). And the tasks of a process
/// are listed along an index of their own.
const VERSION_4: &str = "
CREATE INDEX task_process ON task (unit, process, sort, id) WHERE held = 0;
CREATE TABLE task_count (
    unit    INTEGER NOT NULL,
    process TEXT    NOT NULL,
    role    TEXT    NOT NULL,
    offered INTEGER NOT NULL,
    span    INTEGER NOT NULL,
    tasks   INTEGER NOT NULL,
    PRIMARY KEY (unit, process, role, offered, span)
) STRICT, WITHOUT ROWID;
INSERT INTO task_count (unit, process, role, offered, span, tasks)
    SELECT unit, process, role, assignee IS NULL AND only_for IS NULL, sort >> 32, count(*) FROM task WHERE held = 0
    GROUP BY 1, 2, 3, 4, 5;
CREATE TRIGGER task_comes AFTER INSERT ON task WHEN new.held = 0 BEGIN
    INSERT INTO task_count (unit, process, role, offered, span, tasks)
        VALUES (new.unit, new.process, new.role, new.assignee IS NULL AND new.only_for IS NULL, new.sort >> 32, 1)
        ON CONFLICT (unit, process, role, offered, span) DO UPDATE SET tasks = tasks + 1;
END;
CREATE TRIGGER task_goes AFTER DELETE ON task WHEN old.held = 0 BEGIN
    INSERT INTO task_count (unit, process, role, offered, span, tasks)
        VALUES (old.unit, old.process, old.role, old.assignee IS NULL AND old.only_for IS NULL, old.sort >> 32, -1)
        ON CONFLICT (unit, process, role, offered, span) DO UPDATE SET tasks = tasks - 1;
    DELETE FROM task_count WHERE unit = old.unit AND process = old.process AND role = old.role
        AND offered = (old.assignee IS NULL AND old.only_for IS NULL) AND span = old.sort >> 32 AND tasks = 0;
END;
CREATE TRIGGER task_changes AFTER UPDATE ON task BEGIN
    INSERT INTO task_count (unit, process, role, offered, span, tasks)
        SELECT new.unit, new.process, new.role, new.assignee IS NULL AND new.only_for IS NULL, new.sort >> 32, 1 WHERE new.held = 0
        ON CONFLICT (unit, process, role, offered, span) DO UPDATE SET tasks = tasks + 1;
    INSERT INTO task_count (unit, process, role, offered, span, tasks)
        SELECT old.unit, old.process, old.role, old.assignee IS NULL AND old.only_for IS NULL, old.sort >> 32, -1 WHERE old.held = 0
        ON CONFLICT (unit, process, role, offered, span) DO UPDATE SET tasks = tasks - 1;
    DELETE FROM task_count WHERE unit = old.unit AND process = old.process AND role = old.role
        AND offered = (old.assignee IS NULL AND old.only_for IS NULL) AND span = old.sort >> 32 AND tasks = 0;
END;
";

/// Who has read personal values of which case, to be asked by case and by person; none was noted before.
const VERSION_5: &str = "
CREATE TABLE reading (
    unit      INTEGER NOT NULL,
    id        BLOB    NOT NULL,
    entry     INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    person    TEXT    NOT NULL,
    via       TEXT,
    case_unit TEXT    NOT NULL,
    instance  BLOB    NOT NULL,
    names     TEXT    NOT NULL,
    through   TEXT    NOT NULL,
    PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reading_case ON reading (unit, case_unit, instance, at DESC, id);
CREATE INDEX reading_person ON reading (unit, person, at DESC, id);
";

/// Brings the tables to [`VERSION`], in one transaction. A database that is newer than the program is refused.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    // A step may sort more than fits into memory.
    let begin = "PRAGMA temp_store = FILE; BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT;";
    sqlx::raw_sql(begin).execute(&mut *connection).await.map_err(broken)?;
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM schema_version")
        .fetch_one(&mut *connection)
        .await
        .map_err(broken)?;
    if found > VERSION {
        return Err(StoreError::Broken(format!(
            "the database has tables of version {found}, this program knows them up to {VERSION}: use the program that wrote it, or a newer one"
        )));
    }
    if found == VERSION {
        return sqlx::raw_sql("COMMIT; PRAGMA temp_store = MEMORY;").execute(&mut *connection).await.map(drop).map_err(broken);
    }
    for (version, sql) in STEPS.iter().filter(|(version, _)| *version > found) {
        sqlx::raw_sql(*sql).execute(&mut *connection).await.map_err(broken)?;
        sqlx::query("INSERT INTO schema_version (version) VALUES (?1)")
            .bind(version)
            .execute(&mut *connection)
            .await
            .map_err(broken)?;
    }
    // A step may have written all tables anew.
    let end = "COMMIT; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA temp_store = MEMORY;";
    sqlx::raw_sql(end).execute(&mut *connection).await.map(drop).map_err(broken)
}

/// Compares tables, indexes and triggers with those that this program makes: a trigger or an index that was changed or taken away makes of true
/// rows false answers.
///
/// # Errors
/// When one is another, or more or fewer steps were taken: which.
pub(super) async fn compare(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut fresh = SqliteConnection::connect("sqlite::memory:").await.map_err(broken)?;
    migrate(&mut fresh).await?;
    let (found, due) = (objects(connection).await?, objects(&mut fresh).await?);
    let differs = found
        .iter()
        .find(|(name, sql)| due.get(*name) != Some(*sql))
        .or_else(|| due.iter().find(|(name, _)| !found.contains_key(*name)));
    match differs {
        None => Ok(()),
        Some((name, _)) => Err(StoreError::Broken(format!("{name} is not as this program makes it"))),
    }
}

/// What makes each table, index and trigger, and the steps that were taken, by name. What `ANALYZE` keeps is none of them.
async fn objects(connection: &mut SqliteConnection) -> Result<BTreeMap<String, String>, StoreError> {
    let sql = "SELECT type || ' ' || name, tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT GLOB 'sqlite_stat*' \
        UNION ALL SELECT 'table schema_version, row ' || version, '' FROM schema_version";
    let rows = sqlx::query(sql).fetch_all(connection).await.map_err(broken)?;
    rows.iter().map(|row| Ok((row.try_get(0).map_err(broken)?, row.try_get(1).map_err(broken)?))).collect()
}
