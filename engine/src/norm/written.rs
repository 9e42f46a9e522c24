//! How instants and amounts are written in JSON: as text, so that no reader rounds them.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

use super::read;
use crate::model::Time;

/// An instant as RFC 3339, or nothing.
pub(super) mod maybe_time {
    use super::{Deserialize, Deserializer, Error, Serializer, Time};

    #[expect(clippy::ref_option, reason = "serde asks with a reference")]
    pub(in super::super) fn serialize<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(time),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Time::parse(&text).ok_or_else(|| D::Error::custom("no instant"))).transpose()
    }
}

/// An amount of money.
pub(super) mod amount {
    use super::{Decimal, Deserialize, Deserializer, Error, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(amount)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map_err(D::Error::custom)
    }
}

/// An amount of money, or nothing.
pub(super) mod maybe_amount {
    use super::{Decimal, Deserialize, Deserializer, Error, Serializer};

    #[expect(clippy::ref_option, reason = "serde asks with a reference")]
    pub(in super::super) fn serialize<S: Serializer>(amount: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => serializer.collect_str(amount),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Decimal::from_str_exact(&text).map_err(D::Error::custom)).transpose()
    }
}

/// An amount as a norm has it; a norm that compiled has no other.
pub(super) fn authored(text: Option<&str>) -> Option<Decimal> {
    text.and_then(read::amount)
}
