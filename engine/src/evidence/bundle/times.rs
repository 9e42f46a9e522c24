//! When entries say that they were recorded, held against what others saw at which time: nothing is from after it was seen, and nothing that was
//! not there yet from long before.

use super::check::Report;
use super::policy::{Outside, When};
use crate::model::Time;

/// Seconds by which clocks may differ, and a signature or an answer be late.
pub const TOLERANCE_SECONDS: i64 = 120;

/// What was seen of one log, and the entries that contradict it.
pub(super) struct Times<'a>(Vec<Bound<'a>>);

struct Bound<'a> {
    /// Entries below it were there.
    size: u64,
    when: When,
    /// Who has seen it.
    by: &'a str,
    /// Entries that are shown and say that they are from after it, and how many: the first of them, the last.
    ahead: Option<Range>,
    /// Entries that were not there yet, and say that they are from before.
    behind: Option<Range>,
}

struct Range {
    first: u64,
    last: u64,
    count: u64,
    time: Time,
}

fn add(range: &mut Option<Range>, index: u64, time: Time) {
    let range = range.get_or_insert(Range { first: index, last: index, count: 0, time });
    (range.last, range.count) = (index, range.count + 1);
}

impl<'a> Times<'a> {
    /// By the policy's checkpoints of this log that have a time, and by the witnesses that have cosigned what is signed of it.
    pub(super) fn new(seen: &[Outside], cosigned: &'a [(String, Time)], size: u64) -> Self {
        let bound = |size, when, by| Bound { size, when, by, ahead: None, behind: None };
        let seen = seen.iter().filter_map(|one| Some(bound(one.size, one.when?, "the policy")));
        // Nothing beyond it is in the bundle.
        let cosigned = cosigned.iter().map(|(witness, time)| bound(size, When::By(*time), witness.as_str()));
        Self(seen.chain(cosigned).collect())
    }

    /// Holds an entry against them.
    pub(super) fn entry(&mut self, index: u64, time: Time) {
        for bound in &mut self.0 {
            let (When::By(seen) | When::At(seen)) = bound.when;
            if index < bound.size && time > seen.plus_seconds(TOLERANCE_SECONDS) {
                add(&mut bound.ahead, index, time);
            }
            if index >= bound.size && matches!(bound.when, When::At(_)) && time < seen.plus_seconds(-TOLERANCE_SECONDS) {
                add(&mut bound.behind, index, time);
            }
        }
    }

    /// Says what was found of a log.
    pub(super) fn report(self, log: &str, report: &mut Report) {
        for Bound { size, when, by, ahead, behind } in self.0 {
            let (When::By(seen) | When::At(seen)) = when;
            if let Some(Range { first, last, count, time }) = ahead {
                let message = format!(
                    "{log}: {count} entries, from {first} to {last}, say that they were recorded from {time} on, and {by} had seen them by {seen}: the \
                     office's clock was ahead, or that of whoever saw them was behind, or they are dated later than they were."
                );
                report.tampered("time.ahead", message);
            }
            if let Some(Range { first, last, count, time }) = behind {
                let message = format!(
                    "{log}: {count} entries, from {first} to {last}, say that they were recorded from {time} on, and at {seen} {by} saw a log of \
                     {size} entries, without them: the office's clock was behind, or that of whoever saw it was ahead, or they are dated earlier than \
                     they were."
                );
                report.tampered("time.behind", message);
            }
        }
    }
}
