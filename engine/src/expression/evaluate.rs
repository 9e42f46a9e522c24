//! The evaluator: walks the tree, one method a form.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::ast::{Comparison, Node, Operator, Step, Test};
use super::budget::Budget;
use super::value::{Range, Value};
use super::{Clock, EvaluateError, Program, Scope, builtins, iterate, operators};

pub(super) type Outcome = Result<Value, EvaluateError>;

static NULL: Value = Value::Null;

/// The state of one evaluation.
pub(super) struct Evaluator<'a> {
    /// The values of the program's variable slots.
    variables: Vec<Value>,
    /// The names the expression has bound, innermost last.
    pub(super) locals: Vec<Value>,
    pub(super) budget: Budget<'a>,
}

/// The value of `program`.
pub(super) fn evaluate(program: &Program, scope: &dyn Scope, clock: &Clock) -> Outcome {
    let variables = program.variables.iter().map(|name| scope.get(name)).collect();
    let mut evaluator = Evaluator { variables, locals: Vec::new(), budget: Budget::new(clock, &program.patterns) };
    evaluator.value(&program.root)
}

impl Evaluator<'_> {
    /// The value of `node`.
    pub(super) fn value(&mut self, node: &Node) -> Outcome {
        self.budget.spend(1)?;
        match node {
            Node::Literal(value) => self.copy(value),
            Node::Variable(_) | Node::Local(_) | Node::Entry { .. } => self.read(node),
            Node::Access(base, steps) => match self.place(node) {
                Some(_) => self.read(node),
                None => self.access(base, steps),
            },
            Node::List(nodes) => self.list(nodes),
            Node::Context(entries) => self.context(entries),
            Node::Range(start, end) => self.range(start, end),
            Node::Negate(operand) => operators::negate(&self.value(operand)?),
            Node::Arithmetic(first, rest) => self.arithmetic(first, rest),
            Node::And(operands) => self.connective(operands, false),
            Node::Or(operands) => self.connective(operands, true),
            Node::Compare(comparison, operands) => self.compare(*comparison, operands),
            Node::Between(operands) => self.between(operands),
            Node::In(value, tests) => self.is_in(value, tests),
            Node::InstanceOf(value, named) => Ok(Value::Boolean(named.matches(&self.value(value)?))),
            Node::If(parts) => self.conditional(parts),
            Node::For(domains, body) => self.for_each(domains, body),
            Node::Some(domains, body) => self.quantified(domains, body, true),
            Node::Every(domains, body) => self.quantified(domains, body, false),
            Node::Call(builtin, arguments) => self.call(builtin, arguments),
        }
    }

    /// Where the value of `node` is stored already, if it is; nothing is computed.
    fn place(&self, node: &Node) -> Option<&Value> {
        match node {
            Node::Variable(slot) => self.variables.get(*slot),
            Node::Local(slot) => self.locals.get(*slot),
            Node::Entry { items, name, otherwise } => {
                let entry = items.iter().find_map(|slot| match self.locals.get(*slot) {
                    Some(Value::Context(entries)) => entries.get(name),
                    _ => None,
                });
                entry.or_else(|| self.place(otherwise))
            }
            Node::Access(base, steps) => steps.iter().try_fold(self.place(base)?, |value, step| match (value, step) {
                (Value::Context(entries), Step::Member(name)) => Some(entries.get(name).unwrap_or(&NULL)),
                (Value::List(items), Step::Filter(Node::Literal(Value::Number(position)))) => {
                    let index = iterate::index(items.len(), iterate::whole(*position)?);
                    Some(index.and_then(|index| items.get(index)).unwrap_or(&NULL))
                }
                _ => None,
            }),
            _ => None,
        }
    }

    /// A copy of a stored value.
    fn read(&self, node: &Node) -> Outcome {
        self.copy(self.place(node).unwrap_or(&NULL))
    }

    fn copy(&self, value: &Value) -> Outcome {
        self.budget.spend_copy(value)?;
        Ok(value.clone())
    }

    /// The truth of a condition; `None` is null.
    pub(super) fn truth(&mut self, node: &Node) -> Result<Option<bool>, EvaluateError> {
        match self.value(node)? {
            Value::Boolean(truth) => Ok(Some(truth)),
            Value::Null => Ok(None),
            other => {
                let message = format!("A condition must be true or false, and this one is a {}.", other.kind());
                Err(EvaluateError::wrong_type(message))
            }
        }
    }

    fn list(&mut self, nodes: &[Node]) -> Outcome {
        let items = nodes.iter().map(|node| self.value(node)).collect::<Result<_, _>>()?;
        self.budget.list(items)
    }

    /// Each entry is a local to those after it.
    fn context(&mut self, entries: &[(String, Node)]) -> Outcome {
        let outside = self.locals.len();
        for (_, node) in entries {
            let value = self.value(node)?;
            self.locals.push(value);
        }
        let names = entries.iter().map(|(name, _)| name.clone());
        Ok(Value::Context(names.zip(self.locals.drain(outside..)).collect::<BTreeMap<_, _>>()))
    }

    fn range(&mut self, start: &Bound<Box<Node>>, end: &Bound<Box<Node>>) -> Outcome {
        let (start, end) = (self.bound(start)?, self.bound(end)?);
        if let (Some(low), Some(high)) = (ended(&start), ended(&end)) {
            operators::compare(low, high)?; // both ends must be of one ordered type
        }
        Ok(Value::Range(Box::new(Range { start, end })))
    }

    /// The end of a range; null stands for no end.
    fn bound(&mut self, bound: &Bound<Box<Node>>) -> Result<Bound<Value>, EvaluateError> {
        let (node, make): (_, fn(Value) -> Bound<Value>) = match bound {
            Bound::Included(node) => (node, Bound::Included),
            Bound::Excluded(node) => (node, Bound::Excluded),
            Bound::Unbounded => return Ok(Bound::Unbounded),
        };
        Ok(match self.value(node)? {
            Value::Null => Bound::Unbounded,
            nested @ (Value::List(_) | Value::Context(_) | Value::Range(_) | Value::Boolean(_)) => {
                let message = format!("A range cannot end at a {}.", nested.kind());
                return Err(EvaluateError::wrong_type(message));
            }
            value => make(value),
        })
    }

    fn arithmetic(&mut self, first: &Node, rest: &[(Operator, Node)]) -> Outcome {
        let mut result = self.value(first)?;
        for (operator, node) in rest {
            let operand = self.value(node)?;
            result = match (operator, &result, &operand) {
                (Operator::Add, Value::String(left), Value::String(right)) => {
                    self.budget.text([left.as_ref(), right.as_ref()].concat())?
                }
                _ => operators::arithmetic(*operator, result, operand)?,
            };
        }
        Ok(result)
    }

    /// `and` (decided by a false operand) or `or` (decided by a true one).
    fn connective(&mut self, operands: &[Node], decisive: bool) -> Outcome {
        let mut result = Some(!decisive);
        for operand in operands {
            match self.truth(operand)? {
                Some(truth) if truth == decisive => return Ok(Value::Boolean(decisive)),
                Some(_) => {}
                None => result = None,
            }
        }
        Ok(Value::truth(result))
    }

    fn compare(&mut self, comparison: Comparison, operands: &[Node; 2]) -> Outcome {
        let [left, right] = operands;
        let (left, right) = (self.value(left)?, self.value(right)?);
        operators::holds(comparison, &left, &right).map(Value::truth)
    }

    fn between(&mut self, operands: &[Node; 3]) -> Outcome {
        let [value, low, high] = operands;
        let (value, low, high) = (self.value(value)?, self.value(low)?, self.value(high)?);
        let above = operators::holds(Comparison::GreaterOrEqual, &value, &low)?;
        let below = operators::holds(Comparison::LessOrEqual, &value, &high)?;
        Ok(Value::truth(operators::and(above, below)))
    }

    fn is_in(&mut self, value: &Node, tests: &[Test]) -> Outcome {
        let value = self.value(value)?;
        let mut result = Some(false);
        for test in tests {
            let passed = match test {
                Test::Compare(comparison, node) => operators::holds(*comparison, &value, &self.value(node)?)?,
                Test::Among(node) => {
                    let among = self.value(node)?;
                    self.is_among(&value, &among)?
                }
            };
            result = operators::or(result, passed);
            if result == Some(true) {
                break;
            }
        }
        Ok(Value::truth(result))
    }

    /// Whether `value` is in the range, equals the list, or an element of it, or equals the value.
    fn is_among(&self, value: &Value, among: &Value) -> Result<Option<bool>, EvaluateError> {
        match among {
            Value::Range(range) if !matches!(value, Value::Range(_)) => operators::within(value, range),
            Value::List(items) => {
                self.budget.spend(items.len())?;
                let mut result = Some(operators::same(value, among));
                for item in items {
                    let passed = match item {
                        Value::Range(range) => operators::within(value, range)?,
                        item => Some(operators::same(value, item)),
                    };
                    result = operators::or(result, passed);
                }
                Ok(result)
            }
            other => Ok(operators::equal(value, other)),
        }
    }

    fn conditional(&mut self, parts: &[Node; 3]) -> Outcome {
        let [condition, yes, no] = parts;
        if self.truth(condition)? == Some(true) { self.value(yes) } else { self.value(no) }
    }

    fn call(&mut self, builtin: &'static builtins::Builtin, nodes: &[Node]) -> Outcome {
        let arguments = nodes.iter().map(|node| self.value(node)).collect::<Result<_, _>>()?;
        builtins::call(builtin, arguments, &self.budget)
    }
}

/// The value a range ends at, included or not.
fn ended(bound: &Bound<Value>) -> Option<&Value> {
    match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
        Bound::Unbounded => None,
    }
}
