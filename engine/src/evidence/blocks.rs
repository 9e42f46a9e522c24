//! A tree that grows, kept small: the roots of its whole blocks of 256 leaves, and the leaves after them. Proofs and tiles come of it.

use super::tile::TILE_WIDTH;
use crate::digest::{Hash, empty_root, inclusion_proof, root_of};

/// [`TILE_WIDTH`], for slices.
const WIDTH: usize = 256;
const _: () = assert!(WIDTH as u64 == TILE_WIDTH);

/// Roots of whole blocks, of whole blocks of those, and so on; and the leaf hashes after the last whole block: an eighth of a byte a leaf.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    /// At level n the roots of whole subtrees of 256ⁿ⁺¹ leaves, from the left.
    levels: Vec<Vec<Hash>>,
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
        if self.tail.len() < WIDTH {
            return;
        }
        let mut root = root_of(&self.tail);
        self.tail.clear();
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(root);
            if !nodes.len().is_multiple_of(WIDTH) {
                return;
            }
            root = root_of(&nodes[nodes.len() - WIDTH..]);
        }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, Vec::len) as u64 * TILE_WIDTH + self.tail.len() as u64
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
        let part = usize::try_from(size % TILE_WIDTH).ok()?;
        let mut edge = if part > 0 { Some(root_of(leaves.get(..part)?)) } else { None };
        let mut nodes = size / TILE_WIDTH;
        if nodes == 0 {
            return Some(edge.unwrap_or_else(empty_root));
        }
        for level in 0.. {
            let tile = self.tile(level, nodes / TILE_WIDTH, nodes, edge)?;
            if nodes < TILE_WIDTH {
                return Some(root_of(&tile));
            }
            edge = (!tile.is_empty()).then(|| root_of(&tile));
            nodes /= TILE_WIDTH;
        }
        None
    }

    /// The audit path of a leaf in the tree over the first `size` leaves (RFC 6962 §2.1.1). `own` are the leaf hashes of its block, `last` those
    /// of the block in which the tree ends; each may go on after it.
    ///
    /// None when the index is not in the tree, the tree is shorter, or not enough leaves are given.
    pub fn inclusion(&self, index: u64, size: u64, own: &[Hash], last: &[Hash]) -> Option<Vec<Hash>> {
        if index >= size {
            return None;
        }
        let mut node = index / TILE_WIDTH;
        let width = usize::try_from((size - node * TILE_WIDTH).min(TILE_WIDTH)).ok()?;
        // A block is a subtree of its own at every size, and the roots of the blocks are the leaves of the tree above; and so on upwards.
        let mut path = inclusion_proof(own.get(..width)?, index % TILE_WIDTH);
        let part = usize::try_from(size % TILE_WIDTH).ok()?;
        let mut edge = if part > 0 { Some(root_of(last.get(..part)?)) } else { None };
        let mut nodes = size / TILE_WIDTH;
        for level in 0.. {
            if nodes + u64::from(edge.is_some()) <= 1 {
                break;
            }
            let tile = self.tile(level, node / TILE_WIDTH, nodes, edge)?;
            path.extend(inclusion_proof(&tile, node % TILE_WIDTH));
            let edges = self.tile(level, nodes / TILE_WIDTH, nodes, edge)?;
            edge = (!edges.is_empty()).then(|| root_of(&edges));
            (node, nodes) = (node / TILE_WIDTH, nodes / TILE_WIDTH);
        }
        Some(path)
    }

    /// The hashes of a tile above the lowest level; none when the tree has not that many.
    pub fn upper(&self, level: u8, index: u64, width: u16) -> Option<Vec<Hash>> {
        let first = usize::try_from(index.checked_mul(TILE_WIDTH)?).ok()?;
        let nodes = self.levels.get(usize::from(level.checked_sub(1)?))?;
        nodes.get(first..first.checked_add(width.into())?).map(<[Hash]>::to_vec)
    }

    /// One tile of a level that has so many whole nodes, and after them perhaps one that is not whole.
    fn tile(&self, level: usize, index: u64, nodes: u64, edge: Option<Hash>) -> Option<Vec<Hash>> {
        let first = index * TILE_WIDTH;
        let end = nodes.min(first + TILE_WIDTH);
        let whole = first..end;
        let mut tile = match self.levels.get(level) {
            Some(known) => known.get(usize::try_from(whole.start).ok()?..usize::try_from(whole.end).ok()?)?.to_vec(),
            None if whole.is_empty() => Vec::new(),
            None => return None,
        };
        tile.extend(edge.filter(|_| nodes < first + TILE_WIDTH));
        Some(tile)
    }
}
