//! E-10: what was written otherwise than it was decided is found by living through the cases once more (`tests/src/decided.rs`).

use tests::decided::{CASES, replayed};

#[tokio::test]
async fn what_was_decided_otherwise_is_found_in_every_case_and_in_no_other() {
    let count = std::env::var("SEVOTTAM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(CASES);
    println!("{}", replayed(count).await);
}
