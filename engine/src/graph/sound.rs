//! Soundness: a token game over the control flow of each scope finds what waits for ever, what multiplies, what never runs.
//!
//! A marking is the flows that hold a token. Data are not known, so an exclusive gateway may take any flow, an activity may end
//! normally or by a boundary event, and a non-interrupting one may have fired or not. Every flow leads to one step only, so steps
//! never compete for a token, and it is enough to move one of them at a time, with all its outcomes: no interleaving is lost.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::draft::Draft;
use super::flow::Wiring;
use super::reach::loops;
use super::{FlowIndex, ScopeIndex, StepIndex};
use crate::model::definition::StepType;
use crate::model::limits::TOKENS_MAX;

/// Markings that one check visits.
const MARKINGS_MAX: usize = 20_000;
/// Comparisons of markings that one check makes.
const COMPARISONS_MAX: usize = 2_000_000;

/// Flows that hold a token, sorted; a flow with two stands there twice.
type Marking = Vec<FlowIndex>;

/// Checks all scopes.
pub(super) fn check(draft: &mut Draft, wiring: &Wiring) {
    let mut budget = Budget { markings: MARKINGS_MAX, comparisons: COMPARISONS_MAX };
    for scope in 0..draft.scopes.len() {
        // First without the side paths of non-interrupting events: such an event may fire in each round of a loop, and the tokens that
        // it adds are not a fault of the loop.
        let plain = Game::new(draft, wiring, scope, false).play(&mut budget);
        let has_side = wiring.hosts.iter().enumerate().any(|(step, host)| host.is_some() && is_side(draft, step));
        let found = if plain.is_clean() && has_side { Game::new(draft, wiring, scope, true).play(&mut budget) } else { plain };
        report(draft, wiring, scope, found);
        if budget.markings == 0 || budget.comparisons == 0 {
            let message = "This process can run in too many ways to check them all. Put parts of it into sub-processes.";
            return draft.warning("sound.not-decided", format!("{}/steps", draft.scopes[scope].pointer), message);
        }
    }
}

struct Budget {
    markings: usize,
    comparisons: usize,
}

/// What a game found.
#[derive(Default)]
struct Found {
    /// Joins that wait for ever, with the flows they wait for.
    stuck: BTreeMap<StepIndex, BTreeSet<FlowIndex>>,
    /// Steps that multiply tokens without end.
    unbounded: BTreeSet<StepIndex>,
    /// Steps that moved; none when not all markings were visited.
    moved: Option<BTreeSet<StepIndex>>,
}

impl Found {
    fn is_clean(&self) -> bool {
        self.stuck.is_empty() && self.unbounded.is_empty()
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

/// Whether a step is a non-interrupting boundary event.
fn is_side(draft: &Draft, step: StepIndex) -> bool {
    draft.steps[step].authored.interrupting == Some(false)
}

/// One game in one scope.
struct Game<'d> {
    draft: &'d Draft<'d>,
    wiring: &'d Wiring,
    starts: Vec<StepIndex>,
    /// Whether non-interrupting boundary events fire.
    with_sides: bool,
    /// What moves first, by step: what ends or multiplies before what merely goes on, so that growth shows early.
    priority: Vec<u8>,
}

/// A visited marking, and how it came about.
struct Visit {
    marking: Marking,
    from: Option<usize>,
    mover: Option<StepIndex>,
}

impl<'d> Game<'d> {
    fn new(draft: &'d Draft<'d>, wiring: &'d Wiring, scope: ScopeIndex, with_sides: bool) -> Self {
        let steps = 0..draft.steps.len();
        let next = |step: StepIndex| wiring.outgoing[step].iter().map(|&flow| wiring.flows[flow].to).collect::<Vec<_>>();
        let circular: BTreeSet<StepIndex> = loops(&steps.clone().map(next).collect::<Vec<_>>()).into_iter().flatten().collect();
        let rank = |step: StepIndex| match (draft.steps[step].authored.kind, draft.steps[step].authored.terminate) {
            (StepType::EndEvent, Some(true)) => 4,
            (StepType::EndEvent, _) => 0,
            _ if circular.contains(&step) => 1,
            (StepType::ParallelGateway, _) => 2,
            _ => 3,
        };
        let is_start =
            |&step: &StepIndex| draft.steps[step].scope == scope && draft.steps[step].authored.kind == StepType::StartEvent;
        let (priority, starts) = (steps.clone().map(rank).collect(), steps.filter(is_start).collect());
        Self { draft, wiring, starts, with_sides, priority }
    }

