//! Controlled documents (SQM 3.2.4): a draft is reviewed, approved by somebody else, and issued with its numbers and its day; those who
//! have copies acknowledge them; what is superseded or withdrawn is kept.
//!
//! All of it lies in the site log. An issue is a due row: when its day comes, the document is deployed, a process in the unit of its owner.

mod exchange;
mod state;

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use self::state::owner_of;
pub use self::state::{Amendment, Controlled, Controls, Draft, Issued, Recall, Received, Recognised, Stage, Standing, Withdrawn};
use super::document::{answers_for, fits, read, require_site};
use super::office::{check_text, require_administrator};
use super::rejection::Rejection;
use super::{Context, Decision, definition, delivered};
use crate::digest::Hash;
use crate::graph::{Deployed, StepKind, content};
use crate::journal::amendment::Exchange;
use crate::journal::{Command, Event};
use crate::model::definition::APPLICANT;
use crate::model::document::DocumentKind;
use crate::model::id::is_code;
use crate::model::limits::{COPIES_MAX, TEXT_CHARS_MAX};
use crate::model::{PostId, Problem, Time};

/// Decides a command about drafts and issues; its entry goes to the site log.
pub(super) fn decide(context: &Context<'_>, command: &Command) -> Result<Decision, Rejection> {
    require_site(context)?;
    match command {
        Command::ControlDocuments { controlled } => {
            require_administrator(context)?;
            Ok(decided(vec![Event::DocumentsControlled { controlled: *controlled }], None))
        }
        Command::SaveDraft { kind, document, over } => save(context, *kind, document, over.as_ref()),
        Command::SendDraft { kind, id, hash } => {
            let (draft, via) = draft(context, *kind, id, hash)?;
            at_stage(draft, &[Stage::Draft])?;
            examine(context, *kind, draft)?;
            Ok(decided(vec![Event::DraftSent { kind: *kind, id: id.clone(), hash: *hash }], via))
        }
        Command::ReturnDraft { kind, id, hash, reason } => {
            let (draft, via) = draft(context, *kind, id, hash)?;
            if draft.stage == Stage::Draft {
                return Err(wrong_stage(&draft.stage));
            }
            check_text("reason", reason, TEXT_CHARS_MAX)?;
            let (id, reason) = (id.clone(), reason.clone());
            Ok(decided(vec![Event::DraftReturned { kind: *kind, id, hash: *hash, reason }], via))
        }
        Command::ApproveDraft { kind, id, hash } => {
            let (draft, via) = draft(context, *kind, id, hash)?;
            at_stage(draft, &[Stage::Review])?;
            if draft.authors.contains(context.person()?) {
                let message = "Whoever wrote a draft does not approve it. Ask somebody else who answers for the document.";
                return Err(Rejection::forbidden("draft.own-approval", message));
            }
            examine(context, *kind, draft)?;
            Ok(decided(vec![Event::DraftApproved { kind: *kind, id: id.clone(), hash: *hash }], via))
        }
        Command::DiscardDraft { kind, id, hash } => {
            let (_, via) = draft(context, *kind, id, hash)?;
            Ok(decided(vec![Event::DraftDiscarded { kind: *kind, id: id.clone(), hash: *hash }], via))
        }
        Command::IssueDocument { kind, id, hash, revision, effective, reason, roles, review } => {
            let terms = Terms { revision: *revision, effective: *effective, reason, roles, review: *review };
            issue(context, *kind, id, hash, &terms)
        }
        Command::WithdrawDocument { kind, id, reason } => withdraw(context, *kind, id, reason),
        Command::ReviewDocument { kind, id, review, reason } => {
            let via = answering(context, *kind, id)?;
            check_text("reason", reason, TEXT_CHARS_MAX)?;
            require_later(context, *review)?;
            let (id, reason) = (id.clone(), reason.clone());
            Ok(decided(vec![Event::DocumentReviewed { kind: *kind, id, review: *review, reason }], via))
        }
        Command::AcknowledgeCopy { kind, id, hash } => acknowledge(context, *kind, id, hash),
        // Invariant: `machine::decide` sends only the commands above here.
        _ => Err(Rejection::invalid("command.unknown", "This command is not about a document.")),
    }
}

