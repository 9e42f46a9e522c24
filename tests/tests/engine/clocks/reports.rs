//! Reports: what schedules have made of open work and of norms, as of the instant at which they fall, once.

use engine::journal::{Actor, Command, Envelope, Event, codec};
use engine::machine::call::due_key;
use engine::model::document::DocumentKind;
use engine::model::report::{Content, Cut, Digest, Load, NormKept, Performance, Report, ReportKind};
use engine::model::{CommandId, Time, UnitId};
use engine::projection::row::{DueKind, ReportRow};
use engine::runtime::rebuild::rebuild;
use engine::store::memory::MemoryStore;
use engine::store::{ReportQuery, Store};
use serde_json::{Value, json};
use tests::world::World;

use super::{DAY, at, office, put};
use crate::engine::{claim, refused, start, work};

/// A schedule of post A that makes a report at these times.
fn schedule(kind: &str, cron: &str, missed: &str) -> Value {
    json!({
        "id": kind, "title": { "en": kind }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata", "makes": { "report": kind },
        "when": { "cron": cron }, "policies": { "missed": missed }
    })
}

async fn rows(world: &World<MemoryStore>) -> Vec<ReportRow> {
    let query = ReportQuery { limit: 100, ..ReportQuery::default() };
    world.engine.store().reports(&world.unit, &query).await.expect("the store answers")
}

/// The reports that were made, oldest first.
async fn made(world: &World<MemoryStore>) -> Vec<Report> {
    let mut reports = Vec::new();
    for row in rows(world).await.iter().rev() {
        let kept = world.engine.kept_report(&world.unit, row.id).await.expect("the store answers").expect("it is kept");
        assert_eq!((kept.report.at, kept.report.content.kind(), &kept.schedule), (row.at, row.kind, &row.schedule));
        assert_eq!(kept.entry.kind, "report.made");
        reports.push(kept.report);
    }
    reports
}

/// Reports are made as due work, and the rows follow from the journal.
async fn whole(world: &World<MemoryStore>) {
    for unit in [UnitId::site(), world.unit.clone()] {
        assert!(rebuild(world.engine.store(), &unit, true).await.expect("the journal is whole").same(), "{unit}");
    }
    assert_eq!(world.engine.store().due(world.engine.now(), 9).await.expect("the store answers"), []);
}

fn instant(text: &str) -> Time {
    at(text).expect("an instant")
}

async fn as_of(world: &World<MemoryStore>, kind: ReportKind, from: Option<Time>, text: &str) -> Report {
    world.engine.report(&world.unit, kind, from, instant(text)).await.expect("the store answers")
}

/// What a digest comes to: who has how much work (role, person; open, overdue, today, soon), dates of tasks, clocks.
fn told(world: &World<MemoryStore>, report: &Report) -> (Vec<(String, [u64; 4])>, usize, usize) {
    let Content::Digest(Digest { load, tasks, clocks, .. }) = &report.content else { panic!("no digest: {report:?}") };
    let office = world.engine.office();
    let name = |load: &Load| load.person.as_ref().map_or("nobody".to_owned(), |person| office.people[person].handle.clone());
    let line = |load: &Load| (name(load), [load.open, load.overdue, load.today, load.soon]);
    (load.items.iter().map(line).collect(), tasks.items.len(), clocks.items.len())
}