    fn play(&self, budget: &mut Budget) -> Found {
        let (mut found, mut moved) = (Found::default(), BTreeSet::new());
        let mut visits: Vec<Visit> = Vec::new();
        let mut seen: HashSet<Marking> = HashSet::new();
        for &start in &self.starts {
            let marking = self.wiring.outgoing[start].clone();
            if seen.insert(marking.clone()) {
                visits.push(Visit { marking, from: None, mover: None });
            }
        }
        let mut waiting: Vec<usize> = (0..visits.len()).collect();
        while let Some(visit) = waiting.pop() {
            let Some(mover) = self.mover(&visits[visit].marking) else {
                self.note_stuck(&visits[visit].marking, &mut found);
                continue;
            };
            moved.insert(mover);
            for marking in self.outcomes(&visits[visit].marking, mover) {
                if budget.markings == 0 || budget.comparisons == 0 {
                    return found;
                }
                if !seen.insert(marking.clone()) {
                    continue;
                }
                budget.markings -= 1;
                visits.push(Visit { marking, from: Some(visit), mover: Some(mover) });
                let new = visits.len() - 1;
                match self.growth(&visits, new, budget) {
                    Some(_) if self.with_sides => {}
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
        let steps = marking.iter().map(|&flow| self.wiring.flows[flow].to);
        steps.filter(|&step| self.missing(marking, step).next().is_none()).min_by_key(|&step| (self.priority[step], step))
    }

    /// The flows that a step still waits for: only a parallel gateway waits for all.
    fn missing<'m>(&'m self, marking: &'m Marking, step: StepIndex) -> impl Iterator<Item = FlowIndex> + 'm {
        let is_join = self.draft.steps[step].authored.kind == StepType::ParallelGateway;
        let all = if is_join { self.wiring.incoming[step].as_slice() } else { &[] };
        all.iter().copied().filter(|flow| marking.binary_search(flow).is_err())
    }

    /// Tokens are left and none can move.
    fn note_stuck(&self, marking: &Marking, found: &mut Found) {
        for step in marking.iter().map(|&flow| self.wiring.flows[flow].to) {
            found.stuck.entry(step).or_default().extend(self.missing(marking, step));
        }
    }

    /// The markings after a step has moved, one for each thing that it can do.
    fn outcomes(&self, marking: &Marking, step: StepIndex) -> Vec<Marking> {
        let authored = self.draft.steps[step].authored;
        if authored.kind == StepType::EndEvent && authored.terminate == Some(true) {
            return vec![Vec::new()];
        }
        let mut rest = marking.clone();
        let incoming = &self.wiring.incoming[step];
        let taken = if authored.kind == StepType::ParallelGateway { incoming.len() } else { 1 };
        for flow in incoming.iter().filter(|flow| marking.binary_search(flow).is_ok()).take(taken) {
            if let Ok(position) = rest.binary_search(flow) {
                rest.remove(position);
            }
        }
        let outgoing = &self.wiring.outgoing[step];
        let (sides, interrupting): (Vec<StepIndex>, Vec<StepIndex>) =
            self.wiring.boundary[step].iter().copied().partition(|&event| is_side(self.draft, event));
        let mut ways: Vec<Vec<FlowIndex>> = match authored.kind {
            StepType::ExclusiveGateway => outgoing.iter().map(|&flow| vec![flow]).collect(),
            _ => vec![outgoing.clone()],
        };
        ways.extend(interrupting.iter().map(|&event| self.wiring.outgoing[event].clone()));
        if self.with_sides && !sides.is_empty() {
            // None has fired, one of them, or all.
            let flows = |event: &StepIndex| self.wiring.outgoing[*event].clone();
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
                let kind = self.draft.steps[*mover].authored.kind;
                kind == StepType::ParallelGateway && self.wiring.outgoing[*mover].len() > 1
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
