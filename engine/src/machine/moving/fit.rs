//! What corresponds to what in two versions of a process, and everything that keeps a case from standing in the other one.

use std::collections::{BTreeMap, BTreeSet};

use super::IMPOSSIBLE;
use super::rights::Ahead;
use crate::digest::Hash;
use crate::graph::fit::{Fit, Misfit, Stand};
use crate::graph::{BoundClock, Graph, Library, ScopeIndex, StepIndex, StepKind, Trigger};
use crate::machine::Context;
use crate::machine::rejection::Rejection;
use crate::machine::state::{Instance, Token, Wait};
use crate::model::limits::{CLOCKS_MAX, FLOWS_MAX, STEPS_MAX, VARIABLES_MAX};
use crate::model::moving::Mapping;
use crate::model::problem::{pointer_token, short};
use crate::model::{Problem, Values};

/// Ids of the new version by those of the old one.
type Renamed = BTreeMap<String, String>;

/// What corresponds to what.
pub(super) struct Plan<'a> {
    pub(super) old: &'a Graph,
    pub(super) new: &'a Graph,
    pub(super) mapping: &'a Mapping,
    /// Steps whose id is another.
    steps: BTreeMap<String, String>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(old: &'a Graph, new: &'a Graph, mapping: &'a Mapping) -> Self {
        let steps = mapping.steps.iter().filter(|(from, to)| from != to);
        Self { old, new, mapping, steps: steps.map(|(from, to)| (from.clone(), to.clone())).collect() }
    }

    /// Steps whose id is another.
    pub(super) fn renamed(&self) -> &BTreeMap<String, String> {
        &self.steps
    }

    /// The step that corresponds to one of the old version, whatever it is.
    pub(super) fn to(&self, step: &str) -> Option<StepIndex> {
        self.new.step(self.steps.get(step).map_or(step, String::as_str))
    }

    /// The step that corresponds to one of the old version, if it is of the same kind.
    pub(super) fn same(&self, step: StepIndex) -> Option<StepIndex> {
        let from = &self.old.steps[step];
        self.to(&from.id).filter(|&to| name(&from.kind) == name(&self.new.steps[to].kind))
    }

    /// The boundary event that corresponds to one of the old version, on the activity that corresponds to its own.
    pub(super) fn boundary(&self, event: StepIndex) -> Option<StepIndex> {
        let StepKind::Boundary { host: old, .. } = self.old.steps[event].kind else { return None };
        let to = self.same(event)?;
        let StepKind::Boundary { host, .. } = self.new.steps[to].kind else { return None };
        (self.same(old) == Some(host)).then_some(to)
    }

    /// The id of a clock in the new version.
    pub(super) fn clock_name(&self, id: &str, is_new: bool) -> String {
        let to = self.clocks_renamed().remove(id).filter(|_| !is_new);
        to.unwrap_or_else(|| id.to_owned())
    }

    /// Whether a clock of the old version goes by this norm.
    pub(super) fn has_norm(&self, clock: &str, norm: &str) -> bool {
        self.old.clocks.iter().any(|bound| bound.id == clock && bound.norm == norm)
    }

    /// Everything that keeps a case from being moved so.
    pub(super) fn check(&self, context: &Context<'_>, case: &Instance) -> Result<(Renamed, Renamed), Rejection> {
        self.check_limits()?;
        let mut problems = Vec::new();
        self.check_mapping(case, &mut problems);
        let mut flows = Renamed::new();
        let mut stands: BTreeMap<u32, Vec<(u32, Stand)>> = BTreeMap::new();
        for (number, token) in &case.tokens {
            match self.stand(case, token, &mut flows) {
                Ok(stand) => stands.entry(token.scope).or_default().push((*number, stand)),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            self.check_together(case, &stands, &mut problems);
        }
        self.check_variables(case, &mut problems);
        self.check_personal(&mut problems);
        self.check_separation(case, &mut problems);
        let clocks = self.check_clocks(context, case, &mut problems);
        if problems.is_empty() {
            return Ok((flows, clocks));
        }
        problems.sort();
        problems.dedup();
        let message = match problems.as_slice() {
            [only] => only.message.clone(),
            several => format!("{} things keep the case from being moved so.", several.len()),
        };
        Err(Rejection::conflict(IMPOSSIBLE, message).with(problems))
    }

    fn check_limits(&self) -> Result<(), Rejection> {
        let Mapping { steps, unset, keep, end, begin } = self.mapping;
        let clocks = keep.len() + end.len() + begin.len();
        if steps.len() > STEPS_MAX || unset.len() > VARIABLES_MAX || clocks > CLOCKS_MAX || self.new.flows.len() > FLOWS_MAX {
            let message = format!("A move names at most {STEPS_MAX} steps, {VARIABLES_MAX} variables and {CLOCKS_MAX} clocks.");
            return Err(Rejection::invalid("move.too-long", message));
        }
        Ok(())
    }

    /// What was said of steps is about steps that there are, of one kind; or about a task that was done by a version before.
    fn check_mapping(&self, case: &Instance, problems: &mut Vec<Problem>) {
        for (from, to) in &self.mapping.steps {
            let mut refuse = |code: &str, message: String| problems.push(Problem::error(code, at_step(from), message));
            match (self.old.step(from), self.new.step(to)) {
                (None, Some(new)) if case.did.contains_key(from) && self.is_task(new) => {}
                (None, _) => {
                    refuse(
                        "move.unknown-step",
                        format!("The version of the case has no step \"{}\". Leave it out.", short(from)),
                    );
                }
                (_, None) => {
                    let message = format!("The new version has no step \"{}\". Name one that it has for \"{from}\".", short(to));
                    refuse("move.unknown-step", message);
                }
                (Some(old), Some(new)) => {
                    let (is, becomes) = (name(&self.old.steps[old].kind), name(&self.new.steps[new].kind));
                    if is != becomes {
                        let message = format!("\"{from}\" is a {is}, \"{to}\" a {becomes}. Name a step of the same kind.");
                        refuse("move.other-kind", message);
                    } else if matches!(self.old.steps[old].kind, StepKind::Boundary { .. }) && self.boundary(old).is_none() {
                        let message = format!(
                            "\"{to}\" watches another activity than what corresponds to that of \"{from}\". Leave it out."
                        );
                        refuse("move.other-host", message);
                    } else if self.is_taken(old, new) {
                        let message =
                            format!("Another event of the same activity corresponds to \"{to}\" already. Leave \"{from}\" out.");
                        refuse("move.twice", message);
                    }
                }
            }
        }
    }

    /// Whether another boundary event of the same activity corresponds to one of the new version, too.
    fn is_taken(&self, old: StepIndex, new: StepIndex) -> bool {
        let StepKind::Boundary { host, .. } = self.old.steps[old].kind else { return false };
        self.old.steps[host].boundary.iter().any(|&event| event != old && self.boundary(event) == Some(new))
    }

    /// The scope of the new version in which what is open in a scope of the case goes on.
    fn scope(&self, case: &Instance, scope: u32) -> Option<ScopeIndex> {
        let Some(step) = &case.scopes.get(&scope)?.step else { return Some(0) };
        match self.new.steps[self.to(step)?].kind {
            StepKind::SubProcess { inner } => Some(inner),
            _ => None,
        }
    }

    /// Where a path of the case would stand.
    fn stand(&self, case: &Instance, token: &Token, flows: &mut Renamed) -> Result<Stand, Problem> {
        let refuse = |code: &str, message: String| Problem::error(code, at_step(&token.step), message);
        let from = &token.step;
        // Invariant: a token stands on a step of its version.
        let Some(old) = self.old.step(from) else {
            return Err(refuse("move.unknown-step", format!("The version of the case has no step \"{from}\".")));
        };
        let (old_kind, is) = (&self.old.steps[old].kind, name(&self.old.steps[old].kind));
        let Some(to) = self.to(from) else {
            let message = format!(
                "The case waits at \"{from}\", and the new version has no such step. Name the {is} that corresponds to it."
            );
            return Err(refuse("move.no-counterpart", message));
        };
        let (step, id) = (&self.new.steps[to], &self.new.steps[to].id);
        if name(&step.kind) != is {
            let message = format!(
                "The case waits at \"{from}\", a {is}; \"{id}\" is a {}. Name a step of the same kind.",
                name(&step.kind)
            );
            return Err(refuse("move.other-kind", message));
        }
        if self.scope(case, token.scope) != Some(step.scope) {
            let message = format!(
                "\"{id}\" lies in another sub-process than what corresponds to that of \"{from}\". Name a step of the same one, or name \
                 the sub-process that corresponds."
            );
            return Err(refuse("move.other-scope", message));
        }
        match (old_kind, &step.kind) {
            (StepKind::ServiceTask { topic, .. }, StepKind::ServiceTask { topic: other, .. })
                if topic != other && matches!(token.wait, Wait::Job(_)) =>
            {
                let message = format!(
                    "A job of the topic \"{topic}\" is open at \"{from}\", and \"{id}\" has \"{other}\". Let it be done first."
                );
                Err(refuse("move.other-topic", message))
            }
            (StepKind::CallActivity { process, .. }, StepKind::CallActivity { process: other, .. })
                if process != other && matches!(token.wait, Wait::Call(_)) =>
            {
                let message = format!(
                    "A case of \"{process}\" was called at \"{from}\", and \"{id}\" calls \"{other}\". Let it end first."
                );
                Err(refuse("move.other-call", message))
            }
            (StepKind::ParallelGateway, StepKind::ParallelGateway) if step.incoming.len() > 1 => {
                let flow = token.flow.as_ref().and_then(|flow| self.flow(old, to, flow)).ok_or_else(|| {
                    let message = format!(
                        "A path waits in the join \"{from}\", and no flow into \"{id}\" corresponds to the one by which it came. Move the \
                         case when the join is passed."
                    );
                    refuse("move.no-flow", message)
                })?;
                let (came, goes) = (token.flow.clone().unwrap_or_default(), self.new.flows[flow].id.clone());
                if came != goes {
                    flows.insert(came, goes);
                }
                Ok(Stand::Flow(flow))
            }
            _ => Ok(Stand::Step(to)),
        }
    }

    /// The flow into a join that corresponds to one of the old version: by its id, else by the steps that it leads from; and the one that
    /// is left, where only one is.
    fn flow(&self, old: StepIndex, new: StepIndex, id: &str) -> Option<usize> {
        let (old_in, new_in) = (&self.old.steps[old].incoming, &self.new.steps[new].incoming);
        let sure = |flow: usize| {
            let flow = &self.old.flows[flow];
            let by_id = new_in.iter().copied().find(|&to| self.new.flows[to].id == flow.id);
            let from = self.same(flow.from);
            let mut by_steps = new_in.iter().copied().filter(|&to| Some(self.new.flows[to].from) == from);
            by_id.or_else(|| by_steps.next().filter(|_| by_steps.next().is_none()))
        };
        let flow = old_in.iter().copied().find(|&flow| self.old.flows[flow].id == id)?;
        if let Some(found) = sure(flow) {
            return Some(found);
        }
        let taken: BTreeSet<usize> = old_in.iter().filter_map(|&flow| sure(flow)).collect();
        let mut left_old = old_in.iter().filter(|&&flow| sure(flow).is_none());
        let mut left_new = new_in.iter().filter(|flow| !taken.contains(flow));
        let only = (left_old.next(), left_old.next(), left_new.next(), left_new.next());
        if let (Some(_), None, Some(left), None) = only { Some(*left) } else { None }
    }

    /// The paths of each scope can be under way at once, and come to an end from where they stand.
    fn check_together(&self, case: &Instance, stands: &BTreeMap<u32, Vec<(u32, Stand)>>, problems: &mut Vec<Problem>) {
        let mut fit = Fit::new(self.new);
        for (scope, tokens) in stands {
            let Some(inner) = self.scope(case, *scope) else { continue };
            let step_of = |position: usize| {
                tokens.get(position).and_then(|(token, _)| case.tokens.get(token)).map_or("", |token| &token.step)
            };
            let at: Vec<Stand> = tokens.iter().map(|(_, stand)| *stand).collect();
            for misfit in fit.misfits(inner, &at) {
                let new = |step: StepIndex| &self.new.steps[step].id;
                let (code, at, message) = match misfit {
                    Misfit::Apart(one, other) => {
                        let (one, other) = (step_of(one), step_of(other));
                        let message = format!(
                            "The case waits at \"{one}\" and at \"{other}\" at once, which never comes about in the new version: a step could \
                             be done twice. Move the case when one of them is done."
                        );
                        ("move.apart", one, message)
                    }
                    Misfit::Waits(join) => {
                        let message = format!(
                            "From where the case stands, \"{}\" of the new version could wait for ever: a path into it would never begin. Move \
                             the case at another point.",
                            new(join)
                        );
                        ("move.stuck", step_of(0), message)
                    }
                    Misfit::Multiplies(step) => {
                        let message =
                            format!("From where the case stands, \"{}\" could multiply its paths without end.", new(step));
                        ("move.multiplies", step_of(0), message)
                    }
                    Misfit::NotDecided => {
                        let message =
                            "From where the case stands the new version can run in too many ways to check them all.".to_owned();
                        ("move.not-decided", step_of(0), message)
                    }
                };
                problems.push(Problem::error(code, at_step(at), message));
            }
        }
    }

    /// The values of the case are declared in the new version, and as it declares them.
    fn check_variables(&self, case: &Instance, problems: &mut Vec<Problem>) {
        for (number, scope) in &case.scopes {
            let Some(inner) = self.scope(case, *number) else { continue };
            for (name, value) in scope.variables.iter().filter(|(_, value)| !value.is_null()) {
                let mut refuse = |code: &str, message: String| problems.push(Problem::error(code, at_variable(name), message));
                let left = self.mapping.unset.contains(name);
                match self.new.scopes[inner].variables.get(name) {
                    Some(variable) if !variable.validator.is_valid(value) => {
                        let message =
                            format!("The value of \"{name}\" is not as the new version declares it. Correct the declaration.");
                        refuse("move.value", message);
                    }
                    None if self.new.variable(inner, name).is_some() => {
                        let message = format!(
                            "The new version declares \"{name}\" around the sub-process in which the case has its value."
                        );
                        refuse("move.other-scope", message);
                    }
                    None if !left => {
                        let message = format!(
                            "The new version does not declare \"{name}\", which the case has a value of. Say that it is left behind."
                        );
                        refuse("move.undeclared", message);
                    }
                    Some(_) | None => {}
                }
            }
        }
        for name in &self.mapping.unset {
            let mut refuse = |code: &str, message: String| problems.push(Problem::error(code, at_variable(name), message));
            if !self.old.declares(name) {
                refuse("move.no-value", format!("The version of the case has no variable \"{}\" to leave behind.", short(name)));
            } else if self.new.declares(name) {
                refuse("move.declared", format!("The new version declares \"{name}\": its value is not left behind."));
            }
        }
    }

    /// The values that are left behind, as the nulls that take their places.
    pub(super) fn left_behind(&self, case: &Instance) -> BTreeMap<u32, Values> {
        let nulls = |values: &Values| -> Values {
            let left = values.iter().filter(|(name, value)| !value.is_null() && self.mapping.unset.contains(name));
            left.map(|(name, _)| (name.clone(), serde_json::Value::Null)).collect()
        };
        let scopes = case.scopes.iter().map(|(number, scope)| (*number, nulls(&scope.variables)));
        scopes.filter(|(_, values)| !values.is_empty()).collect()
    }

    /// Erasure finds what is marked personal: a variable is so in both versions, or in neither.
    fn check_personal(&self, problems: &mut Vec<Problem>) {
        for name in self.old.personal.difference(&self.new.personal) {
            let message = format!(
                "\"{name}\" is personal in the version of the case, and has to stay so: else its values are never erased."
            );
            problems.push(Problem::error("move.personal", at_variable(name), message));
        }
        for name in self.new.personal.difference(&self.old.personal).filter(|name| self.old.declares(name)) {
            let message =
                format!("\"{name}\" becomes personal, but what the case holds of it was not kept apart and could not be erased.");
            problems.push(Problem::error("move.personal", at_variable(name), message));
        }
    }

    /// Whoever did a step is kept from what they were kept from: a step that duties name is either known, or was done by nobody.
    fn check_separation(&self, case: &Instance, problems: &mut Vec<Problem>) {
        let known: BTreeSet<&str> =
            (0..self.old.steps.len()).filter_map(|step| self.same(step)).map(|step| self.new.steps[step].id.as_str()).collect();
        let duties = self.new.steps.iter().filter_map(|step| match &step.kind {
            StepKind::UserTask { performer, .. } => Some(&performer.not_who_did),
            _ => None,
        });
        let strangers: BTreeSet<&String> = duties.flatten().filter(|step| !known.contains(step.as_str())).collect();
        let Some(stranger) = strangers.first() else { return };
        for done in case.did.keys().filter(|done| !self.is_known(case, done)) {
            let message = format!(
                "\"{done}\" was done in this case, and the new version keeps whoever did \"{stranger}\" from other steps. Say which step \
                 corresponds to \"{done}\"."
            );
            problems.push(Problem::error("move.separation", at_step(done), message));
        }
    }

    /// Whether a step that was done has a counterpart, by whichever version it was done.
    fn is_known(&self, case: &Instance, done: &str) -> bool {
        if let Some(step) = self.old.step(done) {
            return self.same(step).is_some();
        }
        let renamed = case.renamed.get(done).and_then(|now| self.old.step(now));
        renamed.is_some_and(|step| self.same(step).is_some()) || self.to(done).is_some_and(|step| self.is_task(step))
    }

    fn is_task(&self, new: StepIndex) -> bool {
        matches!(self.new.steps[new].kind, StepKind::UserTask { .. })
    }

    /// Clocks that have another id in the new version: the norm is the same, and no other clock of either version has it.
    fn clocks_renamed(&self) -> Renamed {
        let is_bound =
            |graph: &Graph, id: &str, norm: &str| graph.clocks.iter().any(|clock| clock.id == id && clock.norm == norm);
        let left = |graph: &Graph, other: &Graph| -> Vec<(String, String)> {
            let clocks = graph.clocks.iter().filter(|clock| !is_bound(other, &clock.id, &clock.norm));
            clocks.map(|clock| (clock.norm.clone(), clock.id.clone())).collect()
        };
        let (old, new) = (left(self.old, self.new), left(self.new, self.old));
        let only = |of: &[(String, String)], norm: &String| {
            let mut ids = of.iter().filter(|(other, _)| other == norm).map(|(_, id)| id.clone());
            ids.next().filter(|_| ids.next().is_none())
        };
        let pairs = old.iter().filter_map(|(norm, _)| Some((only(&old, norm)?, only(&new, norm)?)));
        pairs.collect()
    }

    /// What would be ahead of a case, and whether each of its paths would stand somewhere.
    pub(super) fn ahead(&self, case: &Instance) -> (Ahead, bool) {
        let here: Vec<StepIndex> = case.tokens.values().filter_map(|token| self.to(&token.step)).collect();
        let stands = here.len() == case.tokens.len();
        (Ahead::new(self.new, here), stands)
    }

    /// What becomes of each clock is said: one that runs is bound by the new version, or kept, or ended.
    fn check_clocks(&self, context: &Context<'_>, case: &Instance, problems: &mut Vec<Problem>) -> Renamed {
        let renamed = self.clocks_renamed();
        let Mapping { keep, end, begin, .. } = self.mapping;
        let mut refuse = |code: &str, id: &str, message: String| problems.push(Problem::error(code, at_clock(id), message));
        let mut open: BTreeSet<&str> = BTreeSet::new();
        let (ahead, stands) = self.ahead(case);
        for clock in case.clocks.values().filter(|clock| clock.stopped.is_none()) {
            let norm = context.library.norm_of(&clock.norm).map_or("", |issue| issue.document.id());
            let id = renamed.get(&clock.id).unwrap_or(&clock.id);
            let bound = self.new.clocks.iter().find(|bound| bound.id == *id);
            let goes_on = bound.filter(|bound| bound.norm == norm);
            if goes_on.is_some_and(|bound| is_stopped(context.library, &clock.norm, bound, &ahead)) {
                continue;
            }
            open.insert(clock.id.as_str());
            match (keep.contains(&clock.id), end.contains(&clock.id)) {
                (true, false) if bound.is_some() && goes_on.is_none() => {
                    let message = format!(
                        "The new version has a clock \"{id}\" of another norm than the one that runs. End that, or give the new one another id."
                    );
                    refuse("move.clock", &clock.id, message);
                }
                (true, false) | (false, true) => {}
                // Where the case does not stand yet nothing is ahead of it: that is told.
                _ if goes_on.is_some() && !stands => {}
                _ if goes_on.is_some() => {
                    let message = format!(
                        "The clock \"{}\" runs, and from where the case would stand nothing stops it: what does in the new version is past. Say \
                         whether it is kept or ended.",
                        clock.id
                    );
                    refuse("move.clock-endless", &clock.id, message);
                }
                _ => {
                    let message = format!(
                        "The clock \"{}\" runs, by the norm \"{norm}\", and the new version does not bind it. Say whether it is kept or ended.",
                        clock.id
                    );
                    refuse("move.clock-undecided", &clock.id, message);
                }
            }
        }
        // What is said for many cases holds where it applies: a clock that does not run is neither kept nor ended.
        let is_bound = |id: &String| {
            let norm = self.old.clocks.iter().find(|bound| bound.id == *id).map(|bound| &bound.norm);
            let to = renamed.get(id).unwrap_or(id);
            // One that was kept by a move before is bound by neither, and may have ended since.
            self.new.clocks.iter().any(|bound| bound.id == *to && norm.is_none_or(|norm| bound.norm == *norm))
        };
        for id in keep.iter().chain(end).filter(|id| !open.contains(id.as_str()) && is_bound(id)) {
            let message = format!("Of the clock \"{}\" there is nothing to say: the new version binds it.", short(id));
            refuse("move.clock", id, message);
        }
        for id in begin {
            let bound = self.new.clocks.iter().find(|bound| bound.id == *id);
            let has_run = |bound: &BoundClock| has_run(context.library, case, bound);
            let norm = |bound: &BoundClock| {
                let newest = || context.library.newest_norm(&bound.norm).map(|issue| issue.hash);
                case.norms.get(&bound.norm).copied().or_else(newest)
            };
            if let Some((bound, norm)) = bound.and_then(|bound| Some((bound, norm(bound)?))) {
                if stands && !has_run(bound) && !is_stopped(context.library, &norm, bound, &ahead) {
                    let message = format!("\"{id}\" cannot begin: what stops it in the new version is past.");
                    refuse("move.clock-endless", id, message);
                }
            } else {
                let message =
                    format!("\"{}\" cannot begin: it is no clock of the new version, or its norm is not deployed.", short(id));
                refuse("move.clock", id, message);
            }
        }
        renamed
    }
}

