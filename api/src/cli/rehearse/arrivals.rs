//! The arrivals of a rehearsal: which cases come, when, and how their tasks are worked. A document, its problems, and the instants that
//! it stands for: by a rhythm, on given dates, or by chance from a seed.

use std::collections::BTreeMap;

use engine::calendar::Calendar;
use engine::graph::{Library, StepKind};
use engine::machine::office::Office;
use engine::model::problem::pointer_token;
use engine::model::random::Random;
use engine::model::time::duration;
use engine::model::{Problem, Time, UnitId, Values};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::Deserialize;

use crate::app::actor::find;

/// Cases that one rehearsal may start.
pub(super) const CASES_MAX: usize = 100_000;
/// Most cases that one period may bring on average.
const COUNT_MAX: f64 = 10_000.0;

/// Cases that arrive, and how their tasks are worked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arrival {
    /// The unit in which they are lodged.
    pub(super) unit: UnitId,
    /// Process id.
    pub(super) process: String,
    /// Who lodges them, by handle.
    pub(super) actor: String,
    /// How often, in a fixed rhythm: an ISO 8601 duration, counted from the first day.
    every: Option<String>,
    /// When: on these dates, as the office opens, or at midnight where it does not.
    dates: Option<Vec<Date>>,
    /// How many, by chance.
    rate: Option<Rate>,
    /// At most so many.
    times: Option<usize>,
    /// What they are lodged with.
    #[serde(default)]
    data: Values,
    /// How the tasks of a step are worked, by step id. Others stay open.
    #[serde(default)]
    work: BTreeMap<String, Handling>,
    /// Kinds of cases by their weight; left out: all are of one kind.
    #[serde(default)]
    kinds: Vec<Kind>,
}

/// How many cases arrive on average, during office hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    /// So many; it may have a fraction.
    count: f64,
    /// In each of these.
    per: Per,
}

/// A period of a rate.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Per {
    /// Each working day.
    WorkingDay,
    /// Each seven days from the first day on.
    Week,
}

/// A kind of cases: what differs from its arrival.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    /// How often it comes, beside the weights of the others.
    weight: u32,
    /// Values beside those of the arrival, or instead of them.
    #[serde(default)]
    data: Values,
    /// Steps worked beside those of the arrival, or instead of them.
    #[serde(default)]
    work: BTreeMap<String, Handling>,
}

/// How a task is worked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Handling {
    /// How long after its creation it is completed: an ISO 8601 duration.
    pub(super) after: String,
    /// What it is completed with.
    #[serde(default)]
    pub(super) data: Values,
}

/// A case to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coming {
    /// When.
    pub(super) at: Time,
    /// Of which kind.
    pub(super) kind: usize,
}

/// The stretch that is rehearsed.
pub(super) struct Stretch {
    /// First day.
    pub(super) from: Date,
    /// The day after the last.
    pub(super) to: Date,
    /// The zone of the rehearsal.
    pub(super) zone: TimeZone,
}

