//! The tables of the PostgreSQL store, and the step from each version of them to the next.

use sqlx::postgres::PgConnection;

use super::failure::broken;
use crate::store::StoreError;

/// Steps in order: the version reached, and the SQL that leads there from the one before. A step that was released is never edited.
const STEPS: &[(i64, &str)] = &[(1, VERSION_1), (2, VERSION_2), (3, VERSION_3), (4, VERSION_4), (5, VERSION_5)];

/// The version that this program reads and writes.
const VERSION: i64 = STEPS[STEPS.len() - 1].0;

/// Every key begins with the unit, so that a cluster which spreads tables over shards by that column (as Citus and `YugabyteDB` do) keeps all of a unit
/// together and no transaction leaves its shard. The unit is written out and not numbered: numbers would have to be handed out by one
/// place for all shards, and looked up before every statement. There is no sequence: indexes come from the head row, under its lock. For
/// the same reason there are no foreign keys and no unique index without the unit.
///
/// Text is compared by its bytes (`COLLATE "C"`): the same order in every database, whatever the system's library says of languages.
/// Columns are whole numbers, text and bytes, as in the other stores.
const VERSION_1: &str = r#"
-- One log per unit. Its row is what serialises the writers of the unit.
CREATE TABLE unit_log (
    unit     text   COLLATE "C" PRIMARY KEY,
    origin   text   COLLATE "C" NOT NULL,
    size     bigint NOT NULL,
    frontier bytea  NOT NULL,
    time     bigint NOT NULL
) WITH (fillfactor = 50);

-- The journal. The leaf alone is read for what it says; `command`, `began` and `sequence` are there to be found by. A case is told by the
-- index of the entry that began it, a number that grows, and not by 16 bytes as good as random: what is written at about the same time lies
-- together in the index. `salt` and `events` are the first payload.
CREATE TABLE entry (
    unit     text   COLLATE "C" NOT NULL,
    index    bigint NOT NULL,
    command  bytea  NOT NULL,
    began    bigint,
    sequence bigint,
    content  bytea  NOT NULL,
    salt     bytea  NOT NULL,
    leaf     text   COLLATE "C" NOT NULL,
    events   text   COLLATE "C",
    PRIMARY KEY (unit, index)
);
CREATE UNIQUE INDEX entry_command ON entry (unit, command);
CREATE UNIQUE INDEX entry_case ON entry (unit, began, sequence) WHERE began IS NOT NULL;

-- Payloads after the first: personal values. An erased one keeps its row, without body and with a zero salt.
CREATE TABLE payload (
    unit     text   COLLATE "C" NOT NULL,
    entry    bigint NOT NULL,
    position bigint NOT NULL,
    name     text   COLLATE "C" NOT NULL,
    salt     bytea  NOT NULL,
    body     text   COLLATE "C",
    PRIMARY KEY (unit, entry, position)
);

-- Rows. The id of what a command made is its 16 bytes and the ordinal in two, big-endian: byte order is id order.
CREATE TABLE instance (
    unit       text   COLLATE "C" NOT NULL,
    id         bytea  NOT NULL,
    definition bytea  NOT NULL,
    process    text   COLLATE "C" NOT NULL,
    number     text   COLLATE "C",
    parent     bytea,
    status     bigint NOT NULL,
    started_by text   COLLATE "C" NOT NULL,
    started    bigint NOT NULL,
    ended      bigint,
    PRIMARY KEY (unit, id)
);
-- Cases stay for ever, so they have only these: the list itself, an applicant's own cases, and the look-up of a number. Lists by process
-- or status walk the first.
CREATE INDEX instance_started ON instance (unit, started DESC, id);
CREATE INDEX instance_by ON instance (unit, started_by, started DESC, id);
CREATE INDEX instance_number ON instance (unit, number, started DESC, id) WHERE number IS NOT NULL;

