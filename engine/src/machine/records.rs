//! The records of a case: how long they are kept, what holds them, and the erasure of personal values once they may go. Two people erase:
//! whoever answers for the process proposes, the records officer approves, and neither started the case nor worked on it.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::instance::require_owner;
use super::office::check_text;
use super::rejection::Rejection;
use super::run::Run;
use super::state::{Instance, Proposal};
use super::variables::size_of_all;
use crate::graph::Graph;
use crate::journal::codec::HANDED_OVER;
use crate::journal::{Event, Origin};
use crate::model::limits::TEXT_CHARS_MAX;
use crate::model::{CommandId, Time};

/// The role that approves an erasure, and releases records that are held.
pub const RECORDS_OFFICER: &str = "records-officer";

/// Under what name a value of an event of a case is sealed apart, so that it can be withheld and erased, if it is; `None` is a message that no case
/// has received yet.
///
/// Personal variables are, by their names. So is what may be made of them and has another name: what is handed out and reads one, and what workers,
/// senders and called cases gave under names that no variable has. What an expression makes of it stands under the variable that it sets.
pub fn sealed_apart(graph: Option<&Graph>) -> impl for<'n> Fn(&Event, &'n str) -> Option<&'n str> {
    move |event, name| {
        let Some(graph) = graph else { return matches!(event, Event::MessageBuffered { .. }).then_some(HANDED_OVER) };
        if graph.personal.contains(name) {
            return Some(name);
        }
        let is_handed_over = match event {
            event if is_handed_out(event) => graph.copied.contains(name),
            Event::JobCompleted { .. } | Event::MessageReceived { .. } | Event::CallReturned { .. } => !graph.declares(name),
            _ => false,
        };
        is_handed_over.then_some(HANDED_OVER)
    }
}

/// Whether an event's values are inputs: made by a step, and given to a worker, a message or a called case.
pub fn is_handed_out(event: &Event) -> bool {
    matches!(event, Event::JobCreated { .. } | Event::MessageThrown { .. } | Event::CallRequested { .. })
}

/// The names of what can be erased of a case and was not yet: personal variables, and [`HANDED_OVER`] where something lies apart as that.
pub fn erasable<'a>(graph: &'a Graph, state: &Instance) -> BTreeSet<&'a str> {
    let copies = state.handed_over.then_some(HANDED_OVER);
    let names = graph.personal.iter().map(String::as_str).chain(copies);
    names.filter(|name| !state.records.erased.contains(*name)).collect()
}

/// Asks that personal values be erased.
pub(super) fn propose(run: &mut Run<'_>, names: &[String], ground: &str, authority: &str) -> Result<(), Rejection> {
    require_owner(run)?;
    check_text("ground", ground, TEXT_CHARS_MAX)?;
    check_text("authority", authority, TEXT_CHARS_MAX)?;
    if let Some(name) = names.iter().find(|name| !run.graph.personal.contains(*name) && *name != HANDED_OVER) {
        let message =
            format!("{name:?} is no personal variable of this case's process, nor {HANDED_OVER:?}; nothing else is ever erased.");
        return Err(Rejection::invalid("erasure.names", message));
    }
    let mut wanted = erasable(run.graph, &run.state);
    if !names.is_empty() {
        let named: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        wanted.retain(|name| named.contains(name));
    }
    let names: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
    if names.is_empty() {
        return Err(Rejection::conflict("erasure.nothing", "The case has no personal values that are not erased already."));
    }
    if run.state.records.proposal.is_some() {
        let message = "An erasure is proposed already. It must be approved or rejected before another one.";
        return Err(Rejection::conflict("erasure.proposed", message));
    }
    permit(run)?;
    let (ground, authority) = (ground.to_owned(), authority.to_owned());
    run.emit(Event::ErasureProposed { names, ground, authority });
    Ok(())
}

/// Erases what was proposed.
pub(super) fn approve(run: &mut Run<'_>, proposal: CommandId) -> Result<(), Rejection> {
    run.via = run.context.require_role(&[RECORDS_OFFICER])?;
    let Proposal { by, names, ground, authority, .. } = proposed(run, proposal)?;
    if by.as_ref() == run.context.origin.actor.person() {
        return Err(Rejection::forbidden(
            "erasure.not-apart",
            "Whoever proposed an erasure does not approve it. Ask somebody else.",
        ));
    }
    permit(run)?;
    run.emit(Event::ValuesErased { proposal, names, ground, authority });
    Ok(())
}

/// Declines what was proposed, or takes it back.
pub(super) fn reject(run: &mut Run<'_>, proposal: CommandId, reason: &str) -> Result<(), Rejection> {
    require_keeper(run)?;
    check_text("reason", reason, TEXT_CHARS_MAX)?;
    proposed(run, proposal)?;
    run.emit(Event::ErasureRejected { proposal, reason: reason.to_owned() });
    Ok(())
}

