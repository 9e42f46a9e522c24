//! The process definition as authored: one JSON document per controlled document, BPMN's elements as a list of steps.
//!
//! These types generate `definitions/schema/process.schema.json`. They say what may be written; what it means, and whether it is
//! sound, is decided by `graph`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::norm::Within;
use super::{PostId, Text};

/// Refuses unknown properties, but for those that begin with `x-`.
pub(super) fn closed(schema: &mut Schema) {
    schema.insert("additionalProperties".into(), json!(false));
    schema.insert("patternProperties".into(), json!({ "^x-": true }));
}

/// A process definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Process {
    /// Where the schema of this document lies; editors use it.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Id of the process, the same for all its versions, such as `svc.refund`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub id: String,
    /// Title.
    pub title: Text,
    /// What the process is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Clauses and rules it carries out, such as `SQM 3.2.1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// Where its content comes from, for a reader who wants to check it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Whether someone has compared it with the original of its source. What is not verified is shown as such.
    #[serde(default)]
    pub verified: bool,
    /// The process owner.
    pub owner: Owner,
    /// How long the records of its cases are kept; left out: nothing is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// Variables of the process, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, Data>,
    /// Forms, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forms: BTreeMap<String, Form>,
    /// The steps, in the order in which a reader should meet them.
    #[schemars(length(min = 1))]
    pub steps: Vec<Step>,
    /// The norms that hold for its cases, each with its clock bound to the steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub clocks: Vec<Clock>,
}

/// How long the records of a case are kept after its end. Personal values may be erased afterwards, and not before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Retention {
    /// Full years after the day on which the case ended.
    #[schemars(range(min = 1, max = 100))]
    pub years: u16,
    /// Where the period comes from: the retention schedule and its item.
    #[schemars(length(min = 1))]
    pub source: Vec<String>,
    /// Whether someone has compared it with the original of its source. What is not verified is shown as such.
    #[serde(default)]
    pub verified: bool,
}

/// A norm that holds for the cases of a process, and where its clock's events happen in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Clock {
    /// Id of the norm. Its newest version when a case begins holds for the case.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub norm: String,
    /// Id of the clock within the process; left out: the norm's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub id: Option<String>,
    /// Where each event of the norm's clock happens, by the event's name.
    pub bind: BTreeMap<String, Places>,
    /// The norm's attributes, each by an expression.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Of a norm that counts backward: the planned date, an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<String>,
}

/// One place, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Places {
    /// One.
    One(Place),
    /// Any of several.
    Many(#[schemars(length(min = 1, max = 32))] Vec<Place>),
}

impl Places {
    /// As a list.
    pub fn all(&self) -> &[Place] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Many(places) => places,
        }
    }
}

/// A place in a process: one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Place {
    /// When a path comes to this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entering: Option<String>,
    /// When a path goes on from this step: the task is done, the message has come. Not when the step was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving: Option<String>,
}

/// The process owner: the post that answers for the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Owner {
    /// The post.
    #[schemars(with = "String", regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub post: PostId,
}

/// A variable: a JSON Schema, with a title and help in several languages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Whether its values are personal data: each is then a payload of its own, which can be erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
    /// The JSON Schema 2020-12 keywords of its values. No `$ref`.
    #[serde(flatten)]
    #[schemars(with = "Map<String, Value>")]
    pub schema: Map<String, Value>,
}

/// A form: a JSON Schema for what is sent, and a small layout for how it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Form {
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Introduction above the fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// JSON Schema 2020-12 of the data: `properties` (`{}` takes the declaration in `data`), `required`, and whatever else. No `$ref`.
    pub schema: Map<String, Value>,
    /// Sections with their fields in order. Left out: one section, the properties in alphabetical order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layout: Vec<Section>,
}

/// A section of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Section {
    /// Heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Text under the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// The fields.
    #[schemars(length(min = 1))]
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Field {
    /// The property that it fills.
    pub name: String,
    /// Label; left out: the title of the variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Hint; left out: the help of the variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Control; left out: what suits the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widget: Option<Widget>,
    /// Labels of the values of an `enum`, by value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Text>,
}

/// A control of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Widget {
    /// One line.
    Text,
    /// Several lines.
    Textarea,
    /// A list to choose from.
    Select,
    /// All choices shown.
    Radio,
    /// Yes or no.
    Checkbox,
    /// A date.
    Date,
    /// A whole number.
    Number,
    /// An amount of money.
    Amount,
}

