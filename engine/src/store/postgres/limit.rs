//! The limit of PostgreSQL: bare statements over one connection to the same server. And databases to measure in.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::check;
use super::failure::broken;
use crate::store::StoreError;
use crate::store::limit::{ENTRY_BYTES, Limit, ROW_BYTES};

/// A database of its own on a server, to be removed again.
#[derive(Debug)]
pub struct Scratch {
    server: PgConnectOptions,
    name: String,
}

impl Scratch {
    /// Makes an empty database on the server of this address, whose user must be allowed to. `name` is one that nobody else has.
    ///
    /// # Errors
    /// When the server cannot be reached or does not let it be made.
    pub async fn make(address: &str, name: &str) -> Result<Self, StoreError> {
        let server = super::address(address)?;
        let scratch = Self { server, name: name.to_owned() };
        scratch.run(format!(r#"CREATE DATABASE "{}""#, scratch.quoted())).await?;
        Ok(scratch)
    }

    /// Its address.
    pub fn address(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }

    /// How large it is.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn bytes(&self) -> Result<u64, StoreError> {
        let mut connection = self.server.connect().await.map_err(broken)?;
        let size = sqlx::query_scalar("SELECT pg_database_size($1)").bind(&self.name).fetch_one(&mut connection).await;
        let size: i64 = size.map_err(broken)?;
        Ok(size.unsigned_abs())
    }

    /// Removes it.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn remove(self) -> Result<(), StoreError> {
        self.run(format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.quoted())).await
    }

    fn quoted(&self) -> String {
        self.name.replace('"', "\"\"")
    }

    async fn run(&self, sql: String) -> Result<(), StoreError> {
        let mut connection = self.server.connect().await.map_err(broken)?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.map_err(broken)?;
        connection.close().await.map_err(broken)
    }
}

/// Writes for so long to a database without tables, `batch` commands in each durable transaction.
///
/// # Errors
/// When the database cannot be written, or can lose what it has answered.
pub async fn measure(address: &str, batch: usize, time: Duration) -> Result<Limit, StoreError> {
    let mut connection = PgConnection::connect(address).await.map_err(broken)?;
    check(&mut connection).await.map_err(broken)?;
    let tables = "CREATE TABLE head (number bigint PRIMARY KEY, size bigint NOT NULL);
        CREATE TABLE entry (id bigint PRIMARY KEY, body text NOT NULL);
        CREATE TABLE line (id bigint PRIMARY KEY, body text NOT NULL);
        INSERT INTO head (number, size) VALUES (1, 0);";
    sqlx::raw_sql(tables).execute(&mut connection).await.map_err(broken)?;
    let (entry, row) = ("e".repeat(ENTRY_BYTES), "r".repeat(ROW_BYTES));
    let mut limit = Limit::new(batch);
    let began = Instant::now();
    while limit.elapsed < time {
        let started = Instant::now();
        let (new, written) = limit.next();
        let size = i64::try_from(new.end).unwrap_or(i64::MAX);
        let mut transaction = connection.begin().await.map_err(broken)?;
        let append = "INSERT INTO entry (id, body) SELECT * FROM unnest($1::bigint[], $2::text[])";
        let upsert = "INSERT INTO line (id, body) SELECT * FROM unnest($1::bigint[], $2::text[]) \
            ON CONFLICT (id) DO UPDATE SET body = EXCLUDED.body";
        for (sql, ids, body) in [(append, new, &entry), (upsert, written, &row)] {
            let ids: Vec<i64> = ids.map(|id| i64::try_from(id).unwrap_or(i64::MAX)).collect();
            let bodies = vec![body.as_str(); ids.len()];
            sqlx::query(sql).bind(ids).bind(bodies).execute(&mut *transaction).await.map_err(broken)?;
        }
        let head = "UPDATE head SET size = $1 WHERE number = 1";
        sqlx::query(head).bind(size).execute(&mut *transaction).await.map_err(broken)?;
        transaction.commit().await.map_err(broken)?;
        limit.note(began, started);
    }
    connection.close().await.map_err(broken)?;
    Ok(limit)
}
