//! What the signer says of the life of its key is taken into the site log, once; and whoever checks a copy is told.

use std::path::Path;

use engine::audit::{Fault, working};
use engine::digest::Hash;
use engine::evidence::bundle::{Bundle, Verdict};
use engine::evidence::{Note, PrivateKey, change};
use engine::journal::event::{
    EpochDeclared, EpochReason, KeyChange, KeyRotated, LogEnded, LogSigned, RecoveryDeclared, RecoveryStated,
};
use engine::journal::{Actor, Command, Envelope, Event, codec};
use engine::model::UnitId;
use engine::runtime::Refusal;
use engine::runtime::checkpoints::Looks;
use engine::runtime::clock::Clock as _;
use engine::runtime::signer::{self, CHANGES, PUBLISHED, Signer};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use tests::bundle::{bundle, everything, found, policy, secret};
use tests::world::{World, chance};

use super::both::theirs;
use super::lists::retold;
use super::{cases, cut, entries, new_signer, office, world};

/// What the site log holds of keys, with the kinds of its entries.
pub(super) async fn noted(store: &impl Store) -> Vec<(String, Event)> {
    let all = entries(store, &UnitId::site()).await;
    let all = all.iter().map(|entry| codec::open(entry).expect("an entry"));
    let is_of_keys = |kind: &str| ["key.rotated", "epoch.declared", "recovery.declared", "recovery.stated"].contains(&kind);
    all.filter(|entry| is_of_keys(&entry.kind))
        .flat_map(|entry| entry.events.into_iter().map(move |e| (entry.kind.clone(), e)))
        .collect()
}

/// The same, with a note that says so.
fn with_note(rotated: KeyRotated) -> KeyRotated {
    let text = change::text(&KeyChange::Rotated(rotated.clone()), "office.example").expect("a text");
    KeyRotated { note: secret().sign("office.example", &text).expect("it is signed").to_string(), ..rotated }
}

async fn look<S: Store>(world: &World<S>, folder: &Path, looks: &mut Looks) -> usize {
    world.engine.note_key_changes(&folder.join(PUBLISHED), looks).await.expect("it is noted")
}

fn last(signer: &Signer, unit: &UnitId, log: &str) -> LogSigned {
    let (size, root) = signer.signed(unit).expect("it is signed");
    LogSigned { log: format!("office.example/{log}"), size, root }
}

fn ended(signed: LogSigned, next: &str) -> LogEnded {
    let LogSigned { log, size, root } = signed;
    LogEnded { log, size, root, next: format!("office.example/{next}") }
}

