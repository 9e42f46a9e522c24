//! Sevottam's program. Floors, from the ground: `diagram`, `paper` · `app` · `http`, `pages` · `server` · `cli`.

pub mod diagram;
pub mod paper;

pub mod app;

pub mod http;
pub mod pages;

pub mod server;

pub mod cli;
