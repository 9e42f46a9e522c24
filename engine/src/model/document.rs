//! Kinds of controlled documents.

use serde::{Deserialize, Serialize};

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// A process definition.
    Process,
    /// A time norm.
    Norm,
    /// A working calendar.
    Calendar,
    /// A schedule.
    Schedule,
    /// A page that people read: a charter, a part of the manual.
    Page,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Process, Self::Norm, Self::Calendar, Self::Schedule, Self::Page];

    /// The word for it, in JSON and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Norm => "norm",
            Self::Calendar => "calendar",
            Self::Schedule => "schedule",
            Self::Page => "page",
        }
    }
}
