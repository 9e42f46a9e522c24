//! Schedules: deployed in the site log, they start cases in their owner's unit, each occurrence once, whatever crashed or moved.

mod down;
mod races;

use std::path::Path;
use std::time::{Duration, Instant};

use api::app::directory::Directory;
use engine::journal::{Actor, Command, Envelope, Event, codec};
use engine::machine::call::due_key;
use engine::model::document::DocumentKind;
use engine::model::{Time, UnitId};
use engine::projection::row::{DueKind, InstanceRow};
use engine::runtime::rebuild::rebuild;
use engine::store::memory::MemoryStore;
use engine::store::postgres::{Options as PostgresOptions, PostgresStore};
use engine::store::sqlite::{Options, SqliteStore};
use engine::store::{InstanceQuery, Store};
use serde_json::{Value, json};
use tests::world::{World, text};

use super::{end, process, refused, started, user_task};

const DAY: i64 = 86_400;

/// Three units: a branch below the office, which has a calendar, and another with none. Things happen in the branch.
fn directory() -> Directory {
    let unit = |id: &str, parent: Option<&str>, calendar: Option<&str>| {
        let mut unit = json!({ "id": id, "title": { "en": id }, "parent": parent });
        if let Some(calendar) = calendar {
            unit["calendar"] = json!(calendar);
        }
        unit
    };
    let post = |id: &str, unit: &str, roles: &[&str]| json!({ "id": id, "unit": unit, "title": { "en": id }, "roles": roles });
    let appointment =
        |handle: &str, post: &str| json!({ "handle": handle, "post": post, "order": "1/2026", "from": "2026-01-01" });
    let person = |handle: &str| json!({ "handle": handle, "name": handle });
    let directory = json!({
        "units": [unit("office", None, Some("cal")), unit("branch", Some("office"), None), unit("other", None, None)],
        "posts": [
            post("post-a", "office", &["quality-coordinator", "officer"]),
            post("desk", "branch", &["officer"]),
            post("lone", "other", &["officer"]),
            post("sqm-nodal-officer", "office", &["nodal-officer"])
        ],
        "people": [person("asha"), person("bimal"), person("chitra")],
        "appointments": [appointment("asha", "post-a"), appointment("bimal", "desk"), appointment("chitra", "lone")]
    });
    serde_json::from_value(directory).expect("an office")
}

/// Such an office with the process `p` of one task, and the shipped one that tells of missed runs.
async fn set_up<S: Store>(store: S) -> World<S> {
    let world = World::new(store, &directory(), "branch").await;
    for document in
        [process("p", json!([started("a"), user_task("a", "end"), end()])), text("definitions/processes/sqm.missed-run.json")]
    {
        world.deploy(&document).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    }
    world
}

async fn office() -> World<MemoryStore> {
    set_up(MemoryStore::default()).await
}

/// A schedule of the desk in the branch that starts `p` at these times, with other members put in.
fn schedule(when: Value, others: Value) -> Value {
    let mut document = json!({
        "id": "s", "title": { "en": "s" }, "owner": { "post": "desk" }, "zone": "Asia/Kolkata", "starts": { "process": "p" }, "when": when
    });
    for (name, value) in others.as_object().cloned().unwrap_or_default() {
        document[name] = value;
    }
    document
}

fn cron(expression: &str) -> Value {
    json!({ "cron": expression })
}

async fn deploy<S: Store>(world: &World<S>, document: &Value) {
    let kind = if document.get("starts").is_some() { DocumentKind::Schedule } else { DocumentKind::Calendar };
    let deployed = world.deploy_document("asha", kind, &document.to_string()).await;
    deployed.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
}

/// Monday to Friday, with these holidays.
fn calendar(holidays: &[&str]) -> Value {
    let day = json!([{ "from": "09:30", "to": "18:00" }]);
    let holidays: Vec<Value> = holidays.iter().map(|date| json!({ "date": date, "title": { "en": "Holiday" } })).collect();
    json!({
        "id": "cal", "title": { "en": "Calendar" }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata",
        "week": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day },
        "covers": { "from": "2026-01-01", "to": "2030-12-31" }, "holidays": holidays
    })
}

