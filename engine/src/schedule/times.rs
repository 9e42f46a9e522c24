//! The times of day of a schedule: all hours, minutes and seconds of three sets, in order, counted without being listed.

use cron::TimeUnitSpec;
use jiff::civil::Time;

/// Times of day: each hour with each minute with each second.
#[derive(Debug, Clone)]
pub(super) struct Times {
    hours: Vec<i8>,
    minutes: Vec<i8>,
    seconds: Vec<i8>,
}

impl Times {
    /// The times of a cron expression.
    pub(super) fn of(schedule: &cron::Schedule) -> Self {
        Self { hours: ordinals(schedule.hours()), minutes: ordinals(schedule.minutes()), seconds: ordinals(schedule.seconds()) }
    }

    /// One time.
    pub(super) fn one(time: Time) -> Self {
        Self { hours: vec![time.hour()], minutes: vec![time.minute()], seconds: vec![time.second()] }
    }

    /// How many there are in a day.
    pub(super) fn count(&self) -> u64 {
        (self.hours.len() * self.minutes.len() * self.seconds.len()) as u64
    }

    /// The first of the day.
    pub(super) fn first(&self) -> Option<Time> {
        clock(*self.hours.first()?, *self.minutes.first()?, *self.seconds.first()?)
    }

    /// The first at or after `time`.
    pub(super) fn at_or_after(&self, time: Time) -> Option<Time> {
        // A part of a second is over: the next whole one.
        let (hour, minute) = (time.hour(), time.minute());
        let second = time.second() + i8::from(time.subsec_nanosecond() > 0);
        let (first_minute, first_second) = (*self.minutes.first()?, *self.seconds.first()?);
        if self.hours.contains(&hour) {
            if self.minutes.contains(&minute)
                && let Some(second) = from(&self.seconds, second)
            {
                return clock(hour, minute, second);
            }
            if let Some(minute) = from(&self.minutes, minute + 1) {
                return clock(hour, minute, first_second);
            }
        }
        clock(from(&self.hours, hour + 1)?, first_minute, first_second)
    }

    /// How many lie before `time`.
    pub(super) fn count_before(&self, time: Time) -> u64 {
        let below = |values: &[i8], bound: i8| values.partition_point(|value| *value < bound);
        let second = time.second() + i8::from(time.subsec_nanosecond() > 0);
        let mut count = below(&self.hours, time.hour()) * self.minutes.len() * self.seconds.len();
        if self.hours.contains(&time.hour()) {
            count += below(&self.minutes, time.minute()) * self.seconds.len();
            if self.minutes.contains(&time.minute()) {
                count += below(&self.seconds, second);
            }
        }
        count as u64
    }
}

fn clock(hour: i8, minute: i8, second: i8) -> Option<Time> {
    Time::new(hour, minute, second, 0).ok()
}

/// The least value from `bound` on.
fn from(values: &[i8], bound: i8) -> Option<i8> {
    values.get(values.partition_point(|value| *value < bound)).copied()
}

fn ordinals(unit: &impl TimeUnitSpec) -> Vec<i8> {
    unit.iter().filter_map(|value| i8::try_from(value).ok()).collect()
}
