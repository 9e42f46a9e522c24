//! What offices send one another: editions that one issued, and what the other says of them. Each installation has a log and a key of its own,
//! and knows the other by its key alone.

use serde::{Deserialize, Serialize};

use crate::digest::Hash;
use crate::model::document::DocumentKind;
use crate::model::{Text, Time};

/// What is asked about other offices and what they send. All of it lies in the site log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "exchange", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Exchange {
    /// Recognises another office by its public key, by office order; under the same host's name, with another key from now on.
    Recognise {
        /// Its public key, under its host's name.
        key: String,
        /// What it is called.
        title: Text,
        /// How it stands to this one.
        relation: Relation,
        /// Number of the office order.
        order: String,
    },
    /// Recognises an office no longer.
    Disown {
        /// The host's name of its key.
        host: String,
        /// Number of the office order.
        order: String,
    },
    /// Takes in the editions of an amendment. Its proof was checked under the key.
    Receive {
        /// Where it comes from.
        source: Source,
        /// The key under which it was checked.
        key: String,
        /// The editions.
        editions: Vec<Edition>,
    },
    /// Acknowledges a received edition to the office that issued it.
    Acknowledge {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The edition as it was received.
        hash: Hash,
    },
    /// Takes in the acknowledgement of another office. Its proof was checked under the key.
    TakeIn {
        /// Where it comes from.
        source: Source,
        /// The key under which it was checked.
        key: String,
        /// What it says.
        told: Told,
    },
    /// Takes in that an office withdrew an edition that was received from it. Its proof was checked under the key.
    HearWithdrawal {
        /// Where it comes from.
        source: Source,
        /// The key under which it was checked.
        key: String,
        /// What it says.
        withdrawal: Withdrawal,
    },
}

impl Exchange {
    /// The entry's kind, in the past tense.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Recognise { .. } => "office.recognised",
            Self::Disown { .. } => "office.disowned",
            Self::Receive { .. } => "amendment.received",
            Self::Acknowledge { .. } => "amendment.acknowledged",
            Self::TakeIn { .. } => "acknowledgement.received",
            Self::HearWithdrawal { .. } => "withdrawal.received",
        }
    }
}

/// How another office stands to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// It sends amendments to this one.
    Above,
    /// It takes over amendments of this one, and acknowledges them.
    Below,
}

impl Relation {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
        }
    }
}

/// Where something comes from: the log of another office, as it was signed when it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The office, by the host's name of its key.
    pub host: String,
    /// The signed name of its log.
    pub log: String,
    /// The size of its checkpoint.
    pub size: u64,
    /// The root of its checkpoint.
    pub root: Hash,
    /// SHA-256 of the file.
    pub package: Hash,
}

/// An edition as another office issued it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// What it is.
    pub kind: DocumentKind,
    /// Id of the document.
    pub id: String,
    /// SHA-256 of its RFC 8785 bytes.
    pub hash: Hash,
    /// Issue number there.
    pub issue: u32,
    /// Revision number within it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u32,
    /// From when it is in force there.
    pub effective: Time,
    /// Why it was amended.
    pub reason: String,
    /// The entry of that office's log by which it was issued.
    pub index: u64,
    /// When that was recorded.
    pub issued: Time,
    /// Its text, byte for byte as its author wrote it.
    pub document: String,
}

/// What an office says of an edition that it received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The office that issued it, by the host's name of its key.
    pub to: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Id of the document.
    pub id: String,
    /// The edition as it was received.
    pub hash: Hash,
    /// Its issue number there.
    pub issue: u32,
    /// Its revision number there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u32,
    /// When it was received.
    pub received: Time,
    /// As what it was adopted, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<Adopted>,
    /// When it was received that it was withdrawn there, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Time>,
}

/// An acknowledgement, and the entry of its office's log that says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The entry.
    pub index: u64,
    /// When it was recorded.
    pub time: Time,
    /// What it says.
    pub acknowledgement: Acknowledgement,
}

/// That an office withdrew an edition which it had issued, and the entry of its log that says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// What it is.
    pub kind: DocumentKind,
    /// Id of the document.
    pub id: String,
    /// The edition.
    pub hash: Hash,
    /// Its issue number there.
    pub issue: u32,
    /// Its revision number there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u32,
    /// The entry by which it was issued.
    pub issued: u64,
    /// Whether it was withdrawn before its day, so that it was never in force.
    #[serde(default, skip_serializing_if = "is_false")]
    pub early: bool,
    /// Why.
    pub reason: String,
    /// The entry by which it was withdrawn.
    pub index: u64,
    /// When that was recorded.
    pub time: Time,
}

/// As what a received edition was issued by the office that took it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// Its content: another than was received where it was adapted.
    pub hash: Hash,
    /// Issue number of the office's own.
    pub issue: u32,
    /// Revision number within it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u32,
    /// From when it is in force there.
    pub effective: Time,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
