//! A changed calendar on its way to the running clocks: beside everything else, and through whatever the store does meanwhile.

use std::collections::BTreeMap;

use engine::journal::{Actor, Command, Envelope, Event, codec};
use engine::machine::Instance;
use engine::model::document::DocumentKind;
use engine::model::{CommandId, UnitId};
use engine::projection::row::DueKind;
use engine::runtime::{Accepted, Refusal};
use engine::store::{Batch, Store, StoreError};
use serde_json::json;
use tests::balky::Balky;
use tests::world::{World, small_office};
use tokio::sync::watch;

use super::{calendar, clocks, norm, process, steps};
use crate::engine::{end, process as plain, refused, started, user_task, values};

/// More cases than the writer decides in two turns, and than a review has on its way at a time.
const CASES: usize = 120;

/// An office on this store, with running clocks.
async fn office(store: &Balky) -> (World<Balky>, Vec<CommandId>) {
    let world = World::new(store.clone(), &small_office(), "office").await;
    world.deploy_document("system", DocumentKind::Calendar, &calendar().to_string()).await.expect("the calendar");
    world.deploy_document("system", DocumentKind::Norm, &norm(&json!({})).to_string()).await.expect("the norm");
    world.deploy(&process("timed", &steps(), &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let waits = json!([
        started("w"), { "id": "w", "type": "intermediateCatchEvent", "timer": { "after": "PT1H" }, "next": "a" },
        user_task("a", "end"), end()
    ]);
    world.deploy(&plain("waits", waits)).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world.engine.settle().await.expect("due work is carried out");
    let mut cases = Vec::new();
    for _ in 0..CASES {
        cases.push(start(&world, "timed").await.expect("it starts"));
    }
    (world, cases)
}

/// The same office after the program was started again.
async fn again(world: World<Balky>, store: &Balky) -> World<Balky> {
    world.engine.stop().await;
    let mut world = World::new(store.clone(), &small_office(), "office").await;
    world.keys = "again";
    world
}

async fn start(world: &World<Balky>, process: &str) -> Result<CommandId, Refusal> {
    let command = Command::StartInstance { process: process.into(), definition: None, number: None, data: values(json!({})) };
    Ok(world.submit("asha", command).await?.instance().expect("a start has a case"))
}

/// One more holiday.
const ONE: [&str; 1] = ["2026-04-06"];

/// More holidays, by each of which every deadline moves.
fn amended(days: &[&str]) -> String {
    let mut amended = calendar();
    let holiday = |date: &&str| json!({ "date": date, "title": { "en": "By order" } });
    let add: Vec<_> = days.iter().map(holiday).collect();
    amended["amendments"] = json!([{ "number": "13/2026", "date": "2026-04-01", "source": ["a test"], "add": add }]);
    amended.to_string()
}

async fn amend(world: &World<Balky>) {
    world.deploy_document("system", DocumentKind::Calendar, &amended(&ONE)).await.expect("an amendment");
}

/// How often the deadline of each case was moved.
async fn moves(store: &Balky) -> BTreeMap<CommandId, usize> {
    let mut moves = BTreeMap::new();
    for sealed in store.entries(&unit(), 0, u32::MAX).await.expect("the store answers") {
        let entry = codec::open(&sealed).expect("an entry");
        let moved = entry.events.iter().filter(|event| matches!(event, Event::ClockMoved { .. })).count();
        if moved > 0 {
            *moves.entry(entry.link.expect("a case").instance).or_default() += moved;
        }
    }
    moves
}

fn once(cases: &[CommandId]) -> BTreeMap<CommandId, usize> {
    cases.iter().map(|case| (*case, 1)).collect()
}

fn unit() -> UnitId {
    "office".parse().expect("a unit id")
}

fn of_the_unit(batch: &Batch) -> bool {
    batch.unit == unit()
}

async fn reviews_due(store: &Balky) -> usize {
    // Not by kind: that may be held up.
    let due = store.due(engine::model::Time(i64::MAX - 1), u32::MAX).await.expect("the store answers");
    due.iter().filter(|(_, row)| row.kind == DueKind::Review).count()
}

/// Lets everything else go on until something is true. On one thread every other task has its turn each time.
async fn until(what: &str, is: impl AsyncFn() -> bool) {
    for _ in 0..20_000 {
        if is().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{what} did not come to pass");
}

async fn others_go_on() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_review_holds_up_nothing_else_that_is_due_and_ends_with_the_program() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    let first = start(&world, "waits").await.expect("it starts");
    world.clock.move_to(world.engine.now().plus_seconds(3_600));
    let held = store.pages.clone().write_owned().await;
    amend(&world).await;
    let (stop, stopped) = watch::channel(false);
    let dispatcher = tokio::spawn(world.engine.clone().dispatch(stopped));
    let open = async |count: usize| {
        world.open_tasks().await.iter().filter(|task| task.step == "a" && task.process == "waits").count() == count
    };
    until("a timer beside the review", async || open(1).await).await;
    start(&world, "waits").await.expect("it starts");
    world.clock.move_to(world.engine.now().plus_seconds(3_600));
    // What lands tells the dispatcher that the clock has jumped.
    let suspend = Command::SuspendInstance { instance: first, reason: "stay".into() };
    world.submit("asha", suspend).await.expect("suspended");
    let resume = Command::ResumeInstance { instance: first };
    world.submit("asha", resume).await.expect("resumed");
    until("another timer beside the review", async || open(2).await).await;
    assert_eq!((reviews_due(&store).await, moves(&store).await.len()), (1, 0), "the review is under way");

    stop.send(true).expect("the dispatcher listens");
    dispatcher.await.expect("it ends in order, although the review is held up");
    let world = again(world, &store).await;
    drop(held);
    world.engine.settle().await.expect("due work is carried out");
    assert_eq!((reviews_due(&store).await, moves(&store).await), (0, once(&cases)), "the next start takes it up again");
}

#[tokio::test]
async fn a_clock_is_not_over_by_a_calendar_that_no_longer_holds() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    let case = async || world.engine.instance(&unit(), cases[0]).await.expect("the store answers").expect("a case");
    let end = case().await.clocks.values().next().and_then(|clock| clock.reckoning.due).expect("a deadline");
    // The review does not get anywhere.
    let held = store.pages.clone().write_owned().await;
    amend(&world).await;
    world.clock.move_to(end.plus_seconds(1));
    let (stop, stopped) = watch::channel(false);
    let dispatcher = tokio::spawn(world.engine.clone().dispatch(stopped));
    until("every clock was looked at", async || moves(&store).await == once(&cases)).await;
    assert_eq!(reviews_due(&store).await, 1, "the review is under way");
    let clock = case().await.clocks.into_values().next().expect("a clock");
    assert_eq!((clock.breached, clock.reckoning.due > Some(end)), (None, true));
    drop(held);
    stop.send(true).expect("the dispatcher listens");
    dispatcher.await.expect("it ends in order");
}

#[tokio::test]
async fn a_review_that_fails_late_moves_each_clock_once_when_it_is_tried_again() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    amend(&world).await;
    let mut batches = 0;
    store.refuse(move |batch| {
        batches += usize::from(of_the_unit(batch));
        of_the_unit(batch) && batches > 2
    });
    world.engine.settle().await.expect_err("the disk is full");
    let moved = moves(&store).await.len();
    assert!(moved > 0 && moved < CASES, "{moved}");
    assert_eq!(reviews_due(&store).await, 1);
    // Tried again by the same program, it fails as late; by the next, it comes through.
    world.engine.settle().await.expect_err("it still is");
    let world = again(world, &store).await;
    store.relent();
    world.engine.settle().await.expect("there is room again");
    assert_eq!((reviews_due(&store).await, moves(&store).await), (0, once(&cases)));
}

