//! The nemesis: the program under attack, on a real database, and in the end what clients were told against what was exported.

mod backups;
mod clerk;
mod disk;
mod export;
mod failover;
pub mod faults;
mod network;
pub mod office;
mod partitions;
mod poison;
mod power;
pub mod register;
mod rivals;
mod siege;
mod signing;
mod soak;

pub use clerk::{Clerk, Promise};