/// The kind of a step: a BPMN element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StepType {
    /// Where a case begins: by hand, or when a `message` comes.
    StartEvent,
    /// Where a path ends; with `terminate` it ends the whole (sub-)process; with `message` it throws it.
    EndEvent,
    /// Waits for a `timer` or a `message`.
    IntermediateCatchEvent,
    /// Throws a `message`.
    IntermediateThrowEvent,
    /// A `timer` or `message` on the activity `attachedTo`.
    BoundaryEvent,
    /// A person's work.
    UserTask,
    /// An external worker's work: fetched and locked by `topic`, completed or failed.
    ServiceTask,
    /// Sets variables by expressions.
    ExpressionTask,
    /// One flow is taken: the first whose `when` holds, else the default.
    ExclusiveGateway,
    /// All flows are taken; all arriving tokens are awaited.
    ParallelGateway,
    /// Steps within a step.
    SubProcess,
    /// A case of another process, within this one.
    CallActivity,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Step {
    /// Id within the process: letters, digits, `.`, `-`, `_`, and a closing `?`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9._-]{1,63}\??$"))]
    pub id: String,
    /// BPMN element.
    #[serde(rename = "type")]
    pub kind: StepType,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Work instruction: how to do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Clauses and rules that it carries out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// Outgoing flows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    /// Boundary event: the activity it watches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<String>,
    /// Boundary event: whether it ends the activity (the default) or leaves it running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupting: Option<bool>,
    /// Event: the timer it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<Timer>,
    /// Event: the message it waits for, or throws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// End event: whether it ends everything in its (sub-)process at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminate: Option<bool>,
    /// User task: who may work it. Start event: who may start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performer: Option<Performer>,
    /// User task, start event: the form, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// User task: when it should be done; left out, or later: by the earliest deadline of the case's clocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// User task: the record that its completion makes, such as `order-in-original`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Service task: the topic under which workers fetch it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Service task: attempts before it becomes an incident (3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub retries: Option<u32>,
    /// Service task, call activity: values handed over, each an expression.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
    /// Activity, message catch: variables written from what came back: names, or expressions over what came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Outputs>,
    /// Expression task: variables set, each by an expression, all over the values before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Call activity: id of the called process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// Sub-process: its own variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, Data>,
    /// Sub-process: its steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Sub-process: what an office that takes the definition over from another may adapt in it; left out: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adaptable: Option<Adaptable>,
}

/// That the steps of a sub-process may be matched to local practice, and within which bounds. What clocks are bound to, steps that make a record
/// and steps that a separation of duties is declared on or refers to stay in any case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Adaptable {
    /// What differs from place to place, and what it is for.
    pub reason: Text,
    /// Process controls: steps inside that stay as they are, each on every path on which it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub keep: Vec<String>,
    /// Roles to which steps may be given; left out: those that perform in it already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub roles: Vec<String>,
}

/// Outgoing flows: one target, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Next {
    /// The id of the next step.
    One(String),
    /// Several flows, in the order in which their conditions are tried.
    Many(Vec<NextFlow>),
}

/// One of several outgoing flows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum NextFlow {
    /// The id of the next step.
    To(String),
    /// A flow with an id, a title or a condition.
    Flow(Flow),
}

/// An outgoing flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Flow {
    /// The next step.
    pub to: String,
    /// Id; left out: `from>to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Condition of a flow out of an exclusive gateway, an expression. The one without is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// Who performs a task, or may start a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Performer {
    /// A role of the unit's posts or of a unit above it; `applicant` is the person who started the case.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub role: String,
    /// Separation of duties: not a person who completed one of these steps in this case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_who_did: Vec<String>,
    /// Independence: not a person who holds a post that the case names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_who_holds: Option<Holds>,
}

/// Posts whose holders are kept from a task, such as those that own or perform what is audited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Holds {
    /// Variables that name them: each of the format `post`, or a list of such.
    #[schemars(length(min = 1, max = 8))]
    pub data: Vec<String>,
    /// A variable of the format `date`: whoever held one of them on that day or since is kept from the task too. Left out: whoever
    /// holds one now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// The role that stands for the person who started the case.
pub const APPLICANT: &str = "applicant";

/// When a task should be done. Shown and sorted by; what a breach does belongs to norms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Due {
    /// So long after the creation of the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Length>,
    /// Instead of `after`: the last day on which it is in time, or an instant, an expression such as `action_by`. Null: as if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Where the time comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether it was compared with the original of its source. An unverified time is a proposal, and shown as such.
    #[serde(default)]
    pub verified: bool,
}

/// A length of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Length {
    /// Elapsed, whether the office works or not: an ISO 8601 duration such as `P2D` or `PT48H`; in a timer also an expression that
    /// yields one, such as `= duration("P1D") * days`.
    Elapsed(String),
    /// As norms count it, on the calendar of the case's unit: `{ "workingDays": 2 }`, `{ "officeHours": 4 }`. Days are over when the
    /// office closes on the last of them; the day on which it begins is not counted.
    Counted(Within),
}

/// A timer. Texts that begin with `=` are expressions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Timer {
    /// So long from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Length>,
    /// RFC 3339 instant, or an expression that yields a date and time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// So long between firings, for a non-interrupting boundary event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Length>,
    /// With `every`: how often it fires at most (1,000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub times: Option<u32>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Message {
    /// Name.
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"))]
    pub name: String,
    /// Correlation key, an expression; a message reaches the case that waits for its name and key. Left out: the empty key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Throw: values sent, each an expression.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// Throw: how long it waits for a receiver, ISO 8601 (`PT1H`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<String>,
}

/// What a step writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Outputs {
    /// These variables, from members of the same names.
    Names(Vec<String>),
    /// These variables, each by an expression over what came back (`result.…` for a call: the called case's variables).
    Mapping(BTreeMap<String, String>),
}

/// The JSON Schema (2020-12) of a process definition.
pub fn process_schema() -> Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Process>();
    schema.insert("$id".into(), json!("https://sevottam.example/schema/process.schema.json"));
    schema.insert("title".into(), json!("Sevottam process definition"));
    schema.to_value()
}
