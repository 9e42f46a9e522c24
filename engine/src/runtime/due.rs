//! The one dispatcher: whatever is due becomes a command like any other, under an id derived from its row. The row and the command's
//! entry change in one transaction, so what is due happens once, whatever crashes in between.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::aside::{Aside, LongWork, REPORTS_AT_A_TIME};
use super::mailbox::Answered;
use super::report::Wanted;
use super::{Accepted, Engine, Refusal, broken, measure};
use crate::journal::{Actor, Command, Envelope, Event, codec};
use crate::machine::call::due_key;
use crate::model::UnitId;
use crate::model::limits::{DUE_BATCH_BUSY, DUE_BATCH_MAX};
use crate::projection::row::{DueKind, DueRow};
use crate::store::{Store, StoreError};

/// The dispatcher looks again after so long at the latest, and after a refusal.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Once nobody has asked for anything for so long, due work has the machine for itself.
const QUIET: Duration = Duration::from_secs(1);
/// As long as somebody does, it rests so many times as long as it worked, so that it takes three tenths of the time.
const REST: f64 = 7.0 / 3.0;

/// Refusals that say that a row was gone before its command came.
const GONE: [&str; 6] =
    ["timer.not-armed", "timer.early", "message.gone", "instance.over", "clock.not-due", "schedule.not-armed"];

/// What a due row stands for.
enum Work {
    /// A command to the log in which the row lies; its entry ends the row.
    Here(Command),
    /// A command to another log. Once it is accepted there, the row's own log notes so.
    There(UnitId, Command),
    /// It takes its time, so it goes beside everything else.
    Long(LongWork),
}

impl<S: Store> Engine<S> {
    /// Carries out what is due and journals steps of the wall clock, until `stop` turns true.
    pub async fn dispatch(self, stop: watch::Receiver<bool>) {
        tokio::join!(self.carry_out(stop.clone()), self.watch_clock(stop));
    }

