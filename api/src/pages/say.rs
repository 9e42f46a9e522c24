//! How values are written: days and hours in the office's zone, amounts in the Indian grouping, durations, roles, statuses.

use engine::graph::Graph;
use engine::journal::codec::HANDED_OVER;
use engine::model::definition::{Due, Length, Step};
use engine::model::{InstanceStatus, Language, Text, Time};
use jiff::civil::Date;
use serde_json::Value;

use super::words::Words;
use crate::app::ladder;

/// A key of a message, marked so that the test of the messages finds it.
pub(super) const fn key(key: &'static str) -> &'static str {
    key
}

const MONTHS: [&str; 12] = [
    key("month-1"),
    key("month-2"),
    key("month-3"),
    key("month-4"),
    key("month-5"),
    key("month-6"),
    key("month-7"),
    key("month-8"),
    key("month-9"),
    key("month-10"),
    key("month-11"),
    key("month-12"),
];

impl Words {
    /// A day: `24 November 2026`.
    pub(super) fn date(&self, date: Date) -> String {
        let month = usize::try_from(date.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
        format!("{} {} {}", date.day(), self.say(month), date.year())
    }

    /// A month: `November 2026`.
    pub(super) fn month(&self, first: Date) -> String {
        let month = usize::try_from(first.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
        format!("{} {}", self.say(month), first.year())
    }

    /// The day of an instant in the office's zone.
    pub(super) fn day(&self, time: Time) -> Date {
        time.timestamp().to_zoned_datetime(self.zone.clone()).date()
    }

    /// An instant in the office's zone: `24 November 2026, 14:05 IST`.
    pub(super) fn time(&self, time: Time) -> String {
        let zoned = time.timestamp().to_zoned_datetime(self.zone.clone());
        format!("{}, {}", self.date(zoned.date()), zoned.strftime("%H:%M %Z"))
    }

    /// A text of a definition.
    pub(super) fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.language)
    }

    /// The language in which a text is shown, where it is not that of the page.
    pub(super) fn language_of(&self, text: &Text) -> Option<&'static str> {
        let is_other = self.language == Language::Hindi && !text.others.contains_key(Language::Hindi.tag());
        is_other.then(|| Language::English.tag())
    }

    /// The title of a step, or its id.
    pub(super) fn step(&self, graph: &Graph, id: &str) -> String {
        if ladder::gave(id) {
            return self.text(&ladder::title()).to_owned();
        }
        let authored = graph.step(id).and_then(|step| graph.authored(step));
        authored.map_or_else(|| id.to_owned(), |step| self.step_title(step))
    }

    /// The title of a step as authored, or its id.
    pub(super) fn step_title(&self, step: &Step) -> String {
        step.title.as_ref().map_or_else(|| step.id.clone(), |title| self.text(title).to_owned())
    }

    /// When a task should be done, as authored.
    pub(super) fn due(&self, graph: &Graph, due: &Due) -> String {
        match (&due.after, &due.by) {
            (Some(after), _) => self.length(after),
            (None, Some(by)) => format!("{}: {}", self.say("due-by"), self.variable(graph, by)),
            // Invariant: deployment refuses a due without either.
            (None, None) => String::new(),
        }
    }

    /// A role in words: the message of its name, or the name itself with spaces.
    pub(super) fn role(&self, role: &str) -> String {
        self.try_say(&format!("role-{}", role.replace('.', "-"))).unwrap_or_else(|| capital(&role.replace(['-', '.'], " ")))
    }

    /// A record in words.
    pub(super) fn record(&self, record: &str) -> String {
        self.try_say(&format!("record-{}", record.replace('.', "-"))).unwrap_or_else(|| capital(&record.replace(['-', '.'], " ")))
    }

    /// What kind of page it is, in words; or else a word of the office's own.
    pub(super) fn page_kind(&self, kind: &str) -> Result<String, String> {
        self.try_say(&format!("page-kind-{kind}")).ok_or_else(|| capital(&kind.replace('-', " ")))
    }

    /// An event from which schedules count, in words.
    pub(super) fn anchor(&self, anchor: &str) -> String {
        self.try_say(&format!("event-{anchor}")).unwrap_or_else(|| capital(&anchor.replace('-', " ")))
    }

    /// How a case stands.
    pub(super) fn status(&self, status: InstanceStatus) -> String {
        self.say(match status {
            InstanceStatus::Active => key("status-active"),
            InstanceStatus::Suspended => key("status-suspended"),
            InstanceStatus::Completed => key("status-completed"),
            InstanceStatus::Cancelled => key("status-cancelled"),
        })
    }

    /// A length of time in words.
    pub(super) fn length(&self, length: &Length) -> String {
        match length {
            Length::Elapsed(written) => self.duration(written),
            Length::Counted(within) => self.within(within),
        }
    }

    /// An ISO 8601 duration in words: `P15D` is `15 days`. One that is computed or mixed is shown as written.
    fn duration(&self, written: &str) -> String {
        let (body, units): (&str, &[(char, &str)]) = match written.strip_prefix("PT") {
            Some(body) => (body, &[('H', key("duration-hours")), ('M', key("duration-minutes"))]),
            None => (
                written.strip_prefix('P').unwrap_or_default(),
                &[
                    ('D', key("duration-days")),
                    ('W', key("duration-weeks")),
                    ('M', key("duration-months")),
                    ('Y', key("duration-years")),
                ],
            ),
        };
        let said = units.iter().find_map(|(letter, key)| {
            let n: usize = body.strip_suffix(*letter)?.parse().ok()?;
            Some(self.count(key, n))
        });
        said.unwrap_or_else(|| written.to_owned())
    }

    /// A value of a variable, by the schema of its declaration.
    pub(super) fn value(&self, graph: &Graph, name: &str, value: &Value) -> String {
        let format = graph.scopes.iter().find_map(|scope| scope.variables.get(name)).and_then(|v| v.format.as_deref());
        match (value, format) {
            (Value::Null, _) => self.say("value-none"),
            (Value::Bool(true), _) => self.say("value-yes"),
            (Value::Bool(false), _) => self.say("value-no"),
            (Value::String(text), Some("decimal")) => grouped(text),
            (Value::String(text), Some("date")) => text.parse().map_or_else(|_| text.clone(), |date| self.date(date)),
            (Value::String(text), Some("date-time")) => Time::parse(text).map_or_else(|| text.clone(), |time| self.time(time)),
            (Value::String(text), _) => self.option(graph, name, text),
            (Value::Number(number), _) => number.to_string(),
            (Value::Array(items), _) => {
                let items: Vec<String> = items.iter().map(|item| self.value(graph, name, item)).collect();
                items.join("\n")
            }
            (Value::Object(_), _) => value.to_string(),
        }
    }

    /// The label of a choice, from the first form that gives one.
    fn option(&self, graph: &Graph, name: &str, value: &str) -> String {
        let sections = graph.forms.values().flat_map(|form| &form.authored.layout);
        let label = sections
            .flat_map(|section| &section.fields)
            .find_map(|field| (field.name == name).then(|| field.options.get(value))?);
        label.map_or_else(|| value.to_owned(), |label| self.text(label).to_owned())
    }

    /// The label of a variable: its title, or its name.
    pub(super) fn variable(&self, graph: &Graph, name: &str) -> String {
        let declared = graph.scopes.iter().find_map(|scope| scope.variables.get(name));
        let title = declared.and_then(|variable| variable.declared.title.as_ref());
        match title {
            Some(title) => self.text(title).to_owned(),
            None if name == HANDED_OVER => self.say("handed-over"),
            None => name.to_owned(),
        }
    }
}

