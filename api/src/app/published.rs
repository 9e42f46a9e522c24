//! Pages that people read, on a screen or over HTTP: which version stands at an instant, who may read it, and what its norms promise then.

use engine::digest::Hash;
use engine::graph::Library;
use engine::graph::library::Issue;
use engine::machine::control::{Amendment, Controls};
use engine::model::document::DocumentKind;
use engine::model::norm::{Document, Edition, Limit};
use engine::model::page::Page;
use engine::model::{Text, Time};
use engine::norm::Norm;

use super::editions::stood;

/// The attribute of norms whose source can be read in more than one way: the office says how it reads it, no applicant has it.
const READING: &str = "reading";

/// The version of a page that was in force at an instant.
pub fn page_at<'a>(controls: &'a Controls, library: &'a Library, id: &str, at: Time) -> Option<(Amendment<'a>, &'a Issue<Page>)> {
    let found = stood(controls, library, DocumentKind::Page, id, at)?;
    let issue = library.page_of(&found.hash)?;
    Some((found, issue))
}

/// The version of a page that anyone reads: the one in force, if it is public. The rest is read by whoever is signed in.
pub fn open(controls: &Controls, library: &Library, id: &str, now: Time) -> Option<Hash> {
    page_at(controls, library, id, now).filter(|(_, issue)| issue.document.public).map(|(_, issue)| issue.hash)
}

/// A norm that was in force at an instant.
pub fn norm_at<'a>(controls: &'a Controls, library: &'a Library, id: &str, at: Time) -> Option<&'a Norm> {
    let found = stood(controls, library, DocumentKind::Norm, id, at)?;
    library.norm_of(&found.hash).map(|issue| &*issue.document)
}

/// The limits of an edition, for a reader who is to know what is promised, and the doubt in words: a reading that the source also has is no second
/// promise, so the limit is told that holds unless the office says otherwise.
pub fn promised<'a>(norm: &'a Document, edition: &'a Edition) -> (Vec<&'a Limit>, Option<&'a Text>) {
    let is_a_reading = |limit: &&Limit| limit.when.contains_key(READING);
    let (readings, others): (Vec<&Limit>, Vec<&Limit>) = edition.limits.iter().partition(is_a_reading);
    let doubt = norm.help.as_ref().filter(|_| !readings.is_empty());
    (if others.is_empty() { readings } else { others }, doubt)
}
