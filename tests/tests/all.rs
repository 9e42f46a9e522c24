//! All tests from outside, in one binary: each links everything once.

mod laws;
mod scenarios;
mod store;
