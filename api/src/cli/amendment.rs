//! `amendment`: what offices send one another. Made and taken in through a server; checked without one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use axum::http::Method;
use engine::evidence::Key as Vkey;
use engine::evidence::bundle::{Policy, Report};
use engine::evidence::extract::{Extract, Sent, acknowledged, verify, withdrawn};
use engine::model::limits::AMENDMENT_BYTES_MAX;
use serde_json::{Value, json};

use super::client::escaped;
use super::output::{self, Failure};
use super::remote::{Key, Remote, member};
use super::verify::{UNUSABLE, exit_code, read_policy};
use super::{EXIT_CODES, within};

const CHECK_CODES: &str = "Exit codes:
  0  VERIFIED: it is what that office has signed
  1  TAMPERED: something is not what it has signed
  2  INCOMPLETE: something is missing, or cannot be told
  3  wrong usage, or a file cannot be read";

/// How often the server is asked for what is not signed yet, and how long to wait between.
const TRIES: usize = 15;
const REST: Duration = Duration::from_secs(1);

/// Send amendments to other offices, take them in, and acknowledge them
///
/// An office recognises others by their public keys and an office order. What one has issued it sends as a file that proves where it comes from;
/// another takes it in, adapts it within declared bounds, adopts it, and acknowledges it by a file of its own.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    Make(Make),
    #[command(after_help = CHECK_CODES)]
    Check(Check),
    #[command(after_help = EXIT_CODES)]
    Import(Import),
    #[command(after_help = EXIT_CODES)]
    Acknowledge(Acknowledge),
    #[command(after_help = EXIT_CODES)]
    Recognise(Recognise),
    #[command(after_help = EXIT_CODES)]
    Disown(Disown),
}

