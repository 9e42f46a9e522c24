//! The page as authored: a charter, a part of the manual or another text that people read, as one JSON document.
//!
//! These types generate `definitions/schema/page.schema.json`. A page promises nothing by itself: it names the norms that do, and whoever shows it
//! shows their limits as they are in force at that moment.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Text;
use super::definition::{Owner, closed};

/// A page. Changed, it is a new version of the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Page {
    /// Where the schema of this document lies; editors use it.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Id of the page, the same for all its versions, such as `charter`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub id: String,
    /// Title.
    pub title: Text,
    /// What it is for, and what is not known of it. Not a part of what the page says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// What kind of page it is: `charter`, `manual`, or a word of the office's own.
    #[schemars(regex(pattern = r"^[a-z]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub kind: String,
    /// Whether anyone may read it without signing in, as long as it is in force; and meanwhile how it stood before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// Clauses and rules that it carries out, such as `SQM 2.2`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// Where its content comes from, for a reader who wants to check it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Whether someone has compared it with the original of its source. What is not verified is shown as such.
    #[serde(default)]
    pub verified: bool,
    /// The post that answers for it.
    pub owner: Owner,
    /// What it says.
    #[schemars(length(min = 1, max = 200))]
    pub sections: Vec<Section>,
}

/// A section of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Section {
    /// Id, unique in the page; links lead to it, and it tells sections apart from one version to the next.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub id: String,
    /// Heading.
    pub title: Text,
    /// Clauses and rules that it carries out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// What stands in it, part by part.
    #[schemars(length(min = 1, max = 100))]
    pub content: Vec<Part>,
}

/// A part of a section: a paragraph, a list or a table of norms. Texts are plain: no mark-up is read in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// A paragraph.
    Paragraph(Text),
    /// A list.
    List(#[schemars(length(min = 1, max = 100))] Vec<Text>),
    /// A list whose entries have numbers: one comes after the other.
    Numbered(#[schemars(length(min = 1, max = 100))] Vec<Text>),
    /// Ids of norms: of each, what it promises, within which time, by which source, and whether that was verified.
    Norms(#[schemars(length(min = 1, max = 100), inner(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$")))] Vec<String>),
}

impl Page {
    /// Ids of the norms that it names, each with its JSON pointer.
    pub fn norms(&self) -> impl Iterator<Item = (String, &str)> {
        self.sections.iter().enumerate().flat_map(|(section, one)| {
            one.content.iter().enumerate().flat_map(move |(part, content)| {
                let norms: &[String] = if let Part::Norms(norms) = content { norms } else { &[] };
                let pointer = move |at: usize| format!("/sections/{section}/content/{part}/norms/{at}");
                norms.iter().enumerate().map(move |(at, norm)| (pointer(at), norm.as_str()))
            })
        })
    }

    /// Its texts, each with its JSON pointer.
    pub fn texts(&self) -> Vec<(String, &Text)> {
        let mut texts = vec![("/title".to_owned(), &self.title)];
        for (section, one) in self.sections.iter().enumerate() {
            texts.push((format!("/sections/{section}/title"), &one.title));
            for (part, content) in one.content.iter().enumerate() {
                let at = format!("/sections/{section}/content/{part}");
                match content {
                    Part::Paragraph(text) => texts.push((format!("{at}/paragraph"), text)),
                    Part::List(list) | Part::Numbered(list) => {
                        let name = if matches!(content, Part::List(_)) { "list" } else { "numbered" };
                        texts.extend(list.iter().enumerate().map(|(n, text)| (format!("{at}/{name}/{n}"), text)));
                    }
                    Part::Norms(_) => {}
                }
            }
        }
        texts
    }
}

impl Section {
    /// Ids of the norms that it names.
    pub fn norms(&self) -> impl Iterator<Item = &str> {
        let norms = self.content.iter().filter_map(|part| if let Part::Norms(norms) = part { Some(norms) } else { None });
        norms.flatten().map(String::as_str)
    }
}

/// The JSON Schema (2020-12) of a page.
pub fn page_schema() -> Value {
    let mut schema: Schema = schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Page>();
    schema.insert("$id".into(), json!("https://sevottam.example/schema/page.schema.json"));
    schema.insert("title".into(), json!("Sevottam page"));
    schema.to_value()
}
