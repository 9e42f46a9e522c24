//! The address of a database, and opening it.

use std::path::Path;

use engine::store::AnyStore;
use engine::store::postgres::Options;
use engine::store::sqlite::{self, SqliteStore};

use super::output::Failure;

/// What an address may be, for the help of every subcommand that takes one.
pub(super) const ADDRESS: &str = "FILE|postgres://…";

/// A name for this process among those that serve a database: where it runs, and a number that no other draws.
fn node() -> String {
    let mut lot = [0; 8];
    engine::runtime::clock::system_chance(&mut lot);
    format!("{}-{:016x}", std::process::id(), u64::from_be_bytes(lot))
}

/// Opens a database; a file is made if it is missing.
pub(super) async fn open(address: &str) -> Result<AnyStore, Failure> {
    opened(address, sqlite::Options::default()).await
}

/// Opens a database to be served: on the disk of a file so many bytes are kept back.
pub(super) async fn open_served(address: &str, reserve: u64) -> Result<AnyStore, Failure> {
    opened(address, sqlite::Options { reserve, ..sqlite::Options::default() }).await
}

async fn opened(address: &str, file: sqlite::Options) -> Result<AnyStore, Failure> {
    AnyStore::open(address, file, Options::new(node())).await.map_err(Failure::store)
}

/// Opens a file that this program made a name for.
pub(super) async fn open_file(path: &Path) -> Result<AnyStore, Failure> {
    let store = SqliteStore::open(path, sqlite::Options::default()).await;
    store.map(AnyStore::Sqlite).map_err(Failure::store)
}

/// Opens a database that is there.
pub(super) async fn open_existing(address: &str) -> Result<AnyStore, Failure> {
    exists(address)?;
    open(address).await
}

/// Opens a database that is there, tables of an older program being brought up to date.
pub(super) async fn open_migrated(address: &str) -> Result<AnyStore, Failure> {
    exists(address)?;
    AnyStore::open(address, sqlite::Options::default(), Options { migrate: true, ..Options::new(node()) })
        .await
        .map_err(Failure::store)
}

/// Refuses a file that is not there.
pub(super) fn exists(address: &str) -> Result<(), Failure> {
    match AnyStore::file(address) {
        Some(path) if !path.exists() => Err(Failure::Unreachable(format!("There is no database {}.", path.display()))),
        _ => Ok(()),
    }
}

/// An address as it may be shown: without the password.
pub(super) fn shown(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let shown = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    // It may also stand among the parameters.
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    format!("{scheme}://{shown}{path}")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_password_is_not_shown() {
        for (address, wanted) in [
            ("office.db", "office.db"),
            ("sqlite:///srv/office.db", "sqlite:///srv/office.db"),
            ("postgres://sevottam:secret@db.office/sevottam", "postgres://sevottam@db.office/sevottam"),
            ("postgres://sevottam:se@cret@db.office:5432", "postgres://sevottam@db.office:5432"),
            ("postgres:///sevottam?host=/run/postgresql&password=secret", "postgres:///sevottam"),
        ] {
            assert_eq!(shown(address), wanted);
        }
    }
}
