//! Other offices: which are recognised by which key, what amendments they send, and what they acknowledge. What was signed is checked before a
//! command comes here; here it is held against the keys that the office recognises, and against what it has.

use std::collections::BTreeSet;

use super::super::definition::QUALITY_COORDINATOR;
use super::super::office::{check_order, check_title, require_administrator};
use super::super::rejection::Rejection;
use super::super::{Context, Decision};
use super::state::{Received, Recognised, owner_of};
use super::{decided, today};
use crate::digest::Hash;
use crate::graph::content;
use crate::journal::Event;
use crate::journal::amendment::{Acknowledgement, Edition, Exchange, Relation, Source, Told, Withdrawal};
use crate::model::document::DocumentKind;
use crate::model::limits::{AMENDMENT_EDITIONS_MAX, AMENDMENT_TEXT_BYTES_MAX, OFFICES_MAX, RECEIVED_MAX, VKEY_BYTES_MAX};
use crate::model::problem::short;
use crate::model::{PostId, Text, Time};

/// Decides a command about other offices; its entry goes to the site log.
pub(super) fn decide(context: &Context<'_>, exchange: &Exchange) -> Result<Decision, Rejection> {
    match exchange {
        Exchange::Recognise { key, title, relation, order } => recognise(context, key, title, *relation, order),
        Exchange::Disown { host, order } => {
            require_administrator(context)?;
            check_order(order)?;
            if !context.office.controls.offices.contains_key(host) {
                let message = format!("No office is recognised by a key of {}.", short(host));
                return Err(Rejection::not_found("office.unknown", message));
            }
            Ok(decided(vec![Event::OfficeDisowned { host: host.clone(), order: order.clone() }], None))
        }
        Exchange::Receive { source, key, editions } => receive(context, source, key, editions),
        Exchange::Acknowledge { kind, id, hash } => {
            let via = require_coordinator(context)?;
            let controlled = context.office.controls.get(*kind, id);
            // The same text may have been received again, after it was withdrawn: both are acknowledged, the last first.
            let received = controlled.map_or(&[][..], |controlled| &controlled.received);
            let mut received = received.iter().rev().filter(|one| one.edition.hash == *hash).peekable();
            if received.peek().is_none() {
                let message = format!("No such edition of the {} {} was received.", kind.name(), short(id));
                return Err(Rejection::not_found("edition.unknown", message));
            }
            let sayings = received.map(|one| (context.office.controls.acknowledgement(context.library, one), one));
            let mut unsaid = sayings.filter(|(said, one)| one.acknowledged.as_ref() != Some(said)).map(|(said, _)| said);
            let Some(acknowledgement) = unsaid.next() else {
                let message = "It was acknowledged just so already. Acknowledge it again once it is adopted, or withdrawn there.";
                return Err(Rejection::conflict("amendment.acknowledged", message));
            };
            Ok(decided(vec![Event::EditionAcknowledged { acknowledgement }], via))
        }
        Exchange::TakeIn { source, key, told } => take_in(context, source, key, told),
        Exchange::HearWithdrawal { source, key, withdrawal } => hear_withdrawal(context, source, key, withdrawal),
    }
}

fn recognise(context: &Context<'_>, key: &str, title: &Text, relation: Relation, order: &str) -> Result<Decision, Rejection> {
    require_administrator(context)?;
    check_order(order)?;
    check_title(title)?;
    let offices = &context.office.controls.offices;
    let host = key.split_once('+').map(|(host, _)| host).filter(|host| !host.is_empty());
    let host = host.filter(|_| key.len() <= VKEY_BYTES_MAX && key.bytes().all(|byte| byte.is_ascii_graphic()));
    let host = host.ok_or_else(|| Rejection::invalid("office.key", "A key is written name+8 hexadecimal digits+base64."))?;
    let same = |known: &Recognised| known.key == key && known.title == *title && known.relation == relation;
    if offices.get(host).is_some_and(same) {
        return Err(Rejection::conflict("office.recognised", format!("{} is recognised just so already.", short(host))));
    }
    if offices.len() >= OFFICES_MAX && !offices.contains_key(host) {
        return Err(Rejection::too_large("office.too-many", format!("At most {OFFICES_MAX} other offices are recognised.")));
    }
    let (host, key, title, order) = (host.to_owned(), key.to_owned(), title.clone(), order.to_owned());
    Ok(decided(vec![Event::OfficeRecognised { host, key, title, relation, order }], None))
}

/// Lets pass what comes from an office that is recognised, stands so to this one, and was checked under the very key.
fn require_recognised(context: &Context<'_>, source: &Source, key: &str, relation: Relation) -> Result<(), Rejection> {
    let known = context.office.controls.offices.get(&source.host);
    if known.is_some_and(|known| known.key == key && known.relation == relation) {
        return Ok(());
    }
    let host = short(&source.host);
    let message = match relation {
        Relation::Above => {
            format!("No office that sends amendments is recognised by this key of {host}. Recognise it by office order.")
        }
        Relation::Below => {
            format!("No office that takes over amendments is recognised by this key of {host}. Recognise it by office order.")
        }
    };
    Err(Rejection::forbidden("amendment.unknown-office", message))
}

