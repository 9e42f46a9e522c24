//! The built-in functions: their table, and how one is called.

#![allow(clippy::unnecessary_wraps, reason = "every function in the table has one signature")]

mod lists;
mod numbers;
mod ranges;
mod strings;
mod times;

use std::sync::Arc;

use rust_decimal::Decimal;

use super::budget::Budget;
use super::value::Value;
use super::{EvaluateError, iterate, operators, temporal};

pub(super) use times::component;

type Outcome = Result<Value, EvaluateError>;

/// One form of a built-in function; a function with several forms has several of these.
#[derive(Debug)]
pub(super) struct Builtin {
    name: &'static str,
    pub(super) parameters: &'static [&'static str],
    /// How many of the parameters must be given.
    required: usize,
    /// Whether the last parameter takes any number of arguments.
    repeats: bool,
    /// Whether the function wants to see a null where an argument is required; otherwise the
    /// result is null.
    sees_null: bool,
    run: fn(&mut Call) -> Outcome,
}

const fn strict(
    name: &'static str,
    parameters: &'static [&'static str],
    required: usize,
    run: fn(&mut Call) -> Outcome,
) -> Builtin {
    Builtin { name, parameters, required, repeats: false, sees_null: false, run }
}

const fn repeating(name: &'static str, parameters: &'static [&'static str], run: fn(&mut Call) -> Outcome) -> Builtin {
    Builtin { repeats: true, ..strict(name, parameters, parameters.len(), run) }
}

const fn lenient(
    name: &'static str,
    parameters: &'static [&'static str],
    required: usize,
    run: fn(&mut Call) -> Outcome,
) -> Builtin {
    Builtin { sees_null: true, ..strict(name, parameters, required, run) }
}

