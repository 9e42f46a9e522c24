//! `export`: a unit's journal, entry by entry, as it is stored.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use engine::digest::{Frontier, hex, leaf_hash};
use engine::journal::Sealed;
use engine::model::UnitId;
use engine::store::AnyStore;
use engine::store::Store as _;
use serde_json::{Value, json};

use super::database::{self, ADDRESS};
use super::output::{self, Failure};

/// Write a unit's journal as JSON lines
///
/// One line an entry, {"index","leaf","payloads":[{"name","salt","body"}]}: the leaf is the exact text that is hashed. The last line is
/// {"head":{"origin","size","root"}}: the Merkle tree head (RFC 6962) over the lines before it. The server must not be running.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database
    #[arg(long, value_name = ADDRESS)]
    database: String,
    /// The unit; `site` is the office's own log
    #[arg(long)]
    unit: UnitId,
    /// Write to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Entries read at a time.
const PAGE: u32 = 1_000;

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let store = database::open_existing(&args.database).await?;
    let done = write(&store, &args).await;
    store.close().await.map_err(Failure::store)?;
    done
}

async fn write(store: &AnyStore, args: &Args) -> Result<(), Failure> {
    let unit = &args.unit;
    let head = store.head(unit).await.map_err(Failure::store)?;
    let head = head.ok_or_else(|| Failure::Refused(format!("Unit {unit} has no log in this database.")))?;
    let (mut out, name): (Box<dyn Write + Send>, _) = match &args.out {
        Some(path) => {
            let file = File::create(path).map_err(|error| output::unwritable(path, &error))?;
            (Box::new(BufWriter::new(file)), path.as_path())
        }
        None => (Box::new(BufWriter::new(std::io::stdout())), std::path::Path::new("standard output")),
    };
    let unwritable = |error: std::io::Error| output::unwritable(name, &error);
    let mut frontier = Frontier::new();
    while frontier.size() < head.size {
        let page = store.entries(unit, frontier.size(), PAGE).await.map_err(Failure::store)?;
        if page.is_empty() {
            return Err(Failure::Refused(format!("Unit {unit}: entry {} is missing.", frontier.size())));
        }
        for sealed in page {
            frontier.push(leaf_hash(sealed.leaf.as_bytes()));
            writeln!(out, "{}", line(&sealed)).map_err(unwritable)?;
        }
    }
    if frontier.to_bytes() != head.frontier {
        return Err(Failure::Refused(format!("Unit {unit}: the journal has another root than its head.")));
    }
    let last = json!({ "head": { "origin": head.origin, "size": head.size, "root": frontier.root() } });
    writeln!(out, "{last}").and_then(|()| out.flush()).map_err(unwritable)
}

fn line(sealed: &Sealed) -> Value {
    let payloads =
        sealed.payloads.iter().map(|payload| json!({ "name": payload.name, "salt": hex(&payload.salt), "body": payload.body }));
    json!({ "index": sealed.index, "leaf": sealed.leaf, "payloads": payloads.collect::<Vec<_>>() })
}
