//! The other rules, one function each: files in, findings out.

use std::path::{Component, Path};

use engine::digest::{JsonLimits, parse_strict};
use engine::graph;

use super::floors::is_pure;
use super::house::File;
use super::rust::{Source, line, places};

/// Entries of the top level. Whatever else is there belongs into one of the folders.
const TOP: [&str; 28] = [
    "engine",
    "definitions",
    "api",
    "tests",
    "docs",
    ".ci",
    ".cargo",
    ".github",
    ".config",
    "Cargo.toml",
    "Cargo.lock",
    "clippy.toml",
    "rustfmt.toml",
    "rust-toolchain.toml",
    "deny.toml",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
    "LICENSE",
    "NOTICE",
    "Dockerfile",
    ".dockerignore",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
];

/// Longest file, in lines.
const LINES_MAX: usize = 600;
/// Files that may be longer, each with the reason.
const LONG: [(&str, &str); 1] =
    [("engine/src/journal/event.rs", "one flat list of all that can happen, with the meaning of each member, and nothing else")];

/// What the pure half knows nothing of.
const IMPURE: [&str; 16] = [
    "tokio",
    "sqlx",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Utc::now",
    "Local::now",
    "upcoming",
    "rand",
    "getrandom",
    "async fn",
];

/// Beginnings of SQL statements.
const SQL: [&str; 9] =
    ["SELECT ", "INSERT INTO", "INSERT OR ", "UPDATE ", "DELETE FROM", "CREATE TABLE", "CREATE INDEX", "ALTER TABLE", "PRAGMA "];

/// Macros that mark something unfinished.
const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];

/// Traces of one person's machine or tools. Written in halves, so that this file does not find itself.
const TRACES: [&str; 9] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/ba", "sh_jobs"),
    concat!("cla", "ude"),
    concat!("anth", "ropic"),
    concat!("open", "ai"),
    concat!("cop", "ilot"),
    concat!("str_rep", "lace_based"),
    concat!("before", "-stop"),
];

/// Calls that bring values of cases.
const READS: [&str; 13] = [
    "engine.instance(",
    "engine().instance(",
    "engine.history(",
    "engine().history(",
    ".instance_at(",
    ".replayed(",
    ".lock_jobs(",
    ".case_entries(",
    "store.entries(",
    "store().entries(",
    "store.commands(",
    "store().commands(",
    "codec::open(",
];
/// Where they may stand, each with the reason. The first is the place for them.
const READ: [(&str, &str); 5] = [
    ("api/src/app/reading.rs", "it records who reads, before it gives anything away"),
    ("api/src/app/trial/", "a trial has cases of its own, in memory, with values that its player made up"),
    ("api/src/app/offered.rs", "who is kept from a task is decided by the values of its case, and nothing of them is shown"),
    ("api/src/app/evidence.rs", "it reads when an entry was written, and its leaf"),
    ("api/src/http/events.rs", "it tells the kind and the place of an entry, and nothing beside the leaf"),
];

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.is(".rs"))
}

fn at(file: &File, place: usize, what: &str) -> String {
    format!("{}:{}: {what}", file.path, line(&file.text, place))
}

/// Every Rust file begins by saying what it is.
pub(super) fn opening(files: &[File]) -> Vec<String> {
    let silent = rust(files).filter(|file| !file.text.starts_with("//! "));
    silent.map(|file| at(file, 0, "does not begin with `//!` and what it is")).collect()
}

/// Below the purity line there is no clock, no chance, no I/O and no async. Test code may read its vectors.
pub(super) fn purity(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust(files).filter(|file| is_pure(file) && !file.is_test()) {
        let source = Source::of(&file.text);
        for word in IMPURE {
            let what = format!("`{word}` below the purity line");
            found.extend(places(&source.code, word).into_iter().map(|place| at(file, place, &what)));
        }
    }
    found
}

/// The only SQL of the program is in the stores. Tests may tamper with a database.
pub(super) fn sql(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust(files).filter(|file| !file.path.starts_with("engine/src/store/") && !file.is_test()) {
        for (place, text) in Source::of(&file.text).strings {
            if SQL.iter().any(|keyword| text.contains(keyword)) {
                found.push(at(file, place, "SQL outside engine/src/store"));
            }
        }
    }
    found
}

/// No file eats its folder.
pub(super) fn length(files: &[File]) -> Vec<String> {
    let written = files.iter().filter(|file| [".rs", ".js", ".css", ".py", ".sql"].iter().any(|ending| file.is(ending)));
    let long = written.map(|file| (file, file.text.lines().count())).filter(|(_, lines)| *lines > LINES_MAX);
    let surprising = long.filter(|(file, _)| !LONG.iter().any(|(path, reason)| file.path == *path && !reason.is_empty()));
    surprising.map(|(file, lines)| format!("{}: {lines} lines, more than {LINES_MAX}: is it one thing?", file.path)).collect()
}

/// Nothing unfinished, and no test set aside without a reason and a date.
pub(super) fn unfinished(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust(files) {
        let source = Source::of(&file.text);
        for word in UNFINISHED {
            let what = format!("`{word}`");
            found.extend(places(&source.code, word).into_iter().map(|place| at(file, place, &what)));
        }
        for (place, _) in source.code.match_indices("#[ignore") {
            let end = source.code[place..].find(']').map_or(file.text.len(), |n| place + n);
            if !has_date(&file.text[place..end]) {
                found.push(at(file, place, "`#[ignore]` without a reason and a date: #[ignore = \"why, 2026-01-31\"]"));
            }
        }
    }
    found
}

