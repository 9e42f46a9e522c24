//! The life of the log's key: handed over by plan, given up when it was lost or stolen, and to whom it is of use afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use engine::evidence::bundle::{Policy, Verdict, pack};
use engine::evidence::{Anchor, Checkpoint, Key, Note, PrivateKey};
use engine::model::{CommandId, Time, UnitId};
use engine::runtime::bundle::{Signed, gather};
use engine::runtime::clock::Clock as _;
use engine::runtime::signer::{self, PUBLISHED, Signer, SignerError};
use engine::store::Store as _;
use engine::store::memory::MemoryStore;
use tests::world::{World, chance};

use super::bundle::of_cases;
use super::taken::all_say_under;
use super::{cases, cut, new_signer, office};

const ORIGIN: &str = "office.example/unit/office/1";

fn private(folder: &Path) -> PrivateKey {
    PrivateKey::read(fs::read_to_string(folder.join("key")).expect("a key").trim_end()).expect("a key")
}

fn shown_note(folder: &Path, path: &str, name: &str) -> Option<Note> {
    let bytes = fs::read(folder.join(PUBLISHED).join(path).join(name)).ok()?;
    Some(Note::read(&bytes).expect("a note"))
}

/// Which of these have signed.
fn signers(note: &Note, keys: &[&PrivateKey]) -> Vec<bool> {
    let origin = note.text.lines().next().expect("a log");
    keys.iter().map(|key| note.verify(&[key.key().named(origin)]).is_ok()).collect()
}

#[tokio::test]
async fn at_the_size_of_the_change_both_keys_have_signed() {
    let (folder, world) = (tempfile::tempdir().unwrap(), super::world(MemoryStore::default()).await);
    let (folder, store) = (folder.path(), world.engine.store());
    let mut signer = new_signer(folder);
    signer.round(store).await.unwrap();
    cases(&world, 3).await;
    let old = private(folder);
    signer.rotate(store, world.clock.now(), &chance(12)).await.unwrap();
    let new = private(folder);
    assert_ne!(old.key(), new.key());
    assert_eq!(signer.key(), new.key());
    let keys = [&old, &new];
    for path in ["site/1", "unit/office/1"] {
        let both = shown_note(folder, path, "checkpoint").unwrap();
        assert_eq!(signers(&both, &keys), [true, true], "{path}");
        assert_eq!(shown_note(folder, path, "rotation").unwrap(), both);
        let told = fs::read_to_string(folder.join(PUBLISHED).join(path).join("vkey")).unwrap();
        assert_eq!(told.trim_end(), new.key().named(&format!("office.example/{path}")).to_string());
    }
    // What was committed before is held by both.
    let size = Checkpoint::read(&shown_note(folder, "unit/office/1", "checkpoint").unwrap().text).unwrap().size;
    assert_eq!(Some(size), signer.signed(&office()).map(|(size, _)| size));
    assert_eq!(size as usize, super::entries(store, &office()).await.len());
    // Nothing is left of the old one in the folder.
    let secret = old.secret();
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(&secret));
    }
    // It goes on with the new one alone, as another process too, and keeps the checkpoint of both.
    drop(signer);
    let mut signer = Signer::open(folder).unwrap();
    assert_eq!(signers(&shown_note(folder, "unit/office/1", "checkpoint").unwrap(), &keys), [true, true]);
    cases(&world, 1).await;
    signer.round(store).await.unwrap();
    assert_eq!(signers(&shown_note(folder, "unit/office/1", "checkpoint").unwrap(), &keys), [false, true]);
    assert_eq!(signers(&shown_note(folder, "unit/office/1", "rotation").unwrap(), &keys), [true, true]);
    assert_eq!(signers(&shown_note(folder, "site/1", "checkpoint").unwrap(), &keys), [true, true], "it has not grown");
    // An anchor takes in what several keys have signed.
    let (anchor, key) = signer::shown(&folder.join(PUBLISHED)).unwrap();
    assert_eq!((anchor.checkpoints().len(), key), (2, new.key()));
    assert!(Anchor::read(anchor.to_string().as_bytes(), &[old.key()]).is_err());
    // What the database has lost is not washed by a change of the key.
    let lost = cut(store, |_, size| size - 1).await;
    assert_eq!(signer.rotate(&lost, world.clock.now(), &chance(13)).await.unwrap_err().code(), "signer.rolled-back");
    assert_eq!(private(folder).key(), new.key());
}

