//! A naive reckoning beside the real one: minute by minute, and day by day, as one would on the fingers; and the explanation, whose
//! days are counted once more. The fingers know the parts of a calendar and what the clock of its zone shows, and nothing compiled.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::ToSpan;
use jiff::civil::{self, Date};
use jiff::tz::TimeZone;

use super::laws::{Parts, build, length, minute, parts, random_ledger, random_norm, rounds};
use super::{TERMS, ends};
use crate::calendar::tests::laws::ZONES;
use crate::model::Time;
use crate::model::calendar::Roll;
use crate::model::norm::{Ends, FirstDay, Received, Within};
use crate::model::random::Random;
use crate::norm::{Ledger, LineKind, Norm, explain};

/// The first day that the fingers know, and how many they know.
const FIRST: Date = civil::date(2023, 12, 31);
const DAYS: usize = 731;
/// Minutes of a day on the clock.
const DAY: usize = 1_440;
/// Norms that are tried on one random calendar, and ledgers under each.
const NORMS: usize = 10;
const LEDGERS: usize = 5;

/// Cases in which the two are compared, in all zones together; `SEVOTTAM_NAIVE` sets it.
fn cases() -> usize {
    std::env::var("SEVOTTAM_NAIVE").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

/// The clock of a zone, minute by minute. Minutes pass from the first day on; what the clock shows is counted from a day before it.
struct Clock {
    /// What it shows when a minute begins.
    shows: Vec<usize>,
    /// The first minute at which it has reached what it shows.
    reached: Vec<usize>,
}

impl Clock {
    fn new(zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        let first = FIRST.to_zoned_datetime(TimeZone::UTC).unwrap().timestamp();
        let mut changes = zone.following(first).map(|change| ((change.timestamp() - first).as_secs(), change.offset()));
        let (mut offset, mut change) = (zone.to_offset(first), changes.next());
        let (mut shows, mut reached) = (Vec::new(), Vec::new());
        for passed in 0..DAYS * DAY {
            while let Some((_, new)) = change.filter(|(at, _)| *at <= i64::try_from(passed * 60).unwrap()) {
                (offset, change) = (new, changes.next());
            }
            let shown = i64::try_from(passed + DAY).unwrap() + i64::from(offset.seconds()) / 60;
            let shown = usize::try_from(shown).unwrap();
            while reached.len() <= shown {
                reached.push(passed);
            }
            shows.push(shown);
        }
        Self { shows, reached }
    }
}

fn passed(time: Time) -> usize {
    let first = FIRST.to_zoned_datetime(TimeZone::UTC).unwrap().timestamp();
    usize::try_from((time.0 - Time::from_timestamp(first).0) / 60_000_000).unwrap()
}

/// A calendar on the wall. Days are numbered as the clock shows them.
struct Wall<'a> {
    clock: &'a Clock,
    shifts: &'static [(u16, u16)],
    dates: Vec<Date>,
    works: Vec<bool>,
    /// Whether the office is open during a minute.
    open: Vec<bool>,
}

impl<'a> Wall<'a> {
    fn new(clock: &'a Clock, parts: &Parts) -> Self {
        let dates: Vec<Date> = (0..DAYS).map(|day| FIRST + (i64::try_from(day).unwrap() - 1).days()).collect();
        let in_week =
            |date: &Date| parts.mask.as_bytes()[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap()] == b'1';
        let works = dates.iter().map(|date| in_week(date) && !parts.holidays.contains(date)).collect();
        let open = vec![false; clock.shows.len()];
        let mut wall = Self { clock, shifts: parts.shifts, dates, works, open };
        // The last two days are not known to the end.
        for day in (0..DAYS - 2).filter(|day| wall.works[*day]).collect::<Vec<_>>() {
            for (from, to) in wall.shifts {
                let (from, to) = (wall.at(day, usize::from(*from)), wall.at(day, usize::from(*to)));
                wall.open[from.min(to)..to].fill(true);
            }
        }
        wall
    }

    /// When the clock reaches so many minutes of a day.
    fn at(&self, day: usize, minutes: usize) -> usize {
        self.clock.reached[day * DAY + minutes]
    }

    fn day_of(&self, passed: usize) -> usize {
        self.clock.shows[passed] / DAY
    }

    fn closing(&self, day: usize) -> Option<usize> {
        let stretches = self.shifts.iter().map(|(from, to)| (self.at(day, usize::from(*from)), self.at(day, usize::from(*to))));
        let last = stretches.rev().find(|(open, close)| open < close);
        last.filter(|_| self.works[day]).map(|(_, close)| close)
    }

    /// The same day so many months on, or the last one before it.
    fn months_on(&self, day: usize, months: usize) -> usize {
        let (mut found, wanted) = (day, self.dates[day].day());
        for _ in 0..months {
            found += 1;
            while self.dates[found].day() != 1 {
                found += 1;
            }
        }
        while self.dates[found].day() < wanted && self.dates[found + 1].day() != 1 {
            found += 1;
        }
        found
    }

