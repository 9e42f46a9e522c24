//! What an amendment's entries say: which edition was drafted, approved and issued, by whom and when; and what it changes.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::malformed;
use crate::digest::{Hash, canonical};
use crate::evidence::EvidenceError;
use crate::graph::content;
use crate::graph::difference::{Change, difference};
use crate::journal::amendment::Edition;
use crate::journal::{Actor, Entry, Event};
use crate::model::document::DocumentKind;
use crate::model::limits::{AMENDMENT_CHANGES_MAX, AMENDMENT_EDITIONS_MAX, AMENDMENT_TEXT_BYTES_MAX};
use crate::model::{PostId, Time};

/// Characters of a value that is told of in words.
const VALUE_CHARS_MAX: usize = 80;

/// An edition as its office issued it.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The edition.
    pub edition: Edition,
    /// Who issued it, by pseudonym, and the post by which they did.
    pub by: (Actor, Option<PostId>),
    /// Who approved it, by pseudonym, and when.
    pub approved: (Actor, Time),
    /// The issue before, where the amendment has it, and what changed since, in words.
    pub since: Option<Since>,
}

/// What changed since the issue before.
#[derive(Debug, Clone)]
pub struct Since {
    /// Its issue number.
    pub issue: u32,
    /// Its revision number within it.
    pub revision: u32,
    /// What changed, in words.
    pub changes: Vec<String>,
    /// How many changes there are beyond those.
    pub omitted: usize,
}

/// A document by kind and id.
type Name = (DocumentKind, String);

/// What the entries say so far.
#[derive(Default)]
struct Said {
    saved: BTreeMap<(Name, Hash), String>,
    approved: BTreeMap<(Name, Hash), (Actor, Time)>,
    issues: BTreeMap<Name, Vec<Issue>>,
    bytes: usize,
}

/// The issues of an amendment, in the order of their entries. The one before an issue is there only to tell what changed.
pub(super) fn issues(entries: &[Entry]) -> Result<Vec<Issue>, EvidenceError> {
    let mut said = Said::default();
    for entry in entries {
        said.take(entry)?;
    }
    if said.issues.is_empty() || said.issues.len() > AMENDMENT_EDITIONS_MAX {
        return Err(malformed(format!("an amendment has 1 to {AMENDMENT_EDITIONS_MAX} documents")));
    }
    let mut issues = Vec::new();
    for ((kind, id), of) in said.issues {
        let (last, before) = match of.as_slice() {
            [last] => (last, None),
            [before, last] => (last, Some(before)),
            _ => return Err(malformed(format!("it has more than two issues of the {} {id}", kind.name()))),
        };
        let since = before.map(|before| since(&before.edition, &last.edition)).transpose()?;
        issues.push(Issue { since, ..last.clone() });
    }
    issues.sort_by_key(|issue| issue.edition.index);
    Ok(issues)
}

impl Said {
    fn take(&mut self, entry: &Entry) -> Result<(), EvidenceError> {
        let mut is_needed = false;
        for event in &entry.events {
            match event {
                Event::DraftSaved { kind, id, hash, document, .. } => {
                    self.bytes += document.len();
                    // The edition before takes as much again.
                    if self.bytes > 2 * AMENDMENT_TEXT_BYTES_MAX {
                        return Err(malformed("its documents are too long"));
                    }
                    self.saved.insert(((*kind, id.clone()), *hash), document.clone());
                }
                Event::DraftApproved { kind, id, hash } => {
                    let by = (entry.origin.actor.clone(), entry.origin.time);
                    self.approved.insert(((*kind, id.clone()), *hash), by);
                }
                Event::DocumentIssued { kind, id, hash, issue, revision, effective, reason, .. } => {
                    let key = ((*kind, id.clone()), *hash);
                    let wrong = |what: &str| malformed(format!("the {} {id} of entry {} {what}", kind.name(), entry.index));
                    let document = self.saved.get(&key).ok_or_else(|| wrong("has no draft before it"))?.clone();
                    let approved = self.approved.get(&key).ok_or_else(|| wrong("has no approval before it"))?.clone();
                    let read = content(document.as_bytes()).ok();
                    let fits =
                        read.is_some_and(|(value, found)| found == *hash && value.get("id").and_then(Value::as_str) == Some(id));
                    if !fits {
                        return Err(wrong("is not the document of its hash"));
                    }
                    let edition = Edition {
                        kind: *kind,
                        id: id.clone(),
                        hash: *hash,
                        issue: *issue,
                        revision: *revision,
                        effective: *effective,
                        reason: reason.clone(),
                        index: entry.index,
                        issued: entry.origin.time,
                        document,
                    };
                    let by = (entry.origin.actor.clone(), entry.via.clone());
                    self.issues.entry(key.0).or_default().push(Issue { edition, by, approved, since: None });
                }
                _ => continue,
            }
            is_needed = true;
        }
        if is_needed { Ok(()) } else { Err(malformed(format!("entry {} has no place in an amendment", entry.index))) }
    }
}

fn since(before: &Edition, after: &Edition) -> Result<Since, EvidenceError> {
    let value = |edition: &Edition| content(edition.document.as_bytes()).map(|(value, _)| value);
    // Invariant: both were read when their issues were.
    let (Ok(first), Ok(second)) = (value(before), value(after)) else { return Err(malformed("a document cannot be read")) };
    let changes = difference(&first, &second);
    let told: Vec<String> = changes.iter().take(AMENDMENT_CHANGES_MAX).map(words).collect();
    let omitted = changes.len() - told.len();
    Ok(Since { issue: before.issue, revision: before.revision, changes: told, omitted })
}

/// A change in words: where, in what way, and what stood and stands there.
fn words(change: &Change) -> String {
    let value = |value: &Value| {
        let text = canonical(value);
        let short: String = text.chars().take(VALUE_CHARS_MAX).collect();
        if short.len() < text.len() { short + "…" } else { short }
    };
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let values = match (before, after) {
        (Some(before), Some(after)) => format!(": {} -> {}", value(&before.value), value(&after.value)),
        (Some(one), None) | (None, Some(one)) => format!(": {}", value(&one.value)),
        (None, None) => String::new(),
    };
    format!("{} {}{values}", change.way.name(), change.path.join(" / "))
}

/// As a person reads it, with the end of its last line.
impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Edition { kind, id, hash, issue, revision, effective, reason, index, issued, .. } = &self.edition;
        let via = self.by.1.as_ref().map_or_else(String::new, |post| format!(" through the post {post}"));
        writeln!(f, "{} {id}, issue {issue}.{revision}", kind.name())?;
        writeln!(f, "  content {hash}\n  in force from {effective}")?;
        writeln!(f, "  issued {issued}, entry {index}, by {}{via}", self.by.0)?;
        writeln!(f, "  approved {} by {}\n  why: {reason}", self.approved.1, self.approved.0)?;
        if let Some(Since { issue, revision, changes, omitted }) = &self.since {
            writeln!(f, "  since issue {issue}.{revision}:")?;
            changes.iter().try_for_each(|change| writeln!(f, "    {change}"))?;
            if *omitted > 0 {
                writeln!(f, "    and {omitted} more")?;
            }
        }
        writeln!(f)
    }
}