/// Copies a signer's folder, without its lock.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let other = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &other);
        } else {
            fs::copy(&path, &other).unwrap();
        }
    }
}

/// The signer is killed after each step of a change: it goes on with the one key or with the other, and contradicts itself never.
#[tokio::test]
async fn whenever_it_is_killed_the_state_tells_which_key_is_in_force() {
    let (place, world) = (tempfile::tempdir().unwrap(), super::world(MemoryStore::default()).await);
    let (before, after, store) = (place.path().join("before"), place.path().join("after"), world.engine.store());
    let mut signer = new_signer(&before);
    signer.round(store).await.unwrap();
    drop(signer);
    copy(&before, &after);
    let mut signer = Signer::open(&after).unwrap();
    signer.rotate(store, world.clock.now(), &chance(12)).await.unwrap();
    drop(signer);
    let (old, new) = (private(&before), private(&after));
    let read = |folder: &Path, name: &str| fs::read(folder.join(name)).unwrap();
    // Which file is put into the folder as it was, each over those before it.
    type Step<'s> = (&'s str, Vec<u8>);
    let next: Step<'_> = ("key.next", read(&after, "key"));
    let state: Step<'_> = ("state.json", read(&after, "state.json"));
    let zeros: Step<'_> = ("key", vec![0; read(&before, "key").len()]);
    let half: Step<'_> = ("key.next", b"PRIVATE+KEY+off".to_vec());
    let taken = |signer: &Signer, key: &PrivateKey| signer.key() == key.key();
    let check = async |what: &str, steps: &[&Step<'_>], expected: &PrivateKey| {
        let folder = place.path().join(what);
        copy(&before, &folder);
        for (name, bytes) in steps {
            fs::write(folder.join(name), bytes).unwrap();
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let mut signer = Signer::open(&folder).unwrap();
        assert!(taken(&signer, expected), "{what}");
        assert!(!folder.join("key.next").exists(), "{what}");
        assert_eq!(private(&folder).key(), expected.key(), "{what}");
        // What is shown by then is signed by the key that is shown beside it, and goes on.
        let note = shown_note(&folder, "unit/office/1", "checkpoint").unwrap();
        let is_changed = expected.key() == new.key();
        assert_eq!(signers(&note, &[&old, &new]), [true, is_changed], "{what}");
        signer.round(store).await.unwrap();
        drop(signer);
        assert!(taken(&Signer::open(&folder).unwrap(), expected), "{what}");
        // It can be changed again.
        let mut signer = Signer::open(&folder).unwrap();
        signer.rotate(store, world.clock.now(), &chance(14)).await.unwrap();
        assert_eq!(Policy::read(&signer.policy().unwrap()).unwrap().ranged.len(), if is_changed { 6 } else { 4 }, "{what}");
    };
    check("nothing", &[], &old).await;
    check("half a key", &[&half], &old).await;
    check("the key is there", &[&next], &old).await;
    check("the state names it", &[&next, &state], &new).await;
    check("the old one is written over", &[&next, &state, &zeros], &new).await;
    // What was put back from a copy is refused: the state without its key, and both from before the change, beside what is shown now.
    let folder = place.path().join("other key");
    copy(&after, &folder);
    fs::write(folder.join("key"), read(&before, "key")).unwrap();
    assert!(matches!(Signer::open(&folder), Err(SignerError::Files(told)) if told.contains("not the key")));
    fs::write(folder.join("state.json"), read(&before, "state.json")).unwrap();
    let told = Signer::open(&folder).unwrap_err().to_string();
    assert!(told.contains("handed over to another key"), "{told}");
}

