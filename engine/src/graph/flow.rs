//! Wiring: every `next` becomes flows between steps of one scope, every `attachedTo` a boundary.

use std::collections::{HashMap, HashSet};

use super::draft::Draft;
use super::{Flow, FlowIndex, StepIndex};
use crate::model::definition::{self, Next, NextFlow, StepType};
use crate::model::limits::FLOWS_MAX;

/// The flows of a document, and who is attached to whom; indexes are those of the draft's steps.
pub(super) struct Wiring {
    pub(super) flows: Vec<Flow>,
    pub(super) outgoing: Vec<Vec<FlowIndex>>,
    pub(super) incoming: Vec<Vec<FlowIndex>>,
    /// Boundary events by host.
    pub(super) boundary: Vec<Vec<StepIndex>>,
    /// Hosts by boundary event.
    pub(super) hosts: Vec<Option<StepIndex>>,
}

/// A flow as authored.
struct Arrow<'a> {
    to: &'a str,
    flow: Option<&'a definition::Flow>,
    /// Where the target is written.
    target: String,
    /// Where the flow is written.
    pointer: String,
}

/// Wires all steps.
pub(super) fn wire(draft: &mut Draft) -> Wiring {
    let count = draft.steps.len();
    let mut wiring = Wiring {
        flows: Vec::new(),
        outgoing: vec![Vec::new(); count],
        incoming: vec![Vec::new(); count],
        boundary: vec![Vec::new(); count],
        hosts: vec![None; count],
    };
    let mut ids = HashMap::new();
    for step in 0..count {
        wire_step(draft, step, &mut wiring, &mut ids);
        if let Some(host) = host_of(draft, step) {
            wiring.boundary[host].push(step);
            wiring.hosts[step] = Some(host);
        }
        if wiring.flows.len() > FLOWS_MAX {
            let message = format!("There are more than {FLOWS_MAX} flows. Divide the process and call its parts.");
            draft.error("limit.flows", "/steps", message);
            break;
        }
    }
    wiring
}

fn wire_step(draft: &mut Draft, step: StepIndex, wiring: &mut Wiring, ids: &mut HashMap<String, String>) {
    let (authored, pointer, _) = draft.place(step);
    let arrows = arrows(authored, &pointer);
    if authored.kind == StepType::EndEvent {
        if authored.next.is_some() {
            let message = format!("\"{}\" is an end event, and nothing flows out of it. Remove \"next\".", authored.id);
            draft.error("flow.out-of-end", format!("{pointer}/next"), message);
        }
        return;
    }
    if arrows.is_empty() {
        let message = format!("\"{}\" leads nowhere. Name the step after it in \"next\", or make it an end event.", authored.id);
        return draft.error("flow.next-missing", pointer, message);
    }
    check_split(draft, step, &arrows);
    let mut targets = HashSet::new();
    for arrow in arrows {
        let Some(to) = target_of(draft, step, &arrow) else { continue };
        let again = !targets.insert(to);
        if again && authored.kind == StepType::ParallelGateway {
            let message = format!("Two flows of \"{}\" lead to \"{}\". One is enough; remove the other.", authored.id, arrow.to);
            draft.error("flow.duplicate-target", arrow.pointer, message);
            continue;
        }
        let id = match arrow.flow.and_then(|flow| flow.id.clone()) {
            Some(id) => id,
            None => format!("{}>{}", authored.id, arrow.to),
        };
        if let Some(first) = ids.insert(id.clone(), arrow.pointer.clone()) {
            let message = format!("The flow id \"{id}\" is also that of {first}. Give one of the flows another \"id\".");
            draft.error("flow.duplicate-id", &arrow.pointer, message);
        }
        let condition = arrow.flow.and_then(|flow| flow.when.as_deref());
        let when = condition.and_then(|source| {
            let scope = draft.steps[step].scope;
            draft.expression(scope, &format!("{}/when", arrow.pointer), source, false)
        });
        let index = wiring.flows.len();
        wiring.flows.push(Flow { id, from: step, to, when });
        wiring.outgoing[step].push(index);
        wiring.incoming[to].push(index);
    }
}

fn arrows<'a>(step: &'a definition::Step, pointer: &str) -> Vec<Arrow<'a>> {
    match &step.next {
        None => Vec::new(),
        Some(Next::One(to)) => {
            vec![Arrow { to, flow: None, target: format!("{pointer}/next"), pointer: format!("{pointer}/next") }]
        }
        Some(Next::Many(flows)) => flows
            .iter()
            .enumerate()
            .map(|(position, flow)| {
                let pointer = format!("{pointer}/next/{position}");
                match flow {
                    NextFlow::To(to) => Arrow { to, flow: None, target: pointer.clone(), pointer },
                    NextFlow::Flow(flow) => Arrow { to: &flow.to, flow: Some(flow), target: format!("{pointer}/to"), pointer },
                }
            })
            .collect(),
    }
}