-- From here to `incident`: only what is open, so indexes are cheap.
CREATE TABLE task (
    unit       text   COLLATE "C" NOT NULL,
    id         bytea  NOT NULL,
    instance   bytea  NOT NULL,
    definition bytea  NOT NULL,
    process    text   COLLATE "C" NOT NULL,
    step       text   COLLATE "C" NOT NULL,
    role       text   COLLATE "C" NOT NULL,
    only_for   text   COLLATE "C",
    assignee   text   COLLATE "C",
    held       bigint NOT NULL,
    created    bigint NOT NULL,
    due        bigint,
    sort       bigint GENERATED ALWAYS AS (coalesce(due, 9223372036854775807)) STORED,
    PRIMARY KEY (unit, id)
);
CREATE INDEX task_assignee ON task (unit, assignee, sort, id) WHERE held = 0 AND assignee IS NOT NULL;
CREATE INDEX task_role ON task (unit, role, sort, id) WHERE held = 0 AND assignee IS NULL AND only_for IS NULL;
CREATE INDEX task_only ON task (unit, only_for, sort, id) WHERE held = 0 AND assignee IS NULL AND only_for IS NOT NULL;
CREATE INDEX task_sort ON task (unit, sort, id) WHERE held = 0;
CREATE INDEX task_instance ON task (unit, instance);

CREATE TABLE job (
    unit      text   COLLATE "C" NOT NULL,
    id        bytea  NOT NULL,
    instance  bytea  NOT NULL,
    step      text   COLLATE "C" NOT NULL,
    topic     text   COLLATE "C" NOT NULL,
    retries   bigint NOT NULL,
    available bigint NOT NULL,
    worker    text   COLLATE "C",
    held      bigint NOT NULL,
    PRIMARY KEY (unit, id)
);
CREATE INDEX job_topic ON job (unit, topic, available, id) WHERE held = 0 AND retries > 0;
CREATE INDEX job_instance ON job (unit, instance);

CREATE TABLE due (
    unit     text   COLLATE "C" NOT NULL,
    id       bytea  NOT NULL,
    kind     bigint NOT NULL,
    at       bigint NOT NULL,
    instance bytea,
    held     bigint NOT NULL,
    PRIMARY KEY (unit, id)
);
-- The one index that does not begin with the unit: the dispatcher looks across all units for what falls due first.
CREATE INDEX due_at ON due (at, id, unit) WHERE held = 0;
CREATE INDEX due_instance ON due (unit, instance) WHERE instance IS NOT NULL;

CREATE TABLE subscription (
    unit     text   COLLATE "C" NOT NULL,
    id       bytea  NOT NULL,
    instance bytea  NOT NULL,
    name     text   COLLATE "C" NOT NULL,
    key      text   COLLATE "C" NOT NULL,
    opened   bigint NOT NULL,
    held     bigint NOT NULL,
    PRIMARY KEY (unit, id)
);
CREATE INDEX subscription_key ON subscription (unit, name, key, opened, id) WHERE held = 0;
CREATE INDEX subscription_instance ON subscription (unit, instance);

CREATE TABLE message (
    unit      text   COLLATE "C" NOT NULL,
    id        bytea  NOT NULL,
    name      text   COLLATE "C" NOT NULL,
    key       text   COLLATE "C" NOT NULL,
    published bigint NOT NULL,
    expires   bigint NOT NULL,
    PRIMARY KEY (unit, id)
);
CREATE INDEX message_key ON message (unit, name, key, published, id);

CREATE TABLE incident (
    unit     text   COLLATE "C" NOT NULL,
    id       bytea  NOT NULL,
    instance bytea  NOT NULL,
    code     text   COLLATE "C" NOT NULL,
    message  text   COLLATE "C" NOT NULL,
    raised   bigint NOT NULL,
    PRIMARY KEY (unit, id)
);
CREATE INDEX incident_raised ON incident (unit, raised, id);
CREATE INDEX incident_instance ON incident (unit, instance, raised, id);

