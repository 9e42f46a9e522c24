//! Forms and variables: JSON Schema of the authors, bounded and compiled; and the check of data against it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::{ScopeIndex, plain, schema};
use crate::model::definition::{self, Field, Section};
use crate::model::limits::{FORM_FIELDS_MAX, FORMS_MAX, PERSONAL_MAX, VARIABLES_MAX};
use crate::model::problem::pointer_token;
use crate::model::{Problem, Values, id};

/// A variable of a scope.
#[derive(Debug)]
pub struct Variable {
    /// As authored.
    pub declared: definition::Data,
    /// The `format` of its values: `decimal`, `date`, `date-time`, `time`, `duration`, `post`.
    pub format: Option<String>,
    /// Checks its values.
    pub validator: jsonschema::Validator,
}

/// A form, compiled.
#[derive(Debug)]
pub struct Form {
    /// As authored, the layout completed: every property stands in exactly one section.
    pub authored: definition::Form,
    /// The schema of its data: the authored one, each property joined with its declaration in `data`.
    pub schema: Map<String, Value>,
    /// Checks its data.
    pub validator: jsonschema::Validator,
    /// English labels by property, for the sentences of problems.
    pub labels: BTreeMap<String, String>,
}

impl Variable {
    /// Checks a value: the first problem. Null is always a value: it means "not set".
    pub fn check(&self, value: &Value) -> Option<Problem> {
        if value.is_null() {
            return None;
        }
        let label = self.declared.title.as_ref().map_or("The value", |title| title.en.as_str());
        self.validator.iter_errors(value).next().map(|error| plain::problem(&error, "value", label))
    }
}

impl Form {
    /// Checks data sent with the form: every problem, with a pointer into the data.
    pub fn check(&self, data: &Values) -> Vec<Problem> {
        let data = Value::Object(data.clone().into_iter().collect());
        let mut problems: Vec<Problem> = Vec::new();
        for error in self.validator.iter_errors(&data) {
            for problem in plain::problems(&error, &self.labels) {
                let again = problems.iter().any(|other| other.pointer == problem.pointer && other.code == problem.code);
                if !again {
                    problems.push(problem);
                }
            }
        }
        problems
    }

    /// The posts that data names, each with its place in the data and the label of its field.
    pub fn posts<'a>(&'a self, data: &'a Values) -> impl Iterator<Item = (String, &'a str, &'a str)> {
        let named = properties(&self.schema).filter(|(_, schema)| schema.as_object().is_some_and(names_posts));
        named.flat_map(|(name, _)| {
            let place = format!("/{}", pointer_token(name));
            let label = self.labels.get(name).map_or(name.as_str(), String::as_str);
            let texts: Vec<(String, &str)> = match data.get(name) {
                Some(Value::String(text)) => vec![(place, text)],
                Some(Value::Array(items)) => {
                    items.iter().enumerate().filter_map(|(i, item)| Some((format!("{place}/{i}"), item.as_str()?))).collect()
                }
                _ => Vec::new(),
            };
            texts.into_iter().map(move |(place, post)| (place, post, label))
        })
    }

    /// Names of its properties.
    pub fn properties(&self) -> impl Iterator<Item = &str> {
        properties(&self.schema).map(|(name, _)| name.as_str())
    }
}

/// Whether values of this schema are posts, or lists of posts.
pub(super) fn names_posts(schema: &Map<String, Value>) -> bool {
    let is_post = |schema: &Map<String, Value>| schema.get("format").is_some_and(|format| format == "post");
    // A form's property may be joined with its declaration.
    let mut parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let items = schema.get("items").and_then(Value::as_object);
    is_post(schema) || items.is_some_and(is_post) || parts.any(names_posts)
}

