//! Witnesses are asked for cosignatures beside the signing: it waits for none of them, whatever they do or leave undone.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::{StatusCode, Uri, header};
use engine::evidence::{Cosignature, EvidenceError, Note, Submission, WitnessKey, consistency};
use engine::model::limits::WITNESS_ANSWER_BYTES_MAX;
use engine::runtime::clock::{Clock as _, SystemClock};
use engine::store::AnyStore;
use futures_util::future::join_all;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::app::evidence::{Evidence, LogName, NoEvidence};
use crate::cli::client::{Client, ClientError};
use crate::cli::witness::SIZE_TYPE;

/// How long an answer may take, the connection included.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// How long whoever gave no cosignature is left alone: longer each time.
const REST_MIN: Duration = Duration::from_secs(1);
const REST_MAX: Duration = Duration::from_mins(1);
/// Sizes that a witness may name until it knows which it has: others may have asked it meanwhile.
const SIZES_MAX: usize = 3;
/// What is sent to a witness.
const TEXT: &str = "text/plain; charset=utf-8";
/// Cosignatures that wait to be shown.
const WAITING: usize = 64;

/// A witness that is asked: where it is, and its key.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Asked {
    address: String,
    path: String,
    key: WitnessKey,
}

/// Reads `URL=VKEY`.
impl std::str::FromStr for Asked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, key) = text.split_once('=').ok_or("a witness is given as URL=VKEY")?;
        let key = WitnessKey::read(key).map_err(|error| format!("{error} ({})", error.code))?;
        let uri: Uri = address.parse().map_err(|_| format!("{address:?} is no address"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.authority().is_none() || uri.query().is_some() {
            return Err(format!("{address:?} is no address of a witness, such as https://witness.example/"));
        }
        let path = format!("{}/add-checkpoint", uri.path().trim_end_matches('/'));
        Ok(Self { address: address.to_owned(), path, key })
    }
}

/// The signer's end: it tells what it has signed, and hears what was cosigned.
pub(in crate::cli) struct Signing {
    pub(super) witnesses: Vec<WitnessKey>,
    pub(super) checkpoints: watch::Sender<Vec<Note>>,
    pub(super) cosigned: mpsc::Receiver<Cosignature>,
}

/// The other end.
pub(in crate::cli) struct Asking {
    witnesses: Vec<Asked>,
    checkpoints: watch::Receiver<Vec<Note>>,
    cosigned: mpsc::Sender<Cosignature>,
}

/// Both ends.
pub(in crate::cli) fn ends(witnesses: Vec<Asked>) -> (Signing, Asking) {
    let (told, checkpoints) = watch::channel(Vec::new());
    let (cosigned, heard) = mpsc::channel(WAITING);
    let keys = witnesses.iter().map(|asked| asked.key.clone()).collect();
    (Signing { witnesses: keys, checkpoints: told, cosigned: heard }, Asking { witnesses, checkpoints, cosigned })
}

impl Asking {
    /// What was signed last, each time that something is.
    pub(in crate::cli) fn checkpoints(&self) -> watch::Receiver<Vec<Note>> {
        self.checkpoints.clone()
    }

