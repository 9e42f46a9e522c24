//! The one dispatcher: whatever is due becomes a command like any other, under an id derived from its row. The row and the command's
//! entry change in one transaction, so what is due happens once, whatever crashes in between.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;

use super::{Engine, Refusal, broken};
use crate::journal::{Actor, Command, Envelope, Event, codec};
use crate::machine::call::due_key;
use crate::model::UnitId;
use crate::model::limits::DUE_BATCH_MAX;
use crate::projection::row::{DueKind, DueRow};
use crate::store::{Store, StoreError};

/// The dispatcher looks again after so long at the latest, and after a refusal.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Refusals that say that a row was gone before its command came.
const GONE: [&str; 3] = ["timer.not-armed", "message.gone", "instance.over"];

impl<S: Store> Engine<S> {
    /// Carries out what is due until `stop` turns true.
    pub async fn dispatch(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let woken = self.shared.due.notified();
            // Whatever becomes due from here on wakes it, as long as it has not said until when it sleeps.
            self.shared.looks.store(i64::MAX, Ordering::Release);
            let wait = match self.run_due().await {
                Ok(Ran { done, .. }) if done > 0 => continue,
                Ok(Ran { refused: 0, resting: 0, gone: 0, .. }) => self.until_next().await,
                Ok(_) => LOOK_AGAIN,
                Err(error) => {
                    tracing::warn!(%error, "due work cannot be read");
                    LOOK_AGAIN
                }
            };
            let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
            self.shared.looks.store(self.now().0.saturating_add(micros), Ordering::Release);
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn until_next(&self) -> Duration {
        match self.shared.store.next_due().await {
            Ok(Some(at)) => {
                let micros = u64::try_from(at.0.saturating_sub(self.now().0)).unwrap_or(0);
                Duration::from_micros(micros).min(Duration::from_mins(1))
            }
            Ok(None) => Duration::from_mins(1),
            Err(_) => LOOK_AGAIN,
        }
    }

    /// Carries out what is due now, a bounded number of rows, those of one case in the order of their instants.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run_due(&self) -> Result<Ran, StoreError> {
        // Rows that were refused stand at the front and stay: look beyond them, or they would hold up everything else.
        let stuck = self.shared.stuck.load(Ordering::Relaxed);
        let rows = self.shared.store.due(self.now(), u32::try_from(DUE_BATCH_MAX + stuck).unwrap_or(u32::MAX)).await?;
        let mut ran = Ran::default();
        let mut waiting = Vec::with_capacity(rows.len());
        for (unit, row) in rows {
            let command = match self.command_of(&unit, &row).await {
                Ok(command) => command,
                // One row that cannot be read must not hold up the others.
                Err(error) => {
                    ran.refused += 1;
                    tracing::error!(due = %row.id, %error, "due work cannot be read");
                    continue;
                }
            };
            let envelope = Envelope::new(Actor::System, &due_key(row.id), command);
            // A timer's own event ends its row; every other delivery is noted as made.
            let cause = (!matches!(row.kind, DueKind::Timer | DueKind::Expire)).then_some(row.id);
            // Sent here and now, so that the mailbox keeps the order of the rows; only the answers are awaited together.
            waiting.push((row, self.send(&unit, envelope, cause, true)));
        }
        for (row, sent) in waiting {
            let answer = match sent {
                Ok(answered) => answered.await.unwrap_or(Err(Refusal::Stopping)),
                Err(refusal) => Err(refusal),
            };
            match answer {
                Ok(_) => ran.done += 1,
                Err(Refusal::Stopping) => ran.refused += 1,
                // Suspended between the look and the command, or before its row was made: it goes on once the case is resumed.
                Err(Refusal::Rejected(rejection)) if rejection.code == "instance.suspended" => ran.resting += 1,
                // Disarmed, or received, between the look and the command: the row is gone already.
                Err(Refusal::Rejected(rejection)) if GONE.contains(&rejection.code) => ran.gone += 1,
                Err(refusal) => {
                    ran.refused += 1;
                    tracing::warn!(due = %row.id, %refusal, "due work was refused and will be tried again");
                }
            }
        }
        self.shared.stuck.store(ran.refused + ran.resting + ran.gone, Ordering::Relaxed);
        Ok(ran)
    }

    /// Runs due work until nothing is due any more; for tests and rehearsals on a clock that stands still.
    ///
    /// # Errors
    /// When the store cannot be read, or due work is refused.
    pub async fn settle(&self) -> Result<(), StoreError> {
        loop {
            let ran = self.run_due().await?;
            if ran.refused > 0 {
                return Err(broken("due work was refused"));
            }
            if ran.done == 0 {
                return Ok(());
            }
        }
    }

    /// The command that a due row stands for. What it hands over is read from the entry that made the row.
    async fn command_of(&self, unit: &UnitId, row: &DueRow) -> Result<Command, StoreError> {
        match (row.kind, row.instance) {
            (DueKind::Timer, Some(instance)) => return Ok(Command::FireTimer { instance, timer: row.id }),
            (DueKind::Expire, _) => return Ok(Command::ExpireMessage { message: row.id }),
            _ => {}
        }
        let made = self.shared.store.commands(unit, &[row.id.command]).await?;
        let Some(sealed) = made.first() else { return Err(broken(format!("due row {} has no entry", row.id))) };
        let entry = codec::open(sealed).map_err(broken)?;
        let instance = entry.link.map(|link| link.instance);
        let command = entry.events.into_iter().find_map(|event| match event {
            Event::MessageThrown { ordinal, name, key, ttl_seconds, data } if ordinal == row.id.ordinal => {
                Some(Command::PublishMessage { name, key, ttl_seconds, data })
            }
            Event::CallRequested { ordinal, token, definition, depth, data } if ordinal == row.id.ordinal => {
                Some(Command::StartCalled { parent: instance?, token, definition, depth, data })
            }
            Event::CallAnswered { ordinal, caller, outcome, data } if ordinal == row.id.ordinal => {
                // A case that could not be started has no entry of its own, but its id is that of the command that tried.
                let called = instance.unwrap_or(entry.origin.command);
                Some(Command::ReturnCall { parent: caller.instance, token: caller.token, called, outcome, data })
            }
            Event::CallAbandoned { ordinal, called, .. } if ordinal == row.id.ordinal => Some(Command::CancelCalled { called }),
            _ => None,
        });
        command.ok_or_else(|| broken(format!("due row {} has no event in its entry", row.id)))
    }
}

/// What a round of due work did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ran {
    /// Rows carried out.
    pub done: usize,
    /// Rows refused; they stay.
    pub refused: usize,
    /// Rows that went between the look and the command. One that is still there is a contradiction, so the next look takes its time.
    pub gone: usize,
    /// Rows of suspended cases; they stay until those are resumed.
    pub resting: usize,
}