static TABLE: &[Builtin] = &[
    strict("not", &["negand"], 1, not),
    lenient("is", &["value1", "value2"], 2, is),
    strict("string", &["from"], 1, strings::string),
    strict("get value", &["m", "key"], 2, lists::get_value),
    strict("get entries", &["m"], 1, lists::get_entries),
    // numbers
    strict("number", &["from", "grouping separator", "decimal separator"], 1, numbers::number),
    strict("decimal", &["n", "scale"], 2, numbers::decimal),
    strict("floor", &["n", "scale"], 1, numbers::floor),
    strict("ceiling", &["n", "scale"], 1, numbers::ceiling),
    strict("round up", &["n", "scale"], 2, numbers::round_up),
    strict("round down", &["n", "scale"], 2, numbers::round_down),
    strict("round half up", &["n", "scale"], 2, numbers::round_half_up),
    strict("round half down", &["n", "scale"], 2, numbers::round_half_down),
    strict("abs", &["n"], 1, numbers::abs),
    strict("modulo", &["dividend", "divisor"], 2, numbers::modulo),
    strict("sqrt", &["number"], 1, numbers::sqrt),
    strict("even", &["number"], 1, numbers::even),
    strict("odd", &["number"], 1, numbers::odd),
    // strings
    strict("substring", &["string", "start position", "length"], 2, strings::substring),
    strict("string length", &["string"], 1, strings::string_length),
    strict("upper case", &["string"], 1, strings::upper_case),
    strict("lower case", &["string"], 1, strings::lower_case),
    strict("substring before", &["string", "match"], 2, strings::substring_before),
    strict("substring after", &["string", "match"], 2, strings::substring_after),
    strict("contains", &["string", "match"], 2, strings::contains),
    strict("starts with", &["string", "match"], 2, strings::starts_with),
    strict("ends with", &["string", "match"], 2, strings::ends_with),
    strict("matches", &["input", "pattern", "flags"], 2, strings::matches),
    strict("replace", &["input", "pattern", "replacement", "flags"], 3, strings::replace),
    strict("split", &["string", "delimiter"], 2, strings::split),
    strict("string join", &["list", "delimiter"], 1, strings::string_join),
    // lists
    lenient("list contains", &["list", "element"], 2, lists::list_contains),
    strict("count", &["list"], 1, lists::count),
    repeating("min", &["list"], lists::min),
    repeating("max", &["list"], lists::max),
    repeating("sum", &["list"], lists::sum),
    repeating("mean", &["list"], lists::mean),
    repeating("median", &["list"], lists::median),
    repeating("mode", &["list"], lists::mode),
    repeating("product", &["list"], lists::product),
    Builtin { sees_null: true, ..repeating("all", &["list"], lists::all) },
    Builtin { sees_null: true, ..repeating("any", &["list"], lists::any) },
    strict("sublist", &["list", "start position", "length"], 2, lists::sublist),
    Builtin { sees_null: true, ..repeating("append", &["list", "item"], lists::append) },
    repeating("concatenate", &["list"], lists::concatenate),
    lenient("insert before", &["list", "position", "newItem"], 3, lists::insert_before),
    strict("remove", &["list", "position"], 2, lists::remove),
    strict("reverse", &["list"], 1, lists::reverse),
    lenient("index of", &["list", "match"], 2, lists::index_of),
    repeating("union", &["list"], lists::union),
    strict("distinct values", &["list"], 1, lists::distinct_values),
    strict("flatten", &["list"], 1, lists::flatten),
    // dates and times
    strict("now", &[], 0, times::now),
    strict("today", &[], 0, times::today),
    strict("date", &["from"], 1, times::date),
    strict("date", &["year", "month", "day"], 3, times::date_of),
    strict("time", &["from"], 1, times::time),
    strict("time", &["hour", "minute", "second", "offset"], 3, times::time_of),
    strict("date and time", &["from"], 1, times::date_and_time),
    strict("date and time", &["date", "time"], 2, times::date_and_time_of),
    strict("duration", &["from"], 1, times::duration),
    strict("years and months duration", &["from", "to"], 2, times::years_and_months_duration),
    strict("day of week", &["date"], 1, times::day_of_week),
    strict("day of year", &["date"], 1, times::day_of_year),
    strict("week of year", &["date"], 1, times::week_of_year),
    strict("month of year", &["date"], 1, times::month_of_year),
    // ranges and points
    strict("before", &["first", "second"], 2, ranges::before),
    strict("after", &["first", "second"], 2, ranges::after),
    strict("meets", &["range1", "range2"], 2, ranges::meets),
    strict("met by", &["range1", "range2"], 2, ranges::met_by),
    strict("overlaps", &["range1", "range2"], 2, ranges::overlaps),
    strict("overlaps before", &["range1", "range2"], 2, ranges::overlaps_before),
    strict("overlaps after", &["range1", "range2"], 2, ranges::overlaps_after),
    strict("includes", &["range", "point"], 2, ranges::includes),
    strict("during", &["point", "range"], 2, ranges::during),
    strict("starts", &["point", "range"], 2, ranges::starts),
    strict("started by", &["range", "point"], 2, ranges::started_by),
    strict("finishes", &["point", "range"], 2, ranges::finishes),
    strict("finished by", &["range", "point"], 2, ranges::finished_by),
    strict("coincides", &["first", "second"], 2, ranges::coincides),
];

/// The names of all functions; one with several forms occurs several times.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|builtin| builtin.name)
}

/// The forms of the function of this name.
pub(super) fn named(name: &str) -> impl Iterator<Item = &'static Builtin> {
    TABLE.iter().filter(move |builtin| builtin.name == name)
}

/// The function whose name is most like `name`, if any is like it.
pub(super) fn closest(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let plain = |text: &str| text.replace([' ', '_'], "");
    names()
        .find(|known| plain(known) == plain(&lower))
        .or_else(|| names().find(|known| known.len() > 2 && (known.starts_with(&lower) || lower.starts_with(known))))
}

/// Calls `builtin`. There is one argument a parameter, null where an optional one was left out.
pub(super) fn call(builtin: &'static Builtin, arguments: Vec<Value>, budget: &Budget) -> Outcome {
    let mut call = Call { builtin, arguments, budget };
    let missing = call.arguments.iter().take(builtin.required).any(|argument| *argument == Value::Null);
    if missing && !builtin.sees_null {
        return Ok(Value::Null);
    }
    for argument in &call.arguments {
        match argument {
            Value::String(text) => budget.spend_text(text.len())?,
            Value::List(items) => budget.spend(items.len())?,
            _ => {}
        }
    }
    (builtin.run)(&mut call)
}

impl Builtin {
    /// Whether it can be called with this many arguments by position.
    pub(super) fn accepts(&self, count: usize) -> bool {
        count >= self.required && (self.repeats || count <= self.parameters.len())
    }

