//! Deploying a norm, calendar, schedule or page, in the site log: checked, or refused with every problem found. Identical content is the same
//! version.

use std::sync::Arc;

use super::control::Controls;
use super::definition::QUALITY_COORDINATOR;
use super::rejection::Rejection;
use super::{Context, Decision, control, schedule};
use crate::digest::Hash;
use crate::graph::library::{Checked, Reference};
use crate::graph::{Known, Library, check_clocks};
use crate::journal::{Actor, Event};
use crate::model::document::DocumentKind;
use crate::model::limits::PAGE_NORMS_MAX;
use crate::model::norm::Running;
use crate::model::office::Post;
use crate::model::time::date;
use crate::model::{PersonId, PostId, Problem, Time, UnitId};
use crate::norm::Norm;

pub(super) fn deploy(context: &Context<'_>, kind: DocumentKind, text: &str) -> Result<Decision, Rejection> {
    require_site(context)?;
    if kind == DocumentKind::Process {
        return Err(Rejection::invalid(
            "document.process",
            "A process is deployed as a definition, in the unit of its owner's post.",
        ));
    }
    let checked = read(context, kind, text)?;
    let via = require_owner(context, kind, &checked)?;
    fits(context, kind, &checked)?;
    control::permit(context, kind, &checked.id, &checked.hash)?;
    Ok(Decision { events: events(context, kind, &checked, text), instance: None, via, opened: Vec::new() })
}

fn invalid(kind: DocumentKind, problems: Vec<Problem>) -> Rejection {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    Rejection::invalid("document.invalid", format!("The {} has {errors} errors.", kind.name())).with(problems)
}

/// Reads a document that is not deployed yet.
pub(super) fn read(context: &Context<'_>, kind: DocumentKind, text: &str) -> Result<Checked, Rejection> {
    let checked = context.library.check(kind, text).map_err(|problems| invalid(kind, problems))?;
    if let Some(version) = context.library.version_of(kind, &checked.hash) {
        let message = format!("This content is deployed already: {} version {version}.", checked.id);
        return Err(Rejection::conflict("document.already-deployed", message));
    }
    Ok(checked)
}

/// Whether a document fits those that are deployed.
pub(super) fn fits(context: &Context<'_>, kind: DocumentKind, checked: &Checked) -> Result<(), Rejection> {
    let problems = context.office.controls.misfits(context.library, checked);
    if problems.is_empty() { Ok(()) } else { Err(invalid(kind, problems)) }
}

impl Controls {
    /// What keeps a document from being deployed beside those that are.
    pub fn misfits(&self, library: &Library, checked: &Checked) -> Vec<Problem> {
        let mut problems = broken_bindings(library, checked);
        problems.extend(unknown_calendar(library, checked));
        problems.extend(too_many_norms(checked));
        problems.extend(withdrawn_norms(library, self, checked));
        problems
    }
}

/// What happens when a norm, calendar, schedule or page is deployed.
pub(super) fn events(context: &Context<'_>, kind: DocumentKind, checked: &Checked, text: &str) -> Vec<Event> {
    let version = context.library.newest_version(kind, &checked.id).saturating_add(1);
    let (id, hash) = (checked.id.clone(), checked.hash);
    // What runs already is reckoned anew, one case after the other, as due work. A clock may wait for its calendar to be there at all.
    let ordinal = (kind == DocumentKind::Calendar || kind == DocumentKind::Norm && version > 1).then_some(0);
    let mut events = vec![Event::DocumentDeployed { kind, hash, id, version, document: text.to_owned(), ordinal }];
    match kind {
        DocumentKind::Process | DocumentKind::Page => {}
        DocumentKind::Norm => events.extend(checked.norm().into_iter().flat_map(|norm| into_force(context, norm, hash))),
        DocumentKind::Schedule => {
            events.extend(checked.schedule().into_iter().flat_map(|planned| schedule::begin(context, planned, hash)));
        }
        DocumentKind::Calendar => {
            let mut library = context.library.clone();
            library.take_in(checked, version);
            events.extend(schedule::moved(context, &[], &library));
        }
    }
    events
}

/// The days on which editions of a norm come into force for running cases, as far as they lie ahead.
fn into_force(context: &Context<'_>, norm: &Norm, document: Hash) -> Vec<Event> {
    let zone = &context.clock.zone;
    let ahead = norm.document.editions.iter().filter(|edition| edition.running == Running::Moved).filter_map(|edition| {
        let day = date(edition.from.as_deref()?)?;
        let at = Time::from_timestamp(day.to_zoned_datetime(zone.clone()).ok()?.timestamp());
        (at > context.origin.time).then_some(at)
    });
    // The first ordinal is that of the document.
    (1u16..).zip(ahead).map(|(ordinal, at)| Event::ReviewArmed { ordinal, document, at }).collect()
}

/// Documents and schedules are kept in the site log.
pub(super) fn require_site(context: &Context<'_>) -> Result<(), Rejection> {
    if context.unit.as_str() == UnitId::SITE {
        return Ok(());
    }
    Err(Rejection::invalid("document.wrong-log", "Norms, calendars, schedules and pages are kept in the site log."))
}

