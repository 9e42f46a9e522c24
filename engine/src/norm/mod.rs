//! Time norms: which limit holds for a case, when its time is over, and why: start, rest, restart, extension, units and conventions.
//!
//! A norm is compiled from its document and never changes. What happened to a clock is its `Ledger`; everything else is reckoned from
//! ledger, norm and calendar, whenever it is asked for. Nothing here reads a clock.

mod ledger;

pub use ledger::{Deadline, Ledger, Rest, Terms};

#[cfg(test)]
#[path = "tests/shipped.rs"]
mod shipped;
