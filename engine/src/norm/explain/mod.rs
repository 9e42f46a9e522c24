//! Why a deadline is what it is, day by day: what each day was, what was counted, which rule applied, and where it can be read.
//!
//! The end is that of `reckon`; the days on the way are walked one by one, so that a reader can count them on the fingers.

mod line;
mod minutes;
mod walk;
mod words;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::happen::What;
use super::length::Measure;
use super::{Ledger, Norm, NormError, Terms, length, written};
use crate::calendar::Calendar;
use crate::model::limits::EXPLANATION_LINES_MAX;
use crate::model::norm::Within;
use crate::model::{Text, Time};
use walk::{Fact, Kind as FactKind};

/// Why a deadline is what it is.
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own in the answer")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Id of the norm.
    pub norm: String,
    /// The service that it promises.
    pub title: Text,
    /// The edition by which it is counted.
    pub edition: Text,
    /// Where the edition can be read.
    pub source: Vec<String>,
    /// Whether someone has compared the edition with its source.
    pub verified: bool,
    /// Id of the calendar.
    pub calendar: String,
    /// The calendar's time zone, in which every date is meant.
    pub zone: String,
    /// The first instant that is late; none while the clock rests without limit.
    #[serde(default, with = "written::maybe_time", skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// Whether a provisional holiday took part in it.
    pub provisional: bool,
    /// Whether all its days lie where the lists of holidays are said to be complete.
    pub covered: bool,
    /// The whole in one paragraph.
    pub summary: Text,
    /// Whether the days are told together, by the month or longer: there are too many of them.
    pub condensed: bool,
    /// What led to it, in order, and what came too late to do so; the last is the end. Of a norm that counts backward, from the planned
    /// date back.
    pub lines: Vec<Line>,
}

/// A step on the way to a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The date.
    pub date: Date,
    /// Where it tells of several dates: the last, or of a norm that counts backward the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What kind of step it is.
    pub kind: LineKind,
    /// Days or minutes counted so far, this line included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// How many are to be counted; none for months, whose days are as many as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<i64>,
    /// Minutes counted on this line, where minutes are counted; a part of a minute goes to the line that completes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i64>,
    /// The first instant that is late; on the last line, and for a choice.
    #[serde(default, with = "written::maybe_time", skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// The step in words.
    pub text: Text,
    /// What the calendar says of the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<DayTold>,
    /// Position in the norm's document of the ground on which it rested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<u16>,
    /// Where the rule that was applied can be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
}

/// What kind of step a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LineKind {
    /// The start, or the planned date from which is counted back.
    Start,
    /// One of several lengths, and when it would be over.
    Choice,
    /// A day that counts, or on which minutes were counted.
    Counted,
    /// A day on which the office is closed, and which therefore does not count.
    Closed,
    /// A day of rest.
    Rest,
    /// An extension.
    Extension,
    /// A rest or an extension that changes nothing.
    Ignored,
    /// Several days together.
    Several,
    /// The last day gives way.
    Roll,
    /// It rests without limit: there is no end yet.
    Open,
    /// The end.
    End,
}

/// What a calendar says of a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DayTold {
    /// Whether the office works.
    pub works: bool,
    /// Whether only a provisional holiday closes it.
    pub provisional: bool,
    /// Id of the calendar whose line decides.
    pub calendar: String,
    /// The line, a JSON pointer into that calendar.
    pub pointer: String,
    /// Title of the line; none for a weekday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Where the line comes from; told where it is not the week alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Whether the line was compared with its source.
    pub verified: bool,
}

