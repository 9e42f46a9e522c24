//! Sevottam's program. Floors, from the ground: `app`, `diagram` · `http`, `pages` · `server` · `cli`.

pub mod app;
pub mod diagram;

pub mod http;
pub mod pages;

pub mod server;

pub mod cli;
