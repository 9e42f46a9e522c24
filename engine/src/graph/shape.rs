//! The document against its own schema: unknown and missing properties, wrong types, each in a sentence.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::draft::{PROBLEMS_MAX, did_you_mean};
use crate::model::Problem;
use crate::model::calendar::calendar_schema;
use crate::model::definition::process_schema;
use crate::model::norm::norm_schema;
use crate::model::page::page_schema;
use crate::model::problem::pointer_token;
use crate::model::schedule::schedule_schema;

/// The form of a kind of document: its schema with a validator, built once.
pub(super) struct Shape {
    schema: fn() -> Value,
    built: OnceLock<Option<(Value, Validator)>>,
}

/// The form of a process.
pub(super) static PROCESS: Shape = Shape::of(process_schema);
/// The form of a norm.
pub(super) static NORM: Shape = Shape::of(norm_schema);
/// The form of a calendar.
pub(super) static CALENDAR: Shape = Shape::of(calendar_schema);
/// The form of a schedule.
pub(super) static SCHEDULE: Shape = Shape::of(schedule_schema);
/// The form of a page.
pub(super) static PAGE: Shape = Shape::of(page_schema);

impl Shape {
    const fn of(schema: fn() -> Value) -> Self {
        Self { schema, built: OnceLock::new() }
    }

    /// Every place where a document does not have this form.
    pub(super) fn check(&self, document: &Value) -> Vec<Problem> {
        let build = || {
            let schema = (self.schema)();
            let validator = jsonschema::draft202012::options().build(&schema).ok()?;
            Some((schema, validator))
        };
        // The schemas are generated from our own types, and a test builds each.
        let Some((schema, validator)) = self.built.get_or_init(build) else {
            let message = "The schema of this document cannot be read. Report this as a fault.";
            return vec![Problem::error("schema.unavailable", "", message)];
        };
        let mut problems = Vec::new();
        for error in validator.iter_errors(document).take(PROBLEMS_MAX) {
            explain(&error, schema, &mut problems);
        }
        problems
    }
}

/// Turns one error into problems.
fn explain(error: &ValidationError<'_>, schema: &Value, problems: &mut Vec<Problem>) {
    let at = error.instance_path().as_str();
    let name = named(at);
    let keyword = error.schema_path().as_str();
    let around = keyword.rsplit_once('/').and_then(|(parent, _)| schema.pointer(parent));
    let (code, message) = match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            if let Some(errors) = meant(at, context) {
                return errors.iter().for_each(|error| explain(error, schema, problems));
            }
            let choices = constants(context);
            if choices.is_empty() {
                ("type", format!("{name} {}", shape_in_words(at)))
            } else {
                ("enum", one_of(&name, error.instance(), &choices))
            }
        }
        Kind::AdditionalProperties { unexpected } => {
            // One more than is shown tells that there are more.
            let room = (PROBLEMS_MAX + 1).saturating_sub(problems.len());
            return problems.extend(unexpected.iter().take(room).map(|property| unknown_property(at, property, around)));
        }
        Kind::Required { property } => ("required", format!("{name} needs {property}. Add it.")),
        Kind::Type { .. } => ("type", format!("{name} {}", shape_in_words_or(at, keyword, schema))),
        Kind::Enum { options } => {
            let choices: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            ("enum", one_of(&name, error.instance(), &choices))
        }
        Kind::Constant { expected_value } => ("enum", format!("{name} must be {expected_value}. Correct it.")),
        Kind::Pattern { pattern } => ("pattern", format!("{name} is not well-formed. {}", pattern_in_words(pattern))),
        Kind::MinLength { limit } => ("length", format!("{name} is too short. Write at least {limit} characters.")),
        Kind::MaxLength { limit } => ("length", format!("{name} is too long. Write at most {limit} characters.")),
        Kind::MinItems { limit } => ("length", format!("{name} has too few entries. Write at least {limit}.")),
        Kind::MaxItems { limit } => ("length", format!("{name} has too many entries. Write at most {limit}.")),
        Kind::Minimum { limit } => ("range", format!("{name} must be at least {limit}. Correct it.")),
        Kind::Maximum { limit } => ("range", format!("{name} must be at most {limit}. Correct it.")),
        _ => ("invalid", format!("{name} has a value that is not allowed. Compare it with the schema.")),
    };
    push(problems, Problem::error(&format!("schema.{code}"), at, message));
}

fn push(problems: &mut Vec<Problem>, problem: Problem) {
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}

