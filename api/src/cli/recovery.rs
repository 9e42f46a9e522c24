//! `recovery make` and `recovery sign`: the keys of the officers without whom no new epoch counts, and what they state. Neither needs a network or a
//! database: the keys live away from the signer.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use engine::evidence::{EvidenceError, Key, Note, PrivateKey, change};
use engine::journal::event::KeyChange;
use engine::model::limits::NOTE_BYTES_MAX;
use engine::runtime::clock::system_chance;

use super::EXIT_CODES;
use super::anchor::write_new;
use super::output::{self, Failure};

/// Recovery keys: officers sign the declaration of a new epoch
///
/// When the signer's key is lost or stolen, or its database was put back, its logs go on under new names. Whoever relies on recovery keys takes that
/// from nobody alone: so many officers as the policy says must have signed the declaration. Each keeps a key of their own, away from the office's machines.
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
    Sign(Sign),
}

/// Make an officer's recovery key, and print the public key
#[derive(Debug, clap::Args)]
struct Make {
    /// The file of the key, for the officer's eyes alone. One that is there is left as it is
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The name of the key, such as recovery-1.office.example: the post rather than the person
    #[arg(long, value_name = "NAME")]
    name: String,
}

/// Show the declaration of a new epoch, and sign it
///
/// What is signed is printed: read it first, without --out. Hold the sizes and roots against the register.
#[derive(Debug, clap::Args)]
struct Sign {
    /// The declaration, as it lies below `log/keys` in the signer's folder, or with the lines of other officers
    #[arg(value_name = "FILE")]
    statement: PathBuf,
    /// The file of the officer's key
    #[arg(long, value_name = "FILE", requires = "out")]
    key: Option<PathBuf>,
    /// The file to write: the declaration with this officer's line too. One that is there is left as it is
    #[arg(long, value_name = "FILE", requires = "key")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Make(args) => make(args),
        Command::Sign(args) => sign(args),
    }
}

fn make(args: &Make) -> Result<(), Failure> {
    let mut seed = [0; 32];
    system_chance(&mut seed);
    let key = PrivateKey::new(&args.name, &seed).map_err(|error| Failure::Usage(format!("--name: {error}")))?;
    let file = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&args.key);
    file.and_then(|mut file| file.write_all(format!("{}\n", key.secret()).as_bytes()).and_then(|()| file.sync_all()))
        .map_err(|error| output::unwritable(&args.key, &error))?;
    output::line(&key.key().to_string());
    Ok(())
}

fn sign(args: &Sign) -> Result<(), Failure> {
    let mut note = read(&args.statement)?;
    let path = &args.statement;
    let KeyChange::Declared(declared) = change::read(&note.text).map_err(|error| refused(path, &error))? else {
        return Err(Failure::Refused(format!("{}: it declares no new epoch (change.malformed)", path.display())));
    };
    // The key that it names must have signed it: else it is not what a signer shows.
    let key = Key::read(&declared.key).map_err(|error| refused(path, &error))?;
    note.verify(std::slice::from_ref(&key)).map_err(|error| refused(path, &error))?;
    output::text(&note.text);
    let (Some(path), Some(out)) = (&args.key, &args.out) else { return Ok(()) };
    let secret = output::read_bounded(path, NOTE_BYTES_MAX).map_err(Failure::Unreachable)?;
    let key = PrivateKey::read(String::from_utf8_lossy(&secret).trim_end()).map_err(|error| refused(path, &error))?;
    let name = key.key().name().to_owned();
    let line = key.sign(&name, &note.text).map_err(|error| refused(path, &error))?.signatures;
    note.signatures.extend(line.into_iter().filter(|line| !note.signatures.contains(line)).collect::<Vec<_>>());
    write_new(out, note.to_string().as_bytes())?;
    output::line(&format!("\nSigned as {name}: {}", out.display()));
    Ok(())
}

/// A note of a file.
pub(super) fn read(path: &Path) -> Result<Note, Failure> {
    let bytes = output::read_bounded(path, NOTE_BYTES_MAX).map_err(Failure::Unreachable)?;
    Note::read(&bytes).map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &EvidenceError) -> Failure {
    Failure::Refused(format!("{}: {error} ({})", path.display(), error.code))
}
