//! Extracts: some entries of an office's site log in one file, which one office sends another. An amendment has the entries by which editions of
//! documents were drafted, approved and issued; a withdrawal those by which one was issued and withdrawn; an acknowledgement the one by which the
//! other office says that it has them.
//!
//! Everything else in the file follows from these entries and is held against them, so that it has no byte that nobody vouches for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::bundle::{self, CHECKPOINT, ENTRIES, LOGS, Line, Log, MANIFEST, Policy, Report};
use super::{Checkpoint, EvidenceError, Note};
use crate::digest::{JsonLimits, canonical, parse_strict};
use crate::journal::amendment::{Source, Told, Withdrawal};
use crate::journal::{Entry, Event, codec};
use crate::model::UnitId;
use crate::model::limits::AMENDMENT_BYTES_MAX;

mod issue;

pub use issue::Issue;

/// Version of the format.
const VERSION: u32 = 1;
const HEAD: &str = "extract.json";
const ABOUT: &str = "README.txt";
const DOCUMENTS: &str = "document/";
/// What is read of the head.
const HEAD_BYTES_MAX: usize = 4_096;

/// What an extract is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExtractKind {
    /// Editions that the office issued.
    Amendment,
    /// That it withdrew one of them.
    Withdrawal,
    /// That it has what another office sent.
    Acknowledgement,
}

/// What an extract says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    host: String,
    kind: ExtractKind,
    v: u32,
}

/// An extract that was checked.
#[derive(Debug)]
pub struct Extract {
    /// Where it comes from.
    pub source: Source,
    /// What it says.
    pub sent: Sent,
}

/// What is sent.
#[derive(Debug)]
pub enum Sent {
    /// Editions, in the order of their entries.
    Amendment(Vec<Issue>),
    /// A withdrawal.
    Withdrawal(Withdrawal),
    /// An acknowledgement.
    Acknowledgement(Told),
}

fn malformed(what: impl Into<String>) -> EvidenceError {
    EvidenceError::new("extract.malformed", format!("The file is not well-formed: {}.", what.into()))
}

/// The office that an extract says it is from; nothing of it is checked.
///
/// # Errors
/// When it is no extract.
pub fn host_of(archive: &[u8]) -> Result<String, EvidenceError> {
    read_head(&files_of(archive)?).map(|head| head.host)
}

/// Reads an extract and checks it under a policy. It comes back where nothing is wrong with it.
pub fn verify(archive: &[u8], policy: &Policy) -> (Option<Extract>, Report) {
    let mut report = Report::new();
    let extract = match read(archive, policy, &mut report) {
        Ok(extract) => Some(extract),
        Err(Some(EvidenceError { code: "bundle.newer", message })) => {
            report.incomplete("bundle.newer", message);
            None
        }
        Err(Some(error)) => {
            report.tampered(error.code, error.message);
            None
        }
        // What is wrong stands in the report.
        Err(None) => None,
    };
    (extract, report)
}

/// The bytes of an extract: the path of the log's signed name without the host, its checkpoint, and its lines, each with its end.
///
/// # Errors
/// When the entries are not those of an extract of this kind, or it would be too large.
pub fn pack(host: &str, kind: ExtractKind, path: &str, checkpoint: &Note, lines: &str) -> Result<Vec<u8>, EvidenceError> {
    let head = Head { host: host.to_owned(), kind, v: VERSION };
    let note = checkpoint.to_string();
    let log = Log::alone(host, path, &note, lines)?;
    let sent = interpret(host, kind, &entries(&log)?)?;
    let packed = bundle::seal(files(&head, path, &note, lines, &Checkpoint::read(&checkpoint.text)?, &sent))?;
    if packed.len() > AMENDMENT_BYTES_MAX { Err(too_large()) } else { Ok(packed) }
}

fn too_large() -> EvidenceError {
    let message = format!("The file has more than {AMENDMENT_BYTES_MAX} bytes. Send less: fewer documents in one.");
    EvidenceError::new("extract.too-large", message)
}

type Texts<'a> = BTreeMap<&'a str, &'a str>;

fn files_of(archive: &[u8]) -> Result<Texts<'_>, EvidenceError> {
    if archive.len() > AMENDMENT_BYTES_MAX {
        return Err(too_large());
    }
    let files = bundle::unseal(archive)?.into_iter().filter(|(name, _)| *name != MANIFEST);
    let texts = files.map(|(name, content)| {
        std::str::from_utf8(content).map(|text| (name, text)).map_err(|_| malformed(format!("{name} is not UTF-8")))
    });
    texts.collect()
}

