//! `bench`: how much of what the machine allows is left after deciding, sealing and answering. Workload SOP-10: start; three tasks one
//! after another; a gateway on a form value; two tasks side by side; a deadline on every task. 11 commands a case, each durable before
//! it is acknowledged, all history kept.

mod desk;
mod http;
mod machine;
mod norms;
mod office;
mod report;
mod timers;

use std::future::ready;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use engine::runtime::{Engine, Options};
use engine::store::memory::MemoryStore;
use engine::store::sqlite::limit::{self, Limit};

use super::database;
use super::output::{self, Failure};
use report::{Report, Run};

/// Measure this machine: what SQLite takes (limit), what the engine does (engine), what a client sees (http)
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Workload
    #[arg(value_enum, default_value = "sop10")]
    workload: Workload,
    /// Clients at the same time
    #[arg(long, value_delimiter = ',', default_value = "1,8,64", value_parser = clap::value_parser!(u16).range(1..=1024))]
    clients: Vec<u16>,
    /// Seconds of each run
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Stores; memory is the engine without a disk, for mode engine only
    #[arg(long, value_enum, value_delimiter = ',', default_value = "sqlite")]
    store: Vec<StoreKind>,
    /// What is measured
    #[arg(long, value_enum, value_delimiter = ',', default_value = "limit,engine,http")]
    modes: Vec<Mode>,
    /// Workload norms: running clocks. Workload timers: timers and clocks that fall due at once
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    cases: u32,
    /// Workload timers: timers that are pending all the while, far in the future
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    pending: u32,
    /// Where the databases are made and removed again; left out: the current directory's disk
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print JSON: {"runs":[…],"ratios":[…],"machine":{…}}
    #[arg(long)]
    json: bool,
}

/// A workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// Start, five tasks claimed and completed, each with a deadline
    Sop10,
    /// Deadlines reckoned, beside numpy where Python has it; an amended calendar; clocks that end at once
    Norms,
    /// Very many timers that wait; very many that fall due at once, while people work
    Timers,
}

/// Where the logs lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StoreKind {
    /// An SQLite file
    Sqlite,
    /// Memory: nothing is durable
    Memory,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// The same file, written by bare statements
    Limit,
    /// The engine, called in this process
    Engine,
    /// The server, over loopback sockets, its clients in this process
    Http,
}

/// Batch sizes at which the limit is looked for.
const BATCHES: [usize; 6] = [1, 8, 32, 64, 128, 256];

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let here = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let dir = tempfile::Builder::new().prefix("sevottam-bench-").tempdir_in(&here);
    let dir = dir.map_err(|error| output::unwritable(&here, &error))?;
    if args.workload == Workload::Norms {
        return norms::run(dir.path(), args.cases, args.json).await;
    }
    if args.workload == Workload::Timers {
        return timers::run(dir.path(), &args).await;
    }
    let time = Duration::from_secs(args.seconds);
    let mut report = Report::new();
    if args.modes.contains(&Mode::Limit) {
        report.limit = limits(dir.path(), time, &mut report.runs).await?;
    }
    for store in &args.store {
        for mode in args.modes.iter().filter(|mode| **mode != Mode::Limit) {
            for &clients in &args.clients {
                let path = dir.path().join(format!("{mode:?}-{clients}.db"));
                let run = match (store, mode) {
                    (StoreKind::Sqlite, Mode::Engine) => in_process(&path, clients, time).await?,
                    (StoreKind::Sqlite, _) => over_http(&path, clients, time).await?,
                    (StoreKind::Memory, Mode::Engine) => in_memory(clients, time).await?,
                    // There is no server on a store that forgets.
                    (StoreKind::Memory, _) => continue,
                };
                report.runs.push(run);
            }
        }
    }
    report.finish();
    if args.json {
        output::json(&report.json());
    } else {
        output::line(&report.table());
    }
    Ok(())
}

/// The limit at every batch size; the best is the yardstick.
async fn limits(dir: &Path, time: Duration, runs: &mut Vec<Run>) -> Result<Option<f64>, Failure> {
    let mut best: Option<Run> = None;
    for batch in BATCHES {
        machine::reset_peak();
        let path = dir.join(format!("limit-{batch}.db"));
        let measured = limit::measure(&path, batch, time).await.map_err(Failure::store)?;
        let run = limit_run(&path, &measured);
        remove(&path);
        if best.as_ref().is_none_or(|best| run.commands_per_s > best.commands_per_s) {
            best = Some(run.clone());
        }
        runs.push(run);
    }
    Ok(best.map(|best| best.commands_per_s))
}

