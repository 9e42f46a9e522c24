//! Hostile documents: each is refused soon, with a code, and without a panic.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{WIDE, check, document, known, process, put};

/// Refused with this code, and soon. The norm is 100 ms of a release build on an idle machine; a debug build on a busy one is only held
/// to a time that no explosion would keep.
fn refused(name: &str, text: &[u8], code: &str) {
    // The schema of processes is built once, not by the first hostile document.
    let _ = check(WIDE.as_bytes(), &known());
    let start = Instant::now();
    let problems = check(text, &known());
    let took = start.elapsed();
    assert!(problems.iter().any(|problem| problem.code == code), "{name}: {:?}", &problems[..problems.len().min(5)]);
    assert!(problems.iter().any(super::Problem::is_error), "{name}: only warnings");
    let most = if cfg!(debug_assertions) { Duration::from_secs(15) } else { Duration::from_millis(300) };
    assert!(took < most, "{name} took {took:?}");
}

fn refused_value(name: &str, document: &Value, code: &str) {
    refused(name, document.to_string().as_bytes(), code);
}

fn with(pointer: &str, value: Value) -> Value {
    let mut document = document(WIDE);
    put(&mut document, pointer, value);
    document
}

#[test]
fn what_is_no_strict_json() {
    refused("2 MiB and one byte", &vec![b' '; 2 * 1024 * 1024 + 1], "json.too-big");
    refused("2 MiB of brackets", &vec![b'['; 2 * 1024 * 1024], "json.too-deep");
    refused("deep nesting", format!("{}{}", "{\"a\":".repeat(100), "}".repeat(100)).as_bytes(), "json.too-deep");
    refused("duplicate keys", br#"{"id":"a","id":"b"}"#, "json.duplicate-name");
    refused("not JSON", b"id: a", "json.syntax");
    refused("a huge number", br#"{"id":1e999}"#, "json.number");
    refused("not UTF-8", b"\"\xff\"", "json.encoding");
    refused("nothing", b"", "json.syntax");
    refused("null", b"null", "schema.type");
}

#[test]
fn too_much_of_everything() {
    let steps = |count: usize| (0..count).map(|i| format!("a{i} user > a{}; ", i + 1)).collect::<Vec<_>>().concat();
    let long = format!("s start > a0; {}a999 end", steps(999));
    refused_value("1,001 steps", &process(&long), "limit.steps");
    let fits = format!("s start > a0; {}a998 end", steps(998));
    assert_eq!(check(process(&fits).to_string().as_bytes(), &known()), [], "1,000 steps");

    let mut flows = process("s start > x; x xor > e; e end");
    flows["steps"][1]["next"] = (0..2001).map(|i| json!({ "to": "e", "id": format!("f{i}"), "when": "ok" })).collect();
    refused_value("2,001 flows", &flows, "limit.flows");

    let mut nested = json!([{ "id": "s9", "type": "startEvent", "next": "e9" }, { "id": "e9", "type": "endEvent" }]);
    for level in (0..9).rev() {
        nested = json!([{ "id": format!("s{level}"), "type": "startEvent", "next": format!("p{level}") },
            { "id": format!("p{level}"), "type": "subProcess", "next": format!("e{level}"), "steps": nested },
            { "id": format!("e{level}"), "type": "endEvent" }]);
    }
    refused_value("nine levels of sub-processes", &with("/steps", nested), "limit.nesting");

    let properties = |count: usize| (0..count).map(|i| (format!("p{i}"), json!(true))).collect::<serde_json::Map<_, _>>();
    refused_value("201 fields", &with("/forms/f/schema/properties", properties(201).into()), "limit.form-fields");
    let data: Value = (0..501).map(|i| (format!("v{i}"), json!({}))).collect();
    refused_value("501 variables", &with("/data", data), "limit.variables");
    let personal: serde_json::Map<String, Value> =
        (0..=40).map(|n| (format!("p{n}"), json!({ "type": "string", "personal": true }))).collect();
    refused_value("41 personal variables", &with("/data", Value::Object(personal)), "limit.personal");
    let forms: Value = (0..101).map(|i| (format!("f{i}"), json!({ "schema": {} }))).collect();
    refused_value("101 forms", &with("/forms", forms), "limit.forms");

    let unknown: serde_json::Map<_, _> = (0..100_000).map(|i| (format!("unknown{i}"), json!(1))).collect();
    let mut crowded = document(WIDE);
    crowded.as_object_mut().unwrap().extend(unknown);
    refused_value("100,000 unknown properties", &crowded, "limit.problems");
    let mut broken = process(&fits);
    (0..1000).for_each(|i| broken["steps"][i]["next"] = json!(format!("nowhere{i}")));
    refused_value("1,000 broken flows", &broken, "limit.problems");
    let writes: Vec<Value> = (0..100_000).map(|i| json!(format!("v{i}"))).collect();
    refused_value("100,000 outputs", &with("/steps/3/outputs", writes.into()), "variables.undeclared");
}

#[test]
fn bombs_in_schemas() {
    refused_value("64 KiB", &with("/data/n", json!({ "description": "x".repeat(65_536) })), "json-schema.too-large");
    let mut doubled = json!({ "type": "string" });
    for _ in 0..12 {
        doubled = json!({ "anyOf": [doubled, doubled] });
    }
    refused_value("2^12 alternatives", &with("/data/n", doubled), "json-schema.too-many-nodes");
    let pattern = json!({ "type": "string", "pattern": "((((a{100}){100}){100}){100}){100}" });
    refused_value("a pattern of 10^10", &with("/data/n", pattern), "json-schema.invalid");
    refused_value("a reference to a file", &with("/data/n", json!({ "$ref": "file:///etc/passwd" })), "json-schema.reference");
}

#[test]
fn bombs_in_expressions() {
    let brackets = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
    let problems = check(with("/steps/4/set/ok", brackets.clone().into()).to_string().as_bytes(), &known());
    assert!(problems[0].code.starts_with("expression."), "{problems:?}");
    refused_value("10^5 brackets", &with("/steps/4/set/ok", brackets.into()), &problems[0].code);
}

#[test]
fn bombs_of_tokens() {
    let double = |i: usize| format!("p{i} and > q{i}, r{i}; q{i} user > p{i}x; r{i} user > p{i}x; p{i}x xor > p{}; ", i + 1);
    let doubled = format!("s start > p0; {}p8 user > e; e end", (0..8).map(double).collect::<Vec<_>>().concat());
    refused_value("2^8 paths at once", &process(&doubled), "sound.unbounded");
    // Fifty independent choices in one line are few markings, and fifty parallel branches too: no interleaving is tried.
    let choose = |i: usize| format!("x{i} xor > a{i}?ok, x{}; a{i} user > x{}; ", i + 1, i + 1);
    let chosen = format!("s start > x0; {}x50 user > e; e end", (0..50).map(choose).collect::<Vec<_>>().concat());
    assert_eq!(check(process(&chosen).to_string().as_bytes(), &known()), []);
    let names = |prefix: &str| (0..50).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>().join(", ");
    let branch = |i: usize| format!("b{i} user > c{i}; c{i} user > j; ");
    let wide =
        format!("s start > p; p and > {}; {}j and > e; e end", names("b"), (0..50).map(branch).collect::<Vec<_>>().concat());
    assert_eq!(check(process(&wide).to_string().as_bytes(), &known()), []);
    // Fifty branches that each wait in one of two ways: 2^50 markings are not tried.
    let branch = |i: usize| format!("b{i} xor > c{i}?ok, d{i}; c{i} user > j{i}; d{i} user > k{i}; j{i} xor > j; k{i} xor > j; ");
    let text =
        format!("s start > p; p and > {}; {}j and > e; e end", names("b"), (0..50).map(branch).collect::<Vec<_>>().concat());
    let problems = check(process(&text).to_string().as_bytes(), &known());
    for code in ["sound.not-decided", "sound.deadlock"] {
        assert!(problems.iter().any(|problem| problem.code == code), "{code}: {problems:?}");
    }
}
