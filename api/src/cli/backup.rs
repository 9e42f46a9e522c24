//! `backup`: a copy of a database file, made while it is served, and read through before it is called one.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use engine::runtime::rebuild::{Whole, read_through};
use engine::store::AnyStore;
use engine::store::sqlite::backup::copy_to;
use serde_json::json;

use super::database;
use super::output::{self, Failure};

/// Copy a database file while it is served
///
/// The copy is one state of the office: whatever was acknowledged before the copying began is in it. Every page of it is then checked, and every
/// journal read from its first entry: only then does the file get its name. It is for its owner alone to read. To restore, serve the copy.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database, a file
    #[arg(long, value_name = "FILE", env = "SEVOTTAM_DATABASE")]
    database: String,
    /// The copy, which must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Print JSON: {"file","bytes","units":[{"unit","entries","root"}]}
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let Some(database) = AnyStore::file(&args.database) else {
        let message = "A PostgreSQL database is copied by its own tools, pg_dump or pg_basebackup, while it is served.";
        return Err(Failure::Usage(message.to_owned()));
    };
    database::exists(&args.database)?;
    let taken = || Failure::Refused(format!("{} is there already: a backup is never written over.", args.to.display()));
    if args.to.exists() {
        return Err(taken());
    }
    // What lies beside a database is taken for its own.
    if let Some(other) = ["-wal", "-shm", "-journal"].iter().map(|end| beside(&args.to, end)).find(|other| other.exists()) {
        return Err(Failure::Refused(format!("{} is there, of another database: take it away first.", other.display())));
    }
    // A name of its own, so that nothing of others is touched.
    let part = beside(&args.to, &format!(".{}.part", std::process::id()));
    if part.exists() {
        return Err(Failure::Refused(format!(
            "{} is there, of a backup that was broken off: take it away first.",
            part.display()
        )));
    }
    let copied = copied(database, &part).await;
    let named = copied.and_then(|logs| {
        // A link and not a new name, so that a file which came meanwhile stays; where the disk has no links, a look must do.
        let named = std::fs::hard_link(&part, &args.to).or_else(|error| match error.kind() {
            ErrorKind::AlreadyExists => Err(error),
            _ if args.to.exists() => Err(ErrorKind::AlreadyExists.into()),
            _ => std::fs::rename(&part, &args.to),
        });
        named.map(|()| logs).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => taken(),
            _ => output::unwritable(&args.to, &error),
        })
    });
    // What the look at it left behind, too.
    for end in ["", ".lock", "-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(&part, end));
    }
    let logs = named?;
    let folder = args.to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| output::unwritable(folder, &error))?;
    let bytes = std::fs::metadata(&args.to).map_err(|error| output::unwritable(&args.to, &error))?.len();
    if args.json {
        let units = logs.iter().map(|log| json!({ "unit": log.unit, "entries": log.entries, "root": log.root }));
        output::json(&json!({ "file": args.to, "bytes": bytes, "units": units.collect::<Vec<_>>() }));
        return Ok(());
    }
    for log in &logs {
        output::line(&format!("{}: {} entries, root {}", log.unit, log.entries, log.root));
    }
    output::line(&format!("{}: {bytes} bytes, every page and every entry of it read.", args.to.display()));
    Ok(())
}

/// The copy, made and read through.
async fn copied(database: &Path, part: &Path) -> Result<Vec<Whole>, Failure> {
    copy_to(database, part).await.map_err(Failure::store)?;
    let store = database::open_file(part).await?;
    let read = match store.integrity().await {
        Ok(()) => read_through(&store).await,
        Err(error) => Err(error),
    };
    store.close().await.map_err(Failure::store)?;
    read.map_err(|error| Failure::Refused(format!("The copy is not whole, so there is none: {error}.")))
}

/// A file beside another.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
