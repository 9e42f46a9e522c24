//! Random changes of a definition, such as its owner might make, and how running cases come to what was made of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::world::Random;

/// A changed definition.
pub(super) struct Edited {
    pub(super) document: Value,
    /// Steps that are called otherwise.
    pub(super) steps: BTreeMap<String, String>,
    /// Whether every running case can go on by it, wherever it stands.
    pub(super) is_harmless: bool,
}

/// Changes a definition a little. `number` tells one version from another.
pub(super) fn edit(random: &mut Random, before: &Value, number: usize) -> Edited {
    let mut edited = Edited { document: before.clone(), steps: BTreeMap::new(), is_harmless: true };
    edited.document["title"]["en"] = json!(format!("version {number}"));
    for _ in 0..1 + random.below(3) {
        match random.below(8) {
            0 | 1 => rename(random, &mut edited, number),
            2 => change_timers(random, &mut edited.document["steps"]),
            3 => change_tasks(random, &mut edited.document["steps"]),
            4 => insert(random, &mut edited, number),
            5 => unwatch(random, &mut edited.document["steps"]),
            6 => watch(random, &mut edited.document["steps"], number),
            _ => bypass(random, &mut edited),
        }
    }
    edited
}

fn walk(steps: &mut Value, change: &mut impl FnMut(&mut Value)) {
    for step in steps.as_array_mut().into_iter().flatten() {
        change(step);
        if step.get("steps").is_some() {
            walk(&mut step["steps"], change);
        }
    }
}

/// Names some steps otherwise. How they are told apart from those of earlier versions is theirs.
fn rename(random: &mut Random, edited: &mut Edited, number: usize) {
    let mut ids = Vec::new();
    walk(&mut edited.document["steps"], &mut |step| ids.push(step["id"].as_str().expect("an id").to_owned()));
    let mut to: BTreeMap<String, String> = BTreeMap::new();
    for id in ids {
        if random.once_in(3) {
            let renamed = format!("{}-v{number}", id.split("-v").next().unwrap_or_default());
            to.insert(id, renamed);
        }
    }
    let named = |value: &mut Value| {
        if let Some(renamed) = value.as_str().and_then(|id| to.get(id)) {
            *value = json!(renamed);
        }
    };
    walk(&mut edited.document["steps"], &mut |step| {
        named(&mut step["id"]);
        if step.get("attachedTo").is_some() {
            named(&mut step["attachedTo"]);
        }
        match &mut step["next"] {
            Value::Array(flows) => {
                flows.iter_mut().for_each(|flow| if flow.is_object() { named(&mut flow["to"]) } else { named(flow) })
            }
            Value::Null => _ = step.as_object_mut().expect("an object").remove("next"),
            one => named(one),
        }
    });
    // What was renamed before is renamed on.
    for renamed in edited.steps.values_mut() {
        if let Some(again) = to.remove(renamed) {
            *renamed = again;
        }
    }
    edited.steps.extend(to);
}

fn change_timers(random: &mut Random, steps: &mut Value) {
    walk(steps, &mut |step| {
        if step.get("timer").is_some_and(|timer| timer.get("after").is_some()) && random.once_in(2) {
            step["timer"]["after"] = json!(format!("PT{}H", 1 + random.below(60)));
        }
    });
}

fn change_tasks(random: &mut Random, steps: &mut Value) {
    walk(steps, &mut |step| {
        if step["type"] == "userTask" && random.once_in(2) {
            step["due"] = json!({ "after": format!("PT{}H", 1 + random.below(60)) });
        }
        if step["type"] == "userTask" && random.once_in(3) {
            step["performer"]["role"] = json!(*random.pick(&["officer", "quality-coordinator"]).expect("one"));
        }
    });
}

/// One more task, on a flow or before whatever a step leads to.
fn insert(random: &mut Random, edited: &mut Edited, number: usize) {
    let steps = edited.document["steps"].as_array_mut().expect("steps");
    let at: Vec<usize> = (0..steps.len()).filter(|&at| steps[at]["next"].is_string()).collect();
    let Some(&at) = random.pick(&at) else { return };
    let id = format!("more{number}-{}", steps.len());
    let next = std::mem::replace(&mut steps[at]["next"], json!(id));
    steps.push(json!({
        "id": id, "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["n"], "next": next
    }));
    // A join that the flow led to is reached by another one now.
    edited.is_harmless = false;
}

/// One timer fewer that watches a task and leads nowhere else.
fn unwatch(random: &mut Random, steps: &mut Value) {
    let all = steps.as_array_mut().expect("steps");
    let sides = all.iter().filter(|step| step["interrupting"] == false);
    let sides: Vec<(Value, Value)> = sides.map(|step| (step["id"].clone(), step["next"].clone())).collect();
    let Some((side, end)) = random.pick(&sides).cloned() else { return };
    all.retain(|step| step["id"] != side && step["id"] != end);
}

/// One timer more that watches a task.
fn watch(random: &mut Random, steps: &mut Value, number: usize) {
    let all = steps.as_array_mut().expect("steps");
    let tasks: Vec<String> =
        all.iter().filter(|step| step["type"] == "userTask").filter_map(|step| step["id"].as_str().map(str::to_owned)).collect();
    let Some(host) = random.pick(&tasks) else { return };
    let (id, end) = (format!("watch{number}-{}", all.len()), format!("watched{number}-{}", all.len()));
    all.push(json!({
        "id": id, "type": "boundaryEvent", "attachedTo": host, "interrupting": false, "timer": { "after": "PT5H" }, "next": end
    }));
    all.push(json!({ "id": end, "type": "endEvent" }));
}

/// Takes a step out: what led to it leads to the one behind it. Where it is the only branch of something, the check refuses it.
fn bypass(random: &mut Random, edited: &mut Edited) {
    let steps = edited.document["steps"].as_array_mut().expect("steps");
    let plain = ["userTask", "expressionTask", "serviceTask", "intermediateCatchEvent", "subProcess", "parallelGateway"];
    let hosts: Vec<Value> = steps.iter().map(|step| step["attachedTo"].clone()).collect();
    let can =
        |step: &Value| plain.iter().any(|kind| step["type"] == *kind) && step["next"].is_string() && !hosts.contains(&step["id"]);
    let at: Vec<usize> = (0..steps.len()).filter(|&at| can(&steps[at])).collect();
    let Some(&at) = random.pick(&at) else { return };
    let gone = steps.remove(at);
    let lead = |value: &mut Value| {
        if *value == gone["id"] {
            *value = gone["next"].clone();
        }
    };
    for step in steps {
        match step.get_mut("next") {
            Some(Value::Array(flows)) => {
                flows.iter_mut().for_each(|flow| if flow.is_object() { lead(&mut flow["to"]) } else { lead(flow) });
            }
            Some(one) => lead(one),
            None => {}
        }
    }
    edited.is_harmless = false;
}