/// Lets pass whoever answers for the document: as it names its owner, and as the version before it does. Else whoever holds any post
/// could take over a document by naming that post.
fn require_owner(context: &Context<'_>, kind: DocumentKind, checked: &Checked) -> Result<Option<PostId>, Rejection> {
    let (posts, owner) = (&context.office.posts, &checked.owner);
    // A schedule starts cases in the unit of its owner's post; what the program itself deploys may otherwise be for a later post.
    if context.origin.actor == Actor::System && (posts.contains_key(owner) || checked.schedule().is_none()) {
        return Ok(None);
    }
    let Some(post) = posts.get(owner) else {
        let message = format!("There is no post {owner}. Create it, or name an existing post as the owner.");
        let problem = Problem::error("document.owner", "/owner/post", message.clone());
        return Err(Rejection::invalid("document.owner", message).with(vec![problem]));
    };
    let person = context.person()?;
    let before = context.library.document(kind, &checked.id).map(|listed| &listed.heading.owner);
    if let Some(before) = before.filter(|before| *before != owner).and_then(|before| posts.get(before)) {
        answers_for(context, person, before)?;
    }
    answers_for(context, person, post).map(Some)
}

/// Lets pass whoever holds a post, and a quality coordinator of its unit.
pub(super) fn answers_for(context: &Context<'_>, person: &PersonId, post: &Post) -> Result<PostId, Rejection> {
    let (office, now) = (context.office, context.origin.time);
    if office.holds_post(person, &post.id, now) {
        return Ok(post.id.clone());
    }
    let held = office.holding(person, QUALITY_COORDINATOR, &post.unit, now);
    held.map(|appointment| appointment.post.clone()).ok_or_else(|| {
        let (id, unit) = (&post.id, &post.unit);
        let message = format!("This needs the post {id}, or a post with the role {QUALITY_COORDINATOR} for the unit {unit}.");
        Rejection::forbidden("actor.not-allowed", message)
    })
}

/// A norm that no longer fits the processes that bind it, as if they were deployed under it, would leave their new cases without a clock.
fn broken_bindings(library: &Library, checked: &Checked) -> Vec<Problem> {
    let Some(norm) = checked.norm() else { return Vec::new() };
    let known = Changed { library, norm };
    let mut problems = Vec::new();
    for deployed in library.all_newest() {
        let process = &deployed.graph.process;
        if !process.clocks.iter().any(|clock| clock.norm == checked.id) {
            continue;
        }
        for problem in check_clocks(process, &known).into_iter().filter(Problem::is_error) {
            let message = format!("The process {} binds this norm, and would no longer fit. {}", process.id, problem.message);
            problems.push(Problem::error("norm.breaks-binding", "/clock", message));
        }
    }
    problems
}

/// A norm that counts by a calendar that is not there would leave every case without a deadline.
fn unknown_calendar(library: &Library, checked: &Checked) -> Option<Problem> {
    let id = checked.norm()?.document.calendar.as_deref().filter(|id| library.calendar(id).is_none())?;
    let message = format!("There is no calendar \"{id}\". Deploy it first, or correct the id.");
    Some(Problem::error("norm.unknown-calendar", "/calendar", message))
}

/// Each norm of a page is looked up whenever anyone reads it. A page that was deployed before there was a limit stays as it is.
fn too_many_norms(checked: &Checked) -> Option<Problem> {
    let count = checked.page()?.norms().count();
    let message = format!("It names {count} norms; there may be {PAGE_NORMS_MAX}. Make several pages of it.");
    (count > PAGE_NORMS_MAX).then(|| Problem::error("limit.norms", "/sections", message))
}

/// A page that names a norm which was withdrawn would promise what the office no longer does.
fn withdrawn_norms(library: &Library, controls: &Controls, checked: &Checked) -> Vec<Problem> {
    let Some(page) = checked.page() else { return Vec::new() };
    let is_withdrawn = |id: &str| {
        let newest = library.newest_norm(id);
        newest.is_some_and(|norm| controls.is_withdrawn(DocumentKind::Norm, id, &norm.hash))
    };
    let withdrawn = page.norms().filter(|(_, id)| is_withdrawn(id)).take(PAGE_NORMS_MAX);
    withdrawn
        .map(|(pointer, id)| {
            let message = format!("The norm \"{id}\" was withdrawn. Leave it out, or put it in force again.");
            Problem::error("page.withdrawn-norm", pointer, message)
        })
        .collect()
}

/// What is deployed, with one norm changed. Nothing is asked of the others.
struct Changed<'a> {
    library: &'a Library,
    norm: &'a Arc<Norm>,
}

impl Known for Changed<'_> {
    fn has_process(&self, id: &str) -> bool {
        self.library.has_process(id)
    }

    fn norm(&self, id: &str) -> Reference<Norm> {
        if id == self.norm.id() { Reference::Found(Arc::clone(self.norm)) } else { Reference::Unasked }
    }
}
