//! `deploy`: processes, norms, calendars, schedules and pages to a server, each known by what it holds.

use std::path::PathBuf;

use axum::http::Method;
use engine::graph::kind_of;
use engine::model::document::DocumentKind;
use serde_json::Value;

use super::client::escaped;
use super::output::{self, Failure};
use super::remote::{Remote, member};

/// Deploy definition files: processes, norms, calendars, schedules, pages
///
/// Each is known by what it holds. They are deployed in the order in which they are named: first what others refer to. Content that is
/// deployed already stays the version that it is.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Definition documents
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Unit in which processes are deployed [default: that of the owner's post]
    #[arg(long)]
    unit: Option<String>,
    /// Deploy nothing: list every problem and, of norms and calendars, every running deadline that would move
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    for file in &args.files {
        let document = output::read(file)?;
        let told = |failure| match failure {
            Failure::Refused(what) if !what.is_empty() => Failure::Refused(format!("{}: {what}", file.display())),
            other => other,
        };
        let kind = kind_of(&serde_json::from_slice(&document).unwrap_or_default());
        let path = match (kind, &args.unit) {
            (Some(kind), _) if args.dry_run => format!("/api/v1/documents/{}/check", kind.name()),
            (None, _) if args.dry_run => "/api/v1/definitions/check".to_owned(),
            (Some(kind), _) => format!("/api/v1/documents/{}", kind.name()),
            (None, Some(unit)) => format!("/api/v1/definitions?unit={}", escaped(unit)),
            (None, None) => "/api/v1/definitions".to_owned(),
        };
        let answer = args.remote.ask(Method::POST, &path, None, Some(document)).await.map_err(told)?;
        if args.dry_run && !args.remote.json {
            foreseen(&file.display().to_string(), &answer);
        } else if !args.remote.json {
            let version = answer.get("version").map(ToString::to_string).unwrap_or_default();
            let id = member(&answer, if kind.is_some() { "/id" } else { "/process" });
            let kind = kind.map_or("process", DocumentKind::name);
            output::line(&format!("{}: {kind} {id} version {version} {}", file.display(), member(&answer, "/hash")));
        }
    }
    Ok(())
}

/// Tells what a check found, and what would follow.
fn foreseen(file: &str, answer: &Value) {
    let list = |name: &str| answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    for problem in list("problems") {
        let [pointer, severity, code, message] = ["/pointer", "/severity", "/code", "/message"].map(|at| member(&problem, at));
        output::line(&format!("{file}:{pointer}: {severity} {code}: {message}"));
    }
    for moved in list("moves") {
        let [instance, kind, name, before, after] =
            ["/instance", "/kind", "/name", "/before", "/after"].map(|at| member(&moved, at));
        output::line(&format!("{instance}: {kind} {name} due {after}, until now {before}"));
    }
    let count = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (moved, cases) = (count("moved"), count("cases"));
    output::line(&format!(
        "{file}: nothing is deployed. In {cases} running cases {moved} clocks, timers and tasks would be due at another time."
    ));
}
