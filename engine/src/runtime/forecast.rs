//! What the move of a case would change, told without writing anything.

use std::sync::Arc;

use super::cases::load;
use super::{Engine, Refusal};
use crate::digest::Hash;
use crate::expression;
use crate::journal::{Actor, Envelope, Origin};
use crate::machine::moving::{self, Forecast};
use crate::machine::{Context, Rejection};
use crate::model::moving::Mapping;
use crate::model::{CommandId, UnitId};
use crate::store::Store;

impl<S: Store> Engine<S> {
    /// What would change for a case, if this actor moved it to this version now.
    ///
    /// # Errors
    /// A refusal, where there is no such case or version, or the actor may not move it; and when the store cannot be read.
    pub async fn forecast(
        &self,
        unit: &UnitId,
        actor: &Actor,
        case: CommandId,
        definition: Hash,
        mapping: &Mapping,
    ) -> Result<Forecast, Refusal> {
        let loaded = load(&self.shared.store, unit, case).await.map_err(|error| Refusal::Store(Arc::new(error)))?;
        let case = loaded.ok_or_else(|| Rejection::not_found("instance.unknown", "There is no such case."))?;
        let (office, library, time) = (self.office(), self.library(), self.now());
        let context = Context {
            unit,
            // No command: what it makes has an id that nothing has.
            origin: Origin { command: Envelope::id_of(actor, ""), actor: actor.clone(), time },
            cause: None,
            office: &office,
            library: &library,
            clock: expression::Clock { now: time.timestamp(), zone: self.shared.options.zone.clone() },
            mail: &[],
            mail_count: 0,
        };
        Ok(moving::forecast(&context, &case, &definition, mapping)?)
    }
}
