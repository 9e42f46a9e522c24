//! Built-ins that work on lists and contexts; positions count from one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::super::ast::Operator;
use super::super::iterate::index;
use super::super::{MAX_LIST_ELEMENTS, operators};
use super::{Budget, Call, EvaluateError, Outcome, Value};

pub(super) fn get_value(call: &mut Call) -> Outcome {
    let key = call.text(1)?;
    match call.take(0) {
        Value::Context(mut entries) => Ok(entries.remove(&*key).unwrap_or_default()),
        other => Err(call.fail(&format!("needs a context as \"m\", and got a {}", other.kind()))),
    }
}

pub(super) fn get_entries(call: &mut Call) -> Outcome {
    let Value::Context(entries) = call.take(0) else { return Err(call.fail("needs a context as \"m\"")) };
    let pair = |(key, value): (String, Value)| {
        Value::Context(BTreeMap::from([("key".to_owned(), Value::from(key)), ("value".to_owned(), value)]))
    };
    call.budget.list(entries.into_iter().map(pair).collect())
}

pub(super) fn list_contains(call: &mut Call) -> Outcome {
    if !call.given(0) {
        return Ok(Value::Null);
    }
    let element = call.take(1);
    Ok(Value::Boolean(call.list(0).iter().any(|item| operators::same(item, &element))))
}

pub(super) fn count(call: &mut Call) -> Outcome {
    Ok(Value::from(call.list(0).len()))
}

pub(super) fn min(call: &mut Call) -> Outcome {
    extreme(call, Ordering::Less)
}

pub(super) fn max(call: &mut Call) -> Outcome {
    extreme(call, Ordering::Greater)
}

/// The element before (or after) all others; null without elements or if one is null.
fn extreme(call: &mut Call, wanted: Ordering) -> Outcome {
    let mut elements = call.elements().into_iter();
    let mut best = elements.next().unwrap_or_default();
    operators::compare(&best, &best)?; // a single element must be of an ordered type, too
    for element in elements {
        match operators::compare(&element, &best)? {
            Some(ordering) if ordering == wanted => best = element,
            Some(_) => {}
            None => return Ok(Value::Null),
        }
    }
    Ok(best)
}

/// The sum of numbers or of durations of one sort.
pub(super) fn sum(call: &mut Call) -> Outcome {
    let mut elements = call.elements().into_iter();
    let mut total = elements.next().unwrap_or_default();
    let summable = |value: &Value| matches!(value, Value::Null | Value::Number(_) | Value::Duration(_) | Value::YearsMonths(_));
    if !summable(&total) {
        return Err(call.fail(&format!("adds numbers or durations, and got a {}", total.kind())));
    }
    for element in elements {
        if !summable(&element) {
            return Err(call.fail(&format!("adds numbers or durations, and got a {}", element.kind())));
        }
        total = operators::arithmetic(Operator::Add, total, element)?;
    }
    Ok(total)
}

pub(super) fn mean(call: &mut Call) -> Outcome {
    let elements = call.elements();
    let count = Value::from(elements.len());
    if elements.is_empty() {
        return Ok(Value::Null);
    }
    call.arguments = vec![Value::List(elements)];
    operators::arithmetic(Operator::Divide, sum(call)?, count)
}

pub(super) fn median(call: &mut Call) -> Outcome {
    let Some(mut numbers) = call.numbers()? else { return Ok(Value::Null) };
    numbers.sort_unstable();
    let middle = numbers.len() / 2;
    let Some(upper) = numbers.get(middle) else { return Ok(Value::Null) };
    if numbers.len() % 2 == 1 {
        return Ok(Value::Number(*upper));
    }
    let lower = numbers[middle - 1]; // an even count that is not zero has an element before its middle
    let total = operators::numbers(Operator::Add, lower, *upper)?;
    operators::numbers(Operator::Divide, total, Decimal::TWO).map(Value::Number)
}

/// The most frequent numbers, in ascending order.
pub(super) fn mode(call: &mut Call) -> Outcome {
    let Some(numbers) = call.numbers()? else { return Ok(Value::Null) };
    let mut counts: BTreeMap<Decimal, usize> = BTreeMap::new();
    for number in numbers {
        *counts.entry(number).or_default() += 1;
    }
    let most = counts.values().max().copied();
    let modes = counts.into_iter().filter(|(_, count)| Some(*count) == most).map(|(number, _)| Value::Number(number));
    call.budget.list(modes.collect())
}

