//! A token game over the control flow of one scope: what waits for ever, what multiplies, what moves at all.
//!
//! A marking is the flows that hold a token. Data are not known, so an exclusive gateway may take any flow, an activity may end
//! normally or by a boundary event, and a non-interrupting one may have fired or not. Every flow leads to one step only, so steps
//! never compete for a token, and it is enough to move one of them at a time, with all its outcomes: no interleaving is lost.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::draft::Draft;
use super::flow::Wiring;
use super::reach::loops;
use super::{FlowIndex, Graph, ScopeIndex, StepIndex, StepKind};
use crate::model::definition::StepType;
use crate::model::limits::TOKENS_MAX;

/// Markings that one check visits.
const MARKINGS_MAX: usize = 20_000;
/// Comparisons of markings that one check makes.
const COMPARISONS_MAX: usize = 2_000_000;

/// Flows that hold a token, sorted; a flow with two stands there twice.
pub(super) type Marking = Vec<FlowIndex>;

/// What the game knows of a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End { terminate: bool },
    Choice,
    Parallel,
    Boundary { interrupting: bool },
    Other,
}

/// A step and its flows.
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) scope: ScopeIndex,
    pub(super) outgoing: Vec<FlowIndex>,
    pub(super) incoming: Vec<FlowIndex>,
    pub(super) boundary: Vec<StepIndex>,
}

/// Steps and flows, whether still being checked or executable.
pub(super) struct Net {
    pub(super) nodes: Vec<Node>,
    /// Where each flow leads.
    pub(super) to: Vec<StepIndex>,
}

impl Net {
    pub(super) fn of_draft(draft: &Draft, wiring: &Wiring) -> Self {
        let node = |step: StepIndex| {
            let authored = draft.steps[step].authored;
            let kind = match authored.kind {
                StepType::StartEvent => Kind::Start,
                StepType::EndEvent => Kind::End { terminate: authored.terminate == Some(true) },
                StepType::ExclusiveGateway => Kind::Choice,
                StepType::ParallelGateway => Kind::Parallel,
                StepType::BoundaryEvent => Kind::Boundary { interrupting: authored.interrupting != Some(false) },
                _ => Kind::Other,
            };
            let (outgoing, incoming) = (wiring.outgoing[step].clone(), wiring.incoming[step].clone());
            Node { kind, scope: draft.steps[step].scope, outgoing, incoming, boundary: wiring.boundary[step].clone() }
        };
        Self { nodes: (0..draft.steps.len()).map(node).collect(), to: wiring.flows.iter().map(|flow| flow.to).collect() }
    }

    pub(super) fn of_graph(graph: &Graph) -> Self {
        let nodes = graph.steps.iter().map(|step| {
            let kind = match &step.kind {
                StepKind::Start { .. } => Kind::Start,
                StepKind::End { terminate, .. } => Kind::End { terminate: *terminate },
                StepKind::ExclusiveGateway => Kind::Choice,
                StepKind::ParallelGateway => Kind::Parallel,
                StepKind::Boundary { interrupting, .. } => Kind::Boundary { interrupting: *interrupting },
                _ => Kind::Other,
            };
            let (outgoing, incoming) = (step.outgoing.clone(), step.incoming.clone());
            Node { kind, scope: step.scope, outgoing, incoming, boundary: step.boundary.clone() }
        });
        Self { nodes: nodes.collect(), to: graph.flows.iter().map(|flow| flow.to).collect() }
    }

    pub(super) fn is_side(&self, step: StepIndex) -> bool {
        self.nodes[step].kind == Kind::Boundary { interrupting: false }
    }
}

pub(super) struct Budget {
    markings: usize,
    comparisons: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { markings: MARKINGS_MAX, comparisons: COMPARISONS_MAX }
    }
}

impl Budget {
    /// Whether not all could be looked at.
    pub(super) fn is_spent(&self) -> bool {
        self.markings == 0 || self.comparisons == 0
    }
}