/// There is one spelling for each head.
fn read_head(texts: &Texts<'_>) -> Result<Head, EvidenceError> {
    let text = texts.get(HEAD).ok_or_else(|| malformed(format!("it has no {HEAD}")))?;
    let limits = JsonLimits { max_bytes: HEAD_BYTES_MAX, ..JsonLimits::default() };
    let value = parse_strict(text.as_bytes(), &limits).map_err(|error| malformed(format!("{HEAD}: {error}")))?;
    if value.get("v").and_then(serde_json::Value::as_u64).is_some_and(|version| version > VERSION.into()) {
        let message = "The file is of a newer version than this program knows: use a newer one.";
        return Err(EvidenceError::new("bundle.newer", message));
    }
    let head: Head = serde_json::from_value(value).map_err(|error| malformed(format!("{HEAD}: {error}")))?;
    let plain = !head.host.is_empty() && head.host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+');
    if plain && head_text(&head) == *text && head.v == VERSION {
        Ok(head)
    } else {
        Err(malformed(format!("{HEAD} has another form")))
    }
}

fn head_text(head: &Head) -> String {
    serde_json::to_value(head).map(|value| canonical(&value)).unwrap_or_default()
}

fn read(archive: &[u8], policy: &Policy, report: &mut Report) -> Result<Extract, Option<EvidenceError>> {
    let texts = files_of(archive)?;
    let head = read_head(&texts)?;
    let path = texts.keys().find_map(|name| name.strip_prefix(LOGS)?.strip_suffix(CHECKPOINT));
    let path = path.ok_or_else(|| malformed("it has no checkpoint"))?;
    let needed = |end: &str| {
        let name = format!("{LOGS}{path}{end}");
        texts.get(name.as_str()).copied().ok_or_else(|| malformed(format!("it has no {name}")))
    };
    let (note, lines) = (needed(CHECKPOINT)?, needed(ENTRIES)?);
    let log = Log::alone(&head.host, path, note, lines)?;
    if log.unit.as_str() != UnitId::SITE {
        return Err(Some(malformed(format!("{path} is not the site log"))));
    }
    *report = bundle::verify_part(&head.host, &log, policy);
    if report.verdict() == bundle::Verdict::Tampered {
        return Err(None);
    }
    let checkpoint = Checkpoint::read(&log.checkpoint.text)?;
    let sent = interpret(&head.host, head.kind, &entries(&log)?)?;
    // Whatever is not written so is not read so.
    let written = files(&head, path, note, lines, &checkpoint, &sent);
    let differs = |name: &str| EvidenceError::new("extract.altered", format!("{name} is not what follows from the entries."));
    if let Some((name, _)) = texts.iter().find(|(name, text)| written.get(**name).map(Vec::as_slice) != Some(text.as_bytes())) {
        return Err(Some(differs(name)));
    }
    if let Some(name) = written.keys().find(|name| !texts.contains_key(name.as_str())) {
        return Err(Some(malformed(format!("it has no {name}"))));
    }
    let package = crate::digest::Hash::of(archive);
    let source = Source { host: head.host, log: log.name, size: checkpoint.size, root: checkpoint.root, package };
    Ok(Extract { source, sent })
}

/// The entries that are shown, all of them with their values.
fn entries(log: &Log<'_>) -> Result<Vec<Entry>, EvidenceError> {
    let mut entries = Vec::new();
    for line in log.lines() {
        let line = line?;
        if let Line::Entry { index, .. } = line {
            let sealed = line.sealed().ok_or_else(|| malformed(format!("entry {index} has no values")))?;
            entries.push(codec::open(&sealed).map_err(|error| malformed(error.to_string()))?);
        }
    }
    Ok(entries)
}

fn interpret(host: &str, kind: ExtractKind, entries: &[Entry]) -> Result<Sent, EvidenceError> {
    match kind {
        ExtractKind::Amendment => issue::issues(entries).map(Sent::Amendment),
        ExtractKind::Withdrawal => withdrawal(entries).map(Sent::Withdrawal),
        ExtractKind::Acknowledgement => match entries {
            [entry] => match &entry.events[..] {
                [Event::EditionAcknowledged { acknowledgement }] if acknowledgement.to != host => {
                    Ok(Sent::Acknowledgement(Told {
                        index: entry.index,
                        time: entry.origin.time,
                        acknowledgement: acknowledgement.clone(),
                    }))
                }
                _ => Err(malformed(format!("entry {} acknowledges nothing", entry.index))),
            },
            _ => Err(malformed("an acknowledgement has one entry")),
        },
    }
}

