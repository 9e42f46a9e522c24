//! The signer signs what is committed, all of it, in order, and never less than before.

use engine::evidence::{Checkpoint, Note, PrivateWitnessKey};
use engine::model::{Time, UnitId};
use engine::runtime::signer::{Signer, SignerError};
use engine::store::memory::MemoryStore;
use engine::store::{Head, Store};
use tests::balky::{Balky, Told};

use super::{cases, cut, entries, new_signer, office, shown, start, store_of, world};

const ORIGIN: &str = "office.example/unit/office/1";

#[tokio::test]
async fn what_grows_is_signed_again() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    let mut signer = new_signer(folder.path());
    assert_eq!(shown(folder.path(), &signer, ORIGIN), None);
    let store = world.engine.store();
    assert_eq!(signer.round(store).await.unwrap(), 2, "the unit's log and the site's");
    assert_eq!(signer.round(store).await.unwrap(), 0, "nothing is new");
    for count in [1, 6, 300] {
        let before = shown(folder.path(), &signer, ORIGIN).unwrap();
        cases(&world, count).await;
        assert_eq!(signer.round(store).await.unwrap(), 1);
        let after = shown(folder.path(), &signer, ORIGIN).unwrap();
        assert_eq!(after.size, before.size + count as u64);
        // The root is that of the entries, reckoned by the definition.
        let leaves: Vec<_> =
            entries(store, &office()).await.iter().map(|entry| engine::digest::leaf_hash(entry.leaf.as_bytes())).collect();
        assert_eq!(after, Checkpoint::new(ORIGIN, leaves.len() as u64, engine::digest::root_of(&leaves)));
    }
    assert!(shown(folder.path(), &signer, "office.example/site/1").unwrap().size > 5);
    // It goes on where it was, as another process.
    drop(signer);
    let mut signer = Signer::open(folder.path()).unwrap();
    assert_eq!(signer.round(store).await.unwrap(), 0);
    cases(&world, 1).await;
    assert_eq!(signer.round(store).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_not_committed_is_not_signed() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(Balky::default()).await);
    let mut signer = new_signer(folder.path());
    let store = world.engine.store().clone();
    signer.round(&store).await.unwrap();
    let before = signer.signed(&office()).unwrap();

    // On its way to the disk.
    let held = store.writes.write().await;
    let mut asked = Box::pin(world.submit("asha", start()));
    for _ in 0..100 {
        assert!(std::future::poll_fn(|context| std::task::Poll::Ready(asked.as_mut().poll(context))).await.is_pending());
        tokio::task::yield_now().await;
    }
    assert_eq!(signer.round(&store).await.unwrap(), 0);
    drop(held);
    asked.await.unwrap();
    assert_eq!(signer.round(&store).await.unwrap(), 1);
    assert_eq!(signer.signed(&office()).unwrap().0, before.0 + 1);

    // Refused by the disk.
    store.refuse(|_| true);
    world.submit("asha", start()).await.unwrap_err();
    assert_eq!(signer.round(&store).await.unwrap(), 0);
}

#[tokio::test]
async fn a_shortened_log_is_not_signed_until_its_restore_is_declared() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    cases(&world, 20).await;
    let mut signer = new_signer(folder.path());
    let store = world.engine.store();
    signer.round(store).await.unwrap();
    let last = shown(folder.path(), &signer, ORIGIN).unwrap();
    for lost in 1..=last.size {
        let restored = cut(store, |unit, size| if unit.as_str() == "office" { size - lost } else { size }).await;
        let refused = signer.round(&restored).await.unwrap_err();
        assert_eq!(refused.code(), "signer.rolled-back", "{lost}");
        assert!(refused.to_string().starts_with("ROLLBACK DETECTED"), "{refused}");
    }
    assert_eq!(shown(folder.path(), &signer, ORIGIN).unwrap(), last);
    let now = Time::parse("2026-04-02T00:00:00Z").unwrap();
    let none = signer.declare_restore(store, "nothing", now).await.unwrap_err();
    assert!(matches!(none, SignerError::NothingMissing));

    // Restored: five entries are lost, of one log only.
    let restored = cut(store, |unit, size| if unit.as_str() == "office" { size - 5 } else { size }).await;
    let notes = signer.declare_restore(&restored, "the disk failed,\nbackup of 1 April", now).await.unwrap();
    let second = "office.example/unit/office/2";
    assert_eq!(notes.len(), 1);
    notes[0].verify(&[signer.key().named(second)]).unwrap();
    let lines: Vec<&str> = notes[0].text.lines().collect();
    let now_there = shown(folder.path(), &signer, second).unwrap();
    assert_eq!(
        lines,
        [
            second,
            &format!("restore of {ORIGIN}"),
            &format!("signed {} {}", last.size, last.root),
            &format!("kept {} {}", last.size - 5, now_there.root),
            "2026-04-02T00:00:00.000000Z",
            "the disk failed, backup of 1 April",
        ]
    );
    // The old name keeps its last word, and the log goes on under the new one.
    assert_eq!(shown(folder.path(), &signer, ORIGIN).unwrap(), last);
    assert_eq!(now_there.size, last.size - 5);
    assert_eq!(signer.round(&restored).await.unwrap(), 0);
    drop(signer);
    let mut signer = Signer::open(folder.path()).unwrap();
    assert_eq!(
        signer.round(&cut(store, |_, size| size - 1).await).await.unwrap_err().code(),
        "signer.rolled-back",
        "the site's log"
    );
    let grown = cut(store, |unit, size| if unit.as_str() == "office" { size - 2 } else { size }).await;
    assert_eq!(signer.round(&grown).await.unwrap(), 1);
    assert_eq!(shown(folder.path(), &signer, second).unwrap().size, last.size - 2);
}

