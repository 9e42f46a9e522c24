//! `deploy`: definition files to a server.

use std::path::PathBuf;

use axum::http::Method;

use super::client::escaped;
use super::output::{self, Failure};
use super::remote::{Remote, member};

/// Deploy definition files to a unit
///
/// Content that is deployed already is refused as such; nothing changes then.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Definition documents
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Unit of the process owner's post
    #[arg(long)]
    unit: String,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let path = format!("/api/v1/definitions?unit={}", escaped(&args.unit));
    for file in &args.files {
        let document = output::read(file)?;
        let told = |failure| match failure {
            Failure::Refused(what) if !what.is_empty() => Failure::Refused(format!("{}: {what}", file.display())),
            other => other,
        };
        let answer = args.remote.ask(Method::POST, &path, None, Some(document)).await.map_err(told)?;
        if !args.remote.json {
            let version = answer.get("version").map(ToString::to_string).unwrap_or_default();
            output::line(&format!(
                "{}: {} version {version} {}",
                file.display(),
                member(&answer, "/process"),
                member(&answer, "/hash")
            ));
        }
    }
    Ok(())
}
