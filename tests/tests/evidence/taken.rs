//! The site log takes in what is signed of the units: each hour in which anything was, once, whichever node is first; and a unit's log that
//! contradicts it is found by whoever has both, with nothing from outside.

use std::collections::BTreeMap;

use engine::digest::{leaf_hash, root_of};
use engine::evidence::Checkpoint;
use engine::evidence::bundle::{Bundle, Line, Lost, Outside, Policy, Verdict, pack, seal, unseal, verify};
use engine::journal::event::LogSigned;
use engine::journal::{Actor, Command, Envelope, Event, codec};
use engine::model::{CommandId, UnitId};
use engine::runtime::bundle::{Signed, gather};
use engine::runtime::checkpoints::{Looks, NotTaken};
use engine::runtime::clock::{Clock as _, ManualClock};
use engine::runtime::signer::PUBLISHED;
use engine::runtime::signer::Signer;
use engine::runtime::{Accepted, Engine, Options, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use tests::bundle::{bundle, everything, found, policy, secret, signed};
use tests::world::World;

use super::both::theirs;
use super::bundle::{of_cases, world};
use super::{cases, cut, new_signer, office};
use tests::forge::forged;

const HOUR: i64 = 3_600;

/// What an entry took in: path without the host, and size.
fn said(accepted: Option<Accepted>) -> Vec<(String, u64)> {
    let events = accepted.map_or_else(Vec::new, |accepted| accepted.entry.events.clone());
    let ([] | [Event::CheckpointsTaken { .. }]) = &events[..] else { panic!("{events:?}") };
    let taken = events.into_iter().flat_map(|event| match event {
        Event::CheckpointsTaken { checkpoints } => checkpoints,
        _ => Vec::new(),
    });
    taken.map(|one| (one.log.replace("office.example/unit/", ""), one.size)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hour_what_was_signed_since() {
    let world = super::world(MemoryStore::default()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut signer = new_signer(folder.path());
    let shown = folder.path().join(PUBLISHED);
    let store = world.engine.store();
    let looks = tokio::sync::Mutex::new(Looks::default());
    let take = async || said(world.engine.take_checkpoints(&shown, &mut *looks.lock().await).await.expect("it is taken in"));
    let size = async || store.head(&office()).await.expect("it answers").expect("a head").size;
    // Nothing is signed yet, and nothing is shown.
    assert_eq!(take().await, []);
    cases(&world, 3).await;
    signer.round(store).await.expect("it is signed");
    let first = size().await;
    // What was written after the signature is not taken in.
    cases(&world, 1).await;
    assert_eq!(take().await, [("office/1".to_owned(), first)]);
    let entry = super::entries(store, &UnitId::site()).await.pop().expect("an entry");
    let root = signer.signed(&office()).expect("it is signed").1;
    let log = "office.example/unit/office/1".to_owned();
    let expected = [Event::CheckpointsTaken { checkpoints: vec![LogSigned { log, size: first, root }] }];
    let entry = codec::open(&entry).expect("an entry");
    assert_eq!(
        (entry.kind.as_str(), &entry.origin.actor, &entry.events[..]),
        ("checkpoints.taken", &Actor::System, &expected[..])
    );
    // Within the hour there is no other; after it, only where anything was signed.
    signer.round(store).await.expect("it is signed");
    assert_eq!(take().await, []);
    world.advance(HOUR).await;
    assert_eq!(take().await, [("office/1".to_owned(), first + 1)]);
    signer.round(store).await.expect("it is signed");
    world.advance(HOUR).await;
    assert_eq!(take().await, [], "an idle office writes nothing");
    // Another node, which knows less, has nothing to add.
    let stale = Command::TakeCheckpoints {
        checkpoints: vec![LogSigned { log: "office.example/unit/office/1".to_owned(), size: first, root }],
    };
    let refused = world.engine.submit(&UnitId::site(), Envelope::new(Actor::System, "stale", stale)).await;
    assert!(matches!(refused, Err(Refusal::Rejected(rejection)) if rejection.code == "checkpoints.known"));
    // An office opened on the same store knows what was taken in.
    let reopened = Engine::open(cut(store, |_, size| size).await, world.engine.options().clone()).await.expect("it opens");
    assert_eq!(reopened.office().taken, world.engine.office().taken);
    // What is shown of the same size with another root is not taken in, and said aloud.
    let other = tempfile::tempdir().expect("a folder");
    let mut liar = new_signer(other.path());
    let forged = forged(store, |entry| entry.origin.time.0 += i64::from(entry.index > 0)).await;
    liar.round(&forged).await.expect("it signs");
    world.advance(HOUR).await;
    let refused = world.engine.take_checkpoints(&other.path().join(PUBLISHED), &mut Looks::default()).await;
    assert!(matches!(refused, Err(NotTaken::Differs { .. })), "{refused:?}");
}

/// An office of two units, in each of which cases were started and taken in; and the signer, in its folder.
async fn of_two() -> (World<MemoryStore>, tempfile::TempDir, Signer) {
    let mut directory = serde_json::to_value(tests::world::small_office()).expect("an office");
    let branch = serde_json::json!({ "id": "branch", "title": { "en": "Branch" }, "parent": "office" });
    directory["units"].as_array_mut().expect("units").push(branch);
    let directory = serde_json::from_value(directory).expect("an office");
    let world = World::new(MemoryStore::default(), &directory, "office").await;
    world.deploy(super::SHORT).await.expect("it is deployed");
    let folder = tempfile::tempdir().expect("a folder");
    let mut signer = new_signer(folder.path());
    in_both(&world.engine, "first").await;
    signer.round(world.engine.store()).await.expect("it is signed");
    let first = look(&world.engine, folder.path(), &mut Looks::default()).await.expect("it is taken in");
    // The office has the deployment before its first case.
    assert_eq!(first, [("branch/1".to_owned(), 1), ("office/1".to_owned(), 2)]);
    (world, folder, signer)
}

async fn in_both(engine: &Engine<MemoryStore>, key: &str) {
    for unit in ["branch", "office"] {
        let envelope = Envelope::new(Actor::System, key, super::start());
        engine.submit(&unit.parse().expect("a unit"), envelope).await.expect("a case is started");
    }
}

async fn look(engine: &Engine<MemoryStore>, folder: &std::path::Path, looks: &mut Looks) -> Result<Vec<(String, u64)>, NotTaken> {
    engine.take_checkpoints(&folder.join(PUBLISHED), looks).await.map(said)
}

/// What is taken in of each unit.
fn sizes(engine: &Engine<MemoryStore>) -> Vec<u64> {
    engine.office().taken.values().map(|taken| taken.size).collect()
}

/// A log that is not what was taken in of it, or not what the database has, is left out, which is said once, and the other is taken in.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_does_not_go_on_is_left_out_alone() {
    let (world, folder, mut signer) = of_two().await;
    in_both(&world.engine, "second").await;
    world.advance(HOUR).await;
    let (store, options) = (world.engine.store(), world.engine.options());
    // The same key over an entry that was written otherwise, over a log that lost its last, and over all as it is.
    let written = forged(store, |entry| entry.origin.time.0 -= i64::from(entry.index == 0)).await;
    let lost = cut(store, |unit, size| size - u64::from(*unit == office())).await;
    let (other, behind) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    new_signer(other.path()).round(&written).await.expect("it signs");
    signer.round(store).await.expect("it signs");

    let check = async |database: &MemoryStore, shown: &std::path::Path, what: &str| {
        let engine = Engine::open(cut(database, |_, size| size).await, options.clone()).await.expect("it opens");
        let mut looks = Looks::default();
        let told = look(&engine, shown, &mut looks).await;
        let log = "office.example/unit/office/1";
        assert!(matches!(&told, Err(NotTaken::Differs { log: left, size: 3 }) if left == log), "{what}: {told:?}");
        assert_eq!(sizes(&engine), [2, 2], "{what}");
        world.clock.move_to(world.clock.now().plus_seconds(HOUR));
        assert_eq!(look(&engine, shown, &mut looks).await.expect("it was said"), [], "{what}");
        assert_eq!(sizes(&engine), [2, 2], "{what}");
    };
    check(store, other.path(), "what is shown is not what the database has").await;
    check(&written, other.path(), "both are not what was taken in").await;
    check(&lost, folder.path(), "the database has less").await;

    let whole = look(&world.engine, folder.path(), &mut Looks::default()).await.expect("it is taken in");
    assert_eq!(whole, [("branch/1".to_owned(), 2), ("office/1".to_owned(), 3)]);
    // Less than was taken in is shown of one.
    in_both(&world.engine, "third").await;
    let lost = cut(store, |unit, size| size - if *unit == office() { 2 } else { 0 }).await;
    new_signer(behind.path()).round(&lost).await.expect("it signs");
    world.advance(HOUR).await;
    let mut looks = Looks::default();
    let told = look(&world.engine, behind.path(), &mut looks).await;
    assert!(matches!(told, Err(NotTaken::Behind { size: 2, taken: 3, .. })), "{told:?}");
    assert_eq!(sizes(&world.engine), [3, 3]);
    world.advance(HOUR).await;
    assert_eq!(look(&world.engine, behind.path(), &mut looks).await.expect("it was said"), []);
}

/// After a clock that was ahead was put right, recorded time goes on from where it was, and so does this.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_holds_nothing_up() {
    let (world, folder, mut signer) = of_two().await;
    let clock = std::sync::Arc::new(ManualClock::new(world.clock.now().plus_seconds(-24 * HOUR)));
    let options = Options { clock: std::sync::Arc::clone(&clock) as std::sync::Arc<_>, ..world.engine.options().clone() };
    in_both(&world.engine, "second").await;
    let store = world.engine.store();
    signer.round(store).await.expect("it is signed");
    let engine = Engine::open(cut(store, |_, size| size).await, options).await.expect("it opens");
    let mut looks = Looks::default();
    // It works off its lead: an hour of it is some minutes longer.
    for (minutes, expected) in [(60, vec![]), (7, vec![("branch/1".to_owned(), 2), ("office/1".to_owned(), 3)])] {
        clock.move_to(clock.now().plus_seconds(minutes * 60));
        assert_eq!(look(&engine, folder.path(), &mut looks).await.expect("it is taken in"), expected, "{minutes}");
    }
}

/// The site log takes in the unit's log as it stands.
pub(super) async fn take(world: &World<MemoryStore>, key: &str) {
    take_this(world, key, signed(world.engine.store()).await[&office()].checkpoint.clone()).await;
}

/// The site log takes in this of the unit's log.
async fn take_this(world: &World<MemoryStore>, key: &str, Checkpoint { origin: log, size, root, .. }: Checkpoint) {
    let checkpoints = vec![LogSigned { log, size, root }];
    let envelope = Envelope::new(Actor::System, key, Command::TakeCheckpoints { checkpoints });
    world.engine.submit(&UnitId::site(), envelope).await.expect("it is taken in");
}

/// What is signed of the unit's log when it has so many entries.
async fn at_size(store: &MemoryStore, size: u64) -> Checkpoint {
    let mut leaves: Vec<_> =
        super::entries(store, &office()).await.iter().map(|entry| leaf_hash(entry.leaf.as_bytes())).collect();
    leaves.truncate(usize::try_from(size).expect("a size"));
    Checkpoint::new("office.example/unit/office/1", size, root_of(&leaves))
}

/// The unit's log goes on under its second epoch, as after a restore that was declared.
fn restored(mut signed: BTreeMap<UnitId, Signed>) -> BTreeMap<UnitId, Signed> {
    let unit = signed.get_mut(&office()).expect("the unit's log");
    unit.path = "unit/office/2".to_owned();
    unit.checkpoint = Checkpoint::new("office.example/unit/office/2", unit.checkpoint.size, unit.checkpoint.root);
    unit.note = unit.checkpoint.sign(&secret()).expect("it is signed");
    signed
}

/// The same office by somebody who writes the first entry of the unit otherwise.
async fn rewritten(store: &MemoryStore) -> MemoryStore {
    forged(store, |entry| entry.origin.time.0 -= i64::from(entry.index == 0)).await
}

const LINES: &str = "log/unit/office/1/entries.jsonl";

/// A bundle with the lines that another has of the unit's log.
fn with_lines_of(archive: &[u8], other: &[u8]) -> Vec<u8> {
    let files = |archive| -> BTreeMap<String, Vec<u8>> {
        unseal(archive).expect("a bundle").into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect()
    };
    let mut own = files(archive);
    own.insert(LINES.to_owned(), files(other)[LINES].clone());
    seal(own).expect("it is packed")
}

/// Ours and the strangers' say this of each, and ours for these reasons.
fn all_say(cases: Vec<(&str, Vec<u8>, Verdict, &[&str])>) {
    all_say_under(&policy(), cases);
}

/// The same under this policy.
pub(super) fn all_say_under(policy: &Policy, cases: Vec<(&str, Vec<u8>, Verdict, &[&str])>) {
    let archives: Vec<Vec<u8>> = cases.iter().map(|(_, archive, ..)| archive.clone()).collect();
    let theirs = theirs(policy, &archives);
    for (number, (name, archive, verdict, codes)) in cases.into_iter().enumerate() {
        let (_, report) = verify(&archive, policy);
        let found: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((report.verdict(), &found[..]), (verdict, codes), "{name}: {:?}", report.findings);
        for (who, told) in &theirs {
            assert!(told[number].starts_with(verdict.name()), "{who}: {name}: {}", told[number]);
        }
    }
}

/// What was taken in is not forgotten when something newer is taken in.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_was_written_anew_and_taken_in_again_is_found() {
    let (world, cases) = world(3).await;
    let store = world.engine.store();
    take(&world, "as it was").await;
    for _ in 0..12 {
        world.submit("chitra", super::start()).await.expect("one more");
    }
    let forked = rewritten(store).await;
    take_this(&world, "as it was written anew", signed(&forked).await[&office()].checkpoint.clone()).await;
    let forked = rewritten(store).await;
    let signed = signed(&forked).await;
    let one = bundle_of(&forked, &cases[..1], &signed).await;
    let parts = gather(&forked, "office.example", "Asia/Kolkata", &everything(&office()), &signed).await;
    let whole = pack(parts.expect("it is there")).expect("it is packed");
    all_say(vec![
        ("of a case", one, Verdict::Tampered, &["taken.differs"]),
        ("whole", whole, Verdict::Tampered, &["taken.differs"]),
    ]);
}

/// What the site log took in can be held against what is shown: a node that covers it is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_covers_what_was_taken_in_is_told() {
    let (world, cases) = world(3).await;
    let store = world.engine.store();
    for _ in 0..20 {
        world.submit("chitra", super::start()).await.expect("one more");
    }
    let of_case = |at: &[u64]| {
        let mut wish = of_cases(&cases[..1]);
        wish.at = at.iter().copied().collect();
        wish
    };
    // Two sizes within one node, and nothing is shown from it on.
    let covering = bundle(&world, &of_case(&[])).await;
    let files = unseal(&covering).expect("a bundle");
    let lines = files.iter().find(|(name, _)| *name == LINES).expect("the log").1;
    let node = String::from_utf8(lines.to_vec()).expect("UTF-8").lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line");
        Some((line["index"].as_u64()?, line["size"].as_u64().filter(|size| *size >= 8)?))
    });
    let (index, length) = node.expect("a node of some entries");
    let (old, new) = (index + 1, index + length - 1);
    let split_at_old = bundle(&world, &of_case(&[old])).await;
    let split_at_new = bundle(&world, &of_case(&[new])).await;
    take_this(&world, "old", at_size(store, old).await).await;
    take_this(&world, "new", at_size(store, new).await).await;
    let honest = bundle(&world, &of_case(&[])).await;
    assert_eq!(verify(&honest, &policy()).1.logs[1].taken, Some(new));
    // One between them is neither the newest nor the next after anything that is shown.
    let without = |lines: &[u8]| with_lines_of(&honest, lines);
    all_say(vec![
        ("the newest is covered", without(&split_at_old), Verdict::Incomplete, &["taken.untold"]),
        ("the next is covered", without(&split_at_new), Verdict::Incomplete, &["taken.untold"]),
        ("both are covered", without(&covering), Verdict::Incomplete, &["taken.untold", "taken.untold"]),
        ("before there was any", covering, Verdict::Verified, &[]),
        ("none is covered", honest, Verdict::Verified, &[]),
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_between_that_no_entry_needs_may_be_covered() {
    let (world, cases) = world(3).await;
    let store = world.engine.store();
    for _ in 0..20 {
        world.submit("chitra", super::start()).await.expect("one more");
    }
    let size = signed(store).await[&office()].checkpoint.size;
    for back in (1..9).rev() {
        take_this(&world, &back.to_string(), at_size(store, size - back).await).await;
    }
    let archive = bundle(&world, &of_cases(&cases[..1])).await;
    let sizes: Vec<u64> = Bundle::read(&archive).expect("a bundle").logs[1]
        .lines()
        .map(|line| match line.expect("a line") {
            Line::Node { index, size, .. } => index + size,
            Line::Entry { index, .. } => index + 1,
        })
        .filter(|end| *end >= size - 8)
        .collect();
    assert!(sizes.contains(&(size - 8)) && sizes.contains(&(size - 1)) && sizes.len() < 9, "{sizes:?}");
    all_say(vec![("of a case", archive, Verdict::Verified, &[])]);
}

/// A restore that was declared does not wash a log that was written anew.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_before_a_restore_is_not_forgotten() {
    let (world, cases) = world(3).await;
    let store = world.engine.store();
    take(&world, "as it was").await;
    world.submit("chitra", super::start()).await.expect("one more");
    let forked = rewritten(store).await;
    let washed = bundle_of(&forked, &cases[..1], &restored(signed(&forked).await)).await;
    // Nothing of what was taken in was lost.
    let kept = bundle_of(store, &cases[..1], &restored(signed(store).await)).await;
    // An honest restore, after which there is less.
    let mut before = signed(store).await;
    let unit = before.get_mut(&office()).expect("the unit's log");
    unit.checkpoint = at_size(store, unit.checkpoint.size - 2).await;
    let short = restored(before);
    let fewer = bundle_of(store, &cases[..1], &short).await;
    // The same, and it is taken in under the new epoch too.
    take_this(&world, "under the new epoch", restored(signed(&forked).await)[&office()].checkpoint.clone()).await;
    let forked = rewritten(store).await;
    let again = bundle_of(&forked, &cases[..1], &restored(signed(&forked).await)).await;
    let (_, report) = verify(&washed, &policy());
    assert!(report.findings[0].message.contains("under epoch 1 of this log (office.example/unit/office/1)"), "{report:?}");
    all_say(vec![
        ("written anew", washed, Verdict::Incomplete, &["taken.restored"]),
        ("nothing was lost", kept, Verdict::Verified, &[]),
        ("taken in again", again, Verdict::Incomplete, &["taken.restored"]),
        ("less than was taken in", fewer, Verdict::Incomplete, &["taken.restored"]),
    ]);
}

/// What a restore has lost is stated in the policy; what goes beyond it, or contradicts it, is found still.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_stated_in_the_policy_leaves_no_doubt() {
    let (world, cases) = world(3).await;
    let store = world.engine.store();
    take(&world, "as it was").await;
    let first = signed(store).await[&office()].checkpoint.clone();
    // The last two entries are lost, and others come in their place.
    let mut shorter = signed(store).await;
    let unit = shorter.get_mut(&office()).expect("the unit's log");
    unit.checkpoint = at_size(store, first.size - 2).await;
    let short = bundle_of(store, &cases[..1], &restored(shorter)).await;
    let last = first.size - 1;
    let longer = forged(store, |entry| entry.origin.time.0 += i64::from(entry.index == last)).await;
    let long = bundle_of(&longer, &cases[..1], &restored(signed(&longer).await)).await;
    let rewritten = rewritten(store).await;
    let washed = bundle_of(&rewritten, &cases[..1], &restored(signed(&rewritten).await)).await;
    let lost = |from, to| Policy { lost: vec![Lost { name: first.origin.clone(), from, to }], ..policy() };
    let seen = |policy: Policy, size: u64, root| {
        let seen = vec![Outside { name: first.origin.clone(), size, root, when: None }];
        Policy { seen, ..policy }
    };
    let honest = lost(first.size - 2, first.size);
    all_say_under(
        &honest,
        vec![("fewer", short.clone(), Verdict::Verified, &[]), ("others", long.clone(), Verdict::Verified, &[])],
    );
    let report = verify(&short, &honest).1;
    assert_eq!(report.logs[1].lost, honest.lost, "the verdict says what was lost");
    assert_eq!(report.logs[0].lost, [], "of the other log nothing was");
    // Less than was signed is stated, or of another log.
    all_say_under(
        &lost(first.size - 2, first.size - 1),
        vec![("too little", short.clone(), Verdict::Incomplete, &["taken.restored"])],
    );
    let other = Policy { lost: vec![Lost { name: "office.example/unit/pune/1".to_owned(), from: 0, to: 99 }], ..policy() };
    all_say_under(&other, vec![("of another", short.clone(), Verdict::Incomplete, &["taken.restored"])]);
    // What the policy says was kept is there, or it is a lie.
    let kept = lost(first.size, first.size);
    all_say_under(
        &kept,
        vec![
            ("fewer than were kept", short.clone(), Verdict::Incomplete, &["taken.truncated"]),
            ("others than were kept", long.clone(), Verdict::Tampered, &["taken.differs"]),
        ],
    );
    // Written anew before what was lost: what the site took in does not tell, and what somebody holds from before the restore does.
    all_say_under(&honest, vec![("washed", washed.clone(), Verdict::Verified, &[])]);
    let before = at_size(store, 1).await.root;
    all_say_under(
        &seen(honest.clone(), 1, before),
        vec![
            ("washed, and seen before", washed, Verdict::Tampered, &["taken.differs"]),
            ("honest, and seen before", short.clone(), Verdict::Verified, &[]),
        ],
    );
    all_say_under(&seen(honest, first.size, first.root), vec![("seen of what was lost", short.clone(), Verdict::Verified, &[])]);
    all_say_under(
        &seen(policy(), first.size, first.root),
        vec![("seen, and nothing is stated", long, Verdict::Incomplete, &["taken.restored"])],
    );
}

