//! A signer that was away says so, and the site log takes it in, once; whoever checks a copy is told.

use std::sync::Arc;

use engine::audit::{Fault, working};
use engine::evidence::Note;
use engine::evidence::bundle::{Bundle, Verdict};
use engine::journal::event::{Gap, LogWaited, Started};
use engine::journal::{Actor, Command, Envelope, Event, codec};
use engine::model::UnitId;
use engine::runtime::Refusal;
use engine::runtime::checkpoints::Looks;
use engine::runtime::clock::{Clock, ManualClock};
use engine::runtime::signer::{GAPS, PUBLISHED, Signer, gaps, shown_gap};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use tests::bundle::{bundle, everything, found, policy};
use tests::world::{World, chance};

use super::both::theirs;
use super::{cases, cut, entries, new_signer, office, world};

const QUARTER: i64 = 15 * 60;

/// A signer by this office's clock, and its folder.
fn signer_of<S: Store>(world: &World<S>, folder: &std::path::Path) -> Signer {
    new_signer(folder).with_clock(Arc::clone(&world.clock) as Arc<dyn Clock>)
}

fn again<S: Store>(world: &World<S>, folder: &std::path::Path) -> Signer {
    Signer::open(folder).expect("the folder").with_clock(Arc::clone(&world.clock) as Arc<dyn Clock>)
}

/// The gaps of the site log.
async fn noted(store: &impl Store) -> Vec<Gap> {
    let all = entries(store, &UnitId::site()).await;
    let events = all.iter().flat_map(|entry| codec::open(entry).expect("an entry").events);
    events.filter_map(|event| if let Event::SealGap(gap) = event { Some(gap) } else { None }).collect()
}

fn waited(log: &str, before: u64, after: u64) -> LogWaited {
    LogWaited { log: format!("office.example/{log}"), before, after }
}

#[tokio::test]
async fn a_gap_is_said_and_taken_in_once() {
    let world = world(MemoryStore::default()).await;
    let store = world.engine.store();
    let folder = tempfile::tempdir().expect("a folder");
    let shown = folder.path().join(PUBLISHED);
    // Whatever lay there before anything was signed has not waited for a signer that was there.
    world.advance(10 * QUARTER).await;
    let mut signer = signer_of(&world, folder.path());
    signer.round(store).await.expect("it signs");
    let signed = signer.signed(&office()).expect("it is signed").0;
    let site = signer.signed(&UnitId::site()).expect("it is signed").0;
    // A quarter of an hour is borne.
    cases(&world, 1).await;
    world.advance(QUARTER - 1).await;
    signer.round(store).await.expect("it signs");
    assert_eq!(gaps(&shown).expect("none"), Vec::<String>::new());
    // Nothing was written while it was away.
    drop(signer);
    world.advance(10 * QUARTER).await;
    let mut signer = again(&world, folder.path());
    signer.round(store).await.expect("there is nothing to sign");
    assert_eq!(gaps(&shown).expect("none"), Vec::<String>::new());
    drop(signer);
    world.advance(1).await;
    cases(&world, 1).await;
    let first = entries(store, &office()).await.pop().expect("an entry").time;
    world.advance(QUARTER).await;
    cases(&world, 2).await;
    world.advance(2).await;
    let mut signer = again(&world, folder.path());
    signer.round(store).await.expect("it signs");
    let gap = Gap { from: first, to: world.clock.now(), logs: vec![waited("unit/office/1", signed + 1, signed + 4)] };
    let names = gaps(&shown).expect("it is shown");
    assert_eq!(names.len(), 1);
    let host = signer.key();
    assert_eq!(shown_gap(&shown, &names[0], &[host]).expect("the signer's"), gap);
    // Two nodes look, each again and again, and one of them is started anew.
    let other = world.node(cut(store, |_, size| size).await, "other").await;
    let mut looks = Looks::default();
    for (looks, expected) in [(&mut looks, 1), (&mut Looks::default(), 0)] {
        assert_eq!(world.engine.note_gaps(&shown, looks).await.expect("it is noted"), expected);
        assert_eq!(world.engine.note_gaps(&shown, looks).await.expect("nothing is new"), 0);
    }
    assert_eq!(other.engine.note_gaps(&shown, &mut Looks::default()).await.expect("it is noted"), 1);
    let ids = async |store: &MemoryStore| entries(store, &UnitId::site()).await.pop().map(|entry| entry.command);
    assert_eq!(ids(store).await, ids(other.engine.store()).await, "on one store it would be one entry");
    assert_eq!(noted(store).await, [gap]);
    // What the note itself brings into the site log is signed at once and is no gap.
    assert_eq!(signer.round(store).await.expect("it signs"), 1);
    assert_eq!(gaps(&shown).expect("one").len(), 1);
    assert!(signer.signed(&UnitId::site()).expect("it is signed").0 > site);
}