/// A cosignature that comes late, or that comes twice; and what a signer keeps that begins anew.
#[tokio::test]
async fn a_cosignature_never_turns_back_what_is_shown() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    let mut signer = new_signer(folder.path());
    let store = world.engine.store();
    signer.round(store).await.unwrap();
    let now = Time::parse("2026-04-02T00:00:00Z").unwrap();
    let cosignature = |signer: &Signer, seed: u8| {
        let note = signer.checkpoints().into_iter().find(|note| note.text.starts_with(ORIGIN)).unwrap();
        let witness = PrivateWitnessKey::new("witness.example", &[seed; 32]).unwrap();
        witness.key().accept(&note, witness.cosign(&note.text, now).to_string().as_bytes(), now).unwrap()
    };
    let lines = || {
        let note = std::fs::read(folder.path().join("log/unit/office/1/checkpoint")).unwrap();
        Note::read(&note).unwrap().signatures.len()
    };
    let (first, late) = (cosignature(&signer, 1), cosignature(&signer, 2));
    assert_eq!((signer.cosigned(&first).unwrap(), lines()), (true, 2));
    assert_eq!((signer.cosigned(&first).unwrap(), lines()), (true, 2), "once is enough");
    drop(signer);
    let mut signer = Signer::open(folder.path()).unwrap();
    assert_eq!(lines(), 2, "kept");
    cases(&world, 3).await;
    signer.round(store).await.unwrap();
    let grown = shown(folder.path(), &signer, ORIGIN).unwrap();
    assert_eq!(lines(), 1);
    assert!(!signer.cosigned(&late).unwrap(), "it is of an older one");
    assert_eq!((shown(folder.path(), &signer, ORIGIN).unwrap(), lines()), (grown, 1));
    // Two witnesses, each with its line; and what somebody else put there is not kept.
    assert!(signer.cosigned(&cosignature(&signer, 1)).unwrap() && signer.cosigned(&cosignature(&signer, 2)).unwrap());
    assert_eq!(lines(), 3);
    std::fs::write(folder.path().join("log/unit/office/1/checkpoint"), first.text()).unwrap();
    drop(signer);
    let signer = Signer::open(folder.path()).unwrap();
    assert_eq!((shown(folder.path(), &signer, ORIGIN).is_some(), lines()), (true, 1));
}

#[tokio::test]
async fn a_log_that_is_gone_is_rolled_back() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    let mut signer = new_signer(folder.path());
    signer.round(world.engine.store()).await.unwrap();
    assert_eq!(signer.round(&MemoryStore::default()).await.unwrap_err().code(), "signer.rolled-back");
    let now = Time::parse("2026-04-02T00:00:00Z").unwrap();
    assert_eq!(signer.declare_restore(&MemoryStore::default(), "all is lost", now).await.unwrap().len(), 2);
    assert_eq!(signer.round(&MemoryStore::default()).await.unwrap(), 0);
}

/// A child has all files of its parent open until it has become another program: no lock may last as long.
#[test]
fn a_child_that_is_being_started_keeps_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    drop(new_signer(folder.path()));
    let busy = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while busy.load(std::sync::atomic::Ordering::Relaxed) {
                std::process::Command::new("true").status().unwrap();
            }
        });
        let found = (0..2_000).find_map(|_| Signer::open(folder.path()).err());
        busy.store(false, std::sync::atomic::Ordering::Relaxed);
        assert!(found.is_none(), "{found:?}");
    });
}