    /// Asks until the signer ends.
    pub(in crate::cli) async fn run(self, store: &AnyStore, evidence: &Evidence) {
        let Self { witnesses, checkpoints, cosigned } = self;
        let each = witnesses.into_iter().map(|asked| {
            let (asking, ended) = (cosigned.clone(), cosigned.clone());
            let asks = Asks { asked, client: None, logs: HashMap::new(), store, evidence };
            let checkpoints = checkpoints.clone();
            async move {
                tokio::select! {
                    () = asks.run(checkpoints, asking) => {}
                    () = ended.closed() => {}
                }
            }
        });
        join_all(each).await;
    }
}

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
enum NoCosignature {
    /// Nobody answers: nothing else is asked for a while.
    #[error(transparent)]
    NoAnswer(#[from] ClientError),
    #[error("no answer within {} seconds", ANSWER_TIME.as_secs())]
    Late,
    /// What was answered is no cosignature of this log.
    #[error("{0} ({code})", code = .0.code)]
    Answer(#[from] EvidenceError),
    #[error("it refused with {0}: {1:?}")]
    Refused(StatusCode, String),
    #[error("it says that it has cosigned {0} entries, and {1} are signed")]
    Ahead(u64, u64),
    /// What is signed cannot be shown.
    #[error(transparent)]
    Evidence(#[from] NoEvidence),
}

/// How far one witness is with one log.
#[derive(Default)]
struct Log {
    /// The size that the witness knows, as far as is known here; 0 to begin with.
    has: u64,
    /// The text that it has cosigned.
    cosigned: String,
    rest: Rest,
}

/// Whoever failed is left alone for a while.
#[derive(Default)]
struct Rest {
    failures: u32,
    until: Option<Instant>,
}

impl Rest {
    fn begin(&mut self) {
        let time = REST_MIN.saturating_mul(1 << self.failures.min(16)).min(REST_MAX);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(Instant::now() + time);
    }

    fn is_over(&self) -> bool {
        self.until.is_none_or(|until| until <= Instant::now())
    }
}

/// One witness.
struct Asks<'a> {
    asked: Asked,
    client: Option<Client>,
    logs: HashMap<String, Log>,
    store: &'a AnyStore,
    evidence: &'a Evidence,
}

impl Asks<'_> {
    async fn run(mut self, mut checkpoints: watch::Receiver<Vec<Note>>, cosigned: mpsc::Sender<Cosignature>) {
        let mut rest = Rest::default();
        loop {
            let notes = checkpoints.borrow_and_update().clone();
            let (mut next, mut answers): (Option<Instant>, _) = (None, true);
            for note in notes {
                let origin = note.text.lines().next().unwrap_or_default();
                let mut log = self.logs.remove(origin).unwrap_or_default();
                if log.cosigned != note.text {
                    if !log.rest.is_over() {
                        // What is refused rests alone.
                    } else if let Err(error) = self.ask(origin, &mut log, &cosigned).await {
                        let witness = self.asked.key.name();
                        tracing::warn!(witness, log = origin, %error, "a witness has not cosigned");
                        answers = !matches!(error, NoCosignature::NoAnswer(_) | NoCosignature::Late);
                        if answers {
                            log.rest.begin();
                        }
                    } else {
                        log.rest = Rest::default();
                    }
                    next = next.into_iter().chain(log.rest.until).min();
                }
                self.logs.insert(origin.to_owned(), log);
                if !answers {
                    break;
                }
            }
            if !answers {
                // What is signed meanwhile does not make it answer.
                self.client = None;
                rest.begin();
                tokio::time::sleep_until(rest.until.unwrap_or_else(Instant::now)).await;
                continue;
            }
            rest = Rest::default();
            let rested = async {
                match next {
                    Some(next) => tokio::time::sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = checkpoints.changed() => if changed.is_err() { return },
                () = rested => {}
            }
        }
    }

    /// Asks for the newest checkpoint of a log, unless that is shown with this witness's line already.
    async fn ask(&mut self, origin: &str, log: &mut Log, cosigned: &mpsc::Sender<Cosignature>) -> Result<(), NoCosignature> {
        let name = origin.split_once('/').and_then(|(_, path)| LogName::read(path));
        let (name, _) = name.ok_or(NoEvidence::Unsigned)?;
        for _ in 0..=SIZES_MAX {
            let newest = self.evidence.newest(&name).await?;
            if let Ok(Some(_)) = self.asked.key.time(&newest.note) {
                (log.has, log.cosigned) = (newest.checkpoint.size, newest.note.text);
                return Ok(());
            }
            let size = newest.checkpoint.size;
            if log.has > size {
                // It may have been told of a restore, or of another history; or it lies.
                return Err(NoCosignature::Ahead(std::mem::take(&mut log.has), size));
            }
            let (old, mut size, mut proof, mut checkpoint) = (log.has, size, Vec::new(), newest.note);
            if let Some(last) = old.checked_sub(1).filter(|_| old < size) {
                let (path, leaf, newest) = self.evidence.proof(self.store, &name, last).await?;
                size = newest.checkpoint.size;
                proof = consistency(&leaf, last, size, &path.path);
                checkpoint = newest.note;
            }
            let submission = Submission { old, proof, checkpoint };
            let (status, kind, answer) = self.send(&submission).await?;
            let told = String::from_utf8_lossy(&answer);
            match status {
                StatusCode::OK => {
                    let cosignature = self.asked.key.accept(&submission.checkpoint, &answer, SystemClock.now())?;
                    (log.has, log.cosigned) = (size, submission.checkpoint.text);
                    // Where nobody hears it any more, everything ends.
                    let _ = cosigned.send(cosignature).await;
                    return Ok(());
                }
                StatusCode::CONFLICT if kind == SIZE_TYPE => {
                    let told = told.trim_end().parse().ok().filter(|told| *told != old);
                    log.has = told.ok_or_else(|| NoCosignature::Refused(status, "no other size".to_owned()))?;
                }
                _ => return Err(NoCosignature::Refused(status, told.trim_end().chars().take(200).collect())),
            }
        }
        Err(NoCosignature::Refused(StatusCode::CONFLICT, "another size each time".to_owned()))
    }

    /// Status, type and body of the answer, on the connection that is kept or a new one.
    async fn send(&mut self, submission: &Submission) -> Result<(StatusCode, String, Vec<u8>), NoCosignature> {
        let (asked, kept) = (&self.asked, self.client.take());
        let body = submission.to_string().into_bytes();
        let exchange = async {
            if let Some(mut client) = kept
                && let Ok(answer) = client.post(&asked.path, TEXT, body.clone(), WITNESS_ANSWER_BYTES_MAX).await
            {
                return Ok((client, answer));
            }
            // One that was kept may have been closed since.
            let mut client = Client::connect(&asked.address).await?;
            let answer = client.post(&asked.path, TEXT, body, WITNESS_ANSWER_BYTES_MAX).await?;
            Ok::<_, ClientError>((client, answer))
        };
        let exchanged = tokio::time::timeout(ANSWER_TIME, exchange).await.map_err(|_| NoCosignature::Late)?;
        let (client, (status, headers, answer)) = exchanged?;
        self.client = Some(client);
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        Ok((status, kind, answer.to_vec()))
    }
}