/// Three cases under a norm of three working days, until Tuesday, the 7th, at six; a warning a working day before.
#[tokio::test]
async fn a_digest_tells_who_has_what_and_what_is_late() {
    let world = office(json!({})).await;
    let daily = schedule("digest", "0 10 * * *", "none");
    put(&world, DocumentKind::Schedule, &daily).await.expect("it is in order");
    start(&world, "timed", json!({})).await;
    claim(&world, "a", "asha").await.expect("it is free");
    let halted = start(&world, "timed", json!({})).await;
    world.submit("asha", Command::SuspendInstance { instance: halted, reason: "a court".into() }).await.expect("it runs");
    start(&world, "timed", json!({})).await;
    world.advance(8 * DAY).await;
    let hers = world.open_tasks().await.into_iter().find(|task| task.assignee.is_some()).expect("a claimed task").id;
    let complete = Command::CompleteTask { task: hers, data: engine::model::Values::new() };
    world.submit("asha", complete).await.expect("it is hers");

    let reports = made(&world).await;
    let days: Vec<String> = reports.iter().map(|report| report.at.to_string()).collect();
    assert_eq!(days.len(), 8, "{days:?}");
    assert_eq!((&*days[0], &*days[7]), ("2026-04-02T04:30:00.000000Z", "2026-04-09T04:30:00.000000Z"));
    let both = |numbers: [u64; 4]| vec![("nobody".to_owned(), numbers), ("asha".to_owned(), numbers)];
    for (day, load, tasks, clocks) in [
        (0, both([1, 0, 0, 0]), 0, 0),
        (2, both([1, 0, 0, 1]), 2, 0),
        // The warning point, Monday at six, is past on Tuesday; the clock of the halted case is not looked at meanwhile.
        (5, both([1, 0, 1, 0]), 2, 2),
        (6, both([1, 1, 0, 0]), 2, 3),
    ] {
        assert_eq!(told(&world, &reports[day]), (load, tasks, clocks), "{}", days[day]);
    }
    // Whatever has happened since, it follows from the journal.
    for report in &reports {
        assert_eq!(as_of(&world, ReportKind::Digest, None, &report.at.to_string()).await, *report);
    }
    let now = world.engine.report(&world.unit, ReportKind::Digest, None, world.engine.now()).await.expect("it is read");
    assert_eq!(told(&world, &now).0, [("nobody".to_owned(), [2, 2, 0, 0])]);
    whole(&world).await;
}

fn norms(report: &Report) -> (Option<String>, &NormKept) {
    let Content::Performance(Performance { from, norms: Cut { items, omitted: 0 } }) = &report.content else {
        panic!("no report on norms: {report:?}")
    };
    let [only] = items.as_slice() else { panic!("one norm: {report:?}") };
    (from.map(|from| from.to_string()), only)
}

fn numbers(line: &NormKept) -> [u64; 6] {
    [line.started, line.kept, line.missed, line.cancelled, line.running, line.overdue]
}

/// Four cases on Wednesday, 1 April: kept after two days, cancelled, decided late on Saturday of the week after; and one begun then.
async fn worked(world: &World<MemoryStore>) {
    start(world, "timed", json!({})).await;
    work(world, "a", "asha", json!({})).await;
    let cancelled = start(world, "timed", json!({})).await;
    world.advance(2 * DAY).await;
    work(world, "b", "asha", json!({})).await;
    world.submit("asha", Command::CancelInstance { instance: cancelled, reason: "withdrawn".into() }).await.expect("it runs");
    start(world, "timed", json!({ "n": 0 })).await;
    world.advance(8 * DAY).await;
    work(world, "a", "asha", json!({})).await;
    work(world, "b", "asha", json!({})).await;
    start(world, "timed", json!({})).await;
}

#[tokio::test]
async fn norms_are_reported_from_one_report_to_the_next() {
    let world = office(json!({})).await;
    put(&world, DocumentKind::Schedule, &schedule("performance", "0 9 * * MON", "each")).await.expect("it is in order");
    worked(&world).await;
    world.advance(14 * DAY).await;
    let reports = made(&world).await;
    let from = |day: &str| Some(format!("2026-{day}T03:30:00.000000Z"));
    let expected = [
        // The first goes back to the Monday before the schedule was there.
        (from("03-30"), [3, 1, 0, 1, 1, 0], Some(2 * 86_400)),
        (from("04-06"), [1, 0, 1, 0, 1, 0], Some(8 * 86_400)),
        (from("04-13"), [0, 0, 0, 0, 1, 1], None),
    ];
    assert_eq!(reports.len(), expected.len());
    for (report, (from, counts, median)) in reports.iter().zip(expected) {
        let (told_from, line) = norms(report);
        assert_eq!((told_from, numbers(line)), (from, counts), "{}", report.at);
        // To the second, but for those that the test's clock is put forward by.
        let days = |seconds: Option<u64>| seconds.map(|seconds| seconds / 60);
        assert_eq!((days(line.median_seconds), days(line.ninetieth_seconds)), (days(median), days(median)), "{}", report.at);
    }
    whole(&world).await;
}

