//! What a browser posts, as the values that a form's schema asks for: numbers, yes or no, amounts, lists; what is empty is left out.

use engine::graph::form::Form;
use engine::model::Values;
use serde_json::{Map, Value};

/// The names and texts of a posted form.
pub(super) type Posted = Vec<(String, String)>;

/// The text posted under a name; empty where there is none.
pub(super) fn text<'a>(posted: &'a Posted, name: &str) -> &'a str {
    posted.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

/// What a field's schema asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text.
    Text,
    /// A day.
    Date,
    /// An amount, as text.
    Decimal,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// Texts, one a line.
    List,
}

/// A keyword of a property's schema: its own, or that of a part of its `allOf`.
pub(super) fn keyword<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get(name).or_else(|| schema.get("allOf")?.as_array()?.iter().find_map(|part| keyword(part, name)))
}

/// The schema of a property.
pub(super) fn property<'a>(schema: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

/// What a property's schema asks for.
pub(super) fn shape(schema: &Value) -> Shape {
    let kind = match keyword(schema, "type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("string"),
        _ if matches!(keyword(schema, "const"), Some(Value::Bool(_))) => "boolean",
        _ => "string",
    };
    match (kind, keyword(schema, "format").and_then(Value::as_str)) {
        ("integer", _) => Shape::Integer,
        ("boolean", _) => Shape::Boolean,
        ("array", _) => Shape::List,
        (_, Some("date")) => Shape::Date,
        (_, Some("decimal")) => Shape::Decimal,
        _ => Shape::Text,
    }
}

/// Values to choose from, with their texts.
pub(super) fn choices(schema: &Value) -> Option<Vec<String>> {
    let choices = keyword(schema, "enum")?.as_array()?;
    Some(choices.iter().map(said).collect())
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The posted form as data for `form`. `boxes` names the fields shown as a checkbox: one that is not posted says no.
pub(super) fn values(form: &Form, posted: &Posted, boxes: &[&str]) -> Values {
    let properties = form.schema.get("properties").and_then(Value::as_object);
    let convert = |(name, schema): (&String, &Value)| {
        let sent = text(posted, &format!("f-{name}"));
        value(schema, sent, boxes.contains(&name.as_str())).map(|value| (name.clone(), value))
    };
    properties.into_iter().flatten().filter_map(convert).collect()
}

/// One posted text as a value. What cannot be read is kept as text, so that the check of the form tells what is wrong with it.
fn value(schema: &Value, sent: &str, is_box: bool) -> Option<Value> {
    let trimmed = sent.trim();
    let shape = shape(schema);
    if shape == Shape::Boolean && is_box {
        return Some(Value::Bool(trimmed == "true" || trimmed == "on"));
    }
    if trimmed.is_empty() {
        return None;
    }
    // A choice is meant as it stands in the list, whatever its type.
    if let Some(choice) =
        keyword(schema, "enum").and_then(Value::as_array).and_then(|all| all.iter().find(|one| said(one) == trimmed))
    {
        return Some(choice.clone());
    }
    Some(match shape {
        Shape::Integer => plain(trimmed).parse::<i64>().map_or_else(|_| Value::String(trimmed.to_owned()), Value::from),
        Shape::Boolean => match trimmed {
            "true" | "on" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(trimmed.to_owned()),
        },
        Shape::Decimal => Value::String(plain(trimmed)),
        Shape::Date => Value::String(day(trimmed)),
        Shape::List => trimmed.lines().map(str::trim).filter(|line| !line.is_empty()).map(Value::from).collect(),
        Shape::Text => Value::String(trimmed.replace("\r\n", "\n")),
    })
}

/// A number as written by people: Devanagari digits, grouping commas, spaces and the sign of the rupee are put right.
fn plain(text: &str) -> String {
    let digit = |c: char| match c {
        '०'..='९' => char::from_digit(u32::from(c) - u32::from('०'), 10).unwrap_or(c),
        c => c,
    };
    text.chars().filter(|c| !matches!(c, ',' | '₹' | ' ' | '\u{a0}' | '\u{202f}')).map(digit).collect()
}

/// A day as written by people, `24-11-2026` or `24/11/2026`, in the order of ISO 8601.
pub(super) fn day(text: &str) -> String {
    let plain = plain(text);
    let parts: Vec<&str> = plain.split(['-', '/', '.']).collect();
    match parts.as_slice() {
        [day, month, year] if year.len() == 4 && day.len() <= 2 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_posted_becomes_what_the_schema_asks_for() {
        let rows: Vec<(Value, &str, bool, Option<Value>)> = vec![
            (json!({ "type": "string" }), "  hello ", false, Some(json!("hello"))),
            (json!({ "type": "string" }), "   ", false, None),
            (json!({ "type": "string" }), "a\r\nb", false, Some(json!("a\nb"))),
            (json!({ "type": "string" }), "12", false, Some(json!("12"))),
            (json!({ "type": "integer" }), "12", false, Some(json!(12))),
            (json!({ "type": "integer" }), "1,00,000", false, Some(json!(100_000))),
            (json!({ "type": "integer" }), "१२", false, Some(json!(12))),
            (json!({ "type": "integer" }), "twelve", false, Some(json!("twelve"))),
            (json!({ "type": "integer" }), "1.5", false, Some(json!("1.5"))),
            (json!({ "type": "integer" }), "", false, None),
            (json!({ "type": ["integer", "null"] }), "7", false, Some(json!(7))),
            (json!({ "type": "boolean" }), "true", true, Some(json!(true))),
            (json!({ "type": "boolean" }), "", true, Some(json!(false))),
            (json!({ "type": "boolean" }), "", false, None),
            (json!({ "type": "boolean" }), "false", false, Some(json!(false))),
            (json!({ "allOf": [{ "type": "boolean" }, { "const": true }] }), "", true, Some(json!(false))),
            (json!({ "const": true }), "on", true, Some(json!(true))),
            (json!({ "type": "string", "format": "decimal" }), "₹ 1,23,456.50", false, Some(json!("123456.50"))),
            (json!({ "type": "string", "format": "decimal" }), "abc", false, Some(json!("abc"))),
            (json!({ "type": "string", "format": "date" }), "2026-11-24", false, Some(json!("2026-11-24"))),
            (json!({ "type": "string", "format": "date" }), "4/1/2026", false, Some(json!("2026-01-04"))),
            (json!({ "type": "string", "format": "date" }), "tomorrow", false, Some(json!("tomorrow"))),
            (json!({ "type": "array" }), "one\r\n\r\n two \n", false, Some(json!(["one", "two"]))),
            (json!({ "type": "string", "enum": ["a", "b"] }), "b", false, Some(json!("b"))),
            (json!({ "enum": [1, 2] }), "2", false, Some(json!(2))),
            (json!({ "type": "string", "enum": ["a"] }), "c", false, Some(json!("c"))),
            (json!({}), "<script>", false, Some(json!("<script>"))),
        ];
        for (schema, posted, is_box, expected) in rows {
            assert_eq!(value(&schema, posted, is_box), expected, "{schema} {posted:?}");
        }
    }
}
