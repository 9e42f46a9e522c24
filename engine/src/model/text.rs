//! Text in several languages: English always, Hindi from the start, others by their BCP 47 tag.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Hindi.
    Hindi,
}

impl Language {
    /// The BCP 47 tag: `en` or `hi`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Hindi => "hi",
        }
    }

    /// The language of a tag such as `hi` or `hi-IN`; `None` for one that the pages do not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next() {
            Some("en") => Some(Self::English),
            Some("hi") => Some(Self::Hindi),
            _ => None,
        }
    }
}

/// A text in several languages, `{ "en": "Refund claim", "hi": "प्रतिदाय दावा" }`. English is required: it is the fallback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    /// English.
    #[schemars(length(min = 1, max = 2000))]
    pub en: String,
    /// Other languages by BCP 47 tag; `hi` is Hindi.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub others: BTreeMap<String, String>,
}

impl Text {
    /// A text that is only in English.
    pub fn english(en: impl Into<String>) -> Self {
        Self { en: en.into(), others: BTreeMap::new() }
    }

    /// The text in `language`, or in English where that is missing.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Hindi => self.others.get("hi").map_or(&self.en, String::as_str),
        }
    }
}
