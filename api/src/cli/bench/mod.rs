//! `bench`: how much of what the machine allows is left after deciding, sealing and answering. Workload SOP-10: start; three tasks one
//! after another; a gateway on a form value; two tasks side by side; a deadline on every task. 11 commands a case, each durable before
//! it is acknowledged, all history kept.

mod cost;
mod desk;
mod evidence;
mod http;
mod inbox;
mod lifecycle;
mod machine;
mod norms;
mod office;
mod place;
mod report;
mod server;
mod timers;

use std::future::ready;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use engine::runtime::{Engine, Options};
use engine::store::limit::Limit;
use engine::store::memory::MemoryStore;
use engine::store::{postgres, sqlite};

use super::output::{self, Failure};
use office::unit_of;
use place::{Database, Place, open, opened_over};
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
    /// Workload sop10: units over which the clients are spread; one is a hot unit
    #[arg(long, value_delimiter = ',', default_value = "1", value_parser = clap::value_parser!(u16).range(1..=64))]
    units: Vec<u16>,
    /// Workload sop10: nodes by which the clients come, those of one unit by different ones; more than one on PostgreSQL only
    #[arg(long, value_delimiter = ',', default_value = "1", value_parser = clap::value_parser!(u16).range(1..=16))]
    nodes: Vec<u16>,
    /// Seconds of each run
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Stores; memory is the engine without a disk, for mode engine only; postgres needs --server
    #[arg(long, value_enum, value_delimiter = ',', default_value = "sqlite")]
    store: Vec<StoreKind>,
    /// Address of a PostgreSQL server on which databases may be made, to be removed again
    #[arg(long, value_name = "postgres://…")]
    server: Option<String>,
    /// What is measured
    #[arg(long, value_enum, value_delimiter = ',', default_value = "limit,engine,http")]
    modes: Vec<Mode>,
    /// Workload norms: running clocks. Workload timers: timers and clocks that fall due at once. Of both 100,000 where nothing is said.
    /// Workload evidence: cases of the bundle, 10,000. Workloads inbox and lifecycle: open cases beside which it is measured, 1,000,000
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    cases: Option<u32>,
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
    /// Lists of tasks among ten thousand and among a million, and how people work beside them; how soon a server is ready
    Inbox,
    /// A complaint lodged, assigned, resolved and looked for, in an empty office and among a million others
    Lifecycle,
    /// What signing and hashing cost people who work; a bundle made, checked and lived through once more; proofs in a million entries
    Evidence,
}

/// Where the logs lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StoreKind {
    /// An SQLite file
    Sqlite,
    /// A PostgreSQL database; --server says on which server
    Postgres,
    /// Memory: nothing is durable
    Memory,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// The same disk and database, written by bare statements
    Limit,
    /// The engine, called in this process
    Engine,
    /// The server, over loopback sockets, its clients in this process
    Http,
}

/// Who works where in one run.
#[derive(Debug, Clone, Copy)]
struct Shape {
    clients: u16,
    units: u16,
    nodes: u16,
}

impl Shape {
    /// Everything that was asked for.
    fn all(args: &Args) -> Vec<Self> {
        let units = |clients: u16| args.units.iter().map(move |&units| (clients, units));
        let each = args.clients.iter().flat_map(|&clients| units(clients));
        each.flat_map(|(clients, units)| args.nodes.iter().map(move |&nodes| Self { clients, units, nodes })).collect()
    }

    /// The number of the node by which a client comes: those of one unit come by different ones.
    fn node(self, client: u16) -> usize {
        let person = client % office::PEOPLE;
        usize::from((person / self.units + person % self.units) % self.nodes)
    }
}

/// Cases of a workload that is not the first, where nothing is said.
const CASES: u32 = 100_000;
/// Batch sizes at which the limit is looked for.
const BATCHES: [usize; 6] = [1, 8, 32, 64, 128, 256];

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let on_any = [Workload::Sop10, Workload::Inbox, Workload::Lifecycle].contains(&args.workload);
    if !on_any && args.store != [StoreKind::Sqlite] {
        return Err(Failure::Usage(
            "The workloads norms, timers and evidence are measured on SQLite only; leave --store out.".to_owned(),
        ));
    }
    if args.nodes.iter().any(|nodes| *nodes > 1) && args.store != [StoreKind::Postgres] {
        return Err(Failure::Usage(
            "Several nodes are measured on PostgreSQL: --store postgres. A file has one process.".to_owned(),
        ));
    }
    let here = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let dir = tempfile::Builder::new().prefix("sevottam-bench-").tempdir_in(&here);
    let dir = dir.map_err(|error| output::unwritable(&here, &error))?;
    if args.workload == Workload::Norms {
        return norms::run(dir.path(), args.cases.unwrap_or(CASES), args.json).await;
    }
    if args.workload == Workload::Evidence {
        return evidence::run(dir.path(), args.cases.unwrap_or(CASES / 10), Duration::from_secs(args.seconds), args.json).await;
    }
    if args.workload == Workload::Timers {
        return timers::run(dir.path(), &args).await;
    }
    if args.workload != Workload::Sop10 {
        for &store in &args.store {
            let place = Place::new(store, dir.path(), args.server.as_deref())?;
            match args.workload {
                Workload::Inbox => inbox::run(&place, &args).await?,
                _ => lifecycle::run(&place, &args).await?,
            }
        }
        return Ok(());
    }
    let time = Duration::from_secs(args.seconds);
    let mut report = Report::new();
    for &store in &args.store {
        if store == StoreKind::Memory {
            if args.modes.contains(&Mode::Engine) {
                for shape in Shape::all(&args) {
                    report.runs.push(in_memory(shape, time).await?);
                }
            }
            continue;
        }
        let place = Place::new(store, dir.path(), args.server.as_deref())?;
        for &mode in &args.modes {
            if mode == Mode::Limit {
                limits(&place, time, &mut report.runs).await?;
                continue;
            }
            for shape in Shape::all(&args) {
                report.runs.push(measured(&place, mode, shape, time).await?);
            }
        }
    }
    if args.json {
        output::json(&report.json());
    } else {
        output::line(&report.table());
    }
    Ok(())
}

