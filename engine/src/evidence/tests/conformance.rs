//! Shared conformance vectors (conformance README §9): signed notes, checkpoint bodies, and a whole tlog-tiles log.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::digest::{Frontier, leaf_hash};
use crate::evidence::{Blocks, Checkpoint, Key, Note, PrivateKey, Proof, Tile, TileKind, Verdict, bundle, unbundle};

/// A file of the vectors; nothing (with a note) where they are not present.
fn file(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/merkle").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not present", path.display());
    None
}

/// The two keys of the log, as the script that built it has them.
fn log_keys() -> Option<(PrivateKey, Key)> {
    let script = fs::read_to_string(file("tlog_tiles/testdata/build_log.sh")?).unwrap();
    let quoted = |name: &str| script.split_once(name).unwrap().1.split('"').nth(1).unwrap();
    Some((PrivateKey::read(quoted("LOG_PRIVATE_KEY=")).unwrap(), Key::read(quoted("LOG_PUBLIC_KEY=")).unwrap()))
}

#[test]
fn signed_notes_and_checkpoints() {
    let Some(path) = file("signed_note.json") else { return };
    let vectors: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut verdicts = [0, 0];
    for vector in vectors["notes"].as_array().unwrap() {
        let keys: Vec<Key> =
            vector["vkeys"].as_array().unwrap().iter().map(|key| Key::read(key.as_str().unwrap()).unwrap()).collect();
        let verified =
            Note::read(vector["note"].as_str().unwrap().as_bytes()).and_then(|note| note.verify(&keys).map(|keys| keys.len()));
        let expected = vector["ok"].as_bool().unwrap();
        assert_eq!(verified.is_ok(), expected, "{} {verified:?}", vector["id"]);
        verdicts[usize::from(expected)] += 1;
    }
    for vector in vectors["checkpoint_bodies"].as_array().unwrap() {
        let read = Checkpoint::read(vector["text"].as_str().unwrap());
        let expected = vector["ok"].as_bool().unwrap();
        assert_eq!(read.is_ok(), expected, "{} {read:?}", vector["id"]);
        if let Ok(checkpoint) = read {
            assert_eq!(checkpoint.size, vector["size"].as_u64().unwrap());
            assert_eq!(checkpoint.to_string(), vector["text"].as_str().unwrap());
        }
        verdicts[usize::from(expected)] += 1;
    }
    assert!(verdicts[0] >= 6 && verdicts[1] >= 3, "{verdicts:?}");
}

#[test]
fn a_log_in_tiles() {
    let (Some(log), Some((signer, key))) = (file("tlog_tiles/testdata/log"), log_keys()) else { return };
    let (mut frontier, mut blocks, mut leaves) = (Frontier::new(), Blocks::new(), Vec::new());
    for size in 0..=15_u64 {
        let text = fs::read_to_string(log.join(format!("checkpoint.{size}"))).unwrap();
        let checkpoint = Checkpoint::open(&Note::read(text.as_bytes()).unwrap(), &key).unwrap();
        // Ed25519 has one signature for a key and a text: ours is theirs.
        assert_eq!(checkpoint.sign(&signer).unwrap().to_string(), text);
        assert_eq!((checkpoint.size, checkpoint.root), (size, frontier.root()));
        assert_eq!(blocks.root(size, &leaves), Some(checkpoint.root));
        if size == 15 {
            break;
        }
        let width = u16::try_from(size + 1).unwrap();
        let tile = |kind| log.join("tile").join(Tile { kind, index: 0, width }.path());
        let bytes = fs::read(tile(TileKind::Entries)).unwrap();
        let entries = unbundle(&bytes, width).unwrap();
        assert_eq!(bundle(entries.iter().copied()), bytes);
        leaves.push(leaf_hash(entries.last().unwrap()));
        let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
        assert_eq!(fs::read(tile(TileKind::Hashes(0))).unwrap(), hashes);
        frontier.push(leaves[leaves.len() - 1]);
        blocks.push(leaves[leaves.len() - 1]);
    }
}

#[test]
fn every_entry_of_the_log_is_proved_and_no_other() {
    let (Some(log), Some((_, key))) = (file("tlog_tiles/testdata/log"), log_keys()) else { return };
    let bytes = fs::read(log.join("tile/entries/000.p/15")).unwrap();
    let leaves: Vec<_> = unbundle(&bytes, 15).unwrap().into_iter().map(leaf_hash).collect();
    let mut blocks = Blocks::new();
    for leaf in &leaves {
        blocks.push(*leaf);
    }
    for size in 1..=15_u64 {
        let checkpoint = Note::read(&fs::read(log.join(format!("checkpoint.{size}"))).unwrap()).unwrap();
        for index in 0..size {
            let path = blocks.inclusion(index, size, &leaves, &leaves).unwrap();
            let proof = Proof { index, path, checkpoint: checkpoint.clone() };
            let proof = Proof::read(proof.to_string().as_bytes()).unwrap();
            for (other, leaf) in (0..).zip(&leaves) {
                let verdict = proof.verify(leaf, &key).unwrap();
                assert_eq!(matches!(verdict, Verdict::Included(_)), other == index, "{index} of {size}");
            }
        }
    }
}
