//! Merkle trees: worked vector, every proof up to 64 leaves, and proofs that must be refused.

use std::iter::once;

use crate::digest::{
    Frontier, Hash, MAX_TREE_SIZE, consistency_proof, empty_root, inclusion_proof, is_strict_ascii, leaf_hash, node_hash,
    root_of, verify_consistency, verify_inclusion,
};
use crate::model::random::Random;

const MOST: usize = 64;

fn leaves(n: usize) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(format!("leaf {i}").as_bytes())).collect()
}

/// Roots of all sizes from 0 to [`MOST`], by the definition.
fn roots(leaves: &[Hash]) -> Vec<Hash> {
    (0..=leaves.len()).map(|n| root_of(&leaves[..n])).collect()
}

#[test]
fn worked_vector() {
    let log = "qms.example.gov.in/unit/12/1";
    let def = "11bd7644c32296f46203b6f5b878908ddf3df24c9fcba97b617cba6ca2f70663";
    let pl = "aefe789cb0e0510285f8a6c6b62617c42b9a99aee6b7d9cdced6bbde9f26f4e5";
    let first = "ab5ac2251665735dbbabaea186f7a5cc67eecd240290b7737077776fbe079bab";
    let entries = [
        (
            format!(
                r#"{{"actor":"system","cmd":"26799c18a30ebaaa57c0a9bda3a737a8","def":"{def}","i":0,"kind":"definition.published","log":"{log}","t":"2026-11-22T04:00:01.000000Z","v":1}}"#
            ),
            "d1d1bd374397588127df0d1f6a70ca32ca794071f95b1464cd53d05208202ad4",
        ),
        (
            format!(
                r#"{{"actor":"p_0001","case":"case-1","cmd":"22e2c1d66790b8dba72a8661e42fb31a","def":"{def}","i":1,"kind":"grievance.lodged","log":"{log}","op":null,"os":1,"pl":[["form","application/json","{pl}"]],"t":"2026-11-22T04:00:02.000000Z","v":1}}"#
            ),
            first,
        ),
        (
            format!(
                r#"{{"actor":"p_0002","case":"case-1","cmd":"c976a45bd6292e5a4296781955998e70","def":"{def}","i":2,"kind":"task.claimed","log":"{log}","op":"{first}","os":2,"t":"2026-11-22T04:00:03.000000Z","v":1}}"#
            ),
            "d71daad41084a7cdb38b86d7e858d90fa77eb032afafce074a11e6c5ebc8d4eb",
        ),
    ];
    let mut frontier = Frontier::new();
    for (leaf, expected) in &entries {
        assert!(is_strict_ascii(leaf.as_bytes()), "{leaf}");
        assert_eq!(leaf_hash(leaf.as_bytes()).to_string(), *expected);
        frontier.push(leaf_hash(leaf.as_bytes()));
    }
    // k6WU35gmQnjaCsEK4fVwGDJxnbVy3ysYNC9Z1OHGg+E= of the checkpoint.
    let root = "93a594df98264278da0ac10ae1f5701832719db572df2b18342f59d4e1c683e1";
    assert_eq!(frontier.root().to_string(), root);
    assert_eq!(frontier.size(), 3);
}

#[test]
fn frontier_agrees_with_the_definition() {
    let all = leaves(300);
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), empty_root());
    assert_eq!(Frontier::from_bytes(0, &[]), Some(Frontier::new()));
    for (before, leaf) in all.iter().enumerate() {
        frontier.push(*leaf);
        let n = before + 1;
        assert_eq!(frontier.size(), n as u64);
        assert_eq!(frontier.root(), root_of(&all[..n]), "size {n}");
        let bytes = frontier.to_bytes();
        let restored = Frontier::from_bytes(n as u64, &bytes).unwrap();
        assert_eq!(restored, frontier);
        for (size, bytes) in [
            (n as u64, &bytes[1..]),
            (n as u64, &bytes[32..]),
            (n as u64, &[bytes.as_slice(), &[0; 32]].concat()[..]),
            (n as u64, &[bytes.as_slice(), &[0]].concat()[..]),
            (0, &bytes),
            ((n as u64) << 1 | 1, &bytes),
        ] {
            assert_eq!(Frontier::from_bytes(size, bytes), None, "size {n}");
        }
    }
}

#[test]
fn largest_frontier() {
    let peaks = vec![7; 32 * 63];
    let mut frontier = Frontier::from_bytes(MAX_TREE_SIZE, &peaks).unwrap();
    frontier.push(Hash::of(b"one more"));
    assert_eq!((frontier.size(), frontier.to_bytes().len()), (1 << 63, 32));
    assert_eq!(Frontier::from_bytes(1 << 63, &[7; 32]), None);
    assert_eq!(Frontier::from_bytes(u64::MAX, &[7; 32 * 64]), None);
}