/// The entries of a log, changed; and what the signer says, whether it knows the log or sees it for the first time.
#[tokio::test]
async fn a_log_that_was_tampered_with_is_not_signed() {
    let world = world(MemoryStore::default()).await;
    cases(&world, 30).await;
    let (unit, store) = (office(), world.engine.store());
    let head = store.head(&unit).await.unwrap().unwrap();
    let whole = entries(store, &unit).await;
    let known_at = 12;

    let mut tampered: Vec<(&str, Vec<engine::journal::Sealed>, &str)> = Vec::new();
    let mut change = |name, code, change: &dyn Fn(&mut Vec<engine::journal::Sealed>)| {
        let mut entries = whole.clone();
        change(&mut entries);
        for (index, entry) in (0..).zip(&mut entries) {
            entry.index = index;
        }
        tampered.push((name, entries, code));
    };
    change("nothing", "", &|_| {});
    change("a leaf is dropped", "signer.entry", &|entries| drop(entries.remove(20)));
    change("two are in another order", "signer.entry", &|entries| entries.swap(20, 21));
    change("one is there twice", "signer.entry", &|entries| {
        let (mut twice, other) = (entries[20].clone(), entries[21].clone());
        (twice.command, twice.link) = (other.command, other.link);
        entries[21] = twice;
    });
    change("a leaf is written in another way", "signer.entry", &|entries| {
        entries[20].leaf = entries[20].leaf.replace(",\"cmd\"", ", \"cmd\"")
    });
    change("a leaf has a member more", "signer.entry", &|entries| {
        entries[20].leaf = entries[20].leaf.replace("\"v\":1", "\"v\":1,\"x\":1")
    });
    change("a leaf is of a newer version", "signer.entry", &|entries| {
        entries[20].leaf = entries[20].leaf.replace("\"v\":1", "\"v\":2")
    });
    change("a leaf is of another log", "signer.entry", &|entries| {
        entries[20].leaf = entries[20].leaf.replace("unit/office", "unit/pune-1")
    });
    change("a leaf is older than the one before", "signer.entry", &|entries| {
        entries[20].leaf = entries[20].leaf.replace("\"t\":\"2026", "\"t\":\"2025")
    });
    for (name, entries, expected) in tampered {
        let store = store_of(&unit, &head, entries);
        let folder = tempfile::tempdir().unwrap();
        let mut signer = new_signer(folder.path());
        let code = |result: Result<usize, SignerError>| result.map_or_else(|error| error.code(), |_| "");
        assert_eq!(code(signer.round(&store).await), expected, "{name}, at first sight");
        let folder = tempfile::tempdir().unwrap();
        let mut signer = new_signer(folder.path());
        signer.round(&store_of(&unit, &head, whole[..known_at].to_vec())).await.unwrap();
        assert_eq!(code(signer.round(&store).await), expected, "{name}, after {known_at}");
        assert_eq!(
            signer.signed(&unit).unwrap().0,
            if expected.is_empty() { whole.len() as u64 } else { known_at as u64 },
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_fork_is_not_signed() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    cases(&world, 5).await;
    let (unit, store) = (office(), world.engine.store());
    let mut signer = new_signer(folder.path());
    let head = store.head(&unit).await.unwrap().unwrap();
    let whole = entries(store, &unit).await;
    signer.round(&store_of(&unit, &head, whole.clone())).await.unwrap();

    // Another history of the same length, in good order by itself; and the same with an entry more.
    let mut other = whole[..6].to_vec();
    other[4].leaf = other[4].leaf.replace("\"kind\":\"instance.started\"", "\"kind\":\"instance.resumed\"");
    assert_ne!(other[4], whole[4]);
    let same_length = store_of(&unit, &head, [&other[..], &whole[6..]].concat());
    assert_eq!(signer.round(&same_length).await.unwrap_err().code(), "signer.forked");
    cases(&world, 1).await;
    let longer = entries(store, &unit).await;
    let longer = store_of(&unit, &head, [&other[..], &longer[6..]].concat());
    assert_eq!(signer.round(&longer).await.unwrap_err().code(), "signer.forked");

    // A head that does not follow from its entries.
    let mut frontier = head.frontier.clone();
    frontier[0] ^= 1;
    let mut wrong = store_of(&unit, &head, whole.clone());
    wrong.told = wrong.told.map(|told| Told { head: Head { frontier, ..told.head }, ..told });
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(new_signer(folder.path()).round(&wrong).await.unwrap_err().code(), "signer.forked");
}

#[tokio::test]
async fn a_key_signs_for_its_own_office() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    Signer::init(folder.path(), "office.exam", &tests::world::chance(11)).unwrap();
    let mut signer = Signer::open(folder.path()).unwrap();
    assert_eq!(signer.round(world.engine.store()).await.unwrap_err().code(), "signer.entry");
    assert_eq!(signer.signed(&UnitId::site()), None);
}

/// Nodes write, each to the same logs; the signer beside them reads the same database, and holds the only key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_nodes_on_postgresql() {
    use engine::store::postgres::{Options, PostgresStore};
    let Some(url) = tests::postgres::database() else { return };
    let open = async |node: &str| PostgresStore::open(&url, Options::new(node.to_owned())).await.expect("it opens");
    let one = world(open("one").await).await;
    let other = one.node(open("other").await, "other").await;
    let (folder, store) = (tempfile::tempdir().unwrap(), open("signer").await);
    let mut signer = new_signer(folder.path());
    let mut before = 0;
    for _ in 0..5 {
        tokio::join!(cases(&one, 4), cases(&other, 3));
        assert!(signer.round(&store).await.unwrap() > 0);
        let (size, root) = signer.signed(&office()).unwrap();
        assert!(size >= before + 7);
        let leaves: Vec<_> =
            entries(&store, &office()).await.iter().map(|entry| engine::digest::leaf_hash(entry.leaf.as_bytes())).collect();
        assert_eq!((leaves.len() as u64, engine::digest::root_of(&leaves)), (size, root));
        before = size;
    }
}
