//! `verify`: a bundle checked without database or network.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use engine::audit::{Replayed, replay};
use engine::evidence::bundle::{Archive, Bundle, LogChecked, Lost, Policy, Report, Stored, Verdict, When, verify};
use engine::model::UnitId;
use engine::model::limits::{BUNDLE_BYTES_MAX, POLICY_BYTES_MAX};
use serde_json::{Value, json};

use super::output;

const EXIT_CODES: &str = "Exit codes:
  0  VERIFIED: it is what was signed, nothing is missing, and everything was decided as written
  1  TAMPERED: something is not what was signed, or was not decided so
  2  INCOMPLETE: something is missing, or cannot be told
  3  wrong usage, or a file cannot be read";

/// Verify a bundle of evidence, without database or network
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Args {
    /// The bundle
    #[arg(value_name = "BUNDLE.zip")]
    bundle: PathBuf,
    /// What is relied on, best from paper: a line `key <vkey>` with the office's public key, lines `key <vkey> from <size>` and `key <vkey> to <size>` where it was
    /// changed, `lost <log> <from> <to>` for each restore that was declared, for each checkpoint that somebody outside holds a
    /// line `seen <log> <size> <root>`, and behind it `by <time>` where it was there by then, or `at <time>` where nothing else was; and for each witness a line `witness <vkey>`, with one line `quorum <n>`: so many of them must have
    /// cosigned; for each recovery key a line `recovery <vkey>`, with one line `recovery-quorum <n>`: so many of their officers must have signed a new epoch
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What cannot be said by a verdict: wrong usage, or a file that cannot be read.
pub(super) const UNUSABLE: u8 = 3;

pub(super) fn run(args: &Args) -> ExitCode {
    let found = read_policy(&args.policy).and_then(|policy| {
        let opened = Opened::open(&args.bundle)?;
        let (_, report, replayed) = check(opened.archive(), &policy);
        opened.is_readable().map(|()| (report, replayed))
    });
    let (report, replayed) = match found {
        Ok(found) => found,
        Err(message) => {
            output::complain(&message);
            return ExitCode::from(UNUSABLE);
        }
    };
    if args.json {
        output::json(&as_json(&report, replayed));
    } else {
        output::text(&as_text(&report, replayed));
    }
    exit_code(report.verdict())
}

/// A bundle that is being read: from the file, or, of what is no file but a pipe, in memory.
#[derive(Debug)]
pub(super) enum Opened {
    /// The file.
    File(BundleFile),
    /// The bytes.
    Memory(Vec<u8>),
}

/// A file of which no more is in memory than is being looked at.
#[derive(Debug)]
pub(super) struct BundleFile {
    path: PathBuf,
    file: File,
    size: u64,
    /// Why it could not be read.
    fault: RefCell<Option<std::io::Error>>,
}

impl Opened {
    /// A file of this path.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}.", path.display());
        let file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if about.is_file() {
            let (path, size, fault) = (path.to_owned(), about.len(), RefCell::new(None));
            return Ok(Self::File(BundleFile { path, file, size, fault }));
        }
        let mut bytes = Vec::new();
        file.take(BUNDLE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(Self::Memory(bytes))
    }

    /// Its bytes.
    pub(super) fn archive(&self) -> Archive<'_> {
        match self {
            Self::File(file) => Archive::File(file),
            Self::Memory(bytes) => bytes.into(),
        }
    }

    /// Whether all of it could be read; else nothing that was found counts.
    pub(super) fn is_readable(&self) -> Result<(), String> {
        match self {
            Self::File(file) => match &*file.fault.borrow() {
                Some(error) => Err(format!("{} cannot be read: {error}.", file.path.display())),
                None => Ok(()),
            },
            Self::Memory(_) => Ok(()),
        }
    }
}

impl Stored for BundleFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn fill(&self, at: u64, room: &mut [u8]) -> bool {
        let mut file = &self.file;
        match file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(room)) {
            Ok(()) => true,
            Err(error) => {
                self.fault.borrow_mut().get_or_insert(error);
                false
            }
        }
    }
}

/// The policy of a file.
pub(super) fn read_policy(policy: &Path) -> Result<Policy, String> {
    let text = String::from_utf8(output::read_bounded(policy, POLICY_BYTES_MAX)?);
    let text = text.map_err(|_| format!("{} is not UTF-8 text.", policy.display()))?;
    Policy::read(&text).map_err(|error| format!("{} ({})", error.message, error.code))
}

/// The whole check: what was signed, and every case once more.
pub(super) fn check<'a>(archive: Archive<'a>, policy: &Policy) -> (Option<Bundle<'a>>, Report, Option<Replayed>) {
    let (bundle, mut report) = verify(archive, policy);
    // What is not what was signed is not worth living through.
    let sound = bundle.as_ref().filter(|_| report.verdict() != Verdict::Tampered);
    let replayed = sound.map(|bundle| replay(bundle, &mut report));
    (bundle, report, replayed)
}

