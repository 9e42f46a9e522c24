//! One step's own checks: what its type needs and allows, its expressions, what it reads and writes.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::flow::Wiring;
use super::form::{Form, names_posts};
use super::{StepIndex, StepKind, Write, event};
use crate::model::definition::{Holds, Outputs, Performer, Step, StepType};
use crate::model::id;
use crate::model::limits::VARIABLES_MAX;
use crate::model::problem::{pointer_token, short};

/// Attempts of a job whose step names none.
const RETRIES_DEFAULT: u32 = 3;

/// Entries of a list of variables that are looked at: a longer one has an undeclared or a repeated name among them.
const ENTRIES_MAX: usize = VARIABLES_MAX + 1;

/// What a type is called, what it needs and what else it may have. `next` is judged with the flows, triggers with the events.
fn table(kind: StepType) -> (&'static str, &'static [&'static str], &'static [&'static str]) {
    match kind {
        StepType::StartEvent => ("start event", &[], &["message", "form", "performer", "outputs"]),
        StepType::EndEvent => ("end event", &[], &["message", "terminate"]),
        StepType::IntermediateCatchEvent => ("intermediate catch event", &[], &["timer", "message", "outputs"]),
        StepType::IntermediateThrowEvent => ("intermediate throw event", &["message"], &[]),
        StepType::BoundaryEvent => ("boundary event", &["attachedTo"], &["interrupting", "timer", "message", "outputs"]),
        StepType::UserTask => ("user task", &["performer"], &["form", "due", "record", "outputs"]),
        StepType::ServiceTask => ("service task", &["topic"], &["retries", "inputs", "outputs"]),
        StepType::ExpressionTask => ("expression task", &["set"], &[]),
        StepType::ExclusiveGateway => ("exclusive gateway", &[], &[]),
        StepType::ParallelGateway => ("parallel gateway", &[], &[]),
        StepType::SubProcess => ("sub-process", &["steps"], &["data", "adaptable"]),
        StepType::CallActivity => ("call activity", &["process"], &["inputs", "outputs"]),
    }
}

/// The properties that a step has, but for those that every step may have.
fn present(step: &Step) -> Vec<&'static str> {
    let all = [
        ("attachedTo", step.attached_to.is_some()),
        ("interrupting", step.interrupting.is_some()),
        ("timer", step.timer.is_some()),
        ("message", step.message.is_some()),
        ("terminate", step.terminate.is_some()),
        ("performer", step.performer.is_some()),
        ("form", step.form.is_some()),
        ("due", step.due.is_some()),
        ("record", step.record.is_some()),
        ("topic", step.topic.is_some()),
        ("retries", step.retries.is_some()),
        ("inputs", !step.inputs.is_empty()),
        ("outputs", step.outputs.is_some()),
        ("set", !step.set.is_empty()),
        ("process", step.process.is_some()),
        ("data", !step.data.is_empty()),
        ("steps", !step.steps.is_empty()),
        ("adaptable", step.adaptable.is_some()),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect()
}

/// Checks all steps; a step with an error has no kind.
pub(super) fn check_all(draft: &mut Draft, wiring: &Wiring, forms: &BTreeMap<String, Form>) -> Vec<Option<StepKind>> {
    let kinds = (0..draft.steps.len())
        .map(|step| {
            let complete = check_properties(draft, step);
            let kind = kind_of(draft, step, wiring, forms);
            kind.filter(|_| complete)
        })
        .collect();
    for scope in 0..draft.scopes.len() {
        check_starts(draft, scope);
    }
    check_form_use(draft);
    kinds
}

/// Whether a step has what its type needs and nothing that it has no use for.
fn check_properties(draft: &mut Draft, step: StepIndex) -> bool {
    let (authored, pointer, _) = draft.place(step);
    let (name, needed, allowed) = table(authored.kind);
    let (present, before) = (present(authored), draft.errors());
    for property in needed.iter().filter(|property| !present.contains(property)) {
        let message = format!("\"{}\" is a {name} and needs \"{property}\". Add it.", authored.id);
        draft.error("step.property-missing", &pointer, message);
    }
    for property in present.iter().filter(|property| !needed.contains(property) && !allowed.contains(property)) {
        let has = [needed, allowed].concat().iter().map(|p| format!("\"{p}\"")).collect::<Vec<_>>().join(", ");
        let may = if has.is_empty() { "It has none of its own.".to_owned() } else { format!("It may have {has}.") };
        let message = format!("A {name} has no \"{property}\". Remove it. {may}");
        draft.error("step.property-not-here", format!("{pointer}/{property}"), message);
    }
    for (property, code) in [("topic", &authored.topic), ("record", &authored.record)] {
        if let Some(code) = code.as_ref().filter(|code| !id::is_code(code)) {
            let message = format!("\"{code}\" is not a code. Use small letters, digits, \"-\" and \".\", at most 64.");
            draft.error("step.bad-code", format!("{pointer}/{property}"), message);
        }
    }
    check_adaptable(draft, authored, &pointer);
    draft.errors() == before
}

/// What is kept of an adaptable sub-process lies in it, and roles are roles.
fn check_adaptable(draft: &mut Draft, authored: &Step, pointer: &str) {
    fn has(steps: &[Step], id: &str) -> bool {
        steps.iter().any(|step| step.id == id || has(&step.steps, id))
    }
    let Some(adaptable) = &authored.adaptable else { return };
    for (position, id) in adaptable.keep.iter().enumerate().filter(|(_, id)| !has(&authored.steps, id)) {
        let message = format!("There is no step \"{}\" in \"{}\". Name steps inside the sub-process.", short(id), authored.id);
        draft.error("adaptable.unknown-step", format!("{pointer}/adaptable/keep/{position}"), message);
    }
    for (position, role) in adaptable.roles.iter().enumerate().filter(|(_, role)| !id::is_code(role)) {
        let message = format!("\"{}\" is not a role. Use small letters, digits, \"-\" and \".\", at most 64.", short(role));
        draft.error("step.bad-code", format!("{pointer}/adaptable/roles/{position}"), message);
    }
}

fn kind_of(draft: &mut Draft, step: StepIndex, wiring: &Wiring, forms: &BTreeMap<String, Form>) -> Option<StepKind> {
    let (authored, pointer, scope) = draft.place(step);
    let inputs = |draft: &mut Draft| draft.expressions(scope, &format!("{pointer}/inputs"), &authored.inputs);
    Some(match authored.kind {
        StepType::StartEvent => start(draft, step, forms)?,
        StepType::EndEvent => {
            let message = match &authored.message {
                Some(message) => Some(event::throw(draft, step, message)?),
                None => None,
            };
            StepKind::End { terminate: authored.terminate == Some(true), message }
        }
        StepType::IntermediateCatchEvent => StepKind::Catch(event::trigger(draft, step)?),
        StepType::IntermediateThrowEvent => StepKind::Throw(event::throw(draft, step, authored.message.as_ref()?)?),
        StepType::BoundaryEvent => {
            let trigger = event::trigger(draft, step);
            StepKind::Boundary {
                host: wiring.hosts[step]?,
                interrupting: authored.interrupting != Some(false),
                trigger: trigger?,
            }
        }
        StepType::UserTask => {
            let due = authored.due.as_ref().and_then(|due| event::due(draft, step, due));
            let form = form_of(draft, step, forms);
            let outputs = outputs(draft, step, form);
            check_performer(draft, step);
            StepKind::UserTask { performer: authored.performer.clone()?, form: authored.form.clone(), outputs, due }
        }
        StepType::ServiceTask => {
            let (inputs, outputs) = (inputs(draft), outputs(draft, step, None));
            let retries = authored.retries.unwrap_or(RETRIES_DEFAULT);
            StepKind::ServiceTask { topic: authored.topic.clone()?, retries, inputs, outputs }
        }
        StepType::ExpressionTask => StepKind::ExpressionTask { set: set(draft, step) },
        StepType::ExclusiveGateway => StepKind::ExclusiveGateway,
        StepType::ParallelGateway => StepKind::ParallelGateway,
        StepType::SubProcess => StepKind::SubProcess { inner: draft.steps[step].inner? },
        StepType::CallActivity => {
            let (inputs, outputs) = (inputs(draft), outputs(draft, step, None));
            let process = authored.process.clone()?;
            check_call(draft, step, &process);
            StepKind::CallActivity { process, inputs, outputs }
        }
    })
}

fn start(draft: &mut Draft, step: StepIndex, forms: &BTreeMap<String, Form>) -> Option<StepKind> {
    let (authored, pointer, scope) = draft.place(step);
    let by_message = authored.message.is_some();
    let not_here = [
        ("form", authored.form.is_some() && (by_message || scope > 0)),
        ("performer", authored.performer.is_some() && (by_message || scope > 0)),
        ("message", by_message && scope > 0),
        ("outputs", authored.outputs.is_some() && !by_message),
    ];
    for (property, _) in not_here.into_iter().filter(|(_, wrong)| *wrong) {
        let why = match (scope > 0, property) {
            (true, _) => "A sub-process begins when its step is reached.",
            (_, "outputs") => "The form's fields become variables by themselves.",
            _ => "A start by message has nobody who fills in a form.",
        };
        let message = format!("{why} Remove \"{property}\" from the start event.");
        draft.error("step.property-not-here", format!("{pointer}/{property}"), message);
    }
    let message = match &authored.message {
        Some(message) => Some(event::catch(draft, step, message)?),
        None => None,
    };
    check_performer(draft, step);
    if let Some(form) = form_of(draft, step, forms) {
        for property in form.properties().filter(|name| draft.declaring(scope, name).is_none()).collect::<Vec<_>>() {
            let form = authored.form.as_deref().unwrap_or_default();
            let pointer = format!("/forms/{}/schema/properties/{}", pointer_token(form), pointer_token(property));
            let guess = draft.nearest_variable(scope, property);
            let message = format!(
                "The start form's \"{property}\" becomes a variable, and none is declared. Declare \"{property}\" in \"data\".{guess}"
            );
            draft.error("form.undeclared-property", pointer, message);
        }
    }
    Some(StepKind::Start { form: authored.form.clone(), performer: authored.performer.clone(), message })
}

/// The form that a step names.
fn form_of<'f>(draft: &mut Draft, step: StepIndex, forms: &'f BTreeMap<String, Form>) -> Option<&'f Form> {
    let (authored, pointer, _) = draft.place(step);
    let name = authored.form.as_deref()?;
    if !draft.process.forms.contains_key(name) {
        let guess = draft.guess(name, draft.process.forms.keys().map(String::as_str));
        let message = format!("There is no form \"{name}\". Add it to \"forms\", or name one that is there.{guess}");
        draft.error("form.unknown", format!("{pointer}/form"), message);
    }
    forms.get(name)
}

