//! What a witness is asked with (C2SP tlog-witness, `add-checkpoint`): the size that it knows, the proof from there, and the checkpoint.

use super::{EvidenceError, Note, hash_text, read_hash, read_number};
use crate::digest::Hash;
use crate::model::limits::{CONSISTENCY_HASHES_MAX, PROOF_BYTES_MAX};

/// A request as read: its form is right, nothing is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Size of the checkpoint that the witness cosigned last of this log; 0 where it has cosigned none.
    pub old: u64,
    /// The consistency proof from there (RFC 6962 §2.1.2); empty from 0.
    pub proof: Vec<Hash>,
    /// The checkpoint, signed by its log.
    pub checkpoint: Note,
}

impl Submission {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// `submission.malformed`, or as notes have them.
    pub fn read(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let wrong = |what: &str| EvidenceError::new("submission.malformed", format!("The request is not well-formed: {what}."));
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(wrong(&format!("it has more than {PROOF_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or_else(|| wrong("it has no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(read_number);
        let old = old.ok_or_else(|| wrong("its first line is not `old` and a size"))?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == CONSISTENCY_HASHES_MAX {
                return Err(wrong(&format!("its proof is longer than {CONSISTENCY_HASHES_MAX} hashes")));
            }
            proof.push(read_hash(line).ok_or_else(|| wrong("a line of its proof is no hash of 32 bytes in base64"))?);
        }
        Ok(Self { old, proof, checkpoint: Note::read(note.as_bytes())? })
    }
}

/// The body of the request.
impl std::fmt::Display for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", hash_text(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
