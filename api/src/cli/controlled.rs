//! `documents`: controlled documents on their way from draft to issue, acknowledgement and withdrawal, through a server.

use std::fmt::Write as _;
use std::path::PathBuf;

use axum::http::Method;
use engine::graph::kind_of;
use engine::model::document::DocumentKind;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::EXIT_CODES;
use super::amendment::document;
use super::client::escaped;
use super::output::{self, Failure};
use super::remote::{Key, Remote, member};

/// Write, review, approve, issue and acknowledge controlled documents
///
/// A document is drafted from a file, sent for review, approved by somebody who has not written it, and issued with a number, a day and copies, which
/// those who get them acknowledge. It is named by its kind and id, such as process/svc.refund, and where it matters which text is meant, with @ and its hash.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    List(List),
    #[command(after_help = EXIT_CODES)]
    Issues(Issues),
    #[command(after_help = EXIT_CODES)]
    Drafts(Drafts),
    #[command(after_help = EXIT_CODES)]
    Draft(Draft),
    #[command(after_help = EXIT_CODES)]
    Show(Show),
    #[command(after_help = EXIT_CODES)]
    Submit(This),
    #[command(after_help = EXIT_CODES)]
    Return(Return),
    #[command(after_help = EXIT_CODES)]
    Approve(Approve),
    #[command(after_help = EXIT_CODES)]
    Discard(Discard),
    #[command(after_help = EXIT_CODES)]
    Issue(Issue),
    #[command(after_help = EXIT_CODES)]
    Acknowledge(Acknowledge),
    #[command(after_help = EXIT_CODES)]
    Review(Review),
    #[command(after_help = EXIT_CODES)]
    Withdraw(Withdraw),
    #[command(after_help = EXIT_CODES)]
    Control(Control),
}

