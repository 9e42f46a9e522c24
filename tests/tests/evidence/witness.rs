//! A witness cosigns what follows from what it has seen, once, in whatever order and however often it is asked; and what a quorum is worth.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Barrier};

use engine::digest::{Hash, consistency_proof, leaf_hash, root_of};
use engine::evidence::bundle::{Policy, Verdict, verify};
use engine::evidence::{Checkpoint, Note, PrivateKey, Submission, WitnessKey};
use engine::model::{Time, UnitId};
use engine::runtime::bundle::Signed;
use engine::runtime::clock::ManualClock;
use engine::runtime::witness::{Uncosigned, Witness};
use tests::bundle::{bundle_of, everything, policy, secret, signed};
use tests::world::{Random, chance};

use super::bundle::world;
use super::office;

const ORIGIN: &str = "office.example/unit/office/1";

fn start() -> Time {
    Time::parse("2026-11-30T12:00:00Z").expect("an instant")
}

fn open(folder: &Path) -> Witness {
    Witness::open(folder, vec![secret().key()], Arc::new(ManualClock::new(start()))).expect("the folder")
}

/// A new witness.
fn witness(folder: &Path, name: &str, seed: u64) -> Witness {
    Witness::init(folder, name, &chance(seed)).expect("a new key");
    open(folder)
}

/// Leaves of a history that leaves the first one at a size.
fn history(name: &str, from: usize, size: usize) -> Vec<Hash> {
    let leaf = |n| leaf_hash(format!("{} {n}", if n < from { "first" } else { name }).as_bytes());
    (0..size).map(leaf).collect()
}

fn note(origin: &str, leaves: &[Hash]) -> Note {
    Checkpoint::new(origin, leaves.len() as u64, root_of(leaves)).sign(&secret()).expect("a note")
}

/// A request for the tree of these leaves, by somebody who takes the witness to have the first `old` of them.
fn request(leaves: &[Hash], old: u64) -> Submission {
    Submission { old, proof: consistency_proof(leaves, old), checkpoint: note(ORIGIN, leaves) }
}

fn code(answer: &Result<String, Uncosigned>) -> &'static str {
    match answer {
        Ok(_) => "200",
        Err(Uncosigned::Malformed(_)) => "400",
        Err(Uncosigned::Unknown) => "404",
        Err(Uncosigned::Untrusted(_)) => "403",
        Err(Uncosigned::Backwards) => "400 backwards",
        Err(Uncosigned::Size(_)) => "409",
        Err(Uncosigned::Forked) => "409 forked",
        Err(Uncosigned::Inconsistent) => "422",
        Err(Uncosigned::Full) => "507",
        Err(Uncosigned::Folder(_)) => "500",
    }
}

/// The time of a cosignature, which is checked.
fn time(key: &WitnessKey, submission: &Submission, line: &str) -> Time {
    let cosigned = Note::read(format!("{}{line}", submission.checkpoint).as_bytes()).expect("a note with a line more");
    assert_eq!(cosigned.signatures.len(), 2);
    key.time(&cosigned).expect("it fits").expect("it is by this witness")
}

