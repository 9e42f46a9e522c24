//! `check`: every problem of definition files, without a server.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use engine::graph;
use engine::model::Problem;
use serde_json::{Value, json};

use super::output::{self, Failure};

/// Check definition files and list every problem
///
/// A process that another of these files defines may be called.
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
    let known: BTreeSet<String> = documents.iter().filter_map(|document| id_of(document)).collect();
    let checked: Vec<(&Path, Vec<Problem>)> = args
        .files
        .iter()
        .zip(&documents)
        .map(|(path, document)| (path.as_path(), graph::check(document, &|process| known.contains(process))))
        .collect();
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

fn id_of(document: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(document).ok()?;
    Some(value.get("id")?.as_str()?.to_owned())
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