/// Print the master list: every document with its issue, its day and when it is to be reviewed
#[derive(Debug, clap::Args)]
struct List {
    /// Of this kind only: process, norm, calendar, schedule or page
    #[arg(long)]
    kind: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Print the amendment sheet of a document: its issues, and who has acknowledged their copies
#[derive(Debug, clap::Args)]
struct Issues {
    /// The document, such as process/svc.refund
    #[arg(value_name = "KIND/ID")]
    document: String,
    #[command(flatten)]
    remote: Remote,
}

/// Print the drafts that are being written, reviewed or wait to be issued
#[derive(Debug, clap::Args)]
struct Drafts {
    #[command(flatten)]
    remote: Remote,
}

/// Save a file as the draft of the document that it holds
///
/// It may be unfinished: every problem is printed, and it is saved all the same. A document has one draft at a time.
#[derive(Debug, clap::Args)]
struct Draft {
    /// The document
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its kind [default: what it shows itself to be]
    #[arg(long, value_parser = ["process", "norm", "calendar", "schedule", "page"])]
    kind: Option<String>,
    /// Hash of the draft whose place it takes, where there is one
    #[arg(long, value_name = "HASH")]
    over: Option<String>,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Print the draft of a document: its hash, how far it is, what is wrong with it
#[derive(Debug, clap::Args)]
struct Show {
    /// The document, such as process/svc.refund
    #[arg(value_name = "KIND/ID")]
    document: String,
    /// Write its text to this file, byte for byte
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Send a draft for review
///
/// It must be without errors.
#[derive(Debug, clap::Args)]
struct This {
    /// The document, such as process/svc.refund: its draft as it is now; with @ and a hash, that one or none
    #[arg(value_name = "KIND/ID[@HASH]")]
    document: String,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Return a draft to those who wrote it
#[derive(Debug, clap::Args)]
struct Return {
    #[command(flatten)]
    this: This,
    /// Why
    #[arg(long)]
    reason: String,
}

/// Approve a draft
///
/// Nobody approves what they have written. What is approved is named by the hash of the text that was read, as `documents show` prints it.
#[derive(Debug, clap::Args)]
struct Approve {
    #[command(flatten)]
    this: This,
}

/// Give a draft up
#[derive(Debug, clap::Args)]
struct Discard {
    #[command(flatten)]
    this: This,
}

/// Issue an approved draft
///
/// It is in force from its day on by itself, and the posts of its distribution list get numbered copies.
#[derive(Debug, clap::Args)]
struct Issue {
    #[command(flatten)]
    this: This,
    /// Why it was amended, such as the number of the notification
    #[arg(long)]
    reason: String,
    /// It is a revision of the last issue, and not the next one
    #[arg(long)]
    revision: bool,
    /// The day from which it is in force [default: at once]
    #[arg(long, value_name = "DATE")]
    effective: Option<Date>,
    /// A role whose posts get a copy; may be given again [default: those that the document names]
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// When it is to be reviewed [default: a year after it takes effect]
    #[arg(long, value_name = "DATE")]
    review: Option<Date>,
}

/// Acknowledge a copy: read and understood
///
/// By whoever holds a post of the distribution list.
#[derive(Debug, clap::Args)]
struct Acknowledge {
    /// The document, such as process/svc.refund: what is in force; with @ and a hash, that issue, which may wait for its day
    #[arg(value_name = "KIND/ID[@HASH]")]
    document: String,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Note that a document was reviewed, and stays as it is
#[derive(Debug, clap::Args)]
struct Review {
    /// The document, such as process/svc.refund
    #[arg(value_name = "KIND/ID")]
    document: String,
    /// When it is to be reviewed next
    #[arg(long, value_name = "DATE")]
    next: Date,
    /// What was found
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Withdraw a document, or its issue that waits for its day
///
/// It is kept, marked obsolete, and starts no case.
#[derive(Debug, clap::Args)]
struct Withdraw {
    /// The document, such as process/svc.refund
    #[arg(value_name = "KIND/ID")]
    document: String,
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

/// Say whether documents are controlled, or whether they shall be
///
/// Where they are, nothing runs that was not issued.
#[derive(Debug, clap::Args)]
struct Control {
    /// on or off; left out: it is only told
    #[arg(value_parser = ["on", "off"])]
    shall: Option<String>,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(args) => list(args).await,
        Command::Issues(args) => issues(args).await,
        Command::Drafts(args) => drafts(args).await,
        Command::Draft(args) => draft(args).await,
        Command::Show(args) => show(args).await,
        Command::Submit(this) => decide(this, "send", "sent", json!({})).await,
        Command::Return(Return { this, reason }) => decide(this, "return", "returned", json!({ "reason": reason })).await,
        Command::Approve(Approve { this }) if !this.document.contains('@') => {
            let named = &this.document;
            Err(Failure::Usage(format!("Name what was read: {named}@ and the hash that `documents show {named}` prints.")))
        }
        Command::Approve(Approve { this }) => decide(this, "approve", "approved", json!({})).await,
        Command::Discard(Discard { this }) => decide(this, "discard", "discarded", json!({})).await,
        Command::Issue(Issue { this, reason, revision, effective, roles, review }) => {
            let terms = json!({
                "reason": reason, "revision": revision, "effective": effective, "roles": roles, "review": review
            });
            decide(this, "issue", "issued", terms).await
        }
        Command::Acknowledge(args) => acknowledge(args).await,
        Command::Review(Review { document, next, reason, key, remote }) => {
            let body = json!({ "review": next, "reason": reason });
            post(&remote, &key, &format!("{}/review", whole(&document)?), "reviewed", &body).await
        }
        Command::Withdraw(Withdraw { document, reason, key, remote }) => {
            let path = format!("{}/withdraw", whole(&document)?);
            post(&remote, &key, &path, "withdrawn", &json!({ "reason": reason })).await
        }
        Command::Control(args) => control(args).await,
    }
}

fn items<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().map_or(&[], Vec::as_slice)
}

fn named(text: &str) -> Result<(String, Option<&str>), Failure> {
    document("The document", text)
}

/// The place of a document of which no particular text can be meant.
fn whole(text: &str) -> Result<String, Failure> {
    match named(text)? {
        (place, None) => Ok(place),
        (_, Some(_)) => {
            Err(Failure::Usage(format!("{text}: this is about the document, whatever its text. Leave out @ and the hash.")))
        }
    }
}

/// Why a key alone does not do: what is there when it comes again may be another text, or none.
fn needs_hash(document: &str) -> Failure {
    Failure::Usage(format!("With --key name the text, too: {document}@ and its hash. Then the same again is the same."))
}

async fn list(args: List) -> Result<(), Failure> {
    let List { kind, remote } = args;
    let mut answer = remote.quiet().ask(Method::GET, "/api/v1/master-list", None, None).await?;
    if let (Some(kind), Some(all)) = (&kind, answer["items"].as_array_mut()) {
        all.retain(|item| member(item, "/kind") == kind);
    }
    if remote.json {
        output::json(&answer);
        return Ok(());
    }
    for item in items(&answer, "items") {
        let mut line = format!("{}/{}", member(item, "/kind"), member(item, "/id"));
        // Writing to a String cannot fail.
        if item["withdrawn"] == true {
            line.push_str("  withdrawn");
        } else if item["issue"].is_number() {
            let _ = write!(line, "  issue {}.{}{}", item["issue"], item["revision"], from(item));
        }
        if let Some(next) = item["next"].as_str() {
            let _ = write!(line, ", the next from {next}");
        }
        if let Some(day) = item["review"].as_str() {
            let over = if item["reviewOverdue"] == true { " (overdue)" } else { "" };
            let _ = write!(line, ", review {day}{over}");
        }
        if item["draft"] == true {
            line.push_str(", a draft");
        }
        output::line(&line);
    }
    Ok(())
}

async fn issues(args: Issues) -> Result<(), Failure> {
    let path = format!("{}/issues", whole(&args.document)?);
    let answer = args.remote.ask(Method::GET, &path, None, None).await?;
    if args.remote.json {
        return Ok(());
    }
    for item in items(&answer, "items") {
        let [state, hash, reason] = ["/state", "/hash", "/reason"].map(|at| member(item, at));
        output::line(&format!("issue {}.{}{}  {state}  {hash}", item["issue"], item["revision"], from(item)));
        if !reason.is_empty() {
            output::line(&format!("  {reason}"));
        }
        for copy in items(item, "copies") {
            let by: Vec<String> = items(copy, "acknowledged")
                .iter()
                .map(|one| format!("{} at {}", member(one, "/person"), member(one, "/time")))
                .collect();
            let by = if by.is_empty() { "not acknowledged".to_owned() } else { format!("acknowledged by {}", by.join(", ")) };
            output::line(&format!("  copy {}  {}  {by}", copy["number"], member(copy, "/post")));
        }
    }
    Ok(())
}

/// From when something is in force, where that is in the site's log: of a process that was deployed without an issue it is not.
fn from(item: &Value) -> String {
    item["effective"].as_str().map_or_else(String::new, |effective| format!(" from {effective}"))
}

async fn drafts(args: Drafts) -> Result<(), Failure> {
    let answer = args.remote.ask(Method::GET, "/api/v1/drafts", None, None).await?;
    if !args.remote.json {
        items(&answer, "items").iter().for_each(told);
    }
    Ok(())
}

/// Tells how far a draft is.
fn told(draft: &Value) {
    let [kind, id, stage, saved, hash] = ["/kind", "/id", "/stage", "/saved", "/hash"].map(|at| member(draft, at));
    output::line(&format!("{kind}/{id}  {stage}  saved {saved}  {hash}"));
    if let Some(why) = draft["returned"].as_str() {
        output::line(&format!("  returned: {why}"));
    }
    for problem in items(draft, "problems") {
        let [pointer, severity, code, message] = ["/pointer", "/severity", "/code", "/message"].map(|at| member(problem, at));
        output::line(&format!("  {pointer}: {severity} {code}: {message}"));
    }
}

async fn draft(args: Draft) -> Result<(), Failure> {
    let Draft { file, kind, over, key, remote } = args;
    let text = output::read(&file)?;
    // What is no JSON is no document of any kind: the server says where it ends.
    let document: Value = serde_json::from_slice(&text).unwrap_or_else(|_| json!({ "steps": [] }));
    let seen = || kind_of(&document).map(DocumentKind::name).or_else(|| document.get("steps").map(|_| "process"));
    let kind = kind.as_deref().or_else(seen);
    let kind = kind.ok_or_else(|| Failure::Usage("It does not show of what kind it is yet: name it with --kind.".to_owned()))?;
    let over = over.map_or_else(String::new, |hash| format!("?over={}", escaped(&hash)));
    let path = format!("/api/v1/documents/{kind}/drafts{over}");
    let answer = remote.ask(Method::POST, &path, key.key.as_deref(), Some(text)).await?;
    if !remote.json {
        let mut draft = answer;
        (draft["kind"], draft["stage"]) = (json!(kind), json!("draft"));
        draft["saved"] = json!(member(&draft, "/receipt/time"));
        told(&draft);
    }
    Ok(())
}

async fn show(args: Show) -> Result<(), Failure> {
    let path = format!("{}/draft", whole(&args.document)?);
    let answer = args.remote.ask(Method::GET, &path, None, None).await?;
    if let Some(out) = &args.out {
        std::fs::write(out, member(&answer, "/text")).map_err(|error| output::unwritable(out, &error))?;
    }
    if !args.remote.json {
        told(&answer);
    }
    Ok(())
}

/// Decides about a draft: the one that is named, or the one that is there.
async fn decide(this: This, what: &str, done: &str, mut body: Value) -> Result<(), Failure> {
    let This { document, key, remote } = this;
    let (place, hash) = named(&document)?;
    body["hash"] = match hash {
        Some(hash) => json!(hash),
        None if key.key.is_some() => return Err(needs_hash(&document)),
        None => remote.quiet().ask(Method::GET, &format!("{place}/draft"), None, None).await?["hash"].take(),
    };
    post(&remote, &key, &format!("{place}/draft/{what}"), done, &body).await
}

async fn acknowledge(args: Acknowledge) -> Result<(), Failure> {
    let Acknowledge { document, key, remote } = args;
    let (place, hash) = named(&document)?;
    let hash = if let Some(hash) = hash {
        hash.to_owned()
    } else if key.key.is_some() {
        return Err(needs_hash(&document));
    } else {
        let sheet = remote.quiet().ask(Method::GET, &format!("{place}/issues"), None, None).await?;
        let in_force = items(&sheet, "items").iter().rfind(|item| member(item, "/state") == "in-force");
        let none = || Failure::Refused(format!("Nothing of {document} is in force: name the issue with @ and its hash."));
        in_force.map(|item| member(item, "/hash").to_owned()).ok_or_else(none)?
    };
    post(&remote, &key, &format!("{place}/acknowledge"), "acknowledged", &json!({ "hash": hash })).await
}

async fn control(args: Control) -> Result<(), Failure> {
    const PATH: &str = "/api/v1/control";
    let Control { shall, key, remote } = args;
    if let Some(shall) = shall {
        return post(&remote, &key, PATH, "said", &json!({ "controlled": shall == "on" })).await;
    }
    let answer = remote.ask(Method::GET, PATH, None, None).await?;
    if !remote.json {
        output::line(if answer["controlled"] == true { "on" } else { "off" });
    }
    Ok(())
}

/// Sends a command, and tells the entry that says so.
async fn post(remote: &Remote, key: &Key, path: &str, done: &str, body: &Value) -> Result<(), Failure> {
    let answer = remote.ask(Method::POST, path, key.key.as_deref(), Some(body.to_string().into())).await?;
    if !remote.json {
        output::line(&format!("{done}: entry {} of {}", answer["receipt"]["index"], member(&answer, "/receipt/log")));
    }
    Ok(())
}
