//! `serve`: the server, from its first line to its orderly stop.

use std::io::{IsTerminal as _, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use engine::digest::Hash;
use engine::journal::event::Started;
use engine::runtime::signer::PUBLISHED;
use engine::runtime::{Engine, Options};
use engine::store::AnyStore;
use ipnet::IpNet;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use super::database::{self, ADDRESS};
use super::output::{self, Failure};
use super::traces::{Along, Collector};
use super::{Cli, Command, demo, sign};
use crate::app::directory::{Directory, set_up};
use crate::app::evidence::Evidence;
use crate::app::spans::Spans;
use crate::app::streams::Streams;
use crate::app::{self, App, Trust, metrics};
use crate::paper::Fonts;
use crate::server;

/// Serve an office
///
/// The level of what is logged on standard error is set by `SEVOTTAM_LOG`, such as `info` or `engine=debug`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database: a file, made if it is missing, or PostgreSQL, which several nodes may serve. With --demo: sevottam-demo.db
    #[arg(long, value_name = ADDRESS, env = "SEVOTTAM_DATABASE")]
    database: Option<String>,
    /// Where to listen. Other than loopback only with --trust-actor-header-from
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Host name of the installation: the first part of the name of every log. Never changes once logs have begun
    #[arg(long, default_value = "office.example", value_name = "NAME")]
    host: String,
    /// The office's time zone: days are days there
    #[arg(long, default_value = "Asia/Kolkata", value_name = "ZONE")]
    zone: String,
    /// Believe whoever connects from this network when they say who they are: the proxy that signs people in. May be repeated
    #[arg(long = "trust-actor-header-from", value_name = "CIDR")]
    trust: Vec<IpNet>,
    /// Serve an example office, with a few cases under way, where anyone may act as anyone
    #[arg(long)]
    demo: bool,
    /// Set up the office that this document describes: units, posts, people, appointments. What is there already stays
    #[arg(long, value_name = "FILE")]
    office: Option<PathBuf>,
    /// Sign checkpoints of the logs with the signer of this folder (see `sign --init`); of an SQLite database only
    #[arg(long, value_name = "FOLDER", conflicts_with = "checkpoints")]
    sign: Option<PathBuf>,
    /// With --sign: ask this witness to cosign every checkpoint: its address, and its public key as `witness --init` printed it. May be repeated
    #[arg(long, value_name = "URL=VKEY", requires = "sign")]
    witness: Vec<sign::Asked>,
    /// Show the checkpoints of this folder: the `log` of a signer's that signs beside the servers
    #[arg(long, value_name = "FOLDER")]
    checkpoints: Option<PathBuf>,
    /// With --sign or --checkpoints: refuse commands other than lodgings once an entry has waited for its signature for so many minutes, until
    /// it has one. Left out: never
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=525_600))]
    unsigned_max: Option<u32>,
    /// The folder of the fonts that files are printed with: Noto Sans and Noto Sans Devanagari. Left out: where systems keep them
    #[arg(long, value_name = "FOLDER", env = "SEVOTTAM_FONTS")]
    fonts: Option<PathBuf>,
    /// Space kept back beside a database file, so that on a full disk what was acknowledged can still be read: 256 where nothing is said, none
    /// for an example office
    #[arg(long, value_name = "MIB", env = "SEVOTTAM_RESERVE", value_parser = clap::value_parser!(u32).range(0..=65_536))]
    reserve: Option<u32>,
    /// Log JSON lines
    #[arg(long)]
    log_json: bool,
    /// Tell this collector of every request, but for those whose caller does not record: OTLP over HTTP, in JSON
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    traces: Option<Collector>,
    /// With --traces: send this along, such as a key
    #[arg(long, value_name = "NAME=VALUE", env = "OTEL_EXPORTER_OTLP_HEADERS", value_delimiter = ',', hide_env_values = true)]
    traces_header: Vec<Along>,
    /// With --traces: what this program is called there
    #[arg(long, value_name = "NAME", env = "OTEL_SERVICE_NAME", default_value = "sevottam")]
    traces_service: String,
}

/// Space that is kept back, in MiB: more than the rows that gather before they are written take, each with pages of several indexes.
const RESERVE: u32 = 256;

/// Bytes of the program's file that are read at a time.
const PART: u64 = 1 << 20;
/// And how long it rests after each: who asks something of a server that has just begun comes first.
const REST: Duration = Duration::from_millis(20);
/// A server that has not stopped by itself so long after it was asked to is left behind.
const SERVER_STOP: Duration = Duration::from_secs(5);
/// The same for what is still to be sent to a collector of traces.
const TRACES_STOP: Duration = Duration::from_secs(1);
/// The same for the engine, and then for the store.
const STORE_STOP: Duration = Duration::from_secs(2);

/// The office's time zone, by its name.
pub(super) fn zone(name: &str) -> Result<TimeZone, Failure> {
    TimeZone::get(name).map_err(|_| Failure::Usage(format!("--zone: there is no time zone {name:?}. Example: Asia/Kolkata.")))
}

