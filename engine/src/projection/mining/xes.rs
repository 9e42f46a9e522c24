//! XES (IEEE 1849): one trace a case, with the standard extensions concept, lifecycle, time and organizational.

use std::fmt::Write as _;

use super::{Happening, Trace};

/// How a log begins.
pub fn xes_begin() -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<log xes.version=\"1849-2016\" xes.features=\"\" xmlns=\"http://www.xes-standard.org/\">\n");
    for (name, prefix) in [("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Time", "time"), ("Organizational", "org")] {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  <extension name=\"{name}\" prefix=\"{prefix}\" uri=\"http://www.xes-standard.org/{prefix}.xesext\"/>"
        );
    }
    out.push_str("  <global scope=\"trace\">\n");
    text(&mut out, 4, "concept:name", "");
    out.push_str("  </global>\n  <global scope=\"event\">\n");
    text(&mut out, 4, "concept:name", "");
    text(&mut out, 4, "lifecycle:transition", "complete");
    date(&mut out, 4, "time:timestamp", "1970-01-01T00:00:00.000000Z");
    text(&mut out, 4, "org:resource", "");
    out.push_str("  </global>\n");
    out.push_str("  <classifier name=\"Activity\" keys=\"concept:name\"/>\n");
    out.push_str("  <classifier name=\"Activity and life cycle\" keys=\"concept:name lifecycle:transition\"/>\n");
    text(&mut out, 2, "lifecycle:model", "standard");
    out
}

/// A case.
pub fn xes_case(trace: &Trace) -> String {
    let mut out = String::from("  <trace>\n");
    text(&mut out, 4, "concept:name", &trace.case.to_string());
    if let Some(number) = &trace.number {
        text(&mut out, 4, "number", number);
    }
    text(&mut out, 4, "process", &trace.process);
    text(&mut out, 4, "definition", &trace.definition.to_string());
    if let Some(version) = trace.version {
        int(&mut out, 4, "version", u64::from(version));
    }
    if let Some(caller) = &trace.caller {
        text(&mut out, 4, "caller", &caller.to_string());
    }
    trace.happenings.iter().for_each(|happening| event(&mut out, happening));
    out.push_str("  </trace>\n");
    out
}

/// How a log ends.
pub fn xes_end() -> &'static str {
    "</log>\n"
}

fn event(out: &mut String, happening: &Happening) {
    out.push_str("    <event>\n");
    text(out, 6, "concept:name", &happening.activity);
    text(out, 6, "lifecycle:transition", happening.transition.word());
    date(out, 6, "time:timestamp", &happening.time.to_string());
    text(out, 6, "org:resource", &happening.resource);
    if let Some(role) = &happening.role {
        text(out, 6, "org:role", role);
    }
    if let Some(post) = &happening.post {
        text(out, 6, "org:group", post.as_str());
    }
    if let Some(step) = &happening.step {
        text(out, 6, "step", step);
    }
    if let Some(task) = &happening.task {
        text(out, 6, "concept:instance", task);
    }
    int(out, 6, "entry", happening.index);
    out.push_str("    </event>\n");
}

fn text(out: &mut String, indent: usize, key: &str, value: &str) {
    attribute(out, indent, "string", key, value);
}

fn date(out: &mut String, indent: usize, key: &str, value: &str) {
    attribute(out, indent, "date", key, value);
}

fn int(out: &mut String, indent: usize, key: &str, value: u64) {
    attribute(out, indent, "int", key, &value.to_string());
}

fn attribute(out: &mut String, indent: usize, kind: &str, key: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{:indent$}<{kind} key=\"{key}\" value=\"", "");
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // In an attribute they would be read as spaces.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            // XML 1.0 has no way to write these.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out.push_str("\"/>\n");
}
