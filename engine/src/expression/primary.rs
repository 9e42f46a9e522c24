//! The parser's innermost forms: literals, names, calls, brackets, `if`, `for`, `some`, `every`.

use std::ops::Bound;
use std::sync::Arc;

use super::ast::{Comparison, Domain, Node};
use super::builtins::{self, Builtin};
use super::lexer::Token;
use super::parser::{Local, Parser, Parsing, is_keyword};
use super::value::Value;
use super::{CompileError, MAX_ITERATORS, patterns, temporal};

impl Parser {
    /// The innermost level of the grammar.
    pub(super) fn primary(&mut self) -> Parsing<Node> {
        self.count_node()?;
        let literal = match self.peek() {
            Token::Number(number) => Value::Number(*number),
            Token::Text(text) => Value::from(text.as_str()),
            Token::At(text) => temporal::parse(text).ok_or_else(|| {
                let hint = "write for example @\"2026-01-31\"";
                self.error("expression.bad-literal", format!("\"{text}\" is not a date, time or duration; {hint}."))
            })?,
            Token::Name(name) => match name.as_str() {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                "null" => Value::Null,
                _ => return self.word(),
            },
            Token::Symbol(_) | Token::End => return self.brackets(),
        };
        self.advance(1);
        Ok(Node::Literal(literal))
    }

    fn brackets(&mut self) -> Parsing<Node> {
        if self.take_symbol("(") {
            self.parenthesis()
        } else if self.take_symbol("[") {
            self.list_or_range()
        } else if self.take_symbol("]") {
            let start = self.bracketed()?;
            self.expect_symbol("..")?;
            self.range_from(Bound::Excluded(Box::new(start)))
        } else if self.take_symbol("{") {
            self.context()
        } else {
            Err(self.unexpected("a value"))
        }
    }

    /// After `(`: an expression, an open range, or a one-sided range like `(< 5)`.
    fn parenthesis(&mut self) -> Parsing<Node> {
        if let Some(comparison) = self.take_comparison() {
            let end = Box::new(self.bracketed()?);
            self.expect_symbol(")")?;
            return Ok(match comparison {
                Comparison::Less => Node::Range(Bound::Unbounded, Bound::Excluded(end)),
                Comparison::LessOrEqual => Node::Range(Bound::Unbounded, Bound::Included(end)),
                Comparison::Greater => Node::Range(Bound::Excluded(end), Bound::Unbounded),
                Comparison::GreaterOrEqual => Node::Range(Bound::Included(end), Bound::Unbounded),
                Comparison::Equal | Comparison::NotEqual => {
                    return Err(self.error("expression.syntax", "A range starts with <, <=, > or >=."));
                }
            });
        }
        let inner = self.bracketed()?;
        if self.take_symbol("..") {
            return self.range_from(Bound::Excluded(Box::new(inner)));
        }
        self.expect_symbol(")")?;
        Ok(inner)
    }

    /// After `[`: a list or a range.
    fn list_or_range(&mut self) -> Parsing<Node> {
        let mut items = Vec::new();
        if self.take_symbol("]") {
            return Ok(Node::List(items));
        }
        let first = self.bracketed()?;
        if self.take_symbol("..") {
            return self.range_from(Bound::Included(Box::new(first)));
        }
        items.push(first);
        while self.take_symbol(",") {
            items.push(self.bracketed()?);
        }
        self.expect_symbol("]")?;
        Ok(Node::List(items))
    }

    /// After `..`: the end of a range, and the bracket that closes it.
    pub(super) fn range_from(&mut self, start: Bound<Box<Node>>) -> Parsing<Node> {
        let closes = std::mem::replace(&mut self.bracket_closes, true);
        let end = self.expression();
        self.bracket_closes = closes;
        let end = Box::new(end?);
        if self.take_symbol("]") {
            Ok(Node::Range(start, Bound::Included(end)))
        } else if self.take_symbol(")") || self.take_symbol("[") {
            Ok(Node::Range(start, Bound::Excluded(end)))
        } else {
            Err(self.unexpected("the end of the range, \"]\" or \")\","))
        }
    }

    /// After `{`: the entries of a context.
    fn context(&mut self) -> Parsing<Node> {
        let outside = self.locals.len();
        let mut entries = Vec::new();
        while !self.is_symbol("}") {
            if !entries.is_empty() {
                self.expect_symbol(",")?;
            }
            let name = match self.peek() {
                Token::Text(name) | Token::Name(name) => name.clone(),
                _ => return Err(self.unexpected("the name of an entry")),
            };
            if entries.iter().any(|(known, _)| *known == name) {
                return Err(self.error("expression.syntax", format!("The entry \"{name}\" is there twice; remove one.")));
            }
            self.advance(1);
            self.expect_symbol(":")?;
            let value = self.bracketed()?;
            self.locals.push(Local::Named(name.clone()));
            entries.push((name, value));
        }
        self.locals.truncate(outside);
        self.advance(1);
        Ok(Node::Context(entries))
    }

    /// A keyword form, a call, or a variable.
    fn word(&mut self) -> Parsing<Node> {
        if self.take_word("if") {
            return self.conditional();
        }
        if self.take_word("for") {
            return self.with_local(Local::Named("partial".to_owned()), |parser| {
                let (domains, body) = parser.iteration("return")?;
                Ok(Node::For(domains, body))
            });
        }
        if self.take_word("some") {
            let (domains, body) = self.iteration("satisfies")?;
            return Ok(Node::Some(domains, body));
        }
        if self.take_word("every") {
            let (domains, body) = self.iteration("satisfies")?;
            return Ok(Node::Every(domains, body));
        }
        if self.is_word("function") {
            let message = "Functions cannot be defined here; use the built-in ones, or for … in … return ….";
            return Err(self.error("expression.no-functions", message));
        }
        let at = self.at();
        if let Some((name, length)) = self.called_name() {
            self.advance(length + 1);
            return self.call(&name, at);
        }
        let name = self.expect_name("a value")?;
        Ok(self.resolve(name, at))
    }

