//! All tests.

mod format;
mod tidy;
