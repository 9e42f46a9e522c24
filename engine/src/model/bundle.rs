//! What is chosen for a bundle of evidence.

use serde::{Deserialize, Serialize};

use super::{CommandId, Time, UnitId};

/// What was chosen: whatever happened in a unit, and within it only what all of these say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The unit.
    pub unit: UnitId,
    /// These cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CommandId>,
    /// Cases of these processes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<String>,
    /// What happened then or later, and the cases in which it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// What happened before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Instant>,
}

impl Chosen {
    /// Whether only cases were chosen, and nothing beside them.
    pub fn is_of_cases(&self) -> bool {
        !self.cases.is_empty() || !self.processes.is_empty()
    }

    /// Whether an instant lies in the period.
    pub fn is_in_period(&self, time: Time) -> bool {
        self.from.is_none_or(|from| from.0 <= time) && self.to.is_none_or(|to| time < to.0)
    }
}

/// An instant as leaves write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(pub Time);

impl TryFrom<String> for Instant {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let time = Time::parse(&text).filter(|time| time.0 >= 0 && time.to_string() == text);
        time.map(Self).ok_or("no instant as leaves write it")
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.0.to_string()
    }
}
