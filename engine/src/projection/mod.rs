//! Entry → row changes, purely: what inboxes, registers, the dispatcher and reports read. Rebuilding them from the journal gives the
//! same rows.

pub mod change;
pub mod custody;
pub mod mining;
pub mod row;

pub use change::{RowChange, changes};
