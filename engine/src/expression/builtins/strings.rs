//! Built-ins that work on strings; positions count code points.

use std::sync::Arc;

use regex::Regex;

use super::super::{patterns, temporal};
use super::{Budget, Call, EvaluateError, Outcome, Value};

pub(super) fn string(call: &mut Call) -> Outcome {
    match call.take(0) {
        text @ Value::String(_) => Ok(text),
        other => call.budget.text(temporal::iso(&other).unwrap_or_else(|| other.to_string())),
    }
}

pub(super) fn substring(call: &mut Call) -> Outcome {
    let text = call.text(0)?;
    let start = call.integer(1)?;
    let length = if call.given(2) { call.integer(2)? } else { i64::MAX };
    if start == 0 {
        return Err(call.wrong(1, "a position, counted from 1 or from -1 backwards,"));
    }
    let Ok(length) = usize::try_from(length) else { return Err(call.wrong(2, "a length that is not negative")) };
    let distance = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
    let skipped = if start > 0 { distance - 1 } else { text.chars().count().saturating_sub(distance) };
    call.budget.text(text.chars().skip(skipped).take(length).collect())
}

pub(super) fn string_length(call: &mut Call) -> Outcome {
    Ok(Value::from(call.text(0)?.chars().count()))
}

pub(super) fn upper_case(call: &mut Call) -> Outcome {
    call.budget.text(call.text(0)?.to_uppercase())
}

pub(super) fn lower_case(call: &mut Call) -> Outcome {
    call.budget.text(call.text(0)?.to_lowercase())
}

/// What is before the match; empty without one.
pub(super) fn substring_before(call: &mut Call) -> Outcome {
    let (text, wanted) = (call.text(0)?, call.text(1)?);
    let before = text.split_once(&*wanted).map_or("", |(before, _)| before);
    call.budget.text(before.to_owned())
}

/// What is after the match; empty without one.
pub(super) fn substring_after(call: &mut Call) -> Outcome {
    let (text, wanted) = (call.text(0)?, call.text(1)?);
    let after = text.split_once(&*wanted).map_or("", |(_, after)| after);
    call.budget.text(after.to_owned())
}

pub(super) fn contains(call: &mut Call) -> Outcome {
    Ok(Value::Boolean(call.text(0)?.contains(&*call.text(1)?)))
}

pub(super) fn starts_with(call: &mut Call) -> Outcome {
    Ok(Value::Boolean(call.text(0)?.starts_with(&*call.text(1)?)))
}

pub(super) fn ends_with(call: &mut Call) -> Outcome {
    Ok(Value::Boolean(call.text(0)?.ends_with(&*call.text(1)?)))
}

/// The compiled pattern of argument 1, with the flags of argument `flags`.
fn pattern(call: &Call, flags: usize) -> Result<Arc<Regex>, EvaluateError> {
    let letters = if call.given(flags) { call.text(flags)? } else { "".into() };
    let Some(pattern) = patterns::with_flags(&call.text(1)?, &letters) else {
        return Err(call.wrong(flags, "some of the letters s, m, i and x"));
    };
    call.budget.regex(&pattern)?.map_err(|problem| call.fail(&format!("cannot use this pattern: {problem}")))
}

pub(super) fn matches(call: &mut Call) -> Outcome {
    let text = call.text(0)?;
    let regex = pattern(call, 2)?;
    call.budget.spend_search(text.len())?;
    Ok(Value::Boolean(regex.is_match(&text)))
}

pub(super) fn replace(call: &mut Call) -> Outcome {
    let text = call.text(0)?;
    let regex = pattern(call, 3)?;
    let replacement = call.text(2)?;
    call.budget.spend_search(text.len())?;
    let mut result = String::new();
    let mut copied = 0;
    for captures in regex.captures_iter(&text) {
        let Some(whole) = captures.get(0) else { continue };
        call.budget.spend(1)?;
        result.push_str(&text[copied..whole.start()]);
        expand(&replacement, &captures, &mut result);
        copied = whole.end();
        Budget::check_text(result.len())?;
    }
    result.push_str(&text[copied..]);
    call.budget.text(result)
}

/// Appends `replacement`, in which `$1` is a captured group, `\$` a dollar and `\\` a backslash.
fn expand(replacement: &str, captures: &regex::Captures, result: &mut String) {
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        match (character, next) {
            ('\\', Some(literal @ ('\\' | '$'))) => {
                result.push(literal);
                characters.next();
            }
            ('$', Some(digit)) if digit.is_ascii_digit() => {
                let group = digit.to_digit(10).and_then(|group| captures.get(usize::try_from(group).ok()?));
                result.push_str(group.map_or("", |group| group.as_str()));
                characters.next();
            }
            (other, _) => result.push(other),
        }
    }
}

/// The parts between the matches of a pattern.
pub(super) fn split(call: &mut Call) -> Outcome {
    let text = call.text(0)?;
    let regex = pattern(call, 3)?;
    call.budget.spend_search(text.len())?;
    let mut parts = Vec::new();
    for part in regex.split(&text) {
        parts.push(call.budget.text(part.to_owned())?);
        Budget::check_list(parts.len())?;
    }
    call.budget.list(parts)
}

/// The strings one after the other; nulls are left out.
pub(super) fn string_join(call: &mut Call) -> Outcome {
    let delimiter = if call.given(1) { call.text(1)? } else { "".into() };
    let mut result = String::new();
    let mut first = true;
    for item in call.list(0) {
        let text = match item {
            Value::String(text) => text,
            Value::Null => continue,
            other => return Err(call.fail(&format!("joins strings only, and got a {}", other.kind()))),
        };
        if !first {
            result.push_str(&delimiter);
        }
        first = false;
        result.push_str(&text);
        Budget::check_text(result.len())?;
    }
    call.budget.text(result)
}
