//! Work that would hold up others: compiling and drawing, two at once, off the threads that answer.

use tokio::sync::Semaphore;

static HEAVY: Semaphore = Semaphore::const_new(2);

/// Runs heavy work. The permit goes with the work, so a hang-up does not let a third one in. None when it panicked.
pub async fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let permit = HEAVY.acquire().await;
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    match done.await {
        Ok(done) => Some(done),
        Err(error) => {
            tracing::error!(%error, "heavy work ended badly");
            None
        }
    }
}
