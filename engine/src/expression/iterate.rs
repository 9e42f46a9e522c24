//! The evaluator's iterations: paths, filters, `for`, `some` and `every`.

use std::cmp::Ordering;
use std::ops::Bound;

use rust_decimal::Decimal;

use super::ast::{Domain, Node, Operator, Step};
use super::budget::Budget;
use super::evaluate::{Evaluator, Outcome};
use super::value::Value;
use super::{EvaluateError, builtins, operators};

/// How an iteration ended.
#[derive(PartialEq)]
enum Walk {
    /// All elements were visited.
    Done,
    /// The body stopped it.
    Stopped,
    /// One of the domains was null.
    NoDomain,
}

impl Evaluator<'_> {
    /// The value at the end of a path.
    pub(super) fn access(&mut self, base: &Node, steps: &[Step]) -> Outcome {
        let mut value = self.value(base)?;
        for step in steps {
            self.budget.spend(1)?;
            value = match step {
                Step::Member(name) => self.member(value, name)?,
                Step::Filter(filter) => self.filter(value, filter)?,
            };
        }
        Ok(value)
    }

    /// `value.name`; of a list, the list of its elements' members.
    fn member(&self, value: Value, name: &str) -> Outcome {
        match value {
            Value::Context(mut entries) => Ok(entries.remove(name).unwrap_or(Value::Null)),
            Value::List(items) => {
                self.budget.spend(items.len())?;
                let members = items.into_iter().map(|item| self.member(item, name)).collect::<Result<_, _>>()?;
                Ok(Value::List(members))
            }
            other => builtins::component(&other, name)
                .ok_or_else(|| EvaluateError::wrong_type(format!("A {} has no entry named {name}.", other.kind()))),
        }
    }

    /// `value[filter]`: the element at a position, or the elements for which the filter is true.
    /// A single value counts as a list of one; of null, everything is null.
    fn filter(&mut self, value: Value, filter: &Node) -> Outcome {
        let items = match value {
            Value::Null => return Ok(Value::Null),
            Value::List(items) => items,
            single => vec![single],
        };
        if let Node::Literal(Value::Number(position)) = filter {
            return element(items, *position);
        }
        if items.is_empty() {
            let result = self.with_item(Value::Null, filter)?.1;
            return Ok(if matches!(result, Value::Number(_)) { Value::Null } else { Value::List(items) });
        }
        let mut kept = Vec::new();
        let mut rest = items.into_iter();
        while let Some(item) = rest.next() {
            let (item, result) = self.with_item(item, filter)?;
            match result {
                Value::Boolean(true) => kept.push(item),
                Value::Boolean(false) | Value::Null => {}
                Value::Number(position) if kept.is_empty() => {
                    let items = std::iter::once(item).chain(rest).collect();
                    return element(items, position);
                }
                other => {
                    let message = format!("A filter must be a condition or a position, and this one is a {}.", other.kind());
                    return Err(EvaluateError::wrong_type(message));
                }
            }
        }
        self.budget.list(kept)
    }

    /// Evaluates a filter for one item, and hands the item back with the result.
    fn with_item(&mut self, item: Value, filter: &Node) -> Result<(Value, Value), EvaluateError> {
        self.locals.push(item);
        let result = self.value(filter)?;
        Ok((self.locals.pop().unwrap_or_default(), result))
    }

    /// `for`: its list of results is the local `partial` while it grows.
    pub(super) fn for_each(&mut self, domains: &[Domain], body: &Node) -> Outcome {
        let slot = self.locals.len();
        self.locals.push(Value::List(Vec::new()));
        let walk = self.walk(domains, &mut |evaluator| {
            let result = evaluator.value(body)?;
            if let Some(Value::List(results)) = evaluator.locals.get_mut(slot) {
                results.push(result);
                let length = results.len();
                Budget::check_list(length)?;
            }
            Ok(true)
        })?;
        let results = self.locals.pop().unwrap_or_default();
        Ok(if walk == Walk::NoDomain { Value::Null } else { results })
    }

    /// `some` (decided by a true body) or `every` (decided by a false one).
    pub(super) fn quantified(&mut self, domains: &[Domain], body: &Node, decisive: bool) -> Outcome {
        let mut result = Some(!decisive);
        let walk = self.walk(domains, &mut |evaluator| {
            let truth = evaluator.truth(body)?;
            if truth.is_none() {
                result = None;
            }
            Ok(truth != Some(decisive))
        })?;
        Ok(match walk {
            Walk::Done => Value::truth(result),
            Walk::Stopped => Value::Boolean(decisive),
            Walk::NoDomain => Value::Null,
        })
    }

    /// Runs `body` for every combination of the domains' elements, the last varying fastest, until
    /// it answers false.
    fn walk(
        &mut self,
        domains: &[Domain],
        body: &mut dyn FnMut(&mut Self) -> Result<bool, EvaluateError>,
    ) -> Result<Walk, EvaluateError> {
        let Some((domain, rest)) = domains.split_first() else {
            return Ok(if body(self)? { Walk::Done } else { Walk::Stopped });
        };
        let Some(elements) = self.elements(domain)? else { return Ok(Walk::NoDomain) };
        for element in elements {
            self.budget.spend(1)?;
            self.locals.push(element);
            let walk = self.walk(rest, body)?;
            self.locals.pop();
            if walk != Walk::Done {
                return Ok(walk);
            }
        }
        Ok(Walk::Done)
    }

    /// The elements an iterator runs over; `None` if there is no list.
    fn elements(&mut self, domain: &Domain) -> Result<Option<Vec<Value>>, EvaluateError> {
        let (first, last) = match domain {
            Domain::Between(first, last) => (self.value(first)?, self.value(last)?),
            Domain::Each(node) => match self.value(node)? {
                Value::Null => return Ok(None),
                Value::List(items) => return Ok(Some(items)),
                Value::Range(range) => match (range.start, range.end) {
                    (Bound::Included(first), Bound::Included(last)) => (first, last),
                    _ => return Err(EvaluateError::wrong_type("Only a closed range, [a..b], can be iterated.")),
                },
                single => return Ok(Some(vec![single])),
            },
        };
        self.steps(first, &last)
    }

    /// The numbers or dates from `first` to `last`, in steps of one, upwards or downwards.
    fn steps(&self, first: Value, last: &Value) -> Result<Option<Vec<Value>>, EvaluateError> {
        let Some(order) = operators::compare(&first, last)? else { return Ok(None) };
        let step = match first {
            Value::Number(_) => Value::from(1_i64),
            Value::Date(_) => Value::Duration(jiff::SignedDuration::from_hours(24)),
            other => {
                let message = format!("Only numbers and dates can be counted through, and this is a {}.", other.kind());
                return Err(EvaluateError::wrong_type(message));
            }
        };
        let (operator, beyond): (_, fn(Ordering) -> bool) = match order {
            Ordering::Greater => (Operator::Subtract, Ordering::is_lt),
            Ordering::Less | Ordering::Equal => (Operator::Add, Ordering::is_gt),
        };
        let mut steps = vec![first];
        while let Some(latest) = steps.last() {
            let next = operators::arithmetic(operator, latest.clone(), step.clone())?;
            if operators::compare(&next, last)?.is_none_or(beyond) {
                break;
            }
            self.budget.spend(1)?;
            Budget::check_list(steps.len() + 1)?;
            steps.push(next);
        }
        Ok(Some(steps))
    }
}

/// The element at a position, counted from one, or backwards from minus one; null if none is there.
fn element(mut items: Vec<Value>, position: Decimal) -> Outcome {
    let Some(position) = whole(position) else {
        return Err(EvaluateError::wrong_type(format!("{position} is not a position in a list; it must be whole.")));
    };
    Ok(index(items.len(), position).map_or(Value::Null, |index| items.swap_remove(index)))
}

/// A number as a whole one, if it is.
pub(super) fn whole(number: Decimal) -> Option<i64> {
    if number.is_integer() { i64::try_from(number).ok() } else { None }
}

/// The index of a position, counted from one, or backwards from minus one, among `length` elements.
pub(super) fn index(length: usize, position: i64) -> Option<usize> {
    let distance = usize::try_from(position.unsigned_abs()).ok()?;
    let index = if position < 0 { length.checked_sub(distance)? } else { distance.checked_sub(1)? };
    (index < length).then_some(index)
}
