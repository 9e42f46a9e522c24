//! FORMAT.md names every event and every kind, and the golden vectors show every event.

use std::collections::BTreeSet;

use super::golden::{FILES, export};

fn read(path: &str) -> String {
    std::fs::read_to_string(tests::top().join(path)).expect("a file of the repository")
}

/// Texts such as `task.claimed` between `before` and the next quote.
fn names(text: &str, before: &str) -> BTreeSet<String> {
    let names = text.split(before).skip(1).filter_map(|rest| rest.split('"').next());
    names
        .filter(|name| name.contains('.') && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'.'))
        .map(str::to_owned)
        .collect()
}

fn events() -> BTreeSet<String> {
    let events = names(&read("engine/src/journal/event.rs"), "#[serde(rename = \"");
    assert!(events.len() > 30, "{events:?}");
    events
}

#[test]
fn names_every_event_and_kind() {
    let page = read("engine/src/journal/FORMAT.md");
    let source = read("engine/src/journal/command.rs");
    let kinds = names(source.split("fn kind(").nth(1).expect("the list of kinds"), "=> \"");
    assert!(kinds.len() > 15, "{kinds:?}");
    let missing: Vec<_> = events().into_iter().chain(kinds).filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "FORMAT.md does not name {missing:?}");
}

#[test]
fn golden_vectors_show_every_event() {
    let golden: String = FILES.iter().map(|(_, log)| export(&log())).collect();
    // Inside a body, which is a string of the line, quotes are escaped.
    let missing: Vec<_> =
        events().into_iter().filter(|name| !golden.contains(&format!("\\\"event\\\":\\\"{name}\\\""))).collect();
    assert!(missing.is_empty(), "the golden vectors do not show {missing:?}: add it to log.rs, then UPDATE=1");
}
