//! One document laid upon those below it: its dated lines, and what each amendment does to them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::read::Reader;
use super::{Effect, Shift};
use crate::model::Text;
use crate::model::calendar::{Amendment, Day, Document, Holiday, HolidayKind, Move, Removal};

/// A dated line that holds.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) day: i64,
    pub(super) date: Date,
    /// Position of its layer.
    pub(super) layer: usize,
    /// Its place in the layer's document.
    pub(super) pointer: String,
    pub(super) effect: Effect,
    pub(super) title: Text,
    /// Its hours, where that is its effect.
    pub(super) shifts: Vec<Shift>,
    /// Number of the order that put it there.
    pub(super) amendment: Option<String>,
    pub(super) source: Vec<String>,
    pub(super) verified: bool,
}

/// The dated lines of all layers, by day.
pub(super) type Lines = BTreeMap<i64, Vec<Line>>;

/// The line of a day that decides. What is certain goes before what is provisional.
pub(super) fn effective(lines: &[Line]) -> Option<&Line> {
    lines.iter().min_by_key(|line| match line.effect {
        Effect::Hours => 0,
        Effect::Closed => 1,
        Effect::Provisional => 2,
        Effect::Cancelled => 3,
        Effect::Restricted | Effect::Week => 4,
    })
}

/// Lays a document upon the lines of those below.
pub(super) fn lay(lines: &mut Lines, reader: &mut Reader<'_>) {
    let document = reader.document;
    let mut upper = Upper { lines, document, order: None };
    for (position, holiday) in document.holidays.iter().enumerate() {
        upper.holiday(reader, &format!("/holidays/{position}"), holiday);
    }
    for (position, day) in document.days.iter().enumerate() {
        upper.day(reader, &format!("/days/{position}"), day);
    }
    for (position, amendment) in document.amendments.iter().enumerate() {
        upper.order = Some(amendment);
        let at = format!("/amendments/{position}");
        for (position, removal) in amendment.remove.iter().enumerate() {
            upper.remove(reader, &format!("{at}/remove/{position}"), removal);
        }
        for (position, moved) in amendment.r#move.iter().enumerate() {
            upper.shift(reader, &format!("{at}/move/{position}"), moved);
        }
        for (position, holiday) in amendment.add.iter().enumerate() {
            upper.holiday(reader, &format!("{at}/add/{position}"), holiday);
        }
        for (position, day) in amendment.days.iter().enumerate() {
            upper.day(reader, &format!("{at}/days/{position}"), day);
        }
    }
}

/// A document that is being laid.
struct Upper<'a> {
    lines: &'a mut Lines,
    document: &'a Document,
    /// The amendment at work.
    order: Option<&'a Amendment>,
}

