//! The only clock and the only chance of the program.

use std::sync::Mutex;

use crate::model::Time;

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Time;
}

/// The machine's wall clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one real clock")]
    fn now(&self) -> Time {
        Time::from_timestamp(jiff::Timestamp::now())
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
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = to.max(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Random bytes of the operating system. Without them no salt is safe, so the program ends.
#[expect(clippy::disallowed_methods, reason = "the one real chance")]
pub fn system_chance(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        tracing::error!(%error, "the system's random source failed");
        std::process::abort();
    }
}
