//! A calendar or a norm was changed: the clocks that run are reckoned anew, case by case, each as a command of its own.

use std::collections::BTreeSet;

use super::due::answered;
use super::{Engine, Refusal};
use crate::digest::Hash;
use crate::journal::{Actor, Command, Envelope};
use crate::model::{CommandId, UnitId};
use crate::projection::row::DueKind;
use crate::store::Store;

/// Cases that are reckoned anew at a time.
const CASES: u32 = 1_000;

impl<S: Store> Engine<S> {
    /// Reckons every running clock of the office anew. `because` is the document that was changed. Done again after a crash, it changes
    /// nothing: each case's command has an id that follows from the document.
    pub(super) async fn review(&self, because: Hash) -> Result<(), Refusal> {
        let store_error = |error| Refusal::Store(std::sync::Arc::new(error));
        let units: Vec<UnitId> = self.shared.store.units().await.map_err(store_error)?;
        for unit in units.iter().filter(|unit| unit.as_str() != UnitId::SITE) {
            // Whatever its writer decided by the document as it was is in the store once this is answered: there is no such case.
            let nothing = Command::ReviewClocks { instance: CommandId([0; 16]), because };
            let envelope = Envelope::new(Actor::System, &format!("review:{because}"), nothing);
            match answered(self.send(unit, envelope, None, false)).await {
                Ok(_) | Err(Refusal::Rejected(_)) => {}
                Err(refusal) => return Err(refusal),
            }
            let mut after = None;
            loop {
                let rows = self.shared.store.due_of(unit, DueKind::Clock, after, CASES).await.map_err(store_error)?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                let cases: BTreeSet<_> = rows.iter().filter_map(|row| row.instance).collect();
                let mut waiting = Vec::with_capacity(cases.len());
                for instance in cases {
                    let command = Command::ReviewClocks { instance, because };
                    let envelope = Envelope::new(Actor::System, &format!("review:{because}:{instance}"), command);
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
