//! Within which bounds an office may adapt a document that it received from another: inside sub-processes that say so, and there without what
//! would take a control away. Everything beyond them is a problem.
//!
//! It goes by the JSON of both documents, so that a draft that cannot be compiled yet is told of too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::difference::{Change, Way, difference};
use super::document::capped;
use super::paths::Paths;
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
        let inside = Inside::of(step, pointer);
        let kept = region.kept(received);
        region.keeps(&kept, &inside, pointer, &mut problems);
        region.flows(&kept, &inside, &mut problems);
        region.performs(&inside, &mut problems);
        region.calls(&inside, &mut problems);
        region.writes(&kept, &inside, pointer, &mut problems);
        region.personal(adapted, &inside, &mut problems);
        true
    });
    capped(problems)
}

/// A sub-process that may be adapted, in the edition that was received; the outermost where they lie in one another.
struct Region<'a> {
    id: &'a str,
    step: &'a Value,
    inside: Inside<'a>,
    /// Variables of what lies around it.
    around: BTreeSet<&'a str>,
}

fn regions(document: &Value) -> Vec<Region<'_>> {
    let mut found = Vec::new();
    adaptations(document, "", &mut |id, pointer, step| {
        let is = step.get("adaptable").is_some();
        if is {
            let around = names_around(document, id).unwrap_or_default();
            found.push(Region { id, step, inside: Inside::of(step, pointer), around });
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

/// Names of the variables that are declared around a step.
fn names_around<'a>(scope: &'a Value, id: &str) -> Option<BTreeSet<&'a str>> {
    let is_here = steps_of(scope).iter().any(|step| text(step, "id") == Some(id));
    let further = || steps_of(scope).iter().find_map(|step| names_around(step, id));
    let mut names = if is_here { BTreeSet::new() } else { further()? };
    names.extend(members(scope, "data").map(|(name, _)| name));
    Some(names)
}

fn steps_of(around: &Value) -> &[Value] {
    around.get("steps").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten().map(|(name, member)| (name.as_str(), member))
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
    /// Paths by the sub-process in which they lie.
    paths: BTreeMap<&'a str, Paths<'a>>,
    /// Variables: by the sub-process that declares them and their name.
    data: BTreeMap<(&'a str, &'a str), (&'a Value, String)>,
}

/// A step in it.
struct Within<'a> {
    step: &'a Value,
    pointer: String,
    /// The sub-processes between, from the outside in.
    around: Vec<&'a str>,
}

/// Where a variable is declared, `None` outside, and its name.
type Variable<'a> = (Option<&'a str>, &'a str);

impl<'a> Within<'a> {
    /// The sub-process in which it lies.
    fn scope(&self) -> &'a str {
        self.around.last().copied().unwrap_or_default()
    }
}

impl<'a> Inside<'a> {
    fn of(step: &'a Value, pointer: &str) -> Self {
        let mut inside = Self { steps: BTreeMap::new(), paths: BTreeMap::new(), data: BTreeMap::new() };
        inside.take(step, pointer, &[]);
        inside
    }

    fn take(&mut self, scope: &'a Value, pointer: &str, around: &[&'a str]) {
        // The region is called something else by nobody: its own variables have no name of a step before them.
        let name = around.last().copied().unwrap_or_default();
        for (variable, declared) in members(scope, "data") {
            self.data.insert((name, variable), (declared, format!("{pointer}/data/{}", pointer_token(variable))));
        }
        self.paths.insert(name, Paths::of(steps_of(scope)));
        for (position, step) in steps_of(scope).iter().enumerate() {
            let Some(id) = text(step, "id") else { continue };
            let pointer = format!("{pointer}/steps/{position}");
            if step.get("steps").is_some() {
                self.take(step, &pointer, &[around, &[id]].concat());
            }
            self.steps.insert(id, Within { step, pointer, around: around.to_vec() });
        }
    }

    /// The variable that a step means by a name: of the nearest around it that declares one.
    fn variable(&self, around: &[&'a str], name: &'a str) -> Variable<'a> {
        let mut scopes = around.iter().rev().copied().chain([""]);
        (scopes.find(|scope| self.data.contains_key(&(*scope, name))), name)
    }

    /// Variables that a step writes.
    fn written(&self, within: &Within<'a>) -> BTreeSet<Variable<'a>> {
        written(within.step).into_iter().map(|name| self.variable(&within.around, name)).collect()
    }

    /// Some steps, and the sub-processes around them.
    fn with_around(&self, steps: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        let around = steps.iter().filter_map(|id| self.steps.get(id)).flat_map(|within| &within.around);
        steps.iter().chain(around).copied().collect()
    }
}

