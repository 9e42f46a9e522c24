//! What the wiring leads to: steps never reached, paths that never end, loops that never wait, writes that race.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::flow::Wiring;
use super::{ScopeIndex, StepIndex};
use crate::model::definition::{Outputs, StepType};

/// Branches of one gateway that are compared with each other.
const BRANCHES_MAX: usize = 32;

/// Runs all checks that follow paths.
pub(super) fn check(draft: &mut Draft, wiring: &Wiring) {
    let paths = Paths::of(draft, wiring);
    for scope in 0..draft.scopes.len() {
        check_ends(draft, &paths, scope);
    }
    check_loops(draft, &paths);
    check_duties(draft, &paths);
    check_races(draft, wiring, &paths);
}

/// Where each step leads within its scope: along its flows, and to its boundary events.
struct Paths {
    forward: Vec<Vec<StepIndex>>,
    backward: Vec<Vec<StepIndex>>,
}

impl Paths {
    fn of(draft: &Draft, wiring: &Wiring) -> Self {
        let count = draft.steps.len();
        let mut paths = Self { forward: vec![Vec::new(); count], backward: vec![Vec::new(); count] };
        let flows = wiring.flows.iter().map(|flow| (flow.from, flow.to));
        let boundaries = wiring.boundary.iter().enumerate().flat_map(|(host, events)| events.iter().map(move |&e| (host, e)));
        for (from, to) in flows.chain(boundaries) {
            paths.forward[from].push(to);
            paths.backward[to].push(from);
        }
        paths
    }
}

/// All steps reached from `starts`, which are among them.
fn closure(edges: &[Vec<StepIndex>], starts: impl IntoIterator<Item = StepIndex>) -> Vec<bool> {
    let mut reached = vec![false; edges.len()];
    let mut waiting: Vec<StepIndex> = starts.into_iter().collect();
    while let Some(step) = waiting.pop() {
        if !std::mem::replace(&mut reached[step], true) {
            waiting.extend(&edges[step]);
        }
    }
    reached
}

/// Every step is reached from a start, and reaches an end.
fn check_ends(draft: &mut Draft, paths: &Paths, scope: ScopeIndex) {
    let inside: Vec<StepIndex> = (0..draft.steps.len()).filter(|&step| draft.steps[step].scope == scope).collect();
    let of_kind =
        |draft: &Draft, kind| inside.iter().copied().filter(|&s| draft.steps[s].authored.kind == kind).collect::<Vec<_>>();
    let (starts, ends) = (of_kind(draft, StepType::StartEvent), of_kind(draft, StepType::EndEvent));
    if ends.is_empty() && !inside.is_empty() {
        let pointer = format!("{}/steps", draft.scopes[scope].pointer);
        return draft.error(
            "end.missing",
            pointer,
            "There is no end event. Add a step of type \"endEvent\" that the last step leads to.",
        );
    }
    if starts.is_empty() {
        return;
    }
    // A boundary event without a host has its own problem.
    let is_adrift =
        |&step: &StepIndex| draft.steps[step].authored.kind == StepType::BoundaryEvent && paths.backward[step].is_empty();
    let roots = starts.into_iter().chain(inside.iter().copied().filter(is_adrift));
    let (reached, ending) = (closure(&paths.forward, roots), closure(&paths.backward, ends));
    for step in inside {
        let (authored, pointer, _) = draft.place(step);
        if !reached[step] {
            let message = format!("No path leads to \"{}\". Lead a flow to it, or remove it.", authored.id);
            draft.error("flow.unreachable", pointer, message);
        } else if !ending[step] {
            let message =
                format!("From \"{}\" no path leads to an end event. Lead one of the steps behind it to an end.", authored.id);
            draft.error("flow.no-way-to-end", pointer, message);
        }
    }
}

/// Whether a case may stop here until something comes from outside.
fn waits(draft: &Draft, step: StepIndex) -> bool {
    let placed = &draft.steps[step];
    match placed.authored.kind {
        StepType::UserTask | StepType::ServiceTask | StepType::IntermediateCatchEvent | StepType::CallActivity => true,
        StepType::SubProcess => (0..draft.steps.len()).any(|s| Some(draft.steps[s].scope) == placed.inner && waits(draft, s)),
        _ => false,
    }
}

/// A loop in which nothing waits runs until the limit of moves.
fn check_loops(draft: &mut Draft, paths: &Paths) {
    let busy: Vec<bool> = (0..draft.steps.len()).map(|step| !waits(draft, step)).collect();
    let next = |step: StepIndex| paths.forward[step].iter().copied().filter(|&to| busy[to]);
    let edges: Vec<Vec<StepIndex>> = (0..busy.len()).map(|s| if busy[s] { next(s).collect() } else { Vec::new() }).collect();
    for group in loops(&edges) {
        let first = group.iter().copied().min().unwrap_or_default();
        let (authored, pointer, _) = draft.place(first);
        let message = format!(
            "The loop through \"{}\" waits for nobody and can run until it is stopped. Put a task or a timer into it.",
            authored.id
        );
        draft.warning("flow.busy-loop", pointer, message);
    }
}