/// A rotation, a key that is given up, and a restore, in this order: each is an entry of the site log, whoever looks and however often.
#[tokio::test]
async fn each_change_is_said_and_taken_in_once() {
    let world = world(MemoryStore::default()).await;
    let (store, folder) = (world.engine.store(), tempfile::tempdir().expect("a folder"));
    let folder = folder.path();
    let mut signer = new_signer(folder);
    signer.round(store).await.expect("it signs");
    assert_eq!(look(&world, folder, &mut Looks::default()).await, 0, "nothing was changed");
    let old = signer.key().to_string();
    let (mut looks, mut expected) = (Looks::default(), Vec::new());
    let time = world.clock.now();
    signer.rotate(store, time, &chance(12)).await.expect("a new key");
    let logs = vec![last(&signer, &UnitId::site(), "site/1"), last(&signer, &office(), "unit/office/1")];
    let new = signer.key().to_string();
    expected.push(("key.rotated", old, new.clone(), logs));
    // A node that was away sees both, in their order; one that looks again and again sees each once.
    assert_eq!(look(&world, folder, &mut looks).await, 1);
    assert_eq!(look(&world, folder, &mut looks).await, 0);
    cases(&world, 2).await;
    signer.round(store).await.expect("it signs");
    let logs = [last(&signer, &UnitId::site(), "site/1"), last(&signer, &office(), "unit/office/1")];
    world.advance(60).await;
    let stolen = world.clock.now();
    signer.begin_anew(store, "a laptop\nwas stolen", stolen, &chance(13)).await.expect("a new key");
    let third = signer.key().to_string();
    let lost = cut(store, |unit, size| if *unit == office() { size - 1 } else { size }).await;
    let restored = last(&signer, &office(), "unit/office/2");
    world.advance(60).await;
    signer.declare_restore(&lost, "the disk failed", world.clock.now()).await.expect("it is declared");
    assert_eq!(look(&world, folder, &mut looks).await, 2);
    for looks in [&mut looks, &mut Looks::default()] {
        assert_eq!(look(&world, folder, looks).await, 0);
    }
    let said = noted(store).await;
    let kinds: Vec<&str> = said.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["key.rotated", "epoch.declared", "epoch.declared"]);
    let Event::KeyRotated(KeyRotated { time: when, old, new: is, logs: both, note }) = &said[0].1 else { panic!("{said:?}") };
    let (kind, was, now, signed) = expected.remove(0);
    assert_eq!((kind, &was, &now, &signed, time), ("key.rotated", old, is, both, *when));
    // The note proves it by itself, to whoever has either key.
    let note = Note::read(note.as_bytes()).expect("a note");
    assert_eq!(note.signatures.len(), 2);
    let hash = |n: &LogSigned| format!("{} {} {}\n", n.log, n.size, n.root);
    assert_eq!(
        note.text,
        format!("office.example\nchange of key\n{time}\n{old}\n{is}\n{}{}", hash(&signed[0]), hash(&signed[1]))
    );
    let Event::EpochDeclared(declared) = &said[1].1 else { panic!("{said:?}") };
    let [site, unit] = &logs[..] else { panic!("two logs") };
    let logs = vec![ended(site.clone(), "site/2"), ended(unit.clone(), "unit/office/2")];
    let reason = "a laptop was stolen".to_owned();
    assert_eq!(*declared, EpochDeclared { time: stolen, why: EpochReason::NewKey, reason, key: third.clone(), logs });
    let Event::EpochDeclared(declared) = &said[2].1 else { panic!("{said:?}") };
    let logs = vec![ended(restored, "unit/office/3")];
    let (time, reason) = (world.clock.now(), "the disk failed".to_owned());
    assert_eq!(*declared, EpochDeclared { time, why: EpochReason::Restore, reason, key: third, logs });
    // Ids and codes only in the leaves: no reason, and no key.
    for entry in entries(store, &UnitId::site()).await {
        assert!(!entry.leaf.contains("laptop") && !entry.leaf.contains('+'), "{}", entry.leaf);
    }
}

/// Two nodes on stores of their own write the same entries: on one store it is one.
#[tokio::test]
async fn whichever_node_is_first_it_is_one_entry() {
    let world = world(MemoryStore::default()).await;
    let (store, folder) = (world.engine.store(), tempfile::tempdir().expect("a folder"));
    let mut signer = new_signer(folder.path());
    signer.round(store).await.expect("it signs");
    let other = world.node(cut(store, |_, size| size).await, "other").await;
    signer.rotate(store, world.clock.now(), &chance(12)).await.expect("a new key");
    for world in [&world, &other] {
        assert_eq!(look(world, folder.path(), &mut Looks::default()).await, 1);
    }
    let id = async |store: &MemoryStore| entries(store, &UnitId::site()).await.pop().map(|entry| entry.command);
    assert_eq!(id(store).await, id(other.engine.store()).await);
}