/// What a step writes: names of declared variables, or expressions over `result`.
pub(super) fn outputs(draft: &mut Draft, step: StepIndex, form: Option<&Form>) -> Vec<Write> {
    let (authored, pointer, scope) = draft.place(step);
    let mut writes = Vec::new();
    match &authored.outputs {
        None => {}
        Some(Outputs::Names(names)) => {
            let mut seen = BTreeSet::new();
            for (position, name) in names.iter().enumerate().take(ENTRIES_MAX) {
                let pointer = format!("{pointer}/outputs/{position}");
                check_variable(draft, step, name, &pointer);
                if !seen.insert(name) {
                    draft.error("outputs.duplicate", &pointer, format!("\"{name}\" is written twice. Remove one."));
                }
                if authored.kind == StepType::UserTask {
                    check_in_form(draft, authored, form, name, &pointer);
                }
                writes.push(Write { variable: name.clone(), value: None });
            }
        }
        Some(Outputs::Mapping(mapping)) => {
            for (name, source) in mapping.iter().take(ENTRIES_MAX) {
                let pointer = format!("{pointer}/outputs/{}", pointer_token(name));
                check_variable(draft, step, name, &pointer);
                let value = draft.expression(scope, &pointer, source, true);
                writes.push(Write { variable: name.clone(), value });
            }
        }
    }
    writes
}