impl Upper<'_> {
    fn holiday(&mut self, reader: &mut Reader<'_>, at: &str, holiday: &Holiday) {
        reader.title(&format!("{at}/title"), &holiday.title);
        let Some((day, date)) = reader.date(&format!("{at}/date"), &holiday.date) else { return };
        let mut line = self.line(reader, at, day, date, effect_of(holiday.kind), &holiday.title, &holiday.source);
        line.verified = holiday.verified.unwrap_or(line.verified);
        self.put(reader, at, line);
    }

    fn day(&mut self, reader: &mut Reader<'_>, at: &str, day: &Day) {
        reader.title(&format!("{at}/title"), &day.title);
        let shifts = reader.shifts(&format!("{at}/shifts"), &day.shifts);
        if day.shifts.is_empty() {
            let message = "A single day needs hours. Write its shifts, or list it under the holidays if the office is closed.";
            reader.error("calendar.day-empty", &format!("{at}/shifts"), message);
        }
        let Some((number, date)) = reader.date(&format!("{at}/date"), &day.date) else { return };
        let line = self.line(reader, at, number, date, Effect::Hours, &day.title, &day.source);
        self.put(reader, at, Line { shifts, ..line });
    }

    fn remove(&mut self, reader: &mut Reader<'_>, at: &str, removal: &Removal) {
        let Some((day, date)) = reader.date(&format!("{at}/date"), &removal.date) else { return };
        let Some(line) = self.take(reader, &format!("{at}/date"), day, &removal.date, removal.title.as_deref()) else { return };
        let cancelled = self.line(reader, at, day, date, Effect::Cancelled, &line.title, &[]);
        self.lines.entry(day).or_default().push(cancelled);
    }

    fn shift(&mut self, reader: &mut Reader<'_>, at: &str, moved: &Move) {
        let from = reader.date(&format!("{at}/from"), &moved.from);
        let to = reader.date(&format!("{at}/to"), &moved.to);
        let (Some((day, date)), Some((new_day, new_date))) = (from, to) else { return };
        let Some(line) = self.take(reader, &format!("{at}/from"), day, &moved.from, moved.title.as_deref()) else { return };
        let cancelled = self.line(reader, at, day, date, Effect::Cancelled, &line.title, &[]);
        self.lines.entry(day).or_default().push(cancelled);
        let effect = moved.kind.map_or(line.effect, effect_of);
        let placed = self.line(reader, at, new_day, new_date, effect, &line.title, &[]);
        self.put(reader, at, Line { shifts: line.shifts, ..placed });
    }

    /// A line of this document.
    #[expect(clippy::too_many_arguments, reason = "a line has that many parts, and each caller has others of them")]
    fn line(&self, reader: &Reader<'_>, at: &str, day: i64, date: Date, effect: Effect, title: &Text, source: &[String]) -> Line {
        let whole = self.order.map_or(&self.document.source, |order| &order.source);
        Line {
            day,
            date,
            layer: reader.layer,
            pointer: at.to_owned(),
            effect,
            title: title.clone(),
            shifts: Vec::new(),
            amendment: self.order.map(|order| order.number.clone()),
            source: if source.is_empty() { whole.clone() } else { source.to_vec() },
            verified: self.document.verified,
        }
    }

    /// Adds a line; what it replaces goes.
    fn put(&mut self, reader: &mut Reader<'_>, at: &str, line: Line) {
        let lines = self.lines.entry(line.day).or_default();
        let closes = |effect| matches!(effect, Effect::Closed | Effect::Provisional);
        let own = lines.iter().filter(|other| other.layer == line.layer && other.effect != Effect::Cancelled);
        for other in own {
            let date = line.date;
            if other.title.en == line.title.en {
                let message = format!("{:?} on {date} is there already. Remove one of the two.", line.title.en);
                reader.error("calendar.line-twice", at, &message);
            } else if other.amendment == line.amendment && other.effect == Effect::Hours && line.effect == Effect::Hours {
                let message = format!("The hours of {date} are given twice. Keep one of the two.");
                reader.error("calendar.hours-twice", at, &message);
            } else if other.amendment == line.amendment && line.effect == Effect::Hours && closes(other.effect) {
                let message = format!("{date} is a holiday and has hours of its own. Keep one of the two.");
                reader.error("calendar.day-contradicted", at, &message);
            }
        }
        lines.retain(|other| match line.effect {
            Effect::Hours => other.effect == Effect::Restricted,
            Effect::Restricted => other.title.en != line.title.en,
            _ => !matches!(other.effect, Effect::Hours | Effect::Cancelled) && other.title.en != line.title.en,
        });
        lines.push(line);
    }

    /// Takes away the line of a day that is meant.
    fn take(&mut self, reader: &mut Reader<'_>, at: &str, day: i64, date: &str, title: Option<&str>) -> Option<Line> {
        let lines = self.lines.entry(day).or_default();
        let is_meant = |line: &Line| line.effect != Effect::Cancelled && title.is_none_or(|title| line.title.en == title);
        let mut meant = lines.iter().enumerate().filter(|(_, line)| is_meant(line)).map(|(position, _)| position);
        match (meant.next(), meant.next()) {
            (Some(position), None) => Some(lines.remove(position)),
            (None, _) => {
                let message =
                    format!("No such line stands on {date}. Compare the date and the English title with the lists below.");
                reader.error("calendar.amendment-nothing", at, &message);
                None
            }
            (Some(_), Some(_)) => {
                let message = format!("Several lines stand on {date}. Add the English title of the one that is meant.");
                reader.error("calendar.amendment-ambiguous", at, &message);
                None
            }
        }
    }
}

fn effect_of(kind: HolidayKind) -> Effect {
    match kind {
        HolidayKind::Closed => Effect::Closed,
        HolidayKind::Restricted => Effect::Restricted,
        HolidayKind::Provisional => Effect::Provisional,
    }
}
