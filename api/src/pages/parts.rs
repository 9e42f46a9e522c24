//! The parts that pages are made of: tags, notices, rows of facts, key fields, the diagram, ways to turn the page.

use engine::graph::Graph;
use engine::graph::difference::Way;
use engine::journal::entry::Entry;
use engine::model::id::Located;
use engine::model::{InstanceStatus, Time};
use maud::{Markup, PreEscaped, html};

use super::say::key;
use super::visit::Visit;
use super::words::Words;
use crate::diagram::{Diagram, Wording, svg_in_words};

/// Percent-encodes a value for a query or a path segment.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

/// The mark of the program: a wheel with a tick.
pub(super) fn brand() -> Markup {
    html! {
        svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false" {
            circle cx="16" cy="16" r="14" fill="none" stroke="currentColor" stroke-width="2.5" {}
            path d="M9.5 16.5l4.5 4.5 8.5-10" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}

/// How a tag looks; the shape before the words differs too.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    /// It goes on.
    Active,
    /// It is done.
    Done,
    /// It needs attention.
    Problem,
    /// It rests.
    Quiet,
    /// Someone should look.
    Warning,
}

/// A tag: a shape and words.
pub(super) fn tag(tone: Tone, words: &str) -> Markup {
    let (class, shape) = match tone {
        Tone::Active => ("tag active", "▶"),
        Tone::Done => ("tag done", "✓"),
        Tone::Problem => ("tag problem", "▲"),
        Tone::Quiet => ("tag quiet", "■"),
        Tone::Warning => ("tag warning", "◆"),
    };
    shaped(class, shape, words)
}

/// What became of something from one edition to the next: with the sign that it has in the diagram.
pub(super) fn way_tag(w: &Words, way: Way) -> Markup {
    match way {
        Way::Added => shaped("tag done", "+", &w.say("way-added")),
        Way::Removed => shaped("tag problem", "−", &w.say("way-removed")),
        Way::Changed | Way::Reordered => shaped("tag warning", "≠", &w.say("way-changed")),
    }
}

fn shaped(class: &str, shape: &str, words: &str) -> Markup {
    html! { span class=(class) { span class="shape" aria-hidden="true" { (shape) } " " (words) } }
}

/// The tag of a case's status.
pub(super) fn status_tag(w: &Words, status: InstanceStatus) -> Markup {
    let tone = match status {
        InstanceStatus::Active => Tone::Active,
        InstanceStatus::Suspended => Tone::Warning,
        InstanceStatus::Completed => Tone::Done,
        InstanceStatus::Cancelled => Tone::Quiet,
    };
    tag(tone, &w.status(status))
}

/// When something is due: the day, and in words whether it is late.
pub(super) fn due(w: &Words, due: Option<Time>, now: Time) -> Markup {
    let Some(due) = due else { return html! { span class="soft" { (w.say("due-none")) } } };
    html! { time datetime=(due.timestamp().to_string()) { (w.date(last_day(w, due))) } " " (due_mark(w, due, now)) }
}

/// The last day on which it is in time: an end at midnight is that of the day before.
fn last_day(w: &Words, due: Time) -> jiff::civil::Date {
    w.day(Time(due.0.saturating_sub(1)))
}

/// In words whether it is late, and by how much.
pub(super) fn due_mark(w: &Words, due: Time, now: Time) -> Markup {
    let days = w.day(now).until(last_day(w, due)).map_or(0, |span| span.get_days());
    let far = usize::try_from(days.unsigned_abs()).unwrap_or_default();
    html! {
        @if due < now {
            @if far == 0 { (tag(Tone::Problem, &w.say("overdue-today"))) } @else { (tag(Tone::Problem, &w.count("overdue", far))) }
        } @else if far == 0 {
            (tag(Tone::Warning, &w.say("due-today")))
        } @else {
            span class="soft" { (w.count("due-in", far)) }
        }
    }
}

