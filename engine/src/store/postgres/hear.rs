//! Nodes wake each other: who wrote says so, and who hears it looks at the heads of the logs that are followed.
//!
//! A wake-up is no news: it names nothing, may be lost, and each node looks by itself every second all the same. It is sent after the commit,
//! outside of the transaction, and a few times a second at most: PostgreSQL lets transactions that notify commit only one after the other, in
//! the whole server, so that a `NOTIFY` among the writes would put the writers of all units in one line.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep_until};

/// How long a node waits before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);
/// How long it waits at least from one wake-up to the next.
const REST: Duration = Duration::from_millis(100);
const CHANNEL: &str = "sevottam";

/// What a node holds for it.
#[derive(Debug, Default)]
pub(super) struct Ear {
    wrote: Notify,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// A connection of the pool, once somebody listens.
    listener: Option<PgListener>,
    /// When the last wake-up was sent.
    sent: Option<Instant>,
}

impl Ear {
    /// This node has written; `heard` tells the others.
    pub(super) fn wrote(&self) {
        self.wrote.notify_one();
    }

    /// Returns when some node has written, or after `LOOK`. Meanwhile it tells the others what this one has.
    pub(super) async fn heard(&self, pool: &PgPool) -> sqlx::Result<()> {
        let until = Instant::now() + LOOK;
        let mut state = self.state.lock().await;
        // Whatever fails, another connection is made the next time.
        let mut listener = if let Some(listener) = state.listener.take() {
            listener
        } else {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(CHANNEL).await?;
            listener
        };
        loop {
            tokio::select! {
                biased;
                () = sleep_until(until) => break,
                heard = listener.recv() => {
                    heard?;
                    break;
                }
                () = self.wrote.notified() => {
                    if let Some(sent) = state.sent {
                        sleep_until(sent + REST).await;
                    }
                    state.sent = Some(Instant::now());
                    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(pool).await?;
                }
            }
        }
        state.listener = Some(listener);
        Ok(())
    }
}
