//! What reads the files of strangers, each as one function of bytes: nothing panics, and what is read is written back the same. The tests give them changed
//! examples and the inputs kept in `tests/fuzz/corpus`; `tests/fuzz` looks for new ones, led by what they reach. It takes this file in by its path, so that
//! nothing but the pure half of the engine has to be built anew for that.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use engine::audit::replay;
use engine::digest::{Frontier, Hash, JsonLimits, canonical, commitment, leaf_hash, parse_strict};
use engine::evidence::bundle::{Content, Line, Policy, Shown, Verdict, seal, unseal, verify};
use engine::evidence::extract::{self, ExtractKind};
use engine::evidence::{
    Anchor, Checkpoint, Fork, Key, NONCE_BYTES, Note, PrivateKey, PrivateWitnessKey, Proof, Stamp, StampRequest, Submission,
    Tile, WitnessKey, change as changes,
};
use engine::graph::Library;
use engine::journal::codec;
use engine::model::Time;
use engine::model::document::DocumentKind;
use serde_json::Value;

/// A reader, and what it is called.
pub struct Reader {
    /// The name of its folder of inputs.
    pub name: &'static str,
    /// Reads; whether it took what it was given.
    pub read: fn(&[u8]) -> bool,
}

/// All of them.
pub const READERS: [Reader; 17] = [
    Reader { name: "json", read: json },
    Reader { name: "leaf", read: leaf },
    Reader { name: "note", read: note },
    Reader { name: "tile", read: tile },
    Reader { name: "key", read: key },
    Reader { name: "change", read: change },
    Reader { name: "submission", read: submission },
    Reader { name: "anchor", read: anchor },
    Reader { name: "policy", read: policy },
    Reader { name: "proof", read: proof },
    Reader { name: "fork", read: fork },
    Reader { name: "stamp", read: stamp },
    Reader { name: "line", read: line },
    Reader { name: "archive", read: archive },
    Reader { name: "amendment", read: amendment },
    Reader { name: "office", read: office },
    Reader { name: "document", read: document },
];

/// The logs of the office that the inputs tell of.
const SITE: &str = "site/1";
const UNIT: &str = "unit/office/1";

/// When everything is read.
const NOW: Time = Time(1_795_320_000_000_000);

/// The installation's key, as the tests have it.
///
/// # Panics
/// Never: the name can be a key's.
pub fn secret() -> PrivateKey {
    PrivateKey::new("office.example", &[5; 32]).expect("a key")
}

/// A witness's.
///
/// # Panics
/// Never: the name can be a key's.
pub fn witness() -> PrivateWitnessKey {
    PrivateWitnessKey::new("witness.example", &[9; 32]).expect("a key")
}

static KEY: LazyLock<Key> = LazyLock::new(|| secret().key());
static WITNESS: LazyLock<WitnessKey> = LazyLock::new(|| witness().key());
static RELIED_UPON: LazyLock<Policy> = LazyLock::new(|| Policy { keys: vec![KEY.clone()], ..Policy::default() });

fn json(bytes: &[u8]) -> bool {
    let limits = JsonLimits { max_bytes: 64 * 1024, max_depth: 32, fractions: true };
    let Ok(value) = parse_strict(bytes, &limits) else { return false };
    let other = serde_json::from_slice(bytes).expect("another reader reads it");
    assert_eq!(one_spelling(other), one_spelling(value));
    let limits = JsonLimits { fractions: false, ..limits };
    let Ok(value) = parse_strict(bytes, &limits) else { return true };
    let text = canonical(&value);
    assert_eq!(parse_strict(text.as_bytes(), &limits).expect("it is read again"), value);
    true
}

/// The same with one spelling of each number: the other reader keeps the sign of `-0`, and that `5e0` was written with an exponent; RFC 8785 (§3.2.2.3)
/// does neither.
fn one_spelling(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, |number| (number + 0.0).into()),
        Value::Array(items) => items.into_iter().map(one_spelling).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, one_spelling(value))).collect(),
        other => other,
    }
}

fn leaf(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    codec::read_leaf(0, text).is_ok_and(|_| {
        let value: Value = serde_json::from_str(text).expect("another reader reads it");
        assert_eq!(canonical(&value), text, "a leaf has one spelling");
        true
    })
}

