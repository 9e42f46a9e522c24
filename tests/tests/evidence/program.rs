//! `sign`, and `serve --sign`, as processes of their own: killed, restored behind their backs, started twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use engine::evidence::{Checkpoint, Key, Note};
use tests::world::Random;

use crate::program::{Program, run};

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn init(folder: &str) -> Key {
    let made = run(&["sign", "--init", "--folder", folder]);
    assert!(made.status.success(), "{made:?}");
    Key::read(text(&made).lines().last().expect("the key")).expect("a key")
}

/// Checkpoints that are shown.
fn shown(folder: &Path, key: &Key) -> Vec<Checkpoint> {
    let mut found = Vec::new();
    for path in ["site/1", "unit/demo-commissionerate/1"] {
        let Ok(note) = std::fs::read(folder.join("log").join(path).join("checkpoint")) else { continue };
        let key = key.named(&format!("office.example/{path}"));
        found.push(Checkpoint::open(&Note::read(&note).expect("a note"), &key).expect("a checkpoint"));
    }
    found
}

#[test]
fn a_database_that_was_put_back_is_refused_until_that_is_declared() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (database, folder) = (at("office.db"), at("signer"));
    let key = init(&folder);
    assert_eq!(run(&["sign", "--init", "--folder", &folder]).status.code(), Some(3));
    assert!(Program::serve(&database, &["--demo"]).terminate().unwrap().0.success());
    std::fs::copy(&database, at("backup.db")).unwrap();
    // Shown while it serves, and by `sign` afterwards.
    let served = Program::serve(&database, &["--demo", "--sign", &folder]);
    let before = shown(&place.path().join("signer"), &key);
    assert_eq!(before.len(), 2);
    assert_eq!(
        run(&["sign", "--once", "--folder", &folder, "--database", &database]).status.code(),
        Some(3),
        "the folder is taken"
    );
    assert!(served.terminate().unwrap().0.success());
    let office = at("more.json");
    let more = r#"{ "units": [], "posts": [], "people": [{ "handle": "new-hand", "name": "New Hand" }], "appointments": [] }"#;
    std::fs::write(&office, more).unwrap();
    assert!(Program::serve(&database, &["--office", &office]).terminate().unwrap().0.success());
    let once = run(&["sign", "--once", "--folder", &folder, "--database", &database]);
    assert!(once.status.success(), "{once:?}");
    let after = shown(&place.path().join("signer"), &key);
    assert!(after[0].size > before[0].size && text(&once).contains(&after[0].to_string()), "{once:?}");

    std::fs::remove_file(&database).unwrap();
    std::fs::copy(at("backup.db"), &database).unwrap();
    for arguments in [
        vec!["sign", "--once", "--folder", &folder, "--database", &database],
        vec!["serve", "--sign", &folder, "--database", &database, "--listen", "127.0.0.1:0"],
    ] {
        let refused = run(&arguments);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        assert!(text(&refused).contains("ROLLBACK DETECTED"), "{refused:?}");
    }
    let declared = run(&["sign", "--declare-restore", "disk replaced", "--folder", &folder, "--database", &database]);
    assert!(declared.status.success() && text(&declared).contains("restore of office.example/site/1"), "{declared:?}");
    let once = run(&["sign", "--once", "--folder", &folder, "--database", &database]);
    assert!(once.status.success() && text(&once).contains("office.example/site/2\n"), "{once:?}");
}

