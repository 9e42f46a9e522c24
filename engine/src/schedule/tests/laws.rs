//! Laws over random expressions, zones and calendars: agreement with the plainest enumeration, order, and counting.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::{Occurrence, Schedule, compile};
use super::document;
use crate::model::random::Random;

/// How many of each; `SEVOTTAM_LAWS` raises it.
fn rounds() -> u64 {
    std::env::var("SEVOTTAM_LAWS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// A field of an expression, drawn together with the values that it means.
struct Drawn {
    text: String,
    values: Vec<usize>,
    star: bool,
}

/// A field from `first` to `last`.
fn field(random: &mut Random, first: usize, last: usize) -> Drawn {
    let mut between = |first: usize, last: usize| first + random.below(last - first + 1);
    let (a, b) = (between(first, last), between(first, last));
    let (low, high) = (a.min(b), a.max(b));
    let step = between(1, (last - first).min(9));
    let every = |low: usize, high: usize, step: usize| (low..=high).step_by(step).collect::<Vec<usize>>();
    let (text, values) = match random.below(6) {
        0 | 1 => ("*".to_owned(), every(first, last, 1)),
        2 => (format!("*/{step}"), every(first, last, step)),
        3 => (format!("{low}-{high}/{step}"), every(low, high, step)),
        4 => (format!("{a},{b}"), vec![a, b]),
        _ => (a.to_string(), vec![a]),
    };
    Drawn { star: text.contains('*') || text.contains('/'), text, values }
}

const ZONES: [&str; 10] = [
    "Asia/Kolkata",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Beirut",
    "UTC",
];

/// Days near which clocks change in one or another of the zones.
const NEAR: [&str; 9] = [
    "2026-03-27T00:00:00Z",
    "2026-10-23T12:00:00Z",
    "2026-03-07T03:00:00Z",
    "2026-10-31T00:00:00Z",
    "2026-04-04T00:00:00Z",
    "2026-10-03T00:00:00Z",
    "2026-02-13T00:00:00Z",
    "2011-12-28T12:00:00Z",
    "2024-02-27T00:00:00Z",
];

/// Every third day or so is none, always the same.
fn is_working(day: Date) -> bool {
    let number = day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    !matches!(number % 7, 0 | 1) && number % 11 != 5
}

/// Minute by minute of `days` days, as the words of the policies have it.
fn enumerate(fields: &[Drawn; 5], zone: &TimeZone, both: bool, shifts: bool, after: Timestamp, days: i64) -> Vec<Timestamp> {
    let [minutes, hours, month_days, months, week_days] = fields;
    let holds = |local: DateTime| {
        let has = |field: &Drawn, value: i8| field.values.contains(&usize::try_from(value).unwrap());
        let week = has(week_days, local.weekday().to_sunday_zero_offset());
        let month = has(month_days, local.day());
        let restricted = |field: &Drawn, all: usize| field.values.len() < all;
        let day = if restricted(month_days, 31) && restricted(week_days, 7) { week || month } else { week && month };
        day && has(months, local.month()) && has(hours, local.hour()) && has(minutes, local.minute())
    };
    let rhythm = minutes.star || hours.star;
    let hourly = hours.values.len() == 24;
    let mut found = Vec::new();
    // Local minutes, over more than the instants need.
    let mut local = zone.to_datetime(after).with().second(0).subsec_nanosecond(0).build().unwrap().checked_sub(2.days()).unwrap();
    let end = local.checked_add((days + 4).days()).unwrap();
    while local < end {
        if holds(local) {
            match zone.to_ambiguous_timestamp(local).offset() {
                AmbiguousOffset::Unambiguous { offset } => found.push(offset.to_timestamp(local).unwrap()),
                AmbiguousOffset::Fold { before, after } => {
                    found.push(before.to_timestamp(local).unwrap());
                    if both || rhythm {
                        found.push(after.to_timestamp(local).unwrap());
                    }
                }
                AmbiguousOffset::Gap { before, after } => {
                    if shifts && !hourly && after.seconds() - before.seconds() < 86_400 {
                        // The change is the last one before what the offset before would have made of it.
                        let later = before.to_timestamp(local).unwrap();
                        found.push(zone.preceding(later.checked_add(1.nanosecond()).unwrap()).next().unwrap().timestamp());
                    }
                }
            }
        }
        local = local.checked_add(1.minute()).unwrap();
    }
    let last = after.checked_add((days * 24).hours()).unwrap();
    found.retain(|instant| *instant > after && *instant <= last);
    found.sort();
    found.dedup();
    found
}

/// All occurrences after `after`, up to and with `until`.
fn all(schedule: &Schedule, after: Timestamp, until: Timestamp) -> Vec<Occurrence> {
    let first = schedule.next_after(after, &is_working);
    let all = std::iter::successors(first, |last| schedule.next_after(last.instant, &is_working));
    all.take_while(|occurrence| occurrence.instant <= until).collect()
}

#[test]
fn next_agrees_with_plain_enumeration() {
    let mut random = Random(1);
    let mut compared = 0;
    for _ in 0..rounds() {
        let mut fields = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)].map(|(first, last)| field(&mut random, first, last));
        if random.below(3) > 0 {
            // Most months would be empty.
            fields[3] = Drawn { text: "*".to_owned(), values: (1..=12).collect(), star: true };
        }
        let text = fields.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join(" ");
        let (name, after): (_, Timestamp) = (*random.among(&ZONES), random.among(&NEAR).parse().unwrap());
        let (both, shifts) = (random.below(2) == 0, random.below(3) > 0);
        let policies = json!({ "overlap": if both { "both" } else { "once" }, "gap": if shifts { "after" } else { "skip" } });
        let authored = document(json!({ "when": { "cron": text }, "zone": name, "policies": policies }));
        let zone = TimeZoneDatabase::bundled().get(name).unwrap();
        let expected = enumerate(&fields, &zone, both, shifts, after, 4);
        // What never falls is refused.
        let Ok(schedule) = compile(&authored) else {
            assert!(expected.is_empty(), "{text}");
            continue;
        };
        let until = after.checked_add(96.hours()).unwrap();
        let found: Vec<Timestamp> = all(&schedule, after, until).into_iter().map(|occurrence| occurrence.instant).collect();
        assert_eq!(found, expected, "{text} in {name} after {after}, {policies}");
        compared += found.len();
    }
    assert!(compared > 100);
}