/// Decides a command about other offices; its entry goes to the site log.
pub(super) fn exchange(context: &Context<'_>, exchange: &Exchange) -> Result<Decision, Rejection> {
    require_site(context)?;
    exchange::decide(context, exchange)
}

/// Lets pass what may be deployed directly: anything, as long as documents are not controlled and no issue waits; then what was issued and is
/// in force only.
pub(super) fn permit(context: &Context<'_>, kind: DocumentKind, id: &str, hash: &Hash) -> Result<(), Rejection> {
    let controls = &context.office.controls;
    let controlled = controls.get(kind, id);
    if controls.controlled {
        let issued = controlled.and_then(|controlled| controlled.issued(hash));
        if issued.is_some_and(|issued| issued.effective <= context.origin.time) {
            return Ok(());
        }
        let message = "The documents of this office are controlled: nothing runs that was not issued. Save it as a draft, send it for \
            review, have it approved by somebody else, and issue it.";
        return Err(Rejection::conflict("document.controlled", message));
    }
    if controlled.is_some_and(|controlled| controlled.waiting(context.library, kind).is_some()) {
        return Err(issue_waits());
    }
    if let Some(received) = controls.bound(kind, id) {
        let message = format!(
            "This document comes from {}: it is adopted as a draft, approved by somebody else and issued.",
            received.source.host
        );
        return Err(Rejection::conflict("document.external", message));
    }
    Ok(())
}

/// Refuses to start a case by a definition that was withdrawn.
pub(super) fn require_in_force(context: &Context<'_>, deployed: &Deployed) -> Result<(), Rejection> {
    let (controls, process) = (&context.office.controls, &deployed.graph.process.id);
    let withdrawn = controls.get(DocumentKind::Process, process).and_then(|controlled| controlled.withdrawn.as_ref());
    let version = withdrawn.and_then(|withdrawn| context.library.version_of(DocumentKind::Process, &withdrawn.hash));
    if version.is_some_and(|version| deployed.version <= version) {
        let message = format!("The process {process} version {} was withdrawn: no case is started by it.", deployed.version);
        return Err(Rejection::conflict("document.withdrawn", message));
    }
    Ok(())
}

/// The day of an issue has come: its document is deployed. Where that is refused, as things stand by then, the row stays and it is tried again.
pub(super) fn take_effect(context: &Context<'_>, kind: DocumentKind, id: &str, hash: &Hash) -> Result<Decision, Rejection> {
    let mut decision = delivered(context);
    let issued = context.office.controls.get(kind, id).and_then(|controlled| controlled.issued(hash));
    // Withdrawn meanwhile; or there already, since the other log forgot that it was told so.
    let Some(issued) = issued.filter(|_| context.library.version_of(kind, hash).is_none()) else { return Ok(decision) };
    if issued.effective > context.origin.time {
        return Err(Rejection::conflict("document.early", "The issue has not come into force yet."));
    }
    exchange::require_not_withdrawn(context, kind, id, hash)?;
    let beyond = context.office.controls.beyond_on_its_day(kind, id, issued);
    if !beyond.is_empty() {
        let message = "An edition of another office that came meanwhile is in force by now, and the issue goes beyond what may be adapted in \
            it. Withdraw the issue, and adopt what was received.";
        return Err(Rejection::invalid("amendment.out-of-bounds", message).with(beyond));
    }
    if kind == DocumentKind::Process {
        decision.events.insert(0, definition::fit(context, context.unit, &issued.text)?);
        return Ok(decision);
    }
    require_site(context)?;
    let checked = read(context, kind, &issued.text)?;
    fits(context, kind, &checked)?;
    decision.events.splice(0..0, super::document::events(context, kind, &checked, &issued.text));
    Ok(decision)
}

fn decided(events: Vec<Event>, via: Option<PostId>) -> Decision {
    Decision { events, instance: None, via, opened: Vec::new() }
}

