//! The command line, as a person or a script uses it.

mod amending;
mod cases;
mod controlled;
mod copying;
mod measuring;
mod mining;
mod moving;
mod offline;
mod online;
mod planning;
mod replaying;
mod tls;
