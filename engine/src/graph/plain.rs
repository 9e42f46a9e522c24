//! Problems of data in plain words: what a citizen reads beside a field.

use std::collections::BTreeMap;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::model::Problem;
use crate::model::problem::pointer_token;

/// The problems of one error of a form's data; the label is that of the field it lies in.
pub(super) fn problems(error: &ValidationError<'_>, labels: &BTreeMap<String, String>) -> Vec<Problem> {
    let at = error.instance_path().as_str();
    let label = |name: &str| labels.get(name).cloned().unwrap_or_else(|| name.to_owned());
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let place = format!("{at}/{}", pointer_token(name));
            vec![Problem::error("form.required", place, format!("{} is required.", label(name)))]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|name| {
                let message = format!("\"{name}\" is not a field of this form. Leave it out.");
                Problem::error("form.unknown-field", format!("{at}/{}", pointer_token(name)), message)
            })
            .collect(),
        _ => {
            let field = at.split('/').nth(1).unwrap_or_default().replace("~1", "/").replace("~0", "~");
            vec![problem(error, "form", &label(&field))]
        }
    }
}

/// One error as a problem whose code begins with `prefix`, and whose sentence with `label`.
pub(super) fn problem(error: &ValidationError<'_>, prefix: &str, label: &str) -> Problem {
    let (code, words) = words(error);
    let label = if label.is_empty() { "The form" } else { label };
    Problem::error(&format!("{prefix}.{code}"), error.instance_path().as_str(), format!("{label} {words}."))
}

fn words(error: &ValidationError<'_>) -> (&'static str, String) {
    match error.kind() {
        Kind::Type { kind } => ("type", format!("must be {}", kind_in_words(kind))),
        Kind::Required { property } => ("required", format!("needs {property}")),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            ("unknown-field", format!("may not have {}", unexpected.join(", ")))
        }
        Kind::Enum { options } => ("enum", format!("must be one of {}", choices(options))),
        Kind::Constant { expected_value } => ("const", format!("must be {}", text(expected_value))),
        Kind::Minimum { limit } => ("minimum", format!("must be at least {limit}")),
        Kind::Maximum { limit } => ("maximum", format!("must be at most {limit}")),
        Kind::ExclusiveMinimum { limit } => ("minimum", format!("must be more than {limit}")),
        Kind::ExclusiveMaximum { limit } => ("maximum", format!("must be less than {limit}")),
        Kind::MultipleOf { multiple_of } => ("multiple-of", format!("must be a multiple of {multiple_of}")),
        Kind::MinLength { limit: 1 } => ("min-length", "must not be empty".to_owned()),
        Kind::MinLength { limit } => ("min-length", format!("must have at least {limit} characters")),
        Kind::MaxLength { limit } => ("max-length", format!("must have at most {limit} characters")),
        Kind::MinItems { limit } => ("min-items", format!("must have at least {limit} entries")),
        Kind::MaxItems { limit } => ("max-items", format!("must have at most {limit} entries")),
        Kind::UniqueItems => ("unique-items", "must not have the same entry twice".to_owned()),
        Kind::Pattern { .. } => ("pattern", "is not written in the expected way".to_owned()),
        Kind::Format { format } => ("format", format_in_words(format).to_owned()),
        Kind::AdditionalItems { .. } | Kind::UnevaluatedItems { .. } => ("max-items", "has too many entries".to_owned()),
        _ => ("not-allowed", "has a value that is not allowed".to_owned()),
    }
}

fn kind_in_words(kind: &TypeKind) -> String {
    let names: Vec<String> = match kind {
        TypeKind::Single(kind) => vec![kind.to_string()],
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
    };
    let word = |name: &String| match name.trim_matches('"') {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "yes or no",
        "array" => "a list",
        "object" => "a group of fields",
        _ => "empty",
    };
    names.iter().map(word).collect::<Vec<_>>().join(" or ")
}

fn format_in_words(format: &str) -> &'static str {
    match format {
        "decimal" => "must be a plain number, such as 1250.50",
        "date" => "must be a date, such as 2026-11-22",
        "date-time" => "must be a date and time, such as 2026-11-22T10:00:00+05:30",
        "time" => "must be a time, such as 10:00:00+05:30",
        "duration" => "must be a duration, such as P2D",
        "post" => "must be the id of a post, such as refund-process-owner",
        "email" => "must be an e-mail address",
        "uri" => "must be a web address",
        _ => "is not written in the expected way",
    }
}

/// The values to choose from, ten at most.
fn choices(options: &Value) -> String {
    let all = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = all.iter().take(10).map(text).collect::<Vec<_>>().join(", ");
    if all.len() > 10 { format!("{shown} … ({} in all)", all.len()) } else { shown }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
