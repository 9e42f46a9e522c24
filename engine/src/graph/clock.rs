//! Clocks: a norm's events bound to steps. A norm that is not bound whole, and a path on which its clock never stops, are refused.

use std::collections::{BTreeMap, BTreeSet};

use super::StepIndex;
use super::draft::Draft;
use super::flow::Wiring;
use super::library::Reference;
use crate::expression::Expression;
use crate::model::definition::{Clock, StepType};
use crate::model::norm::{Deemed, Direction};
use crate::model::problem::pointer_token;
use crate::norm::Norm;

/// A norm that holds for the cases of a process.
#[derive(Debug)]
pub struct BoundClock {
    /// Id within the process.
    pub id: String,
    /// Id of the norm.
    pub norm: String,
    /// The norm's attributes, over the variables of the process.
    pub attributes: Vec<(String, Expression)>,
    /// The planned date of a norm that counts backward.
    pub planned: Option<Expression>,
    /// Where its events happen.
    pub places: Vec<Place>,
}

/// Where an event of a clock happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The step.
    pub step: StepIndex,
    /// On which side of it.
    pub side: Side,
    /// The event's name.
    pub event: String,
}

/// A side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// A path comes to it.
    Entering,
    /// A path goes on from it.
    Leaving,
}

/// The message that a case receives when silence means approval.
const DEEMED_APPROVED: &str = "deemed-approved";
/// The message that a case receives when silence means refusal.
const DEEMED_REFUSED: &str = "deemed-refused";

/// The message by which a case learns what silence means.
pub fn deemed(what: Deemed) -> &'static str {
    match what {
        Deemed::Approved => DEEMED_APPROVED,
        Deemed::Refused => DEEMED_REFUSED,
    }
}

/// Checks the clocks of a document.
pub(super) fn check_all(draft: &mut Draft, wiring: &Wiring) -> Vec<BoundClock> {
    let process = draft.process;
    let mut seen = BTreeSet::new();
    let mut clocks = Vec::new();
    for (position, clock) in process.clocks.iter().enumerate() {
        let pointer = format!("/clocks/{position}");
        let id = clock.id.as_ref().unwrap_or(&clock.norm);
        if !seen.insert(id) {
            let message = format!("Two clocks are called \"{id}\". Give one of them another \"id\".");
            draft.error("clock.duplicate-id", format!("{pointer}/id"), message);
        }
        let places = places(draft, clock, &pointer);
        let attributes = expressions(draft, &clock.attributes, &format!("{pointer}/attributes"));
        let planned = clock.planned.as_ref();
        let planned = planned.and_then(|source| draft.expression(0, &format!("{pointer}/planned"), source, false));
        match draft.known.norm(&clock.norm) {
            Reference::Unasked => {}
            Reference::Missing => {
                let message = format!("There is no norm \"{}\". Deploy it first, or correct the id.", clock.norm);
                draft.error("clock.unknown-norm", format!("{pointer}/norm"), message);
            }
            Reference::Found(norm) => {
                for (at, message) in unbound(&norm, clock) {
                    draft.error("clock.unbound", format!("{pointer}/{at}"), message);
                }
                fits(draft, &norm, clock, &pointer);
                never_stops(draft, wiring, &norm, &places, &pointer);
            }
        }
        clocks.push(BoundClock { id: id.clone(), norm: clock.norm.clone(), attributes, planned, places });
    }
    clocks
}

fn expressions(draft: &mut Draft, sources: &BTreeMap<String, String>, pointer: &str) -> Vec<(String, Expression)> {
    let compiled = sources.iter().filter_map(|(name, source)| {
        let pointer = format!("{pointer}/{}", pointer_token(name));
        Some((name.clone(), draft.expression(0, &pointer, source, false)?))
    });
    compiled.collect()
}

fn places(draft: &mut Draft, clock: &Clock, pointer: &str) -> Vec<Place> {
    let mut found = Vec::new();
    for (event, places) in &clock.bind {
        for (position, place) in places.all().iter().enumerate() {
            let mut at = format!("{pointer}/bind/{}", pointer_token(event));
            if let crate::model::definition::Places::Many(_) = places {
                at = format!("{at}/{position}");
            }
            let (side, id) = match (&place.entering, &place.leaving) {
                (Some(id), None) => (Side::Entering, id),
                (None, Some(id)) => (Side::Leaving, id),
                _ => {
                    let message = "Say either \"entering\" or \"leaving\", with the id of a step.";
                    draft.error("clock.place", at, message);
                    continue;
                }
            };
            let Some(&step) = draft.by_id.get(id.as_str()) else {
                let guess = draft.guess(id, draft.by_id.keys().copied());
                draft.error("clock.unknown-step", at, format!("There is no step \"{id}\". Correct the id.{guess}"));
                continue;
            };
            let never_left = match draft.steps[step].authored.kind {
                StepType::EndEvent => Some("an end event"),
                StepType::ExclusiveGateway | StepType::ParallelGateway => Some("a gateway"),
                _ => None,
            };
            if let Some(what) = never_left.filter(|_| side == Side::Leaving) {
                let message = format!("\"{id}\" is {what}: bind to entering it, or to entering the step behind it.");
                draft.error("clock.never-left", at, message);
                continue;
            }
            found.push(Place { step, side, event: event.clone() });
        }
    }
    found
}

