//! Bundles: what is chosen is there and is checked without the office; what was changed, left out, or decided otherwise is found.

use engine::digest::{Frontier, Hash, leaf_hash};
use engine::evidence::bundle::{Bundle, Line, Report, Verdict};
use engine::journal::{Command, Entry, Event};
use engine::model::bundle::Instant;
use engine::model::{CommandId, Time, Values};
use engine::runtime::bundle::{NoBundle, Wish, gather};
use engine::store::memory::MemoryStore;
use serde_json::json;
use tests::bundle::{bundle, everything, found, policy, signed};
use tests::world::{START, World, small_office};

use super::{SHORT, entries, office};
use tests::forge::forged;

/// Whoever checks may not decide, and who claims has a name that is personal.
pub(super) const CHECKED: &str = r#"{
    "id": "checked", "title": { "en": "Checked" }, "owner": { "post": "post-a" },
    "data": { "applicant": { "title": { "en": "Applicant" }, "type": "string", "personal": true }, "amount": { "title": { "en": "Amount" }, "type": "integer" } },
    "steps": [
        { "id": "begin", "type": "startEvent", "next": "check" },
        { "id": "check", "type": "userTask", "performer": { "role": "officer" }, "form": "claim", "outputs": ["applicant", "amount"], "next": "much?" },
        { "id": "much?", "type": "exclusiveGateway", "next": [{ "to": "decide", "when": "amount > 100" }, { "to": "end" }] },
        { "id": "decide", "type": "userTask", "performer": { "role": "officer", "notWhoDid": ["check"] }, "next": "end" },
        { "id": "end", "type": "endEvent" }
    ],
    "forms": { "claim": { "title": { "en": "Claim" }, "schema": {
        "type": "object", "properties": { "applicant": {}, "amount": {} }, "required": ["applicant", "amount"] } } }
}"#;

/// An office with so many cases, of which every third is decided by somebody else and every third is still open.
pub(super) async fn world(count: usize) -> (World<MemoryStore>, Vec<CommandId>) {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    world.deploy(CHECKED).await.expect("it is deployed");
    world.deploy(SHORT).await.expect("it is deployed");
    let mut cases = Vec::new();
    for number in 0..count {
        let start = Command::StartInstance { process: "checked".into(), definition: None, number: None, data: Values::new() };
        let case = world.submit("asha", start).await.expect("it starts").instance().expect("a case");
        cases.push(case);
        let amount = if number % 3 == 1 { 500 } else { 50 };
        let data = Values::from([("applicant".into(), json!(format!("Applicant {number}"))), ("amount".into(), json!(amount))]);
        if number % 3 < 2 {
            work(&world, "asha", data).await;
        }
        if number % 3 == 1 {
            work(&world, "bimal", Values::new()).await;
        }
        world.submit("chitra", super::start()).await.expect("another case between them");
        world.advance(60).await;
    }
    (world, cases)
}

/// Claims and completes the newest open task.
async fn work(world: &World<MemoryStore>, actor: &str, data: Values) {
    let tasks = world.open_tasks().await;
    let task = tasks.iter().max_by_key(|task| task.created).expect("an open task").id;
    world.submit(actor, Command::ClaimTask { task }).await.expect("it is claimed");
    world.submit(actor, Command::CompleteTask { task, data }).await.expect("it is completed");
}

pub(super) fn of_cases(cases: &[CommandId]) -> Wish {
    let mut wish = everything(&office());
    wish.chosen.cases = cases.to_vec();
    wish
}

