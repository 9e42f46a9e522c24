//! A form of a definition as fields: sections, labels, hints, what is required, and what is wrong, told at the top and at each field.

use engine::graph::form::Form;
use engine::model::definition::{Field, Widget};
use engine::model::{Problem, Text, Values};
use maud::{Markup, html};
use serde_json::Value;

use super::posted::{Posted, Shape, choices, keyword, property, shape, text, values};
use super::refused::problem;
use super::words::Words;

/// Choices shown all at once; more are a list.
const RADIOS_MAX: usize = 5;
/// Characters of a text above which it gets several lines.
const LINE_CHARS_MAX: u64 = 250;

/// A variable's title and help, by its name.
pub(super) type Titles<'a> = &'a dyn Fn(&str) -> (Option<&'a Text>, Option<&'a Text>);

/// A form being filled in.
pub(super) struct FormView<'a> {
    form: &'a Form,
    titles: Titles<'a>,
    posted: Posted,
    problems: Vec<Problem>,
}

impl<'a> FormView<'a> {
    /// A form with the values so far. `titles` gives a variable's title and help.
    pub(super) fn new(form: &'a Form, titles: Titles<'a>, posted: Posted) -> Self {
        Self { form, titles, posted, problems: Vec::new() }
    }

    /// With what was wrong.
    #[must_use]
    pub(super) fn wrong(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// What was filled in, as data.
    pub(super) fn data(&self) -> Values {
        let fields = self.form.authored.layout.iter().flat_map(|section| &section.fields);
        let boxes: Vec<&str> =
            fields.filter(|field| self.widget(field) == Widget::Checkbox).map(|field| field.name.as_str()).collect();
        values(self.form, &self.posted, &boxes)
    }

    /// The problems of the form in one list at the top, each leading to its field.
    pub(super) fn summary(&self, w: &Words) -> Markup {
        summary(
            w,
            self.problems.iter().map(|found| {
                let name = field_of(found);
                let known = !name.is_empty() && property(&self.form.schema, &name).is_some();
                let label = if known { self.label(w, &name) } else { String::new() };
                let said = said(w, found, &label);
                (known.then(|| format!("f-{name}")), said)
            }),
        )
    }

    /// The sections with their fields.
    pub(super) fn fields(&self, w: &Words) -> Markup {
        let introduction = self.form.authored.help.as_ref();
        html! {
            @if let Some(help) = introduction { p class="lead" { (w.text(help)) } }
            @for section in &self.form.authored.layout {
                div class="section" {
                    @if let Some(title) = &section.title { h3 { (w.text(title)) } }
                    @if let Some(help) = &section.help { p { (w.text(help)) } }
                    @for field in &section.fields { (self.field(w, field)) }
                }
            }
        }
    }

    /// Labels of the fields, for a reader who may not fill them in.
    pub(super) fn labels(&self, w: &Words) -> Vec<String> {
        let fields = self.form.authored.layout.iter().flat_map(|section| &section.fields);
        fields.map(|field| self.label(w, &field.name)).collect()
    }

    fn authored(&self, name: &str) -> Option<&Field> {
        self.form.authored.layout.iter().flat_map(|section| &section.fields).find(|field| field.name == name)
    }

    fn label(&self, w: &Words, name: &str) -> String {
        let own = self.authored(name).and_then(|field| field.title.as_ref());
        own.or_else(|| (self.titles)(name).0).map_or_else(|| name.to_owned(), |title| w.text(title).to_owned())
    }

    fn schema(&self, name: &str) -> &Value {
        property(&self.form.schema, name).unwrap_or(&Value::Null)
    }

    fn is_required(&self, name: &str) -> bool {
        let required = self.form.schema.get("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|one| one == name))
    }

    /// The control that was asked for, if the schema allows it; else the one that suits the schema.
    fn widget(&self, field: &Field) -> Widget {
        let schema = self.schema(&field.name);
        let choices = choices(schema).map(|choices| choices.len());
        let suits = match (choices, shape(schema)) {
            (Some(n), _) if n <= RADIOS_MAX => Widget::Radio,
            (Some(_), _) => Widget::Select,
            (None, Shape::Boolean) => Widget::Checkbox,
            (None, Shape::Date) => Widget::Date,
            (None, Shape::Decimal) => Widget::Amount,
            (None, Shape::Integer) => Widget::Number,
            (None, Shape::List) => Widget::Textarea,
            (None, Shape::Text) => {
                let long = keyword(schema, "maxLength").and_then(Value::as_u64).is_some_and(|n| n > LINE_CHARS_MAX);
                if long { Widget::Textarea } else { Widget::Text }
            }
        };
        match field.widget {
            Some(Widget::Radio | Widget::Select) if choices.is_none() && shape(schema) != Shape::Boolean => suits,
            Some(Widget::Checkbox) if shape(schema) != Shape::Boolean => suits,
            Some(asked) => asked,
            None => suits,
        }
    }

    fn field(&self, w: &Words, field: &Field) -> Markup {
        let name = field.name.as_str();
        let schema = self.schema(name);
        let label = self.label(w, name);
        let hint = field.help.as_ref().or_else(|| (self.titles)(name).1).map(|help| w.text(help));
        let widget = self.widget(field);
        // A box that is not ticked is an answer, so only one that must be ticked is marked.
        let required = if widget == Widget::Checkbox {
            keyword(schema, "const").is_some_and(|must| must == &Value::Bool(true))
        } else {
            self.is_required(name)
        };
        let wrong: Vec<String> =
            self.problems.iter().filter(|problem| field_of(problem) == name).map(|found| said(w, found, "")).collect();
        let control = Control {
            name: format!("f-{name}"),
            label,
            hint: hint.map(ToOwned::to_owned),
            wrong,
            required,
            value: text(&self.posted, &format!("f-{name}")).to_owned(),
        };
        match widget {
            Widget::Textarea => control.textarea(w, 4),
            Widget::Select => control.select(w, &Self::options(w, field, schema)),
            Widget::Radio => control.radios(w, &Self::options(w, field, schema)),
            Widget::Checkbox => control.checkbox(w),
            Widget::Date => control.input(w, "date", None, None),
            Widget::Number => control.input(w, "text", Some("numeric"), None),
            Widget::Amount => control.input(w, "text", Some("decimal"), Some("₹")),
            Widget::Text => control.input(w, "text", None, None),
        }
    }

    fn options(w: &Words, field: &Field, schema: &Value) -> Vec<(String, String)> {
        let values = choices(schema).unwrap_or_else(|| vec!["true".to_owned(), "false".to_owned()]);
        let label = |value: String| {
            let said = match (field.options.get(&value), value.as_str()) {
                (Some(label), _) => w.text(label).to_owned(),
                (None, "true") => w.say("value-yes"),
                (None, "false") => w.say("value-no"),
                (None, _) => value.clone(),
            };
            (value, said)
        };
        values.into_iter().map(label).collect()
    }
}

/// The field in which a problem lies.
fn field_of(problem: &Problem) -> String {
    problem.pointer.split('/').nth(1).unwrap_or_default().replace("~1", "/").replace("~0", "~")
}

/// The sentence of a problem, with the field's label where the engine's own sentence is in another language.
fn said(w: &Words, found: &Problem, label: &str) -> String {
    let said = problem(w, &found.code, &found.message);
    if said == found.message || label.is_empty() { said } else { format!("{label}: {said}") }
}

/// All that is wrong, at the top of a page; each leads to its field.
pub(super) fn summary(w: &Words, problems: impl Iterator<Item = (Option<String>, String)>) -> Markup {
    let problems: Vec<_> = problems.collect();
    html! {
        @if !problems.is_empty() {
            div class="notice problem summary" role="alert" tabindex="-1" autofocus aria-labelledby="summary-title" {
                h2 id="summary-title" class="notice-title" { (w.say("summary-title")) }
                ul {
                    @for (id, said) in &problems {
                        li { @if let Some(id) = id { a href={ "#" (id) } { (said) } } @else { (said) } }
                    }
                }
            }
        }
    }
}

/// A labelled control.
#[derive(Debug, Clone, Default)]
pub(super) struct Control {
    /// Its name, which is also its id.
    pub(super) name: String,
    /// Label.
    pub(super) label: String,
    /// Hint.
    pub(super) hint: Option<String>,
    /// What is wrong with it.
    pub(super) wrong: Vec<String>,
    /// Whether it must be filled in.
    pub(super) required: bool,
    /// Its value.
    pub(super) value: String,
}

impl Control {
    fn described(&self) -> Option<String> {
        let hint = self.hint.is_some().then(|| format!("{}-hint", self.name));
        let wrong = (!self.wrong.is_empty()).then(|| format!("{}-wrong", self.name));
        let ids: Vec<String> = hint.into_iter().chain(wrong).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        (!self.wrong.is_empty()).then_some("true")
    }

    fn class(&self) -> &'static str {
        if self.wrong.is_empty() { "field" } else { "field wrong" }
    }

    fn label_text(&self, w: &Words) -> Markup {
        html! { (self.label) @if !self.required { " " span class="optional" { (w.say("optional")) } } }
    }

    fn below(&self, w: &Words) -> Markup {
        html! {
            @if let Some(hint) = &self.hint { p class="hint" id={ (self.name) "-hint" } { (hint) } }
            @if !self.wrong.is_empty() {
                p class="wrong-text" id={ (self.name) "-wrong" } {
                    span class="hidden" { (w.say("error-prefix")) " " }
                    @for wrong in &self.wrong { (wrong) " " }
                }
            }
        }
    }

    /// One line.
    pub(super) fn input(&self, w: &Words, kind: &str, mode: Option<&str>, before: Option<&str>) -> Markup {
        let class = if kind == "date" || mode.is_some() { "short" } else { "" };
        html! {
            div class=(self.class()) {
                label for=(self.name) { (self.label_text(w)) }
                (self.below(w))
                div class="line" {
                    @if let Some(before) = before { span class="before" aria-hidden="true" { (before) } }
                    input id=(self.name) name=(self.name) type=(kind) class=(class) value=(self.value) inputmode=[mode]
                        autocomplete="off" required[self.required] aria-describedby=[self.described()] aria-invalid=[self.invalid()];
                }
            }
        }
    }

    /// Several lines.
    pub(super) fn textarea(&self, w: &Words, rows: u32) -> Markup {
        html! {
            div class=(self.class()) {
                label for=(self.name) { (self.label_text(w)) }
                (self.below(w))
                // A line break right after the tag belongs to the tag: this one is given up for the text's own.
                textarea id=(self.name) name=(self.name) rows=(rows) required[self.required]
                    aria-describedby=[self.described()] aria-invalid=[self.invalid()] { "\n" (self.value) }
            }
        }
    }

    /// A list to choose from.
    pub(super) fn select(&self, w: &Words, options: &[(String, String)]) -> Markup {
        html! {
            div class=(self.class()) {
                label for=(self.name) { (self.label_text(w)) }
                (self.below(w))
                select id=(self.name) name=(self.name) required[self.required]
                    aria-describedby=[self.described()] aria-invalid=[self.invalid()] {
                    @if !self.required || options.len() != 1 { option value="" { (w.say("choose")) } }
                    @for (value, label) in options {
                        option value=(value) selected[*value == self.value] { (label) }
                    }
                }
            }
        }
    }

    /// A list without an empty line, or with one that means all: for filters.
    pub(super) fn list(&self, options: &[(String, String)], all: Option<&str>) -> Markup {
        html! {
            div class="field" {
                label for=(self.name) { (self.label) }
                select id=(self.name) name=(self.name) {
                    @if let Some(all) = all { option value="" { (all) } }
                    @for (value, label) in options {
                        option value=(value) selected[*value == self.value] { (label) }
                    }
                }
            }
        }
    }

    /// One line under an id of its own, where a name occurs several times on a page.
    pub(super) fn line(&self, id: &str) -> Markup {
        html! {
            div class="field" {
                label for=(id) { (self.label) }
                input id=(id) name=(self.name) type="text" value=(self.value) required[self.required] autocomplete="off";
            }
        }
    }

    /// All choices shown.
    pub(super) fn radios(&self, w: &Words, options: &[(String, String)]) -> Markup {
        html! {
            fieldset class=(self.class()) aria-describedby=[self.described()] {
                legend { (self.label_text(w)) }
                (self.below(w))
                @for (place, (value, label)) in options.iter().enumerate() {
                    // The first has the plain id, so that the summary leads to it.
                    @let id = if place == 0 { self.name.clone() } else { format!("{}-{place}", self.name) };
                    div class="choice" {
                        input type="radio" id=(id) name=(self.name) value=(value) checked[*value == self.value] required[self.required];
                        label for=(id) { (label) }
                    }
                }
            }
        }
    }

    /// Yes or no.
    pub(super) fn checkbox(&self, w: &Words) -> Markup {
        html! {
            div class=(self.class()) {
                (self.below(w))
                div class="choice" {
                    input type="checkbox" id=(self.name) name=(self.name) value="true" checked[self.value == "true"]
                        aria-describedby=[self.described()] aria-invalid=[self.invalid()];
                    label for=(self.name) { (self.label) }
                }
            }
        }
    }
}