/// A document of any kind.
fn any(random: &mut Random) -> Value {
    let anchor = format!("20{:02}-{:02}-{:02}", random.between(10, 26), random.between(1, 12), random.between(1, 28));
    let every = *random.among(&["P1D", "P3D", "P1W", "P1M", "P3M", "P10D", "PT1H", "PT7M", "PT90S", "PT36H"]);
    let mut when = match random.below(4) {
        0 => {
            json!({ "cron": format!("{} {} {} * *", field(random, 0, 59).text, field(random, 0, 23).text, field(random, 1, 28).text) })
        }
        1 => json!({ "every": every, "anchor": anchor }),
        2 => json!({ "after": ["P5D", "P12D", "P1M"], "anchor": anchor, "repeats": random.below(3) > 0 }),
        _ => json!({ "workingDay": *random.among(&[1, 2, 10, -1, -5]) }),
    };
    let elapsed = every.starts_with("PT") && when.get("every").is_some();
    if random.below(4) == 0 && when.get("every").is_some() {
        when["times"] = json!(random.between(1, 50));
    }
    let mut members = json!({
        "zone": random.among(&ZONES),
        "policies": {
            "overlap": random.among(&["once", "both"]), "gap": random.among(&["after", "skip"]),
            "missed": random.among(&["each", "latest", "none"]),
        },
    });
    if members["policies"]["missed"] == "each" {
        members["policies"]["atMost"] = json!(random.between(1, 40));
    }
    if when.get("cron").is_none() {
        members["time"] = json!(format!("{:02}:30", random.below(24)));
    }
    if when.get("workingDay").is_none() && !elapsed {
        members["roll"] = json!(random.among(&["none", "forward", "backward", "skip"]));
    }
    if random.below(3) == 0 {
        (members["from"], members["to"]) = (json!("2011-06-01"), json!("2026-10-31"));
    }
    members["when"] = when;
    members
}

