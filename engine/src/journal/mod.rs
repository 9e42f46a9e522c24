//! The journal: commands (imperative), events (past tense, versioned, never edited), entries, and the codec that freezes their bytes.
//!
//! Invariant: what is hashed is what is stored. A leaf is written once and never serialised again. `FORMAT.md` freezes the bytes.

mod actor;
pub mod amendment;
pub mod change;
pub mod codec;
pub mod command;
pub mod entry;
pub mod event;
mod values;

pub use actor::Actor;
pub use command::{Command, Envelope};
pub use entry::{Entry, Origin, Payload, Receipt, Sealed};
pub use event::Event;
