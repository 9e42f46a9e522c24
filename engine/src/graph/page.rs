//! What can be wrong with a page beyond its form: sections that are called alike, norms that are not there or are named twice, texts in one language only.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::draft::{PROBLEMS_MAX, did_you_mean};
use crate::digest::Hash;
use crate::model::Problem;
use crate::model::page::Page;

/// Every problem of a page beside the norms that are deployed.
pub(super) fn problems(page: &Page, norms: &BTreeMap<String, Hash>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut sections = HashMap::new();
    for (at, section) in page.sections.iter().enumerate() {
        if let Some(first) = sections.insert(section.id.as_str(), at) {
            let message = format!("The id \"{}\" is also that of /sections/{first}. Give one of them another id.", section.id);
            problems.push(Problem::error("page.duplicate-section", format!("/sections/{at}/id"), message));
        }
    }
    for (pointer, id) in page.norms().filter(|(_, id)| !norms.contains_key(*id)).take(PROBLEMS_MAX) {
        let guess = did_you_mean(id, norms.keys().map(String::as_str));
        let message = format!("There is no norm \"{id}\". Put it in force first, or correct the id.{guess}");
        problems.push(Problem::error("page.unknown-norm", pointer, message));
    }
    problems.extend(repeated(page).take(PROBLEMS_MAX));
    if page.public {
        let untranslated = page.texts().into_iter().filter(|(_, text)| !text.others.contains_key("hi"));
        problems.extend(untranslated.take(PROBLEMS_MAX).map(|(pointer, _)| {
            let message = "The public reads this page, and this has no Hindi: English is shown instead. Add \"hi\".";
            Problem::warning("page.untranslated", pointer, message)
        }));
    }
    problems
}

/// Norms that a section names more than once.
fn repeated(page: &Page) -> impl Iterator<Item = Problem> {
    let mut named = HashSet::new();
    page.norms().filter_map(move |(pointer, id)| {
        let section = pointer.split('/').nth(2).unwrap_or_default().to_owned();
        let message = || format!("This section names the norm \"{id}\" already. Leave it out here.");
        (!named.insert((section, id))).then(|| Problem::warning("page.repeated-norm", pointer, message()))
    })
}
