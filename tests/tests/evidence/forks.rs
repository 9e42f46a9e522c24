//! Two histories of one log: proved by a file that convinces a third party, and found whichever witnesses are on the office's side.

use std::process::Output;

use engine::evidence::bundle::{Policy, Verdict, verify};
use engine::evidence::{Fork, Key, Note, PrivateKey, PrivateWitnessKey};
use engine::model::Time;
use engine::runtime::bundle::Signed;
use engine::store::memory::MemoryStore;
use tests::bundle::{policy, secret, signed};
use tests::world::{Random, World};

use super::bundle::of_cases;
use super::office;
use crate::program::run;
use tests::forge::forged;

/// An office, and the same in which the first entry of the unit was written otherwise.
async fn two() -> (World<MemoryStore>, MemoryStore, Vec<engine::model::CommandId>) {
    let (world, cases) = super::bundle::world(4).await;
    let other = forged(world.engine.store(), |entry| entry.origin.time.0 -= i64::from(entry.index == 0)).await;
    (world, other, cases)
}

async fn of_unit(store: &MemoryStore) -> Signed {
    signed(store).await.remove(&office()).expect("the unit's log")
}

fn keys() -> Vec<Key> {
    policy().keys
}

/// A bundle of the store as it is signed, which shows where so many entries end.
async fn bundle_at(store: &MemoryStore, case: engine::model::CommandId, at: u64) -> Vec<u8> {
    let mut wish = of_cases(&[case]);
    wish.at = std::iter::once(at).collect();
    let parts = engine::runtime::bundle::gather(store, "office.example", "Asia/Kolkata", &wish, &signed(store).await).await;
    engine::evidence::bundle::pack(parts.expect("it is there")).expect("it is packed")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_histories_are_proved_to_a_third_party_by_one_file() {
    let (world, other, cases) = two().await;
    let store = world.engine.store();
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let earlier = of_unit(store).await;
    std::fs::write(at("honest"), earlier.note.to_string()).unwrap();
    std::fs::write(at("forged"), of_unit(&other).await.note.to_string()).unwrap();
    let vkey = secret().key().to_string();
    let make =
        |one: &str, another: &str, out: &str| run(&["fork", "make", &at(one), &at(another), "--key", &vkey, "--out", &at(out)]);
    let check = |name: &str, key: &str| run(&["fork", "check", &at(name), "--key", key]);

    // Of one size: two notes are enough.
    let made = make("honest", "forged", "same.fork");
    assert!(made.status.success() && text(&made).contains("FORK PROVED"), "{made:?}");
    let bytes = std::fs::metadata(at("same.fork")).unwrap().len();
    assert!(bytes < 1_000, "small: {bytes}");
    for key in [vkey.clone(), secret().key().named(&earlier.checkpoint.origin).to_string()] {
        let checked = check("same.fork", &key);
        assert!(checked.status.success() && text(&checked).contains("FORK PROVED"), "{checked:?}");
    }
    let stranger = PrivateKey::new("office.example", &[9; 32]).unwrap().key().to_string();
    let refused = check("same.fork", &stranger);
    assert!(refused.status.code() == Some(1) && text(&refused).contains("(note.no-key)"), "{refused:?}");
    assert_eq!(make("honest", "forged", "same.fork").status.code(), Some(3), "what is there is left as it is");
    let alike = make("honest", "honest", "none.fork");
    assert!(alike.status.code() == Some(1) && text(&alike).contains("(fork.none)"), "{alike:?}");

    // Of two sizes: the greater's tree shows what stands in the place of the smaller.
    for _ in 0..20 {
        world.submit("chitra", super::start()).await.expect("one more");
    }
    let later = forged(store, |entry| entry.origin.time.0 -= i64::from(entry.index == 0)).await;
    let size = earlier.checkpoint.size;
    std::fs::write(at("honest.zip"), bundle_at(store, cases[0], size).await).unwrap();
    std::fs::write(at("forged.zip"), bundle_at(&later, cases[0], size).await).unwrap();
    std::fs::write(at("covered.zip"), bundle_at(&later, cases[0], 1).await).unwrap();
    std::fs::write(at("later"), of_unit(&later).await.note.to_string()).unwrap();
    let without = make("honest", "later", "none.fork");
    assert!(without.status.code() == Some(1) && text(&without).contains(&format!("--at {size}")), "{without:?}");
    let alike = make("honest", "honest.zip", "none.fork");
    assert!(alike.status.code() == Some(1) && text(&alike).contains("(fork.none)"), "{alike:?}");
    let made = make("forged.zip", "honest", "two.fork");
    assert!(made.status.success(), "{made:?}");
    let checked = check("two.fork", &vkey);
    assert!(checked.status.success() && text(&checked).contains(&format!("root over the first {size} entries")), "{checked:?}");
    assert!(std::fs::metadata(at("two.fork")).unwrap().len() < 2_000);
    // A bundle that hides where the smaller ends cannot show it.
    let covered = std::fs::read(at("covered.zip")).unwrap();
    let read = engine::evidence::bundle::Bundle::read(&covered).unwrap();
    let shows = read.logs[1].lines().any(|line| match line.unwrap() {
        engine::evidence::bundle::Line::Node { index, size: length, .. } => index < size && size < index + length,
        engine::evidence::bundle::Line::Entry { .. } => false,
    });
    let made = make("covered.zip", "honest", "covered.fork");
    assert_eq!(made.status.success(), !shows, "{made:?}");
    assert!(!std::path::Path::new(&at("none.fork")).exists());
}

/// A change as malice or chance makes it.
fn changed(random: &mut Random, text: &str) -> Vec<u8> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    let mut changed = lines.clone();
    match random.below(5) {
        0 => drop(changed.remove(a)),
        1 => changed.swap(a, b),
        2 => changed.insert(a, lines[b]),
        3 => changed[a] = lines[b],
        _ => {}
    }
    let mut bytes = changed.concat().into_bytes();
    if random.below(3) == 0 {
        let place = random.below(bytes.len());
        bytes[place] ^= 1 << random.below(8);
    }
    bytes
}

