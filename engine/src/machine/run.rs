//! The decide loop: moves tokens until none can move. Every event is applied to the working copy at once, so that later steps of the
//! same decision see it.

use std::collections::VecDeque;

use super::state::{Instance, Wait};
use super::{Context, Decision, apply};
use crate::expression;
use crate::graph::{FlowIndex, Graph, Side, StepIndex, StepKind};
use crate::journal::Event;
use crate::model::id::Made;
use crate::model::limits::{MOVES_MAX, TOKENS_MAX};
use crate::model::{InstanceStatus, PostId, Time};

/// What stops a token: it becomes an incident, since the author of the definition, not the caller, has to mend it.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Trouble {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<expression::EvaluateError> for Trouble {
    fn from(error: expression::EvaluateError) -> Self {
        Self { code: error.code, message: error.message }
    }
}

/// One decision about one case.
pub(super) struct Run<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) graph: &'a Graph,
    pub(super) state: Instance,
    pub(super) via: Option<PostId>,
    pub(super) opened: Vec<(String, String)>,
    pub(super) events: Vec<Event>,
    ready: VecDeque<u32>,
    ordinal: u16,
    /// The earliest deadline of the clocks before anything was decided.
    due_before: Option<Time>,
}

impl<'a> Run<'a> {
    pub(super) fn new(context: &'a Context<'a>, graph: &'a Graph, state: Instance) -> Self {
        let mut run = Self {
            context,
            graph,
            state,
            via: None,
            opened: Vec::new(),
            events: Vec::new(),
            ready: VecDeque::new(),
            ordinal: 0,
            due_before: None,
        };
        run.due_before = run.earliest_due();
        if let Some(due) = context.cause {
            run.emit(Event::DeliveryMade { due });
        }
        run
    }

    /// Lets an event happen.
    pub(super) fn emit(&mut self, event: Event) {
        apply(&mut self.state, &self.context.origin, &event);
        self.events.push(event);
    }

    /// The ordinal of the next thing that this command makes.
    pub(super) fn ordinal(&mut self) -> u16 {
        let ordinal = self.ordinal;
        // At most MOVES_MAX moves make a handful of things each: far below 65,536.
        self.ordinal = self.ordinal.saturating_add(1);
        ordinal
    }

    /// How much has happened so far.
    pub(super) fn count(&self) -> usize {
        self.events.len()
    }

    pub(super) fn made(&self, ordinal: u16) -> Made {
        Made { command: self.context.command(), ordinal }
    }

    pub(super) fn decision(self) -> Decision {
        Decision { events: self.events, instance: Some(self.state), via: self.via, opened: self.opened }
    }

    /// The step at which a token stands.
    pub(super) fn step_of(&self, token: u32) -> Option<StepIndex> {
        self.state.tokens.get(&token).and_then(|token| self.graph.step(&token.step))
    }

    /// Puts a token on a step.
    pub(super) fn enter(&mut self, token: u32, step: StepIndex, scope: u32, flow: Option<String>) {
        self.emit(Event::StepEntered { token, step: self.graph.steps[step].id.clone(), scope, flow });
        self.tell_clocks(step, Side::Entering);
        // A join may move on a token that waits in the queue itself: it is executed once, where it stands now.
        self.ready.retain(|queued| *queued != token);
        self.ready.push_back(token);
    }

    /// A new token on a step.
    pub(super) fn enter_new(&mut self, step: StepIndex, scope: u32, flow: Option<String>) {
        self.enter(self.state.next_token, step, scope, flow);
    }

    /// Lets a token try its step again.
    pub(super) fn again(&mut self, token: u32) {
        self.ready.push_back(token);
    }

    /// Moves tokens until none can move.
    pub(super) fn go(&mut self) {
        let mut moves = 0;
        while let Some(token) = self.ready.pop_front() {
            // A terminate event or an interruption may have taken the token meanwhile.
            let Some(step) = self.step_of(token) else { continue };
            moves += 1;
            let outcome = if moves > MOVES_MAX {
                Err(Trouble::new(
                    "loop.too-many-moves",
                    format!(
                        "After {MOVES_MAX} automatic moves the case still did not come to rest. The loop needs a step that waits, or a condition that ends it."
                    ),
                ))
            } else if self.state.tokens.len() > TOKENS_MAX && !self.ends_tokens(step) {
                Err(Trouble::new(
                    "token.too-many",
                    format!("The case has more than {TOKENS_MAX} tokens. A parallel split in a loop makes ever more of them."),
                ))
            } else {
                self.execute(token, step)
            };
            if let Err(trouble) = outcome {
                self.raise(token, trouble);
            }
        }
        // What is suspended rests as it is, and catches up when it is resumed.
        if self.state.status == InstanceStatus::Suspended {
            return;
        }
        self.limit_clocks();
        if self.earliest_due() != self.due_before {
            self.move_tasks(None);
        }
    }

