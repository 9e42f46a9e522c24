//! The only clock and the only chance of the program, and how recorded time follows the clock.
//!
//! Recorded time is what the wall clock shows, but it never goes back and never stands still. While the wall clock is behind what was recorded,
//! since it was set back or had run ahead, recorded time goes on with elapsed time, a tenth slower, until the wall clock has caught up: an
//! hour's lead is gone after ten hours. The rate is the same for every lead, so that a deadline counted meanwhile comes later than meant by
//! a ninth at most, and never early. A step forward is followed at once: nothing tells a wrong clock from one that is put right.
//!
//! Whenever the wall clock is read, it is compared with elapsed time. When the two have come apart by more than two seconds, at once or
//! little by little, that is a step; `steps.rs` journals it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::time::ClockId;

use crate::model::Time;
use crate::model::limits::STEPS_WAITING_MAX;

/// A wall clock that strays further than this from elapsed time has been stepped.
const STEP: Duration = Duration::from_secs(2);
/// While it is ahead of the wall clock, recorded time loses one part in so many.
const SLOWER: u32 = 10;

/// The clock of elapsed time that goes on while the machine sleeps. Elsewhere the usual one does.
#[cfg(target_os = "linux")]
const ELAPSED: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const ELAPSED: ClockId = ClockId::Monotonic;

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// What the wall clock shows.
    fn now(&self) -> Time;

    /// Time that has passed since some fixed instant, also while the machine slept, whatever the wall clock did.
    fn elapsed(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one real clock")]
    fn now(&self) -> Time {
        Time::from_timestamp(jiff::Timestamp::now())
    }

    #[expect(clippy::disallowed_methods, reason = "the one real clock")]
    fn elapsed(&self) -> Duration {
        // Invariant: it counts from the machine's start, so that it is not negative.
        Duration::try_from(rustix::time::clock_gettime(ELAPSED)).unwrap_or_default()
    }
}

/// A clock that stands still until it is moved: for tests and rehearsals.
#[derive(Debug)]
pub struct ManualClock(Mutex<Time>);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Time) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves it to a later instant; it never goes back.
    pub fn move_to(&self, to: Time) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = to.max(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It passes as the clock is moved.
    fn elapsed(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.now().0).unwrap_or(0))
    }
}

/// A step of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// What it would have shown; found at the start, what was recorded last.
    pub(super) before: Time,
    /// What it showed.
    pub(super) after: Time,
    /// Whether it was found when the program started: the wall clock was behind what had been recorded.
    pub(super) at_start: bool,
}

/// Recorded time: the one that commands, due work and readers go by.
pub(super) struct Timekeeper {
    clock: Arc<dyn Clock>,
    course: Mutex<Course>,
}

impl Timekeeper {
    /// Goes on from the latest instant that was recorded.
    pub(super) fn new(clock: Arc<dyn Clock>, recorded: Time) -> Self {
        let course = Mutex::new(Course::new(clock.elapsed(), clock.now(), recorded));
        Self { clock, course }
    }

    /// Now: never before what was recorded, in whichever log, so that what one command did has happened for the next.
    pub(super) fn now(&self) -> Time {
        let mut course = self.lock();
        course.look(self.clock.elapsed(), self.clock.now())
    }

    /// An entry was recorded at this instant: entries of one microsecond are recorded one after the other, and so a little ahead.
    pub(super) fn recorded(&self, time: Time) {
        let mut course = self.lock();
        let elapsed = self.clock.elapsed();
        if course.look(elapsed, self.clock.now()) < time {
            course.recorded = Mark { elapsed, time };
        }
    }

    /// The first step that is not journalled yet.
    pub(super) fn step(&self) -> Option<Step> {
        self.lock().steps.front().copied()
    }

    /// This step is journalled.
    pub(super) fn journalled(&self, step: Step) {
        self.lock().steps.pop_front_if(|first| *first == step);
    }