/// Conditions and numbers of flows: only gateways divide, only exclusive ones ask.
fn check_split(draft: &mut Draft, step: StepIndex, arrows: &[Arrow]) {
    let (authored, pointer, _) = draft.place(step);
    let is_asked = |arrow: &&Arrow| arrow.flow.is_some_and(|flow| flow.when.is_some());
    if authored.kind != StepType::ExclusiveGateway {
        for arrow in arrows.iter().filter(is_asked) {
            let message =
                "Only flows out of an exclusive gateway have a condition. Remove \"when\", or put an exclusive gateway here.";
            draft.error("flow.condition-not-here", format!("{}/when", arrow.pointer), message);
        }
        if arrows.len() > 1 && authored.kind != StepType::ParallelGateway {
            let message = format!(
                "\"{}\" has {} flows out, and only gateways may. Lead it to an exclusive or a parallel gateway that divides.",
                authored.id,
                arrows.len()
            );
            draft.error("flow.needs-gateway", format!("{pointer}/next"), message);
        }
        return;
    }
    let unasked: Vec<&Arrow> = arrows.iter().filter(|arrow| !is_asked(arrow)).collect();
    for arrow in unasked.iter().skip(1) {
        let message = format!(
            "\"{}\" has more than one flow without \"when\". Only the default has none; give the others a condition.",
            authored.id
        );
        draft.error("gateway.several-defaults", &arrow.pointer, message);
    }
    if unasked.is_empty() {
        let message = format!(
            "\"{}\" has no default flow: when no condition holds, the case becomes an incident. Leave out \"when\" on one flow.",
            authored.id
        );
        draft.warning("gateway.no-default", format!("{pointer}/next"), message);
    }
}

/// The target of a flow, if it may lead there.
fn target_of(draft: &mut Draft, step: StepIndex, arrow: &Arrow) -> Option<StepIndex> {
    let scope = draft.steps[step].scope;
    let Some(&to) = draft.by_id.get(arrow.to) else {
        let same_scope = draft.steps.iter().filter(|placed| placed.scope == scope).map(|placed| placed.authored.id.as_str());
        let guess = draft.guess(arrow.to, same_scope);
        let message = format!("There is no step \"{}\". Name a step of this process.{guess}", arrow.to);
        draft.error("flow.unknown-target", &arrow.target, message);
        return None;
    };
    let target = &draft.steps[to];
    let (code, message) = if target.scope != scope {
        (
            "flow.crosses-scope",
            "lies in another (sub-)process. A flow stays within its own; lead it to the sub-process or its end.",
        )
    } else if target.authored.kind == StepType::StartEvent {
        ("flow.into-start", "is a start event, and nothing flows into it. Lead the flow to the step after it.")
    } else if target.authored.kind == StepType::BoundaryEvent {
        ("flow.into-boundary", "is a boundary event, which begins by itself. Lead the flow to the step after it.")
    } else {
        return Some(to);
    };
    draft.error(code, &arrow.target, format!("\"{}\" {message}", arrow.to));
    None
}

/// The host of a boundary event.
fn host_of(draft: &mut Draft, step: StepIndex) -> Option<StepIndex> {
    let (authored, pointer, scope) = draft.place(step);
    let host = authored.attached_to.as_deref().filter(|_| authored.kind == StepType::BoundaryEvent)?;
    let pointer = format!("{pointer}/attachedTo");
    let Some(&index) = draft.by_id.get(host) else {
        let activities = draft.steps.iter().filter(|placed| is_activity(placed.authored.kind));
        let guess = draft.guess(host, activities.map(|placed| placed.authored.id.as_str()));
        draft.error("boundary.unknown-host", pointer, format!("There is no step \"{host}\". Name the activity to watch.{guess}"));
        return None;
    };
    if draft.steps[index].scope != scope {
        let message = format!("\"{host}\" lies in another (sub-)process. Put the boundary event beside its activity.");
        draft.error("boundary.crosses-scope", pointer, message);
        return None;
    }
    if !is_activity(draft.steps[index].authored.kind) {
        let message = format!(
            "\"{host}\" does not wait for anybody. A boundary event watches a user task, service task, sub-process or call activity."
        );
        draft.error("boundary.not-an-activity", pointer, message);
        return None;
    }
    Some(index)
}

/// Whether a boundary event can watch it.
pub(super) fn is_activity(kind: StepType) -> bool {
    matches!(kind, StepType::UserTask | StepType::ServiceTask | StepType::SubProcess | StepType::CallActivity)
}
