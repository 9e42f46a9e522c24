//! Who asks for what is done: a person, or the program itself.

use serde::{Deserialize, Serialize};

use crate::model::PersonId;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// A registered person, by pseudonym.
    Person(PersonId),
    /// The program itself: timers, follow-ups.
    System,
}

impl Actor {
    /// The person, if it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::System => None,
        }
    }
}

/// As written in a leaf: the pseudonym, or `system`.
impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(person) => person.fmt(f),
            Self::System => f.write_str("system"),
        }
    }
}
