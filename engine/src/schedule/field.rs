//! One field of a cron expression: its numbers, names, lists, ranges and steps, and the days that only `L`, `W` and `#` can say.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

/// A field and what it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Second,
    Minute,
    Hour,
    DayOfMonth,
    Month,
    DayOfWeek,
    Year,
}

/// What a field says.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Its plain values; days of the week from 0, Sunday, to 6.
    pub values: BTreeSet<u16>,
    /// The days that it says by rule.
    pub rules: BTreeSet<DayRule>,
    /// Whether it holds every value.
    pub all: bool,
    /// Whether it is written with `*` or a step: a rhythm, not a named time.
    pub rhythm: bool,
}

/// A day of a month that depends on the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DayRule {
    /// So many days before the last one (`L`, `L-3`).
    FromEnd(i8),
    /// The last day from Monday to Friday (`LW`).
    LastWeekday,
    /// The day from Monday to Friday nearest to this one, within the month (`15W`).
    Nearest(i8),
    /// The last such day of the week, from 0, Sunday (`5L`, `FRI#L`).
    Last(i8),
    /// The n-th such day of the week (`2#1`).
    Nth(i8, i8),
}

impl DayRule {
    /// Whether `date` is the day of its month.
    pub(super) fn holds(self, date: Date) -> bool {
        let (day, days) = (date.day(), date.days_in_month());
        let weekday = date.weekday().to_sunday_zero_offset();
        match self {
            Self::FromEnd(before) => day + before == days,
            Self::LastWeekday => {
                let friday_on = day + 2 >= days && date.weekday() == Weekday::Friday;
                is_weekday(date) && (day == days || friday_on)
            }
            Self::Nearest(wanted) => nearest_weekday(date, wanted) == Some(date),
            Self::Last(wanted) => weekday == wanted && day + 7 > days,
            Self::Nth(wanted, nth) => weekday == wanted && (day - 1) / 7 + 1 == nth,
        }
    }
}

