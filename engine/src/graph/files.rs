//! Documents in files, checked together without an office.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::library::Reference;
use super::{Known, Library, check};
use crate::model::Problem;
use crate::model::document::DocumentKind;
use crate::norm::Norm;

/// What lies in some files.
#[derive(Debug, Default)]
pub struct Files {
    /// Ids of processes.
    pub processes: BTreeSet<String>,
    /// Norms by id.
    pub norms: BTreeMap<String, Arc<Norm>>,
}

impl Known for Files {
    fn has_process(&self, id: &str) -> bool {
        self.processes.contains(id)
    }

    fn norm(&self, id: &str) -> Reference<Norm> {
        self.norms.get(id).map_or(Reference::Missing, |norm| Reference::Found(Arc::clone(norm)))
    }
}

/// What a document is, by what only its kind has; none: a process, or nothing that is known.
pub fn kind_of(document: &Value) -> Option<DocumentKind> {
    let has = |name: &str| document.get(name).is_some();
    match () {
        () if has("steps") => None,
        () if has("editions") => Some(DocumentKind::Norm),
        () if has("sections") => Some(DocumentKind::Page),
        () if has("starts") || has("makes") => Some(DocumentKind::Schedule),
        () if has("week") || has("holidays") || has("extends") || has("amendments") => Some(DocumentKind::Calendar),
        () => None,
    }
}

/// Checks documents together: each may refer to the others, and to `beside`, of which those with the same id as one of them are passed
/// over. The problems of each, warnings included, in their order.
pub fn check_files(documents: &[Vec<u8>], beside: &[Vec<u8>]) -> Vec<Vec<Problem>> {
    let given: BTreeSet<_> = documents.iter().map(|bytes| named(bytes)).collect();
    let beside = beside.iter().filter(|bytes| !given.contains(&named(bytes))).cloned();
    let count = documents.len();
    let documents: Vec<Vec<u8>> = documents.iter().cloned().chain(beside).collect();
    let mut found = check_all(&documents);
    found.truncate(count);
    found
}

/// Kind and id of a document, as far as it tells.
fn named(document: &[u8]) -> (Option<DocumentKind>, Option<String>) {
    let value: Value = serde_json::from_slice(document).unwrap_or_default();
    (kind_of(&value), value.get("id").and_then(Value::as_str).map(ToOwned::to_owned))
}

fn check_all(documents: &[Vec<u8>]) -> Vec<Vec<Problem>> {
    let mut found: Vec<Vec<Problem>> = vec![Vec::new(); documents.len()];
    let kinds: Vec<_> = documents.iter().map(|bytes| named(bytes)).collect();
    let mut library = Library::default();
    let mut waiting: Vec<usize> = (0..documents.len()).filter(|at| kinds[*at].0.is_some()).collect();
    // A calendar may come before the one that it extends, and a page before a norm that it names: as long as some can be taken in, the others are tried again.
    loop {
        let before = waiting.len();
        waiting.retain(|&at| {
            let Some(kind) = kinds[at].0 else { return false };
            match std::str::from_utf8(&documents[at]) {
                Ok(text) => match library.check(kind, text) {
                    Ok(checked) => {
                        found[at].clone_from(&checked.warnings);
                        library.take_in(&checked, 1);
                        return false;
                    }
                    Err(problems) => found[at] = problems,
                },
                Err(_) => found[at] = vec![Problem::error("json.utf8", "", "The document is not UTF-8 text. Save it as UTF-8.")],
            }
            true
        });
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    let files = Files {
        processes: kinds.iter().filter(|(kind, _)| kind.is_none()).filter_map(|(_, id)| id.clone()).collect(),
        norms: library.norms().map(|issue| (issue.document.id().to_owned(), Arc::clone(&issue.document))).collect(),
    };
    for (at, _) in kinds.iter().enumerate().filter(|(_, (kind, _))| kind.is_none()) {
        found[at] = check(&documents[at], &files);
    }
    found
}