/// A bundle of the log when it has so many entries, signed by these keys.
async fn signed_by(world: &World<MemoryStore>, size: u64, path: &str, keys: &[&PrivateKey], case: CommandId) -> Vec<u8> {
    let store = world.engine.store();
    let mut signed: BTreeMap<UnitId, Signed> = tests::bundle::signed(store).await;
    for (unit, log) in &mut signed {
        let of_unit = *unit == office();
        if of_unit {
            let leaves = super::entries(store, unit).await;
            let leaves: Vec<_> = leaves.iter().map(|entry| engine::digest::leaf_hash(entry.leaf.as_bytes())).collect();
            let root = engine::digest::root_of(&leaves[..usize::try_from(size).unwrap()]);
            log.path = path.to_owned();
            log.held = (0..=size).collect();
            log.checkpoint = Checkpoint::new(&format!("office.example/{path}"), size, root);
        }
        // Of the site's log the last of them has signed.
        let keys = if of_unit { keys } else { &keys[keys.len() - 1..] };
        let notes = keys.iter().map(|key| log.checkpoint.sign(key).unwrap());
        log.note = notes.reduce(|one, other| Note { signatures: [one.signatures, other.signatures].concat(), ..one }).unwrap();
    }
    let parts = gather(store, "office.example", "Asia/Kolkata", &of_cases(&[case]), &signed).await;
    pack(parts.unwrap()).unwrap()
}

