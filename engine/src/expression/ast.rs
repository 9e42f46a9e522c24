//! The syntax tree. Chains of one operator are flat lists, so the tree is never deeper than the
//! nesting the parser allowed.

use std::ops::Bound;

use super::builtins::Builtin;
use super::value::Value;

/// One expression.
#[derive(Debug)]
pub(super) enum Node {
    /// A constant.
    Literal(Value),
    /// A variable of the scope, by its slot in `Program::variables`.
    Variable(usize),
    /// A name bound by the expression itself, by its position on the evaluator's stack.
    Local(usize),
    /// A bare name within a filter: an entry of one of the filtered items (innermost first), and
    /// when none of them has it, something from outside.
    Entry { items: Vec<usize>, name: String, otherwise: Box<Node> },
    /// `[a, b]`
    List(Vec<Node>),
    /// `{a: 1, b: a + 1}`; each value becomes a local that the later ones can read.
    Context(Vec<(String, Node)>),
    /// `[a..b)`, `(< a)`
    Range(Bound<Box<Node>>, Bound<Box<Node>>),
    /// `-a`
    Negate(Box<Node>),
    /// `a + b - c`, from left to right.
    Arithmetic(Box<Node>, Vec<(Operator, Node)>),
    /// `a and b and c`
    And(Vec<Node>),
    /// `a or b or c`
    Or(Vec<Node>),
    /// `a < b`
    Compare(Comparison, Box<[Node; 2]>),
    /// `a between b and c`
    Between(Box<[Node; 3]>),
    /// `a in (b, < c)`
    In(Box<Node>, Vec<Test>),
    /// `a instance of list<number>`
    InstanceOf(Box<Node>, Type),
    /// `if a then b else c`
    If(Box<[Node; 3]>),
    /// `for x in xs return e`; the locals are `partial`, then one name a domain.
    For(Vec<Domain>, Box<Node>),
    /// `some x in xs satisfies e`; the locals are one name a domain.
    Some(Vec<Domain>, Box<Node>),
    /// `every x in xs satisfies e`
    Every(Vec<Domain>, Box<Node>),
    /// `a.b[c].d`
    Access(Box<Node>, Vec<Step>),
    /// `f(a, b)`; an optional argument that was left out is the literal null.
    Call(&'static Builtin, Vec<Node>),
}

/// One step of a path.
#[derive(Debug)]
pub(super) enum Step {
    /// `.name`
    Member(String),
    /// `[filter]`, in which the element is the next local.
    Filter(Node),
}

/// One test on the right of `in`.
#[derive(Debug)]
pub(super) enum Test {
    /// `< a`
    Compare(Comparison, Node),
    /// A value to equal, or a list or range to be in.
    Among(Node),
}

/// What an iterator runs over.
#[derive(Debug)]
pub(super) enum Domain {
    /// The elements of a list.
    Each(Node),
    /// `a..b`, in steps of one, either way.
    Between(Node, Node),
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// The operator `symbol` stands for.
    pub(super) fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "**" => Self::Power,
            _ => return None,
        })
    }

    /// What the operator does, for messages.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "**",
        }
    }
}

impl Comparison {
    /// The comparison `symbol` stands for.
    pub(super) fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }
}

/// A type named after `instance of`.
#[derive(Debug)]
pub(super) enum Type {
    Any,
    Null,
    Number,
    String,
    Boolean,
    Date,
    Time,
    DateTime,
    Duration,
    YearsMonths,
    Context,
    List(Box<Type>),
    Range(Box<Type>),
}

impl Type {
    /// The type of this name, if there is one without parameters.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Any" => Self::Any,
            "Null" => Self::Null,
            "number" => Self::Number,
            "string" => Self::String,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "time" => Self::Time,
            "date and time" => Self::DateTime,
            "days and time duration" => Self::Duration,
            "years and months duration" => Self::YearsMonths,
            "context" => Self::Context,
            "list" => Self::List(Box::new(Self::Any)),
            "range" => Self::Range(Box::new(Self::Any)),
            _ => return None,
        })
    }

    /// Whether `value` is of this type. Null is an instance of `Null` only.
    pub(super) fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::List(inner), Value::List(items)) => {
                matches!(**inner, Self::Any) || items.iter().all(|item| inner.matches(item))
            }
            (Self::Range(inner), Value::Range(range)) => [&range.start, &range.end].into_iter().all(|bound| match bound {
                Bound::Included(end) | Bound::Excluded(end) => inner.matches(end),
                Bound::Unbounded => true,
            }),
            (Self::Any, value) => *value != Value::Null,
            (Self::Null, Value::Null)
            | (Self::Number, Value::Number(_))
            | (Self::String, Value::String(_))
            | (Self::Boolean, Value::Boolean(_))
            | (Self::Date, Value::Date(_))
            | (Self::Time, Value::Time(_))
            | (Self::DateTime, Value::DateTime(_))
            | (Self::Duration, Value::Duration(_))
            | (Self::YearsMonths, Value::YearsMonths(_))
            | (Self::Context, Value::Context(_)) => true,
            _ => false,
        }
    }
}
