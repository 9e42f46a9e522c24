//! Tests of norms: `check(input, expected)`, vectors by hand, problems of documents, and laws.

mod conventions;
mod explanation;
mod laws;
mod money;
mod naive;
mod problems;
mod rests;
mod shipped;
mod vectors;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Deadline, Ledger, Norm, Terms, compile, reckon};
use crate::calendar::Calendar;
use crate::model::Time;
use crate::model::calendar as authored;
use crate::model::norm::Document;

const TERMS: Terms = Terms { edition: 0, limit: 0 };

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// An instant from RFC 3339.
fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// A norm with this length of time, but for the members that `changes` sets.
fn document(within: &Value, changes: &Value) -> Value {
    let mut value = json!({
        "id": "test.norm", "title": { "en": "A service" }, "owner": { "post": "head" },
        "clock": { "start": "application-complete", "stop": ["order-issued"] },
        "editions": [{ "title": { "en": "Charter" }, "source": ["Charter, page 1"], "verified": true, "limits": [{ "within": within }] }],
    });
    for (name, member) in changes.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

#[track_caller]
fn norm(within: &Value, changes: &Value) -> Norm {
    let document: Document = serde_json::from_value(document(within, changes)).unwrap();
    compile(document).unwrap().0
}

fn started(start: Time) -> Ledger {
    Ledger { start, planned: None, rests: Vec::new(), extensions: Vec::new() }
}

#[track_caller]
fn ends(norm: &Norm, ledger: &Ledger, calendar: &Calendar) -> Deadline {
    reckon(norm, TERMS, ledger, calendar).unwrap()
}

/// A calendar that is shipped.
#[track_caller]
fn shipped(id: &str) -> Calendar {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../definitions/calendars");
    let read = |entry: std::fs::DirEntry| serde_json::from_str(&std::fs::read_to_string(entry.path()).unwrap()).unwrap();
    let documents: BTreeMap<String, authored::Document> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| read(entry.unwrap()))
        .map(|document: authored::Document| (document.id.clone(), document))
        .collect();
    let known = |id: &str| documents.get(id);
    crate::calendar::compile(&crate::calendar::layers(id, &known).unwrap()).unwrap().0
}
