//! Notes: who has signed, and what is no note.

use super::{ORIGIN, key, signer};
use crate::digest::Hash;
use crate::evidence::{Checkpoint, Key, Note, PrivateKey};

#[test]
fn what_is_signed_is_read_by_its_own_key_only() {
    let checkpoint = Checkpoint::new(ORIGIN, 5, Hash::of(b"root"));
    let note = checkpoint.sign(&signer()).unwrap();
    assert_eq!(note.text, format!("{ORIGIN}\n5\n{}\n", crate::evidence::hash_text(&Hash::of(b"root"))));
    let read = Note::read(note.to_string().as_bytes()).unwrap();
    assert_eq!(Checkpoint::open(&read, &key()).unwrap(), checkpoint);

    let refused = |key: &Key| Checkpoint::open(&read, key).unwrap_err().code;
    // Another name, another key, and the same name with another key.
    assert_eq!(refused(&key().named("office.example/unit/pune-1/1")), "note.no-key");
    let other = PrivateKey::new("office.example", &[8; 32]).unwrap().key().named(ORIGIN);
    assert_eq!(refused(&other), "note.no-key");
    let mut changed = read.clone();
    changed.text = changed.text.replace("\n5\n", "\n6\n");
    assert_eq!(Checkpoint::open(&changed, &key()).unwrap_err().code, "note.signature");
}

#[test]
fn a_log_speaks_for_itself_alone() {
    // Signed by the log's key, of another log; and with a line more.
    let other = Checkpoint::new("office.example/unit/pune-1/1", 5, Hash::of(b"root"));
    let note = signer().sign(ORIGIN, &other.to_string()).unwrap();
    assert_eq!(Checkpoint::open(&note, &key()).unwrap_err().code, "checkpoint.malformed");
    let mut more = Checkpoint::new(ORIGIN, 5, Hash::of(b"root"));
    more.extensions.push("more".to_owned());
    assert_eq!(Checkpoint::open(&more.sign(&signer()).unwrap(), &key()).unwrap_err().code, "checkpoint.malformed");
}

#[test]
fn other_signatures_say_nothing() {
    let mut note = Checkpoint::new(ORIGIN, 5, Hash::of(b"root")).sign(&signer()).unwrap();
    let other = PrivateKey::new("witness.example", &[8; 32]).unwrap();
    note.signatures.insert(0, other.sign("witness.example", &note.text).unwrap().signatures[0].clone());
    // The same line twice counts once.
    note.signatures.push(note.signatures[1].clone());
    let keys = [key(), other.key()];
    let read = Note::read(note.to_string().as_bytes()).unwrap();
    assert_eq!(read.verify(&keys[..1]).unwrap(), [&keys[0]]);
    assert_eq!(read.verify(&keys).unwrap(), [&keys[1], &keys[0]]);
    // A key that is trusted and did not sign what is there spoils it, whoever else signed.
    let mut spoilt = read.clone();
    spoilt.signatures[0].bytes[9] ^= 1;
    assert_eq!(spoilt.verify(&keys).unwrap_err().code, "note.signature");
    assert!(spoilt.verify(&keys[..1]).is_ok());
}

#[test]
fn keys_have_one_spelling() {
    let text = signer().key().to_string();
    assert_eq!(Key::read(&text).unwrap(), signer().key());
    assert_eq!(PrivateKey::read(&signer().secret()).unwrap().key(), signer().key());
    assert_eq!(format!("{:?}", signer()), "PrivateKey { name: \"office.example\", .. }");
    for wrong in [
        "",
        "office.example",
        "office.example+00000000+",
        &text.replace("office", "orifice"),
        &text.replacen('+', "+0", 1),
        &format!("{text}="),
        &text.replace('.', " "),
        &signer().secret(),
    ] {
        assert_eq!(Key::read(wrong).unwrap_err().code, "key.malformed", "{wrong}");
    }
    assert_eq!(PrivateKey::read(&text).unwrap_err().code, "key.malformed");
    // A point of small order would verify much that nobody signed.
    let weak = Key::read("weak+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap_err();
    assert_eq!(weak.message.split('.').next(), Some("The bytes are no Ed25519 key"));
}

#[test]
fn what_is_no_note() {
    let good = Checkpoint::new(ORIGIN, 5, Hash::of(b"root")).sign(&signer()).unwrap().to_string();
    let line = good.lines().last().unwrap();
    for (wrong, code) in [
        (String::new(), "note.malformed"),
        ("\n\n".to_owned(), "note.malformed"),
        (good.replace("\n\n", "\n"), "note.malformed"),
        (good.trim_end().to_owned(), "note.malformed"),
        (good.replace('\u{2014}', "-"), "note.malformed"),
        (good.replace('5', "\r5"), "note.malformed"),
        (good.replace("unit/", "unit /"), "note.malformed"),
        (format!("{good}\n"), "note.malformed"),
        (format!("{good}{}\n", line.replace('=', "")), "note.malformed"),
        (format!("{good}\u{2014} x AAAAAA==\n"), "note.malformed"),
        (format!("{good}{}", format!("{line}\n").repeat(100)), "note.too-large"),
        (format!("{}{good}", "a\n".repeat(40_000)), "note.too-large"),
    ] {
        assert_eq!(Note::read(wrong.as_bytes()).map_err(|error| error.code), Err(code), "{}", &wrong[..wrong.len().min(300)]);
    }
    assert_eq!(Note::read(&[&good.as_bytes()[..9], &[0xff], &good.as_bytes()[9..]].concat()).unwrap_err().code, "note.malformed");
    // What could not be read is not signed either.
    for text in ["no line feed", "", "tab\t\n"] {
        assert_eq!(
            signer().sign(ORIGIN, text).map(|note| note.to_string()).map_err(|error| error.code),
            Err("note.malformed"),
            "{text:?}"
        );
    }
}

#[test]
fn what_is_no_checkpoint() {
    let root = crate::evidence::hash_text(&Hash::of(b"root"));
    let check = |text: &str| Checkpoint::read(text).map(|checkpoint| checkpoint.size).map_err(|error| error.code);
    assert_eq!(check(&format!("a\n9223372036854775807\n{root}\n")), Ok(i64::MAX as u64));
    for size in ["", "-1", "+1", "01", "1 ", "9223372036854775808", "99999999999999999999999", "0x1", "१"] {
        assert_eq!(check(&format!("a\n{size}\n{root}\n")), Err("checkpoint.malformed"), "{size}");
    }
    for text in ["a\n1\nAAAA\n".to_owned(), format!("a\n1\n{root}"), format!("a\n1\n{root}\n\n"), format!("a\n1\n{root}\n\nb\n")]
    {
        assert_eq!(check(&text), Err("checkpoint.malformed"), "{text}");
    }
    // The last digit of 44 has two bits that say nothing; only zeros are written.
    let twisted = format!("{}B=", &root[..42]);
    assert_eq!(check(&format!("a\n1\n{twisted}\n")), Err("checkpoint.malformed"));
}
