//! Schedules, in the site log: the next occurrence of each is a due row; when it comes, a case is asked for, and the next one is armed.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::document::require_site;
use super::office::Office;
use super::rejection::Rejection;
use super::{Context, Decision, delivered};
use crate::digest::Hash;
use crate::graph::Library;
use crate::graph::library::{Issue, Planned};
use crate::journal::{Actor, Event};
use crate::model::id::is_code;
use crate::model::{Time, UnitId, Values};
use crate::schedule::Schedule;

/// How late an occurrence may come and still be on time, in seconds.
const ON_TIME_SECONDS: i64 = 60;

/// The process of which a case is started where occurrences were missed and are not made up for.
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

/// The event that lets a schedule wait for its first occurrence after an instant; none while it has none.
pub(super) fn armed(
    office: &Office,
    library: &Library,
    planned: &Planned,
    document: Hash,
    after: Time,
    ordinal: u16,
) -> Option<Event> {
    let schedule = anchored(office, planned)?;
    let works = |date: Date| is_working(office, library, planned, date);
    let next = schedule.next_after(after.timestamp(), &works)?;
    let at = Time::from_timestamp(next.instant);
    Some(Event::ScheduleArmed { ordinal, schedule: planned.document.id.clone(), document, at })
}

/// Gives the date of an event that schedules wait for.
pub(super) fn give_anchor(context: &Context<'_>, anchor: &str, date: Date) -> Result<Decision, Rejection> {
    require_site(context)?;
    let via = match &context.origin.actor {
        Actor::System => None,
        Actor::Person(person) => {
            let now = context.origin.time;
            let coordinates = |role: &String| role == super::definition::QUALITY_COORDINATOR;
            let post = context
                .office
                .current(now)
                .find(|holder| holder.person.id == *person && holder.post.roles.iter().any(coordinates));
            let refuse = || {
                let message = "This needs an appointment to a post with the role quality-coordinator.";
                Rejection::forbidden("actor.not-allowed", message)
            };
            Some(post.ok_or_else(refuse)?.post.id.clone())
        }
    };
    if !is_code(anchor) {
        let message = "An event's name has lower-case letters, digits and hyphens, such as charter-issued.";
        return Err(Rejection::invalid("anchor.name", message));
    }
    let mut events = vec![Event::AnchorGiven { anchor: anchor.to_owned(), date }];
    let mut office = context.office.clone();
    office.apply(&context.origin, &events[0]);
    let waiting = context.library.schedules().filter(|issue| issue.document.schedule.awaits() == Some(anchor));
    for (ordinal, issue) in (1u16..).zip(waiting) {
        events.extend(armed(&office, context.library, &issue.document, issue.hash, context.origin.time, ordinal));
    }
    Ok(Decision { events, instance: None, via, opened: Vec::new() })
}

/// An occurrence has come, or several have while the program did not run.
pub(super) fn fire(context: &Context<'_>, id: &str, document: &Hash, at: Time) -> Result<Decision, Rejection> {
    require_site(context)?;
    let now = context.origin.time;
    if at > now {
        return Err(Rejection::conflict("schedule.early", "The occurrence has not come yet."));
    }
    let mut decision = delivered(context);
    let ended = || Event::ScheduleEnded { schedule: id.to_owned(), document: *document };
    let newest = context.library.newest_schedule(id).filter(|issue| issue.hash == *document);
    let Some((issue, schedule)) = newest.and_then(|issue| Some((issue, anchored(context.office, &issue.document)?))) else {
        decision.events.push(ended());
        return Ok(decision);
    };
    let works = |date: Date| is_working(context.office, context.library, &issue.document, date);
    let before = Time(at.0 - 1).timestamp();
    // The date that it is counted from was changed meanwhile: another row waits for what it means now.
    if schedule.next_after(before, &works).is_none_or(|occurrence| Time::from_timestamp(occurrence.instant) != at) {
        decision.events.push(ended());
        return Ok(decision);
    }
    let on_time = now.0 - at.0 <= ON_TIME_SECONDS * 1_000_000;
    let missed = schedule.missed(before, now.timestamp(), &works);
    // What came just now was not missed, whatever becomes of missed ones.
    let run: Vec<Timestamp> = match missed.run.is_empty() && on_time {
        true => schedule.next_after(before, &works).map(|occurrence| occurrence.instant).into_iter().collect(),
        false => missed.run.iter().map(|occurrence| occurrence.instant).collect(),
    };
    let count = schedule.count(before, now.timestamp(), &works);
    let skipped = count.saturating_sub(run.len() as u64);
    let mut ordinal = 0;
    if skipped > 0 {
        let first_run = run.first().copied();
        // The last that is left out lies just before the first that is not.
        let to = first_run.map_or(now, |first| Time(Time::from_timestamp(first).0 - 1));
        let (schedule, document) = (id.to_owned(), *document);
        decision.events.push(Event::ScheduleMissed { schedule, document, from: at, to, count: skipped });
        if context.library.newest(MISSED_PROCESS).is_some() {
            let data = [("schedule", json!(id)), ("count", json!(skipped)), ("from", json!(at.to_string()))];
            let data = data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            decision.events.extend(request(context, issue, MISSED_PROCESS, data, ordinal));
            ordinal += 1;
        }
    }
    for instant in run {
        let at = Time::from_timestamp(instant);
        decision.events.push(Event::ScheduleFired { schedule: id.to_owned(), document: *document, at });
        let starts = &issue.document.document.starts;
        let data = starts.data.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        decision.events.extend(request(context, issue, &starts.process, data, ordinal));
        ordinal += 1;
    }
    decision.events.push(armed(context.office, context.library, &issue.document, *document, now, ordinal).unwrap_or_else(ended));
    Ok(decision)
}

fn request(context: &Context<'_>, issue: &Issue<Planned>, process: &str, data: Values, ordinal: u16) -> Option<Event> {
    let unit = unit_of(context.office, &issue.document)?.clone();
    Some(Event::CaseRequested { ordinal, unit, process: process.to_owned(), data })
}
