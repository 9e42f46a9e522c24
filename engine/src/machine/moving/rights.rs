//! What a move takes from the applicant: a time by which they were promised something, what they would have for a delay, who would see to
//! it; or what it asks of them that was not asked before. None of it is taken without their consent.

use std::collections::BTreeSet;

use super::carry::taken_away;
use super::fit::Plan;
use crate::graph::{Graph, Library, Side, StepIndex, StepKind, deemed};
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
        }
    }
}

/// One change to the applicant's disadvantage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// What it is.
    pub right: Right,
    /// The clock, or the step of the new version.
    pub name: String,
    /// The instant until now, where it is about one.
    pub before: Option<Time>,
    /// The instant from then on.
    pub after: Option<Time>,
}

impl Loss {
    /// What it is about.
    pub fn pointer(&self) -> String {
        let what = if matches!(self.right, Right::LessTime | Right::StepAdded) { "steps" } else { "clocks" };
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
            Right::StepAdded => format!("The applicant may be asked for \"{name}\", which they were not before."),
        }
    }
}

/// What is taken from the applicant by a move from `before` to `after`. `heard` names the messages that are waited for anew.
pub(super) fn losses(plan: &Plan<'_>, library: &Library, before: &Instance, after: &Instance, heard: &[&str]) -> Vec<Loss> {
    let mut losses = Vec::new();
    let (old_ahead, new_ahead) = (ahead(plan.old, before), ahead(plan.new, after));
    ended(library, before, after, &mut losses);
    deeming(library, before, after, heard, &mut losses);
    resting(plan, library, after, &new_ahead, &mut losses);
    unbound(plan, library, before, &old_ahead, &mut losses);
    less_time(plan, before, after, &mut losses);
    added(plan, &old_ahead, &new_ahead, &mut losses);
    losses.sort();
    losses
}

/// Steps to which the paths of a case may still come.
fn ahead(graph: &Graph, case: &Instance) -> Vec<bool> {
    graph.ahead(case.tokens.values().filter_map(|token| graph.step(&token.step)))
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

/// Clocks that end, but for what begins in their place.
fn ended(library: &Library, before: &Instance, after: &Instance, losses: &mut Vec<Loss>) {
    let begun: Vec<&Clock> =
        after.clocks.iter().filter(|(id, _)| !before.clocks.contains_key(id)).map(|(_, clock)| clock).collect();
    let earliest = begun.iter().filter_map(|clock| clock.reckoning.due).min();
    let has = |what: fn(&Norm) -> bool| begun.iter().filter_map(|clock| norm_of(library, clock)).any(what);
    let ended = before
        .clocks
        .iter()
        .filter(|(id, clock)| clock.stopped.is_none() && after.clocks.get(id).is_some_and(|clock| clock.ended));
    for (_, clock) in ended {
        let due = clock.reckoning.due;
        match (due, earliest) {
            (_, None) => losses.push(loss(Right::ClockEnds, &clock.id, due, None)),
            (Some(due), Some(other)) if other <= due => {}
            (due, later) => losses.push(loss(Right::DeadlineLater, &clock.id, due, later)),
        }
        let Some(norm) = norm_of(library, clock) else { continue };
        if compensates(norm) && !has(compensates) {
            losses.push(loss(Right::CompensationGoes, &clock.id, due, None));
        }
        if escalates(norm) && !has(escalates) {
            losses.push(loss(Right::EscalationGoes, &clock.id, due, None));
        }
    }
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
fn resting(plan: &Plan<'_>, library: &Library, after: &Instance, ahead: &[bool], losses: &mut Vec<Loss>) {
    for clock in after.clocks.values().filter(|clock| clock.stopped.is_none()) {
        let Some(norm) = norm_of(library, clock) else { continue };
        let bound = plan.new.clocks.iter().find(|bound| bound.id == clock.id && bound.norm == norm.id());
        let rests = clock.ledger.rests.iter().filter(|rest| rest.to.is_none()).filter_map(|rest| rest.ground);
        for ground in rests {
            let until = norm.document.clock.suspend.get(usize::from(ground)).map(|suspension| &suspension.until);
            let lies_ahead = bound
                .into_iter()
                .flat_map(|bound| &bound.places)
                .any(|place| Some(&place.event) == until && ahead.get(place.step).copied().unwrap_or(false));
            if !lies_ahead {
                losses.push(loss(Right::ClockRests, &clock.id, clock.reckoning.due, None));
            }
        }
    }
}

/// Norms that held for the case, whose clock would still have begun.
fn unbound(plan: &Plan<'_>, library: &Library, before: &Instance, ahead: &[bool], losses: &mut Vec<Loss>) {
    for bound in &plan.old.clocks {
        let Some(norm) = before.norms.get(&bound.norm).and_then(|hash| library.norm_of(hash)).map(|issue| &*issue.document)
        else {
            continue;
        };
        let goes_on = plan.new.clocks.iter().any(|new| new.norm == bound.norm);
        let has_begun = before.clocks.values().any(|clock| clock.id == bound.id);
        let begins = bound.places.iter().any(|place| {
            let here = before.tokens.values().any(|token| plan.old.step(&token.step) == Some(place.step));
            let passed = place.side == Side::Entering && here;
            place.event == norm.document.clock.start && !passed && ahead.get(place.step).copied().unwrap_or(false)
        });
        if !goes_on && !has_begun && begins {
            losses.push(loss(Right::NormGoes, &bound.id, None, None));
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

/// Tasks for the applicant that may come, and did not lie ahead before.
fn added(plan: &Plan<'_>, old_ahead: &[bool], new_ahead: &[bool], losses: &mut Vec<Loss>) {
    let asked = |graph: &Graph, ahead: &[bool]| -> BTreeSet<StepIndex> {
        let steps = graph.steps.iter().enumerate().filter(|(step, _)| ahead.get(*step).copied().unwrap_or(false));
        let asks = |kind: &StepKind| matches!(kind, StepKind::UserTask { performer, .. } if performer.role == APPLICANT);
        steps.filter(|(_, step)| asks(&step.kind)).map(|(step, _)| step).collect()
    };
    let known: BTreeSet<StepIndex> = asked(plan.old, old_ahead).into_iter().filter_map(|step| plan.same(step)).collect();
    for step in asked(plan.new, new_ahead).difference(&known) {
        losses.push(loss(Right::StepAdded, &plan.new.steps[*step].id, None, None));
    }
}
