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

    /// Parses an instant that is spelled as it is displayed, and no other.
    pub fn spelled(text: &str) -> Option<Self> {
        Self::digits(text).or_else(|| Self::parse(text).filter(|time| time.to_string() == text))
    }

    /// Such an instant of the years from 1970 to 9998, which has one form, by its digits alone: entries are read by the hundred thousand.
    fn digits(text: &str) -> Option<Self> {
        let bytes: &[u8; 27] = text.as_bytes().try_into().ok()?;
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0i64, |sum, digit| digit.is_ascii_digit().then(|| 10 * sum + i64::from(digit - b'0')))
        };
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (26, b'Z')];
        if marks.iter().any(|(place, mark)| bytes[*place] != *mark) {
            return None;
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second, micros) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 26)?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + i64::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1970..9999).contains(&year) || !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        // Years begin in March here, so that the leap day is the last.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
        Some(Self((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros))
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

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn an_instant_is_read_by_its_digits_just_as_by_the_rules() {
        let check = |text: &str| {
            let expected = Time::parse(text).filter(|time| time.to_string() == text);
            assert_eq!(Time::spelled(text), expected, "{text}");
        };
        for year in ["-009998", "0000", "1969", "1970", "1999", "2000", "2024", "2026", "2100", "9998", "9999", "10000"] {
            for month in 0..=13 {
                for day in [0, 1, 27, 28, 29, 30, 31, 32] {
                    for rest in
                        ["00:00:00.000000Z", "23:59:59.999999Z", "23:59:60.000000Z", "24:00:00.000000Z", "04:60:00.000000Z"]
                    {
                        check(&format!("{year}-{month:02}-{day:02}T{rest}"));
                    }
                }
            }
        }
        let text = "2026-11-22T04:00:01.000000Z";
        for place in 0..text.len() {
            for piece in ["", "+", "-", "0", "9", "a", " ", ".", "z", "é"] {
                check(&[&text[..place], piece, &text[place + 1..]].concat());
                check(&[&text[..place], piece, &text[place..]].concat());
            }
        }
    }
}
