//! What is shipped: the schema that the types generate, and schedules that compile, say their source, and claim no more than it.

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::date;

use super::super::compile;
use super::ANY_DAY;
use crate::model::schedule::{Schedule, schedule_schema};

fn definitions(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../definitions").join(path)
}

/// `UPDATE=1` writes it anew.
#[test]
fn the_shipped_schema_is_the_generated_one() {
    let path = definitions("schema/schedule.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&schedule_schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    assert!(shipped == generated, "{} is not what the types generate; run the test with UPDATE=1", path.display());
}

#[test]
fn shipped_schedules_fall() {
    let schema = jsonschema::draft202012::new(&schedule_schema()).unwrap();
    let mut count = 0;
    for entry in fs::read_dir(definitions("schedules")).unwrap() {
        let path = entry.unwrap().path();
        let value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        let document: Schedule = serde_json::from_value(value).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), document.id);
        assert!(!document.source.is_empty() && !document.verified, "{}: nobody has compared it with its source", document.id);
        let schedule = compile(&document).unwrap_or_else(|problems| panic!("{}: {problems:?}", document.id));
        let anchored = schedule.anchored(date(2026, 1, 15));
        assert!(anchored.next_after("2026-01-15T00:00:00Z".parse::<Timestamp>().unwrap(), ANY_DAY).is_some(), "{}", document.id);
        count += 1;
    }
    assert_eq!(count, 13);
}

/// The schema refuses what it does not know, wherever it lies. (Documents are read through it.)
#[test]
fn unknown_properties_are_refused() {
    let text = fs::read_to_string(definitions("schedules/charter.review.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schedule_schema()).unwrap();
    for path in ["", "/when", "/starts", "/owner"] {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value.pointer_mut(path).unwrap()["surprise"] = true.into();
        assert!(!schema.is_valid(&value), "{path}");
    }
}
