//! Strangers' verifiers of bundles, in two other languages and from the page on formats alone: they say of every bundle, changed in whatever way,
//! what ours says. And bundles that are made to do harm.

use std::collections::BTreeMap;
use std::process::Command;

use engine::evidence::bundle::{Lost, Outside, Policy, Ranged, Verdict, When, seal, unseal, verify};
use engine::evidence::{Checkpoint, Note, PrivateKey, PrivateWitnessKey, Signature, change};
use engine::journal;
use engine::journal::event::{EpochDeclared, EpochReason, KeyChange, KeyRotated, LogEnded, LogSigned, RecoveryStated};
use engine::model::CommandId;
use engine::runtime::clock::Clock as _;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::bundle::{bundle, bundle_of, everything, found, policy, signed};
use tests::world::{Random, World};

use super::bundle::{of_cases, world};
use super::office;
use super::stranger::mutations;

/// Bundles that are written to files at a time.
const AT_A_TIME: usize = 40;

/// What each stranger says of each, and in which language it is written; those that cannot be run say nothing.
pub(super) fn theirs(policy: &Policy, archives: &[Vec<u8>]) -> Vec<(&'static str, Vec<String>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text: String = policy.keys.iter().map(|key| format!("key {key}\n")).collect();
    policy.witnesses.iter().for_each(|key| text.push_str(&format!("witness {key}\n")));
    if policy.quorum > 0 {
        text.push_str(&format!("quorum {}\n", policy.quorum));
    }
    policy.recovery.iter().for_each(|key| text.push_str(&format!("recovery {key}\n")));
    if policy.recovery_quorum > 0 {
        text.push_str(&format!("recovery-quorum {}\n", policy.recovery_quorum));
    }
    for Ranged { key, from, to } in &policy.ranged {
        text.push_str(&format!("key {key} from {from} to {to}\n"));
    }
    policy.lost.iter().for_each(|Lost { name, from, to }| text.push_str(&format!("lost {name} {from} {to}\n")));
    for Outside { name, size, root, when } in &policy.seen {
        let checkpoint = engine::evidence::Checkpoint::new(name, *size, *root).to_string();
        let when = when.map_or_else(String::new, |when| format!(" {when}"));
        text.push_str(&format!("seen {}{when}\n", checkpoint.trim_end().replace('\n', " ")));
    }
    let read = Policy::read(&text).expect("a policy");
    assert_eq!((read.seen, read.witnesses, read.quorum), (policy.seen.clone(), policy.witnesses.clone(), policy.quorum));
    assert_eq!((read.keys, read.ranged, read.lost), (policy.keys.clone(), policy.ranged.clone(), policy.lost.clone()));
    assert_eq!((read.recovery, read.recovery_quorum), (policy.recovery.clone(), policy.recovery_quorum));
    std::fs::write(folder.path().join("policy"), text).expect("it is written");
    let paths: Vec<_> = (0..archives.len()).map(|number| folder.path().join(number.to_string())).collect();
    for (path, archive) in paths.iter().zip(archives) {
        std::fs::write(path, archive).expect("it is written");
    }
    let mut python = Command::new("python3");
    python.arg(tests::top().join("tests/golden/check_bundle.py"));
    let go = super::watcher::client().map(|client| {
        let mut go = Command::new(client);
        go.arg("bundles");
        ("Go", go)
    });
    let mut told = Vec::new();
    for (who, mut program) in [("Python", python)].into_iter().chain(go) {
        let Ok(output) = program.arg(folder.path().join("policy")).args(&paths).output() else {
            tests::skip("an independent verifier of bundles needs python3");
            continue;
        };
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let said: Vec<String> = said.lines().filter_map(|line| line.split_once(": ")).map(|(_, said)| said.to_owned()).collect();
        assert_eq!(said.len(), archives.len(), "{who}: {}", String::from_utf8_lossy(&output.stderr));
        // The exit code is that of the worst.
        let worst = ["TAMPERED", "INCOMPLETE"].iter().position(|verdict| said.iter().any(|said| said.starts_with(verdict)));
        assert_eq!(output.status.code(), Some(worst.map_or(0, |worst| worst as i32 + 1)), "{who}");
        told.push((who, said));
    }
    told
}

