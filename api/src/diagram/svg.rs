//! The SVG document: frame, words for assistive technology, drawing order.

use std::collections::HashSet;
use std::fmt::Write;

use super::layout::{Scene, scene};
use super::model::{Diagram, Family, Mark, Node, Wording};
use super::shapes::{Said, node, safe_href};
use super::text::{escape, num};
use super::{CSS, lines};

/// The house colours for a file that stands alone.
const ALONE: &str = "\
.bpmn{font-family:system-ui,'Noto Sans','Noto Sans Devanagari',sans-serif;color-scheme:light dark;\
--ink:#1c2430;--ink-soft:#5b6675;--paper:#fff;--line:#7c8796;--accent:#1d5fa8;\
--done:#2b7a4b;--active:#1d5fa8;--problem:#b3261e;background:var(--paper)}\
@media (prefers-color-scheme:dark){.bpmn{--ink:#e8ecf2;--ink-soft:#a7b1bf;--paper:#161b22;\
--line:#8a95a5;--accent:#7fb4f0;--done:#6cc48f;--active:#7fb4f0;--problem:#ff9288}}\n";

/// The diagram as an SVG element for a page that carries [`CSS`].
pub fn svg(diagram: &Diagram) -> String {
    svg_in_words(diagram, &Wording::default())
}

/// Like [`svg`], with the words read out in the language of the page.
pub fn svg_in_words(diagram: &Diagram, wording: &Wording) -> String {
    document(diagram, wording, None)
}

/// The diagram as a complete file that brings its own colours.
pub fn standalone_svg(diagram: &Diagram) -> String {
    let style = format!("{ALONE}{CSS}");
    let body = document(diagram, &Wording::default(), Some(&style));
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}\n")
}

fn document(diagram: &Diagram, wording: &Wording, style: Option<&str>) -> String {
    let scene = scene(diagram);
    let linked = diagram.nodes.iter().any(|n| n.href.as_deref().is_some_and(safe_href));
    // An image hides what is inside it, so a picture with links is a group.
    let role = if linked { "group" } else { "img" };
    let (w, h) = (num(scene.w), num(scene.h));
    let summary = match wording.description {
        Some(words) => words.to_owned(),
        None => summary(diagram),
    };
    let at = diagram.prefix;
    let mut out = String::with_capacity(1000 + 700 * (diagram.nodes.len() + diagram.flows.len()));
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"bpmn\" role=\"{role}\" \
         aria-labelledby=\"{at}bpmn-title {at}bpmn-desc\" width=\"{w}\" height=\"{h}\" \
         viewBox=\"0 0 {w} {h}\"><title id=\"{at}bpmn-title\">{}</title>\
         <desc id=\"{at}bpmn-desc\">{}</desc>",
        escape(&diagram.title),
        escape(&summary)
    );
    if let Some(style) = style {
        let _ = write!(out, "<style>{}</style>", escape_style(style));
    }
    let ids = ids(diagram);
    let draw = |out: &mut String, at: usize| {
        let data = &diagram.nodes[at];
        let name = spoken(data, wording);
        node(out, data, &scene.spots[at], &Said { id: &ids[at], name: &name });
    };
    for &at in scene.order.iter().filter(|at| scene.spots[**at].container) {
        draw(&mut out, at);
    }
    // The ways taken are drawn last, above the others.
    for taken in [false, true] {
        flows(&mut out, diagram, &scene, taken);
    }
    for &at in scene.order.iter().filter(|at| !scene.spots[**at].container) {
        draw(&mut out, at);
    }
    out.push_str("</svg>");
    out
}

fn flows(out: &mut String, diagram: &Diagram, scene: &Scene, taken: bool) {
    let with_routes = diagram.flows.iter().zip(&scene.routes);
    for (flow, route) in with_routes.filter(|(flow, _)| flow.taken == taken) {
        let (Some(from), Some(to)) = (diagram.nodes.get(flow.from), diagram.nodes.get(flow.to)) else {
            continue;
        };
        let mut name = format!("{} → {}", label(from), label(to));
        if let Some(title) = flow.title.as_deref().filter(|title| !title.trim().is_empty()) {
            let _ = write!(name, ": {title}");
        }
        lines::flow(out, flow, route, &name);
    }
}

/// A style sheet is text to XML; only two characters need care.
fn escape_style(style: &str) -> String {
    style.replace('&', "&amp;").replace('<', "&lt;")
}

/// The title of a node, or its id if it has none.
fn label(node: &Node) -> &str {
    if node.title.trim().is_empty() { &node.id } else { node.title.trim() }
}

/// What is read out for a node.
fn spoken(node: &Node, wording: &Wording) -> String {
    let mut name = label(node).to_owned();
    if let Some(note) = node.note.as_deref().filter(|note| !note.trim().is_empty()) {
        let _ = write!(name, ", {}", note.trim());
    }
    let mark = match node.mark {
        Mark::None => return name,
        Mark::Done => wording.done,
        Mark::Active => wording.active,
        Mark::Problem => wording.problem,
        Mark::Added => wording.added,
        Mark::Removed => wording.removed,
        Mark::Changed => wording.changed,
    };
    let _ = write!(name, " ({mark})");
    name
}

/// Says in words how many steps there are and where the case stands.
fn summary(diagram: &Diagram) -> String {
    let of = |family: Family| diagram.nodes.iter().filter(|n| n.kind.family() == family).count();
    let plural = |count: usize, one: &str| {
        let many = if count == 1 { "" } else { "s" };
        format!("{count} {one}{many}")
    };
    let mut text = format!(
        "Process diagram with {}, {} and {}.",
        plural(of(Family::Activity), "step"),
        plural(of(Family::Gateway), "decision point"),
        plural(of(Family::Event), "event"),
    );
    let marked = |mark: Mark| {
        let nodes = diagram.nodes.iter().filter(move |n| n.mark == mark);
        nodes.map(label).collect::<Vec<_>>()
    };
    let steps_done = diagram.nodes.iter().filter(|n| n.mark == Mark::Done && n.kind.family() == Family::Activity).count();
    if steps_done > 0 {
        let _ = write!(text, " Done: {}.", plural(steps_done, "step"));
    }
    for (mark, words) in [(Mark::Active, "Now at"), (Mark::Problem, "Problem at")] {
        let names = marked(mark);
        if !names.is_empty() {
            let shown = names.iter().take(5).copied().collect::<Vec<_>>().join("; ");
            let _ = write!(text, " {words}: {shown}");
            if names.len() > 5 {
                let _ = write!(text, " and {} more", names.len() - 5);
            }
            text.push('.');
        }
    }
    text
}

/// A safe and unique id for every node.
fn ids(diagram: &Diagram) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut ids = Vec::with_capacity(diagram.nodes.len());
    for node in &diagram.nodes {
        let mut id = format!("{}step-", diagram.prefix);
        for c in node.id.chars().take(200) {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                id.push(c);
            } else {
                let _ = write!(id, "_x{:x}_", u32::from(c));
            }
        }
        let plain = id.clone();
        let mut n = 2;
        while !seen.insert(id.clone()) {
            id = format!("{plain}.{n}");
            n += 1;
        }
        ids.push(id);
    }
    ids
}
