//! What the tests share: an office on a clock that stands still, and scenarios acted out on it.

pub mod scenario;
pub mod world;
