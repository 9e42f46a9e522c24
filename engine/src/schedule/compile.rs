//! The document against sense: a schedule that can be asked, or every problem of the document.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ToSpan};

use super::cron::Cron;
use super::dates::{Dates, FIRST, LAST, Rule};
use super::elapsed::Elapsed;
use super::timeline::Timeline;
use super::times::Times;
use super::{Plan, Schedule};
use crate::model::limits::{
    MISSED_DEFAULT, MISSED_MAX, SCHEDULE_DATA_BYTES_MAX, SCHEDULE_ROUND_MAX, SCHEDULE_TIMES_MAX, SCHEDULE_YEAR_MAX,
};
use crate::model::problem::short;
use crate::model::schedule::{self as authored, Gap, Missed, Overlap, Roll};
use crate::model::{Problem, time};

/// Compiles a document, or says everything that is wrong with it.
pub fn compile(document: &authored::Schedule) -> Result<Schedule, Vec<Problem>> {
    let mut draft = Draft { document, problems: Vec::new() };
    let zone = draft.zone();
    let time = draft.time();
    let (from, to) = draft.validity();
    let at_most = draft.at_most();
    draft.does();
    let rule = draft.rule();
    draft.misplaced();
    let (anchor, awaits) = draft.anchor();
    let (Some(zone), Some(time), Some(rule), true) = (zone, time, rule, draft.problems.is_empty()) else {
        return Err(draft.problems);
    };

    let plan = match rule {
        Found::Elapsed { seconds, times } => Plan::Elapsed(Elapsed { zone, seconds, times, anchor, time, from, to }),
        Found::Dates(rule) => {
            let (times, rhythm, hourly) = match &rule {
                Rule::Cron(cron) => (cron.times.clone(), cron.rhythm, cron.hourly),
                _ => (Times::one(time), false, false),
            };
            let dates = Dates { rule, anchor, from, to, roll: document.roll };
            let fills_gaps = document.policies.gap == Gap::After && !hourly;
            let fires_twice = document.policies.overlap == Overlap::Both || rhythm;
            Plan::Local(Timeline { zone, dates, times, fills_gaps, fires_twice })
        }
    };
    let schedule = Schedule { plan, awaits, missed: document.policies.missed, at_most };
    if schedule.ever_falls() { Ok(schedule) } else { Err(vec![draft.never()]) }
}

impl Schedule {
    /// Whether it has an occurrence at all, if every day were a working day. One that awaits its anchor may have.
    fn ever_falls(&self) -> bool {
        self.awaits.is_some()
            || match &self.plan {
                Plan::Local(timeline) => timeline.dates.next_nominal(FIRST.saturating_sub(1.day()), &|_| true).is_some(),
                Plan::Elapsed(elapsed) => elapsed.next_after(jiff::Timestamp::MIN).is_some(),
            }
    }
}

/// What `when` was found to say.
enum Found {
    Dates(Rule),
    Elapsed { seconds: i64, times: Option<u32> },
}

struct Draft<'a> {
    document: &'a authored::Schedule,
    problems: Vec<Problem>,
}

