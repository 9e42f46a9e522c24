//! The program is down, from an hour to two years, or goes on from an old copy of its database: every occurrence is carried out, or told as
//! missed, once, by the policies that were declared; every timer fires, once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine::journal::{Command, Event};
use engine::store::Store;
use engine::store::sqlite::{Options, SqliteStore};
use jiff::tz::TimeZone;
use serde_json::json;
use tests::world::World;

use super::{DAY, Time, at, cases, cron, deploy, directory, end, events, office, process, schedule, started, user_task, whole};

/// How long it is down, in seconds.
const DOWN: [i64; 5] = [3_600, DAY, 40 * DAY, 365 * DAY, 731 * DAY];
/// For what was missed: the policy, how many are made up for at most, and how many are expected to be.
const MISSED: [(&str, Option<u32>, usize); 4] =
    [("each", None, 100), ("each", Some(1_000), 1_000), ("latest", None, 1), ("none", None, 0)];
/// What is seconds late is in time, whatever the policy.
const ON_TIME: i64 = 60;

/// Instants after `from` until `to` at which a clock on the wall of the zone shows the hour and minute, looked for quarter by quarter.
fn daily(zone: &str, (hour, minute): (i8, i8), (from, to): (Time, Time), both: bool, after_gap: bool) -> Vec<Time> {
    let zone = TimeZone::get(zone).expect("a zone");
    let mut shown: BTreeMap<_, (Vec<Time>, Option<Time>)> = BTreeMap::new();
    // From the day before to the day after, so that no date is seen in part.
    let mut instant = Time((from.0 / 900_000_000 - 200) * 900_000_000);
    while instant <= to.plus_seconds(2 * DAY) {
        let wall = zone.to_datetime(instant.timestamp());
        let (times, next) = shown.entry(wall.date()).or_default();
        if (wall.hour(), wall.minute()) == (hour, minute) {
            times.push(instant);
        } else if next.is_none() && (wall.hour(), wall.minute()) > (hour, minute) {
            *next = Some(instant);
        }
        instant = instant.plus_seconds(900);
    }
    let days = shown.into_values().flat_map(|(mut times, next)| {
        times.truncate(if both { 2 } else { 1 });
        if times.is_empty() && after_gap { next.into_iter().collect() } else { times }
    });
    days.filter(|instant| from < *instant && *instant <= to).collect()
}

fn minutes(from: Time, to: Time) -> Vec<Time> {
    let first = from.0 / 60_000_000 + 1;
    (first..=to.0 / 60_000_000).map(|minute| Time(minute * 60_000_000)).collect()
}

/// What the site log says of the schedule since entry `since`: what was carried out, and what was missed.
async fn told<S: Store>(world: &World<S>, since: usize) -> (Vec<Time>, Vec<(u64, Time, Time)>, usize) {
    let (mut fired, mut missed, mut all) = (Vec::new(), Vec::new(), 0);
    for event in events(world, "site").await.into_iter().skip(since).flatten() {
        all += 1;
        match event {
            Event::ScheduleFired { at, .. } => fired.push(at),
            Event::ScheduleMissed { from, to, count, .. } => missed.push((count, from, to)),
            _ => {}
        }
    }
    (fired, missed, all)
}

/// Each expected occurrence is carried out or lies in what was missed, none is both, and nothing else is.
fn explained(expected: &[Time], fired: &[Time], missed: &[(u64, Time, Time)], what: &str) {
    let mut told = BTreeSet::new();
    for at in fired {
        let found = expected.binary_search(at).unwrap_or_else(|_| panic!("{what}: {at} should not have come"));
        assert!(told.insert(found), "{what}: {at} came twice");
    }
    for (count, from, to) in missed {
        let [first, last] = [from, to].map(|at| expected.binary_search(at));
        let (Ok(first), Ok(last)) = (first, last) else { panic!("{what}: from {from} to {to} is not what was missed") };
        let before = told.len() as u64;
        told.extend(first..=last);
        assert_eq!(told.len() as u64 - before, *count, "{what}: from {from} to {to}, and none of them came");
        assert_eq!(*count, (last - first + 1) as u64, "{what}: from {from} to {to}");
    }
    assert_eq!(told.len(), expected.len(), "{what}: of the others nothing is said");
}

