//! Schedules, in the site log: the next occurrence of each is a due row; when it comes, a case or a report is asked for, and the next
//! one is armed.
//!
//! A schedule has one such row at most, and the office knows which. Whatever moves an occurrence (another version, another date to count
//! from, a calendar, a post's unit) replaces the row at once, so that no occurrence is lost or comes twice.

use jiff::civil::Date;
use serde_json::json;

use super::document::require_site;
use super::office::{Armed, Office};
use super::rejection::Rejection;
use super::{Context, Decision, delivered};
use crate::digest::Hash;
use crate::graph::Library;
use crate::graph::library::{Issue, Planned};
use crate::journal::{Actor, Event};
use crate::model::id::{Made, is_code};
use crate::model::limits::{FIRED_PER_ENTRY_MAX, REPORT_PERIOD_DAYS_MAX};
use crate::model::{Time, UnitId, Values, schedule as authored};
use crate::schedule::{self, Occurrence, Schedule};

/// How late an occurrence may come and still be on time, in seconds.
const ON_TIME_SECONDS: u8 = 60;

/// The process of which a case is started, in the unit of the schedule's owner, where occurrences were missed and are not made up for.
pub const MISSED_PROCESS: &str = "sqm.missed-run";

/// The unit for which a schedule starts cases: that of its owner's post.
pub fn unit_of<'a>(office: &'a Office, planned: &Planned) -> Option<&'a UnitId> {
    office.posts.get(&planned.document.owner.post).map(|post| &post.unit)
}

/// The schedule with the date of the event that it waits for; none while that has none.
pub fn anchored(office: &Office, planned: &Planned) -> Option<Schedule> {
    let schedule = planned.schedule.clone();
    match schedule.awaits() {
        None => Some(schedule),
        Some(anchor) => {
            let date = *office.anchors.get(anchor)?;
            Some(schedule.anchored(date))
        }
    }
}

/// Whether a date is a working day for a schedule: by the calendar of its unit; without one every day is.
pub fn is_working(office: &Office, library: &Library, planned: &Planned, date: Date) -> bool {
    let calendar = unit_of(office, planned).and_then(|unit| office.calendar_of(unit)).and_then(|id| library.calendar(id));
    calendar.is_none_or(|working| working.calendar.day(date).works.value)
}

/// What happens to a schedule as things stand in `office` and `library`: it waits for its first occurrence after an instant, or for
/// none any more. Nothing, where it waited for none before.
fn armed(
    (office, library): (&Office, &Library),
    issue: (&Planned, Hash),
    after: Time,
    replaces: Option<Made>,
    ordinal: u16,
) -> Option<Event> {
    let (planned, document) = issue;
    let works = |date: Date| is_working(office, library, planned, date);
    let schedule = planned.document.id.clone();
    let next = anchored(office, planned).and_then(|schedule| schedule.next_after(after.timestamp(), &works));
    match next {
        Some(next) => {
            let at = Time::from_timestamp(next.instant);
            Some(Event::ScheduleArmed { ordinal, schedule, document, at, replaces })
        }
        None => replaces.map(|row| Event::ScheduleEnded { schedule, document, replaces: Some(row) }),
    }
}

/// A schedule is deployed: what the version before it waited for is waited for no longer. What has come by then is still its, whether the
/// dispatcher was there yet or not.
pub(super) fn begin(context: &Context<'_>, planned: &Planned, document: Hash) -> Vec<Event> {
    let id = &planned.document.id;
    let waits = context.office.armed.get(id);
    let before = context.library.newest_schedule(id);
    let (mut events, ordinal) = waits.zip(before).map(|(waits, issue)| settled(context, issue, waits, 0)).unwrap_or_default();
    let replaces = waits.map(|armed| armed.row);
    events.extend(armed((context.office, context.library), (planned, document), context.origin.time, replaces, ordinal));
    events
}

/// The office changes by `events`, and calendars are as `library` has them: each schedule whose next occurrence moves by that waits for it
/// where it falls now. One that moves into the past is still to come.
pub(super) fn moved(context: &Context<'_>, events: &[Event], library: &Library) -> Vec<Event> {
    let mut issues = library.schedules().peekable();
    if issues.peek().is_none() {
        return Vec::new();
    }
    let mut office = context.office.clone();
    for event in events {
        office.apply(&context.origin, event);
    }
    let mut moves = Vec::new();
    // The first ordinal is that of the document.
    let mut ordinal = 1;
    for issue in issues {
        let waits = office.armed.get(&issue.document.document.id);
        let after = waits.map_or(context.origin.time, |armed| armed.since);
        let next = armed((&office, library), (&issue.document, issue.hash), after, waits.map(|armed| armed.row), ordinal);
        let stays =
            |event: &Event| matches!(event, Event::ScheduleArmed { at, .. } if waits.is_some_and(|armed| armed.at == *at));
        if let Some(event) = next.filter(|event| !stays(event)) {
            moves.push(event);
            ordinal += 1;
        }
    }
    moves
}

