//! `check`: every problem of definition files, without a server.

use std::path::{Path, PathBuf};

use engine::graph;
use engine::model::Problem;
use serde_json::{Value, json};

use super::documents::Documents;
use super::output::{self, Failure};

/// Check definition files and list every problem
///
/// Processes, norms, calendars, schedules and pages, each known by what it holds. What one of these files defines, the others may refer to,
/// and they to what the program ships.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Definition documents
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: {"files":[{"file","problems":[{"pointer","code","message","severity"}]}],"errors","warnings"}
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let documents = args.files.iter().map(|path| output::read(path)).collect::<Result<Vec<_>, _>>()?;
    let problems = graph::check_files(&documents, &Documents::Shipped.everything()?);
    let checked: Vec<(&Path, Vec<Problem>)> = args.files.iter().map(PathBuf::as_path).zip(problems).collect();
    let all = || checked.iter().flat_map(|(_, problems)| problems);
    let errors = all().filter(|problem| problem.is_error()).count();
    let warnings = all().count() - errors;
    if args.json {
        let files: Vec<Value> = checked.iter().map(|(path, problems)| json!({ "file": path, "problems": problems })).collect();
        output::json(&json!({ "files": files, "errors": errors, "warnings": warnings }));
    } else {
        for (path, problems) in &checked {
            for Problem { pointer, code, message, severity } in problems {
                let severity = format!("{severity:?}").to_lowercase();
                output::line(&format!("{}:{pointer}: {severity} {code}: {message}", path.display()));
            }
        }
        output::line(&format!(
            "{} checked, {} and {}.",
            count(checked.len(), "file"),
            count(errors, "error"),
            count(warnings, "warning")
        ));
    }
    if errors > 0 { Err(Failure::Refused(String::new())) } else { Ok(()) }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