/// Nothing but two histories makes such a file: of one honest history there is none, however it is changed.
#[tokio::test(flavor = "multi_thread")]
async fn an_honest_log_is_never_proved_forked() {
    let (world, other, cases) = two().await;
    let store = world.engine.store();
    let smaller = of_unit(store).await;
    for _ in 0..9 {
        world.submit("chitra", super::start()).await.expect("one more");
    }
    let fork = |archive: &[u8]| {
        let bundle = engine::evidence::bundle::Bundle::read(archive).unwrap();
        Fork::new(smaller.note.clone(), bundle.logs[1].checkpoint.clone(), Some(&bundle.logs[1])).unwrap()
    };
    let honest = fork(&bundle_at(store, cases[0], smaller.checkpoint.size).await);
    assert_eq!(honest.verify(&keys()).unwrap_err().code, "fork.none");
    let later = forged(store, |entry| entry.origin.time.0 -= i64::from(entry.index == 0)).await;
    let forged = fork(&bundle_at(&later, cases[0], smaller.checkpoint.size).await);
    let proved = forged.verify(&keys()).unwrap();
    assert_eq!(proved.roots[0], smaller.checkpoint.root);
    assert_eq!(Fork::read(forged.to_string().as_bytes()).unwrap(), forged);
    drop(other);
    // What is proved is changed too: a stranger's verifier says the same of each.
    let texts = [honest.to_string(), forged.to_string()];
    let mut asked: Vec<(bool, Vec<u8>)> = texts.iter().map(|text| (*text == texts[1], text.clone().into_bytes())).collect();
    let mut random = Random(2026);
    while asked.len() < 2_000 {
        let is_forged = asked.len().is_multiple_of(10);
        asked.push((is_forged, changed(&mut random, &texts[usize::from(is_forged)])));
    }
    let mut codes = std::collections::BTreeSet::new();
    let ours: Vec<bool> = asked
        .iter()
        .map(|(is_forged, bytes)| {
            match Fork::read(bytes).and_then(|fork| fork.verify(&keys())) {
                Ok(forked) => assert!(*is_forged, "{forked:?}: {}", String::from_utf8_lossy(bytes)),
                Err(error) => {
                    codes.insert(error.code);
                    return false;
                }
            }
            true
        })
        .collect();
    for code in ["fork.malformed", "fork.tree", "fork.none", "note.signature"] {
        assert!(codes.contains(code), "{code}: {codes:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    // Some of them: Python reckons on its fingers.
    let some: Vec<usize> = (0..asked.len()).filter(|n| *n < 2 || n % 10 < 2).take(150).collect();
    let mut python = std::process::Command::new("python3");
    python.arg(tests::top().join("tests/golden/check_fork.py")).arg(secret().key().to_string());
    for number in &some {
        let path = folder.path().join(number.to_string());
        std::fs::write(&path, &asked[*number].1).unwrap();
        python.arg(path);
    }
    match python.output() {
        Ok(output) => {
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!(said.lines().count(), some.len(), "{}", String::from_utf8_lossy(&output.stderr));
            for (number, line) in some.iter().zip(said.lines()) {
                assert_eq!(line.ends_with(": FORKED"), ours[*number], "{line}: {}", String::from_utf8_lossy(&asked[*number].1));
            }
            assert!(said.contains(": FORKED"), "{said}");
        }
        Err(_) => tests::skip("the independent verifier of forks needs python3"),
    }
    let site = signed(store).await.remove(&engine::model::UnitId::site()).unwrap();
    let two_logs = Fork { greater: site.note, ..forged };
    assert_eq!(two_logs.verify(&keys()).unwrap_err().code, "fork.logs");
}

/// Each set of so many witnesses.
fn subsets(count: u32) -> impl Iterator<Item = Vec<u32>> {
    (0..1u32 << count).map(move |set| (0..count).filter(|n| set & (1 << n) != 0).collect())
}

/// A forked log before every coalition of witnesses, every quorum, and every way in which the honest ones saw the one history or the other first.
#[tokio::test(flavor = "multi_thread")]
async fn whichever_witnesses_are_on_its_side_below_the_quorum_a_fork_is_found() {
    let (world, other, cases) = two().await;
    let witness = |n: u32| PrivateWitnessKey::new(&format!("witness-{n}.example"), &[40 + u8::try_from(n).unwrap(); 32]).unwrap();
    let time = Time(1_775_100_000_000_000);
    let mut histories = Vec::new();
    for store in [world.engine.store(), &other] {
        let mut parts = Vec::new();
        for mut log in signed(store).await.into_values() {
            // The site's log is the same in both, and everybody has cosigned it.
            if log.path.starts_with("site") {
                log.note.signatures.extend((0..4).map(|n| witness(n).cosign(&log.note.text, time)));
            }
            parts.push(log);
        }
        histories.push(parts);
    }
    // What a verifier says of a history that these have cosigned.
    let verdict = async |history: usize, cosigned: &[u32], policy: &Policy| {
        let store = [world.engine.store(), &other][history];
        let logs = histories[history].iter().map(|log| {
            let (mut note, unit) =
                (log.note.clone(), if log.path.starts_with("site") { engine::model::UnitId::site() } else { office() });
            if unit == office() {
                note.signatures.extend(cosigned.iter().map(|n| witness(*n).cosign(&note.text, time)));
            }
            (unit, Signed { note, ..log.clone() })
        });
        let logs = logs.collect();
        let parts = engine::runtime::bundle::gather(store, "office.example", "Asia/Kolkata", &of_cases(&cases[..1]), &logs).await;
        let archive = engine::evidence::bundle::pack(parts.unwrap()).unwrap();
        let (bundle, report) = verify(&archive, policy);
        (report.verdict(), bundle.unwrap().logs[1].checkpoint.clone())
    };
    let mut seen = std::collections::BTreeMap::<(usize, u32, usize), Vec<(Verdict, Note)>>::new();
    let (mut found, mut stood) = (0, 0);
    for count in [3, 4] {
        for quorum in 1..=count as usize {
            let policy = Policy { witnesses: (0..count).map(|n| witness(n).key()).collect(), quorum, ..policy() };
            for coalition in subsets(count) {
                // The honest ones saw the first history first: only the coalition cosigns the other.
                let (said, _) = verdict(1, &coalition, &policy).await;
                if coalition.len() < quorum {
                    assert_eq!(said, Verdict::Incomplete, "{coalition:?} of {count}, quorum {quorum}");
                    found += 1;
                } else {
                    assert_eq!(said, Verdict::Verified, "{coalition:?} of {count}, quorum {quorum}");
                    stood += 1;
                }
            }
            // The honest ones are split: both histories stand only where twice the quorum is no more than all and the coalition together.
            for traitors in 0..=count {
                let honest = count - traitors;
                for first in 0..=honest {
                    let sides =
                        [(0..traitors + first).collect::<Vec<_>>(), (0..traitors).chain(traitors + first..count).collect()];
                    let mut both = Vec::new();
                    for (history, side) in sides.iter().enumerate() {
                        let key = (history, count * 100 + quorum as u32, side.len());
                        if !seen.contains_key(&key) {
                            let said = verdict(history, side, &policy).await;
                            seen.entry(key).or_default().push(said);
                        }
                        both.push(seen[&key][0].clone());
                    }
                    let stand = both.iter().all(|(verdict, _)| *verdict == Verdict::Verified);
                    let can = sides.iter().all(|side| side.len() >= quorum);
                    assert_eq!(stand, can);
                    assert!(!stand || 2 * quorum <= (count + traitors) as usize, "{traitors} of {count}, quorum {quorum}");
                    // Whoever lays the two side by side has the proof, whoever stood with whom.
                    let fork = Fork::new(both[0].1.clone(), both[1].1.clone(), None).unwrap();
                    assert!(fork.verify(&keys()).is_ok());
                }
            }
        }
    }
    assert!(found > 20 && stood > 20, "{found} {stood}");
}
