//! `calendar import` and `calendar export`: lists of holidays from elsewhere, and ours for others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use engine::calendar::exchange::{from_csv, from_ical, to_csv, to_ical};
use engine::model::Language;
use engine::model::calendar::{Document, Holiday};
use engine::model::document::DocumentKind;
use engine::runtime::clock::{Clock, SystemClock};
use serde::Serialize;
use serde_json::Value;

use super::output::{self, Failure};
use super::{EXIT_CODES, offline};

/// Exchange lists of holidays with other programs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    Import(Import),
    #[command(after_help = EXIT_CODES)]
    Export(Export),
}

/// Read a list of holidays, iCalendar or CSV
///
/// CSV has lines of a date, a title and perhaps a kind: 2026-01-26,Republic Day,closed. Kinds are closed, restricted and provisional. What
/// is read is printed as {"holidays":[…]}, to be put into a calendar document.
#[derive(Debug, clap::Args)]
struct Import {
    /// The list; iCalendar begins with BEGIN:VCALENDAR, anything else is CSV
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// Put what is new into this calendar document, and write it anew
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// Calendar documents that it extends; shipped ones are known
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "into")]
    calendar: Vec<PathBuf>,
}

/// Write the holidays that hold by a calendar, its layers and amendments
#[derive(Debug, clap::Args)]
struct Export {
    /// A calendar document, or the id of a shipped calendar
    #[arg(value_name = "FILE|ID")]
    calendar: String,
    /// Calendar documents that it extends; shipped ones are known
    #[arg(long, value_name = "FILE", num_args = 1..)]
    with: Vec<PathBuf>,
    /// Write CSV
    #[arg(long, conflicts_with = "ical")]
    csv: bool,
    /// Write iCalendar (the default)
    #[arg(long)]
    ical: bool,
    /// Language of the titles
    #[arg(long, value_enum, default_value = "en")]
    language: Tag,
    /// Write to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Tag {
    /// English
    En,
    /// Hindi
    Hi,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Import(args) => import(args),
        Command::Export(args) => export(args),
    }
}

/// What is printed, to be put into a document.
#[derive(Serialize)]
struct Holidays {
    holidays: Vec<Holiday>,
}

fn import(args: &Import) -> Result<(), Failure> {
    let text = offline::text(&args.list)?;
    let begins = text.trim_start_matches('\u{feff}').trim_start().get(..15).unwrap_or_default();
    let read = if begins.eq_ignore_ascii_case("BEGIN:VCALENDAR") { from_ical(&text) } else { from_csv(&text) };
    let holidays = read.map_err(|problems| offline::refused(&args.list.display().to_string(), &problems))?;
    let Some(into) = &args.into else {
        output::line(&serde_json::to_string_pretty(&Holidays { holidays }).unwrap_or_default());
        return Ok(());
    };
    let (before, read) = (offline::text(into)?, holidays.len());
    let (library, _) = offline::calendars(&args.calendar)?;
    let name = into.display().to_string();
    offline::check(&library, DocumentKind::Calendar, &name, &before)?;
    let value: Value = serde_json::from_str(&before).unwrap_or_default();
    if let Some(member) = own_member(&value) {
        let message = format!(
            "{name} has members of its own, such as {member}, which would be lost. Print the list, and put it in by hand."
        );
        return Err(Failure::Refused(message));
    }
    // Invariant: it was checked as one.
    let mut document: Document = serde_json::from_value(value).map_err(|error| Failure::Refused(format!("{name}: {error}.")))?;
    let added = merge(&mut document, holidays);
    let mut after = serde_json::to_string_pretty(&document).unwrap_or_default();
    after.push('\n');
    offline::check(&library, DocumentKind::Calendar, &name, &after)?;
    if added > 0 {
        std::fs::write(into, after).map_err(|error| output::unwritable(into, &error))?;
    }
    output::line(&format!("{name}: {added} of {read} holidays are new."));
    Ok(())
}

/// A member `x-…` anywhere in a document, which its type does not keep.
fn own_member(value: &Value) -> Option<&str> {
    match value {
        Value::Array(items) => items.iter().find_map(own_member),
        Value::Object(members) => {
            members.iter().find_map(|(name, value)| if name.starts_with("x-") { Some(name.as_str()) } else { own_member(value) })
        }
        _ => None,
    }
}

/// Puts holidays in that are not there yet, by date and English title; all are then in the order of their dates. How many were new.
fn merge(document: &mut Document, holidays: Vec<Holiday>) -> usize {
    let key = |holiday: &Holiday| (holiday.date.clone(), holiday.title.en.clone());
    let known: BTreeSet<(String, String)> = document.holidays.iter().map(key).collect();
    let before = document.holidays.len();
    // What was not compared with the original is not verified by standing in a verified list.
    let unverified = |holiday: Holiday| Holiday { verified: document.verified.then_some(false), ..holiday };
    document.holidays.extend(holidays.into_iter().filter(|holiday| !known.contains(&key(holiday))).map(unverified));
    document.holidays.sort_by(|a, b| a.date.cmp(&b.date));
    document.holidays.len() - before
}

fn export(args: &Export) -> Result<(), Failure> {
    let named = offline::named(DocumentKind::Calendar, &args.calendar)?;
    let mut files = args.with.clone();
    if !named.shipped {
        files.push(PathBuf::from(&args.calendar));
    }
    let (library, last) = offline::calendars(&files)?;
    let id = if named.shipped { args.calendar.clone() } else { last.unwrap_or_default() };
    // Invariant: it was taken in.
    let Some(working) = library.calendar(&id) else { return Err(Failure::Refused(format!("There is no calendar {id}."))) };
    let language = match args.language {
        Tag::En => Language::English,
        Tag::Hi => Language::Hindi,
    };
    let text =
        if args.csv { to_csv(&working.calendar, language) } else { to_ical(&working.calendar, language, SystemClock.now()) };
    write(&text, args.out.as_deref())
}

fn write(text: &str, out: Option<&Path>) -> Result<(), Failure> {
    if let Some(path) = out {
        return std::fs::write(path, text).map_err(|error| output::unwritable(path, &error));
    }
    output::text(text);
    Ok(())
}