fn save(context: &Context<'_>, kind: DocumentKind, text: &str, over: Option<&Hash>) -> Result<Decision, Rejection> {
    let malformed = |problems: Vec<Problem>| {
        let message = "A draft is a JSON object that names its id and the post of its owner.";
        Rejection::invalid("draft.malformed", message).with(problems)
    };
    let (value, hash) = content(text.as_bytes()).map_err(malformed)?;
    let id = value.get("id").and_then(|id| id.as_str()).filter(|id| is_code(id)).map(ToOwned::to_owned);
    let missing = |pointer: &str, message: &str| malformed(vec![Problem::error("draft.malformed", pointer, message.to_owned())]);
    let id = id.ok_or_else(|| missing("/id", "Give the document an id: lower-case letters, digits, `-` and `.`."))?;
    let owner = owner_of(text).ok_or_else(|| missing("/owner/post", "Name the post that answers for the document."))?;
    let via = answering_as(context, kind, &id, &owner)?;
    let before = context.office.controls.get(kind, &id).and_then(|controlled| controlled.draft.as_ref());
    match (before, over) {
        (Some(_), None) => {
            let message =
                format!("There is a draft of {id} already: a document has one at a time. Change that one, or discard it.");
            return Err(Rejection::conflict("draft.exists", message));
        }
        (before, Some(over)) if before.is_none_or(|draft| draft.hash != *over) => return Err(stale()),
        _ => {}
    }
    let base = context.library.newest_version(kind, &id);
    Ok(decided(vec![Event::DraftSaved { kind, id, hash, base, document: text.to_owned() }], via))
}

/// The draft of a document, for whoever answers for it.
fn draft<'a>(
    context: &'a Context<'_>,
    kind: DocumentKind,
    id: &str,
    hash: &Hash,
) -> Result<(&'a Draft, Option<PostId>), Rejection> {
    let draft = context.office.controls.get(kind, id).and_then(|controlled| controlled.draft.as_ref());
    let draft =
        draft.ok_or_else(|| Rejection::not_found("draft.unknown", format!("There is no draft of the {} {id}.", kind.name())))?;
    // Invariant: what has no owner is not saved.
    let owner = owner_of(&draft.text).ok_or_else(stale)?;
    let via = answering_as(context, kind, id, &owner)?;
    if draft.hash == *hash { Ok((draft, via)) } else { Err(stale()) }
}

fn stale() -> Rejection {
    let message = "The draft is another one by now. Read it again, and decide about that one.";
    Rejection::conflict("draft.stale", message)
}

fn at_stage(draft: &Draft, stages: &[Stage]) -> Result<(), Rejection> {
    if stages.contains(&draft.stage) { Ok(()) } else { Err(wrong_stage(&draft.stage)) }
}

fn wrong_stage(stage: &Stage) -> Rejection {
    let message = match stage {
        Stage::Draft => "The draft was not sent for review. Send it first.",
        Stage::Review => "The draft is under review: it waits for an approval, by none of its authors.",
        Stage::Approved { .. } => "The draft is approved already: issue it, or return it.",
    };
    Rejection::conflict("draft.stage", message)
}

/// Whether a draft could be deployed as things stand, and nothing has come into force since it was begun.
fn examine(context: &Context<'_>, kind: DocumentKind, draft: &Draft) -> Result<(), Rejection> {
    let (id, owner) = if kind == DocumentKind::Process {
        let owner = owner_of(&draft.text).and_then(|owner| context.office.posts.get(&owner));
        let unit = owner.map_or(context.unit, |post| &post.unit);
        let Event::DefinitionDeployed { process, .. } = definition::fit(context, unit, &draft.text)? else { return Ok(()) };
        (process, None)
    } else {
        let checked = read(context, kind, &draft.text)?;
        fits(context, kind, &checked)?;
        (checked.id.clone(), Some(checked.owner))
    };
    if let Some(owner) = owner.filter(|owner| !context.office.posts.contains_key(owner)) {
        return Err(no_post(&owner));
    }
    exchange::require_not_withdrawn(context, kind, &id, &draft.hash)?;
    let beyond = context.office.controls.beyond(kind, &id, &draft.text);
    if !beyond.is_empty() {
        let message = "The document comes from another office, and the draft goes beyond what may be adapted in it.";
        return Err(Rejection::invalid("amendment.out-of-bounds", message).with(beyond));
    }
    let newest = context.library.newest_version(kind, &id);
    if draft.base != newest {
        let message =
            format!("Version {newest} of {id} has come into force since the draft was saved. Compare them, and save it again.");
        return Err(Rejection::conflict("draft.outdated", message));
    }
    Ok(())
}

/// With what an issue is given.
struct Terms<'a> {
    revision: bool,
    effective: Option<Date>,
    reason: &'a str,
    roles: &'a [String],
    review: Option<Date>,
}

