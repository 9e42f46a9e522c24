//! Steps of the wall clock, and starts of the program: noted in the site log, and nothing follows from them.

use super::document::require_site;
use super::rejection::Rejection;
use super::{Context, Decision};
use crate::journal::Event;
use crate::journal::event::Started;
use crate::model::Time;
use crate::model::limits::NODE_BYTES_MAX;

pub(super) fn note(context: &Context<'_>, before: Time, after: Time, at_start: bool) -> Result<Decision, Rejection> {
    require_site(context)?;
    let events = vec![Event::TimeStepped { before, after, by: after.0.saturating_sub(before.0), at_start }];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}

pub(super) fn note_start(context: &Context<'_>, started: &Started) -> Result<Decision, Rejection> {
    require_site(context)?;
    if started.version.len() > NODE_BYTES_MAX || started.node.len() > NODE_BYTES_MAX {
        return Err(Rejection::too_large(
            "software.too-long",
            format!("The version of a program and the name of a node have at most {NODE_BYTES_MAX} bytes."),
        ));
    }
    let events = vec![Event::SoftwareStarted(started.clone())];
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}