/// Everything that is wrong with arrivals, each with its place.
pub(super) fn problems(arrivals: &[Arrival], library: &Library, office: &Office) -> Vec<Problem> {
    let mut found = Vec::new();
    for (number, arrival) in arrivals.iter().enumerate() {
        let at = |place: &str| format!("/{number}{place}");
        let mut wrong = |code: &str, place: &str, message: String| found.push(Problem::error(code, at(place), message));
        if [arrival.every.is_some(), arrival.dates.is_some(), arrival.rate.is_some()].iter().filter(|given| **given).count() != 1
        {
            let message = "Cases arrive by exactly one of \"every\", \"dates\" and \"rate\". Keep the one that is meant.";
            wrong("arrivals.one-of", "", message.to_owned());
        }
        if let Some(every) = arrival.every.as_ref().filter(|every| span(every).is_none()) {
            wrong("arrivals.duration", "/every", format!("\"{every}\" is no duration that leads on. Write P1D or PT4H."));
        }
        if let Some(rate) = arrival.rate.as_ref().filter(|rate| !(rate.count > 0.0 && rate.count <= COUNT_MAX)) {
            let message = format!("{} cases cannot come on average. Write more than 0 and at most {COUNT_MAX}.", rate.count);
            wrong("arrivals.count", "/rate/count", message);
        }
        if !office.units.contains_key(&arrival.unit) {
            wrong("arrivals.unit", "/unit", format!("The office has no unit {}.", arrival.unit));
        } else if arrival.rate.is_some() && calendar_of(arrival, library, office).is_none() {
            let message = format!(
                "The unit {} works by no calendar, so it has no working days. Give the unit a calendar, or use \"every\".",
                arrival.unit
            );
            wrong("arrivals.calendar", "/rate", message);
        }
        if find(office, &arrival.actor).is_none() {
            wrong("arrivals.actor", "/actor", format!("The office has nobody called {}.", arrival.actor));
        }
        if !arrival.kinds.is_empty() && arrival.kinds.iter().all(|kind| kind.weight == 0) {
            wrong("arrivals.weight", "/kinds", "No kind has a weight above 0. Give one of them a weight.".to_owned());
        }
        let Some(deployed) = library.newest(&arrival.process) else {
            wrong("arrivals.process", "/process", format!("There is no process {}.", arrival.process));
            continue;
        };
        let kinds = arrival.kinds.iter().enumerate().map(|(position, kind)| (format!("/kinds/{position}/work"), &kind.work));
        for (place, work) in std::iter::once(("/work".to_owned(), &arrival.work)).chain(kinds) {
            for (step, handling) in work {
                let place = format!("{place}/{}", pointer_token(step));
                let kind = deployed.graph.step(step).map(|index| &deployed.graph.steps[index].kind);
                if !matches!(kind, Some(StepKind::UserTask { .. })) {
                    wrong("arrivals.step", &place, format!("{} has no user task {step}.", arrival.process));
                }
                if span(&handling.after).is_none() {
                    let message = format!("\"{}\" is no duration that leads on. Write P1D or PT4H.", handling.after);
                    wrong("arrivals.duration", &format!("{place}/after"), message);
                }
            }
        }
    }
    found
}

/// A duration that leads on.
pub(super) fn span(text: &str) -> Option<Span> {
    duration(text).filter(Span::is_positive)
}

fn calendar_of<'a>(arrival: &Arrival, library: &'a Library, office: &Office) -> Option<&'a Calendar> {
    library.calendar(office.calendar_of(&arrival.unit)?).map(|working| &working.calendar)
}

impl Arrival {
    /// What a case of a kind is lodged with.
    pub(super) fn data(&self, kind: usize) -> Values {
        let mut data = self.data.clone();
        data.extend(self.kinds.get(kind).into_iter().flat_map(|kind| kind.data.clone()));
        data
    }

    /// How a step of a case of a kind is worked.
    pub(super) fn handling(&self, kind: usize, step: &str) -> Option<&Handling> {
        self.kinds.get(kind).and_then(|kind| kind.work.get(step)).or_else(|| self.work.get(step))
    }

    /// The cases that come, in order; none when they are too many. The same seed gives the same.
    pub(super) fn coming(&self, stretch: &Stretch, seed: u64, library: &Library, office: &Office) -> Option<Vec<Coming>> {
        let mut random = Random(seed);
        let calendar = calendar_of(self, library, office);
        let mut instants = match (&self.every, &self.dates, &self.rate, calendar) {
            (Some(every), ..) => rhythm(stretch, &span(every)?),
            (_, Some(dates), ..) => given(stretch, dates, calendar),
            (_, _, Some(rate), Some(calendar)) => rate.instants(&mut random, stretch, calendar)?,
            // Invariant: `problems` found one of the three, and a calendar for a rate.
            _ => Vec::new(),
        };
        instants.sort();
        instants.truncate(self.times.unwrap_or(usize::MAX));
        if instants.len() > CASES_MAX {
            return None;
        }
        Some(instants.into_iter().map(|at| Coming { at, kind: self.kind(&mut random) }).collect())
    }

    /// A kind by the weights.
    fn kind(&self, random: &mut Random) -> usize {
        let all: u64 = self.kinds.iter().map(|kind| u64::from(kind.weight)).sum();
        let mut drawn = if all == 0 { 0 } else { random.next() % all };
        for (number, kind) in self.kinds.iter().enumerate() {
            match drawn.checked_sub(u64::from(kind.weight)) {
                Some(rest) => drawn = rest,
                None => return number,
            }
        }
        0
    }
}

impl Stretch {
    fn start(&self) -> Option<Time> {
        midnight(self.from, &self.zone)
    }

    fn end(&self) -> Option<Time> {
        midnight(self.to, &self.zone)
    }
}

fn midnight(date: Date, zone: &TimeZone) -> Option<Time> {
    date.to_zoned_datetime(zone.clone()).ok().map(|zoned| Time::from_timestamp(zoned.timestamp()))
}

