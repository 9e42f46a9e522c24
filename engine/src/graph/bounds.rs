//! Within which bounds an office may adapt a document that it received from another: inside sub-processes that say so, and there without what
//! would take a control away. Everything beyond them is a problem.
//!
//! It goes by the JSON of both documents, so that a draft that cannot be compiled yet is told of too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::difference::{Change, Way, difference};
use super::document::capped;
use crate::model::Problem;
use crate::model::problem::{pointer_token, short};

/// Every problem of an adapted document beside the edition that was received; none: it is within the bounds.
pub fn beyond(received: &Value, adapted: &Value) -> Vec<Problem> {
    let before: BTreeMap<&str, Region<'_>> = regions(received).into_iter().map(|region| (region.id, region)).collect();
    let mut problems: Vec<Problem> = difference(received, adapted)
        .iter()
        .filter(|change| !is_allowed(&before, change))
        .map(|change| outside(&before, change))
        .collect();
    let mut seen = BTreeSet::new();
    adaptations(adapted, "", &mut |id, pointer, step| {
        let Some(region) = before.get(id).filter(|_| seen.insert(id.to_owned())) else { return false };
        let adapted = Inside::of(step, pointer);
        region.keeps(received, &adapted, pointer, &mut problems);
        region.performs(&adapted, &mut problems);
        region.writes(&adapted, &mut problems);
        true
    });
    capped(problems)
}

/// A sub-process that may be adapted, in the edition that was received; the outermost where they lie in one another.
struct Region<'a> {
    id: &'a str,
    step: &'a Value,
    inside: Inside<'a>,
}

fn regions(document: &Value) -> Vec<Region<'_>> {
    let mut found = Vec::new();
    adaptations(document, "", &mut |id, pointer, step| {
        let is = step.get("adaptable").is_some();
        if is {
            found.push(Region { id, step, inside: Inside::of(step, pointer) });
        }
        is
    });
    found
}

/// Every sub-process, from the outside in. What `meet` says `true` to is not looked into.
fn adaptations<'a>(around: &'a Value, pointer: &str, meet: &mut dyn FnMut(&'a str, &str, &'a Value) -> bool) {
    for (position, step) in steps_of(around).iter().enumerate() {
        let pointer = format!("{pointer}/steps/{position}");
        if step.get("steps").is_some() && !text(step, "id").is_some_and(|id| meet(id, &pointer, step)) {
            adaptations(step, &pointer, meet);
        }
    }
}

fn steps_of(around: &Value) -> &[Value] {
    around.get("steps").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn texts<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether a difference may be: what every office has of its own, a form beside those that are there, and what lies inside.
fn is_allowed(regions: &BTreeMap<&str, Region<'_>>, change: &Change) -> bool {
    let path: Vec<&str> = change.path.iter().map(String::as_str).collect();
    match path[..] {
        ["owner", "post"] | ["$schema"] => true,
        ["forms"] | ["forms", _] => change.way == Way::Added,
        [name, ..] if name.starts_with("x-") => true,
        _ => is_inside(regions, &path),
    }
}

fn is_inside(regions: &BTreeMap<&str, Region<'_>>, path: &[&str]) -> bool {
    let mut rest = path;
    while let ["steps", step, inner @ ..] = rest {
        if regions.contains_key(step) {
            return matches!(inner, ["steps" | "data", ..]);
        }
        rest = inner;
    }
    false
}

fn outside(regions: &BTreeMap<&str, Region<'_>>, change: &Change) -> Problem {
    let place = change.path.join(" / ");
    let way = match change.way {
        Way::Added => "was added",
        Way::Removed => "was removed",
        Way::Changed => "was changed",
        Way::Reordered => "was put in another order",
    };
    let may = if regions.is_empty() {
        "The edition that was received has no sub-process that may be adapted.".to_owned()
    } else {
        let names: Vec<String> = regions.keys().map(|id| format!("\"{}\"", short(id))).collect();
        format!("Only what lies inside {} may be adapted.", names.join(", "))
    };
    // What was removed stands in the edition that was received alone.
    let pointer = change.after.as_ref().or(change.before.as_ref()).map(|found| found.pointer.clone()).unwrap_or_default();
    Problem::error("adaptation.outside", pointer, format!("{place} {way}. {may} Leave it as it was received."))
}

/// What lies in a sub-process, at any depth.
struct Inside<'a> {
    /// Steps by id.
    steps: BTreeMap<&'a str, Within<'a>>,
    /// Variables: by the sub-process that declares them and their name.
    data: BTreeMap<(&'a str, &'a str), (&'a Value, String)>,
}

/// A step in it.
struct Within<'a> {
    step: &'a Value,
    pointer: String,
    /// The sub-processes between, from the outside in.
    around: Vec<&'a str>,
    /// The steps beside it.
    beside: &'a [Value],
}

