//! Cron expressions: the standard five fields, seconds and years, `@daily` and its like, `L`, `W`, `#`, and `+` for "and".
//!
//! The `cron` crate finds the days; what it cannot say is said around it. It counts days of the week from 1, knows neither five fields nor
//! "day of month or day of week", and fires twice or not at all where clocks change. So an expression becomes one or more of its
//! schedules, for dates alone and in a time without zone, and days by rule are chosen among the days that it finds.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use jiff::civil::{Date, date};

use super::field::{DayRule, Field, Said};
use super::times::Times;
use crate::model::limits::{CRON_BYTES_MAX, CRON_DAYS_MAX};
use crate::model::problem::short;

/// A cron expression.
#[derive(Debug, Clone)]
pub(super) struct Cron {
    days: Vec<Days>,
    /// The times of each of its days.
    pub times: Times,
    /// Whether its times are a rhythm (`*` or a step) and not named.
    pub rhythm: bool,
    /// Whether it falls in every hour of the day.
    pub hourly: bool,
}

/// Days that the `cron` crate finds and that keep all the rules.
#[derive(Debug, Clone)]
struct Days {
    candidates: cron::Schedule,
    rules: Vec<DayRule>,
}

/// A fault of an expression: its code, what is wrong and what to do.
pub(super) type Fault = (&'static str, String);

const FIELDS: [Field; 7] =
    [Field::Second, Field::Minute, Field::Hour, Field::DayOfMonth, Field::Month, Field::DayOfWeek, Field::Year];

const MACROS: [(&str, &str); 8] = [
    ("@YEARLY", "0 0 1 1 *"),
    ("@ANNUALLY", "0 0 1 1 *"),
    ("@MONTHLY", "0 0 1 * *"),
    ("@WEEKLY", "0 0 * * 0"),
    ("@DAILY", "0 0 * * *"),
    ("@MIDNIGHT", "0 0 * * *"),
    ("@HOURLY", "0 * * * *"),
    ("@MINUTELY", "* * * * *"),
];

impl Cron {
    /// Reads an expression, or says everything that is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, Vec<Fault>> {
        if text.len() > CRON_BYTES_MAX {
            let message = format!("The expression is longer than {CRON_BYTES_MAX} bytes. Write a shorter one.");
            return Err(vec![("schedule.cron-too-long", message)]);
        }
        let capitals = text.trim().to_ascii_uppercase();
        let parts: Vec<&str> = fields(&capitals)?.split_ascii_whitespace().collect();
        let (and, said) = said(&parts)?;
        let [seconds, minutes, hours, month_days, months, week_days, years] = &said;

        let clock = format!("{} {} {}", numbers(seconds), numbers(minutes), numbers(hours));
        let times = Times::of(&crate_schedule(&format!("{clock} * * * *"))?);
        let days = alternatives(month_days, week_days, and)
            .into_iter()
            .map(|(month_days, week_days, rules)| {
                let text = format!("0 0 0 {month_days} {} {week_days} {}", numbers(months), numbers(years));
                Ok(Days { candidates: crate_schedule(&text)?, rules })
            })
            .collect::<Result<Vec<Days>, Vec<Fault>>>()?;
        if days.len() > CRON_DAYS_MAX {
            let message = format!("The days are more than {CRON_DAYS_MAX} rules with L, W or #. Write several schedules.");
            return Err(vec![("schedule.cron-field", message)]);
        }
        let rhythm = [seconds, minutes, hours].iter().any(|said| said.rhythm);
        Ok(Self { days, times, rhythm, hourly: hours.all })
    }

    /// The first of its dates after `date`.
    pub(super) fn next_date(&self, date: Date) -> Option<Date> {
        self.days.iter().filter_map(|days| days.next_date(date)).min()
    }
}

impl Days {
    fn next_date(&self, after: Date) -> Option<Date> {
        let midnight = naive(after.max(date(1969, 12, 31)))?;
        self.candidates
            .after(&midnight)
            .filter_map(|found| civil(&found))
            .find(|date| self.rules.iter().all(|rule| rule.holds(*date)))
    }
}

/// The fields of an expression, those of a macro put in its place.
fn fields(capitals: &str) -> Result<&str, Vec<Fault>> {
    if !capitals.starts_with('@') {
        return Ok(capitals);
    }
    let found = MACROS.iter().find(|(name, _)| *name == capitals);
    found.map(|(_, fields)| *fields).ok_or_else(|| {
        let names: Vec<String> = MACROS.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let message = format!("\"{}\" is not known. Write one of {}, alone.", short(capitals), names.join(", "));
        vec![("schedule.cron-macro", message)]
    })
}

