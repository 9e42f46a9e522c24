//! A calendar or a norm was changed: the clocks that run are reckoned anew, case by case, each as a command of its own.

use std::collections::BTreeSet;

use super::due::answered;
use super::mailbox::Answered;
use super::{Accepted, Engine, Refusal};
use crate::digest::Hash;
use crate::expression;
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::{Actor, Command, Envelope, Event, Origin};
use crate::machine::{self, Context};
use crate::model::id::Made;
use crate::model::{CommandId, Time, UnitId};
use crate::projection::row::DueKind;
use crate::store::{Store, StoreError};

/// Clocks that are read at a time.
const CASES: u32 = 1_000;
/// Cases whose commands are on their way at a time: few, since other due work waits behind them.
const AT_A_TIME: usize = 100;
/// A deadline that would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The unit of the case.
    pub unit: UnitId,
    /// The case.
    pub instance: CommandId,
    /// The clock.
    pub clock: Made,
    /// The deadline until now.
    pub before: Option<Time>,
    /// The deadline from then on.
    pub after: Option<Time>,
}

/// What would follow if a norm or calendar were deployed now.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// Deadlines that would move, at most as many as were asked for.
    pub moves: Vec<Move>,
    /// Running clocks that were looked at.
    pub clocks: u64,
    /// How many deadlines would move in all.
    pub moved: u64,
}

impl<S: Store> Engine<S> {
    /// What would follow if a document were deployed now: every running clock is reckoned by it, by the same decision that would be taken,
    /// and nothing is written. `limit` bounds the list, not the count.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn foresee(&self, checked: &Checked, limit: usize) -> Result<Foreseen, StoreError> {
        let mut library = Library::clone(&self.library());
        library.take_in(checked, u32::MAX);
        let (office, mut foreseen) = (self.office(), Foreseen::default());
        for unit in self.shared.store.units().await?.iter().filter(|unit| unit.as_str() != UnitId::SITE) {
            let mut after = None;
            loop {
                let rows = self.shared.store.due_of(unit, DueKind::Clock, after, CASES).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                foreseen.clocks += rows.len() as u64;
                let cases: BTreeSet<_> = rows.iter().filter_map(|row| row.instance).collect();
                for instance in cases {
                    let Some(case) = self.instance(unit, instance).await? else { continue };
                    let command = Command::ReviewClocks { instance, because: checked.hash };
                    let envelope = Envelope::new(Actor::System, "foresee", command);
                    let now = self.now();
                    let context = Context {
                        unit,
                        origin: Origin { command: envelope.id, actor: Actor::System, time: now },
                        cause: None,
                        office: &office,
                        library: &library,
                        clock: expression::Clock { now: now.timestamp(), zone: self.options().zone.clone() },
                        mail: &[],
                        mail_count: 0,
                    };
                    // Refused: nothing of this case moves.
                    let Ok(decision) = machine::decide(&context, Some(&case), &envelope.command) else { continue };
                    for event in decision.events {
                        let Event::ClockMoved { clock, before, reckoning, .. } = event else { continue };
                        // A case may have clocks on several pages: each is told with its own row.
                        if !rows.iter().any(|row| row.id == clock) || before == reckoning.due {
                            continue;
                        }
                        foreseen.moved += 1;
                        if foreseen.moves.len() < limit {
                            let unit = unit.clone();
                            foreseen.moves.push(Move { unit, instance, clock, before, after: reckoning.due });
                        }
                    }
                }
            }
        }
        Ok(foreseen)
    }

    /// Reckons every running clock of the office anew. Done again, it changes nothing that it has changed: each case's command has an id
    /// that follows from the due row. What fails of one case holds up no other, and is told at the end. `because` is the changed document.
    pub(super) async fn review(&self, row: Made, because: Hash) -> Result<(), Refusal> {
        let store_error = |error| Refusal::Store(std::sync::Arc::new(error));
        // Whatever each writer decided by the documents and the office as they were is in the store once these are answered. That of the
        // site comes first: until it is done with the entry that made the row, the others decide by what was before.
        self.pass(&UnitId::site(), row, because).await?;
        let mut failed = None;
        let units = self.shared.store.units().await.map_err(store_error)?;
        let units = units.iter().filter(|unit| unit.as_str() != UnitId::SITE);
        // Cases with running clocks, and those with timers, which may be counted in working time.
        for (unit, kind) in units.flat_map(|unit| [(unit, DueKind::Clock), (unit, DueKind::Timer)]) {
            self.pass(unit, row, because).await?;
            let mut after = None;
            loop {
                let rows = self.shared.store.due_of(unit, kind, after, CASES).await.map_err(store_error)?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                let cases: BTreeSet<_> = rows.iter().filter_map(|row| row.instance).collect();
                let cases: Vec<_> = cases.into_iter().collect();
                for cases in cases.chunks(AT_A_TIME) {
                    let send = |instance| self.send_review(unit, row, because, instance);
                    let sent: Vec<_> = cases.iter().copied().map(send).collect();
                    let mut refused = 0;
                    for sent in sent {
                        // Most deadlines do not move, and of those nothing is written.
                        if let Err(refusal) = moved_or_not(answered(sent).await) {
                            refused += 1;
                            failed = Some(refusal);
                        }
                    }
                    // The store takes nothing at all.
                    if refused == cases.len()
                        && let Some(refusal) = failed
                    {
                        return Err(refusal);
                    }
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Waits until a unit's writer has written what it has decided: for the answer to a command about a case that is not there.
    pub(super) async fn pass(&self, unit: &UnitId, row: Made, because: Hash) -> Result<(), Refusal> {
        moved_or_not(answered(self.send_review(unit, row, because, CommandId([0; 16]))).await)
    }

    fn send_review(&self, unit: &UnitId, row: Made, because: Hash, instance: CommandId) -> Result<Answered, Refusal> {
        let command = Command::ReviewClocks { instance, because };
        let envelope = Envelope::new(Actor::System, &format!("review:{row}:{instance}"), command);
        self.send(unit, envelope, None, false)
    }
}

/// Whether a command was decided, whatever came of it.
fn moved_or_not(answer: Result<Accepted, Refusal>) -> Result<(), Refusal> {
    match answer {
        Ok(_) | Err(Refusal::Rejected(_)) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}
