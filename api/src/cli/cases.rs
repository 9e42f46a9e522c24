//! `cases`: running cases are moved to another version of their process, through a server: first told what would change, then moved.

use std::path::{Path, PathBuf};

use axum::http::Method;
use engine::model::InstanceId;
use serde_json::{Value, json};

use super::client::escaped;
use super::output::{self, Failure};
use super::remote::{Key, Remote, member};

const FORECAST_CODES: &str = "Exit codes:
  0  all of them can be moved so
  1  some need consent or cannot be moved so, or it was refused
  2  wrong usage
  3  the server or a file cannot be reached";

const MOVE_CODES: &str = "Exit codes:
  0  all of them are moved
  1  some stay as they are, or it was refused
  2  wrong usage
  3  the server or a file cannot be reached";

/// As many as one request may name.
const CASES_MAX: usize = 50;

/// Move running cases to another version of their process, after a dry run
///
/// A case goes on by the version by which it began, until an office order has it moved. It needs the post of the process owner, or the role
/// quality-coordinator.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(after_help = FORECAST_CODES)]
    Forecast(Forecast),
    #[command(after_help = MOVE_CODES)]
    Move(Move),
}

/// What they are moved to.
#[derive(Debug, clap::Args)]
struct Wish {
    /// Version that they are to have
    #[arg(long, value_name = "VERSION")]
    to: u32,
    /// What corresponds to what: a file with a JSON object of steps, unset, keep, end and begin, each where it is wanted
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
}