CREATE TABLE definition (
    unit     text   COLLATE "C" NOT NULL,
    hash     bytea  NOT NULL,
    process  text   COLLATE "C" NOT NULL,
    version  bigint NOT NULL,
    document text   COLLATE "C" NOT NULL,
    deployed bigint NOT NULL,
    PRIMARY KEY (unit, hash)
);
CREATE TABLE snapshot (
    unit     text   COLLATE "C" NOT NULL,
    instance bytea  NOT NULL,
    sequence bigint NOT NULL,
    state    bytea  NOT NULL,
    PRIMARY KEY (unit, instance)
);
"#;

/// Due work is looked for in two halves: the clocks of norms, with what is due of their cases, and everything else. Those that begin with the
/// instant do not begin with the unit, for the dispatcher looks across all units. That of the cases has all columns: with
/// fewer, SQLite takes the key for as good, and reads the whole unit. And reports have rows, to be listed; none was made before.
const VERSION_2: &str = r#"
DROP INDEX due_at;
CREATE INDEX due_clock ON due (at, id, unit) WHERE held = 0 AND kind = 6;
CREATE INDEX due_other ON due (at, id, unit) WHERE held = 0 AND kind <> 6;
DROP INDEX due_instance;
CREATE INDEX due_instance ON due (unit, instance, held, at, id, kind);
CREATE TABLE report (
    unit     text   COLLATE "C" NOT NULL,
    id       bytea  NOT NULL,
    kind     bigint NOT NULL,
    schedule text   COLLATE "C" NOT NULL,
    at       bigint NOT NULL,
    made     bigint NOT NULL,
    PRIMARY KEY (unit, id)
);
CREATE INDEX report_at ON report (unit, at DESC, id);
"#;

/// Who lives, and who sees to the due work of a unit until when: see `duty.rs`. Nothing is lost with them.
const VERSION_3: &str = r#"
CREATE UNLOGGED TABLE node (
    id    text        COLLATE "C" PRIMARY KEY,
    until timestamptz NOT NULL
);
CREATE UNLOGGED TABLE duty (
    unit  text        COLLATE "C" PRIMARY KEY,
    node  text        COLLATE "C" NOT NULL,
    until timestamptz NOT NULL
);
"#;

/// Open tasks are counted as they come and go: to count a million one by one takes too long (`count.rs`). Triggers do it, so that whatever
/// changes a task cannot leave it out, not even a node of the release before, which knows nothing of counts. A unit has one writer at a time,
/// by the lock of its head, so none waits for another at a row of counts. And the tasks of a process are listed along an index of their own.
const VERSION_4: &str = r#"
CREATE INDEX task_process ON task (unit, process, sort, id) WHERE held = 0;
CREATE TABLE task_count (
    unit    text   COLLATE "C" NOT NULL,
    process text   COLLATE "C" NOT NULL,
    role    text   COLLATE "C" NOT NULL,
    offered bigint NOT NULL,
    span    bigint NOT NULL,
    tasks   bigint NOT NULL,
    PRIMARY KEY (unit, process, role, offered, span)
) WITH (fillfactor = 50);
CREATE FUNCTION task_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO task_count AS counted (unit, process, role, offered, span, tasks)
            SELECT unit, process, role, (assignee IS NULL AND only_for IS NULL)::int, sort >> 32, count(*)
            FROM come WHERE held = 0 GROUP BY 1, 2, 3, 4, 5
            ON CONFLICT (unit, process, role, offered, span) DO UPDATE SET tasks = counted.tasks + EXCLUDED.tasks;
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO task_count AS counted (unit, process, role, offered, span, tasks)
            SELECT unit, process, role, (assignee IS NULL AND only_for IS NULL)::int, sort >> 32, -count(*)
            FROM gone WHERE held = 0 GROUP BY 1, 2, 3, 4, 5
            ON CONFLICT (unit, process, role, offered, span) DO UPDATE SET tasks = counted.tasks + EXCLUDED.tasks;
    ELSE
        INSERT INTO task_count AS counted (unit, process, role, offered, span, tasks)
            SELECT unit, process, role, (assignee IS NULL AND only_for IS NULL)::int, sort >> 32, sum(n)
            FROM (SELECT *, 1 AS n FROM come UNION ALL SELECT *, -1 FROM gone) AS changed WHERE held = 0
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0
            ON CONFLICT (unit, process, role, offered, span) DO UPDATE SET tasks = counted.tasks + EXCLUDED.tasks;
    END IF;
    DELETE FROM task_count AS counted USING gone
        WHERE counted.unit = gone.unit AND counted.process = gone.process AND counted.role = gone.role
        AND counted.offered = (gone.assignee IS NULL AND gone.only_for IS NULL)::int AND counted.span = gone.sort >> 32
        AND counted.tasks = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER task_comes AFTER INSERT ON task REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION task_counted();
