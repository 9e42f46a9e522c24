//! Bundles of evidence that are handed out: noted, and nothing follows from them.

use super::rejection::Rejection;
use super::{Context, Decision};
use crate::digest::Hash;
use crate::journal::Event;
use crate::model::bundle::Chosen;
use crate::model::limits::TEXT_CHARS_MAX;

pub(super) fn note(
    context: &Context<'_>,
    bundle: Hash,
    chosen: &Chosen,
    withheld: Option<&str>,
    purpose: &str,
) -> Result<Decision, Rejection> {
    context.require_member()?;
    let is_short = |text: &str| !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS_MAX;
    if !is_short(purpose) || !withheld.is_none_or(is_short) {
        let message =
            format!("Say in 1 to {TEXT_CHARS_MAX} characters what the bundle is for, and on what ground values are withheld.");
        return Err(Rejection::invalid("bundle.purpose", message));
    }
    let (withheld, purpose) = (withheld.map(str::to_owned), purpose.to_owned());
    let events = vec![Event::BundleMade { bundle, chosen: chosen.clone(), withheld, purpose }];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}