fn at(minutes: i64) -> Option<Instant> {
    Some(Instant(Time::parse(START).expect("an instant").plus_seconds(60 * minutes)))
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

/// How many entries of the unit's log are shown whole, by their leaf, and not at all.
fn shown(archive: &[u8]) -> (u64, u64, u64) {
    let bundle = Bundle::read(archive).expect("a bundle");
    let log = bundle.logs.iter().find(|log| log.unit == office()).expect("the unit's log");
    log.lines().fold((0, 0, 0), |(whole, leaf, not), line| match line.expect("a line") {
        Line::Entry { payloads: Some(_), .. } => (whole + 1, leaf, not),
        Line::Entry { payloads: None, .. } => (whole, leaf + 1, not),
        Line::Node { size, .. } => (whole, leaf, not + size),
    })
}

#[tokio::test]
async fn what_is_chosen_is_there_and_nothing_else() {
    let (world, cases) = world(9).await;
    let size = signed(world.engine.store()).await[&office()].checkpoint.size;
    let check = async |wish: &Wish, wanted: (u64, u64), may_go_on: u64| {
        let archive = bundle(&world, wish).await;
        assert_eq!(archive, bundle(&world, wish).await, "the same bytes");
        let (report, replayed) = found(&archive, &policy());
        assert_eq!(report.findings, [], "{wish:?}");
        assert_eq!((report.cases, report.may_go_on), (replayed.cases, may_go_on), "{wish:?}");
        assert_eq!((report.cases, replayed.untold), wanted, "{wish:?}");
        let (whole, leaf, not) = shown(&archive);
        assert_eq!(whole + leaf + not, size);
        (whole, leaf)
    };
    // The definition, and the entries of the case.
    assert_eq!(check(&of_cases(&cases[..1]), (1, 0), 1).await, (1 + 3, 0));
    assert_eq!(check(&of_cases(&cases[1..2]), (1, 0), 1).await, (1 + 5, 0));
    // With every leaf from there on nothing of it can be left out.
    let (whole, leaf) = check(&Wish { leaves: true, ..of_cases(&cases[1..2]) }, (1, 0), 0).await;
    assert!(whole == 6 && leaf > 20, "{leaf}");
    let mut wish = everything(&office());
    assert_eq!(check(&wish, (18, 0), 0).await, (size, 0));
    wish.chosen.processes = vec!["checked".into()];
    assert_eq!(check(&wish, (9, 0), 9).await.0, 1 + 3 * (3 + 5 + 1));
    wish.chosen.processes.clear();
    (wish.chosen.from, wish.chosen.to) = (at(3), at(5));
    let (whole, leaf) = check(&wish, (4, 0), 4).await;
    // With the definitions; and an entry before and one after, to show that nothing between is left out.
    assert!(whole > 6 && leaf == 2, "{whole} {leaf}");
    // Values may be withheld. Then the form cannot be checked again, but who did what can.
    let mut wish = of_cases(&cases[1..2]);
    wish.withheld = Some("RTI Act s. 8(1)(j)".into());
    check(&wish, (1, 1), 1).await;
    let text = String::from_utf8_lossy(&bundle(&world, &wish).await).into_owned();
    assert!(text.contains("RTI Act") && !text.contains("Applicant 1") && !text.contains("asha"), "it is withheld");
    // What is not chosen is not in it, either.
    let text = String::from_utf8_lossy(&bundle(&world, &of_cases(&cases[1..2])).await).into_owned();
    assert!(text.contains("Applicant 1") && !text.contains("Applicant 0") && !text.contains("chitra"), "only what was chosen");
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    let (world, _) = world(1).await;
    let store = world.engine.store();
    let refused =
        async |wish: Wish| gather(store, "office.example", "UTC", &wish, &signed(store).await).await.expect_err("refused");
    assert!(matches!(refused(of_cases(&[CommandId([9; 16])])).await, NoBundle::NoCase(_)));
    let mut wish = everything(&office());
    wish.chosen.processes = vec!["unheard-of".into()];
    assert!(matches!(refused(wish.clone()).await, NoBundle::NoProcess(_)));
    wish.chosen.processes = vec!["checked".into()];
    wish.chosen.from = at(60_000);
    assert!(matches!(refused(wish.clone()).await, NoBundle::Nothing));
    wish.chosen.unit = "elsewhere".parse().expect("a unit");
    assert!(matches!(refused(wish).await, NoBundle::Unsigned(_)));
}

#[tokio::test]
async fn a_log_that_is_shorter_or_another_than_outside_is_told() {
    let (world, cases) = world(3).await;
    let before = signed(world.engine.store()).await;
    let old = bundle(&world, &of_cases(&cases[..1])).await;
    world.submit("chitra", super::start()).await.expect("one more");
    let after = &signed(world.engine.store()).await[&office()].checkpoint;
    let outside = |size: u64, root: Hash| {
        let mut policy = policy();
        policy.seen.push(engine::evidence::bundle::Outside { name: after.origin.clone(), size, root, when: None });
        policy
    };
    let earlier = &before[&office()].checkpoint;
    let (report, _) = found(&old, &outside(after.size, after.root));
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Incomplete, vec!["log.truncated"]));
    let (report, _) = found(&old, &outside(earlier.size, earlier.root));
    assert_eq!((report.verdict(), report.logs[1].seen), (Verdict::Verified, Some(earlier.size)));
    let (report, _) = found(&old, &outside(earlier.size, after.root));
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Tampered, vec!["seen.differs"]));
    // A size inside of what is not shown can be compared once it is asked for.
    let mut wish = of_cases(&cases[..1]);
    let hidden = bundle(&world, &wish).await;
    let middle = Bundle::read(&hidden).unwrap().logs[1]
        .lines()
        .find_map(|line| match line.unwrap() {
            Line::Node { index, size, .. } if size > 3 => Some(index + 3),
            _ => None,
        })
        .expect("a subtree");
    let mut tree = Frontier::new();
    entries(world.engine.store(), &office()).await[..usize::try_from(middle).unwrap()]
        .iter()
        .for_each(|entry| tree.push(leaf_hash(entry.leaf.as_bytes())));
    let (report, _) = found(&hidden, &outside(middle, tree.root()));
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Incomplete, vec!["seen.hidden"]));
    wish.at.insert(middle);
    let (report, _) = found(&bundle(&world, &wish).await, &outside(middle, tree.root()));
    assert_eq!(report.verdict(), Verdict::Verified, "{report:?}");
}

