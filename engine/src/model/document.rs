//! Controlled documents that the engine reads beside processes.

use serde::{Deserialize, Serialize};

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// A time norm.
    Norm,
    /// A working calendar.
    Calendar,
    /// A schedule.
    Schedule,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Norm, Self::Calendar, Self::Schedule];

    /// The word for it, in JSON and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Norm => "norm",
            Self::Calendar => "calendar",
            Self::Schedule => "schedule",
        }
    }
}
