//! What strangers send: changed, cut, joined and made up. A clear error or a right verdict, never a panic, and never a proof of what is not so.

use super::{ORIGIN, key, leaves, signer};
use crate::digest::{Hash, root_of};
use crate::evidence::{Blocks, Checkpoint, Key, Note, Proof, Tile, Verdict, unbundle};
use crate::model::random::Random;

fn proof(index: u64, size: usize) -> (Hash, Proof) {
    let leaves = leaves(size);
    let mut blocks = Blocks::new();
    for leaf in &leaves {
        blocks.push(*leaf);
    }
    let checkpoint = Checkpoint::new(ORIGIN, size as u64, root_of(&leaves)).sign(&signer()).unwrap();
    let path = blocks.inclusion(index, size as u64, &leaves, &leaves).unwrap();
    (leaves[usize::try_from(index).unwrap()], Proof { index, path, checkpoint })
}

#[test]
fn a_flipped_bit_never_proves_anything() {
    let (leaf, good) = proof(77, 200);
    let text = good.to_string();
    let is_proof = |bytes: &[u8]| {
        let verdict = Proof::read(bytes).and_then(|proof| proof.verify(&leaf, &key()));
        matches!(verdict, Ok(Verdict::Included(_)))
    };
    assert!(is_proof(text.as_bytes()));
    for bit in 0..text.len() * 8 {
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(!is_proof(&bytes), "bit {bit}: {}", String::from_utf8_lossy(&bytes));
    }
    for end in 0..text.len() {
        assert!(!is_proof(&text.as_bytes()[..end]), "cut at {end}");
    }
}

#[test]
fn paths_of_other_entries_and_trees_prove_nothing() {
    let (leaf, good) = proof(77, 200);
    let differs = |proof: &Proof| matches!(proof.verify(&leaf, &key()), Ok(Verdict::Differs(_)));
    let (other_leaf, other) = proof(78, 200);
    assert!(matches!(good.verify(&other_leaf, &key()), Ok(Verdict::Differs(_))));
    assert!(differs(&Proof { index: 78, ..good.clone() }));
    assert!(differs(&Proof { index: 277, ..good.clone() }));
    assert!(differs(&Proof { path: other.path, ..good.clone() }));
    assert!(differs(&Proof { path: good.path[1..].to_vec(), ..good.clone() }));
    assert!(differs(&Proof { path: [&good.path[..], &[leaf]].concat(), ..good.clone() }));
    assert!(differs(&Proof { checkpoint: proof(77, 201).1.checkpoint, ..good }));
}

#[test]
fn endless_paths_are_not_read() {
    let (_, good) = proof(0, 2);
    let long = |hashes: usize| Proof { path: vec![Hash::of(b"x"); hashes], ..good.clone() }.to_string();
    assert!(Proof::read(long(64).as_bytes()).is_ok());
    assert_eq!(Proof::read(long(65).as_bytes()).unwrap_err().code, "proof.malformed");
    assert_eq!(Proof::read(&vec![b'\n'; 100_000]).unwrap_err().code, "proof.malformed");
    let extra = good.to_string().replace("\nindex", "\nextra AAAA\nindex");
    assert_eq!(Proof::read(extra.as_bytes()).unwrap(), good);
    assert_eq!(
        Proof::read(extra.replace("extra AAAA", "extra AAAA\nextra AAAA").as_bytes()).unwrap_err().code,
        "proof.malformed"
    );
}

#[test]
fn no_bytes_panic() {
    let (_, good) = proof(77, 200);
    let seeds = [good.to_string(), good.checkpoint.to_string(), key().to_string(), "0/x001/234.p/5".to_owned()];
    let mut random = Random(5);
    for round in 0..20_000 {
        let mut bytes = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..=random.below(6) {
            let at = random.below(bytes.len() + 1);
            match random.below(5) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, b"\n+./0 9=\xff\xe2"[random.below(10)]),
                2 => bytes.extend_from_within(at..),
                3 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
                _ => bytes.rotate_left(at),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let _ = Proof::read(&bytes).map(|proof| proof.verify(&Hash::of(b"x"), &key()));
        let _ = Note::read(&bytes).map(|note| Checkpoint::open(&note, &key()));
        let _ = (Checkpoint::read(&text), Key::read(&text), Tile::read(&text).map(|tile| tile.is_in(u64::MAX)));
        let _ = unbundle(&bytes, 256);
    }
}
