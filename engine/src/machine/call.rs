//! Call activities: a case of another process within this one. Caller and called speak through due rows, each delivery a command of its
//! own whose id is derived from its cause, so that a repeat is refused.

use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::{Instance, Wait};
use super::{Context, Decision, delivered, instance};
use crate::digest::Hash;
use crate::expression::Expression;
use crate::graph::{StepIndex, StepKind};
use crate::journal::event::CallOutcome;
use crate::journal::event::Caller;
use crate::journal::{Actor, Command, Envelope, Event};
use crate::model::id::Made;
use crate::model::limits::CALL_DEPTH_MAX;
use crate::model::{CommandId, Values};

/// The key under which the program carries out a due row.
pub fn due_key(due: Made) -> String {
    format!("due:{due}")
}

/// The command id under which a due row is carried out; for a call it is also the id of the called case.
fn due_command(due: Made) -> CommandId {
    Envelope::new(Actor::System, &due_key(due), Command::ExpireMessage { message: due }).id
}

impl Run<'_> {
    /// A token comes to a call activity.
    pub(super) fn request_call(
        &mut self,
        token: u32,
        step: StepIndex,
        process: &str,
        inputs: &[(String, Expression)],
    ) -> Result<(), Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        let Some(definition) = self.state.calls.get(process).copied() else {
            return Err(Trouble::new(
                "call.unknown-process",
                format!("The process {process} was not deployed when this case began."),
            ));
        };
        let depth = self.state.caller.as_ref().map_or(0, |caller| caller.depth) + 1;
        if depth > CALL_DEPTH_MAX {
            return Err(Trouble::new("call.too-deep", format!("Calls are nested more than {CALL_DEPTH_MAX} deep.")));
        }
        let data = self.evaluate_all(scope, inputs)?;
        let watches = self.prepare_boundary(token, step)?;
        let ordinal = self.ordinal();
        self.emit(Event::CallRequested { ordinal, token, definition, depth, data });
        self.watch(token, watches);
        Ok(())
    }

    /// Tells the caller, if there is one, that this case has ended.
    pub(super) fn answer_caller(&mut self, outcome: CallOutcome) {
        let Some(caller) = self.state.caller.clone() else { return };
        let ordinal = self.ordinal();
        let data = self.state.scopes.get(&0).map(|scope| scope.variables.clone()).unwrap_or_default();
        self.emit(Event::CallAnswered { ordinal, caller, outcome, data });
    }
}

/// Starts a called case.
pub(super) fn start(
    context: &Context<'_>,
    parent: CommandId,
    token: u32,
    definition: &Hash,
    depth: u32,
    data: &Values,
) -> Result<Decision, Rejection> {
    let caller = Caller { instance: parent, token, depth };
    let deployed = context.library.get(definition);
    let started = deployed
        .ok_or_else(|| Rejection::not_found("definition.unknown", "The called definition is not deployed."))
        .and_then(|deployed| instance::start_called(context, deployed, caller.clone(), data));
    // Nobody could mend a refusal here: the caller is told, and holds an incident.
    started.or_else(|_| {
        let mut decision = delivered(context);
        decision.events.push(Event::CallAnswered { ordinal: 0, caller, outcome: CallOutcome::Refused, data: Values::new() });
        Ok(decision)
    })
}

/// A called case has ended. A suspended caller is told once it is resumed.
pub(super) fn returned(
    run: &mut Run<'_>,
    token: u32,
    called: CommandId,
    outcome: CallOutcome,
    data: &Values,
) -> Result<(), Rejection> {
    let waits = run.state.tokens.get(&token).is_some_and(|token| token.wait == Wait::Call(called));
    // Interrupted meanwhile, or the whole case is over: only the delivery is recorded.
    if !waits || run.state.is_over() {
        return Ok(());
    }
    run.require_active()?;
    let graph = run.graph;
    let (Some(step), Some(scope)) = (run.step_of(token), run.state.tokens.get(&token).map(|token| token.scope)) else {
        return Ok(());
    };
    run.emit(Event::CallReturned { token, called, outcome, data: data.clone() });
    let StepKind::CallActivity { outputs, .. } = &graph.steps[step].kind else { return Ok(()) };
    if outcome != CallOutcome::Completed {
        let trouble = Trouble::new(
            "call.not-completed",
            "The called case was cancelled, or could not be started. Trying again calls it anew.",
        );
        run.raise(token, trouble);
        return Ok(());
    }
    match run.outputs(scope, outputs, data).and_then(|writes| run.write(writes)) {
        Ok(()) => run.finish(token),
        Err(trouble) => run.raise(token, trouble),
    }
    Ok(())
}

pub(super) fn apply(state: &mut Instance, origin: &crate::journal::Origin, event: &Event) {
    match event {
        Event::CallRequested { ordinal, token, .. } => {
            if let Some(waiting) = state.tokens.get_mut(token) {
                waiting.wait = Wait::Call(due_command(Made { command: origin.command, ordinal: *ordinal }));
            }
        }
        Event::CallReturned { token, .. } | Event::CallAbandoned { token, .. } => {
            if let Some(waiting) = state.tokens.get_mut(token) {
                waiting.wait = Wait::Nothing;
            }
        }
        _ => {}
    }
}
