//! A naive reckoning beside the real one: minute by minute, and day by day, as one would on the fingers; and the explanation, whose
//! days are counted once more.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::Date;

use super::laws::{build, length, minute, parts, random_ledger, random_norm, rounds};
use super::{TERMS, ends};
use crate::calendar::{Calendar, Unit, add_units};
use crate::model::Time;
use crate::model::calendar::Roll;
use crate::model::norm::{Ends, FirstDay, Received, Within};
use crate::model::random::Random;
use crate::norm::{Ledger, LineKind, Norm, explain};

/// A rest or an extension, as it counts: the second and later times on the last ground do not, two days on the one before are the most.
enum Event {
    Rest(Time, Time),
    Extension,
}

fn events(ledger: &Ledger, calendar: &Calendar) -> Vec<(Time, Event)> {
    let mut events = Vec::new();
    let mut once = false;
    for rest in &ledger.rests {
        let mut to = rest.to.unwrap();
        match rest.ground {
            Some(2) => {
                let local = calendar.zone().to_datetime(rest.from.timestamp());
                let after = local.date().tomorrow().unwrap().tomorrow().unwrap();
                to = to.min(calendar.instant(after.to_datetime(local.time())).unwrap());
            }
            Some(3) if std::mem::replace(&mut once, true) => continue,
            _ => {}
        }
        events.push((rest.from, Event::Rest(rest.from, to)));
    }
    let mut extensions = ledger.extensions.clone();
    extensions.sort();
    events.extend(extensions.into_iter().take(2).map(|at| (at, Event::Extension)));
    events.sort_by_key(|(at, _)| *at);
    events
}

/// Every minute is looked at: does it count?
fn by_minutes(norm: &Norm, ledger: &Ledger, calendar: &Calendar, minutes: i64, is_office: bool) -> Time {
    let events = events(ledger, calendar);
    let by = match norm.document.clock.extend.as_ref().unwrap().by {
        Within::Hours(hours) | Within::OfficeHours(hours) => i64::from(hours) * 60,
        _ => unreachable!(),
    };
    let (mut now, mut left, mut extended) = (ledger.start, minutes, 0);
    while left > 0 {
        let extensions = events.iter().filter(|(at, event)| *at <= now && matches!(event, Event::Extension)).count();
        left += by * i64::try_from(extensions - extended).unwrap();
        extended = extensions;
        let next = now.plus_seconds(60);
        let rests = events.iter().any(|(_, event)| matches!(event, Event::Rest(from, to) if *from <= now && now < *to));
        let counts = !is_office || calendar.office_time_between(now, next).unwrap().value == SignedDuration::from_mins(1);
        left -= i64::from(!rests && counts);
        now = next;
    }
    now
}

/// Day after day is crossed off.
struct Days<'a> {
    norm: &'a Norm,
    calendar: &'a Calendar,
    start: Time,
}

