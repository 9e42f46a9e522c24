//! What a move takes from the applicant: a time by which they were promised something, what they would have for a delay, who would see to
//! it; or what it asks of them that was not asked before. None of it is taken without their consent.

use std::collections::BTreeSet;

use super::carry::taken_away;
use super::fit::Plan;
use crate::graph::{BoundClock, Graph, Library, Place, Side, StepIndex, StepKind, deemed};
use crate::machine::clock::Clock;
use crate::machine::state::Instance;
use crate::model::Time;
use crate::model::definition::APPLICANT;
use crate::model::norm::Payee;
use crate::model::problem::pointer_token;
use crate::norm::Norm;

/// What is taken, or asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// A time limit that ran ends, and a later one takes its place.
    DeadlineLater,
    /// A time limit that ran ends.
    ClockEnds,
    /// A time limit rests, and nothing ahead lets it run again.
    ClockRests,
    /// A time limit that would have begun does not.
    NormGoes,
    /// What would be due to the applicant for a delay is not.
    CompensationGoes,
    /// A delay is not escalated any more.
    EscalationGoes,
    /// A delay would no longer mean that the case is decided.
    DeemingGoes,
    /// The applicant has less time for something that they are asked.
    LessTime,
    /// The applicant may be asked something that they were not.
    StepAdded,
    /// A step that was the applicant's, open or ahead, is not, or not theirs.
    StepGoes,
}

impl Right {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::DeadlineLater => "right.deadline-later",
            Self::ClockEnds => "right.clock-ends",
            Self::ClockRests => "right.clock-rests",
            Self::NormGoes => "right.norm-goes",
            Self::CompensationGoes => "right.compensation-goes",
            Self::EscalationGoes => "right.escalation-goes",
            Self::DeemingGoes => "right.deeming-goes",
            Self::LessTime => "right.less-time",
            Self::StepAdded => "right.step-added",
            Self::StepGoes => "right.step-goes",
        }
    }
}

/// One change to the applicant's disadvantage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// What it is.
    pub right: Right,
    /// The clock; the step of the new version; of the version until now, where that goes.
    pub name: String,
    /// The instant until now, where it is about one.
    pub before: Option<Time>,
    /// The instant from then on.
    pub after: Option<Time>,
}

impl Loss {
    /// What it is about.
    pub fn pointer(&self) -> String {
        let what = if matches!(self.right, Right::LessTime | Right::StepAdded | Right::StepGoes) { "steps" } else { "clocks" };
        format!("/{what}/{}", pointer_token(&self.name))
    }

    /// In a sentence.
    pub fn message(&self) -> String {
        let name = &self.name;
        let at = |time: Option<Time>| time.map_or_else(|| "no time".to_owned(), |time| time.to_string());
        let (before, after) = (at(self.before), at(self.after));
        match self.right {
            Right::DeadlineLater => format!("The clock \"{name}\" was to end at {before}; what takes its place ends at {after}."),
            Right::ClockEnds => {
                format!("The clock \"{name}\", which was to end at {before}, ends without what it times being done.")
            }
            Right::ClockRests => format!("The clock \"{name}\" rests, and nothing ahead in the new version lets it run again."),
            Right::NormGoes => format!("The clock \"{name}\" would have begun; the new version does not bind it."),
            Right::CompensationGoes => format!("By the clock \"{name}\" the applicant would have a compensation for a delay."),
            Right::EscalationGoes => format!("By the clock \"{name}\" a delay would be escalated."),
            Right::DeemingGoes => format!("By the clock \"{name}\" a delay would decide the case by itself."),
            Right::LessTime => format!("The applicant had until {before} for \"{name}\", and would have until {after}."),
            Right::StepAdded => format!("The applicant may be asked for \"{name}\", which they were not before, or not so."),
            Right::StepGoes => format!("\"{name}\" was for the applicant, and would not come to them any more."),
        }
    }
}

