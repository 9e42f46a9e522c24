//! Every column of every table of a PostgreSQL database.

use engine::store::postgres::{Options, PostgresStore};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use super::office::fill;
use super::{Change, Column, Kind, UNANSWERED, Verdicts, check};

/// Tables of which nothing is the office's: who lives and who sees to what is due, for some seconds. What they say costs time only, since a row
/// that two nodes carry out is one command by its id.
const FLEETING: [&str; 2] = ["node", "duty"];

async fn columns(connection: &mut PgConnection) -> Vec<Column> {
    let sql = "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text FROM information_schema.columns \
        WHERE table_schema = 'public' AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position";
    let rows = sqlx::query(sql).fetch_all(connection).await.expect("it answers");
    let read = |row: &PgRow| {
        let kind = match row.get::<&str, _>(2) {
            "bigint" => Kind::Whole,
            "text" => Kind::Text,
            "bytea" => Kind::Bytes,
            "timestamp with time zone" => Kind::Instant,
            other => panic!("a column of type {other}"),
        };
        Column { table: row.get(0), name: row.get(1), kind, nullable: row.get::<&str, _>(3) == "YES" }
    };
    rows.iter().map(read).collect()
}

/// Runs SQL and gives the text of a column of the first row, if there is one.
async fn ask(connection: &mut PgConnection, sql: String) -> Option<(String, Option<String>)> {
    let row = sqlx::query(AssertSqlSafe(sql.as_str())).fetch_optional(connection).await;
    row.unwrap_or_else(|error| panic!("{sql}: {error}")).map(|row| (row.get(0), row.get(1)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_of_a_postgresql_database_is_answered_for() {
    let Some(url) = tests::postgres::database() else { return };
    let (world, cases) = fill(PostgresStore::open(&url, Options::new("a")).await.expect("it opens")).await;
    world.engine.stop().await;
    world.engine.store().close().await;
    let mut connection = PgConnection::connect(&url).await.expect("it opens");
    let lives = "INSERT INTO node VALUES ('b', now()) ON CONFLICT DO NOTHING; INSERT INTO duty VALUES ('office', 'b', now()) ON CONFLICT DO NOTHING";
    sqlx::raw_sql(lives).execute(&mut connection).await.expect("it is written");
    let (clean, told) = check(&url);
    assert!(clean, "{told}");

    let columns = columns(&mut connection).await;
    assert!(columns.len() > 80, "{}", columns.len());
    let mut verdicts = Verdicts::default();
    for column in &columns {
        let Column { table, name, .. } = column;
        let listed = UNANSWERED.iter().any(|(other, of, _)| other == table && of == name);
        let unanswered = listed || FLEETING.contains(&&**table);
        let mut changes = vec![Change::Other];
        if column.nullable {
            changes.extend([Change::Gone, Change::Given]);
        }
        for change in changes {
            let is = if change == Change::Given { "IS NULL" } else { "IS NOT NULL" };
            // The greatest, so that one more is nobody else's.
            let found = ask(
                &mut connection,
                format!("SELECT ctid::text, {name}::text FROM {table} WHERE {name} {is} ORDER BY {table}.{name} DESC LIMIT 1"),
            );
            let Some((row, before)) = found.await else { continue };
            let value = match (change, column.kind) {
                (Change::Gone, _) => "NULL".to_owned(),
                (Change::Given, _) => format!("(SELECT {name} FROM {table} WHERE {name} IS NOT NULL LIMIT 1)"),
                (Change::Other, Kind::Whole) => format!("{name} + 1"),
                (Change::Other, Kind::Instant) => format!("{name} + interval '1 second'"),
                (Change::Other, Kind::Text) => {
                    format!("left({name}, -1) || CASE right({name}, 1) WHEN 'x' THEN 'y' ELSE 'x' END")
                }
                (Change::Other, Kind::Bytes) => {
                    let hex = format!("encode({name}, 'hex')");
                    format!("decode(left({hex}, -1) || CASE right({hex}, 1) WHEN '0' THEN '1' ELSE '0' END, 'hex')")
                }
            };
            let changed = format!("UPDATE {table} SET {name} = {value} WHERE ctid = '{row}' RETURNING ctid::text, {name}::text");
            let (row, _) = ask(&mut connection, changed).await.expect("it is changed");
            verdicts.take(column, change, unanswered, check(&url));
            let before = before.map_or("NULL".to_owned(), |before| format!("'{}'", before.replace('\'', "''")));
            let back = format!("UPDATE {table} SET {name} = {before} WHERE ctid = '{row}' RETURNING ctid::text, {name}::text");
            ask(&mut connection, back).await.expect("it is changed back");
        }
    }
    verdicts.end(&columns);
    let (clean, told) = check(&url);
    assert!(clean, "all was changed back: {told}");

    // And what somebody would change who knows the tables; the last two are not changed back.
    let (long, other) = (cases.long, cases.other);
    let attacks = [
        (
            format!("INSERT INTO snapshot VALUES ('office', '\\x{other}', 1, '{{}}')"),
            format!("DELETE FROM snapshot WHERE instance = '\\x{other}'"),
            "table snapshot, row",
        ),
        (
            "INSERT INTO payload SELECT unit, entry + 1000, position, name, salt, body FROM payload LIMIT 1".to_owned(),
            "DELETE FROM payload WHERE entry >= 1000".to_owned(),
            "there is no such entry",
        ),
        (
            "INSERT INTO due (unit, id, kind, at, held) SELECT 'nowhere', id, kind, at, held FROM due LIMIT 1".to_owned(),
            "DELETE FROM due WHERE unit = 'nowhere'".to_owned(),
            "table due, row",
        ),
        ("DELETE FROM task".to_owned(), String::new(), "it is missing"),
        (
            format!(
                "UPDATE entry SET began = NULL, sequence = NULL WHERE unit = 'office' AND index = (SELECT max(index) FROM entry \
                 WHERE unit = 'office' AND began = (SELECT index FROM entry WHERE command = '\\x{long}'))"
            ),
            String::new(),
            "table entry, column began",
        ),
    ];
    for (attack, back, named) in attacks {
        sqlx::raw_sql(AssertSqlSafe(attack.clone())).execute(&mut connection).await.expect("it is changed");
        let (clean, told) = check(&url);
        assert!(!clean && told.contains(named), "{attack}: clean {clean}: {told}");
        sqlx::raw_sql(AssertSqlSafe(back)).execute(&mut connection).await.expect("it is changed back");
    }
    connection.close().await.expect("it closes");
}
