//! The limit: what a database takes when nothing is decided, hashed or asked. One yardstick for the benchmark, so that a figure can be read
//! as a part of what the machine allows. Per command an append, a row that is written twice in its life, and the move of the head; so many
//! commands in each durable transaction.

use std::ops::Range;
use std::time::{Duration, Instant};

/// What each command appends: so many bytes.
pub(super) const ENTRY_BYTES: usize = 600;
/// The row that each command writes: so many bytes.
pub(super) const ROW_BYTES: usize = 200;

/// What was measured.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Commands in one transaction.
    pub batch: usize,
    /// Commands written.
    pub commands: u64,
    /// In this time.
    pub elapsed: Duration,
    /// Microseconds of each transaction, in order of time.
    pub transactions: Vec<u32>,
}

impl Limit {
    pub(super) fn new(batch: usize) -> Self {
        Self { batch, commands: 0, elapsed: Duration::ZERO, transactions: Vec::new() }
    }

    /// The entries of the next transaction, and the rows that it writes: as many as commands, half of them new and half those of the batch
    /// before, so that each is written twice in its life.
    pub(super) fn next(&self) -> (Range<u64>, Range<u64>) {
        let (first, batch) = (self.commands, self.batch as u64);
        (first..first + batch, first / 2..first / 2 + batch)
    }

    /// Notes a transaction that began at `started`, of a run that began at `began`.
    pub(super) fn note(&mut self, began: Instant, started: Instant) {
        self.commands += self.batch as u64;
        self.transactions.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
        self.elapsed = began.elapsed();
    }
}