fn issue(context: &Context<'_>, kind: DocumentKind, id: &str, hash: &Hash, terms: &Terms<'_>) -> Result<Decision, Rejection> {
    let (draft, via) = draft(context, kind, id, hash)?;
    if !matches!(draft.stage, Stage::Approved { .. }) {
        return Err(wrong_stage(&draft.stage));
    }
    examine(context, kind, draft)?;
    let controls = &context.office.controls;
    if controls.get(kind, id).is_some_and(|controlled| controlled.waiting(context.library, kind).is_some()) {
        return Err(issue_waits());
    }
    check_text("reason", terms.reason, TEXT_CHARS_MAX)?;
    let (now, today) = (context.origin.time, today(context));
    // Once an edition is adopted, what the office amends within its bounds has days of its own.
    let received = controls.bound(kind, id).filter(|received| controls.adopted(context.library, kind, received).is_none());
    let effective = match terms.effective {
        Some(day) if day < today => {
            return Err(Rejection::invalid("document.effective", "An issue takes effect today or later, never backwards."));
        }
        Some(day) if day > today => {
            let start = day.to_zoned_datetime(context.clock.zone.clone());
            let start = start.map_err(|_| Rejection::invalid("document.effective", "There is no such day."))?;
            Time::from_timestamp(start.timestamp())
        }
        Some(_) => now,
        None => exchange::effective_by_itself(context, received),
    };
    exchange::require_in_time(context, received, effective)?;
    let review = match terms.review {
        Some(day) => day,
        // A date a year on is in range wherever `now` is.
        None => terms.effective.unwrap_or(today).saturating_add(1.year()),
    };
    require_later(context, review)?;
    let last = controls.amendments(context.library, kind, id).last().map(|last| (last.issue, last.revision));
    if terms.revision && last.is_none() {
        return Err(Rejection::conflict("document.no-issue", "There is no issue yet that could be revised."));
    }
    // Nor is the number given again of what was withdrawn before its day: it may have been sent to other offices.
    let (issue, revision) = match last.max(controls.get(kind, id).and_then(|controlled| controlled.numbered)) {
        Some((issue, revision)) if terms.revision => (issue, revision.saturating_add(1)),
        Some((issue, _)) => (issue.saturating_add(1), 0),
        None => (1, 0),
    };
    let copies = copies(context, kind, draft, terms.roles)?;
    let (id, reason) = (id.to_owned(), terms.reason.to_owned());
    let event = Event::DocumentIssued { ordinal: 0, kind, id, hash: *hash, issue, revision, effective, reason, copies, review };
    Ok(decided(vec![event], via))
}

fn issue_waits() -> Rejection {
    let message = "An issue of this document waits for its day. Withdraw it, or wait until it is in force.";
    Rejection::conflict("document.issue-waits", message)
}

/// The day in the office's zone.
fn today(context: &Context<'_>) -> Date {
    context.clock.zone.to_datetime(context.origin.time.timestamp()).date()
}

fn require_later(context: &Context<'_>, review: Date) -> Result<(), Rejection> {
    if review > today(context) {
        Ok(())
    } else {
        Err(Rejection::invalid("document.review", "The next review lies ahead: give a later day."))
    }
}

/// The posts that have a copy, in the order of their ids: the owner, and those that play the roles of the list, or else those that the
/// document names.
fn copies(context: &Context<'_>, kind: DocumentKind, draft: &Draft, list: &[String]) -> Result<Vec<PostId>, Rejection> {
    let posts = &context.office.posts;
    let plays =
        |role: &String| posts.values().filter(|post| post.roles.contains(role)).map(|post| post.id.clone()).collect::<Vec<_>>();
    let nobody = list.iter().find(|role| plays(role).is_empty());
    if let Some(role) = nobody {
        let role: String = role.chars().filter(|c| !c.is_control()).take(80).collect();
        let message = format!("No post of the office has the role {role:?} of the distribution list.");
        return Err(Rejection::invalid("document.distribution", message));
    }
    let named = if list.is_empty() { named_roles(context, kind, &draft.text)? } else { list.iter().cloned().collect() };
    let copies: BTreeSet<PostId> = named.iter().flat_map(plays).collect();
    let mut copies: Vec<PostId> = copies.into_iter().collect();
    let owner = owner_of(&draft.text).filter(|owner| !copies.contains(owner));
    copies.splice(0..0, owner);
    if copies.len() > COPIES_MAX {
        let message = format!("At most {COPIES_MAX} posts have a copy. Give a shorter distribution list.");
        return Err(Rejection::too_large("document.distribution", message));
    }
    Ok(copies)
}

