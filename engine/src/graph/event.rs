//! Events: timers, messages, and the durations in them.

use jiff::civil::date;
use jiff::{Span, SpanRelativeTo};

use super::draft::Draft;
use super::{Catch, Due, Duration, Instant, ScopeIndex, StepIndex, Throw, Timer, Trigger, step};
use crate::model::definition::{self, Length, StepType};
use crate::model::limits::{MESSAGE_TTL_SECONDS_DEFAULT, MESSAGE_TTL_SECONDS_MAX, TIMER_REPEATS_MAX, TIMER_YEARS_MAX};
use crate::model::problem::short;
use crate::model::{Problem, Time, time};
use crate::norm::Count;

/// What a catching event waits for: exactly one timer or message.
pub(super) fn trigger(draft: &mut Draft, step: StepIndex) -> Option<Trigger> {
    let (authored, pointer, _) = draft.place(step);
    match (&authored.timer, &authored.message) {
        (Some(authored_timer), None) => {
            if authored.outputs.is_some() {
                let message = "A timer brings nothing back. Remove \"outputs\", or wait for a message.";
                draft.error("step.property-not-here", format!("{pointer}/outputs"), message);
            }
            timer(draft, step, authored_timer).map(Trigger::Timer)
        }
        (None, Some(message)) => catch(draft, step, message).map(Trigger::Message),
        (timer, _) => {
            let what = if timer.is_some() { "both" } else { "neither" };
            let message = format!("\"{}\" has {what} of \"timer\" and \"message\". Give it exactly one.", authored.id);
            draft.error("event.one-trigger", pointer, message);
            None
        }
    }
}

/// A message waited for.
pub(super) fn catch(draft: &mut Draft, step: StepIndex, message: &definition::Message) -> Option<Catch> {
    let (authored, pointer, scope) = draft.place(step);
    let at = format!("{pointer}/message");
    let is_start = authored.kind == StepType::StartEvent;
    let not_here = [
        ("key", is_start && message.key.is_some(), "A case that starts has no key yet."),
        ("data", !message.data.is_empty(), "An event that waits sends nothing."),
        ("ttl", message.ttl.is_some(), "How long a message waits is said where it is thrown."),
    ];
    for (name, wrong, why) in not_here {
        if wrong {
            draft.error("message.property-not-here", format!("{at}/{name}"), format!("{why} Remove \"{name}\"."));
        }
    }
    let key = match &message.key {
        Some(source) => Some(draft.expression(scope, &format!("{at}/key"), source, false)?),
        None => None,
    };
    let outputs = step::outputs(draft, step, None);
    Some(Catch { name: message.name.clone(), key, outputs })
}

/// A message thrown.
pub(super) fn throw(draft: &mut Draft, step: StepIndex, message: &definition::Message) -> Option<Throw> {
    let (_, pointer, scope) = draft.place(step);
    let at = format!("{pointer}/message");
    let data = draft.expressions(scope, &format!("{at}/data"), &message.data);
    let ttl_seconds = message.ttl.as_deref().map_or(Some(MESSAGE_TTL_SECONDS_DEFAULT), |ttl| time_to_live(draft, &at, ttl));
    let key = match &message.key {
        Some(source) => Some(draft.expression(scope, &format!("{at}/key"), source, false)?),
        None => None,
    };
    Some(Throw { name: message.name.clone(), key, data, ttl_seconds: ttl_seconds? })
}