/// Whether something ahead stops a clock, by the norm that it has.
pub(super) fn is_stopped(library: &Library, norm: &Hash, bound: &BoundClock, ahead: &Ahead) -> bool {
    let issue = library.norm_of(norm);
    let stops = |event: &String| issue.is_some_and(|issue| issue.document.document.clock.stop.contains(event));
    bound.places.iter().any(|place| stops(&place.event) && ahead.place(place))
}

/// Whether a clock of a version runs in a case, or has come to its own end: it does not begin again.
pub(super) fn has_run(library: &Library, case: &Instance, bound: &BoundClock) -> bool {
    let is_of = |hash: &Hash| library.norm_of(hash).is_some_and(|issue| issue.document.id() == bound.norm);
    case.clocks.values().any(|clock| clock.id == bound.id && !clock.ended && is_of(&clock.norm))
}

fn at_step(id: &str) -> String {
    format!("/steps/{}", pointer_token(&short(id)))
}

fn at_variable(name: &str) -> String {
    format!("/variables/{}", pointer_token(&short(name)))
}

fn at_clock(id: &str) -> String {
    format!("/clocks/{}", pointer_token(&short(id)))
}

/// What a step is, in words. What is called the same can stand for each other.
pub(super) fn name(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Start { .. } => "start event",
        StepKind::End { .. } => "end event",
        StepKind::Catch(Trigger::Timer(_)) => "timer event",
        StepKind::Catch(Trigger::Message(_)) => "message event",
        StepKind::Throw(_) => "throw event",
        StepKind::Boundary { trigger: Trigger::Timer(_), .. } => "timer boundary event",
        StepKind::Boundary { trigger: Trigger::Message(_), .. } => "message boundary event",
        StepKind::UserTask { .. } => "user task",
        StepKind::ServiceTask { .. } => "service task",
        StepKind::ExpressionTask { .. } => "expression task",
        StepKind::ExclusiveGateway => "exclusive gateway",
        StepKind::ParallelGateway => "parallel gateway",
        StepKind::SubProcess { .. } => "sub-process",
        StepKind::CallActivity { .. } => "call activity",
    }
}