#[tokio::test]
async fn a_signer_that_looks_was_not_away_whatever_its_clock_shows() {
    let world = world(MemoryStore::default()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let shown = folder.path().join(PUBLISHED);
    let ahead = Arc::new(ManualClock::new(world.clock.now().plus_seconds(8 * QUARTER)));
    let mut signer = new_signer(folder.path()).with_clock(Arc::clone(&ahead) as Arc<dyn Clock>);
    for _ in 0..3 {
        cases(&world, 1).await;
        signer.round(world.engine.store()).await.expect("it signs");
        ahead.move_to(ahead.now().plus_seconds(1));
    }
    assert_eq!(gaps(&shown).expect("none"), Vec::<String>::new());
    // Where it did not look for a while, that is said even though the process lives.
    cases(&world, 1).await;
    ahead.move_to(ahead.now().plus_seconds(QUARTER + 1));
    signer.round(world.engine.store()).await.expect("it signs");
    assert_eq!(gaps(&shown).expect("one").len(), 1);
}

/// It ended after it had remembered the gap and before it was shown: it is shown at the next start.
#[tokio::test]
async fn what_is_remembered_is_shown() {
    let world = world(MemoryStore::default()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let shown = folder.path().join(PUBLISHED);
    signer_of(&world, folder.path()).round(world.engine.store()).await.expect("it signs");
    cases(&world, 1).await;
    world.advance(2 * QUARTER).await;
    again(&world, folder.path()).round(world.engine.store()).await.expect("it signs");
    let names = gaps(&shown).expect("it is shown");
    std::fs::remove_dir_all(shown.join(GAPS)).expect("it is gone");
    drop(again(&world, folder.path()));
    assert_eq!(gaps(&shown).expect("it is shown"), names);
    // What somebody else put there is not taken in, and keeps nothing out.
    let path = shown.join(GAPS).join(&names[0]);
    let good = std::fs::read_to_string(&path).expect("a note");
    let forged = good.replace("unit/office/1 ", "unit/office/1 1");
    assert_ne!(good, forged);
    for (name, text) in [("1", forged.as_str()), ("2", "no note"), ("3-x", &good)] {
        std::fs::write(shown.join(GAPS).join(name), text).expect("it is written");
    }
    assert_eq!(world.engine.note_gaps(&shown, &mut Looks::default()).await.expect("one is good"), 1);
    assert_eq!(noted(world.engine.store()).await.len(), 1);
    assert!(Note::read(good.as_bytes()).expect("a note").text.starts_with("office.example\ngap in signing\n"));
}

/// The key is changed before any node has looked at the gap: the signer goes on, and the gap is taken in, once.
#[tokio::test]
async fn a_gap_outlives_the_key_that_signed_it() {
    for anew in [false, true] {
        let world = world(MemoryStore::default()).await;
        let (store, folder) = (world.engine.store(), tempfile::tempdir().expect("a folder"));
        let shown = folder.path().join(PUBLISHED);
        signer_of(&world, folder.path()).round(store).await.expect("it signs");
        cases(&world, 1).await;
        world.advance(2 * QUARTER).await;
        let mut signer = again(&world, folder.path());
        signer.round(store).await.expect("it signs");
        let state = std::fs::read_to_string(folder.path().join("state.json")).expect("a state");
        assert!(state.starts_with("{\"v\":2,") && state.contains("gap in signing"), "{state}");
        // It may have ended before it had shown it.
        std::fs::remove_dir_all(shown.join(GAPS)).expect("it is gone");
        if anew {
            signer.begin_anew(store, "stolen", world.clock.now(), &chance(12)).await.expect("a new key");
        } else {
            signer.rotate(store, world.clock.now(), &chance(12)).await.expect("a new key");
        }
        drop(signer);
        drop(again(&world, folder.path()));
        let mut looks = Looks::default();
        assert_eq!(world.engine.note_gaps(&shown, &mut looks).await.expect("it is noted"), 1, "{anew}");
        assert_eq!(world.engine.note_gaps(&shown, &mut looks).await.expect("nothing is new"), 0, "{anew}");
        assert_eq!(noted(store).await.len(), 1, "{anew}");
        // A state that an older program has left, with a gap by the key before, is opened all the same.
        let path = folder.path().join("state.json");
        let after = std::fs::read_to_string(&path).expect("a state");
        let (_, gaps) = state.split_once(",\"gaps\":").expect("gaps");
        let left = format!("{},\"gaps\":{gaps}", after.strip_suffix('}').expect("an object"));
        std::fs::write(&path, left).expect("it is written");
        drop(again(&world, folder.path()));
    }
}

#[tokio::test]
async fn what_is_no_gap_or_start_is_refused() {
    let world = world(MemoryStore::default()).await;
    let (from, to) = (world.clock.now(), world.clock.now().plus_seconds(QUARTER));
    let good = Gap { from, to, logs: vec![waited("site/1", 1, 2), waited("unit/office/1", 0, 2)] };
    let submit = async |unit: &UnitId, command: Command| {
        let refused = world.engine.submit(unit, Envelope::new(Actor::System, &world.key(), command)).await;
        match refused {
            Ok(_) => "accepted".to_owned(),
            Err(Refusal::Rejected(rejection)) => rejection.code.to_owned(),
            Err(other) => panic!("{other}"),
        }
    };
    let turned = Gap { logs: good.logs.iter().rev().cloned().collect(), ..good.clone() };
    let many = (0..151).map(|n| waited(&format!("unit/{n:03}/1"), 0, 1)).collect();
    for (gap, expected) in [
        (Gap { logs: Vec::new(), ..good.clone() }, "gap.malformed"),
        (Gap { to: from, ..good.clone() }, "gap.malformed"),
        (turned, "gap.malformed"),
        (Gap { logs: vec![waited("site/1", 2, 2)], ..good.clone() }, "gap.malformed"),
        (Gap { logs: many, ..good.clone() }, "gap.malformed"),
        (good.clone(), "accepted"),
    ] {
        assert_eq!(submit(&UnitId::site(), Command::NoteGap(gap.clone())).await, expected, "{gap:?}");
    }
    assert_ne!(submit(&office(), Command::NoteGap(good)).await, "accepted", "it belongs into the site log");
    let started =
        |node: String| Command::NoteStart(Started { version: "1".into(), program: engine::digest::Hash::of(b""), node });
    assert_eq!(submit(&UnitId::site(), started("n".repeat(201))).await, "software.too-long");
    assert_eq!(submit(&UnitId::site(), started("n".repeat(200))).await, "accepted");
    assert_ne!(submit(&office(), started("n".into())).await, "accepted");
}

/// Whoever relies on a copy finds both in it, and all verifiers take it.
#[tokio::test]
async fn a_copy_tells_of_both() {
    let (world, _) = super::bundle::world(2).await;
    let started =
        Started { version: "1.2.3".into(), program: engine::digest::Hash::of(b"program"), node: "desk-1 127.0.0.1:1".into() };
    let (_, stopped) = tokio::sync::watch::channel(false);
    world.engine.clone().note_start(started.clone(), stopped).await;
    let from = world.clock.now();
    let gap = Gap { from, to: from.plus_seconds(QUARTER + 1), logs: vec![waited("unit/office/1", 1, 2)] };
    world.submit_site("system", Command::NoteGap(gap.clone())).await.expect("it is noted");
    let archive = bundle(&world, &everything(&office())).await;
    let (report, replayed) = found(&archive, &policy());
    assert_eq!((report.verdict(), replayed.cases > 0), (Verdict::Verified, true), "{:?}", report.findings);
    for (who, said) in theirs(&policy(), std::slice::from_ref(&archive)) {
        assert!(said[0].starts_with("VERIFIED"), "{who}: {said:?}");
    }
    let signs = working(&Bundle::read(&archive).expect("a bundle")).signs;
    let faults: Vec<_> = signs.into_iter().map(|sign| sign.fault).collect();
    assert_eq!(faults, [Fault::Started(Some(started)), Fault::Unsigned(Some(gap))]);
}
