//! `tasks`: an inbox.

use axum::http::Method;
use clap::ValueEnum;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::Value;

use super::client::escaped;
use super::output::{self, Failure};
use super::remote::{Remote, member};

/// List open tasks: those that you have claimed, or those that you may claim
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which tasks
    #[arg(long = "for", value_enum, default_value = "mine")]
    whose: Whose,
    /// Unit that keeps the cases
    #[arg(long)]
    unit: String,
    #[command(flatten)]
    remote: Remote,
}

/// Which tasks.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Whose {
    /// Claimed by you
    Mine,
    /// Offered to your roles
    Offered,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let whose = match args.whose {
        Whose::Mine => "mine",
        Whose::Offered => "offered",
    };
    let path = format!("/api/v1/tasks?unit={}&for={whose}", escaped(&args.unit));
    let answer = args.remote.ask(Method::GET, &path, None, None).await?;
    if args.remote.json {
        return Ok(());
    }
    let tasks = ["tasks", "items"].iter().find_map(|name| answer.get(name)).unwrap_or(&answer);
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["TASK", "PROCESS", "STEP", "ROLE", "DUE"]);
    for task in tasks.as_array().map_or(&[] as &[Value], Vec::as_slice) {
        table.add_row(["/id", "/process", "/step", "/role", "/due"].map(|path| member(task, path)));
    }
    output::line(&table.to_string());
    Ok(())
}