/// It ended after it had remembered the change and before it was shown; and what others put there is not taken in.
#[tokio::test]
async fn what_is_remembered_is_shown_and_only_the_signers_counts() {
    let world = world(MemoryStore::default()).await;
    let (store, folder) = (world.engine.store(), tempfile::tempdir().expect("a folder"));
    let place = folder.path().join(PUBLISHED).join(CHANGES);
    let mut signer = new_signer(folder.path());
    signer.round(store).await.expect("it signs");
    let old = PrivateKey::read(std::fs::read_to_string(folder.path().join("key")).unwrap().trim_end()).expect("a key");
    signer.rotate(store, world.clock.now(), &chance(12)).await.expect("a new key");
    drop(signer);
    let name = std::fs::read_dir(&place).expect("it is shown").next().expect("one").expect("a file").file_name();
    let good = std::fs::read_to_string(place.join(&name)).expect("a note");
    std::fs::remove_dir_all(&place).expect("it is gone");
    drop(Signer::open(folder.path()).expect("the folder"));
    assert_eq!(std::fs::read_to_string(place.join(&name)).expect("it is shown again"), good);
    // By one of the two alone; changed; by somebody else; of a text that is none; and no note at all.
    let note = Note::read(good.as_bytes()).expect("a note");
    let thief = PrivateKey::new("office.example", &[99; 32]).expect("a key");
    let KeyChange::Rotated(rotated) = change::read(&note.text).expect("a change") else { panic!("{good}") };
    let by_thief = KeyChange::Rotated(KeyRotated { new: thief.key().to_string(), ..rotated });
    let text = change::text(&by_thief, "office.example").expect("a text");
    let signed = |key: &PrivateKey, text: &str| key.sign("office.example", text).expect("it is signed");
    let both =
        Note { signatures: [signed(&old, &text).signatures, signed(&thief, &text).signatures].concat(), ..signed(&old, &text) };
    let bad = [
        Note { signatures: note.signatures[..1].to_vec(), ..note.clone() }.to_string(),
        Note { signatures: note.signatures[1..].to_vec(), ..note.clone() }.to_string(),
        good.replace("unit/office/1 ", "unit/office/1 1"),
        both.to_string(),
        signed(&old, "office.example\nchange of key\nnow\n").to_string(),
        signed(&old, "office.example\n").to_string(),
        "no note".to_owned(),
    ];
    for (number, text) in bad.iter().enumerate() {
        std::fs::write(place.join(number.to_string()), text).expect("it is written");
    }
    // What cannot be read keeps nobody from the others.
    std::fs::create_dir(place.join("7")).expect("a folder");
    let mut looks = Looks::default();
    assert_eq!(look(&world, folder.path(), &mut looks).await, 1, "the good one alone");
    assert_eq!(noted(store).await.len(), 1);
    // Lines that others add make nothing new of it, to a node that was started anew either.
    let line = "\u{2014} somebody AAAAAAAA\n";
    std::fs::write(place.join(&name), format!("{good}{line}")).expect("it is written");
    for looks in [&mut looks, &mut Looks::default()] {
        assert_eq!(look(&world, folder.path(), looks).await, 0);
    }
    assert_eq!(noted(store).await.len(), 1);
}

/// A change that no node has seen is told by the next key too, where the key was changed again.
#[tokio::test]
async fn a_change_outlives_the_keys_that_signed_it() {
    let world = world(MemoryStore::default()).await;
    let (store, folder) = (world.engine.store(), tempfile::tempdir().expect("a folder"));
    let mut signer = new_signer(folder.path());
    signer.round(store).await.expect("it signs");
    for seed in 12..15 {
        // At one instant and one size: their names differ all the same.
        signer.rotate(store, world.clock.now(), &chance(seed)).await.expect("a new key");
    }
    signer.begin_anew(store, "stolen", world.clock.now(), &chance(15)).await.expect("a new key");
    assert_eq!(look(&world, folder.path(), &mut Looks::default()).await, 4);
    let (_, key) = signer::shown(&folder.path().join(PUBLISHED)).expect("it is shown");
    let told = noted(store).await;
    let newest = told.iter().any(|(_, event)| matches!(event, Event::EpochDeclared(declared) if declared.key == key.to_string()));
    assert!(newest, "{told:?}");
}