/// Names of the variables that a step writes.
fn written(step: &Value) -> BTreeSet<&str> {
    let named = members(step, "outputs").chain(members(step, "set")).map(|(name, _)| name);
    texts(step, "outputs").chain(named).collect()
}

/// What stays in a sub-process.
struct Kept<'a> {
    steps: BTreeSet<&'a str>,
    /// These steps, and the sub-processes around them.
    hosts: BTreeSet<&'a str>,
    /// Steps that clocks are bound to, and the sub-processes around them.
    timed: BTreeSet<&'a str>,
    /// Variables that these steps write, and those that their controls go by.
    variables: BTreeSet<Variable<'a>>,
}

impl<'a> Region<'a> {
    /// Steps that stay: those that are named, that clocks are bound to, that make a record, that a separation of duties is declared on or refers to;
    /// those at which it is decided whether these are reached; those that write the same variables; and the boundary events that concern them.
    fn kept(&self, received: &'a Value) -> Kept<'a> {
        let inside = &self.inside;
        let mut names: BTreeSet<&str> = self.step.get("adaptable").into_iter().flat_map(|told| texts(told, "keep")).collect();
        let mut variables = BTreeSet::new();
        duties(received, &mut names, &mut variables);
        names.extend(inside.steps.iter().filter(|(_, within)| within.step.get("record").is_some()).map(|(id, _)| *id));
        let timed: BTreeSet<&str> = bound(received).into_iter().filter(|id| inside.steps.contains_key(id)).collect();
        names.extend(&timed);
        let mut steps: BTreeSet<&str> = names.into_iter().filter(|id| inside.steps.contains_key(id)).collect();
        let beside = |id: &&'a str| inside.paths.get(inside.steps.get(*id)?.scope()).map(|paths| paths.deciding(id));
        let deciding: Vec<&str> = inside.with_around(&steps).iter().filter_map(beside).flatten().collect();
        steps.extend(deciding);
        for within in steps.iter().filter_map(|id| inside.steps.get(id)) {
            let by = goes_by(within.step).into_iter().map(|name| inside.variable(&within.around, name));
            variables.extend(inside.written(within).into_iter().chain(by));
        }
        let writes = |within: &Within<'a>| !inside.written(within).is_disjoint(&variables);
        steps.extend(inside.steps.iter().filter(|(_, within)| writes(within)).map(|(id, _)| *id));
        let hosts = inside.with_around(&steps);
        let is_on = |within: &Within<'_>| text(within.step, "attachedTo").is_some_and(|host| hosts.contains(host));
        steps.extend(inside.steps.iter().filter(|(_, within)| is_on(within)).map(|(id, _)| *id));
        Kept { hosts: inside.with_around(&steps), timed: inside.with_around(&timed), steps, variables }
    }

    /// What stays is there, as it was.
    fn keeps(&self, kept: &Kept<'a>, adapted: &Inside<'_>, pointer: &str, problems: &mut Vec<Problem>) {
        for id in &kept.steps {
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
        }
    }

    /// What stays is on every path on which it was, in the order in which it was, and what a clock is bound to no more often.
    fn flows(&self, kept: &Kept<'a>, adapted: &Inside<'_>, problems: &mut Vec<Problem>) {
        // What is told once is not told again by what follows from it.
        let mut told: BTreeSet<&str> = BTreeSet::new();
        // Who interrupts a step, or what it lies in, has a way around it.
        for after in adapted.steps.iter().filter(|(id, _)| !kept.steps.contains(*id)).map(|(_, after)| after) {
            let host = text(after.step, "attachedTo").and_then(|host| kept.hosts.get(host));
            let interrupts = after.step.get("interrupting").and_then(Value::as_bool) != Some(false);
            if let Some(host) = host.filter(|_| interrupts) {
                let message = format!("This interrupts the step \"{}\", which stays. Set `interrupting` to false.", short(host));
                problems.push(Problem::error("adaptation.bypassed", &after.pointer, message));
                told.insert(host);
            }
        }
        let mut tell = |code: &str, id: &str, message: String| {
            problems.push(Problem::error(code, &adapted.steps[id].pointer, message));
        };
        let around = |id: &str| {
            let name = short(id);
            format!(
                "There is a way around the step \"{name}\", where there was none. Let every path on which it was come to it again."
            )
        };
        for (scope, before) in &self.inside.paths {
            let Some(after) = adapted.paths.get(scope) else { continue };
            let here: BTreeSet<&str> = kept.hosts.iter().copied().filter(|id| self.lies_in(id, scope, adapted)).collect();
            let mut lost = BTreeSet::new();
            for id in &here {
                let (was, is) = (before.sure(id, &here), after.sure(id, &here));
                match was.difference(&is).next() {
                    // From the start, which is the first of all points.
                    Some(("", _)) if told.insert(id) => tell("adaptation.bypassed", id, around(id)),
                    Some(_) => _ = lost.insert(*id),
                    None => {}
                }
            }
            // What now comes before or after what it did not.
            let mut turned: BTreeMap<&str, &str> = BTreeMap::new();
            for id in here.iter().filter(|id| !told.contains(*id)) {
                let (was, is) = (before.without(id), after.without(id));
                turned.extend(here.iter().filter(|other| is.contains(other) && !was.contains(other)).map(|other| (*other, *id)));
            }
            let (was_doubled, doubled) = (before.doubled(), after.doubled());
            let timed: BTreeSet<&str> = here.intersection(&kept.timed).copied().collect();
            let mut again = BTreeSet::new();
            for id in &timed {
                let (was, is) = (before.after(id), after.after(id));
                if is.contains(id) && !was.contains(id) || doubled.contains(id) && !was_doubled.contains(id) {
                    let name = short(id);
                    let message = format!(
                        "Paths come to the step \"{name}\" again, as they did not. A clock depends on it: lead each path to it once."
                    );
                    tell("adaptation.repeated", id, message);
                    again.insert(*id);
                }
                let later = timed.iter().filter(|other| *other != id && is.contains(other) && !was.contains(other));
                turned.extend(later.map(|other| (*other, *id)));
            }
            for (id, other) in turned.iter().filter(|(id, _)| !again.contains(*id)) {
                let (name, other) = (short(id), short(other));
                let message = format!(
                    "The step \"{name}\" stands in another order to \"{other}\" than it was received. Both stay: put them back in their order."
                );
                tell("adaptation.order", id, message);
            }
            for id in lost.into_iter().filter(|id| !turned.contains_key(id) && !told.contains(id)) {
                tell("adaptation.bypassed", id, around(id));
            }
        }
    }

    /// Whether a step lies in a sub-process, in both editions.
    fn lies_in(&self, id: &str, scope: &str, adapted: &Inside<'_>) -> bool {
        let (before, after) = (self.inside.steps.get(id), adapted.steps.get(id));
        before.zip(after).is_some_and(|(before, after)| before.around == after.around && before.scope() == scope)
    }

    /// Work goes to the roles that may have it.
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
        }
    }

    /// No other process is called than was: whose roles, duties and records are in it, nobody sees here.
    fn calls(&self, adapted: &Inside<'_>, problems: &mut Vec<Problem>) {
        fn called(step: &Value) -> Option<&Value> {
            step.get("process").filter(|_| text(step, "type") == Some("callActivity"))
        }
        for (id, after) in &adapted.steps {
            let Some(now) = called(after.step) else { continue };
            let before = self.inside.steps.get(id).and_then(|within| called(within.step));
            if before != Some(now) {
                let message =
                    "No step in here called this process as received. Write its steps here, or call the process that was called.";
                problems.push(Problem::error("adaptation.call", format!("{}/process", after.pointer), message));
            }
        }
    }

    /// Nothing is written outside that was not written from here, what stays writes where it did and what it writes no other step writes, and no
    /// name comes to mean something else.
    fn writes(&self, kept: &Kept<'a>, adapted: &Inside<'_>, pointer: &str, problems: &mut Vec<Problem>) {
        let before: BTreeSet<Variable<'_>> = self.inside.steps.values().flat_map(|within| self.inside.written(within)).collect();
        for (id, within) in &adapted.steps {
            for variable in adapted.written(within) {
                let name = short(variable.1);
                let message = if variable.0.is_none() && !before.contains(&variable) {
                    format!(
                        "\"{name}\" belongs to the process, and no step in here writes it as received. Declare a variable of the sub-process \
                         around this step, and write that."
                    )
                } else if kept.variables.contains(&variable) && !kept.steps.contains(id) {
                    format!(
                        "A step that stays writes \"{name}\" or goes by it, and no other writes it. Declare a variable, and write that."
                    )
                } else {
                    continue;
                };
                problems.push(Problem::error("adaptation.variable", &within.pointer, message));
            }
        }
        for (scope, name) in self.inside.data.keys().filter(|key| !adapted.data.contains_key(*key)) {
            if kept.variables.contains(&(Some(*scope), *name)) {
                let message =
                    format!("The variable \"{}\" is missing, and a step that stays needs it. Put it back.", short(name));
                problems.push(Problem::error("adaptation.variable", pointer, message));
            }
        }
        for ((scope, name), (_, pointer)) in adapted.data.iter().filter(|(key, _)| !self.inside.data.contains_key(*key)) {
            let around = adapted.steps.get(scope).map_or(&[][..], |within| &within.around);
            let is_inside = !scope.is_empty() && adapted.variable(around, name).0.is_some();
            if is_inside || self.around.contains(name) {
                let message = format!(
                    "\"{}\" is declared around this too, and would no longer be what it was. Give this one another name.",
                    short(name)
                );
                problems.push(Problem::error("adaptation.variable", pointer, message));
            }
        }
    }

    /// What is personal stays so, by its name: wherever it is declared, and as long as a step asks for it.
    fn personal(&self, document: &Value, adapted: &Inside<'_>, problems: &mut Vec<Problem>) {
        let is_personal = |declared: &Value| declared.get("personal").and_then(Value::as_bool) == Some(true);
        let data = self.inside.data.iter();
        let personal: BTreeSet<&str> =
            data.filter(|(_, (declared, _))| is_personal(declared)).map(|((_, name), _)| *name).collect();
        for (key, (declared, pointer)) in adapted.data.iter().filter(|((_, name), _)| personal.contains(name)) {
            let was_not = self.inside.data.get(key).is_some_and(|(before, _)| !is_personal(before));
            if !was_not && !is_personal(declared) {
                let message = format!("\"{}\" is personal and stays so: its values can be erased.", short(key.1));
                problems.push(Problem::error("adaptation.personal", pointer, message));
            }
        }
        for within in adapted.steps.values() {
            let form = text(within.step, "form").and_then(|form| document.get("forms")?.get(form)?.get("schema"));
            let mut asked = written(within.step);
            asked.extend(form.into_iter().flat_map(|schema| members(schema, "properties")).map(|(name, _)| name));
            let is_lost = |name: &&str| adapted.variable(&within.around, name).0.is_none() && !self.around.contains(*name);
            for name in asked.into_iter().filter(|name| personal.contains(name)).filter(is_lost) {
                let message = format!(
                    "This asks for \"{}\", which is personal, and it is no longer declared. Declare it as it was received.",
                    short(name)
                );
                problems.push(Problem::error("adaptation.personal", &within.pointer, message));
            }
        }
    }
}

