//! Steps of the wall clock: recorded time goes on, timers come once and never early, and each step is in the site log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::app::directory::set_up;
use engine::journal::{Actor, Command, Entry, Envelope, Event, codec};
use engine::model::{Time, UnitId};
use engine::runtime::clock::Clock;
use engine::runtime::{Accepted, Engine, Options};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use engine::store::sqlite::{self, SqliteStore};
use serde_json::json;
use tests::world::{START, chance, small_office};

use super::{end, process, started, user_task, values};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// Clocks that are set by hand: how far the wall clock is off, and the time that has passed, both in seconds.
#[derive(Default)]
struct Set(Mutex<(i64, i64)>);

impl Set {
    fn pass(&self, seconds: i64) {
        self.0.lock().expect("nobody panicked").1 += seconds;
    }

    fn step(&self, seconds: i64) {
        self.0.lock().expect("nobody panicked").0 += seconds;
    }
}

impl Clock for Set {
    fn now(&self) -> Time {
        let (off, passed) = *self.0.lock().expect("nobody panicked");
        Time::parse(START).expect("a fixed instant").plus_seconds(off + passed)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.lock().expect("nobody panicked").1.unsigned_abs())
    }
}

/// The small office, with a task that has a timer of an hour.
async fn opened<S: Store>(store: S, clock: &Arc<Set>) -> Engine<S> {
    let options = Options { clock: Arc::clone(clock) as Arc<_>, chance: chance(7), ..Options::default() };
    let engine = Engine::open(store, options).await.expect("the store opens");
    set_up(&engine, &small_office()).await.expect("the office is set up");
    let late = json!({ "id": "late", "type": "boundaryEvent", "attachedTo": "a", "timer": { "after": "PT1H" }, "next": "end" });
    let document = process("p", json!([started("a"), user_task("a", "end"), late, end()]));
    submit(&engine, "deploy", Command::DeployDefinition { document }).await;
    engine
}

async fn submit<S: Store>(engine: &Engine<S>, key: &str, command: Command) -> Accepted {
    let unit = "office".parse().expect("a unit");
    engine.submit(&unit, Envelope::new(Actor::System, key, command)).await.expect("accepted")
}

async fn start<S: Store>(engine: &Engine<S>, key: &str) -> Time {
    let command = Command::StartInstance { process: "p".into(), definition: None, number: None, data: values(json!({ "n": 1 })) };
    submit(engine, key, command).await.entry.origin.time
}

/// Journals what there is to journal, and carries out what is due.
async fn settle<S: Store>(engine: &Engine<S>) {
    engine.journal_steps().await.expect("accepted");
    engine.settle().await.expect("due work is carried out");
}

async fn entries<S: Store>(engine: &Engine<S>, unit: &UnitId) -> Vec<Entry> {
    let sealed = engine.store().entries(unit, 0, 1_000).await.expect("the store answers");
    let entries: Vec<Entry> = sealed.iter().map(|sealed| codec::open(sealed).expect("an entry")).collect();
    assert!(entries.is_sorted_by(|a, b| a.origin.time < b.origin.time), "the time of {unit} does not always go on");
    entries
}

/// By how many seconds the wall clock was stepped, and whether that was found at the start.
async fn steps<S: Store>(engine: &Engine<S>) -> Vec<(i64, bool)> {
    let entries = entries(engine, &UnitId::site()).await;
    let steps = entries.iter().flat_map(|entry| &entry.events).filter_map(|event| match event {
        Event::TimeStepped { before, after, by, at_start } => {
            assert_eq!(*by, after.0 - before.0);
            Some((by / 1_000_000, *at_start))
        }
        _ => None,
    });
    steps.collect()
}

/// When timers fired.
async fn fired<S: Store>(engine: &Engine<S>) -> Vec<Time> {
    let entries = entries(engine, &"office".parse().expect("a unit")).await;
    let is_fired = |entry: &&Entry| entry.events.iter().any(|event| matches!(event, Event::TimerFired { .. }));
    entries.iter().filter(is_fired).map(|entry| entry.origin.time).collect()
}

/// A step of so many seconds, and after ten minutes the same way back.
async fn check(far: i64) {
    let clock = Arc::new(Set::default());
    let engine = opened(MemoryStore::default(), &clock).await;
    let first = clock.now();
    start(&engine, "first").await;
    clock.pass(600);
    clock.step(far);
    settle(&engine).await;
    assert_eq!(fired(&engine).await.len(), usize::from(far > 0), "{far}: an hour is over if the clock says so");
    clock.pass(600);
    clock.step(-far);
    settle(&engine).await;
    assert_eq!(steps(&engine).await, [(far, false), (-far, false)]);

    // Behind what was recorded a tenth is lost, and an hour takes longer.
    let second = start(&engine, "second").await;
    assert_eq!((second.0 - first.0) / 1_000_000, if far > 0 { far + 600 + 540 } else { 1_200 }, "{far}");
    clock.pass(HOUR - 1);
    settle(&engine).await;
    assert_eq!(fired(&engine).await.len(), 1, "{far}: the first is over, and not the second");
    clock.pass(HOUR / 9 + 2);
    settle(&engine).await;
    let fired = fired(&engine).await;
    assert!(fired.len() == 2 && fired[1] >= second.plus_seconds(HOUR), "{far}: {fired:?}, {second} and an hour");
    assert_eq!(steps(&engine).await.len(), 2, "{far}: each is journalled once");
    assert_eq!(engine.store().next_due().await.expect("the store answers"), None);
}

#[tokio::test]
async fn a_step_neither_hastens_nor_holds_up_what_comes_after_it() {
    for far in [HOUR, DAY, YEAR, -HOUR, -DAY, -YEAR] {
        check(far).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_back_while_the_program_was_down_is_journalled_at_the_start() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(Set::default());
    let open = || async { SqliteStore::open(&dir.path().join("db"), sqlite::Options::default()).await.expect("the store opens") };
    let mut last = None;
    for (far, found) in [(0, 0), (-1, 0), (-DAY, 1), (DAY + 600, 1), (-YEAR, 2)] {
        clock.step(far);
        let engine = opened(open().await, &clock).await;
        settle(&engine).await;
        let steps = steps(&engine).await;
        assert!(steps.len() == found && steps.iter().all(|step| step.1), "{far}: {steps:?}");
        let time = start(&engine, &format!("start {far}")).await;
        assert!(last.is_none_or(|last| last < time), "{far}: {time} is not after {last:?}");
        last = Some(time);
        engine.stop().await;
        engine.store().close().await.expect("it closes");
    }
}
