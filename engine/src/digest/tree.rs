//! Merkle trees of RFC 6962 §2.1 with the verification algorithms of RFC 9162 §2.1.3 and §2.1.4.

use super::Hash;

/// Largest tree a [`Frontier`] is restored at: sizes fit a signed 64-bit database column.
pub const MAX_TREE_SIZE: u64 = i64::MAX as u64;

/// Hash of a leaf, `SHA-256(0x00 ‖ leaf)` (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Hash::of_parts([&[0x00], leaf])
}

/// Hash of an inner node, `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of_parts([&[0x01][..], left.as_bytes(), right.as_bytes()])
}

/// Root of the tree without leaves, `SHA-256("")` (RFC 6962 §2.1).
#[must_use]
pub fn empty_root() -> Hash {
    Hash::of(b"")
}

/// Root of the tree over these leaf hashes, `MTH` of RFC 6962 §2.1. Costs one hash per leaf.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split_point(leaves.len()));
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// Largest power of two below `n`, the `k` of RFC 6962 §2.1; `n` is at least 2.
fn split_point(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

/// The right edge of a growing tree: roots of its perfect subtrees, left to right.
///
/// There is one hash per set bit of the size, the highest bit first. This is all that is needed
/// to append leaves and to compute the root (RFC 6962 §2.1), at most 64 hashes for any size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// Invariant: `peaks.len() == size.count_ones()`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf, given by its [`leaf_hash`]. Amortised cost: one node hash.
    pub fn push(&mut self, leaf_hash: Hash) {
        let mut node = leaf_hash;
        for _ in 0..self.size.trailing_ones() {
            // By the invariant there is a peak for every set bit.
            let Some(left) = self.peaks.pop() else { break };
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        // Cannot overflow: sizes start at no more than MAX_TREE_SIZE and grow by one.
        self.size += 1;
    }

    /// Appends a perfect subtree of `size` leaves, given by its root. False, and nothing is appended, where no such subtree can stand: its size
    /// is no power of two, or what is there already is no multiple of it.
    pub fn push_subtree(&mut self, size: u64, root: Hash) -> bool {
        let room = MAX_TREE_SIZE - self.size.min(MAX_TREE_SIZE);
        if !size.is_power_of_two() || !self.size.is_multiple_of(size) || size > room {
            return false;
        }
        let mut node = root;
        for _ in 0..(self.size / size).trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += size;
        true
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree (RFC 6962 §2.1): the perfect subtrees joined from the right.
    #[must_use]
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        joined.unwrap_or_else(empty_root)
    }

    /// The hashes one after the other, left to right; empty for the empty tree.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| *peak.as_bytes()).collect()
    }

    /// Restores what [`Frontier::to_bytes`] wrote for a tree of this size.
    ///
    /// `None` when the number of hashes does not belong to the size, a hash is cut short, or the
    /// size is above [`MAX_TREE_SIZE`]. Whether the hashes are the right ones shows only when
    /// [`Frontier::root`] is compared with a signed checkpoint.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.as_chunks::<32>();
        let expected = usize::try_from(size.count_ones()).ok()?;
        if size > MAX_TREE_SIZE || !rest.is_empty() || chunks.len() != expected {
            return None;
        }
        let peaks = chunks.iter().map(|chunk| Hash::from_bytes(*chunk)).collect();
        Some(Self { size, peaks })
    }
}

/// Audit path of the leaf at `index` in the tree over all `leaves` (RFC 6962 §2.1.1), in the
/// order [`verify_inclusion`] reads it: from the leaf to the root.
///
/// Empty when `index` is not below the number of leaves; verification refuses such an index.
#[must_use]
pub fn inclusion_proof(leaves: &[Hash], index: u64) -> Vec<Hash> {
    let mut path = Vec::new();
    let Ok(mut index) = usize::try_from(index) else {
        return path;
    };
    if index >= leaves.len() {
        return path;
    }
    let mut rest = leaves;
    while rest.len() > 1 {
        let k = split_point(rest.len());
        let (left, right) = rest.split_at(k);
        if index < k {
            path.push(root_of(right));
            rest = left;
        } else {
            path.push(root_of(left));
            index -= k;
            rest = right;
        }
    }
    path.reverse();
    path
}

/// Proof that the tree over all `leaves` extends the tree over the first `m` of them
/// (`PROOF(m, D[n])` of RFC 6962 §2.1.2), in the order [`verify_consistency`] reads it.
///
/// Empty when `m` equals the number of leaves (nothing to prove), and also for `m` = 0 or `m`
/// above the number of leaves, where no proof exists and verification refuses.
#[must_use]
pub fn consistency_proof(leaves: &[Hash], m: u64) -> Vec<Hash> {
    let mut path = Vec::new();
    let Ok(mut m) = usize::try_from(m) else {
        return path;
    };
    if m == 0 || m >= leaves.len() {
        return path;
    }
    let mut rest = leaves;
    // SUBPROOF's flag b: the old tree is still a complete subtree whose root the verifier has.
    let mut known = true;
    while m < rest.len() {
        let k = split_point(rest.len());
        let (left, right) = rest.split_at(k);
        if m <= k {
            path.push(root_of(right));
            rest = left;
        } else {
            path.push(root_of(left));
            m -= k;
            known = false;
            rest = right;
        }
    }
    if !known {
        path.push(root_of(rest));
    }
    path.reverse();
    path
}

/// Whether `proof` shows that the leaf hash stands at `index` in the tree of `size` leaves with
/// this root (RFC 9162 §2.1.3.2).
///
/// The size directs the path but is not itself proved: take it from the checkpoint with the root.
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s) = (index, size - 1);
    let mut computed = *leaf;
    for p in proof {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            computed = node_hash(p, &computed);
            skip_right_edge(&mut f, &mut s);
        } else {
            computed = node_hash(&computed, p);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && computed == *root
}

/// Whether `proof` shows that the tree of `n` leaves with root `root_n` begins with the tree of
/// `m` leaves with root `root_m` (RFC 9162 §2.1.4.2).
///
/// For `m` = `n` the proof must be empty and the roots equal. `m` = 0 is refused: every tree
/// extends the empty one, so such a proof would say nothing (the policy of
/// transparency-dev/merkle; conformance README §9).
#[must_use]
pub fn verify_consistency(m: u64, n: u64, proof: &[Hash], root_m: &Hash, root_n: &Hash) -> bool {
    if m == 0 || m > n {
        return false;
    }
    if m == n {
        return proof.is_empty() && root_m == root_n;
    }
    // Step 2: a perfect old tree is itself the first node of the path.
    let (first, path) = if m.is_power_of_two() {
        if proof.is_empty() {
            return false;
        }
        (root_m, proof)
    } else {
        let Some((first, path)) = proof.split_first() else {
            return false;
        };
        (first, path)
    };
    let (mut f, mut s) = (m - 1, n - 1);
    let shift = f.trailing_ones();
    f >>= shift;
    s >>= shift;
    let (mut old, mut new) = (*first, *first);
    for c in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            old = node_hash(c, &old);
            new = node_hash(c, &new);
            skip_right_edge(&mut f, &mut s);
        } else {
            new = node_hash(&new, c);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && old == *root_m && new == *root_n
}

/// The inner loop of RFC 9162 §2.1.3.2 step 4.b.ii: shift both until `f` is odd or zero.
fn skip_right_edge(f: &mut u64, s: &mut u64) {
    while *f & 1 == 0 && *f != 0 {
        *f >>= 1;
        *s >>= 1;
    }
}
