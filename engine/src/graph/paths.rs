//! Paths among the steps of one process or sub-process, by its JSON: what comes before what, what can be avoided, and what is reached again.
//! Unlike `reach`, it takes documents that cannot be compiled yet.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The steps of one process or sub-process, and where each leads.
#[derive(Default)]
pub(super) struct Paths<'a> {
    steps: BTreeMap<&'a str, Ahead<'a>>,
    /// Which steps lead to one, once for each flow.
    back: BTreeMap<&'a str, Vec<&'a str>>,
    /// Whether an end event ends everything at once.
    ends_all: bool,
}

/// Where a step leads.
struct Ahead<'a> {
    step: &'a Value,
    /// Along its flows.
    flows: Vec<&'a str>,
    /// To the boundary events on it.
    events: Vec<&'a str>,
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

impl<'a> Ahead<'a> {
    fn is(&self, kind: &str) -> bool {
        text(self.step, "type") == Some(kind)
    }

    /// Whether it is a boundary event that leaves the step running.
    fn is_quiet(&self) -> bool {
        self.is("boundaryEvent") && self.step.get("interrupting").and_then(Value::as_bool) == Some(false)
    }

    fn all(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.flows.iter().chain(&self.events).copied()
    }
}

impl<'a> Paths<'a> {
    pub(super) fn of(steps: &'a [Value]) -> Self {
        let mut paths = Self::default();
        for step in steps {
            let Some(id) = text(step, "id") else { continue };
            paths.ends_all |= step.get("terminate").and_then(Value::as_bool) == Some(true);
            let target = |flow: &'a Value| flow.as_str().or_else(|| text(flow, "to"));
            let flows = match step.get("next") {
                Some(Value::Array(flows)) => flows.iter().filter_map(target).collect(),
                Some(one) => target(one).into_iter().collect(),
                None => Vec::new(),
            };
            paths.steps.insert(id, Ahead { step, flows, events: Vec::new() });
        }
        let attached: Vec<_> =
            paths.steps.iter().filter_map(|(id, ahead)| Some((*id, text(ahead.step, "attachedTo")?))).collect();
        for (event, host) in attached {
            if let Some(host) = paths.steps.get_mut(host) {
                host.events.push(event);
            }
        }
        for (id, ahead) in &paths.steps {
            for to in ahead.all() {
                paths.back.entry(to).or_default().push(id);
            }
        }
        paths
    }

    fn starts(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.steps.iter().filter(|(_, ahead)| ahead.is("startEvent")).map(|(id, _)| *id)
    }

    fn is_quiet(&self, id: &str) -> bool {
        self.steps.get(id).is_some_and(Ahead::is_quiet)
    }

