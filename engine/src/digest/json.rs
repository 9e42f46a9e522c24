//! Strict JSON: RFC 8259 text in the I-JSON profile (RFC 7493), so that every reader sees the same value.

use std::fmt;

use serde::Serialize;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Largest integer that every JSON reader keeps exactly, 2^53−1 (RFC 7493 §2.2).
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// [`MAX_SAFE_INTEGER`] as a double, exact.
const MAX_SAFE_DOUBLE: f64 = 9_007_199_254_740_991.0;

/// Highest depth [`JsonLimits::max_depth`] can ask for; below `serde_json`'s own recursion limit.
pub const MAX_DEPTH: usize = 126;

/// Byte order mark, not allowed in JSON text (RFC 8259 §8.1).
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What [`parse_strict`] lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonLimits {
    /// Longest document in bytes. Default 1 MiB.
    pub max_bytes: usize,
    /// Most arrays and objects inside one another; `[]` has depth 1. Default 32; values above
    /// [`MAX_DEPTH`] count as [`MAX_DEPTH`].
    pub max_depth: usize,
    /// Lets fractions and exponents through as IEEE 754 doubles (RFC 7493 §2.2), for authored
    /// documents such as a JSON Schema with `"multipleOf": 0.5`. Default `false`.
    pub fractions: bool,
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self { max_bytes: 1 << 20, max_depth: 32, fractions: false }
    }
}

/// Why a document was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{code}: {message}{}", self.place())]
pub struct JsonError {
    /// `json.syntax`, `json.duplicate-name`, `json.too-deep`, `json.too-big`, `json.number` or
    /// `json.encoding`.
    pub code: &'static str,
    /// A sentence for the author of the document, with the way out.
    pub message: String,
    /// JSON Pointer (RFC 6901) of the place, or of the value being read when reading stopped.
    pub pointer: String,
    /// Offset in bytes from 0, at or just before the place.
    pub offset: Option<usize>,
    /// Line of `offset`, from 1.
    pub line: Option<usize>,
    /// Column of `offset` in characters (Unicode scalar values), from 1.
    pub column: Option<usize>,
}

impl JsonError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        let (message, pointer) = (message.into(), String::new());
        Self { code, message, pointer, offset: None, line: None, column: None }
    }

    /// Adds the position of the byte at `offset`.
    fn at(mut self, bytes: &[u8], offset: usize) -> Self {
        let offset = offset.min(bytes.len());
        let before = &bytes[..offset];
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.offset = Some(offset);
        self.line = Some(before.split(|byte| *byte == b'\n').count());
        self.column = Some(1 + String::from_utf8_lossy(&before[start..]).chars().count());
        self
    }

    fn place(&self) -> String {
        let mut place = String::new();
        if !self.pointer.is_empty() {
            place = format!(" At {}", self.pointer);
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            let joint = if place.is_empty() { " At" } else { "," };
            place = format!("{place}{joint} line {line}, column {column}");
        }
        if !place.is_empty() {
            place.push('.');
        }
        place
    }
}

/// Reads one JSON document strictly (RFC 8259 in the profile of RFC 7493, I-JSON).
///
/// Refused: anything but UTF-8 and a byte order mark (RFC 8259 §8.1); lone surrogates (RFC 7493
/// §2.1); a member name that occurs twice in an object, at any depth and after unescaping (RFC
/// 7493 §2.3); integers beyond ±[`MAX_SAFE_INTEGER`] (RFC 7493 §2.2); fractions, exponents and
/// `-0`, unless [`JsonLimits::fractions`]; data after the value; more bytes or depth than allowed.
///
/// With `fractions`, a double that is a whole number becomes an integer (`1.0` → 1, `-0` → 0),
/// so equal numbers are equal values.
///
/// # Errors
/// [`JsonError`] with the code, a sentence with help, and the place of the first fault.
pub fn parse_strict(bytes: &[u8], limits: &JsonLimits) -> Result<Value, JsonError> {
    if bytes.len() > limits.max_bytes {
        let (length, most) = (bytes.len(), limits.max_bytes);
        let message = format!("The document has {length} bytes and only {most} are allowed; shorten or split it.");
        return Err(JsonError::new("json.too-big", message));
    }
    if bytes.starts_with(BOM) {
        let message = "The document begins with a byte order mark; save it as UTF-8 without one.";
        return Err(JsonError::new("json.encoding", message).at(bytes, 0));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = "The document is not valid UTF-8 here; save it with the encoding UTF-8.";
        JsonError::new("json.encoding", message).at(bytes, error.valid_up_to())
    })?;

    let mut state = State { limits, path: Vec::new(), depth: 0, failure: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Strict(&mut state).deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| state.explain(text, &error))
}

/// What is known while a document is being read.
struct State<'l> {
    limits: &'l JsonLimits,
    /// Unescaped reference tokens from the document to the value being read.
    path: Vec<String>,
    depth: usize,
    /// Our own reason to stop; without one the fault is `serde_json`'s.
    failure: Option<(&'static str, String)>,
}

