//! `migrate`: tables of an older program brought up to date, apart from serving.

use super::database::{self, ADDRESS};
use super::output::{self, Failure};

/// Bring the tables of a database up to date
///
/// A file is brought up to date by whatever opens it. Of a PostgreSQL database other nodes may be serving, so `serve` refuses older tables, and
/// this subcommand brings them up to date: nodes of the release before go on serving meanwhile and afterwards. Done again, it changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database
    #[arg(long, value_name = ADDRESS, env = "SEVOTTAM_DATABASE")]
    database: String,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let store = database::open_migrated(&args.database).await?;
    store.close().await.map_err(Failure::store)?;
    output::line("The tables are up to date.");
    Ok(())
}
