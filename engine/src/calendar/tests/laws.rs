//! Laws that hold for every calendar, on random ones, and a naive reckoning beside the real one.

use std::collections::BTreeSet;

use jiff::civil::{self, Date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

use super::{calendar, plain};
use crate::calendar::{Calendar, Unit, add_units};
use crate::model::Time;
use crate::model::calendar::Roll;
use crate::model::random::Random;

/// Cases of each law; `SEVOTTAM_LAWS` sets it.
fn rounds() -> u64 {
    std::env::var("SEVOTTAM_LAWS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

/// Zones with and without daylight saving time, with changes of half an hour, at midnight, over midnight, and over the date line.
pub(crate) const ZONES: [&str; 42] = [
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Amman",
    "Asia/Jerusalem",
    "Asia/Damascus",
    "Asia/Pyongyang",
    "Asia/Tokyo",
    "Asia/Novosibirsk",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Berlin",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Europe/Lisbon",
    "Europe/Chisinau",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/Juba",
    "Africa/Windhoek",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "America/Asuncion",
    "America/Santiago",
    "America/Caracas",
    "America/Nuuk",
    "America/Scoresbysund",
    "America/Los_Angeles",
    "America/Phoenix",
    "Atlantic/Azores",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kwajalein",
];

fn day(random: &mut Random) -> Date {
    civil::date(2024, 1, 1) + random.between(0, 1_400).days()
}

/// Dates on which something else than the week holds.
fn dates(random: &mut Random, first: Date, days: i64, most: usize) -> BTreeSet<Date> {
    (0..random.below(most)).map(|_| first + random.between(0, days).days()).collect()
}

fn holiday(date: Date) -> Value {
    json!({ "date": date.to_string(), "title": { "en": "Holiday" } })
}

/// Other hours for some dates.
fn working(dates: &BTreeSet<Date>) -> Vec<Value> {
    let shifts = json!([{ "from": "10:00", "to": "12:00" }]);
    let one = |date: &Date| json!({ "date": date.to_string(), "title": { "en": "Works" }, "shifts": shifts });
    dates.iter().map(one).collect()
}

/// A calendar with random working weekdays, holidays and working days off the week; the parts of its document.
fn parts(random: &mut Random) -> Value {
    let mask = *random.among(&["1111100", "1111110", "0111110", "1111011", "1111111", "0000001", "1010100"]);
    let first = civil::date(2024, 1, 1);
    let most = *random.among(&[1, 10, 80, 300]);
    let holidays = dates(random, first, 1_500, most);
    let open: BTreeSet<Date> = dates(random, first, 1_500, most / 2 + 1).difference(&holidays).copied().collect();
    json!({
        "week": super::week(mask, "09:00", "17:00"),
        "holidays": holidays.iter().copied().map(holiday).collect::<Vec<_>>(), "days": working(&open),
    })
}

/// A calendar, unless it closes for so long that it is refused.
fn build(parts: &Value) -> Option<Calendar> {
    let document = super::document(&plain(parts));
    crate::calendar::compile(&[&document]).ok().map(|(calendar, _)| calendar)
}

/// Runs a law on random calendars.
fn hold(seed: u64, law: impl Fn(&mut Random, &Value, &Calendar)) {
    for round in 0..rounds() {
        let mut random = Random(seed << 32 | round);
        let parts = parts(&mut random);
        if let Some(calendar) = build(&parts) {
            law(&mut random, &parts, &calendar);
        }
    }
}

fn due(calendar: &Calendar, start: Date, count: i64, roll: Roll) -> Date {
    calendar.add_working_days(start, count, roll).unwrap().value
}

const ROLLS: [Roll; 3] = [Roll::Forward, Roll::Backward, Roll::ModifiedForward];

#[test]
fn to_add_and_then_count_is_identity() {
    hold(1, |random, _, calendar| {
        let (start, count, roll) = (day(random), random.between(-60, 60), *random.among(&ROLLS));
        let base = calendar.roll(start, roll).unwrap().value;
        let end = due(calendar, start, count, roll);
        assert!(calendar.day(end).works.value, "{end}");
        assert_eq!(calendar.working_days_between(base, end).value, count, "{base} {end}");
        assert_eq!(due(calendar, end, -count, Roll::None), base, "{end} back");
        assert_eq!(due(calendar, start, 0, roll), base);
    });
}

#[test]
fn working_days_add_up() {
    hold(2, |random, _, calendar| {
        let (start, one, other) = (day(random), random.between(-40, 40), random.between(-40, 40));
        let at_once = due(calendar, start, one + other, Roll::Forward);
        assert_eq!(due(calendar, due(calendar, start, one, Roll::Forward), other, Roll::None), at_once, "{start} {one} {other}");
        let (a, b, c) = (day(random), day(random), day(random));
        let count = |from, to| calendar.working_days_between(from, to).value;
        assert_eq!(count(a, b) + count(b, c), count(a, c), "{a} {b} {c}");
    });
}

#[test]
fn a_later_start_is_never_due_earlier() {
    hold(3, |random, _, calendar| {
        let (start, count) = (day(random), random.between(0, 60));
        for roll in [Roll::None, Roll::Forward, Roll::Backward] {
            // Without a roll and a count, a date that is closed stays where it is.
            let count = if roll == Roll::None { count + 1 } else { count };
            assert!(
                due(calendar, start, count, roll) <= due(calendar, start.tomorrow().unwrap(), count, roll),
                "{start} {count}"
            );
        }
    });
}

#[test]
fn a_new_holiday_makes_nothing_due_earlier() {
    hold(4, |random, parts, before| {
        let (start, count) = (day(random), random.between(0, 60));
        let new = start + random.between(0, 90).days();
        let mut parts = parts.clone();
        parts["days"].as_array_mut().unwrap().retain(|line| line["date"] != new.to_string());
        let mut added = holiday(new);
        added["title"]["en"] = "One more".into();
        parts["holidays"].as_array_mut().unwrap().push(added);
        let Some(after) = build(&parts) else { return };
        for roll in [Roll::None, Roll::Forward] {
            assert!(due(before, start, count, roll) <= due(&after, start, count, roll), "{start} {count} {new}");
        }
        let minutes = SignedDuration::from_mins(random.between(0, 20_000));
        let noon = before.instant(start.at(12, 0, 0, 0)).unwrap();
        let later = |calendar: &Calendar| calendar.add_office_time(noon, minutes).unwrap().value;
        assert!(later(before) <= later(&after), "{start} {minutes} {new}");
    });
}

/// Day by day, as one would count on the fingers.
#[test]
fn a_walk_over_the_days_agrees() {
    hold(5, |random, _, calendar| {
        let works = |date: Date| calendar.day(date).works.value;
        let (start, count) = (day(random), random.between(1, 40));
        let (mut walked, mut left) = (start, count);
        while left > 0 {
            walked = walked.tomorrow().unwrap();
            left -= i64::from(works(walked));
        }
        assert_eq!(due(calendar, start, count, Roll::None), walked, "{start} {count}");
        let mut walked = start;
        while !works(walked) {
            walked = walked.tomorrow().unwrap();
        }
        assert_eq!(due(calendar, start, 0, Roll::Forward), walked, "{start}");
        let modified = due(calendar, start, 0, Roll::ModifiedForward);
        if walked.month() == start.month() {
            assert_eq!(modified, walked);
        } else {
            assert_eq!(modified, due(calendar, start, 0, Roll::Backward));
        }
        assert_eq!(add_units(add_units(start, count, Unit::Day).unwrap(), -count, Unit::Day).unwrap(), start);
    });
}

/// Office hours as minutes of a day.
type Hours = Vec<(i64, i64)>;

/// Random office hours.
fn hours(random: &mut Random) -> Hours {
    let edges: BTreeSet<i64> = (0..2 * random.between(1, 3)).map(|_| random.between(0, 96) * 15).collect();
    let edges: Vec<i64> = edges.into_iter().collect();
    let mut hours: Hours = edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    match random.below(6) {
        0 => hours = vec![(0, 1_440)],
        // Shifts that touch.
        1 => hours = vec![(0, 150), (150, 1_440)],
        _ => {}
    }
    if hours.is_empty() { vec![(0, 60)] } else { hours }
}

fn shifts(hours: &Hours) -> Value {
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    hours.iter().map(|(from, to)| json!({ "from": clock(*from), "to": clock(*to) })).collect()
}

/// A stretch of minutes, each known as office time or not, by a clock that is watched: office time is what the latest reading says,
/// and a clock that goes back is not heeded until it has caught up.
struct Watched {
    first: i64,
    /// Minutes of office time before each minute.
    passed: Vec<i64>,
}

impl Watched {
    fn new(zone: &TimeZone, from: i64, to: i64, is_office: impl Fn(civil::DateTime) -> bool) -> Self {
        // The watch begins early enough to have seen the latest reading.
        let (mut latest, mut passed) = (civil::DateTime::MIN, vec![0]);
        for minute in from - 120..to {
            latest = latest.max(zone.to_datetime(Timestamp::from_second(minute * 60).unwrap()));
            if minute >= from {
                passed.push(passed[passed.len() - 1] + i64::from(is_office(latest)));
            }
        }
        Self { first: from, passed }
    }

    fn count(&self, from: i64, to: i64) -> i64 {
        let at = |minute: i64| usize::try_from(minute - self.first).unwrap();
        self.passed[at(to)] - self.passed[at(from)]
    }

    /// The first minute at which `amount` minutes have passed since `from`.
    fn add(&self, from: i64, amount: i64) -> Option<i64> {
        let last = self.first + i64::try_from(self.passed.len()).unwrap();
        (from..last).find(|to| self.count(from, *to) == amount)
    }

    /// The last minute from which `amount` minutes pass until `to`.
    fn subtract(&self, to: i64, amount: i64) -> Option<i64> {
        (self.first..=to).rev().find(|from| self.count(*from, to) == amount)
    }
}

#[test]
fn a_watched_clock_agrees_in_every_zone() {
    let mut near_a_change = 0;
    for round in 0..rounds() {
        let mut random = Random(6 << 32 | round);
        let name = *random.among(&ZONES);
        let zone = TimeZone::get(name).unwrap();
        // Half of the cases lie around a change of the clock.
        let year = *random.among(&[2005, 2011, 2015, 2023, 2024]);
        let mut middle = civil::date(year, 1, 1) + random.between(0, 364).days();
        if random.below(2) == 0 {
            let from = zone.to_timestamp(middle.at(0, 0, 0, 0)).unwrap();
            let year = SignedDuration::from_hours(24 * 400);
            let change = zone.following(from).next().map(|change| change.timestamp());
            if let Some(change) = change.filter(|change| change.duration_since(from) < year) {
                middle = zone.to_datetime(change).date();
                near_a_change += 1;
            }
        }
        watch(&mut random, name, &zone, middle);
    }
    println!("{} cases, {near_a_change} around a change", rounds());
    assert!(near_a_change * 4 > rounds());
}

fn watch(random: &mut Random, name: &str, zone: &TimeZone, middle: Date) {
    let mask = *random.among(&["1111100", "1111111", "0000011", "1010101"]);
    let (usual, other) = (hours(random), hours(random));
    let first = middle - 1.days();
    let holidays = dates(random, first, 3, 3);
    let open: BTreeSet<Date> = dates(random, first, 3, 3).difference(&holidays).copied().collect();
    let week: serde_json::Map<String, Value> =
        super::week(mask, "00:00", "24:00").as_object().unwrap().keys().map(|day| (day.clone(), shifts(&usual))).collect();
    let single = |date: &Date| json!({ "date": date.to_string(), "title": { "en": "Other" }, "shifts": shifts(&other) });
    let calendar = calendar(&[plain(&json!({
        "zone": name, "week": week, "holidays": holidays.iter().copied().map(holiday).collect::<Vec<_>>(),
        "days": open.iter().map(single).collect::<Vec<_>>(),
    }))]);

    let is_office = |clock: civil::DateTime| {
        let date = clock.date();
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap();
        let hours = match () {
            () if open.contains(&date) => &other,
            () if holidays.contains(&date) || &mask[weekday..=weekday] == "0" => return false,
            () => &usual,
        };
        let minutes = i64::from(clock.hour()) * 60 + i64::from(clock.minute());
        hours.iter().any(|(from, to)| *from <= minutes && minutes < *to)
    };
    let start = zone.to_timestamp(first.at(0, 0, 0, 0)).unwrap().as_second().div_euclid(60);
    let end = start + 4 * 1_440;
    let watched = Watched::new(zone, start, end, is_office);

    let time = |minute: i64| Time(minute * 60_000_000);
    let (one, two) = (random.between(start, end), random.between(start, end));
    let (from, to) = (one.min(two), one.max(two));
    let about = format!("{name} {} {}: {week:?} {holidays:?} {open:?} {other:?}", time(from), time(to));
    let minutes = watched.count(from, to);
    let amount = SignedDuration::from_mins(minutes);
    assert_eq!(calendar.office_time_between(time(from), time(to)).unwrap().value, amount, "{about}");
    assert_eq!(calendar.office_time_between(time(to), time(from)).unwrap().value, -amount, "{about}");
    assert_eq!(calendar.is_open(time(from)).unwrap().value, from < end && watched.count(from, from + 1) == 1, "{about}");
    if minutes > 0 {
        let due = calendar.add_office_time(time(from), amount).unwrap().value;
        assert_eq!(due, time(watched.add(from, minutes).unwrap()), "{about}");
        let since = calendar.add_office_time(time(to), -amount).unwrap().value;
        assert_eq!(since, time(watched.subtract(to, minutes).unwrap()), "{about}");
    }
    // Laws of office time, on the same case.
    let part = SignedDuration::from_micros(random.between(0, minutes * 60_000_000));
    let half_way = calendar.add_office_time(time(from), part).unwrap().value;
    let whole = calendar.add_office_time(time(from), amount).unwrap().value;
    let rest = calendar.add_office_time(half_way, amount - part).unwrap().value;
    assert_eq!(if part.is_zero() || part == amount { whole } else { rest }, whole, "{about}");
    assert_eq!(calendar.office_time_between(time(from), half_way).unwrap().value, part, "{about}");
    let later = calendar.add_office_time(time(from + 1), amount).unwrap().value;
    assert!(whole <= later, "{about}");
}
