//! The parser: operators by precedence, and the names an expression binds.
//!
//! From loosest to tightest: `or`, `and`, comparison (with `between` and `in`), `+ -`, `* /`, `**`,
//! unary `-`, `instance of` and paths. `primary.rs` has what lies within.
//!
//! The recursion is bounded by [`MAX_DEPTH`]; everything that can be repeated without brackets is
//! read by a loop into one flat node.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use regex::Regex;

use super::ast::{Comparison, Node, Operator, Step, Test, Type};
use super::lexer::{self, Spanned, Token};
use super::value::Value;
use super::{CompileError, MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES};

pub(super) type Parsing<T> = Result<T, CompileError>;

/// Words that cannot be names of variables.
const KEYWORDS: [&str; 16] = [
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "and",
    "or",
    "between",
    "true",
    "false",
    "null",
    "function",
];

/// The result of parsing.
pub(super) struct Parsed {
    pub(super) root: Node,
    /// The names of the variable slots, each once.
    pub(super) variables: Vec<String>,
    /// Every place a variable is read.
    pub(super) uses: Vec<Use>,
    /// The regular expressions written as literals, by pattern.
    pub(super) patterns: BTreeMap<String, Arc<Regex>>,
}

/// One place where a variable is read.
pub(super) struct Use {
    pub(super) name: String,
    pub(super) at: usize,
    /// Whether it may be an entry of a filtered item instead.
    pub(super) in_filter: bool,
}

/// Something on the evaluator's stack of locals.
pub(super) enum Local {
    Named(String),
    /// The element a filter looks at: `item`, and its entries by their bare names.
    Item,
}

pub(super) struct Parser {
    tokens: Vec<Spanned>,
    position: usize,
    depth: usize,
    nodes: usize,
    /// Set while the end of a range is read, where a `[` closes the range: `]1..5[`.
    pub(super) bracket_closes: bool,
    pub(super) locals: Vec<Local>,
    variables: Vec<String>,
    uses: Vec<Use>,
    pub(super) patterns: BTreeMap<String, Arc<Regex>>,
}

/// Parses `source` as one expression.
pub(super) fn parse(source: &str) -> Parsing<Parsed> {
    if source.len() > MAX_SOURCE_BYTES {
        let message = format!("The expression has {} bytes; at most {MAX_SOURCE_BYTES} are allowed. Split it.", source.len());
        return Err(CompileError { code: "expression.too-long", message, at: MAX_SOURCE_BYTES });
    }
    let mut parser = Parser {
        tokens: lexer::tokens(source)?,
        position: 0,
        depth: 0,
        nodes: 0,
        bracket_closes: false,
        locals: Vec::new(),
        variables: Vec::new(),
        uses: Vec::new(),
        patterns: BTreeMap::new(),
    };
    let root = parser.expression()?;
    match parser.peek() {
        Token::End => {
            let Parser { variables, uses, patterns, .. } = parser;
            Ok(Parsed { root, variables, uses, patterns })
        }
        Token::Name(name) => Err(parser.error(
            "expression.syntax",
            format!("\"{name}\" cannot follow here. Names of variables have no spaces; use an operator or remove it."),
        )),
        _ => Err(parser.unexpected("an operator or the end of the expression")),
    }
}

/// Tokens.
impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.peek_ahead(0)
    }

    /// The token `distance` from here; past the end there are only `End`s.
    pub(super) fn peek_ahead(&self, distance: usize) -> &Token {
        self.tokens.get(self.position + distance).map_or(&Token::End, |spanned| &spanned.token)
    }

    pub(super) fn at(&self) -> usize {
        self.tokens.get(self.position).or(self.tokens.last()).map_or(0, |spanned| spanned.at)
    }

    pub(super) fn advance(&mut self, tokens: usize) {
        self.position += tokens;
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if found == word)
    }

    /// Moves past `symbol` if it is next.
    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.advance(usize::from(found));
        found
    }

    /// Moves past the keyword `word` if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.advance(usize::from(found));
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Parsing<()> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("\"{symbol}\""))) }
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parsing<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected(&format!("\"{word}\""))) }
    }

    /// Reads a name that the expression introduces.
    pub(super) fn expect_name(&mut self, what: &str) -> Parsing<String> {
        match self.peek() {
            Token::Name(name) if !is_keyword(name) => {
                let name = name.clone();
                self.advance(1);
                Ok(name)
            }
            _ => Err(self.unexpected(what)),
        }
    }

    /// How many tokens, from the one `skip` ahead, spell `phrase`, which may be several words;
    /// zero if they do not.
    pub(super) fn phrase_length(&self, phrase: &str, skip: usize) -> usize {
        let mut length = 0;
        for word in phrase.split(' ') {
            if !matches!(self.peek_ahead(skip + length), Token::Name(found) if found == word) {
                return 0;
            }
            length += 1;
        }
        length
    }

    pub(super) fn error(&self, code: &'static str, message: impl Into<String>) -> CompileError {
        CompileError { code, message: message.into(), at: self.at() }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> CompileError {
        let found = match self.peek() {
            Token::Number(number) => format!("the number {number}"),
            Token::Text(_) => "a string".to_owned(),
            Token::At(text) => format!("@\"{text}\""),
            Token::Name(name) => format!("\"{name}\""),
            Token::Symbol(symbol) => format!("\"{symbol}\""),
            Token::End => "the end".to_owned(),
        };
        self.error("expression.syntax", format!("Here {wanted} is needed, not {found}."))
    }
}

