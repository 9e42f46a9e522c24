//! Proofs that can be carried away (C2SP tlog-proof): an index, an audit path, and the checkpoint that they lead to.

use super::{Checkpoint, EvidenceError, Key, Note, hash_text, read_hash, read_number};
use crate::digest::{Hash, node_hash, verify_inclusion};
use crate::model::limits::{PROOF_BYTES_MAX, PROOF_HASHES_MAX};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof as read: its form is right, nothing is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Where the entry stands in its log.
    pub index: u64,
    /// The audit path, from the leaf to the root.
    pub path: Vec<Hash>,
    /// The checkpoint, signed.
    pub checkpoint: Note,
}

/// What a proof says of a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The leaf is entry `index` of the log as this checkpoint has it.
    Included(Checkpoint),
    /// The checkpoint is the log's own, but the path does not lead from this leaf to its root: leaf, index or path was changed.
    Differs(Checkpoint),
}

impl Proof {
    /// Reads a `.tlog-proof`. Extra data is passed over: nothing vouches for it.
    ///
    /// # Errors
    /// `proof.malformed`, or as notes have them.
    pub fn read(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let wrong = |what: &str| EvidenceError::new("proof.malformed", format!("The proof is not well-formed: {what}."));
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(wrong(&format!("it has more than {PROOF_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or_else(|| wrong("it has no blank line before the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(wrong(&format!("its first line is not {HEADER}")));
        }
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(read_number);
        let index = index.ok_or_else(|| wrong("it names no index"))?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == PROOF_HASHES_MAX {
                return Err(wrong(&format!("its path is longer than {PROOF_HASHES_MAX} hashes")));
            }
            path.push(read_hash(line).ok_or_else(|| wrong("a line of its path is no hash of 32 bytes in base64"))?);
        }
        Ok(Self { index, path, checkpoint: Note::read(note.as_bytes())? })
    }

    /// Checks the proof for a leaf, given by its hash, against the key of the log.
    ///
    /// # Errors
    /// When the checkpoint is not one of this log, signed by this key.
    pub fn verify(&self, leaf: &Hash, key: &Key) -> Result<Verdict, EvidenceError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let included = verify_inclusion(leaf, self.index, checkpoint.size, &self.path, &checkpoint.root);
        Ok(if included { Verdict::Included(checkpoint) } else { Verdict::Differs(checkpoint) })
    }
}

/// The proof that a tree begins with its first `index + 1` leaves (RFC 6962 §2.1.2), from the audit path of the last of those. They are nearly the
/// same: the leaf and as many siblings as it has to its left in its own whole subtree become one node, which is left out where it is all of the
/// smaller tree. Where nothing follows the leaf, nothing is to be proved.
pub fn consistency(leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Vec<Hash> {
    if index + 1 == size {
        return Vec::new();
    }
    let below = usize::try_from(index.trailing_ones()).unwrap_or(usize::MAX).min(path.len());
    let (own, above) = path.split_at(below);
    let node = own.iter().fold(*leaf, |node, left| node_hash(left, &node));
    let first = (!(index + 1).is_power_of_two()).then_some(node);
    first.into_iter().chain(above.iter().copied()).collect()
}

/// The text of the `.tlog-proof`.
impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEADER}\nindex {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", hash_text(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
