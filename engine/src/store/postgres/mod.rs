//! PostgreSQL store: one database for as many processes as serve it. The lock of a unit's head row puts the writers of that unit in order;
//! units are written side by side. Rows are written with their entries, so that every process sees at once what one of them answered.

mod append;
mod began;
mod cells;
mod duty;
mod failure;
mod hear;
mod hold;
pub mod limit;
mod line;
mod read;
mod rows;
mod schema;

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use self::failure::broken;
use self::line::Line;
use crate::store::StoreError;

/// Oldest version that is known to keep what it says, as `server_version_num` tells it.
const VERSION_MIN: i64 = 150_000;

/// How long it may take until there is a connection. Whoever asks is told then, and a database that is lost is found again as soon as it is there.
const CONNECT: Duration = Duration::from_secs(5);

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections at most. Each write and each read holds one while it lasts.
    pub connections: u32,
    /// The name of this node among those that serve the database: no other has it.
    pub node: String,
    /// Whether tables of an older program are brought up to date. Without it they are refused; an empty database gets its tables either way.
    pub migrate: bool,
}

impl Options {
    /// As the program opens it, for a node of this name.
    pub fn new(node: impl Into<String>) -> Self {
        Self { connections: 16, node: node.into(), migrate: false }
    }
}

/// Logs and rows in a PostgreSQL database, version 15 or newer.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    node: String,
    ear: hear::Ear,
    held: hold::Held,
    began: Arc<began::Began>,
}

impl PostgresStore {
    /// Connects and brings the tables up to date. The address is `postgres://user@host/database`. Where the server is on the same machine its
    /// Unix socket is much faster than TCP: `postgres:///database?host=/var/run/postgresql`. Over a network: `?sslmode=verify-full&sslrootcert=…`.
    ///
    /// # Errors
    /// When the server cannot be reached, when it is too old or set so that it can lose what it has answered, or when the tables were
    /// written by a newer program.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        let connect = address(url)?
            .application_name("sevottam")
            // A writer that hangs must not hold its unit for ever: it is cut off before those who wait behind it, or behind two of them, give up.
            .options([
                ("lock_timeout", "5s"),
                ("statement_timeout", "30s"),
                ("idle_in_transaction_session_timeout", "2s"),
                ("default_transaction_isolation", "read committed"),
                // A plan that is kept is that of the table as it was: in a new office that of an empty one, which reads a whole unit once it
                // has grown, until the server has looked at it again. Planning takes less than that, and than what it finds is worth.
                ("plan_cache_mode", "force_custom_plan"),
            ])
            .statement_cache_capacity(256)
            .disable_statement_logging();
        // The first connection is made beside the pool: the pool would try again where there is something to tell. Its settings are those
        // of a migration afterwards, so it does not go there either; what failed half-way is rolled back with it.
        let connecting = tokio::time::timeout(CONNECT, PgConnection::connect_with(&connect)).await;
        let mut connection = connecting.map_err(|_| broken(sqlx::Error::PoolTimedOut))?.map_err(broken)?;
        let line = Line::of(&connect);
        line.watch().await;
        check(&mut connection).await.map_err(broken)?;
        schema::migrate(&mut connection, options.migrate).await?;
        connection.close().await.map_err(broken)?;
        let pool = PgPoolOptions::new()
            .max_connections(options.connections.max(1))
            .acquire_timeout(CONNECT)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    line.watch().await;
                    check(connection).await
                })
            })
            .connect_lazy_with(connect);
        Ok(Self { pool, node: options.node, ear: hear::Ear::default(), held: hold::Held::default(), began: Arc::default() })
    }

    /// Ends in order: what was asked for before is done. What is asked for afterwards is refused.
    pub async fn close(&self) {
        if let Err(error) = duty::leave(&self.pool, &self.node).await {
            tracing::info!(%error, "the due work of this node is left to time out");
        }
        self.held.clear();
        self.pool.close().await;
    }
}