/// Holds the records, of a case that runs too.
pub(super) fn hold(run: &mut Run<'_>, ground: &str) -> Result<(), Rejection> {
    require_keeper(run)?;
    check_text("ground", ground, TEXT_CHARS_MAX)?;
    if let Some(held) = &run.state.records.held {
        return Err(Rejection::conflict("records.held", format!("The records are held already: {held}")));
    }
    run.emit(Event::RecordsHeld { ground: ground.to_owned() });
    Ok(())
}

/// Releases records that are held.
pub(super) fn release(run: &mut Run<'_>, reason: &str) -> Result<(), Rejection> {
    run.via = run.context.require_role(&[RECORDS_OFFICER])?;
    check_text("reason", reason, TEXT_CHARS_MAX)?;
    if run.state.records.held.is_none() {
        return Err(Rejection::conflict("records.not-held", "The records of this case are not held."));
    }
    run.emit(Event::RecordsReleased { reason: reason.to_owned() });
    Ok(())
}

/// Lets pass the records officer, and whoever answers for the process.
fn require_keeper(run: &mut Run<'_>) -> Result<(), Rejection> {
    match run.context.require_role(&[RECORDS_OFFICER]) {
        Ok(via) => run.via = via,
        Err(_) => require_owner(run)?,
    }
    Ok(())
}

fn proposed(run: &Run<'_>, id: CommandId) -> Result<Proposal, Rejection> {
    let proposal = run.state.records.proposal.as_ref().filter(|proposal| proposal.id == id);
    proposal
        .cloned()
        .ok_or_else(|| Rejection::conflict("erasure.not-proposed", "This erasure is not proposed, or was decided already."))
}

/// Whether anything of the case may be erased now, by this person.
fn permit(run: &Run<'_>) -> Result<(), Rejection> {
    let state = &run.state;
    if !state.is_over() {
        let message = "The case still runs, and its values are needed. End it first.";
        return Err(Rejection::conflict("erasure.not-over", message));
    }
    if let Some(held) = &state.records.held {
        return Err(Rejection::conflict(
            "erasure.held",
            format!("The records are held and cannot go before they are released: {held}"),
        ));
    }
    if let Some(until) = kept_until(run)
        && run.context.clock.zone.to_datetime(run.context.clock.now).date() <= until
    {
        let message = format!("The records of this process are kept until {until}, the end of their retention period.");
        return Err(Rejection::conflict("erasure.retained", message));
    }
    let person = run.context.origin.actor.person();
    let is_about = state.started_by.is_some() && state.started_by.as_ref() == person;
    if is_about || person.is_some_and(|person| state.did.values().flatten().any(|did| did == person)) {
        let message = "Whoever started the case or worked on it does not decide about its records. Ask somebody else.";
        return Err(Rejection::forbidden("erasure.not-apart", message));
    }
    Ok(())
}

/// The last day on which the records of a case are kept, where its definition says for how long. Where the end is not known, since an older
/// program wrote the state that was kept, it is today.
fn kept_until(run: &Run<'_>) -> Option<Date> {
    let ended = run.state.records.ended.unwrap_or(Time::from_timestamp(run.context.clock.now));
    last_day(run.graph, ended, &run.context.clock.zone)
}

/// The last day on which the records of a case are kept that ended then, where its definition says for how long.
pub fn last_day(graph: &Graph, ended: Time, zone: &TimeZone) -> Option<Date> {
    let years = graph.process.retention.as_ref()?.years;
    Some(zone.to_datetime(ended.timestamp()).date().saturating_add(i32::from(years).years()))
}

pub(super) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    let records = &mut state.records;
    match event {
        Event::InstanceCompleted | Event::InstanceCancelled { .. } => records.ended = Some(origin.time),
        Event::ErasureProposed { names, ground, authority } => {
            let (names, ground, authority) = (names.clone(), ground.clone(), authority.clone());
            let by = origin.actor.person().cloned();
            records.proposal = Some(Proposal { id: origin.command, by, time: origin.time, names, ground, authority });
        }
        Event::ErasureRejected { .. } => records.proposal = None,
        Event::ValuesErased { names, .. } => {
            records.proposal = None;
            records.erased.extend(names.iter().cloned());
            for scope in state.scopes.values_mut() {
                scope.variables.retain(|name, _| !names.contains(name));
            }
            state.bytes = state.scopes.values().map(|scope| size_of_all(&scope.variables)).sum();
        }
        Event::RecordsHeld { ground } => records.held = Some(ground.clone()),
        Event::RecordsReleased { .. } => records.held = None,
        _ => {}
    }
}
