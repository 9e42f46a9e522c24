//! `sign`: the signer of the installation, beside the database or inside `serve`.

mod witnesses;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::evidence::{Anchor, Key, Note};
use engine::model::limits::ANCHOR_BYTES_MAX;
use engine::runtime::clock::{Clock as _, SystemClock, system_chance};
use engine::runtime::signer::{self, PUBLISHED, Signer, SignerError};
use engine::store::AnyStore;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::database::{self, ADDRESS};
use super::output::{self, Failure};
use super::recovery;
use super::serve;
use super::verify;
use crate::app::evidence::Evidence;

pub(super) use witnesses::{Asked, Signing, ends};

/// Sign checkpoints of the logs
///
/// One signer holds the key of an installation. It signs what is committed, never less than before, and keeps what it has signed in its
/// folder, beside the database and its backups. An SQLite database is signed by `serve --sign`, or by this while nobody serves it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The signer's folder: its key, its state, and below `log` the checkpoints that it shows
    #[arg(long, value_name = "FOLDER", env = "SEVOTTAM_SIGNER")]
    folder: PathBuf,
    /// The database
    #[arg(long, value_name = ADDRESS, env = "SEVOTTAM_DATABASE", required_unless_present_any = ["init", "recovery", "statement"])]
    database: Option<String>,
    /// Make the folder, with a new key, and print the public key
    #[arg(long, conflicts_with_all = ["once", "declare_restore"])]
    init: bool,
    /// With --init: the host name of the installation, as `serve` has it
    #[arg(long, default_value = "office.example", value_name = "NAME")]
    host: String,
    /// Sign once and end
    #[arg(long)]
    once: bool,
    /// Declare that the database was restored and has lost entries that were signed: its logs go on under a new epoch. The reason is public for ever:
    /// name an order, and no people
    #[arg(long, value_name = "REASON")]
    declare_restore: Option<String>,
    /// Hand over to a new key: every log is signed by both as it stands, and by the new one alone from then on; the old one is destroyed. Prints
    /// the policy by which both are relied on, each for its sizes
    #[arg(long, conflicts_with_all = ["init", "once", "declare_restore"])]
    rotate: bool,
    /// The key was lost, or may be in other hands: its logs go on under a new epoch, with a new key. The reason is public for ever: name an order, and no
    /// people. Prints the declarations and the policy
    #[arg(long, value_name = "REASON", conflicts_with_all = ["init", "once", "declare_restore", "rotate"])]
    new_key: Option<String>,
    /// With --new-key, where the signer's folder is lost: the last anchor of the register. --folder is then a new one
    #[arg(long, value_name = "ANCHOR", requires_all = ["new_key", "policy"])]
    after: Option<PathBuf>,
    /// With --after: the policy on paper, which has the lost key and those before it
    #[arg(long, value_name = "FILE", requires = "after")]
    policy: Option<PathBuf>,
    /// Declare this recovery key, as `recovery make` printed it: no new epoch counts, to whoever relies on it, without its officers. May be repeated,
    /// and is done once; prints the policy
    #[arg(long, value_name = "VKEY", requires = "recovery_quorum", conflicts_with_all = ["once", "declare_restore", "rotate", "new_key"])]
    recovery: Vec<String>,
    /// With --recovery: how many of these officers are to sign
    #[arg(long, value_name = "NUMBER", requires = "recovery")]
    recovery_quorum: Option<u32>,
    /// Show what recovery officers have signed, as `recovery sign` left it: the declaration of new epochs, with their lines. May be repeated
    #[arg(long, value_name = "FILE", conflicts_with_all = ["init", "once", "declare_restore", "rotate", "new_key", "recovery"])]
    statement: Vec<PathBuf>,
    /// Ask this witness to cosign every checkpoint: its address, and its public key as `witness --init` printed it. May be repeated
    #[arg(long, value_name = "URL=VKEY", conflicts_with_all = ["init", "once", "declare_restore", "rotate", "new_key", "recovery", "statement"])]
    witness: Vec<Asked>,
}