/// What is no policy to one is none to the others, and none of them falls over it.
#[test]
fn a_policy_is_read_alike() {
    let key = policy().keys[0].to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let (path, empty) = (folder.path().join("policy"), folder.path().join("empty"));
    std::fs::write(&empty, "").expect("it is written");
    let mut good = format!("# from paper\n\nkey {key}\n");
    let root = "A".repeat(43) + "=";
    let seen = |when: &str| format!("seen office.example/site/1 7 {root} {when}");
    let day = "2026-11-27T15:30:00.000000Z";
    for when in ["", &format!("by {day}"), &format!("at {day}")] {
        good.push_str(&(seen(when) + "\n"));
    }
    let of_log = policy().keys[0].named("office.example/unit/office/1");
    for line in ["", " from 3", " to 0", " from 3 to 3", " from 0 to 9223372036854775807"] {
        good.push_str(&format!("key {of_log}{line}\n"));
    }
    good.push_str("lost office.example/site/1 3 3\nlost office.example/unit/office/1 0 9\n");
    let sizes = [
        " from",
        " from x",
        " from 4 to 3",
        " to 3 from 3",
        " to -1",
        " from 03",
        " to 9223372036854775808",
        " at 3",
        " from 1 from 2",
    ];
    let sizes = sizes.map(|sizes| format!("key {of_log}{sizes}"));
    let lost = [
        "office.example 1 2",
        "/site/1 1 2",
        "h/unit/X/1 1 2",
        "h/site/0 1 2",
        "h/site/2 3 2",
        "h/site/2 1",
        "office.example/site/1 3 3",
    ];
    let lost = lost.map(|lost| format!("lost {lost}"));
    let ranges = sizes.into_iter().chain(lost).chain([format!("key {key} from 3"), format!("key {key} to 3")]);
    // Of recovery keys there are as many as are to sign, none twice, and none is an office's.
    let officers: Vec<String> = (0..3).map(|number| format!("recovery {}", officer(number).key())).collect();
    good.push_str(&(officers.join("\n") + "\nrecovery-quorum 3\n"));
    let officers = [
        "recovery".to_owned(),
        "recovery x".to_owned(),
        "recovery-quorum 2".to_owned(),
        officers[1].clone(),
        format!("recovery {}", officer(1).key().named("another.example")),
        format!("recovery {key}"),
        format!("recovery {}", witness(1).key()),
    ];
    let ranges = ranges.chain(officers);
    let bad =
        ["seen X", "seen X 1", "seen X 1 2 3", "key", "witness", "quorum", "quorum 0", "quorum 1 1", "other", "other x", "key x"];
    let when =
        ["by", "by 2026", "at", "on 2026-11-27T15:30:00.000000Z", "by 2026-11-27T15:30:00Z", "by 2026-11-31T15:30:00.000000Z"];
    let when = when.into_iter().chain(["at 1969-11-27T15:30:00.000000Z", "at 2026-11-27T15:30:00.000000Z at"]).map(seen);
    let bad = bad.into_iter().map(str::to_owned).chain(when).chain(ranges);
    let own = format!("key {key}\n");
    let alone = ["recovery-quorum 1", "recovery-quorum 0"].map(|line| (format!("{own}{line}\n"), false));
    let few = (format!("{own}recovery {}\nrecovery-quorum 2\n", officer(0).key()), false);
    let unsaid = (format!("{own}recovery {}\n", officer(0).key()), false);
    for (text, is_good) in [(good.clone(), true), ("# none\n".to_owned(), false), few, unsaid]
        .into_iter()
        .chain(alone)
        .chain(bad.map(|line| (format!("{good}{line}\n"), false)))
    {
        assert_eq!(Policy::read(&text).is_ok(), is_good, "{text}");
        std::fs::write(&path, &text).expect("it is written");
        let mut python = Command::new("python3");
        python.arg(tests::top().join("tests/golden/check_bundle.py"));
        let go = super::watcher::client().map(|client| {
            let mut go = Command::new(client);
            go.arg("bundles");
            go
        });
        for mut program in [python].into_iter().chain(go) {
            let Ok(output) = program.args([&path, &empty]).output() else { continue };
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            // With a policy it says of a file what it is; without one, nothing.
            assert_eq!(output.stdout.is_empty(), !is_good, "{text}: {said}");
            assert!(!output.status.success());
            assert!(!said.contains("Traceback") && !said.contains("goroutine"), "{text}: {said}");
        }
    }
}

