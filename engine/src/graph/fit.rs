//! Whether the paths of a case can stand in a scope as they do: what could never come about in it is no place to go on from.
//!
//! Two questions. Can each two of the paths be under way at once in this scope at all? A parallel split that became a sequence would do
//! its second half twice. And can all of them come to an end from here? A sequence that became a parallel split would wait in its join
//! for a path that was never begun.

use super::game::{Budget, Game, Kind, Marking, Net};
use super::{FlowIndex, Graph, ScopeIndex, StepIndex, StepKind};

/// Where a path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// On a step.
    Step(StepIndex),
    /// In a parallel gateway, to which it came by this flow.
    Flow(FlowIndex),
}

/// Why paths cannot stand as they do. Numbers are positions in what was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// These two are never under way at once.
    Apart(usize, usize),
    /// From here a join can wait for ever.
    Waits(StepIndex),
    /// From here paths can multiply without end.
    Multiplies(StepIndex),
    /// There are too many ways to go on to look at all of them.
    NotDecided,
}

/// What is asked of one graph, scope by scope.
pub struct Fit {
    net: Net,
    budget: Budget,
}

impl Fit {
    /// Of this graph.
    pub fn new(graph: &Graph) -> Self {
        Self { net: Net::of_graph(graph), budget: Budget::default() }
    }

    /// What speaks against paths that stand so in a scope.
    pub fn misfits(&mut self, scope: ScopeIndex, stands: &[Stand]) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let pairs = (0..stands.len()).flat_map(|one| (one + 1..stands.len()).map(move |other| (one, other)));
        if stands.len() > 1 {
            let at_once = AtOnce::of(&self.net, scope);
            let places: Vec<Vec<FlowIndex>> = stands.iter().map(|stand| self.places(*stand)).collect();
            let apart = |(one, other): &(usize, usize)| {
                !places[*one].iter().any(|&p| places[*other].iter().any(|&q| at_once.holds(p, q)))
            };
            misfits.extend(pairs.filter(apart).map(|(one, other)| Misfit::Apart(one, other)));
        }
        let mut marking: Marking = stands.iter().flat_map(|stand| self.marked(*stand)).collect();
        marking.sort_unstable();
        let found = Game::new(&self.net).play_from(scope, &[marking], &mut self.budget);
        misfits.extend(found.stuck.into_keys().map(Misfit::Waits));
        misfits.extend(found.unbounded.into_iter().map(Misfit::Multiplies));
        if self.budget.is_spent() {
            misfits.push(Misfit::NotDecided);
        }
        misfits
    }

    /// The flows on any of which a path that stands so may be thought to be.
    fn places(&self, stand: Stand) -> Vec<FlowIndex> {
        match stand {
            Stand::Flow(flow) => vec![flow],
            Stand::Step(step) => match self.net.nodes[step].kind {
                Kind::Start | Kind::Boundary { .. } => self.net.nodes[step].outgoing.clone(),
                _ => self.net.nodes[step].incoming.clone(),
            },
        }
    }

    /// The flows that hold its tokens in the game.
    fn marked(&self, stand: Stand) -> Vec<FlowIndex> {
        let places = self.places(stand);
        match stand {
            Stand::Step(step) if !matches!(self.net.nodes[step].kind, Kind::Start | Kind::Boundary { .. }) => {
                places.into_iter().take(1).collect()
            }
            _ => places,
        }
    }
}

/// Which two flows of a scope can hold tokens at once (Kovalyov and Esparza, "A polynomial algorithm to compute the concurrency relation
/// of free-choice signal transition graphs"). Every step of a deployed process can run, so what one step hands on together is together.
struct AtOnce {
    /// The position of each flow among those of the scope.
    position: Vec<Option<usize>>,
    count: usize,
    pairs: Vec<bool>,
}