/// Gives the date of an event that schedules wait for. What has come by an earlier date is still made up for; what lies before now by the
/// new one is not.
pub(super) fn give_anchor(context: &Context<'_>, anchor: &str, date: Date) -> Result<Decision, Rejection> {
    require_site(context)?;
    let via = match &context.origin.actor {
        Actor::System => None,
        Actor::Person(person) => {
            let now = context.origin.time;
            let coordinates = |role: &String| role == super::definition::QUALITY_COORDINATOR;
            let mut posts = context.office.current_of(person, now);
            let post = posts.find(|holder| holder.post.roles.iter().any(coordinates)).ok_or_else(|| {
                let message = "This needs an appointment to a post with the role quality-coordinator.";
                Rejection::forbidden("actor.not-allowed", message)
            })?;
            Some(post.post.id.clone())
        }
    };
    if !is_code(anchor) {
        let message = "An event's name has lower-case letters, digits and hyphens, such as charter-issued.";
        return Err(Rejection::invalid("anchor.name", message));
    }
    if !schedule::DATES.contains(&date) {
        let (first, last) = (schedule::DATES.start(), schedule::DATES.end());
        return Err(Rejection::invalid("anchor.date", format!("Schedules count from dates between {first} and {last}.")));
    }
    let mut events = vec![Event::AnchorGiven { anchor: anchor.to_owned(), date }];
    if context.office.anchors.get(anchor) == Some(&date) {
        return Ok(Decision { events, instance: None, via, opened: Vec::new() });
    }
    let mut office = context.office.clone();
    office.apply(&context.origin, &events[0]);
    let waiting = context.library.schedules().filter(|issue| issue.document.schedule.awaits() == Some(anchor));
    let mut ordinal = 0;
    for issue in waiting {
        let waits = context.office.armed.get(&issue.document.document.id);
        if let Some(waits) = waits {
            let (come, next) = settled(context, issue, waits, ordinal);
            events.extend(come);
            ordinal = next;
        }
        let replaces = waits.map(|armed| armed.row);
        events.extend(armed((&office, context.library), (&issue.document, issue.hash), context.origin.time, replaces, ordinal));
        ordinal += 1;
    }
    Ok(Decision { events, instance: None, via, opened: Vec::new() })
}

/// An occurrence has come, or several have while the program did not run.
pub(super) fn fire(context: &Context<'_>, id: &str, document: &Hash, at: Time) -> Result<Decision, Rejection> {
    require_site(context)?;
    let waits = context.office.armed.get(id).filter(|armed| context.cause == Some(armed.row));
    let Some(waits) = waits else {
        return Err(Rejection::conflict("schedule.not-armed", "The schedule does not wait for this occurrence any more."));
    };
    let now = context.origin.time;
    if at > now {
        return Err(Rejection::conflict("schedule.early", "The occurrence has not come yet."));
    }
    let mut decision = delivered(context);
    let ended = || Event::ScheduleEnded { schedule: id.to_owned(), document: *document, replaces: None };
    let newest = context.library.newest_schedule(id).filter(|issue| issue.hash == *document);
    // Invariant: another version has replaced the row.
    let Some((issue, schedule)) = newest.and_then(|issue| Some((issue, anchored(context.office, &issue.document)?))) else {
        decision.events.push(ended());
        return Ok(decision);
    };
    let come = come(context, issue, &schedule, waits, 0);
    decision.events.extend(come.events);
    // Where more are made up for than fit into one entry, the next row is due at once.
    let after = come.last.map_or(now, |last| Time::from_timestamp(last.instant));
    let next = armed((context.office, context.library), (&issue.document, *document), after, None, come.ordinal);
    decision.events.push(next.unwrap_or_else(ended));
    Ok(decision)
}

/// What has come of a schedule.
struct Come {
    events: Vec<Event>,
    /// The ordinal after theirs.
    ordinal: u16,
    /// The last occurrence that was carried out.
    last: Option<Occurrence>,
    /// Those that fit into no entry any more.
    left: Vec<Occurrence>,
}

