//! The tree in blocks is the tree of RFC 6962, and tiles are pieces of it.

use super::leaves;
use crate::digest::{Hash, inclusion_proof, root_of, verify_inclusion};
use crate::evidence::{Blocks, Tile, TileKind, bundle, unbundle};

/// The leaves of a block.
fn block(leaves: &[Hash], index: Option<u64>) -> &[Hash] {
    index.map_or(&[], |index| leaves.chunks(256).nth(usize::try_from(index).unwrap()).unwrap_or(&[]))
}

#[test]
fn proofs_from_blocks_are_those_of_the_whole_tree() {
    let leaves = leaves(2_100);
    let mut blocks = Blocks::new();
    for leaf in &leaves {
        blocks.push(*leaf);
    }
    assert_eq!(blocks.size(), 2_100);
    assert_eq!(blocks.tail(), &leaves[2_048..]);
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 768, 1_024, 1_025, 1_500, 2_048, 2_049, 2_100] {
        let whole = &leaves[..usize::try_from(size).unwrap()];
        let last = block(&leaves, Some(size / 256));
        assert_eq!(blocks.root(size, last), Some(root_of(whole)), "{size}");
        for index in (0..size).filter(|index| index % 61 == 0 || index % 256 < 2 || index + 2 > size) {
            let [own, last] = Blocks::needed(index, size).map(|needed| block(&leaves, needed));
            let last = if Blocks::needed(index, size)[1].is_none() { own } else { last };
            let path = blocks.inclusion(index, size, own, last).unwrap();
            assert_eq!(path, inclusion_proof(whole, index), "{index} of {size}");
            let leaf = &whole[usize::try_from(index).unwrap()];
            assert!(verify_inclusion(leaf, index, size, &path, &root_of(whole)));
        }
    }
    // Outside the tree, and without the leaves that are needed.
    assert_eq!(blocks.inclusion(2_100, 2_100, &leaves, &leaves), None);
    assert_eq!(blocks.inclusion(0, 3_000, &leaves, &leaves), None);
    assert_eq!(blocks.inclusion(0, 2_100, &leaves[..255], &leaves[2_048..]), None);
    assert_eq!(blocks.inclusion(0, 2_100, &leaves[..256], &leaves[2_048..2_099]), None);
    assert_eq!(blocks.root(u64::MAX, &leaves), None);
}

#[test]
fn upper_tiles_are_roots_of_lower_ones() {
    let leaves = leaves(256 * 300);
    let mut blocks = Blocks::new();
    for leaf in &leaves {
        blocks.push(*leaf);
    }
    let roots: Vec<Hash> = leaves.chunks(256).map(root_of).collect();
    assert_eq!(blocks.upper(1, 0, 256).unwrap(), roots[..256]);
    assert_eq!(blocks.upper(1, 1, 44).unwrap(), roots[256..]);
    assert_eq!(blocks.upper(2, 0, 1).unwrap(), [root_of(&leaves[..65_536])]);
    // Proofs go through all levels.
    for (index, size) in
        [(0, 65_536), (65_535, 65_537), (65_536, 65_537), (3, 65_792), (70_000, 70_001), (65_540, 76_800), (76_799, 76_800)]
    {
        let [own, last] = Blocks::needed(index, size).map(|needed| block(&leaves, needed));
        let last = if last.is_empty() { own } else { last };
        let whole = &leaves[..usize::try_from(size).unwrap()];
        assert_eq!(blocks.inclusion(index, size, own, last), Some(inclusion_proof(whole, index)), "{index} of {size}");
        assert_eq!(blocks.root(size, block(&leaves, Some(size / 256))), Some(root_of(whole)), "{size}");
    }
    for (level, index, width) in [(0, 0, 1), (1, 1, 45), (1, 2, 1), (2, 0, 2), (3, 0, 1), (7, u64::MAX, 256), (200, 1, 1)] {
        assert_eq!(blocks.upper(level, index, width), None, "{level} {index} {width}");
    }
}

#[test]
fn tiles_have_one_path_each() {
    let tile = |kind, index, width| Tile { kind, index, width };
    for (path, expected) in [
        ("0/000", tile(TileKind::Hashes(0), 0, 256)),
        ("2/x001/x234/067", tile(TileKind::Hashes(2), 1_234_067, 256)),
        ("0/x001/234.p/5", tile(TileKind::Hashes(0), 1_234, 5)),
        ("entries/999.p/255", tile(TileKind::Entries, 999, 255)),
    ] {
        assert_eq!(Tile::read(path), Ok(expected), "{path}");
        assert_eq!(expected.path(), path);
    }
    for path in [
        "",
        "0",
        "0/",
        "0/0",
        "0/0000",
        "0/001/002",
        "0/x000/001",
        "0/x001",
        "8/000",
        "-1/000",
        "00/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/05",
        "0/000.p/",
        "data/000",
        "entries/x/000",
        "entries/../000",
        "0/000/",
        "/000",
        "0/00a",
        "0/x999/x999/x999/x999/x999/x999/x999/999",
        "0/०००",
    ] {
        assert_eq!(Tile::read(path).map_err(|error| error.code), Err("tile.malformed"), "{path}");
    }
    // What a tree of 600 entries has.
    for (path, expected) in [
        ("0/001", true),
        ("0/002.p/88", true),
        ("0/002.p/89", false),
        ("0/002", false),
        ("1/000.p/2", true),
        ("1/000.p/3", false),
        ("2/000.p/1", false),
        ("entries/002.p/88", true),
        ("entries/002", false),
        ("7/000.p/1", false),
    ] {
        assert_eq!(Tile::read(path).unwrap().is_in(600), expected, "{path}");
    }
}

#[test]
fn bundles_hold_what_they_say() {
    let entries: [&[u8]; 3] = [b"one", b"", b"three"];
    let bytes = bundle(entries);
    assert_eq!(bytes, b"\x00\x03one\x00\x00\x00\x05three");
    assert_eq!(unbundle(&bytes, 3).unwrap(), entries);
    for (bytes, width) in [(&bytes[..], 2), (&bytes[..], 4), (&bytes[..11], 3), (b"\x40\x01", 1), (b"\xff", 1), (b"x", 0)] {
        assert_eq!(unbundle(bytes, width).unwrap_err().code, "tile.malformed", "{bytes:?} {width}");
    }
    // Nothing that a reader could take for another entry is written.
    let long = vec![b'x'; 70_000];
    assert_eq!(bundle([b"one".as_slice(), &long, b"two"]), b"\x00\x03one");
}
