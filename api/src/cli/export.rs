//! `export`: a unit's journal, entry by entry, as it is stored; or its cases for other tools.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use engine::digest::{Frontier, hex, leaf_hash};
use engine::journal::Sealed;
use engine::model::{Time, UnitId};
use engine::runtime::Options;
use engine::store::AnyStore;
use engine::store::Store as _;
use serde_json::{Value, json};

use super::database::{self, ADDRESS};
use super::output::{self, Failure};
use crate::app::Engine;
use crate::app::exports::{Chosen, Format, export};

/// Write a unit's journal as JSON lines, or its cases for other tools
///
/// The journal: one line an entry, {"index","leaf","payloads":[{"name","salt","body"}]}: the leaf is the exact text that is hashed. The last line is
/// {"head":{"origin","size","root"}}: the Merkle tree head (RFC 6962) over the lines before it.
///
/// With --format the cases instead: event logs for process mining (xes: IEEE 1849; ocel: OCEL 2.0, JSON), or the register (csv, xlsx). The server
/// must not be running. Whoever can read the database could copy it, so nothing is noted of this; of what a server hands out there is an entry.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database
    #[arg(long, value_name = ADDRESS)]
    database: String,
    /// The unit; `site` is the office's own log
    #[arg(long)]
    unit: UnitId,
    /// What is written
    #[arg(long, value_enum, default_value = "journal")]
    format: Written,
    /// Cases of this process only
    #[arg(long, value_name = "ID")]
    process: Option<String>,
    /// Cases that began at this instant or later, such as 2026-04-01T00:00:00Z
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
    /// Cases that began before this instant
    #[arg(long, value_name = "INSTANT")]
    to: Option<String>,
    /// Write to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Written {
    /// The journal, entry by entry
    Journal,
    /// An event log, IEEE 1849
    Xes,
    /// An event log, OCEL 2.0 as JSON
    Ocel,
    /// The register of cases
    Csv,
    /// The register of cases
    Xlsx,
}

/// Entries read at a time.
const PAGE: u32 = 1_000;

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    if args.format == Written::Journal && (args.process.is_some() || args.from.is_some() || args.to.is_some()) {
        let message = "The journal is written whole: --process, --from and --to go with another --format.";
        return Err(Failure::Usage(message.to_owned()));
    }
    let store = database::open_existing(&args.database).await?;
    let format = match args.format {
        Written::Journal => {
            let done = write(&store, &args).await;
            store.close().await.map_err(Failure::store)?;
            return done;
        }
        Written::Xes => Format::Xes,
        Written::Ocel => Format::Ocel,
        Written::Csv => Format::Csv,
        Written::Xlsx => Format::Xlsx,
    };
    let engine = Engine::open(store, Options::default()).await.map_err(Failure::store)?;
    let done = write_cases(&engine, &args, format).await;
    engine.store().close().await.map_err(Failure::store)?;
    done
}

async fn write_cases(engine: &Engine, args: &Args, format: Format) -> Result<(), Failure> {
    let instant = |name: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Time::parse(text)
            .map(Some)
            .ok_or_else(|| Failure::Usage(format!("--{name} {text:?} is no instant such as 2026-04-01T00:00:00Z."))),
    };
    let (from, to) = (instant("from", &args.from)?, instant("to", &args.to)?);
    let chosen = Chosen { unit: args.unit.clone(), process: args.process.clone(), from, to };
    let mut pieces = export(engine, &chosen, format).await.map_err(|error| Failure::Refused(error.to_string()))?;
    let (mut out, name) = output(args)?;
    let unwritable = |error: std::io::Error| output::unwritable(&name, &error);
    while let Some(piece) = pieces.recv().await {
        out.write_all(&piece.map_err(Failure::store)?).map_err(unwritable)?;
    }
    out.flush().map_err(unwritable)
}

/// Where it is written, and what that is called.
fn output(args: &Args) -> Result<(Box<dyn Write + Send>, PathBuf), Failure> {
    match &args.out {
        Some(path) => {
            let file = File::create(path).map_err(|error| output::unwritable(path, &error))?;
            Ok((Box::new(BufWriter::new(file)), path.clone()))
        }
        None => Ok((Box::new(BufWriter::new(std::io::stdout())), PathBuf::from("standard output"))),
    }
}

async fn write(store: &AnyStore, args: &Args) -> Result<(), Failure> {
    let unit = &args.unit;
    let head = store.head(unit).await.map_err(Failure::store)?;
    let head = head.ok_or_else(|| Failure::Refused(format!("Unit {unit} has no log in this database.")))?;
    let (mut out, name) = output(args)?;
    let unwritable = |error: std::io::Error| output::unwritable(&name, &error);
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