CREATE TRIGGER task_goes AFTER DELETE ON task REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION task_counted();
CREATE TRIGGER task_changes AFTER UPDATE ON task REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION task_counted();
INSERT INTO task_count (unit, process, role, offered, span, tasks)
    SELECT unit, process, role, (assignee IS NULL AND only_for IS NULL)::int, sort >> 32, count(*) FROM task WHERE held = 0
    GROUP BY 1, 2, 3, 4, 5;
"#;

/// Who has read personal values of which case, to be asked by case and by person; none was noted before.
const VERSION_5: &str = r#"
CREATE TABLE reading (
    unit      text   COLLATE "C" NOT NULL,
    id        bytea  NOT NULL,
    entry     bigint NOT NULL,
    at        bigint NOT NULL,
    person    text   COLLATE "C" NOT NULL,
    via       text   COLLATE "C",
    case_unit text   COLLATE "C" NOT NULL,
    instance  bytea  NOT NULL,
    names     text   COLLATE "C" NOT NULL,
    through   text   COLLATE "C" NOT NULL,
    PRIMARY KEY (unit, id)
);
CREATE INDEX reading_case ON reading (unit, case_unit, instance, at DESC, id);
CREATE INDEX reading_person ON reading (unit, person, at DESC, id);
"#;

/// Brings the tables to [`VERSION`], in one transaction. A database that is newer than the program is refused. Nodes that start together
/// wait for one another at the row of version 0.
///
/// Tables that are there and older are brought up to date only where `older` says so: other nodes may be serving on them.
pub(super) async fn migrate(connection: &mut PgConnection, older: bool) -> Result<(), StoreError> {
    make_versions(connection).await?;
    // A large table takes longer to change than a command may.
    let begin = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
        INSERT INTO schema_version (version) VALUES (0) ON CONFLICT DO NOTHING;
        SELECT version FROM schema_version WHERE version = 0 FOR UPDATE";
    sqlx::raw_sql(begin).execute(&mut *connection).await.map_err(broken)?;
    let found: i64 =
        sqlx::query_scalar("SELECT max(version) FROM schema_version").fetch_one(&mut *connection).await.map_err(broken)?;
    if found > VERSION {
        return Err(StoreError::Broken(format!(
            "the database has tables of version {found}, this program knows them up to {VERSION}: use the program that wrote it, or a newer one"
        )));
    }
    if found > 0 && found < VERSION && !older {
        return Err(StoreError::Broken(format!(
            "the database has tables of version {found}, this program needs version {VERSION}: bring them up to date with `sevottam migrate` first"
        )));
    }
    for (version, sql) in STEPS.iter().filter(|(version, _)| *version > found) {
        sqlx::raw_sql(*sql).execute(&mut *connection).await.map_err(broken)?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *connection)
            .await
            .map_err(broken)?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await.map_err(broken)?;
    Ok(())
}

/// Makes the table of versions. Of two that make it at the same time PostgreSQL refuses one, `IF NOT EXISTS` or not: then it is there.
async fn make_versions(connection: &mut PgConnection) -> Result<(), StoreError> {
    const DUPLICATES: [&str; 3] = ["23505", "42P07", "42710"];
    let made = sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY)").execute(connection).await;
    match made {
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| DUPLICATES.contains(&&*code)) => Ok(()),
        other => other.map(drop).map_err(broken),
    }
}