/// The limit at every batch size; the best is the yardstick.
async fn limits(place: &Place<'_>, time: Duration, runs: &mut Vec<Run>) -> Result<(), Failure> {
    for batch in BATCHES {
        machine::reset_peak();
        let database = place.database(&format!("limit-{batch}")).await?;
        let base = database.bytes().await?;
        let measured = match &database {
            Database::File(path) => sqlite::limit::measure(path, batch, time).await,
            Database::Scratch(scratch) => postgres::limit::measure(&scratch.address(), batch, time).await,
        };
        let Limit { commands, elapsed, transactions: mut latencies, .. } = measured.map_err(Failure::store)?;
        let mut run = Run::new(place.store(), "limit", batch, commands, elapsed, &mut latencies);
        run.rows_per_command = Some(2.0 + 1.0 / report::float(batch as u64));
        run.bytes_per_case = Some(grown(&database, base, commands).await?);
        database.remove().await?;
        runs.push(run);
    }
    Ok(())
}

/// One run of the engine or the server on a database of its own. Nodes are engines of this process, each with its own connections and memory.
async fn measured(place: &Place<'_>, mode: Mode, shape: Shape, time: Duration) -> Result<Run, Failure> {
    let Shape { clients, units, nodes } = shape;
    let database = place.database(&format!("{mode:?}-{clients}-{units}-{nodes}").to_lowercase()).await?;
    let mut engines = vec![opened_over(&database, units).await?];
    for _ in 1..nodes {
        engines.push(open(&database).await?);
    }
    let base = database.bytes().await?;
    let written = machine::written();
    let mut dispatchers = Vec::new();
    let (name, (commands, elapsed, mut latencies)) = if mode == Mode::Engine {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        dispatchers.extend(engines.iter().map(|engine| tokio::spawn(engine.clone().dispatch(stopped.clone()))));
        let desk = |client| Ok(desk::EngineDesk::new(engines[shape.node(client)].clone(), client)?.of(unit_of(client, units)?));
        let driven = desk::drive(clients, time, |client| ready(desk(client))).await?;
        let _ = stop.send(true);
        ("engine", driven)
    } else {
        let mut served = Vec::new();
        for engine in &engines {
            served.push(http::Served::begin(engine.clone()).await?);
        }
        let addresses: Vec<_> = served.iter().map(http::Served::address).collect();
        let desk = async |client| {
            let desk = http::HttpDesk::new(addresses[shape.node(client)], client).await?;
            Ok(desk.of(unit_of(client, units)?))
        };
        let driven = desk::drive(clients, time, desk).await?;
        for served in served {
            dispatchers.push(served.end().await?);
        }
        ("http", driven)
    };
    let mut run = Run::new(place.store(), name, usize::from(clients), commands, elapsed, &mut latencies);
    (run.units, run.nodes) = (units, nodes);
    // What a server writes is not this process's.
    if let Place::Dir(_) = place {
        let written = machine::written().zip(written);
        run.written_bytes_per_command = written.map(|(now, before)| report::float(now - before) / report::float(commands));
    }
    for engine in &engines {
        engine.stop().await;
    }
    for dispatcher in dispatchers {
        let _ = dispatcher.await;
    }
    office::sample(&engines[0], &mut run).await?;
    for engine in engines {
        engine.store().close().await.map_err(Failure::store)?;
    }
    run.bytes_per_case = Some(grown(&database, base, commands).await?);
    database.remove().await?;
    Ok(run)
}

/// By how many bytes a database has grown for each case.
async fn grown(database: &Database, base: u64, commands: u64) -> Result<f64, Failure> {
    let now = database.bytes().await?;
    Ok(report::float(now.saturating_sub(base)) * report::COMMANDS_PER_CASE / report::float(commands))
}

async fn in_memory(Shape { clients, units, .. }: Shape, time: Duration) -> Result<Run, Failure> {
    let engine = Engine::open(MemoryStore::default(), Options::default()).await.map_err(Failure::store)?;
    office::set_up_over(&engine, units).await?;
    machine::reset_peak();
    let desk = |client| Ok(desk::EngineDesk::new(engine.clone(), client)?.of(unit_of(client, units)?));
    let (commands, elapsed, mut latencies) = desk::drive(clients, time, |client| ready(desk(client))).await?;
    let mut run = Run::new("memory", "engine", usize::from(clients), commands, elapsed, &mut latencies);
    run.units = units;
    engine.stop().await;
    Ok(run)
}