/// What may not verify in place of `proof`: bits flipped, hashes dropped, doubled, added, swapped.
fn spoiled(proof: &[Hash], random: &mut Random) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..proof.len() {
        let mut bytes = *proof[at].as_bytes();
        bytes[random.below(32)] ^= 1 << random.below(8);
        let mut flipped = proof.to_vec();
        flipped[at] = Hash::from_bytes(bytes);
        let mut dropped = proof.to_vec();
        dropped.remove(at);
        let mut doubled = proof.to_vec();
        doubled.insert(at, proof[at]);
        all.extend([flipped, dropped, doubled]);
        if at > 0 {
            let mut swapped = proof.to_vec();
            swapped.swap(at - 1, at);
            all.push(swapped);
        }
    }
    let extra = Hash::of(b"garbage");
    all.push(proof.iter().copied().chain(once(extra)).collect());
    all.push(once(extra).chain(proof.iter().copied()).collect());
    all
}

#[test]
fn every_inclusion_proof_up_to_64_leaves() {
    let all = leaves(MOST);
    let roots = roots(&all);
    let mut random = Random(1);
    for n in 1..=MOST {
        let (size, root) = (n as u64, &roots[n]);
        for i in 0..n {
            let (leaf, index) = (&all[i], i as u64);
            let proof = inclusion_proof(&all[..n], index);
            let place = format!("leaf {i} of {n}");
            assert!(verify_inclusion(leaf, index, size, &proof, root), "{place}");
            for wrong in spoiled(&proof, &mut random) {
                assert!(!verify_inclusion(leaf, index, size, &wrong, root), "{place}: {wrong:?}");
            }
            for other in (0..n + 2).filter(|other| *other != i) {
                assert!(!verify_inclusion(leaf, other as u64, size, &proof, root), "{place}");
            }
            let stranger = leaf_hash(b"stranger");
            assert!(!verify_inclusion(&stranger, index, size, &proof, root), "{place}");
            assert!(!verify_inclusion(leaf, index, size, &proof, &roots[n - 1]), "{place}");
            assert!(!verify_inclusion(leaf, index, 0, &proof, root), "{place}");
            assert!(!verify_inclusion(leaf, u64::MAX, size, &proof, root), "{place}");
        }
    }
}

#[test]
fn every_consistency_proof_up_to_64_leaves() {
    let all = leaves(MOST);
    let roots = roots(&all);
    let mut random = Random(2);
    for n in 1..=MOST {
        for m in 1..=n {
            let (old, new) = (&roots[m], &roots[n]);
            let (small, large) = (m as u64, n as u64);
            let proof = consistency_proof(&all[..n], small);
            let place = format!("{m} to {n}");
            assert!(verify_consistency(small, large, &proof, old, new), "{place}");
            for wrong in spoiled(&proof, &mut random) {
                assert!(!verify_consistency(small, large, &wrong, old, new), "{place}: {wrong:?}");
            }
            let other = Hash::of(b"other");
            assert!(!verify_consistency(small, large, &proof, &other, new), "{place}");
            assert!(!verify_consistency(small, large, &proof, old, &other), "{place}");
            assert!(!verify_consistency(0, large, &proof, old, new), "{place}");
            if m < n {
                assert!(!verify_consistency(small, large, &proof, new, old), "{place}");
                assert!(!verify_consistency(large, small, &proof, new, old), "{place}");
                assert!(!verify_consistency(small, large, &[], old, new), "{place}");
            }
        }
    }
}

#[test]
fn a_rewritten_log_has_no_consistency_proof() {
    let honest = leaves(MOST);
    for n in 2..=MOST {
        for m in 1..n {
            let mut forged = honest[..n].to_vec();
            forged[m - 1] = leaf_hash(b"rewritten");
            let proof = consistency_proof(&forged, m as u64);
            let (old, new) = (root_of(&honest[..m]), root_of(&forged));
            assert!(!verify_consistency(m as u64, n as u64, &proof, &old, &new), "{m} to {n}");
        }
    }
}

#[test]
fn proofs_that_do_not_exist() {
    let all = leaves(5);
    assert!(inclusion_proof(&all, 5).is_empty());
    assert!(inclusion_proof(&all, u64::MAX).is_empty());
    assert!(inclusion_proof(&[], 0).is_empty());
    assert!(!verify_inclusion(&empty_root(), 0, 0, &[], &empty_root()));
    assert!(consistency_proof(&all, 0).is_empty());
    assert!(consistency_proof(&all, 5).is_empty());
    assert!(consistency_proof(&all, u64::MAX).is_empty());
    assert!(!verify_consistency(0, 0, &[], &empty_root(), &empty_root()));
    assert!(!verify_consistency(0, 5, &[], &empty_root(), &root_of(&all)));
}

#[test]
fn largest_sizes_do_not_overflow() {
    let (leaf, root) = (Hash::of(b"leaf"), Hash::of(b"root"));
    for length in [0, 1, 63, 64, 65, 200] {
        let proof = vec![leaf; length];
        for index in [0, 1, u64::MAX - 1, u64::MAX] {
            for size in [1, u64::MAX - 1, u64::MAX] {
                assert!(!verify_inclusion(&leaf, index, size, &proof, &root));
                assert!(!verify_consistency(index, size, &proof, &leaf, &root));
            }
        }
    }
}

#[test]
fn a_leaf_cannot_pass_for_a_node() {
    let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
    let joined = [a.as_bytes().as_slice(), b.as_bytes()].concat();
    assert_ne!(leaf_hash(&joined), node_hash(&a, &b));
    assert_ne!(node_hash(&a, &b), node_hash(&b, &a));
}