type Files = BTreeMap<String, Vec<u8>>;

fn files(archive: &[u8]) -> Files {
    unseal(archive).expect("a bundle").into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect()
}

/// What a file may be called that has no business there.
const NAMES: [&str; 6] =
    ["document/0.json", "log/unit/office/2/checkpoint", "log/site/1/entries", "a", "log/unit/site/1/checkpoint", "z.txt"];
/// What a member of the head may be put to.
const VALUES: [&str; 13] = [
    "1",
    "2",
    "0",
    "true",
    "null",
    "\"x\"",
    "[]",
    "[\"x\"]",
    "{}",
    "\"2026-04-01T04:33:00.000000Z\"",
    "\"2026-04-31T04:33:00.000000Z\"",
    "\"site\"",
    "\"\"",
];

/// A change as malice makes it that knows the format: whatever is not signed fits again.
fn changed(random: &mut Random, one: &[u8], other: &[u8]) -> Vec<u8> {
    let (mut own, others) = (files(one), files(other));
    let names: Vec<String> = own.keys().filter(|name| *name != "MANIFEST.sha256").cloned().collect();
    let name = random.pick(&names).expect("a file").clone();
    match random.below(19) {
        0 => drop(own.remove(&name)),
        1 => drop(own.insert(name.clone(), others.get(&name).cloned().unwrap_or_default())),
        2 => drop(own.insert((*random.pick(&NAMES).expect("a name")).to_owned(), b"{}".to_vec())),
        3..=5 => head(random, own.get_mut("bundle.json").expect("a head")),
        6 => {
            let content = own.get_mut(&name).expect("the file");
            let at = random.below(content.len());
            content[at] ^= 1 << random.below(8);
        }
        7 => {
            let mut archive = one.to_vec();
            let at = random.below(archive.len());
            archive[at] ^= 1 << random.below(8);
            return archive;
        }
        8 => return one[..random.below(one.len())].to_vec(),
        9 => return [one, b"\0"].concat(),
        10..=12 => {
            let notes: Vec<&String> = names.iter().filter(|name| name.ends_with("/checkpoint")).collect();
            let name = (*random.pick(&notes).expect("a log")).clone();
            let note = note(random, &own[&name], others.get(&name).unwrap_or(&own[&name]));
            own.insert(name, note);
        }
        _ => {
            let logs: Vec<&String> = names.iter().filter(|name| name.ends_with("entries.jsonl")).collect();
            let name = (*random.pick(&logs).expect("a log")).clone();
            let text = String::from_utf8(own[&name].clone()).expect("UTF-8");
            own.insert(name, lines(random, &text).into_bytes());
        }
    }
    seal(own).expect("it is packed")
}

/// Another head.
fn head(random: &mut Random, text: &mut Vec<u8>) {
    let mut head: Value = serde_json::from_slice(text).expect("a head");
    let value = serde_json::from_str(random.pick(&VALUES).expect("a value")).expect("JSON");
    let members = ["host", "v", "zone", "withheld", "chosen", "more"];
    let chosen = ["unit", "cases", "processes", "from", "to", "more"];
    let place = random.below(6);
    match random.below(3) {
        0 => head[members[place]] = value,
        1 => drop(head.as_object_mut().expect("an object").remove(members[place])),
        _ => head["chosen"][chosen[place]] = value,
    }
    *text = engine::digest::canonical(&head).into_bytes();
}

/// A witness of these tests.
fn witness(number: u8) -> PrivateWitnessKey {
    PrivateWitnessKey::new(&format!("witness-{number}.example"), &[number; 32]).expect("a key")
}

