//! How a case stands.

use serde::{Deserialize, Serialize};

/// How a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstanceStatus {
    /// It goes on.
    Active,
    /// Halted.
    Suspended,
    /// At its end.
    Completed,
    /// Ended before its time.
    Cancelled,
}

impl InstanceStatus {
    /// All, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Active, Self::Suspended, Self::Completed, Self::Cancelled];

    /// The number it has in a store.
    pub fn code(self) -> i64 {
        match self {
            Self::Active => 0,
            Self::Suspended => 1,
            Self::Completed => 2,
            Self::Cancelled => 3,
        }
    }

    /// From the number in a store.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// The word, as in JSON and URLs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}