/// Of the policy, what is said of the unit's log: the site's grows at other sizes.
fn of_unit(policy: &str) -> Policy {
    let lines = policy.lines().filter(|line| !line.contains("/site/"));
    Policy::read(&lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_is_relied_on_for_its_sizes_alone() {
    let (folder, world) = (tempfile::tempdir().unwrap(), super::world(MemoryStore::default()).await);
    let (folder, store) = (folder.path(), world.engine.store());
    let case = world.submit("asha", super::start()).await.unwrap().instance().unwrap();
    let mut signer = new_signer(folder);
    cases(&world, 4).await;
    let old = private(folder);
    signer.rotate(store, world.clock.now(), &chance(12)).await.unwrap();
    let new = private(folder);
    let at = signer.signed(&office()).unwrap().0;
    cases(&world, 3).await;
    signer.round(store).await.unwrap();
    let text = signer.policy().unwrap();
    let (first, next) = (old.key().named(ORIGIN), new.key().named(ORIGIN));
    for line in [format!("key {}", new.key()), format!("key {first} to {at}"), format!("key {next} from {at}")] {
        assert!(text.lines().any(|told| told == line), "{line}: {text}");
    }
    assert!(text.contains(&format!("seen {ORIGIN} {at} ")), "{text}");
    assert_eq!(fs::read_to_string(folder.join(PUBLISHED).join("policy")).unwrap(), text);
    let mut policy = of_unit(&text);
    let bundle = async |size: u64, keys: &[&PrivateKey]| signed_by(&world, size, "unit/office/1", keys, case).await;
    let outsider = PrivateKey::new("office.example", &[99; 32]).unwrap();
    // The site's log has no lines in this policy, so its key is that of the host: the new one signs last.
    let last = at + 3;
    let now = bundle(last, &[&new]).await;
    let handed_over = bundle(at, &[&old, &new]).await;
    all_say_under(
        &policy,
        vec![
            ("now", now, Verdict::Verified, &[]),
            ("at the change, by both", handed_over, Verdict::Verified, &[]),
            ("at the change, by the new one", bundle(at, &[&new]).await, Verdict::Verified, &[]),
            ("later, by both", bundle(last, &[&old, &new]).await, Verdict::Verified, &[]),
            ("the new one before", bundle(at - 1, &[&new]).await, Verdict::Tampered, &["key.early"]),
            ("another", bundle(last, &[&outsider]).await, Verdict::Tampered, &["note.no-key"]),
        ],
    );
    // By the old key alone: the whole installation as it was.
    policy.keys = vec![old.key()];
    all_say_under(
        &policy,
        vec![
            ("the old one later", bundle(at + 1, &[&old]).await, Verdict::Tampered, &["key.retired"]),
            ("the old one at the change", bundle(at, &[&old]).await, Verdict::Verified, &[]),
            // What the change was made at is held outside: who has the old key cannot put back the end.
            ("the old one before", bundle(at - 1, &[&old]).await, Verdict::Incomplete, &["log.truncated"]),
        ],
    );
    policy.seen.clear();
    all_say_under(&policy, vec![("the old one before, as it was", bundle(at - 1, &[&old]).await, Verdict::Verified, &[])]);
    let (_, report) = engine::evidence::bundle::verify(&bundle(at + 1, &[&old]).await, &policy);
    let told = &report.findings[0].message;
    assert!(told.contains(&format!("was in force up to size {at}, and was given up then: {first}")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_key_is_of_no_use() {
    let (folder, world) = (tempfile::tempdir().unwrap(), super::world(MemoryStore::default()).await);
    let (folder, store) = (folder.path(), world.engine.store());
    let case = world.submit("asha", super::start()).await.unwrap().instance().unwrap();
    cases(&world, 4).await;
    let mut signer = new_signer(folder);
    signer.round(store).await.unwrap();
    let stolen = private(folder);
    let (size, root) = signer.signed(&office()).unwrap();
    cases(&world, 2).await;
    let now = Time::parse("2026-04-02T00:00:00Z").unwrap();
    let notes = signer.begin_anew(store, "a laptop was stolen", now, &chance(12)).await.unwrap();
    let new = private(folder);
    assert_eq!(notes.len(), 2);
    let second = "office.example/unit/office/2";
    let note = shown_note(folder, "unit/office/2", "restore").unwrap();
    note.verify(&[new.key().named(second)]).unwrap();
    let kept = signer.signed(&office()).unwrap();
    assert_eq!(kept.0, size + 2);
    assert_eq!(
        note.text.lines().collect::<Vec<_>>(),
        [
            second,
            &format!("new key of {ORIGIN}"),
            &format!("signed {size} {root}"),
            &format!("kept {} {}", kept.0, kept.1),
            "2026-04-02T00:00:00.000000Z",
            "a laptop was stolen"
        ]
    );
    let text = signer.policy().unwrap();
    let old_line = format!("key {} to {size}", stolen.key().named(ORIGIN));
    for line in [format!("key {}", new.key()), old_line, format!("lost {ORIGIN} {size} {size}")] {
        assert!(text.lines().any(|told| told == line), "{line}: {text}");
    }
    let policy = of_unit(&text);
    let under = async |size: u64, path: &str, keys: &[&PrivateKey]| signed_by(&world, size, path, keys, case).await;
    let thief: &[&PrivateKey] = &[&stolen, &new];
    all_say_under(
        &policy,
        vec![
            ("goes on", under(kept.0, "unit/office/2", &[&new]).await, Verdict::Verified, &[]),
            // What was signed last is held, so that nothing of it can be cut off.
            ("goes on from less", under(size - 1, "unit/office/2", &[&new]).await, Verdict::Incomplete, &["taken.truncated"]),
            (
                "the thief, under the old name",
                under(size + 1, "unit/office/1", &thief[..1]).await,
                Verdict::Tampered,
                &["note.no-key"],
            ),
            (
                "the thief, under the new name",
                under(kept.0, "unit/office/2", &thief[..1]).await,
                Verdict::Tampered,
                &["note.no-key"],
            ),
        ],
    );
    // The thief has signed the unit's log, and somebody honest the site's.
    let mut thieves = Policy { keys: vec![stolen.key()], ..policy };
    all_say_under(
        &thieves,
        vec![("under the old name", under(size + 1, "unit/office/1", &thief[..1]).await, Verdict::Tampered, &["key.retired"])],
    );
    thieves.ranged.clear();
    all_say_under(
        &thieves,
        vec![("without the change in the policy", under(size + 1, "unit/office/1", &thief[..1]).await, Verdict::Verified, &[])],
    );
    // The signer's folder from before is no longer good.
    drop(signer);
    let mut signer = Signer::open(folder).unwrap();
    assert_eq!(signer.round(store).await.unwrap(), 0);
    cases(&world, 1).await;
    assert_eq!(signer.round(store).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_folder_is_begun_anew_after_the_register() {
    let (place, world) = (tempfile::tempdir().unwrap(), super::world(MemoryStore::default()).await);
    let (lost, other, store) = (place.path().join("lost"), place.path().join("new"), world.engine.store());
    let mut signer = new_signer(&lost);
    signer.round(store).await.unwrap();
    let (anchor, old) = signer::shown(&lost.join(PUBLISHED)).unwrap();
    let (size, root) = signer.signed(&office()).unwrap();
    cases(&world, 2).await;
    let now = Time::parse("2026-04-02T00:00:00Z").unwrap();
    let because = ("the disk is gone", now);
    let paper = Policy { keys: vec![old], ..Policy::default() };
    let begun = signer::begin_elsewhere(&other, store, &anchor, &paper, because, &chance(12)).await;
    let (signer, notes) = begun.unwrap();
    let policy = signer.policy().unwrap();
    drop(signer);
    assert_eq!(notes.len(), 2);
    let text = shown_note(&other, "unit/office/2", "restore").unwrap().text;
    assert!(text.contains(&format!("new key of {ORIGIN}\nsigned {size} {root}\nkept {} ", size + 2)), "{text}");
    let read = Policy::read(&policy).unwrap();
    assert_eq!((read.keys[0].clone(), read.ranged.len(), read.lost.len()), (private(&other).key(), 2, 2));
    let mut signer = Signer::open(&other).unwrap();
    assert_eq!(signer.round(store).await.unwrap(), 0, "it has signed what is there");
    // Once: the folder has a key.
    assert!(signer::begin_elsewhere(&other, store, &anchor, &paper, because, &chance(13)).await.is_err());
    // A database that was restored too has lost entries, and that is stated.
    let third = place.path().join("third");
    let short = cut(store, |unit, size| if *unit == office() { size - 3 } else { size }).await;
    let (signer, _) = signer::begin_elsewhere(&third, &short, &anchor, &paper, because, &chance(14)).await.unwrap();
    let policy = signer.policy().unwrap();
    assert!(policy.contains(&format!("lost {ORIGIN} {} {size}\n", size - 1)), "{policy}");
    // One that differs is told, and nothing is said for it.
    let fourth = place.path().join("fourth");
    let forged = tests::forge::forged(store, |entry| entry.origin.time.0 -= i64::from(entry.index == 0)).await;
    let (signer, _) = signer::begin_elsewhere(&fourth, &forged, &anchor, &paper, because, &chance(15)).await.unwrap();
    let policy = signer.policy().unwrap();
    assert!(
        policy.contains(&format!("# {ORIGIN}: other entries are there now. State from which on: lost {ORIGIN} <from> {size}")),
        "{policy}"
    );
}

/// The database was put back and work went on before that was declared: what is there now is not called kept.
#[tokio::test]
async fn entries_that_came_after_the_copy_are_not_called_kept() {
    let (place, world) = (tempfile::tempdir().unwrap(), super::world(MemoryStore::default()).await);
    let store = world.engine.store();
    cases(&world, 20).await;
    let before = place.path().join("before");
    new_signer(&before).round(store).await.unwrap();
    let signed = super::entries(store, &office()).await.len() as u64;
    let last = super::entries(store, &office()).await.pop().unwrap().time;
    let less = |unit: &UnitId, size: u64, lost: u64| if *unit == office() { size - lost } else { size };
    // Entries of later time than what was signed; and such as pretend to be of before.
    let copied = cut(store, |unit, size| less(unit, size, 6)).await;
    for unit in copied.units().await.unwrap() {
        engine::runtime::rebuild::rebuild(&copied, &unit, false).await.unwrap();
    }
    let copied = world.node(copied, "other").await;
    world.advance(1).await;
    cases(&copied, 2).await;
    assert!(super::entries(copied.engine.store(), &office()).await.pop().unwrap().time > last);
    let forged = tests::forge::forged(store, |entry| entry.origin.time.0 -= i64::from(entry.index == 0)).await;
    let forged = cut(&forged, |unit, size| less(unit, size, 1)).await;
    let honest = cut(store, |unit, size| less(unit, size, 4)).await;
    let lost = format!("lost {ORIGIN} {} {signed}\n", signed - 4);
    let unknown = format!("# {ORIGIN}: other entries are there now. State from which on: lost {ORIGIN} <from> {signed}\n");
    let now = Time::parse("2026-04-02T00:00:00Z").unwrap();
    for (number, database, expected) in [(1, copied.engine.store(), &unknown), (2, &forged, &unknown), (3, &honest, &lost)] {
        let folder = place.path().join(format!("of {number}"));
        copy(&before, &folder);
        let mut signer = Signer::open(&folder).unwrap();
        signer.declare_restore(database, "the disk failed", now).await.unwrap();
        let policy = signer.policy().unwrap();
        assert!(policy.contains(expected), "{number}: {policy}");
    }
}

/// Keys that were changed twice, a restore between: each has its sizes under each name.
#[tokio::test]
async fn what_each_key_was_for_is_told_however_often_it_was_changed() {
    let (folder, world) = (tempfile::tempdir().unwrap(), super::world(MemoryStore::default()).await);
    let (folder, store) = (folder.path(), world.engine.store());
    cases(&world, 5).await;
    let mut signer = new_signer(folder);
    let mut keys: Vec<Key> = vec![private(folder).key()];
    signer.rotate(store, world.clock.now(), &chance(12)).await.unwrap();
    keys.push(private(folder).key());
    let first = signer.signed(&office()).unwrap().0;
    cases(&world, 3).await;
    signer.round(store).await.unwrap();
    let restored = cut(store, |unit, size| if *unit == office() { size - 2 } else { size }).await;
    let now = Time::parse("2026-04-02T00:00:00Z").unwrap();
    signer.declare_restore(&restored, "the disk failed", now).await.unwrap();
    drop(signer);
    let mut signer = Signer::open(folder).unwrap();
    signer.rotate(&restored, world.clock.now(), &chance(13)).await.unwrap();
    keys.push(private(folder).key());
    // Twice at one size.
    signer.rotate(&restored, world.clock.now(), &chance(14)).await.unwrap();
    keys.push(private(folder).key());
    let second = "office.example/unit/office/2";
    let text = signer.policy().unwrap();
    let told: Vec<&str> =
        text.lines().filter(|line| line.starts_with("key office.example/unit") || line.starts_with("lost")).collect();
    let named = |number: usize, log: &str| keys[number].named(log);
    let kept = first + 1;
    let expected = [
        format!("key {} to {first}", named(0, ORIGIN)),
        format!("key {} from {first} to {}", named(1, ORIGIN), first + 3),
        format!("key {} to {kept}", named(1, second)),
        format!("key {} from {kept} to {kept}", named(2, second)),
        format!("key {} from {kept}", named(3, second)),
        format!("lost {ORIGIN} {kept} {}", first + 3),
    ];
    assert_eq!(told, expected);
    drop(signer);
    Signer::open(folder).unwrap();
    // An older state beside what is shown now is refused: the log goes on under another name.
    let state = fs::read_to_string(folder.join("state.json")).unwrap();
    assert!(state.contains("\"v\":2"));
}
