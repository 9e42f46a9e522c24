//! A calendar or a norm was changed: the clocks that run are reckoned anew, case by case, each as a command of its own.

use std::collections::BTreeSet;

use super::due::answered;
use super::{Engine, Refusal};
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

/// Cases that are reckoned anew at a time.
const CASES: u32 = 1_000;

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

    /// Reckons every running clock of the office anew. `because` is the document that was changed. Done again after a crash, it changes
    /// nothing: each case's command has an id that follows from the due row.
    pub(super) async fn review(&self, row: Made, because: Hash) -> Result<(), Refusal> {
        let store_error = |error| Refusal::Store(std::sync::Arc::new(error));
        let units: Vec<UnitId> = self.shared.store.units().await.map_err(store_error)?;
        let units = units.iter().filter(|unit| unit.as_str() != UnitId::SITE);
        // Cases with running clocks, and those with timers, which may be counted in working time.
        for (unit, kind) in units.flat_map(|unit| [(unit, DueKind::Clock), (unit, DueKind::Timer)]) {
            // Whatever its writer decided by the document as it was is in the store once this is answered: there is no such case.
            let nothing = Command::ReviewClocks { instance: CommandId([0; 16]), because };
            let envelope = Envelope::new(Actor::System, &format!("review:{row}"), nothing);
            match answered(self.send(unit, envelope, None, false)).await {
                Ok(_) | Err(Refusal::Rejected(_)) => {}
                Err(refusal) => return Err(refusal),
            }
            let mut after = None;
            loop {
                let rows = self.shared.store.due_of(unit, kind, after, CASES).await.map_err(store_error)?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                let cases: BTreeSet<_> = rows.iter().filter_map(|row| row.instance).collect();
                let mut waiting = Vec::with_capacity(cases.len());
                for instance in cases {
                    let command = Command::ReviewClocks { instance, because };
                    let envelope = Envelope::new(Actor::System, &format!("review:{row}:{instance}"), command);
                    waiting.push(self.send(unit, envelope, None, false));
                }
                for sent in waiting {
                    match answered(sent).await {
                        // Most deadlines do not move, and of those nothing is written.
                        Ok(_) | Err(Refusal::Rejected(_)) => {}
                        Err(refusal) => return Err(refusal),
                    }
                }
            }
        }
        Ok(())
    }
}
