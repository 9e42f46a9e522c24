//! `complete`: a task, claimed first where wanted.

use axum::http::Method;
use serde_json::{Value, json};

use super::output::{self, Failure};
use super::remote::{Key, Remote, data};

/// Complete a task with the data of its form
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id of the task, as `tasks` shows it
    task: String,
    /// Data of the form: a JSON object, or @FILE with one
    #[arg(long, default_value = "{}", value_name = "JSON|@FILE")]
    data: String,
    /// Claim the task first
    #[arg(long)]
    claim: bool,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let body = json!({ "data": data(&args.data)? });
    let path = |what: &str| format!("/api/v1/tasks/{}/{what}", super::client::escaped(&args.task));
    if args.claim {
        // The two commands need two keys.
        let key = args.key.key.as_ref().map(|key| format!("{key}:claim"));
        args.remote.quiet().ask(Method::POST, &path("claim"), key.as_deref(), Some(b"{}".to_vec())).await?;
    }
    let answer = args.remote.ask(Method::POST, &path("complete"), args.key.key.as_deref(), Some(body.to_string().into())).await?;
    if !args.remote.json {
        let index = answer.pointer("/receipt/index").or_else(|| answer.get("index")).map(Value::to_string).unwrap_or_default();
        output::line(&format!("{} completed, entry {index}", args.task));
    }
    Ok(())
}
