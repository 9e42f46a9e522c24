//! The floors: a module imports from lower floors only, never sideways and never up.

use super::house::File;
use super::rust::{Source, line};

/// The rooms of each crate, floor by floor from the ground.
const FLOORS: [(&str, &[&[&str]]); 2] = [
    (
        "engine",
        &[
            &["model"],
            &["calendar", "expression", "digest"],
            &["norm", "schedule"],
            &["graph", "journal"],
            &["machine", "projection", "evidence"],
            &["audit"],
            &["store"],
            &["runtime"],
        ],
    ),
    ("api", &[&["diagram", "paper"], &["app"], &["http", "pages"], &["server"], &["cli"]]),
];

/// Last floor of `engine` below the purity line.
const PURE: usize = 5;

/// Where a file lies.
struct Place<'a> {
    floors: &'a [&'a [&'a str]],
    /// Module path; the first is the room.
    path: Vec<&'a str>,
}

/// None for a file that is in no room: another crate, or the crate's root, which only lists the rooms.
fn place(file: &File) -> Option<Place<'_>> {
    let (home, inside) = file.path.strip_suffix(".rs")?.split_once("/src/")?;
    let (_, floors) = FLOORS.iter().find(|(name, _)| *name == home)?;
    let path: Vec<&str> = inside.split('/').filter(|part| *part != "mod").collect();
    if matches!(path[..], ["lib" | "main"]) { None } else { Some(Place { floors, path }) }
}

fn floor_of(floors: &[&[&str]], room: &str) -> Option<usize> {
    floors.iter().position(|rooms| rooms.contains(&room))
}

/// Whether a file is below the purity line.
pub(super) fn is_pure(file: &File) -> bool {
    file.path.starts_with("engine/")
        && place(file).and_then(|place| floor_of(place.floors, place.path[0])).is_some_and(|floor| floor <= PURE)
}

/// Imports that do not go down, and rooms that are on no floor.
pub(super) fn floors(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let Some(Place { floors, path }) = place(file) else { continue };
        let room = path[0];
        let Some(floor) = floor_of(floors, room) else {
            found.push(format!("{}: the room `{room}` is on no floor", file.path));
            continue;
        };
        let source = Source::of(&file.text);
        for (at, target) in imports(&source, path.len()) {
            let what = match floor_of(floors, target) {
                _ if target == room => continue,
                Some(other) if other < floor => continue,
                Some(other) if other == floor => "sideways",
                Some(_) => "up",
                None => "to no room",
            };
            found.push(format!("{}:{}: `{room}` imports {what}: `{target}`", file.path, line(&file.text, at)));
        }
    }
    found
}

/// What follows `crate::`, and what follows a chain of `super::` that climbs out of the room. `depth`: length of the file's module path.
fn imports(source: &Source, depth: usize) -> Vec<(usize, &str)> {
    let tokens = source.tokens();
    let word = |i: usize| tokens.get(i).map_or("", |(_, token)| *token);
    let mut found = Vec::new();
    let mut braces = 0_usize;
    let mut inline: Vec<usize> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match word(i) {
            "{" => {
                braces += 1;
                if i > 1 && word(i - 2) == "mod" {
                    inline.push(braces);
                }
            }
            "}" => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
                braces = braces.saturating_sub(1);
            }
            "crate" if word(i + 1) == "::" => names(&tokens, i + 2, &mut found),
            "super" => {
                let mut climbs = 1;
                while word(i + 1) == "::" && word(i + 2) == "super" {
                    climbs += 1;
                    i += 2;
                }
                if climbs >= depth + inline.len() && word(i + 1) == "::" {
                    names(&tokens, i + 2, &mut found);
                }
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// The first name of a path, or of each path of a group.
fn names<'a>(tokens: &[(usize, &'a str)], from: usize, found: &mut Vec<(usize, &'a str)>) {
    let Some(first) = tokens.get(from) else { return };
    if first.1 != "{" {
        found.push(*first);
        return;
    }
    let mut depth = 0;
    let mut fresh = false;
    for token in &tokens[from..] {
        match token.1 {
            "{" => (depth, fresh) = (depth + 1, depth == 0),
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => fresh = depth == 1,
            _ if fresh => {
                found.push(*token);
                fresh = false;
            }
            _ => {}
        }
    }
}
