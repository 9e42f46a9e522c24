//! `fork make` and `fork check`: that a log was signed with two histories, proved by a file that anybody can check.

use std::path::{Path, PathBuf};

use engine::evidence::bundle::Bundle;
use engine::evidence::{EvidenceError, Fork, Forked, Key, Note, Proof, read_notes};
use engine::model::limits::{BUNDLE_BYTES_MAX, FORK_BYTES_MAX};

use super::EXIT_CODES;
use super::anchor::write_new;
use super::output::{self, Failure};

/// Prove that a log was signed with two histories
///
/// Whoever has two checkpoints of one log that contradict each other holds the proof that its signer was at fault. It is written as one small
/// file, which anybody can check with nothing but the log's key.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    Make(Make),
    #[command(after_help = EXIT_CODES)]
    Check(Check),
}

/// Write the proof, of two files that hold checkpoints of one log
///
/// Each is a checkpoint as it is served or as a witness keeps it, an anchor, a `.tlog-proof`, or a bundle. Where the sizes differ, the greater is
/// to be in a bundle that was made with --at and the smaller size.
#[derive(Debug, clap::Args)]
struct Make {
    /// One file
    #[arg(value_name = "FILE")]
    one: PathBuf,
    /// The other
    #[arg(value_name = "FILE")]
    other: PathBuf,
    /// The public key of the office, or of the log; may be repeated where it was changed
    #[arg(long, value_name = "VKEY", required = true)]
    key: Vec<String>,
    /// The file to write. One that is there is left as it is
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Check such a file, and say what it proves
#[derive(Debug, clap::Args)]
struct Check {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The public key of the office, or of the log, from paper; may be repeated where it was changed
    #[arg(long, value_name = "VKEY", required = true)]
    key: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Make(args) => make(args),
        Command::Check(args) => check(args),
    }
}

fn make(args: &Make) -> Result<(), Failure> {
    let keys = keys(&args.key)?;
    let (one, other) = (read(&args.one)?, read(&args.other)?);
    let (one_bundle, other_bundle) = (bundle(&args.one, &one)?, bundle(&args.other, &other)?);
    let sides = [notes(&args.one, &one, one_bundle.as_ref())?, notes(&args.other, &other, other_bundle.as_ref())?];
    let logs: Vec<_> = [&one_bundle, &other_bundle].into_iter().flatten().flat_map(|bundle| &bundle.logs).collect();
    let mut why = None;
    for (own, others) in sides[0].iter().flat_map(|own| sides[1].iter().map(move |others| (own, others))) {
        if own.text.lines().next() != others.text.lines().next() {
            continue;
        }
        let tried = (0..=logs.len()).map(|number| {
            let fork = Fork::new(own.clone(), others.clone(), logs.get(number).copied())?;
            fork.verify(&keys).map(|forked| (fork, forked))
        });
        for tried in tried {
            match tried {
                Ok((fork, forked)) => {
                    write_new(&args.out, fork.to_string().as_bytes())?;
                    output::text(&told(&forked));
                    return Ok(());
                }
                // What speaks of the two themselves says more than that a tree is wanting.
                Err(error) if why.as_ref().is_none_or(|why: &EvidenceError| why.code == "fork.tree") => why = Some(error),
                Err(_) => {}
            }
        }
    }
    Err(why.map_or_else(
        || Failure::Refused("The two files have no checkpoints of one log. (fork.logs)".to_owned()),
        |error| refused(&error),
    ))
}

fn check(args: &Check) -> Result<(), Failure> {
    let keys = keys(&args.key)?;
    let bytes = output::read_bounded(&args.file, FORK_BYTES_MAX).map_err(Failure::Unreachable)?;
    let forked = Fork::read(&bytes).and_then(|fork| fork.verify(&keys)).map_err(|error| refused(&error))?;
    output::text(&told(&forked));
    Ok(())
}

fn told(forked: &Forked) -> String {
    let Forked { log, size, roots: [one, other], sizes: [smaller, greater], keys: [own, others] } = forked;
    format!(
        "{log}\n  signed for {smaller} entries by {own}\n  signed for {greater} entries by {others}\n  root over the first {size} entries: {one} in the \
         one, {other} in the other\nFORK PROVED: the log was signed with two histories. Whoever had its key did that: no accident of a disk or a \
         network makes such a pair.\n"
    )
}

fn keys(texts: &[String]) -> Result<Vec<Key>, Failure> {
    let keys = texts.iter().map(|key| Key::read(key)).collect::<Result<_, _>>();
    keys.map_err(|error| Failure::Usage(format!("--key: {error} ({})", error.code)))
}

fn refused(error: &EvidenceError) -> Failure {
    Failure::Refused(format!("{error} ({})", error.code))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    output::read_bounded(path, BUNDLE_BYTES_MAX).map_err(Failure::Unreachable)
}

/// The bundle, where the file is one.
fn bundle<'a>(path: &Path, bytes: &'a [u8]) -> Result<Option<Bundle<'a>>, Failure> {
    if !bytes.starts_with(b"PK") {
        return Ok(None);
    }
    Bundle::read(bytes).map(Some).map_err(|error| Failure::Refused(format!("{}: {error} ({})", path.display(), error.code)))
}

/// The checkpoints in a file.
fn notes(path: &Path, bytes: &[u8], bundle: Option<&Bundle<'_>>) -> Result<Vec<Note>, Failure> {
    if let Some(bundle) = bundle {
        return Ok(bundle.logs.iter().map(|log| log.checkpoint.clone()).collect());
    }
    let read = if bytes.starts_with(b"c2sp.org/tlog-proof") {
        Proof::read(bytes).map(|proof| vec![proof.checkpoint])
    } else {
        read_notes(&String::from_utf8_lossy(bytes))
    };
    read.map_err(|error| Failure::Refused(format!("{}: {error} ({})", path.display(), error.code)))
}