/// What the seven fields say, and whether both kinds of days must hold.
fn said(parts: &[&str]) -> Result<(bool, [Said; 7]), Vec<Fault>> {
    let all = match *parts {
        [minute, hour, month_day, month, week_day] => ["0", minute, hour, month_day, month, week_day, "*"],
        [second, minute, hour, month_day, month, week_day] => [second, minute, hour, month_day, month, week_day, "*"],
        [second, minute, hour, month_day, month, week_day, year] => [second, minute, hour, month_day, month, week_day, year],
        _ => {
            let message = format!(
                "The expression has {} fields. Write five (minute, hour, day of month, month, day of week), six with seconds in front, \
                 or seven with years at the end.",
                parts.len()
            );
            return Err(vec![("schedule.cron-fields", message)]);
        }
    };
    let and = all[5].starts_with('+');
    let mut faults = Vec::new();
    let read = FIELDS.map(|field| {
        let at = FIELDS.iter().position(|other| *other == field).unwrap_or_default();
        let text = if field == Field::DayOfWeek { all[at].strip_prefix('+').unwrap_or(all[at]) } else { all[at] };
        field.read(text).unwrap_or_else(|fault| {
            faults.push(("schedule.cron-field", format!("In the field \"{}\": {}", field.name(), fault)));
            Said::default()
        })
    });
    if faults.is_empty() { Ok((and, read)) } else { Err(faults) }
}

/// The ways in which a day may be meant: for each, the crate's two fields and the rules that must hold too.
///
/// Standard cron: where both fields are restricted, a day of either counts; `+` asks for both.
fn alternatives(month_days: &Said, week_days: &Said, and: bool) -> Vec<(String, String, Vec<DayRule>)> {
    let (months, weeks) = (each(month_days, numbers), each(week_days, |said| numbers(&crate_week(said))));
    let any = "*".to_owned();
    match (month_days.all, week_days.all) {
        (_, true) => months.into_iter().map(|(days, rules)| (days, any.clone(), rules)).collect(),
        (true, false) => weeks.into_iter().map(|(days, rules)| (any.clone(), days, rules)).collect(),
        (false, false) if and => {
            let both = |(month, left): &(String, Vec<DayRule>)| {
                let pair =
                    |(week, right): &(String, Vec<DayRule>)| (month.clone(), week.clone(), [&left[..], &right[..]].concat());
                weeks.iter().map(pair).collect::<Vec<_>>()
            };
            months.iter().flat_map(both).collect()
        }
        (false, false) => {
            let of_month = months.into_iter().map(|(days, rules)| (days, any.clone(), rules));
            let of_week = weeks.into_iter().map(|(days, rules)| (any.clone(), days, rules));
            of_month.chain(of_week).collect()
        }
    }
}

/// A field as alternatives: its plain values together, and each of its rules over all days.
fn each(said: &Said, plain: impl Fn(&Said) -> String) -> Vec<(String, Vec<DayRule>)> {
    let values = (!said.values.is_empty()).then(|| (plain(said), Vec::new()));
    values.into_iter().chain(said.rules.iter().map(|rule| ("*".to_owned(), vec![*rule]))).collect()
}

/// The days of the week as the crate counts them: 1 is Sunday.
fn crate_week(said: &Said) -> Said {
    Said { values: said.values.iter().map(|value| value + 1).collect(), all: said.all, ..Said::default() }
}

/// The values as the crate reads them.
fn numbers(said: &Said) -> String {
    if said.all {
        return "*".to_owned();
    }
    said.values.iter().map(u16::to_string).collect::<Vec<_>>().join(",")
}

/// The crate's schedule. Only lists of checked numbers are put to it, so a refusal is a fault of ours, said as one of the expression.
fn crate_schedule(text: &str) -> Result<cron::Schedule, Vec<Fault>> {
    text.parse().map_err(|_| vec![("schedule.cron-field", "The expression cannot be read. Write a simpler one.".to_owned())])
}

/// Midnight of a date in the crate's time. It is no instant: zones come later.
fn naive(date: Date) -> Option<DateTime<Utc>> {
    let (month, day) = (u32::try_from(date.month()).ok()?, u32::try_from(date.day()).ok()?);
    Some(NaiveDate::from_ymd_opt(i32::from(date.year()), month, day)?.and_time(NaiveTime::MIN).and_utc())
}

fn civil(found: &DateTime<Utc>) -> Option<Date> {
    let (month, day) = (i8::try_from(found.month()).ok()?, i8::try_from(found.day()).ok()?);
    Date::new(i16::try_from(found.year()).ok()?, month, day).ok()
}
