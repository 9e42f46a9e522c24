//! Timers, and the boundary events that watch an activity. A timer fires once: its row and its event change together.

use jiff::Span;

use super::Context;
use super::clock::NO_CALENDAR;
use super::message::Subscribe;
use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::{Instance, Timer, Wait};
use crate::digest::Hash;
use crate::expression::{DateTime, Expression, Value};
use crate::graph::{self, Duration, Instant, StepIndex, StepKind, Trigger};
use crate::journal::event::Counted;
use crate::journal::{Event, Origin};
use crate::model::Time;
use crate::model::id::Made;
use crate::model::limits::TIMER_YEARS_MAX;
use crate::norm::{Count, NormError};

/// A boundary event ready to be set: everything that could fail is computed.
pub(super) enum Watch {
    Timer { step: StepIndex, point: Point, repeats: u32 },
    Message(Subscribe),
}

/// An instant that lies ahead, and how it was counted where it is so much working time away.
pub(super) struct Point {
    pub(super) due: Time,
    pub(super) counted: Option<Counted>,
}

impl From<Time> for Point {
    fn from(due: Time) -> Self {
        Self { due, counted: None }
    }
}

/// The instant that a value stands for: a date and time, or the beginning of a date in the office's zone.
pub(super) fn instant(context: &Context<'_>, value: &Value) -> Option<Time> {
    let zone = || context.clock.zone.clone();
    let zoned = match value {
        Value::DateTime(DateTime::Zoned(zoned)) => return Some(Time::from_timestamp(zoned.timestamp())),
        Value::DateTime(DateTime::Local(local)) => local.to_zoned_datetime(zone()),
        Value::Date(date) => date.to_zoned_datetime(zone()),
        _ => return None,
    };
    zoned.ok().map(|zoned| Time::from_timestamp(zoned.timestamp()))
}

/// The instant so long after another. Days and longer units are calendar units in the office's zone.
fn later_than(context: &Context<'_>, from: Time, span: &Span) -> Result<Time, Trouble> {
    let out_of_range = || Trouble::new("timer.out-of-range", "The timer would fire beyond the end of time.");
    let due = from.timestamp().to_zoned_datetime(context.clock.zone.clone()).checked_add(*span).map_err(|_| out_of_range())?;
    Ok(Time::from_timestamp(due.timestamp()))
}