/// What is taken from the applicant by a move from `before` to `after`. `heard` names the messages that are waited for anew.
pub(super) fn losses(plan: &Plan<'_>, library: &Library, before: &Instance, after: &Instance, heard: &[&str]) -> Vec<Loss> {
    let mut losses = Vec::new();
    let (old_ahead, new_ahead) = (Ahead::of(plan.old, before), Ahead::of(plan.new, after));
    ended(plan, library, before, after, &mut losses);
    deeming(library, before, after, heard, &mut losses);
    resting(plan, library, after, &new_ahead, &mut losses);
    unbound(plan, library, (before, &old_ahead), (after, &new_ahead), &mut losses);
    less_time(plan, before, after, &mut losses);
    asked(plan, &old_ahead, &new_ahead, &mut losses);
    losses.sort();
    losses
}

/// What the paths of a case may still come to.
pub(super) struct Ahead {
    here: Vec<StepIndex>,
    steps: Vec<bool>,
}

impl Ahead {
    /// From these steps.
    pub(super) fn new(graph: &Graph, here: Vec<StepIndex>) -> Self {
        Self { steps: graph.ahead(here.iter().copied()), here }
    }

    fn of(graph: &Graph, case: &Instance) -> Self {
        Self::new(graph, case.tokens.values().filter_map(|token| graph.step(&token.step)).collect())
    }

    fn step(&self, step: StepIndex) -> bool {
        self.steps.get(step).copied().unwrap_or(false)
    }

    /// Whether an event of a clock may still happen there.
    pub(super) fn place(&self, place: &Place) -> bool {
        let passed = place.side == Side::Entering && self.here.contains(&place.step);
        !passed && self.step(place.step)
    }
}

fn loss(right: Right, name: &str, before: Option<Time>, after: Option<Time>) -> Loss {
    Loss { right, name: name.to_owned(), before, after }
}

fn norm_of<'l>(library: &'l Library, clock: &Clock) -> Option<&'l Norm> {
    library.norm_of(&clock.norm).map(|issue| &*issue.document)
}

fn compensates(norm: &Norm) -> bool {
    norm.document.breach.iter().flat_map(|breach| &breach.penalties).any(|penalty| penalty.payee == Payee::Applicant)
}

fn escalates(norm: &Norm) -> bool {
    norm.document.breach.as_ref().is_some_and(|breach| !breach.escalate.is_empty())
}

/// Clocks that end, but for what begins in their place: each begun clock takes the place of one, of which it has the norm, or the events that
/// stop it.
fn ended(plan: &Plan<'_>, library: &Library, before: &Instance, after: &Instance, losses: &mut Vec<Loss>) {
    let mut begun: Vec<&Clock> =
        after.clocks.iter().filter(|(id, _)| !before.clocks.contains_key(id)).map(|(_, clock)| clock).collect();
    let ended = before
        .clocks
        .iter()
        .filter(|(id, clock)| clock.stopped.is_none() && after.clocks.get(id).is_some_and(|clock| clock.ended));
    let mut ended: Vec<&Clock> = ended.map(|(_, clock)| clock).collect();
    // Whatever is due first chooses first, and takes the latest that is early enough for it. A later one is chosen only when all have chosen.
    let due = |clock: &Clock| clock.reckoning.due.map_or(i64::MAX, |due| due.0);
    ended.sort_by_key(|clock| due(clock));
    begun.sort_by_key(|clock| std::cmp::Reverse(due(clock)));
    let mut take = |clock: &Clock, is_early: bool| {
        let is_early = |other: &Clock| !is_early || other.reckoning.due.is_some() && due(other) <= due(clock);
        let found = begun.iter().position(|other| is_early(other) && replaces(plan, library, clock, other))?;
        Some(begun.remove(found))
    };
    let early: Vec<Option<&Clock>> = ended.iter().map(|clock| clock.reckoning.due.and_then(|_| take(clock, true))).collect();
    for (clock, early) in ended.into_iter().zip(early) {
        let due = clock.reckoning.due;
        let other = early.or_else(|| take(clock, false));
        match other {
            None => losses.push(loss(Right::ClockEnds, &clock.id, due, None)),
            Some(_) if early.is_some() => {}
            Some(other) => losses.push(loss(Right::DeadlineLater, &clock.id, due, other.reckoning.due)),
        }
        let other = other.and_then(|other| norm_of(library, other));
        let Some(norm) = norm_of(library, clock) else { continue };
        if compensates(norm) && !other.is_some_and(compensates) {
            losses.push(loss(Right::CompensationGoes, &clock.id, due, None));
        }
        if escalates(norm) && !other.is_some_and(escalates) {
            losses.push(loss(Right::EscalationGoes, &clock.id, due, None));
        }
    }
}