    /// Whether it can be called with arguments of these names.
    pub(super) fn accepts_named(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.parameters.contains(&name.as_str()))
            && self.parameters.iter().take(self.required).all(|needed| names.iter().any(|name| name == needed))
    }

    /// Whether its delimiter is a pattern.
    pub(super) fn splits(&self) -> bool {
        self.name == "split"
    }

    /// How it is called, for messages: `round up(n, scale)`.
    pub(super) fn usage(&self) -> String {
        let (required, optional) = self.parameters.split_at(self.required);
        let optional = optional.iter().map(|name| format!("{name}?"));
        let mut parameters: Vec<String> = required.iter().map(|name| (*name).to_owned()).chain(optional).collect();
        if self.repeats {
            parameters.push("…".to_owned());
        }
        format!("{}({})", self.name, parameters.join(", "))
    }
}

/// One call of a built-in: its arguments, and ways to read them.
struct Call<'a> {
    builtin: &'static Builtin,
    arguments: Vec<Value>,
    budget: &'a Budget<'a>,
}

impl Call<'_> {
    /// An argument; null if it was left out.
    fn get(&self, index: usize) -> &Value {
        self.arguments.get(index).unwrap_or(&Value::Null)
    }

    /// An argument, moved out of the call.
    fn take(&mut self, index: usize) -> Value {
        self.arguments.get_mut(index).map(std::mem::take).unwrap_or_default()
    }

    /// Whether an optional argument was given.
    fn given(&self, index: usize) -> bool {
        *self.get(index) != Value::Null
    }

    fn text(&self, index: usize) -> Result<Arc<str>, EvaluateError> {
        match self.get(index) {
            Value::String(text) => Ok(Arc::clone(text)),
            _ => Err(self.wrong(index, "a string")),
        }
    }

    fn number(&self, index: usize) -> Result<Decimal, EvaluateError> {
        match self.get(index) {
            Value::Number(number) => Ok(*number),
            _ => Err(self.wrong(index, "a number")),
        }
    }

    fn integer(&self, index: usize) -> Result<i64, EvaluateError> {
        let whole = self.number(index).ok().and_then(iterate::whole);
        whole.ok_or_else(|| self.wrong(index, "a whole number"))
    }

    /// A list, moved out of the call; a single value counts as a list of one.
    fn list(&mut self, index: usize) -> Vec<Value> {
        match self.take(index) {
            Value::List(items) => items,
            single => vec![single],
        }
    }

    /// All arguments, or the elements of the only one if it is a list.
    fn elements(&mut self) -> Vec<Value> {
        if self.arguments.len() == 1 { self.list(0) } else { std::mem::take(&mut self.arguments) }
    }

    /// The elements as numbers; `None` if one of them is null.
    fn numbers(&mut self) -> Result<Option<Vec<Decimal>>, EvaluateError> {
        let mut numbers = Vec::new();
        for element in self.elements() {
            match element {
                Value::Number(number) => numbers.push(number),
                Value::Null => return Ok(None),
                other => return Err(self.fail(&format!("takes numbers only, and got a {}", other.kind()))),
            }
        }
        Ok(Some(numbers))
    }

    /// The error for an argument that is not `wanted`.
    fn wrong(&self, index: usize, wanted: &str) -> EvaluateError {
        let parameter = self.builtin.parameters.get(index).unwrap_or(&"argument");
        let got = match self.get(index) {
            Value::Number(number) => format!("the number {number}"),
            other => format!("a {}", other.kind()),
        };
        self.fail(&format!("needs {wanted} as \"{parameter}\", and got {got}"))
    }

    /// The error that this function `complaint`, which starts with a verb.
    fn fail(&self, complaint: &str) -> EvaluateError {
        EvaluateError::new("expression.builtin", format!("{}() {complaint}.", self.builtin.name))
    }

    fn overflow(&self) -> EvaluateError {
        EvaluateError::overflow(format!("{}()", self.builtin.name))
    }
}

fn not(call: &mut Call) -> Outcome {
    match call.get(0) {
        Value::Boolean(truth) => Ok(Value::Boolean(!truth)),
        _ => Err(call.wrong(0, "true or false")),
    }
}

/// Whether two values are the same in type and in every component, zones included.
fn is(call: &mut Call) -> Outcome {
    let (first, second) = (call.get(0), call.get(1));
    Ok(Value::Boolean(match (temporal::iso(first), temporal::iso(second)) {
        (Some(one), Some(other)) => first.kind() == second.kind() && one == other,
        _ => operators::same(first, second),
    }))
}
