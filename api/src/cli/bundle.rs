//! `bundle`: a part of the logs to carry away.

use std::path::PathBuf;

use axum::http::Method;
use serde_json::json;

use super::output::{self, Failure};
use super::remote::{Key, Remote};

/// Make a bundle of evidence: cases, processes, a clause or a period of a unit, to be checked anywhere by `verify`
///
/// What is chosen is what is said, all of it together; with nothing but the unit, everything. That it was handed out is an entry of the journal.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The unit
    #[arg(long)]
    unit: String,
    /// A case; may be given again
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// A process; may be given again
    #[arg(long = "process", value_name = "ID")]
    processes: Vec<String>,
    /// Cases of the processes that carry out this clause or a part of it, such as "SQM 3.2.1": they, their norms or a page that shows these names it
    #[arg(long, value_name = "CLAUSE")]
    clause: Option<String>,
    /// Beginning of the period, such as 2026-04-01T00:00:00Z
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
    /// End of the period, not in it
    #[arg(long, value_name = "INSTANT")]
    to: Option<String>,
    /// What it is for
    #[arg(long)]
    purpose: String,
    /// Withhold personal values, on this ground
    #[arg(long, value_name = "GROUND")]
    withhold: Option<String>,
    /// Show every leaf from the first chosen entry on, so that nothing of a chosen case can have been left out
    #[arg(long)]
    leaves: bool,
    /// The size of a checkpoint from elsewhere against which the log is to be held; may be given again
    #[arg(long, value_name = "SIZE")]
    at: Vec<u64>,
    /// Write to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let Args { unit, cases, processes, clause, from, to, purpose, withhold, leaves, at, out, key, remote } = args;
    let body = json!({
        "unit": unit, "cases": cases, "processes": processes, "clause": clause, "from": from, "to": to,
        "purpose": purpose, "withhold": withhold, "leaves": leaves, "at": at,
    });
    let reply = remote.reply(Method::POST, "/api/v1/bundles", key.key.as_deref(), Some(body.to_string().into())).await?;
    std::fs::write(&out, &reply.bytes).map_err(|error| output::unwritable(&out, &error))?;
    let receipt = reply.headers.get("sevottam-receipt").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let hash = engine::digest::Hash::of(&reply.bytes).to_string();
    if remote.json {
        output::json(&json!({ "sha256": hash, "bytes": reply.bytes.len(), "receipt": receipt }));
    } else {
        output::line(&format!("{hash}  {}\nreceipt: {receipt}", out.display()));
    }
    Ok(())
}
