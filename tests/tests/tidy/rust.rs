//! Rust text taken apart: code without comments and strings, the strings, the words. Just enough to read imports and calls.

/// Source text taken apart.
pub(super) struct Source {
    /// The text with comments and the insides of strings blanked: same length, same lines.
    pub(super) code: String,
    /// The insides of string literals, each with the byte at which it begins.
    pub(super) strings: Vec<(usize, String)>,
}

impl Source {
    /// Takes a text apart.
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut code = bytes.to_vec();
        let mut strings = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let (inside, end, is_string) = match rest {
                [b'/', b'/', ..] => (at, line_end(bytes, at), false),
                [b'/', b'*', ..] => (at, comment_end(bytes, at), false),
                [b'r', b'"' | b'#', ..] if !after_word(bytes, at) => match raw_string(bytes, at) {
                    Some((inside, end)) => (inside, end, true),
                    None => (at, at, false),
                },
                [b'"', ..] => (at + 1, string_end(bytes, at + 1), true),
                [b'\'', b'\\', ..] => (at + 1, string_end_by(bytes, at + 1, b'\''), false),
                [b'\'', _, b'\'', ..] => (at + 1, at + 2, false),
                _ => (at, at, false),
            };
            for byte in &mut code[inside..end] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
            if is_string {
                strings.push((inside, text[inside..end].to_owned()));
                // Past the closing quote.
                at = end + 1;
            } else {
                at = end.max(at + 1);
            }
        }
        // Only whole characters were blanked, byte by byte.
        Self { code: String::from_utf8_lossy(&code).into_owned(), strings }
    }

    /// Words and signs of the code, with their places. `::` is one sign.
    pub(super) fn tokens(&self) -> Vec<(usize, &str)> {
        let bytes = self.code.as_bytes();
        let mut tokens = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let begin = at;
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
            if begin == at {
                at +=
                    if self.code[at..].starts_with("::") { 2 } else { self.code[at..].chars().next().map_or(1, char::len_utf8) };
            }
            let token = &self.code[begin..at];
            if !token.trim().is_empty() {
                tokens.push((begin, token));
            }
        }
        tokens
    }
}

/// Number of the line of a byte, from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).split('\n').count()
}

/// Places of `words` in `code` as whole words.
pub(super) fn places(code: &str, words: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let whole = |at: usize| {
        let end = at + words.len();
        let edge =
            |near: Option<&u8>, own: Option<&u8>| !(near.copied().is_some_and(is_word) && own.copied().is_some_and(is_word));
        edge(at.checked_sub(1).and_then(|before| bytes.get(before)), words.as_bytes().first())
            && edge(bytes.get(end), words.as_bytes().last())
    };
    code.match_indices(words).map(|(at, _)| at).filter(|at| whole(*at)).collect()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn after_word(bytes: &[u8], at: usize) -> bool {
    // `br"…"` and `cr"…"` are strings too.
    at > 0 && is_word(bytes[at - 1]) && !(matches!(bytes[at - 1], b'b' | b'c') && (at < 2 || !is_word(bytes[at - 2])))
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |n| from + n)
}

fn comment_end(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    string_end_by(bytes, from, b'"')
}

fn string_end_by(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Inside and end of `r#"…"#` that begins here.
fn raw_string(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    let inside = at + 1 + hashes + 1;
    if bytes.get(inside - 1) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let end = bytes[inside..].windows(close.len()).position(|window| window == close)?;
    Some((inside, inside + end))
}
