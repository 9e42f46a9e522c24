//! A feed of instants (RFC 5545) that calendar programs subscribe to: what is planned, and deadlines.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::ical::{escaped, fold};
use crate::model::{Language, Time};

/// What a feed is called, and how it is written.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Name that calendar programs show.
    pub name: String,
    /// Language of its texts.
    pub language: Language,
    /// When it was written.
    pub stamp: Time,
}

/// An event of a feed: an instant without a length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// The same for the same thing for ever, unique in the world.
    pub uid: String,
    /// When.
    pub at: Time,
    /// One line.
    pub summary: String,
    /// More, in any number of lines; may be empty.
    pub description: String,
    /// One word that programs may sort by.
    pub category: &'static str,
    /// Whether it may still move.
    pub tentative: bool,
}

impl Feed {
    /// Writes events in their order. Of two with the same UID the later one gets a number.
    pub fn write(&self, events: &[FeedEvent]) -> String {
        let mut text = String::new();
        let language = self.language.tag();
        let name = escaped(&self.name);
        for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sevottam//Calendar//EN", "CALSCALE:GREGORIAN"] {
            fold(&mut text, line);
        }
        // RFC 7986, and what programs knew before it.
        fold(&mut text, &format!("NAME;LANGUAGE={language}:{name}"));
        fold(&mut text, &format!("X-WR-CALNAME:{name}"));
        fold(&mut text, "REFRESH-INTERVAL;VALUE=DURATION:PT6H");
        fold(&mut text, "X-PUBLISHED-TTL:PT6H");
        let mut seen = BTreeSet::new();
        for event in events {
            let plain = event.uid.as_str();
            let mut uid = plain.to_owned();
            let mut number = 2_u32;
            while !seen.insert(uid.clone()) {
                uid = format!("{number}-{plain}");
                number += 1;
            }
            fold(&mut text, "BEGIN:VEVENT");
            fold(&mut text, &format!("UID:{}", escaped(&uid)));
            fold(&mut text, &format!("DTSTAMP:{}", instant(self.stamp)));
            fold(&mut text, &format!("DTSTART:{}", instant(event.at)));
            fold(&mut text, &format!("SUMMARY;LANGUAGE={language}:{}", escaped(&event.summary)));
            if !event.description.is_empty() {
                fold(&mut text, &format!("DESCRIPTION;LANGUAGE={language}:{}", escaped(&event.description)));
            }
            fold(&mut text, &format!("CATEGORIES:{}", event.category));
            fold(&mut text, if event.tentative { "STATUS:TENTATIVE" } else { "STATUS:CONFIRMED" });
            // Nobody is taken for busy by it.
            fold(&mut text, "TRANSP:TRANSPARENT");
            fold(&mut text, "END:VEVENT");
        }
        fold(&mut text, "END:VCALENDAR");
        text
    }
}

/// An instant in UTC, as `20261122T043000Z`.
fn instant(time: Time) -> String {
    TimeZone::UTC.to_datetime(time.timestamp()).strftime("%Y%m%dT%H%M%SZ").to_string()
}