/// The arguments of a call without any.
pub(super) fn demo() -> Result<Args, Failure> {
    match Cli::try_parse_from(["sevottam", "serve", "--demo"]) {
        Ok(Cli { command: Some(Command::Serve(args)) }) => Ok(args),
        Ok(_) => Err(Failure::Usage("serve --demo is no subcommand".to_owned())),
        Err(error) => Err(Failure::Usage(error.to_string())),
    }
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    log(args.log_json);
    check_listen(&args)?;
    let zone = zone(&args.zone)?;
    let office = args.office.as_deref().map(read_office).transpose()?;

    // The port first: a second server is told so before it touches the database.
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener.map_err(|error| Failure::Unreachable(format!("Cannot listen on {}: {error}.", args.listen)))?;
    let address = listener.local_addr().map_err(|error| Failure::Unreachable(error.to_string()))?;

    let default = if args.demo { "sevottam-demo.db" } else { "./sevottam.db" };
    let database = args.database.clone().unwrap_or_else(|| default.into());
    if args.sign.is_some() && AnyStore::file(&database).is_none() {
        return Err(Failure::Usage(
            "--sign: several nodes may serve PostgreSQL, and none of them holds the key. Run sevottam sign beside them, and name what it \
             shows with --checkpoints."
                .to_owned(),
        ));
    }
    if args.unsigned_max.is_some() && args.sign.is_none() && args.checkpoints.is_none() {
        return Err(Failure::Usage(
            "--unsigned-max: nothing is signed here. Name a signer with --sign, or what one shows with --checkpoints.".to_owned(),
        ));
    }
    let reserve = args.reserve.unwrap_or(if args.demo { 0 } else { RESERVE });
    let mut signer = args.sign.as_deref().map(sign::open).transpose()?;
    let store = database::open_served(&database, u64::from(reserve) << 20).await?;
    // What was signed and is lost is said before anything is served.
    if let Some(signer) = &mut signer {
        signer.round(&store).await.map_err(sign::refused)?;
    }
    let options = Options { host: args.host, zone, ..Options::default() };
    let engine = Engine::open(store, options).await.map_err(Failure::store)?;

    let refused = |refusal: &dyn std::fmt::Display| Failure::Refused(format!("The office cannot be set up: {refusal}."));
    if args.demo {
        demo::set_up(&engine).await?;
    }
    if let Some(office) = &office {
        set_up(&engine, office).await.map_err(|refusal| refused(&refusal))?;
    }

    let (stop, stopped) = watch::channel(false);
    let shown = args.sign.map(|folder| folder.join(PUBLISHED)).or(args.checkpoints);
    if let Some(shown) = shown.clone() {
        tokio::spawn(engine.clone().take_in(shown, stopped.clone()));
    }
    let evidence = Arc::new(shown.map_or_else(Evidence::default, Evidence::new));
    if signer.is_none() && evidence.is_shown() {
        tokio::spawn(Arc::clone(&evidence).watch(stopped.clone()));
    }
    if let Some(minutes) = args.unsigned_max {
        tokio::spawn(Arc::clone(&evidence).guard(engine.clone(), i64::from(minutes) * 60, stopped.clone()));
    }
    let mut spans = Spans::default();
    let mut sending = None;
    if let Some(collector) = args.traces {
        let (kept, recorded) = Spans::new();
        spans = kept;
        sending = Some(tokio::spawn(collector.run(args.traces_header, args.traces_service, address.to_string(), recorded)));
    }
    let app = App {
        engine: engine.clone(),
        trust: Arc::new(Trust { networks: args.trust }),
        demo: args.demo,
        evidence: Arc::clone(&evidence),
        streams: Streams::default(),
        spans,
        trials: crate::app::trial::Turn::default(),
        fonts: Fonts { folder: args.fonts },
    };
    if let Some(mut signer) = signer {
        let (signing, asking) = sign::ends(args.witness);
        let (mut checkpoints, told) = (asking.checkpoints(), Arc::clone(&evidence));
        tokio::spawn(async move {
            while checkpoints.changed().await.is_ok() {
                told.told(&checkpoints.borrow_and_update());
            }
            told.ended();
        });
        let (kept, shown) = (engine.clone(), evidence);
        tokio::spawn(async move { asking.run(kept.store(), &shown).await });
        let (engine, stopped) = (engine.clone(), stopped.clone());
        tokio::spawn(async move {
            if let Err(failure) = sign::keep(&mut signer, engine.store(), signing, stopped).await {
                tracing::error!(%failure, "nothing is signed any more");
            }
        });
    }
    let mut server = tokio::spawn(server::serve(app, listener, stopped.clone()));
    let dispatcher = tokio::spawn(engine.clone().dispatch(stopped.clone()));
    tokio::spawn(engine.clone().listen(stopped.clone()));
    let recorded = tokio::spawn(metrics::record());
    tokio::spawn(started(address, engine.clone(), stopped.clone()));
    // Before anybody is told that it runs: who knows may stop it.
    let asked_to_stop = asked_to_stop()?;
    greet(address, &database::shown(&database), args.demo);

    let (ended, ended_alone) = tokio::select! {
        signal = asked_to_stop => (signal, false),
        ended = &mut server => (Err(match ended {
            Ok(Ok(())) => Failure::Unreachable("The server ended by itself.".to_owned()),
            Ok(Err(error)) => Failure::Unreachable(format!("The server failed: {error}.")),
            Err(error) => Failure::Unreachable(format!("The server ended badly: {error}.")),
        }), true),
    };
    tracing::info!("stopping");
    recorded.abort();
    let _ = stop.send(true);
    if !ended_alone && tokio::time::timeout(SERVER_STOP, &mut server).await.is_err() {
        tracing::warn!("some requests were not answered in time and are dropped");
        server.abort();
    }
    if let Some(sending) = sending {
        // What was recorded last; a collector that is slow is not waited for.
        let _ = tokio::time::timeout(TRACES_STOP, sending).await;
    }
    if tokio::time::timeout(STORE_STOP, async { tokio::join!(engine.stop(), dispatcher) }).await.is_err() {
        tracing::warn!("the engine did not stop in time");
    }
    // Whatever was acknowledged is durable; closing only tidies the file.
    match tokio::time::timeout(STORE_STOP, engine.store().close()).await {
        Ok(Ok(())) => tracing::info!("stopped"),
        Ok(Err(error)) => tracing::warn!(%error, "the database could not be closed"),
        Err(_) => tracing::warn!("the database was not closed in time"),
    }
    ended
}

