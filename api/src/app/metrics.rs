//! What an operator watches, in the text format of Prometheus. One recorder for the whole process.

use std::sync::OnceLock;
use std::time::Duration;

use engine::model::Time;
use engine::runtime::measure::{BATCH_ENTRIES, BATCH_SECONDS, BATCHES_FAILED, COMMANDS, DUE};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::App;
use super::evidence::NoEvidence;
use super::spans::SPANS_DROPPED;

/// Requests that were answered, by `method`, `route` (its template, never its address) and `status`.
pub const REQUESTS: &str = "sevottam_requests_total";
/// How long each answer took, by `route`.
pub const REQUEST_SECONDS: &str = "sevottam_request_seconds";
/// Clients that follow a log now.
const STREAMS: &str = "sevottam_streams";
/// How late the first row of due work is that this process sees to; 0 where none is late.
const DUE_LATE: &str = "sevottam_due_late_seconds";
/// Entries that are not signed yet, and how old the first of them is; where checkpoints are shown.
const UNSIGNED: &str = "sevottam_unsigned_entries";
const UNSIGNED_SECONDS: &str = "sevottam_unsigned_seconds";

/// Upper ends of the buckets of durations: from a write to a good disk to the time at which a request is given up.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// Upper ends of the buckets of entries in a batch.
const ENTRIES: [f64; 7] = [1.0, 4.0, 16.0, 32.0, 64.0, 128.0, 256.0];
/// How often what was recorded is added up, so that it does not gather where nobody reads it.
const ADDED_UP: Duration = Duration::from_secs(10);

/// The recorder's reader; begins to record at the first call.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let begin = || {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Full(BATCH_ENTRIES.to_owned()), &ENTRIES));
        // Invariant: there are buckets, and nothing else of this program installs a recorder.
        let handle = builder.ok()?.install_recorder().ok()?;
        describe_counter!(REQUESTS, "Requests that were answered.");
        describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "How long each answer took.");
        describe_counter!(COMMANDS, "Commands that were answered.");
        describe_histogram!(BATCH_ENTRIES, Unit::Count, "Entries of each batch that was written.");
        describe_histogram!(BATCH_SECONDS, Unit::Seconds, "How long each batch took until it was durable.");
        describe_counter!(BATCHES_FAILED, "Batches that were not written.");
        describe_counter!(DUE, "Rows of due work that were taken up.");
        describe_counter!(SPANS_DROPPED, "Spans that no collector was told.");
        describe_gauge!(DUE_LATE, Unit::Seconds, "How late the first row of due work is.");
        describe_gauge!(UNSIGNED, Unit::Count, "Entries that are not signed yet.");
        describe_gauge!(UNSIGNED_SECONDS, Unit::Seconds, "How old the first entry is that is not signed yet.");
        describe_gauge!(STREAMS, "Clients that follow a log.");
        Some(handle)
    };
    RECORDER.get_or_init(begin).as_ref()
}

/// Records from now on, until it is dropped half-way.
pub async fn record() {
    let Some(recorder) = recorder() else { return };
    loop {
        tokio::time::sleep(ADDED_UP).await;
        recorder.run_upkeep();
    }
}

/// All figures, as text.
///
/// # Errors
/// When the store does not answer.
pub async fn text(app: &App) -> Result<String, engine::store::StoreError> {
    use engine::store::Store as _;
    let Some(recorder) = recorder() else { return Ok(String::new()) };
    let (store, now) = (app.engine.store(), app.engine.now());
    let due = store.next_due().await?;
    let unsigned = match app.evidence.unsigned(store).await {
        Ok(unsigned) => unsigned,
        Err(NoEvidence::Store(error)) => return Err(error),
        // What is shown cannot be read: the figures stay.
        Err(error) => {
            tracing::warn!(%error, "it cannot be told what waits for its signature");
            None
        }
    };
    gauge!(DUE_LATE).set(seconds(due, now));
    if let Some(unsigned) = unsigned {
        #[expect(clippy::cast_precision_loss, reason = "a figure to be looked at")]
        gauge!(UNSIGNED).set(unsigned.entries as f64);
        gauge!(UNSIGNED_SECONDS).set(seconds(unsigned.since, now));
    }
    gauge!(STREAMS).set(f64::from(u32::try_from(app.streams.taken()).unwrap_or(u32::MAX)));
    Ok(recorder.render())
}

/// Seconds from an instant until now; 0 where there is none, or it lies ahead.
fn seconds(from: Option<Time>, now: Time) -> f64 {
    let passed = from.map_or(0, |from| now.0.saturating_sub(from.0));
    // Whole microseconds of a year have their place in a double.
    #[expect(clippy::cast_precision_loss, reason = "a figure to be looked at")]
    let passed = passed.max(0) as f64;
    passed / 1e6
}
