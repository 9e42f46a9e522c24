//! `rebuild`: the rows of a database made anew from its journal.

use engine::model::UnitId;
use engine::runtime::rebuild::{Rebuilt, rebuild};
use engine::store::{AnyStore, Store as _};
use serde_json::json;

use super::database::{self, ADDRESS};
use super::output::{self, Failure};

/// Make the rows of a database anew from its journal, the journal being checked on the way
///
/// The database file itself is checked first. The server must not be running. Exit code 1 says that the rows differed from what the journal
/// says, or that the journal or the file is damaged; the first row or entry that is not as it must be is named. What entries are found by is
/// checked too, but not made anew: `move` to an empty database does that.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database
    #[arg(long, value_name = ADDRESS)]
    database: String,
    /// Only this unit; `site` is the office's own log
    #[arg(long)]
    unit: Option<UnitId>,
    /// Compare only; change nothing
    #[arg(long)]
    check: bool,
    /// Print JSON: {"units":[{"unit","entries","changes","same","differs"}],"same"}
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let store = database::open_existing(&args.database).await?;
    let done = all(&store, &args).await;
    store.close().await.map_err(Failure::store)?;
    let done = done?;
    let same = done.iter().all(|(_, rebuilt)| rebuilt.same());
    if args.json {
        let units: Vec<_> = done
            .iter()
            .map(|(unit, rebuilt)| {
                let Rebuilt { entries, changes, differs } = rebuilt;
                json!({ "unit": unit, "entries": entries, "changes": changes, "same": rebuilt.same(), "differs": differs })
            })
            .collect();
        output::json(&json!({ "units": units, "same": same }));
    } else {
        for (unit, Rebuilt { entries, changes, differs }) in &done {
            let verdict = match (differs, args.check) {
                (None, _) => "the rows are what the journal says".to_owned(),
                (Some(differs), true) => format!("the rows DIFFER from what the journal says: {differs}"),
                (Some(differs), false) => format!("the rows differed and were replaced: {differs}"),
            };
            output::line(&format!("{unit}: {entries} entries, {changes} changes: {verdict}"));
        }
    }
    if same { Ok(()) } else { Err(Failure::Refused(String::new())) }
}

async fn all(store: &AnyStore, args: &Args) -> Result<Vec<(UnitId, Rebuilt)>, Failure> {
    store.integrity().await.map_err(|error| Failure::Refused(format!("{error}.")))?;
    let mut units = store.units().await.map_err(Failure::store)?;
    if let Some(wanted) = &args.unit {
        units.retain(|unit| unit == wanted);
        if units.is_empty() {
            return Err(Failure::Refused(format!("Unit {wanted} has no log in this database.")));
        }
    }
    let mut done = Vec::with_capacity(units.len());
    for unit in units {
        // A journal that is not whole is a finding, not a failure to reach it.
        let rebuilt = rebuild(store, &unit, args.check).await.map_err(|error| Failure::Refused(format!("{error}.")))?;
        done.push((unit, rebuilt));
    }
    Ok(done)
}
