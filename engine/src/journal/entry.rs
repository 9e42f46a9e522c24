//! Entries: one accepted command, its place in the log, and the events it made.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::codec::{HANDED_OVER, variable_of};
use super::event::Event;
use crate::digest::Hash;
use crate::model::{CommandId, PostId, Time};

/// Where an event comes from: what every event of one entry shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The command.
    pub command: CommandId,
    /// Who asked.
    pub actor: Actor,
    /// When it was recorded.
    pub time: Time,
}

/// An entry as read back: what the leaf says, and the events of its payloads.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Index in the log, from 0.
    pub index: u64,
    /// Kind, such as `task.completed`.
    pub kind: String,
    /// Command, actor, time.
    pub origin: Origin,
    /// The post by which the actor acted.
    pub via: Option<PostId>,
    /// The case.
    pub link: Option<Link>,
    /// The definition in force for the case.
    pub definition: Option<Hash>,
    /// RFC 6962 leaf hash.
    pub leaf_hash: Hash,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Whether some of its values lie, or lay, apart as what was handed over.
    pub handed_over: bool,
}

/// An entry's place among those of its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The case.
    pub instance: CommandId,
    /// 1, 2, 3 … within the case.
    pub sequence: u64,
    /// Leaf hash of the case's entry before; none for the first.
    pub previous: Option<Hash>,
}

/// An entry as stored: the exact bytes, written once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Index in the log.
    pub index: u64,
    /// When it was recorded; also in the leaf.
    pub time: Time,
    /// The command; also in the leaf.
    pub command: CommandId,
    /// SHA-256 of the command's content, for idempotency.
    pub content: Hash,
    /// The case and the place in it; also in the leaf.
    pub link: Option<Link>,
    /// The bytes that are hashed.
    pub leaf: String,
    /// Values beside the leaf, each committed by it. The first is the event list.
    pub payloads: Vec<Payload>,
}

impl Sealed {
    /// Whether values of it lie, or lay, apart as what was handed over.
    pub fn is_handed_over(&self) -> bool {
        self.payloads.iter().skip(1).any(|payload| variable_of(&payload.name) == HANDED_OVER)
    }
}

/// A value beside a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Name within the entry: `events`, or the personal field's name and a number.
    pub name: String,
    /// Fresh from the system's random source; with it erased, the commitment says nothing.
    pub salt: [u8; 32],
    /// The bytes; none once erased.
    pub body: Option<String>,
}

/// What a caller holds in hand: where the command stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Origin of the log, such as `office.example/unit/mumbai-3/1`.
    pub log: String,
    /// Index of the entry.
    pub index: u64,
    /// RFC 6962 hash of the entry's leaf.
    pub leaf: Hash,
    /// When it was recorded.
    pub time: String,
}
