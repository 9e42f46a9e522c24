//! All tests from outside, in one binary: each links everything once.

mod engine;
mod format;
mod http;
mod laws;
mod scenarios;
mod store;
mod tidy;