impl Days<'_> {
    fn works(&self, date: Date) -> bool {
        self.calendar.day(date).works.value
    }

    fn rolled(&self, date: Date, roll: Roll) -> Date {
        let seek = |step: fn(Date) -> Date| {
            let mut found = date;
            while !self.works(found) {
                found = step(found);
            }
            found
        };
        let (next, before) = (|date: Date| date.tomorrow().unwrap(), |date: Date| date.yesterday().unwrap());
        match roll {
            Roll::None => date,
            Roll::Forward => seek(next),
            Roll::Backward => seek(before),
            Roll::ModifiedForward => {
                let found = seek(next);
                if found.month() == date.month() { found } else { seek(before) }
            }
        }
    }

    fn over(&self, date: Date) -> Time {
        match (self.norm.document.counting.ends, self.calendar.office_day(date).unwrap()) {
            (Ends::OfficeDay, Some((_, close))) => close,
            (Ends::SameTime, _) => {
                let wall = self.calendar.zone().to_datetime(self.start.timestamp()).time();
                self.calendar.instant(date.to_datetime(wall)).unwrap()
            }
            _ => self.calendar.start_of(date.tomorrow().unwrap()).unwrap(),
        }
    }

    /// The day reached when so many have been crossed off that are not skipped.
    fn crossed(&self, zero: Date, count: i64, is_working: bool, skipped: &BTreeSet<Date>) -> Date {
        let (mut date, mut left) = (zero, count);
        while left > 0 {
            date = date.tomorrow().unwrap();
            left -= i64::from(!skipped.contains(&date) && (!is_working || self.works(date)));
        }
        date
    }

    fn due(&self, ledger: &Ledger, within: &Within) -> Time {
        let counting = &self.norm.document.counting;
        let mut first = self.calendar.date_of(self.start);
        let is_received = self.calendar.office_day(first).unwrap().is_some_and(|(_, close)| self.start < close);
        if counting.received == Received::NextOfficeDay && !is_received {
            first = self.rolled(first.tomorrow().unwrap(), Roll::Forward);
        }
        let is_included = counting.first_day == FirstDay::Included;
        let zero = if is_included { first.yesterday().unwrap() } else { first };
        let by = &self.norm.document.clock.extend.as_ref().unwrap().by;
        let mut skipped = BTreeSet::new();
        let (mut extensions, mut rested_until) = (0, self.start);
        let mut events = events(ledger, self.calendar).into_iter();
        loop {
            let due = self.reached(within, by, extensions, zero, &skipped, rested_until);
            let Some((_, event)) = events.next().filter(|(at, _)| *at < due) else { return due };
            match event {
                Event::Extension => extensions += 1,
                Event::Rest(from, to) => {
                    let mut date = self.calendar.date_of(from);
                    while date < self.calendar.date_of(to) {
                        date = date.tomorrow().unwrap();
                        skipped.insert(date);
                    }
                    rested_until = rested_until.max(to);
                }
            }
        }
    }

    /// When the last day is over.
    fn reached(
        &self,
        within: &Within,
        by: &Within,
        extensions: i64,
        zero: Date,
        skipped: &BTreeSet<Date>,
        rested_until: Time,
    ) -> Time {
        let none = BTreeSet::new();
        let is_included = self.norm.document.counting.first_day == FirstDay::Included;
        let is_working = matches!(within, Within::WorkingDays(_));
        let months = |count: i64| {
            let first = if is_included { zero.tomorrow().unwrap() } else { zero };
            let same = add_units(first, count, Unit::Month).unwrap();
            if is_included && same.day() == first.day() { same.yesterday().unwrap() } else { same }
        };
        // What is of one unit is one length.
        let plain = match (within, by) {
            (Within::Days(count), Within::Days(more)) => {
                self.crossed(zero, i64::from(*count) + i64::from(*more) * extensions, false, &none)
            }
            (Within::Weeks(count), Within::Days(more)) => {
                self.crossed(zero, i64::from(*count) * 7 + i64::from(*more) * extensions, false, &none)
            }
            (Within::WorkingDays(count), Within::WorkingDays(more)) => {
                self.crossed(zero, i64::from(*count) + i64::from(*more) * extensions, true, &none)
            }
            (Within::Months(count), Within::Months(more)) => months(i64::from(*count) + i64::from(*more) * extensions),
            _ => {
                let base = match within {
                    Within::Days(count) => self.crossed(zero, i64::from(*count), false, &none),
                    Within::Weeks(count) => self.crossed(zero, i64::from(*count) * 7, false, &none),
                    Within::WorkingDays(count) => self.crossed(zero, i64::from(*count), true, &none),
                    Within::Months(count) => months(i64::from(*count)),
                    _ => unreachable!(),
                };
                match by {
                    Within::Days(more) => self.crossed(base, i64::from(*more) * extensions, false, &none),
                    Within::WorkingDays(more) => self.crossed(base, i64::from(*more) * extensions, true, &none),
                    Within::Months(more) => add_units(base, i64::from(*more) * extensions, Unit::Month).unwrap(),
                    _ => unreachable!(),
                }
            }
        };
        let mut raw = plain;
        for date in skipped.iter().filter(|date| **date > zero && (!is_working || self.works(**date))) {
            // Once the last day has come, nothing is skipped any more.
            if *date <= raw {
                raw = self.crossed(raw, 1, is_working, &none);
            }
        }
        let roll = self.norm.document.counting.last_day.0;
        let due = self.over(self.rolled(raw, roll));
        if due > rested_until {
            return due;
        }
        let roll = if is_working { Roll::Forward } else { roll };
        let mut date = raw.max(self.calendar.date_of(rested_until));
        loop {
            let due = self.over(self.rolled(date, roll));
            if due > rested_until {
                return due;
            }
            date = date.tomorrow().unwrap();
        }
    }
}