impl<'a> Inside<'a> {
    fn of(step: &'a Value, pointer: &str) -> Self {
        let mut inside = Self { steps: BTreeMap::new(), data: BTreeMap::new() };
        inside.take(step, pointer, &[]);
        inside
    }

    fn take(&mut self, scope: &'a Value, pointer: &str, around: &[&'a str]) {
        // The region is called something else by nobody: its own variables have no name of a step before them.
        let name = around.last().copied().unwrap_or_default();
        for (variable, declared) in scope.get("data").and_then(Value::as_object).into_iter().flatten() {
            self.data.insert((name, variable), (declared, format!("{pointer}/data/{}", pointer_token(variable))));
        }
        let beside = steps_of(scope);
        for (position, step) in beside.iter().enumerate() {
            let Some(id) = text(step, "id") else { continue };
            let pointer = format!("{pointer}/steps/{position}");
            if step.get("steps").is_some() {
                self.take(step, &pointer, &[around, &[id]].concat());
            }
            self.steps.insert(id, Within { step, pointer, around: around.to_vec(), beside });
        }
    }

    /// Variables that its steps write.
    fn written(&self) -> BTreeSet<&'a str> {
        self.steps.values().flat_map(|within| written(within.step)).collect()
    }

    /// Whether a step is on every path: no token comes from the start to an end without it, or without what it lies in.
    fn is_on_every_path(&self, id: &str) -> bool {
        let Some(within) = self.steps.get(id) else { return false };
        let outer = within.around.last().is_none_or(|outer| self.is_on_every_path(outer));
        outer && !can_avoid(within.beside, id)
    }
}

/// Names of the variables that a step writes.
fn written(step: &Value) -> BTreeSet<&str> {
    let outputs = step.get("outputs").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str());
    let set = step.get("set").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str());
    texts(step, "outputs").chain(outputs).chain(set).collect()
}

/// Where a step leads, the boundary events that interrupt it included, and with `all` those that do not.
fn next_of<'a>(steps: &'a [Value], step: &'a Value, all: bool) -> Vec<&'a str> {
    let target = |flow: &'a Value| flow.as_str().or_else(|| text(flow, "to"));
    let next = match step.get("next") {
        Some(Value::Array(flows)) => flows.iter().filter_map(target).collect(),
        Some(one) => target(one).into_iter().collect(),
        None => Vec::new(),
    };
    let id = text(step, "id");
    let leads_away = |other: &&Value| all || other.get("interrupting").and_then(Value::as_bool) != Some(false);
    let boundary = steps.iter().filter(|other| id.is_some() && text(other, "attachedTo") == id).filter(leads_away);
    let boundary = boundary.filter_map(|other| text(other, "id"));
    next.into_iter().chain(boundary).collect()
}

