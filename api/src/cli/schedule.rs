//! `schedule preview`: when a schedule falls, without a server.

use std::path::PathBuf;

use engine::model::document::DocumentKind;
use engine::model::limits::PREVIEW_MAX;
use engine::model::{PostId, Time, UnitId, time};
use engine::runtime::clock::{Clock, SystemClock};
use engine::schedule::Occurrence;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::output::{self, Failure};
use super::{EXIT_CODES, documents::Documents, offline};
use crate::app::directory::Directory;

/// Look at schedules
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    Preview(Preview),
}

/// Print the next occurrences of a schedule
///
/// Holidays count by the calendar that is given. Without one, a shipped schedule goes by the calendar of the example office, and in any
/// other every day is a working day.
#[derive(Debug, clap::Args)]
struct Preview {
    /// A schedule document, or the id of a shipped schedule
    #[arg(value_name = "FILE|ID")]
    schedule: String,
    /// How many occurrences, 1 to 400
    #[arg(long, default_value_t = 10, value_parser = count)]
    count: usize,
    /// First day, in the schedule's zone [default: today, from now on]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Date of the event that the schedule counts from, where it waits for one
    #[arg(long, value_name = "DATE")]
    anchor: Option<Date>,
    /// Calendar documents; the last is that of the office, the others are what it extends. Shipped ones are known
    #[arg(long, value_name = "FILE", num_args = 1..)]
    calendar: Vec<PathBuf>,
    /// Print JSON: {"schedule","zone","calendar","occurrences":[{"at","local","nominal","rolled","shifted","number"}]}
    #[arg(long)]
    json: bool,
}

fn count(text: &str) -> Result<usize, String> {
    let count: Option<usize> = text.parse().ok();
    count.filter(|count| (1..=PREVIEW_MAX).contains(count)).ok_or_else(|| format!("a number from 1 to {PREVIEW_MAX}"))
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Command::Preview(args) = &args.command;
    preview(args)
}

fn preview(args: &Preview) -> Result<(), Failure> {
    let (library, given) = offline::calendars(&args.calendar)?;
    let document = offline::named(DocumentKind::Schedule, &args.schedule)?;
    let checked = offline::check(&library, DocumentKind::Schedule, &document.name, &document.text)?;
    // Invariant: it was checked as one.
    let Some(planned) = checked.schedule() else { return Err(Failure::Refused("This is no schedule.".to_owned())) };
    let by = match given {
        None if document.shipped => example_calendar(&planned.document.owner.post)?,
        given => given,
    };
    let mut schedule = planned.schedule.clone();
    if let Some(anchor) = schedule.awaits() {
        let Some(date) = args.anchor else {
            let message = format!("It counts from the event {anchor}. Give a date for it: --anchor 2026-04-01.");
            return Err(Failure::Usage(message));
        };
        schedule = schedule.anchored(date);
    } else if args.anchor.is_some() {
        return Err(Failure::Usage("It waits for no event. Leave out --anchor.".to_owned()));
    }
    // Invariant: it compiled, so the zone is known.
    let zone = time::zone(&planned.document.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let after = match args.from {
        None => SystemClock.now(),
        Some(date) => {
            let midnight = zone.to_timestamp(date.at(0, 0, 0, 0));
            Time(Time::from_timestamp(midnight.map_err(|error| Failure::Usage(format!("--from: {error}.")))?).0 - 1)
        }
    };
    let calendar = by.as_deref().and_then(|id| library.calendar(id));
    let works = |date: Date| calendar.is_none_or(|working| working.calendar.day(date).works.value);
    let occurrences = schedule.preview(after.timestamp(), args.count, &works);
    let local = |occurrence: &Occurrence| zone.to_offset(occurrence.instant).to_datetime(occurrence.instant);
    if args.json {
        let all: Vec<Value> = occurrences
            .iter()
            .map(|occurrence| {
                let Occurrence { nominal, instant, rolled, shifted, number } = occurrence;
                json!({
                    "at": Time::from_timestamp(*instant).to_string(), "local": local(occurrence).to_string(), "nominal": nominal.to_string(),
                    "rolled": rolled, "shifted": shifted, "number": number
                })
            })
            .collect();
        let (id, zone) = (&planned.document.id, &planned.document.zone);
        output::json(&json!({ "schedule": id, "zone": zone, "calendar": by, "occurrences": all }));
        return Ok(());
    }
    let days = by.map_or_else(|| "every day is a working day".to_owned(), |id| format!("by the calendar {id}"));
    output::line(&format!("{} ({}), {days}:", planned.document.id, planned.document.zone));
    for occurrence in &occurrences {
        let when = local(occurrence).strftime("%a %Y-%m-%d %H:%M:%S");
        let mut line = format!("{when} {}", zone.to_offset(occurrence.instant));
        if occurrence.rolled {
            line.push_str(", moved from ");
            line.push_str(&occurrence.nominal.date().strftime("%a %Y-%m-%d").to_string());
        }
        if occurrence.shifted {
            line = format!("{line}, {} does not exist", occurrence.nominal.time());
        }
        output::line(&line);
    }
    if occurrences.is_empty() {
        output::line("It does not fall any more.");
    }
    Ok(())
}

/// The calendar by which the holder of a post works in the example office.
fn example_calendar(post: &PostId) -> Result<Option<String>, Failure> {
    let office: Directory = Documents::Shipped.read("office.json")?;
    let unit_of = |id: &UnitId| office.units.iter().find(|unit| unit.id == *id);
    let mut at = office.posts.iter().find(|known| known.id == *post).and_then(|known| unit_of(&known.unit));
    // The example office is a tree.
    for _ in 0..=office.units.len() {
        let Some(unit) = at else { break };
        if unit.calendar.is_some() {
            return Ok(unit.calendar.clone());
        }
        at = unit.parent.as_ref().and_then(unit_of);
    }
    Ok(None)
}
