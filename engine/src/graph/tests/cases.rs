//! Rows: a document, and the code and pointer of every problem it has.

use serde_json::Value;

use super::{REFUND, WIDE, check_value, document, graph, process, put, remove};

/// Every row; all that fail are reported together.
#[test]
fn every_case_has_exactly_its_problems() {
    let cases = document(include_str!("cases.json"));
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 80, "{} rows", cases.len());
    let mut failures = Vec::new();
    for case in cases {
        let mut document = match (case["base"].as_str(), case["steps"].as_str()) {
            (_, Some(steps)) => process(steps),
            (Some("refund"), _) => document(REFUND),
            _ => document(WIDE),
        };
        for (pointer, value) in case["put"].as_object().into_iter().flatten() {
            put(&mut document, pointer, value.clone());
        }
        for pointer in case["remove"].as_array().into_iter().flatten() {
            remove(&mut document, pointer.as_str().unwrap());
        }
        let problems = check_value(&document);
        let mut found: Vec<String> = problems.iter().map(|p| format!("{} {}", p.code, p.pointer).trim_end().to_owned()).collect();
        let mut expected: Vec<String> =
            case["expect"].as_array().unwrap().iter().map(|row| row.as_str().unwrap().to_owned()).collect();
        found.sort();
        expected.sort();
        let says = case["says"].as_str().unwrap_or_default();
        if found != expected || !problems.iter().any(|p| p.message.contains(says)) && !problems.is_empty() {
            let messages: Vec<&String> = problems.iter().map(|p| &p.message).collect();
            failures.push(format!("{}\n  expected {expected:?} {says}\n  found    {found:?}\n  {messages:?}", case["name"]));
        }
        for problem in &problems {
            let place_is_there = problem.pointer.is_empty() || document.pointer(&problem.pointer).is_some();
            let is_sentence = problem.message.ends_with(['.', '?']) && problem.message.len() < 500;
            if !place_is_there || !is_sentence {
                failures.push(format!("{}: no such place or no sentence: {problem:?}", case["name"]));
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{} of {} rows fail", failures.join("\n"), failures.len(), cases.len());
}

/// No code goes untested.
#[test]
fn every_code_has_a_case() {
    let sources = [
        include_str!("../draft.rs"),
        include_str!("../event.rs"),
        include_str!("../flow.rs"),
        include_str!("../form.rs"),
        include_str!("../reach.rs"),
        include_str!("../read.rs"),
        include_str!("../schema.rs"),
        include_str!("../sound.rs"),
        include_str!("../step.rs"),
    ];
    let codes = regex::Regex::new(r#""([a-z-]+\.[a-z-]+)""#).unwrap();
    let tested = [include_str!("cases.json"), include_str!("hostile.rs"), include_str!("forms.rs")].concat();
    // Reported only where another check forgot to.
    let guards = ["step.invalid", "schema.invalid"];
    let untested: Vec<&str> = sources
        .iter()
        .flat_map(|source| codes.captures_iter(source).map(|found| found.get(1).unwrap().as_str()))
        .filter(|code| !guards.contains(code) && !tested.contains(code))
        .collect();
    assert_eq!(untested, Vec::<&str>::new());
}

#[test]
fn the_example_of_the_design_compiles_without_a_warning() {
    assert_eq!(check_value(&document(REFUND)), []);
    let graph = graph(&document(REFUND));
    assert_eq!(graph.steps.len(), 6);
    assert_eq!(graph.flows.iter().map(|flow| flow.id.as_str()).collect::<Vec<_>>()[2..4], ["complete?>ask", "complete?>decide"]);
    assert_eq!(graph.flows[2].when.as_ref().map(crate::expression::Expression::source), Some("not(complete)"));
    assert_eq!(graph.personal.iter().collect::<Vec<_>>(), ["applicant_name"]);
    assert_eq!(graph.scopes[0].start, graph.step("lodged"));
    assert_eq!(graph.steps[graph.step("scrutinise").unwrap()].incoming, [0, 4]);
}

#[test]
fn every_element_compiles_to_its_place() {
    let graph = graph(&document(WIDE));
    let (sub, inner) = (graph.step("sub").unwrap(), graph.step("i2").unwrap());
    assert_eq!((graph.steps[inner].scope, graph.scopes[1].step, graph.scopes[1].parent), (1, Some(sub), Some(0)));
    assert_eq!(graph.steps[sub].boundary, [graph.step("late").unwrap(), graph.step("nag").unwrap()]);
    assert_eq!(graph.scopes[1].start, graph.step("i1"));
    assert_eq!(graph.scopes[0].message_starts, [graph.step("m").unwrap()]);
    assert_eq!(graph.calls.iter().collect::<Vec<_>>(), ["other"]);
    assert_eq!(graph.variable(1, "n").map(|(scope, _)| scope), Some(0));
    assert!(graph.steps[inner].pointer.ends_with("/steps/1"));
}

#[test]
fn white_space_makes_no_new_version() {
    let (spaced, dense) = (document(REFUND).to_string(), REFUND);
    let hash = |text: &str| super::compile(text.as_bytes(), &super::known()).unwrap().0.hash;
    assert_eq!(hash(&spaced), hash(dense));
    assert_ne!(hash(&spaced), hash(&spaced.replace("Refund claim", "Refund claims")));
}

/// Two thousand random changes to valid documents: never a panic, and a refusal always says why.
#[test]
fn mutations_never_panic() {
    let mut random = Random(0x5eed);
    let pool = values(&document(WIDE)).into_iter().chain(values(&document(REFUND))).collect::<Vec<_>>();
    for round in 0..2_000 {
        let mut document = document(if round % 2 == 0 { WIDE } else { REFUND });
        for _ in 0..=random.below(3) {
            let places = places(&document);
            let place = &places[1 + random.below(places.len() - 1)];
            match random.below(4) {
                0 => remove(&mut document, place),
                1 => put(&mut document, place, odd(random.below(10))),
                2 => put(&mut document, place, pool[random.below(pool.len())].clone()),
                _ => {
                    let other = document.pointer(&places[random.below(places.len())]).cloned();
                    put(&mut document, place, other.unwrap_or_default());
                }
            }
        }
        let problems = check_value(&document);
        assert!(problems.iter().all(|problem| problem.code.contains('.') && !problem.message.is_empty()), "{document}");
        assert!(!problems.iter().any(|problem| problem.code == "step.invalid"), "{document}\n{problems:?}");
    }
}

fn odd(which: usize) -> Value {
    let texts = ["", "=", "P", "\u{202e}", "x[", "-1"];
    match which {
        0 => Value::Null,
        1 => serde_json::json!(-1),
        2 => serde_json::json!(1.5),
        3 => serde_json::json!([[]]),
        which => texts[which - 4].into(),
    }
}

fn values(value: &Value) -> Vec<Value> {
    places(value).iter().filter_map(|place| value.pointer(place).cloned()).collect()
}

/// All pointers into a value, itself first. Names with `/` or `~` do not occur.
fn places(value: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    let inner: Vec<(String, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect(),
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
        _ => Vec::new(),
    };
    for (name, inner) in inner {
        places.extend(self::places(inner).into_iter().map(|place| format!("/{name}{place}")));
    }
    places
}

/// Splitmix64: every run tests the same documents.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from(((z ^ (z >> 27)) >> 16) % (most as u64)).unwrap()
    }
}