/// Whether the text has a date such as 2026-01-31, after other words.
fn has_date(text: &str) -> bool {
    let shape =
        |window: &[u8]| window.iter().zip(b"0000-00-00").all(|(a, b)| if *b == b'-' { *a == b'-' } else { a.is_ascii_digit() });
    text.as_bytes().windows(10).any(shape) && text.bytes().filter(u8::is_ascii_alphabetic).count() > "ignore".len() + 3
}

/// Nothing that is true on one machine only.
pub(super) fn traces(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path != "Cargo.lock") {
        let text = file.text.to_ascii_lowercase();
        for trace in TRACES {
            let what = format!("`{trace}`: true on one machine only");
            found.extend(text.match_indices(trace).map(|(place, _)| at(file, place, &what)));
        }
    }
    found
}

/// Every JSON file is JSON; definitions in the strict form, without a member twice.
pub(super) fn json(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is(".json") || file.is(".jsonl")) {
        let strict = file.path.starts_with("definitions/");
        let whole = std::slice::from_ref(&file.text);
        let lines: Vec<String> = if file.is(".jsonl") { file.text.lines().map(str::to_owned).collect() } else { Vec::new() };
        for text in if file.is(".jsonl") { &lines[..] } else { whole } {
            let result = if strict {
                parse_strict(text.as_bytes(), &JsonLimits::default()).map(drop).map_err(|error| error.to_string())
            } else {
                serde_json::from_str::<serde_json::Value>(text).map(drop).map_err(|error| error.to_string())
            };
            if let Err(error) = result {
                found.push(format!("{}: {error}", file.path));
            }
        }
    }
    found
}

/// Every shipped process, norm, calendar, schedule and page can be deployed together with the others.
pub(super) fn definitions(files: &[File]) -> Vec<String> {
    let folders = [
        "definitions/processes/",
        "definitions/norms/",
        "definitions/calendars/",
        "definitions/schedules/",
        "definitions/pages/",
    ];
    let is_shipped = |file: &&File| folders.iter().any(|folder| file.path.starts_with(folder)) && file.is(".json");
    let shipped: Vec<&File> = files.iter().filter(is_shipped).collect();
    let documents: Vec<Vec<u8>> = shipped.iter().map(|file| file.text.clone().into_bytes()).collect();
    let mut found = Vec::new();
    for (file, problems) in shipped.iter().zip(graph::check_files(&documents, &[])) {
        for problem in problems.iter().filter(|problem| problem.is_error()) {
            found.push(format!("{}: {} at {:?}: {}", file.path, problem.code, problem.pointer, problem.message));
        }
    }
    found
}

/// The server has cases, jobs and entries from one file alone, which records who reads their personal values. The command line is the operator's own.
pub(super) fn reading(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    let is_server = |file: &&File| file.path.starts_with("api/src/") && !file.path.starts_with("api/src/cli/") && !file.is_test();
    for file in rust(files).filter(is_server).filter(|file| !READ.iter().any(|(path, _)| file.path.starts_with(path))) {
        // Tests within a file show nothing to anybody; a chain of calls may be broken over lines.
        let code = Source::of(&file.text).code;
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        let (places, dense): (Vec<usize>, String) =
            code.char_indices().filter(|(_, c)| c.is_ascii() && !c.is_whitespace()).unzip();
        for call in READS {
            let what = format!("`{call}` outside {}", READ[0].0);
            found.extend(dense.match_indices(call).map(|(place, _)| at(file, places[place + call.len() - 1], &what)));
        }
    }
    found
}

/// The top level fits on one screen.
pub(super) fn top_level(files: &[File]) -> Vec<String> {
    let mut entries: Vec<&str> = files.iter().filter_map(|file| file.path.split('/').next()).collect();
    entries.dedup();
    let strange = entries.into_iter().filter(|entry| !TOP.contains(entry));
    strange.map(|entry| format!("{entry}: not an entry of the top level; which folder is it for?")).collect()
}

/// Markdown links to files of the repository lead somewhere.
pub(super) fn links(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is(".md")) {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        for (place, target) in targets(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains(':') {
                continue;
            }
            let exists = resolve(folder, path).is_some_and(|path| {
                files
                    .iter()
                    .any(|file| file.path == path || file.path.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/')))
            });
            if !exists {
                found.push(at(file, place, &format!("the link to {target} leads nowhere")));
            }
        }
    }
    found
}

/// What stands in `](…)`, outside code.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut begin, mut fenced) = (0, false);
    for line in text.split_inclusive('\n') {
        fenced ^= line.trim_start().starts_with("```");
        let in_code = |place: usize| line[..place].matches('`').count() % 2 == 1;
        for (place, _) in line.match_indices("](").filter(|(place, _)| !fenced && !in_code(*place)) {
            let target = line[place + 2..].split([')', ' ', '\n']).next().unwrap_or_default();
            found.push((begin + place, target));
        }
        begin += line.len();
    }
    found
}

/// A path relative to a folder, from the top; none where it leaves the repository.
fn resolve(folder: &Path, path: &str) -> Option<String> {
    let joined = folder.join(path);
    let mut parts = Vec::new();
    for part in joined.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            _ => return None,
        }
    }
    Some(parts.join("/"))
}