/// A recovery officer of these tests.
pub(super) fn officer(number: u8) -> PrivateKey {
    PrivateKey::new(&format!("recovery-{number}.example"), &[number + 70; 32]).expect("a key")
}

/// The site log holds a second epoch of all logs, signed by two recovery officers, and that the installation's key handed over to the next.
async fn state(world: &World<MemoryStore>) {
    let host = "office.example";
    let time = world.clock.now();
    let logs = signed(world.engine.store()).await.into_values().map(|log| log.checkpoint);
    let mut logs: Vec<LogSigned> = logs.map(|one| LogSigned { log: one.origin, size: one.size, root: one.root }).collect();
    logs.sort_by(|one, other| one.log.cmp(&other.log));
    let ended = logs.iter().map(|LogSigned { log, size, root }| {
        let next = format!("{}2", log.strip_suffix('1').expect("the first epoch"));
        LogEnded { log: log.clone(), size: *size, root: *root, next }
    });
    let (old, new) = (tests::bundle::secret(), next_key());
    let key = old.key().to_string();
    let declared = EpochDeclared { time, why: EpochReason::Restore, reason: "the disk".into(), key, logs: ended.collect() };
    let declared = KeyChange::Declared(declared);
    let (was, is) = (old.key().to_string(), new.key().to_string());
    let mut rotated = KeyRotated { time, old: was, new: is, logs, note: String::new() };
    let by = |change: &KeyChange, keys: &[(&PrivateKey, &str)]| {
        let text = change::text(change, host).expect("a text");
        let notes = keys.iter().map(|(key, name)| key.sign(name, &text).expect("it is signed"));
        let both = notes.reduce(|one, other| Note { signatures: [one.signatures, other.signatures].concat(), ..one });
        both.expect("a key").to_string()
    };
    rotated.note = by(&KeyChange::Rotated(rotated.clone()), &[(&old, host), (&new, host)]);
    let officers = [officer(0), officer(1)].map(|key| (key.key().name().to_owned(), key));
    let note = by(&declared, &officers.each_ref().map(|(name, key)| (key, name.as_str())));
    for change in [declared, KeyChange::Stated(RecoveryStated { note }), KeyChange::Rotated(rotated)] {
        world.submit_site("system", journal::Command::NoteKeyChange(change)).await.expect("it is noted");
    }
}

/// The key after the installation's first.
fn next_key() -> PrivateKey {
    PrivateKey::new("office.example", &[55; 32]).expect("a key")
}

/// Another checkpoint, most often of the same text: lines more, fewer, of others, and of other times.
fn note(random: &mut Random, text: &[u8], other: &[u8]) -> Vec<u8> {
    let (Ok(mut note), Ok(other)) = (Note::read(text), Note::read(other)) else { return text.to_vec() };
    let (at, from) = (random.below(note.signatures.len()), random.below(other.signatures.len()));
    match random.below(13) {
        0 => drop(note.signatures.remove(at)),
        1 => note.signatures.insert(at, other.signatures[from].clone()),
        2 => note.signatures[at] = other.signatures[from].clone(),
        3 => note.signatures.reverse(),
        4 => {
            let bytes = &mut note.signatures[at].bytes;
            let place = random.below(bytes.len());
            bytes[place] ^= 1 << random.below(8);
        }
        5 => {
            let bytes = &mut note.signatures[at].bytes;
            bytes.truncate([71, 64, 8, 1][random.below(4)].min(bytes.len()));
        }
        // The same key under another witness's name or id, as anybody can write it.
        6 => note.signatures[at].name = format!("witness-{}.example", random.below(4)),
        7 => note.signatures[at].id[random.below(4)] ^= 1,
        8 => {
            let seconds = [0, 1, 1_800_000_000, (1 << 37) - 1, 1 << 37][random.below(5)];
            let number = u8::try_from(random.below(4)).expect("small");
            note.signatures.push(witness(number).cosign(&note.text, engine::model::Time(seconds * 1_000_000)));
        }
        // By the next key too, or by that alone; or the next one's line is of another text.
        9 => note.signatures.extend(by_next(&note.text)),
        10 => note.signatures = by_next(&note.text),
        11 => note.signatures.extend(by_next(&other.text)),
        _ => note.text = other.text,
    }
    note.to_string().into_bytes()
}