/// Lets pass a quality coordinator of any unit.
fn require_coordinator(context: &Context<'_>) -> Result<Option<PostId>, Rejection> {
    let person = context.person()?;
    let mut held = context.office.current_of(person, context.origin.time);
    let held = held.find(|holder| holder.post.roles.iter().any(|role| role == QUALITY_COORDINATOR));
    held.map(|holder| Some(holder.post.id.clone())).ok_or_else(|| {
        let message = format!("This needs an appointment to a post with the role {QUALITY_COORDINATOR}.");
        Rejection::forbidden("actor.not-allowed", message)
    })
}

fn receive(context: &Context<'_>, source: &Source, key: &str, editions: &[Edition]) -> Result<Decision, Rejection> {
    let via = require_coordinator(context)?;
    require_recognised(context, source, key, Relation::Above)?;
    let bytes: usize = editions.iter().map(|edition| edition.document.len()).sum();
    if editions.len() > AMENDMENT_EDITIONS_MAX || bytes > AMENDMENT_TEXT_BYTES_MAX {
        let message = format!(
            "An amendment has at most {AMENDMENT_EDITIONS_MAX} editions of {AMENDMENT_TEXT_BYTES_MAX} bytes together. Have it sent in parts."
        );
        return Err(Rejection::too_large("amendment.too-large", message));
    }
    let (mut events, mut names) = (Vec::new(), BTreeSet::new());
    for edition in editions {
        check(edition)?;
        if !names.insert((edition.kind, &edition.id)) {
            return Err(malformed(edition, "is there twice"));
        }
        if is_new(context, source, edition)? {
            events.push(Event::EditionReceived { source: source.clone(), edition: edition.clone() });
            events.extend(draft(context, edition));
        }
    }
    if events.is_empty() {
        return Err(Rejection::conflict("amendment.known", "All of this amendment was received already."));
    }
    Ok(decided(events, via))
}

fn malformed(edition: &Edition, what: &str) -> Rejection {
    Rejection::invalid("amendment.malformed", format!("The {} {} {what}.", edition.kind.name(), short(&edition.id)))
}

/// An edition is what it says that it is.
fn check(edition: &Edition) -> Result<(), Rejection> {
    let (value, hash) = content(edition.document.as_bytes())
        .map_err(|problems| malformed(edition, "is no document that this program reads").with(problems))?;
    if hash != edition.hash || value.get("id").and_then(|id| id.as_str()) != Some(&edition.id) {
        return Err(malformed(edition, "is not the document of its hash and id"));
    }
    Ok(())
}

/// Whether it was not received before. An edition never takes the place of one that its office recorded later. Under the same number it does, if
/// its entry is a later one: that office has withdrawn the one before, or lost it in a declared restore.
fn is_new(context: &Context<'_>, source: &Source, edition: &Edition) -> Result<bool, Rejection> {
    let (kind, id) = (edition.kind, short(&edition.id));
    let controls = &context.office.controls;
    let received = controls.get(kind, &edition.id).map_or(&[][..], |controlled| &controlled.received);
    if let Some(bound) = controls.bound(kind, &edition.id).filter(|bound| bound.source.host != source.host) {
        let message = format!(
            "The {} {id} comes from {}. One document comes from one office, as long as that is recognised.",
            kind.name(),
            bound.source.host
        );
        return Err(Rejection::conflict("amendment.other-office", message));
    }
    if let Some(last) = received.last().filter(|last| last.source.host == source.host) {
        let (last, entry) = (&*last.edition, |edition: &Edition| (edition.issued, edition.index));
        if last == edition {
            return Ok(false);
        }
        let (held, number) = (format!("{}.{}", last.issue, last.revision), format!("{}.{}", edition.issue, edition.revision));
        if entry(edition) < entry(last) {
            let message =
                format!("Issue {held} of the {} {id}, issued later, was received already, and this is {number}.", kind.name());
            return Err(Rejection::conflict("amendment.older", message));
        }
        if entry(edition) == entry(last) {
            let message = format!(
                "Another content of the {} {id} was received as the same entry, issue {held}. Keep both files: their office signed both.",
                kind.name()
            );
            return Err(Rejection::conflict("amendment.other-content", message));
        }
    }
    if received.len() >= RECEIVED_MAX {
        let message = format!("At most {RECEIVED_MAX} editions of one document are received.");
        return Err(Rejection::too_large("amendment.too-many", message));
    }
    Ok(true)
}

