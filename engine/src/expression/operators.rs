//! Equality, order and arithmetic of values.

use std::cmp::Ordering;
use std::ops::Bound;

use jiff::{SignedDuration, Span, civil};
use rust_decimal::Decimal;

use super::ast::{Comparison, Operator};
use super::value::{DateTime, Range, Time, Value};
use super::{EvaluateError, MAX_EXPONENT, iterate};

type Outcome = Result<Value, EvaluateError>;

/// Whether two values are equal; `None`, FEEL's null, where their types differ.
pub(super) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, _) | (_, Value::Null) => Some(false),
        (Value::DateTime(DateTime::Local(_)), Value::DateTime(DateTime::Zoned(_)))
        | (Value::DateTime(DateTime::Zoned(_)), Value::DateTime(DateTime::Local(_))) => None,
        (Value::Time(left), Value::Time(right)) => match (left.offset, right.offset) {
            (Some(_), Some(_)) | (None, None) => Some(position(*left) == position(*right)),
            _ => None,
        },
        (Value::List(left), Value::List(right)) => {
            let pairs = || left.iter().zip(right);
            Some(left.len() == right.len() && pairs().all(|(left, right)| same(left, right)))
        }
        (Value::Context(left), Value::Context(right)) => {
            let pairs = || left.iter().zip(right);
            Some(left.len() == right.len() && pairs().all(|(left, right)| left.0 == right.0 && same(left.1, right.1)))
        }
        _ if left.kind() == right.kind() => Some(left == right),
        _ => None,
    }
}

/// Whether two values are certainly equal.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    equal(left, right) == Some(true)
}

/// How two values of one type are ordered; `None` if one of them is null.
pub(super) fn compare(left: &Value, right: &Value) -> Result<Option<Ordering>, EvaluateError> {
    let ordering = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Ok(None),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Time(left), Value::Time(right)) if left.offset.is_some() == right.offset.is_some() => {
            position(*left).cmp(&position(*right))
        }
        (Value::DateTime(DateTime::Local(left)), Value::DateTime(DateTime::Local(right))) => left.cmp(right),
        (Value::DateTime(DateTime::Zoned(left)), Value::DateTime(DateTime::Zoned(right))) => left.cmp(right),
        (Value::Duration(left), Value::Duration(right)) => left.cmp(right),
        (Value::YearsMonths(left), Value::YearsMonths(right)) => left.cmp(right),
        _ => {
            let timed = matches!(left, Value::Time(_) | Value::DateTime(_)) && left.kind() == right.kind();
            let hint = if timed { ": only one of them has an offset" } else { "" };
            let message = format!("A {} and a {} cannot be put in order{hint}.", left.kind(), right.kind());
            return Err(EvaluateError::wrong_type(message));
        }
    };
    Ok(Some(ordering))
}

/// The truth of `left <comparison> right`.
pub(super) fn holds(comparison: Comparison, left: &Value, right: &Value) -> Result<Option<bool>, EvaluateError> {
    let test: fn(Ordering) -> bool = match comparison {
        Comparison::Equal => return Ok(equal(left, right)),
        Comparison::NotEqual => return Ok(equal(left, right).map(|equal| !equal)),
        Comparison::Less => Ordering::is_lt,
        Comparison::LessOrEqual => Ordering::is_le,
        Comparison::Greater => Ordering::is_gt,
        Comparison::GreaterOrEqual => Ordering::is_ge,
    };
    Ok(compare(left, right)?.map(test))
}

/// Whether `value` lies within `range`.
pub(super) fn within(value: &Value, range: &Range) -> Result<Option<bool>, EvaluateError> {
    let above = match &range.start {
        Bound::Included(start) => holds(Comparison::GreaterOrEqual, value, start)?,
        Bound::Excluded(start) => holds(Comparison::Greater, value, start)?,
        Bound::Unbounded => Some(true),
    };
    let below = match &range.end {
        Bound::Included(end) => holds(Comparison::LessOrEqual, value, end)?,
        Bound::Excluded(end) => holds(Comparison::Less, value, end)?,
        Bound::Unbounded => Some(true),
    };
    Ok(and(above, below))
}

/// Three-valued conjunction.
pub(super) fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Three-valued disjunction.
pub(super) fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    and(left.map(|left| !left), right.map(|right| !right)).map(|both| !both)
}

/// Nanoseconds since midnight, in UTC where the offset is known.
fn position(time: Time) -> i128 {
    let clock = time.clock.duration_since(civil::Time::midnight()).as_nanos();
    clock - time.offset.map_or(0, |offset| i128::from(offset.seconds()) * 1_000_000_000)
}

