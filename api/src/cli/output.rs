//! What a subcommand says: to people, to scripts, and when it fails.

use std::io::{Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

/// Why a subcommand did not do what it was asked to do.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Failure {
    /// It was refused, or there are problems.
    #[error("{0}")]
    Refused(String),
    /// It was asked in a way that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The server, the database or a file is out of reach.
    #[error("{0}")]
    Unreachable(String),
}

impl Failure {
    /// The exit code.
    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
        })
    }

    /// A failure of the store.
    pub(super) fn store(error: impl std::fmt::Display) -> Self {
        Self::Unreachable(error.to_string())
    }
}

/// Prints a line. A reader that has gone away, as in `| head`, is no failure.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints a text as it is.
pub(super) fn text(text: &str) {
    let _ = write!(std::io::stdout().lock(), "{text}");
}

/// Prints a document.
pub(super) fn json(value: &Value) {
    line(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Tells what went wrong, where nothing is said already.
pub(super) fn complain(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// Prints a document, or writes it to a file.
pub(super) fn document(value: &Value, out: Option<&Path>) -> Result<(), Failure> {
    match out {
        None => {
            json(value);
            Ok(())
        }
        Some(path) => {
            let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
            text.push('\n');
            std::fs::write(path, text).map_err(|error| unwritable(path, &error))
        }
    }
}

/// The failure to write a file.
pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unreachable(format!("{} cannot be written: {error}.", path.display()))
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::Unreachable(format!("{} cannot be read: {error}.", path.display())))
}

/// A file, of which no more is read than one byte beyond what would be accepted.
pub(super) fn read_bounded(path: &Path, most: usize) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}.", path.display());
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}