#[tokio::test]
async fn what_was_decided_otherwise_is_found_though_every_hash_fits() {
    let (world, cases) = world(6).await;
    let check = async |change: &dyn Fn(&mut Entry), wanted: &[&str]| {
        let store = forged(world.engine.store(), change).await;
        let parts = gather(&store, "office.example", "Asia/Kolkata", &everything(&office()), &signed(&store).await).await;
        let archive = engine::evidence::bundle::pack(parts.unwrap()).unwrap();
        let (report, _) = found(&archive, &policy());
        assert_eq!(codes(&report), wanted, "{:?}", report.findings);
        report.findings.into_iter().map(|finding| finding.message).collect::<String>()
    };
    let of = |entry: &Entry, number: usize, kind: &str| {
        entry.kind == kind && entry.link.is_some_and(|link| link.instance == cases[number])
    };
    check(&|_| (), &[]).await;
    // The clocks of two nodes differ a little: who was appointed was written down a moment after they acted.
    check(&|entry| entry.origin.time.0 -= 8, &[]).await;
    // Another flow than the condition says.
    let flow = |entry: &mut Entry| {
        if of(entry, 0, "task.completed") {
            entry.events.retain(|event| !matches!(event, Event::InstanceCompleted));
        }
    };
    assert!(check(&flow, &["replay.differs"]).await.contains("says nothing at position"));
    // The same person checked and decided.
    let asha = world.person("asha");
    let alone = |entry: &mut Entry| {
        if entry.link.is_some_and(|link| link.instance == cases[1]) {
            entry.origin.actor = engine::journal::Actor::Person(asha.clone());
            entry.events.iter_mut().for_each(|event| {
                if let Event::TaskClaimed { person, .. } = event {
                    *person = asha.clone();
                }
            });
        }
    };
    let said = check(&alone, &["replay.refused"]).await;
    assert!(said.contains("task.separation"), "{said}");
    // That is found, too, where the values are withheld by which it would be decided again.
    let store = forged(world.engine.store(), alone).await;
    let wish = Wish { withheld: Some("RTI Act s. 8(1)(j)".into()), ..everything(&office()) };
    let parts = gather(&store, "office.example", "Asia/Kolkata", &wish, &signed(&store).await).await;
    let (report, replayed) = found(&engine::evidence::bundle::pack(parts.unwrap()).unwrap(), &policy());
    assert_eq!(codes(&report), ["replay.refused"], "{:?}", report.findings);
    assert!(report.findings[0].message.contains("task.separation") && replayed.untold > 0, "{report:?}");
    // Something was done by somebody who held no post then.
    let chitra = world.person("chitra");
    let stranger = |entry: &mut Entry| {
        if of(entry, 0, "task.completed") {
            entry.origin.actor = engine::journal::Actor::Person(chitra.clone());
        }
    };
    assert!(check(&stranger, &["replay.refused"]).await.contains("task.claimed"));
    // A task of another role, a variable of another value, another post.
    let role = |entry: &mut Entry| {
        entry.events.iter_mut().for_each(|event| {
            if let Event::TaskCreated { role, step, .. } = event
                && step == "decide"
            {
                *role = "anyone".to_owned();
            }
        });
    };
    assert!(check(&role, &["replay.differs"; 2]).await.contains("task.created at position"));
    let post = |entry: &mut Entry| {
        if of(entry, 1, "task.claimed") {
            entry.via = Some("post-c".parse().unwrap());
        }
    };
    assert!(check(&post, &["replay.differs"]).await.contains("another post"));
    // A kind that is none, or of which nothing happened.
    let kind = |entry: &mut Entry| {
        if of(entry, 2, "instance.started") {
            entry.kind = "case.invented".to_owned();
        }
    };
    check(&kind, &["replay.kind"]).await;
}

#[tokio::test]
async fn every_flipped_bit_is_found() {
    let (world, cases) = world(3).await;
    let archive = bundle(&world, &of_cases(&cases[1..2])).await;
    assert_eq!(found(&archive, &policy()).0.verdict(), Verdict::Verified);
    let bits = archive.len() * 8;
    // All of the first file's header and of the directory's end, and some all over the file.
    let step = bits / 2_000 + 1;
    for bit in (0..400).chain((0..bits).step_by(step)).chain(bits - 2_000..bits) {
        let mut changed = archive.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(found(&changed, &policy()).0.verdict(), Verdict::Tampered, "bit {bit}");
    }
    for length in (0..archive.len()).step_by(archive.len() / 200) {
        assert_eq!(found(&archive[..length], &policy()).0.verdict(), Verdict::Tampered, "cut at {length}");
    }
}
