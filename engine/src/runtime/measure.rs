//! What is counted while it runs, for whoever installed a recorder: without one that costs next to nothing. Labels are of a few kinds, and
//! none tells of a person or a case.

use tokio::time::Instant;

use super::{Accepted, Refusal};
use crate::store::StoreError;

/// Commands that were answered, by `outcome`: `accepted`, `repeated`, `rejected`, `failed`.
pub const COMMANDS: &str = "sevottam_commands_total";
/// Entries of each batch that was written.
pub const BATCH_ENTRIES: &str = "sevottam_batch_entries";
/// How long each batch took until it was durable.
pub const BATCH_SECONDS: &str = "sevottam_batch_seconds";
/// Batches that were not written, by `reason`: `fenced` (another node wrote to the log), `twice` (a command had its entry), `full`, `broken`.
pub const BATCHES_FAILED: &str = "sevottam_batches_failed_total";
/// Rows of due work that were taken up, by `outcome`: `done`, `refused` (tried again), `resting`, `gone`.
pub const DUE: &str = "sevottam_due_total";

/// Counts the answer to a command.
pub(super) fn answered(outcome: &Result<Accepted, Refusal>) {
    let outcome = match outcome {
        Ok(Accepted { repeated: false, .. }) => "accepted",
        Ok(_) => "repeated",
        Err(Refusal::Rejected(_)) => "rejected",
        Err(_) => "failed",
    };
    metrics::counter!(COMMANDS, "outcome" => outcome).increment(1);
}

/// Counts a batch while it is written.
pub(super) async fn batch(entries: usize, written: impl Future<Output = Result<(), StoreError>>) -> Result<(), StoreError> {
    let began = Instant::now();
    let written = written.await;
    let reason = match &written {
        Ok(()) => {
            metrics::histogram!(BATCH_ENTRIES).record(u32::try_from(entries).unwrap_or(u32::MAX));
            metrics::histogram!(BATCH_SECONDS).record(began.elapsed());
            return written;
        }
        Err(StoreError::Fenced { .. }) => "fenced",
        Err(StoreError::Twice(_)) => "twice",
        Err(StoreError::Full) => "full",
        Err(_) => "broken",
    };
    metrics::counter!(BATCHES_FAILED, "reason" => reason).increment(1);
    written
}

/// Counts what became of due work.
pub(super) fn due(ran: &super::due::Ran) {
    for (outcome, count) in [("done", ran.done), ("refused", ran.refused), ("resting", ran.resting), ("gone", ran.gone)] {
        if count > 0 {
            metrics::counter!(DUE, "outcome" => outcome).increment(count as u64);
        }
    }
}
