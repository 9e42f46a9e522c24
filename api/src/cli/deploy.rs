//! `deploy`: processes, norms, calendars and schedules to a server, each known by what it holds.

use std::path::PathBuf;

use axum::http::Method;
use engine::graph::kind_of;
use engine::model::document::DocumentKind;

use super::client::escaped;
use super::output::{self, Failure};
use super::remote::{Remote, member};

/// Deploy definition files: processes, norms, calendars, schedules
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
            (Some(kind), _) => format!("/api/v1/documents/{}", kind.name()),
            (None, Some(unit)) => format!("/api/v1/definitions?unit={}", escaped(unit)),
            (None, None) => "/api/v1/definitions".to_owned(),
        };
        let answer = args.remote.ask(Method::POST, &path, None, Some(document)).await.map_err(told)?;
        if !args.remote.json {
            let version = answer.get("version").map(ToString::to_string).unwrap_or_default();
            let id = member(&answer, if kind.is_some() { "/id" } else { "/process" });
            let kind = kind.map_or("process", DocumentKind::name);
            output::line(&format!("{}: {kind} {id} version {version} {}", file.display(), member(&answer, "/hash")));
        }
    }
    Ok(())
}