fn note(bytes: &[u8]) -> bool {
    let Ok(note) = Note::read(bytes) else { return false };
    assert_eq!(Note::read(note.to_string().as_bytes()).expect("it is read again"), note);
    let _ = (WITNESS.time(&note).is_ok(), WITNESS.accept(&note, bytes, NOW).is_ok());
    let _ = Checkpoint::read(&note.text).is_ok_and(|read| read.to_string() == note.text);
    Checkpoint::open(&note, &KEY.named("office.example/site/1")).is_ok()
}

fn tile(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    Tile::read(text).is_ok_and(|read| {
        assert_eq!(read.path(), text, "a tile has one name");
        true
    })
}

fn key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let _ = (WitnessKey::read(&text).is_ok(), PrivateKey::read(&text).is_ok(), PrivateWitnessKey::read(&text).is_ok());
    Key::read(&text).is_ok_and(|read| {
        assert_eq!(Key::read(&read.to_string()).expect("it is read again"), read);
        true
    })
}

/// What is said of keys and epochs, to be signed.
fn change(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    changes::read(text).is_ok_and(|read| {
        let host = text.lines().next().unwrap_or_default();
        assert_eq!(changes::text(&read, host).as_deref(), Some(text), "a change has one text");
        true
    })
}

fn submission(bytes: &[u8]) -> bool {
    Submission::read(bytes).is_ok_and(|read| {
        let text = read.to_string();
        assert_eq!(Submission::read(text.as_bytes()).expect("it is read again").to_string(), text);
        true
    })
}

fn anchor(bytes: &[u8]) -> bool {
    let keys = std::slice::from_ref(&*KEY);
    Anchor::read(bytes, keys).is_ok_and(|read| {
        let text = read.to_string();
        assert_eq!(Anchor::read(text.as_bytes(), keys).expect("it is read again").to_string(), text);
        let _ = read.policy(None, &[]).is_ok_and(|policy| Policy::read(&policy).is_ok());
        true
    })
}

fn policy(bytes: &[u8]) -> bool {
    Policy::read(&String::from_utf8_lossy(bytes)).is_ok()
}

fn proof(bytes: &[u8]) -> bool {
    let Ok(proof) = Proof::read(bytes) else { return false };
    assert_eq!(Proof::read(proof.to_string().as_bytes()).expect("it is read again").to_string(), proof.to_string());
    let log = proof.checkpoint.text.lines().next().unwrap_or_default().to_owned();
    let _ = proof.verify(&Hash::of(b"another leaf"), &KEY.named(&log)).is_ok();
    true
}

fn fork(bytes: &[u8]) -> bool {
    Fork::read(bytes).is_ok_and(|read| {
        assert_eq!(read.to_string().as_bytes(), bytes, "there is one spelling");
        let _ = read.verify(std::slice::from_ref(&*KEY)).is_ok();
        true
    })
}

/// What every stamp in the tests is asked upon.
pub fn stamped() -> Hash {
    Hash::of(b"anchor")
}

fn stamp(bytes: &[u8]) -> bool {
    let request = StampRequest::new(stamped(), [7; NONCE_BYTES]);
    let _ = request.answered(bytes).is_ok();
    Stamp::read(bytes, &stamped()).is_ok()
}

fn line(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    Line::read(text).is_ok_and(|read| {
        assert_eq!(read.to_string(), text, "a line has one spelling");
        let _ = read.sealed().is_some_and(|sealed| codec::open(&sealed).is_ok());
        true
    })
}

fn archive(bytes: &[u8]) -> bool {
    let _ = unseal(bytes).is_ok();
    let (bundle, mut report) = verify(bytes, &RELIED_UPON);
    bundle.is_some_and(|bundle| {
        let _ = replay(&bundle, &mut report);
        true
    })
}

/// As it is; and, where it is the lines of a log, as an office would send them that signs whatever it likes.
fn amendment(bytes: &[u8]) -> bool {
    if extract::verify(bytes, &RELIED_UPON).0.is_some() {
        return true;
    }
    let lines = fitting(SITE, std::str::from_utf8(bytes).unwrap_or_default());
    let kinds = [ExtractKind::Amendment, ExtractKind::Withdrawal, ExtractKind::Acknowledgement];
    let packed = kinds.map(|kind| extract::pack("office.example", kind, SITE, &signed(SITE, &lines)?, &lines).ok());
    packed.into_iter().flatten().any(|packed| extract::verify(&packed, &RELIED_UPON).0.is_some())
}

