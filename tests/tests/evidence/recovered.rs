//! Recovery keys: whoever relies on them takes a new epoch, or a key that nobody handed over to, from so many officers and from nobody else.

use std::collections::BTreeMap;
use std::path::Path;

use engine::digest::Hash;
use engine::evidence::bundle::{Policy, Ranged, Verdict};
use engine::evidence::{Checkpoint, Key, Note, PrivateKey, change};
use engine::journal::Command;
use engine::journal::event::{KeyChange, KeyRotated, RecoveryStated};
use engine::model::UnitId;
use engine::model::limits::{KEY_NOTES_MAX, NOTE_SIGNATURES_MAX};
use engine::runtime::bundle::{Signed, gather};
use engine::runtime::checkpoints::Looks;
use engine::runtime::clock::Clock as _;
use engine::runtime::signer::{self, CHANGES, PUBLISHED, Signer, SignerError};
use engine::store::memory::MemoryStore;
use tests::bundle::{bundle_of, everything};
use tests::world::{World, chance};

use super::both::officer;
use super::changes::noted;
use super::taken::all_say_under;
use super::{cases, new_signer, office};

const SECOND: &str = "office.example/unit/office/2";

struct Desk {
    world: World<MemoryStore>,
    folder: tempfile::TempDir,
    signer: Signer,
    looks: Looks,
}

impl Desk {
    /// An office that is signed, and has three recovery keys of which two are to sign.
    async fn new() -> Self {
        let (world, folder) = (super::bundle::world(2).await.0, tempfile::tempdir().unwrap());
        let mut signer = new_signer(folder.path());
        signer.round(world.engine.store()).await.unwrap();
        let keys: Vec<Key> = (0..3).map(|number| officer(number).key()).collect();
        signer.declare_recovery(&keys, 2, world.clock.now()).unwrap();
        let mut desk = Self { world, folder, signer, looks: Looks::default() };
        assert_eq!(desk.look().await, 1);
        desk
    }

    /// A node looks at what is shown, and the signer signs what it wrote.
    async fn look(&mut self) -> usize {
        let shown = self.folder.path().join(PUBLISHED);
        let noted = self.world.engine.note_key_changes(&shown, &mut self.looks).await.unwrap();
        self.signer.round(self.world.engine.store()).await.unwrap();
        noted
    }

    fn key(&self) -> PrivateKey {
        private(self.folder.path())
    }

    /// The policy that the signer prints, and one without the recovery keys.
    fn policy(&self) -> (Policy, Policy) {
        let policy = Policy::read(&self.signer.policy().unwrap()).unwrap();
        let without = Policy { recovery: Vec::new(), recovery_quorum: 0, ..policy.clone() };
        (policy, without)
    }

    /// A bundle of all logs under an epoch, signed by this key.
    async fn bundle(&self, epoch: u64, key: &PrivateKey) -> Vec<u8> {
        let mut signed: BTreeMap<UnitId, Signed> = tests::bundle::signed(self.world.engine.store()).await;
        for log in signed.values_mut() {
            log.path = format!("{}{epoch}", log.path.strip_suffix('1').unwrap());
            let Checkpoint { size, root, .. } = log.checkpoint;
            log.checkpoint = Checkpoint::new(&format!("office.example/{}", log.path), size, root);
            log.note = log.checkpoint.sign(key).unwrap();
        }
        bundle_of(&self.world, &everything(&office()), &signed).await
    }

    /// What the signer has shown last of its key.
    fn shown(&self) -> Note {
        let path = self.folder.path().join(PUBLISHED).join(self.signer.changes().pop().expect("something was said"));
        Note::read(&std::fs::read(path).unwrap()).unwrap()
    }

    /// The site log takes in a note as if officers had signed it.
    async fn stated(&self, note: &Note) {
        let stated = KeyChange::Stated(RecoveryStated { note: note.to_string() });
        self.world.submit_site("system", Command::NoteKeyChange(stated)).await.unwrap();
    }
}

