//! `openapi`: the description of the HTTP interface.

use std::path::PathBuf;

use super::output::{self, Failure};

/// Print the `OpenAPI` description of the HTTP interface
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    output::document(&crate::http::openapi(), args.out.as_deref())
}
