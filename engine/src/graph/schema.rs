//! The gate for JSON Schemas that authors write: bounded first, compiled after.

use jsonschema::{Draft as Dialect, PatternOptions, Validator};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::draft::did_you_mean;
use crate::model::limits::{SCHEMA_BYTES_MAX, SCHEMA_NODES_MAX};
use crate::model::problem::pointer_token;
use crate::model::{PostId, Problem};

/// Levels of one authored schema.
const DEPTH_MAX: usize = 16;
/// Schemas in one `anyOf`, `oneOf` or `allOf`.
const BRANCHES_MAX: usize = 32;
/// Bytes of one compiled `pattern`.
const PATTERN_BYTES_MAX: usize = 256 * 1024;
/// The only dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keywords whose value is a schema.
const ONE: &[&str] = &[
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose value is a list of schemas.
const LIST: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value holds schemas by name.
const NAMED: &[&str] = &["$defs", "dependentSchemas", "patternProperties", "properties"];
/// Keywords that lead out of the schema, or rename places in it.
const REFUSED: &[&str] = &["$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveRef", "$ref", "$vocabulary", "id"];
/// All other keywords.
const PLAIN: &[&str] = &[
    "$comment",
    "$schema",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "dependentRequired",
    "deprecated",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
];

/// Checks an authored schema at `pointer`: its size, its keywords, its formats.
pub(super) fn gate(schema: &Map<String, Value>, pointer: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (nodes, depth) = measure_members(schema, 1);
    let bytes = serde_json::to_vec(schema).map_or(usize::MAX, |text| text.len());
    let mut limit = |code: &str, what: &str, has: usize, most: usize| {
        if has > most {
            let message = format!("This schema has {has} {what}, and {most} are allowed. Simplify it.");
            problems.push(Problem::error(code, pointer, message));
        }
    };
    limit("json-schema.too-large", "bytes", bytes, SCHEMA_BYTES_MAX);
    limit("json-schema.too-many-nodes", "parts", nodes, SCHEMA_NODES_MAX);
    limit("json-schema.too-deep", "levels", depth, DEPTH_MAX);
    if problems.is_empty() {
        walk_members(schema, pointer, &mut problems);
    }
    problems
}

/// Compiles a schema that passed the gate.
pub(super) fn build(schema: &Map<String, Value>, pointer: &str) -> Result<Validator, Problem> {
    options().build(&Value::Object(schema.clone())).map_err(|error| {
        let place = format!("{pointer}{}", error.instance_path().as_str());
        let message: String = error.to_string().chars().take(300).collect();
        Problem::error("json-schema.invalid", place, format!("This is not a JSON Schema: {message}. Correct it."))
    })
}

/// Formats are asserted, patterns take linear time, and nothing is fetched from anywhere.
fn options() -> jsonschema::ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(Dialect::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_format("decimal", is_decimal)
        .with_format("post", |text: &str| text.parse::<PostId>().is_ok())
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES_MAX))
}

/// Whether a text is a plain decimal number that can be kept exactly: `-?\d+(\.\d+)?`, at most 29 significant digits.
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 64 && plain(whole) && plain(fraction) && Decimal::from_str_exact(text).is_ok()
}

/// Nodes and depth below and with these members; what is deeper than allowed is not measured further.
fn measure_members(members: &Map<String, Value>, level: usize) -> (usize, usize) {
    members.values().map(|value| measure(value, level + 1)).fold((1, level), |(n, d), (m, e)| (n + m, d.max(e)))
}

fn measure(value: &Value, level: usize) -> (usize, usize) {
    match value {
        Value::Object(members) => measure_members(members, level),
        Value::Array(items) => {
            items.iter().map(|item| measure(item, level + 1)).fold((1, level), |(n, d), (m, e)| (n + m, d.max(e)))
        }
        _ => (1, level.saturating_sub(1)),
    }
}

fn walk(schema: &Value, pointer: &str, problems: &mut Vec<Problem>) {
    // What is neither an object nor true or false is reported when the schema is compiled.
    if let Value::Object(members) = schema {
        walk_members(members, pointer, problems);
    }
}

fn walk_members(members: &Map<String, Value>, pointer: &str, problems: &mut Vec<Problem>) {
    for (keyword, value) in members {
        let place = format!("{pointer}/{}", pointer_token(keyword));
        let name = keyword.as_str();
        match value {
            _ if REFUSED.contains(&name) => {
                let message = format!("\"{name}\" is not allowed. Write the schema out in full where it is needed.");
                problems.push(Problem::error("json-schema.reference", place, message));
            }
            _ if ONE.contains(&name) => walk(value, &place, problems),
            Value::Array(items) if LIST.contains(&name) => {
                if items.len() > BRANCHES_MAX {
                    let message =
                        format!("\"{name}\" has {} schemas, and {BRANCHES_MAX} are allowed. Use \"enum\".", items.len());
                    problems.push(Problem::error("json-schema.too-many-branches", &place, message));
                }
                items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{place}/{i}"), problems));
            }
            Value::Object(named) if NAMED.contains(&name) => {
                for (member, schema) in named {
                    walk(schema, &format!("{place}/{}", pointer_token(member)), problems);
                }
            }
            _ if LIST.contains(&name) || NAMED.contains(&name) => {}
            _ if PLAIN.contains(&name) => check_plain(members, name, value, place, problems),
            _ if name.starts_with("x-") => {}
            _ => {
                let guess = did_you_mean(name, [ONE, LIST, NAMED, PLAIN].concat().into_iter());
                let message = format!("JSON Schema has no \"{name}\". Remove it, or begin its name with \"x-\".{guess}");
                problems.push(Problem::error("json-schema.unknown-keyword", place, message));
            }
        }
    }
}

fn check_plain(members: &Map<String, Value>, name: &str, value: &Value, place: String, problems: &mut Vec<Problem>) {
    match (name, value) {
        ("$schema", dialect) if dialect.as_str().map(|d| d.trim_end_matches('#')) != Some(DIALECT) => {
            let message = "Only JSON Schema 2020-12 is understood. Remove \"$schema\".";
            problems.push(Problem::error("json-schema.dialect", place, message));
        }
        ("type", Value::String(kind)) if kind == "number" => problems.push(no_number(place)),
        ("type", Value::Array(kinds)) if kinds.iter().any(|kind| kind == "number") => problems.push(no_number(place)),
        ("format", Value::String(format)) if !options().is_known_format(Dialect::Draft202012, format) => {
            let known = ["decimal", "date", "date-time", "time", "duration", "post", "email", "uri", "uuid"];
            let guess = did_you_mean(format, known.into_iter());
            let message = format!("The format \"{format}\" is not checked. Use one of {}.{guess}", known.join(", "));
            problems.push(Problem::warning("json-schema.unknown-format", place, message));
        }
        ("minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf", _)
            if members.get("type").is_some_and(|kind| kind == "string") =>
        {
            let message = format!("\"{name}\" has no effect on a text, and a decimal is one. Use \"pattern\", or a condition.");
            problems.push(Problem::warning("json-schema.no-effect", place, message));
        }
        _ => {}
    }
}

fn no_number(place: String) -> Problem {
    let message = "Numbers with a fraction are not kept. Use { \"type\": \"string\", \"format\": \"decimal\" }, or \"integer\".";
    Problem::error("json-schema.number", place, message)
}
