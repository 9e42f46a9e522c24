//! Steps of the wall clock: noted in the site log, and nothing follows from them.

use super::document::require_site;
use super::rejection::Rejection;
use super::{Context, Decision};
use crate::journal::Event;
use crate::model::Time;

pub(super) fn note(context: &Context<'_>, before: Time, after: Time, at_start: bool) -> Result<Decision, Rejection> {
    require_site(context)?;
    let events = vec![Event::TimeStepped { before, after, by: after.0.saturating_sub(before.0), at_start }];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}
