//! FEEL expressions: compiled once, then evaluated as a pure function of variables and a clock.
//!
//! The language is the Friendly Enough Expression Language of DMN 1.5 with four deliberate
//! differences, all of which make a wrong expression visible instead of silently `null`:
//!
//! * A variable name is one word: Unicode letters, digits, `_` and a trailing `?`. Only the names
//!   of built-ins contain spaces (`string length(x)`).
//! * Operands of the wrong type are an [`EvaluateError`], as are failing built-ins and division by
//!   zero. `null` still propagates as FEEL says.
//! * There are no user-defined functions, no function values and no external functions.
//! * Numbers are decimals of 28 digits; a result that does not fit is an error.
//!
//! Every evaluation is bounded by the limits below, whatever the expression and its data are.
//!
//! ```text
//! source --lexer--> tokens --parser--> ast --evaluate--> Value
//! ```

mod ast;
mod budget;
mod builtins;
mod evaluate;
mod iterate;
mod json;
mod lexer;
mod operators;
mod parser;
mod patterns;
mod primary;
mod temporal;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

pub use json::{from_json, to_json};
pub use value::{DateTime, Range, Time, Value};

/// Longest source text, in bytes.
pub const MAX_SOURCE_BYTES: usize = 2_048;
/// Deepest nesting of brackets, calls and keywords.
pub const MAX_DEPTH: usize = 48;
/// Most nodes one expression may have.
pub const MAX_NODES: usize = 500;
/// Most iterators in one `for`, `some` or `every`.
pub const MAX_ITERATORS: usize = 8;
/// Work one evaluation may do: one unit a node visited, a list element produced or compared, or
/// 64 bytes of text produced.
pub const FUEL: u32 = 50_000;
/// Longest string an evaluation may produce, in bytes.
pub const MAX_STRING_BYTES: usize = 64 * 1_024;
/// Most elements in a list an evaluation may produce.
pub const MAX_LIST_ELEMENTS: usize = 1_000;
/// Deepest nesting of lists and contexts within one value.
pub const MAX_VALUE_DEPTH: usize = 128;
/// Largest exponent `**` accepts, either sign.
pub const MAX_EXPONENT: i64 = 1_000;
/// Largest compiled regular expression, in bytes.
pub const MAX_REGEX_BYTES: usize = 1_024 * 1_024;

/// A compiled expression; cheap to clone and safe to share between threads.
#[derive(Clone, Debug)]
pub struct Expression {
    program: Arc<Program>,
}

/// What compilation produced.
#[derive(Debug)]
struct Program {
    source: String,
    /// The names of the variables, sorted: the public view of `variables`.
    names: Vec<String>,
    /// The name of each variable slot the tree refers to.
    variables: Vec<String>,
    /// The regular expressions written as literals.
    patterns: BTreeMap<String, Arc<regex::Regex>>,
    root: ast::Node,
}

/// Why a source text is not an expression.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message} (at byte {at})")]
pub struct CompileError {
    /// A stable code such as `expression.syntax`.
    pub code: &'static str,
    /// What was wrong and what to do about it.
    pub message: String,
    /// Where in the source it was, as a byte offset.
    pub at: usize,
}

/// Why an evaluation has no value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct EvaluateError {
    /// A stable code such as `expression.type`.
    pub code: &'static str,
    /// What was wrong.
    pub message: String,
}

impl EvaluateError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// An operand of the wrong type.
    fn wrong_type(message: impl Into<String>) -> Self {
        Self::new("expression.type", message)
    }

    /// A result that is too large for its type.
    fn overflow(what: impl fmt::Display) -> Self {
        Self::new("expression.overflow", format!("The result of {what} is out of range."))
    }

    fn division_by_zero() -> Self {
        Self::new("expression.division-by-zero", "A number was divided by zero.")
    }
}

/// The variables an expression reads.
pub trait Scope {
    /// The value of `name`; a variable that is declared but unset is [`Value::Null`].
    fn get(&self, name: &str) -> Value;
}

impl Scope for BTreeMap<String, Value> {
    fn get(&self, name: &str) -> Value {
        BTreeMap::get(self, name).cloned().unwrap_or(Value::Null)
    }
}

/// The instant and zone that `now()` and `today()` answer with.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The instant taken as the present.
    pub now: jiff::Timestamp,
    /// The zone that instant is told in.
    pub zone: jiff::tz::TimeZone,
}

/// Compiles `source`; any variable name is accepted.
///
/// # Errors
/// The first thing wrong with the source.
pub fn compile(source: &str) -> Result<Expression, CompileError> {
    let parsed = parser::parse(source)?;
    let names = parsed.variables.clone();
    Ok(Expression::new(source, names, parsed))
}

/// Compiles `source`, accepting only the variable names for which `declared` answers true.
///
/// Within a filter, `orders[amount > 5]`, a name that is not declared is taken to be an entry of
/// the filtered element and is not an error.
///
/// # Errors
/// The first thing wrong with the source or else every use of an undeclared name.
pub fn compile_checked(source: &str, declared: &dyn Fn(&str) -> bool) -> Result<Expression, Vec<CompileError>> {
    let parsed = parser::parse(source).map_err(|error| vec![error])?;
    let undeclared: Vec<CompileError> = parsed
        .uses
        .iter()
        .filter(|used| !used.in_filter && !declared(&used.name))
        .map(|used| CompileError {
            code: "expression.undeclared-name",
            message: format!("\"{}\" is not declared; declare it or correct the name.", used.name),
            at: used.at,
        })
        .collect();
    if !undeclared.is_empty() {
        return Err(undeclared);
    }
    let names = parsed.variables.iter().filter(|name| declared(name)).cloned().collect();
    Ok(Expression::new(source, names, parsed))
}

impl Expression {
    fn new(source: &str, mut names: Vec<String>, parsed: parser::Parsed) -> Self {
        names.sort();
        let parser::Parsed { root, variables, patterns, .. } = parsed;
        Self { program: Arc::new(Program { source: source.to_owned(), names, variables, patterns, root }) }
    }

    /// The text this was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.program.source
    }

    /// The names of the variables it reads, sorted and without duplicates. Names it binds itself
    /// (`for`, `some`, `every`, `item`, context entries) are not among them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.program.names
    }

    /// The value of this expression: a pure function of its arguments.
    ///
    /// # Errors
    /// A type mismatch, a failing built-in, an overflow, or a limit reached.
    pub fn evaluate(&self, scope: &dyn Scope, clock: &Clock) -> Result<Value, EvaluateError> {
        evaluate::evaluate(&self.program, scope, clock)
    }
}
