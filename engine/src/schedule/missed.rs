//! What is made up for after the program did not run, and how much is left out: bounded, and counted without being listed.

use jiff::{SignedDuration, Timestamp};

use super::{IsWorking, Occurrence, Schedule};
use crate::model::schedule::Missed as Policy;

/// Occurrences whose instants passed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missed {
    /// Those to run now, in the order of time.
    pub run: Vec<Occurrence>,
    /// How many more there were, all before them, which are left out.
    pub skipped: u64,
}

impl Schedule {
    /// What was missed after `last`, the last instant that was attended to, up to and with `now`.
    ///
    /// Whatever fell due counts as missed, be it a second ago: whoever runs the schedule says how late is still on time, by `last`.
    pub fn missed(&self, last: Timestamp, now: Timestamp, is_working: IsWorking<'_>) -> Missed {
        let total = self.count(last, now, is_working);
        let wanted = match self.missed {
            Policy::Each => total.min(u64::from(self.at_most)),
            Policy::Latest => total.min(1),
            Policy::None => 0,
        };
        let mut run = Vec::new();
        let mut after = if wanted == 0 { now } else { self.before_newest(wanted, last, now, is_working) };
        while let Some(occurrence) = self.next_after(after, is_working).filter(|occurrence| occurrence.instant <= now) {
            after = occurrence.instant;
            run.push(occurrence);
        }
        Missed { skipped: total - run.len() as u64, run }
    }

    /// The newest occurrence after `after`, up to and with `until`.
    pub fn newest(&self, after: Timestamp, until: Timestamp, is_working: IsWorking<'_>) -> Option<Occurrence> {
        if self.count(after, until, is_working) == 0 {
            return None;
        }
        self.next_after(self.before_newest(1, after, until, is_working), is_working)
    }

    /// The latest instant after which as many as `wanted` occurrences lie until `now`, found by doubling and then halving a span of time.
    /// There are at least so many after `last`, and all are at whole seconds, so those that lie there are exactly as many.
    fn before_newest(&self, wanted: u64, last: Timestamp, now: Timestamp, is_working: IsWorking<'_>) -> Timestamp {
        let start = |seconds: i64| now.checked_sub(SignedDuration::from_secs(seconds)).map_or(last, |start| start.max(last));
        let enough = |seconds: i64| self.count(start(seconds), now, is_working) >= wanted;
        let mut high = 1_i64;
        while start(high) > last && !enough(high) {
            high *= 2;
        }
        let mut low = high / 2;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if enough(middle) { high = middle } else { low = middle }
        }
        start(high)
    }
}