/// Notes what serves here, beside everything else: the file of the program has to be read for it.
async fn started(address: SocketAddr, engine: app::Engine, stop: watch::Receiver<bool>) {
    let stopping = stop.clone();
    let program = tokio::task::spawn_blocking(move || program(&stopping)).await;
    let program = match program {
        Ok(Ok(Some(program))) => program,
        Ok(Ok(None)) => return,
        Ok(Err(error)) => return tracing::error!(%error, "the program's file cannot be read; its start is not recorded"),
        Err(error) => return tracing::error!(%error, "the start of the program is not recorded"),
    };
    let machine = rustix::system::uname();
    let node = format!("{} {address}", machine.nodename().to_string_lossy());
    engine.note_start(Started { version: env!("CARGO_PKG_VERSION").to_owned(), program, node }, stop).await;
}

/// SHA-256 of the file of this program; none where it is to stop before that is reckoned.
fn program(stop: &watch::Receiver<bool>) -> std::io::Result<Option<Hash>> {
    // What runs, also where its file was replaced meanwhile.
    let path = if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { std::env::current_exe()? };
    let (mut file, mut end) = (std::fs::File::open(path)?, Ok(true));
    let hash = Hash::of_parts(std::iter::from_fn(|| {
        if *stop.borrow() {
            end = Ok(false);
            return None;
        }
        std::thread::sleep(REST);
        let mut part = Vec::new();
        end = file.by_ref().take(PART).read_to_end(&mut part).map(|_| true);
        (!part.is_empty() && end.is_ok()).then_some(part)
    }));
    Ok(end?.then_some(hash))
}

/// Anyone who can connect can say who they are, unless someone in between has asked them.
fn check_listen(args: &Args) -> Result<(), Failure> {
    let to = args.listen;
    if to.ip().is_loopback() {
        return Ok(());
    }
    if args.demo {
        return Err(Failure::Usage(format!(
            "Refusing to listen on {to}: in the example office anyone may act as anyone, so it is served on a loopback address only, such as \
             127.0.0.1:8080."
        )));
    }
    if args.trust.is_empty() {
        return Err(Failure::Usage(format!(
            "Refusing to listen on {to}: requests say themselves who is asking. Put a proxy that signs people in before the server and name its \
             network with --trust-actor-header-from, or listen on a loopback address such as 127.0.0.1:8080."
        )));
    }
    Ok(())
}

fn read_office(path: &Path) -> Result<Directory, Failure> {
    let bytes = output::read(path)?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::Refused(format!("{}: {error}.", path.display())))
}

/// Logs on standard error.
pub(super) fn log(json: bool) {
    let filter = EnvFilter::try_from_env("SEVOTTAM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // A second call in one process changes nothing.
    let _ = if json { lines.json().try_init() } else { lines.try_init() };
}

fn greet(address: SocketAddr, database: &str, is_demo: bool) {
    output::line(&format!("Sevottam is at http://{address}/ with the database {database}."));
    if is_demo {
        output::line(&demo::welcome(address));
    }
    output::line("Stop it with Ctrl-C.");
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) fn asked_to_stop() -> Result<impl Future<Output = Result<(), Failure>>, Failure> {
    let failed = |error: std::io::Error| Failure::Unreachable(format!("Signals cannot be watched: {error}."));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
        }
    })
}
