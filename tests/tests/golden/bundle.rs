//! A bundle of each version of its format, kept with the policy and a proof beside it: every later program must verify it, and live through its cases
//! once more with the same outcome. None is ever written again; a new version adds a file. `UPDATE=1` writes the newest if it is missing.

use std::path::PathBuf;

use engine::digest::{Hash, canonical, leaf_hash};
use engine::evidence::bundle::{Bundle, Line, Policy, Verdict, seal, unseal};
use engine::evidence::{Blocks, Key, Proof, Verdict as Proved};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::bundle::{bundle, everything, found, policy, signed};

use crate::program::run;
use crate::tamper::office::fill;

const ORIGIN: &str = "office.example/unit/office/1";
/// The entry of which there is a proof.
const PROVED: u64 = 7;

fn file(name: &str) -> PathBuf {
    tests::top().join("tests/golden").join(name)
}

/// Everything of an office in which much has happened, erased values among it.
async fn write() {
    let (world, _) = fill(MemoryStore::default()).await;
    let wish = everything(&world.unit);
    std::fs::write(file("bundle-v1.zip"), bundle(&world, &wish).await).expect("it is written");
    let signed = &signed(world.engine.store()).await[&world.unit];
    let key = policy().keys[0].to_string();
    let seen = signed.checkpoint.to_string().trim_end().replace('\n', " ");
    std::fs::write(file("bundle-v1-policy.txt"), format!("key {key}\nseen {seen}\n")).expect("it is written");
    let entries = world.engine.store().entries(&world.unit, 0, 1_000).await.expect("it answers");
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry.leaf.as_bytes())).collect();
    let mut blocks = Blocks::new();
    leaves.iter().for_each(|leaf| blocks.push(*leaf));
    let path = blocks.inclusion(PROVED, signed.checkpoint.size, &leaves, &leaves).expect("a path");
    let proof = Proof { index: PROVED, path, checkpoint: signed.note.clone() };
    std::fs::write(file("bundle-v1.tlog-proof"), proof.to_string()).expect("it is written");
    world.engine.stop().await;
}

#[tokio::test]
async fn a_bundle_of_every_release_verifies() {
    if !file("bundle-v1.zip").exists() && std::env::var_os("UPDATE").is_some() {
        write().await;
    }
    let archive = std::fs::read(file("bundle-v1.zip")).expect("the golden bundle is there");
    let text = std::fs::read_to_string(file("bundle-v1-policy.txt")).expect("its policy is there");
    let (report, replayed) = found(&archive, &Policy::read(&text).expect("a policy"));
    assert_eq!((report.verdict(), &report.findings[..]), (Verdict::Verified, &[][..]));
    let seen: Vec<_> = report.logs.iter().map(|log| (log.size, log.seen)).collect();
    assert_eq!(seen, [(18, None), (83, Some(83))], "{report:?}");
    assert_eq!((report.cases, replayed.cases, replayed.entries, replayed.untold), (8, 8, 77, 1), "{replayed:?}");
    assert_eq!(report.payloads.erased, 1);

    // The proof of an entry is of the entry that is in the bundle.
    let (log, index) = (Bundle::read(&archive).expect("a bundle"), PROVED);
    let leaf = log.logs.iter().filter(|log| log.name == ORIGIN).flat_map(|log| log.lines()).find_map(|line| match line {
        Ok(Line::Entry { index: at, leaf, .. }) if at == index => Some(leaf_hash(leaf.as_bytes())),
        _ => None,
    });
    let proof = Proof::read(&std::fs::read(file("bundle-v1.tlog-proof")).expect("its proof is there")).expect("a proof");
    let key: Key = policy().keys[0].named(ORIGIN);
    let proved = proof.verify(&leaf.expect("the entry"), &key).expect("by the office's key");
    assert!(matches!(proved, Proved::Included(checkpoint) if checkpoint.size == 83), "{proof}");
}

/// One that was made by a program after this one: it is not said to be wrong, only that another program is needed.
#[test]
fn a_bundle_of_a_later_format_is_incomplete() {
    let archive = std::fs::read(file("bundle-v1.zip")).expect("the golden bundle is there");
    let mut files: std::collections::BTreeMap<String, Vec<u8>> =
        unseal(&archive).expect("a bundle").into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
    let head = files.get_mut("bundle.json").expect("its head");
    let mut value: Value = serde_json::from_slice(head).expect("JSON");
    value["v"] = json!(value["v"].as_u64().expect("a version") + 1);
    value["later"] = json!({ "what": "this program does not know" });
    *head = canonical(&value).into_bytes();
    let newer = seal(files).expect("it is packed");
    let (report, _) = found(&newer, &policy());
    let told: Vec<_> = report.findings.iter().map(|finding| (finding.verdict, finding.code)).collect();
    assert_eq!(told, [(Verdict::Incomplete, "bundle.newer")]);

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("newer.zip");
    std::fs::write(&path, newer).expect("it is written");
    let policy = file("bundle-v1-policy.txt");
    let output = run(&["verify", path.to_str().expect("plain"), "--policy", policy.to_str().expect("plain")]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("(bundle.newer)"), "{output:?}");
}
