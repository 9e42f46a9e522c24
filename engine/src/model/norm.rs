//! The time norm as authored: a legal object apart from the drawings, as one JSON document.
//!
//! A norm names the events that start, stop and suspend its clock; a process binds them to its steps. These types generate
//! `definitions/schema/norm.schema.json`. They say what may be written; what it means, and whether it can be kept, is decided by `norm`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Text;
use super::calendar::Roll;
use super::definition::{Owner, closed};

/// A time norm. Changed, it is a new version of the same id; running cases stay on the version that they began with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Document {
    /// Where the schema of this document lies; editors use it.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Id of the norm, the same for all its versions, such as `cbic.refund`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub id: String,
    /// The service that it promises.
    pub title: Text,
    /// For whom it holds, and what is not known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Rules that it carries out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// The post that answers for it.
    pub owner: Owner,
    /// Id of the calendar that it counts on; left out: the calendar of the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub calendar: Option<String>,
    /// Which way it counts.
    #[serde(default, skip_serializing_if = "Direction::is_forward")]
    pub direction: Direction,
    /// How days are counted. Left out: as sections 9 and 10 of the General Clauses Act, 1897 have it.
    #[serde(default, skip_serializing_if = "Counting::is_default")]
    pub counting: Counting,
    /// The events of its clock.
    pub clock: ClockEvents,
    /// Attributes of a case that its limits depend on, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
    /// What was promised when. Their times of validity do not overlap.
    #[schemars(length(min = 1, max = 100))]
    pub editions: Vec<Edition>,
    /// Points before the end at which the clock warns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub warnings: Vec<Warning>,
    /// What a breach does, besides being recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach: Option<Breach>,
}

/// Which way a norm counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// So long after the start.
    #[default]
    Forward,
    /// So long before a planned event, such as the notice before an audit: the process tells the planned date.
    Backward,
}

impl Direction {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_forward(&self) -> bool {
        *self == Self::Forward
    }
}

/// How days, weeks and months are counted. Minutes and hours have no conventions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(transform = closed)]
pub struct Counting {
    /// Whether the day of the start counts.
    pub first_day: FirstDay,
    /// What becomes of a last day on which the office is closed. Working days never end on one.
    pub last_day: LastDay,
    /// When on the last day the time is over.
    pub ends: Ends,
    /// What counts as the day of a start when the office is closed, or has closed for the day.
    pub received: Received,
}

impl Counting {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether the day of the start counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FirstDay {
    /// It does not: "from" leaves the first day out (General Clauses Act, 1897, section 9).
    #[default]
    Excluded,
    /// It is day one.
    Included,
}

/// What becomes of a last day on which the office is closed: the words of `calendar`, with the law's own default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LastDay(pub Roll);

impl Default for LastDay {
    /// The next day on which it is open is in time (General Clauses Act, 1897, section 10).
    fn default() -> Self {
        Self(Roll::Forward)
    }
}

/// When on the last day the time is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Ends {
    /// At the close of the office; where it is closed that day, at midnight.
    #[default]
    OfficeDay,
    /// At midnight.
    Day,
    /// At the time of day of the start.
    SameTime,
}

/// What counts as the day of a start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Received {
    /// The day itself, at whatever hour.
    #[default]
    SameDay,
    /// The next office day, when the office is closed or has closed for the day.
    NextOfficeDay,
}

/// The events of a clock, by name: `application-complete`. A process that binds the norm binds all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct ClockEvents {
    /// The event that starts it.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub start: String,
    /// Events each of which stops it for good.
    #[schemars(length(min = 1, max = 16), inner(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")))]
    pub stop: Vec<String>,
    /// When it rests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub suspend: Vec<Suspension>,
    /// What prolongs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend: Option<Extension>,
    /// The event of an interim reply: recorded, and nothing stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub interim: Option<String>,
    /// The event that takes a stopped clock up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopen: Option<Reopen>,
}

/// When a clock rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Suspension {
    /// The event with which it begins.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub from: String,
    /// The event with which it ends.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub until: String,
    /// Whom one waits for.
    #[serde(rename = "for")]
    pub party: Party,
    /// Why, as the citizen reads it.
    pub title: Text,
    /// The clock starts anew once it ends, such as when a missing document arrives.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restarts: bool,
    /// How long it may last at most; the clock runs on from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Within>,
    /// How often it may rest on this ground; the clock runs through any further time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub times: Option<u32>,
}

/// Whom one waits for while a clock rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Party {
    /// The applicant.
    Applicant,
    /// Another authority.
    Authority,
    /// A court.
    Court,
    /// The office itself: such time is the exception, and shown as such.
    Office,
}

/// What prolongs a clock. It is counted from the date before any roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Extension {
    /// The event.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub on: String,
    /// By how much.
    pub by: Within,
    /// How often (once).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub times: Option<u32>,
}

/// What takes a stopped clock up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Reopen {
    /// The event.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"))]
    pub on: String,
    /// Where it goes on.
    pub clock: Reopened,
}

/// Where a clock goes on that is taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Reopened {
    /// From nothing.
    Restarts,
    /// Where it stood: the time in between counts as rest.
    Resumes,
}

/// An attribute of a case that limits depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Attribute {
    /// Title.
    pub title: Text,
    /// Its values, with their titles.
    #[schemars(length(min = 1))]
    pub values: BTreeMap<String, Text>,
}

