//! Tiles (C2SP tlog-tiles): the tree in pieces of 256 hashes, and entries in bundles of 256, each at a path that says which.

use super::{EvidenceError, read_number};
use crate::digest::MAX_TREE_SIZE;
use crate::model::limits::LEAF_BYTES_MAX;

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u64 = 256;
/// The highest level: sizes are below 2⁶³.
const LEVEL_MAX: u8 = 7;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// Hashes of nodes at the height 8 times this level.
    Hashes(u8),
    /// Entries.
    Entries,
}

/// A tile's place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Which one of its level, from the left.
    pub index: u64,
    /// How many it holds: 256, or 1 to 255 at the right edge.
    pub width: u16,
}

impl Tile {
    /// Reads what follows `tile/`, such as `0/x001/234.p/5` or `entries/000`.
    ///
    /// # Errors
    /// `tile.malformed`: there is one spelling for each tile.
    pub fn read(path: &str) -> Result<Self, EvidenceError> {
        let wrong = || {
            let message =
                "There is no such tile: the path is tile/<level>/<index>, or tile/entries/<index>, with .p/<width> when partial.";
            EvidenceError::new("tile.malformed", message)
        };
        // Level, four parts of an index, and a width are shorter than this.
        if path.len() > 64 {
            return Err(wrong());
        }
        let (kind, rest) = path.split_once('/').ok_or_else(wrong)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(
                read_number(level)
                    .and_then(|level| u8::try_from(level).ok())
                    .filter(|level| *level <= LEVEL_MAX)
                    .ok_or_else(wrong)?,
            ),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => {
                (index, read_number(width).filter(|width| (1..TILE_WIDTH).contains(width)).ok_or_else(wrong)?)
            }
            None => (rest, TILE_WIDTH),
        };
        let width = u16::try_from(width).map_err(|_| wrong())?;
        let tile = Self { kind, index: read_index(index).ok_or_else(wrong)?, width };
        // Whatever is not written so is not read so.
        if tile.path() == path { Ok(tile) } else { Err(wrong()) }
    }

    /// What follows `tile/` in the tile's path.
    pub fn path(&self) -> String {
        let kind = match self.kind {
            TileKind::Hashes(level) => level.to_string(),
            TileKind::Entries => "entries".to_owned(),
        };
        let (mut index, mut rest) = (format!("{:03}", self.index % 1000), self.index / 1000);
        while rest > 0 {
            index = format!("x{:03}/{index}", rest % 1000);
            rest /= 1000;
        }
        let partial = if u64::from(self.width) == TILE_WIDTH { String::new() } else { format!(".p/{}", self.width) };
        format!("{kind}/{index}{partial}")
    }

    /// Whether a tree of this size has the tile: at its width, or a wider one.
    pub fn is_in(&self, size: u64) -> bool {
        let level = match self.kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let nodes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        self.index.checked_mul(TILE_WIDTH).and_then(|first| first.checked_add(self.width.into())).is_some_and(|end| end <= nodes)
    }
}

/// Groups of three digits, all but the last with an `x` before them.
fn read_index(text: &str) -> Option<u64> {
    let mut index = 0_u64;
    let mut parts = text.split('/').peekable();
    while let Some(part) = parts.next() {
        let digits = if parts.peek().is_some() { part.strip_prefix('x')? } else { part };
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    (index <= MAX_TREE_SIZE).then_some(index)
}

/// The bytes of an entry bundle: before each entry its length, two bytes, the higher first.
///
/// Entries are leaves, which never are longer than [`LEAF_BYTES_MAX`]; one that is longer all the same ends the bundle before it, so that no
/// reader can take its bytes for another entry.
pub fn bundle<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let Ok(length) = u16::try_from(entry.len()) else { break };
        bytes.extend(length.to_be_bytes());
        bytes.extend(entry);
    }
    bytes
}

/// The entries of a bundle that must hold `width` of them.
///
/// # Errors
/// `tile.malformed` when it breaks off, has bytes to spare, or an entry is longer than a leaf may be.
pub fn unbundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, EvidenceError> {
    let wrong = |what: String| EvidenceError::new("tile.malformed", format!("The entry bundle is not well-formed: {what}."));
    let mut entries = Vec::new();
    let mut rest = bytes;
    for position in 0..width {
        let (length, after) = rest.split_first_chunk::<2>().ok_or_else(|| wrong(format!("it ends before entry {position}")))?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length > LEAF_BYTES_MAX {
            return Err(wrong(format!("entry {position} is longer than {LEAF_BYTES_MAX} bytes")));
        }
        let (entry, after) = after.split_at_checked(length).ok_or_else(|| wrong(format!("it breaks off in entry {position}")))?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(wrong(format!("{} bytes follow its last entry", rest.len()))) }
}
