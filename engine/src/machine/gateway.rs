//! Gateways: the exclusive choice and the parallel join. The split is `Run::leave`.

use super::run::{Run, Trouble};
use super::state::Wait;
use crate::expression::Value;
use crate::graph::StepIndex;
use crate::journal::Event;

impl Run<'_> {
    /// Takes the first flow whose condition holds, else the default. A condition that is null does not hold.
    pub(super) fn choose(&mut self, token: u32, step: StepIndex) -> Result<(), Trouble> {
        let graph = self.graph;
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        let flows = &graph.steps[step].outgoing;
        if flows.len() <= 1 {
            self.leave(token, step);
            return Ok(());
        }
        let mut chosen = None;
        for &flow in flows {
            let Some(when) = &graph.flows[flow].when else { continue };
            match self.evaluate(scope, when, None)? {
                Value::Boolean(true) => {
                    chosen = Some(flow);
                    break;
                }
                Value::Boolean(false) | Value::Null => {}
                other => {
                    return Err(Trouble::new(
                        "gateway.not-boolean",
                        format!("The condition of {} yields a {}, neither true nor false.", graph.flows[flow].id, other.kind()),
                    ));
                }
            }
        }
        let chosen = chosen.or_else(|| flows.iter().copied().find(|&flow| graph.flows[flow].when.is_none()));
        match chosen {
            Some(flow) => {
                self.follow(token, flow, scope);
                Ok(())
            }
            None => Err(Trouble::new(
                "gateway.no-flow",
                "No condition holds and there is no default flow. Correct the data, or give the gateway a flow without `when`.",
            )),
        }
    }

    /// Waits until a token has come by every flow, then goes on with one of them.
    pub(super) fn join(&mut self, token: u32, step: StepIndex) {
        let graph = self.graph;
        let node = &graph.steps[step];
        if node.incoming.len() > 1 {
            let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return };
            let waiting = |flow: &str| {
                let mut tokens = self.state.tokens.iter();
                tokens
                    .find(|(_, other)| {
                        other.scope == scope
                            && other.step == node.id
                            && other.flow.as_deref() == Some(flow)
                            && other.wait == Wait::Nothing
                    })
                    .map(|(number, _)| *number)
            };
            let arrived: Option<Vec<u32>> = node.incoming.iter().map(|&flow| waiting(&graph.flows[flow].id)).collect();
            let Some(mut arrived) = arrived else { return };
            arrived.sort_unstable();
            let survivor = arrived.remove(0);
            self.emit(Event::TokensConsumed { tokens: arrived });
            self.leave(survivor, step);
        } else {
            self.leave(token, step);
        }
    }
}