#[test]
fn nodes_hold_no_key() {
    let refused =
        run(&["serve", "--sign", "anywhere", "--database", "postgres://nobody@127.0.0.1:1/none", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(text(&refused).contains("none of them holds the key"), "{refused:?}");
}

/// Whatever is shown at any time was committed, and no size of a log ever has two roots.
#[test]
fn killed_again_and_again_it_never_contradicts_itself() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (database, folder) = (at("office.db"), at("signer"));
    let key = init(&folder);
    let mut roots: BTreeMap<(String, u64), String> = BTreeMap::new();
    let mut random = Random(77);
    let kills: usize = std::env::var("SEVOTTAM_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(8);
    for round in 0..kills {
        let office = at("more.json");
        let person = |n: usize| format!(r#"{{ "handle": "hand-{round}-{n}", "name": "Hand" }}"#);
        let people: Vec<String> = (0..20).map(person).collect();
        let more = format!(r#"{{ "units": [], "posts": [], "people": [{}], "appointments": [] }}"#, people.join(","));
        std::fs::write(&office, more).unwrap();
        // Killed while it serves and signs; and while it does nothing but sign.
        if round % 4 == 3 {
            Program::serve(&database, &["--office", &office, "--sign", &folder]).kill();
        } else {
            Program::serve(&database, &["--office", &office]).kill();
            sign_and_kill(&folder, &database, Duration::from_micros(1_000 + random.below(25_000) as u64));
        }
        for checkpoint in shown(&place.path().join("signer"), &key) {
            let root = roots.entry((checkpoint.origin.clone(), checkpoint.size)).or_insert_with(|| checkpoint.root.to_string());
            assert_eq!(*root, checkpoint.root.to_string(), "{checkpoint}");
        }
        // All that was signed is in the database.
        let exported = run(&["export", "--database", &database, "--unit", "site"]);
        assert!(exported.status.success(), "{exported:?}");
        let mut frontier = engine::digest::Frontier::new();
        let mut reckoned = BTreeMap::from([(0, frontier.root().to_string())]);
        for line in String::from_utf8(exported.stdout).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let Some(leaf) = line["leaf"].as_str() else { continue };
            frontier.push(engine::digest::leaf_hash(leaf.as_bytes()));
            reckoned.insert(frontier.size(), frontier.root().to_string());
        }
        for ((origin, size), root) in roots.iter().filter(|((origin, _), _)| origin.ends_with("/site/1")) {
            assert_eq!(reckoned.get(size), Some(root), "{origin} {size}");
        }
    }
    assert!(!roots.is_empty() && roots.len() <= 2 * kills);
    let once = run(&["sign", "--once", "--folder", &folder, "--database", &database]);
    assert!(once.status.success(), "it goes on whenever it was killed: {once:?}");
}

/// Lets it sign for a while, and kills it.
fn sign_and_kill(folder: &str, database: &str, after: Duration) {
    let mut signing = Command::new(env!("CARGO_BIN_EXE_sevottam-tested"))
        .args(["sign", "--once", "--folder", folder, "--database", database])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be run");
    std::thread::sleep(after);
    signing.kill().expect("it can be killed");
    signing.wait().expect("it ends");
}

/// Which program served is in the site log, once for each start, and says which file that was; while its signature is at hand within seconds.
#[test]
fn each_start_is_an_entry() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (database, folder) = (at("office.db"), at("signer"));
    init(&folder);
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let served = Program::serve(&database, &["--demo", "--sign", &folder]);
        nodes.push(served.address.strip_prefix("http://").expect("an address").to_owned());
        // The file is read beside everything else.
        let begun = std::time::Instant::now();
        while starts(&at("copy.db"), &database).len() < nodes.len() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the start is not recorded");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(served.terminate().unwrap().0.success());
    }
    let program = engine::digest::Hash::of(&std::fs::read(crate::program::binary()).expect("the program")).to_string();
    let found = starts(&at("copy.db"), &database);
    assert_eq!(found.len(), 2, "{found:?}");
    for ((_, event), address) in found.iter().zip(nodes) {
        assert_eq!(
            (event["program"].as_str(), event["version"].as_str()),
            (Some(program.as_str()), Some(env!("CARGO_PKG_VERSION")))
        );
        assert!(event["node"].as_str().is_some_and(|node| node.ends_with(&format!(" {address}"))), "{event}");
    }
    let alone = run(&["serve", "--database", &database, "--listen", "127.0.0.1:0", "--unsigned-max", "60"]);
    assert_eq!(alone.status.code(), Some(2), "{alone:?}");
    assert!(text(&alone).contains("nothing is signed here"), "{alone:?}");
}

/// The starts that the site log of a database has, with their entries' indexes, read from a copy of it.
pub(super) fn starts(copy: &str, database: &str) -> Vec<(u64, serde_json::Value)> {
    let _ = std::fs::remove_file(copy);
    let made = run(&["backup", "--database", database, "--to", copy]);
    assert!(made.status.success(), "{made:?}");
    let exported = run(&["export", "--database", copy, "--unit", "site"]);
    assert!(exported.status.success(), "{exported:?}");
    let mut found = Vec::new();
    for line in String::from_utf8(exported.stdout).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(body) = line["payloads"][0]["body"].as_str() else { continue };
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let events = body["events"].as_array().cloned().unwrap_or_default();
        let index = line["index"].as_u64().expect("an index");
        found.extend(events.into_iter().filter(|event| event["event"] == "software.started").map(|event| (index, event)));
    }
    found
}
