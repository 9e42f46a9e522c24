//! Tests of the calendar: `check(input, expected)`, vectors of others, and laws.

mod busday;
mod exchange;
mod jbpm;
pub(crate) mod laws;
mod office;
mod problems;
mod reasons;
mod shipped;

use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Calendar, compile, layers};
use crate::model::calendar::Document;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn document(value: &Value) -> Document {
    serde_json::from_value(value.clone()).unwrap()
}

/// A calendar of one layer: Monday to Friday from 9 to 17 in UTC, but for the members that `changes` sets.
fn plain(changes: &Value) -> Value {
    let mut value = json!({
        "id": "plain", "title": { "en": "Plain" }, "owner": { "post": "head" },
        "zone": "UTC", "week": week("1111100", "09:00", "17:00"),
    });
    for (name, member) in changes.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

/// A week with one shift on each weekday of the mask, Monday first.
fn week(mask: &str, from: &str, to: &str) -> Value {
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let working = names.iter().zip(mask.chars()).filter(|(_, works)| *works == '1');
    working.map(|(name, _)| ((*name).to_owned(), json!([{ "from": from, "to": to }]))).collect()
}

/// Compiles documents, the lowest first.
#[track_caller]
fn calendar(documents: &[Value]) -> Calendar {
    let documents: Vec<Document> = documents.iter().map(document).collect();
    let layers: Vec<&Document> = documents.iter().collect();
    compile(&layers).unwrap().0
}

/// A calendar that is shipped.
#[track_caller]
fn shipped(id: &str) -> Calendar {
    let documents = shipped_documents();
    let known = |id: &str| documents.iter().find(|document| document.id == id);
    compile(&layers(id, &known).unwrap()).unwrap().0
}

fn shipped_documents() -> Vec<Document> {
    shipped_values().iter().map(|(_, value)| document(value)).collect()
}

/// The shipped calendars, each with its file's name.
fn shipped_values() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../definitions/calendars");
    let mut values = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        values.push((name, serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()));
    }
    values
}

/// A file of the shared vectors, or `None` (with a note) where it is not present.
fn vectors(name: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/calendar").join(name);
    let text = std::fs::read_to_string(&path);
    if text.is_err() {
        eprintln!("skipped: {} is not present", path.display());
    }
    Some(serde_json::from_str(&text.ok()?).unwrap())
}