fn time_to_live(draft: &mut Draft, at: &str, text: &str) -> Option<i64> {
    let pointer = format!("{at}/ttl");
    let span = duration(draft, &pointer, text)?;
    let length = (span.get_years() == 0 && span.get_months() == 0).then(|| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    match length {
        Some(Ok(length)) if (1..=MESSAGE_TTL_SECONDS_MAX).contains(&length.as_secs()) => Some(length.as_secs()),
        _ => {
            let days = MESSAGE_TTL_SECONDS_MAX / 86_400;
            let message =
                format!("A message waits at least a second and at most {days} days. Write a shorter time, such as PT1H.");
            draft.error("message.ttl", pointer, message);
            None
        }
    }
}

/// A timer: exactly one of after, at and every.
fn timer(draft: &mut Draft, step: StepIndex, timer: &definition::Timer) -> Option<Timer> {
    let (authored, pointer, scope) = draft.place(step);
    let at = format!("{pointer}/timer");
    if timer.every.is_none() && timer.times.is_some() {
        let message = "Only a timer that fires every so often counts its firings. Remove \"times\", or use \"every\".";
        draft.error("timer.times-not-here", format!("{at}/times"), message);
    }
    match (&timer.after, &timer.at, &timer.every) {
        (Some(after), None, None) => length(draft, scope, &format!("{at}/after"), after).map(Timer::After),
        (None, Some(text), None) => instant(draft, scope, &format!("{at}/at"), text).map(Timer::At),
        (None, None, Some(every)) => {
            if authored.kind != StepType::BoundaryEvent || authored.interrupting != Some(false) {
                let message = "Only a boundary event with \"interrupting\": false can fire again and again. Use \"after\" here.";
                draft.error("timer.every-not-here", format!("{at}/every"), message);
            }
            let length = length(draft, scope, &format!("{at}/every"), every)?;
            Some(Timer::Every(length, timer.times.unwrap_or(TIMER_REPEATS_MAX)))
        }
        _ => {
            let message = "A timer has exactly one of \"after\", \"at\" and \"every\". Keep the one that is meant.";
            draft.error("timer.one-of", at, message);
            None
        }
    }
}

/// When a task should be done: exactly one of after and by.
pub(super) fn due(draft: &mut Draft, step: StepIndex, due: &definition::Due) -> Option<Due> {
    let (_, pointer, scope) = draft.place(step);
    let at = format!("{pointer}/due");
    match (&due.after, &due.by) {
        (Some(after), None) => fixed_length(draft, &format!("{at}/after"), after).map(Due::After),
        (None, Some(source)) => draft.expression(scope, &format!("{at}/by"), source, false).map(Due::By),
        _ => {
            draft.error("due.one-of", at, "A task is due \"after\" a time or \"by\" a day. Keep the one that is meant.");
            None
        }
    }
}

fn length(draft: &mut Draft, scope: ScopeIndex, pointer: &str, authored: &Length) -> Option<Duration> {
    if let Length::Elapsed(text) = authored
        && let Some(source) = text.strip_prefix('=')
    {
        return draft.expression(scope, pointer, source, false).map(Duration::Computed);
    }
    fixed_length(draft, pointer, authored)
}

/// A length that no expression yields.
fn fixed_length(draft: &mut Draft, pointer: &str, authored: &Length) -> Option<Duration> {
    match authored {
        Length::Elapsed(text) => duration(draft, pointer, text).map(Duration::Fixed),
        Length::Counted(within) => match Count::new(within) {
            Ok(count) => Some(Duration::Counted(count)),
            Err(problems) => {
                for problem in problems {
                    let pointer = format!("{pointer}{}", problem.pointer);
                    // What the schema says of a place is not said twice.
                    if !draft.problems.iter().any(|known| known.pointer == pointer) {
                        draft.report(Problem { pointer, ..problem });
                    }
                }
                None
            }
        },
    }
}

fn instant(draft: &mut Draft, scope: ScopeIndex, pointer: &str, text: &str) -> Option<Instant> {
    if let Some(source) = text.strip_prefix('=') {
        return draft.expression(scope, pointer, source, false).map(Instant::Computed);
    }
    let time = Time::parse(text);
    if time.is_none() {
        let message = format!(
            "\"{}\" is not an instant. Write one such as 2026-11-22T10:00:00+05:30, or \"=\" and an expression.",
            short(text)
        );
        draft.error("timer.instant", pointer, message);
    }
    time.map(Instant::Fixed)
}

/// A fixed duration: ISO 8601, positive, not longer than a timer may be.
fn duration(draft: &mut Draft, pointer: &str, text: &str) -> Option<Span> {
    // A timer has no sign.
    let Some(span) = time::duration(text).filter(|_| text.starts_with('P')) else {
        let (message, given) =
            ("is not a duration. Write ISO 8601 such as P2D, PT48H or P1M, in capitals, without a sign.", short(text));
        draft.error("duration.malformed", pointer, format!("\"{given}\" {message}"));
        return None;
    };
    let start = date(2000, 1, 1).at(0, 0, 0, 0);
    let years = i16::try_from(TIMER_YEARS_MAX).unwrap_or(i16::MAX);
    let latest = date(2000_i16.saturating_add(years), 1, 1).at(0, 0, 0, 0);
    match start.checked_add(span) {
        Ok(end) if end <= start => {
            draft.error("duration.not-positive", pointer, format!("\"{text}\" is no time at all. Write a duration above zero."));
            None
        }
        Ok(end) if end <= latest => Some(span),
        _ => {
            let message = format!("\"{text}\" is longer than {TIMER_YEARS_MAX} years. Write a shorter duration.");
            draft.error("duration.too-long", pointer, message);
            None
        }
    }
}