/// How long between two looks at the logs.
pub(super) const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    if args.init {
        let chance: engine::runtime::Chance = std::sync::Arc::new(system_chance);
        let key = Signer::init(&args.folder, &args.host, &chance).map_err(refused)?;
        output::line(&format!("The signer's public key, for the paper on which others rely:\n{key}"));
    }
    if !args.recovery.is_empty() {
        return declare_recovery(&args, &mut open(&args.folder)?);
    }
    if args.init {
        return Ok(());
    }
    if !args.statement.is_empty() {
        return show_statements(&args.statement, &open(&args.folder)?);
    }
    // Where the folder is lost, there is none to open yet.
    let mut signer = if args.after.is_some() { None } else { Some(open(&args.folder)?) };
    let store = Arc::new(database::open_existing(args.database.as_deref().unwrap_or_default()).await?);
    let done = match &mut signer {
        Some(signer) => work(&args, signer, &store).await,
        None => begin_elsewhere(&args, &store).await,
    };
    store.close().await.map_err(Failure::store)?;
    done
}

/// The recovery keys of the installation.
fn declare_recovery(args: &Args, signer: &mut Signer) -> Result<(), Failure> {
    let keys: Result<Vec<Key>, _> = args.recovery.iter().map(|key| Key::read(key)).collect();
    let keys = keys.map_err(|error| Failure::Usage(format!("--recovery: {error}")))?;
    let quorum = args.recovery_quorum.unwrap_or_default();
    signer.declare_recovery(&keys, quorum, SystemClock.now()).map_err(refused)?;
    output::line("# The recovery keys are declared. What follows is the policy, for paper:");
    output::text(&signer.policy().map_err(refused)?);
    Ok(())
}

/// What recovery officers have signed.
fn show_statements(files: &[PathBuf], signer: &Signer) -> Result<(), Failure> {
    for path in files {
        let note = recovery::read(path)?;
        let officers = signer.recovered(&note).map_err(refused)?;
        output::line(&format!(
            "{}: signed by {officers} recovery officers; shown, and taken into the site log within a minute",
            path.display()
        ));
    }
    Ok(())
}

/// A new folder and a new key, where the old ones are lost.
async fn begin_elsewhere(args: &Args, store: &Arc<AnyStore>) -> Result<(), Failure> {
    let (Some(path), Some(policy), Some(reason)) = (&args.after, &args.policy, &args.new_key) else {
        return Err(Failure::Usage("--after is given with --new-key and --policy".to_owned()));
    };
    let policy = verify::read_policy(policy).map_err(Failure::Usage)?;
    let host = policy.keys.first().map_or("", Key::name);
    // Those before the lost one have signed what was given up, each under the names of logs.
    let keys: Vec<Key> = policy.keys.iter().cloned().chain(policy.ranged.iter().map(|one| one.key.named(host))).collect();
    let bytes = output::read_bounded(path, ANCHOR_BYTES_MAX).map_err(Failure::Unreachable)?;
    let anchor = Anchor::read(&bytes, &keys);
    let anchor = anchor.map_err(|error| Failure::Refused(format!("{}: {error} ({})", path.display(), error.code)))?;
    let (chance, because): (engine::runtime::Chance, _) = (Arc::new(system_chance), (reason.as_str(), SystemClock.now()));
    let begun = signer::begin_elsewhere(&args.folder, &**store, &anchor, &policy, because, &chance).await;
    let (signer, notes) = begun.map_err(refused)?;
    tell(&notes, &signer)
}

/// Declarations, and where they are shown for recovery officers, as remarks, so that all of it is a policy.
fn tell(notes: &[Note], signer: &Signer) -> Result<(), Failure> {
    for line in notes.iter().map(Note::to_string).collect::<String>().lines() {
        output::line(format!("# {line}").trim_end());
    }
    for path in signer.changes() {
        output::line(&format!("# for recovery officers to sign: {PUBLISHED}/{path}"));
    }
    output::text(&signer.policy().map_err(refused)?);
    Ok(())
}