/// Not even its note in the site log is lost, with everything else done already.
#[tokio::test]
async fn a_review_that_could_not_be_noted_is_noted_when_it_is_tried_again() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    amend(&world).await;
    store.refuse(|batch| !of_the_unit(batch));
    world.engine.settle().await.expect_err("the disk is full");
    assert_eq!((reviews_due(&store).await, moves(&store).await), (1, once(&cases)));
    store.relent();
    world.engine.settle().await.expect("there is room again");
    assert_eq!((reviews_due(&store).await, moves(&store).await), (0, once(&cases)));
}

#[tokio::test]
async fn a_case_that_cannot_be_read_holds_up_no_other() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    // Nothing is known of any case but what the store says.
    let world = again(world, &store).await;
    amend(&world).await;
    let broken = cases[0];
    *store.unreadable.lock().expect("nobody panicked") = Some(broken);
    world.engine.settle().await.expect_err("one is broken");
    let others: Vec<_> = cases.iter().copied().filter(|case| *case != broken).collect();
    assert_eq!((reviews_due(&store).await, moves(&store).await), (1, once(&others)));
    *store.unreadable.lock().expect("nobody panicked") = None;
    world.engine.settle().await.expect("it was mended");
    assert_eq!((reviews_due(&store).await, moves(&store).await), (0, once(&cases)));
}