/// The roles that a document names.
fn named_roles(context: &Context<'_>, kind: DocumentKind, text: &str) -> Result<BTreeSet<String>, Rejection> {
    let checked = read(context, kind, text)?;
    let steps = checked.graph().into_iter().flat_map(|graph| graph.steps.iter());
    let performers = steps.filter_map(|step| match &step.kind {
        StepKind::UserTask { performer, .. } | StepKind::Start { performer: Some(performer), .. } => Some(performer.role.clone()),
        _ => None,
    });
    let breach = checked.norm().and_then(|norm| norm.document.breach.as_ref());
    let ladder =
        breach.into_iter().flat_map(|breach| breach.escalate.iter().map(|rung| rung.role.clone()).chain(breach.reassign.clone()));
    Ok(performers.chain(ladder).filter(|role| role != APPLICANT).collect())
}

fn withdraw(context: &Context<'_>, kind: DocumentKind, id: &str, reason: &str) -> Result<Decision, Rejection> {
    let via = answering(context, kind, id)?;
    check_text("reason", reason, TEXT_CHARS_MAX)?;
    let (controls, library) = (&context.office.controls, context.library);
    let withdrawn =
        |hash, replaces| Event::DocumentWithdrawn { kind, id: id.to_owned(), hash, reason: reason.to_owned(), replaces };
    if let Some(waiting) = controls.get(kind, id).and_then(|controlled| controlled.waiting(library, kind)) {
        return Ok(decided(vec![withdrawn(waiting.hash, Some(waiting.row))], via));
    }
    let newest = library.document(kind, id).map(|listed| listed.hash);
    // Invariant: whoever answers for it has found an issue that waits, or a version.
    let newest = newest.ok_or_else(|| unknown(kind, id))?;
    if controls.is_withdrawn(kind, id, &newest) {
        return Err(Rejection::conflict("document.withdrawn", "It was withdrawn already."));
    }
    if let Some(user) = user_of(context, kind, id) {
        let message = format!("It cannot be withdrawn while {user} needs it. Change or withdraw that first.");
        return Err(Rejection::conflict("document.in-use", message));
    }
    let mut events = vec![withdrawn(newest, None)];
    if let Some(armed) = context.office.armed.get(id).filter(|_| kind == DocumentKind::Schedule) {
        events.push(Event::ScheduleEnded { schedule: id.to_owned(), document: newest, replaces: Some(armed.row) });
    }
    Ok(decided(events, via))
}

