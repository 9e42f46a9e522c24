//! Changes that somebody would make who knows the tables.

use tests::program::run;

use super::check;
use super::sqlite::{Files, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_would_change_who_knows_the_tables_is_found() {
    let files = Files::make().await;
    let (long, other) = (files.cases.long, files.cases.other);
    let of = |case| format!("(SELECT entry FROM command WHERE id = x'{case}')");
    let last = format!("(SELECT max(id) FROM entry WHERE began = {})", of(long));
    let forge = |from: &str, to: &str| {
        format!(
            "UPDATE snapshot SET state = CAST(replace(CAST(state AS TEXT), '{from}', '{to}') AS BLOB) WHERE instance = x'{long}'"
        )
    };
    let cases = [
        // An entry that is no longer of its case: pages, the API and time travel read cases by these columns.
        (format!("UPDATE entry SET began = NULL, sequence = NULL WHERE id = {last}"), "table entry, column began"),
        // One more of another case.
        (format!("UPDATE entry SET began = {} WHERE id = {last}", of(other)), "table entry, column began"),
        ("DELETE FROM command".to_owned(), "table command, row"),
        ("INSERT INTO command SELECT unit, x'00112233445566778899aabbccddeeff', entry FROM command LIMIT 1".to_owned(),
            "table command, row 00112233445566778899aabbccddeeff: no entry has this command"),
        (format!("UPDATE command SET entry = {} WHERE id = x'{long}'", of(other)), "table command, row"),
        // Kept states: one of nothing, one of a case that is not there, one of another case, forged ones, and one with another sequence.
        (format!("INSERT INTO snapshot (unit, instance, sequence, state) VALUES (2, x'{other}', 1, x'7b7d')"), "table snapshot, row"),
        ("INSERT INTO snapshot (unit, instance, sequence, state) SELECT unit, x'00112233445566778899aabbccddeeff', sequence, state \
          FROM snapshot LIMIT 1".to_owned(),
            "table snapshot, row 00112233445566778899aabbccddeeff: there is no such case"),
        (format!("UPDATE snapshot SET instance = x'{other}'"), "table snapshot, row"),
        (forge("Person 1", "Person 9"), "column state"),
        (forge("\"number\":\"1/2026\"", "\"number\":\"9/2026\""), "column state"),
        ("UPDATE snapshot SET sequence = 1000".to_owned(), "column sequence"),
        // A value that is made to look erased, and one that is put back.
        (format!("UPDATE payload SET body = NULL, salt = zeroblob(32) WHERE entry = {0}; \
                  UPDATE entry SET content = zeroblob(32) WHERE id = {0}", of(long)), "a value of name is gone, and no entry erased it"),
        ("UPDATE payload SET body = '\"Erased Person\"' WHERE body IS NULL".to_owned(), "is not what its leaf commits"),
        // Entries: one less, one more, two in each other's place.
        (format!("DELETE FROM entry WHERE id = {last} - 3"), "is missing"),
        ("INSERT INTO entry (id, command, content, salt, leaf, events) SELECT id + 1, x'00', content, salt, leaf, events \
          FROM entry WHERE id = (SELECT max(id) FROM entry)".to_owned(), "entry"),
        (format!("UPDATE entry SET id = -1 WHERE id = {last} - 1; UPDATE entry SET id = {last} - 1 WHERE id = {last}; \
                  UPDATE entry SET id = (SELECT max(id) + 1 FROM entry) WHERE id = -1"), "entry"),
        // Rows of nobody.
        ("INSERT INTO payload SELECT entry + 1000, position, name, salt, body FROM payload LIMIT 1".to_owned(), "there is no such entry"),
        ("INSERT INTO due (unit, id, kind, at, held) SELECT 9, id, kind, at, held FROM due LIMIT 1".to_owned(), "table due, row"),
        // Rows that the journal does not know, and one that it does.
        ("INSERT INTO due (unit, id, kind, at, held) VALUES (2, zeroblob(18), 1, 1, 0)".to_owned(), "the journal has no such row"),
        ("DELETE FROM task".to_owned(), "it is missing"),
        ("DROP TRIGGER task_goes; DELETE FROM task WHERE step = 'ask'".to_owned(), "trigger task_goes is not as this program makes it"),
        ("UPDATE task_count SET tasks = tasks + 1".to_owned(), "table task_count, row"),
        // What makes the counts, and what finds rows.
        ("DROP TRIGGER task_comes; CREATE TABLE other (x)".to_owned(), "table other is not as this program makes it"),
        ("DROP TRIGGER task_comes".to_owned(), "trigger task_comes is not as this program makes it"),
        ("DROP INDEX task_role; CREATE INDEX task_role ON task (unit, role) WHERE held = 0".to_owned(), "index task_role is not as this program makes it"),
        ("UPDATE schema_version SET version = 0 WHERE version = 2".to_owned(), "table schema_version, row 0"),
    ];
    for (sql, named) in cases {
        let (clean, told) = files.changed(&sql).await.unwrap_or_else(|| panic!("{sql}: it changes nothing"));
        assert!(!clean && told.contains(named), "{sql}: clean {clean}: {told}");
    }
}

/// Where what entries are found by is damaged, the office is carried over to a new file, and all is well; its rows alone are made anew in place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_is_made_anew() {
    let files = Files::make().await;
    let moved = files.copy().with_file_name("moved.db");
    let (database, to) = (files.copy(), moved.to_str().expect("a plain path"));
    let database = database.to_str().expect("a plain path");
    for sql in ["DELETE FROM command", "UPDATE entry SET began = NULL, sequence = NULL WHERE sequence > 3"] {
        assert!(!files.changed(sql).await.expect("it is changed").0, "{sql}");
        let output = run(&["move", "--from", database, "--to", to]);
        assert!(output.status.success(), "{output:?}");
        let (clean, told) = check(to);
        assert!(clean, "{told}");
        std::fs::remove_file(&moved).expect("it is there");
    }
    for sql in ["DELETE FROM task", "UPDATE snapshot SET state = x'7b7d'", "UPDATE due SET at = at + 1"] {
        assert!(!files.changed(sql).await.expect("it is changed").0, "{sql}");
        assert_eq!(run(&["rebuild", "--database", database]).status.code(), Some(1), "{sql}");
        let (clean, told) = check(database);
        assert!(clean, "{sql}: {told}");
    }
}

/// A kept state under another case's name is not taken for that case's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_of_another_case_is_left_aside() {
    use engine::store::sqlite::{Options, SqliteStore};
    use sqlx::Connection as _;
    use tests::world::{World, small_office};

    let files = Files::make().await;
    let other = files.cases.other;
    let copy = files.copy();
    let mut connection = open(&copy).await;
    let sql = format!("UPDATE snapshot SET instance = x'{other}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.expect("it is changed");
    connection.close().await.expect("it closes");
    let store = SqliteStore::open(&copy, Options::default()).await.expect("it opens");
    let mut world = World::new(store, &small_office(), "office").await;
    world.keys = "later";
    assert_eq!(world.case(other).await.number.as_deref(), Some("3/2026"));
    world.engine.stop().await;
    world.engine.store().close().await.expect("it closes");
}