pub(super) fn exit_code(verdict: Verdict) -> ExitCode {
    ExitCode::from(match verdict {
        Verdict::Verified => 0,
        Verdict::Tampered => 1,
        Verdict::Incomplete => 2,
    })
}

fn as_json(report: &Report, replayed: Option<Replayed>) -> Value {
    let findings = report
        .findings
        .iter()
        .map(|finding| json!({ "verdict": finding.verdict.name(), "code": finding.code, "message": finding.message }));
    let logs = report.logs.iter().map(|LogChecked { name, size, root, shown, last, seen, timed, taken, cosigned, lost }| {
        let last = last.map(|time| time.to_string());
        let cosigned = cosigned.iter().map(|(witness, time)| json!({ "witness": witness, "time": time.to_string() }));
        let cosigned: Vec<_> = cosigned.collect();
        let timed = timed.iter().map(|(size, when)| match when {
            When::By(time) => json!({ "size": size, "by": time.to_string() }),
            When::At(time) => json!({ "size": size, "at": time.to_string() }),
        });
        let timed: Vec<_> = timed.collect();
        let lost: Vec<_> = lost.iter().map(|lost| json!({ "log": lost.name, "from": lost.from, "to": lost.to })).collect();
        json!({
            "log": name, "size": size, "root": root, "shown": shown, "last": last, "seen": seen, "timed": timed, "taken": taken,
            "cosigned": cosigned, "lost": lost
        })
    });
    let payloads = report.payloads;
    json!({
        "verdict": report.verdict().name(),
        "findings": findings.collect::<Vec<_>>(),
        "findingsOmitted": report.omitted,
        "logs": logs.collect::<Vec<_>>(),
        "cases": { "shown": report.cases, "mayGoOn": report.may_go_on },
        "payloads": { "disclosed": payloads.disclosed, "withheld": payloads.withheld, "erased": payloads.erased },
        "replay": replayed.map(|replayed| json!({
            "cases": replayed.cases, "ended": replayed.ended, "entries": replayed.entries, "untold": replayed.untold
        })),
    })
}

pub(super) fn as_text(report: &Report, replayed: Option<Replayed>) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    // Writing to a String cannot fail.
    for LogChecked { name, size, root, shown, last, seen, timed, taken, cosigned, lost } in &report.logs {
        let last = last.map_or_else(String::new, |last| format!(", the last at {last}"));
        let _ = writeln!(text, "{name}: {size} entries signed under {root}; {shown} shown{last}");
        let _ = match seen {
            Some(seen) => writeln!(text, "  held against a checkpoint from outside, of size {seen}"),
            None => writeln!(text, "  NOT held against any checkpoint from outside: whether there was more cannot be told"),
        };
        for (size, when) in timed {
            let _ = match when {
                When::By(time) => writeln!(text, "  its first {size} entries are from before {time}, as the policy says"),
                When::At(time) => {
                    writeln!(
                        text,
                        "  its first {size} entries are from before {time}, and the others from after, as the policy says"
                    )
                }
            };
        }
        if let Some(taken) = taken {
            let _ = writeln!(text, "  held against the site's log, which took in a checkpoint of size {taken}");
        } else if name.rsplit('/').nth(1) != Some(UnitId::SITE) {
            let _ = writeln!(text, "  NOT held against the site's log");
        }
        for Lost { name, from, to } in lost {
            let _ = match to - from {
                0 => writeln!(text, "  nothing was lost of the {to} entries that were signed as {name}, as the policy declares"),
                count => writeln!(
                    text,
                    "  LOST: {count} of the {to} entries that were signed as {name}, those from index {from} on, as the policy declares"
                ),
            };
        }
        for (witness, time) in cosigned {
            // A cosignature tells the second in which it was made.
            let _ = writeln!(text, "  cosigned by {witness}: it was so before {}", time.plus_seconds(1));
        }
    }
    let payloads = report.payloads;
    let _ =
        writeln!(text, "values: {} disclosed, {} withheld, {} erased", payloads.disclosed, payloads.withheld, payloads.erased);
    let _ = writeln!(
        text,
        "cases: {} whole, of which {} may have gone on in entries that are not shown",
        report.cases, report.may_go_on
    );
    if let Some(Replayed { cases, ended, entries, untold }) = replayed {
        let _ =
            writeln!(text, "lived through once more: {cases} cases, {ended} of them ended; {entries} entries decided just so");
        if untold > 0 {
            let _ = writeln!(
                text,
                "  {untold} entries could not be decided again, since values are withheld or erased; who did what was checked"
            );
        }
    }
    for finding in &report.findings {
        let _ = writeln!(text, "{}: {} ({})", finding.verdict.name(), finding.message, finding.code);
    }
    if report.omitted > 0 {
        let _ = writeln!(text, "and {} more", report.omitted);
    }
    let _ = writeln!(text, "{}", report.verdict().name());
    text
}
