//! Where a run's database lies, and an engine on it.

use std::path::{Path, PathBuf};

use engine::runtime::{Engine, Options};
use engine::store::postgres::limit::Scratch;

use super::{StoreKind, machine, office};
use crate::cli::database;
use crate::cli::output::Failure;

/// Where databases are made.
pub(super) enum Place<'a> {
    /// In this folder, as files.
    Dir(&'a Path),
    /// On this PostgreSQL server.
    Server(&'a str),
}

impl<'a> Place<'a> {
    /// Where a store's databases are made.
    pub(super) fn new(store: StoreKind, dir: &'a Path, server: Option<&'a str>) -> Result<Self, Failure> {
        let wrong = |message: &str| Err(Failure::Usage(message.to_owned()));
        match (store, server) {
            (StoreKind::Sqlite, _) => Ok(Self::Dir(dir)),
            (StoreKind::Postgres, Some(server)) => Ok(Self::Server(server)),
            (StoreKind::Postgres, None) => wrong(
                "PostgreSQL is measured on a server that --server names, such as postgres:///postgres?host=/run/postgresql.",
            ),
            (StoreKind::Memory, _) => wrong("This is measured on a disk: leave out the store memory."),
        }
    }

    /// What the store is called.
    pub(super) fn store(&self) -> &'static str {
        match self {
            Self::Dir(_) => "sqlite",
            Self::Server(_) => "postgres",
        }
    }

    /// A new one, for one run.
    pub(super) async fn database(&self, name: &str) -> Result<Database, Failure> {
        match self {
            Self::Dir(dir) => Ok(Database::File(dir.join(format!("{name}.db")))),
            Self::Server(address) => {
                let name = format!("sevottam-bench-{}-{name}", std::process::id());
                let made = Scratch::make(address, &name).await.map_err(Failure::store)?;
                Ok(Database::Scratch(Box::new(made)))
            }
        }
    }
}

/// A database of one run.
pub(super) enum Database {
    /// A file.
    File(PathBuf),
    /// A database of a server.
    Scratch(Box<Scratch>),
}

impl Database {
    /// Its address.
    pub(super) fn address(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Scratch(scratch) => scratch.address(),
        }
    }

    /// How large it is; a file that is not there yet has none.
    pub(super) async fn bytes(&self) -> Result<u64, Failure> {
        match self {
            Self::File(path) => Ok(std::fs::metadata(path).map_or(0, |metadata| metadata.len())),
            Self::Scratch(scratch) => scratch.bytes().await.map_err(Failure::store),
        }
    }

    /// Frees the disk before the next run; a file that cannot be removed goes with its directory.
    pub(super) async fn remove(self) -> Result<(), Failure> {
        match self {
            Self::File(path) => {
                let _ = std::fs::remove_file(path);
                Ok(())
            }
            Self::Scratch(scratch) => scratch.remove().await.map_err(Failure::store),
        }
    }
}

/// An engine on a database with the office set up, written out and opened again, so that its size is its size.
pub(super) async fn opened(database: &Database) -> Result<crate::app::Engine, Failure> {
    opened_over(database, 1).await
}

/// The same with so many units.
pub(super) async fn opened_over(database: &Database, units: u16) -> Result<crate::app::Engine, Failure> {
    let engine = open(database).await?;
    office::set_up_over(&engine, units).await?;
    close(engine).await?;
    machine::reset_peak();
    open(database).await
}

/// An engine on a database.
pub(super) async fn open(database: &Database) -> Result<crate::app::Engine, Failure> {
    let store = database::open(&database.address()).await?;
    Engine::open(store, Options::default()).await.map_err(Failure::store)
}

/// Ends an engine and closes its database.
pub(super) async fn close(engine: crate::app::Engine) -> Result<(), Failure> {
    engine.stop().await;
    engine.store().close().await.map_err(Failure::store)
}