#[test]
fn a_walk_over_minutes_and_days_agrees() {
    for round in 0..rounds() {
        let mut random = Random(8 << 32 | round);
        let Some(calendar) = build(&parts(&mut random)) else { continue };
        let within = length(&mut random);
        let norm = random_norm(&mut random, &within);
        let start = minute(&mut random);
        let ledger = random_ledger(&mut random, start);
        let limit = &norm.limit(TERMS).unwrap().within;
        let walked = match limit {
            Within::Minutes(count) => by_minutes(&norm, &ledger, &calendar, i64::from(*count), false),
            Within::Hours(count) => by_minutes(&norm, &ledger, &calendar, i64::from(*count) * 60, false),
            Within::OfficeMinutes(count) => by_minutes(&norm, &ledger, &calendar, i64::from(*count), true),
            Within::OfficeHours(count) => by_minutes(&norm, &ledger, &calendar, i64::from(*count) * 60, true),
            _ => Days { norm: &norm, calendar: &calendar, start }.due(&ledger, limit),
        };
        let due = ends(&norm, &ledger, &calendar).due.unwrap();
        let told = (due.to_string(), walked.to_string());
        assert_eq!(told.0, told.1, "round {round}: {limit:?} {:?} {ledger:?} {:?}", norm.document.counting, calendar.zone());
    }
}

/// What is told day by day leads to the same end, and its days are as many as were promised.
#[test]
fn the_explanation_counts_what_was_reckoned() {
    for round in 0..rounds() {
        let mut random = Random(9 << 32 | round);
        let Some(calendar) = build(&parts(&mut random)) else { continue };
        let within = length(&mut random);
        let norm = random_norm(&mut random, &within);
        let start = minute(&mut random);
        let mut ledger = random_ledger(&mut random, start);
        if random.below(5) == 0 {
            ledger.rests.iter_mut().for_each(|rest| rest.to = None);
        }
        let deadline = ends(&norm, &ledger, &calendar);
        let told = explain(&norm, TERMS, &ledger, &calendar).unwrap();
        let last = told.lines.last().unwrap();
        assert_eq!((told.due, last.due), (deadline.due, deadline.due), "round {round}");
        assert_eq!((told.provisional, told.covered), (deadline.provisional, deadline.covered));
        assert_eq!(last.kind, if deadline.due.is_some() { LineKind::End } else { LineKind::Open });
        assert_eq!(told, explain(&norm, TERMS, &ledger, &calendar).unwrap());
        let counted = |kind: LineKind| told.lines.iter().filter(move |line| line.kind == kind);
        let reached = told.lines.iter().filter_map(|line| line.number).next_back();
        let of = told.lines.iter().filter_map(|line| line.of).next_back();
        if let (Some(of), Some(_)) = (of, deadline.due) {
            assert_eq!(reached, Some(of), "round {round}: {within} {ledger:?} {:#?}", told.lines);
        }
        let minutes: Vec<i64> = told.lines.iter().filter_map(|line| line.minutes).collect();
        if minutes.is_empty() {
            assert_eq!(reached.unwrap_or(0), i64::try_from(counted(LineKind::Counted).count()).unwrap());
        } else {
            assert_eq!(reached, Some(minutes.iter().sum()));
        }
        for line in counted(LineKind::Closed) {
            assert!(!calendar.day(line.date).works.value);
        }
    }
}