#[test]
fn each_refusal_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut witness = witness(folder.path(), "witness.example", 1);
    let key = witness.key();
    let (first, other) = (history("first", 0, 40), history("other", 5, 40));
    let check = |witness: &Witness, what: &str, submission: &Submission, expected: &str| {
        let answer = witness.add(submission.to_string().as_bytes());
        assert_eq!(code(&answer), expected, "{what}: {answer:?}");
        if let Ok(line) = answer {
            assert_eq!(time(&key, submission, &line), start(), "{what}");
        }
    };
    let signed_by = |name: &str, seed: u8, leaves: &[Hash]| {
        let checkpoint = Checkpoint::new(name, leaves.len() as u64, root_of(leaves));
        let checkpoint = checkpoint.sign(&PrivateKey::new("office.example", &[seed; 32]).unwrap()).unwrap();
        Submission { old: 0, proof: Vec::new(), checkpoint }
    };
    for round in 0..2 {
        let known = if round == 0 { 0 } else { 20 };
        check(&witness, "a log of nobody", &signed_by("pune.example/unit/office/1", 5, &first), "404");
        check(&witness, "a longer name", &signed_by("office.example.org/unit/office/1", 5, &first), "404");
        check(&witness, "the host alone", &signed_by("office.example", 5, &first), "404");
        check(&witness, "another key", &signed_by(ORIGIN, 6, &first), "403");
        let mut changed = request(&first, known);
        changed.checkpoint.signatures[0].bytes[9] ^= 1;
        check(&witness, "another signature", &changed, "403");
        check(&witness, "a long name", &signed_by(&format!("office.example/{}", "x".repeat(1_010)), 5, &first), "400");
        let mut more = Checkpoint::new(ORIGIN, 40, root_of(&first));
        more.extensions.push("more".to_owned());
        let more = Submission { checkpoint: more.sign(&secret()).unwrap(), ..request(&first, known) };
        check(&witness, "a line more", &more, "400");
        check(&witness, "backwards", &request(&first[..19], 20), "400 backwards");
        check(&witness, "another size", &request(&first, known + 1), "409");
        if round == 0 {
            // From nothing there is no proof.
            let proof = vec![first[0]];
            check(&witness, "a proof of nothing", &Submission { proof, ..request(&first, 0) }, "422");
            let mut empty = request(&[], 0);
            check(&witness, "an empty log", &empty, "200");
            empty.checkpoint = Checkpoint::new(ORIGIN, 0, first[0]).sign(&secret()).unwrap();
            check(&witness, "an empty log with a root", &empty, "409 forked");
            check(&witness, "the first", &request(&first[..7], 0), "200");
            check(&witness, "more", &request(&first[..20], 7), "200");
        }
        check(&witness, "the same again", &request(&first[..20], 20), "200");
        let proof = vec![first[0]];
        check(&witness, "the same with a proof", &Submission { proof, ..request(&first[..20], 20) }, "422");
        check(&witness, "from nothing, as a new log", &request(&first, 0), "409");
        check(&witness, "another history of the same size", &request(&other[..20], 20), "409 forked");
        check(&witness, "another history that is longer", &request(&other, 20), "422");
        let mut short = request(&first, 20);
        short.proof.pop();
        check(&witness, "a proof that breaks off", &short, "422");
        let Err(Uncosigned::Size(size)) = witness.add(request(&first, 3).to_string().as_bytes()) else { panic!("another size") };
        assert_eq!(size, 20);
        // Restarted, it is as it was. Only one at a time is.
        assert!(Witness::open(folder.path(), vec![secret().key()], Arc::new(ManualClock::new(start()))).is_err());
        drop(witness);
        witness = open(folder.path());
    }
    check(&witness, "and it goes on", &request(&first, 20), "200");
    // Another log of the office needs nothing but its first request; other names of hosts know nothing of it.
    let unit = Submission { old: 0, proof: Vec::new(), checkpoint: note("office.example/site/2", &other) };
    check(&witness, "a new log", &unit, "200");
    // The proof of the fork is kept: two notes of one size.
    let kept =
        |kind: &str| std::fs::read(folder.path().join("logs").join(format!("{}{kind}", Hash::of(ORIGIN.as_bytes())))).unwrap();
    assert_eq!(kept(""), note(ORIGIN, &first).to_string().into_bytes());
    let fork = Note::read(&kept(".fork")).unwrap();
    fork.verify(&[secret().key().named(ORIGIN)]).unwrap();
    assert!(witness.add(b"GET / HTTP/1.1\r\n\r\n").is_err_and(|error| matches!(error, Uncosigned::Malformed(_))));
}

#[test]
fn nothing_is_cosigned_that_is_not_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let witness = witness(folder.path(), "witness.example", 1);
    let (leaves, logs) = (history("first", 0, 30), folder.path().join("logs"));
    for (old, size) in [(0, 10), (10, 20)] {
        let body = request(&leaves[..size], old).to_string();
        std::fs::rename(&logs, folder.path().join("away")).unwrap();
        assert_eq!(code(&witness.add(body.as_bytes())), "500", "there is nowhere to remember it");
        std::fs::rename(folder.path().join("away"), &logs).unwrap();
        assert_eq!(code(&witness.add(body.as_bytes())), "200", "as if it had not been asked before");
        let remembered = std::fs::read(logs.join(Hash::of(ORIGIN.as_bytes()).to_string())).unwrap();
        assert_eq!(remembered, note(ORIGIN, &leaves[..size]).to_string().into_bytes());
    }
    drop(witness);
    // What is left of a write that broke off is passed over; what is damaged is not guessed.
    let file = logs.join(Hash::of(ORIGIN.as_bytes()).to_string());
    std::fs::write(file.with_extension("new"), b"half").unwrap();
    assert_eq!(code(&open(folder.path()).add(request(&leaves, 20).to_string().as_bytes())), "200");
    for damaged in [&b""[..], b"half", note("office.example/site/1", &leaves).to_string().as_bytes()] {
        std::fs::write(&file, damaged).unwrap();
        let refused = Witness::open(folder.path(), vec![secret().key()], Arc::new(ManualClock::new(start()))).unwrap_err();
        assert!(refused.to_string().contains("damaged"), "{refused}");
    }
}