/// When each schedule that waits falls, by the rows.
async fn waits<S: Store>(world: &World<S>) -> Vec<String> {
    let rows = world.engine.store().due_of(&UnitId::site(), DueKind::Schedule, None, 100).await.expect("the store answers");
    let mut waits: Vec<String> = rows.iter().map(|row| row.at.to_string()).collect();
    waits.sort();
    let mut known: Vec<String> = world.engine.office().armed.values().map(|armed| armed.at.to_string()).collect();
    known.sort();
    assert_eq!(waits, known, "the rows and the office say the same");
    waits
}

async fn cases<S: Store>(world: &World<S>, unit: &str, process: &str) -> Vec<InstanceRow> {
    let query = InstanceQuery { process: Some(process.into()), limit: 2_000, ..InstanceQuery::default() };
    world.engine.store().instances(&unit.parse().expect("a unit"), &query).await.expect("the store answers")
}

/// What happened to schedules, entry by entry.
async fn events<S: Store>(world: &World<S>, unit: &str) -> Vec<Vec<Event>> {
    let unit = unit.parse().expect("a unit");
    let mut all = Vec::new();
    let mut from = 0;
    loop {
        let page = world.engine.store().entries(&unit, from, 500).await.expect("the store answers");
        let Some(last) = page.last() else { return all };
        from = last.index + 1;
        all.extend(page.iter().map(|sealed| codec::open(sealed).expect("an entry").events));
    }
}

/// What was missed: how many, from when to when.
async fn missed<S: Store>(world: &World<S>) -> Vec<(u64, String, String)> {
    let all = events(world, "site").await.into_iter().flatten();
    all.filter_map(|event| match event {
        Event::ScheduleMissed { count, from, to, .. } => Some((count, from.to_string(), to.to_string())),
        _ => None,
    })
    .collect()
}

/// Rows follow from the journal in every log.
async fn whole<S: Store>(world: &World<S>) {
    for unit in world.engine.store().units().await.expect("the store answers") {
        let rebuilt = rebuild(world.engine.store(), &unit, true).await.unwrap_or_else(|error| panic!("{unit}: {error}"));
        assert!(rebuilt.same(), "the rows of {unit} do not follow from its journal");
    }
}

fn at(text: &str) -> Time {
    Time::parse(text).expect("an instant")
}

async fn sleep_until<S: Store>(world: &World<S>, instant: &str) {
    world.clock.move_to(at(instant));
    world.engine.settle().await.expect("due work is carried out");
}

async fn starts_cases<S: Store>(world: &World<S>) {
    let data = json!({ "process": "p", "data": { "n": 7, "unknown": true } });
    deploy(world, &schedule(cron("0 12 * * *"), json!({ "starts": data }))).await;
    assert_eq!(waits(world).await, ["2026-04-01T06:30:00.000000Z"]);
    world.advance(3_600).await;
    assert_eq!(cases(world, "branch", "p").await.len(), 0, "it is not noon yet");
    world.advance(2 * 3_600).await;
    let begun = cases(world, "branch", "p").await;
    assert_eq!(begun.len(), 1);
    assert_eq!(begun[0].started_by, "system");
    let case = world.case(begun[0].id).await;
    assert_eq!(
        (case.variable(0, "n"), case.variable(0, "unknown")),
        (Some(&json!(7)), None),
        "what it does not declare is left behind"
    );
    assert_eq!(waits(world).await, ["2026-04-02T06:30:00.000000Z"]);
    world.advance(3 * DAY).await;
    assert_eq!(cases(world, "branch", "p").await.len(), 4);
    assert_eq!(missed(world).await, []);
    for unit in ["office", "other"] {
        assert_eq!(cases(world, unit, "p").await.len(), 0);
    }
    let begun = world.engine.store().due(world.engine.now(), 100).await.expect("the store answers");
    assert_eq!(begun, [], "nothing is left over");
    whole(world).await;
}

