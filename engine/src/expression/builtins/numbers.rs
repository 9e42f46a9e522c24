//! Built-ins that work on numbers.

use rust_decimal::{Decimal, RoundingStrategy};

use super::super::ast::Operator;
use super::super::operators;
use super::{Call, EvaluateError, Outcome, Value};

/// `number("1.234,5", ".", ",")`
pub(super) fn number(call: &mut Call) -> Outcome {
    if let Value::Number(number) = call.get(0) {
        return Ok(Value::Number(*number));
    }
    let text = call.text(0)?;
    let mut digits = text.to_string();
    if call.given(1) {
        let grouping = call.text(1)?;
        if !matches!(&*grouping, " " | "," | ".") {
            return Err(call.wrong(1, "a space, a comma or a point"));
        }
        digits = digits.replace(&*grouping, "");
    }
    if call.given(2) {
        let point = call.text(2)?;
        if !matches!(&*point, "," | ".") || call.get(1) == call.get(2) {
            return Err(call.wrong(2, "a comma or a point that is not the grouping separator"));
        }
        if &*point == "," && digits.contains('.') {
            return Err(call.fail("cannot read this string as a number"));
        }
        digits = digits.replace(&*point, ".");
    }
    let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
    let plain = unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && unsigned.ends_with(|last: char| last.is_ascii_digit());
    let parsed = if plain { Decimal::from_str_exact(&digits).ok() } else { None };
    parsed.map(Value::Number).ok_or_else(|| call.fail("cannot read this string as a number"))
}

pub(super) fn decimal(call: &mut Call) -> Outcome {
    rounded(call, RoundingStrategy::MidpointNearestEven)
}

pub(super) fn floor(call: &mut Call) -> Outcome {
    rounded(call, RoundingStrategy::ToNegativeInfinity)
}

pub(super) fn ceiling(call: &mut Call) -> Outcome {
    rounded(call, RoundingStrategy::ToPositiveInfinity)
}

pub(super) fn round_up(call: &mut Call) -> Outcome {
    rounded(call, RoundingStrategy::AwayFromZero)
}

pub(super) fn round_down(call: &mut Call) -> Outcome {
    rounded(call, RoundingStrategy::ToZero)
}

pub(super) fn round_half_up(call: &mut Call) -> Outcome {
    rounded(call, RoundingStrategy::MidpointAwayFromZero)
}

pub(super) fn round_half_down(call: &mut Call) -> Outcome {
    rounded(call, RoundingStrategy::MidpointTowardZero)
}

/// `n` rounded to `scale` digits after the point; a negative scale rounds to tens, hundreds, …
fn rounded(call: &Call, strategy: RoundingStrategy) -> Outcome {
    let number = call.number(0)?;
    let scale = if call.given(1) { call.integer(1)? } else { 0 };
    if !(-28..=28).contains(&scale) {
        return Err(call.wrong(1, "a whole number from -28 to 28"));
    }
    if let Ok(places) = u32::try_from(scale) {
        return Ok(Value::Number(number.round_dp_with_strategy(places, strategy)));
    }
    let unit = operators::numbers(Operator::Power, Decimal::TEN, Decimal::from(-scale))?;
    let units = operators::numbers(Operator::Divide, number, unit)?.round_dp_with_strategy(0, strategy);
    operators::numbers(Operator::Multiply, units, unit).map(Value::Number)
}

pub(super) fn abs(call: &mut Call) -> Outcome {
    match call.get(0) {
        Value::Number(number) => Ok(Value::Number(number.abs())),
        Value::Duration(duration) if duration.is_negative() => operators::negate(call.get(0)),
        Value::YearsMonths(months) if *months < 0 => operators::negate(call.get(0)),
        Value::Duration(_) | Value::YearsMonths(_) => Ok(call.take(0)),
        _ => Err(call.wrong(0, "a number or a duration")),
    }
}

/// The remainder, with the sign of the divisor.
pub(super) fn modulo(call: &mut Call) -> Outcome {
    let (dividend, divisor) = (call.number(0)?, call.number(1)?);
    if divisor.is_zero() {
        return Err(EvaluateError::division_by_zero());
    }
    let rest = dividend.checked_rem(divisor).ok_or_else(|| call.overflow())?;
    if rest.is_zero() || rest.is_sign_negative() == divisor.is_sign_negative() {
        return Ok(Value::Number(rest));
    }
    operators::numbers(Operator::Add, rest, divisor).map(Value::Number)
}

/// The square root by Newton's method, which here converges within far fewer steps than allowed.
pub(super) fn sqrt(call: &mut Call) -> Outcome {
    let number = call.number(0)?;
    if number.is_sign_negative() && !number.is_zero() {
        return Err(call.wrong(0, "a number that is not negative"));
    }
    if number.is_zero() {
        return Ok(Value::Number(Decimal::ZERO));
    }
    let mut root = number.max(Decimal::ONE);
    for _ in 0..200 {
        let quotient = operators::numbers(Operator::Divide, number, root)?;
        let half = operators::numbers(Operator::Divide, operators::numbers(Operator::Subtract, quotient, root)?, Decimal::TWO)?;
        let next = operators::numbers(Operator::Add, root, half)?;
        if next == root {
            break;
        }
        root = next;
    }
    let exact = root.round_dp(14); // the root of a square should not show the last step's rounding
    let is_exact = exact.checked_mul(exact) == Some(number);
    Ok(Value::Number(if is_exact { exact } else { root }))
}

pub(super) fn even(call: &mut Call) -> Outcome {
    let rest = call.number(0)?.checked_rem(Decimal::TWO);
    Ok(Value::Boolean(rest.is_some_and(|rest| rest.is_zero())))
}

pub(super) fn odd(call: &mut Call) -> Outcome {
    let rest = call.number(0)?.checked_rem(Decimal::TWO);
    Ok(Value::Boolean(rest.is_some_and(|rest| rest.abs() == Decimal::ONE)))
}
