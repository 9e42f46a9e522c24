//! Values of a case: JSON with whole numbers only; amounts are decimal strings.

use std::collections::BTreeMap;

/// Named values: variables, form data, outputs.
pub type Values = BTreeMap<String, serde_json::Value>;