/// After two restores it is the losses of both that count.
#[tokio::test(flavor = "multi_thread")]
async fn what_two_restores_have_lost_is_stated_of_each() {
    let (world, cases) = world(3).await;
    let store = world.engine.store();
    let size = signed(store).await[&office()].checkpoint.size;
    let named =
        |checkpoint: Checkpoint, epoch: u64| Checkpoint { origin: format!("office.example/unit/office/{epoch}"), ..checkpoint };
    take(&world, "under the first").await;
    take_this(&world, "under the second", named(at_size(store, size - 2).await, 2)).await;
    let mut last = signed(store).await;
    let unit = last.get_mut(&office()).expect("the unit's log");
    unit.path = "unit/office/3".to_owned();
    unit.checkpoint = named(at_size(store, size - 4).await, 3);
    unit.note = unit.checkpoint.sign(&secret()).expect("it is signed");
    let third = bundle_of(store, &cases[..1], &last).await;
    let lost = |losses: &[(u64, u64, u64)]| {
        let lost = losses.iter().map(|(epoch, from, to)| Lost {
            name: format!("office.example/unit/office/{epoch}"),
            from: *from,
            to: *to,
        });
        Policy { lost: lost.collect(), ..policy() }
    };
    let check = |losses: &[(u64, u64, u64)], verdict, codes: &[&str]| {
        all_say_under(&lost(losses), vec![(&*format!("{losses:?}"), third.clone(), verdict, codes)]);
    };
    let restored = "taken.restored";
    check(&[(1, size - 2, size), (2, size - 4, size - 2)], Verdict::Verified, &[]);
    check(&[(1, size - 2, size)], Verdict::Incomplete, &[restored]);
    check(&[(2, size - 4, size - 2)], Verdict::Incomplete, &[restored]);
    // What was kept of the first was lost with the second.
    check(&[(1, size, size), (2, size - 4, size)], Verdict::Verified, &[]);
    check(&[(1, size, size), (2, size - 4, size - 2)], Verdict::Incomplete, &[restored]);
    check(&[], Verdict::Incomplete, &[restored, restored]);
}