/// Groups of steps that lie on a common cycle (strongly connected components, Tarjan's algorithm without recursion).
pub(super) fn loops(edges: &[Vec<StepIndex>]) -> Vec<Vec<StepIndex>> {
    const NEW: usize = usize::MAX;
    let (mut order, mut low) = (vec![NEW; edges.len()], vec![0; edges.len()]);
    let (mut stack, mut on_stack, mut next, mut found) = (Vec::new(), vec![false; edges.len()], 0, Vec::new());
    for root in 0..edges.len() {
        let mut calls = vec![(root, 0)];
        while let Some((node, edge)) = calls.pop() {
            if edge == 0 {
                if order[node] != NEW {
                    continue;
                }
                (order[node], low[node], on_stack[node]) = (next, next, true);
                next += 1;
                stack.push(node);
            } else {
                // Back from the neighbour before.
                let neighbour = edges[node][edge - 1];
                if on_stack[neighbour] {
                    low[node] = low[node].min(low[neighbour]);
                }
            }
            if let Some(&neighbour) = edges[node].get(edge) {
                calls.push((node, edge + 1));
                if order[neighbour] == NEW {
                    calls.push((neighbour, 0));
                }
            } else if low[node] == order[node] {
                let start = stack.iter().rposition(|&member| member == node).unwrap_or_default();
                let group = stack.split_off(start);
                for &member in &group {
                    on_stack[member] = false;
                }
                if group.len() > 1 || edges[node].contains(&node) {
                    found.push(group);
                }
            }
        }
    }
    found
}

/// Separation of duties looks back: the other step should be able to come before.
fn check_duties(draft: &mut Draft, paths: &Paths) {
    // Across scopes: into a sub-process by its start, out of it by its ends.
    let mut edges = paths.forward.clone();
    for step in 0..draft.steps.len() {
        let placed = &draft.steps[step];
        match (placed.authored.kind, draft.scopes[placed.scope].step) {
            (StepType::StartEvent, Some(around)) => edges[around].push(step),
            (StepType::EndEvent, Some(around)) => edges[step].push(around),
            _ => {}
        }
    }
    let mut behind: BTreeMap<StepIndex, Vec<bool>> = BTreeMap::new();
    for step in 0..draft.steps.len() {
        let (authored, pointer, _) = draft.place(step);
        if authored.kind != StepType::UserTask {
            continue;
        }
        let others = authored.performer.iter().flat_map(|performer| &performer.not_who_did).enumerate();
        for (position, other) in others {
            let Some(&from) = draft.by_id.get(other.as_str()) else { continue };
            if !behind.entry(from).or_insert_with(|| closure(&edges, edges[from].iter().copied()))[step] {
                let message =
                    format!("\"{other}\" never comes before \"{}\", so this forbids nobody. Name an earlier step.", authored.id);
                draft.warning("performer.never-before", format!("{pointer}/performer/notWhoDid/{position}"), message);
            }
        }
    }
}

/// Two branches of a parallel gateway that write the same variable: the later one wins.
fn check_races(draft: &mut Draft, wiring: &Wiring, paths: &Paths) {
    let mut writes: BTreeMap<StepIndex, BTreeSet<(ScopeIndex, &str)>> = BTreeMap::new();
    for step in 0..draft.steps.len() {
        let written = written(draft, step);
        // What is written inside a sub-process to a variable around it is written by the sub-process as well.
        let mut at = Some(step);
        while let Some(writer) = at {
            let outside = written.iter().filter(|(scope, _)| *scope <= draft.steps[writer].scope);
            writes.entry(writer).or_default().extend(outside);
            at = draft.scopes[draft.steps[writer].scope].step;
        }
    }
    for gateway in 0..draft.steps.len() {
        let branches = &wiring.outgoing[gateway];
        if draft.steps[gateway].authored.kind != StepType::ParallelGateway || branches.len() < 2 {
            continue;
        }
        // A step belongs to a branch when no other branch leads to it: behind the join they all do.
        let firsts = branches.iter().take(BRANCHES_MAX).map(|&flow| wiring.flows[flow].to);
        let reached: Vec<Vec<bool>> = firsts.map(|first| closure(&paths.forward, [first])).collect();
        let mut writers: BTreeMap<(ScopeIndex, &str), BTreeSet<usize>> = BTreeMap::new();
        for (&step, variables) in &writes {
            let mut through = (0..reached.len()).filter(|&branch| reached[branch][step]);
            if let (Some(branch), None) = (through.next(), through.next()) {
                for &variable in variables {
                    writers.entry(variable).or_default().insert(branch);
                }
            }
        }
        for ((_, name), _) in writers.into_iter().filter(|(_, branches)| branches.len() > 1) {
            let (authored, pointer, _) = draft.place(gateway);
            let message = format!(
                "More than one branch behind \"{}\" writes \"{name}\", and the later one wins. Write it in one branch, or after the join.",
                authored.id
            );
            draft.warning("variables.written-in-parallel", pointer, message);
        }
    }
}

/// The variables that a step writes, with the scopes that declare them.
fn written<'a>(draft: &Draft<'a>, step: StepIndex) -> BTreeSet<(ScopeIndex, &'a str)> {
    let (authored, _, scope) = draft.place(step);
    let outputs: Vec<&'a String> = match &authored.outputs {
        None => Vec::new(),
        Some(Outputs::Names(names)) => names.iter().collect(),
        Some(Outputs::Mapping(mapping)) => mapping.keys().collect(),
    };
    let names = authored.set.keys().chain(outputs);
    names.filter_map(|name| Some((draft.declaring(scope, name)?, name.as_str()))).collect()
}