fn private(folder: &Path) -> PrivateKey {
    PrivateKey::read(std::fs::read_to_string(folder.join("key")).unwrap().trim_end()).unwrap()
}

/// The note with the lines of these officers too.
fn by(note: &Note, officers: &[u8]) -> Note {
    let mut note = note.clone();
    for number in officers {
        let key = officer(*number);
        note.signatures.extend(key.sign(key.key().name(), &note.text).unwrap().signatures);
    }
    note
}

fn refused(result: Result<usize, SignerError>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code(), error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_epoch_counts_once_two_of_three_have_signed() {
    let mut desk = Desk::new().await;
    let old = desk.key();
    let (policy, without) = desk.policy();
    assert_eq!((policy.recovery.len(), policy.recovery_quorum), (3, 2));
    // From the beginning nobody is asked.
    let first = desk.bundle(1, &old).await;
    all_say_under(&policy, vec![("as it was", first.clone(), Verdict::Verified, &[])]);
    all_say_under(&without, vec![("as it was", first, Verdict::Verified, &[])]);
    // The key is given up.
    let (store, now) = (desk.world.engine.store(), desk.world.clock.now());
    desk.signer.begin_anew(store, "stolen, order 9/2027", now, &chance(12)).await.unwrap();
    assert_eq!(desk.look().await, 1);
    let new = desk.key();
    let (policy, without) = desk.policy();
    let unsigned = desk.bundle(2, &new).await;
    all_say_under(&without, vec![("nobody asks", unsigned.clone(), Verdict::Verified, &[])]);
    let missing: &[&str] = &["recovery.missing"; 2];
    all_say_under(&policy, vec![("unsigned", unsigned.clone(), Verdict::Incomplete, missing)]);
    // What officers sign is what the signer shows.
    let shown = desk.shown();
    let lines: Vec<&str> = shown.text.lines().collect();
    assert_eq!((lines[0], lines[1], lines[3]), ("office.example", "new key", "stolen, order 9/2027"));
    assert_eq!((lines[4], lines.len()), (new.key().to_string().as_str(), 7));
    // One is too few, and so is one twice, or with somebody else, or with a line that does not fit.
    let stranger = PrivateKey::new("recovery-1.example", &[98; 32]).unwrap();
    let mut with_stranger = by(&shown, &[0]);
    with_stranger.signatures.extend(stranger.sign("recovery-1.example", &shown.text).unwrap().signatures);
    let mut bent = by(&shown, &[0, 1]);
    bent.signatures[2].bytes[5] ^= 1;
    for few in [by(&shown, &[2]), by(&shown, &[0, 0]), with_stranger.clone(), bent.clone()] {
        let (code, told) = refused(desk.signer.recovered(&few));
        assert!(code == "signer.no-statement" && told.contains("1 of the 2"), "{told}");
    }
    assert_eq!(refused(desk.signer.recovered(&shown)).0, "signer.no-statement");
    // Nor does another text pass, however many have signed it.
    let other = Note { text: shown.text.replace("stolen", "sold"), ..shown.clone() };
    assert!(refused(desk.signer.recovered(&by(&other, &[0, 1, 2]))).1.contains("shows no such declaration"));
    let path = desk.folder.path().join(PUBLISHED).join(CHANGES);
    let recovery = std::fs::read_dir(&path).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let recovery = recovery.map(|bytes| Note::read(&bytes).unwrap()).find(|note| note.text.contains("recovery keys")).unwrap();
    assert!(refused(desk.signer.recovered(&by(&recovery, &[0, 1]))).1.contains("declares no new epoch"));
    assert_eq!(desk.look().await, 0);
    // Whoever writes into the site log gets no further.
    for few in [by(&shown, &[1]), with_stranger, bent] {
        desk.stated(&few).await;
    }
    let few = desk.bundle(2, &new).await;
    all_say_under(&policy, vec![("too few", few, Verdict::Incomplete, &["recovery.too-few"; 2])]);
    // With the lines of others beside it there is no room for theirs: what nobody could read is not shown.
    let place = desk.folder.path().join(PUBLISHED).join(desk.signer.changes().pop().unwrap());
    let (good, mut full) = (std::fs::read(&place).unwrap(), shown.clone());
    let line = stranger.sign("recovery-1.example", &shown.text).unwrap().signatures.remove(0);
    full.signatures.resize(NOTE_SIGNATURES_MAX - 1, line);
    std::fs::write(&place, full.to_string()).unwrap();
    assert!(refused(desk.signer.recovered(&by(&shown, &[0, 2]))).1.contains("anybody could read"));
    std::fs::write(&place, good).unwrap();
    // Two have signed, one after the other.
    let stated = by(&by(&shown, &[2]), &[0]);
    assert_eq!(desk.signer.recovered(&stated).unwrap(), 2);
    assert_eq!(desk.signer.recovered(&stated).unwrap(), 2, "again, and nothing is new");
    drop(Signer::open(desk.folder.path()).unwrap_err());
    assert_eq!(desk.look().await, 1);
    assert_eq!(desk.look().await, 0);
    desk.looks = Looks::default();
    assert_eq!(desk.look().await, 0);
    let kinds: Vec<String> = noted(desk.world.engine.store()).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds[..2], ["recovery.declared", "epoch.declared"]);
    assert_eq!(kinds[kinds.len() - 1], "recovery.stated");
    let good = desk.bundle(2, &new).await;
    // Of a case alone too: it is there whatever was chosen.
    let mut signed = tests::bundle::signed(desk.world.engine.store()).await;
    for log in signed.values_mut() {
        log.path = format!("{}2", log.path.strip_suffix('1').unwrap());
        log.checkpoint.origin = format!("office.example/{}", log.path);
        log.note = log.checkpoint.sign(&new).unwrap();
    }
    let entries = super::entries(desk.world.engine.store(), &office()).await;
    let case = entries.iter().find_map(|entry| entry.link).expect("a case").instance;
    let wish = super::bundle::of_cases(&[case]);
    let parts = gather(desk.world.engine.store(), "office.example", "Asia/Kolkata", &wish, &signed).await.unwrap();
    let of_case = engine::evidence::bundle::pack(parts).unwrap();
    let all_three = Policy { recovery_quorum: 3, ..policy.clone() };
    all_say_under(&all_three, vec![("three are wanted", good.clone(), Verdict::Incomplete, &["recovery.too-few"; 2])]);
    // A key that nobody has stated, though the policy has it.
    let thief = PrivateKey::new("office.example", &[99; 32]).unwrap();
    let forged = Policy { keys: vec![thief.key()], ..policy.clone() };
    all_say_under(&forged, vec![("a thief's", desk.bundle(2, &thief).await, Verdict::Incomplete, &["recovery.other-key"; 2])]);
    // An epoch that nobody has stated.
    let third = desk.bundle(3, &new).await;
    all_say_under(
        &policy,
        vec![
            ("stated", good, Verdict::Verified, &[]),
            ("of a case", of_case, Verdict::Verified, &[]),
            ("another epoch", third, Verdict::Incomplete, &["recovery.other-epoch"; 2]),
        ],
    );
}