fn by_next(text: &str) -> Vec<Signature> {
    Checkpoint::read(text).and_then(|checkpoint| checkpoint.sign(&next_key())).expect("it is signed").signatures
}

/// Other lines of a log.
fn lines(random: &mut Random, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    let mut line: Value = serde_json::from_str(&lines[a]).expect("a line");
    let payloads = line["payloads"].as_array().map_or(0, Vec::len);
    match random.below(9) {
        0 => drop(lines.remove(a)),
        1 => lines.swap(a, b),
        2 => lines.insert(a, lines[b].clone()),
        other => {
            match other {
                3 => drop(line.as_object_mut().expect("an object").remove("payloads")),
                // What was shown is shown by its place in the tree alone.
                4 if line["leaf"].is_string() => {
                    let leaf = engine::digest::leaf_hash(line["leaf"].as_str().unwrap_or_default().as_bytes());
                    line = json!({ "index": line["index"], "node": leaf, "size": 1 });
                }
                5 if payloads > 0 => {
                    let payload = &mut line["payloads"][random.below(payloads)];
                    let name = payload["name"].clone();
                    *payload = match random.below(3) {
                        0 => json!({ "name": name, "withheld": "secret" }),
                        1 => json!({ "body": null, "name": name, "salt": "0".repeat(64) }),
                        _ => json!({ "name": name, "withheld": "" }),
                    };
                }
                6 => line["index"] = json!(random.below(40)),
                7 => line["size"] = json!(1u64 << random.below(64)),
                _ => line["payloads"] = json!([]),
            }
            lines[a] = engine::digest::canonical(&line);
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Two people erase the personal values of a case that is over.
async fn erase(world: &World<MemoryStore>, instance: CommandId) {
    let (names, ground, authority) = (Vec::new(), "Retention ended".to_owned(), "Order 7/2027".to_owned());
    let propose = journal::Command::ProposeErasure { instance, names, ground, authority };
    let proposal = world.submit("chitra", propose).await.expect("it is proposed").entry.origin.command;
    world.submit("dinesh", journal::Command::ApproveErasure { instance, proposal }).await.expect("it is erased");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_of_a_day_that_there_is() {
    let (world, _) = world(1).await;
    let before = bundle(&world, &everything(&office())).await;
    let at = |file: &str| format!("log/unit/office/1/{file}");
    // The last entry is put to another day, and all of it signed anew.
    let on = |day: &str| {
        let mut files = files(&before);
        let text = String::from_utf8(files[&at("entries.jsonl")].clone()).expect("UTF-8");
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
        let last = lines.last_mut().expect("an entry");
        let mut leaf: Value = serde_json::from_str(last["leaf"].as_str().expect("a leaf")).expect("JSON");
        leaf["t"] = json!(format!("{day}T00:00:00.000000Z"));
        last["leaf"] = json!(engine::digest::canonical(&leaf));
        let mut tree = engine::digest::Frontier::new();
        for line in &lines {
            tree.push(engine::digest::leaf_hash(line["leaf"].as_str().expect("a leaf").as_bytes()));
        }
        let checkpoint = engine::evidence::Checkpoint::new("office.example/unit/office/1", tree.size(), tree.root());
        let note = checkpoint.sign(&tests::bundle::secret()).expect("it is signed");
        let lines: String = lines.iter().map(|line| engine::digest::canonical(line) + "\n").collect();
        files.insert(at("checkpoint"), note.to_string().into_bytes());
        files.insert(at("entries.jsonl"), lines.into_bytes());
        seal(files).expect("it is packed")
    };
    let archives = [on("2027-06-30"), on("2027-06-31"), on("2027-13-01")];
    let expected = [Verdict::Verified, Verdict::Tampered, Verdict::Tampered];
    let ours: Vec<_> = archives.iter().map(|archive| verify(archive, &policy()).1.verdict()).collect();
    assert_eq!(ours, expected);
    for (who, told) in theirs(&policy(), &archives) {
        let agree = told.iter().zip(expected).all(|(told, expected)| told.starts_with(expected.name()));
        assert!(agree, "{who}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_was_erased_or_is_missing() {
    let (world, cases) = world(3).await;
    world.hire("dinesh", &["records-officer"]).await;
    let before = bundle(&world, &of_cases(&cases[..1])).await;
    // Gone, as if by the hand of whoever keeps the database.
    let mut gone = files(&before);
    let name =
        gone.keys().find(|name| name.starts_with("log/unit/office") && name.ends_with("entries.jsonl")).expect("the log").clone();
    let lines = String::from_utf8(gone[&name].clone()).expect("UTF-8");
    let lines = lines.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).expect("a line");
        for payload in line.get_mut("payloads").and_then(Value::as_array_mut).into_iter().flatten().skip(1) {
            *payload = json!({ "body": null, "name": payload["name"], "salt": "0".repeat(64) });
        }
        engine::digest::canonical(&line) + "\n"
    });
    let lines: String = lines.collect();
    gone.insert(name, lines.into_bytes());
    let gone = seal(gone).expect("it is packed");
    erase(&world, cases[0]).await;
    let mut period = everything(&office());
    period.chosen.to = Some("2026-04-01T04:30:30.000000Z".to_owned().try_into().expect("an instant"));
    let mut archives = vec![before, gone];
    for wish in [of_cases(&cases[..1]), everything(&office()), period] {
        archives.push(bundle(&world, &wish).await);
    }
    let told = theirs(&policy(), &archives);
    for (number, archive) in archives.iter().enumerate() {
        let (report, replayed) = found(archive, &policy());
        let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code).collect();
        if number == 1 {
            assert_eq!((report.verdict(), codes), (Verdict::Incomplete, vec!["payload.gone"]), "{:?}", report.findings);
        } else {
            assert_eq!((report.findings, report.payloads.erased), (vec![], u64::from(number > 1)), "{number}");
        }
        assert!(number == 0 || replayed.untold > 0, "{number}: {replayed:?}");
        let expected = if number == 1 { "INCOMPLETE" } else { "VERIFIED" };
        for (who, told) in &told {
            assert!(told[number].starts_with(expected), "{who}: {number}: {told:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_say_the_same_of_every_changed_bundle() {
    let (world, cases) = world(5).await;
    world.hire("dinesh", &["records-officer"]).await;
    super::taken::take(&world, "before").await;
    erase(&world, cases[0]).await;
    state(&world).await;
    super::taken::take(&world, "key").await;
    let mut wishes = vec![of_cases(&cases[..1]), of_cases(&cases[1..3]), everything(&office())];
    wishes[0].leaves = true;
    wishes[1].withheld = Some("ground".into());
    let mut period = everything(&office());
    period.chosen.from = Some("2026-04-01T04:32:00.000000Z".to_owned().try_into().expect("an instant"));
    period.chosen.to = Some("2026-04-01T04:34:00.000000Z".to_owned().try_into().expect("an instant"));
    wishes.push(period);
    let mut good = Vec::new();
    for (number, wish) in wishes.iter().enumerate() {
        good.push(bundle(&world, wish).await);
        // The same, cosigned by one witness, by two, and by all three.
        let mut cosigned = signed(world.engine.store()).await;
        for log in cosigned.values_mut() {
            let time = engine::model::Time(1_775_100_000_000_000);
            let lines = (0..=number.min(2)).map(|n| witness(u8::try_from(n).expect("small")).cosign(&log.note.text, time));
            log.note.signatures.extend(lines);
        }
        good.push(bundle_of(&world, wish, &cosigned).await);
    }
    // Signed by two keys, and by the next alone.
    for both in [true, false] {
        let mut changed = signed(world.engine.store()).await;
        for log in changed.values_mut() {
            let new = by_next(&log.note.text);
            log.note.signatures = if both { [log.note.signatures.clone(), new].concat() } else { new };
        }
        good.push(bundle_of(&world, &wishes[0], &changed).await);
    }
    // Under the second epoch, by either key.
    for next in [true, false] {
        let mut second = signed(world.engine.store()).await;
        for log in second.values_mut() {
            log.path = format!("{}2", log.path.strip_suffix('1').expect("the first epoch"));
            log.checkpoint.origin = format!("office.example/{}", log.path);
            let key = if next { next_key() } else { tests::bundle::secret() };
            log.note = log.checkpoint.sign(&key).expect("it is signed");
        }
        good.push(bundle_of(&world, &wishes[0], &second).await);
    }
    // And two of which the unit's log is not what the site log took in.
    good.extend(super::taken::contradicted(&world).await);
    // Two after a restore that was declared: of the same log, and of one that was written anew; and one whose nodes cover what was taken in.
    good.extend(super::taken::washed(&world).await);
    let earlier = &signed(world.engine.store()).await[&office()].checkpoint;
    let seen = |size, root| Policy { seen: vec![Outside { name: earlier.origin.clone(), size, root, when: None }], ..policy() };
    // Seen on the day before the first entry, or on a day long after the last.
    let when = |when| {
        let mut policy = seen(earlier.size, earlier.root);
        policy.seen[0].when = Some(when);
        policy
    };
    let (before, after) = (engine::model::Time(1_774_900_000_000_000), engine::model::Time(1_775_900_000_000_000));
    let of_three = |quorum| Policy { witnesses: (0..3).map(|n| witness(n).key()).collect(), quorum, ..policy() };
    // The key was changed at this size of the unit's log, or after it, or before it; and what a restore has lost.
    let (old, new) = (tests::bundle::secret().key().named(&earlier.origin), next_key().key().named(&earlier.origin));
    let changed_at = |size: u64| {
        let before = Ranged { key: old.clone(), from: 0, to: size };
        Policy { ranged: vec![before, Ranged { key: new.clone(), from: size, to: 1 << 40 }], ..policy() }
    };
    let lost = |from| Policy { lost: vec![Lost { name: earlier.origin.clone(), from, to: earlier.size }], ..policy() };
    let recovered = |policy: Policy, quorum| Policy {
        recovery: (0..3).map(|number| officer(number).key()).collect(),
        recovery_quorum: quorum,
        ..policy
    };
    let by_next_alone = Policy { keys: vec![next_key().key()], ..policy() };
    // Each has its turn, those that ask most first.
    let policies = [
        recovered(policy(), 2),
        recovered(by_next_alone, 2),
        recovered(changed_at(earlier.size), 2),
        recovered(policy(), 3),
        changed_at(earlier.size),
        lost(earlier.size - 3),
        changed_at(earlier.size - 1),
        changed_at(earlier.size + 1),
        lost(0),
        of_three(2),
        seen(earlier.size, earlier.root),
        of_three(1),
        policy(),
        seen(earlier.size - 3, earlier.root),
        of_three(3),
        when(When::By(after)),
        when(When::At(after)),
        when(When::By(before)),
        of_three(0),
    ];
    let mut turns = policies.iter().cycle();
    let mut random = Random(2026);
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut left = mutations();
    while left > 0 {
        let policy = turns.next().expect("a policy");
        let mut asked = good.clone();
        while asked.len() < AT_A_TIME.min(left).max(good.len()) {
            let (one, other) = (random.below(good.len()), random.below(good.len()));
            asked.push(changed(&mut random, &good[one], &good[other]));
        }
        left = left.saturating_sub(asked.len());
        let theirs = theirs(policy, &asked);
        for (number, archive) in asked.iter().enumerate() {
            let (_, report) = verify(archive, policy);
            let ours = report.verdict().name();
            for (who, said) in &theirs {
                let said = &said[number];
                assert!(
                    said.split(' ').next() == Some(ours),
                    "bundle {number}: {who} says {said}, and we say {ours}: {:?}\n{}",
                    report.findings,
                    String::from_utf8_lossy(archive)
                );
            }
            *count.entry(ours).or_default() += 1;
        }
    }
    // All three are said, so that none of them says the same of everything.
    assert!(count.len() == 3 && count.values().all(|count| *count >= 4), "{count:?}");
    println!("{count:?}");
}