/// Whether a clock that begins times the same as one that ends.
fn replaces(plan: &Plan<'_>, library: &Library, ended: &Clock, begun: &Clock) -> bool {
    let (Some(old), Some(new)) = (norm_of(library, ended), norm_of(library, begun)) else { return false };
    if old.id() == new.id() {
        return true;
    }
    let stops = |graph: &Graph, id: &str, norm: &Norm, to: &dyn Fn(StepIndex) -> Option<StepIndex>| {
        let bound = graph.clocks.iter().find(|bound| bound.id == id && bound.norm == norm.id());
        let places = bound.into_iter().flat_map(|bound| &bound.places);
        let stops = places.filter(|place| norm.document.clock.stop.contains(&place.event));
        stops.map(|place| Some((to(place.step)?, place.side))).collect::<Option<BTreeSet<(StepIndex, Side)>>>()
    };
    let was = stops(plan.old, &ended.id, old, &|step| plan.same(step));
    let is = stops(plan.new, &begun.id, new, &Some);
    was.is_some_and(|was| !was.is_empty() && is == Some(was))
}

/// Clocks whose end would decide the case by itself, where nothing waits for that any more.
fn deeming(library: &Library, before: &Instance, after: &Instance, heard: &[&str], losses: &mut Vec<Loss>) {
    for (id, clock) in before.clocks.iter().filter(|(_, clock)| clock.stopped.is_none()) {
        let deem = norm_of(library, clock).and_then(|norm| norm.document.breach.as_ref()?.deem);
        let Some(name) = deem.map(deemed) else { continue };
        let waits = |case: &Instance| case.subscriptions.values().any(|open| open.name == name);
        let runs = after.clocks.get(id).is_some_and(|clock| !clock.ended);
        if waits(before) && !(runs && (waits(after) || heard.contains(&name))) {
            losses.push(loss(Right::DeemingGoes, &clock.id, clock.reckoning.due, None));
        }
    }
}

/// Clocks that rest, and that nothing ahead lets run again.
fn resting(plan: &Plan<'_>, library: &Library, after: &Instance, ahead: &Ahead, losses: &mut Vec<Loss>) {
    for clock in after.clocks.values().filter(|clock| clock.stopped.is_none()) {
        let Some(norm) = norm_of(library, clock) else { continue };
        let bound = plan.new.clocks.iter().find(|bound| bound.id == clock.id && bound.norm == norm.id());
        let rests = clock.ledger.rests.iter().filter(|rest| rest.to.is_none()).filter_map(|rest| rest.ground);
        for ground in rests {
            let until = norm.document.clock.suspend.get(usize::from(ground)).map(|suspension| &suspension.until);
            let lies_ahead =
                bound.into_iter().flat_map(|bound| &bound.places).any(|place| Some(&place.event) == until && ahead.place(place));
            if !lies_ahead {
                losses.push(loss(Right::ClockRests, &clock.id, clock.reckoning.due, None));
            }
        }
    }
}

