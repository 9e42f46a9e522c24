//! The nemesis: the program under attack, on a real database, and in the end what clients were told against what was exported.

mod backups;
mod clerk;
mod export;
pub mod faults;
pub mod office;
mod poison;
pub mod register;
mod rivals;

pub use clerk::{Clerk, Promise};
