//! All tests from outside, in one binary: each links everything once.

mod browser;
mod cli;
mod engine;
mod evidence;
mod format;
mod fuzz;
mod golden;
mod http;
mod kill;
mod laws;
mod paper;
mod scenarios;
mod sim;
mod store;
mod tamper;
mod tidy;

use tests::program;
