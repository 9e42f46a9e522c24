//! Bundles: a part of the logs to carry away, in one file that is checked without the office. `FORMAT.md` says what is in it.

mod archive;
mod check;
mod line;
mod policy;
mod recovery;
mod taken;
mod times;
mod zip;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use archive::{Archive, Lines, Member, Stored};
pub(super) use check::verify_part;
pub use check::{Finding, LogChecked, OFFICE_KINDS, Payloads, Report, Verdict, verify};
pub use line::{Content, Line, Shown, is_ground};
pub use policy::{Lost, Outside, Policy, Ranged, When};
pub use taken::epoch;
pub use times::TOLERANCE_SECONDS;

use super::{EvidenceError, Note};
use crate::digest::{Hash, JsonLimits, canonical, parse_strict};
use crate::model::UnitId;
use crate::model::bundle::Chosen;
use crate::model::limits::{BUNDLE_CHOSEN_MAX, LEAF_BYTES_MAX, NOTE_BYTES_MAX};

/// Version of the format.
pub const BUNDLE_VERSION: u32 = 1;
/// The files that every bundle has, besides those of its logs.
pub const MANIFEST: &str = "MANIFEST.sha256";
const ABOUT: &str = "README.txt";
const HEAD: &str = "bundle.json";
const REPORT: &str = "report.txt";
/// Folders of documents and logs; the files of a log.
const DOCUMENTS: &str = "document/";
pub(super) const LOGS: &str = "log/";
pub(super) const CHECKPOINT: &str = "/checkpoint";
pub(super) const ENTRIES: &str = "/entries.jsonl";
/// What is read of the head: a thousand cases and processes by name.
const HEAD_BYTES_MAX: usize = 256 * 1024;

fn malformed(what: impl Into<String>) -> EvidenceError {
    EvidenceError::new("bundle.malformed", format!("The bundle is not well-formed: {}.", what.into()))
}

/// What a bundle says of itself. Nothing vouches for it but what it makes possible: a wrong word here is a finding, or changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// What was chosen.
    pub chosen: Chosen,
    /// The installation.
    pub host: String,
    /// Version of the format.
    pub v: u32,
    /// The ground on which personal values are withheld; none where they are disclosed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
    /// The time zone of the office.
    pub zone: String,
}

/// A bundle as read: its form is right, and its files are those of its manifest. Nothing else is checked yet.
#[derive(Debug)]
pub struct Bundle<'a> {
    /// What it says of itself.
    pub head: Head,
    /// The hashes of its documents, which are in their RFC 8785 form.
    pub documents: BTreeSet<Hash>,
    /// Logs, the site's first.
    pub logs: Vec<Log<'a>>,
    /// Its files, the manifest first.
    pub files: Vec<Member>,
}

/// A log in a bundle.
#[derive(Debug)]
pub struct Log<'a> {
    /// Its unit.
    pub unit: UnitId,
    /// The name under which it is signed.
    pub name: String,
    /// The origin that its leaves name.
    pub origin: String,
    /// Its checkpoint.
    pub checkpoint: Note,
    archive: Archive<'a>,
    entries: Member,
}

impl<'a> Log<'a> {
    /// A log under the path of its signed name, as files have it.
    fn read(host: &str, path: &str, checkpoint: &[u8], archive: Archive<'a>, entries: Member) -> Result<Self, EvidenceError> {
        let (unit, origin) = read_path(path).ok_or_else(|| malformed(format!("{path} is no log")))?;
        let mut last = [b'\n'];
        if let Some(before) = entries.size.checked_sub(1) {
            archive.fill(entries.at + before, &mut last)?;
        }
        if last != [b'\n'] {
            return Err(malformed(format!("the last line of {path}{ENTRIES} has no end")));
        }
        let (name, origin) = (format!("{host}/{path}"), format!("{host}/{origin}"));
        Ok(Self { unit, name, origin, checkpoint: Note::read(checkpoint)?, archive, entries })
    }

    /// A log whose lines stand for themselves.
    pub(super) fn alone(host: &str, path: &str, checkpoint: &str, lines: &'a str) -> Result<Self, EvidenceError> {
        let (hash, size) = (Hash::of(lines.as_bytes()), lines.len() as u64);
        let entries = Member { name: format!("{LOGS}{path}{ENTRIES}"), hash, size, at: 0, is_text: true };
        Self::read(host, path, checkpoint.as_bytes(), Archive::Memory(lines.as_bytes()), entries)
    }

