//! Failures of PostgreSQL: what they mean for what was asked.

use crate::model::UnitId;
use crate::store::StoreError;

/// Why a transaction did not take place.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server rolled it back for the sake of another transaction: it may be tried again at once.
    Again(String),
    /// The caller is told this.
    Told(StoreError),
}

/// What a failed statement means, or a failed `COMMIT`.
///
/// An error that the server answers is certain: the transaction is rolled back. Where the session or the connection ends, nobody knows
/// whether a `COMMIT` came through: that is `Broken` too, and who asks again with the same key learns the truth.
pub(super) fn failure(unit: &UnitId, error: sqlx::Error) -> Failure {
    let sqlx::Error::Database(database) = &error else { return Failure::Told(broken(error)) };
    let code = database.code().unwrap_or_default().into_owned();
    match (code.as_str(), database.constraint()) {
        ("23505", Some("entry_command" | "entry_case")) => Failure::Told(StoreError::Twice(unit.clone())),
        // Serialization failure, deadlock.
        ("40001" | "40P01", _) => Failure::Again(error.to_string()),
        _ => Failure::Told(broken(error)),
    }
}

/// What a caller is told of an error.
pub(super) fn broken(error: sqlx::Error) -> StoreError {
    let sqlx::Error::Database(database) = &error else {
        return match error {
            sqlx::Error::PoolTimedOut => StoreError::Broken(
                "database: no connection became free in time; see that PostgreSQL runs, then try again".to_owned(),
            ),
            sqlx::Error::PoolClosed => StoreError::Broken("the store is closed".to_owned()),
            // Our own complaint about the server, made when a connection is opened.
            sqlx::Error::Configuration(what) => StoreError::Broken(what.to_string()),
            // A handshake that failed: nothing else calls what it read invalid.
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => StoreError::Broken(format!(
                "database: {error}; see that sslrootcert in its address names the authority that signed the server's certificate, and that \
                 the certificate is valid and made out to the host of the address"
            )),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => StoreError::Broken(format!(
                "database: {error}; see that PostgreSQL runs and is reached under the address given, then try again"
            )),
            other => StoreError::Broken(format!("database: {other}")),
        };
    };
    let code = database.code().unwrap_or_default().into_owned();
    match code.as_str() {
        "53100" => {
            tracing::error!(%error, "the disk of the database's server is full");
            StoreError::Full
        }
        "25006" => StoreError::Broken(format!("database: {error}; it is a standby, or was made read-only: use the primary")),
        "55P03" | "57014" => StoreError::Broken(format!("database: {error}; it is busy: try again")),
        // The server is being shut down, starts, or has no connection left.
        "57P01" | "57P02" | "57P03" | "53300" => StoreError::Broken(format!("database: {error}; try again when it serves")),
        _ => StoreError::Broken(format!("database: {error}")),
    }
}
