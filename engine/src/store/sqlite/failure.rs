//! Failures of a transaction: which leave the database as it was, and which end the process.

use super::append::{COMMAND_TWICE, HEAD_MOVED};
use crate::model::UnitId;
use crate::store::StoreError;
use crate::store::planted::{self, Bug};

/// Why a transaction was rolled back.
#[derive(Debug)]
pub(super) enum Failure {
    Full,
    /// A row that must be unique is there already.
    Twice,
    /// A row does not fit its table.
    Refused(String),
    /// The head of a log does not stand where it was thought to stand.
    Moved,
    Other(String),
}

impl Failure {
    /// What a reader is told whose rows could not be written.
    pub(super) fn told(&self) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::Refused(what) | Self::Other(what) => StoreError::Broken(what.clone()),
            Self::Twice | Self::Moved => StoreError::Broken("the rows do not fit the database".to_owned()),
        }
    }

    /// What a caller of this unit is told.
    pub(super) fn answer(&self, unit: &UnitId) -> StoreError {
        match self {
            Self::Twice => StoreError::Twice(unit.clone()),
            Self::Moved => StoreError::Broken("the head of a log moved inside a transaction".to_owned()),
            other => other.told(),
        }
    }
}

/// Tells apart the errors after which the database is as it was from those after which nobody knows.
///
/// A full disk, a lock or a refused row is rolled back and answered. After a failed read, write or fsync the kernel may have dropped the
/// pages and report success the next time, so what this process believes about the file can be wrong: the only safe way on is to start
/// again from what the disk really holds. Therefore the process ends here; callers that were not answered ask again with the same key.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
pub(super) fn failure(error: sqlx::Error) -> Failure {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const IO: i32 = 10;
    const FULL: i32 = 13;
    // The file that processes share cannot grow: nothing was written, and there is no other reason than a full disk.
    const SHARED_SIZE: &str = "4874";
    const CONSTRAINT: i32 = 19;
    match &error {
        sqlx::Error::Database(database) if database.code().is_some_and(|code| code == SHARED_SIZE) => Failure::Full,
        sqlx::Error::Database(database) => {
            match database.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff) {
                Some(FULL) => Failure::Full,
                Some(CONSTRAINT) if database.is_unique_violation() => Failure::Twice,
                Some(CONSTRAINT) if database.message() == COMMAND_TWICE => Failure::Twice,
                Some(CONSTRAINT) if database.message() == HEAD_MOVED => Failure::Moved,
                Some(CONSTRAINT) => Failure::Refused(format!("a row does not fit its table: {error}")),
                Some(BUSY | LOCKED) => Failure::Other("another process holds the database".to_owned()),
                Some(IO) if planted::is(Bug::CarryOn) => Failure::Other(error.to_string()),
                Some(IO) | None => abort(&error),
                Some(_) => Failure::Other(format!("the database refused a transaction: {error}")),
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => abort(&error),
        _ => Failure::Other(error.to_string()),
    }
}

/// Ends the process.
pub(super) fn abort(error: &dyn std::fmt::Display) -> ! {
    tracing::error!(%error, "reading or writing the database failed; the process ends, so that it starts again from what the disk holds");
    std::process::abort()
}
