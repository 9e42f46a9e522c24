//! Turns source text into tokens.

use rust_decimal::Decimal;

use super::CompileError;

/// The smallest parts of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(Decimal),
    /// The content of a quoted string, with escapes resolved.
    Text(String),
    /// The content of an `@"…"` literal.
    At(String),
    /// A name or keyword.
    Name(String),
    /// Punctuation or an operator.
    Symbol(&'static str),
    End,
}

/// A token and the byte it starts at.
#[derive(Clone, Debug)]
pub(super) struct Spanned {
    pub(super) token: Token,
    pub(super) at: usize,
}

/// All symbols; the longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 24] =
    ["**", "..", "<=", ">=", "!=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "+", "-", "*", "/", "=", "<", ">", "−", "–", "@"];

/// The tokens of `source`, with an `End` last.
pub(super) fn tokens(source: &str) -> Result<Vec<Spanned>, CompileError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_space()?;
        let at = lexer.at;
        let token = lexer.next()?;
        let done = token == Token::End;
        tokens.push(Spanned { token, at });
        if done {
            return Ok(tokens);
        }
    }
}

/// Whether `text` as a whole is one plain name.
pub(super) fn is_name(text: &str) -> bool {
    let stem = text.strip_suffix('?').unwrap_or(text);
    stem.starts_with(starts_name) && stem.chars().all(continues_name)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn error(&self, code: &'static str, message: impl Into<String>) -> CompileError {
        CompileError { code, message: message.into(), at: self.at }
    }

    /// Moves past white space and comments.
    fn skip_space(&mut self) -> Result<(), CompileError> {
        loop {
            let rest = self.rest();
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                match rest.find("*/") {
                    Some(end) => end + 2,
                    None => return Err(self.error("expression.syntax", "This comment has no end; close it with */.")),
                }
            } else {
                rest.len() - rest.trim_start().len()
            };
            if length == 0 {
                return Ok(());
            }
            self.at += length;
        }
    }

    fn next(&mut self) -> Result<Token, CompileError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        let second_is_digit = rest[first.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
        match first {
            '"' => self.text().map(Token::Text),
            '@' if rest[1..].starts_with('"') => {
                self.at += 1;
                self.text().map(Token::At)
            }
            first if first.is_ascii_digit() || (first == '.' && second_is_digit) => self.number(),
            first if starts_name(first) => Ok(self.name()),
            _ => self.symbol(),
        }
    }

    fn number(&mut self) -> Result<Token, CompileError> {
        let rest = self.rest();
        let whole = digits(rest);
        let fraction = rest[whole..].strip_prefix('.').map_or(0, digits);
        let length = if fraction == 0 { whole } else { whole + 1 + fraction };
        let text = &rest[..length];
        let padded = if whole == 0 { format!("0{text}") } else { text.to_owned() };
        let number = Decimal::from_str_exact(&padded).map_err(|_| {
            self.error("expression.bad-literal", "This number has too many digits; at most 28 can be kept exactly.")
        })?;
        self.at += length;
        Ok(Token::Number(number))
    }

    fn name(&mut self) -> Token {
        let rest = self.rest();
        let mut length = rest.find(|next| !continues_name(next)).unwrap_or(rest.len());
        if rest[length..].starts_with('?') {
            length += 1;
        }
        let name = rest[..length].to_owned();
        self.at += length;
        Token::Name(name)
    }

    fn symbol(&mut self) -> Result<Token, CompileError> {
        let found = SYMBOLS.into_iter().find(|symbol| self.rest().starts_with(symbol));
        match found {
            Some("−" | "–") => Err(self.error("expression.syntax", "This dash is not a minus sign; write -.")),
            Some("@") => Err(self.error("expression.syntax", "After @ there must be a quoted date, time or duration.")),
            Some(symbol) => {
                self.at += symbol.len();
                Ok(Token::Symbol(symbol))
            }
            None => {
                let character = self.rest().chars().next().unwrap_or(' ');
                let hint = match character {
                    '\'' | '“' | '”' => "write strings in \"straight double quotes\"",
                    '&' => "write and",
                    '|' => "write or",
                    '!' => "write not(…) or !=",
                    _ => "remove it",
                };
                Err(self.error("expression.syntax", format!("{character:?} cannot be used here; {hint}.")))
            }
        }
    }

    /// A quoted string; the lexer stands at its opening quote.
    fn text(&mut self) -> Result<String, CompileError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(next) = self.rest().chars().next() else {
                self.at = start;
                return Err(self.error("expression.bad-literal", "This string has no end; close it with a quote."));
            };
            match next {
                '"' => {
                    self.at += 1;
                    return Ok(text);
                }
                '\\' => text.push(self.escape()?),
                other => {
                    self.at += other.len_utf8();
                    text.push(other);
                }
            }
        }
    }

    /// One escape sequence; the lexer stands at its backslash.
    fn escape(&mut self) -> Result<char, CompileError> {
        let (length, character) = match self.rest()[1..].chars().next() {
            Some('n') => (2, Some('\n')),
            Some('r') => (2, Some('\r')),
            Some('t') => (2, Some('\t')),
            Some(same @ ('"' | '\\' | '\'' | '/')) => (2, Some(same)),
            Some('u') => self.unicode(),
            Some('U') => (8, self.hexadecimal(2, 6).and_then(char::from_u32)),
            _ => (0, None),
        };
        self.at += if character.is_some() { length } else { 0 };
        character.ok_or_else(|| {
            let message = "This escape is not known; use \\n, \\r, \\t, \\\", \\\\, \\uXXXX or \\UXXXXXX.";
            self.error("expression.bad-literal", message)
        })
    }

    /// `\uXXXX`, or two of them that form a surrogate pair.
    fn unicode(&self) -> (usize, Option<char>) {
        match self.hexadecimal(2, 4) {
            Some(high @ 0xD800..=0xDBFF) if self.rest()[6..].starts_with("\\u") => {
                let pair = match self.hexadecimal(8, 4) {
                    Some(low @ 0xDC00..=0xDFFF) => char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)),
                    _ => None,
                };
                (12, pair)
            }
            code => (6, code.and_then(char::from_u32)),
        }
    }

    /// The number written in `width` hexadecimal digits, `skip` bytes from here.
    fn hexadecimal(&self, skip: usize, width: usize) -> Option<u32> {
        let digits = self.rest().get(skip..skip + width)?;
        let valid = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        valid.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    }
}

/// How many bytes of ASCII digits `text` begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn starts_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// Letters and digits, with the marks that Indic and accented letters are built from.
fn continues_name(character: char) -> bool {
    let mark = matches!(character, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{DFF}' | '\u{200C}' | '\u{200D}');
    let danda = matches!(character, '\u{964}' | '\u{965}');
    starts_name(character) || character.is_alphanumeric() || (mark && !danda)
}
