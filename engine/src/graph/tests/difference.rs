//! Differences: what is told of two documents, and that nothing is left out.

use serde_json::{Value, json};

use super::{WIDE, document};
use crate::graph::difference::{Change, Found, Way, difference};
use crate::model::random::Random;

/// What differs, a line each: way, path, and what stood and stands there.
fn told(before: &Value, after: &Value) -> Vec<String> {
    let value = |found: &Option<Found>| found.as_ref().map_or("-".to_owned(), |found| found.value.to_string());
    let line = |change: &Change| {
        format!("{} {}: {} > {}", change.way.name(), change.path.join("/"), value(&change.before), value(&change.after))
    };
    difference(before, after).iter().map(line).collect()
}

fn check(before: &Value, after: &Value, expected: &[&str]) {
    assert_eq!(told(before, after), expected, "{before} {after}");
}

#[test]
fn what_is_told() {
    check(&json!({ "a": 1, "b": [1.5, "x"] }), &json!({ "b": [1.5, "x"], "a": 1 }), &[]);
    check(
        &json!({ "id": "p", "title": { "en": "Leave" }, "old": true }),
        &json!({ "id": "p", "title": { "en": "Leave", "hi": "छुट्टी" }, "new": null }),
        &["removed old: true > -", "added title/hi: - > \"छुट्टी\"", "added new: - > null"],
    );
    // A step put in between is one change, and that which led elsewhere is another.
    check(
        &json!({ "steps": [{ "id": "a", "next": "c" }, { "id": "c" }] }),
        &json!({ "steps": [{ "id": "a", "next": "b" }, { "id": "b", "next": "c" }, { "id": "c" }] }),
        &["changed steps/a/next: \"c\" > \"b\"", "added steps/b: - > {\"id\":\"b\",\"next\":\"c\"}"],
    );
    // A flow may be written as the step to which it leads.
    check(
        &json!({ "next": ["a", { "to": "b", "when": "x" }] }),
        &json!({ "next": [{ "to": "b", "when": "y" }, "a"] }),
        &["changed next/b/when: \"x\" > \"y\"", "reordered next: [\"a\",\"b\"] > [\"b\",\"a\"]"],
    );
    // Without names of their own, things are told apart by their places.
    check(
        &json!([{ "to": "a" }, { "to": "a", "when": "x" }]),
        &json!([{ "to": "a" }, { "to": "a", "when": "y" }, { "to": "b" }]),
        &["changed 1/when: \"x\" > \"y\"", "added 2: - > {\"to\":\"b\"}"],
    );
    check(&json!([1, 2, 3]), &json!([1, 3]), &["changed 1: 2 > 3", "removed 2: 3 > -"]);
    check(&json!({ "a": 1 }), &json!({ "a": 1.0 }), &[]);
    check(&json!({ "a": [] }), &json!({ "a": {} }), &["changed a: [] > {}"]);
    check(&json!(1), &json!("1"), &["changed : 1 > \"1\""]);
}

#[test]
fn the_step_in_which_a_change_lies() {
    let (before, mut after) = (document(WIDE), document(WIDE));
    let inner = after["steps"].as_array().unwrap().iter().position(|step| step.get("steps").is_some()).unwrap();
    after["steps"][inner]["steps"][0]["x-note"] = json!("more");
    after["title"]["en"] = json!("Another");
    let found = difference(&before, &after);
    let steps: Vec<_> = found.iter().map(|change| change.step().map(|(step, rest)| (step.to_owned(), rest.join("/")))).collect();
    let name = after["steps"][inner]["steps"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(steps, [Some((name, "x-note".to_owned())), None]);
}

/// Every place of a document.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| places(value, &format!("{at}/{}", name.replace('/', "~1")), out));
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(n, value)| places(value, &format!("{at}/{n}"), out)),
        _ => {}
    }
}

/// Changes something somewhere.
fn mutate(document: &mut Value, draw: &mut Random) {
    let mut all = Vec::new();
    places(document, "", &mut all);
    let place = document.pointer_mut(&all[draw.below(all.len())]).unwrap();
    match (draw.below(4), place) {
        (0, Value::Array(list)) if !list.is_empty() => drop(list.remove(draw.below(list.len()))),
        (1, Value::Array(list)) if list.len() > 1 => {
            let other = draw.below(list.len());
            list.swap(0, other);
        }
        (2, Value::Array(list)) => {
            let at = draw.below(list.len() + 1);
            list.insert(at, json!({ "id": format!("new{}", draw.below(3)) }));
        }
        (0, Value::Object(map)) => drop(map.remove(&map.keys().next().cloned().unwrap_or_default())),
        (1, Value::Object(map)) => drop(map.insert(format!("x/{}", draw.below(3)), json!(draw.below(2)))),
        (_, place) => *place = json!(["a", 1, null, {}, []])[draw.below(5)].clone(),
    }
}

#[test]
fn nothing_is_left_out_and_nothing_made_up() {
    for seed in 0..2_000 {
        let mut draw = Random(seed);
        let before = document(WIDE);
        let mut after = before.clone();
        (0..=draw.below(4)).for_each(|_| mutate(&mut after, &mut draw));
        let found = difference(&before, &after);
        assert_eq!(found.is_empty(), before == after, "seed {seed}");
        for change in &found {
            let at = |document: &Value, found: &Option<Found>| {
                found
                    .as_ref()
                    .is_none_or(|found| change.way == Way::Reordered || document.pointer(&found.pointer) == Some(&found.value))
            };
            assert!(at(&before, &change.before) && at(&after, &change.after), "seed {seed}: {change:?}");
            assert_ne!(change.before.as_ref().map(|one| &one.value), change.after.as_ref().map(|one| &one.value), "seed {seed}");
        }
        let back = difference(&after, &before);
        assert_eq!(found.len(), back.len(), "seed {seed}: the way back has as many");
    }
}