/// A user task's outputs by name come from its form.
fn check_in_form(draft: &mut Draft, step: &Step, form: Option<&Form>, name: &str, pointer: &str) {
    if step.form.is_none() {
        let message = format!("\"{}\" has no form that could fill \"{name}\". Name a \"form\", or write an expression.", step.id);
        draft.error("outputs.without-form", pointer, message);
    } else if form.is_some_and(|form| !form.properties().any(|property| property == name)) {
        let guess = form.map(|form| draft.guess(name, form.properties())).unwrap_or_default();
        let message = format!("The form of \"{}\" has no \"{name}\". Add it to the form's properties.{guess}", step.id);
        draft.error("outputs.not-in-form", pointer, message);
    }
}

/// Only declared variables are written.
fn check_variable(draft: &mut Draft, step: StepIndex, name: &str, pointer: &str) {
    let scope = draft.steps[step].scope;
    if draft.declaring(scope, name).is_none() {
        let guess = draft.nearest_variable(scope, name);
        let message = format!("\"{name}\" is not a variable. Declare it in \"data\", or correct the name.{guess}");
        draft.error("variables.undeclared", pointer, message);
    }
}

fn set(draft: &mut Draft, step: StepIndex) -> Vec<(String, crate::expression::Expression)> {
    let (authored, pointer, scope) = draft.place(step);
    let mut set = Vec::new();
    for (name, source) in authored.set.iter().take(ENTRIES_MAX) {
        let pointer = format!("{pointer}/set/{}", pointer_token(name));
        check_variable(draft, step, name, &pointer);
        if let Some(expression) = draft.expression(scope, &pointer, source, false) {
            set.push((name.clone(), expression));
        }
    }
    set
}