fn limit_run(path: &Path, measured: &Limit) -> Run {
    let mut latencies = measured.transactions.clone();
    let mut run = Run::new("sqlite", "limit", measured.batch, measured.commands, measured.elapsed, &mut latencies);
    run.rows_per_command = Some(2.0 + 1.0 / report::float(measured.batch as u64));
    run.bytes_per_case =
        size(path).map(|bytes| report::float(bytes) * report::COMMANDS_PER_CASE / report::float(measured.commands));
    run
}

async fn in_process(path: &Path, clients: u16, time: Duration) -> Result<Run, Failure> {
    let engine = opened(path).await?;
    let base = size(path);
    let (written, stop) = (machine::written(), tokio::sync::watch::channel(false));
    let dispatcher = tokio::spawn(engine.clone().dispatch(stop.1));
    let (commands, elapsed, mut latencies) =
        desk::drive(clients, time, |client| ready(desk::EngineDesk::new(engine.clone(), client))).await?;
    let mut run = Run::new("sqlite", "engine", usize::from(clients), commands, elapsed, &mut latencies);
    run.written_bytes_per_command =
        machine::written().zip(written).map(|(now, before)| report::float(now - before) / report::float(commands));
    let _ = stop.0.send(true);
    finish(&engine, dispatcher, path, base, run).await
}

async fn over_http(path: &Path, clients: u16, time: Duration) -> Result<Run, Failure> {
    let engine = opened(path).await?;
    let base = size(path);
    let written = machine::written();
    let served = http::Served::begin(engine.clone()).await?;
    let address = served.address();
    let (commands, elapsed, mut latencies) = desk::drive(clients, time, |client| http::HttpDesk::new(address, client)).await?;
    let mut run = Run::new("sqlite", "http", usize::from(clients), commands, elapsed, &mut latencies);
    run.written_bytes_per_command =
        machine::written().zip(written).map(|(now, before)| report::float(now - before) / report::float(commands));
    let dispatcher = served.end().await?;
    finish(&engine, dispatcher, path, base, run).await
}

async fn in_memory(clients: u16, time: Duration) -> Result<Run, Failure> {
    let engine = Engine::open(MemoryStore::default(), Options::default()).await.map_err(Failure::store)?;
    office::set_up(&engine).await?;
    machine::reset_peak();
    let (commands, elapsed, mut latencies) =
        desk::drive(clients, time, |client| ready(desk::EngineDesk::new(engine.clone(), client))).await?;
    let run = Run::new("memory", "engine", usize::from(clients), commands, elapsed, &mut latencies);
    engine.stop().await;
    Ok(run)
}

/// A database with the office set up, written out and opened again, so that its size is its size.
async fn opened(path: &Path) -> Result<crate::app::Engine, Failure> {
    let open = async || {
        let store = database::open_file(path).await?;
        Engine::open(store, Options::default()).await.map_err(Failure::store)
    };
    let engine = open().await?;
    office::set_up(&engine).await?;
    engine.stop().await;
    engine.store().close().await.map_err(Failure::store)?;
    drop(engine);
    machine::reset_peak();
    open().await
}

/// Stops the engine and measures what it left.
async fn finish(
    engine: &crate::app::Engine,
    dispatcher: tokio::task::JoinHandle<()>,
    path: &Path,
    base: Option<u64>,
    mut run: Run,
) -> Result<Run, Failure> {
    engine.stop().await;
    let _ = dispatcher.await;
    office::sample(engine, &mut run).await?;
    engine.store().close().await.map_err(Failure::store)?;
    let cases = report::float(run.commands) / report::COMMANDS_PER_CASE;
    run.bytes_per_case = size(path).zip(base).map(|(now, base)| report::float(now.saturating_sub(base)) / cases);
    remove(path);
    Ok(run)
}

fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|metadata| metadata.len())
}

/// Frees the disk before the next run; what cannot be removed goes with the directory.
fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}
