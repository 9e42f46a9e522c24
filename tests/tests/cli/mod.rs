//! The command line, as a person or a script uses it.

mod offline;
mod online;
mod planning;
