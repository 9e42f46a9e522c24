//! A refusal: one stable code, what was wrong, where, what to do.

use crate::model::Problem;

/// What kind of refusal it is; the HTTP status follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// What was sent is wrong.
    Invalid,
    /// This person may not do it.
    Forbidden,
    /// It is not there.
    NotFound,
    /// It cannot be done as things stand now.
    Conflict,
    /// It is more than a limit allows.
    TooLarge,
}

/// A refusal. It is a value, not a failure of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Rejection {
    /// Kind.
    pub status: Status,
    /// Stable code, such as `task.separation`.
    pub code: &'static str,
    /// What was wrong and what to do.
    pub message: String,
    /// Places in what was sent, if there are several.
    pub problems: Vec<Problem>,
}

impl Status {
    fn reject(self, code: &'static str, message: impl Into<String>) -> Rejection {
        Rejection { status: self, code, message: message.into(), problems: Vec::new() }
    }
}

impl Rejection {
    /// What was sent is wrong.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Status::Invalid.reject(code, message)
    }

    /// This person may not do it.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Status::Forbidden.reject(code, message)
    }

    /// It is not there.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Status::NotFound.reject(code, message)
    }

    /// It cannot be done as things stand.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Status::Conflict.reject(code, message)
    }

    /// More than a limit allows.
    pub fn too_large(code: &'static str, message: impl Into<String>) -> Self {
        Status::TooLarge.reject(code, message)
    }

    /// With the places in what was sent.
    #[must_use]
    pub fn with(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }
}
