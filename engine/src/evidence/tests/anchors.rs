//! Anchors: every log once, in one spelling, and nothing that somebody else has signed.

use super::signer;
use crate::digest::Hash;
use crate::evidence::bundle::{Policy, When};
use crate::evidence::{Anchor, Checkpoint, EvidenceError, Note, PrivateKey, PrivateWitnessKey, WitnessKey};
use crate::model::Time;

fn note(origin: &str, size: u64) -> Note {
    Checkpoint::new(origin, size, Hash::of(origin.as_bytes())).sign(&signer()).unwrap()
}

fn anchor(notes: &[Note]) -> Result<Anchor, EvidenceError> {
    Anchor::new(notes.iter().cloned(), &[signer().key()])
}

fn read(bytes: &[u8]) -> Result<Anchor, EvidenceError> {
    Anchor::read(bytes, &[signer().key()])
}

fn three() -> Vec<Note> {
    let mut notes = vec![
        note("office.example/unit/mumbai-3/1", 7),
        note("office.example/site/1", 300),
        note("office.example/unit/mumbai-3/2", 5),
    ];
    // A witness's line more.
    let witness = PrivateKey::new("witness.example", &[8; 32]).unwrap();
    let line = witness.sign("witness.example", &notes[0].text).unwrap().signatures[0].clone();
    notes[0].signatures.push(line);
    notes
}

#[test]
fn one_text_holds_every_log() {
    let anchor = anchor(&three()).unwrap();
    let text = anchor.to_string();
    let origins: Vec<&str> = anchor.checkpoints().map(|one| one.origin.as_str()).collect();
    assert_eq!(origins, ["office.example/site/1", "office.example/unit/mumbai-3/1", "office.example/unit/mumbai-3/2"]);
    assert_eq!(read(text.as_bytes()).unwrap(), anchor);
    assert_eq!(anchor.hash(), Hash::of(text.as_bytes()));
    let policy = format!("key {}\n{}", signer().key(), anchor.policy(None, &[]).unwrap());
    let policy = Policy::read(&policy).unwrap();
    assert_eq!(policy.seen.iter().map(|seen| (seen.name.as_str(), seen.size)).collect::<Vec<_>>()[1], (origins[1], 7));
    assert_eq!(policy.seen[1].root, Hash::of(origins[1].as_bytes()));
}

#[test]
fn its_policy_tells_when_each_log_was_seen() {
    let (witness, other) = ([3, 4].map(|n| PrivateWitnessKey::new("witness.example/1", &[n; 32]).unwrap())).into();
    let mut notes = three();
    let line = witness.cosign(&notes[1].text, Time(5_000_000));
    notes[1].signatures.push(line);
    let anchor = anchor(&notes).unwrap();
    let check = |stamped: Option<Time>, witnesses: &[WitnessKey], expected: &[(u64, Option<When>)]| {
        let policy = format!("key {}\n{}", signer().key(), anchor.policy(stamped, witnesses).unwrap());
        let seen = Policy::read(&policy).unwrap().seen;
        assert_eq!(seen.iter().map(|seen| (seen.size, seen.when)).collect::<Vec<_>>(), expected, "{policy}");
    };
    // A cosignature does not say that nothing beyond it was there.
    let (by, cosigned) = (Some(When::By(Time(9_000_000))), Some(When::By(Time(5_000_000))));
    check(None, &[], &[(300, None), (7, None), (5, None)]);
    check(Some(Time(9_000_000)), &[], &[(300, by), (7, by), (5, by)]);
    check(None, &[witness.key()], &[(300, cosigned), (7, None), (5, None)]);
    check(Some(Time(9_000_000)), &[witness.key()], &[(300, by), (300, cosigned), (7, by), (5, by)]);
    // A key of the same name that has not signed says nothing.
    check(None, &[other.key()], &[(300, None), (7, None), (5, None)]);
}

#[test]
fn what_cannot_be_anchored() {
    let code = |notes: &[Note]| anchor(notes).unwrap_err().code;
    assert_eq!(code(&[]), "anchor.malformed");
    assert_eq!(code(&[note("office.example/site/1", 1), note("office.example/site/1", 2)]), "anchor.malformed");
    let stranger = PrivateKey::new("office.example", &[9; 32]).unwrap();
    let theirs = Checkpoint::new("office.example/site/1", 1, Hash::of(b"")).sign(&stranger).unwrap();
    assert_eq!(code(&[theirs]), "note.no-key");
    // Another host, though its name begins with ours.
    assert_eq!(code(&[note("office.example.in/site/1", 1)]), "anchor.malformed");
}

#[test]
fn an_anchor_has_one_spelling() {
    let text = anchor(&three()).unwrap().to_string();
    let (one, rest) = text.split_at(text.find("office.example/unit").unwrap());
    for wrong in
        [String::new(), format!("{rest}{one}"), format!("{one}{one}{rest}"), format!("{text}\n"), text.trim_end().to_owned()]
    {
        assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
    }
    // Fewer logs are another anchor, with another hash; the line is what tells.
    assert_ne!(read(one.as_bytes()).unwrap().hash(), read(text.as_bytes()).unwrap().hash());
    // No flipped bit is read as the same.
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << (at % 8);
        if let Ok(read) = read(&bytes) {
            // In a signature by somebody whom the reader does not know, any bytes go: but the hash tells.
            assert_ne!(read.hash(), Hash::of(text.as_bytes()), "{at}");
            assert_eq!(read.policy(None, &[]), anchor(&three()).unwrap().policy(None, &[]));
        }
    }
}
