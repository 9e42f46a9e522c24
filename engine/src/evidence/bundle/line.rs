//! The lines of a log in a bundle: entries with their payloads, entries of which the leaf alone is shown, and whole subtrees by their root.

use std::borrow::Cow;

use super::malformed;
use crate::digest::{Hash, Spelled, hex, unhex_32, write_string};
use crate::evidence::EvidenceError;
use crate::journal::{Payload, Sealed, codec};
use crate::model::CommandId;
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

impl<'a> Line<'a> {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// `bundle.malformed`: there is one spelling for each line.
    pub fn read(text: &'a str) -> Result<Self, EvidenceError> {
        if text.len() > BUNDLE_LINE_BYTES_MAX {
            return Err(malformed(format!("a line has more than {BUNDLE_LINE_BYTES_MAX} bytes")));
        }
        // There is one spelling, so it is read just so, and nothing has to be written again and compared.
        Self::spelled(Spelled::new(text)).ok_or_else(|| malformed("a line has another form than any may have"))
    }

    fn spelled(mut text: Spelled<'a>) -> Option<Self> {
        text.token(r#"{"index":"#)?;
        let index = text.number()?;
        let line = if text.token(r#","node":""#).is_some() {
            let node = text.until_quote()?.parse().ok()?;
            text.token(r#","size":"#)?;
            Self::Node { index, size: text.number()?, node }
        } else {
            text.token(r#","leaf":"#)?;
            let leaf = text.string()?;
            let payloads = match text.token(r#","payloads":["#) {
                Some(()) => Some(Shown::list(&mut text)?),
                None => None,
            };
            Self::Entry { index, leaf, payloads }
        };
        text.token("}")?;
        text.end().map(|()| line)
    }

    /// The case of an entry whose line was read before and found in order; where this yields none, the line has to be read.
    pub(crate) fn case_of(text: &str) -> Option<CommandId> {
        let mut text = Spelled::new(text);
        text.token(r#"{"index":"#)?;
        text.number()?;
        text.token(r#","leaf":"{\"actor\":\""#)?;
        text.until(r#"\","#)?;
        text.token(r#"\"case\":\""#)?;
        text.until(r#"\","#)?.parse().ok()
    }

    /// The index that follows.
    pub(crate) fn end(&self) -> u64 {
        match self {
            Self::Entry { index, .. } => index.saturating_add(1),
            Self::Node { index, size, .. } => index.saturating_add(*size),
        }
    }

    /// The same, for whoever keeps it.
    pub fn into_owned(self) -> Line<'static> {
        match self {
            Self::Node { index, size, node } => Line::Node { index, size, node },
            Self::Entry { index, leaf, payloads } => Line::Entry {
                index,
                leaf: leaf.into_owned().into(),
                payloads: payloads.map(|payloads| payloads.into_iter().map(Shown::into_owned).collect()),
            },
        }
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
    /// The payloads of an entry, up to the end of their list.
    fn list(text: &mut Spelled<'a>) -> Option<Vec<Self>> {
        let mut list = Vec::new();
        if text.token("]").is_some() {
            return Some(list);
        }
        loop {
            list.push(Self::spelled(text)?);
            if text.token("]").is_some() {
                return Some(list);
            }
            text.token(",")?;
        }
    }

    fn spelled(text: &mut Spelled<'a>) -> Option<Self> {
        text.token("{")?;
        let mut body = None;
        let is_erased = text.token(r#""body":null,"#).is_some();
        if !is_erased && text.token(r#""body":"#).is_some() {
            body = Some(text.string()?);
            text.token(",")?;
        }
        text.token(r#""name":"#)?;
        let name = text.string()?;
        let content = if text.token(r#","salt":""#).is_some() {
            let salt = unhex_32(text.until_quote()?)?;
            match body {
                Some(body) => Content::Disclosed { salt, body },
                None if is_erased && salt == [0; 32] => Content::Erased,
                None => return None,
            }
        } else {
            text.token(r#","withheld":"#)?;
            let ground = Some(text.string()?).filter(|ground| is_ground(ground) && body.is_none() && !is_erased)?;
            Content::Withheld(ground)
        };
        text.token("}")?;
        Some(Self { name, content })
    }

    fn into_owned(self) -> Shown<'static> {
        let content = match self.content {
            Content::Disclosed { salt, body } => Content::Disclosed { salt, body: body.into_owned().into() },
            Content::Erased => Content::Erased,
            Content::Withheld(ground) => Content::Withheld(ground.into_owned().into()),
        };
        Shown { name: self.name.into_owned().into(), content }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Line, is_ground};
    use crate::digest::{canonical, hex};

    /// Whether a text is a line, by the words of the format alone.
    fn is_line(text: &str) -> bool {
        let Ok(line) = serde_json::from_str::<serde_json::Value>(text) else { return false };
        let has = |value: &serde_json::Value, names: &[&str]| {
            value.as_object().is_some_and(|one| one.keys().map(String::as_str).eq(names.iter().copied()))
        };
        let hash = |value: &serde_json::Value| {
            value
                .as_str()
                .is_some_and(|text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
        };
        let payload = |one: &serde_json::Value| {
            one["name"].is_string()
                && (has(one, &["body", "name", "salt"])
                    && (one["body"].is_string() && hash(&one["salt"]) || one["body"].is_null() && one["salt"] == hex(&[0; 32]))
                    || has(one, &["name", "withheld"]) && one["withheld"].as_str().is_some_and(is_ground))
        };
        let entry = line["leaf"].is_string()
            && (has(&line, &["index", "leaf"])
                || has(&line, &["index", "leaf", "payloads"])
                    && line["payloads"].as_array().is_some_and(|all| all.iter().all(payload)));
        let node = has(&line, &["index", "node", "size"]) && hash(&line["node"]) && line["size"].is_u64();
        canonical(&line) == text && line["index"].is_u64() && (entry || node)
    }

    #[test]
    fn a_line_is_read_if_it_is_one_and_has_one_spelling() {
        let (hash, salt) = ("0a".repeat(32), "0b".repeat(32));
        let lines = [
            json!({ "index": 8, "node": hash, "size": 4 }),
            json!({ "index": 8, "leaf": "{\"actor\":\"a\"}" }),
            json!({ "index": 8, "leaf": "é\n", "payloads": [] }),
            json!({ "index": 10, "leaf": "", "payloads": [
                { "body": "{\"a\":1}", "name": "events", "salt": salt },
                { "body": null, "name": "b.0", "salt": "0".repeat(64) },
                { "name": "c.1", "withheld": "RTI" },
            ] }),
        ];
        let pieces = [
            "", "0", "1", "a", "A", " ", "\"", "\\", "\\\"", "\\u0061", "\\u001f", ",", "}", "]", "null", "é", "\t", "[]",
            "\"b\":1,",
        ];
        let (mut read, mut refused) = (0, 0);
        for line in lines.map(|line| canonical(&line)) {
            assert_eq!(Line::read(&line).expect("a line").to_string(), line);
            for place in (0..line.len()).filter(|place| line.is_char_boundary(*place)) {
                for (piece, gone) in pieces.iter().flat_map(|piece| [(piece, 0), (piece, 1), (piece, 4)]) {
                    let Some(rest) = line.get(place + gone..) else { continue };
                    let changed = [&line[..place], piece, rest].concat();
                    let ours = Line::read(&changed);
                    assert_eq!(ours.is_ok(), is_line(&changed), "{changed}");
                    *(if ours.is_ok() { &mut read } else { &mut refused }) += 1;
                    if let Ok(ours) = ours {
                        assert_eq!(ours.to_string(), changed);
                    }
                }
            }
        }
        assert!(read > 500 && refused > 5_000, "{read} {refused}");
    }

    #[test]
    fn what_follows_the_last_index_of_all_is_reckoned() {
        let node = "0".repeat(64);
        for line in ["\"leaf\":\"x\"", &format!("\"node\":\"{node}\",\"size\":2")] {
            let line = format!("{{\"index\":{},{line}}}", u64::MAX);
            assert_eq!(Line::read(&line).expect("a line").end(), u64::MAX, "{line}");
        }
    }
}