async fn work(args: &Args, signer: &mut Signer, store: &Arc<AnyStore>) -> Result<(), Failure> {
    let chance: engine::runtime::Chance = Arc::new(system_chance);
    if args.rotate {
        signer.rotate(&**store, SystemClock.now(), &chance).await.map_err(refused)?;
        output::line(
            "# The key was changed: every log was signed by both keys as it stands, and is signed by the new one alone from now on.",
        );
        output::line(
            "# The old key was written over and removed from the folder. Destroy the copies of the folder too, before a witness.",
        );
        output::line("# What follows is the policy by which both are relied on, for paper:");
        output::text(&signer.policy().map_err(refused)?);
        return Ok(());
    }
    if let Some(reason) = &args.new_key {
        let notes = signer.begin_anew(&**store, reason, SystemClock.now(), &chance).await.map_err(refused)?;
        return tell(&notes, signer);
    }
    if let Some(reason) = &args.declare_restore {
        let now = SystemClock.now();
        let notes = signer.declare_restore(&**store, reason, now).await.map_err(refused)?;
        return tell(&notes, signer);
    }
    if args.once {
        signer.round(&**store).await.map_err(refused)?;
        for note in signer.checkpoints() {
            output::text(&note.to_string());
        }
        return Ok(());
    }
    serve::log(false);
    let (stop, stopped) = watch::channel(false);
    let asked = serve::asked_to_stop()?;
    let (signing, asking) = ends(args.witness.clone());
    let (evidence, kept) = (Evidence::new(args.folder.join(PUBLISHED)), Arc::clone(store));
    tokio::spawn(async move { asking.run(&kept, &evidence).await });
    tokio::select! {
        ended = keep(signer, store, signing, stopped) => ended,
        asked = asked => {
            // Nothing is half done between two rounds, and a round that breaks off leaves the old state or the new one.
            let _ = stop.send(true);
            asked
        }
    }
}

/// Takes a signer's folder.
pub(super) fn open(folder: &Path) -> Result<Signer, Failure> {
    Ok(Signer::open(folder).map_err(refused)?.with_clock(Arc::new(SystemClock)))
}

/// Signs now, and every second what is new, until `stop` turns true; and shows the cosignatures that come meanwhile.
///
/// # Errors
/// When a log is not what was signed before: somebody has to look.
pub(super) async fn keep(
    signer: &mut Signer,
    store: &AnyStore,
    mut signing: Signing,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    if let Err(error) = signer.asks(&signing.witnesses) {
        tracing::warn!(%error, "it cannot be shown which witnesses are asked");
    }
    signing.checkpoints.send_replace(signer.checkpoints());
    loop {
        tokio::select! {
            // Its turn to sign comes before every line that is to be shown.
            biased;
            _ = stop.changed() => return Ok(()),
            _ = ticks.tick() => {}
            Some(cosignature) = signing.cosigned.recv() => {
                if let Err(error) = signer.cosigned(&cosignature) {
                    tracing::warn!(%error, "a cosignature cannot be shown");
                }
                continue;
            }
        }
        match signer.round(store).await {
            Ok(0) => {}
            Ok(logs) => {
                tracing::debug!(logs, "signed");
                signing.checkpoints.send_replace(signer.checkpoints());
            }
            // The database may be back in a moment; nothing was signed.
            Err(SignerError::Store(error)) => tracing::warn!(%error, "the signer cannot read the logs"),
            Err(error) => return Err(refused(error)),
        }
    }
}

/// A refusal of the signer, with its code.
pub(super) fn refused(error: SignerError) -> Failure {
    match error {
        SignerError::Store(error) => Failure::store(error),
        SignerError::Files(_) | SignerError::Busy(_) => Failure::Unreachable(format!("{} ({})", error, error.code())),
        _ => Failure::Refused(format!("{} ({})", error, error.code())),
    }
}