    async fn carry_out(&self, mut stop: watch::Receiver<bool>) {
        let (mut asides, reports) = (HashMap::new(), Arc::new(Semaphore::new(REPORTS_AT_A_TIME)));
        let (mut asked, mut last_asked) = (self.shared.asked.load(Ordering::Relaxed), None::<Instant>);
        while !*stop.borrow() {
            let begun = Instant::now();
            // Before the look: the row of one that has ended by now is gone from it, so none is begun a second time.
            asides.retain(|_, aside: &mut tokio::task::JoinHandle<()>| !aside.is_finished());
            let woken = self.shared.due.notified();
            // Whatever becomes due from here on wakes it, as long as it has not said until when it sleeps.
            self.shared.looks.store(i64::MAX, Ordering::Release);
            let is_busy = last_asked.is_some_and(|last| last.elapsed() < QUIET);
            let wait = match self.round(if is_busy { DUE_BATCH_BUSY } else { DUE_BATCH_MAX }).await {
                Ok((ran, found)) => {
                    let waits = ran.refused + ran.resting + ran.gone + found.len() > 0;
                    for aside in found {
                        let begin = || tokio::spawn(self.clone().keep_at(aside.clone(), Arc::clone(&reports), stop.clone()));
                        asides.entry(aside.row).or_insert_with(begin);
                    }
                    if ran.done > 0 {
                        let before = std::mem::replace(&mut asked, self.shared.asked.load(Ordering::Relaxed));
                        last_asked = if asked == before { last_asked } else { Some(Instant::now()) };
                        if last_asked.is_some_and(|last| last.elapsed() < QUIET) {
                            let rest = begun.elapsed().mul_f64(REST).min(LOOK_AGAIN);
                            let _ = tokio::time::timeout(rest, stop.changed()).await;
                        }
                        continue;
                    }
                    if waits { LOOK_AGAIN } else { self.until_next().await }
                }
                Err(error) => {
                    tracing::warn!(%error, "due work cannot be read");
                    LOOK_AGAIN
                }
            };
            let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
            self.shared.looks.store(self.now().0.saturating_add(micros), Ordering::Release);
            tokio::select! {
                biased;
                () = woken => {}
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
        for aside in asides.into_values() {
            let _ = aside.await;
        }
    }

    async fn until_next(&self) -> Duration {
        // Other nodes make work due too, and this one must say that it lives.
        let most = if self.shared.has_others { LOOK_AGAIN } else { Duration::from_mins(1) };
        match self.shared.store.next_due().await {
            Ok(Some(at)) => {
                let micros = u64::try_from(at.0.saturating_sub(self.now().0)).unwrap_or(0);
                Duration::from_micros(micros).min(most)
            }
            Ok(None) => most,
            Err(_) => LOOK_AGAIN,
        }
    }

    /// Carries out what is due now, a bounded number of rows, those of one case in the order of their instants.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run_due(&self) -> Result<Ran, StoreError> {
        let (mut ran, found) = self.round(DUE_BATCH_MAX).await?;
        for aside in found {
            match self.carry(&aside).await {
                Ok(()) => ran.done += 1,
                Err(refusal) => {
                    ran.refused += 1;
                    tracing::warn!(due = %aside.row, %refusal, "long work was not done");
                }
            }
        }
        Ok(ran)
    }

    /// Carries out what is due now, so many rows at most, but for what takes its time, which is returned.
    async fn round(&self, most: usize) -> Result<(Ran, Vec<Aside>), StoreError> {
        self.shared.store.attend().await?;
        self.catch_up().await?;
        // Rows that were refused stand at the front and stay: look beyond them, or they would hold up everything else.
        let stuck = self.shared.stuck.load(Ordering::Relaxed);
        let rows = self.shared.store.due(self.now(), u32::try_from(most + stuck).unwrap_or(u32::MAX)).await?;
        let mut ran = Ran::default();
        let mut waiting = Vec::with_capacity(rows.len());
        // What goes to other logs is sent together, and noted here once it is there.
        let mut abroad = Vec::new();
        let mut asides = Vec::new();
        for (unit, row) in rows {
            let work = match self.work_of(&unit, &row).await {
                Ok(work) => work,
                // One row that cannot be read must not hold up the others.
                Err(error) => {
                    ran.refused += 1;
                    tracing::error!(due = %row.id, %error, "due work cannot be read");
                    continue;
                }
            };
            let command = match work {
                Work::Here(command) => command,
                Work::There(other, command) => {
                    let sent = self.send(&other, Envelope::new(Actor::System, &key_of(&row), command), None, false);
                    abroad.push((unit, row, sent));
                    continue;
                }
                Work::Long(work) => {
                    asides.push(Aside { unit, row: row.id, work });
                    continue;
                }
            };
            let envelope = Envelope::new(Actor::System, &key_of(&row), command);
            // The events of a timer or a clock end or move its row; every other delivery is noted as made.
            let cause = (!matches!(row.kind, DueKind::Timer | DueKind::Expire | DueKind::Clock)).then_some(row.id);
            // Sent here and now, so that the mailbox keeps the order of the rows; only the answers are awaited together.
            waiting.push((row, self.send(&unit, envelope, cause, true)));
        }
        for (unit, row, sent) in abroad {
            if let Err(refusal) = answered(sent).await {
                ran.refused += 1;
                tracing::warn!(due = %row.id, %refusal, "due work was refused in another log and will be tried again");
                continue;
            }
            let envelope = Envelope::new(Actor::System, &key_of(&row), Command::NoteDelivery {});
            let cause = Some(row.id);
            waiting.push((row, self.send(&unit, envelope, cause, true)));
        }
        for (row, sent) in waiting {
            match answered(sent).await {
                Ok(_) => ran.done += 1,
                Err(Refusal::Stopping) => ran.refused += 1,
                // Suspended between the look and the command, or before its row was made: it goes on once the case is resumed.
                Err(Refusal::Rejected(rejection)) if rejection.code == "instance.suspended" => ran.resting += 1,
                // Disarmed, moved, or received, between the look and the command: the row is gone already.
                Err(Refusal::Rejected(rejection)) if GONE.contains(&rejection.code) => ran.gone += 1,
                Err(refusal) => {
                    ran.refused += 1;
                    tracing::warn!(due = %row.id, %refusal, "due work was refused and will be tried again");
                }
            }
        }
        measure::due(&ran);
        self.shared.stuck.store(ran.refused + ran.resting + ran.gone + asides.len(), Ordering::Relaxed);
        Ok((ran, asides))
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

    /// What a due row stands for. What it hands over is read from the entry that made the row.
    async fn work_of(&self, unit: &UnitId, row: &DueRow) -> Result<Work, StoreError> {
        match (row.kind, row.instance) {
            (DueKind::Timer, Some(instance)) => return Ok(Work::Here(Command::FireTimer { instance, timer: row.id })),
            (DueKind::Clock, Some(instance)) => return Ok(Work::Here(Command::AdvanceClock { instance, clock: row.id })),
            (DueKind::Expire, _) => return Ok(Work::Here(Command::ExpireMessage { message: row.id })),
            _ => {}
        }
        let made = self.shared.store.commands(unit, &[row.id.command]).await?;
        let Some(sealed) = made.first() else { return Err(broken(format!("due row {} has no entry", row.id))) };
        let entry = codec::open(sealed).map_err(broken)?;
        let instance = entry.link.map(|link| link.instance);
        let review = |because| Work::Long(LongWork::Review(because));
        let work = entry.events.into_iter().find_map(|event| match event {
            Event::MessageThrown { ordinal, name, key, ttl_seconds, data } if ordinal == row.id.ordinal => {
                Some(Work::Here(Command::PublishMessage { name, key, ttl_seconds, data }))
            }
            Event::CallRequested { ordinal, token, definition, depth, data } if ordinal == row.id.ordinal => {
                Some(Work::Here(Command::StartCalled { parent: instance?, token, definition, depth, data }))
            }
            Event::CallAnswered { ordinal, caller, outcome, data } if ordinal == row.id.ordinal => {
                // A case that could not be started has no entry of its own, but its id is that of the command that tried.
                let called = instance.unwrap_or(entry.origin.command);
                let (parent, token) = (caller.instance, caller.token);
                Some(Work::Here(Command::ReturnCall { parent, token, called, outcome, data }))
            }
            Event::CallAbandoned { ordinal, called, .. } if ordinal == row.id.ordinal => {
                Some(Work::Here(Command::CancelCalled { called }))
            }
            Event::CaseRequested { ordinal, unit: other, process, data } if ordinal == row.id.ordinal => {
                let command = Command::StartFollowing { process, data };
                Some(if other == *unit { Work::Here(command) } else { Work::There(other, command) })
            }
            Event::ReportRequested { ordinal, unit, schedule, document, kind, at, from } if ordinal == row.id.ordinal => {
                Some(Work::Long(LongWork::Report(Wanted { unit, schedule, document, kind, at, from })))
            }
            Event::ScheduleArmed { ordinal, schedule, document, at, .. } if ordinal == row.id.ordinal => {
                Some(Work::Here(Command::FireSchedule { schedule, document, at }))
            }
            Event::DocumentIssued { ordinal, kind, id, hash, .. } if ordinal == row.id.ordinal => {
                let (office, log) = (self.office(), unit.clone());
                let place = office.controls.place(&office, kind, &id, &hash).unwrap_or(log);
                let command = Command::TakeEffect { kind, id, hash };
                Some(if place == *unit { Work::Here(command) } else { Work::There(place, command) })
            }
            Event::DocumentDeployed { ordinal: Some(ordinal), hash, .. } if ordinal == row.id.ordinal => Some(review(hash)),
            Event::ReviewArmed { ordinal, document, .. } if ordinal == row.id.ordinal => Some(review(document)),
            _ => None,
        });
        work.ok_or_else(|| broken(format!("due row {} has no event in its entry", row.id)))
    }
}

/// Waits for the answer to a command that was sent.
pub(super) async fn answered(sent: Result<Answered, Refusal>) -> Result<Accepted, Refusal> {
    match sent {
        Ok(answered) => answered.await.unwrap_or(Err(Refusal::Stopping)),
        Err(refusal) => Err(refusal),
    }
}

/// The key under which a row is carried out. A clock keeps its row, which falls due again and again.
fn key_of(row: &DueRow) -> String {
    match row.kind {
        DueKind::Clock => format!("{}:{}", due_key(row.id), row.at.0),
        _ => due_key(row.id),
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
