//! The one dispatcher: whatever is due becomes a command like any other, under an id derived from its row. The row and the command's
//! entry change in one transaction, so what is due happens once, whatever crashes in between.

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

impl<S: Store> Engine<S> {
    /// Carries out what is due until `stop` turns true.
    pub async fn dispatch(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let woken = self.shared.due.notified();
            let wait = match self.run_due().await {
                Ok(Ran { done, .. }) if done > 0 => continue,
                Ok(Ran { refused: 0, resting: 0, .. }) => self.until_next().await,
                Ok(_) => LOOK_AGAIN,
                Err(error) => {
                    tracing::warn!(%error, "due work cannot be read");
                    LOOK_AGAIN
                }
            };
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
        let rows = self.shared.store.due(self.now(), u32::try_from(DUE_BATCH_MAX).unwrap_or(u32::MAX)).await?;
        let mut answers = tokio::task::JoinSet::new();
        // The mailbox keeps the order in which rows are submitted, so a case sees its timers in order.
        let mut waiting = Vec::with_capacity(rows.len());
        for (unit, row) in rows {
            let Some(command) = self.command_of(&unit, &row).await? else { continue };
            let envelope = Envelope::new(Actor::System, &due_key(row.id), command);
            waiting.push((unit, envelope, row));
        }
        for (unit, envelope, row) in waiting {
            let engine = self.clone();
            // A timer's own event ends its row; every other delivery is noted as made.
            let cause = (!matches!(row.kind, DueKind::Timer | DueKind::Expire)).then_some(row.id);
            let submitted = Box::pin(async move { engine.ask(&unit, envelope, cause, true).await.map_err(|error| (row, error)) });
            answers.spawn(submitted);
        }
        let mut ran = Ran::default();
        while let Some(answer) = answers.join_next().await {
            match answer {
                Ok(Ok(_)) => ran.done += 1,
                Ok(Err((_, Refusal::Stopping))) => {}
                // Suspended between the look and the command, or before its row was made: it goes on once the case is resumed.
                Ok(Err((_, Refusal::Rejected(rejection)))) if rejection.code == "instance.suspended" => ran.resting += 1,
                Ok(Err((row, refusal))) => {
                    ran.refused += 1;
                    tracing::warn!(due = %row.id, %refusal, "due work was refused and will be tried again");
                }
                Err(error) => tracing::error!(%error, "due work ended badly"),
            }
        }
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
    async fn command_of(&self, unit: &UnitId, row: &DueRow) -> Result<Option<Command>, StoreError> {
        match (row.kind, row.instance) {
            (DueKind::Timer, Some(instance)) => return Ok(Some(Command::FireTimer { instance, timer: row.id })),
            (DueKind::Expire, _) => return Ok(Some(Command::ExpireMessage { message: row.id })),
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
                Some(Command::ReturnCall { parent: caller.instance, token: caller.token, called: instance?, outcome, data })
            }
            Event::CallAbandoned { ordinal, called, .. } if ordinal == row.id.ordinal => Some(Command::CancelCalled { called }),
            _ => None,
        });
        match command {
            Some(command) => Ok(Some(command)),
            None => Err(broken(format!("due row {} has no event in its entry", row.id))),
        }
    }
}

/// What a round of due work did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ran {
    /// Rows carried out.
    pub done: usize,
    /// Rows refused; they stay.
    pub refused: usize,
    /// Rows of suspended cases; they stay until those are resumed.
    pub resting: usize,
}
