//! The ledger of one clock: what happened to it, and nothing reckoned. Everything else follows from it, the norm and the calendar.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::Time;

/// By what a clock counts: positions in the norm's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Position of the edition.
    pub edition: u16,
    /// Position of the limit in it.
    pub limit: u16,
}

/// The ledger of one clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// When it started; after a restart, when it did so anew.
    pub start: Time,
    /// Of a norm that counts backward: the planned date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Date>,
    /// When it rested since, in the order of their beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rests: Vec<Rest>,
    /// When it was extended, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Time>,
}

/// A time during which a clock rested, or was asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// Position of its ground in the norm's document; none: between a stop and being taken up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<u16>,
    /// From when.
    pub from: Time,
    /// Until when; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
}

/// The end of a clock's time, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// When the time is over: the first instant that is late. None while the clock rests without limit.
    pub due: Option<Time>,
    /// Whether a provisional holiday took part in it.
    pub provisional: bool,
    /// Whether all its days lie where the lists of holidays are said to be complete.
    pub covered: bool,
    /// When it warns, in the order of the norm's document; empty without a due instant.
    pub warnings: Vec<Time>,
    /// When each rung of the ladder is reached, in order; empty without a due instant.
    pub rungs: Vec<Time>,
}

impl Deadline {
    /// Whether what is done at `time` is late.
    pub fn is_late(&self, time: Time) -> bool {
        self.due.is_some_and(|due| time >= due)
    }
}
