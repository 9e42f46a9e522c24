//! The proof that a log was forked: two checkpoints by its own key that cannot both be of one log, in one small file for anybody.

use super::anchor::read_notes;
use super::bundle::{Line, Log};
use super::{Checkpoint, EvidenceError, Key, Note, hash_text, read_hash, read_number};
use crate::digest::{Frontier, Hash, leaf_hash};
use crate::model::limits::{FORK_BYTES_MAX, FORK_SUBTREES_MAX};

/// The first line.
const HEADER: &str = "sevottam-fork/1";

/// Two checkpoints of one log, the smaller first, and what makes up the tree of the greater. Its form is right; nothing is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The checkpoint of the smaller size, or one of two of the same.
    pub smaller: Note,
    /// The other one.
    pub greater: Note,
    /// Where their sizes differ, the whole tree of the greater from left to right: sizes and roots of perfect subtrees, one of which ends at the
    /// smaller size.
    pub subtrees: Vec<(u64, Hash)>,
}

/// What is proved: the log has two histories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forked {
    /// The log, by its signed name.
    pub log: String,
    /// The size at which both have a root.
    pub size: u64,
    /// The two roots.
    pub roots: [Hash; 2],
    /// The sizes that were signed.
    pub sizes: [u64; 2],
    /// The keys that have signed the one and the other.
    pub keys: [Key; 2],
}

fn malformed(what: &str) -> EvidenceError {
    EvidenceError::new("fork.malformed", format!("The proof of a fork is not well-formed: {what}."))
}

impl Fork {
    /// Of two checkpoints; and, where their sizes differ, of what a bundle shows of the log under the greater.
    ///
    /// # Errors
    /// `fork.malformed`, `fork.tree` where the sizes differ and no bundle shows the log of the greater, or as the checkpoint has it.
    pub fn new(one: Note, other: Note, log: Option<&Log<'_>>) -> Result<Self, EvidenceError> {
        let size = |note: &Note| Checkpoint::read(&note.text).map(|checkpoint| checkpoint.size);
        let (smaller, greater) = if size(&one)? <= size(&other)? { (one, other) } else { (other, one) };
        let at = size(&smaller)?;
        if at == size(&greater)? {
            return Ok(Self { smaller, greater, subtrees: Vec::new() });
        }
        let log = log.filter(|log| log.checkpoint.text == greater.text).ok_or_else(|| {
            let what = format!(
                "The two have different sizes, so that the log under the greater one is needed: a bundle that was made under it, with --at {at}."
            );
            EvidenceError::new("fork.tree", what)
        })?;
        let subtrees = subtrees(log, at)?;
        Ok(Self { smaller, greater, subtrees })
    }

