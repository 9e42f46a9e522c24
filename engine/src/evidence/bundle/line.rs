//! The lines of a log in a bundle: entries with their payloads, entries of which the leaf alone is shown, and whole subtrees by their root.

use std::borrow::Cow;

use serde::Deserialize;

use super::malformed;
use crate::digest::{Hash, hex, unhex, write_string};
use crate::evidence::EvidenceError;
use crate::journal::{Payload, Sealed, codec};
use crate::model::limits::{BUNDLE_LINE_BYTES_MAX, TEXT_CHARS_MAX};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<'a> {
    /// An entry.
    Entry {
        /// Its index.
        index: u64,
        /// The bytes that are hashed.
        leaf: Cow<'a, str>,
        /// Its payloads; none where the leaf alone is shown.
        payloads: Option<Vec<Shown<'a>>>,
    },
    /// So many entries that are not shown: a power of two of them, at a multiple of it.
    Node {
        /// The index of the first.
        index: u64,
        /// How many.
        size: u64,
        /// The root of the tree over them.
        node: Hash,
    },
}

/// A payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// What is shown of it.
    pub content: Content<'a>,
}

/// What is shown of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content<'a> {
    /// The value, with the salt of its commitment.
    Disclosed {
        /// Salt.
        salt: [u8; 32],
        /// The bytes.
        body: Cow<'a, str>,
    },
    /// The journal has it no longer.
    Erased,
    /// The journal has it, and the bundle does not, on this ground.
    Withheld(Cow<'a, str>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadLine<'a> {
    index: u64,
    #[serde(borrow)]
    leaf: Option<Text<'a>>,
    node: Option<Hash>,
    payloads: Option<Vec<ReadPayload<'a>>>,
    size: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadPayload<'a> {
    #[serde(borrow)]
    body: Option<Text<'a>>,
    name: Text<'a>,
    salt: Option<Text<'a>>,
    withheld: Option<Text<'a>>,
}

/// A text that is borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Line<'a> {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// `bundle.malformed`: there is one spelling for each line.
    pub fn read(text: &'a str) -> Result<Self, EvidenceError> {
        if text.len() > BUNDLE_LINE_BYTES_MAX {
            return Err(malformed(format!("a line has more than {BUNDLE_LINE_BYTES_MAX} bytes")));
        }
        let read: ReadLine<'_> =
            serde_json::from_str(text).map_err(|error| malformed(format!("a line is none of an entry: {error}")))?;
        let wrong = || malformed("a line has another form than any may have");
        let line = match read {
            ReadLine { index, leaf: Some(leaf), node: None, payloads, size: None } => {
                let payloads =
                    payloads.map(|payloads| payloads.into_iter().map(Shown::of).collect::<Option<_>>().ok_or_else(wrong));
                Self::Entry { index, leaf: leaf.0, payloads: payloads.transpose()? }
            }
            ReadLine { index, leaf: None, node: Some(node), payloads: None, size: Some(size) } => {
                Self::Node { index, size, node }
            }
            _ => return Err(wrong()),
        };
        // Whatever is not written so is not read so.
        if line.to_string() == text { Ok(line) } else { Err(wrong()) }
    }

    /// The entry, where its values are there.
    pub fn sealed(self) -> Option<Sealed> {
        let Self::Entry { index, leaf, payloads: Some(payloads) } = self else { return None };
        let place = codec::read_leaf(index, &leaf).ok()?;
        let payloads = payloads.into_iter().map(|payload| {
            let (salt, body) = match payload.content {
                Content::Disclosed { salt, body } => (salt, Some(body.into_owned())),
                Content::Erased | Content::Withheld(_) => ([0; 32], None),
            };
            Payload { name: payload.name.into_owned(), salt, body }
        });
        Some(Sealed {
            index,
            time: place.time,
            command: place.command,
            // Only the office needs it, to know a command that comes again.
            content: Hash::from_bytes([0; 32]),
            link: place.link,
            payloads: payloads.collect(),
            leaf: leaf.into_owned(),
        })
    }

    /// The line of an entry, personal values being withheld where there is a ground.
    pub fn entry(sealed: &'a Sealed, withheld: Option<&'a str>) -> Self {
        let payloads = sealed.payloads.iter().enumerate().map(|(place, payload)| {
            let content = match (&payload.body, withheld) {
                (None, _) => Content::Erased,
                (Some(_), Some(ground)) if place > 0 => Content::Withheld(ground.into()),
                (Some(body), _) => Content::Disclosed { salt: payload.salt, body: body.into() },
            };
            Shown { name: (&payload.name).into(), content }
        });
        Self::Entry { index: sealed.index, leaf: (&sealed.leaf).into(), payloads: Some(payloads.collect()) }
    }
}

impl<'a> Shown<'a> {
    fn of(read: ReadPayload<'a>) -> Option<Self> {
        let content = match (read.body, read.salt, read.withheld) {
            (Some(Text(body)), Some(Text(salt)), None) => Content::Disclosed { salt: unhex(&salt)?.try_into().ok()?, body },
            // Which of the two spellings it is shows when the line is written again.
            (None, Some(_), None) => Content::Erased,
            (None, None, Some(Text(ground))) => Content::Withheld(Some(ground).filter(|ground| is_ground(ground))?),
            _ => return None,
        };
        Some(Self { name: read.name.0, content })
    }
}

/// Whether a text can be a ground on which values are withheld.
pub fn is_ground(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX
}

/// The line in RFC 8785 form, without its end.
impl std::fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        match self {
            Self::Node { index, size, node } => return write!(f, r#"{{"index":{index},"node":"{node}","size":{size}}}"#),
            Self::Entry { index, leaf, payloads } => {
                out.push_str(r#"{"index":"#);
                out.push_str(&index.to_string());
                out.push_str(r#","leaf":"#);
                write_string(leaf, &mut out);
                if let Some(payloads) = payloads {
                    out.push_str(r#","payloads":["#);
                    for (place, payload) in payloads.iter().enumerate() {
                        if place > 0 {
                            out.push(',');
                        }
                        payload.write(&mut out);
                    }
                    out.push(']');
                }
                out.push('}');
            }
        }
        f.write_str(&out)
    }
}

impl Shown<'_> {
    fn write(&self, out: &mut String) {
        let name = |out: &mut String| {
            out.push_str(r#""name":"#);
            write_string(&self.name, out);
        };
        out.push('{');
        match &self.content {
            Content::Disclosed { salt, body } => {
                out.push_str(r#""body":"#);
                write_string(body, out);
                out.push(',');
                name(out);
                write_salt(salt, out);
            }
            Content::Erased => {
                out.push_str(r#""body":null,"#);
                name(out);
                write_salt(&[0; 32], out);
            }
            Content::Withheld(ground) => {
                name(out);
                out.push_str(r#","withheld":"#);
                write_string(ground, out);
            }
        }
        out.push('}');
    }
}

fn write_salt(salt: &[u8; 32], out: &mut String) {
    out.push_str(r#","salt":""#);
    out.push_str(&hex(salt));
    out.push('"');
}