/// Down and up again, for all policies there are.
async fn down(expression: &str, zone: &str, expected: impl Fn((Time, Time), bool, bool) -> Vec<Time>) {
    let mut most = 0;
    // A minute's rhythm runs on whatever the clocks do.
    let rhythm = expression.starts_with('*');
    for (seconds, (missed, at_most, made_up)) in DOWN.iter().flat_map(|down| MISSED.map(|missed| (*down, missed))) {
        for (overlap, gap) in [("once", "after"), ("once", "skip"), ("both", "after"), ("both", "skip")] {
            // Very many cases, or nothing that differs: one run is enough.
            if (at_most.is_some() || rhythm) && (overlap, gap) != ("both", "skip") {
                continue;
            }
            let policies = json!({ "missed": missed, "atMost": at_most, "overlap": overlap, "gap": gap });
            let what = format!("{expression} in {zone}, down for {seconds} s, {policies}");
            let world = office().await;
            world.deploy(&reminded()).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
            let case = start(&world).await;
            let mut policies = policies;
            policies.as_object_mut().expect("an object").retain(|_, policy| !policy.is_null());
            deploy(&world, &schedule(cron(expression), json!({ "zone": zone, "policies": policies }))).await;
            let (before, from) = (events(&world, "site").await.len(), world.engine.now());
            // Half a minute past, so that nothing falls on the edge.
            let to = Time(from.0 / 60_000_000 * 60_000_000).plus_seconds(seconds + 90);
            world.clock.move_to(to);
            world.engine.settle().await.expect("due work is carried out");
            let expected_down = expected((from, to), overlap == "both", gap == "after");
            let (fired, told_missed, events) = told(&world, before).await;
            explained(&expected_down, &fired, &told_missed, &what);
            let in_time = expected_down.iter().filter(|one| **one > to.plus_seconds(-ON_TIME)).count();
            assert_eq!(fired.len(), expected_down.len().min(made_up).max(in_time), "{what}");
            assert_eq!(cases(&world, "branch", "p").await.len(), fired.len().min(2_000), "{what}");
            assert!(fired.is_sorted_by(|a, b| a < b), "{what}");
            assert!(told_missed.len() <= 1 && events <= 10 + 4 * fired.len(), "{what}: {events} events");
            most = most.max(events);
            fires_once(&world, case, seconds / DAY).await;
            // And it runs on.
            world.advance(if rhythm { 600 } else { 3 * DAY / 2 }).await;
            let (fired_since, missed_since, _) = told(&world, before).await;
            assert_eq!(missed_since, told_missed, "{what}");
            let then = expected((to, world.engine.now()), overlap == "both", gap == "after");
            assert_eq!(fired_since[fired.len()..], then, "{what}");
            whole(&world).await;
        }
    }
    println!("{expression} in {zone}: 0 unexplained, 0 twice; {most} events at most");
}

/// One task with a reminder on each of five days.
fn reminded() -> String {
    let steps = json!([
        started("a"),
        user_task("a", "end"),
        { "id": "remind", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "timer": { "every": "P1D", "times": 5 }, "next": "r-end" },
        { "id": "r-end", "type": "endEvent" },
        end()
    ]);
    process("reminded", steps)
}

async fn start<S: Store>(world: &World<S>) -> engine::model::CommandId {
    let data = engine::model::Values::new();
    let command = Command::StartInstance { process: "reminded".into(), definition: None, number: None, data };
    let started = world.submit("bimal", command).await.expect("it begins");
    started.entry.link.expect("a case").instance
}

/// So many days on, its reminder has fired as often; then no more than five times.
async fn fires_once<S: Store>(world: &World<S>, case: engine::model::CommandId, days: i64) {
    let entries = world.engine.store().case_entries(&world.unit, case, 0).await.expect("the store answers");
    let events = entries.iter().flat_map(|sealed| engine::journal::codec::open(sealed).expect("an entry").events);
    let fired = events.filter(|event| matches!(event, Event::TimerFired { .. })).count();
    assert_eq!(i64::try_from(fired).expect("a few"), days.min(5), "after {days} days");
    let timers = world.case(case).await.timers.len();
    assert_eq!(timers, usize::from(days < 5), "after {days} days");
}