/// What was cosigned, in order: each begins with all before it.
fn assert_one_history(cosigned: &[(usize, &[Hash])]) {
    for (place, (size, leaves)) in cosigned.iter().enumerate() {
        for (smaller, other) in &cosigned[..place] {
            assert!(smaller <= size, "{smaller} was cosigned before {size}");
            assert_eq!(leaves[..*smaller], other[..*smaller], "of {size}, {smaller} before it");
        }
    }
}

#[test]
fn it_is_one_history_whatever_it_is_asked() {
    let mut random = Random(2026);
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..12 {
        let folder = tempfile::tempdir().unwrap();
        let mut witness = witness(folder.path(), "witness.example", 1);
        let fork = 1 + random.below(12);
        let histories = [history("first", 0, 40), history("second", fork, 40), history("third", 2 * fork, 40)];
        let (mut cosigned, mut known): (Vec<(usize, &[Hash])>, &[Hash]) = (Vec::new(), &[]);
        for _ in 0..120 {
            let leaves = random.pick(&histories).unwrap();
            // Mostly a little more than it knows; so that there is something to cosign until the end.
            let size = if random.once_in(4) { random.below(41) } else { (known.len() + random.below(4)).min(40) };
            let old = if random.once_in(3) { random.below(41) } else { known.len() };
            let mut submission = request(&leaves[..size], old as u64);
            let mut is_right = leaves.get(..old) == Some(known);
            if random.once_in(5) {
                let other = request(random.pick(&histories).unwrap(), random.below(40) as u64);
                is_right &= submission.proof == other.proof;
                submission.proof = other.proof;
            }
            let expected = match () {
                () if old > size => "400 backwards",
                () if old != known.len() => "409",
                () if old == size && leaves[..size] != *known => "409 forked",
                () if is_right => "200",
                () => "422",
            };
            let answer = witness.add(submission.to_string().as_bytes());
            assert_eq!(code(&answer), expected, "{old} {size}");
            if answer.is_ok() {
                known = &leaves[..size];
                cosigned.push((size, leaves));
            }
            *count.entry(expected).or_default() += 1;
            if random.once_in(20) {
                drop(witness);
                witness = open(folder.path());
            }
        }
        assert_one_history(&cosigned);
    }
    assert!(count.len() == 5 && count.values().all(|count| *count > 10), "{count:?}");
}