impl Run<'_> {
    /// The instant so long after another.
    pub(super) fn point(&self, scope: u32, duration: &Duration, from: Time) -> Result<Point, Trouble> {
        let point = match duration {
            Duration::Fixed(span) => later_than(self.context, from, span)?.into(),
            Duration::Computed(expression) => later_than(self.context, from, &self.span(scope, expression)?)?.into(),
            Duration::Counted(count) => self.counted(count, from)?,
        };
        let limit = self.context.origin.time.plus_seconds(TIMER_YEARS_MAX * 366 * 86_400);
        if point.due > limit {
            return Err(Trouble::new(
                "timer.out-of-range",
                format!("The timer would fire in more than {TIMER_YEARS_MAX} years."),
            ));
        }
        Ok(point)
    }

    /// The instant so much working time after another, on the calendar of the unit as it stands now.
    fn counted(&self, count: &Count, from: Time) -> Result<Point, Trouble> {
        let Some(working) = self.calendar(None) else {
            let message = format!(
                "The unit {} has no working calendar to count on. Deploy one, name it with the unit or one above it, and try again.",
                self.context.unit
            );
            return Err(Trouble::new(NO_CALENDAR, message));
        };
        let trouble = |error: NormError| Trouble::new(error.code(), error.to_string());
        let deadline = count.end(from, &working.calendar).map_err(trouble)?;
        // Invariant: what has no rests has an end.
        let due = deadline.due.unwrap_or(from);
        let counted = Counted { from, calendar: working.layers.clone(), provisional: deadline.provisional };
        Ok(Point { due, counted: Some(counted) })
    }

    /// When a timer fires that is set now, and how often again.
    pub(super) fn due(&self, scope: u32, timer: &graph::Timer) -> Result<(Point, u32), Trouble> {
        let now = self.context.origin.time;
        match timer {
            graph::Timer::After(duration) => Ok((self.point(scope, duration, now)?, 0)),
            graph::Timer::Every(duration, times) => Ok((self.point(scope, duration, now)?, times.saturating_sub(1))),
            graph::Timer::At(Instant::Fixed(at)) => Ok(((*at).into(), 0)),
            graph::Timer::At(Instant::Computed(expression)) => {
                let value = self.evaluate(scope, expression, None)?;
                let instant = instant(self.context, &value).ok_or_else(|| {
                    let source = expression.source();
                    Trouble::new(
                        "timer.not-an-instant",
                        format!("`{source}` yields a {}, which is no date and time.", value.kind()),
                    )
                })?;
                Ok((instant.into(), 0))
            }
        }
    }

    fn span(&self, scope: u32, expression: &Expression) -> Result<Span, Trouble> {
        let value = self.evaluate(scope, expression, None)?;
        let text = match &value {
            Value::String(text) => text.to_string(),
            other => match crate::expression::to_json(other) {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            },
        };
        let span: Option<Span> = text.parse().ok();
        span.filter(Span::is_positive).ok_or_else(|| {
            let source = expression.source();
            Trouble::new("timer.not-a-duration", format!("`{source}` yields a {}, which is no positive duration.", value.kind()))
        })
    }

    /// Computes the boundary events of an activity before it begins.
    pub(super) fn prepare_boundary(&self, token: u32, step: StepIndex) -> Result<Vec<Watch>, Trouble> {
        self.prepare_events(token, self.graph.steps[step].boundary.iter())
    }

    /// Computes some of them.
    pub(super) fn prepare_events<'s>(
        &self,
        token: u32,
        events: impl Iterator<Item = &'s StepIndex>,
    ) -> Result<Vec<Watch>, Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(Vec::new()) };
        events
            .map(|&step| match &self.graph.steps[step].kind {
                StepKind::Boundary { trigger: Trigger::Timer(timer), .. } => {
                    let (point, repeats) = self.due(scope, timer)?;
                    Ok(Watch::Timer { step, point, repeats })
                }
                StepKind::Boundary { trigger: Trigger::Message(catch), .. } => {
                    Ok(Watch::Message(self.subscribe(scope, step, catch)?))
                }
                // Invariant: `boundary` lists boundary events only.
                _ => Err(Trouble::new("boundary.malformed", "A boundary event has no trigger.")),
            })
            .collect()
    }

    /// Sets the boundary events of an activity that has begun.
    pub(super) fn watch(&mut self, token: u32, watches: Vec<Watch>) {
        let mut subscribes = Vec::new();
        for watch in watches {
            match watch {
                Watch::Timer { step, point, repeats } => self.arm(token, step, point, repeats),
                Watch::Message(subscribe) => subscribes.push(subscribe),
            }
        }
        // Messages last: an early one may end the activity at once, and then nothing watches it any more.
        let activity = self.step_of(token);
        for subscribe in subscribes {
            if self.step_of(token) == activity {
                self.open_subscription(token, subscribe);
            }
        }
    }

    pub(super) fn arm(&mut self, token: u32, step: StepIndex, Point { due, counted }: Point, repeats: u32) {
        let ordinal = self.ordinal();
        let step = self.graph.steps[step].id.clone();
        self.emit(Event::TimerArmed { ordinal, token, step, due, repeats, counted });
    }

    /// How long a timer's step counts, where that is working time.
    fn count_of(&self, step: &str) -> Option<&Count> {
        let (StepKind::Catch(trigger) | StepKind::Boundary { trigger, .. }) = &self.graph.steps[self.graph.step(step)?].kind
        else {
            return None;
        };
        match trigger {
            Trigger::Timer(graph::Timer::After(Duration::Counted(count)) | graph::Timer::Every(Duration::Counted(count), _)) => {
                Some(count)
            }
            _ => None,
        }
    }

    /// Counts timers anew that were counted in working time, by the calendar as it stands now. `because` is the document that was changed.
    pub(super) fn review_timers(&mut self, because: Hash) {
        // A norm says nothing of timers.
        if self.context.library.norm_of(&because).is_some() {
            return;
        }
        let counted = self.state.timers.iter().filter_map(|(id, timer)| Some((*id, timer.clone(), timer.counted.clone()?)));
        let timers: Vec<_> = counted.collect();
        for (id, timer, before) in timers {
            // Where there is no calendar any more, or it cannot reckon so far, what was armed stays.
            let point = self.count_of(&timer.step).and_then(|count| self.counted(count, before.from).ok());
            let Some(Point { due, counted: Some(counted) }) = point else { continue };
            if (due, counted.provisional) != (timer.due, before.provisional) {
                self.emit(Event::TimerMoved { timer: id, before: timer.due, because, due, counted });
            }
        }
    }

    /// A token comes to a catch event.
    pub(super) fn catch(&mut self, token: u32, step: StepIndex, trigger: &Trigger) -> Result<(), Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        match trigger {
            Trigger::Timer(timer) => {
                let (point, repeats) = self.due(scope, timer)?;
                self.arm(token, step, point, repeats);
            }
            Trigger::Message(catch) => {
                let subscribe = self.subscribe(scope, step, catch)?;
                self.open_subscription(token, subscribe);
            }
        }
        Ok(())
    }

    /// A boundary event happens on the activity at which `token` stands.
    pub(super) fn interrupt(&mut self, token: u32, boundary: StepIndex, interrupting: bool) {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return };
        if interrupting {
            self.withdraw(token);
            self.enter(token, boundary, scope, None);
        } else {
            self.enter_new(boundary, scope, None);
        }
    }
}

