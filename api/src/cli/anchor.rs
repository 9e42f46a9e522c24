//! `anchor make`, `anchor stamp` and `anchor check`: one line a day for the numbered bound register, which holds every log.

use std::path::{Path, PathBuf};

use engine::digest::Hash;
use engine::evidence::{Anchor, EvidenceError, Key, WitnessKey};
use engine::model::limits::ANCHOR_BYTES_MAX;
use engine::runtime::clock::{Clock as _, SystemClock};
use engine::runtime::signer;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::json;

use super::output::{self, Failure};
use super::{EXIT_CODES, serve, sign, stamp};

/// Anchor the logs outside: print the day's line for the bound register, and check it later
///
/// The newest checkpoints of all logs go into a file, whose SHA-256 is the line. Whoever holds the line holds every entry up to it: nothing
/// before can be changed or left out, by nobody in the office, without that being found.
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
    Stamp(stamp::Args),
    #[command(after_help = EXIT_CODES)]
    Check(Check),
}

/// Write the newest checkpoints of all logs to a file, and print the line that holds them
///
/// Print it, or copy it by hand, into the numbered bound register; two officers sign. The file is no secret and needs no care beyond being
/// kept: send it to whoever shall be able to check, the certification body or a sister office. `anchor stamp` has an authority date it.
#[derive(Debug, clap::Args)]
struct Make {
    /// The folder of what the signer shows: the `log` below its own
    #[arg(long, value_name = "FOLDER")]
    checkpoints: PathBuf,
    /// The file to write. One that is there is left as it is
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The office's time zone, for the date
    #[arg(long, default_value = "Asia/Kolkata", value_name = "ZONE")]
    zone: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Hold a file against the line in the register, and print its checkpoints as lines of a policy for `verify`
///
/// The sizes are what `bundle --at` takes, so that a bundle can be held against them.
#[derive(Debug, clap::Args)]
struct Check {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The line's SHA-256, 64 digits; spaces between them do not matter
    #[arg(long, value_name = "DIGITS")]
    sha256: String,
    /// The office's public key, from paper, as `sign --init` printed it; may be repeated where it was changed
    #[arg(long, value_name = "VKEY", required = true)]
    key: Vec<String>,
    /// A time stamp upon the file, as `anchor stamp` wrote it: its time and authority are printed as a remark, and the lines say that all was
    /// there by then. Their signature is not checked
    /// here but by openssl, as the remark says
    #[arg(long, value_name = "FILE.tsr")]
    stamp: Option<PathBuf>,
    /// A witness whose cosignatures in the file are to tell when each checkpoint was seen: its public key, from paper. May be repeated
    #[arg(long, value_name = "VKEY")]
    witness: Vec<String>,
}

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Make(args) => make(args),
        Command::Stamp(args) => stamp::run(args).await,
        Command::Check(args) => check(args),
    }
}

fn make(args: &Make) -> Result<(), Failure> {
    let zone = serve::zone(&args.zone)?;
    let (anchor, key) = signer::shown(&args.checkpoints).map_err(sign::refused)?;
    write_new(&args.out, anchor.to_string().as_bytes())?;
    let (hash, logs) = (anchor.hash().to_string(), anchor.checkpoints().len());
    let entries: u64 = anchor.checkpoints().map(|checkpoint| checkpoint.size).sum();
    let time = SystemClock.now();
    if args.json {
        let logs = anchor.checkpoints().map(|one| json!({ "log": one.origin, "size": one.size, "root": one.root }));
        let logs: Vec<_> = logs.collect();
        output::json(
            &json!({ "host": key.name(), "time": time.to_string(), "sha256": hash, "key": key.to_string(), "logs": logs }),
        );
        return Ok(());
    }
    let (file, host) = (args.out.display(), key.name());
    let moment = time.timestamp().to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M %:z").to_string();
    let (first, second) = grouped(&hash);
    output::text(&format!(
        "Date       {moment}\nOffice     {host}\nLogs       {logs}, with {entries} entries\nSHA-256    {first}\n           {second}\n\
         File       {file}\nKey        {key}\n\n{}\nSigned     ____________________   ____________________\n",
        drawn(&format!("{host} {time} sha256:{hash}"))
    ));
    Ok(())
}

fn check(args: &Check) -> Result<(), Failure> {
    let digits: String = args.sha256.split_whitespace().collect::<String>().to_ascii_lowercase();
    let line: Hash = digits.parse().map_err(|_| Failure::Usage("--sha256: a line has 64 hexadecimal digits.".to_owned()))?;
    let keys = args.key.iter().map(|key| Key::read(key)).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|error| Failure::Usage(format!("--key: {error} ({})", error.code)))?;
    let bytes = output::read_bounded(&args.file, ANCHOR_BYTES_MAX).map_err(Failure::Unreachable)?;
    let found = Hash::of(&bytes);
    if found != line {
        return Err(Failure::Refused(format!(
            "{} is not what the line holds: its SHA-256 is {found}. Compare the digits with the register once more; if they are right, the \
             file was changed, or it is another day's. (anchor.differs)",
            args.file.display()
        )));
    }
    let refused = |error: EvidenceError| Failure::Refused(format!("{error} ({})", error.code));
    let anchor = Anchor::read(&bytes, &keys).map_err(refused)?;
    let witnesses = args.witness.iter().map(|key| WitnessKey::read(key)).collect::<Result<Vec<_>, _>>();
    let witnesses = witnesses.map_err(|error| Failure::Usage(format!("--witness: {error} ({})", error.code)))?;
    let mut stamped = None;
    if let Some(path) = &args.stamp {
        let (remark, time) = stamp::remark(&args.file, path, &found)?;
        output::text(&remark);
        stamped = Some(time);
    }
    output::text(&anchor.policy(stamped, &witnesses).map_err(refused)?);
    Ok(())
}

/// What was printed once may be in a register: the file that it holds is never written over.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write as _;
    let file = std::fs::OpenOptions::new().create_new(true).write(true).open(path);
    file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|error| output::unwritable(path, &error))
}

/// The digits in fours, as people copy and compare them, on two lines.
fn grouped(digits: &str) -> (String, String) {
    let groups = |digits: &str| {
        let fours = digits.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned());
        fours.collect::<Vec<_>>().join(" ")
    };
    let (first, second) = digits.split_at(digits.len() / 2);
    (groups(first), groups(second))
}

/// The text as a QR code of half blocks, dark where paper is to be dark.
fn drawn(text: &str) -> String {
    // Only a text of some kilobytes does not fit, and a host's name has no more than 253 characters.
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return String::new() };
    let mut drawn = String::new();
    for y in (0..code.size()).step_by(2) {
        drawn.push_str("           ");
        for x in 0..code.size() {
            drawn.push(match (code.get_module(x, y), code.get_module(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawn.truncate(drawn.trim_end().len());
        drawn.push('\n');
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_of_the_code_is_drawn_where_it_is() {
        let text = "office.example 2026-11-27T15:30:00Z sha256:00";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let drawn = drawn(text);
        let rows: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().skip(11).collect()).collect();
        for (y, x) in (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (y, x))) {
            let half = rows[usize::try_from(y / 2).unwrap()].get(usize::try_from(x).unwrap()).copied().unwrap_or(' ');
            let dark = half == '█' || half == if y % 2 == 0 { '▀' } else { '▄' };
            assert_eq!(dark, code.get_module(x, y), "{x} {y}");
        }
    }

    #[test]
    fn digits_stand_in_fours() {
        assert_eq!(grouped("0123456789abcdef"), ("0123 4567".to_owned(), "89ab cdef".to_owned()));
    }
}
