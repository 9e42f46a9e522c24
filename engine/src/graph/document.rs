//! The way in for every controlled document: bytes → strict JSON → schema → document, or every problem.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::draft::PROBLEMS_MAX;
use super::shape::Shape;
use crate::digest::{Hash, JsonLimits, canonical, parse_strict};
use crate::model::Problem;
use crate::model::limits::{DEFINITION_BYTES_MAX, JSON_DEPTH_MAX};
use crate::model::problem::pointer_token;

/// Reads a document: its content, the hash of its RFC 8785 bytes, and its warnings; or every problem of its form.
pub(super) fn read<T: DeserializeOwned>(document: &[u8], shape: &Shape) -> Result<(T, Hash, Vec<Problem>), Vec<Problem>> {
    let (document, hash, problems) = typed(parse(document)?, shape)?;
    if problems.iter().any(Problem::is_error) { Err(capped(problems)) } else { Ok((document, hash, problems)) }
}

/// Reads strict JSON within the limits of documents.
pub(super) fn parse(document: &[u8]) -> Result<Value, Vec<Problem>> {
    let limits = JsonLimits { max_bytes: DEFINITION_BYTES_MAX, max_depth: JSON_DEPTH_MAX, fractions: true };
    parse_strict(document, &limits).map_err(|error| {
        vec![Problem::error(error.code, error.pointer.clone(), sentence(&error.message, error.line, error.column))]
    })
}

/// Any strict JSON, with the hash of its RFC 8785 bytes.
pub(crate) fn content(document: &[u8]) -> Result<(Value, Hash), Vec<Problem>> {
    let value = parse(document)?;
    let hash = Hash::of(canonical(&value).as_bytes());
    Ok((value, hash))
}

/// Gives JSON its type. What is found wrong on the way is handed on where the document could be read nevertheless.
pub(super) fn typed<T: DeserializeOwned>(value: Value, shape: &Shape) -> Result<(T, Hash, Vec<Problem>), Vec<Problem>> {
    let mut problems = shape.check(&value);
    find_bidi(&value, &mut String::new(), &mut problems);
    let hash = Hash::of(canonical(&value).as_bytes());
    match serde_json::from_value(value) {
        Ok(document) => Ok((document, hash, problems)),
        Err(error) => {
            if !problems.iter().any(Problem::is_error) {
                let message = format!("The document cannot be read: {error}. Compare it with the schema.");
                problems.push(Problem::error("schema.invalid", "", message));
            }
            Err(capped(problems))
        }
    }
}

/// Errors before warnings, each once, and not more than anyone reads.
pub(super) fn capped(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| problem.severity);
    let count = problems.len();
    if count > PROBLEMS_MAX {
        let severity = problems[PROBLEMS_MAX - 1].severity;
        problems.truncate(PROBLEMS_MAX - 1);
        let message = format!("Only the first {PROBLEMS_MAX} problems are shown. Correct these and check again.");
        problems.push(Problem { severity, ..Problem::error("limit.problems", "", message) });
    }
    problems
}

fn sentence(message: &str, line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("{message} It is in line {line}, column {column}."),
        _ => message.to_owned(),
    }
}

/// Warns of characters that turn the direction of text: they can make a title or an id look like another.
fn find_bidi(value: &Value, pointer: &mut String, problems: &mut Vec<Problem>) {
    let turns = |text: &str| {
        text.contains([
            '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
        ])
    };
    let length = pointer.len();
    let found = match value {
        Value::String(text) => turns(text),
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&position.to_string());
                find_bidi(item, pointer, problems);
                pointer.truncate(length);
            }
            false
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&pointer_token(name));
                if turns(name) {
                    problems.push(bidi(pointer));
                }
                find_bidi(member, pointer, problems);
                pointer.truncate(length);
            }
            false
        }
        _ => false,
    };
    if found && problems.len() < PROBLEMS_MAX {
        problems.push(bidi(pointer));
    }
}

fn bidi(pointer: &str) -> Problem {
    let message = "This text has an invisible character that turns its direction. Remove it, so that it reads as it is written.";
    Problem::warning("text.bidi-control", pointer, message)
}
