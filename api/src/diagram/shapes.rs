//! Nodes as SVG: the BPMN shapes with their words and marks.

use std::fmt::Write;

use super::layout::Spot;
use super::model::{EventPosition, Family, Kind, Mark, Node};
use super::route::LabelSide;
use super::signs;
use super::size::{EVENT, LEADING, SMALL, SMALL_LEADING, TITLE};
use super::text::{escape, num};

/// What the drawing says about a node besides its shape.
pub(super) struct Said<'a> {
    /// The safe id of the group.
    pub id: &'a str,
    /// The whole title with note and mark.
    pub name: &'a str,
}

/// Draws one node as a group.
pub(super) fn node(out: &mut String, node: &Node, spot: &Spot, said: &Said) {
    let mark = match node.mark {
        Mark::None => "",
        Mark::Done => " done",
        Mark::Active => " active",
        Mark::Problem => " problem",
        Mark::Added => " added",
        Mark::Removed => " removed",
        Mark::Changed => " changed",
    };
    let family = match (node.kind.family(), spot.container) {
        (Family::Event, _) if spot.boundary => "event boundary",
        (Family::Event, _) => "event",
        (Family::Gateway, _) => "gateway",
        (Family::Activity, true) => "sub-process",
        (Family::Activity, false) => "task",
    };
    let name = escape(said.name);
    let _ = write!(out, "<g id=\"{}\" class=\"node {family}{mark}\"><title>{name}</title>", said.id);
    let href = node.href.as_deref().filter(|href| safe_href(href));
    if let Some(href) = href {
        let _ = write!(out, "<a href=\"{}\" aria-label=\"{name}\">", escape(href));
    }
    match node.kind.family() {
        Family::Event => event(out, node, spot),
        Family::Gateway => gateway(out, node, spot),
        Family::Activity => activity(out, node, spot),
    }
    badge(out, node, spot);
    if href.is_some() {
        out.push_str("</a>");
    }
    out.push_str("</g>");
}

/// Whether a link may be drawn: a path, a query, a fragment or http(s).
pub(super) fn safe_href(href: &str) -> bool {
    let lower = href.trim_start().to_ascii_lowercase();
    let local = href.starts_with(['/', '#', '?']) && !href[1..].starts_with(['/', '\\']);
    !href.chars().any(char::is_control) && (local || lower.starts_with("https://") || lower.starts_with("http://"))
}

/// The border width: thick where the case is.
fn border(node: &Node, usual: f64) -> String {
    num(if node.mark == Mark::Active { usual + 1.6 } else { usual })
}

/// A circle around the centre of the spot.
fn circle(out: &mut String, spot: &Spot, r: f64, class: &str, width: &str, dashed: bool) {
    let fill = if class == "shape" { "Canvas" } else { "none" };
    let dash = if dashed { " stroke-dasharray=\"4 3\"" } else { "" };
    let _ = write!(
        out,
        "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\" \
         stroke=\"currentColor\" stroke-width=\"{width}\"{dash}/>",
        num(spot.x),
        num(spot.y),
        num(r)
    );
}

/// Opens a group that moves the origin.
fn at(out: &mut String, x: f64, y: f64) {
    let _ = write!(out, "<g transform=\"translate({} {})\">", num(x), num(y));
}

fn event(out: &mut String, node: &Node, spot: &Spot) {
    let Some(mut form) = node.kind.event_form() else {
        return;
    };
    if spot.boundary {
        form.position = EventPosition::Catch;
    }
    let r = EVENT / 2.0;
    let dashed = !node.interrupting && (spot.boundary || form.position == EventPosition::Start);
    match form.position {
        EventPosition::Start => circle(out, spot, r, "shape", &border(node, 1.5), dashed),
        EventPosition::Catch | EventPosition::Throw => {
            circle(out, spot, r, "shape", &border(node, 1.3), dashed);
            circle(out, spot, r - 3.6, "ring", "1.3", dashed);
        }
        EventPosition::End => circle(out, spot, r - 0.8, "shape", &border(node, 3.6), false),
    }
    at(out, spot.x, spot.y);
    signs::event(out, form.sign, form.position);
    out.push_str("</g>");
    if spot.boundary {
        let x = spot.x - EVENT / 2.0 - 4.0;
        label(out, spot, x, spot.y + 14.0, "end");
    } else {
        outside_label(out, spot);
    }
}

fn gateway(out: &mut String, node: &Node, spot: &Spot) {
    let half = spot.size.h / 2.0;
    let (x, y) = (spot.x, spot.y);
    let _ = write!(
        out,
        "<path class=\"shape\" fill=\"Canvas\" stroke=\"currentColor\" stroke-width=\"{}\" \
         stroke-linejoin=\"round\" d=\"M{} {}L{} {}L{} {}L{} {}Z\"/>",
        border(node, 1.5),
        num(x),
        num(y - half),
        num(x + half),
        num(y),
        num(x),
        num(y + half),
        num(x - half),
        num(y)
    );
    at(out, x, y);
    signs::gateway(out, node.kind);
    out.push_str("</g>");
    outside_label(out, spot);
}

