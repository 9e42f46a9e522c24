//! The schedule as authored: what it starts or makes, and when, as one JSON document.
//!
//! These types generate `definitions/schema/schedule.schema.json`. They say what may be written; what it means, and whether it can ever
//! fire, is decided by `schedule`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Text;
use super::definition::{Owner, closed};
use super::report::ReportKind;

/// A schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Schedule {
    /// Where the schema of this document lies; editors use it.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Id of the schedule, the same for all its versions, such as `sqm.internal-audit`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub id: String,
    /// Title.
    pub title: Text,
    /// What the schedule is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Clauses and rules that it carries out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// Where its times come from, for a reader who wants to check them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Whether someone has compared its times with the original of their source. What is not verified is shown as such.
    #[serde(default)]
    pub verified: bool,
    /// Who answers for it.
    pub owner: Owner,
    /// The time zone of its dates and times, a name of the IANA database such as `Asia/Kolkata`.
    pub zone: String,
    /// What an occurrence starts. Exactly one of `starts` and `makes` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Starts>,
    /// What an occurrence makes instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes: Option<Makes>,
    /// When.
    pub when: When,
    /// Time of day, `hh:mm` or `hh:mm:ss` (`00:00`). A cron expression has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"))]
    pub time: Option<String>,
    /// First date on which it may fall, `2026-04-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    pub from: Option<String>,
    /// Last date on which it may fall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    pub to: Option<String>,
    /// What becomes of a date that is not a working day.
    #[serde(default)]
    pub roll: Roll,
    /// What happens where clocks change, or the program did not run.
    #[serde(default)]
    pub policies: Policies,
}

/// What an occurrence starts: a case of a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Starts {
    /// Id of the process.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub process: String,
    /// Values that the case starts with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, Value>,
}

/// What an occurrence makes: a report on the unit of the owner's post, kept in the log of that unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Makes {
    /// What it is about.
    pub report: ReportKind,
}

/// When: exactly one of `cron`, `every`, `after` and `workingDay`, with what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct When {
    /// A cron expression: minute, hour, day of month, month, day of week; with a sixth field in front, seconds; with a seventh at the
    /// end, years. `@daily` and its like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub cron: Option<String>,
    /// ISO 8601 duration between occurrences, counted from `anchor`, which is the first: `P3M`, or `PT15M` in elapsed time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// With `every`: how many occurrences there are (no end).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub times: Option<u32>,
    /// ISO 8601 durations from `anchor`, one for each occurrence, each longer than the one before: `["P12M", "P24M", "P36M"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 24))]
    pub after: Vec<String>,
    /// With `after`: the last occurrence is the anchor of the next round.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats: bool,
    /// With `every` and `after`: the date that is counted from, or the name of an event that will give it, such as `charter-issued`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(\d{4}-\d{2}-\d{2}|[a-z][a-z0-9-]{0,62})$"))]
    pub anchor: Option<String>,
    /// The working day of the month: 1 is the first, -1 the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -23, max = 23))]
    pub working_day: Option<i8>,
    /// With `workingDay`: the months, 1 to 12 (all).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 12), inner(range(min = 1, max = 12)))]
    pub months: Vec<i8>,
}

/// What becomes of a date that is not a working day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Roll {
    /// It stays.
    #[default]
    None,
    /// It moves to the next working day.
    Forward,
    /// It moves to the working day before.
    Backward,
    /// It is left out.
    Skip,
}

/// What happens where clocks change, or the program did not run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(transform = closed)]
pub struct Policies {
    /// The local time does not exist, because clocks go forward.
    pub gap: Gap,
    /// The local time comes twice, because clocks go back.
    pub overlap: Overlap,
    /// Its instant passed while the program did not run.
    pub missed: Missed,
    /// With `missed: each`: how many are made up for at most, the newest (100).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub at_most: Option<u32>,
}

/// The local time does not exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// It fires at the first instant after the gap.
    #[default]
    After,
    /// It is left out.
    Skip,
}

/// The local time comes twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// A named time fires the first time; a rhythm (`*` or a step in the time of a cron expression) runs on through both.
    #[default]
    Once,
    /// It fires both times.
    Both,
}

/// Its instant passed while the program did not run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missed {
    /// Each is made up for, up to `atMost`.
    Each,
    /// Only the newest is.
    #[default]
    Latest,
    /// None is.
    None,
}

/// The JSON Schema (2020-12) of a schedule.
pub fn schedule_schema() -> Value {
    let mut schema: Schema =
        schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Schedule>();
    schema.insert("$id".into(), json!("https://sevottam.example/schema/schedule.schema.json"));
    schema.insert("title".into(), json!("Sevottam schedule"));
    schema.to_value()
}
