//! Variables: read through the scopes by expressions, written to the nearest scope that declares the name, checked as they are written.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::Instance;
use crate::expression::{self, Expression, Value};
use crate::graph::form::Variable;
use crate::graph::{Graph, ScopeIndex, StepKind, Write};
use crate::journal::{Command, Event};
use crate::model::Values;
use crate::model::limits::{CASE_BYTES_MAX, JSON_DEPTH_MAX, VALUES_BYTES_MAX};

/// The name by which an expression reads what came back from a job, a message or a call.
const RESULT: &str = "result";

/// What an expression sees: the variables of a scope and of those around it, and what came back.
struct View<'a> {
    state: &'a Instance,
    graph: &'a Graph,
    scope: u32,
    graph_scope: ScopeIndex,
    result: Option<&'a Values>,
}

impl expression::Scope for View<'_> {
    fn get(&self, name: &str) -> Value {
        if name == RESULT
            && let Some(result) = self.result
        {
            let members = result.iter().map(|(name, value)| (name.clone(), expression::from_json(value, None)));
            return Value::Context(members.collect());
        }
        let Some((_, variable)) = self.graph.variable(self.graph_scope, name) else { return Value::Null };
        let value = self.state.variable(self.scope, name);
        value.map_or(Value::Null, |value| expression::from_json(value, variable.format.as_deref()))
    }
}

impl Run<'_> {
    /// The scope of the graph that a scope of the case is an opening of.
    fn graph_scope(&self, scope: u32) -> ScopeIndex {
        let step = self.state.scopes.get(&scope).and_then(|scope| scope.step.as_deref()).and_then(|step| self.graph.step(step));
        match step.map(|step| &self.graph.steps[step].kind) {
            Some(StepKind::SubProcess { inner }) => *inner,
            _ => 0,
        }
    }

    pub(super) fn evaluate(&self, scope: u32, expression: &Expression, result: Option<&Values>) -> Result<Value, Trouble> {
        let view = View { state: &self.state, graph: self.graph, scope, graph_scope: self.graph_scope(scope), result };
        expression.evaluate(&view, &self.context.clock).map_err(|error| {
            Trouble::new(error.code, format!("The expression `{}` failed: {}", expression.source(), error.message))
        })
    }

    /// Named expressions as JSON values.
    pub(super) fn evaluate_all(&self, scope: u32, named: &[(String, Expression)]) -> Result<Values, Trouble> {
        let mut values = Values::new();
        for (name, expression) in named {
            let value = expression::to_json(&self.evaluate(scope, expression, None)?);
            check_depth(&value)?;
            values.insert(name.clone(), value);
        }
        if size_of_all(&values) > VALUES_BYTES_MAX {
            return Err(Trouble::new(
                "values.too-large",
                format!("The values handed over have more than {VALUES_BYTES_MAX} bytes."),
            ));
        }
        Ok(values)
    }

    /// An expression task.
    pub(super) fn set_variables(&mut self, token: u32, set: &[(String, Expression)]) -> Result<(), Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        let mut writes = BTreeMap::new();
        for (name, expression) in set {
            let value = self.evaluate(scope, expression, None)?;
            self.place(scope, name, &value, &mut writes)?;
        }
        self.write(writes)
    }

    /// What a step writes from what came back, by scope, checked against the declarations.
    pub(super) fn outputs(&self, scope: u32, outputs: &[Write], result: &Values) -> Result<BTreeMap<u32, Values>, Trouble> {
        let mut writes = BTreeMap::new();
        for output in outputs {
            match &output.value {
                Some(expression) => {
                    let value = self.evaluate(scope, expression, Some(result))?;
                    self.place(scope, &output.variable, &value, &mut writes)?;
                }
                None => {
                    if let Some(value) = result.get(&output.variable) {
                        self.place_json(scope, &output.variable, value.clone(), &mut writes)?;
                    }
                }
            }
        }
        Ok(writes)
    }

    /// Refuses writes after which the variables of the case would be too many bytes.
    pub(super) fn check_growth(&self, writes: &BTreeMap<u32, Values>) -> Result<(), Trouble> {
        let replaced = |scope: &u32, name: &String| {
            let value = self.state.scopes.get(scope).and_then(|scope| scope.variables.get(name));
            value.map_or(0, |value| name.len() + 4 + size_of(value))
        };
        let added: usize = writes.values().map(size_of_all).sum();
        let gone: usize = writes.iter().flat_map(|(scope, values)| values.keys().map(move |name| replaced(scope, name))).sum();
        if (self.state.bytes + added).saturating_sub(gone) > CASE_BYTES_MAX {
            return Err(Trouble::new(
                "variables.too-large",
                format!(
                    "The variables of the case would pass {CASE_BYTES_MAX} bytes. Keep long material outside and refer to it."
                ),
            ));
        }
        Ok(())
    }

    /// Writes what `outputs` found.
    pub(super) fn write(&mut self, writes: BTreeMap<u32, Values>) -> Result<(), Trouble> {
        self.check_growth(&writes)?;
        for (scope, values) in writes {
            self.emit(Event::VariablesSet { scope, values });
        }
        Ok(())
    }

    fn place(&self, scope: u32, name: &str, value: &Value, writes: &mut BTreeMap<u32, Values>) -> Result<(), Trouble> {
        let variable = self.graph.variable(self.graph_scope(scope), name).map(|(_, variable)| variable);
        let json = match (value, variable.and_then(|variable| variable.format.as_deref())) {
            (Value::Number(number), Some("decimal")) => Json::String(number.normalize().to_string()),
            _ => expression::to_json(value),
        };
        self.place_json(scope, name, json, writes)
    }

    fn place_json(&self, scope: u32, name: &str, value: Json, writes: &mut BTreeMap<u32, Values>) -> Result<(), Trouble> {
        let Some((declaring, variable)) = self.graph.variable(self.graph_scope(scope), name) else {
            return Err(Trouble::new("variable.undeclared", format!("The variable {name} is not declared.")));
        };
        check_depth(&value)?;
        check(name, variable, &value)?;
        let mut at = scope;
        while self.graph_scope(at) != declaring {
            // Invariant: the declaring scope is this one or around it, so it is met on the way out.
            let Some(parent) = self.state.scopes.get(&at).and_then(|scope| scope.parent) else { break };
            at = parent;
        }
        writes.entry(at).or_default().insert(name.to_owned(), value);
        Ok(())
    }
}

