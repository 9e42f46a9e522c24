//! A definition as a diagram, and where a case stands in it.

use std::collections::BTreeSet;

use engine::graph::{Graph, StepIndex, StepKind, Trigger};
use engine::journal::{Entry, Event};
use engine::machine::Instance;
use engine::model::definition::{Next, NextFlow};
use engine::model::{Language, Text};

use crate::diagram::{Diagram, Flow, Kind, Mark, Node};

/// Where a case stands, and how it came there.
#[derive(Debug, Clone, Default)]
pub struct Stand {
    /// Steps that were left behind.
    pub done: BTreeSet<StepIndex>,
    /// Steps where a token waits.
    pub active: BTreeSet<StepIndex>,
    /// Steps where an incident holds a token.
    pub problem: BTreeSet<StepIndex>,
    /// Ids of the flows that were taken.
    pub taken: BTreeSet<String>,
}

impl Stand {
    /// From the case's state and its entries.
    pub fn of(graph: &Graph, instance: &Instance, history: &[Entry]) -> Self {
        let mut stand = Self::default();
        let mut passed: Vec<(&String, Option<&String>)> = Vec::new();
        for event in history.iter().flat_map(|entry| &entry.events) {
            match event {
                Event::StepEntered { step, flow, .. } => passed.push((step, flow.as_ref())),
                // What was passed under another version is shown where it corresponds.
                Event::InstanceMoved { mapping, flows, .. } => {
                    for (step, flow) in &mut passed {
                        *step = mapping.steps.get(*step).unwrap_or(step);
                        *flow = flow.map(|flow| flows.get(flow).unwrap_or(flow));
                    }
                }
                _ => {}
            }
        }
        for (step, flow) in passed {
            let Some(step) = graph.step(step) else { continue };
            stand.done.insert(step);
            match (flow, graph.steps[step].incoming.as_slice()) {
                (Some(flow), _) => _ = stand.taken.insert(flow.clone()),
                // Where there is only one way in, the journal does not name it.
                (None, [only]) => _ = stand.taken.insert(graph.flows[*only].id.clone()),
                (None, _) => {}
            }
        }
        for (number, token) in &instance.tokens {
            let Some(step) = graph.step(&token.step) else { continue };
            let held = instance.incidents.values().any(|incident| incident.token == *number);
            if held { &mut stand.problem } else { &mut stand.active }.insert(step);
        }
        stand
    }

    fn mark(&self, step: StepIndex) -> Mark {
        if self.problem.contains(&step) {
            Mark::Problem
        } else if self.active.contains(&step) {
            Mark::Active
        } else if self.done.contains(&step) {
            Mark::Done
        } else {
            Mark::None
        }
    }
}

/// Draws a definition in a language; with marks where a case stands.
pub fn drawing(graph: &Graph, language: Language, stand: Option<&Stand>) -> Diagram {
    let words = |text: &Option<Text>| text.as_ref().map(|text| text.get(language).to_owned());
    let nodes = (0..graph.steps.len()).map(|index| {
        let step = &graph.steps[index];
        let title = graph.authored(index).and_then(|authored| words(&authored.title));
        let mut node = Node::new(&step.id, title.unwrap_or_else(|| untitled(&step.kind, &step.id)), kind(&step.kind));
        node.parent = graph.scopes[step.scope].step;
        node.mark = stand.map_or(Mark::None, |stand| stand.mark(index));
        match &step.kind {
            StepKind::Boundary { host, interrupting, .. } => {
                node.attached_to = Some(*host);
                node.interrupting = *interrupting;
            }
            StepKind::UserTask { performer, .. } => node.note = Some(performer.role.clone()),
            StepKind::ServiceTask { topic, .. } => node.note = Some(topic.clone()),
            StepKind::CallActivity { process, .. } => node.note = Some(process.clone()),
            _ => {}
        }
        node
    });
    let flows = graph.flows.iter().map(|flow| {
        let from = &graph.steps[flow.from];
        let title = flow_title(graph, flow.from, &graph.steps[flow.to].id, &flow.id).map(|title| title.get(language).to_owned());
        let exclusive = matches!(from.kind, StepKind::ExclusiveGateway);
        Flow {
            from: flow.from,
            to: flow.to,
            title: title.or_else(|| flow.when.as_ref().map(|when| when.source().to_owned())),
            taken: stand.is_some_and(|stand| stand.taken.contains(&flow.id)),
            default: exclusive && flow.when.is_none() && from.outgoing.len() > 1,
        }
    });
    let title = graph.process.title.get(language).to_owned();
    Diagram { title, prefix: "", nodes: nodes.collect(), flows: flows.collect() }
}

/// Events and gateways may go without a title; work without one is called by its id.
fn untitled(kind: &StepKind, id: &str) -> String {
    match kind {
        StepKind::UserTask { .. }
        | StepKind::ServiceTask { .. }
        | StepKind::ExpressionTask { .. }
        | StepKind::SubProcess { .. }
        | StepKind::CallActivity { .. } => id.to_owned(),
        _ => String::new(),
    }
}

fn flow_title<'a>(graph: &'a Graph, from: StepIndex, to: &str, id: &str) -> Option<&'a Text> {
    let Some(Next::Many(flows)) = graph.authored(from).and_then(|step| step.next.as_ref()) else { return None };
    flows.iter().find_map(|flow| match flow {
        NextFlow::Flow(flow) if flow.id.as_deref().map_or(flow.to == to, |given| given == id) => flow.title.as_ref(),
        _ => None,
    })
}

fn kind(kind: &StepKind) -> Kind {
    match kind {
        StepKind::Start { message: None, .. } => Kind::StartEvent,
        StepKind::Start { message: Some(_), .. } => Kind::MessageStart,
        StepKind::End { terminate: true, .. } => Kind::TerminateEnd,
        StepKind::End { message: Some(_), .. } => Kind::MessageEnd,
        StepKind::End { .. } => Kind::EndEvent,
        StepKind::Catch(Trigger::Timer(_)) | StepKind::Boundary { trigger: Trigger::Timer(_), .. } => Kind::TimerCatch,
        StepKind::Catch(Trigger::Message(_)) | StepKind::Boundary { trigger: Trigger::Message(_), .. } => Kind::MessageCatch,
        StepKind::Throw(_) => Kind::MessageThrow,
        StepKind::UserTask { .. } => Kind::UserTask,
        StepKind::ServiceTask { .. } => Kind::ServiceTask,
        StepKind::ExpressionTask { .. } => Kind::ExpressionTask,
        StepKind::ExclusiveGateway => Kind::ExclusiveGateway,
        StepKind::ParallelGateway => Kind::ParallelGateway,
        StepKind::SubProcess { .. } => Kind::SubProcess,
        StepKind::CallActivity { .. } => Kind::CallActivity,
    }
}
