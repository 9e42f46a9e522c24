//! A copy of the file as of one moment, made while a server writes to it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sqlx::{ConnectOptions as _, Connection as _};

use super::{broken, settings};
use crate::store::StoreError;
use crate::store::planted::{self, Bug};

/// Copies a database into a file that is not there yet, for its owner's eyes alone. It is one state of it: whatever was acknowledged before
/// the copying began is there. Whoever has the database open goes on meanwhile; what is written then stays in the write-ahead log until the
/// copy is made. The copy is on the disk when this returns; after a failure what there is of it is not to be used.
///
/// # Errors
/// When the file is there already, cannot be written, or the database cannot be read.
pub async fn copy_to(database: &Path, copy: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::Broken(format!("{}: {error}", copy.display()));
    let target = copy.to_str().ok_or_else(|| StoreError::Broken(format!("{}: the name is not UTF-8", copy.display())))?;
    if planted::is(Bug::LeaveLog) {
        return std::fs::copy(database, copy).map(drop).map_err(failed);
    }
    // SQLite writes into a file that is empty, and leaves its mode as it is.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(copy).map_err(failed)?;
    let (reads, _) = settings(database);
    let mut connection = reads.read_only(true).connect().await.map_err(broken)?;
    sqlx::query("VACUUM INTO ?1").bind(target).execute(&mut connection).await.map_err(broken)?;
    connection.close().await.map_err(broken)?;
    // SQLite leaves this to the caller.
    let file = File::open(copy).map_err(failed)?;
    tokio::task::spawn_blocking(move || file.sync_all())
        .await
        .map_err(|error| StoreError::Broken(error.to_string()))?
        .map_err(failed)
}