/// The entry by which an edition was issued, and the one by which it was withdrawn.
fn withdrawal(entries: &[Entry]) -> Result<Withdrawal, EvidenceError> {
    let [issuing, withdrawing] = entries else { return Err(malformed("a withdrawal has two entries")) };
    let [Event::DocumentIssued { kind, id, hash, issue, revision, .. }] = &issuing.events[..] else {
        return Err(malformed(format!("entry {} issues nothing", issuing.index)));
    };
    // A schedule ends with it.
    let (withdrawn, rest) = withdrawing.events.split_first().unzip();
    let rest = rest.unwrap_or_default();
    match withdrawn {
        Some(Event::DocumentWithdrawn { kind: of, id: which, hash: what, reason, replaces })
            if (of, which, what) == (kind, id, hash) && rest.iter().all(|event| matches!(event, Event::ScheduleEnded { .. })) =>
        {
            Ok(Withdrawal {
                kind: *kind,
                id: id.clone(),
                hash: *hash,
                issue: *issue,
                revision: *revision,
                issued: issuing.index,
                early: replaces.is_some(),
                reason: reason.clone(),
                index: withdrawing.index,
                time: withdrawing.origin.time,
            })
        }
        _ => Err(malformed(format!("entry {} does not withdraw it", withdrawing.index))),
    }
}

/// Everything that is in the file, but for the manifest.
fn files(head: &Head, path: &str, note: &str, lines: &str, checkpoint: &Checkpoint, sent: &Sent) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::from([
        (HEAD.to_owned(), head_text(head)),
        (ABOUT.to_owned(), about(head, checkpoint, sent)),
        (format!("{LOGS}{path}{CHECKPOINT}"), note.to_owned()),
        (format!("{LOGS}{path}{ENTRIES}"), lines.to_owned()),
    ]);
    if let Sent::Amendment(issues) = sent {
        for edition in issues.iter().map(|issue| &issue.edition) {
            let name = format!("{DOCUMENTS}{}/{}/{}.{}.json", edition.kind.name(), edition.id, edition.issue, edition.revision);
            files.insert(name, edition.document.clone());
        }
    }
    files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

/// What a person reads first.
fn about(head: &Head, checkpoint: &Checkpoint, sent: &Sent) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    match sent {
        Sent::Amendment(issues) => {
            let _ = writeln!(text, "Amendment of documents, issued by {}\n", head.host);
            text.extend(issues.iter().map(ToString::to_string));
        }
        Sent::Withdrawal(told) => {
            let _ = writeln!(text, "Withdrawal of a document, by {}\n\n{}", head.host, withdrawn(told));
        }
        Sent::Acknowledgement(told) => {
            let _ = writeln!(text, "Acknowledgement of an amendment, by {}\n\n{}", head.host, acknowledged(told));
        }
    }
    let Checkpoint { origin, size, root, .. } = checkpoint;
    let _ = writeln!(text, "Signed: {origin}, {size} entries, root {root}\n");
    text.push_str(HOW);
    text
}

/// An acknowledgement in words.
pub fn acknowledged(told: &Told) -> String {
    let Told { index, time, acknowledgement: one } = told;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{} {}, issue {}.{} of {}", one.kind.name(), one.id, one.issue, one.revision, one.to);
    let _ = writeln!(text, "  content {}\n  received {}", one.hash, one.received);
    match &one.adopted {
        None => text.push_str("  not adopted yet\n"),
        Some(adopted) => {
            let how = if adopted.hash == one.hash { "as it is" } else { "adapted" };
            let (issue, revision, effective) = (adopted.issue, adopted.revision, adopted.effective);
            let _ = writeln!(text, "  adopted {how} as issue {issue}.{revision}, in force from {effective}");
        }
    }
    if let Some(time) = one.withdrawn {
        let _ = writeln!(text, "  that it was withdrawn was received {time}");
    }
    let _ = writeln!(text, "  acknowledged {time}, entry {index}");
    text
}

/// A withdrawal in words.
pub fn withdrawn(told: &Withdrawal) -> String {
    let Withdrawal { kind, id, hash, issue, revision, issued, early, reason, index, time } = told;
    let when = if *early { "before its day: it was never in force" } else { "it is in force no longer" };
    format!(
        "{} {id}, issue {issue}.{revision}\n  content {hash}\n  issued by entry {issued}\n  withdrawn {time}, entry {index}: {when}\n  why: {reason}\n",
        kind.name()
    )
}

const HOW: &str = "\
Check it without that office, with its public key from paper or another source that you trust:

  sevottam amendment check FILE --key VKEY

The entries of its log are in log/, the documents as their authors wrote them in document/. The format is in engine/src/evidence/FORMAT.md of the
program's source.

इसे उस कार्यालय के बिना जाँचा जा सकता है: ऊपर की आज्ञा चलाएँ। VKEY उस कार्यालय की सार्वजनिक कुंजी है, जो कागज़ से या किसी विश्वसनीय स्रोत से मिली हो।
";