/// The program did not run for weeks: each report is made up for, and says what it would have said.
#[tokio::test]
async fn a_report_that_was_missed_says_what_it_would_have_said() {
    let world = office(json!({})).await;
    put(&world, DocumentKind::Schedule, &schedule("performance", "0 9 * * MON", "each")).await.expect("it is in order");
    worked(&world).await;
    let before = made(&world).await.len();
    world.clock.move_to(instant("2026-05-05T00:00:00Z"));
    world.engine.settle().await.expect("due work is carried out");
    let reports = made(&world).await;
    assert_eq!((before, reports.len()), (1, 5), "the four Mondays until the 4th of May are made up for");
    for (one, next) in reports.iter().zip(&reports[1..]) {
        assert_eq!(norms(next).0, Some(one.at.to_string()), "it begins where the one before ended");
    }
    assert_eq!(numbers(norms(&reports[1]).1), [1, 0, 1, 0, 1, 0]);
    whole(&world).await;
}

/// Where only the newest is made up for, it covers the time of those that were left out.
#[tokio::test]
async fn what_was_left_out_is_in_the_next() {
    let world = office(json!({})).await;
    world
        .deploy(&tests::world::text("definitions/processes/sqm.missed-run.json").replace("sqm-nodal-officer", "post-a"))
        .await
        .expect("it is sound");
    put(&world, DocumentKind::Schedule, &schedule("performance", "0 9 * * MON", "latest")).await.expect("it is in order");
    worked(&world).await;
    world.clock.move_to(instant("2026-05-05T00:00:00Z"));
    world.engine.settle().await.expect("due work is carried out");
    let reports = made(&world).await;
    assert_eq!(reports.len(), 2);
    let (from, line) = norms(&reports[1]);
    assert_eq!((from, reports[1].at.to_string()), (Some(reports[0].at.to_string()), "2026-05-04T03:30:00.000000Z".to_owned()));
    assert_eq!(numbers(line)[..3], [1, 0, 1]);
    whole(&world).await;
}

/// An occurrence that was missed and not made up for leaves no gap: the next report goes on where the last one that was made ended.
#[tokio::test]
async fn what_was_missed_is_in_the_next() {
    let world = office(json!({})).await;
    put(&world, DocumentKind::Schedule, &schedule("performance", "0 9 * * MON", "none")).await.expect("it is in order");
    world
        .deploy(&tests::world::text("definitions/processes/sqm.missed-run.json").replace("sqm-nodal-officer", "post-a"))
        .await
        .expect("it is sound");
    // A Monday passes while nothing runs.
    for moment in ["2026-04-06T03:30:10Z", "2026-04-14T00:00:00Z", "2026-04-20T03:30:10Z"] {
        world.clock.move_to(instant(moment));
        world.engine.settle().await.expect("due work is carried out");
    }
    let told = made(&world).await.into_iter().map(|report| match report.content {
        Content::Performance(Performance { from, .. }) => (from, report.at),
        other => panic!("{other:?}"),
    });
    let at = |day: &str| instant(&format!("2026-{day}T03:30:00Z"));
    assert_eq!(told.collect::<Vec<_>>(), [(Some(at("03-30")), at("04-06")), (Some(at("04-06")), at("04-20"))]);
    whole(&world).await;
}

