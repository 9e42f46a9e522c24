//! The working calendar as authored: week, hours, holidays and amendments of one layer (nation, state, office, service), as JSON.
//!
//! These types generate `definitions/schema/calendar.schema.json`. They say what may be written; what it means, and whether it can
//! be reckoned with, is decided by `calendar`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Text;
use super::definition::{Owner, closed};

/// A calendar document. Amended, it is a new version of the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Document {
    /// Where the schema of this document lies; editors use it.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Id of the calendar, the same for all its versions, such as `in.central.delhi`.
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub id: String,
    /// Title.
    pub title: Text,
    /// For whom it holds, and what it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Rules and orders that it carries out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// Where its content comes from, for a reader who wants to check it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Whether someone has compared it with the original of its source. What is not verified is shown as such.
    #[serde(default)]
    pub verified: bool,
    /// The post that answers for it.
    pub owner: Owner,
    /// Id of the calendar below, whose zone, week and days hold where this one says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"))]
    pub extends: Option<String>,
    /// IANA name of the time zone, such as `Asia/Kolkata`. The lowest layer needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Office hours of a week; they replace the whole week below. The lowest layer needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<Week>,
    /// The days for which its holidays are said to be complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Covers>,
    /// Holidays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Single days with hours of their own: a half day, a working Saturday, a holiday on which this office works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// Later orders, applied in this order upon what stands above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
}

/// Office hours of a week. A weekday that is left out is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Week {
    /// Monday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monday: Vec<Shift>,
    /// Tuesday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tuesday: Vec<Shift>,
    /// Wednesday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wednesday: Vec<Shift>,
    /// Thursday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thursday: Vec<Shift>,
    /// Friday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub friday: Vec<Shift>,
    /// Saturday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saturday: Vec<Shift>,
    /// Sunday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sunday: Vec<Shift>,
}

impl Week {
    /// The shifts of each weekday, Monday first.
    pub fn shifts(&self) -> [&[Shift]; 7] {
        [&self.monday, &self.tuesday, &self.wednesday, &self.thursday, &self.friday, &self.saturday, &self.sunday]
    }
}

/// A stretch of office time, on the clock of the office. Lunch is what lies between two shifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Shift {
    /// Opening, `HH:MM`.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub from: String,
    /// Closing, `HH:MM`; `24:00` is the end of the day. A night shift is two: until `24:00`, and from `00:00` on the day after.
    #[schemars(regex(pattern = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))]
    pub to: String,
}

/// A span of days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Covers {
    /// First day, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub to: String,
}

/// A holiday: one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Holiday {
    /// Date, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub date: String,
    /// Title.
    pub title: Text,
    /// What it does to the office.
    #[serde(default, skip_serializing_if = "HolidayKind::is_closed")]
    pub kind: HolidayKind,
    /// Where it comes from, when not from the calendar's own source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Whether it was compared with the original of its source; left out: as the calendar says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// What a holiday does to the office.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HolidayKind {
    /// The office is closed.
    #[default]
    Closed,
    /// Personal leave of those who choose it; the office works, and no clock stops.
    Restricted,
    /// Closed as far as is known. Every result that rests on it is marked provisional.
    Provisional,
}

impl HolidayKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_closed(&self) -> bool {
        *self == Self::Closed
    }
}

/// A single day with hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Day {
    /// Date, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub date: String,
    /// Why.
    pub title: Text,
    /// Its hours.
    #[schemars(length(min = 1))]
    pub shifts: Vec<Shift>,
    /// Where it comes from, when not from the calendar's own source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
}

/// A later order. Its parts are applied in this order: `remove`, `move`, `add`, `days`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Amendment {
    /// Number of the order.
    #[schemars(length(min = 1, max = 200))]
    pub number: String,
    /// Date of the order, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub date: String,
    /// Where the order can be read.
    #[schemars(length(min = 1))]
    pub source: Vec<String>,
    /// Lines that no longer hold, of this calendar or one below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<Removal>,
    /// Holidays that fall on another date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub r#move: Vec<Move>,
    /// New holidays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Holiday>,
    /// New hours of single days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
}

/// A line that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Removal {
    /// Its date, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub date: String,
    /// Its English title; only needed where the date has several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A holiday that falls on another date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = closed)]
pub struct Move {
    /// The date until now, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub from: String,
    /// The date from now on, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub to: String,
    /// Its English title; only needed where the date has several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does from now on, such as `closed` once the date is certain; left out: as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<HolidayKind>,
}

/// What becomes of a date on which the office is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Roll {
    /// It stays.
    #[default]
    None,
    /// The next working day.
    Forward,
    /// The working day before.
    Backward,
    /// The next working day; where that lies in the next month, the working day before.
    ModifiedForward,
}

/// The JSON Schema (2020-12) of a calendar document.
pub fn calendar_schema() -> Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>();
    schema.insert("$id".into(), json!("https://sevottam.example/schema/calendar.schema.json"));
    schema.insert("title".into(), json!("Sevottam calendar"));
    schema.to_value()
}