    fn rolled(&self, day: usize, roll: Roll) -> usize {
        let next = || (day..DAYS).find(|day| self.works[*day]).unwrap();
        let before = || (0..=day).rev().find(|day| self.works[*day]).unwrap();
        match roll {
            Roll::None => day,
            Roll::Forward => next(),
            Roll::ModifiedForward if self.dates[next()].month() == self.dates[day].month() => next(),
            Roll::Backward | Roll::ModifiedForward => before(),
        }
    }

    /// The day reached when so many have been crossed off that are not skipped.
    fn crossed(&self, zero: usize, count: usize, is_working: bool, skipped: &BTreeSet<usize>) -> usize {
        let (mut day, mut left) = (zero, count);
        while left > 0 {
            day += 1;
            left -= usize::from(!skipped.contains(&day) && (!is_working || self.works[day]));
        }
        day
    }
}

/// A rest or an extension, as it counts: the second and later times on the last ground do not, two days on the one before are the most.
enum Event {
    Rest(usize, usize),
    Extension,
}

fn events(ledger: &Ledger, wall: &Wall) -> Vec<(usize, Event)> {
    let mut events = Vec::new();
    let mut once = false;
    for rest in &ledger.rests {
        let (from, mut to) = (passed(rest.from), passed(rest.to.unwrap()));
        match rest.ground {
            Some(2) => to = to.min(wall.clock.reached[wall.clock.shows[from] + 2 * DAY]),
            Some(3) if std::mem::replace(&mut once, true) => continue,
            _ => {}
        }
        events.push((from, Event::Rest(from, to)));
    }
    let mut extensions: Vec<usize> = ledger.extensions.iter().map(|at| passed(*at)).collect();
    extensions.sort_unstable();
    events.extend(extensions.into_iter().take(2).map(|at| (at, Event::Extension)));
    events.sort_by_key(|(at, _)| *at);
    events
}

/// One case on the fingers.
struct Case<'a> {
    norm: &'a Norm,
    wall: &'a Wall<'a>,
    start: usize,
    events: Vec<(usize, Event)>,
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap()
}