#[tokio::test]
async fn a_schedule_starts_cases_in_its_owners_unit() {
    starts_cases(&office().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_starts_cases_on_sqlite() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(&dir.path().join("db"), Options::default()).await.expect("it opens");
    starts_cases(&set_up(store).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_starts_cases_on_postgres() {
    let Some(url) = tests::postgres::database() else { return };
    let store = PostgresStore::open(&url, PostgresOptions::new("a")).await.expect("it opens");
    starts_cases(&set_up(store).await).await;
}

/// Opened again; the clock stands where it stood.
async fn reopened(world: Option<World<SqliteStore>>, path: &Path, keys: &'static str) -> World<SqliteStore> {
    let mut now = None;
    if let Some(world) = world {
        now = Some(world.engine.now());
        world.engine.stop().await;
        world.engine.store().close().await.expect("it closes");
    }
    let store = SqliteStore::open(path, Options::default()).await.expect("it opens");
    let mut world = World::new(store, &directory(), "branch").await;
    world.keys = keys;
    world.clock.move_to(now.unwrap_or(at(tests::world::START)));
    world
}

/// The program ends between any two appends of an occurrence's way from the site log to the unit and back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_occurrence_starts_one_case_wherever_the_program_ends() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("db");
    let world = reopened(None, &path, "first").await;
    world.deploy(&process("p", json!([started("a"), user_task("a", "end"), end()]))).await.expect("it is deployed");
    deploy(&world, &schedule(cron("0 12 * * *"), json!({}))).await;
    let armed = world.engine.office().armed.clone();

    let world = reopened(Some(world), &path, "second").await;
    assert_eq!(world.engine.office().armed, armed, "what it waits for is folded from the log");
    world.clock.move_to(at("2026-04-01T06:30:00Z"));
    let ran = world.engine.run_due().await.expect("the store answers");
    assert_eq!((ran.done, ran.refused), (1, 0), "it fired");
    assert_eq!(cases(&world, "branch", "p").await.len(), 0, "and no more than that");

    let world = reopened(Some(world), &path, "third").await;
    let asked = world.engine.store().due_of(&UnitId::site(), DueKind::Start, None, 9).await.expect("the store answers");
    assert_eq!(asked.len(), 1);
    // As the dispatcher sends it; then the program ends before the site log notes it.
    let command = Command::StartFollowing { process: "p".into(), data: engine::model::Values::new() };
    let sent = world.engine.submit(&world.unit, Envelope::new(Actor::System, &due_key(asked[0].id), command)).await;
    assert!(!sent.expect("it is accepted").repeated);
    assert_eq!(cases(&world, "branch", "p").await.len(), 1);

    let world = reopened(Some(world), &path, "fourth").await;
    world.engine.settle().await.expect("due work is carried out");
    assert_eq!(cases(&world, "branch", "p").await.len(), 1, "sent again, it is the same case");
    assert_eq!(waits(&world).await, ["2026-04-02T06:30:00.000000Z"]);
    assert_eq!(world.engine.store().due(world.engine.now(), 9).await.expect("the store answers"), [], "and it is noted");
    whole(&world).await;
    world.engine.stop().await;
}

#[tokio::test]
async fn a_date_rolls_by_the_calendar_of_the_unit() {
    let world = office().await;
    deploy(&world, &calendar(&["2026-04-03"])).await;
    let third = cron("0 12 3 * *");
    deploy(&world, &schedule(third.clone(), json!({ "roll": "forward" }))).await;
    assert_eq!(
        waits(&world).await,
        ["2026-04-06T06:30:00.000000Z"],
        "from Good Friday to Monday, by the calendar of the unit above"
    );
    let lone = json!({ "id": "t", "owner": { "post": "lone" }, "roll": "forward" });
    deploy_as_system(&world, &schedule(third, lone)).await;
    assert_eq!(waits(&world).await[0], "2026-04-03T06:30:00.000000Z", "a unit without a calendar works every day");
    world.advance(10 * DAY).await;
    assert_eq!((cases(&world, "branch", "p").await.len(), cases(&world, "other", "p").await.len()), (1, 1));
    whole(&world).await;
}

async fn deploy_as_system<S: Store>(world: &World<S>, document: &Value) {
    let deployed = world.deploy_document("system", DocumentKind::Schedule, &document.to_string()).await;
    deployed.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
}

/// A holiday that is notified late moves what already waits; so does another calendar, or another unit of the owner's post.
#[tokio::test]
async fn what_waits_moves_with_the_calendar() {
    let world = office().await;
    deploy(&world, &calendar(&[])).await;
    deploy(&world, &schedule(cron("0 12 3 * *"), json!({ "roll": "forward" }))).await;
    assert_eq!(waits(&world).await, ["2026-04-03T06:30:00.000000Z"]);
    deploy(&world, &calendar(&["2026-04-03", "2026-04-06"])).await;
    assert_eq!(waits(&world).await, ["2026-04-07T06:30:00.000000Z"]);
    world.advance(3 * DAY).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 0);
    // The order is withdrawn once the third is over: it falls there all the same, late.
    deploy(&world, &calendar(&["2026-04-06"])).await;
    assert_eq!(waits(&world).await, ["2026-04-03T06:30:00.000000Z"]);
    world.advance(5 * DAY).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 1);
    // Sunday the third of May.
    assert_eq!(waits(&world).await, ["2026-05-04T06:30:00.000000Z"]);
    let unit = json!({ "id": "branch", "title": { "en": "branch" }, "parent": "other" });
    let unit = serde_json::from_value(unit).expect("a unit");
    world.submit_site("system", Command::PutUnit { unit }).await.expect("it is in order");
    assert_eq!(waits(&world).await, ["2026-05-03T06:30:00.000000Z"]);
    let post = json!({ "id": "desk", "unit": "office", "title": { "en": "desk" }, "roles": ["officer"] });
    let post = serde_json::from_value(post).expect("a post");
    world.submit_site("system", Command::PutPost { post }).await.expect("it is in order");
    assert_eq!(waits(&world).await, ["2026-05-04T06:30:00.000000Z"]);
    world.advance(31 * DAY).await;
    assert_eq!((cases(&world, "branch", "p").await.len(), cases(&world, "office", "p").await.len()), (1, 1));
    assert_eq!(missed(&world).await, []);
    whole(&world).await;
}