fn activity(out: &mut String, node: &Node, spot: &Spot) {
    let size = &spot.size;
    let (left, top) = (spot.x - size.w / 2.0, spot.y - size.h / 2.0);
    let usual = if node.kind == Kind::CallActivity { 3.6 } else { 1.5 };
    let dash = if node.kind == Kind::EventSubProcess { " stroke-dasharray=\"2 4\"" } else { "" };
    let frame = |out: &mut String, inset: f64, class: &str, width: &str| {
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" \
             fill=\"{}\" stroke=\"currentColor\" stroke-width=\"{width}\"{dash}/>",
            num(left + inset),
            num(top + inset),
            num(size.w - 2.0 * inset),
            num(size.h - 2.0 * inset),
            num(10.0 - inset),
            if class == "shape" { "Canvas" } else { "none" },
        );
    };
    frame(out, 0.0, "shape", &border(node, usual));
    if node.kind == Kind::Transaction {
        frame(out, 4.0, "ring", "1.3");
    }
    let small = size.note.as_ref();
    if spot.container {
        for line in &size.title {
            line_of_text(out, "words", left + 18.0, top + 24.0, TITLE, "start", line);
        }
        if let Some(note) = small {
            line_of_text(out, "note", left + 18.0, top + 40.0, SMALL, "start", note);
        }
    } else {
        let signed = signs::has_task_sign(node.kind);
        if signed {
            at(out, left + 17.0, top + 16.0);
            signs::task(out, node.kind);
            out.push_str("</g>");
        }
        let marker = node.kind.is_sub_process() || node.kind == Kind::CallActivity;
        let note = if small.is_some() { 16.0 } else { 0.0 };
        let block = size.title.len() as f64 * LEADING + note;
        let upper = if signed { 23.0 } else { 0.0 };
        let lower = match (marker, size.down > size.h / 2.0 + 0.5) {
            (true, _) => 20.0,
            (_, true) => 18.0,
            _ => 6.0,
        };
        let room = size.h - upper - lower;
        let mut y = top + upper + (room - block) / 2.0 + TITLE - 0.5;
        for line in &size.title {
            line_of_text(out, "words", spot.x, y, TITLE, "middle", line);
            y += LEADING;
        }
        if let Some(text) = small {
            line_of_text(out, "note", spot.x, y, SMALL, "middle", text);
        }
        if marker {
            at(out, spot.x, top + size.h - 11.0);
            signs::collapsed(out);
            out.push_str("</g>");
        }
    }
    if node.kind == Kind::AdHocSubProcess {
        let aside = if spot.container { 0.0 } else { 20.0 };
        at(out, spot.x + aside, top + size.h - 11.0);
        signs::wave(out);
        out.push_str("</g>");
    }
}

/// The title of an event or a gateway, where there is room.
fn outside_label(out: &mut String, spot: &Spot) {
    let size = &spot.size;
    let half = size.h / 2.0;
    match spot.side {
        LabelSide::Below => label(out, spot, spot.x, spot.y + half + 15.0, "middle"),
        LabelSide::Above => {
            let y = spot.y - half - size.label_height() + SMALL_LEADING - 6.0;
            label(out, spot, spot.x, y, "middle");
        }
        LabelSide::Beside => label(out, spot, spot.x - 10.0, spot.y + half + 8.0, "end"),
    }
}

/// The title and the note in small text, the first line at the height given.
fn label(out: &mut String, spot: &Spot, x: f64, first: f64, anchor: &str) {
    let lines = spot.size.title.iter().map(|line| ("words", line));
    let all = lines.chain(spot.size.note.iter().map(|line| ("note", line)));
    for (k, (class, line)) in all.enumerate() {
        line_of_text(out, class, x, first + k as f64 * SMALL_LEADING, SMALL, anchor, line);
    }
}

fn line_of_text(out: &mut String, class: &str, x: f64, y: f64, size: f64, anchor: &str, text: &str) {
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{}\" y=\"{}\" font-size=\"{size}\" \
         text-anchor=\"{anchor}\" fill=\"currentColor\">{}</text>",
        num(x),
        num(y),
        escape(text)
    );
}

/// The mark at the upper right corner: tick, dot or exclamation mark.
fn badge(out: &mut String, node: &Node, spot: &Spot) {
    let sign = match node.mark {
        Mark::None => return,
        Mark::Done => {
            "<path class=\"cut\" fill=\"none\" stroke=\"Canvas\" stroke-width=\"1.9\" \
             stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"M-3.6 0.2L-1 2.9L3.8-2.9\"/>"
        }
        Mark::Active => "<circle class=\"cut-dot\" r=\"3.4\" fill=\"Canvas\"/>",
        Mark::Problem => {
            "<path class=\"cut\" fill=\"none\" stroke=\"Canvas\" stroke-width=\"2.2\" \
             stroke-linecap=\"round\" d=\"M0-4.6V0.6M0 4.2V4.3\"/>"
        }
        Mark::Added => {
            "<path class=\"cut\" fill=\"none\" stroke=\"Canvas\" stroke-width=\"2\" \
             stroke-linecap=\"round\" d=\"M0-4V4M-4 0H4\"/>"
        }
        Mark::Removed => {
            "<path class=\"cut\" fill=\"none\" stroke=\"Canvas\" stroke-width=\"2\" \
             stroke-linecap=\"round\" d=\"M-4 0H4\"/>"
        }
        Mark::Changed => {
            "<path class=\"cut\" fill=\"none\" stroke=\"Canvas\" stroke-width=\"1.7\" \
             stroke-linecap=\"round\" d=\"M-3.6-1.8H3.6M-3.6 1.8H3.6M2-4.4L-2 4.4\"/>"
        }
    };
    let (w, h) = (spot.size.w / 2.0, spot.size.h / 2.0);
    let (x, y) = match node.kind.family() {
        Family::Activity => (spot.x + w - 5.0, spot.y - h + 3.0),
        Family::Event => (spot.x + 14.0, spot.y - 14.0),
        Family::Gateway => (spot.x + 16.0, spot.y - 16.0),
    };
    at(out, x, y);
    out.push_str("<circle class=\"badge\" r=\"8\" fill=\"currentColor\" stroke=\"Canvas\" stroke-width=\"1.5\"/>");
    out.push_str(sign);
    out.push_str("</g>");
}