/// Separation of duties names user tasks; independence names variables.
fn check_performer(draft: &mut Draft, step: StepIndex) {
    let (authored, pointer, _) = draft.place(step);
    let Some(Performer { not_who_did, not_who_holds, .. }) = &authored.performer else { return };
    if let Some(holds) = not_who_holds {
        check_holds(draft, step, holds);
    }
    for (position, other) in not_who_did.iter().enumerate() {
        let pointer = format!("{pointer}/performer/notWhoDid/{position}");
        let (code, message) = match draft.by_id.get(other.as_str()).map(|&index| draft.steps[index].authored.kind) {
            _ if authored.kind == StepType::StartEvent => {
                ("performer.nobody-before", format!("Nobody did \"{other}\" before the case started. Remove it."))
            }
            None => {
                let users = draft.steps.iter().filter(|placed| placed.authored.kind == StepType::UserTask);
                let guess = draft.guess(other, users.map(|placed| placed.authored.id.as_str()));
                ("performer.unknown-step", format!("There is no step \"{other}\". Name a user task.{guess}"))
            }
            Some(StepType::UserTask) => continue,
            Some(_) => {
                ("performer.not-a-user-task", format!("\"{other}\" is not done by a person. Name a user task, or remove it."))
            }
        };
        draft.error(code, pointer, message);
    }
}

