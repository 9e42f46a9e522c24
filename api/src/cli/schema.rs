//! `schema`: the JSON Schema of process definitions.

use std::path::PathBuf;

use super::output::{self, Failure};

/// Print the JSON Schema of process definitions, for editors and for checking
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    output::document(&engine::model::definition::process_schema(), args.out.as_deref())
}
