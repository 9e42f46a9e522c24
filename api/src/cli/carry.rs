//! `move`: an office carried over from one database to another.

use engine::runtime::rebuild::carry_over;
use serde_json::json;

use super::database::{self, ADDRESS};
use super::output::{self, Failure};

/// Carry an office over to another database, which must be empty
///
/// The journal is checked on the way, its bytes stay the same, and so do the roots of all logs; the rows are made anew from it. In the end what
/// was written is read again and compared. No server may be running on either. If it breaks off, empty the other database and begin again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database where the office is
    #[arg(long, value_name = ADDRESS)]
    from: String,
    /// The database to which it goes
    #[arg(long, value_name = ADDRESS)]
    to: String,
    /// Print JSON: {"units":[{"unit","entries","root"}]}
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let from = database::open_existing(&args.from).await?;
    let to = database::open(&args.to).await?;
    let carried = carry_over(&from, &to).await;
    to.close().await.map_err(Failure::store)?;
    from.close().await.map_err(Failure::store)?;
    let carried = carried.map_err(|error| Failure::Refused(format!("{error}.")))?;
    if args.json {
        let units = carried.iter().map(|log| json!({ "unit": log.unit, "entries": log.entries, "root": log.root }));
        output::json(&json!({ "units": units.collect::<Vec<_>>() }));
        return Ok(());
    }
    for log in &carried {
        output::line(&format!("{}: {} entries, root {}", log.unit, log.entries, log.root));
    }
    output::line("Everything is there, and it is the same.");
    Ok(())
}