/// Fires a timer.
pub(super) fn fire(run: &mut Run<'_>, id: Made) -> Result<(), Rejection> {
    run.require_active()?;
    let armed = |run: &Run<'_>| run.state.timers.get(&id).cloned();
    let mut timer = armed(run).ok_or_else(|| Rejection::conflict("timer.not-armed", "The timer fired before, or fell away."))?;
    let before = run.count();
    // A changed calendar may still be on its way to this case.
    if timer.counted.is_some() && !run.changed_documents().is_empty() {
        run.catch_up_clocks();
        timer = armed(run).unwrap_or(timer);
    }
    if timer.due > run.context.origin.time {
        let early = || Rejection::conflict("timer.early", "The timer is not due yet.");
        return if run.count() > before { Ok(()) } else { Err(early()) };
    }
    run.emit(Event::TimerFired { timer: id });
    let graph = run.graph;
    let Some(step) = graph.step(&timer.step) else { return Ok(()) };
    match &graph.steps[step].kind {
        StepKind::Boundary { interrupting, trigger, .. } => {
            if timer.repeats > 0
                && let Trigger::Timer(graph::Timer::Every(duration, _)) = trigger
            {
                let scope = run.state.tokens.get(&timer.token).map_or(0, |token| token.scope);
                match run.point(scope, duration, timer.due) {
                    Ok(point) => run.arm(timer.token, step, point, timer.repeats - 1),
                    Err(trouble) => run.raise(timer.token, trouble),
                }
            }
            run.interrupt(timer.token, step, *interrupting);
        }
        _ => run.finish(timer.token),
    }
    Ok(())
}

pub(super) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    match event {
        Event::TimerArmed { ordinal, token, step, due, repeats, counted } => {
            let id = Made { command: origin.command, ordinal: *ordinal };
            if let Some(waiting) = state.tokens.get_mut(token)
                && waiting.step == *step
            {
                waiting.wait = Wait::Timer(id);
            }
            state
                .timers
                .insert(id, Timer { token: *token, step: step.clone(), due: *due, repeats: *repeats, counted: counted.clone() });
        }
        Event::TimerMoved { timer, due, counted, .. } => {
            if let Some(timer) = state.timers.get_mut(timer) {
                timer.due = *due;
                timer.counted = Some(counted.clone());
            }
        }
        Event::TimerFired { timer } | Event::TimerDisarmed { timer } => {
            if let Some(removed) = state.timers.remove(timer)
                && let Some(token) = state.tokens.get_mut(&removed.token)
                && token.wait == Wait::Timer(*timer)
            {
                token.wait = Wait::Nothing;
            }
        }
        _ => {}
    }
}