/// The draft that it becomes: as it was received, to be approved by somebody else. None where there is a draft already, it is issued already, or
/// nobody here answers for it: then somebody saves it under an owner of this office.
fn draft(context: &Context<'_>, edition: &Edition) -> Option<Event> {
    let Edition { kind, id, hash, document, .. } = edition;
    let controlled = context.office.controls.get(*kind, id);
    let is_there = context.library.version_of(*kind, hash).is_some()
        || controlled.is_some_and(|controlled| controlled.draft.is_some() || controlled.issued(hash).is_some());
    let owned = owner_of(document).is_some_and(|owner| context.office.posts.contains_key(&owner));
    let base = context.library.newest_version(*kind, id);
    (owned && !is_there).then(|| Event::DraftSaved { kind: *kind, id: id.clone(), hash: *hash, base, document: document.clone() })
}

fn take_in(context: &Context<'_>, source: &Source, key: &str, told: &Told) -> Result<Decision, Rejection> {
    let via = require_coordinator(context)?;
    require_recognised(context, source, key, Relation::Below)?;
    let Acknowledgement { kind, id, hash, issue, revision, .. } = &told.acknowledgement;
    let controlled = context.office.controls.get(*kind, id);
    let issued = controlled.and_then(|controlled| controlled.issued(hash));
    let issued = issued.filter(|issued| (issued.issue, issued.revision) == (*issue, *revision)).map(|issued| &issued.offices);
    // What was withdrawn before its day is no issue any more.
    let recalled = controlled.and_then(|controlled| controlled.recall_of(&told.acknowledgement)).map(|recall| &recall.offices);
    // Nobody has learnt of a withdrawal that there was not.
    if issued.is_none() && recalled.is_none() || told.acknowledgement.withdrawn.is_some() && recalled.is_none() {
        let message =
            format!("This office has not issued the {} {} as {issue}.{revision} with this content.", kind.name(), short(id));
        return Err(Rejection::not_found("acknowledgement.unknown-issue", message));
    }
    // After a declared restore its entries are counted anew from an earlier one, but their time goes on.
    let said = |told: &Told| (told.time, told.index);
    let known = [issued, recalled].into_iter().flatten().filter_map(|offices| offices.get(&source.host)).map(said).max();
    if known.is_some_and(|known| known >= said(told)) {
        return Err(Rejection::conflict("acknowledgement.known", "This acknowledgement, or a later one, was received already."));
    }
    let (source, told) = (source.clone(), told.clone());
    Ok(decided(vec![Event::AcknowledgementReceived { source, told }], via))
}

/// An edition that was received from the office that has withdrawn it is marked. What was made of it here stays, for people to decide about.
fn hear_withdrawal(context: &Context<'_>, source: &Source, key: &str, told: &Withdrawal) -> Result<Decision, Rejection> {
    let via = require_coordinator(context)?;
    require_recognised(context, source, key, Relation::Above)?;
    let Withdrawal { kind, id, hash, issue, revision, issued, .. } = told;
    let received = context.office.controls.get(*kind, id).map_or(&[][..], |controlled| &controlled.received);
    let received = received.iter().rfind(|one| {
        let edition = &*one.edition;
        one.source.host == source.host && (edition.hash, edition.index) == (*hash, *issued)
    });
    let received = received.ok_or_else(|| {
        let message = format!(
            "Issue {issue}.{revision} of the {} {} was not received from {}. If you take it in later, take in this file again afterwards.",
            kind.name(),
            short(id),
            short(&source.host)
        );
        Rejection::not_found("withdrawal.unknown-edition", message)
    })?;
    if received.withdrawn.is_some() {
        return Err(Rejection::conflict("withdrawal.known", "That it was withdrawn was received already."));
    }
    let (source, withdrawal) = (source.clone(), told.clone());
    Ok(decided(vec![Event::WithdrawalReceived { source, withdrawal }], via))
}

/// Refuses what would be adopted of an edition that its office has withdrawn.
pub(super) fn require_not_withdrawn(context: &Context<'_>, kind: DocumentKind, id: &str, hash: &Hash) -> Result<(), Rejection> {
    let Some((received, withdrawal)) = context.office.controls.withdrawn_there(kind, id, hash) else { return Ok(()) };
    let message = format!(
        "{} has withdrawn issue {}.{} of this document: nothing of it is adopted any more. Withdraw it here too, or take in its next edition.",
        short(&received.source.host),
        withdrawal.issue,
        withdrawal.revision
    );
    Err(Rejection::conflict("amendment.withdrawn", message))
}

/// When an issue takes effect for which no day is given: on the day from which it is in force where the document comes from, or at once.
pub(super) fn effective_by_itself(context: &Context<'_>, received: Option<&Received>) -> Time {
    received.map_or(context.origin.time, |received| received.edition.effective.max(context.origin.time))
}

/// Refuses an issue that would take effect later than where the document comes from.
pub(super) fn require_in_time(context: &Context<'_>, received: Option<&Received>, effective: Time) -> Result<(), Rejection> {
    let Some(received) = received.filter(|_| effective > effective_by_itself(context, received)) else { return Ok(()) };
    let there = context.clock.zone.to_datetime(received.edition.effective.timestamp()).date().max(today(context));
    let message = format!(
        "This document comes from {}, where it is in force earlier. Give {there} or an earlier day.",
        received.source.host
    );
    Err(Rejection::invalid("amendment.late", message))
}