impl State<'_> {
    fn refuse<E: de::Error>(&mut self, code: &'static str, message: impl Into<String>) -> E {
        self.failure = Some((code, message.into()));
        E::custom(code)
    }

    fn enter<E: de::Error>(&mut self) -> Result<(), E> {
        let most = self.limits.max_depth.min(MAX_DEPTH);
        if self.depth >= most {
            let message = format!("Arrays and objects are nested more than {most} deep; make the structure flatter.");
            return Err(self.refuse("json.too-deep", message));
        }
        self.depth += 1;
        Ok(())
    }

    /// An integer whose absolute value is `size`.
    fn integer<E: de::Error>(&mut self, size: u64, value: impl Into<Number>) -> Result<Value, E> {
        if size > MAX_SAFE_INTEGER {
            return Err(self.refuse("json.number", TOO_LARGE));
        }
        Ok(Value::Number(value.into()))
    }

    /// A number that `serde_json` could not keep as an integer of 64 bits.
    fn float<E: de::Error>(&mut self, value: f64) -> Result<Value, E> {
        let whole = value.fract() == 0.0;
        if whole && value.abs() > MAX_SAFE_DOUBLE {
            return Err(self.refuse("json.number", TOO_LARGE));
        }
        if !self.limits.fractions {
            let message = "Numbers are plain integers here, without fraction, exponent or -0; \
                           write a decimal string such as \"12.50\" instead.";
            return Err(self.refuse("json.number", message));
        }
        if whole {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within ±(2^53−1)")]
            return Ok(Value::Number((value as i64).into()));
        }
        match Number::from_f64(value) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(self.refuse("json.number", TOO_LARGE)),
        }
    }

    /// The error to report for what stopped `serde_json`.
    fn explain(self, text: &str, error: &serde_json::Error) -> JsonError {
        let offset = offset_of(text, error.line(), error.column());
        let (code, message, offset) = match self.failure {
            Some((code, message)) => (code, message, offset),
            None => explain_syntax(text, error, offset),
        };
        let mut explained = JsonError::new(code, message).at(text.as_bytes(), offset);
        for token in &self.path {
            explained.pointer.push('/');
            explained.pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        }
        explained
    }
}

const TOO_LARGE: &str = "The number is beyond ±9007199254740991 (2^53-1), where readers \
                         disagree about its value; write it as a string.";

/// Code, sentence and offset of a fault that `serde_json` found.
fn explain_syntax(text: &str, error: &serde_json::Error, offset: usize) -> (&'static str, String, usize) {
    if let Some(surrogate) = lone_surrogate(text).filter(|found| *found <= offset) {
        let message = "The escape \\uD800 to \\uDFFF stands for half a character here; write \
                       both halves, or the character itself in UTF-8.";
        return ("json.encoding", message.to_owned(), surrogate);
    }
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    if reason == "number out of range" {
        return ("json.number", TOO_LARGE.to_owned(), offset);
    }
    let help = match reason {
        "trailing characters" => "there is more text after the end of the document; remove it",
        "trailing comma" => "there is a comma with nothing after it; remove it",
        "key must be a string" => "put the member name in double quotes",
        _ if error.is_eof() => "it ends too early; check that it is complete",
        _ => "check quotes, commas and brackets here",
    };
    ("json.syntax", format!("The document is not valid JSON ({reason}): {help}."), offset)
}

/// Offset of the byte `serde_json` read last, from its line (from 1) and column (bytes read).
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len);
    let mut offset = (before.sum::<usize>() + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Offset of the first `\u` escape of half a surrogate pair (RFC 7493 §2.1).
fn lone_surrogate(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let digits = std::str::from_utf8(digits).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut at = 0;
    while at < bytes.len() {
        at += match (bytes[at], unit(at)) {
            (_, Some(0xd800..=0xdbff)) => match unit(at + 6) {
                Some(0xdc00..=0xdfff) => 12,
                _ => return Some(at),
            },
            (_, Some(0xdc00..=0xdfff)) => return Some(at),
            (b'\\', _) => 2,
            _ => 1,
        };
    }
    None
}

/// Reads any value, keeping [`State`] up to date.
struct Strict<'s, 'l>(&'s mut State<'l>);

impl<'de> DeserializeSeed<'de> for Strict<'_, '_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        self.0.integer(value.unsigned_abs(), value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        self.0.integer(value, value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        self.0.float(value)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let state = self.0;
        state.enter()?;
        let mut list = Vec::new();
        loop {
            state.path.push(list.len().to_string());
            let item = items.next_element_seed(Strict(&mut *state))?;
            state.path.pop();
            match item {
                Some(value) => list.push(value),
                None => break,
            }
        }
        state.depth -= 1;
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let state = self.0;
        state.enter()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            state.path.push(name.clone());
            if object.contains_key(&name) {
                let message = "The object already has a member with this name; \
                               keep one of the two.";
                return Err(state.refuse("json.duplicate-name", message));
            }
            let value = members.next_value_seed(Strict(&mut *state))?;
            state.path.pop();
            object.insert(name, value);
        }
        state.depth -= 1;
        Ok(Value::Object(object))
    }
}
