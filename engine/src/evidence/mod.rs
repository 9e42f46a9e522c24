//! Evidence: what an outsider can check without trusting the office. Signed notes, checkpoints, tiles and proofs, in C2SP's formats.
//!
//! Everything here is pure: whoever reads files or keys hands over their bytes. What comes from outside is bounded, and refused with a code.

mod anchor;
mod blocks;
pub mod bundle;
pub mod change;
mod checkpoint;
mod cosignature;
pub mod extract;
mod fork;
mod note;
mod proof;
mod stamp;
mod submission;
mod tile;

#[cfg(test)]
mod tests;

pub use anchor::{Anchor, read_notes};
pub use blocks::Blocks;
pub use checkpoint::Checkpoint;
pub use cosignature::{Cosignature, PrivateWitnessKey, WitnessKey};
pub use fork::{Fork, Forked};
pub use note::{Key, Note, PrivateKey, Signature};
pub use proof::{Proof, Verdict, consistency};
pub use stamp::{NONCE_BYTES, Stamp, StampRequest};
pub use submission::Submission;
pub use tile::{TILE_WIDTH, Tile, TileKind, bundle, unbundle};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::digest::Hash;

/// Why something that was offered as evidence is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvidenceError {
    /// Stable code: `note.malformed`, `note.too-large`, `note.signature`, `note.no-key`, `key.malformed`, `key.retired`, `key.early`, `policy.no-key`, `checkpoint.malformed`,
    /// `tile.malformed`, `proof.malformed`, `submission.malformed`, `witness.answer`, `witness.time`, `anchor.malformed`, `fork.malformed`, `fork.tree`, `fork.logs`, `fork.none`, `policy.malformed`, `change.malformed`,
    /// `bundle.malformed`, `bundle.too-large`, `bundle.newer`, `extract.malformed`, `extract.too-large`, `extract.altered`, `stamp.too-large`, `stamp.malformed`, `stamp.refused`, `stamp.other-hash` or
    /// `stamp.other-nonce`.
    pub code: &'static str,
    /// What is wrong, where, and what to do.
    pub message: String,
}

impl EvidenceError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// A hash as notes and proofs write it: RFC 4648 §4, padded.
fn hash_text(hash: &Hash) -> String {
    STANDARD.encode(hash.as_bytes())
}

/// Reads what [`hash_text`] writes; equal hashes have one spelling.
fn read_hash(text: &str) -> Option<Hash> {
    // 44 characters are 32 bytes: a longer text is not even decoded.
    if text.len() != 44 {
        return None;
    }
    STANDARD.decode(text).ok()?.try_into().ok().map(Hash::from_bytes)
}

/// A decimal number below 2⁶³ in its one spelling: digits, without sign or leading zeros.
fn read_number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !plain {
        return None;
    }
    text.parse().ok().filter(|number| *number <= crate::digest::MAX_TREE_SIZE)
}
