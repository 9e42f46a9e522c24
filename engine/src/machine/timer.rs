//! Timers, and the boundary events that watch an activity. A timer fires once: its row and its event change together.

use jiff::Span;

use super::Context;
use super::message::Subscribe;
use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::{Instance, Timer, Wait};
use crate::expression::{DateTime, Value};
use crate::graph::{self, Duration, Instant, StepIndex, StepKind, Trigger};
use crate::journal::{Event, Origin};
use crate::model::Time;
use crate::model::id::Made;
use crate::model::limits::TIMER_YEARS_MAX;

/// A boundary event ready to be set: everything that could fail is computed.
pub(super) enum Watch {
    Timer { step: StepIndex, due: Time, repeats: u32 },
    Message(Subscribe),
}

/// The instant so long after now. Days and longer units are calendar units in the office's zone.
pub(super) fn later(context: &Context<'_>, span: &Span) -> Result<Time, Trouble> {
    later_than(context, context.origin.time, span)
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

fn later_than(context: &Context<'_>, from: Time, span: &Span) -> Result<Time, Trouble> {
    let out_of_range = || Trouble::new("timer.out-of-range", "The timer would fire beyond the end of time.");
    let due = from.timestamp().to_zoned_datetime(context.clock.zone.clone()).checked_add(*span).map_err(|_| out_of_range())?;
    let due = Time::from_timestamp(due.timestamp());
    let limit = context.origin.time.plus_seconds(TIMER_YEARS_MAX * 366 * 86_400);
    if due > limit {
        return Err(Trouble::new("timer.out-of-range", format!("The timer would fire in more than {TIMER_YEARS_MAX} years.")));
    }
    Ok(due)
}

impl Run<'_> {
    /// When a timer fires that is set now, and how often again.
    pub(super) fn due(&self, scope: u32, timer: &graph::Timer) -> Result<(Time, u32), Trouble> {
        match timer {
            graph::Timer::After(duration) => Ok((later(self.context, &self.span(scope, duration)?)?, 0)),
            graph::Timer::Every(duration, times) => {
                Ok((later(self.context, &self.span(scope, duration)?)?, times.saturating_sub(1)))
            }
            graph::Timer::At(Instant::Fixed(at)) => Ok((*at, 0)),
            graph::Timer::At(Instant::Computed(expression)) => {
                let value = self.evaluate(scope, expression, None)?;
                let instant = instant(self.context, &value).ok_or_else(|| {
                    let source = expression.source();
                    Trouble::new(
                        "timer.not-an-instant",
                        format!("`{source}` yields a {}, which is no date and time.", value.kind()),
                    )
                })?;
                Ok((instant, 0))
            }
        }
    }

    fn span(&self, scope: u32, duration: &Duration) -> Result<Span, Trouble> {
        let expression = match duration {
            Duration::Fixed(span) => return Ok(*span),
            Duration::Computed(expression) => expression,
        };
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
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(Vec::new()) };
        let boundary = self.graph.steps[step].boundary.iter();
        boundary
            .map(|&step| match &self.graph.steps[step].kind {
                StepKind::Boundary { trigger: Trigger::Timer(timer), .. } => {
                    let (due, repeats) = self.due(scope, timer)?;
                    Ok(Watch::Timer { step, due, repeats })
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
                Watch::Timer { step, due, repeats } => self.arm(token, step, due, repeats),
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

    pub(super) fn arm(&mut self, token: u32, step: StepIndex, due: Time, repeats: u32) {
        let ordinal = self.ordinal();
        let step = self.graph.steps[step].id.clone();
        self.emit(Event::TimerArmed { ordinal, token, step, due, repeats });
    }

    /// A token comes to a catch event.
    pub(super) fn catch(&mut self, token: u32, step: StepIndex, trigger: &Trigger) -> Result<(), Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        match trigger {
            Trigger::Timer(timer) => {
                let (due, repeats) = self.due(scope, timer)?;
                self.arm(token, step, due, repeats);
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
    let timer = run.state.timers.get(&id).cloned();
    let timer = timer.ok_or_else(|| Rejection::conflict("timer.not-armed", "The timer fired before, or fell away."))?;
    if timer.due > run.context.origin.time {
        return Err(Rejection::conflict("timer.early", "The timer is not due yet."));
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
                let next = run.span(scope, duration).and_then(|span| later_than(run.context, timer.due, &span));
                match next {
                    Ok(due) => {
                        let ordinal = run.ordinal();
                        let again = Event::TimerArmed {
                            ordinal,
                            token: timer.token,
                            step: timer.step.clone(),
                            due,
                            repeats: timer.repeats - 1,
                        };
                        run.emit(again);
                    }
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
        Event::TimerArmed { ordinal, token, step, due, repeats } => {
            let id = Made { command: origin.command, ordinal: *ordinal };
            if let Some(waiting) = state.tokens.get_mut(token)
                && waiting.step == *step
            {
                waiting.wait = Wait::Timer(id);
            }
            state.timers.insert(id, Timer { token: *token, step: step.clone(), due: *due, repeats: *repeats });
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
