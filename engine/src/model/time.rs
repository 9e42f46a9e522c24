//! Instants: microseconds since 1970 in UTC, the unit of the journal and of every store; and how dates, durations and zones are written.

use jiff::civil::Date;
use jiff::fmt::temporal::SpanParser;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::limits::DURATION_BYTES_MAX;

/// An instant, in whole microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// The instant of a timestamp, cut to microseconds.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }

    /// As a timestamp. Instants come from clocks and parsed text, both within jiff's range; one out of range is held at its end.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// This instant and `seconds` later (earlier when negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Parses an RFC 3339 instant such as `2026-11-22T04:00:01Z`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(Self::from_timestamp)
    }
}

/// `2026-11-22T04:00:01.000000Z`: always six digits, so that text order is time order.
impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

/// An ISO 8601 duration such as `P3M` or `PT48H`, in capitals and without a minus. `P1D` is a calendar day, `PT24H` is not.
pub fn duration(text: &str) -> Option<Span> {
    // The parser also takes small letters, which ISO 8601 does not have, and signs within.
    let text = text.strip_prefix('+').unwrap_or(text);
    let plain = text.len() <= DURATION_BYTES_MAX && text.starts_with('P') && !text.bytes().any(|b| b.is_ascii_lowercase());
    plain.then(|| SpanParser::new().parse_span(text).ok()).flatten()
}

/// A date `YYYY-MM-DD`, and nothing else.
pub fn date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let plain = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    plain.then(|| text.parse().ok()).flatten()
}

/// The zone of this name in the bundled IANA database; the machine's own is never read. A name in other letters is found too.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}