async fn bundle_of(store: &MemoryStore, cases: &[CommandId], signed: &BTreeMap<UnitId, Signed>) -> Vec<u8> {
    let parts = gather(store, "office.example", "Asia/Kolkata", &of_cases(cases), signed).await;
    pack(parts.expect("what was chosen is there")).expect("it is packed")
}

/// The same office by somebody who has the database and the signer's key: an entry of the unit is written otherwise, or the last are left
/// out. Of the site's log nothing is.
pub(super) async fn contradicted(world: &World<MemoryStore>) -> [Vec<u8>; 2] {
    let store = world.engine.store();
    let first = super::entries(store, &office()).await.into_iter().find_map(|entry| entry.link).expect("a case").instance;
    let forked = rewritten(store).await;
    let mut before = signed(store).await;
    let unit = before.get_mut(&office()).expect("the unit's log");
    let mut leaves: Vec<_> =
        super::entries(store, &office()).await.iter().map(|entry| leaf_hash(entry.leaf.as_bytes())).collect();
    leaves.pop();
    unit.checkpoint = Checkpoint::new(&unit.checkpoint.origin, leaves.len() as u64, root_of(&leaves));
    unit.note = unit.checkpoint.sign(&secret()).expect("it is signed");
    [bundle_of(&forked, &[first], &signed(&forked).await).await, bundle_of(store, &[first], &before).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_contradicts_the_site_is_found_with_nothing_from_outside() {
    let (world, cases) = world(3).await;
    take(&world, "first").await;
    world.submit("chitra", super::start()).await.expect("one more");
    let between = bundle(&world, &of_cases(&cases[..1])).await;
    let size = signed(world.engine.store()).await[&office()].checkpoint.size;
    take(&world, "second").await;
    let whole = bundle(&world, &everything(&office())).await;
    let some = bundle(&world, &of_cases(&cases[..1])).await;
    let [forked, short] = contradicted(&world).await;
    // The entry by which the site log took it in, shown by its leaf alone.
    let mut files: BTreeMap<String, Vec<u8>> =
        unseal(&some).expect("a bundle").into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
    let site = String::from_utf8(files["log/site/1/entries.jsonl"].clone()).expect("UTF-8");
    let hidden: String = site
        .lines()
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("a line");
            if line["leaf"].as_str().is_some_and(|leaf| leaf.contains("checkpoints.taken")) {
                line.as_object_mut().expect("an object").remove("payloads");
            }
            engine::digest::canonical(&line) + "\n"
        })
        .collect();
    files.insert("log/site/1/entries.jsonl".to_owned(), hidden.into_bytes());
    let hidden = seal(files).expect("it is packed");

    let archives = [between, whole, some, forked, short, hidden];
    let told = theirs(&policy(), &archives);
    let check = |number: usize, verdict: Verdict, codes: &[&str], taken: Option<u64>| {
        let (report, _) = found(&archives[number], &policy());
        let found: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((report.verdict(), &found[..]), (verdict, codes), "{number}: {:?}", report.findings);
        assert_eq!(report.logs.get(1).and_then(|log| log.taken), taken, "{number}");
        for (who, told) in &told {
            assert!(told[number].starts_with(verdict.name()), "{who}: {number}: {}", told[number]);
        }
    };
    check(0, Verdict::Verified, &[], Some(size - 1));
    check(1, Verdict::Verified, &[], Some(size));
    check(2, Verdict::Verified, &[], Some(size));
    check(3, Verdict::Tampered, &["taken.differs"], None);
    check(4, Verdict::Incomplete, &["taken.truncated"], Some(size - 1));
    check(5, Verdict::Incomplete, &["payload.missing", "payload.missing"], None);
    // Each of the two would have passed without what the site log says: it is what finds them.
    let (bundle, report) = verify(&archives[3], &policy());
    assert!(bundle.is_some_and(|bundle: Bundle<'_>| bundle.logs.len() == 2) && report.logs.len() == 1);
}

/// Bundles after a restore that was declared, of which one was none; and one with the nodes of a time before anything was taken in.
pub(super) async fn washed(world: &World<MemoryStore>) -> [Vec<u8>; 3] {
    let store = world.engine.store();
    let entries = super::entries(store, &office()).await;
    let first = entries.into_iter().find_map(|entry| entry.link).expect("a case").instance;
    let forked = rewritten(store).await;
    let honest = bundle_of(store, &[first], &signed(store).await).await;
    // Of the site log as it was before.
    let short = cut(store, |unit, size| if *unit == UnitId::site() { size - 2 } else { size }).await;
    let before = bundle_of(&short, &[first], &signed(&short).await).await;
    [
        bundle_of(store, &[first], &restored(signed(store).await)).await,
        bundle_of(&forked, &[first], &restored(signed(&forked).await)).await,
        with_lines_of(&honest, &before),
    ]
}