/// The report is in the unit's log, and the program ends before the site log notes so. Made again it would say something else by now.
#[tokio::test]
async fn a_report_is_made_once_wherever_the_program_ends() {
    let world = office(json!({})).await;
    put(&world, DocumentKind::Schedule, &schedule("digest", "0 12 * * *", "none")).await.expect("it is in order");
    world.clock.move_to(instant("2026-04-01T06:30:00Z"));
    let ran = world.engine.run_due().await.expect("the store answers");
    assert_eq!((ran.done, ran.refused), (1, 0), "it fired");
    assert_eq!(rows(&world).await, [], "and no more than that");
    let asked = world.engine.store().due_of(&UnitId::site(), DueKind::Report, None, 9).await.expect("the store answers");
    let [asked] = asked.as_slice() else { panic!("one is asked for: {asked:?}") };
    let requested = world.engine.store().commands(&UnitId::site(), &[asked.id.command]).await.expect("the store answers");
    let events = codec::open(&requested[0]).expect("an entry").events;
    let requested = events.into_iter().find_map(|event| match event {
        Event::ReportRequested { unit, schedule, document, kind, at, .. } => Some((unit, schedule, document, kind, at)),
        _ => None,
    });
    let (unit, schedule, document, kind, at) = requested.expect("it is asked for");
    assert_eq!((&unit, kind, at.to_string().as_str()), (&world.unit, ReportKind::Digest, "2026-04-01T06:30:00.000000Z"));
    let report = Report { partial: true, ..world.engine.report(&unit, kind, None, at).await.expect("the store answers") };
    let command = Command::MakeReport { schedule, document, report: report.clone() };
    let envelope = Envelope::new(Actor::System, &due_key(asked.id), command);
    assert!(!world.engine.submit(&unit, envelope).await.expect("it is accepted").repeated);

    world.engine.settle().await.expect("due work is carried out");
    assert_eq!(made(&world).await, [report], "it stays as it was made");
    whole(&world).await;
}

#[tokio::test]
async fn a_long_list_tells_what_it_leaves_out() {
    let world = office(json!({})).await;
    for _ in 0..203 {
        start(&world, "timed", json!({})).await;
    }
    let Content::Digest(digest) = as_of(&world, ReportKind::Digest, None, "2026-04-01T06:00:00Z").await.content else {
        panic!("a digest")
    };
    assert_eq!((digest.load.items[0].open, digest.tasks.items.len(), digest.tasks.omitted), (203, 0, 0));
    world.advance(4 * DAY).await;
    let now = world.engine.report(&world.unit, ReportKind::Digest, None, world.engine.now()).await.expect("it is read");
    let Content::Digest(digest) = now.content else { panic!("a digest") };
    assert_eq!((digest.tasks.items.len(), digest.tasks.omitted), (200, 3));
    assert!(digest.tasks.items.is_sorted_by_key(|task| task.due));
    let nothing =
        world.engine.kept_report(&world.unit, engine::model::id::Made { command: CommandId([1; 16]), ordinal: 0 }).await;
    assert!(nothing.expect("the store answers").is_none());
}

#[tokio::test]
async fn a_schedule_starts_a_case_or_makes_a_report() {
    let world = office(json!({})).await;
    let mut both = schedule("digest", "0 10 * * *", "none");
    both["starts"] = json!({ "process": "p" });
    refused(put(&world, DocumentKind::Schedule, &both).await, "document.invalid");
    let mut neither = schedule("digest", "0 10 * * *", "none");
    neither.as_object_mut().expect("an object").remove("makes");
    refused(put(&world, DocumentKind::Schedule, &neither).await, "document.invalid");
    let mut unknown = schedule("digest", "0 10 * * *", "none");
    unknown["makes"] = json!({ "report": "horoscope" });
    refused(put(&world, DocumentKind::Schedule, &unknown).await, "document.invalid");
}