/// Hours in which the program did not run: how many are made up for, and what is said of the rest.
#[tokio::test]
async fn what_was_missed_is_made_up_for_by_policy_and_told() {
    let rows = [
        (json!({ "missed": "each" }), 10, None),
        (json!({ "missed": "each", "atMost": 3 }), 3, Some((7, "2026-04-01T05:30:00.000000Z", "2026-04-01T11:30:00.000000Z"))),
        (json!({ "missed": "latest" }), 1, Some((9, "2026-04-01T05:30:00.000000Z", "2026-04-01T13:30:00.000000Z"))),
        (json!({}), 1, Some((9, "2026-04-01T05:30:00.000000Z", "2026-04-01T13:30:00.000000Z"))),
        (json!({ "missed": "none" }), 0, Some((10, "2026-04-01T05:30:00.000000Z", "2026-04-01T14:30:00.000000Z"))),
    ];
    for (policies, made_up, told) in rows {
        let world = office().await;
        deploy(&world, &schedule(cron("0 * * * *"), json!({ "policies": policies }))).await;
        sleep_until(&world, "2026-04-01T14:35:00Z").await;
        assert_eq!(cases(&world, "branch", "p").await.len(), made_up, "{policies}");
        let told: Vec<_> = told.into_iter().map(|(count, from, to)| (count, from.to_owned(), to.to_owned())).collect();
        assert_eq!(missed(&world).await, told, "{policies}");
        let looked_at = cases(&world, "branch", "sqm.missed-run").await;
        assert_eq!(looked_at.len(), told.len(), "{policies}");
        for (row, (count, from, to)) in looked_at.iter().zip(told) {
            let case = world.case(row.id).await;
            assert_eq!(case.variable(0, "missed"), Some(&json!(count)));
            assert_eq!((case.variable(0, "first"), case.variable(0, "last")), (Some(&json!(from)), Some(&json!(to))));
            assert_eq!(case.variable(0, "schedule"), Some(&json!("s")));
            let open: Vec<_> = case.tasks.values().map(|task| (task.step.as_str(), task.role.as_str())).collect();
            assert_eq!(open, [("look", "nodal-officer")]);
        }
        assert_eq!(waits(&world).await, ["2026-04-01T15:30:00.000000Z"], "{policies}");
        world.advance(3_600).await;
        assert_eq!(cases(&world, "branch", "p").await.len(), made_up + 1, "{policies}: what comes in time is never missed");
        whole(&world).await;
    }
}

/// A few seconds late is in time, whatever the policy; also where several came within them.
#[tokio::test]
async fn late_by_seconds_is_in_time() {
    for (policy, count) in [("each", 4), ("latest", 4), ("none", 4)] {
        let world = office().await;
        deploy(&world, &schedule(cron("*/10 0 12 * * *"), json!({ "policies": { "missed": policy } }))).await;
        sleep_until(&world, "2026-04-01T06:30:35Z").await;
        assert_eq!(cases(&world, "branch", "p").await.len(), count, "{policy}");
        assert_eq!(missed(&world).await, [], "{policy}");
        whole(&world).await;
    }
}

