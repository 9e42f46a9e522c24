//! What offices send one another: made from what is signed, and taken in after its proof was checked under the key that the office recognises.

use std::sync::Arc;

use engine::evidence::bundle::{Finding, Policy, Verdict};
use engine::evidence::extract::{self, Extract, ExtractKind, Sent, pack};
use engine::evidence::{EvidenceError, Key};
use engine::journal::amendment::{Acknowledgement, Exchange};
use engine::journal::{Command, Envelope};
use engine::machine::Rejection;
use engine::machine::control::Recall;
use engine::model::problem::short;
use engine::model::{Problem, UnitId};
use engine::runtime::bundle::{NoBundle, Signed};
use engine::runtime::extract::{Wanted, acknowledgement, issues, withdrawal};
use engine::runtime::{Accepted, Refusal};

use super::bundle::{NotMade, newest};
use super::evidence::NoEvidence;
use super::heavy::heavy;
use super::{App, Identity};

/// An amendment with these issues. The same while nothing new is signed.
///
/// # Errors
/// When one is not signed yet, it would be too large, or another file is being made.
pub async fn amendment(app: &App, wanted: &[Wanted]) -> Result<Vec<u8>, NotMade> {
    let (of, wanted) = (app.clone(), wanted.to_vec());
    alone(app, async move {
        let signed = newest(&of, &UnitId::site()).await?;
        let lines = issues(of.engine.store(), &signed, &wanted).await?;
        packed(&of, ExtractKind::Amendment, signed, lines).await
    })
    .await
}

/// That an issue was withdrawn, for other offices that have it.
///
/// # Errors
/// When it is not signed yet, or another file is being made.
pub async fn withdrawn(app: &App, recall: &Recall) -> Result<Vec<u8>, NotMade> {
    let (of, recall) = (app.clone(), recall.clone());
    alone(app, async move {
        let signed = newest(&of, &UnitId::site()).await?;
        let lines = withdrawal(of.engine.store(), &signed, &recall).await?;
        packed(&of, ExtractKind::Withdrawal, signed, lines).await
    })
    .await
}

/// What was said of a received edition to the office that issued it.
///
/// # Errors
/// When it is not signed yet, or another file is being made.
pub async fn acknowledged(app: &App, told: &Acknowledgement) -> Result<Vec<u8>, NotMade> {
    let (of, told) = (app.clone(), told.clone());
    alone(app, async move {
        let signed = newest(&of, &UnitId::site()).await?;
        let lines = acknowledgement(of.engine.store(), &signed, &told).await?;
        packed(&of, ExtractKind::Acknowledgement, signed, lines).await
    })
    .await
}

/// Each reads and decodes the whole site log: one is made at a time, off the threads that answer, and nobody waits in a queue. What was begun goes on
/// when whoever asked hangs up, so that no second one begins beside it.
async fn alone(app: &App, work: impl Future<Output = Result<Vec<u8>, NotMade>> + Send + 'static) -> Result<Vec<u8>, NotMade> {
    let alone = Arc::clone(&app.evidence.extracting).try_lock_owned().map_err(|_| Refusal::Busy)?;
    let here = tokio::runtime::Handle::current();
    let made = tokio::task::spawn_blocking(move || {
        let _alone = alone;
        here.block_on(work)
    });
    made.await.map_err(|error| NoEvidence::Broken(format!("the file could not be made: {error}")))?
}

async fn packed(app: &App, kind: ExtractKind, signed: Signed, lines: String) -> Result<Vec<u8>, NotMade> {
    let host = app.engine.options().host.clone();
    let packed = heavy(move || pack(&host, kind, &signed.path, &signed.note, &lines)).await;
    Ok(packed.ok_or(NoBundle::TooLarge)??)
}

/// All of it was there already.
const KNOWN: [&str; 3] = ["amendment.known", "acknowledgement.known", "withdrawal.known"];

