//! W3C Trace Context: which trace a request belongs to, so that what this program says of it is found beside what others say.

use axum::http::HeaderMap;

/// The header in which a request says so.
pub const TRACEPARENT: &str = "traceparent";
/// The header in which an answer tells what it was taken for.
pub const TRACERESPONSE: &str = "traceresponse";

/// A request as a part of a trace.
#[derive(Debug)]
pub struct Trace {
    /// The trace, 32 hexadecimal digits.
    pub id: String,
    /// This request within it, 16 digits.
    pub span: String,
    /// The part of it that the request comes from; none where it begins one.
    pub parent: Option<String>,
    /// Whether whoever began the trace records it.
    pub sampled: bool,
}

impl Trace {
    /// The trace that the headers name. Where they name none, or not one, or not as the standard has it, the request begins a trace, which is
    /// recorded or not as `records` says. `mint` draws 32 hexadecimal digits.
    pub fn of(headers: &HeaderMap, mint: impl Fn() -> String, records: bool) -> Self {
        let mut span = mint();
        span.truncate(16);
        let mut given = headers.get_all(TRACEPARENT).iter();
        let parent = match (given.next(), given.next()) {
            (Some(only), None) => only.to_str().ok().and_then(parse),
            _ => None,
        };
        match parent {
            Some(Parent { trace, span: parent, sampled }) => {
                Self { id: trace.to_owned(), span, parent: Some(parent.to_owned()), sampled }
            }
            None => Self { id: mint(), span, parent: None, sampled: records },
        }
    }

    /// What the answer says.
    pub fn response(&self) -> String {
        format!("00-{}-{}-{:02x}", self.id, self.span, u8::from(self.sampled))
    }
}

/// What a `traceparent` says.
#[derive(Debug, PartialEq, Eq)]
pub struct Parent<'a> {
    /// The trace.
    pub trace: &'a str,
    /// Whose part the request is.
    pub span: &'a str,
    /// Whether the trace is recorded.
    pub sampled: bool,
}

/// Reads a `traceparent`. Of a version that is newer than the standard the same is read, whatever follows it.
pub fn parse(text: &str) -> Option<Parent<'_>> {
    const LENGTH: usize = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".len();
    let (known, more) = text.split_at_checked(LENGTH)?;
    let mut parts = known.split('-');
    let [version, id, parent, flags] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let hex = |part: &str, digits| part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let named = |part: &str, digits| hex(part, digits) && part.bytes().any(|byte| byte != b'0');
    let fits = if version == "00" { more.is_empty() } else { more.is_empty() || more.starts_with('-') };
    if !hex(version, 2) || version == "ff" || !fits || !named(id, 32) || !named(parent, 16) || !hex(flags, 2) {
        return None;
    }
    let flags = u8::from_str_radix(flags, 16).ok()?;
    Some(Parent { trace: id, span: parent, sampled: flags & 1 == 1 })
}

#[cfg(test)]
mod tests {
    use super::{Parent, parse};

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_traceparent_is_read_strictly() {
        let check = |text: &str, expected: Option<bool>| {
            let expected = expected.map(|sampled| Parent { trace: ID, span: "00f067aa0ba902b7", sampled });
            assert_eq!(parse(text), expected, "{text:?}");
        };
        check(&format!("00-{ID}-00f067aa0ba902b7-01"), Some(true));
        check(&format!("00-{ID}-00f067aa0ba902b7-00"), Some(false));
        check(&format!("00-{ID}-00f067aa0ba902b7-02"), Some(false));
        check(&format!("cc-{ID}-00f067aa0ba902b7-03"), Some(true));
        check(&format!("cc-{ID}-00f067aa0ba902b7-01-what-comes-later"), Some(true));
        for bad in [
            String::new(),
            ID.to_owned(),
            format!("ff-{ID}-00f067aa0ba902b7-01"),
            format!("0-{ID}-00f067aa0ba902b7-001"),
            format!("00-{ID}-00f067aa0ba902b7-01-more"),
            format!("cc-{ID}-00f067aa0ba902b7-01more"),
            format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{ID}-0000000000000000-01"),
            format!("00-{ID}-00f067aa0ba902b-001"),
            format!("00-{ID}-00f067aa0ba902b7-0x"),
            format!(" 00-{ID}-00f067aa0ba902b7-01"),
            format!("00_{ID}_00f067aa0ba902b7_01"),
            format!("00-{ID}-00f067aa0ba902b7-1\u{e9}"),
        ] {
            check(&bad, None);
        }
    }
}