/// A key that was handed over to counts, by the note that both have signed; one that only the policy has does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_counts_that_one_that_counts_has_handed_over_to() {
    let mut desk = Desk::new().await;
    for (seed, expected) in [(12, "recovery.missing"), (13, "recovery.missing")] {
        let (store, now) = (desk.world.engine.store(), desk.world.clock.now());
        desk.signer.rotate(store, now, &chance(seed)).await.unwrap();
        let (key, (policy, without)) = (desk.key(), desk.policy());
        // The site log does not say so yet: who relies on recovery keys waits for that, and nobody else.
        let before = desk.bundle(1, &key).await;
        all_say_under(&without, vec![("nobody asks", before.clone(), Verdict::Verified, &[])]);
        all_say_under(&policy, vec![("not said yet", before, Verdict::Incomplete, &[expected; 2])]);
        assert_eq!(desk.look().await, 1);
        all_say_under(&policy, vec![("said", desk.bundle(1, &key).await, Verdict::Verified, &[])]);
        cases(&desk.world, 1).await;
    }
    // Who takes the place of a key without its signature: from this size on, as a sheet has it.
    let (policy, _) = desk.policy();
    let thief = PrivateKey::new("office.example", &[99; 32]).unwrap();
    let mut forged = policy.clone();
    for log in ["office.example/site/1", "office.example/unit/office/1"] {
        let to = forged.ranged.iter_mut().filter(|one| one.key.name() == log).max_by_key(|one| one.to).unwrap();
        to.to = to.from + 1;
        let from = to.to;
        forged.ranged.push(Ranged { key: thief.key().named(log), from, to: u64::MAX >> 1 });
    }
    all_say_under(&forged, vec![("a thief's", desk.bundle(1, &thief).await, Verdict::Incomplete, &["recovery.missing"; 2])]);
    // Nor does it help to say so in the site log: without the key in force, or with a line of it that is of another text.
    let shown = desk.shown();
    let KeyChange::Rotated(last) = change::read(&shown.text).unwrap() else { panic!("{shown}") };
    let mut rotated = KeyRotated { old: desk.key().key().to_string(), new: thief.key().to_string(), ..last };
    let text = change::text(&KeyChange::Rotated(rotated.clone()), "office.example").unwrap();
    let alone = thief.sign("office.example", &text).unwrap();
    let with_other = Note { signatures: [&shown.signatures[1..], &alone.signatures[..]].concat(), ..alone.clone() };
    for note in [alone, with_other] {
        rotated.note = note.to_string();
        desk.world.submit_site("system", Command::NoteKeyChange(KeyChange::Rotated(rotated.clone()))).await.unwrap();
    }
    all_say_under(
        &forged,
        vec![("said by the thief", desk.bundle(1, &thief).await, Verdict::Incomplete, &["recovery.missing"; 2])],
    );
    // After a new epoch that was stated it goes on so.
    let (store, now) = (desk.world.engine.store(), desk.world.clock.now());
    desk.signer.begin_anew(store, "stolen", now, &chance(14)).await.unwrap();
    desk.signer.recovered(&by(&desk.shown(), &[1, 2])).unwrap();
    assert_eq!(desk.look().await, 2);
    let (store, now) = (desk.world.engine.store(), desk.world.clock.now());
    desk.signer.rotate(store, now, &chance(15)).await.unwrap();
    let (policy, _) = desk.policy();
    let before = desk.bundle(2, &desk.key()).await;
    all_say_under(&policy, vec![("stated, and changed", before, Verdict::Incomplete, &["recovery.other-key"; 2])]);
    assert_eq!(desk.look().await, 1);
    all_say_under(&policy, vec![("said", desk.bundle(2, &desk.key()).await, Verdict::Verified, &[])]);
}

