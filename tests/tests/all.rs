//! All tests.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test that goes wrong may panic, and its numbers are small"
)]

mod store;
