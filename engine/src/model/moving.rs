//! The move of a running case to another version of its process, as it is asked for and as it is recorded.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How a case is moved. Steps of the same id and kind correspond by themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapping {
    /// The step of the new version for a step of the old one, by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, String>,
    /// Variables that the new version does not declare: their values are left behind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<String>,
    /// Running clocks that the new version does not bind, and that run on until the case ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// Running clocks that the new version does not bind, and that end now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub end: Vec<String>,
    /// Clocks of the new version that begin now, though what starts them may be past.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub begin: Vec<String>,
}

/// By whose order a case is moved, why, and with whose consent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authority {
    /// The office order.
    pub order: String,
    /// Why.
    pub reason: String,
    /// The applicant's consent, where something changes to their disadvantage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// What a move took from an applicant, with their consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// The code of what it is.
    pub right: String,
    /// The clock or the step that it is about.
    pub name: String,
}

/// That an applicant agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// Who gave it: the applicant, or in what right somebody else did. No name: that is in the record.
    pub by: String,
    /// On which day.
    pub date: Date,
    /// The record in which it is.
    pub record: String,
}