#[test]
fn of_a_hundred_that_ask_at_once_each_gets_one_history() {
    let histories = [history("first", 0, 2_000), history("second", 3, 2_000)];
    for round in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let witness = witness(folder.path(), "witness.example", 1);
        // Sometimes the fork lies behind what it knows already.
        let begun = if round % 2 == 0 { 0 } else { 10 };
        if begun > 0 {
            assert_eq!(code(&witness.add(request(&histories[0][..begun], 0).to_string().as_bytes())), "200");
        }
        let begin = Barrier::new(100);
        let each: Vec<Vec<(usize, usize)>> = std::thread::scope(|scope| {
            let ask = |number: usize| {
                let (witness, begin, histories) = (&witness, &begin, &histories);
                scope.spawn(move || {
                    let (which, mut size, mut old, mut cosigned) = (number % 2, 11 + number % 9, 0, Vec::new());
                    begin.wait();
                    for _ in 0..6 {
                        match witness.add(request(&histories[which][..size], old).to_string().as_bytes()) {
                            Ok(_) => {
                                cosigned.push((which, size));
                                (old, size) = (size as u64, size + 1 + number % 3);
                            }
                            Err(Uncosigned::Size(known)) => (old, size) = (known, size.max(known as usize)),
                            Err(Uncosigned::Forked | Uncosigned::Inconsistent) => {}
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                    cosigned
                })
            };
            let asking: Vec<_> = (0..100).map(ask).collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        let mut all: Vec<(usize, usize)> = each.iter().flatten().copied().collect();
        all.sort_by_key(|(_, size)| *size);
        assert!(all.len() > 20, "{all:?}");
        assert!(all.iter().all(|(which, _)| *which == all[0].0), "two histories: {all:?}");
        // Nobody got a smaller one after a larger one.
        assert!(each.iter().all(|cosigned| cosigned.is_sorted_by_key(|(_, size)| *size)), "{each:?}");
        drop(witness);
        let (which, size) = *all.last().unwrap();
        let again = open(folder.path()).add(request(&histories[which][..size], size as u64).to_string().as_bytes());
        assert_eq!(code(&again), "200", "restarted, it has the longest");
    }
}

#[test]
fn an_office_fills_its_own_room_only() {
    let folder = tempfile::tempdir().unwrap();
    Witness::init(folder.path(), "witness.example", &chance(1)).unwrap();
    let logs = folder.path().join("logs");
    for number in 0..engine::model::limits::WITNESSED_LOGS_MAX {
        let origin = format!("office.example/unit/u{number}/1");
        std::fs::write(logs.join(Hash::of(origin.as_bytes()).to_string()), note(&origin, &history("first", 0, 1)).to_string())
            .unwrap();
    }
    let other = PrivateKey::new("pune.example", &[9; 32]).unwrap();
    let witness = Witness::open(folder.path(), vec![secret().key(), other.key()], Arc::new(ManualClock::new(start()))).unwrap();
    let ask = |origin: &str, secret: &PrivateKey| {
        let checkpoint = Checkpoint::new(origin, 1, root_of(&history("first", 0, 1))).sign(secret).unwrap();
        code(&witness.add(Submission { old: 0, proof: Vec::new(), checkpoint }.to_string().as_bytes()))
    };
    assert_eq!(ask("office.example/unit/one-more/1", &secret()), "507");
    assert_eq!(ask("office.example/unit/u7/1", &secret()), "409", "those it has it knows");
    assert_eq!(ask("pune.example/unit/one/1", &other), "200");
}

/// An office that shows one history to some and another to others, and the witnesses that each is shown to first: with honest witnesses two
/// histories never have a quorum of more than half, and what is not shown to enough is not verified.
#[tokio::test]
async fn no_two_histories_have_a_quorum() {
    let mut worlds = Vec::new();
    for (checked, others) in [(3, 0), (0, 9)] {
        let (world, _) = world(checked).await;
        super::cases(&world, others).await;
        let checkpoints = signed(world.engine.store()).await;
        let mut leaves = BTreeMap::new();
        for unit in checkpoints.keys() {
            let entries = super::entries(world.engine.store(), unit).await;
            leaves.insert(unit.clone(), entries.iter().map(|entry| leaf_hash(entry.leaf.as_bytes())).collect::<Vec<_>>());
        }
        worlds.push((world, checkpoints, leaves));
    }
    for shown_to in 0..8_usize {
        let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let witnesses: Vec<Witness> =
            (0..3).map(|n| witness(folders[n].path(), &format!("witness-{n}.example"), n as u64)).collect();
        let mut cosigned: Vec<BTreeMap<UnitId, Signed>> = worlds.iter().map(|(_, checkpoints, _)| checkpoints.clone()).collect();
        let mut lines = [0; 2];
        // First the history that each is to see first, and then the other, by an office that tries everything.
        for (turn, (n, witness)) in [0, 1].into_iter().flat_map(|turn| witnesses.iter().enumerate().map(move |one| (turn, one))) {
            let which = (shown_to >> n & 1) ^ turn;
            for (unit, signed) in &mut cosigned[which] {
                let leaves = &worlds[which].2[unit];
                let body =
                    |old| Submission { old, proof: consistency_proof(leaves, old), checkpoint: signed.note.clone() }.to_string();
                let mut answer = witness.add(body(0).as_bytes());
                if let Err(Uncosigned::Size(size)) = answer {
                    answer = witness.add(body(size.min(leaves.len() as u64)).as_bytes());
                }
                let Ok(line) = answer else { continue };
                lines[which] += usize::from(*unit == office());
                signed.note = Note::read(format!("{}{line}", signed.note).as_bytes()).unwrap();
            }
        }
        assert_eq!(lines.iter().sum::<usize>(), 3, "each witness has one history of the unit's log");
        let keys: Vec<WitnessKey> = witnesses.iter().map(Witness::key).collect();
        for quorum in 0..=3 {
            let mut verified = Vec::new();
            for which in 0..2 {
                let archive = bundle_of(&worlds[which].0, &everything(&office()), &cosigned[which]).await;
                let (_, report) = verify(&archive, &Policy { witnesses: keys.clone(), quorum, ..policy() });
                let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code).collect();
                let enough = lines[which] >= quorum;
                assert_eq!(report.logs.iter().find(|log| log.name == ORIGIN).unwrap().cosigned.len(), lines[which]);
                assert!(!codes.iter().any(|code| *code != "witness.quorum"), "{codes:?}");
                assert_eq!(report.verdict() == Verdict::Verified, codes.is_empty());
                assert!(enough || report.verdict() == Verdict::Incomplete, "{shown_to:03b} {quorum} {which}");
                verified.extend(codes.is_empty().then_some(which));
                // One that nobody knows counts for nothing, and neither does one that is counted twice.
                let (_, unknown) = verify(&archive, &Policy { witnesses: Vec::new(), quorum, ..policy() });
                assert_eq!(unknown.verdict() == Verdict::Verified, quorum == 0);
            }
            assert!(quorum < 2 || verified.len() < 2, "{shown_to:03b} {quorum}");
            // Shown to all alike, it is verified by every quorum.
            assert!(!matches!(shown_to, 0 | 7) || verified.contains(&(shown_to / 7)), "{shown_to:03b} {quorum} {verified:?}");
        }
    }
}