/// `left <operator> right`
pub(super) fn arithmetic(operator: Operator, left: Value, right: Value) -> Outcome {
    use Operator::{Add, Divide, Multiply, Subtract};
    let overflow = || EvaluateError::overflow(format!("\"{}\"", operator.verb()));
    match (operator, left, right) {
        (_, Value::Null, _) | (_, _, Value::Null) => Ok(Value::Null),
        (_, Value::Number(left), Value::Number(right)) => numbers(operator, left, right).map(Value::Number),

        (Add, Value::YearsMonths(left), Value::YearsMonths(right)) => {
            left.checked_add(right).map(Value::YearsMonths).ok_or_else(overflow)
        }
        (Subtract, Value::YearsMonths(left), Value::YearsMonths(right)) => {
            left.checked_sub(right).map(Value::YearsMonths).ok_or_else(overflow)
        }
        (Add, Value::Duration(left), Value::Duration(right)) => left.checked_add(right).map(Value::Duration).ok_or_else(overflow),
        (Subtract, Value::Duration(left), Value::Duration(right)) => {
            left.checked_sub(right).map(Value::Duration).ok_or_else(overflow)
        }
        (Multiply, Value::Number(factor), duration @ (Value::Duration(_) | Value::YearsMonths(_)))
        | (Multiply, duration @ (Value::Duration(_) | Value::YearsMonths(_)), Value::Number(factor)) => {
            let scaled = numbers(Multiply, amount(&duration).ok_or_else(overflow)?, factor)?;
            duration_of(&duration, scaled).ok_or_else(overflow)
        }
        (Divide, duration @ (Value::Duration(_) | Value::YearsMonths(_)), Value::Number(divisor)) => {
            let scaled = numbers(Divide, amount(&duration).ok_or_else(overflow)?, divisor)?;
            duration_of(&duration, scaled).ok_or_else(overflow)
        }
        (Divide, left @ Value::Duration(_), right @ Value::Duration(_))
        | (Divide, left @ Value::YearsMonths(_), right @ Value::YearsMonths(_)) => {
            let (left, right) = amount(&left).zip(amount(&right)).ok_or_else(overflow)?;
            numbers(Divide, left, right).map(Value::Number)
        }

        (Add, point, Value::Duration(duration)) if is_point(&point) => shift(&point, duration).ok_or_else(overflow),
        (Add, Value::Duration(duration), point) if is_point(&point) => shift(&point, duration).ok_or_else(overflow),
        (Subtract, point, Value::Duration(duration)) if is_point(&point) => {
            duration.checked_neg().and_then(|back| shift(&point, back)).ok_or_else(overflow)
        }
        (Add, point, Value::YearsMonths(months)) if has_date(&point) => shift_months(&point, months).ok_or_else(overflow),
        (Add, Value::YearsMonths(months), point) if has_date(&point) => shift_months(&point, months).ok_or_else(overflow),
        (Subtract, point, Value::YearsMonths(months)) if has_date(&point) => {
            months.checked_neg().and_then(|back| shift_months(&point, back)).ok_or_else(overflow)
        }

        (Subtract, left, right) => {
            let difference = between(&left, &right);
            difference.map(Value::Duration).ok_or_else(|| mismatch(operator, &left, &right))
        }
        (_, left, right) => Err(mismatch(operator, &left, &right)),
    }
}

/// `-value`
pub(super) fn negate(value: &Value) -> Outcome {
    let overflow = || EvaluateError::overflow("\"-\"");
    match value {
        Value::Null => Ok(Value::Null),
        Value::Number(number) => Ok(Value::Number(-*number)),
        Value::Duration(duration) => duration.checked_neg().map(Value::Duration).ok_or_else(overflow),
        Value::YearsMonths(months) => months.checked_neg().map(Value::YearsMonths).ok_or_else(overflow),
        other => Err(EvaluateError::wrong_type(format!("A {} has no negative.", other.kind()))),
    }
}

fn mismatch(operator: Operator, left: &Value, right: &Value) -> EvaluateError {
    let message = format!("\"{}\" cannot combine a {} and a {}.", operator.verb(), left.kind(), right.kind());
    EvaluateError::wrong_type(message)
}

