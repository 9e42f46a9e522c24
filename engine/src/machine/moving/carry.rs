//! What changes with a move for what a case waits for: clocks, jobs, timers, tasks and messages, in this order, since tasks are due when
//! clocks are, and a message that came early moves the case on.

use super::IMPOSSIBLE;
use super::fit::{Plan, has_run};
use crate::graph::{StepIndex, StepKind, Trigger};
use crate::journal::Event;
use crate::machine::clock::ESCALATION;
use crate::machine::message::Subscribe;
use crate::machine::rejection::Rejection;
use crate::machine::run::{Run, Trouble};
use crate::machine::state::{Instance, Task, Token, Wait};
use crate::machine::task::barred;
use crate::machine::timer::Watch;
use crate::model::definition::APPLICANT;
use crate::model::id::Made;
use crate::model::problem::pointer_token;
use crate::model::{Problem, TaskId, Time};

/// Messages that are waited for anew, each with its token.
pub(super) type Awaited = Vec<(u32, Subscribe)>;

impl Run<'_> {
    /// Lets what waited go on waiting by the new version. `before` is the case until now. What is answered is done last.
    pub(super) fn carry(&mut self, plan: &Plan<'_>, before: &Instance) -> Result<Awaited, Rejection> {
        let mut problems = Vec::new();
        let mut awaited = Awaited::new();
        self.carry_clocks(plan, before);
        self.carry_jobs(plan, before);
        for (number, token) in &before.tokens {
            let carried = self.carry_watches(plan, before, *number, token, &mut awaited);
            problems.extend(carried.err().map(|trouble| problem(&token.step, trouble)));
        }
        let tasks: Vec<(TaskId, Task)> = self.state.tasks.iter().map(|(id, task)| (*id, task.clone())).collect();
        for (id, task) in tasks {
            let step = task.step.clone();
            problems.extend(self.carry_task(plan, id, task).err().map(|trouble| problem(&step, trouble)));
        }
        if problems.is_empty() {
            return Ok(awaited);
        }
        let message = "What the new version sets for this case cannot be computed. Correct its data, or the new version.";
        Err(Rejection::conflict(IMPOSSIBLE, message).with(problems))
    }

    /// Lets the case go on: it waits for the messages of the new version, and looks whether its joins are complete.
    pub(super) fn go_on(&mut self, awaited: Awaited) {
        // Before anything moves: a path that a message moves on is not taken for one that waits in a join.
        let held = |token: u32| self.state.incidents.values().any(|incident| incident.token == token);
        let waits = self
            .state
            .tokens
            .iter()
            .filter(|(number, token)| token.flow.is_some() && token.wait == Wait::Nothing && !held(**number));
        let opens = |token: u32| awaited.iter().any(|(other, _)| *other == token);
        let joins: Vec<u32> = waits.map(|(number, _)| *number).filter(|number| !opens(*number)).collect();
        for token in joins {
            self.again(token);
        }
        let standing: Vec<Option<StepIndex>> = awaited.iter().map(|(token, _)| self.step_of(*token)).collect();
        for ((token, subscribe), step) in awaited.into_iter().zip(standing) {
            // A message that came early may have moved it on.
            if self.step_of(token) == step {
                self.open_subscription(token, subscribe);
            }
        }
    }

    fn carry_clocks(&mut self, plan: &Plan<'_>, before: &Instance) {
        let ended = before.clocks.iter().filter(|(_, clock)| clock.stopped.is_none() && plan.mapping.end.contains(&clock.id));
        for id in ended.map(|(id, _)| *id).collect::<Vec<Made>>() {
            self.end_clock(id);
        }
        let (graph, library) = (self.graph, self.context.library);
        let here = self.state.tokens.values().next().map(|token| token.step.clone()).unwrap_or_default();
        for bound in graph.clocks.iter().filter(|bound| plan.mapping.begin.contains(&bound.id)) {
            if has_run(library, &self.state, bound) {
                continue;
            }
            let hash = self.state.norms.get(&bound.norm).copied();
            if let Some((hash, issue)) = hash.and_then(|hash| Some((hash, library.norm_of(&hash)?))) {
                self.start_clock(bound, hash, &issue.document, &here);
            }
        }
    }

    fn carry_jobs(&mut self, plan: &Plan<'_>, before: &Instance) {
        for (id, job) in &before.jobs {
            let Some(to) = plan.to(&job.step).map(|to| plan.new.steps[to].id.clone()).filter(|to| *to != job.step) else {
                continue;
            };
            let (topic, worker) = (job.topic.clone(), job.worker.clone());
            let (retries, available) = (job.retries, job.available);
            self.emit(Event::JobMapped { job: *id, step: to, topic, retries, available, worker });
        }
    }

    /// Timers and messages for which a token waits, and those that watch its activity.
    fn carry_watches(
        &mut self,
        plan: &Plan<'_>,
        before: &Instance,
        number: u32,
        token: &Token,
        awaited: &mut Awaited,
    ) -> Result<(), Trouble> {
        let (Some(old), Some(new)) = (plan.old.step(&token.step), plan.to(&token.step)) else { return Ok(()) };
        match token.wait {
            Wait::Nothing => return Ok(()),
            Wait::Timer(_) | Wait::Message(_) => return self.carry_watch(plan, before, number, (old, Some(new)), awaited),
            Wait::Task(_) | Wait::Job(_) | Wait::Scope(_) | Wait::Call(_) => {}
        }
        let mut there = Vec::new();
        for &event in &plan.old.steps[old].boundary {
            let to = plan.boundary(event);
            there.extend(to);
            self.carry_watch(plan, before, number, (event, to), awaited)?;
        }
        // What stays, or has happened, is not computed anew.
        let fresh = self.graph.steps[new].boundary.iter().filter(|step| !there.contains(*step));
        let watches = self.prepare_events(number, fresh)?;
        for watch in watches {
            match watch {
                Watch::Timer { step, point, repeats } => self.arm(number, step, point, repeats),
                Watch::Message(subscribe) => awaited.push((number, subscribe)),
            }
        }
        Ok(())
    }

    /// One timer or message, by the event of the old version that set it: it stays where the rule is the same, is set anew where it is
    /// another, and falls away where nothing corresponds. One that is not set any more, since it has happened, is not set again.
    fn carry_watch(
        &mut self,
        plan: &Plan<'_>,
        before: &Instance,
        number: u32,
        (old, new): (StepIndex, Option<StepIndex>),
        awaited: &mut Awaited,
    ) -> Result<(), Trouble> {
        let id = &plan.old.steps[old].id;
        let scope = before.tokens.get(&number).map_or(0, |token| token.scope);
        let trigger = |step: StepIndex| match &self.graph.steps[step].kind {
            StepKind::Catch(trigger) | StepKind::Boundary { trigger, .. } => Some(trigger),
            _ => None,
        };
        let changed = new.filter(|&new| !plan.has_same_rule(old, new));
        let stays = new.is_some() && changed.is_none();
        let timers = before.timers.iter().filter(|(_, timer)| timer.token == number && timer.step == *id);
        for timer in timers.map(|(timer, _)| *timer).filter(|_| !stays).collect::<Vec<Made>>() {
            let set = match changed.and_then(|step| Some((step, trigger(step)?))) {
                Some((step, Trigger::Timer(rule))) => Some((step, self.due(scope, rule)?)),
                _ => None,
            };
            self.emit(Event::TimerDisarmed { timer });
            if let Some((step, (point, repeats))) = set {
                self.arm(number, step, point, repeats);
            }
        }
        let open = before.subscriptions.iter().filter(|(_, open)| open.token == number && open.step == *id);
        for subscription in open.map(|(open, _)| *open).filter(|_| !stays).collect::<Vec<Made>>() {
            if let Some((step, Trigger::Message(catch))) = changed.and_then(|step| Some((step, trigger(step)?))) {
                awaited.push((number, self.subscribe(scope, step, catch)?));
            }
            self.emit(Event::SubscriptionClosed { subscription });
        }
        Ok(())
    }

    /// A task is what the new version says: its role, its term; who has it keeps it where they may have it there.
    fn carry_task(&mut self, plan: &Plan<'_>, id: TaskId, mut task: Task) -> Result<(), Trouble> {
        let was = task.step.clone();
        let mut counted = None;
        if let Some(clock) = task.clock {
            if let Some(clock) = self.state.clocks.get(&clock) {
                task.step = format!("{ESCALATION}{}", clock.id);
            }
        } else {
            let (Some(old), Some(new)) = (plan.old.step(&was), plan.to(&was)) else { return Ok(()) };
            let (StepKind::UserTask { performer: before, .. }, StepKind::UserTask { performer, due, .. }) =
                (&plan.old.steps[old].kind, &plan.new.steps[new].kind)
            else {
                return Ok(());
            };
            task.step.clone_from(&plan.new.steps[new].id);
            if before.role != performer.role {
                task.role.clone_from(&performer.role);
                task.claim = None;
                let applicant = || self.state.started_by.clone().ok_or_else(no_applicant);
                task.only = if performer.role == APPLICANT { Some(applicant()?) } else { None };
            }
            let is_barred = |task: &Task| {
                let claim = task.claim.as_ref()?;
                barred(self.graph, self.context.office, &self.context.clock, &self.state, task, &claim.person)
            };
            if is_barred(&task).is_some() {
                task.claim = None;
            }
            let scope = task.token.and_then(|token| self.state.tokens.get(&token)).map_or(0, |token| token.scope);
            let is_same = plan.has_same_rule(old, new);
            let own = match (due, task.by) {
                (None, _) => Ok(None),
                (Some(crate::graph::Due::By(_)), Some(by)) if is_same => Ok(Some(by.into())),
                (Some(due), _) => self.own_due(scope, due, task.created),
            };
            match own {
                Ok(own) => {
                    if !is_same {
                        let names = matches!(due, Some(crate::graph::Due::By(_)));
                        task.by = own.as_ref().filter(|_| names).map(|own| own.due);
                    }
                    (task.due, counted) = self.due_by(own);
                }
                // Where its own time cannot be told any more, what was written down stays.
                Err(_) if is_same => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let Task { step, role, only, claim, created, due, by, .. } = task;
        let person = claim.map(|claim| claim.person);
        self.emit(Event::TaskMapped { task: id, step, role, only, person, created, due, counted, by });
        Ok(())
    }
}

impl Plan<'_> {
    /// Whether two events or tasks have their instant, or their message, by the same rule.
    fn has_same_rule(&self, old: StepIndex, new: StepIndex) -> bool {
        let (Some(old), Some(new)) = (self.old.authored(old), self.new.authored(new)) else { return false };
        let message = |step: &'_ crate::model::definition::Step| {
            step.message.as_ref().map(|message| (message.name.clone(), message.key.clone()))
        };
        let due = |step: &'_ crate::model::definition::Step| step.due.as_ref().map(|due| (due.after.clone(), due.by.clone()));
        old.timer == new.timer && message(old) == message(new) && due(old) == due(new)
    }
}

fn no_applicant() -> Trouble {
    Trouble::new("task.no-applicant", "The task would be for the applicant, but no person started this case.")
}

fn problem(step: &str, trouble: Trouble) -> Problem {
    Problem::error(trouble.code, format!("/steps/{}", pointer_token(step)), trouble.message)
}

/// When the earliest event falls that can take an activity from whoever has it; used to tell whether they have less time.
pub(super) fn taken_away(case: &Instance, graph: &crate::graph::Graph, token: u32) -> Option<Time> {
    let takes = |step: &str| {
        let kind = graph.step(step).map(|step| &graph.steps[step].kind);
        matches!(kind, Some(StepKind::Boundary { interrupting: true, .. }))
    };
    case.timers.values().filter(|timer| timer.token == token && takes(&timer.step)).map(|timer| timer.due).min()
}