/// What a norm asks of a process and a clock does not say: where, and a sentence.
fn unbound(norm: &Norm, clock: &Clock) -> Vec<(String, String)> {
    let mut missing = Vec::new();
    let events = norm.events();
    for event in &events {
        if !clock.bind.contains_key(*event) {
            let message = format!("The norm's event \"{event}\" is bound to no step. Say where it happens.");
            missing.push(("bind".to_owned(), message));
        }
    }
    for event in clock.bind.keys().filter(|event| !events.contains(&event.as_str())) {
        let message = format!("The norm has no event \"{event}\". It has {}.", events.join(", "));
        missing.push((format!("bind/{}", pointer_token(event)), message));
    }
    let attributes = &norm.document.attributes;
    for name in attributes.keys().filter(|name| !clock.attributes.contains_key(*name)) {
        let message = format!("The norm's limits depend on \"{name}\". Give it by an expression.");
        missing.push(("attributes".to_owned(), message));
    }
    for name in clock.attributes.keys().filter(|name| !attributes.contains_key(*name)) {
        let message = format!("The norm has no attribute \"{name}\". Remove it.");
        missing.push((format!("attributes/{}", pointer_token(name)), message));
    }
    match (norm.document.direction, &clock.planned) {
        (Direction::Backward, None) => {
            let message = "The norm counts backward from a planned date. Give the date by an expression.".to_owned();
            missing.push(("planned".to_owned(), message));
        }
        (Direction::Forward, Some(_)) => {
            let message = "The norm counts forward: there is no planned date. Remove it.".to_owned();
            missing.push(("planned".to_owned(), message));
        }
        _ => {}
    }
    missing
}

/// What a breach does must be possible here.
fn fits(draft: &mut Draft, norm: &Norm, clock: &Clock, pointer: &str) {
    let Some(breach) = &norm.document.breach else { return };
    for process in &breach.start {
        if *process == draft.process.id {
            let message = "A breach of this norm starts this very process again, without end. Let it start another.";
            draft.error("clock.starts-itself", format!("{pointer}/norm"), message);
        } else if !draft.known.has_process(process) {
            let message =
                format!("A breach of this norm starts the process \"{process}\", which is not deployed yet. Deploy it too.");
            draft.warning("clock.unknown-process", format!("{pointer}/norm"), message);
        }
    }
    if let Some(deem) = breach.deem {
        let name = deemed(deem);
        let hears = |kind: StepType| matches!(kind, StepType::IntermediateCatchEvent | StepType::BoundaryEvent);
        let heard = draft.steps.iter().any(|placed| {
            hears(placed.authored.kind) && placed.authored.message.as_ref().is_some_and(|message| message.name == name)
        });
        if !heard {
            let message = format!(
                "When the time of \"{}\" is over, the case receives the message \"{name}\", but no step waits for it. Add a boundary event.",
                clock.norm
            );
            draft.error("clock.deemed-unheard", format!("{pointer}/norm"), message);
        }
    }
}