/// Write issued editions of documents, or that one was withdrawn, to a file for other offices
///
/// What was not issued is not sent. The file is the same while nothing new is signed.
#[derive(Debug, clap::Args)]
struct Make {
    /// A document, such as process/svc.refund: its newest issue; with @ and a hash, that issue. May be given again
    #[arg(long = "document", value_name = "KIND/ID", required_unless_present = "withdrawal", conflicts_with = "withdrawal")]
    documents: Vec<String>,
    /// A document of which an issue was withdrawn: the last one; with @ and a hash, that issue
    #[arg(long, value_name = "KIND/ID")]
    withdrawal: Option<String>,
    /// Write to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Check an amendment, a withdrawal or an acknowledgement without a server, and print what it has
#[derive(Debug, clap::Args)]
struct Check {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The public key of the office that sent it, from paper
    #[arg(long, value_name = "VKEY", required_unless_present = "policy")]
    key: Option<String>,
    /// Or a policy with its key, and more that is relied on, as `verify` has it
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    policy: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Take in an amendment, a withdrawal or an acknowledgement
///
/// What an amendment has becomes a draft of external origin where nothing stands against it; a withdrawal marks the edition that was received. Taken in
/// again, it is there once.
#[derive(Debug, clap::Args)]
struct Import {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Acknowledge what was received of a document, and write the acknowledgement for the office that issued it
///
/// It says that the edition was received, once it is adopted, as what, and once it is known that it was withdrawn there, since when. Signed, it is written as soon as
/// the signer has come to it.
#[derive(Debug, clap::Args)]
struct Acknowledge {
    /// The document, such as process/svc.refund: the edition that was received last; with @ and a hash, that edition
    #[arg(long, value_name = "KIND/ID")]
    document: String,
    /// Write to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Recognise another office by its public key
#[derive(Debug, clap::Args)]
struct Recognise {
    /// Its public key as its `sign --init` printed it, from paper
    #[arg(long, value_name = "VKEY")]
    vkey: String,
    /// What it is called
    #[arg(long)]
    title: String,
    /// Whether it is above this office, and sends amendments, or below, and takes them over
    #[arg(long, value_parser = ["above", "below"])]
    relation: String,
    /// Number of the office order
    #[arg(long)]
    order: String,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Recognise another office no longer
///
/// Nothing that it signs is taken in any more. What was received from it stays; its documents are this office's own from then on, and may come from
/// another office. When its key has changed, recognise it with the new one instead: the last one recognised under a host's name holds.
#[derive(Debug, clap::Args)]
struct Disown {
    /// The host's name of its key, such as hq.example
    #[arg(long)]
    host: String,
    /// Number of the office order
    #[arg(long)]
    order: String,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Its exit codes are its own.
pub(super) fn run(args: Args) -> ExitCode {
    let done = match args.command {
        Command::Check(args) => return check(&args),
        Command::Make(args) => within(make(args)),
        Command::Import(args) => within(import(args)),
        Command::Acknowledge(args) => within(acknowledge(args)),
        Command::Recognise(args) => within(recognise(args)),
        Command::Disown(args) => within(disown(args)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.code()
        }
    }
}

async fn make(args: Make) -> Result<(), Failure> {
    let path = match &args.withdrawal {
        None => format!("/api/v1/amendments?documents={}", escaped(&args.documents.join(","))),
        Some(named) => {
            let (place, hash) = document("--withdrawal", named)?;
            let edition = hash.map_or_else(String::new, |hash| format!("?edition={}", escaped(hash)));
            format!("{place}/withdrawal{edition}")
        }
    };
    let bytes = signed(&args.remote, &path).await?;
    written(&args.remote, &args.out, &bytes)
}

/// The address of a document that an option names, and the hash that it names with it.
pub(super) fn document<'a>(option: &str, named: &'a str) -> Result<(String, Option<&'a str>), Failure> {
    let (name, hash) = named.split_once('@').map_or((named, None), |(name, hash)| (name, Some(hash)));
    let usage = || Failure::Usage(format!("{option}: a kind and an id, such as process/svc.refund."));
    let (kind, id) = name.split_once('/').ok_or_else(usage)?;
    Ok((format!("/api/v1/documents/{}/{}", escaped(kind), escaped(id)), hash))
}

/// What the server gives once it is signed, and no other file is being made.
async fn signed(remote: &Remote, path: &str) -> Result<Vec<u8>, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        match remote.quiet().reply(Method::GET, path, None, None).await {
            Ok(reply) => return Ok(reply.bytes.into()),
            Err(Failure::Refused(why))
                if ["(log.not-yet-signed)", "(server.busy)"].iter().any(|code| why.contains(code)) && tries < TRIES =>
            {
                tokio::time::sleep(REST).await;
            }
            Err(failure) => return Err(failure),
        }
    }
}

fn written(remote: &Remote, out: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(out, bytes).map_err(|error| output::unwritable(out, &error))?;
    let hash = engine::digest::Hash::of(bytes).to_string();
    if remote.json {
        output::json(&json!({ "sha256": hash, "bytes": bytes.len() }));
    } else {
        output::line(&format!("{hash}  {}", out.display()));
    }
    Ok(())
}

async fn import(args: Import) -> Result<(), Failure> {
    let bytes = output::read_bounded(&args.file, AMENDMENT_BYTES_MAX).map_err(Failure::Unreachable)?;
    let reply = args.remote.send_file("/api/v1/amendments", args.key.key.as_deref(), "application/zip", bytes).await?;
    let body = reply.body;
    if args.remote.json {
        output::json(&body);
        return Ok(());
    }
    let how = if body.get("receipt").is_some() { "taken in" } else { "there already" };
    output::line(&format!("{} from {}: {how}", member(&body, "/kind"), plain(member(&body, "/from"))));
    for item in body["items"].as_array().into_iter().flatten() {
        let (kind, id, hash) = (member(item, "/kind"), plain(member(item, "/id")), member(item, "/hash"));
        output::line(&format!("  {kind} {id}, issue {}.{}: {hash}", item["issue"], item["revision"]));
    }
    Ok(())
}

async fn acknowledge(args: Acknowledge) -> Result<(), Failure> {
    let (place, hash) = document("--document", &args.document)?;
    let place = format!("{place}/received");
    let quiet = args.remote.quiet();
    let hash = if let Some(hash) = hash {
        hash.to_owned()
    } else {
        let received = quiet.ask(Method::GET, &format!("{place}?limit=1"), None, None).await?;
        let last = received["items"].as_array().and_then(|items| items.first()).map(|last| member(last, "/hash").to_owned());
        last.ok_or_else(|| Failure::Refused(format!("Nothing was received of {}.", args.document)))?
    };
    let body = json!({ "hash": hash }).to_string().into();
    quiet.reply(Method::POST, &format!("{place}/acknowledge"), args.key.key.as_deref(), Some(body)).await?;
    let bytes = signed(&args.remote, &format!("{place}/{}/acknowledgement", escaped(&hash))).await?;
    written(&args.remote, &args.out, &bytes)
}

async fn recognise(args: Recognise) -> Result<(), Failure> {
    let Recognise { vkey, title, relation, order, key, remote } = args;
    let body = json!({ "key": vkey, "title": { "en": title }, "relation": relation, "order": order }).to_string().into();
    let answer = remote.ask(Method::POST, "/api/v1/offices", key.key.as_deref(), Some(body)).await?;
    if !remote.json {
        output::line(&format!("recognised: entry {} of {}", answer["receipt"]["index"], member(&answer, "/receipt/log")));
    }
    Ok(())
}

async fn disown(args: Disown) -> Result<(), Failure> {
    let Disown { host, order, key, remote } = args;
    let path = format!("/api/v1/offices/{}/disown", escaped(&host));
    let answer = remote.ask(Method::POST, &path, key.key.as_deref(), Some(json!({ "order": order }).to_string().into())).await?;
    if !remote.json {
        output::line(&format!("disowned: entry {} of {}", answer["receipt"]["index"], member(&answer, "/receipt/log")));
    }
    Ok(())
}

fn check(args: &Check) -> ExitCode {
    let read = || -> Result<(Policy, Vec<u8>), String> {
        let policy = match (&args.key, &args.policy) {
            (Some(key), _) => {
                let key = Vkey::read(key).map_err(|error| format!("--key: {} ({})", error.message, error.code))?;
                Policy { keys: vec![key], ..Policy::default() }
            }
            (None, Some(policy)) => read_policy(policy)?,
            (None, None) => return Err("Name a key or a policy.".to_owned()),
        };
        Ok((policy, output::read_bounded(&args.file, AMENDMENT_BYTES_MAX)?))
    };
    let (policy, archive) = match read() {
        Ok(read) => read,
        Err(message) => {
            output::complain(&message);
            return ExitCode::from(UNUSABLE);
        }
    };
    let (extract, report) = verify(&archive, &policy);
    if args.json {
        output::json(&as_json(extract.as_ref(), &report));
    } else {
        output::text(&plain(&as_text(extract.as_ref(), &report)));
    }
    exit_code(report.verdict())
}

fn as_text(extract: Option<&Extract>, report: &Report) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    // Writing to a String cannot fail.
    if let Some(Extract { source, sent }) = extract {
        match sent {
            Sent::Amendment(issues) => text.extend(issues.iter().map(ToString::to_string)),
            Sent::Withdrawal(told) => text.push_str(&withdrawn(told)),
            Sent::Acknowledgement(told) => text.push_str(&acknowledged(told)),
        }
        let _ = writeln!(text, "{}: {} entries signed under {}", source.log, source.size, source.root);
        for (witness, time) in report.logs.iter().flat_map(|log| &log.cosigned) {
            // A cosignature tells the second in which it was made.
            let _ = writeln!(text, "  cosigned by {witness}: it was so before {}", time.plus_seconds(1));
        }
    }
    for finding in &report.findings {
        let _ = writeln!(text, "{}: {} ({})", finding.verdict.name(), finding.message, finding.code);
    }
    let _ = writeln!(text, "{}", report.verdict().name());
    text
}

fn as_json(extract: Option<&Extract>, report: &Report) -> Value {
    let findings =
        report.findings.iter().map(|one| json!({ "verdict": one.verdict.name(), "code": one.code, "message": one.message }));
    let (mut editions, mut told, mut withdrawal) = (Vec::new(), None, None);
    match extract.map(|extract| &extract.sent) {
        Some(Sent::Amendment(issues)) => {
            editions = issues
                .iter()
                .map(|issue| {
                    let one = &issue.edition;
                    let since = issue.since.as_ref().map(|since| {
                        json!({ "issue": since.issue, "revision": since.revision, "changes": since.changes, "changesOmitted": since.omitted })
                    });
                    json!({
                        "kind": one.kind, "id": one.id, "hash": one.hash, "issue": one.issue, "revision": one.revision,
                        "effective": one.effective.to_string(), "reason": one.reason, "index": one.index, "issued": one.issued.to_string(),
                        "issuedBy": issue.by.0.to_string(), "approvedBy": issue.approved.0.to_string(), "approved": issue.approved.1.to_string(),
                        "since": since,
                    })
                })
                .collect();
        }
        Some(Sent::Withdrawal(one)) => withdrawal = Some(one),
        Some(Sent::Acknowledgement(one)) => told = Some(one),
        None => {}
    }
    let source = extract.map(|extract| &extract.source);
    json!({
        "verdict": report.verdict().name(),
        "findings": findings.collect::<Vec<_>>(),
        "source": source,
        "editions": editions,
        "withdrawal": withdrawal,
        "acknowledgement": told,
    })
}

/// What comes from elsewhere says nothing to a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
