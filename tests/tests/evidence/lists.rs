//! What lenient readers differ about says the same to our verifier and to strangers', or nothing: event lists, of which each knows only the events that
//! evidence asks about, and the names of keys.

use std::collections::BTreeMap;

use engine::digest::{Frontier, canonical, commitment, leaf_hash, unhex};
use engine::evidence::Checkpoint;
use engine::evidence::bundle::{Verdict, seal, unseal, verify};
use serde_json::{Value, json};
use tests::bundle::{bundle, everything, policy, secret};

use super::both::theirs;
use super::bundle::world;
use super::office;
use super::taken::{all_say_under, take};

fn files(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    unseal(archive).expect("a bundle").into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect()
}

/// The same bundle, but that the entries of this kind in its site log have this event list, and all of it is signed anew.
pub(super) fn retold(archive: &[u8], kind: &str, list: &str) -> Vec<u8> {
    let (checkpoint, entries) = ("log/site/1/checkpoint", "log/site/1/entries.jsonl");
    let mut files = files(archive);
    let (mut tree, mut written) = (Frontier::new(), String::new());
    for line in String::from_utf8(files[entries].clone()).expect("UTF-8").lines() {
        let mut line: Value = serde_json::from_str(line).expect("a line");
        let mut leaf: Value = serde_json::from_str(line["leaf"].as_str().expect("a leaf")).expect("JSON");
        if leaf["kind"] == kind {
            let payload = &mut line["payloads"][0];
            let salt = unhex(payload["salt"].as_str().expect("a salt")).expect("digits");
            let salt: [u8; 32] = salt.try_into().expect("32 bytes");
            payload["body"] = json!(list);
            leaf["pl"][0][2] = json!(commitment(&salt, list.as_bytes()));
            line["leaf"] = json!(canonical(&leaf));
        }
        tree.push(leaf_hash(line["leaf"].as_str().expect("a leaf").as_bytes()));
        written.push_str(&(canonical(&line) + "\n"));
    }
    let told = Checkpoint::new("office.example/site/1", tree.size(), tree.root());
    let note = told.sign(&secret()).expect("it is signed");
    files.insert(checkpoint.to_owned(), note.to_string().into_bytes());
    files.insert(entries.to_owned(), written.into_bytes());
    seal(files).expect("it is packed")
}

/// Readers differ in what they make of an event list that is not written as ours are: it says nothing to any of them.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_list_is_read_alike_or_not_at_all() {
    let (world, _) = world(1).await;
    take(&world, "before").await;
    let before = bundle(&world, &everything(&office())).await;
    // Whoever reads it finds that the log was rewritten.
    let root = "0".repeat(64);
    let one = format!(r#"{{"log":"office.example/unit/office/1","root":"{root}","size":1}}"#);
    let event = format!(r#"{{"event":"checkpoints.taken","checkpoints":[{one}]}}"#);
    let list = |beside: &str, behind: &str| format!(r#"{{"events":[{event}{beside}]{behind}}}"#);
    let nested = |depth: usize| format!(",{}{}", "[".repeat(depth), "]".repeat(depth));
    let says = [
        list("", ""),
        list(r#",7,["checkpoints.taken",[]],null,{}"#, r#","personal":[[0,"a","a.0"]],"a":-1"#),
        list(",\"\u{e9}\u{7f}\\u001f\\n\\\"\"", ""),
        list(&nested(30), ""),
    ];
    let says_nothing = [
        // An array in place of an object.
        format!(r#"{{"events":[["checkpoints.taken",[{one}]]]}}"#),
        format!(r#"{{"events":[{{"event":"checkpoints.taken","checkpoints":[["office.example/unit/office/1",1,"{root}"]]}}]}}"#),
        format!("[[{event}]]"),
        // Half a character, and others in another spelling.
        list(r#","\ud800""#, ""),
        list(r#","\u0041""#, ""),
        list(r#","\/""#, ""),
        list(r#","\u000a""#, ""),
        list(r#","\u001F""#, ""),
        // No number, or one that readers differ about.
        list(",NaN", ""),
        list(",-Infinity", ""),
        list(",1.0", ""),
        list(",1e2", ""),
        list(",-0", ""),
        list(",9007199254740992", ""),
        // A member twice.
        list("", r#","events":[]"#),
        list(r#",{"a":1,"a":1}"#, ""),
        // White space, or more than one value, or less.
        list(", 7", ""),
        list("", "\n"),
        list(",", ""),
        list("", "") + "7",
        list("", "") + "\n",
        "\u{feff}".to_owned() + &list("", ""),
        String::new(),
        // Deeper than anything is.
        list(&nested(31), ""),
        list(&nested(5_000), ""),
        list(&format!(",{}", "[".repeat(100_000)), ""),
    ];
    let told =
        |lists: &[String]| -> Vec<Vec<u8>> { lists.iter().map(|list| retold(&before, "checkpoints.taken", list)).collect() };
    let (differs, nothing): (&[&str], &[&str]) = (&["taken.differs"], &[]);
    let bad = says.iter().zip(told(&says)).map(|(list, archive)| (list.as_str(), archive, Verdict::Tampered, differs));
    let good = says_nothing.iter().zip(told(&says_nothing));
    let good = good.map(|(list, archive)| (list.as_str(), archive, Verdict::Verified, nothing));
    all_say_under(&policy(), bad.chain(good).collect());
}

/// A line under a name that is none makes a note none, whoever reads it.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_to_all_or_to_none() {
    let (world, _) = world(1).await;
    let before = bundle(&world, &everything(&office())).await;
    let names = ["a\u{e9}b", "a\u{7f}b", "a\u{80}b", "a\u{85}b", "a\u{9f}b", "a\u{2028}b", "a\u{a0}b", "a+b", ""];
    let archives: Vec<Vec<u8>> = names
        .iter()
        .map(|name| {
            let mut files = files(&before);
            let note = files.get_mut("log/unit/office/1/checkpoint").expect("a checkpoint");
            note.extend_from_slice(format!("\u{2014} {name} AAAAAAAA\n").as_bytes());
            seal(files).expect("it is packed")
        })
        .collect();
    let theirs = theirs(&policy(), &archives);
    for (number, archive) in archives.iter().enumerate() {
        let expected = if number == 0 { Verdict::Verified } else { Verdict::Tampered };
        assert_eq!(verify(archive, &policy()).1.verdict(), expected, "{:?}", names[number]);
        for (who, told) in &theirs {
            assert!(told[number].starts_with(expected.name()), "{who}: {:?}: {}", names[number], told[number]);
        }
    }
}
