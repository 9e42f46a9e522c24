//! Sevottam's engine. Floors, from the ground: `model` · `calendar`, `expression`, `digest` · `norm`, `schedule` · `graph`, `journal` ·
//! `machine`, `projection`, `evidence` · `audit` — the purity line — `store` · `runtime`. A module imports from lower floors only, never sideways and never
//! up; a test holds them to it.

pub mod model;

pub mod calendar;
pub mod digest;
pub mod expression;

pub mod norm;
pub mod schedule;

pub mod graph;
pub mod journal;

pub mod evidence;
pub mod machine;
pub mod projection;

pub mod audit;

#[cfg(feature = "runtime")]
pub mod store;

#[cfg(feature = "runtime")]
pub mod runtime;
