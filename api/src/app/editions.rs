//! The editions of a controlled document, told apart by their content: what was deployed or issued, and the draft.

use std::borrow::Cow;

use engine::digest::Hash;
use engine::graph::Library;
use engine::graph::library::Checked;
use engine::machine::control::{Amendment, Controls};
use engine::model::document::DocumentKind;
use engine::model::{Problem, Time};
use serde_json::{Map, Value};

/// One edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition<'a> {
    /// SHA-256 of its RFC 8785 bytes.
    pub hash: Hash,
    /// Issue and revision; none: it is the draft.
    pub number: Option<(u32, u32)>,
    /// Whether it is in force.
    pub in_force: bool,
    /// Its text, byte for byte.
    pub text: Cow<'a, str>,
}

/// Two editions, of which the second is the later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The first; none where there is nothing before the second.
    pub from: Option<Edition<'static>>,
    /// The second.
    pub to: Edition<'static>,
}

/// Every edition of a document, oldest first; the draft is the last.
pub fn editions<'a>(controls: &'a Controls, library: &'a Library, kind: DocumentKind, id: &str) -> Vec<Edition<'a>> {
    let text = |one: &Amendment<'a>| match (&one.version, one.issued) {
        (Some(version), _) => version.heading.text.as_str(),
        (None, issued) => issued.map_or("", |issued| &*issued.text),
    };
    let edition = |hash, number, in_force, text| Edition { hash, number, in_force, text: Cow::Borrowed(text) };
    let sheet = controls.amendments(library, kind, id);
    let mut editions: Vec<Edition<'a>> =
        sheet.iter().map(|one| edition(one.hash, Some((one.issue, one.revision)), one.in_force, text(one))).collect();
    let draft = controls.get(kind, id).and_then(|controlled| controlled.draft.as_ref());
    editions.extend(draft.map(|draft| edition(draft.hash, None, false, &draft.text)));
    editions
}

/// What of a document was in force at an instant; none where nothing was.
pub fn stood<'a>(controls: &'a Controls, library: &'a Library, kind: DocumentKind, id: &str, at: Time) -> Option<Amendment<'a>> {
    let had_begun = |one: &Amendment<'_>| one.version.is_some() && begun(controls, kind, id, one).is_some_and(|from| from <= at);
    let found = controls.amendments(library, kind, id).into_iter().rfind(had_begun)?;
    ended(controls, library, kind, id, &found.hash).is_none_or(|end| end > at).then_some(found)
}

/// Since when a version is in force: as it was issued; but not before it was deployed, which may have been late.
fn begun(controls: &Controls, kind: DocumentKind, id: &str, version: &Amendment<'_>) -> Option<Time> {
    let deployed = controls.get(kind, id)?.deployed.get(&version.hash).map(|(_, time)| *time);
    controls.effective(kind, id, version).max(deployed)
}

/// When a version ceased to be in force: another took its place, or it was withdrawn.
pub fn ended(controls: &Controls, library: &Library, kind: DocumentKind, id: &str, hash: &Hash) -> Option<Time> {
    let sheet = controls.amendments(library, kind, id);
    let mut since = sheet.iter().skip_while(|one| one.hash != *hash).filter(|one| one.version.is_some());
    let began = since.next().and_then(|one| begun(controls, kind, id, one));
    let replaced = since.next().and_then(|one| begun(controls, kind, id, one));
    let controlled = controls.get(kind, id)?;
    let withdrawn = controlled.withdrawn.as_ref().filter(|withdrawn| withdrawn.hash == *hash).map(|withdrawn| withdrawn.at);
    // The same text may have been withdrawn before its day, and issued again.
    let recalled = controlled.recalled(Some(hash)).map(|recall| recall.at).filter(|at| began.is_none_or(|began| began <= *at));
    [replaced, withdrawn, recalled].into_iter().flatten().min()
}

/// The two that are asked for. Where nothing else is said, the last one with what is in force, or else with the one before it; none where
/// there is no such edition.
pub fn pair(editions: &[Edition<'_>], from: Option<Hash>, to: Option<Hash>) -> Option<Pair> {
    let last = |hash: Hash| editions.iter().rposition(|one| one.hash == hash);
    let to = match to {
        Some(hash) => last(hash)?,
        None => editions.len().checked_sub(1)?,
    };
    let from = match from {
        Some(hash) => Some(editions.iter().position(|one| one.hash == hash)?),
        None => editions[..to].iter().position(|one| one.in_force).or(to.checked_sub(1)),
    };
    // Only these two are copied: a document may have many, and each may be long.
    let kept = |at: usize| {
        let Edition { hash, number, in_force, text } = &editions[at];
        Edition { hash: *hash, number: *number, in_force: *in_force, text: Cow::Owned(text.to_string()) }
    };
    Some(Pair { from: from.map(kept), to: kept(to) })
}

impl Pair {
    /// What the two say. Where there is no first, it is an empty document.
    pub fn values(&self) -> (Value, Value) {
        // Invariant: nothing is saved or deployed that is no JSON.
        let value = |edition: &Edition<'_>| serde_json::from_str(&edition.text).unwrap_or_default();
        (self.from.as_ref().map_or_else(|| Value::Object(Map::new()), value), value(&self.to))
    }
}

/// What is wrong with a document that can be read: what keeps it from being deployed beside the others, and what it is warned of.
pub fn fitting(library: &Library, controls: &Controls, checked: &Checked) -> Vec<Problem> {
    let mut problems = controls.misfits(library, checked);
    problems.extend(checked.warnings.iter().cloned());
    problems
}

/// Every problem of a document, warnings included; what goes beyond that which may be adapted of another office's among them.
pub fn problems_of(library: &Library, controls: &Controls, kind: DocumentKind, text: &str) -> Vec<Problem> {
    problems_with(library, controls, kind, text).1
}

/// The same, with what was read where that could be.
pub fn problems_with(library: &Library, controls: &Controls, kind: DocumentKind, text: &str) -> (Option<Checked>, Vec<Problem>) {
    let (checked, mut problems) = match library.check(kind, text) {
        Ok(checked) => {
            let problems = fitting(library, controls, &checked);
            (Some(checked), problems)
        }
        Err(problems) => (None, problems),
    };
    let id = serde_json::from_str::<Value>(text).ok().and_then(|document| Some(document["id"].as_str()?.to_owned()));
    problems.extend(id.into_iter().flat_map(|id| controls.beyond(kind, &id, text)));
    (checked, problems)
}
