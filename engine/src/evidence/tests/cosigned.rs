//! Witnesses: their keys, what they sign, what they are asked with, and what an answer must be.

use super::{ORIGIN, key, leaves, signer};
use crate::digest::{Hash, consistency_proof, root_of, verify_consistency};
use crate::evidence::bundle::Policy;
use crate::evidence::{Blocks, Checkpoint, Note, PrivateKey, PrivateWitnessKey, Submission, WitnessKey, consistency};
use crate::model::Time;

fn witness(seed: u8) -> PrivateWitnessKey {
    PrivateWitnessKey::new("witness.example/1", &[seed; 32]).unwrap()
}

fn note() -> Note {
    Checkpoint::new(ORIGIN, 3, root_of(&leaves(3))).sign(&signer()).unwrap()
}

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

#[test]
fn a_key_is_read_as_it_is_written_and_as_no_other() {
    let witness = witness(8);
    let text = witness.key().to_string();
    assert_eq!(WitnessKey::read(&text).unwrap(), witness.key());
    assert_eq!(PrivateWitnessKey::read(&witness.secret()).unwrap().key(), witness.key());
    // The id by its definition, the type before the key.
    let (name, rest) = text.split_once('+').unwrap();
    let (id, data) = rest.split_once('+').unwrap();
    let data = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
    let hash = Hash::of(&[name.as_bytes(), b"\n", &data].concat()).to_string();
    assert_eq!((name, id, data[0], data.len()), ("witness.example/1", &hash[..8], 4, 33));
    // A log's key is no witness's, nor the other way round, also of one pair.
    let log = PrivateKey::new("witness.example/1", &[8; 32]).unwrap();
    assert_eq!(WitnessKey::read(&log.key().to_string()).unwrap_err().code, "key.malformed");
    assert_eq!(crate::evidence::Key::read(&text).unwrap_err().code, "key.malformed");
    assert_eq!(PrivateWitnessKey::read(&log.secret()).unwrap_err().code, "key.malformed");
    assert!(witness.key().is_of_log(&log.key()) && !witness.key().is_of_log(&key()));
}

#[test]
fn a_cosignature_is_of_its_text_its_time_and_its_key() {
    let (mut note, now) = (note(), at("2026-11-30T12:00:00.75Z"));
    let line = witness(8).cosign(&note.text, now);
    assert_eq!(line.bytes.len(), 72);
    assert_eq!(line.bytes[..8], now.0.div_euclid(1_000_000).to_be_bytes());
    assert_eq!(witness(8).key().time(&note), Ok(None));
    note.signatures.push(line.clone());
    let whole = at("2026-11-30T12:00:00Z");
    assert_eq!(witness(8).key().time(&note), Ok(Some(whole)));
    assert_eq!(witness(9).key().time(&note), Ok(None), "who is not known says nothing");
    assert!(Checkpoint::open(&Note::read(note.to_string().as_bytes()).unwrap(), &key()).is_ok(), "it stays the log's checkpoint");
    // Of two times the first counts.
    note.signatures.insert(0, witness(8).cosign(&note.text, at("2026-11-30T13:00:00Z")));
    assert_eq!(witness(8).key().time(&note), Ok(Some(whole)));
    // Each byte matters: time, signature and text. Another id is another key.
    for place in 0..72 {
        let mut changed = note.clone();
        changed.signatures[2].bytes[place] ^= 1;
        assert_eq!(witness(8).key().time(&changed).unwrap_err().code, "note.signature", "{place}");
    }
    for bytes in [&line.bytes[..71], &line.bytes[8..], &[], &[&line.bytes[..], &[0]].concat()] {
        let mut changed = note.clone();
        changed.signatures[2].bytes = bytes.to_vec();
        assert_eq!(witness(8).key().time(&changed).unwrap_err().code, "note.signature");
    }
    let mut other = note.clone();
    other.text = other.text.replacen("\n3\n", "\n4\n", 1);
    assert_eq!(witness(8).key().time(&other).unwrap_err().code, "note.signature");
    // A time that nobody can tell, though it is signed.
    for (seconds, expected) in [((1 << 37) - 1, true), (1 << 37, false)] {
        let mut far = super::super::Note { text: note.text.clone(), signatures: note.signatures[1..2].to_vec() };
        far.signatures.push(witness(8).cosign(&note.text, Time(seconds * 1_000_000)));
        assert_eq!(witness(8).key().time(&far).is_ok(), expected, "{seconds}");
    }
}