/// The errors of the one alternative that the author meant: the one whose type fits; of several, the one with mistakes further in only.
fn meant<'e>(at: &str, context: &'e [Vec<ValidationError<'static>>]) -> Option<&'e [ValidationError<'static>]> {
    let is_here = |error: &ValidationError<'_>| error.instance_path().as_str() == at;
    let misfit = |error: &ValidationError<'_>| is_here(error) && matches!(error.kind(), Kind::Type { .. });
    let fitting: Vec<_> = context.iter().filter(|errors| !errors.iter().any(misfit)).collect();
    let further_in = fitting.iter().filter(|errors| !errors.iter().any(is_here));
    match (fitting.as_slice(), further_in.copied().collect::<Vec<_>>().as_slice()) {
        ([only], _) | (_, [only]) => Some(only.as_slice()),
        _ => None,
    }
}

fn unknown_property(at: &str, property: &str, around: Option<&Value>) -> Problem {
    let known = around.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let names: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let guess = did_you_mean(property, names.iter().copied());
    let help = match names.len() {
        _ if !guess.is_empty() => guess,
        1..=8 => format!(" It may have {}.", names.join(", ")),
        _ => String::new(),
    };
    let name = named(at);
    let message = format!("{name} has no property \"{property}\". Remove it, or begin its name with \"x-\".{help}");
    Problem::error("schema.unknown-property", format!("{at}/{}", pointer_token(property)), message)
}

/// The values of an enumeration that is written as alternatives, each with its own help.
fn constants<'e>(context: &'e [Vec<ValidationError<'static>>]) -> Vec<&'e str> {
    let mut constants = Vec::new();
    for error in context.iter().flatten() {
        if let Kind::Constant { expected_value } = error.kind() {
            constants.extend(expected_value.as_str());
        }
    }
    constants
}

fn one_of(name: &str, given: &Value, options: &[&str]) -> String {
    let guess = given.as_str().map(|given| did_you_mean(given, options.iter().copied())).unwrap_or_default();
    format!("{name} must be one of {}. Correct it.{guess}", options.join(", "))
}

/// The place as the subject of a sentence: the last name in the pointer.
fn named(at: &str) -> String {
    let mut tokens = at.rsplit('/').take_while(|token| !token.is_empty());
    match (tokens.next(), tokens.next()) {
        (None, _) => "The document".to_owned(),
        (Some(entry), Some(list)) if entry.bytes().all(|b| b.is_ascii_digit()) => format!("Entry {entry} of \"{list}\""),
        (Some(token), _) => format!("\"{}\"", token.replace("~1", "/").replace("~0", "~")),
    }
}

/// What is expected at places where there are alternatives.
fn shape_in_words(at: &str) -> &'static str {
    let mut tokens = at.rsplit('/');
    match (tokens.next(), tokens.next()) {
        (Some("after" | "every"), Some("timer" | "due")) => "is no length of time. Write \"P2D\", or { \"workingDays\": 2 }.",
        (Some("next"), _) => {
            "is neither a step id nor a list of flows. Write \"next\": \"step\", or [\"a\", { \"to\": \"b\", \"when\": \"x > 1\" }]."
        }
        (Some(_), Some("next")) => {
            "is neither a step id nor a flow. Write \"step\", or { \"to\": \"step\", \"when\": \"x > 1\" }."
        }
        (Some("outputs"), _) => "is neither names nor expressions. Write [\"amount\"], or { \"amount\": \"result.amount\" }.",
        (Some("timer"), _) => "is not a timer. Write { \"after\": \"P2D\" }.",
        (Some("message"), _) => "is not a message. Write { \"name\": \"reply\", \"key\": \"reference\" }.",
        (Some("performer"), _) => "is not a performer. Write { \"role\": \"inspector\" }.",
        (Some("due"), _) => "is not a due time. Write { \"after\": \"P2D\" }.",
        (Some("title" | "help"), _) => "is not a text. Write { \"en\": \"in English\", \"hi\": \"हिन्दी में\" }.",
        _ => "has the wrong type. Compare it with the schema.",
    }
}

/// What is expected at a place with one type.
fn shape_in_words_or(at: &str, keyword: &str, schema: &Value) -> String {
    let general = shape_in_words(at);
    if !general.starts_with("has the wrong type") {
        return general.to_owned();
    }
    let expected = schema.pointer(keyword).map(|kind| match kind {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).filter(|k| *k != "null").collect::<Vec<_>>().join(" or "),
        kind => kind.as_str().unwrap_or_default().to_owned(),
    });
    match expected.as_deref() {
        Some("string") => "must be a text in quotes. Correct it.".to_owned(),
        Some("object") => "must be an object, { … }. Correct it.".to_owned(),
        Some("array") => "must be a list, [ … ]. Correct it.".to_owned(),
        Some("boolean") => "must be true or false. Correct it.".to_owned(),
        Some("integer") => "must be a whole number. Correct it.".to_owned(),
        _ => general.to_owned(),
    }
}

/// What the patterns of the schema ask for.
fn pattern_in_words(pattern: &str) -> &'static str {
    match pattern {
        r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$" => "Use small letters, digits, \"-\" and \".\" between them, at most 64.",
        r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$" => "Use small letters, digits and \"-\" between them, at most 64.",
        r"^[A-Za-z0-9._-]{1,63}\??$" => "Use letters, digits, \".\", \"-\", \"_\" and perhaps a \"?\" at the end, at most 64.",
        r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" => "Use letters, digits, \".\", \"-\" and \"_\", at most 64.",
        _ => "Compare it with the pattern in the schema.",
    }
}