    /// Clocks are read under this lock, so that no reading is older than the one before it.
    fn lock(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An instant, and the elapsed time at which it was.
#[derive(Debug, Clone, Copy)]
struct Mark {
    elapsed: Duration,
    time: Time,
}

/// How recorded time and the wall clock have gone so far.
#[derive(Debug)]
struct Course {
    /// Where recorded time last met the wall clock, or was set: from here it goes on by itself.
    recorded: Mark,
    /// What the wall clock showed first, or after its last step.
    wall: Mark,
    /// Steps that are not journalled yet, oldest first.
    steps: VecDeque<Step>,
}

impl Course {
    fn new(elapsed: Duration, wall: Time, recorded: Time) -> Self {
        let mark = |time| Mark { elapsed, time };
        let mut course = Self { recorded: mark(wall.max(recorded)), wall: mark(wall), steps: VecDeque::new() };
        if plus(wall, STEP) < recorded {
            course.stepped(Step { before: recorded, after: wall, at_start: true });
        }
        course
    }

    fn stepped(&mut self, step: Step) {
        let Step { before, after, at_start } = step;
        tracing::warn!(%before, %after, at_start, "the wall clock was stepped");
        self.steps.push_back(step);
    }

    /// Takes in what the clocks show; what is recorded now.
    fn look(&mut self, elapsed: Duration, wall: Time) -> Time {
        let before = plus(self.wall.time, elapsed.saturating_sub(self.wall.elapsed));
        // When too many wait, what comes after them is found as one step later on.
        if Duration::from_micros(wall.0.abs_diff(before.0)) > STEP && self.steps.len() < STEPS_WAITING_MAX {
            self.stepped(Step { before, after: wall, at_start: false });
            self.wall = Mark { elapsed, time: wall };
        }
        let gone = elapsed.saturating_sub(self.recorded.elapsed);
        let time = plus(self.recorded.time, gone / SLOWER * (SLOWER - 1));
        if wall < time {
            return time;
        }
        self.recorded = Mark { elapsed, time: wall };
        wall
    }
}

fn plus(time: Time, passed: Duration) -> Time {
    Time(time.0.saturating_add(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX)))
}

/// Random bytes of the operating system. Without them no salt is safe, so the program ends.
#[expect(clippy::disallowed_methods, reason = "the one real chance")]
pub fn system_chance(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        tracing::error!(%error, "the system's random source failed");
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;

    fn at(millis: i64) -> Time {
        Time(millis * 1_000)
    }

    fn passed(millis: i64) -> Duration {
        Duration::from_micros(at(millis).0.unsigned_abs())
    }

    /// In milliseconds: what was recorded last, and at each look what has elapsed, what the wall clock shows, and what is recorded. Then
    /// the steps that were found: what the wall clock would have shown, and what it showed.
    fn check(last: i64, looks: &[(i64, i64, i64)], steps: &[(i64, i64)]) {
        let mut course = Course::new(passed(looks[0].0), at(looks[0].1), at(last));
        for &(elapsed, wall, recorded) in looks {
            assert_eq!(course.look(passed(elapsed), at(wall)), at(recorded), "at {elapsed} in {looks:?}");
        }
        let found: Vec<_> = course.steps.iter().map(|step| (step.before, step.after)).collect();
        let steps: Vec<_> = steps.iter().map(|&(before, after)| (at(before), at(after))).collect();
        assert_eq!(found, steps, "steps of {looks:?}");
    }

    #[test]
    fn recorded_time_follows_the_wall_clock_and_never_goes_back() {
        let t = 10 * YEAR;
        check(0, &[(0, t, t), (500, t + 500, t + 500), (DAY, t + DAY, t + DAY)], &[]);
        // The machine slept for a day: nothing is odd about it.
        check(t - DAY, &[(7, t, t), (DAY + 7, t + DAY, t + DAY)], &[]);
        // Set forward, and back again: it has gone along, and goes on from there.
        for far in [HOUR, DAY, YEAR] {
            let up = (t + 1_000, t + far + 1_000);
            check(0, &[(0, t, t), (1_000, up.1, up.1), (2_000, up.1 + 1_000, up.1 + 1_000)], &[up]);
            let looks = [(0, t, t), (1_000, up.1, up.1), (2_000, t + 2_000, up.1 + 900), (3_000, t + 3_000, up.1 + 1_800)];
            check(0, &looks, &[up, (up.1 + 1_000, t + 2_000)]);
        }
        // Set back, and right again.
        for far in [HOUR, DAY, YEAR] {
            let back = (t + 1_000, t - far + 1_000);
            check(0, &[(0, t, t), (1_000, back.1, t + 900), (2_000, back.1 + 1_000, t + 1_800)], &[back]);
            let looks = [(0, t, t), (1_000, back.1, t + 900), (2_000, t + 2_000, t + 2_000), (3_000, t + 3_000, t + 3_000)];
            check(0, &looks, &[back, (back.1 + 1_000, t + 2_000)]);
        }
    }

    #[test]
    fn a_lead_is_worked_off_slowly() {
        // A second back is no step; after ten the two are together again, and stay so.
        let looks = [
            (0, 9_000, 9_000),
            (1_000, 9_000, 9_900),
            (6_000, 14_000, 14_400),
            (10_000, 18_000, 18_000),
            (11_000, 19_000, 19_000),
        ];
        check(0, &looks, &[]);
        let (t, back) = (YEAR, YEAR - HOUR);
        let looks = [
            (0, t, t),
            (HOUR, back + HOUR, t + HOUR / 10 * 9),
            (10 * HOUR, t + 9 * HOUR, t + 9 * HOUR),
            (DAY, back + DAY, back + DAY),
        ];
        check(0, &looks, &[(t + HOUR, back + HOUR)]);
    }

    #[test]
    fn what_adds_up_to_a_step_is_one() {
        // Two seconds are none, and a little more is; then it is counted from there.
        check(0, &[(0, 9_000, 9_000), (1_000, 12_000, 12_000)], &[]);
        check(0, &[(0, 9_000, 9_000), (1_000, 12_001, 12_001)], &[(10_000, 12_001)]);
        check(0, &[(0, 9_000, 9_000), (1_000, 7_999, 9_900)], &[(10_000, 7_999)]);
        // At half the speed, or standing still.
        let looks = [(0, 0, 0), (2_000, 1_000, 1_800), (4_000, 2_000, 3_600), (6_000, 3_000, 5_400), (8_000, 4_000, 7_200)];
        check(0, &looks, &[(6_000, 3_000)]);
        check(0, &[(0, 0, 0), (3_000, 0, 2_700), (6_000, 0, 5_400)], &[(3_000, 0), (3_000, 0)]);
    }

    #[test]
    fn what_was_recorded_ahead_of_the_wall_clock_is_a_step_at_the_start() {
        check(YEAR, &[(0, DAY, YEAR), (1_000, DAY + 1_000, YEAR + 900)], &[(YEAR, DAY)]);
        check(11_000, &[(0, 9_000, 11_000), (10_000, 19_000, 20_000), (20_000, 29_000, 29_000)], &[]);
        let at_start = |last| Course::new(passed(0), at(DAY), at(last)).steps.front().map(|step| step.at_start);
        assert_eq!((at_start(DAY), at_start(YEAR)), (None, Some(true)));
    }

    /// Clocks that are set by hand.
    struct Set(Mutex<(Duration, Time)>);

    impl Clock for Set {
        fn now(&self) -> Time {
            self.0.lock().expect("nobody panicked").1
        }

        fn elapsed(&self) -> Duration {
            self.0.lock().expect("nobody panicked").0
        }
    }

    fn set(elapsed: Duration, wall: Time) -> (Arc<Set>, Timekeeper) {
        let clock = Arc::new(Set(Mutex::new((elapsed, wall))));
        let time = Timekeeper::new(Arc::clone(&clock) as Arc<_>, wall);
        (clock, time)
    }

    #[test]
    fn whatever_the_wall_clock_does_recorded_time_goes_on() {
        let (clock, time) = set(passed(0), at(YEAR));
        let (mut lots, mut last) = (2026u64, time.now());
        for look in 0..100_000 {
            lots = lots.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut now = clock.0.lock().expect("nobody panicked");
            // Mostly a microsecond: less than what a tenth could be taken from.
            let micros = if lots >> 60 == 0 { lots >> 40 } else { 2 };
            now.0 += Duration::from_micros(micros);
            now.1 = if look % 3 == 0 { Time(i64::try_from(lots >> 14).expect("50 bits")) } else { Time(now.1.0 - 1) };
            drop(now);
            let next = time.now();
            assert!(next > last, "look {look}: {next} after {last}");
            // Of one microsecond are several entries.
            last = Time(next.0 + i64::from(look % 2 == 0));
            time.recorded(last);
            assert!(time.now() >= last);
        }
    }

    #[test]
    fn steps_wait_until_they_are_journalled() {
        let (clock, time) = set(passed(0), at(YEAR));
        let many = i64::try_from(STEPS_WAITING_MAX).expect("a small number") + 10;
        for n in 1..=many {
            *clock.0.lock().expect("nobody panicked") = (passed(n), at(YEAR + n * DAY));
            time.now();
        }
        let mut found = Vec::new();
        for _ in 0..2 {
            while let Some(step) = time.step() {
                time.journalled(step);
                // Another one than the first changes nothing.
                time.journalled(step);
                found.push(step);
            }
            time.now();
        }
        let moved: i64 = found.iter().map(|step| step.after.0 - step.before.0).sum();
        assert_eq!((found.len(), moved), (STEPS_WAITING_MAX + 1, at(many * DAY - many).0), "the last is what was left");
    }
}