#[test]
fn a_text_is_read_back_and_no_other() {
    let time = engine::model::Time(1_775_000_000_000_000);
    let logs = vec![LogSigned { log: "office.example/site/1".into(), size: 3, root: Hash::of(b"root") }];
    let keys = vec![secret().key().to_string()];
    let key = keys[0].clone();
    let all = [
        KeyChange::Rotated(KeyRotated { time, old: "a".into(), new: "b".into(), logs: logs.clone(), note: String::new() }),
        KeyChange::Declared(EpochDeclared {
            time,
            why: EpochReason::NewKey,
            reason: String::new(),
            key,
            logs: vec![ended(logs[0].clone(), "site/2")],
        }),
        KeyChange::Recovery(RecoveryDeclared { time, quorum: 1, keys }),
    ];
    for one in all {
        let text = change::text(&one, "office.example").expect("a text");
        assert_eq!(change::read(&text), Ok(one));
        for (from, to) in [("\n", "\r\n"), ("office.example\n", ""), (" 3 ", " 03 "), ("2026", "26"), ("\n1\n", "\n+1\n")] {
            let changed = text.replacen(from, to, 1);
            assert!(changed == text || change::read(&changed).is_err(), "{changed}");
        }
        for end in 1..text.len() {
            let read = change::read(&text[..end]);
            assert!(read.is_err() || text[..end].ends_with('\n'), "{}", &text[..end]);
        }
    }
    assert_eq!(change::text(&KeyChange::Stated(RecoveryStated { note: String::new() }), "h"), None);
}

#[tokio::test]
async fn what_is_no_change_is_refused() {
    let world = world(MemoryStore::default()).await;
    let time = world.clock.now();
    let log = |name: &str| LogSigned { log: name.to_owned(), size: 1, root: Hash::of(b"") };
    let change_to = |logs: Vec<LogSigned>, new: &str| {
        with_note(KeyRotated { time, old: "a".into(), new: new.into(), logs, note: String::new() })
    };
    let rotated = |logs: Vec<LogSigned>, new: &str| KeyChange::Rotated(change_to(logs, new));
    // The note says something else than what stands beside it, or is none.
    let good = change_to(vec![log("a")], "b");
    let otherwise = [
        KeyRotated { new: "c".into(), ..good.clone() },
        KeyRotated { logs: vec![log("c")], ..good.clone() },
        KeyRotated { note: "n".into(), ..good.clone() },
        KeyRotated { note: good.note.split_inclusive('\n').take(6).collect(), ..good.clone() },
        KeyRotated { note: format!("{}\n\u{2014} a AAAAAAA=\n", good.note), ..good },
    ];
    let declared = |reason: &str, logs: usize| {
        let logs = (0..logs).map(|n| ended(log(&format!("{n:03}")), "x")).collect();
        KeyChange::Declared(EpochDeclared { time, why: EpochReason::Restore, reason: reason.into(), key: "k".into(), logs })
    };
    let recovery = |quorum, keys| KeyChange::Recovery(RecoveryDeclared { time, quorum, keys: vec!["k".into(); keys] });
    let stated = |length: usize| KeyChange::Stated(RecoveryStated { note: "n".repeat(length) });
    let submit = async |unit: &UnitId, change: KeyChange| {
        let envelope = Envelope::new(Actor::System, &world.key(), Command::NoteKeyChange(change));
        match world.engine.submit(unit, envelope).await {
            Ok(_) => "accepted".to_owned(),
            Err(Refusal::Rejected(rejection)) => rejection.code.to_owned(),
            Err(other) => panic!("{other}"),
        }
    };
    for (change, expected) in [
        (rotated(vec![log("a"), log("b")], "b"), "accepted"),
        (rotated(vec![log("b"), log("a")], "b"), "change.malformed"),
        (rotated(vec![], "b"), "change.malformed"),
        (rotated(vec![log("a")], "a"), "change.malformed"),
        (declared(&"ü".repeat(500), 150), "accepted"),
        (declared(&"ü".repeat(501), 1), "change.malformed"),
        (declared("", 151), "change.malformed"),
        (recovery(2, 3), "accepted"),
        (recovery(0, 3), "change.malformed"),
        (recovery(4, 3), "change.malformed"),
        (recovery(1, 21), "change.malformed"),
        (stated(64 * 1024), "accepted"),
        (stated(64 * 1024 + 1), "change.malformed"),
        (stated(0), "change.malformed"),
    ]
    .into_iter()
    .chain(otherwise.map(|one| (KeyChange::Rotated(one), "change.malformed")))
    {
        assert_eq!(submit(&UnitId::site(), change.clone()).await, expected, "{change:?}");
    }
    assert_ne!(submit(&office(), recovery(2, 3)).await, "accepted", "it belongs into the site log");
}