#[tokio::test]
async fn reviews_that_fail_hold_up_no_later_one() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    let world = again(world, &store).await;
    *store.unreadable.lock().expect("nobody panicked") = Some(cases[0]);
    let (stop, stopped) = watch::channel(false);
    let dispatcher = tokio::spawn(world.engine.clone().dispatch(stopped));
    let days = ["2026-04-06", "2026-04-07", "2026-04-08", "2026-04-09", "2026-04-10", "2026-04-13"];
    for count in 1..=days.len() {
        let document = amended(&days[..count]);
        world.deploy_document("system", DocumentKind::Calendar, &document).await.expect("an amendment");
        until("the others are reckoned anew", async || moves(&store).await.get(&cases[1]) == Some(&count)).await;
    }
    assert_eq!(reviews_due(&store).await, days.len(), "each is to be tried again for the one");
    stop.send(true).expect("the dispatcher listens");
    dispatcher.await.expect("it ends in order");
}

/// A start that was decided by the calendar as it was, and is still on its way when the review begins; what became of start and review.
async fn start_on_its_way(
    world: &World<Balky>,
    store: &Balky,
    meanwhile: impl FnOnce(),
) -> (Result<Accepted, Refusal>, Result<(), StoreError>) {
    let held = store.writes.clone().write_owned().await;
    let (engine, other) = (world.engine.clone(), world.engine.clone());
    let command = Command::StartInstance { process: "timed".into(), definition: None, number: None, data: values(json!({})) };
    let envelope = Envelope::new(Actor::Person(world.person("asha")), "on its way", command);
    let start = tokio::spawn(async move { engine.submit(&unit(), envelope).await });
    others_go_on().await;
    amend(world).await;
    let review = tokio::spawn(async move { other.settle().await });
    others_go_on().await;
    assert!(!start.is_finished() && !review.is_finished());
    meanwhile();
    drop(held);
    (start.await.expect("no panic"), review.await.expect("no panic"))
}

#[tokio::test]
async fn a_review_waits_for_what_is_on_its_way() {
    let store = Balky::default();
    let (world, mut cases) = office(&store).await;
    let (start, review) = start_on_its_way(&world, &store, || {}).await;
    review.expect("due work is carried out");
    cases.push(start.expect("it starts").instance().expect("a case"));
    assert_eq!((reviews_due(&store).await, moves(&store).await), (0, once(&cases)));
}

#[tokio::test]
async fn a_review_fails_with_what_is_on_its_way_and_is_tried_again() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    let (start, review) = start_on_its_way(&world, &store, || store.refuse(of_the_unit)).await;
    assert!(matches!(start, Err(Refusal::Store(_))), "{start:?}");
    review.expect_err("the store refuses");
    assert_eq!((reviews_due(&store).await, moves(&store).await.len()), (1, 0));
    store.relent();
    let late = self::start(&world, "timed").await.expect("there is room again");
    world.engine.settle().await.expect("there is room again");
    assert_eq!((reviews_due(&store).await, moves(&store).await), (0, once(&cases)), "the late one goes by the new calendar");
    let (old, new) = (world.case(cases[0]).await, world.case(late).await);
    let due = |case: &Instance| case.clocks.values().next().expect("a clock").reckoning.due;
    assert_eq!(due(&old), due(&new));
}

/// The row can be read before the site's writer knows that it is written, and the amended calendar with it.
#[tokio::test]
async fn a_review_does_not_begin_before_its_document_is_known() {
    let store = Balky::default();
    let (world, cases) = office(&store).await;
    let held = store.answers.clone().write_owned().await;
    let deploy = {
        let (engine, command) =
            (world.engine.clone(), Command::DeployDocument { kind: DocumentKind::Calendar, document: amended(&ONE) });
        let envelope = Envelope::new(Actor::System, "amend", command);
        tokio::spawn(async move { engine.submit(&UnitId::site(), envelope).await })
    };
    until("the row of the review", async || reviews_due(&store).await == 1).await;
    let engine = world.engine.clone();
    let review = tokio::spawn(async move { engine.settle().await });
    others_go_on().await;
    drop(held);
    deploy.await.expect("no panic").expect("an amendment");
    review.await.expect("no panic").expect("due work is carried out");
    assert_eq!((reviews_due(&store).await, moves(&store).await), (0, once(&cases)));
    refused(world.deploy_document("system", DocumentKind::Calendar, &amended(&ONE)).await, "document.already-deployed");
}
