//! Sevottam's program. Floors, from the ground: `diagram` · `app` · `http`, `pages` · `server` · `cli`.

pub mod diagram;

pub mod app;

pub mod http;
pub mod pages;

pub mod server;

pub mod cli;