    fn conditional(&mut self) -> Parsing<Node> {
        let condition = self.expression()?;
        self.expect_word("then")?;
        let yes = self.expression()?;
        self.expect_word("else")?;
        Ok(Node::If(Box::new([condition, yes, self.expression()?])))
    }

    /// `x in xs, y in ys <word> body`, the common part of `for`, `some` and `every`.
    fn iteration(&mut self, word: &str) -> Parsing<(Vec<Domain>, Box<Node>)> {
        let outside = self.locals.len();
        let mut domains = Vec::new();
        loop {
            if domains.len() == MAX_ITERATORS {
                let message = format!("At most {MAX_ITERATORS} iterators can be combined; nest them instead.");
                return Err(self.error("expression.too-large", message));
            }
            let name = self.expect_name("the name of an element")?;
            self.expect_word("in")?;
            let first = self.expression()?;
            domains.push(if self.take_symbol("..") { Domain::Between(first, self.expression()?) } else { Domain::Each(first) });
            self.locals.push(Local::Named(name));
            if !self.take_symbol(",") {
                break;
            }
        }
        self.expect_word(word)?;
        let body = self.expression()?;
        self.locals.truncate(outside);
        Ok((domains, Box::new(body)))
    }

    /// The name of the function that is called here, if this is a call, and its length in tokens.
    fn called_name(&self) -> Option<(String, usize)> {
        let Token::Name(first) = self.peek() else { return None };
        let opens = |length: usize| matches!(self.peek_ahead(length), Token::Symbol("("));
        let known =
            builtins::names().map(|name| (name, self.phrase_length(name, 0))).find(|(_, length)| *length > 0 && opens(*length));
        match known {
            Some((name, length)) => Some((name.to_owned(), length)),
            None if opens(1) && !is_keyword(first) => Some((first.clone(), 1)),
            None => None,
        }
    }

    /// After `name(`: the arguments, by position or by name, and what they select.
    fn call(&mut self, name: &str, at: usize) -> Parsing<Node> {
        if !builtins::names().any(|known| known == name) {
            let hint = match builtins::closest(name) {
                Some(close) => format!("did you mean {close}()?"),
                None => "only the built-in functions of FEEL can be called.".to_owned(),
            };
            let message = format!("There is no function {name}(); {hint}");
            return Err(CompileError { code: "expression.unknown-function", message, at });
        }
        let mut names: Vec<String> = Vec::new();
        let mut values = Vec::new();
        while !self.is_symbol(")") {
            if !values.is_empty() {
                self.expect_symbol(",")?;
            }
            if let Some((parameter, length)) = self.parameter_name() {
                self.advance(length + 1);
                names.push(parameter);
            }
            values.push(self.bracketed()?);
            if !names.is_empty() && names.len() != values.len() {
                let message = "Give all arguments by name or all of them by position.";
                return Err(self.error("expression.arity", message));
            }
        }
        self.advance(1);
        let call = if names.is_empty() { by_position(name, values) } else { by_name(name, &names, values) };
        let error = |code, message| CompileError { code, message, at };
        let (builtin, arguments) = call.map_err(|message| error("expression.arity", message))?;
        if let Some(pattern) = patterns::literal(builtin, &arguments) {
            let built = patterns::build(&pattern);
            let built =
                built.map_err(|problem| error("expression.bad-literal", format!("This pattern cannot be used: {problem}.")))?;
            self.patterns.insert(pattern, Arc::new(built));
        }
        Ok(Node::Call(builtin, arguments))
    }

    /// A parameter's name (up to three words) that is followed by a colon, and its length.
    fn parameter_name(&self) -> Option<(String, usize)> {
        let mut words: Vec<&str> = Vec::new();
        while let Token::Name(word) = self.peek_ahead(words.len()) {
            words.push(word);
            if words.len() == 3 {
                break;
            }
        }
        let colon = matches!(self.peek_ahead(words.len()), Token::Symbol(":"));
        (colon && !words.is_empty()).then(|| (words.join(" "), words.len()))
    }
}

type Selected = Result<(&'static Builtin, Vec<Node>), String>;

fn by_position(name: &str, mut values: Vec<Node>) -> Selected {
    let count = values.len();
    let Some(builtin) = builtins::named(name).find(|builtin| builtin.accepts(count)) else {
        return Err(usage(name));
    };
    while values.len() < builtin.parameters.len() {
        values.push(Node::Literal(Value::Null));
    }
    Ok((builtin, values))
}

fn by_name(name: &str, names: &[String], values: Vec<Node>) -> Selected {
    let repeated = names.iter().enumerate().any(|(index, one)| names[..index].contains(one));
    let builtin = builtins::named(name).find(|builtin| builtin.accepts_named(names));
    let Some(builtin) = builtin.filter(|_| !repeated) else { return Err(usage(name)) };
    let mut given: Vec<(&String, Node)> = names.iter().zip(values).collect();
    let arguments = builtin.parameters.iter().map(|parameter| match given.iter().position(|(name, _)| name == parameter) {
        Some(index) => given.swap_remove(index).1,
        None => Node::Literal(Value::Null),
    });
    let arguments = arguments.collect();
    Ok((builtin, arguments))
}

/// How the function may be called.
fn usage(name: &str) -> String {
    let forms: Vec<String> = builtins::named(name).map(Builtin::usage).collect();
    format!("These arguments do not fit; write {}.", forms.join(" or "))
}
