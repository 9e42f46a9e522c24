//! Bundles of evidence and other files of cases that are handed out: noted, and nothing follows from them.

use super::rejection::Rejection;
use super::{Context, Decision};
use crate::digest::Hash;
use crate::journal::Event;
use crate::journal::event::Exported;
use crate::model::bundle::Chosen;
use crate::model::id::is_code;
use crate::model::limits::{BUNDLE_CHOSEN_MAX, TEXT_CHARS_MAX};

pub(super) fn note(
    context: &Context<'_>,
    bundle: Hash,
    chosen: &Chosen,
    withheld: Option<&str>,
    purpose: &str,
) -> Result<Decision, Rejection> {
    context.require_member()?;
    if !is_short(purpose) || !withheld.is_none_or(is_short) {
        let message =
            format!("Say in 1 to {TEXT_CHARS_MAX} characters what the bundle is for, and on what ground values are withheld.");
        return Err(Rejection::invalid("bundle.purpose", message));
    }
    let (withheld, purpose) = (withheld.map(str::to_owned), purpose.to_owned());
    let events = vec![Event::BundleMade { bundle, chosen: chosen.clone(), withheld, purpose }];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}

pub(super) fn note_export(context: &Context<'_>, exported: &Exported) -> Result<Decision, Rejection> {
    context.require_member()?;
    let Exported { export: _, file, chosen, entries, purpose } = exported;
    let is_named = is_code(file) && chosen.processes.len() <= BUNDLE_CHOSEN_MAX && chosen.processes.iter().all(|id| is_code(id));
    let is_run = entries.is_none_or(|[first, last]| first <= last);
    if !is_named || !is_run || !purpose.as_deref().is_none_or(is_short) {
        let message =
            format!("Name a process by its id; and say what it is for in 1 to {TEXT_CHARS_MAX} characters, or not at all.");
        return Err(Rejection::invalid("export.choice", message));
    }
    let events = vec![Event::ExportMade(exported.clone())];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}

fn is_short(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS_MAX
}