/// Tell what moving running cases would change; nothing is written
///
/// Of each case: where it stands and would stand, its deadlines before and after, what keeps it, and what would change to the applicant's
/// disadvantage. Either all cases that a unit has of a version, or those that are named.
#[derive(Debug, clap::Args)]
struct Forecast {
    /// Id of the process, such as svc.refund
    #[arg(long, requires_all = ["from", "unit"], required_unless_present = "case", conflicts_with = "case")]
    process: Option<String>,
    /// Version that the cases have
    #[arg(long, value_name = "VERSION", requires = "process")]
    from: Option<u32>,
    /// Unit that keeps the cases
    #[arg(long, requires = "process")]
    unit: Option<String>,
    /// A case, whatever version it has. May be given again
    #[arg(long, value_name = "ID")]
    case: Vec<String>,
    #[command(flatten)]
    wish: Wish,
    /// Write the cases that can be moved so, and need no consent, to this file, one a line, for `cases move --cases`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Move the cases that are named, and no others
///
/// Each is moved by an entry of its own. Those that cannot be moved or need consent stay as they are, and are told. With the applicant's consent one case is
/// moved at a time. Sent again with the same key and the same cases, nothing is moved twice.
#[derive(Debug, clap::Args)]
struct Move {
    /// Id of the process, such as svc.refund; with consent the case's own
    #[arg(long, required_unless_present = "by", conflicts_with = "by")]
    process: Option<String>,
    /// Version that the cases have
    #[arg(long, value_name = "VERSION")]
    from: u32,
    #[command(flatten)]
    wish: Wish,
    /// A case. May be given again
    #[arg(long, value_name = "ID", required_unless_present = "cases")]
    case: Vec<String>,
    /// A file with cases, one a line, as `cases forecast --out` writes it
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Number of the office order
    #[arg(long)]
    order: String,
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// The applicant's consent.
#[derive(Debug, clap::Args)]
struct Consent {
    /// Who gave the consent: the applicant, or in what right somebody else did. No name: that is in the record
    #[arg(id = "by", long = "consent-by", value_name = "WHO", requires_all = ["date", "record"])]
    by: Option<String>,
    /// On which day it was given, such as 2027-04-01
    #[arg(id = "date", long = "consent-date", value_name = "DATE", requires = "by")]
    date: Option<String>,
    /// The record in which it is
    #[arg(id = "record", long = "consent-record", value_name = "RECORD", requires = "by")]
    record: Option<String>,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Forecast(args) => forecast(args).await,
        Command::Move(args) => carry_out(args).await,
    }
}

/// The mapping of a file; what is in it the server looks at.
fn mapping(file: Option<&Path>) -> Result<Value, Failure> {
    let Some(file) = file else { return Ok(json!({})) };
    let unfit = |what: String| Failure::Usage(format!("--mapping: {}: {what}.", file.display()));
    let value: Value = serde_json::from_slice(&output::read(file)?).map_err(|error| unfit(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(unfit("it must be a JSON object".to_owned())) }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

async fn forecast(args: Forecast) -> Result<(), Failure> {
    let Forecast { process, from, unit, case, wish, out, remote } = args;
    let mapping = mapping(wish.mapping.as_deref())?;
    let mut items = Vec::new();
    if let (Some(process), Some(from), Some(unit)) = (process, from, unit) {
        let path = format!("/api/v1/definitions/{}/{from}/forecast", escaped(&process));
        let mut body = json!({ "unit": unit, "to": wish.to, "mapping": mapping });
        loop {
            let mut page = remote.reply(Method::POST, &path, None, Some(body.to_string().into())).await?.body;
            let next = page["next"].take();
            if let Value::Array(told) = page["items"].take() {
                items.extend(told);
            }
            if next.is_null() {
                break;
            }
            body["cursor"] = next;
        }
    }
    for case in case {
        let path = format!("/api/v1/instances/{}/forecast", escaped(&case));
        let body = json!({ "to": wish.to, "mapping": mapping }).to_string().into();
        items.push(remote.reply(Method::POST, &path, None, Some(body)).await?.body);
    }
    let (mut can, mut consent) = (String::new(), 0);
    for item in &items {
        if item["refusal"].is_object() {
            continue;
        }
        if item["needsConsent"] == true {
            consent += 1;
        } else {
            can.push_str(member(item, "/instance"));
            can.push('\n');
        }
    }
    if let Some(out) = &out {
        std::fs::write(out, &can).map_err(|error| output::unwritable(out, &error))?;
    }
    let movable = can.lines().count();
    let kept = items.len() - movable - consent;
    if remote.json {
        output::json(&json!({ "items": items }));
    } else {
        items.iter().for_each(foreseen);
        output::line(&format!(
            "Nothing is moved. Of {} cases {movable} can be moved so, {consent} need consent, {kept} cannot.",
            items.len()
        ));
    }
    if movable == items.len() { Ok(()) } else { Err(Failure::Refused(String::new())) }
}

/// Tells what would change for a case.
fn foreseen(item: &Value) {
    let how = match (item["refusal"].is_object(), item["needsConsent"] == true) {
        (true, _) => "cannot be moved so",
        (false, true) => "needs the applicant's consent",
        (false, false) => "can be moved so",
    };
    output::line(&format!("{}: {how}", member(item, "/instance")));
    for place in list(item, "places") {
        let to = place["to"].as_str().unwrap_or("no step");
        output::line(&format!("  stands at {}, would stand at {to}", member(place, "/from")));
    }
    for one in list(item, "deadlines") {
        let time = |name: &str| one[name].as_str().unwrap_or("never").to_owned();
        let over = if one["overdue"] == true { ", over by the move" } else { "" };
        let (of, name) = (member(one, "/of"), member(one, "/name"));
        output::line(&format!("  {of} {name} due {}, until now {}{over}", time("after"), time("before")));
    }
    for loss in list(item, "losses") {
        output::line(&format!("  {} ({})", member(loss, "/message"), member(loss, "/code")));
    }
    why(&item["refusal"]);
}

/// Tells why a case stays, place by place.
fn why(refusal: &Value) {
    if !refusal.is_object() {
        return;
    }
    output::line(&format!("  {} ({})", member(refusal, "/message"), member(refusal, "/code")));
    for problem in list(refusal, "problems") {
        let [pointer, code, message] = ["/pointer", "/code", "/message"].map(|at| member(problem, at));
        output::line(&format!("    {pointer}: {code}: {message}"));
    }
}

/// The cases that are named, each once.
fn named(case: Vec<String>, file: Option<&Path>) -> Result<Vec<InstanceId>, Failure> {
    let mut words = case;
    if let Some(file) = file {
        let text = String::from_utf8(output::read(file)?).map_err(|error| Failure::Usage(format!("--cases: {error}.")))?;
        words.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut cases = Vec::new();
    for word in words {
        let id: InstanceId = word.parse().map_err(|_| Failure::Usage(format!("{word:?} is no case.")))?;
        if !seen.insert(id.to_string()) {
            return Err(Failure::Usage(format!("The case {id} is named twice.")));
        }
        cases.push(id);
    }
    Ok(cases)
}

async fn carry_out(args: Move) -> Result<(), Failure> {
    let Move { process, from, wish, case, cases, order, reason, consent, key, remote } = args;
    let mapping = mapping(wish.mapping.as_deref())?;
    let cases = named(case, cases.as_deref())?;
    if cases.is_empty() {
        return Err(Failure::Usage("No case is named: neither by --case, nor in the file of --cases.".to_owned()));
    }
    let Some(process) = process else {
        let [case] = &cases[..] else {
            return Err(Failure::Usage("With an applicant's consent one case is moved at a time.".to_owned()));
        };
        let consent = json!({ "by": consent.by, "date": consent.date, "record": consent.record });
        let path = format!("/api/v1/instances/{}/move", escaped(&case.to_string()));
        let body = json!({
            "from": from, "to": wish.to, "mapping": mapping, "order": order, "reason": reason, "consent": consent
        });
        remote.ask(Method::POST, &path, key.key.as_deref(), Some(body.to_string().into())).await?;
        if !remote.json {
            output::line(&format!("{case}: moved"));
        }
        return Ok(());
    };
    // One request is about one unit.
    let mut units: Vec<(String, Vec<String>)> = Vec::new();
    for case in &cases {
        let unit = case.unit.to_string();
        match units.iter_mut().find(|(known, _)| *known == unit) {
            Some((_, of)) => of.push(case.to_string()),
            None => units.push((unit, vec![case.to_string()])),
        }
    }
    let parts: Vec<(&String, &[String])> =
        units.iter().flat_map(|(unit, of)| of.chunks(CASES_MAX).map(move |part| (unit, part))).collect();
    let path = format!("/api/v1/definitions/{}/{from}/move", escaped(&process));
    let (mut items, mut failed) = (Vec::new(), None);
    for (number, (unit, part)) in parts.iter().enumerate() {
        let body = json!({
            "unit": unit, "to": wish.to, "mapping": mapping, "order": order, "reason": reason, "instances": part
        });
        // Of a later request a refusal is told beside what was done by then.
        let remote = if number == 0 { remote.clone() } else { remote.quiet() };
        // The server makes of it a key for each case, so that it can be the same for all.
        match remote.reply(Method::POST, &path, key.key.as_deref(), Some(body.to_string().into())).await {
            Ok(mut reply) => {
                if let Value::Array(done) = reply.body["items"].take() {
                    items.extend(done);
                }
            }
            Err(failure) => {
                failed = Some(failure);
                break;
            }
        }
    }
    if remote.json && !(items.is_empty() && failed.is_some()) {
        output::json(&json!({ "items": items }));
    } else if !remote.json {
        items.iter().for_each(became);
    }
    if let Some(failure) = failed {
        return Err(failure);
    }
    let moved = items.iter().filter(|item| member(item, "/outcome") == "moved").count();
    if !remote.json {
        output::line(&format!("Of {} cases {moved} are moved.", items.len()));
    }
    if moved == items.len() { Ok(()) } else { Err(Failure::Refused(String::new())) }
}

/// Tells what became of a case.
fn became(item: &Value) {
    let how = match member(item, "/outcome") {
        "moved" => "moved",
        "consent" => "stays: it needs the applicant's consent",
        _ => "stays",
    };
    output::line(&format!("{}: {how}", member(item, "/instance")));
    why(&item["refusal"]);
}