#[test]
fn occurrences_go_forward_and_are_counted_without_being_listed() {
    let mut random = Random(2);
    let (mut listed, mut made_up) = (0, 0);
    for _ in 0..rounds() {
        let members = any(&mut random);
        let Ok(schedule) = compile(&document(members.clone())) else { continue };
        let after: Timestamp = random.among(&NEAR).parse().unwrap();
        let until = after.checked_add(random.between(1, 24 * 60).hours()).unwrap();
        let found = all(&schedule, after, until);
        listed += found.len();
        assert!(found.iter().all(|occurrence| occurrence.instant > after), "{members}");
        assert!(found.is_sorted_by(|one, other| one.instant < other.instant), "{members}");
        assert_eq!(schedule.count(after, until, &is_working), found.len() as u64, "{members} after {after} until {until}");

        // Nothing is skipped between: from any instant in between, the next is the same.
        for pair in found.windows(2).take(20) {
            let middle = pair[0].instant.checked_add(pair[1].instant.duration_since(pair[0].instant) / 2).unwrap();
            assert_eq!(schedule.next_after(middle, &is_working).as_ref(), Some(&pair[1]), "{members}");
        }

        // What is made up for and what is skipped are all there were; what is made up for is the newest.
        let missed = schedule.missed(after, until, &is_working);
        assert_eq!(missed.run.len() as u64 + missed.skipped, found.len() as u64, "{members}");
        assert!(found.ends_with(&missed.run), "{members}");
        let at_most = match members["policies"]["missed"].as_str().unwrap() {
            "each" => usize::try_from(members["policies"]["atMost"].as_u64().unwrap()).unwrap(),
            "latest" => 1,
            _ => 0,
        };
        assert_eq!(missed.run.len(), at_most.min(found.len()), "{members}");
        assert_eq!(schedule.newest(after, until, &is_working).as_ref(), found.last(), "{members}");
        made_up += missed.run.len();
    }
    assert!(listed > 100 && made_up > 20);
}

/// Down for two years with a schedule of every minute, and for a century with one of every second.
#[test]
fn long_absences_are_bounded() {
    let start = std::time::Instant::now();
    let policies = json!({ "missed": "each", "atMost": 1000 });
    let minutes = json!({ "when": { "cron": "* * * * *" }, "policies": policies, "roll": "skip", "zone": "Europe/Berlin" });
    let schedule = compile(&document(minutes)).unwrap();
    let (last, now): (Timestamp, Timestamp) =
        ("2024-11-25T07:00:00Z".parse().unwrap(), "2026-11-25T07:00:30.5Z".parse().unwrap());
    let missed = schedule.missed(last, now, &|_| true);
    assert_eq!((missed.run.len(), missed.skipped), (1000, 730 * 24 * 60 - 1000));
    assert_eq!(missed.run.last().unwrap().instant, "2026-11-25T07:00:00Z".parse().unwrap());
    let two_years = start.elapsed();
    assert!(two_years < std::time::Duration::from_secs(1), "{two_years:?}");

    let seconds = json!({ "when": { "cron": "* * * * * *" }, "zone": "UTC" });
    let schedule = compile(&document(seconds)).unwrap();
    let missed = schedule.missed("1999-12-31T23:59:59Z".parse().unwrap(), "2099-12-31T23:59:59Z".parse().unwrap(), &|_| true);
    assert_eq!((missed.run.len(), missed.skipped), (1, 36_525 * 86_400 - 1));
    eprintln!("two years of minutes in {two_years:?}, a century of seconds too in {:?}", start.elapsed());
}
