//! The readers of strangers' files (`tests/src/readers.rs`): every input kept in `tests/fuzz/corpus` is read, and so is what comes of it by changes made from
//! seeds. `UPDATE=1` writes the examples anew; beside them lie inputs that a fuzzer came upon, each of which reaches something that no other does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use engine::digest::{Hash, canonical};
use engine::evidence::bundle::unseal;
use engine::evidence::{Anchor, Blocks, Checkpoint, Fork, NONCE_BYTES, PrivateKey, Proof, StampRequest};
use engine::journal::Command;
use engine::model::document::DocumentKind;
use engine::model::{Time, UnitId};
use engine::runtime::extract::{Wanted, issues};
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::bundle::{bundle, everything, secret, signed};
use tests::readers::{READERS, stamped, witness};
use tests::world::{World, small_office, text};

use super::parsers::world;
use super::{fuzz, rounds};

/// Bytes that all inputs of a reader may have: they are kept for ever.
const CORPUS_BYTES_MAX: u64 = 160 * 1024;

fn folder(reader: &str) -> PathBuf {
    tests::top().join("tests/fuzz/corpus").join(reader)
}

/// What each reader takes.
async fn examples() -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let key = secret().key();
    let (site, other) = ("office.example/site/1", Hash::of(b"another root"));
    let leaf = Hash::of(b"leaf");
    let checkpoint = |size, root| Checkpoint::new(site, size, root).sign(&secret()).unwrap();
    let note = checkpoint(7, Hash::of(b"root"));
    let mut cosigned = note.clone();
    let answer = witness().cosign(&note.text, Time(1_795_320_000_000_000)).to_string();
    witness().key().accept(&note, answer.as_bytes(), Time(1_795_320_000_000_000)).unwrap().join(&mut cosigned);
    let anchor = Anchor::new([note.clone()], std::slice::from_ref(&key)).unwrap();
    let mut blocks = Blocks::new();
    blocks.push(leaf);
    let path = blocks.inclusion(0, 1, &[leaf], &[leaf]).unwrap();
    let proof = Proof { index: 0, path, checkpoint: checkpoint(1, leaf) };
    let fork = Fork::new(note.clone(), checkpoint(7, other), None).unwrap();

    let world = world().await;
    let archive = bundle(&world, &everything(&world.unit)).await;
    let files = unseal(&archive).unwrap();
    let file = |name: &str| {
        let found = files.iter().find(|(path, _)| path.contains(name)).unwrap_or_else(|| panic!("no {name}"));
        String::from_utf8(found.1.to_vec()).unwrap()
    };
    let mut office = format!("== README.txt\n-\n== report.txt\n-\n== bundle.json\n{}", file("bundle.json"));
    for (path, content) in files.iter().filter(|(path, _)| path.starts_with("document/")) {
        assert!(content.len() < 16 * 1024, "{path}");
        office += &format!("\n== document\n{}", std::str::from_utf8(content).unwrap());
    }
    for log in ["site/1", "unit/office/1"] {
        office += &format!("\n== {log}\n{}", file(&format!("log/{log}/entries")).trim_end());
    }
    let lines: Vec<Vec<u8>> = file("unit/office/1/entries").lines().map(|line| line.as_bytes().to_vec()).collect();
    let leaf_of = |line: &[u8]| serde_json::from_slice::<Value>(line).unwrap()["leaf"].as_str().unwrap().as_bytes().to_vec();
    world.engine.stop().await;
    let said = |title: &str, more: &str| format!("office.example\n{title}\n2026-04-02T00:00:00.000000Z\n{more}\n");
    let ended = format!("{site} 3 {other}");
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    let shipped = |path: &str| text(tests::top().join("definitions").join(path)).into_bytes();
    BTreeMap::from([
        (
            "json",
            texts(&[
                r#"{"a":[1,2,{"b":null}],"c":"x\u00e9\n","d":-9007199254740991,"":true}"#,
                r#"[[],{},"",0,1.5,false,"\ud83d\ude00","नाम"]"#,
            ]),
        ),
        ("leaf", lines.iter().map(|line| leaf_of(line)).collect()),
        ("note", texts(&[&note.to_string(), &cosigned.to_string(), &answer])),
        ("tile", texts(&["0/x001/234.p/5", "entries/000", "1/x123/x456/789"])),
        ("key", texts(&[&key.to_string(), &witness().key().to_string(), &secret().secret(), &witness().secret()])),
        (
            "change",
            texts(&[
                &said("restore", &format!("the disk\n{key}\n{ended}")),
                &said("change of key", &format!("a\nb\n{ended}")),
                &said("recovery keys", "2\na\nb\nc"),
            ]),
        ),
        ("submission", texts(&[&format!("old 0\n\n{note}"), &format!("old 3\n{}\n\n{note}", "A".repeat(43) + "=")])),
        ("anchor", texts(&[&anchor.to_string()])),
        (
            "policy",
            vec![
                format!(
                    "key {key}\nkey {} from 0 to 90\nwitness {}\nquorum 1\nrecovery {}\nrecovery-quorum 1\nseen {site} 7 {}\nlost {site} 3 5\n",
                    key.named(site),
                    witness().key(),
                    PrivateKey::new("recovery-1", &[11; 32]).unwrap().key(),
                    note.text.lines().nth(2).unwrap()
                )
                .into_bytes(),
            ],
        ),
        ("proof", texts(&[&proof.to_string()])),
        ("fork", texts(&[&fork.to_string()])),
        // Beside it lies one that openssl made, as an authority.
        ("stamp", vec![StampRequest::new(stamped(), [7; NONCE_BYTES]).to_bytes()]),
        ("line", lines),
        ("amendment", vec![amendment().await]),
        ("office", vec![office.into_bytes()]),
        ("archive", vec![archive]),
        (
            "document",
            vec![process().to_string().into_bytes(), shipped("pages/charter.json"), shipped("schedules/sqm.review.json")],
        ),
    ])
}