/// Limits and names.
impl Parser {
    /// Counts a node, and refuses the one too many.
    pub(super) fn count_node(&mut self) -> Parsing<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("The expression has more than {MAX_NODES} parts; split it.");
            return Err(self.error("expression.too-large", message));
        }
        Ok(())
    }

    /// Reads something nested, one level deeper.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsing<T>) -> Parsing<T> {
        if self.depth == MAX_DEPTH {
            let message = format!("The expression is nested more than {MAX_DEPTH} deep; split it.");
            return Err(self.error("expression.too-deep", message));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads something while `local` is in scope.
    pub(super) fn with_local<T>(&mut self, local: Local, read: impl FnOnce(&mut Self) -> Parsing<T>) -> Parsing<T> {
        self.locals.push(local);
        let result = read(self);
        self.locals.pop();
        result
    }

    /// The node that reads `name`, which stood at `at`.
    pub(super) fn resolve(&mut self, name: String, at: usize) -> Node {
        let mut items = Vec::new();
        let mut found = None;
        for (slot, local) in self.locals.iter().enumerate().rev() {
            match local {
                Local::Named(bound) if *bound == name => found = Some(slot),
                Local::Item if name == "item" => found = Some(slot),
                Local::Item => items.push(slot),
                Local::Named(_) => {}
            }
            if found.is_some() {
                break;
            }
        }
        let node = match found {
            Some(slot) => Node::Local(slot),
            None => self.variable(&name, at, !items.is_empty()),
        };
        if items.is_empty() { node } else { Node::Entry { items, name, otherwise: Box::new(node) } }
    }

    fn variable(&mut self, name: &str, at: usize, in_filter: bool) -> Node {
        self.uses.push(Use { name: name.to_owned(), at, in_filter });
        let slot = self.variables.iter().position(|known| known == name).unwrap_or_else(|| {
            self.variables.push(name.to_owned());
            self.variables.len() - 1
        });
        Node::Variable(slot)
    }
}

/// Operators.
impl Parser {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Parsing<Node> {
        self.nested(Self::disjunction)
    }

    /// An expression within brackets of its own, where `[` is a filter again.
    pub(super) fn bracketed(&mut self) -> Parsing<Node> {
        let closes = std::mem::replace(&mut self.bracket_closes, false);
        let result = self.expression();
        self.bracket_closes = closes;
        result
    }

    fn disjunction(&mut self) -> Parsing<Node> {
        let mut operands = vec![self.conjunction()?];
        while self.take_word("or") {
            operands.push(self.conjunction()?);
        }
        self.flat(operands, Node::Or)
    }

    fn conjunction(&mut self) -> Parsing<Node> {
        let mut operands = vec![self.comparison()?];
        while self.take_word("and") {
            operands.push(self.comparison()?);
        }
        self.flat(operands, Node::And)
    }

    /// The only operand, or all of them under one node.
    fn flat(&mut self, mut operands: Vec<Node>, node: fn(Vec<Node>) -> Node) -> Parsing<Node> {
        match operands.pop() {
            Some(only) if operands.is_empty() => Ok(only),
            last => {
                self.count_node()?;
                operands.extend(last);
                Ok(node(operands))
            }
        }
    }

    fn comparison(&mut self) -> Parsing<Node> {
        let left = self.sum()?;
        let node = if let Some(comparison) = self.take_comparison() {
            Node::Compare(comparison, Box::new([left, self.sum()?]))
        } else if self.take_word("between") {
            let low = self.sum()?;
            self.expect_word("and")?;
            Node::Between(Box::new([left, low, self.sum()?]))
        } else if self.take_word("in") {
            Node::In(Box::new(left), self.tests()?)
        } else {
            return Ok(left);
        };
        self.count_node()?;
        if self.take_comparison().is_some() {
            let message = "Comparisons cannot be chained; write a < b and b < c, or use brackets.";
            return Err(self.error("expression.syntax", message));
        }
        Ok(node)
    }

    /// The comparison operator that is next, if one is.
    pub(super) fn take_comparison(&mut self) -> Option<Comparison> {
        let Token::Symbol(symbol) = self.peek() else { return None };
        let comparison = Comparison::of(symbol)?;
        self.advance(1);
        Some(comparison)
    }

