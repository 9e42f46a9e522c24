//! Tests of the digest module.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod canonical;
mod conformance;
mod differential;
mod hash;
mod json;
mod spelled;
mod tree;