/// The origin of a unit's log, as receipts name it.
pub(super) async fn log_of(
    visit: &super::visit::Visit,
    unit: &engine::model::UnitId,
) -> Result<String, engine::store::StoreError> {
    use engine::store::Store;
    let head = visit.store().head(unit).await?;
    Ok(head.map_or_else(|| unit.to_string(), |head| head.origin))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A decimal amount in the Indian grouping: `1,23,456.50`. What is no plain decimal is left as it is.
pub(super) fn grouped(amount: &str) -> String {
    let (sign, rest) = amount.strip_prefix('-').map_or(("", amount), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_plain = !whole.is_empty() && whole.bytes().chain(fraction.unwrap_or_default().bytes()).all(|b| b.is_ascii_digit());
    if !is_plain {
        return amount.to_owned();
    }
    let mut out = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if place > 0 && left >= 3 && (left - 3) % 2 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use engine::model::Language;
    use engine::model::norm::Within;
    use jiff::tz::TimeZone;

    use super::*;

    fn words(language: Language) -> Words {
        Words::new(language, TimeZone::get("Asia/Kolkata").unwrap())
    }

    #[test]
    fn amounts_are_grouped_as_in_india() {
        let rows = [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("99999.9", "99,999.9"),
            ("100000", "1,00,000"),
            ("123456.50", "1,23,456.50"),
            ("1234567890", "1,23,45,67,890"),
            ("-1234567", "-12,34,567"),
            ("12,5", "12,5"),
            ("", ""),
            (".5", ".5"),
        ];
        for (plain, expected) in rows {
            assert_eq!(grouped(plain), expected, "{plain}");
        }
    }

    #[test]
    fn days_and_hours_are_those_of_the_office() {
        let late = Time::parse("2026-11-24T20:15:00Z").unwrap();
        assert_eq!(words(Language::English).time(late), "25 November 2026, 01:45 IST");
        assert_eq!(words(Language::Hindi).time(late), "25 नवंबर 2026, 01:45 IST");
    }

    #[test]
    fn durations_are_said() {
        let rows = [
            ("P1D", "1 day"),
            ("P15D", "15 days"),
            ("PT48H", "48 hours"),
            ("P2M", "2 months"),
            ("= x", "= x"),
            ("P1DT2H", "P1DT2H"),
        ];
        for (written, expected) in rows {
            assert_eq!(words(Language::English).duration(written), expected, "{written}");
        }
        assert_eq!(words(Language::Hindi).duration("P15D"), "15 दिन");
        let counted = Length::Counted(Within::WorkingDays(5));
        assert_eq!(words(Language::English).length(&counted), "5 working days");
        assert_eq!(words(Language::Hindi).length(&counted), "5 कार्य दिवस");
    }

    #[test]
    fn roles_have_names() {
        assert_eq!(words(Language::English).role("some.odd-role"), "Some odd role");
        assert_eq!(words(Language::Hindi).role("inspector"), "निरीक्षक");
    }
}