/// Steps to which clocks are bound.
fn bound(received: &Value) -> BTreeSet<&str> {
    let clocks = received.get("clocks").and_then(Value::as_array).into_iter().flatten();
    let places = clocks.flat_map(|clock| members(clock, "bind")).map(|(_, place)| place);
    let all = places.flat_map(|place| place.as_array().map_or(std::slice::from_ref(place), Vec::as_slice));
    all.flat_map(|place| [text(place, "entering"), text(place, "leaving")]).flatten().collect()
}

/// Steps on which a separation of duties is declared or to which it refers, and the variables of the process by which it goes.
fn duties<'a>(around: &'a Value, names: &mut BTreeSet<&'a str>, variables: &mut BTreeSet<Variable<'a>>) {
    for step in steps_of(around) {
        let performer = step.get("performer");
        let apart: Vec<&str> = performer.into_iter().flat_map(|performer| texts(performer, "notWhoDid")).collect();
        let holds = performer.and_then(|performer| performer.get("notWhoHolds"));
        if holds.is_some() || !apart.is_empty() {
            names.extend(text(step, "id"));
        }
        names.extend(apart);
        variables.extend(held(step).map(|name| (None, name)));
        duties(step, names, variables);
    }
}

/// Variables that name the posts whose holders are kept from a task, and since when.
fn held(step: &Value) -> impl Iterator<Item = &str> {
    let holds = step.get("performer").and_then(|performer| performer.get("notWhoHolds"));
    holds.into_iter().flat_map(|holds| texts(holds, "data").chain(text(holds, "since")))
}

/// Names by which a step decides: those in the conditions of its flows, and those that keep somebody from it.
fn goes_by(step: &Value) -> BTreeSet<&str> {
    let flows = step.get("next").and_then(Value::as_array).into_iter().flatten();
    let conditions = flows.filter_map(|flow| text(flow, "when"));
    let words = conditions.flat_map(|when| when.split(|one: char| !one.is_alphanumeric() && one != '_'));
    held(step).chain(words).collect()
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