/// Two nodes look at once, or a clock went back: the site log may have taken in the later change first.
#[tokio::test(flavor = "multi_thread")]
async fn keys_hand_over_in_whatever_order_that_was_taken_in() {
    let mut desk = Desk::new().await;
    let mut shown = Vec::new();
    for seed in 12..15 {
        cases(&desk.world, 1).await;
        let (store, now) = (desk.world.engine.store(), desk.world.clock.now());
        desk.signer.rotate(store, now, &chance(seed)).await.unwrap();
        shown.push(desk.shown());
    }
    let (key, (policy, _)) = (desk.key(), desk.policy());
    // The last first: as long as one is missing, nobody has handed over to the key in force.
    for note in shown.iter().rev() {
        let before = desk.bundle(1, &key).await;
        all_say_under(&policy, vec![("not all are said", before, Verdict::Incomplete, &["recovery.missing"; 2])]);
        let KeyChange::Rotated(rotated) = change::read(&note.text).unwrap() else { panic!("{note}") };
        let rotated = KeyRotated { note: note.to_string(), ..rotated };
        desk.world.submit_site("system", Command::NoteKeyChange(KeyChange::Rotated(rotated))).await.unwrap();
    }
    all_say_under(&policy, vec![("all are said", desk.bundle(1, &key).await, Verdict::Verified, &[])]);
}