    /// Steps from which a token can come to an end without coming to `id`. Behind a parallel gateway it comes to the end when all of its paths
    /// do; unless an end event ends everything at once.
    fn avoiding(&self, id: &str) -> BTreeSet<&'a str> {
        let awaits_all = |ahead: &Ahead<'_>| !self.ends_all && ahead.is("parallelGateway");
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, ahead) in &self.steps {
            missing.insert(name, if awaits_all(ahead) { ahead.flows.len() } else { ahead.flows.len().min(1) });
        }
        let mut waiting: Vec<&str> =
            missing.iter().filter(|(name, count)| **count == 0 && **name != id).map(|(name, _)| *name).collect();
        let mut avoiding: BTreeSet<&str> = waiting.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            if !self.ends_all && self.is_quiet(name) {
                continue;
            }
            for before in self.back.get(name).into_iter().flatten().filter(|before| **before != id) {
                let Some(count) = missing.get_mut(before).filter(|count| **count > 0) else { continue };
                *count -= 1;
                if *count == 0 && avoiding.insert(before) {
                    waiting.push(before);
                }
            }
        }
        avoiding
    }

    fn can_avoid(&self, id: &str, avoiding: &BTreeSet<&str>) -> bool {
        // A step is interrupted too when what runs beside it ends everything.
        let beside =
            self.steps.get(id).into_iter().flat_map(|ahead| &ahead.events).filter(|event| self.ends_all && self.is_quiet(event));
        self.starts().any(|start| avoiding.contains(start)) || beside.into_iter().any(|event| avoiding.contains(event))
    }

    /// The points, among the start and those behind the steps `from`, from which no token comes to an end without coming to `id`.
    pub(super) fn sure(&self, id: &str, from: &BTreeSet<&'a str>) -> BTreeSet<Point<'a>> {
        let avoiding = self.avoiding(id);
        let mut points = BTreeSet::new();
        if !self.can_avoid(id, &avoiding) {
            points.insert(("", ""));
        }
        for (name, ahead) in from.iter().filter(|from| **from != id).filter_map(|from| Some((*from, self.steps.get(from)?))) {
            if ahead.is("exclusiveGateway") {
                points.extend(ahead.flows.iter().filter(|to| !avoiding.contains(*to)).map(|to| (name, *to)));
                continue;
            }
            let mut flows = ahead.flows.iter();
            let avoids = match ahead.is("parallelGateway") && !self.ends_all {
                true => flows.all(|to| avoiding.contains(to)),
                false => ahead.flows.is_empty() || flows.any(|to| avoiding.contains(to)),
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
        let mut leading: BTreeSet<&str> = BTreeSet::new();
        let mut waiting = vec![id];
        while let Some(name) = waiting.pop() {
            if leading.insert(name) {
                waiting.extend(self.back.get(name).into_iter().flatten());
            }
        }
        let decides = |ahead: &Ahead<'_>| {
            let ends = |to: &&str| self.ends_all || leading.contains(to) || !self.is_quiet(to);
            let ways: BTreeSet<(bool, bool)> =
                ahead.all().filter(ends).map(|to| (leading.contains(to), avoiding.contains(to))).collect();
            ways.len() > 1
        };
        let here = self.steps.iter().filter(|(name, ahead)| **name != id && !ahead.is("parallelGateway") && decides(ahead));
        here.map(|(name, _)| *name).collect()
    }

    /// Steps that are reached before `id` is done.
    pub(super) fn without(&self, id: &str) -> BTreeSet<&'a str> {
        self.walk(self.starts(), Some(id), Joins::All)
    }

    /// Steps that may come after `id`.
    pub(super) fn after(&self, id: &str) -> BTreeSet<&'a str> {
        self.walk(self.steps.get(id).into_iter().flat_map(Ahead::all), None, Joins::Any)
    }

    /// Steps that may be reached by two paths side by side.
    pub(super) fn doubled(&self) -> BTreeSet<&'a str> {
        let mut doubled = BTreeSet::new();
        for ahead in self.steps.values() {
            // Steps that lead away side by side, and whether a token goes that way more than once: what interrupts a step or follows it is one
            // way, and each event beside it another.
            let (quiet, one): (Vec<&str>, Vec<&str>) = ahead.all().partition(|to| self.is_quiet(to));
            let fires_again = |id: &str| self.steps.get(id).is_some_and(|event| fires_again(event.step));
            let ways: Vec<(Vec<&str>, bool)> = if ahead.is("parallelGateway") {
                ahead.flows.iter().map(|to| (vec![*to], false)).collect()
            } else {
                let beside = quiet.into_iter().map(|event| (vec![event], fires_again(event)));
                beside.chain([(one, false)]).collect()
            };
            if ways.len() < 2 {
                continue;
            }
            let mut once = BTreeSet::new();
            for (way, again) in ways {
                for id in self.walk(way, None, Joins::Stop) {
                    if !once.insert(id) || again {
                        doubled.insert(id);
                    }
                }
            }
        }
        doubled
    }

    /// Every step that is reached from some, which are among them. At `but` a walk goes on to its boundary events alone.
    fn walk(&self, from: impl IntoIterator<Item = &'a str>, but: Option<&str>, joins: Joins) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut came: BTreeMap<&str, usize> = BTreeMap::new();
        let mut waiting: Vec<&str> = from.into_iter().collect();
        while let Some(id) = waiting.pop() {
            let Some(ahead) = self.steps.get(id) else { continue };
            if ahead.is("parallelGateway") {
                let all = self.back.get(id).map_or(0, Vec::len);
                let came = came.entry(id).or_default();
                *came += 1;
                match joins {
                    Joins::All if *came < all => continue,
                    Joins::Stop if all > 1 => continue,
                    _ => {}
                }
            }
            if reached.insert(id) {
                waiting.extend(&ahead.events);
                if but != Some(id) {
                    waiting.extend(&ahead.flows);
                }
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