/// An instant, readable by people and programs.
pub(super) fn time(w: &Words, time: Time) -> Markup {
    html! { time datetime=(time.timestamp().to_string()) { (w.time(time)) } }
}

/// The fields that make a form safe to send twice.
pub(super) fn key_field(visit: &Visit) -> Markup {
    same_key_field(&visit.engine().mint_key())
}

/// The same key again, after a refusal.
pub(super) fn same_key_field(key: &str) -> Markup {
    html! { input type="hidden" name="key" value=(key); }
}

/// A message in a box.
pub(super) fn notice(tone: Tone, title: &str, text: &str) -> Markup {
    let class = match tone {
        Tone::Problem => "notice problem",
        Tone::Warning => "notice warning",
        Tone::Done => "notice done",
        Tone::Active | Tone::Quiet => "notice",
    };
    html! { div class=(class) role="note" { p class="notice-title" { (title) } @if !text.is_empty() { p { (text) } } } }
}

/// The way to the next rows of a list.
pub(super) fn more(w: &Words, href: Option<&str>) -> Markup {
    html! { @if let Some(href) = href { p class="more" { a class="button plain" href=(href) { (w.say("more")) } } } }
}

/// A choice of the unit, where there is more than one.
pub(super) fn unit_switch(visit: &Visit, chosen: &engine::model::UnitId, action: &str) -> Markup {
    let units = visit.units();
    html! {
        @if units.len() > 1 {
            form class="switch" method="get" action=(action) {
                label for="unit" { (visit.w.say("unit")) }
                select id="unit" name="unit" {
                    @for unit in &units {
                        option value=(unit) selected[unit == chosen] { (visit.unit_title(unit)) }
                    }
                }
                button class="plain" { (visit.w.say("show")) }
            }
        }
    }
}

/// The way to a task, by the title of its step.
pub(super) fn task_link(w: &Words, task: &Located, graph: Option<&Graph>, step: &str) -> Markup {
    html! { a href={ "/tasks/" (task) } { (graph.map_or_else(|| step.to_owned(), |graph| w.step(graph, step))) } }
}

/// A diagram that scrolls in its own box, reachable by keyboard.
pub(super) fn diagram(w: &Words, diagram: &Diagram) -> Markup {
    let (description, done, active, problem) =
        (w.say("diagram-description"), w.say("mark-done"), w.say("mark-active"), w.say("mark-problem"));
    let (added, removed, changed) = (w.say("way-added"), w.say("way-removed"), w.say("way-changed"));
    let wording = Wording {
        description: Some(&description),
        done: &done,
        active: &active,
        problem: &problem,
        added: &added,
        removed: &removed,
        changed: &changed,
    };
    html! {
        div class="diagram" role="region" tabindex="0" aria-label=(w.say("diagram")) { (PreEscaped(svg_in_words(diagram, &wording))) }
        p class="hint screen-only" { (w.say("diagram-scroll")) }
    }
}

/// The receipt of an entry: log, index, leaf hash.
pub(super) fn receipt(w: &Words, log: &str, entry: &Entry) -> Markup {
    html! {
        dl class="facts receipt" {
            div { dt { (w.say("receipt-log")) } dd { code { (log) } } }
            div { dt { (w.say("receipt-index")) } dd { code { (entry.index) } } }
            div { dt { (w.say("receipt-leaf")) } dd { code { (entry.leaf_hash) } } }
            div { dt { (w.say("receipt-time")) } dd { (time(w, entry.origin.time)) } }
        }
        p class="screen-only" {
            a href=(receipt_path(log, entry)) { (w.say("verify-link")) }
        }
    }
}

/// Where a receipt is checked.
pub(super) fn receipt_path(log: &str, entry: &Entry) -> String {
    format!("/receipt?log={}&index={}&leaf={}", encode(log), entry.index, entry.leaf_hash)
}

/// Words for a number of rows.
pub(super) fn counted(w: &Words, n: usize) -> String {
    w.count(key("rows"), n)
}
