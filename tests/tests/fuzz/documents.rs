//! Definitions, norms, calendars, schedules and pages: changed in their text and in their structure. Each is refused with problems, or it can be
//! read again, drawn and compared.

use std::collections::HashSet;

use api::app::drawing::drawing;
use api::diagram::standalone_svg;
use engine::graph::Library;
use engine::graph::difference::difference;
use engine::graph::library::Checked;
use engine::model::Language;
use engine::model::document::DocumentKind;
use serde_json::{Map, Value, json};
use tests::world::{Random, text};

use super::{input, rounds, within};

/// The shipped documents of a kind.
fn shipped(folder: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(tests::top().join("definitions").join(folder)).unwrap();
    let mut files: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| text(file).into_bytes()).collect()
}

/// What a process may refer to.
fn library() -> Library {
    let mut library = Library::default();
    for (kind, folder) in
        [(DocumentKind::Calendar, "calendars"), (DocumentKind::Norm, "norms"), (DocumentKind::Process, "processes")]
    {
        let mut waiting = shipped(folder);
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|document| match library.check(kind, std::str::from_utf8(document).unwrap()) {
                Ok(checked) => {
                    library.take_in(&checked, 1);
                    false
                }
                Err(_) => true,
            });
            assert!(waiting.len() < before, "{folder}");
        }
    }
    library
}

fn change(random: &mut Random, document: &mut Value) {
    let places = places(document);
    let pointer = random.pick(&places).unwrap().clone();
    let from = document.pointer(random.pick(&places).unwrap()).cloned().unwrap_or_default();
    let long = "x".repeat(1 + random.below(3_000));
    let value = match random.below(10) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(9_007_199_254_740_991_i64),
        4 => json!(""),
        5 => json!(long),
        6 => json!([]),
        7 => json!({ "after": "P1D", "en": "x" }),
        8 => json!("P99999999Y"),
        _ => from,
    };
    let Some((parent, last)) = pointer.rsplit_once('/') else { return *document = value };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => member(random, members, &last.replace("~1", "/").replace("~0", "~"), value),
        Some(Value::Array(items)) => {
            let at = last.parse().unwrap_or(0);
            match random.below(4) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, items[at].clone()),
                2 => items.reverse(),
                _ => items[at] = value,
            }
        }
        _ => {}
    }
}

fn member(random: &mut Random, members: &mut Map<String, Value>, name: &str, value: Value) {
    match random.below(4) {
        0 => drop(members.remove(name)),
        1 => drop(members.insert(format!("{name}x"), value)),
        _ => drop(members.insert(name.to_owned(), value)),
    }
}

/// Pointers to everything in a document.
fn places(document: &Value) -> Vec<String> {
    fn walk(at: &str, value: &Value, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| {
                    walk(&format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), value, found)
                });
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(number, value)| walk(&format!("{at}/{number}"), value, found))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", document, &mut found);
    found
}

fn check(kind: DocumentKind, folder: &str) {
    let (library, examples) = (library(), shipped(folder));
    let (mut good, mut codes) = (0, HashSet::new());
    for seed in 0..rounds() {
        let mut random = Random(seed);
        let example = random.pick(&examples).unwrap().clone();
        let changed = if random.once_in(3) {
            String::from_utf8_lossy(&input(&mut random, &examples)).into_owned()
        } else {
            let mut document: Value = serde_json::from_slice(&example).unwrap();
            for _ in 0..=random.below(2) {
                change(&mut random, &mut document);
            }
            document.to_string()
        };
        within(
            seed,
            || changed.clone(),
            || match library.check(kind, &changed) {
                Ok(checked) => {
                    good += 1;
                    read_again(&library, kind, &checked, &changed, &example);
                }
                Err(problems) => {
                    assert!(problems.iter().any(engine::model::Problem::is_error), "refused without an error");
                    codes.extend(problems.into_iter().map(|problem| problem.code));
                }
            },
        );
    }
    assert!(good > 5 && codes.len() > 5, "{good} good ones, and problems: {codes:?}");
}

/// What was taken is the same when it is read again, and can be drawn, compared and put in force.
fn read_again(library: &Library, kind: DocumentKind, checked: &Checked, text: &str, example: &[u8]) {
    assert_eq!(library.check(kind, text).unwrap().hash, checked.hash);
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(
        library.check(kind, &serde_json::to_string_pretty(&value).unwrap()).unwrap().hash,
        checked.hash,
        "white space counts"
    );
    let before: Value = serde_json::from_slice(example).unwrap();
    assert_eq!(difference(&before, &value).is_empty(), before == value);
    if let Some(graph) = checked.graph() {
        assert_eq!(Checked::deployed(text).unwrap().hash, checked.hash);
        for language in [Language::English, Language::Hindi] {
            assert!(standalone_svg(&drawing(graph, language, None)).contains("<svg"));
        }
    }
    let mut with = library.clone();
    with.take_in(checked, 2);
    assert!(with.version_of(kind, &checked.hash).is_some());
}

#[test]
fn processes_are_refused_or_can_be_read_again() {
    check(DocumentKind::Process, "processes");
}

#[test]
fn norms_are_refused_or_can_be_read_again() {
    check(DocumentKind::Norm, "norms");
}

#[test]
fn calendars_are_refused_or_can_be_read_again() {
    check(DocumentKind::Calendar, "calendars");
}

#[test]
fn schedules_are_refused_or_can_be_read_again() {
    check(DocumentKind::Schedule, "schedules");
}

#[test]
fn pages_are_refused_or_can_be_read_again() {
    check(DocumentKind::Page, "pages");
}