/// What was taken in.
pub struct Taken {
    /// What it is.
    pub extract: Extract,
    /// The entry; none where all of it was there already.
    pub accepted: Option<Accepted>,
}

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It cannot be read.
    #[error(transparent)]
    Malformed(#[from] EvidenceError),
    /// No office is recognised by a key of this host.
    #[error("no office is recognised by a key of {0}")]
    Unknown(String),
    /// It is not what was signed.
    #[error("it is not what was signed")]
    Found(Vec<Finding>),
    /// It is for another office.
    #[error("it is for {0}")]
    Elsewhere(String),
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The program failed at it.
    #[error("the program failed at it")]
    Failed,
}

impl NotTaken {
    /// As a refusal with its code; none where the program failed at it.
    pub fn refusal(self) -> Option<Refusal> {
        Some(Refusal::Rejected(match self {
            Self::Malformed(error) => Rejection::invalid("amendment.malformed", format!("{} ({})", error.message, error.code)),
            Self::Unknown(host) => {
                let host = short(&host);
                let message =
                    format!("No office is recognised by a key of {host}. Recognise it by office order, with its key from paper.");
                Rejection::forbidden("amendment.unknown-office", message)
            }
            Self::Found(findings) => {
                let places = findings.into_iter().map(|one| Problem::error(one.code, "", one.message)).collect();
                let message = "The file is not what the office has signed that it names.";
                Rejection::invalid("amendment.tampered", message).with(places)
            }
            Self::Elsewhere(host) => {
                let host: String = host.chars().filter(|c| !c.is_control()).collect();
                let message = format!("It acknowledges an amendment of {}, which this office is not.", short(&host));
                Rejection::invalid("acknowledgement.elsewhere", message)
            }
            Self::Refused(refusal) => return Some(refusal),
            Self::Failed => return None,
        }))
    }
}

/// Takes in an amendment, a withdrawal or an acknowledgement.
///
/// # Errors
/// When it is not what an office that is recognised has signed, or is refused.
pub async fn take_in(app: &App, who: &Identity, key: &str, archive: Vec<u8>) -> Result<Taken, NotTaken> {
    let office = app.engine.office();
    let checked = heavy(move || {
        let host = extract::host_of(&archive)?;
        let known = office.controls.offices.get(&host).ok_or(NotTaken::Unknown(host))?;
        let policy = Policy { keys: vec![Key::read(&known.key)?], ..Policy::default() };
        let (extract, report) = extract::verify(&archive, &policy);
        match extract.filter(|_| report.verdict() == Verdict::Verified) {
            Some(extract) => Ok((extract, known.key.clone())),
            None => Err(NotTaken::Found(report.findings)),
        }
    });
    let (extract, vkey) = checked.await.ok_or(NotTaken::Failed)??;
    let source = extract.source.clone();
    let exchange = match &extract.sent {
        Sent::Amendment(issues) => {
            let editions = issues.iter().map(|issue| issue.edition.clone()).collect();
            Exchange::Receive { source, key: vkey, editions }
        }
        Sent::Withdrawal(told) => Exchange::HearWithdrawal { source, key: vkey, withdrawal: told.clone() },
        Sent::Acknowledgement(told) if told.acknowledgement.to == app.engine.options().host => {
            Exchange::TakeIn { source, key: vkey, told: told.clone() }
        }
        Sent::Acknowledgement(told) => return Err(NotTaken::Elsewhere(told.acknowledgement.to.clone())),
    };
    let envelope = Envelope::new(who.actor(), key, Command::Exchange(exchange));
    match app.engine.submit(&UnitId::site(), envelope).await {
        Ok(accepted) => Ok(Taken { extract, accepted: Some(accepted) }),
        // Twice is once.
        Err(Refusal::Rejected(refused)) if KNOWN.contains(&refused.code) => Ok(Taken { extract, accepted: None }),
        Err(refusal) => Err(refusal.into()),
    }
}