#[tokio::test]
async fn many_that_are_made_up_for_are_spread_over_entries() {
    let world = office().await;
    let policies = json!({ "policies": { "missed": "each", "atMost": 250 } });
    deploy(&world, &schedule(cron("* * * * *"), policies)).await;
    sleep_until(&world, "2026-04-01T10:30:10Z").await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 250);
    assert_eq!(missed(&world).await, [(110, "2026-04-01T04:31:00.000000Z".into(), "2026-04-01T06:20:00.000000Z".into())]);
    let fired = |events: &Vec<Event>| events.iter().filter(|event| matches!(event, Event::ScheduleFired { .. })).count();
    let fired: Vec<usize> = events(&world, "site").await.iter().map(fired).filter(|count| *count > 0).collect();
    assert_eq!(fired, [100, 100, 50]);
    let mut instants: Vec<Time> = Vec::new();
    for event in events(&world, "site").await.into_iter().flatten() {
        instants.extend(match event {
            Event::ScheduleFired { at, .. } => Some(at),
            _ => None,
        });
    }
    assert!(instants.is_sorted_by(|a, b| a < b), "each once, in order");
    whole(&world).await;
}

/// Two years of minutes.
#[tokio::test]
async fn two_years_of_downtime_are_attended_to_at_once() {
    for (policy, made_up) in [("latest", 1), ("each", 100), ("none", 1)] {
        let world = office().await;
        deploy(&world, &calendar(&["2026-08-15"])).await;
        deploy(&world, &schedule(cron("* * * * *"), json!({ "roll": "skip", "policies": { "missed": policy } }))).await;
        let before = events(&world, "site").await.len();
        world.clock.move_to(at("2028-04-03T04:30:10Z"));
        let began = Instant::now();
        world.engine.settle().await.expect("due work is carried out");
        let took = began.elapsed();
        assert_eq!(cases(&world, "branch", "p").await.len(), made_up, "{policy}");
        // 524 working days, the first from 10:01 on, the last until 10:00.
        let count = 524 * 1_440 - 601 - (1_440 - 601) - made_up as u64;
        let told: Vec<u64> = missed(&world).await.into_iter().map(|(count, _, _)| count).collect();
        assert_eq!(told, [count], "{policy}");
        let happened: usize = events(&world, "site").await.iter().skip(before).map(Vec::len).sum();
        assert!(happened <= 5 + 4 * made_up, "{policy}: {happened} events");
        eprintln!("{policy}: two years of minutes in {took:?}");
        // Unoptimised, and beside other tests.
        assert!(took < Duration::from_secs(10), "{policy}: {took:?}");
        whole(&world).await;
    }
}

#[tokio::test]
async fn a_new_version_waits_in_place_of_the_old_one() {
    let world = office().await;
    deploy(&world, &schedule(cron("0 12 * * *"), json!({}))).await;
    deploy(&world, &schedule(cron("0 14 * * *"), json!({}))).await;
    assert_eq!(waits(&world).await, ["2026-04-01T08:30:00.000000Z"]);
    assert_eq!(world.engine.library().newest_version(DocumentKind::Schedule, "s"), 2);
    world.advance(3 * 3_600).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 0, "noon is no longer its time");
    world.advance(3 * 3_600).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 1);
    // One that has ended.
    deploy(&world, &schedule(cron("0 14 * * *"), json!({ "to": "2026-03-31" }))).await;
    assert_eq!(waits(&world).await, Vec::<String>::new());
    world.advance(5 * DAY).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 1);
    // And one that ends by itself.
    deploy(&world, &schedule(cron("0 14 * * *"), json!({ "to": "2026-04-07" }))).await;
    world.advance(5 * DAY).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 2);
    assert_eq!(waits(&world).await, Vec::<String>::new());
    whole(&world).await;
}