/// Reads an address.
fn address(url: &str) -> Result<PgConnectOptions, StoreError> {
    let connect = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Broken(format!("the address of the database cannot be read: {error}")))?;
    // Who names an authority means it to be asked, and would not notice that it is not.
    let is_checked = matches!(connect.get_ssl_mode(), PgSslMode::VerifyCa | PgSslMode::VerifyFull);
    if !is_checked && connect.to_url_lossy().query_pairs().any(|(name, _)| name == "sslrootcert") {
        return Err(StoreError::Broken(
            "the address of the database has sslrootcert, which is not looked at without sslmode=verify-full: add that"
                .to_owned(),
        ));
    }
    Ok(connect)
}

/// Whether this server keeps what it answers. Asked on every connection: an address can lead to another server after a failover.
async fn check(connection: &mut PgConnection) -> sqlx::Result<()> {
    const ASK: &str = "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), \
        current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), \
        CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END";
    let row = sqlx::query(ASK).fetch_one(connection).await?;
    let version: i64 = row.try_get(0)?;
    let mut said = Vec::new();
    for at in 1..6 {
        said.push(row.try_get::<String, _>(at)?);
    }
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    verdict(version, &said).map_err(|what| sqlx::Error::Configuration(what.into()))
}

/// What is wrong with a server that says this of itself.
fn verdict(version: i64, said: &[&str]) -> Result<(), String> {
    if version < VERSION_MIN {
        let (has, wants) = (version / 10_000, VERSION_MIN / 10_000);
        return Err(format!("the server is PostgreSQL {has}: {wants} or newer is needed"));
    }
    match said {
        ["UTF8", "on", "on", "on" | "remote_apply", "primary"] => Ok(()),
        ["UTF8", "on", "on", "on" | "remote_apply", _] => Err("the server is a standby: use the primary".to_owned()),
        [encoding, fsync, pages, commit, ..] => Err(format!(
            "the server can lose or change what it has answered: server_encoding is {encoding}, fsync {fsync}, full_page_writes {pages}, \
             synchronous_commit {commit}; they must be UTF8, on, on, and on (or remote_apply)"
        )),
        _ => Err("the server does not say how it is set".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{address, verdict};

    #[test]
    fn an_authority_that_is_not_asked_is_refused() {
        let read = |mode: &str| address(&format!("postgres://sevottam@db.office/sevottam?sslrootcert=/etc/ssl/office.pem{mode}"));
        for mode in ["&sslmode=verify-full", "&sslmode=verify-ca"] {
            assert!(read(mode).is_ok(), "{mode}");
        }
        for mode in ["", "&sslmode=require", "&sslmode=prefer"] {
            assert!(read(mode).unwrap_err().to_string().contains("sslmode=verify-full"), "{mode}");
        }
    }

    #[test]
    fn an_unsafe_server_is_refused() {
        assert!(verdict(150_018, &["UTF8", "on", "on", "on", "primary"]).is_ok());
        assert!(verdict(180_000, &["UTF8", "on", "on", "remote_apply", "primary"]).is_ok());
        for (version, said, complaint) in [
            (140_012, ["UTF8", "on", "on", "on", "primary"], "PostgreSQL 14"),
            (150_018, ["UTF8", "off", "on", "on", "primary"], "fsync off"),
            (150_018, ["UTF8", "on", "off", "on", "primary"], "full_page_writes off"),
            (150_018, ["UTF8", "on", "on", "off", "primary"], "synchronous_commit off"),
            (150_018, ["UTF8", "on", "on", "local", "primary"], "synchronous_commit local"),
            (150_018, ["SQL_ASCII", "on", "on", "on", "primary"], "server_encoding is SQL_ASCII"),
            (150_018, ["UTF8", "on", "on", "on", "standby"], "use the primary"),
        ] {
            let what = verdict(version, &said).unwrap_err();
            assert!(what.contains(complaint), "{what}");
        }
    }
}
