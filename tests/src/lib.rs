//! What the tests share: an office on a clock that stands still, scenarios acted out on it, and what to say when a test cannot run.

pub mod balky;
pub mod bundle;
pub mod client;
pub mod decided;
pub mod events;
pub mod forge;
pub mod nemesis;
pub mod postgres;
pub mod program;
pub mod readers;
pub mod scenario;
pub mod sim;
pub mod world;

use std::io::Write;
use std::path::{Path, PathBuf};

/// The top of the repository.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Says aloud, past the test runner's capture, that something was not tested.
pub fn say(reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// For a test that cannot run here because a program is missing: says so, and the test returns. With `SEVOTTAM_REQUIRE_ALL=1`, as where
/// changes are checked before they are merged, it fails instead.
///
/// # Panics
/// With `SEVOTTAM_REQUIRE_ALL=1`.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("SEVOTTAM_REQUIRE_ALL").is_none_or(|value| value != "1"), "must not be skipped here: {reason}");
    say(reason);
}
