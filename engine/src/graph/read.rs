//! The way in: bytes → strict JSON → schema → document → graph.

use std::collections::BTreeSet;

use serde_json::Value;

use super::draft::{Draft, PROBLEMS_MAX};
use super::{Graph, Scope, Step, StepKind, flow, form, reach, shape, sound, step};
use crate::digest::{Hash, JsonLimits, canonical, parse_strict};
use crate::model::Problem;
use crate::model::definition::Process;
use crate::model::limits::{DEFINITION_BYTES_MAX, JSON_DEPTH_MAX, STEPS_MAX};
use crate::model::problem::pointer_token;

/// Compiles a document. `known` tells which process ids are deployed, for call activities; the process itself counts as known.
/// Returns the graph with its warnings, or every problem.
pub fn compile(document: &[u8], known: &dyn Fn(&str) -> bool) -> Result<(Graph, Vec<Problem>), Vec<Problem>> {
    let limits = JsonLimits { max_bytes: DEFINITION_BYTES_MAX, max_depth: JSON_DEPTH_MAX, fractions: true };
    let value = parse_strict(document, &limits).map_err(|error| {
        vec![Problem::error(error.code, error.pointer.clone(), sentence(&error.message, error.line, error.column))]
    })?;
    if count_steps(&value) > STEPS_MAX {
        let message = format!("There are more than {STEPS_MAX} steps. Divide the process and call its parts.");
        return Err(vec![Problem::error("limit.steps", "/steps", message)]);
    }
    let mut problems = shape::check(&value);
    find_bidi(&value, &mut String::new(), &mut problems);
    let hash = Hash::of(canonical(&value).as_bytes());
    match serde_json::from_value::<Process>(value) {
        Ok(process) => build(process, hash, known, problems),
        Err(error) => {
            if !problems.iter().any(Problem::is_error) {
                let message = format!("The document cannot be read: {error}. Compare it with the schema.");
                problems.push(Problem::error("schema.invalid", "", message));
            }
            Err(capped(problems))
        }
    }
}

/// Every problem of a document, warnings included.
pub fn check(document: &[u8], known: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    match compile(document, known) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

/// Document → graph, each stage over what the one before found.
fn build(
    process: Process,
    hash: Hash,
    known: &dyn Fn(&str) -> bool,
    problems: Vec<Problem>,
) -> Result<(Graph, Vec<Problem>), Vec<Problem>> {
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
    drop(draft);
    Ok((Graph { hash, process, steps, flows, scopes, forms, personal, calls, by_id }, warnings))
}

/// Errors before warnings, each once, and not more than anyone reads.
fn capped(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| problem.severity);
    let count = problems.len();
    if count > PROBLEMS_MAX {
        let severity = problems[PROBLEMS_MAX - 1].severity;
        problems.truncate(PROBLEMS_MAX - 1);
        let message = format!("Only the first {PROBLEMS_MAX} problems are shown. Correct these and check again.");
        problems.push(Problem { severity, ..Problem::error("limit.problems", "", message) });
    }
    problems
}

fn sentence(message: &str, line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("{message} It is in line {line}, column {column}."),
        _ => message.to_owned(),
    }
}

/// Steps of a document that may not be one; the depth of JSON is bounded.
fn count_steps(value: &Value) -> usize {
    let steps = value.get("steps").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    steps.len() + steps.iter().map(count_steps).sum::<usize>()
}

/// Warns of characters that turn the direction of text: they can make a title or an id look like another.
fn find_bidi(value: &Value, pointer: &mut String, problems: &mut Vec<Problem>) {
    let turns = |text: &str| {
        text.contains([
            '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
        ])
    };
    let length = pointer.len();
    let found = match value {
        Value::String(text) => turns(text),
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&position.to_string());
                find_bidi(item, pointer, problems);
                pointer.truncate(length);
            }
            false
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&pointer_token(name));
                if turns(name) {
                    problems.push(bidi(pointer));
                }
                find_bidi(member, pointer, problems);
                pointer.truncate(length);
            }
            false
        }
        _ => false,
    };
    if found && problems.len() < PROBLEMS_MAX {
        problems.push(bidi(pointer));
    }
}

fn bidi(pointer: &str) -> Problem {
    let message = "This text has an invisible character that turns its direction. Remove it, so that it reads as it is written.";
    Problem::warning("text.bidi-control", pointer, message)
}
