//! Laws that hold for every norm, on random calendars, ledgers and zones.

use std::collections::BTreeSet;

use jiff::civil::{self, Date};
use jiff::{SignedDuration, ToSpan};
use serde_json::{Value, json};

use super::{ends, norm, started};
use crate::calendar::Calendar;
use crate::calendar::tests::laws::ZONES;
use crate::model::Time;
use crate::model::calendar as authored;
use crate::model::norm::Within;
use crate::model::random::Random;
use crate::norm::{Ledger, Norm, Rest};

/// Cases of each law, each in any of the zones; `SEVOTTAM_LAWS` sets it.
pub(super) fn rounds() -> u64 {
    std::env::var("SEVOTTAM_LAWS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// The parts of a random calendar.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) zone: &'static str,
    /// Working weekdays, Monday first.
    pub(super) mask: &'static str,
    /// Office hours of a working day in minutes.
    pub(super) shifts: &'static [(u16, u16)],
    pub(super) holidays: BTreeSet<Date>,
}

const FIRST: Date = civil::date(2024, 1, 1);

pub(super) fn parts(random: &mut Random) -> Parts {
    let hours: [&[(u16, u16)]; 3] = [&[(540, 780), (810, 1_020)], &[(0, 1_440)], &[(1_335, 1_425)]];
    let count = *random.among(&[0, 10, 40, 120]);
    Parts {
        zone: random.among::<&str>(&ZONES),
        mask: random.among::<&str>(&["1111100", "1111110", "1111011", "1111111", "1010100"]),
        shifts: random.among::<&[(u16, u16)]>(&hours),
        holidays: (0..count).map(|_| FIRST + random.between(0, 500).days()).collect(),
    }
}

/// The calendar of parts, unless it closes for so long that it is refused.
pub(super) fn build(parts: &Parts) -> Option<Calendar> {
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let working = names.iter().zip(parts.mask.chars()).filter(|(_, works)| *works == '1');
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let shift = |(from, to): &(u16, u16)| json!({ "from": clock(*from), "to": clock(*to) });
    let shifts: Vec<Value> = parts.shifts.iter().map(shift).collect();
    let week: Value = working.map(|(name, _)| ((*name).to_owned(), json!(shifts))).collect::<serde_json::Map<_, _>>().into();
    let holidays = parts.holidays.iter().map(|date| json!({ "date": date.to_string(), "title": { "en": "Holiday" } }));
    let document: authored::Document = serde_json::from_value(json!({
        "id": "random", "title": { "en": "Random" }, "owner": { "post": "head" }, "zone": parts.zone, "week": week,
        "holidays": holidays.collect::<Vec<_>>(), "covers": { "from": "2020-01-01", "to": "2030-12-31" },
    }))
    .unwrap();
    crate::calendar::compile(&[&document]).ok().map(|(calendar, _)| calendar)
}

/// A norm with this length: two grounds without bounds, one of at most two days, one of one time; an extension where it fits.
pub(super) fn random_norm(random: &mut Random, within: &Value) -> Norm {
    let ground = |number: usize, more: &Value| {
        let mut ground = json!({ "from": format!("f{number}"), "until": format!("u{number}"), "for": "applicant", "title": { "en": "Awaited" } });
        for (name, member) in more.as_object().unwrap() {
            ground[name] = member.clone();
        }
        ground
    };
    let grounds = [
        ground(0, &json!({})),
        ground(1, &json!({})),
        ground(2, &json!({ "atMost": { "days": 2 } })),
        ground(3, &json!({ "times": 1 })),
    ];
    let unit = within.as_object().unwrap().keys().next().unwrap().as_str();
    let by = match unit {
        "hours" | "minutes" => json!({ "hours": 5 }),
        "officeHours" | "officeMinutes" => json!({ "officeHours": 3 }),
        _ => random.among(&[json!({ "days": 5 }), json!({ "workingDays": 4 }), json!({ "months": 1 })]).clone(),
    };
    let counting = json!({
        "firstDay": random.among(&["excluded", "excluded", "included"]),
        "lastDay": random.among(&["none", "forward", "forward", "backward", "modifiedForward"]),
        "ends": random.among(&["officeDay", "day", "sameTime"]),
        "received": random.among(&["sameDay", "nextOfficeDay"]),
    });
    let clock = json!({ "start": "a", "stop": ["b"], "suspend": grounds, "extend": { "on": "c", "by": by, "times": 2 } });
    norm(within, &json!({ "clock": clock, "counting": counting }))
}

/// A length of one unit.
pub(super) fn length(random: &mut Random) -> Value {
    match random.below(8) {
        0 => json!({ "minutes": random.between(1, 6_000) }),
        1 => json!({ "hours": random.between(1, 120) }),
        2 => json!({ "officeMinutes": random.between(1, 3_000) }),
        3 => json!({ "officeHours": random.between(1, 40) }),
        4 => json!({ "days": random.between(1, 40) }),
        5 => json!({ "weeks": random.between(1, 6) }),
        6 => json!({ "months": random.between(1, 3) }),
        _ => json!({ "workingDays": random.between(1, 30) }),
    }
}

/// A whole minute in spring or autumn, when clocks change.
pub(super) fn minute(random: &mut Random) -> Time {
    let month = *random.among(&[2, 3, 9, 10]);
    let date = civil::date(2024, month, 20) + random.between(0, 25).days();
    let minutes = random.between(0, 1_439);
    let midnight = Time::parse(&format!("{date}T00:00:00Z")).unwrap();
    midnight.plus_seconds(minutes * 60)
}

pub(super) fn random_ledger(random: &mut Random, start: Time) -> Ledger {
    let mut ledger = started(start);
    for _ in 0..random.below(5) {
        let from = start.plus_seconds(random.between(-3_000, 40_000) * 60);
        let most = *random.among(&[30, 1_000, 10_000]);
        let to = from.plus_seconds(random.between(0, most) * 60);
        let ground = *random.among(&[None, Some(0), Some(1), Some(2), Some(3)]);
        ledger.rests.push(Rest { ground, from, to: Some(to) });
    }
    ledger.rests.sort_by_key(|rest| rest.from);
    for _ in 0..random.below(4) {
        ledger.extensions.push(start.plus_seconds(random.between(-100, 40_000) * 60));
    }
    ledger
}

/// Runs a law on random calendars, norms and ledgers.
fn hold(seed: u64, law: impl Fn(&mut Random, &Parts, &Calendar, &Norm, &Ledger)) {
    let (mut held, mut zones) = (0, BTreeSet::new());
    for round in 0..rounds() {
        let mut random = Random(seed << 32 | round);
        let parts = parts(&mut random);
        let Some(calendar) = build(&parts) else { continue };
        let within = length(&mut random);
        let norm = random_norm(&mut random, &within);
        let start = minute(&mut random);
        let ledger = random_ledger(&mut random, start);
        law(&mut random, &parts, &calendar, &norm, &ledger);
        held += 1;
        zones.insert(parts.zone);
    }
    assert!(held * 2 > rounds());
    assert!(zones.len() >= 40 || rounds() < 300, "{} zones", zones.len());
}

fn due(norm: &Norm, ledger: &Ledger, calendar: &Calendar) -> Time {
    ends(norm, ledger, calendar).due.unwrap()
}

/// Whether a day that gives way may do so to an earlier one: then a new holiday can make an end earlier.
fn rolls_back(norm: &Norm) -> bool {
    use authored::Roll;
    matches!(norm.document.counting.last_day.0, Roll::Backward | Roll::ModifiedForward)
}

/// Working days that are prolonged by months: a holiday can fall into a rest, and so be no day of it, and yet into no day that is counted.
fn is_mixed(norm: &Norm) -> bool {
    let by = &norm.document.clock.extend.as_ref().unwrap().by;
    matches!(norm.document.editions[0].limits[0].within, Within::WorkingDays(_)) && !matches!(by, Within::WorkingDays(_))
}

/// With nothing else happening; what happens at fixed instants can fall before one start and after another.
#[test]
fn a_later_start_is_never_due_earlier() {
    hold(1, |random, _, calendar, norm, ledger| {
        let later = ledger.start.plus_seconds(random.between(1, 5_000) * 60);
        // Where a clock goes back over midnight, a later instant may have an earlier date.
        if calendar.date_of(later) < calendar.date_of(ledger.start) {
            return;
        }
        let (one, other) = (due(norm, &started(ledger.start), calendar), due(norm, &started(later), calendar));
        // The same time of day may come earlier on the same date.
        let by_time = norm.document.counting.ends == crate::model::norm::Ends::SameTime;
        if by_time {
            assert!(calendar.date_of(one) <= calendar.date_of(other), "{one} {other}");
        } else {
            assert!(one <= other, "{one} {other} {:?}", norm.document.editions[0].limits[0]);
        }
    });
}

#[test]
fn a_new_holiday_makes_nothing_due_earlier() {
    let changed = std::cell::Cell::new(0);
    hold(2, |random, parts, before, norm, ledger| {
        if rolls_back(norm) || is_mixed(norm) {
            return;
        }
        let mut parts = parts.clone();
        parts.holidays.insert(before.date_of(ledger.start) + random.between(-1, 40).days());
        let Some(after) = build(&parts) else { return };
        let (one, other) = (due(norm, ledger, before), due(norm, ledger, &after));
        assert!(one <= other, "{one} {other} {:?} {ledger:?}", norm.document.editions[0].limits[0]);
        changed.set(changed.get() + u64::from(one < other));
    });
    assert!(changed.get() * 50 > rounds(), "{changed:?}");
}

#[test]
fn a_longer_rest_is_never_due_earlier() {
    hold(3, |random, _, calendar, norm, ledger| {
        let Some(position) = (!ledger.rests.is_empty()).then(|| random.below(ledger.rests.len())) else { return };
        let before = due(norm, ledger, calendar);
        let mut longer = ledger.clone();
        let to = longer.rests[position].to.as_mut().unwrap();
        *to = to.plus_seconds(random.between(0, 5_000) * 60);
        assert!(before <= due(norm, &longer, calendar), "{ledger:?}");
        // Without an end there is none, or it is the same: it began when the time was over, or is bounded.
        longer.rests[position].to = None;
        let open = ends(norm, &longer, calendar).due;
        assert!(open.is_none_or(|open| open >= before), "{ledger:?}");
    });
}

#[test]
fn stopping_and_going_on_at_once_changes_nothing() {
    hold(4, |random, _, calendar, norm, ledger| {
        let before = ends(norm, ledger, calendar);
        let mut more = ledger.clone();
        let at = ledger.start.plus_seconds(random.between(0, 40_000) * 60);
        more.rests.push(Rest { ground: Some(1), from: at, to: Some(at) });
        assert_eq!(before, ends(norm, &more, calendar));
    });
}

#[test]
fn overlapping_rests_rest_once() {
    hold(5, |random, _, calendar, norm, ledger| {
        let from = ledger.start.plus_seconds(random.between(0, 3_000) * 60);
        let rest = |from: Time, minutes: i64| Rest { ground: Some(0), from, to: Some(from.plus_seconds(minutes * 60)) };
        let whole = random.between(2, 10_000);
        let cut = random.between(0, whole);
        let back = random.between(0, cut);
        let mut one = started(ledger.start);
        one.rests.push(rest(from, whole));
        let expected = due(norm, &one, calendar);
        let mut two = started(ledger.start);
        two.rests = vec![rest(from, cut), rest(from.plus_seconds((cut - back) * 60), whole - cut + back)];
        assert_eq!(due(norm, &two, calendar), expected, "{one:?} {two:?}");
        // Twice the same, and one inside the other, on another ground.
        two.rests = vec![rest(from, whole), rest(from, cut), rest(from, whole)];
        two.rests[2].ground = Some(1);
        assert_eq!(due(norm, &two, calendar), expected, "{one:?} {two:?}");
    });
}

/// Where days do not roll and a part is due at the end of a day, the rest is counted from there.
#[test]
fn lengths_add_up() {
    hold(6, |random, _, calendar, _, ledger| {
        let (one, other) = (random.between(1, 30), random.between(1, 30));
        let start = ledger.start;
        let unit = *random.among(&["hours", "minutes", "officeMinutes", "days", "workingDays", "weeks"]);
        let counting = json!({ "counting": { "ends": "sameTime", "lastDay": "none" } });
        let at = |count: i64, from: Time| due(&norm(&json!({ unit: count }), &counting), &started(from), calendar);
        let (at_once, in_two) = (at(one + other, start), at(other, at(one, start)));
        if matches!(unit, "hours" | "minutes" | "officeMinutes") {
            assert_eq!(at_once, in_two, "{unit} {one} {other} {start}");
        } else {
            // A time of day that a date does not have moves; its date does not, but over the date line.
            let days = calendar.date_of(at_once).duration_since(calendar.date_of(in_two));
            assert!(days.abs() <= SignedDuration::from_hours(24), "{unit} {one} {other} {start}");
            assert!(days.is_zero() || calendar.zone().iana_name() == Some("Pacific/Apia"), "{unit} {one} {other} {start}");
        }
    });
}

#[test]
fn the_first_of_several_is_no_later_and_the_last_no_earlier_than_each() {
    hold(7, |random, _, calendar, base, ledger| {
        let all: Vec<Value> = (0..random.between(2, 4)).map(|_| length(random)).collect();
        let clock = serde_json::to_value(&base.document.clock).unwrap();
        let mut clock = clock;
        clock.as_object_mut().unwrap().remove("extend");
        let changes = json!({ "clock": clock, "counting": serde_json::to_value(&base.document.counting).unwrap() });
        let mut ledger = ledger.clone();
        if random.below(3) == 0 {
            ledger.rests.iter_mut().for_each(|rest| rest.to = None);
        }
        let end = |within: &Value| ends(&norm(within, &changes), &ledger, calendar).due;
        let each: Vec<Option<Time>> = all.iter().map(end).collect();
        assert_eq!(end(&json!({ "earliestOf": all })), each.iter().flatten().min().copied(), "{each:?}");
        let last = each.iter().copied().collect::<Option<Vec<Time>>>().and_then(|each| each.into_iter().max());
        assert_eq!(end(&json!({ "latestOf": all })), last, "{each:?}");
    });
}