/// What has come of a schedule that is about to change, all of it: what does not fit into one entry was missed.
fn settled(context: &Context<'_>, issue: &Issue<Planned>, waits: &Armed, ordinal: u16) -> (Vec<Event>, u16) {
    let schedule = anchored(context.office, &issue.document).filter(|_| waits.at <= context.origin.time);
    let Some(schedule) = schedule else { return (Vec::new(), ordinal) };
    let Come { mut events, mut ordinal, left, .. } = come(context, issue, &schedule, waits, ordinal);
    if let (Some(first), Some(last)) = (left.first(), left.last()) {
        let (first, last) = (Time::from_timestamp(first.instant), Time::from_timestamp(last.instant));
        events.extend(missed(context, issue, (first, last), left.len() as u64, ordinal));
        ordinal += 1;
    }
    (events, ordinal)
}

/// What has come of a schedule since it was last attended to: what is made up for is carried out, the rest is told.
fn come(context: &Context<'_>, issue: &Issue<Planned>, schedule: &Schedule, waits: &Armed, mut ordinal: u16) -> Come {
    let (id, document, now) = (&issue.document.document.id, issue.hash, context.origin.time);
    let works = |date: Date| is_working(context.office, context.library, &issue.document, date);
    let (since, until) = (waits.since.timestamp(), now.timestamp());
    let mut run = schedule.missed(since, until, &works).run;
    // What came just now was not missed, whatever becomes of missed ones.
    let fresh = waits.since.max(now.plus_seconds(-i64::from(ON_TIME_SECONDS))).timestamp();
    if schedule.count(fresh, until, &works) > run.len() as u64 {
        run = schedule.preview(fresh, usize::from(ON_TIME_SECONDS), &works);
        run.retain(|occurrence| occurrence.instant <= until);
    }
    let mut events = Vec::new();
    let skipped = schedule.count(since, until, &works).saturating_sub(run.len() as u64);
    if skipped > 0 {
        let before = run.first().map_or(until, |first| Time(Time::from_timestamp(first.instant).0 - 1).timestamp());
        let first = schedule.next_after(since, &works).map_or(waits.at, |first| Time::from_timestamp(first.instant));
        let last = schedule.newest(since, before, &works).map_or(first, |last| Time::from_timestamp(last.instant));
        events.extend(missed(context, issue, (first, last), skipped, ordinal));
        ordinal += 1;
    }
    let left = run.split_off(run.len().min(FIRED_PER_ENTRY_MAX));
    let authored::Schedule { starts, makes, .. } = &issue.document.document;
    // A report goes on where the one before ended, so that what happened between two that were skipped is in the next.
    // The first of all tells of what happened since its schedule would have fallen before.
    let reach = waits.since.plus_seconds(-86_400 * REPORT_PERIOD_DAYS_MAX);
    let last = context.office.reported.get(id).copied().filter(|last| *last >= reach);
    let before = || Some(Time::from_timestamp(schedule.newest(reach.timestamp(), since, &works)?.instant));
    let mut from = makes.as_ref().and_then(|_| last.or_else(before));
    for occurrence in &run {
        let at = Time::from_timestamp(occurrence.instant);
        events.push(Event::ScheduleFired { schedule: id.clone(), document, at });
        if let Some(starts) = starts {
            let data = starts.data.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            events.extend(request(context, issue, &starts.process, data, ordinal));
        }
        if let (Some(makes), Some(unit)) = (makes, unit_of(context.office, &issue.document).cloned()) {
            let (schedule, kind) = (id.clone(), makes.report);
            events.push(Event::ReportRequested { ordinal, unit, schedule, document, kind, at, from });
            from = Some(at);
        }
        ordinal += 1;
    }
    Come { events, ordinal, last: run.pop(), left }
}

/// Occurrences that are not made up for: told, and looked at by somebody.
fn missed(context: &Context<'_>, issue: &Issue<Planned>, (first, last): (Time, Time), count: u64, ordinal: u16) -> Vec<Event> {
    let (schedule, document) = (issue.document.document.id.clone(), issue.hash);
    let data = [
        ("schedule", json!(schedule)),
        ("missed", json!(count)),
        ("first", json!(first.to_string())),
        ("last", json!(last.to_string())),
    ];
    let data = data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let told = Event::ScheduleMissed { schedule, document, from: first, to: last, count };
    std::iter::once(told).chain(request(context, issue, MISSED_PROCESS, data, ordinal)).collect()
}

fn request(context: &Context<'_>, issue: &Issue<Planned>, process: &str, data: Values, ordinal: u16) -> Option<Event> {
    let unit = unit_of(context.office, &issue.document)?.clone();
    Some(Event::CaseRequested { ordinal, unit, process: process.to_owned(), data })
}