pub(super) fn product(call: &mut Call) -> Outcome {
    let Some(numbers) = call.numbers()?.filter(|numbers| !numbers.is_empty()) else { return Ok(Value::Null) };
    let product = numbers.into_iter().try_fold(Decimal::ONE, |left, right| operators::numbers(Operator::Multiply, left, right));
    product.map(Value::Number)
}

pub(super) fn all(call: &mut Call) -> Outcome {
    combine(call, Some(true), operators::and)
}

pub(super) fn any(call: &mut Call) -> Outcome {
    combine(call, Some(false), operators::or)
}

fn combine(call: &mut Call, empty: Option<bool>, join: fn(Option<bool>, Option<bool>) -> Option<bool>) -> Outcome {
    let mut result = empty;
    for element in call.elements() {
        let truth = match element {
            Value::Boolean(truth) => Some(truth),
            Value::Null => None,
            other => return Err(call.fail(&format!("takes true or false only, and got a {}", other.kind()))),
        };
        result = join(result, truth);
    }
    Ok(Value::truth(result))
}

pub(super) fn sublist(call: &mut Call) -> Outcome {
    let length = if call.given(2) { Some(call.integer(2)?) } else { None };
    let (mut items, start) = positioned(call)?;
    items.drain(..start);
    if let Some(length) = length {
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= items.len()) else {
            return Err(call.fail("needs a length within the list"));
        };
        items.truncate(length);
    }
    call.budget.list(items)
}

pub(super) fn append(call: &mut Call) -> Outcome {
    if !call.given(0) {
        return Ok(Value::Null);
    }
    let mut items = call.list(0);
    items.extend(call.arguments.drain(1..));
    call.budget.list(items)
}

pub(super) fn concatenate(call: &mut Call) -> Outcome {
    let mut items = Vec::new();
    for index in 0..call.arguments.len() {
        if !call.given(index) {
            return Ok(Value::Null);
        }
        items.append(&mut call.list(index));
        Budget::check_list(items.len())?;
    }
    call.budget.list(items)
}

pub(super) fn insert_before(call: &mut Call) -> Outcome {
    if !call.given(0) || !call.given(1) {
        return Ok(Value::Null);
    }
    let (mut items, position) = positioned(call)?;
    items.insert(position, call.take(2));
    call.budget.list(items)
}

pub(super) fn remove(call: &mut Call) -> Outcome {
    let (mut items, position) = positioned(call)?;
    items.remove(position);
    call.budget.list(items)
}

/// The list of argument 0 and the index that argument 1 is within it.
fn positioned(call: &mut Call) -> Result<(Vec<Value>, usize), EvaluateError> {
    let position = call.integer(1)?;
    let items = call.list(0);
    match index(items.len(), position) {
        Some(index) => Ok((items, index)),
        None => Err(call.fail(&format!("cannot use position {position} in a list of {}", items.len()))),
    }
}

pub(super) fn reverse(call: &mut Call) -> Outcome {
    let mut items = call.list(0);
    items.reverse();
    Ok(Value::List(items))
}

pub(super) fn index_of(call: &mut Call) -> Outcome {
    if !call.given(0) {
        return Ok(Value::Null);
    }
    let wanted = call.take(1);
    let items = call.list(0);
    let found = items.iter().zip(1_usize..).filter(|(item, _)| operators::same(item, &wanted));
    call.budget.list(found.map(|(_, position)| Value::from(position)).collect())
}

pub(super) fn union(call: &mut Call) -> Outcome {
    match concatenate(call)? {
        Value::List(items) => distinct(call, items),
        other => Ok(other),
    }
}

pub(super) fn distinct_values(call: &mut Call) -> Outcome {
    let items = call.list(0);
    distinct(call, items)
}

/// The items without repetitions. Every comparison is paid for, sixteen at a time.
fn distinct(call: &Call, items: Vec<Value>) -> Outcome {
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        call.budget.spend(1 + kept.len() / 16)?;
        if !kept.iter().any(|known| operators::same(known, &item)) {
            kept.push(item);
        }
    }
    Ok(Value::List(kept))
}

pub(super) fn flatten(call: &mut Call) -> Outcome {
    let mut flat = Vec::new();
    let mut waiting = call.list(0);
    waiting.reverse();
    while let Some(item) = waiting.pop() {
        call.budget.spend(1)?;
        match item {
            Value::List(inner) => waiting.extend(inner.into_iter().rev()),
            other => flat.push(other),
        }
        if flat.len() > MAX_LIST_ELEMENTS {
            break; // the list is refused below
        }
    }
    call.budget.list(flat)
}
