//! All tests from outside, in one binary: each links everything once.

mod engine;
mod laws;
mod scenarios;
mod store;
//! All tests.

mod format;
mod tidy;
