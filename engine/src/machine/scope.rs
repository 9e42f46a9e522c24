//! Tokens and scopes: where paths begin and end, and what a sub-process holds.

use super::run::{Run, Trouble};
use super::state::{Instance, Scope, Token, Wait};
use crate::graph::{ScopeIndex, StepIndex, Throw};
use crate::journal::Event;
use crate::journal::event::CallOutcome;

impl Run<'_> {
    /// An end event: the path ends, or everything in its scope.
    pub(super) fn end(&mut self, token: u32, terminate: bool, message: Option<&Throw>) -> Result<(), Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        if let Some(throw) = message {
            self.throw(token, throw)?;
        }
        if terminate {
            self.clear_scope(scope);
        } else {
            self.emit(Event::TokensConsumed { tokens: vec![token] });
        }
        self.close_if_empty(scope);
        Ok(())
    }

    /// A sub-process begins.
    pub(super) fn open_scope(&mut self, token: u32, step: StepIndex, inner: ScopeIndex) -> Result<(), Trouble> {
        let Some(start) = self.graph.scopes[inner].start else {
            return Err(Trouble::new("scope.no-start", "The sub-process has no start event."));
        };
        let watches = self.prepare_boundary(token, step)?;
        let scope = self.state.next_scope;
        self.emit(Event::ScopeOpened { scope, token });
        self.watch(token, watches);
        // An early message may have ended the sub-process as soon as it was watched.
        if self.state.scopes.contains_key(&scope) {
            self.enter_new(start, scope, None);
        }
        Ok(())
    }

    /// Ends a scope in which no token is left: the sub-process is done, or the case.
    pub(super) fn close_if_empty(&mut self, scope: u32) {
        if self.state.tokens.values().any(|token| token.scope == scope) {
            return;
        }
        if scope == 0 {
            self.stop_clocks();
            self.emit(Event::InstanceCompleted);
            self.answer_caller(CallOutcome::Completed);
            return;
        }
        let Some(owner) = self.state.scopes.get(&scope).and_then(|scope| scope.token) else { return };
        self.emit(Event::ScopeClosed { scope });
        self.finish(owner);
    }

    /// Takes away everything in a scope, nested scopes included. The scope itself stays open.
    pub(super) fn clear_scope(&mut self, scope: u32) {
        let tokens: Vec<u32> =
            self.state.tokens.iter().filter(|(_, token)| token.scope == scope).map(|(number, _)| *number).collect();
        for &token in &tokens {
            self.withdraw(token);
        }
        if !tokens.is_empty() {
            self.emit(Event::TokensConsumed { tokens });
        }
    }
}

pub(super) fn apply(state: &mut Instance, event: &Event) {
    match event {
        Event::StepEntered { token, step, scope, flow } => {
            state.next_token = state.next_token.max(token + 1);
            let at = Token { step: step.clone(), scope: *scope, flow: flow.clone(), wait: Wait::Nothing };
            state.tokens.insert(*token, at);
        }
        Event::TokensConsumed { tokens } => {
            for token in tokens {
                state.tokens.remove(token);
            }
        }
        Event::ScopeOpened { scope, token } => {
            state.next_scope = state.next_scope.max(scope + 1);
            let Some(owner) = state.tokens.get_mut(token) else { return };
            owner.wait = Wait::Scope(*scope);
            let opened = Scope {
                token: Some(*token),
                step: Some(owner.step.clone()),
                parent: Some(owner.scope),
                variables: crate::model::Values::new(),
            };
            state.scopes.insert(*scope, opened);
        }
        Event::ScopeClosed { scope } => {
            if let Some(closed) = state.scopes.remove(scope) {
                state.bytes = state.bytes.saturating_sub(super::variables::size_of_all(&closed.variables));
                if let Some(owner) = closed.token.and_then(|token| state.tokens.get_mut(&token)) {
                    owner.wait = Wait::Nothing;
                }
            }
        }
        _ => {}
    }
}