fn properties(schema: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// Compiles the variables of every scope.
pub(super) fn variables(draft: &mut Draft) -> Vec<BTreeMap<String, Variable>> {
    let count: usize = draft.scopes.iter().map(|scope| scope.data.len()).sum();
    if count > VARIABLES_MAX {
        let message = format!("There are {count} variables, and {VARIABLES_MAX} are allowed. Divide the process.");
        draft.error("limit.variables", "/data", message);
        return draft.scopes.iter().map(|_| BTreeMap::new()).collect();
    }
    let personal: BTreeSet<&String> =
        draft.scopes.iter().flat_map(|scope| scope.data.iter()).filter(|(_, data)| data.personal).map(|(name, _)| name).collect();
    if personal.len() > PERSONAL_MAX {
        let message = format!(
            "There are {} personal variables, and {PERSONAL_MAX} are allowed: each value is sealed on its own. Join some into one.",
            personal.len()
        );
        draft.error("limit.personal", "/data", message);
    }
    let scopes = 0..draft.scopes.len();
    scopes.map(|scope| draft.scopes[scope].data.iter().filter_map(|v| variable(draft, scope, v)).collect()).collect()
}

fn variable(draft: &mut Draft, scope: usize, (name, declared): (&String, &definition::Data)) -> Option<(String, Variable)> {
    let pointer = draft.data_pointer(scope, name);
    let validator = compile(draft, &declared.schema, &declared.schema, &pointer)?;
    let format = declared.schema.get("format").and_then(Value::as_str).map(str::to_owned);
    Some((name.clone(), Variable { declared: declared.clone(), format, validator }))
}

/// Gates `authored`, then compiles `effective`.
fn compile(
    draft: &mut Draft,
    authored: &Map<String, Value>,
    effective: &Map<String, Value>,
    pointer: &str,
) -> Option<jsonschema::Validator> {
    let problems = schema::gate(authored, pointer);
    let refused = problems.iter().any(Problem::is_error);
    for problem in problems {
        draft.report(problem);
    }
    if refused {
        return None;
    }
    schema::build(effective, pointer).map_err(|problem| draft.report(problem)).ok()
}

/// Compiles all forms.
pub(super) fn forms(draft: &mut Draft, variables: &[BTreeMap<String, Variable>]) -> BTreeMap<String, Form> {
    let authored = &draft.process.forms;
    if authored.len() > FORMS_MAX {
        let message = format!("There are {} forms, and {FORMS_MAX} are allowed. Divide the process.", authored.len());
        draft.error("limit.forms", "/forms", message);
        return BTreeMap::new();
    }
    authored.iter().filter_map(|(name, form)| Some((name.clone(), compile_form(draft, name, form, variables)?))).collect()
}

fn compile_form(
    draft: &mut Draft,
    name: &str,
    authored: &definition::Form,
    variables: &[BTreeMap<String, Variable>],
) -> Option<Form> {
    let pointer = format!("/forms/{}", pointer_token(name));
    let at = format!("{pointer}/schema");
    if authored.schema.get("type").is_some_and(|kind| kind != "object") {
        let message = "A form's data is an object of named fields. Write \"type\": \"object\", or leave it out.";
        draft.error("form.not-an-object", format!("{at}/type"), message);
        return None;
    }
    let count = properties(&authored.schema).count();
    if count > FORM_FIELDS_MAX {
        let message = format!("The form has {count} fields, and {FORM_FIELDS_MAX} are allowed. Divide it between two tasks.");
        draft.error("limit.form-fields", format!("{at}/properties"), message);
        return None;
    }
    let effective = effective_schema(draft, authored, &at, variables);
    let validator = compile(draft, &authored.schema, &effective, &at);
    check_required(draft, &authored.schema, &at);
    let layout = layout(draft, authored, &pointer);
    let labels = labels(draft, authored);
    let authored = definition::Form { layout, ..authored.clone() };
    Some(Form { authored, schema: effective, validator: validator?, labels })
}

/// The authored schema, each property joined with its declaration in `data`, and nothing else let in.
fn effective_schema(
    draft: &mut Draft,
    form: &definition::Form,
    at: &str,
    variables: &[BTreeMap<String, Variable>],
) -> Map<String, Value> {
    let mut schema = form.schema.clone();
    schema.entry("type").or_insert(json!("object"));
    schema.entry("additionalProperties").or_insert(json!(false));
    let mut joined = Map::new();
    for (name, own) in properties(&form.schema) {
        let pointer = format!("{at}/properties/{}", pointer_token(name));
        if !id::is_variable_name(name) {
            let message = format!("\"{name}\" cannot name a field. Use at most 64 letters, digits and \"_\" of ASCII.");
            draft.error("form.bad-name", &pointer, message);
        }
        let is_open = own == &Value::Bool(true) || own.as_object().is_some_and(Map::is_empty);
        let effective = match declaration(draft, name) {
            // A declaration that was refused at the gate goes no further.
            Some((scope, _)) if !variables[scope].contains_key(name) => own.clone(),
            Some((_, declared)) if is_open => Value::Object(declared.schema.clone()),
            Some((_, declared)) => json!({ "allOf": [declared.schema, own] }),
            None if is_open => {
                let guess = draft.nearest_variable(0, name);
                let message = format!(
                    "The field \"{name}\" has no schema. Declare \"{name}\" in \"data\", or write its schema here.{guess}"
                );
                draft.error("form.no-declaration", &pointer, message);
                own.clone()
            }
            None => own.clone(),
        };
        joined.insert(name.clone(), effective);
    }
    // Properties of a wrong type are left for the compiler to report.
    if schema.get("properties").is_none_or(Value::is_object) {
        schema.insert("properties".into(), Value::Object(joined));
    }
    schema
}

/// The declaration of a variable: the process's, else the first sub-process's that has one.
fn declaration<'a>(draft: &Draft<'a>, name: &str) -> Option<(ScopeIndex, &'a definition::Data)> {
    draft.scopes.iter().enumerate().find_map(|(index, scope)| Some((index, scope.data.get(name)?)))
}