    /// Its lines, each as it is read.
    pub fn lines(&self) -> Lines<'_> {
        Lines::new(self.archive, &self.entries)
    }
}

/// What goes into a bundle.
#[derive(Debug)]
pub struct Parts {
    /// What it says of itself.
    pub head: Head,
    /// Documents in their RFC 8785 form.
    pub documents: Vec<String>,
    /// The path of each log's signed name without the host, its checkpoint, and its lines, each with its end.
    pub logs: Vec<(String, Note, String)>,
    /// What a person reads first.
    pub about: String,
    /// What is in it, for people.
    pub report: String,
}

/// The bytes of a bundle: the same parts are the same bytes.
///
/// # Errors
/// `bundle.too-large`, or `bundle.malformed` where a part is not what it should be.
pub fn pack(parts: Parts) -> Result<Vec<u8>, EvidenceError> {
    let head = serde_json::to_value(&parts.head).map_err(|error| malformed(error.to_string()))?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    files.insert(HEAD.to_owned(), canonical(&head).into_bytes());
    files.insert(ABOUT.to_owned(), parts.about.into_bytes());
    files.insert(REPORT.to_owned(), parts.report.into_bytes());
    for document in parts.documents {
        files.insert(format!("{DOCUMENTS}{}.json", Hash::of(document.as_bytes())), document.into_bytes());
    }
    for (path, checkpoint, lines) in parts.logs {
        files.insert(format!("{LOGS}{path}{CHECKPOINT}"), checkpoint.to_string().into_bytes());
        files.insert(format!("{LOGS}{path}{ENTRIES}"), lines.into_bytes());
    }
    seal(files)
}

/// The bytes of a bundle with these files; the manifest is made of them.
///
/// # Errors
/// As [`pack`] has them.
pub fn seal(mut files: BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, EvidenceError> {
    files.remove(MANIFEST);
    let manifest = manifest(files.iter().map(|(name, content)| (name.as_str(), Hash::of(content))));
    files.insert(MANIFEST.to_owned(), manifest.into_bytes());
    zip::write(&files)
}

/// The files of a bundle that is in memory, in order, the manifest first.
///
/// # Errors
/// `bundle.too-large` or `bundle.malformed`.
pub fn unseal(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, EvidenceError> {
    let part = |at: u64, size: u64| {
        // Invariant: it was read there.
        let part = usize::try_from(at).ok().and_then(|at| archive.get(at..)?.get(..usize::try_from(size).ok()?));
        part.unwrap_or_default()
    };
    let files = members(archive.into())?.into_iter().map(|Member { name, at, size, .. }| {
        let length = name.len() as u64;
        (std::str::from_utf8(part(at - length, length)).unwrap_or_default(), part(at, size))
    });
    Ok(files.collect())
}

/// The files of a bundle, in order, the manifest first.
fn members(archive: Archive<'_>) -> Result<Vec<Member>, EvidenceError> {
    let files = zip::read(archive)?;
    let Some((told, rest)) = files.split_first().filter(|(first, _)| first.name == MANIFEST) else {
        return Err(malformed(format!("its first file is not {MANIFEST}")));
    };
    let manifest = manifest(rest.iter().map(|file| (file.name.as_str(), file.hash)));
    if told.hash != Hash::of(manifest.as_bytes()) {
        let told = archive.bytes(told, manifest.len())?;
        let told = String::from_utf8_lossy(&told);
        let told: BTreeSet<&str> = told.lines().collect();
        return Err(malformed(match rest.iter().find(|file| !told.contains(manifest_line(&file.name, file.hash).as_str())) {
            Some(file) => format!("{} is not the file that {MANIFEST} lists", file.name),
            None => format!("{MANIFEST} is not the list of its files"),
        }));
    }
    Ok(files)
}

/// As `sha256sum -c` reads it.
fn manifest<'f>(files: impl Iterator<Item = (&'f str, Hash)>) -> String {
    files.map(|(name, hash)| manifest_line(name, hash) + "\n").collect()
}

fn manifest_line(name: &str, hash: Hash) -> String {
    [&hash.to_string(), "  ", name].concat()
}

