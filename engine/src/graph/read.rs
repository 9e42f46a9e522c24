//! A process: document → graph.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{self, capped};
use super::draft::Draft;
use super::{Graph, Known, Scope, Step, StepKind, clock, flow, form, reach, shape, sound, step};
use crate::digest::Hash;
use crate::model::Problem;
use crate::model::definition::Process;
use crate::model::limits::STEPS_MAX;

/// Compiles a document. `known` tells what else is deployed: processes, for call activities (the process itself counts as deployed),
/// and norms, for clocks. Returns the graph with its warnings, or every problem.
pub fn compile(document: &[u8], known: &dyn Known) -> Result<(Graph, Vec<Problem>), Vec<Problem>> {
    let value = document::parse(document)?;
    if count_steps(&value) > STEPS_MAX {
        let message = format!("There are more than {STEPS_MAX} steps. Divide the process and call its parts.");
        return Err(vec![Problem::error("limit.steps", "/steps", message)]);
    }
    let (process, hash, problems) = document::typed::<Process>(value, &shape::PROCESS)?;
    build(process, hash, known, problems)
}

/// Every problem of a document, warnings included.
pub fn check(document: &[u8], known: &dyn Known) -> Vec<Problem> {
    match compile(document, known) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

/// What is wrong with the clocks of a process that was right before: a norm that they bind is to be another.
pub(crate) fn check_clocks(process: &Process, known: &dyn Known) -> Vec<Problem> {
    let mut draft = Draft::lay_out(process, known, Vec::new());
    let wiring = flow::wire(&mut draft);
    let before = draft.problems.len();
    clock::check_all(&mut draft, &wiring);
    draft.problems.split_off(before)
}

/// Document → graph, each stage over what the one before found.
fn build(process: Process, hash: Hash, known: &dyn Known, problems: Vec<Problem>) -> Result<(Graph, Vec<Problem>), Vec<Problem>> {
    let mut draft = Draft::lay_out(&process, known, problems);
    let variables = form::variables(&mut draft);
    let forms = form::forms(&mut draft, &variables);
    let before = draft.errors();
    let wiring = flow::wire(&mut draft);
    // A flow that leads nowhere would make the steps behind it look unreachable: one mistake, one problem.
    let is_wired = draft.errors() == before;
    let kinds = step::check_all(&mut draft, &wiring, &forms);
    if is_wired {
        reach::check(&mut draft, &wiring);
    }
    let clocks = clock::check_all(&mut draft, &wiring);
    if draft.errors() == 0 {
        sound::check(&mut draft, &wiring);
    }
    if draft.errors() > 0 {
        return Err(capped(draft.problems));
    }
    let warnings = capped(std::mem::take(&mut draft.problems));

    let by_id = draft.by_id.iter().map(|(id, step)| ((*id).to_owned(), *step)).collect();
    let mut scopes: Vec<Scope> = draft
        .scopes
        .iter()
        .zip(variables)
        .map(|(scope, variables)| Scope {
            step: scope.step,
            parent: scope.parent,
            start: None,
            message_starts: Vec::new(),
            variables,
        })
        .collect();
    let mut steps = Vec::new();
    let flow::Wiring { flows, outgoing, incoming, boundary, .. } = wiring;
    let wires = outgoing.into_iter().zip(incoming).zip(boundary);
    for (index, ((placed, kind), ((outgoing, incoming), boundary))) in draft.steps.iter().zip(kinds).zip(wires).enumerate() {
        let Some(kind) = kind else {
            // A step without a kind has reported an error; this says so where a check forgot to.
            let message = "This step cannot be used. Compare it with the schema.";
            return Err(vec![Problem::error("step.invalid", placed.pointer.clone(), message)]);
        };
        match &kind {
            StepKind::Start { message: None, .. } => scopes[placed.scope].start = Some(index),
            StepKind::Start { .. } => scopes[placed.scope].message_starts.push(index),
            _ => {}
        }
        let (id, pointer, scope) = (placed.authored.id.clone(), placed.pointer.clone(), placed.scope);
        steps.push(Step { id, pointer, scope, kind, outgoing, incoming, boundary });
    }
    let personal = scopes.iter().flat_map(|scope| &scope.variables).filter(|(_, variable)| variable.declared.personal);
    let personal: BTreeSet<String> = personal.map(|(name, _)| name.clone()).collect();
    let call = |step: &Step| match &step.kind {
        StepKind::CallActivity { process, .. } => Some(process.clone()),
        _ => None,
    };
    let calls = steps.iter().filter_map(call).collect();
    let copied = std::mem::take(&mut draft.copied);
    drop(draft);
    Ok((Graph { hash, process, steps, flows, scopes, forms, personal, copied, calls, clocks, by_id }, warnings))
}

/// Steps of a document that may not be one; the depth of JSON is bounded.
fn count_steps(value: &Value) -> usize {
    let steps = value.get("steps").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    steps.len() + steps.iter().map(count_steps).sum::<usize>()
}
