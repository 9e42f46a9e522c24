//! Canonical JSON text (RFC 8785, JCS) and the narrower form allowed in evidence leaves.

use serde_json::{Number, Value};

use super::{JsonLimits, parse_strict};

/// Longest evidence leaf in bytes (reliability.md §4.2; tlog-tiles keeps lengths in 16 bits).
pub const MAX_LEAF_BYTES: usize = 16_384;

/// The RFC 8785 text of a value.
///
/// No insignificant space, members sorted by UTF-16 code units (§3.2.3), the shortest escapes
/// (§3.2.2.2), numbers as ECMAScript `Number::toString` writes them (§3.2.2.3).
///
/// Integers are written digit by digit. Outside ±(2^53−1), which [`parse_strict`] never lets
/// through, RFC 8785 would round them to a double; here different integers stay different text.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            // UTF-16 order differs from UTF-8 order: U+1F600 (D83D DE00) sorts before U+FB33.
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (position, (name, member)) in sorted.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write_value(member, out);
            }
            out.push('}');
        }
    }
}

fn write_number(number: &Number, out: &mut String) {
    match number.as_f64() {
        Some(float) if number.is_f64() => out.push_str(ryu_js::Buffer::new().format(float)),
        _ => out.push_str(&number.to_string()),
    }
}

/// RFC 8785 §3.2.2.2: two-character escapes where they exist, `\u00xx` in lower case for the
/// other control characters, everything else as it is.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(place) = first_escaped(rest) {
        out.push_str(&rest[..place]);
        match rest.as_bytes()[place] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\x08' => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\x0c' => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            control => {
                out.push_str("\\u00");
                out.push_str(&super::hex(&[control]));
            }
        }
        rest = &rest[place + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// The place of the first byte of a text that is written as an escape, or ends a string. Such bytes are ASCII, so that a text can be cut there.
pub(super) fn first_escaped(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // Eight bytes at a time are passed over where none of them can be one.
    let (words, _) = bytes.as_chunks::<8>();
    let from = 8 * words.iter().position(|word| may_be_escaped(u64::from_le_bytes(*word))).unwrap_or(words.len());
    Some(from + bytes[from..].iter().position(|byte| is_escaped(*byte))?)
}

const fn is_escaped(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Whether any of eight bytes may be one. A borrow may make it say so of a byte beside one that is; never the other way round.
const fn may_be_escaped(word: u64) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * b' ' as u64) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGH != 0
}

/// Whether the bytes have the form of an evidence leaf (reliability.md §4.2).
///
/// Printable ASCII (0x20–0x7E) only, also after unescaping; no fractions; |n| < 2^53; no
/// duplicate members; at most [`MAX_LEAF_BYTES`]; and `canonical(parse(leaf))` equal to the
/// bytes, so that one leaf has one meaning. Which members a leaf has is not judged here.
#[must_use]
pub fn is_strict_ascii(leaf: &[u8]) -> bool {
    let limits = JsonLimits { max_bytes: MAX_LEAF_BYTES, ..JsonLimits::default() };
    leaf.iter().all(|byte| is_printable(*byte))
        && parse_strict(leaf, &limits).is_ok_and(|value| is_ascii_value(&value) && canonical(&value).as_bytes() == leaf)
}

fn is_ascii_value(value: &Value) -> bool {
    let printable = |text: &str| text.bytes().all(is_printable);
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => printable(text),
        Value::Array(items) => items.iter().all(is_ascii_value),
        Value::Object(members) => members.iter().all(|(name, member)| printable(name) && is_ascii_value(member)),
    }
}

const fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e)
}
