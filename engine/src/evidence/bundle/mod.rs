//! Bundles: a part of the logs to carry away, in one file that is checked without the office. `FORMAT.md` says what is in it.

mod check;
mod line;
mod policy;
mod taken;
mod times;
mod zip;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
use crate::model::limits::{BUNDLE_CHOSEN_MAX, LEAF_BYTES_MAX};

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
    /// Documents in their RFC 8785 form, by hash.
    pub documents: BTreeMap<Hash, &'a str>,
    /// Logs, the site's first.
    pub logs: Vec<Log<'a>>,
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
    lines: &'a str,
}

impl<'a> Log<'a> {
    /// A log under the path of its signed name, as files have it.
    pub(super) fn read(host: &str, path: &str, checkpoint: &str, lines: &'a str) -> Result<Self, EvidenceError> {
        let (unit, origin) = read_path(path).ok_or_else(|| malformed(format!("{path} is no log")))?;
        if !lines.is_empty() && !lines.ends_with('\n') {
            return Err(malformed(format!("the last line of {path}{ENTRIES} has no end")));
        }
        let (name, origin) = (format!("{host}/{path}"), format!("{host}/{origin}"));
        Ok(Self { unit, name, origin, checkpoint: Note::read(checkpoint.as_bytes())?, lines })
    }

    /// Its lines, each as it is read.
    pub fn lines(&self) -> impl Iterator<Item = Result<Line<'a>, EvidenceError>> + use<'a> {
        self.lines.split_terminator('\n').map(Line::read)
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
    let manifest = manifest(files.iter().map(|(name, content)| (name.as_str(), content.as_slice())));
    files.insert(MANIFEST.to_owned(), manifest.into_bytes());
    zip::write(&files)
}

/// The files of a bundle, in order, the manifest first.
///
/// # Errors
/// `bundle.too-large` or `bundle.malformed`.
pub fn unseal(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, EvidenceError> {
    let files = zip::read(archive)?;
    let Some(((MANIFEST, told), rest)) = files.split_first() else {
        return Err(malformed(format!("its first file is not {MANIFEST}")));
    };
    if *told != manifest(rest.iter().copied()).as_bytes() {
        let told = String::from_utf8_lossy(told);
        let told: BTreeSet<&str> = told.lines().collect();
        return Err(malformed(match rest.iter().find(|(name, content)| !told.contains(manifest_line(name, content).as_str())) {
            Some((name, _)) => format!("{name} is not the file that {MANIFEST} lists"),
            None => format!("{MANIFEST} is not the list of its files"),
        }));
    }
    Ok(files)
}

/// As `sha256sum -c` reads it.
fn manifest<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> String {
    files.map(|(name, content)| manifest_line(name, content) + "\n").collect()
}

fn manifest_line(name: &str, content: &[u8]) -> String {
    [&Hash::of(content).to_string(), "  ", name].concat()
}

impl<'a> Bundle<'a> {
    /// Reads a bundle.
    ///
    /// # Errors
    /// `bundle.too-large`, `bundle.malformed`, `bundle.newer`, or as notes have them.
    pub fn read(archive: &'a [u8]) -> Result<Self, EvidenceError> {
        let files = unseal(archive)?;
        let mut texts = BTreeMap::new();
        for (name, content) in files.iter().skip(1) {
            let text = std::str::from_utf8(content).map_err(|_| malformed(format!("{name} is not UTF-8")))?;
            texts.insert(*name, text);
        }
        let mut needed = |name: &str| texts.remove(name).ok_or_else(|| malformed(format!("it has no {name}")));
        let (head, _, _) = (read_head(needed(HEAD)?)?, needed(ABOUT)?, needed(REPORT)?);
        let (mut documents, mut logs) = (BTreeMap::new(), Vec::new());
        let mut rest = texts.into_iter();
        while let Some((name, text)) = rest.next() {
            if let Some(hash) = name.strip_prefix(DOCUMENTS) {
                let hash = hash.strip_suffix(".json").and_then(|hash| hash.parse::<Hash>().ok());
                let hash = hash.filter(|hash| *hash == Hash::of(text.as_bytes()));
                documents.insert(hash.ok_or_else(|| malformed(format!("{name} has another hash than its name")))?, text);
                continue;
            }
            let path = name.strip_prefix(LOGS).and_then(|name| name.strip_suffix(CHECKPOINT));
            let path = path
                .filter(|path| read_path(path).is_some())
                .ok_or_else(|| malformed(format!("{name} is no file of a bundle")))?;
            let lines = rest
                .next()
                .filter(|(other, _)| other.strip_prefix(LOGS).and_then(|name| name.strip_suffix(ENTRIES)) == Some(path));
            let (_, lines) = lines.ok_or_else(|| malformed(format!("{name} has no entries beside it")))?;
            logs.push(Log::read(&head.host, path, text, lines)?);
        }
        let is_there = |unit: &UnitId| logs.iter().filter(|log| log.unit == *unit).count() == 1;
        if !logs.iter().all(|log| is_there(&log.unit)) || !is_there(&UnitId::site()) || !is_there(&head.chosen.unit) {
            return Err(malformed("it lacks the log of the site or of the chosen unit, or has one twice"));
        }
        Ok(Self { head, documents, logs })
    }
}

/// There is one spelling for each head.
fn read_head(text: &str) -> Result<Head, EvidenceError> {
    let limits = JsonLimits { max_bytes: HEAD_BYTES_MAX, ..JsonLimits::default() };
    let value = parse_strict(text.as_bytes(), &limits).map_err(|error| malformed(format!("{HEAD}: {error}")))?;
    let wrong = || malformed(format!("{HEAD} has another form than it may have"));
    if canonical(&value) != text {
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
    if again == text && head.v == BUNDLE_VERSION && ground && few && host { Ok(head) } else { Err(wrong()) }
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