/// Null unsets a variable; anything else must be as declared.
fn check(name: &str, variable: &Variable, value: &Json) -> Result<(), Trouble> {
    if value.is_null() || variable.validator.is_valid(value) {
        return Ok(());
    }
    Err(Trouble::new("variable.invalid", format!("The value for {name} is not as its declaration says.")))
}

/// Values nest no deeper than what comes from outside: the journal must be readable by every reader.
fn check_depth(value: &Json) -> Result<(), Trouble> {
    fn depth(value: &Json) -> usize {
        match value {
            Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Json::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    // What an expression yields is bounded, so this walk is too.
    if depth(value) <= JSON_DEPTH_MAX {
        return Ok(());
    }
    Err(Trouble::new("values.too-deep", format!("A value nests more than {JSON_DEPTH_MAX} levels deep.")))
}

/// Refuses a command whose values are too many bytes.
pub(super) fn check_size(command: &Command) -> Result<(), Rejection> {
    let (Command::StartInstance { data, .. }
    | Command::CompleteTask { data, .. }
    | Command::CompleteJob { data, .. }
    | Command::PublishMessage { data, .. }) = command
    else {
        return Ok(());
    };
    if size_of_all(data) > VALUES_BYTES_MAX {
        return Err(Rejection::too_large("values.too-large", format!("The values have more than {VALUES_BYTES_MAX} bytes.")));
    }
    Ok(())
}

/// Bytes of values as JSON, nearly.
pub(super) fn size_of_all(values: &Values) -> usize {
    values.iter().map(|(name, value)| name.len() + 4 + size_of(value)).sum()
}

fn size_of(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) => 5,
        Json::Number(_) => 8,
        Json::String(text) => text.len() + 2,
        Json::Array(items) => 2 + items.iter().map(|item| 1 + size_of(item)).sum::<usize>(),
        Json::Object(members) => 2 + members.iter().map(|(name, value)| name.len() + 4 + size_of(value)).sum::<usize>(),
    }
}

/// Puts values into a scope's variables.
pub(super) fn put(state: &mut Instance, scope: u32, values: &Values) {
    let Some(scope) = state.scopes.get_mut(&scope) else { return };
    for (name, value) in values {
        let new = name.len() + 4 + size_of(value);
        let old = scope.variables.insert(name.clone(), value.clone()).map_or(0, |old| name.len() + 4 + size_of(&old));
        state.bytes = (state.bytes + new).saturating_sub(old);
    }
}

pub(super) fn apply(state: &mut Instance, event: &Event) {
    if let Event::VariablesSet { scope, values } = event {
        put(state, *scope, values);
    }
}
