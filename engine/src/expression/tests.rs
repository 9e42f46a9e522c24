//! Tests: rows of an expression, its variables as JSON, and the result in FEEL literal form.

mod builtins;
mod hostile;
mod language;
mod names;

use std::collections::BTreeMap;

use super::*;

/// The variables of a JSON object. A key such as `due:date` gives the format of its value.
fn scope(json: &str) -> BTreeMap<String, Value> {
    let json = if json.is_empty() { "{}" } else { json };
    let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).expect(json);
    let variables = parsed.iter().map(|(key, value)| match key.split_once(':') {
        Some((name, format)) => (name.to_owned(), from_json(value, Some(format))),
        None => (key.clone(), from_json(value, None)),
    });
    variables.collect()
}

/// 31 January 2026, 23:30 in India.
fn clock() -> Clock {
    let zone = crate::model::time::zone("Asia/Kolkata").expect("bundled");
    Clock { now: "2026-01-31T18:00:00Z".parse().expect("a timestamp"), zone }
}

/// The result as a literal, or the code of the error.
fn outcome(expression: &str, context: &str) -> String {
    match compile(expression) {
        Err(error) => error.code.to_owned(),
        Ok(compiled) => match compiled.evaluate(&scope(context), &clock()) {
            Ok(value) => value.to_string(),
            Err(error) => error.code.to_owned(),
        },
    }
}

/// Checks rows of (expression, variables, result), and reports all that fail.
fn check(rows: &[(&str, &str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(expression, context, expected)| (expression, expected, outcome(expression, context)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(expression, expected, found)| format!("{expression}\n    expected {expected}\n    found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