/// An occurrence has come, and before the dispatcher is there the schedule is changed: it is still that of the version in force when it came.
#[tokio::test]
async fn what_has_come_is_carried_out_whatever_is_changed_then() {
    let changes: [(&str, Value); 3] = [
        ("another time", schedule(cron("0 18 * * *"), json!({}))),
        ("an end", schedule(cron("0 12 * * *"), json!({ "to": "2026-03-31" }))),
        ("another zone", schedule(cron("0 12 * * *"), json!({ "zone": "Asia/Tokyo" }))),
    ];
    for (what, change) in changes {
        let world = office().await;
        deploy(&world, &schedule(cron("0 12 * * *"), json!({}))).await;
        world.clock.move_to(at("2026-04-01T06:30:00.000010Z"));
        deploy(&world, &change).await;
        world.engine.settle().await.expect("due work is carried out");
        assert_eq!(cases(&world, "branch", "p").await.len(), 1, "{what}");
        assert_eq!(missed(&world).await, [], "{what}");
        whole(&world).await;
    }
    // More of them than fit into one entry: the rest is told.
    let world = office().await;
    deploy(&world, &schedule(cron("* * * * *"), json!({ "policies": { "missed": "each", "atMost": 250 } }))).await;
    world.clock.move_to(at("2026-04-01T08:30:10Z"));
    deploy(&world, &schedule(cron("0 12 * * *"), json!({}))).await;
    world.engine.settle().await.expect("due work is carried out");
    assert_eq!(cases(&world, "branch", "p").await.len(), 100);
    assert_eq!(missed(&world).await, [(140, "2026-04-01T06:11:00.000000Z".into(), "2026-04-01T08:30:00.000000Z".into())]);
    assert_eq!(cases(&world, "branch", "sqm.missed-run").await.len(), 1);
    // An event gets another date when what followed from the first has come.
    let world = office().await;
    deploy(&world, &schedule(json!({ "after": ["P1M"], "anchor": "issued" }), json!({ "time": "10:00" }))).await;
    let give = |date: &str| Command::GiveAnchor { anchor: "issued".into(), date: date.parse().expect("a date") };
    world.submit_site("asha", give("2026-04-01")).await.expect("she coordinates");
    world.clock.move_to(at("2026-05-01T04:30:00.000010Z"));
    world.submit_site("asha", give("2026-05-01")).await.expect("she coordinates");
    world.engine.settle().await.expect("due work is carried out");
    assert_eq!(cases(&world, "branch", "p").await.len(), 1);
    assert_eq!(waits(&world).await, ["2026-06-01T04:30:00.000000Z"]);
    whole(&world).await;
}

/// The dispatcher saw the row of a version that has just been replaced.
#[tokio::test]
async fn a_row_that_was_replaced_does_nothing() {
    let world = office().await;
    deploy(&world, &schedule(cron("0 12 * * *"), json!({}))).await;
    let document = world.engine.library().newest_schedule("s").expect("it is deployed").hash;
    world.clock.move_to(at("2026-04-01T06:30:01Z"));
    let fire = Command::FireSchedule { schedule: "s".into(), document, at: at("2026-04-01T06:30:00Z") };
    refused(world.submit_site("system", fire.clone()).await, "schedule.not-armed");
    refused(world.submit("system", fire).await, "document.wrong-log");
    assert_eq!(cases(&world, "branch", "p").await.len(), 0);
}

#[tokio::test]
async fn a_schedule_waits_for_its_anchor_and_follows_it() {
    let world = office().await;
    let round = json!({ "after": ["P9M", "P21M"], "anchor": "certificate-issued" });
    deploy(&world, &schedule(round, json!({ "time": "10:00" }))).await;
    assert_eq!(waits(&world).await, Vec::<String>::new());
    let give = |date: &str| Command::GiveAnchor { anchor: "certificate-issued".into(), date: date.parse().expect("a date") };
    refused(world.submit_site("bimal", give("2026-03-01")).await, "actor.not-allowed");
    refused(world.submit_site("asha", give("1911-03-01")).await, "anchor.date");
    let nameless = Command::GiveAnchor { anchor: "No name".into(), date: "2026-03-01".parse().expect("a date") };
    refused(world.submit_site("asha", nameless).await, "anchor.name");
    refused(world.submit("asha", give("2026-03-01")).await, "document.wrong-log");
    let given = world.submit_site("asha", give("2026-03-01")).await.expect("she coordinates");
    assert_eq!(given.entry.via, Some("post-a".parse().expect("a post")));
    assert_eq!(waits(&world).await, ["2026-12-01T04:30:00.000000Z"]);
    let again = world.submit_site("asha", give("2026-03-01")).await.expect("it may be said twice");
    assert_eq!(again.entry.events.len(), 1, "nothing moves by that");
    world.submit_site("asha", give("2026-04-01")).await.expect("it may be corrected");
    assert_eq!(waits(&world).await, ["2027-01-01T04:30:00.000000Z"]);
    world.advance(250 * DAY).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 0);
    world.advance(30 * DAY).await;
    assert_eq!(cases(&world, "branch", "p").await.len(), 1);
    assert_eq!(waits(&world).await, ["2028-01-01T04:30:00.000000Z"]);
    // A certificate of long ago: nothing is to come, and nothing is made up for.
    world.submit_site("asha", give("2020-04-01")).await.expect("it may be corrected");
    assert_eq!(waits(&world).await, Vec::<String>::new());
    world.submit_site("asha", give("2026-12-15")).await.expect("a new certificate");
    assert_eq!(waits(&world).await, ["2027-09-15T04:30:00.000000Z"]);
    whole(&world).await;
}