/// Why the time of a clock is over when it is; fails where `reckon` does.
pub fn explain(norm: &Norm, terms: Terms, ledger: &Ledger, calendar: &Calendar) -> Result<Explanation, NormError> {
    let (edition, limit) = norm.edition(terms).zip(norm.limit(terms)).ok_or(NormError::Terms)?;
    let mut clock = Clock::new(norm, ledger, calendar)?;
    let outcome = clock.end(&limit.within)?;
    let marks = clock.marks;

    let counted = &clock.happenings[..outcome.happened];
    let extensions = counted.iter().filter(|happening| happening.what == What::Extension).count();
    let extensions = u32::try_from(extensions).unwrap_or(u32::MAX);
    let mut teller = Teller { clock, within: outcome.within, extensions, source: &edition.source };
    let mut head = vec![teller.start()?];
    head.extend(teller.choices(&limit.within)?);
    let facts = teller.facts(&outcome)?;
    let tail = teller.tail(&outcome);
    let room = EXPLANATION_LINES_MAX.saturating_sub(head.len() + tail.len());
    let condensed = facts.len() > room;
    let summary = teller.summary(&limit.within, &outcome, &facts);
    let mut lines = head;
    if condensed {
        lines.extend(teller.together(&facts, room));
    } else {
        lines.extend(facts.iter().map(|fact| teller.line(fact)));
    }
    lines.extend(tail);
    Ok(Explanation {
        norm: norm.id().to_owned(),
        title: norm.document.title.clone(),
        edition: edition.title.clone(),
        source: edition.source.clone(),
        verified: edition.verified,
        calendar: calendar.id().to_owned(),
        zone: calendar.zone().iana_name().unwrap_or_default().to_owned(),
        due: outcome.due,
        provisional: marks.provisional,
        covered: marks.covered,
        summary,
        condensed,
        lines,
    })
}

/// Tells how one clock came to its end.
struct Teller<'a> {
    clock: Clock<'a>,
    /// The plain length that decided.
    within: &'a Within,
    /// How many extensions counted.
    extensions: u32,
    /// Where the edition can be read.
    source: &'a [String],
}

impl<'a> Teller<'a> {
    /// When each of several lengths would be over.
    fn choices(&mut self, within: &'a Within) -> Result<Vec<Line>, NormError> {
        let (all, is_latest) = match length::measure(within) {
            Measure::Earliest(all) => (all, false),
            Measure::Latest(all) => (all, true),
            _ => return Ok(Vec::new()),
        };
        let mut lines = Vec::new();
        for within in all {
            let due = self.clock.end(within)?.due;
            let date = due.map_or(self.clock.calendar.date_of(self.clock.start), |due| self.clock.last_date(due));
            let text = words::choice(within, due.map(|due| self.moment(due)), is_latest);
            lines.push(Line { due, source: self.source.to_vec(), ..Line::of(date, LineKind::Choice, text) });
        }
        Ok(lines)
    }

    /// Days together, by the month; where that is still too many, by the year or several.
    fn together(&self, facts: &[Fact<'a>], room: usize) -> Vec<Line> {
        let by_month = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
        let mut groups: Vec<&[Fact<'a>]> = facts.chunk_by(|one, other| by_month(one.date) == by_month(other.date)).collect();
        let mut years = 1;
        while groups.len() > room.max(1) {
            let by_years = |date: Date| i32::from(date.year()) / years;
            groups = facts.chunk_by(|one, other| by_years(one.date) == by_years(other.date)).collect();
            years *= 2;
        }
        groups.into_iter().filter_map(|facts| self.several(facts)).collect()
    }

    fn several(&self, facts: &[Fact<'a>]) -> Option<Line> {
        let (first, last) = facts.first().zip(facts.last())?;
        let count = |kind: FactKind| facts.iter().filter(|fact| fact.kind == kind).count();
        let minutes = self.counts_minutes().then(|| facts.iter().map(|fact| fact.minutes).sum());
        let counts = words::Counts {
            counted: count(FactKind::Counted),
            closed: count(FactKind::Closed),
            rested: count(FactKind::Rest),
            extended: count(FactKind::Extension),
            ignored: count(FactKind::Late) + count(FactKind::Surplus),
            minutes,
        };
        let text = words::several(first.date, last.date, &counts);
        let line = Line::of(first.date, LineKind::Several, text);
        Some(Line { until: Some(last.date), number: Some(last.number), of: self.of(), minutes, ..line })
    }
}

impl Line {
    fn of(date: Date, kind: LineKind, text: Text) -> Self {
        Self {
            date,
            until: None,
            kind,
            number: None,
            of: None,
            minutes: None,
            due: None,
            text,
            day: None,
            ground: None,
            source: Vec::new(),
        }
    }
}
