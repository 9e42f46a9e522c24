//! Hashes, hexadecimal text and payload commitments.

use crate::digest::{Hash, commitment, hex, unhex};

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn sha256_of_the_nist_examples() {
    let check = |input: &str, expected: &str| {
        assert_eq!(Hash::of(input.as_bytes()).to_string(), expected, "{input}");
    };
    check("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", ABC);
    check(
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
}

#[test]
fn a_hash_has_one_spelling() {
    let hash: Hash = ABC.parse().unwrap();
    assert_eq!(hash, Hash::of(b"abc"));
    assert_eq!(format!("{hash}"), ABC);
    assert_eq!(format!("{hash:?}"), format!("Hash({ABC})"));
    assert_eq!(Hash::from_bytes(*hash.as_bytes()), hash);
    for wrong in [
        "",
        &ABC[..63],
        &ABC[..62],
        &format!("{ABC}0"),
        &format!("{ABC}00"),
        &ABC.to_uppercase(),
        &format!(" {}", &ABC[1..]),
        &format!("{}g", &ABC[..63]),
        &format!("{}é", &ABC[..62]),
        &format!("0x{}", &ABC[..62]),
    ] {
        assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
    }
}

#[test]
fn a_hash_is_a_string_in_json() {
    let hash = Hash::of(b"abc");
    assert_eq!(serde_json::to_string(&hash).unwrap(), format!("\"{ABC}\""));
    assert_eq!(serde_json::from_str::<Hash>(&format!("\"{ABC}\"")).unwrap(), hash);
    // The same text with an escape, from a reader and from a value: not borrowed from the input.
    let escaped = format!("\"\\u0062{}\"", &ABC[1..]);
    assert_eq!(serde_json::from_str::<Hash>(&escaped).unwrap(), hash);
    assert_eq!(serde_json::from_value::<Hash>(ABC.into()).unwrap(), hash);
    for wrong in ["\"ab\"", "1", "null", "[]"] {
        assert!(serde_json::from_str::<Hash>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn order_of_hashes_is_order_of_their_text() {
    let mut hashes: Vec<Hash> = (0..50_u8).map(|n| Hash::of(&[n])).collect();
    hashes.sort();
    let texts: Vec<String> = hashes.iter().map(Hash::to_string).collect();
    assert!(texts.is_sorted());
}

#[test]
fn hexadecimal_both_ways() {
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(unhex(&hex(&all)), Some(all));
    assert_eq!(hex(&[0x00, 0x0f, 0xa0, 0xff]), "000fa0ff");
    assert_eq!(unhex(""), Some(Vec::new()));
    for wrong in ["0", "0g", "AB", "a b", "+1", "0x00", "é", "00\n"] {
        assert_eq!(unhex(wrong), None, "{wrong}");
    }
}

#[test]
fn commitment_of_the_worked_vector() {
    let salt = unhex("de842ecb9ff3284740711eca0664e1e199f79be68c571351a1a37e82ec2d81e6");
    let salt: [u8; 32] = salt.unwrap().try_into().unwrap();
    let payload = b"{\"text\":\"street light\"}";
    let expected = "aefe789cb0e0510285f8a6c6b62617c42b9a99aee6b7d9cdced6bbde9f26f4e5";
    assert_eq!(commitment(&salt, payload).to_string(), expected);
    assert_ne!(commitment(&[0; 32], payload).to_string(), expected);
    assert_ne!(commitment(&salt, b"").to_string(), expected);
}