/// What a game found.
#[derive(Default)]
pub(super) struct Found {
    /// Joins that wait for ever, with the flows they wait for.
    pub(super) stuck: BTreeMap<StepIndex, BTreeSet<FlowIndex>>,
    /// Steps that multiply tokens without end.
    pub(super) unbounded: BTreeSet<StepIndex>,
    /// Steps that moved; none when not all markings were visited.
    pub(super) moved: Option<BTreeSet<StepIndex>>,
}

impl Found {
    pub(super) fn is_clean(&self) -> bool {
        self.stuck.is_empty() && self.unbounded.is_empty()
    }
}

/// The game.
pub(super) struct Game<'n> {
    net: &'n Net,
    /// What moves first, by step: what ends or multiplies before what merely goes on, so that growth shows early.
    priority: Vec<u8>,
}

/// A visited marking, and how it came about.
struct Visit {
    marking: Marking,
    from: Option<usize>,
    mover: Option<StepIndex>,
}

impl<'n> Game<'n> {
    pub(super) fn new(net: &'n Net) -> Self {
        let next = |node: &Node| node.outgoing.iter().map(|&flow| net.to[flow]).collect::<Vec<_>>();
        let circular: BTreeSet<StepIndex> =
            loops(&net.nodes.iter().map(next).collect::<Vec<_>>()).into_iter().flatten().collect();
        let rank = |(step, node): (StepIndex, &Node)| match node.kind {
            Kind::End { terminate: true } => 4,
            Kind::End { .. } => 0,
            _ if circular.contains(&step) => 1,
            Kind::Parallel => 2,
            _ => 3,
        };
        Self { net, priority: net.nodes.iter().enumerate().map(rank).collect() }
    }

    /// Plays a scope from its beginning.
    pub(super) fn play_all(&self, scope: ScopeIndex, budget: &mut Budget) -> Found {
        let starts = self.net.nodes.iter().filter(|node| node.scope == scope && node.kind == Kind::Start);
        let markings: Vec<Marking> = starts.map(|start| start.outgoing.clone()).collect();
        self.play_from(scope, &markings, budget)
    }

    /// Plays a scope from these markings.
    pub(super) fn play_from(&self, scope: ScopeIndex, markings: &[Marking], budget: &mut Budget) -> Found {
        // First without the side paths of non-interrupting events: such an event may fire in each round of a loop, and the tokens that
        // it adds are not a fault of the loop.
        let plain = self.play(markings, false, budget);
        let mut steps = 0..self.net.nodes.len();
        let has_side = steps.any(|step| self.net.nodes[step].scope == scope && self.net.is_side(step));
        if plain.is_clean() && has_side { self.play(markings, true, budget) } else { plain }
    }

    fn play(&self, markings: &[Marking], with_sides: bool, budget: &mut Budget) -> Found {
        let (mut found, mut moved) = (Found::default(), BTreeSet::new());
        let mut visits: Vec<Visit> = Vec::new();
        let mut seen: HashSet<Marking> = HashSet::new();
        for marking in markings {
            if seen.insert(marking.clone()) {
                visits.push(Visit { marking: marking.clone(), from: None, mover: None });
            }
        }
        let mut waiting: Vec<usize> = (0..visits.len()).collect();
        while let Some(visit) = waiting.pop() {
            let Some(mover) = self.mover(&visits[visit].marking) else {
                self.note_stuck(&visits[visit].marking, &mut found);
                continue;
            };
            moved.insert(mover);
            for marking in self.outcomes(&visits[visit].marking, mover, with_sides) {
                if budget.is_spent() {
                    return found;
                }
                if !seen.insert(marking.clone()) {
                    continue;
                }
                budget.markings -= 1;
                visits.push(Visit { marking, from: Some(visit), mover: Some(mover) });
                let new = visits.len() - 1;
                match self.growth(&visits, new, budget) {
                    Some(_) if with_sides => {}
                    Some(step) => _ = found.unbounded.insert(step),
                    None => waiting.push(new),
                }
            }
        }
        found.moved = Some(moved);
        found
    }