/// Whoever fills the site log with notes makes nobody look at them for ever, and nobody believe that all were looked at.
#[tokio::test(flavor = "multi_thread")]
async fn so_many_notes_are_looked_at_and_no_more() {
    let desk = Desk::new().await;
    let (key, (policy, without)) = (desk.key(), desk.policy());
    let submit = async |number: usize| {
        let stated = KeyChange::Stated(RecoveryStated { note: number.to_string() });
        desk.world.submit_site("system", Command::NoteKeyChange(stated)).await.unwrap();
    };
    for number in 0..KEY_NOTES_MAX {
        submit(number).await;
    }
    all_say_under(&policy, vec![("as many", desk.bundle(1, &key).await, Verdict::Verified, &[])]);
    submit(KEY_NOTES_MAX).await;
    let more = desk.bundle(1, &key).await;
    all_say_under(&policy, vec![("one more", more.clone(), Verdict::Incomplete, &["recovery.many"])]);
    all_say_under(&without, vec![("nobody asks", more, Verdict::Verified, &[])]);
}

/// They are declared once, and go with the policy into a new folder.
#[tokio::test]
async fn recovery_keys_are_declared_once_and_outlive_the_folder() {
    let mut desk = Desk::new().await;
    let keys: Vec<Key> = (0..3).map(|number| officer(number).key()).collect();
    let now = desk.world.clock.now();
    assert_eq!(desk.signer.declare_recovery(&keys, 2, now).unwrap_err().code(), "signer.recovery-known");
    let text = desk.signer.policy().unwrap();
    let lines: Vec<String> = keys.iter().map(|key| format!("recovery {key}")).collect();
    assert!(text.contains(&(lines.join("\n") + "\nrecovery-quorum 2\n")), "{text}");
    assert_eq!(std::fs::read_to_string(desk.folder.path().join(PUBLISHED).join("policy")).unwrap(), text);
    let (anchor, _) = signer::shown(&desk.folder.path().join(PUBLISHED)).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (place, store) = (elsewhere.path().join("new"), desk.world.engine.store());
    let (paper, _) = desk.policy();
    let begun = signer::begin_elsewhere(&place, store, &anchor, &paper, ("the disk is gone", now), &chance(12)).await;
    let (signer, _) = begun.unwrap();
    let policy = Policy::read(&signer.policy().unwrap()).unwrap();
    assert_eq!((policy.recovery, policy.recovery_quorum), (keys.clone(), 2));
    // Officers state it there.
    let path = place.join(PUBLISHED).join(signer.changes().pop().unwrap());
    let shown = Note::read(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(signer.recovered(&by(&shown, &[0, 1, 2])).unwrap(), 3);
    let mut looks = Looks::default();
    let noted = desk.world.engine.note_key_changes(&place.join(PUBLISHED), &mut looks).await.unwrap();
    assert_eq!(noted, 2);
    let KeyChange::Declared(declared) = change::read(&shown.text).unwrap() else { panic!("{shown}") };
    assert!(declared.logs.iter().any(|log| log.next == SECOND && log.size > 0 && log.root != Hash::of(b"")));
    // What makes no policy is not declared.
    let (folder, other) = (tempfile::tempdir().unwrap(), desk.key().key());
    let mut signer = new_signer(folder.path());
    for (keys, quorum) in [(vec![], 1), (keys.clone(), 4), (keys.clone(), 0), (vec![keys[0].clone(), keys[0].clone()], 1)] {
        assert_eq!(signer.declare_recovery(&keys, quorum, now).unwrap_err().code(), "policy.malformed", "{keys:?} {quorum}");
    }
    assert_eq!(other, signer.key(), "the same chance");
    assert_eq!(signer.declare_recovery(&[other], 1, now).unwrap_err().code(), "policy.malformed");
    assert_eq!(signer.declare_recovery(&vec![keys[0].clone(); 21], 1, now).unwrap_err().code(), "signer.recovery-many");
    signer.declare_recovery(&keys, 2, now).unwrap();
}