impl<'a> Bundle<'a> {
    /// Reads a bundle.
    ///
    /// # Errors
    /// `bundle.too-large`, `bundle.malformed`, `bundle.newer`, or as notes have them.
    pub fn read(archive: impl Into<Archive<'a>>) -> Result<Self, EvidenceError> {
        let archive = archive.into();
        let files = members(archive)?;
        let mut rest = files[1..].iter().peekable();
        if let Some(file) = rest.clone().find(|file| !file.is_text) {
            return Err(malformed(format!("{} is not UTF-8", file.name)));
        }
        let needed = |name: &str| {
            let file = files.iter().find(|file| file.name == name);
            file.ok_or_else(|| malformed(format!("it has no {name}")))
        };
        let head = read_head(&archive.bytes(needed(HEAD)?, HEAD_BYTES_MAX)?)?;
        needed(ABOUT)?;
        needed(REPORT)?;
        let (mut documents, mut logs) = (BTreeSet::new(), Vec::new());
        while let Some(file) = rest.next() {
            let name = file.name.as_str();
            if [HEAD, ABOUT, REPORT].contains(&name) {
                continue;
            }
            if let Some(hash) = name.strip_prefix(DOCUMENTS) {
                let hash = hash.strip_suffix(".json").and_then(|hash| hash.parse::<Hash>().ok());
                let hash = hash.filter(|hash| *hash == file.hash);
                documents.insert(hash.ok_or_else(|| malformed(format!("{name} has another hash than its name")))?);
                continue;
            }
            let path = name.strip_prefix(LOGS).and_then(|name| name.strip_suffix(CHECKPOINT));
            let path = path
                .filter(|path| read_path(path).is_some())
                .ok_or_else(|| malformed(format!("{name} is no file of a bundle")))?;
            let lines = rest
                .next()
                .filter(|other| other.name.strip_prefix(LOGS).and_then(|name| name.strip_suffix(ENTRIES)) == Some(path));
            let lines = lines.ok_or_else(|| malformed(format!("{name} has no entries beside it")))?;
            let note = archive.bytes(file, NOTE_BYTES_MAX)?;
            logs.push(Log::read(&head.host, path, &note, archive, lines.clone())?);
        }
        let is_there = |unit: &UnitId| logs.iter().filter(|log| log.unit == *unit).count() == 1;
        if !logs.iter().all(|log| is_there(&log.unit)) || !is_there(&UnitId::site()) || !is_there(&head.chosen.unit) {
            return Err(malformed("it lacks the log of the site or of the chosen unit, or has one twice"));
        }
        Ok(Self { head, documents, logs, files })
    }
}

/// There is one spelling for each head.
fn read_head(text: &[u8]) -> Result<Head, EvidenceError> {
    let limits = JsonLimits { max_bytes: HEAD_BYTES_MAX, ..JsonLimits::default() };
    let value = parse_strict(text, &limits).map_err(|error| malformed(format!("{HEAD}: {error}")))?;
    let wrong = || malformed(format!("{HEAD} has another form than it may have"));
    if canonical(&value).as_bytes() != text {
        return Err(wrong());
    }
    if value.get("v").and_then(Value::as_u64).is_some_and(|version| version > BUNDLE_VERSION.into()) {
        let message = "The bundle is of a newer version than this program knows: use a newer one.";
        return Err(EvidenceError::new("bundle.newer", message));
    }
    let head: Head = serde_json::from_value(value).map_err(|error| malformed(format!("{HEAD}: {error}")))?;
    let again = serde_json::to_value(&head).map(|value| canonical(&value)).unwrap_or_default();
    let ground = head.withheld.as_deref().is_none_or(is_ground);
    let few = head.chosen.cases.len() <= BUNDLE_CHOSEN_MAX && head.chosen.processes.len() <= BUNDLE_CHOSEN_MAX;
    let host = !head.host.is_empty()
        && head.host.len() < LEAF_BYTES_MAX
        && head.host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+');
    // Whatever is not written so is not read so.
    if again.as_bytes() == text && head.v == BUNDLE_VERSION && ground && few && host { Ok(head) } else { Err(wrong()) }
}

/// The unit of a log's path, and the path under which its leaves name it: that of its first epoch.
fn read_path(path: &str) -> Option<(UnitId, String)> {
    let (log, epoch) = path.rsplit_once('/')?;
    super::read_number(epoch).filter(|epoch| *epoch > 0)?;
    let unit = match log.split_once('/') {
        None if log == UnitId::SITE => UnitId::site(),
        Some(("unit", unit)) => unit.parse::<UnitId>().ok().filter(|unit| unit.as_str() != UnitId::SITE)?,
        _ => return None,
    };
    Some((unit, format!("{log}/1")))
}
