//! Paths among the steps of one process or sub-process, by its JSON: what comes before what, what can be avoided, and what is reached again.
//! Unlike `reach`, it takes documents that cannot be compiled yet.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The steps of one process or sub-process, and where each leads. They go by their numbers: there may be many, and each is asked about.
#[derive(Default)]
pub(super) struct Paths<'a> {
    steps: Vec<Ahead<'a>>,
    numbers: BTreeMap<&'a str, usize>,
    starts: Vec<usize>,
    /// Whether an end event ends everything at once.
    ends_all: bool,
}

/// A step, and where it leads.
struct Ahead<'a> {
    id: &'a str,
    step: &'a Value,
    kind: &'a str,
    /// Whether it is a boundary event that leaves its step running.
    is_quiet: bool,
    /// Along its flows.
    flows: Vec<usize>,
    /// To the boundary events on it.
    events: Vec<usize>,
    /// Which steps lead to it, once for each flow.
    back: Vec<usize>,
}

/// Some of the steps.
pub(super) struct Marked<'p, 'a> {
    paths: &'p Paths<'a>,
    marks: Vec<bool>,
}

impl Marked<'_, '_> {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.paths.numbers.get(id).is_some_and(|step| self.marks[*step])
    }
}

/// A place on a path: behind a step, and of an exclusive gateway on the flow to a step. Both empty: at the start.
pub(super) type Point<'a> = (&'a str, &'a str);

/// How a walk comes through a parallel gateway that awaits several paths.
#[derive(Clone, Copy)]
enum Joins {
    /// With any of them.
    Any,
    /// With all of them.
    All,
    /// Not at all: what comes out of it is one path again.
    Stop,
}

impl Ahead<'_> {
    fn all(&self) -> impl Iterator<Item = usize> + '_ {
        self.flows.iter().chain(&self.events).copied()
    }

    /// What leads to a step that is not there is no end: that is told elsewhere.
    fn is_end(&self) -> bool {
        self.step.get("next").is_none_or(|next| next.as_array().is_some_and(Vec::is_empty))
    }

    fn is_parallel(&self) -> bool {
        self.kind == "parallelGateway"
    }
}

impl<'a> Paths<'a> {
    pub(super) fn of(steps: &'a [Value]) -> Self {
        let mut paths = Self::default();
        for (id, step) in steps.iter().filter_map(|step| Some((text(step, "id")?, step))) {
            let kind = text(step, "type").unwrap_or_default();
            let is_quiet = kind == "boundaryEvent" && step.get("interrupting").and_then(Value::as_bool) == Some(false);
            paths.ends_all |= step.get("terminate").and_then(Value::as_bool) == Some(true);
            paths.numbers.insert(id, paths.steps.len());
            let nowhere = || Vec::new();
            paths.steps.push(Ahead { id, step, kind, is_quiet, flows: nowhere(), events: nowhere(), back: nowhere() });
        }
        for from in 0..paths.steps.len() {
            let step = paths.steps[from].step;
            let target = |flow: &'a Value| flow.as_str().or_else(|| text(flow, "to"));
            let flows: Vec<&str> = match step.get("next") {
                Some(Value::Array(flows)) => flows.iter().filter_map(target).collect(),
                Some(one) => target(one).into_iter().collect(),
                None => Vec::new(),
            };
            for to in flows.into_iter().filter_map(|to| paths.numbers.get(to).copied()) {
                paths.steps[from].flows.push(to);
                paths.steps[to].back.push(from);
            }
            if let Some(host) = text(step, "attachedTo").and_then(|host| paths.numbers.get(host).copied()) {
                paths.steps[host].events.push(from);
                paths.steps[from].back.push(host);
            }
            if paths.steps[from].kind == "startEvent" {
                paths.starts.push(from);
            }
        }
        paths
    }

