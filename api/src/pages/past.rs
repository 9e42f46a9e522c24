//! Pages as of an instant of the past: the field that asks for it, and the note that says so.

use engine::model::Time;
use jiff::civil::DateTime;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Control;
use super::parts::{self, Tone};
use super::visit::Visit;

/// The instant that a page is asked about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AsOf {
    /// Day and minute in the office's zone.
    #[serde(default)]
    on: String,
}

impl AsOf {
    /// The end of that minute, so that whatever is shown with it is included; none where it is not a minute, or has not passed.
    pub(super) fn instant(&self, visit: &Visit) -> Option<Time> {
        let minute: DateTime = self.on.parse().ok()?;
        let zoned = minute.to_zoned_datetime(visit.w.zone.clone()).ok()?;
        let end = Time(Time::from_timestamp(zoned.timestamp()).plus_seconds(60).0 - 1);
        (end < visit.now).then_some(end)
    }
}

/// The field.
pub(super) fn field(visit: &Visit, past: Option<Time>) -> Markup {
    let w = &visit.w;
    let zoned = past.map(|at| at.timestamp().to_zoned_datetime(w.zone.clone()));
    let value = zoned.map(|zoned| zoned.strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default();
    Control { name: "on".to_owned(), label: w.say("as-of"), value, required: true, ..Control::default() }.input(
        w,
        "datetime-local",
        None,
        None,
    )
}

/// The field in a form of its own.
pub(super) fn form(visit: &Visit, path: &str, past: Option<Time>) -> Markup {
    html! {
        form class="filters" method="get" action=(path) novalidate {
            (field(visit, past))
            div class="field" { button class="plain" { (visit.w.say("show")) } }
        }
    }
}

/// The note that a page is of the past, with the way back.
pub(super) fn note(visit: &Visit, path: &str, past: Option<Time>) -> Markup {
    let w = &visit.w;
    html! {
        @if let Some(at) = past {
            (parts::notice(Tone::Warning, &w.with("as-of-told", &[("time", &w.time(at))]), &w.say("as-of-erased")))
            p class="screen-only" { a href=(path) { (w.say("as-of-now")) } }
        }
    }
}

/// The query that keeps the instant in a link.
pub(super) fn query(visit: &Visit, past: Option<Time>) -> Option<String> {
    let zoned = past?.timestamp().to_zoned_datetime(visit.w.zone.clone());
    Some(format!("on={}", zoned.strftime("%Y-%m-%dT%H:%M")))
}