    /// What follows `in`: one test, or several in round brackets.
    fn tests(&mut self) -> Parsing<Vec<Test>> {
        if !self.is_symbol("(") {
            return Ok(vec![self.test(Self::sum)?]);
        }
        self.advance(1);
        let mut tests = match self.test(Self::bracketed)? {
            Test::Among(start) if self.take_symbol("..") => {
                let range = self.range_from(Bound::Excluded(Box::new(start)))?;
                return Ok(vec![Test::Among(range)]);
            }
            first => vec![first],
        };
        while self.take_symbol(",") {
            tests.push(self.test(Self::bracketed)?);
        }
        self.expect_symbol(")")?;
        Ok(tests)
    }

    fn test(&mut self, operand: fn(&mut Self) -> Parsing<Node>) -> Parsing<Test> {
        Ok(match self.take_comparison() {
            Some(comparison) => Test::Compare(comparison, operand(self)?),
            None => Test::Among(operand(self)?),
        })
    }

    pub(super) fn sum(&mut self) -> Parsing<Node> {
        self.chain(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Parsing<Node> {
        self.chain(&["*", "/"], Self::power)
    }

    fn power(&mut self) -> Parsing<Node> {
        self.chain(&["**"], Self::negation)
    }

    /// Operands joined by any of `symbols`, from left to right.
    fn chain(&mut self, symbols: &[&str], operand: fn(&mut Self) -> Parsing<Node>) -> Parsing<Node> {
        let first = operand(self)?;
        let mut rest = Vec::new();
        while let Token::Symbol(symbol) = self.peek() {
            let Some(operator) = Operator::of(symbol).filter(|_| symbols.contains(symbol)) else { break };
            self.advance(1);
            self.count_node()?;
            rest.push((operator, operand(self)?));
        }
        Ok(if rest.is_empty() { first } else { Node::Arithmetic(Box::new(first), rest) })
    }

    fn negation(&mut self) -> Parsing<Node> {
        if !self.take_symbol("-") {
            return self.instance_of();
        }
        self.count_node()?;
        Ok(match self.nested(Self::negation)? {
            Node::Literal(Value::Number(number)) => Node::Literal(Value::Number(-number)),
            operand => Node::Negate(Box::new(operand)),
        })
    }

    fn instance_of(&mut self) -> Parsing<Node> {
        let value = self.path()?;
        let length = self.phrase_length("instance of", 0);
        if length == 0 {
            return Ok(value);
        }
        self.advance(length);
        self.count_node()?;
        let named = self.nested(Self::type_name)?;
        Ok(Node::InstanceOf(Box::new(value), named))
    }

    fn type_name(&mut self) -> Parsing<Type> {
        let phrases = ["days and time duration", "years and months duration", "date and time"];
        let (name, length) = match phrases.iter().find(|phrase| self.phrase_length(phrase, 0) > 0) {
            Some(phrase) => ((*phrase).to_owned(), self.phrase_length(phrase, 0)),
            None => match self.peek() {
                Token::Name(name) => (name.clone(), 1),
                _ => return Err(self.unexpected("the name of a type")),
            },
        };
        let Some(mut found) = Type::named(&name) else { return Err(self.unexpected("the name of a type")) };
        self.advance(length);
        if let Type::List(inner) | Type::Range(inner) = &mut found
            && self.take_symbol("<")
        {
            **inner = self.nested(Self::type_name)?;
            self.expect_symbol(">")?;
        }
        Ok(found)
    }

    /// A primary expression with the `.name` and `[filter]` steps after it.
    fn path(&mut self) -> Parsing<Node> {
        let base = self.primary()?;
        let mut steps = Vec::new();
        loop {
            if self.take_symbol(".") {
                steps.push(Step::Member(self.member_name()?));
            } else if !self.bracket_closes && self.take_symbol("[") {
                let filter = self.with_local(Local::Item, Self::bracketed)?;
                self.expect_symbol("]")?;
                steps.push(Step::Filter(filter));
            } else {
                return Ok(if steps.is_empty() { base } else { Node::Access(Box::new(base), steps) });
            }
            self.count_node()?;
        }
    }

    /// The name after a dot, where the few names with a space in them are known.
    fn member_name(&mut self) -> Parsing<String> {
        for phrase in ["time offset", "start included", "end included"] {
            let length = self.phrase_length(phrase, 0);
            if length > 0 {
                self.advance(length);
                return Ok(phrase.to_owned());
            }
        }
        match self.peek() {
            Token::Name(name) => {
                let name = name.clone();
                self.advance(1);
                Ok(name)
            }
            _ => Err(self.unexpected("the name of an entry")),
        }
    }
}

/// Whether `name` is reserved.
pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}
