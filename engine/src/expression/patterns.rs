//! Regular expressions: those written as literals are compiled once, with the expression.

use regex::{Regex, RegexBuilder};

use super::MAX_REGEX_BYTES;
use super::ast::Node;
use super::builtins::Builtin;
use super::value::Value;

/// The pattern with its flags written into it, which is the key compiled patterns are kept under;
/// `None` if one of the flags is not known.
pub(super) fn with_flags(pattern: &str, flags: &str) -> Option<String> {
    match flags {
        "" => Some(pattern.to_owned()),
        flags if flags.chars().all(|flag| "smix".contains(flag)) => Some(format!("(?{flags}){pattern}")),
        _ => None,
    }
}

/// Compiles a pattern within limits; matching takes time linear in the text.
pub(super) fn build(pattern: &str) -> Result<Regex, &'static str> {
    let mut builder = RegexBuilder::new(pattern);
    let built = builder.size_limit(MAX_REGEX_BYTES).dfa_size_limit(MAX_REGEX_BYTES).nest_limit(32).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large; use smaller repetitions, or + together with string length()",
        _ => "it is not a regular expression",
    })
}

/// The pattern a call is going to use, if it is known from literals.
pub(super) fn literal(builtin: &Builtin, arguments: &[Node]) -> Option<String> {
    let argument = |name: &str| arguments.get(builtin.parameters.iter().position(|parameter| *parameter == name)?);
    let text = |node: &Node| match node {
        Node::Literal(Value::String(text)) => Some(text.to_string()),
        _ => None,
    };
    let pattern = argument("pattern").or_else(|| argument("delimiter").filter(|_| builtin.splits()))?;
    let flags = match argument("flags") {
        None | Some(Node::Literal(Value::Null)) => String::new(),
        Some(flags) => text(flags)?,
    };
    with_flags(&text(pattern)?, &flags)
}
