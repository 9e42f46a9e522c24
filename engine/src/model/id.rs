//! Identifiers. Those of cases, tasks and jobs come from the command that made them, so nothing here is random.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::ID_BYTES_MAX;

/// What is wrong with an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a well-formed {1}")]
pub struct BadId(pub String, pub &'static str);

/// Whether `text` is a slug: lower-case ASCII letters, digits, and `separators` between them.
fn is_slug(text: &str, separators: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    !bytes.is_empty()
        && bytes.len() <= ID_BYTES_MAX
        && plain(bytes[0])
        && plain(bytes[bytes.len() - 1])
        && bytes.iter().all(|&b| plain(b) || separators.contains(&b))
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.into())) } else { Err(BadId(text.chars().take(80).collect(), $what)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

text_id!(
    /// A unit of the office: apex, zone, commissionerate, division, range. Lower-case letters, digits and `-`.
    UnitId, "unit id", |t| is_slug(t, b"-"));
text_id!(
    /// A post, such as `refund-process-owner`.
    PostId, "post id", |t| is_slug(t, b"-"));
text_id!(
    /// A person's pseudonym: `p_` and 32 hexadecimal digits. The name lies in a payload, never in a leaf.
    PersonId, "person id", |t| t.strip_prefix("p_").is_some_and(|h| h.len() == 32 && unhex16(h).is_some()));

impl PersonId {
    /// The pseudonym of the person that `command` registered.
    pub fn of(command: CommandId) -> Self {
        Self(format!("p_{command}").into())
    }
}

impl UnitId {
    /// The log of what belongs to no unit: people, appointments, units. No unit may be called so.
    pub const SITE: &'static str = "site";

    /// The access log: who has read personal values of which case. It is a unit's log like any other, but that it belongs to no unit; none
    /// may be called so.
    pub const ACCESS: &'static str = "access";

    /// The site log's id.
    pub fn site() -> Self {
        Self(Self::SITE.into())
    }

    /// The access log's id.
    pub fn access() -> Self {
        Self(Self::ACCESS.into())
    }
}

/// A command: the first 16 bytes of SHA-256(actor ‖ key), unique within the unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub [u8; 16]);

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0u8; 32];
        for (i, byte) in self.0.iter().enumerate() {
            text[2 * i] = DIGITS[usize::from(byte >> 4)];
            text[2 * i + 1] = DIGITS[usize::from(byte & 15)];
        }
        // Invariant: hexadecimal digits are ASCII.
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn unhex16(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 32 {
        return None;
    }
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let mut out = [0u8; 16];
    for (i, pair) in bytes.chunks_exact(2).enumerate() {
        out[i] = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

impl FromStr for CommandId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        unhex16(text).map(Self).ok_or_else(|| BadId(text.chars().take(80).collect(), "command id"))
    }
}

/// Serialises through `Display` and `FromStr`.
macro_rules! serde_as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

serde_as_text!(CommandId);

/// A case (process instance): the unit whose log keeps it and the command that started it. `mumbai-3.6f1e…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId {
    /// The unit that started it; its log keeps it.
    pub unit: UnitId,
    /// The command that started it.
    pub command: CommandId,
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.unit, self.command)
    }
}

impl FromStr for InstanceId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId(text.chars().take(120).collect(), "instance id");
        let (unit, command) = text.split_once('.').ok_or_else(bad)?;
        Ok(Self { unit: unit.parse().map_err(|_| bad())?, command: command.parse().map_err(|_| bad())? })
    }
}

serde_as_text!(InstanceId);

/// The place of something that a command made: the command and an ordinal within it. `6f1e…-2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Made {
    /// The command that made it.
    pub command: CommandId,
    /// Which of the things that the command made, from 0.
    pub ordinal: u16,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.command, self.ordinal)
    }
}

impl FromStr for Made {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId(text.chars().take(80).collect(), "id");
        let (command, ordinal) = text.split_once('-').ok_or_else(bad)?;
        let made = Self { command: command.parse().map_err(|_| bad())?, ordinal: ordinal.parse().map_err(|_| bad())? };
        if made.ordinal.to_string() == ordinal { Ok(made) } else { Err(bad()) }
    }
}

serde_as_text!(Made);

/// A user task within a unit's log; outside it is written behind the unit: `mumbai-3.6f1e…-2`.
pub type TaskId = Made;
/// A job of an external worker within a unit's log.
pub type JobId = Made;

/// Something that a command made, with the unit that keeps it: the form that leaves the log. `mumbai-3.6f1e…-2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Located {
    /// The unit whose log keeps it.
    pub unit: UnitId,
    /// Its id within that log.
    pub made: Made,
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.unit, self.made)
    }
}

impl FromStr for Located {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId(text.chars().take(120).collect(), "id");
        let (unit, made) = text.split_once('.').ok_or_else(bad)?;
        Ok(Self { unit: unit.parse().map_err(|_| bad())?, made: made.parse().map_err(|_| bad())? })
    }
}

serde_as_text!(Located);

/// Whether `text` is the id of a step: letters, digits, `.`, `-`, `_` and a closing `?`, at most 64 bytes.
pub fn is_step_id(text: &str) -> bool {
    let stem = text.strip_suffix('?').unwrap_or(text);
    !stem.is_empty()
        && text.len() <= ID_BYTES_MAX
        && stem.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Whether `text` can name a variable: ASCII letters, digits and `_`, not starting with a digit, at most 64 bytes.
pub fn is_variable_name(text: &str) -> bool {
    text.len() <= ID_BYTES_MAX
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether `text` is the code of a role, topic or record: a slug with `-` and `.`.
pub fn is_code(text: &str) -> bool {
    is_slug(text, b"-.")
}
