//! Checkpoints (C2SP tlog-checkpoint): which log, how long, which root.

use super::{EvidenceError, Key, Note, PrivateKey, hash_text, read_hash, read_number};
use crate::digest::Hash;

/// The head of a log, as a note's text says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
    /// Lines that follow. Our own logs write none, and nobody should.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The checkpoint of a log.
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// `checkpoint.malformed`.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        let wrong =
            |what: &str| EvidenceError::new("checkpoint.malformed", format!("The checkpoint is not well-formed: {what}."));
        let lines = text.strip_suffix('\n').ok_or_else(|| wrong("it does not end with a line feed"))?;
        let mut lines = lines.split('\n');
        let origin =
            lines.next().filter(|origin| !origin.is_empty()).ok_or_else(|| wrong("its first line, the origin, is empty"))?;
        let size = lines.next().and_then(read_number).ok_or_else(|| wrong("its second line is no size"))?;
        let root = lines.next().and_then(read_hash).ok_or_else(|| wrong("its third line is no root of 32 bytes in base64"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(wrong("it has an empty line"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// Reads a note that must be this log's own checkpoint: signed by the key of the log, which bears its name, and of three lines exactly.
    ///
    /// # Errors
    /// As the note and the checkpoint have them.
    pub fn open(note: &Note, key: &Key) -> Result<Self, EvidenceError> {
        note.verify(std::slice::from_ref(key))?;
        let checkpoint = Self::read(&note.text)?;
        if checkpoint.origin != key.name() {
            let message = format!("The checkpoint is of the log {}, but signed by the key of {}.", checkpoint.origin, key.name());
            return Err(EvidenceError::new("checkpoint.malformed", message));
        }
        if !checkpoint.extensions.is_empty() {
            return Err(EvidenceError::new("checkpoint.malformed", "The checkpoint has lines that no log of this kind writes."));
        }
        Ok(checkpoint)
    }

    /// The note of this checkpoint, signed under the log's name.
    ///
    /// # Errors
    /// When the origin cannot be the name of a key.
    pub fn sign(&self, signer: &PrivateKey) -> Result<Note, EvidenceError> {
        signer.sign(&self.origin, &self.to_string())
    }
}

/// The text that is signed.
impl std::fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, hash_text(&self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
