//! `witness`: cosigns the logs of other offices.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use engine::evidence::Key;
use engine::evidence::bundle::Policy;
use engine::model::limits::{POLICY_BYTES_MAX, PROOF_BYTES_MAX};
use engine::runtime::clock::{SystemClock, system_chance};
use engine::runtime::folder::FolderError;
use engine::runtime::witness::{Uncosigned, Witness};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::output::{self, Failure};
use super::serve;
use crate::server;

/// Witness the logs of other offices: cosign what follows from what was seen of them before (C2SP tlog-witness)
///
/// Offices send their newest checkpoints by `sign --witness`, or `serve --sign … --witness`. A log that was cut off, or has another history than it
/// had, gets no cosignature: so the office can show nobody a history that others do not know. What a witness learns of a log is its name, its
/// length and one hash. Nobody signs in: requests count by the signature of the office alone. It listens on loopback; before other machines
/// reach it, put a proxy with TLS in front of it.
///
/// The folder holds the key and what was seen, which belong together: never put back a copy of it, or the witness could contradict itself.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The witness's folder: its key, and the last checkpoint of every log
    #[arg(long, value_name = "FOLDER", env = "SEVOTTAM_WITNESS")]
    folder: PathBuf,
    /// Make the folder, with a new key, and print the public key
    #[arg(long, requires = "name", conflicts_with_all = ["keys", "key"])]
    init: bool,
    /// With --init: the witness's name, an address without scheme, such as witness.audit.gov.in/1
    #[arg(long, value_name = "NAME", requires = "init")]
    name: Option<String>,
    /// The offices whose logs are witnessed, each with all its logs: a file with a line `key <vkey>` for each, as `verify --policy` takes it
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The public key of one office, as `sign --init` printed it. May be repeated
    #[arg(long, value_name = "VKEY")]
    key: Vec<String>,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Log JSON lines
    #[arg(long)]
    log_json: bool,
}

/// How long the body of a request may take.
const BODY_TIME: Duration = Duration::from_secs(10);
/// Requests that are worked on at the same time; one more is refused as busy.
const REQUESTS_MAX: usize = 64;
/// What may be under way has so long to end.
const STOP: Duration = Duration::from_secs(15);

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    if args.init {
        let chance: engine::runtime::Chance = Arc::new(system_chance);
        let name = args.name.unwrap_or_default();
        let key = Witness::init(&args.folder, &name, &chance).map_err(refused)?;
        output::line(&format!("The witness's public key, for those who rely on it:\n{key}"));
        return Ok(());
    }
    serve::log(args.log_json);
    let offices = offices(&args)?;
    let count = offices.len();
    let witness = Witness::open(&args.folder, offices, Arc::new(SystemClock)).map_err(refused)?;
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener.map_err(|error| Failure::Unreachable(format!("Cannot listen on {}: {error}.", args.listen)))?;
    let address = listener.local_addr().map_err(|error| Failure::Unreachable(error.to_string()))?;
    let asked = serve::asked_to_stop()?;
    output::line(&format!("The witness {} is at http://{address}/ for {count} offices.", witness.key().name()));
    let (stop, stopped) = watch::channel(false);
    let mut serving = tokio::spawn(server::serve_routes(routes(witness), listener, stopped));
    let ended = tokio::select! {
        asked = asked => {
            let _ = stop.send(true);
            let _ = tokio::time::timeout(STOP, &mut serving).await;
            return asked;
        }
        ended = &mut serving => ended,
    };
    Err(Failure::Unreachable(format!("The witness ended by itself: {ended:?}.")))
}

/// The keys of the offices, at least one.
fn offices(args: &Args) -> Result<Vec<Key>, Failure> {
    let mut keys = Vec::new();
    if let Some(path) = &args.keys {
        let bytes = output::read_bounded(path, POLICY_BYTES_MAX).map_err(Failure::Unreachable)?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::Usage(format!("{} is not UTF-8 text.", path.display())))?;
        let policy = Policy::read(&text);
        keys = policy.map_err(|error| Failure::Usage(format!("{}: {error} ({})", path.display(), error.code)))?.keys;
    }
    for key in &args.key {
        keys.push(Key::read(key).map_err(|error| Failure::Usage(format!("--key: {error} ({})", error.code)))?);
    }
    if keys.is_empty() {
        return Err(Failure::Usage("Name the offices whose logs are witnessed, by --keys or --key.".to_owned()));
    }
    Ok(keys)
}

/// What goes wrong before anything is witnessed.
fn refused(error: Uncosigned) -> Failure {
    let code = error.code();
    match error {
        Uncosigned::Folder(FolderError::Busy(folder)) => Failure::Unreachable(format!(
            "another witness is at work in {folder}: a key and what it has seen are for one ({code})"
        )),
        Uncosigned::Folder(error) => Failure::Unreachable(format!("{error} ({code})")),
        Uncosigned::Malformed(error) => Failure::Usage(format!("{error} ({code})")),
        other => Failure::Refused(format!("{other} ({code})")),
    }
}

/// The witness, and places for requests.
struct Served {
    witness: Witness,
    places: Arc<Semaphore>,
}

fn routes(witness: Witness) -> Router {
    let served = Served { witness, places: Arc::new(Semaphore::new(REQUESTS_MAX)) };
    Router::new().route("/add-checkpoint", post(add_checkpoint)).with_state(Arc::new(served))
}

async fn add_checkpoint(State(served): State<Arc<Served>>, body: Body) -> Response {
    let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, PROOF_BYTES_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long, or broke off"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the request did not come in time"),
    };
    // Only what has come takes a place: whoever dawdles keeps nobody out.
    let Ok(place) = Arc::clone(&served.places).try_acquire_owned() else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "too many requests are being worked on: try again in a moment");
    };
    // It waits for the disk. Whoever hangs up meanwhile cancels nothing.
    let added = tokio::task::spawn_blocking(move || {
        let added = served.witness.add(&body);
        drop(place);
        added
    });
    let Ok(added) = added.await else { return plain(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed") };
    let why = match added {
        Ok(line) => return plain(StatusCode::OK, line.trim_end()),
        Err(why) => why,
    };
    let status = match &why {
        Uncosigned::Malformed(_) | Uncosigned::Backwards => StatusCode::BAD_REQUEST,
        Uncosigned::Unknown => StatusCode::NOT_FOUND,
        Uncosigned::Untrusted(_) => StatusCode::FORBIDDEN,
        Uncosigned::Size(size) => {
            let kind = [(header::CONTENT_TYPE, SIZE_TYPE)];
            return (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response();
        }
        Uncosigned::Forked => StatusCode::CONFLICT,
        Uncosigned::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
        Uncosigned::Full => StatusCode::INSUFFICIENT_STORAGE,
        Uncosigned::Folder(error) => {
            tracing::error!(%error, "a checkpoint cannot be remembered, and is not cosigned");
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "the checkpoint cannot be remembered");
        }
    };
    // Most of them anybody can bring about, as often as they like.
    match why {
        Uncosigned::Inconsistent | Uncosigned::Full => tracing::warn!(%why, "a checkpoint is not cosigned"),
        _ => tracing::debug!(%why, "a checkpoint is not cosigned"),
    }
    plain(status, &format!("{why} ({})", why.code()))
}

/// The type of an answer that is the size of the checkpoint cosigned last.
pub(super) const SIZE_TYPE: &str = "text/x.tlog.size";

fn plain(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{text}\n")).into_response()
}
