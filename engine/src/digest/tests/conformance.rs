//! Shared conformance vectors (conformance README §9): transparency-dev/merkle and tlog-tiles.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::digest::{Frontier, Hash, leaf_hash, root_of, unhex, verify_consistency, verify_inclusion};

/// The folder of the vectors, or `None` (with a note) where it is not present.
fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/merkle");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not present", folder.display());
    None
}

/// Bytes of standard base64 text (RFC 4648 §4).
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|d| *d == digit).expect("base64 digit");
        bits = bits << 6 | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes
}

/// The hash in base64, `None` when it has not 32 bytes: then nothing can verify.
fn hash(value: &Value) -> Option<Hash> {
    let bytes = base64(value.as_str().unwrap_or_default());
    bytes.try_into().ok().map(Hash::from_bytes)
}

/// The verdict on one vector; `None` when a part of it cannot even be written as a hash.
fn verdict(vector: &Value) -> Option<bool> {
    let number = |name: &str| vector[name].as_u64().unwrap();
    let proof: &[Value] = vector["proof"].as_array().map_or(&[], Vec::as_slice);
    let proof = proof.iter().map(hash).collect::<Option<Vec<Hash>>>()?;
    Some(match vector["kind"].as_str().unwrap() {
        "inclusion" => {
            let (leaf, root) = (hash(&vector["leafHash"])?, hash(&vector["root"])?);
            verify_inclusion(&leaf, number("leafIdx"), number("treeSize"), &proof, &root)
        }
        "consistency" => {
            let (old, new) = (hash(&vector["root1"])?, hash(&vector["root2"])?);
            verify_consistency(number("size1"), number("size2"), &proof, &old, &new)
        }
        other => panic!("unknown kind {other}"),
    })
}

#[test]
fn transparency_dev_vectors() {
    let Some(folder) = folder() else { return };
    let text = fs::read_to_string(folder.join("merkle_vectors.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();

    let mut leaves = Vec::new();
    let mut frontier = Frontier::new();
    let roots = file["roots_0_to_8"].as_array().unwrap();
    let entries = file["reference_leaves"].as_array().unwrap();
    assert_eq!(roots[0], root_of(&leaves).to_string());
    for (entry, root) in entries.iter().zip(&roots[1..]) {
        let leaf = leaf_hash(&unhex(entry.as_str().unwrap()).unwrap());
        leaves.push(leaf);
        frontier.push(leaf);
        assert_eq!(*root, root_of(&leaves).to_string());
        assert_eq!(*root, frontier.root().to_string());
    }

    let vectors = file["vectors"].as_array().unwrap();
    let (mut accepted, mut judged) = (0, 0);
    for vector in vectors {
        let verdict = verdict(vector);
        let expected = !vector["wantErr"].as_bool().unwrap();
        assert_eq!(verdict.unwrap_or(false), expected, "{} {}", vector["file"], vector["desc"]);
        accepted += usize::from(expected);
        judged += usize::from(verdict.is_some());
    }
    assert!(accepted >= 6 && judged * 3 >= vectors.len() * 2, "{accepted}, {judged}");
    println!("{} vectors, {judged} judged by the verifier, {accepted} accepted", vectors.len());
}

#[test]
fn tlog_tiles_log() {
    let Some(folder) = folder() else { return };
    let log = folder.join("tlog_tiles/testdata/log");
    if !log.is_dir() {
        eprintln!("skipped: {} is not present", log.display());
        return;
    }
    // An entry bundle is a list of entries, each behind its length in 16 bits, big-endian.
    let bundle = fs::read(log.join("tile/entries/000.p/15")).unwrap();
    let mut rest = bundle.as_slice();
    let mut leaves = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
        leaves.push(leaf_hash(entry));
        rest = after;
    }
    assert_eq!(leaves.len(), 15);
    let tile = fs::read(log.join("tile/0/000.p/15")).unwrap();
    let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
    assert_eq!(tile, hashes);

    let mut frontier = Frontier::new();
    for size in 0..=15 {
        let text = fs::read_to_string(log.join(format!("checkpoint.{size}"))).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], frontier.size().to_string());
        assert_eq!(base64(lines[2]), frontier.root().as_bytes(), "size {size}");
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf);
        }
    }
}