/// Whoever relies on a copy finds them in it, and all verifiers take it.
#[tokio::test]
async fn a_copy_tells_of_them() {
    let (world, cases) = super::bundle::world(2).await;
    let time = world.clock.now();
    let logs = vec![LogSigned { log: "office.example/site/1".into(), size: 1, root: Hash::of(b"") }];
    let rotated = with_note(KeyRotated { time, old: "a".into(), new: "b".into(), logs: logs.clone(), note: String::new() });
    let logs = vec![ended(logs[0].clone(), "site/2")];
    let (key, reason) = ("c".to_owned(), "laptop of somebody".to_owned());
    let declared = EpochDeclared { time, why: EpochReason::NewKey, reason, key, logs };
    for change in [KeyChange::Rotated(rotated.clone()), KeyChange::Declared(declared.clone())] {
        world.submit_site("system", Command::NoteKeyChange(change)).await.expect("it is noted");
    }
    for wish in [everything(&office()), super::bundle::of_cases(&cases[..1])] {
        let archive = bundle(&world, &wish).await;
        let (report, replayed) = found(&archive, &policy());
        assert_eq!((report.verdict(), replayed.cases > 0), (Verdict::Verified, true), "{:?}", report.findings);
        for (who, said) in theirs(&policy(), std::slice::from_ref(&archive)) {
            assert!(said[0].starts_with("VERIFIED"), "{who}: {said:?}");
        }
        let signs = working(&Bundle::read(&archive).expect("a bundle")).signs;
        let faults: Vec<_> = signs.into_iter().map(|sign| sign.fault).collect();
        assert_eq!(faults, [Fault::KeyRotated(Some(rotated.clone())), Fault::EpochDeclared(Some(declared.clone()))]);
        let place = tempfile::tempdir().expect("a folder");
        let (file, paper) = (place.path().join("b.zip"), place.path().join("p"));
        std::fs::write(&file, &archive).expect("it is written");
        std::fs::write(&paper, format!("key {}\n", secret().key())).expect("it is written");
        let page = tests::program::run(&["certificate", &file.to_string_lossy(), "--policy", &paper.to_string_lossy()]);
        let page = String::from_utf8(page.stdout).expect("UTF-8");
        for wanted in ["from a to b", "the log office.example/site/1 at 1 entries", "goes on as office.example/site/2"] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        assert!(!page.contains("laptop"), "somebody's words may name people");
        // Written otherwise than the note says, as no machine takes it in.
        let event = Event::KeyRotated(KeyRotated { new: "c".into(), ..rotated.clone() });
        let list = serde_json::json!({ "events": [event] }).to_string();
        let (report, _) = found(&retold(&archive, "key.rotated", &list), &policy());
        let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((report.verdict(), &codes[..]), (Verdict::Tampered, &["replay.note"][..]), "{:?}", report.findings);
    }
}
