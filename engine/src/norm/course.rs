//! The course of a clock under one length of time: where it stands as rests and extensions come, and when it is over.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::NormError;
use super::clock::{Clock, at_least_none, days_after, days_between};
use super::happen::What;
use super::length::{DateUnit, Dates, Measure, measure, part, sum, times};
use crate::calendar::{CalendarError, add_elapsed};
use crate::model::Time;
use crate::model::calendar::Roll;
use crate::model::limits::CALENDAR_CLOSED_DAYS_MAX;
use crate::model::norm::Within;

/// How a clock ended, or would.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outcome<'a> {
    /// The plain length that decided.
    pub(super) within: &'a Within,
    /// The first instant that is late; none while the clock rests without limit.
    pub(super) due: Option<Time>,
    /// How many of the happenings counted, from the first on.
    pub(super) happened: usize,
    /// Where dates are counted: which were.
    pub(super) dates: Option<Counted>,
}

/// The dates that a clock counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    /// The last that does not count.
    pub(super) zero: Date,
    /// The last that counts, before any roll.
    pub(super) raw: Date,
    /// What became of it.
    pub(super) last: Date,
    /// Whether that is because it rested when the time would have run out, or had not begun.
    pub(super) is_kept: bool,
}

/// Where a clock stands.
enum Course {
    /// From `at` on, so much is left, day and night.
    Elapsed {
        at: Time,
        left: SignedDuration,
    },
    /// From `at` on, so much office time is left.
    Office {
        at: Time,
        left: SignedDuration,
    },
    Dates(DateCourse),
}

/// Where a clock stands that counts dates.
struct DateCourse {
    /// The date of the start.
    first: Date,
    /// The last that does not count.
    zero: Date,
    limit: Dates,
    /// What extensions in another unit have added.
    extended: Option<Dates>,
    /// Dates that do not count, in the norm's unit.
    rested: i64,
    /// Rests by the dates on which they began and ended, in the order of their beginning.
    rests: Vec<(Date, Date)>,
    /// How many of them were taken away.
    taken: usize,
    /// The last date that was looked at for rest.
    rested_to: Date,
    /// When the last rest ended; the start, before any.
    rested_until: Time,
    /// The last date that counts, as far as it is known.
    raw: Date,
    /// Whether the end is sought, or the opening of the office on the date: where it warns.
    is_end: bool,
}

