//! The office as data: units, posts, people, and appointments to posts by numbered office order, from a date to a date.

use serde::{Deserialize, Serialize};

use super::{PersonId, PostId, Text, Time, UnitId};
use crate::model::id::Made;

/// A unit of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Id.
    pub id: UnitId,
    /// Name.
    pub title: Text,
    /// The unit above it.
    pub parent: Option<UnitId>,
    /// Id of the calendar by which it works; left out: that of the unit above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

/// A post: a chair in a unit, with the roles that whoever sits on it plays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Id, unique in the office.
    pub id: PostId,
    /// The unit that it belongs to.
    pub unit: UnitId,
    /// Name.
    pub title: Text,
    /// Roles, by which definitions name performers.
    pub roles: Vec<String>,
}

/// A person: an official, or a member of the public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Pseudonym, the only form that enters a leaf.
    pub id: PersonId,
    /// Short name by which requests name their actor. Personal data.
    pub handle: String,
    /// Full name. Personal data.
    pub name: String,
}

/// An appointment of a person to a post by office order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Id.
    pub id: Made,
    /// The person.
    pub person: PersonId,
    /// The post.
    pub post: PostId,
    /// Number of the office order.
    pub order: String,
    /// First instant at which it holds.
    pub from: Time,
    /// First instant at which it no longer holds; none: until further orders.
    pub to: Option<Time>,
}

impl Appointment {
    /// Whether it holds at `at`.
    pub fn holds(&self, at: Time) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}
