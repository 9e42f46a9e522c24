//! The task that a norm's ladder gives: it lies in no definition, so its title and its form stand here, for pages and the API alike.

use engine::machine::clock::ESCALATION;
use engine::machine::task::NOTE;
use engine::model::Text;
use engine::model::limits::TEXT_CHARS_MAX;
use serde_json::{Map, Value, json};

/// Whether a task with this in place of a step id was given by a ladder.
pub fn gave(step: &str) -> bool {
    step.starts_with(ESCALATION)
}

/// Its title.
pub fn title() -> Text {
    let hindi = ("hi".to_owned(), "विलंबित: प्रकरण पर ध्यान दें".to_owned());
    Text { en: "Overdue: see to the case".to_owned(), others: [hindi].into() }
}

/// The JSON Schema of its form: one field, a note.
pub fn form() -> Map<String, Value> {
    let note = json!({ "type": "string", "maxLength": TEXT_CHARS_MAX });
    let properties = Value::Object([(NOTE.to_owned(), note)].into_iter().collect());
    [("type".to_owned(), json!("object")), ("properties".to_owned(), properties)].into_iter().collect()
}
