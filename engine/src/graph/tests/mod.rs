//! Tests of the graph: rows of a document and its problems, hostile documents, random mutations, forms, pages, the shipped schema.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod bounds;
mod cases;
mod difference;
mod fit;
mod forms;
mod hostile;
mod pages;
mod shipped;

use serde_json::{Value, json};

use super::{Files, Graph, check, compile};
use crate::model::Problem;

/// The example of design.md, with its forms.
const REFUND: &str = include_str!("refund.json");
/// Every element once.
const WIDE: &str = include_str!("wide.json");

/// What is deployed.
fn known() -> Files {
    Files { processes: ["other".to_owned()].into(), ..Files::default() }
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn check_value(document: &Value) -> Vec<Problem> {
    check(document.to_string().as_bytes(), &known())
}

fn graph(document: &Value) -> Graph {
    match compile(document.to_string().as_bytes(), &known()) {
        Ok((graph, _)) => graph,
        Err(problems) => panic!("{problems:#?}"),
    }
}

/// A process of a few words: `s start > a; a user > e; e end`. A flow may have a condition, `x xor > a?ok, e`; a boundary event
/// names its host, `t boundary@a > e`, and `side@a` is one that does not interrupt.
fn process(steps: &str) -> Value {
    let data = json!({ "n": { "type": "integer" }, "ok": { "type": "boolean" } });
    let steps: Vec<Value> = steps.split(';').map(|step| step_of(step.trim())).collect();
    json!({ "id": "t", "title": { "en": "T" }, "owner": { "post": "p" }, "data": data, "steps": steps })
}

fn step_of(text: &str) -> Value {
    let (head, targets) = text.split_once('>').map_or((text, None), |(head, targets)| (head.trim(), Some(targets)));
    let (id, kind) = head.split_once(' ').unwrap();
    let (kind, host) = kind.split_once('@').map_or((kind, None), |(kind, host)| (kind, Some(host)));
    let (kind, more) = match kind {
        "start" => ("startEvent", json!({})),
        "hears" => ("startEvent", json!({ "message": { "name": id } })),
        "end" => ("endEvent", json!({})),
        "terminate" => ("endEvent", json!({ "terminate": true })),
        "user" => ("userTask", json!({ "performer": { "role": "clerk" } })),
        "job" => ("serviceTask", json!({ "topic": "work" })),
        "calc" => ("expressionTask", json!({ "set": { "n": "1" } })),
        "xor" => ("exclusiveGateway", json!({})),
        "and" => ("parallelGateway", json!({})),
        "wait" => ("intermediateCatchEvent", json!({ "timer": { "after": "P1D" } })),
        "boundary" => ("boundaryEvent", json!({ "attachedTo": host, "timer": { "after": "P1D" } })),
        "side" => ("boundaryEvent", json!({ "attachedTo": host, "interrupting": false, "timer": { "after": "P1D" } })),
        other => panic!("{other}"),
    };
    let mut step = json!({ "id": id, "type": kind });
    step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    if let Some(targets) = targets {
        let flow = |target: &str| match target.trim().split_once('?') {
            Some((to, when)) => json!({ "to": to, "when": when }),
            None => json!(target.trim()),
        };
        step["next"] = targets.split(',').map(flow).collect();
    }
    step
}

/// Puts a value at a pointer; the last token may be new, `-` appends.
fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
        Value::Object(members) => _ = members.insert(last, value),
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
}

/// Removes what is at a pointer.
fn remove(document: &mut Value, pointer: &str) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(members) => _ = members.remove(last).unwrap(),
        Value::Array(items) => _ = items.remove(last.parse::<usize>().unwrap()),
        _ => panic!("{pointer}"),
    }
}