#[test]
fn an_answer_is_taken_when_it_is_what_was_asked_for() {
    let (mut note, now) = (note(), at("2026-11-30T12:00:00Z"));
    let line = |seed, text: &str, seconds| witness(seed).cosign(text, now.plus_seconds(seconds)).to_string();
    let check = |answer: &str, expected: &str| {
        let found = witness(8).key().accept(&note, answer.as_bytes(), now).map_or_else(|error| error.code, |_| "");
        assert_eq!(found, expected, "{answer}");
    };
    check(&line(8, &note.text, 0), "");
    check(&line(8, &note.text, 300), "");
    check(&line(8, &note.text, -300), "");
    check(&line(8, &note.text, 301), "witness.time");
    check(&line(8, &note.text, -301), "witness.time");
    check(&line(8, "another text\n", 0), "note.signature");
    check(&line(9, &note.text, 0), "witness.answer");
    check(&(line(9, &note.text, 0) + &line(8, &note.text, 0)), "");
    check("", "note.malformed");
    check("forty-two\n", "note.malformed");
    check(line(8, &note.text, 0).trim_end(), "note.malformed");
    // An answer that brings a text of its own has cosigned that one.
    check(&format!("\nanother text\n\n{}", line(8, &note.text, 0)), "");
    check(&format!("\nanother text\n\n{}", line(8, "another text\n", 0)), "note.signature");

    // It takes the place of an older line, and leaves all others.
    for (seed, seconds, lines) in [(8, 0, 2), (9, 0, 3), (8, 60, 3)] {
        let key = witness(seed).key();
        let cosignature = key.accept(&note, line(seed, &note.text, seconds).as_bytes(), now.plus_seconds(seconds)).unwrap();
        cosignature.join(&mut note);
        assert_eq!((note.signatures.len(), key.time(&note)), (lines, Ok(Some(cosignature.time()))));
        assert!(Checkpoint::open(&note, &super::key()).is_ok());
    }
}

#[test]
fn the_audit_path_of_the_last_leaf_gives_the_consistency_proof() {
    let all = leaves(530);
    let mut blocks = Blocks::new();
    for leaf in &all {
        blocks.push(*leaf);
    }
    for size in (1..=40).chain([256, 257, 512, 530]) {
        for old in (1..=size.min(40)).chain(250..=size.min(260)).chain(510..=size) {
            let (n, m) = (size as u64, old as u64);
            let block = |index: Option<u64>| match index {
                Some(0) | None => &all[..],
                Some(1) => &all[256..],
                Some(_) => &all[512..],
            };
            let [own, last] = Blocks::needed(m - 1, n);
            let path = blocks.inclusion(m - 1, n, block(own), block(last.or(own))).unwrap();
            let (proof, tree) = (consistency(&all[old - 1], m - 1, n, &path), &all[..size]);
            assert_eq!(proof, consistency_proof(tree, m), "{old} {size}");
            assert!(verify_consistency(m, n, &proof, &root_of(&all[..old]), &root_of(tree)), "{old} {size}");
        }
    }
}

#[test]
fn a_request_has_one_form() {
    let note = note();
    for (old, proof) in [(0, vec![]), (2, leaves(2)), (3, vec![]), (1 << 62, leaves(63))] {
        let submission = Submission { old, proof, checkpoint: note.clone() };
        assert_eq!(Submission::read(submission.to_string().as_bytes()), Ok(submission));
    }
    let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let check = |head: &str, expected: &str| {
        let found = Submission::read(format!("{head}\n\n{note}").as_bytes()).map_or_else(|error| error.code, |_| "");
        assert_eq!(found, expected, "{head}");
    };
    check("old 0", "");
    check(&format!("old 2\n{hash}"), "");
    for head in [
        "",
        "old",
        "old ",
        "old -1",
        "old +1",
        "old 01",
        "old 1 ",
        " old 1",
        "old 1\r",
        "old 9223372036854775808",
        "size 1",
        "Old 1",
    ] {
        check(head, "submission.malformed");
    }
    for line in ["x", &hash[..43], &format!("{hash}="), &format!(" {hash}"), &format!("{hash}\r")] {
        check(&format!("old 2\n{line}\n{hash}"), "submission.malformed");
    }
    check(&format!("old 2{}", format!("\n{hash}").repeat(64)), "submission.malformed");
    assert_eq!(Submission::read(b"old 0\n\nno note").unwrap_err().code, "note.malformed");
    assert_eq!(Submission::read(b"old 0\n").unwrap_err().code, "submission.malformed");
    assert_eq!(Submission::read(b"\xff").unwrap_err().code, "submission.malformed");
    assert_eq!(Submission::read(&vec![b'a'; 1 << 20]).unwrap_err().code, "submission.malformed");
}

#[test]
fn a_policy_names_each_witness_once() {
    let (office, one, two) = (signer().key(), witness(1).key(), witness(2).key());
    let again = PrivateWitnessKey::new("another.example", &[1; 32]).unwrap().key();
    let own = PrivateWitnessKey::new("own.example", &[7; 32]).unwrap().key();
    let check = |lines: &str, expected: Result<(usize, usize), &str>| {
        let found = Policy::read(&format!("key {office}\n{lines}"));
        let found = found.map(|policy| (policy.witnesses.len(), policy.quorum)).map_err(|error| error.code);
        assert_eq!(found, expected, "{lines}");
    };
    check("", Ok((0, 0)));
    check(&format!("witness {one}\nwitness {two}"), Ok((2, 0)));
    check(&format!("quorum 2\nwitness {one}\nwitness {two}"), Ok((2, 2)));
    check(&format!("witness {one}\nquorum 2"), Err("policy.malformed"));
    check(&format!("witness {one}\nwitness {one}"), Err("policy.malformed"));
    check(&format!("witness {one}\nwitness {again}"), Err("policy.malformed"));
    check(&format!("witness {own}"), Err("policy.malformed"));
    check(&format!("witness {office}"), Err("key.malformed"));
    check(&format!("key {one}"), Err("key.malformed"));
    for line in ["quorum 0", "quorum", "quorum x", "quorum 01", "quorum 1\nquorum 1", "witness", "witnesses x"] {
        check(&format!("witness {one}\n{line}"), Err("policy.malformed"));
    }
}
