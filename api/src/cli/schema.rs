//! `schema`: the JSON Schemas of processes, norms, calendars, schedules and pages.

use std::path::PathBuf;

use engine::model::calendar::calendar_schema;
use engine::model::definition::process_schema;
use engine::model::norm::norm_schema;
use engine::model::page::page_schema;
use engine::model::schedule::schedule_schema;

use super::output::{self, Failure};

/// Print the JSON Schema of a kind of document, for editors and for checking
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of document
    #[arg(value_enum, default_value = "process")]
    kind: Kind,
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// Process definitions
    Process,
    /// Time norms
    Norm,
    /// Working calendars
    Calendar,
    /// Schedules
    Schedule,
    /// Pages that people read
    Page,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let schema = match args.kind {
        Kind::Process => process_schema(),
        Kind::Norm => norm_schema(),
        Kind::Calendar => calendar_schema(),
        Kind::Schedule => schedule_schema(),
        Kind::Page => page_schema(),
    };
    output::document(&schema, args.out.as_deref())
}