    fn numbered(&self, id: &str) -> Option<&Ahead<'a>> {
        self.numbers.get(id).map(|step| &self.steps[*step])
    }

    /// Steps from which a token can come to an end without coming to `id`. Behind a parallel gateway it comes to the end when all of its paths
    /// do; unless an end event ends everything at once.
    fn avoiding(&self, id: &str) -> Vec<bool> {
        let awaits_all = |ahead: &Ahead<'_>| !self.ends_all && ahead.is_parallel();
        let count = |ahead: &Ahead<'_>| if awaits_all(ahead) { ahead.flows.len() } else { ahead.flows.len().min(1) };
        // Of how many of the steps ahead it is not known yet.
        let mut missing: Vec<usize> = self.steps.iter().map(count).collect();
        let mut waiting: Vec<usize> = (0..self.steps.len()).filter(|step| self.steps[*step].is_end()).collect();
        let but = self.numbers.get(id).copied();
        let mut avoiding = vec![false; self.steps.len()];
        while let Some(step) = waiting.pop() {
            if Some(step) == but || std::mem::replace(&mut avoiding[step], true) || !self.ends_all && self.steps[step].is_quiet {
                continue;
            }
            for before in &self.steps[step].back {
                let left = missing[*before];
                missing[*before] = left.saturating_sub(1);
                if left == 1 {
                    waiting.push(*before);
                }
            }
        }
        avoiding
    }

    fn can_avoid(&self, id: &str, avoiding: &[bool]) -> bool {
        // A step is interrupted too when what runs beside it ends everything.
        let events = self.numbered(id).into_iter().flat_map(|ahead| &ahead.events);
        let beside = events.filter(|event| self.ends_all && self.steps[**event].is_quiet);
        self.starts.iter().chain(beside).any(|step| avoiding[*step])
    }

    /// The points, among the start and those behind the steps `from`, from which no token comes to an end without coming to `id`.
    pub(super) fn sure(&self, id: &str, from: &BTreeSet<&'a str>) -> BTreeSet<Point<'a>> {
        let avoiding = self.avoiding(id);
        let mut points = BTreeSet::new();
        if !self.can_avoid(id, &avoiding) {
            points.insert(("", ""));
        }
        for (name, ahead) in from.iter().filter(|from| **from != id).filter_map(|from| Some((*from, self.numbered(from)?))) {
            let mut flows = ahead.flows.iter();
            if ahead.kind == "exclusiveGateway" {
                points.extend(flows.filter(|to| !avoiding[**to]).map(|to| (name, self.steps[*to].id)));
                continue;
            }
            let avoids = if ahead.is_parallel() && !self.ends_all {
                flows.all(|to| avoiding[*to])
            } else {
                ahead.is_end() || flows.any(|to| avoiding[*to])
            };
            if !avoids {
                points.insert((name, ""));
            }
        }
        points
    }

    /// Steps at which it is decided whether a token comes to `id`; none where it comes to it in any case.
    pub(super) fn deciding(&self, id: &str) -> Vec<&'a str> {
        let avoiding = self.avoiding(id);
        if !self.can_avoid(id, &avoiding) {
            return Vec::new();
        }
        let mut leading = vec![false; self.steps.len()];
        let mut waiting: Vec<usize> = self.numbers.get(id).copied().into_iter().collect();
        while let Some(step) = waiting.pop() {
            if !std::mem::replace(&mut leading[step], true) {
                waiting.extend(&self.steps[step].back);
            }
        }
        let decides = |ahead: &&Ahead<'_>| {
            let counts = |to: &usize| self.ends_all || leading[*to] || !self.steps[*to].is_quiet;
            let ways: BTreeSet<(bool, bool)> = ahead.all().filter(counts).map(|to| (leading[to], avoiding[to])).collect();
            ahead.id != id && !ahead.is_parallel() && ways.len() > 1
        };
        self.steps.iter().filter(decides).map(|ahead| ahead.id).collect()
    }

    /// Steps that are reached before `id` is done.
    pub(super) fn without(&self, id: &str) -> Marked<'_, 'a> {
        let but = self.numbers.get(id).copied();
        Marked { paths: self, marks: self.walk(self.starts.clone(), but, Joins::All) }
    }

    /// Steps that may come after `id`.
    pub(super) fn after(&self, id: &str) -> Marked<'_, 'a> {
        let from = self.numbered(id).into_iter().flat_map(Ahead::all).collect();
        Marked { paths: self, marks: self.walk(from, None, Joins::Any) }
    }

    /// Steps that may be reached by two paths side by side.
    pub(super) fn doubled(&self) -> Marked<'_, 'a> {
        let mut doubled = vec![false; self.steps.len()];
        for ahead in &self.steps {
            // Steps that lead away side by side, and whether a token goes that way more than once: what interrupts a step or follows it is one
            // way, and each event beside it another.
            let (quiet, one): (Vec<usize>, Vec<usize>) = ahead.all().partition(|to| self.steps[*to].is_quiet);
            let ways: Vec<(Vec<usize>, bool)> = if ahead.is_parallel() {
                ahead.flows.iter().map(|to| (vec![*to], false)).collect()
            } else {
                let beside = quiet.into_iter().map(|event| (vec![event], fires_again(self.steps[event].step)));
                beside.chain([(one, false)]).collect()
            };
            if ways.len() < 2 {
                continue;
            }
            let mut once = vec![false; self.steps.len()];
            for (way, again) in ways {
                for (step, _) in self.walk(way, None, Joins::Stop).iter().enumerate().filter(|(_, reached)| **reached) {
                    doubled[step] |= again | std::mem::replace(&mut once[step], true);
                }
            }
        }
        Marked { paths: self, marks: doubled }
    }

    /// Every step that is reached from some, which are among them. At `but` a walk goes on to its boundary events alone.
    fn walk(&self, mut waiting: Vec<usize>, but: Option<usize>, joins: Joins) -> Vec<bool> {
        let mut reached = vec![false; self.steps.len()];
        let mut came = vec![0; self.steps.len()];
        while let Some(step) = waiting.pop() {
            let ahead = &self.steps[step];
            came[step] += 1;
            let is_stopped = match joins {
                Joins::Any => false,
                Joins::All => came[step] < ahead.back.len(),
                Joins::Stop => ahead.back.len() > 1,
            };
            if ahead.is_parallel() && is_stopped || std::mem::replace(&mut reached[step], true) {
                continue;
            }
            waiting.extend(&ahead.events);
            if but != Some(step) {
                waiting.extend(&ahead.flows);
            }
        }
        reached
    }
}

/// Whether a boundary event that leaves its step running may happen more than once.
fn fires_again(event: &Value) -> bool {
    event.get("message").is_some() || event.pointer("/timer/every").is_some()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}