/// Refuses a path from a start of the clock to the end of the case on which nothing stops it.
fn never_stops(draft: &mut Draft, wiring: &Wiring, norm: &Norm, places: &[Place], pointer: &str) {
    let events = &norm.document.clock;
    let node = |place: &Place| 2 * place.step + usize::from(place.side == Side::Leaving);
    let stops: BTreeSet<usize> = places.iter().filter(|place| events.stop.contains(&place.event)).map(node).collect();
    let mut starts: Vec<usize> = places.iter().filter(|place| place.event == events.start).map(node).collect();
    starts.extend(places.iter().filter(|place| events.reopen.as_ref().is_some_and(|reopen| reopen.on == place.event)).map(node));
    let mut paths = Paths::of(draft, wiring);
    for node in 0..2 * draft.steps.len() {
        paths.all_taken[node] = paths.all_taken[node] && !paths.is_cut(draft, wiring, &stops, node);
    }
    // The greatest set of nodes from which every path meets a stop: whatever reaches the end without one falls out, and so do those
    // that lead to it. After a parallel split one of the paths is enough, since all are taken.
    let mut safe = vec![true; 2 * draft.steps.len()];
    let holds = |node: usize, safe: &[bool]| {
        stops.contains(&node) || {
            let next = &paths.next[node];
            let one = |to: &Option<usize>| to.is_some_and(|to| safe[to]);
            if paths.all_taken[node] { next.iter().any(one) } else { next.iter().all(one) }
        }
    };
    loop {
        let falls: Vec<usize> = (0..safe.len()).filter(|node| safe[*node] && !holds(*node, &safe)).collect();
        if falls.is_empty() {
            break;
        }
        for node in falls {
            safe[node] = false;
        }
    }
    for start in starts {
        let next = &paths.next[start];
        let escapes = |to: &Option<usize>| to.is_none_or(|to| !safe[to]);
        let open = if paths.all_taken[start] { next.iter().all(escapes) } else { next.iter().any(escapes) };
        if !open {
            continue;
        }
        // One such path, as a witness: its last step.
        let (mut at, mut seen) = (start, BTreeSet::new());
        while seen.insert(at) {
            match paths.next[at].iter().find(|to| escapes(to)) {
                Some(Some(to)) => at = *to,
                _ => break,
            }
        }
        let (from, end) = (&draft.steps[start / 2].authored.id, &draft.steps[at / 2].authored.id);
        let message = format!(
            "The clock starts at \"{from}\", but a path from there ends at \"{end}\" and nothing stops it on the way. Bind {} on every path.",
            events.stop.iter().map(|event| format!("\"{event}\"")).collect::<Vec<_>>().join(" or ")
        );
        draft.error("clock.never-stops", format!("{pointer}/bind"), message);
        return;
    }
}

/// Where paths lead: each step is two nodes, coming to it and going on from it; none is the end of the case.
struct Paths {
    next: Vec<Vec<Option<usize>>>,
    /// Whether all ways from here are taken.
    all_taken: Vec<bool>,
}

impl Paths {
    fn of(draft: &Draft, wiring: &Wiring) -> Self {
        let count = draft.steps.len();
        let mut paths = Self { next: vec![Vec::new(); 2 * count], all_taken: vec![false; 2 * count] };
        for (index, placed) in draft.steps.iter().enumerate() {
            let around = draft.scopes[placed.scope].step;
            let out = around.map(|sub| 2 * sub + 1);
            let (entering, leaving) = (2 * index, 2 * index + 1);
            match (placed.authored.kind, placed.inner) {
                (StepType::EndEvent, _) => paths.next[entering].push(out),
                (_, Some(inner)) => {
                    let starts = draft
                        .steps
                        .iter()
                        .enumerate()
                        .filter(|(_, step)| step.scope == inner && step.authored.kind == StepType::StartEvent);
                    paths.next[entering].extend(starts.map(|(start, _)| Some(2 * start)));
                }
                _ => paths.next[entering].push(Some(leaving)),
            }
            // What interrupts a step, or a sub-process around it. Nothing interrupts where one begins.
            let mut interrupted = (placed.authored.kind != StepType::StartEvent).then_some(index);
            while let Some(step) = interrupted {
                let boundary = wiring.boundary[step].iter();
                let interrupting = boundary.filter(|&&event| draft.steps[event].authored.interrupting != Some(false));
                paths.next[entering].extend(interrupting.map(|event| Some(2 * event)));
                interrupted = draft.scopes[draft.steps[step].scope].step;
            }
            let flows = &wiring.outgoing[index];
            paths.next[leaving].extend(flows.iter().map(|flow| Some(2 * wiring.flows[*flow].to)));
            if flows.is_empty() && placed.authored.kind != StepType::EndEvent {
                paths.next[leaving].push(out);
            }
            paths.all_taken[leaving] = placed.authored.kind == StepType::ParallelGateway;
        }
        paths
    }

    /// Whether one of the paths that part here may end all of them before another has met a stop.
    fn is_cut(&self, draft: &Draft, wiring: &Wiring, stops: &BTreeSet<usize>, node: usize) -> bool {
        if self.next[node].len() < 2 {
            return false;
        }
        let scope = draft.steps[node / 2].scope;
        let (mut waiting, mut seen) = (self.next[node].clone(), BTreeSet::new());
        while let Some(next) = waiting.pop() {
            let Some(at) = next.filter(|at| !stops.contains(at) && seen.insert(*at)) else { continue };
            let step = &draft.steps[at / 2];
            if step.authored.kind == StepType::EndEvent && step.authored.terminate == Some(true) && step.scope == scope {
                return true;
            }
            // A join waits for the others.
            let joins = step.authored.kind == StepType::ParallelGateway && wiring.incoming[at / 2].len() > 1;
            if !joins {
                waiting.extend(&self.next[at]);
            }
        }
        false
    }
}
