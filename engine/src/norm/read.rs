//! Reads the parts of one document (names, titles, dates, lengths of time, amounts), and gathers what is wrong with them.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::model::limits::{ID_BYTES_MAX, NORM_MEMBERS_MAX, NORM_NESTING_MAX, NORM_PROBLEMS_MAX, TEXT_CHARS_MAX};
use crate::model::norm::{Document, Within};
use crate::model::problem::short;
use crate::model::{Problem, Text, time};

/// A document that is being read.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    pub(super) problems: Vec<Problem>,
}

impl Reader<'_> {
    /// Reports an error.
    pub(super) fn error(&mut self, code: &str, pointer: impl Into<String>, message: impl Into<String>) {
        self.report(Problem::error(code, pointer, message));
    }

    /// Reports a warning.
    pub(super) fn warning(&mut self, code: &str, pointer: impl Into<String>, message: impl Into<String>) {
        self.report(Problem::warning(code, pointer, message));
    }

    fn report(&mut self, problem: Problem) {
        // An error is never lost behind warnings: they give way to it.
        let is_full = self.problems.len() >= NORM_PROBLEMS_MAX && problem.is_error();
        if is_full && let Some(at) = self.problems.iter().rposition(|problem| !problem.is_error()) {
            self.problems.remove(at);
        }
        if self.problems.len() < NORM_PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    /// Whether a list has at most so many members; a longer one is not read.
    pub(super) fn has_at_most(&mut self, at: &str, count: usize, most: usize) -> bool {
        if count > most {
            self.error("limit.norm", at, format!("There are {count} of them, and at most {most} are allowed. Write fewer."));
        }
        count <= most
    }

    /// A name of an event or an attribute (without points), or of a role or a process.
    pub(super) fn name(&mut self, at: &str, name: &str, has_points: bool) {
        let is_end = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = name.as_bytes();
        let allowed = |byte: &u8| is_end(Some(byte)) || *byte == b'-' || (has_points && *byte == b'.');
        let is_name = bytes.len() <= ID_BYTES_MAX && is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(allowed);
        if !is_name {
            let message =
                format!("{:?} is no name. Write small letters, digits and hyphens, at most {ID_BYTES_MAX}.", short(name));
            self.error("norm.name", at, message);
        }
    }

    /// Looks at the length of a title.
    pub(super) fn title(&mut self, at: &str, title: &Text) {
        let texts = std::iter::once(&title.en).chain(title.others.values());
        if title.en.trim().is_empty() || texts.into_iter().any(|text| text.chars().count() > TEXT_CHARS_MAX) {
            let message = format!("A title needs 1 to {TEXT_CHARS_MAX} characters. Correct it.");
            self.error("norm.title-length", at, message);
        }
    }

    /// Whatever is law has a source.
    pub(super) fn source(&mut self, at: &str, source: &[String]) {
        if source.iter().all(|source| source.trim().is_empty()) {
            self.error("norm.source-missing", at, "It is not said where this comes from. Add the source.");
        }
    }

    pub(super) fn date(&mut self, at: &str, text: Option<&str>) -> Option<Date> {
        let text = text?;
        let date = time::date(text);
        if date.is_none() {
            let message = format!("{:?} is no date of the calendar. Write it as YYYY-MM-DD.", short(text));
            self.error("norm.date-impossible", at, message);
        }
        date
    }

    /// A length of time: its number, its members, its nesting.
    pub(super) fn within(&mut self, at: &str, within: &Within) {
        self.nested(at, within, 1);
    }

    fn nested(&mut self, at: &str, within: &Within, depth: usize) {
        let (unit, count, most) = match within {
            Within::Immediately(true) => return,
            Within::Immediately(false) => {
                let message = "\"immediately\": false says nothing. Write true, or a time.";
                return self.error("norm.immediately-false", format!("{at}/immediately"), message);
            }
            Within::EarliestOf(all) => return self.members(&format!("{at}/earliestOf"), all, depth),
            Within::LatestOf(all) => return self.members(&format!("{at}/latestOf"), all, depth),
            Within::Minutes(count) => ("minutes", *count, 5_256_000),
            Within::Hours(count) => ("hours", *count, 87_600),
            Within::OfficeMinutes(count) => ("officeMinutes", *count, 600_000),
            Within::OfficeHours(count) => ("officeHours", *count, 10_000),
            Within::Days(count) => ("days", *count, 3_650),
            Within::WorkingDays(count) => ("workingDays", *count, 2_500),
            Within::Weeks(count) => ("weeks", *count, 520),
            Within::Months(count) => ("months", *count, 120),
        };
        if !(1..=most).contains(&count) {
            let message = format!("{count} is out of range. Write 1 to {most}.");
            self.error("norm.length", format!("{at}/{unit}"), message);
        }
    }

    fn members(&mut self, at: &str, all: &[Within], depth: usize) {
        if depth >= NORM_NESTING_MAX {
            let message = format!("Times are nested more than {NORM_NESTING_MAX} deep. Write them side by side.");
            return self.error("norm.nesting", at, message);
        }
        if !(2..=NORM_MEMBERS_MAX).contains(&all.len()) {
            let message = format!("It chooses among {} times. Write 2 to {NORM_MEMBERS_MAX} of them.", all.len());
            return self.error("norm.members", at, message);
        }
        for (position, within) in all.iter().enumerate() {
            self.nested(&format!("{at}/{position}"), within, depth + 1);
        }
    }

    /// An amount of money.
    pub(super) fn amount(&mut self, at: &str, text: Option<&str>) -> Option<Decimal> {
        let text = text?;
        let amount = amount(text);
        if amount.is_none() {
            let message = format!("{:?} is no amount. Write at most twelve digits, and at most two after a point.", short(text));
            self.error("norm.amount", at, message);
        }
        amount
    }
}

/// An amount of money as it is written: `250`, `0.50`.
pub(super) fn amount(text: &str) -> Option<Decimal> {
    let (whole, paise) = text.split_once('.').map_or((text, None), |(whole, paise)| (whole, Some(paise)));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = digits(whole, 12) && (whole == "0" || !whole.starts_with('0')) && paise.is_none_or(|paise| digits(paise, 2));
    is_plain.then(|| Decimal::from_str_exact(text).ok()).flatten()
}