impl Case<'_> {
    fn due(&self, within: &Within) -> usize {
        match within {
            Within::Minutes(minutes) => self.by_minutes(count(*minutes), false),
            Within::Hours(hours) => self.by_minutes(count(*hours) * 60, false),
            Within::OfficeMinutes(minutes) => self.by_minutes(count(*minutes), true),
            Within::OfficeHours(hours) => self.by_minutes(count(*hours) * 60, true),
            _ => self.by_days(within),
        }
    }

    fn by(&self) -> &Within {
        &self.norm.document.clock.extend.as_ref().unwrap().by
    }

    /// Every minute is looked at: does it count?
    fn by_minutes(&self, minutes: usize, is_office: bool) -> usize {
        let (Within::Hours(hours) | Within::OfficeHours(hours)) = self.by() else { unreachable!() };
        let (mut now, mut left, mut extended) = (self.start, minutes, 0);
        while left > 0 {
            // What rests and what was granted is the same until the next of these.
            let (mut extensions, mut rests, mut until) = (0, false, self.wall.open.len());
            for (at, event) in &self.events {
                let to = match event {
                    Event::Extension => {
                        extensions += usize::from(*at <= now);
                        *at
                    }
                    Event::Rest(from, to) => {
                        rests |= *from <= now && now < *to;
                        *to
                    }
                };
                until = [*at, to].into_iter().filter(|then| *then > now).fold(until, usize::min);
            }
            left += count(*hours) * 60 * (extensions - extended);
            extended = extensions;
            while now < until && left > 0 {
                left -= usize::from(!rests && (!is_office || self.wall.open[now]));
                now += 1;
            }
        }
        now
    }

    fn is_included(&self) -> bool {
        self.norm.document.counting.first_day == FirstDay::Included
    }

    /// When a day is over.
    fn over(&self, day: usize) -> usize {
        match (self.norm.document.counting.ends, self.wall.closing(day)) {
            (Ends::OfficeDay, Some(close)) => close,
            (Ends::SameTime, _) => self.wall.at(day, self.wall.clock.shows[self.start] % DAY),
            _ => self.wall.at(day + 1, 0),
        }
    }

    /// Day after day is crossed off.
    fn by_days(&self, within: &Within) -> usize {
        let mut first = self.wall.day_of(self.start);
        let is_received = self.wall.closing(first).is_some_and(|close| self.start < close);
        if self.norm.document.counting.received == Received::NextOfficeDay && !is_received {
            first = self.wall.rolled(first + 1, Roll::Forward);
        }
        let zero = if self.is_included() { first - 1 } else { first };
        let mut skipped = BTreeSet::new();
        let (mut extensions, mut rested_until) = (0, self.start);
        let mut events = self.events.iter();
        loop {
            let due = self.reached(within, extensions, zero, &skipped, rested_until);
            let Some((_, event)) = events.next().filter(|(at, _)| *at < due) else { return due };
            match event {
                Event::Extension => extensions += 1,
                Event::Rest(from, to) => {
                    skipped.extend(self.wall.day_of(*from) + 1..=self.wall.day_of(*to));
                    rested_until = rested_until.max(*to);
                }
            }
        }
    }

    /// When the last day is over.
    fn reached(&self, within: &Within, extensions: usize, zero: usize, skipped: &BTreeSet<usize>, rested_until: usize) -> usize {
        let (wall, none) = (self.wall, BTreeSet::new());
        let is_working = matches!(within, Within::WorkingDays(_));
        let months = |months: usize| {
            let first = if self.is_included() { zero + 1 } else { zero };
            let same = wall.months_on(first, months);
            same - usize::from(self.is_included() && wall.dates[same].day() == wall.dates[first].day())
        };
        // What is of one unit is one length.
        let plain = match (within, self.by()) {
            (Within::Days(days), Within::Days(more)) => {
                wall.crossed(zero, count(*days) + count(*more) * extensions, false, &none)
            }
            (Within::Weeks(weeks), Within::Days(more)) => {
                wall.crossed(zero, count(*weeks) * 7 + count(*more) * extensions, false, &none)
            }
            (Within::WorkingDays(days), Within::WorkingDays(more)) => {
                wall.crossed(zero, count(*days) + count(*more) * extensions, true, &none)
            }
            (Within::Months(number), Within::Months(more)) => months(count(*number) + count(*more) * extensions),
            (_, by) => {
                let base = match within {
                    Within::Days(days) => wall.crossed(zero, count(*days), false, &none),
                    Within::Weeks(weeks) => wall.crossed(zero, count(*weeks) * 7, false, &none),
                    Within::WorkingDays(days) => wall.crossed(zero, count(*days), true, &none),
                    Within::Months(number) => months(count(*number)),
                    _ => unreachable!(),
                };
                match by {
                    Within::Days(more) => wall.crossed(base, count(*more) * extensions, false, &none),
                    Within::WorkingDays(more) => wall.crossed(base, count(*more) * extensions, true, &none),
                    Within::Months(more) => wall.months_on(base, count(*more) * extensions),
                    _ => unreachable!(),
                }
            }
        };
        let mut raw = plain;
        for day in skipped.iter().filter(|day| **day > zero && (!is_working || wall.works[**day])) {
            // Once the last day has come, nothing is skipped any more.
            if *day <= raw {
                raw = wall.crossed(raw, 1, is_working, &none);
            }
        }
        let roll = self.norm.document.counting.last_day.0;
        let due = self.over(wall.rolled(raw, roll));
        if due > rested_until {
            return due;
        }
        let roll = if is_working { Roll::Forward } else { roll };
        let from = raw.max(wall.day_of(rested_until));
        (from..DAYS).map(|day| self.over(wall.rolled(day, roll))).find(|due| *due > rested_until).unwrap()
    }
}

/// So many random cases in one zone.
fn compare(number: usize) {
    let (clock, mut random) = (Clock::new(ZONES[number]), Random(8 << 32 | number as u64));
    let mut left = cases().div_ceil(ZONES.len());
    while left > 0 {
        let parts = Parts { zone: ZONES[number], ..parts(&mut random) };
        let Some(calendar) = build(&parts) else { continue };
        let wall = Wall::new(&clock, &parts);
        for _ in 0..NORMS {
            let within = length(&mut random);
            let norm = random_norm(&mut random, &within);
            let limit = &norm.limit(TERMS).unwrap().within;
            for _ in 0..LEDGERS.min(left) {
                let start = minute(&mut random);
                let ledger = random_ledger(&mut random, start);
                let case = Case { norm: &norm, wall: &wall, start: passed(start), events: events(&ledger, &wall) };
                let walked = Time(FIRST.to_zoned_datetime(TimeZone::UTC).unwrap().timestamp().as_microsecond());
                let walked = walked.plus_seconds(i64::try_from(case.due(limit)).unwrap() * 60);
                let due = ends(&norm, &ledger, &calendar).due.unwrap();
                let told = (due.to_string(), walked.to_string());
                let counting = &norm.document.counting;
                assert_eq!(told.0, told.1, "{}, {left} left: {limit:?} {:?} {ledger:?} {counting:?}", parts.zone, case.by());
                left -= 1;
            }
        }
    }
}

#[test]
fn a_walk_over_minutes_and_days_agrees() {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < ZONES.len()) {
                    compare(number);
                }
            });
        }
    });
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
