//! Soundness: a token game over the control flow of each scope finds what waits for ever, what multiplies, what never runs.

use super::ScopeIndex;
use super::draft::Draft;
use super::flow::Wiring;
use super::game::{Budget, Found, Game, Net};
use crate::model::definition::StepType;
use crate::model::limits::TOKENS_MAX;

/// Checks all scopes.
pub(super) fn check(draft: &mut Draft, wiring: &Wiring) {
    let net = Net::of_draft(draft, wiring);
    let mut budget = Budget::default();
    for scope in 0..draft.scopes.len() {
        let found = Game::new(&net).play_all(scope, &mut budget);
        report(draft, wiring, scope, found);
        if budget.is_spent() {
            let message = "This process can run in too many ways to check them all. Put parts of it into sub-processes.";
            return draft.warning("sound.not-decided", format!("{}/steps", draft.scopes[scope].pointer), message);
        }
    }
}

fn report(draft: &mut Draft, wiring: &Wiring, scope: ScopeIndex, found: Found) {
    let is_clean = found.is_clean();
    for (step, missing) in found.stuck {
        let (authored, pointer, _) = draft.place(step);
        let flows = missing.iter().take(3).map(|&flow| format!("\"{}\"", wiring.flows[flow].id)).collect::<Vec<_>>().join(", ");
        let message = format!(
            "\"{}\" can wait for ever for {flows}. Join paths of an exclusive gateway by an exclusive one, those of a parallel by a parallel one.",
            authored.id
        );
        draft.error("sound.deadlock", pointer, message);
    }
    for step in found.unbounded {
        let (authored, pointer, _) = draft.place(step);
        let message = format!(
            "\"{}\" can multiply the paths of a case without end, or beyond {TOKENS_MAX}. Join its branches before they lead back.",
            authored.id
        );
        draft.error("sound.unbounded", pointer, message);
    }
    let Some(moved) = found.moved.filter(|_| is_clean) else { return };
    for step in 0..draft.steps.len() {
        let (authored, pointer, at) = draft.place(step);
        let is_event = matches!(authored.kind, StepType::StartEvent | StepType::BoundaryEvent);
        if at == scope && !is_event && !moved.contains(&step) {
            let message = format!(
                "\"{}\" can never run, whatever is decided before it. Look at the gateways that lead to it.",
                authored.id
            );
            draft.error("sound.dead-step", pointer, message);
        }
    }
}