fn document(bytes: &[u8]) -> bool {
    const KINDS: [DocumentKind; 5] =
        [DocumentKind::Process, DocumentKind::Norm, DocumentKind::Calendar, DocumentKind::Schedule, DocumentKind::Page];
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let checked = KINDS.map(|kind| Library::default().check(kind, text).is_ok());
    checked.contains(&true)
}

/// An office that has the key and signs whatever it likes: the input has the lines of its logs, and its documents; what hashes there are is made to fit. What
/// is found then is found by the laws of entries and by living through the cases once more, and not by a hash.
fn office(bytes: &[u8]) -> bool {
    let mut packed: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (name, text) in parts(bytes) {
        match name {
            SITE | UNIT => {
                let lines = fitting(name, text);
                let Some(note) = signed(name, &lines) else { return false };
                packed.insert(format!("log/{name}/checkpoint"), note.to_string().into_bytes());
                packed.insert(format!("log/{name}/entries.jsonl"), lines.into_bytes());
            }
            "document" => drop(packed.insert(format!("document/{}.json", Hash::of(text.as_bytes())), text.into())),
            name => drop(packed.insert(name.to_owned(), text.into())),
        }
    }
    let Ok(packed) = seal(packed) else { return false };
    let (bundle, mut report) = verify(packed.as_slice(), &RELIED_UPON);
    let is_sound = report.verdict() == Verdict::Verified;
    bundle.is_some_and(|bundle| {
        replay(&bundle, &mut report);
        is_sound
    })
}

/// The texts of an input that stands for several files: each is after a line `== name`, up to the next of those.
pub fn parts(bytes: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.strip_prefix("== ").unwrap_or_default().split("\n== ").filter_map(|part| part.split_once('\n'))
}

/// A checkpoint over the lines of a log.
fn signed(log: &str, lines: &str) -> Option<Note> {
    let mut tree = Frontier::new();
    for line in lines.lines() {
        match Line::read(line) {
            Ok(Line::Entry { leaf, .. }) => tree.push(leaf_hash(leaf.as_bytes())),
            Ok(Line::Node { size, node, .. }) => drop(tree.push_subtree(size, node)),
            Err(_) => {}
        }
    }
    Checkpoint::new(&format!("office.example/{log}"), tree.size(), tree.root()).sign(&secret()).ok()
}

/// The lines of a log, their indexes, commitments and chains of cases put right; a line that is none is left as it is.
fn fitting(log: &str, text: &str) -> String {
    let (mut out, mut last, mut index) = (String::new(), HashMap::new(), 0_u64);
    for line in text.lines() {
        match Line::read(line) {
            Ok(Line::Entry { leaf, payloads: Some(payloads), .. }) => {
                let leaf = fitted(log, index, &leaf, &payloads, &mut last).unwrap_or_else(|| leaf.into_owned());
                out.push_str(&Line::Entry { index, leaf: leaf.into(), payloads: Some(payloads) }.to_string());
                index += 1;
            }
            read => {
                index = index.saturating_add(if let Ok(Line::Node { size, .. }) = read { size } else { 1 });
                out.push_str(line);
            }
        }
        out.push('\n');
    }
    out
}

/// A leaf of these payloads at this index.
fn fitted(log: &str, at: u64, leaf: &str, payloads: &[Shown<'_>], last: &mut HashMap<String, (u64, Hash)>) -> Option<String> {
    let mut value: Value = serde_json::from_str(leaf).ok().filter(Value::is_object)?;
    for (place, payload) in payloads.iter().enumerate() {
        if let Content::Disclosed { salt, body } = &payload.content
            && let Some(told) = value.pointer_mut(&format!("/pl/{place}/2"))
        {
            *told = commitment(salt, body.as_bytes()).to_string().into();
        }
    }
    value["i"] = at.into();
    value["log"] = format!("office.example/{log}").into();
    let Some(case) = value.get("case").and_then(Value::as_str).map(str::to_owned) else { return Some(canonical(&value)) };
    let before = last.get(&case).copied();
    let sequence = before.map_or(0, |(sequence, _)| sequence) + 1;
    value["os"] = sequence.into();
    value["op"] = before.map_or(Value::Null, |(_, leaf)| leaf.to_string().into());
    let leaf = canonical(&value);
    last.insert(case, (sequence, leaf_hash(leaf.as_bytes())));
    Some(leaf)
}
