//! `start`: a case.

use axum::http::Method;
use serde_json::json;

use super::output::{self, Failure};
use super::remote::{Key, Remote, data, member};

/// Start a case of a process
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id of the process, such as svc.refund
    process: String,
    /// Unit that keeps the case
    #[arg(long)]
    unit: String,
    /// Data of the start form: a JSON object, or @FILE with one
    #[arg(long, default_value = "{}", value_name = "JSON|@FILE")]
    data: String,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let body = json!({ "unit": args.unit, "process": args.process, "data": data(&args.data)? });
    let answer =
        args.remote.ask(Method::POST, "/api/v1/instances", args.key.key.as_deref(), Some(body.to_string().into())).await?;
    if !args.remote.json {
        output::line(&format!("{} {}", member(&answer, "/id"), member(&answer, "/status")));
    }
    Ok(())
}