/// Norms that held for the case, whose clock would still have begun. It goes on where another clock of the norm begins with the move, or
/// would still begin by the new version.
fn unbound(
    plan: &Plan<'_>,
    library: &Library,
    (before, old_ahead): (&Instance, &Ahead),
    (after, new_ahead): (&Instance, &Ahead),
    losses: &mut Vec<Loss>,
) {
    let begins = |bound: &BoundClock, case: &Instance, ahead: &Ahead| {
        let issue = case.norms.get(&bound.norm).and_then(|hash| library.norm_of(hash));
        let starts = |place: &&Place| issue.is_some_and(|issue| issue.document.document.clock.start == place.event);
        bound.places.iter().filter(starts).any(|place| ahead.place(place))
    };
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for bound in &plan.old.clocks {
        let has_begun = before.clocks.values().any(|clock| clock.id == bound.id);
        if has_begun || !begins(bound, before, old_ahead) {
            continue;
        }
        let goes_on = |new: &&BoundClock| {
            let begun = |id, clock: &Clock| clock.id == new.id && clock.stopped.is_none() && !before.clocks.contains_key(id);
            let runs = || after.clocks.iter().any(|(id, clock)| begun(id, clock));
            new.norm == bound.norm && !taken.contains(new.id.as_str()) && (begins(new, after, new_ahead) || runs())
        };
        match plan.new.clocks.iter().find(goes_on) {
            Some(new) => _ = taken.insert(&new.id),
            None => losses.push(loss(Right::NormGoes, &bound.id, None, None)),
        }
    }
}

/// Open tasks of the applicant for which they have less time.
fn less_time(plan: &Plan<'_>, before: &Instance, after: &Instance, losses: &mut Vec<Loss>) {
    for (id, task) in after.tasks.iter().filter(|(_, task)| task.only.is_some()) {
        let Some(was) = before.tasks.get(id).filter(|was| was.only.is_some()) else { continue };
        let until = |case: &Instance, graph: &Graph, due: Option<Time>| {
            let taken = task.token.and_then(|token| taken_away(case, graph, token));
            due.into_iter().chain(taken).min()
        };
        let (was, is) = (until(before, plan.old, was.due), until(after, plan.new, task.due));
        if is.is_some_and(|is| was.is_none_or(|was| is < was)) {
            losses.push(loss(Right::LessTime, &task.step, was, is));
        }
    }
}

/// Tasks for the applicant that may come, and did not lie ahead before; and the other way round. A step asks the same only where its id and its
/// form are the same, whatever was said to correspond.
fn asked(plan: &Plan<'_>, old_ahead: &Ahead, new_ahead: &Ahead, losses: &mut Vec<Loss>) {
    let asked = |graph: &Graph, ahead: &Ahead| -> BTreeSet<StepIndex> {
        let steps = graph.steps.iter().enumerate().filter(|(step, _)| ahead.step(*step));
        let asks = |kind: &StepKind| matches!(kind, StepKind::UserTask { performer, .. } if performer.role == APPLICANT);
        steps.filter(|(_, step)| asks(&step.kind)).map(|(step, _)| step).collect()
    };
    let (was, is) = (asked(plan.old, old_ahead), asked(plan.new, new_ahead));
    let form = |graph: &Graph, step: StepIndex| match &graph.steps[step].kind {
        StepKind::UserTask { form: Some(form), .. } => graph.process.forms.get(form).cloned(),
        _ => None,
    };
    for &step in &is {
        let id = &plan.new.steps[step].id;
        let known = plan.old.step(id).filter(|old| was.contains(old));
        if known.is_none_or(|old| form(plan.old, old) != form(plan.new, step)) {
            losses.push(loss(Right::StepAdded, id, None, None));
        }
    }
    // One that stands for two is one that goes.
    let mut taken = BTreeSet::new();
    for step in was.into_iter().filter(|&step| plan.same(step).is_none_or(|to| !is.contains(&to) || !taken.insert(to))) {
        losses.push(loss(Right::StepGoes, &plan.old.steps[step].id, None, None));
    }
}