/// What was promised from one day to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Edition {
    /// Title, such as the charter's date.
    pub title: Text,
    /// First day of validity, `YYYY-MM-DD`; a clock counts by the edition of the day on which it starts. Left out: from ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub from: Option<String>,
    /// Last day of validity. Left out: no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub to: Option<String>,
    /// Where it can be read.
    #[schemars(length(min = 1))]
    pub source: Vec<String>,
    /// Whether someone has compared it with the original of its source. What is not verified is shown as such.
    #[serde(default)]
    pub verified: bool,
    /// What becomes of running cases when it comes into force.
    #[serde(default, skip_serializing_if = "Running::is_kept")]
    pub running: Running,
    /// The limits; the first whose attributes are those of the case holds.
    #[schemars(length(min = 1, max = 200))]
    pub limits: Vec<Limit>,
}

/// What becomes of running cases when an edition comes into force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Running {
    /// They keep theirs.
    #[default]
    Kept,
    /// They are moved to it: a transitional clause says so.
    Moved,
}

impl Running {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_kept(&self) -> bool {
        *self == Self::Kept
    }
}

/// A limit, for cases with certain attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Limit {
    /// Attributes that a case must have; left out: every case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, String>,
    /// The time.
    pub within: Within,
}

/// A length of time, in one unit; or the shorter or longer of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Within {
    /// At once: in the moment of the start, whatever the clock says.
    Immediately(#[schemars(with = "True")] bool),
    /// Minutes, day and night.
    Minutes(#[schemars(range(min = 1, max = 5_256_000))] u32),
    /// Hours, day and night.
    Hours(#[schemars(range(min = 1, max = 87_600))] u32),
    /// Minutes while the office is open.
    OfficeMinutes(#[schemars(range(min = 1, max = 600_000))] u32),
    /// Hours while the office is open.
    OfficeHours(#[schemars(range(min = 1, max = 10_000))] u32),
    /// Days of the calendar.
    Days(#[schemars(range(min = 1, max = 3_650))] u32),
    /// Days on which the office works.
    WorkingDays(#[schemars(range(min = 1, max = 2_500))] u32),
    /// Weeks.
    Weeks(#[schemars(range(min = 1, max = 520))] u32),
    /// Months: to the day of the same number, or the month's last.
    Months(#[schemars(range(min = 1, max = 120))] u32),
    /// The one that ends first.
    EarliestOf(#[schemars(length(min = 2, max = 8))] Vec<Self>),
    /// The one that ends last.
    LatestOf(#[schemars(length(min = 2, max = 8))] Vec<Self>),
}

/// A point at which a clock warns: so long before its end, or after so much of its time; one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Warning {
    /// So long before the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Within>,
    /// After this part of the time, in per cent; parts of a unit are counted as a whole one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 99))]
    pub percent: Option<u8>,
}

/// What a breach does. Nothing of it is imposed on a person by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(transform = closed)]
pub struct Breach {
    /// The ladder: one role after another is given a task of its own to see to the case. Such tasks fall away when the clock stops.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub escalate: Vec<Rung>,
    /// The role that the open tasks of the case pass to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub reassign: Option<String>,
    /// Processes of which a case is started, such as a first appeal, or a non-conformity. It is told `case`, `norm`, `due` and `number`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub start: Vec<String>,
    /// What silence means. The case receives a message; what follows, such as an order that waits for a signature, is drawn there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deem: Option<Deemed>,
    /// What may be due for the delay. It is reckoned, and never imposed by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub penalties: Vec<Penalty>,
}

/// A rung of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Rung {
    /// The role.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub role: String,
    /// How long after the breach; left out: at once. Each rung is later than the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Within>,
}

/// What silence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Deemed {
    /// The application counts as approved: the case receives the message `deemed-approved`.
    Approved,
    /// The application counts as refused: the case receives the message `deemed-refused`.
    Refused,
}

/// What may be due for a delay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = closed)]
pub struct Penalty {
    /// Title.
    pub title: Text,
    /// Whom it is due to.
    pub payee: Payee,
    /// Amount for each day of delay, a decimal such as `250`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"))]
    pub per_day: Option<String>,
    /// The days that count.
    #[serde(default, skip_serializing_if = "PenaltyDays::is_calendar")]
    pub days: PenaltyDays,
    /// The least lump sum that may be imposed instead of, or without, an amount for each day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"))]
    pub lump_from: Option<String>,
    /// The greatest lump sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"))]
    pub lump_to: Option<String>,
    /// The most that the days may come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"))]
    pub cap: Option<String>,
    /// Whether it is apportioned over those who held the case while it was late, by how long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apportioned: bool,
    /// Where it comes from.
    #[schemars(length(min = 1))]
    pub source: Vec<String>,
    /// Whether it was compared with the original of its source.
    #[serde(default)]
    pub verified: bool,
}

/// Whom a penalty is due to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Payee {
    /// The citizen: a compensation.
    Applicant,
    /// The State: a penalty.
    State,
}

/// The days of a delay that count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PenaltyDays {
    /// Every day.
    #[default]
    Calendar,
    /// Days on which the office works.
    Working,
}

impl PenaltyDays {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_calendar(&self) -> bool {
        *self == Self::Calendar
    }
}

/// Only `true` may be written.
#[derive(JsonSchema)]
#[schemars(extend("const" = true))]
struct True(#[expect(dead_code, reason = "stands for its schema")] bool);

/// The JSON Schema (2020-12) of a norm document.
pub fn norm_schema() -> Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>();
    schema.insert("$id".into(), json!("https://sevottam.example/schema/norm.schema.json"));
    schema.insert("title".into(), json!("Sevottam time norm"));
    schema.to_value()
}
