//! Hashes, strict JSON with its canonical form, and RFC 6962 Merkle trees: the bytes evidence rests on.
//!
//! Nothing here reads a clock, a file or the network: equal input gives equal output on every machine.

mod canonical;
mod hash;
mod json;
mod spelled;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use canonical::write_string;
pub use canonical::{MAX_LEAF_BYTES, canonical, is_strict_ascii};
pub use hash::{Hash, ParseHashError, commitment, hex, unhex};
pub(crate) use hash::{Hasher, unhex_32};
pub use json::{JsonError, JsonLimits, MAX_DEPTH, MAX_SAFE_INTEGER, parse_strict};
pub(crate) use spelled::{Spelled, in_any_order};
pub use tree::{
    Frontier, MAX_TREE_SIZE, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash, root_of, verify_consistency,
    verify_inclusion,
};
