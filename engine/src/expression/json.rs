//! Values from JSON and to JSON.

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value as Json};

use super::value::{DateTime, Value};
use super::{iterate, temporal};

/// The integers that every JSON reader keeps exactly are smaller than this.
const SAFE_INTEGER: u64 = 1 << 53;

/// The value of a piece of JSON.
///
/// `format` says what a string stands for: `decimal`, `date`, `time`, `date-time` or `duration`; a
/// string that is ill-formed, or of another format, stays a string. Within lists and objects
/// strings are strings. The nesting is bounded by the JSON parser, which refuses more than 128.
#[must_use]
pub fn from_json(json: &Json, format: Option<&str>) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => from_number(number),
        Json::String(text) => format.and_then(|format| formatted(text, format)).unwrap_or_else(|| text.as_str().into()),
        Json::Array(items) => Value::List(items.iter().map(|item| from_json(item, None)).collect()),
        Json::Object(entries) => {
            Value::Context(entries.iter().map(|(name, value)| (name.clone(), from_json(value, None))).collect())
        }
    }
}

/// A number by its decimal text; one that no decimal can hold stays that text, as a string.
fn from_number(number: &Number) -> Value {
    let text = number.to_string();
    let exact = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
    exact.map_or_else(|_| Value::from(text), Value::Number)
}

fn formatted(text: &str, format: &str) -> Option<Value> {
    match format {
        "decimal" => Decimal::from_str_exact(text).ok().map(Value::Number),
        "date" => temporal::parse_date(text).map(Value::Date),
        "time" => temporal::parse_time(text).map(Value::Time),
        "date-time" => temporal::parse_date_time(text).map(Value::DateTime),
        "duration" => temporal::parse_duration(text),
        _ => None,
    }
}

/// The JSON of a value.
///
/// A whole number of less than 2^53 becomes a JSON integer, any other number its decimal text.
/// Dates, times and durations become ISO 8601 text; of a date and time with a named zone the
/// offset is kept and the name is not. A range has no JSON form and becomes null.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Range(_) => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Number(number) => to_number(*number),
        Value::String(text) => Json::String(text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Context(entries) => {
            let entries: Map<String, Json> = entries.iter().map(|(name, value)| (name.clone(), to_json(value))).collect();
            Json::Object(entries)
        }
        Value::DateTime(DateTime::Zoned(zoned)) => Json::String(temporal::rfc3339(zoned)),
        temporal => temporal::iso(temporal).map_or(Json::Null, Json::String),
    }
}

fn to_number(number: Decimal) -> Json {
    match iterate::whole(number).filter(|whole| whole.unsigned_abs() < SAFE_INTEGER) {
        Some(whole) => Json::from(whole),
        None => Json::String(number.normalize().to_string()),
    }
}