#[tokio::test]
async fn down_with_a_schedule_of_each_minute() {
    down("* * * * *", "Asia/Kolkata", |(from, to), _, _| minutes(from, to)).await;
}

/// 02:30 comes twice in autumn and not at all in spring.
#[tokio::test]
async fn down_while_the_clocks_change_by_an_hour() {
    down("30 2 * * *", "Europe/Berlin", |range, both, after| daily("Europe/Berlin", (2, 30), range, both, after)).await;
}

/// Clocks change by half an hour.
#[tokio::test]
async fn down_while_the_clocks_change_by_half_an_hour() {
    down("45 1 * * *", "Australia/Lord_Howe", |range, both, after| daily("Australia/Lord_Howe", (1, 45), range, both, after))
        .await;
}

async fn opened(path: &Path, now: Time, keys: &'static str) -> World<SqliteStore> {
    let store = SqliteStore::open(path, Options::default()).await.expect("it opens");
    let mut world = World::new(store, &directory(), "branch").await;
    world.keys = keys;
    world.clock.move_to(now);
    world
}

async fn closed(world: World<SqliteStore>) {
    world.engine.stop().await;
    world.engine.store().close().await.expect("it closes");
}

/// A copy is taken, the office works on, and then the copy is put back, at once or after years: what the copy knew of goes on, what came
/// since is made up for or told, and every timer fires.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_is_put_back() {
    for (on, until) in [(2 * DAY, 0), (2 * DAY, DAY), (10 * DAY, 300 * DAY)] {
        for (missed, made_up) in [("each", 100), ("latest", 1), ("none", 0)] {
            let what = format!("put back after {on} s and {until} s, {missed}");
            let dir = tempfile::tempdir().expect("a directory");
            let (path, copy) = (dir.path().join("db"), dir.path().join("copy"));
            let world = opened(&path, at(tests::world::START), "first").await;
            for document in [process("p", json!([started("a"), user_task("a", "end"), end()])), reminded()] {
                world.deploy(&document).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
            }
            let document = tests::world::text("definitions/processes/sqm.missed-run.json");
            world.deploy(&document).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
            deploy(&world, &schedule(cron("0 12 * * *"), json!({ "policies": { "missed": missed } }))).await;
            let case = start(&world).await;
            world.advance(DAY / 2).await;
            let (at_copy, before) = (world.engine.now(), events(&world, "site").await.len());
            closed(world).await;
            std::fs::copy(&path, &copy).expect("a copy");

            let world = opened(&path, at_copy, "second").await;
            let lost = start(&world).await;
            world.advance(on).await;
            let last = world.engine.now();
            closed(world).await;
            for name in ["db-wal", "db-shm"] {
                // Closed in order, it left none.
                assert!(!dir.path().join(name).exists(), "{name}");
            }
            std::fs::rename(&copy, &path).expect("it is put back");

            let world = opened(&path, last.plus_seconds(until), "third").await;
            world.engine.settle().await.expect("due work is carried out");
            let now = world.engine.now();
            assert_eq!(world.engine.instance(&world.unit, lost).await.expect("the store answers"), None, "{what}");
            let expected = daily("Asia/Kolkata", (12, 0), (at_copy, now), false, true);
            let (fired, told_missed, _) = told(&world, before).await;
            explained(&expected, &fired, &told_missed, &what);
            assert_eq!(fired.len(), expected.len().min(made_up), "{what}");
            fires_once(&world, case, (DAY / 2 + on + until) / DAY).await;
            assert_eq!(world.engine.store().due(now, 9).await.expect("the store answers"), [], "{what}: nothing is stuck");
            world.advance(3 * DAY).await;
            assert_eq!(told(&world, before).await.0.len(), fired.len() + 3, "{what}: and it runs on");
            whole(&world).await;
            closed(world).await;
        }
    }
}
