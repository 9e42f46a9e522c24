//! Places of those who follow a log, so that they are counted, and others find room beside them.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Clients of one process at most: half of its connections.
pub const STREAMS_MAX: usize = 256;

/// Turns true when the program stops: a stream that waits ends then.
#[derive(Debug, Clone)]
pub struct Stopping(pub watch::Receiver<bool>);

/// The places of one process.
#[derive(Debug, Clone)]
pub struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STREAMS_MAX)))
    }
}

/// One of them, for as long as it is kept.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Streams {
    /// A place, if one is free.
    pub fn take(&self) -> Option<Place> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(Place)
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        STREAMS_MAX - self.0.available_permits()
    }
}
