//! Clocks that were wrong (E-8): whatever an entry says of its time is held against when people outside saw the log without it and with it. What is
//! outside of that by more than the tolerance is told, each entry of it, and nothing else is.

use std::collections::BTreeSet;

use engine::evidence::PrivateWitnessKey;
use engine::evidence::bundle::{Outside, Policy, Report, TOLERANCE_SECONDS, Verdict, When, verify};
use engine::model::Time;
use engine::store::memory::MemoryStore;
use tests::bundle::{bundle, bundle_of, everything, policy, signed};
use tests::world::{START, World};

use super::both::theirs;
use super::{entries, office, start};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Entries are made so many seconds apart, and the log is seen from outside a second before each and a second after.
const APART: i64 = 6 * HOUR;
const ENTRIES: i64 = 24;

/// The instant so many seconds after the first entry, as it truly was.
fn truly(seconds: i64) -> Time {
    Time::parse(START).expect("an instant").plus_seconds(2 * DAY + seconds)
}

/// An office whose clock shows so many seconds when so many have truly gone: its log, when each entry of a case was truly made (by index), and what was
/// seen outside.
async fn office_with(clock: impl Fn(i64) -> i64) -> (World<MemoryStore>, Vec<(u64, Time)>, Vec<Outside>) {
    let world = super::world(MemoryStore::default()).await;
    let (mut made, mut seen) = (Vec::new(), Vec::new());
    let see = async |at: i64| {
        let checkpoint = signed(world.engine.store()).await[&office()].checkpoint.clone();
        Outside { name: checkpoint.origin, size: checkpoint.size, root: checkpoint.root, when: Some(When::At(truly(at))) }
    };
    for number in 0..ENTRIES {
        let now = number * APART;
        world.clock.move_to(truly(clock(now)));
        seen.push(see(now - 1).await);
        let entry = world.submit("asha", start()).await.expect("a case is started").entry;
        made.push((entry.index, truly(now)));
        seen.push(see(now + 1).await);
    }
    (world, made, seen)
}

/// The entries that findings of this code name.
fn named(report: &Report, code: &str) -> BTreeSet<u64> {
    let mut named = BTreeSet::new();
    for finding in report.findings.iter().filter(|finding| finding.code == code) {
        let range = finding.message.split_once(" entries, from ").expect("a range").1.split_once(", say").expect("a range").0;
        let (first, last) = range.split_once(" to ").expect("a range");
        named.extend(first.parse::<u64>().expect("an index")..=last.parse().expect("an index"));
    }
    named
}

/// Every entry that is off by more than the tolerance is told, ahead or behind, and no other; strangers come to the same verdict.
async fn check(name: &str, clock: impl Fn(i64) -> i64, expected: &[&str]) {
    let (world, made, seen) = office_with(clock).await;
    let policy = Policy { seen, ..policy() };
    let archive = bundle(&world, &everything(&office())).await;
    let (_, report) = verify(&archive, &policy);
    let recorded = entries(world.engine.store(), &office()).await;
    // A second more: the log was not seen at the very instant.
    let off = |(index, truly): &(u64, Time), ahead: bool| {
        let by = recorded[usize::try_from(*index).expect("an index")].time.0 - truly.0;
        (if ahead { by } else { -by }) > (TOLERANCE_SECONDS + 1) * 1_000_000
    };
    let wrong = |ahead| made.iter().filter(|one| off(one, ahead)).map(|(index, _)| *index).collect::<BTreeSet<u64>>();
    assert_eq!(named(&report, "time.ahead"), wrong(true), "{name}: {:?}", report.findings);
    assert_eq!(named(&report, "time.behind"), wrong(false), "{name}: {:?}", report.findings);
    let codes: BTreeSet<&str> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, expected.iter().copied().collect(), "{name}: {:?}", report.findings);
    let verdict = if expected.is_empty() { Verdict::Verified } else { Verdict::Tampered };
    assert_eq!(report.verdict(), verdict, "{name}");
    for (who, told) in theirs(&policy, &[archive]) {
        assert!(told[0].starts_with(verdict.name()), "{name}: {who}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_wrong_is_told() {
    check("right", |truly| truly, &[]).await;
    check("a minute ahead", |truly| truly + 60, &[]).await;
    check("a minute behind", |truly| truly - 60, &[]).await;
    check("an hour ahead", |truly| truly + HOUR, &["time.ahead"]).await;
    check("an hour behind", |truly| truly - HOUR, &["time.behind"]).await;
    check("a day ahead", |truly| truly + DAY, &["time.ahead"]).await;
    check("a day behind", |truly| truly - DAY, &["time.behind"]).await;
    check("frozen", |truly| truly.min(2 * DAY), &["time.behind"]).await;
    check("500 ppm fast", |truly| truly + truly / 2_000, &["time.ahead"]).await;
    check("500 ppm slow", |truly| truly - truly / 2_000, &["time.behind"]).await;
    let held_back = |truly| if (2 * DAY..3 * DAY).contains(&truly) { 2 * DAY } else { truly };
    check("held back for a day", held_back, &["time.behind"]).await;
    // Set forward for a day and put right: recorded time stands still until it is overtaken.
    let forward = |truly| if (2 * DAY..3 * DAY).contains(&truly) { truly + 2 * HOUR } else { truly };
    check("set forward for a day", forward, &["time.ahead"]).await;
    let both = |truly| if truly < 2 * DAY { truly + HOUR } else { truly - HOUR };
    check("first ahead, then behind", both, &["time.ahead", "time.behind"]).await;
}

/// A cosignature in the bundle, by a witness of the policy, and a date from elsewhere tell of what is too new; of what is too old neither can.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_by_then_is_not_from_later() {
    let witness = PrivateWitnessKey::new("witness.example", &[9; 32]).expect("a key");
    let cosigned_by = Policy { witnesses: vec![witness.key()], quorum: 1, ..policy() };
    for (off, expected) in [(0, None), (TOLERANCE_SECONDS, None), (TOLERANCE_SECONDS + 1, Some("time.ahead")), (-DAY, None)] {
        let (world, _, seen) = office_with(|truly| truly + off).await;
        // In the very second of the last entry.
        let last = truly((ENTRIES - 1) * APART);
        let mut cosigned = signed(world.engine.store()).await;
        for log in cosigned.values_mut() {
            log.note.signatures.push(witness.cosign(&log.note.text, last));
        }
        let archive = bundle_of(&world, &everything(&office()), &cosigned).await;
        let newest = seen.last().expect("one").clone();
        let dated = Policy { seen: vec![Outside { when: Some(When::By(last)), ..newest }], ..policy() };
        for policy in [&cosigned_by, &dated] {
            let (_, report) = verify(&archive, policy);
            let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, expected.into_iter().collect::<Vec<_>>(), "{off}: {:?}", report.findings);
            for (who, told) in theirs(policy, std::slice::from_ref(&archive)) {
                assert!(told[0].starts_with(report.verdict().name()), "{off}: {who}: {told:?}");
            }
        }
    }
}