/// Whether a token can come from the start of some steps to an end of them without coming to one of them. Behind a parallel gateway it comes to
/// the end when all of its paths do; unless an end event ends everything at once.
fn can_avoid(steps: &[Value], id: &str) -> bool {
    let ends_all = steps.iter().any(|step| step.get("terminate").and_then(Value::as_bool) == Some(true));
    let ahead: Vec<(&Value, &str, Vec<&str>)> =
        steps.iter().filter_map(|step| Some((step, text(step, "id")?, next_of(steps, step, ends_all)))).collect();
    let mut avoiding: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = avoiding.len();
        for (step, name, next) in ahead.iter().filter(|(_, name, _)| *name != id) {
            let comes = match next[..] {
                [] => true,
                _ if !ends_all && text(step, "type") == Some("parallelGateway") => next.iter().all(|to| avoiding.contains(to)),
                _ => next.iter().any(|to| avoiding.contains(to)),
            };
            if comes {
                avoiding.insert(name);
            }
        }
        if avoiding.len() == before {
            break;
        }
    }
    ahead.iter().any(|(step, name, _)| text(step, "type") == Some("startEvent") && avoiding.contains(name))
}

impl Region<'_> {
    /// Steps that stay: those that are named, that clocks are bound to, that make a record, that a separation of duties outside refers to; and
    /// the boundary events on them.
    fn kept(&self, received: &Value) -> BTreeSet<&str> {
        let mut names: BTreeSet<&str> = self.step.get("adaptable").into_iter().flat_map(|told| texts(told, "keep")).collect();
        let clocks = received.get("clocks").and_then(Value::as_array).into_iter().flatten();
        for place in clocks.filter_map(|clock| clock.get("bind")?.as_object()).flat_map(|bind| bind.values()) {
            let places = place.as_array().map_or(std::slice::from_ref(place), Vec::as_slice);
            names.extend(places.iter().flat_map(|place| [text(place, "entering"), text(place, "leaving")]).flatten());
        }
        referred(received, self.id, &mut names);
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        for (id, within) in &self.inside.steps {
            let is = |id: &str| {
                names.contains(id) || self.inside.steps.get(id).is_some_and(|within| within.step.get("record").is_some())
            };
            if is(id) || text(within.step, "attachedTo").is_some_and(is) {
                kept.insert(id);
            }
        }
        kept
    }

    /// What stays is there, as it was, and on every path on which it was.
    fn keeps(&self, received: &Value, adapted: &Inside<'_>, pointer: &str, problems: &mut Vec<Problem>) {
        let kept = self.kept(received);
        for id in &kept {
            let (before, name) = (&self.inside.steps[id], short(id));
            let Some(after) = adapted.steps.get(id) else {
                let message = format!(
                    "The step \"{name}\" is missing. It stays: a clock, a record or a control depends on it. Put it back."
                );
                problems.push(Problem::error("adaptation.kept", pointer, message));
                continue;
            };
            if before.around != after.around || without_local(before.step) != without_local(after.step) {
                let message = format!(
                    "The step \"{name}\" was changed. It stays as it was received, but for its help and where it leads: a clock, a record or a \
                     control depends on it."
                );
                problems.push(Problem::error("adaptation.kept", &after.pointer, message));
            }
            if self.inside.is_on_every_path(id) && !adapted.is_on_every_path(id) {
                let message = format!(
                    "There is a way around the step \"{name}\", which was on every path. Let every path come to it again."
                );
                problems.push(Problem::error("adaptation.bypassed", &after.pointer, message));
            }
        }
        // Who interrupts a step has a way around it.
        for (id, after) in &adapted.steps {
            let host = text(after.step, "attachedTo").filter(|host| kept.contains(host));
            let interrupts = after.step.get("interrupting").and_then(Value::as_bool) != Some(false);
            if let Some(host) = host.filter(|_| interrupts && !self.inside.steps.contains_key(id)) {
                let message = format!("This interrupts the step \"{}\", which stays. Set `interrupting` to false.", short(host));
                problems.push(Problem::error("adaptation.bypassed", &after.pointer, message));
            }
        }
    }

    /// Work goes to the roles that may have it, and no duty that is kept apart is joined.
    fn performs(&self, adapted: &Inside<'_>, problems: &mut Vec<Problem>) {
        fn performer(step: &Value) -> Option<&Value> {
            step.get("performer").filter(|performer| performer.is_object())
        }
        let told = self.step.get("adaptable");
        let mut roles: BTreeSet<&str> = told.into_iter().flat_map(|told| texts(told, "roles")).collect();
        if roles.is_empty() {
            roles = self.inside.steps.values().filter_map(|within| text(performer(within.step)?, "role")).collect();
        }
        for (id, after) in &adapted.steps {
            let Some(now) = performer(after.step) else { continue };
            let before = self.inside.steps.get(id).and_then(|within| performer(within.step));
            let role = text(now, "role").unwrap_or_default();
            if !roles.contains(role) && before.and_then(|before| text(before, "role")) != Some(role) {
                let may: Vec<&str> = roles.iter().copied().collect();
                let message = format!("The role \"{}\" may not have work here. These may: {}.", short(role), may.join(", "));
                problems.push(Problem::error("adaptation.role", format!("{}/performer/role", after.pointer), message));
            }
            let Some(before) = before else { continue };
            let apart: BTreeSet<&str> = texts(now, "notWhoDid").collect();
            let joined = texts(before, "notWhoDid").any(|step| !apart.contains(step));
            if joined || before.get("notWhoHolds").is_some_and(|held| now.get("notWhoHolds") != Some(held)) {
                let message = "A separation of duties was taken away or changed. Put it back; others may be added.";
                problems.push(Problem::error("adaptation.duties", format!("{}/performer", after.pointer), message));
            }
        }
    }

    /// Nothing is written outside that was not written from here, what is written from here is not caught inside, and what is personal stays so.
    fn writes(&self, adapted: &Inside<'_>, problems: &mut Vec<Problem>) {
        let (before, own) = (self.inside.written(), adapted.data.keys().map(|(_, name)| *name).collect::<BTreeSet<_>>());
        for within in adapted.steps.values() {
            for name in written(within.step).into_iter().filter(|name| !before.contains(name) && !own.contains(name)) {
                let message = format!(
                    "\"{}\" belongs to the process, and no step in here writes it as received. Declare a variable of the sub-process, and write that.",
                    short(name)
                );
                problems.push(Problem::error("adaptation.variable", &within.pointer, message));
            }
        }
        for ((scope, name), (declared, pointer)) in &adapted.data {
            let received = self.inside.data.get(&(*scope, *name));
            if received.is_none() && before.contains(name) && !self.inside.data.keys().any(|(_, other)| other == name) {
                let message = format!(
                    "\"{}\" is a variable of the process that is written from here. Give this one another name.",
                    short(name)
                );
                problems.push(Problem::error("adaptation.variable", pointer, message));
            }
            let is_personal = |declared: &Value| declared.get("personal").and_then(Value::as_bool) == Some(true);
            if received.is_some_and(|(received, _)| is_personal(received)) && !is_personal(declared) {
                let message = format!("\"{}\" is personal and stays so: its values can be erased.", short(name));
                problems.push(Problem::error("adaptation.personal", pointer, message));
            }
        }
    }
}

/// Steps that a separation of duties refers to from outside a sub-process.
fn referred<'a>(around: &'a Value, but: &str, names: &mut BTreeSet<&'a str>) {
    for step in steps_of(around).iter().filter(|step| text(step, "id") != Some(but)) {
        names.extend(step.get("performer").into_iter().flat_map(|performer| texts(performer, "notWhoDid")));
        referred(step, but, names);
    }
}

/// A step without what may differ of one that stays: its help, and where it leads. An exclusive gateway is its flows and their conditions; what
/// lies in a sub-process is looked at step by step.
fn without_local(step: &Value) -> Value {
    let mut step = step.clone();
    let chooses = text(&step, "type") == Some("exclusiveGateway");
    if let Some(members) = step.as_object_mut() {
        members.retain(|name, _| {
            !matches!(name.as_str(), "help" | "steps" | "data") && (name != "next" || chooses) && !name.starts_with("x-")
        });
    }
    step
}