fn is_weekday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The day from Monday to Friday nearest to the `wanted` one of the month of `date`; none where the month has no such day.
fn nearest_weekday(date: Date, wanted: i8) -> Option<Date> {
    let days = date.days_in_month();
    let wanted_date = date.with().day(wanted).build().ok()?;
    let day = match wanted_date.weekday() {
        Weekday::Saturday if wanted == 1 => 3,
        Weekday::Saturday => wanted - 1,
        Weekday::Sunday if wanted == days => days - 2,
        Weekday::Sunday => wanted + 1,
        _ => wanted,
    };
    date.with().day(day).build().ok()
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    /// What it is called in a message.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Second => "seconds",
            Self::Minute => "minutes",
            Self::Hour => "hours",
            Self::DayOfMonth => "day of month",
            Self::Month => "month",
            Self::DayOfWeek => "day of week",
            Self::Year => "year",
        }
    }

    /// The smallest and the largest value; the 7 of a week is Sunday once more.
    pub(super) fn range(self) -> (u16, u16) {
        match self {
            Self::Second | Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::DayOfMonth => (1, 31),
            Self::Month => (1, 12),
            Self::DayOfWeek => (0, 7),
            Self::Year => (1970, 2100),
        }
    }

    /// Reads a field, already in capitals; the error says what is wrong and what to do.
    pub(super) fn read(self, text: &str) -> Result<Said, String> {
        let mut said = Said { rhythm: text.contains(['*', '/']), ..Said::default() };
        for item in text.split(',') {
            match self.rule(item)? {
                Some(rule) => _ = said.rules.insert(rule),
                None => said.values.extend(self.values(item)?),
            }
        }
        if self == Self::DayOfWeek {
            said.values = said.values.iter().map(|value| value % 7).collect();
        }
        let (least, most) = self.range();
        let full = usize::from(most - least) + usize::from(self != Self::DayOfWeek);
        said.all = said.values.len() == full;
        Ok(said)
    }

    /// A day by rule; none for a plain item.
    fn rule(self, item: &str) -> Result<Option<DayRule>, String> {
        let day = |text: &str, most: u16| self.number(text).filter(|n| (1..=most).contains(n)).and_then(|n| i8::try_from(n).ok());
        let weekday = |text: &str| self.value(text).ok().and_then(|n| i8::try_from(n % 7).ok());
        let rule = match self {
            Self::DayOfMonth if item == "L" => Some(DayRule::FromEnd(0)),
            Self::DayOfMonth if item == "LW" => Some(DayRule::LastWeekday),
            Self::DayOfMonth if item.starts_with("L-") => day(&item[2..], 30).map(DayRule::FromEnd),
            Self::DayOfMonth if item.ends_with('W') => day(&item[..item.len() - 1], 31).map(DayRule::Nearest),
            Self::DayOfWeek if item.contains('#') => {
                let (left, right) = item.split_once('#').unwrap_or_default();
                match right {
                    "L" => weekday(left).map(DayRule::Last),
                    _ => weekday(left).zip(day(right, 5)).map(|(weekday, nth)| DayRule::Nth(weekday, nth)),
                }
            }
            Self::DayOfWeek if item.ends_with('L') => weekday(&item[..item.len() - 1]).map(DayRule::Last),
            _ => return Ok(None),
        };
        let help = match self {
            Self::DayOfMonth => "Write L, L-3, LW or 15W",
            _ => "Write 5L for the last Friday, or 5#2 for the second",
        };
        rule.map(Some).ok_or_else(|| format!("\"{item}\" is no day of a month. {help}."))
    }

    /// The values of `*`, `5`, `1-5`, `*/15`, `5/15` or `10-40/5`.
    fn values(self, item: &str) -> Result<BTreeSet<u16>, String> {
        let (least, most) = self.range();
        let (span, step) = match item.split_once('/') {
            Some((span, step)) => (span, Some(step)),
            None => (item, None),
        };
        let (first, last) = match span.split_once('-') {
            _ if span == "*" => (least, most),
            _ if span == "?" && matches!(self, Self::DayOfMonth | Self::DayOfWeek) => (least, most),
            Some((first, last)) => {
                let (first, last) = (self.value(first)?, self.value(last)?);
                // A week may end on Sunday as well as begin on it.
                (first, if self == Self::DayOfWeek && last == 0 && first > 0 { 7 } else { last })
            }
            None => {
                let first = self.value(span)?;
                (first, if step.is_some() { most } else { first })
            }
        };
        if first > last {
            return Err(format!("\"{span}\" runs backwards. Write two ranges with a comma between them."));
        }
        let step = match step {
            None => 1,
            Some(text) => self
                .number(text)
                .filter(|step| (1..=most - least).contains(step))
                .ok_or_else(|| format!("\"{text}\" is no step. Write a number from 1 to {} after the slash.", most - least))?,
        };
        Ok((first..=last).step_by(usize::from(step)).collect())
    }

    /// A number within the range, or a name.
    fn value(self, text: &str) -> Result<u16, String> {
        let names: &[&str] = match self {
            Self::Month => &MONTHS,
            Self::DayOfWeek => &WEEKDAYS,
            _ => &[],
        };
        let (least, most) = self.range();
        let named = names.iter().position(|name| *name == text).and_then(|at| u16::try_from(at).ok());
        let value = named.map(|at| at + u16::from(self == Self::Month)).or_else(|| self.number(text));
        value.filter(|value| (least..=most).contains(value)).ok_or_else(|| {
            let or_name = names.first().map_or(String::new(), |name| format!(", or a name such as {name}"));
            format!("\"{text}\" is no value of it. Write a number from {least} to {most}{or_name}.")
        })
    }

    /// A number of as many digits as the field may need.
    fn number(self, text: &str) -> Option<u16> {
        let digits = if self == Self::Year { 4 } else { 2 };
        let plain = (1..=digits).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
    }
}