impl<'a> Clock<'a> {
    /// When a length of time is over; of several, the one that decides.
    pub(super) fn end(&mut self, within: &'a Within) -> Result<Outcome<'a>, NormError> {
        self.ends(within, None)
    }

    /// When so many per cent of a length are over.
    pub(super) fn end_of_part(&mut self, within: &'a Within, percent: u8) -> Result<Option<Time>, NormError> {
        Ok(self.ends(within, Some(percent))?.due)
    }

    fn ends(&mut self, within: &'a Within, percent: Option<u8>) -> Result<Outcome<'a>, NormError> {
        let (all, is_latest) = match measure(within) {
            Measure::Earliest(all) => (all, false),
            Measure::Latest(all) => (all, true),
            _ if self.is_backward() => return self.backward(within),
            _ => return self.plain(within, percent),
        };
        let mut decides: Option<Outcome<'a>> = None;
        for within in all {
            let outcome = self.ends(within, percent)?;
            let is_nearer = |best: &Outcome<'a>| match (outcome.due, best.due) {
                // Without an end it ends after all that have one: it rests, and they were over before that.
                (None, Some(_)) => is_latest,
                (Some(_), None) => !is_latest,
                (one, other) => {
                    if is_latest {
                        one > other
                    } else {
                        one < other
                    }
                }
            };
            if decides.as_ref().is_none_or(is_nearer) {
                decides = Some(outcome);
            }
        }
        decides.ok_or(NormError::Terms)
    }

    /// A plain length, forward.
    fn plain(&mut self, within: &'a Within, percent: Option<u8>) -> Result<Outcome<'a>, NormError> {
        let Some(percent) = percent else {
            let mut course = self.course(within, true)?;
            return self.run(within, course.as_mut(), true);
        };
        // A part is one of the whole as it was extended, so that is known first, and extensions no longer move it.
        let happened = self.plain(within, None)?.happened;
        let extensions = self.happenings[..happened].iter().filter(|happening| happening.what == What::Extension).count();
        let extension = self.norm.document.clock.extend.as_ref().filter(|_| extensions > 0);
        let by = extension.map(|extension| times(&extension.by, u32::try_from(extensions).unwrap_or(u32::MAX)));
        let whole = by.as_ref().and_then(|by| sum(within, by));
        let mut course = self.course(&part(whole.as_ref().unwrap_or(within), percent), false)?;
        if let (Some(course), Some(by), None) = (&mut course, &by, &whole) {
            course.extend(measure(&part(by, percent)))?;
        }
        self.run(within, course.as_mut(), false)
    }

    /// The course at the start; none where there is nothing to run.
    fn course(&mut self, within: &Within, is_end: bool) -> Result<Option<Course>, NormError> {
        Ok(match measure(within) {
            Measure::Elapsed(left) => Some(Course::Elapsed { at: self.start, left }),
            Measure::Office(left) => Some(Course::Office { at: self.start, left }),
            Measure::Dates(limit) => {
                let first = self.first_date()?;
                let zero = if self.is_first_included() { days_after(first, -1)? } else { first };
                Some(Course::Dates(DateCourse {
                    first,
                    zero,
                    limit,
                    extended: None,
                    rested: 0,
                    rests: Vec::new(),
                    taken: 0,
                    rested_to: zero,
                    rested_until: self.start,
                    raw: zero,
                    is_end,
                }))
            }
            Measure::AtOnce | Measure::Earliest(_) | Measure::Latest(_) => None,
        })
    }

    /// Runs a course through what happened.
    fn run(&mut self, within: &'a Within, course: Option<&mut Course>, extends: bool) -> Result<Outcome<'a>, NormError> {
        let mut outcome = Outcome { within, due: None, happened: 0, dates: None };
        let Some(course) = course else {
            outcome.due = Some(Time(self.start.0.saturating_add(1)));
            return Ok(outcome);
        };
        let by = self.norm.document.clock.extend.as_ref().map_or(Measure::AtOnce, |extension| measure(&extension.by));
        let (mut due, mut dates) = course.due(self)?;
        for at in 0..self.happenings.len() {
            let happening = self.happenings[at];
            if happening.at >= due {
                break;
            }
            outcome.happened = at + 1;
            match happening.what {
                What::Surplus => continue,
                What::Extension if !extends => continue,
                What::Extension => course.extend(by)?,
                What::Rest { to: Some(to), .. } => course.rest(self, happening.at, to)?,
                What::Rest { to: None, .. } => return Ok(outcome),
            }
            (due, dates) = course.due(self)?;
        }
        Ok(Outcome { due: Some(due), dates, ..outcome })
    }

    /// A plain length, back from the planned date.
    fn backward(&mut self, within: &'a Within) -> Result<Outcome<'a>, NormError> {
        let planned = self.planned.ok_or(NormError::Unplanned)?;
        let start_of = |clock: &Self| clock.calendar.start_of(planned);
        let mut dates = None;
        let due = match measure(within) {
            Measure::Elapsed(amount) => add_elapsed(start_of(self)?, -amount)?,
            Measure::Office(amount) => {
                let from = start_of(self)?;
                self.marks.take(self.calendar.add_office_time(from, -amount)?)
            }
            Measure::Dates(Dates { unit, count }) => {
                let zero = if self.is_first_included() { days_after(planned, 1)? } else { planned };
                // A month back with the planned day counted is the day after that of the same number.
                let raw = match unit {
                    DateUnit::Month => self.count(planned, Dates { unit, count: -count }, false)?,
                    DateUnit::Day | DateUnit::WorkingDay => self.count(zero, Dates { unit, count: -count }, false)?,
                };
                let raw = if unit == DateUnit::Month { days_after(raw, days_between(planned, zero))? } else { raw };
                let roll = if self.counting().last_day.0 == Roll::None { Roll::None } else { Roll::Backward };
                let last = self.roll(raw, roll)?;
                dates = Some(Counted { zero, raw, last, is_kept: false });
                let start = self.start;
                let wall = self.wall(start);
                self.end_of(last, roll != Roll::None, || wall)?
            }
            Measure::AtOnce | Measure::Earliest(_) | Measure::Latest(_) => start_of(self)?,
        };
        Ok(Outcome { within, due: Some(due), happened: 0, dates })
    }
}

impl Course {
    fn due(&mut self, clock: &mut Clock<'_>) -> Result<(Time, Option<Counted>), NormError> {
        match self {
            Self::Elapsed { at, left } => Ok((add_elapsed(*at, *left)?, None)),
            Self::Office { at, left } => {
                let due = clock.calendar.add_office_time(*at, *left)?;
                Ok((clock.marks.take(due), None))
            }
            Self::Dates(course) => {
                let (due, dates) = course.due(clock)?;
                Ok((due, Some(dates)))
            }
        }
    }

    /// A rest that began before the time was over.
    fn rest(&mut self, clock: &mut Clock<'_>, from: Time, to: Time) -> Result<(), NormError> {
        match self {
            Self::Elapsed { at, left } => {
                // Before `at` it rested already.
                if from > *at {
                    *left = at_least_none(*left - (from.timestamp().duration_since(at.timestamp())));
                }
                *at = (*at).max(to);
            }
            Self::Office { at, left } => {
                if from > *at {
                    let passed = clock.calendar.office_time_between(*at, from)?;
                    *left = at_least_none(*left - clock.marks.take(passed));
                }
                *at = (*at).max(to);
            }
            Self::Dates(course) => course.rest(clock, from, to),
        }
        Ok(())
    }

    fn extend(&mut self, by: Measure<'_>) -> Result<(), NormError> {
        // Compiling has seen to it that they are of one kind.
        match (self, by) {
            (Self::Elapsed { left, .. }, Measure::Elapsed(by)) | (Self::Office { left, .. }, Measure::Office(by)) => {
                *left = left.checked_add(by).ok_or(CalendarError::TooFar)?;
            }
            (Self::Dates(course), Measure::Dates(by)) => course.extend(by),
            _ => {}
        }
        Ok(())
    }
}

impl DateCourse {
    fn due(&mut self, clock: &mut Clock<'_>) -> Result<(Time, Counted), NormError> {
        let mut raw = self.raw(clock)?;
        while self.take_rest(clock, raw)? {
            raw = self.raw(clock)?;
        }
        self.raw = raw;
        if !self.is_end {
            let (opening, last) = clock.opening_on(raw)?;
            return Ok((opening, Counted { zero: self.zero, raw, last, is_kept: false }));
        }
        // Working days are one by one days on which the office works: none of them gives way.
        let is_working = self.limit.unit == DateUnit::WorkingDay && self.extended.is_none();
        let roll = if is_working { Roll::None } else { clock.counting().last_day.0 };
        let (due, last) = Self::over(clock, raw, roll, is_working)?;
        if due > self.rested_until {
            return Ok((due, Counted { zero: self.zero, raw, last, is_kept: false }));
        }
        let (due, last) = self.kept(clock)?;
        Ok((due, Counted { zero: self.zero, raw, last, is_kept: true }))
    }

    /// When the time is over whose last day this is, and what becomes of the day.
    fn over(clock: &mut Clock<'_>, date: Date, roll: Roll, is_marked: bool) -> Result<(Time, Date), NormError> {
        let last = clock.roll(date, roll)?;
        let (start, zone) = (clock.start, clock.calendar.zone());
        let due = clock.end_of(last, is_marked || roll != Roll::None, || zone.to_datetime(start.timestamp()).time())?;
        Ok((due, last))
    }

    /// The first day that is over after the last rest, and after the start: no time runs out while it rests, to be late in the moment
    /// when it goes on, or before it began.
    fn kept(&self, clock: &mut Clock<'_>) -> Result<(Time, Date), NormError> {
        // Working days never end on a day on which the office is closed.
        let is_working = self.rest_unit() == DateUnit::WorkingDay;
        let roll = if is_working { Roll::Forward } else { clock.counting().last_day.0 };
        let mut date = self.raw.max(clock.calendar.date_of(self.rested_until));
        // A day that rolls back over a holiday needs as many steps as that is long.
        for _ in 0..=CALENDAR_CLOSED_DAYS_MAX + 2 {
            let (due, last) = Self::over(clock, date, roll, false)?;
            if due > self.rested_until {
                return Ok((due, last));
            }
            date = days_after(date, 1)?;
        }
        Err(CalendarError::TooFar.into())
    }

    fn raw(&self, clock: &mut Clock<'_>) -> Result<Date, NormError> {
        let mut raw = clock.count(self.first, self.limit, clock.is_first_included())?;
        if let Some(extended) = self.extended {
            raw = clock.count(raw, extended, false)?;
        }
        if self.rested > 0 {
            let unit = self.rest_unit();
            raw = clock.count(raw, Dates { unit, count: self.rested }, false)?;
        }
        Ok(raw)
    }

    fn rest(&mut self, clock: &Clock<'_>, from: Time, to: Time) {
        self.rested_until = self.rested_until.max(to);
        let (from, to) = (clock.calendar.date_of(from), clock.calendar.date_of(to));
        if from < to {
            self.rests.push((from, to));
        }
    }

    /// Takes the days of the next rest away that reaches before the last day; what lies behind it waits for an extension. They are
    /// those after the date on which it began, up to that on which it ended, and none that another rest took away.
    fn take_rest(&mut self, clock: &mut Clock<'_>, raw: Date) -> Result<bool, NormError> {
        let Some((from, to)) = self.rests.get(self.taken).copied() else { return Ok(false) };
        let from = from.max(self.rested_to);
        let count = |clock: &mut Clock<'_>, to: Date| match self.rest_unit() {
            _ if to <= from => Ok::<i64, NormError>(0),
            DateUnit::WorkingDay => {
                let between = clock.calendar.working_days_between(days_after(from, 1)?, days_after(to, 1)?);
                Ok(clock.marks.take(between))
            }
            DateUnit::Day | DateUnit::Month => Ok(days_between(from, to)),
        };
        if from < to && count(clock, raw)? == 0 {
            return Ok(false);
        }
        self.rested += count(clock, to)?;
        self.taken += 1;
        self.rested_to = self.rested_to.max(to);
        Ok(true)
    }

    /// Months rest by the day.
    fn rest_unit(&self) -> DateUnit {
        if self.limit.unit == DateUnit::WorkingDay { DateUnit::WorkingDay } else { DateUnit::Day }
    }

    fn extend(&mut self, by: Dates) {
        // Added to what is of its unit, so that months are counted at once from the base.
        if by.unit == self.limit.unit {
            self.limit.count += by.count;
        } else {
            let before = self.extended.map_or(0, |extended| extended.count);
            self.extended = Some(Dates { unit: by.unit, count: before + by.count });
        }
    }
}
