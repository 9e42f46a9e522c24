//! A problem found in a document: what is wrong, where, and what to do.

use serde::{Deserialize, Serialize};

/// One problem of an authored document. A document is deployed only when it has none that is an error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Place in the document, an RFC 6901 JSON pointer.
    pub pointer: String,
    /// Stable code, such as `flow.unknown-target`.
    pub code: String,
    /// What is wrong and what to do, one sentence each.
    pub message: String,
    /// Whether it stops the deployment, or only warns.
    pub severity: Severity,
}

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document cannot be deployed.
    Error,
    /// It can, but someone should look.
    Warning,
}

impl Problem {
    /// An error.
    pub fn error(code: &str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.to_owned(), message: message.into(), severity: Severity::Error }
    }

    /// A warning.
    pub fn warning(code: &str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, pointer, message) }
    }

    /// Whether it stops the deployment.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Escapes one member name for a JSON pointer (RFC 6901 section 3).
pub fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The beginning of a text, to be quoted in a message.
pub fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
