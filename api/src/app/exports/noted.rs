//! Exports are noted in the journal before they are handed out, as bundles are: what, how much, to whom, and the hash of the copy.

use std::time::Duration;

use engine::digest::Hash;
use engine::journal::event::Exported;
use engine::journal::{Command, Envelope};
use engine::model::bundle::{self, Instant};
use engine::model::limits::EXPORT_BYTES_MAX;
use engine::model::{Time, UnitId};
use engine::runtime::{Accepted, Refusal};
use tokio::sync::Semaphore;

use super::{Chosen, Format, NoExport, export};
use crate::app::{Engine, Identity};

/// What is noted by its hash lies in memory until it is whole: one is made at a time.
static ONE: Semaphore = Semaphore::const_new(1);
/// How long another one waits for its turn.
const TURN_TIME: Duration = Duration::from_secs(20);

/// An export, and where the journal says that it was handed out.
pub struct Made {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The entry.
    pub accepted: Accepted,
}

/// Makes an export for whoever asks, and notes it.
///
/// # Errors
/// When it is not to be had, or must not be handed out.
pub async fn make(
    engine: &Engine,
    who: &Identity,
    chosen: &Chosen,
    format: Format,
    purpose: Option<String>,
) -> Result<Made, NoExport> {
    let _one = tokio::time::timeout(TURN_TIME, ONE.acquire()).await.map_err(|_| Refusal::Busy)?;
    let mut pieces = export(engine, chosen, format).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.recv().await {
        bytes.extend(piece?);
        if bytes.len() > EXPORT_BYTES_MAX {
            return Err(NoExport::TooLarge);
        }
    }
    // Nothing is recorded before 1970, and leaves write no instant before it.
    let instant = |time: Option<Time>| time.map(|time| Instant(time.max(Time(0))));
    let chosen = bundle::Chosen {
        unit: chosen.unit.clone(),
        cases: Vec::new(),
        processes: chosen.process.iter().cloned().collect(),
        from: instant(chosen.from),
        to: instant(chosen.to),
    };
    let exported = Exported { export: Hash::of(&bytes), file: format.file().to_owned(), chosen, entries: None, purpose };
    let accepted = note(engine, who, exported).await?;
    Ok(Made { bytes, accepted })
}

/// Notes that these entries of a unit's log are handed out, in these bytes.
///
/// # Errors
/// When they must not be.
pub async fn entries(
    engine: &Engine,
    who: &Identity,
    unit: &UnitId,
    entries: [u64; 2],
    bytes: &[u8],
) -> Result<Accepted, Refusal> {
    let chosen = bundle::Chosen { unit: unit.clone(), cases: Vec::new(), processes: Vec::new(), from: None, to: None };
    let exported =
        Exported { export: Hash::of(bytes), file: "entries".to_owned(), chosen, entries: Some(entries), purpose: None };
    note(engine, who, exported).await
}

async fn note(engine: &Engine, who: &Identity, exported: Exported) -> Result<Accepted, Refusal> {
    let unit = exported.chosen.unit.clone();
    let envelope = Envelope::new(who.actor(), &engine.mint_key(), Command::NoteExport(exported));
    engine.submit_fresh(&unit, envelope).await
}