#[tokio::test]
async fn what_cannot_be_started_is_recorded() {
    let world = office().await;
    let by_message = json!([{ "id": "start", "type": "startEvent", "message": { "name": "begin" }, "next": "end" }, end()]);
    world.deploy(&process("by-message", by_message)).await.expect("it is deployed");
    deploy(&world, &schedule(cron("0 12 * * *"), json!({ "starts": { "process": "not.there" } }))).await;
    deploy(&world, &schedule(cron("0 12 * * *"), json!({ "id": "t", "starts": { "process": "by-message" } }))).await;
    world.advance(3 * 3_600).await;
    let all = events(&world, "branch").await.into_iter().flatten();
    let refusals = all.filter_map(|event| match event {
        Event::CaseRefused { process, code } => Some((process, code)),
        _ => None,
    });
    let mut refusals: Vec<_> = refusals.collect();
    refusals.sort();
    let told = |process: &str, code: &str| (process.to_owned(), code.to_owned());
    assert_eq!(refusals, [told("by-message", "instance.starts-by-message"), told("not.there", "definition.unknown")]);
    assert_eq!(world.engine.store().due(world.engine.now(), 9).await.expect("the store answers"), [], "it is not tried for ever");
    assert_eq!(waits(&world).await.len(), 2, "the next occurrence may find it deployed");
    whole(&world).await;
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = office().await;
    let try_as =
        async |actor: &str, kind: DocumentKind, document: Value| world.deploy_document(actor, kind, &document.to_string()).await;
    let daily = || schedule(cron("0 12 * * *"), json!({}));
    refused(try_as("chitra", DocumentKind::Schedule, daily()).await, "actor.not-allowed");
    refused(try_as("bimal", DocumentKind::Calendar, calendar(&[])).await, "actor.not-allowed");
    refused(try_as("asha", DocumentKind::Calendar, daily()).await, "document.invalid");
    refused(try_as("asha", DocumentKind::Schedule, schedule(cron("0 12 31 2 *"), json!({}))).await, "document.invalid");
    let unowned = || schedule(cron("0 12 * * *"), json!({ "owner": { "post": "nobody" } }));
    refused(try_as("asha", DocumentKind::Schedule, unowned()).await, "document.owner");
    refused(try_as("system", DocumentKind::Schedule, unowned()).await, "document.owner");
    let heavy = json!({ "starts": { "process": "p", "data": { "text": "x".repeat(9_000) } } });
    refused(try_as("asha", DocumentKind::Schedule, schedule(cron("0 12 * * *"), heavy)).await, "document.invalid");
    let elsewhere = Command::DeployDocument { kind: DocumentKind::Schedule, document: daily().to_string() };
    refused(world.submit("asha", elsewhere).await, "document.wrong-log");

    let by_owner = try_as("bimal", DocumentKind::Schedule, daily()).await.expect("he holds the owner's post");
    assert_eq!(by_owner.entry.via, Some("desk".parse().expect("a post")));
    refused(try_as("asha", DocumentKind::Schedule, daily()).await, "document.already-deployed");
    // White space makes no new version.
    let spaced = serde_json::to_string_pretty(&daily()).expect("JSON");
    refused(world.deploy_document("asha", DocumentKind::Schedule, &spaced).await, "document.already-deployed");
    assert_eq!(waits(&world).await.len(), 1);
    whole(&world).await;
}
