//! The values expressions work on.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil;
use jiff::tz::Offset;
use rust_decimal::Decimal;

use super::temporal;

/// A FEEL value. `Display` writes it as a FEEL literal.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value, or an unset one.
    #[default]
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// An exact decimal.
    Number(Decimal),
    /// A text.
    String(Arc<str>),
    /// A calendar date.
    Date(civil::Date),
    /// A time of day.
    Time(Time),
    /// A date and time of day.
    DateTime(DateTime),
    /// A days and time duration.
    Duration(SignedDuration),
    /// A years and months duration, in months.
    YearsMonths(i64),
    /// A list.
    List(Vec<Value>),
    /// Named entries.
    Context(BTreeMap<String, Value>),
    /// The values between two ends.
    Range(Box<Range>),
}

/// A time of day, which may have an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// What the clock shows.
    pub clock: civil::Time,
    /// How far the clock is from UTC, where that is known.
    pub offset: Option<Offset>,
}

/// A date and time of day, which may have a zone.
#[derive(Clone, Debug, PartialEq)]
pub enum DateTime {
    /// What calendar and clock show, in a place that is not stated.
    Local(civil::DateTime),
    /// An instant, told in a zone or at an offset.
    Zoned(jiff::ZonedDateTime),
}

/// The values from `start` to `end`.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The lower end.
    pub start: Bound<Value>,
    /// The upper end.
    pub end: Bound<Value>,
}

impl Value {
    /// What sort of value this is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::DateTime(_) => "date and time",
            Self::Duration(_) => "days and time duration",
            Self::YearsMonths(_) => "years and months duration",
            Self::List(_) => "list",
            Self::Context(_) => "context",
            Self::Range(_) => "range",
        }
    }

    /// The boolean of a three-valued truth: `None` is null.
    pub(super) fn truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Boolean)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Decimal::from(value))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Number(Decimal::from(value))
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Boolean(value) => write!(out, "{value}"),
            Self::Number(value) => write!(out, "{}", value.normalize()),
            Self::String(text) => write_quoted(out, text),
            Self::List(items) => {
                out.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                out.write_str("]")
            }
            Self::Context(entries) => {
                out.write_str("{")?;
                for (index, (name, value)) in entries.iter().enumerate() {
                    out.write_str(if index == 0 { "" } else { ", " })?;
                    write_key(out, name)?;
                    write!(out, ": {value}")?;
                }
                out.write_str("}")
            }
            Self::Range(range) => write!(out, "{range}"),
            temporal => match temporal::iso(temporal) {
                Some(text) => write!(out, "@\"{text}\""),
                None => Ok(()), // every other kind has been written above
            },
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.start, &self.end) {
            (Bound::Unbounded, Bound::Unbounded) => write!(out, "(null..null)"),
            (Bound::Unbounded, Bound::Included(end)) => write!(out, "(<= {end})"),
            (Bound::Unbounded, Bound::Excluded(end)) => write!(out, "(< {end})"),
            (Bound::Included(start), Bound::Unbounded) => write!(out, "(>= {start})"),
            (Bound::Excluded(start), Bound::Unbounded) => write!(out, "(> {start})"),
            (start @ (Bound::Included(from) | Bound::Excluded(from)), end @ (Bound::Included(to) | Bound::Excluded(to))) => {
                let open = if matches!(start, Bound::Included(_)) { '[' } else { '(' };
                let close = if matches!(end, Bound::Included(_)) { ']' } else { ')' };
                write!(out, "{open}{from}..{to}{close}")
            }
        }
    }
}

fn write_quoted(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            control if control.is_control() => write!(out, "\\u{:04X}", u32::from(control))?,
            other => write!(out, "{other}")?,
        }
    }
    out.write_str("\"")
}

/// Writes an entry's name, quoted unless it is a plain identifier.
fn write_key(out: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if super::lexer::is_name(name) { out.write_str(name) } else { write_quoted(out, name) }
}
