//! `rehearse`: a stretch of an office's future on a virtual clock. Schedules fall, cases arrive and are worked as a plan says, norms run;
//! what comes of it is printed: the plan of the year, the load of each post, the breaches. It is the same engine, on a store in memory.

mod arrivals;
mod report;
mod stage;

use std::path::PathBuf;

use engine::model::time::date;
use jiff::civil::Date;

use super::documents::Documents;
use super::output::{self, Failure};
use arrivals::Arrival;
use stage::Stage;

/// Rehearse a stretch of time: what the schedules start, the load of each post, the breaches
///
/// Nothing is kept and nothing is sent. Without --definitions it rehearses the example office.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// First day
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    from: Date,
    /// The day after the last
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    to: Date,
    /// A folder laid out like `definitions/`: office.json, calendars, norms, processes, schedules
    #[arg(long, value_name = "DIR")]
    definitions: Option<PathBuf>,
    /// The cases that arrive, and how their tasks are worked; left out: rehearsal.json of the definitions
    #[arg(long, value_name = "FILE")]
    arrivals: Option<PathBuf>,
    /// Where chance begins, for arrivals that come at a rate: the same seed, the same cases
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Print JSON: {"seed":…,"arrived":[…],"plan":[…],"refused":[…],"load":[…],"norms":[…],"breaches":[…],"open":[…]}
    #[arg(long)]
    json: bool,
}

fn parse_date(text: &str) -> Result<Date, String> {
    date(text).ok_or_else(|| "a date is written YYYY-MM-DD".to_owned())
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    if args.from >= args.to {
        return Err(Failure::Usage("The last day lies before the first. Give --from the earlier date.".to_owned()));
    }
    let documents = args.definitions.map_or(Documents::Shipped, Documents::Folder);
    let arrivals: Vec<Arrival> = match &args.arrivals {
        Some(path) => serde_json::from_slice(&output::read(path)?)
            .map_err(|error| Failure::Refused(format!("{}: {error}.", path.display())))?,
        None => documents.read("rehearsal.json")?,
    };
    let report = Stage::set(&documents, args.from, args.to, args.seed).await?.play(&arrivals).await?;
    if args.json {
        output::json(&report.json());
    } else {
        output::line(&report.text());
    }
    Ok(())
}