fn check_required(draft: &mut Draft, schema: &Map<String, Value>, at: &str) {
    let names: BTreeSet<&str> = properties(schema).map(|(name, _)| name.as_str()).collect();
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for (position, name) in required.enumerate().filter_map(|(i, name)| Some((i, name.as_str()?))) {
        if !names.contains(name) && schema.get("additionalProperties").is_none_or(|open| open == &json!(false)) {
            let guess = draft.guess(name, names.iter().copied());
            let message = format!("\"{name}\" is required and is no property of the form. Add it to \"properties\".{guess}");
            draft.error("form.required-unknown", format!("{at}/required/{position}"), message);
        }
    }
}

/// The layout with every property in it: those that the author left out come last, in alphabetical order.
fn layout(draft: &mut Draft, form: &definition::Form, pointer: &str) -> Vec<Section> {
    let names: BTreeSet<&str> = properties(&form.schema).map(|(name, _)| name.as_str()).collect();
    let mut seen = BTreeSet::new();
    for (s, section) in form.layout.iter().enumerate() {
        for (f, field) in section.fields.iter().enumerate() {
            let place = format!("{pointer}/layout/{s}/fields/{f}/name");
            if !names.contains(field.name.as_str()) {
                let guess = draft.guess(&field.name, names.iter().copied());
                let message =
                    format!("The form has no \"{}\". Add it to the form's properties, or remove the field.{guess}", field.name);
                draft.error("layout.unknown-field", place, message);
            } else if !seen.insert(field.name.as_str()) {
                draft.error("layout.duplicate-field", place, format!("\"{}\" is shown twice. Remove one.", field.name));
            }
            check_options(draft, form, field, &format!("{pointer}/layout/{s}/fields/{f}/options"));
        }
    }
    let mut layout = form.layout.clone();
    let field = |name: &str| Field { name: name.to_owned(), title: None, help: None, widget: None, options: BTreeMap::new() };
    let missing: Vec<Field> = names.into_iter().filter(|name| !seen.contains(name)).map(field).collect();
    if !missing.is_empty() {
        layout.push(Section { title: None, help: None, fields: missing });
    }
    layout
}

/// Labels of options belong to values that can be chosen.
fn check_options(draft: &mut Draft, form: &definition::Form, field: &Field, pointer: &str) {
    let own = form.schema.get("properties").and_then(|all| all.get(&field.name)).and_then(|own| own.get("enum"));
    let declared = declaration(draft, &field.name).and_then(|(_, declared)| declared.schema.get("enum"));
    let Some(values) = own.or(declared).and_then(Value::as_array) else { return };
    let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    for option in field.options.keys().filter(|option| !texts.contains(&option.as_str())) {
        let guess = draft.guess(option, texts.iter().copied());
        let message =
            format!("\"{option}\" cannot be chosen, so its label is never shown. Add it to \"enum\", or remove it.{guess}");
        draft.warning("layout.unknown-option", format!("{pointer}/{}", pointer_token(option)), message);
    }
}

/// The label of each property: the field's, else the variable's title, else its name.
fn labels(draft: &Draft, form: &definition::Form) -> BTreeMap<String, String> {
    let fields = || form.layout.iter().flat_map(|section| &section.fields);
    let label = |name: &String| {
        let own = fields().find(|field| &field.name == name).and_then(|field| field.title.as_ref());
        let title = own.or_else(|| declaration(draft, name).and_then(|(_, declared)| declared.title.as_ref()));
        title.map_or_else(|| name.clone(), |title| title.en.clone())
    };
    properties(&form.schema).map(|(name, _)| (name.clone(), label(name))).collect()
}