/// Something in force that needs a document.
fn user_of(context: &Context<'_>, kind: DocumentKind, id: &str) -> Option<String> {
    let (office, library) = (context.office, context.library);
    let in_force = |kind, user: &str, hash: &Hash| !office.controls.is_withdrawn(kind, user, hash);
    let mut processes = library.all_newest().filter(|deployed| {
        let graph = &deployed.graph;
        in_force(DocumentKind::Process, &graph.process.id, &graph.hash)
            && match kind {
                DocumentKind::Process => graph.process.id != id && graph.calls.contains(id),
                DocumentKind::Norm => graph.process.clocks.iter().any(|clock| clock.norm == id),
                DocumentKind::Calendar | DocumentKind::Schedule | DocumentKind::Page => false,
            }
    });
    let mut schedules = library.schedules().filter(|issue| {
        let starts = issue.document.document.starts.as_ref().is_some_and(|starts| starts.process == id);
        kind == DocumentKind::Process && starts && in_force(DocumentKind::Schedule, &issue.heading.id, &issue.hash)
    });
    let mut norms = library.norms().filter(|issue| {
        let document = &issue.document.document;
        let needs = match kind {
            DocumentKind::Process => {
                document.breach.as_ref().is_some_and(|breach| breach.start.iter().any(|process| process == id))
            }
            DocumentKind::Calendar => document.calendar.as_deref() == Some(id),
            DocumentKind::Norm | DocumentKind::Schedule | DocumentKind::Page => false,
        };
        needs && in_force(DocumentKind::Norm, &issue.heading.id, &issue.hash)
    });
    let is_calendar = kind == DocumentKind::Calendar;
    let mut units = office.units.values().filter(|unit| is_calendar && unit.calendar.as_deref() == Some(id));
    let mut calendars = library.calendars().filter(|issue| {
        let lies_under = library.calendar(&issue.heading.id).is_some_and(|working| {
            working.layers.iter().any(|layer| library.document(kind, id).is_some_and(|listed| listed.hash == *layer))
        });
        is_calendar && issue.heading.id != id && lies_under && in_force(kind, &issue.heading.id, &issue.hash)
    });
    let mut pages = library.pages().filter(|issue| {
        let names = kind == DocumentKind::Norm && issue.document.norms().any(|(_, norm)| norm == id);
        names && in_force(DocumentKind::Page, &issue.heading.id, &issue.hash)
    });
    let process = processes.next().map(|deployed| format!("the process {}", deployed.graph.process.id));
    let schedule = || schedules.next().map(|issue| format!("the schedule {}", issue.heading.id));
    let norm = || norms.next().map(|issue| format!("the norm {}", issue.heading.id));
    let unit = || units.next().map(|unit| format!("the unit {}", unit.id));
    let calendar = || calendars.next().map(|issue| format!("the calendar {}", issue.heading.id));
    let page = || pages.next().map(|issue| format!("the page {}", issue.heading.id));
    process.or_else(schedule).or_else(norm).or_else(unit).or_else(calendar).or_else(page)
}

fn acknowledge(context: &Context<'_>, kind: DocumentKind, id: &str, hash: &Hash) -> Result<Decision, Rejection> {
    let controlled = context.office.controls.get(kind, id);
    let issued = controlled.and_then(|controlled| controlled.issued(hash)).ok_or_else(|| unknown(kind, id))?;
    let (person, now) = (context.person()?, context.origin.time);
    let held: Vec<&PostId> = issued.copies.iter().filter(|post| context.office.holds_post(person, post, now)).collect();
    if held.is_empty() {
        return Err(Rejection::forbidden("actor.not-allowed", "This needs a post that has a copy of this issue."));
    }
    let open = held.into_iter().filter(|post| !issued.acknowledged.contains_key(&((*post).clone(), person.clone())));
    let events: Vec<Event> =
        open.map(|post| Event::CopyAcknowledged { kind, id: id.to_owned(), hash: *hash, post: post.clone() }).collect();
    if events.is_empty() {
        return Err(Rejection::conflict("copy.acknowledged", "You have acknowledged this issue already."));
    }
    Ok(decided(events, None))
}

/// Lets pass whoever answers for a document, by the newest issue of it.
fn answering(context: &Context<'_>, kind: DocumentKind, id: &str) -> Result<Option<PostId>, Rejection> {
    let waiting = context.office.controls.get(kind, id).and_then(|controlled| controlled.waiting(context.library, kind));
    let in_force = || context.library.document(kind, id).map(|listed| listed.heading.owner.clone());
    let owner = waiting.and_then(|issued| owner_of(&issued.text)).or_else(in_force).ok_or_else(|| unknown(kind, id))?;
    answering_as(context, kind, id, &owner)
}

/// Lets pass whoever answers for a document, as it names its owner now, and as the version in force does.
fn answering_as(context: &Context<'_>, kind: DocumentKind, id: &str, owner: &PostId) -> Result<Option<PostId>, Rejection> {
    let posts = &context.office.posts;
    let person = context.person()?;
    let post = posts.get(owner).ok_or_else(|| no_post(owner))?;
    let before = context.library.document(kind, id).and_then(|listed| posts.get(&listed.heading.owner));
    if let Some(before) = before.filter(|before| before.id != *owner) {
        answers_for(context, person, before)?;
    }
    answers_for(context, person, post).map(Some)
}

fn no_post(owner: &PostId) -> Rejection {
    let message = format!("There is no post {owner}. Create it, or name an existing post as the owner.");
    Rejection::invalid("document.owner", message.clone()).with(vec![Problem::error("document.owner", "/owner/post", message)])
}

fn unknown(kind: DocumentKind, id: &str) -> Rejection {
    Rejection::not_found("document.unknown", format!("There is no such issue of the {} {id}.", kind.name()))
}