/// Arithmetic of numbers.
pub(super) fn numbers(operator: Operator, left: Decimal, right: Decimal) -> Result<Decimal, EvaluateError> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide if right.is_zero() => return Err(EvaluateError::division_by_zero()),
        Operator::Divide => left.checked_div(right),
        Operator::Power => return power(left, right),
    };
    result.ok_or_else(|| EvaluateError::overflow(format!("\"{}\"", operator.verb())))
}

/// `base ** exponent` by repeated squaring; whole exponents only.
fn power(base: Decimal, exponent: Decimal) -> Result<Decimal, EvaluateError> {
    let Some(exponent) = iterate::whole(exponent).filter(|whole| (-MAX_EXPONENT..=MAX_EXPONENT).contains(whole)) else {
        let message = format!("The exponent of \"**\" must be a whole number from -{MAX_EXPONENT} to {MAX_EXPONENT}.");
        return Err(EvaluateError::new("expression.overflow", message));
    };
    let overflow = || EvaluateError::overflow("\"**\"");
    let mut result = Decimal::ONE;
    let mut square = base;
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        if left % 2 == 1 {
            result = result.checked_mul(square).ok_or_else(overflow)?;
        }
        left /= 2;
        if left > 0 {
            square = square.checked_mul(square).ok_or_else(overflow)?;
        }
    }
    if exponent < 0 { numbers(Operator::Divide, Decimal::ONE, result) } else { Ok(result) }
}

/// The size of a duration as a number: its nanoseconds or its months.
fn amount(duration: &Value) -> Option<Decimal> {
    match duration {
        Value::Duration(duration) => Decimal::try_from_i128_with_scale(duration.as_nanos(), 0).ok(),
        Value::YearsMonths(months) => Some(Decimal::from(*months)),
        _ => None,
    }
}

/// The duration of `amount`, of the same sort as `like`.
fn duration_of(like: &Value, amount: Decimal) -> Option<Value> {
    let whole = amount.trunc();
    match like {
        Value::YearsMonths(_) => i64::try_from(whole).ok().map(Value::YearsMonths),
        _ => SignedDuration::try_from_nanos_i128(i128::try_from(whole).ok()?).map(Value::Duration),
    }
}

fn has_date(value: &Value) -> bool {
    matches!(value, Value::Date(_) | Value::DateTime(_))
}

fn is_point(value: &Value) -> bool {
    has_date(value) || matches!(value, Value::Time(_))
}

/// A point in time, moved by a days and time duration. A time of day wraps at midnight.
fn shift(point: &Value, by: SignedDuration) -> Option<Value> {
    Some(match point {
        Value::Date(date) => Value::Date(date.at(0, 0, 0, 0).checked_add(by).ok()?.date()),
        Value::DateTime(DateTime::Local(local)) => Value::DateTime(DateTime::Local(local.checked_add(by).ok()?)),
        Value::DateTime(DateTime::Zoned(zoned)) => Value::DateTime(DateTime::Zoned(zoned.checked_add(by).ok()?)),
        Value::Time(time) => {
            let rest = SignedDuration::try_from_nanos_i128(by.as_nanos() % 86_400_000_000_000)?;
            Value::Time(Time { clock: time.clock.wrapping_add(rest), ..*time })
        }
        _ => return None,
    })
}

/// A date, moved by months; a day the month does not have becomes its last.
fn shift_months(point: &Value, months: i64) -> Option<Value> {
    let by = Span::new().try_months(months).ok()?;
    Some(match point {
        Value::Date(date) => Value::Date(date.checked_add(by).ok()?),
        Value::DateTime(DateTime::Local(local)) => Value::DateTime(DateTime::Local(local.checked_add(by).ok()?)),
        Value::DateTime(DateTime::Zoned(zoned)) => Value::DateTime(DateTime::Zoned(zoned.checked_add(by).ok()?)),
        _ => return None,
    })
}

/// How long it is from `right` to `left`, if both are points of one sort.
fn between(left: &Value, right: &Value) -> Option<SignedDuration> {
    Some(match (left, right) {
        (Value::Date(left), Value::Date(right)) => left.duration_since(*right),
        (Value::DateTime(DateTime::Local(left)), Value::DateTime(DateTime::Local(right))) => left.duration_since(*right),
        (Value::DateTime(DateTime::Zoned(left)), Value::DateTime(DateTime::Zoned(right))) => left.duration_since(right),
        (Value::Time(left), Value::Time(right)) if left.offset.is_some() == right.offset.is_some() => {
            SignedDuration::try_from_nanos_i128(position(*left) - position(*right))?
        }
        _ => return None,
    })
}