    /// Whether a step makes tokens fewer, and so may be executed however many there are.
    fn ends_tokens(&self, step: StepIndex) -> bool {
        let step = &self.graph.steps[step];
        matches!(step.kind, StepKind::End { .. }) || (matches!(step.kind, StepKind::ParallelGateway) && step.incoming.len() > 1)
    }

    /// Does what the step does when a token comes to it. Everything that can fail is computed before the first event.
    fn execute(&mut self, token: u32, step: StepIndex) -> Result<(), Trouble> {
        let graph = self.graph;
        match &graph.steps[step].kind {
            StepKind::Start { .. } | StepKind::Boundary { .. } => {
                self.leave(token, step);
                Ok(())
            }
            StepKind::End { terminate, message } => self.end(token, *terminate, message.as_ref()),
            StepKind::Catch(trigger) => self.catch(token, step, trigger),
            StepKind::Throw(throw) => {
                self.throw(token, throw)?;
                self.leave(token, step);
                Ok(())
            }
            StepKind::UserTask { performer, due, .. } => self.create_task(token, step, performer, due.as_ref()),
            StepKind::ServiceTask { topic, retries, inputs, .. } => self.create_job(token, step, topic, *retries, inputs),
            StepKind::ExpressionTask { set } => {
                self.set_variables(token, set)?;
                self.leave(token, step);
                Ok(())
            }
            StepKind::ExclusiveGateway => self.choose(token, step),
            StepKind::ParallelGateway => {
                self.join(token, step);
                Ok(())
            }
            StepKind::SubProcess { inner } => self.open_scope(token, step, *inner),
            StepKind::CallActivity { process, inputs, .. } => self.request_call(token, step, process, inputs),
        }
    }

    /// Lets a token go on along all flows out of its step; at a dead end it ends.
    pub(super) fn leave(&mut self, token: u32, step: StepIndex) {
        let flows: Vec<FlowIndex> = self.graph.steps[step].outgoing.clone();
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return };
        self.tell_clocks(step, Side::Leaving);
        if flows.is_empty() {
            self.emit(Event::TokensConsumed { tokens: vec![token] });
            self.close_if_empty(scope);
            return;
        }
        for (position, flow) in flows.iter().enumerate() {
            let number = if position == 0 { token } else { self.state.next_token };
            self.follow(number, *flow, scope);
        }
    }

    /// Moves a token along one flow.
    pub(super) fn follow(&mut self, token: u32, flow: FlowIndex, scope: u32) {
        let flow = &self.graph.flows[flow];
        let forks = self.graph.steps[flow.from].outgoing.len() > 1;
        let joins = self.graph.steps[flow.to].incoming.len() > 1;
        let named = (forks || joins).then(|| flow.id.clone());
        self.enter(token, flow.to, scope, named);
    }

    /// An activity is done: what watched it falls away, and its token goes on.
    pub(super) fn finish(&mut self, token: u32) {
        let Some(step) = self.step_of(token) else { return };
        self.unwatch(token);
        self.leave(token, step);
    }

    /// Takes away what a token waits for and what watches it. The token itself stays.
    pub(super) fn withdraw(&mut self, token: u32) {
        self.unwatch(token);
        let Some(wait) = self.state.tokens.get(&token).map(|token| token.wait.clone()) else { return };
        match wait {
            Wait::Nothing => {}
            Wait::Task(task) => self.emit(Event::TaskCancelled { task }),
            Wait::Job(job) => self.emit(Event::JobCancelled { job }),
            Wait::Timer(timer) => self.emit(Event::TimerDisarmed { timer }),
            Wait::Message(subscription) => self.emit(Event::SubscriptionClosed { subscription }),
            Wait::Scope(scope) => {
                self.clear_scope(scope);
                self.emit(Event::ScopeClosed { scope });
            }
            Wait::Call(called) => {
                let ordinal = self.ordinal();
                self.emit(Event::CallAbandoned { ordinal, token, called });
            }
        }
    }

    /// Disarms the boundary events that watch a token's activity, and resolves its incidents.
    fn unwatch(&mut self, token: u32) {
        let waits_for = self.state.tokens.get(&token).map(|token| token.wait.clone());
        let timers: Vec<Made> = self.state.timers.iter().filter(|(_, timer)| timer.token == token).map(|(id, _)| *id).collect();
        for timer in timers {
            if waits_for != Some(Wait::Timer(timer)) {
                self.emit(Event::TimerDisarmed { timer });
            }
        }
        let subscriptions: Vec<Made> =
            self.state.subscriptions.iter().filter(|(_, subscription)| subscription.token == token).map(|(id, _)| *id).collect();
        for subscription in subscriptions {
            if waits_for != Some(Wait::Message(subscription)) {
                self.emit(Event::SubscriptionClosed { subscription });
            }
        }
        let incidents: Vec<Made> =
            self.state.incidents.iter().filter(|(_, incident)| incident.token == token).map(|(id, _)| *id).collect();
        for incident in incidents {
            self.emit(Event::IncidentResolved { incident });
        }
    }
}