fn process() -> Value {
    json!({
        "id": "p", "title": { "en": "P" }, "owner": { "post": "post-a" },
        "steps": [{ "id": "begin", "type": "startEvent", "next": "end" }, { "id": "end", "type": "endEvent" }]
    })
}

/// The lines by which an office sends an issue.
async fn amendment() -> Vec<u8> {
    const KIND: DocumentKind = DocumentKind::Process;
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    let document = process();
    let hash = Hash::of(canonical(&document).as_bytes());
    let id = || "p".to_owned();
    let (reason, roles) = ("Amended".to_owned(), Vec::new());
    for (who, command) in [
        ("asha", Command::SaveDraft { kind: KIND, document: document.to_string(), over: None }),
        ("asha", Command::SendDraft { kind: KIND, id: id(), hash }),
        ("bimal", Command::ApproveDraft { kind: KIND, id: id(), hash }),
        (
            "asha",
            Command::IssueDocument { kind: KIND, id: id(), hash, revision: false, effective: None, reason, roles, review: None },
        ),
    ] {
        world.submit_site(who, command).await.unwrap();
    }
    let store = world.engine.store();
    let issued = world.engine.office().controls.get(KIND, "p").unwrap().issues.clone();
    let wanted = Wanted::of(KIND, "p", &issued, None).unwrap();
    let lines = issues(store, &signed(store).await[&UnitId::site()], &[wanted]).await.unwrap();
    world.engine.stop().await;
    lines.into_bytes()
}

#[tokio::test]
async fn every_input_that_is_kept_is_read() {
    let (examples, mut idle) = (examples().await, Vec::new());
    for reader in READERS {
        let folder = folder(reader.name);
        for (place, example) in examples[reader.name].iter().enumerate().filter(|_| std::env::var_os("UPDATE").is_some()) {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("example-{place}")), example).unwrap();
        }
        let mut inputs: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        inputs.sort();
        let kept: Vec<Vec<u8>> = inputs.iter().map(|input| std::fs::read(input).unwrap()).collect();
        // Else it would be tried on what it throws away at once.
        if !kept.iter().any(|input| (reader.read)(input)) {
            idle.push(reader.name);
        }
        let bytes: usize = kept.iter().map(Vec::len).sum();
        assert!(bytes as u64 <= CORPUS_BYTES_MAX, "{}: {bytes} bytes are kept", reader.name);
        fuzz(rounds(), &kept, |bytes| {
            let _ = (reader.read)(bytes);
        });
    }
    assert_eq!(idle, [""; 0], "these take none of their inputs");
}
