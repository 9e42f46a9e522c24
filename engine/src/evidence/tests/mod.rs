//! What must verify, what must be refused, and what comes from strangers.

mod anchors;
mod conformance;
mod cosigned;
mod hostile;
mod notes;
mod tree;

use super::{Key, PrivateKey};
use crate::digest::{Hash, leaf_hash};

/// The log of these tests.
const ORIGIN: &str = "office.example/unit/mumbai-3/1";

fn signer() -> PrivateKey {
    PrivateKey::new("office.example", &[7; 32]).unwrap()
}

/// The key of the log.
fn key() -> Key {
    signer().key().named(ORIGIN)
}

fn leaves(n: usize) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(format!("leaf {i}").as_bytes())).collect()
}
