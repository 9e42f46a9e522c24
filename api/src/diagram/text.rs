//! Words: estimated widths, wrapping into lines, and XML escaping.

/// Escapes text for element content and attribute values; characters that
/// XML forbids become the replacement character.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Whether the character hangs on the one before it and takes no width.
fn hangs(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036f}' | '\u{0900}'..='\u{0902}' | '\u{093a}' | '\u{093c}'
        | '\u{0941}'..='\u{0948}' | '\u{094d}' | '\u{0951}'..='\u{0957}'
        | '\u{0962}' | '\u{0963}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether the character belongs to the one before it but takes some width.
fn leans(c: char) -> bool {
    matches!(c, '\u{0903}' | '\u{093b}' | '\u{093e}'..='\u{0940}' | '\u{0949}'..='\u{094c}'
        | '\u{094e}' | '\u{094f}')
}

/// The width of one character as a share of the font size.
fn share(c: char) -> f64 {
    match c {
        c if hangs(c) => 0.0,
        c if leans(c) => 0.3,
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.31,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.92,
        'A'..='Z' | '&' => 0.7,
        '0'..='9' | 'a'..='z' => 0.59,
        '\u{0904}'..='\u{0939}' | '\u{0958}'..='\u{0961}' => 0.66,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffff}' | '\u{1f000}'..='\u{3ffff}' => 1.05,
        _ => 0.64,
    }
}

/// The estimated width of a text at a font size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(share).sum::<f64>() * size
}

/// Wraps into at most `most` lines of at most `room` width; what does not fit
/// ends in an ellipsis.
pub(super) fn wrap(text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut cut = false;
    'words: for word in text.split_whitespace() {
        let mut rest = word;
        while !rest.is_empty() {
            let gap = if line.is_empty() { "" } else { " " };
            // A single word may stand out a little rather than be broken.
            let limit = if line.is_empty() { room * 1.12 } else { room };
            if width(&line, size) + width(gap, size) + width(rest, size) <= limit {
                line.push_str(gap);
                line.push_str(rest);
                break;
            }
            if line.is_empty() {
                let at = fitting(rest, size, room);
                lines.push(rest[..at].to_owned());
                rest = &rest[at..];
            } else {
                lines.push(std::mem::take(&mut line));
            }
            if lines.len() == most {
                cut = true;
                break 'words;
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if cut && let Some(last) = lines.last_mut() {
        while width(last, size) + size * 0.9 > room && !last.is_empty() {
            let at = last_cluster(last);
            last.truncate(at);
        }
        last.truncate(last.trim_end().len());
        last.push('…');
    }
    lines
}

/// The byte length of the longest beginning that fits, at least one cluster.
fn fitting(word: &str, size: f64, room: f64) -> usize {
    let mut used = 0.0;
    let mut end = word.len();
    let mut before = ' ';
    let mut safe = 0;
    for (at, c) in word.char_indices() {
        if at > 0 && starts_cluster(before, c) {
            safe = at;
        }
        used += share(c) * size;
        if used > room && safe > 0 {
            end = safe;
            break;
        }
        before = c;
    }
    end
}

/// Where the last cluster of the text begins.
fn last_cluster(text: &str) -> usize {
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if starts_cluster(before, c) {
            start = at;
        }
        before = c;
    }
    start
}

/// Whether a line may be broken between the two characters.
fn starts_cluster(before: char, c: char) -> bool {
    !hangs(c) && !leans(c) && before != '\u{094d}' && before != '\u{200d}'
}

/// A number for an attribute: at most one decimal.
pub(super) fn num(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}
