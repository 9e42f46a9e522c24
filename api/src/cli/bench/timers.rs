//! `bench timers`: what very many timers cost while they wait; and a flood of timers and clocks that fall due at once: how fast it drains,
//! whether each is carried out once, not early and in order of severity, and how long people wait meanwhile.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engine::journal::{Command, Event, codec};
use engine::model::id::Made;
use engine::model::{Time, UnitId, Values};
use engine::runtime::clock::ManualClock;
use engine::runtime::{Engine, Options};
use engine::store::Store;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::machine::Load;
use super::report::{Waits, float};
use super::{Args, desk, http, machine, norms, office};
use crate::cli::database;
use crate::cli::output::{self, Failure};

/// Of so many rows that fall due at once, one is a clock. The clocks fall due after the timers, and are carried out before them.
const CLOCK_IN: u32 = 10;
/// People who work, and how often each sends a command: fifty a second together.
const PEOPLE: u16 = 4;
const EVERY: Duration = Duration::from_millis(80);
/// How often it is asked whether the flood has drained.
const LOOK: Duration = Duration::from_millis(50);
/// Entries that are read at a time.
const PAGE: u32 = 10_000;

/// What became of the flood.
#[derive(Default)]
struct Flood {
    rows: usize,
    drained_s: f64,
    early: usize,
    twice: usize,
    missing: usize,
    /// Rows that were carried out after one that should have come later.
    out_of_order: usize,
}

/// The figures.
struct Figures {
    pending: u32,
    pending_s: f64,
    idle_s: f64,
    idle_processor_share: Option<f64>,
    idle_memory_bytes: Option<u64>,
    idle: Waits,
    flooded: Waits,
    flood: Flood,
    load: Load,
}

/// Measures and prints.
pub(super) async fn run(dir: &Path, args: &Args) -> Result<(), Failure> {
    let load = Load::begin();
    let start = Time::parse("2026-01-05T05:00:00Z").unwrap_or(Time(0));
    let clock = Arc::new(ManualClock::new(start));
    let store = database::open_file(&dir.join("timers.db")).await?;
    let options = Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() };
    let engine = Engine::open(store, options).await.map_err(Failure::store)?;
    office::set_up(&engine).await?;
    norms::deploy(&engine).await?;
    for (process, after) in [("bench.pending", "P3650D"), ("bench.due", "P30D")] {
        office::submit(&engine, &office::unit()?, Command::DeployDefinition { document: waits(process, after) }).await?;
    }
    // What the deployments ask for is done before anything is measured.
    engine.settle().await.map_err(Failure::store)?;

    let begun = Instant::now();
    office::start_many(&engine, "bench.pending", args.pending, &Values::new()).await?;
    let pending_s = begun.elapsed().as_secs_f64();
    let clocks = args.cases.unwrap_or(super::CASES) / CLOCK_IN;
    office::start_many(&engine, "bench.due", args.cases.unwrap_or(super::CASES) - clocks, &Values::new()).await?;
    office::start_many(&engine, "bench.timed", clocks, &Values::new()).await?;

    let time = Duration::from_secs(args.seconds);
    let (idle_processor_share, idle_memory_bytes) = idle(&engine, time).await?;
    let people = People::begin(&engine)?;
    let dispatcher = Dispatcher::begin(&engine);
    tokio::time::sleep(time).await;
    let idle_waits = people.end().await?;
    dispatcher.end().await;

    clock.move_to(start.plus_seconds(90 * 86_400));
    let due = engine.store().due(engine.now(), u32::MAX).await.map_err(Failure::store)?;
    let size = size(&engine).await?;
    let people = People::begin(&engine)?;
    let begun = Instant::now();
    let dispatcher = Dispatcher::begin(&engine);
    while !engine.store().due(engine.now(), 1).await.map_err(Failure::store)?.is_empty() {
        tokio::time::sleep(LOOK).await;
    }
    let drained_s = begun.elapsed().as_secs_f64();
    let flooded = people.end().await?;
    dispatcher.end().await;
    let mut flood = followed(&engine, &due, size).await?;
    flood.drained_s = drained_s;
    engine.stop().await;
    engine.store().close().await.map_err(Failure::store)?;

    let (pending, idle_s) = (args.pending, time.as_secs_f64());
    let idle = idle_waits;
    let figures = Figures { pending, pending_s, idle_s, idle_processor_share, idle_memory_bytes, idle, flooded, flood, load };
    if args.json {
        output::json(&figures.json());
    } else {
        output::line(&figures.text());
    }
    Ok(())
}

