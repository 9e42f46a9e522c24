//! What differs between two documents, place by place. Things in a list are told apart by their names, not by where they stand: a step put in
//! between changes none of those behind it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::digest::canonical;

/// The properties by which things in a list may be called, the first that fits: steps and forms by their id, flows by where they lead,
/// clocks by their norm, holidays by their date.
const NAMES: [&str; 7] = ["id", "to", "norm", "date", "event", "name", "from"];

/// A place at which two documents differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The way there, from the outside in: properties, and things in lists by their names, or by their numbers from 0.
    pub path: Vec<String>,
    /// In what way they differ.
    pub way: Way,
    /// What stands there in the first document.
    pub before: Option<Found>,
    /// What stands there in the second.
    pub after: Option<Found>,
}

/// In what way two documents differ at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Each has something else.
    Changed,
    /// What both have in this list stands in another order; the values are the names, in their order.
    Reordered,
}

/// What stands at a place of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// The value.
    pub value: Value,
}

impl Way {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Reordered => "reordered",
        }
    }
}

impl Change {
    /// Of a process: the innermost step in which this place lies, and the way from there.
    pub fn step(&self) -> Option<(&str, &[String])> {
        let (mut found, mut rest) = (None, self.path.as_slice());
        while let [list, step, inner @ ..] = rest
            && list == "steps"
        {
            (found, rest) = (Some(step.as_str()), inner);
        }
        found.map(|step| (step, rest))
    }
}

/// Every place at which two documents differ, in the order of the first, and what was added to a list or an object after the rest of it.
/// None, if and only if the documents have the same content.
pub fn difference(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&mut changes, &Place::default(), before, after);
    changes
}

/// The same place in both documents.
#[derive(Debug, Clone, Default)]
struct Place {
    path: Vec<String>,
    before: String,
    after: String,
}

impl Place {
    /// A place in this one: what it is called, and where it stands in each.
    fn within(&self, name: &str, before: &str, after: &str) -> Self {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        let pointer = |outer: &str, token: &str| format!("{outer}/{}", token.replace('~', "~0").replace('/', "~1"));
        Self { path, before: pointer(&self.before, before), after: pointer(&self.after, after) }
    }

    fn change(self, way: Way, before: Option<&Value>, after: Option<&Value>) -> Change {
        let found = |pointer: String, value: Option<&Value>| value.map(|value| Found { pointer, value: value.clone() });
        Change { path: self.path, way, before: found(self.before, before), after: found(self.after, after) }
    }
}

fn compare(changes: &mut Vec<Change>, place: &Place, before: &Value, after: &Value) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(first), Value::Object(second)) => {
            for (name, before) in first {
                pair(changes, place.within(name, name, name), Some(before), second.get(name));
            }
            for (name, after) in second.iter().filter(|(name, _)| !first.contains_key(*name)) {
                pair(changes, place.within(name, name, name), None, Some(after));
            }
        }
        (Value::Array(first), Value::Array(second)) => match names(first, second) {
            Some((first_names, second_names)) => {
                by_name(changes, place, (first, &first_names), (second, &second_names));
            }
            None => {
                for at in 0..first.len().max(second.len()) {
                    let name = at.to_string();
                    pair(changes, place.within(&name, &name, &name), first.get(at), second.get(at));
                }
            }
        },
        // One number, written in two ways.
        (Value::Number(_), Value::Number(_)) if canonical(before) == canonical(after) => {}
        _ => changes.push(place.clone().change(Way::Changed, Some(before), Some(after))),
    }
}

/// What stands at one place in both, or in one alone.
fn pair(changes: &mut Vec<Change>, place: Place, before: Option<&Value>, after: Option<&Value>) {
    match (before, after) {
        (Some(before), Some(after)) => compare(changes, &place, before, after),
        (Some(_), None) => changes.push(place.change(Way::Removed, before, None)),
        (None, after) => changes.push(place.change(Way::Added, None, after)),
    }
}

/// Two lists whose things have names.
fn by_name(changes: &mut Vec<Change>, place: &Place, first: (&[Value], &[String]), second: (&[Value], &[String])) {
    let index = |names: &[String]| -> BTreeMap<String, usize> { names.iter().cloned().zip(0..).collect() };
    let (of_first, of_second) = (index(first.1), index(second.1));
    for (from, (value, name)) in first.0.iter().zip(first.1).enumerate() {
        let to = of_second.get(name).copied();
        let inner = place.within(name, &from.to_string(), &to.unwrap_or_default().to_string());
        pair(changes, inner, Some(value), to.map(|to| &second.0[to]));
    }
    for (to, (value, name)) in second.0.iter().zip(second.1).enumerate() {
        if !of_first.contains_key(name) {
            pair(changes, place.within(name, "", &to.to_string()), None, Some(value));
        }
    }
    let common = |names: &[String], others: &BTreeMap<String, usize>| -> Vec<Value> {
        names.iter().filter(|name| others.contains_key(*name)).map(|name| Value::from(name.as_str())).collect()
    };
    let (before, after) = (common(first.1, &of_second), common(second.1, &of_first));
    if before != after {
        changes.push(place.clone().change(Way::Reordered, Some(&Value::Array(before)), Some(&Value::Array(after))));
    }
}

/// What the things in two lists are called, where each has a name that no other of its list has.
fn names(first: &[Value], second: &[Value]) -> Option<(Vec<String>, Vec<String>)> {
    NAMES.iter().find_map(|property| {
        let of = |list: &[Value]| -> Option<Vec<String>> {
            let names = list.iter().map(|value| name(value, property)).collect::<Option<Vec<_>>>()?;
            let different: BTreeSet<&String> = names.iter().collect();
            (different.len() == names.len()).then_some(names)
        };
        Some((of(first)?, of(second)?))
    })
}

/// A text is its own name: a flow may be written as the step to which it leads.
fn name(value: &Value, property: &str) -> Option<String> {
    let text = value.as_str().or_else(|| value.get(property)?.as_str())?;
    Some(text.to_owned())
}
