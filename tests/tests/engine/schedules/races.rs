//! A schedule is changed, ended, begun again and taken to other zones at the very moment when it falls due, on two nodes that both look for
//! due work: every occurrence of the version in force is carried out once, by nobody twice, and none is left out.

use std::collections::BTreeMap;

use engine::journal::{Command, Entry, Event, codec};
use engine::model::document::DocumentKind;
use engine::model::{Time, UnitId};
use engine::runtime::Refusal;
use engine::store::{InstanceQuery, Store};
use serde_json::{Value, json};
use tests::balky::Balky;
use tests::world::{Random, World};

use super::{cron, schedule, set_up};

/// Versions that follow one another. The number in the title makes each another content.
fn version(random: &mut Random, number: usize) -> Value {
    let expression = *random.pick(&["* * * * *", "*/2 * * * *", "*/3 * * * *", "30 */1 * * *"]).expect("there are some");
    let zone = *random.pick(&["Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns"]).expect("there are some");
    let mut others =
        json!({ "zone": zone, "title": { "en": format!("s {number}") }, "policies": { "missed": "each", "atMost": 250 } });
    if random.once_in(6) {
        // As good as deleted, until the next version begins it again.
        others["to"] = json!("2026-03-31");
    }
    schedule(cron(expression), others)
}

async fn site<S: Store>(world: &World<S>) -> Vec<Entry> {
    let (mut entries, mut from) = (Vec::new(), 0);
    loop {
        let page = world.engine.store().entries(&UnitId::site(), from, 500).await.expect("the store answers");
        let Some(last) = page.last() else { return entries };
        from = last.index + 1;
        entries.extend(page.iter().map(|sealed| codec::open(sealed).expect("an entry")));
    }
}

/// How many cases of `p` were begun.
async fn begun<S: Store>(world: &World<S>) -> usize {
    let (mut count, mut after) = (0, None);
    loop {
        let query = InstanceQuery { process: Some("p".into()), after, limit: 500, ..InstanceQuery::default() };
        let page = world.engine.store().instances(&world.unit, &query).await.expect("the store answers");
        let Some(last) = page.last() else { return count };
        after = Some((last.started, last.id));
        count += page.len();
    }
}

/// Rounds in one office.
const ROUNDS: usize = 400;

/// `SEVOTTAM_RACES` says in how many offices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_occurrence_is_carried_out_once_whatever_is_changed_on_two_nodes() {
    let offices = std::env::var("SEVOTTAM_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let (mut versions, mut occurrences) = (0, 0);
    for seed in 0..offices {
        let (more_versions, more) = race(seed).await;
        versions += more_versions;
        occurrences += more;
    }
    println!("{} rounds, {versions} versions, {occurrences} occurrences: 0 left out, 0 twice", offices * ROUNDS as u64);
}

/// How many versions there were, and how many occurrences.
async fn race(seed: u64) -> (usize, usize) {
    let mut store = Balky::default();
    store.shared = true;
    let a = set_up(store.clone()).await;
    let b = a.node(store, "other").await;
    b.engine.catch_up().await.expect("the store answers");
    let mut random = Random(seed);
    for round in 0..ROUNDS {
        // To the instant at which it falls, a microsecond before it, or some way past it.
        let next = a.engine.office().armed.get("s").map_or(a.engine.now().plus_seconds(60), |armed| armed.at);
        let to = match random.below(4) {
            0 => Time(next.0 - 1),
            1 => next,
            2 => Time(next.0 + 3),
            _ => next.plus_seconds(i64::try_from(random.below(200)).expect("it is small")),
        };
        a.clock.move_to(to.max(a.engine.now()));
        let (one, other) = (version(&mut random, 2 * round), version(&mut random, 2 * round + 1));
        let (at_one, at_other) = (random.once_in(2), random.once_in(3));
        let change = async |world: &World<Balky>, wanted: bool, document: Value| -> Result<(), Refusal> {
            let command = Command::DeployDocument { kind: DocumentKind::Schedule, document: document.to_string() };
            if wanted { world.submit_site("asha", command).await.map(drop) } else { Ok(()) }
        };
        let (looked, looked_too, changed, changed_too) =
            tokio::join!(a.engine.run_due(), b.engine.run_due(), change(&a, at_one, one), change(&b, at_other, other));
        changed.and(changed_too).expect("it is deployed");
        let refused = looked.expect("the store answers").refused + looked_too.expect("the store answers").refused;
        assert_eq!(refused, 0);
    }
    for world in [&a, &b] {
        world.engine.settle().await.expect("due work is carried out");
    }

    // What should have come, by the versions one after the other.
    let entries = site(&a).await;
    let now = a.engine.now();
    let mut wanted: BTreeMap<Time, usize> = BTreeMap::new();
    let mut came: BTreeMap<Time, usize> = BTreeMap::new();
    let mut versions = Vec::new();
    for entry in &entries {
        for event in &entry.events {
            match event {
                Event::DocumentDeployed { kind: DocumentKind::Schedule, document, .. } => {
                    versions.push((entry.origin.time, document))
                }
                Event::ScheduleFired { at, .. } => *came.entry(*at).or_default() += 1,
                Event::ScheduleMissed { .. } => panic!("nothing was missed: {entry:?}"),
                _ => {}
            }
        }
    }
    for (n, (begins, document)) in versions.iter().enumerate() {
        let ends = versions.get(n + 1).map_or(now, |(time, _)| *time);
        let checked = a.engine.library().check(DocumentKind::Schedule, document).expect("it was deployed");
        let planned = checked.schedule().expect("a schedule");
        let mut after = *begins;
        while let Some(next) =
            planned.schedule.next_after(after.timestamp(), &|_| true).map(|next| Time::from_timestamp(next.instant))
        {
            if next > ends {
                break;
            }
            *wanted.entry(next).or_default() += 1;
            after = next;
        }
    }
    assert_eq!(came, wanted);
    let begun = begun(&a).await;
    let occurrences: usize = came.values().sum();
    assert_eq!(begun, occurrences, "each began one case");
    assert!(versions.len() > ROUNDS / 2 && occurrences > ROUNDS / 2, "the test did too little to prove anything");
    (versions.len(), occurrences)
}
