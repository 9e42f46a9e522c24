//! What one evaluation may still spend, and the clock it is told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use std::sync::Arc;

use regex::Regex;

use super::value::Value;
use super::{Clock, EvaluateError, FUEL, MAX_LIST_ELEMENTS, MAX_STRING_BYTES, MAX_VALUE_DEPTH, patterns};

/// Fuel that compiling one regular expression takes.
const REGEX_COST: usize = 5_000;

/// The remaining fuel of one evaluation, and its limits.
pub(super) struct Budget<'a> {
    pub(super) clock: &'a Clock,
    fuel: Cell<u32>,
    /// The patterns compiled with the expression.
    literals: &'a BTreeMap<String, Arc<Regex>>,
    /// The patterns this evaluation has compiled.
    patterns: RefCell<BTreeMap<String, Arc<Regex>>>,
}

impl<'a> Budget<'a> {
    pub(super) fn new(clock: &'a Clock, literals: &'a BTreeMap<String, Arc<Regex>>) -> Self {
        Self { clock, literals, fuel: Cell::new(FUEL), patterns: RefCell::default() }
    }

    /// Uses `units` of fuel.
    pub(super) fn spend(&self, units: usize) -> Result<(), EvaluateError> {
        let left = u32::try_from(units).ok().and_then(|units| self.fuel.get().checked_sub(units));
        let Some(left) = left else {
            let message = "The expression needs more work than one evaluation may do; give it less data or split it.";
            return Err(EvaluateError::new("expression.fuel", message));
        };
        self.fuel.set(left);
        Ok(())
    }

    /// Pays for handling `bytes` of text.
    pub(super) fn spend_text(&self, bytes: usize) -> Result<(), EvaluateError> {
        self.spend(bytes / 64)
    }

    /// Pays for copying `value`, and refuses one that is nested too deep.
    pub(super) fn spend_copy(&self, value: &Value) -> Result<(), EvaluateError> {
        match value {
            Value::List(_) | Value::Context(_) | Value::String(_) => self.spend(weight(value, 0)? / 4),
            _ => Ok(()),
        }
    }

    /// Makes a string an evaluation has produced a value, if it is short enough.
    pub(super) fn text(&self, text: String) -> Result<Value, EvaluateError> {
        Self::check_text(text.len())?;
        self.spend_text(text.len())?;
        Ok(Value::from(text))
    }

    /// Refuses a string of more than the greatest length.
    pub(super) fn check_text(bytes: usize) -> Result<(), EvaluateError> {
        if bytes <= MAX_STRING_BYTES {
            return Ok(());
        }
        let message = format!("A string would be longer than {MAX_STRING_BYTES} bytes.");
        Err(EvaluateError::new("expression.overflow", message))
    }

    /// Makes a list an evaluation has produced a value, if it is short enough.
    pub(super) fn list(&self, items: Vec<Value>) -> Result<Value, EvaluateError> {
        Self::check_list(items.len())?;
        self.spend(items.len())?;
        Ok(Value::List(items))
    }

    /// Refuses a list of more than the greatest length.
    pub(super) fn check_list(elements: usize) -> Result<(), EvaluateError> {
        if elements <= MAX_LIST_ELEMENTS {
            return Ok(());
        }
        let message = format!("A list would have more than {MAX_LIST_ELEMENTS} elements.");
        Err(EvaluateError::new("expression.overflow", message))
    }

    /// Pays for searching `bytes` of text with a regular expression.
    pub(super) fn spend_search(&self, bytes: usize) -> Result<(), EvaluateError> {
        self.spend(bytes / 2)
    }

    /// The compiled form of `pattern`, or what is wrong with it.
    pub(super) fn regex(&self, pattern: &str) -> Result<Result<Arc<Regex>, &'static str>, EvaluateError> {
        if let Some(literal) = self.literals.get(pattern) {
            return Ok(Ok(Arc::clone(literal)));
        }
        if let Some(known) = self.patterns.borrow().get(pattern) {
            return Ok(Ok(Arc::clone(known)));
        }
        self.spend(REGEX_COST + pattern.len())?;
        let built = patterns::build(pattern).map(Arc::new);
        if let Ok(regex) = &built {
            self.patterns.borrow_mut().insert(pattern.to_owned(), Arc::clone(regex));
        }
        Ok(built)
    }
}

/// How many values `value` consists of, long texts counting as several.
fn weight(value: &Value, depth: usize) -> Result<usize, EvaluateError> {
    if depth > MAX_VALUE_DEPTH {
        let message = format!("A value is nested more than {MAX_VALUE_DEPTH} deep.");
        return Err(EvaluateError::new("expression.depth", message));
    }
    let mut total = 1;
    match value {
        Value::List(items) => {
            for item in items {
                total += weight(item, depth + 1)?;
            }
        }
        Value::Context(entries) => {
            for entry in entries.values() {
                total += weight(entry, depth + 1)?;
            }
        }
        Value::String(text) => total += text.len() / 64,
        _ => {}
    }
    Ok(total)
}