impl Draft<'_> {
    fn error(&mut self, code: &str, pointer: &str, message: impl Into<String>) {
        self.problems.push(Problem::error(code, pointer, message));
    }

    fn zone(&mut self) -> Option<TimeZone> {
        let name = &self.document.zone;
        let found = time::zone(name);
        match found.as_ref().and_then(TimeZone::iana_name) {
            Some(right) if right == name => return found,
            Some(right) => {
                let message = format!("\"{}\" is not how the zone is written. Write \"{right}\".", short(name));
                self.error("schedule.zone", "/zone", message);
            }
            None => {
                let message = format!("\"{}\" is no zone of the IANA database. Write one such as Asia/Kolkata.", short(name));
                self.error("schedule.zone", "/zone", message);
            }
        }
        None
    }

    fn time(&mut self) -> Option<Time> {
        let Some(text) = &self.document.time else { return Some(Time::midnight()) };
        let well_formed = matches!(text.len(), 5 | 8)
            && text.bytes().enumerate().all(|(at, byte)| match at {
                2 | 5 => byte == b':',
                _ => byte.is_ascii_digit(),
            });
        let time = well_formed.then(|| text.parse::<Time>().ok()).flatten();
        if time.is_none() {
            let message = format!("\"{}\" is no time of day. Write one such as 09:30.", short(text));
            self.error("schedule.time", "/time", message);
        }
        time
    }

    /// The first and the last date, those of the calendar where none is given.
    fn validity(&mut self) -> (Date, Date) {
        let from = self.date("/from", self.document.from.as_deref()).unwrap_or(FIRST);
        let to = self.date("/to", self.document.to.as_deref()).unwrap_or(LAST);
        if to < from {
            self.error("schedule.validity", "/to", "The last date lies before the first. Exchange them, or correct one.");
        }
        (from, to)
    }

    fn date(&mut self, pointer: &str, text: Option<&str>) -> Option<Date> {
        let text = text?;
        let date = date(text);
        if date.is_none() {
            let message = format!(
                "\"{}\" is no date from {} to {SCHEDULE_YEAR_MAX}. Write one such as 2026-04-01.",
                short(text),
                FIRST.year()
            );
            self.error("schedule.date", pointer, message);
        }
        date
    }

    fn at_most(&mut self) -> u32 {
        let policies = &self.document.policies;
        let at_most = policies.at_most;
        if at_most.is_some() && policies.missed != Missed::Each {
            let message = "Only \"missed\": \"each\" has a bound. Remove \"atMost\", or make up for each.";
            self.error("schedule.property-not-here", "/policies/atMost", message);
        } else if at_most.is_some_and(|at_most| !(1..=MISSED_MAX).contains(&at_most)) {
            let message = format!("At least one and at most {MISSED_MAX} can be made up for. Write a number between.");
            self.error("schedule.at-most", "/policies/atMost", message);
        }
        at_most.unwrap_or(MISSED_DEFAULT)
    }

    /// It starts a case or makes a report. What is handed over to a case is written down with every occurrence.
    fn does(&mut self) {
        let authored::Schedule { starts, makes, .. } = self.document;
        if starts.is_some() == makes.is_some() {
            let message = "Exactly one of \"starts\" and \"makes\" says what it does. Keep the one that is meant.";
            self.error("schedule.one-of", "", message);
        }
        let data = starts.as_ref().map(|starts| &starts.data);
        if serde_json::to_vec(&data).is_ok_and(|bytes| bytes.len() > SCHEDULE_DATA_BYTES_MAX) {
            let message =
                format!("The values handed over have more than {SCHEDULE_DATA_BYTES_MAX} bytes. Let the case find out the rest.");
            self.error("limit.schedule-data", "/starts/data", message);
        }
    }

    /// What `when` says: exactly one of its four kinds.
    fn rule(&mut self) -> Option<Found> {
        let when = &self.document.when;
        let after = (!when.after.is_empty()).then_some(&when.after);
        match (&when.cron, &when.every, after, when.working_day) {
            (Some(text), None, None, None) => self.cron(text),
            (None, Some(text), None, None) => self.every(text),
            (None, None, Some(texts), None) => self.after(texts),
            (None, None, None, Some(nth)) => Some(self.working_day(nth)),
            _ => {
                let message =
                    "Exactly one of \"cron\", \"every\", \"after\" and \"workingDay\" says when. Keep the one that is meant.";
                self.error("schedule.one-of", "/when", message);
                None
            }
        }
    }

    fn cron(&mut self, text: &str) -> Option<Found> {
        match Cron::read(text) {
            Ok(cron) => Some(Found::Dates(Rule::Cron(cron))),
            Err(faults) => {
                for (code, message) in faults {
                    self.error(code, "/when/cron", message);
                }
                None
            }
        }
    }

    fn every(&mut self, text: &str) -> Option<Found> {
        let times = self.document.when.times;
        if times.is_some_and(|times| !(1..=SCHEDULE_TIMES_MAX).contains(&times)) {
            let message = format!("It occurs at least once and at most {SCHEDULE_TIMES_MAX} times. Write a number between.");
            self.error("schedule.times", "/when/times", message);
        }
        let span = self.duration("/when/every", text)?;
        match (days_only(span), seconds_only(span)) {
            (true, _) => Some(Found::Dates(Rule::Every { span, times })),
            (false, Some(seconds)) => Some(Found::Elapsed { seconds, times }),
            (false, None) => {
                let message =
                    "An interval is of days and longer, or of whole seconds, minutes and hours, not of both. Write one of them.";
                self.error("schedule.duration", "/when/every", message);
                None
            }
        }
    }

    fn after(&mut self, texts: &[String]) -> Option<Found> {
        if texts.len() > SCHEDULE_ROUND_MAX {
            let message = format!("A round has at most {SCHEDULE_ROUND_MAX} occurrences. Write fewer, or use \"every\".");
            self.error("schedule.after", "/when/after", message);
            return None;
        }
        let mut spans = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            let pointer = format!("/when/after/{at}");
            let Some(span) = self.duration(&pointer, text) else { continue };
            if !days_only(span) {
                self.error(
                    "schedule.duration",
                    &pointer,
                    format!("\"{text}\" has hours. Write whole days, weeks, months or years."),
                );
            } else if spans.last().is_some_and(|before| !always_longer(span, *before)) {
                let message =
                    format!("\"{text}\" is not always longer than the one before. Put them in order, in the same unit.");
                self.error("schedule.after", &pointer, message);
            }
            spans.push(span);
        }
        Some(Found::Dates(Rule::After { spans, repeats: self.document.when.repeats }))
    }

    fn working_day(&mut self, nth: i8) -> Found {
        if !(1..=23).contains(&nth.unsigned_abs()) {
            let message = "A month has 1 to 23 working days. Write 1 for the first, -1 for the last.";
            self.error("schedule.working-day", "/when/workingDay", message);
        }
        let months = &self.document.when.months;
        let distinct: BTreeSet<i8> = months.iter().copied().filter(|month| (1..=12).contains(month)).collect();
        if distinct.len() != months.len() {
            self.error("schedule.months", "/when/months", "Months are numbers from 1 to 12, each once. Correct the list.");
        }
        let months = if months.is_empty() { (1..=12).collect() } else { distinct.into_iter().collect() };
        Found::Dates(Rule::WorkingDay { nth, months })
    }

    fn duration(&mut self, pointer: &str, text: &str) -> Option<Span> {
        let span = time::duration(text).filter(Span::is_positive);
        if span.is_none() {
            let message =
                format!("\"{}\" is no duration. Write ISO 8601 above zero such as P3M, P2W or PT15M, in capitals.", short(text));
            self.error("schedule.duration", pointer, message);
        }
        span
    }

    /// The date that is counted from, or the event that will give it.
    fn anchor(&mut self) -> (Option<Date>, Option<String>) {
        let when = &self.document.when;
        let counts = when.every.is_some() || !when.after.is_empty();
        match when.anchor.as_deref() {
            Some(text) if counts && text.starts_with(|first: char| first.is_ascii_digit()) => {
                (self.date("/when/anchor", Some(text)), None)
            }
            Some(text) if counts && !is_name(text) => {
                let message = format!(
                    "\"{}\" is neither a date nor the name of an event. Write 2026-04-01, or charter-issued.",
                    short(text)
                );
                self.error("schedule.anchor", "/when/anchor", message);
                (None, None)
            }
            Some(text) if counts => (None, Some(text.to_owned())),
            None if counts => {
                let message = "What is counted needs a day to count from. Add \"anchor\": a date, or the name of an event.";
                self.error("schedule.anchor", "/when", message);
                (None, None)
            }
            _ => (None, None),
        }
    }

    /// Properties that belong to another kind of schedule.
    fn misplaced(&mut self) {
        let when = &self.document.when;
        let (cron, every, after, working) =
            (when.cron.is_some(), when.every.is_some(), !when.after.is_empty(), when.working_day.is_some());
        let elapsed = when.every.as_deref().and_then(time::duration).is_some_and(|span| !days_only(span));
        let rolls = self.document.roll != Roll::None;
        let not_here = [
            ("/time", self.document.time.is_some() && cron, "A cron expression has its own times."),
            ("/when/times", when.times.is_some() && !every, "Only \"every\" counts its occurrences."),
            ("/when/repeats", when.repeats && !after, "Only \"after\" has rounds."),
            ("/when/anchor", when.anchor.is_some() && !every && !after, "Only \"every\" and \"after\" count from a day."),
            ("/when/months", !when.months.is_empty() && !working, "Only \"workingDay\" is of months."),
            ("/roll", rolls && working, "A working day is no holiday."),
            ("/roll", rolls && elapsed, "Elapsed time knows no holidays; a cron expression can keep to office hours."),
        ];
        for (pointer, wrong, why) in not_here {
            if wrong {
                let name = pointer.rsplit('/').next().unwrap_or_default();
                self.error("schedule.property-not-here", pointer, format!("{why} Remove \"{name}\"."));
            }
        }
    }

    fn never(&self) -> Problem {
        let message = format!(
            "It never falls, from {} until the end of {SCHEDULE_YEAR_MAX}. Look for a day that no month has, or a year that is over.",
            self.document.from.as_deref().unwrap_or("1970")
        );
        Problem::error("schedule.never", "/when", message)
    }
}

/// A date as it is authored, within what schedules know.
fn date(text: &str) -> Option<Date> {
    time::date(text).filter(|date| (FIRST..=LAST).contains(date))
}

/// The name of an event.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.as_bytes()[0].is_ascii_lowercase() && text.bytes().all(allowed)
}

/// Whether a duration is of days and longer.
fn days_only(span: Span) -> bool {
    let dates = Span::new().years(span.get_years()).months(span.get_months()).weeks(span.get_weeks()).days(span.get_days());
    dates.fieldwise() == span.fieldwise()
}

/// The seconds of a duration of hours, minutes and whole seconds.
fn seconds_only(span: Span) -> Option<i64> {
    // A duration with days or longer has no length of its own, and does not convert.
    let length = SignedDuration::try_from(span).ok()?;
    (length.subsec_nanos() == 0).then(|| length.as_secs())
}

/// Whether the date after `span` lies after that after `before`, whatever day both are counted from: all of four years tell.
fn always_longer(span: Span, before: Span) -> bool {
    let later = |start: Date| start.checked_add(before).ok() < start.checked_add(span).ok();
    (0..1_461).all(|days| FIRST.checked_add(days.days()).is_ok_and(later))
}
