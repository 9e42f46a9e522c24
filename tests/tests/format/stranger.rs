//! A stranger's reader, in another language and from FORMAT.md alone: it accepts the golden vectors, and no change of them.

use std::process::Command;

use engine::digest::{canonical, commitment, leaf_hash, root_of};
use serde_json::{Value, json};

use super::golden::{FILES, export};

/// What the reader says of each text; none where there is no Python.
fn ask(texts: &[Vec<u8>]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paths: Vec<_> = (0..texts.len()).map(|n| folder.path().join(n.to_string())).collect();
    for (path, text) in paths.iter().zip(texts) {
        std::fs::write(path, text).expect("a temporary file");
    }
    let Ok(output) = Command::new("python3").arg(tests::top().join("tests/golden/check_journal.py")).args(&paths).output() else {
        tests::skip("the independent reader of journals needs python3");
        return None;
    };
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let said: Vec<String> = said.lines().filter_map(|line| line.split_once(": ")).map(|(_, said)| said.to_owned()).collect();
    assert_eq!(said.len(), texts.len(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.success(), said.iter().all(|said| said.starts_with("holds: ")));
    Some(said)
}

fn journal() -> String {
    export(&FILES[0].1())
}

#[test]
fn holds_the_golden_vectors() {
    let texts: Vec<Vec<u8>> = FILES.iter().map(|(_, log)| export(&log()).into_bytes()).collect();
    for said in ask(&texts).unwrap_or_default() {
        assert!(said.starts_with("holds: "), "{said}");
    }
}

#[test]
fn finds_every_flipped_bit() {
    let text = journal().into_bytes();
    let bits = text.len() * 8;
    // All over the file, and all of the first bytes of its head.
    let flips = (0..600).map(|n| n * bits / 600 + n % 8).chain(bits - 8 * 40..bits);
    let flipped: Vec<Vec<u8>> = flips
        .map(|bit| {
            let mut text = text.clone();
            text[bit / 8] ^= 1 << (bit % 8);
            text
        })
        .collect();
    for (n, said) in ask(&flipped).unwrap_or_default().iter().enumerate() {
        assert!(said.starts_with("broken: "), "flip {n} was not found: {said}");
    }
}

/// Lines, parsed, with their head put right again after a change: what a forger would do who can write to the database.
fn forged(change: impl Fn(&mut Vec<Value>)) -> Vec<u8> {
    let text = journal();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut head = lines.pop().expect("a head");
    change(&mut lines);
    let leaves: Vec<_> = lines.iter().map(|line| leaf_hash(line["leaf"].as_str().unwrap_or_default().as_bytes())).collect();
    head["head"]["size"] = json!(lines.len());
    head["head"]["root"] = json!(root_of(&leaves));
    lines.push(head);
    lines.iter().fold(String::new(), |text, line| text + &canonical(line) + "\n").into_bytes()
}

fn leaf(line: &mut Value, change: impl Fn(&mut Value)) {
    let mut leaf: Value = serde_json::from_str(line["leaf"].as_str().unwrap_or_default()).expect("JSON");
    change(&mut leaf);
    line["leaf"] = json!(canonical(&leaf));
}

#[test]
fn finds_forgeries_with_a_new_root() {
    let earlier = json!("2026-11-22T04:00:00.000000Z");
    let other = json!("office.example/unit/pune-1/1");
    let forgeries: Vec<(Vec<u8>, &str)> = vec![
        (forged(|_| {}), "holds: "),
        (forged(|lines| lines.swap(1, 2)), "broken: entry 1: its line has another index"),
        (forged(|lines| drop(lines.remove(0))), "broken: entry 0: its line has another index"),
        (forged(|lines| leaf(&mut lines[3], |leaf| leaf["t"] = earlier.clone())), "broken: entry 3: its time"),
        (forged(|lines| leaf(&mut lines[3], |leaf| leaf["i"] = json!(4))), "broken: entry 3: its leaf belongs"),
        (forged(|lines| leaf(&mut lines[3], |leaf| leaf["log"] = other.clone())), "broken: entry 3: its leaf belongs"),
        (forged(|lines| leaf(&mut lines[3], |leaf| leaf["os"] = json!(3))), "broken: entry 3: it does not follow"),
        (forged(|lines| leaf(&mut lines[3], |leaf| leaf["op"] = Value::Null)), "broken: entry 3: it does not follow"),
        // The entry after it names the hash of what was there before.
        (
            forged(|lines| leaf(&mut lines[3], |leaf| leaf["kind"] = json!("task.released"))),
            "broken: entry 4: it does not follow",
        ),
        (forged(|lines| leaf(&mut lines[0], |leaf| leaf["cmd"] = json!("0"))), "broken: entry 0: its cmd"),
        (
            forged(|lines| leaf(&mut lines[0], |leaf| leaf["note"] = json!(""))),
            "broken: entry 0: its leaf lacks members or has unknown",
        ),
        (forged(|lines| leaf(&mut lines[0], |leaf| leaf["v"] = json!(2))), "broken: entry 0: its leaf is not of version 1"),
        (forged(|lines| lines[0]["leaf"] = json!("{\"v\": 1}")), "broken: entry 0: its leaf is not in canonical form"),
        (forged(|lines| lines[0]["leaf"] = json!("{\"v\":1,\"v\":1}")), "broken: entry 0: its leaf has a member twice"),
        (forged(|lines| lines[0]["leaf"] = json!("{\"v\":1.0}")), "broken: entry 0: a number is not whole"),
        (forged(|lines| lines[0]["payloads"][0]["body"] = json!("{}")), "broken: entry 0: payload events is not"),
        (forged(|lines| lines[0]["payloads"][0]["body"] = Value::Null), "broken: entry 0: the body of events is missing"),
        (forged(|lines| lines[0]["payloads"] = json!([])), "broken: entry 0: its payloads are not"),
    ];
    let texts: Vec<Vec<u8>> = forgeries.iter().map(|(text, _)| text.clone()).collect();
    for (said, (_, expected)) in ask(&texts).unwrap_or_default().iter().zip(&forgeries) {
        assert!(said.starts_with(expected), "{said:?} is not {expected:?}");
    }
}

#[test]
fn knows_what_is_erased() {
    let erase = |salt: &'static str| {
        forged(move |lines| {
            let line = lines.iter_mut().find(|line| line["payloads"][1].is_object()).expect("an entry with personal values");
            line["payloads"][1]["body"] = Value::Null;
            line["payloads"][1]["salt"] = json!(salt.repeat(32));
        })
    };
    let Some(said) = ask(&[erase("00"), erase("11")]) else { return };
    assert!(said[0].contains(" 1 payloads erased"), "{}", said[0]);
    assert!(said[1].contains("the body of") && said[1].contains("is missing"), "{}", said[1]);
}

#[test]
fn commits_as_the_engine_does() {
    // The page's worked example.
    let made = commitment(&[0x11; 32], b"{}");
    let page = std::fs::read_to_string(tests::top().join("engine/src/journal/FORMAT.md")).unwrap();
    assert!(page.contains(&made.to_string()), "FORMAT.md should show {made}");
}
