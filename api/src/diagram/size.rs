//! How much room each node needs: its shape, its words, its boundary events.

use super::model::{Diagram, Family};
use super::text;

/// Font size of titles inside activities.
pub(super) const TITLE: f64 = 13.0;
/// Font size of titles below events and gateways, and of notes.
pub(super) const SMALL: f64 = 12.0;
/// Distance between lines of a title inside an activity.
pub(super) const LEADING: f64 = 16.5;
/// Distance between lines of small text.
pub(super) const SMALL_LEADING: f64 = 14.5;
/// Height of the title strip of a sub-process.
pub(super) const HEADER: f64 = 34.0;
/// Space around what a sub-process holds.
pub(super) const PADDING: f64 = 22.0;
/// Diameter of an event.
pub(super) const EVENT: f64 = 36.0;

/// The size of a shape and the room it claims around its centre.
#[derive(Debug, Clone, Default)]
pub(super) struct Size {
    pub w: f64,
    pub h: f64,
    pub left: f64,
    pub right: f64,
    pub up: f64,
    pub down: f64,
    /// The wrapped title.
    pub title: Vec<String>,
    /// The shortened note.
    pub note: Option<String>,
}

impl Size {
    /// The estimated width of the title and the note at the small font size.
    pub(super) fn label_width(&self) -> f64 {
        let lines = self.title.iter().chain(self.note.iter());
        lines.map(|line| text::width(line, SMALL)).fold(0.0, f64::max)
    }

    /// The height of the title and the note at the small font size.
    pub(super) fn label_height(&self) -> f64 {
        (self.title.len() + usize::from(self.note.is_some())) as f64 * SMALL_LEADING
    }
}

/// The size of one node; `inner` is the size of what a sub-process holds,
/// `boundary` the events on its border, already sized.
pub(super) fn size(diagram: &Diagram, at: usize, inner: Option<(f64, f64)>, boundary: &[&Size]) -> Size {
    let node = &diagram.nodes[at];
    let family = node.kind.family();
    let mut size = Size::default();
    let (font, room) = match (family, inner) {
        (Family::Activity, Some((w, _))) => (TITLE, (w + 2.0 * PADDING - 64.0).max(90.0)),
        (Family::Activity, None) => (TITLE, 124.0),
        _ if node.attached_to.is_some() => (SMALL, 82.0),
        _ => (SMALL, 104.0),
    };
    let most = if inner.is_some() { 1 } else { 3 };
    size.title = text::wrap(&node.title, font, room, most);
    size.note = match &node.note {
        Some(note) if !note.trim().is_empty() => text::wrap(note, SMALL, room, 1).pop(),
        _ => None,
    };
    match (family, inner) {
        (Family::Activity, Some((w, h))) => {
            let note = if size.note.is_some() { 14.0 } else { 0.0 };
            let words = size.title.first().map_or(0.0, |line| text::width(line, TITLE));
            size.w = (w + 2.0 * PADDING).max(words + 64.0);
            size.h = h + HEADER + note + PADDING;
        }
        (Family::Activity, None) => {
            let lines = size.title.len().max(1) as f64 * LEADING;
            let note = if size.note.is_some() { 16.0 } else { 0.0 };
            size.w = 144.0;
            size.h = (lines + note + 40.0).max(80.0);
            if !boundary.is_empty() && lines + note > 20.0 {
                size.h += 14.0;
            }
        }
        (Family::Event, _) => (size.w, size.h) = (EVENT, EVENT),
        (Family::Gateway, _) => (size.w, size.h) = (50.0, 50.0),
    }
    if boundary.len() > 1 {
        size.w = size.w.max(boundary.len() as f64 * 132.0);
    }
    (size.left, size.right) = (size.w / 2.0, size.w / 2.0);
    (size.up, size.down) = (size.h / 2.0, size.h / 2.0);
    if family != Family::Activity && !size.title.is_empty() {
        let half = size.label_width() / 2.0;
        size.left = size.left.max(half);
        size.right = size.right.max(half);
        size.down += size.label_height() + 6.0;
    }
    for (k, event) in boundary.iter().enumerate() {
        let from_centre = boundary_x(size.w, boundary.len(), k) - size.w / 2.0;
        size.left = size.left.max(event.label_width() + 24.0 - from_centre);
        let below = (event.label_height() + 8.0).max(EVENT / 2.0);
        size.down = size.down.max(size.h / 2.0 + below + 12.0);
        size.down = size.down.max(size.h / 2.0 + EVENT / 2.0 + 12.0 + 8.0 * k as f64);
    }
    size
}

/// Where the `k`-th of `count` boundary events sits, from the left edge.
pub(super) fn boundary_x(width: f64, count: usize, k: usize) -> f64 {
    width * (k as f64 + 0.75) / count.max(1) as f64
}