/// Independence names variables that hold posts, and one that holds a date.
fn check_holds(draft: &mut Draft, step: StepIndex, holds: &Holds) {
    let (authored, pointer, scope) = draft.place(step);
    let pointer = format!("{pointer}/performer/notWhoHolds");
    if authored.kind == StepType::StartEvent {
        let message = "Before the case starts no variable names a post. Remove it.";
        return draft.error("performer.not-at-start", pointer, message);
    }
    let data = holds.data.iter().enumerate().map(|(position, name)| (format!("{pointer}/data/{position}"), name, "post"));
    let since = holds.since.iter().map(|name| (format!("{pointer}/since"), name, "date"));
    for (pointer, name, format) in data.chain(since) {
        let declared = draft.declaring(scope, name).map(|at| &draft.scopes[at].data[name].schema);
        let Some(declared) = declared else {
            let guess = draft.nearest_variable(scope, name);
            let message = format!("\"{name}\" is not a variable. Declare it in \"data\", or correct the name.{guess}");
            draft.error("performer.unknown-data", pointer, message);
            continue;
        };
        let (code, written) = match format {
            "post" if names_posts(declared) => continue,
            "post" => ("performer.not-a-post", "a text of the \"format\" \"post\", or a list of them"),
            _ if declared.get("format").is_some_and(|found| found == format) => continue,
            _ => ("performer.not-a-date", "a text of the \"format\" \"date\""),
        };
        draft.error(code, pointer, format!("\"{name}\" must be {written}. Correct its declaration, or name another variable."));
    }
}

/// The called process is known; what goes into this very process is declared here.
fn check_call(draft: &mut Draft, step: StepIndex, process: &str) {
    let (authored, pointer, _) = draft.place(step);
    if process == draft.process.id {
        for name in authored.inputs.keys().filter(|name| !draft.process.data.contains_key(*name)) {
            let pointer = format!("{pointer}/inputs/{}", pointer_token(name));
            let message =
                format!("\"{name}\" is not a variable of the called process. Declare it in \"data\", or correct the name.");
            draft.error("variables.undeclared", pointer, message);
        }
    } else if !draft.known.has_process(process) {
        let message = format!("No process \"{process}\" is deployed. Deploy it first, or correct the id.");
        draft.error("call.unknown-process", format!("{pointer}/process"), message);
    }
}

/// A process has at least one start, at most one of them without a message; a sub-process exactly one.
fn check_starts(draft: &mut Draft, scope: usize) {
    let starts: Vec<StepIndex> = (0..draft.steps.len())
        .filter(|&step| draft.steps[step].scope == scope && draft.steps[step].authored.kind == StepType::StartEvent)
        .collect();
    let pointer = draft.scopes[scope].pointer.clone();
    if starts.is_empty() && (scope == 0 || draft.scopes[scope].step.is_some_and(|s| !draft.steps[s].authored.steps.is_empty())) {
        let message = "There is no start event. Add a step of type \"startEvent\" that leads to the first step.";
        return draft.error("start.missing", format!("{pointer}/steps"), message);
    }
    let mut messages = BTreeSet::new();
    let mut plain = false;
    for step in starts {
        let (authored, pointer, _) = draft.place(step);
        match &authored.message {
            Some(message) if !messages.insert(&message.name) => {
                let text = format!("Two start events wait for \"{}\". Keep one.", message.name);
                draft.error("start.duplicate-message", format!("{pointer}/message/name"), text);
            }
            Some(_) => {}
            None if plain => {
                let text = "There is already a start event without a message. Keep one, and divide behind it with a gateway.";
                draft.error("start.several", pointer, text);
            }
            None => plain = true,
        }
    }
}

/// Every form is used somewhere.
fn check_form_use(draft: &mut Draft) {
    let used: BTreeSet<&str> = draft.steps.iter().filter_map(|placed| placed.authored.form.as_deref()).collect();
    let unused: Vec<&String> = draft.process.forms.keys().filter(|name| !used.contains(name.as_str())).collect();
    for name in unused {
        let message = format!("No step shows the form \"{name}\". Name it as the \"form\" of a step, or remove it.");
        draft.warning("form.unused", format!("/forms/{}", pointer_token(name)), message);
    }
}