/// One after another, each so long after the one before. One more than are allowed tells that they are too many.
fn rhythm(stretch: &Stretch, every: &Span) -> Vec<Time> {
    let (Some(start), Some(end)) = (stretch.start(), stretch.end()) else { return Vec::new() };
    let next = |at: &Time| {
        let zoned = at.timestamp().to_zoned_datetime(stretch.zone.clone()).checked_add(*every).ok()?;
        Some(Time::from_timestamp(zoned.timestamp()))
    };
    std::iter::successors(next(&start), next).take_while(|at| *at < end).take(CASES_MAX + 1).collect()
}

/// On the given dates that are rehearsed.
fn given(stretch: &Stretch, dates: &[Date], calendar: Option<&Calendar>) -> Vec<Time> {
    let rehearsed = dates.iter().filter(|date| (stretch.from..stretch.to).contains(date));
    let opening = |date: &&Date| {
        let opens = calendar.and_then(|calendar| calendar.office_day(**date).ok().flatten()).map(|(opens, _)| opens);
        opens.or_else(|| midnight(**date, &stretch.zone))
    };
    rehearsed.filter_map(|date| opening(&date)).collect()
}

impl Rate {
    /// By chance: how many come in a period is Poisson's, and each comes on any of its working days, at any minute of office time.
    fn instants(&self, random: &mut Random, stretch: &Stretch, calendar: &Calendar) -> Option<Vec<Time>> {
        let days = match self.per {
            Per::WorkingDay => 1,
            Per::Week => 7,
        };
        let mut instants = Vec::new();
        let mut first = stretch.from;
        while first < stretch.to {
            let period = (0..days).filter_map(|day| first.checked_add(day.days()).ok());
            let working: Vec<Date> = period.filter(|date| calendar.day(*date).works.value).collect();
            first = first.checked_add(days.days()).ok()?;
            if working.is_empty() {
                continue;
            }
            for _ in 0..poisson(random, self.count) {
                let date = *random.among(&working);
                // A week may reach beyond the stretch, and so does its share.
                instants.extend(minute_of(random, date, calendar).filter(|_| date < stretch.to));
            }
            if instants.len() > CASES_MAX {
                return None;
            }
        }
        Some(instants)
    }
}

/// Any minute of a day's office time.
fn minute_of(random: &mut Random, date: Date, calendar: &Calendar) -> Option<Time> {
    let shifts = calendar.shifts(date);
    let lengths = shifts.iter().map(|shift| usize::from(shift.to_minutes - shift.from_minutes));
    let mut drawn = random.below(lengths.sum());
    for shift in shifts {
        let length = usize::from(shift.to_minutes - shift.from_minutes);
        if drawn < length {
            let minutes = i64::from(shift.from_minutes) + i64::try_from(drawn).ok()?;
            return calendar.instant(date.at(0, 0, 0, 0).checked_add(minutes.minutes()).ok()?).ok();
        }
        drawn -= length;
    }
    None
}

