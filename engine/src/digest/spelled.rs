//! Text of which there is one spelling, read from the left without a tree: each piece must be what [`canonical`](super::canonical) writes.

use std::borrow::Cow;

use serde_json::Value;

use super::canonical::first_escaped;
use super::{JsonLimits, parse_strict};

/// Bytes for which there is room at once in a string that has to be copied.
const ROOM: usize = 1_024;

/// The rest of a text that is being read. Each reading yields nothing where what comes next is spelled otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Spelled<'a>(&'a str);

impl<'a> Spelled<'a> {
    /// All of a text.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// Just these characters. If they do not come next, nothing is read.
    pub(crate) fn token(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(token)?;
        Some(())
    }

    /// A whole number.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(length);
        if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// A string, borrowed where nothing in it is escaped.
    pub(crate) fn string(&mut self) -> Option<Cow<'a, str>> {
        let plain = self.plain();
        if plain.is_some() {
            return plain.map(Cow::Borrowed);
        }
        let mut rest = self.0.strip_prefix('"')?;
        let mut text = String::with_capacity(ROOM);
        loop {
            let place = first_escaped(rest)?;
            text.push_str(&rest[..place]);
            let escaped = rest.as_bytes()[place];
            rest = &rest[place + 1..];
            match escaped {
                b'"' => break,
                b'\\' => {
                    let (character, after) = unescaped(rest)?;
                    text.push(character);
                    rest = after;
                }
                _ => return None,
            }
        }
        self.0 = rest;
        Some(text.into())
    }

    /// A string in which nothing is escaped.
    pub(crate) fn plain(&mut self) -> Option<&'a str> {
        let rest = self.0.strip_prefix('"')?;
        let place = first_escaped(rest)?;
        if rest.as_bytes()[place] != b'"' {
            return None;
        }
        self.0 = &rest[place + 1..];
        Some(&rest[..place])
    }

    /// A member whose value is such a string, where it comes next.
    #[expect(clippy::option_option, reason = "whether it is there, and whether it is spelled so, are two things")]
    pub(crate) fn member(&mut self, name: &str) -> Option<Option<&'a str>> {
        match self.token(name) {
            Some(()) => self.plain().map(Some),
            None => Some(None),
        }
    }

    /// All up to the next quotation mark, which is read too: of a string whose characters are then looked at themselves.
    pub(crate) fn until_quote(&mut self) -> Option<&'a str> {
        let (before, after) = self.0.split_once('"')?;
        self.0 = after;
        Some(before)
    }

    /// All up to these characters, which are read too.
    pub(crate) fn until(&mut self, end: &str) -> Option<&'a str> {
        let (before, after) = self.0.split_once(end)?;
        self.0 = after;
        Some(before)
    }

    /// The end.
    pub(crate) const fn end(self) -> Option<()> {
        if self.0.is_empty() { Some(()) } else { None }
    }
}

/// The value of a text that is spelled so throughout, but that the members of its objects stand in any order, each once. Nothing else has one.
pub(crate) fn in_any_order(text: &str, limits: &JsonLimits) -> Option<Value> {
    let value = parse_strict(text.as_bytes(), limits).ok()?;
    // Numbers and words have one spelling each: left are strings, and the white space between.
    let mut rest = Spelled::new(text);
    while !rest.0.is_empty() {
        let (between, after) = rest.0.split_at(rest.0.find('"').unwrap_or(rest.0.len()));
        if between.contains(|c: char| c.is_ascii_whitespace()) {
            return None;
        }
        rest = Spelled(after);
        if !after.is_empty() {
            rest.string()?;
        }
    }
    Some(value)
}

/// The character of an escape, without its backslash, and what follows: of each character there is one.
fn unescaped(rest: &str) -> Option<(char, &str)> {
    let character = match rest.as_bytes().first()? {
        b'"' => '"',
        b'\\' => '\\',
        b'b' => '\u{08}',
        b't' => '\t',
        b'n' => '\n',
        b'f' => '\u{0c}',
        b'r' => '\r',
        b'u' => {
            let digits = rest.get(1..5)?.strip_prefix("00")?;
            let byte = super::unhex(digits)?.first().copied()?;
            let short = matches!(byte, 0x08 | b'\t' | b'\n' | 0x0c | b'\r');
            return if byte < b' ' && !short { Some((char::from(byte), &rest[5..])) } else { None };
        }
        _ => return None,
    };
    Some((character, &rest[1..]))
}