    /// The step that moves next.
    fn mover(&self, marking: &Marking) -> Option<StepIndex> {
        let steps = marking.iter().map(|&flow| self.net.to[flow]);
        steps.filter(|&step| self.missing(marking, step).next().is_none()).min_by_key(|&step| (self.priority[step], step))
    }

    /// The flows that a step still waits for: only a parallel gateway waits for all.
    fn missing<'m>(&'m self, marking: &'m Marking, step: StepIndex) -> impl Iterator<Item = FlowIndex> + 'm {
        let is_join = self.net.nodes[step].kind == Kind::Parallel;
        let all = if is_join { self.net.nodes[step].incoming.as_slice() } else { &[] };
        all.iter().copied().filter(|flow| marking.binary_search(flow).is_err())
    }

    /// Tokens are left and none can move.
    fn note_stuck(&self, marking: &Marking, found: &mut Found) {
        for step in marking.iter().map(|&flow| self.net.to[flow]) {
            found.stuck.entry(step).or_default().extend(self.missing(marking, step));
        }
    }

    /// The markings after a step has moved, one for each thing that it can do.
    fn outcomes(&self, marking: &Marking, step: StepIndex, with_sides: bool) -> Vec<Marking> {
        let node = &self.net.nodes[step];
        if node.kind == (Kind::End { terminate: true }) {
            return vec![Vec::new()];
        }
        let mut rest = marking.clone();
        let taken = if node.kind == Kind::Parallel { node.incoming.len() } else { 1 };
        for flow in node.incoming.iter().filter(|flow| marking.binary_search(flow).is_ok()).take(taken) {
            if let Ok(position) = rest.binary_search(flow) {
                rest.remove(position);
            }
        }
        let (sides, interrupting): (Vec<StepIndex>, Vec<StepIndex>) =
            node.boundary.iter().copied().partition(|&event| self.net.is_side(event));
        let mut ways: Vec<Vec<FlowIndex>> = match node.kind {
            Kind::Choice => node.outgoing.iter().map(|&flow| vec![flow]).collect(),
            _ => vec![node.outgoing.clone()],
        };
        ways.extend(interrupting.iter().map(|&event| self.net.nodes[event].outgoing.clone()));
        if with_sides && !sides.is_empty() {
            // None has fired, one of them, or all.
            let flows = |event: &StepIndex| self.net.nodes[*event].outgoing.clone();
            let all: Vec<FlowIndex> = sides.iter().flat_map(flows).collect();
            let choices: BTreeSet<Vec<FlowIndex>> = [Vec::new(), all].into_iter().chain(sides.iter().map(flows)).collect();
            let join = |way: &Vec<FlowIndex>| choices.iter().map(|side| [way.as_slice(), side].concat()).collect::<Vec<_>>();
            ways = ways.iter().flat_map(join).collect();
        }
        let add = |way: Vec<FlowIndex>| {
            let mut marking = [rest.as_slice(), &way].concat();
            marking.sort_unstable();
            marking
        };
        ways.into_iter().map(add).collect()
    }

    /// The step that multiplied, if a marking has too many tokens, or all those of a marking before it and more.
    fn growth(&self, visits: &[Visit], new: usize, budget: &mut Budget) -> Option<StepIndex> {
        let marking = &visits[new].marking;
        let (mut at, mut splitter) = (new, visits[new].mover);
        while let Some(before) = visits[at].from {
            let splits = |mover: &StepIndex| {
                let node = &self.net.nodes[*mover];
                node.kind == Kind::Parallel && node.outgoing.len() > 1
            };
            splitter = visits[at].mover.filter(splits).or(splitter);
            budget.comparisons = budget.comparisons.saturating_sub(1);
            let older = &visits[before].marking;
            if older.len() < marking.len() && is_part(older, marking) {
                return splitter;
            }
            at = before;
        }
        splitter.filter(|_| marking.len() > TOKENS_MAX)
    }
}

/// Whether `part` is contained in `whole`; both are sorted.
fn is_part(part: &Marking, whole: &Marking) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|flow| rest.by_ref().any(|other| other == flow))
}
