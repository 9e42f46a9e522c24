//! The words of the pages: messages in English and Hindi, and which of the two a visitor reads.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use engine::model::Language;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader};
use jiff::tz::TimeZone;

use crate::app::actor::cookie;

fluent_templates::static_loader! {
    static MESSAGES = {
        locales: "./src/pages/messages",
        fallback_language: "en",
        // Isolating marks would stand in the text of tags and titles.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The cookie in which the chosen language is kept.
pub(super) const LANGUAGE_COOKIE: &str = "language";

/// A language with its messages, and the office's zone for days and hours.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// The language.
    pub(super) language: Language,
    /// The office's zone.
    pub(super) zone: TimeZone,
    tag: LanguageIdentifier,
}

impl Words {
    /// Words of a language.
    pub(super) fn new(language: Language, zone: TimeZone) -> Self {
        // Invariant: the tags of `Language` are well-formed.
        let tag = language.tag().parse().unwrap_or_default();
        Self { language, zone, tag }
    }

    /// A message.
    pub(super) fn say(&self, key: &str) -> String {
        self.try_say(key).unwrap_or_else(|| key.to_owned())
    }

    /// A message, where there is one.
    pub(super) fn try_say(&self, key: &str) -> Option<String> {
        MESSAGES.try_lookup(&self.tag, key)
    }

    /// A message with values in it.
    pub(super) fn with(&self, key: &str, values: &[(&'static str, &str)]) -> String {
        let values: HashMap<Cow<'static, str>, FluentValue<'_>> =
            values.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value))).collect();
        MESSAGES.try_lookup_with_args(&self.tag, key, &values).unwrap_or_else(|| key.to_owned())
    }

    /// A message with a number in it, by which its form is chosen.
    pub(super) fn count(&self, key: &str, n: usize) -> String {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let values = HashMap::from([(Cow::Borrowed("n"), FluentValue::from(n))]);
        MESSAGES.try_lookup_with_args(&self.tag, key, &values).unwrap_or_else(|| key.to_owned())
    }
}

/// The language of a request: as chosen before, else as the browser asks, else English.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(|tag| Language::from_tag(&tag));
    chosen.or_else(|| accepted(headers)).unwrap_or_default()
}

fn accepted(headers: &HeaderMap) -> Option<Language> {
    let line = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Language, f32)> = None;
    for part in line.split(',') {
        let mut pieces = part.trim().split(';');
        let Some(language) = pieces.next().and_then(|tag| Language::from_tag(tag.trim())) else { continue };
        let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        if weight > 0.0 && best.is_none_or(|(_, heaviest)| weight > heaviest) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ENGLISH: &str = include_str!("messages/en.ftl");
    const HINDI: &str = include_str!("messages/hi.ftl");

    fn keys(text: &str) -> BTreeSet<String> {
        let named = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        named.filter_map(|line| line.split_once(" =")).map(|(key, _)| key.to_owned()).collect()
    }

    fn values(text: &str) -> Vec<(String, BTreeSet<String>)> {
        let mut found = Vec::new();
        for line in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            let Some((key, rest)) = line.split_once(" =") else { continue };
            let names = rest.split("{ $").skip(1).filter_map(|part| part.split_once([' ', '}'])).map(|(name, _)| name.to_owned());
            found.push((key.to_owned(), names.collect()));
        }
        found.sort();
        found
    }

    #[test]
    fn both_languages_have_the_same_messages() {
        assert_eq!(keys(ENGLISH), keys(HINDI));
        assert_eq!(keys(ENGLISH).len(), values(ENGLISH).len(), "a message stands twice");
    }

    #[test]
    fn both_languages_put_in_the_same_values() {
        for (english, hindi) in values(ENGLISH).into_iter().zip(values(HINDI)) {
            assert_eq!(english, hindi);
        }
    }

    #[test]
    fn every_message_that_is_said_exists() {
        let known = keys(ENGLISH);
        let said = regex_lite();
        assert!(said.len() > 100, "the search finds what is said: {}", said.len());
        let missing: Vec<_> = said.iter().filter(|key| !known.contains(*key)).collect();
        assert!(missing.is_empty(), "said but not written: {missing:?}");
        let unsaid = |key: &&String| {
            !said.contains(*key)
                && !["refusal-", "role-", "record-", "event-", "page-kind-"].iter().any(|made| key.starts_with(made))
        };
        let idle: Vec<_> = known.iter().filter(unsaid).collect();
        assert!(idle.is_empty(), "written but never said: {idle:?}");
    }

    /// The keys in `say("…")`, `with("…"`, `count("…"` and `key!("…")` of the files of this room.
    fn regex_lite() -> BTreeSet<String> {
        let room = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages");
        let mut said = BTreeSet::new();
        for file in std::fs::read_dir(room).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|end| end != "rs") || path.ends_with("words.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for before in [".say(\"", ".with(\"", ".count(\"", "key(\""] {
                let found = text.split(before).skip(1).filter_map(|rest| rest.split_once('"'));
                said.extend(found.map(|(key, _)| key.to_owned()));
            }
        }
        said
    }

    #[test]
    fn a_visitor_reads_what_they_asked_for() {
        let language_of = |name, value: &str| language(&HeaderMap::from_iter([(name, value.parse().unwrap())]));
        assert_eq!(language_of(header::ACCEPT_LANGUAGE, "hi-IN,hi;q=0.9,en;q=0.8"), Language::Hindi);
        assert_eq!(language_of(header::ACCEPT_LANGUAGE, "ta,en-GB;q=0.4,hi;q=0.7"), Language::Hindi);
        assert_eq!(language_of(header::ACCEPT_LANGUAGE, "hi;q=0,fr"), Language::English);
        assert_eq!(language_of(header::COOKIE, "a=b; language=hi"), Language::Hindi);
        assert_eq!(language_of(header::COOKIE, "language=xx"), Language::English);
    }
}
