//! The policy: what a verifier knows from elsewhere, best from paper. Keys that are relied on, and checkpoints that were seen outside.

use crate::digest::Hash;
use crate::evidence::{EvidenceError, Key, read_hash, read_number};
use crate::model::limits::POLICY_BYTES_MAX;

/// What is relied on.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Keys of installations, each under its host's name.
    pub keys: Vec<Key>,
    /// Checkpoints that somebody outside holds.
    pub seen: Vec<Outside>,
}

/// A checkpoint that somebody outside holds: from a receipt's proof, a printed register, or a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The log, by its signed name.
    pub name: String,
    /// Its size then.
    pub size: u64,
    /// Its root then.
    pub root: Hash,
}

impl Policy {
    /// Reads a policy: a line `key <vkey>` for each key, and `seen <log> <size> <root>` for each checkpoint, as its three lines have them.
    /// Empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// `policy.malformed` or `key.malformed`, with the line.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        let wrong = |what: String| EvidenceError::new("policy.malformed", format!("The policy is not well-formed: {what}."));
        if text.len() > POLICY_BYTES_MAX {
            return Err(wrong(format!("it has more than {POLICY_BYTES_MAX} bytes")));
        }
        let mut policy = Self::default();
        for (line, number) in text.lines().zip(1..) {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            match words[..] {
                [] => {}
                [word, ..] if word.starts_with('#') => {}
                ["key", key] => {
                    let key = Key::read(key).map_err(|error| {
                        EvidenceError::new(error.code, format!("Line {number} of the policy: {}", error.message))
                    })?;
                    policy.keys.push(key);
                }
                ["seen", name, size, root] => {
                    let read = read_number(size).zip(read_hash(root));
                    let (size, root) = read.ok_or_else(|| wrong(format!("line {number} has no size, or no root in base64")))?;
                    policy.seen.push(Outside { name: name.to_owned(), size, root });
                }
                _ => return Err(wrong(format!("line {number} is neither `key <vkey>` nor `seen <log> <size> <root>`"))),
            }
        }
        if policy.keys.is_empty() {
            return Err(wrong("it names no key, so that nothing could be relied on".to_owned()));
        }
        Ok(policy)
    }
}
