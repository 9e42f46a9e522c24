//! The documents that lie in the program: the example office, and the shipped procedures, norms, calendars and schedules.

use rust_embed::Embed;
use serde::de::DeserializeOwned;

use super::output::Failure;

#[derive(Embed)]
#[folder = "../definitions"]
#[include = "office.json"]
#[include = "examples.json"]
#[include = "anchors.json"]
#[include = "calendars/*.json"]
#[include = "norms/*.json"]
#[include = "processes/*.json"]
#[include = "schedules/*.json"]
struct Documents;

/// The documents of a folder, with their names, in alphabetical order.
pub(super) fn documents_in(folder: &str) -> Result<Vec<(String, String)>, Failure> {
    let names = Documents::iter().filter(|name| name.starts_with(folder));
    names.map(|name| text(&name).map(|text| (name.to_string(), text))).collect()
}

/// The text of a document; none where there is no such.
pub(super) fn find(name: &str) -> Option<String> {
    Documents::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())
}

/// A document, read.
pub(super) fn document<T: DeserializeOwned>(name: &str) -> Result<T, Failure> {
    serde_json::from_str(&text(name)?).map_err(|error| Failure::Refused(format!("{name}: {error}.")))
}

fn text(name: &str) -> Result<String, Failure> {
    find(name).ok_or_else(|| Failure::Unreachable(format!("The program has no document {name}.")))
}
