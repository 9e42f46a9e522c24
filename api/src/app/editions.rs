//! The editions of a controlled document, told apart by their content: what was deployed or issued, and the draft.

use engine::digest::Hash;
use engine::graph::Library;
use engine::machine::control::Controls;
use engine::model::document::DocumentKind;
use serde_json::{Map, Value};

/// One edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// SHA-256 of its RFC 8785 bytes.
    pub hash: Hash,
    /// Issue and revision; none: it is the draft.
    pub number: Option<(u32, u32)>,
    /// Whether it is in force.
    pub in_force: bool,
    /// Its text, byte for byte.
    pub text: String,
}

/// Two editions, of which the second is the later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The first; none where there is nothing before the second.
    pub from: Option<Edition>,
    /// The second.
    pub to: Edition,
}

/// Every edition of a document, oldest first; the draft is the last.
pub fn editions(controls: &Controls, library: &Library, kind: DocumentKind, id: &str) -> Vec<Edition> {
    let text = |amendment: &engine::machine::control::Amendment<'_>| match (&amendment.version, amendment.issued) {
        (Some(version), _) => version.heading.text.clone(),
        (None, issued) => issued.map(|issued| issued.text.to_string()).unwrap_or_default(),
    };
    let sheet = controls.amendments(library, kind, id);
    let mut editions: Vec<Edition> = sheet
        .iter()
        .map(|one| Edition { hash: one.hash, number: Some((one.issue, one.revision)), in_force: one.in_force, text: text(one) })
        .collect();
    let draft = controls.get(kind, id).and_then(|controlled| controlled.draft.as_ref());
    editions.extend(draft.map(|draft| Edition { hash: draft.hash, number: None, in_force: false, text: draft.text.to_string() }));
    editions
}

/// The two that are asked for. Where nothing else is said, the last one with what is in force, or else with the one before it; none where
/// there is no such edition.
pub fn pair(editions: &[Edition], from: Option<Hash>, to: Option<Hash>) -> Option<Pair> {
    let last = |hash: Hash| editions.iter().rposition(|one| one.hash == hash);
    let to = match to {
        Some(hash) => last(hash)?,
        None => editions.len().checked_sub(1)?,
    };
    let from = match from {
        Some(hash) => Some(editions.iter().position(|one| one.hash == hash)?),
        None => editions[..to].iter().position(|one| one.in_force).or(to.checked_sub(1)),
    };
    Some(Pair { from: from.map(|from| editions[from].clone()), to: editions[to].clone() })
}

impl Pair {
    /// What the two say. Where there is no first, it is an empty document.
    pub fn values(&self) -> (Value, Value) {
        // Invariant: nothing is saved or deployed that is no JSON.
        let value = |edition: &Edition| serde_json::from_str(&edition.text).unwrap_or_default();
        (self.from.as_ref().map_or_else(|| Value::Object(Map::new()), value), value(&self.to))
    }
}