impl AtOnce {
    fn of(net: &Net, scope: ScopeIndex) -> Self {
        let flows: Vec<FlowIndex> = (0..net.to.len()).filter(|&flow| net.nodes[net.to[flow]].scope == scope).collect();
        let mut position = vec![None; net.to.len()];
        for (at, &flow) in flows.iter().enumerate() {
            position[flow] = Some(at);
        }
        let mut relation = Self { position, count: flows.len(), pairs: vec![false; flows.len() * flows.len()] };
        let mut waiting = Vec::new();
        for (step, node) in net.nodes.iter().enumerate().filter(|(_, node)| node.scope == scope) {
            for way in ways(net, step, None) {
                relation.together(&way, &mut waiting);
            }
            // What a non-interrupting event begins is under way beside the activity, however a path came to it.
            for side in node.boundary.iter().filter(|&&event| net.is_side(event)) {
                for (&from, &to) in
                    node.incoming.iter().flat_map(|from| net.nodes[*side].outgoing.iter().map(move |to| (from, to)))
                {
                    relation.add(from, to, &mut waiting);
                }
            }
        }
        while let Some((from, beside)) = waiting.pop() {
            let step = net.to[from];
            let node = &net.nodes[step];
            let waits = node.kind == Kind::Parallel && !node.incoming.iter().all(|&flow| relation.holds(flow, beside));
            if waits {
                continue;
            }
            for way in ways(net, step, Some(from)) {
                for flow in way {
                    relation.add(flow, beside, &mut waiting);
                }
            }
        }
        relation
    }

    fn holds(&self, one: FlowIndex, other: FlowIndex) -> bool {
        match (self.position[one], self.position[other]) {
            (Some(one), Some(other)) => self.pairs[one * self.count + other],
            _ => false,
        }
    }

    fn add(&mut self, one: FlowIndex, other: FlowIndex, waiting: &mut Vec<(FlowIndex, FlowIndex)>) {
        let (Some(p), Some(q)) = (self.position[one], self.position[other]) else { return };
        if !std::mem::replace(&mut self.pairs[p * self.count + q], true) {
            self.pairs[q * self.count + p] = true;
            waiting.extend([(one, other), (other, one)]);
        }
    }

    fn together(&mut self, way: &[FlowIndex], waiting: &mut Vec<(FlowIndex, FlowIndex)>) {
        for (at, &one) in way.iter().enumerate() {
            for &other in &way[at + 1..] {
                self.add(one, other, waiting);
            }
        }
    }
}

/// What a step hands on together, once for each way in which it can end. `taken` is the flow by which a path came to it: a non-interrupting
/// event leaves it there.
fn ways(net: &Net, step: StepIndex, taken: Option<FlowIndex>) -> Vec<Vec<FlowIndex>> {
    let node = &net.nodes[step];
    let mut ways: Vec<Vec<FlowIndex>> = match node.kind {
        Kind::End { .. } => Vec::new(),
        Kind::Choice => node.outgoing.iter().map(|&flow| vec![flow]).collect(),
        _ => vec![node.outgoing.clone()],
    };
    for &event in &node.boundary {
        let outgoing = &net.nodes[event].outgoing;
        let stays = taken.filter(|_| net.is_side(event));
        ways.push(stays.into_iter().chain(outgoing.iter().copied()).collect());
    }
    ways
}

impl Graph {
    /// The steps to which paths may still come from where they stand, those on which they stand included. Of an open sub-process the paths
    /// inside are given beside the step itself, which is not begun anew.
    pub fn ahead(&self, stands: impl IntoIterator<Item = StepIndex>) -> Vec<bool> {
        let mut reached = vec![false; self.steps.len()];
        let mut waiting = Vec::new();
        for step in stands {
            waiting.extend(self.behind(step));
            reached[step] = true;
        }
        let mut done = vec![false; self.steps.len()];
        while let Some(step) = waiting.pop() {
            reached[step] = true;
            if std::mem::replace(&mut done[step], true) {
                continue;
            }
            waiting.extend(self.behind(step));
            if let StepKind::SubProcess { inner } = self.steps[step].kind {
                waiting.extend(self.scopes[inner].start);
            }
        }
        reached
    }

    /// The steps to which a path comes next, by a flow, a boundary event, or the end of the sub-process around it.
    fn behind(&self, step: StepIndex) -> Vec<StepIndex> {
        let at = &self.steps[step];
        let flows = at.outgoing.iter().map(|&flow| self.flows[flow].to);
        let mut behind: Vec<StepIndex> = flows.chain(at.boundary.iter().copied()).collect();
        if let Some(around) = self.scopes[at.scope].step {
            behind.extend(self.steps[around].outgoing.iter().map(|&flow| self.flows[flow].to));
            behind.extend(&self.steps[around].boundary);
        }
        behind
    }
}
