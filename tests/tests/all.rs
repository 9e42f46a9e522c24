//! All tests.

mod cli;
mod kill;
mod program;