/// A number of events that come independently of each other, so many on average.
fn poisson(random: &mut Random, mean: f64) -> usize {
    // In parts, so that `exp` does not vanish.
    let (mut left, mut count) = (mean, 0);
    while left > 0.0 {
        let part = left.min(30.0);
        left -= part;
        let (least, mut product) = ((-part).exp(), random.fraction());
        while product > least {
            count += 1;
            product *= random.fraction();
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use engine::calendar::compile;
    use serde_json::{Value, json};

    use super::*;

    fn arrival(changes: &Value) -> Arrival {
        let mut value = json!({ "unit": "office", "process": "p", "actor": "asha" });
        value.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(value).unwrap()
    }

    /// January of 2026 in a zone; the first is a Thursday.
    fn january(zone: &str) -> Stretch {
        let (from, to) = (jiff::civil::date(2026, 1, 1), jiff::civil::date(2026, 2, 1));
        Stretch { from, to, zone: TimeZone::get(zone).unwrap() }
    }

    /// Mondays, Wednesdays and Fridays, from ten to one and from two to five; closed on the 26th.
    fn calendar() -> Calendar {
        let day = json!([{ "from": "10:00", "to": "13:00" }, { "from": "14:00", "to": "17:00" }]);
        let document = json!({
            "id": "c", "title": { "en": "C" }, "owner": { "post": "head" }, "zone": "Asia/Kolkata",
            "week": { "monday": day, "wednesday": day, "friday": day },
            "holidays": [{ "date": "2026-01-26", "title": { "en": "Republic Day" } }],
        });
        compile(&[&serde_json::from_value(document).unwrap()]).unwrap().0
    }

    fn local(at: Time) -> jiff::civil::DateTime {
        TimeZone::get("Asia/Kolkata").unwrap().to_datetime(at.timestamp())
    }

    #[test]
    fn a_rhythm_and_dates_are_kept() {
        let january = january("Asia/Kolkata");
        let told = |instants: Vec<Time>| instants.into_iter().map(|at| local(at).to_string()).collect::<Vec<_>>();
        let every = rhythm(&january, &span("P10D").unwrap());
        assert_eq!(told(every), ["2026-01-11T00:00:00", "2026-01-21T00:00:00", "2026-01-31T00:00:00"]);
        // As the office opens; a closed day begins at midnight; what lies outside is not rehearsed.
        let dates: Vec<Date> =
            ["2025-12-31", "2026-01-05", "2026-01-06", "2026-02-01"].iter().map(|date| date.parse().unwrap()).collect();
        assert_eq!(told(given(&january, &dates, Some(&calendar()))), ["2026-01-05T10:00:00", "2026-01-06T00:00:00"]);
    }

    #[test]
    fn what_comes_by_chance_comes_in_office_hours_and_so_many_on_average() {
        for (count, per, periods) in
            [(2.5, Per::WorkingDay, 12), (0.1, Per::WorkingDay, 12), (40.0, Per::Week, 5), (75.0, Per::Week, 5)]
        {
            let (mut total, rate) = (0, Rate { count, per });
            for seed in 0..200 {
                let instants = rate.instants(&mut Random(seed), &january("Asia/Kolkata"), &calendar()).unwrap();
                total += instants.len();
                for at in instants {
                    let at = local(at);
                    assert!(calendar().day(at.date()).works.value, "{at}");
                    assert!((10..13).contains(&at.hour()) || (14..17).contains(&at.hour()), "{at}");
                    assert_eq!(at.date().month(), 1);
                }
            }
            // The fifth week is cut: of its three working days one lies in January.
            let whole = if matches!(per, Per::Week) { f64::from(periods) - 2.0 / 3.0 } else { f64::from(periods) };
            let expected = count * whole * 200.0;
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let off = (total as f64 - expected).abs();
            assert!(off < 5.0 * expected.sqrt(), "{count} {per:?}: {total} came, {expected} were expected");
        }
    }

    #[test]
    fn kinds_come_by_their_weights_and_differ_from_their_arrival() {
        let arrival = arrival(&json!({
            "every": "P1D", "data": { "a": 1, "b": 1 }, "work": { "s": { "after": "P1D" }, "t": { "after": "P2D" } },
            "kinds": [{ "weight": 3 }, { "weight": 0 }, { "weight": 1, "data": { "b": 2 }, "work": { "t": { "after": "P9D" } } }]
        }));
        let mut random = Random(7);
        let mut drawn = [0; 3];
        (0..4_000).for_each(|_| drawn[arrival.kind(&mut random)] += 1);
        assert!((2_850..3_150).contains(&drawn[0]) && drawn[1] == 0, "{drawn:?}");
        assert_eq!(json!([arrival.data(0), arrival.data(2)]), json!([{ "a": 1, "b": 1 }, { "a": 1, "b": 2 }]));
        let after = |kind, step| arrival.handling(kind, step).map(|handling| handling.after.as_str());
        assert_eq!([after(0, "t"), after(2, "t"), after(2, "s"), after(2, "u")], [Some("P2D"), Some("P9D"), Some("P1D"), None]);
    }

    #[test]
    fn a_seed_gives_the_same_and_another_seed_does_not() {
        let (library, office, january) = (Library::default(), Office::default(), january("Asia/Kolkata"));
        let arrival = arrival(&json!({ "every": "PT6H", "times": 100, "kinds": [{ "weight": 1 }, { "weight": 1 }] }));
        let coming = |seed| arrival.coming(&january, seed, &library, &office).unwrap();
        assert_eq!(coming(1), coming(1));
        assert_ne!(coming(1), coming(2));
        assert_eq!(coming(1).len(), 100);
        let often = self::arrival(&json!({ "every": "PT1S" }));
        assert_eq!(often.coming(&january, 1, &library, &office), None, "too many");
    }
}
