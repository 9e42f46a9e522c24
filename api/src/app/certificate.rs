//! The form of a certificate about electronic records: fixed words as data, with the places in them that are filled in.

use engine::digest::{JsonLimits, parse_strict};
use engine::model::limits::FORM_BYTES_MAX;
use engine::model::{Language, Text};
use serde::Deserialize;

/// What a box may stand for. The source is a server and the algorithm is SHA-256; the others are the relation of the signatory to the server.
const BOXES: [&str; 6] = ["server", "sha256", "owned", "maintained", "managed", "operated"];
/// The widest blank, in millimetres: a line of a page.
const BLANK_MAX: u16 = 160;

/// A form. Its words are those of a law, and stay in the law's language where there is no other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Id.
    pub id: String,
    /// What it is.
    pub title: Text,
    /// From where its words were taken.
    pub source: Vec<String>,
    /// Whether a lawyer has held them against the Gazette. What is not verified is shown as such.
    pub verified: bool,
    /// What stands above it.
    pub heading: Vec<Text>,
    /// The part of the person in charge of the computer.
    pub party: Party,
    /// The part of the expert.
    pub expert: Expert,
}

/// The part that is filled in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its title.
    pub title: Text,
    /// Its paragraphs, with `{blank:60}`, `{box}`, `{box:server}` and, once, `{hashes}`.
    pub text: Vec<Text>,
}

/// The part that is not.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expert {
    /// Its title.
    pub title: Text,
    /// The document from which its words are to be taken.
    pub from: Text,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// Room for handwriting, so many millimetres wide.
    Blank(u16),
    /// A box to tick, and what it stands for where the program may know.
    Box(Option<&'a str>),
    /// The hash values.
    Hashes,
}

/// Why a form cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The form of the certificate is not well-formed: {0}. (certificate.form)")]
pub struct FormError(String);

impl Form {
    /// Reads a form.
    ///
    /// # Errors
    /// When it is no such document, a place in it is unknown, or the hash values have no place or more than one.
    pub fn read(bytes: &[u8]) -> Result<Self, FormError> {
        let limits = JsonLimits { max_bytes: FORM_BYTES_MAX, ..JsonLimits::default() };
        let value = parse_strict(bytes, &limits).map_err(|error| FormError(error.to_string()))?;
        let form: Self = serde_json::from_value(value).map_err(|error| FormError(error.to_string()))?;
        if form.source.is_empty() {
            return Err(FormError("it names no source of its words".to_owned()));
        }
        for language in [Language::English, Language::Hindi] {
            let mut places = 0;
            for text in &form.party.text {
                places += pieces(text.get(language))?.into_iter().filter(|piece| *piece == Piece::Hashes).count();
            }
            if places != 1 {
                let tag = language.tag();
                return Err(FormError(format!(
                    "the place {{hashes}} is there {places} times in {tag}, and has to be there once"
                )));
            }
        }
        Ok(form)
    }

    /// The language of the form's words for a reader of this one: another than English only where every paragraph has it.
    pub fn language(&self, wanted: Language) -> Language {
        if self.party.text.iter().all(|text| text.others.contains_key(wanted.tag())) { wanted } else { Language::English }
    }
}

/// The pieces of a paragraph.
///
/// # Errors
/// When a place is unknown.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, FormError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once('{') {
        found.push(Piece::Words(words));
        let (place, after) = after.split_once('}').ok_or_else(|| FormError(format!("a place has no end in {text:?}")))?;
        found.push(match place.split_once(':') {
            None if place == "box" => Piece::Box(None),
            None if place == "hashes" => Piece::Hashes,
            Some(("box", name)) if BOXES.contains(&name) => Piece::Box(Some(name)),
            Some(("blank", width)) if width.parse().is_ok_and(|width: u16| (1..=BLANK_MAX).contains(&width)) => {
                Piece::Blank(width.parse().unwrap_or(BLANK_MAX))
            }
            _ => {
                let known = BOXES.join("}, {box:");
                let message = "is no place; there are {hashes}, {box}, {box:";
                return Err(FormError(format!(
                    "{{{place}}} {message}{known}}} and {{blank:N}}, N millimetres up to {BLANK_MAX}"
                )));
            }
        });
        rest = after;
    }
    found.push(Piece::Words(rest));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../definitions/certificates/bsa-63.json");

    #[test]
    fn the_shipped_form_is_read_and_says_that_nobody_has_verified_it() {
        let form = Form::read(SHIPPED.as_bytes()).unwrap();
        assert!(!form.verified && form.source.len() == 2);
        assert_eq!(form.language(Language::Hindi), Language::English, "the law's words are there in English alone");
    }

    #[test]
    fn a_form_that_could_not_be_filled_in_is_refused() {
        let rows = [
            ("{hashes}", "", "0 times in en"),
            ("{hashes}", "{hashes} {hashes}", "2 times in en"),
            ("{box:server}", "{box:cloud}", "{box:cloud} is no place"),
            ("{blank:120} do", "{blank:1000} do", "{blank:1000} is no place"),
            ("{blank:120} do", "{blank:0} do", "{blank:0} is no place"),
            ("{box} DVR", "{box DVR", "is no place"),
            ("Place: {blank:60}", "Place: {blank:60", "has no end"),
            ("\"verified\": false", "\"verified\": \"no\"", "invalid type"),
            ("\"verified\": false,", "", "missing field"),
            ("\"id\"", "\"identity\"", "unknown field"),
        ];
        for (old, new, expected) in rows {
            assert!(SHIPPED.contains(old), "{old}");
            let error = Form::read(SHIPPED.replace(old, new).as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("certificate.form"), "{new}: {error}");
        }
        assert!(Form::read(&vec![b' '; FORM_BYTES_MAX + 1]).is_err(), "it is too long");
    }

    #[test]
    fn hindi_has_a_place_for_the_hash_values_too() {
        let hindi = |text: &str| {
            SHIPPED.replace("obtained through the following algorithm:—\"", &format!("obtained\", \"hi\": \"{text}\""))
        };
        assert!(Form::read(hindi("{hashes} हैं").as_bytes()).is_ok());
        assert!(Form::read(hindi("हैश").as_bytes()).unwrap_err().to_string().contains("0 times in hi"));
    }
}