/// A process whose cases wait so long.
fn waits(process: &str, after: &str) -> String {
    json!({
        "id": process, "title": { "en": "Waits" }, "owner": { "post": "clerk-1" },
        "steps": [
            { "id": "start", "type": "startEvent", "next": "wait" },
            { "id": "wait", "type": "intermediateCatchEvent", "timer": { "after": after }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

/// The processor's share and the memory of a server for which nothing is due and of which nobody asks anything.
async fn idle(engine: &crate::app::Engine, time: Duration) -> Result<(Option<f64>, Option<u64>), Failure> {
    let served = http::Served::begin(engine.clone()).await?;
    // What was written last is put in its place first.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = machine::processor_s(machine::SELF);
    tokio::time::sleep(time).await;
    let share = machine::processor_s(machine::SELF).zip(before).map(|(now, before)| (now - before) / time.as_secs_f64());
    let memory = machine::resident(machine::SELF);
    let _ = served.end().await?.await;
    Ok((share, memory))
}

/// People at work.
struct People {
    working: JoinSet<Result<Vec<u32>, Failure>>,
    stop: Arc<AtomicBool>,
}

impl People {
    fn begin(engine: &crate::app::Engine) -> Result<Self, Failure> {
        let (mut working, stop, now) = (JoinSet::new(), Arc::new(AtomicBool::new(false)), Instant::now());
        for n in 0..PEOPLE {
            let desk = desk::EngineDesk::new(engine.clone(), n)?;
            let begin = now + EVERY * u32::from(n) / u32::from(PEOPLE);
            working.spawn(desk::paced(desk, begin, EVERY, Arc::clone(&stop)));
        }
        Ok(Self { working, stop })
    }

    async fn end(mut self) -> Result<Waits, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let mut latencies = Vec::new();
        while let Some(done) = self.working.join_next().await {
            latencies.extend(done.map_err(|error| Failure::Refused(format!("A client failed: {error}.")))??);
        }
        Ok(Waits::of(&mut latencies))
    }
}

/// A dispatcher at work.
struct Dispatcher {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Dispatcher {
    fn begin(engine: &crate::app::Engine) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(engine.clone().dispatch(stopped)) }
    }

    async fn end(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

async fn size(engine: &crate::app::Engine) -> Result<u64, Failure> {
    Ok(engine.store().head(&office::unit()?).await.map_err(Failure::store)?.map_or(0, |head| head.size))
}

/// Reads in the journal what became of the rows that were due, in the order in which they should have been carried out.
async fn followed(
    engine: &crate::app::Engine,
    due: &[(UnitId, engine::projection::row::DueRow)],
    from: u64,
) -> Result<Flood, Failure> {
    let mut wanted: HashMap<Made, (usize, Time, bool)> =
        due.iter().enumerate().map(|(place, (_, row))| (row.id, (place, row.at, false))).collect();
    let mut flood = Flood { rows: due.len(), ..Flood::default() };
    let (unit, mut from, mut last) = (office::unit()?, from, 0);
    loop {
        let page = engine.store().entries(&unit, from, PAGE).await.map_err(Failure::store)?;
        let Some(end) = page.last() else { break };
        from = end.index + 1;
        for sealed in &page {
            let entry = codec::open(sealed).map_err(Failure::store)?;
            let done = entry.events.iter().find_map(|event| match event {
                Event::TimerFired { timer: id } | Event::ClockBreached { clock: id, .. } => Some(*id),
                _ => None,
            });
            let Some((place, at, seen)) = done.and_then(|id| wanted.get_mut(&id)) else { continue };
            flood.twice += usize::from(*seen);
            flood.early += usize::from(entry.origin.time < *at);
            flood.out_of_order += usize::from(*place < last);
            (*seen, last) = (true, last.max(*place));
        }
    }
    flood.missing = wanted.values().filter(|(_, _, seen)| !seen).count();
    Ok(flood)
}

impl Figures {
    /// How much longer people waited during the flood.
    fn ratio(&self) -> f64 {
        f64::from(self.flooded.p99_us) / f64::from(self.idle.p99_us.max(1))
    }

    fn json(&self) -> Value {
        let Flood { rows, drained_s, early, twice, missing, out_of_order } = &self.flood;
        json!({
            "pending": {
                "timers": self.pending, "startSeconds": self.pending_s, "idleSeconds": self.idle_s,
                "processorShare": self.idle_processor_share, "memoryBytes": self.idle_memory_bytes
            },
            "flood": {
                "rows": rows, "seconds": drained_s, "early": early, "twice": twice, "missing": missing, "outOfOrder": out_of_order
            },
            "people": { "idle": self.idle, "flood": self.flooded, "p99Ratio": self.ratio() },
            "machine": self.load.json()
        })
    }

    fn text(&self) -> String {
        let Flood { rows, drained_s, early, twice, missing, out_of_order } = &self.flood;
        let share = self.idle_processor_share.map_or_else(|| "–".to_owned(), |share| format!("{:.2} %", share * 100.0));
        let memory =
            self.idle_memory_bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{:.0} MiB", float(bytes) / 1_048_576.0));
        let waits =
            |waits: &Waits| format!("p50 {:>6} µs   p99 {:>6} µs   ({} commands)", waits.p50_us, waits.p99_us, waits.count);
        format!(
            "{} timers pending (made in {:.1} s)\n  an idle server takes {share} of a processor over {:.0} s and holds {memory}\n\n\
             {rows} rows due at once, one in {CLOCK_IN} a clock\n  drained in {drained_s:.2} s: {:.0} a second; {early} early, {twice} twice, \
             {missing} missing, {out_of_order} out of the order of severity\n\n\
             People's commands, {} a second, each durable before it is acknowledged\n  idle    {}\n  flood   {}\n  ratio of the p99 {:.2}\n\n\
             {}",
            self.pending,
            self.pending_s,
            self.idle_s,
            float(*rows as u64) / drained_s.max(f64::EPSILON),
            u128::from(PEOPLE) * 1_000 / EVERY.as_millis(),
            waits(&self.idle),
            waits(&self.flooded),
            self.ratio(),
            self.load.text(),
        )
    }
}
