//! A tree that grows, kept small: the roots of its whole blocks of 256 leaves, and the leaves after them. Proofs and tiles come of it.

use super::tile::TILE_WIDTH;
use crate::digest::{Hash, inclusion_proof, root_of};

/// [`TILE_WIDTH`], for slices.
const WIDTH: usize = 256;
const _: () = assert!(WIDTH as u64 == TILE_WIDTH);

/// Roots of whole blocks, and the leaf hashes after the last whole block: an eighth of a byte for each leaf.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    roots: Vec<Hash>,
    tail: Vec<Hash>,
}

impl Blocks {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a leaf, given by its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.tail.push(leaf);
        if self.tail.len() == WIDTH {
            self.roots.push(root_of(&self.tail));
            self.tail.clear();
        }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.roots.len() as u64 * TILE_WIDTH + self.tail.len() as u64
    }

    /// The leaf hashes after the last whole block.
    pub fn tail(&self) -> &[Hash] {
        &self.tail
    }

    /// Which leaves a proof in a tree of `size` needs beside what is kept: of the leaf's own block, and of the last block where that is not
    /// whole at this size. Each is the index of a block.
    pub fn needed(index: u64, size: u64) -> [Option<u64>; 2] {
        let (own, last) = (index / TILE_WIDTH, size / TILE_WIDTH);
        [Some(own), (!size.is_multiple_of(TILE_WIDTH) && last != own).then_some(last)]
    }

    /// Root of the tree over the first `size` leaves. `leaves` are those of the block in which it ends; of a whole block none are needed.
    ///
    /// None when the tree is shorter, or not enough leaves are given.
    pub fn root(&self, size: u64, leaves: &[Hash]) -> Option<Hash> {
        Some(root_of(&self.tops(size, leaves)?))
    }

    /// The audit path of a leaf in the tree over the first `size` leaves (RFC 6962 §2.1.1). `own` are the leaf hashes of its block, `last` those
    /// of the block in which the tree ends; each may go on after it.
    ///
    /// None when the index is not in the tree, the tree is shorter, or not enough leaves are given.
    pub fn inclusion(&self, index: u64, size: u64, own: &[Hash], last: &[Hash]) -> Option<Vec<Hash>> {
        if index >= size {
            return None;
        }
        let block = index / TILE_WIDTH;
        let width = usize::try_from((size - block * TILE_WIDTH).min(TILE_WIDTH)).ok()?;
        // A block is a subtree of its own at every size, and the roots of the blocks are the leaves of the tree above.
        let mut path = inclusion_proof(own.get(..width)?, index % TILE_WIDTH);
        path.extend(inclusion_proof(&self.tops(size, last)?, block));
        Some(path)
    }

    /// The hashes of a tile above the lowest level; none when the tree has not that many.
    pub fn upper(&self, level: u8, index: u64, width: u16) -> Option<Vec<Hash>> {
        // At level 1 each hash is one root, at level 2 it is over 256 of them, and so on.
        let step = WIDTH.checked_pow(u32::from(level.checked_sub(1)?))?;
        let first = usize::try_from(index).ok()?.checked_mul(WIDTH)?.checked_mul(step)?;
        let end = first.checked_add(step.checked_mul(width.into())?)?;
        Some(self.roots.get(first..end)?.chunks(step).map(root_of).collect())
    }

    /// The roots of the blocks of the tree over the first `size` leaves, the last over what there is of it.
    fn tops(&self, size: u64, last: &[Hash]) -> Option<Vec<Hash>> {
        let (whole, part) = (usize::try_from(size / TILE_WIDTH).ok()?, usize::try_from(size % TILE_WIDTH).ok()?);
        let mut tops = self.roots.get(..whole)?.to_vec();
        if part > 0 {
            tops.push(root_of(last.get(..part)?));
        }
        Some(tops)
    }
}