    /// Reads such a file. It has one spelling.
    ///
    /// # Errors
    /// `fork.malformed`, or as notes have them.
    pub fn read(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > FORK_BYTES_MAX {
            return Err(malformed(&format!("it has more than {FORK_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, notes) = text.split_once("\n\n").ok_or_else(|| malformed("it has no empty line before the checkpoints"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(malformed(&format!("its first line is not {HEADER}")));
        }
        let mut subtrees = Vec::new();
        for line in lines {
            if subtrees.len() == FORK_SUBTREES_MAX {
                return Err(malformed(&format!("it has more than {FORK_SUBTREES_MAX} subtrees")));
            }
            let read = line.split_once(' ').and_then(|(size, hash)| read_number(size).zip(read_hash(hash)));
            subtrees.push(read.ok_or_else(|| malformed("a line is not the size and the root of a subtree"))?);
        }
        let notes: [Note; 2] = read_notes(notes)?.try_into().map_err(|_| malformed("it does not have two checkpoints"))?;
        let [smaller, greater] = notes;
        let fork = Self { smaller, greater, subtrees };
        if fork.to_string() != text {
            return Err(malformed("it is not written as it must be"));
        }
        Ok(fork)
    }

    /// Checks it with nothing but the keys of the log or of its host: those that it has had.
    ///
    /// # Errors
    /// `fork.none` where the two are of one log, `fork.tree` where the subtrees are not the tree that was signed, `fork.logs` where they are of two
    /// logs; and as notes and checkpoints have it.
    pub fn verify(&self, keys: &[Key]) -> Result<Forked, EvidenceError> {
        let (one, own) = open(&self.smaller, keys)?;
        let (other, others) = open(&self.greater, keys)?;
        if one.origin != other.origin {
            let message = format!("The two are of different logs: {} and {}.", one.origin, other.origin);
            return Err(EvidenceError::new("fork.logs", message));
        }
        let tree =
            |what: &str| EvidenceError::new("fork.tree", format!("The subtrees are not the tree that was signed: {what}."));
        let mut found = (one.size == other.size).then_some(other.root);
        let mut frontier = Frontier::new();
        for (size, root) in self.subtrees.iter().copied() {
            if frontier.size() == one.size {
                found = Some(frontier.root());
            }
            if !frontier.push_subtree(size, root) {
                return Err(tree("one is not where a subtree of its size begins"));
            }
        }
        if found.is_none() || (one.size == other.size) != self.subtrees.is_empty() {
            return Err(tree("none ends at the smaller size"));
        }
        if one.size != other.size && (frontier.size(), frontier.root()) != (other.size, other.root) {
            return Err(tree("they give another root, or another size"));
        }
        let Some(root) = found.filter(|root| *root != one.root) else {
            let message = "The two checkpoints agree: what was signed first is the beginning of what was signed later.";
            return Err(EvidenceError::new("fork.none", message));
        };
        let (roots, sizes, keys) = ([one.root, root], [one.size, other.size], [own, others]);
        Ok(Forked { log: one.origin, size: one.size, roots, sizes, keys })
    }
}

/// The checkpoint of a note, and which key has signed it.
fn open(note: &Note, keys: &[Key]) -> Result<(Checkpoint, Key), EvidenceError> {
    let origin = note.text.lines().next().unwrap_or_default();
    let is_of = |key: &&Key| origin.strip_prefix(key.name()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let keys: Vec<Key> = keys.iter().filter(is_of).map(|key| key.named(origin)).collect();
    let key = note.verify(&keys)?[0].clone();
    Ok((Checkpoint::open(note, &key)?, key))
}

/// What a bundle shows of a log, in as few perfect subtrees as leave a border at this size.
fn subtrees(log: &Log<'_>, at: u64) -> Result<Vec<(u64, Hash)>, EvidenceError> {
    // Those that are whole, each with the index at which it begins.
    let mut whole: Vec<(u64, u64, Hash)> = Vec::new();
    let mut next = 0;
    for line in log.lines() {
        let (index, mut size, mut root) = match line? {
            Line::Node { index, size, node } => (index, size, node),
            Line::Entry { index, leaf, .. } => (index, 1, leaf_hash(leaf.as_bytes())),
        };
        let end = index.saturating_add(size);
        if index != next || (index < at && at < end) {
            let what = format!("The bundle does not show where {at} entries end: ask for one with --at {at}.");
            return Err(EvidenceError::new("fork.tree", what));
        }
        next = end;
        let mut begin = index;
        // A hostile bundle may say any size.
        while let Some(double) = size.checked_mul(2)
            && let Some((left, length, node)) =
                whole.pop_if(|(left, length, _)| *length == size && left.is_multiple_of(double) && (*left >= at || end <= at))
        {
            debug_assert_eq!(left + length, begin, "they lie side by side");
            (begin, size, root) = (left, double, crate::digest::node_hash(&node, &root));
        }
        whole.push((begin, size, root));
    }
    Ok(whole.into_iter().map(|(_, size, root)| (size, root)).collect())
}

/// The text of the file.
impl std::fmt::Display for Fork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEADER}")?;
        self.subtrees.iter().try_for_each(|(size, root)| writeln!(f, "{size} {}", hash_text(root)))?;
        write!(f, "\n{}{}", self.smaller, self.greater)
    }
}
